//! `keelback check`: it finds the bugs planted in `examples/check/`, says how, and finds none where there is none.

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::{Finished, Folder, keelback, run, tests_folder};

fn example(name: &str) -> PathBuf {
    let folder = tests_folder()
        .parent()
        .expect("the project's")
        .to_path_buf();
    folder.join("examples/check").join(name)
}

fn check(script: &PathBuf, options: &[&str]) -> Finished {
    run(keelback().arg("check").arg(script).args(options), b"")
}

/// The bug is found from several seeds, each time within the ten seconds that it may take, and told in these words.
fn finds(name: &str, words: &[&str]) {
    for seed in ["1", "100", "2000"] {
        let start = Instant::now();
        let done = check(&example(name), &["--seed", seed]);
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{name}, seed {seed}"
        );
        let out = done.expect_code(1).out();
        for word in words {
            assert!(
                out.contains(word),
                "{name}, seed {seed}: no {word:?} in\n{out}"
            );
        }
        // The seed that is named leads to the same program and schedule.
        let again = out.split("--seed ").nth(1).expect("a seed is named");
        let again = again.split(' ').next().expect("a number");
        let replayed = check(&example(name), &["--seed", again, "--cases", "1"]);
        let told = |out: &str| out.split("again:").next().map(str::to_string);
        assert_eq!(told(&replayed.expect_code(1).out()), told(&out));
    }
}

#[test]
fn a_check_then_act_is_found() {
    finds(
        "check_then_act.py",
        &["withdraw_all(s)", "thread 2", "< done"],
    );
}

#[test]
fn a_lost_update_is_found() {
    finds(
        "lost_update.py",
        &["no order of the calls", "c.hits += 1", "one after another"],
    );
}

#[test]
fn a_write_skew_is_found() {
    finds(
        "write_skew.py",
        &[
            "invariant somebody_is_there does not hold",
            "ann_leaves(s)",
            "bob_leaves(s)",
        ],
    );
}

#[test]
fn a_deadlock_is_found() {
    finds(
        "deadlock.py",
        &[
            "deadlock: all threads wait for each other",
            "did not end",
            "with p.left:",
        ],
    );
}

#[test]
fn a_dict_that_grows_in_a_loop_over_it_is_found() {
    finds(
        "growing_dict.py",
        &[
            "RuntimeError: dictionary changed size during iteration",
            "total(s)",
        ],
    );
}

#[test]
fn nothing_is_found_where_all_is_right() {
    let done = check(
        &example("fixed.py"),
        &["--seed", "7", "--cases", "25", "--schedules", "20"],
    );
    assert!(
        done.expect_code(0).out().starts_with("ok: 25 programs, "),
        "{}",
        done.out()
    );
}

#[test]
fn an_operation_that_never_ends_is_told() {
    let folder = Folder::new();
    let head = "from transaction.testing import *\n@state\ndef s(): return []\n";
    let script = folder.file(
        "loop.py",
        format!("{head}@operation\ndef spin(s):\n    while not s:\n        pass\n"),
    );
    let out = check(&script, &["--seed", "1"]).expect_code(1).out();
    assert!(
        out.contains("does not end within 20,000 steps") && out.contains("spin(s)"),
        "{out}"
    );
    // One that passes no points.
    let script = folder.file(
        "deep.py",
        format!("{head}import itertools\n@operation\ndef count(s):\n    return sum(itertools.repeat(1))\n"),
    );
    let out = check(&script, &["--seed", "1", "--timeout", "0.5"])
        .expect_code(1)
        .out();
    assert!(
        out.contains("does not end within 0.5 s") && out.contains("count(s)"),
        "{out}"
    );
}

#[test]
fn what_waits_for_another_is_no_failure() {
    let folder = Folder::new();
    let script = folder.file(
        "jobs.py",
        "\
from transaction import Queue, atomic, retry
from transaction.testing import *
import queue

@state
def box(): return {'jobs': queue.Queue(), 'stack': []}

@operation
def put(s, n: int): s['jobs'].put(n)

@operation(serial=False)
def get(s): return s['jobs'].get()

@operation
def push(s, n: int):
    with atomic:
        s['stack'].append(n)

@operation
def pop(s):
    with atomic:
        if not s['stack']:
            retry()
        return s['stack'].pop()
",
    );
    let done = check(&script, &["--seed", "3", "--cases", "40"]);
    assert!(
        done.expect_code(0).out().starts_with("ok: 40 programs"),
        "{}",
        done.out()
    );
}

#[test]
fn the_result_as_junit() {
    let folder = Folder::new();
    let file = folder.0.join("out.xml");
    let name = file.to_str().expect("UTF-8");
    check(&example("write_skew.py"), &["--seed", "1", "--junit", name]).expect_code(1);
    let xml = std::fs::read_to_string(&file).expect("written");
    assert!(xml.contains("failures=\"1\""), "{xml}");
    assert!(
        xml.contains("<failure message=\"FAILED: invariant somebody_is_there does not hold\">"),
        "{xml}"
    );
    check(&example("fixed.py"), &["--cases", "2", "--junit", name]).expect_code(0);
    let xml = std::fs::read_to_string(&file).expect("written");
    assert!(
        xml.contains("failures=\"0\"") && xml.contains("name=\"money_stays\""),
        "{xml}"
    );
}

#[test]
fn what_cannot_be_tested_is_told() {
    let folder = Folder::new();
    for (source, message) in [
        ("x = 1\n", "no operations"),
        (
            "from transaction.testing import *\n@operation\ndef f(s): pass\n",
            "there must be one function decorated with @state",
        ),
        (
            "from transaction.testing import *\n@operation\ndef f(): pass\n",
            "operation f() must take the state",
        ),
        (
            "from transaction.testing import *\n@state\ndef s(): pass\n@operation\ndef f(s, x: object): pass\n",
            "no values are known for parameter x",
        ),
        ("1 +\n", "SyntaxError"),
        ("1 / 0\n", "ZeroDivisionError"),
    ] {
        let script = folder.file("bad.py", source);
        let done = check(&script, &[]);
        assert!(
            done.expect_code(2).err().contains(message),
            "{source}: {}",
            done.err()
        );
    }
    let done = check(&folder.0.join("none.py"), &[]);
    assert!(
        done.expect_code(2).err().contains("can't open file"),
        "{}",
        done.err()
    );
    let done = run(keelback().args(["check", "--help"]), b"");
    assert!(
        done.expect_code(0).out().contains("usage: keelback check"),
        "{}",
        done.out()
    );
}

#[test]
fn modules_beside_the_script_are_tested_as_well() {
    let folder = Folder::new();
    folder.file("bank.py", "def pay(s):\n    n = s[0]\n    s[0] = n + 1\n");
    let script = folder.file(
        "t.py",
        "import bank\nfrom transaction.testing import *\n@state\ndef s(): return [0]\noperation(bank.pay)\n",
    );
    let out = check(&script, &["--seed", "1"]).expect_code(1).out();
    assert!(
        out.contains("pay(s)") && out.contains("no order of the calls"),
        "{out}"
    );
}
