//! `_contextvars`.
//!
//! A context's mapping is a dict that nobody changes: setting a variable makes a changed copy. So copying a context is
//! free, and there are seldom more than a few variables. Which context is current is state of the thread, in a slot of
//! an object that belongs to it, because a block that rolls back must find its old context again.

use crate::heap::{Fail, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::define::{Module, TypeBuilder};
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::Str;

/// `Context`.
struct Context {
    /// A dict that is never changed.
    vars: Slot,
    /// The context that was current when this was entered; null if it is not entered.
    previous: Slot,
}
impl Payload for Context {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.vars);
        t.slot(&self.previous);
    }
}

/// The context that is current in one thread.
struct Current {
    context: Slot,
}
impl Payload for Current {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.context)
    }
}

/// `ContextVar`.
struct ContextVar {
    name: Value,
    /// Null for none.
    default: Value,
}
impl Payload for ContextVar {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.default])
    }
}

/// `Token`.
struct Token {
    context: Value,
    var: Value,
    /// Null if the variable had no value.
    old: Value,
    used: RawSlot,
}
impl Payload for Token {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.context, self.var, self.old])
    }
}

/// The class of `Token.MISSING`.
struct Missing;
impl Payload for Missing {}

fn context_of(th: &mut Thread, v: Value) -> R<Ref<Native<Context>>> {
    th.native_self(v, "_contextvars.Context")
}
fn var_of(th: &mut Thread, v: Value) -> R<Ref<Native<ContextVar>>> {
    th.native_self(v, "_contextvars.ContextVar")
}
fn token_of(th: &mut Thread, v: Value) -> R<Ref<Native<Token>>> {
    th.native_self(v, "_contextvars.Token")
}

fn new_context(th: &mut Thread, vars: Value) -> Ref<Native<Context>> {
    let class = th.class_for::<Context>();
    let payload = Context {
        vars: Slot::new(vars),
        previous: Slot::new(Value::NULL),
    };
    th.new_native(class, payload)
}

fn empty_context(th: &mut Thread) -> Ref<Native<Context>> {
    let vars = Dict::new(th);
    new_context(th, vars.value())
}

/// The object that says which context is current in this thread.
fn current_cell(th: &mut Thread) -> Ref<Native<Current>> {
    if let Some(cell) = th.context.native::<Current>() {
        return cell;
    }
    let class = th.class_for::<Current>();
    let payload = Current {
        context: Slot::new(Value::NULL),
    };
    let cell = th.new_native(class, payload);
    // It outlives a rollback of the block that is running: so changes in this block must be undone too.
    cell.header().orec().publish(0);
    th.context = cell.value();
    cell
}

fn current(th: &mut Thread) -> R<Ref<Native<Context>>> {
    let cell = current_cell(th);
    let v = th.get(cell, &cell.context)?;
    if let Some(context) = v.native() {
        return Ok(context);
    }
    let context = empty_context(th);
    th.set(cell, &cell.context, context.value())?;
    Ok(context)
}

fn vars(th: &mut Thread, context: Ref<Native<Context>>) -> R<Ref<Dict>> {
    let v = th.get(context, &context.vars)?;
    Ok(v.cast().expect("a context's mapping is a dict"))
}

/// Sets a variable in a context; null removes it.
fn assign(th: &mut Thread, context: Ref<Native<Context>>, var: Value, v: Value) -> R<()> {
    let changed = vars(th, context)?.copy(th)?;
    if v.is_null() {
        changed.remove(th, var)?;
    } else {
        changed.insert(th, var, v)?;
    }
    th.set(context, &context.vars, changed.value())
}

fn run(th: &mut Thread, a: &[Value]) -> R<Value> {
    let context = context_of(th, a[0])?;
    let before = current(th)?;
    if !th.get(context, &context.previous)?.is_null() {
        let text = th.repr(a[0])?;
        return Err(th.runtime_error(format!("cannot enter context: {text} is already entered")));
    }
    let cell = current_cell(th);
    th.set(context, &context.previous, before.value())?;
    th.set(cell, &cell.context, context.value())?;
    let result = th.call_ex(a[1], tuple_items(a[2]), a[3]);
    if result == Err(Fail::Abort) {
        // The rollback restores both.
        return result;
    }
    th.set(cell, &cell.context, before.value())?;
    th.set(context, &context.previous, Value::NULL)?;
    result
}

/// A key argument, which must be a variable.
fn key(th: &mut Thread, v: Value) -> R<Value> {
    if v.native::<ContextVar>().is_some() {
        return Ok(v);
    }
    let text = th.repr(v)?;
    Err(th.type_error(format!("a ContextVar key was expected, got {text}")))
}

/// What `dict` does, for the mapping of a context.
fn mapping_call(th: &mut Thread, v: Value, name: &str) -> R<Value> {
    let context = context_of(th, v)?;
    let vars = vars(th, context)?;
    th.call_method(vars.value(), name, &[])
}

fn context_methods(t: &mut TypeBuilder) {
    t.new("Context(cls)", |th, _| Ok(empty_context(th).value()));
    t.methods(&[
        ("run(self, callable, /, *args, **kwargs)", run),
        ("copy(self, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let vars = th.get(context, &context.vars)?;
            Ok(new_context(th, vars).value())
        }),
        ("get(self, key, default=None, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let key = key(th, a[1])?;
            let found = vars(th, context)?.get(th, key)?;
            Ok(found.non_null().unwrap_or(a[2].or_none()))
        }),
        ("__getitem__(self, key, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let key = key(th, a[1])?;
            let found = vars(th, context)?.get(th, key)?;
            match found.non_null() {
                Some(v) => Ok(v),
                None => Err(th.key_error(key)),
            }
        }),
        ("__contains__(self, key, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let key = key(th, a[1])?;
            Ok(Value::bool(vars(th, context)?.contains(th, key)?))
        }),
        ("__len__(self, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let len = vars(th, context)?.len(th)?;
            Ok(th.uint(len as u64))
        }),
        ("__iter__(self, /)", |th, a| {
            let context = context_of(th, a[0])?;
            let vars = vars(th, context)?;
            th.iter(vars.value())
        }),
        ("keys(self, /)", |th, a| mapping_call(th, a[0], "keys")),
        ("values(self, /)", |th, a| mapping_call(th, a[0], "values")),
        ("items(self, /)", |th, a| mapping_call(th, a[0], "items")),
        ("__eq__(self, value, /)", |th, a| {
            let Some(other) = a[1].native::<Context>() else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let this = context_of(th, a[0])?;
            let (x, y) = (vars(th, this)?, vars(th, other)?);
            Ok(Value::bool(th.equal(x.value(), y.value())?))
        }),
    ]);
    t.attr("__hash__", Value::NONE);
}

fn new_var(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].cast::<Str>().is_none() {
        return Err(th.type_error("context variable name must be a str"));
    }
    let class = th.class_for::<ContextVar>();
    let payload = ContextVar {
        name: a[1],
        default: a[2],
    };
    Ok(th.new_native(class, payload).value())
}

fn var_get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let var = var_of(th, a[0])?;
    let context = current(th)?;
    let found = vars(th, context)?.get(th, a[0])?;
    for v in [found, a[1], var.default] {
        if !v.is_null() {
            return Ok(v);
        }
    }
    let class = th.rt.types().exceptions.lookup_error;
    Err(th.raise_args(class, &[a[0]]))
}

fn var_set(th: &mut Thread, a: &[Value]) -> R<Value> {
    var_of(th, a[0])?;
    let context = current(th)?;
    let old = vars(th, context)?.get(th, a[0])?;
    assign(th, context, a[0], a[1])?;
    let class = th.class_for::<Token>();
    let payload = Token {
        context: context.value(),
        var: a[0],
        old,
        used: RawSlot::new(0),
    };
    Ok(th.new_native(class, payload).value())
}

fn reset(th: &mut Thread, var: Value, token: Value) -> R<Value> {
    let Some(t) = token.native::<Token>() else {
        let name = th.type_name(token);
        return Err(th.type_error(format!(
            "expected an instance of Token, got <class '{name}'>"
        )));
    };
    let problem = if th.get_raw(t, &t.used)? != 0 {
        Some("has already been used once")
    } else if t.var != var {
        Some("was created by a different ContextVar")
    } else if t.context != current(th)?.value() {
        Some("was created in a different Context")
    } else {
        None
    };
    if let Some(problem) = problem {
        let message = format!("{} {problem}", th.repr(token)?);
        return Err(if problem.starts_with("has") {
            th.runtime_error(message)
        } else {
            th.value_error(message)
        });
    }
    th.set_raw(t, &t.used, 1)?;
    let context = current(th)?;
    assign(th, context, var, t.old)?;
    Ok(Value::NONE)
}

fn var_methods(t: &mut TypeBuilder) {
    t.new("ContextVar(cls, name, /, *, default=None)", new_var);
    t.methods(&[
        ("get(self, default=None, /)", var_get),
        ("set(self, value, /)", var_set),
        ("reset(self, token, /)", |th, a| reset(th, a[0], a[1])),
        ("__repr__(self, /)", |th, a| {
            let var = var_of(th, a[0])?;
            let name = th.repr(var.name)?;
            let mut text = format!("<ContextVar name={name}");
            if !var.default.is_null() {
                text.push_str(&format!(" default={}", th.repr(var.default)?));
            }
            text.push_str(&format!(" at {:#x}>", a[0].0));
            Ok(th.str_value(&text))
        }),
    ]);
    t.class_method("__class_getitem__(type, object, /)", |th, a| {
        th.generic_alias(a[0], a[1])
    });
    t.getset("name", |th, v| Ok(var_of(th, v)?.name), None);
}

fn token_methods(t: &mut TypeBuilder) {
    let missing = t.th.rt.state.get("contextvars.MISSING");
    t.methods(&[
        ("__enter__(self, /)", |_, a| Ok(a[0])),
        ("__exit__(self, type, value, traceback, /)", |th, a| {
            let var = token_of(th, a[0])?.var;
            reset(th, var, a[0])
        }),
        ("__repr__(self, /)", |th, a| {
            let token = token_of(th, a[0])?;
            let used = if th.get_raw(token, &token.used)? != 0 {
                " used"
            } else {
                ""
            };
            let var = th.repr(token.var)?;
            Ok(th.str_value(&format!("<Token{used} var={var} at {:#x}>", a[0].0)))
        }),
    ]);
    t.class_method("__class_getitem__(type, object, /)", |th, a| {
        th.generic_alias(a[0], a[1])
    });
    t.attr("MISSING", missing);
    t.attr("__hash__", Value::NONE);
    t.getset("var", |th, v| Ok(token_of(th, v)?.var), None);
    t.getset(
        "old_value",
        |th, v| {
            let old = token_of(th, v)?.old;
            Ok(old
                .non_null()
                .unwrap_or_else(|| th.rt.state.get("contextvars.MISSING")))
        },
        None,
    );
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_contextvars");
    let class = th.new_type::<Missing>("Token.MISSING", class_flags::NO_NEW, |t| {
        t.method("__repr__(self, /)", |th, _| {
            Ok(th.str_value("<Token.MISSING>"))
        });
    });
    let missing = th.new_native(class, Missing).value();
    th.set_state("contextvars.MISSING", missing);
    th.new_type::<Current>("_contextvars._current", class_flags::NO_NEW, |_| {});
    let weak = class_flags::WEAKREF;
    let classes = [
        th.new_type::<Context>("_contextvars.Context", weak, context_methods),
        th.new_type::<ContextVar>("_contextvars.ContextVar", weak, var_methods),
        th.new_type::<Token>("_contextvars.Token", class_flags::NO_NEW, token_methods),
    ];
    for (name, class) in ["Context", "ContextVar", "Token"].into_iter().zip(classes) {
        th.define(module.dict(), name, class.value());
    }
    th.functions(
        module,
        &[("copy_context()", |th, _| {
            let context = current(th)?;
            let vars = th.get(context, &context.vars)?;
            Ok(new_context(th, vars).value())
        })],
    );
    Ok(module)
}
