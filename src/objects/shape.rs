//! Shapes (hidden classes): which attribute of an instance is in which slot.
//!
//! All objects of a class start with its root shape; adding attribute `name` moves the object to the child
//! shape for `name`. The words behind the layout hold the attributes: `capacity` of them in line, then one
//! word for the **overflow** buffer (a `ValueBuf`). An object whose attributes left this scheme (someone asked
//! for its `__dict__`, or deleted one) has the head flag `DICT_MODE` and keeps a real dict in the first of
//! those words. Layouts of variable length (`str`, `int`, `tuple` ...) have capacity 0: their one word can
//! only hold the dict.
//!
//! Shapes are hidden state: they are made outside any transaction, under a lock, and never change what
//! they say.

use std::sync::OnceLock;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::class::Class;
use crate::heap::object::head_flags;
use crate::heap::{Header, Kind, Layout, Ref, Slot, Thread, Tracer, Value};

/// See the module's text.
#[repr(C)]
pub struct Shape {
    header: Header,
    class: Slot,
    parent: Option<Ref<Shape>>,
    /// The attribute that this shape adds to its parent (an interned string), null in a root.
    name: Value,
    /// Byte offset of the first attribute word; 0 if the objects have no room for attributes.
    base: u32,
    capacity: u32,
    count: u32,
    bytes: u32,
    children: Mutex<Vec<(Value, Ref<Shape>)>>,
    table: OnceLock<FxHashMap<u64, u32>>,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Shape {
    const KIND: Kind = Kind::Shape;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.class);
        t.value(self.name);
        if let Some(p) = self.parent {
            t.reference(p)
        }
        for &(name, child) in &*self.children.lock() {
            t.value(name);
            t.reference(child);
        }
    }
}

/// Where an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At this byte offset of the object.
    Inline(usize),
    /// At this index of the overflow buffer.
    Overflow(usize),
}

impl Shape {
    /// A root shape. `base` is the byte offset of the attribute words, 0 for none. `class` may be set later.
    pub fn root(
        th: &mut Thread,
        class: Option<Ref<Class>>,
        layout_bytes: usize,
        base: usize,
        capacity: usize,
    ) -> Ref<Shape> {
        let bytes = if base == 0 {
            layout_bytes
        } else {
            layout_bytes.max(base + (capacity + 1) * 8)
        };
        let shape = Shape {
            header: Header::empty(),
            class: Slot::new(class.map_or(Value::NULL, |c| c.value())),
            parent: None,
            name: Value::NULL,
            base: base as u32,
            capacity: capacity as u32,
            count: 0,
            bytes: bytes as u32,
            children: Mutex::default(),
            table: OnceLock::new(),
        };
        th.alloc_shapeless(shape, 0)
    }
    pub(crate) fn set_class(&self, class: Ref<Class>) {
        self.class.init(class.value())
    }
    #[inline(always)]
    pub fn class(&self) -> Ref<Class> {
        // SAFETY: set when the class is made, before any object has this shape.
        unsafe { self.class.peek().cast_unchecked() }
    }
    /// Bytes of an object with this shape, attribute words included, variable part excluded.
    #[inline(always)]
    pub fn instance_bytes(&self) -> usize {
        self.bytes as usize
    }
    /// May instances have attributes of their own?
    #[inline(always)]
    pub fn has_attributes(&self) -> bool {
        self.base != 0
    }
    /// Is this the head word of an object that keeps its attributes in a dict?
    #[inline(always)]
    pub fn is_dict_mode(head: u64) -> bool {
        head & head_flags::DICT_MODE != 0
    }
    pub fn count(&self) -> usize {
        self.count as usize
    }
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }
    /// Byte offset of the word that holds the dict in dict mode.
    pub fn dict_offset(&self) -> usize {
        self.base as usize
    }
    /// Byte offset of the overflow word.
    pub fn overflow_offset(&self) -> usize {
        self.base as usize + self.capacity as usize * 8
    }

    pub fn place(&self, index: usize) -> Place {
        if index < self.capacity as usize {
            Place::Inline(self.base as usize + index * 8)
        } else {
            Place::Overflow(index - self.capacity as usize)
        }
    }

    /// The index of attribute `name` (an interned string).
    pub fn index_of(&self, name: Value) -> Option<usize> {
        if self.count <= 6 {
            return self
                .ancestors()
                .find(|s| s.name == name)
                .map(|s| s.count as usize - 1);
        }
        let table = self
            .table
            .get_or_init(|| self.ancestors().map(|s| (s.name.0, s.count - 1)).collect());
        table.get(&name.0).map(|&i| i as usize)
    }

    fn ancestors(&self) -> impl Iterator<Item = &Shape> {
        let mut at = Some(self);
        std::iter::from_fn(move || {
            let shape = at?;
            if shape.count == 0 {
                return None;
            }
            // SAFETY: a shape keeps its parent alive; the borrow is of the shape we started from.
            at = shape.parent.map(|p| unsafe { &*p.as_ptr() });
            Some(shape)
        })
    }

    /// Attribute names in the order in which they were added.
    pub fn names(&self) -> Vec<Value> {
        let mut names: Vec<_> = self.ancestors().map(|s| s.name).collect();
        names.reverse();
        names
    }
}

impl Ref<Shape> {
    /// The shape with `name` (interned) added.
    pub fn child(self, th: &mut Thread, name: Value) -> Ref<Shape> {
        let find =
            |children: &[(Value, Ref<Shape>)]| children.iter().find(|c| c.0 == name).map(|c| c.1);
        if let Some(found) = find(&self.children.lock()) {
            return found;
        }
        let shape = Shape {
            header: Header::empty(),
            class: Slot::new(self.class().value()),
            parent: Some(self),
            name,
            base: self.base,
            capacity: self.capacity,
            count: self.count + 1,
            bytes: self.bytes,
            children: Mutex::default(),
            table: OnceLock::new(),
        };
        let shape = th.alloc_shapeless(shape, 0);
        th.publish_hidden(shape.value());
        let mut children = self.children.lock();
        if let Some(found) = find(&children) {
            return found;
        }
        children.push((name, shape));
        shape
    }

    /// The shape without attributes that this one grew from. Not always the class' present root: that may
    /// have been renewed.
    pub fn first(self) -> Ref<Shape> {
        let mut at = self;
        while let Some(parent) = at.parent {
            at = parent;
        }
        at
    }

    /// The head word of an object that has this shape, `kind` and flag bits as `like` has them.
    pub fn head_like(self, like: u64) -> u64 {
        self.address() | (like & !((1 << 48) - 1))
    }
}

impl Thread {
    /// Hidden state (shapes, caches, interned strings) is seen by all threads outside any transaction: it is
    /// born shared.
    pub(crate) fn publish_hidden(&mut self, v: Value) {
        if self.rt.parallel.load(std::sync::atomic::Ordering::Relaxed) {
            self.publish(v)
        }
    }
}
