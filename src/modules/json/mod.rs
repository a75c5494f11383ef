//! `_json`: reading and writing JSON for the module `json`.

mod encoder;
mod literal;
mod scanner;

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::string::Str;

/// Raises `json.JSONDecodeError(message, document, position)`. The position is in bytes.
#[cold]
fn fail(th: &mut Thread, message: &str, document: Ref<Str>, at: usize) -> Fail {
    let build = |th: &mut Thread| -> R<Value> {
        let import = th.builtin("__import__")?;
        let name = th.str_value("json.decoder");
        let names = th.str_value("JSONDecodeError");
        let names = th.tuple_value(&[names]);
        let module = th.call(import, &[name, Value::NONE, Value::NONE, names])?;
        let class = th.attr(module, "JSONDecodeError")?;
        let message = th.str_value(message);
        let at = document
            .text()
            .char_at_byte(at.min(document.as_bytes().len()));
        let at = th.int(at as i64);
        th.call(class, &[message, document.value(), at])
    };
    match build(th) {
        Ok(e) => th.raise_value(e),
        Err(e) => e,
    }
}

fn text_arg(th: &mut Thread, v: Value) -> R<Ref<Str>> {
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("first argument must be a string, not {name}")))
        }
    }
}

/// `encode_basestring(s)` and, with `ascii`, `encode_basestring_ascii(s)`.
fn quote(th: &mut Thread, v: Value, ascii: bool) -> R<Value> {
    let s = text_arg(th, v)?;
    let mut out = Vec::with_capacity(s.as_bytes().len() + 2);
    literal::write(s.as_wtf8(), ascii, &mut out);
    th.new_str_raw(&out)
}

fn quote_ascii(th: &mut Thread, a: &[Value]) -> R<Value> {
    quote(th, a[0], true)
}

fn quote_any(th: &mut Thread, a: &[Value]) -> R<Value> {
    quote(th, a[0], false)
}

/// `scanstring(string, end, strict=True)`.
fn scan_string(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = text_arg(th, a[0])?;
    let end = th.ssize(a[1])?;
    if end < 0 || end as usize > s.len() {
        return Err(th.value_error("end is out of bounds"));
    }
    let strict = a[2].is_null() || th.truth(a[2])?;
    let at = s.indexed(th).byte_at(end as usize);
    let (text, end) = match literal::read(s.as_bytes(), at, strict) {
        Ok((text, end)) => (th.new_str_raw(&text)?, end),
        Err((message, at)) => return Err(fail(th, message, s, at)),
    };
    let end = s.indexed(th).char_at_byte(end);
    let end = th.int(end as i64);
    Ok(th.tuple_value(&[text, end]))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_json");
    let scanner = scanner::define(th);
    let encoder = encoder::define(th);
    let dict = module.dict();
    th.define(dict, "make_scanner", scanner);
    th.define(dict, "make_encoder", encoder);
    th.functions(
        module,
        &[
            ("encode_basestring(string, /)", quote_any),
            ("encode_basestring_ascii(string, /)", quote_ascii),
            ("scanstring(string, end, strict=True, /)", scan_string),
        ],
    );
    Ok(module)
}
