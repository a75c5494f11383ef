//! Iterating over lists, in both directions.

use super::List;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::native::{Native, Payload};

/// `list_iterator`.
pub struct ListIter {
    /// The list, null once the end was reached.
    pub list: Slot,
    /// The position of the next item.
    pub at: RawSlot,
}

impl Payload for ListIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.list)
    }
}

/// `list_reverseiterator`.
struct ListRevIter {
    list: Slot,
    /// How many items are left.
    left: RawSlot,
}

impl Payload for ListRevIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.list)
    }
}

/// `iter(list)`.
pub fn iter(th: &mut Thread, list: Ref<List>) -> Value {
    let class = th.class_for::<ListIter>();
    let payload = ListIter {
        list: Slot::new(list.value()),
        at: RawSlot::new(0),
    };
    th.new_native(class, payload).value()
}

/// `reversed(list)`.
pub fn reversed(th: &mut Thread, list: Ref<List>) -> R<Value> {
    let class = th.class_for::<ListRevIter>();
    let payload = ListRevIter {
        list: Slot::new(list.value()),
        left: RawSlot::new(list.len(th)? as u64),
    };
    Ok(th.new_native(class, payload).value())
}

impl ListIter {
    /// The next item, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<ListIter>>) -> R<Value> {
        let (list, at) = th.read(it, |it| (it.list.peek(), it.at.peek()))?;
        let Some(list) = list.cast::<List>() else {
            return Ok(Value::NULL);
        };
        let v = list.get(th, at as usize)?;
        if v.is_null() {
            th.set(it, &it.list, Value::NULL)?;
        } else {
            th.set_raw(it, &it.at, at + 1)?;
        }
        Ok(v)
    }
}

fn this(a: &[Value]) -> Ref<Native<ListIter>> {
    a[0].native().expect("the receiver's class was checked")
}
fn this_rev(a: &[Value]) -> Ref<Native<ListRevIter>> {
    a[0].native().expect("the receiver's class was checked")
}

fn rev_next(th: &mut Thread, it: Ref<Native<ListRevIter>>) -> R<Value> {
    let (list, left) = th.read(it, |it| (it.list.peek(), it.left.peek()))?;
    if let Some(list) = list.cast::<List>() {
        if left > 0 {
            let v = list.get(th, left as usize - 1)?;
            if !v.is_null() {
                th.set_raw(it, &it.left, left - 1)?;
                return Ok(v);
            }
        }
        th.set(it, &it.list, Value::NULL)?;
    }
    Ok(Value::NULL)
}

impl Thread {
    /// What `__next__` returns for `v`, where null means the end.
    #[inline]
    pub(crate) fn or_stop(&mut self, v: Value) -> R<Value> {
        if v.is_null() {
            return Err(self.stop_iteration(Value::NULL));
        }
        Ok(v)
    }
    /// What `__reduce__` of an iterator returns: `builtin(object)`, then `__setstate__(at)` where there is one.
    pub(crate) fn reduce_iter(
        &mut self,
        builtin: &str,
        object: Value,
        at: Option<i64>,
    ) -> R<Value> {
        let f = self.builtin(builtin)?;
        let args = self.tuple_value(&[object]);
        Ok(match at {
            Some(at) => {
                let at = self.int(at);
                self.tuple_value(&[f, args, at])
            }
            None => self.tuple_value(&[f, args]),
        })
    }
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<ListIter>("list_iterator", NO_NEW, |t| {
        t.iterator(|th, v| ListIter::next(th, this(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this(a);
                let (list, at) = th.read(it, |it| (it.list.peek(), it.at.peek()))?;
                let left = match list.cast::<List>() {
                    Some(list) => list.len(th)?.saturating_sub(at as usize),
                    None => 0,
                };
                Ok(th.int(left as i64))
            }),
            ("__reduce__(self, /)", |th, a| {
                let it = this(a);
                let (list, at) = th.read(it, |it| (it.list.peek(), it.at.peek()))?;
                if list.is_null() {
                    let empty = List::new(th, &[]).value();
                    return th.reduce_iter("iter", empty, None);
                }
                th.reduce_iter("iter", list, Some(at as i64))
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this(a);
                let at = th.ssize(a[1])?.max(0) as u64;
                if !th.get(it, &it.list)?.is_null() {
                    th.set_raw(it, &it.at, at)?;
                }
                Ok(Value::NONE)
            }),
        ]);
    });
    th.new_type::<ListRevIter>("list_reverseiterator", NO_NEW, |t| {
        t.iterator(|th, v| rev_next(th, this_rev(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this_rev(a);
                let (list, left) = th.read(it, |it| (it.list.peek(), it.left.peek()))?;
                let left = match list.cast::<List>() {
                    Some(list) if list.len(th)? >= left as usize => left as i64,
                    _ => 0,
                };
                Ok(th.int(left))
            }),
            ("__reduce__(self, /)", |th, a| {
                let it = this_rev(a);
                let (list, left) = th.read(it, |it| (it.list.peek(), it.left.peek()))?;
                if list.is_null() {
                    let empty = List::new(th, &[]).value();
                    return th.reduce_iter("iter", empty, None);
                }
                th.reduce_iter("reversed", list, Some(left as i64 - 1))
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this_rev(a);
                let at = th.ssize(a[1])?;
                if let Some(list) = th.get(it, &it.list)?.cast::<List>() {
                    let len = list.len(th)? as isize;
                    th.set_raw(it, &it.left, (at.clamp(-1, len - 1) + 1) as u64)?;
                }
                Ok(Value::NONE)
            }),
        ]);
    });
}
