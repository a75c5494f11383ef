//! Iterating over dicts: keys, values and items, in both directions.

use super::Dict;
use crate::heap::{Fail, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::define::TypeBuilder;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};
use crate::objects::table::{SizeWatch, TableRef};

/// What an iterator or a view gives.
pub const KEYS: u8 = 0;
pub const VALUES: u8 = 1;
pub const ITEMS: u8 = 2;

/// `dict_keyiterator` and its kin.
pub struct DictIter<const WHAT: u8, const REVERSE: bool> {
    /// The dict, null once the end was reached.
    dict: Slot,
    /// Forward: the position to go on from. Backward: the position to stay below.
    at: RawSlot,
    /// How many items are to come.
    left: RawSlot,
    watch: SizeWatch,
}

impl<const WHAT: u8, const REVERSE: bool> Payload for DictIter<WHAT, REVERSE> {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.dict)
    }
}

/// A new iterator.
pub(super) fn new<const WHAT: u8, const REVERSE: bool>(
    th: &mut Thread,
    dict: Ref<Dict>,
) -> R<Value> {
    let class = th.class_for::<DictIter<WHAT, REVERSE>>();
    let len = dict.len(th)? as u64;
    let at = if REVERSE { dict.table().end(th)? } else { 0 };
    let payload = DictIter::<WHAT, REVERSE> {
        dict: Slot::new(dict.value()),
        at: RawSlot::new(at as u64),
        left: RawSlot::new(len),
        watch: SizeWatch::new(len),
    };
    Ok(th.new_native(class, payload).value())
}

/// `iter(dict)`.
pub fn iter(th: &mut Thread, dict: Ref<Dict>) -> R<Value> {
    new::<KEYS, false>(th, dict)
}
pub(super) fn reversed_keys(th: &mut Thread, dict: Ref<Dict>) -> R<Value> {
    new::<KEYS, true>(th, dict)
}

#[cold]
fn changed(th: &mut Thread, what: &str) -> Fail {
    th.runtime_error(format!("dictionary {what} during iteration"))
}

impl<const WHAT: u8, const REVERSE: bool> DictIter<WHAT, REVERSE> {
    /// The next item, or null at the end.
    #[inline]
    pub fn next(th: &mut Thread, it: Ref<Native<Self>>) -> R<Value> {
        let (dict, at, left) = th.read(it, |it| {
            (it.dict.peek(), it.at.peek() as usize, it.left.peek())
        })?;
        let Some(dict) = dict.cast::<Dict>() else {
            return Ok(Value::NULL);
        };
        let table: TableRef = dict.table();
        if !it.watch.same_size(th, table)? {
            return Err(changed(th, "changed size"));
        }
        let found = if REVERSE {
            table.previous(th, at)?
        } else {
            table.next(th, at)?
        };
        let Some((at, key, value)) = found else {
            th.set(it, &it.dict, Value::NULL)?;
            return Ok(Value::NULL);
        };
        if left == 0 {
            return Err(changed(th, "keys changed"));
        }
        th.set_raw(it, &it.at, at as u64)?;
        th.set_raw(it, &it.left, left - 1)?;
        Ok(match WHAT {
            KEYS => key,
            VALUES => value,
            _ => th.tuple_value(&[key, value]),
        })
    }

    fn this(a: &[Value]) -> Ref<Native<Self>> {
        a[0].native().expect("the receiver's class was checked")
    }

    fn define(t: &mut TypeBuilder) {
        t.iterator(|th, v| Self::next(th, Self::this(&[v])));
        t.methods(&[
            ("__length_hint__(self, /)", |th, a| {
                let it = Self::this(a);
                let (dict, left) = th.read(it, |it| (it.dict.peek(), it.left.peek()))?;
                let left = match dict.cast::<Dict>() {
                    Some(d) if it.watch.same_size(th, d.table())? => left as i64,
                    _ => 0,
                };
                Ok(th.int(left))
            }),
            ("__reduce__(self, /)", |th, a| {
                // What is to come, as a list; the iterator itself stays where it is.
                let it = Self::this(a);
                let (dict, at, left) =
                    th.read(it, |it| (it.dict.peek(), it.at.peek(), it.left.peek()))?;
                let rest = List::new(th, &[]);
                loop {
                    let v = Self::next(th, it)?;
                    if v.is_null() {
                        break;
                    }
                    rest.push(th, v)?;
                }
                th.set(it, &it.dict, dict)?;
                th.set_raw(it, &it.at, at)?;
                th.set_raw(it, &it.left, left)?;
                th.reduce_iter("iter", rest.value(), None)
            }),
        ]);
    }
}

pub(super) fn init(th: &mut Thread) {
    macro_rules! types {
        ($($what:ident $reverse:literal $name:literal;)*) => {
            $(th.new_type::<DictIter<$what, $reverse>>($name, NO_NEW, DictIter::<$what, $reverse>::define);)*
        };
    }
    types! {
        KEYS false "dict_keyiterator";
        VALUES false "dict_valueiterator";
        ITEMS false "dict_itemiterator";
        KEYS true "dict_reversekeyiterator";
        VALUES true "dict_reversevalueiterator";
        ITEMS true "dict_reverseitemiterator";
    }
}
