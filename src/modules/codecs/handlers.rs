//! The built-in error handlers as functions: an exception in, replacement and position out.

use std::sync::OnceLock;

use super::Value;
use crate::heap::{R, Ref, Thread};
use crate::objects::native::NativeDef;
use crate::objects::string::Str;
use crate::text::codecs::{
    CodecError, DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, ErrorMode, Replacement,
};
use crate::text::str_ops::Text;

/// A built-in handler.
pub(super) struct BuiltIn {
    name: &'static str,
    signature: &'static str,
    run: fn(&mut Thread, &[Value]) -> R<Value>,
    def: OnceLock<&'static NativeDef>,
}

impl BuiltIn {
    pub fn def(&self) -> &'static NativeDef {
        self.def
            .get_or_init(|| NativeDef::leak(self.signature, self.run, false))
    }
}

macro_rules! built_in {
    ($($name:literal $signature:literal $mode:ident;)*) => {
        static BUILT_IN: [BuiltIn; 8] = [$(BuiltIn {
            name: $name,
            signature: $signature,
            run: |th, a| handle(th, a[0], ErrorMode::$mode),
            def: OnceLock::new(),
        }),*];
    };
}

built_in! {
    "strict" "strict_errors(exception, /)" Strict;
    "ignore" "ignore_errors(exception, /)" Ignore;
    "replace" "replace_errors(exception, /)" Replace;
    "backslashreplace" "backslashreplace_errors(exception, /)" BackslashReplace;
    "xmlcharrefreplace" "xmlcharrefreplace_errors(exception, /)" XmlCharRefReplace;
    "namereplace" "namereplace_errors(exception, /)" NameReplace;
    "surrogateescape" "surrogateescape(exception, /)" SurrogateEscape;
    "surrogatepass" "surrogatepass(exception, /)" SurrogatePass;
}

pub(super) fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|b| b.name == name)
}

/// The encodings that have code units for surrogates, which `surrogatepass` must tell apart.
fn known_encoding(name: &str) -> &'static str {
    match crate::text::codecs::Codec::from_name(name) {
        Some(codec) => codec.name(),
        None => "",
    }
}

fn number(th: &mut Thread, e: Value, name: &str) -> R<usize> {
    let v = th.attr(e, name)?;
    Ok(th.ssize(v)?.max(0) as usize)
}

fn text_object(th: &mut Thread, e: Value) -> R<Ref<Str>> {
    let v = th.attr(e, "object")?;
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => Err(th.type_error("object attribute must be str")),
    }
}

fn answer(th: &mut Thread, replacement: Value, at: usize) -> Value {
    let at = th.int(at as i64);
    th.tuple_value(&[replacement, at])
}

fn handle(th: &mut Thread, e: Value, mode: ErrorMode) -> R<Value> {
    let x = &th.rt.types().exceptions;
    let (encode, decode, translate) = (
        x.unicode_encode_error,
        x.unicode_decode_error,
        x.unicode_translate_error,
    );
    if mode == ErrorMode::Strict {
        if e.kind() != crate::heap::Kind::Exception {
            return Err(th.type_error("codec must pass exception instance"));
        }
        return Err(th.raise_value(e));
    }
    if th.is_instance(e, encode) {
        return handle_encode(th, e, mode);
    }
    if th.is_instance(e, decode) {
        return handle_decode(th, e, mode);
    }
    if th.is_instance(e, translate) {
        let known = matches!(
            mode,
            ErrorMode::Ignore
                | ErrorMode::Replace
                | ErrorMode::BackslashReplace
                | ErrorMode::XmlCharRefReplace
                | ErrorMode::NameReplace
        );
        if mode == ErrorMode::Replace {
            let (start, end) = (number(th, e, "start")?, number(th, e, "end")?);
            let text = "\u{fffd}".repeat(end.saturating_sub(start));
            let text = th.new_str_utf8(&text)?;
            return Ok(answer(th, text, end));
        }
        if known {
            return handle_encode(th, e, mode);
        }
    }
    let name = th.type_name(e);
    Err(th.type_error(format!("don't know how to handle {name} in error callback")))
}

fn failed(th: &mut Thread, e: Value, error: CodecError) -> crate::heap::Fail {
    match error {
        CodecError::Other(error) => th.raise_text(error),
        CodecError::Encode { .. } | CodecError::Decode { .. } => th.raise_value(e),
    }
}

fn handle_encode(th: &mut Thread, e: Value, mut mode: ErrorMode) -> R<Value> {
    let object = text_object(th, e)?;
    let (start, end) = (number(th, e, "start")?, number(th, e, "end")?);
    let encoding = if th.is_instance(e, th.rt.types().exceptions.unicode_encode_error) {
        let name = th.attr(e, "encoding")?;
        name.cast::<Str>()
            .map_or("", |s| known_encoding(&s.to_string()))
    } else {
        ""
    };
    let text = Text::with_len(object.as_wtf8(), object.len());
    let fault = EncodeFault::new(encoding, text, start, end, "");
    match EncodeErrors::replace(&mut mode, &fault) {
        Ok((replacement, at)) => {
            let v = match replacement {
                Replacement::Text(text) => th.new_str_value(&text)?,
                Replacement::Bytes(bytes) => th.new_bytes(&bytes)?,
            };
            Ok(answer(th, v, at))
        }
        Err(error) => Err(failed(th, e, error)),
    }
}

fn handle_decode(th: &mut Thread, e: Value, mut mode: ErrorMode) -> R<Value> {
    let object = th.attr(e, "object")?;
    let data = th.bytes_like(object)?;
    let end = number(th, e, "end")?.min(data.len());
    let start = number(th, e, "start")?.min(end);
    let name = th.attr(e, "encoding")?;
    let encoding = name
        .cast::<Str>()
        .map_or("", |s| known_encoding(&s.to_string()));
    let fault = DecodeFault {
        encoding,
        data: &data,
        start,
        end,
        reason: "",
    };
    match DecodeErrors::replace(&mut mode, &fault) {
        Ok((text, at)) => {
            let v = th.new_str_value(&text)?;
            Ok(answer(th, v, at))
        }
        Err(error) => Err(failed(th, e, error)),
    }
}
