//! `typing.Union`, which is `types.UnionType`: `int | str`.

use super::generic_alias;
use super::native::{Payload, tuple_items};
use super::protocol::BinOp;
use crate::heap::{Kind, R, Slot, Thread, Tracer, Value};

/// See the module's text.
pub struct Union {
    /// A tuple, without duplicates.
    pub args: Value,
    /// Tuple of type variables, once computed; hidden state derived from `args`.
    parameters: Slot,
}

impl Payload for Union {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.args);
        t.slot(&self.parameters);
    }
}

impl Thread {
    /// The tuple of a union's members, if `v` is a union.
    pub fn union_members(&self, v: Value) -> Option<Value> {
        v.native::<Union>().map(|u| u.args)
    }

    /// May `v` stand in `X | Y`?
    fn is_unionable(&self, v: Value) -> bool {
        v.is_none()
            || v.as_class().is_some()
            || self.is_generic_alias(v)
            || v.native::<Union>().is_some()
            || (v.kind() == Kind::Native && self.type_name(v) == "TypeAliasType")
    }

    /// `a | b` of types; NotImplemented if one of them is none.
    pub fn union_of(&mut self, a: Value, b: Value) -> R<Value> {
        if !self.is_unionable(a) || !self.is_unionable(b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        self.make_union(&[a, b])
    }

    /// The union of `parts`, flat and without duplicates; the one part itself if there is but one.
    pub fn make_union(&mut self, parts: &[Value]) -> R<Value> {
        let mut args: Vec<Value> = vec![];
        for &part in parts {
            let members = match self.union_members(part) {
                Some(members) => tuple_items(members).to_vec(),
                None if part.is_none() => vec![self.rt.types().none_type.value()],
                None => vec![part],
            };
            for m in members {
                let mut known = false;
                for &have in &args {
                    if self.equal(have, m)? {
                        known = true;
                        break;
                    }
                }
                if !known {
                    args.push(m);
                    self.roots.push(m);
                }
            }
        }
        if let [one] = args[..] {
            return Ok(one);
        }
        let args = self.tuple_value(&args);
        let class = self.class_for::<Union>();
        let parameters = Slot::new(Value::NULL);
        Ok(self.new_native(class, Union { args, parameters }).value())
    }
}

fn args_of(th: &mut Thread, v: Value) -> R<Value> {
    Ok(th.native_self::<Union>(v, "typing.Union")?.args)
}

fn or(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[0], a[1])
}
fn ror(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[1], a[0])
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = args_of(th, a[0])?;
    let mut parts = vec![];
    for &arg in tuple_items(args) {
        parts.push(generic_alias::type_repr(th, arg)?);
    }
    Ok(th.str_value(&parts.join(" | ")))
}

fn eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(other) = th.union_members(a[1]) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let own = args_of(th, a[0])?;
    if tuple_items(own).len() != tuple_items(other).len() {
        return Ok(Value::FALSE);
    }
    for &x in tuple_items(own) {
        if !th.contains(other, x)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = args_of(th, a[0])?;
    let mut sum = 0i64;
    // The order of the members does not matter.
    for &x in tuple_items(args) {
        sum = sum.wrapping_add(th.hash(x)?.wrapping_mul(0x9e37_79b9));
    }
    Ok(th.int(sum & i64::MAX))
}

fn get_args(th: &mut Thread, v: Value) -> R<Value> {
    args_of(th, v)
}

fn get_origin(th: &mut Thread, _: Value) -> R<Value> {
    Ok(th.class_for::<Union>().value())
}

fn get_parameters(th: &mut Thread, v: Value) -> R<Value> {
    let u = th.native_self::<Union>(v, "typing.Union")?;
    let known = u.parameters.peek();
    if !known.is_null() {
        return Ok(known);
    }
    let made = generic_alias::parameters_of(th, u.args)?;
    th.publish_hidden(made);
    u.parameters.init(made);
    Ok(made)
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = args_of(th, a[0])?;
    let parameters = get_parameters(th, a[0])?;
    let new = generic_alias::substitute(th, a[0], args, parameters, a[1])?;
    let mut result = Value::NULL;
    for &x in tuple_items(new) {
        result = if result.is_null() {
            x
        } else {
            th.binary(BinOp::Or, result, x)?
        };
    }
    Ok(result)
}

fn class_getitem(th: &mut Thread, a: &[Value]) -> R<Value> {
    let parts = if a[1].kind() == Kind::Tuple {
        tuple_items(a[1]).to_vec()
    } else {
        vec![a[1]]
    };
    if parts.is_empty() {
        return Err(th.type_error("Cannot take a Union of no types."));
    }
    let mut checked = vec![];
    for part in parts {
        let part = if part.kind() == Kind::Str {
            let import = th.builtin("__import__")?;
            let name = th.str_value("typing");
            let typing = th.call(import, &[name])?;
            let reference = th.attr(typing, "ForwardRef")?;
            th.call(reference, &[part])?
        } else {
            part
        };
        th.roots.push(part);
        checked.push(part);
    }
    th.make_union(&checked)
}

fn mro_entries(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = th.repr(a[0])?;
    Err(th.type_error(format!("Cannot subclass {text}")))
}

fn instancecheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.is_instance_of(a[1], a[0]).map(Value::bool)
}
fn subclasscheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.is_subclass_of(a[1], a[0]).map(Value::bool)
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = args_of(th, a[0])?;
    let import = th.builtin("__import__")?;
    let name = th.str_value("functools");
    let functools = th.call(import, &[name])?;
    let reduce = th.attr(functools, "reduce")?;
    let name = th.str_value("operator");
    let operator = th.call(import, &[name])?;
    let or = th.attr(operator, "or_")?;
    let args = th.tuple_value(&[or, args]);
    Ok(th.tuple_value(&[reduce, args]))
}

fn get_name(th: &mut Thread, _: Value) -> R<Value> {
    Ok(th.intern_value("Union"))
}
/// Defines the type.
pub(super) fn init(th: &mut Thread) {
    let flags = super::class::class_flags::NO_NEW | super::class::class_flags::WEAKREF;
    th.new_type::<Union>("typing.Union", flags, |t| {
        t.methods(&[
            ("__or__(self, value, /)", or),
            ("__ror__(self, value, /)", ror),
            ("__repr__(self, /)", repr),
            ("__eq__(self, value, /)", eq),
            ("__hash__(self, /)", hash),
            ("__getitem__(self, key, /)", get_item),
            ("__mro_entries__(self, bases, /)", mro_entries),
            ("__instancecheck__(self, instance, /)", instancecheck),
            ("__subclasscheck__(self, subclass, /)", subclasscheck),
            ("__reduce__(self, /)", reduce),
        ]);
        t.class_method("__class_getitem__(cls, object, /)", class_getitem);
        t.getset("__args__", get_args, None);
        t.getset("__origin__", get_origin, None);
        t.getset("__parameters__", get_parameters, None);
        t.getset("__name__", get_name, None);
        t.getset("__qualname__", get_name, None);
    });
}
