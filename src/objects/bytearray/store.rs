//! Mutable bytes: what `bytearray` and `array` are made of.
//!
//! The bytes are packed into words of a [`ByteBuf`], because barriers and the undo log work word by word. A [`Store`] is the
//! length and the buffer of one object; growing puts a bigger buffer in place. The object's version word guards the
//! two, the buffer's own guards the bytes.

use std::ops::Range;

use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};

/// A buffer of bytes, which carries its capacity; the words follow it.
pub struct ByteBuf {
    words: usize,
}

impl Payload for ByteBuf {}

impl ByteBuf {
    fn words(&self) -> &[RawSlot] {
        // SAFETY: `new` is the only constructor, and allocates that many words behind the fixed part.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const ByteBuf).add(1) as *const RawSlot,
                self.words,
            )
        }
    }
    fn capacity(&self) -> usize {
        self.words * 8
    }
    /// A buffer that starts with `data`, with room for `capacity` bytes.
    fn new(th: &mut Thread, data: &[u8], capacity: usize) -> R<Ref<Native<ByteBuf>>> {
        let words = capacity.max(data.len()).div_ceil(8);
        th.check_room(words * 8)?;
        let class = th.class_for::<ByteBuf>();
        let buf = th.new_native_sized(class, ByteBuf { words }, words * 8);
        let mut rest = data;
        for slot in buf.words() {
            let n = rest.len().min(8);
            let mut word = [0; 8];
            word[..n].copy_from_slice(&rest[..n]);
            rest = &rest[n..];
            slot.init(u64::from_le_bytes(word));
        }
        Ok(buf)
    }
    /// The bytes in `range`, all as of one moment.
    fn load(th: &mut Thread, buf: Ref<Native<ByteBuf>>, range: Range<usize>) -> R<Vec<u8>> {
        if range.is_empty() {
            return Ok(vec![]);
        }
        let (first, last) = (range.start / 8, (range.end - 1) / 8);
        let mut data = th.read(buf, |buf| {
            let mut data = Vec::with_capacity((last - first + 1) * 8);
            for slot in &buf.words()[first..=last] {
                data.extend(slot.peek().to_le_bytes());
            }
            data
        })?;
        data.truncate(range.end - first * 8);
        let skip = range.start % 8;
        if skip > 0 {
            data.drain(..skip);
        }
        Ok(data)
    }
    /// Writes `data` at `at`.
    fn store(th: &mut Thread, buf: Ref<Native<ByteBuf>>, at: usize, data: &[u8]) -> R<()> {
        th.own(buf)?;
        let (mut at, mut rest) = (at, data);
        while !rest.is_empty() {
            let slot = &buf.words()[at / 8];
            let within = at % 8;
            let n = rest.len().min(8 - within);
            let mut word = slot.peek().to_le_bytes();
            word[within..within + n].copy_from_slice(&rest[..n]);
            th.set_raw(buf, slot, u64::from_le_bytes(word))?;
            at += n;
            rest = &rest[n..];
        }
        Ok(())
    }
}

/// The changing part of an object that holds bytes.
pub struct Store {
    len: RawSlot,
    buf: Slot,
}

impl Store {
    pub fn new(th: &mut Thread, data: &[u8]) -> R<Store> {
        let buf = ByteBuf::new(th, data, data.len())?;
        Ok(Store {
            len: RawSlot::new(data.len() as u64),
            buf: Slot::new(buf.value()),
        })
    }
    pub fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
    /// Length in bytes.
    #[inline]
    pub fn len<T>(&self, th: &mut Thread, owner: Ref<T>) -> R<usize> {
        Ok(th.get_raw(owner, &self.len)? as usize)
    }
    fn parts<T>(&self, th: &mut Thread, owner: Ref<T>) -> R<(usize, Ref<Native<ByteBuf>>)> {
        let (len, buf) = th.read(owner, |_| (self.len.peek() as usize, self.buf.peek()))?;
        let buf = buf.native().expect("a store has a buffer");
        Ok((len, buf))
    }
    /// The byte at `at`, which the caller has checked against the length.
    ///
    /// # Errors
    /// IndexError if it has become too short since.
    #[inline]
    pub fn byte<T>(&self, th: &mut Thread, owner: Ref<T>, at: usize) -> R<u8> {
        let (_, buf) = self.parts(th, owner)?;
        let Some(slot) = buf.words().get(at / 8) else {
            return Err(th.index_error("index out of range"));
        };
        let word = th.get_raw(buf, slot)?;
        Ok((word >> (at % 8 * 8)) as u8)
    }
    /// A copy of all bytes.
    pub fn bytes<T>(&self, th: &mut Thread, owner: Ref<T>) -> R<Vec<u8>> {
        let (len, buf) = self.parts(th, owner)?;
        ByteBuf::load(th, buf, 0..len)
    }
    /// A copy of the bytes in `range`, which is within the length.
    pub fn load<T>(&self, th: &mut Thread, owner: Ref<T>, range: Range<usize>) -> R<Vec<u8>> {
        let (len, buf) = self.parts(th, owner)?;
        ByteBuf::load(th, buf, range.start.min(len)..range.end.min(len))
    }
    /// Writes `data` at `at`, without changing the length.
    ///
    /// # Errors
    /// IndexError if it has become too short: Python code may have run since the caller looked.
    pub fn store<T>(&self, th: &mut Thread, owner: Ref<T>, at: usize, data: &[u8]) -> R<()> {
        let (len, buf) = self.parts(th, owner)?;
        if at + data.len() > len {
            return Err(th.index_error("assignment index out of range"));
        }
        ByteBuf::store(th, buf, at, data)
    }
    /// Puts `data` in place of the bytes in `range`, as far as there still are so many.
    pub fn splice<T>(
        &self,
        th: &mut Thread,
        owner: Ref<T>,
        range: Range<usize>,
        data: &[u8],
    ) -> R<()> {
        let (len, buf) = self.parts(th, owner)?;
        let start = range.start.min(len);
        let range = start..range.end.clamp(start, len);
        if range.len() == data.len() {
            return ByteBuf::store(th, buf, range.start, data);
        }
        let new_len = len - range.len() + data.len();
        let tail = if range.end < len {
            ByteBuf::load(th, buf, range.end..len)?
        } else {
            vec![]
        };
        // A buffer that is mostly room is given up.
        let roomy = buf.capacity() > 64 && new_len < buf.capacity() / 4;
        if new_len <= buf.capacity() && !roomy {
            ByteBuf::store(th, buf, range.start, data)?;
            ByteBuf::store(th, buf, range.start + data.len(), &tail)?;
        } else {
            let mut all = ByteBuf::load(th, buf, 0..range.start)?;
            all.extend_from_slice(data);
            all.extend_from_slice(&tail);
            let room = if roomy {
                new_len
            } else {
                new_len + new_len / 4 + 16
            };
            let new = ByteBuf::new(th, &all, room)?;
            th.set(owner, &self.buf, new.value())?;
        }
        th.set_raw(owner, &self.len, new_len as u64)
    }
    /// Puts `data` in place of everything.
    pub fn replace<T>(&self, th: &mut Thread, owner: Ref<T>, data: &[u8]) -> R<()> {
        let buf = ByteBuf::new(th, data, data.len())?;
        th.set(owner, &self.buf, buf.value())?;
        th.set_raw(owner, &self.len, data.len() as u64)
    }
    /// Appends `data`.
    pub fn extend<T>(&self, th: &mut Thread, owner: Ref<T>, data: &[u8]) -> R<()> {
        let len = self.len(th, owner)?;
        self.splice(th, owner, len..len, data)
    }
    /// Bytes that the present buffer has room for.
    pub fn capacity<T>(&self, th: &mut Thread, owner: Ref<T>) -> R<usize> {
        Ok(self.parts(th, owner)?.1.capacity())
    }
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<ByteBuf>("<byte buffer>", class_flags::NO_NEW, |_| {});
    let _ = Value::NULL;
}
