//! How a block ends: commit, abort, and the rollback to a savepoint; and the actions that wait for it.
//!
//! **Actions in commit order.** `on_commit` is for output: what a block prints must come after what the blocks before it in the serial
//! order printed. Blocks that write and depend on each other are ordered by ownership if the action runs before the release. But a
//! block that only reads takes no ownership and has its place in the past, at its read time; another one may have overtaken it. So a
//! block with such actions takes a lock, validates under it, runs them, and lets go: from its validation to
//! its last action no other block with actions comes in between. Blocks without actions do not see this lock.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::{Action, Conflict, KNOWN, NOTHING_KNOWN, Owned, Res, Stamp, Txn, Undo, known_place};
use crate::engine::Engine;
use crate::orec::{next_incarnation, version_word};
use crate::policy::Abort;
use crate::primitive::{AtomicU64, MutexGuard, Ordering, lock, now, try_lock};
use crate::probe::{self, Check};
use crate::stats::Cause;

/// A point within a block to which it can be rolled back ([`Txn::rollback_to`]).
///
/// ```
/// # use std::sync::{Arc, atomic::Ordering::Relaxed};
/// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
/// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
/// # let engine = Arc::new(Engine::new());
/// # // SAFETY: the object above outlives the descriptor.
/// # let mut txn = unsafe { engine.register() };
/// txn.begin();
/// let point: keelback_stm::Savepoint = txn.savepoint();
/// for n in [2, 3] {
///     txn.write(&orec, &word, n).unwrap();
///     txn.rollback_to(&point);
///     assert_eq!(word.load(Relaxed), 1, "it serves more than once");
/// }
/// # txn.commit().unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Savepoint {
    pub(crate) undo: usize,
    actions: usize,
    stamps: usize,
    serial: u64,
}

/// Logs that have grown beyond so many entries are cut back when the block ends.
const KEPT: usize = 1 << 16;

impl Txn {
    /// Ends the block: all of it takes effect at one moment. If `Err`, the block has not been rolled back yet; call
    /// [`abort`](Txn::abort).
    ///
    /// A doomed block may still commit, if it can: it lets go of its objects sooner that way than by an abort.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// assert_eq!(txn.commit(), Ok(()));
    /// ```
    #[inline]
    pub fn commit(&mut self) -> Res<()> {
        debug_assert!(self.in_block(), "no block has begun");
        if self.chaos != 0 && self.chaos_strikes() {
            return Err(self.fail(Cause::Chaos, std::ptr::null(), None));
        }
        if self.dispute.is_some() {
            // Somebody has not passed a conflict on: what the block did after it rests on nothing.
            return Err(Conflict);
        }
        if self.owned.is_empty() && self.actions.is_empty() {
            #[cfg(feature = "harness")]
            probe::tell(|| probe::What::Commit { version: None });
            self.count_commit();
            return Ok(());
        }
        self.commit_with_effects()
    }

    fn commit_with_effects(&mut self) -> Res<()> {
        if self.unlogged {
            self.want_log()?;
        }
        let engine = self.engine_ref();
        if self.actions.iter().any(|a| matches!(a, Action::Commit(_))) {
            let order = self.lock_commit_order(engine);
            let version = self.settle(engine)?;
            let panic = self.run_commit_actions();
            self.release(version);
            drop(order);
            self.after_release(engine, version, panic);
        } else {
            let version = self.settle(engine)?;
            self.release(version);
            self.after_release(engine, version, None);
        }
        Ok(())
    }

    /// Takes the block's place in the serial order; after `Ok` there is no way back.
    #[inline]
    fn settle(&mut self, engine: &Engine) -> Res<u64> {
        if self.owned.is_empty() {
            if !self.irrevocable && !self.solo {
                // The lock of the commit order has been taken: what the blocks before us released is seen.
                self.validate_for_commit()?;
            }
            return Ok(0);
        }
        let version = engine.tick();
        let before = self.read_time;
        // For the next block, whether this one commits or not.
        self.read_time = version;
        // An irrevocable block owns all that it read. Otherwise, if nobody ticked since our read time, nobody released anything.
        if version != before + 1 && !self.irrevocable {
            self.validate_for_commit()?;
        }
        Ok(version)
    }

    fn validate_for_commit(&mut self) -> Res<()> {
        if probe::is_off(Check::CommitValidation) {
            return Ok(());
        }
        let result = self.validate();
        if let (Err(_), Some(dispute)) = (result, &mut self.dispute) {
            dispute.cause = Cause::CommitValidation;
        }
        result
    }

    fn lock_commit_order<'e>(&mut self, engine: &'e Engine) -> MutexGuard<'e, ()> {
        if let Some(order) = try_lock(&engine.commit_order) {
            return order;
        }
        self.expose_logs();
        let mut order = None;
        engine
            .host
            .block(&mut || order = Some(lock(&engine.commit_order)));
        order.expect("the host calls what it is given")
    }

    /// Runs the `on_commit` actions in the order in which they were given. If one panics, the others still run: the block is past
    /// the point of no return.
    fn run_commit_actions(&mut self) -> Option<Box<dyn Any + Send>> {
        let mut panic = None;
        for action in std::mem::take(&mut self.actions) {
            match action {
                Action::Commit(f) => panic = catch_unwind(AssertUnwindSafe(f)).err().or(panic),
                other => self.actions.push(other),
            }
        }
        panic
    }

    /// Lets go of everything, at `version` what was written and as it was what was only read.
    #[inline]
    fn release(&mut self, version: u64) {
        for &Stamp {
            word,
            context,
            store,
        } in &self.stamps
        {
            // SAFETY: the contract of `Engine::register`: it is valid until the block ends.
            store(unsafe { &*word }, context, version);
        }
        let word = version_word(version);
        self.release_each(|_| word);
    }

    /// Lets go of everything after the old values have been put back.
    fn release_unchanged(&mut self) {
        let engine = self.engine_ref();
        // Whoever has loaded a dirty word must find another version word than before: see invariant 4.
        self.release_each(|before| {
            if probe::is_off(Check::BumpOnAbort) {
                return before;
            }
            next_incarnation(before).unwrap_or_else(|| version_word(engine.tick()))
        });
    }

    #[inline(always)]
    fn release_each(&self, word_after_writing: impl Fn(u64) -> u64) {
        for &Owned { orec, before } in &self.owned {
            // SAFETY: the contract of `Engine::register`: it is valid until the block ends.
            let orec = unsafe { &*orec };
            // Relaxed: only we change it.
            let only_read =
                self.owns_for_reading && orec.0.load(Ordering::Relaxed) == self.mine_reading;
            let word = if only_read {
                before
            } else {
                word_after_writing(before)
            };
            // Release: whoever sees this version sees what was written (or, after an abort, put back).
            orec.0.store(word, Ordering::Release);
        }
    }

    #[inline]
    fn after_release(
        &mut self,
        engine: &Engine,
        _version: u64,
        mut panic: Option<Box<dyn Any + Send>>,
    ) {
        #[cfg(feature = "harness")]
        probe::tell(|| probe::What::Commit {
            version: (_version != 0).then_some(_version),
        });
        // Relaxed: ordered by the tick; see `waiters.rs`.
        if engine.time.sleepers.load(Ordering::Relaxed) != 0 {
            self.wake_sleepers(engine);
        }
        if self.actions.is_empty() && panic.is_none() {
            return self.count_commit();
        }
        let actions = std::mem::take(&mut self.actions);
        self.count_commit();
        for action in actions {
            if let Action::AfterCommit(f) = action {
                panic = catch_unwind(AssertUnwindSafe(f)).err().or(panic);
            }
        }
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    #[cold]
    fn wake_sleepers(&self, engine: &Engine) {
        engine
            .waiters
            .notify(self.owned.iter().map(|o| o.orec), |slot| {
                engine.slots.get(slot).parker.signal(|s| s.changed = true);
            });
    }

    #[inline]
    fn count_commit(&mut self) {
        if self.settings.counting() {
            self.count();
        }
        self.attempt = 0;
        self.first_abort = None;
        self.sought = std::ptr::null();
        self.end_block();
    }

    #[inline(never)]
    fn count(&mut self) {
        let c = &mut self.counters;
        c.read_only_commits += u64::from(self.owned.is_empty());
        let (reads, writes, undo) = (
            self.reads.len() as u64,
            self.owned.len() as u64,
            self.undo.len() as u64,
        );
        c.commits += 1;
        c.reads += reads;
        c.reads_max = c.reads_max.max(reads);
        c.writes += writes;
        c.writes_max = c.writes_max.max(writes);
        c.undo += undo;
        c.undo_max = c.undo_max.max(undo);
    }

    /// Clears everything that belongs to one block.
    #[inline]
    pub(super) fn end_block(&mut self) {
        if self.irrevocable {
            self.give_token_back();
        }
        self.serial += 1;
        // Release: whoever waits for our end sees what we released.
        self.slot().serial.store(self.serial, Ordering::Release);
        if self.reads.len() | self.undo.len() | self.owned.len() >= KEPT {
            self.reads = Vec::with_capacity(KEPT);
            self.undo = Vec::with_capacity(KEPT);
            self.owned = Vec::new();
        }
        if self.reads.len() > KNOWN / 4 {
            self.known = NOTHING_KNOWN;
        } else {
            for read in &self.reads {
                self.known[known_place(read.orec)].orec = std::ptr::null();
            }
        }
        self.unlogged = false;
        if self.settings.counting() {
            self.counters.blocks += 1;
            if self.settings.publishing() {
                self.slot().counters.publish(&self.counters);
            }
        }
        self.reads.clear();
        self.undo.clear();
        self.owned.clear();
        self.stamps.clear();
        self.owns_for_reading = false;
        self.dispute = None;
        self.work = 0;
        self.pin = None;
    }

    /// Rolls the block back: every word that it wrote gets its old value. The cause is that of the last [`Conflict`](super::Conflict), or
    /// [`Cause::Explicit`] if there was none.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// txn.abort();
    /// assert_eq!(word.load(Relaxed), 1);
    /// ```
    pub fn abort(&mut self) {
        self.roll_back();
    }

    #[cold]
    fn roll_back(&mut self) {
        assert!(!self.solo, "a solo block cannot abort");
        debug_assert!(self.in_block(), "no block has begun");
        self.play_back(0);
        self.release_unchanged();
        self.note_abort();
        #[cfg(feature = "harness")]
        probe::tell(|| probe::What::Abort {
            cause: self.last_abort.cause,
        });
        let actions = std::mem::take(&mut self.actions);
        self.end_block();
        AbortActions(actions).run();
    }

    /// Puts old values back, the youngest entry first, down to this position of the undo log.
    fn play_back(&mut self, position: usize) {
        let mut end = self.undo.len();
        if probe::is_off(Check::LastUndo) && end > position {
            end -= 1;
        }
        for &Undo { word, old, .. } in self.undo[position..end].iter().rev() {
            // SAFETY: the contract of `Engine::register`: it is valid until the block ends.
            // Relaxed: the object is ours or private, and its release comes after.
            unsafe { &*word }.store(old, Ordering::Relaxed);
        }
        self.undo.truncate(position);
    }

    fn note_abort(&mut self) {
        if self.wants_log() {
            // No conflict: it is run again at once, and nobody is asked.
            self.counters.runs_for_log += 1;
            self.dispute = None;
            return;
        }
        let dispute = self.dispute.take();
        let cause = dispute.map_or(Cause::Explicit, |d| d.cause);
        self.counters.aborts[cause as usize] += 1;
        let now = now();
        if matches!(cause, Cause::Explicit | Cause::UserRetry) {
            // The block did what it was to do; what comes next is not another attempt at it.
            self.attempt = 0;
            self.first_abort = None;
        } else {
            self.attempt = self.attempt.saturating_add(1);
        }
        let elapsed = now - *self.first_abort.get_or_insert(now);
        let lost = self.started.map_or(Duration::ZERO, |started| now - started);
        self.counters.lost_ns += lost.as_nanos() as u64;
        self.counters.lost_work += self.work;
        self.last_abort = Abort {
            attempt: self.attempt,
            cause,
            other: dispute.and_then(|d| d.other),
            other_irrevocable: dispute.is_some_and(|d| d.other_irrevocable),
            work: self.work,
            lost,
            elapsed,
            reads: self.reads.len(),
            writes: self.owned.len(),
            client_tags: self.client_tags.take().unwrap_or([
                dispute.map_or(self.tag, |d| d.tag),
                dispute.map_or(0, |d| d.other_tag),
            ]),
            object_kind: std::mem::take(&mut self.object_kind),
        };
        if self.settings.tracing() && matches!(cause, Cause::ReadVersion | Cause::CommitValidation)
        {
            self.sought = dispute.map_or(std::ptr::null(), |d| d.orec);
        }
        self.last_other = dispute.and_then(|d| d.other.map(|slot| (slot, d.other_serial)));
    }

    /// A point to which [`rollback_to`](Txn::rollback_to) can return. [`block`](Txn::block) changes, so that objects born before it
    /// are logged from now on.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let before = txn.block();
    /// let point = txn.savepoint();
    /// assert_ne!(txn.block(), before);
    /// # txn.rollback_to(&point);
    /// # txn.commit().unwrap();
    /// ```
    pub fn savepoint(&mut self) -> Savepoint {
        debug_assert!(self.in_block(), "no block has begun");
        self.new_stamp();
        Savepoint {
            undo: self.undo.len(),
            actions: self.actions.len(),
            stamps: self.stamps.len(),
            serial: self.serial,
        }
    }

    /// Undoes what the block wrote since the savepoint, drops the `on_commit` actions given since, and runs the `on_abort` ones. What
    /// was read stays in the read set, and what was acquired stays owned: the block's further course may depend on it.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let point = txn.savepoint();
    /// txn.write(&orec, &word, 2).unwrap();
    /// txn.rollback_to(&point);
    /// assert_eq!(word.load(Relaxed), 1);
    /// # txn.commit().unwrap();
    /// ```
    pub fn rollback_to(&mut self, savepoint: &Savepoint) {
        self.roll_back_words(savepoint).run();
    }

    /// As [`Txn::rollback_to`], but for the calls: the caller makes them.
    pub(crate) fn roll_back_words(&mut self, savepoint: &Savepoint) -> AbortActions {
        assert!(!self.solo, "a solo block cannot be rolled back");
        assert_eq!(
            savepoint.serial, self.serial,
            "the savepoint belongs to another block"
        );
        self.play_back(savepoint.undo);
        #[cfg(feature = "harness")]
        probe::tell(|| probe::What::RolledBack {
            undo: savepoint.undo,
        });
        self.stamps.truncate(savepoint.stamps);
        self.new_stamp();
        self.counters.partial_rollbacks += 1;
        AbortActions(self.actions.split_off(savepoint.actions))
    }

    /// Has `f` called at commit: in commit order, after the last moment at which the block can fail, and before anybody sees
    /// what it wrote. For output. `f` must not use transactions, and should not wait for other threads.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let told = Arc::new(AtomicU64::new(0));
    /// let tell = Arc::clone(&told);
    /// txn.on_commit(Box::new(move || tell.store(1, Relaxed)));
    /// assert_eq!(told.load(Relaxed), 0);
    /// txn.commit().unwrap();
    /// assert_eq!(told.load(Relaxed), 1);
    /// ```
    pub fn on_commit(&mut self, f: Box<dyn FnOnce() + Send>) {
        self.actions.push(Action::Commit(f));
    }

    /// Has `store(word, context, version)` called at commit, once the version is settled that everything gets which the block has written, and before
    /// anybody sees that: so that the client can tell the order in which blocks have committed. Versions of later commits are greater. Dropped by an
    /// abort, or a rollback to a savepoint from before. In a solo block it is called at once. `word` belongs to an object that the block owns.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let stamped = AtomicU64::new(0);
    /// txn.write(&orec, &word, 2).unwrap();
    /// txn.stamp(&stamped, 0, |word, _, version| word.store(version, Relaxed));
    /// txn.commit().unwrap();
    /// assert_eq!(stamped.load(Relaxed), engine.clock());
    /// ```
    pub fn stamp(&mut self, word: &AtomicU64, context: u64, store: fn(&AtomicU64, u64, u64)) {
        if self.solo {
            // Nobody sees it before others, and its commit has no version: a time of its own keeps the order.
            store(word, context, self.engine.tick());
            return;
        }
        self.stamps.push(Stamp {
            word,
            context,
            store,
        });
    }

    /// Has `f` called after the commit, in no particular order with other threads' blocks.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let told = Arc::new(AtomicU64::new(0));
    /// let tell = Arc::clone(&told);
    /// txn.after_commit(Box::new(move || tell.store(1, Relaxed)));
    /// txn.abort();
    /// assert_eq!(told.load(Relaxed), 0, "it did not commit");
    /// ```
    pub fn after_commit(&mut self, f: Box<dyn FnOnce() + Send>) {
        self.actions.push(Action::AfterCommit(f));
    }

    /// Has `f` called after the block, or the part of it since a savepoint, has been rolled back; the last given is called first.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let told = Arc::new(AtomicU64::new(0));
    /// let tell = Arc::clone(&told);
    /// txn.on_abort(Box::new(move || tell.store(1, Relaxed)));
    /// txn.abort();
    /// assert_eq!(told.load(Relaxed), 1);
    /// ```
    pub fn on_abort(&mut self, f: Box<dyn FnOnce() + Send>) {
        self.actions.push(Action::Abort(f));
    }

    /// Destroys something that the block has made unreachable, when no other block can be looking at it any more: `f` is called
    /// some time after the commit, once every block that was running then has ended. If the block aborts, `f` is
    /// dropped. Between blocks, it counts from now. Needs [`Engine::with_epochs`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use keelback_stm::Engine;
    /// let engine = Arc::new(Engine::new().with_epochs());
    /// // SAFETY: it is given no objects.
    /// let mut txn = unsafe { engine.register() };
    /// let old = Arc::new([0; 100]);
    /// let watch = Arc::downgrade(&old);
    /// txn.begin();
    /// txn.retire(move || drop(old));
    /// assert!(watch.upgrade().is_some());
    /// txn.commit().unwrap();
    /// drop((txn, engine));
    /// assert!(watch.upgrade().is_none(), "destroyed with the engine at the latest");
    /// ```
    pub fn retire(&mut self, f: impl FnOnce() + Send + 'static) {
        let engine = self.engine_ref();
        let collector = engine
            .epochs
            .as_ref()
            .expect("retire needs an engine with epochs")
            .clone();
        let retire = move || collector.register().pin().defer(f);
        if self.in_block() {
            self.after_commit(Box::new(retire));
        } else {
            retire();
        }
    }
}

/// What the client wants done after a rollback.
#[must_use]
pub(crate) struct AbortActions(Vec<Action>);

impl AbortActions {
    /// Does it, the last given first; the other actions are dropped.
    pub(crate) fn run(self) {
        for action in self.0.into_iter().rev() {
            if let Action::Abort(f) = action {
                f();
            }
        }
    }
}
