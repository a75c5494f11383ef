//! What all transactions of a process have in common: the clock, the table of slots, the token of irrevocability, the sleepers and the policy in
//! force.
//!
//! **The clock** counts the moments at which shared objects changed version. A transaction that releases objects takes a
//! new time by an atomic increment (TL2's GV1). The increment is acquire and release, and all orderings between transactions rest on
//! that: if A ticks before B, then B's tick, and whoever reads the clock at B's time or later, sees all that A did before
//! its tick, and in particular that A owns what it is about to release. From this follows what the barriers rely on:
//!
//! > *If a transaction has read the clock at time `r` and afterwards finds an object owned by nobody, then whoever next
//! > commits a change to this object does so at a time later than `r`.* (Otherwise that owner had ticked at or before `r`, and its ownership would have been seen.)

use arc_swap::ArcSwap;
use crossbeam_utils::CachePadded;

use crate::host::{Host, NoHost};
use crate::orec::Orec;
use crate::policy::{Policy, Standard};
use crate::primitive::{Arc, AtomicU64, Condvar, Mutex, OnceLock, Ordering, lock};
use crate::slot::{Slot, SlotTable};
use crate::stats::Counters;
use crate::waiters::Waiters;

/// The clock, with the number of sleepers in the same cache line: a commit that has ticked holds the line already.
pub(crate) struct Time {
    pub(crate) clock: AtomicU64,
    /// How many transactions are announced as sleeping.
    pub(crate) sleepers: AtomicU64,
}

/// The right to be irrevocable: one transaction at a time.
pub(crate) struct Token {
    /// 0, or the holder's slot plus 1.
    pub(crate) holder: AtomicU64,
    pub(crate) queue: Mutex<()>,
    pub(crate) freed: Condvar,
}

/// Settings that each block reads once, packed in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Settings(pub(crate) u64);

impl Settings {
    const TIMING: u64 = 1 << 32;
    const TRACING: u64 = 1 << 33;
    const NOT_COUNTING: u64 = 1 << 34;
    const PUBLISHING: u64 = 1 << 35;

    /// One in so many chances fails on purpose; 0 for none.
    pub(crate) fn chaos(self) -> u32 {
        self.0 as u32
    }

    pub(crate) fn timing(self) -> bool {
        self.0 & Self::TIMING != 0
    }

    pub(crate) fn counting(self) -> bool {
        self.0 & Self::NOT_COUNTING == 0
    }

    pub(crate) fn publishing(self) -> bool {
        self.0 & Self::PUBLISHING != 0
    }

    pub(crate) fn tracing(self) -> bool {
        self.0 & Self::TRACING != 0
    }
}

/// Who last took an object for writing, by hashed address: kept only while tracing is on, and lossy.
pub(crate) struct LastWriters {
    entries: Box<[LastWriter]>,
}

#[derive(Default)]
struct LastWriter {
    orec: AtomicU64,
    slot: AtomicU64,
    tag: AtomicU64,
}

impl LastWriters {
    const SIZE: usize = 1 << 12;

    fn new() -> Self {
        LastWriters {
            entries: (0..Self::SIZE).map(|_| LastWriter::default()).collect(),
        }
    }

    fn entry(&self, orec: *const Orec) -> &LastWriter {
        let hash = (orec as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        &self.entries[(hash >> 52) as usize]
    }

    // The entries serve a report, and may be mixed up by a race: all relaxed.
    pub(crate) fn record(&self, orec: *const Orec, slot: usize, tag: u64) {
        let entry = self.entry(orec);
        entry.orec.store(orec as u64, Ordering::Relaxed);
        entry.slot.store(slot as u64, Ordering::Relaxed);
        entry.tag.store(tag, Ordering::Relaxed);
    }

    pub(crate) fn find(&self, orec: *const Orec) -> Option<(usize, u64)> {
        let entry = self.entry(orec);
        (entry.orec.load(Ordering::Relaxed) == orec as u64).then(|| {
            (
                entry.slot.load(Ordering::Relaxed) as usize,
                entry.tag.load(Ordering::Relaxed),
            )
        })
    }
}

/// The state that all transactions share. see the text at the top of this file.
///
/// A process normally has one; tests make as many as they like. An object belongs to the transactions of one engine.
///
/// ```
/// use std::sync::Arc;
/// use keelback_stm::Engine;
/// let engine = Arc::new(Engine::new());
/// assert_eq!(engine.registered(), 0);
/// ```
pub struct Engine {
    pub(crate) time: CachePadded<Time>,
    settings: CachePadded<AtomicU64>,
    pub(crate) token: CachePadded<Token>,
    pub(crate) slots: SlotTable,
    pub(crate) waiters: Waiters,
    pub(crate) host: Box<dyn Host>,
    policy: ArcSwap<Policy>,
    /// Held from the commit's tick to the end of its `on_commit` actions.
    pub(crate) commit_order: Mutex<()>,
    /// What transactions that are gone have counted.
    retired: Mutex<Counters>,
    pub(crate) epochs: Option<crossbeam_epoch::Collector>,
    last_writers: OnceLock<LastWriters>,
    pub(crate) seed: u64,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Engine {
    /// An engine whose waits serve no safepoints.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new());
    /// assert_eq!(engine.sleepers(), 0);
    /// ```
    pub fn new() -> Self {
        Engine::with_host(NoHost)
    }

    /// An engine that lets `host` know when a thread waits.
    ///
    /// ```
    /// use keelback_stm::{Engine, NoHost};
    /// assert_eq!(Engine::with_host(NoHost).registered(), 0);
    /// ```
    pub fn with_host(host: impl Host + 'static) -> Self {
        Engine {
            time: CachePadded::new(Time {
                clock: AtomicU64::new(1),
                sleepers: AtomicU64::new(0),
            }),
            settings: CachePadded::new(AtomicU64::new(0)),
            token: CachePadded::new(Token {
                holder: AtomicU64::new(0),
                queue: Mutex::new(()),
                freed: Condvar::new(),
            }),
            slots: SlotTable::new(),
            waiters: Waiters::new(),
            host: Box::new(host),
            policy: ArcSwap::from_pointee(Arc::new(Standard) as Policy),
            commit_order: Mutex::new(()),
            retired: Mutex::new(Counters::default()),
            epochs: None,
            last_writers: OnceLock::new(),
            seed: 0,
        }
    }

    /// Turns epochs on: each block is pinned from begin to end, so that [`Txn::retire`](crate::Txn::retire) can put off destroying memory that a
    /// running block may still look at. A client with a collector of its own does without.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new().with_epochs());
    /// // SAFETY: they are given no objects.
    /// let (mut reader, mut txn) = unsafe { (engine.register(), engine.register()) };
    /// let old = Arc::new([0; 100]);
    /// let watch = Arc::downgrade(&old);
    /// reader.begin();
    /// txn.retire(move || drop(old));
    /// assert!(watch.upgrade().is_some(), "a block is running");
    /// # reader.commit().unwrap();
    /// ```
    pub fn with_epochs(mut self) -> Self {
        self.epochs = Some(crossbeam_epoch::Collector::new());
        self
    }

    /// Makes the transactions' random choices depend on `seed`.
    ///
    /// ```
    /// use keelback_stm::Engine;
    /// assert_eq!(Engine::new().with_seed(7).sleepers(), 0);
    /// ```
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many transactions sleep until something changes.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new());
    /// assert_eq!(engine.sleepers(), 0);
    /// ```
    pub fn sleepers(&self) -> u64 {
        // Relaxed: a hint.
        self.time.sleepers.load(Ordering::Relaxed)
    }

    /// The time of the last commit that released anything.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// let before = engine.clock();
    /// txn.run(|t| t.write(&orec, &word, 2)).unwrap();
    /// assert_eq!(engine.clock(), before + 1);
    /// ```
    pub fn clock(&self) -> u64 {
        // Acquire: see the module's text.
        self.time.clock.load(Ordering::Acquire)
    }

    /// Takes a new time.
    #[inline]
    pub(crate) fn tick(&self) -> u64 {
        // AcqRel: see the module's text.
        self.time.clock.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// How many transactions are registered.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// assert_eq!(engine.registered(), 1);
    /// ```
    pub fn registered(&self) -> usize {
        self.slots.taken.load(Ordering::Relaxed)
    }

    /// The process-wide policy.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new());
    /// assert_eq!(engine.policy().name(), "default");
    /// ```
    pub fn policy(&self) -> Policy {
        Policy::clone(&self.policy.load())
    }

    /// Changes the process-wide policy; the next abort asks the new one.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new());
    /// engine.set_policy(keelback_stm::policy::by_name("wait").unwrap());
    /// assert_eq!(engine.policy().name(), "wait");
    /// ```
    pub fn set_policy(&self, policy: Policy) {
        self.policy.store(Arc::new(policy));
    }

    /// Wakes the thread of `slot` out of `wait_for_change`, or out of its next one if it is not in one now.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// use keelback_stm::WaitResult;
    /// engine.interrupt(txn.slot_index());
    /// txn.begin();
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// assert_eq!(txn.wait_for_change(None), WaitResult::Interrupted);
    /// ```
    pub fn interrupt(&self, slot: usize) {
        if self.slots.is_taken(slot) {
            self.slots.get(slot).parker.signal(|s| s.interrupted = true);
        }
    }

    /// Asks the running blocks of all other transactions to abort; an irrevocable one will not. For a client that needs everybody
    /// to be between two blocks.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// engine.doom_others(txn.slot_index() + 1);
    /// assert!(txn.is_doomed());
    /// # txn.abort();
    /// ```
    pub fn doom_others(&self, slot: usize) {
        self.slots.for_each(|index, other| {
            // Relaxed: a request without data; if its block ends meanwhile, nobody minds.
            let serial = other.serial.load(Ordering::Relaxed);
            if index != slot && serial & 1 == 1 {
                other.doomed.store(serial, Ordering::Relaxed);
            }
        });
    }

    /// The slot of the irrevocable transaction, if there is one at this moment.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.become_irrevocable().unwrap();
    /// assert_eq!(engine.irrevocable_slot(), Some(txn.slot_index()));
    /// # txn.commit().unwrap();
    /// ```
    pub fn irrevocable_slot(&self) -> Option<usize> {
        match self.token.holder.load(Ordering::Relaxed) {
            0 => None,
            n => Some(n as usize - 1),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        // Relaxed: a block may as well start under the old settings.
        Settings(self.settings.load(Ordering::Relaxed))
    }

    fn change_settings(&self, change: impl Fn(u64) -> u64) {
        let _ = self
            .settings
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |s| Some(change(s)));
    }

    /// Measures the time lost in aborted blocks (reads the system's clock at each begin).
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// engine.set_timing(true);
    /// txn.begin();
    /// txn.abort();
    /// assert!(txn.stats().lost_ns > 0);
    /// ```
    pub fn set_timing(&self, on: bool) {
        self.change_settings(|s| {
            if on {
                s | Settings::TIMING
            } else {
                s & !Settings::TIMING
            }
        });
    }

    /// Remembers who last took each object for writing, with its tag, so that an abort can name the other side.
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
    /// other.begin();
    /// other.set_tag(42);
    /// other.write(&orec, &word, 2).unwrap();
    /// txn.begin();
    /// assert_eq!(txn.write(&orec, &word, 3), Err(Conflict));
    /// assert_eq!(txn.conflict_other(), Some((other.slot_index(), 42)));
    /// # txn.abort();
    /// # other.abort();
    /// ```
    pub fn set_tracing(&self, on: bool) {
        if on {
            self.last_writers.get_or_init(LastWriters::new);
        }
        self.change_settings(|s| {
            if on {
                s | Settings::TRACING
            } else {
                s & !Settings::TRACING
            }
        });
    }

    pub(crate) fn last_writers(&self) -> Option<&LastWriters> {
        self.last_writers.get()
    }

    /// Lets one in `one_in` acquisitions and commits fail for no reason, for tests of the client's rollback; 0 turns it off.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// engine.set_chaos(1);
    /// txn.begin();
    /// assert!(txn.write(&orec, &word, 2).is_err());
    /// assert_eq!(txn.conflict_cause(), Some(Cause::Chaos));
    /// # txn.abort();
    /// ```
    pub fn set_chaos(&self, one_in: u32) {
        self.change_settings(|s| (s & !u64::from(u32::MAX)) | u64::from(one_in));
    }

    /// What the transactions that have been dropped counted, added up.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.run(|t| t.write(&orec, &word, 2)).unwrap();
    /// drop(txn);
    /// assert_eq!(engine.retired_counters().commits, 1);
    /// ```
    pub fn retired_counters(&self) -> Counters {
        *lock(&self.retired)
    }

    pub(crate) fn retire_counters(&self, counters: &Counters, slot: &Slot) {
        let mut retired = lock(&self.retired);
        slot.counters.publish(&Counters::default());
        retired.add(counters);
    }

    /// What all transactions have counted, those that are gone and those that are not. Of the latter, those that have ended a block since
    /// [`set_counting`](Engine::set_counting) was called.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// engine.set_counting(true);
    /// txn.run(|t| t.write(&orec, &word, 2)).unwrap();
    /// assert_eq!(engine.counters().commits, 1);
    /// ```
    pub fn counters(&self) -> Counters {
        // Whoever is about to go waits, and is counted once.
        let retired = lock(&self.retired);
        let mut all = *retired;
        self.slots
            .for_each(|_, slot| all.add(&slot.counters.read()));
        all
    }

    /// Whether transactions count what they do, and show it to others ([`counters`](Engine::counters)). Until this is called, they count for
    /// themselves ([`Txn::stats`](crate::Txn::stats)).
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// engine.set_counting(false);
    /// txn.run(|t| t.write(&orec, &word, 2)).unwrap();
    /// assert_eq!(txn.stats().commits, 0);
    /// ```
    pub fn set_counting(&self, on: bool) {
        self.change_settings(|s| {
            if on {
                s & !Settings::NOT_COUNTING | Settings::PUBLISHING
            } else {
                s & !Settings::PUBLISHING | Settings::NOT_COUNTING
            }
        });
    }
}
