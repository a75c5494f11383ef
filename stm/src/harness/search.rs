//! The search: generates cases from seeds, runs them, and makes a failing one as small as it gets.

use std::fmt;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::history::History;
use super::run::Executor;
use super::schedule::Schedule;

/// What to run: set by whoever tests, and by the environment.
#[derive(Clone)]
pub(super) struct Effort {
    pub(super) cases: u64,
    pub(super) time: Duration,
    pub(super) seed: u64,
    pub(super) executors: Vec<Executor>,
}

/// Named in the report, and read here: one seed, one case.
pub(super) const REPLAY: &str = "KEELBACK_HARNESS_SEED";

impl Default for Effort {
    fn default() -> Self {
        Effort {
            cases: 1000,
            time: Duration::from_secs(10),
            seed: 0x6b65_656c,
            executors: vec![Executor::Shuttle, Executor::Threads],
        }
    }
}

/// What was found to be wrong with one run.
#[derive(Clone)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) history: History,
    pub(super) marked: Vec<usize>,
}

impl Wrong {
    pub(super) fn new(what: String, history: History, marked: Vec<usize>) -> Box<Wrong> {
        Box::new(Wrong {
            what,
            history,
            marked,
        })
    }
}

/// How much was tried.
///
/// ```
/// use keelback_stm::harness::{EngineTest, Tried};
/// let Tried { cases, commits, .. } = EngineTest::new().cases(5).check().unwrap();
/// assert!(cases == 5 && commits > 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// Programs run.
    pub cases: u64,
    /// Transactions in them that committed, and that were rolled back.
    pub commits: u64,
    /// See `commits`.
    pub aborts: u64,
}

/// A failure, made as small as it gets. Printed, it is a report for people.
///
/// ```
/// use keelback_stm::harness::{Check, EngineTest, Executor};
/// let broken = EngineTest::new().without(Check::LastUndo).executor(Executor::Shuttle);
/// let report = broken.check().unwrap_err();
/// assert!(report.to_string().contains("what happened:"));
/// ```
#[derive(Clone)]
pub struct Report {
    /// What is wrong.
    pub what: String,
    /// The program.
    pub program: String,
    /// When who was interrupted.
    pub schedule: Schedule,
    /// What ran it.
    pub executor: Executor,
    /// What happened.
    pub history: History,
    /// The events that show it.
    pub marked: Vec<usize>,
    /// The seed with which it is found again.
    pub seed: u64,
    /// Which case of the search it was, from 1.
    pub case: u64,
    /// How many times it got smaller.
    pub shrunk: u32,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what)?;
        writeln!(f, "\nthe program:\n{}", self.program.trim_end())?;
        writeln!(
            f,
            "\nwhat happened:\n{}",
            self.history.timeline(&self.marked).trim_end()
        )?;
        writeln!(
            f,
            "\nfound as case {}, and made smaller {} times; {} interruptions, run by {}",
            self.case,
            self.shrunk,
            self.schedule.turns.len(),
            match self.executor {
                Executor::Shuttle => "shuttle",
                Executor::Threads =>
                    "threads of the system, so that it may take several tries to see it again",
            }
        )?;
        write!(f, "once more: {REPLAY}={:#x}", self.seed)
    }
}

impl fmt::Debug for Report {
    /// As [`fmt::Display`]: `unwrap` shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Report {}

/// How often a case on threads of the system is tried again, when it has been made smaller, before it counts as passing.
const AGAIN: usize = 12;

/// How many schedules are tried to see a failure on threads of the system step by step.
const STEPS: usize = 2000;

/// How long a failure is made smaller.
const SHRINKING: Duration = Duration::from_secs(20);

/// Runs cases until one fails, or enough have passed.
pub(super) fn search<V: Clone + fmt::Debug>(
    effort: &Effort,
    strategy: &impl Strategy<Value = V>,
    run: &dyn Fn(&V, &Schedule, Executor) -> Result<History, Box<Wrong>>,
) -> Result<Tried, Box<Report>> {
    let replay = std::env::var(REPLAY).ok().map(|s| {
        let digits = s.strip_prefix("0x");
        let number = digits.map_or_else(|| s.parse(), |d| u64::from_str_radix(d, 16));
        number.unwrap_or_else(|_| panic!("{REPLAY}={s}: no number"))
    });
    let cases = if replay.is_some() { 1 } else { effort.cases };
    let schedules = Schedule::any();
    let start = Instant::now();
    let mut tried = Tried::default();
    for case in 0..cases {
        if start.elapsed() > effort.time {
            break;
        }
        let seed =
            replay.unwrap_or_else(|| effort.seed.wrapping_mul(0x9E37_79B9).wrapping_add(case));
        // The seed says which executor, too, so that it alone is enough to see it again.
        let executor = effort.executors[(seed % effort.executors.len() as u64) as usize];
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let mut program = new_tree(strategy, &mut runner);
        let mut schedule = new_tree(&schedules, &mut runner);
        let mut executor = executor;
        let mut first = Ok(History::default());
        if replay.is_none() || executor == Executor::Shuttle {
            first = run(&program.current(), &schedule.current(), executor);
        }
        if executor == Executor::Threads && (first.is_err() || replay.is_some()) {
            // What threads of the system have shown, steps can often show as well: then it can be repeated, and becomes smaller.
            for _ in 0..STEPS {
                let other = new_tree(&schedules, &mut runner);
                let result = run(&program.current(), &other.current(), Executor::Shuttle);
                if result.is_err() {
                    (schedule, first, executor) = (other, result, Executor::Shuttle);
                    break;
                }
            }
            if first.is_ok() {
                first = first_wrong(10 * AGAIN, || {
                    run(&program.current(), &schedule.current(), executor)
                });
            }
        }
        let mut wrong = match first {
            Ok(history) => {
                tried.cases += 1;
                let c = commits_and_aborts(&history);
                tried.commits += c.0;
                tried.aborts += c.1;
                continue;
            }
            Err(wrong) => *wrong,
        };
        let mut shrunk = 0;
        let end = Instant::now() + SHRINKING;
        loop {
            let before = shrunk;
            smallest(&mut program, end, |program| {
                let same = schedule.current();
                let result = first_wrong(again(executor), || run(program, &same, executor));
                if note(result, &mut wrong, &mut shrunk) {
                    return true;
                }
                // A smaller program may need another schedule.
                (0..others(executor)).any(|_| {
                    let other = new_tree(&schedules, &mut runner);
                    let result = run(program, &other.current(), executor);
                    let failed = note(result, &mut wrong, &mut shrunk);
                    if failed {
                        schedule = other;
                    }
                    failed
                })
            });
            let same = program.current();
            smallest(&mut schedule, end, |schedule| {
                let result = first_wrong(again(executor), || run(&same, schedule, executor));
                note(result, &mut wrong, &mut shrunk)
            });
            if shrunk == before || Instant::now() > end {
                break;
            }
        }
        let program = program.current();
        let mut schedule = schedule.current();
        while Instant::now() < end {
            let fewer = schedule.with_fewer_turns().find(|fewer| {
                let result = first_wrong(again(executor), || run(&program, fewer, executor));
                note(result, &mut wrong, &mut shrunk)
            });
            match fewer {
                Some(fewer) => schedule = fewer,
                None => break,
            }
        }
        return Err(Box::new(Report {
            what: wrong.what,
            program: format!("{program:?}"),
            schedule,
            executor,
            history: wrong.history,
            marked: wrong.marked,
            seed,
            case: case + 1,
            shrunk,
        }));
    }
    Ok(tried)
}

fn new_tree<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Tree {
    strategy
        .new_tree(runner)
        .unwrap_or_else(|e| panic!("cannot generate a case: {e}"))
}

/// Makes a value smaller as long as it fails.
fn smallest<T: ValueTree>(tree: &mut T, end: Instant, mut fails: impl FnMut(&T::Value) -> bool) {
    let mut smaller = tree.simplify();
    while smaller {
        let failed = fails(&tree.current());
        let late = Instant::now() > end;
        smaller = if failed {
            !late && tree.simplify()
        } else {
            tree.complicate()
        };
    }
}

/// Whether a run has failed; keeps what was wrong.
fn note(result: Result<History, Box<Wrong>>, wrong: &mut Wrong, shrunk: &mut u32) -> bool {
    match result {
        Ok(_) => false,
        Err(w) => {
            (*wrong, *shrunk) = (*w, *shrunk + 1);
            true
        }
    }
}

fn again(executor: Executor) -> usize {
    match executor {
        Executor::Shuttle => 1,
        Executor::Threads => AGAIN,
    }
}

/// How many other schedules are tried for a smaller program.
fn others(executor: Executor) -> usize {
    match executor {
        Executor::Shuttle => 60,
        Executor::Threads => 0,
    }
}

fn first_wrong(
    tries: usize,
    mut run: impl FnMut() -> Result<History, Box<Wrong>>,
) -> Result<History, Box<Wrong>> {
    for _ in 1..tries {
        run()?;
    }
    run()
}

fn commits_and_aborts(history: &History) -> (u64, u64) {
    use crate::probe::What;
    let mut counts = (0, 0);
    for event in &history.events {
        match event.what {
            What::Commit { .. } => counts.0 += 1,
            What::Abort { .. } => counts.1 += 1,
            _ => {}
        }
    }
    counts
}
