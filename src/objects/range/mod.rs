//! `range` and `slice`: layouts and construction.

mod iter;
mod methods;
mod slice;

pub use iter::{RangeIter, iter};
pub use methods::init;

use crate::heap::{Header, Kind, Layout, Ref, Thread, Tracer, Value};

/// The layout of `range`. The three are ints of any size.
#[repr(C)]
pub struct Range {
    header: Header,
    pub start: Value,
    pub stop: Value,
    pub step: Value,
    /// Number of items, an int of any size.
    pub len: Value,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Range {
    const KIND: Kind = Kind::Range;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.start, self.stop, self.step, self.len])
    }
}

/// The layout of `slice`.
#[repr(C)]
pub struct Slice {
    header: Header,
    pub start: Value,
    pub stop: Value,
    pub step: Value,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Slice {
    const KIND: Kind = Kind::Slice;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.start, self.stop, self.step])
    }
}

impl Thread {
    /// `slice(start, stop, step)`.
    pub fn slice(&mut self, start: Value, stop: Value, step: Value) -> Ref<Slice> {
        let class = self.rt.types().slice;
        self.alloc(
            class.root_shape(),
            Slice {
                header: Header::empty(),
                start,
                stop,
                step,
            },
            0,
        )
    }
    /// A `range` whose length the caller has computed.
    pub fn range(&mut self, start: Value, stop: Value, step: Value, len: Value) -> Ref<Range> {
        let class = self.rt.types().range;
        self.alloc(
            class.root_shape(),
            Range {
                header: Header::empty(),
                start,
                stop,
                step,
                len,
            },
            0,
        )
    }
}
