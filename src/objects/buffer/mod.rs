//! What other types may read or write as bytes: `bytes`, `bytearray`, `array`, `memoryview`, and objects with `__buffer__`.

pub mod item;

use std::borrow::Cow;
use std::ops::Range;

use super::Bytes;
use super::bytearray::ByteArray;
use super::memoryview::MemoryView;
use super::special::Sp;
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::array::Array;

/// The bytes of a bytes-like object: those of `bytes` themselves, a copy of what may change.
pub type Data = Cow<'static, [u8]>;

/// The bytes of a `bytes` object, for as long as the caller keeps the object reachable from its stack.
pub(crate) fn static_bytes(b: Ref<Bytes>) -> &'static [u8] {
    let data = b.as_bytes();
    // SAFETY: `bytes` never change or move, and the caller's stack (its arguments) keeps the object alive.
    unsafe { std::slice::from_raw_parts(data.as_ptr(), data.len()) }
}

/// An object that owns the bytes it lends.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    Bytes(Ref<Bytes>),
    ByteArray(Ref<super::native::Native<ByteArray>>),
    Array(Ref<super::native::Native<Array>>),
}

impl Owner {
    pub fn of(v: Value) -> Option<Owner> {
        if let Some(b) = v.cast::<Bytes>() {
            return Some(Owner::Bytes(b));
        }
        if let Some(b) = v.native::<ByteArray>() {
            return Some(Owner::ByteArray(b));
        }
        v.native::<Array>().map(Owner::Array)
    }
    /// Length in bytes.
    pub fn len(self, th: &mut Thread) -> R<usize> {
        match self {
            Owner::Bytes(b) => Ok(b.as_bytes().len()),
            Owner::ByteArray(b) => b.store.len(th, b),
            Owner::Array(a) => a.store.len(th, a),
        }
    }
    /// The bytes in `range`, cut off at the end.
    pub fn load(self, th: &mut Thread, range: Range<usize>) -> R<Data> {
        Ok(match self {
            Owner::Bytes(b) => {
                let data = static_bytes(b);
                let end = range.end.min(data.len());
                Cow::Borrowed(&data[range.start.min(end)..end])
            }
            Owner::ByteArray(b) => b.store.load(th, b, range)?.into(),
            Owner::Array(a) => a.store.load(th, a, range)?.into(),
        })
    }
    /// Overwrites bytes; BufferError if the object has become too short for it.
    pub fn store(self, th: &mut Thread, at: usize, data: &[u8]) -> R<()> {
        if at + data.len() > self.len(th)? {
            return Err(th.buffer_error("the underlying buffer was resized"));
        }
        match self {
            Owner::Bytes(_) => Err(th.type_error("cannot modify read-only memory")),
            Owner::ByteArray(b) => b.store.store(th, b, at, data),
            Owner::Array(a) => a.store.store(th, a, at, data),
        }
    }
    pub fn is_readonly(self) -> bool {
        matches!(self, Owner::Bytes(_))
    }
}

impl Thread {
    /// Is it `bytes` or `bytearray` (or of a subclass)?
    pub fn is_bytes(&self, v: Value) -> bool {
        v.cast::<Bytes>().is_some() || v.native::<ByteArray>().is_some()
    }
    /// The bytes of an object with a buffer; `None` if it has none.
    pub fn buffer(&mut self, v: Value) -> R<Option<Data>> {
        if let Some(owner) = Owner::of(v) {
            let len = owner.len(self)?;
            return owner.load(self, 0..len).map(Some);
        }
        if let Some(view) = v.native::<MemoryView>() {
            return view.bytes(self).map(Some);
        }
        if self.special(v, Sp::Buffer).is_null() {
            return Ok(None);
        }
        let view = super::memoryview::of(self, v)?;
        match view.native::<MemoryView>() {
            // Nobody else may know the view, so the bytes must not be borrowed from what it keeps alive.
            Some(view) => Ok(Some(view.bytes(self)?.into_owned().into())),
            None => Ok(None),
        }
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
    /// The length in bytes of a buffer that may be written to; TypeError if `v` has none. `what` names the argument
    /// ("readinto() argument").
    pub fn writable_len(&mut self, v: Value, what: &str) -> R<usize> {
        if let Some(owner) = Owner::of(v)
            && !owner.is_readonly()
        {
            return owner.len(self);
        }
        if let Some(view) = v.native::<MemoryView>()
            && !view.is_readonly()
        {
            return view.nbytes(self);
        }
        let name = self.type_name(v);
        Err(self.type_error(format!(
            "{what} must be read-write bytes-like object, not {name}"
        )))
    }
    /// Writes `data` at byte `at` of a writable buffer, see [`Thread::writable_len`].
    pub fn write_buffer(&mut self, v: Value, at: usize, data: &[u8]) -> R<()> {
        if let Some(owner) = Owner::of(v) {
            return owner.store(self, at, data);
        }
        if let Some(view) = v.native::<MemoryView>() {
            return view.write(self, at, data);
        }
        let name = self.type_name(v);
        Err(self.type_error(format!(
            "a read-write bytes-like object is required, not '{name}'"
        )))
    }
}
