//! `type`: changing classes, and the attributes and methods that classes have.

use super::class::{Class, class_flags as f};
use super::define::finish_class;
use super::dict::Dict;
use super::list::List;
use super::native::tuple_items;
use super::special::Sp;
use super::string::Str;
use super::tuple::Tuple;
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};
use crate::vm::block::SubclassEdit;

impl Thread {
    /// Sets an attribute of a class: the tables of it and its subclasses follow, and cached lookups end. Null deletes.
    pub fn class_set(&mut self, class: Ref<Class>, name: Value, x: Value) -> R<()> {
        let dict = class.dict();
        let special = name
            .cast::<Str>()
            .and_then(|n| n.as_str().and_then(Sp::from_name));
        if special.is_some() {
            self.before_class_change(class)?;
        } else if x.is_null() {
            // Of other names' changes the dict itself tells those who cached them.
            self.uncache()?;
        }
        if x.is_null() {
            if dict.remove_interned(self, name)?.is_null() {
                return Err(self.no_attribute(class.value(), name));
            }
        } else {
            dict.insert_interned(self, name, x)?;
        }
        if special.is_some() {
            self.class_changed(class)?;
        }
        Ok(())
    }

    /// The direct subclasses, as far as they are committed or made by this block.
    pub(crate) fn live_subclasses(&self, class: Ref<Class>) -> Vec<Ref<Class>> {
        let mut list = class.subclasses.lock().clone();
        for edit in self.vm.subclass_edits.iter().filter(|e| e.base == class) {
            list.retain(|c| *c != edit.class);
            if edit.add {
                list.push(edit.class);
            }
        }
        list.retain(|c| !c.mro.peek().is_null());
        list
    }

    /// Brings the tables of a class and its subclasses up to date. Others do not run meanwhile.
    pub(super) fn class_changed(&mut self, class: Ref<Class>) -> R<()> {
        self.check_stack()?;
        finish_class(self, class)?;
        for c in self.live_subclasses(class) {
            self.class_changed(c)?;
        }
        Ok(())
    }

    /// The `__module__` of a class, null if it has none.
    pub fn class_module(&mut self, class: Ref<Class>) -> R<Value> {
        let name = self.intern_value("__module__");
        let v = class.dict().get_interned(self, name)?;
        // What is there may also be how the instances' `__module__` is got.
        if !class.has_flag(f::HEAP) && v.cast::<Str>().is_none() {
            return Ok(self.intern_value("builtins"));
        }
        Ok(v)
    }

    /// Changes the bases of a class, and the method orders that follow from them.
    fn set_bases(&mut self, class: Ref<Class>, bases: Ref<Tuple>) -> R<()> {
        for &b in bases.items() {
            let Some(b) = b.as_class() else {
                let got = self.type_name(b);
                return Err(self.type_error(format!(
                    "{}.__bases__ must be tuple of classes, not '{got}'",
                    class.name()
                )));
            };
            if b.is_subclass(class) {
                return Err(self.type_error("a __bases__ item causes an inheritance cycle"));
            }
        }
        let base = self.best_base(bases.items())?;
        let old_base = class.base().unwrap_or(base);
        let same = |flag: u64| base.has_flag(flag) == old_base.has_flag(flag);
        if base.layout.kind != old_base.layout.kind
            || base.layout.bytes != old_base.layout.bytes
            || base.fixed_bytes != old_base.fixed_bytes
            || (!same(f::DICT) && !class.has_flag(f::DICT))
        {
            return Err(self.type_error(format!(
                "__bases__ assignment: '{}' object layout differs from '{}'",
                base.name(),
                old_base.name()
            )));
        }
        self.before_class_change(class)?;
        let old_bases = class.bases();
        self.set(class, &class.bases, bases.value())?;
        self.set(class, &class.base, base.value())?;
        self.renew_mro(class)?;
        for (list, add) in [(old_bases, false), (bases, true)] {
            for base in list.items().iter().filter_map(|b| b.as_class()) {
                let edit = SubclassEdit { base, class, add };
                self.edit_subclasses_at_commit(edit);
            }
        }
        self.class_changed(class)
    }

    fn renew_mro(&mut self, class: Ref<Class>) -> R<()> {
        let mro = self.compute_mro(class)?;
        // The metaclass' `mro()` may have ended the block.
        self.before_class_change(class)?;
        self.set(class, &class.mro, mro.value())?;
        for c in self.live_subclasses(class) {
            self.renew_mro(c)?;
        }
        Ok(())
    }
}

fn this(th: &mut Thread, v: Value) -> R<Ref<Class>> {
    match v.as_class() {
        Some(class) => Ok(class),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a 'type' object but received a '{got}'"
            )))
        }
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(meta) = a[0].as_class() else {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!("type.__new__(X): X is not a type object ({name})")));
    };
    let args = tuple_items(a[1]);
    if args.len() != 3 {
        if meta == th.rt.types().type_ {
            return Err(th.type_error("type() takes 1 or 3 arguments"));
        }
        let n = args.len();
        return Err(th.type_error(format!(
            "type.__new__() takes exactly 3 arguments ({n} given)"
        )));
    }
    let (name, bases, dict) = (args[0], args[1], args[2]);
    let wrong = |th: &mut Thread, i: usize, want: &str, v: Value| {
        let got = th.type_name(v);
        th.type_error(format!(
            "type.__new__() argument {i} must be {want}, not {got}"
        ))
    };
    let Some(name) = name.cast::<Str>() else {
        return Err(wrong(th, 1, "str", name));
    };
    let Some(bases) = bases.cast::<Tuple>() else {
        return Err(wrong(th, 2, "tuple", bases));
    };
    let Some(dict) = dict.cast::<Dict>() else {
        return Err(wrong(th, 3, "dict", dict));
    };
    if name.as_bytes().contains(&0) {
        return Err(th.value_error("type name must not contain null characters"));
    }
    th.new_heap_class(meta, name, bases, dict, a[2])
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = tuple_items(a[1]).len();
    let kwargs = match a[2].cast::<Dict>() {
        Some(d) => d.len(th)?,
        None => 0,
    };
    if n == 1 && kwargs != 0 {
        return Err(th.type_error("type.__init__() takes no keyword arguments"));
    }
    if n != 1 && n != 3 {
        return Err(th.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(Value::NONE)
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let args = tuple_items(a[1]);
    let mut all = args.to_vec();
    let mut names = vec![];
    if let Some(kwargs) = a[2].cast::<Dict>() {
        for (name, v) in kwargs.items(th)? {
            names.push(name);
            all.push(v);
        }
    }
    let names = if names.is_empty() {
        Value::NULL
    } else {
        th.tuple_value(&names)
    };
    th.type_call(class, &all, names)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let name = th.class_display_name(class)?;
    Ok(th.str_value(&format!("<class '{name}'>")))
}

fn getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let name = th.attr_name(a[1])?;
    let found = th.type_get_attr(class, name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn setattr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let name = th.attr_name(a[1])?;
    th.type_set_attr(class, name, a[2])?;
    Ok(Value::NONE)
}

fn delattr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let name = th.attr_name(a[1])?;
    th.type_set_attr(class, name, Value::NULL)?;
    Ok(Value::NONE)
}

fn instancecheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    th.type_instance_check(class, a[1]).map(Value::bool)
}

fn subclasscheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.recursive_subclass_check(a[1], a[0]).map(Value::bool)
}

fn subclasses(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let list: Vec<Value> = th
        .live_subclasses(class)
        .iter()
        .map(|c| c.value())
        .collect();
    Ok(List::new(th, &list).value())
}

fn mro(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    if class.bases.peek().is_null() || class == th.rt.types().object {
        return Ok(List::new(th, &[class.value()]).value());
    }
    let mro = th.c3(class)?;
    Ok(List::new(th, &mro).value())
}

fn dir(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = this(th, a[0])?;
    let names = Dict::new(th);
    super::object::add_class_names(th, class, names)?;
    super::object::key_list(th, names)
}

fn sizeof(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.int(size_of::<Class>() as i64))
}

fn prepare(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Dict::new(th).value())
}

fn or(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[0], a[1])
}

fn ror(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.union_of(a[1], a[0])
}

fn get_name(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    th.get(class, &class.name)
}

/// Refuses to change (or delete) an attribute of a class that was not made by a `class` statement.
fn check_mutable(th: &mut Thread, class: Ref<Class>, name: &str, x: Value) -> R<()> {
    if !class.has_flag(f::HEAP) {
        return Err(th.type_error(format!(
            "cannot set '{name}' attribute of immutable type '{}'",
            class.name()
        )));
    }
    if x.is_null() {
        return Err(th.type_error(format!(
            "cannot delete '{name}' attribute of immutable type '{}'",
            class.name()
        )));
    }
    Ok(())
}

fn must_be(th: &mut Thread, class: Ref<Class>, name: &str, want: &str, x: Value) -> Fail {
    let got = th.type_name(x);
    let quote = if want == "string" { "'" } else { "" };
    th.type_error(format!(
        "can only assign {want} to {}.{name}, not {quote}{got}{quote}",
        class.name()
    ))
}

fn set_name(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__name__", x)?;
    let Some(name) = x.cast::<Str>() else {
        return Err(must_be(th, class, "__name__", "string", x));
    };
    if name.as_bytes().contains(&0) {
        return Err(th.value_error("type name must not contain null characters"));
    }
    th.set(class, &class.name, x)
}

fn get_qualname(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    th.get(class, &class.qualname)
}

fn set_qualname(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__qualname__", x)?;
    if x.kind() != Kind::Str {
        return Err(must_be(th, class, "__qualname__", "string", x));
    }
    th.set(class, &class.qualname, x)
}

fn get_module(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let module = th.class_module(class)?;
    if module.is_null() {
        return Err(th.attribute_error("__module__"));
    }
    Ok(module)
}

/// Sets or deletes a name in a class' dict by way of `class_set`, for the attributes that live there.
fn set_in_dict(th: &mut Thread, class: Ref<Class>, name: &str, x: Value) -> R<()> {
    let name = th.intern_value(name);
    th.class_set(class, name, x)
}

fn set_module(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__module__", x)?;
    set_in_dict(th, class, "__module__", x)
}

fn get_bases(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    th.get(class, &class.bases)
}

fn set_bases(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__bases__", x)?;
    let Some(bases) = x.cast::<Tuple>() else {
        return Err(must_be(th, class, "__bases__", "tuple", x));
    };
    if bases.is_empty() {
        return Err(th.type_error(format!(
            "can only assign non-empty tuple to {}.__bases__, not ()",
            class.name()
        )));
    }
    th.set_bases(class, bases)
}

fn get_base(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    Ok(th.get(class, &class.base)?.or_none())
}

fn get_mro(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    Ok(th.get(class, &class.mro)?.or_none())
}

fn get_dict(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let dict = class.dict().value();
    Ok(th.mapping_proxy(dict))
}

fn get_doc(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let name = th.intern_value("__doc__");
    let doc = class.dict().get_interned(th, name)?;
    if doc.is_null() {
        return Ok(Value::NONE);
    }
    if doc.kind() == Kind::GetSet {
        let name = class.name().to_string();
        return Ok(match crate::builtins::docs::of_type(&name) {
            Some(text) => th.str_value(text),
            None => Value::NONE,
        });
    }
    th.bind_attr(doc, Value::NULL, class)
}

fn set_doc(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__doc__", x)?;
    set_in_dict(th, class, "__doc__", x)
}

fn get_abstract(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let name = th.intern_value("__abstractmethods__");
    let found = if class == th.rt.types().type_ {
        Value::NULL
    } else {
        class.dict().get_interned(th, name)?
    };
    if found.is_null() {
        return Err(th.attribute_error_for("__abstractmethods__", v, name));
    }
    Ok(found)
}

fn set_abstract(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    let abstract_ = !x.is_null() && th.truth(x)?;
    set_in_dict(th, class, "__abstractmethods__", x)?;
    th.set_class_flag(class, f::ABSTRACT, abstract_)
}

fn get_annotate(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    if !class.has_flag(f::HEAP) {
        let name = th.intern_value("__annotate__");
        return Err(th.no_attribute(v, name));
    }
    for name in ["__annotate__", "__annotate_func__"] {
        let name = th.intern_value(name);
        let found = class.dict().get_interned(th, name)?;
        if !found.is_null() {
            return th.bind_attr(found, Value::NULL, class);
        }
    }
    Ok(Value::NONE)
}

fn set_annotate(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    if x.is_null() {
        return Err(th.type_error("cannot delete __annotate__ attribute"));
    }
    check_mutable(th, class, "__annotate__", x)?;
    if !x.is_none() && !th.is_callable(x) {
        return Err(th.type_error("__annotate__ must be callable or None"));
    }
    set_in_dict(th, class, "__annotate_func__", x)?;
    if !x.is_none() {
        let cache = th.intern_value("__annotations_cache__");
        if !class.dict().get_interned(th, cache)?.is_null() {
            th.class_set(class, cache, Value::NULL)?;
        }
    }
    Ok(())
}

fn get_annotations(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    if !class.has_flag(f::HEAP) {
        let name = th.intern_value("__annotations__");
        return Err(th.no_attribute(v, name));
    }
    for name in ["__annotations__", "__annotations_cache__"] {
        let name = th.intern_value(name);
        let found = class.dict().get_interned(th, name)?;
        if !found.is_null() {
            return th.bind_attr(found, Value::NULL, class);
        }
    }
    let annotate = get_annotate(th, v)?;
    let made = th.evaluate_annotate(annotate)?;
    set_in_dict(th, class, "__annotations_cache__", made.value())?;
    Ok(made.value())
}

impl Thread {
    /// `annotate(1)`, which must be a dict; an empty one if `annotate` is null, None or not callable.
    pub fn evaluate_annotate(&mut self, annotate: Value) -> R<Ref<Dict>> {
        if annotate.is_null() || annotate.is_none() || !self.is_callable(annotate) {
            return Ok(Dict::new(self));
        }
        let made = self.call(annotate, &[Value::small(1)])?;
        match made.cast::<Dict>() {
            Some(dict) => Ok(dict),
            None => {
                let got = self.type_name(made);
                Err(self.type_error(format!("__annotate__() must return a dict, not {got}")))
            }
        }
    }
}

fn set_annotations(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    if !class.has_flag(f::HEAP) {
        return check_mutable(th, class, "__annotations__", x);
    }
    let (plain, cache) = (
        th.intern_value("__annotations__"),
        th.intern_value("__annotations_cache__"),
    );
    let has_plain = !class.dict().get_interned(th, plain)?.is_null();
    if x.is_null() {
        let has_cache = !class.dict().get_interned(th, cache)?.is_null();
        if !has_plain && !has_cache {
            return Err(th.attribute_error("__annotations__"));
        }
        th.class_set(class, if has_plain { plain } else { cache }, x)?;
    } else {
        th.class_set(class, if has_plain { plain } else { cache }, x)?;
    }
    for name in ["__annotate__", "__annotate_func__"] {
        let name = th.intern_value(name);
        if !class.dict().get_interned(th, name)?.is_null() {
            th.class_set(class, name, Value::NULL)?;
        }
    }
    Ok(())
}

fn get_type_params(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let name = th.intern_value("__type_params__");
    let found = class.dict().get_interned(th, name)?;
    if found.is_null() {
        return Ok(th.tuple_value(&[]));
    }
    Ok(found)
}

fn set_type_params(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let class = this(th, v)?;
    check_mutable(th, class, "__type_params__", x)?;
    set_in_dict(th, class, "__type_params__", x)
}

fn get_basicsize(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    Ok(th.int(class.fixed_bytes as i64))
}

fn get_itemsize(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let items = class.layout.attrs_offset.is_some();
    Ok(Value::small(if items { 8 } else { 0 }))
}

fn get_dictoffset(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let offset = if class.has_flag(f::DICT) {
        class.fixed_bytes
    } else {
        0
    };
    Ok(th.int(offset as i64))
}

fn get_weakrefoffset(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    // References are kept in a table of the collector: any number but 0 says that they can be made.
    Ok(Value::small(class.has_flag(f::WEAKREF) as i64 * 8))
}

/// `__flags__`, with the bits that the library looks at.
fn get_flags(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let types = th.rt.types();
    let mut bits = 1 << 12;
    for (flag, bit) in [
        (f::HEAP, 1 << 9),
        (f::BASE, 1 << 10),
        (f::ABSTRACT, 1 << 20),
        (f::SEQUENCE, 1 << 5),
        (f::MAPPING, 1 << 6),
        (f::NO_NEW, 1 << 7),
    ] {
        if class.has_flag(flag) {
            bits |= bit;
        }
    }
    if !class.has_flag(f::HEAP) {
        bits |= 1 << 8;
    }
    for (base, bit) in [
        (types.int, 1 << 24),
        (types.list, 1 << 25),
        (types.tuple, 1 << 26),
        (types.bytes, 1 << 27),
        (types.str, 1 << 28),
        (types.dict, 1 << 29),
        (types.exceptions.base_exception, 1 << 30),
        (types.type_, 1 << 31),
    ] {
        if class.is_subclass(base) {
            bits |= bit;
        }
    }
    Ok(th.int(bits))
}

fn get_text_signature(th: &mut Thread, v: Value) -> R<Value> {
    let class = this(th, v)?;
    let new = class.special(Sp::New);
    let inner = match new.cast::<super::define::StaticMethod>() {
        Some(s) => th.get(s, &s.function)?,
        None => return Ok(Value::NONE),
    };
    match inner.cast::<super::native::NativeFunction>() {
        Some(n) if n.owner == class.value() && class != th.rt.types().object => {
            let text = n.def.signature.text_after_first();
            Ok(th.str_value(&text))
        }
        _ => Ok(Value::NONE),
    }
}

/// Fills `type`.
pub(super) fn init(th: &mut Thread) {
    let class = th.rt.types().type_;
    th.fill(class, |t| {
        t.new("type(cls, /, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", init_method),
            ("__call__(self, /, *args, **kwargs)", call),
            ("__repr__(self, /)", repr),
            ("__getattribute__(self, name, /)", getattribute),
            ("__setattr__(self, name, value, /)", setattr),
            ("__delattr__(self, name, /)", delattr),
            ("__instancecheck__(self, instance, /)", instancecheck),
            ("__subclasscheck__(self, subclass, /)", subclasscheck),
            ("__subclasses__(self, /)", subclasses),
            ("mro(self, /)", mro),
            ("__dir__(self, /)", dir),
            ("__sizeof__(self, /)", sizeof),
            ("__or__(self, value, /)", or),
            ("__ror__(self, value, /)", ror),
        ]);
        t.class_method("__prepare__(cls, /, *args, **kwargs)", prepare);
        t.getset("__name__", get_name, Some(set_name));
        t.getset("__qualname__", get_qualname, Some(set_qualname));
        t.getset("__module__", get_module, Some(set_module));
        t.getset("__bases__", get_bases, Some(set_bases));
        t.getset("__base__", get_base, None);
        t.getset("__mro__", get_mro, None);
        t.getset("__dict__", get_dict, None);
        t.getset("__doc__", get_doc, Some(set_doc));
        t.getset("__abstractmethods__", get_abstract, Some(set_abstract));
        t.getset("__annotate__", get_annotate, Some(set_annotate));
        t.getset("__annotations__", get_annotations, Some(set_annotations));
        t.getset("__type_params__", get_type_params, Some(set_type_params));
        t.getset("__basicsize__", get_basicsize, None);
        t.getset("__itemsize__", get_itemsize, None);
        t.getset("__dictoffset__", get_dictoffset, None);
        t.getset("__weakrefoffset__", get_weakrefoffset, None);
        t.getset("__flags__", get_flags, None);
        t.getset("__text_signature__", get_text_signature, None);
    });
}
