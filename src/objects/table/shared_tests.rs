//! Threads at one table: what may conflict, what must, and what stays true whatever happens.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::testing::{block, in_threads, random, test_thread};

fn small(i: i64) -> Value {
    Value::small(i)
}
fn int(v: Value) -> i64 {
    v.as_int().unwrap_or(0)
}

/// A shared dict with these keys, all with the same value.
fn dict(th: &mut Thread, keys: std::ops::Range<i64>, value: i64) -> Ref<Dict> {
    let d = Dict::new(th);
    for k in keys {
        d.insert(th, small(k), small(value)).unwrap();
    }
    th.publish(d.value());
    d
}

/// `d[k] += 1`, in two steps.
fn increment(th: &mut Thread, d: Ref<Dict>, k: i64) -> R<()> {
    let now = int(d.get(th, small(k))?);
    d.insert(th, small(k), small(now + 1))
}

/// Runs `f` as another thread, while the caller is in a block.
fn meanwhile<T: Send>(th: &Thread, f: impl FnOnce(&mut Thread) -> T + Send) -> T {
    let rt = th.rt;
    std::thread::scope(|s| {
        let other = s.spawn(|| {
            let mut th = Thread::attach(rt);
            th.barriers = true;
            th.txn.begin();
            let result = f(&mut th);
            if th.txn.in_block() {
                th.txn.abort();
            }
            result
        });
        other.join().unwrap()
    })
}

/// Now and then a block fails on purpose, when it has done everything.
fn fails(th: &mut Thread, state: &mut u64) -> R<()> {
    if random(state) % 8 == 0 {
        return Err(th.txn.fail_with(keelback_stm::Cause::Explicit).into());
    }
    Ok(())
}

#[test]
fn updates_of_different_keys_never_conflict() {
    let mut th = test_thread();
    let th = &mut *th;
    for size in [40, 2000] {
        let d = dict(th, 0..size, 0);
        th.barriers = true;
        th.txn.begin();
        for k in 0..size / 2 {
            increment(th, d, k).unwrap();
        }
        meanwhile(th, |th| {
            for k in size / 2..size {
                increment(th, d, k).unwrap();
            }
            assert!(d.get(th, small(0)).is_err());
            th.txn.abort();
            th.txn.begin();
            // Neither the size nor the keys nor a new key have to do with values.
            assert_eq!(d.len(th), Ok(size as usize));
            assert_eq!(d.keys(th).unwrap().len(), size as usize);
            d.insert(th, small(-1), small(1)).unwrap();
            d.remove(th, small(size - 1)).unwrap();
            assert!(d.values(th).is_err());
            th.txn.abort();
            th.txn.begin();
            increment(th, d, size - 1).unwrap();
            th.txn.commit().unwrap();
        });
        th.txn.commit().unwrap();
        th.barriers = false;
        let sum: i64 = d.values(th).unwrap().into_iter().map(int).sum();
        assert_eq!(sum, size / 2 + 1);
    }
}

/// The last keys of a dict that has `size` others, by every way of asking.
fn last_keys(th: &mut Thread, d: Ref<Dict>, size: usize) -> Vec<i64> {
    let keys: Vec<i64> = d.keys(th).unwrap().into_iter().map(int).collect();
    let mut walked = vec![];
    let mut at = 0;
    while let Some((next, k, _)) = d.next(th, at).unwrap() {
        walked.push(int(k));
        at = next;
    }
    assert_eq!(walked, keys);
    let mut at = d.table().end(th).unwrap();
    while let Some((before, k, _)) = d.table().previous(th, at).unwrap() {
        assert_eq!(Some(int(k)), walked.pop());
        at = before;
    }
    assert!(walked.is_empty());
    keys[size..].to_vec()
}

/// Keys lie in the order of the commits that inserted them, and those of a block that has not ended are the last.
#[test]
fn order_is_settled_at_commit() {
    let mut th = test_thread();
    let th = &mut *th;
    for (size, what) in [33, 2000]
        .into_iter()
        .flat_map(|s| (0..5).map(move |w| (s, w)))
    {
        let d = dict(th, 0..size, 0);
        let n = size as usize;
        let put = |th: &mut Thread, k: i64| d.insert(th, small(k), Value::NONE).unwrap();
        // Keys that stripes tell apart.
        let buf = d.table().buf(th).unwrap().unwrap();
        let mut stripe = |k: i64| {
            let hash = d.table().hash_key(th, small(k)).unwrap();
            std::ptr::from_ref(buf.stripe(d.header(), hash)) as usize
        };
        let mine = [5001, 5002, 5003].map(&mut stripe);
        let mut others = (6000..).filter(|&k| !mine.contains(&stripe(k)));
        let (o1, o2) = (others.next().unwrap(), others.next().unwrap());
        drop(others);
        th.barriers = true;
        th.txn.begin();
        put(th, 5001);
        put(th, 5002);
        meanwhile(th, |th| {
            put(th, o1);
            th.txn.commit().unwrap();
            th.txn.begin();
            put(th, o2);
            th.txn.commit().unwrap();
        });
        put(th, 5003);
        match what {
            0 => assert_eq!(last_keys(th, d, n), [o1, o2, 5001, 5002, 5003]),
            1 => {
                assert_eq!(int(d.pop_last(th).unwrap().unwrap().0), 5003);
                put(th, 5003);
            }
            2 => {
                // A walk of a block that has deleted something must not vouch for it.
                d.remove(th, small(o1)).unwrap();
                d.remove(th, small(o2)).unwrap();
                assert_eq!(last_keys(th, d, n), [5001, 5002, 5003]);
                th.txn.abort();
                th.txn.begin();
                assert_eq!(last_keys(th, d, n), [o1, o2]);
                for k in [5001, 5002, 5003] {
                    put(th, k);
                }
            }
            3 => {
                let point = th.txn.savepoint();
                put(th, 7001);
                th.txn.rollback_to(&point);
            }
            _ => {}
        }
        th.txn.commit().unwrap();
        th.txn.begin();
        assert_eq!(last_keys(th, d, n), [o1, o2, 5001, 5002, 5003]);
        th.txn.commit().unwrap();
        th.barriers = false;
        put(th, 8001);
        assert_eq!(last_keys(th, d, n), [o1, o2, 5001, 5002, 5003, 8001]);
    }
}

/// A list is appended to in the order of the commits, since each append conflicts with each other one.
#[test]
fn order_is_that_of_a_list_appended_to_by_the_same_blocks() {
    let mut th = test_thread();
    let d = dict(&mut th, 0..50, 0);
    let items: Vec<Value> = (0..50).map(small).collect();
    let l = List::new(&mut th, &items);
    let both = th.tuple_value(&[d.value(), l.value()]);
    in_threads(4, both, |th, t| {
        let mut state = t + 7;
        for i in 0..200 {
            let key = small(1000 * (t as i64 + 1) + i);
            block(th, |th| {
                match random(&mut state) % 8 {
                    0 => {
                        let last = d.pop_last(th)?.map_or(Value::NULL, |e| e.0);
                        assert_eq!(l.pop(th)?, last);
                    }
                    1 => {
                        // What was deleted lies further back, and comes again.
                        if let Some(&key) = d.keys(th)?.get(t as usize) {
                            d.remove(th, key)?;
                            let at = l.items(th)?.iter().position(|&k| k == key).unwrap();
                            l.remove_at(th, at)?;
                            d.insert(th, key, Value::NONE)?;
                            l.push(th, key)?;
                        }
                    }
                    2 => {
                        let keys = d.keys(th)?;
                        assert_eq!(keys, l.items(th)?);
                    }
                    _ => {
                        d.insert(th, key, Value::NONE)?;
                        std::thread::yield_now();
                        l.push(th, key)?;
                    }
                }
                fails(th, &mut state)
            });
        }
    });
    assert_eq!(d.keys(&mut th), l.items(&mut th));
}

#[test]
fn what_was_read_of_a_table_is_checked_at_commit() {
    type Act = fn(&mut Thread, Ref<Dict>) -> R<()>;
    let reads: &[(&str, Act)] = &[
        ("a value", |th, d| d.get(th, small(7)).map(drop)),
        ("an absence", |th, d| d.get(th, small(-7)).map(drop)),
        ("the size", |th, d| d.len(th).map(drop)),
        ("the keys", |th, d| d.keys(th).map(drop)),
        ("the values", |th, d| d.values(th).map(drop)),
    ];
    // What the other thread does, and to which of these reads it matters.
    let writes: &[(Act, [bool; 5])] = &[
        (
            |th, d| increment(th, d, 7),
            [true, false, false, false, true],
        ),
        (
            |th, d| increment(th, d, 8),
            [false, false, false, false, true],
        ),
        (
            |th, d| increment(th, d, -7),
            [false, true, true, true, true],
        ),
        (
            |th, d| d.remove(th, small(7)).map(drop),
            [true, false, true, true, true],
        ),
        (
            |th, d| d.remove(th, small(9)).map(drop),
            [false, false, true, true, true],
        ),
        (|th, d| d.pop_last(th).map(drop), [true; 5]),
        (|th, d| d.clear(th), [true; 5]),
        (|th, d| d.table().resize(th, 1000), [true; 5]),
    ];
    let mut th = test_thread();
    let th = &mut *th;
    for (w, (write, matters)) in writes.iter().enumerate() {
        for (r, (what, read)) in reads.iter().enumerate() {
            let d = dict(th, 0..100, 0);
            let other = dict(th, 0..1, 0);
            th.barriers = true;
            th.txn.begin();
            read(th, d).unwrap();
            meanwhile(th, |th| {
                write(th, d).unwrap();
                th.txn.commit().unwrap();
            });
            // A block that writes something takes its place in the order at its end. One that reads more moves there before.
            let end = increment(th, other, 0).and_then(|()| Ok(th.txn.commit()?));
            // Popping owns the header, which everybody has read; what it does to it need not matter.
            if matters[r] {
                assert!(end.is_err(), "{what} and writer {w}");
            } else {
                assert!(end.is_ok(), "{what} and writer {w}");
            }
            if end.is_err() {
                th.txn.abort();
            }
            th.barriers = false;
        }
    }
}

#[test]
fn an_uncommitted_value_is_not_copied() {
    let mut th = test_thread();
    let th = &mut *th;
    let d = dict(th, 0..100, 0);
    th.barriers = true;
    th.txn.begin();
    increment(th, d, 50).unwrap();
    meanwhile(th, |th| {
        assert!(d.table().resize(th, 1000).is_err());
        th.txn.abort();
        th.txn.begin();
        assert!(d.items(th).is_err());
        th.txn.abort();
        th.txn.begin();
        assert!(d.copy(th).is_err());
    });
    th.txn.abort();
    // And the other way round: an update of the old buffer does not survive its replacement.
    th.txn.begin();
    d.len(th).unwrap();
    meanwhile(th, |th| {
        d.table().resize(th, 1000).unwrap();
        th.txn.commit().unwrap();
    });
    assert!(increment(th, d, 50).is_err() || th.txn.commit().is_err());
    th.txn.abort();
    th.barriers = false;
    assert_eq!(d.get(th, small(50)), Ok(small(0)));
}

#[test]
fn an_absence_holds_past_the_aborted_insert_of_another_key() {
    // A block sees that a key is absent; then its place in the index is taken by an insert that is still under way, so that the key itself
    // comes to lie behind it; and the insert is rolled back.
    let mut th = test_thread();
    let th = &mut *th;
    for key in 1000..1300 {
        let d = dict(th, 0..200, 0);
        let other = dict(th, 0..1, 0);
        th.barriers = true;
        th.txn.begin();
        assert_eq!(d.get(th, small(key)), Ok(Value::NULL));
        meanwhile(th, |th| {
            // Plenty of other keys, some of which begin their searches where `key` does.
            for k in 2000..2040 {
                d.insert(th, small(k), small(1)).unwrap();
            }
            let committed = meanwhile(th, |th| {
                d.insert(th, small(key), small(1)).is_ok() && th.txn.commit().is_ok()
            });
            th.txn.abort();
            th.txn.begin();
            if !committed {
                // They had the stripe in common.
                d.insert(th, small(key), small(1)).unwrap();
                th.txn.commit().unwrap();
            }
        });
        assert!(increment(th, other, 0).is_err() || th.txn.commit().is_err());
        th.txn.abort();
        th.barriers = false;
    }
}

#[test]
fn no_update_is_lost_while_the_table_grows() {
    const THREADS: u64 = 4;
    const ROUNDS: i64 = 400;
    const KEYS: i64 = 30;
    for seed in 0..4 {
        let mut th = test_thread();
        let d = dict(&mut th, 0..KEYS * THREADS as i64, 0);
        in_threads(THREADS, d.value(), |th, t| {
            let mut state = seed * 100 + t;
            let first = t as i64 * KEYS;
            for round in 0..ROUNDS {
                block(th, |th| {
                    for k in first..first + KEYS {
                        increment(th, d, k)?;
                    }
                    fails(th, &mut state)
                });
                // The first thread makes the others' buffer go away now and then.
                let key = small(10_000 + round);
                match t {
                    0 if round % 50 == 49 => {
                        block(th, |th| d.table().resize(th, 1));
                    }
                    0 => {
                        block(th, |th| d.insert(th, key, small(0)));
                    }
                    1 => {
                        block(th, |th| d.remove(th, key));
                    }
                    _ => {}
                }
            }
        });
        for k in 0..KEYS * THREADS as i64 {
            assert_eq!(d.get(&mut th, small(k)), Ok(small(ROUNDS)), "{k}");
        }
        let keys = d.keys(&mut th).unwrap().len();
        assert_eq!(d.len(&mut th), Ok(keys));
    }
}

#[test]
fn whoever_walks_sees_one_moment() {
    const KEYS: i64 = 60;
    const START: i64 = 50;
    for seed in 0..4 {
        let mut th = test_thread();
        let d = dict(&mut th, 0..KEYS, START);
        in_threads(4, d.value(), |th, t| {
            let mut state = seed * 1000 + t;
            for _ in 0..1500 {
                if t == 0 {
                    look(th, d, KEYS * START, &mut state);
                    continue;
                }
                let (from, to) = (random(&mut state), random(&mut state));
                let (from, to) = (from as i64 % KEYS, to as i64 % KEYS);
                block(th, |th| {
                    let has = int(d.get(th, small(from))?);
                    if from == to || has == 0 {
                        return Ok(());
                    }
                    let amount = 1 + random(&mut state) as i64 % has;
                    if amount == has {
                        d.remove(th, small(from))?;
                    } else {
                        d.insert(th, small(from), small(has - amount))?;
                    }
                    let other = int(d.get(th, small(to))?);
                    d.insert(th, small(to), small(other + amount))?;
                    fails(th, &mut state)
                });
            }
        });
    }
}

/// Sums up all values in one of several ways; also in a block that will abort every look is a consistent one.
fn look(th: &mut Thread, d: Ref<Dict>, sum: i64, state: &mut u64) {
    let way = random(state) % 4;
    block(th, |th| {
        let len = d.len(th)?;
        let mut values = vec![];
        match way {
            0 => values = d.values(th)?,
            1 => {
                for k in d.keys(th)? {
                    let v = d.get(th, k)?;
                    assert!(!v.is_null());
                    values.push(v);
                }
            }
            2 => {
                let mut at = 0;
                while let Some((next, _, v)) = d.next(th, at)? {
                    values.push(v);
                    at = next;
                }
            }
            _ => values = d.copy(th)?.values(th)?,
        }
        assert_eq!(values.len(), len);
        assert_eq!(values.into_iter().map(int).sum::<i64>(), sum);
        fails(th, state)
    });
}

#[test]
fn of_two_keys_only_one_comes() {
    // Each block inserts a key if its twin is absent. Aborted blocks leave tombstones of both.
    const PAIRS: i64 = 600;
    for seed in 0..4 {
        let mut th = test_thread();
        let d = dict(&mut th, -40..0, 0);
        in_threads(4, d.value(), |th, t| {
            let mut state = seed * 1000 + t;
            for pair in 0..PAIRS {
                let mine = 2 * pair + (t & 1) as i64;
                block(th, |th| {
                    if d.get(th, small(mine ^ 1))?.is_null() {
                        let old = d.set_default(th, small(mine), small(t as i64))?;
                        assert_eq!(int(old) & 1, t as i64 & 1);
                    }
                    fails(th, &mut state)
                });
                // Some go again, and come back behind their tombstones.
                if pair % 3 == 0 {
                    block(th, |th| {
                        let v = d.remove(th, small(mine))?;
                        fails(th, &mut state)?;
                        if !v.is_null() {
                            d.insert(th, small(mine), v)?;
                        }
                        fails(th, &mut state)
                    });
                }
            }
        });
        let keys = d.keys(&mut th).unwrap();
        assert_eq!(keys.len(), 40 + PAIRS as usize);
        for pair in 0..PAIRS {
            let one = d.get(&mut th, small(2 * pair)).unwrap().is_null();
            let two = d.get(&mut th, small(2 * pair + 1)).unwrap().is_null();
            assert!(one != two, "{pair}");
        }
    }
}
