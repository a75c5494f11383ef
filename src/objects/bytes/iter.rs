//! Iterating over `bytes` and `bytearray`.

use super::data;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::Bytes;
use crate::objects::bytearray::ByteArray;
use crate::objects::class::class_flags;
use crate::objects::define::TypeBuilder;
use crate::objects::native::{Native, Payload};

/// `bytes_iterator`, or with `MUTABLE` `bytearray_iterator`.
pub struct BytesIter<const MUTABLE: bool> {
    /// Null once the end was reached.
    object: Slot,
    at: RawSlot,
}

impl<const MUTABLE: bool> Payload for BytesIter<MUTABLE> {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.object)
    }
}

/// `iter(v)`.
pub fn iter(th: &mut Thread, v: Value) -> Value {
    if v.native::<ByteArray>().is_some() {
        BytesIter::<true>::make(th, v)
    } else {
        BytesIter::<false>::make(th, v)
    }
}

impl<const MUTABLE: bool> BytesIter<MUTABLE> {
    fn make(th: &mut Thread, v: Value) -> Value {
        let class = th.class_for::<Self>();
        let payload = Self {
            object: Slot::new(v),
            at: RawSlot::new(0),
        };
        th.new_native(class, payload).value()
    }
    fn state(th: &mut Thread, it: Ref<Native<Self>>) -> R<(Value, usize)> {
        th.read(it, |it| (it.object.peek(), it.at.peek() as usize))
    }
    /// The next byte, or null at the end.
    pub fn next(th: &mut Thread, it: Ref<Native<Self>>) -> R<Value> {
        let (object, at) = Self::state(th, it)?;
        let found = if let Some(b) = object.cast::<Bytes>() {
            b.as_bytes().get(at).copied()
        } else if let Some(b) = object.native::<ByteArray>() {
            match b.store.len(th, b)? {
                len if at < len => Some(b.store.byte(th, b, at)?),
                _ => None,
            }
        } else {
            return Ok(Value::NULL);
        };
        match found {
            Some(b) => {
                th.set_raw(it, &it.at, at as u64 + 1)?;
                Ok(Value::small(b as i64))
            }
            None => {
                th.set(it, &it.object, Value::NULL)?;
                Ok(Value::NULL)
            }
        }
    }
    fn this(a: &[Value]) -> Ref<Native<Self>> {
        a[0].native().expect("the receiver's class was checked")
    }
    fn define(t: &mut TypeBuilder) {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", |th, a| {
                let v = Self::next(th, Self::this(a))?;
                if v.is_null() {
                    return Err(th.stop_iteration(v));
                }
                Ok(v)
            }),
            ("__length_hint__(self, /)", |th, a| {
                let (object, at) = Self::state(th, Self::this(a))?;
                let left = if object.is_null() {
                    0
                } else {
                    th.len_of(object)?.saturating_sub(at)
                };
                Ok(th.int(left as i64))
            }),
            ("__reduce__(self, /)", |th, a| {
                let (object, at) = Self::state(th, Self::this(a))?;
                let iter = th.builtin("iter")?;
                if object.is_null() {
                    let empty = th.tuple_value(&[]);
                    let args = th.tuple_value(&[empty]);
                    return Ok(th.tuple_value(&[iter, args]));
                }
                let args = th.tuple_value(&[object]);
                let at = th.int(at as i64);
                Ok(th.tuple_value(&[iter, args, at]))
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = Self::this(a);
                let at = th.ssize(a[1])?.max(0) as usize;
                let (object, _) = Self::state(th, it)?;
                if !object.is_null() {
                    let len = data(th, object)?.len();
                    th.set_raw(it, &it.at, at.min(len) as u64)?;
                }
                Ok(Value::NONE)
            }),
        ]);
    }
}

pub(super) fn init(th: &mut Thread) {
    let flags = class_flags::NO_NEW;
    th.new_type::<BytesIter<false>>("bytes_iterator", flags, BytesIter::<false>::define);
    th.new_type::<BytesIter<true>>("bytearray_iterator", flags, BytesIter::<true>::define);
}
