//! `float.hex()` and `float.fromhex()`.

use crate::text::{TextError, TextResult, trim_c_space};

use super::scale_to_f64;

/// `x.hex()`.
pub fn float_to_hex(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_infinite() {
        return format!("{sign}inf");
    }
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52) & 0x7ff {
        0 if fraction == 0 => format!("{sign}0x0.0p+0"),
        0 => format!("{sign}0x0.{fraction:013x}p-1022"),
        exponent => format!("{sign}0x1.{fraction:013x}p{:+}", exponent as i64 - 1023),
    }
}

/// `float.fromhex(text)`. The text is that of a `str` in UTF-8; other than ASCII never matches.
pub fn float_from_hex(text: &[u8]) -> TextResult<f64> {
    let invalid = || TextError::value("invalid hexadecimal floating-point string");
    let too_large = || TextError::overflow("hexadecimal value too large to represent as a float");

    let text = trim_c_space(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let signed = |x: f64| if negative { -x } else { x };
    if text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity") {
        return Ok(signed(f64::INFINITY));
    }
    if text.eq_ignore_ascii_case(b"nan") {
        return Ok(signed(f64::NAN));
    }
    let text = match text {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => text,
    };

    // Keep the leading 128 bits of the mantissa; of the rest it matters only whether it is zero.
    let mut mantissa = 0u128;
    let mut sticky = false;
    let mut exponent = 0i64;
    let mut digits = 0usize;
    let mut seen_point = false;
    let mut rest = text;
    while let [b, tail @ ..] = rest {
        if *b == b'.' && !seen_point {
            seen_point = true;
        } else if let Some(digit) = (*b as char).to_digit(16) {
            digits += 1;
            if mantissa >> 124 == 0 {
                mantissa = mantissa << 4 | u128::from(digit);
                exponent -= if seen_point { 4 } else { 0 };
            } else {
                sticky |= digit != 0;
                exponent += if seen_point { 0 } else { 4 };
            }
        } else {
            break;
        }
        rest = tail;
    }
    if digits == 0 {
        return Err(invalid());
    }
    if let [b'p' | b'P', tail @ ..] = rest {
        let (minus, tail) = match tail {
            [b'-', tail @ ..] => (true, tail),
            [b'+', tail @ ..] => (false, tail),
            _ => (false, tail),
        };
        if tail.is_empty() || !tail.iter().all(u8::is_ascii_digit) {
            return Err(invalid());
        }
        let power = tail.iter().fold(0i64, |power, b| {
            power.saturating_mul(10).saturating_add(i64::from(b - b'0'))
        });
        // Far enough out that no string can hold digits to bring it back.
        let power = power.min(1 << 60);
        exponent += if minus { -power } else { power };
    } else if !rest.is_empty() {
        return Err(invalid());
    }
    if mantissa == 0 {
        return Ok(signed(0.0));
    }
    let x = scale_to_f64(mantissa, sticky, exponent);
    if x.is_infinite() {
        return Err(too_large());
    }
    Ok(signed(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn to_hex() {
        for (x, text) in [
            (1.0, "0x1.0000000000000p+0"),
            (-0.1, "-0x1.999999999999ap-4"),
            (0.0, "0x0.0p+0"),
            (5e-324, "0x0.0000000000001p-1022"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float_to_hex(x), text);
        }
    }

    #[test]
    fn from_hex() {
        for (text, x) in [
            ("0x1.8p1", 3.0),
            (" -0X.8P+1\n", -1.0),
            ("ff", 255.0),
            ("1.", 1.0),
            (".8", 0.5),
            (
                "0x0.0000000000000000000000000000000000000001p4",
                2f64.powi(-156),
            ),
            (
                "0x10000000000000000000000000000000000000000p0",
                2f64.powi(160),
            ),
            ("0x1.00000000000008", 1.0),
            (
                "0x1.000000000000080000000000000000000000001",
                1.0 + f64::EPSILON,
            ),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x0p99999999999999999999", 0.0),
        ] {
            assert_eq!(float_from_hex(text.as_bytes()).unwrap(), x, "{text}");
        }
        for bad in [
            "", "0x", ".", "1p", "1p+", "1.2.3", "0x1g", "1 2", "infi", "0x1p1.0", "--1",
        ] {
            assert_eq!(
                float_from_hex(bad.as_bytes()).unwrap_err().message(),
                "invalid hexadecimal floating-point string",
                "{bad}"
            );
        }
        assert_eq!(
            float_from_hex(b"0x1p1024").unwrap_err().to_string(),
            "OverflowError: hexadecimal value too large to represent as a float"
        );
    }

    proptest! {
        #[test]
        fn round_trip(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(!x.is_nan());
            prop_assert_eq!(float_from_hex(float_to_hex(x).as_bytes()).unwrap(), x);
        }
    }
}
