//! Iterating over a string.

use super::Str;
use super::operators::char_of_bytes;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::Class;
use crate::objects::native::{Native, Payload};

/// Key of the class of iterators over strings that are not all ASCII; their iterators differ in the class' name alone.
const WIDE: &str = "str_iterator";

/// `str_ascii_iterator` and `str_iterator`: where it is, in bytes.
pub struct StrIter {
    /// The string, null once the end was reached.
    pub string: Slot,
    pub at: RawSlot,
}

impl Payload for StrIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.string)
    }
}

/// `iter(s)`.
pub fn iter(th: &mut Thread, s: Ref<Str>) -> Value {
    let payload = StrIter {
        string: Slot::new(s.value()),
        at: RawSlot::new(0),
    };
    let wide = th.rt.state.get(WIDE).as_class().filter(|_| !s.is_ascii());
    let class = wide.unwrap_or_else(|| th.class_for::<StrIter>());
    th.new_native(class, payload).value()
}

impl StrIter {
    /// The next character, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<StrIter>>) -> R<Value> {
        let (string, at) = th.read(it, |it| (it.string.peek(), it.at.peek() as usize))?;
        let Some(s) = string.cast::<Str>() else {
            return Ok(Value::NULL);
        };
        let Some(&first) = s.as_bytes().get(at) else {
            th.set(it, &it.string, Value::NULL)?;
            return Ok(Value::NULL);
        };
        let len = match first {
            0..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        th.set_raw(it, &it.at, (at + len) as u64)?;
        char_of_bytes(th, &s.as_bytes()[at..at + len])
    }
}

fn this(a: &[Value]) -> Ref<Native<StrIter>> {
    a[0].native().expect("the receiver's class was checked")
}

/// The string and the position in characters.
fn state(th: &mut Thread, it: Ref<Native<StrIter>>) -> R<Option<(Ref<Str>, usize)>> {
    let (string, at) = th.read(it, |it| (it.string.peek(), it.at.peek() as usize))?;
    Ok(string.cast::<Str>().map(|s| (s, s.text().char_at_byte(at))))
}

pub(super) fn init(th: &mut Thread) {
    let wide = define(th, "str_iterator");
    th.set_state(WIDE, wide.value());
    // Defined last, it is the one that goes with the payload.
    define(th, "str_ascii_iterator");
}

fn define(th: &mut Thread, name: &'static str) -> Ref<Class> {
    let flags = crate::objects::class::class_flags::NO_NEW;
    th.new_type::<StrIter>(name, flags, |t| {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", |th, a| {
                let v = StrIter::next(th, this(a))?;
                if v.is_null() {
                    return Err(th.stop_iteration(v));
                }
                Ok(v)
            }),
            ("__length_hint__(self, /)", |th, a| {
                let left = state(th, this(a))?.map_or(0, |(s, at)| s.len() - at);
                Ok(th.int(left as i64))
            }),
            ("__reduce__(self, /)", |th, a| {
                let iter = th.builtin("iter")?;
                match state(th, this(a))? {
                    Some((s, at)) => {
                        let args = th.tuple_value(&[s.value()]);
                        let at = th.int(at as i64);
                        Ok(th.tuple_value(&[iter, args, at]))
                    }
                    None => {
                        let empty = th.empty_str().value();
                        let args = th.tuple_value(&[empty]);
                        Ok(th.tuple_value(&[iter, args]))
                    }
                }
            }),
            ("__setstate__(self, state, /)", |th, a| {
                let it = this(a);
                let at = th.ssize(a[1])?;
                if let Some((s, _)) = state(th, it)? {
                    let at = s.text().byte_at((at.max(0) as usize).min(s.len()));
                    th.set_raw(it, &it.at, at as u64)?;
                }
                Ok(Value::NONE)
            }),
        ]);
    })
}
