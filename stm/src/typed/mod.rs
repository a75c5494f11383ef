//! The typed face of the engine: variables, transactions as closures, collections.
//!
//! The engine below knows words and version words. This part makes of them variables of any type ([`TVar`]), and owns what the engine
//! leaves to its client: the memory. One process-wide [`Engine`] serves all of it.
//!
//! # Memory
//!
//! A variable is a small block of memory, the [`Header`](memory::Header): version word, data word, number of handles. A value stands in the data
//! word itself if it is one of some types without padding (numbers, `bool`, `char`); else the word is the address of a box.
//!
//! 1. *Boxes do not change.* A write makes a new box and stores its address. So whoever has validated the address may look at the value at leisure,
//!    clone it or lend it out, without asking whether it is torn.
//! 2. *What a running block may look at is not freed.* Each block is pinned in `crossbeam-epoch` from begin to end. A box goes when the block that
//!    replaced it has committed, a header when its last handle has gone, and both only once each block that ran then has ended.
//! 3. *Each box has one owner.* While a block runs, the boxes that it has made are in its list `made`, and those whose place it has taken in
//!    `replaced`. A commit retires all of `replaced`; an abort frees all of `made`, whose addresses nobody else has believed; a rollback to a
//!    savepoint does so with those since then. Boxes in neither list belong to their variable.
//! 4. *A sleeper keeps what it watches.* It is not pinned, or nothing could be freed while anybody waits. So before its block
//!    ends it takes a handle of each variable that it has read, but for those whose last handle has gone: they can change no more.
//!
//! # User code within
//!
//! `Clone`, `Drop` and the closures are the user's, and may panic, or call [`atomically`] again. So no reference to a thread's
//! [`State`](tx::State) lives while any of them runs: a [`Tx`] holds a raw pointer, and each of its operations borrows the state for itself alone.

mod atomically;
mod collections;
mod memory;
mod tvar;
mod tx;

pub use atomically::{
    Atomic, Failure, Stop, atomically, engine, set_thread_policy, stats, try_atomically,
};
pub use collections::{TCounter, TMap, TQueue, TSet};
#[cfg(feature = "harness")]
pub(crate) use memory::Home;
pub use memory::reclaim;
pub use tvar::TVar;
pub use tx::Tx;
