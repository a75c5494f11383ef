//! The functions of `math` that are about ints.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::heap::{R, Thread, Value};
use crate::objects::int::Int;
use crate::objects::native::{NativeFn, tuple_items};
use crate::text::int::{gcd as big_gcd, isqrt as big_isqrt};

pub(super) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("gcd(*integers)", gcd),
    ("lcm(*integers)", lcm),
    ("isqrt(n, /)", isqrt),
    ("factorial(n, /)", factorial),
    ("comb(n, k, /)", comb),
    ("perm(n, k=None, /)", perm),
];

fn gcd(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut result = BigInt::zero();
    let mut small = Some(0u64);
    for &v in tuple_items(a[0]) {
        let n = th.index_of(v)?;
        match (small, n) {
            (Some(x), Int::Small(y)) => small = Some(x.gcd(&y.unsigned_abs())),
            _ => {
                if let Some(x) = small.take() {
                    result = x.into();
                }
                let n = n.to_big();
                check_gcd(th, &result, &n)?;
                result = big_gcd(&result, &n);
            }
        }
    }
    Ok(match small {
        Some(x) => th.uint(x),
        None => th.big(result),
    })
}

/// The algorithm takes a step for each bit, and each goes over all digits: too long, for large ones, where there are limits.
fn check_gcd(th: &mut Thread, a: &BigInt, b: &BigInt) -> R<()> {
    const MOST_BITS: u64 = 1 << 18;
    if a.bits().min(b.bits()) > MOST_BITS && th.is_limited() {
        return Err(th.overflow_error(format!(
            "the limits of this call allow gcd() of at most {MOST_BITS} bits"
        )));
    }
    Ok(())
}

fn lcm(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut result = BigInt::one();
    for &v in tuple_items(a[0]) {
        let n = th.index_big(v)?;
        if n.is_zero() {
            result = BigInt::zero();
        }
        if !result.is_zero() {
            check_gcd(th, &result, &n)?;
            let divisor = big_gcd(&result, &n);
            result = (result / divisor * n).abs();
        }
    }
    Ok(th.big(result))
}

fn isqrt(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = th.index_of(a[0])?;
    if let Int::Small(n @ 0..) = n {
        return Ok(th.int(n.isqrt()));
    }
    let root = th.text(big_isqrt(&n.to_big()))?;
    Ok(th.big(root))
}

/// The product of the numbers `from ..= to`, halves first so that the factors grow alike.
fn product(from: u64, to: u64) -> BigUint {
    if from > to {
        return BigUint::one();
    }
    if to - from < 16 {
        let (mut result, mut chunk) = (BigUint::one(), 1u64);
        for n in from..=to {
            match chunk.checked_mul(n) {
                Some(larger) => chunk = larger,
                None => {
                    result *= chunk;
                    chunk = n;
                }
            }
        }
        return result * chunk;
    }
    let middle = from + (to - from) / 2;
    product(from, middle) * product(middle + 1, to)
}

fn factorial(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = th.index_of(a[0])?;
    if n.is_negative() {
        return Err(th.value_error("factorial() not defined for negative values"));
    }
    let Some(n) = n.to_i64() else {
        let max = i64::MAX;
        return Err(th.overflow_error(format!("factorial() argument should not exceed {max}")));
    };
    if n <= 20 {
        return Ok(th.int((2..=n).product()));
    }
    // n! has about n*log2(n/e) bits.
    th.check_bits((n as f64 * (n as f64 / std::f64::consts::E).log2()) as u64)?;
    Ok(th.big(product(1, n as u64).into()))
}

fn not_negative(th: &mut Thread, n: &Int, name: &str) -> R<()> {
    if n.is_negative() {
        return Err(th.value_error(format!("{name} must be a non-negative integer")));
    }
    Ok(())
}

fn comb(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (n, k) = (th.index_of(a[0])?, th.index_of(a[1])?);
    not_negative(th, &n, "n")?;
    not_negative(th, &k, "k")?;
    let rest = n.to_big().as_ref() - k.to_big().as_ref();
    if rest.is_negative() {
        return Ok(Value::small(0));
    }
    let fewer = rest.min(k.to_big().into_owned());
    let Some(k) = fewer.to_u64().filter(|&k| k <= i64::MAX as u64) else {
        let max = i64::MAX;
        return Err(th.overflow_error(format!("min(n - k, k) must not exceed {max}")));
    };
    th.check_bits(n.bits().saturating_mul(k))?;
    let result = choose(&n, k);
    Ok(th.big(result.into()))
}

fn choose(n: &Int, k: u64) -> BigUint {
    if k == 0 {
        return BigUint::one();
    }
    let Some(small) = n.to_i64() else {
        return falling(&n.to_big(), k) / product(1, k);
    };
    let small = small as u64;
    // While it fits into a machine word, divide as we go: each step is a binomial coefficient.
    let mut result = 1u128;
    for i in 0..k {
        match result.checked_mul((small - i) as u128) {
            Some(larger) => result = larger / (i + 1) as u128,
            None => {
                return product(small - k + 1, small) / product(1, k);
            }
        }
    }
    result.into()
}

/// `n * (n-1) * ... `, `k` factors, for an `n` beyond machine words.
fn falling(n: &BigInt, k: u64) -> BigUint {
    if k <= 8 {
        let mut result = BigUint::one();
        for i in 0..k {
            result *= (n - i).magnitude();
        }
        return result;
    }
    let half = k / 2;
    falling(n, half) * falling(&(n - half), k - half)
}

fn perm(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].is_null() || a[1].is_none() {
        return factorial(th, &a[..1]);
    }
    let (n, k) = (th.index_of(a[0])?, th.index_of(a[1])?);
    not_negative(th, &n, "n")?;
    not_negative(th, &k, "k")?;
    if n.order(&k).is_lt() {
        return Ok(Value::small(0));
    }
    let Some(k) = k.to_i64() else {
        let max = i64::MAX;
        return Err(th.overflow_error(format!("k must not exceed {max}")));
    };
    let k = k as u64;
    th.check_bits(n.bits().saturating_mul(k))?;
    let result = match n.to_i64() {
        Some(n) => product(n as u64 - k + 1, n as u64),
        None => falling(&n.to_big(), k),
    };
    Ok(th.big(result.into()))
}
