//! `list`: the layout and the operations that the rest of the interpreter uses.
//!
//! A list holds its length and a [`ValueBuf`], which knows its own capacity. Buffers of 128 slots or more have a version word
//! for each 64 slots (a stripe). The **guard** of a slot is its stripe, or the list's header where there are none; that of the
//! length is the buffer's header, or the list's.
//!
//! # Invariants
//!
//! 1. `buf` is guarded by the list's header, a slot and the length by their guards. Every access reads `buf` first. So items of different stripes,
//!    and the length, change without conflict; what replaces the buffer conflicts with every access.
//! 2. Slots beyond the length are null, all others are not. So a slot itself tells whether there is such an item, and only who asks for the length
//!    depends on it.
//! 3. A new buffer is made from what was read under the guards of the old one, which are then in the read set: a store to the old
//!    buffer by somebody else and the replacement cannot both commit.
//! 4. The old buffer stays as it was, for readers of older snapshots and for the undo log.
//! 5. Who replaces the buffer owns the list's header and the old guard of the length, and stores the length too, under the header: so nobody reads
//!    a new length beside an old buffer, and there is an undo entry for it though the new buffer is of this block.

mod buffer;
mod iter;
mod methods;
mod sort;
#[cfg(test)]
mod tests;

pub use buffer::ValueBuf;
pub use iter::{ListIter, iter, reversed};
pub use methods::{get_slice, init, set_slice};

use super::class::Class;
use crate::heap::{Header, Kind, Layout, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use buffer::STRIPE;

/// The layout of `list`.
#[repr(C)]
pub struct List {
    header: Header,
    pub(crate) len: RawSlot,
    /// A `ValueBuf`, or null if there never were items.
    pub(crate) buf: Slot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for List {
    const KIND: Kind = Kind::List;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
}

/// Moving more items than this within a buffer is logged item by item; from here on a new buffer is cheaper.
const SHIFT_LIMIT: usize = 32;

/// The capacity for a list that grows to `len` items.
fn roomy(len: usize) -> usize {
    len + len / 8 + if len < 9 { 3 } else { 6 }
}

impl List {
    /// A new list of `items`.
    #[inline]
    pub fn new(th: &mut Thread, items: &[Value]) -> Ref<List> {
        let class = th.rt.types().list;
        List::of_class(th, class, items)
    }
    /// A new list of `items`.
    pub fn from_vec(th: &mut Thread, items: Vec<Value>) -> Ref<List> {
        List::new(th, &items)
    }
    /// A new instance of `list` or a subclass.
    pub fn of_class(th: &mut Thread, class: Ref<Class>, items: &[Value]) -> Ref<List> {
        let buf = if items.is_empty() {
            Value::NULL
        } else {
            ValueBuf::filled(th, items, items.len()).value()
        };
        let list = List {
            header: Header::empty(),
            len: RawSlot::new(items.len() as u64),
            buf: Slot::new(buf),
        };
        th.alloc(class.root_shape(), list, 0)
    }
}

fn buffer(v: Value) -> Option<Ref<ValueBuf>> {
    // SAFETY: a list's `buf` is a buffer or null.
    v.non_null().map(|v| unsafe { Ref::from_value(v) })
}

impl Ref<List> {
    #[inline]
    pub fn len(self, th: &mut Thread) -> R<usize> {
        Ok(self.parts(th)?.0)
    }
    /// Length and buffer at one moment.
    #[inline(always)]
    fn parts(self, th: &mut Thread) -> R<(usize, Option<Ref<ValueBuf>>)> {
        let (mut len, buf) = th.read(self, |l| (l.len.peek(), l.buf.peek()))?;
        let buf = buffer(buf);
        if let Some(buf) = buf
            && buf.is_striped()
        {
            len = th.read(buf, |_| self.len.peek())?;
        }
        Ok((len as usize, buf))
    }
    /// The buffer, if there is one.
    #[inline(always)]
    fn buffer(self, th: &mut Thread) -> R<Option<Ref<ValueBuf>>> {
        Ok(buffer(th.get(self, &self.buf)?))
    }
    /// Item `i`, or null if there are not so many.
    #[inline]
    pub fn get(self, th: &mut Thread, i: usize) -> R<Value> {
        if let Some(buf) = self.buffer(th)?
            && let Some(slot) = buf.slots().get(i)
        {
            return th.read_at(buf.guard(self.header(), i), || slot.peek());
        }
        Ok(Value::NULL)
    }
    /// Sets item `i`; `false` if there are not so many.
    #[inline]
    pub fn set(self, th: &mut Thread, i: usize, v: Value) -> R<bool> {
        if let Some(buf) = self.buffer(th)?
            && let Some(slot) = buf.slots().get(i)
        {
            let guard = buf.guard(self.header(), i);
            th.own_at(guard)?;
            if !slot.peek().is_null() {
                th.set_at(guard, slot, v)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes the right to change the length, and returns what it guards: length and buffer.
    #[inline(always)]
    fn own_length(self, th: &mut Thread) -> R<(usize, Option<Ref<ValueBuf>>)> {
        let buf = self.buffer(th)?;
        match buf {
            Some(buf) => th.own_at(buf.length_guard(self.header()))?,
            None => th.own(self)?,
        }
        Ok((self.len.peek() as usize, buf))
    }

    /// Replaces buffer and length: see invariant 5.
    fn replace(self, th: &mut Thread, buf: Value, len: usize) -> R<()> {
        th.own(self)?;
        self.own_length(th)?;
        th.set(self, &self.buf, buf)?;
        th.set_raw(self, &self.len, len as u64)
    }

    /// Replaces the buffer by one of the same items with room for `capacity`.
    #[cold]
    fn grow(self, th: &mut Thread, capacity: usize) -> R<Ref<ValueBuf>> {
        th.check_size(capacity * size_of::<Value>())?;
        th.own(self)?;
        let items = self.items(th)?;
        let buf = ValueBuf::filled(th, &items, capacity);
        self.replace(th, buf.value(), items.len())?;
        Ok(buf)
    }
    /// Appends an item.
    #[inline]
    pub fn push(self, th: &mut Thread, v: Value) -> R<()> {
        let (len, buf) = self.own_length(th)?;
        let buf = match buf {
            Some(buf) if len < buf.capacity() => buf,
            _ => self.grow(th, roomy(len + 1))?,
        };
        th.set_at(buf.guard(self.header(), len), &buf.slots()[len], v)?;
        th.set_raw_at(buf.length_guard(self.header()), &self.len, len as u64 + 1)
    }
    /// Removes and returns the last item; null if there is none.
    #[inline]
    pub fn pop(self, th: &mut Thread) -> R<Value> {
        match self.own_length(th)? {
            (len, Some(buf)) if len > 0 => {
                let guard = buf.guard(self.header(), len - 1);
                let slot = &buf.slots()[len - 1];
                th.own_at(guard)?;
                let v = slot.peek();
                th.set_at(guard, slot, Value::NULL)?;
                th.set_raw_at(buf.length_guard(self.header()), &self.len, len as u64 - 1)?;
                Ok(v)
            }
            _ => Ok(Value::NULL),
        }
    }
    /// The slots, where neither barriers nor an undo log are needed: with barriers off, or for a list and a buffer that the
    /// running block made.
    #[inline]
    pub(crate) fn plain_slots(self, th: &Thread) -> Option<&'static [Slot]> {
        let buf = buffer(self.buf.peek())?;
        if th.barriers && !(th.is_fresh(self.header()) && th.is_fresh(buf.header())) {
            return None;
        }
        let slots: *const [Slot] = buf.slots();
        // SAFETY: the buffer lives as long as the caller's stack refers to the list and nothing replaces it.
        Some(unsafe { &*slots })
    }
    /// Inserts before item `i`, at the end if there are not so many.
    pub fn insert(self, th: &mut Thread, i: usize, v: Value) -> R<()> {
        th.own(self)?;
        let len = self.len(th)?;
        if i >= len {
            return self.push(th, v);
        }
        if th.barriers && len - i > SHIFT_LIMIT {
            let mut items = self.items(th)?;
            items.insert(i, v);
            return self.assign(th, &items);
        }
        let last = self.get(th, len - 1)?;
        self.push(th, last)?;
        if let Some(slots) = self.plain_slots(th) {
            for at in (i + 1..len).rev() {
                slots[at].init(slots[at - 1].peek());
            }
            slots[i].init(v);
            return Ok(());
        }
        for at in (i + 1..len).rev() {
            let moved = self.get(th, at - 1)?;
            self.set(th, at, moved)?;
        }
        self.set(th, i, v)?;
        Ok(())
    }
    /// Removes item `i`, which exists, and returns it.
    pub fn remove_at(self, th: &mut Thread, i: usize) -> R<Value> {
        th.own(self)?;
        let len = self.len(th)?;
        let v = self.get(th, i)?;
        if th.barriers && len - i > SHIFT_LIMIT {
            let mut items = self.items(th)?;
            items.remove(i);
            self.assign(th, &items)?;
            return Ok(v);
        }
        if let Some(slots) = self.plain_slots(th) {
            for at in i + 1..len {
                slots[at - 1].init(slots[at].peek());
            }
        } else {
            for at in i + 1..len {
                let moved = self.get(th, at)?;
                self.set(th, at - 1, moved)?;
            }
        }
        self.pop(th)?;
        Ok(v)
    }
    /// Appends several items at once.
    pub fn push_all(self, th: &mut Thread, items: &[Value]) -> R<()> {
        if items.is_empty() {
            return Ok(());
        }
        let (len, buf) = self.own_length(th)?;
        let total = len + items.len();
        let buf = match buf {
            Some(buf) if total <= buf.capacity() => buf,
            // An exact fit for a list that is filled once, room for one that grows.
            _ => self.grow(th, if len == 0 { total } else { roomy(total) })?,
        };
        for (i, &v) in items.iter().enumerate() {
            th.set_at(buf.guard(self.header(), len + i), &buf.slots()[len + i], v)?;
        }
        th.set_raw_at(buf.length_guard(self.header()), &self.len, total as u64)
    }
    /// Appends the items of any iterable.
    pub fn extend(self, th: &mut Thread, iterable: Value) -> R<()> {
        if let Some(items) = th.quick_items(iterable)? {
            return self.push_all(th, &items);
        }
        th.for_each(iterable, |th, v| {
            self.push(th, v)?;
            Ok(true)
        })
    }
    /// All items at one moment. Not rooted: see the rule in `heap::object`.
    pub fn items(self, th: &mut Thread) -> R<Vec<Value>> {
        self.slice(th, 0, usize::MAX)
    }
    /// The items from `from` up to `to` (as far as there are so many), at one moment. Not rooted.
    pub fn slice(self, th: &mut Thread, from: usize, to: usize) -> R<Vec<Value>> {
        let (len, buf) = self.parts(th)?;
        let to = to.min(len);
        let Some(buf) = buf.filter(|_| from < to) else {
            return Ok(vec![]);
        };
        let slots = &buf.slots()[from..to];
        if !th.barriers || self.header().orec().is_private() {
            return Ok(slots.iter().map(Slot::peek).collect());
        }
        let mut items = Vec::with_capacity(to - from);
        let mut at = from;
        while at < to {
            let end = ((at / STRIPE + 1) * STRIPE).min(to);
            let slots = &buf.slots()[at..end];
            let stretch: [Value; STRIPE] = th.read_at(buf.guard(self.header(), at), || {
                std::array::from_fn(|j| slots.get(j).map_or(Value::NULL, Slot::peek))
            })?;
            items.extend_from_slice(&stretch[..end - at]);
            at = end;
        }
        Ok(items)
    }
    /// Makes `items` the list's items.
    pub fn assign(self, th: &mut Thread, items: &[Value]) -> R<()> {
        th.own(self)?;
        let (len, buf) = self.own_length(th)?;
        if let Some(buf) = buf {
            // Whoever is about to store into the old buffer must not do so unseen.
            for orec in buf.orecs() {
                th.read_at(orec, || ())?;
            }
            let fits = items.len() <= buf.capacity() && buf.capacity() / 2 <= items.len() + 8;
            if !th.barriers && fits {
                for (s, v) in buf.slots().iter().zip(items) {
                    s.init(*v)
                }
                for s in &buf.slots()[items.len()..len.max(items.len())] {
                    s.init(Value::NULL)
                }
                return th.set_raw(self, &self.len, items.len() as u64);
            }
        }
        let buf = if items.is_empty() {
            Value::NULL
        } else {
            ValueBuf::filled(th, items, items.len()).value()
        };
        self.replace(th, buf, items.len())
    }
}

impl Thread {
    /// The items of exact lists and tuples, which need no iterator.
    pub(crate) fn quick_items(&mut self, v: Value) -> R<Option<Vec<Value>>> {
        let types = self.rt.types();
        if let Some(list) = v.cast::<List>().filter(|_| self.class_of(v) == types.list) {
            return Ok(Some(list.items(self)?));
        }
        if let Some(tuple) = v
            .cast::<super::tuple::Tuple>()
            .filter(|_| self.class_of(v) == types.tuple)
        {
            return Ok(Some(tuple.items().to_vec()));
        }
        Ok(None)
    }
}
