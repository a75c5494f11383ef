//! What the tests of several types share: threads on one runtime, and blocks.

use std::sync::OnceLock;

use crate::heap::{Fail, R, Runtime, Thread, Value};

/// A thread of the one runtime for such tests.
pub fn test_thread() -> Box<Thread> {
    static RUNTIME: OnceLock<&'static Runtime> = OnceLock::new();
    let settings = || crate::heap::runtime::Settings {
        max_heap: 2 << 30,
        ..Default::default()
    };
    Thread::attach(RUNTIME.get_or_init(|| super::boot(settings()).rt))
}

/// Runs `body` as a block until it commits; how often it was aborted.
pub fn block<T>(th: &mut Thread, mut body: impl FnMut(&mut Thread) -> R<T>) -> (T, u32) {
    let mut aborts = 0;
    loop {
        th.txn.begin();
        match body(th) {
            Ok(v) => {
                if th.txn.commit().is_ok() {
                    return (v, aborts);
                }
            }
            Err(Fail::Abort) => {}
            Err(Fail::Raise) => panic!("an exception"),
        }
        th.txn.abort();
        aborts += 1;
        for _ in 0..(aborts * 64).min(4096) {
            std::hint::spin_loop();
        }
        if aborts % 16 == 0 {
            std::thread::yield_now();
        }
    }
}

/// Publishes `shared` and runs `f` in several threads with barriers on, each with its number.
pub fn in_threads(threads: u64, shared: Value, f: impl Fn(&mut Thread, u64) + Sync) {
    let mut main = test_thread();
    main.publish(shared);
    let rt = main.rt;
    std::thread::scope(|scope| {
        for t in 0..threads {
            let f = &f;
            scope.spawn(move || {
                let mut th = Thread::attach(rt);
                th.barriers = true;
                f(&mut th, t);
            });
        }
    });
}

/// The next number of a small generator.
pub fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    *state >> 33
}
