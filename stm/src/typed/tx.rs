//! A running transaction, as its closure sees it.

use std::any::Any;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{NonNull, null_mut};

use super::atomically::Stop;
use super::memory::{Garbage, retire_all, with_engine};
use crate::primitive::thread_locals;
use crate::{Cause, Conflict, Res, Savepoint, Txn};

/// What a thread runs its transactions with.
pub(super) struct State {
    pub(super) txn: Txn,
    /// The boxes that the block has made, with the length of the undo log when their addresses had been stored.
    made: Vec<(usize, Garbage)>,
    /// The boxes whose place it has taken, likewise.
    replaced: Vec<(usize, Garbage)>,
    /// Which closures have only read, lately.
    pub(super) habits: Habits,
    /// Boxes that were made, and taken back by a rollback to a savepoint. They go with the block's end: a closure may still be looking at one.
    dead: Vec<Garbage>,
}

/// How many times in a row a closure has only read, for those that a thread has run lately: what has only read so far will do so again.
///
/// A table in which one closure may take another's place: nothing but speed depends on it.
pub(super) struct Habits([Habit; HABITS]);

#[derive(Clone, Copy, Default)]
struct Habit {
    closure: u32,
    only_read: u32,
}

const HABITS: usize = 64;

/// After so many times a closure is run without a read set.
const HABITUAL: u32 = 16;

impl Habits {
    fn new() -> Habits {
        Habits([Habit::default(); HABITS])
    }

    /// Whether the closure has only read for some time.
    #[inline(always)]
    pub(super) fn only_reads(&self, closure: u32) -> bool {
        // Under test, whoever has no habits: a wrong guess is to be tried as often as a right one.
        #[cfg(feature = "harness")]
        if let Some(number) = crate::probe::with_probe(|p| p.random()) {
            return number % 2 == 0;
        }
        let habit = self.0[closure as usize % HABITS];
        habit.closure == closure && habit.only_read >= HABITUAL
    }

    /// The closure has run.
    #[inline(always)]
    pub(super) fn note(&mut self, closure: u32, only_read: bool) {
        let habit = &mut self.0[closure as usize % HABITS];
        if habit.closure != closure {
            *habit = Habit {
                closure,
                only_read: 0,
            };
        }
        habit.only_read = if only_read {
            habit.only_read.saturating_add(1)
        } else {
            0
        };
    }
}

impl State {
    pub(super) fn new() -> Box<State> {
        Box::new(State {
            // SAFETY: the version words that we hand to it are those of variables, which outlive the blocks that were given them: see the text of
            // `typed`, numbers 2 and 4.
            txn: with_engine(|engine| unsafe { engine.register() }),
            habits: Habits::new(),
            made: vec![],
            replaced: vec![],
            dead: vec![],
        })
    }

    /// A box was stored in a variable in place of another.
    pub(super) fn note_write(&mut self, made: Garbage, replaced: Garbage) {
        let position = self.txn.undo_len();
        self.made.push((position, made));
        self.replaced.push((position, replaced));
    }

    /// The block has committed: what it has replaced can go. Returns how many boxes that is.
    pub(super) fn committed(&mut self) -> usize {
        self.made.clear();
        let count = self.replaced.len();
        if count > 0 {
            retire_all(self.replaced.drain(..).map(|(_, g)| g));
        }
        count
    }

    fn rolled_back_to(&mut self, position: usize) {
        // What was written since has an undo entry since.
        let since = |list: &[(usize, Garbage)]| list.partition_point(|&(at, _)| at <= position);
        let made = self.made.split_off(since(&self.made));
        self.dead.extend(made.into_iter().map(|(_, g)| g));
        self.replaced.truncate(since(&self.replaced));
    }

    /// What is left to destroy when the block has ended. The caller does so when it does not refer to the state any more: `Drop` is the user's code.
    #[must_use]
    pub(super) fn take_garbage(&mut self) -> Vec<Garbage> {
        self.replaced.clear();
        let mut garbage = std::mem::take(&mut self.dead);
        garbage.extend(self.made.drain(..).map(|(_, g)| g));
        garbage
    }

    pub(super) fn has_garbage(&self) -> bool {
        !self.made.is_empty() || !self.replaced.is_empty() || !self.dead.is_empty()
    }
}

thread_locals! {
    /// The state of the transaction whose closure runs; null while none does.
    static CURRENT: Cell<*mut State> = Cell::new(null_mut())
}

/// The transaction whose closure runs in this thread, if one does.
pub(super) fn current() -> Option<Tx> {
    let state = CURRENT.get();
    NonNull::new(state).map(|state| Tx {
        state,
        not_send: PhantomData,
    })
}

/// Calls `f` with the transaction of `state`.
///
/// # Safety
/// `state` is valid, and no reference to it lives, until `enter` has returned.
#[inline(always)]
pub(super) unsafe fn enter<R>(state: NonNull<State>, f: impl FnOnce(&mut Tx) -> R) -> R {
    /// Also when it panics.
    struct Leave(*mut State);
    impl Drop for Leave {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _leave = Leave(CURRENT.replace(state.as_ptr()));
    let mut tx = Tx {
        state,
        not_send: PhantomData,
    };
    f(&mut tx)
}

/// What unwinds an inner transaction's closure, so that the outer one starts again.
pub(super) struct Unwinding;

pub(super) fn is_unwinding(panic: &(dyn Any + Send)) -> bool {
    panic.is::<Unwinding>()
}

/// A running transaction: what the operations on variables ask for. Closures given to [`atomically`](crate::atomically) get it.
///
/// ```
/// use keelback_stm::{atomically, Res, TVar, Tx};
///
/// fn take(tx: &mut Tx, from: &TVar<i32>) -> Res<i32> {
///     from.replace(tx, 0)
/// }
/// let v = TVar::new(3);
/// assert_eq!(atomically(|tx| take(tx, &v)), 3);
/// ```
pub struct Tx {
    state: NonNull<State>,
    /// It belongs to its thread.
    not_send: PhantomData<*mut ()>,
}

impl Tx {
    /// Borrows the state. `f` calls no code of the user's.
    #[inline(always)]
    pub(super) fn with<R>(&mut self, f: impl FnOnce(&mut State) -> R) -> R {
        // SAFETY: a `Tx` lives within `enter`, so the state is valid, and only what `with` is given refers to it. `f` does not come back
        // here: it calls nothing but the engine, and the destructors of nothing.
        f(unsafe { self.state.as_mut() })
    }

    /// The transaction cannot go on until something that it has read changes: it is rolled back, sleeps till then, and starts again.
    /// Within [`Tx::or_else`] the alternative is tried first.
    ///
    /// A transaction that has read nothing would sleep for ever: that is an error ([`Failure::NothingRead`](crate::Failure::NothingRead)), and a panic where
    /// there is no way to return it.
    ///
    /// # Errors
    /// Always. Return it.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let ready = TVar::new(false);
    /// let (waiting, setting) = (ready.clone(), ready);
    /// let thread = std::thread::spawn(move || atomically(|tx| {
    ///     if !waiting.read(tx)? {
    ///         return tx.retry();
    ///     }
    ///     Ok(())
    /// }));
    /// setting.set(true);
    /// thread.join().unwrap();
    /// ```
    pub fn retry<T>(&mut self) -> Res<T> {
        self.with(|s| s.txn.retry())
    }

    /// Rolls back, and ends the call of [`try_atomically`](crate::try_atomically) with this error.
    ///
    /// # Errors
    /// Always. Return it.
    ///
    /// ```
    /// use keelback_stm::{try_atomically, Failure, TVar};
    /// let n = TVar::new(1);
    /// let result: Result<(), _> = try_atomically(|tx| {
    ///     n.write(tx, 2)?;
    ///     tx.abort("no")
    /// });
    /// assert_eq!(result, Err(Failure::User("no")));
    /// assert_eq!(n.get(), 1);
    /// ```
    pub fn abort<T, E>(&mut self, error: E) -> Result<T, Stop<E>> {
        Err(Stop::User(error))
    }

    /// Tries `first`. If that calls [`Tx::retry`], what it wrote is undone, and `second` is tried in its place. If both call it, the transaction
    /// sleeps until something changes that either has read.
    ///
    /// # Errors
    /// As `first` and `second`.
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let (urgent, other) = (TQueue::new(), TQueue::new());
    /// atomically(|tx| other.push(tx, 1));
    /// let next = atomically(|tx| tx.or_else(|tx| urgent.pop(tx), |tx| other.pop(tx)));
    /// assert_eq!(next, 1);
    /// ```
    pub fn or_else<T, E>(
        &mut self,
        first: impl FnOnce(&mut Tx) -> Result<T, E>,
        second: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let point = self.savepoint();
        let result = catch_unwind(AssertUnwindSafe(|| first(self)));
        let waits = self.with(|s| s.txn.conflict_cause()) == Some(Cause::UserRetry);
        match result {
            Ok(Err(_)) if waits => {}
            Ok(result) => return result,
            // It was a transaction within that would wait.
            Err(panic) if waits && is_unwinding(&*panic) => {}
            Err(panic) => resume_unwind(panic),
        }
        self.rollback_to(&point);
        self.with(|s| s.txn.forget_retry());
        second(self)
    }

    /// A point to which [`Tx::rollback_to`] can return.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new(1);
    /// atomically(|tx| {
    ///     let point = tx.savepoint();
    ///     v.write(tx, 2)?;
    ///     tx.rollback_to(&point);
    ///     assert_eq!(v.read(tx)?, 1);
    ///     Ok(())
    /// });
    /// ```
    pub fn savepoint(&mut self) -> Savepoint {
        self.with(|s| s.txn.savepoint())
    }

    /// Undoes what was written since the savepoint; calls given to [`Tx::on_commit`] and [`Tx::after_commit`] since are dropped, those given to
    /// [`Tx::on_abort`] made. The transaction still depends on what it read in between.
    ///
    /// # Panics
    /// If the savepoint is not one of this attempt, or came after one that was returned to.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new(1);
    /// atomically(|tx| {
    ///     let point = tx.savepoint();
    ///     v.write(tx, 2)?;
    ///     tx.rollback_to(&point);
    ///     Ok(())
    /// });
    /// assert_eq!(v.get(), 1);
    /// ```
    pub fn rollback_to(&mut self, savepoint: &Savepoint) {
        let actions = self.with(|s| {
            let actions = s.txn.roll_back_words(savepoint);
            s.rolled_back_to(savepoint.undo);
            actions
        });
        // The user's code, or what it has left behind.
        actions.run();
    }

    /// From here on the transaction cannot fail, and so is not run again: it may do what cannot be undone. There is one such transaction at a
    /// time; others wait for it if they want to be one too.
    ///
    /// # Errors
    /// [`Conflict`]: what the transaction has read has changed. It starts again, and nothing has been done yet.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let n = TVar::new(1);
    /// atomically(|tx| {
    ///     tx.irrevocable()?;
    ///     println!("{}", n.read(tx)?);
    ///     n.modify(tx, |n| n + 1)
    /// });
    /// ```
    pub fn irrevocable(&mut self) -> Res<()> {
        self.with(|s| s.txn.become_irrevocable())
    }

    /// Whether [`Tx::irrevocable`] has succeeded.
    ///
    /// ```
    /// use keelback_stm::atomically;
    /// atomically(|tx| {
    ///     assert!(!tx.is_irrevocable());
    ///     tx.irrevocable()?;
    ///     assert!(tx.is_irrevocable());
    ///     Ok(())
    /// });
    /// ```
    pub fn is_irrevocable(&mut self) -> bool {
        self.with(|s| s.txn.is_irrevocable())
    }

    /// Has `f` called once when the transaction commits: in the order of commits, and before anybody sees what it wrote. For output. `f` must not use
    /// transactions.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let n = TVar::new(1);
    /// atomically(|tx| {
    ///     let now = n.read(tx)?;
    ///     tx.on_commit(move || println!("{now}"));
    ///     n.write(tx, now + 1)
    /// });
    /// ```
    pub fn on_commit(&mut self, f: impl FnOnce() + Send + 'static) {
        let f = Box::new(f);
        self.with(|s| s.txn.on_commit(f));
    }

    /// Has `f` called once after the transaction has committed. It may use transactions.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let (v, log) = (TVar::new(1), TVar::new(0));
    /// let (seen, to) = (v.clone(), log.clone());
    /// atomically(|tx| {
    ///     let (seen, to) = (seen.clone(), to.clone());
    ///     tx.after_commit(move || to.set(seen.get()));
    ///     v.write(tx, 2)
    /// });
    /// assert_eq!(log.get(), 2);
    /// ```
    pub fn after_commit(&mut self, f: impl FnOnce() + Send + 'static) {
        let f = Box::new(f);
        self.with(|s| s.txn.after_commit(f));
    }

    /// Has `f` called once if this attempt, or the part of it since a savepoint, is rolled back: afterwards, the last given first. It may use
    /// transactions after an attempt; not after a part of one.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// use keelback_stm::try_atomically;
    ///
    /// static UNDONE: AtomicU32 = AtomicU32::new(0);
    /// let _ = try_atomically::<(), _>(|tx| {
    ///     tx.on_abort(|| drop(UNDONE.fetch_add(1, SeqCst)));
    ///     tx.abort("no")
    /// });
    /// assert_eq!(UNDONE.load(SeqCst), 1);
    /// ```
    pub fn on_abort(&mut self, f: impl FnOnce() + Send + 'static) {
        let f = Box::new(f);
        self.with(|s| s.txn.on_abort(f));
    }

    /// How often this call has been rolled back because of others.
    ///
    /// ```
    /// use keelback_stm::atomically;
    /// assert_eq!(atomically(|tx| Ok(tx.aborts())), 0);
    /// ```
    pub fn aborts(&mut self) -> u32 {
        self.with(|s| s.txn.attempt())
    }

    /// A number that no other thread has which is in a transaction now: small ones first.
    pub(super) fn slot(&mut self) -> usize {
        self.with(|s| s.txn.slot_index())
    }

    /// Ends the closure of an inner transaction, and with it all of the outer one's.
    pub(super) fn unwind(&mut self, Conflict: Conflict) -> ! {
        // No message: this is no panic of the user's.
        resume_unwind(Box::new(Unwinding))
    }
}
