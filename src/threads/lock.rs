//! `_thread.lock` and `_thread.RLock`.
//!
//! A lock is an object of the heap whose slots say who holds it, so that it is part of what a block reads and writes.
//!
//! **Elision** (design section 8). A block that acquires a free lock only reads that it is free, and remembers that it holds it
//! ([`Elided`]). If it releases the lock before it ends, nobody ever knows: the block is one step anyway, and whoever takes the lock for
//! real meanwhile has changed what the block has read. If the block has to end with the lock still held, it takes it for real
//! as the last thing it does ([`Thread::take_elided_locks`]), and aborts if it is no longer free.
//!
//! A lock that only this thread can reach is simply taken: that costs less.
//!
//! Releasing a lock that was taken for real takes effect when the block commits; the block ends at its next poll, so that the lock
//! is not held for longer than it must be, and so that a thread that releases and acquires in turn leaves a gap for others.

use std::time::{Duration, Instant};

use crate::heap::{R, RawSlot, Ref, Thread, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::native::{Native, Payload, tuple_items};

/// `_thread.lock`.
#[derive(Default)]
pub struct Lock {
    /// The thread that took it, or 0.
    holder: RawSlot,
}
impl Payload for Lock {}

/// `_thread.RLock`.
#[derive(Default)]
pub struct RLock {
    /// The thread that holds it, or 0.
    owner: RawSlot,
    count: RawSlot,
}
impl Payload for RLock {}

/// A lock that the running block holds without having taken it.
#[derive(Clone, Copy)]
pub struct Elided {
    pub(crate) lock: Value,
    /// How many times.
    count: u64,
}

/// The longest timeout, in seconds.
pub const TIMEOUT_MAX: f64 = 9223372036.0;

impl Thread {
    fn ident(&self) -> u64 {
        self.shared.ident
    }

    fn elided(&mut self, lock: Value) -> Option<usize> {
        self.vm.elided.iter().position(|e| e.lock == lock)
    }

    /// May the running block hold `lock` without taking it?
    fn may_elide<T>(&self, lock: Ref<T>) -> bool {
        self.vm.in_block && !self.txn.is_irrevocable() && self.is_shared(lock)
    }

    /// The block is about to end with elided locks held: takes them.
    ///
    /// # Errors
    /// `Abort` if one is no longer free.
    #[cold]
    pub(crate) fn take_elided_locks(&mut self) -> R<()> {
        let me = self.ident();
        for i in 0..self.vm.elided.len() {
            let Elided { lock, count } = self.vm.elided[i];
            if let Some(lock) = lock.native::<Lock>() {
                self.set_raw(lock, &lock.holder, me)?;
            } else if let Some(lock) = lock.native::<RLock>() {
                self.set_raw(lock, &lock.owner, me)?;
                self.set_raw(lock, &lock.count, count)?;
            }
        }
        Ok(())
    }

    fn acquire_lock(&mut self, lock: Ref<Native<Lock>>, deadline: Option<Instant>) -> R<bool> {
        let got = self.wait_until(lock.value(), deadline, |th| {
            if th.vm.in_block && th.elided(lock.value()).is_some() {
                return Ok(None);
            }
            if th.get_raw(lock, &lock.holder)? != 0 {
                return Ok(None);
            }
            if th.may_elide(lock) {
                th.vm.elided.push(Elided {
                    lock: lock.value(),
                    count: 1,
                });
            } else {
                let me = th.ident();
                th.set_raw(lock, &lock.holder, me)?;
            }
            Ok(Some(()))
        })?;
        Ok(got.is_some())
    }

    fn release_lock(&mut self, lock: Ref<Native<Lock>>) -> R<()> {
        if let Some(i) = self.elided(lock.value()) {
            self.vm.elided.swap_remove(i);
            return Ok(());
        }
        if self.get_raw(lock, &lock.holder)? == 0 {
            return Err(self.runtime_error("release unlocked lock"));
        }
        self.set_raw(lock, &lock.holder, 0)?;
        self.was_released(lock.value());
        Ok(())
    }

    fn was_released(&mut self, lock: Value) {
        self.tell_waiters(lock);
        self.break_soon();
    }

    /// Acquires a re-entrant lock `times` over.
    fn acquire_rlock(
        &mut self,
        lock: Ref<Native<RLock>>,
        times: u64,
        deadline: Option<Instant>,
    ) -> R<bool> {
        let got = self.wait_until(lock.value(), deadline, |th| {
            if th.vm.in_block
                && let Some(i) = th.elided(lock.value())
            {
                th.vm.elided[i].count += times;
                return Ok(Some(()));
            }
            let me = th.ident();
            let owner = th.get_raw(lock, &lock.owner)?;
            if owner == me {
                let count = th.get_raw(lock, &lock.count)?;
                th.set_raw(lock, &lock.count, count + times)?;
            } else if owner != 0 {
                return Ok(None);
            } else if th.may_elide(lock) {
                th.vm.elided.push(Elided {
                    lock: lock.value(),
                    count: times,
                });
            } else {
                th.set_raw(lock, &lock.owner, me)?;
                th.set_raw(lock, &lock.count, times)?;
            }
            Ok(Some(()))
        })?;
        Ok(got.is_some())
    }

    /// How many times this thread holds the lock.
    fn rlock_count(&mut self, lock: Ref<Native<RLock>>) -> R<u64> {
        if let Some(i) = self.elided(lock.value()) {
            return Ok(self.vm.elided[i].count);
        }
        let (owner, count) = self.read(lock, |l| (l.owner.peek(), l.count.peek()))?;
        Ok(if owner == self.ident() { count } else { 0 })
    }

    /// Releases a re-entrant lock `times` over, as often as this thread holds it at most.
    fn release_rlock(&mut self, lock: Ref<Native<RLock>>, times: u64) -> R<()> {
        if let Some(i) = self.elided(lock.value()) {
            self.vm.elided[i].count -= times;
            if self.vm.elided[i].count == 0 {
                self.vm.elided.swap_remove(i);
            }
            return Ok(());
        }
        let left = self.get_raw(lock, &lock.count)? - times;
        self.set_raw(lock, &lock.count, left)?;
        if left == 0 {
            self.set_raw(lock, &lock.owner, 0)?;
            self.was_released(lock.value());
        }
        Ok(())
    }

    /// When a wait with these arguments of `acquire` ends: at once (now), at a time, or never.
    fn acquire_deadline(&mut self, blocking: Value, timeout: Value) -> R<Option<Instant>> {
        let blocking = blocking.is_null() || self.truth(blocking)?;
        let seconds = if timeout.is_null() {
            -1.0
        } else {
            self.real_number(timeout)?
        };
        if !blocking {
            if seconds != -1.0 {
                return Err(self.value_error("can't specify a timeout for a non-blocking call"));
            }
            return Ok(Some(Instant::now()));
        }
        if seconds == -1.0 {
            return Ok(None);
        }
        if seconds.is_nan() {
            return Err(self.value_error("Invalid value NaN (not a number)"));
        }
        if seconds < 0.0 {
            return Err(self.value_error("timeout value must be a non-negative number"));
        }
        self.deadline(seconds).map(Some)
    }

    /// The time in so many seconds.
    pub(crate) fn deadline(&mut self, seconds: f64) -> R<Instant> {
        if seconds > TIMEOUT_MAX {
            return Err(self.overflow_error("timeout value is too large"));
        }
        Ok(Instant::now() + Duration::from_secs_f64(seconds.max(0.0)))
    }
}

fn lock(a: &[Value]) -> Ref<Native<Lock>> {
    a[0].native().expect("the receiver's class was checked")
}

fn rlock(a: &[Value]) -> Ref<Native<RLock>> {
    a[0].native().expect("the receiver's class was checked")
}

fn acquire(th: &mut Thread, a: &[Value]) -> R<Value> {
    let deadline = th.acquire_deadline(a[1], a[2])?;
    Ok(Value::bool(th.acquire_lock(lock(a), deadline)?))
}

fn enter(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(th.acquire_lock(lock(a), None)?))
}

fn release(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.release_lock(lock(a))?;
    Ok(Value::NONE)
}

fn is_locked(th: &mut Thread, lock: Ref<Native<Lock>>) -> R<bool> {
    Ok(th.elided(lock.value()).is_some() || th.get_raw(lock, &lock.holder)? != 0)
}

fn locked(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(is_locked(th, lock(a))?))
}

fn reset(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lock = lock(a);
    if let Some(i) = th.elided(lock.value()) {
        th.vm.elided.swap_remove(i);
    }
    th.set_raw(lock, &lock.holder, 0)?;
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lock = lock(a);
    let state = if is_locked(th, lock)? {
        "locked"
    } else {
        "unlocked"
    };
    let class = th.class_of(a[0]).name().to_string();
    let text = format!("<{state} _thread.{class} object at {:#x}>", lock.address());
    Ok(th.str_value(&text))
}

fn new_lock(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    Ok(th.new_native(class, Lock::default()).value())
}

/// `allocate_lock()`.
pub(crate) fn allocate(th: &mut Thread, _: &[Value]) -> R<Value> {
    let class = th.class_for::<Lock>();
    Ok(th.new_native(class, Lock::default()).value())
}

fn r_acquire(th: &mut Thread, a: &[Value]) -> R<Value> {
    let deadline = th.acquire_deadline(a[1], a[2])?;
    Ok(Value::bool(th.acquire_rlock(rlock(a), 1, deadline)?))
}

fn r_enter(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(th.acquire_rlock(rlock(a), 1, None)?))
}

fn not_held(th: &mut Thread) -> crate::heap::Fail {
    th.runtime_error("cannot release un-acquired lock")
}

fn r_release(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.rlock_count(rlock(a))? == 0 {
        return Err(not_held(th));
    }
    th.release_rlock(rlock(a), 1)?;
    Ok(Value::NONE)
}

fn r_is_owned(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(th.rlock_count(rlock(a))? != 0))
}

fn r_recursion_count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = th.rlock_count(rlock(a))?;
    Ok(th.int(n as i64))
}

fn r_locked(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lock = rlock(a);
    let held = th.elided(a[0]).is_some() || th.get_raw(lock, &lock.owner)? != 0;
    Ok(Value::bool(held))
}

fn r_release_save(th: &mut Thread, a: &[Value]) -> R<Value> {
    let count = th.rlock_count(rlock(a))?;
    if count == 0 {
        return Err(not_held(th));
    }
    th.release_rlock(rlock(a), count)?;
    let me = th.ident();
    let (count, me) = (th.int(count as i64), th.int(me as i64));
    Ok(th.tuple_value(&[count, me]))
}

fn r_acquire_restore(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[count, _] = tuple_items(a[1]) else {
        return Err(th.type_error("_acquire_restore() argument must be what _release_save() gave"));
    };
    let count = th.index_i64(count)?.max(1) as u64;
    th.acquire_rlock(rlock(a), count, None)?;
    Ok(Value::NONE)
}

fn r_reset(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lock = rlock(a);
    if let Some(i) = th.elided(a[0]) {
        th.vm.elided.swap_remove(i);
    }
    th.set_raw(lock, &lock.owner, 0)?;
    th.set_raw(lock, &lock.count, 0)?;
    Ok(Value::NONE)
}

fn r_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lock = rlock(a);
    let (owner, count) = match th.elided(a[0]) {
        Some(i) => (th.ident(), th.vm.elided[i].count),
        None => th.read(lock, |l| (l.owner.peek(), l.count.peek()))?,
    };
    let state = if owner == 0 { "unlocked" } else { "locked" };
    let class = th.class_of(a[0]).name().to_string();
    let text = format!(
        "<{state} _thread.{class} object owner={owner} count={count} at {:#x}>",
        lock.address()
    );
    Ok(th.str_value(&text))
}

fn new_rlock(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    Ok(th.new_native(class, RLock::default()).value())
}

/// Makes the two classes.
pub(crate) fn init(th: &mut Thread) -> (Ref<Class>, Ref<Class>) {
    let lock = th.new_type::<Lock>("_thread.lock", class_flags::WEAKREF, |t| {
        t.new("lock(cls)", new_lock).methods(&[
            ("acquire(self, blocking=True, timeout=-1)", acquire),
            ("acquire_lock(self, blocking=True, timeout=-1)", acquire),
            ("release(self)", release),
            ("release_lock(self)", release),
            ("locked(self)", locked),
            ("locked_lock(self)", locked),
            ("__enter__(self)", enter),
            ("__exit__(self, *args)", release),
            ("__repr__(self)", repr),
            ("_at_fork_reinit(self)", reset),
        ]);
    });
    let flags = class_flags::WEAKREF | class_flags::BASE;
    let rlock = th.new_type::<RLock>("_thread.RLock", flags, |t| {
        t.new("RLock(cls, *args, **kwargs)", new_rlock).methods(&[
            ("acquire(self, blocking=True, timeout=-1)", r_acquire),
            ("release(self)", r_release),
            ("locked(self)", r_locked),
            ("__enter__(self)", r_enter),
            ("__exit__(self, *args)", r_release),
            ("__repr__(self)", r_repr),
            ("_is_owned(self)", r_is_owned),
            ("_recursion_count(self)", r_recursion_count),
            ("_release_save(self)", r_release_save),
            ("_acquire_restore(self, state, /)", r_acquire_restore),
            ("_at_fork_reinit(self)", r_reset),
        ]);
    });
    (lock, rlock)
}
