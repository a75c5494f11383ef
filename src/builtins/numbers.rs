//! Functions about numbers: `abs`, `divmod`, `pow`, `round`, `sum`, bases and characters.

use num_bigint::BigInt;
use num_traits::Signed;
use rustpython_wtf8::{CodePoint, Wtf8Buf};

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::define::Module;
use crate::objects::protocol::BinOp;
use crate::objects::special::Sp;
use crate::objects::string::Str;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            ("abs(number, /)", abs),
            ("divmod(x, y, /)", divmod),
            ("pow(base, exp, mod=None)", pow),
            ("round(number, ndigits=None)", round),
            ("sum(iterable, /, start=0)", sum),
            ("bin(number, /)", bin),
            ("oct(number, /)", oct),
            ("hex(number, /)", hex),
            ("chr(i, /)", chr),
            ("ord(c, /)", ord),
        ],
    );
}

fn abs(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = args[0];
    if let Some(i) = v.as_int() {
        return Ok(th.int(i.abs()));
    }
    if let Some(f) = v.as_float() {
        return Ok(Value::float(f.abs()));
    }
    match th.call_special(v, Sp::Abs, &[])?.non_null() {
        Some(v) => Ok(v),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("bad operand type for abs(): '{name}'")))
        }
    }
}

/// Tries `a`'s method, then `b`'s reflected one (first if `b`'s class derives from `a`'s).
fn binary_special(th: &mut Thread, a: Value, b: Value, sp: Sp, reflected: Sp) -> R<Value> {
    let (ca, cb) = (th.class_of(a), th.class_of(b));
    let mut order = [(a, b, sp), (b, a, reflected)];
    if ca != cb && cb.is_subclass(ca) && cb.special(reflected) != ca.special(reflected) {
        order.swap(0, 1);
    }
    for (x, y, sp) in order {
        if sp == reflected && ca == cb {
            continue;
        }
        let v = th.call_special(x, sp, &[y])?;
        if !v.is_null() && v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
    }
    Ok(Value::NULL)
}

fn divmod(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = binary_special(th, args[0], args[1], Sp::DivMod, Sp::RDivMod)?;
    if v.is_null() {
        let (a, b) = (th.type_name(args[0]), th.type_name(args[1]));
        return Err(th.type_error(format!(
            "unsupported operand type(s) for divmod(): '{a}' and '{b}'"
        )));
    }
    Ok(v)
}

fn pow(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (base, exp, modulus) = (args[0], args[1], args[2]);
    if modulus.is_null() || modulus.is_none() {
        return match th.binary(BinOp::Pow, base, exp) {
            Err(Fail::Raise) => Err(Fail::Raise),
            other => other,
        };
    }
    let v = th.call_special(base, Sp::Pow, &[exp, modulus])?;
    if v.is_null() || v == Value::NOT_IMPLEMENTED {
        let v = th.call_special(exp, Sp::RPow, &[base, modulus])?;
        if !v.is_null() && v != Value::NOT_IMPLEMENTED {
            return Ok(v);
        }
        let (a, b, c) = (th.type_name(base), th.type_name(exp), th.type_name(modulus));
        return Err(th.type_error(format!(
            "unsupported operand type(s) for ** or pow(): '{a}', '{b}', '{c}'"
        )));
    }
    Ok(v)
}

fn round(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (number, digits) = (args[0], args[1]);
    let digits = if digits.is_null() || digits.is_none() {
        &[][..]
    } else {
        &args[1..2]
    };
    match th.call_special(number, Sp::Round, digits)?.non_null() {
        Some(v) => Ok(v),
        None => {
            let name = th.type_name(number);
            Err(th.type_error(format!("type {name} doesn't define __round__ method")))
        }
    }
}

/// A running sum of floats with its lost low part (Neumaier).
struct FloatSum {
    high: f64,
    low: f64,
}

impl FloatSum {
    fn add(&mut self, x: f64) {
        let t = self.high + x;
        if self.high.abs() >= x.abs() {
            self.low += (self.high - t) + x;
        } else {
            self.low += (x - t) + self.high;
        }
        self.high = t;
    }
    fn total(&self) -> f64 {
        // An infinite or undefined low part says nothing.
        if self.low != 0.0 && self.low.is_finite() {
            self.high + self.low
        } else {
            self.high
        }
    }
}

enum Sum {
    Int(i64),
    Float(FloatSum),
    Any(Value),
}

fn sum(th: &mut Thread, args: &[Value]) -> R<Value> {
    let start = if args[1].is_null() {
        Value::small(0)
    } else {
        args[1]
    };
    let types = th.rt.types();
    if th.is_instance(start, types.str) {
        return Err(th.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if th.is_instance(start, types.bytes) {
        return Err(th.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    let bytearray = th.rt.state.get("bytearray");
    if bytearray
        .as_class()
        .is_some_and(|c| th.is_instance(start, c))
    {
        return Err(th.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    let mut acc = match (start.as_int(), start.as_float()) {
        (Some(i), _) => Sum::Int(i),
        (_, Some(f)) => Sum::Float(FloatSum { high: f, low: 0.0 }),
        _ => Sum::Any(start),
    };
    let slot = th.roots.len();
    th.roots.push(start);
    th.for_each(args[0], |th, item| {
        acc = match std::mem::replace(&mut acc, Sum::Int(0)) {
            Sum::Int(a) => match (item.as_int(), item.as_float()) {
                (Some(i), _) => match a.checked_add(i) {
                    Some(s) => Sum::Int(s),
                    None => Sum::Any(th.big(BigInt::from(a) + i)),
                },
                (_, Some(f)) => {
                    let mut sum = FloatSum {
                        high: a as f64,
                        low: 0.0,
                    };
                    sum.add(f);
                    Sum::Float(sum)
                }
                _ => {
                    let a = th.int(a);
                    Sum::Any(th.binary(BinOp::Add, a, item)?)
                }
            },
            Sum::Float(mut a) => {
                if let Some(f) = item.as_float() {
                    a.add(f);
                    Sum::Float(a)
                } else if let Some(i) = item.as_int() {
                    a.add(i as f64);
                    Sum::Float(a)
                } else {
                    let total = Value::float(a.total());
                    Sum::Any(th.binary(BinOp::Add, total, item)?)
                }
            }
            Sum::Any(a) => Sum::Any(th.binary(BinOp::Add, a, item)?),
        };
        if let Sum::Any(v) = acc {
            th.roots.truncate(slot);
            th.roots.push(v);
        }
        Ok(true)
    })?;
    Ok(match acc {
        Sum::Int(i) => th.int(i),
        Sum::Float(f) => Value::float(f.total()),
        Sum::Any(v) => v,
    })
}

fn in_base(th: &mut Thread, v: Value, base: u32, prefix: &str) -> R<Value> {
    let v = th.index(v)?;
    let Some(i) = th.as_bigint(v) else {
        return Err(th.type_error("__index__ returned no int"));
    };
    let sign = if i.is_negative() { "-" } else { "" };
    let text = format!("{sign}{prefix}{}", i.abs().to_str_radix(base));
    Ok(th.str_value(&text))
}

fn bin(th: &mut Thread, args: &[Value]) -> R<Value> {
    in_base(th, args[0], 2, "0b")
}
fn oct(th: &mut Thread, args: &[Value]) -> R<Value> {
    in_base(th, args[0], 8, "0o")
}
fn hex(th: &mut Thread, args: &[Value]) -> R<Value> {
    in_base(th, args[0], 16, "0x")
}

fn chr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = th.index(args[0])?;
    let point = th
        .as_bigint(v)
        .and_then(|i| u32::try_from(i).ok())
        .and_then(CodePoint::from_u32);
    let Some(point) = point else {
        return Err(th.value_error("chr() arg not in range(0x110000)"));
    };
    let mut text = Wtf8Buf::new();
    text.push(point);
    Ok(if point.to_u32() < 256 {
        th.intern_wtf8(text.as_bytes()).value()
    } else {
        th.str_wtf8(&text).value()
    })
}

fn ord(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = args[0];
    let len = if let Some(s) = v.cast::<Str>() {
        if s.len() == 1
            && let Some(c) = s.as_wtf8().code_points().next()
        {
            return Ok(Value::small(c.to_u32() as i64));
        }
        s.len()
    } else if let Some(b) = v.cast::<Bytes>() {
        if let [b] = b.as_bytes() {
            return Ok(Value::small(*b as i64));
        }
        b.as_bytes().len()
    } else if th
        .rt
        .state
        .get("bytearray")
        .as_class()
        .is_some_and(|c| th.is_instance(v, c))
    {
        let len = th.len_of(v)?;
        if len == 1 {
            return th.get_item(v, Value::small(0));
        }
        len
    } else {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "ord() expected string of length 1, but {name} found"
        )));
    };
    Err(th.type_error(format!(
        "ord() expected a character, but string of length {len} found"
    )))
}
