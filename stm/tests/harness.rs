//! The harness: that it passes what is right, and finds, names and shows what is wrong.

mod common;

use std::time::Duration;

use common::effort;
use keelback_stm::harness::{
    Anomaly, Check, EngineTest, Event, Executor, History, Test, Tried, What, check,
};
use keelback_stm::{Cause, TQueue, TVar, atomically, policy};
use proptest::strategy::Just;

const LIMIT: Duration = Duration::from_secs(60);

fn passes(test: &EngineTest) -> Tried {
    test.check().unwrap_or_else(|report| panic!("{report}"))
}

/// The engine, under each policy.
fn engine_passes(executor: Executor, cases: u64) {
    let names = ["default", "immediate", "backoff", "wait", "irrevocable"];
    for (i, name) in names.into_iter().enumerate() {
        let test = EngineTest::new()
            .seed(i as u64)
            .policy(policy::by_name(name).unwrap())
            .executor(executor)
            .time(10 * LIMIT)
            .cases(cases * effort() as u64);
        let tried = passes(&test);
        assert_eq!(tried.cases, cases * effort() as u64);
        assert!(tried.commits > tried.cases && tried.aborts > tried.cases / 2);
    }
}

#[test]
fn the_engine_passes_step_by_step() {
    engine_passes(Executor::Shuttle, 600);
}

#[test]
fn the_engine_passes_on_threads() {
    engine_passes(Executor::Threads, 150);
}

/// An engine without one of its checks does not pass, and a small program shows it.
#[test]
fn each_check_of_the_engine_is_missed() {
    for check in Check::ALL {
        let test = EngineTest::new().without(check).time(LIMIT).cases(u64::MAX);
        let report = test.clone().executor(Executor::Shuttle).check();
        let report = report.expect_err("it passes");
        let lines = report.program.lines().count();
        assert!(
            lines <= 10,
            "{check:?} is shown by a large program: {report}"
        );
        // Threads of the system find them, too, some within seconds; but that depends on how many processors there are, and what else these do.
        if effort() > 1 {
            let report = test.executor(Executor::Threads).check();
            let report = report.expect_err("it passes on threads");
            assert!(!report.history.events.is_empty());
        }
    }
}

/// A seed leads to the same program, the same schedule, and the same events.
#[test]
fn a_seed_is_enough_to_see_it_again() {
    let check = || {
        let test = EngineTest::new().without(Check::CommitValidation).seed(3);
        let report = test.executor(Executor::Shuttle).check();
        report.expect_err("it passes").to_string()
    };
    let first = check();
    assert_eq!(first, check());
    assert!(first.contains("KEELBACK_HARNESS_SEED=0x"), "{first}");
}

/// Events of threads, written by hand: `b` begins, `r` and `w` read and write (variable and value), `c` commits (at a time, 0 for none), `a` aborts.
fn history(text: &str) -> History {
    let number = |s: &str| s.parse::<u64>().unwrap();
    let var = |s: &str| usize::from(s.as_bytes()[0]);
    let shown = |word: u64| Some(word.to_string());
    let mut events = vec![];
    for name in ["x", "y"] {
        let var = var(name);
        events.push((
            0,
            What::Made {
                var,
                word: 0,
                shown: shown(0),
            },
        ));
        events.push((
            0,
            What::Named {
                var,
                name: name.to_owned(),
            },
        ));
    }
    let mut undo = 0;
    for line in text.split(';').map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let what = match words[1..] {
            ["b"] => What::Begin,
            ["r", v, n] => What::Read {
                var: var(v),
                word: number(n),
                shown: shown(number(n)),
                version: None,
            },
            ["w", v, n] => {
                undo += 1;
                What::Write {
                    var: var(v),
                    word: number(n),
                    shown: shown(number(n)),
                    undo,
                }
            }
            ["c", n] => What::Commit {
                version: Some(number(n)).filter(|&n| n > 0),
            },
            ["a"] => What::Abort {
                cause: Cause::CommitValidation,
            },
            ["u", n] => What::RolledBack {
                undo: number(n) as usize,
            },
            _ => panic!("{line}"),
        };
        events.push((number(words[0]) as usize, what));
    }
    let events = events
        .into_iter()
        .enumerate()
        .map(|(order, (thread, what))| Event {
            order: order as u64,
            thread,
            what,
        });
    History::new(events.collect())
}

#[test]
fn anomalies_are_called_by_their_names() {
    let cases = [
        (
            Anomaly::LostUpdate,
            "1 b; 2 b; 1 r x 0; 2 r x 0; 1 w x 1; 1 c 2; 2 w x 2; 2 c 3",
        ),
        (
            Anomaly::WriteSkew,
            "1 b; 2 b; 1 r x 0; 1 r y 0; 2 r x 0; 2 r y 0; 1 w x 1; 2 w y 1; 1 c 2; 2 c 3",
        ),
        (Anomaly::DirtyRead, "1 b; 1 w x 1; 2 b; 2 r x 1; 2 c 0; 1 a"),
        // What a transaction wrote first, and did not mean to leave.
        (
            Anomaly::DirtyRead,
            "1 b; 1 w x 1; 2 b; 2 r x 1; 2 w y 1; 2 c 2; 1 w x 2; 1 c 3",
        ),
        (
            Anomaly::UnrepeatableRead,
            "1 b; 1 r x 0; 2 b; 2 w x 1; 2 c 2; 1 r x 1; 1 c 0",
        ),
        (
            Anomaly::Zombie,
            "1 b; 1 r x 0; 2 b; 2 w x 1; 2 w y 1; 2 c 2; 1 r y 1; 1 a",
        ),
        // It never ends.
        (
            Anomaly::Zombie,
            "1 b; 1 r x 0; 2 b; 2 w x 1; 2 w y 1; 2 c 2; 1 r y 1",
        ),
        (
            Anomaly::ReadSkew,
            "1 b; 1 r x 0; 2 b; 2 w x 1; 2 w y 1; 2 c 2; 1 r y 1; 1 c 0",
        ),
        (
            Anomaly::StaleRead,
            "2 b; 2 w x 1; 2 c 2; 1 b; 1 r x 0; 1 c 0",
        ),
        (
            Anomaly::CommitOrder,
            "1 b; 1 w x 1; 1 c 3; 2 b; 2 w y 1; 2 c 2",
        ),
        (Anomaly::ForgottenWrite, "1 b; 1 w x 1; 1 r x 0; 1 c 2"),
        (
            Anomaly::ForgottenWrite,
            "1 b; 1 w x 1; 1 w x 2; 1 u 1; 1 r x 2; 1 c 2",
        ),
    ];
    for (anomaly, text) in cases {
        let history = history(text);
        let found = check(&history).unwrap_or_else(|| panic!("{text}: nothing found"));
        assert_eq!(found.anomaly, anomaly, "{text}: {found}");
        assert!(found.to_string().starts_with(anomaly.name()));
        assert!(
            !found.events.is_empty() && history.timeline(&found.events).contains("<=="),
            "{text}"
        );
    }
}

#[test]
fn sound_histories_pass() {
    let cases = [
        "1 b; 1 r x 0; 1 w x 1; 1 c 2; 2 b; 2 r x 1; 2 w x 2; 2 c 3",
        // An old state, while it is not over for who began before.
        "1 b; 2 b; 2 w x 1; 2 w y 1; 2 c 2; 1 r x 0; 1 r y 0; 1 c 0",
        "1 b; 1 r x 0; 2 b; 2 w y 1; 2 c 2; 1 w x 1; 1 c 3",
        // Each reads what the other writes, but one sees it.
        "1 b; 2 b; 1 r y 0; 1 w x 1; 1 c 2; 2 r x 1; 2 w y 1; 2 c 3",
        "1 b; 1 w x 1; 1 r x 1; 1 a; 2 b; 2 r x 0; 2 c 0",
        "1 b; 1 w x 1; 1 w x 2; 1 u 1; 1 r x 1; 1 c 2; 2 b; 2 r x 1; 2 c 0",
    ];
    for text in cases {
        assert_eq!(check(&history(text)), None, "{text}");
    }
}

#[test]
fn a_timeline_has_a_column_for_each_thread() {
    let history = history("1 b; 2 b; 1 r x 0; 2 w x 7; 2 c 2; 1 a");
    let expected = "\
thread 1                          thread 2
[x = 0]
[y = 0]
begin
                                  begin
  x is 0  <==
                                    x := 7
                                  commit, time 2
rolled back: changed at commit
";
    assert_eq!(history.timeline(&[6]), expected);
}

/// A withdrawal that looks first, outside its transaction or in it.
fn withdrawals(outside: bool) -> Test<TVar<i64>> {
    let test = Test::new(|| TVar::new(100).named("account"));
    test.operation("withdraw", 1..100i64, move |account, n| {
        if outside && account.get() < n {
            return false;
        }
        atomically(|tx| {
            if !outside && account.read(tx)? < n {
                return Ok(false);
            }
            account.modify(tx, |a| a - n)?;
            Ok(true)
        })
    })
}

#[test]
fn a_check_outside_the_transaction_is_found_and_shown() {
    let threads = (effort() > 1).then_some(Executor::Threads);
    for executor in std::iter::once(Executor::Shuttle).chain(threads) {
        let test = withdrawals(true)
            .executor(executor)
            .cases(100_000)
            .time(LIMIT);
        let report = test
            .invariant("it is not overdrawn", |a| a.get() >= 0)
            .check();
        let report = report.expect_err("it passes");
        assert_eq!(report.what, "it does not hold that it is not overdrawn");
        let shown = report.to_string();
        assert!(
            shown.contains("thread 2: withdraw(") && shown.contains("account is 100"),
            "{shown}"
        );
        // A few withdrawals, of one more than there is.
        assert!(shown.matches("= true").count() <= 4, "{shown}");
        assert!(shown.contains("account := -1\n"), "{shown}");
    }
    withdrawals(false)
        .invariant("it is not overdrawn", |a| a.get() >= 0)
        .run();
}

#[test]
fn operations_that_are_not_atomic_are_found() {
    let test = |f: fn(&TVar<i64>, i64)| {
        let test = Test::new(|| TVar::new(0)).operation("add", 1..10i64, f);
        test.as_if_serial(TVar::get).check()
    };
    let report = test(|n, more| n.set(n.get() + more)).expect_err("it passes");
    assert!(report.what.starts_with("not atomic"), "{report}");
    test(|n, more| atomically(|tx| n.modify(tx, |n| n + more))).unwrap();
}

#[test]
fn panics_of_operations_are_failures() {
    let test = Test::new(|| TVar::new(0)).operation("count", Just(()), |n, ()| {
        let n = atomically(|tx| {
            n.modify(tx, |n| n + 1)?;
            n.read(tx)
        });
        assert_ne!(n, 3, "three is too many");
    });
    let report = test.check().expect_err("it passes");
    assert!(report.what.contains("three is too many"), "{report}");
    assert_eq!(report.program.matches("count").count(), 3, "{report}");
}

/// Who waits in vain is cut off, and no failure; who was woken is not.
#[test]
fn waiting_in_vain_is_no_failure() {
    let test = Test::new(TQueue::<u8>::new)
        .operation("push", 0..9u8, |q, n| atomically(|tx| q.push(tx, n)))
        .operation("pop", Just(()), |q, ()| atomically(|tx| q.pop(tx)))
        .as_if_serial(|q| atomically(|tx| q.len(tx)));
    let tried = test.cases(400).time(10 * LIMIT).check().unwrap();
    assert_eq!(tried.cases, 400);
}
