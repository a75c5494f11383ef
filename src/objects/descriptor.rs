//! The descriptor types: property, staticmethod, classmethod, and those that defining types makes.

use super::class::Class;
use super::define::{ClassMethod, GetSet, Member, Property, StaticMethod, TypeBuilder};
use super::native::NativeFunction;
use super::object::DICT_GETSET;
use super::string::Str;
use crate::heap::{Fail, R, Ref, Thread, Value};

impl Thread {
    /// A property's name: as set, or its getter's; null if unknown.
    pub(super) fn property_name(&mut self, p: Ref<Property>) -> R<Value> {
        let name = self.get(p, &p.name)?;
        if !name.is_null() {
            return Ok(name);
        }
        let get = self.get(p, &p.get)?;
        if get.is_null() || get.is_none() {
            return Ok(Value::NULL);
        }
        self.attr_opt(get, "__name__")
    }
}

/// The first argument as the object that a method of `what` wants.
fn wrong_self(th: &mut Thread, what: &str, v: Value) -> Fail {
    let got = th.type_name(v);
    th.type_error(format!(
        "descriptor requires a '{what}' object but received a '{got}'"
    ))
}

fn property(th: &mut Thread, v: Value) -> R<Ref<Property>> {
    v.cast().ok_or_else(|| wrong_self(th, "property", v))
}

fn property_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("property.__new__(X): X is not a type object"));
    };
    Ok(th.alloc(class.root_shape(), Property::new(), 0).value())
}

/// None counts as not given.
fn given(v: Value) -> Value {
    if v.is_none() { Value::NULL } else { v }
}

fn property_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = property(th, a[0])?;
    let (get, doc) = (given(a[1]), given(a[4]));
    th.set(p, &p.get, get)?;
    th.set(p, &p.set, given(a[2]))?;
    th.set(p, &p.del, given(a[3]))?;
    th.set(p, &p.name, Value::NULL)?;
    let mut doc = doc;
    let mut from_getter = false;
    if doc.is_null() && !get.is_null() {
        let found = th.attr_opt(get, "__doc__")?;
        if !found.is_null() && !found.is_none() {
            doc = found;
            from_getter = true;
        }
    }
    let plain = th.class_of(a[0]) == th.rt.types().property;
    if plain {
        th.set(p, &p.doc, doc)?;
    } else {
        // A subclass may have a `__doc__` of its own, which a plain attribute goes before.
        th.set(p, &p.doc, Value::NULL)?;
        let name = th.intern_value("__doc__");
        match th.set_attr(a[0], name, doc.or_none()) {
            Err(Fail::Raise)
                if from_getter && th.raised_is(th.rt.types().exceptions.attribute_error) =>
            {
                th.take_exc();
            }
            result => result?,
        }
    }
    // Whether the doc is the getter's decides what `getter()` makes of it.
    let mark = if from_getter {
        Value::TRUE
    } else {
        Value::FALSE
    };
    th.set(p, &p.getter_doc, mark)?;
    Ok(Value::NONE)
}

/// A copy of a property with one of its functions replaced.
fn property_copy(th: &mut Thread, v: Value, which: usize, f: Value) -> R<Value> {
    let p = property(th, v)?;
    let mut parts = th.read(p, |p| [p.get.peek(), p.set.peek(), p.del.peek()])?;
    if !f.is_none() {
        parts[which] = f;
    }
    let from_getter = th.get(p, &p.getter_doc)? == Value::TRUE;
    let doc = if from_getter && !parts[0].is_null() {
        Value::NONE
    } else {
        th.get(p, &p.doc)?.or_none()
    };
    let class = th.class_of(v).value();
    let [get, set, del] = parts.map(Value::or_none);
    let new = th.call(class, &[get, set, del, doc])?;
    if let Some(q) = new.cast::<Property>() {
        let name = th.get(p, &p.name)?;
        th.set(q, &q.name, name)?;
    }
    Ok(new)
}

fn property_getter(th: &mut Thread, a: &[Value]) -> R<Value> {
    property_copy(th, a[0], 0, a[1])
}
fn property_setter(th: &mut Thread, a: &[Value]) -> R<Value> {
    property_copy(th, a[0], 1, a[1])
}
fn property_deleter(th: &mut Thread, a: &[Value]) -> R<Value> {
    property_copy(th, a[0], 2, a[1])
}

fn property_dunder_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].is_null() || a[1].is_none() {
        return Ok(a[0]);
    }
    let p = property(th, a[0])?;
    let get = th.get(p, &p.get)?;
    if get.is_null() {
        return Err(th.property_refuses(p, a[1], "getter"));
    }
    th.call(get, &[a[1]])
}
fn property_dunder_set(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = property(th, a[0])?;
    th.property_set(p, a[1], a[2])?;
    Ok(Value::NONE)
}
fn property_dunder_delete(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = property(th, a[0])?;
    th.property_set(p, a[1], Value::NULL)?;
    Ok(Value::NONE)
}

fn property_set_name(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = property(th, a[0])?;
    th.set(p, &p.name, a[2])?;
    Ok(Value::NONE)
}

macro_rules! property_parts {
    ($($getter:ident $field:ident),*) => {
        $(fn $getter(th: &mut Thread, v: Value) -> R<Value> {
            let p = property(th, v)?;
            Ok(th.get(p, &p.$field)?.or_none())
        })*
    };
}
property_parts!(get_fget get, get_fset set, get_fdel del, get_property_doc doc);

fn set_property_doc(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let p = property(th, v)?;
    th.set(p, &p.doc, x)?;
    th.set(p, &p.getter_doc, Value::FALSE)
}

fn get_property_name(th: &mut Thread, v: Value) -> R<Value> {
    let p = property(th, v)?;
    let name = th.property_name(p)?;
    if name.is_null() {
        let name = th.intern_value("__name__");
        return Err(th.no_attribute(v, name));
    }
    Ok(name)
}
fn set_property_name(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let p = property(th, v)?;
    th.set(p, &p.name, x)
}

/// Is `f` marked as an abstract method?
fn is_abstract(th: &mut Thread, f: Value) -> R<bool> {
    if f.is_null() || f.is_none() {
        return Ok(false);
    }
    let v = th.attr_opt(f, "__isabstractmethod__")?;
    if v.is_null() {
        return Ok(false);
    }
    th.truth(v)
}

fn property_is_abstract(th: &mut Thread, v: Value) -> R<Value> {
    let p = property(th, v)?;
    for f in th.read(p, |p| [p.get.peek(), p.set.peek(), p.del.peek()])? {
        if is_abstract(th, f)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

/// The slot with the function of a staticmethod or classmethod.
fn wrapped(th: &mut Thread, v: Value) -> R<Value> {
    if let Some(s) = v.cast::<StaticMethod>() {
        return th.get(s, &s.function);
    }
    match v.cast::<ClassMethod>() {
        Some(c) => th.get(c, &c.function),
        None => Err(wrong_self(th, "staticmethod or classmethod", v)),
    }
}

/// Gives the wrapper `v` what makes it look like the function that it wraps.
fn init_wrapper(th: &mut Thread, v: Value, f: Value) -> R<()> {
    for name in ["__module__", "__name__", "__qualname__", "__doc__"] {
        let name = th.intern_value(name);
        let x = th.get_attr_opt(f, name)?;
        if !x.is_null() {
            th.own_attr_set(v, name, x)?;
        }
    }
    let own = th.own_attrs(f)?;
    if f.as_class().is_none() {
        for (name, x) in own {
            th.own_attr_set(v, name, x)?;
        }
    }
    Ok(())
}

fn static_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("staticmethod.__new__(X): X is not a type object"));
    };
    let made = StaticMethod::new(Value::NONE);
    Ok(th.alloc(class.root_shape(), made, 0).value())
}
fn class_method_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("classmethod.__new__(X): X is not a type object"));
    };
    let made = ClassMethod::new(Value::NONE);
    Ok(th.alloc(class.root_shape(), made, 0).value())
}
fn wrapper_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    if let Some(s) = a[0].cast::<StaticMethod>() {
        th.set(s, &s.function, a[1])?;
    } else if let Some(c) = a[0].cast::<ClassMethod>() {
        th.set(c, &c.function, a[1])?;
    }
    init_wrapper(th, a[0], a[1])?;
    Ok(Value::NONE)
}
fn static_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    wrapped(th, a[0])
}
fn static_call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let f = wrapped(th, a[0])?;
    th.call_ex(f, super::native::tuple_items(a[1]), a[2])
}
fn class_method_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let f = wrapped(th, a[0])?;
    let owner = if a[2].is_null() || a[2].is_none() {
        th.class_of(a[1])
    } else {
        match a[2].as_class() {
            Some(owner) => owner,
            None => return Ok(th.bound_method(f, a[2])),
        }
    };
    match f.kind() {
        crate::heap::Kind::NativeFunction => {
            let meta = owner.metaclass();
            th.bind_attr(f, owner.value(), meta)
        }
        _ => Ok(th.bound_method(f, owner.value())),
    }
}
fn wrapper_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let f = wrapped(th, a[0])?;
    let (name, inner) = (th.short_type_name(a[0]), th.repr(f)?);
    Ok(th.str_value(&format!("<{name}({inner})>")))
}
fn get_wrapped(th: &mut Thread, v: Value) -> R<Value> {
    wrapped(th, v)
}
fn wrapper_is_abstract(th: &mut Thread, v: Value) -> R<Value> {
    let f = wrapped(th, v)?;
    is_abstract(th, f).map(Value::bool)
}

/// `__annotations__` and `__annotate__` of a wrapper: those of its function.
fn wrapper_annotations(th: &mut Thread, v: Value) -> R<Value> {
    let f = wrapped(th, v)?;
    th.attr(f, "__annotations__")
}
fn wrapper_annotate(th: &mut Thread, v: Value) -> R<Value> {
    let f = wrapped(th, v)?;
    th.attr(f, "__annotate__")
}

/// `(name, owner)` of any of the descriptors that defining a type makes.
fn described(th: &mut Thread, v: Value) -> R<(Value, Value)> {
    if let Some(g) = v.cast::<GetSet>() {
        return Ok((g.name, g.owner));
    }
    if let Some(m) = v.cast::<Member>() {
        return Ok((m.name, m.owner));
    }
    match v.cast::<NativeFunction>() {
        Some(n) => Ok((th.intern_value(n.name()), n.owner)),
        None => Err(wrong_self(th, "descriptor", v)),
    }
}

fn descriptor_name(th: &mut Thread, v: Value) -> R<Value> {
    Ok(described(th, v)?.0)
}
fn descriptor_objclass(th: &mut Thread, v: Value) -> R<Value> {
    Ok(described(th, v)?.1.or_none())
}
fn owner_qualname(owner: Value) -> String {
    owner
        .as_class()
        .and_then(|c| c.qualname.peek().cast::<Str>())
        .map_or(String::new(), |s| s.to_string())
}
fn descriptor_qualname(th: &mut Thread, v: Value) -> R<Value> {
    let (name, owner) = described(th, v)?;
    let name = th.to_str(name)?;
    let text = format!("{}.{name}", owner_qualname(owner));
    Ok(th.str_value(&text))
}
fn descriptor_doc(_: &mut Thread, _: Value) -> R<Value> {
    Ok(Value::NONE)
}

fn descriptor_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let types = th.rt.types();
    let (name, owner) = described(th, a[0])?;
    let name = th.to_str(name)?;
    let class = th.class_of(a[0]);
    let what = if class == types.wrapper_descriptor {
        "slot wrapper"
    } else if class == types.method_descriptor {
        "method"
    } else if class == types.member_descriptor {
        "member"
    } else {
        "attribute"
    };
    let text = format!("<{what} '{name}' of '{}' objects>", class_name(owner));
    Ok(th.str_value(&text))
}

fn class_name(owner: Value) -> String {
    owner
        .as_class()
        .map_or(String::new(), |c: Ref<Class>| c.name().to_string())
}

fn descriptor_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let no_instance = a[1].is_null() || a[1].is_none();
    let no_owner = a[2].is_null() || a[2].is_none();
    if no_instance && no_owner {
        return Err(th.type_error("__get__(None, None) is invalid"));
    }
    if no_instance && a[2] != th.rt.types().none_type.value() {
        return Ok(a[0]);
    }
    let class = th.class_of(a[1]);
    th.bind_attr(a[0], a[1].or_none(), class)
}
fn descriptor_set(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (name, _) = described(th, a[0])?;
    th.set_by_descriptor(a[0], a[1], name, a[2])?;
    Ok(Value::NONE)
}
fn descriptor_delete(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (name, _) = described(th, a[0])?;
    th.set_by_descriptor(a[0], a[1], name, Value::NULL)?;
    Ok(Value::NONE)
}
fn descriptor_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (name, owner) = described(th, a[0])?;
    let getattr = th.builtin("getattr")?;
    let args = th.tuple_value(&[owner, name]);
    Ok(th.tuple_value(&[getattr, args]))
}
fn native_call(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.call_ex(a[0], super::native::tuple_items(a[1]), a[2])
}

fn native(th: &mut Thread, v: Value) -> R<Ref<NativeFunction>> {
    v.cast()
        .ok_or_else(|| wrong_self(th, "builtin_function_or_method", v))
}

fn native_self(th: &mut Thread, v: Value) -> R<Value> {
    let n = native(th, v)?;
    if !n.receiver.is_null() {
        return Ok(n.receiver);
    }
    // `__new__` belongs to its class, a function to its module.
    if let Some(name) = n.module.cast::<Str>().filter(|_| n.owner.is_null()) {
        let name = th.intern_value(&name.to_string());
        let modules = crate::modules::import::sys_modules(th);
        return Ok(modules.get_interned(th, name)?.or_none());
    }
    Ok(n.owner.or_none())
}
fn native_module(th: &mut Thread, v: Value) -> R<Value> {
    Ok(native(th, v)?.module.or_none())
}
fn native_doc(th: &mut Thread, v: Value) -> R<Value> {
    let n = native(th, v)?;
    if !n.def.doc.is_empty() {
        return Ok(th.str_value(n.def.doc));
    }
    let builtin = n.owner.is_null()
        && n.module
            .cast::<Str>()
            .is_some_and(|m| m.as_bytes() == b"builtins");
    match crate::builtins::docs::of_function(n.name()).filter(|_| builtin) {
        Some(text) => Ok(th.str_value(text)),
        None => Ok(Value::NONE),
    }
}
fn native_text_signature(th: &mut Thread, v: Value) -> R<Value> {
    let n = native(th, v)?;
    let text = n.def.signature.text_signature(n.def.method);
    Ok(th.str_value(&text))
}
fn native_qualname(th: &mut Thread, v: Value) -> R<Value> {
    let n = native(th, v)?;
    let name = n.name();
    let receiver = native_self(th, v)?;
    let class = if receiver.is_none() {
        return Ok(th.intern_value(name));
    } else if let Some(c) = receiver.as_class() {
        c
    } else {
        th.class_of(receiver)
    };
    let text = format!("{}.{name}", owner_qualname(class.value()));
    Ok(th.str_value(&text))
}
fn native_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = native(th, a[0])?;
    let name = n.name();
    let receiver = native_self(th, a[0])?;
    if receiver.is_none() || receiver.kind() == crate::heap::Kind::Module {
        return Ok(th.str_value(&format!("<built-in function {name}>")));
    }
    let of = th.type_name(receiver);
    let what = if th.class_of(a[0]) == th.rt.types().method_wrapper {
        format!(
            "<method-wrapper '{name}' of {of} object at {:#x}>",
            receiver.0
        )
    } else {
        format!(
            "<built-in method {name} of {of} object at {:#x}>",
            receiver.0
        )
    };
    Ok(th.str_value(&what))
}
fn native_eq(_: &mut Thread, a: &[Value]) -> R<Value> {
    let (Some(x), Some(y)) = (a[0].cast::<NativeFunction>(), a[1].cast::<NativeFunction>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(
        std::ptr::eq(x.def, y.def) && x.receiver == y.receiver && x.owner == y.owner,
    ))
}
fn native_hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = native(th, a[0])?;
    let receiver = super::object::identity_hash(n.receiver);
    let def = (std::ptr::from_ref(n.def) as i64) >> 4;
    Ok(th.int((receiver ^ def) & i64::MAX))
}
fn native_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = native(th, a[0])?;
    let name = th.intern_value(n.name());
    let receiver = native_self(th, a[0])?;
    if receiver.is_none() {
        return Ok(name);
    }
    let getattr = th.builtin("getattr")?;
    let args = th.tuple_value(&[receiver, name]);
    Ok(th.tuple_value(&[getattr, args]))
}

/// What the four kinds of class-level descriptors share.
fn describe(t: &mut TypeBuilder) {
    t.methods(&[
        ("__repr__(self, /)", descriptor_repr),
        ("__get__(self, instance, owner=None, /)", descriptor_get),
        ("__reduce__(self, /)", descriptor_reduce),
    ]);
    t.getset("__name__", descriptor_name, None);
    t.getset("__objclass__", descriptor_objclass, None);
    t.getset("__qualname__", descriptor_qualname, None);
}

/// Fills the descriptor types.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    th.fill(types.property, |t| {
        t.new("property(cls, /, *args, **kwargs)", property_new);
        t.methods(&[
            (
                "__init__(self, /, fget=None, fset=None, fdel=None, doc=None)",
                property_init,
            ),
            ("getter(self, fget, /)", property_getter),
            ("setter(self, fset, /)", property_setter),
            ("deleter(self, fdel, /)", property_deleter),
            (
                "__get__(self, instance, owner=None, /)",
                property_dunder_get,
            ),
            ("__set__(self, instance, value, /)", property_dunder_set),
            ("__delete__(self, instance, /)", property_dunder_delete),
            ("__set_name__(self, owner, name, /)", property_set_name),
        ]);
        t.getset("fget", get_fget, None);
        t.getset("fset", get_fset, None);
        t.getset("fdel", get_fdel, None);
        t.getset("__doc__", get_property_doc, Some(set_property_doc));
        t.getset("__name__", get_property_name, Some(set_property_name));
        t.getset("__isabstractmethod__", property_is_abstract, None);
    });
    for (class, new, get) in [
        (
            types.staticmethod,
            (
                "staticmethod(cls, function, /)",
                static_new as super::native::NativeFn,
            ),
            static_get as super::native::NativeFn,
        ),
        (
            types.classmethod,
            ("classmethod(cls, function, /)", class_method_new),
            class_method_get,
        ),
    ] {
        th.fill(class, |t| {
            t.new(new.0, new.1);
            t.methods(&[
                ("__init__(self, function, /)", wrapper_init),
                ("__get__(self, instance, owner=None, /)", get),
                ("__repr__(self, /)", wrapper_repr),
            ]);
            t.getset("__func__", get_wrapped, None);
            t.getset("__wrapped__", get_wrapped, None);
            t.getset("__isabstractmethod__", wrapper_is_abstract, None);
            t.getset("__annotations__", wrapper_annotations, None);
            t.getset("__annotate__", wrapper_annotate, None);
            t.getset("__dict__", DICT_GETSET.0, DICT_GETSET.1);
            t.class_method(
                "__class_getitem__(cls, object, /)",
                super::generic_alias::class_getitem,
            );
        });
    }
    th.fill(types.staticmethod, |t| {
        t.method("__call__(self, /, *args, **kwargs)", static_call);
    });
    for class in [types.getset_descriptor, types.member_descriptor] {
        th.fill(class, |t| {
            describe(t);
            t.methods(&[
                ("__set__(self, instance, value, /)", descriptor_set),
                ("__delete__(self, instance, /)", descriptor_delete),
            ]);
            t.getset("__doc__", descriptor_doc, None);
        });
    }
    for class in [types.method_descriptor, types.wrapper_descriptor] {
        th.fill(class, |t| {
            describe(t);
            t.method("__call__(self, /, *args, **kwargs)", native_call);
            t.getset("__doc__", native_doc, None);
            t.getset("__text_signature__", native_text_signature, None);
        });
    }
    for class in [types.builtin_function, types.method_wrapper] {
        th.fill(class, |t| {
            t.methods(&[
                ("__repr__(self, /)", native_repr),
                ("__call__(self, /, *args, **kwargs)", native_call),
                ("__eq__(self, value, /)", native_eq),
                ("__hash__(self, /)", native_hash),
                ("__reduce__(self, /)", native_reduce),
            ]);
            t.getset("__name__", descriptor_name, None);
            t.getset("__qualname__", native_qualname, None);
            t.getset("__self__", native_self, None);
            t.getset("__doc__", native_doc, None);
            t.getset("__module__", native_module, None);
            t.getset("__text_signature__", native_text_signature, None);
        });
    }
}
