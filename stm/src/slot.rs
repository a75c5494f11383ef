//! The table of thread descriptors: what other threads may see and ask of a running transaction.
//!
//! A slot is identified by a small index that fits into a version word. The table grows in chunks that never move, so a slot's
//! address is good for as long as the engine. A slot that is given back is used again, and keeps its counters of blocks, so that
//! neither a serial number nor a birth stamp ever comes twice in one slot.

use std::time::Duration;

use crossbeam_utils::CachePadded;

use crate::primitive::{
    AtomicBool, AtomicU64, AtomicUsize, Condvar, Mutex, MutexGuard, OnceLock, Ordering, lock, wait,
};
use crate::stats::Published;

/// What the others see of one transaction.
#[derive(Default)]
pub(crate) struct Slot {
    /// The number of the block that runs here, odd while it runs; rises by one at each begin and each end.
    pub(crate) serial: AtomicU64,
    /// The serial of the block that is asked to abort. Naming the block keeps a late request from hitting its successor.
    pub(crate) doomed: AtomicU64,
    /// Whether the running block is irrevocable.
    pub(crate) irrevocable: AtomicBool,
    /// Whether the slot is taken.
    taken: AtomicBool,
    /// The last birth stamp used here, kept for the slot's next owner.
    pub(crate) stamp: AtomicU64,
    /// What its transactions have counted.
    pub(crate) counters: Published,
    /// Where the slot's thread sleeps.
    pub(crate) parker: Parker,
}

/// What a sleeping thread has been told.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Signals {
    /// A commit changed something that the sleeper watches.
    pub(crate) changed: bool,
    /// Somebody wants the sleeper to give up waiting.
    pub(crate) interrupted: bool,
}

/// A place to sleep.
#[derive(Default)]
pub(crate) struct Parker {
    pub(crate) signals: Mutex<Signals>,
    wake: Condvar,
}

impl Parker {
    pub(crate) fn signal(&self, set: impl FnOnce(&mut Signals)) {
        set(&mut lock(&self.signals));
        self.wake.notify_all();
    }

    /// Sleeps until signalled, or for so long, or for no reason.
    pub(crate) fn wait<'s>(
        &'s self,
        signals: MutexGuard<'s, Signals>,
        limit: Option<Duration>,
    ) -> MutexGuard<'s, Signals> {
        wait(&self.wake, &self.signals, signals, limit)
    }
}

/// Chunk `k` holds `FIRST << k` slots.
const FIRST: usize = 32;
const CHUNKS: usize = 16;

/// All slots of an engine.
pub(crate) struct SlotTable {
    chunks: [OnceLock<Box<[CachePadded<Slot>]>>; CHUNKS],
    /// How many slots have ever been used: the indices below this one exist.
    len: AtomicUsize,
    /// How many are taken now.
    pub(crate) taken: AtomicUsize,
    /// Taking and giving back exclude each other.
    registry: Mutex<()>,
}

/// Which chunk holds slot `index`, and where in it.
fn position(index: usize) -> (usize, usize) {
    let chunk = (index / FIRST + 1).ilog2() as usize;
    (chunk, index - FIRST * ((1 << chunk) - 1))
}

impl SlotTable {
    pub(crate) fn new() -> Self {
        SlotTable {
            chunks: [const { OnceLock::new() }; CHUNKS],
            len: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            registry: Mutex::new(()),
        }
    }

    /// The slot with this index, which must have been taken once.
    pub(crate) fn get(&self, index: usize) -> &Slot {
        let (chunk, place) = position(index);
        &self.chunks[chunk]
            .get()
            .expect("a slot index comes from this table")[place]
    }

    /// Calls `f` with every slot that was ever taken.
    pub(crate) fn for_each(&self, mut f: impl FnMut(usize, &Slot)) {
        // Acquire: the chunks are there.
        for index in 0..self.len.load(Ordering::Acquire) {
            f(index, self.get(index));
        }
    }

    /// Takes a free slot.
    pub(crate) fn take(&self) -> usize {
        let _registry = lock(&self.registry);
        // Relaxed throughout: the lock orders everything.
        let len = self.len.load(Ordering::Relaxed);
        let index = (0..len)
            .find(|&i| !self.get(i).taken.load(Ordering::Relaxed))
            .unwrap_or_else(|| {
                let (chunk, _) = position(len);
                assert!(chunk < CHUNKS, "too many transactions at once");
                self.chunks[chunk].get_or_init(|| {
                    (0..FIRST << chunk)
                        .map(|_| CachePadded::default())
                        .collect()
                });
                // Birth stamps differ from those of the other slots, so that they tell the threads' objects apart even where a
                // client lets another thread reach a private object.
                self.get(len)
                    .stamp
                    .store((len as u64) << 40, Ordering::Relaxed);
                // Release: who walks the slots finds the chunk.
                self.len.store(len + 1, Ordering::Release);
                len
            });
        self.get(index).taken.store(true, Ordering::Relaxed);
        self.taken.fetch_add(1, Ordering::Relaxed);
        index
    }

    /// Gives a slot back.
    pub(crate) fn release(&self, index: usize) {
        let _registry = lock(&self.registry);
        let slot = self.get(index);
        *lock(&slot.parker.signals) = Signals::default();
        slot.taken.store(false, Ordering::Relaxed);
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the index names a slot that is taken now.
    pub(crate) fn is_taken(&self, index: usize) -> bool {
        let _registry = lock(&self.registry);
        index < self.len.load(Ordering::Relaxed) && self.get(index).taken.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_fill_the_chunks_without_gaps() {
        assert_eq!(position(0), (0, 0));
        assert_eq!(position(31), (0, 31));
        assert_eq!(position(32), (1, 0));
        assert_eq!(position(95), (1, 63));
        assert_eq!(position(96), (2, 0));
        let mut last = (0, 0);
        for i in 1..10_000 {
            let p = position(i);
            assert!(
                p == (last.0, last.1 + 1)
                    || (p == (last.0 + 1, 0) && last.1 == (FIRST << last.0) - 1)
            );
            last = p;
        }
    }

    #[test]
    fn a_slot_given_back_is_used_again_at_its_old_address() {
        let table = SlotTable::new();
        let taken: Vec<usize> = (0..100).map(|_| table.take()).collect();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        let address: *const Slot = table.get(7);
        table.release(7);
        assert!(!table.is_taken(7));
        assert_eq!(table.take(), 7);
        assert_eq!(address, table.get(7) as *const Slot);
        assert!(table.is_taken(7) && !table.is_taken(100));
    }
}
