//! `charmap_encode`, `charmap_decode` and `charmap_build`: encodings given by a table or a mapping.

use rustpython_wtf8::{CodePoint, Wtf8Buf};

use super::functions::{errors_of, text_arg};
use super::{Handler, as_bytes_object};
use crate::heap::{Fail, R, Thread, Value};
use crate::objects::Bytes;
use crate::objects::native::Payload;
use crate::objects::string::Str;
use crate::text::codecs::{
    DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, EncodingMap, Replacement, charmap_decode,
    charmap_encode, latin1_encode,
};
use crate::text::str_ops::Text;

const REASON: &str = "character maps to <undefined>";

/// `EncodingMap`: what `charmap_build` makes.
pub(super) struct Table(EncodingMap);

impl Payload for Table {}

pub(super) fn build(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = text_arg(th, a[0], "charmap_build")?;
    let class = th.class_for::<Table>();
    let table = Table(EncodingMap::new(s.as_wtf8()));
    Ok(th.new_native(class, table).value())
}

fn counted(th: &mut Thread, v: Value, n: usize) -> Value {
    let n = th.int(n as i64);
    th.tuple_value(&[v, n])
}

pub(super) fn decode(th: &mut Thread, a: &[Value]) -> R<Value> {
    let errors = errors_of(th, a[1], "charmap_decode")?;
    let data = th.bytes_like(a[0])?;
    let object = as_bytes_object(th, a[0], &data);
    let mapping = a[2].or_none();
    let text = if mapping.is_none() || mapping.cast::<Str>().is_some() {
        let table = mapping.cast::<Str>();
        let mut handler = Handler::new(th, errors.as_deref(), object);
        charmap_decode(&data, table.as_ref().map(|t| t.as_wtf8()), &mut handler)?.text
    } else {
        decode_by(th, &data, object, errors.as_deref(), mapping)?
    };
    let text = th.new_str_value(&text)?;
    Ok(counted(th, text, data.len()))
}

/// What a mapping says of a key; null if nothing.
fn ask(th: &mut Thread, mapping: Value, key: i64) -> R<Value> {
    match th.get_item(mapping, Value::small(key)) {
        Ok(v) if v.is_none() => Ok(Value::NULL),
        Ok(v) => Ok(v),
        Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.lookup_error) => {
            th.take_exc();
            Ok(Value::NULL)
        }
        Err(e) => Err(e),
    }
}

fn decode_by(
    th: &mut Thread,
    data: &[u8],
    object: Value,
    errors: Option<&Str>,
    mapping: Value,
) -> R<Wtf8Buf> {
    let mut out = Wtf8Buf::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        let v = ask(th, mapping, data[at] as i64)?;
        if let Some(s) = v.cast::<Str>() {
            if s.as_wtf8().code_points().next().map(CodePoint::to_u32) != Some(0xfffe)
                || s.len() != 1
            {
                out.push_wtf8(s.as_wtf8());
                at += 1;
                continue;
            }
        } else if !v.is_null() {
            let Some(i) = th.as_bigint(v) else {
                return Err(th.type_error("character mapping must return integer, None or str"));
            };
            match u32::try_from(i).ok().and_then(CodePoint::from_u32) {
                Some(c) if c.to_u32() == 0xfffe => {}
                Some(c) => {
                    out.push(c);
                    at += 1;
                    continue;
                }
                None => {
                    return Err(th.type_error("character mapping must be in range(0x110000)"));
                }
            }
        }
        let fault = DecodeFault {
            encoding: "charmap",
            data,
            start: at,
            end: at + 1,
            reason: REASON,
        };
        let (text, resume) = Handler::new(th, errors, object).replace_decode(&fault)?;
        out.push_wtf8(&text);
        at = resume;
    }
    Ok(out)
}

pub(super) fn encode(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = text_arg(th, a[0], "charmap_encode")?;
    let errors = errors_of(th, a[1], "charmap_encode")?;
    let mapping = a[2].or_none();
    let out = if mapping.is_none() {
        let mut handler = Handler::new(th, errors.as_deref(), s.value());
        latin1_encode(s.as_wtf8(), &mut handler)?
    } else if let Some(table) = mapping.native::<Table>() {
        let mut handler = Handler::new(th, errors.as_deref(), s.value());
        charmap_encode(s.as_wtf8(), &table.0, &mut handler)?
    } else {
        encode_by(th, s.text(), s.value(), errors.as_deref(), mapping)?
    };
    let out = th.new_bytes(&out)?;
    Ok(counted(th, out, s.len()))
}

/// Appends what a mapping makes of a character; says whether it knows it.
fn put(th: &mut Thread, mapping: Value, c: CodePoint, out: &mut Vec<u8>) -> R<bool> {
    let v = ask(th, mapping, c.to_u32() as i64)?;
    if v.is_null() {
        return Ok(false);
    }
    if let Some(b) = v.cast::<Bytes>() {
        out.extend_from_slice(b.as_bytes());
        return Ok(true);
    }
    let Some(i) = th.as_bigint(v) else {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "character mapping must return integer, bytes or None, not {name}"
        )));
    };
    match u8::try_from(i) {
        Ok(b) => out.push(b),
        Err(_) => return Err(th.type_error("character mapping must be in range(256)")),
    }
    Ok(true)
}

fn encode_by(
    th: &mut Thread,
    text: Text<'_>,
    object: Value,
    errors: Option<&Str>,
    mapping: Value,
) -> R<Vec<u8>> {
    let mut out = vec![];
    let mut at = 0;
    while at < text.len() {
        let Some(c) = text.code_point(at) else { break };
        if put(th, mapping, c, &mut out)? {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while let Some(c) = text.code_point(end)
            && !put(th, mapping, c, &mut vec![])?
        {
            end += 1;
        }
        let fault = EncodeFault::new("charmap", text, at, end, REASON);
        let (replacement, resume) = Handler::new(th, errors, object).replace_encode(&fault)?;
        match replacement {
            Replacement::Bytes(bytes) => out.extend(bytes),
            Replacement::Text(text) => {
                for c in text.code_points() {
                    if !put(th, mapping, c, &mut out)? {
                        return Err(Handler::new(th, errors, object).fail(&fault));
                    }
                }
            }
        }
        at = resume;
    }
    Ok(out)
}

impl Handler<'_> {
    fn replace_decode(&mut self, fault: &DecodeFault<'_>) -> R<(Wtf8Buf, usize)> {
        DecodeErrors::replace(self, fault)
    }
    fn replace_encode(&mut self, fault: &EncodeFault<'_>) -> R<(Replacement, usize)> {
        EncodeErrors::replace(self, fault)
    }
}
