//! The same as `real.rs`, with a [`Probe`](crate::probe::Probe) asked before each step that other threads could notice. In a thread without one they do what the standard
//! library's do.
//!
//! Under a probe that runs all tasks in one thread of the system (`shuttle`'s), nothing here may block that thread: locks are tried again and again, and a
//! thread's own values are the task's.

use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasher;
use std::sync::atomic::{self, Ordering};
use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::probe::{ask, with_probe};

pub use std::sync::{Mutex, MutexGuard};

fn point() {
    ask(|p| p.point());
}

fn pause() -> Option<()> {
    ask(|p| p.pause())
}

macro_rules! atomic {
    ($name:ident, $value:ty $(, $more:tt)?) => {
        /// As the standard library's.
        #[derive(Debug, Default)]
        #[repr(transparent)]
        pub struct $name(atomic::$name);

        // Each type gets all of them.
        #[allow(dead_code)]
        impl $name {
            /// As the standard library's.
            pub const fn new(value: $value) -> Self {
                $name(atomic::$name::new(value))
            }

            /// As the standard library's.
            pub fn load(&self, order: Ordering) -> $value {
                point();
                self.0.load(order)
            }

            /// As the standard library's.
            pub fn store(&self, value: $value, order: Ordering) {
                point();
                self.0.store(value, order)
            }

            /// As the standard library's.
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                point();
                self.0.swap(value, order)
            }

            /// As the standard library's.
            pub fn compare_exchange(
                &self,
                now: $value,
                new: $value,
                ok: Ordering,
                err: Ordering,
            ) -> Result<$value, $value> {
                point();
                self.0.compare_exchange(now, new, ok, err)
            }

            /// As the standard library's.
            pub fn compare_exchange_weak(
                &self,
                now: $value,
                new: $value,
                ok: Ordering,
                err: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(now, new, ok, err)
            }

            /// As the standard library's.
            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }

            /// As the standard library's.
            pub fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            $(atomic! { $more $value })?
        }
    };
    (number $value:ty) => {
        /// As the standard library's.
        pub fn fetch_add(&self, n: $value, order: Ordering) -> $value {
            point();
            self.0.fetch_add(n, order)
        }

        /// As the standard library's.
        pub fn fetch_sub(&self, n: $value, order: Ordering) -> $value {
            point();
            self.0.fetch_sub(n, order)
        }

        /// As the standard library's.
        pub fn fetch_or(&self, n: $value, order: Ordering) -> $value {
            point();
            self.0.fetch_or(n, order)
        }

        /// As the standard library's.
        pub fn fetch_and(&self, n: $value, order: Ordering) -> $value {
            point();
            self.0.fetch_and(n, order)
        }

        /// As the standard library's.
        pub fn fetch_max(&self, n: $value, order: Ordering) -> $value {
            point();
            self.0.fetch_max(n, order)
        }

        /// As the standard library's.
        pub fn fetch_update(
            &self,
            ok: Ordering,
            err: Ordering,
            mut f: impl FnMut($value) -> Option<$value>,
        ) -> Result<$value, $value> {
            let mut now = self.load(err);
            while let Some(new) = f(now) {
                match self.compare_exchange(now, new, ok, err) {
                    Ok(old) => return Ok(old),
                    Err(other) => now = other,
                }
            }
            Err(now)
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicU32, u32, number);
atomic!(AtomicU64, u64, number);
atomic!(AtomicUsize, usize, number);

/// As the standard library's.
pub fn spin_loop() {
    if pause().is_none() {
        std::hint::spin_loop();
    }
}

/// As the standard library's.
pub fn yield_now() {
    if pause().is_none() {
        std::thread::yield_now();
    }
}

/// As the standard library's.
pub fn sleep(time: Duration) {
    if ask(|p| p.sleep(&|| false, Some(time))).is_none() {
        std::thread::sleep(time);
    }
}

/// See `real.rs`.
pub fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    point();
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// See `real.rs`.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    loop {
        if let Some(guard) = try_lock(mutex) {
            return guard;
        }
        if pause().is_none() {
            return mutex.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// As the standard library's; use [`wait`].
#[derive(Debug, Default)]
pub struct Condvar {
    real: std::sync::Condvar,
    /// How often it was notified.
    notified: atomic::AtomicU64,
}

impl Condvar {
    pub fn new() -> Self {
        Condvar::default()
    }

    pub fn notify_one(&self) {
        // A probed waiter may wake up too often, which a condition variable allows.
        self.notify_all();
    }

    pub fn notify_all(&self) {
        point();
        self.notified.fetch_add(1, Ordering::SeqCst);
        with_probe(|p| p.notified());
        self.real.notify_all();
    }
}

/// See `real.rs`.
pub fn wait<'m, T>(
    condvar: &Condvar,
    mutex: &'m Mutex<T>,
    guard: MutexGuard<'m, T>,
    limit: Option<Duration>,
) -> MutexGuard<'m, T> {
    if with_probe(|_| ()).is_none() {
        return match limit {
            Some(limit) => {
                let woken = condvar.real.wait_timeout(guard, limit);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let woken = condvar.real.wait(guard);
                woken.unwrap_or_else(PoisonError::into_inner)
            }
        };
    }
    let before = condvar.notified.load(Ordering::SeqCst);
    drop(guard);
    ask(|p| {
        p.sleep(&|| condvar.notified.load(Ordering::SeqCst) != before, limit);
    });
    lock(mutex)
}

/// The time: the probe's own, if it has one.
pub fn now() -> Instant {
    with_probe(|p| p.now()).unwrap_or_else(Instant::now)
}

/// A number up to this one.
pub fn random_up_to(limit: u64) -> u64 {
    use rand::Rng;
    let number = with_probe(|p| p.random());
    number.map_or_else(
        || rand::rng().random_range(0..=limit),
        |n| n % limit.saturating_add(1).max(1),
    )
}

/// What an address is hashed by: in a run that is to be repeatable, a number that does not depend on where memory was found.
pub fn place(address: usize) -> usize {
    with_probe(|p| p.place(address)).unwrap_or(address)
}

/// As the standard library's, but the same in every run under a probe.
#[derive(Debug, Clone)]
pub enum RandomState {
    Random(std::hash::RandomState),
    Fixed,
}

impl RandomState {
    pub fn new() -> Self {
        match with_probe(|_| ()) {
            Some(()) => RandomState::Fixed,
            None => RandomState::Random(std::hash::RandomState::new()),
        }
    }
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        match self {
            RandomState::Random(state) => state.build_hasher(),
            RandomState::Fixed => DefaultHasher::new(),
        }
    }
}

/// A value for each thread, and for each task of a probe that runs several in one thread.
pub struct Local<T: 'static> {
    pub thread: std::thread::LocalKey<T>,
    pub task: &'static shuttle::thread::LocalKey<T>,
}

/// The value has been destroyed.
#[derive(Debug)]
pub struct Gone;

impl<T: 'static> Local<T> {
    pub fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, Gone> {
        if with_probe(|p| p.has_tasks()) == Some(true) {
            self.task.try_with(f).map_err(|_| Gone)
        } else {
            self.thread.try_with(f).map_err(|_| Gone)
        }
    }

    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        self.try_with(f).expect("the thread's values are there")
    }
}

impl<T: Copy + 'static> Local<std::cell::Cell<T>> {
    pub fn get(&'static self) -> T {
        self.with(std::cell::Cell::get)
    }
}

impl<T: 'static> Local<std::cell::Cell<T>> {
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

/// See `real.rs`.
macro_rules! thread_locals {
    ($(#[$about:meta])* $(lazy)? static $name:ident: $type:ty = $init:expr) => {
        $(#[$about])*
        static $name: $crate::primitive::Local<$type> = $crate::primitive::Local {
            thread: {
                std::thread_local! { static THREAD: $type = $init; }
                THREAD
            },
            task: {
                shuttle::thread_local! { static TASK: $type = $init; }
                &TASK
            },
        };
    };
}
pub(crate) use thread_locals;
