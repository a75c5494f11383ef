//! The buffer of a list: values, and version words for stretches of them.

use keelback_stm::Orec;

use crate::heap::{ExecMode, Header, Kind, Layout, Ref, Slot, Thread, Tracer, Value};

/// Buffers of at least so many slots have stripes.
const STRIPED_FROM: usize = 128;
/// Slots per stripe.
pub(super) const STRIPE: usize = 64;

/// A buffer of values, which carries its capacity. The stripes' version words lie behind the values.
#[repr(C)]
pub struct ValueBuf {
    header: Header,
    capacity: usize,
    stripes: usize,
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
        ValueBuf::filled(th, &[], capacity)
    }
    /// A buffer of `items` and null values up to `capacity`.
    pub fn filled(th: &mut Thread, items: &[Value], capacity: usize) -> Ref<ValueBuf> {
        let stripes = if capacity >= STRIPED_FROM && th.rt.settings.mode == ExecMode::Stm {
            capacity.div_ceil(STRIPE)
        } else {
            0
        };
        let class = th.rt.types().value_buffer;
        let fixed = ValueBuf {
            header: Header::empty(),
            capacity,
            stripes,
        };
        let buf = th.alloc(class.root_shape(), fixed, (capacity + stripes) * 8);
        for (s, v) in buf.slots().iter().zip(items) {
            s.init(*v)
        }
        for s in &buf.slots()[items.len()..] {
            s.init(Value::NULL)
        }
        let birth = th.txn.block();
        for orec in buf.orecs() {
            orec.reset(birth)
        }
        buf
    }
    /// Bytes of the whole object.
    pub fn bytes(&self) -> usize {
        size_of::<ValueBuf>() + (self.capacity + self.stripes) * 8
    }
    /// Slots that there are.
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity
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
    /// Slot `i`.
    ///
    /// # Safety
    /// There are so many, and the buffer lives as long as the result is used.
    #[inline(always)]
    pub unsafe fn slot_at<'a>(&self, i: usize) -> &'a Slot {
        debug_assert!(i < self.capacity);
        // SAFETY: as in `slots`.
        unsafe { &*((self as *const ValueBuf).add(1) as *const Slot).add(i) }
    }
    /// The version words of the stripes.
    #[inline(always)]
    pub fn orecs(&self) -> &[Orec] {
        // SAFETY: `stripes` version words follow the slots.
        unsafe {
            std::slice::from_raw_parts(
                ((self as *const ValueBuf).add(1) as *const Orec).add(self.capacity),
                self.stripes,
            )
        }
    }
    /// The version word that guards slot `i`: a stripe's, or the owner's.
    #[inline(always)]
    pub fn guard(&self, owner: &'static Header, i: usize) -> &'static Orec {
        match self.orecs().get(i / STRIPE) {
            // SAFETY: the buffer lives as long as the caller's stack refers to it, as `Ref` has it.
            Some(orec) => unsafe { &*(orec as *const Orec) },
            None => owner.orec(),
        }
    }
    /// Whether there are stripes.
    #[inline(always)]
    pub fn is_striped(&self) -> bool {
        self.stripes != 0
    }
    /// The version word that guards the length of the list whose header is `owner`.
    #[inline(always)]
    pub fn length_guard(&self, owner: &'static Header) -> &'static Orec {
        if self.is_striped() {
            // SAFETY: as in `guard`.
            unsafe { &*(self.header.orec() as *const Orec) }
        } else {
            owner.orec()
        }
    }
    pub(crate) fn publish_stripes(&self, version: u64) {
        for orec in self.orecs() {
            orec.publish(version)
        }
    }
}
