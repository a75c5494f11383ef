//! `module` objects' attributes.

use super::define::Module;
use super::special::Sp;
use super::string::Str;
use crate::heap::{R, Ref, Thread, Value};

fn this(th: &mut Thread, v: Value) -> R<Ref<Module>> {
    match v.cast() {
        Some(m) => Ok(m),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a 'module' object but received a '{got}'"
            )))
        }
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[0].as_class() {
        Some(class) => Ok(th.new_module_of(class, "").value()),
        None => Err(th.type_error("module.__new__(X): X is not a type object")),
    }
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let module = this(th, a[0])?;
    if a[1].cast::<Str>().is_none() {
        let got = th.type_name(a[1]);
        return Err(th.type_error(format!("module() argument 'name' must be str, not {got}")));
    }
    for (name, v) in [("__name__", a[1]), ("__doc__", a[2].or_none())] {
        let name = th.intern_value(name);
        module.dict().insert_interned(th, name, v)?;
    }
    Ok(Value::NONE)
}

fn getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let module = this(th, a[0])?;
    let name = th.attr_name(a[1])?;
    let found = th.module_get_attr(module, name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn name_in(th: &mut Thread, module: Ref<Module>, name: &str) -> R<Value> {
    let name = th.intern_value(name);
    module.dict().get_interned(th, name)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let module = this(th, a[0])?;
    let name = name_in(th, module, "__name__")?;
    let name = if name.is_null() {
        "'?'".to_string()
    } else {
        th.repr(name)?.to_string()
    };
    let spec = name_in(th, module, "__spec__")?;
    let mut origin = Value::NULL;
    let mut loader = Value::NULL;
    if !spec.is_null() && !spec.is_none() {
        let has = th.attr_opt(spec, "has_location")?;
        let located = !has.is_null() && th.truth(has)?;
        let found = th.attr_opt(spec, "origin")?;
        if located {
            origin = found;
        } else {
            loader = th.attr_opt(spec, "loader")?;
            if found.cast::<Str>().is_some() {
                return Ok(th.str_value(&format!("<module {name} ({})>", text_of(found))));
            }
        }
    } else {
        origin = name_in(th, module, "__file__")?;
        loader = name_in(th, module, "__loader__")?;
    }
    let text = if !origin.is_null() && !origin.is_none() {
        format!("<module {name} from {}>", th.repr(origin)?)
    } else if loader.is_null() || loader.is_none() {
        let has_name = name_in(th, module, "__name__")?;
        let own_name = text_of(has_name);
        let native = crate::modules::MODULES.iter().any(|m| m.0 == own_name);
        if native {
            format!("<module {name} (built-in)>")
        } else {
            format!("<module {name}>")
        }
    } else {
        format!("<module {name} ({})>", th.repr(loader)?)
    };
    Ok(th.str_value(&text))
}

fn text_of(v: Value) -> String {
    v.cast::<Str>().map_or(String::new(), |s| s.to_string())
}

fn dir(th: &mut Thread, a: &[Value]) -> R<Value> {
    let module = this(th, a[0])?;
    let hook = name_in(th, module, Sp::Dir.name())?;
    if !hook.is_null() {
        return th.call(hook, &[]);
    }
    super::object::key_list(th, module.dict())
}

fn get_dict(th: &mut Thread, v: Value) -> R<Value> {
    Ok(this(th, v)?.dict().value())
}

fn get_annotate(th: &mut Thread, v: Value) -> R<Value> {
    let module = this(th, v)?;
    Ok(name_in(th, module, "__annotate__")?.or_none())
}
fn set_annotate(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let module = this(th, v)?;
    if x.is_null() {
        return Err(th.type_error("cannot delete __annotate__ attribute"));
    }
    if !x.is_none() && !th.is_callable(x) {
        return Err(th.type_error("__annotate__ must be callable or None"));
    }
    let name = th.intern_value("__annotate__");
    module.dict().insert_interned(th, name, x)?;
    if !x.is_none() {
        let name = th.intern_value("__annotations__");
        module.dict().remove(th, name)?;
    }
    Ok(())
}
fn get_annotations(th: &mut Thread, v: Value) -> R<Value> {
    let module = this(th, v)?;
    let known = name_in(th, module, "__annotations__")?;
    if !known.is_null() {
        return Ok(known);
    }
    let annotate = name_in(th, module, "__annotate__")?;
    let made = th.evaluate_annotate(annotate)?.value();
    let name = th.intern_value("__annotations__");
    module.dict().insert_interned(th, name, made)?;
    Ok(made)
}
fn set_annotations(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let module = this(th, v)?;
    let name = th.intern_value("__annotations__");
    if x.is_null() {
        if module.dict().remove(th, name)?.is_null() {
            return Err(th.attribute_error("__annotations__"));
        }
    } else {
        module.dict().insert_interned(th, name, x)?;
    }
    let name = th.intern_value("__annotate__");
    module.dict().remove(th, name)?;
    Ok(())
}

/// Fills the type.
pub(super) fn init(th: &mut Thread) {
    let class = th.rt.types().module;
    th.fill(class, |t| {
        t.new("module(cls, /, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, name, doc=None)", init_method),
            ("__getattribute__(self, name, /)", getattribute),
            ("__repr__(self, /)", repr),
            ("__dir__(self, /)", dir),
        ]);
        t.getset("__dict__", get_dict, None);
        t.getset("__annotate__", get_annotate, Some(set_annotate));
        t.getset("__annotations__", get_annotations, Some(set_annotations));
    });
}
