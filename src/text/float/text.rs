//! Decimal text: `repr(float)`, `float(str)`, and the conversion codes `e`, `f` and `g`.

use std::fmt::Write;

use rustpython_wtf8::Wtf8;

use crate::text::repr::{bytes_repr, str_repr};
use crate::text::{TextError, TextResult, numeral_to_ascii, trim_c_space};

/// How [`format_float_code`] writes the decimal point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecimalFlags {
    /// Append `.0` to what would look like an integer.
    pub add_dot_0: bool,
    /// The `#` form: always a decimal point, and `g` keeps trailing zeros.
    pub alternate: bool,
}

/// More digits than any `f64` has after its point (1074); what lies beyond is zeros.
const EXACT_DIGITS: usize = 1100;

/// `repr(x)`: the shortest decimal that reads back as `x`.
pub fn float_repr(x: f64) -> String {
    let flags = DecimalFlags {
        add_dot_0: true,
        alternate: false,
    };
    format_float_code(x, 'r', 0, flags)
}

/// The decimal digits of a finite number, without its sign: `0.d1d2d3... * 10**point`.
struct Decimal {
    digits: String,
    point: i32,
}

impl Decimal {
    /// Reads what `{:e}` wrote: `d.ddde-5`.
    fn from_scientific(text: &str) -> Decimal {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        Decimal {
            digits: mantissa.chars().filter(|&c| c != '.').collect(),
            // `{:e}` always writes an exponent that fits.
            point: exponent.parse::<i32>().unwrap_or(0) + 1,
        }
    }

    /// The fewest digits that identify `x`.
    fn shortest(x: f64) -> Decimal {
        let mut decimal = Decimal::from_scientific(&format!("{x:e}"));
        // Rust and CPython differ only when the exact value lies halfway between two shortest candidates:
        // CPython takes the even one. An odd multiple of 2**-k has exactly k decimals, the last a 5, so
        // such a tie shows as one decimal more than the shortest form has.
        let decimals = decimal.digits.len() as i32 - decimal.point;
        let last = decimal.digits.as_bytes()[decimal.digits.len() - 1];
        if decimals >= 0 && last % 2 == 1 && x != 0.0 && binary_decimals(x) == decimals + 1 {
            let even = format!("{x:.*e}", decimal.digits.len() - 1);
            if even.parse::<f64>() == Ok(x) {
                decimal = Decimal::from_scientific(&even);
            }
        }
        decimal
    }

    /// `precision` significant digits, correctly rounded.
    fn rounded(x: f64, precision: usize) -> Decimal {
        let asked = precision.saturating_sub(1);
        let exact = asked.min(EXACT_DIGITS);
        let mut decimal = Decimal::from_scientific(&format!("{x:.exact$e}"));
        decimal
            .digits
            .extend(std::iter::repeat_n('0', asked - exact));
        decimal
    }

    fn strip_zeros(&mut self) {
        let kept = self.digits.trim_end_matches('0').len().max(1);
        self.digits.truncate(kept);
    }

    fn write_scientific(&self, out: &mut String, upper: bool, alternate: bool) {
        out.push_str(&self.digits[..1]);
        if self.digits.len() > 1 || alternate {
            out.push('.');
            out.push_str(&self.digits[1..]);
        }
        let exponent = self.point - 1;
        out.push(if upper { 'E' } else { 'e' });
        out.push(if exponent < 0 { '-' } else { '+' });
        let _ = write!(out, "{:02}", exponent.unsigned_abs());
    }

    fn write_positional(&self, out: &mut String, flags: DecimalFlags) {
        let digits = &self.digits;
        let fraction = if self.point <= 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', -self.point as usize));
            out.push_str(digits);
            return;
        } else {
            let point = self.point as usize;
            let whole = point.min(digits.len());
            out.push_str(&digits[..whole]);
            out.extend(std::iter::repeat_n('0', point - whole));
            &digits[whole..]
        };
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        } else if flags.add_dot_0 {
            out.push_str(".0");
        } else if flags.alternate {
            out.push('.');
        }
    }
}

/// How many decimals the exact value of `x` has, if it has a fraction; otherwise at most zero.
fn binary_decimals(x: f64) -> i32 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), exponent - 1075)
    };
    -(exponent + mantissa.trailing_zeros() as i32)
}

/// Formats `x` by one of the codes `e E f F g G`, or `r` for the shortest form (`precision` is then
/// ignored). Negative numbers and negative zero get a sign, NaN never does.
pub fn format_float_code(x: f64, code: char, precision: usize, flags: DecimalFlags) -> String {
    let upper = code.is_ascii_uppercase();
    let mut out = String::with_capacity(24);
    if x.is_nan() {
        return if upper { "NAN" } else { "nan" }.into();
    }
    if x.is_sign_negative() {
        out.push('-');
    }
    let x = x.abs();
    if x.is_infinite() {
        out.push_str(if upper { "INF" } else { "inf" });
        return out;
    }
    match code {
        'f' | 'F' => {
            let exact = precision.min(EXACT_DIGITS);
            let _ = write!(out, "{x:.exact$}");
            out.extend(std::iter::repeat_n('0', precision - exact));
            if precision == 0 {
                if flags.add_dot_0 {
                    out.push_str(".0");
                } else if flags.alternate {
                    out.push('.');
                }
            }
        }
        'e' | 'E' => {
            let decimal = Decimal::rounded(x, precision.saturating_add(1));
            decimal.write_scientific(&mut out, upper, flags.alternate);
        }
        'g' | 'G' => {
            let precision = precision.max(1);
            let mut decimal = Decimal::rounded(x, precision);
            if !flags.alternate {
                decimal.strip_zeros();
            }
            let widest = (precision as i64) - i64::from(flags.add_dot_0);
            if decimal.point <= -4 || i64::from(decimal.point) > widest {
                decimal.write_scientific(&mut out, upper, flags.alternate);
            } else {
                decimal.write_positional(&mut out, flags);
            }
        }
        _ => {
            let decimal = Decimal::shortest(x);
            if decimal.point <= -4 || decimal.point > 16 {
                decimal.write_scientific(&mut out, upper, flags.alternate);
            } else {
                decimal.write_positional(&mut out, flags);
            }
        }
    }
    out
}

/// `float(text)` for a `str`.
pub fn parse_float(text: &Wtf8) -> TextResult<f64> {
    parse_float_ascii(&numeral_to_ascii(text)).ok_or_else(|| {
        TextError::value(format!(
            "could not convert string to float: {}",
            str_repr(text)
        ))
    })
}

/// `float(data)` for `bytes` and the like.
pub fn parse_float_bytes(data: &[u8]) -> TextResult<f64> {
    parse_float_ascii(data).ok_or_else(|| {
        TextError::value(format!(
            "could not convert string to float: {}",
            bytes_repr(data)
        ))
    })
}

/// The number that `text` spells, with blanks around it and underscores between digits allowed.
pub fn parse_float_ascii(text: &[u8]) -> Option<f64> {
    let text = trim_c_space(text);
    let joined;
    let plain = if text.contains(&b'_') {
        joined = drop_underscores(text)?;
        &joined
    } else {
        text
    };
    // What is left of Python's grammar is exactly Rust's.
    std::str::from_utf8(plain).ok()?.parse().ok()
}

/// Removes underscores, provided that each stands between two digits.
pub(super) fn drop_underscores(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for (i, &b) in text.iter().enumerate() {
        if b != b'_' {
            out.push(b);
        } else if i == 0
            || !text[i - 1].is_ascii_digit()
            || !text.get(i + 1).is_some_and(u8::is_ascii_digit)
        {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn repr() {
        for (x, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (5e-324, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (2f64.powi(-25), "2.9802322387695312e-08"),
            (2f64.powi(-26), "1.4901161193847656e-08"),
            (2f64.powi(-14) - 2f64.powi(-25), "6.1005353927612305e-05"),
            (9007199254740993.0, "9007199254740992.0"),
            (0.30000000000000004, "0.30000000000000004"),
        ] {
            assert_eq!(float_repr(x), text);
        }
    }

    #[test]
    fn codes() {
        let none = DecimalFlags::default();
        let alt = DecimalFlags {
            alternate: true,
            ..none
        };
        for (x, code, precision, flags, text) in [
            (0.25, 'f', 1, none, "0.2"),
            (0.5, 'f', 0, none, "0"),
            (2.5, 'f', 0, none, "2"),
            (3.5, 'f', 0, alt, "4."),
            (1.25, 'e', 1, none, "1.2e+00"),
            (2.5, 'e', 0, none, "2e+00"),
            (0.0, 'e', 2, none, "0.00e+00"),
            (0.0, 'g', 6, none, "0"),
            (100000.0, 'g', 6, none, "100000"),
            (1000000.0, 'g', 6, none, "1e+06"),
            (1e-5, 'G', 6, none, "1E-05"),
            (0.0001, 'g', 6, none, "0.0001"),
            (0.0, 'g', 6, alt, "0.00000"),
            (1.0, 'g', 6, alt, "1.00000"),
            (1e22, 'f', 3, none, "10000000000000000000000.000"),
            (-1.5, 'g', 0, none, "-2"),
        ] {
            assert_eq!(
                format_float_code(x, code, precision, flags),
                text,
                "{x} {code}{precision}"
            );
        }
        assert_eq!(format_float_code(0.1, 'f', 2000, none).len(), 2002);
    }

    #[test]
    fn parse() {
        let ok = |s: &str| parse_float(Wtf8::new(s)).unwrap();
        assert_eq!(ok(" 1_000.5e1_0\n"), 1000.5e10);
        assert_eq!(ok("\u{a0}٣.١\u{2003}"), 3.1);
        assert_eq!(ok("-Infinity"), f64::NEG_INFINITY);
        assert!(ok("nAn").is_nan());
        assert_eq!(ok(".5"), 0.5);
        assert_eq!(ok("5."), 5.0);
        for bad in [
            "", "  ", "1_", "_1", "1__0", "1._5", "1e", ".", "+", "1 2", "0x1", "1_e5", "infin",
            "\u{1c}1",
        ] {
            assert!(parse_float(Wtf8::new(bad)).is_err(), "{bad}");
        }
        assert_eq!(
            parse_float(Wtf8::new("a'b\n")).unwrap_err().message(),
            r#"could not convert string to float: "a'b\n""#
        );
        assert_eq!(
            parse_float_bytes(b"x\xff").unwrap_err().message(),
            r"could not convert string to float: b'x\xff'"
        );
    }

    proptest! {
        #[test]
        fn repr_round_trips(bits: u64) {
            let x = f64::from_bits(bits);
            let back = parse_float(Wtf8::new(float_repr(x).as_str())).unwrap();
            prop_assert!(back == x || x.is_nan());
        }
    }
}
