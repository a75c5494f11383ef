//! `--stm-log` and `keelback report`: what a log tells, and what happens to one that cannot be written or was cut short.

mod support;

use std::fs;
use std::process::Command;

use support::{Folder, keelback, run};

/// Two threads that are sure to be in each other's way, and lines by which to know them.
const PROGRAM: &str = "\
import threading
from transaction import atomic

class Account: pass
account = Account()
account.sum = 0
total = []

def pay():
    for i in range(400):
        with atomic:
            account.sum += 1
            for _ in range(50): pass

def look():
    for i in range(400):
        with atomic:
            seen = account.sum
            for _ in range(50): pass
            total.append(seen)

threads = [threading.Thread(target=f, name=f.__name__) for f in (pay, look)]
[t.start() for t in threads]
[t.join() for t in threads]
print(account.sum)
";

fn logged(folder: &Folder) -> std::path::PathBuf {
    let script = folder.file("x.py", PROGRAM);
    let log = folder.0.join("run.stmlog");
    // Forced aborts make sure that there is something to tell.
    let done = run(
        keelback()
            .arg("--stm-log")
            .arg(&log)
            .arg(script)
            .env("KEELBACK_CHAOS", "50"),
        b"",
    );
    assert_eq!(done.expect_code(0).out(), "400\n");
    log
}

#[test]
fn a_report_names_the_lines() {
    let folder = Folder::new();
    let log = logged(&folder);
    let done = run(keelback().arg("report").arg(&log), b"");
    let text = done.expect_code(0).out();
    assert!(
        text.contains("x.py: ") && text.contains(" 3 threads, "),
        "{text}"
    );
    assert!(text.contains("x.py:") && text.contains("hint: "), "{text}");
    let done = run(keelback().args(["report", "--json"]).arg(&log), b"");
    let json: serde_json::Value = serde_json::from_slice(&done.expect_code(0).out).expect("JSON");
    assert_eq!(json["complete"], true);
    let names: Vec<_> = json["threads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"pay") && names.contains(&"look") && names.contains(&"main"),
        "{names:?}"
    );
    let committed: u64 = json["histogram"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["committed"].as_u64().unwrap())
        .sum();
    let blocks = json["totals"]["commits"].as_u64().unwrap();
    assert!(blocks >= 800, "{blocks}");
    assert!(committed >= blocks, "{committed} {blocks}");
    let conflicts = json["conflicts"].as_array().unwrap();
    let in_blocks = |c: &serde_json::Value| {
        let here = &c["here"];
        let line = here["line"].as_u64().unwrap_or(0);
        let in_script = here["file"].as_str().is_some_and(|f| f.ends_with("x.py"));
        let code = here["code"].as_array().is_some_and(|c| !c.is_empty());
        in_script && code && ((10..=13).contains(&line) || (16..=20).contains(&line))
    };
    assert!(conflicts.iter().any(in_blocks), "{conflicts:?}");
    let lost: f64 = json["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["lost"].as_f64().unwrap())
        .sum();
    let of_threads = json["totals"]["lost"].as_f64().unwrap();
    assert!(
        (lost - of_threads).abs() < 1e-6 + 0.1 * of_threads,
        "{lost} {of_threads}"
    );
}

#[test]
fn the_last_conflicts_are_dataclasses() {
    let folder = Folder::new();
    let script = folder.file(
        "last.py",
        "\
import dataclasses, threading, time, transaction
from transaction import Place, atomic, last_conflicts

class Box: pass
box, stop, total = Box(), [], [0]
box.n = 0

def write():
    while not stop:
        box.n += 1
        time.sleep(0.0002)

def look():
    with atomic:
        seen = box.n
        until = transaction.time() + 0.002
        while transaction.time() < until: pass
        total[0] = seen

assert last_conflicts() == []
thread = threading.Thread(target=write)
thread.start()
until = time.monotonic() + 20
found = []
while not found and time.monotonic() < until:
    look()
    found = [c for c in last_conflicts(1000) if c.object == 'Box' and c.here and c.here.function == 'look']
    # The attempt that runs again finds out who had read what has changed.
    found = [c for c in found if c.here.line == 15 and c.other == Place(__file__, 10, 'write')]
stop.append(1)
thread.join()
assert found, last_conflicts(3)
one = dataclasses.asdict(found[0])
assert one['attempt'] >= 1 and 0 < one['lost'] < 10 and one['thread'] != one['other_thread'], one
assert len(last_conflicts(1)) == 1 and last_conflicts(0) == []
print('ok')
",
    );
    let done = run(keelback().arg(script), b"");
    assert_eq!(done.expect_code(0).out(), "ok\n");
}

#[test]
fn a_log_that_was_cut_short_is_reported_as_such() {
    let folder = Folder::new();
    let log = logged(&folder);
    let text = fs::read_to_string(&log).expect("text");
    let cut = folder.file("cut.stmlog", &text.as_bytes()[..text.len() * 2 / 3]);
    let done = run(keelback().arg("report").arg(cut), b"");
    assert!(
        done.expect_code(0)
            .out()
            .contains("The log ends before the program did"),
        "{}",
        done.out()
    );
    let other = folder.file("other.stmlog", "something else\n");
    let done = run(keelback().arg("report").arg(other), b"");
    assert!(
        done.expect_code(2)
            .err()
            .contains("not a log of keelback --stm-log"),
        "{}",
        done.err()
    );
    let done = run(keelback().arg("report").arg(folder.0.join("none")), b"");
    assert!(
        done.expect_code(2).err().contains("cannot read"),
        "{}",
        done.err()
    );
}

#[test]
fn a_full_disk_ends_the_log_and_not_the_program() {
    let folder = Folder::new();
    let script = folder.file("x.py", PROGRAM);
    let log = folder.0.join("run.stmlog");
    // At most some hundred bytes may be written to a file.
    let done = run(
        Command::new("sh")
            .args([
                "-c",
                "ulimit -f 1; exec \"$@\"",
                "sh",
                env!("CARGO_BIN_EXE_keelback"),
                "--stm-log",
            ])
            .arg(&log)
            .arg(script)
            .env("KEELBACK_CHAOS", "3"),
        b"",
    );
    assert_eq!(done.expect_code(0).out(), "400\n");
    assert!(
        done.err().contains("cannot write the log"),
        "{}",
        done.err()
    );
    let done = run(keelback().arg("report").arg(&log), b"");
    assert!(
        done.expect_code(0)
            .out()
            .contains("The log ends before the program did"),
        "{}",
        done.out()
    );
    // From the start.
    let done = run(
        keelback().args(["--stm-log", "/dev/full", "-c", "print(1)"]),
        b"",
    );
    assert!(
        done.expect_code(2)
            .err()
            .contains("cannot write the log '/dev/full'"),
        "{}",
        done.err()
    );
    assert_eq!(done.out(), "");
}
