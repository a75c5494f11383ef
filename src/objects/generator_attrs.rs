//! The attributes of generators, coroutines and asynchronous generators.

use super::define::{Getter, Setter, TypeBuilder};
use super::function::Code;
use super::generator::{Generator, marks, state};
use super::list::ValueBuf;
use super::string::Str;
use crate::code::{Op, instr};
use crate::heap::{Kind, R, Ref, Thread, Value};

fn this(th: &mut Thread, v: Value) -> R<Ref<Generator>> {
    match v.cast() {
        Some(g) => Ok(g),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a 'generator' object but received a '{got}'"
            )))
        }
    }
}

fn name(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    th.get(g, &g.name)
}
fn set_name(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let g = this(th, v)?;
    if x.is_null() || x.kind() != Kind::Str {
        return Err(th.type_error("__name__ must be set to a string object"));
    }
    th.set(g, &g.name, x)
}
fn qualname(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    th.get(g, &g.qualname)
}
fn set_qualname(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let g = this(th, v)?;
    if x.is_null() || x.kind() != Kind::Str {
        return Err(th.type_error("__qualname__ must be set to a string object"));
    }
    th.set(g, &g.qualname, x)
}
fn code(th: &mut Thread, v: Value) -> R<Value> {
    Ok(this(th, v)?.code)
}
fn running(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    Ok(Value::bool(crate::vm::delegation::is_active(th, g)?))
}
fn suspended(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    let suspended = th.get_raw(g, &g.state)? == state::SUSPENDED;
    Ok(Value::bool(
        suspended && !crate::vm::delegation::is_active(th, g)?,
    ))
}
fn frame(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    let (now, pc, registers) = th.read(g, |g| (g.state.peek(), g.pc.peek(), g.registers.peek()))?;
    if now == state::FINISHED {
        return Ok(Value::NONE);
    }
    // Another thread might resume it while its variables are looked at.
    let registers = if th.is_shared(g) || now == state::RUNNING {
        Value::NULL
    } else {
        let marks = th.get_raw(g, &g.marks)?;
        th.set_raw(g, &g.marks, marks | marks::SEEN)?;
        registers
    };
    Ok(crate::modules::sys::frame::detached(
        th, g.function, g.code, pc as u32, registers,
    ))
}

/// What a suspended generator delegates to (`yield from`, `await`), or None.
fn delegate(th: &mut Thread, v: Value) -> R<Value> {
    let g = this(th, v)?;
    let (now, pc, registers) = th.read(g, |g| (g.state.peek(), g.pc.peek(), g.registers.peek()))?;
    if now != state::SUSPENDED {
        return Ok(Value::NONE);
    }
    let (Some(code), Some(registers)) = (g.code.cast::<Code>(), registers.cast::<ValueBuf>())
    else {
        return Ok(Value::NONE);
    };
    let word = code.unit.words[pc as usize];
    if instr::op_of(word) != Op::YieldDelegate {
        return Ok(Value::NONE);
    }
    let inner = th.get(g, &registers.slots()[instr::c_of(word)])?;
    if let Some(inner) = inner.cast::<Generator>() {
        let marks = th.get_raw(inner, &inner.marks)?;
        if marks & marks::TEMPORARY != 0 {
            th.set_raw(inner, &inner.marks, marks & !marks::TEMPORARY)?;
        }
    }
    Ok(inner.or_none())
}
fn origin(_: &mut Thread, _: Value) -> R<Value> {
    // Where coroutines come from is only kept for debugging, which nobody can ask for.
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let g = this(th, a[0])?;
    let what = th.short_type_name(a[0]);
    let name = th.get(g, &g.qualname)?;
    let name = match name.cast::<Str>() {
        Some(name) => name.to_string(),
        None => g
            .code
            .cast::<Code>()
            .map_or(String::new(), |c| c.unit.qualname.to_string()),
    };
    Ok(th.str_value(&format!("<{what} object {name} at {:#x}>", a[0].0)))
}

fn common(t: &mut TypeBuilder) {
    t.method("__repr__(self, /)", repr);
    let parts: [(&'static str, Getter, Setter); 2] = [
        ("__name__", name, set_name),
        ("__qualname__", qualname, set_qualname),
    ];
    for (part, get, set) in parts {
        t.getset(part, get, Some(set));
    }
}

/// Adds the attributes.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    th.fill(types.generator, |t| {
        common(t);
        t.getset("gi_code", code, None);
        t.getset("gi_running", running, None);
        t.getset("gi_suspended", suspended, None);
        t.getset("gi_frame", frame, None);
        t.getset("gi_yieldfrom", delegate, None);
    });
    th.fill(types.coroutine, |t| {
        common(t);
        t.getset("cr_code", code, None);
        t.getset("cr_running", running, None);
        t.getset("cr_suspended", suspended, None);
        t.getset("cr_frame", frame, None);
        t.getset("cr_await", delegate, None);
        t.getset("cr_origin", origin, None);
    });
    th.fill(types.async_generator, |t| {
        common(t);
        t.getset("ag_code", code, None);
        t.getset("ag_running", running, None);
        t.getset("ag_suspended", suspended, None);
        t.getset("ag_frame", frame, None);
        t.getset("ag_await", delegate, None);
    });
}
