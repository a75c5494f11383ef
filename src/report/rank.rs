//! Which lines were in each other's way, and how much time that has cost: the heart of the report.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use super::log::{Abort, Kind, Run};
use crate::vm::places::Place;

/// Lines of source shown before and after the one in question.
const AROUND: u32 = 2;

/// A line of source with those around it.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub file: String,
    pub line: u32,
    pub function: String,
    /// Number of the first line in `code`.
    pub first: u32,
    /// Empty if the file cannot be read (any more).
    pub code: Vec<String>,
}

/// A pair of lines that were in each other's way.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    /// Seconds, of all threads together.
    pub lost: f64,
    pub count: u64,
    /// Part of all time lost.
    pub share: f64,
    pub kind: String,
    pub object: String,
    pub cause: String,
    pub here: Option<Line>,
    pub other: Option<Line>,
    pub hint: String,
}

/// A thread's part.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadPart {
    pub name: String,
    pub start: f64,
    pub end: f64,
    pub spans: Vec<(f64, f64, &'static str, u64)>,
    pub blocks: u64,
    pub aborts: u64,
    pub lost: f64,
    pub waiting: f64,
    pub irrevocable: f64,
}

/// Blocks of a length.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    pub from: u64,
    pub to: u64,
    pub committed: u64,
    pub aborted: u64,
}

/// All threads together; times in seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    pub blocks: u64,
    pub commits: u64,
    pub aborts: u64,
    pub causes: BTreeMap<String, u64>,
    pub run: f64,
    pub lost: f64,
    pub waiting: f64,
    pub irrevocable: f64,
    pub collecting: f64,
}

/// All that a report says.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub program: String,
    pub duration: f64,
    pub complete: bool,
    pub note: String,
    pub threads: Vec<ThreadPart>,
    pub conflicts: Vec<Conflict>,
    pub histogram: Vec<Bar>,
    pub totals: Totals,
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

/// What ties the aborts of one line of the ranking together.
type Key = (Option<Place>, Option<Place>, String, bool);

#[derive(Default)]
struct Group {
    lost: u64,
    count: u64,
    causes: BTreeMap<String, u64>,
}

/// The files' lines, read once.
#[derive(Default)]
struct Sources(HashMap<String, Vec<String>>);

impl Sources {
    fn lines(&mut self, file: &str) -> &[String] {
        self.0.entry(file.to_string()).or_insert_with(|| {
            let bytes = match crate::library::read_path(file) {
                Some(bytes) => bytes,
                None => std::fs::read(Path::new(file)).unwrap_or_default(),
            };
            let text = String::from_utf8_lossy(&bytes);
            text.lines().map(str::to_string).collect()
        })
    }

    fn show(&mut self, place: &Place) -> Line {
        let lines = self.lines(&place.file);
        let first = place.line.saturating_sub(AROUND).max(1);
        let last = (place.line.saturating_add(AROUND)).min(lines.len() as u32);
        let code = if place.line as usize <= lines.len() && place.line > 0 {
            lines[first as usize - 1..last as usize].to_vec()
        } else {
            Vec::new()
        };
        Line {
            file: place.file.clone(),
            line: place.line,
            function: place.function.clone(),
            first,
            code,
        }
    }

    fn text(&mut self, place: Option<&Place>) -> &str {
        let Some(place) = place else { return "" };
        let lines = self.lines(&place.file);
        lines
            .get((place.line as usize).wrapping_sub(1))
            .map_or("", |l| l.trim())
    }
}

/// Had the block that was rolled back read what the other one wrote?
fn is_read(cause: &str) -> bool {
    matches!(cause, "read changed" | "changed at commit")
}

fn kind_of(cause: &str) -> &'static str {
    match cause {
        _ if is_read(cause) => "one reads what the other writes",
        "owned by other" => "both at the same object at once",
        "yielded" => "gave way to a block that cannot be rolled back",
        "chaos" => "an abort for testing",
        _ => "other",
    }
}

/// What can be done about a conflict.
fn hint(object: &str, here: &str, other: &str, cause: &str, mean_us: u64) -> &'static str {
    let adds = |line: &str| line.contains("+=") || line.contains("-=");
    if cause == "yielded" {
        "Input, output and other effects make a block one that all others wait for: move them out of the atomic block, or after it with transaction.on_commit()."
    } else if object.to_lowercase().contains("lock") {
        "The lock is taken for real when a block ends while it is held: hold it for less, or use `with transaction.atomic:` in its place."
    } else if adds(here) && adds(other) {
        "Both sides add: a transaction.Counter takes what all threads add without conflicts."
    } else if ["deque", "SimpleQueue", "Queue"]
        .iter()
        .any(|q| object.ends_with(q))
    {
        "Take several items at once, or give each thread a queue of its own."
    } else if mean_us > 2_000 {
        "The blocks are long: compute first, and change what is shared in a short block at the end; transaction.hint_commit_soon() ends a block early."
    } else if ["dict or set", "dict", "set", "list"].contains(&object) {
        "If each thread can have a part of its own, split the container and put the parts together at the end."
    } else if is_read(cause) {
        "If the value need not be the newest, read it in a block of its own before; else split the object, so that those who read and those who write touch different ones."
    } else {
        "Split the object, so that threads write different ones, or shorten the block after the write."
    }
}

impl Report {
    /// What a run has to tell.
    pub fn of(run: &Run) -> Report {
        let mut sources = Sources::default();
        let mut totals = Totals::default();
        let last = run.last();
        let mut lengths: Vec<(u64, u64)> = Vec::new();
        let mut threads = Vec::new();
        for thread in run.threads.values() {
            let runs = thread.spans.iter().filter(|s| s.kind == Kind::Run);
            let blocks = runs.map(|s| s.blocks).sum();
            let aborts = thread
                .spans
                .iter()
                .filter(|s| s.kind == Kind::Abort)
                .count() as u64;
            let time = |kind| seconds(thread.time(kind));
            let span = |s: &super::log::Span| {
                let kind = match s.kind {
                    Kind::Run => "run",
                    Kind::Abort => "abort",
                    Kind::Wait => "wait",
                    Kind::Irrevocable => "irrevocable",
                    Kind::Collect => "collect",
                };
                (seconds(s.from), seconds(s.to), kind, s.blocks)
            };
            let part = ThreadPart {
                name: thread.name.clone(),
                start: seconds(thread.start),
                end: seconds(thread.end.unwrap_or(last)),
                spans: thread.spans.iter().map(span).collect(),
                blocks,
                aborts,
                lost: time(Kind::Abort),
                waiting: time(Kind::Wait),
                irrevocable: time(Kind::Irrevocable),
            };
            totals.commits += blocks;
            totals.aborts += aborts;
            totals.run += time(Kind::Run);
            totals.lost += part.lost;
            totals.waiting += part.waiting;
            totals.irrevocable += part.irrevocable;
            totals.collecting += time(Kind::Collect);
            let used = thread.committed.len().max(thread.aborted.len());
            if lengths.len() < used {
                lengths.resize(used, (0, 0));
            }
            for (bar, n) in lengths.iter_mut().zip(&thread.committed) {
                bar.0 += n;
            }
            for (bar, n) in lengths.iter_mut().zip(&thread.aborted) {
                bar.1 += n;
            }
            threads.push(part);
        }
        totals.blocks = totals.commits + totals.aborts;
        for abort in &run.aborts {
            *totals.causes.entry(abort.cause.clone()).or_default() += 1;
        }
        while lengths.last() == Some(&(0, 0)) {
            lengths.pop();
        }
        let bar = |(i, &(committed, aborted)): (usize, &(u64, u64))| Bar {
            from: (1 << i) - 1,
            to: (2 << i) - 1,
            committed,
            aborted,
        };
        Report {
            program: run.program.clone(),
            duration: seconds(last),
            complete: run.end.is_some(),
            note: if run.end.is_some() {
                String::new()
            } else {
                "The log ends before the program did: it was killed, or the log could not be written.".to_string()
            },
            threads,
            conflicts: rank(&run.aborts, &mut sources),
            histogram: lengths.iter().enumerate().map(bar).collect(),
            totals,
        }
    }
}

fn rank(aborts: &[Abort], sources: &mut Sources) -> Vec<Conflict> {
    let mut groups: HashMap<Key, Group> = HashMap::new();
    for abort in aborts {
        let read = is_read(&abort.cause);
        let key = (
            abort.here.clone(),
            abort.other.clone(),
            abort.object.clone(),
            read,
        );
        let group = groups.entry(key).or_default();
        group.lost += abort.to - abort.from;
        group.count += 1;
        *group.causes.entry(abort.cause.clone()).or_default() += 1;
    }
    let all: u64 = groups.values().map(|g| g.lost).sum();
    let mut ranked: Vec<(Key, Group)> = groups.into_iter().collect();
    // Among equals by place, so that the same log always gives the same report.
    ranked.sort_by_cached_key(|(key, group)| {
        let place = |p: &Option<Place>| p.as_ref().map(|p| (p.file.clone(), p.line));
        (
            std::cmp::Reverse((group.lost, group.count)),
            place(&key.0),
            place(&key.1),
            key.2.clone(),
        )
    });
    let conflict = |((here, other, object, _), group): (Key, Group)| {
        let most = group.causes.iter().max_by_key(|(_, n)| **n);
        let cause = most.map_or("other", |(cause, _)| cause.as_str());
        let at = sources.text(here.as_ref()).to_string();
        let against = sources.text(other.as_ref()).to_string();
        let mean = group.lost / group.count;
        Conflict {
            lost: seconds(group.lost),
            count: group.count,
            share: group.lost as f64 / all.max(1) as f64,
            kind: kind_of(cause).to_string(),
            hint: hint(&object, &at, &against, cause, mean).to_string(),
            object,
            cause: cause.to_string(),
            here: here.map(|p| sources.show(&p)),
            other: other.map(|p| sources.show(&p)),
        }
    };
    ranked.into_iter().map(conflict).collect()
}
