//! Software transactional memory for the objects of somebody else's heap.
//!
//! The client gives each of its objects an [`Orec`], a word that says who may do what to the object, and keeps the object's data
//! in words that are [`AtomicU64`]. Each of its threads has a [`Txn`], through whose barriers it reads and writes these words, block
//! by block. What the blocks of all threads do is as if they had run one after the other, and what a single block sees
//! is always one consistent moment, even if it will abort.
//!
//! The engine knows nothing of what the objects are, nor of who reclaims them; [`Host`] and [`Txn::for_each_root`] are where a
//! collector meets it.
//!
//! Where to read what: `txn/mod.rs` has the algorithm and its invariants; `orec.rs` the version word; `engine.rs` the clock; `txn/barriers.rs`
//! reads and writes; `txn/finish.rs` commit, abort and savepoints; `txn/irrevocable.rs` the block that cannot fail; `waiters.rs` and `txn/retry.rs` the
//! sleep until something changes; `policy.rs` what to do after an abort; `probe.rs` and `harness/`, which are there with the feature `harness`, how all this is tested.

#![warn(missing_docs)]

mod engine;
#[cfg(feature = "harness")]
pub mod harness;
mod host;
mod orec;
pub mod policy;
mod primitive;
mod probe;
mod slot;
mod stats;
mod txn;
mod typed;
mod waiters;

pub use engine::Engine;
pub use host::{Host, NoHost};
pub use orec::{Orec, OrecState};
pub use policy::{Abort, Decision, Policy, RetryPolicy};
pub use primitive::AtomicU64;
pub use stats::{Cause, Counters};
pub use txn::{Conflict, GaveUp, Res, Root, Savepoint, Txn, WaitResult};
pub use typed::{
    Atomic, Failure, Stop, TCounter, TMap, TQueue, TSet, TVar, Tx, atomically, engine, reclaim,
    set_thread_policy, stats, try_atomically,
};
