//! The buffer of a table: its layout, and the parts of its operations that look at the buffer alone.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use keelback_stm::Orec;

use super::{key::pure_eq, mix};
use crate::heap::{ExecMode, Header, Kind, Layout, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::Types;

/// An index slot that names no entry.
const EMPTY: u32 = u32::MAX;
/// Buffers of at least so many entries have stripes.
const STRIPED_FROM: usize = 32;
const MAX_STRIPES: usize = 1 << STRIPE_BITS;
/// So many upper bits of a hash choose the stripe. More stripes let more blocks change different keys at once; whoever asks for the size
/// reads them all.
const STRIPE_BITS: u32 = 10;
/// Entries per stripe, up to [`MAX_STRIPES`].
const PER_STRIPE: usize = 4;
const MIN_INDEX: usize = 8;

/// A version word for part of the keys, and how many of them there are.
#[repr(C)]
pub(super) struct Stripe {
    pub orec: Orec,
    pub live: RawSlot,
}

/// A key and its value.
#[repr(C)]
pub(super) struct Entry {
    /// Low half: the mixed hash. High half: flags.
    pub word: AtomicU64,
    pub key: Slot,
    /// Null: a tombstone.
    pub value: Slot,
}

impl Entry {
    #[inline(always)]
    pub fn hash(&self) -> u32 {
        self.word.load(Relaxed) as u32
    }
}

/// A dict's or set's entries, with their index and stripes behind the fixed part.
#[repr(C)]
pub struct DictBuf {
    header: Header,
    /// Entries that there is room for.
    capacity: u32,
    /// Number of index slots less one.
    mask: u32,
    /// Number of stripes: 0 or a power of two.
    stripes: u32,
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
        for e in &self.entries()[..self.claimed()] {
            t.slot(&e.key);
            t.slot(&e.value);
        }
    }
}

/// What a probe for a key comes upon.
pub(super) enum Probe {
    /// The key's entry and its value.
    Live(usize, Value),
    /// The key is not there. A tombstone with the same key, if one was passed, and the index slot to begin with for an insert.
    Absent { tombstone: Option<usize>, at: u32 },
    /// Only Python code can tell whether this entry's key is the one.
    Ask {
        entry: usize,
        candidate: Value,
        at: u32,
    },
}

impl DictBuf {
    /// An empty buffer with room for at least `entries`.
    pub fn new(th: &mut Thread, entries: usize) -> Ref<DictBuf> {
        let slots = (entries + entries.div_ceil(2) + 1)
            .next_power_of_two()
            .max(MIN_INDEX);
        assert!(slots <= 1 << 31, "a dict of more than 2**31 index slots");
        let capacity = slots * 2 / 3;
        let stripes = if capacity >= STRIPED_FROM && th.rt.settings.mode == ExecMode::Stm {
            (capacity / PER_STRIPE).next_power_of_two().min(MAX_STRIPES)
        } else {
            0
        };
        let fixed = DictBuf {
            header: Header::empty(),
            capacity: capacity as u32,
            mask: slots as u32 - 1,
            stripes: stripes as u32,
            claimed: AtomicU32::new(0),
            lost: AtomicU32::new(0),
            deletions: AtomicU32::new(0),
            revivals: AtomicU32::new(0),
            popped: RawSlot::new(0),
            popped_at: RawSlot::new(u64::MAX),
        };
        let extra = stripes * size_of::<Stripe>() + capacity * size_of::<Entry>() + slots * 4;
        let class = th.rt.types().dict_buffer;
        let buf = th.alloc(class.root_shape(), fixed, extra);
        let birth = th.txn.block();
        // SAFETY: `extra` bytes behind the fixed part are ours, and nobody has seen the object yet. Zero bytes are
        // valid entries and stripes; the stripes get version words that say "private" next.
        unsafe {
            let at = buf.as_ptr().add(1) as *mut u8;
            std::ptr::write_bytes(at, 0, extra - slots * 4);
            std::ptr::write_bytes(at.add(extra - slots * 4), 0xff, slots * 4);
        }
        for s in buf.stripes() {
            s.orec.reset(birth);
        }
        buf
    }

    #[inline(always)]
    fn tail(&self) -> *const u8 {
        // SAFETY: within, or one past, the object's memory.
        unsafe { (self as *const DictBuf).add(1) as *const u8 }
    }
    #[inline(always)]
    pub(super) fn stripes(&self) -> &[Stripe] {
        // SAFETY: `stripes` stripes follow the fixed part.
        unsafe { std::slice::from_raw_parts(self.tail() as *const Stripe, self.stripes as usize) }
    }
    #[inline(always)]
    pub(super) fn entries(&self) -> &[Entry] {
        let skip = self.stripes as usize * size_of::<Stripe>();
        // SAFETY: `capacity` entries follow the stripes.
        unsafe {
            std::slice::from_raw_parts(
                self.tail().add(skip) as *const Entry,
                self.capacity as usize,
            )
        }
    }
    #[inline(always)]
    fn index(&self) -> &[AtomicU32] {
        let skip = self.stripes as usize * size_of::<Stripe>()
            + self.capacity as usize * size_of::<Entry>();
        // SAFETY: `mask + 1` index slots follow the entries.
        unsafe {
            std::slice::from_raw_parts(
                self.tail().add(skip) as *const AtomicU32,
                self.mask as usize + 1,
            )
        }
    }
    pub(super) fn is_striped(&self) -> bool {
        self.stripes != 0
    }
    /// The stripe of keys with this hash; only for striped buffers.
    #[inline(always)]
    pub(super) fn stripe(&self, hash: u32) -> &Stripe {
        // The index uses the low bits.
        &self.stripes()[((hash >> (32 - STRIPE_BITS)) & (self.stripes - 1)) as usize]
    }
    /// The version word that guards keys with this hash.
    #[inline(always)]
    pub(super) fn guard(&self, owner: &'static Header, hash: u32) -> &'static Orec {
        if self.stripes == 0 {
            return owner.orec();
        }
        let orec = &raw const self.stripe(hash).orec;
        // SAFETY: the buffer lives as long as the caller's stack refers to it, as `Ref` has it.
        unsafe { &*orec }
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

    pub(crate) fn publish_stripes(&self, version: u64) {
        for s in self.stripes() {
            s.orec.publish(version)
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

    /// Looks for `key` from index slot `at` on. Follows only keys (invariant 1): fit for the closure of `Thread::read`.
    #[inline(always)]
    pub(super) fn probe(&self, types: &Types, key: Value, hash: u32, mut at: u32) -> Probe {
        let (index, entries) = (self.index(), self.entries());
        let mut tombstone = None;
        loop {
            let slot = index[at as usize].load(Acquire);
            if slot == EMPTY {
                return Probe::Absent { tombstone, at };
            }
            let entry = &entries[slot as usize];
            if entry.hash() == hash {
                let candidate = entry.key.peek();
                let value = entry.value.peek();
                let same = if candidate == key {
                    Some(true)
                } else {
                    pure_eq(types, candidate, key)
                };
                match (same, value.is_null()) {
                    (Some(true), false) => return Probe::Live(slot as usize, value),
                    (Some(true), true) => tombstone = Some(slot as usize),
                    (None, false) => {
                        return Probe::Ask {
                            entry: slot as usize,
                            candidate,
                            at,
                        };
                    }
                    _ => {}
                }
            }
            at = self.after(at);
        }
    }

    /// As [`DictBuf::probe`] for an interned string: most often the addresses tell.
    #[inline(always)]
    pub(super) fn probe_name(&self, name: Value, hash: u32) -> Option<(usize, Value)> {
        let mut at = self.home(hash);
        loop {
            let slot = self.index()[at as usize].load(Acquire);
            if slot == EMPTY {
                return None;
            }
            let entry = &self.entries()[slot as usize];
            if entry.key.peek() == name {
                let value = entry.value.peek();
                if !value.is_null() {
                    return Some((slot as usize, value));
                }
            }
            at = self.after(at);
        }
    }

    /// Takes the next free entry, if there is one. `alone`: no other thread can be doing so.
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
        (at < room).then_some(at as usize)
    }

    /// Writes key and hash of a claimed entry, and lets the index lead to it, from slot `at` on.
    #[inline]
    pub(super) fn fill(&self, entry: usize, key: Value, word: u64, mut at: u32) {
        let e = &self.entries()[entry];
        e.word.store(word, Relaxed);
        // Release: who sees the key by walking sees the hash.
        e.key.init(key);
        let index = self.index();
        loop {
            let slot = &index[at as usize];
            // Release: who finds the entry sees its key. Another stripe's inserter may take the slot before us.
            if slot.load(Relaxed) == EMPTY
                && slot
                    .compare_exchange(EMPTY, entry as u32, Release, Relaxed)
                    .is_ok()
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
        let e = &self.entries()[at];
        e.word.store(word, Relaxed);
        e.key.init(key);
        e.value.init(value);
        index[free as usize].store(at as u32, Relaxed);
        if self.stripes != 0 {
            let live = &self.stripe(hash).live;
            live.init(live.peek() + 1);
        }
    }

    /// Whether no entry was claimed after this tombstone, so that it may get a value again.
    #[inline]
    pub(super) fn revive(&self, entry: usize) -> bool {
        if entry + 1 != self.claimed.load(Relaxed) as usize {
            return false;
        }
        self.revivals.fetch_add(1, Relaxed);
        true
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
            + size_of_val(self.stripes())
            + size_of_val(self.entries())
            + size_of_val(self.index())
    }

    /// Takes back the entries from `entry` on, whose keys have been let go of. Only with barriers off.
    pub(super) fn take_back(&self, entry: usize) {
        let claimed = self.claimed() as u32;
        let gone = claimed - entry as u32;
        self.lost.fetch_add(gone, Relaxed);
        self.claimed.store(entry as u32, Relaxed);
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
