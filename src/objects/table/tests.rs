use std::sync::atomic::Ordering::*;

use proptest::prelude::*;

use crate::heap::{Ref, Thread, Value};
use crate::objects::dict::Dict;
use crate::objects::set::Set;
use crate::objects::testing::{block, in_threads, random, test_thread};

/// An ordered map as Python's dict behaves.
#[derive(Default, Clone, Debug, PartialEq)]
struct Model(Vec<(i64, i64)>);

impl Model {
    fn get(&self, k: i64) -> Option<i64> {
        self.0.iter().find(|e| e.0 == k).map(|e| e.1)
    }
    fn insert(&mut self, k: i64, v: i64) {
        match self.0.iter_mut().find(|e| e.0 == k) {
            Some(e) => e.1 = v,
            None => self.0.push((k, v)),
        }
    }
    fn remove(&mut self, k: i64) -> Option<i64> {
        let at = self.0.iter().position(|e| e.0 == k)?;
        Some(self.0.remove(at).1)
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(i64, i64),
    Remove(i64),
    Get(i64),
    SetDefault(i64, i64),
    PopLast,
    Clear,
    Copy,
    /// Begins a block.
    Begin,
    Commit,
    Abort,
}

fn op() -> impl Strategy<Value = Op> {
    let key = prop_oneof![0..20i64, 0..300i64];
    prop_oneof![
        12 => (key.clone(), 0..100i64).prop_map(|(k, v)| Op::Insert(k, v)),
        6 => key.clone().prop_map(Op::Remove),
        2 => key.clone().prop_map(Op::Get),
        2 => (key, 0..100i64).prop_map(|(k, v)| Op::SetDefault(k, v)),
        2 => Just(Op::PopLast),
        1 => prop_oneof![9 => Just(Op::Copy), 1 => Just(Op::Clear)],
        1 => Just(Op::Begin),
        1 => Just(Op::Commit),
        1 => Just(Op::Abort),
    ]
}

fn int(v: Value) -> Option<i64> {
    v.as_int()
}

fn check(th: &mut Thread, d: Ref<Dict>, m: &Model) {
    let items: Vec<(i64, i64)> = d
        .items(th)
        .unwrap()
        .iter()
        .map(|(k, v)| (int(*k).unwrap(), int(*v).unwrap()))
        .collect();
    assert_eq!(items, m.0);
    assert_eq!(d.len(th).unwrap(), m.0.len());
    let (mut at, mut walked) = (0, vec![]);
    while let Some((next, k, v)) = d.next(th, at).unwrap() {
        walked.push((int(k).unwrap(), int(v).unwrap()));
        at = next;
    }
    assert_eq!(walked, m.0);
}

/// Runs `ops` on a dict; with barriers, in blocks.
fn compare(th: &mut Thread, ops: &[Op], barriers: bool, shared: bool) {
    th.barriers = barriers;
    if barriers {
        th.txn.begin();
    }
    let mut d = Dict::new(th);
    if shared {
        th.publish(d.value());
    }
    if barriers {
        // What the block that makes it does to it is not undone: it is gone as a whole.
        th.txn.commit().unwrap();
        th.txn.begin();
    }
    let mut m = Model::default();
    let mut saved = (d, m.clone());
    for op in ops {
        match *op {
            Op::Insert(k, v) => {
                d.insert(th, Value::small(k), Value::small(v)).unwrap();
                m.insert(k, v);
            }
            Op::Remove(k) => {
                assert_eq!(int(d.remove(th, Value::small(k)).unwrap()), m.remove(k))
            }
            Op::Get(k) => assert_eq!(int(d.get(th, Value::small(k)).unwrap()), m.get(k)),
            Op::SetDefault(k, v) => {
                let got = d.set_default(th, Value::small(k), Value::small(v)).unwrap();
                if m.get(k).is_none() {
                    m.insert(k, v);
                }
                assert_eq!(int(got), m.get(k));
            }
            Op::PopLast => {
                let got = d.pop_last(th).unwrap();
                let got = got.map(|(k, v)| (int(k).unwrap(), int(v).unwrap()));
                assert_eq!(got, m.0.pop());
            }
            Op::Clear => {
                d.clear(th).unwrap();
                m.0.clear();
            }
            Op::Copy => {
                d = d.copy(th).unwrap();
                if shared {
                    th.publish(d.value());
                }
            }
            Op::Begin | Op::Commit if barriers => {
                th.txn.commit().unwrap();
                th.txn.begin();
                saved = (d, m.clone());
            }
            Op::Abort if barriers => {
                th.txn.abort();
                th.txn.begin();
                (d, m) = saved.clone();
                check(th, d, &m);
            }
            Op::Begin | Op::Commit | Op::Abort => {}
        }
    }
    check(th, d, &m);
    if barriers {
        th.txn.commit().unwrap();
    }
    th.barriers = false;
    check(th, d, &m);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn a_dict_is_an_ordered_map(ops in proptest::collection::vec(op(), 0..400)) {
        let mut th = test_thread();
        compare(&mut th, &ops, false, false);
        compare(&mut th, &ops, true, false);
        compare(&mut th, &ops, true, true);
    }
}

#[test]
fn names_and_strings_are_the_same_keys() {
    let mut th = test_thread();
    let th = &mut *th;
    let d = Dict::new(th);
    let name = th.intern_value("spam");
    let fresh = th.str_value("spam");
    d.insert(th, fresh, Value::small(1)).unwrap();
    assert_eq!(d.get_interned(th, name), Ok(Value::small(1)));
    d.insert_interned(th, name, Value::small(2)).unwrap();
    assert_eq!(d.len(th), Ok(1));
    let other = th.str_value("spam");
    assert_eq!(d.get(th, other), Ok(Value::small(2)));
    assert_eq!(d.remove_interned(th, name), Ok(Value::small(2)));
    assert_eq!(d.get(th, fresh), Ok(Value::NULL));
    // Numbers of different types.
    d.insert(th, Value::float(1.0), Value::small(3)).unwrap();
    assert_eq!(d.get(th, Value::small(1)), Ok(Value::small(3)));
    assert_eq!(d.get(th, Value::TRUE), Ok(Value::small(3)));
    assert_eq!(d.get(th, Value::float(1.5)), Ok(Value::NULL));
}

#[test]
fn a_cached_entry_that_changes_turns_volatile() {
    let mut th = test_thread();
    let th = &mut *th;
    let d = Dict::new(th);
    let (name, other) = (th.intern_value("x"), th.intern_value("y"));
    d.insert_interned(th, name, Value::small(1)).unwrap();
    let epoch = th.rt.epoch.load(SeqCst);
    let view = d.cache_entry(th, name).unwrap().unwrap();
    assert!(!view.volatile && view.value == Value::small(1));
    d.insert_interned(th, other, Value::small(1)).unwrap();
    assert_eq!(th.rt.epoch.load(SeqCst), epoch);
    d.insert_interned(th, name, Value::small(2)).unwrap();
    assert!(th.rt.epoch.load(SeqCst) > epoch);
    let view = d.cache_entry(th, name).unwrap().unwrap();
    assert!(view.volatile);
    let epoch = th.rt.epoch.load(SeqCst);
    assert!(
        d.set_entry(th, name, view.buf, view.index, Value::small(3))
            .unwrap()
    );
    assert_eq!(
        d.entry_value(th, name, view.buf, view.index),
        Ok(Value::small(3))
    );
    assert_eq!(th.rt.epoch.load(SeqCst), epoch);
    // The flags survive a resize; the place does not.
    for i in 0..100 {
        d.insert(th, Value::small(i), Value::NONE).unwrap();
    }
    assert_eq!(
        d.entry_value(th, name, view.buf, view.index),
        Ok(Value::NULL)
    );
    assert!(d.cache_entry(th, name).unwrap().unwrap().volatile);
    // Absence.
    let third = th.intern_value("z");
    d.mark_namespace();
    assert!(d.cache_entry(th, third).unwrap().is_none());
    let epoch = th.rt.epoch.load(SeqCst);
    d.insert_interned(th, third, Value::NONE).unwrap();
    assert!(th.rt.epoch.load(SeqCst) > epoch);
}

#[test]
fn no_insert_is_lost() {
    let mut th = test_thread();
    let d = Dict::new(&mut th);
    const THREADS: u64 = 4;
    const EACH: u64 = 3000;
    in_threads(THREADS, d.value(), |th, t| {
        for i in 0..EACH {
            let key = Value::small((i * THREADS + t) as i64);
            block(th, |th| d.insert(th, key, Value::small(t as i64)));
        }
    });
    let th = &mut *th;
    assert_eq!(d.len(th), Ok((THREADS * EACH) as usize));
    for k in 0..THREADS * EACH {
        let v = d.get(th, Value::small(k as i64)).unwrap();
        assert_eq!(v, Value::small((k % THREADS) as i64));
    }
}

#[test]
fn different_keys_of_a_large_dict_do_not_conflict() {
    let mut th = test_thread();
    let d = Dict::new(&mut th);
    for i in 0..2000 {
        d.insert(&mut th, Value::small(i), Value::small(0)).unwrap();
    }
    // Two blocks that overlap by construction.
    th.publish(d.value());
    let rt = th.rt;
    th.barriers = true;
    th.txn.begin();
    d.insert(&mut th, Value::small(5000), Value::NONE).unwrap();
    d.insert(&mut th, Value::small(7), Value::NONE).unwrap();
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut th = Thread::attach(rt);
            th.barriers = true;
            th.txn.begin();
            let mut done = 0;
            for k in 6000..6020 {
                // Some of these share a stripe with the other block's keys.
                if d.insert(&mut th, Value::small(k), Value::NONE).is_err() {
                    th.txn.abort();
                    th.txn.begin();
                } else {
                    done += 1;
                }
            }
            assert!(done >= 15, "{done}");
            assert!(d.len(&mut th).is_err());
            th.txn.abort();
        });
    });
    th.txn.commit().unwrap();
    th.barriers = false;
    assert_eq!(d.len(&mut th), Ok(2001));
}

#[test]
fn moves_between_entries_keep_the_sum() {
    let mut th = test_thread();
    let d = Dict::new(&mut th);
    const KEYS: i64 = 200;
    const START: i64 = 100;
    for i in 0..KEYS {
        d.insert(&mut th, Value::small(i), Value::small(START))
            .unwrap();
    }
    in_threads(4, d.value(), |th, t| {
        let mut state = t + 1;
        for round in 0..1500 {
            let (from, to) = (
                random(&mut state) as i64 % (2 * KEYS),
                random(&mut state) as i64 % (2 * KEYS),
            );
            // Moves an amount; a key with nothing left goes away, one that gets something comes.
            block(th, |th| {
                let (from, to) = (Value::small(from), Value::small(to));
                let has = d.get(th, from)?.as_int().unwrap_or(0);
                if from == to || has == 0 {
                    return Ok(());
                }
                let amount = 1 + random(&mut state) as i64 % has;
                if amount == has {
                    d.remove(th, from)?;
                } else {
                    d.insert(th, from, Value::small(has - amount))?;
                }
                let other = d.get(th, to)?.as_int().unwrap_or(0);
                d.insert(th, to, Value::small(other + amount))
            });
            if round % 50 == 0 {
                let (items, _) = block(th, |th| {
                    let items = d.items(th)?;
                    assert_eq!(d.len(th)?, items.len());
                    Ok(items)
                });
                let sum: i64 = items.iter().map(|(_, v)| v.as_int().unwrap()).sum();
                assert_eq!(sum, KEYS * START);
                let mut keys: Vec<_> = items.iter().map(|(k, _)| k.as_int()).collect();
                keys.sort();
                keys.dedup();
                assert_eq!(keys.len(), items.len());
            }
            if round % 300 == 299 && t == 0 {
                // Somebody replaces everything.
                block(th, |th| {
                    let items = d.items(th)?;
                    d.clear(th)?;
                    for (k, v) in items.iter().rev() {
                        d.insert(th, *k, *v)?;
                    }
                    Ok(())
                });
            }
        }
    });
    let items = d.items(&mut th).unwrap();
    let sum: i64 = items.iter().map(|(_, v)| v.as_int().unwrap()).sum();
    assert_eq!(sum, KEYS * START);
    assert_eq!(d.len(&mut th), Ok(items.len()));
}

#[test]
fn a_shared_iterator_sees_changes_of_size() {
    let mut th = test_thread();
    let th = &mut *th;
    let d = Dict::new(th);
    for i in 0..500 {
        d.insert(th, Value::small(i), Value::small(i)).unwrap();
    }
    th.publish(d.value());
    th.barriers = true;
    block(th, |th| {
        let it = th.iter(d.value())?;
        for i in 0..500 {
            // A store to a key that is there changes nothing.
            d.insert(th, Value::small(i), Value::NONE)?;
            assert_eq!(th.next(it)?, Value::small(i));
        }
        assert!(th.next(it)?.is_null());
        Ok(())
    });
    for change in 0..3 {
        th.txn.begin();
        let it = th.iter(d.value()).unwrap();
        th.next(it).unwrap();
        match change {
            0 => d.insert(th, Value::small(1000), Value::NONE).unwrap(),
            1 => assert!(!d.remove(th, Value::small(77)).unwrap().is_null()),
            _ => d.clear(th).unwrap(),
        }
        assert!(th.next(it).is_err());
        assert!(th.raised_is(th.rt.types().exceptions.runtime_error));
        th.take_exc();
        th.txn.abort();
    }
    // Somebody else's commit between two blocks of ours.
    let it = block(th, |th| {
        let it = th.iter(d.value())?;
        th.next(it)?;
        Ok(it)
    })
    .0;
    let rt = th.rt;
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut th = Thread::attach(rt);
            th.barriers = true;
            block(&mut th, |th| d.remove(th, Value::small(9)));
        });
    });
    th.txn.begin();
    assert!(th.next(it).is_err());
    th.take_exc();
    th.txn.commit().unwrap();
    th.barriers = false;
}

#[test]
fn a_drained_dict_is_not_walked_again_and_again() {
    let mut th = test_thread();
    let th = &mut *th;
    for barriers in [false, true] {
        let d = Dict::new(th);
        th.publish(d.value());
        th.barriers = barriers;
        if barriers {
            th.txn.begin();
        }
        const N: i64 = 100_000;
        for i in 0..N {
            d.insert(th, Value::small(i), Value::NONE).unwrap();
        }
        let start = std::time::Instant::now();
        for i in (0..N).rev() {
            let (k, _) = d.pop_last(th).unwrap().unwrap();
            assert_eq!(k, Value::small(i));
            if i % 1000 == 0 {
                // Something comes in between.
                d.insert(th, Value::small(-1), Value::NONE).unwrap();
                assert_eq!(d.pop_last(th).unwrap().unwrap().0, Value::small(-1));
            }
        }
        assert_eq!(d.pop_last(th), Ok(None));
        assert!(start.elapsed().as_secs() < 20);
        if barriers {
            th.txn.commit().unwrap();
        }
        th.barriers = false;
    }
}

#[test]
fn threads_pass_items_through_a_set() {
    // Each item is in the set or in somebody's hands.
    let mut th = test_thread();
    let set = Set::new(&mut th);
    const ITEMS: i64 = 300;
    for i in 0..ITEMS {
        set.add(&mut th, Value::small(i)).unwrap();
    }
    in_threads(4, set.value(), |th, t| {
        let mut state = t + 7;
        let mut hands = vec![];
        for _ in 0..2000 {
            if hands.is_empty() || random(&mut state) % 2 == 0 {
                let item = Value::small(random(&mut state) as i64 % ITEMS);
                if block(th, |th| set.remove(th, item)).0 {
                    hands.push(item);
                }
            } else {
                let item = hands.swap_remove(random(&mut state) as usize % hands.len());
                assert!(block(th, |th| set.add(th, item)).0, "it was there twice");
            }
        }
        for item in hands {
            assert!(block(th, |th| set.add(th, item)).0);
        }
    });
    assert_eq!(set.len(&mut th), Ok(ITEMS as usize));
    let mut items: Vec<i64> = set
        .items(&mut th)
        .unwrap()
        .iter()
        .map(|v| v.int_unchecked())
        .collect();
    items.sort();
    assert!(items.into_iter().eq(0..ITEMS));
}
