//! Keys: their hashes, and equality where no Python code has a say.

use num_bigint::BigInt as Big;
use num_traits::FromPrimitive;

use super::TableRef;
use crate::heap::{Fail, Kind, R, Thread, Value};
use crate::objects::string::Str;
use crate::objects::tuple::Tuple;
use crate::objects::{BigInt, Bytes, Complex, Types};
use crate::text::float::{hash_float, hash_i64};

/// The 32 bits of a hash that tables keep and address by. Python's hashes of numbers are regular; this is not.
#[inline(always)]
pub fn mix(hash: i64) -> u32 {
    let wide = (hash as u64 ^ 0x9e37_79b9_7f4a_7c15) as u128 * 0xd6e8_feb8_6659_fd93_u128;
    (wide as u64 ^ (wide >> 64) as u64) as u32
}

impl TableRef {
    /// `hash(key)`, mixed for tables.
    #[inline]
    pub fn hash_key(self, th: &mut Thread, key: Value) -> R<u32> {
        match th.hash_value(key) {
            Ok(hash) => Ok(mix(hash)),
            Err(fail) => Err(self.unhashable(th, key, fail)),
        }
    }

    /// Says for what the key was to be hashed, if the error is a plain TypeError.
    #[cold]
    fn unhashable(self, th: &mut Thread, key: Value, fail: Fail) -> Fail {
        let type_error = th.rt.types().exceptions.type_error;
        if fail == Fail::Abort || th.class_of(th.exc) != type_error {
            return fail;
        }
        let error = th.take_exc();
        let message = match th.to_str(error) {
            Ok(message) => message.to_string(),
            Err(fail) => return fail,
        };
        let name = th.type_name(key);
        let role = if self.0.header().kind() == Kind::Set {
            "set element"
        } else {
            "dict key"
        };
        th.type_error(format!("cannot use '{name}' as a {role} ({message})"))
    }
}

impl Thread {
    /// `hash(v)`, with a short way for strings and numbers.
    #[inline]
    pub fn hash_value(&mut self, v: Value) -> R<i64> {
        if let Some(i) = v.as_int() {
            return Ok(hash_i64(i));
        }
        if let Some(s) = v.cast::<Str>()
            && self.class_of(v) == self.rt.types().str
        {
            return Ok(s.hash(self));
        }
        if let Some(hash) = v.as_float().and_then(hash_float) {
            return Ok(hash);
        }
        self.hash(v)
    }
}

/// Tuples nested deeper than this are compared the slow way.
const DEPTH: u32 = 8;

/// `a is b or a == b`, if it can be told without running any Python code: for exact instances of the immutable built-in types.
#[inline]
pub fn pure_eq(types: &Types, a: Value, b: Value) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if Value::both_int(a, b) {
        return Some(false);
    }
    pure_eq_nested(types, a, b, DEPTH)
}

fn pure_eq_nested(types: &Types, a: Value, b: Value, depth: u32) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if depth == 0 || !is_pure(types, a) || !is_pure(types, b) {
        return None;
    }
    if let (Some(x), Some(y)) = (a.cast::<Str>(), b.cast::<Str>()) {
        // Two interned strings at different addresses differ.
        return Some(!(x.is_interned() && y.is_interned()) && x.as_bytes() == y.as_bytes());
    }
    if let (Some(x), Some(y)) = (a.cast::<Tuple>(), b.cast::<Tuple>()) {
        if x.len() != y.len() {
            return Some(false);
        }
        for (&x, &y) in x.items().iter().zip(y.items()) {
            if !pure_eq_nested(types, x, y, depth - 1)? {
                return Some(false);
            }
        }
        return Some(true);
    }
    if let (Some(x), Some(y)) = (a.cast::<Bytes>(), b.cast::<Bytes>()) {
        return Some(x.as_bytes() == y.as_bytes());
    }
    Some(match (Number::of(a), Number::of(b)) {
        (Some(x), Some(y)) => x.equals(&y),
        _ => false,
    })
}

/// Is `v` of a type whose instances never change and compare by what they hold?
fn is_pure(types: &Types, v: Value) -> bool {
    let Some(header) = v.header() else {
        return true;
    };
    let class = header.shape().class();
    match header.kind() {
        Kind::Str => class == types.str,
        Kind::Bytes => class == types.bytes,
        Kind::BigInt => class == types.int,
        Kind::Complex => class == types.complex,
        Kind::Tuple => class == types.tuple,
        _ => false,
    }
}

enum Number {
    Int(i64),
    Big(&'static Big),
    Float(f64),
    Complex(f64, f64),
}

impl Number {
    fn of(v: Value) -> Option<Number> {
        if let Some(i) = v.as_int() {
            return Some(Number::Int(i));
        }
        if let Some(f) = v.as_float() {
            return Some(Number::Float(f));
        }
        if v.is_bool() {
            return Some(Number::Int((v == Value::TRUE) as i64));
        }
        if let Some(big) = v.cast::<BigInt>() {
            let value = &raw const big.value;
            // SAFETY: the value never changes, and the caller's stack keeps the object.
            return Some(Number::Big(unsafe { &*value }));
        }
        let c = v.cast::<Complex>()?;
        Some(Number::Complex(c.real, c.imag))
    }

    fn equals(&self, other: &Number) -> bool {
        use Number::*;
        match (self, other) {
            (Int(a), Int(b)) => a == b,
            // 51 bits fit a float exactly.
            (Int(a), Float(b)) | (Float(b), Int(a)) => *a as f64 == *b,
            (Float(a), Float(b)) => a == b,
            (Big(a), Big(b)) => a == b,
            (Big(a), Float(b)) | (Float(b), Big(a)) => {
                b.fract() == 0.0 && self::Big::from_f64(*b).as_ref() == Some(*a)
            }
            // An int outside 51 bits never equals an immediate one.
            (Big(_), Int(_)) | (Int(_), Big(_)) => false,
            (Complex(a, i), Complex(b, j)) => a == b && i == j,
            (Complex(a, i), n) | (n, Complex(a, i)) => *i == 0.0 && Float(*a).equals(n),
        }
    }
}
