//! Waiting for another thread.
//!
//! What one thread waits for and another brings about is a state on the heap: a lock that is free, a thread that is done, a queue that
//! is not empty. So waiting is reading that state again and again, and sleeping until it changes.
//!
//! - Without barriers, whoever changes such a state says so ([`Thread::tell_waiters`]); sleepers are found by the object's address.
//! - With barriers, the engine wakes who sleeps on something that a commit has changed. The state is read, and changed, in a
//!   small block of its own between two blocks of the program, so that the wait holds nothing back and is not rolled back.
//! - Inside an `atomic` block waiting is `transaction.retry()`: the block is rolled back, and runs again when something that it
//!   has read changes.

use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::time::{Duration, Instant};

use keelback_stm::{Decision, WaitResult};
use parking_lot::{Condvar, Mutex};

use crate::heap::{ExecMode, Fail, R, Thread, Value};
use crate::vm::block::SIGNAL_SLICE;

/// Sleepers of threads without barriers.
struct Bucket {
    changes: Mutex<u64>,
    changed: Condvar,
    waiting: AtomicUsize,
}

const BUCKETS: usize = 64;
static SLEEPERS: [Bucket; BUCKETS] = [const {
    Bucket {
        changes: Mutex::new(0),
        changed: Condvar::new(),
        waiting: AtomicUsize::new(0),
    }
}; BUCKETS];

fn bucket(object: Value) -> &'static Bucket {
    let hash = (object.0 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    &SLEEPERS[(hash >> 58) as usize]
}

impl Thread {
    /// Waits until `ready` gives something, or until `deadline`. `ready` looks at the state of `object` through the
    /// barriers, and may change it. It runs in the running block first, and then, outside `atomic`, in blocks of its own (`vm.in_block` is
    /// false); after that native code returns to its caller without touching the heap.
    ///
    /// # Errors
    /// What `ready` or a signal's handler raises; `Abort` as everywhere.
    pub fn wait_until<T>(
        &mut self,
        object: Value,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Thread) -> R<Option<T>>,
    ) -> R<Option<T>> {
        if let Some(v) = ready(self)? {
            return Ok(Some(v));
        }
        if passed(deadline) {
            return Ok(None);
        }
        if !self.barriers {
            return self.wait_plainly(object, deadline, ready);
        }
        if !self.vm.atomic.is_empty() {
            if let Some(d) = deadline {
                let until = *self.vm.retry_until.get_or_insert(d);
                if passed(Some(until)) {
                    self.vm.retry_until = None;
                    return Ok(None);
                }
            }
            return Err(self.retry());
        }
        self.wait_after_block(deadline, ready)
    }

    fn wait_between_blocks<T>(
        &mut self,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Thread) -> R<Option<T>>,
    ) -> R<Option<T>> {
        let mut irrevocable = false;
        loop {
            if self.rt.world.wanted().is_some() {
                self.park();
            }
            self.txn.begin();
            let outcome = if irrevocable {
                self.txn.become_irrevocable().map_err(Fail::from)
            } else {
                Ok(())
            };
            match outcome.and_then(|()| ready(self)) {
                Ok(None) if self.vm.schedule.is_some() => {
                    self.txn.wait_for_change(Some(Duration::ZERO));
                    if let Err(ending) = self.wait_in_schedule(deadline) {
                        self.begin_irrevocable();
                        return Err(self.raise_ended(ending));
                    }
                    if passed(deadline) {
                        return Ok(None);
                    }
                    irrevocable = false;
                    continue;
                }
                Ok(None) => {
                    let limit = self.sleep_limit(deadline);
                    if self.txn.wait_for_change(limit) == WaitResult::NothingRead {
                        // No other thread knows the object. A signal's handler may.
                        self.blocked(|| std::thread::sleep(limit.unwrap_or(SIGNAL_SLICE)));
                    }
                    irrevocable = false;
                    if self.signals_wait() {
                        self.begin_irrevocable();
                        self.run_signal_handlers()?;
                        self.commit_block()?;
                    }
                    if passed(deadline) {
                        return Ok(None);
                    }
                    continue;
                }
                Ok(v) => {
                    if self.txn.commit().is_ok() {
                        return Ok(v);
                    }
                }
                Err(Fail::Raise) => {
                    if self.txn.commit().is_ok() {
                        return Err(Fail::Raise);
                    }
                    self.take_exc();
                }
                Err(Fail::Abort) => {}
            }
            self.txn.abort();
            let decision = self.txn.decide();
            self.txn.carry_out(decision);
            irrevocable = matches!(decision, Decision::Irrevocable | Decision::GiveUp);
        }
    }

    fn wait_plainly<T>(
        &mut self,
        object: Value,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Thread) -> R<Option<T>>,
    ) -> R<Option<T>> {
        let bucket = bucket(object);
        loop {
            bucket.waiting.fetch_add(1, SeqCst);
            let seen = *bucket.changes.lock();
            let outcome = ready(self);
            if matches!(outcome, Ok(None)) {
                let limit = self.sleep_limit(deadline);
                self.blocked(|| {
                    let mut changes = bucket.changes.lock();
                    while *changes == seen {
                        match limit {
                            Some(limit) => {
                                bucket.changed.wait_for(&mut changes, limit);
                                break;
                            }
                            None => bucket.changed.wait(&mut changes),
                        }
                    }
                });
            }
            bucket.waiting.fetch_sub(1, SeqCst);
            if !matches!(outcome, Ok(None)) {
                return outcome;
            }
            if self.signals_wait() {
                self.run_signal_handlers()?;
                if self.barriers {
                    // A handler has started the first thread: nobody tells the bucket any more, and the block that the handler has left
                    // behind must not wait.
                    return self.wait_after_block(deadline, ready);
                }
            }
            if passed(deadline) {
                return ready(self);
            }
        }
    }

    /// Commits, and waits outside any block.
    fn wait_after_block<T>(
        &mut self,
        deadline: Option<Instant>,
        ready: impl FnMut(&mut Thread) -> R<Option<T>>,
    ) -> R<Option<T>> {
        self.commit_block()?;
        let r = self.wait_between_blocks(deadline, ready);
        if !self.vm.in_block {
            self.resume_block();
        }
        r
    }

    fn sleep_limit(&self, deadline: Option<Instant>) -> Option<Duration> {
        let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
        if self.waits_in_slices() {
            Some(left.map_or(SIGNAL_SLICE, |l| l.min(SIGNAL_SLICE)))
        } else {
            left
        }
    }

    pub(crate) fn signals_wait(&mut self) -> bool {
        (self.vm.main && super::signals::pending()) || self.must_stop()
    }

    /// The state of `object`, for which others may wait, has changed. With barriers the commit says so.
    pub fn tell_waiters(&self, object: Value) {
        if !self.barriers || self.rt.settings.mode == ExecMode::Gil {
            let bucket = bucket(object);
            if bucket.waiting.load(SeqCst) != 0 {
                *bucket.changes.lock() += 1;
                bucket.changed.notify_all();
            }
        }
    }
}

fn passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|d| d <= Instant::now())
}
