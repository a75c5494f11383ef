//! Classes.
//!
//! A class has a dict of its own names and a table of its **special methods**, resolved along the method order
//! (`__add__` is `class.specials[Sp::Add]`: what the dicts of the method order say, or null). The interpreter's
//! operators only look there. Tables and every cached lookup are hidden state derived from the dicts; whoever changes
//! a class' dict does it through [`Thread::class_set`], which brings the tables of the class and its subclasses up to
//! date and moves the runtime's `epoch` on.
//!
//! The tables, the flags, the bases and the method order are read without barriers, everywhere. So they are written only while the other
//! threads are kept between two blocks, until the writing block has ended (`Thread::uncache_until_commit`); and by way of
//! the undo log, so that a rollback takes them back.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::*};

use parking_lot::Mutex;

use super::dict::Dict;
use super::shape::Shape;
use super::special::Sp;
use super::string::Str;
use super::tuple::Tuple;
use crate::heap::{Header, Kind, Layout, R, RawSlot, Ref, Slot, Thread, Tracer, Value};

/// How instances of a class look in memory before their attributes.
#[derive(Clone, Copy, Debug)]
pub struct LayoutInfo {
    pub kind: Kind,
    /// `size_of` the layout.
    pub bytes: usize,
    /// For layouts of variable length: the byte offset of the word that may hold a dict.
    pub attrs_offset: Option<usize>,
}

impl LayoutInfo {
    /// A layout of fixed length.
    pub const fn of<T: Layout>() -> LayoutInfo {
        LayoutInfo {
            kind: T::KIND,
            bytes: size_of::<T>(),
            attrs_offset: None,
        }
    }
    /// A layout with a variable part behind it, which has a word for attributes at `attrs_offset`.
    pub const fn variable<T: Layout>(attrs_offset: usize) -> LayoutInfo {
        LayoutInfo {
            kind: T::KIND,
            bytes: size_of::<T>(),
            attrs_offset: Some(attrs_offset),
        }
    }
}

/// Properties of a class, in `Class::flags`.
pub mod class_flags {
    /// Made by a `class` statement: may be changed.
    pub const HEAP: u64 = 1;
    /// May be subclassed.
    pub const BASE: u64 = 2;
    /// Has abstract methods left.
    pub const ABSTRACT: u64 = 4;
    /// Instances have `__del__`.
    pub const HAS_DEL: u64 = 8;
    /// Is a class of exceptions.
    pub const EXCEPTION: u64 = 16;
    /// Is a metaclass.
    pub const TYPE: u64 = 32;
    /// Matches sequence patterns.
    pub const SEQUENCE: u64 = 64;
    /// Matches mapping patterns.
    pub const MAPPING: u64 = 128;
    /// A class pattern with one positional part matches the subject itself (int, str ...).
    pub const MATCH_SELF: u64 = 256;
    /// Calling it directly is refused ("cannot create 'x' instances").
    pub const NO_NEW: u64 = 512;
    /// Instances have a `__dict__`.
    pub const DICT: u64 = 1024;
    /// Instances may be weakly referenced.
    pub const WEAKREF: u64 = 2048;
    /// `__getattribute__` is `object`'s and there is no `__getattr__`: attribute loads may be cached.
    pub const PLAIN_GET: u64 = 4096;
    /// `__setattr__` and `__delattr__` are `object`'s.
    pub const PLAIN_SET: u64 = 8192;
    /// `__new__` is `object`'s.
    pub const PLAIN_NEW: u64 = 16384;
}

/// What steps an iterator of a native class: the next item, or null at the end.
pub type NextFn = fn(&mut Thread, Value) -> R<Value>;

/// See the module's text.
#[repr(C)]
pub struct Class {
    header: Header,
    pub name: Slot,
    pub qualname: Slot,
    /// The base that determines the layout.
    pub base: Slot,
    pub bases: Slot,
    pub mro: Slot,
    pub dict: Slot,
    root_shape: Slot,
    /// Read without a barrier, written through one.
    pub flags: RawSlot,
    /// A `NextFn`, or 0. For instances of this very class, not of subclasses.
    next: AtomicUsize,
    pub layout: LayoutInfo,
    /// Bytes before the attribute words: layout and `__slots__` members.
    pub fixed_bytes: usize,
    pub specials: [Slot; Sp::COUNT],
    /// Addresses of direct subclasses; dead ones are dropped at collections. Not transactional: it changes when a block has committed
    /// (`Thread::edit_subclasses_at_commit`).
    pub subclasses: Mutex<Vec<Ref<Class>>>,
    /// For a native class of a module: its name with the module's before it, as messages have it.
    pub(super) full_name: OnceLock<&'static str>,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Class {
    const KIND: Kind = Kind::Class;
    fn trace(&self, t: &mut Tracer) {
        for slot in [
            &self.name,
            &self.qualname,
            &self.base,
            &self.bases,
            &self.mro,
            &self.dict,
            &self.root_shape,
        ] {
            t.slot(slot)
        }
        for slot in &self.specials {
            t.slot(slot)
        }
        for c in &*self.subclasses.lock() {
            t.reference(*c)
        }
    }
}

/// `flags` with `flag` on or off.
pub(super) fn with_flag(flags: u64, flag: u64, on: bool) -> u64 {
    if on { flags | flag } else { flags & !flag }
}

/// Attribute words that instances of a new class start with.
const FIRST_CAPACITY: usize = 4;

impl Class {
    /// A class without bases or method order yet: the raw material of `type.__new__` and of the built-in types.
    /// `slots` is the number of `__slots__` words that follow `base_bytes`.
    pub fn raw(
        th: &mut Thread,
        meta: Option<Ref<Class>>,
        name: Value,
        layout: LayoutInfo,
        base_bytes: usize,
        slots: usize,
        flags: u64,
    ) -> Ref<Class> {
        let class = Class {
            header: Header::empty(),
            name: Slot::new(name),
            qualname: Slot::new(name),
            base: Slot::new(Value::NULL),
            bases: Slot::new(Value::NULL),
            mro: Slot::new(Value::NULL),
            dict: Slot::new(Value::NULL),
            root_shape: Slot::new(Value::NULL),
            flags: RawSlot::new(flags),
            next: AtomicUsize::new(0),
            layout,
            fixed_bytes: base_bytes.max(layout.bytes).next_multiple_of(8) + slots * 8,
            specials: [const { Slot::new(Value::NULL) }; Sp::COUNT],
            subclasses: Mutex::default(),
            full_name: OnceLock::new(),
        };
        let class = match meta {
            Some(meta) => {
                let shape = meta.root_shape();
                th.alloc(shape, class, 0)
            }
            // Its shape will say that it has as much room as other classes.
            None => th.alloc_shapeless(class, (FIRST_CAPACITY + 1) * 8),
        };
        class.renew_root_shape(th, FIRST_CAPACITY);
        class
    }

    #[inline(always)]
    pub fn root_shape(&self) -> Ref<Shape> {
        // SAFETY: always set, to a shape.
        unsafe { self.root_shape.peek().cast_unchecked() }
    }
    #[inline(always)]
    pub fn has_flag(&self, flag: u64) -> bool {
        self.flags.peek() & flag != 0
    }
    /// For a class that is being made, and that nobody has seen.
    pub(super) fn init_flag(&self, flag: u64, on: bool) {
        self.flags.init(with_flag(self.flags.peek(), flag, on))
    }
    /// What special method `sp` resolves to, or null.
    #[inline(always)]
    pub fn special(&self, sp: Sp) -> Value {
        self.specials[sp as usize].peek()
    }
    /// How to step an iterator of this class without a call of `__next__`, if it is a native one.
    #[inline(always)]
    pub fn native_next(&self) -> Option<NextFn> {
        match self.next.load(Relaxed) {
            0 => None,
            // SAFETY: only `set_native_next` stores there.
            f => Some(unsafe { std::mem::transmute::<usize, NextFn>(f) }),
        }
    }
    pub(super) fn set_native_next(&self, f: NextFn) {
        self.next.store(f as usize, Relaxed)
    }
    /// The method resolution order.
    pub fn mro(&self) -> Ref<Tuple> {
        // SAFETY: a tuple once the class is ready.
        unsafe { self.mro.peek().cast_unchecked() }
    }
    pub fn bases(&self) -> Ref<Tuple> {
        // SAFETY: a tuple once the class is ready.
        unsafe { self.bases.peek().cast_unchecked() }
    }
    pub fn dict(&self) -> Ref<Dict> {
        // SAFETY: a dict once the class is ready.
        unsafe { self.dict.peek().cast_unchecked() }
    }
    pub fn name(&self) -> Ref<Str> {
        // SAFETY: always a string.
        unsafe { self.name.peek().cast_unchecked() }
    }
    /// The name in messages: with the module before it for native classes of modules.
    pub fn shown_name(&self) -> String {
        match self.full_name.get() {
            Some(name) => name.to_string(),
            None => self.name().to_string(),
        }
    }
    pub fn base(&self) -> Option<Ref<Class>> {
        self.base.peek().cast()
    }
    /// Is this class, or one that it derives from (by the method order), `other`?
    pub fn is_subclass(&self, other: Ref<Class>) -> bool {
        std::ptr::eq(self, &*other)
            || self
                .mro
                .peek()
                .cast::<Tuple>()
                .is_some_and(|mro| mro.items().contains(&other.value()))
    }
}

impl Ref<Class> {
    /// Gives future instances room for `capacity` attributes in line.
    pub fn renew_root_shape(self, th: &mut Thread, capacity: usize) {
        let shape = self.root_shape_with(th, capacity);
        self.root_shape.init(shape.value());
    }

    /// A shape without attributes that has room for `capacity` of them in line.
    pub fn root_shape_with(self, th: &mut Thread, capacity: usize) -> Ref<Shape> {
        let shape = if !self.has_flag(class_flags::DICT) {
            Shape::root(th, Some(self), self.fixed_bytes, 0, 0)
        } else if let Some(offset) = self.layout.attrs_offset {
            Shape::root(th, Some(self), self.layout.bytes, offset, 0)
        } else {
            Shape::root(th, Some(self), self.fixed_bytes, self.fixed_bytes, capacity)
        };
        th.publish_hidden(shape.value());
        shape
    }

    /// The head word for a fresh instance: `DICT_MODE` is only set with a dict in place.
    pub fn metaclass(self) -> Ref<Class> {
        self.header().shape().class()
    }
}

impl Thread {
    /// Sets or clears a flag of a class that other threads may know. Like all that is read without barriers, it changes while they
    /// are kept from running.
    ///
    /// # Errors
    /// `Abort` as everywhere.
    pub fn set_class_flag(&mut self, class: Ref<Class>, flag: u64, on: bool) -> R<()> {
        let flags = with_flag(class.flags.peek(), flag, on);
        if flags == class.flags.peek() {
            return Ok(());
        }
        self.before_class_change(class)?;
        self.set_raw(class, &class.flags, flags)
    }

    /// Something of a class that others read without barriers is about to change.
    ///
    /// # Errors
    /// `Abort` as everywhere.
    pub(super) fn before_class_change(&mut self, class: Ref<Class>) -> R<()> {
        let edits = &self.vm.subclass_edits;
        if edits.iter().any(|e| e.add && e.class == class) {
            // Made in this block: nobody else knows it or its subclasses.
            self.uncache_own();
            return Ok(());
        }
        self.uncache_until_commit()
    }
}

impl Value {
    /// Is this value a class?
    #[inline]
    pub fn as_class(self) -> Option<Ref<Class>> {
        self.cast::<Class>()
    }
}

impl Thread {
    /// The class of any value.
    #[inline(always)]
    pub fn class_of(&self, v: Value) -> Ref<Class> {
        if let Some(header) = v.header() {
            return header.shape().class();
        }
        let types = self.rt.types();
        if v.is_int() {
            types.int
        } else if v.is_float() {
            types.float
        } else if v.is_bool() {
            types.bool
        } else if v.is_none() {
            types.none_type
        } else if v == Value::ELLIPSIS {
            types.ellipsis
        } else {
            debug_assert!(v == Value::NOT_IMPLEMENTED, "class of {v:?}");
            types.not_implemented
        }
    }
    /// What `type(v)` resolves special method `sp` to, or null.
    #[inline(always)]
    pub fn special(&self, v: Value, sp: Sp) -> Value {
        self.class_of(v).special(sp)
    }
    /// `isinstance` by the method order alone.
    #[inline]
    pub fn is_instance(&self, v: Value, class: Ref<Class>) -> bool {
        let own = self.class_of(v);
        own == class || own.is_subclass(class)
    }
    /// `type(v).__name__`.
    pub fn short_type_name(&self, v: Value) -> String {
        self.class_of(v).name().to_string()
    }
    /// The name of the value's class, for messages.
    pub fn type_name(&self, v: Value) -> String {
        self.class_of(v).shown_name()
    }

    /// The attribute `name` (interned) along the method order of `class`: the raw dict entry, or null.
    pub fn class_lookup(&mut self, class: Ref<Class>, name: Value) -> R<Value> {
        for &c in class.mro().items() {
            // SAFETY: a method order holds classes.
            let c: Ref<Class> = unsafe { c.cast_unchecked() };
            let found = c.dict().get_interned(self, name)?;
            if !found.is_null() {
                return Ok(found);
            }
        }
        Ok(Value::NULL)
    }
}
