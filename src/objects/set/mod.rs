//! `set` and `frozenset`: a [`super::table`] whose values only say that a key is there.

mod iter;
mod methods;

pub use iter::{SetIter, iter};
pub use methods::init;

use std::sync::atomic::{AtomicU64, Ordering::*};

use super::class::Class;
use super::table::{Table, TableRef};
use crate::heap::{Header, Kind, Layout, R, Ref, Thread, Tracer, Value};

/// The layout of `set` and `frozenset`.
#[repr(C)]
pub struct Set {
    header: Header,
    table: Table,
    /// Of a `frozenset`: its hash, 0 if not computed. Idempotent hidden state.
    hash: AtomicU64,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Set {
    const KIND: Kind = Kind::Set;
    fn trace(&self, t: &mut Tracer) {
        self.table.trace(t)
    }
}

/// What a set's table has for values.
const PRESENT: Value = Value::TRUE;

impl Set {
    /// A new empty `set`.
    pub fn new(th: &mut Thread) -> Ref<Set> {
        let class = th.rt.types().set;
        Set::of_class(th, class)
    }
    /// A new empty instance of `set`, `frozenset` or a subclass.
    pub fn of_class(th: &mut Thread, class: Ref<Class>) -> Ref<Set> {
        let set = Set {
            header: Header::empty(),
            table: Table::new(),
            hash: AtomicU64::new(0),
        };
        th.alloc(class.root_shape(), set, 0)
    }
}

impl Ref<Set> {
    #[inline(always)]
    pub(crate) fn table(self) -> TableRef {
        // SAFETY: a set starts with a header and a table.
        unsafe { TableRef::of(self) }
    }
    /// Adds `item`; was it new?
    #[inline]
    pub fn add(self, th: &mut Thread, item: Value) -> R<bool> {
        Ok(self.table().store(th, item, PRESENT, false)?.is_null())
    }
    /// Is `item` there? The item itself, not a set that stands for its frozen self.
    #[inline]
    pub fn contains(self, th: &mut Thread, item: Value) -> R<bool> {
        Ok(!self.table().get(th, item)?.is_null())
    }
    /// Removes `item`; was it there?
    pub fn remove(self, th: &mut Thread, item: Value) -> R<bool> {
        Ok(!self.table().remove(th, item)?.is_null())
    }
    #[inline]
    pub fn len(self, th: &mut Thread) -> R<usize> {
        self.table().len(th)
    }
    /// The items, in order of insertion. Not rooted: see the rule in `heap::object`.
    pub fn items(self, th: &mut Thread) -> R<Vec<Value>> {
        self.table().keys(th)
    }
    /// The first item at or after position `pos`, and the position to go on from.
    #[inline]
    pub fn next(self, th: &mut Thread, pos: usize) -> R<Option<(usize, Value)>> {
        Ok(self.table().next(th, pos)?.map(|(at, item, _)| (at, item)))
    }
    /// Removes everything.
    pub fn clear(self, th: &mut Thread) -> R<()> {
        self.table().clear(th)
    }
    /// Adds the items of any iterable.
    pub fn update(self, th: &mut Thread, iterable: Value) -> R<()> {
        if let Some(other) = iterable.cast::<Set>() {
            return self.add_all(th, other.table());
        }
        if let Some(other) = iterable.cast::<super::dict::Dict>()
            && th.class_of(iterable) == th.rt.types().dict
        {
            return self.add_all(th, other.table());
        }
        th.for_each(iterable, |th, v| {
            self.add(th, v)?;
            Ok(true)
        })
    }
    /// Adds the keys of another table, whose hashes are known.
    fn add_all(self, th: &mut Thread, other: TableRef) -> R<()> {
        let keys = other.hashed_keys(th)?;
        let mark = th.roots.len();
        keys.iter().for_each(|&(k, _)| th.roots.push(k));
        for (k, h) in keys {
            self.table().store_hashed(th, k, h, PRESENT, false)?;
        }
        th.roots.truncate(mark);
        Ok(())
    }
    /// Adds the items of `other` that are not here, and removes those that are.
    pub(super) fn toggle_all(self, th: &mut Thread, other: Ref<Set>) -> R<()> {
        let keys = other.table().hashed_keys(th)?;
        let mark = th.roots.len();
        keys.iter().for_each(|&(k, _)| th.roots.push(k));
        for (k, h) in keys {
            if self.table().remove_hashed(th, k, h)?.is_null() {
                self.table().store_hashed(th, k, h, PRESENT, false)?;
            }
        }
        th.roots.truncate(mark);
        Ok(())
    }
    /// The hash that was computed before.
    pub(super) fn known_hash(&self) -> Option<i64> {
        Some(self.hash.load(Relaxed) as i64).filter(|h| *h != 0)
    }
    pub(super) fn keep_hash(&self, hash: i64) {
        self.hash.store(hash as u64, Relaxed)
    }
}
