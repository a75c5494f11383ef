//! What STM costs a program: the same script run in all modes, taking turns, and its time taken apart.
//!
//! What is measured is processor time, since that does not depend on who else uses the machine; elapsed time is shown beside it. The parts:
//!
//! - **program**: mode `off` without its collections; if the script starts a thread, which that mode refuses, mode `gil`.
//! - **barriers**, **logging**, **commits**, on one thread: three runs that each do more. Barriers that only look whether an object is
//!   shared; all objects shared as if there were another thread, so that reads are checked and logs are kept, in very long blocks; blocks of the
//!   usual length. The differences are the parts.
//! - **aborted work** and **collection** are timed by the run itself, in a log (`--stm-log`).
//!
//! With several threads the first four are scaled by what mode `gil` says of the amount of work. What is measured and not explained by the
//! parts is shown as such: on several processors it is mostly memory that travels between their caches. **Waiting** is no processor time, and stands apart.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Serialize;

use super::log::{Kind, Run};
use super::show::grouped;

/// Lengths of blocks, in units of work, for the run that hardly ever commits.
const LONG_BLOCKS: &str = "400000";

/// Least, median and greatest of some figures.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq)]
pub struct Spread {
    pub least: f64,
    pub median: f64,
    pub greatest: f64,
}

impl Spread {
    /// Of at least one figure.
    pub fn of(figures: &[f64]) -> Spread {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (sorted.first(), sorted.last());
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => 0.0,
            n if n % 2 == 1 => sorted[middle],
            _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
        };
        Spread {
            least: first.copied().unwrap_or(0.0),
            median,
            greatest: last.copied().unwrap_or(0.0),
        }
    }
    /// From the least to the greatest.
    pub fn width(self) -> f64 {
        self.greatest - self.least
    }
}

/// What a script is run with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    Off,
    Gil,
    Stm,
    /// One thread, barriers that only look.
    Checks,
    /// One thread, all barriers, very long blocks.
    LongBlocks,
    /// One thread, all barriers.
    Full,
    /// Another interpreter.
    Other(String),
}

impl With {
    fn name(&self) -> &str {
        match self {
            With::Off => "off",
            With::Gil => "gil",
            With::Stm => "stm",
            With::Checks => "barriers alone",
            With::LongBlocks => "long blocks",
            With::Full => "one thread of two",
            With::Other(name) => name,
        }
    }
}

/// One way of running the script, and its figures so far.
#[derive(Default)]
struct Series {
    wall: Vec<f64>,
    cpu: Vec<f64>,
    /// From logged runs, seconds.
    lost: Vec<f64>,
    waiting: Vec<f64>,
    irrevocable: Vec<f64>,
    collecting: Vec<f64>,
    blocks: u64,
    aborts: u64,
}

/// What to measure.
pub struct Plan {
    /// Ourselves.
    pub program: PathBuf,
    pub script: Vec<OsString>,
    pub threads: Vec<usize>,
    pub rounds: usize,
    pub against: Vec<String>,
}

/// A row of the table.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub with: String,
    pub threads: usize,
    pub wall: Spread,
    pub cpu: Spread,
    /// Elapsed time over that of the first row.
    pub ratio: f64,
}

/// One part of the time.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub name: String,
    pub seconds: f64,
}

/// The processor time of one number of threads, taken apart.
#[derive(Clone, Debug, Serialize)]
pub struct Breakdown {
    pub threads: usize,
    pub parts: Vec<Part>,
    pub sum: f64,
    pub measured: Spread,
    /// Whether the parts add up to the whole within the spread.
    pub adds_up: bool,
    pub waiting: f64,
    pub irrevocable: f64,
    pub blocks: u64,
    pub aborts: u64,
}

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Overhead {
    pub script: String,
    pub rounds: usize,
    pub rows: Vec<Row>,
    pub breakdown: Vec<Breakdown>,
    pub notes: Vec<String>,
}

struct Measured {
    wall: f64,
    cpu: f64,
}

/// Processor seconds of the children that have ended.
fn children_cpu() -> f64 {
    // SAFETY: fills a local structure.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

impl Plan {
    fn command(&self, with: &With, threads: usize) -> Command {
        let mut command = match with {
            With::Other(name) => Command::new(name),
            _ => Command::new(&self.program),
        };
        let mode = match with {
            With::Other(_) => None,
            With::Off => Some("off"),
            With::Gil => Some("gil"),
            _ => Some("stm"),
        };
        if let Some(mode) = mode {
            command.args(["--mode", mode]);
        }
        match with {
            With::Checks => drop(command.env("KEELBACK_ALONE", "checks")),
            With::LongBlocks => drop(
                command
                    .env("KEELBACK_ALONE", "full")
                    .env("KEELBACK_BLOCK", LONG_BLOCKS),
            ),
            With::Full => drop(command.env("KEELBACK_ALONE", "full")),
            _ => {}
        }
        command.env("KEELBACK_THREADS", threads.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        command
    }

    /// Runs the script once.
    fn measure(
        &self,
        with: &With,
        threads: usize,
        log: Option<&std::path::Path>,
    ) -> Result<Measured, String> {
        let mut command = self.command(with, threads);
        if let Some(log) = log {
            command.arg("--stm-log").arg(log);
        }
        command.args(&self.script);
        let before = children_cpu();
        let start = Instant::now();
        let done = command
            .output()
            .map_err(|e| format!("cannot run '{}': {e}", command.get_program().display()))?;
        let wall = start.elapsed().as_secs_f64();
        let cpu = children_cpu() - before;
        if !done.status.success() {
            let err = String::from_utf8_lossy(&done.stderr);
            let last = err.trim_end().lines().next_back().unwrap_or("no message");
            return Err(format!("{}: {}: {last}", with.name(), done.status));
        }
        Ok(Measured { wall, cpu })
    }

    /// Measures everything, taking turns. `tell` hears how far it is.
    ///
    /// # Errors
    /// If the script does not run.
    pub fn run(&self, mut tell: impl FnMut(usize, usize)) -> Result<Overhead, String> {
        let mut notes = Vec::new();
        let mut ways: Vec<(With, usize)> = Vec::new();
        let alone = self.threads.contains(&1);
        // Whether the script can do with one thread: this also is what warms the caches of the disk up.
        let single = match self.measure(&With::Off, 1, None) {
            Ok(_) => true,
            Err(e) if e.contains("--mode off") => {
                notes.push("The script starts a thread even if KEELBACK_THREADS is 1, which mode off refuses: mode gil stands for the program, and barriers, logging and commits are one part.".to_string());
                false
            }
            Err(e) => return Err(e),
        };
        if single {
            ways.push((With::Off, 1));
            ways.extend([With::Checks, With::LongBlocks, With::Full].map(|w| (w, 1)));
        }
        let mut counts = self.threads.clone();
        if !alone {
            // What the others are compared with.
            counts.insert(0, 1);
        }
        for &n in &counts {
            ways.push((With::Gil, n));
            ways.push((With::Stm, n));
        }
        for other in &self.against {
            ways.extend(
                self.threads
                    .iter()
                    .map(|&n| (With::Other(other.clone()), n)),
            );
        }
        let mut series: BTreeMap<(With, usize), Series> = BTreeMap::new();
        let log =
            std::env::temp_dir().join(format!("keelback-overhead-{}.stmlog", std::process::id()));
        let steps = self.rounds * ways.len();
        for round in 0..self.rounds {
            for (i, (with, n)) in ways.iter().enumerate() {
                tell(round * ways.len() + i, steps);
                let s = series.entry((with.clone(), *n)).or_default();
                let m = self.measure(with, *n, None)?;
                s.wall.push(m.wall);
                s.cpu.push(m.cpu);
                if matches!(with, With::Off | With::Gil | With::Stm | With::Full) {
                    self.measure(with, *n, Some(&log))?;
                    let read = std::fs::read(&log).map_err(|e| format!("cannot read the log: {e}"));
                    let removed = std::fs::remove_file(&log);
                    let text = String::from_utf8_lossy(&read?).into_owned();
                    removed.map_err(|e| format!("cannot remove the log: {e}"))?;
                    s.add(&Run::parse(&text).map_err(|e| e.to_string())?);
                }
            }
        }
        tell(steps, steps);
        let script: Vec<_> = self.script.iter().map(|s| s.to_string_lossy()).collect();
        let first = ways
            .iter()
            .find(|(w, n)| *n == 1 && matches!(w, With::Off | With::Gil))
            .cloned();
        let base = first.map_or(1.0, |key| Spread::of(&series[&key].wall).median);
        let rows = ways
            .iter()
            .filter(|(w, _)| !matches!(w, With::Checks | With::LongBlocks))
            .map(|key| {
                let s = &series[key];
                let wall = Spread::of(&s.wall);
                Row {
                    with: key.0.name().to_string(),
                    threads: key.1,
                    ratio: wall.median / base,
                    wall,
                    cpu: Spread::of(&s.cpu),
                }
            })
            .collect();
        let breakdown = self
            .threads
            .iter()
            .map(|&n| take_apart(&series, n, single))
            .collect();
        Ok(Overhead {
            script: script.join(" "),
            rounds: self.rounds,
            rows,
            breakdown,
            notes,
        })
    }
}

impl Series {
    fn add(&mut self, run: &Run) {
        let time = |kind| {
            let all: u64 = run.threads.values().map(|t| t.time(kind)).sum();
            all as f64 / 1e6
        };
        self.lost.push(time(Kind::Abort));
        self.waiting.push(time(Kind::Wait));
        self.irrevocable.push(time(Kind::Irrevocable));
        // One thread collects, and all others wait for it.
        let most = run.threads.values().map(|t| t.time(Kind::Collect)).max();
        self.collecting.push(most.unwrap_or(0) as f64 / 1e6);
        let spans = || run.threads.values().flat_map(|t| &t.spans);
        self.blocks = spans()
            .filter(|s| s.kind == Kind::Run)
            .map(|s| s.blocks)
            .sum();
        self.aborts = run.aborts.len() as u64;
    }
}

fn median(figures: &[f64]) -> f64 {
    Spread::of(figures).median
}

/// The processor time of mode `stm` with so many threads, in parts.
fn take_apart(series: &BTreeMap<(With, usize), Series>, threads: usize, single: bool) -> Breakdown {
    let get = |with: With, n: usize| series.get(&(with, n));
    let cpu = |s: Option<&Series>| s.map_or(0.0, |s| median(&s.cpu));
    let collecting = |s: Option<&Series>| s.map_or(0.0, |s| median(&s.collecting));
    let stm = get(With::Stm, threads);
    let measured = stm.map_or(Spread::default(), |s| Spread::of(&s.cpu));
    // How much more work the script does with so many threads.
    let (one, many) = (cpu(get(With::Gil, 1)), cpu(get(With::Gil, threads)));
    let scale = if one > 0.0 { many / one } else { 1.0 };
    let mut parts = Vec::new();
    let mut part = |name: &str, seconds: f64| {
        parts.push(Part {
            name: name.to_string(),
            seconds,
        })
    };
    // The spreads of what the sum is made of.
    let mut doubt = measured.width();
    let base = if single {
        get(With::Off, 1)
    } else {
        get(With::Gil, 1)
    };
    part("program", (cpu(base) - collecting(base)) * scale);
    doubt += base.map_or(0.0, |s| Spread::of(&s.cpu).width()) * scale;
    if single && threads > 1 {
        let (checks, long, full) = (
            cpu(get(With::Checks, 1)),
            cpu(get(With::LongBlocks, 1)),
            cpu(get(With::Full, 1)),
        );
        part("barriers", (checks - cpu(base)) * scale);
        part("logging", (long - checks) * scale);
        part("commits", (full - long) * scale);
        doubt += get(With::Full, 1).map_or(0.0, |s| Spread::of(&s.cpu).width()) * scale;
    } else if !single && threads > 1 {
        let one = get(With::Stm, 1);
        part("barriers, logging, commits", (cpu(one) - cpu(base)) * scale);
        doubt += one.map_or(0.0, |s| Spread::of(&s.cpu).width()) * scale;
    } else if single {
        // One thread has no barriers but in atomic blocks.
        part(
            "barriers, logging, commits",
            cpu(stm) - cpu(base) - (collecting(stm) - collecting(base)),
        );
    } else {
        part("barriers, logging, commits", cpu(stm) - cpu(base));
    }
    part("aborted work", stm.map_or(0.0, |s| median(&s.lost)));
    part("collection", collecting(stm));
    let sum: f64 = parts.iter().map(|p| p.seconds).sum();
    Breakdown {
        threads,
        adds_up: (measured.median - sum).abs() <= doubt,
        parts,
        sum,
        measured,
        waiting: stm.map_or(0.0, |s| median(&s.waiting)),
        irrevocable: stm.map_or(0.0, |s| median(&s.irrevocable)),
        blocks: stm.map_or(0, |s| s.blocks),
        aborts: stm.map_or(0, |s| s.aborts),
    }
}

impl Overhead {
    /// As a table.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail, here and below.
        let _ = writeln!(
            out,
            "{}: medians of {} rounds (least to greatest), seconds\n",
            self.script, self.rounds
        );
        let width = self
            .rows
            .iter()
            .map(|r| r.with.len())
            .max()
            .unwrap_or(0)
            .max(4);
        let _ = writeln!(
            out,
            "{:<width$} {:>7} {:>24} {:>24} {:>7}",
            "mode", "threads", "elapsed", "processor", "ratio"
        );
        for row in &self.rows {
            let spread =
                |s: Spread| format!("{:.3} ({:.3} to {:.3})", s.median, s.least, s.greatest);
            let _ = writeln!(
                out,
                "{:<width$} {:>7} {:>24} {:>24} {:>7.2}",
                row.with,
                row.threads,
                spread(row.wall),
                spread(row.cpu),
                row.ratio
            );
        }
        for b in &self.breakdown {
            let threads = match b.threads {
                1 => "1 thread".to_string(),
                n => format!("{n} threads"),
            };
            let _ = writeln!(out, "\nprocessor time of mode stm, {threads}:");
            for part in &b.parts {
                let share = 100.0 * part.seconds / b.measured.median;
                let _ = writeln!(
                    out,
                    "  {:<28} {:>8.3}  {share:>5.1} %",
                    part.name, part.seconds
                );
            }
            let _ = writeln!(out, "  {:<28} {:>8.3}", "sum", b.sum);
            let _ = writeln!(
                out,
                "  {:<28} {:>8.3}  ({:.3} to {:.3})",
                "measured", b.measured.median, b.measured.least, b.measured.greatest
            );
            let rest = b.measured.median - b.sum;
            let verdict = if b.adds_up {
                "the parts add up to the whole within the spread".to_string()
            } else {
                format!(
                    "the parts do not add up: {rest:.3} s ({:.0} %) are not explained by them; on several processors that is mostly memory travelling between caches",
                    100.0 * rest / b.measured.median
                )
            };
            let _ = writeln!(out, "  {verdict}");
            let _ = writeln!(
                out,
                "  waiting {:.3} s, irrevocable {:.3} s (all threads together); {} blocks, {} rolled back",
                b.waiting,
                b.irrevocable,
                grouped(b.blocks),
                grouped(b.aborts)
            );
        }
        for note in &self.notes {
            let _ = writeln!(out, "\n{note}");
        }
        out
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three rounds that all took so long.
    fn series(cpu: f64, lost: f64) -> Series {
        Series {
            cpu: vec![cpu; 3],
            lost: vec![lost; 3],
            ..Series::default()
        }
    }

    fn two_threads(stm: f64) -> Breakdown {
        let all = [
            ((With::Off, 1), series(1.0, 0.0)),
            ((With::Checks, 1), series(1.1, 0.0)),
            ((With::LongBlocks, 1), series(1.3, 0.0)),
            ((With::Full, 1), series(1.4, 0.0)),
            ((With::Gil, 1), series(1.0, 0.0)),
            ((With::Gil, 2), series(2.0, 0.0)),
            ((With::Stm, 2), series(stm, 0.5)),
        ];
        take_apart(&BTreeMap::from(all), 2, true)
    }

    #[test]
    fn parts_that_do_not_add_up_are_told() {
        // Twice the work of one thread, and what was lost.
        let whole = two_threads(3.3);
        let seconds: Vec<f64> = whole.parts.iter().map(|p| p.seconds).collect();
        for (found, expected) in seconds.iter().zip([2.0, 0.2, 0.4, 0.2, 0.5, 0.0]) {
            assert!((found - expected).abs() < 1e-9, "{seconds:?}");
        }
        assert!(two_threads(whole.sum).adds_up);
        assert!(!two_threads(whole.sum + 0.1).adds_up);
    }
}
