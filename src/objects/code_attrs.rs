//! The attributes and methods of code objects.

use super::dict::Dict;
use super::function::Code;
use super::list::List;
use super::native::tuple_items;
use super::string::Str;
use crate::code::unit::flags;
use crate::code::{CodeUnit, Span};
use crate::heap::{Kind, R, Ref, Thread, Value};
use rustpython_wtf8::{Wtf8, Wtf8Buf};

fn this(th: &mut Thread, v: Value) -> R<Ref<Code>> {
    match v.cast() {
        Some(c) => Ok(c),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a 'code' object but received a '{got}'"
            )))
        }
    }
}

fn names<'a>(th: &mut Thread, list: impl Iterator<Item = &'a Wtf8Buf>) -> Value {
    let list: Vec<Value> = list.map(|n| th.intern_wtf8(n.as_bytes()).value()).collect();
    th.tuple_value(&list)
}

fn co_name(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(th.intern_wtf8(c.unit.name.as_bytes()).value())
}
fn co_qualname(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(th.intern_wtf8(c.unit.qualname.as_bytes()).value())
}
fn co_filename(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(th.intern_value(&c.unit.filename))
}

macro_rules! numbers {
    ($($name:ident |$c:ident| $value:expr;)*) => {
        $(fn $name(th: &mut Thread, v: Value) -> R<Value> {
            let $c = this(th, v)?;
            Ok(th.int($value as i64))
        })*
    };
}
numbers! {
    co_firstlineno |c| c.unit.first_line;
    co_flags |c| c.unit.flags;
    co_argcount |c| c.unit.argcount;
    co_posonlyargcount |c| c.unit.posonly;
    co_kwonlyargcount |c| c.unit.kwonly;
    co_nlocals |c| c.unit.varnames.len();
    co_stacksize |c| c.unit.nregs;
}

fn co_varnames(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(names(th, c.unit.varnames.iter()))
}
fn co_cellvars(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(names(th, c.unit.cellvars.iter().map(|(n, _)| n)))
}
fn co_freevars(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(names(th, c.unit.freevars.iter()))
}
fn co_names(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(th.tuple_value(&c.names))
}
fn co_consts(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    Ok(th.tuple_value(&c.consts))
}
fn co_code(th: &mut Thread, v: Value) -> R<Value> {
    let c = this(th, v)?;
    let bytes: Vec<u8> = c.unit.words.iter().flat_map(|w| w.to_le_bytes()).collect();
    Ok(th.bytes(&bytes).value())
}
fn no_table(th: &mut Thread, _: Value) -> R<Value> {
    // Lines and handlers are kept in tables of another form: `co_lines` and `co_positions` read them.
    Ok(th.bytes(b"").value())
}

/// The spans with the words that they hold for: first word, end, span.
fn runs(unit: &CodeUnit) -> Vec<(u32, u32, Span)> {
    let end = unit.words.len() as u32;
    let mut out = vec![];
    for (i, &(start, span)) in unit.spans.iter().enumerate() {
        let stop = unit.spans.get(i + 1).map_or(end, |next| next.0);
        out.push((start, stop, span));
    }
    out
}

fn line_value(th: &mut Thread, line: u32) -> Value {
    if line == 0 {
        Value::NONE
    } else {
        th.int(line as i64)
    }
}

/// Bytes of a word of code, as offsets count them.
const WORD: i64 = 8;

fn co_lines(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let mut merged: Vec<(u32, u32, u32)> = vec![];
    for (start, stop, span) in runs(&c.unit) {
        match merged.last_mut() {
            Some(last) if last.2 == span.line => last.1 = stop,
            _ => merged.push((start, stop, span.line)),
        }
    }
    let mut rows = vec![];
    for (start, stop, line) in merged {
        let row = [
            th.int(start as i64 * WORD),
            th.int(stop as i64 * WORD),
            line_value(th, line),
        ];
        let row = th.tuple_value(&row);
        rows.push(row);
    }
    let list = List::new(th, &rows).value();
    th.iter(list)
}

fn co_positions(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let mut rows = vec![];
    for (start, stop, span) in runs(&c.unit) {
        let row = if span.line == 0 {
            [Value::NONE; 4]
        } else {
            [span.line, span.end_line, span.col, span.end_col].map(|n| th.int(n as i64))
        };
        let row = th.tuple_value(&row);
        for _ in start..stop {
            rows.push(row);
        }
    }
    let list = List::new(th, &rows).value();
    th.iter(list)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let text = format!(
        "<code object {} at {:#x}, file \"{}\", line {}>",
        c.unit.name, a[0].0, c.unit.filename, c.unit.first_line
    );
    Ok(th.str_value(&text))
}

fn eq(_: &mut Thread, a: &[Value]) -> R<Value> {
    let (Some(x), Some(y)) = (a[0].cast::<Code>(), a[1].cast::<Code>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(x == y || x.unit == y.unit))
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let mut h = super::string::hash_bytes(c.unit.name.as_bytes(), c.unit.first_line as u64);
    for w in &c.unit.words {
        h = h.rotate_left(5) ^ (*w as i64);
    }
    Ok(th.int(h & i64::MAX))
}

fn wtf8(th: &mut Thread, v: Value, what: &str) -> R<Wtf8Buf> {
    match v.cast::<Str>() {
        Some(s) => Ok(Wtf8::to_wtf8_buf(s.as_wtf8())),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "replace() argument '{what}' must be str, not {got}"
            )))
        }
    }
}

/// What `replace` may change; anything else would need the instructions rewritten.
/// Flags on which no instruction and no layout depends.
const FREE_FLAGS: u32 = flags::ITERABLE_COROUTINE
    | flags::FUTURE_ANNOTATIONS
    | flags::HAS_DOCSTRING
    | flags::NESTED
    | flags::METHOD;

/// Whether an instruction that was compiled for `old` can do with `new`.
fn may_replace(old: Value, new: Value) -> bool {
    match (old.cast::<Code>(), new.cast::<Code>()) {
        (Some(a), Some(b)) => a.unit.freevars.len() == b.unit.freevars.len(),
        (None, None) if old.kind() == Kind::Tuple && new.kind() == Kind::Tuple => {
            let (old, new) = (tuple_items(old), tuple_items(new));
            old.len() == new.len() && old.iter().zip(new).all(|(&a, &b)| may_replace(a, b))
        }
        (None, None) => old.kind() == new.kind(),
        _ => false,
    }
}

fn replace(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let mut unit = (*c.unit).clone();
    let Some(changes) = a[1].cast::<Dict>() else {
        return Ok(a[0]);
    };
    let mut consts = None;
    for (key, v) in changes.items(th)? {
        let key = th.to_str(key)?.to_string();
        match &*key {
            "co_name" => unit.name = wtf8(th, v, &key)?,
            "co_qualname" => unit.qualname = wtf8(th, v, &key)?,
            "co_filename" => {
                unit.filename = th.to_str(v)?.to_string();
                th.may_name(&unit.filename)?;
            }
            "co_firstlineno" => unit.first_line = th.index_i64(v)? as u32,
            "co_flags" => {
                let new = th.index_i64(v)? as u32;
                if (new ^ unit.flags) & !FREE_FLAGS != 0 {
                    return Err(th.value_error(
                        "code.replace() cannot change what kind of function it is, nor its parameters",
                    ));
                }
                unit.flags = new;
            }
            "co_consts" if v.kind() == Kind::Tuple => {
                let (old, new) = (&c.consts, tuple_items(v));
                let like = |(&old, &new): (&Value, &Value)| may_replace(old, new);
                if new.len() != old.len() || !old.iter().zip(new).all(like) {
                    return Err(th.value_error(
                        "code.replace() needs as many constants as there are, of the same types",
                    ));
                }
                consts = Some(v);
            }
            "co_linetable" | "co_exceptiontable" | "co_stacksize" => {}
            _ => {
                let name = th.intern_value(&key);
                let own = th.get_attr_opt(a[0], name)?;
                if own.is_null() {
                    return Err(th.type_error(format!(
                        "replace() got an unexpected keyword argument '{key}'"
                    )));
                }
                if !th.equal(own, v)? {
                    return Err(th.value_error(format!(
                        "code.replace() cannot change {key} in this implementation"
                    )));
                }
            }
        }
    }
    th.load_code_with(unit, consts.map(tuple_items))
        .map(|c| c.value())
}

fn varname_from_oparg(th: &mut Thread, a: &[Value]) -> R<Value> {
    let c = this(th, a[0])?;
    let i = th.index_i64(a[1])?;
    match usize::try_from(i).ok().and_then(|i| c.varnames.get(i)) {
        Some(name) => Ok(*name),
        None => Err(th.index_error("tuple index out of range")),
    }
}

/// Fills the type.
pub(super) fn init(th: &mut Thread) {
    let class = th.rt.types().code;
    th.fill(class, |t| {
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__eq__(self, value, /)", eq),
            ("__hash__(self, /)", hash),
            ("co_lines(self, /)", co_lines),
            ("co_positions(self, /)", co_positions),
            ("replace(self, /, **changes)", replace),
            ("__replace__(self, /, **changes)", replace),
            ("_varname_from_oparg(self, oparg, /)", varname_from_oparg),
        ]);
        for (name, get) in [
            ("co_name", co_name as super::define::Getter),
            ("co_qualname", co_qualname),
            ("co_filename", co_filename),
            ("co_firstlineno", co_firstlineno),
            ("co_flags", co_flags),
            ("co_argcount", co_argcount),
            ("co_posonlyargcount", co_posonlyargcount),
            ("co_kwonlyargcount", co_kwonlyargcount),
            ("co_nlocals", co_nlocals),
            ("co_stacksize", co_stacksize),
            ("co_varnames", co_varnames),
            ("co_cellvars", co_cellvars),
            ("co_freevars", co_freevars),
            ("co_names", co_names),
            ("co_consts", co_consts),
            ("co_code", co_code),
            ("_co_code_adaptive", co_code),
            ("co_lnotab", no_table),
            ("co_linetable", no_table),
            ("co_exceptiontable", no_table),
        ] {
            t.getset(name, get, None);
        }
    });
}
