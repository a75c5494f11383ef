//! The class `float`.

use super::*;
use crate::heap::Ref;
use crate::objects::class::Class;
use crate::objects::define::TypeBuilder;
use crate::objects::int::methods::{binary_methods, comparison_methods};
use crate::objects::protocol::Cmp;
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::text;

/// The number of a receiver that was checked to be a float.
fn receiver(th: &Thread, v: Value) -> f64 {
    th.as_float(v)
        .expect("the receiver of a float method was checked")
}

impl Thread {
    /// An instance of `class`, which is `float` or a subclass.
    pub fn float_of_class(&mut self, class: Ref<Class>, x: f64) -> Value {
        if class == self.rt.types().float {
            return Value::float(x);
        }
        self.alloc(class.root_shape(), Complex::new(x, 0.0), 0)
            .value()
    }

    /// The number that a real number object stands for (float, `__float__`, `__index__`), as functions of C doubles
    /// take it: TypeError "must be real number, not X".
    pub fn real_number(&mut self, v: Value) -> R<f64> {
        if let Some(x) = v.as_float() {
            return Ok(x);
        }
        if let Some(i) = Int::of(v) {
            return self.int_to_f64(i);
        }
        match self.try_float(v)? {
            Some(x) => Ok(x),
            None => {
                let name = self.type_name(v);
                Err(self.type_error(format!("must be real number, not {name}")))
            }
        }
    }

    /// What `__float__` or `__index__` of `v` says, if it has one.
    pub fn try_float(&mut self, v: Value) -> R<Option<f64>> {
        if let Some(x) = self.float_operand(v)?
            && (v.is_float() || self.class_of(v) == self.rt.types().int)
        {
            return Ok(Some(x));
        }
        let result = self.call_special(v, Sp::Float, &[])?;
        if !result.is_null() {
            return match self.as_float(result) {
                Some(x) => Ok(Some(x)),
                None => {
                    let (class, got) = (self.type_name(v), self.type_name(result));
                    Err(self
                        .type_error(format!("{class}.__float__ returned non-float (type {got})")))
                }
            };
        }
        if !self.special(v, Sp::Index).is_null() {
            let i = self.index_of(v)?;
            return Ok(Some(self.int_to_f64(i)?));
        }
        Ok(self.as_float(v))
    }

    /// `float(v)`.
    pub fn to_float(&mut self, v: Value) -> R<f64> {
        if let Some(s) = v.cast::<Str>() {
            if self.special(v, Sp::Float).is_null() {
                return self.text(text::float::parse_float(s.as_wtf8()));
            }
        }
        if let Some(x) = self.try_float(v)? {
            return Ok(x);
        }
        if let Some(data) = self.buffer(v)? {
            return self.text(text::float::parse_float_bytes(&data));
        }
        let name = self.type_name(v);
        Err(self.type_error(format!(
            "float() argument must be a string or a real number, not '{name}'"
        )))
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = if a[1].is_null() {
        0.0
    } else {
        th.to_float(a[1])?
    };
    instance(th, a[0], x)
}

/// An instance of the class `class` (a value), made without its `__new__`.
fn instance(th: &mut Thread, class: Value, x: f64) -> R<Value> {
    match class.as_class() {
        Some(class) => Ok(th.float_of_class(class, x)),
        None => Err(th.type_error("float.__new__(X): X is not a type object")),
    }
}

/// An instance of `class` as a call of it makes one.
fn construct(th: &mut Thread, class: Value, x: f64) -> R<Value> {
    if class == th.rt.types().float.value() {
        return Ok(Value::float(x));
    }
    th.call(class, &[Value::float(x)])
}

fn from_number(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = th.real_number(a[1])?;
    construct(th, a[0], x)
}

fn from_hex(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(s) = a[1].cast::<Str>() else {
        return Err(th.type_error("bad argument type for built-in operation"));
    };
    let x = th.text(text::float::float_from_hex(s.as_bytes()))?;
    construct(th, a[0], x)
}

/// The int nearest in the direction of `rounded`, which was made from the receiver.
fn integer(th: &mut Thread, x: f64) -> R<Value> {
    if x.abs() < 9.0e15 {
        return Ok(th.int(x as i64));
    }
    let n = th.text(text::float::f64_to_bigint(x))?;
    Ok(th.big(n))
}

fn round(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = receiver(th, a[0]);
    if a[1].is_null() || a[1].is_none() {
        return integer(th, x.round_ties_even());
    }
    let digits = th.index_of(a[1])?;
    let digits = digits.to_i64().unwrap_or(if digits.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    });
    let rounded = th.text(text::float::round_to_digits(x, digits))?;
    Ok(Value::float(rounded))
}

fn format(th: &mut Thread, a: &[Value]) -> R<Value> {
    let spec = th.format_spec_argument(a[1])?;
    if spec.is_empty() {
        return Ok(th.to_str(a[0])?.value());
    }
    let class = th.type_name(a[0]);
    let x = receiver(th, a[0]);
    let text = th.text(text::format_spec::format_float(x, spec.as_wtf8(), &class))?;
    Ok(th.str_wtf8(&text).value())
}

fn ratio(th: &mut Thread, a: &[Value]) -> R<Value> {
    let x = receiver(th, a[0]);
    let (numerator, denominator) = th.text(text::float::as_integer_ratio(x))?;
    let pair = [th.big(numerator), th.big(denominator)];
    Ok(th.tuple_value(&pair))
}

fn power(th: &mut Thread, base: Value, exponent: Value, modulus: Value) -> R<Value> {
    if !(modulus.is_null() || modulus.is_none()) {
        return Err(
            th.type_error("pow() 3rd argument not allowed unless all arguments are integers")
        );
    }
    float_pow(th, base, exponent)
}

/// The hash of a float. NaN is one value here (immediates have no identity), with one hash.
pub fn float_hash(x: f64) -> i64 {
    text::float::hash_float(x).unwrap_or(0)
}

fn get_format(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[1].cast::<Str>().map(|s| s.to_string()).as_deref() {
        Some("double" | "float") => Ok(th.str_value(if cfg!(target_endian = "little") {
            "IEEE, little-endian"
        } else {
            "IEEE, big-endian"
        })),
        Some(_) => Err(th.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
        None => {
            let name = th.type_name(a[1]);
            Err(th.type_error(format!("__getformat__() argument must be str, not {name}")))
        }
    }
}

fn conversions(t: &mut TypeBuilder) {
    t.new("float(cls, x=0, /)", new);
    t.class_method("from_number(type, number, /)", from_number);
    t.class_method("fromhex(type, string, /)", from_hex);
    t.class_method("__getformat__(type, typestr, /)", get_format);
    fn exact(th: &mut Thread, a: &[Value]) -> R<Value> {
        Ok(Value::float(receiver(th, a[0])))
    }
    t.methods(&[
        ("__repr__(self, /)", |th, a| {
            let text = text::float::float_repr(receiver(th, a[0]));
            Ok(th.str_value(&text))
        }),
        ("__format__(self, format_spec, /)", format),
        ("__hash__(self, /)", |th, a| {
            let hash = float_hash(receiver(th, a[0]));
            Ok(th.int(hash))
        }),
        ("__bool__(self, /)", |th, a| {
            Ok(Value::bool(receiver(th, a[0]) != 0.0))
        }),
        ("__int__(self, /)", |th, a| {
            integer(th, receiver(th, a[0]).trunc())
        }),
        ("__trunc__(self, /)", |th, a| {
            integer(th, receiver(th, a[0]).trunc())
        }),
        ("__floor__(self, /)", |th, a| {
            integer(th, receiver(th, a[0]).floor())
        }),
        ("__ceil__(self, /)", |th, a| {
            integer(th, receiver(th, a[0]).ceil())
        }),
        ("__float__(self, /)", exact),
        ("__round__(self, ndigits=None, /)", round),
        ("__getnewargs__(self, /)", |th, a| {
            let x = exact(th, a)?;
            Ok(th.tuple_value(&[x]))
        }),
        ("conjugate(self, /)", exact),
        ("hex(self, /)", |th, a| {
            let text = text::float::float_to_hex(receiver(th, a[0]));
            Ok(th.str_value(&text))
        }),
        ("is_integer(self, /)", |th, a| {
            let x = receiver(th, a[0]);
            Ok(Value::bool(x.is_finite() && x.floor() == x))
        }),
        ("as_integer_ratio(self, /)", ratio),
    ]);
    t.getset("real", |th, v| Ok(Value::float(receiver(th, v))), None);
    t.getset("imag", |_, _| Ok(Value::float(0.0)), None);
}

fn operators(t: &mut TypeBuilder) {
    binary_methods! { t;
        "add" float_add; "sub" float_sub; "mul" float_mul; "floordiv" float_floordiv; "mod" float_mod;
        "divmod" float_divmod; "truediv" float_truediv;
    }
    comparison_methods!(t, |th: &mut Thread, op, a, b| Ok(float_compare(
        th, op, a, b
    )));
    t.methods(&[
        ("__pow__(self, value, mod=None, /)", |th, a| {
            power(th, a[0], a[1], a[2])
        }),
        ("__rpow__(self, value, mod=None, /)", |th, a| {
            power(th, a[1], a[0], a[2])
        }),
        ("__neg__(self, /)", |th, a| {
            Ok(Value::float(-receiver(th, a[0])))
        }),
        ("__pos__(self, /)", |th, a| {
            Ok(Value::float(receiver(th, a[0])))
        }),
        ("__abs__(self, /)", |th, a| {
            Ok(Value::float(receiver(th, a[0]).abs()))
        }),
    ]);
}

/// Defines `float`.
pub fn init(th: &mut Thread) {
    let class = th.rt.types().float;
    th.fill(class, |t| {
        conversions(t);
        operators(t);
        t.doc("Convert a string or number to a floating-point number, if possible.");
    });
}
