//! Hashes of numbers: equal numbers hash alike whatever their type, because all are reduced modulo the
//! same Mersenne prime.

use num_bigint::BigInt;
use num_traits::Signed;

/// 2**61 - 1, `sys.hash_info.modulus`.
pub const HASH_MODULUS: u64 = (1 << 61) - 1;
/// `hash(inf)`, `sys.hash_info.inf`.
pub const HASH_INF: i64 = 314159;
/// `sys.hash_info.imag`.
const HASH_IMAG: u64 = 1_000_003;

/// Applies the sign; -1 means "error" in C and so is never a hash.
fn finish(negative: bool, residue: u64) -> i64 {
    let hash = if negative {
        -(residue as i64)
    } else {
        residue as i64
    };
    if hash == -1 { -2 } else { hash }
}

/// `hash(n)` for a machine integer.
#[inline]
pub fn hash_i64(n: i64) -> i64 {
    finish(n < 0, n.unsigned_abs() % HASH_MODULUS)
}

/// `hash(n)`.
pub fn hash_int(n: &BigInt) -> i64 {
    let mut residue = 0u64;
    let digits: Vec<u64> = n.iter_u64_digits().collect();
    for &digit in digits.iter().rev() {
        // 2**64 is 8 modulo the prime.
        residue = ((u128::from(residue) * 8 + u128::from(digit)) % u128::from(HASH_MODULUS)) as u64;
    }
    finish(n.is_negative(), residue)
}

/// `hash(x)`, or `None` for NaN, which hashes by identity.
pub fn hash_float(x: f64) -> Option<i64> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { HASH_INF } else { -HASH_INF });
    }
    let bits = x.to_bits();
    let field = ((bits >> 52) & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if field == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), field - 1075)
    };
    // Multiplying by a power of two modulo 2**61 - 1 rotates the 61 bits.
    let turn = exponent.rem_euclid(61) as u32;
    let residue = if turn == 0 {
        mantissa
    } else {
        ((mantissa << turn) & HASH_MODULUS) | (mantissa >> (61 - turn))
    };
    Some(finish(x < 0.0, residue % HASH_MODULUS))
}

/// `hash(complex)` from the hashes of its parts.
pub fn hash_complex(real: i64, imag: i64) -> i64 {
    let hash = (real as u64).wrapping_add(HASH_IMAG.wrapping_mul(imag as u64)) as i64;
    if hash == -1 { -2 } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        assert_eq!(hash_float(0.5), Some(1152921504606846976));
        assert_eq!(hash_float(0.1), Some(230584300921369408));
        assert_eq!(hash_float(-1.0), Some(-2));
        assert_eq!(hash_float(1e300), Some(1224995262755759164));
        assert_eq!(hash_float(5e-324), Some(16777216));
        assert_eq!(hash_float(f64::NEG_INFINITY), Some(-314159));
        assert_eq!(hash_i64(-1), -2);
        assert_eq!(hash_i64(i64::MIN), -4);
        assert_eq!(hash_i64((1 << 61) - 1), 0);
        assert_eq!(hash_int(&BigInt::from(10).pow(30)), 465258685558744706);
        assert_eq!(hash_complex(hash_i64(1), hash_i64(2)), 2000007);
    }

    proptest! {
        #[test]
        fn types_agree(n: i64) {
            prop_assert_eq!(hash_int(&BigInt::from(n)), hash_i64(n));
            prop_assert_eq!(hash_float((n >> 11) as f64), Some(hash_i64(n >> 11)));
        }
    }
}
