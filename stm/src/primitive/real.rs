//! What the standard library has.

use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

pub use std::hash::RandomState;
pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
pub use std::sync::{Condvar, Mutex, MutexGuard};
pub use std::thread::{sleep, yield_now};

/// Locks, and ignores poison: what the engine keeps under its locks is valid after every single store.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`lock`], if that is possible at once.
pub fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Lets go of the lock of `mutex` and sleeps until notified, or for so long, or for no reason.
pub fn wait<'m, T>(
    condvar: &Condvar,
    _mutex: &'m Mutex<T>,
    guard: MutexGuard<'m, T>,
    limit: Option<Duration>,
) -> MutexGuard<'m, T> {
    match limit {
        Some(limit) => {
            let woken = condvar.wait_timeout(guard, limit);
            woken.unwrap_or_else(PoisonError::into_inner).0
        }
        None => condvar.wait(guard).unwrap_or_else(PoisonError::into_inner),
    }
}

/// The time.
pub fn now() -> Instant {
    Instant::now()
}

/// A number up to this one.
pub fn random_up_to(limit: u64) -> u64 {
    use rand::Rng;
    rand::rng().random_range(0..=limit)
}

/// What an address is hashed by.
#[inline(always)]
pub fn place(address: usize) -> usize {
    address
}

/// Declares a static with a value for each thread.
macro_rules! thread_locals {
    ($(#[$about:meta])* static $name:ident: $type:ty = $init:expr) => {
        std::thread_local! {
            $(#[$about])*
            static $name: $type = const { $init };
        }
    };
    ($(#[$about:meta])* lazy static $name:ident: $type:ty = $init:expr) => {
        std::thread_local! {
            $(#[$about])*
            static $name: $type = $init;
        }
    };
}
pub(crate) use thread_locals;
