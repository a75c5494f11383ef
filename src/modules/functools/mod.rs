//! `_functools`.

mod lru_cache;
mod partial;

use crate::heap::{R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::native::Payload;
use crate::objects::protocol::Cmp;

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let function = a[0];
    let mut result = a[2];
    if th
        .special(a[1], crate::objects::special::Sp::Iter)
        .is_null()
        && th
            .special(a[1], crate::objects::special::Sp::GetItem)
            .is_null()
    {
        return Err(th.type_error("reduce() arg 2 must support iteration"));
    }
    th.for_each(a[1], |th, v| {
        result = if result.is_null() {
            v
        } else {
            th.call(function, &[result, v])?
        };
        Ok(true)
    })?;
    if result.is_null() {
        return Err(th.type_error("reduce() of empty iterable with no initial value"));
    }
    Ok(result)
}

/// What `cmp_to_key` makes: the key function itself (no object yet), and the keys.
struct Key {
    compare: Value,
    object: Slot,
}

impl Payload for Key {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.compare);
        t.slot(&self.object);
    }
}

const KEY: &str = "functools.KeyWrapper";

fn key(th: &mut Thread, compare: Value, object: Value) -> Value {
    let class = th.class_for::<Key>();
    let payload = Key {
        compare,
        object: Slot::new(object),
    };
    th.new_native(class, payload).value()
}

fn compare_keys(th: &mut Thread, op: Cmp, a: Value, b: Value) -> R<Value> {
    let x = th.native_self::<Key>(a, KEY)?;
    let Some(y) = b.native::<Key>() else {
        return Err(th.type_error("other argument must be K instance"));
    };
    let (left, right) = (th.get(x, &x.object)?, th.get(y, &y.object)?);
    if left.is_null() || right.is_null() {
        return Err(th.attribute_error("object"));
    }
    let verdict = th.call(x.compare, &[left, right])?;
    th.compare(op, verdict, Value::small(0))
}

fn define_key(th: &mut Thread) {
    th.new_type::<Key>(KEY, class_flags::NO_NEW, |t| {
        t.method("__call__(self, /, obj)", |th, a| {
            let this = th.native_self::<Key>(a[0], KEY)?;
            Ok(key(th, this.compare, a[1]))
        });
        crate::objects::int::methods::comparison_methods!(t, compare_keys);
        t.attr("__hash__", Value::NONE);
        t.getset(
            "obj",
            |th, v| {
                let this = th.native_self::<Key>(v, KEY)?;
                let object = th.get(this, &this.object)?;
                if object.is_null() {
                    return Err(th.attribute_error("obj"));
                }
                Ok(object)
            },
            Some(|th, v, object| {
                let this = th.native_self::<Key>(v, KEY)?;
                th.set(this, &this.object, object)
            }),
        );
    });
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_functools");
    th.functions(
        module,
        &[
            ("reduce(function, iterable, /, initial=None)", reduce),
            ("cmp_to_key(mycmp)", |th, a| Ok(key(th, a[0], Value::NULL))),
        ],
    );
    define_key(th);
    partial::init(th, module);
    lru_cache::init(th, module);
    Ok(module)
}
