//! The methods of `deque`, and its iterators.

use super::deque::{Deque, DequeRef, End, Side};
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags as f};
use crate::objects::define::Module;
use crate::objects::native::{Native, Payload};
use crate::objects::protocol::Cmp;

/// An iterator over a deque, in either direction.
struct DequeIter<const REVERSE: bool> {
    /// Null at the end.
    deque: Slot,
    /// Items delivered.
    done: RawSlot,
    /// `changes` of the deque when the iterator was made.
    changes: RawSlot,
}

impl<const REVERSE: bool> Payload for DequeIter<REVERSE> {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.deque);
    }
}

fn this(a: &[Value]) -> DequeRef {
    a[0].native().expect("the receiver's class was checked")
}

fn exact(v: Value) -> Option<DequeRef> {
    v.native::<Deque>()
}

fn extend(th: &mut Thread, d: DequeRef, side: Side, v: Value) -> R<()> {
    if v == d.value() {
        let mark = th.roots.len();
        for item in d.items(th)? {
            th.roots.push(item);
            d.append(th, side, item)?;
        }
        th.roots.truncate(mark);
        return Ok(());
    }
    th.for_each(v, |th, item| {
        d.append(th, side, item)?;
        Ok(true)
    })
}

fn init_deque(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let maxlen = if a[2].is_null() || a[2].is_none() {
        None
    } else {
        if th
            .special(a[2], crate::objects::special::Sp::Index)
            .is_null()
        {
            return Err(th.type_error("an integer is required"));
        }
        let n = th.ssize(a[2])?;
        if n < 0 {
            return Err(th.value_error("maxlen must be non-negative"));
        }
        Some(n as u64)
    };
    d.set_maxlen(th, maxlen)?;
    if d.len(th)? > 0 {
        d.clear(th)?;
    }
    if !a[1].is_null() {
        extend(th, d, Side::Right, a[1])?;
    }
    Ok(Value::NONE)
}

/// A new deque of the receiver's class, made by calling it.
fn copy(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let class = th.class_of(a[0]);
    let maxlen = d.maxlen(th)?;
    if class == th.class_for::<Deque>() {
        let new = Deque::new(th, class);
        new.set_maxlen(th, maxlen)?;
        for v in d.items(th)? {
            new.push(th, Side::Right, v)?;
        }
        return Ok(new.value());
    }
    match maxlen {
        Some(n) => {
            let n = th.int(n as i64);
            th.call(class.value(), &[a[0], n])
        }
        None => th.call(class.value(), &[a[0]]),
    }
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let (Some(x), Some(y)) = (exact(a[0]), exact(a[1])) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if matches!(op, Cmp::Eq | Cmp::Ne) && x.len(th)? != y.len(th)? {
        return Ok(Value::bool(op == Cmp::Ne));
    }
    th.check_stack()?;
    let xs = items_rooted(th, x)?;
    let ys = items_rooted(th, y)?;
    for (&v, &w) in xs.iter().zip(&ys) {
        if !th.equal(v, w)? {
            return match op {
                Cmp::Eq => Ok(Value::FALSE),
                Cmp::Ne => Ok(Value::TRUE),
                _ => th.compare(op, v, w),
            };
        }
    }
    let order = xs.len().cmp(&ys.len());
    Ok(Value::bool(match op {
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Eq => order.is_eq(),
        Cmp::Ne => order.is_ne(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
    }))
}

fn items_rooted(th: &mut Thread, d: DequeRef) -> R<Vec<Value>> {
    let items = d.items(th)?;
    for &v in &items {
        th.roots.push(v);
    }
    Ok(items)
}

/// The position of the first item that equals `v`, from `from` up to `to`.
fn find(th: &mut Thread, d: DequeRef, v: Value, from: usize, to: usize) -> R<Option<usize>> {
    let changes = d.changes(th)?;
    let items = items_rooted(th, d)?;
    for (i, &item) in items.iter().enumerate().take(to).skip(from) {
        let found = th.equal(item, v)?;
        if d.changes(th)? != changes {
            return Err(th.runtime_error("deque mutated during iteration"));
        }
        if found {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn index(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let len = d.len(th)? as isize;
    let mut bound = |v: Value, default: isize| -> R<usize> {
        let i = th.slice_bound(v)?.unwrap_or(default);
        Ok(if i < 0 {
            i.saturating_add(len).max(0)
        } else {
            i
        } as usize)
    };
    let (from, to) = (bound(a[2], 0)?, bound(a[3], isize::MAX)?);
    match find(th, d, a[1], from, to)? {
        Some(i) => Ok(th.int(i as i64)),
        None => {
            let text = th.repr(a[1])?;
            Err(th.value_error(format!("{text} is not in deque")))
        }
    }
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let changes = d.changes(th)?;
    let mut n = 0;
    for item in items_rooted(th, d)? {
        n += th.equal(item, a[1])? as i64;
        if d.changes(th)? != changes {
            return Err(th.runtime_error("deque mutated during iteration"));
        }
    }
    Ok(th.int(n))
}

/// Removes the item with index `i`, which exists.
fn delete(th: &mut Thread, d: DequeRef, i: i64) -> R<()> {
    d.rotate(th, -i)?;
    d.pop(th, Side::Left)?;
    d.rotate(th, i)
}

fn remove(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    match find(th, d, a[1], 0, usize::MAX) {
        Ok(Some(i)) => {
            delete(th, d, i as i64)?;
            Ok(Value::NONE)
        }
        Ok(None) => {
            let text = th.repr(a[1])?;
            Err(th.value_error(format!("{text} is not in deque")))
        }
        Err(e) => {
            if e == crate::heap::Fail::Raise && th.raised_is(th.rt.types().exceptions.runtime_error)
            {
                th.take_exc();
                return Err(th.index_error("deque mutated during remove()."));
            }
            Err(e)
        }
    }
}

fn insert(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let at = th.ssize(a[1])? as i64;
    let len = d.len(th)?;
    if d.maxlen(th)?.is_some_and(|max| len >= max) {
        return Err(th.index_error("deque already at its maximum size"));
    }
    let n = len as i64;
    if at >= n {
        d.push(th, Side::Right, a[2])?;
    } else if at <= -n || at == 0 {
        d.push(th, Side::Left, a[2])?;
    } else {
        d.rotate(th, -at)?;
        let side = if at < 0 { Side::Right } else { Side::Left };
        d.push(th, side, a[2])?;
        d.rotate(th, at)?;
    }
    Ok(Value::NONE)
}

fn subscript(th: &mut Thread, v: Value) -> R<i64> {
    match th.subscript(v)? {
        Some(i) => Ok(i as i64),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("sequence index must be integer, not '{name}'")))
        }
    }
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let i = subscript(th, a[1])?;
    let v = this(a).get(th, i)?;
    if v.is_null() {
        return Err(th.index_error("deque index out of range"));
    }
    Ok(v)
}

fn set_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let i = subscript(th, a[1])?;
    if !this(a).set(th, i, a[2])? {
        return Err(th.index_error("deque index out of range"));
    }
    Ok(Value::NONE)
}

fn del_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let i = subscript(th, a[1])?;
    let len = d.len(th)? as i64;
    let at = if i < 0 { i + len } else { i };
    if at < 0 || at >= len {
        return Err(th.index_error("deque index out of range"));
    }
    delete(th, d, at)?;
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let maxlen = d.maxlen(th)?;
    let name = th.short_type_name(a[0]);
    th.container_repr(a[0], "[...]", |th, out| {
        out.push_str(&name);
        out.push_str("([");
        for (i, v) in items_rooted(th, d)?.into_iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            let text = th.repr(v)?;
            out.push_wtf8(text.as_wtf8());
        }
        match maxlen {
            Some(n) => out.push_str(&format!("], maxlen={n})")),
            None => out.push_str("])"),
        }
        Ok(())
    })
}

fn repeat(th: &mut Thread, d: DequeRef, into: DequeRef, n: isize) -> R<()> {
    let items = d.items(th)?;
    let max = into.maxlen(th)?;
    let times = n.max(0) as usize;
    let total = items.len().saturating_mul(times);
    th.check_room(total.saturating_mul(8))?;
    if total.checked_mul(8).is_none() {
        return Err(th.no_memory());
    }
    // Of what a maximal length would drop again, nothing is added.
    let skip = max.map_or(0, |max| total.saturating_sub(max as usize));
    into.clear(th)?;
    for i in skip..total {
        into.append(th, Side::Right, items[i % items.len()])?;
    }
    Ok(())
}

fn times(th: &mut Thread, v: Value) -> R<Option<isize>> {
    th.repeat_count(v)
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(n) = times(th, a[1])? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let new = copy(th, a)?;
    let Some(into) = exact(new) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    repeat(th, this(a), into, n)?;
    Ok(new)
}

fn imul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(n) = times(th, a[1])? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    repeat(th, this(a), this(a), n)?;
    Ok(a[0])
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    if exact(a[1]).is_none() {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "can only concatenate deque (not \"{name}\") to deque"
        )));
    }
    let new = copy(th, a)?;
    if let Some(d) = exact(new) {
        extend(th, d, Side::Right, a[1])?;
    }
    Ok(new)
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let maxlen = this(a).maxlen(th)?;
    let args = match maxlen {
        Some(n) => {
            let empty = th.tuple_value(&[]);
            let n = th.int(n as i64);
            th.tuple_value(&[empty, n])
        }
        None => th.tuple_value(&[]),
    };
    let state = th.call_method(a[0], "__getstate__", &[])?;
    let it = th.iter(a[0])?;
    let class = th.class_of(a[0]).value();
    Ok(th.tuple_value(&[class, args, state, it]))
}

fn reverse(th: &mut Thread, a: &[Value]) -> R<Value> {
    let d = this(a);
    let items = d.items(th)?;
    for (i, &v) in items.iter().rev().enumerate() {
        d.set(th, i as i64, v)?;
    }
    Ok(Value::NONE)
}

fn iterator<const REVERSE: bool>(th: &mut Thread, d: DequeRef, done: u64) -> R<Value> {
    let payload = DequeIter::<REVERSE> {
        deque: Slot::new(d.value()),
        done: RawSlot::new(done),
        changes: RawSlot::new(d.changes(th)?),
    };
    let class = th.class_for::<DequeIter<REVERSE>>();
    Ok(th.new_native(class, payload).value())
}

fn this_iter<const REVERSE: bool>(a: &[Value]) -> Ref<Native<DequeIter<REVERSE>>> {
    a[0].native().expect("the receiver's class was checked")
}

fn iter_new<const REVERSE: bool>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(d) = exact(a[1]) else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!("argument 1 must be collections.deque, not {name}")));
    };
    let done = th.ssize_or(a[2], 0)?.max(0) as u64;
    let len = d.len(th)?;
    iterator::<REVERSE>(th, d, done.min(len))
}

fn iter_next<const REVERSE: bool>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this_iter::<REVERSE>(a);
    let (deque, done, changes) = th.read(it, |it| {
        (it.deque.peek(), it.done.peek(), it.changes.peek())
    })?;
    let Some(d) = exact(deque) else {
        return Err(th.stop_iteration(Value::NULL));
    };
    if d.changes(th)? != changes {
        th.set(it, &it.deque, Value::NULL)?;
        return Err(th.runtime_error("deque mutated during iteration"));
    }
    let i = if REVERSE {
        -1 - done as i64
    } else {
        done as i64
    };
    let v = d.get(th, i)?;
    if v.is_null() {
        th.set(it, &it.deque, Value::NULL)?;
    } else {
        th.set_raw(it, &it.done, done + 1)?;
    }
    th.or_stop(v)
}

fn iter_hint<const REVERSE: bool>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this_iter::<REVERSE>(a);
    let (deque, done) = th.read(it, |it| (it.deque.peek(), it.done.peek()))?;
    let left = match exact(deque) {
        Some(d) => d.len(th)?.saturating_sub(done),
        None => 0,
    };
    Ok(th.int(left as i64))
}

fn iter_reduce<const REVERSE: bool>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this_iter::<REVERSE>(a);
    let (deque, done) = th.read(it, |it| (it.deque.peek(), it.done.peek()))?;
    let class = th.class_of(a[0]).value();
    let deque = match exact(deque) {
        Some(d) => d.value(),
        None => {
            let class = th.class_for::<Deque>();
            Deque::new(th, class).value()
        }
    };
    let done = th.int(done as i64);
    let args = th.tuple_value(&[deque, done]);
    Ok(th.tuple_value(&[class, args]))
}

fn define_iter<const REVERSE: bool>(th: &mut Thread, name: &str) -> Ref<Class> {
    th.new_type::<DequeIter<REVERSE>>(name, 0, |t| {
        t.new(
            "deque_iterator(cls, deque, index=0, /)",
            iter_new::<REVERSE>,
        );
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", iter_next::<REVERSE>),
            ("__length_hint__(self, /)", iter_hint::<REVERSE>),
            ("__reduce__(self, /)", iter_reduce::<REVERSE>),
        ]);
    })
}

/// Defines the types and adds them to the module.
pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.new_type::<End>("collections._deque_end", f::NO_NEW, |_| ());
    let flags = f::BASE | f::SEQUENCE | f::WEAKREF;
    let deque = th.new_type::<Deque>("collections.deque", flags, |t| {
        t.doc("A list-like sequence optimized for data accesses near its endpoints.");
        t.new("deque(cls, *args, **kwargs)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            Ok(Deque::new(th, class).value())
        });
        t.attr("__hash__", Value::NONE);
        t.getset(
            "maxlen",
            |th, v| match this(&[v]).maxlen(th)? {
                Some(n) => Ok(th.int(n as i64)),
                None => Ok(Value::NONE),
            },
            None,
        );
        t.class_method("__class_getitem__(cls, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.methods(&[
            ("__init__(self, iterable=(), maxlen=None)", init_deque),
            ("__repr__(self, /)", repr),
            ("__len__(self, /)", |th, a| {
                let n = this(a).len(th)?;
                Ok(th.int(n as i64))
            }),
            ("__getitem__(self, key, /)", get_item),
            ("__setitem__(self, key, value, /)", set_item),
            ("__delitem__(self, key, /)", del_item),
            ("__contains__(self, key, /)", |th, a| {
                Ok(Value::bool(
                    find(th, this(a), a[1], 0, usize::MAX)?.is_some(),
                ))
            }),
            ("__iter__(self, /)", |th, a| {
                iterator::<false>(th, this(a), 0)
            }),
            ("__reversed__(self, /)", |th, a| {
                iterator::<true>(th, this(a), 0)
            }),
            ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
            ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
            ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
            ("__add__(self, value, /)", add),
            ("__iadd__(self, value, /)", |th, a| {
                extend(th, this(a), Side::Right, a[1])?;
                Ok(a[0])
            }),
            ("__mul__(self, value, /)", mul),
            ("__rmul__(self, value, /)", mul),
            ("__imul__(self, value, /)", imul),
            ("__copy__(self, /)", copy),
            ("__reduce__(self, /)", reduce),
            ("__sizeof__(self, /)", |th, a| {
                let n = this(a).len(th)?;
                Ok(th.int(
                    (size_of::<Native<Deque>>() + 2 * size_of::<Native<End>>()) as i64
                        + 8 * n as i64,
                ))
            }),
            ("append(self, item, /)", |th, a| {
                this(a).append(th, Side::Right, a[1])?;
                Ok(Value::NONE)
            }),
            ("appendleft(self, item, /)", |th, a| {
                this(a).append(th, Side::Left, a[1])?;
                Ok(Value::NONE)
            }),
            ("pop(self, /)", |th, a| {
                let v = this(a).pop(th, Side::Right)?;
                or_empty(th, v)
            }),
            ("popleft(self, /)", |th, a| {
                let v = this(a).pop(th, Side::Left)?;
                or_empty(th, v)
            }),
            ("extend(self, iterable, /)", |th, a| {
                extend(th, this(a), Side::Right, a[1])?;
                Ok(Value::NONE)
            }),
            ("extendleft(self, iterable, /)", |th, a| {
                extend(th, this(a), Side::Left, a[1])?;
                Ok(Value::NONE)
            }),
            ("clear(self, /)", |th, a| {
                this(a).clear(th)?;
                Ok(Value::NONE)
            }),
            ("copy(self, /)", copy),
            ("count(self, value, /)", count),
            (
                "index(self, value, start=0, stop=9223372036854775807, /)",
                index,
            ),
            ("insert(self, index, value, /)", insert),
            ("remove(self, value, /)", remove),
            ("reverse(self, /)", reverse),
            ("rotate(self, n=1, /)", |th, a| {
                let n = th.ssize_or(a[1], 1)?;
                this(a).rotate(th, n as i64)?;
                Ok(Value::NONE)
            }),
        ]);
    });
    let forward = define_iter::<false>(th, "_collections._deque_iterator");
    let backward = define_iter::<true>(th, "_collections._deque_reverse_iterator");
    let dict = module.dict();
    th.define(dict, "deque", deque.value());
    th.define(dict, "_deque_iterator", forward.value());
    th.define(dict, "_deque_reverse_iterator", backward.value());
}

fn or_empty(th: &mut Thread, v: Value) -> R<Value> {
    if v.is_null() {
        return Err(th.index_error("pop from an empty deque"));
    }
    Ok(v)
}
