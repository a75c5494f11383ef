//! Starting threads, and how they end.
//!
//! **The first thread.** Until a script starts a thread, its objects are all private and its thread runs without barriers. Before
//! the first one starts, everything that threads have in common, and what the new one is given, is published with all it
//! reaches ([`crate::heap::Thread::publish_all`]), and barriers go on, for good: with barriers off again, shared objects would come to refer to private
//! ones. Publishing would show what the running block has not committed: an `atomic` block starts its threads when it has ended
//! (`block`, "What waits for the end of a block").
//!
//! **Life of a thread.** The starter commits its block, so that the new thread sees what it did, and waits until the new thread can look after
//! the values it was given. The new thread calls its function by way of a Python function, so that there always is a frame to which an
//! aborted block can go back. At the end its last block is committed by `run`, the handle is marked as done in a block of
//! its own, and the thread detaches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

use parking_lot::{Condvar, Mutex};

use crate::heap::runtime::Alone;
use crate::heap::{ExecMode, Fail, R, RawSlot, Ref, Runtime, Thread, Tracer, Value};
use crate::objects::exception::{Exception, Traceback};
use crate::objects::native::{Native, Payload};
use crate::vm::set_current_thread;

/// `_thread._ThreadHandle`: what is known of a thread from outside.
#[derive(Default)]
pub struct ThreadHandle {
    pub(crate) ident: RawSlot,
    /// One of [`phase`].
    pub(crate) phase: RawSlot,
}
impl Payload for ThreadHandle {}

/// What a thread is up to.
pub mod phase {
    pub const NEW: u64 = 0;
    pub const RUNNING: u64 = 1;
    pub const DONE: u64 = 2;
}

/// The threads that the end of the program waits for, and the settings of new ones.
pub struct Table {
    /// Handles of running threads that are no daemons.
    joined_at_exit: Mutex<Vec<Value>>,
    /// Threads started and not ended.
    pub(crate) count: AtomicUsize,
    /// Size of a new thread's machine stack; 0 is the default.
    pub(crate) stack_size: AtomicUsize,
    /// The most that a script may start (`modules::sandbox`).
    most: std::sync::OnceLock<usize>,
}

impl Default for Table {
    fn default() -> Self {
        Table {
            joined_at_exit: Mutex::default(),
            count: AtomicUsize::new(0),
            stack_size: AtomicUsize::new(0),
            most: std::sync::OnceLock::new(),
        }
    }
}

impl Table {
    /// How many may run at once.
    fn most(&self) -> usize {
        self.most.get().copied().unwrap_or(usize::MAX)
    }
    /// Limits how many may run at once. Once, before any runs.
    pub(crate) fn limit(&self, most: usize) {
        let set = self.most.set(most);
        debug_assert!(set.is_ok(), "a limit is set once");
    }
    pub(crate) fn trace(&self, t: &mut Tracer) {
        t.values(&*self.joined_at_exit.lock());
    }
}

const STACK_SIZE: usize = 16 << 20;

/// What a new thread is to do.
pub struct Job {
    rt: &'static Runtime,
    ident: u64,
    /// The Python function that calls `function`.
    runner: Value,
    function: Value,
    args: Value,
    kwargs: Value,
    handle: Ref<Native<ThreadHandle>>,
    daemon: bool,
    recursion_limit: usize,
    stack_size: usize,
    /// The call of an embedded interpreter that started it, whose limits hold for it too.
    call: Option<Arc<crate::vm::guard::Call>>,
}

impl Job {
    fn values(&self) -> [Value; 5] {
        let handle = self.handle.value();
        [self.runner, self.function, self.args, self.kwargs, handle]
    }
    pub(crate) fn trace(&self, t: &mut Tracer) {
        t.values(&self.values())
    }
}

#[derive(Default)]
struct Attached {
    done: Mutex<bool>,
    changed: Condvar,
}

/// The key of `runner` in the shared state.
pub(crate) const RUNNER: &str = "_thread.runner";

impl Thread {
    /// Prepares the first thread of an interpreter for running scripts, as the settings say.
    pub fn begin_main(&mut self) {
        self.vm.main = true;
        self.begin_trace("main");
        let settings = &self.rt.settings;
        if settings.mode != ExecMode::Stm {
            return;
        }
        if let Some(alone) = settings.alone {
            if alone == Alone::Full {
                self.publish_all(&[]);
                self.rt.parallel.store(true, SeqCst);
            }
            self.txn.set_solo(alone == Alone::Checks);
            self.barriers_on();
        }
        if let Some(n) = settings.chaos {
            self.rt
                .engine
                .set_chaos(u32::try_from(n).unwrap_or(u32::MAX).max(1));
            self.barriers_on();
        }
    }

    /// Starts a thread that calls `function(*args, **kwargs)`; its identifier.
    ///
    /// # Errors
    /// RuntimeError if there can be no more threads; `Abort` as everywhere.
    pub fn start_thread(
        &mut self,
        function: Value,
        args: Value,
        kwargs: Value,
        handle: Ref<Native<ThreadHandle>>,
        daemon: bool,
    ) -> R<u64> {
        let rt = self.rt;
        if rt.settings.mode == ExecMode::Off {
            return Err(self.runtime_error(
                "cannot start a thread: the interpreter runs with --mode off, for one thread alone",
            ));
        }
        if rt.settings.alone == Some(Alone::Checks) {
            return Err(
                self.runtime_error("cannot start a thread: KEELBACK_ALONE measures one thread")
            );
        }
        if self.get_raw(handle, &handle.phase)? != phase::NEW {
            return Err(self.runtime_error("thread already started"));
        }
        let ident = rt.world.new_ident();
        self.set_raw(handle, &handle.phase, phase::RUNNING)?;
        self.set_raw(handle, &handle.ident, ident)?;
        let job = Job {
            rt,
            ident,
            runner: rt.state.get(RUNNER),
            function,
            args,
            kwargs,
            handle,
            daemon,
            recursion_limit: self.vm.recursion_limit,
            stack_size: match rt.threads.stack_size.load(Relaxed) {
                0 => STACK_SIZE,
                n => n.max(1 << 20),
            },
            call: self.guarded_call(),
        };
        let starting = rt.threads.count.load(SeqCst) + self.vm.to_start.len();
        if starting >= rt.threads.most() {
            let n = rt.threads.most();
            return Err(self.refused(&format!("more than {n} threads"), Value::NULL));
        }
        if self.in_block() && !self.vm.atomic.is_empty() {
            self.vm.to_start.push(job);
            return Ok(ident);
        }
        self.share_with(&job);
        if !self.outside(true, || spawn(job))? {
            self.set_raw(handle, &handle.phase, phase::NEW)?;
            return Err(self.runtime_error("can't start new thread"));
        }
        Ok(ident)
    }

    /// Makes what a new thread gets, and for the first one all that threads have in common, shared.
    fn share_with(&mut self, job: &Job) {
        let rt = self.rt;
        if rt.settings.mode != ExecMode::Stm {
            return;
        }
        if rt.parallel.load(SeqCst) {
            job.values().into_iter().for_each(|v| self.publish(v));
        } else {
            self.publish_all(&job.values());
            rt.parallel.store(true, SeqCst);
            self.barriers_on();
        }
    }

    /// Starts a thread for an `atomic` block that has committed. If the system refuses, nobody can be told but by a message: then the
    /// thread counts as done.
    pub(crate) fn start_late(&mut self, job: Job) {
        debug_assert!(!self.vm.in_block, "the block has ended");
        self.share_with(&job);
        let mark = self.roots.len();
        for v in job.values() {
            self.roots.push(v);
        }
        let (handle, function) = (job.handle, job.function);
        if !self.blocked(|| spawn(job)) {
            self.begin_irrevocable();
            self.runtime_error("can't start new thread");
            report(self, function);
            end(self, handle);
        }
        self.roots.truncate(mark);
    }

    /// Waits for the end of all threads that are no daemons.
    ///
    /// # Errors
    /// What a signal's handler raises.
    pub fn join_all(&mut self) -> R<()> {
        loop {
            let Some(handle) = self.rt.threads.joined_at_exit.lock().last().copied() else {
                return Ok(());
            };
            // Native code goes on after the wait.
            self.vm.nested += 1;
            let joined = self.join_thread(handle.native().expect("the table holds handles"), None);
            self.vm.nested -= 1;
            joined?;
            let mut table = self.rt.threads.joined_at_exit.lock();
            table.retain(|&h| h != handle);
        }
    }

    /// Waits for the end of a thread: whether it has come before `deadline`.
    ///
    /// # Errors
    /// RuntimeError if it was not started, or is this thread; what a signal's handler raises.
    pub fn join_thread(
        &mut self,
        handle: Ref<Native<ThreadHandle>>,
        deadline: Option<std::time::Instant>,
    ) -> R<bool> {
        let (now, ident) = self.read(handle, |h| (h.phase.peek(), h.ident.peek()))?;
        if now == phase::NEW {
            return Err(self.runtime_error("thread not started"));
        }
        if now == phase::RUNNING && ident == self.shared.ident {
            return Err(self.runtime_error("Cannot join current thread"));
        }
        let done = self.wait_until(handle.value(), deadline, |th| {
            Ok((th.get_raw(handle, &handle.phase)? == phase::DONE).then_some(()))
        })?;
        Ok(done.is_some())
    }

    /// Marks a handle's thread as ended.
    pub(crate) fn thread_is_done(&mut self, handle: Ref<Native<ThreadHandle>>) -> R<()> {
        self.set_raw(handle, &handle.phase, phase::DONE)?;
        self.tell_waiters(handle.value());
        Ok(())
    }
}

/// Has the system start a thread, and waits until it can look after the values it was given. `false` if there can be no more.
fn spawn(job: Job) -> bool {
    let rt = job.rt;
    let (count, most) = (&rt.threads.count, rt.threads.most());
    let one_more = |n| (n < most).then_some(n + 1);
    if count.fetch_update(SeqCst, SeqCst, one_more).is_err() {
        return false;
    }
    let attached = Arc::new(Attached::default());
    let of_child = attached.clone();
    let thread = std::thread::Builder::new().stack_size(job.stack_size);
    let spawned = thread.spawn(move || run(job, &of_child));
    if spawned.is_ok() {
        let mut done = attached.done.lock();
        while !*done {
            attached.changed.wait(&mut done);
        }
    } else {
        count.fetch_sub(1, SeqCst);
    }
    spawned.is_ok()
}

/// A new thread's life.
fn run(job: Job, attached: &Attached) {
    let mut thread = Thread::attach_as(job.rt, job.ident);
    set_current_thread(&mut *thread);
    let th = &mut *thread;
    for v in job.values() {
        th.roots.push(v);
    }
    th.vm.recursion_limit = job.recursion_limit;
    th.vm.epoch = job.rt.epoch.load(SeqCst) << 8;
    th.shared.daemon.store(job.daemon, SeqCst);
    if !job.daemon {
        job.rt
            .threads
            .joined_at_exit
            .lock()
            .push(job.handle.value());
    }
    *attached.done.lock() = true;
    attached.changed.notify_all();
    th.begin_trace(&format!("thread {}", job.ident));
    if let Some(call) = &job.call {
        th.guard_as(Arc::clone(call));
    }
    if job.rt.settings.mode == ExecMode::Stm {
        th.barriers_on();
    }
    let outcome = th.call(job.runner, &[job.function, job.args, job.kwargs]);
    if outcome.is_err() {
        report(th, job.function);
    }
    note_counters(th);
    th.end_trace();
    end(th, job.handle);
    job.rt
        .threads
        .joined_at_exit
        .lock()
        .retain(|&h| h != job.handle.value());
    job.rt.threads.count.fetch_sub(1, SeqCst);
    set_current_thread(std::ptr::null_mut());
}

/// How many ended threads `--stats` tells apart.
const COUNTED_APART: usize = 64;

/// Keeps what the thread's transactions have counted, before anybody learns that it has ended.
fn note_counters(th: &Thread) {
    let counters = th.txn.stats();
    let mut ended = th.rt.state.ended_threads.lock();
    if ended.len() < COUNTED_APART {
        ended.push((format!("thread {}", th.shared.ident), *counters));
    } else if let Some((name, last)) = ended.last_mut() {
        *name = "others".to_string();
        last.add(counters);
    }
}

/// Nothing but its exit is left of a thread: tells who waits for it. The block is irrevocable, so that nothing can fail.
fn end(th: &mut Thread, handle: Ref<Native<ThreadHandle>>) {
    if th.barriers && !th.vm.in_block {
        th.begin_irrevocable();
    }
    let done = th.thread_is_done(handle).and_then(|()| th.commit_block());
    assert!(done.is_ok(), "an irrevocable block commits");
}

/// Takes the runner's frame out of the traceback of the exception on its way: it is none of the program's.
fn without_runner(th: &mut Thread) -> R<()> {
    let runner = th.rt.state.get(RUNNER);
    let Some(e) = th.exc.cast::<Exception>() else {
        return Ok(());
    };
    let first = th.get(e, &e.traceback)?;
    if let Some(tb) = first.native::<Traceback>()
        && tb.function == runner
    {
        let next = th.get(tb, &tb.next)?;
        th.set(e, &e.traceback, next)?;
    }
    Ok(())
}

/// Prints the exception that has ended a thread (`threading` catches its threads' own).
fn report(th: &mut Thread, function: Value) {
    // One that a limit has stopped has nothing to say: the program around it knows.
    if th.stopped().is_some() || th.raised_is(th.rt.types().exceptions.system_exit) {
        th.take_exc();
        return;
    }
    let printed = without_runner(th).and_then(|()| {
        th.unraisable(
            Fail::Raise,
            "Exception ignored in thread started by",
            function,
        )
    });
    if printed.is_err() {
        th.take_exc();
    }
}
