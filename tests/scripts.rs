//! Every script in `scripts/` and `errors/` behaves as recorded from CPython, in every mode and under forced aborts.
//!
//! `record.py` says what is recorded and how. `known_failures.txt` lists what does not hold yet; a listed script that
//! passes fails the test, so that the list only shrinks.

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use support::{difference, in_parallel, keelback, name_of, run, scripts_in, tests_folder};

/// One way to run the suite. The expected output is the same for all.
struct Variant {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// Says from a script's source whether it takes part.
    takes: fn(&str) -> bool,
}

fn all(_source: &str) -> bool {
    true
}

/// The modes without barriers keep no undo log: an atomic block there is one step, but cannot be taken back.
fn needs_no_rollback(source: &str) -> bool {
    !source.contains("# needs: rollback")
}

fn starts_no_thread(source: &str) -> bool {
    needs_no_rollback(source)
        && !source.contains("threading")
        && !source.contains("concurrent.futures")
}

/// Collecting at every safepoint is slow, so that importing the library takes long, and so do the scripts that say of themselves
/// that they compute much; these run on demand.
fn affordable_under_gc_stress(source: &str) -> bool {
    std::env::var_os("KEELBACK_STRESS").is_some()
        || !source.contains("import") && !source.contains("# computes much")
}

const PLAIN: Variant = Variant {
    name: "plain",
    arguments: &[],
    environment: &[],
    takes: all,
};

#[test]
fn scripts() {
    check("scripts", &PLAIN);
}

#[test]
fn scripts_in_gil_mode() {
    check(
        "scripts",
        &Variant {
            name: "gil",
            arguments: &["--mode", "gil"],
            takes: needs_no_rollback,
            ..PLAIN
        },
    );
}

#[test]
fn scripts_in_off_mode() {
    check(
        "scripts",
        &Variant {
            name: "off",
            arguments: &["--mode", "off"],
            takes: starts_no_thread,
            ..PLAIN
        },
    );
}

#[test]
fn scripts_under_forced_aborts() {
    check(
        "scripts",
        &Variant {
            name: "chaos",
            environment: &[("KEELBACK_CHAOS", "7")],
            ..PLAIN
        },
    );
}

#[test]
fn scripts_in_tiny_blocks() {
    check(
        "scripts",
        &Variant {
            name: "blocks",
            environment: &[("KEELBACK_BLOCK", "20")],
            ..PLAIN
        },
    );
}

#[test]
fn scripts_collecting_at_every_safepoint() {
    let environment = &[("KEELBACK_GC_STRESS", "1")];
    check(
        "scripts",
        &Variant {
            name: "gc",
            environment,
            takes: affordable_under_gc_stress,
            ..PLAIN
        },
    );
}

#[test]
fn errors() {
    check("errors", &PLAIN);
}

#[test]
fn errors_under_forced_aborts() {
    check(
        "errors",
        &Variant {
            name: "chaos",
            environment: &[("KEELBACK_CHAOS", "7")],
            ..PLAIN
        },
    );
}

/// Runs a folder of scripts and panics with one report of all that went wrong.
fn check(folder: &str, variant: &Variant) {
    let known = known_failures();
    let paths = scripts_in(&tests_folder().join(folder));
    let results = in_parallel(&paths, |path| {
        let source = fs::read_to_string(path).expect("scripts are UTF-8");
        (variant.takes)(&source).then(|| (name_of(path), problem(path, variant)))
    });
    let (mut ran, mut report) = (0, String::new());
    for (name, problem) in results.into_iter().flatten() {
        ran += 1;
        let plain = format!("{folder}/{name}");
        let own = format!("{plain}@{}", variant.name);
        let listed = |key: &str| known.get(key).map(String::as_str);
        match (problem, listed(&own), listed(&plain)) {
            (Some(problem), None, None) => report += &format!("{own}\n{problem}\n"),
            (None, Some(_), _) => {
                report += &format!("{own} passes: take it out of known_failures.txt\n")
            }
            // A failure listed for all variants must show in the plain one; elsewhere it may be hidden.
            (None, _, Some(_)) if variant.name == "plain" => {
                report += &format!("{plain} passes: take it out of known_failures.txt\n");
            }
            _ => {}
        }
    }
    assert!(ran > 0, "no script takes part in {}", variant.name);
    assert!(
        report.is_empty(),
        "{folder} as {}: of {ran} scripts\n{report}",
        variant.name
    );
}

/// What is wrong with a script's behaviour, if anything.
fn problem(path: &Path, variant: &Variant) -> Option<String> {
    let recorded = |extension: &str| fs::read_to_string(path.with_extension(extension)).ok();
    let (out, err, code) = (recorded("out"), recorded("err"), recorded("code"));
    if out.is_none() && err.is_none() && code.is_none() {
        return Some("  nothing is recorded for it; see record.py".to_string());
    }
    let code = code.map_or(0, |text| text.trim().parse().expect("an exit status"));
    let folder = path.parent().expect("a script lies in a folder");

    let mut command = keelback();
    command
        .args(variant.arguments)
        .envs(variant.environment.iter().copied());
    command
        .arg(path)
        .args(recorded("args").unwrap_or_default().lines())
        .current_dir(folder);
    let done = run(
        &mut command,
        &fs::read(path.with_extension("in")).unwrap_or_default(),
    );

    let whole = folder.ends_with("errors");
    let got_err = if whole {
        done.err()
            .replace(&folder.to_string_lossy().into_owned(), "$DIR")
    } else if code != 0 {
        format!("{}\n", done.last_err()).trim_start().to_string()
    } else {
        done.err()
    };
    let mut problems = Vec::new();
    if done.code() != Some(code) {
        let tail: Vec<String> = done
            .err()
            .lines()
            .rev()
            .take(6)
            .map(|line| format!("    stderr | {line}"))
            .collect();
        let tail: Vec<String> = tail.into_iter().rev().collect();
        problems.push(format!(
            "  expected exit status {code}, got {}\n{}",
            done.ending(),
            tail.join("\n")
        ));
    }
    problems.extend(difference("stdout", &out.unwrap_or_default(), &done.out()));
    // Where the status is already wrong, its last lines stand above.
    if problems.is_empty() || whole {
        problems.extend(difference("stderr", &err.unwrap_or_default(), &got_err));
    }
    (!problems.is_empty()).then(|| problems.join("\n"))
}

/// The listed names and the reasons, from lines `FOLDER/NAME[@VARIANT] REASON`.
fn known_failures() -> HashMap<String, String> {
    let path = tests_folder().join("known_failures.txt");
    let text = fs::read_to_string(&path).expect("known_failures.txt is readable");
    let mut known = HashMap::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (name, reason) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("no reason given in: {line}"));
        let script = tests_folder()
            .join(name.split('@').next().expect("split yields one"))
            .with_extension("py");
        assert!(
            script.is_file(),
            "known_failures.txt lists {name}, which is no script"
        );
        known.insert(name.to_string(), reason.to_string());
    }
    known
}
