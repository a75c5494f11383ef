//! The heap's memory: one reserved range of addresses, cut into blocks of 32 KB.
//!
//! A block holds objects of one size class; a large object takes a run of whole blocks. Beside the range
//! lies one [`Meta`] per block with two bitmaps over its slots: **taken** (an object may be there) and
//! **mark**. Any word can therefore be tested for being the address of an object, or of its
//! inside, which is what scanning machine stacks needs.
//!
//! Invariants: a slot's `taken` bit is set from the moment a thread claims the free run that
//! contains it; a collection first hands unused rests of runs back (clears their bits), then marks, then
//! sets `taken = mark`. Memory behind a clear bit holds no object. Only the collector, with all threads
//! stopped, clears bits.
//!
//! Tried and dropped: lines of 128 bytes with mixed sizes (Immix). It saves some memory in fragmented
//! heaps, but an address inside an object cannot be resolved without a further bitmap that each allocation
//! would have to write.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};

use parking_lot::Mutex;

pub const BLOCK: usize = 32 * 1024;
/// Objects up to this size share blocks.
pub const SMALL_MAX: usize = 4096;
const GRANULE: usize = 16;
const WORDS: usize = BLOCK / GRANULE / 64;

const SIZES: [u16; 46] = [
    16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 272, 288, 304, 320,
    336, 352, 368, 384, 400, 416, 432, 448, 464, 480, 496, 512, 576, 640, 768, 896, 1024, 1168,
    1360, 1632, 1808, 2048, 2336, 2720, 3264, 4096,
];
pub const CLASSES: usize = SIZES.len();

/// Size class by granules.
static CLASS_OF: [u8; SMALL_MAX / GRANULE + 1] = {
    let mut table = [0; SMALL_MAX / GRANULE + 1];
    let mut granules = 0;
    let mut class = 0;
    while granules < table.len() {
        if granules * GRANULE > SIZES[class] as usize {
            class += 1;
        }
        table[granules] = class as u8;
        granules += 1;
    }
    table
};

/// The size class for `bytes`, at most [`SMALL_MAX`].
#[inline(always)]
pub fn class_of(bytes: usize) -> usize {
    CLASS_OF[bytes.div_ceil(GRANULE)] as usize
}
/// Bytes in a slot of the class.
#[inline(always)]
pub fn class_size(class: usize) -> usize {
    SIZES[class] as usize
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Free,
    Small,
    Large,
    /// A later block of a large object; `extent` leads back to the first.
    LargeRest,
}

/// What is known of one block.
#[repr(C)]
pub struct Meta {
    state: AtomicU8,
    class: AtomicU8,
    slots: AtomicU16,
    /// Large: number of blocks. LargeRest: distance to the first block.
    extent: AtomicU32,
    taken: [AtomicU64; WORDS],
    mark: [AtomicU64; WORDS],
}

/// Blocks that nobody uses now, and those with room.
struct Pools {
    /// Blocks above this index were never used.
    frontier: usize,
    /// Free runs of blocks: start -> count.
    free: BTreeMap<usize, usize>,
    /// Blocks with free slots, by class.
    partial: [Vec<u32>; CLASSES],
}

/// The reserved range and its blocks.
pub struct Space {
    base: usize,
    blocks: usize,
    meta: *const Meta,
    pools: Mutex<Pools>,
    /// Bytes in blocks that are in use.
    in_use: AtomicUsize,
    limit: AtomicUsize,
}

// SAFETY: the range is only handed out in disjoint pieces; the metadata is atomics.
unsafe impl Send for Space {}
// SAFETY: as above.
unsafe impl Sync for Space {}

/// The heap is full.
#[derive(Debug)]
pub struct OutOfMemory;

/// A run of free slots that a thread allocates from: `cur .. end`.
#[derive(Clone, Copy)]
pub struct Run {
    pub cur: usize,
    pub end: usize,
    /// Block index and the first slot not looked at yet.
    block: u32,
    next: u16,
}

impl Run {
    /// A piece of memory between other objects, in no block that could be searched for more.
    pub fn piece(cur: usize, end: usize) -> Run {
        Run {
            cur,
            end,
            ..Run::EMPTY
        }
    }

    pub const EMPTY: Run = Run {
        cur: 0,
        end: 0,
        block: u32::MAX,
        next: 0,
    };
}

fn reserve(bytes: usize) -> Option<usize> {
    // SAFETY: a fresh anonymous mapping touches nobody's memory.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED {
        None
    } else {
        Some(p as usize)
    }
}

impl Space {
    /// Reserves addresses for a heap of at most `limit` bytes.
    ///
    /// # Panics
    /// If the system grants no range of addresses at all.
    pub fn new(limit: usize) -> Space {
        // Twice the limit leaves room for fragmentation of large runs; only addresses are taken. A native function may make much more than the
        // limit before the next safepoint, where that is told: a list of the characters of a text, say.
        let mut bytes = (limit.saturating_mul(2))
            .clamp(1 << 34, 1 << 40)
            .next_multiple_of(BLOCK);
        loop {
            let blocks = bytes / BLOCK;
            let range = reserve(bytes + BLOCK);
            let meta = reserve(blocks * size_of::<Meta>());
            if let (Some(range), Some(meta)) = (range, meta) {
                return Space {
                    base: range.next_multiple_of(BLOCK),
                    blocks,
                    meta: meta as *const Meta,
                    pools: Mutex::new(Pools {
                        frontier: 0,
                        free: BTreeMap::new(),
                        partial: std::array::from_fn(|_| Vec::new()),
                    }),
                    in_use: AtomicUsize::new(0),
                    limit: AtomicUsize::new(limit),
                };
            }
            assert!(bytes > 1 << 24, "no address space for a heap");
            bytes /= 2;
            bytes = bytes.next_multiple_of(BLOCK);
        }
    }

    pub fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Relaxed)
    }
    /// Bytes in blocks in use.
    pub fn in_use(&self) -> usize {
        self.in_use.load(Relaxed)
    }

    fn meta(&self, block: usize) -> &Meta {
        debug_assert!(block < self.blocks);
        // SAFETY: the metadata mapping has `blocks` entries, and zero bytes are a valid `Meta`.
        unsafe { &*self.meta.add(block) }
    }
    fn address(&self, block: usize) -> usize {
        self.base + block * BLOCK
    }

    fn take_blocks(&self, pools: &mut Pools, count: usize) -> Result<usize, OutOfMemory> {
        if self.in_use.load(Relaxed) + count * BLOCK > self.limit.load(Relaxed) {
            return Err(OutOfMemory);
        }
        let found = pools
            .free
            .iter()
            .find(|&(_, &n)| n >= count)
            .map(|(&s, &n)| (s, n));
        let start = if let Some((start, n)) = found {
            pools.free.remove(&start);
            if n > count {
                pools.free.insert(start + count, n - count);
            }
            start
        } else {
            let start = pools.frontier;
            if start + count > self.blocks {
                return Err(OutOfMemory);
            }
            pools.frontier += count;
            start
        };
        self.in_use.fetch_add(count * BLOCK, Relaxed);
        Ok(start)
    }

    /// The next run of free slots of `class` after `run`; its slots count as taken from here on.
    /// Also returns the bytes claimed.
    pub fn next_run(&self, class: usize, run: Run) -> Result<(Run, usize), OutOfMemory> {
        let (mut block, mut from) = (run.block, run.next);
        loop {
            if block != u32::MAX {
                if let Some((first, end)) = self.claim(block as usize, from) {
                    let size = class_size(class);
                    let start = self.address(block as usize);
                    let run = Run {
                        cur: start + first * size,
                        end: start + end * size,
                        block,
                        next: end as u16,
                    };
                    return Ok((run, (end - first) * size));
                }
            }
            let mut pools = self.pools.lock();
            block = match pools.partial[class].pop() {
                Some(block) => block,
                None => {
                    let block = self.take_blocks(&mut pools, 1)?;
                    let meta = self.meta(block);
                    meta.class.store(class as u8, Relaxed);
                    meta.slots
                        .store((BLOCK / class_size(class)) as u16, Relaxed);
                    for word in &meta.taken {
                        word.store(0, Relaxed);
                    }
                    meta.state.store(State::Small as u8, Release);
                    block as u32
                }
            };
            from = 0;
        }
    }

    /// Finds free slots from `from` on and sets their bits.
    fn claim(&self, block: usize, from: u16) -> Option<(usize, usize)> {
        let meta = self.meta(block);
        let slots = meta.slots.load(Relaxed) as usize;
        let bit = |i: usize| meta.taken[i / 64].load(Relaxed) >> (i % 64) & 1 == 1;
        let mut first = from as usize;
        while first < slots && bit(first) {
            let rest = !meta.taken[first / 64].load(Relaxed) >> (first % 64);
            first = if rest == 0 {
                (first / 64 + 1) * 64
            } else {
                first + rest.trailing_zeros() as usize
            };
        }
        if first >= slots {
            return None;
        }
        // Word by word: up to the next taken slot. The block is the caller's, so that plain stores do.
        let mut end = first;
        while end < slots {
            let word = &meta.taken[end / 64];
            let taken = word.load(Relaxed);
            let free = (taken >> (end % 64)).trailing_zeros() as usize;
            let free = free.min(64 - end % 64).min(slots - end);
            if free == 0 {
                break;
            }
            word.store(taken | (u64::MAX >> (64 - free)) << (end % 64), Relaxed);
            end += free;
        }
        Some((first, end))
    }

    /// Hands back what is left of a run (at a collection, all threads stopped).
    pub fn retire(&self, class: usize, run: Run) {
        let size = class_size(class);
        let mut at = run.cur;
        while at < run.end {
            let (block, slot) = ((at - self.base) / BLOCK, (at - self.base) % BLOCK / size);
            self.meta(block).taken[slot / 64].fetch_and(!(1 << (slot % 64)), Relaxed);
            at += size;
        }
    }

    /// Memory for one large object.
    pub fn large(&self, bytes: usize) -> Result<usize, OutOfMemory> {
        let count = bytes.div_ceil(BLOCK);
        if count > self.blocks {
            return Err(OutOfMemory);
        }
        let start = self.take_blocks(&mut self.pools.lock(), count)?;
        for i in 1..count {
            let meta = self.meta(start + i);
            meta.extent.store(i as u32, Relaxed);
            meta.state.store(State::LargeRest as u8, Release);
        }
        let meta = self.meta(start);
        meta.extent.store(count as u32, Relaxed);
        meta.taken[0].store(1, Relaxed);
        meta.state.store(State::Large as u8, Release);
        Ok(self.address(start))
    }

    /// The start of the object that `word` points to or into, if there is one.
    #[inline]
    pub fn resolve(&self, word: u64) -> Option<usize> {
        let offset = (word as usize).wrapping_sub(self.base);
        let mut block = offset / BLOCK;
        if block >= self.blocks {
            return None;
        }
        let mut meta = self.meta(block);
        match meta.state.load(Acquire) {
            s if s == State::Small as u8 => {
                let size = class_size(meta.class.load(Relaxed) as usize);
                let slot = offset % BLOCK / size;
                if slot >= meta.slots.load(Relaxed) as usize
                    || meta.taken[slot / 64].load(Relaxed) >> (slot % 64) & 1 == 0
                {
                    return None;
                }
                Some(self.address(block) + slot * size)
            }
            s if s == State::Free as u8 => None,
            s => {
                if s == State::LargeRest as u8 {
                    block -= meta.extent.load(Relaxed) as usize;
                    meta = self.meta(block);
                }
                (meta.taken[0].load(Relaxed) & 1 == 1).then(|| self.address(block))
            }
        }
    }

    fn mark_bit(&self, object: usize) -> (&AtomicU64, u64) {
        let offset = object - self.base;
        let meta = self.meta(offset / BLOCK);
        let slot = if meta.state.load(Relaxed) == State::Small as u8 {
            offset % BLOCK / class_size(meta.class.load(Relaxed) as usize)
        } else {
            0
        };
        (&meta.mark[slot / 64], 1 << (slot % 64))
    }

    /// Marks the object at `object` (its start); was it unmarked?
    #[inline]
    pub fn mark(&self, object: usize) -> bool {
        let (word, bit) = self.mark_bit(object);
        word.load(Relaxed) & bit == 0 && word.fetch_or(bit, Relaxed) & bit == 0
    }
    pub fn is_marked(&self, object: usize) -> bool {
        let (word, bit) = self.mark_bit(object);
        word.load(Relaxed) & bit != 0
    }

    /// Unmarks everything, for a walk that is no collection.
    pub fn clear_marks(&self) {
        let frontier = self.pools.lock().frontier;
        for block in 0..frontier {
            for word in &self.meta(block).mark {
                word.store(0, Relaxed);
            }
        }
    }

    /// Calls `f` with the start of every object.
    pub fn for_each_object(&self, mut f: impl FnMut(usize)) {
        let frontier = self.pools.lock().frontier;
        for block in 0..frontier {
            let meta = self.meta(block);
            let state = meta.state.load(Relaxed);
            if state == State::Large as u8 {
                f(self.address(block));
            } else if state == State::Small as u8 {
                let size = class_size(meta.class.load(Relaxed) as usize);
                for slot in 0..meta.slots.load(Relaxed) as usize {
                    if meta.taken[slot / 64].load(Relaxed) >> (slot % 64) & 1 == 1 {
                        f(self.address(block) + slot * size);
                    }
                }
            }
        }
    }

    /// Frees what is not marked; returns the bytes of objects that stay.
    pub fn sweep(&self) -> usize {
        let mut pools = self.pools.lock();
        let pools = &mut *pools;
        pools.partial.iter_mut().for_each(Vec::clear);
        pools.free.clear();
        let (mut live, mut in_use) = (0, 0);
        let mut free_from = None;
        let mut block = 0;
        while block < pools.frontier {
            let meta = self.meta(block);
            let state = meta.state.load(Relaxed);
            let mut extent = 1;
            let mut keep = false;
            if state == State::Small as u8 {
                let class = meta.class.load(Relaxed) as usize;
                let slots = meta.slots.load(Relaxed) as usize;
                let mut count = 0;
                for (taken, mark) in meta.taken.iter().zip(&meta.mark).take(slots.div_ceil(64)) {
                    let bits = mark.swap(0, Relaxed);
                    taken.store(bits, Relaxed);
                    count += bits.count_ones() as usize;
                }
                keep = count > 0;
                live += count * class_size(class);
                if keep && count < slots {
                    pools.partial[class].push(block as u32);
                }
            } else if state == State::Large as u8 {
                extent = meta.extent.load(Relaxed) as usize;
                keep = meta.mark[0].swap(0, Relaxed) & 1 == 1;
                if keep {
                    live += extent * BLOCK;
                } else {
                    // SAFETY: the object in these blocks is dead; the mapping stays, its pages go back.
                    unsafe {
                        libc::madvise(
                            self.address(block) as *mut _,
                            extent * BLOCK,
                            libc::MADV_DONTNEED,
                        )
                    };
                }
            }
            if keep {
                in_use += extent * BLOCK;
                if let Some(start) = free_from.take() {
                    pools.free.insert(start, block - start);
                }
            } else {
                for i in block..block + extent {
                    self.meta(i).state.store(State::Free as u8, Relaxed);
                }
                free_from.get_or_insert(block);
            }
            block += extent;
        }
        if let Some(start) = free_from {
            pools.frontier = start;
        }
        self.in_use.store(in_use, Relaxed);
        live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_and_waste_little() {
        for bytes in 1..=SMALL_MAX {
            let size = class_size(class_of(bytes));
            assert!(size >= bytes && size % 16 == 0);
            assert!(
                bytes < 64 || size - bytes <= bytes / 4 + 16,
                "{bytes} in {size}"
            );
        }
    }

    #[test]
    fn sweep_frees_what_is_not_marked() {
        let space = Space::new(1 << 24);
        let class = class_of(48);
        let (mut run, _) = space.next_run(class, Run::EMPTY).unwrap();
        let mut objects = vec![];
        while run.cur < run.end {
            objects.push(run.cur);
            run.cur += 48;
        }
        let big = space.large(100_000).unwrap();
        let dead = space.large(100_000).unwrap();
        assert_eq!(space.resolve(big as u64 + 70_000), Some(big));
        assert_eq!(space.resolve(objects[3] as u64 + 47), Some(objects[3]));
        for o in objects.iter().step_by(2).chain([&big]) {
            assert!(space.mark(*o) && !space.mark(*o) && space.is_marked(*o));
        }
        space.sweep();
        for (i, o) in objects.iter().enumerate() {
            assert_eq!(space.resolve(*o as u64).is_some(), i % 2 == 0);
        }
        assert_eq!(
            (space.resolve(big as u64), space.resolve(dead as u64)),
            (Some(big), None)
        );
        // The holes are found again, one by one.
        let (run, bytes) = space.next_run(class, Run::EMPTY).unwrap();
        assert_eq!((run.cur, bytes), (objects[1], 48));
        let mut n = 0;
        space.for_each_object(|_| n += 1);
        assert_eq!(n, objects.len().div_ceil(2) + 2);
    }

    #[test]
    fn the_limit_holds() {
        let space = Space::new(10 * BLOCK);
        assert!(space.large(11 * BLOCK).is_err());
        assert!(space.large(6 * BLOCK).is_ok());
        assert!(space.large(6 * BLOCK).is_err());
    }
}
