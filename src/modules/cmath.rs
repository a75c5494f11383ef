//! `cmath`, on C's complex functions: their special values (C99, annex G) are the ones that Python documents.

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::math::{domain_error, range_error};
use crate::objects::complex::{C, divide};
use crate::objects::define::Module;
use crate::objects::native::NativeFn;

/// C's `double complex`, which is passed like a struct of two doubles.
#[repr(C)]
#[derive(Clone, Copy)]
struct CDouble {
    re: f64,
    im: f64,
}

// SAFETY: the signatures are those of C's <complex.h>, whose `double complex` has the layout and, on the platforms that
// we support, the calling convention of `CDouble`; the functions take plain numbers and touch no memory of ours.
unsafe extern "C" {
    safe fn cacos(z: CDouble) -> CDouble;
    safe fn cacosh(z: CDouble) -> CDouble;
    safe fn casin(z: CDouble) -> CDouble;
    safe fn casinh(z: CDouble) -> CDouble;
    safe fn catan(z: CDouble) -> CDouble;
    safe fn catanh(z: CDouble) -> CDouble;
    safe fn ccos(z: CDouble) -> CDouble;
    safe fn ccosh(z: CDouble) -> CDouble;
    safe fn cexp(z: CDouble) -> CDouble;
    safe fn clog(z: CDouble) -> CDouble;
    safe fn csin(z: CDouble) -> CDouble;
    safe fn csinh(z: CDouble) -> CDouble;
    safe fn csqrt(z: CDouble) -> CDouble;
    safe fn ctan(z: CDouble) -> CDouble;
    safe fn ctanh(z: CDouble) -> CDouble;
}

fn is_finite(z: C) -> bool {
    z.0.is_finite() && z.1.is_finite()
}

/// The functions of one argument, each with a test for arguments outside its domain.
macro_rules! functions_of_one {
    ($($name:ident $function:ident, |$x:ident, $y:ident| $outside:expr;)*) => {
        &[$((concat!(stringify!($name), "(z, /)"), |th, a| {
            let ($x, $y) = th.complex_number(a[0])?;
            if $outside {
                return Err(domain_error(th));
            }
            let w = $function(CDouble { re: $x, im: $y });
            if is_finite(($x, $y)) && (w.re.is_infinite() || w.im.is_infinite()) {
                return Err(range_error(th));
            }
            Ok(th.complex(w.re, w.im))
        }),)*]
    };
}

const OF_ONE: &[(&str, NativeFn)] = functions_of_one! {
    acos cacos, |_x, _y| false;
    acosh cacosh, |_x, _y| false;
    asin casin, |_x, _y| false;
    asinh casinh, |_x, _y| false;
    atan catan, |x, y| x == 0.0 && y.abs() == 1.0;
    atanh catanh, |x, y| y == 0.0 && x.abs() == 1.0;
    cos ccos, |x, y| x.is_infinite() && !y.is_nan();
    cosh ccosh, |x, y| y.is_infinite() && !x.is_nan();
    exp cexp, |x, y| y.is_infinite() && (x.is_finite() || x == f64::INFINITY);
    sin csin, |x, y| x.is_infinite() && !y.is_nan();
    sinh csinh, |x, y| y.is_infinite() && !x.is_nan();
    sqrt csqrt, |_x, _y| false;
    tan ctan, |x, y| x.is_infinite() && y.is_finite();
    tanh ctanh, |x, y| y.is_infinite() && x.is_finite();
};

fn logarithm(th: &mut Thread, v: Value) -> R<C> {
    let (x, y) = th.complex_number(v)?;
    if x == 0.0 && y == 0.0 {
        return Err(domain_error(th));
    }
    let w = clog(CDouble { re: x, im: y });
    Ok((w.re, w.im))
}

fn log(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut w = logarithm(th, a[0])?;
    if !a[1].is_null() {
        let base = logarithm(th, a[1])?;
        w = match divide(w, base) {
            Some(w) => w,
            None => return Err(domain_error(th)),
        };
    }
    Ok(th.complex(w.0, w.1))
}

fn log10(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (re, im) = logarithm(th, a[0])?;
    Ok(th.complex(re / std::f64::consts::LN_10, im / std::f64::consts::LN_10))
}

fn polar(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = th.complex_number(a[0])?;
    let size = x.hypot(y);
    if size.is_infinite() && is_finite((x, y)) {
        return Err(range_error(th));
    }
    Ok(th.tuple_value(&[Value::float(size), Value::float(y.atan2(x))]))
}

fn rect(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (r, phi) = (th.real_number(a[0])?, th.real_number(a[1])?);
    if r != 0.0 && !r.is_nan() && phi.is_infinite() {
        return Err(domain_error(th));
    }
    let (re, im) = if phi == 0.0 {
        // Not by multiplication: infinity times zero would be NaN.
        (r, if r.is_finite() { r * phi } else { phi })
    } else if r.is_infinite() && phi.is_finite() {
        let part = |x: f64| f64::INFINITY.copysign(x) * r.signum();
        (part(phi.cos()), part(phi.sin()))
    } else if r == 0.0 && !phi.is_finite() {
        (0.0, 0.0)
    } else {
        (r * phi.cos(), r * phi.sin())
    };
    Ok(th.complex(re, im))
}

fn isclose(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (x, y) = (th.complex_number(a[0])?, th.complex_number(a[1])?);
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
    let infinite = |z: C| z.0.is_infinite() || z.1.is_infinite();
    if infinite(x) || infinite(y) {
        return Ok(Value::FALSE);
    }
    let size = |z: C| z.0.hypot(z.1);
    let difference = size((x.0 - y.0, x.1 - y.1));
    Ok(Value::bool(
        difference <= relative * size(y)
            || difference <= relative * size(x)
            || difference <= absolute,
    ))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("cmath");
    th.functions(module, OF_ONE);
    th.functions(
        module,
        &[
            ("log(z, base=None, /)", log),
            ("log10(z, /)", log10),
            ("polar(z, /)", polar),
            ("rect(r, phi, /)", rect),
            ("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose),
            ("phase(z, /)", |th, a| {
                let (x, y) = th.complex_number(a[0])?;
                Ok(Value::float(y.atan2(x)))
            }),
            ("isfinite(z, /)", |th, a| {
                Ok(Value::bool(is_finite(th.complex_number(a[0])?)))
            }),
            ("isinf(z, /)", |th, a| {
                let (x, y) = th.complex_number(a[0])?;
                Ok(Value::bool(x.is_infinite() || y.is_infinite()))
            }),
            ("isnan(z, /)", |th, a| {
                let (x, y) = th.complex_number(a[0])?;
                Ok(Value::bool(x.is_nan() || y.is_nan()))
            }),
        ],
    );
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
    for (name, im) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        let z = th.complex(0.0, im);
        th.define(dict, name, z);
    }
    Ok(module)
}
