//! What happened in a run: the events, the attempts that they make up, and both as a picture for people.

use std::collections::HashMap;
use std::fmt::Write;

use crate::Cause;
use crate::probe::What;

/// Something that a thread has done.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// assert_eq!(history.events.len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Events are in this order.
    pub order: u64,
    /// 0 makes the state before, and looks at it afterwards; the threads of the program count from 1.
    pub thread: usize,
    /// What it was.
    pub what: What,
}

/// A variable of a history: counted in the order in which they were made.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// let var: keelback_stm::harness::Var = 0;
/// assert_eq!(history.made(var), 0);
/// ```
pub type Var = usize;

/// What an attempt did to a variable.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// use keelback_stm::harness::Access;
/// assert_eq!(history.attempts()[0].accesses, [(2, Access::Write(0, 1, 1))]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Read this word.
    Read(Var, u64),
    /// Wrote this word; the undo log had so many entries then.
    Write(Var, u64, usize),
    /// Undid what was written since the undo log had so many entries.
    RolledBack(usize),
}

/// How an attempt ended.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// use keelback_stm::harness::Fate;
/// assert_eq!(history.attempts()[0].fate, Fate::Committed(Some(2)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It committed, at this time if it wrote.
    Committed(Option<u64>),
    /// It was rolled back.
    Aborted(Cause),
    /// It never ended.
    Running,
}

/// One try of a transaction.
///
/// ```
/// use keelback_stm::harness::{Event, History, What};
///
/// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
/// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
/// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
/// let history = History::new(what.into_iter().enumerate().map(event).collect());
/// assert_eq!(history.attempts()[0].thread, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// As in [`Event`].
    pub thread: usize,
    /// The index of the event with which it began.
    pub begin: usize,
    /// The index of the event with which it ended, or of the last one of all.
    pub end: usize,
    /// What it did, with the indices of the events.
    pub accesses: Vec<(usize, Access)>,
    /// How it ended.
    pub fate: Fate,
}

impl Attempt {
    /// What it read that it had not written itself: variable, word, index of the event.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.attempts()[0].reads(), []);
    /// ```
    pub fn reads(&self) -> Vec<(Var, u64, usize)> {
        let mut own: Vec<(Var, usize)> = vec![];
        let mut reads = vec![];
        for (at, access) in &self.accesses {
            match *access {
                Access::Read(var, word) => {
                    if !own.iter().any(|o| o.0 == var) {
                        reads.push((var, word, *at));
                    }
                }
                Access::Write(var, _, undo) => own.push((var, undo)),
                Access::RolledBack(undo) => own.retain(|o| o.1 <= undo),
            }
        }
        reads
    }

    /// What stands in its name at its end: the last word for each variable that it wrote.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.attempts()[0].writes(), [(0, 1)]);
    /// ```
    pub fn writes(&self) -> Vec<(Var, u64)> {
        let mut own: Vec<(Var, u64, usize)> = vec![];
        for (_, access) in &self.accesses {
            match *access {
                Access::Read(..) => {}
                Access::Write(var, word, undo) => own.push((var, word, undo)),
                Access::RolledBack(undo) => own.retain(|o| o.2 <= undo),
            }
        }
        let mut last: Vec<(Var, u64)> = vec![];
        for (var, word, _) in own {
            match last.iter_mut().find(|l| l.0 == var) {
                Some(l) => l.1 = word,
                None => last.push((var, word)),
            }
        }
        last
    }

    /// Reads of its own writes that returned something else: index of the event.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.attempts()[0].forgotten_write(), None);
    /// ```
    pub fn forgotten_write(&self) -> Option<usize> {
        let mut own: Vec<(Var, u64, usize)> = vec![];
        for (at, access) in &self.accesses {
            match *access {
                Access::Read(var, word) => {
                    if own
                        .iter()
                        .rfind(|o| o.0 == var)
                        .is_some_and(|o| o.1 != word)
                    {
                        return Some(*at);
                    }
                }
                Access::Write(var, word, undo) => own.push((var, word, undo)),
                Access::RolledBack(undo) => own.retain(|o| o.2 <= undo),
            }
        }
        None
    }
}

/// The recorded history of a run.
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// All that was done, in order.
    pub events: Vec<Event>,
    /// For each event, the variable that it is about.
    vars: Vec<Option<Var>>,
    /// The words that variables were made with.
    made: Vec<u64>,
    names: HashMap<Var, String>,
}

impl History {
    /// The history with these events, in this order.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.variables(), 1);
    /// ```
    pub fn new(events: Vec<Event>) -> History {
        let mut of_address: HashMap<usize, Var> = HashMap::new();
        let mut history = History::default();
        for event in &events {
            let address = match &event.what {
                What::Made { var, .. }
                | What::Named { var, .. }
                | What::Read { var, .. }
                | What::Write { var, .. } => Some(*var),
                _ => None,
            };
            let var = address.map(|address| match &event.what {
                What::Made { word, .. } => {
                    let var = history.made.len();
                    history.made.push(*word);
                    of_address.insert(address, var);
                    var
                }
                What::Read { word, .. } => *of_address.entry(address).or_insert_with(|| {
                    // Older than the recording.
                    history.made.push(*word);
                    history.made.len() - 1
                }),
                _ => *of_address.entry(address).or_insert_with(|| {
                    history.made.push(0);
                    history.made.len() - 1
                }),
            });
            if let (What::Named { name, .. }, Some(var)) = (&event.what, var) {
                history.names.insert(var, name.clone());
            }
            history.vars.push(var);
        }
        history.events = events;
        history
    }

    /// The word that a variable was made with.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.made(0), 0);
    /// ```
    pub fn made(&self, var: Var) -> u64 {
        self.made[var]
    }

    /// How many variables there are.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.variables(), 1);
    /// ```
    pub fn variables(&self) -> usize {
        self.made.len()
    }

    /// What a variable is called.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.name(0), "v0");
    /// ```
    pub fn name(&self, var: Var) -> String {
        self.names
            .get(&var)
            .cloned()
            .unwrap_or_else(|| format!("v{var}"))
    }

    /// The attempts, in the order in which they began.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert_eq!(history.attempts().len(), 1);
    /// ```
    pub fn attempts(&self) -> Vec<Attempt> {
        let mut attempts: Vec<Attempt> = vec![];
        let mut running: HashMap<usize, usize> = HashMap::new();
        for (at, event) in self.events.iter().enumerate() {
            let mut end = |attempts: &mut Vec<Attempt>, fate| {
                if let Some(attempt) = running.remove(&event.thread) {
                    attempts[attempt].fate = fate;
                    attempts[attempt].end = at;
                }
            };
            let access = match (&event.what, self.vars[at]) {
                (What::Begin, _) => {
                    running.insert(event.thread, attempts.len());
                    attempts.push(Attempt {
                        thread: event.thread,
                        begin: at,
                        end: self.events.len(),
                        accesses: vec![],
                        fate: Fate::Running,
                    });
                    continue;
                }
                (What::Commit { version }, _) => {
                    end(&mut attempts, Fate::Committed(*version));
                    continue;
                }
                (What::Abort { cause }, _) => {
                    end(&mut attempts, Fate::Aborted(*cause));
                    continue;
                }
                (What::Read { word, .. }, Some(var)) => Access::Read(var, *word),
                (What::Write { word, undo, .. }, Some(var)) => Access::Write(var, *word, *undo),
                (What::RolledBack { undo }, _) => Access::RolledBack(*undo),
                _ => continue,
            };
            if let Some(&attempt) = running.get(&event.thread) {
                attempts[attempt].accesses.push((at, access));
            }
        }
        attempts
    }

    /// What happened, a column for each thread of the program, an event a line; `marked` ones with an arrow.
    ///
    /// ```
    /// use keelback_stm::harness::{Event, History, What};
    ///
    /// let write = What::Write { var: 8, word: 1, shown: None, undo: 1 };
    /// let what = [What::Made { var: 8, word: 0, shown: None }, What::Begin, write, What::Commit { version: Some(2) }];
    /// let event = |(order, what)| Event { order: order as u64, thread: 1, what };
    /// let history = History::new(what.into_iter().enumerate().map(event).collect());
    /// assert!(history.timeline(&[2]).contains("commit, time 2"));
    /// ```
    pub fn timeline(&self, marked: &[usize]) -> String {
        const WIDTH: usize = 34;
        let threads = self.events.iter().map(|e| e.thread).max().unwrap_or(0);
        let mut text = String::new();
        for thread in 1..=threads {
            let _ = write!(text, "{:<WIDTH$}", format!("thread {thread}"));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        for (at, event) in self.events.iter().enumerate() {
            // Of what comes before and after the threads, what has a name, and what is marked.
            let named = matches!(event.what, What::Named { .. });
            if event.thread == 0 && !named && !marked.contains(&at) {
                continue;
            }
            let Some(line) = self.line(at) else { continue };
            let (column, line) = match event.thread {
                0 => (0, format!("[{}]", line.trim_start())),
                thread => (thread - 1, line),
            };
            let mut line = format!("{:1$}{line}", "", column * WIDTH);
            if marked.contains(&at) {
                let _ = write!(line, "  <==");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// An event in words; `None` if it is not worth a line.
    fn line(&self, at: usize) -> Option<String> {
        let name = || self.vars[at].map_or_else(String::new, |var| self.name(var));
        let value = |word: &u64, shown: &Option<String>| {
            shown
                .clone()
                .unwrap_or_else(|| format!("#{:x}", word >> 3 & 0xffff))
        };
        Some(match &self.events[at].what {
            // Those with a name are worth a line when they get it.
            What::Made { .. } => return None,
            What::Named { .. } => {
                let var = self.vars[at]?;
                let made = self
                    .events
                    .iter()
                    .zip(&self.vars)
                    .find_map(|(e, v)| match &e.what {
                        What::Made { word, shown, .. } if *v == Some(var) => {
                            Some(value(word, shown))
                        }
                        _ => None,
                    });
                format!("{} = {}", name(), made?)
            }
            What::Begin => "begin".to_owned(),
            What::Read {
                word,
                shown,
                version,
                ..
            } => {
                let of = version.map_or_else(String::new, |v| format!(" (of {v})"));
                format!("  {} is {}{of}", name(), value(word, shown))
            }
            What::Write { word, shown, .. } => format!("  {} := {}", name(), value(word, shown)),
            What::RolledBack { .. } => "  undone in part".to_owned(),
            What::Commit { version: Some(v) } => format!("commit, time {v}"),
            What::Commit { version: None } => "commit".to_owned(),
            What::Abort { cause } => format!("rolled back: {}", cause.name()),
            What::Note(text) => text.clone(),
        })
    }
}
