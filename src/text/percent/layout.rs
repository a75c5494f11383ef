//! Laying out a value by a specifier.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::Signed;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::float::{DecimalFlags, format_float_code};
use crate::text::format_spec::MOST_DIGITS;
use crate::text::int::{digits_in_base, int_to_decimal};
use crate::text::str_ops::Text;
use crate::text::{TextError, TextResult};

use super::parse::{Count, PercentSpec, Template};

fn fixed(count: Option<Count>) -> Option<usize> {
    match count {
        Some(Count::Fixed(count)) => Some(count),
        // A `*` must have been supplied by now; without it there is nothing to pad to.
        Some(Count::Argument) | None => None,
    }
}

impl<T: Template + ?Sized> PercentSpec<'_, T> {
    /// Blanks before and after something of `len` characters.
    fn blanks(&self, len: usize) -> (usize, usize) {
        let padding = fixed(self.width).unwrap_or(0).saturating_sub(len);
        if self.left {
            (0, padding)
        } else {
            (padding, 0)
        }
    }

    /// Lays out the string of `%s`, `%r` or `%a`.
    pub fn layout_str<'a>(&self, text: Text<'a>) -> TextResult<Cow<'a, Wtf8>> {
        let len = fixed(self.precision).map_or(text.len(), |precision| precision.min(text.len()));
        let piece = text.substring(0, len);
        let (before, after) = self.blanks(len);
        if before + after == 0 {
            return Ok(Cow::Borrowed(piece));
        }
        let mut out = Wtf8Buf::new();
        out.try_reserve_exact(piece.len().saturating_add(before + after))
            .map_err(|_| TextError::Memory)?;
        (0..before).for_each(|_| out.push_char(' '));
        out.push_wtf8(piece);
        (0..after).for_each(|_| out.push_char(' '));
        Ok(Cow::Owned(out))
    }

    /// Lays out the character of `%c`.
    pub fn layout_char(&self, c: CodePoint) -> TextResult<Wtf8Buf> {
        let mut text = Wtf8Buf::new();
        text.push(c);
        let no_precision = PercentSpec::<T> {
            key: None,
            precision: None,
            ..*self
        };
        Ok(no_precision
            .layout_str(Text::with_len(&text, 1))?
            .into_owned())
    }

    /// Lays out the bytes of `%s`, `%b`, `%a` or, for which `precision` is ignored, `%c`.
    pub fn layout_bytes<'a>(&self, data: &'a [u8]) -> TextResult<Cow<'a, [u8]>> {
        let precision = if self.letter() == 'c' {
            None
        } else {
            fixed(self.precision)
        };
        let data = &data[..precision.map_or(data.len(), |precision| precision.min(data.len()))];
        let (before, after) = self.blanks(data.len());
        if before + after == 0 {
            return Ok(Cow::Borrowed(data));
        }
        let mut out = Vec::new();
        out.try_reserve_exact(data.len().saturating_add(before + after))
            .map_err(|_| TextError::Memory)?;
        out.resize(before, b' ');
        out.extend_from_slice(data);
        out.resize(out.len() + after, b' ');
        Ok(Cow::Owned(out))
    }

    /// Lays out the integer of `%d`, `%o`, `%x` and their like.
    pub fn layout_int(&self, n: &BigInt, max_digits: usize) -> TextResult<String> {
        let letter = self.letter();
        let (prefix, mut digits) = match letter {
            'o' => ("0o", digits_in_base(n, 8)),
            'x' => ("0x", digits_in_base(n, 16)),
            'X' => ("0X", digits_in_base(n, 16).to_ascii_uppercase()),
            _ => {
                let mut text = int_to_decimal(n, max_digits)?;
                if n.is_negative() {
                    text.remove(0);
                }
                ("", text)
            }
        };
        if let Some(precision) = fixed(self.precision) {
            if precision > i32::MAX as usize - 3 {
                return Err(TextError::overflow("precision too large"));
            }
            let missing = precision.saturating_sub(digits.len());
            if missing > 0 {
                digits.insert_str(0, &"0".repeat(missing));
            }
        }
        let prefix = if self.alternate { prefix } else { "" };
        self.layout_number(n.is_negative(), prefix, &digits)
    }

    /// Lays out the float of `%e`, `%f`, `%g` and their capitals.
    pub fn layout_float(&self, x: f64) -> TextResult<String> {
        let precision = fixed(self.precision).unwrap_or(6);
        if i32::try_from(precision).is_err() {
            return Err(TextError::value("precision too big"));
        }
        if precision > MOST_DIGITS {
            return Err(TextError::Memory);
        }
        let flags = DecimalFlags {
            add_dot_0: false,
            alternate: self.alternate,
        };
        let text = format_float_code(x, self.letter(), precision, flags);
        match text.strip_prefix('-') {
            Some(magnitude) => self.layout_number(true, "", magnitude),
            None => self.layout_number(false, "", &text),
        }
    }

    fn layout_number(&self, negative: bool, prefix: &str, digits: &str) -> TextResult<String> {
        let sign = if negative {
            "-"
        } else if self.plus {
            "+"
        } else if self.blank {
            " "
        } else {
            ""
        };
        let len = sign.len() + prefix.len() + digits.len();
        let (before, after) = self.blanks(len);
        let (blanks, zeros) = if self.zero { (0, before) } else { (before, 0) };
        let mut out = String::new();
        out.try_reserve_exact(len.saturating_add(before + after))
            .map_err(|_| TextError::Memory)?;
        out.extend(std::iter::repeat_n(' ', blanks));
        out.push_str(sign);
        out.push_str(prefix);
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(digits);
        out.extend(std::iter::repeat_n(' ', after));
        Ok(out)
    }
}
