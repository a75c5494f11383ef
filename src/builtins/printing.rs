//! `print` and `input`.

use rustpython_wtf8::Wtf8;

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::io;
use crate::objects::define::Module;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            (
                "print(*args, sep=' ', end='\\n', file=None, flush=False)",
                print,
            ),
            ("input(prompt='', /)", input),
        ],
    );
}

/// An attribute of `sys` as it stands in the module's dict; null if it was deleted.
fn sys_attr(th: &mut Thread, name: &str) -> R<Value> {
    let name = th.intern_value(name);
    match th.rt.state.get("sys").cast::<Module>() {
        Some(sys) => sys.dict().get_interned(th, name),
        None => Ok(Value::NULL),
    }
}

fn text_option(th: &mut Thread, v: Value, name: &str) -> R<Option<Ref<Str>>> {
    if v.is_null() || v.is_none() {
        return Ok(None);
    }
    match v.cast::<Str>() {
        Some(s) => Ok(Some(s)),
        None => {
            let class = th.type_name(v);
            Err(th.type_error(format!("{name} must be None or a string, not {class}")))
        }
    }
}

fn print(th: &mut Thread, args: &[Value]) -> R<Value> {
    let sep = text_option(th, args[1], "sep")?;
    let end = text_option(th, args[2], "end")?;
    let mut file = args[3];
    if file.is_null() || file.is_none() {
        file = sys_attr(th, "stdout")?;
        if file.is_null() {
            return Err(th.runtime_error("lost sys.stdout"));
        }
        if file.is_none() {
            return Ok(Value::NONE);
        }
    }
    print_values(th, tuple_items(args[0]), sep, end, file)?;
    if !args[4].is_null() && th.truth(args[4])? {
        th.call_method(file, "flush", &[])?;
    }
    Ok(Value::NONE)
}

/// What `print` does with its arguments; no `sep` is a space, no `end` a newline.
///
/// # Errors
/// What the values' `__str__` and the file raise.
pub fn print_values(
    th: &mut Thread,
    values: &[Value],
    sep: Option<Ref<Str>>,
    end: Option<Ref<Str>>,
    file: Value,
) -> R<()> {
    let sep_bytes = |b: &mut Vec<u8>| match sep {
        Some(s) => b.extend_from_slice(s.as_bytes()),
        None => b.push(b' '),
    };
    if io::is_plain_text_stream(th, file) {
        // One piece, so that threads' lines do not mix.
        let mut line = Vec::with_capacity(80);
        for (i, &v) in values.iter().enumerate() {
            if i > 0 {
                sep_bytes(&mut line);
            }
            if let Some(i) = v.as_int() {
                use std::io::Write as _;
                let _ = write!(line, "{i}");
            } else {
                let s = th.to_str(v)?;
                line.extend_from_slice(s.as_bytes());
            }
        }
        match end {
            Some(s) => line.extend_from_slice(s.as_bytes()),
            None => line.push(b'\n'),
        }
        // SAFETY: concatenated from WTF-8 texts; a surrogate pair that meets at a seam is encoded as two lone ones, and
        // refused by the encoder as each of them would be.
        let line = unsafe { Wtf8::from_bytes_unchecked(&line) };
        return io::write_text(th, file, line);
    }
    let write = th.attr(file, "write")?;
    let space = th.intern_value(" ");
    let newline = th.intern_value("\n");
    for (i, &v) in values.iter().enumerate() {
        if i > 0 {
            th.call(write, &[sep.map_or(space, |s| s.value())])?;
        }
        let s = th.to_str(v)?;
        th.call(write, &[s.value()])?;
    }
    th.call(write, &[end.map_or(newline, |s| s.value())])?;
    Ok(())
}

fn input(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (stdin, stdout) = (sys_attr(th, "stdin")?, sys_attr(th, "stdout")?);
    if stdin.is_null() || stdin.is_none() {
        return Err(th.runtime_error("input(): lost sys.stdin"));
    }
    if stdout.is_null() || stdout.is_none() {
        return Err(th.runtime_error("input(): lost sys.stdout"));
    }
    let stderr = sys_attr(th, "stderr")?;
    if !stderr.is_null() && !stderr.is_none() {
        th.call_method(stderr, "flush", &[])?;
    }
    if !args[0].is_null() {
        let text = th.to_str(args[0])?;
        th.call_method(stdout, "write", &[text.value()])?;
    }
    th.call_method(stdout, "flush", &[])?;
    let line = th.call_method(stdin, "readline", &[])?;
    let Some(text) = line.cast::<Str>() else {
        return Err(th.type_error("object.readline() returned non-string"));
    };
    if text.is_empty() {
        return Err(th.eof_error("EOF when reading a line"));
    }
    let bytes = text.as_bytes();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    // SAFETY: a prefix of WTF-8 text that ends at an ASCII character.
    let trimmed = unsafe { Wtf8::from_bytes_unchecked(bytes) };
    Ok(th.str_wtf8(trimmed).value())
}
