//! `count`, `cycle`, `repeat`.

use super::*;
use crate::heap::Tracer;
use crate::modules::join;
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::protocol::BinOp;

struct Count {
    at: Slot,
    step: Value,
}
impl Payload for Count {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.at);
        t.value(self.step);
    }
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let start = a[1].non_null().unwrap_or(Value::small(0));
    let step = a[2].non_null().unwrap_or(Value::small(1));
    for v in [start, step] {
        if !is_number(th, v) {
            return Err(th.type_error("a number is required"));
        }
    }
    let payload = Count {
        at: Slot::new(start),
        step,
    };
    instance(th, a[0], payload)
}

fn is_number(th: &mut Thread, v: Value) -> bool {
    use crate::objects::special::Sp;
    th.is_int(v)
        || [Sp::Index, Sp::Float, Sp::Int, Sp::Complex]
            .iter()
            .any(|&sp| !th.special(v, sp).is_null())
        || th.as_complex(v).is_some()
}

fn count_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Count>(th, v)?;
    let at = th.get(it, &it.at)?;
    let next = match Value::both_int(at, it.step) {
        true => th.int(at.int_unchecked() + it.step.int_unchecked()),
        false => th.binary(BinOp::Add, at, it.step)?,
    };
    th.set(it, &it.at, next)?;
    Ok(at)
}

fn count_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this::<Count>(th, a[0])?;
    let at = th.get(it, &it.at)?;
    let name = th.short_type_name(a[0]);
    let at = th.repr(at)?;
    let (name, at) = (name.as_bytes(), at.as_bytes());
    if it.step == Value::small(1) {
        return Ok(join(th, &[name, b"(", at, b")"]));
    }
    let step = th.repr(it.step)?;
    Ok(join(th, &[name, b"(", at, b", ", step.as_bytes(), b")"]))
}

struct Cycle {
    /// Null once the items have all been seen.
    source: Slot,
    /// While the source lasts a list, then a tuple.
    saved: Slot,
    at: RawSlot,
}
impl Payload for Cycle {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.source);
        t.slot(&self.saved);
    }
}

fn cycle(th: &mut Thread, a: &[Value]) -> R<Value> {
    let source = th.iter(a[1])?;
    let saved = List::new(th, &[]);
    let payload = Cycle {
        source: Slot::new(source),
        saved: Slot::new(saved.value()),
        at: RawSlot::new(0),
    };
    instance(th, a[0], payload)
}

fn cycle_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Cycle>(th, v)?;
    let source = th.get(it, &it.source)?;
    if !source.is_null() {
        let item = th.next(source)?;
        let saved = th.get(it, &it.saved)?.cast::<List>();
        if let Some(list) = saved {
            if !item.is_null() {
                list.push(th, item)?;
                return Ok(item);
            }
            let items = list.items(th)?;
            let all = th.tuple_value(&items);
            th.set(it, &it.saved, all)?;
            th.set(it, &it.source, Value::NULL)?;
        } else if !item.is_null() {
            return Ok(item);
        }
    }
    let (saved, at) = th.read(it, |it| (it.saved.peek(), it.at.peek()))?;
    let items = tuple_items(saved);
    let Some(&item) = items.get(at as usize) else {
        return exhausted();
    };
    th.set_raw(it, &it.at, (at + 1) % items.len() as u64)?;
    Ok(item)
}

/// Stands for "for ever" in `Repeat::left`.
const ENDLESS: u64 = u64::MAX;

struct Repeat {
    object: Value,
    left: RawSlot,
}
impl Payload for Repeat {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.object)
    }
}

fn repeat(th: &mut Thread, a: &[Value]) -> R<Value> {
    let left = if a[2].is_null() {
        ENDLESS
    } else {
        th.index_i64(a[2])?.max(0) as u64
    };
    let payload = Repeat {
        object: a[1],
        left: RawSlot::new(left),
    };
    instance(th, a[0], payload)
}

fn repeat_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Repeat>(th, v)?;
    match th.get_raw(it, &it.left)? {
        ENDLESS => {}
        0 => return exhausted(),
        left => th.set_raw(it, &it.left, left - 1)?,
    }
    Ok(it.object)
}

fn repeat_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this::<Repeat>(th, a[0])?;
    let name = th.short_type_name(a[0]);
    let object = th.repr(it.object)?;
    let left = match th.get_raw(it, &it.left)? {
        ENDLESS => String::new(),
        left => format!(", {left}"),
    };
    Ok(join(
        th,
        &[
            name.as_bytes(),
            b"(",
            object.as_bytes(),
            left.as_bytes(),
            b")",
        ],
    ))
}

fn repeat_length(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this::<Repeat>(th, a[0])?;
    match th.get_raw(it, &it.left)? {
        ENDLESS => Err(th.type_error("len() of unsized object")),
        left => Ok(th.uint(left)),
    }
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    iterator_type::<Count>(
        th,
        module,
        "count(cls, start=0, step=1)",
        count,
        count_next,
        |t| {
            t.method("__repr__(self, /)", count_repr);
        },
    );
    iterator_type::<Cycle>(
        th,
        module,
        "cycle(cls, iterable, /)",
        cycle,
        cycle_next,
        |_| {},
    );
    iterator_type::<Repeat>(
        th,
        module,
        "repeat(cls, object, times=None)",
        repeat,
        repeat_next,
        |t| {
            t.method("__repr__(self, /)", repeat_repr);
            t.method("__length_hint__(self, /)", repeat_length);
        },
    );
}
