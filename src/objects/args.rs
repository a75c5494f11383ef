//! Turning arguments of native functions into numbers and ranges.

use num_traits::Signed;

use super::range::Slice;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::text::str_ops::SliceIndices;

impl Thread {
    /// Raises `MemoryError()`.
    #[cold]
    pub fn no_memory(&mut self) -> Fail {
        let class = self.rt.types().exceptions.memory_error;
        self.raise_args(class, &[])
    }
    /// MemoryError unless there is room for an object of `bytes` bytes.
    #[inline]
    pub fn check_room(&mut self, bytes: usize) -> R<()> {
        if bytes > 1 << 16 && !self.has_room(bytes) {
            return Err(self.no_memory());
        }
        Ok(())
    }
    /// MemoryError if `bytes` bytes can never be had.
    #[inline]
    pub fn check_size(&mut self, bytes: usize) -> R<()> {
        if bytes > 1 << 16 && bytes > self.rt.max_heap.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(self.no_memory());
        }
        Ok(())
    }
    /// An integer argument as a machine number, null being `default`.
    #[inline]
    pub fn ssize_or(&mut self, v: Value, default: isize) -> R<isize> {
        if v.is_null() {
            return Ok(default);
        }
        self.ssize(v)
    }
    /// An integer argument as a machine number.
    #[inline]
    pub fn ssize(&mut self, v: Value) -> R<isize> {
        if let Some(i) = v.as_int() {
            return Ok(i as isize);
        }
        let v = self.index(v)?;
        let small = self
            .as_bigint(v)
            .and_then(|i| i64::try_from(i).ok().map(|i| i as isize));
        small.ok_or_else(|| self.overflow_error("Python int too large to convert to C ssize_t"))
    }
    /// A bound of a slice: nothing for `None` or null; numbers out of range are clamped.
    pub fn slice_bound(&mut self, v: Value) -> R<Option<isize>> {
        if let Some(i) = v.as_int() {
            return Ok(Some(i as isize));
        }
        if v.is_null() || v.is_none() {
            return Ok(None);
        }
        if self.special(v, super::special::Sp::Index).is_null() {
            return Err(self
                .type_error("slice indices must be integers or None or have an __index__ method"));
        }
        let v = self.index(v)?;
        let Some(i) = self.as_bigint(v) else {
            return Ok(Some(0));
        };
        let clamped = if i.is_negative() {
            isize::MIN
        } else {
            isize::MAX
        };
        Ok(Some(i64::try_from(&i).map_or(clamped, |i| i as isize)))
    }
    /// What a slice means in a sequence of `len` items.
    pub fn slice_indices(&mut self, s: Ref<Slice>, len: usize) -> R<SliceIndices> {
        let step = self.slice_bound(s.step)?.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let start = self.slice_bound(s.start)?;
        let stop = self.slice_bound(s.stop)?;
        Ok(SliceIndices::resolve(start, stop, step, len))
    }
    /// A subscript as a position, before it is checked against a length. `None` if `v` is no index at all.
    pub fn subscript(&mut self, v: Value) -> R<Option<isize>> {
        if let Some(i) = v.as_int() {
            return Ok(Some(i as isize));
        }
        if self.special(v, super::special::Sp::Index).is_null() {
            return Ok(None);
        }
        let v = self.index(v)?;
        let small = self.as_bigint(v).and_then(|i| i64::try_from(i).ok());
        match small {
            Some(i) => Ok(Some(i as isize)),
            None => Err(self.index_error("cannot fit 'int' into an index-sized integer")),
        }
    }
    /// How often to repeat a sequence: the right side of `*`. `None` if it is no integer.
    pub fn repeat_count(&mut self, v: Value) -> R<Option<isize>> {
        if let Some(i) = v.as_int() {
            return Ok(Some(i as isize));
        }
        if self.special(v, super::special::Sp::Index).is_null() {
            return Ok(None);
        }
        let v = self.index(v)?;
        let small = self.as_bigint(v).and_then(|i| i64::try_from(i).ok());
        match small {
            Some(i) => Ok(Some(i as isize)),
            None => Err(self.overflow_error("cannot fit 'int' into an index-sized integer")),
        }
    }
    /// Does the class of `v` have a reflected operator written in Python? A sequence's operator leaves the decision to
    /// it, and otherwise raises its own TypeError.
    pub fn has_reflected(&self, v: Value, sp: super::special::Sp) -> bool {
        let found = self.special(v, sp);
        !found.is_null() && found.kind() != crate::heap::Kind::NativeFunction
    }
}
