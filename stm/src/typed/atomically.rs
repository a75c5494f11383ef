//! Running closures as transactions, again and again until they commit.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use super::memory::{self, Handle};
use super::tx::{State, Tx, current, enter, is_unwinding};
use crate::policy::{Abort, Decision, Policy};
use crate::primitive::{Arc, now, thread_locals};
use crate::{Cause, Conflict, Counters, Engine, Res, WaitResult};

/// Why the closure of a transaction has stopped early.
///
/// ```
/// use keelback_stm::{try_atomically, Failure, Stop};
/// let result: Result<(), _> = try_atomically(|_| Err(Stop::User("no")));
/// assert_eq!(result, Err(Failure::User("no")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop<E> {
    /// It has met a [`Conflict`], or called [`Tx::retry`]: it is to start again.
    Conflict,
    /// It has given up with an error of its own.
    User(E),
}

impl<E> From<Conflict> for Stop<E> {
    fn from(Conflict: Conflict) -> Self {
        Stop::Conflict
    }
}

/// Why a transaction has not committed.
///
/// ```
/// use keelback_stm::{Atomic, Failure};
/// let waits = Atomic::new().run(|tx| tx.retry::<()>());
/// assert_eq!(waits, Err(Failure::NothingRead));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<E = Infallible> {
    /// The closure's own error: see [`Tx::abort`].
    User(E),
    /// The retry policy has decided so.
    GaveUp(Abort),
    /// The time allowed has passed.
    TimedOut(Abort),
    /// The closure has called [`Tx::retry`], and read nothing that could change.
    NothingRead,
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |f: &mut fmt::Formatter<'_>, what, abort: &Abort| {
            let (n, cause) = (abort.attempt, abort.cause.name());
            write!(
                f,
                "the transaction {what} after {n} aborts, the last one because of: {cause}"
            )
        };
        match self {
            Failure::User(error) => error.fmt(f),
            Failure::GaveUp(abort) => after(f, "gave up", abort),
            Failure::TimedOut(abort) => after(f, "ran out of time", abort),
            Failure::NothingRead => {
                f.write_str("the transaction called retry and has read nothing that could change")
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Failure<E> {}

/// How to run a transaction, where [`atomically`] does not do. Within another transaction, which has its own policy and deadline, only
/// [`irrevocable`](Atomic::irrevocable) counts.
///
/// ```
/// use std::time::Duration;
/// use keelback_stm::{Atomic, Failure, TVar};
///
/// let never = TVar::new(false);
/// let result = Atomic::new().timeout(Duration::from_millis(5)).run(|tx| {
///     if !never.read(tx)? {
///         return tx.retry();
///     }
///     Ok(())
/// });
/// assert!(matches!(result, Err(Failure::TimedOut(_))));
/// ```
#[derive(Clone, Default)]
pub struct Atomic {
    policy: Option<Policy>,
    deadline: Option<Instant>,
    irrevocable: bool,
}

impl Atomic {
    /// As [`atomically`] does.
    ///
    /// ```
    /// use keelback_stm::{Atomic, TVar};
    /// let n = TVar::new(1);
    /// assert_eq!(Atomic::new().run(|tx| n.read(tx)), Ok(1));
    /// ```
    pub fn new() -> Atomic {
        Atomic::default()
    }

    /// With this retry policy in place of the thread's or the process'.
    ///
    /// ```
    /// use keelback_stm::{policy, Atomic, TVar};
    /// let n = TVar::new(1);
    /// let three = policy::by_name("giveup:3").unwrap();
    /// assert_eq!(Atomic::new().policy(three).run(|tx| n.read(tx)), Ok(1));
    /// ```
    pub fn policy(mut self, policy: Policy) -> Atomic {
        self.policy = Some(policy);
        self
    }

    /// No new attempt, and no sleep, beyond this moment.
    ///
    /// ```
    /// use std::time::Instant;
    /// use keelback_stm::{Atomic, Failure, TVar};
    /// let n = TVar::new(1);
    /// let result = Atomic::new().deadline(Instant::now()).run(|tx| {
    ///     n.read(tx)?;
    ///     tx.retry::<()>()
    /// });
    /// assert!(matches!(result, Err(Failure::TimedOut(_))));
    /// ```
    pub fn deadline(mut self, deadline: Instant) -> Atomic {
        self.deadline = Some(deadline);
        self
    }

    /// As [`Atomic::deadline`], counted from now.
    ///
    /// ```
    /// use std::time::Duration;
    /// use keelback_stm::{Atomic, TVar};
    /// let n = TVar::new(1);
    /// assert_eq!(Atomic::new().timeout(Duration::from_secs(1)).run(|tx| n.read(tx)), Ok(1));
    /// ```
    pub fn timeout(self, timeout: Duration) -> Atomic {
        Atomic {
            // One beyond the end of time is none.
            deadline: now().checked_add(timeout),
            ..self
        }
    }

    /// As a transaction that cannot fail, from its begin: see [`Tx::irrevocable`]. Then the closure is called once, but for calls of [`Tx::retry`].
    ///
    /// ```
    /// use keelback_stm::{Atomic, TVar};
    /// let n = TVar::new(1);
    /// let mut calls = 0;
    /// Atomic::new().irrevocable().run(|tx| {
    ///     calls += 1;
    ///     n.modify(tx, |n| n + 1)
    /// }).unwrap();
    /// assert_eq!((calls, n.get()), (1, 2));
    /// ```
    pub fn irrevocable(mut self) -> Atomic {
        self.irrevocable = true;
        self
    }

    /// Runs `f` as a transaction.
    ///
    /// # Errors
    /// Any [`Failure`] but [`Failure::User`].
    ///
    /// ```
    /// use keelback_stm::{Atomic, TVar};
    /// let n = TVar::new(1);
    /// Atomic::new().run(|tx| n.write(tx, 2)).unwrap();
    /// assert_eq!(n.get(), 2);
    /// ```
    pub fn run<R>(&self, mut f: impl FnMut(&mut Tx) -> Res<R>) -> Result<R, Failure> {
        self.try_run(|tx| f(tx).map_err(Stop::from))
    }

    /// Runs `f` as a transaction that may give up with an error of its own.
    ///
    /// # Errors
    /// Any [`Failure`].
    ///
    /// ```
    /// use keelback_stm::{Atomic, Failure, TVar};
    /// let n = TVar::new(1);
    /// let result: Result<(), _> = Atomic::new().try_run(|tx| {
    ///     n.write(tx, 2)?;
    ///     tx.abort("not so")
    /// });
    /// assert_eq!(result, Err(Failure::User("not so")));
    /// assert_eq!(n.get(), 1);
    /// ```
    pub fn try_run<R, E>(
        &self,
        mut f: impl FnMut(&mut Tx) -> Result<R, Stop<E>>,
    ) -> Result<R, Failure<E>> {
        if let Some(tx) = current() {
            return nested(tx, self.irrevocable, f);
        }
        let mut owner = Owner::new();
        let closure = closure_number(&f);
        let mut unlogged = !self.irrevocable && owner.state().habits.only_reads(closure);
        let (mut irrevocable, mut newer) = (self.irrevocable, 0);
        owner.state().txn.forget_attempts();
        if self.policy.is_some() {
            owner.state().txn.set_block_policy(self.policy.clone());
        }
        loop {
            let stopped = owner.attempt(irrevocable, unlogged, closure, &mut f);
            let state = owner.state();
            match stopped {
                Ok(value) => return Ok(value),
                Err(_) if state.txn.wants_log() => {
                    // To read again is about as quick as to see that all that was read still stands; but not for ever.
                    newer += 1;
                    unlogged = state.txn.met_something_newer() && newer < 4;
                    if !unlogged && newer < 4 {
                        state.habits.note(closure, false);
                    }
                    owner.roll_back();
                    continue;
                }
                // An error that came after a conflict rests on nothing: the closure should not have gone on.
                Err(Stop::User(error)) if state.txn.conflict_cause().is_none() => {
                    owner.roll_back();
                    return Err(Failure::User(error));
                }
                Err(_) => {}
            }
            if state.txn.conflict_cause() == Some(Cause::UserRetry) {
                match owner.sleep(self.deadline) {
                    WaitResult::NothingRead => return Err(Failure::NothingRead),
                    WaitResult::TimedOut => {
                        return Err(Failure::TimedOut(*owner.state().txn.last_abort()));
                    }
                    WaitResult::Changed | WaitResult::Interrupted => continue,
                }
            }
            owner.roll_back();
            let state = owner.state();
            let decision = state.txn.decide();
            let abort = *state.txn.last_abort();
            if decision == Decision::GiveUp {
                return Err(Failure::GaveUp(abort));
            }
            if self.deadline.is_some_and(|end| now() >= end) {
                return Err(Failure::TimedOut(abort));
            }
            irrevocable = self.irrevocable || decision == Decision::Irrevocable;
            state.txn.carry_out(decision);
        }
    }
}

/// Runs `f` as one atomic step: again and again, until it gets through without another transaction having changed what it read.
///
/// So `f` may be called several times, and should have no effects but through variables and [`Tx::on_commit`]. It passes each
/// [`Conflict`] on with `?`. If it panics, the transaction is rolled back, and the panic goes on.
///
/// Inside another transaction, also one further up the call stack, it becomes part of that one.
///
/// # Panics
/// If `f` does; if it calls [`Tx::retry`] and has read nothing; and if the retry policy in force gives up ([`Atomic`] returns these two).
///
/// ```
/// use keelback_stm::{atomically, TVar};
///
/// let a = TVar::new(100);
/// let b = TVar::new(0);
/// atomically(|tx| {
///     let x = a.read(tx)?;
///     if x < 10 {
///         return tx.retry(); // sleep until something read here changes
///     }
///     a.write(tx, x - 10)?;
///     b.modify(tx, |y| y + 10)
/// });
/// assert_eq!((a.get(), b.get()), (90, 10));
/// ```
#[track_caller]
pub fn atomically<R>(f: impl FnMut(&mut Tx) -> Res<R>) -> R {
    const PLAIN: Atomic = Atomic {
        policy: None,
        deadline: None,
        irrevocable: false,
    };
    match PLAIN.run(f) {
        Ok(value) => value,
        Err(failure) => panic!("{failure}"),
    }
}

/// As [`atomically`], for a transaction that may give up with an error of its own ([`Tx::abort`]): then it has had no effect.
///
/// # Errors
/// Any [`Failure`] but [`Failure::TimedOut`].
///
/// # Panics
/// If `f` does.
///
/// ```
/// use keelback_stm::{try_atomically, Failure, TVar};
/// let n = TVar::new(1);
/// let result = try_atomically(|tx| match n.read(tx)? {
///     0 => Ok("nothing"),
///     _ => tx.abort("something"),
/// });
/// assert_eq!(result, Err(Failure::User("something")));
/// ```
pub fn try_atomically<R, E>(f: impl FnMut(&mut Tx) -> Result<R, Stop<E>>) -> Result<R, Failure<E>> {
    Atomic::new().try_run(f)
}

/// A transaction within another one: part of it, but for the user's own error, which undoes this part alone.
fn nested<R, E>(
    mut tx: Tx,
    irrevocable: bool,
    mut f: impl FnMut(&mut Tx) -> Result<R, Stop<E>>,
) -> Result<R, Failure<E>> {
    if irrevocable && let Err(conflict) = tx.irrevocable() {
        tx.unwind(conflict);
    }
    let point = tx.savepoint();
    match f(&mut tx) {
        Ok(value) => Ok(value),
        Err(Stop::User(error)) if tx.with(|s| s.txn.conflict_cause()).is_none() => {
            tx.rollback_to(&point);
            Err(Failure::User(error))
        }
        Err(_) => tx.unwind(Conflict),
    }
}

thread_locals! {
    /// The thread's state while no transaction uses it.
    static SPARE: Cell<Option<Box<State>>> = Cell::new(None)
}

/// A number for the type of a closure, which is another one for each place in the program where one is written.
#[inline(always)]
fn closure_number<F>(_: &F) -> u32 {
    /// Takes what the type's identity is hashed by, which is as good as random.
    struct Take(u64);
    impl Hasher for Take {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for chunk in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                self.0 ^= u64::from_ne_bytes(word);
            }
        }
        fn write_u64(&mut self, word: u64) {
            self.0 ^= word;
        }
    }
    let mut take = Take(0);
    typeid::of::<F>().hash(&mut take);
    take.finish() as u32
}

/// Has the thread's state for the time of one call, and gives it back.
struct Owner {
    /// From `Box::into_raw`.
    state: NonNull<State>,
    /// The block has been told to commit: if it ends by a panic of an action, it has committed all the same.
    committing: bool,
}

impl Owner {
    #[inline]
    fn new() -> Owner {
        // Without one if the thread is ending, or if this is a destructor within the engine: then for this call alone.
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let state = Box::into_raw(spare.unwrap_or_else(State::new));
        Owner {
            state: NonNull::new(state).expect("a box has an address"),
            committing: false,
        }
    }

    /// The state, while no code of the user's runs.
    #[inline(always)]
    fn state(&mut self) -> &mut State {
        // SAFETY: it came from a box, which is ours; `enter` has returned.
        unsafe { self.state.as_mut() }
    }

    /// Runs the closure once, and commits. If not `Ok`, the block has not ended.
    #[inline]
    fn attempt<R, E>(
        &mut self,
        irrevocable: bool,
        unlogged: bool,
        closure: u32,
        f: &mut impl FnMut(&mut Tx) -> Result<R, Stop<E>>,
    ) -> Result<R, Stop<E>> {
        self.committing = false;
        let txn = &mut self.state().txn;
        if unlogged {
            txn.begin_unlogged();
        } else {
            txn.begin();
        }
        if irrevocable {
            txn.become_irrevocable()?;
        }
        // SAFETY: the state is ours, and we do not touch it meanwhile.
        let run = || unsafe { enter(self.state, |tx| f(tx)) };
        let value = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(result) => result?,
            Err(panic) if is_unwinding(&*panic) => return Err(Stop::Conflict),
            // The block is rolled back when we are dropped.
            Err(panic) => resume_unwind(panic),
        };
        self.committing = true;
        let state = self.state();
        let only_read = state.txn.is_read_only();
        if state.txn.commit().is_err() {
            self.committing = false;
            return Err(Stop::Conflict);
        }
        self.state().habits.note(closure, only_read);
        self.tidy();
        Ok(value)
    }

    /// The block has ended: destroys what has become unreachable.
    #[inline(always)]
    fn tidy(&mut self) {
        if self.state().has_garbage() {
            self.destroy_garbage();
        }
    }

    #[inline(never)]
    fn destroy_garbage(&mut self) {
        let committing = self.committing;
        let state = self.state();
        let retired = if committing { state.committed() } else { 0 };
        let garbage = state.take_garbage();
        garbage.into_iter().for_each(|g| g.destroy());
        memory::destroy_some(retired + 1);
    }

    fn roll_back(&mut self) {
        self.committing = false;
        self.state().txn.abort();
        self.tidy();
    }

    /// After `retry`: rolls back, and sleeps until something that was read changes.
    fn sleep(&mut self, deadline: Option<Instant>) -> WaitResult {
        self.committing = false;
        let mut kept = vec![];
        let watching = self.state().txn.abandon(|orec| {
            // SAFETY: all version words that blocks are given are those of headers; and ours has not ended, so that we have been pinned since it
            // met this one.
            let handle = unsafe { Handle::again(orec) };
            let lives = handle.is_some();
            kept.extend(handle);
            lives
        });
        self.tidy();
        let timeout = deadline.map(|end| end.saturating_duration_since(now()));
        self.state().txn.wait_for(watching, timeout)
    }
}

impl Drop for Owner {
    #[inline]
    fn drop(&mut self) {
        if self.state().txn.in_block() {
            self.roll_back();
        } else {
            // After a panic of an action.
            self.tidy();
        }
        self.state().txn.set_block_policy(None);
        // SAFETY: it came from `Box::into_raw`, and is given back once.
        let state = unsafe { Box::from_raw(self.state.as_ptr()) };
        let mut state = Some(state);
        // If there is one already, this one was for one call; the one of the two that stays is as good.
        let _ = SPARE.try_with(|spare| spare.replace(state.take()));
    }
}

/// The engine that all variables share: for its settings, such as the retry policy of the process ([`Engine::set_policy`]) and fault injection.
///
/// ```
/// use keelback_stm::{engine, policy};
/// engine().set_policy(policy::by_name("backoff").unwrap());
/// assert_eq!(engine().policy().name(), "backoff");
/// ```
pub fn engine() -> &'static Arc<Engine> {
    memory::engine()
}

/// The retry policy of this thread; `None`: the process'.
///
/// ```
/// use keelback_stm::{policy, set_thread_policy};
/// set_thread_policy(Some(policy::by_name("wait").unwrap()));
/// ```
///
/// # Panics
/// Inside a transaction.
pub fn set_thread_policy(policy: Option<Policy>) {
    assert!(current().is_none(), "a transaction is running");
    Owner::new().state().txn.set_thread_policy(policy);
}

/// What all transactions have counted so far, in threads that run and in those that have ended. They count while
/// [`Engine::set_counting`] says so, which costs some nanoseconds a transaction, and is off at first.
///
/// ```
/// use keelback_stm::{engine, stats, TVar};
/// engine().set_counting(true);
/// TVar::new(1).set(2);
/// assert!(stats().commits > 0);
/// ```
pub fn stats() -> Counters {
    engine().counters()
}
