//! The buffer of a table: its layout, and the parts of its operations that look at the buffer alone.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use keelback_stm::{Orec, OrecState};

use super::{BIRTH, BIRTH_SHIFT, PENDING, key::pure_eq, mix};
use crate::heap::{ExecMode, Header, Kind, Layout, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::Types;

/// An index slot that leads to no entry.
const EMPTY: u32 = u32::MAX;
/// Buffers of at least so many entries have version words of their own.
const STRIPED_FROM: usize = 32;
/// The logarithm of how many index slots' keys share a stripe. More stripes let more blocks insert different keys at once.
const STRIPE_SHIFT: u32 = 2;
const MIN_INDEX: usize = 8;

/// How many keys the threads of some slots have inserted, less those that they have deleted (wrapping), and the version word of that number.
#[repr(C)]
pub(super) struct Tally {
    pub orec: Orec,
    pub live: RawSlot,
}

/// So many tallies a striped buffer has, and each so-manieth is used: all in a small one; in a large one each stands in a cache line of its own.
const fn tallies(capacity: usize) -> (usize, usize) {
    if capacity < 512 { (4, 1) } else { (64, 4) }
}

/// A key and its value. In a striped buffer the entry's version word follows.
#[repr(C)]
pub(super) struct Entry {
    /// Low half: the mixed hash. High half: flags.
    pub word: AtomicU64,
    pub key: Slot,
    /// Null: a tombstone.
    pub value: Slot,
}

/// An entry of a striped buffer.
#[repr(C)]
struct VersionedEntry {
    entry: Entry,
    orec: Orec,
}

impl Entry {
    #[inline(always)]
    pub fn hash(&self) -> u32 {
        self.word.load(Relaxed) as u32
    }
    fn birth(&self) -> u64 {
        self.word.load(Relaxed) >> BIRTH_SHIFT
    }
    /// The entry, which was filled with birth [`PENDING`], gets its birth when the block commits.
    pub fn settle_birth(&self, th: &mut Thread, epoch: u64) {
        th.txn.stamp(&self.word, epoch, |word, epoch, version| {
            let birth = version.saturating_sub(epoch).clamp(1, PENDING - 1);
            // Others may change the flags. Relaxed: the version word of the entry is released next.
            word.fetch_and(!BIRTH | birth << BIRTH_SHIFT, Relaxed);
        });
    }
}

/// What a striped buffer knows of the order of its entries.
#[repr(C)]
pub(super) struct Order {
    /// The time from which births are counted.
    pub epoch: AtomicU64,
    /// Low half: the living entries below this position lie in order, and what will be inserted comes after them. High half: their greatest birth.
    settled: AtomicU64,
}

/// A dict's or set's entries. Behind the fixed part lie the index, the entries, the tallies, the stripes and the [`Order`].
#[repr(C)]
pub struct DictBuf {
    header: Header,
    /// Entries that there is room for.
    capacity: u32,
    /// Number of index slots less one.
    mask: u32,
    /// Bytes from one entry to the next: by it one knows whether the buffer is striped.
    stride: u32,
    /// Entries claimed; may exceed the capacity when several threads find the buffer full.
    claimed: AtomicU32,
    /// Index slots that lead to entries taken back by `popitem`: so many entries less can be claimed.
    lost: AtomicU32,
    /// Counts deletions: hidden state by which iterators notice that something happened.
    pub(super) deletions: AtomicU32,
    /// Counts tombstones that got a value again.
    revivals: AtomicU32,
    /// Where `popitem` took the last entry from, guarded by the owner's header: there is nothing at this position or above ...
    pub(super) popped: RawSlot,
    /// ... if nothing was claimed or revived since these counts, see [`DictBuf::pop_note`].
    pub(super) popped_at: RawSlot,
}

// SAFETY: repr(C), header first; everything in reach is in claimed entries.
unsafe impl Layout for DictBuf {
    const KIND: Kind = Kind::DictBuf;
    fn trace(&self, t: &mut Tracer) {
        for e in self.entries() {
            t.slot(&e.key);
            t.slot(&e.value);
        }
    }
}

/// What a probe for a key comes upon, as it looks without any barrier.
pub(super) enum Probe {
    /// The key's entry, which has a value.
    Live(usize),
    /// The key is not there, and the index slot where that turned out. `dead`: entries without a value were passed that may be the key's.
    Absent { dead: bool, at: u32 },
    /// Only Python code can tell whether an entry's key is the one.
    Ask,
}

/// The next entry on a key's way through the index that cannot be ruled out.
pub(super) enum Step {
    /// It is the key's, dead or alive.
    Same(usize),
    /// Only Python code can tell.
    Ask(usize),
    /// There is none.
    End,
}

impl DictBuf {
    /// An empty buffer with room for at least `entries`.
    pub fn new(th: &mut Thread, entries: usize) -> Ref<DictBuf> {
        let slots = (entries + entries.div_ceil(2) + 1)
            .next_power_of_two()
            .max(MIN_INDEX);
        assert!(slots <= 1 << 31, "a dict of more than 2**31 index slots");
        let capacity = slots * 2 / 3;
        let striped = capacity >= STRIPED_FROM && th.rt.settings.mode == ExecMode::Stm;
        let stride = if striped {
            size_of::<VersionedEntry>()
        } else {
            size_of::<Entry>()
        };
        let fixed = DictBuf {
            header: Header::empty(),
            capacity: capacity as u32,
            mask: slots as u32 - 1,
            stride: stride as u32,
            claimed: AtomicU32::new(0),
            lost: AtomicU32::new(0),
            deletions: AtomicU32::new(0),
            revivals: AtomicU32::new(0),
            popped: RawSlot::new(0),
            popped_at: RawSlot::new(u64::MAX),
        };
        let mut zeros = capacity * stride;
        if striped {
            zeros += tallies(capacity).0 * size_of::<Tally>();
            zeros += (slots >> STRIPE_SHIFT) * size_of::<Orec>();
            zeros += size_of::<Order>();
        }
        let index = slots * size_of::<AtomicU32>();
        let class = th.rt.types().dict_buffer;
        let buf = th.alloc(class.root_shape(), fixed, index + zeros);
        let birth = th.txn.block();
        // SAFETY: so many bytes behind the fixed part are ours, and nobody has seen the object yet. Zero bytes are
        // valid entries, tallies and stripes. The latter get version words that say "private" next; an entry does when it is claimed.
        unsafe {
            let at = buf.as_ptr().add(1) as *mut u8;
            std::ptr::write_bytes(at, 0xff, index);
            std::ptr::write_bytes(at.add(index), 0, zeros);
        }
        for orec in buf.stripes() {
            orec.reset(birth);
        }
        for t in buf.tallies() {
            t.orec.reset(birth);
        }
        if let Some(order) = buf.order() {
            order.epoch.store(th.rt.engine.clock(), Relaxed);
        }
        buf
    }

    /// What lies `bytes` behind the fixed part.
    ///
    /// # Safety
    /// It is within the object's memory, or one past.
    #[inline(always)]
    unsafe fn tail<T>(&self, bytes: usize) -> *const T {
        // SAFETY: as the caller says.
        unsafe { ((self as *const DictBuf).add(1) as *const u8).add(bytes) as *const T }
    }
    #[inline(always)]
    fn index(&self) -> &[AtomicU32] {
        // SAFETY: `mask + 1` index slots follow the fixed part.
        unsafe { std::slice::from_raw_parts(self.tail(0), self.mask as usize + 1) }
    }
    #[inline(always)]
    fn entries_at(&self) -> usize {
        (self.mask as usize + 1) * size_of::<AtomicU32>()
    }
    #[inline(always)]
    fn tallies_at(&self) -> usize {
        self.entries_at() + self.capacity as usize * self.stride as usize
    }
    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.capacity as usize
    }
    #[inline(always)]
    pub(super) fn entry(&self, i: usize) -> &Entry {
        assert!(i < self.capacity());
        // SAFETY: `capacity` entries follow the index, `stride` bytes apart.
        unsafe { &*self.tail(self.entries_at() + i * self.stride as usize) }
    }
    /// The claimed entries.
    #[inline]
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        (0..self.claimed()).map(|i| self.entry(i))
    }
    #[inline(always)]
    pub(super) fn is_striped(&self) -> bool {
        self.stride as usize == size_of::<VersionedEntry>()
    }
    fn all_tallies(&self) -> &[Tally] {
        if !self.is_striped() {
            return &[];
        }
        // SAFETY: in a striped buffer so many tallies follow the entries.
        unsafe {
            std::slice::from_raw_parts(self.tail(self.tallies_at()), tallies(self.capacity()).0)
        }
    }
    /// The tallies in use; none if the buffer has no stripes.
    pub(super) fn tallies(&self) -> impl Iterator<Item = &Tally> + Clone {
        let (_, step) = tallies(self.capacity());
        self.all_tallies().iter().step_by(step)
    }
    /// The tally of the thread that has this slot; only for striped buffers.
    #[inline]
    pub(super) fn tally(&self, slot: usize) -> &Tally {
        let (number, step) = tallies(self.capacity());
        &self.all_tallies()[slot * step % number]
    }
    /// Only striped buffers have it.
    pub(super) fn order(&self) -> Option<&Order> {
        if !self.is_striped() {
            return None;
        }
        let skip = size_of_val(self.all_tallies()) + size_of_val(self.stripes());
        // SAFETY: in a striped buffer it follows the stripes.
        Some(unsafe { &*self.tail(self.tallies_at() + skip) })
    }
    /// Whether nothing has been claimed since all was in order.
    #[inline]
    pub(super) fn is_settled(&self, order: &Order) -> bool {
        order.settled.load(Relaxed) as u32 as usize >= self.claimed()
    }
    /// Do the entries below `end` lie in the order of their births? To be called between reading all tallies and seeing that they have not
    /// changed. If so, also what to pass to [`DictBuf::note_settled`] then.
    ///
    /// Tombstones count as well: they may be the doing of the calling block (`own_changes`: it has inserted or deleted something), and come to life
    /// again when it aborts. Those that were never born do not, unless they may be the block's.
    pub(super) fn check_order(&self, order: &Order, end: usize, own_changes: bool) -> Option<u64> {
        let settled = order.settled.load(Relaxed);
        let (from, mut last) = (settled as u32 as usize, settled >> 32);
        let (mut at, mut pending, mut unsure) = (from, false, false);
        for i in from..end {
            let e = self.entry(i);
            let birth = e.birth();
            if birth == PENDING {
                let lives = !e.value.peek().is_null();
                pending |= lives;
                unsure |= lives || own_changes;
            } else if pending || birth != 0 && birth < last {
                return None;
            } else {
                last = last.max(birth);
            }
            if !unsure {
                at = i + 1;
            }
        }
        Some(last << 32 | at as u64)
    }
    pub(super) fn note_settled(&self, order: &Order, settled: u64) {
        // What another thread notes at the same time is right as well.
        order.settled.store(settled, Relaxed);
    }
    /// Calls `f` with the living entries in the order of the table. For an owner of all of them.
    pub(super) fn for_each_in_order(&self, mut f: impl FnMut(&Entry)) {
        let living = self.entries().filter(|e| !e.value.peek().is_null());
        if !self.is_striped() {
            return living.for_each(f);
        }
        let mut last = 0;
        let mut all: Vec<(u64, &Entry)> = living
            .map(|e| {
                let birth = e.birth();
                last = last.max(birth);
                (if birth == 0 { last } else { birth }, e)
            })
            .collect();
        // Stable: among equal ones claims decide.
        all.sort_by_key(|e| e.0);
        all.into_iter().for_each(|e| f(e.1));
    }
    fn stripes(&self) -> &[Orec] {
        if !self.is_striped() {
            return &[];
        }
        let skip = size_of_val(self.all_tallies());
        let number = (self.mask as usize + 1) >> STRIPE_SHIFT;
        // SAFETY: in a striped buffer so many stripes follow the tallies.
        unsafe { std::slice::from_raw_parts(self.tail(self.tallies_at() + skip), number) }
    }
    /// The version word that guards the absence of keys with this hash.
    #[inline(always)]
    pub(super) fn stripe(&self, owner: &'static Header, hash: u32) -> &'static Orec {
        if !self.is_striped() {
            return owner.orec();
        }
        let orec = &raw const self.stripes()[(self.home(hash) >> STRIPE_SHIFT) as usize];
        // SAFETY: the buffer lives as long as the caller's stack refers to it, as `Ref` has it.
        unsafe { &*orec }
    }
    /// The version word that guards an entry's value.
    #[inline(always)]
    pub(super) fn guard(&self, owner: &'static Header, entry: usize) -> &'static Orec {
        if !self.is_striped() {
            return owner.orec();
        }
        let entry = self.entry(entry) as *const Entry as *const VersionedEntry;
        // SAFETY: the entries of a striped buffer are versioned; and as in `stripe`.
        unsafe { &(*entry).orec }
    }
    /// Makes the version word of a newly claimed entry as private as the buffer. In a shared buffer it is zero: shared, as old as can be.
    #[inline(always)]
    fn arm(&self, entry: usize) {
        if self.is_striped()
            && self.header.orec().is_private()
            && let OrecState::Private { birth } = self.header.orec().state()
        {
            let entry = self.entry(entry) as *const Entry as *const VersionedEntry;
            // SAFETY: as in `guard`.
            unsafe { (*entry).orec.reset(birth) }
        }
    }

    /// Entries that may hold something: a bound for walks.
    #[inline(always)]
    pub(super) fn claimed(&self) -> usize {
        self.claimed.load(Acquire).min(self.capacity) as usize
    }

    /// The number by which a walk notices changes, together with [`DictBuf::claimed`].
    pub(super) fn deletions(&self) -> u32 {
        self.deletions.load(Relaxed)
    }

    /// As [`DictBuf::deletions`], for tombstones that got a value again.
    pub(super) fn revivals(&self) -> u32 {
        self.revivals.load(Relaxed)
    }

    /// Makes all version words within shared, together with the buffer.
    pub(crate) fn publish_stripes(&self, version: u64) {
        if !self.is_striped() {
            return;
        }
        for orec in self.stripes() {
            orec.publish(version);
        }
        for t in self.tallies() {
            t.orec.publish(version);
        }
        for e in self.entries() {
            let entry = e as *const Entry as *const VersionedEntry;
            // SAFETY: as in `guard`.
            unsafe { (*entry).orec.publish(version) }
        }
    }

    /// The index slot where the search for `hash` begins.
    #[inline(always)]
    pub(super) fn home(&self, hash: u32) -> u32 {
        hash & self.mask
    }
    #[inline(always)]
    pub(super) fn after(&self, at: u32) -> u32 {
        (at + 1) & self.mask
    }

    /// What an index slot holds that leads to an entry: its number in the bits of the mask, the hash's bits in the others. The number is below
    /// the mask, so that this is never [`EMPTY`].
    #[inline(always)]
    fn slot_for(&self, entry: usize, hash: u32) -> u32 {
        debug_assert!(entry < self.mask as usize);
        (hash & !self.mask) | entry as u32
    }
    /// The entry that the index slot leads to, if its hash may be this one: most others need not be looked at.
    #[inline(always)]
    fn candidate(&self, slot: u32, hash: u32) -> Option<usize> {
        ((slot ^ hash) & !self.mask == 0).then_some((slot & self.mask) as usize)
    }

    /// Looks for `key`, without barriers.
    #[inline(always)]
    pub(super) fn probe(&self, types: &Types, key: Value, hash: u32) -> Probe {
        let index = self.index();
        let mut at = self.home(hash);
        let mut dead = false;
        loop {
            let slot = index[at as usize].load(Acquire);
            if slot == EMPTY {
                return Probe::Absent { dead, at };
            }
            if let Some(at) = self.candidate(slot, hash) {
                let entry = self.entry(at);
                if entry.hash() == hash {
                    match same_key(types, entry.key.peek(), key) {
                        Some(false) => {}
                        _ if entry.value.peek().is_null() => dead = true,
                        Some(true) => return Probe::Live(at),
                        None => return Probe::Ask,
                    }
                }
            }
            at = self.after(at);
        }
    }

    /// Goes on with a search from index slot `at`, up to the next entry that is the key's, or may be so and is not known to be `other`. `at`
    /// becomes the slot behind it, or the empty one that ends the search.
    pub(super) fn step(
        &self,
        types: &Types,
        key: Value,
        hash: u32,
        at: &mut u32,
        other: &[usize],
    ) -> Step {
        loop {
            let slot = self.index()[*at as usize].load(Acquire);
            if slot == EMPTY {
                return Step::End;
            }
            *at = self.after(*at);
            let Some(i) = self.candidate(slot, hash) else {
                continue;
            };
            let entry = self.entry(i);
            if entry.hash() == hash {
                match same_key(types, entry.key.peek(), key) {
                    Some(true) => return Step::Same(i),
                    None if !other.contains(&i) => return Step::Ask(i),
                    _ => {}
                }
            }
        }
    }

    /// Does the index slot (still) end searches?
    #[inline(always)]
    pub(super) fn ends_at(&self, at: u32) -> bool {
        self.index()[at as usize].load(Acquire) == EMPTY
    }

    /// As [`DictBuf::probe`] for an interned string: most often the addresses tell.
    #[inline(always)]
    pub(super) fn probe_name(&self, name: Value, hash: u32) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            let slot = self.index()[at as usize].load(Acquire);
            if slot == EMPTY {
                return None;
            }
            if let Some(at) = self.candidate(slot, hash) {
                let entry = self.entry(at);
                if entry.key.peek() == name && !entry.value.peek().is_null() {
                    return Some(at);
                }
            }
            at = self.after(at);
        }
    }

    /// Takes the next free entry, if there is one. `alone`: no other thread can be doing so. In a shared buffer the entry is nobody's yet, and has
    /// no key: own it before it gets one.
    #[inline]
    pub(super) fn claim(&self, alone: bool) -> Option<usize> {
        let room = self.capacity - self.lost.load(Relaxed);
        let at = self.claimed.load(Relaxed);
        if at >= room {
            return None;
        }
        let at = if alone {
            self.claimed.store(at + 1, Release);
            at
        } else {
            self.claimed.fetch_add(1, AcqRel)
        };
        if at >= room {
            return None;
        }
        self.arm(at as usize);
        Some(at as usize)
    }

    /// Writes key and hash of a claimed entry, and lets the index lead to it, from slot `at` on.
    #[inline]
    pub(super) fn fill(&self, entry: usize, key: Value, word: u64, mut at: u32) {
        let name = self.slot_for(entry, word as u32);
        let e = self.entry(entry);
        e.word.store(word, Relaxed);
        // Release: who sees the key by walking sees the hash.
        e.key.init(key);
        let index = self.index();
        loop {
            let slot = &index[at as usize];
            // Release: who finds the entry sees its key. Another stripe's inserter may take the slot before us.
            if slot.load(Relaxed) == EMPTY
                && slot.compare_exchange(EMPTY, name, Release, Relaxed).is_ok()
            {
                return;
            }
            at = self.after(at);
        }
    }

    /// Adds an entry to a buffer that is being built: the key is known to be new.
    pub(super) fn push(&self, key: Value, word: u64, value: Value) {
        let at = self
            .claim(true)
            .expect("a new buffer has room for what it is built from");
        let hash = word as u32;
        let mut free = self.home(hash);
        let index = self.index();
        while index[free as usize].load(Relaxed) != EMPTY {
            free = self.after(free);
        }
        let e = self.entry(at);
        e.word.store(word, Relaxed);
        e.key.init(key);
        e.value.init(value);
        index[free as usize].store(self.slot_for(at, hash), Relaxed);
        if self.is_striped() {
            let live = &self.tally(0).live;
            live.init(live.peek() + 1);
        }
    }

    /// Is this the last entry that was claimed? Then, as a tombstone, it may get a value again.
    #[inline]
    pub(super) fn is_last(&self, entry: usize) -> bool {
        entry + 1 == self.claimed.load(Relaxed) as usize
    }
    /// Notes that a tombstone gets a value again.
    pub(super) fn note_revival(&self) {
        self.revivals.fetch_add(1, Relaxed);
    }

    /// Below which position the last entry is, for an owner of the whole table.
    pub(super) fn last_popped(&self) -> usize {
        if self.popped_at.peek() == self.counts() {
            return self.popped.peek() as usize;
        }
        usize::MAX
    }
    fn counts(&self) -> u64 {
        (self.revivals.load(Relaxed) as u64) << 32 | self.claimed.load(Relaxed) as u64
    }
    /// What to note in `popped` and `popped_at` when the entry `at` was the last and goes: so the next `popitem` need not
    /// pass all tombstones again.
    pub(super) fn pop_note(&self, at: usize) -> (u64, u64) {
        (at as u64, self.counts())
    }
    /// Bytes of the whole object.
    pub(super) fn bytes(&self) -> usize {
        size_of::<DictBuf>()
            + self.tallies_at()
            + size_of_val(self.all_tallies())
            + size_of_val(self.stripes())
            + self.order().map_or(0, size_of_val)
    }

    /// Takes back the entries from `entry` on, whose keys have been let go of. Only with barriers off.
    pub(super) fn take_back(&self, entry: usize) {
        let claimed = self.claimed() as u32;
        let gone = claimed - entry as u32;
        self.lost.fetch_add(gone, Relaxed);
        self.claimed.store(entry as u32, Relaxed);
    }
}

/// Is `candidate` the key that is looked for? `None` if only Python code can tell.
#[inline(always)]
fn same_key(types: &Types, candidate: Value, key: Value) -> Option<bool> {
    if candidate == key {
        Some(true)
    } else {
        pure_eq(types, candidate, key)
    }
}

/// `mix` of a name's hash.
#[inline(always)]
pub(super) fn name_hash(th: &Thread, name: Value) -> u32 {
    debug_assert!(name.kind() == Kind::Str, "a name is a string");
    // SAFETY: names are strings.
    let s = unsafe { name.cast_unchecked::<crate::objects::string::Str>() };
    mix(s.hash(th))
}
