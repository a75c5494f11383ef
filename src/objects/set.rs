//! `set` and `frozenset`.

use crate::heap::{Header, Kind, Layout, Slot, Tracer};

/// The layout of `set` and `frozenset`.
#[repr(C)]
pub struct Set {
    header: Header,
    pub(crate) buf: Slot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Set {
    const KIND: Kind = Kind::Set;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
}
