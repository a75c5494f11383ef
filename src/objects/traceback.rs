//! Traceback objects, and the text printed for an exception that nobody caught.

use super::exception::{Exception, Traceback};
use super::function::Code;
use super::list::List;
use super::native::Native;
use super::string::Str;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Value};

mod caret;
mod paint;
mod print;
pub mod suggest;

pub use paint::Paint;
pub use print::{format_exception, format_exception_only};

fn this(th: &mut Thread, v: Value) -> R<Ref<Native<Traceback>>> {
    th.native_self(v, "traceback")
}

fn get_next(th: &mut Thread, v: Value) -> R<Value> {
    let tb = this(th, v)?;
    th.get(tb, &tb.next)
}

fn set_next(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let tb = this(th, v)?;
    if x.is_null() {
        return Err(th.type_error("can't delete tb_next attribute"));
    }
    if !x.is_none() && x.native::<Traceback>().is_none() {
        let got = th.type_name(x);
        return Err(th.type_error(format!("expected traceback object, got '{got}'")));
    }
    let mut at = x;
    while let Some(t) = at.native::<Traceback>() {
        if at == v {
            return Err(th.value_error("traceback loop detected"));
        }
        at = th.get(t, &t.next)?;
    }
    th.set(tb, &tb.next, x)
}

fn get_line(th: &mut Thread, v: Value) -> R<Value> {
    let tb = this(th, v)?;
    let line = th.get_raw(tb, &tb.line)?;
    Ok(th.int(line as i64))
}

fn get_lasti(th: &mut Thread, v: Value) -> R<Value> {
    let tb = this(th, v)?;
    // As an index into the bytes of `co_code`, of which `traceback` takes half for an instruction of CPython's.
    Ok(th.int(tb.lasti as i64 * 2))
}

fn get_frame(th: &mut Thread, v: Value) -> R<Value> {
    let tb = this(th, v)?;
    let known = th.get(tb, &tb.frame)?;
    if !known.is_null() {
        return Ok(known);
    }
    let frame = crate::modules::sys::frame::of_traceback(th, tb)?;
    th.set(tb, &tb.frame, frame)?;
    Ok(frame)
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("traceback.__new__(X): X is not a type object"));
    };
    if !a[1].is_none() && a[1].native::<Traceback>().is_none() {
        let got = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "traceback() argument 'tb_next' must be traceback or None, not {got}"
        )));
    }
    let code = th.attr(a[2], "f_code")?;
    let lasti = th.index_i64(a[3])? / 2;
    let line = th.index_i64(a[4])?;
    let payload = Traceback {
        next: Slot::new(a[1]),
        function: Value::NULL,
        frame: Slot::new(a[2]),
        code,
        variables: Slot::new(Value::NULL),
        depth: 0,
        ident: 0,
        lasti: lasti as u32,
        line: RawSlot::new(line as u64),
    };
    Ok(th.new_native(class, payload).value())
}

fn dir(th: &mut Thread, _: &[Value]) -> R<Value> {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|n| th.intern_value(n));
    Ok(List::new(th, &names).value())
}

impl Thread {
    /// The tracebacks of an exception, outermost first: code, instruction, line.
    fn traceback_entries(&mut self, exc: Ref<Exception>) -> R<Vec<(Ref<Code>, u32, u32)>> {
        let mut at = self.get(exc, &exc.traceback)?;
        let mut out = vec![];
        while let Some(tb) = at.native::<Traceback>() {
            let line = self.get_raw(tb, &tb.line)? as u32;
            if let Some(code) = tb.code.cast::<Code>() {
                out.push((code, tb.lasti, line));
            }
            at = self.get(tb, &tb.next)?;
        }
        Ok(out)
    }
}

/// Text of a string value.
fn text(v: Value) -> Option<String> {
    v.cast::<Str>().map(|s| s.to_string())
}

/// Fills the type, and defines that of the frames.
pub(super) fn init(th: &mut Thread) {
    let class = th.rt.types().traceback;
    th.fill(class, |t| {
        t.new(
            "traceback(cls, tb_next, tb_frame, tb_lasti, tb_lineno)",
            new,
        );
        t.method("__dir__(self, /)", dir);
        t.getset("tb_next", get_next, Some(set_next));
        t.getset("tb_frame", get_frame, None);
        t.getset("tb_lineno", get_line, None);
        t.getset("tb_lasti", get_lasti, None);
    });
    crate::modules::sys::frame::init(th);
}
