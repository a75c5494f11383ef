//! What stops a thread of an embedded interpreter from outside: an interrupt, or a limit on time or work.
//!
//! Looked at by the poll's slow path, between two looks of a wait, and in native loops (`tick`). Once a thread is to stop, an exception that is no `Exception` is raised
//! there each time, until the call that it runs has returned: a script that catches it gets the next one. What catches too many of them
//! finds its handlers, `finally` blocks and context managers passed over.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use crate::heap::{Fail, R, Thread};

/// Why a call was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// By an interrupter.
    Interrupted,
    /// It took longer than it may.
    Time,
    /// It did more than it may.
    Work,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stopped::Interrupted => "interrupted",
            Stopped::Time => "the time limit has passed",
            Stopped::Work => "the work limit is used up",
        })
    }
}

/// What all threads of an embedded interpreter look at.
#[derive(Default)]
pub struct Guard {
    /// How often all calls have been interrupted.
    interrupts: AtomicU64,
}

impl Guard {
    /// Interrupts all calls that are under way.
    pub fn interrupt(&self) {
        self.interrupts.fetch_add(1, Relaxed);
    }
}

/// The limits of one call, for its thread and those that it starts.
pub struct Call {
    guard: Arc<Guard>,
    /// Interrupts when it began.
    before: u64,
    until: Option<Instant>,
    /// The most work, and what its threads have done of it.
    work: Option<u64>,
    done: AtomicU64,
}

impl Call {
    /// Whether its threads are to stop, after `more` work.
    fn look(&self, more: u64) -> Option<Stopped> {
        let used_up = |limit| self.done.fetch_add(more, Relaxed) + more >= limit;
        if self.guard.interrupts.load(Relaxed) != self.before {
            Some(Stopped::Interrupted)
        } else if self.work.is_some_and(used_up) {
            Some(Stopped::Work)
        } else if self.until.is_some_and(|t| t <= Instant::now()) {
            Some(Stopped::Time)
        } else {
            None
        }
    }

    /// Whether native code that works for it, and cannot raise where it is, had better give up, after `more` work.
    pub(crate) fn is_over(&self, more: u64) -> bool {
        self.look(more).is_some()
    }
}

/// What one thread looks at.
pub struct Guarded {
    call: Arc<Call>,
    /// How much of the thread's work is in the call's count.
    counted: u64,
    stopped: Option<Stopped>,
    /// How often the exception was raised.
    raised: u32,
}

/// So many steps of native loops are counted between two looks.
const TICKS: u32 = 1024;

/// So often a script may catch it.
const PATIENCE: u32 = 16;

impl Thread {
    /// A call begins: the thread is stopped when the guard says so, at that time, or after so much work.
    pub fn guard_by(&mut self, guard: Arc<Guard>, until: Option<Instant>, work: Option<u64>) {
        let before = guard.interrupts.load(Relaxed);
        self.guard_as(Arc::new(Call {
            guard,
            before,
            until,
            work,
            done: AtomicU64::new(0),
        }));
    }

    /// The thread works for this call.
    pub(crate) fn guard_as(&mut self, call: Arc<Call>) {
        self.vm.guarded = Some(Box::new(Guarded {
            call,
            counted: self.vm.work,
            stopped: None,
            raised: 0,
        }));
        self.ticking = true;
    }

    /// The call that the thread works for, if it is one of an embedded interpreter.
    pub(crate) fn guarded_call(&self) -> Option<Arc<Call>> {
        self.vm.guarded.as_ref().map(|g| Arc::clone(&g.call))
    }

    /// Whether the thread works for a call of an embedded interpreter.
    pub(crate) fn is_guarded(&self) -> bool {
        self.vm.guarded.is_some()
    }

    /// Whether there may be something to see to while the thread waits: waits are cut into slices.
    pub(crate) fn waits_in_slices(&self) -> bool {
        self.vm.main || self.vm.guarded.is_some()
    }

    /// Why the thread is to stop, if it is.
    pub fn stopped(&self) -> Option<Stopped> {
        self.vm.guarded.as_ref()?.stopped
    }

    /// Looks whether the thread is to stop.
    pub fn must_stop(&mut self) -> bool {
        let now = self.vm.work;
        let Some(g) = &mut self.vm.guarded else {
            return false;
        };
        if g.stopped.is_none() {
            let more = now - g.counted;
            g.counted = now;
            g.stopped = g.call.look(more);
        }
        g.stopped.is_some()
    }

    /// How much work may be done before the next look, at most.
    pub(super) fn work_left(&self) -> u64 {
        let Some(g) = &self.vm.guarded else {
            return u64::MAX;
        };
        let done = || g.call.done.load(Relaxed) + (self.vm.work - g.counted);
        let limit = g.call.work;
        limit.map_or(u64::MAX, |w| w.saturating_sub(done()).max(1))
    }

    /// Whether an exception on its way passes all handlers over.
    pub(super) fn is_forced(&self) -> bool {
        let guarded = self.vm.guarded.as_ref();
        guarded.is_some_and(|g| g.raised > PATIENCE)
    }

    /// One step of a loop in native code that may be long, or without an end: an iterator's next item, a call from native code. The limits of a
    /// call hold there too, and that of the heap; nothing else is seen to, no collection, no other thread's wish.
    ///
    /// # Errors
    /// If the thread is to stop; MemoryError.
    #[inline(always)]
    pub fn tick(&mut self) -> R<()> {
        if self.ticking {
            return self.count_tick();
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn count_tick(&mut self) -> R<()> {
        self.vm.ticks = self.vm.ticks.wrapping_add(1);
        let full = self.rt.out_of_memory.load(Relaxed);
        if !full && !self.vm.ticks.is_multiple_of(TICKS) {
            return Ok(());
        }
        self.ticking = full || self.vm.guarded.is_some();
        if full {
            // The next poll collects. Until it comes, there is the reserve.
            let limit = self.rt.max_heap.load(Relaxed);
            let collections = self.rt.collections.load(Relaxed);
            if self.rt.space.in_use() > limit.saturating_add(limit / 4)
                && self.vm.told_full != collections
            {
                // Once: whoever handles it may need natives before the next poll.
                self.vm.told_full = collections;
                return Err(self.no_memory());
            }
        }
        if let Some(g) = &self.vm.guarded
            && self.vm.ticks.is_multiple_of(TICKS)
        {
            g.call.done.fetch_add(u64::from(TICKS), Relaxed);
            self.check_guard()?;
        }
        Ok(())
    }

    /// Raises what `check_guard` does, for native code that has given up.
    #[cold]
    pub(crate) fn stop_now(&mut self) -> Fail {
        match self.check_guard() {
            Err(f) => f,
            // An interrupt that came too late for this call, and was not for it.
            Ok(()) => self.runtime_error("the search was given up"),
        }
    }

    /// Whether the thread works for a call with limits.
    pub fn is_limited(&self) -> bool {
        let call = self.vm.guarded.as_ref().map(|g| &g.call);
        call.is_some_and(|c| c.until.is_some() || c.work.is_some())
    }

    /// # Errors
    /// If the thread is to stop.
    pub fn check_guard(&mut self) -> R<()> {
        if !self.must_stop() {
            return Ok(());
        }
        if let Some(g) = &mut self.vm.guarded {
            g.raised += 1;
        }
        let why = self.stopped().map_or_else(String::new, |s| s.to_string());
        let class = self.rt.types().exceptions.keyboard_interrupt;
        Err(self.raise(class, &why))
    }
}
