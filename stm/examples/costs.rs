//! What the barriers cost on one thread: `cargo run --release -p keelback-stm --example costs`.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use keelback_stm::{AtomicU64, Engine, Orec, TVar, Txn, atomically};

struct Obj {
    orec: Orec,
    word: AtomicU64,
}

impl Obj {
    fn shared() -> Obj {
        Obj {
            orec: Orec::shared(0),
            word: AtomicU64::new(1),
        }
    }

    #[inline(always)]
    fn get(&self, txn: &mut Txn) -> u64 {
        txn.read(&self.orec, || self.word.load(Relaxed))
            .expect("alone")
    }

    #[inline(always)]
    fn set(&self, txn: &mut Txn, value: u64) {
        txn.write(&self.orec, &self.word, value).expect("alone");
    }
}

/// Nanoseconds per call: the best of several rounds.
fn time(mut f: impl FnMut()) -> f64 {
    const CALLS: u32 = 20_000;
    let round = |f: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..CALLS {
            f();
        }
        start.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    (0..30).map(|_| round(&mut f)).fold(f64::INFINITY, f64::min)
}

fn report(what: &str, ns: f64, per: usize) {
    println!("{what:<58} {ns:>8.1} ns   {:>6.2} each", ns / per as f64);
}

/// The same through variables and closures, as a Rust program does it.
fn typed() {
    let vars: Vec<TVar<u64>> = (0..100).map(|_| TVar::new(1)).collect();

    report("atomically: nothing", time(|| atomically(|_| Ok(()))), 1);

    let (a, b) = (&vars[0], &vars[1]);
    let ns = time(|| {
        atomically(|tx| {
            let x = a.read(tx)?;
            a.write(tx, x + 1)?;
            let y = b.read(tx)?;
            b.write(tx, y + 1)
        });
    });
    report("atomically: 2 reads and 2 writes of variables", ns, 4);

    let ns = time(|| {
        black_box(atomically(|tx| {
            vars.iter().try_fold(0, |sum, v| Ok(sum + v.read(tx)?))
        }));
    });
    report("atomically: 100 reads of 100 variables, read-only", ns, 100);

    let (more, log) = (black_box(1), TVar::new(0));
    let ns = time(|| {
        atomically(|tx| {
            let sum: u64 = vars.iter().try_fold(0, |sum, v| Ok(sum + v.read(tx)?))?;
            log.write(tx, sum + more)
        });
    });
    report("atomically: 100 reads and a write", ns, 101);

    let text = TVar::new(String::from("text"));
    let ns = time(|| {
        black_box(atomically(|tx| text.read_with(tx, String::len)));
    });
    report("atomically: a text that is lent", ns, 1);

    let ns = time(|| {
        atomically(|tx| text.write(tx, String::new()));
    });
    report("atomically: a new text", ns, 1);
}

fn main() {
    let engine = Arc::new(Engine::new());
    let objects: Vec<Obj> = (0..100).map(|_| Obj::shared()).collect();
    // SAFETY: the objects live to the end of `main`.
    let mut txn = unsafe { engine.register() };
    let t = &mut txn;

    let empty = time(|| {
        t.begin();
        t.commit().expect("alone");
    });
    report("empty block", empty, 1);

    for (reads, writes) in [(0, 1), (1, 1), (2, 2), (10, 10)] {
        let ns = time(|| {
            t.begin();
            let mut sum = 0;
            for object in &objects[..reads] {
                sum += object.get(t);
            }
            for object in &objects[50..50 + writes] {
                object.set(t, sum);
            }
            t.commit().expect("alone");
        });
        report(
            &format!("{reads} reads and {writes} writes of shared objects"),
            ns,
            reads + writes,
        );
    }

    let ns = time(|| {
        t.begin();
        let mut sum = 0;
        for object in &objects {
            sum += object.get(t);
        }
        black_box(sum);
        t.commit().expect("alone");
    });
    report("100 reads of 100 shared objects, read-only", ns, 100);

    let ns = time(|| {
        t.begin();
        for i in 0..100 {
            let object = black_box(&objects[i & 1]);
            black_box(object.get(t));
        }
        t.commit().expect("alone");
    });
    report("100 reads of 2 shared objects in turn, read-only", ns, 100);

    let ns = time(|| {
        t.begin();
        for _ in 0..100 {
            let object = black_box(&objects[0]);
            let n = object.get(t);
            object.set(t, n + 1);
        }
        t.commit().expect("alone");
    });
    report("100 times o.x += 1, o shared", ns, 100);

    let older = Obj {
        orec: Orec::private(0),
        word: AtomicU64::new(0),
    };
    let ns = time(|| {
        t.begin();
        for _ in 0..100 {
            let object = black_box(&older);
            let n = object.get(t);
            object.set(t, n + 1);
        }
        t.commit().expect("alone");
    });
    report(
        "100 times o.x += 1, o private, older than the block",
        ns,
        100,
    );

    let ns = time(|| {
        t.begin();
        let newborn = Obj {
            orec: Orec::private(t.block()),
            word: AtomicU64::new(0),
        };
        for _ in 0..100 {
            let object = black_box(&newborn);
            let n = object.get(t);
            object.set(t, n + 1);
        }
        t.commit().expect("alone");
    });
    report("100 times o.x += 1, o private, born in the block", ns, 100);

    let plain = Obj::shared();
    let ns = time(|| {
        for _ in 0..100 {
            let object = black_box(&plain);
            let n = object.word.load(Relaxed);
            object.word.store(n + 1, Relaxed);
        }
    });
    report("100 times o.x += 1 without barriers", ns, 100);

    let ns = time(|| {
        t.begin();
        for object in &objects[..2] {
            let n = object.get(t);
            object.set(t, n + 1);
        }
        t.abort();
    });
    report("2 objects read and written, then aborted", ns, 2);

    typed();
}
