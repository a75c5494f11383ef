//! The hash table under `dict` and `set`: insertion-ordered, and shared between threads key by key.
//!
//! An owner object (a dict, a set) starts with a header and a [`Table`]; its `buf` slot leads to a [`DictBuf`], which has
//!
//! - **entries** `{hash and flags, key, value}` in the order in which they were claimed; a null value is a *tombstone*;
//! - an **index** of `u32`, open addressing with linear probing, from hash to entry, with some bits of the hash to tell other keys by;
//! - from 32 entries on, version words of its own: the buffer is *striped*.
//!
//! # Which version word guards what
//!
//! In a striped buffer:
//!
//! - each **entry** has a version word, which guards its value, a null one included;
//! - a **stripe** guards the absence of the keys whose searches begin in the same few index slots;
//! - a **tally** holds how many keys the threads of certain slots have inserted, less those that they have deleted, and guards that number.
//!
//! | who | reads | owns |
//! |---|---|---|
//! | finds a key | its entry | |
//! | misses a key | the stripe, and tombstones of the same key that it passes | |
//! | sets the value of a key that is there | | the entry |
//! | inserts a key | tombstones as above | the stripe, its tally, the entry |
//! | deletes a key | | its tally, the entry |
//! | asks for the size, or for the keys of the table | all tallies | |
//! | asks for all values | all tallies and living entries | |
//! | replaces the buffer | | the header, all tallies and living entries |
//!
//! So blocks that set the values of different keys never conflict, those that insert different keys do as far as the stripes do not tell them
//! apart, and who looks at the size conflicts with inserts and deletions alone. In a buffer without stripes the owner's header guards everything.
//!
//! # Invariants
//!
//! 1. Within one buffer an index slot goes from empty to an entry and never back; an entry's key and hash are written once, before the
//!    index slot that names it (release), and stay. They are hidden state: no barrier guards them, an abort does not take them back.
//!    So a key that a probe finds may be looked at without validation; it is shared, hence immutable where we look.
//! 2. What is transactional is the value (null: absent) and the counts. An aborted insert leaves a tombstone.
//! 3. Among the entries of one key at most one has a value. A key that comes back after a deletion gets a *new* entry
//!    further along its probe sequence (it is last in the order now), unless its tombstone is the last entry anyway. An abort
//!    brings the old one back, and the index still leads to both. So who finds a living entry of a key need not look at the others. And who has found
//!    none, that is, has read the stripe at a moment when the search came to an empty slot, and read all tombstones on the way that may be the key's,
//!    meets everyone who brings the key in: they own the stripe. The stripe belongs to the hash, not to the slot where the search has ended: what fills that
//!    slot may be another key's aborted insert, and the next one goes past it.
//! 4. Entries are claimed, come to life and die only by the hand of a block that owns its thread's tally, and the entry. The tally is taken first. So to who owns all
//!    tallies it is settled which entries live; and who has read them all meets everyone who changes that.
//! 5. Every access reads `buf` under the header first. So replacing the buffer conflicts with every block that has used it: one that sets a value in the
//!    old buffer afterwards, or has done so and not ended, finds at its commit that the header has changed, or has committed before. And a block that has
//!    set a value and not ended owns the entry, so that owning the living entries keeps the new buffer from getting what may not last.
//!    The old buffer stays as it was, for readers of older snapshots and for the undo log.
//! 6. The tallies are always right, also while the table is private. `Table::used` is right while the owner is private, and for tables
//!    without stripes.
//! 7. Memory of an aborted block that a tombstone's key refers to must stay: the key is traced like any other.
//! 8. The version words of a private buffer are private, with the buffer's birth stamp, those of a shared one are not. An entry's word counts from its claim
//!    on; before, it is zero, which means shared. An entry of a shared buffer is owned before it has a key, so that nobody looks at it earlier.
//!
//! A table that no other thread sees pays for this with a test or two: atomic additions become plain ones. With barriers off nothing
//! can roll back, and deletions let go of the key ([`Value::MARKER`] takes its place), and `popitem` takes entries back.
//!
//! # Order
//!
//! Entries of blocks that insert concurrently lie in the order of their claims, which need not be the order in which the blocks commit. So in a striped
//! buffer that is shared each entry has a **birth**: the time of the commit that inserted it, counted from the buffer's **epoch**; [`PENDING`] from the claim
//! to the commit. Births are hidden state, written by the engine before it lets go of the entry ([`Txn::stamp`](keelback_stm::Txn::stamp)).
//!
//! The order of a table is that of births, and of claims among equal ones. Birth 0 says: nothing was inserted concurrently with this one, what
//! was claimed before it comes before it. Whoever begins to walk, or asks for the last entry, calls [`TableRef::in_order`]: it replaces a
//! buffer whose entries lie in another order. That is rare, and it looks at each entry once: up to the *settled* position all is known to be in order, and
//! what is born later comes later. (So the order conflicts only with someone who looks at it, as does the size.) Tombstones do not
//! come to life again in a shared buffer: the birth of a block's own deletion could not be taken back.
//!
//! # Cached entries
//!
//! The interpreter loop caches globals by value. An entry that somebody has cached carries [`CACHED`]; whoever changes it calls
//! `Thread::uncache` first, and turns it into a [`VOLATILE`] one, which is cached by place alone. A reader sets the flag *before*
//! it reads `buf` (again) and the value, a writer looks at the flag *after* it owns the entry, or the header if it replaces the buffer: so either the
//! writer sees the flag, or the reader meets the writer's ownership.

mod access;
mod buffer;
mod key;
#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod tests;
mod walk;

pub use access::CacheView;
pub use buffer::DictBuf;
pub use key::{mix, pure_eq};
pub use walk::SizeWatch;

use std::sync::atomic::{AtomicU64, Ordering::*};

use crate::heap::{Header, RawSlot, Ref, Slot, Tracer, Value};

/// Entry flag: some thread has cached the value.
const CACHED: u64 = 1 << 32;
/// Entry flag: it was changed while cached; cache its place, not its value.
const VOLATILE: u64 = 1 << 33;
/// Where in the word of an entry the birth begins.
const BIRTH_SHIFT: u32 = 34;
const BIRTH: u64 = u64::MAX << BIRTH_SHIFT;
/// The birth of an entry whose block has not ended: all bits are set.
const PENDING: u64 = BIRTH >> BIRTH_SHIFT;
/// A buffer whose epoch is longer ago is replaced before anything is inserted.
const LONG_AGO: u64 = PENDING / 2;

/// Table flag: some thread has cached that a name is absent.
const NAMESPACE: u64 = 1;

/// The part of a dict or set that leads to its entries.
#[repr(C)]
pub struct Table {
    /// A `DictBuf`, or null while nothing was ever inserted.
    buf: Slot,
    /// How many entries live (invariant 6).
    used: RawSlot,
    /// Hidden state.
    flags: AtomicU64,
}

impl Table {
    /// An empty table.
    pub const fn new() -> Table {
        Table {
            buf: Slot::new(Value::NULL),
            used: RawSlot::new(0),
            flags: AtomicU64::new(0),
        }
    }
    pub(super) fn trace(&self, t: &mut Tracer) {
        t.slot(&self.buf)
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// What every owner of a table starts with.
#[repr(C)]
pub struct Owner {
    header: Header,
    table: Table,
}

/// An object that starts with a header and a [`Table`], as the operations of this module see it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TableRef(Ref<Owner>);

impl TableRef {
    /// # Safety
    /// The object's layout starts with a header and a `Table`, and is `repr(C)`.
    #[inline(always)]
    pub unsafe fn of<T>(object: Ref<T>) -> TableRef {
        // SAFETY: as the caller says.
        TableRef(unsafe { Ref::from_address(object.address()) })
    }

    #[inline(always)]
    fn table(&self) -> &Table {
        &self.0.table
    }

    fn has_flag(self, flag: u64) -> bool {
        self.table().flags.load(Relaxed) & flag != 0
    }
}
