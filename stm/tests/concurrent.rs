//! Invariants that a missed conflict would break, with several threads and many seeds.

mod common;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use common::{Obj, Rng, jolt, seeds, threads};
use keelback_stm::{Engine, Txn, policy};

/// Runs under each kind of policy in turn, and under fault injection now and then.
fn engine_for(seed: u64) -> Arc<Engine> {
    let engine = Arc::new(Engine::new());
    let names = ["default", "immediate", "backoff", "wait", "irrevocable"];
    engine.set_policy(policy::by_name(names[seed as usize % names.len()]).unwrap());
    if seed % 3 == 2 {
        engine.set_chaos(16);
    }
    engine
}

fn transfer(txn: &mut Txn, rng: &mut Rng, accounts: &[Obj]) {
    let (from, to) = (rng.below(accounts.len()), rng.below(accounts.len()));
    let amount = rng.below(10) as u64;
    let roll = rng.next();
    txn.run(|t| {
        let mut rng = Rng(roll);
        if rng.chance(50) {
            t.become_irrevocable()?;
        }
        let a = accounts[from].get(t, 0)?;
        jolt(&mut rng);
        if a < amount {
            return Ok(());
        }
        accounts[from].set(t, 0, a - amount)?;
        jolt(&mut rng);
        let b = accounts[to].get(t, 0)?;
        accounts[to].set(t, 0, b + amount)?;
        jolt(&mut rng);
        Ok(())
    })
    .unwrap();
}

/// Money is neither made nor lost, and every block that looks at all accounts, *while it runs*, sees the same sum: opacity.
#[test]
fn transfers_keep_the_sum_in_every_block_that_looks() {
    for seed in seeds(12) {
        let engine = engine_for(seed);
        let accounts: Vec<Obj> = (0..8).map(|_| Obj::shared([100])).collect();
        threads(&engine, 3, seed, |i, txn, rng| {
            for _ in 0..400 {
                if i == 0 {
                    txn.run(|t| {
                        let mut sum = 0;
                        for account in &accounts {
                            sum += account.get(t, 0)?;
                            jolt(rng);
                        }
                        assert_eq!(sum, 800, "a running block saw money in flight");
                        Ok(())
                    })
                    .unwrap();
                } else {
                    transfer(txn, rng, &accounts);
                }
            }
        });
        assert_eq!(accounts.iter().map(|a| a.raw(0)).sum::<u64>(), 800);
        assert!(accounts.iter().all(|a| a.orec.is_shared()));
    }
}

/// The words of one object are always seen together.
#[test]
fn an_object_is_never_seen_half_written() {
    for seed in seeds(8) {
        let engine = engine_for(seed);
        let object: Obj<4> = Obj::shared([0; 4]);
        threads(&engine, 3, seed, |i, txn, rng| {
            for n in 0..500 {
                if i == 0 {
                    let all = txn.run(|t| object.all(t)).unwrap();
                    assert!(all.iter().all(|&w| w == all[0]), "{all:?}");
                } else {
                    txn.run(|t| {
                        let give_up = rng.chance(4);
                        for k in 0..4 {
                            object.set(t, k, (n * 3 + i) as u64)?;
                            jolt(rng);
                        }
                        // Dirty words followed by an abort: they must not be believed either.
                        if give_up && !t.is_irrevocable() {
                            Err(t.fail_with(keelback_stm::Cause::Chaos))
                        } else {
                            Ok(())
                        }
                    })
                    .unwrap();
                }
            }
        });
    }
}

#[test]
fn counters_are_exact() {
    for seed in seeds(10) {
        let engine = engine_for(seed);
        let counter: Obj = Obj::shared([0]);
        threads(&engine, 4, seed, |_, txn, rng| {
            for _ in 0..300 {
                txn.run(|t| {
                    let n = counter.get(t, 0)?;
                    jolt(rng);
                    counter.set(t, 0, n + 1)
                })
                .unwrap();
            }
        });
        assert_eq!(counter.raw(0), 1200);
        assert_eq!(engine.retired_counters().commits, 1200);
    }
}

/// Each thread may take its own unit only while both are there: with snapshot isolation alone, both would go.
#[test]
fn write_skew_cannot_happen() {
    for seed in seeds(200) {
        let engine = Arc::new(Engine::new());
        let pair: [Obj; 2] = [Obj::shared([1]), Obj::shared([1])];
        threads(&engine, 2, seed, |i, txn, rng| {
            txn.run(|t| {
                let sum = pair[0].get(t, 0)? + pair[1].get(t, 0)?;
                jolt(rng);
                if sum == 2 {
                    pair[i].set(t, 0, 0)?;
                }
                jolt(rng);
                Ok(())
            })
            .unwrap();
        });
        assert_eq!(pair[0].raw(0) + pair[1].raw(0), 1);
    }
}

/// A block that is irrevocable from the start gets through, however hard the others fight, and no operation of it fails.
#[test]
fn an_irrevocable_block_always_gets_through() {
    for seed in seeds(6) {
        let engine = Arc::new(Engine::new());
        engine.set_policy(policy::by_name("immediate").unwrap());
        let objects: Vec<Obj> = (0..6).map(|_| Obj::shared([0])).collect();
        let done = AtomicBool::new(false);
        threads(&engine, 3, seed, |i, txn, rng| {
            if i == 0 {
                for _ in 0..60 {
                    txn.begin();
                    txn.become_irrevocable().unwrap();
                    let first = objects[0].get(txn, 0).unwrap();
                    for object in &objects {
                        assert_eq!(object.get(txn, 0).unwrap(), first);
                        object.set(txn, 0, first + 1).unwrap();
                        jolt(rng);
                    }
                    txn.commit().unwrap();
                }
                done.store(true, Relaxed);
            } else {
                while !done.load(Relaxed) {
                    txn.run(|t| {
                        // In the other order: they meet head on.
                        let first = objects[0].get(t, 0)?;
                        for object in objects.iter().rev() {
                            let n = object.get(t, 0)?;
                            assert_eq!(n, first);
                            object.set(t, 0, n + 1)?;
                            jolt(rng);
                        }
                        Ok(())
                    })
                    .unwrap();
                }
            }
        });
        assert_eq!(engine.retired_counters().irrevocable, 60);
        assert!(objects.iter().all(|o| o.raw(0) == objects[0].raw(0)));
    }
}

/// Blocks that become irrevocable half-way, from several threads at once.
#[test]
fn the_token_is_passed_on() {
    for seed in seeds(6) {
        let engine = Arc::new(Engine::new());
        let objects: Vec<Obj> = (0..4).map(|_| Obj::shared([0])).collect();
        threads(&engine, 4, seed, |_, txn, rng| {
            for _ in 0..100 {
                let (a, b) = (rng.below(4), rng.below(4));
                txn.run(|t| {
                    let n = objects[a].get(t, 0)?;
                    jolt(rng);
                    objects[a].set(t, 0, n + 1)?;
                    t.become_irrevocable()?;
                    jolt(rng);
                    let m = objects[b].get(t, 0)?;
                    objects[b].set(t, 0, m + 1)
                })
                .unwrap();
            }
        });
        assert_eq!(objects.iter().map(|o| o.raw(0)).sum::<u64>(), 800);
        assert_eq!(engine.irrevocable_slot(), None);
    }
}

/// A queue of one element: whoever finds it full or empty retries, and is woken.
#[test]
fn retry_wakes_up() {
    for seed in seeds(8) {
        let engine = engine_for(seed & 1);
        let cell: Obj<2> = Obj::shared([0, 0]);
        let received: Obj = Obj::shared([0]);
        threads(&engine, 4, seed, |i, txn, rng| {
            for n in 1..=150u64 {
                txn.run(|t| {
                    let [full, value] = cell.all(t)?;
                    jolt(rng);
                    if i % 2 == 0 {
                        if full == 1 {
                            return t.retry();
                        }
                        cell.set(t, 0, 1)?;
                        cell.set(t, 1, n)
                    } else {
                        // Touched and then abandoned: our own abort must not wake us, nor hide the change that we wait for.
                        cell.set(t, 0, 0)?;
                        if full == 0 {
                            return t.retry();
                        }
                        let sum = received.get(t, 0)?;
                        received.set(t, 0, sum + value)
                    }
                })
                .unwrap();
            }
        });
        assert_eq!(received.raw(0), 2 * 150 * 151 / 2);
    }
}

/// What a block does after a rollback to a savepoint, and what it did before, is one step; what was between never was.
#[test]
fn savepoints_leave_no_trace() {
    for seed in seeds(8) {
        let engine = engine_for(seed);
        let objects: Vec<Obj<2>> = (0..4).map(|_| Obj::shared([50, 50])).collect();
        threads(&engine, 3, seed, |_, txn, rng| {
            for _ in 0..250 {
                let (a, b, c) = (rng.below(4), rng.below(4), rng.below(4));
                txn.run(|t| {
                    let x = objects[a].get(t, 0)?;
                    objects[a].set(t, 0, x.wrapping_sub(1))?;
                    let point = t.savepoint();
                    objects[b].set(t, 0, 999)?;
                    objects[b].set(t, 1, 999)?;
                    jolt(rng);
                    t.rollback_to(&point);
                    let y = objects[c].get(t, 1)?;
                    objects[c].set(t, 1, y.wrapping_add(1))?;
                    let mut sum = 0u64;
                    for o in &objects {
                        let [x, y] = o.all(t)?;
                        sum = sum.wrapping_add(x).wrapping_add(y);
                    }
                    assert_eq!(sum, 400);
                    Ok(())
                })
                .unwrap();
            }
        });
    }
}

/// Objects made privately, filled, and published in a chain: whoever comes by one sees it whole.
#[test]
fn published_objects_are_seen_whole() {
    for seed in seeds(8) {
        let engine = engine_for(seed);
        let head: Obj = Obj::shared([0]);
        threads(&engine, 3, seed, |i, txn, rng| {
            for n in 1..200u64 {
                if i == 0 {
                    txn.run(|t| {
                        let mut at = head.get(t, 0)?;
                        while at != 0 {
                            // SAFETY: nodes are leaked, and `at` has been validated.
                            let node: &Obj<3> = unsafe { &*(at as *const Obj<3>) };
                            let [next, a, b] = node.all(t)?;
                            assert_eq!(a, b);
                            at = next;
                        }
                        Ok(())
                    })
                    .unwrap();
                } else {
                    txn.run(|t| {
                        let next = head.get(t, 0)?;
                        // Chains are kept short.
                        let next = if rng.chance(8) { 0 } else { next };
                        let node: &Obj<3> = Box::leak(Box::new(Obj::private(t, [next, n, 0])));
                        node.set(t, 2, n)?;
                        t.publish(&node.orec);
                        if rng.chance(2) {
                            // Written again after it was published.
                            node.set(t, 1, n + 7)?;
                            head.set(t, 0, node as *const Obj<3> as u64)?;
                            jolt(rng);
                            node.set(t, 2, n + 7)
                        } else {
                            head.set(t, 0, node as *const Obj<3> as u64)
                        }
                    })
                    .unwrap();
                }
            }
        });
    }
}

/// What `on_commit` writes comes in the serial order, also between blocks that only read and blocks that write.
#[test]
fn output_comes_in_commit_order() {
    for seed in seeds(8) {
        let engine = engine_for(seed);
        let object: Obj = Obj::shared([0]);
        let output = Arc::new(std::sync::Mutex::new(Vec::new()));
        threads(&engine, 3, seed, |i, txn, rng| {
            for _ in 0..200 {
                txn.run(|t| {
                    let n = object.get(t, 0)?;
                    jolt(rng);
                    let output = Arc::clone(&output);
                    if i == 0 {
                        t.on_commit(Box::new(move || output.lock().unwrap().push(n)));
                        return Ok(());
                    }
                    t.on_commit(Box::new(move || output.lock().unwrap().push(n + 1)));
                    object.set(t, 0, n + 1)
                })
                .unwrap();
            }
        });
        let output = output.lock().unwrap();
        assert_eq!(output.len(), 600);
        assert!(output.is_sorted());
    }
}
