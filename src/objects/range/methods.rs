//! The methods of `range`.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::slice::{BigSlice, read_only, slice_bounds};
use super::{Range, Slice, iter};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::native::tuple_items;
use crate::objects::protocol::Cmp;
use crate::objects::tuple::tuple_hash;

/// How many items there are from `start` to `stop` by `step`, which is not zero.
fn length(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    let distance = if step.is_positive() {
        stop - start
    } else {
        start - stop
    };
    if !distance.is_positive() {
        return BigInt::zero();
    }
    (distance - 1u8).div_floor(&step.abs()) + 1u8
}

impl Thread {
    /// `range(start, stop, step)` of ints of any size; ValueError if the step is zero.
    pub fn range_of(&mut self, start: Value, stop: Value, step: Value) -> R<Ref<Range>> {
        if let (Some(i), Some(j), Some(k)) = (start.as_int(), stop.as_int(), step.as_int()) {
            let len = match k {
                0 => return Err(self.value_error("range() arg 3 must not be zero")),
                1.. if i < j => (j - i - 1) / k + 1,
                ..0 if i > j => (i - j - 1) / -k + 1,
                _ => 0,
            };
            let len = self.int(len);
            return Ok(self.range(start, stop, step, len));
        }
        let (i, j, k) = (
            self.index_big(start)?,
            self.index_big(stop)?,
            self.index_big(step)?,
        );
        if k.is_zero() {
            return Err(self.value_error("range() arg 3 must not be zero"));
        }
        let len = self.big(length(&i, &j, &k));
        Ok(self.range(start, stop, step, len))
    }
}

impl Range {
    /// Start, step and length, if all three and the stop are small.
    #[inline]
    pub fn small(&self) -> Option<(i64, i64, i64)> {
        self.stop.as_int()?;
        Some((
            self.start.as_int()?,
            self.step.as_int()?,
            self.len.as_int()?,
        ))
    }

    fn parts(&self, th: &mut Thread) -> R<(BigInt, BigInt, BigInt)> {
        Ok((
            th.index_big(self.start)?,
            th.index_big(self.step)?,
            th.index_big(self.len)?,
        ))
    }
}

impl Ref<Range> {
    /// Item `i` (not negative), or null if there are not so many.
    #[inline]
    pub fn get(self, th: &mut Thread, i: usize) -> R<Value> {
        if let Some((start, step, len)) = self.small() {
            return Ok(if (i as i64) < len {
                // Within 51 bits: between start and stop.
                Value::small(start + step * i as i64)
            } else {
                Value::NULL
            });
        }
        let (start, step, len) = self.parts(th)?;
        let i = BigInt::from(i);
        Ok(if i < len {
            th.big(start + step * i)
        } else {
            Value::NULL
        })
    }

    /// The position of an int.
    fn position(self, th: &mut Thread, v: Value) -> R<Option<Value>> {
        if let (Some((start, step, len)), Some(v)) = (self.small(), v.as_int()) {
            // Both are of 51 bits, so the difference is a machine number.
            let distance = v - start;
            let found = distance % step == 0 && (0..len).contains(&(distance / step));
            return Ok(found.then(|| Value::small(distance / step)));
        }
        let (start, step, len) = self.parts(th)?;
        let (at, rest) = (th.index_big(v)? - start).div_mod_floor(&step);
        if rest.is_zero() && !at.is_negative() && at < len {
            return Ok(Some(th.big(at)));
        }
        Ok(None)
    }
}

/// The receiver; the call has checked its class.
#[inline(always)]
fn this(a: &[Value]) -> Ref<Range> {
    a[0].cast().expect("the receiver's class was checked")
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = tuple_items(a[1]);
    let (start, stop, step) = match *args {
        [stop] => (Value::small(0), th.index(stop)?, Value::small(1)),
        [start, stop] => (th.index(start)?, th.index(stop)?, Value::small(1)),
        [start, stop, step] => (th.index(start)?, th.index(stop)?, th.index(step)?),
        [] => return Err(th.type_error("range expected at least 1 argument, got 0")),
        _ => {
            let n = args.len();
            return Err(th.type_error(format!("range expected at most 3 arguments, got {n}")));
        }
    };
    Ok(th.range_of(start, stop, step)?.value())
}

fn len(th: &mut Thread, a: &[Value]) -> R<Value> {
    let len = this(a).len;
    if len.is_int() || th.index_of(len)?.to_i64().is_some() {
        return Ok(len);
    }
    Err(th.overflow_error("Python int too large to convert to C ssize_t"))
}

fn out_of_range(th: &mut Thread) -> Fail {
    th.index_error("range object index out of range")
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let range = this(a);
    if let Some(slice) = a[1].cast::<Slice>() {
        return get_slice(th, range, slice);
    }
    if let (Some((start, step, len)), Some(i)) = (range.small(), a[1].as_int()) {
        let at = if i < 0 { i + len } else { i };
        return if (0..len).contains(&at) {
            Ok(Value::small(start + step * at))
        } else {
            Err(out_of_range(th))
        };
    }
    if th
        .special(a[1], crate::objects::special::Sp::Index)
        .is_null()
    {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "range indices must be integers or slices, not {name}"
        )));
    }
    let i = th.index_big(a[1])?;
    let (start, step, len) = range.parts(th)?;
    let at = if i.is_negative() { i + &len } else { i };
    if at.is_negative() || at >= len {
        return Err(out_of_range(th));
    }
    Ok(th.big(start + step * at))
}

fn get_slice(th: &mut Thread, range: Ref<Range>, slice: Ref<Slice>) -> R<Value> {
    let (start, step, len) = range.parts(th)?;
    let BigSlice {
        start: from,
        stop: to,
        step: by,
    } = slice_bounds(th, slice, &len)?;
    let new_start = th.big(&start + &step * &from);
    let new_stop = th.big(&start + &step * &to);
    let new_step = th.big(step * by);
    Ok(th.range_of(new_start, new_stop, new_step)?.value())
}

/// Is `v` an int or bool itself? Instances of subclasses may compare as they like.
fn is_plain_int(th: &Thread, v: Value) -> bool {
    let types = th.rt.types();
    let class = th.class_of(v);
    class == types.int || class == types.bool
}

/// Calls `f` with the positions of the items that equal `v`, until it says `false`.
fn search(
    th: &mut Thread,
    range: Ref<Range>,
    v: Value,
    mut f: impl FnMut(&mut Thread, i64) -> bool,
) -> R<()> {
    let mut at = 0;
    th.for_each(range.value(), |th, item| {
        let go_on = !th.equal(item, v)? || f(th, at);
        at += 1;
        Ok(go_on)
    })
}

fn contains(th: &mut Thread, a: &[Value]) -> R<Value> {
    if is_plain_int(th, a[1]) {
        return Ok(Value::bool(this(a).position(th, a[1])?.is_some()));
    }
    let mut found = false;
    search(th, this(a), a[1], |_, _| {
        found = true;
        false
    })?;
    Ok(Value::bool(found))
}

fn index(th: &mut Thread, a: &[Value]) -> R<Value> {
    if is_plain_int(th, a[1]) {
        let found = this(a).position(th, a[1])?;
        return found.ok_or_else(|| th.value_error("range.index(x): x not in range"));
    }
    let mut found = None;
    search(th, this(a), a[1], |th, at| {
        found = Some(th.int(at));
        false
    })?;
    found.ok_or_else(|| th.value_error("sequence.index(x): x not in sequence"))
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    if is_plain_int(th, a[1]) {
        let found = this(a).position(th, a[1])?.is_some();
        return Ok(Value::small(found as i64));
    }
    let mut n = 0;
    search(th, this(a), a[1], |_, _| {
        n += 1;
        true
    })?;
    Ok(th.int(n))
}

/// What tells ranges apart: length, start if there is an item, step if there are several.
fn identity(range: Ref<Range>) -> [Value; 3] {
    let len = range.len;
    let (none, one) = (len == Value::small(0), len == Value::small(1));
    [
        len,
        if none { Value::NONE } else { range.start },
        if none || one { Value::NONE } else { range.step },
    ]
}

fn eq(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let Some(other) = a[1].cast::<Range>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let mut same = true;
    for (x, y) in identity(this(a)).into_iter().zip(identity(other)) {
        same = same && th.equal(x, y)?;
    }
    Ok(Value::bool(same == (op == Cmp::Eq)))
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut hashes = [0; 3];
    for (h, v) in hashes.iter_mut().zip(identity(this(a))) {
        *h = th.hash_value(v)?;
    }
    Ok(th.int(tuple_hash(&hashes)))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let range = this(a);
    let (start, stop) = (th.repr(range.start)?, th.repr(range.stop)?);
    let text = if range.step == Value::small(1) {
        format!("range({start}, {stop})")
    } else {
        let step = th.repr(range.step)?;
        format!("range({start}, {stop}, {step})")
    };
    Ok(th.str_value(&text))
}

/// Defines `range` and `slice`.
pub fn init(th: &mut Thread) {
    th.fill(th.rt.types().range, |t| {
        t.doc(
            "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n\
             Return an object that produces a sequence of integers from start (inclusive)\n\
             to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\n\
             start defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\n\
             These are exactly the valid indices for a list of 4 elements.\n\
             When step is given, it specifies the increment (or decrement).",
        );
        t.new("range(cls, /, *args)", new);
        t.getset("start", |_, v| Ok(this(&[v]).start), Some(read_only));
        t.getset("stop", |_, v| Ok(this(&[v]).stop), Some(read_only));
        t.getset("step", |_, v| Ok(this(&[v]).step), Some(read_only));
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", |th, a| eq(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| eq(th, a, Cmp::Ne)),
            ("__iter__(self, /)", |th, a| iter::iter(th, this(a))),
            ("__reversed__(self, /)", |th, a| iter::reversed(th, this(a))),
            ("__bool__(self, /)", |_, a| {
                Ok(Value::bool(this(a).len != Value::small(0)))
            }),
            ("__len__(self, /)", len),
            ("__getitem__(self, key, /)", get_item),
            ("__contains__(self, key, /)", contains),
            ("__reduce__(self, /)", |th, a| {
                let range = this(a);
                let args = th.tuple_value(&[range.start, range.stop, range.step]);
                let class = th.class_of(a[0]).value();
                Ok(th.tuple_value(&[class, args]))
            }),
            ("count(self, value, /)", count),
            ("index(self, value, /)", index),
        ]);
    });
    super::slice::init(th);
    iter::init(th);
}
