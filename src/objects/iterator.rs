//! The iterators of no particular type: over what only has `__getitem__` (`iterator`), and `iter(callable, sentinel)`.

use super::native::Payload;
use crate::heap::{Fail, R, RawSlot, Slot, Thread, Tracer, Value};

/// Iterates over `object[0]`, `object[1]` ...
struct SequenceIter {
    /// Null once at the end.
    object: Slot,
    at: RawSlot,
}

impl Payload for SequenceIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.object)
    }
}

/// Calls until the sentinel comes.
struct CallIter {
    /// Null once at the end.
    callable: Slot,
    sentinel: Value,
}

impl Payload for CallIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.callable);
        t.value(self.sentinel);
    }
}

impl Thread {
    /// An iterator over an object that has `__getitem__` alone.
    pub fn sequence_iterator(&mut self, object: Value) -> Value {
        let class = self.class_for::<SequenceIter>();
        let payload = SequenceIter {
            object: Slot::new(object),
            at: RawSlot::new(0),
        };
        self.new_native(class, payload).value()
    }
    /// `iter(callable, sentinel)`.
    pub fn callable_iterator(&mut self, callable: Value, sentinel: Value) -> Value {
        let class = self.class_for::<CallIter>();
        let payload = CallIter {
            callable: Slot::new(callable),
            sentinel,
        };
        self.new_native(class, payload).value()
    }
}

fn itself(_: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(a[0])
}

fn sequence_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<SequenceIter>(a[0], "iterator")?;
    let object = th.get(it, &it.object)?;
    if object.is_null() {
        return Err(th.stop_iteration(Value::NULL));
    }
    let at = th.get_raw(it, &it.at)?;
    let index = th.int(at as i64);
    match th.get_item(object, index) {
        Ok(v) => {
            th.set_raw(it, &it.at, at + 1)?;
            Ok(v)
        }
        Err(Fail::Raise) => {
            let e = &th.rt.types().exceptions;
            if th.raised_is(e.index_error) || th.raised_is(e.stop_iteration) {
                th.take_exc();
                th.set(it, &it.object, Value::NULL)?;
                return Err(th.stop_iteration(Value::NULL));
            }
            Err(Fail::Raise)
        }
        Err(fail) => Err(fail),
    }
}

fn sequence_hint(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<SequenceIter>(a[0], "iterator")?;
    let object = th.get(it, &it.object)?;
    if object.is_null() {
        return Ok(Value::small(0));
    }
    if th.special(object, super::special::Sp::Len).is_null() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let at = th.get_raw(it, &it.at)? as usize;
    let len = th.len_of(object)?;
    Ok(th.int(len.saturating_sub(at) as i64))
}

fn sequence_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<SequenceIter>(a[0], "iterator")?;
    let iter = th.builtin("iter")?;
    let object = th.get(it, &it.object)?;
    if object.is_null() {
        let args = th.tuple_value(&[]);
        let args = th.tuple_value(&[args]);
        return Ok(th.tuple_value(&[iter, args]));
    }
    let at = th.get_raw(it, &it.at)?;
    let args = th.tuple_value(&[object]);
    let at = th.int(at as i64);
    Ok(th.tuple_value(&[iter, args, at]))
}

fn sequence_setstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<SequenceIter>(a[0], "iterator")?;
    let at = th.index_i64(a[1])?.max(0);
    th.set_raw(it, &it.at, at as u64)?;
    Ok(Value::NONE)
}

fn call_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<CallIter>(a[0], "callable_iterator")?;
    let callable = th.get(it, &it.callable)?;
    if callable.is_null() {
        return Err(th.stop_iteration(Value::NULL));
    }
    match th.call(callable, &[]) {
        Ok(v) => {
            if th.equal(v, it.sentinel)? {
                th.set(it, &it.callable, Value::NULL)?;
                return Err(th.stop_iteration(Value::NULL));
            }
            Ok(v)
        }
        Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.stop_iteration) => {
            let exc = th.take_exc();
            th.set(it, &it.callable, Value::NULL)?;
            th.exc = exc;
            Err(Fail::Raise)
        }
        Err(fail) => Err(fail),
    }
}

/// Defines the two types.
pub fn init(th: &mut Thread) {
    th.new_type::<SequenceIter>("iterator", super::class::class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", itself),
            ("__next__(self, /)", sequence_next),
            ("__length_hint__(self, /)", sequence_hint),
            ("__reduce__(self, /)", sequence_reduce),
            ("__setstate__(self, state, /)", sequence_setstate),
        ]);
    });
    th.new_type::<CallIter>(
        "callable_iterator",
        super::class::class_flags::NO_NEW,
        |t| {
            t.methods(&[
                ("__iter__(self, /)", itself),
                ("__next__(self, /)", call_next),
            ]);
        },
    );
}
