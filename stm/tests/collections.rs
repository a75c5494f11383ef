//! The collections: what they hold, and who conflicts with whom.

mod common;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Barrier;
use std::thread;

use common::{Rng, effort, seeds, watch};
use keelback_stm::{Atomic, TCounter, TMap, TQueue, TSet, Tx, atomically, policy, try_atomically};
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

/// Whether `second` gets through, at its first attempt, in the middle of a transaction that has done `first`; which then commits or not.
fn together(
    first: impl Fn(&mut Tx) -> keelback_stm::Res<()> + Sync,
    second: impl Fn(&mut Tx) -> keelback_stm::Res<()> + Sync,
) -> bool {
    let _running = watch(0);
    let (done, end) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let holding = scope.spawn(|| {
            let once = policy::by_name("giveup:1").unwrap();
            let mut met = false;
            let result = Atomic::new().policy(once).run(|tx| {
                first(tx)?;
                if !std::mem::replace(&mut met, true) {
                    done.wait();
                    end.wait();
                }
                Ok(())
            });
            result.is_ok()
        });
        done.wait();
        let once = policy::by_name("giveup:1").unwrap();
        let through = Atomic::new().policy(once).run(|tx| second(tx)).is_ok();
        end.wait();
        holding.join().unwrap() && through
    })
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u8, u32),
    Remove(u8),
    Get(u8),
    Push(u32),
    Pop,
    Add(i64),
    Clear,
    /// What comes next, up to the number given, is one transaction that is then undone.
    Undone(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (any::<u8>(), any::<u32>()).prop_map(|(k, v)| Op::Insert(k, v)),
        5 => any::<u8>().prop_map(Op::Remove),
        3 => any::<u8>().prop_map(Op::Get),
        5 => any::<u32>().prop_map(Op::Push),
        4 => Just(Op::Pop),
        2 => any::<i64>().prop_map(Op::Add),
        1 => Just(Op::Clear),
        1 => (1..30usize).prop_map(Op::Undone),
    ]
}

#[derive(Clone, Default)]
struct Model {
    map: HashMap<u8, u32>,
    set: HashSet<u8>,
    queue: VecDeque<u32>,
    sum: i64,
}

#[derive(Default)]
struct Real {
    map: TMap<u8, u32>,
    set: TSet<u8>,
    queue: TQueue<u32>,
    sum: TCounter,
}

impl Real {
    /// Does the same to both.
    fn step(&self, tx: &mut Tx, op: &Op, model: &mut Model) -> keelback_stm::Res<()> {
        match *op {
            Op::Insert(k, v) => {
                assert_eq!(self.map.insert(tx, k, v)?, model.map.insert(k, v));
                assert_eq!(self.set.insert(tx, k)?, model.set.insert(k));
            }
            Op::Remove(k) => {
                assert_eq!(self.map.remove(tx, &k)?, model.map.remove(&k));
                assert_eq!(self.set.remove(tx, &k)?, model.set.remove(&k));
            }
            Op::Get(k) => {
                assert_eq!(self.map.get(tx, &k)?, model.map.get(&k).copied());
                assert_eq!(self.set.contains(tx, &k)?, model.set.contains(&k));
            }
            Op::Push(v) => {
                self.queue.push(tx, v)?;
                model.queue.push_back(v);
            }
            Op::Pop => assert_eq!(self.queue.try_pop(tx)?, model.queue.pop_front()),
            Op::Add(n) => {
                self.sum.add(tx, n)?;
                model.sum = model.sum.wrapping_add(n);
            }
            Op::Clear => {
                self.map.clear(tx)?;
                self.set.clear(tx)?;
                model.map.clear();
                model.set.clear();
            }
            Op::Undone(_) => {}
        }
        Ok(())
    }

    fn compare(&self, tx: &mut Tx, model: &Model) -> keelback_stm::Res<()> {
        assert_eq!(self.map.len(tx)?, model.map.len());
        assert_eq!(self.map.is_empty(tx)?, model.map.is_empty());
        let entries: HashMap<u8, u32> = self.map.entries(tx)?.into_iter().collect();
        assert_eq!(entries, model.map);
        let elements: HashSet<u8> = self.set.elements(tx)?.into_iter().collect();
        assert_eq!(elements, model.set);
        assert_eq!(self.set.len(tx)?, model.set.len());
        assert_eq!(self.queue.len(tx)?, model.queue.len());
        assert_eq!(self.queue.is_empty(tx)?, model.queue.is_empty());
        assert_eq!(self.sum.get(tx)?, model.sum);
        Ok(())
    }
}

proptest! {
    #[test]
    fn collections_are_what_their_names_say(ops in proptest::collection::vec(op(), 0..400)) {
        let (real, mut model) = (Real::default(), Model::default());
        let mut at = 0;
        while at < ops.len() {
            if let Op::Undone(n) = ops[at] {
                let part = &ops[at + 1..(at + 1 + n).min(ops.len())];
                at += part.len() + 1;
                let result = try_atomically::<(), ()>(|tx| {
                    let mut model = model.clone();
                    for op in part {
                        real.step(tx, op, &mut model)?;
                    }
                    real.compare(tx, &model)?;
                    tx.abort(())
                });
                assert!(result.is_err());
            } else {
                atomically(|tx| real.step(tx, &ops[at], &mut model));
                at += 1;
            }
        }
        atomically(|tx| real.compare(tx, &model));
    }
}

#[test]
fn only_those_conflict_whose_results_differ() {
    let map: TMap<i32, i32> = TMap::new();
    atomically(|tx| {
        for k in 0..40 {
            map.insert(tx, k, 0)?;
        }
        Ok(())
    });
    // By chance two keys share a bucket: of several pairs most do not.
    let apart = (0..20).filter(|&k| {
        together(
            |tx| map.insert(tx, k, 1).map(drop),
            |tx| map.insert(tx, k + 20, 1).map(drop),
        )
    });
    assert!(apart.count() > 14);
    let apart = (100..120).filter(|&k| {
        together(
            |tx| map.insert(tx, k, 1).map(drop),
            |tx| map.remove(tx, &(k - 100)).map(drop),
        )
    });
    assert!(apart.count() > 14);
    assert!(together(
        |tx| map.insert(tx, 30, 2).map(drop),
        |tx| map.len(tx).map(drop)
    ));
    assert!(!together(
        |tx| map.insert(tx, -1, 2).map(drop),
        |tx| map.len(tx).map(drop)
    ));
    assert!(!together(
        |tx| map.insert(tx, 31, 2).map(drop),
        |tx| map.get(tx, &31).map(drop)
    ));

    let queue = TQueue::new();
    atomically(|tx| (0..3).try_for_each(|n| queue.push(tx, n)));
    // The first one turns what was pushed.
    assert_eq!(atomically(|tx| queue.pop(tx)), 0);
    assert!(together(
        |tx| queue.push(tx, 3),
        |tx| queue.pop(tx).map(drop)
    ));
    assert!(!together(|tx| queue.push(tx, 3), |tx| queue.push(tx, 4)));

    let counter = TCounter::new(1);
    assert!(together(|tx| counter.add(tx, 1), |tx| counter.add(tx, 1)));
    assert!(!together(
        |tx| counter.add(tx, 1),
        |tx| counter.get(tx).map(drop)
    ));
}

/// Each item is in the queue, in the map, or counted; in every block that looks.
#[test]
fn items_that_wander_are_never_lost() {
    const ITEMS: usize = 60;
    for seed in seeds(4) {
        let (queue, map, counter) = (TQueue::new(), TMap::new(), TCounter::new(0));
        atomically(|tx| (0..ITEMS).try_for_each(|n| queue.push(tx, n)));
        threads(4, seed, |i, rng| {
            for n in 0..150 * effort() {
                if i == 0 && n % 4 == 0 {
                    atomically(|tx| {
                        let all = queue.len(tx)? + map.len(tx)? + counter.get(tx)? as usize;
                        assert_eq!(all, ITEMS);
                        assert_eq!(map.entries(tx)?.len(), map.len(tx)?);
                        Ok(())
                    });
                    continue;
                }
                let key = rng.below(ITEMS);
                match rng.below(4) {
                    0 => atomically(|tx| {
                        if let Some(item) = queue.try_pop(tx)? {
                            assert_eq!(map.insert(tx, item, i)?, None);
                        }
                        Ok(())
                    }),
                    1 => atomically(|tx| match map.remove(tx, &key)? {
                        Some(_) => queue.push(tx, key),
                        None => Ok(()),
                    }),
                    2 => atomically(|tx| match queue.try_pop(tx)? {
                        Some(item) => {
                            counter.add(tx, 1)?;
                            map.insert(tx, item + 1000, i)?;
                            map.remove(tx, &(item + 1000))?;
                            Ok(())
                        }
                        None => Ok(()),
                    }),
                    _ => atomically(|tx| {
                        if counter.get(tx)? > 0 {
                            counter.add(tx, -1)?;
                            // Under another name, since the old one is forgotten.
                            let mut name = 0;
                            while map.contains(tx, &name)? {
                                name += 1;
                            }
                            let mut taken = vec![];
                            while let Some(item) = queue.try_pop(tx)? {
                                taken.push(item);
                            }
                            while taken.contains(&name) || map.contains(tx, &name)? {
                                name += 1;
                            }
                            taken.push(name);
                            taken
                                .into_iter()
                                .try_for_each(|item| queue.push(tx, item))?;
                        }
                        Ok(())
                    }),
                }
            }
        });
    }
}

#[test]
fn a_map_grows_under_many_threads() {
    for seed in seeds(2) {
        let map = TMap::new();
        threads(4, seed, |i, _| {
            for n in 0..500 {
                atomically(|tx| {
                    map.insert(tx, n * 4 + i, i)?;
                    Ok(())
                });
            }
        });
        let mut keys: Vec<usize> = atomically(|tx| map.entries(tx))
            .into_iter()
            .map(|e| e.0)
            .collect();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(0..2000));
        assert_eq!(atomically(|tx| map.len(tx)), 2000);
    }
}

#[test]
fn a_queue_wakes_who_waits_for_it() {
    let (full, back) = (TQueue::new(), TQueue::new());
    threads(4, 0, |i, _| {
        for n in 0..200 {
            if i % 2 == 0 {
                atomically(|tx| full.push(tx, n));
                atomically(|tx| back.pop(tx));
            } else {
                let n: i32 = atomically(|tx| full.pop(tx));
                atomically(|tx| back.push(tx, n));
            }
        }
    });
    assert!(atomically(
        |tx| Ok(full.is_empty(tx)? && back.is_empty(tx)?)
    ));
}

/// A long queue goes without taking a stack as long.
#[test]
fn a_long_queue_can_be_dropped() {
    let queue = TQueue::new();
    atomically(|tx| (0..300_000).try_for_each(|n| queue.push(tx, n)));
    assert_eq!(atomically(|tx| queue.pop(tx)), 0);
    drop(queue);
    for _ in 0..100 {
        keelback_stm::reclaim();
    }
}
