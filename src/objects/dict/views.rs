//! The views of a dict: `keys()`, `values()` and `items()`.

use super::Dict;
use super::iter::{self, ITEMS, KEYS, VALUES};
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags::NO_NEW;
use crate::objects::define::TypeBuilder;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::protocol::Cmp;
use crate::objects::set::Set;

/// A view: `dict_keys`, `dict_values` or `dict_items`.
pub struct DictView<const WHAT: u8> {
    /// A dict.
    pub dict: Value,
}

impl<const WHAT: u8> Payload for DictView<WHAT> {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.dict)
    }
}

fn new<const WHAT: u8>(th: &mut Thread, dict: Ref<Dict>) -> Value {
    let class = th.class_for::<DictView<WHAT>>();
    let payload = DictView::<WHAT> { dict: dict.value() };
    th.new_native(class, payload).value()
}

/// `dict.keys()`.
pub fn keys(th: &mut Thread, dict: Ref<Dict>) -> Value {
    new::<KEYS>(th, dict)
}
/// `dict.values()`.
pub fn values(th: &mut Thread, dict: Ref<Dict>) -> Value {
    new::<VALUES>(th, dict)
}
/// `dict.items()`.
pub fn items(th: &mut Thread, dict: Ref<Dict>) -> Value {
    new::<ITEMS>(th, dict)
}

/// Something that compares like a set: a set, or a view of keys or items.
fn is_set_like(v: Value) -> bool {
    v.cast::<Set>().is_some()
        || v.native::<DictView<KEYS>>().is_some()
        || v.native::<DictView<ITEMS>>().is_some()
}

/// Are all items of `a` in `b`?
fn all_in(th: &mut Thread, a: Value, b: Value) -> R<bool> {
    let mut all = true;
    th.for_each(a, |th, item| {
        all = th.contains(b, item)?;
        Ok(all)
    })?;
    Ok(all)
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let (x, y) = (a[0], a[1]);
    if !is_set_like(y) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (m, n) = (th.len_of(x)?, th.len_of(y)?);
    Ok(Value::bool(match op {
        Cmp::Eq => m == n && all_in(th, x, y)?,
        Cmp::Ne => m != n || !all_in(th, x, y)?,
        Cmp::Lt => m < n && all_in(th, x, y)?,
        Cmp::Le => m <= n && all_in(th, x, y)?,
        Cmp::Gt => m > n && all_in(th, y, x)?,
        Cmp::Ge => m >= n && all_in(th, y, x)?,
    }))
}

fn set_of(th: &mut Thread, v: Value) -> R<Ref<Set>> {
    let set = Set::new(th);
    set.update(th, v)?;
    Ok(set)
}

fn and(th: &mut Thread, x: Value, y: Value) -> R<Value> {
    // The smaller one is walked, where both know their sizes; the right one otherwise.
    let (mut x, mut y) = (x, y);
    if is_set_like(x) && is_set_like(y) && th.len_of(y)? > th.len_of(x)? || !is_set_like(x) {
        (x, y) = (y, x);
    }
    let result = Set::new(th);
    th.for_each(y, |th, item| {
        if th.contains(x, item)? {
            result.add(th, item)?;
        }
        Ok(true)
    })?;
    Ok(result.value())
}

fn sub(th: &mut Thread, x: Value, y: Value) -> R<Value> {
    let result = set_of(th, x)?;
    th.for_each(y, |th, item| {
        result.remove(th, item)?;
        Ok(true)
    })?;
    Ok(result.value())
}

fn or(th: &mut Thread, x: Value, y: Value) -> R<Value> {
    let result = set_of(th, x)?;
    result.update(th, y)?;
    Ok(result.value())
}

fn xor(th: &mut Thread, x: Value, y: Value) -> R<Value> {
    let result = set_of(th, x)?;
    let other = set_of(th, y)?;
    result.toggle_all(th, other)?;
    Ok(result.value())
}

fn is_disjoint(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut disjoint = true;
    th.for_each(a[1], |th, item| {
        disjoint = !th.contains(a[0], item)?;
        Ok(disjoint)
    })?;
    Ok(Value::bool(disjoint))
}

impl<const WHAT: u8> DictView<WHAT> {
    const NAME: &'static str = match WHAT {
        KEYS => "dict_keys",
        VALUES => "dict_values",
        _ => "dict_items",
    };

    fn dict(a: &[Value]) -> Ref<Dict> {
        let view: Ref<Native<Self>> = a[0].native().expect("the receiver's class was checked");
        view.dict.cast().expect("a view's dict is a dict")
    }

    fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
        let dict = Self::dict(a);
        th.container_repr(a[0], "...", |th, out| {
            out.push_str(Self::NAME);
            out.push_str("([");
            let (mut at, mut first) = (0, true);
            while let Some((next, k, v)) = dict.next(th, at)? {
                at = next;
                if !first {
                    out.push_str(", ");
                }
                first = false;
                let item = match WHAT {
                    KEYS => k,
                    VALUES => v,
                    _ => th.tuple_value(&[k, v]),
                };
                let text = th.repr(item)?;
                out.push_wtf8(text.as_wtf8());
            }
            out.push_str("])");
            Ok(())
        })
    }

    fn define(t: &mut TypeBuilder) {
        t.methods(&[
            ("__len__(self, /)", |th, a| {
                Ok(Value::small(Self::dict(a).len(th)? as i64))
            }),
            ("__iter__(self, /)", |th, a| {
                iter::new::<WHAT, false>(th, Self::dict(a))
            }),
            ("__reversed__(self, /)", |th, a| {
                iter::new::<WHAT, true>(th, Self::dict(a))
            }),
            ("__repr__(self, /)", Self::repr),
        ]);
        t.getset(
            "mapping",
            |th, v| {
                let dict = Self::dict(&[v]);
                Ok(th.mapping_proxy(dict.value()))
            },
            None,
        );
    }

    fn define_set_like(t: &mut TypeBuilder) {
        t.attr("__hash__", Value::NONE);
        t.methods(&[
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
            ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
            ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
            ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
            ("__and__(self, value, /)", |th, a| and(th, a[0], a[1])),
            ("__rand__(self, value, /)", |th, a| and(th, a[1], a[0])),
            ("__sub__(self, value, /)", |th, a| sub(th, a[0], a[1])),
            ("__rsub__(self, value, /)", |th, a| sub(th, a[1], a[0])),
            ("__or__(self, value, /)", |th, a| or(th, a[0], a[1])),
            ("__ror__(self, value, /)", |th, a| or(th, a[1], a[0])),
            ("__xor__(self, value, /)", |th, a| xor(th, a[0], a[1])),
            ("__rxor__(self, value, /)", |th, a| xor(th, a[1], a[0])),
            ("isdisjoint(self, other, /)", is_disjoint),
        ]);
    }
}

fn item_in(th: &mut Thread, dict: Ref<Dict>, item: Value) -> R<bool> {
    let [key, value] = *tuple_items(item) else {
        return Ok(false);
    };
    let found = dict.get(th, key)?;
    Ok(!found.is_null() && th.equal(found, value)?)
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<DictView<KEYS>>("dict_keys", NO_NEW, |t| {
        DictView::<KEYS>::define(t);
        DictView::<KEYS>::define_set_like(t);
        t.method("__contains__(self, key, /)", |th, a| {
            let dict = DictView::<KEYS>::dict(a);
            Ok(Value::bool(dict.contains(th, a[1])?))
        });
    });
    th.new_type::<DictView<ITEMS>>("dict_items", NO_NEW, |t| {
        DictView::<ITEMS>::define(t);
        DictView::<ITEMS>::define_set_like(t);
        t.method("__contains__(self, key, /)", |th, a| {
            let dict = DictView::<ITEMS>::dict(a);
            Ok(Value::bool(item_in(th, dict, a[1])?))
        });
    });
    th.new_type::<DictView<VALUES>>("dict_values", NO_NEW, DictView::<VALUES>::define);
}
