//! `float`: always immediate, except that instances of subclasses are boxed in the layout of `complex`.

pub mod arith;
pub mod methods;

use super::Complex;
use super::int::Int;
use crate::heap::{R, Thread, Value};
pub use arith::*;

impl Thread {
    /// The number in a float or an instance of a subclass of it.
    #[inline]
    pub fn as_float(&self, v: Value) -> Option<f64> {
        if let Some(x) = v.as_float() {
            return Some(x);
        }
        let boxed = v.cast::<Complex>()?;
        self.is_instance(v, self.rt.types().float)
            .then(|| boxed.real)
    }
    /// A float operand: floats, and ints converted (which may overflow). `None` for anything else.
    #[inline]
    pub fn float_operand(&mut self, v: Value) -> R<Option<f64>> {
        if let Some(x) = v.as_float() {
            return Ok(Some(x));
        }
        if let Some(i) = Int::of(v) {
            return Ok(Some(self.int_to_f64(i)?));
        }
        Ok(self.as_float(v))
    }
}
