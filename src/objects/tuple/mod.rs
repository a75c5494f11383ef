//! `tuple`: layout and construction. Its items never change, so reading them needs no barrier.

mod methods;

pub use methods::{TupleIter, init, iter};
pub(in crate::objects) use methods::{combine_hashes, tuple_hash};

use crate::heap::{Header, Kind, Layout, Ref, Slot, Thread, Tracer, Value};

/// The layout of `tuple` and its subclasses.
#[repr(C)]
pub struct Tuple {
    header: Header,
    /// Attributes of an instance of a subclass.
    pub(crate) attrs: Slot,
    len: usize,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Tuple {
    const KIND: Kind = Kind::Tuple;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.attrs);
        t.values(self.items())
    }
}

impl Tuple {
    /// Offset of `attrs`, for the class.
    pub const ATTRS: usize = std::mem::offset_of!(Tuple, attrs);

    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `len` values follow the fixed part, written when the tuple was made.
        unsafe {
            std::slice::from_raw_parts((self as *const Tuple).add(1) as *const Value, self.len)
        }
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Thread {
    /// A new tuple of `items`.
    #[inline]
    pub fn tuple(&mut self, items: &[Value]) -> Ref<Tuple> {
        let class = self.rt.types().tuple;
        self.tuple_of_class(class, items)
    }
    /// A new tuple, as a value.
    #[inline]
    pub fn tuple_value(&mut self, items: &[Value]) -> Value {
        self.tuple(items).value()
    }
    /// As [`Thread::tuple_value`] of a few items, if memory is at hand: see [`Thread::alloc_quick`].
    #[inline(always)]
    pub(crate) fn tuple_quick(&mut self, items: &[Value]) -> Option<Value> {
        let fixed = Tuple {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            len: items.len(),
        };
        let shape = self.rt.types().tuple.root_shape();
        let tuple = self.alloc_quick(shape, fixed, std::mem::size_of_val(items))?;
        for (i, &item) in items.iter().enumerate() {
            // SAFETY: as in `tuple_of_class`. Volatile: it must not become a call.
            unsafe {
                (tuple.as_ptr().add(1) as *mut Value)
                    .add(i)
                    .write_volatile(item)
            }
        }
        Some(tuple.value())
    }
    /// A new instance of `tuple` or a subclass of it.
    pub fn tuple_of_class(
        &mut self,
        class: Ref<crate::objects::class::Class>,
        items: &[Value],
    ) -> Ref<Tuple> {
        let fixed = Tuple {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            len: items.len(),
        };
        let tuple = self.alloc(class.root_shape(), fixed, std::mem::size_of_val(items));
        // SAFETY: room for the items was just allocated behind the fixed part.
        unsafe {
            std::ptr::copy_nonoverlapping(
                items.as_ptr(),
                tuple.as_ptr().add(1) as *mut Value,
                items.len(),
            )
        };
        tuple
    }
}
