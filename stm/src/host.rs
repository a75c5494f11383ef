//! What the engine asks of the program around it while it waits: leave to serve the program's safepoints.
//!
//! A thread that waits inside the engine may be waited for in turn, by a collector that stops the world. So every wait that has
//! no bound calls [`Host::pause`] again and again, and sleeps only inside [`Host::block`]. Which calls may do so: `read`,
//! `acquire` and `write` of an *irrevocable* transaction, `become_irrevocable`, `commit` of a transaction with `on_commit`
//! actions, `wait_for_change`, `wait_for_owner`, `carry_out` and `run`. All other waits are bounded by some microseconds and call nothing.

use std::time::Duration;

use crate::primitive::{sleep, spin_loop, yield_now};

/// The program around the engine.
///
/// ```
/// use keelback_stm::{Engine, Host};
///
/// struct Program;
/// impl Host for Program {
///     fn block(&self, wait: &mut dyn FnMut()) {
///         // Here the thread counts as stopped.
///         wait();
///         // Here it does not any more.
///     }
/// }
/// assert_eq!(Engine::with_host(Program).registered(), 0);
/// ```
pub trait Host: Send + Sync {
    /// Called over and over by a thread that waits for another. May serve a safepoint: other threads may call
    /// [`Txn::for_each_root`](crate::Txn::for_each_root) on this thread's transaction meanwhile.
    ///
    /// ```
    /// # use std::{sync::{Arc, atomic::{AtomicU32, Ordering::Relaxed}}, time::Duration};
    /// # use keelback_stm::{Decision, Engine, Host};
    /// static PAUSES: AtomicU32 = AtomicU32::new(0);
    /// struct Program;
    /// impl Host for Program {
    ///     fn pause(&self) {
    ///         PAUSES.fetch_add(1, Relaxed);
    ///     }
    /// }
    /// # let engine = Arc::new(Engine::with_host(Program));
    /// # // SAFETY: it is given no objects.
    /// # let mut txn = unsafe { engine.register() };
    /// # txn.begin();
    /// # txn.abort();
    /// txn.carry_out(Decision::Backoff(Duration::from_micros(100)));
    /// assert!(PAUSES.load(Relaxed) > 0);
    /// ```
    fn pause(&self) {}

    /// Calls `wait`, once, which sleeps without touching the program's objects. The thread may be counted as stopped from
    /// the beginning of this call to its end, which must not be before a collection that began meanwhile has ended.
    ///
    /// ```
    /// # use std::{sync::{Arc, atomic::{AtomicU32, Ordering::Relaxed}}, time::Duration};
    /// # use keelback_stm::{Decision, Engine, Host};
    /// static SLEEPS: AtomicU32 = AtomicU32::new(0);
    /// struct Program;
    /// impl Host for Program {
    ///     fn block(&self, wait: &mut dyn FnMut()) {
    ///         SLEEPS.fetch_add(1, Relaxed);
    ///         wait();
    ///     }
    /// }
    /// # let engine = Arc::new(Engine::with_host(Program));
    /// # // SAFETY: it is given no objects.
    /// # let mut txn = unsafe { engine.register() };
    /// # txn.begin();
    /// # txn.abort();
    /// txn.carry_out(Decision::Backoff(Duration::from_micros(100)));
    /// assert!(SLEEPS.load(Relaxed) > 0);
    /// ```
    fn block(&self, wait: &mut dyn FnMut()) {
        wait()
    }

    /// What the calling thread is doing at this moment, typically a source position: in place of what [`Txn::set_tag`](crate::Txn::set_tag)
    /// said, if it says something. Called only while tracing is on ([`Engine::set_tracing`](crate::Engine::set_tracing)): when an object is
    /// taken for writing, and when a conflict is met. Not called for a transaction that no thread is inside.
    ///
    /// ```
    /// use keelback_stm::{Host, NoHost};
    /// assert_eq!(NoHost.tag(), None);
    /// ```
    fn tag(&self) -> Option<u64> {
        None
    }
}

/// A host with no safepoints.
///
/// ```
/// use keelback_stm::{Engine, NoHost};
/// assert_eq!(Engine::with_host(NoHost).registered(), 0);
/// ```
#[derive(Debug, Default, Clone, Copy)]
pub struct NoHost;

impl Host for NoHost {}

/// How a wait of unknown length goes: spins first, soon gives the processor away (there may be two of them, and the thread waited for
/// needs one), and then sleeps in growing steps.
pub(crate) struct Pace {
    step: u32,
}

impl Pace {
    const SPINS: u32 = 32;
    const YIELDS: u32 = 24;
    const MAX_SLEEP_US: u64 = 500;

    pub(crate) fn new() -> Self {
        Pace { step: 0 }
    }

    /// Whether the wait is still so short that sleeping does not pay.
    pub(crate) fn is_young(&self) -> bool {
        self.step < Self::SPINS + Self::YIELDS
    }

    /// Waits a little, and longer from call to call.
    pub(crate) fn step(&mut self, host: &dyn Host) {
        let step = self.step;
        self.step = step.saturating_add(1);
        if step < Self::SPINS {
            spin_loop();
            return;
        }
        host.pause();
        if step < Self::SPINS + Self::YIELDS {
            yield_now();
        } else {
            let doublings = (step - Self::SPINS - Self::YIELDS).min(5);
            let nap = Duration::from_micros((20u64 << doublings).min(Self::MAX_SLEEP_US));
            host.block(&mut || sleep(nap));
        }
    }
}
