//! `_bisect`.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::protocol::Cmp;

/// On which side of equal items.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The place of `x` in the sorted sequence of `a` (`a, x, lo, hi, key`).
fn search(th: &mut Thread, a: &[Value], x: Value, side: Side) -> R<usize> {
    let lo = if a[2].is_null() {
        0
    } else {
        th.index_i64(a[2])?
    };
    let Ok(mut lo) = usize::try_from(lo) else {
        return Err(th.value_error("lo must be non-negative"));
    };
    let hi = if a[3].is_null() || a[3].is_none() {
        -1
    } else {
        th.index_i64(a[3])?
    };
    // A negative bound counts as none, as it always has.
    let mut hi = match usize::try_from(hi) {
        Ok(hi) => hi,
        Err(_) => th.len_of(a[0])?,
    };
    let key = a[4].or_none();
    while lo < hi {
        let middle = lo + (hi - lo) / 2;
        let mut item = at(th, a[0], middle)?;
        if !key.is_none() {
            item = th.call(key, &[item])?;
        }
        let right = match side {
            Side::Left => less(th, item, x)?,
            Side::Right => !less(th, x, item)?,
        };
        if right {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    Ok(lo)
}

fn less(th: &mut Thread, a: Value, b: Value) -> R<bool> {
    if Value::both_int(a, b) {
        return Ok(a.int_unchecked() < b.int_unchecked());
    }
    th.compare_bool(Cmp::Lt, a, b)
}

fn at(th: &mut Thread, sequence: Value, i: usize) -> R<Value> {
    if th.class_of(sequence) == th.rt.types().list
        && let Some(list) = sequence.cast::<List>()
    {
        let item = list.get(th, i)?;
        if !item.is_null() {
            return Ok(item);
        }
    }
    let i = th.uint(i as u64);
    th.get_item(sequence, i)
}

fn bisect(th: &mut Thread, a: &[Value], side: Side) -> R<Value> {
    let place = search(th, a, a[1], side)?;
    Ok(th.uint(place as u64))
}

fn insort(th: &mut Thread, a: &[Value], side: Side) -> R<Value> {
    let x = match a[4].or_none() {
        Value::NONE => a[1],
        key => th.call(key, &[a[1]])?,
    };
    let place = search(th, a, x, side)?;
    if th.class_of(a[0]) == th.rt.types().list
        && let Some(list) = a[0].cast::<List>()
    {
        list.insert(th, place, a[1])?;
    } else {
        let place = th.uint(place as u64);
        th.call_method(a[0], "insert", &[place, a[1]])?;
    }
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_bisect");
    th.functions(
        module,
        &[
            ("bisect_left(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                bisect(th, a, Side::Left)
            }),
            ("bisect_right(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                bisect(th, a, Side::Right)
            }),
            ("bisect(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                bisect(th, a, Side::Right)
            }),
            ("insort_left(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                insort(th, a, Side::Left)
            }),
            ("insort_right(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                insort(th, a, Side::Right)
            }),
            ("insort(a, x, lo=0, hi=None, *, key=None)", |th, a| {
                insort(th, a, Side::Right)
            }),
        ],
    );
    Ok(module)
}
