//! Who runs when: schedules as plain data, which `proptest` can generate and shrink, and the scheduler for `shuttle` that follows them.
//!
//! A schedule is a list of turns. A task runs until its turn is over, counted in steps that others could notice, and then another one is put in its place. When
//! the list is used up, each task runs on until it waits or ends. So the shorter the list, the fewer interruptions: shrinking it leaves those that matter.

use proptest::collection::vec;
use proptest::prelude::*;
use shuttle::scheduler::{self, Scheduler, Task, TaskId};

/// One interruption.
///
/// ```
/// use keelback_stm::harness::{Schedule, Turn};
/// let schedule = Schedule { turns: vec![Turn { steps: 5, next: 0 }], seed: 1 };
/// assert_ne!(schedule, Schedule::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// After so many steps of the running task.
    pub steps: u16,
    /// Which of the others runs then: counted among those that can, from 0, and around.
    pub next: u8,
}

/// The interruptions of a run, and where its random choices begin.
///
/// ```
/// use keelback_stm::harness::Schedule;
/// assert!(Schedule::default().turns.is_empty(), "nobody is interrupted");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// In this order.
    pub turns: Vec<Turn>,
    /// For what is drawn at random while the program runs: back-off times; with threads of the system, where they give way.
    pub seed: u64,
}

impl Schedule {
    /// Schedules for small programs: many short turns, some longer ones, or a few anywhere.
    ///
    /// ```
    /// use keelback_stm::harness::Schedule;
    /// use proptest::{strategy::{Strategy, ValueTree}, test_runner::TestRunner};
    /// let schedule = Schedule::any().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    /// assert!(schedule.turns.len() < 100);
    /// ```
    pub fn any() -> impl Strategy<Value = Schedule> {
        let turns = |steps, most| {
            let turn = (0..steps, 0..3u8).prop_map(|(steps, next)| Turn { steps, next });
            vec(turn, 0..most)
        };
        let turns = prop_oneof![
            3 => turns(8u16, 80usize),
            3 => turns(40, 40),
            2 => turns(200, 12),
        ];
        (turns, any::<u16>()).prop_map(|(turns, seed)| Schedule {
            turns,
            seed: u64::from(seed),
        })
    }
}

impl Schedule {
    /// The same with an interruption less, or with two less, so that who was interrupted goes on at once, and the turns after them are as before.
    pub(super) fn with_fewer_turns(&self) -> impl Iterator<Item = Schedule> + '_ {
        let with = |turns| Schedule {
            turns,
            seed: self.seed,
        };
        let without_two = move |i: usize| {
            let mut turns = self.turns.clone();
            let first = turns.remove(i);
            turns.remove(i);
            if let Some(next) = turns.get_mut(i) {
                next.steps = next.steps.saturating_add(first.steps);
            }
            with(turns)
        };
        let without_one = move |i: usize| {
            let mut turns = self.turns.clone();
            turns.remove(i);
            with(turns)
        };
        let two = (0..self.turns.len().saturating_sub(1)).map(without_two);
        two.chain((0..self.turns.len()).map(without_one))
    }
}

/// Follows a schedule, once.
pub(super) struct Turns {
    turns: std::vec::IntoIter<Turn>,
    /// How many steps are left of the turn, and who comes then.
    turn: Option<Turn>,
    /// Whether the tasks of the program run, and not what comes before and after.
    started: std::rc::Rc<std::cell::Cell<bool>>,
    fresh: bool,
}

impl Turns {
    pub(super) fn new(schedule: &Schedule, started: std::rc::Rc<std::cell::Cell<bool>>) -> Turns {
        let mut turns = schedule.turns.clone().into_iter();
        Turns {
            turn: turns.next(),
            turns,
            started,
            fresh: true,
        }
    }
}

impl Scheduler for Turns {
    fn new_execution(&mut self) -> Option<scheduler::Schedule> {
        std::mem::take(&mut self.fresh).then(|| scheduler::Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        yielding: bool,
    ) -> Option<TaskId> {
        let current = current.filter(|c| runnable.iter().any(|t| t.id() == *c));
        let others = || {
            runnable
                .iter()
                .map(|t| t.id())
                .filter(|&t| Some(t) != current)
        };
        let Some(running) = current else {
            return others().min_by_key(|&t| usize::from(t));
        };
        if yielding {
            // Round and round.
            let index = |t: &TaskId| usize::from(*t);
            let later = others()
                .filter(|t| index(t) > index(&running))
                .min_by_key(index);
            return later.or_else(|| others().min_by_key(index)).or(current);
        }
        if let (true, Some(turn)) = (self.started.get(), &mut self.turn) {
            if turn.steps > 0 {
                turn.steps -= 1;
            } else {
                let next = usize::from(turn.next);
                self.turn = self.turns.next();
                let mut others: Vec<TaskId> = others().collect();
                others.sort_by_key(|&t| usize::from(t));
                if !others.is_empty() {
                    return Some(others[next % others.len()]);
                }
            }
        }
        current
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
