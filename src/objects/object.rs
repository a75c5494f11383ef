//! `object`: what every class inherits.

use super::class::{Class, class_flags};
use super::define::{Getter, Setter};
use super::dict::Dict;
use super::list::List;
use super::native::tuple_items;
use super::special::Sp;
use super::string::Str;
use super::{Instance, define};
use crate::heap::object::shape_of_head;
use crate::heap::{Kind, R, Ref, Thread, Value};

impl Thread {
    /// A new instance of a class whose instances have no layout of their own: what `object.__new__` makes.
    pub fn new_instance(&mut self, class: Ref<Class>) -> R<Value> {
        if class.layout.kind != Kind::Instance {
            let mut owner = class;
            // The class to ask instead: the nearest that was not made by a `class` statement.
            while owner.has_flag(class_flags::HEAP)
                && let Some(base) = owner.base()
            {
                owner = base;
            }
            return Err(self.type_error(format!(
                "object.__new__({}) is not safe, use {}.__new__()",
                class.name(),
                owner.name()
            )));
        }
        if class.has_flag(class_flags::ABSTRACT) {
            return Err(self.abstract_class(class)?);
        }
        Ok(self.alloc(class.root_shape(), Instance::new(), 0).value())
    }

    #[cold]
    fn abstract_class(&mut self, class: Ref<Class>) -> R<crate::heap::Fail> {
        let methods = self.attr(class.value(), "__abstractmethods__")?;
        let mut names = vec![];
        for name in self.collect_items(methods)? {
            names.push(format!("'{}'", self.to_str(name)?));
        }
        names.sort();
        let s = if names.len() == 1 { "" } else { "s" };
        Ok(self.type_error(format!(
            "Can't instantiate abstract class {} without an implementation for abstract method{s} {}",
            class.name(),
            names.join(", ")
        )))
    }

    /// An attribute name given as an argument, interned.
    pub fn attr_name(&mut self, name: Value) -> R<Value> {
        match self.name_value(name) {
            Some(name) => Ok(name),
            None => {
                let got = self.type_name(name);
                Err(self.type_error(format!("attribute name must be string, not '{got}'")))
            }
        }
    }

    /// `<module.Class object at 0x...>`.
    pub fn default_repr(&mut self, v: Value) -> R<Ref<Str>> {
        let class = self.class_of(v);
        let name = self.class_display_name(class)?;
        Ok(self.str(&format!("<{name} object at {:#x}>", v.0)))
    }

    /// `module.qualname`, without the module if it is `builtins`.
    pub fn class_display_name(&mut self, class: Ref<Class>) -> R<String> {
        let module = self.class_module(class)?;
        let qualname = self.get(class, &class.qualname)?;
        let qualname = qualname
            .cast::<Str>()
            .map_or(String::new(), |s| s.to_string());
        Ok(match module.cast::<Str>() {
            Some(m) if &*m.to_string() != "builtins" => format!("{m}.{qualname}"),
            _ => qualname,
        })
    }

    /// `copy`'s and `pickle`'s module of helpers.
    fn copyreg(&mut self, name: &str) -> R<Value> {
        let import = self.builtin("__import__")?;
        let module = self.str_value("copyreg");
        let module = self.call(import, &[module])?;
        self.attr(module, name)
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!(
            "object.__new__(X): X is not a type object ({name})"
        )));
    };
    if excess(th, a)? {
        let object = th.rt.types().object;
        if class.special(Sp::New) != object.special(Sp::New) {
            return Err(th.type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if class.special(Sp::Init) == object.special(Sp::Init) {
            let name = class.name().to_string();
            return Err(th.type_error(format!("{name}() takes no arguments")));
        }
    }
    th.new_instance(class)
}

/// Are there arguments beyond the first, in a call bound to `(first, *args, **kwargs)`?
fn excess(th: &mut Thread, a: &[Value]) -> R<bool> {
    Ok(!tuple_items(a[1]).is_empty()
        || match a[2].cast::<Dict>() {
            Some(d) => d.len(th)? != 0,
            None => false,
        })
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    if excess(th, a)? {
        let object = th.rt.types().object;
        let class = th.class_of(a[0]);
        if class.special(Sp::Init) != object.special(Sp::Init) {
            return Err(th.type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        if class.special(Sp::New) == object.special(Sp::New) {
            let name = class.name().to_string();
            return Err(th.type_error(format!(
                "{name}.__init__() takes exactly one argument (the instance to initialize)"
            )));
        }
    }
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(th.default_repr(a[0])?.value())
}

fn str(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(th.repr(a[0])?.value())
}

fn format(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[1].cast::<Str>() {
        Some(spec) if spec.is_empty() => Ok(th.to_str(a[0])?.value()),
        Some(_) => {
            let name = th.type_name(a[0]);
            Err(th.type_error(format!(
                "unsupported format string passed to {name}.__format__"
            )))
        }
        None => {
            let name = th.type_name(a[1]);
            Err(th.type_error(format!("__format__() argument must be str, not {name}")))
        }
    }
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(th.int(identity_hash(a[0])))
}

/// The hash of an object by its identity.
pub fn identity_hash(v: Value) -> i64 {
    // Objects are 16 bytes apart: the low bits say nothing.
    (v.0.rotate_right(4) as i64) & i64::MAX
}

fn eq(_: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(if a[0] == a[1] {
        Value::TRUE
    } else {
        Value::NOT_IMPLEMENTED
    })
}

fn ne(th: &mut Thread, a: &[Value]) -> R<Value> {
    let result = th.call_special(a[0], Sp::Eq, &[a[1]])?;
    if result.is_null() || result == Value::NOT_IMPLEMENTED {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(!th.truth(result)?))
}

fn not_ordered(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NOT_IMPLEMENTED)
}

fn getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    let found = th.generic_get_attr(a[0], name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn setattr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    refuse_classes(th, a[0], "__setattr__")?;
    th.generic_set_attr(a[0], name, a[2])?;
    Ok(Value::NONE)
}

fn delattr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    refuse_classes(th, a[0], "__delattr__")?;
    th.generic_set_attr(a[0], name, Value::NULL)?;
    Ok(Value::NONE)
}

/// `object.__setattr__(SomeClass, ...)` would go round what `type` does.
fn refuse_classes(th: &mut Thread, v: Value, what: &str) -> R<()> {
    if v.as_class().is_some() {
        let name = th.type_name(v);
        return Err(th.type_error(format!("can't apply this {what} to {name} object")));
    }
    Ok(())
}

/// Adds the names in the dicts of a class' method order to a dict's keys.
/// Adds the names that a class and its bases define.
pub fn add_class_names(th: &mut Thread, class: Ref<Class>, to: Ref<Dict>) -> R<()> {
    for &c in class.mro().items().iter().rev() {
        let Some(c) = c.as_class() else { continue };
        for (name, _) in c.dict().items(th)? {
            to.insert(th, name, Value::NONE)?;
        }
    }
    Ok(())
}

/// The keys of a dict as a list.
pub(super) fn key_list(th: &mut Thread, dict: Ref<Dict>) -> R<Value> {
    let names: Vec<Value> = dict.items(th)?.into_iter().map(|(k, _)| k).collect();
    Ok(List::new(th, &names).value())
}

fn dir(th: &mut Thread, a: &[Value]) -> R<Value> {
    let names = Dict::new(th);
    let own = th.attr_opt(a[0], "__dict__")?;
    if let Some(own) = own.cast::<Dict>() {
        for (name, _) in own.items(th)? {
            names.insert(th, name, Value::NONE)?;
        }
    }
    let class = th.attr_opt(a[0], "__class__")?;
    if let Some(class) = class.as_class() {
        add_class_names(th, class, names)?;
    }
    key_list(th, names)
}

fn sizeof(th: &mut Thread, a: &[Value]) -> R<Value> {
    let bytes = a[0]
        .header()
        .map_or(size_of::<Value>(), |h| h.shape().instance_bytes());
    Ok(th.int(bytes as i64))
}

fn init_subclass(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = a[0]
        .as_class()
        .map_or(String::new(), |c| c.name().to_string());
    let given = tuple_items(a[1]).len();
    if given != 0 {
        return Err(th.type_error(format!(
            "{name}.__init_subclass__() takes no arguments ({given} given)"
        )));
    }
    if excess(th, a)? {
        return Err(th.type_error(format!(
            "{name}.__init_subclass__() takes no keyword arguments"
        )));
    }
    Ok(Value::NONE)
}

fn subclasshook(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NOT_IMPLEMENTED)
}

fn get_class(th: &mut Thread, v: Value) -> R<Value> {
    Ok(th.class_of(v).value())
}

fn set_class(th: &mut Thread, v: Value, x: Value) -> R<()> {
    if x.is_null() {
        return Err(th.type_error("can't delete __class__ attribute"));
    }
    let Some(new) = x.as_class() else {
        let name = th.type_name(x);
        return Err(th.type_error(format!(
            "__class__ must be set to a class, not '{name}' object"
        )));
    };
    let old = th.class_of(v);
    let module = th.rt.types().module;
    let both_modules = old.is_subclass(module) && new.is_subclass(module);
    let mutable = old.has_flag(class_flags::HEAP) && new.has_flag(class_flags::HEAP);
    let Some(object) = v.object() else {
        return Err(assignment_refused(th));
    };
    if !both_modules && !mutable {
        return Err(assignment_refused(th));
    }
    let dict = |c: Ref<Class>| c.has_flag(class_flags::DICT);
    if new.layout.kind != old.layout.kind
        || new.layout.bytes != old.layout.bytes
        || new.fixed_bytes != old.fixed_bytes
        || dict(new) != dict(old)
    {
        return Err(th.type_error(format!(
            "__class__ assignment: '{}' object layout differs from '{}'",
            new.name(),
            old.name()
        )));
    }
    th.own(object)?;
    let head = object.header().head();
    let shape = shape_of_head(head);
    // The object keeps the room it has.
    let mut to = new.root_shape();
    if to.capacity() != shape.capacity() {
        to = new.root_shape_with(th, shape.capacity());
    }
    for name in shape.names() {
        to = to.child(th, name);
    }
    th.set_head(object, to.head_like(head))
}

fn assignment_refused(th: &mut Thread) -> crate::heap::Fail {
    th.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses")
}

/// The getter of `__dict__` of objects that have one.
pub fn get_dict(th: &mut Thread, v: Value) -> R<Value> {
    match th.dict_of(v)? {
        Some(dict) => Ok(dict.value()),
        None => {
            let name = th.intern_value("__dict__");
            Err(th.no_attribute(v, name))
        }
    }
}

/// The setter of `__dict__`.
pub fn set_dict(th: &mut Thread, v: Value, x: Value) -> R<()> {
    if x.is_null() {
        // An empty dict takes the place of the old one.
        let empty = Dict::new(th);
        th.set_dict_of(v, empty)?;
        return Ok(());
    }
    let Some(dict) = x.cast::<Dict>() else {
        let name = th.type_name(x);
        return Err(th.type_error(format!(
            "__dict__ must be set to a dictionary, not a '{name}'"
        )));
    };
    if !th.set_dict_of(v, dict)? {
        let name = th.type_name(v);
        return Err(th.attribute_error(format!(
            "attribute '__dict__' of '{name}' objects is not writable"
        )));
    }
    Ok(())
}

/// The getter of `__weakref__`: nobody can see the list of references, and an empty one reads as None.
pub fn get_weakref(_: &mut Thread, _: Value) -> R<Value> {
    Ok(Value::NONE)
}

/// `__dict__`'s getter and setter.
pub const DICT_GETSET: (Getter, Option<Setter>) = (get_dict, Some(set_dict));

fn getstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    default_state(th, a[0], false)
}

/// The default state of an object: its dict, or a pair of the dict and of the values of `__slots__`.
fn default_state(th: &mut Thread, v: Value, required: bool) -> R<Value> {
    let class = th.class_of(v);
    let plain = matches!(
        v.kind(),
        Kind::Instance | Kind::Exception | Kind::List | Kind::Dict | Kind::Free
    );
    if required && !plain {
        let name = class.name().to_string();
        return Err(th.type_error(format!("cannot pickle '{name}' object")));
    }
    let has_dict = v.header().is_some_and(|h| h.shape().has_attributes());
    let state = if has_dict {
        let copy = Dict::new(th);
        let mut any = false;
        for (name, x) in th.own_attrs(v)? {
            any = true;
            copy.insert(th, name, x)?;
        }
        if any { copy.value() } else { Value::NONE }
    } else {
        Value::NONE
    };
    if !class.has_flag(class_flags::HEAP) {
        return Ok(state);
    }
    let slotnames = th.copyreg("_slotnames")?;
    let names = th.call(slotnames, &[class.value()])?;
    if names.is_none() {
        return Ok(state);
    }
    let slots = Dict::new(th);
    for name in th.collect_items(names)? {
        let interned = th.attr_name(name)?;
        let x = th.get_attr_opt(v, interned)?;
        if !x.is_null() {
            slots.insert(th, name, x)?;
        }
    }
    if slots.len(th)? == 0 {
        return Ok(state);
    }
    Ok(th.tuple_value(&[state, slots.value()]))
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let f = th.copyreg("_reduce_ex")?;
    th.call(f, &[a[0], Value::small(0)])
}

fn reduce_ex(th: &mut Thread, a: &[Value]) -> R<Value> {
    let protocol = th.index_i64(a[1])?;
    let name = th.intern_value("__reduce__");
    let reduce = th.get_attr_opt(a[0], name)?;
    if !reduce.is_null() {
        let class = th.class_of(a[0]);
        let object = th.rt.types().object;
        if th.class_lookup(class, name)? != th.class_lookup(object, name)? {
            return th.call(reduce, &[]);
        }
    }
    if protocol >= 2 {
        return reduce_by_new(th, a[0]);
    }
    let f = th.copyreg("_reduce_ex")?;
    let protocol = th.int(protocol);
    th.call(f, &[a[0], protocol])
}

/// What `__reduce_ex__(2)` says: make it with `__new__`, then give it its state and items.
fn reduce_by_new(th: &mut Thread, v: Value) -> R<Value> {
    let class = th.class_of(v);
    if class.special(Sp::New).is_null() || class.has_flag(class_flags::NO_NEW) {
        let name = class.name().to_string();
        return Err(th.type_error(format!("cannot pickle '{name}' object")));
    }
    let (mut args, mut kwargs) = (Value::NULL, Value::NULL);
    let ex = th.attr_opt(v, "__getnewargs_ex__")?;
    if !ex.is_null() {
        let pair = th.call(ex, &[])?;
        if pair.kind() != Kind::Tuple {
            let name = th.type_name(pair);
            return Err(th.type_error(format!(
                "__getnewargs_ex__ should return a tuple, not '{name}'"
            )));
        }
        let items = tuple_items(pair);
        if items.len() != 2 {
            let n = items.len();
            return Err(th.value_error(format!(
                "__getnewargs_ex__ should return a tuple of length 2, not {n}"
            )));
        }
        (args, kwargs) = (items[0], items[1]);
        if args.kind() != Kind::Tuple {
            let name = th.type_name(args);
            return Err(th.type_error(format!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{name}'"
            )));
        }
        if kwargs.kind() != Kind::Dict {
            let name = th.type_name(kwargs);
            return Err(th.type_error(format!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{name}'"
            )));
        }
    } else {
        let plain = th.attr_opt(v, "__getnewargs__")?;
        if !plain.is_null() {
            args = th.call(plain, &[])?;
            if args.kind() != Kind::Tuple {
                let name = th.type_name(args);
                return Err(th.type_error(format!(
                    "__getnewargs__ should return a tuple, not '{name}'"
                )));
            }
        }
    }
    let has_args = !args.is_null();
    let no_kwargs = match kwargs.cast::<Dict>() {
        Some(d) => d.len(th)? == 0,
        None => true,
    };
    let (maker, new_args) = if no_kwargs {
        let mut all = vec![class.value()];
        all.extend_from_slice(tuple_items(args));
        (th.copyreg("__newobj__")?, th.tuple_value(&all))
    } else {
        let all = th.tuple_value(&[class.value(), args, kwargs]);
        (th.copyreg("__newobj_ex__")?, all)
    };
    let name = th.intern_value("__getstate__");
    let object = th.rt.types().object;
    let own_state = th.class_lookup(class, name)? == th.class_lookup(object, name)?
        && th.own_attr_get(v, name)?.is_null();
    let required = !has_args && !matches!(v.kind(), Kind::List | Kind::Dict);
    let state = if own_state {
        default_state(th, v, required)?
    } else {
        th.call_method(v, "__getstate__", &[])?
    };
    let list_items = if v.kind() == Kind::List {
        th.iter(v)?
    } else {
        Value::NONE
    };
    let dict_items = if v.kind() == Kind::Dict {
        let items = th.call_method(v, "items", &[])?;
        th.iter(items)?
    } else {
        Value::NONE
    };
    Ok(th.tuple_value(&[maker, new_args, state, list_items, dict_items]))
}

/// Fills `object`. The first type to be filled: others compare theirs with its methods.
pub(super) fn init(th: &mut Thread) {
    let object = th.rt.types().object;
    th.fill(object, |t| {
        t.new("object(cls, /, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", init_method),
            ("__repr__(self, /)", repr),
            ("__str__(self, /)", str),
            ("__format__(self, format_spec, /)", format),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", eq),
            ("__ne__(self, value, /)", ne),
            ("__lt__(self, value, /)", not_ordered),
            ("__le__(self, value, /)", not_ordered),
            ("__gt__(self, value, /)", not_ordered),
            ("__ge__(self, value, /)", not_ordered),
            ("__getattribute__(self, name, /)", getattribute),
            ("__setattr__(self, name, value, /)", setattr),
            ("__delattr__(self, name, /)", delattr),
            ("__dir__(self, /)", dir),
            ("__sizeof__(self, /)", sizeof),
            ("__getstate__(self, /)", getstate),
            ("__reduce__(self, /)", reduce),
            ("__reduce_ex__(self, protocol, /)", reduce_ex),
        ]);
        t.class_method("__init_subclass__(cls, /, *args, **kwargs)", init_subclass);
        t.class_method("__subclasshook__(cls, object, /)", subclasshook);
        t.getset("__class__", get_class, Some(set_class));
        t.doc(
            "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
        );
    });
    object.init_flag(class_flags::PLAIN_NEW, true);
    if define::finish_class(th, object).is_err() {
        unreachable!("there is one thread yet")
    }
}
