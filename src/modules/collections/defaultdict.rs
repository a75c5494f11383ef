//! `defaultdict`: a dict with one more word, the factory.

use crate::heap::{Header, Kind, R, Ref, Slot, Thread, Value};
use crate::objects::class::{Class, class_flags as f};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::special::Sp;

/// The factory's place in the object: the word behind the dict.
fn factory(v: Value) -> (Ref<Header>, &'static Slot) {
    let object = v.object().expect("the receiver's class was checked");
    let at = crate::objects::define::slots_offset::<Dict>();
    (object, Thread::slot_at(object.header(), at))
}

fn get_factory(th: &mut Thread, v: Value) -> R<Value> {
    let (object, slot) = factory(v);
    Ok(th.get(object, slot)?.or_none())
}

fn set_factory(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let (object, slot) = factory(v);
    th.set(object, slot, x)
}

fn init_defaultdict(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = crate::objects::native::tuple_items(a[1]);
    let (given, rest) = match args.split_first() {
        Some((&first, rest)) => (first, rest),
        None => (Value::NONE, args),
    };
    if !given.is_none() && !th.is_callable(given) {
        return Err(th.type_error("first argument must be callable or None"));
    }
    set_factory(th, a[0], given)?;
    let mut all = vec![a[0]];
    all.extend_from_slice(rest);
    let dict_init = th.rt.types().dict.special(Sp::Init);
    th.call_ex(dict_init, &all, a[2])
}

fn missing(th: &mut Thread, a: &[Value]) -> R<Value> {
    let factory = get_factory(th, a[0])?;
    if factory.is_none() {
        return Err(th.key_error(a[1]));
    }
    let v = th.call(factory, &[])?;
    th.set_item(a[0], a[1], v)?;
    Ok(v)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let factory = get_factory(th, a[0])?;
    let name = th.short_type_name(a[0]);
    let dict_repr = th.rt.types().dict.special(Sp::Repr);
    let items = th.call(dict_repr, &[a[0]])?;
    let items = th.to_str(items)?;
    th.container_repr(a[0], "...", |th, out| {
        out.push_str(&name);
        out.push_str("(");
        let text = th.repr(factory)?;
        out.push_wtf8(text.as_wtf8());
        out.push_str(", ");
        out.push_wtf8(items.as_wtf8());
        out.push_str(")");
        Ok(())
    })
}

fn copy(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let factory = get_factory(th, a[0])?;
    th.call(class, &[factory, a[0]])
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let factory = get_factory(th, a[0])?;
    let args = if factory.is_none() {
        th.tuple_value(&[])
    } else {
        th.tuple_value(&[factory])
    };
    let items = th.call_method(a[0], "items", &[])?;
    let items = th.iter(items)?;
    Ok(th.tuple_value(&[class, args, Value::NONE, Value::NONE, items]))
}

fn merged(th: &mut Thread, of: Value, first: Value, second: Value) -> R<Value> {
    if first.kind() != Kind::Dict || second.kind() != Kind::Dict {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let class = th.class_of(of).value();
    let factory = get_factory(th, of)?;
    let new = th.call(class, &[factory, first])?;
    th.call_method(new, "update", &[second])?;
    Ok(new)
}

/// Defines the type and adds it to the module.
pub(super) fn init(th: &mut Thread, module: Ref<Module>) -> R<()> {
    let dict = th.rt.types().dict;
    let flags = f::BASE;
    let class = th.new_class_with_slots(
        "collections.defaultdict",
        dict,
        dict.layout,
        1,
        flags,
        |t| {
            t.new("defaultdict(cls, *args, **kwargs)", |th, a| {
                let class: Ref<Class> = a[0].as_class().expect("the call has checked the class");
                Ok(Dict::of_class(th, class).value())
            });
            t.getset("default_factory", get_factory, Some(set_factory));
            t.class_method("__class_getitem__(cls, object, /)", |th, a| {
                th.generic_alias(a[0], a[1])
            });
            t.methods(&[
                ("__init__(self, /, *args, **kwargs)", init_defaultdict),
                ("__missing__(self, key, /)", missing),
                ("__repr__(self, /)", repr),
                ("__reduce__(self, /)", reduce),
                ("__copy__(self, /)", copy),
                ("copy(self, /)", copy),
                ("__or__(self, value, /)", |th, a| {
                    merged(th, a[0], a[0], a[1])
                }),
                ("__ror__(self, value, /)", |th, a| {
                    merged(th, a[0], a[1], a[0])
                }),
            ]);
        },
    );
    th.define(module.dict(), "defaultdict", class.value());
    Ok(())
}
