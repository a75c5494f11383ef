//! A value: one 64-bit word.
//!
//! ```text
//! 0                                            null: unbound, absent
//! 8, 16, 24, ...  (< 4096)                     None, False, True, Ellipsis, NotImplemented, markers
//! 4096 ..= 0x0006_ffff_ffff_ffff               pointer to an object, unmasked
//! 0x0007_0000_0000_0000 ..= 0xfff7_...         float: its bits + FLOAT_BIAS (one canonical NaN)
//! 0xfff8_0000_0000_0000 ..= 0xffff_...         int of 51 bits, two's complement in the low 51
//! ```
//!
//! The bias moves the doubles up so that pointers need no mask; ints have all 13 top bits set, so
//! that one `and` and one compare test two of them. 51 bits rather than 48 because hashes and
//! linear-congruential generators live just above 48.

use std::fmt;

/// One Python value; null stands for "none there".
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(pub u64);

const FLOAT_BIAS: u64 = 0x0007_0000_0000_0000;
const INT_TAG: u64 = 0xfff8_0000_0000_0000;
const POINTER_LIMIT: u64 = FLOAT_BIAS;
const IMMEDIATE_LIMIT: u64 = 4096;
const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

impl Value {
    /// No value.
    pub const NULL: Value = Value(0);
    pub const NONE: Value = Value(8);
    pub const FALSE: Value = Value(16);
    pub const TRUE: Value = Value(24);
    pub const ELLIPSIS: Value = Value(32);
    pub const NOT_IMPLEMENTED: Value = Value(40);
    /// A marker that scripts never see: a slot whose meaning the owner defines.
    pub const MARKER: Value = Value(48);

    /// Largest immediate int.
    pub const INT_MAX: i64 = (1 << 50) - 1;
    /// Smallest immediate int.
    pub const INT_MIN: i64 = -(1 << 50);

    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0 == Self::NONE.0
    }
    /// Is it a pointer to an object?
    #[inline(always)]
    pub const fn is_object(self) -> bool {
        self.0.wrapping_sub(IMMEDIATE_LIMIT) < POINTER_LIMIT - IMMEDIATE_LIMIT
    }
    #[inline(always)]
    pub const fn is_bool(self) -> bool {
        self.0 == Self::TRUE.0 || self.0 == Self::FALSE.0
    }
    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.0 >= INT_TAG
    }
    #[inline(always)]
    pub const fn is_float(self) -> bool {
        self.0.wrapping_sub(FLOAT_BIAS) < INT_TAG - FLOAT_BIAS
    }
    /// Are both immediate ints?
    #[inline(always)]
    pub const fn both_int(a: Value, b: Value) -> bool {
        a.0 & b.0 >= INT_TAG
    }

    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Self::TRUE } else { Self::FALSE }
    }
    /// An int known to fit in 51 bits.
    #[inline(always)]
    pub const fn small(i: i64) -> Value {
        debug_assert!(i >= Self::INT_MIN && i <= Self::INT_MAX);
        Value(i as u64 | INT_TAG)
    }
    /// An int if it fits in 51 bits.
    #[inline(always)]
    pub const fn try_small(i: i64) -> Option<Value> {
        if i >= Self::INT_MIN && i <= Self::INT_MAX {
            Some(Self::small(i))
        } else {
            None
        }
    }
    /// The immediate int; meaningless if it is none.
    #[inline(always)]
    pub const fn int_unchecked(self) -> i64 {
        ((self.0 << 13) as i64) >> 13
    }
    /// The immediate int.
    #[inline(always)]
    pub const fn as_int(self) -> Option<i64> {
        if self.is_int() {
            Some(self.int_unchecked())
        } else {
            None
        }
    }
    /// Sum of two immediate ints if it is one too.
    #[inline(always)]
    pub fn add_ints(a: Value, b: Value) -> Option<Value> {
        // In the top 51 bits the machine's overflow flag is ours.
        let (sum, over) = ((a.0 << 13) as i64).overflowing_add((b.0 << 13) as i64);
        if over {
            None
        } else {
            Some(Value((sum as u64) >> 13 | INT_TAG))
        }
    }
    /// Difference of two immediate ints if it is one too.
    #[inline(always)]
    pub fn sub_ints(a: Value, b: Value) -> Option<Value> {
        let (sum, over) = ((a.0 << 13) as i64).overflowing_sub((b.0 << 13) as i64);
        if over {
            None
        } else {
            Some(Value((sum as u64) >> 13 | INT_TAG))
        }
    }
    /// Product of two immediate ints if it is one too.
    #[inline(always)]
    pub fn mul_ints(a: Value, b: Value) -> Option<Value> {
        let (product, over) = ((a.0 << 13) as i64).overflowing_mul(b.int_unchecked());
        if over {
            None
        } else {
            Some(Value((product as u64) >> 13 | INT_TAG))
        }
    }

    #[inline(always)]
    pub fn float(f: f64) -> Value {
        let bits = if f.is_nan() {
            CANONICAL_NAN
        } else {
            f.to_bits()
        };
        Value(bits.wrapping_add(FLOAT_BIAS))
    }
    /// The float; meaningless if it is none.
    #[inline(always)]
    pub fn float_unchecked(self) -> f64 {
        f64::from_bits(self.0.wrapping_sub(FLOAT_BIAS))
    }
    #[inline(always)]
    pub fn as_float(self) -> Option<f64> {
        if self.is_float() {
            Some(self.float_unchecked())
        } else {
            None
        }
    }
    /// The value itself, or `None` (Rust's) if it is null.
    #[inline(always)]
    pub fn non_null(self) -> Option<Value> {
        if self.is_null() { None } else { Some(self) }
    }
    /// Python's None in place of null.
    #[inline(always)]
    pub fn or_none(self) -> Value {
        if self.is_null() { Self::NONE } else { self }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::NULL => f.write_str("null"),
            Value::NONE => f.write_str("None"),
            Value::TRUE => f.write_str("True"),
            Value::FALSE => f.write_str("False"),
            v if v.is_int() => write!(f, "{}", v.int_unchecked()),
            v if v.is_float() => write!(f, "{:?}", v.float_unchecked()),
            v => write!(f, "@{:#x}", v.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges() {
        for i in [0, 1, -1, Value::INT_MAX, Value::INT_MIN] {
            assert_eq!(Value::small(i).as_int(), Some(i));
            assert!(!Value::small(i).is_float() && !Value::small(i).is_object());
        }
        assert_eq!(Value::try_small(Value::INT_MAX + 1), None);
        for f in [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            f64::MAX,
            -f64::MAX,
        ] {
            let v = Value::float(f);
            assert!(v.is_float() && !v.is_int() && !v.is_object(), "{f}");
            assert_eq!(v.float_unchecked().to_bits(), f.to_bits());
        }
        let nan = Value::float(f64::from_bits(u64::MAX));
        assert!(nan.is_float() && nan.float_unchecked().is_nan());
        assert!(!Value::NONE.is_object() && Value(0x7fff_0000_1000).is_object());
    }

    proptest! {
        #[test]
        fn arithmetic(a in Value::INT_MIN..=Value::INT_MAX, b in Value::INT_MIN..=Value::INT_MAX, s in 0u32..50) {
            for (a, b) in [(a, b), (a >> s, b >> (50 - s)), (a >> 26, b >> 26)] {
                let (x, y) = (Value::small(a), Value::small(b));
                prop_assert!(Value::both_int(x, y));
                prop_assert_eq!(Value::add_ints(x, y), Value::try_small(a + b));
                prop_assert_eq!(Value::sub_ints(x, y), Value::try_small(a - b));
                let exact = a as i128 * b as i128;
                let want = i64::try_from(exact).ok().and_then(Value::try_small);
                prop_assert_eq!(Value::mul_ints(x, y), want);
            }
        }

        #[test]
        fn floats(bits: u64) {
            let f = f64::from_bits(bits);
            let v = Value::float(f);
            prop_assert!(v.is_float());
            prop_assert!(f.is_nan() || v.float_unchecked().to_bits() == bits);
        }
    }
}
