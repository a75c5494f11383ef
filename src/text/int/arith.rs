//! Integer arithmetic where Python's rules or messages are its own.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::text::{TextError, TextResult};

/// Results beyond this many bits are refused as too large for memory (128 GiB of digits).
const MAX_BITS: u64 = 1 << 40;

/// `a // b`, rounding down.
pub fn floor_div(a: &BigInt, b: &BigInt) -> TextResult<BigInt> {
    if b.is_zero() {
        return Err(TextError::division_by_zero());
    }
    Ok(a.div_floor(b))
}

/// `a % b`, with the sign of `b`.
pub fn modulo(a: &BigInt, b: &BigInt) -> TextResult<BigInt> {
    if b.is_zero() {
        return Err(TextError::division_by_zero());
    }
    Ok(a.mod_floor(b))
}

/// `divmod(a, b)`.
pub fn divmod(a: &BigInt, b: &BigInt) -> TextResult<(BigInt, BigInt)> {
    if b.is_zero() {
        return Err(TextError::division_by_zero());
    }
    Ok(a.div_mod_floor(b))
}

/// `a ** exponent` for an exponent that is not negative. (With a negative one Python computes floats.)
pub fn pow(a: &BigInt, exponent: &BigInt) -> TextResult<BigInt> {
    debug_assert!(!exponent.is_negative());
    if exponent.is_zero() || a.is_one() {
        return Ok(BigInt::one());
    }
    if a.is_zero() {
        return Ok(BigInt::zero());
    }
    if (-a).is_one() {
        return Ok(if exponent.is_odd() {
            a.clone()
        } else {
            BigInt::one()
        });
    }
    let exponent = exponent.to_u32().ok_or(TextError::Memory)?;
    if (a.bits() - 1).saturating_mul(u64::from(exponent)) > MAX_BITS {
        return Err(TextError::Memory);
    }
    // A power of two times an odd number: shift out the twos, so that 2**n is no multiplication at all.
    let twos = a.trailing_zeros().unwrap_or(0);
    if twos > 0 {
        let odd: BigInt = a >> twos;
        return Ok(odd.pow(exponent) << (twos * u64::from(exponent)));
    }
    Ok(a.pow(exponent))
}

/// `pow(a, exponent, modulus)`.
pub fn pow_mod(a: &BigInt, exponent: &BigInt, modulus: &BigInt) -> TextResult<BigInt> {
    if modulus.is_zero() {
        return Err(TextError::value("pow() 3rd argument cannot be 0"));
    }
    if modulus.magnitude().is_one() {
        return Ok(BigInt::zero());
    }
    let inverse;
    let base = if exponent.is_negative() {
        inverse = a
            .modinv(&modulus.abs())
            .ok_or_else(|| TextError::value("base is not invertible for the given modulus"))?;
        &inverse
    } else {
        a
    };
    // The result has the sign of the modulus, as `%` has.
    Ok(base.modpow(&exponent.abs(), modulus))
}

/// `math.isqrt(n)`.
pub fn isqrt(n: &BigInt) -> TextResult<BigInt> {
    if n.is_negative() {
        return Err(TextError::value("isqrt() argument must be nonnegative"));
    }
    Ok(n.sqrt())
}

/// `math.gcd(a, b)`, never negative.
pub fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    // Euclid's steps while the sizes differ much, since the binary algorithm takes one step per bit.
    let (mut a, mut b) = (a.magnitude().clone(), b.magnitude().clone());
    loop {
        if b > a {
            std::mem::swap(&mut a, &mut b);
        }
        if b.is_zero() {
            return BigInt::from(a);
        }
        if let (Some(x), Some(y)) = (a.to_u64(), b.to_u64()) {
            return BigInt::from(x.gcd(&y));
        }
        if a.bits() - b.bits() < 64 {
            return BigInt::from(a.gcd(&b));
        }
        a %= &b;
    }
}

/// `a << count`.
pub fn shift_left(a: &BigInt, count: &BigInt) -> TextResult<BigInt> {
    if count.is_negative() {
        return Err(TextError::value("negative shift count"));
    }
    if a.is_zero() {
        return Ok(BigInt::zero());
    }
    match count.to_u64() {
        Some(count) if a.bits().saturating_add(count) <= MAX_BITS => Ok(a << count),
        Some(count) if count <= i64::MAX as u64 => Err(TextError::Memory),
        _ => Err(TextError::overflow("too many digits in integer")),
    }
}

/// `a >> count`, rounding down.
pub fn shift_right(a: &BigInt, count: &BigInt) -> TextResult<BigInt> {
    if count.is_negative() {
        return Err(TextError::value("negative shift count"));
    }
    match count.to_u64() {
        Some(count) if count <= a.bits() => Ok(a >> count),
        _ if a.is_negative() => Ok(-BigInt::one()),
        _ => Ok(BigInt::zero()),
    }
}

/// `n.bit_length()`.
pub fn bit_length(n: &BigInt) -> u64 {
    n.bits()
}

/// `n.bit_count()`: the ones in the binary form of `|n|`.
pub fn bit_count(n: &BigInt) -> u64 {
    n.magnitude().count_ones()
}

/// `n.to_bytes(length, byteorder, signed=signed)`.
pub fn int_to_bytes(
    n: &BigInt,
    length: usize,
    little_endian: bool,
    signed: bool,
) -> TextResult<Vec<u8>> {
    if n.is_negative() && !signed {
        return Err(TextError::overflow(
            "can't convert negative int to unsigned",
        ));
    }
    let mut bytes = if signed {
        n.to_signed_bytes_le()
    } else {
        n.magnitude().to_bytes_le()
    };
    // Zero fits into no bytes at all.
    if n.is_zero() {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(TextError::overflow("int too big to convert"));
    }
    bytes.resize(length, if n.is_negative() { 0xff } else { 0 });
    if !little_endian {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes(data, byteorder, signed=signed)`.
pub fn int_from_bytes(data: &[u8], little_endian: bool, signed: bool) -> BigInt {
    match (signed, little_endian) {
        (true, true) => BigInt::from_signed_bytes_le(data),
        (true, false) => BigInt::from_signed_bytes_be(data),
        (false, true) => BigInt::from_bytes_le(Sign::Plus, data),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, data),
    }
}

/// `round(n, -digits)`: the nearest multiple of `10**digits`, ties to the even one.
pub fn round_to_power_of_ten(n: &BigInt, digits: u64) -> BigInt {
    // Beyond the length of the number everything rounds to zero.
    if digits > n.bits() {
        return BigInt::zero();
    }
    let unit = BigUint::from(10u32).pow(digits as u32);
    let (quotient, remainder) = n.magnitude().div_rem(&unit);
    let twice = remainder << 1u32;
    let up = twice > unit || (twice == unit && quotient.is_odd());
    let quotient = if up { quotient + 1u32 } else { quotient };
    BigInt::from_biguint(
        if n.is_negative() {
            Sign::Minus
        } else {
            Sign::Plus
        },
        quotient * unit,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn b(n: i128) -> BigInt {
        BigInt::from(n)
    }

    #[test]
    fn division() {
        assert_eq!(divmod(&b(-7), &b(2)).unwrap(), (b(-4), b(1)));
        assert_eq!(divmod(&b(7), &b(-2)).unwrap(), (b(-4), b(-1)));
        assert_eq!(
            floor_div(&b(1), &b(0)).unwrap_err().to_string(),
            "ZeroDivisionError: division by zero"
        );
    }

    #[test]
    fn powers() {
        assert_eq!(pow(&b(-3), &b(3)).unwrap(), b(-27));
        assert_eq!(pow(&b(-12), &b(5)).unwrap(), b(-248832));
        assert_eq!(pow(&b(-1), &(b(1) << 200u32)).unwrap(), b(1));
        assert_eq!(pow(&b(0), &b(0)).unwrap(), b(1));
        assert_eq!(
            pow(&b(3), &(b(1) << 100u32)).unwrap_err(),
            TextError::Memory
        );
        assert_eq!(pow_mod(&b(3), &b(-1), &b(7)).unwrap(), b(5));
        assert_eq!(pow_mod(&b(3), &b(5), &b(-7)).unwrap(), b(-2));
        assert_eq!(pow_mod(&b(3), &b(-2), &b(-7)).unwrap(), b(-3));
        assert_eq!(pow_mod(&b(38), &b(-1), &b(-97)).unwrap(), b(-74));
        assert_eq!(pow_mod(&b(2), &b(-1), &b(-1)).unwrap(), b(0));
        assert_eq!(
            pow_mod(&b(2), &b(-1), &b(4)).unwrap_err().message(),
            "base is not invertible for the given modulus"
        );
        assert_eq!(
            pow_mod(&b(2), &b(1), &b(0)).unwrap_err().message(),
            "pow() 3rd argument cannot be 0"
        );
    }

    #[test]
    fn shifts() {
        assert_eq!(shift_right(&b(-5), &b(1)).unwrap(), b(-3));
        assert_eq!(shift_right(&b(-5), &(b(1) << 90u32)).unwrap(), b(-1));
        assert_eq!(shift_right(&b(5), &b(200)).unwrap(), b(0));
        assert_eq!(shift_left(&b(0), &(b(1) << 90u32)).unwrap(), b(0));
        assert_eq!(
            shift_left(&b(1), &(b(1) << 90u32)).unwrap_err().message(),
            "too many digits in integer"
        );
        assert_eq!(
            shift_left(&b(1), &b(-1)).unwrap_err().message(),
            "negative shift count"
        );
    }

    #[test]
    fn bytes() {
        assert_eq!(int_to_bytes(&b(-1), 2, false, true).unwrap(), [0xff, 0xff]);
        assert_eq!(int_to_bytes(&b(258), 3, true, false).unwrap(), [2, 1, 0]);
        assert!(int_to_bytes(&b(0), 0, true, true).unwrap().is_empty());
        assert_eq!(int_to_bytes(&b(-128), 1, true, true).unwrap(), [0x80]);
        assert_eq!(
            int_to_bytes(&b(128), 1, true, true).unwrap_err().message(),
            "int too big to convert"
        );
        assert_eq!(
            int_to_bytes(&b(-1), 1, true, false).unwrap_err().message(),
            "can't convert negative int to unsigned"
        );
        assert_eq!(int_from_bytes(&[], true, true), b(0));
        assert_eq!(int_from_bytes(&[0xff, 0], true, false), b(255));
    }

    #[test]
    fn rounding() {
        assert_eq!(round_to_power_of_ten(&b(25), 1), b(20));
        assert_eq!(round_to_power_of_ten(&b(-35), 1), b(-40));
        assert_eq!(round_to_power_of_ten(&b(51), 2), b(100));
        assert_eq!(round_to_power_of_ten(&b(5), 100), b(0));
    }

    #[test]
    fn roots_and_gcd() {
        assert_eq!(isqrt(&b(99)).unwrap(), b(9));
        assert_eq!(gcd(&b(-12), &b(18)), b(6));
        assert_eq!(gcd(&b(0), &b(-5)), b(5));
        assert_eq!(gcd(&(b(6) << 500u32), &b(9)), b(3));
        assert_eq!(bit_length(&b(-256)), 9);
        assert_eq!(bit_count(&b(-255)), 8);
    }

    proptest! {
        #[test]
        fn bytes_round_trip(n: i128, little: bool) {
            let bytes = int_to_bytes(&b(n), 20, little, true).unwrap();
            prop_assert_eq!(int_from_bytes(&bytes, little, true), b(n));
        }

        #[test]
        fn divmod_identity(x: i128, y: i64) {
            prop_assume!(y != 0);
            let (q, r) = divmod(&b(x), &b(y.into())).unwrap();
            prop_assert_eq!(&q * y + &r, b(x));
            prop_assert!(r.is_zero() || r.is_negative() == (y < 0));
        }
    }
}
