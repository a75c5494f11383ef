//! `dict`: the layout and the operations that the rest of the interpreter uses. How the table works is in [`super::table`].

mod iter;
mod methods;
mod views;

pub use super::table::{CacheView, DictBuf};
pub use iter::{DictIter, ITEMS, KEYS, VALUES, iter};
pub use methods::init;
pub use views::{DictView, items, keys, values};

use super::class::Class;
use super::table::{Table, TableRef};
use crate::heap::{Header, Kind, Layout, R, Ref, Thread, Tracer, Value};

/// The layout of `dict`.
#[repr(C)]
pub struct Dict {
    header: Header,
    table: Table,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Dict {
    const KIND: Kind = Kind::Dict;
    fn trace(&self, t: &mut Tracer) {
        self.table.trace(t)
    }
}

impl Dict {
    /// A new empty dict.
    #[inline]
    pub fn new(th: &mut Thread) -> Ref<Dict> {
        let class = th.rt.types().dict;
        Dict::of_class(th, class)
    }
    /// A new empty instance of `dict` or a subclass.
    #[inline]
    pub fn of_class(th: &mut Thread, class: Ref<Class>) -> Ref<Dict> {
        let dict = Dict {
            header: Header::empty(),
            table: Table::new(),
        };
        th.alloc(class.root_shape(), dict, 0)
    }
    /// A new empty dict with room for `entries`.
    pub fn with_capacity(th: &mut Thread, entries: usize) -> R<Ref<Dict>> {
        let dict = Dict::new(th);
        dict.table().reserve(th, entries)?;
        Ok(dict)
    }
}

impl Ref<Dict> {
    #[inline(always)]
    pub(super) fn table(self) -> TableRef {
        // SAFETY: a dict starts with a header and a table.
        unsafe { TableRef::of(self) }
    }
    /// The value for `key`, or null. May call `__hash__` and `__eq__`.
    #[inline]
    pub fn get(self, th: &mut Thread, key: Value) -> R<Value> {
        self.table().get(th, key)
    }
    /// Is `key` there?
    pub fn contains(self, th: &mut Thread, key: Value) -> R<bool> {
        Ok(!self.get(th, key)?.is_null())
    }
    /// Sets `key`.
    #[inline]
    pub fn insert(self, th: &mut Thread, key: Value, v: Value) -> R<()> {
        self.table().store(th, key, v, true)?;
        Ok(())
    }
    /// The value of `key`, which is set to `v` first if it is not there.
    pub fn set_default(self, th: &mut Thread, key: Value, v: Value) -> R<Value> {
        let old = self.table().store(th, key, v, false)?;
        Ok(old.non_null().unwrap_or(v))
    }
    /// Removes `key`; its value, or null if it was not there.
    pub fn remove(self, th: &mut Thread, key: Value) -> R<Value> {
        self.table().remove(th, key)
    }
    /// The value for `key` (an interned string), or null. Runs no Python code unless the dict has keys that are no strings.
    #[inline]
    pub fn get_interned(self, th: &mut Thread, key: Value) -> R<Value> {
        Ok(self
            .table()
            .locate_name(th, key)?
            .map_or(Value::NULL, |(_, _, v)| v))
    }
    /// Sets `key` (an interned string).
    #[inline]
    pub fn insert_interned(self, th: &mut Thread, key: Value, v: Value) -> R<()> {
        self.insert(th, key, v)
    }
    /// Removes `key` (an interned string); its value, or null.
    pub fn remove_interned(self, th: &mut Thread, key: Value) -> R<Value> {
        self.remove(th, key)
    }
    /// How many keys there are.
    #[inline]
    pub fn len(self, th: &mut Thread) -> R<usize> {
        self.table().len(th)
    }
    /// The first entry at or after position `pos`: the position to go on from, key and value. `None` at the end. Whether
    /// the dict has changed its size meanwhile is for the caller to see (`len`). A dict that other threads see is walked by
    /// its iterator object rather: this looks at each entry alone.
    #[inline]
    pub fn next(self, th: &mut Thread, pos: usize) -> R<Option<(usize, Value, Value)>> {
        self.table().next(th, pos)
    }
    /// Removes everything.
    pub fn clear(self, th: &mut Thread) -> R<()> {
        self.table().clear(th)
    }
    /// A new dict (never of a subclass) with the same entries.
    pub fn copy(self, th: &mut Thread) -> R<Ref<Dict>> {
        let copy = Dict::new(th);
        copy.table().copy_from(th, self.table())?;
        Ok(copy)
    }
    /// The keys, in order. Not rooted: see the rule in `heap::object`.
    pub fn keys(self, th: &mut Thread) -> R<Vec<Value>> {
        self.table().keys(th)
    }
    /// The values, in order. Not rooted.
    pub fn values(self, th: &mut Thread) -> R<Vec<Value>> {
        self.table().values(th)
    }
    /// The values as they are at this moment, without a barrier: for hints alone, which may be wrong.
    pub(crate) fn peek_values(self) -> Vec<Value> {
        self.table().peek_values()
    }
    /// Keys and values, in order. Not rooted.
    pub fn items(self, th: &mut Thread) -> R<Vec<(Value, Value)>> {
        self.table().items(th)
    }
    /// Removes the entry that was inserted last.
    pub fn pop_last(self, th: &mut Thread) -> R<Option<(Value, Value)>> {
        self.table().pop_last(th)
    }

    /// The entry of `name` (an interned string).
    pub fn locate_interned(self, th: &mut Thread, name: Value) -> R<Option<usize>> {
        Ok(self.table().locate_name(th, name)?.map(|(_, at, _)| at))
    }
    /// Looks up `name` (an interned string) for an inline cache. Unless the entry is volatile, its value may be kept until the
    /// runtime's `epoch` moves.
    pub fn cache_entry(self, th: &mut Thread, name: Value) -> R<Option<CacheView>> {
        self.table().cache_entry(th, name)
    }
    /// Where `name` (an interned string) is: for [`Ref::<Dict>::entry_value`] and [`Ref::<Dict>::set_entry`].
    pub fn place_of(self, th: &mut Thread, name: Value) -> R<Option<(Ref<DictBuf>, usize)>> {
        Ok(self
            .table()
            .locate_name(th, name)?
            .map(|(buf, at, _)| (buf, at)))
    }
    /// The value at a place that [`CacheView`] gave, null if `name` is not there any more: then look it up again.
    #[inline]
    pub fn entry_value(
        self,
        th: &mut Thread,
        name: Value,
        buf: Ref<DictBuf>,
        index: usize,
    ) -> R<Value> {
        self.table().entry_value(th, name, buf, index)
    }
    /// Stores at a place that [`CacheView`] gave; `false` if `name` is not there any more.
    #[inline]
    pub fn set_entry(
        self,
        th: &mut Thread,
        name: Value,
        buf: Ref<DictBuf>,
        index: usize,
        v: Value,
    ) -> R<bool> {
        self.table().set_entry(th, name, buf, index, v)
    }
    /// From now on a new key moves the runtime's `epoch`: to be called before an inline cache looks for a name in order to keep that it
    /// is absent.
    pub fn mark_namespace(self) {
        self.table().mark_namespace()
    }
}
