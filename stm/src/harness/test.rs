//! The two tests that one can write: of one's own operations, and of the engine.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::check::Serial;
use super::history::History;
use super::program::{self, Program};
use super::run::{self, Body, End, Executor, Plan};
use super::schedule::Schedule;
use super::search::{Effort, Report, Tried, Wrong, search};
use crate::Policy;
use crate::probe::{Check, What, tell};

/// One call of an operation.
struct Call<S> {
    shown: String,
    call: Arc<dyn Fn(&S) -> String + Send + Sync>,
}

impl<S> Clone for Call<S> {
    fn clone(&self) -> Self {
        Call {
            shown: self.shown.clone(),
            call: Arc::clone(&self.call),
        }
    }
}

impl<S> fmt::Debug for Call<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What each thread calls.
struct Calls<S>(Vec<Vec<Call<S>>>);

impl<S> Clone for Calls<S> {
    fn clone(&self) -> Self {
        Calls(self.0.clone())
    }
}

impl<S> fmt::Debug for Calls<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, calls) in self.0.iter().enumerate() {
            let calls: Vec<&str> = calls.iter().map(|c| c.shown.as_str()).collect();
            writeln!(f, "thread {}: {}", i + 1, calls.join("; "))?;
        }
        Ok(())
    }
}

type Maker<S> = Arc<dyn Fn() -> S + Send + Sync>;
type Invariant<S> = (String, Arc<dyn Fn(&S) -> bool + Send + Sync>);
type Observer<S> = Arc<dyn Fn(&S) -> String + Send + Sync>;

/// A property test of concurrent code: a state, operations on it that threads call in all orders and at the same time, and what must hold.
///
/// Each case is a program, which thread calls what, and a schedule, who is interrupted when. A case that fails is made smaller as long as it still
/// fails; the [`Report`] has the smallest one, what happened in it, and the seed that finds it again. Besides the invariants, the history of all transactions is checked,
/// and an operation that panics is a failure.
///
/// ```
/// use keelback_stm::{TVar, atomically, harness::Test};
///
/// Test::new(|| TVar::new(0))
///     .operation("add", 1..10i64, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
///     .operation("take all", proptest::strategy::Just(()), |n, ()| atomically(|tx| n.replace(tx, 0)))
///     .invariant("it is not negative", |n| n.get() >= 0)
///     .as_if_serial(|n| n.get())
///     .cases(50)
///     .run();
/// ```
pub struct Test<S> {
    first: Maker<S>,
    operations: Vec<BoxedStrategy<Call<S>>>,
    invariants: Vec<Invariant<S>>,
    serial: Option<Observer<S>>,
    threads: usize,
    calls: usize,
    effort: Effort,
    policy: Option<Policy>,
}

impl<S: Send + Sync + 'static> Test<S> {
    /// A test that begins with this state, made anew for each case.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.run();
    /// ```
    pub fn new(first: impl Fn() -> S + Send + Sync + 'static) -> Test<S> {
        Test {
            first: Arc::new(first),
            operations: vec![],
            invariants: vec![],
            serial: None,
            threads: 3,
            calls: 4,
            effort: Effort::default(),
            policy: None,
        }
    }

    /// An operation, with a strategy for its arguments.
    ///
    /// One that waits with [`Tx::retry`](crate::Tx::retry) may wait in vain: when all threads do, the case ends there, and is no failure.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.operation("reset", proptest::strategy::Just(()), |n, ()| n.set(0)).run();
    /// ```
    pub fn operation<A, R>(
        mut self,
        name: &str,
        arguments: impl Strategy<Value = A> + 'static,
        f: impl Fn(&S, A) -> R + Send + Sync + 'static,
    ) -> Test<S>
    where
        A: Clone + fmt::Debug + Send + Sync + 'static,
        R: fmt::Debug,
    {
        let (name, f) = (name.to_owned(), Arc::new(f));
        let call = arguments.prop_map(move |a: A| {
            let shown = match format!("{a:?}") {
                nothing if nothing == "()" => name.clone(),
                tuple if tuple.starts_with('(') => format!("{name}{tuple}"),
                value => format!("{name}({value})"),
            };
            let f = Arc::clone(&f);
            Call {
                shown,
                call: Arc::new(move |state: &S| format!("{:?}", f(state, a.clone()))),
            }
        });
        self.operations.push(call.boxed());
        self
    }

    /// Something that holds when all threads have ended.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.invariant("it has grown", |n| n.get() > 0).run();
    /// ```
    pub fn invariant(
        mut self,
        name: &str,
        f: impl Fn(&S) -> bool + Send + Sync + 'static,
    ) -> Test<S> {
        self.invariants.push((name.to_owned(), Arc::new(f)));
        self
    }

    /// Something that holds at any moment. `f` looks at the state in one transaction; threads call it between operations.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.always("it is small", |n| n.get() < 1000).run();
    /// ```
    pub fn always(self, name: &str, f: impl Fn(&S) -> bool + Send + Sync + 'static) -> Test<S> {
        let f = Arc::new(f);
        let (held, what) = (Arc::clone(&f), name.to_owned());
        self.invariant(name, move |s| f(s)).operation(
            &format!("is it so that {name}?"),
            Just(()),
            move |s, ()| assert!(held(s), "it does not hold that {what}"),
        )
    }

    /// The operations are atomic: what they return, and what `f` sees in the end, is what it would be if they had been called one after the other, in some
    /// order. Tried for programs of few calls.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.as_if_serial(TVar::get).run();
    /// ```
    pub fn as_if_serial<V: fmt::Debug>(
        mut self,
        f: impl Fn(&S) -> V + Send + Sync + 'static,
    ) -> Test<S> {
        self.serial = Some(Arc::new(move |s| format!("{:?}", f(s))));
        self.calls = self.calls.min(2);
        self
    }

    /// At most so many threads (3).
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.threads(2).run();
    /// ```
    pub fn threads(mut self, most: usize) -> Test<S> {
        self.threads = most.max(2);
        self
    }

    /// At most so many calls in each thread (4).
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.calls(1).run();
    /// ```
    pub fn calls(mut self, most: usize) -> Test<S> {
        self.calls = most.max(1);
        self
    }

    /// So many cases (1000), if there is [time](Test::time).
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// assert_eq!(test.cases(7).check().unwrap().cases, 7);
    /// ```
    pub fn cases(mut self, cases: u64) -> Test<S> {
        self.effort.cases = cases;
        self
    }

    /// For so long (10 s), if there are so many [cases](Test::cases).
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.time(std::time::Duration::from_secs(1)).run();
    /// ```
    pub fn time(mut self, time: Duration) -> Test<S> {
        self.effort.time = time;
        self
    }

    /// Other cases than those of the usual seed.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.seed(42).run();
    /// ```
    pub fn seed(mut self, seed: u64) -> Test<S> {
        self.effort.seed = seed;
        self
    }

    /// Only this executor; usually both take turns.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// use keelback_stm::harness::Executor;
    /// test.executor(Executor::Shuttle).run();
    /// ```
    pub fn executor(mut self, executor: Executor) -> Test<S> {
        self.effort.executors = vec![executor];
        self
    }

    /// With this retry policy.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.policy(keelback_stm::policy::by_name("wait").unwrap()).run();
    /// ```
    pub fn policy(mut self, policy: Policy) -> Test<S> {
        self.policy = Some(policy);
        self
    }

    /// Runs the test.
    ///
    /// # Panics
    /// With a report, if something is wrong.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// test.run();
    /// ```
    #[track_caller]
    pub fn run(&self) {
        if let Err(report) = self.check() {
            panic!("{report}");
        }
    }

    /// Runs the test.
    ///
    /// # Errors
    /// The report of what is wrong.
    ///
    /// # Panics
    /// If there is no operation.
    ///
    /// ```
    /// use keelback_stm::{atomically, harness::Test, TVar};
    /// let test = Test::new(|| TVar::new(0))
    ///     .operation("add", 1..9u32, |n, more| atomically(|tx| n.modify(tx, |n| n + more)))
    ///     .cases(5);
    /// let tried = test.check().unwrap();
    /// assert!(tried.cases == 5 && tried.commits > 5);
    /// ```
    pub fn check(&self) -> Result<Tried, Box<Report>> {
        assert!(!self.operations.is_empty(), "a test has operations");
        let call = proptest::strategy::Union::new(self.operations.clone());
        let thread = vec(call, 1..=self.calls);
        let program = vec(thread, 2..=self.threads).prop_map(Calls);
        search(&self.effort, &program, &|calls, schedule, executor| {
            self.run_once(calls, schedule, executor)
        })
    }

    fn run_once(
        &self,
        calls: &Calls<S>,
        schedule: &Schedule,
        executor: Executor,
    ) -> Result<History, Box<Wrong>> {
        let plan = Plan {
            executor,
            schedule: schedule.clone(),
            policy: self.policy.clone(),
            off: None,
        };
        let seen = self.run_calls(&calls.0, &plan);
        let wrong = |what: String, marked| Wrong::new(what, seen.history.clone(), marked);
        for (i, end) in seen.ends.iter().enumerate() {
            match end {
                End::Done | End::Asleep => {}
                End::Stuck => {
                    return Err(wrong(format!("thread {} runs without end", i + 1), vec![]));
                }
                End::Panicked(message) => {
                    return Err(wrong(format!("thread {} panics: {message}", i + 1), vec![]));
                }
            }
        }
        let serial = Serial::new(&seen.history);
        let asleep = |(i, end): (usize, &End)| (*end == End::Asleep).then_some(i + 1);
        let asleep: Vec<usize> = seen.ends.iter().enumerate().filter_map(asleep).collect();
        if let Some(found) = serial.check().or_else(|| serial.check_sleepers(&asleep)) {
            return Err(wrong(found.to_string(), found.events));
        }
        match &seen.last {
            Err(panic) => return Err(wrong(format!("panics: {panic}"), vec![])),
            Ok((Some(broken), _)) => {
                return Err(wrong(format!("it does not hold that {broken}"), vec![]));
            }
            Ok((None, _)) => {}
        }
        if self.serial.is_some() && asleep.is_empty() && !self.is_serial(&calls.0, &seen, &plan) {
            let (answers, end) = seen.shown();
            let what = format!(
                "not atomic: called one after the other, in whatever order, the operations never return {answers} and leave {end}"
            );
            return Err(wrong(what, vec![]));
        }
        Ok(seen.history)
    }

    fn run_calls(&self, calls: &[Vec<Call<S>>], plan: &Plan) -> Seen {
        let answers: Vec<Vec<String>> = vec![vec![]; calls.len()];
        let answers = Arc::new(Mutex::new(answers));
        let bodies = calls.iter().enumerate().map(|(i, calls)| -> Body<S> {
            let (calls, answers) = (calls.clone(), Arc::clone(&answers));
            Box::new(move |state| {
                for Call { shown, call } in &calls {
                    tell(|| What::Note(shown.clone()));
                    let answer = call(state);
                    if answer != "()" {
                        tell(|| What::Note(format!("= {answer}")));
                    }
                    answers.lock().unwrap()[i].push(answer);
                }
            })
        });
        let (first, invariants) = (Arc::clone(&self.first), self.invariants.clone());
        let serial = self.serial.clone();
        let last = move |state: &S| {
            let broken = invariants.iter().find(|i| !(i.1)(state));
            (broken.map(|b| b.0.clone()), serial.map(|f| f(state)))
        };
        let ran = run::run(plan, move || first(), bodies.collect(), last);
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        Seen {
            history: ran.history,
            ends: ran.ends,
            last: ran.last,
            answers,
        }
    }

    /// Whether there is an order in which the calls, one after the other, return the same and lead to the same end.
    fn is_serial(&self, calls: &[Vec<Call<S>>], seen: &Seen, plan: &Plan) -> bool {
        let plan = Plan {
            executor: Executor::Shuttle,
            schedule: Schedule::default(),
            ..plan.clone()
        };
        let mut order = vec![];
        let mut taken = vec![0; calls.len()];
        self.any_order(calls, seen, &plan, &mut taken, &mut order)
    }

    fn any_order(
        &self,
        calls: &[Vec<Call<S>>],
        seen: &Seen,
        plan: &Plan,
        taken: &mut [usize],
        order: &mut Vec<usize>,
    ) -> bool {
        if order.len() == calls.iter().map(Vec::len).sum::<usize>() {
            let mut next = vec![0; calls.len()];
            let one = order.iter().map(|&thread| {
                next[thread] += 1;
                calls[thread][next[thread] - 1].clone()
            });
            let alone = self.run_calls(&[one.collect()], plan);
            let mut left = alone.answers[0].iter();
            let mut answers: Vec<Vec<String>> = vec![vec![]; calls.len()];
            for &thread in order.iter() {
                answers[thread].extend(left.next().cloned());
            }
            return answers == seen.answers && alone.last == seen.last;
        }
        for thread in 0..calls.len() {
            if taken[thread] < calls[thread].len() {
                taken[thread] += 1;
                order.push(thread);
                if self.any_order(calls, seen, plan, taken, order) {
                    return true;
                }
                order.pop();
                taken[thread] -= 1;
            }
        }
        false
    }
}

/// What came of a run of calls.
struct Seen {
    history: History,
    ends: Vec<End>,
    /// The invariant that is broken, and what is there in the end.
    last: Result<(Option<String>, Option<String>), String>,
    answers: Vec<Vec<String>>,
}

impl Seen {
    fn shown(&self) -> (String, String) {
        let answers: Vec<String> = self.answers.iter().map(|a| a.join(", ")).collect();
        let end = self.last.as_ref().ok().and_then(|l| l.1.clone());
        (answers.join(" | "), end.unwrap_or_default())
    }
}

/// The harness' test of the engine itself: generated programs over variables and collections. What it finds is wrong with the engine, and not with
/// anybody's use of it.
///
/// ```
/// use keelback_stm::harness::EngineTest;
/// EngineTest::new().cases(20).run();
/// ```
#[derive(Clone, Default)]
pub struct EngineTest {
    effort: Effort,
    policy: Option<Policy>,
    off: Option<Check>,
}

impl EngineTest {
    /// A test with the engine as it is.
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// EngineTest::new().cases(5).run();
    /// ```
    pub fn new() -> EngineTest {
        EngineTest::default()
    }

    /// As [`Test::cases`].
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// assert_eq!(EngineTest::new().cases(5).check().unwrap().cases, 5);
    /// ```
    pub fn cases(mut self, cases: u64) -> EngineTest {
        self.effort.cases = cases;
        self
    }

    /// As [`Test::time`].
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// EngineTest::new().cases(5).time(std::time::Duration::from_secs(9)).run();
    /// ```
    pub fn time(mut self, time: Duration) -> EngineTest {
        self.effort.time = time;
        self
    }

    /// As [`Test::seed`].
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// EngineTest::new().cases(5).seed(42).run();
    /// ```
    pub fn seed(mut self, seed: u64) -> EngineTest {
        self.effort.seed = seed;
        self
    }

    /// As [`Test::executor`].
    ///
    /// ```
    /// use keelback_stm::harness::{EngineTest, Executor};
    /// EngineTest::new().cases(5).executor(Executor::Threads).run();
    /// ```
    pub fn executor(mut self, executor: Executor) -> EngineTest {
        self.effort.executors = vec![executor];
        self
    }

    /// As [`Test::policy`].
    ///
    /// ```
    /// use keelback_stm::{harness::EngineTest, policy};
    /// EngineTest::new().cases(5).policy(policy::by_name("irrevocable").unwrap()).run();
    /// ```
    pub fn policy(mut self, policy: Policy) -> EngineTest {
        self.policy = Some(policy);
        self
    }

    /// Switches one of the engine's checks off, to see that the harness finds it. Then the programs work on numbers alone: the memory of others is safe only
    /// with all checks.
    ///
    /// ```
    /// use keelback_stm::harness::{Check, EngineTest, Executor};
    /// let broken = EngineTest::new().without(Check::LastUndo).executor(Executor::Shuttle);
    /// assert!(broken.check().is_err());
    /// ```
    pub fn without(mut self, check: Check) -> EngineTest {
        self.off = Some(check);
        self
    }

    /// Runs the test.
    ///
    /// # Panics
    /// With a report, if something is wrong.
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// EngineTest::new().cases(5).run();
    /// ```
    #[track_caller]
    pub fn run(&self) {
        if let Err(report) = self.check() {
            panic!("{report}");
        }
    }

    /// Runs the test.
    ///
    /// # Errors
    /// The report of what is wrong.
    ///
    /// ```
    /// use keelback_stm::harness::EngineTest;
    /// assert!(EngineTest::new().cases(5).check().unwrap().commits > 0);
    /// ```
    pub fn check(&self) -> Result<Tried, Box<Report>> {
        let programs = match self.off {
            Some(_) => Program::any_of_numbers().boxed(),
            None => prop_oneof![Program::any(), Program::any_of_numbers()].boxed(),
        };
        search(&self.effort, &programs, &|program, schedule, executor| {
            let plan = Plan {
                executor,
                schedule: schedule.clone(),
                policy: self.policy.clone(),
                off: self.off,
            };
            program::run(program, &plan)
        })
    }
}
