//! `math`.

mod gamma;
mod integer;
pub(crate) mod libm;
mod sums;

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::modules::math::Domain::*;
use crate::objects::define::Module;
use crate::objects::int::Int;
use crate::objects::special::Sp;
use crate::text::float::{f64_to_bigint, float_repr};

/// What a function of one float says about an argument outside its domain.
#[derive(Clone, Copy)]
enum Domain {
    /// Every finite argument is fine.
    Everywhere,
    /// The text before ", got X".
    Expected(&'static str),
}

#[cold]
pub(super) fn domain_error(th: &mut Thread) -> Fail {
    th.value_error("math domain error")
}
#[cold]
pub(super) fn range_error(th: &mut Thread) -> Fail {
    th.overflow_error("math range error")
}

/// Turns what C's functions say by NaN and infinity into exceptions.
#[inline]
fn checked(th: &mut Thread, x: f64, result: f64, domain: Domain) -> R<Value> {
    if result.is_finite() || (x.is_nan() && result.is_nan()) {
        return Ok(Value::float(result));
    }
    unusual(th, x, result, domain)
}

#[cold]
fn unusual(th: &mut Thread, x: f64, result: f64, domain: Domain) -> R<Value> {
    let pole = result.is_infinite() && x.is_finite();
    if result.is_infinite() && !pole {
        return Ok(Value::float(result));
    }
    match domain {
        Expected(text) => {
            let got = float_repr(x);
            Err(th.value_error(format!("{text}, got {got}")))
        }
        Everywhere if pole => Err(range_error(th)),
        Everywhere => Err(domain_error(th)),
    }
}

/// The float functions of one argument.
macro_rules! functions_of_one {
    ($($name:ident $domain:expr, $function:expr;)*) => {
        $(fn $name(th: &mut Thread, a: &[Value]) -> R<Value> {
            let x = th.real_number(a[0])?;
            let result: f64 = ($function)(x);
            checked(th, x, result, $domain)
        })*
        /// Name and function of each.
        const OF_ONE: &[(&str, crate::objects::native::NativeFn)] =
            &[$((concat!(stringify!($name), "(x, /)"), $name),)*];
    };
}

const UNIT: Domain = Expected("expected a number in range from -1 up to 1");
const FINITE: Domain = Expected("expected a finite input");
const GAMMA: Domain = Expected("expected a noninteger or positive integer");

functions_of_one! {
    acos UNIT, f64::acos;
    acosh Expected("expected argument value not less than 1"), libm::acosh;
    asin UNIT, f64::asin;
    asinh Everywhere, libm::asinh;
    atan Everywhere, f64::atan;
    atanh Expected("expected a number between -1 and 1"), libm::atanh;
    cbrt Everywhere, f64::cbrt;
    cos FINITE, f64::cos;
    cosh Everywhere, f64::cosh;
    erf Everywhere, libm::erf;
    erfc Everywhere, libm::erfc;
    exp Everywhere, f64::exp;
    exp2 Everywhere, f64::exp2;
    expm1 Everywhere, f64::exp_m1;
    fabs Everywhere, f64::abs;
    log1p Expected("expected argument value > -1"), f64::ln_1p;
    sin FINITE, f64::sin;
    sinh Everywhere, f64::sinh;
    sqrt Expected("expected a nonnegative input"), f64::sqrt;
    tan FINITE, f64::tan;
    tanh Everywhere, f64::tanh;
    degrees Everywhere, degrees_of;
    radians Everywhere, |x: f64| x * (std::f64::consts::PI / 180.0);
}

fn degrees_of(x: f64) -> f64 {
    x * (180.0 / std::f64::consts::PI)
}

fn gamma(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?;
    let result = gamma::gamma(x);
    if result.is_infinite() && x.is_finite() && x != 0.0 && (x > 0.0 || x.floor() != x) {
        return Err(range_error(th));
    }
    checked(th, x, result, GAMMA)
}

fn lgamma(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?;
    if x.is_finite() && x <= 0.0 && x.floor() == x {
        return checked(th, x, f64::INFINITY, GAMMA);
    }
    checked(th, x, gamma::lgamma(x), Everywhere)
}

/// The logarithms: ints have their own way, since they may be beyond all floats.
fn logarithm(th: &mut Thread, v: Value, of: fn(f64) -> f64) -> R<f64> {
    if let Some(n) = Int::of(v) {
        if n.is_zero() || n.is_negative() {
            return Err(th.value_error("expected a positive input"));
        }
        return Ok(match n {
            Int::Small(i) => of(i as f64),
            Int::Big(big) => match crate::text::float::bigint_to_f64(&big.value) {
                Ok(x) => of(x),
                // Too big: the mantissa, in 0.5 .. 1, and the exponent apart.
                Err(_) => {
                    let bits = big.value.bits();
                    let head = &big.value >> (bits - 1000);
                    let head = th.text(crate::text::float::bigint_to_f64(&head))?;
                    of(head * 2f64.powi(-1000)) + of(2.0) * bits as f64
                }
            },
        });
    }
    let x = th.real_number(v)?;
    if x > 0.0 && x.is_finite() {
        return Ok(of(x));
    }
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    let got = float_repr(x);
    Err(th.value_error(format!("expected a positive input, got {got}")))
}

fn log(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = logarithm(th, a[0], f64::ln)?;
    if a[1].is_null() {
        return Ok(Value::float(x));
    }
    let base = logarithm(th, a[1], f64::ln)?;
    if base == 0.0 {
        return Err(th.zero_division_error("division by zero"));
    }
    Ok(Value::float(x / base))
}

fn log2(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::float(logarithm(th, a[0], f64::log2)?))
}

fn log10(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::float(logarithm(th, a[0], f64::log10)?))
}

/// A float that is known to be whole (or not finite, which raises), as an int.
fn whole(th: &mut Thread, x: f64) -> R<Value> {
    if x.abs() < 9.0e15 {
        return Ok(th.int(x as i64));
    }
    let n = th.text(f64_to_bigint(x))?;
    Ok(th.big(n))
}

fn rounded(th: &mut Thread, v: Value, special: Sp, round: fn(f64) -> f64) -> R<Value> {
    if let Some(x) = v.as_float() {
        return whole(th, round(x));
    }
    let result = th.call_special(v, special, &[])?;
    if !result.is_null() {
        return Ok(result);
    }
    let x = th.real_number(v)?;
    whole(th, round(x))
}

fn floor(th: &mut Thread, a: &[Value]) -> R<Value> {
    rounded(th, a[0], Sp::Floor, f64::floor)
}

fn ceil(th: &mut Thread, a: &[Value]) -> R<Value> {
    rounded(th, a[0], Sp::Ceil, f64::ceil)
}

fn trunc(th: &mut Thread, a: &[Value]) -> R<Value> {
    if let Some(x) = a[0].as_float() {
        return whole(th, x.trunc());
    }
    let result = th.call_special(a[0], Sp::Trunc, &[])?;
    if result.is_null() {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!("type {name} doesn't define __trunc__ method")));
    }
    Ok(result)
}

fn two(th: &mut Thread, a: &[Value]) -> R<(f64, f64)> {
    Ok((th.real_number(a[0])?, th.real_number(a[1])?))
}

fn fmod(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    let result = x % y;
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain_error(th));
    }
    Ok(Value::float(result))
}

fn pow(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    let result = x.powf(y);
    if !result.is_finite() && x.is_finite() && y.is_finite() {
        if result.is_nan() || x == 0.0 {
            return Err(domain_error(th));
        }
        return Err(range_error(th));
    }
    Ok(Value::float(result))
}

fn remainder(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    if x.is_nan() || y.is_nan() {
        return Ok(Value::float(f64::NAN));
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain_error(th));
    }
    Ok(Value::float(libm::remainder(x, y)))
}

fn fma(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    let z = th.real_number(a[2])?;
    let result = x.mul_add(y, z);
    if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(th.value_error("invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(th.overflow_error("overflow in fma"));
    }
    Ok(Value::float(result))
}

fn ldexp(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?;
    let Some(exponent) = Int::of(a[1]) else {
        return Err(th.type_error("Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::float(x));
    }
    let exponent = exponent.to_i64().unwrap_or(if exponent.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    });
    // Beyond ±2200 the result is 0 or an overflow whatever `x` is.
    let result = libm::ldexp(x, exponent.clamp(-2200, 2200) as i32);
    if result.is_infinite() {
        return Err(range_error(th));
    }
    Ok(Value::float(result))
}

fn frexp(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?;
    let (mantissa, exponent) = if x == 0.0 || !x.is_finite() {
        (x, 0)
    } else {
        libm::frexp(x)
    };
    Ok(th.tuple_value(&[Value::float(mantissa), Value::small(exponent as i64)]))
}

fn modf(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?;
    let (fraction, whole) = if x.is_infinite() {
        (0f64.copysign(x), x)
    } else {
        ((x - x.trunc()).copysign(x), x.trunc())
    };
    Ok(th.tuple_value(&[Value::float(fraction), Value::float(whole)]))
}

fn nextafter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    let steps = if a[2].is_null() || a[2].is_none() {
        1
    } else {
        let steps = th.index_of(a[2])?;
        if steps.is_negative() {
            return Err(th.value_error("steps must be a non-negative integer"));
        }
        // There are fewer floats than this.
        steps.to_i64().unwrap_or(i64::MAX) as u64
    };
    Ok(Value::float(next_after(x, y, steps)))
}

fn next_after(x: f64, y: f64, steps: u64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if steps == 0 {
        return x;
    }
    if x == y {
        return y;
    }
    // Floats in order are integers in order, with the negative ones mirrored.
    let order = |f: f64| {
        let bits = f.to_bits() as i64;
        if bits < 0 {
            i64::MIN.wrapping_sub(bits)
        } else {
            bits
        }
    };
    let (from, to) = (order(x) as i128, order(y) as i128);
    let steps = (steps as i128).min((to - from).abs());
    let at = (from + steps * (to - from).signum()) as i64;
    if at == to as i64 {
        return y;
    }
    if at < 0 {
        return f64::from_bits(i64::MIN.wrapping_sub(at) as u64);
    }
    // Zero reached from below keeps its sign.
    if at == 0 && from < 0 {
        return -0.0;
    }
    f64::from_bits(at as u64)
}

fn ulp(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[0])?.abs();
    Ok(Value::float(if !x.is_finite() {
        x
    } else if x == f64::MAX {
        x - x.next_down()
    } else {
        x.next_up() - x
    }))
}

fn isclose(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = two(th, a)?;
    let mut tolerance = |v: Value, default| {
        if v.is_null() {
            Ok(default)
        } else {
            th.real_number(v)
        }
    };
    let (relative, absolute) = (tolerance(a[2], 1e-9)?, tolerance(a[3], 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(th.value_error("tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::TRUE);
    }
    if x.is_infinite() || y.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (y - x).abs();
    Ok(Value::bool(
        difference <= (relative * y).abs()
            || difference <= (relative * x).abs()
            || difference <= absolute,
    ))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("math");
    th.functions(module, OF_ONE);
    th.functions(
        module,
        &[
            ("gamma(x, /)", gamma),
            ("lgamma(x, /)", lgamma),
            ("log(x, base=None, /)", log),
            ("log2(x, /)", log2),
            ("log10(x, /)", log10),
            ("floor(x, /)", floor),
            ("ceil(x, /)", ceil),
            ("trunc(x, /)", trunc),
            ("fmod(x, y, /)", fmod),
            ("pow(x, y, /)", pow),
            ("remainder(x, y, /)", remainder),
            ("fma(x, y, z, /)", fma),
            ("ldexp(x, i, /)", ldexp),
            ("frexp(x, /)", frexp),
            ("modf(x, /)", modf),
            ("nextafter(x, y, /, *, steps=None)", nextafter),
            ("ulp(x, /)", ulp),
            ("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose),
            ("atan2(y, x, /)", |th, a| {
                let (y, x) = two(th, a)?;
                Ok(Value::float(y.atan2(x)))
            }),
            ("copysign(x, y, /)", |th, a| {
                let (x, y) = two(th, a)?;
                Ok(Value::float(x.copysign(y)))
            }),
            ("isfinite(x, /)", |th, a| {
                Ok(Value::bool(th.real_number(a[0])?.is_finite()))
            }),
            ("isinf(x, /)", |th, a| {
                Ok(Value::bool(th.real_number(a[0])?.is_infinite()))
            }),
            ("isnan(x, /)", |th, a| {
                Ok(Value::bool(th.real_number(a[0])?.is_nan()))
            }),
        ],
    );
    th.functions(module, integer::FUNCTIONS);
    th.functions(module, sums::FUNCTIONS);
    let dict = module.dict();
    use std::f64::consts::{E, PI, TAU};
    for (name, x) in [
        ("pi", PI),
        ("e", E),
        ("tau", TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        th.define(dict, name, Value::float(x));
    }
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_between_floats() {
        assert_eq!(next_after(1.0, 2.0, 1), 1f64.next_up());
        assert_eq!(next_after(0.0, -1.0, 1), -5e-324);
        assert!(next_after(-5e-324, 1.0, 1).is_sign_negative());
        assert_eq!(next_after(-5e-324, 1.0, 2), 5e-324);
        assert_eq!(next_after(1.0, f64::INFINITY, u64::MAX), f64::INFINITY);
        assert_eq!(next_after(1.0, 0.0, u64::MAX), 0.0);
    }
}
