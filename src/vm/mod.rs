//! Frames, the instruction handlers, calls, exceptions, blocks.
//!
//! Where to read what: `frame` (the register stack), `dispatch` (how one instruction follows another), `ops/` (the
//! instructions), `call` (calls in all their forms), `run` (the loop around the handlers: exceptions, polls, rollback), `block`
//! (checkpoint, commit, rollback), `generator`, `load` (code units into the heap), `cache` (a thread's copy of code).

pub mod block;
pub mod cache;
pub mod call;
pub(crate) mod delegation;
pub mod dispatch;
pub(crate) mod finalize;
pub mod frame;
pub mod generator;
pub mod guard;
pub mod load;
pub mod ops;
pub mod pending;
pub mod places;
pub mod run;
pub mod trace;

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::*};

use crate::heap::{Fail, R, Thread, Tracer, Value};
use block::Checkpoint;
use cache::CodeCopy;
use frame::{Frame, Stacks};

/// The interpreter's part of a thread.
pub struct VmState {
    /// Work done so far, in back edges and calls; the poll compares it with `Shared::limit`.
    pub work: u64,
    /// What it was when the running block began.
    pub began_at: u64,
    /// The running frame.
    pub fp: *mut Frame,
    /// `rt.epoch << 8`, as the inline caches hold it. Changes only while this thread is stopped, or by itself.
    pub epoch: u64,
    /// Why a slow path returned null.
    pub fail: Fail,
    /// Control must leave the handlers at the next chance: a block began in native code and has no checkpoint yet,
    /// or barriers went on or off.
    pub must_break: bool,
    pub in_block: bool,
    /// What the frame that left the loop returned or yielded.
    pub result: Value,
    pub yielded: bool,
    /// The exception is raised on: this frame is in its traceback already.
    pub reraise: bool,
    /// The next `run` begins by raising `exc` (`generator.throw`).
    pub throw: bool,
    /// An inline cache was filled with what this block may have changed itself: a rollback must end it.
    pub filled: bool,
    /// This block has ended the validity of caches, for what it wrote after that: a rollback must end it again.
    pub uncached: bool,
    /// The block shall end at the next poll.
    pub break_soon: bool,
    /// Native functions between the innermost handler loop and the running one that were called by native functions.
    pub nested: usize,
    /// Locks that the running block holds without having taken them.
    pub elided: Vec<crate::threads::lock::Elided>,
    /// New objects of the running block that have a `__del__`.
    pub watched: Vec<Value>,
    /// What else waits for the end of the running block: see `block`.
    pub subclass_edits: Vec<block::SubclassEdit>,
    pub at_end: Vec<block::AtEnd>,
    pub(crate) ticks: u32,
    /// After how many collections a native loop was last told that the heap is full.
    pub(crate) told_full: u64,
    pub to_start: Vec<crate::threads::start::Job>,
    /// The running `atomic` block aborts in order to wait until another thread has loaded this module.
    pub import_wanted: Option<String>,
    /// When the wait of the running `atomic` block is over.
    pub retry_until: Option<std::time::Instant>,
    /// What `time.monotonic()` has said in the running `atomic` block, and how much of it has been said again.
    pub clock_seen: Vec<f64>,
    pub clock_at: usize,
    /// When the running `atomic` block gives up.
    pub deadline: Option<std::time::Instant>,
    /// What decides how the running `atomic` block is retried, if that is a Python callable; or null.
    pub policy: Value,
    /// Such a callable runs.
    pub deciding: bool,
    /// What is to be called when the fate of the running `atomic` block is known.
    pub after: Vec<block::After>,
    /// The same, known, and not called yet.
    pub due: Vec<Value>,
    /// The same, of a block that is being rolled back.
    pub lost: Vec<Value>,
    /// The running `atomic` block has had an effect on the world outside.
    pub effects: bool,
    /// What this thread remembers of conflicts, and its part of the log; only if there is any of these.
    pub(crate) trace: Option<Box<trace::Trace>>,
    /// What may stop this thread from outside.
    pub(crate) guarded: Option<Box<guard::Guarded>>,
    /// This thread's place in a schedule of `keelback check`.
    pub(crate) schedule: Option<crate::threads::schedule::Place>,
    /// The call that this thread makes before its turn, see `modules::transaction::order`.
    pub(crate) ahead: Option<crate::modules::transaction::Ahead>,
    /// What `transaction.count()` gives next in this thread.
    pub numbers: std::ops::Range<u64>,
    /// This thread's part of the `threading.local` objects, a dict by number, or null.
    pub local_data: Value,
    /// What `random.random()` draws from in this thread, unless it is the main one; or null.
    pub random_generator: Value,
    /// Trampoline only: where to go on.
    pub next_pc: *const u64,
    pub next_regs: *mut Value,
    /// What `sys.set_asyncgen_hooks` set: `firstiter` and `finalizer`, or null.
    pub async_hooks: [Value; 2],
    /// Address in the machine stack from which on all is older than the innermost handlers.
    pub handlers_top: usize,
    /// During a collection that a native function asked for that a handler called: where values on the machine stack begin, else 0.
    /// What lies below are the frames of these two, who have all they need in registers of the running frame; and what former
    /// calls left behind there, which would keep objects alive.
    pub collect_from: usize,
    /// Address of the stack pointer when the thread was last stopped.
    pub stack_top: usize,
    /// The exception being handled (`sys.exception()`), or null.
    pub handled: Value,
    pub stacks: Stacks,
    /// First register that nested calls from native code may use.
    pub top: *mut Value,
    pub copies: Vec<Option<Box<CodeCopy>>>,
    pub checkpoint: Checkpoint,
    /// Nesting of `run`.
    pub level: usize,
    /// Length of `Thread::roots` when the innermost `run` began: what slow paths push beyond is dropped when they are done.
    pub roots_base: usize,
    /// Address, length and string of literals, see `Thread::static_name`.
    pub static_names: Vec<(usize, usize, Value)>,
    /// Which class native payloads have.
    pub classes: crate::objects::ClassCache,
    /// Counts misses of inline caches that the attribute cache made good.
    pub misses: u32,
    /// What attribute accesses found, see `cache::Lines`.
    pub lines: cache::Lines,
    /// Nesting of `with transaction.atomic`.
    pub atomic: Vec<block::Atomic>,
    pub budget: u64,
    /// Work since another thread could last have the lock, in mode `gil`.
    pub since_yield: u64,
    pub recursion_limit: usize,
    /// Frames must lie below: the frame that many deep.
    pub frame_limit: *mut Frame,
    /// A stand-in for a frame's file position etc.: set by the thread's creator.
    pub main: bool,
    pub chaos: u64,
    pub random: u64,
}

impl VmState {
    pub fn new() -> VmState {
        let stacks = Stacks::new();
        VmState {
            work: 0,
            began_at: 0,
            fp: stacks.frames_base(),
            epoch: 0,
            fail: Fail::Raise,
            must_break: false,
            in_block: false,
            result: Value::NULL,
            yielded: false,
            reraise: false,
            throw: false,
            filled: false,
            uncached: false,
            break_soon: false,
            nested: 0,
            elided: Vec::new(),
            watched: Vec::new(),
            subclass_edits: Vec::new(),
            at_end: Vec::new(),
            ticks: 0,
            told_full: u64::MAX,
            to_start: Vec::new(),
            import_wanted: None,
            retry_until: None,
            clock_seen: Vec::new(),
            clock_at: 0,
            deadline: None,
            policy: Value::NULL,
            deciding: false,
            after: Vec::new(),
            due: Vec::new(),
            lost: Vec::new(),
            effects: false,
            trace: None,
            guarded: None,
            schedule: None,
            ahead: None,
            numbers: 0..0,
            local_data: Value::NULL,
            random_generator: Value::NULL,
            next_pc: std::ptr::null(),
            next_regs: std::ptr::null_mut(),
            async_hooks: [Value::NULL; 2],
            handlers_top: 0,
            collect_from: 0,
            stack_top: 0,
            handled: Value::NULL,
            top: stacks.registers_base(),
            copies: Vec::new(),
            checkpoint: Checkpoint::default(),
            level: 0,
            roots_base: 0,
            static_names: Vec::new(),
            classes: Default::default(),
            misses: 0,
            lines: cache::Lines::default(),
            atomic: Vec::new(),
            budget: block::FIRST_BUDGET,
            since_yield: 0,
            recursion_limit: 1000,
            frame_limit: stacks.frame_within(1000),
            stacks,
            main: false,
            chaos: 0,
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }
    /// Shall an inline cache that missed be filled anew, though the attribute cache knew? Now and then.
    #[inline]
    pub(super) fn refill(&mut self) -> bool {
        self.misses = self.misses.wrapping_add(1);
        self.misses % 16 == 0
    }
    pub fn trace(&self, t: &mut Tracer) {
        t.value(self.result);
        t.value(self.handled);
        t.value(self.policy);
        t.values(self.after.iter().map(|a| &a.call));
        t.values(&self.due);
        t.values(&self.lost);
        t.value(self.local_data);
        t.value(self.random_generator);
        t.values(&self.async_hooks);
        t.values(self.elided.iter().map(|e| &e.lock));
        t.values(&self.watched);
        for edit in &self.subclass_edits {
            t.reference(edit.base);
            t.reference(edit.class);
        }
        self.to_start.iter().for_each(|job| job.trace(t));
        self.stacks.trace(self.fp, self.top, t);
        self.checkpoint.trace(t);
        t.values(self.static_names.iter().map(|n| &n.2));
        self.classes.trace(t);
        self.lines.clear();
        for copy in self.copies.iter().flatten() {
            copy.trace(t, self.epoch)
        }
    }
}

impl Default for VmState {
    fn default() -> Self {
        Self::new()
    }
}

thread_local! {
    static CURRENT: Cell<*mut Thread> = const { Cell::new(std::ptr::null_mut()) };
}

/// Makes `th` the thread that [`with_current_thread`] finds on this OS thread.
pub fn set_current_thread(th: *mut Thread) {
    CURRENT.set(th)
}

/// The thread that is attached to this OS thread, if it belongs to that interpreter (or any); else null.
pub(crate) fn current_thread_of(rt: Option<&'static crate::heap::Runtime>) -> *mut Thread {
    let th = CURRENT.get();
    // SAFETY: as in [`with_current_thread`]; only a reference to the runtime is read.
    let other = !th.is_null() && rt.is_some_and(|rt| !std::ptr::eq(unsafe { (*th).rt }, rt));
    if other { std::ptr::null_mut() } else { th }
}

/// Calls `f` with the thread that is attached to this OS thread, if there is one. For the engine's and the system's
/// callbacks, which have no thread at hand.
pub fn with_current_thread(f: impl FnOnce(&mut Thread)) {
    let th = CURRENT.get();
    if !th.is_null() {
        // SAFETY: set by the thread's owner for as long as it is attached; the callbacks run on the same OS thread inside a
        // call that was given the thread, and touch only what a safepoint may.
        f(unsafe { &mut *th })
    }
}

impl Thread {
    /// A cached lookup is about to become wrong: stops the other threads between two blocks, and ends the validity of
    /// all inline caches.
    ///
    /// # Errors
    /// `Abort` if another thread wants the same at this moment: the block must end first.
    pub fn uncache(&mut self) -> R<()> {
        self.end_caches(false)
    }

    /// Something that others read without a barrier is about to change (a class' tables, a function's code): as [`Thread::uncache`], and
    /// the others go on only when this block has ended, so that they never see what is not committed.
    ///
    /// # Errors
    /// As [`Thread::uncache`].
    pub fn uncache_until_commit(&mut self) -> R<()> {
        self.end_caches(true)
    }

    /// As [`Thread::uncache`], for what no other thread knows.
    pub fn uncache_own(&mut self) {
        self.vm.uncached = true;
        self.next_own_epoch();
    }

    fn end_caches(&mut self, hold: bool) -> R<()> {
        let rt = self.rt;
        self.vm.uncached = true;
        if self.barriers && rt.world.count() > 1 {
            let stopped =
                if hold && self.in_block() && rt.settings.mode == crate::heap::ExecMode::Stm {
                    self.break_soon();
                    self.hold_world()
                } else {
                    self.stop_world(crate::heap::world::Stop::Boundary)
                };
            let Some(stopped) = stopped else {
                return Err(self.stop_refused());
            };
            let epoch = rt.epoch.fetch_add(1, SeqCst) + 1;
            for th in stopped.threads() {
                // SAFETY: the thread is stopped (or is this one, and only its own field is written).
                unsafe { (&raw mut (*th).vm.epoch).write(epoch << 8) }
            }
            self.vm.epoch = epoch << 8;
        } else if rt.settings.mode == crate::heap::ExecMode::Gil {
            let epoch = rt.epoch.fetch_add(1, SeqCst) + 1;
            rt.world.for_each_thread(|th| {
                // SAFETY: this thread holds the lock without which no thread reads or writes its epoch.
                unsafe { (&raw mut (*th).vm.epoch).write(epoch << 8) }
            });
            self.vm.epoch = epoch << 8;
        } else {
            self.vm.epoch = (rt.epoch.fetch_add(1, SeqCst) + 1) << 8;
        }
        Ok(())
    }

    /// The limit that the poll compares `work` with.
    #[inline(always)]
    pub(crate) fn limit(&self) -> &AtomicU64 {
        &self.shared.limit
    }
}
