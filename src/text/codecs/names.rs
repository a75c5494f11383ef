//! The codecs that need no Python code, by name.

use rustpython_wtf8::Wtf8;

use super::errors::{DecodeErrors, EncodeErrors};
use super::{
    ByteOrder, Decoded, UTF8_BOM, ascii_decode, ascii_encode, latin1_decode, latin1_encode,
    raw_unicode_escape_decode, raw_unicode_escape_encode, unicode_escape_decode,
    unicode_escape_encode, utf7_decode, utf7_encode, utf8_decode, utf8_encode, utf16_decode,
    utf16_encode, utf32_decode, utf32_encode,
};

/// The form of an encoding's name under which it is looked up: lower case, and one underscore for each run
/// of anything but ASCII letters, digits and points.
pub fn normalize_encoding(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// A built-in codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Utf8,
    /// UTF-8 with a signature.
    Utf8Sig,
    Utf7,
    Utf16(ByteOrder),
    Utf32(ByteOrder),
    Latin1,
    Ascii,
    UnicodeEscape,
    RawUnicodeEscape,
}

impl Codec {
    /// The codec of that name or alias; `None` if it has to be looked for elsewhere.
    pub fn from_name(name: &str) -> Option<Codec> {
        use ByteOrder::{Big, Little, Marked};
        Some(match normalize_encoding(name).as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" | "utf8_ucs2" | "utf8_ucs4" => Codec::Utf8,
            "utf_8_sig" | "utf8_sig" => Codec::Utf8Sig,
            "utf_7" | "utf7" | "u7" | "unicode_1_1_utf_7" => Codec::Utf7,
            "utf_16" | "utf16" | "u16" => Codec::Utf16(Marked),
            "utf_16_le" | "utf_16le" | "utf16_le" | "unicodelittleunmarked" => Codec::Utf16(Little),
            "utf_16_be" | "utf_16be" | "utf16_be" | "unicodebigunmarked" => Codec::Utf16(Big),
            "utf_32" | "utf32" | "u32" => Codec::Utf32(Marked),
            "utf_32_le" | "utf_32le" | "utf32_le" => Codec::Utf32(Little),
            "utf_32_be" | "utf_32be" | "utf32_be" => Codec::Utf32(Big),
            "latin_1" | "latin1" | "latin" | "l1" | "8859" | "cp819" | "iso8859" | "iso8859_1"
            | "iso_8859_1" | "iso_8859_1_1987" | "iso_ir_100" | "csisolatin1" | "ibm819" => {
                Codec::Latin1
            }
            "ascii" | "us_ascii" | "us" | "646" | "ansi_x3.4_1968" | "ansi_x3.4_1986"
            | "ansi_x3_4_1968" | "cp367" | "csascii" | "ibm367" | "iso646_us"
            | "iso_646.irv_1991" | "iso_ir_6" => Codec::Ascii,
            "unicode_escape" | "unicodeescape" => Codec::UnicodeEscape,
            "raw_unicode_escape" | "rawunicodeescape" => Codec::RawUnicodeEscape,
            _ => return None,
        })
    }

    /// The name that `codecs.lookup(...).name` reports.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Utf8Sig => "utf-8-sig",
            Codec::Utf7 => "utf-7",
            Codec::Utf16(ByteOrder::Marked) => "utf-16",
            Codec::Utf16(ByteOrder::Little) => "utf-16-le",
            Codec::Utf16(ByteOrder::Big) => "utf-16-be",
            Codec::Utf32(ByteOrder::Marked) => "utf-32",
            Codec::Utf32(ByteOrder::Little) => "utf-32-le",
            Codec::Utf32(ByteOrder::Big) => "utf-32-be",
            Codec::Latin1 => "iso8859-1",
            Codec::Ascii => "ascii",
            Codec::UnicodeEscape => "unicode-escape",
            Codec::RawUnicodeEscape => "raw-unicode-escape",
        }
    }

    /// `text.encode(...)`.
    pub fn encode<H: EncodeErrors>(self, text: &Wtf8, errors: &mut H) -> Result<Vec<u8>, H::Error> {
        match self {
            Codec::Utf8 => utf8_encode(text, errors),
            Codec::Utf8Sig => {
                let mut out = UTF8_BOM.to_vec();
                out.extend(utf8_encode(text, errors)?);
                Ok(out)
            }
            Codec::Utf7 => Ok(utf7_encode(text)),
            Codec::Utf16(order) => utf16_encode(text, order, errors),
            Codec::Utf32(order) => utf32_encode(text, order, errors),
            Codec::Latin1 => latin1_encode(text, errors),
            Codec::Ascii => ascii_encode(text, errors),
            Codec::UnicodeEscape => Ok(unicode_escape_encode(text)),
            Codec::RawUnicodeEscape => Ok(raw_unicode_escape_encode(text)),
        }
    }

    /// `data.decode(...)`. `last` says that no more data will follow.
    pub fn decode<H: DecodeErrors>(
        self,
        data: &[u8],
        last: bool,
        errors: &mut H,
    ) -> Result<Decoded, H::Error> {
        match self {
            Codec::Utf8 => utf8_decode(data, last, errors),
            Codec::Utf8Sig => {
                let body = data.strip_prefix(UTF8_BOM).unwrap_or(data);
                let mut decoded = utf8_decode(body, last, errors)?;
                decoded.consumed += data.len() - body.len();
                Ok(decoded)
            }
            Codec::Utf7 => utf7_decode(data, last, errors),
            Codec::Utf16(order) => Ok(utf16_decode(data, order, last, errors)?.0),
            Codec::Utf32(order) => Ok(utf32_decode(data, order, last, errors)?.0),
            Codec::Latin1 => Ok(Decoded {
                text: latin1_decode(data),
                consumed: data.len(),
            }),
            Codec::Ascii => ascii_decode(data, errors),
            Codec::UnicodeEscape => Ok(unicode_escape_decode(data, last, errors)?.0),
            Codec::RawUnicodeEscape => raw_unicode_escape_decode(data, last, errors),
        }
    }
}
