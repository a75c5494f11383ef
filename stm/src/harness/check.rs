//! The checker: is there an order in which the transactions of a history could have run one after the other?
//!
//! Transactions that wrote have a time at which they committed, and that order is the one to be tested; nothing is searched for. With *state k* for what the first
//! k of them have left behind:
//!
//! 1. *Serial order.* The k-th of them has read state k-1.
//! 2. *Opacity.* Every other attempt, whether it only read, was rolled back, or never ended, has read one single state: between that of the last
//!    transaction that ended before the attempt began, and that of the last one that began before it ended.
//! 3. *Real time.* Of two transactions one of which ended before the other began, the first has the earlier time.
//!
//! What an attempt has written it must read, too. Words are compared, not versions: the engine's word is not taken for what it is to prove. So a program
//! under test should not write the same value twice where that matters.

use std::collections::HashMap;
use std::fmt;

use super::history::{Attempt, Fate, History, Var};
use crate::Cause;

/// What is wrong with a history, as the literature calls it (Adya, Liskov and O'Neil, ICDE 2000; Berenson and others, SIGMOD 1995; for the zombie, Guerraoui and
/// Kapałka, PPoPP 2008).
///
/// ```
/// use keelback_stm::harness::Anomaly;
/// assert_eq!(Anomaly::WriteSkew.name(), "write skew");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// A transaction overwrote what another one had written since it looked.
    LostUpdate,
    /// Two transactions each read what the other one wrote, before it did.
    WriteSkew,
    /// Something was read that no transaction had committed.
    DirtyRead,
    /// A transaction read a variable twice, and saw two values.
    UnrepeatableRead,
    /// An attempt that was rolled back, or never ended, saw no state that ever was.
    Zombie,
    /// A transaction that committed has read parts of different states.
    ReadSkew,
    /// A transaction read a state that was over when it began.
    StaleRead,
    /// The order of the commits contradicts that of real time.
    CommitOrder,
    /// A transaction did not read what it had written itself.
    ForgottenWrite,
    /// A transaction slept on although something that it had read had changed.
    MissedWakeUp,
}

impl Anomaly {
    /// Its name.
    ///
    /// ```
    /// use keelback_stm::harness::Anomaly;
    /// assert_eq!(Anomaly::LostUpdate.name(), "lost update");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Anomaly::LostUpdate => "lost update",
            Anomaly::WriteSkew => "write skew",
            Anomaly::DirtyRead => "dirty read",
            Anomaly::UnrepeatableRead => "unrepeatable read",
            Anomaly::Zombie => "zombie",
            Anomaly::ReadSkew => "read skew",
            Anomaly::StaleRead => "stale read",
            Anomaly::CommitOrder => "commit order",
            Anomaly::ForgottenWrite => "forgotten write",
            Anomaly::MissedWakeUp => "missed wake-up",
        }
    }
}

/// An anomaly that was found.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// assert_eq!(keelback_stm::harness::check(&history).map(|found| found.to_string()), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub anomaly: Anomaly,
    /// What exactly.
    pub about: String,
    /// The events that show it, by index.
    pub events: Vec<usize>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.anomaly.name(), self.about)
    }
}

/// The transactions that wrote, in the order of their commits, and what stood in each variable when.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// use keelback_stm::harness::Serial;
/// let serial = Serial::new(&history);
/// assert_eq!(serial.order, [0]);
/// ```
pub struct Serial<'h> {
    history: &'h History,
    /// The attempts of the history.
    pub attempts: Vec<Attempt>,
    /// Indices of the transactions that wrote. The k-th, counted from 1, has made state k.
    pub order: Vec<usize>,
    /// For each variable, the states in which it changed, and to what; and who wrote that.
    words: HashMap<Var, Vec<(usize, u64)>>,
}

impl<'h> Serial<'h> {
    /// Puts the transactions of a history in order.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// use keelback_stm::harness::Serial;
    /// let serial = Serial::new(&history);
    /// assert_eq!(serial.attempts.len(), 1);
    /// ```
    pub fn new(history: &'h History) -> Serial<'h> {
        let attempts = history.attempts();
        let mut order: Vec<usize> = (0..attempts.len())
            .filter(|&i| time(&attempts[i]).is_some())
            .collect();
        order.sort_by_key(|&i| time(&attempts[i]));
        let mut words: HashMap<Var, Vec<(usize, u64)>> = HashMap::new();
        for var in 0..history.variables() {
            words.insert(var, vec![(0, history.made(var))]);
        }
        for (k, &i) in order.iter().enumerate() {
            for (var, word) in attempts[i].writes() {
                words.entry(var).or_default().push((k + 1, word));
            }
        }
        Serial {
            history,
            attempts,
            order,
            words,
        }
    }

    /// What stands in a variable in state k.
    fn word(&self, var: Var, k: usize) -> u64 {
        let words = &self.words[&var];
        words[words.partition_point(|w| w.0 <= k) - 1].1
    }

    fn fits(&self, reads: &[(Var, u64, usize)], k: usize) -> bool {
        reads
            .iter()
            .all(|&(var, word, _)| self.word(var, k) == word)
    }

    /// The states that an attempt may have read: from the first to the last.
    fn window(&self, attempt: &Attempt) -> (usize, usize) {
        let last = |fits: &dyn Fn(&Attempt) -> bool| {
            let k = self.order.iter().rposition(|&i| fits(&self.attempts[i]));
            k.map_or(0, |k| k + 1)
        };
        let first = last(&|a| a.end < attempt.begin);
        (first, last(&|a| a.begin < attempt.end).max(first))
    }

    /// The state that an attempt that wrote nothing has read: the first one that fits.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// use keelback_stm::harness::Serial;
    /// let serial = Serial::new(&history);
    /// assert_eq!(serial.state_read(&serial.attempts[0]), Some(0));
    /// ```
    pub fn state_read(&self, attempt: &Attempt) -> Option<usize> {
        let (first, last) = self.window(attempt);
        let reads = attempt.reads();
        (first..=last).find(|&k| self.fits(&reads, k))
    }

    /// The first thing that is wrong, if anything is.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// use keelback_stm::harness::Serial;
    /// let serial = Serial::new(&history);
    /// assert!(serial.check().is_none());
    /// ```
    pub fn check(&self) -> Option<Found> {
        self.check_order()
            .or_else(|| (0..self.attempts.len()).find_map(|i| self.check_attempt(i)))
    }

    fn check_order(&self) -> Option<Found> {
        for (k, &i) in self.order.iter().enumerate() {
            for &j in &self.order[k + 1..] {
                let (earlier, later) = (&self.attempts[i], &self.attempts[j]);
                if later.end < earlier.begin || time(earlier) == time(later) {
                    return Some(Found {
                        anomaly: Anomaly::CommitOrder,
                        about: format!(
                            "thread {} commits at time {}, and thread {} at time {}, which had ended before the other began",
                            earlier.thread,
                            time(earlier).unwrap_or(0),
                            later.thread,
                            time(later).unwrap_or(0),
                        ),
                        events: vec![earlier.end, later.end],
                    });
                }
            }
        }
        None
    }

    fn check_attempt(&self, i: usize) -> Option<Found> {
        let attempt = &self.attempts[i];
        let name = |var| self.history.name(var);
        if let Some(at) = attempt.forgotten_write() {
            return Some(Found {
                anomaly: Anomaly::ForgottenWrite,
                about: format!(
                    "thread {} does not read what it has written",
                    attempt.thread
                ),
                events: vec![at],
            });
        }
        let reads = attempt.reads();
        let own = self.order.iter().position(|&o| o == i);
        let fits = match own {
            // It is the (k+1)-th.
            Some(k) => self.fits(&reads, k),
            None => self.state_read(attempt).is_some(),
        };
        if fits {
            return None;
        }
        let found = |anomaly, about, events| {
            Some(Found {
                anomaly,
                about,
                events,
            })
        };
        let who = match attempt.fate {
            Fate::Committed(_) => format!("thread {}", attempt.thread),
            Fate::Aborted(_) => format!("thread {}, which is rolled back later,", attempt.thread),
            Fate::Running => format!("thread {}, which does not end,", attempt.thread),
        };
        for &(var, word, at) in &reads {
            if !self.words[&var].iter().any(|w| w.1 == word) {
                let about = format!(
                    "{who} reads a value of {} that nobody has committed",
                    name(var)
                );
                let mut events = vec![at];
                events.extend(self.writes_of(var, word));
                return found(Anomaly::DirtyRead, about, events);
            }
        }
        for (n, &(var, word, at)) in reads.iter().enumerate() {
            let first = reads[..n].iter().find(|r| r.0 == var && r.1 != word);
            if let Some(&(_, _, before)) = first {
                let about = format!("{who} reads {} twice, and sees two values", name(var));
                return found(Anomaly::UnrepeatableRead, about, vec![before, at]);
            }
        }
        let seen: Vec<usize> = reads.iter().map(|r| r.2).collect();
        let Some(k) = own else {
            if !matches!(attempt.fate, Fate::Committed(_)) {
                let about = format!("{who} has seen no state that ever was");
                return found(Anomaly::Zombie, about, seen);
            }
            if (0..=self.order.len()).any(|k| self.fits(&reads, k)) {
                let about = format!("{who} reads a state that was not there while it ran");
                return found(Anomaly::StaleRead, about, seen);
            }
            let about = format!("{who} reads parts of different states");
            return found(Anomaly::ReadSkew, about, seen);
        };
        let writes = attempt.writes();
        let writes_to = |var| writes.iter().any(|w| w.0 == var);
        let stale = |r: &&(Var, u64, usize)| self.word(r.0, k) != r.1;
        let stale: Vec<_> = reads.iter().filter(stale).collect();
        for &&(var, _, at) in &stale {
            if writes_to(var) {
                let about = format!(
                    "{who} writes to {}, and has not seen what another transaction wrote there since it looked",
                    name(var)
                );
                let mut events = vec![at];
                events.extend(self.last_write(var, k));
                return found(Anomaly::LostUpdate, about, events);
            }
        }
        for &&(var, _, at) in &stale {
            // Who has written it since, and what had that one read?
            let changed = self.words[&var].iter().rfind(|w| w.0 <= k)?.0;
            let Some(&other) = self.order.get(changed.wrapping_sub(1)) else {
                continue;
            };
            let others = self.attempts[other].reads();
            if let Some(&(theirs, _, their_read)) = others.iter().find(|r| writes_to(r.0)) {
                let about = format!(
                    "{who} reads {} and writes {}; thread {} reads {} and writes {}; neither sees the other's write",
                    name(var),
                    name(theirs),
                    self.attempts[other].thread,
                    name(theirs),
                    name(var),
                );
                return found(Anomaly::WriteSkew, about, vec![at, their_read]);
            }
        }
        let about = format!("{who} reads what was not there any more when it committed");
        found(Anomaly::ReadSkew, about, seen)
    }

    /// The events that wrote this word to a variable.
    fn writes_of(&self, var: Var, word: u64) -> Vec<usize> {
        use super::history::Access;
        let accesses = self.attempts.iter().flat_map(|a| &a.accesses);
        let writes = accesses
            .filter(|(_, a)| matches!(a, Access::Write(v, w, _) if *v == var && *w == word));
        writes.map(|w| w.0).collect()
    }

    /// The event that wrote what stands in a variable in state k.
    fn last_write(&self, var: Var, k: usize) -> Vec<usize> {
        let words = &self.words[&var];
        let word = self.word(var, k);
        let all = self.writes_of(var, word);
        match words
            .iter()
            .rfind(|w| w.0 <= k)
            .and_then(|w| w.0.checked_sub(1))
        {
            Some(writer) => {
                let writer = &self.attempts[self.order[writer]];
                let theirs = all
                    .into_iter()
                    .rfind(|at| (writer.begin..=writer.end).contains(at));
                theirs.into_iter().collect()
            }
            None => vec![],
        }
    }

    /// Whether one of these threads, which were cut off in their sleep, should have been woken.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// use keelback_stm::harness::Serial;
    /// let serial = Serial::new(&history);
    /// assert!(serial.check_sleepers(&[1]).is_none());
    /// ```
    pub fn check_sleepers(&self, asleep: &[usize]) -> Option<Found> {
        // What thread 0 does at the end comes too late for them.
        let of_threads = |&i: &usize| self.attempts[i].thread != 0;
        let end = self.order.iter().rposition(of_threads).map_or(0, |k| k + 1);
        for &thread in asleep {
            let last = self.attempts.iter().rfind(|a| a.thread == thread);
            let Some(last) = last else { continue };
            if last.fate != Fate::Aborted(Cause::UserRetry) {
                continue;
            }
            for (var, word, at) in last.reads() {
                if self.word(var, end) != word {
                    return Some(Found {
                        anomaly: Anomaly::MissedWakeUp,
                        about: format!(
                            "thread {thread} sleeps on, although {} has changed since",
                            self.history.name(var)
                        ),
                        events: vec![at],
                    });
                }
            }
        }
        None
    }
}

fn time(attempt: &Attempt) -> Option<u64> {
    match attempt.fate {
        Fate::Committed(version) => version,
        _ => None,
    }
}

/// The first thing that is wrong with a history, if anything is.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// assert!(keelback_stm::harness::check(&history).is_none());
/// ```
pub fn check(history: &History) -> Option<Found> {
    Serial::new(history).check()
}
