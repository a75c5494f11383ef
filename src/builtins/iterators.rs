//! The iterator types that `builtins` names: `enumerate`, `filter`, `map`, `zip`, `reversed`, and what `iter(f, sentinel)` and
//! `anext(it, default)` give.

use crate::heap::{Fail, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags as f};
use crate::objects::dict::Dict;
use crate::objects::native::{Payload, tuple_items};
use crate::objects::protocol::BinOp;
use crate::objects::special::Sp;

struct Enumerate {
    it: Value,
    index: Slot,
}
impl Payload for Enumerate {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.it);
        t.slot(&self.index);
    }
}

struct Filter {
    function: Value,
    it: Value,
}
impl Payload for Filter {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.it])
    }
}

struct Map {
    function: Value,
    /// A tuple.
    its: Value,
    strict: bool,
}
impl Payload for Map {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.its])
    }
}

struct Zip {
    /// A tuple.
    its: Value,
    strict: bool,
}
impl Payload for Zip {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.its)
    }
}

struct Reversed {
    /// Null when exhausted.
    seq: Slot,
    /// Index of the next item plus one.
    next: RawSlot,
}
impl Payload for Reversed {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.seq)
    }
}

struct CallIterator {
    /// Null when exhausted.
    function: Slot,
    sentinel: Value,
}
impl Payload for CallIterator {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.function);
        t.value(self.sentinel);
    }
}

struct AnextDefault {
    it: Value,
    default: Value,
}
impl Payload for AnextDefault {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.it, self.default])
    }
}

pub(super) fn init(th: &mut Thread, dict: Ref<Dict>) {
    let classes = [
        th.new_type::<Enumerate>("enumerate", f::BASE, |t| {
            t.new("enumerate(cls, iterable, start=0)", enumerate_new)
                .methods(&[
                    ("__iter__(self, /)", itself),
                    ("__next__(self, /)", enumerate_next),
                ]);
        }),
        th.new_type::<Filter>("filter", f::BASE, |t| {
            t.new("filter(cls, function, iterable, /)", filter_new)
                .methods(&[
                    ("__iter__(self, /)", itself),
                    ("__next__(self, /)", filter_next),
                ]);
        }),
        th.new_type::<Map>("map", f::BASE, |t| {
            t.new("map(cls, *args, strict=False)", map_new).methods(&[
                ("__iter__(self, /)", itself),
                ("__next__(self, /)", map_next),
            ]);
        }),
        th.new_type::<Zip>("zip", f::BASE, |t| {
            t.new("zip(cls, *iterables, strict=False)", zip_new)
                .methods(&[
                    ("__iter__(self, /)", itself),
                    ("__next__(self, /)", zip_next),
                ]);
        }),
        th.new_type::<Reversed>("reversed", f::BASE, |t| {
            t.new("reversed(cls, object, /)", reversed_new).methods(&[
                ("__iter__(self, /)", itself),
                ("__next__(self, /)", reversed_next),
                ("__length_hint__(self, /)", reversed_hint),
            ]);
        }),
    ];
    for class in classes {
        let name = class.name().to_string();
        th.define(dict, &name, class.value());
    }
    th.new_type::<CallIterator>("callable_iterator", f::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", itself),
            ("__next__(self, /)", call_next),
        ]);
    });
    th.new_type::<AnextDefault>("anext_awaitable", f::NO_NEW, |t| {
        t.methods(&[
            ("__await__(self, /)", itself),
            ("__iter__(self, /)", itself),
            ("__next__(self, /)", anext_next),
            ("send(self, value, /)", anext_send),
            (
                "throw(self, type, value=None, traceback=None, /)",
                anext_throw,
            ),
            ("close(self, /)", anext_close),
        ]);
    });
}

fn itself(_: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(args[0])
}

fn class_arg(th: &mut Thread, v: Value) -> R<Ref<Class>> {
    match v.as_class() {
        Some(c) => Ok(c),
        None => Err(th.type_error("__new__() needs a type object")),
    }
}

fn enumerate_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = class_arg(th, args[0])?;
    let start = if args[2].is_null() {
        Value::small(0)
    } else {
        th.index(args[2])?
    };
    let it = th.iter(args[1])?;
    Ok(th
        .new_native(
            class,
            Enumerate {
                it,
                index: Slot::new(start),
            },
        )
        .value())
}

fn enumerate_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let e = th.native_self::<Enumerate>(args[0], "enumerate")?;
    let v = th.next(e.it)?;
    if v.is_null() {
        return Err(th.stop_iteration(Value::NULL));
    }
    let i = th.get(e, &e.index)?;
    let next = match i.as_int() {
        Some(i) => th.int(i + 1),
        None => th.binary(BinOp::Add, i, Value::small(1))?,
    };
    th.set(e, &e.index, next)?;
    Ok(th.tuple_value(&[i, v]))
}

fn filter_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = class_arg(th, args[0])?;
    let it = th.iter(args[2])?;
    Ok(th
        .new_native(
            class,
            Filter {
                function: args[1],
                it,
            },
        )
        .value())
}

fn filter_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let f = th.native_self::<Filter>(args[0], "filter")?;
    let plain = f.function.is_none() || f.function == th.rt.types().bool.value();
    loop {
        let v = th.next(f.it)?;
        if v.is_null() {
            return Err(th.stop_iteration(Value::NULL));
        }
        let verdict = if plain { v } else { th.call(f.function, &[v])? };
        if th.truth(verdict)? {
            return Ok(v);
        }
    }
}

fn iterators_of(th: &mut Thread, sources: &[Value]) -> R<Vec<Value>> {
    let mut its = Vec::with_capacity(sources.len());
    for &v in sources {
        let it = th.iter(v)?;
        th.roots.push(it);
        its.push(it);
    }
    Ok(its)
}

/// One item from each iterator, or nothing at the end. With `strict` all must end together.
fn next_row(
    th: &mut Thread,
    its: &'static [Value],
    strict: bool,
    name: &str,
) -> R<Option<Vec<Value>>> {
    let mut row = Vec::with_capacity(its.len());
    for (i, &it) in its.iter().enumerate() {
        let v = th.next(it)?;
        if !v.is_null() {
            th.roots.push(v);
            row.push(v);
            continue;
        }
        if !strict {
            return Ok(None);
        }
        let those = |n: usize| {
            if n == 1 {
                "argument 1".to_string()
            } else {
                format!("arguments 1-{n}")
            }
        };
        if i > 0 {
            return Err(th.value_error(format!(
                "{name}() argument {} is shorter than {}",
                i + 1,
                those(i)
            )));
        }
        for (j, &it) in its.iter().enumerate().skip(1) {
            if !th.next(it)?.is_null() {
                return Err(th.value_error(format!(
                    "{name}() argument {} is longer than {}",
                    j + 1,
                    those(j)
                )));
            }
        }
        return Ok(None);
    }
    Ok(Some(row))
}

fn flag(th: &mut Thread, v: Value) -> R<bool> {
    if v.is_null() { Ok(false) } else { th.truth(v) }
}

fn map_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = class_arg(th, args[0])?;
    let strict = flag(th, args[2])?;
    let [function, sources @ ..] = tuple_items(args[1]) else {
        return Err(th.type_error("map() must have at least two arguments."));
    };
    if sources.is_empty() {
        return Err(th.type_error("map() must have at least two arguments."));
    }
    let its = iterators_of(th, sources)?;
    let its = th.tuple_value(&its);
    let function = *function;
    Ok(th
        .new_native(
            class,
            Map {
                function,
                its,
                strict,
            },
        )
        .value())
}

fn map_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = th.native_self::<Map>(args[0], "map")?;
    let its = tuple_items(m.its);
    if let [it] = *its {
        let v = th.next(it)?;
        if v.is_null() {
            return Err(th.stop_iteration(Value::NULL));
        }
        return th.call(m.function, &[v]);
    }
    match next_row(th, its, m.strict, "map")? {
        Some(row) => th.call(m.function, &row),
        None => Err(th.stop_iteration(Value::NULL)),
    }
}

fn zip_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = class_arg(th, args[0])?;
    let strict = flag(th, args[2])?;
    let its = iterators_of(th, tuple_items(args[1]))?;
    let its = th.tuple_value(&its);
    Ok(th.new_native(class, Zip { its, strict }).value())
}

fn zip_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let z = th.native_self::<Zip>(args[0], "zip")?;
    let its = tuple_items(z.its);
    if let [a, b] = *its
        && !z.strict
    {
        let x = th.next(a)?;
        let y = if x.is_null() { x } else { th.next(b)? };
        if y.is_null() {
            return Err(th.stop_iteration(Value::NULL));
        }
        return Ok(th.tuple_value(&[x, y]));
    }
    if its.is_empty() {
        return Err(th.stop_iteration(Value::NULL));
    }
    match next_row(th, its, z.strict, "zip")? {
        Some(row) => Ok(th.tuple_value(&row)),
        None => Err(th.stop_iteration(Value::NULL)),
    }
}

fn reversed_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = class_arg(th, args[0])?;
    let v = args[1];
    let method = th.special(v, Sp::Reversed);
    if method.is_none() {
        let name = th.type_name(v);
        return Err(th.type_error(format!("'{name}' object is not reversible")));
    }
    if !method.is_null() {
        return th.call_special(v, Sp::Reversed, &[]);
    }
    let is_dict = th.is_instance(v, th.rt.types().dict);
    if th.special(v, Sp::GetItem).is_null() || th.special(v, Sp::Len).is_null() || is_dict {
        let name = th.type_name(v);
        return Err(th.type_error(format!("'{name}' object is not reversible")));
    }
    let len = th.len_of(v)?;
    let payload = Reversed {
        seq: Slot::new(v),
        next: RawSlot::new(len as u64),
    };
    Ok(th.new_native(class, payload).value())
}

fn reversed_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let r = th.native_self::<Reversed>(args[0], "reversed")?;
    let (seq, next) = th.read(r, |r| (r.seq.peek(), r.next.peek()))?;
    if !seq.is_null() && next > 0 {
        let index = th.int(next as i64 - 1);
        match th.get_item(seq, index) {
            Ok(v) => {
                th.set_raw(r, &r.next, next - 1)?;
                return Ok(v);
            }
            Err(Fail::Raise)
                if th.raised_is(th.rt.types().exceptions.index_error)
                    || th.raised_is(th.rt.types().exceptions.stop_iteration) =>
            {
                th.take_exc();
            }
            Err(f) => return Err(f),
        }
    }
    th.set(r, &r.seq, Value::NULL)?;
    th.set_raw(r, &r.next, 0)?;
    Err(th.stop_iteration(Value::NULL))
}

fn reversed_hint(th: &mut Thread, args: &[Value]) -> R<Value> {
    let r = th.native_self::<Reversed>(args[0], "reversed")?;
    let n = th.get_raw(r, &r.next)?;
    Ok(th.int(n as i64))
}

/// `iter(function, sentinel)`.
pub(super) fn call_iterator(th: &mut Thread, function: Value, sentinel: Value) -> Value {
    let class = th.class_for::<CallIterator>();
    let payload = CallIterator {
        function: Slot::new(function),
        sentinel,
    };
    th.new_native(class, payload).value()
}

fn call_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let c = th.native_self::<CallIterator>(args[0], "callable_iterator")?;
    let function = th.get(c, &c.function)?;
    if !function.is_null() {
        match th.call(function, &[]) {
            Ok(v) => {
                if !th.equal(v, c.sentinel)? {
                    return Ok(v);
                }
            }
            Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.stop_iteration) => {
                th.take_exc();
            }
            Err(f) => return Err(f),
        }
        th.set(c, &c.function, Value::NULL)?;
    }
    Err(th.stop_iteration(Value::NULL))
}

/// `anext(iterator, default)`: an awaitable like `awaitable` that ends with `default` where that one ends the iteration.
pub(super) fn anext_default(th: &mut Thread, awaitable: Value, default: Value) -> R<Value> {
    let it = match th.call_special(awaitable, Sp::Await, &[])?.non_null() {
        Some(it) => it,
        None => th.iter(awaitable)?,
    };
    let class = th.class_for::<AnextDefault>();
    Ok(th.new_native(class, AnextDefault { it, default }).value())
}

fn anext_result(th: &mut Thread, default: Value, result: R<Value>) -> R<Value> {
    match result {
        Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.stop_async_iteration) => {
            th.take_exc();
            Err(th.stop_iteration(default))
        }
        other => other,
    }
}

fn anext_next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let a = th.native_self::<AnextDefault>(args[0], "anext_awaitable")?;
    let result = th.call_special(a.it, Sp::Next, &[]);
    anext_result(th, a.default, result)
}
fn anext_send(th: &mut Thread, args: &[Value]) -> R<Value> {
    let a = th.native_self::<AnextDefault>(args[0], "anext_awaitable")?;
    let result = th.call_method(a.it, "send", &args[1..2]);
    anext_result(th, a.default, result)
}
fn anext_throw(th: &mut Thread, args: &[Value]) -> R<Value> {
    let a = th.native_self::<AnextDefault>(args[0], "anext_awaitable")?;
    let given = args[1..].iter().take_while(|v| !v.is_null()).count();
    let result = th.call_method(a.it, "throw", &args[1..1 + given]);
    anext_result(th, a.default, result)
}
fn anext_close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let a = th.native_self::<AnextDefault>(args[0], "anext_awaitable")?;
    th.call_method(a.it, "close", &[])
}
