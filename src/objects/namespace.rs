//! `types.SimpleNamespace`.

use super::Instance;
use super::class::{Class, LayoutInfo, class_flags as f};
use super::dict::Dict;
use super::native::tuple_items;
use super::object::DICT_GETSET;
use super::protocol::Cmp;
use super::string::Str;
use crate::heap::{Kind, R, Ref, Thread, Value};

const KEY: &str = "SimpleNamespace";

impl Thread {
    /// The class `types.SimpleNamespace`.
    pub fn namespace_class(&self) -> Ref<Class> {
        self.rt
            .state
            .get(KEY)
            .as_class()
            .expect("the class is defined with the built-in types")
    }
    /// A new `SimpleNamespace` with these attributes.
    pub fn namespace(&mut self, attrs: &[(&str, Value)]) -> R<Value> {
        let class = self.namespace_class();
        let v = self.alloc(class.root_shape(), Instance::new(), 0).value();
        for (name, x) in attrs {
            let name = self.intern_value(name);
            self.own_attr_set(v, name, *x)?;
        }
        Ok(v)
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[0].as_class() {
        Some(class) => Ok(th.alloc(class.root_shape(), Instance::new(), 0).value()),
        None => Err(th.type_error("SimpleNamespace.__new__(X): X is not a type object")),
    }
}

fn update(th: &mut Thread, v: Value, dict: Ref<Dict>) -> R<()> {
    for (name, x) in dict.items(th)? {
        if name.kind() != Kind::Str {
            return Err(th.type_error("keywords must be strings"));
        }
        let name = th.attr_name(name)?;
        th.own_attr_set(v, name, x)?;
    }
    Ok(())
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = tuple_items(a[1]);
    if args.len() > 1 {
        let (name, n) = (th.type_name(a[0]), args.len());
        return Err(th.type_error(format!("{name} expected at most 1 argument, got {n}")));
    }
    if let Some(&given) = args.first() {
        let dict = match given.cast::<Dict>() {
            Some(d) => d,
            None => {
                let class = th.rt.types().dict.value();
                let made = th.call(class, &[given])?;
                match made.cast::<Dict>() {
                    Some(d) => d,
                    None => return Err(th.type_error("a dict was expected")),
                }
            }
        };
        update(th, a[0], dict)?;
    }
    if let Some(kwargs) = a[2].cast::<Dict>() {
        update(th, a[0], kwargs)?;
    }
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]);
    let name = if class == th.namespace_class() {
        "namespace".to_string()
    } else {
        class.name().to_string()
    };
    th.container_repr(a[0], &format!("{name}(...)"), |th, out| {
        let parts = parts(th, a[0])?;
        out.push_str(&format!("{name}({parts})"));
        Ok(())
    })
}

fn parts(th: &mut Thread, v: Value) -> R<String> {
    let mut parts = vec![];
    for (name, x) in th.own_attrs(v)? {
        if let Some(name) = name.cast::<Str>() {
            parts.push(format!("{name}={}", th.repr(x)?));
        }
    }
    Ok(parts.join(", "))
}

fn eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    compare(th, a, Cmp::Eq)
}
fn ne(th: &mut Thread, a: &[Value]) -> R<Value> {
    compare(th, a, Cmp::Ne)
}
fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let class = th.namespace_class();
    if !th.is_instance(a[0], class) || !th.is_instance(a[1], class) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (Some(x), Some(y)) = (th.dict_of(a[0])?, th.dict_of(a[1])?) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    th.compare(op, x.value(), y.value())
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let empty = th.tuple_value(&[]);
    let dict = Dict::new(th);
    for (name, x) in th.own_attrs(a[0])? {
        dict.insert(th, name, x)?;
    }
    Ok(th.tuple_value(&[class, empty, dict.value()]))
}

fn replace(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let new = th.call(class, &[])?;
    for (name, x) in th.own_attrs(a[0])? {
        let name = th.attr_name(name)?;
        th.own_attr_set(new, name, x)?;
    }
    if let Some(changes) = a[1].cast::<Dict>() {
        update(th, new, changes)?;
    }
    Ok(new)
}

/// Defines the type.
pub(super) fn init(th: &mut Thread) {
    let object = th.rt.types().object;
    let class = th.new_class(
        "types.SimpleNamespace",
        object,
        LayoutInfo::of::<Instance>(),
        f::BASE | f::DICT,
        |t| {
            t.new("SimpleNamespace(cls, /, *args, **kwargs)", new);
            t.methods(&[
                ("__init__(self, /, *args, **kwargs)", init_method),
                ("__repr__(self, /)", repr),
                ("__eq__(self, value, /)", eq),
                ("__ne__(self, value, /)", ne),
                ("__reduce__(self, /)", reduce),
                ("__replace__(self, /, **changes)", replace),
            ]);
            t.attr("__hash__", Value::NONE);
            t.getset("__dict__", DICT_GETSET.0, None);
        },
    );
    th.set_state(KEY, class.value());
}
