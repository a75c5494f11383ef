//! The methods of `dict`.

use super::{Dict, iter, views};
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};
use crate::objects::native::tuple_items;
use crate::objects::special::Sp;

/// The receiver; the call has checked its class.
#[inline(always)]
fn this(a: &[Value]) -> Ref<Dict> {
    a[0].cast().expect("the receiver's class was checked")
}

impl Ref<Dict> {
    /// `dict.update(other)`: takes over the entries of a mapping, or the pairs of an iterable.
    pub fn update(self, th: &mut Thread, other: Value) -> R<()> {
        if let Some(dict) = other.cast::<Dict>()
            && th.special(other, Sp::Iter) == th.rt.types().dict.special(Sp::Iter)
        {
            return self.update_from_dict(th, dict);
        }
        let keys = th.intern_value("keys");
        if th.get_attr_opt(other, keys)?.is_null() {
            return self.update_from_pairs(th, other);
        }
        let keys = th.call_method(other, "keys", &[])?;
        th.for_each(keys, |th, key| {
            let value = th.get_item(other, key)?;
            self.insert(th, key, value)?;
            Ok(true)
        })
    }

    fn update_from_dict(self, th: &mut Thread, other: Ref<Dict>) -> R<()> {
        if self == other {
            return Ok(());
        }
        if !th.is_shared(self) && self.len(th)? == 0 {
            return self.table().copy_from(th, other.table());
        }
        let all = other.table().hashed_items(th)?;
        let mark = th.roots.len();
        for &(k, _, v) in &all {
            th.roots.push(k);
            th.roots.push(v);
        }
        for (k, h, v) in all {
            self.table().store_hashed(th, k, h, v, true)?;
        }
        th.roots.truncate(mark);
        Ok(())
    }

    fn update_from_pairs(self, th: &mut Thread, pairs: Value) -> R<()> {
        let mut i = 0;
        th.for_each(pairs, |th, pair| {
            let mark = th.roots.len();
            let items = match pair.kind() {
                Kind::Tuple => tuple_items(pair).to_vec(),
                _ => match th.collect_items(pair) {
                    Err(Fail::Raise)
                        if th.raised_is(th.rt.types().exceptions.type_error)
                            && th.special(pair, Sp::Iter).is_null() =>
                    {
                        th.take_exc();
                        return Err(th.type_error(format!(
                            "cannot convert dictionary update sequence element #{i} to a sequence"
                        )));
                    }
                    items => items?,
                },
            };
            let [key, value] = items[..] else {
                return Err(th.value_error(format!(
                    "dictionary update sequence element #{i} has length {}; 2 is required",
                    items.len()
                )));
            };
            self.insert(th, key, value)?;
            th.roots.truncate(mark);
            i += 1;
            Ok(true)
        })
    }
}

/// `__init__` and `update`: a mapping or pairs, and keywords.
fn update_args(th: &mut Thread, name: &str, a: &[Value]) -> R<Value> {
    let (dict, args) = (this(a), tuple_items(a[1]));
    match args {
        [] => {}
        [other] => dict.update(th, *other)?,
        _ => {
            return Err(th.type_error(format!(
                "{name} expected at most 1 argument, got {}",
                args.len()
            )));
        }
    }
    if let Some(names) = a[2].cast::<Dict>() {
        dict.update_from_dict(th, names)?;
    }
    Ok(Value::NONE)
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = this(a).get(th, a[1])?;
    if !v.is_null() {
        return Ok(v);
    }
    if th.class_of(a[0]) != th.rt.types().dict {
        let v = th.call_special(a[0], Sp::Missing, &[a[1]])?;
        if !v.is_null() {
            return Ok(v);
        }
    }
    Err(th.key_error(a[1]))
}

fn del_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    if this(a).remove(th, a[1])?.is_null() {
        return Err(th.key_error(a[1]));
    }
    Ok(Value::NONE)
}

fn pop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = this(a).remove(th, a[1])?;
    match v.non_null().or(a[2].non_null()) {
        Some(v) => Ok(v),
        None => Err(th.key_error(a[1])),
    }
}

fn pop_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    match this(a).pop_last(th)? {
        Some((k, v)) => Ok(th.tuple_value(&[k, v])),
        None => {
            let message = th.str_value("popitem(): dictionary is empty");
            Err(th.key_error(message))
        }
    }
}

fn eq(th: &mut Thread, a: &[Value]) -> R<Option<bool>> {
    let Some(other) = a[1].cast::<Dict>() else {
        return Ok(None);
    };
    let dict = this(a);
    if dict.len(th)? != other.len(th)? {
        return Ok(Some(false));
    }
    th.check_stack()?;
    let all = dict.table().hashed_items(th)?;
    let mark = th.roots.len();
    for &(k, _, v) in &all {
        th.roots.push(k);
        th.roots.push(v);
    }
    let mut same = true;
    for (k, h, v) in all {
        let found = other.table().get_hashed(th, k, h)?;
        if found.is_null() || !th.equal(v, found)? {
            same = false;
            break;
        }
    }
    th.roots.truncate(mark);
    Ok(Some(same))
}

fn or(th: &mut Thread, left: Value, right: Value) -> R<Value> {
    let (Some(l), Some(r)) = (left.cast::<Dict>(), right.cast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let new = l.copy(th)?;
    new.update_from_dict(th, r)?;
    Ok(new.value())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let dict = this(a);
    if dict.len(th)? == 0 {
        return Ok(th.str_value("{}"));
    }
    th.container_repr(a[0], "{...}", |th, out| {
        out.push_str("{");
        let (mut at, mut first) = (0, true);
        while let Some((next, k, v)) = dict.next(th, at)? {
            at = next;
            if !first {
                out.push_str(", ");
            }
            first = false;
            let k = th.repr(k)?;
            out.push_wtf8(k.as_wtf8());
            out.push_str(": ");
            let v = th.repr(v)?;
            out.push_wtf8(v.as_wtf8());
        }
        out.push_str("}");
        Ok(())
    })
}

fn from_keys(th: &mut Thread, a: &[Value]) -> R<Value> {
    let value = a[2].or_none();
    let new = if a[0] == th.rt.types().dict.value() {
        Dict::new(th).value()
    } else {
        th.call(a[0], &[])?
    };
    let plain = new
        .cast::<Dict>()
        .filter(|_| th.special(new, Sp::SetItem) == th.rt.types().dict.special(Sp::SetItem));
    th.for_each(a[1], |th, key| {
        match plain {
            Some(dict) => dict.insert(th, key, value)?,
            None => th.set_item(new, key, value)?,
        }
        Ok(true)
    })?;
    Ok(new)
}

/// Defines `dict`.
pub fn init(th: &mut Thread) {
    th.fill(th.rt.types().dict, |t| {
        t.doc(
            "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    \
             (key, value) pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    \
             for k, v in iterable:\n        d[k] = v\ndict(**kwargs) -> new dictionary initialized with the \
             name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
        );
        t.new("dict(cls, *args, **kwargs)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            Ok(Dict::of_class(th, class).value())
        });
        t.attr("__hash__", Value::NONE);
        t.class_method("fromkeys(type, iterable, value=None, /)", from_keys);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", |th, a| {
                update_args(th, "dict", a)
            }),
            ("__repr__(self, /)", repr),
            ("__eq__(self, value, /)", |th, a| {
                Ok(eq(th, a)?.map_or(Value::NOT_IMPLEMENTED, Value::bool))
            }),
            ("__ne__(self, value, /)", |th, a| {
                Ok(eq(th, a)?.map_or(Value::NOT_IMPLEMENTED, |same| Value::bool(!same)))
            }),
            ("__iter__(self, /)", |th, a| iter::iter(th, this(a))),
            ("__len__(self, /)", |th, a| {
                Ok(Value::small(this(a).len(th)? as i64))
            }),
            ("__getitem__(self, key, /)", get_item),
            ("__setitem__(self, key, value, /)", |th, a| {
                this(a).insert(th, a[1], a[2])?;
                Ok(Value::NONE)
            }),
            ("__delitem__(self, key, /)", del_item),
            ("__contains__(self, key, /)", |th, a| {
                Ok(Value::bool(this(a).contains(th, a[1])?))
            }),
            ("__or__(self, value, /)", |th, a| or(th, a[0], a[1])),
            ("__ror__(self, value, /)", |th, a| or(th, a[1], a[0])),
            ("__ior__(self, value, /)", |th, a| {
                this(a).update(th, a[1])?;
                Ok(a[0])
            }),
            ("__reversed__(self, /)", |th, a| iter::reversed_keys(th, this(a))),
            ("__sizeof__(self, /)", |th, a| {
                let bytes = size_of::<Dict>() + this(a).table().bytes(th)?;
                Ok(th.int(bytes as i64))
            }),
            ("get(self, key, default=None, /)", |th, a| {
                let v = this(a).get(th, a[1])?;
                Ok(v.non_null().unwrap_or(a[2].or_none()))
            }),
            ("setdefault(self, key, default=None, /)", |th, a| {
                this(a).set_default(th, a[1], a[2].or_none())
            }),
            ("pop(self, key, default=<unrepresentable>, /)", pop),
            ("popitem(self, /)", pop_item),
            ("keys(self, /)", |th, a| Ok(views::keys(th, this(a)))),
            ("items(self, /)", |th, a| Ok(views::items(th, this(a)))),
            ("values(self, /)", |th, a| Ok(views::values(th, this(a)))),
            ("update(self, /, *args, **kwargs)", |th, a| {
                update_args(th, "update", a)
            }),
            ("clear(self, /)", |th, a| {
                this(a).clear(th)?;
                Ok(Value::NONE)
            }),
            ("copy(self, /)", |th, a| Ok(this(a).copy(th)?.value())),
        ]);
    });
    iter::init(th);
    views::init(th);
}
