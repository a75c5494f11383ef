//! The methods of `list`.

use super::{List, iter, sort};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::protocol::Cmp;
use crate::objects::range::Slice;
use crate::objects::sequence::Seq;
use crate::objects::special::Sp;
use crate::text::str_ops::{SliceIndices, normalize_index};

/// The receiver; the call has checked its class.
#[inline(always)]
fn this(a: &[Value]) -> Ref<List> {
    a[0].cast().expect("the receiver's class was checked")
}
fn seq(a: &[Value]) -> Seq {
    Seq::List(this(a))
}

fn not_an_index(th: &mut Thread, v: Value) -> crate::heap::Fail {
    let name = th.type_name(v);
    th.type_error(format!(
        "list indices must be integers or slices, not {name}"
    ))
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    if let Some(i) = th.subscript(a[1])? {
        let v = match usize::try_from(i) {
            Ok(i) => list.get(th, i)?,
            Err(_) => match normalize_index(i, list.len(th)?) {
                Some(i) => list.get(th, i)?,
                None => Value::NULL,
            },
        };
        if v.is_null() {
            return Err(th.index_error("list index out of range"));
        }
        return Ok(v);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(not_an_index(th, a[1]));
    };
    get_slice(th, list, slice)
}

/// `list[slice]`.
pub fn get_slice(th: &mut Thread, list: Ref<List>, slice: Ref<Slice>) -> R<Value> {
    let len = list.len(th)?;
    let at = th.slice_indices(slice, len)?;
    let items = pick(th, list, at)?;
    Ok(List::new(th, &items).value())
}

/// The items that a slice denotes.
fn pick(th: &mut Thread, list: Ref<List>, at: SliceIndices) -> R<Vec<Value>> {
    if at.step == 1 {
        return list.slice(th, at.start, at.start + at.count);
    }
    if at.step == -1 && at.count > 0 {
        let mut items = list.slice(th, at.start + 1 - at.count, at.start + 1)?;
        items.reverse();
        return Ok(items);
    }
    let all = list.items(th)?;
    Ok(at.iter().filter_map(|i| all.get(i).copied()).collect())
}

fn set_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    if let Some(i) = th.subscript(a[1])? {
        let at = match usize::try_from(i) {
            Ok(i) => Some(i),
            Err(_) => normalize_index(i, list.len(th)?),
        };
        match at {
            Some(i) if list.set(th, i, a[2])? => return Ok(Value::NONE),
            _ => return Err(th.index_error("list assignment index out of range")),
        }
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(not_an_index(th, a[1]));
    };
    set_slice(th, list, slice, a[2])?;
    Ok(Value::NONE)
}

/// `list[slice] = v`.
pub fn set_slice(th: &mut Thread, list: Ref<List>, slice: Ref<Slice>, v: Value) -> R<()> {
    let len = list.len(th)?;
    let at = th.slice_indices(slice, len)?;
    let new = match th.quick_items(v)? {
        Some(items) => items,
        None => iterable_items(th, v, "must assign iterable to extended slice")?,
    };
    if at.step == 1 {
        return splice(th, list, at.start, at.start + at.count, &new);
    }
    if new.len() != at.count {
        return Err(th.value_error(format!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            new.len(),
            at.count
        )));
    }
    for (i, v) in at.iter().zip(new) {
        list.set(th, i, v)?;
    }
    Ok(())
}

/// All items of `v`, with a TypeError of one's own if it is not iterable.
fn iterable_items(th: &mut Thread, v: Value, message: &str) -> R<Vec<Value>> {
    if th.special(v, Sp::Iter).is_null() && th.special(v, Sp::GetItem).is_null() {
        return Err(th.type_error(message));
    }
    th.collect_items(v)
}

/// Puts `new` in place of items `from..to`.
fn splice(th: &mut Thread, list: Ref<List>, from: usize, to: usize, new: &[Value]) -> R<()> {
    th.own(list)?;
    let len = list.len(th)?;
    let from = from.min(len);
    let to = to.clamp(from, len);
    if new.is_empty() && from == to {
        return Ok(());
    }
    if from == len {
        return list.push_all(th, new);
    }
    if new.len() == to - from {
        if let Some(slots) = list.plain_slots(th) {
            for (slot, &v) in slots[from..to].iter().zip(new) {
                slot.init(v);
            }
            return Ok(());
        }
        for (i, &v) in new.iter().enumerate() {
            list.set(th, from + i, v)?;
        }
        return Ok(());
    }
    let mut items = list.items(th)?;
    items.splice(from..to, new.iter().copied());
    list.assign(th, &items)
}

fn del_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    if let Some(i) = th.subscript(a[1])? {
        let len = list.len(th)?;
        let Some(i) = normalize_index(i, len) else {
            return Err(th.index_error("list assignment index out of range"));
        };
        list.remove_at(th, i)?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(not_an_index(th, a[1]));
    };
    let len = list.len(th)?;
    let at = th.slice_indices(slice, len)?;
    if at.step == 1 {
        splice(th, list, at.start, at.start + at.count, &[])?;
    } else if at.count > 0 {
        th.own(list)?;
        let mut items = list.items(th)?;
        at.iter().for_each(|i| items[i] = Value::NULL);
        items.retain(|v| !v.is_null());
        list.assign(th, &items)?;
    }
    Ok(Value::NONE)
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    match a[1].cast::<List>() {
        Some(other) => seq(a).compare(th, Seq::List(other), op),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(other) = a[1].cast::<List>() else {
        if th.has_reflected(a[1], Sp::RAdd) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "can only concatenate list (not \"{name}\") to list"
        )));
    };
    let mut items = this(a).items(th)?;
    items.extend(other.items(th)?);
    th.check_room(items.len() * 8)?;
    Ok(List::new(th, &items).value())
}

/// The items `count` times.
fn repeated(th: &mut Thread, list: Ref<List>, count: Value) -> R<Vec<Value>> {
    let items = list.items(th)?;
    Ok(items.repeat(th.repeats(count, items.len())?))
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.has_reflected(a[1], Sp::RMul) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    rmul(th, a)
}

fn rmul(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = repeated(th, this(a), a[1])?;
    Ok(List::new(th, &items).value())
}

fn imul(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.special(a[1], Sp::Index).is_null() && th.has_reflected(a[1], Sp::RMul) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let items = repeated(th, this(a), a[1])?;
    this(a).assign(th, &items)?;
    Ok(a[0])
}

fn pop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    if a[1].is_null() || a[1] == Value::small(-1) {
        let v = list.pop(th)?;
        if v.is_null() {
            return Err(th.index_error("pop from empty list"));
        }
        return Ok(v);
    }
    let i = th.index_i64(a[1])?;
    let len = list.len(th)?;
    if len == 0 {
        return Err(th.index_error("pop from empty list"));
    }
    match normalize_index(i as isize, len) {
        Some(i) if i + 1 == len => list.pop(th),
        Some(i) => list.remove_at(th, i),
        None => Err(th.index_error("pop index out of range")),
    }
}

fn insert(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    let i = th.index_i64(a[1])?;
    let len = list.len(th)? as i64;
    let at = if i < 0 { (i + len).max(0) } else { i.min(len) };
    list.insert(th, at as usize, a[2])?;
    Ok(Value::NONE)
}

fn remove(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    match seq(a).find(th, a[1], 0, usize::MAX)? {
        // The comparison may have made the list shorter.
        Some(i) if i < list.len(th)? => {
            list.remove_at(th, i)?;
            Ok(Value::NONE)
        }
        Some(_) => Ok(Value::NONE),
        None => Err(th.value_error("list.remove(x): x not in list")),
    }
}

fn reverse(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    th.own(list)?;
    let mut items = list.items(th)?;
    items.reverse();
    list.assign(th, &items)?;
    Ok(Value::NONE)
}

impl Thread {
    /// Sorts `items`, as `list.sort` does with these arguments (null or None: no key). Roots what it needs.
    pub fn sort_items(&mut self, items: &mut [Value], key: Value, reverse: bool) -> R<()> {
        let mark = self.roots.len();
        items.iter().for_each(|&v| self.roots.push(v));
        let mut pairs = Vec::with_capacity(items.len());
        for &v in items.iter() {
            let k = if key.is_null() || key.is_none() {
                v
            } else {
                let k = self.call(key, &[v])?;
                self.roots.push(k);
                k
            };
            pairs.push((k, v));
        }
        // Turned round before and after: equal ones keep their order.
        if reverse {
            pairs.reverse();
        }
        let result = sort::sort(self, &mut pairs);
        if reverse {
            pairs.reverse();
        }
        items.iter_mut().zip(&pairs).for_each(|(to, p)| *to = p.1);
        self.roots.truncate(mark);
        result
    }
}

impl Ref<List> {
    /// `list.sort(key=key, reverse=reverse)`.
    pub fn sort(self, th: &mut Thread, key: Value, reverse: bool) -> R<()> {
        th.own(self)?;
        let mut items = self.items(th)?;
        let mark = th.roots.len();
        items.iter().for_each(|&v| th.roots.push(v));
        // Comparisons that look at the list see an empty one, and what they put there is an error.
        self.assign(th, &[])?;
        let before = th.get(self, &self.buf)?;
        let result = th.sort_items(&mut items, key, reverse);
        if result == Err(crate::heap::Fail::Abort) {
            return result;
        }
        th.own(self)?;
        let modified = self.len(th)? != 0 || th.get(self, &self.buf)? != before;
        self.assign(th, &items)?;
        th.roots.truncate(mark);
        result?;
        if modified {
            return Err(th.value_error("list modified during sort"));
        }
        Ok(())
    }
}

fn sort_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let reverse = !a[2].is_null() && th.truth(a[2])?;
    this(a).sort(th, a[1], reverse)?;
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    if list.len(th)? == 0 {
        return Ok(th.str_value("[]"));
    }
    th.container_repr(a[0], "[...]", |th, out| {
        out.push_str("[");
        Seq::List(list).write_items(th, out)?;
        out.push_str("]");
        Ok(())
    })
}

fn init_list(th: &mut Thread, a: &[Value]) -> R<Value> {
    let list = this(a);
    let iterable = th.only_argument("list", a[1], a[2])?;
    if list.len(th)? != 0 {
        list.assign(th, &[])?;
    }
    if !iterable.is_null() {
        list.extend(th, iterable)?;
    }
    Ok(Value::NONE)
}

/// Defines `list`.
pub fn init(th: &mut Thread) {
    th.fill(th.rt.types().list, |t| {
        t.doc("Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.");
        t.new("list(cls, *args, **kwargs)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            Ok(List::of_class(th, class, &[]).value())
        });
        t.attr("__hash__", Value::NONE);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", init_list),
            ("__repr__(self, /)", repr),
            ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
            ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
            ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
            ("__iter__(self, /)", |th, a| Ok(iter::iter(th, this(a)))),
            ("__len__(self, /)", |th, a| Ok(Value::small(this(a).len(th)? as i64))),
            ("__getitem__(self, index, /)", get_item),
            ("__setitem__(self, key, value, /)", set_item),
            ("__delitem__(self, key, /)", del_item),
            ("__add__(self, value, /)", add),
            ("__mul__(self, value, /)", mul),
            ("__rmul__(self, value, /)", rmul),
            ("__contains__(self, key, /)", |th, a| {
                Ok(Value::bool(seq(a).find(th, a[1], 0, usize::MAX)?.is_some()))
            }),
            ("__iadd__(self, value, /)", |th, a| {
                this(a).extend(th, a[1])?;
                Ok(a[0])
            }),
            ("__imul__(self, value, /)", imul),
            ("__reversed__(self, /)", |th, a| iter::reversed(th, this(a))),
            ("__sizeof__(self, /)", |th, a| {
                let bytes = size_of::<List>() + 8 * this(a).len(th)?;
                Ok(th.int(bytes as i64))
            }),
            ("clear(self, /)", |th, a| {
                this(a).assign(th, &[])?;
                Ok(Value::NONE)
            }),
            ("copy(self, /)", |th, a| {
                let items = this(a).items(th)?;
                Ok(List::new(th, &items).value())
            }),
            ("append(self, object, /)", |th, a| {
                this(a).push(th, a[1])?;
                Ok(Value::NONE)
            }),
            ("insert(self, index, object, /)", insert),
            ("extend(self, iterable, /)", |th, a| {
                this(a).extend(th, a[1])?;
                Ok(Value::NONE)
            }),
            ("pop(self, index=-1, /)", pop),
            ("remove(self, value, /)", remove),
            ("index(self, value, start=0, stop=9223372036854775807, /)", |th, a| {
                seq(a).index(th, &a[1..])
            }),
            ("count(self, value, /)", |th, a| seq(a).count(th, a[1])),
            ("reverse(self, /)", reverse),
            ("sort(self, /, *, key=None, reverse=False)", sort_method),
        ]);
    });
    iter::init(th);
}
