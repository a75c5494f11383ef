//! `chain`, `islice`, `pairwise`, `batched`, `accumulate`, `zip_longest`.

use super::*;
use crate::heap::Tracer;
use crate::objects::native::tuple_items;
use crate::objects::protocol::BinOp;

struct Chain {
    /// Iterator over the iterables; null at the end.
    sources: Slot,
    active: Slot,
}
impl Payload for Chain {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.sources);
        t.slot(&self.active);
    }
}

/// `chain(*iterables)`, where `iterables` is anything iterable.
fn chain(th: &mut Thread, class: Value, iterables: Value) -> R<Value> {
    let sources = th.iter(iterables)?;
    let payload = Chain {
        sources: Slot::new(sources),
        active: null(),
    };
    instance(th, class, payload)
}

fn chain_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Chain>(th, v)?;
    loop {
        let (sources, mut active) = th.read(it, |it| (it.sources.peek(), it.active.peek()))?;
        if sources.is_null() {
            return exhausted();
        }
        if active.is_null() {
            let iterable = th.next(sources)?;
            if iterable.is_null() {
                th.set(it, &it.sources, Value::NULL)?;
                return exhausted();
            }
            active = th.iter(iterable)?;
            th.set(it, &it.active, active)?;
        }
        let item = th.next(active)?;
        if !item.is_null() {
            return Ok(item);
        }
        th.set(it, &it.active, Value::NULL)?;
    }
}

/// No bound, in `ISlice::stop`.
const OPEN: u64 = u64::MAX;

struct ISlice {
    /// Null at the end.
    source: Slot,
    /// Items taken from the source so far.
    taken: RawSlot,
    /// Index of the next item to give.
    next: RawSlot,
    stop: u64,
    step: u64,
}
impl Payload for ISlice {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.source)
    }
}

fn islice(th: &mut Thread, a: &[Value]) -> R<Value> {
    let bounds = tuple_items(a[2]);
    let (start, stop, step) = match *bounds {
        [stop] => (Value::NONE, stop, Value::NONE),
        [start, stop] => (start, stop, Value::NONE),
        [start, stop, step] => (start, stop, step),
        _ => {
            let n = bounds.len() + 1;
            let (bound, limit) = if n < 2 { ("least", 2) } else { ("most", 4) };
            return Err(th.type_error(format!(
                "islice expected at {bound} {limit} arguments, got {n}"
            )));
        }
    };
    let index = |th: &mut Thread, v: Value, absent: u64| -> Option<u64> {
        if v.is_none() {
            return Some(absent);
        }
        // Whatever goes wrong with the index, the message is the same.
        match th.index_of(v) {
            Ok(i) => i.to_i64().and_then(|i| u64::try_from(i).ok()),
            Err(_) => None,
        }
    };
    const BOUND: &str = "must be None or an integer: 0 <= x <= sys.maxsize.";
    let Some(stop) = index(th, stop, OPEN) else {
        return bad_bound(th, &format!("Stop argument for islice() {BOUND}"));
    };
    let Some(start) = index(th, start, 0) else {
        return bad_bound(th, &format!("Indices for islice() {BOUND}"));
    };
    let Some(step @ 1..) = index(th, step, 1) else {
        return bad_bound(th, "Step for islice() must be a positive integer or None.");
    };
    let source = th.iter(a[1])?;
    let payload = ISlice {
        source: Slot::new(source),
        taken: RawSlot::new(0),
        next: RawSlot::new(start),
        stop,
        step,
    };
    instance(th, a[0], payload)
}

fn bad_bound(th: &mut Thread, message: &str) -> R<Value> {
    th.take_exc();
    Err(th.value_error(message))
}

fn islice_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<ISlice>(th, v)?;
    let (source, next, mut taken) =
        th.read(it, |it| (it.source.peek(), it.next.peek(), it.taken.peek()))?;
    if source.is_null() {
        return exhausted();
    }
    let mut item = Value::NULL;
    let wanted = if next >= it.stop {
        // At the end: what lies before the bound is still skipped.
        it.stop
    } else {
        next.saturating_add(1)
    };
    while taken < wanted {
        item = th.next(source)?;
        if item.is_null() {
            th.set(it, &it.source, Value::NULL)?;
            return exhausted();
        }
        taken += 1;
        th.set_raw(it, &it.taken, taken)?;
    }
    if next >= it.stop {
        th.set(it, &it.source, Value::NULL)?;
        return exhausted();
    }
    let after = next.saturating_add(it.step).min(it.stop);
    th.set_raw(it, &it.next, after)?;
    Ok(item)
}

struct Pairwise {
    /// Null at the end.
    source: Slot,
    old: Slot,
}
impl Payload for Pairwise {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.source);
        t.slot(&self.old);
    }
}

fn pairwise_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Pairwise>(th, v)?;
    let (source, mut old) = th.read(it, |it| (it.source.peek(), it.old.peek()))?;
    if source.is_null() {
        return exhausted();
    }
    if old.is_null() {
        old = th.next(source)?;
        if old.is_null() {
            th.set(it, &it.source, Value::NULL)?;
            return exhausted();
        }
        th.set(it, &it.old, old)?;
        // Fetching it may have run this iterator to its end.
        if th.get(it, &it.source)?.is_null() {
            return exhausted();
        }
    }
    let new = th.next(source)?;
    if new.is_null() {
        th.set(it, &it.source, Value::NULL)?;
        th.set(it, &it.old, Value::NULL)?;
        return exhausted();
    }
    th.set(it, &it.old, new)?;
    Ok(th.tuple_value(&[old, new]))
}

struct Batched {
    /// Null at the end.
    source: Slot,
    size: usize,
    strict: bool,
}
impl Payload for Batched {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.source)
    }
}

fn batched(th: &mut Thread, a: &[Value]) -> R<Value> {
    let size = th.index_i64(a[2])?;
    let strict = !a[3].is_null() && th.truth(a[3])?;
    if size < 1 {
        return Err(th.value_error("n must be at least one"));
    }
    let source = th.iter(a[1])?;
    let payload = Batched {
        source: Slot::new(source),
        size: size as usize,
        strict,
    };
    instance(th, a[0], payload)
}

fn batched_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Batched>(th, v)?;
    let source = th.get(it, &it.source)?;
    if source.is_null() {
        return exhausted();
    }
    let mark = th.roots.len();
    while th.roots.len() - mark < it.size {
        let item = th.next(source)?;
        if item.is_null() {
            break;
        }
        th.roots.push(item);
    }
    let items = th.roots.since(mark).to_vec();
    th.roots.truncate(mark);
    if items.len() < it.size {
        th.set(it, &it.source, Value::NULL)?;
        if items.is_empty() {
            return exhausted();
        }
        if it.strict {
            return Err(th.value_error("batched(): incomplete batch"));
        }
    }
    Ok(th.tuple_value(&items))
}

struct Accumulate {
    source: Value,
    /// None for addition.
    function: Value,
    /// To be given first; then null.
    initial: Slot,
    total: Slot,
}
impl Payload for Accumulate {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.source, self.function]);
        t.slot(&self.initial);
        t.slot(&self.total);
    }
}

fn accumulate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let source = th.iter(a[1])?;
    let initial = if a[3].is_none() { Value::NULL } else { a[3] };
    let payload = Accumulate {
        source,
        function: a[2].or_none(),
        initial: Slot::new(initial),
        total: null(),
    };
    instance(th, a[0], payload)
}

fn accumulate_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Accumulate>(th, v)?;
    let initial = th.get(it, &it.initial)?;
    if !initial.is_null() {
        th.set(it, &it.initial, Value::NULL)?;
        th.set(it, &it.total, initial)?;
        return Ok(initial);
    }
    let item = th.next(it.source)?;
    if item.is_null() {
        return exhausted();
    }
    let total = th.get(it, &it.total)?;
    let total = if total.is_null() {
        item
    } else if it.function.is_none() {
        th.binary(BinOp::Add, total, item)?
    } else {
        th.call(it.function, &[total, item])?
    };
    th.set(it, &it.total, total)?;
    Ok(total)
}

struct ZipLongest {
    /// An iterator each; null where one has ended.
    sources: Box<[Slot]>,
    fill: Value,
}
impl Payload for ZipLongest {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.fill);
        for s in &self.sources {
            t.slot(s)
        }
    }
}

fn zip_longest(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mark = th.roots.len();
    for &iterable in tuple_items(a[1]) {
        let source = th.iter(iterable)?;
        th.roots.push(source);
    }
    let sources = th.roots.since(mark).iter().map(|&v| Slot::new(v)).collect();
    let payload = ZipLongest {
        sources,
        fill: a[2].or_none(),
    };
    let made = instance(th, a[0], payload);
    th.roots.truncate(mark);
    made
}

fn zip_longest_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<ZipLongest>(th, v)?;
    let mark = th.roots.len();
    let mut any = false;
    for slot in &it.sources {
        let source = th.get(it, slot)?;
        let mut item = Value::NULL;
        if !source.is_null() {
            item = th.next(source)?;
            if item.is_null() {
                th.set(it, slot, Value::NULL)?;
                let mut ended = true;
                for other in &it.sources {
                    ended &= th.get(it, other)?.is_null();
                }
                if ended {
                    th.roots.truncate(mark);
                    return exhausted();
                }
            }
        }
        any |= !item.is_null();
        th.roots.push(if item.is_null() { it.fill } else { item });
    }
    let items = th.roots.since(mark).to_vec();
    th.roots.truncate(mark);
    if !any {
        return exhausted();
    }
    Ok(th.tuple_value(&items))
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    iterator_type::<Chain>(
        th,
        module,
        "chain(cls, *iterables)",
        |th, a| chain(th, a[0], a[1]),
        chain_next,
        |t| {
            t.class_method("from_iterable(type, iterable, /)", |th, a| {
                chain(th, a[0], a[1])
            });
        },
    );
    iterator_type::<ISlice>(
        th,
        module,
        "islice(cls, iterable, /, *args)",
        islice,
        islice_next,
        |_| {},
    );
    iterator_type::<Pairwise>(
        th,
        module,
        "pairwise(cls, iterable, /)",
        |th, a| {
            let source = th.iter(a[1])?;
            let payload = Pairwise {
                source: Slot::new(source),
                old: null(),
            };
            instance(th, a[0], payload)
        },
        pairwise_next,
        |_| {},
    );
    iterator_type::<Batched>(
        th,
        module,
        "batched(cls, iterable, n, *, strict=False)",
        batched,
        batched_next,
        |_| {},
    );
    iterator_type::<Accumulate>(
        th,
        module,
        "accumulate(cls, iterable, func=None, *, initial=None)",
        accumulate,
        accumulate_next,
        |_| {},
    );
    iterator_type::<ZipLongest>(
        th,
        module,
        "zip_longest(cls, *iterables, fillvalue=None)",
        zip_longest,
        zip_longest_next,
        |_| {},
    );
}
