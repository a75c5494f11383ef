//! `groupby`.

use super::*;
use crate::heap::Tracer;

struct GroupBy {
    source: Value,
    /// None for the identity.
    key: Value,
    /// The key of the group handed out last; null at first.
    target: Slot,
    /// The item read last and its key; null at first.
    current_key: Slot,
    current: Slot,
    /// The group handed out last: older ones are over.
    group: Slot,
}
impl Payload for GroupBy {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.source, self.key]);
        for s in [&self.target, &self.current_key, &self.current, &self.group] {
            t.slot(s)
        }
    }
}

struct Group {
    parent: Value,
    key: Value,
}
impl Payload for Group {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.parent, self.key])
    }
}

fn groupby(th: &mut Thread, a: &[Value]) -> R<Value> {
    let source = th.iter(a[1])?;
    let payload = GroupBy {
        source,
        key: a[2].or_none(),
        target: null(),
        current_key: null(),
        current: null(),
        group: null(),
    };
    instance(th, a[0], payload)
}

/// Reads the next item and its key; `false` at the end.
fn step(th: &mut Thread, it: Ref<Native<GroupBy>>) -> R<bool> {
    let item = th.next(it.source)?;
    if item.is_null() {
        return Ok(false);
    }
    let key = if it.key.is_none() {
        item
    } else {
        th.call(it.key, &[item])?
    };
    th.set(it, &it.current, item)?;
    th.set(it, &it.current_key, key)?;
    Ok(true)
}

fn groupby_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<GroupBy>(th, v)?;
    th.set(it, &it.group, Value::NULL)?;
    // Skip what is left of the group before.
    loop {
        let (key, target) = th.read(it, |it| (it.current_key.peek(), it.target.peek()))?;
        if !key.is_null() && (target.is_null() || !th.equal(target, key)?) {
            break;
        }
        if !step(th, it)? {
            return exhausted();
        }
    }
    let key = th.get(it, &it.current_key)?;
    th.set(it, &it.target, key)?;
    let class = th.class_for::<Group>();
    let group = th
        .new_native(
            class,
            Group {
                parent: it.value(),
                key,
            },
        )
        .value();
    th.set(it, &it.group, group)?;
    Ok(th.tuple_value(&[key, group]))
}

fn group_next(th: &mut Thread, v: Value) -> R<Value> {
    let group = this::<Group>(th, v)?;
    let Some(it) = group.parent.native::<GroupBy>() else {
        return exhausted();
    };
    if th.get(it, &it.group)? != group.value() {
        return exhausted();
    }
    if th.get(it, &it.current)?.is_null() && !step(th, it)? {
        return exhausted();
    }
    let key = th.get(it, &it.current_key)?;
    if !th.equal(group.key, key)? {
        return exhausted();
    }
    let item = th.get(it, &it.current)?;
    th.set(it, &it.current, Value::NULL)?;
    th.set(it, &it.current_key, Value::NULL)?;
    if item.is_null() {
        return exhausted();
    }
    Ok(item)
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    iterator_type::<GroupBy>(
        th,
        module,
        "groupby(cls, iterable, key=None)",
        groupby,
        groupby_next,
        |_| {},
    );
    th.new_type::<Group>("itertools._grouper", class_flags::NO_NEW, |t| {
        t.iterator(group_next);
    });
}
