//! The layout of `deque`, and its operations.
//!
//! The items lie in a doubly linked list of chunks. An item has an absolute position, which never changes: the chunk that
//! holds position `p` begins at a multiple of [`CHUNK`], and `p` is in its slot `p % CHUNK`. Each of the two ends is an object with
//! a version word of its own, and so is each chunk.
//!
//! # Invariants
//!
//! 1. The left end's position is that of the first item; the right end's is one past the last item. Each end's chunk is the one that
//!    holds its position. So there always is at least one chunk, and the last one has a free slot.
//! 2. The first chunk has no `prev`, the last one no `next`. Slots outside the two positions are null.
//! 3. A chunk that has a `next` is not the last one: what the left end points to is an item, whatever the right end says. Likewise on
//!    the right for a chunk that has a `prev`.
//!
//! By the third, who pops at one end of a long deque does not look at the other end, and does not conflict with who works there. A
//! deque that shrinks to one chunk writes `prev` or `next` of that chunk, which the other side has then read.

use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::Class;
use crate::objects::list::ValueBuf;
use crate::objects::native::{Native, Payload};

/// Items per chunk.
pub const CHUNK: u64 = 64;
/// Slots of a chunk that hold its neighbours, behind the items.
const PREV: usize = CHUNK as usize;
const NEXT: usize = PREV + 1;
/// Where the positions start: far from both limits.
const ORIGIN: u64 = 1 << 62;
/// Up to this distance an item is looked for from its own end, without asking for the length.
const NEAR: u64 = 4 * CHUNK;

type Chunk = Ref<ValueBuf>;

/// `collections.deque`.
pub struct Deque {
    /// Two [`End`]s.
    left: Value,
    right: Value,
    /// The maximal length + 1, or 0 for none.
    maxlen: RawSlot,
}

impl Payload for Deque {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.left, self.right]);
    }
}

/// One end of a deque.
pub struct End {
    chunk: Slot,
    at: RawSlot,
    /// Counts what happened at this end, for iterators to see.
    changes: RawSlot,
}

impl Payload for End {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.chunk);
    }
}

/// Which end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

fn new_chunk(th: &mut Thread) -> Chunk {
    ValueBuf::new(th, NEXT + 1)
}

fn chunk_of(v: Value) -> Chunk {
    // SAFETY: an end's chunk and a chunk's neighbours are chunks; the callers have excluded null.
    unsafe { Ref::from_value(v) }
}

fn slot_of(at: u64) -> usize {
    (at % CHUNK) as usize
}

/// A deque.
pub type DequeRef = Ref<Native<Deque>>;

impl Deque {
    /// A new empty deque.
    pub fn new(th: &mut Thread, class: Ref<Class>) -> DequeRef {
        let chunk = new_chunk(th).value();
        let mut end = || {
            let payload = End {
                chunk: Slot::new(chunk),
                at: RawSlot::new(ORIGIN),
                changes: RawSlot::new(0),
            };
            let class = th.class_for::<End>();
            th.new_native(class, payload).value()
        };
        let payload = Deque {
            left: end(),
            right: end(),
            maxlen: RawSlot::new(0),
        };
        th.new_native(class, payload)
    }

    fn end(&self, side: Side) -> Ref<Native<End>> {
        let v = match side {
            Side::Left => self.left,
            Side::Right => self.right,
        };
        v.native().expect("the ends are made with the deque")
    }
}

impl Ref<Native<End>> {
    /// Position and chunk at one moment.
    fn place(self, th: &mut Thread) -> R<(u64, Chunk)> {
        let (at, chunk) = th.read(self, |e| (e.at.peek(), e.chunk.peek()))?;
        Ok((at, chunk_of(chunk)))
    }
    fn move_to(self, th: &mut Thread, at: u64, chunk: Option<Chunk>) -> R<()> {
        th.set_raw(self, &self.at, at)?;
        if let Some(chunk) = chunk {
            th.set(self, &self.chunk, chunk.value())?;
        }
        let changes = self.changes.peek();
        th.set_raw(self, &self.changes, changes + 1)
    }
}

impl Ref<Native<Deque>> {
    /// The maximal length, if there is one.
    pub fn maxlen(self, th: &mut Thread) -> R<Option<u64>> {
        Ok(th.get_raw(self, &self.maxlen)?.checked_sub(1))
    }
    pub fn set_maxlen(self, th: &mut Thread, maxlen: Option<u64>) -> R<()> {
        th.set_raw(self, &self.maxlen, maxlen.map_or(0, |n| n + 1))
    }
    pub fn len(self, th: &mut Thread) -> R<u64> {
        let (left, right) = (self.end(Side::Left), self.end(Side::Right));
        Ok(th.get_raw(right, &right.at)? - th.get_raw(left, &left.at)?)
    }
    /// A number that differs after every change of the items' number or order.
    pub fn changes(self, th: &mut Thread) -> R<u64> {
        let (left, right) = (self.end(Side::Left), self.end(Side::Right));
        Ok(th
            .get_raw(right, &right.changes)?
            .wrapping_add(th.get_raw(left, &left.changes)?))
    }

    /// Adds an item at an end, whatever the maximal length.
    #[inline]
    pub fn push(self, th: &mut Thread, side: Side, v: Value) -> R<()> {
        let end = self.end(side);
        th.own(end)?;
        let (at, chunk) = end.place(th)?;
        match side {
            Side::Right => {
                th.set(chunk, &chunk.slots()[slot_of(at)], v)?;
                let mut moved = None;
                if slot_of(at + 1) == 0 {
                    let next = new_chunk(th);
                    next.slots()[PREV].init(chunk.value());
                    th.set(chunk, &chunk.slots()[NEXT], next.value())?;
                    moved = Some(next);
                }
                end.move_to(th, at + 1, moved)
            }
            Side::Left => {
                let mut to = chunk;
                if slot_of(at) == 0 {
                    to = new_chunk(th);
                    to.slots()[NEXT].init(chunk.value());
                    th.set(chunk, &chunk.slots()[PREV], to.value())?;
                }
                th.set(to, &to.slots()[slot_of(at - 1)], v)?;
                end.move_to(th, at - 1, (to != chunk).then_some(to))
            }
        }
    }

    /// Is there an item at this end, which is in `chunk`? The other end is only looked at if the chunk is its too.
    fn has_item(self, th: &mut Thread, side: Side, at: u64, chunk: Chunk) -> R<bool> {
        let (beyond, other) = match side {
            Side::Left => (NEXT, Side::Right),
            Side::Right => (PREV, Side::Left),
        };
        if !th.get(chunk, &chunk.slots()[beyond])?.is_null() {
            return Ok(true);
        }
        let other = self.end(other);
        Ok(th.get_raw(other, &other.at)? != at)
    }

    /// Removes the item at an end; null if there is none.
    #[inline]
    pub fn pop(self, th: &mut Thread, side: Side) -> R<Value> {
        let end = self.end(side);
        let (at, chunk) = end.place(th)?;
        if !self.has_item(th, side, at, chunk)? {
            return Ok(Value::NULL);
        }
        th.own(end)?;
        match side {
            Side::Left => {
                let slot = &chunk.slots()[slot_of(at)];
                let v = th.get(chunk, slot)?;
                th.set(chunk, slot, Value::NULL)?;
                let mut moved = None;
                if slot_of(at + 1) == 0 {
                    let next = chunk_of(th.get(chunk, &chunk.slots()[NEXT])?);
                    th.set(next, &next.slots()[PREV], Value::NULL)?;
                    moved = Some(next);
                }
                end.move_to(th, at + 1, moved)?;
                Ok(v)
            }
            Side::Right => {
                let mut from = chunk;
                if slot_of(at) == 0 {
                    from = chunk_of(th.get(chunk, &chunk.slots()[PREV])?);
                    th.set(from, &from.slots()[NEXT], Value::NULL)?;
                }
                let slot = &from.slots()[slot_of(at - 1)];
                let v = th.get(from, slot)?;
                th.set(from, slot, Value::NULL)?;
                end.move_to(th, at - 1, (from != chunk).then_some(from))?;
                Ok(v)
            }
        }
    }

    /// Adds an item at an end, and drops one at the other end if there would be too many.
    #[inline]
    pub fn append(self, th: &mut Thread, side: Side, v: Value) -> R<()> {
        if let Some(max) = self.maxlen(th)? {
            if max == 0 {
                return Ok(());
            }
            self.push(th, side, v)?;
            if self.len(th)? > max {
                let other = match side {
                    Side::Left => Side::Right,
                    Side::Right => Side::Left,
                };
                self.pop(th, other)?;
            }
            return Ok(());
        }
        self.push(th, side, v)
    }

    /// The chunk and slot of the item with index `i`, counted from the right if negative.
    fn find(self, th: &mut Thread, i: i64) -> R<Option<(Chunk, usize)>> {
        let mut i = i;
        if i.unsigned_abs() > NEAR {
            let len = self.len(th)? as i64;
            let index = if i < 0 { i + len } else { i };
            if index < 0 || index >= len {
                return Ok(None);
            }
            i = if index > len / 2 { index - len } else { index };
        }
        let side = if i < 0 { Side::Right } else { Side::Left };
        let (at, mut chunk) = self.end(side).place(th)?;
        let target = at.wrapping_add(i as u64);
        let (beyond, mut steps) = match side {
            Side::Left => (NEXT, target / CHUNK - at / CHUNK),
            Side::Right => (PREV, at / CHUNK - target / CHUNK),
        };
        while steps > 0 {
            let next = th.get(chunk, &chunk.slots()[beyond])?;
            if next.is_null() {
                return Ok(None);
            }
            chunk = chunk_of(next);
            steps -= 1;
        }
        // Slots outside the positions are null: no need to look at the other end.
        let slot = slot_of(target);
        let there = !th.get(chunk, &chunk.slots()[slot])?.is_null();
        Ok(there.then_some((chunk, slot)))
    }
    /// The item with index `i`, counted from the right if negative; null if there are not so many.
    pub fn get(self, th: &mut Thread, i: i64) -> R<Value> {
        match self.find(th, i)? {
            Some((chunk, slot)) => th.get(chunk, &chunk.slots()[slot]),
            None => Ok(Value::NULL),
        }
    }
    /// Replaces the item with index `i`; `false` if there are not so many.
    pub fn set(self, th: &mut Thread, i: i64, v: Value) -> R<bool> {
        match self.find(th, i)? {
            Some((chunk, slot)) => {
                th.set(chunk, &chunk.slots()[slot], v)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }
    /// All items. Not rooted.
    pub fn items(self, th: &mut Thread) -> R<Vec<Value>> {
        let (mut at, mut chunk) = self.end(Side::Left).place(th)?;
        let right = self.end(Side::Right);
        let to = th.get_raw(right, &right.at)?;
        let mut items = Vec::with_capacity((to - at) as usize);
        while at < to {
            let end = (at / CHUNK * CHUNK + CHUNK).min(to);
            let (values, next) = th.read(chunk, |c| {
                let slots = c.slots();
                let values: [Value; CHUNK as usize] = std::array::from_fn(|i| slots[i].peek());
                (values, slots[NEXT].peek())
            })?;
            items.extend_from_slice(&values[slot_of(at)..slot_of(at) + (end - at) as usize]);
            at = end;
            if at < to {
                chunk = chunk_of(next);
            }
        }
        Ok(items)
    }
    /// Removes everything.
    pub fn clear(self, th: &mut Thread) -> R<()> {
        let chunk = new_chunk(th);
        for side in [Side::Left, Side::Right] {
            let end = self.end(side);
            th.own(end)?;
            end.move_to(th, ORIGIN, Some(chunk))?;
        }
        Ok(())
    }
    /// Takes `n` items from the right to the left, or if negative the other way.
    pub fn rotate(self, th: &mut Thread, n: i64) -> R<()> {
        let len = self.len(th)? as i64;
        if len <= 1 {
            return Ok(());
        }
        let mut n = n % len;
        if n > len / 2 {
            n -= len;
        } else if n < -(len / 2) {
            n += len;
        }
        let (from, to) = if n > 0 {
            (Side::Right, Side::Left)
        } else {
            (Side::Left, Side::Right)
        };
        for _ in 0..n.abs() {
            let v = self.pop(th, from)?;
            self.push(th, to, v)?;
        }
        Ok(())
    }
}
