//! `types.GenericAlias`: `list[int]`.

use super::class::class_flags;
use super::list::List;
use super::native::{Payload, tuple_items};
use super::string::Str;
use crate::heap::{Kind, R, RawSlot, Ref, Slot, Thread, Tracer, Value};

/// `origin[args]`.
pub struct GenericAlias {
    pub origin: Value,
    /// A tuple.
    pub args: Value,
    /// Tuple of type variables, once computed; hidden state derived from `args`.
    parameters: Slot,
    /// `*origin[args]`.
    starred: bool,
}

impl Payload for GenericAlias {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.origin, self.args]);
        t.slot(&self.parameters);
    }
}

/// The one item that iterating over an alias gives: the alias starred.
struct AliasIter {
    alias: Value,
    done: RawSlot,
}

impl Payload for AliasIter {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.alias)
    }
}

/// Names that an alias answers itself; all others it passes on to its origin.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
    "__bases__",
];

impl Thread {
    /// `origin[args]` as a `types.GenericAlias`. What is no tuple counts as one argument.
    pub fn generic_alias(&mut self, origin: Value, args: Value) -> R<Value> {
        let class = self.class_for::<GenericAlias>();
        Ok(self.alias_of(class, origin, args, false))
    }

    fn alias_of(
        &mut self,
        class: Ref<super::class::Class>,
        origin: Value,
        args: Value,
        starred: bool,
    ) -> Value {
        let args = if args.kind() == Kind::Tuple {
            args
        } else {
            self.tuple_value(&[args])
        };
        let payload = GenericAlias {
            origin,
            args,
            parameters: Slot::new(Value::NULL),
            starred,
        };
        self.new_native(class, payload).value()
    }

    pub fn is_generic_alias(&self, v: Value) -> bool {
        v.native::<GenericAlias>().is_some()
    }
}

fn this(th: &mut Thread, v: Value) -> R<Ref<super::native::Native<GenericAlias>>> {
    th.native_self(v, "types.GenericAlias")
}

/// How a type is shown within the text of another.
pub fn type_repr(th: &mut Thread, v: Value) -> R<String> {
    th.check_stack()?;
    if v == Value::ELLIPSIS {
        return Ok("...".to_string());
    }
    if v.is_none() || v == th.rt.types().none_type.value() {
        return Ok("None".to_string());
    }
    if let Some(list) = v.cast::<List>() {
        let mut parts = vec![];
        for item in list.items(th)? {
            parts.push(type_repr(th, item)?);
        }
        return Ok(format!("[{}]", parts.join(", ")));
    }
    if th.is_generic_alias(v) {
        return Ok(th.repr(v)?.to_string());
    }
    // Types, and functions that stand for types, by their names.
    let origin = th.attr_opt(v, "__origin__")?;
    let args = th.attr_opt(v, "__args__")?;
    if origin.is_null() || args.is_null() {
        let qualname = th.attr_opt(v, "__qualname__")?;
        let module = th.attr_opt(v, "__module__")?;
        if let (Some(qualname), false) =
            (qualname.cast::<Str>(), module.is_null() || module.is_none())
        {
            let module = th.to_str(module)?.to_string();
            return Ok(if module == "builtins" {
                qualname.to_string()
            } else {
                format!("{module}.{qualname}")
            });
        }
    }
    Ok(th.repr(v)?.to_string())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    let origin = type_repr(th, alias.origin)?;
    let mut parts = vec![];
    for &arg in tuple_items(alias.args) {
        parts.push(type_repr(th, arg)?);
    }
    let star = if alias.starred { "*" } else { "" };
    let args = if parts.is_empty() {
        "()".to_string()
    } else {
        parts.join(", ")
    };
    Ok(th.str_value(&format!("{star}{origin}[{args}]")))
}

fn is_type_variable(th: &mut Thread, v: Value) -> R<bool> {
    if v.as_class().is_some() || !v.is_object() {
        return Ok(false);
    }
    Ok(!th.attr_opt(v, "__typing_subst__")?.is_null())
}

/// The type variables in the arguments `args`, each once.
pub fn parameters_of(th: &mut Thread, args: Value) -> R<Value> {
    let mut found = vec![];
    collect_parameters(th, args, &mut found)?;
    Ok(th.tuple_value(&found))
}

fn collect_parameters(th: &mut Thread, args: Value, found: &mut Vec<Value>) -> R<()> {
    th.check_stack()?;
    let items = match args.cast::<List>() {
        Some(list) => list.items(th)?,
        None => tuple_items(args).to_vec(),
    };
    for arg in items {
        if arg.as_class().is_some() {
            continue;
        }
        if is_type_variable(th, arg)? {
            if !found.contains(&arg) {
                found.push(arg);
            }
            continue;
        }
        if matches!(arg.kind(), Kind::List | Kind::Tuple) {
            collect_parameters(th, arg, found)?;
            continue;
        }
        let inner = th.attr_opt(arg, "__parameters__")?;
        for &p in tuple_items(inner) {
            if !found.contains(&p) {
                found.push(p);
            }
        }
    }
    Ok(())
}

/// `args` with `item` in place of the type variables `parameters`.
pub fn substitute(
    th: &mut Thread,
    whole: Value,
    args: Value,
    parameters: Value,
    item: Value,
) -> R<Value> {
    let count = tuple_items(parameters).len();
    if count == 0 {
        let text = th.repr(whole)?;
        return Err(th.type_error(format!("{text} is not a generic class")));
    }
    let mut item = unpack_args(th, item)?;
    for &p in tuple_items(parameters) {
        let prepare = th.attr_opt(p, "__typing_prepare_subst__")?;
        if !prepare.is_null() && !prepare.is_none() {
            let given = if item.kind() == Kind::Tuple {
                item
            } else {
                th.tuple_value(&[item])
            };
            item = th.call(prepare, &[whole, given])?;
        }
    }
    let given: Vec<Value> = if item.kind() == Kind::Tuple {
        tuple_items(item).to_vec()
    } else {
        vec![item]
    };
    th.roots.push(item);
    if given.len() != count {
        let many = if given.len() > count { "many" } else { "few" };
        let text = th.repr(whole)?;
        return Err(th.type_error(format!(
            "Too {many} arguments for {text}; actual {}, expected {count}",
            given.len()
        )));
    }
    let new = substitute_list(th, tuple_items(args), tuple_items(parameters), &given)?;
    Ok(th.tuple_value(&new))
}

fn substitute_list(
    th: &mut Thread,
    args: &[Value],
    parameters: &[Value],
    given: &[Value],
) -> R<Vec<Value>> {
    th.check_stack()?;
    let mut out = vec![];
    for &arg in args {
        if arg.as_class().is_some() {
            out.push(arg);
            continue;
        }
        if let Some(list) = arg.cast::<List>() {
            let inner = list.items(th)?;
            let new = substitute_list(th, &inner, parameters, given)?;
            let new = List::new(th, &new).value();
            th.roots.push(new);
            out.push(new);
            continue;
        }
        if arg.kind() == Kind::Tuple {
            let new = substitute_list(th, tuple_items(arg), parameters, given)?;
            let new = th.tuple_value(&new);
            th.roots.push(new);
            out.push(new);
            continue;
        }
        let subst = th.attr_opt(arg, "__typing_subst__")?;
        let new = if !subst.is_null() {
            match parameters.iter().position(|p| *p == arg) {
                Some(i) => th.call(subst, &[given[i]])?,
                None => arg,
            }
        } else {
            let inner = th.attr_opt(arg, "__parameters__")?;
            if tuple_items(inner).is_empty() {
                arg
            } else {
                let mut values = vec![];
                for p in tuple_items(inner) {
                    let at = parameters.iter().position(|q| q == p);
                    let v = at.map_or(*p, |i| given[i]);
                    let many = th.attr_opt(*p, "__typing_subst__")?;
                    // A variable for several types takes them all.
                    if !many.is_null() && v.kind() == Kind::Tuple && is_variadic(th, *p)? {
                        values.extend_from_slice(tuple_items(v));
                    } else {
                        values.push(v);
                    }
                }
                let key = th.tuple_value(&values);
                th.get_item(arg, key)?
            }
        };
        th.roots.push(new);
        let unpacked = th.attr_opt(arg, "__typing_is_unpacked_typevartuple__")?;
        let spread = !unpacked.is_null() && th.truth(unpacked)?;
        if spread && new.kind() == Kind::Tuple {
            out.extend_from_slice(tuple_items(new));
        } else {
            out.push(new);
        }
    }
    Ok(out)
}

fn is_variadic(th: &mut Thread, p: Value) -> R<bool> {
    Ok(th.type_name(p) == "TypeVarTuple")
}

/// The arguments with `*tuple[...]` among them spread.
fn unpack_args(th: &mut Thread, item: Value) -> R<Value> {
    let given: Vec<Value> = if item.kind() == Kind::Tuple {
        tuple_items(item).to_vec()
    } else {
        vec![item]
    };
    let mut out = vec![];
    for v in given {
        if v.as_class().is_none() && v.is_object() {
            let inner = th.attr_opt(v, "__typing_unpacked_tuple_args__")?;
            let items = tuple_items(inner);
            if !inner.is_null() && !inner.is_none() && items.last() != Some(&Value::ELLIPSIS) {
                th.roots.push(inner);
                out.extend_from_slice(items);
                continue;
            }
        }
        out.push(v);
    }
    Ok(th.tuple_value(&out))
}

fn get_parameters(th: &mut Thread, v: Value) -> R<Value> {
    let alias = this(th, v)?;
    let known = alias.parameters.peek();
    if !known.is_null() {
        return Ok(known);
    }
    let made = parameters_of(th, alias.args)?;
    th.publish_hidden(made);
    alias.parameters.init(made);
    Ok(made)
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    let parameters = get_parameters(th, a[0])?;
    let args = substitute(th, a[0], alias.args, parameters, a[1])?;
    let class = th.class_of(a[0]);
    let class = if class.has_flag(class_flags::HEAP) {
        th.class_for::<GenericAlias>()
    } else {
        class
    };
    Ok(th.alias_of(class, alias.origin, args, alias.starred))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("GenericAlias.__new__(X): X is not a type object"));
    };
    Ok(th.alias_of(class, a[1], a[2], false))
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    let h = th.hash(alias.origin)? ^ th.hash(alias.args)?;
    Ok(th.int(h))
}

fn eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    let own = this(th, a[0])?;
    let Some(other) = a[1].native::<GenericAlias>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = own.starred == other.starred
        && th.equal(own.origin, other.origin)?
        && th.equal(own.args, other.args)?;
    Ok(Value::bool(same))
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    let made = th.call_ex(alias.origin, tuple_items(a[1]), a[2])?;
    let name = th.intern_value("__orig_class__");
    match th.set_attr(made, name, a[0]) {
        Err(crate::heap::Fail::Raise) => {
            let e = &th.rt.types().exceptions;
            if !th.raised_is(e.attribute_error) && !th.raised_is(e.type_error) {
                return Err(crate::heap::Fail::Raise);
            }
            // Objects without room for it do without.
            th.take_exc();
        }
        result => result?,
    }
    Ok(made)
}

fn getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    let own = name
        .cast::<Str>()
        .is_some_and(|n| n.as_str().is_some_and(|n| OWN.contains(&n)));
    if !own {
        let alias = this(th, a[0])?;
        return th.get_attr(alias.origin, name);
    }
    let found = th.generic_get_attr(a[0], name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn mro_entries(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    Ok(th.tuple_value(&[alias.origin]))
}

fn instancecheck(th: &mut Thread, _: &[Value]) -> R<Value> {
    Err(th.type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn subclasscheck(th: &mut Thread, _: &[Value]) -> R<Value> {
    Err(th.type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    if alias.starred {
        let class = th.class_of(a[0]);
        let plain = th.alias_of(class, alias.origin, alias.args, false);
        let next = th.builtin("next")?;
        let it = th.iter(plain)?;
        let args = th.tuple_value(&[it]);
        return Ok(th.tuple_value(&[next, args]));
    }
    let class = th.class_of(a[0]);
    let args = th.tuple_value(&[alias.origin, alias.args]);
    Ok(th.tuple_value(&[class.value(), args]))
}

fn dir(th: &mut Thread, a: &[Value]) -> R<Value> {
    let alias = this(th, a[0])?;
    let dir = th.builtin("dir")?;
    let names = th.call(dir, &[alias.origin])?;
    if let Some(list) = names.cast::<List>() {
        for name in OWN {
            let name = th.intern_value(name);
            if !th.contains(names, name)? {
                list.push(th, name)?;
            }
        }
    }
    Ok(names)
}

fn iter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_for::<AliasIter>();
    let payload = AliasIter {
        alias: a[0],
        done: RawSlot::new(0),
    };
    Ok(th.new_native(class, payload).value())
}

fn iter_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<AliasIter>(a[0], "generic_alias_iterator")?;
    if th.get_raw(it, &it.done)? != 0 {
        return Err(th.stop_iteration(Value::NULL));
    }
    th.set_raw(it, &it.done, 1)?;
    let alias = this(th, it.alias)?;
    let class = th.class_of(it.alias);
    Ok(th.alias_of(class, alias.origin, alias.args, true))
}

fn itself(_: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(a[0])
}

fn or(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[0], a[1])
}
fn ror(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[1], a[0])
}

fn get_origin(th: &mut Thread, v: Value) -> R<Value> {
    Ok(this(th, v)?.origin)
}
fn get_args(th: &mut Thread, v: Value) -> R<Value> {
    Ok(this(th, v)?.args)
}
fn get_unpacked(th: &mut Thread, v: Value) -> R<Value> {
    Ok(Value::bool(this(th, v)?.starred))
}
fn get_unpacked_args(th: &mut Thread, v: Value) -> R<Value> {
    let alias = this(th, v)?;
    let tuple = th.rt.types().tuple.value();
    Ok(if alias.starred && alias.origin == tuple {
        alias.args
    } else {
        Value::NONE
    })
}

/// `cls[item]` of the built-in containers and others: their `__class_getitem__`.
pub fn class_getitem(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.generic_alias(a[0], a[1])
}

/// Defines the type, and lets the built-in containers be subscripted.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    for class in [
        types.list,
        types.tuple,
        types.dict,
        types.set,
        types.frozenset,
        types.slice,
        types.generator,
        types.coroutine,
        types.async_generator,
        types.weak_reference,
    ] {
        th.fill(class, |t| {
            t.class_method("__class_getitem__(cls, object, /)", class_getitem);
        });
    }
    let flags = class_flags::BASE | class_flags::WEAKREF;
    th.new_type::<GenericAlias>("types.GenericAlias", flags, |t| {
        t.new("GenericAlias(cls, origin, args, /)", new);
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", eq),
            ("__getitem__(self, key, /)", get_item),
            ("__call__(self, /, *args, **kwargs)", call),
            ("__getattribute__(self, name, /)", getattribute),
            ("__mro_entries__(self, bases, /)", mro_entries),
            ("__instancecheck__(self, instance, /)", instancecheck),
            ("__subclasscheck__(self, subclass, /)", subclasscheck),
            ("__reduce__(self, /)", reduce),
            ("__dir__(self, /)", dir),
            ("__iter__(self, /)", iter),
            ("__or__(self, value, /)", or),
            ("__ror__(self, value, /)", ror),
        ]);
        t.getset("__origin__", get_origin, None);
        t.getset("__args__", get_args, None);
        t.getset("__parameters__", get_parameters, None);
        t.getset("__unpacked__", get_unpacked, None);
        t.getset("__typing_unpacked_tuple_args__", get_unpacked_args, None);
    });
    th.new_type::<AliasIter>("generic_alias_iterator", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", itself),
            ("__next__(self, /)", iter_next),
        ]);
    });
}
