//! Operators and subscripts of `bytes` and `bytearray`.

use super::{byte, data, made, unchanged};
use crate::heap::{R, Thread, Value};
use crate::objects::bytearray::ByteArray;
use crate::objects::bytes::Bytes;
use crate::objects::define::TypeBuilder;
use crate::objects::protocol::Cmp;
use crate::objects::range::Slice;
use crate::objects::special::Sp;
use crate::text::bytes_ops as ops;
use crate::text::str_ops::normalize_index;

/// `a + b`; the result is like `a`.
pub fn concat(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (x, y) = (data(th, a)?, data(th, b)?);
    if y.is_empty() {
        return unchanged(th, a, &x);
    }
    th.check_room(x.len() + y.len())?;
    let mut out = Vec::with_capacity(x.len() + y.len());
    out.extend_from_slice(&x);
    out.extend_from_slice(&y);
    made(th, a, &out)
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.buffer(a[1])?.is_some() {
        return concat(th, a[0], a[1]);
    }
    if th.has_reflected(a[1], Sp::RAdd) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (mine, other) = (own_name(a[0]), th.type_name(a[1]));
    Err(th.type_error(format!("can't concat {other} to {mine}")))
}

/// `bytes` or `bytearray`.
pub(super) fn own_name(v: Value) -> &'static str {
    if v.native::<ByteArray>().is_some() {
        "bytearray"
    } else {
        "bytes"
    }
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.has_reflected(a[1], Sp::RMul) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    rmul(th, a)
}

fn rmul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(count) = th.repeat_count(a[1])? else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "can't multiply sequence by non-int of type '{name}'"
        )));
    };
    let data = data(th, a[0])?;
    if count == 1 {
        return unchanged(th, a[0], &data);
    }
    th.check_room(data.len().saturating_mul(count.max(0) as usize))?;
    let out = ops::repeat(&data, count);
    let out = th.text(out)?;
    made(th, a[0], &out)
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    if let Some(i) = th.subscript(a[1])? {
        if let Some(b) = a[0].native::<ByteArray>() {
            let len = b.store.len(th, b)?;
            let Some(at) = normalize_index(i, len) else {
                return Err(th.index_error("bytearray index out of range"));
            };
            return Ok(Value::small(b.store.byte(th, b, at)? as i64));
        }
        let data = data(th, a[0])?;
        return match normalize_index(i, data.len()) {
            Some(at) => Ok(Value::small(data[at] as i64)),
            None => Err(th.index_error("index out of range")),
        };
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        let (mine, name) = (own_name(a[0]), th.type_name(a[1]));
        let what = if mine == "bytes" { "byte" } else { mine };
        return Err(th.type_error(format!(
            "{what} indices must be integers or slices, not {name}"
        )));
    };
    let len = th.len_of(a[0])?;
    let slice = th.slice_indices(slice, len)?;
    if slice.step == 1
        && let Some(b) = a[0].native::<ByteArray>()
    {
        let part = b
            .store
            .load(th, b, slice.start..slice.start + slice.count)?;
        return made(th, a[0], &part);
    }
    let data = data(th, a[0])?;
    if slice.count == data.len() && slice.step == 1 {
        return unchanged(th, a[0], &data);
    }
    if slice.step == 1 {
        return made(th, a[0], &data[slice.start..slice.start + slice.count]);
    }
    made(th, a[0], &ops::slice(&data, slice))
}

fn contains(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = data(th, a[0])?;
    if !th.special(a[1], Sp::Index).is_null() {
        let b = byte(th, a[1], "byte")?;
        return Ok(Value::bool(data.contains(&b)));
    }
    let needle = th.bytes_like(a[1])?;
    Ok(Value::bool(ops::contains(&data, &needle)))
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let Some(other) = th.buffer(a[1])? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let bytes = |v: Value| v.cast::<Bytes>().is_some();
    if !matches!(op, Cmp::Eq | Cmp::Ne) && bytes(a[0]) && !bytes(a[1]) {
        // `bytes` has an order with `bytes` alone; `bytearray` with all buffers.
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let order = data(th, a[0])?.cmp(&other);
    Ok(Value::bool(match op {
        Cmp::Eq => order.is_eq(),
        Cmp::Ne => order.is_ne(),
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
    }))
}

pub(super) fn define(t: &mut TypeBuilder) {
    t.methods(&[
        ("__add__(self, value, /)", add),
        ("__mul__(self, value, /)", mul),
        ("__rmul__(self, value, /)", rmul),
        ("__mod__(self, value, /)", |th, a| {
            super::percent::percent(th, a[0], a[1])
        }),
        ("__rmod__(self, value, /)", |th, a| match own_name(a[1]) {
            "bytes" if !th.is_bytes(a[1]) => Ok(Value::NOT_IMPLEMENTED),
            _ => super::percent::percent(th, a[1], a[0]),
        }),
        ("__getitem__(self, key, /)", get_item),
        ("__contains__(self, key, /)", contains),
        ("__len__(self, /)", |th, a| {
            let len = match a[0].native::<ByteArray>() {
                Some(b) => b.store.len(th, b)?,
                None => data(th, a[0])?.len(),
            };
            Ok(th.int(len as i64))
        }),
        ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
        ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
        ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
        ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
        ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
        ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
        ("__repr__(self, /)", |th, a| {
            let data = data(th, a[0])?;
            let text = if own_name(a[0]) == "bytes" {
                crate::text::repr::bytes_repr(&data)
            } else {
                let class = th.type_name(a[0]);
                crate::text::repr::bytearray_repr(&class, &data)
            };
            th.new_str_utf8(&text)
        }),
        ("__str__(self, /)", |th, a| {
            th.call_special(a[0], Sp::Repr, &[])
        }),
        ("__iter__(self, /)", |th, a| Ok(super::iter::iter(th, a[0]))),
        ("__buffer__(self, flags, /)", |th, a| {
            crate::objects::memoryview::of(th, a[0])
        }),
    ]);
}
