//! Plain data between Rust and Python.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use num_bigint::BigInt;

use crate::heap::{R, Thread, Value};
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

/// What the message of an exception begins with that tells of a value that is not what the Rust side wants.
pub(super) const WRONG: &str = "\u{0}conversion: ";

/// A value that goes into Python.
pub trait IntoPython {
    /// The value on the heap.
    ///
    /// # Errors
    /// If it cannot be made.
    fn into_python(self, th: &mut Thread) -> R<Value>;
}

/// A value that comes out of Python.
pub trait FromPython: Sized {
    /// The value in Rust.
    ///
    /// # Errors
    /// If it is another kind of value.
    fn from_python(th: &mut Thread, v: Value) -> R<Self>;
}

/// The arguments of a call: a tuple of values.
pub trait IntoArgs {
    /// The values on the heap.
    ///
    /// # Errors
    /// If one cannot be made.
    fn into_args(self, th: &mut Thread) -> R<Vec<Value>>;
}

/// Pairs with text keys, in order: a `dict`.
pub type Dict<T> = Vec<(String, T)>;

fn wrong<T>(th: &mut Thread, v: Value, wanted: &str) -> R<T> {
    let name = th.type_name(v);
    Err(th.type_error(format!("{WRONG}{wanted} is wanted, not {name}")))
}

impl IntoPython for () {
    fn into_python(self, _: &mut Thread) -> R<Value> {
        Ok(Value::NONE)
    }
}
impl FromPython for () {
    fn from_python(_: &mut Thread, _: Value) -> R<()> {
        Ok(())
    }
}
impl IntoPython for bool {
    fn into_python(self, _: &mut Thread) -> R<Value> {
        Ok(Value::bool(self))
    }
}
impl FromPython for bool {
    fn from_python(th: &mut Thread, v: Value) -> R<bool> {
        if v.is_bool() {
            return th.truth(v);
        }
        wrong(th, v, "a bool")
    }
}

macro_rules! integers {
    ($($int:ty),*) => { $(
        impl IntoPython for $int {
            fn into_python(self, th: &mut Thread) -> R<Value> {
                Ok(th.big(BigInt::from(self)))
            }
        }
        impl FromPython for $int {
            fn from_python(th: &mut Thread, v: Value) -> R<$int> {
                let Some(i) = th.as_bigint(v).filter(|_| th.is_int(v)) else {
                    return wrong(th, v, "an int");
                };
                match <$int>::try_from(&i) {
                    Ok(i) => Ok(i),
                    Err(_) => Err(th.overflow_error(concat!("\u{0}conversion: the int is too large for ", stringify!($int)))),
                }
            }
        }
    )* };
}
integers!(i32, u32, i64, u64, usize, i128);

impl IntoPython for f64 {
    fn into_python(self, _: &mut Thread) -> R<Value> {
        Ok(Value::float(self))
    }
}
impl FromPython for f64 {
    fn from_python(th: &mut Thread, v: Value) -> R<f64> {
        if v.as_float().is_some() || th.is_int(v) {
            return th.to_float(v);
        }
        wrong(th, v, "a float")
    }
}
impl IntoPython for &str {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        Ok(th.str_value(self))
    }
}
impl IntoPython for String {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        Ok(th.str_value(&self))
    }
}
impl FromPython for String {
    fn from_python(th: &mut Thread, v: Value) -> R<String> {
        match v.cast::<Str>() {
            Some(text) => Ok(text.to_string()),
            None => wrong(th, v, "a str"),
        }
    }
}
/// Bytes, as `bytes`.
impl IntoPython for &[u8] {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        th.new_bytes(self)
    }
}
impl<T: IntoPython> IntoPython for Option<T> {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        self.map_or(Ok(Value::NONE), |v| v.into_python(th))
    }
}
impl<T: FromPython> FromPython for Option<T> {
    fn from_python(th: &mut Thread, v: Value) -> R<Option<T>> {
        if v.is_none() {
            return Ok(None);
        }
        T::from_python(th, v).map(Some)
    }
}
impl<T: IntoPython> IntoPython for Vec<T> {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        let list = List::new(th, &[]);
        for item in self {
            let item = item.into_python(th)?;
            list.push(th, item)?;
        }
        Ok(list.value())
    }
}
impl<T: FromPython> FromPython for Vec<T> {
    fn from_python(th: &mut Thread, v: Value) -> R<Vec<T>> {
        if v.cast::<Str>().is_some() {
            return wrong(th, v, "a list");
        }
        let items = th.collect_items(v)?;
        let mark = th.roots.len();
        items.iter().for_each(|&v| th.roots.push(v));
        let all = items.into_iter().map(|v| T::from_python(th, v)).collect();
        th.roots.truncate(mark);
        all
    }
}

fn pairs<T: FromPython>(th: &mut Thread, v: Value) -> R<Dict<T>> {
    let Some(dict) = v.cast::<crate::objects::dict::Dict>() else {
        return wrong(th, v, "a dict");
    };
    let items = th.call_method(dict.value(), "items", &[])?;
    let items = th.collect_items(items)?;
    let mark = th.roots.len();
    items.iter().for_each(|&v| th.roots.push(v));
    let mut all = Vec::new();
    for pair in items {
        let &[key, value] = tuple_items(pair) else {
            unreachable!("items of a dict are pairs")
        };
        all.push((String::from_python(th, key)?, T::from_python(th, value)?));
    }
    th.roots.truncate(mark);
    Ok(all)
}

fn dict_of<T: IntoPython>(th: &mut Thread, pairs: impl Iterator<Item = (String, T)>) -> R<Value> {
    let dict = crate::objects::dict::Dict::new(th).value();
    for (key, value) in pairs {
        let (key, value) = (th.str_value(&key), value.into_python(th)?);
        th.set_item(dict, key, value)?;
    }
    Ok(dict)
}

impl<T: IntoPython> IntoPython for HashMap<String, T> {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        dict_of(th, self.into_iter())
    }
}
impl<K: From<String> + Eq + Hash, T: FromPython> FromPython for HashMap<K, T> {
    fn from_python(th: &mut Thread, v: Value) -> R<HashMap<K, T>> {
        Ok(pairs(th, v)?
            .into_iter()
            .map(|(k, v)| (k.into(), v))
            .collect())
    }
}
impl<T: IntoPython> IntoPython for BTreeMap<String, T> {
    fn into_python(self, th: &mut Thread) -> R<Value> {
        dict_of(th, self.into_iter())
    }
}
impl<T: FromPython> FromPython for BTreeMap<String, T> {
    fn from_python(th: &mut Thread, v: Value) -> R<BTreeMap<String, T>> {
        Ok(pairs(th, v)?.into_iter().collect())
    }
}

macro_rules! tuples {
    ($( ($($name:ident),+) )*) => { $(
        impl<$($name: IntoPython),+> IntoPython for ($($name,)+) {
            fn into_python(self, th: &mut Thread) -> R<Value> {
                let items = self.into_args(th)?;
                Ok(th.tuple_value(&items))
            }
        }
        impl<$($name: IntoPython),+> IntoArgs for ($($name,)+) {
            #[allow(non_snake_case)]
            fn into_args(self, th: &mut Thread) -> R<Vec<Value>> {
                let ($($name,)+) = self;
                // Each is kept alive on the way: making the next may collect.
                let mark = th.roots.len();
                $( let v = $name.into_python(th)?; th.roots.push(v); )+
                Ok(th.roots.since(mark).to_vec())
            }
        }
        impl<$($name: FromPython),+> FromPython for ($($name,)+) {
            fn from_python(th: &mut Thread, v: Value) -> R<($($name,)+)> {
                let wanted = [$(stringify!($name)),+].len();
                if v.kind() != crate::heap::Kind::Tuple || tuple_items(v).len() != wanted {
                    return wrong(th, v, &format!("a tuple of {wanted}"));
                }
                let mut items = tuple_items(v).iter();
                Ok(($( {
                    let &item = items.next().expect("their number was checked");
                    $name::from_python(th, item)?
                }, )+))
            }
        }
    )* };
}
tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }

impl IntoArgs for () {
    fn into_args(self, _: &mut Thread) -> R<Vec<Value>> {
        Ok(Vec::new())
    }
}
