use proptest::prelude::*;

use super::List;
use crate::heap::{Fail, Ref, Thread, Value};
use crate::objects::testing::{block, in_threads, random, test_thread};

#[derive(Clone, Debug)]
enum Op {
    Push(i64),
    Pop,
    Insert(usize, i64),
    RemoveAt(usize),
    Set(usize, i64),
    Extend(usize),
    Splice(i64, i64, i64, usize),
    DeleteSlice(i64, i64, i64),
    Reverse,
    Sort,
    Clear,
    Commit,
    Abort,
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0..400usize;
    let bound = -450..450i64;
    prop_oneof![
        8 => (0..100i64).prop_map(Op::Push),
        4 => Just(Op::Pop),
        4 => (at.clone(), 0..100i64).prop_map(|(i, v)| Op::Insert(i, v)),
        3 => at.clone().prop_map(Op::RemoveAt),
        6 => (at, 0..100i64).prop_map(|(i, v)| Op::Set(i, v)),
        3 => (0..150usize).prop_map(Op::Extend),
        2 => (bound.clone(), bound.clone(), -3..4i64, 0..40usize).prop_map(|(a, b, s, n)| Op::Splice(a, b, s, n)),
        2 => (bound.clone(), bound, -3..4i64).prop_map(|(a, b, s)| Op::DeleteSlice(a, b, s)),
        1 => Just(Op::Reverse),
        1 => Just(Op::Sort),
        1 => Just(Op::Clear),
        2 => Just(Op::Commit),
        2 => Just(Op::Abort),
    ]
}

fn ints(th: &mut Thread, l: Ref<List>) -> Vec<i64> {
    let items = l.items(th).unwrap();
    items.iter().map(|v| v.as_int().unwrap()).collect()
}

/// The positions of a slice, by the definition.
fn positions(start: i64, stop: i64, step: i64, len: usize) -> Vec<usize> {
    let at = crate::text::str_ops::SliceIndices::resolve(
        Some(start as isize),
        Some(stop as isize),
        step as isize,
        len,
    );
    at.iter().collect()
}

fn slice(th: &mut Thread, a: i64, b: i64, s: i64) -> Value {
    th.slice(Value::small(a), Value::small(b), Value::small(s))
        .value()
}

fn compare(th: &mut Thread, ops: &[Op], barriers: bool, shared: bool) {
    th.barriers = barriers;
    if barriers {
        th.txn.begin();
    }
    let l = List::new(th, &[]);
    if shared {
        th.publish(l.value());
    }
    if barriers {
        th.txn.commit().unwrap();
        th.txn.begin();
    }
    let mut m: Vec<i64> = vec![];
    let mut saved = m.clone();
    let v = Value::small;
    for op in ops {
        match *op {
            Op::Push(x) => {
                l.push(th, v(x)).unwrap();
                m.push(x);
            }
            Op::Pop => assert_eq!(l.pop(th).unwrap().as_int(), m.pop()),
            Op::Insert(i, x) => {
                l.insert(th, i, v(x)).unwrap();
                m.insert(i.min(m.len()), x);
            }
            Op::RemoveAt(i) => {
                if i < m.len() {
                    assert_eq!(l.remove_at(th, i).unwrap(), v(m.remove(i)));
                }
            }
            Op::Set(i, x) => {
                assert_eq!(l.set(th, i, v(x)).unwrap(), i < m.len());
                if i < m.len() {
                    m[i] = x;
                }
            }
            Op::Extend(n) => {
                let items: Vec<Value> = (0..n as i64).map(v).collect();
                let other = th.tuple_value(&items);
                l.extend(th, other).unwrap();
                m.extend(0..n as i64);
            }
            Op::Splice(a, b, s, n) => {
                let s = if s == 0 { 1 } else { s };
                let at = positions(a, b, s, m.len());
                let new: Vec<i64> = (0..if s == 1 { n } else { at.len() } as i64).collect();
                let values: Vec<Value> = new.iter().copied().map(v).collect();
                let values = th.tuple_value(&values);
                let key = slice(th, a, b, s);
                th.set_item(l.value(), key, values).unwrap();
                if s == 1 {
                    let len = m.len() as i64;
                    let start = if a < 0 { (a + len).max(0) } else { a.min(len) } as usize;
                    m.splice(start..start + at.len(), new);
                } else {
                    at.into_iter().zip(new).for_each(|(i, x)| m[i] = x);
                }
            }
            Op::DeleteSlice(a, b, s) => {
                let s = if s == 0 { 1 } else { s };
                let gone = positions(a, b, s, m.len());
                let key = slice(th, a, b, s);
                th.del_item(l.value(), key).unwrap();
                let mut i = 0;
                m.retain(|_| {
                    i += 1;
                    !gone.contains(&(i - 1))
                });
            }
            Op::Reverse => {
                th.call_method(l.value(), "reverse", &[]).unwrap();
                m.reverse();
            }
            Op::Sort => {
                l.sort(th, Value::NULL, false).unwrap();
                m.sort();
            }
            Op::Clear => {
                l.assign(th, &[]).unwrap();
                m.clear();
            }
            Op::Commit if barriers => {
                th.txn.commit().unwrap();
                th.txn.begin();
                saved = m.clone();
            }
            Op::Abort if barriers => {
                th.txn.abort();
                th.txn.begin();
                m = saved.clone();
            }
            Op::Commit | Op::Abort => {}
        }
        assert_eq!(l.len(th), Ok(m.len()));
        if let Some(&last) = m.last() {
            assert_eq!(l.get(th, m.len() - 1), Ok(v(last)));
        }
        assert_eq!(l.get(th, m.len()), Ok(Value::NULL));
    }
    assert_eq!(ints(th, l), m);
    if barriers {
        th.txn.commit().unwrap();
    }
    th.barriers = false;
    assert_eq!(ints(th, l), m);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn a_list_is_a_vector(ops in proptest::collection::vec(op(), 0..150)) {
        let mut th = test_thread();
        compare(&mut th, &ops, false, false);
        compare(&mut th, &ops, true, false);
        compare(&mut th, &ops, true, true);
    }
}

#[test]
fn distant_items_do_not_conflict() {
    let mut th = test_thread();
    let items: Vec<Value> = (0..1000).map(Value::small).collect();
    let l = List::new(&mut th, &items);
    th.publish(l.value());
    let rt = th.rt;
    th.barriers = true;
    th.txn.begin();
    assert_eq!(l.set(&mut th, 10, Value::NONE), Ok(true));
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut th = Thread::attach(rt);
            th.barriers = true;
            th.txn.begin();
            assert_eq!(l.set(&mut th, 900, Value::NONE), Ok(true));
            assert_eq!(l.get(&mut th, 11), Err(Fail::Abort));
            th.txn.abort();
            block(&mut th, |th| l.set(th, 500, Value::TRUE));
        });
    });
    assert_eq!(l.get(&mut th, 500), Ok(Value::TRUE));
    th.txn.commit().unwrap();
    th.barriers = false;
    assert_eq!(l.get(&mut th, 900), Ok(Value::small(900)));
}

#[test]
fn items_and_length_do_not_conflict() {
    let mut th = test_thread();
    let items: Vec<Value> = (0..1000).map(Value::small).collect();
    let l = List::new(&mut th, &items);
    l.push(&mut th, Value::small(1000)).unwrap();
    th.publish(l.value());
    let rt = th.rt;
    th.barriers = true;
    th.txn.begin();
    assert_eq!(l.push(&mut th, Value::NONE), Ok(()));
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut th = Thread::attach(rt);
            th.barriers = true;
            th.txn.begin();
            assert_eq!(l.get(&mut th, 11), Ok(Value::small(11)));
            assert_eq!(l.set(&mut th, 500, Value::TRUE), Ok(true));
            assert_eq!(l.get(&mut th, 9999), Ok(Value::NULL));
            th.txn.commit().unwrap();
            for ask in [
                (|th, l| l.len(th).map(|_| ())) as fn(&mut Thread, Ref<List>) -> _,
                |th, l| l.pop(th).map(|_| ()),
                |th, l| l.get(th, 1001).map(|_| ()),
                |th, l| l.assign(th, &[]),
                |th, l| l.items(th).map(|_| ()),
            ] {
                th.txn.begin();
                assert_eq!(ask(&mut th, l), Err(Fail::Abort));
                th.txn.abort();
            }
        });
    });
    assert_eq!(l.get(&mut th, 500), Ok(Value::TRUE));
    assert_eq!(l.len(&mut th), Ok(1002));
    th.txn.commit().unwrap();
    th.barriers = false;
    assert_eq!(l.get(&mut th, 1001), Ok(Value::NONE));
}

/// Invariant 5, between the two reads of `parts`.
#[test]
fn length_and_buffer_belong_together() {
    for change in [
        (|th, l| l.assign(th, &[Value::NONE; 300])) as fn(&mut Thread, Ref<List>) -> _,
        |th, l| l.assign(th, &[]),
        |th, l| l.grow(th, 1000).map(|_| ()),
    ] {
        let mut th = test_thread();
        let l = List::new(&mut th, &[Value::NONE; 200]);
        th.publish(l.value());
        let rt = th.rt;
        th.barriers = true;
        th.txn.begin();
        let buf = l.buffer(&mut th).unwrap().unwrap();
        std::thread::scope(|s| {
            s.spawn(|| {
                let mut th = Thread::attach(rt);
                th.barriers = true;
                block(&mut th, |th| change(th, l));
            });
        });
        assert_eq!(th.read(buf, |_| l.len.peek()), Err(Fail::Abort));
        th.txn.abort();
    }
}

/// One appends pairs and takes them away again, growing the list and making it short; the others move amounts between items.
#[test]
fn a_list_that_changes_its_length_keeps_its_sum() {
    let mut th = test_thread();
    const LEN: usize = 200;
    let l = List::new(&mut th, &[Value::small(10); LEN]);
    in_threads(4, l.value(), |th, t| {
        let mut state = t + 3;
        for round in 0..2000u64 {
            match t {
                0 => drop(block(th, |th| {
                    let len = l.len(th)?;
                    if round / 200 % 2 == 0 {
                        l.push(th, Value::small(round as i64))?;
                        l.push(th, Value::small(-(round as i64)))?;
                    } else if len > LEN {
                        let (a, b) = (l.pop(th)?, l.pop(th)?);
                        assert_eq!(a.int_unchecked(), -b.int_unchecked());
                    }
                    if round == 1900 {
                        let items = l.items(th)?;
                        l.assign(th, &items)?;
                    }
                    Ok(())
                })),
                1 => {
                    let (items, _) = block(th, |th| {
                        let items = l.items(th)?;
                        assert_eq!(l.len(th)?, items.len());
                        Ok(items)
                    });
                    assert_eq!(items.len() % 2, 0);
                    let sum: i64 = items.iter().map(|v| v.int_unchecked()).sum();
                    assert_eq!(sum, 10 * LEN as i64);
                }
                _ => {
                    let mut any = || random(&mut state) as usize % LEN;
                    let (i, j) = (any(), any());
                    block(th, |th| {
                        let (x, y) = (l.get(th, i)?.int_unchecked(), l.get(th, j)?.int_unchecked());
                        if i != j {
                            l.set(th, i, Value::small(x - 1))?;
                            l.set(th, j, Value::small(y + 1))?;
                        }
                        Ok(())
                    });
                }
            }
        }
    });
    assert_eq!(ints(&mut th, l).iter().sum::<i64>(), 10 * LEN as i64);
}

#[test]
fn appends_and_pops_lose_nothing() {
    let mut th = test_thread();
    let (full, done) = (List::new(&mut th, &[]), List::new(&mut th, &[]));
    let both = th.tuple_value(&[full.value(), done.value()]);
    const EACH: i64 = 1500;
    in_threads(4, both, |th, t| {
        let mut state = t;
        if t < 2 {
            for i in 0..EACH {
                let item = Value::small(t as i64 * EACH + i);
                block(th, |th| full.push(th, item));
            }
        } else {
            let mut taken = 0;
            while taken < EACH {
                // From a random end: both move it whole.
                let front = random(&mut state) % 2 == 0;
                taken += block(th, |th| {
                    let n = full.len(th)?;
                    if n == 0 {
                        return Ok(0);
                    }
                    let v = if front {
                        full.remove_at(th, 0)?
                    } else {
                        full.pop(th)?
                    };
                    done.push(th, v)?;
                    Ok(1)
                })
                .0;
            }
        }
    });
    assert_eq!(full.len(&mut th), Ok(0));
    let mut all = ints(&mut th, done);
    all.sort();
    assert!(all.into_iter().eq(0..2 * EACH));
}

#[test]
fn sums_of_a_shared_list_are_never_torn() {
    let mut th = test_thread();
    const LEN: usize = 600;
    let l = List::new(&mut th, &[Value::small(10); LEN]);
    in_threads(4, l.value(), |th, t| {
        let mut state = t + 3;
        for round in 0..1000 {
            let (i, j) = (
                random(&mut state) as usize % LEN,
                random(&mut state) as usize % LEN,
            );
            block(th, |th| {
                let (x, y) = (l.get(th, i)?.int_unchecked(), l.get(th, j)?.int_unchecked());
                if i != j {
                    l.set(th, i, Value::small(x - 1))?;
                    l.set(th, j, Value::small(y + 1))?;
                }
                Ok(())
            });
            if round % 40 == 0 {
                let (items, _) = block(th, |th| l.items(th));
                let sum: i64 = items.iter().map(|v| v.int_unchecked()).sum();
                assert_eq!(sum, 10 * LEN as i64);
            }
            if round % 200 == 50 && t == 0 {
                block(th, |th| l.sort(th, Value::NULL, false));
            }
        }
    });
    assert_eq!(ints(&mut th, l).iter().sum::<i64>(), 10 * LEN as i64);
}
