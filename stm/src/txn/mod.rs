//! A thread's transactions: one [`Txn`] per thread, used for one block after the other.
//!
//! # The algorithm
//!
//! Writes go in place, under ownership taken when first needed, with an undo log (McRT-STM, Saha and others, PPoPP 2006). Reads are
//! invisible and checked against a read time from the global clock (TL2, Dice, Shalev and Shavit, DISC 2006); a read of something
//! newer moves the read time forward if all that was read before still stands (LSA, Riegel, Felber and Fetzer, DISC 2006;
//! TinySTM, PPoPP 2008). So every value that a block uses belongs to one snapshot, also in a block that will abort (opacity).
//!
//! # Invariants
//!
//! With `r` the read time, at any moment between two calls:
//!
//! 1. *Snapshot.* Every entry `(orec, version)` of the read set is what the object's version was at time `r`. It holds when an entry is
//!    made: its version is not above `r`, the object was owned by nobody when looked at, and `r` was read from the clock before that, so whoever
//!    releases it next does so later than `r` (see [`Engine`]). An extension to `r'` reads the clock first, and then finds each object of the
//!    read set at its old version and not owned by another, so that the same argument gives it at `r'`.
//! 2. *Ownership.* An object whose word is ours is in the owned list exactly once, with the word that it had before. That word was
//!    not above `r` when we took it. So if the object is in the read set too, both versions agree: by 1 the
//!    entry is the version at `r`, and nothing was released between. That is why validation takes objects that are ours for valid.
//! 3. *Undo.* Played backwards, the undo log leaves each word that existed before the block as it was.
//! 4. *Dirty words are never believed.* They are written only after the object's word has become ours (with a release fence between), and
//!    the object gets a word that it never had before it is let go. So a reader that loaded a dirty word finds the
//!    version word changed when it looks again (with an acquire fence between), as in a seqlock. This is why an *abort* must not put
//!    the old word back: a reader that looked before and after could believe what it saw between. It releases the object in a new
//!    *incarnation* of its old version (TinySTM), which spoils nobody's reads from before, and takes no time from the clock.
//!
//! A block that owns nothing has, by 1, read a snapshot of time `r`, and takes its place in the serial order there: it commits without
//! looking at anything. One that owns something takes its place at the time of its tick, and must show that its reads still stand; if its tick is
//! `r + 1`, nobody has released anything since `r`, and there is nothing to show. Two blocks that each read what the other one writes
//! cannot both pass: the later tick sees the ownership of the earlier.
//!
//! # Blocks without a read set
//!
//! A block that only reads need not remember what: each read is checked against the read time, and that is all that its commit rests on. What it
//! cannot do without a read set is move its read time, take an object, become irrevocable, wait for a change, or act at commit. When it comes
//! to that, having read anything, it stops with a conflict of its own ([`Txn::want_log`]), and is run again with a read set. So such a block is begun where
//! the same code has only read for some time ([`Txn::begin_unlogged`]).
//!
//! # Private objects, birth stamps and savepoints
//!
//! An object that only this thread can reach is read and written without any of this. But an undo entry is needed if the
//! object existed before the block (or the last savepoint), which its birth stamp tells: [`Txn::block`] is a new number for
//! each block *and* after each savepoint and rollback, and a word of a private object is logged unless the object carries the present number.

mod barriers;
mod finish;
mod irrevocable;
mod retry;

use std::time::{Duration, Instant};

use crate::engine::{Engine, Settings};
use crate::orec::{Orec, READING, owned_word, private_word, same_version, version_word};
use crate::policy::{Abort, Decision, Policy};
use crate::primitive::{Arc, AtomicU64, Ordering, fence, now, place};
use crate::slot::Slot;
use crate::stats::{Cause, Counters};
use crate::waiters::Waiter;

pub use finish::Savepoint;
pub use retry::WaitResult;

/// The block cannot go on, and must be aborted. The reason is kept in the [`Txn`].
///
/// ```
/// # use std::sync::{Arc, atomic::Ordering::Relaxed};
/// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
/// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
/// # let engine = Arc::new(Engine::new());
/// # // SAFETY: the object above outlives the descriptor.
/// # let mut txn = unsafe { engine.register() };
/// fn twice(txn: &mut keelback_stm::Txn, orec: &Orec, word: &AtomicU64) -> Result<(), Conflict> {
///     let n = txn.read(orec, || word.load(Relaxed))?;
///     txn.write(orec, word, 2 * n)
/// }
/// txn.run(|t| twice(t, &orec, &word)).unwrap();
/// assert_eq!(word.load(Relaxed), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict;

/// What every operation of a block returns.
///
/// ```
/// use keelback_stm::{Conflict, Res};
/// let failed: Res<u64> = Err(Conflict);
/// assert!(failed.is_err());
/// ```
pub type Res<T> = Result<T, Conflict>;

/// The policy in force decided to give up ([`Decision::GiveUp`]).
///
/// ```
/// # use std::sync::{Arc, atomic::Ordering::Relaxed};
/// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
/// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
/// # let engine = Arc::new(Engine::new());
/// # // SAFETY: the object above outlives the descriptor.
/// # let mut txn = unsafe { engine.register() };
/// let keelback_stm::GaveUp(abort) = txn.run(|t| t.retry::<()>()).unwrap_err();
/// assert_eq!(abort.cause, Cause::UserRetry);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveUp(pub Abort);

/// Something that a running block refers to, for the client's collector.
///
/// ```
/// # use std::sync::{Arc, atomic::Ordering::Relaxed};
/// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
/// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
/// # let engine = Arc::new(Engine::new());
/// # // SAFETY: the object above outlives the descriptor.
/// # let mut txn = unsafe { engine.register() };
/// txn.begin();
/// use keelback_stm::Root;
/// txn.read(&orec, || word.load(Relaxed)).unwrap();
/// txn.for_each_root(&mut |root| assert_eq!(root, Root::Orec(&orec)));
/// # txn.commit().unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The version word of an object that was read, written or is being watched.
    Orec(*const Orec),
    /// The value that an undo entry would put back.
    OldWord(u64),
    /// The place where it would put it: a word inside an object or its buffer.
    Word(*const AtomicU64),
}

/// An entry of the read set.
#[derive(Clone, Copy)]
struct Read {
    orec: *const Orec,
    /// The version word when it was read.
    word: u64,
}

/// After an extension so many blocks begin by looking at the clock, and others at the time of the thread's last block.
///
/// Any time that has been on the clock will do for a beginning (invariant 1): what is not newer is as it is now, and what is newer moves the time
/// forward. So a thread that works on what nobody else changes need not fetch the clock's cache line when it begins, having to take it anyway when it
/// commits. One that meets others' changes is better off with a fresh time than with an extension.
const FRESH_FOR: u32 = 16;

/// How many entries of the read set are known by the object's address: a power of two.
const KNOWN: usize = 32;
const NOTHING_KNOWN: [Read; KNOWN] = [Read {
    orec: std::ptr::null(),
    word: 0,
}; KNOWN];

/// Where an object stands in the table of those.
#[inline(always)]
fn known_place(orec: *const Orec) -> usize {
    // Knuth's multiplicative hash: objects are often a power of two apart.
    let mixed = (place(orec as usize) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (u64::BITS - KNOWN.ilog2())) as usize
}

/// An entry of the undo log.
#[derive(Clone, Copy)]
struct Undo {
    word: *const AtomicU64,
    old: u64,
    /// The object that the word belongs to; for the collector.
    orec: *const Orec,
}

/// An object that we own.
#[derive(Clone, Copy)]
struct Owned {
    orec: *const Orec,
    /// The version word that it had before.
    before: u64,
}

/// What is known about a conflict, from the moment it is met until the block ends.
#[derive(Debug, Clone, Copy)]
struct Dispute {
    cause: Cause,
    orec: *const Orec,
    other: Option<usize>,
    other_serial: u64,
    other_irrevocable: bool,
    other_tag: u64,
    /// What this thread was doing.
    tag: u64,
}

/// An action that waits for the block's end.
enum Action {
    /// At commit, in commit order, before anybody sees the block's writes.
    Commit(Box<dyn FnOnce() + Send>),
    /// After commit.
    AfterCommit(Box<dyn FnOnce() + Send>),
    /// After an abort.
    Abort(Box<dyn FnOnce() + Send>),
}

/// A word that gets the version of the block's commit.
#[derive(Clone, Copy)]
struct Stamp {
    word: *const AtomicU64,
    context: u64,
    store: fn(&AtomicU64, u64, u64),
}

/// A thread's transaction descriptor: see the text at the top of this file for how it works.
///
/// The life of a block: [`begin`](Txn::begin); reads and writes; then [`commit`](Txn::commit), or, when any of them has returned
/// [`Conflict`], [`abort`](Txn::abort), and [`decide`](Txn::decide) says how to try again. [`run`](Txn::run) does all this around a closure.
///
/// ```
/// # use std::sync::{Arc, atomic::Ordering::Relaxed};
/// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
/// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
/// # let engine = Arc::new(Engine::new());
/// # // SAFETY: the object above outlives the descriptor.
/// # let mut txn = unsafe { engine.register() };
/// txn.begin();
/// let n = txn.read(&orec, || word.load(Relaxed)).unwrap();
/// txn.write(&orec, &word, n + 1).unwrap();
/// txn.commit().unwrap();
/// assert_eq!(word.load(Relaxed), 2);
/// ```
pub struct Txn {
    // What the barriers look at comes first.
    /// The word of an object that we own for writing.
    mine: u64,
    /// The word of an object that we own for reading.
    mine_reading: u64,
    /// The word of a private object born under the present stamp.
    newborn: u64,
    /// A shared object whose word is below this one was last changed at or before our read time. 0 while irrevocable.
    read_limit: u64,
    /// Whether undo entries are kept: always, but for solo blocks.
    keep_undo: bool,
    /// The block keeps no read set.
    unlogged: bool,
    /// It keeps none, and has read something.
    looked: bool,
    /// It keeps none, and has met something newer than its read time.
    met_newer: bool,
    solo: bool,
    irrevocable: bool,
    owns_for_reading: bool,
    reads: Vec<Read>,
    undo: Vec<Undo>,
    owned: Vec<Owned>,
    /// The word of the last undo entry made under the present stamp.
    last_logged: *const AtomicU64,
    /// Entries of the read set, by hashed address.
    known: [Read; KNOWN],

    /// Between two blocks, when the last one ended: a time that has been read from the clock.
    read_time: u64,
    /// How many blocks to come look at the clock when they begin: see [`FRESH_FOR`].
    fresh_for: u32,
    stamp: u64,
    serial: u64,
    slot: *const Slot,
    slot_index: usize,
    engine: Arc<Engine>,
    settings: Settings,
    chaos: u32,
    random: u32,
    tag: u64,
    work: u64,
    /// While tracing: the object that the last abort was about. All first reads are slow ones until somebody reads it.
    sought: *const Orec,
    /// What the thread was doing when it read that.
    found: Option<u64>,
    counters: Counters,
    actions: Vec<Action>,
    stamps: Vec<Stamp>,
    dispute: Option<Dispute>,
    last_abort: Abort,
    /// Who was in the way at the last abort: slot and serial of the block.
    last_other: Option<(usize, u64)>,
    attempt: u32,
    first_abort: Option<Instant>,
    started: Option<Instant>,
    irrevocable_since: Option<Instant>,
    client_tags: Option<[u64; 2]>,
    object_kind: u64,
    watching: Option<Arc<Waiter>>,
    block_policy: Option<Policy>,
    thread_policy: Option<Policy>,
    epoch: Option<crossbeam_epoch::LocalHandle>,
    pin: Option<crossbeam_epoch::Guard>,
}

// SAFETY: the raw pointers lead to a slot that lives as long as the engine, which we hold, and to the client's objects, which by the
// contract of `Engine::register` may be used from any thread. The epoch handle and its guard refer to a participant of our own
// collector that nobody else uses, and travel together.
unsafe impl Send for Txn {}

const NO_ABORT: Abort = Abort {
    attempt: 0,
    cause: Cause::Explicit,
    other: None,
    other_irrevocable: false,
    work: 0,
    lost: Duration::ZERO,
    elapsed: Duration::ZERO,
    reads: 0,
    writes: 0,
    client_tags: [0; 2],
    object_kind: 0,
};

/// Where the random numbers of one descriptor begin: never 0.
fn random_start(number: u64, seed: u64) -> u32 {
    let mixed = (number ^ seed.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32 | 1
}

impl Engine {
    /// A descriptor for one thread. It is given back when dropped.
    ///
    /// # Safety
    ///
    /// An [`Orec`] or a word that is handed to the descriptor's methods during a block must stay valid memory until that block has
    /// ended ([`Txn::commit`] or [`Txn::abort`] has returned), and, if it ended in [`Txn::wait_for_change`], until that has returned. A
    /// collector finds them by [`Txn::for_each_root`]. An object belongs to the transactions of this one engine, and a private
    /// object to those of one thread.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new());
    /// // SAFETY: it is given no objects.
    /// let txn = unsafe { engine.register() };
    /// assert!(!txn.in_block());
    /// ```
    pub unsafe fn register(self: &Arc<Engine>) -> Txn {
        let slot_index = self.slots.take();
        let slot: *const Slot = self.slots.get(slot_index);
        // SAFETY: slots never move, and live as long as the engine.
        let s = unsafe { &*slot };
        // Relaxed: taking the slot went through a lock.
        let stamp = s.stamp.load(Ordering::Relaxed);
        let serial = s.serial.load(Ordering::Relaxed);
        Txn {
            mine: owned_word(slot_index),
            mine_reading: owned_word(slot_index) | READING,
            newborn: private_word(stamp),
            read_limit: 0,
            keep_undo: true,
            unlogged: false,
            looked: false,
            met_newer: false,
            solo: false,
            irrevocable: false,
            owns_for_reading: false,
            reads: Vec::with_capacity(64),
            undo: Vec::with_capacity(64),
            owned: Vec::with_capacity(16),
            last_logged: std::ptr::null(),
            known: NOTHING_KNOWN,
            read_time: self.clock(),
            fresh_for: 0,
            stamp,
            serial,
            slot,
            slot_index,
            engine: Arc::clone(self),
            settings: Settings::default(),
            chaos: 0,
            random: random_start(slot_index as u64 + 1, self.seed),
            tag: 0,
            work: 0,
            sought: std::ptr::null(),
            found: None,
            counters: Counters::default(),
            actions: Vec::new(),
            stamps: Vec::new(),
            dispute: None,
            last_abort: NO_ABORT,
            last_other: None,
            attempt: 0,
            first_abort: None,
            started: None,
            irrevocable_since: None,
            client_tags: None,
            object_kind: 0,
            watching: None,
            block_policy: None,
            thread_policy: None,
            epoch: self.epochs.as_ref().map(|c| c.register()),
            pin: None,
        }
    }
}

impl Txn {
    /// The engine.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// assert!(Arc::ptr_eq(txn.engine(), &engine));
    /// ```
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The engine, free of the borrow of `self`.
    fn engine_ref<'e>(&self) -> &'e Engine {
        // SAFETY: `self.engine` holds the engine, and is never replaced. Callers use the reference within a method of `self`.
        unsafe { &*Arc::as_ptr(&self.engine) }
    }

    fn slot(&self) -> &Slot {
        // SAFETY: slots never move, and live as long as the engine, which we hold.
        unsafe { &*self.slot }
    }

    /// Our place in the engine's table of transactions.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// assert_eq!(txn.slot_index(), 0);
    /// ```
    pub fn slot_index(&self) -> usize {
        self.slot_index
    }

    /// Begins a block. The one before must have ended.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(txn.in_block());
    /// # txn.commit().unwrap();
    /// ```
    #[inline]
    pub fn begin(&mut self) {
        self.begin_unpinned();
        self.pin();
    }

    /// Begins a block that is thought to read only: without a read set, and without being pinned. Whoever is to follow an address that it
    /// reads calls [`pin`](Txn::pin) first; and nothing that it was given is looked at again after the call.
    #[inline]
    pub(crate) fn begin_unlogged(&mut self) {
        self.begin_unpinned();
        self.unlogged = true;
        self.looked = false;
        self.met_newer = false;
    }

    /// From here to the end of the block, nothing that it can reach is destroyed ([`Txn::retire`]).
    #[inline(always)]
    pub(crate) fn pin(&mut self) {
        if self.pin.is_none()
            && let Some(handle) = &self.epoch
        {
            self.pin = Some(handle.pin());
        }
    }

    /// Before the block does what cannot be done without a read set: `Err`, and it has to run again, if it has read anything.
    #[cold]
    pub(crate) fn want_log(&mut self) -> Res<()> {
        if self.unlogged && self.looked {
            return Err(self.fail(Cause::ReadVersion, std::ptr::null(), None));
        }
        self.unlogged = false;
        self.pin();
        Ok(())
    }

    /// Whether the block has stopped for want of a read set.
    pub(crate) fn wants_log(&self) -> bool {
        self.unlogged && self.looked && self.dispute.is_some()
    }

    /// Whether that was because it met something newer than its read time: then it may as well begin again at a later one.
    pub(crate) fn met_something_newer(&self) -> bool {
        self.met_newer
    }

    #[inline(always)]
    fn begin_unpinned(&mut self) {
        debug_assert!(!self.in_block(), "a block has begun and not ended");
        #[cfg(feature = "harness")]
        crate::probe::tell(|| crate::probe::What::Begin);
        self.serial += 1;
        // Relaxed: who misses it asks the wrong block to abort, and asks again.
        self.slot().serial.store(self.serial, Ordering::Relaxed);
        self.new_stamp();
        let settings = self.engine.settings();
        if settings != self.settings {
            self.change_settings(settings);
        }
        if settings.timing() {
            self.started = Some(now());
        }
        if self.fresh_for != 0 {
            self.fresh_for -= 1;
            self.set_read_time(self.engine.clock());
        } else {
            self.set_read_time(self.read_time);
        }
    }

    #[cold]
    fn change_settings(&mut self, settings: Settings) {
        self.settings = settings;
        self.chaos = settings.chaos();
        self.started = None;
    }

    fn new_stamp(&mut self) {
        self.stamp += 1;
        self.newborn = private_word(self.stamp);
        self.last_logged = std::ptr::null();
    }

    fn set_read_time(&mut self, time: u64) {
        self.read_time = time;
        self.read_limit = if self.sought.is_null() {
            version_word(time + 1)
        } else {
            0
        };
    }

    /// What [`Txn::read_limit`] is when it does not make reads slow.
    pub(super) fn snapshot_limit(&self) -> u64 {
        version_word(self.read_time + 1)
    }

    /// The block is about to read or to own this object: is it the one that is sought?
    #[inline(always)]
    pub(super) fn look_for(&mut self, orec: &Orec) {
        if std::ptr::eq(self.sought, orec) {
            self.has_found();
        }
    }

    #[cold]
    fn has_found(&mut self) {
        self.found = Some(self.own_tag());
        self.sought = std::ptr::null();
        if !self.irrevocable {
            self.read_limit = self.snapshot_limit();
        }
    }

    /// What the thread is doing.
    fn own_tag(&self) -> u64 {
        self.engine.host.tag().unwrap_or(self.tag)
    }

    /// While tracing is on, after an abort because something that was read has changed: what the thread was doing when it read that
    /// object, as soon as a later attempt has read it again. The abort itself only knows where the change was noticed. Says it once.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// # // SAFETY: as above.
    /// # let mut other = unsafe { engine.register() };
    /// engine.set_tracing(true);
    /// txn.begin();
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// other.begin();
    /// other.write(&orec, &word, 2).unwrap();
    /// other.commit().unwrap();
    /// assert!(txn.validate().is_err());
    /// txn.abort();
    /// txn.begin();
    /// txn.set_tag(42);
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// txn.set_tag(43);
    /// assert_eq!(txn.take_reader_tag(), Some(42));
    /// # txn.commit().unwrap();
    /// ```
    pub fn take_reader_tag(&mut self) -> Option<u64> {
        self.found.take()
    }

    /// Whether a block has begun and not ended.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// assert!(!txn.in_block());
    /// ```
    #[inline]
    pub fn in_block(&self) -> bool {
        self.serial & 1 == 1
    }

    /// The birth stamp for private objects made now. It changes with each block, and also with each savepoint and rollback.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let orec = Orec::private(txn.block());
    /// assert!(orec.is_private());
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn block(&self) -> u64 {
        self.stamp
    }

    /// The time of the snapshot that the block sees: the version at which to publish an object.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(txn.read_time() <= engine.clock());
    /// # txn.commit().unwrap();
    /// ```
    #[inline]
    pub fn read_time(&self) -> u64 {
        self.read_time
    }

    /// Makes a private object shared: see [`Orec::publish`].
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let orec = Orec::private(txn.block());
    /// txn.publish(&orec);
    /// assert!(orec.is_shared());
    /// # txn.commit().unwrap();
    /// ```
    #[inline]
    pub fn publish(&self, orec: &Orec) {
        orec.publish(self.read_time);
    }

    /// Whether nothing was acquired so far: such a block commits for free.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(txn.is_read_only());
    /// txn.write(&orec, &word, 2).unwrap();
    /// assert!(!txn.is_read_only());
    /// # txn.commit().unwrap();
    /// ```
    pub fn is_read_only(&self) -> bool {
        self.owned.is_empty()
    }

    /// How many read-set entries there are, for clients that bound their blocks.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// assert_eq!(txn.reads_len(), 1);
    /// # txn.commit().unwrap();
    /// ```
    pub fn reads_len(&self) -> usize {
        self.reads.len()
    }

    /// The version at which the block's snapshot has an object that it has read; `None` if it has not, but owned it from the first.
    #[cfg(feature = "harness")]
    pub(crate) fn version_seen(&self, orec: &Orec) -> Option<u64> {
        let read = self.reads.iter().rfind(|r| std::ptr::eq(r.orec, orec))?;
        Some(crate::orec::version_of(read.word))
    }

    /// How many undo entries there are, for clients that bound their blocks.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// assert_eq!(txn.undo_len(), 1);
    /// # txn.commit().unwrap();
    /// ```
    pub fn undo_len(&self) -> usize {
        self.undo.len()
    }

    /// Solo blocks keep neither read set nor undo log, and take no ownership: for a thread that runs alone. They cannot abort. To be
    /// changed between blocks.
    ///
    /// While a solo block runs, no other transaction of the engine may be in a block or in `wait_for_change`: the versions of what a solo
    /// block writes do not change, so that nobody else would notice.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.set_solo(true);
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// assert_eq!(txn.undo_len(), 0);
    /// txn.commit().unwrap();
    /// ```
    pub fn set_solo(&mut self, solo: bool) {
        assert!(!self.in_block(), "solo changes between blocks");
        self.solo = solo;
        self.keep_undo = !solo;
    }

    /// Whether blocks are solo.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// assert!(!txn.is_solo());
    /// ```
    pub fn is_solo(&self) -> bool {
        self.solo
    }

    /// Names what the thread is doing, typically a source position: see [`Abort::client_tags`] and [`Engine::set_tracing`].
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.set_tag(42);
    /// txn.abort();
    /// assert_eq!(txn.last_abort().client_tags[0], 42);
    /// ```
    #[inline(always)]
    pub fn set_tag(&mut self, tag: u64) {
        self.tag = tag;
    }

    /// How much work the block has done, in units of the client's: what an abort loses.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.set_work(100);
    /// txn.abort();
    /// assert_eq!(txn.stats().lost_work, 100);
    /// ```
    #[inline(always)]
    pub fn set_work(&mut self, work: u64) {
        self.work = work;
    }

    /// Between a [`Conflict`] and the abort: what the policy shall be told of the two sides and of the object.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.describe_conflict([1, 2], 3);
    /// txn.abort();
    /// assert_eq!((txn.last_abort().client_tags, txn.last_abort().object_kind), ([1, 2], 3));
    /// ```
    pub fn describe_conflict(&mut self, client_tags: [u64; 2], object_kind: u64) {
        self.client_tags = Some(client_tags);
        self.object_kind = object_kind;
    }

    /// The cause of the last [`Conflict`] of this block.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert_eq!(txn.conflict_cause(), None);
    /// # txn.commit().unwrap();
    /// ```
    pub fn conflict_cause(&self) -> Option<Cause> {
        self.dispute.map(|d| d.cause)
    }

    /// The object of the last [`Conflict`] of this block, if it was about one.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// engine.set_chaos(1);
    /// # txn.commit().unwrap();
    /// txn.begin();
    /// assert!(txn.write(&orec, &word, 2).is_err());
    /// assert_eq!(txn.conflict_orec(), Some(&raw const orec));
    /// # txn.abort();
    /// ```
    pub fn conflict_orec(&self) -> Option<*const Orec> {
        self.dispute.map(|d| d.orec).filter(|p| !p.is_null())
    }

    /// The other side of the last [`Conflict`] of this block: slot and tag, as far as they are known.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert_eq!(txn.conflict_other(), None);
    /// # txn.commit().unwrap();
    /// ```
    pub fn conflict_other(&self) -> Option<(usize, u64)> {
        self.dispute
            .and_then(|d| d.other.map(|slot| (slot, d.other_tag)))
    }

    /// Counts so far.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.commit().unwrap();
    /// assert_eq!(txn.stats().commits, 1);
    /// ```
    pub fn stats(&self) -> &Counters {
        &self.counters
    }

    /// This thread's policy; `None` for the process-wide one.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.set_thread_policy(keelback_stm::policy::by_name("immediate").ok());
    /// txn.begin();
    /// txn.abort();
    /// assert_eq!(txn.decide(), keelback_stm::Decision::Retry);
    /// ```
    pub fn set_thread_policy(&mut self, policy: Option<Policy>) {
        self.thread_policy = policy;
    }

    /// The policy for the block that runs or comes next; `None` for the thread's. Stays until changed.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.set_block_policy(keelback_stm::policy::by_name("wait").ok());
    /// txn.begin();
    /// txn.abort();
    /// assert_eq!(txn.decide(), keelback_stm::Decision::WaitForOwner);
    /// ```
    pub fn set_block_policy(&mut self, policy: Option<Policy>) {
        self.block_policy = policy;
    }

    /// After an abort: asks the policy in force what to do.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.abort();
    /// assert_eq!(txn.decide(), keelback_stm::Decision::Retry);
    /// ```
    pub fn decide(&mut self) -> Decision {
        let policy = self.block_policy.as_ref().or(self.thread_policy.as_ref());
        match policy {
            Some(policy) => policy.decide(&self.last_abort),
            None => self.engine.policy().decide(&self.last_abort),
        }
    }

    /// What comes next is not another attempt at what was last rolled back.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.fail_with(Cause::OwnedByOther);
    /// txn.abort();
    /// txn.forget_attempts();
    /// assert_eq!(txn.attempt(), 0);
    /// ```
    pub fn forget_attempts(&mut self) {
        self.attempt = 0;
        self.first_abort = None;
    }

    /// What comes next is another attempt at what this abort rolled back, although another block has run in between.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use keelback_stm::{Cause, Engine};
    /// # let engine = Arc::new(Engine::new());
    /// // SAFETY: it is given no objects.
    /// let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.fail_with(Cause::OwnedByOther);
    /// txn.abort();
    /// let abort = *txn.last_abort();
    /// txn.begin(); // to find out what to do about it, say
    /// txn.commit().unwrap();
    /// assert_eq!(txn.attempt(), 0);
    /// txn.resume_attempts(&abort);
    /// assert_eq!(txn.attempt(), 1);
    /// ```
    pub fn resume_attempts(&mut self, abort: &Abort) {
        self.attempt = abort.attempt;
        self.first_abort = now().checked_sub(abort.elapsed);
    }

    /// How often the block has been rolled back in a row.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.fail_with(Cause::OwnedByOther);
    /// txn.abort();
    /// assert_eq!(txn.attempt(), 1);
    /// ```
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What the policy is told about the last abort.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.abort();
    /// assert_eq!(txn.last_abort().cause, Cause::Explicit);
    /// ```
    pub fn last_abort(&self) -> &Abort {
        &self.last_abort
    }

    /// Whether an irrevocable transaction asks this block to abort. Cheap; to be polled by clients that run long without a barrier. If so, they
    /// should let [`yield_to_irrevocable`](Txn::yield_to_irrevocable) make the [`Conflict`], and abort.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(!txn.is_doomed());
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn is_doomed(&self) -> bool {
        // Relaxed: a request, which is repeated until it is seen.
        self.slot().doomed.load(Ordering::Relaxed) == self.serial && !self.irrevocable
    }

    /// `Err` if the block is doomed.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert_eq!(txn.yield_to_irrevocable(), Ok(()), "nobody asks for it");
    /// # txn.commit().unwrap();
    /// ```
    #[inline]
    pub fn yield_to_irrevocable(&mut self) -> Res<()> {
        if self.is_doomed() {
            let holder = self.engine.irrevocable_slot();
            return Err(self.fail(Cause::Doomed, std::ptr::null(), holder));
        }
        Ok(())
    }

    /// A conflict of the client's own making: `Err`, with that cause.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let conflict: Conflict = txn.fail_with(Cause::Explicit);
    /// assert_eq!(txn.commit(), Err(conflict));
    /// txn.abort();
    /// ```
    #[cold]
    pub fn fail_with(&mut self, cause: Cause) -> Conflict {
        self.fail(cause, std::ptr::null(), None)
    }

    /// Writes down what a conflict was about.
    #[cold]
    fn fail(&mut self, cause: Cause, orec: *const Orec, other: Option<usize>) -> Conflict {
        debug_assert!(
            !self.irrevocable || matches!(cause, Cause::Explicit | Cause::UserRetry),
            "an irrevocable transaction has no conflicts, only its client's own decisions"
        );
        let engine = self.engine_ref();
        let traced = match engine.last_writers() {
            Some(writers) if self.settings.tracing() && !orec.is_null() => writers.find(orec),
            _ => None,
        };
        let other = other.or(traced.map(|(slot, _)| slot));
        let slot = other.map(|index| engine.slots.get(index));
        self.dispute = Some(Dispute {
            cause,
            orec,
            other,
            other_serial: slot.map_or(0, |s| s.serial.load(Ordering::Relaxed)),
            other_irrevocable: slot.is_some_and(|s| s.irrevocable.load(Ordering::Relaxed)),
            other_tag: traced.map_or(0, |(_, tag)| tag),
            tag: if self.settings.tracing() {
                self.own_tag()
            } else {
                self.tag
            },
        });
        Conflict
    }

    /// Fault injection: whether to fail now.
    #[cold]
    fn chaos_strikes(&mut self) -> bool {
        if self.irrevocable || self.solo {
            return false;
        }
        self.next_random().is_multiple_of(self.chaos)
    }

    /// xorshift32: each descriptor has its own sequence, the same in every run.
    fn next_random(&mut self) -> u32 {
        let mut x = self.random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.random = x;
        x
    }

    /// Checks that everything read still stands at this moment.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// assert_eq!(txn.validate(), Ok(()));
    /// # txn.commit().unwrap();
    /// ```
    pub fn validate(&mut self) -> Res<()> {
        self.counters.validations += 1;
        // The loads below must not be done before whatever made us validate (a tick, a look at the clock), which all are
        // acquire operations: nothing more is needed here, and relaxed loads suffice.
        for i in 0..self.reads.len() {
            let Read { orec, word } = self.reads[i];
            // SAFETY: the contract of `Engine::register`: it is valid until the block ends.
            let now = unsafe { &*orec }.0.load(Ordering::Relaxed);
            if same_version(now, word) {
                continue;
            }
            if self.is_mine(now) {
                debug_assert!(
                    self.owned.len() > 64
                        || self
                            .owned
                            .iter()
                            .any(|o| o.orec == orec && same_version(o.before, word)),
                    "what was read before it was owned has the same version in both lists"
                );
                continue;
            }
            let owner = Self::owner(now);
            return Err(self.fail(Cause::ReadVersion, orec, owner));
        }
        Ok(())
    }

    /// Reports everything that the block's logs refer to. May be called from another thread while this one is stopped outside
    /// the descriptor's methods, in [`Host::pause`](crate::Host::pause) or in [`Host::block`](crate::Host::block). Nothing is
    /// reported between blocks. What the actions of `on_commit` and the like have captured is the client's to keep alive.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// let mut roots = 0;
    /// txn.for_each_root(&mut |_| roots += 1);
    /// assert_eq!(roots, 4, "the object twice, the word, its old value");
    /// # txn.commit().unwrap();
    /// ```
    pub fn for_each_root(&self, f: &mut dyn FnMut(Root)) {
        for read in &self.reads {
            f(Root::Orec(read.orec));
        }
        for owned in &self.owned {
            f(Root::Orec(owned.orec));
        }
        for undo in &self.undo {
            f(Root::Orec(undo.orec));
            f(Root::Word(undo.word));
            f(Root::OldWord(undo.old));
        }
        if let Some(waiter) = &self.watching {
            for watched in &waiter.watched {
                f(Root::Orec(watched.orec));
            }
        }
        if let Some(orec) = self.conflict_orec() {
            f(Root::Orec(orec));
        }
    }

    /// Drops the undo entries for words that are gone: for a collector that treats [`Root::Word`] as a weak reference. Positions
    /// in the log, which savepoints refer to, stay.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// txn.forget_words(|_| true);
    /// txn.abort();
    /// assert_eq!(word.load(Relaxed), 2, "it was thought to be gone");
    /// ```
    pub fn forget_words(&mut self, mut is_dead: impl FnMut(*const AtomicU64) -> bool) {
        /// Takes the stores of entries that were dropped.
        static NOWHERE: AtomicU64 = AtomicU64::new(0);
        /// Owns `NOWHERE`.
        static NOBODY: Orec = Orec::shared(0);
        for undo in &mut self.undo {
            if !std::ptr::eq(undo.word, &NOWHERE) && is_dead(undo.word) {
                *undo = Undo {
                    word: &NOWHERE,
                    old: 0,
                    orec: &NOBODY,
                };
            }
        }
        self.last_logged = std::ptr::null();
    }

    /// Lets the host serve its safepoints, in which another thread may look at our logs.
    fn expose_logs(&mut self) {
        // `&mut self` promises the compiler that nobody else looks at our fields; through this pointer somebody may. So
        // what was changed is in memory, and nothing is assumed unchanged, when the host is called.
        std::hint::black_box(std::ptr::from_mut(self));
    }
}

impl Drop for Txn {
    fn drop(&mut self) {
        if self.in_block() {
            if self.solo {
                // It cannot be undone, and what it wrote is already everybody's.
                self.end_block();
            } else {
                self.abort();
            }
        }
        self.engine.retire_counters(&self.counters, self.slot());
        // Relaxed: giving the slot back goes through a lock.
        self.slot().stamp.store(self.stamp, Ordering::Relaxed);
        self.pin = None;
        self.epoch = None;
        self.engine.slots.release(self.slot_index);
    }
}

/// Between taking an object and writing to it. With the acquire fence that follows a reader's loads, whoever has loaded one of
/// our dirty words sees that the object is ours, or that it has since been let go at a new version.
#[inline(always)]
fn fence_before_dirty_stores() {
    fence(Ordering::Release);
}
