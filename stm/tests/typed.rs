//! Variables and transactions as a user of the library meets them.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{Rng, effort, seeds, watch};
use keelback_stm::{
    Atomic, Failure, Stop, TVar, atomically, engine, policy, reclaim, set_thread_policy, stats,
    try_atomically,
};
use proptest::prelude::*;

/// Runs `body(thread number, random numbers)` in so many threads, which start together.
fn threads(n: usize, seed: u64, body: impl Fn(usize, &mut Rng) + Sync) {
    let start = Barrier::new(n);
    let _running = watch(seed);
    thread::scope(|scope| {
        for i in 0..n {
            let (start, body) = (&start, &body);
            scope.spawn(move || {
                start.wait();
                body(
                    i,
                    &mut Rng(seed.wrapping_mul(1_000_003).wrapping_add(i as u64)),
                );
            });
        }
    });
}

/// A value that knows whether it lives, and how many of its family do.
struct Tracked {
    family: Arc<AtomicUsize>,
    /// Both halves are the same number while it lives.
    halves: [u64; 2],
}

impl Tracked {
    fn new(family: &Arc<AtomicUsize>, n: u64) -> Tracked {
        family.fetch_add(1, SeqCst);
        Tracked {
            family: Arc::clone(family),
            halves: [n, n],
        }
    }
    fn number(&self) -> u64 {
        assert_eq!(self.halves[0], self.halves[1], "torn, or freed");
        self.halves[0]
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        Tracked::new(&self.family, self.number())
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.number();
        self.halves = [u64::MAX, 0];
        self.family.fetch_sub(1, SeqCst);
    }
}

/// Waits until so many are left: other tests' threads, which may be in a block, hold reclamation up.
fn expect_left(family: &AtomicUsize, n: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        // Others may be destroying them meanwhile.
        let left = family.load(SeqCst);
        if left == n {
            return;
        }
        assert!(
            Instant::now() < end && left > n,
            "{left} values live, and should be {n}",
        );
        reclaim();
        thread::yield_now();
    }
}

proptest! {
    #[test]
    fn values_come_back_as_they_went_in(a: u64, b: i32, c: f64, d: char, e: bool, f: String, g: Option<u8>, h: [u16; 7], i: (u8, u32)) {
        macro_rules! check {
            ($($v:ident)*) => {$(
                let var = TVar::new($v.clone());
                let other = TVar::default();
                atomically(|tx| {
                    let value = var.read(tx)?;
                    other.write(tx, value)
                });
                prop_assert_eq!(format!("{:?}", other.get()), format!("{:?}", $v));
            )*};
        }
        check!(a b c d e f g h i);
        let unit = TVar::new(());
        unit.set(());
    }
}

#[test]
fn a_snapshot_is_never_torn_and_nothing_leaks_or_goes_early() {
    for seed in seeds(6) {
        let family = Arc::new(AtomicUsize::new(0));
        let vars: Vec<TVar<Tracked>> = (0..6)
            .map(|_| TVar::new(Tracked::new(&family, 100)))
            .collect();
        threads(4, seed, |i, rng| {
            for n in 0..150 * effort() {
                let (a, b) = (rng.below(6), rng.below(6));
                let what = rng.below(12);
                let result = catch_unwind(AssertUnwindSafe(|| {
                    try_atomically(|tx| {
                        if i == 0 {
                            let mut sum = 0;
                            for v in &vars {
                                sum += v.read_with(tx, Tracked::number)?;
                                if n % 8 == 0 {
                                    thread::yield_now();
                                }
                            }
                            assert_eq!(sum, 600);
                            return Ok(());
                        }
                        let point = tx.savepoint();
                        let x = vars[a].read(tx)?.number();
                        vars[a].write(tx, Tracked::new(&family, x.wrapping_sub(1)))?;
                        if what < 3 {
                            // A part that is taken back, while somebody looks at it.
                            vars[b].update(tx, |v| v.halves = [7, 7])?;
                            tx.rollback_to(&point);
                            vars[a].write(tx, Tracked::new(&family, x.wrapping_sub(1)))?;
                        }
                        thread::yield_now();
                        let y = vars[b].read(tx)?.number();
                        vars[b].write(tx, Tracked::new(&family, y.wrapping_add(1)))?;
                        match what {
                            4 => tx.abort("changed my mind"),
                            5 => panic!("in the middle"),
                            _ => Ok(()),
                        }
                    })
                }));
                match what {
                    4 if i > 0 => assert!(matches!(result, Ok(Err(Failure::User(_))))),
                    5 if i > 0 => assert!(result.is_err()),
                    _ => assert!(matches!(result, Ok(Ok(())))),
                }
            }
        });
        let sum = atomically(|tx| {
            let mut sum = 0u64;
            for v in &vars {
                sum = sum.wrapping_add(v.read_with(tx, Tracked::number)?);
            }
            Ok(sum)
        });
        assert_eq!(sum, 600);
        expect_left(&family, 6);
        drop(vars);
        expect_left(&family, 0);
    }
}

#[test]
fn a_value_that_is_lent_outlives_its_replacement() {
    let family = Arc::new(AtomicUsize::new(0));
    let var = TVar::new(Tracked::new(&family, 1));
    atomically(|tx| {
        let point = tx.savepoint();
        var.write(tx, Tracked::new(&family, 2))?;
        var.read_with(tx, |lent| {
            // The same transaction, from further down the stack.
            atomically(|tx| {
                var.write(tx, Tracked::new(&family, 3))?;
                tx.rollback_to(&point);
                reclaim();
                assert_eq!(var.read_with(tx, Tracked::number), Ok(1));
                Ok(())
            });
            assert_eq!(lent.number(), 2);
        })
    });
    assert_eq!(var.get().number(), 1);
    drop(var);
    expect_left(&family, 0);
}

#[test]
fn an_inner_transaction_is_part_of_the_outer_one() {
    let n = TVar::new(1);
    let result: Result<(), Failure<&str>> = try_atomically(|tx| {
        n.write(tx, 2)?;
        // `set` and `get` are transactions.
        n.set(n.get() + 1);
        let inner = try_atomically(|tx| {
            n.write(tx, 99)?;
            tx.abort::<(), _>(5)
        });
        assert_eq!(inner, Err(Failure::User(5)));
        assert_eq!(n.read(tx)?, 3, "the inner error has undone the inner part");
        tx.abort("all of it")
    });
    assert_eq!(result, Err(Failure::User("all of it")));
    assert_eq!(n.get(), 1);
}

#[test]
fn a_retry_in_an_inner_transaction_restarts_the_outer_one() {
    let (ready, done) = (TVar::new(false), TVar::new(0));
    let _running = watch(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            atomically(|tx| {
                done.modify(tx, |n| n + 1)?;
                atomically(|tx| if ready.read(tx)? { Ok(()) } else { tx.retry() });
                Ok(())
            });
        });
        thread::sleep(Duration::from_millis(20));
        assert_eq!(done.get(), 0);
        ready.set(true);
    });
    assert_eq!(done.get(), 1);
}

#[test]
fn inner_conflicts_are_counted_on() {
    for seed in seeds(4) {
        let n = TVar::new(0u32);
        threads(4, seed, |_, rng| {
            for _ in 0..200 {
                let deep = rng.chance(2);
                atomically(|tx| {
                    if deep {
                        atomically(|tx| n.modify(tx, |n| n + 1));
                        thread::yield_now();
                    } else {
                        let now = n.read(tx)?;
                        thread::yield_now();
                        n.write(tx, now + 1)?;
                    }
                    Ok(())
                });
            }
        });
        assert_eq!(n.get(), 800);
    }
}

#[test]
fn or_else_takes_the_first_that_can_and_waits_for_either() {
    let (a, b) = (TVar::new(None::<String>), TVar::new(None::<String>));
    let log = TVar::new(0);
    let take = |which: &TVar<Option<String>>, tx: &mut keelback_stm::Tx, mark: i32| {
        log.write(tx, mark)?;
        match which.replace(tx, None)? {
            Some(text) => Ok(text),
            None => tx.retry(),
        }
    };
    let either = || atomically(|tx| tx.or_else(|tx| take(&a, tx, 1), |tx| take(&b, tx, 2)));
    b.set(Some("b".into()));
    assert_eq!((either(), log.get()), ("b".into(), 2));
    a.set(Some("a".into()));
    b.set(Some("b".into()));
    assert_eq!((either(), log.get()), ("a".into(), 1));
    assert_eq!(either(), "b");
    let _running = watch(0);
    for which in [&a, &b] {
        thread::scope(|scope| {
            let waiting = scope.spawn(either);
            thread::sleep(Duration::from_millis(10));
            which.set(Some("late".into()));
            assert_eq!(waiting.join().unwrap(), "late");
        });
    }
    assert_eq!(a.get().or(b.get()), None);
}

#[test]
fn waiting_for_nothing_is_an_error() {
    assert_eq!(
        Atomic::new().run(|tx| tx.retry::<()>()),
        Err(Failure::NothingRead)
    );
    let panic = catch_unwind(|| atomically(|tx| tx.retry::<()>())).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("retry"));
    assert_eq!(TVar::new(3).get(), 3);
}

#[test]
fn time_runs_out_asleep_and_awake() {
    let never = TVar::new(0);
    let limited = Atomic::new().timeout(Duration::from_millis(20));
    let start = Instant::now();
    let asleep = limited.run(|tx| match never.read(tx)? {
        0 => tx.retry(),
        n => Ok(n),
    });
    assert!(matches!(asleep, Err(Failure::TimedOut(_))));
    assert!(start.elapsed() >= Duration::from_millis(20));
    let _running = watch(0);
    // Somebody else has it, and does not let go.
    let (taken, end) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            atomically(|tx| {
                never.write(tx, 1)?;
                taken.wait();
                end.wait();
                Ok(())
            });
        });
        taken.wait();
        let limited = Atomic::new().timeout(Duration::from_millis(20));
        let awake = limited.run(|tx| never.read(tx));
        let three = Atomic::new().policy(policy::by_name("giveup:3").unwrap());
        let gave_up = three.run(|tx| never.write(tx, 5));
        end.wait();
        assert!(matches!(awake, Err(Failure::TimedOut(a)) if a.attempt > 0));
        assert!(matches!(gave_up, Err(Failure::GaveUp(a)) if a.attempt == 3));
        assert!(
            gave_up
                .unwrap_err()
                .to_string()
                .contains("gave up after 3 aborts")
        );
    });
    assert_eq!(never.get(), 1);
    // A policy for one call is for that call.
    set_thread_policy(None);
    assert_eq!(Atomic::new().run(|tx| never.read(tx)), Ok(1));
}

#[test]
fn calls_are_made_exactly_once() {
    let (n, log) = (TVar::new(0), Arc::new(Mutex::new(vec![])));
    let note = |what: &'static str| {
        let log = Arc::clone(&log);
        move || log.lock().unwrap().push(what)
    };
    let mut first = true;
    atomically(|tx| {
        tx.on_commit(note("commit"));
        tx.after_commit(note("after"));
        tx.on_abort(note("abort"));
        n.modify(tx, |n| n + 1)?;
        if std::mem::take(&mut first) {
            // As if another one had been in the way.
            let busy = n.clone();
            return tx.or_else(
                |tx| tx.retry(),
                move |tx| {
                    let seen = busy.read(tx)?;
                    tx.after_commit(note("alternative"));
                    busy.write(tx, seen)
                },
            );
        }
        Ok(())
    });
    assert_eq!(*log.lock().unwrap(), ["commit", "after", "alternative"]);
    log.lock().unwrap().clear();
    let _ = catch_unwind(AssertUnwindSafe(|| {
        atomically::<()>(|tx| {
            tx.on_commit(note("commit"));
            tx.on_abort(note("abort"));
            n.write(tx, 77)?;
            panic!("no")
        })
    }));
    assert_eq!((n.get(), &log.lock().unwrap()[..]), (1, &["abort"][..]));
    // A call that panics comes too late to undo anything.
    let result = catch_unwind(AssertUnwindSafe(|| {
        atomically(|tx| {
            tx.after_commit(|| panic!("late"));
            n.write(tx, 2)
        })
    }));
    assert!(result.is_err());
    assert_eq!(n.get(), 2);
}

#[test]
fn an_irrevocable_transaction_runs_once() {
    let n = TVar::new(0);
    let calls = AtomicUsize::new(0);
    threads(4, 0, |i, _| {
        for _ in 0..100 {
            if i == 0 {
                Atomic::new()
                    .irrevocable()
                    .run(|tx| {
                        assert!(tx.is_irrevocable());
                        calls.fetch_add(1, SeqCst);
                        // Nested, and asked for again.
                        Atomic::new()
                            .irrevocable()
                            .run(|tx| {
                                tx.irrevocable()?;
                                n.modify(tx, |n| n + 1)
                            })
                            .unwrap();
                        thread::yield_now();
                        Ok(())
                    })
                    .unwrap();
            } else {
                atomically(|tx| n.modify(tx, |n| n + 1));
            }
        }
    });
    assert_eq!((n.get(), calls.load(SeqCst)), (400, 100));
}

#[test]
fn many_variables_in_one_transaction() {
    let vars: Vec<TVar<(u64, String)>> =
        (0..10_000).map(|i| TVar::new((i, String::new()))).collect();
    atomically(|tx| {
        for v in &vars {
            v.update(tx, |v| v.0 *= 2)?;
        }
        Ok(())
    });
    let sum: u64 = atomically(|tx| {
        let mut sum = 0;
        for v in &vars {
            sum += v.read_with(tx, |v| v.0)?;
        }
        Ok(sum)
    });
    assert_eq!(sum, 9_999 * 10_000);
}

#[test]
fn many_threads_on_few_processors() {
    let (n, text) = (TVar::new(0), TVar::new(String::new()));
    threads(64, 0, |_, _| {
        for _ in 0..20 {
            atomically(|tx| {
                n.modify(tx, |n| n + 1)?;
                text.update(tx, |t| t.push('x'))
            });
        }
    });
    assert_eq!((n.get(), text.get().len()), (1280, 1280));
}

/// A variable that outlives its thread, one that is dropped in the block that made it, and one that is dropped while others look at it.
#[test]
fn variables_come_and_go() {
    let family = Arc::new(AtomicUsize::new(0));
    let made = thread::spawn({
        let family = Arc::clone(&family);
        move || {
            let v = TVar::new(Tracked::new(&family, 1));
            atomically(|tx| v.write(tx, Tracked::new(&family, 2)));
            v
        }
    });
    let made = made.join().unwrap();
    assert_eq!(made.get().number(), 2);
    for abort in [false, true] {
        let _ = try_atomically::<(), ()>(|tx| {
            let v = TVar::new(Tracked::new(&family, 3));
            v.write(tx, Tracked::new(&family, 4))?;
            assert_eq!(v.read_with(tx, Tracked::number)?, 4);
            drop(v);
            reclaim();
            if abort { tx.abort(()) } else { Ok(()) }
        });
    }
    for seed in seeds(4) {
        let shared = TVar::new(TVar::new(Tracked::new(&family, 0)));
        threads(3, seed, |i, _| {
            for n in 0..300 {
                atomically(|tx| {
                    if i == 0 {
                        shared.write(tx, TVar::new(Tracked::new(&family, n)))?;
                    } else {
                        let inner = shared.read(tx)?;
                        inner.read_with(tx, Tracked::number)?;
                        inner.write(tx, Tracked::new(&family, n))?;
                    }
                    Ok(())
                });
            }
        });
    }
    drop(made);
    expect_left(&family, 0);
}

/// Who sleeps watches variables that nobody else refers to any more.
/// Each of them holds the last handle of the next: to destroy them takes no more stack than to destroy one.
#[test]
fn a_long_chain_of_variables_can_be_dropped() {
    #[derive(Clone)]
    struct Link {
        _alive: Arc<()>,
        _next: Option<TVar<Link>>,
    }
    let alive = Arc::new(());
    let build = || {
        let mut first = None;
        for _ in 0..30_000 {
            first = Some(TVar::new(Link {
                _alive: alive.clone(),
                _next: first,
            }));
        }
        first
    };
    let wait = || {
        let end = Instant::now() + Duration::from_secs(60);
        while Arc::strong_count(&alive) > 1 {
            assert!(Instant::now() < end, "{} left", Arc::strong_count(&alive));
            reclaim();
            thread::yield_now();
        }
    };
    drop(build());
    wait();
    // By a thread that ends at once, with a small stack.
    let small = thread::Builder::new().stack_size(64 << 10);
    thread::scope(|scope| {
        let run = || drop(build());
        small.spawn_scoped(scope, run).unwrap();
    });
    wait();
}

#[test]
fn what_a_sleeper_watches_may_lose_its_last_handle() {
    let family = Arc::new(AtomicUsize::new(0));
    let shared = TVar::new(Some(TVar::new(Tracked::new(&family, 0))));
    let _running = watch(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                atomically(|tx| match shared.read(tx)? {
                    Some(inner) => {
                        inner.read_with(tx, Tracked::number)?;
                        tx.retry()
                    }
                    None => Ok(()),
                });
            });
        }
        for n in 1..40 {
            thread::sleep(Duration::from_millis(1));
            shared.set(Some(TVar::new(Tracked::new(&family, n))));
            reclaim();
        }
        shared.set(None);
    });
    drop(shared);
    expect_left(&family, 0);
}

/// Destructors and clones may use transactions themselves.
#[test]
fn user_code_within_may_use_transactions() {
    #[derive(Default)]
    struct Counts(TVar<i64>);
    static LIVE: std::sync::LazyLock<Counts> = std::sync::LazyLock::new(Counts::default);
    struct Busy;
    impl Busy {
        fn new() -> Busy {
            atomically(|tx| LIVE.0.modify(tx, |n| n + 1));
            Busy
        }
    }
    impl Clone for Busy {
        fn clone(&self) -> Self {
            Busy::new()
        }
    }
    impl Drop for Busy {
        fn drop(&mut self) {
            atomically(|tx| LIVE.0.modify(tx, |n| n - 1));
        }
    }
    let v = TVar::new(Busy::new());
    threads(3, 0, |i, _| {
        for n in 0..60 {
            let _ = try_atomically::<(), ()>(|tx| {
                drop(v.read(tx)?);
                v.write(tx, Busy::new())?;
                if (n + i) % 3 == 0 {
                    tx.abort(())
                } else {
                    Ok(())
                }
            });
        }
    });
    // Those that aborted transactions made and dropped have been undone with them, where they came from; what counts is that nothing hangs or crashes.
    drop(v);
    reclaim();
}

#[test]
fn a_conflict_that_is_swallowed_does_not_commit() {
    let (a, b) = (TVar::new(0), TVar::new(0));
    threads(3, 0, |_, _| {
        for _ in 0..200 {
            atomically(|tx| {
                let n = a.read(tx).unwrap_or(-1_000_000);
                thread::yield_now();
                let _ = a.write(tx, n + 1);
                let _ = b.write(tx, n + 1);
                Ok(())
            });
        }
    });
    assert_eq!((a.get(), b.get()), (600, 600));
    // An error that comes after a conflict rests on nothing either.
    threads(3, 1, |_, _| {
        for _ in 0..200 {
            let result = try_atomically(|tx| {
                let (x, y) = match (a.read(tx), b.read(tx)) {
                    (Ok(x), Ok(y)) => (x, y),
                    _ => return Err(Stop::User("inconsistent")),
                };
                thread::yield_now();
                let (x, y) = (a.write(tx, x + 1), b.write(tx, y + 1));
                x.and(y).map_err(|_| Stop::User("inconsistent"))
            });
            assert_eq!(result, Ok(()));
        }
    });
    assert_eq!(a.get(), 1200);
}

#[test]
fn a_timeout_beyond_the_end_of_time_is_none() {
    let n = TVar::new(1);
    let patient = Atomic::new().timeout(Duration::MAX);
    assert_eq!(patient.run(|tx| n.read(tx)), Ok(1));
}

#[test]
fn settings_reach_the_engine() {
    assert_eq!(stats().commits, 0, "it counts without being asked to");
    engine().set_counting(true);
    let n = TVar::new(1);
    let before = stats();
    n.set(2);
    // Others are counted while they run.
    let (counted, looked) = (&Barrier::new(2), &Barrier::new(2));
    thread::scope(|scope| {
        let n = &n;
        scope.spawn(move || {
            n.set(3);
            counted.wait();
            looked.wait();
        });
        counted.wait();
        assert!(stats().commits >= before.commits + 2);
        looked.wait();
    });
    let after = stats();
    assert!(after.commits >= before.commits + 2 && after.blocks >= after.commits);
    engine().set_counting(false);
    assert_eq!(engine().policy().name(), "default");
}
