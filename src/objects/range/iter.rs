//! Iterating over ranges. `range_iterator` counts in machine numbers, `longrange_iterator` in ints of any size.

use num_traits::ToPrimitive;

use super::Range;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::native::{Native, Payload};

/// `range_iterator`.
pub struct RangeIter {
    /// The next item, an `i64`.
    pub next: RawSlot,
    pub step: i64,
    /// How many items are to come.
    pub left: RawSlot,
}

impl Payload for RangeIter {}

/// `longrange_iterator`. Item `i` is `start + i * step`.
struct LongRangeIter {
    start: Value,
    step: Value,
    len: Value,
    /// The number of the next item.
    at: Slot,
}

impl Payload for LongRangeIter {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.start, self.step, self.len]);
        t.slot(&self.at);
    }
}

fn over(th: &mut Thread, start: Value, step: Value, len: Value) -> R<Value> {
    let small = |th: &mut Thread, v: Value| -> R<Option<i64>> { Ok(th.index_of(v)?.to_i64()) };
    if let (Some(i), Some(k), Some(n)) = (small(th, start)?, small(th, step)?, small(th, len)?)
        && k.checked_mul(n).and_then(|d| d.checked_add(i)).is_some()
    {
        let class = th.class_for::<RangeIter>();
        let payload = RangeIter {
            next: RawSlot::new(i as u64),
            step: k,
            left: RawSlot::new(n as u64),
        };
        return Ok(th.new_native(class, payload).value());
    }
    let class = th.class_for::<LongRangeIter>();
    let payload = LongRangeIter {
        start,
        step,
        len,
        at: Slot::new(Value::small(0)),
    };
    Ok(th.new_native(class, payload).value())
}

/// `iter(range)`.
pub fn iter(th: &mut Thread, range: Ref<Range>) -> R<Value> {
    over(th, range.start, range.step, range.len)
}

/// `reversed(range)`.
pub fn reversed(th: &mut Thread, range: Ref<Range>) -> R<Value> {
    let (start, step, len) = (
        th.index_big(range.start)?,
        th.index_big(range.step)?,
        th.index_big(range.len)?,
    );
    let last = th.big(start + (&len - 1u8) * &step);
    let step = th.big(-step);
    over(th, last, step, range.len)
}

impl RangeIter {
    /// The next item, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<RangeIter>>) -> R<Value> {
        let (next, left) = th.read(it, |it| (it.next.peek() as i64, it.left.peek()))?;
        if left == 0 {
            return Ok(Value::NULL);
        }
        // The sum of all steps is known to fit.
        th.set_raw(it, &it.next, next.wrapping_add(it.step) as u64)?;
        th.set_raw(it, &it.left, left - 1)?;
        Ok(th.int(next))
    }
}

fn long_next(th: &mut Thread, it: Ref<Native<LongRangeIter>>) -> R<Value> {
    let at = th.get(it, &it.at)?;
    let (i, len) = (th.index_big(at)?, th.index_big(it.len)?);
    if i >= len {
        return Ok(Value::NULL);
    }
    let item = th.index_big(it.start)? + &i * th.index_big(it.step)?;
    let next = th.big(i + 1u8);
    th.set(it, &it.at, next)?;
    Ok(th.big(item))
}

fn this(a: &[Value]) -> Ref<Native<RangeIter>> {
    a[0].native().expect("the receiver's class was checked")
}
fn this_long(a: &[Value]) -> Ref<Native<LongRangeIter>> {
    a[0].native().expect("the receiver's class was checked")
}

/// `(iter, (range(start, start + len * step, step),), None)`
fn reduce(th: &mut Thread, start: Value, step: Value, len: Value) -> R<Value> {
    let stop = th.index_big(start)? + th.index_big(len)? * th.index_big(step)?;
    let stop = th.big(stop);
    let range = th.range_of(start, stop, step)?.value();
    let f = th.builtin("iter")?;
    let args = th.tuple_value(&[range]);
    Ok(th.tuple_value(&[f, args, Value::NONE]))
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<RangeIter>("range_iterator", NO_NEW, |t| {
        t.iterator(|th, v| RangeIter::next(th, this(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this(a);
                let left = th.get_raw(it, &it.left)?;
                Ok(th.int(left as i64))
            }),
            ("__reduce__(self, /)", |th, a| {
                let it = this(a);
                let (next, left) = th.read(it, |it| (it.next.peek(), it.left.peek()))?;
                let (next, left) = (th.int(next as i64), th.int(left as i64));
                let step = th.int(it.step);
                reduce(th, next, step, left)
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this(a);
                let by = th.index_big(a[1])?;
                let (next, left) = th.read(it, |it| (it.next.peek() as i64, it.left.peek()))?;
                let by = by.to_i64().unwrap_or(i64::MAX).clamp(0, left as i64);
                th.set_raw(it, &it.next, next.wrapping_add(by * it.step) as u64)?;
                th.set_raw(it, &it.left, left - by as u64)?;
                Ok(Value::NONE)
            }),
        ]);
    });
    th.new_type::<LongRangeIter>("longrange_iterator", NO_NEW, |t| {
        t.iterator(|th, v| long_next(th, this_long(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this_long(a);
                let at = th.get(it, &it.at)?;
                let left = th.index_big(it.len)? - th.index_big(at)?;
                Ok(th.big(left))
            }),
            ("__reduce__(self, /)", |th, a| {
                let it = this_long(a);
                let at = th.get(it, &it.at)?;
                let (at, step) = (th.index_big(at)?, th.index_big(it.step)?);
                let left = th.index_big(it.len)? - &at;
                let next = th.index_big(it.start)? + at * step;
                let (next, left) = (th.big(next), th.big(left));
                reduce(th, next, it.step, left)
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this_long(a);
                let len = th.index_big(it.len)?;
                let at = th.index_big(a[1])?.clamp(0.into(), len);
                let at = th.big(at);
                th.set(it, &it.at, at)?;
                Ok(Value::NONE)
            }),
        ]);
    });
}
