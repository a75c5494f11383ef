//! Encoding and decoding for `str.encode`, `bytes.decode` and the module `_codecs`: the built-in codecs are called directly,
//! others through the functions that are registered for them, as are error handlers.

mod charmap;
mod functions;
mod handlers;
mod registry;

pub use functions::init;
pub(crate) use registry::prepare;

use std::borrow::Cow;

use rustpython_wtf8::Wtf8Buf;

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;
use crate::text::codecs::{
    Codec, CodecError, DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, ErrorMode, Replacement,
};

/// An argument that names an encoding or an error handler.
pub fn name_arg(th: &mut Thread, v: Value, function: &str, parameter: &str) -> R<Option<Ref<Str>>> {
    if v.is_null() {
        return Ok(None);
    }
    match v.cast::<Str>() {
        Some(s) => Ok(Some(s)),
        None => {
            let name = crate::objects::string::shown_class(th, v);
            Err(th.type_error(format!(
                "{function}() argument '{parameter}' must be str, not {name}"
            )))
        }
    }
}

/// An error handler: what to do about faults in `object`, which is being encoded or decoded.
pub(crate) struct Handler<'a> {
    pub th: &'a mut Thread,
    name: Cow<'a, str>,
    mode: Option<ErrorMode>,
    /// The name by which errors call the encoding, where it differs from the codec's own.
    pub encoding: Option<&'a str>,
    object: Value,
}

impl<'a> Handler<'a> {
    pub fn new(th: &'a mut Thread, errors: Option<&'a Str>, object: Value) -> Handler<'a> {
        let name = errors.map_or(Cow::Borrowed("strict"), |e| {
            String::from_utf8_lossy(e.as_bytes())
        });
        Handler {
            mode: ErrorMode::from_name(&name),
            th,
            name,
            encoding: None,
            object,
        }
    }

    fn failed(&mut self, e: CodecError) -> Fail {
        let x = &self.th.rt.types().exceptions;
        let (class, encoding, start, end, reason) = match e {
            CodecError::Encode {
                encoding,
                start,
                end,
                reason,
            } => (x.unicode_encode_error, encoding, start, end, reason),
            CodecError::Decode {
                encoding,
                start,
                end,
                reason,
            } => (x.unicode_decode_error, encoding, start, end, reason),
            CodecError::Other(e) => return self.th.raise_text(e),
        };
        let encoding = self.encoding.unwrap_or(encoding);
        match unicode_error(self.th, class, encoding, self.object, start, end, reason) {
            Ok(e) => self.th.raise_value(e),
            Err(f) => f,
        }
    }

    /// Has the registered handler decide: what it returns instead, and where to go on.
    fn ask(&mut self, error: CodecError, len: usize, decoding: bool) -> R<(Value, usize)> {
        let handler = registry::error_handler(self.th, &self.name)?;
        match self.failed(error) {
            Fail::Raise => {}
            Fail::Abort => return Err(Fail::Abort),
        }
        let exception = self.th.take_exc();
        let answer = self.th.call(handler, &[exception])?;
        if let [replacement, at] = tuple_items(answer)
            && (replacement.cast::<Str>().is_some()
                || (!decoding && replacement.cast::<Bytes>().is_some()))
            && let Some(at) = self.th.as_bigint(*at)
        {
            let at = i64::try_from(&at).unwrap_or(i64::MAX);
            let resume = if at < 0 { at + len as i64 } else { at };
            if resume < 0 || resume > len as i64 {
                let message = format!("position {at} from error handler out of bounds");
                return Err(self.th.index_error(message));
            }
            return Ok((*replacement, resume as usize));
        }
        Err(self.th.type_error(if decoding {
            "decoding error handler must return (str, int) tuple"
        } else {
            "encoding error handler must return (str/bytes, int) tuple"
        }))
    }
}

/// A `UnicodeEncodeError` or `UnicodeDecodeError`.
fn unicode_error(
    th: &mut Thread,
    class: Ref<crate::objects::class::Class>,
    encoding: &str,
    object: Value,
    start: usize,
    end: usize,
    reason: &str,
) -> R<Value> {
    let encoding = th.str_value(encoding);
    let reason = th.str_value(reason);
    let (start, end) = (th.int(start as i64), th.int(end as i64));
    th.call(class.value(), &[encoding, object, start, end, reason])
}

impl EncodeErrors for Handler<'_> {
    type Error = Fail;

    fn replace(&mut self, fault: &EncodeFault<'_>) -> R<(Replacement, usize)> {
        if let Some(mut mode) = self.mode {
            return EncodeErrors::replace(&mut mode, fault).map_err(|e| self.failed(e));
        }
        let len = crate::text::str_ops::char_count(fault.text);
        let (replacement, resume) = self.ask(fault.into(), len, false)?;
        let replacement = match replacement.cast::<Str>() {
            Some(s) => Replacement::Text(s.as_wtf8().to_owned()),
            None => Replacement::Bytes(
                replacement
                    .cast::<Bytes>()
                    .map_or(vec![], |b| b.as_bytes().to_vec()),
            ),
        };
        Ok((replacement, resume))
    }

    fn fail(&mut self, fault: &EncodeFault<'_>) -> Fail {
        self.failed(fault.into())
    }
}

impl DecodeErrors for Handler<'_> {
    type Error = Fail;

    fn replace(&mut self, fault: &DecodeFault<'_>) -> R<(Wtf8Buf, usize)> {
        if let Some(mut mode) = self.mode {
            return DecodeErrors::replace(&mut mode, fault).map_err(|e| self.failed(e));
        }
        let (replacement, resume) = self.ask(fault.into(), fault.data.len(), true)?;
        let text = replacement
            .cast::<Str>()
            .map_or(Wtf8Buf::new(), |s| s.as_wtf8().to_owned());
        Ok((text, resume))
    }
}

/// The codec that an optional name denotes, if it is built in.
fn built_in(encoding: Option<&Str>) -> Option<Codec> {
    match encoding.map(Str::as_bytes) {
        None | Some(b"utf-8" | b"utf8") => Some(Codec::Utf8),
        Some(name) => Codec::from_name(std::str::from_utf8(name).ok()?),
    }
}

/// `s.encode(encoding, errors)`.
pub fn encode_str(
    th: &mut Thread,
    s: Ref<Str>,
    encoding: Option<Ref<Str>>,
    errors: Option<Ref<Str>>,
) -> R<Value> {
    let ascii = s.is_ascii();
    match built_in(encoding.as_deref()) {
        Some(Codec::Utf8 | Codec::Ascii | Codec::Latin1) if ascii => th.new_bytes(s.as_bytes()),
        Some(codec) => {
            let mut handler = Handler::new(th, errors.as_deref(), s.value());
            let out = codec.encode(s.as_wtf8(), &mut handler)?;
            th.new_bytes(&out)
        }
        None => {
            let name = encoding.expect("no name is UTF-8");
            let v = registry::text_codec(th, s.value(), name, errors, true)?;
            match v.cast::<Bytes>() {
                Some(_) => Ok(v),
                None => {
                    let class = th.type_name(v);
                    Err(th.type_error(format!(
                        "'{}' encoder returned '{class}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
                        &*name
                    )))
                }
            }
        }
    }
}

/// `object.decode(encoding, errors)`, where `data` are the bytes of `object`.
pub fn decode_bytes(
    th: &mut Thread,
    data: &[u8],
    object: Value,
    encoding: Option<Ref<Str>>,
    errors: Option<Ref<Str>>,
) -> R<Ref<Str>> {
    let Some(codec) = built_in(encoding.as_deref()) else {
        let name = encoding.expect("no name is UTF-8");
        let v = registry::text_codec(th, object, name, errors, false)?;
        return match v.cast::<Str>() {
            Some(s) => Ok(s),
            None => {
                let class = th.type_name(v);
                Err(th.type_error(format!(
                    "'{}' decoder returned '{class}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
                    &*name
                )))
            }
        };
    };
    if let Codec::Utf8 | Codec::Ascii = codec
        && let Ok(text) = std::str::from_utf8(data)
        && (codec == Codec::Utf8 || text.is_ascii())
    {
        return th.new_str(text.as_ref());
    }
    let object = as_bytes_object(th, object, data);
    let mut handler = Handler::new(th, errors.as_deref(), object);
    let out = codec.decode(data, true, &mut handler)?;
    th.new_str(&out.text)
}

/// What a `UnicodeDecodeError` shows as its object: always `bytes`.
pub(crate) fn as_bytes_object(th: &mut Thread, object: Value, data: &[u8]) -> Value {
    if object.cast::<Bytes>().is_some() {
        return object;
    }
    th.bytes(data).value()
}
