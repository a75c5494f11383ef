//! `int`: immediate up to 51 bits, [`BigInt`] objects beyond.
//!
//! [`arith`] has the operators as the interpreter's slow paths call them, [`methods`] the class.

pub mod arith;
pub mod convert;
pub mod methods;

use std::borrow::Cow;
use std::cmp::Ordering;

use num_bigint::Sign;
use num_traits::ToPrimitive;

use super::BigInt;
use super::protocol::Cmp;
use crate::heap::{Kind, R, Ref, Thread, Value};
pub use arith::*;

/// An int operand of any kind: immediate, bool, big, instance of a subclass.
#[derive(Clone, Copy)]
pub enum Int {
    Small(i64),
    /// Needs more than 64 bits.
    Big(Ref<BigInt>),
}

impl Int {
    /// The int that `v` is, if it is one.
    #[inline]
    pub fn of(v: Value) -> Option<Int> {
        if let Some(i) = v.as_int() {
            return Some(Int::Small(i));
        }
        Self::of_other(v)
    }
    fn of_other(v: Value) -> Option<Int> {
        if let Some(big) = v.cast::<BigInt>() {
            return Some(match big.value.to_i64() {
                Some(i) => Int::Small(i),
                None => Int::Big(big),
            });
        }
        v.is_bool().then_some(Int::Small((v == Value::TRUE) as i64))
    }
    /// As a big integer.
    pub fn to_big(&self) -> Cow<'_, num_bigint::BigInt> {
        match self {
            Int::Small(i) => Cow::Owned((*i).into()),
            Int::Big(big) => Cow::Borrowed(&big.value),
        }
    }
    /// As a machine number, if it fits.
    #[inline]
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Int::Small(i) => Some(*i),
            Int::Big(_) => None,
        }
    }
    #[inline]
    pub fn is_zero(&self) -> bool {
        matches!(self, Int::Small(0))
    }
    /// How many bits the magnitude has.
    #[inline]
    pub fn bits(&self) -> u64 {
        match self {
            Int::Small(i) => u64::from(64 - i.unsigned_abs().leading_zeros()),
            Int::Big(big) => big.value.bits(),
        }
    }
    #[inline]
    pub fn is_negative(&self) -> bool {
        match self {
            Int::Small(i) => *i < 0,
            Int::Big(big) => big.value.sign() == Sign::Minus,
        }
    }
    /// The order of two ints.
    pub fn order(&self, other: &Int) -> Ordering {
        match (self, other) {
            (Int::Small(x), Int::Small(y)) => x.cmp(y),
            (Int::Big(x), Int::Big(y)) => x.value.cmp(&y.value),
            // What does not fit into 64 bits is beyond everything that does.
            (Int::Big(_), Int::Small(_)) if self.is_negative() => Ordering::Less,
            (Int::Big(_), Int::Small(_)) => Ordering::Greater,
            (Int::Small(_), Int::Big(_)) if other.is_negative() => Ordering::Greater,
            (Int::Small(_), Int::Big(_)) => Ordering::Less,
        }
    }
    pub fn hash(&self) -> i64 {
        match self {
            Int::Small(i) => crate::text::float::hash_i64(*i),
            Int::Big(big) => crate::text::float::hash_int(&big.value),
        }
    }
}

impl Cmp {
    /// Does the comparison hold for operands in this order?
    #[inline]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Cmp::Lt => order.is_lt(),
            Cmp::Le => order.is_le(),
            Cmp::Eq => order.is_eq(),
            Cmp::Ne => order.is_ne(),
            Cmp::Gt => order.is_gt(),
            Cmp::Ge => order.is_ge(),
        }
    }
    /// As [`Cmp::holds`], where `None` means that there is no order (NaN).
    #[inline]
    pub fn holds_partly(self, order: Option<Ordering>) -> bool {
        order.map_or(self == Cmp::Ne, |o| self.holds(o))
    }
}

impl Thread {
    /// An instance of `int` itself with the value of `v`, which is an int of any kind.
    pub fn exact_int(&mut self, v: Value) -> Value {
        if v.is_int() || self.class_of(v) == self.rt.types().int {
            return v;
        }
        match Int::of(v) {
            Some(Int::Small(i)) => self.int(i),
            Some(Int::Big(big)) => self.big(big.value.clone()),
            None => v,
        }
    }
    /// An int made from an unsigned number.
    pub fn uint(&mut self, i: u64) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.int(i),
            Err(_) => self.big(i.into()),
        }
    }
    /// An int made from a wide number.
    pub fn wide_int(&mut self, i: i128) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.int(i),
            Err(_) => self.big(i.into()),
        }
    }
    /// Is `v` an int of any kind (`isinstance(v, int)`)?
    #[inline]
    pub fn is_int(&self, v: Value) -> bool {
        v.is_int() || v.is_bool() || v.kind() == Kind::BigInt
    }
    /// `operator.index(v)` as the operand of an operation.
    pub fn index_of(&mut self, v: Value) -> R<Int> {
        if let Some(i) = Int::of(v) {
            return Ok(i);
        }
        let v = self.index(v)?;
        Ok(Int::of(v).expect("index() gives ints"))
    }
    /// `operator.index(v)` as a big integer.
    pub fn index_big(&mut self, v: Value) -> R<num_bigint::BigInt> {
        Ok(self.index_of(v)?.to_big().into_owned())
    }
}
