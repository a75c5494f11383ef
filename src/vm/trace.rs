//! What is remembered of conflicts, and the log of `--stm-log`.
//!
//! **Conflicts.** While the engine traces (`Engine::set_tracing`), each abort because of another thread leaves a [`Conflict`]: both source
//! lines, the object, the time lost. If the cause is that something read has changed, the abort does not know who read it; the engine looks
//! for that when the block runs again, so the record waits ([`Trace::pending`]) until that attempt has ended.
//!
//! **The log** is text, a line for each event, fields separated by tabs, times in microseconds since the start:
//!
//! ```text
//! keelback-stmlog  1  PROGRAM
//! P  PLACE  LINE  FILE  FUNCTION               a source line; numbers are given in order of appearance, 0 is none
//! T  THREAD  AT  NAME                          a thread begins
//! N  THREAD  NAME                              its name
//! E  THREAD  AT                                a thread ends
//! R  THREAD  FROM  TO  BLOCKS                  it ran, and committed so many blocks
//! A  THREAD  FROM  TO  CAUSE  OBJECT  HERE  OTHER  OTHER-THREAD  ATTEMPT    an attempt that was rolled back
//! W  THREAD  FROM  TO                          it waited
//! I  THREAD  FROM  TO                          it ran as one that cannot abort
//! G  THREAD  FROM  TO                          it collected, or waited for one who did
//! H  THREAD  COMMITTED  ABORTED                lengths of blocks so far: counts for 2^i work units, separated by commas
//! X  AT                                        the program has ended: the log is complete
//! ```
//!
//! Runs of many blocks are one line, so that a log stays small and costs little: the clock is looked at once in [`LOOK`] units of work. Each
//! thread has a buffer of its own. A log that cannot be written any more ends there; the program goes on, and a message tells at its end.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use keelback_stm::{Abort, Cause, Orec};
use parking_lot::Mutex;

use super::places::Place;
use crate::heap::{Header, Kind, Thread, Value};

/// The first line of a log begins like this.
pub const MAGIC: &str = "keelback-stmlog\t1";
/// How many conflicts are remembered.
const REMEMBERED: usize = 1000;
/// Units of work between two looks at the clock.
const LOOK: u64 = 4000;
/// What beginning and ending a block costs, in units of work, as a rough guess.
const BLOCK_WORK: u64 = 8;
/// The longest run that one line tells of, in microseconds.
const LONGEST_RUN: u64 = 20_000;
/// What is shorter is not told, in microseconds.
const SHORTEST: u64 = 20;
/// Bytes of a thread's buffer at which it is written out.
const BUFFER: usize = 32 << 10;
/// Lengths of blocks are told apart by powers of two.
const LENGTHS: usize = 24;

/// A block that was rolled back because of another thread.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// Since the runtime started tracing.
    pub at: Duration,
    pub thread: u64,
    /// Identifier of the other one, if it is known.
    pub other_thread: Option<u64>,
    pub cause: Cause,
    /// What kind of object it was about.
    pub object: String,
    /// Tags, see [`Place`]: where this thread read or wrote the object, as far as that is known, and where the other one wrote it.
    pub here: u64,
    pub other: u64,
    pub lost: Duration,
    pub attempt: u32,
}

/// What the threads of one runtime have in common.
#[derive(Default)]
pub struct Traces {
    on: AtomicBool,
    start: std::sync::OnceLock<Instant>,
    last: Mutex<VecDeque<Conflict>>,
    log: std::sync::OnceLock<Arc<Log>>,
    /// Which thread has which place in the engine's table.
    threads: Mutex<HashMap<usize, u64>>,
}

impl Traces {
    fn start(&self) -> Instant {
        *self.start.get_or_init(Instant::now)
    }
    /// The last conflicts, the youngest first.
    pub fn last(&self, n: usize) -> Vec<Conflict> {
        self.last.lock().iter().rev().take(n).cloned().collect()
    }
    fn remember(&self, conflict: Conflict) {
        let mut last = self.last.lock();
        if last.len() == REMEMBERED {
            last.pop_front();
        }
        last.push_back(conflict);
    }
    /// The log, if there is one.
    pub fn log(&self) -> Option<&Arc<Log>> {
        self.log.get()
    }
    /// Whether conflicts are remembered.
    pub fn is_on(&self) -> bool {
        self.on.load(Relaxed)
    }
}

/// What one thread has to remember.
#[derive(Default)]
pub struct Trace {
    pending: Option<Conflict>,
    recorder: Option<Recorder>,
}

/// The file of a log.
pub struct Log {
    start: Instant,
    path: String,
    process: u32,
    out: Mutex<Out>,
    /// The threads' buffers.
    buffers: Mutex<Vec<Arc<Mutex<String>>>>,
}

struct Out {
    file: File,
    failed: Option<io::Error>,
    places: HashMap<Place, usize>,
}

impl Log {
    /// Starts a log for this program.
    ///
    /// # Errors
    /// If the file cannot be made or written.
    pub fn create(path: &str, program: &str) -> io::Result<Arc<Log>> {
        let mut file = File::create(path)?;
        writeln!(file, "{MAGIC}\t{}", one_line(program))?;
        Ok(Arc::new(Log {
            start: Instant::now(),
            path: path.to_string(),
            process: std::process::id(),
            out: Mutex::new(Out {
                file,
                failed: None,
                places: HashMap::new(),
            }),
            buffers: Mutex::default(),
        }))
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    fn write(&self, text: &str) {
        // A child made by fork has the file as well; it is not its log.
        if std::process::id() != self.process {
            return;
        }
        let mut out = self.out.lock();
        if out.failed.is_none()
            && let Err(e) = out.file.write_all(text.as_bytes())
        {
            out.failed = Some(e);
        }
    }

    /// The number of a place, written down when it first comes.
    fn place(&self, tag: u64) -> usize {
        let Some(place) = Place::of_tag(tag) else {
            return 0;
        };
        let mut out = self.out.lock();
        if let Some(&n) = out.places.get(&place) {
            return n;
        }
        let n = out.places.len() + 1;
        let (file, function) = (one_line(&place.file), one_line(&place.function));
        let line = format!("P\t{n}\t{}\t{file}\t{function}\n", place.line);
        out.places.insert(place, n);
        drop(out);
        self.write(&line);
        n
    }

    /// Writes what is left, and the last line. What to tell the user, if not all could be written.
    pub fn close(&self) -> Option<String> {
        for buffer in self.buffers.lock().iter() {
            let text = std::mem::take(&mut *buffer.lock());
            self.write(&text);
        }
        self.write(&format!("X\t{}\n", self.now()));
        let failed = self.out.lock().failed.take()?;
        Some(format!(
            "cannot write the log '{}': {failed}; it ends early",
            self.path
        ))
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

/// A thread's part of the log.
struct Recorder {
    log: Arc<Log>,
    thread: u64,
    buffer: Arc<Mutex<String>>,
    /// When the present run began.
    from: u64,
    blocks: u64,
    /// Since the last look at the clock.
    work: u64,
    /// Since the present run began.
    run_work: u64,
    /// The engine's count of time in blocks that cannot abort, at the last look.
    irrevocable: u64,
    committed: [u64; LENGTHS],
    aborted: [u64; LENGTHS],
}

fn length(work: u64) -> usize {
    ((work + 1).ilog2() as usize).min(LENGTHS - 1)
}

impl Recorder {
    fn new(log: &Arc<Log>, thread: u64, name: &str) -> Recorder {
        let buffer = Arc::new(Mutex::new(String::new()));
        log.buffers.lock().push(Arc::clone(&buffer));
        let from = log.now();
        log.write(&format!("T\t{thread}\t{from}\t{}\n", one_line(name)));
        Recorder {
            log: Arc::clone(log),
            thread,
            buffer,
            from,
            blocks: 0,
            work: 0,
            run_work: 0,
            irrevocable: 0,
            committed: [0; LENGTHS],
            aborted: [0; LENGTHS],
        }
    }

    fn say(&self, text: std::fmt::Arguments<'_>) {
        let mut buffer = self.buffer.lock();
        // Writing to a string does not fail.
        let _ = buffer.write_fmt(text);
        if buffer.len() >= BUFFER {
            let text = std::mem::take(&mut *buffer);
            drop(buffer);
            self.log.write(&text);
            self.log.write(&self.lengths());
        }
    }

    fn lengths(&self) -> String {
        let join = |counts: &[u64]| {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            counts.join(",")
        };
        format!(
            "H\t{}\t{}\t{}\n",
            self.thread,
            join(&self.committed),
            join(&self.aborted)
        )
    }

    /// The run goes up to here; what comes next begins there.
    fn end_run(&mut self, to: u64, next: u64) {
        if to > self.from && (self.blocks > 0 || to - self.from >= SHORTEST) {
            self.say(format_args!(
                "R\t{}\t{}\t{to}\t{}\n",
                self.thread, self.from, self.blocks
            ));
        }
        self.blocks = 0;
        self.run_work = 0;
        self.from = next;
    }

    fn span(&mut self, kind: char, from: u64, to: u64) {
        if to.saturating_sub(from) < SHORTEST {
            return;
        }
        self.end_run(from, to);
        self.say(format_args!("{kind}\t{}\t{from}\t{to}\n", self.thread));
    }

    #[inline]
    fn committed(&mut self, work: u64, irrevocable_ns: u64) {
        self.blocks += 1;
        self.committed[length(work)] += 1;
        self.work += work + BLOCK_WORK;
        self.run_work += work + BLOCK_WORK;
        let irrevocable = irrevocable_ns - self.irrevocable;
        if self.work >= LOOK || irrevocable >= SHORTEST * 1000 {
            self.look(irrevocable / 1000);
            self.irrevocable = irrevocable_ns;
        }
    }

    #[cold]
    fn look(&mut self, irrevocable: u64) {
        self.work = 0;
        let now = self.log.now();
        if irrevocable >= SHORTEST {
            self.span('I', now.saturating_sub(irrevocable).max(self.from), now);
        } else if now - self.from >= LONGEST_RUN {
            self.end_run(now, now);
        }
    }

    /// How long an attempt of so much work may have taken that ends now: its part of the time since the run began. To look at the clock at each
    /// block's beginning would cost more than all else in the log.
    fn lost(&self, work: u64) -> Duration {
        let passed = Duration::from_micros(self.log.now().saturating_sub(self.from));
        let work = work + BLOCK_WORK;
        passed.mul_f64(work as f64 / (self.run_work + work) as f64)
    }

    /// An attempt has been rolled back: from when to when it lasted.
    fn aborted(&mut self, lost: Duration, work: u64) -> (u64, u64) {
        self.aborted[length(work)] += 1;
        let now = self.log.now();
        let from = now.saturating_sub(lost.as_micros() as u64).max(self.from);
        self.end_run(from, now);
        (from, now)
    }

    fn abort_line(&self, c: &Conflict, from: u64, to: u64) {
        let (here, other) = (self.log.place(c.here), self.log.place(c.other));
        let other_thread = c.other_thread.unwrap_or(0);
        self.say(format_args!(
            "A\t{}\t{from}\t{to}\t{}\t{}\t{here}\t{other}\t{other_thread}\t{}\n",
            self.thread,
            c.cause.name(),
            one_line(&c.object),
            c.attempt
        ));
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let now = self.log.now();
        self.end_run(now, now);
        self.say(format_args!("E\t{}\t{now}\n", self.thread));
        let mut text = std::mem::take(&mut *self.buffer.lock());
        text.push_str(&self.lengths());
        self.log.write(&text);
        let buffer = &self.buffer;
        self.log.buffers.lock().retain(|b| !Arc::ptr_eq(b, buffer));
    }
}

impl Thread {
    /// From here on conflicts are remembered, with both source lines. Costs a few nanoseconds for each object that a block is the first to write.
    pub fn trace_conflicts(&mut self) {
        let traces = &self.rt.state.traces;
        // Asked at the beginning of each block that may give up.
        if traces.is_on() {
            return;
        }
        traces.start();
        traces.on.store(true, Relaxed);
        self.rt.engine.set_tracing(true);
        if traces.log.get().is_none() {
            // The log has its own way to tell what was lost.
            self.rt.engine.set_timing(true);
        }
    }

    /// Writes a log of blocks from here on. To be called before [`Thread::begin_main`].
    pub fn log_blocks(&mut self, log: Arc<Log>) {
        // The second caller's is not used.
        let _ = self.rt.state.traces.log.set(log);
        self.trace_conflicts();
    }

    /// A thread begins.
    pub(crate) fn begin_trace(&mut self, name: &str) {
        let traces = &self.rt.state.traces;
        if let Some(log) = traces.log.get() {
            let recorder = Recorder::new(log, self.shared.ident, name);
            self.vm.trace.get_or_insert_default().recorder = Some(recorder);
        }
        let ident = self.shared.ident;
        traces.threads.lock().insert(self.txn.slot_index(), ident);
    }

    /// The thread has a name now.
    pub(crate) fn name_trace(&mut self, name: &str) {
        let ident = self.shared.ident;
        if let Some(recorder) = self.recorder() {
            recorder.say(format_args!("N\t{ident}\t{}\n", one_line(name)));
        }
    }

    /// A thread ends.
    pub(crate) fn end_trace(&mut self) {
        self.settle_conflict();
        self.vm.trace = None;
    }

    /// A block has committed: to be called if there is a trace.
    #[cold]
    pub(super) fn trace_commit(&mut self) {
        self.settle_conflict();
        let (work, irrevocable) = (self.block_work(), self.txn.stats().irrevocable_ns);
        if let Some(recorder) = self.recorder() {
            recorder.committed(work, irrevocable);
        }
    }

    fn recorder(&mut self) -> Option<&mut Recorder> {
        self.vm.trace.as_mut()?.recorder.as_mut()
    }

    /// When something that a log tells of begins: only if there is a log.
    pub(crate) fn trace_time(&self) -> Option<u64> {
        let recorder = self.vm.trace.as_ref()?.recorder.as_ref()?;
        Some(recorder.log.now())
    }

    /// It ends.
    pub(crate) fn trace_span(&mut self, kind: char, from: Option<u64>) {
        let Some(from) = from else { return };
        if let Some(recorder) = self.recorder() {
            let now = recorder.log.now();
            recorder.span(kind, from.max(recorder.from), now);
        }
    }

    /// Before a block is rolled back: what kind of object that is about.
    pub(super) fn object_in_dispute(&self) -> String {
        match self.txn.conflict_orec() {
            Some(orec) => self.kind_at(orec),
            None => String::new(),
        }
    }

    fn kind_at(&self, orec: *const Orec) -> String {
        let Some(address) = self.rt.space.resolve(orec as u64) else {
            return String::new();
        };
        // SAFETY: the space knows an object that begins there, and the running block keeps it alive: its logs refer to the version word.
        let header = unsafe { &*(address as *const Header) };
        match header.kind() {
            Kind::Cell => "variable of a closure".to_string(),
            // The stripes of containers lie in their buffers.
            Kind::ValueBuf => "list".to_string(),
            Kind::DictBuf => "dict or set".to_string(),
            _ => self.type_name(Value(address as u64)),
        }
    }

    /// After a rollback because of another thread.
    #[cold]
    pub(super) fn note_conflict(&mut self, object: String, abort: &Abort) {
        let traces = &self.rt.state.traces;
        self.settle_conflict();
        let other_thread = abort
            .other
            .and_then(|slot| traces.threads.lock().get(&slot).copied());
        let mut lost = abort.lost;
        if let Some(recorder) = self.recorder()
            && lost.is_zero()
        {
            lost = recorder.lost(abort.work);
        }
        let conflict = Conflict {
            at: traces.start().elapsed(),
            thread: self.shared.ident,
            other_thread,
            cause: abort.cause,
            object,
            here: abort.client_tags[0],
            other: abort.client_tags[1],
            lost,
            attempt: abort.attempt,
        };
        let work = abort.work;
        let trace = self.vm.trace.get_or_insert_default();
        let span = trace.recorder.as_mut().map(|r| r.aborted(lost, work));
        if matches!(abort.cause, Cause::ReadVersion | Cause::CommitValidation) {
            // Told when the reader is known.
            trace.pending = Some(conflict);
            return;
        }
        if let (Some(recorder), Some((from, to))) = (&trace.recorder, span) {
            recorder.abort_line(&conflict, from, to);
        }
        traces.remember(conflict);
    }

    /// The record that waits for the reader's line has it now, or never will.
    fn settle_conflict(&mut self) {
        let Some(trace) = &mut self.vm.trace else {
            return;
        };
        let reader = self.txn.take_reader_tag();
        let Some(mut conflict) = trace.pending.take() else {
            return;
        };
        conflict.here = reader.unwrap_or(conflict.here);
        let traces = &self.rt.state.traces;
        if let Some(recorder) = &trace.recorder {
            // Both clocks are the same one; the log's began earlier or at the same time.
            let ahead = traces.start().saturating_duration_since(recorder.log.start);
            let to = (conflict.at + ahead).as_micros() as u64;
            let from = to.saturating_sub(conflict.lost.as_micros() as u64);
            recorder.abort_line(&conflict, from, to);
        }
        traces.remember(conflict);
    }

    /// The last conflict of this thread, as far as it is known now.
    pub(super) fn last_conflict(&mut self) -> Option<Conflict> {
        let pending = self.vm.trace.as_ref().and_then(|t| t.pending.clone());
        let ident = self.shared.ident;
        pending.or_else(|| {
            let last = self.rt.state.traces.last.lock();
            last.iter().rev().find(|c| c.thread == ident).cloned()
        })
    }
}
