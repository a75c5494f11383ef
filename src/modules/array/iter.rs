//! Iterating over an array.

use super::Array;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};

/// `arrayiterator`.
struct ArrayIter {
    /// Null once the end was reached.
    array: Slot,
    at: RawSlot,
}

impl Payload for ArrayIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.array)
    }
}

/// `iter(array)`.
pub fn iter(th: &mut Thread, array: Value) -> Value {
    let class = th.class_for::<ArrayIter>();
    let payload = ArrayIter {
        array: Slot::new(array),
        at: RawSlot::new(0),
    };
    th.new_native(class, payload).value()
}

fn next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it: Ref<Native<ArrayIter>> = a[0].native().expect("the receiver's class was checked");
    let (array, at) = th.read(it, |it| (it.array.peek(), it.at.peek() as usize))?;
    if let Some(array) = array.native::<Array>() {
        if at < array.len(th)? {
            th.set_raw(it, &it.at, at as u64 + 1)?;
            return array.item(th, at);
        }
        th.set(it, &it.array, Value::NULL)?;
    }
    Err(th.stop_iteration(Value::NULL))
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<ArrayIter>("array.arrayiterator", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", next),
        ]);
    });
}
