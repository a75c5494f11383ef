//! `bytes`, and what it shares with `bytearray`: constructor, operators, methods.
//!
//! The functions that both types have work on the receiver's bytes ([`data`]: in place for `bytes`, a copy for a
//! `bytearray`) and make a result of the receiver's kind ([`made`]). The algorithms are in `crate::text::bytes_ops`.

pub mod iter;
mod methods;
mod operators;
mod percent;

use num_traits::ToPrimitive;

use super::bytearray::ByteArray;
use super::string::Str;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::buffer::Data;
use crate::objects::define::TypeBuilder;
use crate::objects::special::Sp;

pub(crate) use methods::hex;
pub use operators::concat;

/// The bytes of the receiver, which is `bytes` or `bytearray`.
pub(crate) fn data(th: &mut Thread, v: Value) -> R<Data> {
    Ok(th
        .buffer(v)?
        .expect("the receiver's class was checked, and has a buffer"))
}

/// A new object like `like`: `bytearray` or `bytes`.
pub(crate) fn made(th: &mut Thread, like: Value, data: &[u8]) -> R<Value> {
    if like.native::<ByteArray>().is_some() {
        return Ok(th.bytearray(data)?.value());
    }
    th.new_bytes(data)
}

/// `v` itself if it is exact `bytes`, otherwise a copy of `data`.
pub(crate) fn unchanged(th: &mut Thread, v: Value, data: &[u8]) -> R<Value> {
    if th.class_of(v) == th.rt.types().bytes {
        return Ok(v);
    }
    made(th, v, data)
}

/// A byte: an int in range(256).
pub(crate) fn byte(th: &mut Thread, v: Value, what: &str) -> R<u8> {
    let v = if v.is_int() { v } else { th.index(v)? };
    let b = match v.as_int() {
        Some(i) => u8::try_from(i).ok(),
        None => th.as_bigint(v).and_then(|i| i.to_u8()),
    };
    b.ok_or_else(|| th.value_error(format!("{what} must be in range(0, 256)")))
}

/// What `bytes(v)` and `bytearray(v)` are made of, for `v` that is no string.
pub(crate) fn source(th: &mut Thread, v: Value, class: &str) -> R<Data> {
    if !th.special(v, Sp::Index).is_null() {
        let v = th.index(v)?;
        let n = th.as_bigint(v).and_then(|i| i.to_isize());
        let Some(n) = n else {
            return Err(th.overflow_error("cannot fit 'int' into an index-sized integer"));
        };
        if n < 0 {
            return Err(th.value_error("negative count"));
        }
        th.check_room(n as usize)?;
        return Ok(vec![0; n as usize].into());
    }
    if let Some(data) = th.buffer(v)? {
        return Ok(data);
    }
    if th.special(v, Sp::Iter).is_null() && th.special(v, Sp::GetItem).is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!("cannot convert '{name}' object to {class}")));
    }
    let mut out = vec![];
    let what = if class == "bytes" { "bytes" } else { "byte" };
    th.for_each(v, |th, item| {
        out.push(byte(th, item, what)?);
        Ok(true)
    })?;
    Ok(out.into())
}

/// The bytes of `bytes(text, encoding, errors)`, if the arguments are of that form.
pub(crate) fn encoded(th: &mut Thread, a: &[Value], class: &str) -> R<Option<Value>> {
    let (text, encoding, errors) = (a[0], a[1], a[2]);
    let is_text = text.cast::<Str>();
    if encoding.is_null() && errors.is_null() {
        return match is_text {
            Some(_) => Err(th.type_error("string argument without an encoding")),
            None => Ok(None),
        };
    }
    let encoding_name = crate::modules::codecs::name_arg(th, encoding, class, "encoding")?;
    let errors_name = crate::modules::codecs::name_arg(th, errors, class, "errors")?;
    let Some(s) = is_text else {
        return Err(th.type_error(if encoding.is_null() {
            "errors without a string argument"
        } else {
            "encoding without a string argument"
        }));
    };
    if encoding.is_null() {
        return Err(th.type_error("string argument without an encoding"));
    }
    crate::modules::codecs::encode_str(th, s, encoding_name, errors_name).map(Some)
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let exact = class == th.rt.types().bytes;
    if a[1].is_null() && a[2].is_null() && a[3].is_null() {
        return Ok(th.bytes_of_class(class, b"").value());
    }
    if let Some(v) = encoded(th, &a[1..], "bytes")? {
        return of_class(th, class, v);
    }
    let made = th.call_special(a[1], Sp::Bytes, &[])?;
    if !made.is_null() {
        if made.cast::<Bytes>().is_none() {
            let name = th.type_name(made);
            return Err(th.type_error(format!("__bytes__ returned non-bytes (type {name})")));
        }
        return of_class(th, class, made);
    }
    let data = source(th, a[1], "bytes")?;
    th.check_room(data.len())?;
    let _ = exact;
    Ok(th.bytes_of_class(class, &data).value())
}

/// `v`, which is `bytes`, as an instance of `class`.
fn of_class(th: &mut Thread, class: Ref<crate::objects::class::Class>, v: Value) -> R<Value> {
    if class == th.rt.types().bytes {
        return Ok(v);
    }
    let data = data(th, v)?;
    Ok(th.bytes_of_class(class, &data).value())
}

/// Defines what `bytes` and `bytearray` have in common.
pub(crate) fn define_shared(t: &mut TypeBuilder) {
    operators::define(t);
    methods::define(t);
}

/// Fills the class `bytes`.
pub fn init(th: &mut Thread) {
    iter::init(th);
    th.fill(th.rt.types().bytes, |t| {
        define_shared(t);
        t.new(
            "bytes(cls, source=b'', encoding='utf-8', errors='strict')",
            new,
        );
        t.methods(&[
            ("__hash__(self, /)", |th, a| {
                let data = data(th, a[0])?;
                let hash = crate::objects::string::hash_bytes(&data, th.rt.settings.seed);
                Ok(th.int(hash))
            }),
            ("__bytes__(self, /)", |th, a| {
                let data = data(th, a[0])?;
                unchanged(th, a[0], &data)
            }),
            ("__getnewargs__(self, /)", |th, a| {
                let data = data(th, a[0])?;
                let copy = th.new_bytes(&data)?;
                Ok(th.tuple_value(&[copy]))
            }),
        ]);
    });
}
