//! Reading a log that `--stm-log` has written (the format is described at `vm::trace`).
//!
//! A log may end anywhere: the program was killed, or the disk was full. All whole lines up to there count, and the report says that
//! there was no end. A line that is no line of a log is an error: the file is something else, or was changed.

use std::collections::BTreeMap;
use std::fmt;

use crate::vm::places::Place;
use crate::vm::trace::MAGIC;

/// What a thread did for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Run,
    Abort,
    Wait,
    Irrevocable,
    Collect,
}

/// A while, in microseconds since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: u64,
    pub to: u64,
    pub kind: Kind,
    /// Committed, for runs; else 1.
    pub blocks: u64,
}

/// An attempt that was rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    pub thread: u64,
    pub from: u64,
    pub to: u64,
    pub cause: String,
    pub object: String,
    pub here: Option<Place>,
    pub other: Option<Place>,
    pub other_thread: u64,
    pub attempt: u64,
}

/// A thread of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    pub name: String,
    pub start: u64,
    pub end: Option<u64>,
    /// In order of time.
    pub spans: Vec<Span>,
    /// Counts of blocks of `2^i - 1` units of work and more.
    pub committed: Vec<u64>,
    pub aborted: Vec<u64>,
}

/// A whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub program: String,
    pub threads: BTreeMap<u64, Thread>,
    pub aborts: Vec<Abort>,
    /// When the program ended, if the log tells.
    pub end: Option<u64>,
}

/// Why a file is no log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoLog {
    line: usize,
    why: String,
}

impl fmt::Display for NoLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for NoLog {}

/// The fields of a line, one after the other.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn text(&mut self) -> Result<&'a str, String> {
        self.0.next().ok_or_else(|| "a field is missing".into())
    }
    fn number(&mut self) -> Result<u64, String> {
        let text = self.text()?;
        text.parse().map_err(|_| format!("{text:?} is no number"))
    }
    fn numbers(&mut self) -> Result<Vec<u64>, String> {
        let text = self.text()?;
        let numbers = text.split(',').map(str::parse).collect::<Result<_, _>>();
        numbers.map_err(|_| format!("{text:?} are no numbers"))
    }
    fn span(&mut self, kind: Kind) -> Result<Span, String> {
        let (from, to) = (self.number()?, self.number()?);
        if to < from {
            return Err(format!("it ends at {to}, before {from}"));
        }
        let blocks = if kind == Kind::Run { self.number()? } else { 1 };
        Ok(Span {
            from,
            to,
            kind,
            blocks,
        })
    }
    fn place(&mut self, places: &[Place]) -> Result<Option<Place>, String> {
        let n = self.number()? as usize;
        match n.checked_sub(1).map(|i| places.get(i)) {
            None => Ok(None),
            Some(Some(place)) => Ok(Some(place.clone())),
            Some(None) => Err(format!("there is no place {n}")),
        }
    }
}

impl Run {
    /// Reads the text of a log.
    ///
    /// # Errors
    /// If it is not one.
    pub fn parse(text: &str) -> Result<Run, NoLog> {
        let first = text.lines().next().unwrap_or("");
        let mut run = Run::default();
        match first.strip_prefix(MAGIC) {
            Some(program) => run.program = program.trim_start().to_string(),
            None => {
                return Err(NoLog {
                    line: 1,
                    why: "not a log of keelback --stm-log (of this version)".to_string(),
                });
            }
        }
        let mut places = Vec::new();
        // The last line may have been cut short.
        let whole = &text[..text.rfind('\n').map_or(0, |i| i + 1)];
        for (i, line) in whole.lines().enumerate().skip(1) {
            run.line(line, &mut places)
                .map_err(|why| NoLog { line: i + 1, why })?;
        }
        for thread in run.threads.values_mut() {
            thread.spans.sort_by_key(|s| s.from);
        }
        run.aborts.sort_by_key(|a| a.to);
        Ok(run)
    }

    fn line(&mut self, line: &str, places: &mut Vec<Place>) -> Result<(), String> {
        let f = &mut Fields(line.split('\t'));
        let kind = f.text()?;
        if kind == "P" {
            let (number, line) = (f.number()?, f.number()?);
            if number != places.len() as u64 + 1 {
                return Err(format!("place {number} is out of order"));
            }
            places.push(Place {
                line: u32::try_from(line).map_err(|_| format!("there is no line {line}"))?,
                file: f.text()?.to_string(),
                function: f.text()?.to_string(),
            });
            return Ok(());
        }
        if kind == "X" {
            self.end = Some(f.number()?);
            return Ok(());
        }
        let number = f.number()?;
        let thread = self.threads.entry(number).or_default();
        match kind {
            "R" => thread.spans.push(f.span(Kind::Run)?),
            "W" => thread.spans.push(f.span(Kind::Wait)?),
            "I" => thread.spans.push(f.span(Kind::Irrevocable)?),
            "G" => thread.spans.push(f.span(Kind::Collect)?),
            "A" => {
                let span = f.span(Kind::Abort)?;
                self.aborts.push(Abort {
                    thread: number,
                    from: span.from,
                    to: span.to,
                    cause: f.text()?.to_string(),
                    object: f.text()?.to_string(),
                    here: f.place(places)?,
                    other: f.place(places)?,
                    other_thread: f.number()?,
                    attempt: f.number()?,
                });
                thread.spans.push(span);
            }
            "T" => {
                thread.start = f.number()?;
                thread.name = f.text()?.to_string();
            }
            "N" => thread.name = f.text()?.to_string(),
            "E" => thread.end = Some(f.number()?),
            "H" => {
                thread.committed = f.numbers()?;
                thread.aborted = f.numbers()?;
            }
            _ => return Err(format!("no line begins with {kind:?}")),
        }
        Ok(())
    }

    /// The last moment that the log tells of.
    pub fn last(&self) -> u64 {
        let ends = self.threads.values().flat_map(|t| {
            let last = t.spans.iter().map(|s| s.to).max();
            [last, t.end]
        });
        ends.flatten().chain(self.end).max().unwrap_or(0)
    }
}

impl Thread {
    /// The time spent on one kind of thing, in microseconds.
    pub fn time(&self, kind: Kind) -> u64 {
        let spans = self.spans.iter().filter(|s| s.kind == kind);
        spans.map(|s| s.to - s.from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: &str = "keelback-stmlog\t1\tx.py\nT\t1\t0\tmain\nP\t1\t7\tx.py\tf\nR\t1\t0\t500\t20\n\
        A\t1\t500\t600\towned by other\tlist\t1\t0\t2\t3\nH\t1\t0,3,1\t1,0,0\nE\t1\t700\nX\t800\n";

    #[test]
    fn what_is_written_is_read() {
        let run = Run::parse(LOG).unwrap();
        assert_eq!(
            (run.program.as_str(), run.end, run.last()),
            ("x.py", Some(800), 800)
        );
        let thread = &run.threads[&1];
        assert_eq!((thread.name.as_str(), thread.end), ("main", Some(700)));
        assert_eq!(thread.committed, [0, 3, 1]);
        assert_eq!(thread.time(Kind::Abort), 100);
        let abort = &run.aborts[0];
        assert_eq!(abort.here.as_ref().unwrap().to_string(), "x.py:7 in f");
        assert_eq!((abort.other.as_ref(), abort.other_thread), (None, 2));
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "hello\n", "keelback-stmlog\t2\tx.py\n"] {
            assert_eq!(Run::parse(text).unwrap_err().line, 1, "{text:?}");
        }
        for line in [
            "Q\t1\n",
            "R\t1\t5\n",
            "R\t1\t5\t4\t1\n",
            "A\t1\t0\t1\tx\ty\t9\t0\t0\t0\n",
            "P\t5\t1\tx\ty\n",
        ] {
            let error = Run::parse(&format!("keelback-stmlog\t1\tx\n{line}")).unwrap_err();
            assert_eq!(error.line, 2, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn a_log_that_is_cut_short_is_read_up_to_there(cut in 0..LOG.len()) {
            let first = LOG.find('\n').unwrap();
            let run = Run::parse(&LOG[..cut]);
            if cut >= first {
                let run = run.unwrap();
                prop_assert!(run.end.is_none() && run.aborts.len() <= 1);
            }
        }

        #[test]
        fn nothing_makes_the_reader_panic(
            text in "(keelback-stmlog\t1\tx\n)?([PTERAWIGHXN](\t[0-9,]{0,3}){0,9}\n){0,9}"
        ) {
            let _ = Run::parse(&text);
        }
    }
}
