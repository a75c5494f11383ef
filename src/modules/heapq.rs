//! `_heapq`: binary heaps in lists, smallest or largest first.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::protocol::Cmp;

/// Which of two items belongs nearer to the root.
type Before = fn(&mut Thread, Value, Value) -> R<bool>;

#[inline]
fn less(th: &mut Thread, a: Value, b: Value) -> R<bool> {
    if Value::both_int(a, b) {
        return Ok(a.int_unchecked() < b.int_unchecked());
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(x < y);
    }
    th.compare_bool(Cmp::Lt, a, b)
}

fn greater(th: &mut Thread, a: Value, b: Value) -> R<bool> {
    less(th, b, a)
}

fn list_argument(th: &mut Thread, v: Value, what: &str) -> R<Ref<List>> {
    match v.cast::<List>() {
        Some(list) => Ok(list),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("{what} must be list, not {name}")))
        }
    }
}

/// Item `i` of a heap that had `len` items when the operation began. A comparison may have run code that changed it.
#[inline]
fn item(th: &mut Thread, heap: Ref<List>, i: usize) -> R<Value> {
    let v = heap.get(th, i)?;
    if v.is_null() {
        return Err(size_changed(th));
    }
    Ok(v)
}

#[inline]
fn put(th: &mut Thread, heap: Ref<List>, i: usize, v: Value) -> R<()> {
    if !heap.set(th, i, v)? {
        return Err(size_changed(th));
    }
    Ok(())
}

#[cold]
fn size_changed(th: &mut Thread) -> crate::heap::Fail {
    th.runtime_error("list changed size during iteration")
}

fn compare(
    th: &mut Thread,
    heap: Ref<List>,
    len: usize,
    before: Before,
    a: Value,
    b: Value,
) -> R<bool> {
    let result = before(th, a, b)?;
    if heap.len(th)? != len {
        return Err(size_changed(th));
    }
    Ok(result)
}

/// Moves the item at `at` towards the root as far as `top`.
fn rise(th: &mut Thread, heap: Ref<List>, top: usize, at: usize, before: Before) -> R<()> {
    let len = heap.len(th)?;
    let moving = item(th, heap, at)?;
    let mut at = at;
    while at > top {
        let parent = (at - 1) / 2;
        let above = item(th, heap, parent)?;
        if !compare(th, heap, len, before, moving, above)? {
            break;
        }
        put(th, heap, at, above)?;
        put(th, heap, parent, moving)?;
        at = parent;
    }
    Ok(())
}

/// Moves the item at `at` to the leaves, along the children nearer to the root, and from there up again: most items
/// taken from the end belong near the leaves, so this saves comparisons.
fn sink(th: &mut Thread, heap: Ref<List>, at: usize, before: Before) -> R<()> {
    let len = heap.len(th)?;
    let (top, mut at) = (at, at);
    let moving = item(th, heap, at)?;
    while 2 * at + 1 < len {
        let mut child = 2 * at + 1;
        let mut below = item(th, heap, child)?;
        if child + 1 < len {
            let other = item(th, heap, child + 1)?;
            if !compare(th, heap, len, before, below, other)? {
                child += 1;
                below = item(th, heap, child)?;
            }
        }
        put(th, heap, at, below)?;
        put(th, heap, child, moving)?;
        at = child;
    }
    rise(th, heap, top, at, before)
}

fn push(th: &mut Thread, a: &[Value], name: &str, before: Before) -> R<Value> {
    let heap = list_argument(th, a[0], &format!("{name}() argument 1"))?;
    heap.push(th, a[1])?;
    let last = heap.len(th)? - 1;
    rise(th, heap, 0, last, before)?;
    Ok(Value::NONE)
}

fn pop(th: &mut Thread, a: &[Value], name: &str, before: Before) -> R<Value> {
    let heap = list_argument(th, a[0], &format!("{name}() argument"))?;
    let last = heap.pop(th)?;
    if last.is_null() {
        return Err(th.index_error("index out of range"));
    }
    if heap.len(th)? == 0 {
        return Ok(last);
    }
    let first = item(th, heap, 0)?;
    put(th, heap, 0, last)?;
    sink(th, heap, 0, before)?;
    Ok(first)
}

fn replace(th: &mut Thread, a: &[Value], name: &str, before: Before) -> R<Value> {
    let heap = list_argument(th, a[0], &format!("{name}() argument 1"))?;
    let first = heap.get(th, 0)?;
    if first.is_null() {
        return Err(th.index_error("index out of range"));
    }
    put(th, heap, 0, a[1])?;
    sink(th, heap, 0, before)?;
    Ok(first)
}

fn push_pop(th: &mut Thread, a: &[Value], name: &str, before: Before) -> R<Value> {
    let heap = list_argument(th, a[0], &format!("{name}() argument 1"))?;
    let first = heap.get(th, 0)?;
    if first.is_null() || !before(th, first, a[1])? {
        return Ok(a[1]);
    }
    if heap.len(th)? == 0 {
        return Err(th.index_error("index out of range"));
    }
    put(th, heap, 0, a[1])?;
    sink(th, heap, 0, before)?;
    Ok(first)
}

fn heapify(th: &mut Thread, a: &[Value], name: &str, before: Before) -> R<Value> {
    let heap = list_argument(th, a[0], &format!("{name}() argument"))?;
    for i in (0..heap.len(th)? / 2).rev() {
        sink(th, heap, i, before)?;
    }
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_heapq");
    th.functions(
        module,
        &[
            ("heappush(heap, item, /)", |th, a| {
                push(th, a, "heappush", less)
            }),
            ("heappop(heap, /)", |th, a| pop(th, a, "heappop", less)),
            ("heapreplace(heap, item, /)", |th, a| {
                replace(th, a, "heapreplace", less)
            }),
            ("heappushpop(heap, item, /)", |th, a| {
                push_pop(th, a, "heappushpop", less)
            }),
            ("heapify(heap, /)", |th, a| heapify(th, a, "heapify", less)),
            ("heappush_max(heap, item, /)", |th, a| {
                push(th, a, "heappush_max", greater)
            }),
            ("heappop_max(heap, /)", |th, a| {
                pop(th, a, "heappop_max", greater)
            }),
            ("heapreplace_max(heap, item, /)", |th, a| {
                replace(th, a, "heapreplace_max", greater)
            }),
            ("heappushpop_max(heap, item, /)", |th, a| {
                push_pop(th, a, "heappushpop_max", greater)
            }),
            ("heapify_max(heap, /)", |th, a| {
                heapify(th, a, "heapify_max", greater)
            }),
        ],
    );
    Ok(module)
}
