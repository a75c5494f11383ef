//! Functions about objects: attributes, identity, class membership, text forms.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::special::Sp;
use crate::objects::string::Str;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            ("getattr(object, name, default=None, /)", getattr),
            ("setattr(obj, name, value, /)", setattr),
            ("delattr(obj, name, /)", delattr),
            ("hasattr(obj, name, /)", hasattr),
            ("callable(obj, /)", callable),
            ("isinstance(obj, class_or_tuple, /)", isinstance),
            ("issubclass(cls, class_or_tuple, /)", issubclass),
            ("id(obj, /)", id),
            ("hash(obj, /)", hash),
            ("repr(obj, /)", repr),
            ("ascii(obj, /)", ascii),
            ("format(value, format_spec='', /)", format),
            ("vars(object=None, /)", vars),
            ("dir(object=None, /)", dir),
        ],
    );
}

fn attribute_name(th: &mut Thread, v: Value) -> R<Value> {
    match th.name_value(v) {
        Some(name) => Ok(name),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("attribute name must be string, not '{name}'")))
        }
    }
}

fn getattr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = attribute_name(th, args[1])?;
    if args[2].is_null() {
        return th.get_attr(args[0], name);
    }
    let v = th.get_attr_opt(args[0], name)?;
    Ok(v.non_null().unwrap_or(args[2]))
}

fn setattr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = attribute_name(th, args[1])?;
    th.set_attr(args[0], name, args[2])?;
    Ok(Value::NONE)
}

fn delattr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = attribute_name(th, args[1])?;
    th.del_attr(args[0], name)?;
    Ok(Value::NONE)
}

fn hasattr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = attribute_name(th, args[1])?;
    let v = th.get_attr_opt(args[0], name)?;
    Ok(Value::bool(!v.is_null()))
}

fn callable(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(Value::bool(th.is_callable(args[0])))
}

fn isinstance(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(Value::bool(th.is_instance_of(args[0], args[1])?))
}

fn issubclass(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(Value::bool(th.is_subclass_of(args[0], args[1])?))
}

/// Objects never move, so the address will do; immediates are their own identity.
fn id(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(th.big(args[0].0.into()))
}

fn hash(th: &mut Thread, args: &[Value]) -> R<Value> {
    let h = th.hash(args[0])?;
    Ok(th.int(h))
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(th.repr(args[0])?.value())
}

fn ascii(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(th.ascii(args[0])?.value())
}

fn format(th: &mut Thread, args: &[Value]) -> R<Value> {
    let spec = if args[1].is_null() {
        th.intern("")
    } else {
        match args[1].cast::<Str>() {
            Some(spec) => spec,
            None => {
                let name = th.type_name(args[1]);
                return Err(th.type_error(format!("format() argument 2 must be str, not {name}")));
            }
        }
    };
    Ok(th.format(args[0], spec)?.value())
}

fn vars(th: &mut Thread, args: &[Value]) -> R<Value> {
    if args[0].is_null() {
        return super::execution::current_locals(th);
    }
    let name = th.intern_value("__dict__");
    match th.get_attr_opt(args[0], name)?.non_null() {
        Some(dict) => Ok(dict),
        None => Err(th.type_error("vars() argument must have __dict__ attribute")),
    }
}

fn dir(th: &mut Thread, args: &[Value]) -> R<Value> {
    let names = if args[0].is_null() {
        let locals = super::execution::current_locals(th)?;
        th.call_method(locals, "keys", &[])?
    } else {
        let found = th.call_special(args[0], Sp::Dir, &[])?;
        if found.is_null() {
            return Err(th.type_error("object does not provide __dir__"));
        }
        found
    };
    let items = th.collect_items(names)?;
    let list = List::new(th, &items);
    th.call_method(list.value(), "sort", &[])?;
    Ok(list.value())
}
