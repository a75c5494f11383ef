//! The methods of `set` and `frozenset`.

use super::{PRESENT, Set, iter};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::class::Class;
use crate::objects::define::TypeBuilder;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::protocol::Cmp;

/// The receiver; the call has checked its class.
#[inline(always)]
fn this(a: &[Value]) -> Ref<Set> {
    a[0].cast().expect("the receiver's class was checked")
}

impl Thread {
    /// The one argument of a constructor that takes no keywords, null if it is left out. `args` and `kwargs` are a
    /// `*args` tuple and a `**kwargs` dict.
    pub(crate) fn only_argument(&mut self, name: &str, args: Value, kwargs: Value) -> R<Value> {
        if let Some(kwargs) = kwargs.cast::<Dict>()
            && kwargs.len(self)? != 0
        {
            return Err(self.type_error(format!("{name}() takes no keyword arguments")));
        }
        match tuple_items(args) {
            [] => Ok(Value::NULL),
            [v] => Ok(*v),
            args => Err(self.type_error(format!(
                "{name} expected at most 1 argument, got {}",
                args.len()
            ))),
        }
    }
}

/// `set` or `frozenset`, whichever the set's class derives from: what operators make.
fn base_class(th: &Thread, set: Ref<Set>) -> Ref<Class> {
    let types = th.rt.types();
    if th.is_instance(set.value(), types.frozenset) {
        types.frozenset
    } else {
        types.set
    }
}

/// A copy, as operators make it.
fn copy(th: &mut Thread, set: Ref<Set>) -> R<Ref<Set>> {
    let class = base_class(th, set);
    let new = Set::of_class(th, class);
    new.table().copy_from(th, set.table())?;
    Ok(new)
}

/// Runs `f` with `item`, and if that is a set, which has no hash, with a frozen copy of it.
fn with_key<T>(
    th: &mut Thread,
    item: Value,
    mut f: impl FnMut(&mut Thread, Value) -> R<T>,
) -> R<T> {
    match f(th, item) {
        Err(Fail::Raise)
            if item.cast::<Set>().is_some()
                && th.raised_is(th.rt.types().exceptions.type_error) =>
        {
            th.take_exc();
            let class = th.rt.types().frozenset;
            let frozen = Set::of_class(th, class);
            if let Some(set) = item.cast::<Set>() {
                frozen.table().copy_from(th, set.table())?;
            }
            f(th, frozen.value())
        }
        result => result,
    }
}

/// The items of any iterable as a set; sets are taken as they are.
fn as_set(th: &mut Thread, v: Value) -> R<Ref<Set>> {
    if let Some(set) = v.cast::<Set>() {
        return Ok(set);
    }
    let set = Set::new(th);
    set.update(th, v)?;
    Ok(set)
}

/// Are all items of `a` in `b`?
fn is_subset(th: &mut Thread, a: Ref<Set>, b: Ref<Set>) -> R<bool> {
    if a.len(th)? > b.len(th)? {
        return Ok(false);
    }
    let keys = a.table().hashed_keys(th)?;
    let mark = th.roots.len();
    keys.iter().for_each(|&(k, _)| th.roots.push(k));
    let mut all = true;
    for (k, h) in keys {
        if b.table().get_hashed(th, k, h)?.is_null() {
            all = false;
            break;
        }
    }
    th.roots.truncate(mark);
    Ok(all)
}

/// Adds to `to` what is in `set` and in the iterable.
fn intersect_into(th: &mut Thread, to: Ref<Set>, set: Ref<Set>, other: Value) -> R<()> {
    let Some(other) = other.cast::<Set>() else {
        return th.for_each(other, |th, item| {
            let h = set.table().hash_key(th, item)?;
            if !set.table().get_hashed(th, item, h)?.is_null() {
                to.table().store_hashed(th, item, h, PRESENT, false)?;
            }
            Ok(true)
        });
    };
    let (walked, asked) = if set.len(th)? < other.len(th)? {
        (set, other)
    } else {
        (other, set)
    };
    let keys = walked.table().hashed_keys(th)?;
    let mark = th.roots.len();
    keys.iter().for_each(|&(k, _)| th.roots.push(k));
    for (k, h) in keys {
        if !asked.table().get_hashed(th, k, h)?.is_null() {
            to.table().store_hashed(th, k, h, PRESENT, false)?;
        }
    }
    th.roots.truncate(mark);
    Ok(())
}

fn intersection(th: &mut Thread, set: Ref<Set>, others: &[Value]) -> R<Ref<Set>> {
    let Some((first, rest)) = others.split_first() else {
        return copy(th, set);
    };
    let class = base_class(th, set);
    let mut result = Set::of_class(th, class);
    intersect_into(th, result, set, *first)?;
    for &other in rest {
        let next = Set::of_class(th, class);
        intersect_into(th, next, result, other)?;
        result = next;
    }
    Ok(result)
}

/// Removes the items of the iterable.
fn subtract(th: &mut Thread, set: Ref<Set>, other: Value) -> R<()> {
    let Some(other) = other.cast::<Set>() else {
        return th.for_each(other, |th, item| {
            set.remove(th, item)?;
            Ok(true)
        });
    };
    if other == set {
        return set.clear(th);
    }
    let keys = other.table().hashed_keys(th)?;
    let mark = th.roots.len();
    keys.iter().for_each(|&(k, _)| th.roots.push(k));
    for (k, h) in keys {
        set.table().remove_hashed(th, k, h)?;
    }
    th.roots.truncate(mark);
    Ok(())
}

fn difference(th: &mut Thread, set: Ref<Set>, others: &[Value]) -> R<Ref<Set>> {
    let result = copy(th, set)?;
    for &other in others {
        // What is walked must not be what is taken from.
        subtract(th, result, other)?;
    }
    Ok(result)
}

fn symmetric_difference(th: &mut Thread, set: Ref<Set>, other: Value) -> R<Ref<Set>> {
    let result = copy(th, set)?;
    let other = as_set(th, other)?;
    result.toggle_all(th, other)?;
    Ok(result)
}

fn is_disjoint(th: &mut Thread, a: &[Value]) -> R<Value> {
    let set = this(a);
    let Some(other) = a[1].cast::<Set>() else {
        let mut disjoint = true;
        th.for_each(a[1], |th, item| {
            disjoint = !set.contains(th, item)?;
            Ok(disjoint)
        })?;
        return Ok(Value::bool(disjoint));
    };
    let common = Set::new(th);
    intersect_into(th, common, set, other.value())?;
    Ok(Value::bool(common.len(th)? == 0))
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let Some(other) = a[1].cast::<Set>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let set = this(a);
    let (m, n) = (set.len(th)?, other.len(th)?);
    Ok(Value::bool(match op {
        Cmp::Eq => m == n && is_subset(th, set, other)?,
        Cmp::Ne => m != n || !is_subset(th, set, other)?,
        Cmp::Lt => m < n && is_subset(th, set, other)?,
        Cmp::Le => is_subset(th, set, other)?,
        Cmp::Gt => m > n && is_subset(th, other, set)?,
        Cmp::Ge => is_subset(th, other, set)?,
    }))
}

type Operation = fn(&mut Thread, Ref<Set>, Value) -> R<Ref<Set>>;

/// `left op right` for two sets.
fn operate(th: &mut Thread, left: Value, right: Value, f: Operation) -> R<Value> {
    match (left.cast::<Set>(), right.cast::<Set>()) {
        (Some(l), Some(_)) => Ok(f(th, l, right)?.value()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn union(th: &mut Thread, set: Ref<Set>, other: Value) -> R<Ref<Set>> {
    let result = copy(th, set)?;
    result.update(th, other)?;
    Ok(result)
}

/// Makes `items` the set's items.
fn become_(th: &mut Thread, set: Ref<Set>, items: Ref<Set>) -> R<()> {
    set.clear(th)?;
    set.table().copy_from(th, items.table())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let set = this(a);
    let class = th.class_of(a[0]);
    let name = class.name().to_string();
    if set.len(th)? == 0 {
        return Ok(th.str_value(&format!("{name}()")));
    }
    let plain = class == th.rt.types().set;
    th.container_repr(a[0], &format!("{name}(...)"), |th, out| {
        if !plain {
            out.push_str(&name);
            out.push_str("(");
        }
        out.push_str("{");
        for (i, item) in set.items(th)?.into_iter().enumerate() {
            th.roots.push(item);
            if i > 0 {
                out.push_str(", ");
            }
            let text = th.repr(item)?;
            out.push_wtf8(text.as_wtf8());
        }
        out.push_str(if plain { "}" } else { "})" });
        Ok(())
    })
}

/// `hash(frozenset)`: the same for the same items in any order.
fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let set = this(a);
    if let Some(hash) = set.known_hash() {
        return Ok(th.int(hash));
    }
    let items = set.items(th)?;
    let mut hash = 0u64;
    for &item in &items {
        th.roots.push(item);
    }
    for &item in &items {
        // Spread each hash before they are combined: those of small ints differ in few bits.
        let h = th.hash_value(item)? as u64;
        hash ^= ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
    }
    hash ^= (items.len() as u64 + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    let hash = match hash as i64 {
        -1 => 590_923_713,
        h => h,
    };
    set.keep_hash(hash);
    Ok(th.int(hash))
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = this(a).items(th)?;
    let list = List::new(th, &items).value();
    let args = th.tuple_value(&[list]);
    let state = match th.dict_of(a[0])? {
        Some(dict) if dict.len(th)? > 0 => dict.value(),
        _ => Value::NONE,
    };
    let class = th.class_of(a[0]).value();
    Ok(th.tuple_value(&[class, args, state]))
}

fn is_exact_frozenset(th: &Thread, v: Value) -> bool {
    th.class_of(v) == th.rt.types().frozenset
}

fn new_frozenset(th: &mut Thread, a: &[Value]) -> R<Value> {
    let types = th.rt.types();
    let class = a[0].as_class().expect("the call has checked the class");
    let exact = class == types.frozenset;
    let iterable = if exact {
        th.only_argument("frozenset", a[1], a[2])?
    } else {
        // What else a subclass takes is for its `__init__` to see to.
        tuple_items(a[1]).first().copied().unwrap_or(Value::NULL)
    };
    if exact && !iterable.is_null() && is_exact_frozenset(th, iterable) {
        return Ok(iterable);
    }
    let set = Set::of_class(th, class);
    if !iterable.is_null() {
        set.update(th, iterable)?;
    }
    Ok(set.value())
}

/// What both types have.
fn define_common(t: &mut TypeBuilder) {
    t.methods(&[
        ("__repr__(self, /)", repr),
        ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
        ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
        ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
        ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
        ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
        ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
        ("__iter__(self, /)", |th, a| iter::iter(th, this(a))),
        ("__len__(self, /)", |th, a| {
            Ok(Value::small(this(a).len(th)? as i64))
        }),
        ("__contains__(self, object, /)", |th, a| {
            let set = this(a);
            let found = with_key(th, a[1], |th, item| set.contains(th, item))?;
            Ok(Value::bool(found))
        }),
        ("__and__(self, value, /)", |th, a| {
            operate(th, a[0], a[1], |th, l, r| intersection(th, l, &[r]))
        }),
        ("__rand__(self, value, /)", |th, a| {
            operate(th, a[1], a[0], |th, l, r| intersection(th, l, &[r]))
        }),
        ("__or__(self, value, /)", |th, a| {
            operate(th, a[0], a[1], union)
        }),
        ("__ror__(self, value, /)", |th, a| {
            operate(th, a[1], a[0], union)
        }),
        ("__sub__(self, value, /)", |th, a| {
            operate(th, a[0], a[1], |th, l, r| difference(th, l, &[r]))
        }),
        ("__rsub__(self, value, /)", |th, a| {
            operate(th, a[1], a[0], |th, l, r| difference(th, l, &[r]))
        }),
        ("__xor__(self, value, /)", |th, a| {
            operate(th, a[0], a[1], symmetric_difference)
        }),
        ("__rxor__(self, value, /)", |th, a| {
            operate(th, a[1], a[0], symmetric_difference)
        }),
        ("__reduce__(self, /)", reduce),
        ("__sizeof__(self, /)", |th, a| {
            let bytes = size_of::<Set>() + this(a).table().bytes(th)?;
            Ok(th.int(bytes as i64))
        }),
        ("copy(self, /)", |th, a| {
            if is_exact_frozenset(th, a[0]) {
                return Ok(a[0]);
            }
            Ok(copy(th, this(a))?.value())
        }),
        ("difference(self, /, *others)", |th, a| {
            Ok(difference(th, this(a), tuple_items(a[1]))?.value())
        }),
        ("intersection(self, /, *others)", |th, a| {
            Ok(intersection(th, this(a), tuple_items(a[1]))?.value())
        }),
        ("isdisjoint(self, other, /)", is_disjoint),
        ("issubset(self, other, /)", |th, a| {
            let other = as_set(th, a[1])?;
            Ok(Value::bool(is_subset(th, this(a), other)?))
        }),
        ("issuperset(self, other, /)", |th, a| {
            let other = as_set(th, a[1])?;
            Ok(Value::bool(is_subset(th, other, this(a))?))
        }),
        ("symmetric_difference(self, other, /)", |th, a| {
            Ok(symmetric_difference(th, this(a), a[1])?.value())
        }),
        ("union(self, /, *others)", |th, a| {
            let result = copy(th, this(a))?;
            for &other in tuple_items(a[1]) {
                result.update(th, other)?;
            }
            Ok(result.value())
        }),
    ]);
}

/// `set op= other` for another set.
fn inplace(th: &mut Thread, a: &[Value], f: fn(&mut Thread, Ref<Set>, Value) -> R<()>) -> R<Value> {
    if a[1].cast::<Set>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    f(th, this(a), a[1])?;
    Ok(a[0])
}

fn intersect_update(th: &mut Thread, set: Ref<Set>, others: &[Value]) -> R<()> {
    let items = intersection(th, set, others)?;
    become_(th, set, items)
}

fn toggle(th: &mut Thread, set: Ref<Set>, other: Value) -> R<()> {
    let other = as_set(th, other)?;
    if other == set {
        return set.clear(th);
    }
    set.toggle_all(th, other)
}

fn define_mutable(t: &mut TypeBuilder) {
    t.attr("__hash__", Value::NONE);
    t.methods(&[
        ("__init__(self, /, *args, **kwargs)", |th, a| {
            let iterable = th.only_argument("set", a[1], a[2])?;
            let set = this(a);
            set.clear(th)?;
            if !iterable.is_null() {
                set.update(th, iterable)?;
            }
            Ok(Value::NONE)
        }),
        ("__iand__(self, value, /)", |th, a| {
            inplace(th, a, |th, s, other| intersect_update(th, s, &[other]))
        }),
        ("__ior__(self, value, /)", |th, a| {
            inplace(th, a, |th, s, other| s.update(th, other))
        }),
        ("__isub__(self, value, /)", |th, a| inplace(th, a, subtract)),
        ("__ixor__(self, value, /)", |th, a| inplace(th, a, toggle)),
        ("add(self, object, /)", |th, a| {
            this(a).add(th, a[1])?;
            Ok(Value::NONE)
        }),
        ("clear(self, /)", |th, a| {
            this(a).clear(th)?;
            Ok(Value::NONE)
        }),
        ("discard(self, object, /)", |th, a| {
            let set = this(a);
            with_key(th, a[1], |th, item| set.remove(th, item))?;
            Ok(Value::NONE)
        }),
        ("remove(self, object, /)", |th, a| {
            let set = this(a);
            if !with_key(th, a[1], |th, item| set.remove(th, item))? {
                return Err(th.key_error(a[1]));
            }
            Ok(Value::NONE)
        }),
        ("pop(self, /)", |th, a| {
            match this(a).table().pop_last(th)? {
                Some((item, _)) => Ok(item),
                None => {
                    let message = th.str_value("pop from an empty set");
                    Err(th.key_error(message))
                }
            }
        }),
        ("update(self, /, *others)", |th, a| {
            for &other in tuple_items(a[1]) {
                this(a).update(th, other)?;
            }
            Ok(Value::NONE)
        }),
        ("difference_update(self, /, *others)", |th, a| {
            for &other in tuple_items(a[1]) {
                subtract(th, this(a), other)?;
            }
            Ok(Value::NONE)
        }),
        ("intersection_update(self, /, *others)", |th, a| {
            intersect_update(th, this(a), tuple_items(a[1]))?;
            Ok(Value::NONE)
        }),
        ("symmetric_difference_update(self, other, /)", |th, a| {
            toggle(th, this(a), a[1])?;
            Ok(Value::NONE)
        }),
    ]);
}

/// Defines `set` and `frozenset`.
pub fn init(th: &mut Thread) {
    let types = th.rt.types();
    th.fill(types.set, |t| {
        t.doc("Build an unordered collection of unique elements.");
        t.new("set(cls, *args, **kwargs)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            Ok(Set::of_class(th, class).value())
        });
        define_common(t);
        define_mutable(t);
    });
    th.fill(types.frozenset, |t| {
        t.doc("Build an immutable unordered collection of unique elements.");
        t.new("frozenset(cls, *args, **kwargs)", new_frozenset);
        define_common(t);
        t.method("__hash__(self, /)", hash);
    });
    iter::init(th);
}
