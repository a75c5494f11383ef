//! Operators and subscripts of arrays.

use super::{Array, This, make, this};
use crate::heap::{R, Thread, Value};
use crate::objects::define::TypeBuilder;
use crate::objects::protocol::Cmp;
use crate::objects::range::Slice;
use crate::text::str_ops::{SliceIndices, normalize_index};

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let len = array.len(th)?;
    if let Some(i) = th.subscript(a[1])? {
        return match normalize_index(i, len) {
            Some(at) => array.item(th, at),
            None => Err(th.index_error("array index out of range")),
        };
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(th.type_error("array indices must be integers"));
    };
    let slice = th.slice_indices(slice, len)?;
    let data = picked(th, array, slice)?;
    let class = th.class_for::<Array>();
    Ok(make(th, class, array.code, &data)?.value())
}

/// The bytes of the items of a slice.
fn picked(th: &mut Thread, array: This, slice: SliceIndices) -> R<Vec<u8>> {
    let size = array.size();
    if slice.step == 1 {
        let range = slice.start * size..(slice.start + slice.count) * size;
        return array.store.load(th, array, range);
    }
    let all = array.store.bytes(th, array)?;
    Ok(slice
        .iter()
        .flat_map(|at| all[at * size..(at + 1) * size].iter().copied())
        .collect())
}

fn set_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let (len, size) = (array.len(th)?, array.size());
    if let Some(i) = th.subscript(a[1])? {
        let Some(at) = normalize_index(i, len) else {
            return Err(th.index_error("array assignment index out of range"));
        };
        let data = array.packed(th, a[2])?;
        array.store.store(th, array, at * size, &data[..size])?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(th.type_error("array indices must be integers"));
    };
    let Some(source) = a[2].native::<Array>() else {
        let name = th.type_name(a[2]);
        return Err(th.type_error(format!(
            "can only assign array (not \"{name}\") to array slice"
        )));
    };
    if source.code != array.code {
        return Err(th.type_error("bad argument type for built-in operation"));
    }
    let data = source.store.bytes(th, source)?;
    let slice = th.slice_indices(slice, len)?;
    if slice.step == 1 {
        let range = slice.start * size..(slice.start + slice.count) * size;
        array.store.splice(th, array, range, &data)?;
        return Ok(Value::NONE);
    }
    if slice.count * size != data.len() {
        if data.is_empty() {
            return delete(th, array, slice);
        }
        let message = format!(
            "attempt to assign array of size {} to extended slice of size {}",
            data.len() / size,
            slice.count
        );
        return Err(th.value_error(message));
    }
    for (at, item) in slice.iter().zip(data.chunks_exact(size)) {
        array.store.store(th, array, at * size, item)?;
    }
    Ok(Value::NONE)
}

fn delete(th: &mut Thread, array: This, slice: SliceIndices) -> R<Value> {
    let size = array.size();
    if slice.step == 1 {
        let range = slice.start * size..(slice.start + slice.count) * size;
        array.store.splice(th, array, range, b"")?;
        return Ok(Value::NONE);
    }
    let gone: std::collections::HashSet<usize> = slice.iter().collect();
    let all = array.store.bytes(th, array)?;
    let kept: Vec<u8> = all
        .chunks_exact(size)
        .enumerate()
        .filter(|(i, _)| !gone.contains(i))
        .flat_map(|(_, item)| item.iter().copied())
        .collect();
    array.store.replace(th, array, &kept)?;
    Ok(Value::NONE)
}

fn del_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let (len, size) = (array.len(th)?, array.size());
    if let Some(i) = th.subscript(a[1])? {
        let Some(at) = normalize_index(i, len) else {
            return Err(th.index_error("array assignment index out of range"));
        };
        array
            .store
            .splice(th, array, at * size..(at + 1) * size, b"")?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(th.type_error("array indices must be integers"));
    };
    let slice = th.slice_indices(slice, len)?;
    delete(th, array, slice)
}

fn same_kind(th: &mut Thread, array: This, v: Value, what: &str) -> R<This> {
    let Some(other) = v.native::<Array>() else {
        let name = th.type_name(v);
        return Err(th.type_error(format!("can only {what} array (not \"{name}\") to array")));
    };
    if other.code != array.code {
        return Err(th.type_error("bad argument type for built-in operation"));
    }
    Ok(other)
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let other = same_kind(th, array, a[1], "append")?;
    let mut data = array.store.bytes(th, array)?;
    data.extend(other.store.bytes(th, other)?);
    let class = th.class_for::<Array>();
    Ok(make(th, class, array.code, &data)?.value())
}

fn repeated(th: &mut Thread, array: This, v: Value) -> R<Vec<u8>> {
    let Some(count) = th.repeat_count(v)? else {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "can't multiply sequence by non-int of type '{name}'"
        )));
    };
    let data = array.store.bytes(th, array)?;
    th.check_room(data.len().saturating_mul(count.max(0) as usize))?;
    let out = crate::text::bytes_ops::repeat(&data, count);
    th.text(out)
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = repeated(th, this(a), a[1])?;
    let class = th.class_for::<Array>();
    Ok(make(th, class, this(a).code, &data)?.value())
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let array = this(a);
    let Some(other) = a[1].native::<Array>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = (array.items(th)?, other.items(th)?);
    if x.len() != y.len() && matches!(op, Cmp::Eq | Cmp::Ne) {
        return Ok(Value::bool(op == Cmp::Ne));
    }
    for (&x, &y) in x.iter().zip(&y) {
        // Numbers and characters: no code of the program runs here.
        if !th.compare_bool(Cmp::Eq, x, y)? {
            return match op {
                Cmp::Eq => Ok(Value::FALSE),
                Cmp::Ne => Ok(Value::TRUE),
                _ => th.compare(op, x, y),
            };
        }
    }
    let order = x.len().cmp(&y.len());
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
        ("__getitem__(self, key, /)", get_item),
        ("__setitem__(self, key, value, /)", set_item),
        ("__delitem__(self, key, /)", del_item),
        ("__len__(self, /)", |th, a| {
            let n = this(a).len(th)?;
            Ok(th.int(n as i64))
        }),
        ("__add__(self, value, /)", add),
        ("__iadd__(self, value, /)", |th, a| {
            let array = this(a);
            if a[1].native::<Array>().is_none() {
                let name = th.type_name(a[1]);
                return Err(th.type_error(format!("can only extend with array (not \"{name}\")")));
            }
            array.extend(th, a[1])?;
            Ok(a[0])
        }),
        ("__mul__(self, value, /)", mul),
        ("__rmul__(self, value, /)", mul),
        ("__imul__(self, value, /)", |th, a| {
            let array = this(a);
            let data = repeated(th, array, a[1])?;
            array.store.replace(th, array, &data)?;
            Ok(a[0])
        }),
        ("__contains__(self, key, /)", |th, a| {
            for item in this(a).items(th)? {
                if th.equal(item, a[1])? {
                    return Ok(Value::TRUE);
                }
            }
            Ok(Value::FALSE)
        }),
        ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
        ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
        ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
        ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
        ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
        ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
        ("__iter__(self, /)", |th, a| Ok(super::iter::iter(th, a[0]))),
        ("__buffer__(self, flags, /)", |th, a| {
            crate::objects::memoryview::of(th, a[0])
        }),
    ]);
}
