//! What the integration tests share: running the interpreter under a time limit, comparing, reporting.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// What a run of the interpreter left behind.
pub struct Finished {
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    /// `None` when the time limit passed and the process was killed.
    pub status: Option<ExitStatus>,
}

impl Finished {
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }

    /// The last line on standard error.
    pub fn last_err(&self) -> String {
        self.err()
            .trim_end()
            .lines()
            .last()
            .unwrap_or_default()
            .to_string()
    }

    /// The exit status; minus the signal's number for a process that a signal ended.
    pub fn code(&self) -> Option<i32> {
        let status = self.status?;
        status.code().or_else(|| Some(-status.signal()?))
    }

    /// How the process ended, in words.
    pub fn ending(&self) -> String {
        match self.status {
            Some(status) => status.to_string(),
            None => "killed: still running at the time limit".to_string(),
        }
    }

    /// Panics unless the process exited with `code`, telling what it printed.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        let (out, err) = (self.out(), self.err());
        assert_eq!(
            self.code(),
            Some(code),
            "{}\n--- stdout\n{out}\n--- stderr\n{err}",
            self.ending()
        );
        self
    }
}

/// The folder of this crate's tests.
pub fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The interpreter, in an environment that says nothing about Python but where to keep bytecode.
///
/// `KEELBACK_BIN` names another one to test: an optimised build, or CPython, to try the tests themselves.
pub fn keelback() -> Command {
    let program =
        env::var_os("KEELBACK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_keelback").into());
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PYTHON") || text.starts_with("KEELBACK") {
            command.env_remove(&name);
        }
    }
    command.env(
        "PYTHONPYCACHEPREFIX",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("bytecode"),
    );
    command
}

/// How long one run may take: 20 seconds, or what `KEELBACK_TEST_SECONDS` says.
pub fn time_limit() -> Duration {
    let seconds = env::var("KEELBACK_TEST_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(20))
}

/// Runs `command` with `stdin`, and kills it at the time limit.
pub fn run(command: &mut Command, stdin: &[u8]) -> Finished {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut input = child.stdin.take().expect("piped");
    let stdin = stdin.to_vec();
    // A child that exits early closes its input; the write then fails, and that is its business.
    let writer = thread::spawn(move || drop(input.write_all(&stdin)));
    let finished = finish(child);
    writer.join().expect("the writer does not panic");
    finished
}

/// Collects the output of `child` until it ends or the time limit passes.
pub fn finish(mut child: Child) -> Finished {
    fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes)
                    .expect("a pipe is readable to its end");
            }
            bytes
        })
    }
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let limit = Instant::now() + time_limit();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            break Some(status);
        }
        if Instant::now() > limit {
            child.kill().expect("the child is ours");
            child.wait().expect("the child is ours");
            break None;
        }
        thread::sleep(Duration::from_millis(2));
    };
    Finished {
        out: out.join().expect("no panic"),
        err: err.join().expect("no panic"),
        status,
    }
}

/// Calls `work` on every item, as many at a time as there are cores, over all tests of the process together; gives
/// back what it returned, in the items' order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0);
    let results = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = {
                        let mut next = next.lock().expect("not poisoned");
                        *next += 1;
                        *next - 1
                    };
                    let Some(item) = items.get(at) else { break };
                    let _slot = Slot::take(cores);
                    let result = work(item);
                    results.lock().expect("not poisoned").push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("not poisoned");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The right to run one process; the harness starts several suites at once, and the machine should not thrash.
struct Slot;

static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

impl Slot {
    fn take(most: usize) -> Slot {
        let running = RUNNING.0.lock().expect("not poisoned");
        let mut running = RUNNING
            .1
            .wait_while(running, |running| *running >= most)
            .expect("not poisoned");
        *running += 1;
        Slot
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *RUNNING.0.lock().expect("not poisoned") -= 1;
        RUNNING.1.notify_one();
    }
}

/// All `.py` files directly inside `folder`, sorted.
pub fn scripts_in(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    found.sort();
    assert!(!found.is_empty(), "no scripts in {}", folder.display());
    found
}

/// The file's stem as text.
pub fn name_of(path: &Path) -> String {
    path.file_stem()
        .expect("a script has a name")
        .to_string_lossy()
        .into_owned()
}

/// Where `got` first leaves `expected`, with a few lines of both; `None` where they are equal.
pub fn difference(what: &str, expected: &str, got: &str) -> Option<String> {
    if expected == got {
        return None;
    }
    let (wanted, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), got.lines().collect());
    let same = wanted
        .iter()
        .zip(&found)
        .take_while(|(wanted, found)| wanted == found)
        .count();
    let mut text = format!("  {what} differs at line {}", same + 1);
    for (label, side) in [("expected", &wanted), ("got", &found)] {
        for line in side.iter().skip(same).take(4) {
            // Long lines are cut around their first difference, which is what one wants to see.
            write!(
                text,
                "\n    {label:>8} | {}",
                cut(line, &wanted, &found, same)
            )
            .expect("writing to a string");
        }
        if side.len() <= same {
            write!(text, "\n    {label:>8} | (ends)").expect("writing to a string");
        }
    }
    Some(text)
}

fn cut(line: &str, wanted: &[&str], found: &[&str], same: usize) -> String {
    const WIDTH: usize = 160;
    if line.chars().count() <= WIDTH {
        return line.to_string();
    }
    let start = match (wanted.get(same), found.get(same)) {
        (Some(a), Some(b)) => a
            .chars()
            .zip(b.chars())
            .take_while(|(a, b)| a == b)
            .count()
            .saturating_sub(40),
        _ => 0,
    };
    let middle: String = line.chars().skip(start).take(WIDTH).collect();
    format!("…{middle}…")
}

/// A fresh folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A fresh one.
    pub fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let unique = format!(
            "test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
        fs::create_dir_all(&path).expect("the target folder is writable");
        Folder(path)
    }

    /// Writes a file into it; its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        fs::write(&path, content).expect("writable");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("ours to remove");
    }
}
