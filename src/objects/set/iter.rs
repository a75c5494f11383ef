//! Iterating over sets.

use super::Set;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};
use crate::objects::table::SizeWatch;

/// `set_iterator`.
pub struct SetIter {
    /// The set, null once the end was reached.
    set: Slot,
    at: RawSlot,
    /// How many items are to come.
    left: RawSlot,
    watch: SizeWatch,
}

impl Payload for SetIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.set)
    }
}

/// `iter(set)`.
pub fn iter(th: &mut Thread, set: Ref<Set>) -> R<Value> {
    let class = th.class_for::<SetIter>();
    let len = set.len(th)? as u64;
    let payload = SetIter {
        set: Slot::new(set.value()),
        at: RawSlot::new(0),
        left: RawSlot::new(len),
        watch: SizeWatch::new(len),
    };
    Ok(th.new_native(class, payload).value())
}

impl SetIter {
    /// The next item, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<SetIter>>) -> R<Value> {
        let (set, at, left) = th.read(it, |it| {
            (it.set.peek(), it.at.peek() as usize, it.left.peek())
        })?;
        let Some(set) = set.cast::<Set>() else {
            return Ok(Value::NULL);
        };
        if !it.watch.same_size(th, set.table())? {
            return Err(th.runtime_error("Set changed size during iteration"));
        }
        let Some((at, item)) = set.next(th, at)? else {
            th.set(it, &it.set, Value::NULL)?;
            return Ok(Value::NULL);
        };
        th.set_raw(it, &it.at, at as u64)?;
        th.set_raw(it, &it.left, left.saturating_sub(1))?;
        Ok(item)
    }
}

fn this(a: &[Value]) -> Ref<Native<SetIter>> {
    a[0].native().expect("the receiver's class was checked")
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<SetIter>("set_iterator", NO_NEW, |t| {
        t.iterator(|th, v| SetIter::next(th, this(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = this(a);
                let (set, left) = th.read(it, |it| (it.set.peek(), it.left.peek()))?;
                let left = match set.cast::<Set>() {
                    Some(s) if it.watch.same_size(th, s.table())? => left as i64,
                    _ => 0,
                };
                Ok(th.int(left))
            }),
            ("__reduce__(self, /)", |th, a| {
                // What is to come, as a list; the iterator itself stays where it is.
                let it = this(a);
                let (set, at, left) =
                    th.read(it, |it| (it.set.peek(), it.at.peek(), it.left.peek()))?;
                let rest = List::new(th, &[]);
                loop {
                    let v = SetIter::next(th, it)?;
                    if v.is_null() {
                        break;
                    }
                    rest.push(th, v)?;
                }
                th.set(it, &it.set, set)?;
                th.set_raw(it, &it.at, at)?;
                th.set_raw(it, &it.left, left)?;
                th.reduce_iter("iter", rest.value(), None)
            }),
        ]);
    });
}
