//! This library beside its peers, on the same work: `cargo bench -p keelback-stm --bench peers [-- ROW ...]`.
//!
//! Each row is measured for 1 and for 2 threads (and for as many as there are processors, if these are more), the libraries taking turns within each
//! of several rounds; the figure is the best round, in millions of transactions a second over all threads. `SECONDS` in the environment says how long one
//! measurement takes (default 0.2), `ROUNDS` how many there are (default 5), `THREADS` how many
//! threads, `LIBRARIES` which libraries (with commas between).
//!
//! All of them have the same allocator, mimalloc. In the last row each library looks at a large value as its interface allows: ours without a clone. Nothing else
//! differs but the library.
//!
//! GCC's transactional memory does the same work in `libitm.c`, which is built if there is a `gcc` that can.

use std::env;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

/// For all libraries. glibc's takes as long as the rest of a transaction that writes a value that is no number, and hides what is compared here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// One transaction of a row, by one of its threads.
type Step = Box<dyn Fn(usize, &mut Rng) + Sync>;

const ACCOUNTS: u64 = 64;
const BUCKETS: usize = 1024;
const KEYS: u64 = 1000;
const LIST: u64 = 64;
const LEVELS: usize = 8;
const SCAN: usize = 1000;
const LARGE: usize = 1000;

/// The same work for each library whose interface is `TVar` and `atomically`.
macro_rules! rows_of {
    ($library:ident, $look:expr) => {
        mod $library {
            use std::sync::Arc;

            use super::*;
            use ::$library::{TVar, atomically};

            fn counter(own: bool) -> Step {
                let counters: Vec<TVar<u64>> = (0..256).map(|_| TVar::new(0)).collect();
                Box::new(move |i, _| {
                    // Far from each other, in case they lie in a row.
                    let n = &counters[if own { i * 16 % 256 } else { 0 }];
                    atomically(|tx| {
                        let now = n.read(tx)?;
                        n.write(tx, now + 1)
                    });
                })
            }

            fn bank(sums: u64) -> Step {
                let accounts: Vec<TVar<i64>> = (0..ACCOUNTS).map(|_| TVar::new(100)).collect();
                Box::new(move |_, rng| {
                    if rng.below(100) < sums {
                        let sum = atomically(|tx| {
                            let mut sum = 0;
                            for a in &accounts {
                                sum += a.read(tx)?;
                            }
                            Ok(sum)
                        });
                        assert_eq!(sum, 100 * ACCOUNTS as i64);
                        return;
                    }
                    let a = &accounts[rng.below(ACCOUNTS) as usize];
                    let b = &accounts[rng.below(ACCOUNTS) as usize];
                    atomically(|tx| {
                        let x = a.read(tx)?;
                        a.write(tx, x - 1)?;
                        let y = b.read(tx)?;
                        b.write(tx, y + 1)
                    });
                })
            }

            #[derive(Clone)]
            struct Node {
                key: u64,
                next: TVar<Option<Arc<Node>>>,
            }

            /// A sorted linked list: half of the keys are there.
            fn list(updates: u64) -> Step {
                let head: TVar<Option<Arc<Node>>> = TVar::new(None);
                let change = move |key: u64, insert: Option<bool>| {
                    atomically(|tx| {
                        let mut at = head.clone();
                        loop {
                            let next = at.read(tx)?;
                            match next {
                                Some(node) if node.key < key => at = node.next.clone(),
                                Some(node) if node.key == key => {
                                    if insert == Some(false) {
                                        let after = node.next.read(tx)?;
                                        // Whoever is about to insert behind the node meets us here.
                                        node.next.write(tx, after.clone())?;
                                        at.write(tx, after)?;
                                    }
                                    return Ok(true);
                                }
                                next => {
                                    if insert == Some(true) {
                                        let next = TVar::new(next);
                                        at.write(tx, Some(Arc::new(Node { key, next })))?;
                                    }
                                    return Ok(false);
                                }
                            }
                        }
                    })
                };
                for key in (0..LIST * 2).step_by(2) {
                    change(key, Some(true));
                }
                Box::new(move |_, rng| {
                    let (key, roll) = (rng.below(LIST * 2), rng.below(200));
                    let what = (roll < 2 * updates).then_some(roll % 2 == 0);
                    black_box(change(key, what));
                })
            }

            struct Tower {
                key: u64,
                next: Vec<Link>,
            }

            type Link = TVar<Option<Arc<Tower>>>;

            /// A skip list: half of the keys are there.
            fn skip_list(updates: u64) -> Step {
                let head: Vec<Link> = (0..LEVELS).map(|_| TVar::new(None)).collect();
                let change = move |key: u64, insert: Option<bool>| {
                    atomically(|tx| {
                        let mut at: Option<Arc<Tower>> = None;
                        let mut before: Vec<Link> = Vec::new();
                        let mut found = None;
                        for level in (0..LEVELS).rev() {
                            loop {
                                let link = match &at {
                                    None => &head[level],
                                    Some(tower) => &tower.next[level],
                                };
                                match link.read(tx)? {
                                    Some(tower) if tower.key < key => at = Some(tower),
                                    next => {
                                        found = next.filter(|t| t.key == key);
                                        if insert.is_some() {
                                            before.push(link.clone());
                                        }
                                        break;
                                    }
                                }
                            }
                        }
                        before.reverse();
                        let there = found.is_some();
                        match (found, insert) {
                            (Some(tower), Some(false)) => {
                                for (next, before) in tower.next.iter().zip(&before) {
                                    let after = next.read(tx)?;
                                    // Whoever is about to insert behind the tower meets us here.
                                    next.write(tx, after.clone())?;
                                    before.write(tx, after)?;
                                }
                            }
                            (None, Some(true)) => {
                                let zeros = Rng(key).next().trailing_zeros() as usize;
                                let height = (zeros + 1).min(LEVELS);
                                let mut next = Vec::with_capacity(height);
                                for before in &before[..height] {
                                    next.push(TVar::new(before.read(tx)?));
                                }
                                let tower = Arc::new(Tower { key, next });
                                for before in &before[..height] {
                                    before.write(tx, Some(tower.clone()))?;
                                }
                            }
                            _ => {}
                        }
                        Ok(there)
                    })
                };
                for key in (0..KEYS).step_by(2) {
                    change(key, Some(true));
                }
                Box::new(move |_, rng| {
                    let (key, roll) = (rng.below(KEYS), rng.below(200));
                    let what = (roll < 2 * updates).then_some(roll % 2 == 0);
                    black_box(change(key, what));
                })
            }

            fn map(updates: u64) -> Step {
                let buckets: Vec<TVar<Vec<(u64, u64)>>> =
                    (0..BUCKETS).map(|_| TVar::new(vec![])).collect();
                Box::new(move |_, rng| {
                    let (key, roll) = (rng.below(KEYS), rng.below(100));
                    let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                    let bucket = &buckets[mixed as usize % BUCKETS];
                    let found = atomically(|tx| {
                        let mut entries = bucket.read(tx)?;
                        let place = entries.iter().position(|e| e.0 == key);
                        if roll < updates {
                            match place {
                                Some(at) => drop(entries.swap_remove(at)),
                                None => entries.push((key, roll)),
                            }
                            bucket.write(tx, entries)?;
                        }
                        Ok(place)
                    });
                    black_box(found);
                })
            }

            fn scan() -> Step {
                let vars: Vec<TVar<u64>> = (0..SCAN).map(|_| TVar::new(1)).collect();
                Box::new(move |_, _| {
                    let sum = atomically(|tx| {
                        let mut sum = 0;
                        for v in &vars {
                            sum += v.read(tx)?;
                        }
                        Ok(sum)
                    });
                    assert_eq!(sum, SCAN as u64);
                })
            }

            /// Looks at a large value, and gives one in four times a new one to another variable.
            fn look() -> Step {
                let vars: Vec<TVar<Vec<u64>>> =
                    (0..16).map(|_| TVar::new(vec![1; LARGE])).collect();
                Box::new(move |_, rng| {
                    let a = &vars[rng.below(16) as usize];
                    let b = &vars[rng.below(16) as usize];
                    let new = (rng.below(4) == 0).then(|| vec![1; LARGE]);
                    let last = atomically(|tx| {
                        if let Some(new) = &new {
                            b.write(tx, new.clone())?;
                        }
                        $look(tx, a)
                    });
                    assert_eq!(last, 1);
                })
            }

            fn large() -> Step {
                let vars: Vec<TVar<Vec<u64>>> =
                    (0..16).map(|_| TVar::new(vec![1; LARGE])).collect();
                Box::new(move |_, rng| {
                    let a = &vars[rng.below(16) as usize];
                    let b = &vars[rng.below(16) as usize];
                    let write = rng.below(4) == 0;
                    let len = atomically(|tx| {
                        let value = a.read(tx)?;
                        let len = value.len();
                        if write {
                            b.write(tx, value)?;
                        }
                        Ok(len)
                    });
                    assert_eq!(len, LARGE);
                })
            }

            pub fn step(row: &str) -> Option<Step> {
                Some(match row {
                    "counter, shared" => counter(false),
                    "counter, one per thread" => counter(true),
                    "bank, transfers" => bank(0),
                    "bank, 20 % sums" => bank(20),
                    "bank, sums" => bank(100),
                    "sorted list, 20 % updates" => list(20),
                    "skip list, 20 % updates" => skip_list(20),
                    "hash map, 10 % updates" => map(10),
                    "hash map, 50 % updates" => map(50),
                    "scan of 1000" => scan(),
                    "values of 8 kB" => large(),
                    "values of 8 kB, looked at" => look(),
                    _ => return None,
                })
            }
        }
    };
}

/// The last of the numbers in a large value.
fn last(value: &[u64]) -> u64 {
    value[LARGE - 1]
}

rows_of!(keelback_stm, |tx, v: &TVar<Vec<u64>>| v
    .read_with(tx, |v| last(v)));
rows_of!(fast_stm, |tx, v: &TVar<Vec<u64>>| v
    .read(tx)
    .map(|v| last(&v)));
rows_of!(stm, |tx, v: &TVar<Vec<u64>>| v.read(tx).map(|v| last(&v)));

/// The rows whose values may be copied bit by bit while they change, and which therefore xstm can do.
mod xstm {
    use ::xstm::{Context, Stm, StmError, TVar, Transaction};

    use super::*;

    struct Add<'v>(&'v TVar<u64>);
    impl Transaction for Add<'_> {
        type Output = ();
        fn atomically<'this: 'var, 'context, 'var>(
            &'this self,
            tx: &'context mut Context<'var>,
        ) -> Result<(), StmError> {
            let now = tx.read(self.0)?;
            tx.write(self.0, now + 1)
        }
    }

    struct Transfer<'v>(&'v TVar<i64>, &'v TVar<i64>);
    impl Transaction for Transfer<'_> {
        type Output = ();
        fn atomically<'this: 'var, 'context, 'var>(
            &'this self,
            tx: &'context mut Context<'var>,
        ) -> Result<(), StmError> {
            let x = tx.read(self.0)?;
            tx.write(self.0, x - 1)?;
            let y = tx.read(self.1)?;
            tx.write(self.1, y + 1)
        }
    }

    struct Sum<'v, T>(&'v [TVar<T>]);
    impl<T: Copy + std::iter::Sum> Transaction for Sum<'_, T> {
        type Output = T;
        fn atomically<'this: 'var, 'context, 'var>(
            &'this self,
            tx: &'context mut Context<'var>,
        ) -> Result<T, StmError> {
            self.0.iter().map(|v| tx.read(v)).sum()
        }
    }

    type Large = [u64; LARGE];
    struct Look<'v>(&'v TVar<Large>, Option<&'v TVar<Large>>);
    impl Transaction for Look<'_> {
        type Output = u64;
        fn atomically<'this: 'var, 'context, 'var>(
            &'this self,
            tx: &'context mut Context<'var>,
        ) -> Result<u64, StmError> {
            if let Some(to) = self.1 {
                tx.write(to, [1; LARGE])?;
            }
            Ok(tx.read(self.0)?[LARGE - 1])
        }
    }

    struct CopyLarge<'v>(&'v TVar<Large>, Option<&'v TVar<Large>>);
    impl Transaction for CopyLarge<'_> {
        type Output = u64;
        fn atomically<'this: 'var, 'context, 'var>(
            &'this self,
            tx: &'context mut Context<'var>,
        ) -> Result<u64, StmError> {
            let value = tx.read(self.0)?;
            let last = value[LARGE - 1];
            if let Some(to) = self.1 {
                tx.write(to, value)?;
            }
            Ok(last)
        }
    }

    fn counter(own: bool) -> Step {
        let (stm, vars) = (Stm::new(), (0..256).map(|_| TVar::new(0)));
        let vars: Vec<TVar<u64>> = vars.collect();
        Box::new(move |i, _| stm.atomically(Add(&vars[if own { i * 16 % 256 } else { 0 }])))
    }

    fn bank(sums: u64) -> Step {
        let (stm, vars) = (Stm::new(), (0..ACCOUNTS).map(|_| TVar::new(100)));
        let vars: Vec<TVar<i64>> = vars.collect();
        Box::new(move |_, rng| {
            if rng.below(100) < sums {
                let sum = stm.atomically(Sum(&vars));
                assert_eq!(sum, 100 * ACCOUNTS as i64);
                return;
            }
            let a = &vars[rng.below(ACCOUNTS) as usize];
            let b = &vars[rng.below(ACCOUNTS) as usize];
            stm.atomically(Transfer(a, b));
        })
    }

    fn scan() -> Step {
        let (stm, vars) = (Stm::new(), (0..SCAN).map(|_| TVar::new(1)));
        let vars: Vec<TVar<u64>> = vars.collect();
        Box::new(move |_, _| assert_eq!(stm.atomically(Sum(&vars)), SCAN as u64))
    }

    fn look() -> Step {
        let (stm, vars) = (Stm::new(), (0..16).map(|_| TVar::new([1; LARGE])));
        let vars: Vec<TVar<Large>> = vars.collect();
        Box::new(move |_, rng| {
            let a = &vars[rng.below(16) as usize];
            let b = &vars[rng.below(16) as usize];
            let write = rng.below(4) == 0;
            assert_eq!(stm.atomically(Look(a, write.then_some(b))), 1);
        })
    }

    fn large() -> Step {
        let (stm, vars) = (Stm::new(), (0..16).map(|_| TVar::new([1; LARGE])));
        let vars: Vec<TVar<Large>> = vars.collect();
        Box::new(move |_, rng| {
            let a = &vars[rng.below(16) as usize];
            let b = &vars[rng.below(16) as usize];
            let write = rng.below(4) == 0;
            assert_eq!(stm.atomically(CopyLarge(a, write.then_some(b))), 1);
        })
    }

    pub fn step(row: &str) -> Option<Step> {
        Some(match row {
            "counter, shared" => counter(false),
            "counter, one per thread" => counter(true),
            "bank, transfers" => bank(0),
            "bank, 20 % sums" => bank(20),
            "bank, sums" => bank(100),
            "scan of 1000" => scan(),
            "values of 8 kB" => large(),
            "values of 8 kB, looked at" => look(),
            _ => return None,
        })
    }
}

fn percent_of_sums(row: &str) -> u64 {
    match row {
        "bank, transfers" => 0,
        "bank, 20 % sums" => 20,
        _ => 100,
    }
}

/// The same under one lock, where that makes sense.
fn mutex(row: &str) -> Option<Step> {
    Some(match row {
        "counter, shared" => {
            let n = Mutex::new(0u64);
            Box::new(move |_, _| *n.lock().unwrap() += 1)
        }
        "counter, one per thread" => {
            let n: Vec<Mutex<u64>> = (0..256).map(|_| Mutex::new(0)).collect();
            Box::new(move |i, _| *n[i * 16 % 256].lock().unwrap() += 1)
        }
        "bank, transfers" | "bank, 20 % sums" | "bank, sums" => {
            let sums = percent_of_sums(row);
            let accounts = Mutex::new(vec![100i64; ACCOUNTS as usize]);
            Box::new(move |_, rng| {
                let sum = rng.below(100) < sums;
                let a = rng.below(ACCOUNTS) as usize;
                let b = rng.below(ACCOUNTS) as usize;
                let mut accounts = accounts.lock().unwrap();
                if sum {
                    assert_eq!(accounts.iter().sum::<i64>(), 100 * ACCOUNTS as i64);
                } else {
                    accounts[a] -= 1;
                    accounts[b] += 1;
                }
            })
        }
        _ => return None,
    })
}

/// As [`mutex`], with a lock that readers share.
fn rw_lock(row: &str) -> Option<Step> {
    Some(match row {
        "bank, 20 % sums" | "bank, sums" => {
            let sums = percent_of_sums(row);
            let accounts = RwLock::new(vec![100i64; ACCOUNTS as usize]);
            Box::new(move |_, rng| {
                if rng.below(100) < sums {
                    let sum = accounts.read().unwrap().iter().sum::<i64>();
                    assert_eq!(sum, 100 * ACCOUNTS as i64);
                } else {
                    let a = rng.below(ACCOUNTS) as usize;
                    let b = rng.below(ACCOUNTS) as usize;
                    let mut accounts = accounts.write().unwrap();
                    accounts[a] -= 1;
                    accounts[b] += 1;
                }
            })
        }
        "scan of 1000" => {
            let values = RwLock::new(vec![1u64; SCAN]);
            Box::new(move |_, _| {
                let values = values.read().unwrap();
                let sum = values.iter().map(|v| black_box(*v)).sum::<u64>();
                assert_eq!(sum, SCAN as u64);
            })
        }
        _ => return None,
    })
}

/// Millions of steps a second.
fn measure(step: &Step, threads: usize, time: Duration) -> f64 {
    let (start, stop) = (Barrier::new(threads + 1), AtomicBool::new(false));
    let done = AtomicU64::new(0);
    let elapsed = thread::scope(|scope| {
        for i in 0..threads {
            let (start, stop, done) = (&start, &stop, &done);
            scope.spawn(move || {
                let mut rng = Rng(i as u64 + 1);
                start.wait();
                let mut n = 0;
                while !stop.load(Relaxed) {
                    for _ in 0..16 {
                        step(i, &mut rng);
                    }
                    n += 16;
                }
                done.fetch_add(n, Relaxed);
            });
        }
        start.wait();
        let begin = Instant::now();
        thread::sleep(time);
        stop.store(true, Relaxed);
        begin.elapsed()
    });
    done.load(Relaxed) as f64 / elapsed.as_secs_f64() / 1e6
}

/// A library, and how it does a row.
type Library = (&'static str, fn(&str) -> Option<Step>);

/// The first one is ours, and the next ones are those that it is compared with.
const LIBRARIES: [Library; 6] = [
    ("keelback-stm", keelback_stm::step),
    ("fast-stm", fast_stm::step),
    ("stm", stm::step),
    ("xstm", xstm::step),
    ("Mutex", mutex),
    ("RwLock", rw_lock),
];
const PEERS: std::ops::Range<usize> = 1..4;

const ROWS: [&str; 12] = [
    "counter, shared",
    "counter, one per thread",
    "bank, transfers",
    "bank, 20 % sums",
    "bank, sums",
    "sorted list, 20 % updates",
    "skip list, 20 % updates",
    "hash map, 10 % updates",
    "hash map, 50 % updates",
    "scan of 1000",
    "values of 8 kB",
    "values of 8 kB, looked at",
];

/// The program that does the rows with GCC's transactional memory; none if there is no GCC that can.
fn build_libitm() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/libitm.c");
    let program = env::temp_dir().join(format!("keelback-libitm-{}", std::process::id()));
    let built = Command::new("gcc")
        .args(["-fgnu-tm", "-O2", "-pthread", "-o"])
        .args([&program, &source])
        .status();
    match built {
        Ok(status) if status.success() => Some(program),
        _ => {
            eprintln!("no GCC with -fgnu-tm: libitm is left out");
            None
        }
    }
}

fn run_libitm(program: &Path, row: &str, threads: usize, time: Duration) -> f64 {
    let run = Command::new(program)
        .args([row, &threads.to_string(), &time.as_secs_f64().to_string()])
        .output()
        .expect("the program has been built");
    let figure = String::from_utf8_lossy(&run.stdout);
    figure.trim().parse().expect("it prints a figure")
}

fn geometric_mean(ratios: &[f64]) -> f64 {
    (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp()
}

fn main() {
    let only: Vec<String> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let number = |name: &str, otherwise: f64| {
        let given = env::var(name).ok();
        given.and_then(|v| v.parse().ok()).unwrap_or(otherwise)
    };
    let time = Duration::from_secs_f64(number("SECONDS", 0.2));
    let rounds = number("ROUNDS", 5.0) as usize;
    let processors = thread::available_parallelism().map_or(2, usize::from);
    let mut counts = vec![1, 2];
    if processors > 2 {
        counts.push(processors);
    }
    if let Ok(threads) = env::var("THREADS") {
        let number = |n: &str| n.parse().expect("THREADS has numbers");
        counts = threads.split(',').map(number).collect();
    }
    let wanted = env::var("LIBRARIES").ok();
    let wanted = |name: &str| {
        wanted
            .as_ref()
            .is_none_or(|w| w.split(',').any(|n| n == name))
    };
    let libitm = if wanted("libitm") {
        build_libitm()
    } else {
        None
    };
    print!("| millions of transactions a second | threads |");
    LIBRARIES.iter().for_each(|l| print!(" {} |", l.0));
    println!(" libitm | over the best Rust STM | over libitm |");
    println!("|---|---|{}---|---|---|", "---|".repeat(LIBRARIES.len()));
    let (mut over_peers, mut over_libitm) = (vec![], vec![]);
    for row in ROWS {
        if !only.is_empty() && !only.iter().any(|o| row.contains(o.as_str())) {
            continue;
        }
        let steps = LIBRARIES.map(|l| if wanted(l.0) { (l.1)(row) } else { None });
        for &threads in &counts {
            let mut best = [0f64; LIBRARIES.len() + 1];
            for _ in 0..rounds {
                for (best, step) in best.iter_mut().zip(&steps) {
                    if let Some(step) = step {
                        *best = best.max(measure(step, threads, time));
                    }
                }
                if let Some(program) = &libitm {
                    let last = &mut best[LIBRARIES.len()];
                    *last = last.max(run_libitm(program, row, threads, time));
                }
            }
            print!("| {row} | {threads} |");
            for figure in &best {
                match figure {
                    0.0 => print!(" |"),
                    figure => print!(" {figure:.3} |"),
                }
            }
            let peer = best[PEERS].iter().fold(0f64, |a, &b| a.max(b));
            let ratios = [
                (best[0] / peer, &mut over_peers),
                (best[0] / best[LIBRARIES.len()], &mut over_libitm),
            ];
            for (ratio, all) in ratios {
                if ratio.is_finite() && ratio > 0.0 {
                    print!(" {ratio:.2} |");
                    all.push(ratio);
                } else {
                    print!(" |");
                }
            }
            println!();
        }
    }
    for (name, ratios) in [("the best Rust STM", &over_peers), ("libitm", &over_libitm)] {
        if !ratios.is_empty() {
            let least = ratios.iter().fold(f64::INFINITY, |a, &b| a.min(b));
            let mean = geometric_mean(ratios);
            println!("\nOver {name}: {mean:.2} (geometric mean), at least {least:.2}.");
        }
    }
    if let Some(program) = libitm {
        let _ = std::fs::remove_file(program);
    }
}
