//! `complex`.

use super::Complex;
use super::class::Class;
use super::define::TypeBuilder;
use super::int::Int;
use super::int::methods::binary_methods;
use super::special::Sp;
use super::string::Str;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::text;

/// Real and imaginary part.
pub type C = (f64, f64);

/// An operand of an operator: a real one keeps its lack of an imaginary part, which matters for signed zeros, infinities and NaN.
#[derive(Clone, Copy)]
enum Operand {
    Real(f64),
    Complex(C),
}
use Operand::{Complex as Cx, Real as Re};

impl Operand {
    fn parts(self) -> C {
        match self {
            Re(x) => (x, 0.0),
            Cx(c) => c,
        }
    }
}

impl Thread {
    /// A new `complex`.
    pub fn complex(&mut self, real: f64, imag: f64) -> Value {
        let class = self.rt.types().complex;
        self.complex_of_class(class, (real, imag))
    }
    /// A new instance of `complex` or a subclass.
    pub fn complex_of_class(&mut self, class: Ref<Class>, (real, imag): C) -> Value {
        self.alloc(class.root_shape(), Complex::new(real, imag), 0)
            .value()
    }
    /// The number in a `complex` or an instance of a subclass of it (not of `float`).
    pub fn as_complex(&self, v: Value) -> Option<C> {
        let c = v.cast::<Complex>()?;
        self.is_instance(v, self.rt.types().complex)
            .then(|| (c.real, c.imag))
    }
    /// The number that `v` stands for: `__complex__`, else as a real number. "must be real number" for others.
    pub fn complex_number(&mut self, v: Value) -> R<C> {
        match self.try_complex(v)? {
            Some(c) => Ok(c),
            None => Ok((self.real_number(v)?, 0.0)),
        }
    }
    /// A `complex`, or what `__complex__` says.
    fn try_complex(&mut self, v: Value) -> R<Option<C>> {
        if let Some(c) = self.as_complex(v)
            && self.class_of(v) == self.rt.types().complex
        {
            return Ok(Some(c));
        }
        let result = self.call_special(v, Sp::Complex, &[])?;
        if result.is_null() {
            return Ok(self.as_complex(v));
        }
        match self.as_complex(result) {
            Some(c) => Ok(Some(c)),
            None => {
                let (class, got) = (self.type_name(v), self.type_name(result));
                Err(self.type_error(format!(
                    "{class}.__complex__() must return a complex, not {got}"
                )))
            }
        }
    }
    fn complex_operand(&mut self, v: Value) -> R<Option<Operand>> {
        if let Some(c) = self.as_complex(v) {
            return Ok(Some(Cx(c)));
        }
        Ok(self.float_operand(v)?.map(Re))
    }
}

fn multiply((a, b): C, (c, d): C) -> C {
    let (re, im) = (a * c - b * d, a * d + b * c);
    if !(re.is_nan() && im.is_nan()) {
        return (re, im);
    }
    // An infinite factor must not drown in NaNs (C99, annex G).
    let (mut a, mut b, mut c, mut d) = (a, b, c, d);
    let unit = |x: f64| (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x);
    let quiet = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
    let mut recalculate = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b) = (unit(a), unit(b));
        (c, d) = (quiet(c), quiet(d));
        recalculate = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d) = (unit(c), unit(d));
        (a, b) = (quiet(a), quiet(b));
        recalculate = true;
    }
    if !recalculate && [a * c, b * d, a * d, b * c].iter().any(|x| x.is_infinite()) {
        (a, b, c, d) = (quiet(a), quiet(b), quiet(c), quiet(d));
        recalculate = true;
    }
    if recalculate {
        let inf = f64::INFINITY;
        return (inf * (a * c - b * d), inf * (a * d + b * c));
    }
    (re, im)
}

/// Smith's algorithm; `None` for a divisor of zero.
pub(crate) fn divide((a, b): C, (c, d): C) -> Option<C> {
    let (re, im) = if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let denominator = c + d * ratio;
        ((a + b * ratio) / denominator, (b - a * ratio) / denominator)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let denominator = c * ratio + d;
        ((a * ratio + b) / denominator, (b * ratio - a) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !(re.is_nan() && im.is_nan()) {
        return Some((re, im));
    }
    // Infinities and zeros that the formula lost (C99, annex G).
    let unit = |x: f64| (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x);
    if (a.is_infinite() || b.is_infinite()) && c.is_finite() && d.is_finite() {
        let (x, y) = (unit(a), unit(b));
        let inf = f64::INFINITY;
        return Some((inf * (x * c + y * d), inf * (y * c - x * d)));
    }
    if (c.is_infinite() || d.is_infinite()) && a.is_finite() && b.is_finite() {
        let (x, y) = (unit(c), unit(d));
        return Some((0.0 * (a * x + b * y), 0.0 * (b * x - a * y)));
    }
    Some((re, im))
}

/// A real number divided by a complex one.
fn divide_real(a: f64, (c, d): C) -> Option<C> {
    let (re, im) = if c.abs() >= d.abs() {
        if c == 0.0 {
            return None;
        }
        let ratio = d / c;
        let denominator = c + d * ratio;
        (a / denominator, -a * ratio / denominator)
    } else if d.abs() >= c.abs() {
        let ratio = c / d;
        let denominator = c * ratio + d;
        (a * ratio / denominator, -a / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if re.is_nan() && im.is_nan() && a.is_finite() && (c.is_infinite() || d.is_infinite()) {
        let unit = |x: f64| (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x);
        let (x, y) = (unit(c), unit(d));
        return Some((0.0 * (a * x), 0.0 * (-a * y)));
    }
    Some((re, im))
}

/// `a ** b` by the polar form. Zero to a negative power is the caller's to refuse.
pub(crate) fn power(a: C, b: C) -> C {
    if b == (0.0, 0.0) {
        return (1.0, 0.0);
    }
    if a == (0.0, 0.0) {
        return (0.0, 0.0);
    }
    let size = a.0.hypot(a.1);
    let mut length = size.powf(b.0);
    let angle = a.1.atan2(a.0);
    let mut phase = angle * b.0;
    if b.1 != 0.0 {
        length /= (angle * b.1).exp();
        phase += b.1 * size.ln();
    }
    (length * phase.cos(), length * phase.sin())
}

/// `a ** n` by repeated squaring.
fn integer_power(a: C, n: i64) -> Option<C> {
    let mut power = (1.0, 0.0);
    let (mut base, mut left) = (a, n.unsigned_abs());
    while left > 0 {
        if left & 1 != 0 {
            power = multiply(power, base);
        }
        base = multiply(base, base);
        left >>= 1;
    }
    if n < 0 {
        divide((1.0, 0.0), power)
    } else {
        Some(power)
    }
}

macro_rules! operator {
    ($name:ident, |$th:ident, $x:ident, $y:ident| $result:expr) => {
        fn $name($th: &mut Thread, a: Value, b: Value) -> R<Value> {
            let (Some($x), Some($y)) = ($th.complex_operand(a)?, $th.complex_operand(b)?) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let (re, im): C = $result;
            Ok($th.complex(re, im))
        }
    };
}

operator!(add, |th, x, y| match (x, y) {
    (Cx(x), Cx(y)) => (x.0 + y.0, x.1 + y.1),
    (Cx(x), Re(y)) | (Re(y), Cx(x)) => (x.0 + y, x.1),
    (Re(x), Re(y)) => (x + y, 0.0),
});
operator!(sub, |th, x, y| match (x, y) {
    (Cx(x), Cx(y)) => (x.0 - y.0, x.1 - y.1),
    (Cx(x), Re(y)) => (x.0 - y, x.1),
    (Re(x), Cx(y)) => (x - y.0, -y.1),
    (Re(x), Re(y)) => (x - y, 0.0),
});
operator!(mul, |th, x, y| match (x, y) {
    (Cx(x), Cx(y)) => multiply(x, y),
    (Cx(x), Re(y)) | (Re(y), Cx(x)) => (x.0 * y, x.1 * y),
    (Re(x), Re(y)) => (x * y, 0.0),
});
operator!(truediv, |th, x, y| {
    let quotient = match (x, y) {
        (_, Re(0.0)) => None,
        (x, Re(y)) => {
            let x = x.parts();
            Some((x.0 / y, x.1 / y))
        }
        (Cx(x), Cx(y)) => divide(x, y),
        (Re(x), Cx(y)) => divide_real(x, y),
    };
    match quotient {
        Some(c) => c,
        None => return Err(th.zero_division_error("division by zero")),
    }
});
operator!(pow, |th, x, y| {
    let (x, y) = (x.parts(), y.parts());
    if x == (0.0, 0.0) && (y.0 < 0.0 || y.1 != 0.0) {
        return Err(th.zero_division_error("zero to a negative or complex power"));
    }
    let result = if y.1 == 0.0 && y.0.floor() == y.0 && y.0.abs() <= 100.0 {
        integer_power(x, y.0 as i64)
            .ok_or_else(|| th.zero_division_error("zero to a negative or complex power"))?
    } else {
        power(x, y)
    };
    if result.0.is_infinite() || result.1.is_infinite() {
        return Err(th.overflow_error("complex exponentiation"));
    }
    result
});

fn power_method(th: &mut Thread, base: Value, exponent: Value, modulus: Value) -> R<Value> {
    if !(modulus.is_null() || modulus.is_none()) {
        return Err(th.value_error("complex modulo"));
    }
    pow(th, base, exponent)
}

/// `a == b`, or null where there is no answer.
fn equal(th: &mut Thread, a: Value, b: Value) -> Option<bool> {
    let (x, imag) = th.as_complex(a)?;
    if let Some(other) = th.as_complex(b) {
        return Some((x, imag) == other);
    }
    if let Some(y) = th.as_float(b) {
        return Some(imag == 0.0 && x == y);
    }
    let n = Int::of(b)?;
    Some(imag == 0.0 && super::float::order_with_int(x, n).is_some_and(|o| o.is_eq()))
}

/// The number of a receiver that was checked.
fn receiver(th: &Thread, v: Value) -> C {
    th.as_complex(v)
        .expect("the receiver of a complex method was checked")
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[class, real, imag] = a else {
        unreachable!("bound by the signature")
    };
    let Some(class) = class.as_class() else {
        return Err(th.type_error("complex.__new__(X): X is not a type object"));
    };
    let complex = th.rt.types().complex;
    if imag.is_null() {
        if real.is_null() {
            return Ok(th.complex_of_class(class, (0.0, 0.0)));
        }
        if class == complex && th.class_of(real) == complex {
            return Ok(real);
        }
        if let Some(s) = real.cast::<Str>() {
            let parts = th.text(text::float::parse_complex(s.as_wtf8()))?;
            return Ok(th.complex_of_class(class, parts));
        }
        let parts = match th.try_complex(real)? {
            Some(c) => c,
            None => match th.try_float(real)? {
                Some(x) => (x, 0.0),
                None => {
                    let name = th.type_name(real);
                    return Err(th.type_error(format!(
                        "complex() argument must be a string or a number, not {name}"
                    )));
                }
            },
        };
        return Ok(th.complex_of_class(class, parts));
    }
    let real = part(th, real, "real")?;
    let imag = part(th, imag, "imag")?;
    // Complex parts (deprecated) mix: real + imag * 1j.
    let parts = match (real, imag) {
        (Re(x), Re(y)) => (x, y),
        (Cx(x), Re(y)) => (x.0, x.1 + y),
        (Re(x), Cx(y)) => (x - y.1, y.0),
        (Cx(x), Cx(y)) => (x.0 - y.1, x.1 + y.0),
    };
    Ok(th.complex_of_class(class, parts))
}

/// One of the two arguments of `complex(real, imag)`.
fn part(th: &mut Thread, v: Value, name: &str) -> R<Operand> {
    if v.is_null() {
        return Ok(Re(0.0));
    }
    // Only the real part may come from `__complex__`.
    let complex = if name == "real" {
        th.try_complex(v)?
    } else {
        th.as_complex(v)
    };
    if let Some(c) = complex {
        return Ok(Cx(c));
    }
    match th.try_float(v)? {
        Some(x) => Ok(Re(x)),
        None => Err(bad_part(th, v, name)),
    }
}

fn bad_part(th: &mut Thread, v: Value, name: &str) -> Fail {
    let class = th.type_name(v);
    th.type_error(format!(
        "complex() argument '{name}' must be a real number, not {class}"
    ))
}

fn from_number(th: &mut Thread, a: &[Value]) -> R<Value> {
    let complex = th.rt.types().complex;
    if a[0] == complex.value() && th.class_of(a[1]) == complex {
        return Ok(a[1]);
    }
    let (re, im) = th.complex_number(a[1])?;
    let c = th.complex(re, im);
    if a[0] == complex.value() {
        return Ok(c);
    }
    th.call(a[0], &[c])
}

fn format(th: &mut Thread, a: &[Value]) -> R<Value> {
    let spec = th.format_spec_argument(a[1])?;
    if spec.is_empty() {
        return Ok(th.to_str(a[0])?.value());
    }
    let class = th.type_name(a[0]);
    let (re, im) = receiver(th, a[0]);
    let text = text::format_spec::format_complex(re, im, spec.as_wtf8(), &class);
    let text = th.text(text)?;
    Ok(th.str_wtf8(&text).value())
}

/// The hash of a complex number; that of its real part if there is no other.
pub fn complex_hash((re, im): C) -> i64 {
    use super::float::methods::float_hash;
    text::float::hash_complex(float_hash(re), float_hash(im))
}

/// `abs(c)`.
pub(crate) fn magnitude(th: &mut Thread, (re, im): C) -> R<f64> {
    let size = re.hypot(im);
    if size.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(th.overflow_error("absolute value too large"));
    }
    Ok(size)
}

fn conversions(t: &mut TypeBuilder) {
    t.new("complex(cls, real=0, imag=0)", new);
    t.class_method("from_number(type, number, /)", from_number);
    t.methods(&[
        ("__repr__(self, /)", |th, a| {
            let (re, im) = receiver(th, a[0]);
            let text = text::float::complex_repr(re, im);
            Ok(th.str_value(&text))
        }),
        ("__format__(self, format_spec, /)", format),
        ("__hash__(self, /)", |th, a| {
            let hash = complex_hash(receiver(th, a[0]));
            Ok(th.int(hash))
        }),
        ("__bool__(self, /)", |th, a| {
            Ok(Value::bool(receiver(th, a[0]) != (0.0, 0.0)))
        }),
        ("__complex__(self, /)", |th, a| {
            if th.class_of(a[0]) == th.rt.types().complex {
                return Ok(a[0]);
            }
            let (re, im) = receiver(th, a[0]);
            Ok(th.complex(re, im))
        }),
        ("__getnewargs__(self, /)", |th, a| {
            let (re, im) = receiver(th, a[0]);
            Ok(th.tuple_value(&[Value::float(re), Value::float(im)]))
        }),
        ("conjugate(self, /)", |th, a| {
            let (re, im) = receiver(th, a[0]);
            Ok(th.complex(re, -im))
        }),
    ]);
    t.getset("real", |th, v| Ok(Value::float(receiver(th, v).0)), None);
    t.getset("imag", |th, v| Ok(Value::float(receiver(th, v).1)), None);
}

fn operators(t: &mut TypeBuilder) {
    binary_methods! { t; "add" add; "sub" sub; "mul" mul; "truediv" truediv; }
    t.methods(&[
        ("__pow__(self, value, mod=None, /)", |th, a| {
            power_method(th, a[0], a[1], a[2])
        }),
        ("__rpow__(self, value, mod=None, /)", |th, a| {
            power_method(th, a[1], a[0], a[2])
        }),
        ("__neg__(self, /)", |th, a| {
            let (re, im) = receiver(th, a[0]);
            Ok(th.complex(-re, -im))
        }),
        ("__pos__(self, /)", |th, a| {
            let (re, im) = receiver(th, a[0]);
            Ok(th.complex(re, im))
        }),
        ("__abs__(self, /)", |th, a| {
            let c = receiver(th, a[0]);
            Ok(Value::float(magnitude(th, c)?))
        }),
        ("__eq__(self, value, /)", |th, a| {
            Ok(equal(th, a[0], a[1]).map_or(Value::NOT_IMPLEMENTED, Value::bool))
        }),
        ("__ne__(self, value, /)", |th, a| {
            Ok(equal(th, a[0], a[1]).map_or(Value::NOT_IMPLEMENTED, |e| Value::bool(!e)))
        }),
        ("__lt__(self, value, /)", |_, _| Ok(Value::NOT_IMPLEMENTED)),
        ("__le__(self, value, /)", |_, _| Ok(Value::NOT_IMPLEMENTED)),
        ("__gt__(self, value, /)", |_, _| Ok(Value::NOT_IMPLEMENTED)),
        ("__ge__(self, value, /)", |_, _| Ok(Value::NOT_IMPLEMENTED)),
    ]);
}

/// Defines `complex`.
pub fn init(th: &mut Thread) {
    let class = th.rt.types().complex;
    th.fill(class, |t| {
        conversions(t);
        operators(t);
        t.doc(
            "Create a complex number from a string or numbers.\n\n\
             If a string is given, parse it as a complex number.\n\
             If a single number is given, convert it to a complex number.\n\
             If the 'real' or 'imag' arguments are given, create a complex number\n\
             with the specified real and imaginary components.",
        );
    });
}
