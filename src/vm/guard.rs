//! What stops a thread of an embedded interpreter from outside: an interrupt, or a limit on time or work.
//!
//! Looked at by the poll's slow path, and between two looks of a wait. Once a thread is to stop, an exception that is no `Exception` is raised
//! there each time, until the call that it runs has returned: a script that catches it gets the next one. What catches too many of them
//! finds its handlers, `finally` blocks and context managers passed over.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use crate::heap::{R, Thread};

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

/// What one thread looks at.
pub struct Guarded {
    guard: Arc<Guard>,
    /// Interrupts when it began.
    before: u64,
    until: Option<Instant>,
    /// The thread's count of work at which it is stopped.
    work: Option<u64>,
    stopped: Option<Stopped>,
    /// How often the exception was raised.
    raised: u32,
}

/// So often a script may catch it.
const PATIENCE: u32 = 16;

impl Thread {
    /// The thread is stopped when the guard says so, at that time, or after so much work.
    pub fn guard_by(&mut self, guard: Arc<Guard>, until: Option<Instant>, work: Option<u64>) {
        let before = guard.interrupts.load(Relaxed);
        let work = work.map(|w| self.vm.work.saturating_add(w));
        self.vm.guarded = Some(Box::new(Guarded {
            guard,
            before,
            until,
            work,
            stopped: None,
            raised: 0,
        }));
        // Waits are cut into slices.
        self.vm.main = true;
    }

    /// Why the thread is to stop, if it is.
    pub fn stopped(&self) -> Option<Stopped> {
        self.vm.guarded.as_ref()?.stopped
    }

    /// Looks whether the thread is to stop.
    pub fn must_stop(&mut self) -> bool {
        let done = self.vm.work;
        let Some(g) = &mut self.vm.guarded else {
            return false;
        };
        if g.stopped.is_none() {
            g.stopped = if g.guard.interrupts.load(Relaxed) != g.before {
                Some(Stopped::Interrupted)
            } else if g.work.is_some_and(|w| done >= w) {
                Some(Stopped::Work)
            } else if g.until.is_some_and(|t| t <= Instant::now()) {
                Some(Stopped::Time)
            } else {
                None
            };
        }
        g.stopped.is_some()
    }

    /// How much work may be done before the next look, at most.
    pub(super) fn work_left(&self) -> u64 {
        let limit = self.vm.guarded.as_ref().and_then(|g| g.work);
        limit.map_or(u64::MAX, |w| w.saturating_sub(self.vm.work).max(1))
    }

    /// Whether an exception on its way passes all handlers over.
    pub(super) fn is_forced(&self) -> bool {
        let guarded = self.vm.guarded.as_ref();
        guarded.is_some_and(|g| g.raised > PATIENCE)
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
