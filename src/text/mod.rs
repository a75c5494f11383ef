//! The algorithms behind Python's text and numbers, apart from the heap.
//!
//! Everything here works on plain Rust data (`&Wtf8`, `&[u8]`, `f64`, `BigInt`) and knows nothing of
//! interpreter values, so the built-in types stay thin: they fetch their operands, call one of these
//! functions and wrap the result. Strings are WTF-8, because a Python `str` may hold lone surrogates.
//!
//! - [`float`], [`int`]: conversions between numbers and text, exact arithmetic helpers, hashes
//! - [`format_spec`]: the format mini language (`format(x, "08.3f")`)
//! - [`percent`], [`str_format`]: the two older template languages
//! - [`repr`]: literals for `str`, `bytes` and `bytearray`
//! - [`str_ops`], [`bytes_ops`]: the methods of `str` and of `bytes`
//! - [`codecs`]: encodings and their error handlers
//!
//! Failures are [`TextError`]: which exception to raise, and CPython's message for it.

use std::borrow::Cow;
use std::fmt;

use rustpython_unicode::classify;
use rustpython_unicode::data::Ucd;
use rustpython_wtf8::{CodePoint, Wtf8};

pub mod bytes_ops;
pub mod codecs;
pub mod float;
pub mod format_spec;
pub mod int;
pub mod percent;
pub mod repr;
pub mod str_format;
pub mod str_ops;

/// A failed operation: the exception to raise and its message, worded as CPython words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextError {
    Value(Cow<'static, str>),
    Type(Cow<'static, str>),
    Overflow(Cow<'static, str>),
    ZeroDivision(Cow<'static, str>),
    Index(Cow<'static, str>),
    Lookup(Cow<'static, str>),
    /// The result would not fit in memory; `MemoryError` carries no message.
    Memory,
}

/// The outcome of an operation of this module.
pub type TextResult<T> = Result<T, TextError>;

impl TextError {
    pub fn value(message: impl Into<Cow<'static, str>>) -> Self {
        TextError::Value(message.into())
    }

    pub fn type_error(message: impl Into<Cow<'static, str>>) -> Self {
        TextError::Type(message.into())
    }

    pub fn overflow(message: impl Into<Cow<'static, str>>) -> Self {
        TextError::Overflow(message.into())
    }

    /// `ZeroDivisionError`, which since 3.14 says the same for every operator.
    pub fn division_by_zero() -> Self {
        TextError::ZeroDivision(Cow::Borrowed("division by zero"))
    }

    /// The message of the exception.
    pub fn message(&self) -> &str {
        match self {
            TextError::Value(m)
            | TextError::Type(m)
            | TextError::Overflow(m)
            | TextError::ZeroDivision(m)
            | TextError::Index(m)
            | TextError::Lookup(m) => m,
            TextError::Memory => "",
        }
    }

    /// The name of the built-in exception class.
    pub fn class_name(&self) -> &'static str {
        match self {
            TextError::Value(_) => "ValueError",
            TextError::Type(_) => "TypeError",
            TextError::Overflow(_) => "OverflowError",
            TextError::ZeroDivision(_) => "ZeroDivisionError",
            TextError::Index(_) => "IndexError",
            TextError::Lookup(_) => "LookupError",
            TextError::Memory => "MemoryError",
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class_name(), self.message())
    }
}

impl std::error::Error for TextError {}

/// Rewrites the text of a number to ASCII: decimal digits of any script become `0`-`9` and white space
/// outside ASCII becomes a blank. The first other character becomes `?`, which no number contains, so
/// whatever follows it does not matter.
pub(crate) fn numeral_to_ascii(text: &Wtf8) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.code_points() {
        let code = c.to_u32();
        if code < 127 {
            out.push(code as u8);
        } else if c.is_char_and(classify::is_space) {
            out.push(b' ');
        } else if let Some(digit) = decimal_digit(c) {
            out.push(b'0' + digit);
        } else {
            out.push(b'?');
            break;
        }
    }
    Cow::Owned(out)
}

/// The value of a decimal digit of any script.
pub fn decimal_digit(c: CodePoint) -> Option<u8> {
    match c.to_u32() {
        d @ 0x30..=0x39 => Some((d - 0x30) as u8),
        0..=0x7f => None,
        _ => Ucd::new(true).decimal(c).map(|d| d as u8),
    }
}

/// Removes the blanks that number parsing skips: the six of C's `isspace`, not all of Unicode's.
pub(crate) fn trim_c_space(mut text: &[u8]) -> &[u8] {
    while let [b'\t'..=b'\r' | b' ', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b'\t'..=b'\r' | b' '] = text {
        text = rest;
    }
    text
}
