//! `int(...)` and the other ways to make an int from something else.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::Int;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::Class;
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::objects::{BigInt, Bytes};
use crate::text;

/// `sys.get_int_max_str_digits()`: the longest decimal text that is converted; 0 for no limit.
pub struct MaxStrDigits(pub AtomicUsize);

impl Default for MaxStrDigits {
    fn default() -> Self {
        MaxStrDigits(AtomicUsize::new(text::int::DEFAULT_MAX_STR_DIGITS))
    }
}

impl Thread {
    /// The limit on the length of decimal texts of ints.
    pub fn max_str_digits(&self) -> usize {
        self.rt.state.max_str_digits.0.load(Relaxed)
    }
    /// An instance of `class`, which is `int` or a subclass.
    pub fn int_of_class(&mut self, class: Ref<Class>, v: Value) -> Value {
        if class == self.rt.types().int {
            return self.exact_int(v);
        }
        let value = self.as_bigint(v).unwrap_or_default();
        self.alloc(class.root_shape(), BigInt::new(value), 0)
            .value()
    }

    /// `int(v)`: an exact int.
    pub fn to_int(&mut self, v: Value) -> R<Value> {
        if v.is_int() || self.class_of(v) == self.rt.types().int {
            return Ok(v);
        }
        let number = self.call_special(v, Sp::Int, &[])?;
        if !number.is_null() {
            if !self.is_int(number) {
                let name = self.type_name(number);
                return Err(self.type_error(format!("__int__ returned non-int (type {name})")));
            }
            return Ok(self.exact_int(number));
        }
        if !self.special(v, Sp::Index).is_null() {
            return self.index(v);
        }
        if let Some(result) = self.parse_int(v, 10)? {
            return Ok(result);
        }
        let name = self.type_name(v);
        Err(self.type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{name}'"
        )))
    }

    /// The int that a text or bytes-like object spells; `None` if `v` is neither.
    pub fn parse_int(&mut self, v: Value, base: u32) -> R<Option<Value>> {
        let limit = self.max_str_digits();
        if let Some(s) = v.cast::<Str>() {
            self.check_bits(3 * s.as_bytes().len() as u64)?;
        }
        let parsed = if let Some(s) = v.cast::<Str>() {
            if let Some(small) = parse_short(s.as_bytes(), base) {
                return Ok(Some(Value::small(small)));
            }
            text::int::parse_int(s.as_wtf8(), base, limit)
        } else if let Some(b) = v.cast::<Bytes>() {
            text::int::parse_int_bytes(b.as_bytes(), base, limit)
        } else if let Some(data) = self.buffer(v)? {
            text::int::parse_int_bytes(&data, base, limit)
        } else {
            return Ok(None);
        };
        let big = self.text(parsed)?;
        Ok(Some(self.big(big)))
    }
}

/// Up to 15 plain decimal digits, as most texts of numbers are.
fn parse_short(text: &[u8], base: u32) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if base != 10 || digits.is_empty() || digits.len() > 15 {
        return None;
    }
    let mut n = 0;
    for &b in digits {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n * 10 + (b - b'0') as i64;
    }
    Some(if negative { -n } else { n })
}

/// `int.__new__`.
pub(super) fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let &[class, x, base] = args else {
        unreachable!("bound by the signature")
    };
    let Some(class) = class.as_class() else {
        return Err(th.type_error("int.__new__(X): X is not a type object"));
    };
    if x.is_null() {
        if !base.is_null() {
            return Err(th.type_error("int() missing string argument"));
        }
        return Ok(th.int_of_class(class, Value::small(0)));
    }
    if base.is_null() {
        let v = th.to_int(x)?;
        return Ok(th.int_of_class(class, v));
    }
    let base = th.index_of(base)?;
    let base = match base.to_i64() {
        Some(b) if b == 0 || (2..=36).contains(&b) => b as u32,
        _ => return Err(th.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    match th.parse_int(x, base)? {
        Some(v) => Ok(th.int_of_class(class, v)),
        None => Err(th.type_error("int() can't convert non-string with explicit base")),
    }
}

/// Whether a `byteorder` argument says little-endian. Null means big-endian.
fn is_little_endian(th: &mut Thread, function: &str, v: Value) -> R<bool> {
    let Some(text) = v.non_null() else {
        return Ok(false);
    };
    match text.cast::<Str>() {
        None => {
            let name = th.type_name(text);
            Err(th.type_error(format!(
                "{function}() argument 'byteorder' must be str, not {name}"
            )))
        }
        Some(s) => match s.as_bytes() {
            b"little" => Ok(true),
            b"big" => Ok(false),
            _ => Err(th.value_error("byteorder must be either 'little' or 'big'")),
        },
    }
}

fn is_true(th: &mut Thread, v: Value) -> R<bool> {
    if v.is_null() { Ok(false) } else { th.truth(v) }
}

/// `int.to_bytes`.
pub(super) fn to_bytes(th: &mut Thread, args: &[Value]) -> R<Value> {
    let length = if args[1].is_null() {
        1
    } else {
        th.index_i64(args[1])?
    };
    let little = is_little_endian(th, "to_bytes", args[2])?;
    let signed = is_true(th, args[3])?;
    let Ok(length) = usize::try_from(length) else {
        return Err(th.value_error("length argument must be non-negative"));
    };
    if !th.has_room(length) {
        return Err(th.memory_error(""));
    }
    let n = th.index_of(args[0])?;
    let bytes = text::int::int_to_bytes(&n.to_big(), length, little, signed);
    let bytes = th.text(bytes)?;
    Ok(th.bytes(&bytes).value())
}

/// `int.from_bytes`.
pub(super) fn from_bytes(th: &mut Thread, args: &[Value]) -> R<Value> {
    let little = is_little_endian(th, "from_bytes", args[2])?;
    let signed = is_true(th, args[3])?;
    let data = byte_string(th, args[1])?;
    th.check_bits(8 * data.len() as u64)?;
    let n = text::int::int_from_bytes(&data, little, signed);
    let n = th.big(n);
    if args[0] == th.rt.types().int.value() {
        return Ok(n);
    }
    th.call(args[0], &[n])
}

/// The bytes of a bytes-like object, of something with `__bytes__`, or of an iterable of ints.
fn byte_string(th: &mut Thread, v: Value) -> R<Vec<u8>> {
    let special = th.call_special(v, Sp::Bytes, &[])?;
    if !special.is_null() {
        return match special.cast::<Bytes>() {
            Some(b) => Ok(b.as_bytes().to_vec()),
            None => {
                let name = th.type_name(special);
                Err(th.type_error(format!("__bytes__ returned non-bytes (type {name})")))
            }
        };
    }
    if let Some(data) = th.buffer(v)? {
        return Ok(data.into_owned());
    }
    if v.cast::<Str>().is_some() || th.special(v, Sp::Iter).is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!("cannot convert '{name}' object to bytes")));
    }
    let mut data = vec![];
    th.for_each(v, |th, item| {
        let n = th.index_of(item)?;
        match n.to_i64().and_then(|i| u8::try_from(i).ok()) {
            Some(byte) => data.push(byte),
            None => return Err(th.value_error("bytes must be in range(0, 256)")),
        }
        Ok(true)
    })?;
    Ok(data)
}

/// The int operand of a method whose receiver is known to be an int.
pub(super) fn receiver(v: Value) -> Int {
    Int::of(v).expect("the receiver of an int method was checked")
}
