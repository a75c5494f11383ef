//! Transactions that sleep until something they read changes, and how a commit finds them.
//!
//! A sleeper must not miss the commit that it waits for, yet commits must not pay for sleepers that are not there. Both meet at the
//! clock, which every commit ticks anyway. The sleeper first announces itself, then ticks the clock too, and only then looks whether
//! what it read still stands. A commit ticks, releases, and then asks whether anyone is announced. Ticks are totally ordered:
//!
//! - the sleeper's tick comes first: the commit's tick has read from it, and so sees the announcement and wakes the sleeper;
//! - the commit's tick comes first: the sleeper's look sees at least the commit's ownership of the object, and waits on, with
//!   its eyes open, until the owner has let go.
//!
//! So a commit needs no fence of its own, and with nobody asleep it pays for one load of a line that it has just written.
//!
//! With someone asleep, a table of counters by hashed address says whether anybody could care about an object; only then is the list
//! of sleepers locked and searched. Addresses are compared and never followed.

use crate::orec::Orec;
use crate::primitive::{Arc, AtomicU32, Mutex, Ordering, lock, place};

const BUCKETS: usize = 512;

fn bucket(address: usize) -> usize {
    // Fibonacci hashing: version words lie 8 bytes or more apart.
    ((place(address) >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15_usize) >> (usize::BITS - 9))
        & (BUCKETS - 1)
}

/// One object that a sleeper watches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) orec: *const Orec,
    /// The word that it had.
    pub(crate) word: u64,
}

/// One sleeper.
pub(crate) struct Waiter {
    pub(crate) slot: usize,
    /// Sorted by address, each once.
    pub(crate) watched: Vec<Watched>,
}

// SAFETY: other threads only compare the addresses in `watched`; the owner alone follows them.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

/// All sleepers of an engine.
pub(crate) struct Waiters {
    buckets: Box<[AtomicU32]>,
    list: Mutex<Vec<Arc<Waiter>>>,
}

impl Waiters {
    pub(crate) fn new() -> Self {
        Waiters {
            buckets: (0..BUCKETS).map(|_| AtomicU32::new(0)).collect(),
            list: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn add(&self, waiter: &Arc<Waiter>) {
        lock(&self.list).push(Arc::clone(waiter));
        for w in &waiter.watched {
            // Relaxed: ordered by the sleeper's tick of the clock, which comes after.
            self.buckets[bucket(w.orec as usize)].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn remove(&self, waiter: &Arc<Waiter>) {
        for w in &waiter.watched {
            self.buckets[bucket(w.orec as usize)].fetch_sub(1, Ordering::Relaxed);
        }
        lock(&self.list).retain(|other| !Arc::ptr_eq(other, waiter));
    }

    /// Calls `wake` with the slot of each sleeper that watches one of `changed`.
    pub(crate) fn notify(
        &self,
        changed: impl Iterator<Item = *const Orec> + Clone,
        mut wake: impl FnMut(usize),
    ) {
        let somebody_may_care = changed
            .clone()
            .any(|orec| self.buckets[bucket(orec as usize)].load(Ordering::Relaxed) != 0);
        if !somebody_may_care {
            return;
        }
        for waiter in lock(&self.list).iter() {
            let watches = |orec: *const Orec| {
                waiter
                    .watched
                    .binary_search_by_key(&(orec as usize), |w| w.orec as usize)
                    .is_ok()
            };
            if changed.clone().any(watches) {
                wake(waiter.slot);
            }
        }
    }
}
