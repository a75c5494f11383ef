//! Every atomic, lock and fence that the engine uses comes through here, so that a model checker's versions can be
//! slipped underneath without touching the algorithm.

pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
pub use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

pub use std::hint::spin_loop;
pub use std::thread::yield_now;

/// Locks, and ignores poison: what the engine keeps under its locks is valid after every single store.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
