//! What other types may read or write as bytes: `bytes`, `bytearray`, `array`, `memoryview`, and objects with `__buffer__`.

use std::borrow::Cow;

use super::Bytes;
use super::special::Sp;
use crate::heap::{R, Ref, Thread, Value};

/// The bytes of a bytes-like object: those of `bytes` themselves, a copy of what may change.
pub type Data = Cow<'static, [u8]>;

/// The bytes of a `bytes` object, for as long as the caller keeps the object reachable from its stack.
pub(crate) fn static_bytes(b: Ref<Bytes>) -> &'static [u8] {
    let data = b.as_bytes();
    // SAFETY: `bytes` never change or move, and the caller's stack (its arguments) keeps the object alive.
    unsafe { std::slice::from_raw_parts(data.as_ptr(), data.len()) }
}

impl Thread {
    /// Is it `bytes` or `bytearray` (or of a subclass)?
    pub fn is_bytes(&self, v: Value) -> bool {
        v.cast::<Bytes>().is_some()
    }
    /// The bytes of an object with a buffer; `None` if it has none.
    pub fn buffer(&mut self, v: Value) -> R<Option<Data>> {
        if let Some(b) = v.cast::<Bytes>() {
            return Ok(Some(Cow::Borrowed(static_bytes(b))));
        }
        if self.special(v, Sp::Buffer).is_null() {
            return Ok(None);
        }
        Ok(None)
    }
    /// The bytes of a bytes-like object, or TypeError.
    pub fn bytes_like(&mut self, v: Value) -> R<Data> {
        match self.buffer(v)? {
            Some(data) => Ok(data),
            None => {
                let name = self.type_name(v);
                Err(self.type_error(format!("a bytes-like object is required, not '{name}'")))
            }
        }
    }
}
