//! Sorting: a stable merge sort that finds runs, as timsort does, and stops at the first failed comparison.
//!
//! `slice::sort_by` must not be given comparisons that fail or contradict themselves, as Python code may. It is used where the
//! keys are all of one simple type.

use crate::heap::{Kind, R, Thread, Value};
use crate::objects::protocol::Cmp;
use crate::objects::string::Str;

/// What is sorted: a key, and the item that goes with it.
pub(super) type Pair = (Value, Value);

/// Runs shorter than this are extended by insertion: between 32 and 64, so that `len` is a little less than a power of two times it.
fn min_run(len: usize) -> usize {
    let (mut n, mut odd) = (len, 0);
    while n >= 64 {
        odd |= n & 1;
        n >>= 1;
    }
    n + odd
}

/// How all keys compare without asking anybody, if they do.
enum Simple {
    Ints,
    Floats,
    Strings,
}

fn simple(th: &Thread, pairs: &[Pair]) -> Option<Simple> {
    let first = pairs.first()?.0;
    if first.is_int() {
        return pairs.iter().all(|p| p.0.is_int()).then_some(Simple::Ints);
    }
    if first.is_float() {
        let ordered = |p: &Pair| p.0.as_float().is_some_and(|f| !f.is_nan());
        return pairs.iter().all(ordered).then_some(Simple::Floats);
    }
    let str = th.rt.types().str;
    let is_str = |p: &Pair| p.0.kind() == Kind::Str && th.class_of(p.0) == str;
    pairs.iter().all(is_str).then_some(Simple::Strings)
}

fn bytes(v: &Value) -> &[u8] {
    // SAFETY: the caller has checked that it is a string; the pair keeps it alive.
    unsafe { &*(*v).cast_unchecked::<Str>().as_ptr() }.as_bytes()
}

/// Sorts by key. The values must be rooted. After an error the pairs are in some order, and all there.
pub(super) fn sort(th: &mut Thread, pairs: &mut [Pair]) -> R<()> {
    match simple(th, pairs) {
        Some(Simple::Ints) => pairs.sort_by_key(|p| p.0.int_unchecked()),
        Some(Simple::Floats) => pairs.sort_by(|a, b| {
            let (a, b) = (a.0.float_unchecked(), b.0.float_unchecked());
            a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
        }),
        Some(Simple::Strings) => pairs.sort_by(|a, b| bytes(&a.0).cmp(bytes(&b.0))),
        None => merge_sort(pairs, &mut |a, b| th.compare_bool(Cmp::Lt, a.0, b.0))?,
    }
    Ok(())
}

type Less<'a, T> = &'a mut dyn FnMut(&T, &T) -> R<bool>;

/// Stable; `less` may fail, and need not make sense.
fn merge_sort<T: Copy>(items: &mut [T], less: Less<T>) -> R<()> {
    let len = items.len();
    let least = min_run(len);
    let mut spare: Vec<T> = Vec::with_capacity(len / 2);
    // Runs that wait to be merged: start and length. Each is longer than the next two together.
    let mut runs: Vec<(usize, usize)> = vec![];
    let mut at = 0;
    while at < len {
        let mut run = next_run(&mut items[at..], less)?;
        let wanted = least.min(len - at);
        if run < wanted {
            insert_rest(&mut items[at..at + wanted], run, less)?;
            run = wanted;
        }
        runs.push((at, run));
        at += run;
        while let Some(i) = to_merge(&runs) {
            merge_at(items, &mut runs, i, &mut spare, less)?;
        }
    }
    while runs.len() > 1 {
        let n = runs.len();
        let i = if n > 2 && runs[n - 3].1 < runs[n - 1].1 {
            n - 3
        } else {
            n - 2
        };
        merge_at(items, &mut runs, i, &mut spare, less)?;
    }
    Ok(())
}

/// The length of the run that `items` begins with; a falling one is turned round. Which comparisons are made, and in what order,
/// can be seen from a script: they are CPython's.
fn next_run<T: Copy>(items: &mut [T], less: Less<T>) -> R<usize> {
    let len = items.len();
    let mut run = 1.min(len);
    while run < len && !less(&items[run], &items[run - 1])? {
        run += 1;
    }
    if run == len {
        return Ok(run);
    }
    if run > 1 {
        if less(&items[0], &items[run - 1])? {
            return Ok(run);
        }
        // So far all are equal, and the next is less. They are in the way back to their order.
        items[..run].reverse();
    }
    run += 1;
    // Equal ones at the end of the run, after the first of them.
    let mut equal = 0;
    while run < len {
        if less(&items[run], &items[run - 1])? {
            keep_order(&mut items[..run], &mut equal);
        } else if less(&items[run - 1], &items[run])? {
            break;
        } else {
            equal += 1;
        }
        run += 1;
    }
    keep_order(&mut items[..run], &mut equal);
    items[..run].reverse();
    while run < len && !less(&items[run], &items[run - 1])? {
        run += 1;
    }
    Ok(run)
}

/// Turns the last `equal + 1` items round, for they will be turned once more.
fn keep_order<T>(items: &mut [T], equal: &mut usize) {
    if *equal > 0 {
        let first = items.len() - *equal - 1;
        items[first..].reverse();
        *equal = 0;
    }
}

/// `items[..sorted]` is in order; brings in the rest one by one.
fn insert_rest<T: Copy>(items: &mut [T], sorted: usize, less: Less<T>) -> R<()> {
    for i in sorted..items.len() {
        let item = items[i];
        let (mut low, mut high) = (0, i);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(&item, &items[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        items.copy_within(low..i, low + 1);
        items[low] = item;
    }
    Ok(())
}

/// Which run is to be merged with the one after it, so that the lengths keep falling fast enough.
fn to_merge(runs: &[(usize, usize)]) -> Option<usize> {
    let n = runs.len();
    let len = |back: usize| runs[n - back].1;
    if n >= 3 && len(3) <= len(2) + len(1) || n >= 4 && len(4) <= len(3) + len(2) {
        return Some(if len(3) < len(1) { n - 3 } else { n - 2 });
    }
    (n >= 2 && len(2) <= len(1)).then(|| n - 2)
}

fn merge_at<T: Copy>(
    items: &mut [T],
    runs: &mut Vec<(usize, usize)>,
    i: usize,
    spare: &mut Vec<T>,
    less: Less<T>,
) -> R<()> {
    let ((start, first), (_, second)) = (runs[i], runs[i + 1]);
    runs[i].1 = first + second;
    runs.remove(i + 1);
    merge(
        &mut items[start..start + first + second],
        first,
        spare,
        less,
    )
}

/// The first position in `items` before which all are not greater than `key` (`after`: that come before an equal one).
fn bound<T: Copy>(items: &[T], key: &T, after: bool, less: Less<T>) -> R<usize> {
    let (mut low, mut high) = (0, items.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let right = if after {
            !less(key, &items[middle])?
        } else {
            less(&items[middle], key)?
        };
        if right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Merges `items[..first]` with the rest. All items stay there also when a comparison fails.
fn merge<T: Copy>(items: &mut [T], first: usize, spare: &mut Vec<T>, less: Less<T>) -> R<()> {
    // What is in its place already takes no part.
    let skip = bound(&items[..first], &items[first], true, less)?;
    if skip == first {
        return Ok(());
    }
    let end = first + bound(&items[first..], &items[first - 1], false, less)?;
    let items = &mut items[skip..end];
    let first = first - skip;
    spare.clear();
    if first <= items.len() - first {
        spare.extend_from_slice(&items[..first]);
        let (mut left, mut right, mut to) = (0, first, 0);
        let mut result = Ok(());
        while left < spare.len() && right < items.len() {
            match less(&items[right], &spare[left]) {
                Ok(true) => {
                    items[to] = items[right];
                    right += 1;
                }
                Ok(false) => {
                    items[to] = spare[left];
                    left += 1;
                }
                Err(fail) => {
                    result = Err(fail);
                    break;
                }
            }
            to += 1;
        }
        let rest = spare.len() - left;
        items[to..to + rest].copy_from_slice(&spare[left..]);
        result
    } else {
        spare.extend_from_slice(&items[first..]);
        let (mut left, mut right, mut to) = (first, spare.len(), items.len());
        let mut result = Ok(());
        while left > 0 && right > 0 {
            to -= 1;
            match less(&spare[right - 1], &items[left - 1]) {
                Ok(true) => {
                    items[to] = items[left - 1];
                    left -= 1;
                }
                Ok(false) => {
                    items[to] = spare[right - 1];
                    right -= 1;
                }
                Err(fail) => {
                    result = Err(fail);
                    break;
                }
            }
        }
        // What is left of the spare ones belongs right behind what is left of the first run.
        items[left..left + right].copy_from_slice(&spare[..right]);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Fail;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_stably(keys in proptest::collection::vec(0..40u32, 0..600), turn: bool) {
            let mut keys = keys;
            if turn {
                keys.sort();
                let third = keys.len() / 3;
                keys.rotate_left(third);
            }
            let mut items: Vec<(u32, usize)> = keys.into_iter().enumerate().map(|(i, k)| (k, i)).collect();
            let mut want = items.clone();
            want.sort_by_key(|p| p.0);
            merge_sort(&mut items, &mut |a, b| Ok(a.0 < b.0)).unwrap();
            prop_assert_eq!(items, want);
        }

        #[test]
        fn loses_nothing_when_a_comparison_fails(
            keys in proptest::collection::vec(0..400u32, 0..300), fails_at in 0..2000usize,
        ) {
            let mut items = keys.clone();
            let mut n = 0;
            let result = merge_sort(&mut items, &mut |a, b| {
                n += 1;
                if n > fails_at { Err(Fail::Raise) } else { Ok(a < b) }
            });
            let mut want = keys;
            if result.is_err() {
                items.sort();
            }
            want.sort();
            prop_assert_eq!(items, want);
        }
    }

    #[test]
    fn a_sorted_list_takes_one_comparison_each() {
        for reverse in [false, true] {
            let mut items: Vec<u32> = (0..1000).collect();
            if reverse {
                items.reverse();
            }
            let mut n = 0;
            merge_sort(&mut items, &mut |a, b| {
                n += 1;
                Ok(a < b)
            })
            .unwrap();
            assert_eq!(n, 999);
        }
    }
}
