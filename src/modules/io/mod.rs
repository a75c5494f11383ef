//! `_io`: streams. Where to read what: `sink` (buffered output and how transactions meet it), `file` (`FileIO`), `buffered`, `text`
//! (`TextIOWrapper`), `memory` (`BytesIO`, `StringIO`), `newlines`, `base` (the abstract classes).

mod base;
mod buffered;
mod file;
mod memory;
mod newlines;
mod sink;
mod text;

pub use sink::flush_all;
pub use text::{is_plain as is_plain_text_stream, write_text};

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::string::Str;

/// How much is read ahead at a time. Each read ends a block, so that bigger is better than CPython's 8 KB.
const CHUNK: usize = 64 << 10;

/// Makes `_io`, once, with the standard streams. Called at the start: `sys.stdout` needs the types.
pub fn start(th: &mut Thread) -> R<()> {
    let module = th.new_module("_io");
    th.set_state("_io", module.value());
    let dict = module.dict();
    let bases = base::init(th);
    let file = file::init(th, bases.raw);
    buffered::init(th, bases.buffered);
    let text = text::init(th, bases.text);
    memory::init(th, dict, bases.buffered, bases.text);
    newlines::init(th, dict, bases.buffered);
    for (name, v) in [
        ("_IOBase", bases.io.value()),
        ("_RawIOBase", bases.raw.value()),
        ("_BufferedIOBase", bases.buffered.value()),
        ("_TextIOBase", bases.text.value()),
        ("FileIO", file.value()),
        ("TextIOWrapper", text.value()),
        ("BufferedReader", th.rt.state.get("io.BufferedReader")),
        ("BufferedWriter", th.rt.state.get("io.BufferedWriter")),
        ("BufferedRandom", th.rt.state.get("io.BufferedRandom")),
        ("DEFAULT_BUFFER_SIZE", Value::small(8192)),
    ] {
        th.define(dict, name, v);
    }
    let x = &th.rt.types().exceptions;
    th.define(dict, "BlockingIOError", x.blocking_io_error.value());
    th.functions(
        module,
        &[
            (
                "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
                open,
            ),
            ("open_code(path)", open_code),
            ("text_encoding(encoding, stacklevel=2, /)", text_encoding),
        ],
    );
    let key = th.intern_value("open");
    let open = dict.get_interned(th, key)?;
    if let Some(builtins) = th.rt.state.get("builtins").cast::<Dict>() {
        builtins.insert_interned(th, key, open)?;
    }
    let unsupported = {
        let name = th.str_value("UnsupportedOperation");
        let bases = th.tuple_value(&[x.os_error.value(), x.value_error.value()]);
        let namespace = Dict::new(th);
        let module_name = th.str_value("io");
        th.define(namespace, "__module__", module_name);
        th.call(
            th.rt.types().type_.value(),
            &[name, bases, namespace.value()],
        )?
    };
    th.set_state("io.UnsupportedOperation", unsupported);
    th.define(dict, "UnsupportedOperation", unsupported);
    // The process' own are no business of scripts that are not trusted: whoever embeds them says where output goes.
    let sandboxed = th.sandbox().is_some();
    standard_streams(th, !sandboxed)
}

/// What importing `_io` gives.
///
/// # Errors
/// None: the module was made at the start.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    match th.rt.state.get("_io").cast() {
        Some(module) => Ok(module),
        None => Err(th.import_error("_io was not started")),
    }
}

/// `sys.stdin`, `sys.stdout` and `sys.stderr`; None for a descriptor that is closed or not granted.
fn standard_streams(th: &mut Thread, granted: bool) -> R<()> {
    let unbuffered = th.rt.state.config().unbuffered;
    let Some(sys) = th.rt.state.get("sys").cast::<Module>() else {
        unreachable!("sys is made first")
    };
    for (fd, name, shown, errors) in [
        (0, "stdin", "<stdin>", "strict"),
        (1, "stdout", "<stdout>", "strict"),
        (2, "stderr", "<stderr>", "backslashreplace"),
    ] {
        // SAFETY: plain queries.
        let (open, tty) = unsafe { (libc::fcntl(fd, libc::F_GETFD) >= 0, libc::isatty(fd) == 1) };
        let stream = if open && granted {
            let raw = file::of_fd(th, fd, fd == 0, shown);
            let buffer = if fd == 0 {
                buffered::reader_of(th, raw)?
            } else {
                buffered::writer_of(th, raw, 8192)?
            };
            let line = fd == 2 || tty;
            let stream = text::of_buffer(th, buffer, errors, line, unbuffered && fd != 0);
            let key = th.intern_value("mode");
            let mode = th.str_value(if fd == 0 { "r" } else { "w" });
            th.set_attr(stream, key, mode)?;
            stream
        } else {
            Value::NONE
        };
        th.define(sys.dict(), name, stream);
        th.define(sys.dict(), &format!("__{name}__"), stream);
    }
    Ok(())
}

fn option_text(th: &mut Thread, v: Value, name: &str) -> R<Option<String>> {
    if v.is_null() || v.is_none() {
        return Ok(None);
    }
    match v.cast::<Str>() {
        Some(s) => Ok(Some(s.to_string())),
        None => {
            let class = th.type_name(v);
            Err(th.type_error(format!(
                "open() argument '{name}' must be str or None, not {class}"
            )))
        }
    }
}

fn open(th: &mut Thread, args: &[Value]) -> R<Value> {
    let [
        file,
        mode,
        buffering,
        encoding,
        errors,
        newline,
        closefd,
        opener,
    ] = *args
    else {
        unreachable!("bound by the signature")
    };
    let mode = match mode.cast::<Str>() {
        Some(s) => s.to_string(),
        None if mode.is_null() => "r".to_string(),
        None => {
            let name = th.type_name(mode);
            return Err(th.type_error(format!("open() argument 'mode' must be str, not {name}")));
        }
    };
    let has = |c: char| mode.contains(c);
    let mut unique: Vec<char> = mode.chars().collect();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() != mode.chars().count() || !mode.chars().all(|c| "rwxabt+".contains(c)) {
        return Err(th.value_error(format!("invalid mode: '{mode}'")));
    }
    let (binary, updating) = (has('b'), has('+'));
    if binary && has('t') {
        return Err(th.value_error("can't have text and binary mode at once"));
    }
    let main = [has('r'), has('w'), has('x'), has('a')]
        .iter()
        .filter(|b| **b)
        .count();
    if main != 1 {
        return Err(th.value_error("must have exactly one of create/read/write/append mode"));
    }
    for (v, name) in [
        (encoding, "encoding"),
        (errors, "errors"),
        (newline, "newline"),
    ] {
        let given = option_text(th, v, name)?.is_some();
        if binary && given {
            return Err(th.value_error(format!(
                "binary mode doesn't take {} argument",
                match name {
                    "encoding" => "an encoding",
                    "errors" => "an errors",
                    _ => "a newline",
                }
            )));
        }
    }
    let mut size = if buffering.is_null() {
        -1
    } else {
        th.index_i64(buffering)?
    };
    if size == 0 && !binary {
        return Err(th.value_error("can't have unbuffered text I/O"));
    }
    let raw_mode: String = mode.chars().filter(|c| "rwxa+".contains(*c)).collect();
    let raw_mode = th.str_value(&raw_mode);
    let class = th.class_for::<file::FileIo>();
    let closefd = if closefd.is_null() {
        Value::TRUE
    } else {
        closefd
    };
    let raw = th.call(class.value(), &[file, raw_mode, closefd, opener.or_none()])?;
    let mut line_buffering = false;
    if size == 1 || size < 0 {
        let tty = th.call_method(raw, "isatty", &[])?;
        line_buffering = !binary && (size == 1 || th.truth(tty)?);
        size = 8192;
    }
    if size == 0 {
        return Ok(raw);
    }
    let name = if updating {
        "io.BufferedRandom"
    } else if has('r') {
        "io.BufferedReader"
    } else {
        "io.BufferedWriter"
    };
    let class = th.rt.state.get(name);
    let result = open_layers(
        th,
        class,
        raw,
        size,
        binary,
        encoding,
        errors,
        newline,
        line_buffering,
        &mode,
    );
    if result == Err(crate::heap::Fail::Raise) {
        // Whatever went wrong (an unknown encoding), the file does not stay open.
        let exc = th.take_exc();
        th.call_method(raw, "close", &[])?;
        th.exc = exc;
    }
    result
}

fn open_layers(
    th: &mut Thread,
    class: Value,
    raw: Value,
    size: i64,
    binary: bool,
    encoding: Value,
    errors: Value,
    newline: Value,
    line_buffering: bool,
    mode: &str,
) -> R<Value> {
    let buffer = th.call(class, &[raw, Value::small(size)])?;
    if binary {
        return Ok(buffer);
    }
    let class = th.class_for::<text::TextIo>();
    let text = th.call(
        class.value(),
        &[
            buffer,
            encoding.or_none(),
            errors.or_none(),
            newline.or_none(),
            Value::bool(line_buffering),
        ],
    )?;
    let key = th.intern_value("mode");
    let mode = th.str_value(mode);
    th.set_attr(text, key, mode)?;
    Ok(text)
}

fn open_code(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mode = th.str_value("rb");
    let null = Value::NULL;
    open(th, &[args[0], mode, null, null, null, null, null, null])
}

fn text_encoding(th: &mut Thread, args: &[Value]) -> R<Value> {
    if args[0].is_none() {
        return Ok(th.intern_value("locale"));
    }
    Ok(args[0])
}
