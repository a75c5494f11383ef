//! `list`: the layout and the operations that the rest of the interpreter uses.

use keelback_stm::Orec;

use crate::heap::{Header, Kind, Layout, R, RawSlot, Ref, Slot, Thread, Tracer, Value};

/// The layout of `list`.
#[repr(C)]
pub struct List {
    header: Header,
    pub(crate) len: RawSlot,
    /// A `ValueBuf`.
    pub(crate) buf: Slot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for List {
    const KIND: Kind = Kind::List;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
}

/// A buffer of values, which carries its capacity.
#[repr(C)]
pub struct ValueBuf {
    header: Header,
    pub(crate) capacity: usize,
    pub(crate) stripes: usize,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for ValueBuf {
    const KIND: Kind = Kind::ValueBuf;
    fn trace(&self, t: &mut Tracer) {
        for s in self.slots() {
            t.slot(s)
        }
    }
}

impl ValueBuf {
    /// A buffer of `capacity` null values.
    pub fn new(th: &mut Thread, capacity: usize) -> Ref<ValueBuf> {
        let stripes = 0;
        let class = th.rt.types().value_buffer;
        let fixed = ValueBuf {
            header: Header::empty(),
            capacity,
            stripes,
        };
        let buf = th.alloc(class.root_shape(), fixed, capacity * 8);
        for s in buf.slots() {
            s.init(Value::NULL)
        }
        buf
    }
    #[inline(always)]
    pub fn slots(&self) -> &[Slot] {
        // SAFETY: `capacity` words follow the fixed part.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const ValueBuf).add(1) as *const Slot,
                self.capacity,
            )
        }
    }
    pub(crate) fn publish_stripes(&self, _version: u64) {}
    /// The version words of the stripes.
    pub fn orecs(&self) -> &[Orec] {
        &[]
    }
}

impl List {
    /// A new list of `items`.
    pub fn new(th: &mut Thread, items: &[Value]) -> Ref<List> {
        let buf = ValueBuf::new(th, items.len());
        for (s, v) in buf.slots().iter().zip(items) {
            s.init(*v)
        }
        let class = th.rt.types().list;
        let list = List {
            header: Header::empty(),
            len: RawSlot::new(items.len() as u64),
            buf: Slot::new(buf.value()),
        };
        th.alloc(class.root_shape(), list, 0)
    }
}

impl Ref<List> {
    pub fn len(self, th: &mut Thread) -> R<usize> {
        Ok(th.get_raw(self, &self.len)? as usize)
    }
    /// Appends an item.
    pub fn push(self, _th: &mut Thread, _v: Value) -> R<()> {
        unimplemented!()
    }
    /// A snapshot of the items. Not rooted: they stay alive as long as the list holds them.
    pub fn items(self, _th: &mut Thread) -> R<Vec<Value>> {
        unimplemented!()
    }
}
