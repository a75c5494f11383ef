//! `bytearray`.

mod store;

pub use store::Store;

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::buffer::Data;
use crate::objects::bytes::{byte, data, define_shared, encoded, source};
use crate::objects::class::{Class, class_flags};
use crate::objects::native::{Native, Payload};
use crate::objects::range::Slice;
use crate::text::str_ops::normalize_index;

/// The payload of `bytearray` and its subclasses.
pub struct ByteArray {
    pub store: Store,
}

impl Payload for ByteArray {
    fn trace(&self, t: &mut Tracer) {
        self.store.trace(t)
    }
}

impl Thread {
    /// A new `bytearray`.
    pub fn bytearray(&mut self, data: &[u8]) -> R<Ref<Native<ByteArray>>> {
        let class = self.class_for::<ByteArray>();
        bytearray_of(self, class, data)
    }
}

fn bytearray_of(th: &mut Thread, class: Ref<Class>, data: &[u8]) -> R<Ref<Native<ByteArray>>> {
    let store = Store::new(th, data)?;
    Ok(th.new_native(class, ByteArray { store }))
}

fn this(a: &[Value]) -> Ref<Native<ByteArray>> {
    a[0].native().expect("the receiver's class was checked")
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    Ok(bytearray_of(th, class, b"")?.value())
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let data = if a[1].is_null() && a[2].is_null() && a[3].is_null() {
        Data::Borrowed(&b""[..])
    } else if let Some(v) = encoded(th, &a[1..], "bytearray")? {
        data(th, v)?
    } else {
        source(th, a[1], "bytearray")?
    };
    b.store.replace(th, b, &data)?;
    Ok(Value::NONE)
}

/// The bytes of a value that is assigned or added: bytes-like, or an iterable of ints.
fn bytes_of(th: &mut Thread, v: Value) -> R<Data> {
    if let Some(data) = th.buffer(v)? {
        return Ok(data);
    }
    let mut out = vec![];
    th.for_each(v, |th, item| {
        out.push(byte(th, item, "byte")?);
        Ok(true)
    })?;
    Ok(out.into())
}

fn set_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    if let Some(i) = th.subscript(a[1])? {
        let len = b.store.len(th, b)?;
        let Some(at) = normalize_index(i, len) else {
            return Err(th.index_error("bytearray index out of range"));
        };
        let v = byte(th, a[2], "byte")?;
        b.store.store(th, b, at, &[v])?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(bad_index(th, a[1]));
    };
    if a[2].cast::<crate::objects::string::Str>().is_some()
        || !th
            .special(a[2], crate::objects::special::Sp::Index)
            .is_null()
    {
        return Err(
            th.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)")
        );
    }
    let data = bytes_of(th, a[2])?;
    let len = b.store.len(th, b)?;
    let slice = th.slice_indices(slice, len)?;
    if slice.step == 1 {
        b.store
            .splice(th, b, slice.start..slice.start + slice.count, &data)?;
        return Ok(Value::NONE);
    }
    if slice.count != data.len() {
        if data.is_empty() {
            return delete_slice(th, b, slice);
        }
        let message = format!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            data.len(),
            slice.count
        );
        return Err(th.value_error(message));
    }
    for (at, v) in slice.iter().zip(data.iter()) {
        b.store.store(th, b, at, &[*v])?;
    }
    Ok(Value::NONE)
}

fn bad_index(th: &mut Thread, v: Value) -> crate::heap::Fail {
    let name = th.type_name(v);
    th.type_error(format!(
        "bytearray indices must be integers or slices, not {name}"
    ))
}

fn delete_slice(
    th: &mut Thread,
    b: Ref<Native<ByteArray>>,
    slice: crate::text::str_ops::SliceIndices,
) -> R<Value> {
    if slice.step == 1 {
        b.store
            .splice(th, b, slice.start..slice.start + slice.count, b"")?;
        return Ok(Value::NONE);
    }
    let mut gone: Vec<usize> = slice.iter().collect();
    gone.sort_unstable();
    let all = b.store.bytes(th, b)?;
    let mut kept = Vec::with_capacity(all.len() - gone.len());
    let mut next = gone.iter().peekable();
    for (i, v) in all.iter().enumerate() {
        if next.peek() == Some(&&i) {
            next.next();
        } else {
            kept.push(*v);
        }
    }
    b.store.replace(th, b, &kept)?;
    Ok(Value::NONE)
}

fn del_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let len = b.store.len(th, b)?;
    if let Some(i) = th.subscript(a[1])? {
        let Some(at) = normalize_index(i, len) else {
            return Err(th.index_error("bytearray index out of range"));
        };
        b.store.splice(th, b, at..at + 1, b"")?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(bad_index(th, a[1]));
    };
    let slice = th.slice_indices(slice, len)?;
    delete_slice(th, b, slice)
}

fn iadd(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let Some(data) = th.buffer(a[1])? else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!("can't concat {name} to bytearray")));
    };
    b.store.extend(th, b, &data)?;
    Ok(a[0])
}

fn imul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let Some(count) = th.repeat_count(a[1])? else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "can't multiply sequence by non-int of type '{name}'"
        )));
    };
    let data = b.store.bytes(th, b)?;
    th.check_room(data.len().saturating_mul(count.max(0) as usize))?;
    let out = crate::text::bytes_ops::repeat(&data, count);
    let out = th.text(out)?;
    b.store.replace(th, b, &out)?;
    Ok(a[0])
}

fn extend(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    if a[1].cast::<crate::objects::string::Str>().is_some() {
        return Err(th.type_error("expected iterable of integers; got: 'str'"));
    }
    if th.buffer(a[1])?.is_none()
        && th
            .special(a[1], crate::objects::special::Sp::Iter)
            .is_null()
    {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!("can't extend bytearray with {name}")));
    }
    let data = bytes_of(th, a[1])?;
    b.store.extend(th, b, &data)?;
    Ok(Value::NONE)
}

fn insert(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let i = th.ssize(a[1])?;
    let v = byte(th, a[2], "byte")?;
    let len = b.store.len(th, b)?;
    let at = if i < 0 {
        len.saturating_sub(i.unsigned_abs())
    } else {
        len.min(i as usize)
    };
    b.store.splice(th, b, at..at, &[v])?;
    Ok(Value::NONE)
}

fn pop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let i = th.ssize_or(a[1], -1)?;
    let len = b.store.len(th, b)?;
    if len == 0 {
        return Err(th.index_error("pop from empty bytearray"));
    }
    let Some(at) = normalize_index(i, len) else {
        return Err(th.index_error("pop index out of range"));
    };
    let v = b.store.byte(th, b, at)?;
    b.store.splice(th, b, at..at + 1, b"")?;
    Ok(Value::small(v as i64))
}

fn remove(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let v = byte(th, a[1], "byte")?;
    let data = b.store.bytes(th, b)?;
    let Some(at) = memchr::memchr(v, &data) else {
        return Err(th.value_error("value not found in bytearray"));
    };
    b.store.splice(th, b, at..at + 1, b"")?;
    Ok(Value::NONE)
}

fn resize(th: &mut Thread, a: &[Value]) -> R<Value> {
    let b = this(a);
    let size = th.ssize(a[1])?;
    if size < 0 {
        let message = format!("bytearray.resize(): new size must be >= 0, got {size}");
        return Err(th.value_error(message));
    }
    let (len, size) = (b.store.len(th, b)?, size as usize);
    th.check_room(size)?;
    if size < len {
        b.store.splice(th, b, size..len, b"")?;
    } else {
        b.store.extend(th, b, &vec![0; size - len])?;
    }
    Ok(Value::NONE)
}

/// `__reduce_ex__`: text up to protocol 2, bytes from 3 on.
fn reduce(th: &mut Thread, v: Value, protocol: isize) -> R<Value> {
    let bytes = data(th, v)?;
    let args = if protocol < 3 {
        let text = crate::text::codecs::latin1_decode(&bytes);
        let text = th.new_str_value(&text)?;
        let encoding = th.str_value("latin-1");
        th.tuple_value(&[text, encoding])
    } else {
        let copy = th.new_bytes(&bytes)?;
        th.tuple_value(&[copy])
    };
    let state = th.dict_of(v)?.map_or(Value::NONE, |d| d.value());
    let class = th.class_of(v).value();
    Ok(th.tuple_value(&[class, args, state]))
}

/// Defines the class `bytearray`.
pub fn init(th: &mut Thread) {
    store::init(th);
    let flags = class_flags::BASE | class_flags::MATCH_SELF;
    let class = th.new_type::<ByteArray>("bytearray", flags, |t| {
        define_shared(t);
        t.attr("__hash__", Value::NONE);
        t.new("bytearray(cls, *args, **kwargs)", new);
        t.methods(&[
            (
                "__init__(self, source=b'', encoding='utf-8', errors='strict')",
                init_method,
            ),
            ("__setitem__(self, key, value, /)", set_item),
            ("__delitem__(self, key, /)", del_item),
            ("__iadd__(self, value, /)", iadd),
            ("__imul__(self, value, /)", imul),
            ("append(self, item, /)", |th, a| {
                let v = byte(th, a[1], "byte")?;
                let b = this(a);
                b.store.extend(th, b, &[v])?;
                Ok(Value::NONE)
            }),
            ("extend(self, iterable_of_ints, /)", extend),
            ("insert(self, index, item, /)", insert),
            ("pop(self, index=-1, /)", pop),
            ("remove(self, value, /)", remove),
            ("resize(self, size, /)", resize),
            ("clear(self, /)", |th, a| {
                let b = this(a);
                b.store.replace(th, b, b"")?;
                Ok(Value::NONE)
            }),
            ("copy(self, /)", |th, a| {
                let data = data(th, a[0])?;
                Ok(th.bytearray(&data)?.value())
            }),
            ("reverse(self, /)", |th, a| {
                let b = this(a);
                let mut data = b.store.bytes(th, b)?;
                data.reverse();
                b.store.store(th, b, 0, &data)?;
                Ok(Value::NONE)
            }),
            ("__alloc__(self, /)", |th, a| {
                let b = this(a);
                let n = b.store.capacity(th, b)? + 1;
                Ok(th.int(n as i64))
            }),
            ("__sizeof__(self, /)", |th, a| {
                let b = this(a);
                let n = b.store.capacity(th, b)? + size_of::<Native<ByteArray>>();
                Ok(th.int(n as i64))
            }),
            ("__reduce__(self, /)", |th, a| reduce(th, a[0], 2)),
            ("__reduce_ex__(self, proto=0, /)", |th, a| {
                let protocol = th.ssize_or(a[1], 0)?;
                reduce(th, a[0], protocol)
            }),
        ]);
    });
    // The builtins module takes it from there.
    th.set_state("bytearray", class.value());
}
