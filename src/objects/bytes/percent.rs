//! `template % arguments` where the template is `bytes` or `bytearray`.

use super::{data, made};
use crate::heap::{R, Thread, Value};
use crate::objects::Bytes;
use crate::objects::special::Sp;
use crate::objects::string::percent_parts::{Arguments, float, integer, supply_counts};
use crate::text::percent::{
    Conversion, PercentParser, PercentPart, byte_required, char_out_of_range,
};
use crate::text::repr::escape_non_ascii;

/// What `%b` and `%s` insert.
fn bytes_of(th: &mut Thread, v: Value) -> R<Vec<u8>> {
    if let Some(data) = th.buffer(v)? {
        return Ok(data.into_owned());
    }
    let made = th.call_special(v, Sp::Bytes, &[])?;
    if made.is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "%b requires a bytes-like object, or an object that implements __bytes__, not '{name}'"
        )));
    }
    match made.cast::<Bytes>() {
        Some(b) => Ok(b.as_bytes().to_vec()),
        None => {
            let name = th.type_name(made);
            Err(th.type_error(format!("__bytes__ returned non-bytes (type {name})")))
        }
    }
}

fn character(th: &mut Thread, v: Value) -> R<u8> {
    if let Some(data) = th.buffer(v)? {
        if let [b] = data[..] {
            return Ok(b);
        }
        let name = th.type_name(v);
        return Err(th.raise_text(byte_required(&name, Some(data.len()))));
    }
    if th.special(v, Sp::Index).is_null() {
        let name = th.type_name(v);
        return Err(th.raise_text(byte_required(&name, None)));
    }
    let i = th.index(v)?;
    let b = th.as_bigint(i).and_then(|i| u8::try_from(i).ok());
    b.ok_or_else(|| th.raise_text(char_out_of_range(true)))
}

/// `template % v`; the result is like the template.
pub fn percent(th: &mut Thread, template: Value, v: Value) -> R<Value> {
    let text = data(th, template)?;
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut args = Arguments::new(th, v);
    for part in PercentParser::of_bytes(&text) {
        let mut spec = match th.text(part)? {
            PercentPart::Literal(text) => {
                out.extend_from_slice(text);
                continue;
            }
            PercentPart::Spec(spec) => spec,
        };
        if let Some(key) = spec.key {
            let key = th.new_bytes(key)?;
            args.select(th, v, key)?;
        }
        supply_counts(th, &mut spec, &mut args)?;
        let v = args.next(th)?;
        let conversion = spec.conversion();
        match th.text(conversion)? {
            Conversion::Str => {
                let piece = bytes_of(th, v)?;
                let piece = spec.layout_bytes(&piece);
                out.extend_from_slice(&th.text(piece)?);
            }
            Conversion::Repr | Conversion::Ascii => {
                let piece = escape_non_ascii(th.repr(v)?.as_wtf8());
                let piece = spec.layout_bytes(piece.as_bytes());
                out.extend_from_slice(&th.text(piece)?);
            }
            Conversion::Integer | Conversion::Index => {
                let i = integer(th, v, spec.letter())?;
                let piece = spec.layout_int(&i, th.max_str_digits());
                out.extend_from_slice(th.text(piece)?.as_bytes());
            }
            Conversion::Float => {
                let f = float(th, v)?;
                let piece = spec.layout_float(f);
                out.extend_from_slice(th.text(piece)?.as_bytes());
            }
            Conversion::Char => {
                let c = [character(th, v)?];
                let piece = spec.layout_bytes(&c);
                out.extend_from_slice(&th.text(piece)?);
            }
        }
    }
    args.finish(th, true)?;
    made(th, template, &out)
}
