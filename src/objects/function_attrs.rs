//! The attributes and methods of functions, bound methods and cells.

use super::dict::Dict;
use super::function::{BoundMethod, Cell, Code, Function};
use super::native::tuple_items;
use super::object::{DICT_GETSET, identity_hash};
use super::protocol::Cmp;
use super::string::Str;
use crate::heap::{Kind, Layout, R, Ref, Slot, Thread, Value};

fn this<T: Layout>(th: &mut Thread, v: Value, what: &str) -> R<Ref<T>> {
    match v.cast() {
        Some(f) => Ok(f),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a '{what}' object but received a '{got}'"
            )))
        }
    }
}

fn function(th: &mut Thread, v: Value) -> R<Ref<Function>> {
    this(th, v, "function")
}

fn text(v: Value) -> String {
    v.cast::<Str>().map_or(String::new(), |s| s.to_string())
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(code) = a[1].cast::<Code>() else {
        let got = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "function() argument 'code' must be code, not {got}"
        )));
    };
    if a[2].kind() != Kind::Dict {
        let got = th.type_name(a[2]);
        return Err(th.type_error(format!(
            "function() argument 'globals' must be dict, not {got}"
        )));
    }
    let or_null = |v: Value| if v.is_none() { Value::NULL } else { v };
    let (name, defaults, closure, kwdefaults) =
        (or_null(a[3]), or_null(a[4]), or_null(a[5]), or_null(a[6]));
    if !name.is_null() && name.kind() != Kind::Str {
        return Err(th.type_error("arg 3 (name) must be None or string"));
    }
    if !defaults.is_null() && defaults.kind() != Kind::Tuple {
        return Err(th.type_error("arg 4 (defaults) must be None or tuple"));
    }
    if !closure.is_null() && closure.kind() != Kind::Tuple {
        return Err(th.type_error("arg 5 (closure) must be None or tuple"));
    }
    let (want, have) = (code.unit.freevars.len(), tuple_items(closure).len());
    if want != have {
        let name = code.unit.name.to_string();
        return Err(if want == 0 {
            th.value_error(format!("{name} requires closure of length 0, not {have}"))
        } else if closure.is_null() {
            th.type_error("arg 5 (closure) must be tuple")
        } else {
            th.value_error(format!(
                "{name} requires closure of length {want}, not {have}"
            ))
        });
    }
    for v in tuple_items(closure) {
        if v.kind() != Kind::Cell {
            let got = th.type_name(*v);
            return Err(th.type_error(format!("arg 5 (closure) expected cell, found {got}")));
        }
    }
    let closure = if want == 0 { Value::NULL } else { closure };
    let module = match a[2].cast::<Dict>() {
        Some(globals) => {
            let key = th.intern_value("__name__");
            globals.get_interned(th, key)?.or_none()
        }
        None => Value::NONE,
    };
    let builtins = th.builtins_for(a[2])?;
    let f = Function::new(
        th,
        code,
        a[2],
        closure,
        defaults,
        kwdefaults,
        Value::NULL,
        module,
        builtins,
    )?;
    if !name.is_null() {
        th.set(f, &f.name, name)?;
    }
    Ok(f.value())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let f = function(th, a[0])?;
    let name = text(th.get(f, &f.qualname)?);
    Ok(th.str_value(&format!("<function {name} at {:#x}>", a[0].0)))
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.call_ex(a[0], tuple_items(a[1]), a[2])
}

fn get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let no_instance = a[1].is_null() || a[1].is_none();
    let of_none = th.rt.types().none_type.value();
    if no_instance && (a[2].is_null() || a[2].is_none()) {
        return Err(th.type_error("__get__(None, None) is invalid"));
    }
    if no_instance && a[2] != of_none {
        return Ok(a[0]);
    }
    Ok(th.bound_method(a[0], a[1].or_none()))
}

macro_rules! string_slot {
    ($get:ident, $set:ident, $field:ident, $name:literal) => {
        fn $get(th: &mut Thread, v: Value) -> R<Value> {
            let f = function(th, v)?;
            th.get(f, &f.$field)
        }
        fn $set(th: &mut Thread, v: Value, x: Value) -> R<()> {
            let f = function(th, v)?;
            if x.is_null() || x.kind() != Kind::Str {
                return Err(th.type_error(concat!($name, " must be set to a string object")));
            }
            th.set(f, &f.$field, x)
        }
    };
}
string_slot!(get_name, set_name, name, "__name__");
string_slot!(get_qualname, set_qualname, qualname, "__qualname__");

fn plain_slot(th: &mut Thread, v: Value, slot: fn(&Function) -> &Slot) -> R<Value> {
    let f = function(th, v)?;
    Ok(th.get(f, slot(&f))?.or_none())
}
fn get_doc(th: &mut Thread, v: Value) -> R<Value> {
    plain_slot(th, v, |f| &f.doc)
}
fn set_doc(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    th.set(f, &f.doc, x.or_none())
}
fn get_module(th: &mut Thread, v: Value) -> R<Value> {
    plain_slot(th, v, |f| &f.module)
}
fn set_module(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    th.set(f, &f.module, x.or_none())
}

fn get_code(th: &mut Thread, v: Value) -> R<Value> {
    let f = function(th, v)?;
    th.get(f, &f.code)
}
/// Callers read these slots without a barrier.
fn before_change(th: &mut Thread, f: Ref<Function>) -> R<()> {
    if th.is_shared(f) || th.rt.settings.mode == crate::heap::ExecMode::Gil {
        return th.uncache_until_commit();
    }
    th.uncache_own();
    Ok(())
}
fn set_code(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    let Some(code) = x.cast::<Code>() else {
        return Err(th.type_error("__code__ must be set to a code object"));
    };
    let (have, want) = (tuple_items(f.closure).len(), code.unit.freevars.len());
    if have != want {
        let name = text(th.get(f, &f.name)?);
        return Err(th.value_error(format!(
            "{name}() requires a code object with {have} free vars, not {want}"
        )));
    }
    code.environment.enter(th, f.globals, f.builtins)?;
    before_change(th, f)?;
    th.set(f, &f.code, x)
}
fn get_defaults(th: &mut Thread, v: Value) -> R<Value> {
    plain_slot(th, v, |f| &f.defaults)
}
fn set_defaults(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    let x = if x.is_none() { Value::NULL } else { x };
    if !x.is_null() && x.kind() != Kind::Tuple {
        return Err(th.type_error("__defaults__ must be set to a tuple object"));
    }
    before_change(th, f)?;
    th.set(f, &f.defaults, x)
}
fn get_kwdefaults(th: &mut Thread, v: Value) -> R<Value> {
    plain_slot(th, v, |f| &f.kwdefaults)
}
fn set_kwdefaults(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    let x = if x.is_none() { Value::NULL } else { x };
    if !x.is_null() && x.kind() != Kind::Dict {
        return Err(th.type_error("__kwdefaults__ must be set to a dict object"));
    }
    before_change(th, f)?;
    th.set(f, &f.kwdefaults, x)
}
fn get_closure(th: &mut Thread, v: Value) -> R<Value> {
    Ok(function(th, v)?.closure.or_none())
}
fn get_globals(th: &mut Thread, v: Value) -> R<Value> {
    Ok(function(th, v)?.globals.or_none())
}
fn get_builtins(th: &mut Thread, v: Value) -> R<Value> {
    Ok(function(th, v)?.builtins.or_none())
}
fn get_annotate(th: &mut Thread, v: Value) -> R<Value> {
    plain_slot(th, v, |f| &f.annotate)
}
fn set_annotate(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    if x.is_null() {
        return Err(th.type_error("__annotate__ cannot be deleted"));
    }
    if !x.is_none() && !th.is_callable(x) {
        return Err(th.type_error("__annotate__ must be callable or None"));
    }
    if !x.is_none() {
        th.set(f, &f.annotations, Value::NULL)?;
    }
    th.set(f, &f.annotate, if x.is_none() { Value::NULL } else { x })
}
fn get_annotations(th: &mut Thread, v: Value) -> R<Value> {
    let f = function(th, v)?;
    let (known, annotate) = th.read(f, |f| (f.annotations.peek(), f.annotate.peek()))?;
    if !known.is_null() {
        return Ok(known);
    }
    let made = th.evaluate_annotate(annotate)?.value();
    th.set(f, &f.annotations, made)?;
    Ok(made)
}
fn set_annotations(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    let x = if x.is_none() { Value::NULL } else { x };
    if !x.is_null() && x.kind() != Kind::Dict {
        return Err(th.type_error("__annotations__ must be set to a dict object"));
    }
    th.set(f, &f.annotations, x)?;
    th.set(f, &f.annotate, Value::NULL)
}
fn get_type_params(th: &mut Thread, v: Value) -> R<Value> {
    let f = function(th, v)?;
    let found = th.get(f, &f.type_params)?;
    if found.is_null() {
        return Ok(th.tuple_value(&[]));
    }
    Ok(found)
}
fn set_type_params(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = function(th, v)?;
    if x.kind() != Kind::Tuple {
        return Err(th.type_error("__type_params__ must be set to a tuple"));
    }
    th.set(f, &f.type_params, x)
}

fn method(th: &mut Thread, v: Value) -> R<Ref<BoundMethod>> {
    this(th, v, "method")
}

fn method_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    if !th.is_callable(a[1]) {
        return Err(th.type_error("first argument must be callable"));
    }
    if a[2].is_none() {
        return Err(th.type_error("instance must not be None"));
    }
    Ok(th.bound_method(a[1], a[2]))
}
fn method_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = method(th, a[0])?;
    let mut name = th.attr_opt(m.function, "__qualname__")?;
    if name.kind() != Kind::Str {
        name = th.attr_opt(m.function, "__name__")?;
    }
    let name = match name.cast::<Str>() {
        Some(s) => s.to_string(),
        None => "?".to_string(),
    };
    let receiver = th.repr(m.receiver)?;
    Ok(th.str_value(&format!("<bound method {name} of {receiver}>")))
}
fn method_eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (Some(x), Some(y)) = (a[0].cast::<BoundMethod>(), a[1].cast::<BoundMethod>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.receiver != y.receiver {
        return Ok(Value::FALSE);
    }
    th.compare(Cmp::Eq, x.function, y.function)
}
fn method_hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = method(th, a[0])?;
    let h = identity_hash(m.receiver) ^ th.hash(m.function)?;
    Ok(th.int(h))
}
fn method_getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    let m = method(th, a[0])?;
    let class = th.class_of(a[0]);
    if th.class_lookup(class, name)?.is_null() {
        return th.get_attr(m.function, name);
    }
    let found = th.generic_get_attr(a[0], name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}
fn method_get(_: &mut Thread, a: &[Value]) -> R<Value> {
    // Already bound.
    Ok(a[0])
}
fn method_func(th: &mut Thread, v: Value) -> R<Value> {
    Ok(method(th, v)?.function)
}
fn method_self(th: &mut Thread, v: Value) -> R<Value> {
    Ok(method(th, v)?.receiver)
}
fn method_doc(th: &mut Thread, v: Value) -> R<Value> {
    let m = method(th, v)?;
    Ok(th.attr_opt(m.function, "__doc__")?.or_none())
}
fn method_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = method(th, a[0])?;
    let getattr = th.builtin("getattr")?;
    let name = th.attr(m.function, "__name__")?;
    let args = th.tuple_value(&[m.receiver, name]);
    Ok(th.tuple_value(&[getattr, args]))
}

fn cell(th: &mut Thread, v: Value) -> R<Ref<Cell>> {
    this(th, v, "cell")
}
fn cell_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(th.cell(a[1]).value())
}
fn cell_get(th: &mut Thread, v: Value) -> R<Value> {
    let c = cell(th, v)?;
    let x = th.get(c, &c.value)?;
    if x.is_null() {
        return Err(th.value_error("cell is empty"));
    }
    Ok(x)
}
fn cell_set(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let c = cell(th, v)?;
    th.set(c, &c.value, x)
}
fn cell_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = cell(th, a[0])?;
    let x = th.get(c, &c.value)?;
    let inside = if x.is_null() {
        "empty".to_string()
    } else {
        format!("{} object at {:#x}", th.short_type_name(x), x.0)
    };
    Ok(th.str_value(&format!("<cell at {:#x}: {inside}>", a[0].0)))
}
fn cell_compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let (Some(x), Some(y)) = (a[0].cast::<Cell>(), a[1].cast::<Cell>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = (th.get(x, &x.value)?, th.get(y, &y.value)?);
    if x.is_null() || y.is_null() {
        // An empty cell is less than any other.
        let order = (!x.is_null()).cmp(&!y.is_null());
        return Ok(Value::bool(op.holds(order)));
    }
    th.compare(op, x, y)
}
fn cell_eq(th: &mut Thread, a: &[Value]) -> R<Value> {
    cell_compare(th, a, Cmp::Eq)
}
fn cell_lt(th: &mut Thread, a: &[Value]) -> R<Value> {
    cell_compare(th, a, Cmp::Lt)
}
fn cell_le(th: &mut Thread, a: &[Value]) -> R<Value> {
    cell_compare(th, a, Cmp::Le)
}
fn cell_gt(th: &mut Thread, a: &[Value]) -> R<Value> {
    cell_compare(th, a, Cmp::Gt)
}
fn cell_ge(th: &mut Thread, a: &[Value]) -> R<Value> {
    cell_compare(th, a, Cmp::Ge)
}

/// Fills the types.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    th.fill(types.function, |t| {
        t.new(
            "function(cls, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
            new,
        );
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__call__(self, /, *args, **kwargs)", call),
            ("__get__(self, instance, owner=None, /)", get),
        ]);
        t.getset("__name__", get_name, Some(set_name));
        t.getset("__qualname__", get_qualname, Some(set_qualname));
        t.getset("__doc__", get_doc, Some(set_doc));
        t.getset("__module__", get_module, Some(set_module));
        t.getset("__code__", get_code, Some(set_code));
        t.getset("__defaults__", get_defaults, Some(set_defaults));
        t.getset("__kwdefaults__", get_kwdefaults, Some(set_kwdefaults));
        t.getset("__closure__", get_closure, None);
        t.getset("__globals__", get_globals, None);
        t.getset("__builtins__", get_builtins, None);
        t.getset("__annotate__", get_annotate, Some(set_annotate));
        t.getset("__annotations__", get_annotations, Some(set_annotations));
        t.getset("__type_params__", get_type_params, Some(set_type_params));
        t.getset("__dict__", DICT_GETSET.0, DICT_GETSET.1);
    });
    th.fill(types.method, |t| {
        t.new("method(cls, function, instance, /)", method_new);
        t.methods(&[
            ("__repr__(self, /)", method_repr),
            ("__call__(self, /, *args, **kwargs)", call),
            ("__eq__(self, value, /)", method_eq),
            ("__hash__(self, /)", method_hash),
            ("__getattribute__(self, name, /)", method_getattribute),
            ("__get__(self, instance, owner=None, /)", method_get),
            ("__reduce__(self, /)", method_reduce),
        ]);
        t.getset("__func__", method_func, None);
        t.getset("__self__", method_self, None);
        t.getset("__doc__", method_doc, None);
    });
    th.fill(types.cell, |t| {
        t.new("cell(cls, contents=None, /)", cell_new);
        t.methods(&[
            ("__repr__(self, /)", cell_repr),
            ("__eq__(self, value, /)", cell_eq),
            ("__lt__(self, value, /)", cell_lt),
            ("__le__(self, value, /)", cell_le),
            ("__gt__(self, value, /)", cell_gt),
            ("__ge__(self, value, /)", cell_ge),
        ]);
        t.attr("__hash__", Value::NONE);
        t.getset("cell_contents", cell_get, Some(cell_set));
    });
}
