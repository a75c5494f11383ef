//! What the tests share: objects with a version word and a few data words, threads with seeds, and how long to go on.

#![allow(dead_code)]

use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use keelback_stm::{AtomicU64, Engine, Orec, Res, Txn};

/// An object of the tests' heap.
pub struct Obj<const N: usize = 1> {
    pub orec: Orec,
    pub words: [AtomicU64; N],
}

impl<const N: usize> Obj<N> {
    pub fn shared(values: [u64; N]) -> Self {
        Obj {
            orec: Orec::shared(0),
            words: values.map(AtomicU64::new),
        }
    }

    pub fn private(txn: &Txn, values: [u64; N]) -> Self {
        Obj {
            orec: Orec::private(txn.block()),
            words: values.map(AtomicU64::new),
        }
    }

    pub fn get(&self, txn: &mut Txn, i: usize) -> Res<u64> {
        txn.read(&self.orec, || self.words[i].load(Relaxed))
    }

    pub fn all(&self, txn: &mut Txn) -> Res<[u64; N]> {
        txn.read(&self.orec, || {
            std::array::from_fn(|i| self.words[i].load(Relaxed))
        })
    }

    pub fn set(&self, txn: &mut Txn, i: usize, value: u64) -> Res<()> {
        txn.write(&self.orec, &self.words[i], value)
    }

    /// What stands in the word, whoever owns it: for looking after the threads have ended.
    pub fn raw(&self, i: usize) -> u64 {
        self.words[i].load(Relaxed)
    }
}

/// A transaction descriptor. The objects of a test outlive its descriptors: each test declares them first, or leaks them.
pub fn register(engine: &Arc<Engine>) -> Txn {
    // SAFETY: see above.
    unsafe { engine.register() }
}

/// SplitMix64: small, and the same on every machine.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, one_in: u64) -> bool {
        self.next().is_multiple_of(one_in)
    }
}

/// How much more than usual to do: `KEELBACK_STRESS` asks for a long run.
pub fn effort() -> usize {
    if std::env::var_os("KEELBACK_STRESS").is_some() {
        40
    } else {
        1
    }
}

/// The seeds of a test: `usual` many, more under stress.
pub fn seeds(usual: usize) -> std::ops::Range<u64> {
    0..(usual * effort()) as u64
}

/// Runs `body(thread number, its descriptor, its random numbers)` in so many threads, which start together.
pub fn threads(
    engine: &Arc<Engine>,
    n: usize,
    seed: u64,
    body: impl Fn(usize, &mut Txn, &mut Rng) + Sync,
) {
    let start = Barrier::new(n);
    let _running = watch(seed);
    std::thread::scope(|scope| {
        for i in 0..n {
            let (start, body) = (&start, &body);
            scope.spawn(move || {
                let mut txn = register(engine);
                let mut rng = Rng(seed.wrapping_mul(1_000_003).wrapping_add(i as u64));
                start.wait();
                body(i, &mut txn, &mut rng);
            });
        }
    });
}

/// Ends the process if what it returns still lives long after it should have gone: blocks that keep each other out for ever are
/// a failure, not a reason to wait. (A panic in one thread cannot end the others.)
pub fn watch(seed: u64) -> mpsc::Sender<()> {
    const LIMIT: Duration = Duration::from_secs(120);
    let (running, ended) = mpsc::channel();
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    std::thread::spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            // Not `eprintln`, which the test harness captures.
            let _ = writeln!(
                std::io::stderr(),
                "{test}: the threads of seed {seed} have not ended after {LIMIT:?}"
            );
            std::process::abort();
        }
    });
    running
}

/// Lets other threads run at a random moment of a block, which the two processors would otherwise hardly ever do.
pub fn jolt(rng: &mut Rng) {
    if rng.chance(8) {
        std::thread::yield_now();
    }
}
