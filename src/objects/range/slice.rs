//! `slice`: what it means in a sequence of any length, and its methods.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::Slice;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::native::tuple_items;
use crate::objects::protocol::Cmp;
use crate::objects::special::Sp;
use crate::objects::tuple::combine_hashes;

/// A slice with its bounds brought into a sequence.
pub(super) struct BigSlice {
    pub start: BigInt,
    pub stop: BigInt,
    pub step: BigInt,
}

/// A part of a slice, if it is not `None`.
fn part(th: &mut Thread, v: Value) -> R<Option<BigInt>> {
    if v.is_none() {
        return Ok(None);
    }
    if th.special(v, Sp::Index).is_null() {
        return Err(
            th.type_error("slice indices must be integers or None or have an __index__ method")
        );
    }
    Ok(Some(th.index_big(v)?))
}

/// What a slice means in a sequence of `len` items.
pub(super) fn slice_bounds(th: &mut Thread, slice: Ref<Slice>, len: &BigInt) -> R<BigSlice> {
    let step = part(th, slice.step)?.unwrap_or_else(|| 1.into());
    if step.is_zero() {
        return Err(th.value_error("slice step cannot be zero"));
    }
    let down = step.is_negative();
    // Downward slices may stop before the first item, upward ones after the last.
    let (low, high): (BigInt, BigInt) = if down {
        ((-1).into(), len - 1u8)
    } else {
        (0.into(), len.clone())
    };
    let clamp = |at: BigInt| {
        let at = if at.is_negative() { at + len } else { at };
        at.clamp(low.clone(), high.clone())
    };
    let start = part(th, slice.start)?.map(clamp);
    let stop = part(th, slice.stop)?.map(clamp);
    let (first, last) = if down { (high, low) } else { (low, high) };
    Ok(BigSlice {
        start: start.unwrap_or(first),
        stop: stop.unwrap_or(last),
        step,
    })
}

/// The receiver; the call has checked its class.
fn this(a: &[Value]) -> Ref<Slice> {
    a[0].cast().expect("the receiver's class was checked")
}

/// The setter of what cannot be set.
pub(super) fn read_only(th: &mut Thread, _: Value, _: Value) -> R<()> {
    Err(th.attribute_error("readonly attribute"))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let none = Value::NONE;
    let args = tuple_items(a[1]);
    let slice = match *args {
        [stop] => th.slice(none, stop, none),
        [start, stop] => th.slice(start, stop, none),
        [start, stop, step] => th.slice(start, stop, step),
        [] => return Err(th.type_error("slice expected at least 1 argument, got 0")),
        _ => {
            let n = args.len();
            return Err(th.type_error(format!("slice expected at most 3 arguments, got {n}")));
        }
    };
    Ok(slice.value())
}

/// `(start, stop, step)`
fn parts(th: &mut Thread, slice: Ref<Slice>) -> Value {
    th.tuple_value(&[slice.start, slice.stop, slice.step])
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let Some(other) = a[1].cast::<Slice>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = (parts(th, this(a)), parts(th, other));
    th.compare(op, x, y)
}

fn indices(th: &mut Thread, a: &[Value]) -> R<Value> {
    let len = th.index_big(a[1])?;
    if len.is_negative() {
        return Err(th.value_error("length should not be negative"));
    }
    let bounds = slice_bounds(th, this(a), &len)?;
    let start = th.big(bounds.start);
    let stop = th.big(bounds.stop);
    let step = th.big(bounds.step);
    Ok(th.tuple_value(&[start, stop, step]))
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let slice = this(a);
    let mut hashes = [0; 3];
    for (h, v) in hashes.iter_mut().zip([slice.start, slice.stop, slice.step]) {
        *h = th.hash_value(v)?;
    }
    Ok(match combine_hashes(hashes) as i64 {
        -1 => th.int(1_546_275_796),
        h => th.int(h),
    })
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let slice = this(a);
    let start = th.repr(slice.start)?;
    let stop = th.repr(slice.stop)?;
    let step = th.repr(slice.step)?;
    let mut out = rustpython_wtf8::Wtf8Buf::new();
    for (before, part) in [("slice(", start), (", ", stop), (", ", step)] {
        out.push_str(before);
        out.push_wtf8(part.as_wtf8());
    }
    out.push_str(")");
    Ok(th.str_wtf8(&out).value())
}

pub(super) fn init(th: &mut Thread) {
    th.fill(th.rt.types().slice, |t| {
        t.doc(
            "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing \
             (e.g. a[0:10:2]).",
        );
        t.new("slice(cls, /, *args)", new);
        t.getset("start", |_, v| Ok(this(&[v]).start), Some(read_only));
        t.getset("stop", |_, v| Ok(this(&[v]).stop), Some(read_only));
        t.getset("step", |_, v| Ok(this(&[v]).step), Some(read_only));
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
            ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
            ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
            ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
            ("indices(self, object, /)", indices),
            ("__reduce__(self, /)", |th, a| {
                let args = parts(th, this(a));
                let class = th.class_of(a[0]).value();
                Ok(th.tuple_value(&[class, args]))
            }),
        ]);
    });
}
