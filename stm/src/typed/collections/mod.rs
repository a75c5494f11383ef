//! Collections of variables, made so that two transactions conflict only where one's result depends on the other's.
//!
//! Each is built of [`TVar`](super::TVar)s alone: what holds of them, of rollback, of memory and of waiting, holds here without another word.

mod counter;
mod map;
mod queue;
mod set;

pub use counter::TCounter;
pub use map::TMap;
pub use queue::TQueue;
pub use set::TSet;
