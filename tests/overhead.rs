//! `keelback overhead`: all modes and numbers of threads are there, and the parts belong to what was measured.

mod support;

use std::fs;

use serde_json::Value;
use support::{Folder, keelback, run};

const SCRIPT: &str = "\
import os, sys, threading
threads = int(os.environ['KEELBACK_THREADS'])
shared = {}
def work(k):
    for i in range(4000 // threads):
        shared[k, i % 10] = i
if threads == 1 and 'always' not in sys.argv:
    work(0)
else:
    running = [threading.Thread(target=work, args=(k,)) for k in range(threads)]
    [t.start() for t in running]
    [t.join() for t in running]
";

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

#[test]
fn the_whole_and_its_parts() {
    let folder = Folder::new();
    let script = folder.file("w.py", SCRIPT);
    let (html, svg) = (folder.0.join("o.html"), folder.0.join("o.svg"));
    let mut command = keelback();
    command.args(["overhead", "--rounds", "2", "--json", "--html"]);
    let done = run(command.arg(&html).arg("--svg").arg(&svg).arg(script), b"");
    let found: Value = serde_json::from_slice(&done.expect_code(0).out).expect("JSON");
    let rows = found["rows"].as_array().expect("rows");
    let modes: Vec<_> = rows
        .iter()
        .map(|r| (r["with"].as_str().unwrap(), r["threads"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        modes,
        [
            ("off", 1),
            ("one thread of two", 1),
            ("gil", 1),
            ("stm", 1),
            ("gil", 2),
            ("stm", 2)
        ]
    );
    for row in rows {
        let wall = &row["wall"];
        assert!(number(&wall["least"]) > 0.0 && number(&wall["least"]) <= number(&wall["median"]));
        assert!(number(&wall["median"]) <= number(&wall["greatest"]));
    }
    let breakdown = found["breakdown"].as_array().expect("parts");
    assert_eq!(breakdown.len(), 2);
    let names: Vec<_> = breakdown[1]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "program",
            "barriers",
            "logging",
            "commits",
            "aborted work",
            "collection"
        ]
    );
    for b in breakdown {
        let sum: f64 = b["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| number(&p["seconds"]))
            .sum();
        assert!((sum - number(&b["sum"])).abs() < 1e-9);
        // What it says of itself is so.
        let rest = (number(&b["measured"]["median"]) - sum).abs();
        let width = number(&b["measured"]["greatest"]) - number(&b["measured"]["least"]);
        assert!(b["adds_up"] == true || rest > width);
    }
    let svg = fs::read_to_string(svg).expect("written");
    assert!(
        svg.starts_with("<svg") && svg.contains("logging") && svg.contains("w.py"),
        "{svg}"
    );
    let html = fs::read_to_string(html).expect("written");
    assert!(
        html.contains("<svg") && html.contains("processor time of mode stm, 2 threads"),
        "{html}"
    );
}

#[test]
fn a_script_that_always_starts_threads() {
    let folder = Folder::new();
    let script = folder.file("w.py", SCRIPT);
    let mut command = keelback();
    command
        .args(["overhead", "--rounds", "1", "--threads", "2"])
        .arg(script)
        .arg("always");
    let out = run(&mut command, b"").expect_code(0).out();
    assert!(out.contains("which mode off refuses"), "{out}");
    assert!(out.contains("barriers, logging, commits"), "{out}");
    assert!(out.contains("the parts "), "{out}");
}

#[test]
fn what_cannot_be_measured_is_told() {
    let folder = Folder::new();
    let script = folder.file("bad.py", "raise ValueError('no')\n");
    let done = run(
        keelback().args(["overhead", "--rounds", "1"]).arg(script),
        b"",
    );
    assert!(
        done.expect_code(2).err().contains("ValueError: no"),
        "{}",
        done.err()
    );
    let good = folder.file("good.py", "pass\n");
    let done = run(
        keelback()
            .args(["overhead", "--rounds", "1", "--against", "no-such-python"])
            .arg(good),
        b"",
    );
    assert!(
        done.expect_code(2)
            .err()
            .contains("cannot run 'no-such-python'"),
        "{}",
        done.err()
    );
}
