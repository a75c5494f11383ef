//! Threads keep their invariants, under many seeds, in tiny blocks, under forced aborts and in every mode with threads.
//!
//! Each script in `concurrency/` asserts what a missed conflict, a lost update or a torn object would break, and
//! prints `ok`. `KEELBACK_STRESS=1` runs more seeds and longer loops.

mod support;

use std::{env, fs};
use support::{in_parallel, keelback, name_of, run, scripts_in, tests_folder};

fn stress() -> bool {
    env::var_os("KEELBACK_STRESS").is_some()
}

/// Runs every script once for each seed, with `settings` in the environment, and reports all failures together.
fn check(mode: &str, settings: &[(&str, &str)], seeds: u32, rounds: u32) {
    let seeds = if stress() { 20 } else { seeds };
    let rounds = if stress() { rounds * 5 } else { rounds };
    let mut scripts = scripts_in(&tests_folder().join("concurrency"));
    scripts.retain(|path| {
        let source = fs::read_to_string(path).expect("scripts are UTF-8");
        // Without barriers there is no undo log: atomic blocks cannot be taken back.
        !name_of(path).starts_with('_') && (mode == "stm" || !source.contains("# needs: rollback"))
    });
    let runs: Vec<_> = (1..=seeds)
        .flat_map(|seed| scripts.iter().map(move |script| (seed, script)))
        .collect();
    let failures = in_parallel(&runs, |(seed, script)| {
        let mut command = keelback();
        command
            .args(["--mode", mode])
            .arg(script)
            .envs(settings.iter().copied());
        command
            .env("KEELBACK_SEED", seed.to_string())
            .env("ROUNDS", rounds.to_string());
        let done = run(&mut command, b"");
        let good = done.code() == Some(0) && done.out == b"ok\n" && done.err.is_empty();
        (!good).then(|| {
            let err = done.err();
            let tail: Vec<_> = err.lines().rev().take(8).collect();
            let tail: Vec<_> = tail.into_iter().rev().collect();
            let tail = tail.join("\n    ");
            format!(
                "{} with seed {seed}: {}\n    {}{tail}",
                name_of(script),
                done.ending(),
                done.out()
            )
        })
    });
    let failures: Vec<String> = failures.into_iter().flatten().collect();
    let (failed, total) = (failures.len(), runs.len());
    assert!(
        failures.is_empty(),
        "{mode} {settings:?}: {failed} of {total} runs failed\n{}",
        failures.join("\n")
    );
}

#[test]
fn transactions() {
    check("stm", &[], 3, 200);
}

#[test]
fn transactions_in_tiny_blocks() {
    check("stm", &[("KEELBACK_BLOCK", "20")], 3, 60);
}

#[test]
fn transactions_under_forced_aborts() {
    check("stm", &[("KEELBACK_CHAOS", "5")], 3, 60);
}

#[test]
fn transactions_in_tiny_blocks_under_forced_aborts() {
    check(
        "stm",
        &[("KEELBACK_BLOCK", "20"), ("KEELBACK_CHAOS", "3")],
        3,
        40,
    );
}

#[test]
fn transactions_collecting_at_every_safepoint() {
    // The threads' own work is what is under test: few rounds keep it affordable.
    check("stm", &[("KEELBACK_GC_STRESS", "1")], 1, 10);
}

#[test]
fn one_lock() {
    check("gil", &[], 3, 200);
}
