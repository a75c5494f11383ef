//! Waiting between attempts: for a change in what was read, for another transaction's end, for a while; and the loop that puts
//! everything together.

use std::time::{Duration, Instant};

use super::{Conflict, GaveUp, Res, Txn};
use crate::host::Pace;
use crate::orec::{OWNED, Orec, TAG, same_version};
use crate::policy::Decision;
use crate::primitive::{Arc, Ordering, lock, now, sleep, spin_loop, yield_now};
use crate::slot::Signals;
use crate::stats::Cause;
use crate::waiters::{Waiter, Watched};

/// How [`Txn::wait_for_change`] ended.
///
/// ```
/// assert_ne!(keelback_stm::WaitResult::Changed, keelback_stm::WaitResult::TimedOut);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitResult {
    /// Something that the block read has changed: run it again.
    Changed,
    /// The time is over.
    TimedOut,
    /// Somebody called [`Engine::interrupt`](crate::Engine::interrupt).
    Interrupted,
    /// The block has read nothing that could change: it would sleep for ever.
    NothingRead,
}

/// How long a sleeper naps while an object that it watches is owned by a transaction that may not know of the sleeper.
const NAP: Duration = Duration::from_micros(500);

/// How long to wait for another transaction before trying again anyway.
const OWNER_LIMIT: Duration = Duration::from_millis(10);

/// What a block that waits has looked at.
#[must_use]
pub(crate) struct Watching(Vec<Watched>);

impl Txn {
    /// For a block that cannot go on until something changes (`retry`): aborts it, with [`Cause::UserRetry`], and sleeps until a commit has
    /// changed something that it read. To be called in place of [`abort`](Txn::abort), whatever the result; after a
    /// real [`Conflict`](super::Conflict) it only aborts, since a block that ran into one need not wait for a change.
    ///
    /// Nothing is owned during the sleep. What is watched is among the roots.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// use std::time::Duration;
    /// use keelback_stm::WaitResult;
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// assert_eq!(txn.wait_for_change(Some(Duration::from_millis(1))), WaitResult::TimedOut);
    /// ```
    pub fn wait_for_change(&mut self, timeout: Option<Duration>) -> WaitResult {
        match self.conflict_cause() {
            None => {
                let _: Conflict = self.fail_with(Cause::UserRetry);
            }
            Some(Cause::UserRetry) => {}
            Some(_) => {
                self.abort();
                return WaitResult::Changed;
            }
        }
        let watched = self.abandon(|_| true);
        self.wait_for(watched, timeout)
    }

    /// Sleeps until something of what [`abandon`](Txn::abandon) has returned changes.
    pub(crate) fn wait_for(
        &mut self,
        Watching(watched): Watching,
        timeout: Option<Duration>,
    ) -> WaitResult {
        if watched.is_empty() {
            return WaitResult::NothingRead;
        }
        // One beyond the end of time is none.
        let deadline = timeout.and_then(|t| now().checked_add(t));
        self.counters.waits += 1;
        let waiter = Arc::new(Waiter {
            slot: self.slot_index,
            watched,
        });
        self.watching = Some(Arc::clone(&waiter));
        let engine = self.engine_ref();
        lock(&self.slot().parker.signals).changed = false;
        engine.waiters.add(&waiter);
        // Relaxed: the tick carries it; see `waiters.rs`.
        engine.time.sleepers.fetch_add(1, Ordering::Relaxed);
        engine.tick();
        let result = self.sleep(&waiter, deadline);
        engine.time.sleepers.fetch_sub(1, Ordering::Relaxed);
        engine.waiters.remove(&waiter);
        self.watching = None;
        result
    }

    /// Aborts, and returns what the block looked at, at the versions that it saw. Our own abort does not change these. `keep` is asked for each version word
    /// while the block still runs, whether to watch it: if so, it is the caller's to keep it valid until [`wait_for`](Txn::wait_for) has returned.
    pub(crate) fn abandon(&mut self, mut keep: impl FnMut(*const Orec) -> bool) -> Watching {
        let reads = self.reads.iter().map(|r| Watched {
            orec: r.orec,
            word: r.word,
        });
        // What we own may not be in the read set.
        let owned = self.owned.iter().map(|o| Watched {
            orec: o.orec,
            word: o.before,
        });
        let mut watched: Vec<Watched> = reads.chain(owned).collect();
        watched.sort_unstable_by_key(|w| w.orec as usize);
        watched.dedup_by_key(|w| w.orec as usize);
        watched.retain(|w| keep(w.orec));
        self.abort();
        Watching(watched)
    }

    fn sleep(&mut self, waiter: &Waiter, deadline: Option<Instant>) -> WaitResult {
        let engine = self.engine_ref();
        let parker = &engine.slots.get(self.slot_index).parker;
        loop {
            let mut eyes_open = false;
            for w in &waiter.watched {
                // SAFETY: the contract of `Engine::register`: it is valid until we return from `wait_for_change`.
                // Acquire: whoever runs again because of a change sees it.
                let word = unsafe { &*w.orec }.0.load(Ordering::Acquire);
                if same_version(word, w.word) {
                    continue;
                }
                if word & TAG != OWNED {
                    return WaitResult::Changed;
                }
                eyes_open = true;
            }
            let mut nap = eyes_open.then_some(NAP);
            if let Some(deadline) = deadline {
                let left = deadline.saturating_duration_since(now());
                if left.is_zero() {
                    return WaitResult::TimedOut;
                }
                nap = Some(nap.map_or(left, |n| n.min(left)));
            }
            let mut interrupted = false;
            self.expose_logs();
            engine.host.pause();
            engine.host.block(&mut || {
                let mut signals = lock(&parker.signals);
                if !signals.changed && !signals.interrupted {
                    signals = parker.wait(signals, nap);
                }
                interrupted = signals.interrupted;
                *signals = Signals::default();
            });
            if interrupted {
                return WaitResult::Interrupted;
            }
        }
    }

    /// After an abort: waits until the block that was in the way has ended, but not longer than some milliseconds.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// # // SAFETY: as above.
    /// # let mut other = unsafe { engine.register() };
    /// use std::time::{Duration, Instant};
    /// other.begin();
    /// other.write(&orec, &word, 2).unwrap();
    /// txn.begin();
    /// assert_eq!(txn.write(&orec, &word, 3), Err(Conflict));
    /// txn.abort();
    /// let start = Instant::now();
    /// txn.wait_for_owner();
    /// assert!(start.elapsed() > Duration::from_millis(1), "`other` has not ended");
    /// # other.abort();
    /// ```
    pub fn wait_for_owner(&mut self) {
        let Some((other, serial)) = self.last_other else {
            return;
        };
        if serial & 1 == 0 {
            return;
        }
        let engine = self.engine_ref();
        let slot = engine.slots.get(other);
        let deadline = now() + OWNER_LIMIT;
        let mut pace = Pace::new();
        // Acquire: pairs with the end of that block.
        while slot.serial.load(Ordering::Acquire) == serial && now() < deadline {
            self.expose_logs();
            pace.step(&*engine.host);
        }
    }

    /// After an abort: does the waiting that a decision asks for, if it asks for any.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// use std::time::{Duration, Instant};
    /// use keelback_stm::Decision;
    /// txn.begin();
    /// txn.abort();
    /// let (start, time) = (Instant::now(), Duration::from_millis(1));
    /// txn.carry_out(Decision::Backoff(time));
    /// assert!(start.elapsed() >= time);
    /// ```
    pub fn carry_out(&mut self, decision: Decision) {
        match decision {
            Decision::Backoff(time) => {
                let engine = self.engine_ref();
                self.expose_logs();
                engine.host.pause();
                if time < Duration::from_micros(50) {
                    // The system's sleep would take longer.
                    let end = now() + time;
                    while now() < end {
                        spin_loop();
                    }
                } else {
                    engine.host.block(&mut || sleep(time));
                }
            }
            Decision::WaitForOwner => self.wait_for_owner(),
            // Whoever waits for what we owned must get to run while we own nothing. On one processor, blocks that took the same
            // objects again at once, and gave the processor away only within the block, would keep each other out for ever.
            Decision::Retry | Decision::Shrink if self.last_abort.attempt > 1 => yield_now(),
            Decision::Retry | Decision::Shrink | Decision::Irrevocable | Decision::GiveUp => {}
        }
    }

    /// Runs `body` as one block, again and again as the policy in force says, until it commits.
    ///
    /// `body` passes every [`Conflict`](super::Conflict) on; one that it makes by [`retry`](Txn::retry) is waited out. If it panics, the block
    /// is rolled back.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// let old = txn.run(|t| {
    ///     let old = t.read(&orec, || word.load(Relaxed))?;
    ///     t.write(&orec, &word, old + 1)?;
    ///     Ok(old)
    /// });
    /// assert_eq!((old, word.load(Relaxed)), (Ok(1), 2));
    /// ```
    pub fn run<R>(&mut self, mut body: impl FnMut(&mut Txn) -> Res<R>) -> Result<R, GaveUp> {
        /// Rolls back if the body does not come back.
        struct Unwinding<'t>(&'t mut Txn);
        impl Drop for Unwinding<'_> {
            fn drop(&mut self) {
                if self.0.in_block() && !self.0.solo {
                    self.0.abort();
                }
            }
        }

        let mut irrevocable = false;
        self.forget_attempts();
        loop {
            self.begin();
            let guard = Unwinding(self);
            let txn = &mut *guard.0;
            let start = if irrevocable {
                txn.become_irrevocable()
            } else {
                Ok(())
            };
            let result = start
                .and_then(|()| body(txn))
                .and_then(|value| txn.commit().map(|()| value));
            std::mem::forget(guard);
            if let Ok(value) = result {
                return Ok(value);
            }
            if self.conflict_cause() == Some(Cause::UserRetry) {
                if self.wait_for_change(None) == WaitResult::NothingRead {
                    return Err(GaveUp(self.last_abort));
                }
                continue;
            }
            self.abort();
            let decision = self.decide();
            if decision == Decision::GiveUp {
                return Err(GaveUp(self.last_abort));
            }
            irrevocable = decision == Decision::Irrevocable;
            self.carry_out(decision);
        }
    }

    /// In the body of [`run`](Txn::run): the block cannot go on until something that it read changes.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// let result = txn.run(|t| t.retry::<()>());
    /// assert!(result.is_err(), "it has read nothing that could change");
    /// ```
    pub fn retry<T>(&mut self) -> Res<T> {
        if self.unlogged {
            self.want_log()?;
        }
        Err(self.fail_with(Cause::UserRetry))
    }

    /// After [`retry`](Txn::retry): the block goes on after all, and tries something else.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let _ = txn.retry::<()>();
    /// txn.forget_retry();
    /// assert_eq!(txn.commit(), Ok(()));
    /// ```
    pub fn forget_retry(&mut self) {
        if self.conflict_cause() == Some(Cause::UserRetry) {
            self.dispute = None;
            self.client_tags = None;
            self.object_kind = 0;
        }
    }
}
