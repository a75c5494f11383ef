//! The functions of the module `_codecs`.

use super::{Handler, as_bytes_object, built_in, charmap, name_arg, registry};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::string::Str;
use crate::text::codecs::{ByteOrder, Codec, escape_decode, utf16_decode, utf32_decode};

/// The string to encode.
pub(super) fn text_arg(th: &mut Thread, v: Value, function: &str) -> R<Ref<Str>> {
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => {
            let name = crate::objects::string::shown_class(th, v);
            Err(th.type_error(format!("{function}() argument 1 must be str, not {name}")))
        }
    }
}

/// An `errors` argument, which may be None.
pub(super) fn errors_of(th: &mut Thread, v: Value, function: &str) -> R<Option<Ref<Str>>> {
    if v.or_none().is_none() {
        return Ok(None);
    }
    match v.cast::<Str>() {
        Some(s) => Ok(Some(s)),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!(
                "{function}() argument 2 must be str or None, not {name}"
            )))
        }
    }
}

/// `(result, how much of the input it took)`.
fn counted(th: &mut Thread, v: Value, n: usize) -> R<Value> {
    let n = th.int(n as i64);
    Ok(th.tuple_value(&[v, n]))
}

fn encode_with(th: &mut Thread, a: &[Value], codec: Codec, function: &str) -> R<Value> {
    let s = text_arg(th, a[0], function)?;
    let errors = errors_of(th, a[1], function)?;
    let mut handler = Handler::new(th, errors.as_deref(), s.value());
    let out = codec.encode(s.as_wtf8(), &mut handler)?;
    let out = th.new_bytes(&out)?;
    counted(th, out, s.len())
}

fn decode_with(th: &mut Thread, a: &[Value], codec: Codec, last: bool, function: &str) -> R<Value> {
    let errors = errors_of(th, a[1], function)?;
    // The escape decoders take text as well.
    let data = match a[0].cast::<Str>() {
        Some(s) if matches!(codec, Codec::UnicodeEscape | Codec::RawUnicodeEscape) => {
            s.as_bytes().to_vec().into()
        }
        _ => th.bytes_like(a[0])?,
    };
    let object = as_bytes_object(th, a[0], &data);
    let mut handler = Handler::new(th, errors.as_deref(), object);
    let out = codec.decode(&data, last, &mut handler)?;
    let text = th.new_str_value(&out.text)?;
    counted(th, text, out.consumed)
}

/// The optional flag `final`.
fn is_last(th: &mut Thread, v: Value, default: bool) -> R<bool> {
    if v.is_null() {
        Ok(default)
    } else {
        th.truth(v)
    }
}

/// `byteorder`: negative for little, positive for big, zero for what a mark says.
fn order(th: &mut Thread, v: Value) -> R<ByteOrder> {
    Ok(match th.ssize_or(v, 0)? {
        0 => ByteOrder::Marked,
        i if i < 0 => ByteOrder::Little,
        _ => ByteOrder::Big,
    })
}

/// `utf_16_ex_decode` and `utf_32_ex_decode`, which also tell the byte order.
fn decode_wide(th: &mut Thread, a: &[Value], bits: u32) -> R<Value> {
    let errors = errors_of(th, a[1], "utf_16_ex_decode")?;
    let data = th.bytes_like(a[0])?;
    let start = order(th, a[2])?;
    let last = is_last(th, a[3], false)?;
    let object = as_bytes_object(th, a[0], &data);
    let mut handler = Handler::new(th, errors.as_deref(), object);
    let (out, found) = if bits == 16 {
        utf16_decode(&data, start, last, &mut handler)?
    } else {
        utf32_decode(&data, start, last, &mut handler)?
    };
    let text = th.new_str_value(&out.text)?;
    let n = th.int(out.consumed as i64);
    let found = Value::small(match found {
        ByteOrder::Marked => 0,
        ByteOrder::Little => -1,
        ByteOrder::Big => 1,
    });
    Ok(th.tuple_value(&[text, n, found]))
}

fn escape(th: &mut Thread, a: &[Value]) -> R<Value> {
    let errors = errors_of(th, a[1], "escape_decode")?;
    let data = match a[0].cast::<Str>() {
        Some(s) => s.as_bytes().to_vec().into(),
        None => th.bytes_like(a[0])?,
    };
    let replacement: Option<&[u8]> = match errors.as_ref().map(|e| e.as_bytes()) {
        None | Some(b"strict") => None,
        Some(b"replace") => Some(b"?"),
        Some(b"ignore") => Some(b""),
        Some(other) => {
            let name = String::from_utf8_lossy(other).into_owned();
            return Err(th.value_error(format!(
                "decoding error; unknown error handling code: {name}"
            )));
        }
    };
    let out = escape_decode(&data, replacement);
    let out = th.text(out)?;
    let out = th.new_bytes(&out)?;
    counted(th, out, data.len())
}

fn escape_encode(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(b) = a[0].cast::<crate::objects::Bytes>() else {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!(
            "escape_encode() argument 1 must be bytes, not {name}"
        )));
    };
    let mut out = vec![];
    for &c in b.as_bytes() {
        match c {
            b'\\' | b'\'' => out.extend([b'\\', c]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b' '..=b'~' => out.push(c),
            _ => out.extend(format!("\\x{c:02x}").bytes()),
        }
    }
    let n = b.as_bytes().len();
    let out = th.new_bytes(&out)?;
    counted(th, out, n)
}

fn encode(th: &mut Thread, a: &[Value], encode: bool) -> R<Value> {
    let function = if encode { "encode" } else { "decode" };
    let encoding = name_arg(th, a[1], function, "encoding")?;
    let errors = name_arg(th, a[2], function, "errors")?;
    if built_in(encoding.as_deref()).is_some() {
        if encode && let Some(s) = a[0].cast::<Str>() {
            return super::encode_str(th, s, encoding, errors);
        }
        if !encode && let Some(data) = th.buffer(a[0])? {
            return Ok(super::decode_bytes(th, &data, a[0], encoding, errors)?.value());
        }
    }
    let name = encoding.map_or("utf-8".into(), |e| e.to_string());
    let codec = registry::lookup(th, &name)?;
    registry::apply(th, codec, a[0], a[2], encode)
}

fn error_name(th: &mut Thread, v: Value, function: &str) -> R<Ref<Str>> {
    text_arg(th, v, function)
}

macro_rules! encoder {
    ($name:literal, $codec:expr) => {
        (concat!($name, "(str, errors=None, /)"), |th, a| {
            encode_with(th, a, $codec, $name)
        })
    };
}
macro_rules! decoder {
    // Codecs that keep back what may be continued, unless told that this is all.
    ($name:literal, $codec:expr) => {
        (
            concat!($name, "(data, errors=None, final=False, /)"),
            |th, a| {
                let last = is_last(th, a[2], false)?;
                decode_with(th, a, $codec, last, $name)
            },
        )
    };
    ($name:literal, $codec:expr, whole) => {
        (concat!($name, "(data, errors=None, /)"), |th, a| {
            decode_with(th, a, $codec, true, $name)
        })
    };
    ($name:literal, $codec:expr, last) => {
        (
            concat!($name, "(data, errors=None, final=True, /)"),
            |th, a| {
                let last = is_last(th, a[2], true)?;
                decode_with(th, a, $codec, last, $name)
            },
        )
    };
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    use ByteOrder::{Big, Little, Marked};
    let module = th.new_module("_codecs");
    th.new_type::<charmap::Table>("EncodingMap", class_flags::NO_NEW, |_| {});
    th.functions(
        module,
        &[
            ("register(search_function, /)", |th, a| {
                registry::register(th, a[0])?;
                Ok(Value::NONE)
            }),
            ("unregister(search_function, /)", |th, a| {
                registry::unregister(th, a[0])?;
                Ok(Value::NONE)
            }),
            ("lookup(encoding, /)", |th, a| {
                let name = text_arg(th, a[0], "lookup")?.to_string();
                registry::lookup(th, &name)
            }),
            ("encode(obj, encoding='utf-8', errors='strict')", |th, a| {
                encode(th, a, true)
            }),
            ("decode(obj, encoding='utf-8', errors='strict')", |th, a| {
                encode(th, a, false)
            }),
            ("register_error(errors, handler, /)", |th, a| {
                let name = error_name(th, a[0], "register_error")?;
                registry::register_error(th, name.value(), a[1])?;
                Ok(Value::NONE)
            }),
            ("_unregister_error(errors, /)", |th, a| {
                let name = error_name(th, a[0], "_unregister_error")?;
                Ok(Value::bool(registry::unregister_error(th, name)?))
            }),
            ("lookup_error(name, /)", |th, a| {
                let name = error_name(th, a[0], "lookup_error")?.to_string();
                registry::error_handler(th, &name)
            }),
            encoder!("utf_8_encode", Codec::Utf8),
            encoder!("utf_7_encode", Codec::Utf7),
            encoder!("latin_1_encode", Codec::Latin1),
            encoder!("ascii_encode", Codec::Ascii),
            encoder!("utf_16_le_encode", Codec::Utf16(Little)),
            encoder!("utf_16_be_encode", Codec::Utf16(Big)),
            encoder!("utf_32_le_encode", Codec::Utf32(Little)),
            encoder!("utf_32_be_encode", Codec::Utf32(Big)),
            encoder!("unicode_escape_encode", Codec::UnicodeEscape),
            encoder!("raw_unicode_escape_encode", Codec::RawUnicodeEscape),
            (
                "utf_16_encode(str, errors=None, byteorder=0, /)",
                |th, a| {
                    let order = order(th, a[2])?;
                    encode_with(th, a, Codec::Utf16(order), "utf_16_encode")
                },
            ),
            (
                "utf_32_encode(str, errors=None, byteorder=0, /)",
                |th, a| {
                    let order = order(th, a[2])?;
                    encode_with(th, a, Codec::Utf32(order), "utf_32_encode")
                },
            ),
            decoder!("utf_8_decode", Codec::Utf8),
            decoder!("utf_7_decode", Codec::Utf7),
            decoder!("utf_16_decode", Codec::Utf16(Marked)),
            decoder!("utf_16_le_decode", Codec::Utf16(Little)),
            decoder!("utf_16_be_decode", Codec::Utf16(Big)),
            decoder!("utf_32_decode", Codec::Utf32(Marked)),
            decoder!("utf_32_le_decode", Codec::Utf32(Little)),
            decoder!("utf_32_be_decode", Codec::Utf32(Big)),
            decoder!("latin_1_decode", Codec::Latin1, whole),
            decoder!("ascii_decode", Codec::Ascii, whole),
            decoder!("unicode_escape_decode", Codec::UnicodeEscape, last),
            decoder!("raw_unicode_escape_decode", Codec::RawUnicodeEscape, last),
            (
                "utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /)",
                |th, a| decode_wide(th, a, 16),
            ),
            (
                "utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /)",
                |th, a| decode_wide(th, a, 32),
            ),
            ("escape_decode(data, errors=None, /)", escape),
            ("escape_encode(data, errors=None, /)", escape_encode),
            ("readbuffer_encode(data, errors=None, /)", |th, a| {
                let data = match a[0].cast::<Str>() {
                    Some(s) => s.as_bytes().to_vec().into(),
                    None => th.bytes_like(a[0])?,
                };
                let v = th.new_bytes(&data)?;
                counted(th, v, data.len())
            }),
            (
                "charmap_encode(str, errors=None, mapping=None, /)",
                charmap::encode,
            ),
            (
                "charmap_decode(data, errors=None, mapping=None, /)",
                charmap::decode,
            ),
            ("charmap_build(map, /)", charmap::build),
        ],
    );
    Ok(module)
}
