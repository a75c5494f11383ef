//! `repr(complex)` and `complex(str)`.

use std::borrow::Cow;

use rustpython_wtf8::Wtf8;

use crate::text::repr::str_repr;
use crate::text::{TextError, TextResult, numeral_to_ascii, trim_c_space};

use super::text::drop_underscores;
use super::{DecimalFlags, format_float_code};

/// `repr(complex(real, imag))`.
pub fn complex_repr(real: f64, imag: f64) -> String {
    let part = |x| format_float_code(x, 'r', 0, DecimalFlags::default());
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imag));
    }
    let plus = if imag.is_sign_negative() && !imag.is_nan() {
        ""
    } else {
        "+"
    };
    format!("({}{plus}{}j)", part(real), part(imag))
}

/// `complex(text)`: the real and the imaginary part.
pub fn parse_complex(text: &Wtf8) -> TextResult<(f64, f64)> {
    let ascii = numeral_to_ascii(text);
    let joined = if ascii.contains(&b'_') {
        Cow::Owned(drop_underscores(&ascii).ok_or_else(|| {
            TextError::value(format!(
                "could not convert string to complex: {}",
                str_repr(text)
            ))
        })?)
    } else {
        ascii
    };
    parse(&joined).ok_or_else(|| TextError::value("complex() arg is a malformed string"))
}

fn parse(text: &[u8]) -> Option<(f64, f64)> {
    let text = trim_c_space(text);
    let inner = match text {
        [b'(', inner @ .., b')'] => trim_c_space(inner),
        _ => text,
    };
    let Some(body) = inner
        .strip_suffix(b"j")
        .or_else(|| inner.strip_suffix(b"J"))
    else {
        return Some((number(inner)?, 0.0));
    };
    // The sign that opens the imaginary part is the last one that is not part of an exponent. (No letter
    // of `inf` or `nan` before a sign is an `e`.)
    let split = (1..body.len()).rev().find(|&i| {
        matches!(body[i], b'+' | b'-') && !matches!(body[i - 1], b'e' | b'E' | b'+' | b'-')
    });
    match split {
        Some(i) => Some((number(&body[..i])?, imaginary(&body[i..])?)),
        None => Some((0.0, imaginary(body)?)),
    }
}

/// A coefficient of `j`: a bare sign, or nothing, stands for one.
fn imaginary(text: &[u8]) -> Option<f64> {
    match text {
        b"" | b"+" => Some(1.0),
        b"-" => Some(-1.0),
        _ => number(text),
    }
}

fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr() {
        assert_eq!(complex_repr(0.0, 1.0), "1j");
        assert_eq!(complex_repr(1.0, -2.5), "(1-2.5j)");
        assert_eq!(complex_repr(-0.0, 0.0), "(-0+0j)");
        assert_eq!(complex_repr(f64::NAN, f64::INFINITY), "(nan+infj)");
        assert_eq!(complex_repr(0.0, f64::NAN), "nanj");
        assert_eq!(complex_repr(1e20, -0.0), "(1e+20-0j)");
    }

    #[test]
    fn parse() {
        let ok = |s: &str| parse_complex(Wtf8::new(s)).unwrap();
        assert_eq!(ok(" ( 1e-3+2.5E+4j ) "), (1e-3, 2.5e4));
        assert_eq!(ok("j"), (0.0, 1.0));
        assert_eq!(ok("-J"), (0.0, -1.0));
        assert_eq!(ok("1-j"), (1.0, -1.0));
        assert_eq!(ok("1_0.5"), (10.5, 0.0));
        assert_eq!(ok("-inf+infj"), (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(ok("1e5j"), (0.0, 1e5));
        for bad in [
            "", "()", "1+2", "1+2jj", "1 +2j", "((1))", "+-1j", "1+-2j", "1e", "jj", "(1", "1j+1",
        ] {
            assert!(parse_complex(Wtf8::new(bad)).is_err(), "{bad}");
        }
    }
}
