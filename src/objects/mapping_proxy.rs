//! `types.MappingProxyType`: a mapping seen through glass, as a class' `__dict__`.

use super::class::class_flags;
use super::dict::Dict;
use super::native::Payload;
use super::protocol::{BinOp, Cmp};
use super::special::Sp;
use crate::heap::{Kind, R, Thread, Tracer, Value};

/// See the module's text.
pub struct MappingProxy {
    pub mapping: Value,
}

impl Payload for MappingProxy {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.mapping)
    }
}

impl Thread {
    /// A read-only view of `mapping`.
    pub fn mapping_proxy(&mut self, mapping: Value) -> Value {
        let class = self.class_for::<MappingProxy>();
        self.new_native(class, MappingProxy { mapping }).value()
    }
}

fn mapping(th: &mut Thread, v: Value) -> R<Value> {
    Ok(th.native_self::<MappingProxy>(v, "mappingproxy")?.mapping)
}

/// The mapping behind a proxy, or the value itself.
fn behind(v: Value) -> Value {
    v.native::<MappingProxy>().map_or(v, |p| p.mapping)
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let bad = matches!(a[1].kind(), Kind::List | Kind::Tuple | Kind::Str)
        || th.special(a[1], Sp::GetItem).is_null();
    if bad {
        let got = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "mappingproxy() argument must be a mapping, not {got}"
        )));
    }
    Ok(th.mapping_proxy(a[1]))
}

fn len(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    let n = th.len_of(m)?;
    Ok(th.int(n as i64))
}
fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.get_item(m, a[1])
}
fn contains(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.contains(m, a[1]).map(Value::bool)
}
fn iter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.iter(m)
}
fn reversed(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.call_method(m, "__reversed__", &[])
}
fn get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    if let Some(d) = m.cast::<Dict>()
        && th.class_of(m) == th.rt.types().dict
    {
        let found = d.get(th, a[1])?;
        return Ok(if found.is_null() {
            a[2].or_none()
        } else {
            found
        });
    }
    th.call_method(m, "get", &[a[1], a[2].or_none()])
}
fn keys(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.call_method(m, "keys", &[])
}
fn values(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.call_method(m, "values", &[])
}
fn items(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.call_method(m, "items", &[])
}
fn copy(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.call_method(m, "copy", &[])
}
fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    let inner = th.repr(m)?;
    Ok(th.str_value(&format!("mappingproxy({inner})")))
}
fn str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    Ok(th.to_str(m)?.value())
}
fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    let h = th.hash(m)?;
    Ok(th.int(h))
}
fn eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.compare(Cmp::Eq, m, behind(a[1]))
}
fn ne(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = mapping(th, a[0])?;
    th.compare(Cmp::Ne, m, behind(a[1]))
}
fn or(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.binary(BinOp::Or, behind(a[0]), behind(a[1]))
}
fn ror(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.binary(BinOp::Or, behind(a[1]), behind(a[0]))
}
fn ior(th: &mut Thread, a: &[Value]) -> R<Value> {
    let got = th.type_name(a[0]);
    Err(th.type_error(format!("'|=' is not supported by {got}; use '|' instead")))
}
fn class_getitem(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.generic_alias(a[0], a[1])
}

/// Defines the type.
pub(super) fn init(th: &mut Thread) {
    th.new_type::<MappingProxy>("mappingproxy", class_flags::MAPPING, |t| {
        t.new("mappingproxy(cls, mapping)", new);
        t.methods(&[
            ("__len__(self, /)", len),
            ("__getitem__(self, key, /)", get_item),
            ("__contains__(self, key, /)", contains),
            ("__iter__(self, /)", iter),
            ("__reversed__(self, /)", reversed),
            ("__repr__(self, /)", repr),
            ("__str__(self, /)", str),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", eq),
            ("__ne__(self, value, /)", ne),
            ("__or__(self, value, /)", or),
            ("__ror__(self, value, /)", ror),
            ("__ior__(self, value, /)", ior),
            ("get(self, key, default=None, /)", get),
            ("keys(self, /)", keys),
            ("values(self, /)", values),
            ("items(self, /)", items),
            ("copy(self, /)", copy),
        ]);
        t.class_method("__class_getitem__(cls, object, /)", class_getitem);
    });
}
