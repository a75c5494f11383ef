//! `itertools`: each iterator is a native object whose position is in slots, so that an iterator shared by threads hands
//! out every item once, and a block that rolls back takes its steps back.

mod chaining;
mod combinatoric;
mod filtering;
mod grouping;
mod infinite;
mod tee;

use crate::heap::{R, RawSlot, Ref, Slot, Thread, Value};
use crate::objects::class::{Class, NextFn, class_flags};
use crate::objects::define::{Module, TypeBuilder};
use crate::objects::native::{Native, NativeFn, Payload};

/// Defines an iterator type in the module. `signature` is that of its constructor, `name(cls, ...)`.
fn iterator_type<P: Payload>(
    th: &mut Thread,
    module: Ref<Module>,
    signature: &'static str,
    new: NativeFn,
    next: NextFn,
    more: impl FnOnce(&mut TypeBuilder),
) {
    let name = signature.split('(').next().unwrap_or(signature);
    let class = th.new_type::<P>(&format!("itertools.{name}"), class_flags::BASE, |t| {
        t.new(signature, new);
        t.iterator(next);
        more(t);
    });
    th.define(module.dict(), name, class.value());
}

/// The class that `__new__` is to make an instance of.
fn class_argument(th: &mut Thread, v: Value) -> R<Ref<Class>> {
    match v.as_class() {
        Some(class) => Ok(class),
        None => Err(th.type_error("__new__(X): X is not a type object")),
    }
}

/// A new instance of the class `class`.
fn instance<P: Payload>(th: &mut Thread, class: Value, payload: P) -> R<Value> {
    let class = class_argument(th, class)?;
    Ok(th.new_native(class, payload).value())
}

/// The end of an iterator.
fn exhausted() -> R<Value> {
    Ok(Value::NULL)
}

/// The iterator that a method was called on.
#[inline]
fn this<P: Payload>(th: &mut Thread, v: Value) -> R<Ref<Native<P>>> {
    th.native_self(v, "itertools")
}

/// Indices as raw slots.
fn index_slots(indices: impl IntoIterator<Item = usize>) -> Box<[RawSlot]> {
    indices
        .into_iter()
        .map(|i| RawSlot::new(i as u64))
        .collect()
}

fn null() -> Slot {
    Slot::new(Value::NULL)
}

/// A tuple of all items.
fn pool(th: &mut Thread, iterable: Value) -> R<Value> {
    if th.class_of(iterable) == th.rt.types().tuple {
        return Ok(iterable);
    }
    let mark = th.roots.len();
    let items = th.collect_items(iterable)?;
    let tuple = th.tuple_value(&items);
    th.roots.truncate(mark);
    Ok(tuple)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("itertools");
    infinite::init(th, module);
    filtering::init(th, module);
    chaining::init(th, module);
    grouping::init(th, module);
    tee::init(th, module);
    combinatoric::init(th, module);
    Ok(module)
}
