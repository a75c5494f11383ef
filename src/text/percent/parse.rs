//! Taking a `%` template apart.

use std::ops::Range;

use rustpython_wtf8::Wtf8;

use crate::text::str_ops::char_count;
use crate::text::{TextError, TextResult};

/// A template: `str` and `bytes` differ in how they are cut and counted.
pub trait Template {
    fn bytes(&self) -> &[u8];
    fn piece(&self, range: Range<usize>) -> &Self;
    /// The character at a byte position, and its length in bytes.
    fn char_at(&self, at: usize) -> Option<(u32, usize)>;
    /// The position that an error message names for a byte position.
    fn position(&self, at: usize) -> usize;
}

impl Template for Wtf8 {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn piece(&self, range: Range<usize>) -> &Self {
        &self[range]
    }

    fn char_at(&self, at: usize) -> Option<(u32, usize)> {
        let c = self[at..].code_points().next()?;
        Some((c.to_u32(), c.len_wtf8()))
    }

    fn position(&self, at: usize) -> usize {
        char_count(&self[..at])
    }
}

impl Template for [u8] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn piece(&self, range: Range<usize>) -> &Self {
        &self[range]
    }

    fn char_at(&self, at: usize) -> Option<(u32, usize)> {
        self.get(at).map(|&b| (u32::from(b), 1))
    }

    fn position(&self, at: usize) -> usize {
        at
    }
}

/// A width or a precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Fixed(usize),
    /// `*`: the next argument says.
    Argument,
}

/// What a conversion wants done with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// `%s`: `str(value)`, or in `bytes` the value's bytes (as `%b`).
    Str,
    /// `%r`; in `bytes` the same as `%a`.
    Repr,
    /// `%a`.
    Ascii,
    /// `%d`, `%i`, `%u`: any number, truncated.
    Integer,
    /// `%o`, `%x`, `%X`: an integer.
    Index,
    /// `%e`, `%f`, `%g` and their capitals.
    Float,
    /// `%c`.
    Char,
}

/// One conversion specifier.
#[derive(Debug, PartialEq, Eq)]
pub struct PercentSpec<'a, T: Template + ?Sized> {
    /// The key in parentheses.
    pub key: Option<&'a T>,
    /// `-`.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// A blank.
    pub blank: bool,
    /// `#`.
    pub alternate: bool,
    /// `0`.
    pub zero: bool,
    pub width: Option<Count>,
    pub precision: Option<Count>,
    /// The code point, or byte, that names the conversion.
    pub code: u32,
    /// Where the conversion stands, for the message that it is unknown.
    pub position: usize,
    pub(super) bytes: bool,
}

impl<T: Template + ?Sized> PercentSpec<'_, T> {
    /// What to do with the value, or `ValueError`. (Ask once the value is there: that one is missing is
    /// reported first.)
    pub fn conversion(&self) -> TextResult<Conversion> {
        Ok(match self.letter() {
            's' => Conversion::Str,
            'b' if self.bytes => Conversion::Str,
            'r' => Conversion::Repr,
            'a' => Conversion::Ascii,
            'd' | 'i' | 'u' => Conversion::Integer,
            'o' | 'x' | 'X' => Conversion::Index,
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => Conversion::Float,
            'c' => Conversion::Char,
            _ => {
                let shown = match self.code {
                    // CPython stumbles over bytes that are negative as C's `char`.
                    0x80.. if self.bytes => {
                        return Err(TextError::overflow(
                            "character argument not in range(0x110000)",
                        ));
                    }
                    31..=126 => self.letter(),
                    _ if self.bytes => self.letter(),
                    _ => '?',
                };
                return Err(TextError::value(format!(
                    "unsupported format character '{shown}' ({:#x}) at index {}",
                    self.code, self.position
                )));
            }
        })
    }

    /// The conversion as a character.
    pub fn letter(&self) -> char {
        char::from_u32(self.code).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Sets the width that `*` stood for; a negative one means `-`.
    pub fn supply_width(&mut self, width: isize) {
        self.left |= width < 0;
        self.width = Some(Count::Fixed(width.unsigned_abs()));
    }

    /// Sets the precision that `*` stood for; a negative one counts as zero.
    pub fn supply_precision(&mut self, precision: isize) {
        self.precision = Some(Count::Fixed(usize::try_from(precision).unwrap_or(0)));
    }
}

/// A piece of a template. `%%` is a literal `%`; with anything in between it would be a conversion that
/// does not exist.
#[derive(Debug, PartialEq, Eq)]
pub enum PercentPart<'a, T: Template + ?Sized> {
    Literal(&'a T),
    Spec(PercentSpec<'a, T>),
}

/// Yields the parts of a template in order. Ends after an error.
pub struct PercentParser<'a, T: Template + ?Sized> {
    template: &'a T,
    at: usize,
    /// A place in bytes, and its position.
    counted: (usize, usize),
    is_bytes: bool,
}

impl<'a> PercentParser<'a, Wtf8> {
    pub fn new(template: &'a Wtf8) -> Self {
        PercentParser {
            template,
            at: 0,
            counted: (0, 0),
            is_bytes: false,
        }
    }
}

impl<'a> PercentParser<'a, [u8]> {
    pub fn of_bytes(template: &'a [u8]) -> Self {
        PercentParser {
            template,
            at: 0,
            counted: (0, 0),
            is_bytes: true,
        }
    }
}

impl<'a, T: Template + ?Sized> PercentParser<'a, T> {
    fn peek(&self) -> Option<u8> {
        self.template.bytes().get(self.at).copied()
    }

    /// `(key)`, with the opening parenthesis consumed.
    fn key(&mut self) -> TextResult<&'a T> {
        let start = self.at;
        let mut depth = 1;
        while let Some(b) = self.peek() {
            self.at += 1;
            match b {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.template.piece(start..self.at - 1));
            }
        }
        Err(TextError::value("incomplete format key"))
    }

    fn count(&mut self, too_big: &'static str) -> TextResult<Option<Count>> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            return Ok(Some(Count::Argument));
        }
        let mut value = None;
        while let Some(b @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            let next = value
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|value| value.checked_add(usize::from(b - b'0')))
                .filter(|&value| isize::try_from(value).is_ok())
                .ok_or_else(|| TextError::value(too_big))?;
            value = Some(next);
        }
        Ok(value.map(Count::Fixed))
    }

    /// A specifier, with the `%` consumed.
    fn spec(&mut self) -> TextResult<PercentSpec<'a, T>> {
        let mut spec = PercentSpec {
            key: None,
            left: false,
            plus: false,
            blank: false,
            alternate: false,
            zero: false,
            width: None,
            precision: None,
            code: 0,
            position: 0,
            bytes: self.is_bytes,
        };
        if self.peek() == Some(b'(') {
            self.at += 1;
            spec.key = Some(self.key()?);
        }
        while let Some(b) = self.peek() {
            match b {
                b'-' => spec.left = true,
                b'+' => spec.plus = true,
                b' ' => spec.blank = true,
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        spec.width = self.count("width too big")?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let too_big = if self.is_bytes {
                "prec too big"
            } else {
                "precision too big"
            };
            // A point alone is a precision of zero.
            spec.precision = self.count(too_big)?.or(Some(Count::Fixed(0)));
        }
        // C's length modifiers mean nothing here.
        if let Some(b'h' | b'l' | b'L') = self.peek() {
            self.at += 1;
        }
        let (code, len) = self
            .template
            .char_at(self.at)
            .ok_or_else(|| TextError::value("incomplete format"))?;
        spec.code = code;
        // Counted from the last one on.
        let since = self.template.piece(self.counted.0..self.at);
        let position = self.counted.1 + since.position(self.at - self.counted.0);
        self.counted = (self.at, position);
        spec.position = position;
        self.at += len;
        Ok(spec)
    }
}

impl<'a, T: Template + ?Sized> Iterator for PercentParser<'a, T> {
    type Item = TextResult<PercentPart<'a, T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.template.bytes();
        let rest = bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let literal = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        if literal > 0 {
            let start = self.at;
            self.at += literal;
            return Some(Ok(PercentPart::Literal(
                self.template.piece(start..self.at),
            )));
        }
        self.at += 1;
        if self.peek() == Some(b'%') {
            self.at += 1;
            return Some(Ok(PercentPart::Literal(
                self.template.piece(self.at - 1..self.at),
            )));
        }
        let spec = self.spec();
        if spec.is_err() {
            self.at = bytes.len();
        }
        Some(spec.map(PercentPart::Spec))
    }
}
