//! Faults in text and data, and the handlers that Python knows by name.

use std::fmt::Write;
use std::ops::Range;

use rustpython_unicode::data::character_name;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::TextError;
use crate::text::repr::push_escape;
use crate::text::str_ops::Text;

/// Text that cannot be encoded. Positions count code points.
#[derive(Debug, Clone)]
pub struct EncodeFault<'a> {
    pub encoding: &'static str,
    pub text: &'a Wtf8,
    pub start: usize,
    pub end: usize,
    pub reason: &'static str,
    /// The same range in bytes.
    pub(super) bytes: Range<usize>,
}

impl<'a> EncodeFault<'a> {
    /// A fault that was found elsewhere, in the code points from `start` to `end` of `text`.
    pub fn new(
        encoding: &'static str,
        text: Text<'a>,
        start: usize,
        end: usize,
        reason: &'static str,
    ) -> EncodeFault<'a> {
        let end = end.min(text.len());
        let start = start.min(end);
        EncodeFault {
            encoding,
            text: text.wtf8(),
            start,
            end,
            reason,
            bytes: text.byte_at(start)..text.byte_at(end),
        }
    }
    /// The code points at fault.
    pub fn faulty(&self) -> &'a Wtf8 {
        &self.text[self.bytes.clone()]
    }
}

/// Data that cannot be decoded.
#[derive(Debug, Clone)]
pub struct DecodeFault<'a> {
    pub encoding: &'static str,
    pub data: &'a [u8],
    pub start: usize,
    pub end: usize,
    pub reason: &'static str,
}

/// What to write instead of text that cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement {
    /// Text, to be encoded in turn; that it cannot be either is an error.
    Text(Wtf8Buf),
    /// Bytes, to be written as they are.
    Bytes(Vec<u8>),
}

/// Decides what becomes of text that cannot be encoded.
pub trait EncodeErrors {
    type Error;

    /// The replacement, and the position in code points, at most the length of the text, to go on from.
    fn replace(&mut self, fault: &EncodeFault<'_>) -> Result<(Replacement, usize), Self::Error>;

    /// The exception for `fault`, where a replacement is of no use.
    fn fail(&mut self, fault: &EncodeFault<'_>) -> Self::Error;
}

/// Decides what becomes of data that cannot be decoded.
pub trait DecodeErrors {
    type Error;

    /// The replacement, and the position, at most the length of the data, to go on from.
    fn replace(&mut self, fault: &DecodeFault<'_>) -> Result<(Wtf8Buf, usize), Self::Error>;
}

/// What the built-in handlers raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodecError {
    /// `UnicodeEncodeError`, of the text that was to be encoded.
    Encode {
        encoding: &'static str,
        start: usize,
        end: usize,
        reason: &'static str,
    },
    /// `UnicodeDecodeError`, of the data that was to be decoded.
    Decode {
        encoding: &'static str,
        start: usize,
        end: usize,
        reason: &'static str,
    },
    Other(TextError),
}

impl From<&EncodeFault<'_>> for CodecError {
    fn from(fault: &EncodeFault<'_>) -> Self {
        CodecError::Encode {
            encoding: fault.encoding,
            start: fault.start,
            end: fault.end,
            reason: fault.reason,
        }
    }
}

impl From<&DecodeFault<'_>> for CodecError {
    fn from(fault: &DecodeFault<'_>) -> Self {
        CodecError::Decode {
            encoding: fault.encoding,
            start: fault.start,
            end: fault.end,
            reason: fault.reason,
        }
    }
}

/// `str()` of a `UnicodeEncodeError`.
pub fn encode_message(
    encoding: &str,
    text: Text<'_>,
    start: usize,
    end: usize,
    reason: &str,
) -> String {
    character_message(
        &format!("'{encoding}' codec can't encode"),
        text,
        start,
        end,
        reason,
    )
}

/// `str()` of a `UnicodeTranslateError`.
pub fn translate_message(text: Text<'_>, start: usize, end: usize, reason: &str) -> String {
    character_message("can't translate", text, start, end, reason)
}

fn character_message(what: &str, text: Text<'_>, start: usize, end: usize, reason: &str) -> String {
    match text.code_point(start) {
        Some(c) if end == start + 1 => {
            let mut shown = String::new();
            push_escape(&mut shown, c);
            format!("{what} character '{shown}' in position {start}: {reason}")
        }
        _ => format!(
            "{what} characters in position {start}-{}: {reason}",
            end as isize - 1
        ),
    }
}

/// `str()` of a `UnicodeDecodeError`.
pub fn decode_message(
    encoding: &str,
    data: &[u8],
    start: usize,
    end: usize,
    reason: &str,
) -> String {
    match data.get(start) {
        Some(b) if end == start + 1 => {
            format!("'{encoding}' codec can't decode byte {b:#04x} in position {start}: {reason}")
        }
        _ => format!(
            "'{encoding}' codec can't decode bytes in position {start}-{}: {reason}",
            end as isize - 1
        ),
    }
}

/// The error handlers that exist without being registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorMode {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
}

impl ErrorMode {
    pub fn from_name(name: &str) -> Option<ErrorMode> {
        Some(match name {
            "strict" => ErrorMode::Strict,
            "ignore" => ErrorMode::Ignore,
            "replace" => ErrorMode::Replace,
            "backslashreplace" => ErrorMode::BackslashReplace,
            "xmlcharrefreplace" => ErrorMode::XmlCharRefReplace,
            "namereplace" => ErrorMode::NameReplace,
            "surrogateescape" => ErrorMode::SurrogateEscape,
            "surrogatepass" => ErrorMode::SurrogatePass,
            _ => return None,
        })
    }

    /// The message of a handler that was called for the wrong kind of error.
    fn not_for(class: &str) -> CodecError {
        CodecError::Other(TextError::type_error(format!(
            "don't know how to handle {class} in error callback"
        )))
    }
}

/// The code units of lone surrogates that the encoding named `encoding` has.
enum SurrogateForm {
    Utf8,
    Units { size: usize, big_endian: bool },
}

impl SurrogateForm {
    fn of(encoding: &str) -> Option<SurrogateForm> {
        let native = cfg!(target_endian = "big");
        let (size, big_endian) = match encoding {
            "utf-8" => return Some(SurrogateForm::Utf8),
            "utf-16" => (2, native),
            "utf-16-le" => (2, false),
            "utf-16-be" => (2, true),
            "utf-32" => (4, native),
            "utf-32-le" => (4, false),
            "utf-32-be" => (4, true),
            _ => return None,
        };
        Some(SurrogateForm::Units { size, big_endian })
    }

    fn encode(&self, c: CodePoint, out: &mut Vec<u8>) {
        match self {
            SurrogateForm::Utf8 => {
                let mut buffer = Wtf8Buf::new();
                buffer.push(c);
                out.extend_from_slice(buffer.as_bytes());
            }
            SurrogateForm::Units { size, big_endian } => {
                let unit = c.to_u32().to_be_bytes();
                let unit = &unit[4 - size..];
                if *big_endian {
                    out.extend(unit);
                } else {
                    out.extend(unit.iter().rev());
                }
            }
        }
    }

    /// The surrogate at the start of `data`, and its length.
    fn decode(&self, data: &[u8]) -> Option<(CodePoint, usize)> {
        let (code, len) = match self {
            SurrogateForm::Utf8 => match *data {
                [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => (
                    0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f),
                    3,
                ),
                _ => return None,
            },
            SurrogateForm::Units { size, big_endian } => {
                let unit = data.get(..*size)?;
                let fold = |code: u32, b: &u8| code << 8 | u32::from(*b);
                let code = if *big_endian {
                    unit.iter().fold(0, fold)
                } else {
                    unit.iter().rev().fold(0, fold)
                };
                (code, *size)
            }
        };
        let surrogate = (0xd800..=0xdfff).contains(&code);
        CodePoint::from_u32(code)
            .filter(|_| surrogate)
            .map(|c| (c, len))
    }
}

impl EncodeErrors for ErrorMode {
    type Error = CodecError;

    fn replace(&mut self, fault: &EncodeFault<'_>) -> Result<(Replacement, usize), CodecError> {
        let faulty = fault.faulty();
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let replacement = match self {
            ErrorMode::Strict => return Err(fault.into()),
            ErrorMode::Ignore => Replacement::Text(Wtf8Buf::new()),
            ErrorMode::Replace => Replacement::Text("?".repeat(fault.end - fault.start).into()),
            ErrorMode::BackslashReplace => {
                faulty.code_points().for_each(|c| push_escape(&mut text, c));
                Replacement::Text(text.into())
            }
            ErrorMode::XmlCharRefReplace => {
                for c in faulty.code_points() {
                    let _ = write!(text, "&#{};", c.to_u32());
                }
                Replacement::Text(text.into())
            }
            ErrorMode::NameReplace => {
                for c in faulty.code_points() {
                    match c.to_char().and_then(character_name) {
                        Some(name) => {
                            let _ = write!(text, "\\N{{{name}}}");
                        }
                        None => push_escape(&mut text, c),
                    }
                }
                Replacement::Text(text.into())
            }
            ErrorMode::SurrogateEscape => {
                let mut bytes = Vec::new();
                for (i, c) in faulty.code_points().enumerate() {
                    match c.to_u32() {
                        code @ 0xdc80..=0xdcff => bytes.push(code as u8),
                        // The ones before it are fine, so the error begins here.
                        _ => {
                            return Err(CodecError::Encode {
                                encoding: fault.encoding,
                                start: fault.start + i,
                                end: fault.end,
                                reason: fault.reason,
                            });
                        }
                    }
                }
                Replacement::Bytes(bytes)
            }
            ErrorMode::SurrogatePass => {
                let form =
                    SurrogateForm::of(fault.encoding).ok_or_else(|| CodecError::from(fault))?;
                let mut bytes = Vec::new();
                for c in faulty.code_points() {
                    if c.to_char().is_some() {
                        return Err(fault.into());
                    }
                    form.encode(c, &mut bytes);
                }
                Replacement::Bytes(bytes)
            }
        };
        Ok((replacement, fault.end))
    }

    fn fail(&mut self, fault: &EncodeFault<'_>) -> CodecError {
        fault.into()
    }
}

impl DecodeErrors for ErrorMode {
    type Error = CodecError;

    fn replace(&mut self, fault: &DecodeFault<'_>) -> Result<(Wtf8Buf, usize), CodecError> {
        let mut text = Wtf8Buf::new();
        match self {
            ErrorMode::Strict => return Err(fault.into()),
            ErrorMode::Ignore => {}
            ErrorMode::Replace => text.push_char(char::REPLACEMENT_CHARACTER),
            ErrorMode::BackslashReplace => {
                for b in &fault.data[fault.start..fault.end] {
                    text.push_str(&format!("\\x{b:02x}"));
                }
            }
            ErrorMode::XmlCharRefReplace | ErrorMode::NameReplace => {
                return Err(ErrorMode::not_for("UnicodeDecodeError"));
            }
            ErrorMode::SurrogateEscape => {
                // ASCII bytes are never smuggled through: what cannot be decoded about them is no accident.
                let escaped = fault.data[fault.start..fault.end]
                    .iter()
                    .take(4)
                    .take_while(|b| !b.is_ascii())
                    .filter_map(|&b| CodePoint::from_u32(0xdc00 + u32::from(b)));
                escaped.for_each(|c| text.push(c));
                if text.is_empty() {
                    return Err(fault.into());
                }
                // Each surrogate takes three bytes.
                let resume = fault.start + text.len() / 3;
                return Ok((text, resume));
            }
            ErrorMode::SurrogatePass => {
                let (c, len) = SurrogateForm::of(fault.encoding)
                    .and_then(|form| form.decode(&fault.data[fault.start..]))
                    .ok_or_else(|| CodecError::from(fault))?;
                text.push(c);
                return Ok((text, fault.start + len));
            }
        }
        Ok((text, fault.end))
    }
}
