//! Exact passages between `f64` and integers, each rounded at most once, half to even.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::text::{TextError, TextResult};

/// `mantissa * 2**exponent`, correctly rounded; `sticky` says that the true value is a little larger.
/// Becomes infinite when it does not fit.
pub fn scale_to_f64(mantissa: u128, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = 128 - i64::from(mantissa.leading_zeros());
    let top = exponent.saturating_add(bits - 1);
    if top > 1023 {
        return f64::INFINITY;
    }
    // The weight of the last bit kept: 53 bits below the top, or fewer for a subnormal number.
    let unit = (top - 52).max(-1074);
    let drop = unit - exponent;
    let (mut kept, round_up) = if drop <= 0 {
        ((mantissa << -drop) as u64, false)
    } else if drop > 128 {
        (0, false)
    } else {
        let kept = if drop == 128 {
            0
        } else {
            (mantissa >> drop) as u64
        };
        let half = 1u128 << (drop - 1);
        let rest = mantissa & (half | (half - 1));
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        (kept, up)
    };
    kept += u64::from(round_up);
    // The leading bit of `kept` adds one to the exponent field, and so does a carry out of the rounding;
    // past the largest number this yields infinity.
    f64::from_bits((((unit + 1074) as u64) << 52) + kept)
}

/// `float(n)`.
pub fn bigint_to_f64(n: &BigInt) -> TextResult<f64> {
    let magnitude = magnitude_to_f64(n.magnitude());
    if magnitude.is_infinite() {
        return Err(TextError::overflow("int too large to convert to float"));
    }
    Ok(if n.is_negative() {
        -magnitude
    } else {
        magnitude
    })
}

fn magnitude_to_f64(n: &BigUint) -> f64 {
    if let Some(small) = n.to_u64() {
        return small as f64;
    }
    if n.bits() > 1024 {
        return f64::INFINITY;
    }
    let shift = n.bits() - 64;
    let top = (n >> shift).to_u64().unwrap_or(u64::MAX);
    let sticky = n.trailing_zeros().is_some_and(|zeros| zeros < shift);
    scale_to_f64(u128::from(top), sticky, shift as i64)
}

/// Sign, mantissa and exponent of a finite number: `mantissa * 2**exponent`.
fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), exponent - 1075)
    }
}

/// `int(x)`: `x` without its fraction.
pub fn f64_to_bigint(x: f64) -> TextResult<BigInt> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow(
            "cannot convert float infinity to integer",
        ));
    }
    // Below 2**63 the conversion of the hardware is exact.
    if x.abs() < 9.2e18 {
        return Ok(BigInt::from(x as i64));
    }
    let (mantissa, exponent) = decompose(x);
    let magnitude = BigUint::from(mantissa) << exponent as u32;
    let sign = if x < 0.0 { Sign::Minus } else { Sign::Plus };
    Ok(BigInt::from_biguint(sign, magnitude))
}

/// `x.as_integer_ratio()`, in lowest terms.
pub fn as_integer_ratio(x: f64) -> TextResult<(BigInt, BigInt)> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow(
            "cannot convert Infinity to integer ratio",
        ));
    }
    if x == 0.0 {
        return Ok((BigInt::zero(), BigInt::one()));
    }
    let (mantissa, exponent) = decompose(x);
    let zeros = mantissa.trailing_zeros() as i32;
    let (mantissa, exponent) = (mantissa >> zeros, exponent + zeros);
    let mut numerator = BigInt::from(mantissa);
    if x < 0.0 {
        numerator = -numerator;
    }
    Ok(if exponent >= 0 {
        (numerator << exponent as u32, BigInt::one())
    } else {
        (numerator, BigInt::one() << (-exponent) as u32)
    })
}

/// How `x` compares with `n`, exactly; `None` if `x` is NaN.
pub fn compare_float_int(x: f64, n: &BigInt) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    // Integers up to 2**53 convert exactly; most comparisons end here.
    if n.bits() <= 53 {
        return x.partial_cmp(&(n.to_i64().unwrap_or(0) as f64));
    }
    // More bits than any finite float has.
    if n.bits() > 1024 {
        return Some(if n.is_negative() {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    let whole = f64_to_bigint(x.trunc()).ok()?;
    // Where the integer parts agree, the fraction decides. (It cannot: such floats are integers. But that
    // needs an argument, and this does not.)
    Some(
        whole
            .cmp(n)
            .then_with(|| x.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)),
    )
}

/// `a / b` for integers: the quotient rounded once, however large the operands.
pub fn int_true_divide(a: &BigInt, b: &BigInt) -> TextResult<f64> {
    if b.is_zero() {
        return Err(TextError::division_by_zero());
    }
    let negative = a.is_negative() != b.is_negative();
    let magnitude = if a.bits() <= 53 && b.bits() <= 53 {
        a.magnitude().to_u64().unwrap_or(0) as f64 / b.magnitude().to_u64().unwrap_or(1) as f64
    } else {
        // Scale so that the integer quotient has 66 or 67 bits: enough for the rounding, and it fits.
        let shift = b.bits() as i64 - a.bits() as i64 + 66;
        let (quotient, remainder) = if shift >= 0 {
            (a.magnitude() << shift as u64).div_rem(b.magnitude())
        } else {
            a.magnitude().div_rem(&(b.magnitude() << (-shift) as u64))
        };
        scale_to_f64(
            quotient.to_u128().unwrap_or(u128::MAX),
            !remainder.is_zero(),
            -shift,
        )
    };
    if magnitude.is_infinite() {
        return Err(TextError::overflow(
            "integer division result too large for a float",
        ));
    }
    Ok(if negative { -magnitude } else { magnitude })
}

/// `round(x)`: the nearest integer, ties to the even one.
pub fn round_half_even(x: f64) -> TextResult<BigInt> {
    f64_to_bigint(x.round_ties_even())
}

/// `round(x, ndigits)`, exact in decimal: `round(2.675, 2)` is 2.67.
pub fn round_to_digits(x: f64, ndigits: i64) -> TextResult<f64> {
    if !x.is_finite() || ndigits > 323 {
        return Ok(x);
    }
    if ndigits < -308 {
        return Ok(0.0 * x);
    }
    let rounded: f64 = if ndigits >= 0 {
        // The decimal expansion is exact, so formatting rounds correctly and once.
        format!("{x:.*}", ndigits as usize).parse().unwrap_or(x)
    } else {
        // 10**-ndigits is even, so a tie is decided on integers. The fraction only matters in that it
        // makes the remainder larger than its integer part.
        let unit = BigUint::from(10u32).pow(ndigits.unsigned_abs() as u32);
        let magnitude = x.abs();
        let whole = f64_to_bigint(magnitude.trunc())?;
        let (quotient, remainder) = whole.magnitude().div_rem(&unit);
        let up = match (remainder << 1u32).cmp(&unit) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => magnitude.fract() != 0.0 || quotient.is_odd(),
        };
        let quotient = if up { quotient + 1u32 } else { quotient };
        magnitude_to_f64(&(quotient * unit)).copysign(x)
    };
    if rounded.is_infinite() {
        return Err(TextError::overflow("rounded value too large to represent"));
    }
    Ok(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn big(text: &str) -> BigInt {
        text.parse().unwrap()
    }

    #[test]
    fn int_to_float() {
        assert_eq!(
            bigint_to_f64(&big("9007199254740993")).unwrap(),
            9007199254740992.0
        );
        assert_eq!(
            bigint_to_f64(&big("9007199254740995")).unwrap(),
            9007199254740996.0
        );
        let max: BigInt = (BigInt::one() << 1024u32) - (BigInt::one() << 970u32);
        assert_eq!(
            bigint_to_f64(&max).unwrap_err().message(),
            "int too large to convert to float"
        );
        assert_eq!(bigint_to_f64(&(&max - 1)).unwrap(), f64::MAX);
        assert_eq!(bigint_to_f64(&(BigInt::one() - &max)).unwrap(), f64::MIN);
        let tie = (BigInt::one() << 100u32) + (BigInt::one() << 47u32);
        assert_eq!(bigint_to_f64(&tie).unwrap(), 2f64.powi(100));
        assert_eq!(
            bigint_to_f64(&(tie + 1)).unwrap(),
            2f64.powi(100) + 2f64.powi(48)
        );
    }

    #[test]
    fn float_to_int() {
        assert_eq!(f64_to_bigint(-1.9).unwrap(), big("-1"));
        assert_eq!(f64_to_bigint(1e22).unwrap(), big("10000000000000000000000"));
        assert_eq!(
            f64_to_bigint(-(2f64.powi(63))).unwrap(),
            big("-9223372036854775808")
        );
        assert_eq!(
            f64_to_bigint(f64::NAN).unwrap_err().to_string(),
            "ValueError: cannot convert float NaN to integer"
        );
        assert_eq!(as_integer_ratio(0.75).unwrap(), (big("3"), big("4")));
        assert_eq!(as_integer_ratio(-1e3).unwrap(), (big("-1000"), big("1")));
    }

    #[test]
    fn comparison() {
        use Ordering::*;
        assert_eq!(
            compare_float_int(9007199254740992.0, &big("9007199254740993")),
            Some(Less)
        );
        assert_eq!(
            compare_float_int(1e300, &(big("10").pow(300))),
            Some(Greater)
        );
        assert_eq!(
            compare_float_int(f64::MAX, &(BigInt::one() << 2000u32)),
            Some(Less)
        );
        assert_eq!(compare_float_int(2.5, &big("2")), Some(Greater));
        assert_eq!(compare_float_int(f64::NAN, &big("2")), None);
        assert_eq!(
            compare_float_int(f64::NEG_INFINITY, &-(BigInt::one() << 2000u32)),
            Some(Less)
        );
    }

    #[test]
    fn true_division() {
        assert_eq!(
            int_true_divide(&big("10").pow(400), &big("10").pow(399)).unwrap(),
            10.0
        );
        assert_eq!(
            int_true_divide(&BigInt::one(), &big("10").pow(320)).unwrap(),
            1e-320
        );
        assert_eq!(
            int_true_divide(&BigInt::one(), &big("10").pow(330)).unwrap(),
            0.0
        );
        assert_eq!(
            int_true_divide(&big("10").pow(400), &BigInt::from(3))
                .unwrap_err()
                .message(),
            "integer division result too large for a float"
        );
        assert_eq!(
            int_true_divide(&big("295147905179352891391"), &big("-10")).unwrap(),
            -2.951479051793529e+19
        );
        assert!(
            int_true_divide(&BigInt::zero(), &big("-5"))
                .unwrap()
                .is_sign_negative()
        );
    }

    #[test]
    fn rounding() {
        assert_eq!(round_to_digits(2.675, 2).unwrap(), 2.67);
        assert_eq!(round_to_digits(0.5, 0).unwrap(), 0.0);
        assert_eq!(round_to_digits(1.5, 0).unwrap(), 2.0);
        assert_eq!(round_to_digits(0.25, 1).unwrap(), 0.2);
        assert_eq!(round_to_digits(-1250.0, -2).unwrap(), -1200.0);
        assert_eq!(round_to_digits(1350.0, -2).unwrap(), 1400.0);
        assert_eq!(round_to_digits(1250.5, -2).unwrap(), 1300.0);
        assert_eq!(round_to_digits(49.9, -2).unwrap(), 0.0);
        assert!(round_to_digits(-1.0, -400).unwrap().is_sign_negative());
        assert_eq!(
            round_to_digits(1.7e308, -308).unwrap_err().message(),
            "rounded value too large to represent"
        );
        assert_eq!(round_half_even(2.5).unwrap(), big("2"));
        assert_eq!(round_half_even(-3.5).unwrap(), big("-4"));
    }

    proptest! {
        #[test]
        fn division_agrees_with_hardware(a in -(1i64 << 53)..(1i64 << 53), b in 1i64..(1i64 << 53), s in 0u32..200) {
            // Scaling both by a power of two forces the general path without changing the quotient.
            let (x, y) = (BigInt::from(a) << s, BigInt::from(b) << s);
            prop_assert_eq!(int_true_divide(&x, &y).unwrap(), a as f64 / b as f64);
        }

        #[test]
        fn conversion_agrees_with_hardware(n: i128) {
            prop_assert_eq!(bigint_to_f64(&BigInt::from(n)).unwrap(), n as f64);
        }

        #[test]
        fn ratio_is_exact(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let (n, d) = as_integer_ratio(x).unwrap();
            prop_assert_eq!(int_true_divide(&n, &d).unwrap(), x);
        }
    }
}
