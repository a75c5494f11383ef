//! Reading and writing the mutable parts of objects.
//!
//! Every load and store of a [`Slot`] or [`RawSlot`] that another thread could see goes through one of the
//! functions here. They know three situations:
//!
//! - `barriers` off (mode `off`, mode `gil`, or mode `stm` with one thread and no `atomic` block): plain
//!   loads and stores.
//! - the object is private: loads are plain; stores leave an undo entry unless the object was born in
//!   this block.
//! - the object is shared: reads are validated and logged, writes own the object first (see `keelback_stm`).
//!
//! **Publication.** Storing a reference to a private object into a shared one makes it shared with all it
//! reaches, before the store. Invariant: nothing reachable from a shared object is private, while barriers
//! are on. With barriers off stores do not publish; so when they come on again (a second thread starts),
//! everything that old shared objects reach is published first.
//!
//! A function that returns `Err(Fail::Abort)` has found a conflict: pass it on with `?`, touch nothing, and
//! use no value read so far.

use keelback_stm::{Conflict, Orec};

use super::object::{Layout, RawSlot, Ref, Slot};
use super::{Thread, Value, collect};

/// Why a native function stops early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// A Python exception, which is in `Thread::exc`.
    Raise,
    /// The block must roll back and start again.
    Abort,
}

/// What fallible native code returns.
pub type R<T> = Result<T, Fail>;

impl From<Conflict> for Fail {
    #[cold]
    fn from(_: Conflict) -> Fail {
        Fail::Abort
    }
}

impl Thread {
    /// The value of `slot`, which belongs to `object`.
    #[inline(always)]
    pub fn get<T>(&mut self, object: Ref<T>, slot: &Slot) -> R<Value> {
        if !self.barriers {
            return Ok(slot.peek());
        }
        Ok(self.txn.read(object.header().orec(), || slot.peek())?)
    }
    /// The number in `slot`, which belongs to `object`.
    #[inline(always)]
    pub fn get_raw<T>(&mut self, object: Ref<T>, slot: &RawSlot) -> R<u64> {
        if !self.barriers {
            return Ok(slot.peek());
        }
        Ok(self.txn.read(object.header().orec(), || slot.peek())?)
    }
    /// What `load` makes of the object's slots (with `peek`), all at one moment. `load` may run more than
    /// once and must not follow what it loads.
    #[inline(always)]
    pub fn read<T, U>(&mut self, object: Ref<T>, load: impl Fn(&T) -> U) -> R<U> {
        if !self.barriers {
            return Ok(load(&object));
        }
        Ok(self.txn.read(object.header().orec(), || load(&object))?)
    }
    /// As [`Thread::read`], under a version word that stands apart from the object's header (a stripe).
    #[inline(always)]
    pub fn read_at<U>(&mut self, orec: &Orec, load: impl Fn() -> U) -> R<U> {
        if !self.barriers {
            return Ok(load());
        }
        Ok(self.txn.read(orec, load)?)
    }

    /// Stores `v` into `slot`, which belongs to `object`.
    #[inline(always)]
    pub fn set<T>(&mut self, object: Ref<T>, slot: &Slot, v: Value) -> R<()> {
        if !self.barriers {
            slot.init(v);
            return Ok(());
        }
        self.set_at(object.header().orec(), slot, v)
    }
    /// As [`Thread::set`], for a slot that the version word `orec` guards.
    #[inline]
    pub fn set_at(&mut self, orec: &Orec, slot: &Slot, v: Value) -> R<()> {
        if self.barriers {
            self.txn.acquire(orec)?;
            if !orec.is_private() {
                self.publish(v);
            }
            self.txn.log(orec, slot.word());
        }
        slot.init(v);
        Ok(())
    }
    /// Stores a number into `slot`, which belongs to `object`.
    #[inline(always)]
    pub fn set_raw<T>(&mut self, object: Ref<T>, slot: &RawSlot, v: u64) -> R<()> {
        self.set_raw_at(object.header().orec(), slot, v)
    }
    /// As [`Thread::set_raw`], for a slot that the version word `orec` guards.
    #[inline(always)]
    pub fn set_raw_at(&mut self, orec: &Orec, slot: &RawSlot, v: u64) -> R<()> {
        if self.barriers {
            self.txn.acquire(orec)?;
            self.txn.log(orec, slot.word());
        }
        slot.init(v);
        Ok(())
    }

    /// Owns `object` for this block: its slots may be `peek`ed from here on, and they change only through
    /// `set` and `set_raw`.
    #[inline(always)]
    pub fn own<T>(&mut self, object: Ref<T>) -> R<()> {
        self.own_at(object.header().orec())
    }
    /// As [`Thread::own`] for what the version word `orec` guards.
    #[inline(always)]
    pub fn own_at(&mut self, orec: &Orec) -> R<()> {
        if self.barriers {
            self.txn.acquire(orec)?;
        }
        Ok(())
    }

    /// Makes `v` shared with all it reaches, if it is private. Called before it is stored where other
    /// threads can find it.
    #[inline(always)]
    pub fn publish(&mut self, v: Value) {
        if v.header().is_some_and(|h| h.orec().is_private()) {
            collect::publish(&self.rt.space, 0, v)
        }
    }

    /// Was the object made by the running block? Then nothing of it needs a barrier or an undo entry.
    #[inline(always)]
    pub fn is_fresh(&self, header: &super::Header) -> bool {
        header.orec().state()
            == (keelback_stm::OrecState::Private {
                birth: self.txn.block(),
            })
    }

    /// Can another thread reach `object`? (Without barriers: no.)
    #[inline(always)]
    pub fn is_shared<T>(&self, object: Ref<T>) -> bool {
        self.barriers && !object.header().orec().is_private()
    }

    /// Changes the head word (shape, flags) of `object`.
    #[inline]
    pub fn set_head<T>(&mut self, object: Ref<T>, head: u64) -> R<()> {
        let header = object.header();
        if self.barriers {
            self.txn.acquire(header.orec())?;
            if !header.orec().is_private() {
                let shape = header_shape_value(head);
                self.publish(shape);
            }
            self.txn.log(header.orec(), header.head_word());
        }
        header
            .head_word()
            .store(head, std::sync::atomic::Ordering::Release);
        Ok(())
    }
    /// The head word of `object`, read with a barrier.
    #[inline(always)]
    pub fn head_of<T>(&mut self, object: Ref<T>) -> R<u64> {
        let header = object.header();
        if !self.barriers {
            return Ok(header.head());
        }
        Ok(self.txn.read(header.orec(), || header.head())?)
    }

    /// Builds an object of layout `T` that has no room for attributes beyond the shape's.
    /// See [`Thread::alloc`].
    pub fn new_object<T: Layout>(
        &mut self,
        shape: Ref<crate::objects::shape::Shape>,
        object: T,
    ) -> Ref<T> {
        self.alloc(shape, object, 0)
    }
}

fn header_shape_value(head: u64) -> Value {
    Value(head & ((1 << 48) - 1))
}
