//! Blocks: checkpoint, poll, commit, rollback.
//!
//! A block begins at a **checkpoint**, a point in the instruction stream whose frames have been saved, and everything the
//! thread does from there to the next **break** happens at once or not at all.
//!
//! What is saved, and when. At the checkpoint: the innermost frame and its registers. A frame further out: when control first
//! returns into it (`save_older`), since until then its registers do not change; only those that its callee's window overlaps do,
//! and they belong to the callee's own saved window. So rollback puts the outermost saved frame back first and the innermost last.
//! Frames above the checkpoint's depth are dropped. The heap, suspended generators included, is restored by the undo log.
//!
//! **Levels.** `run` may be nested: native code calls back into Python. A checkpoint belongs to the `run` that took it, and only that
//! one can go back to it. Two rules follow. An abort inside a nested `run` leaves it as `Err(Abort)`, through the native code, until
//! it meets the owner. And when the owner itself is about to return to native code while its block goes on, there is nothing to go back to
//! any more: the block becomes irrevocable, until control is in a handler loop again, which breaks the block there.
//!
//! When the outermost `run` returns, its block is committed before it does, while there still is a way back. Native code outside all handlers
//! then goes on in an irrevocable block.
//!
//! **Effects.** `Thread::outside` commits, does the effect, and begins an irrevocable block which lasts until the handlers are reached and a
//! checkpoint can be taken (`must_break`). So nothing is ever rolled back to before an effect.
//!
//! **What waits for the end of a block.** Some effects of a block cannot be undone, so that they are kept until it has committed: bytes to be
//! written, files to be closed ([`Thread::at_block_end`]), threads to be started, objects to be watched, entries in the classes' lists of
//! subclasses, which are not transactional. All of them are dropped when the block rolls back, and those made since a savepoint when it
//! goes back to that. They are done when the block is over and its thread counts as between two blocks, since they may wait.
//!
//! **Native code called straight from a handler** (`direct`) that has committed, and begun a new block as the last thing it does, needs no
//! irrevocability: nothing happens before the handler takes the checkpoint. That is how waits for other threads end (`threads::wait`).

use std::sync::atomic::Ordering::*;
use std::time::{Duration, Instant};

use keelback_stm::{Cause, Decision, Savepoint, WaitResult};

use super::frame::Frame;
use super::places::Place;
use crate::heap::runtime::Alone;
use crate::heap::{ExecMode, Fail, R, Ref, Thread, Tracer, Value};
use crate::objects::class::Class;

/// Work units (back edges and calls) in a thread's first block.
pub const FIRST_BUDGET: u64 = 500;
const MIN_BUDGET: u64 = 10;
const MAX_BUDGET: u64 = 4000;
/// Work between two polls when nothing limits blocks.
const PLAIN_BUDGET: u64 = 1 << 16;
const GIL_BUDGET: u64 = 20_000;
const WORK_OF_A_BREAK: u64 = 20;
/// How long the main thread sleeps at most before it looks for signals.
pub(crate) const SIGNAL_SLICE: Duration = Duration::from_millis(50);

/// How long a thread that waits for a change sleeps at most, in mode `gil`.
const GIL_SLICE: Duration = Duration::from_millis(1);

struct Saved {
    depth: usize,
    frame: Frame,
    first: usize,
    /// How many registers were saved: those of its code, or none of a view.
    registers: usize,
}

/// Where the running block began.
#[derive(Default)]
pub struct Checkpoint {
    /// The `run` that can go back to it; 0: none.
    pub level: usize,
    depth: usize,
    /// Depth of the outermost frame saved.
    pub low: usize,
    frames: Vec<Saved>,
    registers: Vec<Value>,
    handled: Value,
    roots: usize,
    atomic: usize,
}

// SAFETY: the frames' pointers lead into the owning thread's stacks and code copies.
unsafe impl Send for Checkpoint {}

impl Default for Value {
    fn default() -> Self {
        Value::NULL
    }
}

impl Checkpoint {
    pub(super) fn trace(&self, t: &mut Tracer) {
        if self.level == 0 {
            // Nothing will go back to it.
            return;
        }
        for v in &self.registers {
            t.conservative(v.0);
        }
        for s in &self.frames {
            t.reference(s.frame.code);
            t.reference(s.frame.function);
            t.values(&[s.frame.namespace, s.frame.extra]);
        }
        t.value(self.handled);
    }
}

/// An `atomic` block that is open.
pub struct Atomic {
    /// The inner ones are savepoints of the outermost.
    pub savepoint: Option<Savepoint>,
    /// Barriers were off before, and go off again after it.
    pub barriers_before: bool,
    /// The locks that were elided when it began, to which a rollback returns.
    elided: Vec<crate::threads::lock::Elided>,
    /// How much was waiting for the block's end.
    waiting: [usize; 4],
    /// How many calls were waiting for its fate.
    after: usize,
}

/// An effect on the world outside that waits for the end of the running block.
pub struct AtEnd {
    key: usize,
    effect: Box<dyn FnOnce() + Send>,
}

/// A Python callable that waits for the fate of an `atomic` block.
pub struct After {
    pub fate: Fate,
    pub call: Value,
}

/// What it waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Commit,
    Rollback,
    /// Either: a part of the block, within which it was given, has been rolled back for good.
    End,
}

/// A change of a class' list of subclasses that waits for the end of the running block.
pub struct SubclassEdit {
    pub base: Ref<Class>,
    pub class: Ref<Class>,
    /// Whether the class is added, or taken away.
    pub add: bool,
}

impl Thread {
    fn fresh_budget(&mut self) -> u64 {
        let s = &self.rt.settings;
        if s.gc_stress {
            return 1;
        }
        let budget = if self.barriers {
            match s.block {
                Some(n) => n,
                // It ends where it ends; all that a poll can do is look whether it must make way.
                None if !self.vm.atomic.is_empty() => MAX_BUDGET,
                None => self.vm.budget,
            }
        } else if s.mode == ExecMode::Gil {
            GIL_BUDGET
        } else {
            PLAIN_BUDGET
        };
        budget.min(self.work_left())
    }

    /// Begins a block whose checkpoint is taken when control is back in the handlers.
    pub(crate) fn begin_block(&mut self) {
        self.txn.begin();
        self.vm.in_block = true;
        self.vm.began_at = self.vm.work;
        self.vm.must_break = true;
    }

    /// Takes a checkpoint at the running frame's saved `pc`.
    pub(super) fn take_checkpoint(&mut self, level: usize) {
        let depth = self.depth();
        let c = &mut self.vm.checkpoint;
        c.level = level;
        c.depth = depth;
        c.low = depth + 1;
        c.frames.clear();
        c.registers.clear();
        c.handled = self.vm.handled;
        c.roots = self.roots.len();
        c.atomic = self.vm.atomic.len();
        self.save_older(depth);
    }

    /// Saves the frame at `depth`, before anything in it changes, if it was not saved yet.
    #[inline(never)]
    pub(super) fn save_older(&mut self, depth: usize) {
        let c = &mut self.vm.checkpoint;
        if depth >= c.low {
            return;
        }
        let frame = self.vm.stacks.frame(depth);
        // SAFETY: a frame at or below the running one. The running one's `pc` has just been stored: it is loaded alone, since a
        // wider load would have to wait until that store has reached the cache.
        let frame = unsafe {
            Frame {
                pc: std::ptr::read_volatile(&raw const (*frame).pc),
                ..*frame
            }
        };
        c.low = depth;
        let registers = frame.code.nregs as usize;
        c.frames.push(Saved {
            depth,
            frame,
            first: c.registers.len(),
            registers,
        });
        // SAFETY: its window, within the register stack.
        let window = unsafe { std::slice::from_raw_parts(frame.regs, registers) };
        c.registers.extend_from_slice(window);
    }

    /// As [`Thread::save_older`] for a place that holds a view, before something else is written there. Only that of a chain's root
    /// says anything.
    pub(super) fn save_view(&mut self, depth: usize, is_root: bool) {
        let c = &mut self.vm.checkpoint;
        if depth >= c.low {
            return;
        }
        c.low = depth;
        if is_root {
            c.frames.push(Saved {
                depth,
                // SAFETY: the place of a root is written when a frame is put above it.
                frame: unsafe { *self.vm.stacks.frame(depth) },
                first: c.registers.len(),
                registers: 0,
            });
        }
    }

    fn restore(&mut self) {
        let c = &self.vm.checkpoint;
        for s in c.frames.iter().rev() {
            // SAFETY: the places from which they were saved.
            unsafe {
                *self.vm.stacks.frame(s.depth) = s.frame;
                let saved = &c.registers[s.first..][..s.registers];
                std::ptr::copy_nonoverlapping(saved.as_ptr(), s.frame.regs, saved.len());
            }
        }
        self.vm.fp = self.vm.stacks.frame(c.depth);
        self.vm.handled = c.handled;
        let roots = c.roots;
        self.roots.truncate(roots);
        self.vm.atomic.truncate(c.atomic);
        self.exc = Value::NULL;
        self.undone();
    }

    /// What else is to be taken back after the undo log has been played.
    fn undone(&mut self) {
        // A checkpoint is only taken where no lock is elided.
        self.vm.elided.clear();
        self.forget_waiting([0; 4]);
        self.vm.import_wanted = None;
        self.vm.clock_at = 0;
        if self.vm.retry_until.is_none() {
            self.vm.clock_seen.clear();
        }
        self.vm.after.clear();
        self.end_own_caches();
    }

    /// How much waits for the end of the running block.
    fn waiting(&self) -> [usize; 4] {
        let vm = &self.vm;
        [
            vm.watched.len(),
            vm.subclass_edits.len(),
            vm.at_end.len(),
            vm.to_start.len(),
        ]
    }

    /// Drops what came to wait for the block's end since [`Thread::waiting`] said this.
    fn forget_waiting(&mut self, [watched, edits, effects, starts]: [usize; 4]) {
        self.vm.watched.truncate(watched);
        self.vm.subclass_edits.truncate(edits);
        self.vm.at_end.truncate(effects);
        self.vm.to_start.truncate(starts);
    }

    /// Does `effect`, which touches no object and may wait, when the running block has committed, outside any block; at once if there is
    /// none. Several in a row with the same `key` are one, unless it is 0.
    pub(crate) fn at_block_end(&mut self, key: usize, effect: impl FnOnce() + Send + 'static) {
        if !self.in_block() {
            return self.blocked(effect);
        }
        if key == 0 || self.vm.at_end.last().is_none_or(|last| last.key != key) {
            let effect = Box::new(effect);
            self.vm.at_end.push(AtEnd { key, effect });
        }
    }

    /// After a rollback: what this block put into this thread's caches may be values that it had written.
    fn end_own_caches(&mut self) {
        let filled = std::mem::replace(&mut self.vm.filled, false);
        let uncached = std::mem::replace(&mut self.vm.uncached, false);
        if filled || uncached {
            self.next_own_epoch()
        }
    }

    /// Ends the validity of this thread's caches, and of no other's. The low byte of an epoch is the thread's own.
    pub(super) fn next_own_epoch(&mut self) {
        self.vm.epoch += 1;
        if self.vm.epoch & 0xff == 0 {
            self.vm.epoch = (self.rt.epoch.fetch_add(1, SeqCst) + 1) << 8;
        }
    }

    /// Ends the block for good, if one is under way: at a thread's end, or before waiting.
    ///
    /// # Errors
    /// `Abort` if it could not commit: it has not been rolled back yet.
    pub(crate) fn commit_block(&mut self) -> R<()> {
        if self.vm.in_block {
            if !self.vm.elided.is_empty() {
                // They are held beyond the block: they must be taken for real.
                self.take_elided_locks()?;
            }
            self.txn.set_work(self.block_work());
            self.txn.commit()?;
            self.vm.elided.clear();
            self.vm.in_block = false;
            self.vm.uncached = false;
            self.vm.filled = false;
            self.vm.checkpoint.level = 0;
            if self.vm.trace.is_some() {
                self.trace_commit();
            }
            if self.waiting() != [0; 4] {
                self.do_what_waited();
            } else {
                self.let_world_go();
            }
        }
        Ok(())
    }

    /// The block has committed: what waited for that.
    #[cold]
    fn do_what_waited(&mut self) {
        for v in self.vm.watched.drain(..) {
            self.rt.finalizers.watch(v);
        }
        for edit in std::mem::take(&mut self.vm.subclass_edits) {
            self.edit_subclasses(edit);
        }
        self.let_world_go();
        let effects = std::mem::take(&mut self.vm.at_end);
        if !effects.is_empty() {
            self.blocked(|| effects.into_iter().for_each(|e| (e.effect)()));
        }
        while !self.vm.to_start.is_empty() {
            let job = self.vm.to_start.remove(0);
            self.start_late(job);
        }
    }

    /// Adds a class to the list of subclasses of another, or takes it away, when the running block has committed.
    pub(crate) fn edit_subclasses_at_commit(&mut self, edit: SubclassEdit) {
        if self.in_block() {
            self.vm.subclass_edits.push(edit);
        } else {
            self.edit_subclasses(edit);
        }
    }

    fn edit_subclasses(&mut self, edit: SubclassEdit) {
        let SubclassEdit { base, class, add } = edit;
        if add && self.is_shared(base) {
            self.publish(class.value());
        }
        let mut list = base.subclasses.lock();
        if !add {
            list.retain(|c| *c != class);
        } else if !list.contains(&class) {
            list.push(class);
        }
    }

    /// `v`, new in this block, has a `__del__`: to be called only if the block commits.
    pub fn watch_finalizer(&mut self, v: Value) {
        if self.vm.in_block {
            self.vm.watched.push(v);
        } else {
            self.rt.finalizers.watch(v);
        }
    }

    /// Was this native function called straight from a handler, with no other native function between?
    fn direct(&self) -> bool {
        self.vm.level > 0 && self.vm.nested == 0
    }

    /// Begins a block that cannot abort, in native code. Waits for the one that is irrevocable now.
    pub(crate) fn begin_irrevocable(&mut self) {
        loop {
            self.begin_block();
            if self.txn.become_irrevocable().is_ok() {
                return;
            }
            // Somebody wants all blocks to end.
            self.txn.abort();
            self.vm.in_block = false;
            self.park();
        }
    }

    /// Begins a block, if this thread runs in blocks, as the last thing that a native function does.
    pub(crate) fn resume_block(&mut self) {
        if self.barriers {
            if self.direct() {
                self.begin_block();
            } else {
                self.begin_irrevocable();
            }
        }
    }

    /// The block shall end soon: at the next poll.
    pub fn break_soon(&mut self) {
        if self.vm.in_block {
            self.vm.break_soon = true;
            self.poke();
        }
    }

    /// A break: commits, serves who waits for this thread to be between two blocks, begins the next block. With the frame's `pc` saved.
    pub(super) fn break_block(&mut self, level: usize) -> R<()> {
        self.commit_block()?;
        if self.rt.world.wanted().is_some() {
            self.park();
        }
        self.vm.must_break = false;
        self.vm.break_soon = false;
        if self.barriers {
            self.begin_block();
            self.vm.must_break = false;
            self.take_checkpoint(level);
        }
        if self.rt.settings.mode == ExecMode::Gil {
            // `atomic` blocks, one after the other, may never come to the end of a budget.
            self.vm.since_yield += self.block_work() + WORK_OF_A_BREAK;
            if self.vm.since_yield >= GIL_BUDGET {
                self.yield_gil();
            }
        }
        self.vm.began_at = self.vm.work;
        self.renew_limit();
        Ok(())
    }

    /// How much work the running block has done.
    pub(super) fn block_work(&self) -> u64 {
        self.vm.work - self.vm.began_at
    }

    /// Lets the running block go on for a fresh budget, or to the next poll if somebody wants something of this thread: a request that was
    /// made before the new limit was set has lowered the old one.
    fn renew_limit(&mut self) {
        let rt = self.rt;
        let budget = self.fresh_budget();
        // Setting the limit costs as much as all else in a short block. One that is nearly as far away does as well; while this thread is
        // alone, one that is further away, too.
        let alone = !rt.parallel.load(Relaxed) && rt.settings.block.is_none();
        let most = if alone {
            PLAIN_BUDGET.max(budget)
        } else {
            budget
        };
        // Relaxed: whoever lowers it to 0 after this is served at the next poll.
        let left = self.limit().load(Relaxed).saturating_sub(self.vm.work);
        if left <= most && left > budget / 8 {
            return;
        }
        self.limit().store(self.vm.work + budget, SeqCst);
        if rt.world.wanted().is_some()
            || rt.collection_wanted.load(SeqCst)
            || rt.out_of_memory.load(SeqCst)
            || self.signals_wait()
        {
            self.poke();
        }
    }

    /// What `must_break` asks for, once control is in a handler loop.
    pub(super) fn at_break(&mut self, level: usize) -> R<()> {
        if self.vm.in_block && !self.txn.is_irrevocable() {
            // Freshly begun by native code that has read nothing since (`atomic.__enter__`).
            self.vm.must_break = false;
            self.take_checkpoint(level);
            return Ok(());
        }
        if self.vm.in_block && !self.vm.atomic.is_empty() {
            // Irrevocable inside `atomic`: it must stay one step.
            self.vm.must_break = false;
            self.take_checkpoint(level);
            return Ok(());
        }
        self.break_block(level)
    }

    /// The poll's slow path: at a back edge or call, the frame's `pc` saved, nothing half done.
    #[inline(never)]
    pub(super) fn poll(&mut self, level: usize) -> R<()> {
        let rt = self.rt;
        let spent = self.block_work() >= self.vm.budget
            || rt.settings.block.is_some_and(|b| self.block_work() >= b);
        let budget = self.fresh_budget();
        // First the limit, then the requests: one made from here on lowers it again.
        self.limit().store(self.vm.work + budget, SeqCst);
        if self.txn.in_block() {
            self.txn.yield_to_irrevocable()?;
        }
        match rt.world.wanted() {
            Some(crate::heap::world::Stop::Collection) => self.park(),
            Some(crate::heap::world::Stop::Boundary) => {
                if self.vm.in_block
                    && !self.vm.atomic.is_empty()
                    && !self.txn.is_irrevocable()
                    && !self.holds_world()
                {
                    return Err(self.txn.fail_with(Cause::Explicit).into());
                }
                if self.vm.atomic.is_empty() {
                    self.break_block(level)?;
                }
            }
            None => {}
        }
        let full = rt.collection_wanted.load(SeqCst) || rt.out_of_memory.load(SeqCst);
        if full && self.barriers && self.vm.in_block && self.vm.atomic.is_empty() {
            // What the block has replaced, its log keeps alive.
            self.break_block(level)?;
        }
        self.collect_if_wanted()?;
        if !self.vm.atomic.is_empty() && self.signals_wait() {
            // An exception that the handler raises rolls the `atomic` block back. If there is none, the block cannot be
            // rolled back any more: the handler has been called.
            self.irrevocable()?;
            self.vm.effects = true;
            self.run_signal_handlers()?;
        }
        if self.vm.atomic.is_empty() {
            if self.signals_wait() {
                self.between_blocks(level, Self::run_signal_handlers)?;
            }
            if rt.finalizers.any_due.load(Relaxed) || rt.state.any_weak_callbacks() {
                self.between_blocks(level, Self::run_finalizers)?;
            }
            if self.vm.in_block && (spent || rt.settings.gc_stress || self.vm.break_soon) {
                self.break_block(level)?;
                if spent {
                    self.vm.budget = (self.vm.budget + self.vm.budget / 32 + 1).min(MAX_BUDGET);
                }
            } else if rt.settings.mode == ExecMode::Gil {
                self.yield_gil();
            }
        }
        if !self.vm.in_block {
            self.vm.began_at = self.vm.work;
            self.limit().store(self.vm.work + budget, SeqCst);
            if rt.world.wanted().is_some() {
                self.poke();
            }
        }
        Ok(())
    }

    /// Collects if somebody has asked for it, or the heap is full.
    ///
    /// # Errors
    /// MemoryError if it still is.
    pub(crate) fn collect_if_wanted(&mut self) -> R<()> {
        let rt = self.rt;
        if rt.settings.gc_stress
            || rt.collection_wanted.swap(false, SeqCst)
            || rt.out_of_memory.load(SeqCst)
        {
            if !self.collect() {
                // Another thread had stopped this one for something else. The next poll tries again.
                rt.collection_wanted.store(true, SeqCst);
                self.poke();
            } else if rt.out_of_memory.swap(false, SeqCst) {
                let limit = rt.max_heap.load(Relaxed);
                rt.space.set_limit(limit);
                if rt.space.in_use() >= limit / 16 * 15 {
                    return Err(self.memory_error(""));
                }
            }
        }
        Ok(())
    }

    /// Ends the block and has `f` call Python code in one that cannot abort: what `f` has taken from a list outside the heap is not lost,
    /// nor is an exception that it raises.
    fn between_blocks(&mut self, level: usize, f: fn(&mut Thread) -> R<()>) -> R<()> {
        self.commit_block()?;
        if self.barriers {
            self.begin_irrevocable();
        }
        f(self)?;
        self.break_block(level)
    }

    /// Rolls the running block back to its checkpoint and begins it anew, as the retry policy says. The caller is the `run` that
    /// owns the checkpoint.
    ///
    /// # Errors
    /// `Raise` if the policy gave up: `transaction.Aborted` is on its way from the start of the block.
    #[cold]
    pub(super) fn rollback(&mut self) -> R<()> {
        let level = self.vm.checkpoint.level;
        self.txn.set_work(self.block_work());
        let user_retry = self.txn.conflict_cause() == Some(Cause::UserRetry);
        // From here on this thread is between two blocks: whoever waits for that need not wait for our waits.
        self.vm.in_block = false;
        // Should this be the end of it.
        self.vm.lost = self.rolled_back_calls();
        let mut decision = Decision::Retry;
        if user_retry {
            let waited = self.wait_for_retry();
            self.restore();
            if let Err(ending) = self.wait_in_schedule(self.vm.retry_until) {
                return Err(self.raise_at_atomic(level, |th| th.raise_ended(ending)));
            }
            if waited == WaitResult::NothingRead {
                return Err(self.raise_at_atomic(level, |th| {
                    th.runtime_error(
                        "transaction.retry(): nothing was read that another thread could change",
                    )
                }));
            }
            if self.signals_wait() {
                // The handlers run before the block, not in it: they may wait for others, and what they do stays.
                let atomic = std::mem::take(&mut self.vm.atomic);
                let until = self.vm.retry_until.take();
                self.begin_irrevocable();
                let served = self.run_signal_handlers();
                if served.is_ok() {
                    self.commit_block()?;
                }
                self.vm.atomic = atomic;
                self.vm.retry_until = until;
                self.vm.effects = false;
                if let Err(f) = served {
                    return Err(self.raise_at_atomic(level, |_| f));
                }
            }
        } else {
            let traced = self.rt.state.traces.is_on();
            let object = if traced {
                self.object_in_dispute()
            } else {
                String::new()
            };
            self.txn.abort();
            if traced && self.txn.last_abort().cause != Cause::Explicit {
                let abort = *self.txn.last_abort();
                self.note_conflict(object, &abort);
            }
            let import = self.vm.import_wanted.take();
            self.restore();
            match import {
                Some(name) => crate::modules::import::wait_until_free(self, &name),
                None => decision = self.decide(level)?,
            }
        }
        if self.vm.deadline.is_some_and(|d| d <= Instant::now()) && !self.vm.atomic.is_empty() {
            return Err(self.raise_at_atomic(level, |th| th.raise_aborted(None)));
        }
        if self.rt.world.wanted().is_some() {
            self.park();
        }
        if decision == Decision::GiveUp {
            if !self.vm.atomic.is_empty() {
                return Err(self.raise_at_atomic(level, |th| {
                    let cause = th.txn.last_abort().cause;
                    th.raise_aborted(Some(cause))
                }));
            }
            // Nobody could catch it: only an `atomic` block gives up.
            decision = Decision::Irrevocable;
        }
        self.vm.lost.clear();
        self.txn.carry_out(decision);
        if !user_retry {
            self.vm.budget = (self.vm.budget / 2).max(MIN_BUDGET);
        }
        if decision == Decision::Irrevocable {
            self.begin_irrevocable();
        } else {
            self.begin_block();
        }
        self.vm.must_break = false;
        // The frames are as they were: what was saved still is the checkpoint, and older ones may be saved again.
        self.take_checkpoint(level);
        self.renew_limit();
        Ok(())
    }

    /// Asks the policy in force how to go on. If it is a Python callable, it is called here, before the block begins again, in a block of its
    /// own that cannot abort.
    ///
    /// # Errors
    /// What it raises, on its way from the start of the block.
    fn decide(&mut self, level: usize) -> R<Decision> {
        let mut policy = self.vm.policy;
        if policy.is_null() {
            policy = self.rt.state.get("transaction.policy");
        }
        // What a policy does is done in blocks, too; they do not ask it how.
        if policy.is_null() || policy.is_none() || self.vm.deciding {
            return Ok(self.txn.decide());
        }
        self.vm.deciding = true;
        let abort = *self.txn.last_abort();
        let atomic = std::mem::take(&mut self.vm.atomic);
        let until = self.vm.retry_until.take();
        let deadline = self.vm.deadline.take();
        // The policy may have blocks of its own.
        let lost = std::mem::take(&mut self.vm.lost);
        let mark = self.roots.len();
        lost.iter().for_each(|&call| self.roots.push(call));
        let own = std::mem::replace(&mut self.vm.policy, Value::NULL);
        self.begin_irrevocable();
        let asked = crate::modules::transaction::ask(self, policy, &abort);
        if asked.is_ok() {
            // It cannot fail: control has come back to native code, and so the block is irrevocable.
            self.commit_block()?;
        }
        self.vm.atomic = atomic;
        self.vm.retry_until = until;
        self.vm.deadline = deadline;
        self.vm.lost = lost;
        self.roots.truncate(mark);
        self.vm.policy = own;
        self.vm.effects = false;
        self.vm.deciding = false;
        self.txn.resume_attempts(&abort);
        asked.map_err(|f| self.raise_at_atomic(level, |_| f))
    }

    /// Aborts, and waits for a change in what the block has read.
    fn wait_for_retry(&mut self) -> WaitResult {
        let until = match (self.vm.retry_until, self.vm.deadline) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut limit = until.map(|t| t.saturating_duration_since(Instant::now()));
        if self.waits_in_slices() {
            limit = Some(limit.map_or(SIGNAL_SLICE, |l| l.min(SIGNAL_SLICE)));
        }
        if self.rt.settings.mode == ExecMode::Gil && self.rt.world.count() > 1 {
            // The others run without barriers as a rule, and nothing tells what they change: look again.
            limit = Some(limit.map_or(GIL_SLICE, |l| l.min(GIL_SLICE)));
        }
        if self.vm.schedule.is_some() {
            limit = Some(Duration::ZERO);
        } else if !self.rt.parallel.load(SeqCst) && self.rt.settings.mode != ExecMode::Gil {
            // There is no other thread.
            self.txn.wait_for_change(Some(Duration::ZERO));
            let Some(limit) = limit.filter(|_| until.is_some()) else {
                return WaitResult::NothingRead;
            };
            self.blocked(|| std::thread::sleep(limit));
            return WaitResult::TimedOut;
        }
        let mut waited = self.txn.wait_for_change(limit);
        if waited == WaitResult::NothingRead && limit == Some(GIL_SLICE) {
            self.blocked(|| std::thread::sleep(GIL_SLICE));
            waited = WaitResult::TimedOut;
        }
        waited
    }

    /// After a rollback to the start of an `atomic` block: raises an exception as if entering it had done so.
    fn raise_at_atomic(&mut self, level: usize, raise: impl FnOnce(&mut Thread) -> Fail) -> Fail {
        let outermost = self.vm.atomic.first();
        let barriers_before = outermost.is_none_or(|a| a.barriers_before);
        self.vm.atomic.clear();
        self.vm.retry_until = None;
        self.end_settings();
        if !self.vm.in_block {
            // Irrevocable, or a later rollback to the checkpoint would forget the exception.
            self.begin_irrevocable();
        }
        self.take_checkpoint(level);
        let mut f = raise(self);
        if !self.vm.lost.is_empty() && f == Fail::Raise {
            f = self.call_lost();
            self.take_checkpoint(level);
        }
        if !barriers_before && !self.rt.parallel.load(SeqCst) {
            // An irrevocable block commits.
            if self.commit_block().is_ok() {
                self.barriers = false;
            }
        }
        self.vm.must_break = true;
        f
    }

    /// What is to be called if the running block is never run again.
    fn rolled_back_calls(&mut self) -> Vec<Value> {
        let after = std::mem::take(&mut self.vm.after).into_iter();
        let met = after.filter(|a| a.fate != Fate::Commit);
        met.map(|a| a.call).collect()
    }

    /// Calls it, the exception that has ended the block on its way: it goes on, or with what they raise, as its context.
    fn call_lost(&mut self) -> Fail {
        let exc = self.take_exc();
        let mark = self.roots.len();
        self.roots.push(exc);
        let lost = std::mem::take(&mut self.vm.lost);
        self.vm.due.extend(lost);
        let handled = std::mem::replace(&mut self.vm.handled, exc);
        let called = crate::modules::transaction::call_due(self);
        self.vm.handled = handled;
        self.roots.truncate(mark);
        match called {
            Ok(()) => {
                self.exc = exc;
                Fail::Raise
            }
            Err(f) => f,
        }
    }

    /// Does an effect on the world outside, or waits for it: the block is committed first, or, inside `atomic`, becomes irrevocable.
    /// `f` touches no object. With `waits`, the thread counts as stopped meanwhile.
    ///
    /// # Errors
    /// `Abort` if the block cannot commit: then `f` has not run.
    pub fn outside<T>(&mut self, waits: bool, f: impl FnOnce() -> T) -> R<T> {
        let atomic = !self.vm.atomic.is_empty();
        if self.vm.in_block {
            if atomic {
                self.irrevocable_in_turn()?;
                self.txn.become_irrevocable()?;
                self.vm.effects = true;
            } else {
                self.commit_block()?;
            }
        }
        let result = if waits { self.blocked(f) } else { f() };
        if self.barriers && !atomic {
            self.begin_irrevocable();
        }
        Ok(result)
    }

    /// Collects for a native function that needs none of its values afterwards.
    pub fn collect_precisely(&mut self) {
        if self.direct() {
            self.vm.collect_from = self.vm.handlers_top;
        }
        self.collect();
        self.vm.collect_from = 0;
    }

    /// Makes the running block one that cannot abort any more.
    pub fn irrevocable(&mut self) -> R<()> {
        if self.vm.in_block {
            self.irrevocable_in_turn()?;
            self.txn.become_irrevocable()?;
        }
        Ok(())
    }

    /// Switches barriers on: from here on this thread runs in blocks. To be called by native code, or before running.
    pub fn barriers_on(&mut self) {
        if !self.barriers {
            self.barriers = true;
            self.begin_irrevocable();
        }
    }

    /// `with transaction.atomic` begins.
    ///
    /// # Errors
    /// `Abort` if the block before it cannot commit.
    pub fn enter_atomic(&mut self) -> R<()> {
        if self.vm.atomic.is_empty() {
            let barriers_before = self.barriers;
            self.commit_block()?;
            self.barriers = true;
            if self.txn.is_solo() {
                // It may roll back.
                self.txn.set_solo(false);
            }
            self.vm.effects = false;
            self.vm.retry_until = None;
            self.vm.clock_seen.clear();
            self.vm.clock_at = 0;
            self.vm.after.clear();
            self.vm.atomic.push(Atomic {
                savepoint: None,
                barriers_before,
                elided: Vec::new(),
                waiting: [0; 4],
                after: 0,
            });
            self.resume_block();
        } else {
            let savepoint = Some(self.txn.savepoint());
            self.vm.atomic.push(Atomic {
                savepoint,
                barriers_before: true,
                elided: self.vm.elided.clone(),
                waiting: self.waiting(),
                after: self.vm.after.len(),
            });
        }
        Ok(())
    }

    /// The settings of one `atomic` block end with it.
    pub fn end_settings(&mut self) {
        self.txn.set_block_policy(None);
        self.vm.policy = Value::NULL;
        self.vm.deadline = None;
    }

    /// Has `call` called when the fate of the running `atomic` block is known, if it is this one.
    pub fn after_block(&mut self, fate: Fate, call: Value) {
        self.vm.after.push(After { fate, call });
    }

    /// A part of the block, or all of it, has been rolled back for good: drops what waited for its commit.
    fn rolled_back_since(&mut self, position: usize) {
        let part = self.vm.after.split_off(position);
        let kept = part.into_iter().filter(|a| a.fate != Fate::Commit);
        self.vm.after.extend(kept.map(|a| After {
            fate: Fate::End,
            call: a.call,
        }));
    }

    /// In the alternative of an inner block that would wait: whether it does. Then the block goes on as if that had not begun: `depth` `atomic`
    /// blocks are open, the last of which began with the alternative.
    pub fn take_back_retry(&mut self, depth: usize, roots: usize, handled: Value) -> R<bool> {
        if self.txn.conflict_cause() != Some(Cause::UserRetry) || self.vm.atomic.len() < depth {
            return Ok(false);
        }
        self.vm.atomic.truncate(depth);
        self.roots.truncate(roots);
        self.vm.handled = handled;
        self.exc = Value::NULL;
        self.txn.forget_retry();
        self.leave_atomic(true)?;
        Ok(true)
    }

    /// `with transaction.atomic` ends; `undo` rolls the heap back to where it began.
    ///
    /// # Errors
    /// `Abort` if it cannot commit.
    pub fn leave_atomic(&mut self, undo: bool) -> R<()> {
        let Some(atomic) = self.vm.atomic.last() else {
            return Err(self.runtime_error("no atomic block is open"));
        };
        if let Some(savepoint) = &atomic.savepoint {
            let (savepoint, waiting, after) = (*savepoint, atomic.waiting, atomic.after);
            let atomic = self.vm.atomic.pop();
            if undo {
                self.txn.rollback_to(&savepoint);
                self.rolled_back_since(after);
                self.vm.elided = atomic.map_or_else(Vec::new, |a| a.elided);
                self.forget_waiting(waiting);
                // The block may still roll back as a whole.
                let (uncached, filled) = (self.vm.uncached, self.vm.filled);
                self.end_own_caches();
                (self.vm.uncached, self.vm.filled) = (uncached, filled);
            }
            return Ok(());
        }
        let barriers_before = atomic.barriers_before;
        if undo {
            if !self.txn.is_irrevocable() {
                // What led to the exception must have been true.
                self.txn.validate()?;
                self.txn.fail_with(Cause::Explicit);
            }
            self.txn.abort();
            let calls = self.rolled_back_calls();
            self.undone();
            self.vm.due.extend(calls);
            self.vm.in_block = false;
            self.vm.checkpoint.level = 0;
        } else {
            self.commit_block()?;
            let after = std::mem::take(&mut self.vm.after);
            let met = after.into_iter().filter(|a| a.fate != Fate::Rollback);
            self.vm.due.extend(met.map(|a| a.call));
        }
        self.vm.atomic.pop();
        self.vm.retry_until = None;
        // Others may have started threads meanwhile, by means of this block: then barriers stay.
        self.barriers = barriers_before
            || (self.rt.parallel.load(SeqCst) && self.rt.settings.mode == ExecMode::Stm);
        if self.rt.settings.alone == Some(Alone::Checks) {
            self.txn.set_solo(true);
        }
        if self.vm.due.is_empty() {
            self.resume_block();
        } else if self.barriers {
            // Our caller goes on: it calls what is due.
            self.begin_irrevocable();
        }
        self.vm.must_break = true;
        Ok(())
    }

    /// What a clock says that timeouts are counted with: if the running `atomic` block runs again because a wait with a timeout was not over, it
    /// sees the times again that it has seen before that, so that its timeouts do not begin anew.
    pub fn block_clock(&mut self, now: f64) -> f64 {
        if self.vm.atomic.is_empty() {
            return now;
        }
        let vm = &mut self.vm;
        let at = vm.clock_at;
        vm.clock_at += 1;
        if let Some(&seen) = vm.clock_seen.get(at) {
            return seen;
        }
        vm.clock_seen.push(now);
        now
    }

    /// The `atomic` block cannot go on until something that it read changes: rolls it back and sleeps until then.
    pub fn retry(&mut self) -> Fail {
        if self.vm.atomic.is_empty() {
            return self.runtime_error("transaction.retry() outside of an atomic block");
        }
        if self.vm.effects {
            return self.runtime_error(
                "an atomic block that has had an effect on the world outside cannot wait for another thread",
            );
        }
        if !self.vm.to_start.is_empty() {
            return self.runtime_error(
                "an atomic block that starts a thread cannot wait for another: its own starts when the block has ended",
            );
        }
        self.txn.fail_with(Cause::UserRetry).into()
    }

    /// The `atomic` block needs a module that another thread is loading: rolls it back, to run again when that is done.
    pub(crate) fn abort_until_imported(&mut self, name: &str) -> Fail {
        let no_way_back = self.txn.is_irrevocable() && self.vm.checkpoint.level == 0;
        if self.vm.effects || no_way_back {
            return self.runtime_error(format!(
                "an atomic block that has had an effect on the world outside cannot wait for another thread, which imports '{name}'"
            ));
        }
        self.vm.import_wanted = Some(name.to_string());
        self.txn.fail_with(Cause::Explicit).into()
    }

    /// The policy has given up after an abort for this cause; or the deadline has passed.
    #[cold]
    fn raise_aborted(&mut self, cause: Option<Cause>) -> Fail {
        let abort = *self.txn.last_abort();
        let class = self.rt.state.get("transaction.Aborted");
        let class = class
            .as_class()
            .unwrap_or(self.rt.types().exceptions.runtime_error);
        let (cause, ending) = match cause {
            Some(cause) => (
                cause.name(),
                format!(", the last time because of: {}", cause.name()),
            ),
            None => ("deadline", ", and its deadline has passed".to_owned()),
        };
        // Who has waited has met no conflict.
        let conflict = self.last_conflict().filter(|_| abort.attempt > 0);
        let (mut here, mut other, mut object) = (0, 0, String::new());
        if let Some(c) = conflict {
            (here, other, object) = (c.here, c.other, c.object);
        }
        let mut places = String::new();
        if let Some(place) = Place::of_tag(here) {
            places = format!(" ({place}");
            if let Some(place) = Place::of_tag(other) {
                places += &format!("; against {place}");
            }
            places += ")";
        }
        let times = match abort.attempt {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        let message = match abort.attempt {
            0 => "the block has waited, and its deadline has passed".to_owned(),
            _ => format!("the block was rolled back {times}{ending}{places}"),
        };
        let f = self.raise(class, &message);
        if f != Fail::Raise {
            return f;
        }
        let exception = self.exc;
        let here = match crate::modules::transaction::place(self, here) {
            Ok(place) => place,
            Err(f) => return f,
        };
        let other = match crate::modules::transaction::place(self, other) {
            Ok(place) => place,
            Err(f) => return f,
        };
        let facts = [
            ("here", here),
            ("other", other),
            ("object", self.str_value(&object)),
            ("attempts", self.int(abort.attempt.into())),
            ("cause", self.str_value(cause)),
            ("lost", Value::float(abort.lost.as_secs_f64())),
            ("elapsed", Value::float(abort.elapsed.as_secs_f64())),
        ];
        for (name, value) in facts {
            let name = self.intern_value(name);
            if let Err(f) = self.set_attr(exception, name, value) {
                return f;
            }
        }
        self.exc = exception;
        f
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_request_from_before_the_limit_is_renewed_is_not_lost() {
        // A runtime of its own: what others want of theirs would count.
        let mut th = crate::objects::boot(Default::default());
        th.renew_limit();
        assert_ne!(th.limit().load(SeqCst), 0);
        th.rt.collection_wanted.store(true, SeqCst);
        th.poke();
        th.renew_limit();
        assert_eq!(th.limit().load(SeqCst), 0);
    }
}
