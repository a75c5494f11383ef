//! `BaseException`'s methods, and the attributes and texts of particular exceptions.

use super::class::Class;
use super::define::TypeBuilder;
use super::dict::Dict;
use super::exception::{Exception, Traceback};
use super::native::tuple_items;
use super::object::DICT_GETSET;
use super::special::Sp;
use super::string::Str;
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};

pub(super) fn this(th: &mut Thread, v: Value) -> R<Ref<Exception>> {
    match v.cast() {
        Some(e) => Ok(e),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "descriptor requires a 'BaseException' object but received a '{got}'"
            )))
        }
    }
}

fn class_arg(th: &mut Thread, v: Value) -> R<Ref<Class>> {
    match v.as_class() {
        Some(c) => Ok(c),
        None => {
            let got = th.type_name(v);
            Err(th.type_error(format!(
                "BaseException.__new__(X): X is not a type object ({got})"
            )))
        }
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = class_arg(th, a[0])?;
    let e = th.alloc(class.root_shape(), Exception::new(a[1]), 0);
    Ok(e.value())
}

fn no_keywords(th: &mut Thread, v: Value, kwargs: Value) -> R<()> {
    if let Some(d) = kwargs.cast::<Dict>()
        && d.len(th)? != 0
    {
        let name = th.type_name(v);
        return Err(th.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok(())
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    no_keywords(th, a[0], a[2])?;
    th.set(e, &e.args, a[1])?;
    Ok(Value::NONE)
}

/// The arguments of an exception.
pub(super) fn args_of(th: &mut Thread, e: Ref<Exception>) -> R<Value> {
    th.get(e, &e.args)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let name = th.short_type_name(a[0]);
    let text = match tuple_items(args) {
        [one] => format!("{name}({})", th.repr(*one)?),
        _ => format!("{name}{}", th.repr(args)?),
    };
    Ok(th.str_value(&text))
}

fn base_str(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    let args = args_of(th, e)?;
    match tuple_items(args) {
        [] => Ok(th.str_value("")),
        [one] => Ok(th.to_str(*one)?.value()),
        _ => Ok(th.to_str(args)?.value()),
    }
}

fn str(th: &mut Thread, a: &[Value]) -> R<Value> {
    base_str(th, a[0])
}

fn with_traceback(th: &mut Thread, a: &[Value]) -> R<Value> {
    set_traceback(th, a[0], a[1])?;
    Ok(a[0])
}

fn add_note(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].kind() != Kind::Str {
        let got = th.type_name(a[1]);
        return Err(th.type_error(format!("note must be a str, not '{got}'")));
    }
    th.add_note(a[0], a[1])?;
    Ok(Value::NONE)
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let class = th.class_of(a[0]).value();
    reduce_with(th, a[0], &[class, args])
}

/// `parts`, and the exception's dict if it has one.
fn reduce_with(th: &mut Thread, v: Value, parts: &[Value]) -> R<Value> {
    let own = th.own_attrs(v)?;
    if own.is_empty() {
        return Ok(th.tuple_value(parts));
    }
    let state = Dict::new(th);
    for (name, x) in own {
        state.insert(th, name, x)?;
    }
    let mut all = parts.to_vec();
    all.push(state.value());
    Ok(th.tuple_value(&all))
}

fn setstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    if a[1].is_none() {
        return Ok(Value::NONE);
    }
    let Some(state) = a[1].cast::<Dict>() else {
        return Err(th.type_error("state is not a dictionary"));
    };
    for (name, x) in state.items(th)? {
        let name = th.attr_name(name)?;
        th.set_attr(a[0], name, x)?;
    }
    Ok(Value::NONE)
}

fn get_args(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    args_of(th, e)
}
fn set_args(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    if x.is_null() {
        return Err(th.type_error("args may not be deleted"));
    }
    let items = th.collect_items(x)?;
    let args = th.tuple_value(&items);
    th.set(e, &e.args, args)
}

fn get_traceback(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.traceback)?.or_none())
}
fn set_traceback(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    if x.is_null() {
        return Err(th.type_error("__traceback__ may not be deleted"));
    }
    if x.is_none() {
        return th.set(e, &e.traceback, Value::NULL);
    }
    if x.native::<Traceback>().is_none() {
        return Err(th.type_error("__traceback__ must be a traceback or None"));
    }
    th.set(e, &e.traceback, x)
}

fn check_exception(th: &mut Thread, x: Value, what: &str) -> R<Value> {
    if x.is_null() {
        return Err(th.type_error(format!("{what} may not be deleted")));
    }
    if x.is_none() {
        return Ok(Value::NULL);
    }
    if x.kind() != Kind::Exception {
        let what = what.trim_matches('_');
        return Err(th.type_error(format!(
            "exception {what} must be None or derive from BaseException"
        )));
    }
    Ok(x)
}

fn get_context(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.context)?.or_none())
}
fn set_context(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    let x = check_exception(th, x, "__context__")?;
    th.set(e, &e.context, x)
}
fn get_cause(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.cause)?.or_none())
}
fn set_cause(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    let x = check_exception(th, x, "__cause__")?;
    th.set(e, &e.cause, x)?;
    th.set_raw(e, &e.suppress, 1)
}
fn get_suppress(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(Value::bool(th.get_raw(e, &e.suppress)? != 0))
}
fn set_suppress(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    if !x.is_bool() {
        return Err(th.type_error("attribute value type must be bool"));
    }
    th.set_raw(e, &e.suppress, (x == Value::TRUE) as u64)
}

/// Reads word `I` of the exception's own attributes.
fn get_extra<const I: usize>(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.extra[I])?.or_none())
}
fn set_extra<const I: usize>(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    th.set(e, &e.extra[I], x)
}

fn extra<const I: usize>(t: &mut TypeBuilder, name: &'static str) {
    t.getset(name, get_extra::<I>, Some(set_extra::<I>));
}

fn read<const I: usize>(th: &mut Thread, v: Value) -> R<Value> {
    get_extra::<I>(th, v)
}

fn stop_iteration_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_method(th, a)?;
    let value = tuple_items(a[1]).first().copied().unwrap_or(Value::NONE);
    set_extra::<0>(th, a[0], value)?;
    Ok(Value::NONE)
}

fn system_exit_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_method(th, a)?;
    let code = match tuple_items(a[1]) {
        [] => Value::NONE,
        [one] => *one,
        _ => a[1],
    };
    set_extra::<0>(th, a[0], code)?;
    Ok(Value::NONE)
}

fn key_error_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    match tuple_items(args) {
        [one] => Ok(th.repr(*one)?.value()),
        _ => base_str(th, a[0]),
    }
}

/// Stores the keyword arguments that an exception takes in the words `first..`, and null for those left out.
fn take_keywords(
    th: &mut Thread,
    v: Value,
    kwargs: Value,
    class: &str,
    names: &[&str],
    first: usize,
) -> R<()> {
    let e = this(th, v)?;
    let given = match kwargs.cast::<Dict>() {
        Some(d) => d.items(th)?,
        None => vec![],
    };
    let mut words = vec![Value::NULL; names.len()];
    for (name, x) in given {
        let name = th.to_str(name)?.to_string();
        match names.iter().position(|n| *n == name) {
            Some(i) => words[i] = x,
            None => {
                return Err(th.type_error(format!(
                    "{class}() got an unexpected keyword argument '{name}'"
                )));
            }
        }
    }
    for (i, x) in words.into_iter().enumerate() {
        th.set(e, &e.extra[first + i], x)?;
    }
    Ok(())
}

fn import_error_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    th.set(e, &e.args, a[1])?;
    let message = match tuple_items(a[1]) {
        [one] => *one,
        _ => Value::NULL,
    };
    th.set(e, &e.extra[0], message)?;
    let names = ["name", "path", "name_from"];
    take_keywords(th, a[0], a[2], "ImportError", &names, 1)?;
    Ok(Value::NONE)
}

fn import_error_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let message = read::<0>(th, a[0])?;
    match message.cast::<Str>() {
        Some(_) => Ok(message),
        None => base_str(th, a[0]),
    }
}

fn import_error_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let state = Dict::new(th);
    for (name, x) in th.own_attrs(a[0])? {
        state.insert(th, name, x)?;
    }
    for (name, i) in [("name", 1), ("path", 2), ("name_from", 3)] {
        let x = th.get(e, &e.extra[i])?;
        if !x.is_null() && !x.is_none() {
            let name = th.intern_value(name);
            state.insert(th, name, x)?;
        }
    }
    let class = th.class_of(a[0]).value();
    if state.len(th)? == 0 {
        return Ok(th.tuple_value(&[class, args]));
    }
    Ok(th.tuple_value(&[class, args, state.value()]))
}

fn name_error_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    th.set(e, &e.args, a[1])?;
    take_keywords(th, a[0], a[2], "NameError", &["name"], 0)?;
    Ok(Value::NONE)
}

fn attribute_error_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    th.set(e, &e.args, a[1])?;
    take_keywords(th, a[0], a[2], "AttributeError", &["name", "obj"], 0)?;
    Ok(Value::NONE)
}

fn attribute_error_getstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let state = Dict::new(th);
    for (name, x) in th.own_attrs(a[0])? {
        state.insert(th, name, x)?;
    }
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let (key, name) = (th.intern_value("name"), read::<0>(th, a[0])?);
    state.insert(th, key, name)?;
    let key = th.intern_value("args");
    state.insert(th, key, args)?;
    Ok(state.value())
}

fn attribute_error_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let state = attribute_error_getstate(th, a)?;
    let class = th.class_of(a[0]).value();
    Ok(th.tuple_value(&[class, args, state]))
}

const SYNTAX_WORDS: usize = 8;

fn syntax_error_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_method(th, a)?;
    let e = this(th, a[0])?;
    let args = tuple_items(a[1]);
    if let Some(&message) = args.first() {
        th.set(e, &e.extra[0], message)?;
    }
    if args.len() == 2 {
        let info = th.collect_items(args[1])?;
        if info.len() < 4 {
            let n = info.len();
            return Err(th.type_error(format!(
                "function missing required argument '{}' (pos {})",
                ["filename", "lineno", "offset", "text"][n],
                n + 1
            )));
        }
        if info.len() > 7 {
            let n = info.len();
            return Err(th.type_error(format!("function takes at most 7 arguments ({n} given)")));
        }
        for (i, v) in info.iter().take(6).enumerate() {
            th.set(e, &e.extra[i + 1], *v)?;
        }
        if info.len() == 5 {
            return Err(th.type_error("end_offset must be provided when end_lineno is provided"));
        }
    }
    Ok(Value::NONE)
}

fn syntax_error_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (message, filename, line) = (
        read::<0>(th, a[0])?,
        read::<1>(th, a[0])?,
        read::<2>(th, a[0])?,
    );
    let message = th.to_str(message)?.to_string();
    let file = filename.cast::<Str>().map(|f| {
        let f = f.to_string();
        f.rsplit('/').next().unwrap_or_default().to_string()
    });
    let text = match (file, line.as_int()) {
        (None, None) => return Ok(th.str_value(&message)),
        (Some(file), Some(line)) => format!("{message} ({file}, line {line})"),
        (Some(file), None) => format!("{message} ({file})"),
        (None, Some(line)) => format!("{message} (line {line})"),
    };
    Ok(th.str_value(&text))
}

/// Checks and stores the arguments of the Unicode errors: which is bytes or str, by `object_kind`.
fn unicode_init(th: &mut Thread, a: &[Value], encoding: bool, object_kind: Kind) -> R<Value> {
    no_keywords(th, a[0], a[2])?;
    let e = this(th, a[0])?;
    let args = tuple_items(a[1]);
    th.set(e, &e.args, a[1])?;
    let want = if encoding { 5 } else { 4 };
    if args.len() != want {
        let n = args.len();
        return Err(th.type_error(format!(
            "function takes exactly {want} arguments ({n} given)"
        )));
    }
    let shift = usize::from(!encoding);
    let check = |th: &mut Thread, i: usize, ok: bool, what: &str| {
        if ok {
            return Ok(());
        }
        let got = th.type_name(args[i]);
        Err(th.type_error(format!("argument {} must be {what}, not {got}", i + 1)))
    };
    if encoding {
        check(th, 0, args[0].kind() == Kind::Str, "str")?;
    }
    let object_at = 1 - shift;
    let mut object = args[object_at];
    if object_kind == Kind::Str {
        check(th, object_at, object.kind() == Kind::Str, "str")?;
    } else if object.kind() != Kind::Bytes {
        if object.kind() == Kind::Str || th.special(object, Sp::Index) != Value::NULL {
            let got = th.type_name(object);
            return Err(th.type_error(format!("a bytes-like object is required, not '{got}'")));
        }
        // Any buffer will do; the exception keeps its bytes.
        let bytes = th.rt.types().bytes.value();
        object = th.call(bytes, &[object])?;
    }
    th.index_i64(args[2 - shift])?;
    th.index_i64(args[3 - shift])?;
    check(th, 4 - shift, args[4 - shift].kind() == Kind::Str, "str")?;
    if encoding {
        th.set(e, &e.extra[0], args[0])?;
    }
    th.set(e, &e.extra[1], object)?;
    for i in 2..5 {
        th.set(e, &e.extra[i], args[i - shift])?;
    }
    Ok(Value::NONE)
}

fn unicode_encode_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_init(th, a, true, Kind::Str)
}
fn unicode_decode_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_init(th, a, true, Kind::Bytes)
}
fn unicode_translate_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_init(th, a, false, Kind::Str)
}

/// The text of a Unicode error whose verb is `verb`.
fn unicode_str(th: &mut Thread, v: Value, verb: &str) -> R<Value> {
    let object = read::<1>(th, v)?;
    if object.is_none() {
        return Ok(th.str_value(""));
    }
    let (encoding, reason) = (read::<0>(th, v)?, read::<4>(th, v)?);
    let (start, end) = (read::<2>(th, v)?, read::<3>(th, v)?);
    let (start, end) = (th.index_i64(start)?, th.index_i64(end)?);
    let reason = th.to_str(reason)?;
    let codec = if encoding.is_none() {
        String::new()
    } else {
        format!("'{}' codec ", th.to_str(encoding)?)
    };
    let what = usize::try_from(start)
        .ok()
        .filter(|_| end == start + 1)
        .and_then(|at| {
            if let Some(b) = object.cast::<super::Bytes>() {
                return b.as_bytes().get(at).map(|b| format!("byte 0x{b:02x}"));
            }
            let s = object.cast::<Str>()?;
            let c = s.as_wtf8().code_points().nth(at)?.to_u32();
            Some(match c {
                0..=0xff => format!("character '\\x{c:02x}'"),
                0x100..=0xffff => format!("character '\\u{c:04x}'"),
                _ => format!("character '\\U{c:08x}'"),
            })
        });
    let text = match what {
        Some(what) => format!("{codec}can't {verb} {what} in position {start}: {reason}"),
        None => {
            let items = if object.kind() == Kind::Bytes {
                "bytes"
            } else {
                "characters"
            };
            format!(
                "{codec}can't {verb} {items} in position {start}-{}: {reason}",
                end - 1
            )
        }
    };
    Ok(th.str_value(&text))
}

fn unicode_encode_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_str(th, a[0], "encode")
}
fn unicode_decode_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_str(th, a[0], "decode")
}
fn unicode_translate_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    unicode_str(th, a[0], "translate")
}

/// Does `class` have an `__init__` of its own, but `OSError`'s `__new__`? Then `__init__` takes the arguments.
fn os_error_uses_init(th: &Thread, class: Ref<Class>) -> bool {
    let base = th.rt.types().exceptions.os_error;
    class.special(Sp::Init) != base.special(Sp::Init)
        && class.special(Sp::New) == base.special(Sp::New)
}

/// The class of `OSError`s with this number.
pub fn os_error_class(th: &Thread, errno: i32) -> Ref<Class> {
    let e = &th.rt.types().exceptions;
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => e.blocking_io_error,
        libc::EPIPE | libc::ESHUTDOWN => e.broken_pipe_error,
        libc::ECHILD => e.child_process_error,
        libc::ECONNABORTED => e.connection_aborted_error,
        libc::ECONNREFUSED => e.connection_refused_error,
        libc::ECONNRESET => e.connection_reset_error,
        libc::EEXIST => e.file_exists_error,
        libc::ENOENT => e.file_not_found_error,
        libc::EISDIR => e.is_a_directory_error,
        libc::ENOTDIR => e.not_a_directory_error,
        libc::EINTR => e.interrupted_error,
        libc::EACCES | libc::EPERM => e.permission_error,
        libc::ESRCH => e.process_lookup_error,
        libc::ETIMEDOUT => e.timeout_error,
        _ => e.os_error,
    }
}

fn os_error_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut class = class_arg(th, a[0])?;
    let args = tuple_items(a[1]);
    let use_init = os_error_uses_init(th, class);
    if !use_init {
        if let Some(d) = a[2].cast::<Dict>()
            && d.len(th)? != 0
        {
            let name = class.name().to_string();
            return Err(th.type_error(format!("{name}() takes no keyword arguments")));
        }
        if class == th.rt.types().exceptions.os_error
            && (2..=5).contains(&args.len())
            && let Some(errno) = args[0].as_int()
        {
            class = os_error_class(th, errno as i32);
        }
    }
    let empty = th.tuple_value(&[]);
    let e = th.alloc(class.root_shape(), Exception::new(empty), 0);
    if use_init {
        return Ok(e.value());
    }
    fill_os_error(th, e, a[1])?;
    Ok(e.value())
}

fn os_error_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]);
    if os_error_uses_init(th, class) {
        no_keywords(th, a[0], a[2])?;
        let e = this(th, a[0])?;
        fill_os_error(th, e, a[1])?;
    }
    Ok(Value::NONE)
}

/// Words of an OSError: errno, strerror, filename, filename2, characters_written.
fn fill_os_error(th: &mut Thread, e: Ref<Exception>, args: Value) -> R<()> {
    let items = tuple_items(args);
    let mut kept = args;
    if (2..=5).contains(&items.len()) {
        th.set(e, &e.extra[0], items[0])?;
        th.set(e, &e.extra[1], items[1])?;
        if let Some(&filename) = items.get(2)
            && !filename.is_none()
        {
            let blocking = th.rt.types().exceptions.blocking_io_error;
            let number =
                th.is_instance(e.value(), blocking) && !th.special(filename, Sp::Index).is_null();
            if number {
                th.set(e, &e.extra[4], filename)?;
            } else {
                th.set(e, &e.extra[2], filename)?;
                if let Some(&other) = items.get(4)
                    && !other.is_none()
                {
                    th.set(e, &e.extra[3], other)?;
                }
                kept = th.tuple_value(&items[..2]);
            }
        }
    }
    th.set(e, &e.args, kept)
}

fn os_error_str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let [errno, message, file, other] = th.read(e, |e| [0, 1, 2, 3].map(|i| e.extra[i].peek()))?;
    if !file.is_null() {
        let head = {
            let (errno, message) = (th.to_str(errno.or_none())?, th.to_str(message.or_none())?);
            format!("[Errno {errno}] {message}: {}", th.repr(file)?)
        };
        let text = if other.is_null() {
            head
        } else {
            format!("{head} -> {}", th.repr(other)?)
        };
        return Ok(th.str_value(&text));
    }
    if !errno.is_null() && !message.is_null() {
        let text = format!("[Errno {}] {}", th.to_str(errno)?, th.to_str(message)?);
        return Ok(th.str_value(&text));
    }
    base_str(th, a[0])
}

fn os_error_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let mut args = args_of(th, e)?;
    let (file, other) = th.read(e, |e| (e.extra[2].peek(), e.extra[3].peek()))?;
    let items = tuple_items(args);
    if items.len() == 2 && !file.is_null() {
        let mut all = items.to_vec();
        all.push(file);
        if !other.is_null() {
            all.extend([Value::NONE, other]);
        }
        args = th.tuple_value(&all);
    }
    let class = th.class_of(a[0]).value();
    reduce_with(th, a[0], &[class, args])
}

fn get_written(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    let n = th.get(e, &e.extra[4])?;
    if n.is_null() {
        let name = th.intern_value("characters_written");
        return Err(th.attribute_error_for("characters_written", v, name));
    }
    Ok(n)
}
fn set_written(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let e = this(th, v)?;
    if !x.is_null() {
        th.index(x)?;
    }
    th.set(e, &e.extra[4], x)
}

impl Thread {
    /// Raises the `OSError` with number `errno`, with the system's text, and `filename` unless it is null.
    #[cold]
    pub fn os_error(&mut self, errno: i32, filename: Value) -> Fail {
        let text = std::io::Error::from_raw_os_error(errno).to_string();
        // Rust adds the number, which has a place of its own here.
        let text = match text.rsplit_once(" (os error") {
            Some((text, _)) => text.to_string(),
            None => text,
        };
        self.os_error_text(errno, &text, filename)
    }
    /// As [`Thread::os_error`], with another text.
    #[cold]
    pub fn os_error_text(&mut self, errno: i32, text: &str, filename: Value) -> Fail {
        let class = os_error_class(self, errno);
        let text = self.str_value(text);
        let errno = self.int(errno as i64);
        let args = self.tuple_value(&[errno, text]);
        let e = self.alloc(class.root_shape(), Exception::new(args), 0);
        for (i, v) in [errno, text, filename].into_iter().enumerate() {
            e.extra[i].init(v);
        }
        self.raise_value(e.value())
    }
    /// Raises the `OSError` that an error of Rust's `std::io` stands for.
    #[cold]
    pub fn io_error(&mut self, error: &std::io::Error, filename: Value) -> Fail {
        match error.raw_os_error() {
            Some(errno) => self.os_error(errno, filename),
            None => {
                let class = self.rt.types().exceptions.os_error;
                self.raise(class, &error.to_string())
            }
        }
    }
}

/// Fills the exception classes.
pub(super) fn init(th: &mut Thread) {
    let e = &th.rt.types().exceptions;
    th.fill(e.base_exception, |t| {
        t.new("BaseException(cls, /, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", init_method),
            ("__repr__(self, /)", repr),
            ("__str__(self, /)", str),
            ("__reduce__(self, /)", reduce),
            ("__setstate__(self, state, /)", setstate),
            ("with_traceback(self, object, /)", with_traceback),
            ("add_note(self, object, /)", add_note),
        ]);
        t.getset("args", get_args, Some(set_args));
        t.getset("__traceback__", get_traceback, Some(set_traceback));
        t.getset("__context__", get_context, Some(set_context));
        t.getset("__cause__", get_cause, Some(set_cause));
        t.getset("__suppress_context__", get_suppress, Some(set_suppress));
        t.getset("__dict__", DICT_GETSET.0, DICT_GETSET.1);
    });
    th.fill(e.stop_iteration, |t| {
        t.method("__init__(self, /, *args, **kwargs)", stop_iteration_init);
        extra::<0>(t, "value");
    });
    th.fill(e.system_exit, |t| {
        t.method("__init__(self, /, *args, **kwargs)", system_exit_init);
        extra::<0>(t, "code");
    });
    th.fill(e.key_error, |t| {
        t.method("__str__(self, /)", key_error_str);
    });
    th.fill(e.import_error, |t| {
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", import_error_init),
            ("__str__(self, /)", import_error_str),
            ("__reduce__(self, /)", import_error_reduce),
        ]);
        extra::<0>(t, "msg");
        extra::<1>(t, "name");
        extra::<2>(t, "path");
        extra::<3>(t, "name_from");
    });
    th.fill(e.name_error, |t| {
        t.method("__init__(self, /, *args, **kwargs)", name_error_init);
        extra::<0>(t, "name");
    });
    th.fill(e.attribute_error, |t| {
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", attribute_error_init),
            ("__getstate__(self, /)", attribute_error_getstate),
            ("__reduce__(self, /)", attribute_error_reduce),
        ]);
        extra::<0>(t, "name");
        extra::<1>(t, "obj");
    });
    th.fill(e.syntax_error, |t| {
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", syntax_error_init),
            ("__str__(self, /)", syntax_error_str),
        ]);
        extra::<0>(t, "msg");
        extra::<1>(t, "filename");
        extra::<2>(t, "lineno");
        extra::<3>(t, "offset");
        extra::<4>(t, "text");
        extra::<5>(t, "end_lineno");
        extra::<6>(t, "end_offset");
        extra::<7>(t, "print_file_and_line");
        const { assert!(SYNTAX_WORDS <= super::exception::EXTRA) };
    });
    for (class, init, str) in [
        (
            e.unicode_encode_error,
            unicode_encode_init as super::native::NativeFn,
            unicode_encode_str as super::native::NativeFn,
        ),
        (
            e.unicode_decode_error,
            unicode_decode_init,
            unicode_decode_str,
        ),
        (
            e.unicode_translate_error,
            unicode_translate_init,
            unicode_translate_str,
        ),
    ] {
        th.fill(class, |t| {
            t.method("__init__(self, /, *args, **kwargs)", init);
            t.method("__str__(self, /)", str);
            extra::<0>(t, "encoding");
            extra::<1>(t, "object");
            extra::<2>(t, "start");
            extra::<3>(t, "end");
            extra::<4>(t, "reason");
        });
    }
    th.fill(e.os_error, |t| {
        t.new("OSError(cls, /, *args, **kwargs)", os_error_new);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", os_error_init),
            ("__str__(self, /)", os_error_str),
            ("__reduce__(self, /)", os_error_reduce),
        ]);
        extra::<0>(t, "errno");
        extra::<1>(t, "strerror");
        extra::<2>(t, "filename");
        extra::<3>(t, "filename2");
        t.getset("characters_written", get_written, Some(set_written));
    });
}
