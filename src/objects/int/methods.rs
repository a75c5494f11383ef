//! The class `int`.

use super::convert::{self, receiver};
use super::*;
use crate::objects::define::TypeBuilder;
use crate::objects::string::Str;
use crate::text;

/// Adds `__op__` and `__rop__` methods that end in functions of two operands.
macro_rules! binary_methods {
    ($t:expr; $($name:literal $function:path;)*) => {
        $($t.method(concat!("__", $name, "__(self, value, /)"), |th, a| $function(th, a[0], a[1]));
        $t.method(concat!("__r", $name, "__(self, value, /)"), |th, a| $function(th, a[1], a[0]));)*
    };
}
/// Adds the six comparisons, which end in a function of an operator and two operands.
macro_rules! comparison_methods {
    ($t:expr, $function:expr) => {{
        $t.method("__lt__(self, value, /)", |th, a| {
            $function(th, Cmp::Lt, a[0], a[1])
        });
        $t.method("__le__(self, value, /)", |th, a| {
            $function(th, Cmp::Le, a[0], a[1])
        });
        $t.method("__eq__(self, value, /)", |th, a| {
            $function(th, Cmp::Eq, a[0], a[1])
        });
        $t.method("__ne__(self, value, /)", |th, a| {
            $function(th, Cmp::Ne, a[0], a[1])
        });
        $t.method("__gt__(self, value, /)", |th, a| {
            $function(th, Cmp::Gt, a[0], a[1])
        });
        $t.method("__ge__(self, value, /)", |th, a| {
            $function(th, Cmp::Ge, a[0], a[1])
        });
    }};
}
pub(crate) use {binary_methods, comparison_methods};

fn exact(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(th.exact_int(a[0]))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let limit = th.max_str_digits();
    let text = match receiver(a[0]) {
        Int::Small(i) => i.to_string(),
        Int::Big(big) => th.text(text::int::int_to_decimal(&big.value, limit))?,
    };
    Ok(th.str_value(&text))
}

fn format(th: &mut Thread, a: &[Value]) -> R<Value> {
    let spec = th.format_spec_argument(a[1])?;
    if spec.is_empty() {
        return Ok(th.to_str(a[0])?.value());
    }
    let class = th.type_name(a[0]);
    let limit = th.max_str_digits();
    let n = receiver(a[0]);
    let text = text::format_spec::format_int(&n.to_big(), spec.as_wtf8(), &class, limit);
    let text = th.text(text)?;
    Ok(th.str_wtf8(&text).value())
}

fn power(th: &mut Thread, base: Value, exponent: Value, modulus: Value) -> R<Value> {
    if modulus.is_null() || modulus.is_none() {
        int_pow(th, base, exponent)
    } else {
        int_pow_mod(th, base, exponent, modulus)
    }
}

fn round(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].is_null() || a[1].is_none() {
        return exact(th, a);
    }
    let digits = th.index_of(a[1])?;
    if !digits.is_negative() {
        return exact(th, a);
    }
    let digits = digits.to_i64().map_or(u64::MAX, i64::unsigned_abs);
    let rounded = text::int::round_to_power_of_ten(&receiver(a[0]).to_big(), digits);
    Ok(th.big(rounded))
}

fn bit_length(th: &mut Thread, a: &[Value]) -> R<Value> {
    let bits = match receiver(a[0]) {
        Int::Small(i) => (64 - i.unsigned_abs().leading_zeros()) as u64,
        Int::Big(big) => big.value.bits(),
    };
    Ok(th.uint(bits))
}

fn bit_count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let ones = match receiver(a[0]) {
        Int::Small(i) => i.unsigned_abs().count_ones() as u64,
        Int::Big(big) => text::int::bit_count(&big.value),
    };
    Ok(th.uint(ones))
}

fn sizeof(th: &mut Thread, a: &[Value]) -> R<Value> {
    // What CPython says: a header of 24 bytes and a word for each 30 bits.
    let bits = bit_length(th, a)?.as_int().unwrap_or(0);
    Ok(Value::small(24 + 4 * (bits + 29).div_euclid(30).max(1)))
}

fn conversions(t: &mut TypeBuilder) {
    t.new("int(cls, x=0, /, base=10)", convert::new);
    t.method(
        "to_bytes(self, /, length=1, byteorder='big', *, signed=False)",
        convert::to_bytes,
    );
    t.class_method(
        "from_bytes(type, /, bytes, byteorder='big', *, signed=False)",
        convert::from_bytes,
    );
    t.methods(&[
        ("__repr__(self, /)", repr),
        ("__format__(self, format_spec, /)", format),
        ("__hash__(self, /)", |th, a| {
            Ok(th.int(receiver(a[0]).hash()))
        }),
        ("__bool__(self, /)", |_, a| {
            Ok(Value::bool(!receiver(a[0]).is_zero()))
        }),
        ("__int__(self, /)", exact),
        ("__index__(self, /)", exact),
        ("__float__(self, /)", |th, a| {
            Ok(Value::float(th.int_to_f64(receiver(a[0]))?))
        }),
        ("__trunc__(self, /)", exact),
        ("__floor__(self, /)", exact),
        ("__ceil__(self, /)", exact),
        ("__round__(self, ndigits=None, /)", round),
        ("__getnewargs__(self, /)", |th, a| {
            let n = exact(th, a)?;
            Ok(th.tuple_value(&[n]))
        }),
        ("__sizeof__(self, /)", sizeof),
        ("conjugate(self, /)", exact),
        ("bit_length(self, /)", bit_length),
        ("bit_count(self, /)", bit_count),
        ("is_integer(self, /)", |_, _| Ok(Value::TRUE)),
        ("as_integer_ratio(self, /)", |th, a| {
            let n = exact(th, a)?;
            Ok(th.tuple_value(&[n, Value::small(1)]))
        }),
    ]);
    t.getset("real", |th, v| Ok(th.exact_int(v)), None);
    t.getset("imag", |_, _| Ok(Value::small(0)), None);
    t.getset("numerator", |th, v| Ok(th.exact_int(v)), None);
    t.getset("denominator", |_, _| Ok(Value::small(1)), None);
}

fn operators(t: &mut TypeBuilder) {
    binary_methods! { t;
        "add" int_add; "sub" int_sub; "mul" int_mul; "floordiv" int_floordiv; "mod" int_mod; "divmod" int_divmod;
        "truediv" int_truediv; "lshift" int_lshift; "rshift" int_rshift; "and" int_and; "or" int_or; "xor" int_xor;
    }
    comparison_methods!(t, |_: &mut Thread, op, a, b| Ok(int_compare(op, a, b)));
    t.methods(&[
        ("__pow__(self, value, mod=None, /)", |th, a| {
            power(th, a[0], a[1], a[2])
        }),
        ("__rpow__(self, value, mod=None, /)", |th, a| {
            power(th, a[1], a[0], a[2])
        }),
        ("__neg__(self, /)", |th, a| int_neg(th, a[0])),
        ("__pos__(self, /)", exact),
        ("__abs__(self, /)", |th, a| int_abs(th, a[0])),
        ("__invert__(self, /)", |th, a| int_invert(th, a[0])),
    ]);
}

/// Defines `int`.
pub fn init(th: &mut Thread) {
    let class = th.rt.types().int;
    th.fill(class, |t| {
        conversions(t);
        operators(t);
        t.doc("int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer.");
    });
}

impl Thread {
    /// The argument of `__format__`, which must be a string.
    pub fn format_spec_argument(&mut self, v: Value) -> R<Ref<Str>> {
        match v.cast::<Str>() {
            Some(s) => Ok(s),
            None => {
                let name = self.type_name(v);
                Err(self.type_error(format!("__format__() argument must be str, not {name}")))
            }
        }
    }
}
