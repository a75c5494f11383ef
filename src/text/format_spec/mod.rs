//! The format mini language: `format(value, spec)` for `str`, `int`, `float` and `complex`.
//!
//! A specification is `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`. Parsing
//! ([`FormatSpec`]) knows nothing of the value but its type's name, for messages; formatting then lays out
//! one number as `padding sign prefix zeros digits point fraction rest padding`.

mod number;
mod spec;

pub use number::{MOST_DIGITS, format_complex, format_float, format_int};
pub use spec::{Align, FormatSpec, Grouping, SignMode};

use std::borrow::Cow;

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::str_ops::Text;
use crate::text::{TextError, TextResult};

/// `format(text, spec)` for a string whose class is named `class`.
pub fn format_str<'a>(text: Text<'a>, spec: &Wtf8, class: &str) -> TextResult<Cow<'a, Wtf8>> {
    if spec.is_empty() {
        return Ok(Cow::Borrowed(text.wtf8()));
    }
    let spec = FormatSpec::parse(spec, 's', Align::Left, class)?;
    if spec.code() != 's' {
        return Err(spec.unknown_code(class));
    }
    match spec.sign {
        Some(SignMode::Space) => {
            return Err(TextError::value(
                "Space not allowed in string format specifier",
            ));
        }
        Some(_) => {
            return Err(TextError::value(
                "Sign not allowed in string format specifier",
            ));
        }
        None => {}
    }
    if spec.no_negative_zero {
        return Err(TextError::value(
            "Negative zero coercion (z) not allowed in string format specifier",
        ));
    }
    if spec.alternate {
        return Err(TextError::value(
            "Alternate form (#) not allowed in string format specifier",
        ));
    }
    if spec.align == Align::AfterSign {
        return Err(TextError::value(
            "'=' alignment not allowed in string format specifier",
        ));
    }
    let len = spec
        .precision
        .map_or(text.len(), |precision| precision.min(text.len()));
    let text = text.substring(0, len);
    let (left, right) = spec.padding(len);
    if left + right == 0 {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = reserve(text.len(), left + right, spec.fill)?;
    push_fill(&mut out, spec.fill, left);
    out.push_wtf8(text);
    push_fill(&mut out, spec.fill, right);
    Ok(Cow::Owned(out))
}

/// A buffer with room for `bytes` bytes and `padding` fill characters, or `MemoryError`.
fn reserve(bytes: usize, padding: usize, fill: CodePoint) -> TextResult<Wtf8Buf> {
    let total = padding
        .saturating_mul(fill.len_wtf8())
        .saturating_add(bytes);
    let mut out = Wtf8Buf::new();
    out.try_reserve_exact(total)
        .map_err(|_| TextError::Memory)?;
    Ok(out)
}

fn push_fill(out: &mut Wtf8Buf, fill: CodePoint, count: usize) {
    (0..count).for_each(|_| out.push(fill));
}

#[cfg(test)]
mod tests;
