//! What every heap object begins with, and typed references to objects.
//!
//! The header is two words: the **head** (address of the object's shape, its kind, flag bits) and
//! the **version word** (`stm::Orec`, design section 5). A layout is a `repr(C)` Rust struct that
//! begins with a [`Header`]; its mutable state is in [`Slot`]s (values) and [`RawSlot`]s (numbers),
//! which only the barriers of [`Thread`](super::Thread) read and write once an object can be seen by
//! others. Everything else in a layout never changes after construction.
//!
//! # The rule for native code
//!
//! Collection happens only at safepoints: the interpreter loop's polls, and blocking calls. Native
//! code that does not run Python code or block needs no care at all. Across a call that may, values in
//! Rust locals are safe as well, because the machine stack is scanned conservatively (objects never
//! move). What is *not* seen are values that only live in Rust's own heap (a `Vec<Value>`, a `Box`):
//! keep those in a [`Roots`](super::Roots), or in an object.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::*};

use keelback_stm::Orec;

use super::collect::Tracer;
use super::value::Value;
use crate::objects::shape::Shape;

/// The built-in layouts. `Native` stands for all those that need no fast path in the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Free,
    Instance,
    Class,
    Shape,
    Str,
    Bytes,
    BigInt,
    Complex,
    Tuple,
    List,
    Dict,
    Set,
    DictBuf,
    ValueBuf,
    Cell,
    Function,
    NativeFunction,
    BoundMethod,
    Generator,
    Code,
    Exception,
    Range,
    Slice,
    Module,
    Property,
    StaticMethod,
    ClassMethod,
    MemberDescriptor,
    GetSet,
    Native,
    Count,
}

/// Flag bits of the head word, above the kind.
pub mod head_flags {
    /// The class says that nobody may add attributes: no room for them.
    pub const NO_DICT: u64 = 1 << 56;
    /// Attributes are in a real dict, kept in the first attribute slot.
    pub const DICT_MODE: u64 = 1 << 57;
    /// There may be weak references to it.
    pub const WEAKLY_REFERENCED: u64 = 1 << 58;
}

const ADDRESS: u64 = (1 << 48) - 1;

/// The two words at the start of every object.
#[repr(C)]
pub struct Header {
    head: AtomicU64,
    orec: Orec,
}

impl Header {
    /// The header of an object that is being built. [`super::Thread::alloc`] fills it in.
    pub const fn empty() -> Header {
        Header {
            head: AtomicU64::new(0),
            orec: Orec::private(0),
        }
    }
    pub(crate) fn new(shape: Option<Ref<Shape>>, kind: Kind, birth: u64) -> Header {
        let address = shape.map_or(0, |s| s.address());
        Header {
            head: AtomicU64::new(address | (kind as u64) << 48),
            orec: Orec::private(birth),
        }
    }
    /// Shape address, kind and flags in one word, as inline caches compare it.
    #[inline(always)]
    pub fn head(&self) -> u64 {
        self.head.load(Relaxed)
    }
    /// The head word as a slot that the barriers may write.
    pub(crate) fn head_word(&self) -> &AtomicU64 {
        &self.head
    }
    #[inline(always)]
    pub fn orec(&self) -> &Orec {
        &self.orec
    }
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        // SAFETY: the byte was written from a `Kind` by `new`, or is 0, which is `Kind::Free`.
        unsafe { std::mem::transmute((self.head() >> 48) as u8) }
    }
    #[inline(always)]
    pub fn shape(&self) -> Ref<Shape> {
        // SAFETY: every object but a shape itself is built with a shape, which its head keeps alive.
        unsafe { Ref::from_address(self.head() & ADDRESS) }
    }
    pub(crate) fn shape_address(&self) -> u64 {
        self.head() & ADDRESS
    }
}

/// The shape that a head word names.
#[inline(always)]
pub fn shape_of_head(head: u64) -> Ref<Shape> {
    // SAFETY: head words are only made from shapes, and shapes live as long as an object or a class has them.
    unsafe { Ref::from_address(head & ADDRESS) }
}

/// A layout: a `repr(C)` struct whose first field is a [`Header`].
///
/// # Safety
///
/// The first field is a `Header`, the struct is `repr(C)`, `KIND` belongs to this type alone (or is
/// `Instance`/`Native` with the discriminating data those kinds need), and `trace` reports every
/// value and reference that the object holds.
pub unsafe trait Layout: Sized + 'static {
    const KIND: Kind;
    fn trace(&self, t: &mut Tracer);
}

/// A reference to an object with layout `T`. Copying is free; the collector keeps what a machine stack
/// or a traced object refers to.
#[repr(transparent)]
pub struct Ref<T>(NonNull<T>, PhantomData<T>);

impl<T> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ref<T> {}
impl<T> PartialEq for Ref<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Ref<T> {}
impl<T> std::hash::Hash for Ref<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state)
    }
}
impl<T> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{:p}", self.0)
    }
}
impl<T: std::fmt::Display> std::fmt::Display for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}
// SAFETY: a Ref is an address; what it leads to is shared only through atomics and immutable data.
unsafe impl<T> Send for Ref<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Ref<T> {}

impl<T> Ref<T> {
    /// # Safety
    /// `address` is that of a live object with layout `T`.
    #[inline(always)]
    pub unsafe fn from_address(address: u64) -> Ref<T> {
        // SAFETY: live objects are not at address 0.
        Ref(
            unsafe { NonNull::new_unchecked(address as *mut T) },
            PhantomData,
        )
    }
    /// # Safety
    /// `v` points to a live object with layout `T`.
    #[inline(always)]
    pub unsafe fn from_value(v: Value) -> Ref<T> {
        // SAFETY: as the caller says; pointers are stored unmasked.
        unsafe { Self::from_address(v.0) }
    }
    #[inline(always)]
    pub fn address(self) -> u64 {
        self.0.as_ptr() as u64
    }
    #[inline(always)]
    pub fn value(self) -> Value {
        Value(self.address())
    }
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }
    /// The object seen as any object.
    #[inline(always)]
    pub fn header(&self) -> &'static Header {
        // SAFETY: every layout begins with a header; the object lives while it can be referred to, and
        // the machine stack that holds this reference keeps it so.
        unsafe { &*(self.0.as_ptr() as *const Header) }
    }
    #[inline(always)]
    pub fn erase(self) -> Ref<Header> {
        Ref(self.0.cast(), PhantomData)
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: see `header`; mutable parts of a layout are atomics.
        unsafe { self.0.as_ref() }
    }
}

impl Value {
    /// The header of the object that this value points to.
    #[inline(always)]
    pub fn header(self) -> Option<&'static Header> {
        // SAFETY: values in the pointer range are only made from live objects.
        if self.is_object() {
            Some(unsafe { &*(self.0 as *const Header) })
        } else {
            None
        }
    }
    /// The kind of the object; `Kind::Free` for immediates and null.
    #[inline(always)]
    pub fn kind(self) -> Kind {
        self.header().map_or(Kind::Free, Header::kind)
    }
    /// The object that this value points to, whatever its layout.
    #[inline(always)]
    pub fn object(self) -> Option<Ref<Header>> {
        // SAFETY: values in the pointer range are only made from live objects, which begin with a header.
        self.is_object().then(|| unsafe { Ref::from_value(self) })
    }
    /// This value as an object of layout `T` (its own kind or a Python subclass of it), if it is one.
    #[inline(always)]
    pub fn cast<T: Layout>(self) -> Option<Ref<T>> {
        debug_assert!(T::KIND as u8 != Kind::Native as u8, "use cast_native");
        // SAFETY: the kind says the layout.
        if self.kind() == T::KIND {
            Some(unsafe { Ref::from_value(self) })
        } else {
            None
        }
    }
    /// As [`Value::cast`] where the caller knows.
    ///
    /// # Safety
    /// The value points to an object of layout `T`.
    #[inline(always)]
    pub unsafe fn cast_unchecked<T: Layout>(self) -> Ref<T> {
        debug_assert!(self.kind() == T::KIND);
        // SAFETY: as the caller says.
        unsafe { Ref::from_value(self) }
    }
}

/// A mutable field that holds a value. Read and write it through the barriers of `Thread`.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    pub const fn new(v: Value) -> Slot {
        Slot(AtomicU64::new(v.0))
    }
    /// The value without a barrier: for an object that this thread owns or alone can see, inside
    /// the closure of `Thread::read`, or for the collector.
    #[inline(always)]
    pub fn peek(&self) -> Value {
        Value(self.0.load(Acquire))
    }
    /// Sets the value without a barrier: only while the object is being built, or for hidden state.
    #[inline(always)]
    pub fn init(&self, v: Value) {
        self.0.store(v.0, Release)
    }
    #[inline(always)]
    pub(crate) fn word(&self) -> &AtomicU64 {
        &self.0
    }
}

/// A mutable field that holds a number.
#[repr(transparent)]
#[derive(Default)]
pub struct RawSlot(AtomicU64);

impl RawSlot {
    pub const fn new(v: u64) -> RawSlot {
        RawSlot(AtomicU64::new(v))
    }
    /// See [`Slot::peek`].
    #[inline(always)]
    pub fn peek(&self) -> u64 {
        self.0.load(Acquire)
    }
    /// See [`Slot::init`].
    #[inline(always)]
    pub fn init(&self, v: u64) {
        self.0.store(v, Release)
    }
    #[inline(always)]
    pub(crate) fn word(&self) -> &AtomicU64 {
        &self.0
    }
}
