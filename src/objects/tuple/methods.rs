//! The methods of `tuple`, and its iterator.

use super::Tuple;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::protocol::Cmp;
use crate::objects::range::Slice;
use crate::objects::sequence::Seq;
use crate::objects::special::Sp;
use crate::text::str_ops::normalize_index;

/// `tuple_iterator`.
pub struct TupleIter {
    /// The tuple, null once the end was reached.
    pub tuple: Slot,
    /// The position of the next item.
    pub at: RawSlot,
}

impl Payload for TupleIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.tuple)
    }
}

/// `iter(tuple)`.
pub fn iter(th: &mut Thread, tuple: Ref<Tuple>) -> Value {
    let class = th.class_for::<TupleIter>();
    let payload = TupleIter {
        tuple: Slot::new(tuple.value()),
        at: RawSlot::new(0),
    };
    th.new_native(class, payload).value()
}

impl TupleIter {
    /// The next item, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<TupleIter>>) -> R<Value> {
        let (tuple, at) = th.read(it, |it| (it.tuple.peek(), it.at.peek()))?;
        let Some(tuple) = tuple.cast::<Tuple>() else {
            return Ok(Value::NULL);
        };
        match tuple.items().get(at as usize) {
            Some(&v) => {
                th.set_raw(it, &it.at, at + 1)?;
                Ok(v)
            }
            None => {
                th.set(it, &it.tuple, Value::NULL)?;
                Ok(Value::NULL)
            }
        }
    }
}

/// Mixes the hashes of a sequence of values (the xxHash scheme of CPython, so that hashes agree with it).
pub(in crate::objects) fn combine_hashes(hashes: impl IntoIterator<Item = i64>) -> u64 {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    let mut acc = HASH_SEED;
    for h in hashes {
        acc = acc
            .wrapping_add((h as u64).wrapping_mul(PRIME_2))
            .rotate_left(31)
            .wrapping_mul(PRIME_1);
    }
    acc
}
const HASH_SEED: u64 = 2_870_177_450_012_600_261;

/// The hash of a tuple whose items have these hashes.
pub(in crate::objects) fn tuple_hash(hashes: &[i64]) -> i64 {
    let acc = combine_hashes(hashes.iter().copied())
        .wrapping_add(hashes.len() as u64 ^ (HASH_SEED ^ 3_527_539));
    match acc as i64 {
        -1 => 1_546_275_796,
        h => h,
    }
}

/// The receiver; the call has checked its class.
#[inline(always)]
fn this(a: &[Value]) -> Ref<Tuple> {
    a[0].cast().expect("the receiver's class was checked")
}
fn seq(a: &[Value]) -> Seq {
    Seq::Tuple(this(a))
}
fn this_iter(a: &[Value]) -> Ref<Native<TupleIter>> {
    a[0].native().expect("the receiver's class was checked")
}

/// The same items as an exact tuple.
fn exact(th: &mut Thread, v: Value) -> Value {
    if th.class_of(v) == th.rt.types().tuple {
        return v;
    }
    th.tuple_value(tuple_items(v))
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = tuple_items(a[0]);
    if let Some(i) = th.subscript(a[1])? {
        return match normalize_index(i, items.len()) {
            Some(i) => Ok(items[i]),
            None => Err(th.index_error("tuple index out of range")),
        };
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "tuple indices must be integers or slices, not {name}"
        )));
    };
    let at = th.slice_indices(slice, items.len())?;
    if at.step == 1 {
        if at.count == items.len() {
            return Ok(exact(th, a[0]));
        }
        return Ok(th.tuple_value(&items[at.start..at.start + at.count]));
    }
    let picked: Vec<Value> = at.iter().map(|i| items[i]).collect();
    Ok(th.tuple_value(&picked))
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    match a[1].cast::<Tuple>() {
        Some(other) => seq(a).compare(th, Seq::Tuple(other), op),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(other) = a[1].cast::<Tuple>() else {
        if th.has_reflected(a[1], Sp::RAdd) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "can only concatenate tuple (not \"{name}\") to tuple"
        )));
    };
    if other.is_empty() {
        return Ok(exact(th, a[0]));
    }
    if this(a).is_empty() {
        return Ok(exact(th, a[1]));
    }
    let both = [this(a).items(), other.items()].concat();
    Ok(th.tuple_value(&both))
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.has_reflected(a[1], Sp::RMul) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    rmul(th, a)
}

fn rmul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = tuple_items(a[0]);
    let count = th.repeats(a[1], items.len())?;
    if count == 1 || items.is_empty() {
        return Ok(exact(th, a[0]));
    }
    let all = items.repeat(count);
    Ok(th.tuple_value(&all))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("the call has checked the class");
    let plain = class == th.rt.types().tuple;
    let iterable = if plain {
        th.only_argument("tuple", a[1], a[2])?
    } else {
        tuple_items(a[1]).first().copied().unwrap_or(Value::NULL)
    };
    if iterable.is_null() {
        return Ok(th.tuple_of_class(class, &[]).value());
    }
    if plain && th.class_of(iterable) == class {
        return Ok(iterable);
    }
    let items = th.collect_items(iterable)?;
    Ok(th.tuple_of_class(class, &items).value())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let tuple = this(a);
    if tuple.is_empty() {
        return Ok(th.str_value("()"));
    }
    th.container_repr(a[0], "(...)", |th, out| {
        out.push_str("(");
        Seq::Tuple(tuple).write_items(th, out)?;
        out.push_str(if tuple.len() == 1 { ",)" } else { ")" });
        Ok(())
    })
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.check_stack()?;
    let items = tuple_items(a[0]);
    let mut hashes = Vec::with_capacity(items.len());
    for &item in items {
        hashes.push(th.hash_value(item)?);
    }
    Ok(th.int(tuple_hash(&hashes)))
}

/// Defines `tuple`.
pub fn init(th: &mut Thread) {
    th.fill(th.rt.types().tuple, |t| {
        t.doc(
            "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\n\
             If iterable is specified the tuple is initialized from iterable's items.\n\n\
             If the argument is a tuple, the return value is the same object.",
        );
        t.new("tuple(cls, *args, **kwargs)", new);
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__hash__(self, /)", hash),
            ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
            ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
            ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
            ("__iter__(self, /)", |th, a| Ok(iter(th, this(a)))),
            ("__len__(self, /)", |_, a| {
                Ok(Value::small(this(a).len() as i64))
            }),
            ("__getitem__(self, key, /)", get_item),
            ("__add__(self, value, /)", add),
            ("__mul__(self, value, /)", mul),
            ("__rmul__(self, value, /)", rmul),
            ("__contains__(self, key, /)", |th, a| {
                let found = seq(a).find(th, a[1], 0, usize::MAX)?;
                Ok(Value::bool(found.is_some()))
            }),
            ("__getnewargs__(self, /)", |th, a| {
                let copy = th.tuple_value(tuple_items(a[0]));
                Ok(th.tuple_value(&[copy]))
            }),
            (
                "index(self, value, start=0, stop=9223372036854775807, /)",
                |th, a| seq(a).index(th, &a[1..]),
            ),
            ("count(self, value, /)", |th, a| seq(a).count(th, a[1])),
        ]);
    });
    th.new_type::<TupleIter>("tuple_iterator", NO_NEW, |t| {
        t.iterator(|th, v| TupleIter::next(th, this_iter(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this_iter(a);
                let (tuple, at) = th.read(it, |it| (it.tuple.peek(), it.at.peek()))?;
                let left = tuple_items(tuple).len().saturating_sub(at as usize);
                Ok(th.int(left as i64))
            }),
            ("__reduce__(self, /)", |th, a| {
                let it = this_iter(a);
                let (tuple, at) = th.read(it, |it| (it.tuple.peek(), it.at.peek()))?;
                if tuple.is_null() {
                    let empty = th.tuple_value(&[]);
                    return th.reduce_iter("iter", empty, None);
                }
                th.reduce_iter("iter", tuple, Some(at as i64))
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this_iter(a);
                let at = th.ssize(a[1])?;
                let len = tuple_items(th.get(it, &it.tuple)?).len() as isize;
                th.set_raw(it, &it.at, at.clamp(0, len) as u64)?;
                Ok(Value::NONE)
            }),
        ]);
    });
}
