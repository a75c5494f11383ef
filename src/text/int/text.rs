//! `int(str)` and its inverse, in any base, with the limit that guards against quadratic time.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{Signed, ToPrimitive, Zero};
use rustpython_wtf8::Wtf8;

use crate::text::repr::{bytes_repr, str_repr};
use crate::text::{TextError, TextResult, numeral_to_ascii, trim_c_space};

/// The limit that `sys.set_int_max_str_digits` starts from.
pub const DEFAULT_MAX_STR_DIGITS: usize = 4300;
/// Numbers up to this many digits are never refused, whatever the limit.
pub const MAX_STR_DIGITS_THRESHOLD: usize = 640;

/// Below this many digits the quadratic algorithm wins.
const SPLIT_DIGITS: usize = 1200;

/// `int(text, base)` for a `str`. `max_digits` is the limit on decimal digits, 0 for none.
pub fn parse_int(text: &Wtf8, base: u32, max_digits: usize) -> TextResult<BigInt> {
    parse(&numeral_to_ascii(text), base, max_digits)?
        .ok_or_else(|| invalid_literal(base, &str_repr(text)))
}

/// `int(data, base)` for `bytes` and `bytearray`.
pub fn parse_int_bytes(data: &[u8], base: u32, max_digits: usize) -> TextResult<BigInt> {
    parse(data, base, max_digits)?.ok_or_else(|| invalid_literal(base, &bytes_repr(data)))
}

fn invalid_literal(base: u32, repr: &str) -> TextError {
    // CPython cuts the repr at 200 characters.
    let cut: String = repr.chars().take(200).collect();
    TextError::value(format!("invalid literal for int() with base {base}: {cut}"))
}

/// `None` if `text` is no number.
fn parse(text: &[u8], base: u32, max_digits: usize) -> TextResult<Option<BigInt>> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(TextError::value("int() base must be >= 2 and <= 36, or 0"));
    }
    let text = trim_c_space(text);
    let (negative, mut text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let prefix = match text {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut only_zero = false;
    let base = match base {
        0 if prefix == 0 => {
            // "010" would be octal in C; only zero itself may be written with leading zeros.
            only_zero = text.first() == Some(&b'0');
            10
        }
        0 => prefix,
        _ => base,
    };
    if prefix == base {
        // An underscore may follow the prefix; without digits after it there is no number.
        text = &text[2..];
        text = text.strip_prefix(b"_").unwrap_or(text);
    }
    let Some(digits) = digit_values(text, base) else {
        return Ok(None);
    };
    if only_zero && digits.iter().any(|&d| d != 0) {
        return Ok(None);
    }
    if !base.is_power_of_two()
        && max_digits > 0
        && digits.len() > MAX_STR_DIGITS_THRESHOLD
        && digits.len() > max_digits
    {
        return Err(TextError::value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        )));
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Ok(Some(BigInt::from_biguint(sign, from_digits(&digits, base))))
}

/// The values of the digits of `text`, without its underscores; `None` if it is not made of digits with
/// single underscores between them.
fn digit_values(text: &[u8], base: u32) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(text.len());
    let mut after_digit = false;
    for &b in text {
        if b == b'_' && after_digit {
            after_digit = false;
            continue;
        }
        digits.push((b as char).to_digit(base)? as u8);
        after_digit = true;
    }
    after_digit.then_some(digits)
}

/// The number whose digits are `digits`, most significant first.
fn from_digits(digits: &[u8], base: u32) -> BigUint {
    // Nineteen decimal digits fit into a word; most numbers end here.
    if digits.len() <= 12 || (base <= 10 && digits.len() <= 19) {
        let word = digits
            .iter()
            .fold(0u64, |word, &d| word * u64::from(base) + u64::from(d));
        return BigUint::from(word);
    }
    if base.is_power_of_two() || digits.len() <= SPLIT_DIGITS {
        return BigUint::from_radix_be(digits, base).unwrap_or_default();
    }
    // Divide and conquer, so that the fast multiplication does the work: split where the low part has
    // `SPLIT_DIGITS << level` digits, whose weight is computed once per level.
    let mut weights = vec![BigUint::from(base).pow(SPLIT_DIGITS as u32)];
    while (SPLIT_DIGITS << weights.len()) < digits.len() {
        let last = &weights[weights.len() - 1];
        weights.push(last * last);
    }
    combine(digits, base, &weights)
}

fn combine(digits: &[u8], base: u32, weights: &[BigUint]) -> BigUint {
    let Some((weight, smaller)) = weights.split_last() else {
        return BigUint::from_radix_be(digits, base).unwrap_or_default();
    };
    let low = SPLIT_DIGITS << smaller.len();
    if digits.len() <= low {
        return combine(digits, base, smaller);
    }
    let (high, low) = digits.split_at(digits.len() - low);
    combine(high, base, smaller) * weight + combine(low, base, smaller)
}

/// `str(n)`. `max_digits` is the limit, 0 for none.
pub fn int_to_decimal(n: &BigInt, max_digits: usize) -> TextResult<String> {
    if let Some(small) = n.to_i64() {
        return Ok(small.to_string());
    }
    let too_long = || {
        TextError::value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        ))
    };
    let limited = max_digits > 0;
    // Refuse numbers far too long before spending time on them.
    let at_least = (n.bits().saturating_sub(1) as f64 * std::f64::consts::LOG10_2) as usize;
    if limited && at_least > max_digits.max(MAX_STR_DIGITS_THRESHOLD) {
        return Err(too_long());
    }
    let text = n.to_str_radix(10);
    let digits = text.len() - usize::from(n.is_negative());
    if limited && digits > MAX_STR_DIGITS_THRESHOLD && digits > max_digits {
        return Err(too_long());
    }
    Ok(text)
}

/// The digits of `|n|` in `base` (2 to 36), lower case, without sign or prefix.
pub fn digits_in_base(n: &BigInt, base: u32) -> String {
    match (n.to_i64(), base) {
        (Some(small), 2) => format!("{:b}", small.unsigned_abs()),
        (Some(small), 8) => format!("{:o}", small.unsigned_abs()),
        (Some(small), 10) => small.unsigned_abs().to_string(),
        (Some(small), 16) => format!("{:x}", small.unsigned_abs()),
        _ => n.magnitude().to_str_radix(base),
    }
}

/// `bin(n)`, `oct(n)` and `hex(n)`, for base 2, 8 and 16.
pub fn prefixed(n: &BigInt, base: u32) -> String {
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let sign = if n.is_negative() && !n.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}{prefix}{}", digits_in_base(n, base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn int(text: &str, base: u32) -> TextResult<BigInt> {
        parse_int(Wtf8::new(text), base, DEFAULT_MAX_STR_DIGITS)
    }

    #[test]
    fn parses() {
        for (text, base, value) in [
            (" -1_000\n", 10, -1000),
            ("0x_fF", 0, 255),
            ("0o17", 0, 15),
            ("0B11", 0, 3),
            ("00_0", 0, 0),
            ("z", 36, 35),
            ("0b1", 16, 0xb1),
            ("0b1", 2, 1),
            ("٣١", 10, 31),
            ("\u{3000}+７", 10, 7),
            ("0x10", 16, 16),
        ] {
            assert_eq!(int(text, base).unwrap(), BigInt::from(value), "{text}");
        }
    }

    #[test]
    fn refuses() {
        for (text, base) in [
            ("", 10),
            ("-", 10),
            ("1__0", 10),
            ("_1", 10),
            ("1_", 10),
            ("010", 0),
            ("0x", 0),
            ("0x_", 16),
            ("0x__1", 16),
            ("1.0", 10),
            ("2", 2),
            ("½", 10),
            ("0_1", 0),
            ("+ 1", 10),
        ] {
            assert!(int(text, base).is_err(), "{text:?}");
        }
        assert_eq!(
            int("a'", 16).unwrap_err().message(),
            "invalid literal for int() with base 16: \"a'\""
        );
        assert_eq!(
            int("1", 1).unwrap_err().message(),
            "int() base must be >= 2 and <= 36, or 0"
        );
        assert_eq!(
            parse_int_bytes(b"\xff", 10, 0).unwrap_err().message(),
            r"invalid literal for int() with base 10: b'\xff'"
        );
    }

    #[test]
    fn digit_limit() {
        let long = "1".repeat(4301);
        assert_eq!(
            int(&long, 10).unwrap_err().message(),
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert!(int(&long, 16).is_ok());
        let n = parse_int(Wtf8::new(long.as_str()), 10, 0).unwrap();
        assert_eq!(
            int_to_decimal(&n, 4300).unwrap_err().message(),
            "Exceeds the limit (4300 digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert_eq!(int_to_decimal(&n, 4301).unwrap(), long);
        assert!(int_to_decimal(&(BigInt::from(1) << 1_000_000u32), 4300).is_err());
    }

    #[test]
    fn bases() {
        assert_eq!(prefixed(&BigInt::from(-255), 16), "-0xff");
        assert_eq!(prefixed(&BigInt::from(0), 2), "0b0");
        assert_eq!(
            prefixed(&(BigInt::from(1) << 64u32), 8),
            "0o2000000000000000000000"
        );
    }

    proptest! {
        #[test]
        fn round_trip(digits in "[1-9][0-9]{0,6000}") {
            let n = parse_int(Wtf8::new(digits.as_str()), 10, 0).unwrap();
            prop_assert_eq!(int_to_decimal(&n, 0).unwrap(), digits);
        }

        #[test]
        fn round_trip_in_base(n: i128, base in 2u32..=36) {
            let n = BigInt::from(n).pow(3);
            let text = n.to_str_radix(base);
            prop_assert_eq!(int(&text, base).unwrap(), n);
        }
    }
}
