//! Sums, products and distances, with as little rounding as floats allow.

use num_bigint::BigInt;

use super::{libm, two};
use crate::heap::{R, Thread, Value};
use crate::objects::native::{NativeFn, tuple_items};
use crate::objects::protocol::BinOp;

pub(super) const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("fsum(seq, /)", fsum),
    ("prod(iterable, /, *, start=1)", prod),
    ("sumprod(p, q, /)", sumprod),
    ("hypot(*coordinates)", hypot),
    ("dist(p, q, /)", dist),
];

/// An exact sum of floats: numbers that do not overlap in their bits, smallest first (Shewchuk, 1997).
#[derive(Default)]
pub(crate) struct ExactSum {
    partials: Vec<f64>,
    /// What is not finite adds up apart.
    special: f64,
    /// Infinities of both signs were added.
    opposed: bool,
    overflow: bool,
}

/// Sum and rounding error.
#[inline]
fn two_sum(x: f64, y: f64) -> (f64, f64) {
    let sum = x + y;
    let of_y = sum - x;
    (sum, (x - (sum - of_y)) + (y - of_y))
}

impl ExactSum {
    pub(crate) fn add(&mut self, x: f64) {
        if !x.is_finite() {
            let sum = self.special + x;
            self.opposed |= sum.is_nan() && !x.is_nan() && !self.special.is_nan();
            self.special = sum;
            return;
        }
        let mut x = x;
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let (sum, error) = two_sum(x, self.partials[i]);
            if error != 0.0 && sum.is_finite() {
                self.partials[kept] = error;
                kept += 1;
            }
            x = sum;
        }
        self.partials.truncate(kept);
        if x.is_infinite() {
            self.overflow = true;
        } else if x != 0.0 {
            self.partials.push(x);
        }
    }
    /// The sum, rounded once.
    pub(crate) fn total(&self) -> f64 {
        if self.special != 0.0 {
            return self.special;
        }
        let mut rest = self.partials.iter().rev();
        let mut sum = 0.0;
        let mut error = 0.0;
        for &x in rest.by_ref() {
            (sum, error) = two_sum(sum, x);
            if error != 0.0 {
                break;
            }
        }
        // Half-way cases: what lies below decides where to round.
        if let Some(&below) = rest.next()
            && (error < 0.0) == (below < 0.0)
            && error != 0.0
        {
            let twice = error * 2.0;
            let candidate = sum + twice;
            if candidate - sum == twice {
                sum = candidate;
            }
        }
        sum
    }
}

fn fsum(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut sum = ExactSum::default();
    th.for_each(a[0], |th, v| {
        sum.add(th.real_number(v)?);
        if sum.overflow {
            return Err(th.overflow_error("intermediate overflow in fsum"));
        }
        Ok(true)
    })?;
    if sum.opposed {
        return Err(th.value_error("-inf + inf in fsum"));
    }
    Ok(Value::float(sum.total()))
}

fn prod(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut result = if a[1].is_null() {
        Value::small(1)
    } else {
        a[1]
    };
    th.for_each(a[0], |th, v| {
        result = match (result.as_float(), v.as_float()) {
            (Some(x), Some(y)) => Value::float(x * y),
            _ => th.binary(BinOp::Mul, result, v)?,
        };
        Ok(true)
    })?;
    Ok(result)
}

/// A stretch of `sumprod` whose pairs are all ints, or all floats (or one of each).
enum Run {
    None,
    Ints(BigInt),
    Floats(ExactSum),
}

impl Run {
    fn finish(&mut self, th: &mut Thread, total: Value) -> R<Value> {
        let part = match std::mem::replace(self, Run::None) {
            Run::None => return Ok(total),
            Run::Ints(sum) => th.big(sum),
            Run::Floats(sum) => Value::float(sum.total()),
        };
        th.binary(BinOp::Add, total, part)
    }
}

fn sumprod(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (p, q) = (th.iter(a[0])?, th.iter(a[1])?);
    let mut total = Value::small(0);
    let mut run = Run::None;
    loop {
        let (x, y) = (th.next(p)?, th.next(q)?);
        if x.is_null() != y.is_null() {
            return Err(th.value_error("Inputs are not the same length"));
        }
        if x.is_null() {
            break;
        }
        if x.is_int() && y.is_int() {
            let product = x.int_unchecked() as i128 * y.int_unchecked() as i128;
            if !matches!(run, Run::Ints(_)) {
                total = run.finish(th, total)?;
                run = Run::Ints(BigInt::ZERO);
            }
            if let Run::Ints(sum) = &mut run {
                *sum += product;
            }
        } else if let Some((x, y)) = float_pair(x, y) {
            if !matches!(run, Run::Floats(_)) {
                total = run.finish(th, total)?;
                run = Run::Floats(ExactSum::default());
            }
            if let Run::Floats(sum) = &mut run {
                let product = x * y;
                sum.add(product);
                if product.is_finite() {
                    sum.add(x.mul_add(y, -product));
                }
            }
        } else {
            total = run.finish(th, total)?;
            let product = th.binary(BinOp::Mul, x, y)?;
            total = th.binary(BinOp::Add, total, product)?;
        }
    }
    run.finish(th, total)
}

/// Two floats, or a float and an int that is exactly a float.
fn float_pair(x: Value, y: Value) -> Option<(f64, f64)> {
    let one = |v: Value| v.as_float().or_else(|| v.as_int().map(|i| i as f64));
    if !x.is_float() && !y.is_float() {
        return None;
    }
    Some((one(x)?, one(y)?))
}

/// The Euclidean length of a vector, nearly always correctly rounded: scaled by a power of two so that squares
/// neither overflow nor vanish, summed with their rounding errors, and the root corrected once.
fn length(coordinates: &mut [f64]) -> f64 {
    let mut max = 0.0f64;
    for x in coordinates.iter_mut() {
        *x = x.abs();
        if *x > max {
            max = *x;
        }
    }
    if max.is_infinite() {
        return max;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || coordinates.len() == 1 {
        return max;
    }
    let (_, exponent) = libm::frexp(max);
    let scaled = |x: f64, by: i32| libm::ldexp(x, by);
    let (mut sum, mut low) = (0.0, 0.0);
    for x in coordinates.iter() {
        let x = scaled(*x, -exponent);
        let square = x * x;
        let error = x.mul_add(x, -square);
        let (next, carry) = two_sum(sum, square);
        sum = next;
        low += carry + error;
    }
    let root = (sum + low).sqrt();
    let square = root * root;
    let error = root.mul_add(root, -square);
    let difference = (sum - square) + (low - error);
    scaled(root + difference / (2.0 * root), exponent)
}

fn hypot(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut coordinates = vec![];
    for &v in tuple_items(a[0]) {
        coordinates.push(th.real_number(v)?);
    }
    Ok(Value::float(length(&mut coordinates)))
}

fn dist(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (p, q) = (th.collect_items(a[0])?, th.collect_items(a[1])?);
    if p.len() != q.len() {
        return Err(th.value_error("both points must have the same number of dimensions"));
    }
    let mut differences = Vec::with_capacity(p.len());
    for (&x, &y) in p.iter().zip(&q) {
        let (x, y) = two(th, &[x, y])?;
        differences.push(x - y);
    }
    Ok(Value::float(length(&mut differences)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|&x| sum.add(x));
        sum.total()
    }

    #[test]
    fn exact_sums() {
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(
            sum(&[1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50]),
            1e-100
        );
        assert_eq!(
            sum(&[2f64.powi(53), -0.5, -2f64.powi(-54)]),
            2f64.powi(53) - 1.0
        );
        assert_eq!(
            sum(&[2f64.powi(53), 1.0, 2f64.powi(-100)]),
            2f64.powi(53) + 2.0
        );
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert_eq!(sum(&[]), 0.0);
    }

    #[test]
    fn lengths() {
        assert_eq!(length(&mut [3.0, 4.0]), 5.0);
        assert_eq!(length(&mut [3e300, 4e300]), 5e300);
        assert_eq!(length(&mut [3e-320, 4e-320]), 5e-320);
        assert_eq!(length(&mut [1.0; 4]), 2.0);
    }
}
