//! Concurrent programs as plain data: generated, shrunk, run on the engine, and run again on a model, one transaction after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};

use proptest::collection::vec;
use proptest::prelude::*;

use super::check::{Found, Serial};
use super::history::{Fate, History};
use super::run::{self, Body, End, Plan};
use super::search::Wrong;
use crate::probe::{What, tell};
use crate::{
    Failure, Res, Stop, TCounter, TMap, TQueue, TSet, TVar, Tx, atomically, try_atomically,
};

/// How many numbers there are: variables that stand in a word.
const NUMBERS: u8 = 3;
/// How many texts: variables with a box.
const TEXTS: u8 = 2;
const KEYS: u8 = 3;

/// A step of a transaction. Variables are named by number.
///
/// ```
/// use keelback_stm::harness::{Op, Program};
/// let program = Program { threads: vec![vec![vec![Op::Write(0, 7)]], vec![vec![Op::Read(0)]]] };
/// assert!(format!("{program:?}").contains("Write(0, 7)"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Reads a number.
    Read(u8),
    /// Writes a number.
    Write(u8, i64),
    /// Reads a number, and writes the sum.
    Add(u8, i64),
    /// Moves an amount from one number to another.
    Move(u8, u8, i64),
    /// Reads a text.
    ReadText(u8),
    /// Adds to a text.
    Append(u8, u8),
    /// Waits until a number is not below this.
    WaitFor(u8, i64),
    /// A transaction within, which gives up with an error if so said.
    Nested(Vec<Op>, bool),
    /// A part that is taken back.
    Undone(Vec<Op>),
    /// One of two: the second, if the first would wait.
    Either(Vec<Op>, Vec<Op>),
    /// A panic. The next transaction of the thread runs all the same.
    Panic,
    /// The whole transaction gives up with an error.
    GiveUp,
    /// Cannot be rolled back from here on.
    Irrevocable,
    /// Map.
    Insert(u8, i64),
    /// Map.
    Remove(u8),
    /// Map.
    Get(u8),
    /// Map: how many keys.
    Len,
    /// Queue.
    Push(i64),
    /// Queue: waits for an element.
    Pop,
    /// Queue: takes one if there is one.
    TryPop,
    /// Set: adds.
    Enter(u8),
    /// Set: removes.
    Leave(u8),
    /// Counter: adds.
    Count(i64),
    /// Counter: the sum.
    Sum,
}

/// A transaction.
///
/// ```
/// use keelback_stm::harness::{Block, Op};
/// let block: Block = vec![Op::Add(0, 1), Op::GiveUp];
/// assert_eq!(block.len(), 2);
/// ```
pub type Block = Vec<Op>;

/// For each thread, its transactions.
///
/// ```
/// use keelback_stm::harness::{Op, Program};
/// let program = Program { threads: vec![vec![vec![Op::Write(0, 7)]], vec![vec![Op::Read(0)]]] };
/// assert_eq!(program.threads.len(), 2);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The first one is thread 1.
    pub threads: Vec<Vec<Block>>,
}

impl fmt::Debug for Program {
    /// A line for each transaction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, blocks) in self.threads.iter().enumerate() {
            writeln!(f, "thread {}", i + 1)?;
            for block in blocks {
                writeln!(f, "    {block:?}")?;
            }
        }
        Ok(())
    }
}

impl Program {
    /// Programs of two or three threads.
    ///
    /// ```
    /// use keelback_stm::harness::Program;
    /// use proptest::{strategy::{Strategy, ValueTree}, test_runner::TestRunner};
    /// let program = Program::any().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    /// assert!(program.threads.len() >= 2);
    /// ```
    pub fn any() -> impl Strategy<Value = Program> {
        let block = vec(op(), 1..6);
        let thread = vec(block, 1..4);
        vec(thread, 2..4).prop_map(|threads| Program { threads })
    }

    /// Programs that read and write numbers, and nothing else: smaller, so that more of their schedules are met. What an engine that is broken on purpose
    /// does to them is wrong, but follows no address.
    ///
    /// ```
    /// use keelback_stm::harness::Program;
    /// use proptest::{strategy::{Strategy, ValueTree}, test_runner::TestRunner};
    /// let program = Program::any_of_numbers().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    /// assert!(program.threads.len() >= 2);
    /// ```
    pub fn any_of_numbers() -> impl Strategy<Value = Program> {
        let op = prop_oneof![
            12 => numbers(),
            1 => vec(numbers(), 1..3).prop_map(Op::Undone),
            1 => (vec(numbers(), 1..3), any::<bool>()).prop_map(|(ops, fails)| Op::Nested(ops, fails)),
        ];
        let block = vec(op, 1..5);
        let thread = vec(block, 1..4);
        vec(thread, 2..4).prop_map(|threads| Program { threads })
    }
}

fn amount() -> impl Strategy<Value = i64> {
    1..100i64
}

fn numbers() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..NUMBERS).prop_map(Op::Read),
        4 => (0..NUMBERS, amount()).prop_map(|(v, n)| Op::Write(v, n)),
        3 => (0..NUMBERS, amount()).prop_map(|(v, n)| Op::Add(v, n)),
        2 => (0..NUMBERS, 0..NUMBERS, amount()).prop_map(|(a, b, n)| Op::Move(a, b, n)),
        1 => Just(Op::Panic),
        2 => Just(Op::GiveUp),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let collections = prop_oneof![
        (0..KEYS, amount()).prop_map(|(k, n)| Op::Insert(k, n)),
        (0..KEYS).prop_map(Op::Remove),
        (0..KEYS).prop_map(Op::Get),
        Just(Op::Len),
        amount().prop_map(Op::Push),
        Just(Op::Pop),
        Just(Op::TryPop),
        (0..KEYS).prop_map(Op::Enter),
        (0..KEYS).prop_map(Op::Leave),
        amount().prop_map(Op::Count),
        Just(Op::Sum),
    ];
    let texts = prop_oneof![
        (0..TEXTS).prop_map(Op::ReadText),
        (0..TEXTS, b'a'..=b'z').prop_map(|(v, c)| Op::Append(v, c)),
    ];
    let leaf = prop_oneof![
        12 => numbers(),
        3 => texts,
        6 => collections,
        1 => (0..NUMBERS, amount()).prop_map(|(v, n)| Op::WaitFor(v, n)),
        1 => Just(Op::Irrevocable),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let part = vec(inner, 1..4);
        prop_oneof![
            (part.clone(), any::<bool>()).prop_map(|(ops, fails)| Op::Nested(ops, fails)),
            part.clone().prop_map(Op::Undone),
            (part.clone(), part).prop_map(|(a, b)| Op::Either(a, b)),
        ]
    })
}

/// What a step has returned.
///
/// ```
/// use keelback_stm::harness::Answer;
/// assert_ne!(Answer::Number(1), Answer::Maybe(Some(1)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A number, or how many.
    Number(i64),
    /// A number, if there was one.
    Maybe(Option<i64>),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

/// The state that programs work on.
struct World {
    numbers: Vec<TVar<i64>>,
    texts: Vec<TVar<String>>,
    map: TMap<u8, i64>,
    queue: TQueue<i64>,
    set: TSet<u8>,
    counter: TCounter,
}

/// What a planned panic throws.
struct Planned;
/// The error of transactions that give up.
struct GivenUp;

impl World {
    fn new() -> World {
        World {
            numbers: (b'a'..)
                .take(NUMBERS.into())
                .map(|c| TVar::new(0).named(char::from(c)))
                .collect(),
            texts: (b's'..)
                .take(TEXTS.into())
                .map(|c| TVar::new(String::new()).named(char::from(c)))
                .collect(),
            map: TMap::new(),
            queue: TQueue::new(),
            set: TSet::new(),
            counter: TCounter::new(0),
        }
    }

    fn all(&self, tx: &mut Tx, ops: &[Op], answers: &mut Vec<Answer>) -> Result<(), Stop<GivenUp>> {
        ops.iter().try_for_each(|op| self.step(tx, op, answers))
    }

    fn step(&self, tx: &mut Tx, op: &Op, answers: &mut Vec<Answer>) -> Result<(), Stop<GivenUp>> {
        let number = |v: &u8| &self.numbers[usize::from(*v)];
        let text = |v: &u8| &self.texts[usize::from(*v)];
        let answer = match op {
            Op::Read(v) => Answer::Number(number(v).read(tx)?),
            Op::Write(v, n) => return Ok(number(v).write(tx, *n)?),
            Op::Add(v, n) => return Ok(number(v).modify(tx, |x| x + n)?),
            Op::Move(a, b, n) => {
                number(a).modify(tx, |x| x - n)?;
                return Ok(number(b).modify(tx, |x| x + n)?);
            }
            Op::ReadText(v) => Answer::Text(text(v).read(tx)?),
            Op::Append(v, c) => {
                let more = |s: &mut String| {
                    s.push(char::from(*c));
                    s.len() as i64
                };
                Answer::Number(text(v).update(tx, more)?)
            }
            Op::WaitFor(v, n) => {
                if number(v).read(tx)? < *n {
                    return Ok(tx.retry()?);
                }
                return Ok(());
            }
            Op::Nested(ops, fails) => {
                let result = try_atomically(|tx| {
                    self.all(tx, ops, answers)?;
                    if *fails { tx.abort(GivenUp) } else { Ok(()) }
                });
                return match result {
                    // Its own error, or that of a step within: its part is undone, and the transaction goes on.
                    Ok(()) | Err(Failure::User(GivenUp)) => Ok(()),
                    Err(failure) => {
                        unreachable!("a part has no fate of its own: {:?}", failure.map_user())
                    }
                };
            }
            Op::Undone(ops) => {
                let point = tx.savepoint();
                let result = self.all(tx, ops, answers);
                if result.is_ok() {
                    tx.rollback_to(&point);
                }
                return result;
            }
            Op::Either(first, second) => {
                let before = answers.len();
                let shared = std::cell::RefCell::new(answers);
                return tx.or_else(
                    |tx| self.all(tx, first, &mut shared.borrow_mut()),
                    |tx| {
                        shared.borrow_mut().truncate(before);
                        self.all(tx, second, &mut shared.borrow_mut())
                    },
                );
            }
            Op::Panic => resume_unwind(Box::new(Planned)),
            Op::GiveUp => return tx.abort(GivenUp),
            Op::Irrevocable => return Ok(tx.irrevocable()?),
            Op::Insert(k, n) => Answer::Maybe(self.map.insert(tx, *k, *n)?),
            Op::Remove(k) => Answer::Maybe(self.map.remove(tx, k)?),
            Op::Get(k) => Answer::Maybe(self.map.get(tx, k)?),
            Op::Len => Answer::Number(self.map.len(tx)? as i64),
            Op::Push(n) => return Ok(self.queue.push(tx, *n)?),
            Op::Pop => Answer::Number(self.queue.pop(tx)?),
            Op::TryPop => Answer::Maybe(self.queue.try_pop(tx)?),
            Op::Enter(k) => Answer::Flag(self.set.insert(tx, *k)?),
            Op::Leave(k) => Answer::Flag(self.set.remove(tx, k)?),
            Op::Count(n) => return Ok(self.counter.add(tx, *n)?),
            Op::Sum => Answer::Number(self.counter.get(tx)?),
        };
        answers.push(answer);
        Ok(())
    }

    /// All that there is.
    fn everything(&self, tx: &mut Tx) -> Res<Model> {
        let mut model = Model::default();
        for v in &self.numbers {
            model.numbers.push(v.read(tx)?);
        }
        for v in &self.texts {
            model.texts.push(v.read(tx)?);
        }
        model.map = self.map.entries(tx)?.into_iter().collect();
        model.set = self.set.elements(tx)?.into_iter().collect();
        model.sum = self.counter.get(tx)?;
        assert_eq!(self.map.len(tx)?, model.map.len());
        assert_eq!(self.set.len(tx)?, model.set.len());
        assert_eq!(self.queue.is_empty(tx)?, self.queue.len(tx)? == 0);
        while let Some(n) = self.queue.try_pop(tx)? {
            model.queue.push_back(n);
        }
        Ok(model)
    }
}

impl Failure<GivenUp> {
    fn map_user(self) -> Failure<()> {
        match self {
            Failure::User(GivenUp) => Failure::User(()),
            Failure::GaveUp(abort) => Failure::GaveUp(abort),
            Failure::TimedOut(abort) => Failure::TimedOut(abort),
            Failure::NothingRead => Failure::NothingRead,
        }
    }
}

/// The same state without any concurrency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Model {
    numbers: Vec<i64>,
    texts: Vec<String>,
    map: BTreeMap<u8, i64>,
    queue: VecDeque<i64>,
    set: BTreeSet<u8>,
    sum: i64,
}

/// Why the model's transaction has stopped.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    Waits,
    GivesUp,
    Panics,
}

impl Model {
    fn new() -> Model {
        Model {
            numbers: vec![0; NUMBERS.into()],
            texts: vec![String::new(); TEXTS.into()],
            ..Model::default()
        }
    }

    fn all(&mut self, ops: &[Op], answers: &mut Vec<Answer>) -> Result<(), Stopped> {
        ops.iter().try_for_each(|op| self.step(op, answers))
    }

    fn step(&mut self, op: &Op, answers: &mut Vec<Answer>) -> Result<(), Stopped> {
        let at = |v: &u8| usize::from(*v);
        let answer = match op {
            Op::Read(v) => Answer::Number(self.numbers[at(v)]),
            Op::Write(v, n) => {
                self.numbers[at(v)] = *n;
                return Ok(());
            }
            Op::Add(v, n) => {
                self.numbers[at(v)] += n;
                return Ok(());
            }
            Op::Move(a, b, n) => {
                self.numbers[at(a)] -= n;
                self.numbers[at(b)] += n;
                return Ok(());
            }
            Op::ReadText(v) => Answer::Text(self.texts[at(v)].clone()),
            Op::Append(v, c) => {
                self.texts[at(v)].push(char::from(*c));
                Answer::Number(self.texts[at(v)].len() as i64)
            }
            Op::WaitFor(v, n) => {
                return if self.numbers[at(v)] < *n {
                    Err(Stopped::Waits)
                } else {
                    Ok(())
                };
            }
            Op::Nested(ops, fails) => {
                let before = self.clone();
                let result = self.all(ops, answers);
                return match result {
                    Ok(()) if !fails => Ok(()),
                    Ok(()) | Err(Stopped::GivesUp) => {
                        *self = before;
                        Ok(())
                    }
                    Err(other) => Err(other),
                };
            }
            Op::Undone(ops) => {
                let before = self.clone();
                self.all(ops, answers)?;
                *self = before;
                return Ok(());
            }
            Op::Either(first, second) => {
                let (before, len) = (self.clone(), answers.len());
                return match self.all(first, answers) {
                    Err(Stopped::Waits) => {
                        *self = before;
                        answers.truncate(len);
                        self.all(second, answers)
                    }
                    other => other,
                };
            }
            Op::Panic => return Err(Stopped::Panics),
            Op::GiveUp => return Err(Stopped::GivesUp),
            Op::Irrevocable => return Ok(()),
            Op::Insert(k, n) => Answer::Maybe(self.map.insert(*k, *n)),
            Op::Remove(k) => Answer::Maybe(self.map.remove(k)),
            Op::Get(k) => Answer::Maybe(self.map.get(k).copied()),
            Op::Len => Answer::Number(self.map.len() as i64),
            Op::Push(n) => {
                self.queue.push_back(*n);
                return Ok(());
            }
            Op::Pop => match self.queue.pop_front() {
                Some(n) => Answer::Number(n),
                None => return Err(Stopped::Waits),
            },
            Op::TryPop => Answer::Maybe(self.queue.pop_front()),
            Op::Enter(k) => Answer::Flag(self.set.insert(*k)),
            Op::Leave(k) => Answer::Flag(self.set.remove(k)),
            Op::Count(n) => {
                self.sum += n;
                return Ok(());
            }
            Op::Sum => Answer::Number(self.sum),
        };
        answers.push(answer);
        Ok(())
    }
}

/// A transaction that committed, with what it returned.
struct Done {
    thread: usize,
    block: usize,
    answers: Vec<Answer>,
}

/// Runs a program once.
///
/// # Errors
/// What is wrong with what it did.
pub(super) fn run(program: &Program, plan: &Plan) -> Result<History, Box<Wrong>> {
    let done: Arc<Mutex<Vec<Done>>> = Arc::default();
    // Which of its transactions each thread has come to.
    let at: Arc<Mutex<Vec<usize>>> = Arc::new(Mutex::new(vec![0; program.threads.len()]));
    let bodies = program
        .threads
        .iter()
        .enumerate()
        .map(|(i, blocks)| -> Body<World> {
            let (blocks, done, at) = (blocks.clone(), Arc::clone(&done), Arc::clone(&at));
            Box::new(move |world| {
                for (block, ops) in blocks.iter().enumerate() {
                    tell(|| What::Note(format!("transaction {}", block + 1)));
                    at.lock().unwrap()[i] = block;
                    let result = catch_unwind(AssertUnwindSafe(|| {
                        try_atomically(|tx| {
                            let mut answers = vec![];
                            world.all(tx, ops, &mut answers)?;
                            Ok(answers)
                        })
                    }));
                    let note = match result {
                        Ok(Ok(answers)) => {
                            done.lock().unwrap().push(Done {
                                thread: i + 1,
                                block,
                                answers,
                            });
                            continue;
                        }
                        Ok(Err(Failure::User(GivenUp))) => "gave up, as planned".to_owned(),
                        // A transaction that waits and has read nothing: `Pop` reads, so it cannot be.
                        Ok(Err(failure)) => panic!("{:?}", failure.map_user()),
                        Err(panic) if panic.is::<Planned>() => "panicked, as planned".to_owned(),
                        Err(panic) => resume_unwind(panic),
                    };
                    tell(|| What::Note(note));
                }
            })
        });
    let last = |world: &World| {
        atomically(|tx| {
            let everything = world.everything(tx)?;
            // It has emptied the queue: once more, to see that nothing was left behind by whoever was rolled back.
            Ok(everything)
        })
    };
    let ran = run::run(plan, World::new, bodies.collect(), last);
    let history = ran.history;
    for (i, end) in ran.ends.iter().enumerate() {
        let what = match end {
            End::Done | End::Asleep => continue,
            End::Stuck => "runs without end".to_owned(),
            End::Panicked(message) => format!("panics: {message}"),
        };
        return Err(Wrong::new(
            format!("thread {} {what}", i + 1),
            history,
            vec![],
        ));
    }
    let report = |found: Found, history: &History| {
        Wrong::new(found.to_string(), history.clone(), found.events)
    };
    let serial = Serial::new(&history);
    if let Some(found) = serial.check() {
        return Err(report(found, &history));
    }
    let asleep = |(i, end): (usize, &End)| (*end == End::Asleep).then_some(i + 1);
    let asleep: Vec<usize> = ran.ends.iter().enumerate().filter_map(asleep).collect();
    if let Some(found) = serial.check_sleepers(&asleep) {
        return Err(report(found, &history));
    }
    let world = match ran.last {
        Ok(world) => world,
        Err(panic) => return Err(Wrong::new(format!("the end: {panic}"), history, vec![])),
    };
    let done = std::mem::take(&mut *done.lock().unwrap());
    let at = at.lock().unwrap().clone();
    let sleeping: Vec<(usize, usize)> = asleep.iter().map(|&t| (t, at[t - 1])).collect();
    match equals_model(program, &serial, &done, &sleeping, &world) {
        Ok(()) => Ok(history),
        Err((what, events)) => Err(Wrong::new(what, history.clone(), events)),
    }
}

/// Runs the transactions on the model, in the order in which they committed, and compares what they return. A thread sleeps only in a transaction (thread, and which
/// of its transactions) that would wait on the model, too.
fn equals_model(
    program: &Program,
    serial: &Serial<'_>,
    done: &[Done],
    sleeping: &[(usize, usize)],
    world: &Model,
) -> Result<(), (String, Vec<usize>)> {
    // The committed transactions of each thread, in their order, are those that have returned.
    let mut order: Vec<(usize, bool, usize, &Done)> = vec![];
    for thread in 1..=program.threads.len() {
        let committed = serial
            .attempts
            .iter()
            .enumerate()
            .filter(|(_, a)| a.thread == thread && matches!(a.fate, Fate::Committed(_)));
        let returned = done.iter().filter(|d| d.thread == thread);
        for ((i, attempt), done) in committed.zip(returned) {
            let place = serial.order.iter().position(|&o| o == i);
            let state = match place {
                Some(k) => k + 1,
                None => serial
                    .state_read(attempt)
                    .ok_or(("no state".to_owned(), vec![]))?,
            };
            // In one state the transaction that made it comes first, and then those that read it.
            order.push((state, place.is_none(), attempt.end, done));
        }
    }
    order.sort_by_key(|o| (o.0, o.1));
    let mut model = Model::new();
    for &(_, _, end, done) in &order {
        let mut answers = vec![];
        let ops = &program.threads[done.thread - 1][done.block];
        let result = model.all(ops, &mut answers);
        if result.is_err() || answers != done.answers {
            let what = format!(
                "serial order: {ops:?} of thread {} has returned {:?}, and one after the other {}",
                done.thread,
                done.answers,
                match result {
                    Ok(()) => format!("{answers:?}"),
                    Err(stopped) => format!("{stopped:?}"),
                }
            );
            return Err((what, vec![end]));
        }
    }
    for &(thread, block) in sleeping {
        let ops = &program.threads[thread - 1][block];
        let result = model.clone().all(ops, &mut vec![]);
        if result != Err(Stopped::Waits) {
            let what = format!(
                "thread {thread} sleeps, and has no reason to: {ops:?} would end with {result:?}"
            );
            return Err((what, vec![]));
        }
    }
    if model != *world {
        let what = format!(
            "serial order: at the end there is {world:?}, and one after the other {model:?}"
        );
        return Err((what, vec![]));
    }
    Ok(())
}
