//! `TypeAliasType`: what `type X = ...` makes.

use super::{VALUE, caller, const_evaluator, union_or, union_ror, unpacked};
use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags as f;
use crate::objects::native::{Native, Payload, tuple_items};

/// A type alias.
pub(super) struct Alias {
    name: Value,
    /// A tuple, or None.
    params: Value,
    /// Null until it is evaluated.
    value: Slot,
    /// The function that evaluates it, or null.
    evaluate: Value,
    module: Value,
}

impl Payload for Alias {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.params, self.evaluate, self.module]);
        t.slot(&self.value);
    }
}

impl Alias {
    pub fn make(
        th: &mut Thread,
        name: Value,
        params: Value,
        value: Value,
        evaluate: Value,
        module: Value,
    ) -> Value {
        let class = th.class_for::<Alias>();
        let payload = Alias {
            name,
            params,
            value: Slot::new(value),
            evaluate,
            module,
        };
        th.new_native(class, payload).value()
    }
}

fn this(v: Value) -> Ref<Native<Alias>> {
    v.native().expect("the receiver's class was checked")
}

fn new_alias(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].kind() != Kind::Str {
        let class = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "typealias() argument 'name' must be str, not {class}"
        )));
    }
    let mut params = Value::NONE;
    if !a[3].is_null() {
        if a[3].kind() != Kind::Tuple {
            return Err(th.type_error("type_params must be a tuple"));
        }
        if !tuple_items(a[3]).is_empty() {
            params = a[3];
        }
    }
    let module = caller(th)?;
    Ok(Alias::make(th, a[1], params, a[2], Value::NULL, module))
}

fn value(th: &mut Thread, v: Value) -> R<Value> {
    let alias = this(v);
    let known = th.get(alias, &alias.value)?;
    if !known.is_null() {
        return Ok(known);
    }
    let value = th.call(alias.evaluate, &[VALUE])?;
    th.set(alias, &alias.value, value)?;
    Ok(value)
}

fn params(th: &mut Thread, v: Value) -> R<Value> {
    let params = this(v).params;
    Ok(if params.is_none() {
        th.tuple_value(&[])
    } else {
        params
    })
}

fn parameters(th: &mut Thread, v: Value) -> R<Value> {
    let params = params(th, v)?;
    unpacked(th, params)
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    if this(a[0]).params.is_none() {
        return Err(th.type_error("Only generic type aliases are subscriptable"));
    }
    th.generic_alias(a[0], a[1])
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<Alias>("typing.TypeAliasType", f::WEAKREF, |t| {
        t.new(
            "TypeAliasType(cls, name, value, *, type_params=())",
            new_alias,
        );
        t.getset("__name__", |_, v| Ok(this(v).name), None);
        t.getset("__value__", value, None);
        t.getset("__type_params__", params, None);
        t.getset("__parameters__", parameters, None);
        t.getset("__module__", |_, v| Ok(this(v).module), None);
        t.getset(
            "evaluate_value",
            |th, v| {
                let alias = this(v);
                if !alias.evaluate.is_null() {
                    return Ok(alias.evaluate);
                }
                let value = th.get(alias, &alias.value)?;
                Ok(const_evaluator(th, value))
            },
            None,
        );
        t.methods(&[
            ("__repr__(self, /)", |_, a| Ok(this(a[0]).name)),
            ("__reduce__(self, /)", |_, a| Ok(this(a[0]).name)),
            ("__getitem__(self, key, /)", get_item),
            ("__or__(self, value, /)", union_or),
            ("__ror__(self, value, /)", union_ror),
        ]);
    });
}
