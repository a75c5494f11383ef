//! `_collections`: `deque`, `defaultdict`, the counting loop of `Counter`, and the fields of named tuples.

mod defaultdict;
mod deque;
mod deque_methods;

use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::protocol::BinOp;
use crate::objects::special::Sp;

/// A field of a named tuple: reads the item at its index.
struct TupleGetter {
    index: usize,
    doc: Slot,
}

impl Payload for TupleGetter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.doc);
    }
}

fn getter(v: Value) -> Ref<Native<TupleGetter>> {
    v.native().expect("the receiver's class was checked")
}

fn getter_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let this = getter(a[0]);
    if a[1].is_null() || a[1].is_none() {
        return Ok(a[0]);
    }
    if a[1].kind() != Kind::Tuple {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "descriptor for index '{}' for tuple subclasses doesn't apply to '{name}' object",
            this.index
        )));
    }
    match tuple_items(a[1]).get(this.index) {
        Some(&v) => Ok(v),
        None => Err(th.index_error("tuple index out of range")),
    }
}

/// Counts the items of an iterable into a mapping.
fn count_elements(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (mapping, iterable) = (a[0], a[1]);
    let types = th.rt.types();
    let class = th.class_of(mapping);
    let get = th.intern_value("get");
    let plain = class.special(Sp::SetItem) == types.dict.special(Sp::SetItem)
        && th.class_lookup(class, get)? == th.class_lookup(types.dict, get)?;
    let one = Value::small(1);
    if let Some(dict) = mapping.cast::<Dict>().filter(|_| plain) {
        th.for_each(iterable, |th, key| {
            let old = dict.get(th, key)?;
            let new = if old.is_null() {
                one
            } else {
                th.binary(BinOp::Add, old, one)?
            };
            dict.insert(th, key, new)?;
            Ok(true)
        })?;
        return Ok(Value::NONE);
    }
    let get = th.get_attr(mapping, get)?;
    th.for_each(iterable, |th, key| {
        let old = th.call(get, &[key, Value::small(0)])?;
        let new = th.binary(BinOp::Add, old, one)?;
        th.set_item(mapping, key, new)?;
        Ok(true)
    })?;
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_collections");
    deque_methods::init(th, module);
    defaultdict::init(th, module)?;
    let class = th.new_type::<TupleGetter>("_collections._tuplegetter", 0, |t| {
        t.new("_tuplegetter(cls, index, doc, /)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            let index = th.ssize(a[1])?;
            let payload = TupleGetter {
                index: index.max(0) as usize,
                doc: Slot::new(a[2]),
            };
            Ok(th.new_native(class, payload).value())
        });
        t.getset(
            "__doc__",
            |th, v| th.get(getter(v), &getter(v).doc),
            Some(|th, v, doc| th.set(getter(v), &getter(v).doc, doc.or_none())),
        );
        t.methods(&[
            ("__get__(self, instance, owner=None, /)", getter_get),
            ("__set__(self, instance, value, /)", |th, _| {
                Err(th.attribute_error("can't set attribute"))
            }),
            ("__delete__(self, instance, /)", |th, _| {
                Err(th.attribute_error("can't delete attribute"))
            }),
            ("__reduce__(self, /)", |th, a| {
                let this = getter(a[0]);
                let class = th.class_of(a[0]).value();
                let doc = th.get(this, &this.doc)?;
                let index = th.int(this.index as i64);
                let args = th.tuple_value(&[index, doc]);
                Ok(th.tuple_value(&[class, args]))
            }),
            ("__repr__(self, /)", |th, a| {
                let this = getter(a[0]);
                let doc = th.get(this, &this.doc)?;
                let doc = th.repr(doc)?;
                let text = format!("_tuplegetter({}, {doc})", this.index);
                Ok(th.str_value(&text))
            }),
        ]);
    });
    th.define(module.dict(), "_tuplegetter", class.value());
    th.functions(
        module,
        &[("_count_elements(mapping, iterable, /)", count_elements)],
    );
    Ok(module)
}
