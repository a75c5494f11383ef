//! `None`, `Ellipsis` and `NotImplemented`.

use super::class::Class;
use super::native::NativeFn;
use crate::heap::{R, Ref, Thread, Value};

fn none_repr(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.intern_value("None"))
}
fn ellipsis_repr(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.intern_value("Ellipsis"))
}
fn not_implemented_repr(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.intern_value("NotImplemented"))
}
fn none_new(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NONE)
}
fn ellipsis_new(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::ELLIPSIS)
}
fn not_implemented_new(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NOT_IMPLEMENTED)
}
fn none_bool(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}
fn none_hash(_: &mut Thread, _: &[Value]) -> R<Value> {
    // CPython's, the same in every process.
    Ok(Value::small(0xfca8_6420))
}
fn not_implemented_bool(th: &mut Thread, _: &[Value]) -> R<Value> {
    Err(th.type_error("NotImplemented should not be used in a boolean context"))
}

/// Fills the three types.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    let list: [(Ref<Class>, &'static str, NativeFn, NativeFn); 3] = [
        (types.none_type, "NoneType(cls, /)", none_new, none_repr),
        (
            types.ellipsis,
            "ellipsis(cls, /)",
            ellipsis_new,
            ellipsis_repr,
        ),
        (
            types.not_implemented,
            "NotImplementedType(cls, /)",
            not_implemented_new,
            not_implemented_repr,
        ),
    ];
    for (class, signature, new, repr) in list {
        th.fill(class, |t| {
            t.new(signature, new);
            t.method("__repr__(self, /)", repr);
        });
    }
    th.fill(types.none_type, |t| {
        t.methods(&[
            ("__bool__(self, /)", none_bool),
            ("__hash__(self, /)", none_hash),
        ]);
    });
    th.fill(types.not_implemented, |t| {
        t.methods(&[
            ("__bool__(self, /)", not_implemented_bool),
            ("__reduce__(self, /)", not_implemented_repr),
        ]);
    });
    th.fill(types.ellipsis, |t| {
        t.method("__reduce__(self, /)", ellipsis_repr);
    });
}
