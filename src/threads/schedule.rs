//! Threads that take turns as a plan says, for `keelback check`: the same plan gives the same run.
//!
//! Of the threads that belong to a schedule one runs at a time. It gives its turn to another at a **point**, which the program under test
//! has between its steps, if the plan has a switch there; when it has to wait for another thread; and at its end. A point lies between
//! two blocks, so what happens from one point to the next is one step for all other threads, as it would be with all of them running.
//!
//! A thread that waits is not put to sleep: when its turn comes again it looks once more whether it can go on. If all of them have looked
//! in vain, one after the other, they are in a deadlock. One that runs for long without a switch gives its turn away, since it may be
//! waiting for another in a loop of its own; and a run that takes too many steps is ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::heap::{Fail, R, Thread};

/// After so many points without a switch another thread has its turn.
const FAIR: u64 = 400;

/// In place of a line: the thread's end.
const END: u32 = u32::MAX;

/// Why a run has ended before its threads have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All threads wait for each other.
    Deadlock,
    /// There were too many steps.
    TooLong,
    /// The program under test has been told to end.
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Not there yet.
    Absent,
    Ready,
    Waiting,
    Done,
}

struct State {
    threads: Vec<Status>,
    current: usize,
    /// At which step which thread has its turn.
    switches: HashMap<u64, usize>,
    step: u64,
    /// Since the last switch.
    run: u64,
    limit: u64,
    /// Threads that have looked in vain since anything has changed.
    vain: usize,
    ended: Option<Ending>,
    /// Thread and line of each point that was passed.
    trace: Vec<(usize, u32)>,
}

/// A plan, and how far the run under it has come.
pub struct Schedule {
    state: Mutex<State>,
    changed: Condvar,
}

impl State {
    /// The next thread after this one that is in one of these states.
    fn next(&self, after: usize, wanted: &[Status]) -> Option<usize> {
        let n = self.threads.len();
        (1..=n)
            .map(|i| (after + i) % n)
            .find(|&i| wanted.contains(&self.threads[i]))
    }

    fn give_turn(&mut self, to: usize) {
        self.current = to;
        self.run = 0;
    }

    /// Something has changed: who waits may look again.
    fn progress(&mut self) {
        self.vain = 0;
        for status in &mut self.threads {
            if *status == Status::Waiting {
                *status = Status::Ready;
            }
        }
    }
}

impl Schedule {
    /// A plan for so many threads: the first has the first turn, and at the steps named another has.
    pub fn new(
        threads: usize,
        first: usize,
        switches: HashMap<u64, usize>,
        limit: u64,
    ) -> Schedule {
        Schedule {
            state: Mutex::new(State {
                threads: vec![Status::Absent; threads],
                current: first.min(threads.saturating_sub(1)),
                switches,
                step: 0,
                run: 0,
                limit,
                vain: 0,
                ended: None,
                trace: Vec::new(),
            }),
            changed: Condvar::new(),
        }
    }

    fn wait_for_turn(&self, mut state: MutexGuard<'_, State>, me: usize) -> Option<Ending> {
        self.changed.notify_all();
        loop {
            if state.ended.is_some() {
                return state.ended;
            }
            let all_there = !state.threads.contains(&Status::Absent);
            if all_there && state.current == me {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    fn enter(&self, me: usize) -> Option<Ending> {
        let mut state = self.state.lock();
        state.threads[me] = Status::Ready;
        self.wait_for_turn(state, me)
    }

    fn point(&self, me: usize, line: u32) -> Option<Ending> {
        let mut state = self.state.lock();
        if state.ended.is_some() {
            return state.ended;
        }
        state.step += 1;
        state.run += 1;
        state.trace.push((me, line));
        state.threads[me] = Status::Ready;
        state.progress();
        if state.step > state.limit {
            state.ended = Some(Ending::TooLong);
        }
        let step = state.step;
        let planned = state.switches.get(&step).copied();
        let planned =
            planned.filter(|&to| to != me && state.threads.get(to) == Some(&Status::Ready));
        let next = match planned {
            None if state.run > FAIR => state.next(me, &[Status::Ready]),
            planned => planned,
        };
        match next {
            Some(to) => {
                state.give_turn(to);
                self.wait_for_turn(state, me)
            }
            None => state.ended,
        }
    }

    /// The thread cannot go on before another has done something. `until`: when it gives up waiting.
    fn waiting(&self, me: usize, until: Option<Instant>) -> Option<Ending> {
        let mut state = self.state.lock();
        if state.ended.is_some() {
            return state.ended;
        }
        state.threads[me] = Status::Waiting;
        state.vain += 1;
        let left = state.threads.iter().filter(|s| **s != Status::Done).count();
        let next = state.next(me, &[Status::Ready]);
        if next.is_none() && state.vain > 2 * left {
            match until {
                // Time passes for it alone.
                Some(until) => {
                    drop(state);
                    std::thread::sleep(
                        until
                            .saturating_duration_since(Instant::now())
                            .min(Duration::from_millis(5)),
                    );
                    state = self.state.lock();
                    state.vain = 0;
                }
                None => {
                    state.ended = Some(Ending::Deadlock);
                    self.changed.notify_all();
                    return state.ended;
                }
            }
        }
        if let Some(to) = next.or_else(|| state.next(me, &[Status::Waiting])) {
            state.give_turn(to);
        }
        self.wait_for_turn(state, me)
    }

    fn leave(&self, me: usize) {
        let mut state = self.state.lock();
        state.threads[me] = Status::Done;
        state.trace.push((me, END));
        state.progress();
        if let Some(to) = state.next(me, &[Status::Ready]) {
            state.give_turn(to);
        }
        self.changed.notify_all();
    }

    /// Ends the run.
    pub fn stop(&self) {
        let mut state = self.state.lock();
        if state.ended.is_none() {
            state.ended = Some(Ending::Stopped);
        }
        self.changed.notify_all();
    }

    /// How it has ended, if not by itself; how many steps it took; which thread passed which lines.
    pub fn outcome(&self) -> (Option<Ending>, u64, Vec<(usize, u32)>) {
        let state = self.state.lock();
        (state.ended, state.step, state.trace.clone())
    }
}

/// This thread's place in a schedule.
#[derive(Clone)]
pub(crate) struct Place {
    schedule: Arc<Schedule>,
    number: usize,
}

/// The key of the exception that ends a thread of a run that has ended.
pub(crate) const ENDED: &str = "transaction._Ended";

impl Thread {
    fn unless_ended(&mut self, ended: Option<Ending>) -> R<()> {
        if ended.is_none() {
            return Ok(());
        }
        let class = self.rt.state.get(ENDED);
        let class = class
            .as_class()
            .unwrap_or(self.rt.types().exceptions.base_exception);
        Err(self.raise(class, "the run has ended"))
    }

    /// The thread belongs to the schedule from here on, and waits for its turn.
    ///
    /// # Errors
    /// If the run has ended.
    pub(crate) fn enter_schedule(&mut self, schedule: Arc<Schedule>, number: usize) -> R<()> {
        let place = Place { schedule, number };
        self.vm.schedule = Some(place.clone());
        let ended = self.outside(true, move || place.schedule.enter(place.number))?;
        self.unless_ended(ended)
    }

    /// It does no longer.
    pub(crate) fn leave_schedule(&mut self) -> R<()> {
        if let Some(place) = self.vm.schedule.clone() {
            // If the block before cannot commit, this is done again.
            self.outside(true, move || place.schedule.leave(place.number))?;
            self.vm.schedule = None;
        }
        Ok(())
    }

    /// A point: see the text at the top.
    ///
    /// # Errors
    /// If the run has ended.
    pub(crate) fn schedule_point(&mut self, line: u32) -> R<()> {
        if !self.vm.atomic.is_empty() {
            return Ok(());
        }
        let Some(place) = self.vm.schedule.clone() else {
            return Ok(());
        };
        let ended = self.outside(true, move || place.schedule.point(place.number, line))?;
        self.unless_ended(ended)
    }

    /// In place of sleeping until another thread has changed something. Between two blocks. Whether the thread belongs to a schedule.
    ///
    /// # Errors
    /// If the run has ended.
    pub(crate) fn wait_in_schedule(&mut self, until: Option<Instant>) -> Result<bool, Ending> {
        let Some(place) = self.vm.schedule.clone() else {
            return Ok(false);
        };
        match self.blocked(move || place.schedule.waiting(place.number, until)) {
            None => Ok(true),
            Some(ending) => Err(ending),
        }
    }

    /// The exception that ends a thread of a run that has ended.
    pub(crate) fn raise_ended(&mut self, ending: Ending) -> Fail {
        match self.unless_ended(Some(ending)) {
            Err(f) => f,
            Ok(()) => unreachable!("it has ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs threads of so many points each; which thread passed a point, in order.
    fn run(
        points: &[u32],
        first: usize,
        switches: &[(u64, usize)],
    ) -> (Option<Ending>, Vec<usize>) {
        let switches = switches.iter().copied().collect();
        let schedule = Schedule::new(points.len(), first, switches, 1000);
        std::thread::scope(|scope| {
            for (me, &n) in points.iter().enumerate() {
                let schedule = &schedule;
                scope.spawn(move || {
                    let mut ended = schedule.enter(me);
                    for line in 0..n {
                        if ended.is_none() {
                            ended = schedule.point(me, line);
                        }
                    }
                    schedule.leave(me);
                });
            }
        });
        let (ended, _, trace) = schedule.outcome();
        let points = trace.into_iter().filter(|(_, line)| *line != END);
        (ended, points.map(|(me, _)| me).collect())
    }

    #[test]
    fn the_plan_says_who_runs() {
        for _ in 0..20 {
            assert_eq!(run(&[3, 3], 0, &[]).1, [0, 0, 0, 1, 1, 1]);
            assert_eq!(run(&[3, 3], 1, &[]).1, [1, 1, 1, 0, 0, 0]);
            assert_eq!(run(&[3, 3], 0, &[(1, 1), (2, 0)]).1, [0, 1, 0, 0, 1, 1]);
            assert_eq!(run(&[2, 2, 2], 0, &[(1, 2)]).1, [0, 2, 2, 0, 1, 1]);
        }
    }

    #[test]
    fn too_many_steps_end_a_run() {
        let (ended, trace) = run(&[2000, 5], 0, &[]);
        assert_eq!(ended, Some(Ending::TooLong));
        assert!(trace.contains(&1), "the other one had its turn");
    }

    #[test]
    fn who_waits_for_each_other_is_in_a_deadlock() {
        let schedule = Schedule::new(2, 0, HashMap::new(), 100);
        std::thread::scope(|scope| {
            for me in 0..2 {
                let schedule = &schedule;
                scope.spawn(move || {
                    let mut ended = schedule.enter(me);
                    while ended.is_none() {
                        ended = schedule.waiting(me, None);
                    }
                    assert_eq!(ended, Some(Ending::Deadlock));
                });
            }
        });
    }
}
