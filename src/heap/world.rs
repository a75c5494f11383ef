//! The threads that share a heap, and how one of them stops the others.
//!
//! A thread is *running* or *safe*. It is safe while it waits for the outside (`Thread::blocked`) or is
//! parked at a safepoint; then its stack is recorded and it touches no object. Whoever wants the world
//! stopped says so under the lock, pokes each thread (its poll limit becomes 0) and waits until all others
//! are safe. Leaving the safe state waits while a stop is in force. So a stop and a return from
//! blocking cannot miss each other: both happen under the lock.
//!
//! A stop for a **boundary** asks for more: the threads must be between two blocks, so that nobody has used
//! a cached value that is about to change (design section 5, "Code-like data is stable"). It waits for blocks to end, so blocks
//! must not wait for it: a thread that comes back from waiting in the middle of one goes on with it while the stop is wanted
//! ([`Thread::must_go_on`]). It may hold what the stopping thread's block needs, or have to learn that it shall abort. And it may run out
//! of memory before its end: then it collects while the boundary stop is still waited for. Who waits for that counts as safe.
//!
//! What is read without any barrier (a class' special methods, its method order and flags, a function's code) must not be seen
//! before it is committed. Whoever writes it **holds** the stop until its block has ended, one way or the other
//! ([`Thread::hold_world`]). Meanwhile the others are between two blocks: they own nothing, and cannot be irrevocable.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::*};

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use keelback_stm::Cause;

use super::{Fail, Thread};

/// Why the world is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Collection,
    Boundary,
}

/// After so long, whoever waits for the ends of others' blocks sees whether it is itself in the way.
const LATE: Duration = Duration::from_millis(1);

const RUNNING: u8 = 0;
const SAFE: u8 = 1;
/// Safe, and not inside a block.
const SAFE_OUTSIDE: u8 = 2;

/// The part of a thread that others see.
pub struct Shared {
    /// The poll compares its work counter with this; 0 makes the next poll look around.
    pub limit: AtomicU64,
    state: AtomicU8,
    thread: AtomicUsize,
    /// Identifier as `threading.get_ident` gives it.
    pub ident: u64,
    pub daemon: AtomicBool,
    /// This thread has stopped the world until its block ends.
    holds_world: AtomicBool,
}

impl Shared {
    #[inline]
    fn let_world_go(&self, world: &World) {
        if self.holds_world.load(Relaxed) {
            self.holds_world.store(false, Relaxed);
            world.restart();
        }
    }
}

#[derive(Default)]
struct State {
    threads: Vec<Arc<Shared>>,
    stop: Option<Stop>,
    /// A collection is wanted or in force while `stop` is a boundary stop that is still waited for.
    collecting: bool,
    /// How many threads wait for a stop to end, or have not run since it ended.
    held_up: usize,
}

impl State {
    fn threads(&self) -> Vec<*mut Thread> {
        let threads = self.threads.iter();
        threads
            .map(|t| t.thread.load(SeqCst) as *mut Thread)
            .filter(|t| !t.is_null())
            .collect()
    }
}

/// All threads of one runtime.
#[derive(Default)]
pub struct World {
    state: Mutex<State>,
    changed: Condvar,
    /// A stop is in force or wanted: what polls look at.
    stopping: AtomicU8,
    idents: AtomicU64,
}

/// The world is stopped until this is dropped; or longer, if this thread holds it stopped anyway.
pub struct Stopped<'a> {
    world: &'a World,
    threads: Vec<*mut Thread>,
    until: Until,
}

/// What ends with a [`Stopped`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The stop.
    Dropped,
    /// Nothing: it lasts to the end of this thread's block.
    BlockEnd,
    /// The collection; the boundary stop of another thread goes on being waited for.
    Collected,
}

impl Stopped<'_> {
    /// All threads, the stopping one included.
    pub fn threads(&self) -> Vec<*mut Thread> {
        self.threads.clone()
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        match self.until {
            Until::Dropped => self.world.restart(),
            Until::BlockEnd => {}
            Until::Collected => {
                self.world.state.lock().collecting = false;
                self.world.changed.notify_all();
            }
        }
    }
}

impl World {
    /// An identifier for a thread that is to enter.
    pub fn new_ident(&self) -> u64 {
        self.idents.fetch_add(1, Relaxed) + 1
    }
    pub(super) fn enter(&self, ident: u64) -> Arc<Shared> {
        let mut state = self.state.lock();
        while state.stop.is_some() {
            self.changed.wait(&mut state);
        }
        let shared = Arc::new(Shared {
            limit: AtomicU64::new(0),
            state: AtomicU8::new(RUNNING),
            thread: AtomicUsize::new(0),
            ident,
            daemon: AtomicBool::new(false),
            holds_world: AtomicBool::new(false),
        });
        state.threads.push(shared.clone());
        shared
    }
    pub(super) fn leave(&self, shared: &Arc<Shared>) {
        let mut state = self.state.lock();
        state.threads.retain(|t| !Arc::ptr_eq(t, shared));
        self.changed.notify_all();
    }
    /// How many threads there are.
    pub fn count(&self) -> usize {
        self.state.lock().threads.len()
    }
    /// Makes the next poll of every thread look around.
    pub fn poke_all(&self) {
        for t in &self.state.lock().threads {
            t.limit.store(0, SeqCst);
        }
    }
    /// The stop that is wanted, if any.
    #[inline]
    pub fn wanted(&self) -> Option<Stop> {
        match self.stopping.load(SeqCst) {
            0 => None,
            1 => Some(Stop::Collection),
            _ => Some(Stop::Boundary),
        }
    }
    /// Runs `f` for each thread's shared part.
    pub fn for_each(&self, mut f: impl FnMut(&Arc<Shared>)) {
        self.state.lock().threads.iter().for_each(&mut f)
    }

    /// Runs `f` for each thread that has announced itself, while none can come or go.
    pub(crate) fn for_each_thread(&self, mut f: impl FnMut(*mut Thread)) {
        for t in &self.state.lock().threads {
            let thread = t.thread.load(SeqCst) as *mut Thread;
            if !thread.is_null() {
                f(thread)
            }
        }
    }

    fn restart(&self) {
        let mut state = self.state.lock();
        state.stop = None;
        self.stopping.store(0, SeqCst);
        self.changed.notify_all();
    }

    /// Waits until the calling thread may run. In a block it does not wait for the end of a boundary stop: that one waits for the
    /// block's end, and may have begun when the stop for which the thread was safe had just ended.
    fn wait_while_stopped(&self, state: &mut MutexGuard<'_, State>, must_go_on: bool) {
        let held_up = |state: &State| {
            let stop = state.stop;
            state.collecting || stop.is_some_and(|s| s == Stop::Collection || !must_go_on)
        };
        if !held_up(state) {
            return;
        }
        state.held_up += 1;
        while held_up(state) {
            self.changed.wait(state);
        }
        state.held_up -= 1;
        if state.held_up == 0 {
            self.changed.notify_all();
        }
    }
}

impl Thread {
    /// Tells the world where this thread is, so that others can walk its roots.
    pub(super) fn announce(&mut self) {
        let at: *mut Thread = self;
        self.shared.thread.store(at as usize, SeqCst);
    }

    /// Stops all other threads. `None`: somebody else had collected meanwhile, or waits for this thread's block to end; for
    /// `Stop::Boundary` the caller's own block must then end, since the other may have waited for it. So it is when an irrevocable
    /// block wants what the caller's owns: it will not come to its end before the caller's does.
    pub(crate) fn stop_world(&mut self, why: Stop) -> Option<Stopped<'static>> {
        let world = &self.rt.world;
        self.spill_registers();
        let mut state = world.state.lock();
        if self.holds_world() {
            return Some(Stopped {
                world,
                threads: state.threads(),
                until: Until::BlockEnd,
            });
        }
        loop {
            let Some(other) = state.stop else {
                if state.held_up == 0 {
                    break;
                }
                // Whom the last stop held up gets to its next safepoint first. A thread that stops the world again and again would
                // otherwise leave the others no time to run.
                world.changed.wait(&mut state);
                continue;
            };
            if other == Stop::Boundary && self.must_go_on() && !state.collecting {
                if why == Stop::Collection {
                    return Some(self.stop_in_between(state));
                }
                // That one waits for our block to end.
                if !self.txn.is_irrevocable() {
                    return None;
                }
                // Its block gives way to ours.
                self.rt.engine.doom_others(self.txn.slot_index());
                world.changed.wait_for(&mut state, LATE);
                continue;
            }
            self.set_safe();
            world.changed.notify_all();
            world.wait_while_stopped(&mut state, self.must_go_on());
            self.shared.state.store(RUNNING, SeqCst);
            if why == Stop::Collection {
                return None;
            }
        }
        state.stop = Some(why);
        world
            .stopping
            .store(if why == Stop::Collection { 1 } else { 2 }, SeqCst);
        for t in &state.threads {
            t.limit.store(0, SeqCst);
        }
        if why == Stop::Boundary {
            // Another may collect before its block ends.
            self.set_safe();
        }
        let mut since = Instant::now();
        while state.collecting || !self.others_are_safe(&state, why) {
            if why == Stop::Collection {
                world.changed.wait(&mut state);
                continue;
            }
            world.changed.wait_for(&mut state, LATE);
            // By the clock, not by whether the wait has timed out: a thread that waits for what our block owns wakes us again and again.
            let late = since.elapsed() >= LATE;
            if late {
                since = Instant::now();
            }
            if late && self.txn.is_doomed() && !state.collecting {
                self.shared.state.store(RUNNING, SeqCst);
                state.stop = None;
                world.stopping.store(0, SeqCst);
                world.changed.notify_all();
                return None;
            }
            if late {
                // A block may be waiting for the right to be irrevocable, which perhaps this one has.
                self.rt.engine.doom_others(self.txn.slot_index());
            }
        }
        self.shared.state.store(RUNNING, SeqCst);
        Some(Stopped {
            world,
            threads: state.threads(),
            until: Until::Dropped,
        })
    }

    /// The failure by which the caller's block ends when [`Thread::stop_world`] has refused.
    ///
    /// The retry policy has to know that somebody was in the way: else the block would come back at once, time and again, and take the same objects
    /// before whoever waits for them has woken up.
    pub(crate) fn stop_refused(&mut self) -> Fail {
        if !self.txn.in_block() {
            return Fail::Abort;
        }
        match self.txn.yield_to_irrevocable() {
            Err(conflict) => conflict.into(),
            Ok(()) => self.txn.fail_with(Cause::Doomed).into(),
        }
    }

    /// Stops all other threads for a collection, while one of them waits for a boundary stop.
    fn stop_in_between(&self, mut state: MutexGuard<'static, State>) -> Stopped<'static> {
        let world = &self.rt.world;
        state.collecting = true;
        for t in &state.threads {
            t.limit.store(0, SeqCst);
        }
        while !self.others_are_safe(&state, Stop::Collection) {
            world.changed.wait(&mut state);
        }
        Stopped {
            world,
            threads: state.threads(),
            until: Until::Collected,
        }
    }

    fn others_are_safe(&self, state: &State, why: Stop) -> bool {
        let mut others = state
            .threads
            .iter()
            .filter(|t| !Arc::ptr_eq(t, &self.shared));
        others.all(|t| match t.state.load(SeqCst) {
            SAFE_OUTSIDE => true,
            SAFE => why == Stop::Collection,
            _ => false,
        })
    }

    /// Stops all other threads between two blocks, and keeps them there until this thread's block has ended
    /// ([`Thread::let_world_go`]).
    ///
    /// # Errors
    /// As [`Thread::stop_world`]: the caller's block must end first.
    pub(crate) fn hold_world(&mut self) -> Option<Stopped<'static>> {
        debug_assert!(self.in_block(), "the stop lasts to the end of a block");
        let mut stopped = self.stop_world(Stop::Boundary)?;
        if std::mem::replace(&mut stopped.until, Until::BlockEnd) != Until::BlockEnd {
            self.shared.holds_world.store(true, SeqCst);
            let (shared, world) = (self.shared.clone(), &self.rt.world);
            // A rollback to a savepoint from before this ends it as well, and so does one that then waits.
            self.txn
                .on_abort(Box::new(move || shared.let_world_go(world)));
        }
        Some(stopped)
    }

    /// Does this thread keep the others between two blocks until its own has ended?
    #[inline]
    pub(crate) fn holds_world(&self) -> bool {
        self.shared.holds_world.load(Relaxed)
    }

    /// The block has ended: the others may go on, if [`Thread::hold_world`] has stopped them.
    #[inline]
    pub(crate) fn let_world_go(&mut self) {
        self.shared.let_world_go(&self.rt.world);
    }

    /// Is this thread in the middle of something that a boundary stop must wait for? A block; or one of the small ones that
    /// `threads::wait` runs between two blocks, if it cannot be aborted any more.
    fn must_go_on(&self) -> bool {
        self.in_block() || self.txn.is_irrevocable()
    }

    fn set_safe(&self) {
        let state = if self.must_go_on() {
            SAFE
        } else {
            SAFE_OUTSIDE
        };
        self.shared.state.store(state, SeqCst);
    }

    /// Parks if a stop is wanted. A safepoint. For a boundary stop, inside a block this does nothing: end the
    /// block first.
    #[inline(never)]
    pub fn park(&mut self) {
        let world = &self.rt.world;
        self.spill_registers();
        let mut state = world.state.lock();
        if state.stop == Some(Stop::Boundary) && self.must_go_on() && !state.collecting {
            return;
        }
        if let Some(stop) = state.stop {
            let since = self.trace_time();
            self.set_safe();
            world.changed.notify_all();
            world.wait_while_stopped(&mut state, self.must_go_on());
            self.shared.state.store(RUNNING, SeqCst);
            drop(state);
            let kind = if stop == Stop::Collection { 'G' } else { 'W' };
            self.trace_span(kind, since);
        }
    }

    /// Runs `f`, which may wait for the outside world or other threads and touches no object. The thread
    /// counts as stopped meanwhile. Call it outside a block, or in an irrevocable one.
    #[inline(never)]
    pub fn blocked<T>(&mut self, f: impl FnOnce() -> T) -> T {
        let gil = self.release_gil();
        let rt = self.rt;
        let since = self.trace_time();
        let result = outside(self, || {
            let result = f();
            rt.take_gil_again(gil);
            result
        });
        self.trace_span('W', since);
        result
    }
}

/// Runs `f` while `th` counts as stopped.
pub(super) fn outside<T>(th: &mut Thread, f: impl FnOnce() -> T) -> T {
    let world = &th.rt.world;
    th.spill_registers();
    {
        let _state = world.state.lock();
        th.set_safe();
        world.changed.notify_all();
    }
    let result = f();
    let mut state = world.state.lock();
    world.wait_while_stopped(&mut state, th.must_go_on());
    th.shared.state.store(RUNNING, SeqCst);
    result
}
