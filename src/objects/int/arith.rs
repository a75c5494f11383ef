//! The operators on ints. Each function takes any two values, gives `NotImplemented` if one of them is no int, and
//! handles immediates first: the interpreter's slow paths and the special methods both end here.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use super::Int;
use super::Int::{Big, Small};
use crate::heap::{Fail, R, Thread, Value};
use crate::objects::float;
use crate::objects::protocol::Cmp;
use crate::text;

/// The two operands, or `NotImplemented`.
macro_rules! operands {
    ($a:expr, $b:expr) => {
        match (Int::of($a), Int::of($b)) {
            (Some(a), Some(b)) => (a, b),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        }
    };
}

#[cold]
fn division_by_zero(th: &mut Thread) -> Fail {
    th.zero_division_error("division by zero")
}

/// `a + b`.
pub fn int_add(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    if Value::both_int(a, b) {
        return Ok(th.int(a.int_unchecked() + b.int_unchecked()));
    }
    let sum = match operands!(a, b) {
        (Small(x), Small(y)) => return Ok(th.wide_int(x as i128 + y as i128)),
        (Big(x), Small(y)) | (Small(y), Big(x)) => &x.value + y,
        (Big(x), Big(y)) => &x.value + &y.value,
    };
    Ok(th.big(sum))
}

/// `a - b`.
pub fn int_sub(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    if Value::both_int(a, b) {
        return Ok(th.int(a.int_unchecked() - b.int_unchecked()));
    }
    let difference = match operands!(a, b) {
        (Small(x), Small(y)) => return Ok(th.wide_int(x as i128 - y as i128)),
        (Big(x), Small(y)) => &x.value - y,
        (Small(x), Big(y)) => x - &y.value,
        (Big(x), Big(y)) => &x.value - &y.value,
    };
    Ok(th.big(difference))
}

/// `a * b`.
pub fn int_mul(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let product = match operands!(a, b) {
        (Small(x), Small(y)) => return Ok(th.wide_int(x as i128 * y as i128)),
        (Big(x), Small(y)) | (Small(y), Big(x)) => {
            th.check_bits(x.value.bits())?;
            &x.value * y
        }
        (Big(x), Big(y)) => {
            th.check_bits(x.value.bits() + y.value.bits())?;
            &x.value * &y.value
        }
    };
    Ok(th.big(product))
}

/// `a // b`.
pub fn int_floordiv(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (a, b) = operands!(a, b);
    if b.is_zero() {
        return Err(division_by_zero(th));
    }
    Ok(match (&a, &b) {
        (Small(x), Small(-1)) => th.wide_int(-(*x as i128)),
        (Small(x), Small(y)) => th.int(x.div_floor(y)),
        _ => th.big(a.to_big().div_floor(&b.to_big())),
    })
}

/// `a % b`.
pub fn int_mod(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (a, b) = operands!(a, b);
    if b.is_zero() {
        return Err(division_by_zero(th));
    }
    Ok(match (&a, &b) {
        (Small(_), Small(-1)) => Value::small(0),
        (Small(x), Small(y)) => th.int(x.mod_floor(y)),
        _ => th.big(a.to_big().mod_floor(&b.to_big())),
    })
}

/// `divmod(a, b)`.
pub fn int_divmod(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (x, y) = operands!(a, b);
    if let (Big(_), _) | (_, Big(_)) = (x, y) {
        let (quotient, remainder) = th.text(text::int::divmod(&x.to_big(), &y.to_big()))?;
        let pair = [th.big(quotient), th.big(remainder)];
        return Ok(th.tuple_value(&pair));
    }
    let pair = [int_floordiv(th, a, b)?, int_mod(th, a, b)?];
    Ok(th.tuple_value(&pair))
}

/// Below this, ints are floats too, and the quotient of two such is rounded once.
const EXACT_FLOAT: u64 = 1 << 53;

/// `a / b`.
pub fn int_truediv(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (a, b) = operands!(a, b);
    if let (Small(x), Small(y)) = (a, b)
        && x.unsigned_abs() <= EXACT_FLOAT
        && y.unsigned_abs() <= EXACT_FLOAT
        && y != 0
    {
        return Ok(Value::float(x as f64 / y as f64));
    }
    let quotient = th.text(text::float::int_true_divide(&a.to_big(), &b.to_big()))?;
    Ok(Value::float(quotient))
}

/// `a ** b`.
pub fn int_pow(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (x, y) = operands!(a, b);
    if y.is_negative() {
        let base = th.int_to_f64(x)?;
        let exponent = th.int_to_f64(y)?;
        return float::float_pow_f64(th, base, exponent);
    }
    if let (Small(x), Small(y)) = (x, y)
        && let Ok(y) = u32::try_from(y)
        && let Some(power) = x.checked_pow(y)
    {
        return Ok(th.int(power));
    }
    let (x, y) = (x.to_big(), y.to_big());
    if x.bits() > 1 {
        th.check_bits((x.bits() - 1).saturating_mul(y.to_u64().unwrap_or(u64::MAX)))?;
    }
    let power = th.text(text::int::pow(&x, &y))?;
    Ok(th.big(power))
}

/// `pow(a, b, modulus)`.
pub fn int_pow_mod(th: &mut Thread, a: Value, b: Value, modulus: Value) -> R<Value> {
    let (x, y) = operands!(a, b);
    let Some(m) = Int::of(modulus) else {
        if th.as_float(modulus).is_some() {
            return Err(
                th.type_error("pow() 3rd argument not allowed unless all arguments are integers")
            );
        }
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (Small(x), Small(y), Small(m)) = (x, y, m)
        && y >= 0
        && m > 0
    {
        return Ok(th.int(small_pow_mod(x, y as u64, m as u64)));
    }
    let (x, y, m) = (x.to_big(), y.to_big(), m.to_big());
    // As many products as the exponent has bits.
    let words = m.bits() / 64 + 1;
    if th.is_limited() && y.bits().saturating_mul(words).saturating_mul(words) > LIMITED_PRODUCTS {
        return Err(th.overflow_error("the limits of this call do not allow so large a power"));
    }
    let power = text::int::pow_mod(&x, &y, &m);
    let power = th.text(power)?;
    Ok(th.big(power))
}

fn small_pow_mod(base: i64, mut exponent: u64, modulus: u64) -> i64 {
    let times = |x: u64, y: u64| (x as u128 * y as u128 % modulus as u128) as u64;
    let mut base = (base as i128).rem_euclid(modulus as i128) as u64;
    let mut power = 1 % modulus;
    while exponent != 0 {
        if exponent & 1 != 0 {
            power = times(power, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    power as i64
}

/// `a << b`.
pub fn int_lshift(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (a, b) = operands!(a, b);
    if let (Small(x), Small(count @ 0..=63)) = (a, b) {
        return Ok(th.wide_int((x as i128) << count));
    }
    if let Some(count @ 0..) = b.to_i64()
        && !a.is_zero()
    {
        th.check_bits(a.bits().saturating_add(count as u64))?;
    }
    if let (Big(x), Small(count @ 0..=0xffff_ffff)) = (a, b) {
        return Ok(th.big(&x.value << count as u64));
    }
    let shifted = th.text(text::int::shift_left(&a.to_big(), &b.to_big()))?;
    Ok(th.big(shifted))
}

/// `a >> b`.
pub fn int_rshift(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (a, b) = operands!(a, b);
    if let (Small(x), Small(count @ 0..)) = (a, b) {
        return Ok(th.int(x >> count.min(63)));
    }
    let shifted = th.text(text::int::shift_right(&a.to_big(), &b.to_big()))?;
    Ok(th.big(shifted))
}

/// The lowest 64 bits in two's complement.
pub(super) fn low_bits(big: &BigInt) -> u64 {
    let low = big.magnitude().iter_u64_digits().next().unwrap_or(0);
    if big.sign() == Sign::Minus {
        low.wrapping_neg()
    } else {
        low
    }
}

/// `a & b`.
pub fn int_and(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    Ok(match operands!(a, b) {
        (Small(x), Small(y)) => th.int(x & y),
        // The mask of hashes and generators: only the lowest digit counts.
        (Big(x), Small(y @ 0..)) | (Small(y @ 0..), Big(x)) => {
            th.uint(low_bits(&x.value) & y as u64)
        }
        (a, b) => th.big(&*a.to_big() & &*b.to_big()),
    })
}

/// `a | b`.
pub fn int_or(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    Ok(match operands!(a, b) {
        (Small(x), Small(y)) => th.int(x | y),
        (a, b) => th.big(&*a.to_big() | &*b.to_big()),
    })
}

/// `a ^ b`.
pub fn int_xor(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    Ok(match operands!(a, b) {
        (Small(x), Small(y)) => th.int(x ^ y),
        (a, b) => th.big(&*a.to_big() ^ &*b.to_big()),
    })
}

/// `-a`.
pub fn int_neg(th: &mut Thread, a: Value) -> R<Value> {
    Ok(match Int::of(a) {
        Some(Small(x)) => th.wide_int(-(x as i128)),
        Some(Big(x)) => th.big(-&x.value),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `~a`.
pub fn int_invert(th: &mut Thread, a: Value) -> R<Value> {
    Ok(match Int::of(a) {
        Some(Small(x)) => th.int(!x),
        Some(Big(x)) => th.big(!&x.value),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `abs(a)`.
pub fn int_abs(th: &mut Thread, a: Value) -> R<Value> {
    Ok(match Int::of(a) {
        Some(Small(x)) => th.wide_int((x as i128).abs()),
        Some(Big(x)) => th.big(x.value.abs()),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `a op b`.
pub fn int_compare(op: Cmp, a: Value, b: Value) -> Value {
    match (Int::of(a), Int::of(b)) {
        (Some(a), Some(b)) => Value::bool(op.holds(a.order(&b))),
        _ => Value::NOT_IMPLEMENTED,
    }
}

/// The most bits of an int that arises under limits: no operation on such takes longer than some tenths of a second.
const LIMITED_BITS: u64 = 1 << 22;
/// The most products of machine words in `pow` with a modulus under limits.
const LIMITED_PRODUCTS: u64 = 1 << 31;

impl Thread {
    /// Whether an int may have so many bits.
    ///
    /// # Errors
    /// MemoryError if the heap is smaller; OverflowError if it is more than the limits of an embedded interpreter's call go with: native
    /// arithmetic does not look at the time.
    #[inline]
    pub fn check_bits(&mut self, bits: u64) -> R<()> {
        if bits <= 1 << 16 {
            return Ok(());
        }
        self.check_size(usize::try_from(bits / 8).unwrap_or(usize::MAX))?;
        if bits > LIMITED_BITS && self.is_limited() {
            return Err(self.overflow_error(format!(
                "the limits of this call allow integers of at most {LIMITED_BITS} bits"
            )));
        }
        Ok(())
    }
    /// The float nearest to an int; OverflowError beyond the largest.
    pub fn int_to_f64(&mut self, i: Int) -> R<f64> {
        match i {
            Small(x) => Ok(x as f64),
            Big(x) => self.text(text::float::bigint_to_f64(&x.value)),
        }
    }
    /// An int as a shift count, size or the like, where too large means `usize::MAX`.
    pub fn clamped_usize(&self, i: Int) -> Option<usize> {
        match i {
            Small(x) => usize::try_from(x).ok(),
            Big(x) => (!x.value.is_negative()).then(|| x.value.to_usize().unwrap_or(usize::MAX)),
        }
    }
}
