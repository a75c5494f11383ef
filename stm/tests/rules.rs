//! The rules one by one, mostly with two descriptors on one thread, so that each interleaving is exactly the one meant.

mod common;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use common::{Obj, register, threads};
use keelback_stm::{
    Abort, Cause, Conflict, Decision, Engine, Host, OrecState, RetryPolicy, Root, Txn, WaitResult,
    policy,
};

fn two() -> (Arc<Engine>, Txn, Txn) {
    let engine = Arc::new(Engine::new());
    let (a, b) = (register(&engine), register(&engine));
    (engine, a, b)
}

/// Commits one write, in a block of its own.
fn put<const N: usize>(txn: &mut Txn, object: &Obj<N>, i: usize, value: u64) {
    txn.begin();
    object.set(txn, i, value).unwrap();
    txn.commit().unwrap();
}

#[test]
fn a_commit_is_seen_and_an_abort_is_not() {
    let x: Obj = Obj::shared([1]);
    let (_, mut a, mut b) = two();
    put(&mut a, &x, 0, 2);
    b.begin();
    assert_eq!(x.get(&mut b, 0), Ok(2));
    x.set(&mut b, 0, 3).unwrap();
    assert_eq!(x.get(&mut b, 0), Ok(3), "one sees one's own writes");
    x.set(&mut b, 0, 4).unwrap();
    b.abort();
    a.begin();
    assert_eq!(x.get(&mut a, 0), Ok(2));
    a.commit().unwrap();
}

#[test]
fn a_read_only_block_commits_without_touching_the_clock() {
    let x: Obj = Obj::shared([1]);
    let (engine, mut a, mut b) = two();
    a.begin();
    assert_eq!(x.get(&mut a, 0), Ok(1));
    put(&mut b, &x, 0, 2);
    let clock = engine.clock();
    assert_eq!(a.commit(), Ok(()), "its place is before the other's");
    assert_eq!(engine.clock(), clock);
    assert_eq!(a.stats().read_only_commits, 1);
}

#[test]
fn a_newer_object_moves_the_read_time_if_earlier_reads_stand() {
    let (x, y, z): (Obj, Obj, Obj) = (Obj::shared([1]), Obj::shared([1]), Obj::shared([1]));
    let (_, mut a, mut b) = two();
    a.begin();
    x.get(&mut a, 0).unwrap();
    put(&mut b, &y, 0, 2);
    assert_eq!(y.get(&mut a, 0), Ok(2), "x still stands");
    assert_eq!(a.stats().extensions, 1);
    put(&mut b, &x, 0, 5);
    put(&mut b, &z, 0, 5);
    assert_eq!(
        z.get(&mut a, 0),
        Err(Conflict),
        "x and z never stood like that together"
    );
    assert_eq!(a.conflict_cause(), Some(Cause::ReadVersion));
    a.abort();
    assert_eq!(a.last_abort().attempt, 1);
}

#[test]
fn taking_an_object_that_was_read_at_an_older_version_fails() {
    let x: Obj = Obj::shared([1]);
    let (_, mut a, mut b) = two();
    a.begin();
    x.get(&mut a, 0).unwrap();
    put(&mut b, &x, 0, 2);
    assert_eq!(x.set(&mut a, 0, 9), Err(Conflict));
    a.abort();
    assert_eq!(x.raw(0), 2);
}

#[test]
fn commit_checks_what_was_read() {
    let (x, y): (Obj, Obj) = (Obj::shared([1]), Obj::shared([1]));
    let (_, mut a, mut b) = two();
    a.begin();
    x.get(&mut a, 0).unwrap();
    y.set(&mut a, 0, 2).unwrap();
    put(&mut b, &x, 0, 2);
    assert_eq!(a.commit(), Err(Conflict));
    assert_eq!(a.conflict_cause(), Some(Cause::CommitValidation));
    assert!(y.orec.is_owned(), "not rolled back yet");
    a.abort();
    assert_eq!(y.raw(0), 1);
    assert_eq!(a.stats().aborts_by(Cause::CommitValidation), 1);
}

#[test]
fn what_another_owns_is_a_conflict_for_readers_and_writers() {
    let x: Obj = Obj::shared([1]);
    let (_, mut a, mut b) = two();
    a.begin();
    x.set(&mut a, 0, 2).unwrap();
    for write in [false, true] {
        b.begin();
        let result = if write {
            x.set(&mut b, 0, 3)
        } else {
            x.get(&mut b, 0).map(drop)
        };
        assert_eq!(result, Err(Conflict));
        b.abort();
        assert_eq!(
            (b.last_abort().cause, b.last_abort().other),
            (Cause::OwnedByOther, Some(a.slot_index()))
        );
    }
    a.commit().unwrap();
    assert_eq!(x.raw(0), 2);
}

#[test]
fn an_abort_changes_the_word_but_spoils_no_earlier_read() {
    let (x, y): (Obj, Obj) = (Obj::shared([1]), Obj::shared([1]));
    let (engine, mut a, mut b) = two();
    b.begin();
    x.get(&mut b, 0).unwrap();
    let (word, clock) = (x.orec.load(), engine.clock());
    a.begin();
    x.set(&mut a, 0, 7).unwrap();
    a.abort();
    assert_ne!(
        x.orec.load(),
        word,
        "a reader in the middle of its load must notice"
    );
    assert_eq!(engine.clock(), clock);
    assert_eq!(b.validate(), Ok(()));
    y.set(&mut b, 0, 2).unwrap();
    x.set(&mut b, 0, 2).unwrap();
    b.commit().unwrap();
}

#[test]
fn an_object_aborted_over_and_over_takes_a_new_version_before_a_word_comes_twice() {
    let x: Obj = Obj::shared([1]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    let mut last = x.orec.load();
    for _ in 0..5000 {
        a.begin();
        x.set(&mut a, 0, 7).unwrap();
        a.abort();
        assert!(x.orec.load() > last && x.orec.is_shared());
        last = x.orec.load();
    }
    let OrecState::Shared { version } = x.orec.state() else {
        panic!()
    };
    assert!(version >= 4 && version <= engine.clock());
}

#[test]
fn a_read_in_the_middle_of_which_somebody_writes_and_aborts_is_done_again() {
    let x: Obj<2> = Obj::shared([1, 1]);
    let (_, mut a, mut b) = two();
    b.begin();
    let calls = std::cell::Cell::new(0);
    let a = std::cell::RefCell::new(&mut a);
    let seen = b.read(&x.orec, || {
        calls.set(calls.get() + 1);
        let first = x.words[0].load(Relaxed);
        if calls.get() > 1 {
            return (first, x.words[1].load(Relaxed));
        }
        let mut a = a.borrow_mut();
        a.begin();
        x.set(&mut a, 1, 99).unwrap();
        let second = x.words[1].load(Relaxed);
        a.abort();
        (first, second)
    });
    assert_eq!((seen, calls.get()), (Ok((1, 1)), 2));
    b.commit().unwrap();
}

#[test]
fn many_objects_read_at_once_show_nothing_of_a_block_that_aborts_meanwhile() {
    let (x, y): (Obj, Obj) = (Obj::shared([1]), Obj::shared([1]));
    let (_, mut a, mut b) = two();
    b.begin();
    let mut calls = 0;
    let orecs = [&x.orec, &y.orec];
    let seen = b.read_all(orecs.into_iter(), || {
        calls += 1;
        if calls == 1 {
            a.begin();
            y.set(&mut a, 0, 99).unwrap();
        }
        let seen = (x.raw(0), y.raw(0));
        if calls == 1 {
            a.abort();
        }
        seen
    });
    assert_eq!((seen, calls), (Ok((1, 1)), 2));
    // Both are in the read set.
    put(&mut a, &y, 0, 2);
    assert!(b.validate().is_err());
    b.abort();
}

#[test]
fn private_objects_are_logged_only_if_older_than_the_block() {
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.begin();
    let older: Obj = Obj::private(&a, [1]);
    older.set(&mut a, 0, 2).unwrap();
    assert_eq!(a.undo_len(), 0);
    a.commit().unwrap();
    a.begin();
    let newborn: Obj = Obj::private(&a, [1]);
    newborn.set(&mut a, 0, 2).unwrap();
    older.set(&mut a, 0, 3).unwrap();
    older.set(&mut a, 0, 4).unwrap();
    assert_eq!(a.undo_len(), 1);
    assert!(a.is_read_only() && older.orec.is_private());
    a.abort();
    assert_eq!(older.raw(0), 2);
    assert_eq!(newborn.raw(0), 2, "nobody cares");
}

#[test]
fn an_object_published_in_the_block_and_then_written_is_owned_and_undone() {
    let (_, mut a, mut b) = two();
    a.begin();
    let x: Obj<2> = Obj::private(&a, [1, 1]);
    a.commit().unwrap();
    a.begin();
    x.set(&mut a, 0, 2).unwrap();
    a.publish(&x.orec);
    assert!(x.orec.is_shared());
    x.set(&mut a, 0, 3).unwrap();
    x.set(&mut a, 1, 3).unwrap();
    assert!(x.orec.is_owned());
    a.abort();
    assert_eq!(
        (x.raw(0), x.raw(1)),
        (1, 1),
        "also what was written while it was private"
    );
    assert!(x.orec.is_shared(), "once shared, it stays so");
    put(&mut b, &x, 0, 5);
    a.begin();
    assert_eq!(x.all(&mut a), Ok([5, 1]));
    a.commit().unwrap();
}

#[test]
fn savepoints_nest_and_cover_objects_born_before_them() {
    let x: Obj = Obj::shared([0]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let say = |what: &'static str| {
        let log = Arc::clone(&log);
        Box::new(move || log.lock().unwrap().push(what)) as Box<dyn FnOnce() + Send>
    };
    a.begin();
    let born: Obj = Obj::private(&a, [0]);
    x.set(&mut a, 0, 1).unwrap();
    born.set(&mut a, 0, 1).unwrap();
    a.on_commit(say("commit 1"));
    let outer = a.savepoint();
    x.set(&mut a, 0, 2).unwrap();
    born.set(&mut a, 0, 2).unwrap();
    a.on_commit(say("commit 2"));
    a.on_abort(say("abort 2"));
    let inner = a.savepoint();
    x.set(&mut a, 0, 3).unwrap();
    born.set(&mut a, 0, 3).unwrap();
    a.on_abort(say("abort 3"));
    a.rollback_to(&inner);
    assert_eq!((x.raw(0), born.raw(0)), (2, 2));
    x.set(&mut a, 0, 4).unwrap();
    born.set(&mut a, 0, 4).unwrap();
    a.rollback_to(&inner);
    assert_eq!(
        (x.raw(0), born.raw(0)),
        (2, 2),
        "a savepoint serves more than once"
    );
    a.rollback_to(&outer);
    assert_eq!((x.raw(0), born.raw(0)), (1, 1));
    assert!(x.orec.is_owned());
    a.commit().unwrap();
    assert_eq!(*log.lock().unwrap(), ["abort 3", "abort 2", "commit 1"]);
    assert_eq!(x.raw(0), 1);
}

#[test]
fn actions_run_at_their_moment() {
    let x: Obj = Obj::shared([0]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let x: &'static Obj = Box::leak(Box::new(x));
    let say = |what: &'static str| {
        let log = Arc::clone(&log);
        Box::new(move || log.lock().unwrap().push((what, x.orec.is_owned())))
            as Box<dyn FnOnce() + Send>
    };
    for abort in [false, true] {
        a.begin();
        x.set(&mut a, 0, 1).unwrap();
        a.after_commit(say("after"));
        a.on_commit(say("commit"));
        a.on_abort(say("abort"));
        if abort {
            a.abort()
        } else {
            a.commit().unwrap()
        }
    }
    assert_eq!(
        *log.lock().unwrap(),
        [("commit", true), ("after", false), ("abort", false)]
    );
}

#[test]
fn stamps_tell_the_order_of_commits() {
    let [x, y]: [Obj<2>; 2] = [Obj::shared([0, 7]), Obj::shared([0, 7])];
    let (engine, mut a, mut b) = two();
    let stamp = |txn: &mut Txn, object: &Obj<2>, context| {
        object.set(txn, 0, 1).unwrap();
        txn.stamp(&object.words[1], context, |word, context, version| {
            word.store(version * 100 + context, Relaxed);
        });
    };
    a.begin();
    stamp(&mut a, &x, 1);
    b.begin();
    stamp(&mut b, &y, 2);
    assert_eq!(
        (x.raw(1), y.raw(1)),
        (7, 7),
        "nothing happens before the commit"
    );
    b.commit().unwrap();
    assert_eq!(y.raw(1), engine.clock() * 100 + 2);
    a.commit().unwrap();
    assert_eq!(x.raw(1), engine.clock() * 100 + 1);
    assert!(x.raw(1) > y.raw(1));
    let before = x.raw(1);
    a.begin();
    stamp(&mut a, &x, 3);
    a.abort();
    a.begin();
    let point = a.savepoint();
    stamp(&mut a, &x, 4);
    a.rollback_to(&point);
    a.commit().unwrap();
    assert_eq!(x.raw(1), before, "what was taken back leaves no stamp");
}

#[test]
fn an_action_that_panics_does_not_keep_the_commit_from_ending() {
    let x: Obj = Obj::shared([0]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.begin();
    x.set(&mut a, 0, 1).unwrap();
    a.on_commit(Box::new(|| panic!("on purpose")));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| a.commit()));
    assert!(result.is_err() && !a.in_block() && x.orec.is_shared());
    put(&mut a, &x, 0, 2);
}

#[test]
fn a_block_that_panics_is_rolled_back() {
    let x: Obj = Obj::shared([0]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        a.run(|t| {
            x.set(t, 0, 1)?;
            if x.raw(0) == 1 {
                panic!("on purpose")
            } else {
                Ok(())
            }
        })
    }));
    assert!(result.is_err() && !a.in_block() && x.orec.is_shared());
    assert_eq!(x.raw(0), 0);
}

#[test]
fn becoming_irrevocable_owns_the_reads_and_gives_them_back_unchanged() {
    let (x, y, z): (Obj, Obj, Obj) = (Obj::shared([1]), Obj::shared([1]), Obj::shared([1]));
    let (engine, mut a, mut b) = two();
    put(&mut b, &x, 0, 2);
    let before = (x.orec.load(), y.orec.load());
    a.begin();
    x.get(&mut a, 0).unwrap();
    a.become_irrevocable().unwrap();
    assert!(x.orec.is_owned() && a.is_irrevocable());
    assert_eq!(engine.irrevocable_slot(), Some(a.slot_index()));
    y.get(&mut a, 0).unwrap();
    z.get(&mut a, 0).unwrap();
    z.set(&mut a, 0, 2).unwrap();
    assert!(matches!(
        y.orec.state(),
        OrecState::Owned { reading: true, .. }
    ));
    assert!(matches!(
        z.orec.state(),
        OrecState::Owned { reading: false, .. }
    ));
    b.begin();
    assert_eq!(x.set(&mut b, 0, 9), Err(Conflict));
    b.abort();
    assert!(b.last_abort().other_irrevocable);
    assert_eq!(b.decide(), Decision::WaitForOwner);
    a.commit().unwrap();
    assert_eq!((x.orec.load(), y.orec.load()), before);
    assert!(matches!(z.orec.state(), OrecState::Shared { version } if version == engine.clock()));
    assert_eq!(engine.irrevocable_slot(), None);
}

#[test]
fn a_block_whose_reads_are_stale_cannot_become_irrevocable() {
    let (x, y): (Obj, Obj) = (Obj::shared([1]), Obj::shared([1]));
    let (engine, mut a, mut b) = two();
    a.begin();
    y.get(&mut a, 0).unwrap();
    x.get(&mut a, 0).unwrap();
    put(&mut b, &x, 0, 2);
    assert_eq!(a.become_irrevocable(), Err(Conflict));
    assert_eq!(engine.irrevocable_slot(), None, "the token is free again");
    a.abort();
    assert!(x.orec.is_shared() && y.orec.is_shared());
}

#[test]
fn a_client_may_roll_an_irrevocable_block_back() {
    let x: Obj = Obj::shared([1]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.begin();
    a.become_irrevocable().unwrap();
    x.set(&mut a, 0, 2).unwrap();
    a.abort();
    assert_eq!(x.raw(0), 1);
    assert!(x.orec.is_shared());
    assert_eq!(engine.irrevocable_slot(), None);
}

/// The owner computes without a barrier, and polls.
#[test]
fn a_doomed_owner_notices_by_polling_and_the_host_is_called_meanwhile() {
    #[derive(Default)]
    struct Pauses(Arc<AtomicUsize>);
    impl Host for Pauses {
        fn pause(&self) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let pauses = Arc::new(AtomicUsize::new(0));
    let engine = Arc::new(Engine::with_host(Pauses(Arc::clone(&pauses))));
    let x: Obj = Obj::shared([1]);
    let owned = std::sync::Barrier::new(2);
    threads(&engine, 2, 0, |i, t, _| {
        if i == 0 {
            t.begin();
            x.set(t, 0, 50).unwrap();
            owned.wait();
            // The other one must be seen to wait.
            while pauses.load(Relaxed) < 20 {
                std::thread::yield_now();
            }
            while !t.is_doomed() {
                std::thread::yield_now();
            }
            assert_eq!(t.yield_to_irrevocable(), Err(Conflict));
            t.abort();
            assert_eq!(t.last_abort().cause, Cause::Doomed);
            t.begin();
            assert!(!t.is_doomed(), "the request was for the block before");
            t.commit().unwrap();
        } else {
            owned.wait();
            t.begin();
            t.become_irrevocable().unwrap();
            assert_eq!(x.get(t, 0), Ok(1));
            x.set(t, 0, 2).unwrap();
            t.commit().unwrap();
        }
    });
    assert_eq!(x.raw(0), 2);
}

#[test]
fn waiting_for_a_change_of_nothing_is_an_error() {
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.begin();
    let own: Obj = Obj::private(&a, [1]);
    own.get(&mut a, 0).unwrap();
    assert_eq!(a.wait_for_change(None), WaitResult::NothingRead);
    assert!(!a.in_block());
    assert!(a.run(|t| t.retry::<()>()).is_err());
}

#[test]
fn a_wait_ends_at_its_time_or_by_interruption_or_at_once_if_the_change_has_come() {
    let (x, y): (Obj, Obj) = (Obj::shared([1]), Obj::shared([1]));
    let (engine, mut a, mut b) = two();
    a.begin();
    x.get(&mut a, 0).unwrap();
    y.set(&mut a, 0, 7).unwrap();
    let start = Instant::now();
    assert_eq!(
        a.wait_for_change(Some(Duration::from_millis(20))),
        WaitResult::TimedOut
    );
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(y.raw(0), 1, "it was rolled back");
    a.begin();
    x.get(&mut a, 0).unwrap();
    engine.interrupt(a.slot_index());
    assert_eq!(a.wait_for_change(None), WaitResult::Interrupted);
    a.begin();
    x.get(&mut a, 0).unwrap();
    put(&mut b, &x, 0, 2);
    assert_eq!(a.wait_for_change(None), WaitResult::Changed);
    assert_eq!(a.stats().aborts_by(Cause::UserRetry), 3);
}

#[test]
fn only_a_change_of_what_was_read_wakes() {
    let engine = Arc::new(Engine::new());
    let (x, y): (Obj, Obj) = (Obj::shared([0]), Obj::shared([0]));
    let woken = AtomicUsize::new(0);
    threads(&engine, 2, 0, |i, t, _| {
        if i == 0 {
            t.run(|t| {
                woken.fetch_add(1, Relaxed);
                if x.get(t, 0)? == 0 { t.retry() } else { Ok(()) }
            })
            .unwrap();
        } else {
            while t.engine().registered() < 2 || woken.load(Relaxed) == 0 {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(5));
            for n in 0..100 {
                put(t, &y, 0, n);
                t.begin();
                x.set(t, 0, 9).unwrap();
                t.abort();
            }
            put(t, &x, 0, 1);
        }
    });
    assert_eq!(woken.load(Relaxed), 2);
}

#[test]
fn roots_are_everything_that_the_logs_refer_to() {
    let (x, y): (Obj, Obj) = (Obj::shared([11]), Obj::shared([22]));
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    let roots = |t: &Txn| {
        let mut roots = Vec::new();
        t.for_each_root(&mut |r| roots.push(r));
        roots
    };
    a.begin();
    x.get(&mut a, 0).unwrap();
    y.set(&mut a, 0, 5).unwrap();
    let now = roots(&a);
    for root in [
        Root::Orec(&x.orec),
        Root::Orec(&y.orec),
        Root::OldWord(22),
        Root::Word(&y.words[0]),
    ] {
        assert!(now.contains(&root), "{root:?}");
    }
    a.forget_words(|w| std::ptr::eq(w, &y.words[0]));
    assert!(!roots(&a).contains(&Root::Word(&y.words[0])));
    a.abort();
    assert_eq!(y.raw(0), 5, "a word that was forgotten is not restored");
    assert!(roots(&a).is_empty());
}

#[test]
fn solo_blocks_keep_no_logs() {
    let x: Obj = Obj::shared([1]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.set_solo(true);
    a.begin();
    assert_eq!(x.get(&mut a, 0), Ok(1));
    x.set(&mut a, 0, 2).unwrap();
    a.become_irrevocable().unwrap();
    x.set(&mut a, 0, 3).unwrap();
    assert_eq!(
        (a.reads_len(), a.undo_len(), x.orec.is_shared()),
        (0, 0, true)
    );
    a.commit().unwrap();
    a.set_solo(false);
    a.begin();
    assert_eq!(x.get(&mut a, 0), Ok(3));
    a.commit().unwrap();
}

#[test]
fn the_narrowest_policy_decides_and_is_told_what_happened() {
    struct Note(std::sync::Mutex<Option<Abort>>);
    impl RetryPolicy for Note {
        fn decide(&self, abort: &Abort) -> Decision {
            *self.0.lock().unwrap() = Some(*abort);
            Decision::Shrink
        }
        fn name(&self) -> &str {
            "note"
        }
    }
    let x: Obj = Obj::shared([1]);
    let (engine, mut a, mut b) = two();
    let note = Arc::new(Note(std::sync::Mutex::new(None)));
    engine.set_tracing(true);
    engine.set_timing(true);
    engine.set_policy(policy::by_name("immediate").unwrap());
    a.begin();
    a.set_tag(1234);
    x.set(&mut a, 0, 2).unwrap();
    let fail = |b: &mut Txn| {
        b.begin();
        b.set_tag(77);
        b.set_work(5);
        assert_eq!(x.get(b, 0), Err(Conflict));
        b.abort();
        b.decide()
    };
    assert_eq!(fail(&mut b), Decision::Retry);
    b.set_thread_policy(Some(policy::by_name("giveup:1").unwrap()));
    assert_eq!(fail(&mut b), Decision::GiveUp);
    b.set_block_policy(Some(note.clone()));
    assert_eq!(fail(&mut b), Decision::Shrink);
    let told = note.0.lock().unwrap().unwrap();
    assert_eq!(
        (told.attempt, told.cause, told.work),
        (3, Cause::OwnedByOther, 5)
    );
    assert_eq!(
        (told.other, told.client_tags),
        (Some(a.slot_index()), [77, 1234])
    );
    assert!(told.lost > Duration::ZERO && told.elapsed > Duration::ZERO);
    a.commit().unwrap();
    b.begin();
    b.commit().unwrap();
    assert_eq!(
        fail_explicitly(&mut b),
        0,
        "a commit starts the count anew, and an explicit abort is no attempt"
    );
}

fn fail_explicitly(t: &mut Txn) -> u32 {
    t.begin();
    t.abort();
    t.last_abort().attempt
}

#[test]
fn giving_up_reports_the_abort() {
    let x: Obj = Obj::shared([1]);
    let (engine, mut a, mut b) = two();
    engine.set_policy(policy::by_name("giveup:2").unwrap());
    a.begin();
    x.set(&mut a, 0, 2).unwrap();
    let gave_up = b.run(|t| x.get(t, 0)).unwrap_err();
    assert_eq!(
        (gave_up.0.attempt, gave_up.0.cause),
        (2, Cause::OwnedByOther)
    );
    a.commit().unwrap();
}

#[test]
fn retired_memory_outlives_the_blocks_that_may_look_at_it() {
    let engine = Arc::new(Engine::new().with_epochs());
    let (mut a, mut b) = (register(&engine), register(&engine));
    let freed = Arc::new(AtomicUsize::new(0));
    let free = |t: &mut Txn| {
        let freed = Arc::clone(&freed);
        t.retire(move || {
            freed.fetch_add(1, Relaxed);
        });
    };
    b.begin();
    a.begin();
    free(&mut a);
    a.commit().unwrap();
    a.begin();
    free(&mut a);
    a.abort();
    for _ in 0..1000 {
        a.begin();
        a.commit().unwrap();
    }
    assert_eq!(freed.load(Relaxed), 0, "b may still look at it");
    b.commit().unwrap();
    drop((a, b, engine));
    assert_eq!(
        freed.load(Relaxed),
        1,
        "and what an aborted block retired lives on"
    );
}

#[test]
fn a_descriptor_dropped_in_mid_block_rolls_back_and_its_slot_goes_on_counting() {
    let x: Obj = Obj::shared([1]);
    let engine = Arc::new(Engine::new());
    let mut a = register(&engine);
    a.begin();
    let stamp = a.block();
    x.set(&mut a, 0, 2).unwrap();
    drop(a);
    assert_eq!(
        (x.raw(0), x.orec.is_shared(), engine.registered()),
        (1, true, 0)
    );
    assert_eq!(engine.retired_counters().aborts_by(Cause::Explicit), 1);
    let mut again = register(&engine);
    again.begin();
    assert!(again.block() > stamp);
    again.commit().unwrap();
}

#[test]
fn chaos_strikes_and_spares_the_irrevocable() {
    let x: Obj = Obj::shared([0]);
    let engine = Arc::new(Engine::new());
    engine.set_chaos(2);
    let mut a = register(&engine);
    for _ in 0..100 {
        a.run(|t| {
            let n = x.get(t, 0)?;
            x.set(t, 0, n + 1)
        })
        .unwrap();
    }
    assert_eq!(x.raw(0), 100);
    assert!(a.stats().aborts_by(Cause::Chaos) > 50);
    let before = a.stats().aborts_total();
    for _ in 0..100 {
        a.begin();
        a.become_irrevocable().unwrap();
        x.set(&mut a, 0, 1).unwrap();
        a.commit().unwrap();
    }
    assert_eq!(a.stats().aborts_total(), before);
}
