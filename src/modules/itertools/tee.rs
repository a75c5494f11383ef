//! `tee`: a chain of cells that the iterators walk along, each at its own pace; whoever is first fills the next cell.

use super::*;
use crate::heap::Tracer;

struct Cell {
    source: Value,
    /// Null until somebody comes here.
    item: Slot,
    next: Slot,
}
impl Payload for Cell {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.source);
        t.slot(&self.item);
        t.slot(&self.next);
    }
}

struct Tee {
    at: Slot,
}
impl Payload for Tee {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.at)
    }
}

fn cell(th: &mut Thread, source: Value) -> Value {
    let class = th.class_for::<Cell>();
    th.new_native(
        class,
        Cell {
            source,
            item: null(),
            next: null(),
        },
    )
    .value()
}

/// One iterator over `iterable`: a branch of it if it is a tee itself.
fn branch(th: &mut Thread, iterable: Value) -> R<Value> {
    let source = th.iter(iterable)?;
    let at = match source.native::<Tee>() {
        Some(other) => th.get(other, &other.at)?,
        None => cell(th, source),
    };
    let class = th.class_for::<Tee>();
    Ok(th.new_native(class, Tee { at: Slot::new(at) }).value())
}

fn tee(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = if a[1].is_null() {
        2
    } else {
        th.index_i64(a[1])?
    };
    let Ok(n) = usize::try_from(n) else {
        return Err(th.value_error("n must be >= 0"));
    };
    if n == 0 {
        return Ok(th.tuple_value(&[]));
    }
    let first = branch(th, a[0])?;
    th.roots.push(first);
    let mut all = vec![first];
    for _ in 1..n {
        let next = branch(th, first)?;
        th.roots.push(next);
        all.push(next);
    }
    Ok(th.tuple_value(&all))
}

fn tee_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Tee>(th, v)?;
    let at = th.get(it, &it.at)?;
    let Some(here) = at.native::<Cell>() else {
        return exhausted();
    };
    let (mut item, mut next) = th.read(here, |c| (c.item.peek(), c.next.peek()))?;
    if item.is_null() {
        item = th.next(here.source)?;
        if item.is_null() {
            return exhausted();
        }
        if !th.get(here, &here.item)?.is_null() {
            return Err(th.runtime_error("tee() iterator re-entered"));
        }
        next = cell(th, here.source);
        th.set(here, &here.item, item)?;
        th.set(here, &here.next, next)?;
    }
    th.set(it, &it.at, next)?;
    Ok(item)
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.new_type::<Cell>("itertools._tee_dataobject", class_flags::NO_NEW, |_| {});
    let class = th.new_type::<Tee>("itertools._tee", class_flags::WEAKREF, |t| {
        t.new("_tee(cls, iterable, /)", |th, a| branch(th, a[1]));
        t.iterator(tee_next);
        t.method("__copy__(self, /)", |th, a| branch(th, a[0]));
    });
    th.define(module.dict(), "_tee", class.value());
    th.functions(module, &[("tee(iterable, n=2, /)", tee)]);
}
