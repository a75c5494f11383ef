//! The operators on floats. As with ints, each function takes any two values and gives `NotImplemented` unless both
//! are floats or ints.

use crate::heap::{R, Thread, Value};
use crate::objects::int::Int;
use crate::objects::protocol::Cmp;
use crate::text::float::{self as exact, FloatPow};
use crate::text::{TextError, TextResult};

macro_rules! operator {
    ($(#[$doc:meta])* $name:ident, |$x:ident, $y:ident| $result:expr) => {
        $(#[$doc])*
        pub fn $name(th: &mut Thread, a: Value, b: Value) -> R<Value> {
            let (Some($x), Some($y)) = (th.float_operand(a)?, th.float_operand(b)?) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let result: TextResult<f64> = $result;
            Ok(Value::float(th.text(result)?))
        }
    };
}

operator!(
    /// `a + b`.
    float_add, |x, y| Ok(x + y));
operator!(
    /// `a - b`.
    float_sub, |x, y| Ok(x - y));
operator!(
    /// `a * b`.
    float_mul, |x, y| Ok(x * y));
operator!(
    /// `a / b`.
    float_truediv, |x, y| exact::float_true_div(x, y));
operator!(
    /// `a // b`.
    float_floordiv, |x, y| exact::float_floor_div(x, y));
operator!(
    /// `a % b`.
    float_mod, |x, y| exact::float_mod(x, y));

/// `divmod(a, b)`.
pub fn float_divmod(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (Some(x), Some(y)) = (th.float_operand(a)?, th.float_operand(b)?) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (quotient, remainder) = th.text(exact::float_divmod(x, y))?;
    Ok(th.tuple_value(&[Value::float(quotient), Value::float(remainder)]))
}

/// `a ** b`.
pub fn float_pow(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let (Some(x), Some(y)) = (th.float_operand(a)?, th.float_operand(b)?) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    float_pow_f64(th, x, y)
}

/// `x ** y`; complex for a negative base with a fractional exponent.
pub fn float_pow_f64(th: &mut Thread, x: f64, y: f64) -> R<Value> {
    match exact::float_pow(x, y) {
        Ok(FloatPow::Real(power)) => Ok(Value::float(power)),
        Ok(FloatPow::Complex) => {
            let (re, im) = crate::objects::complex::power((x, 0.0), (y, 0.0));
            Ok(th.complex(re, im))
        }
        Err(TextError::Overflow(_)) => {
            // The error of C's `pow`, number and text.
            let class = th.rt.types().exceptions.overflow_error;
            let text = th.str_value("Numerical result out of range");
            Err(th.raise_args(class, &[Value::small(libc::ERANGE as i64), text]))
        }
        Err(e) => Err(th.raise_text(e)),
    }
}

/// `a op b`, exact between floats and ints.
pub fn float_compare(th: &Thread, op: Cmp, a: Value, b: Value) -> Value {
    let order = match (th.as_float(a), th.as_float(b)) {
        (Some(x), Some(y)) => x.partial_cmp(&y),
        (Some(x), None) => match Int::of(b) {
            Some(n) => order_with_int(x, n),
            None => return Value::NOT_IMPLEMENTED,
        },
        (None, Some(y)) => match Int::of(a) {
            Some(n) => order_with_int(y, n).map(std::cmp::Ordering::reverse),
            None => return Value::NOT_IMPLEMENTED,
        },
        (None, None) => return Value::NOT_IMPLEMENTED,
    };
    Value::bool(op.holds_partly(order))
}

/// The exact order of a float and an int.
pub fn order_with_int(x: f64, n: Int) -> Option<std::cmp::Ordering> {
    match n {
        Int::Small(i) if i.unsigned_abs() <= 1 << 53 => x.partial_cmp(&(i as f64)),
        n => exact::compare_float_int(x, &n.to_big()),
    }
}
