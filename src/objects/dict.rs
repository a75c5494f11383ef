//! `dict`: the layout and the operations that the rest of the interpreter uses.

use crate::heap::{Header, Kind, Layout, R, RawSlot, Ref, Slot, Thread, Tracer, Value};

/// The layout of `dict`.
#[repr(C)]
pub struct Dict {
    header: Header,
    pub(crate) buf: Slot,
    pub(crate) used: RawSlot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Dict {
    const KIND: Kind = Kind::Dict;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
}

/// A dict's table.
#[repr(C)]
pub struct DictBuf {
    header: Header,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for DictBuf {
    const KIND: Kind = Kind::DictBuf;
    fn trace(&self, _t: &mut Tracer) {}
}
impl DictBuf {
    pub(crate) fn publish_stripes(&self, _version: u64) {}
}

impl Dict {
    /// A new empty dict.
    pub fn new(_th: &mut Thread) -> Ref<Dict> {
        unimplemented!()
    }
}

impl Ref<Dict> {
    /// The value for `key` (an interned string), or null. Runs no Python code unless the dict has keys that are no strings.
    pub fn get_interned(self, _th: &mut Thread, _key: Value) -> R<Value> {
        unimplemented!()
    }
    /// Sets `key` (an interned string).
    pub fn insert_interned(self, _th: &mut Thread, _key: Value, _v: Value) -> R<()> {
        unimplemented!()
    }
    /// Sets any key.
    pub fn insert(self, _th: &mut Thread, _key: Value, _v: Value) -> R<()> {
        unimplemented!()
    }
    /// The value for any key, or null.
    pub fn get(self, _th: &mut Thread, _key: Value) -> R<Value> {
        unimplemented!()
    }
    /// Removes a key: its value, or null if it was not there.
    pub fn remove(self, _th: &mut Thread, _key: Value) -> R<Value> {
        unimplemented!()
    }
    /// Number of entries.
    pub fn len(self, _th: &mut Thread) -> R<usize> {
        unimplemented!()
    }
    /// A snapshot of the entries in order. Not rooted: they stay alive as long as the dict holds them.
    pub fn items(self, _th: &mut Thread) -> R<Vec<(Value, Value)>> {
        unimplemented!()
    }
}
