//! `_lru_cache_wrapper`.
//!
//! Threads that hit an unbounded cache must not conflict, so a hit writes nothing that another thread reads: hits and
//! misses are counted in stripes, one object for some of the threads. A bounded cache keeps its entries in order of
//! use, in a ring; a hit on the entry used last writes nothing either.

use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};

const STRIPES: usize = 8;

/// Hits and misses of the threads that fall on this stripe.
struct Counter {
    hits: RawSlot,
    misses: RawSlot,
}
impl Payload for Counter {}

/// An entry of a bounded cache, or the root of its ring.
struct Entry {
    key: Value,
    result: Slot,
    /// Used longer ago; of the root: used last.
    older: Slot,
    /// Used later; of the root: used longest ago.
    newer: Slot,
}
impl Payload for Entry {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.key);
        for s in [&self.result, &self.older, &self.newer] {
            t.slot(s)
        }
    }
}

/// How many entries are kept.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    None,
    Unlimited,
    Entries(usize),
}

struct Cache {
    function: Value,
    bound: Bound,
    typed: bool,
    info_type: Value,
    /// Results by key, or entries by key if bounded.
    dict: Ref<Dict>,
    root: Ref<Native<Entry>>,
    counters: [Ref<Native<Counter>>; STRIPES],
    /// Stands between positional and keyword arguments in keys.
    mark: Value,
}
impl Payload for Cache {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.info_type, self.mark]);
        t.reference(self.dict);
        t.reference(self.root);
        for c in &self.counters {
            t.reference(*c)
        }
    }
}

const NAME: &str = "functools._lru_cache_wrapper";

fn this(th: &mut Thread, v: Value) -> R<Ref<Native<Cache>>> {
    th.native_self(v, NAME)
}

fn entry(th: &mut Thread, key: Value, result: Value) -> Ref<Native<Entry>> {
    let class = th.class_for::<Entry>();
    let null = || Slot::new(Value::NULL);
    let payload = Entry {
        key,
        result: Slot::new(result),
        older: null(),
        newer: null(),
    };
    th.new_native(class, payload)
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("_lru_cache_wrapper.__new__(X): X is not a type object"));
    };
    if !th.is_callable(a[1]) {
        return Err(th.type_error("the first argument must be callable"));
    }
    let bound = if a[2].is_none() {
        Bound::Unlimited
    } else if th.is_int(a[2]) {
        match th.index_i64(a[2])? {
            ..=0 => Bound::None,
            n => Bound::Entries(n as usize),
        }
    } else {
        return Err(th.type_error("maxsize should be integer or None"));
    };
    let typed = th.truth(a[3])?;
    let root = entry(th, Value::NULL, Value::NULL);
    root.older.init(root.value());
    root.newer.init(root.value());
    let counter_class = th.class_for::<Counter>();
    let counters = std::array::from_fn(|_| {
        let counter = Counter {
            hits: RawSlot::new(0),
            misses: RawSlot::new(0),
        };
        th.new_native(counter_class, counter)
    });
    let payload = Cache {
        function: a[1],
        bound,
        typed,
        info_type: a[4],
        dict: Dict::new(th),
        root,
        counters,
        mark: th.rt.state.get("functools.mark"),
    };
    Ok(th.new_native(class, payload).value())
}

fn count(th: &mut Thread, cache: Ref<Native<Cache>>, hit: bool) -> R<()> {
    let counter = cache.counters[th.shared.ident as usize % STRIPES];
    let slot = if hit { &counter.hits } else { &counter.misses };
    let n = th.get_raw(counter, slot)?;
    th.set_raw(counter, slot, n + 1)
}

/// The key of a call: the argument itself if it is one int or str, else a tuple.
fn key(th: &mut Thread, cache: Ref<Native<Cache>>, args: Value, kwargs: Ref<Dict>) -> R<Value> {
    let given = tuple_items(args);
    let named = kwargs.len(th)? > 0;
    if !cache.typed && !named {
        if let [v] = *given {
            let class = th.class_of(v);
            if class == th.rt.types().int || class == th.rt.types().str {
                return Ok(v);
            }
        }
        return Ok(args);
    }
    let mut key = given.to_vec();
    let pairs = kwargs.items(th)?;
    if named {
        key.push(cache.mark);
        for &(name, v) in &pairs {
            key.push(name);
            key.push(v);
        }
    }
    if cache.typed {
        key.extend(given.iter().map(|&v| th.class_of(v).value()));
        key.extend(pairs.iter().map(|&(_, v)| th.class_of(v).value()));
    }
    Ok(th.tuple_value(&key))
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let cache = this(th, a[0])?;
    let Some(kwargs) = a[2].cast::<Dict>() else {
        unreachable!("bound by the signature")
    };
    if cache.bound == Bound::None {
        count(th, cache, false)?;
        return th.call_ex(cache.function, tuple_items(a[1]), a[2]);
    }
    let key = key(th, cache, a[1], kwargs)?;
    let found = cache.dict.get(th, key)?;
    if !found.is_null() {
        count(th, cache, true)?;
        let Some(entry) = found.native::<Entry>() else {
            return Ok(found);
        };
        if let Bound::Entries(_) = cache.bound {
            if th.get(cache.root, &cache.root.older)? != found {
                unlink(th, entry)?;
                link_newest(th, cache, entry)?;
            }
            return th.get(entry, &entry.result);
        }
        return Ok(found);
    }
    count(th, cache, false)?;
    let result = th.call_ex(cache.function, tuple_items(a[1]), a[2])?;
    match cache.bound {
        Bound::Entries(limit) => keep(th, cache, key, result, limit)?,
        _ => cache.dict.insert(th, key, result)?,
    }
    Ok(result)
}

/// An entry's neighbour; entries are always linked with entries.
fn neighbour(th: &mut Thread, e: Ref<Native<Entry>>, slot: &Slot) -> R<Ref<Native<Entry>>> {
    let v = th.get(e, slot)?;
    Ok(v.native::<Entry>().unwrap_or(e))
}

fn unlink(th: &mut Thread, e: Ref<Native<Entry>>) -> R<()> {
    let older = neighbour(th, e, &e.older)?;
    let newer = neighbour(th, e, &e.newer)?;
    th.set(older, &older.newer, newer.value())?;
    th.set(newer, &newer.older, older.value())
}

fn link_newest(th: &mut Thread, cache: Ref<Native<Cache>>, e: Ref<Native<Entry>>) -> R<()> {
    let root = cache.root;
    let last = neighbour(th, root, &root.older)?;
    th.set(e, &e.older, last.value())?;
    th.set(e, &e.newer, root.value())?;
    th.set(last, &last.newer, e.value())?;
    th.set(root, &root.older, e.value())
}

/// Remembers a result, in place of the one used longest ago if there are too many.
fn keep(
    th: &mut Thread,
    cache: Ref<Native<Cache>>,
    key: Value,
    result: Value,
    limit: usize,
) -> R<()> {
    // The call may have filled this very entry.
    if !cache.dict.get(th, key)?.is_null() {
        return Ok(());
    }
    if cache.dict.len(th)? >= limit {
        let oldest = neighbour(th, cache.root, &cache.root.newer)?;
        if oldest != cache.root {
            unlink(th, oldest)?;
            cache.dict.remove(th, oldest.key)?;
        }
    }
    let e = entry(th, key, result);
    cache.dict.insert(th, key, e.value())?;
    link_newest(th, cache, e)
}

fn info(th: &mut Thread, a: &[Value]) -> R<Value> {
    let cache = this(th, a[0])?;
    let (mut hits, mut misses) = (0, 0);
    for counter in cache.counters {
        let (h, m) = th.read(counter, |c| (c.hits.peek(), c.misses.peek()))?;
        hits += h;
        misses += m;
    }
    let limit = match cache.bound {
        Bound::None => Value::small(0),
        Bound::Unlimited => Value::NONE,
        Bound::Entries(n) => th.uint(n as u64),
    };
    let size = cache.dict.len(th)?;
    let fields = [th.uint(hits), th.uint(misses), limit, th.uint(size as u64)];
    th.call(cache.info_type, &fields)
}

fn clear(th: &mut Thread, a: &[Value]) -> R<Value> {
    let cache = this(th, a[0])?;
    for counter in cache.counters {
        th.set_raw(counter, &counter.hits, 0)?;
        th.set_raw(counter, &counter.misses, 0)?;
    }
    let root = cache.root;
    th.set(root, &root.older, root.value())?;
    th.set(root, &root.newer, root.value())?;
    cache.dict.clear(th)?;
    Ok(Value::NONE)
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.new_type::<Counter>("functools._lru_counter", class_flags::NO_NEW, |_| {});
    th.new_type::<Entry>("functools._lru_list_elem", class_flags::NO_NEW, |_| {});
    let object = th.rt.types().object;
    let mark = th
        .alloc(object.root_shape(), crate::objects::Instance::new(), 0)
        .value();
    th.set_state("functools.mark", mark);
    let flags = class_flags::BASE | class_flags::DICT | class_flags::WEAKREF;
    let class = th.new_type::<Cache>(NAME, flags, |t| {
        t.new(
            "_lru_cache_wrapper(cls, user_function, maxsize, typed, cache_info_type)",
            new,
        );
        t.methods(&[
            ("__call__(self, /, *args, **kwargs)", call),
            ("cache_info(self, /)", info),
            ("cache_clear(self, /)", clear),
            ("__copy__(self, /)", |_, a| Ok(a[0])),
            ("__deepcopy__(self, memo, /)", |_, a| Ok(a[0])),
            ("__reduce__(self, /)", |th, a| th.attr(a[0], "__qualname__")),
            ("__get__(self, instance, owner=None, /)", |th, a| {
                if a[1].is_none() || a[1].is_null() {
                    return Ok(a[0]);
                }
                Ok(th.bound_method(a[0], a[1]))
            }),
        ]);
    });
    th.define(module.dict(), "_lru_cache_wrapper", class.value());
}
