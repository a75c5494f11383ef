//! The functions of `sys`.

use std::sync::atomic::{AtomicI64, Ordering::*};

use super::frame;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::exception::Exception;
use crate::objects::string::Str;
use crate::objects::traceback::Paint;

static SWITCH_INTERVAL_US: AtomicI64 = AtomicI64::new(5000);

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    let digits = th.rt.state.config().int_max_str_digits;
    th.rt.state.max_str_digits.0.store(digits as usize, Relaxed);
    th.functions(
        module,
        &[
            ("exit(status=None, /)", exit),
            ("exc_info()", exc_info),
            ("exception()", exception),
            ("_getframe(depth=0, /)", getframe),
            ("_getframemodulename(depth=0)", getframe_module_name),
            ("_current_frames()", current_frames),
            ("_current_exceptions()", current_exceptions),
            ("getrecursionlimit()", getrecursionlimit),
            ("setrecursionlimit(limit, /)", setrecursionlimit),
            ("intern(string, /)", intern),
            ("_is_interned(string, /)", is_interned),
            ("getsizeof(object, default=None)", getsizeof),
            ("getrefcount(object, /)", getrefcount),
            ("displayhook(object, /)", displayhook),
            ("excepthook(exctype, value, traceback, /)", excepthook),
            ("unraisablehook(unraisable, /)", unraisablehook),
            ("breakpointhook(*args, **kws)", breakpointhook),
            ("settrace(function, /)", nothing),
            ("gettrace()", nothing),
            ("setprofile(function, /)", nothing),
            ("getprofile()", nothing),
            ("_settraceallthreads(function, /)", nothing),
            ("_setprofileallthreads(function, /)", nothing),
            ("call_tracing(func, args, /)", call_tracing),
            ("get_int_max_str_digits()", get_int_max),
            ("set_int_max_str_digits(maxdigits)", set_int_max),
            ("getfilesystemencoding()", utf8),
            ("getfilesystemencodeerrors()", surrogateescape),
            ("getdefaultencoding()", utf8),
            ("audit(event, /, *args)", nothing),
            ("addaudithook(hook)", nothing),
            ("getswitchinterval()", getswitchinterval),
            ("setswitchinterval(interval, /)", setswitchinterval),
            ("is_finalizing()", no),
            ("is_stack_trampoline_active()", no),
            ("is_remote_debug_enabled()", no),
            ("_is_gil_enabled()", is_gil_enabled),
            ("_clear_type_cache()", nothing),
            ("_clear_internal_caches()", nothing),
            ("_clear_type_descriptors(type, /)", nothing),
            ("getallocatedblocks()", zero),
            ("getunicodeinternedsize(*, _only_immortal=False)", zero),
            ("get_asyncgen_hooks()", get_asyncgen_hooks),
            (
                "set_asyncgen_hooks(firstiter=None, finalizer=None)",
                set_asyncgen_hooks,
            ),
            ("get_coroutine_origin_tracking_depth()", zero),
            ("set_coroutine_origin_tracking_depth(depth)", nothing),
            ("_debugmallocstats()", nothing),
            ("_get_cpu_count_config()", minus_one),
        ],
    );
    let dict = module.dict();
    for name in [
        "displayhook",
        "excepthook",
        "unraisablehook",
        "breakpointhook",
    ] {
        let key = th.intern_value(name);
        let hook = dict.get_interned(th, key).unwrap_or(Value::NONE);
        th.define(dict, &format!("__{name}__"), hook);
    }
    let layout = super::StructSeq {
        name: "sys.asyncgen_hooks",
        fields: &["firstiter", "finalizer"],
        visible: 2,
    };
    let class = super::struct_type(th, layout, false);
    th.set_state("asyncgen_hooks", class.value());
    let layout = super::StructSeq {
        name: "sys.UnraisableHookArgs",
        fields: &[
            "exc_type",
            "exc_value",
            "exc_traceback",
            "err_msg",
            "object",
        ],
        visible: 5,
    };
    let class = super::struct_type(th, layout, true);
    th.define(module.dict(), "UnraisableHookArgs", class.value());
}

fn nothing(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NONE)
}
fn no(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}
fn zero(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(0))
}
fn minus_one(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(-1))
}
fn utf8(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.intern_value("utf-8"))
}
fn surrogateescape(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.intern_value("surrogateescape"))
}
fn is_gil_enabled(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::bool(
        th.rt.settings.mode == crate::heap::ExecMode::Gil,
    ))
}

fn exit(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.rt.types().exceptions.system_exit;
    // A tuple becomes the arguments, as everywhere in CPython's `PyErr_SetObject`.
    let status = args[0];
    let given: Vec<Value> = if status.is_null() || status.is_none() {
        vec![]
    } else if status.kind() == crate::heap::Kind::Tuple {
        crate::objects::native::tuple_items(status).to_vec()
    } else {
        vec![status]
    };
    let exc = th.call(class.value(), &given)?;
    Err(th.raise_value(exc))
}

fn traceback_of(v: Value) -> Value {
    v.cast::<Exception>()
        .map_or(Value::NONE, |e| e.traceback.peek().or_none())
}

fn exc_info(th: &mut Thread, _: &[Value]) -> R<Value> {
    let exc = th.vm.handled;
    if exc.is_null() || exc.is_none() {
        return Ok(th.tuple_value(&[Value::NONE; 3]));
    }
    let class = th.class_of(exc).value();
    let traceback = traceback_of(exc);
    Ok(th.tuple_value(&[class, exc, traceback]))
}
fn exception(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.vm.handled.or_none())
}

fn getframe(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = if args[0].is_null() {
        0
    } else {
        th.index_i64(args[0])?.max(0)
    };
    match frame::snapshot(th, n as usize) {
        Some(f) => Ok(f),
        None => Err(th.value_error("call stack is not deep enough")),
    }
}
fn getframe_module_name(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = if args[0].is_null() {
        0
    } else {
        th.index_i64(args[0])?.max(0)
    };
    let Some(function) = th.frame_at(n as usize).map(|f| f.function) else {
        return Ok(Value::NONE);
    };
    let module = th.get(function, &function.module)?.or_none();
    if !module.is_none() {
        return Ok(module);
    }
    // A module's own code is run by a function without `__module__`.
    let name = th.intern_value("__name__");
    match function.globals.cast::<Dict>() {
        Some(globals) => Ok(globals.get_interned(th, name)?.or_none()),
        None => Ok(Value::NONE),
    }
}
fn current_frames(th: &mut Thread, _: &[Value]) -> R<Value> {
    let others = frame::of_other_threads(th)?;
    let dict = Dict::new(th);
    let own = frame::snapshot(th, 0).map(|f| (th.shared.ident, f));
    for (ident, f) in others.into_iter().chain(own) {
        let ident = th.int(ident as i64);
        dict.insert(th, ident, f)?;
    }
    Ok(dict.value())
}
fn current_exceptions(th: &mut Thread, _: &[Value]) -> R<Value> {
    let dict = Dict::new(th);
    let (ident, exc) = (th.int(th.shared.ident as i64), th.vm.handled.or_none());
    dict.insert(th, ident, exc)?;
    Ok(dict.value())
}

fn getrecursionlimit(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(th.vm.recursion_limit as i64))
}
fn setrecursionlimit(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.index_i64(args[0])?;
    if n < 1 {
        return Err(th.value_error("recursion limit must be greater or equal than 1"));
    }
    let depth = th.depth();
    if n as usize <= depth {
        return Err(th.recursion_error(format!(
            "cannot set the recursion limit to {n} at the recursion depth {depth}: the limit is too low"
        )));
    }
    // Like the other settings outside the heap: a rollback would not take it back.
    th.irrevocable()?;
    th.set_recursion_limit(n.min(200_000) as usize);
    Ok(Value::NONE)
}

fn intern(th: &mut Thread, args: &[Value]) -> R<Value> {
    match args[0].cast::<Str>() {
        Some(s) if th.class_of(args[0]) == th.rt.types().str => Ok(th.intern_str(s).value()),
        _ => {
            let name = th.type_name(args[0]);
            Err(th.type_error(format!("can't intern {name}")))
        }
    }
}
fn is_interned(_: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(Value::bool(
        args[0].cast::<Str>().is_some_and(|s| s.is_interned()),
    ))
}

fn getsizeof(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = args[0];
    let name = th.intern_value("__sizeof__");
    let method = th.get_attr_opt(v, name)?;
    if !method.is_null() {
        return th.call(method, &[]);
    }
    if !args[1].is_null() {
        return Ok(args[1]);
    }
    let bytes = v.header().map_or(8, |h| h.shape().instance_bytes());
    Ok(Value::small(bytes as i64))
}
/// There are no reference counts; a number that says "some".
fn getrefcount(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(2))
}

fn displayhook(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = args[0];
    if v.is_none() {
        return Ok(Value::NONE);
    }
    let underscore = th.intern_value("_");
    let builtins = th.rt.state.get("builtins").cast::<Dict>();
    if let Some(builtins) = builtins {
        builtins.insert_interned(th, underscore, Value::NONE)?;
    }
    let text = th.repr(v)?.value();
    let sys = th.rt.state.get("sys");
    let stdout = th.attr(sys, "stdout")?;
    crate::builtins::print_values(th, &[text], None, None, stdout)?;
    if let Some(builtins) = builtins {
        builtins.insert_interned(th, underscore, v)?;
    }
    Ok(Value::NONE)
}

/// The traceback and message of an exception, as the interpreter prints them.
///
/// # Errors
/// `Abort`; what goes wrong within is part of the text.
pub fn format_exception(th: &mut Thread, exc: Value) -> R<String> {
    crate::objects::traceback::format_exception(th, exc, Paint::Plain)
}

/// As [`format_exception`], in colours if this stream shows some.
///
/// # Errors
/// As there.
pub fn format_exception_for(th: &mut Thread, exc: Value, stream: Value) -> R<String> {
    let paint = if shows_colours(th, stream)? {
        Paint::Coloured
    } else {
        Paint::Plain
    };
    crate::objects::traceback::format_exception(th, exc, paint)
}

/// Whether a stream shows colours: a terminal does unless the user says otherwise, by the variables that CPython looks at.
fn shows_colours(th: &mut Thread, stream: Value) -> R<bool> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if !th.rt.state.config().ignore_environment {
        match &*variable("PYTHON_COLORS") {
            "0" => return Ok(false),
            "1" => return Ok(true),
            _ => {}
        }
    }
    if !variable("NO_COLOR").is_empty() {
        return Ok(false);
    }
    if !variable("FORCE_COLOR").is_empty() {
        return Ok(true);
    }
    if variable("TERM") == "dumb" || stream.is_null() || stream.is_none() {
        return Ok(false);
    }
    let isatty = th.attr_opt(stream, "isatty")?;
    if isatty.is_null() {
        return Ok(false);
    }
    let terminal = th.call(isatty, &[])?;
    th.truth(terminal)
}

/// Writes text to `sys.stderr` as it stands, or to the process's own if there is none.
///
/// # Errors
/// What its `write` raises.
pub fn write_stderr(th: &mut Thread, text: &str) -> R<()> {
    let name = th.intern_value("stderr");
    let stderr = match th.rt.state.get("sys").cast::<Module>() {
        Some(sys) => sys.dict().get_interned(th, name)?,
        None => Value::NULL,
    };
    if stderr.is_none() {
        return Ok(());
    }
    if stderr.is_null() {
        eprint!("{text}");
        return Ok(());
    }
    let text = th.str_value(text);
    th.call_method(stderr, "write", &[text])?;
    th.call_method(stderr, "flush", &[])?;
    Ok(())
}

fn excepthook(th: &mut Thread, args: &[Value]) -> R<Value> {
    let exc = args[1];
    if exc.cast::<Exception>().is_none() {
        let name = th.type_name(exc);
        write_stderr(
            th,
            &format!("TypeError: print_exception(): Exception expected for value, {name} found\n"),
        )?;
        return Ok(Value::NONE);
    }
    let sys = th.rt.state.get("sys");
    let stderr = th.attr_opt(sys, "stderr")?;
    let text = format_exception_for(th, exc, stderr)?;
    write_stderr(th, &text)?;
    Ok(Value::NONE)
}

fn unraisablehook(th: &mut Thread, args: &[Value]) -> R<Value> {
    let get = |th: &mut Thread, name: &str| {
        let name = th.intern_value(name);
        th.get_attr_opt(args[0], name)
    };
    let (exc, message, object) = (
        get(th, "exc_value")?,
        get(th, "err_msg")?.or_none(),
        get(th, "object")?.or_none(),
    );
    let mut text = if message.is_none() {
        "Exception ignored in".to_string()
    } else {
        th.to_str(message)?.to_string()
    };
    if !object.is_none() {
        let shown = th.repr(object)?;
        text.push_str(&format!(": {shown}"));
    }
    text.push_str(if object.is_none() { ":\n" } else { "\n" });
    text.push_str(&format_exception(th, exc)?);
    write_stderr(th, &text)?;
    Ok(Value::NONE)
}

fn breakpointhook(th: &mut Thread, args: &[Value]) -> R<Value> {
    let spec = std::env::var("PYTHONBREAKPOINT").unwrap_or_default();
    if spec == "0" {
        return Ok(Value::NONE);
    }
    let spec = if spec.is_empty() {
        "pdb.set_trace"
    } else {
        &spec
    };
    let (module, name) = spec.rsplit_once('.').unwrap_or(("builtins", spec));
    let module = crate::modules::import::import_module(th, module)?;
    let hook = th.attr(module, name)?;
    th.call_ex(hook, crate::objects::native::tuple_items(args[0]), args[1])
}

fn call_tracing(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call(args[0], crate::objects::native::tuple_items(args[1]))
}

fn get_int_max(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(th.max_str_digits() as i64))
}
fn set_int_max(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.index_i64(args[0])?;
    if n != 0 && n < 640 {
        return Err(th.value_error("maxdigits must be 0 or larger than 640"));
    }
    th.irrevocable()?;
    th.rt.state.max_str_digits.0.store(n as usize, Relaxed);
    Ok(Value::NONE)
}
fn getswitchinterval(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::float(SWITCH_INTERVAL_US.load(Relaxed) as f64 / 1e6))
}
fn setswitchinterval(th: &mut Thread, args: &[Value]) -> R<Value> {
    let seconds = match (args[0].as_float(), args[0].as_int()) {
        (Some(f), _) => f,
        (_, Some(i)) => i as f64,
        _ => {
            let name = th.type_name(args[0]);
            return Err(th.type_error(format!("must be real number, not {name}")));
        }
    };
    if seconds <= 0.0 {
        return Err(th.value_error("switch interval must be strictly positive"));
    }
    th.irrevocable()?;
    SWITCH_INTERVAL_US.store((seconds * 1e6) as i64, Relaxed);
    Ok(Value::NONE)
}

fn get_asyncgen_hooks(th: &mut Thread, _: &[Value]) -> R<Value> {
    let Some(class) = th.rt.state.get("asyncgen_hooks").as_class() else {
        return Ok(Value::NONE);
    };
    let [first, last] = th.vm.async_hooks;
    super::struct_seq(th, class, &[first.or_none(), last.or_none()])
}
fn set_asyncgen_hooks(th: &mut Thread, args: &[Value]) -> R<Value> {
    for (name, v) in ["firstiter", "finalizer"].iter().zip(args) {
        if !v.is_null() && !v.is_none() && !th.is_callable(*v) {
            let class = th.type_name(*v);
            return Err(th.type_error(format!("callable {name} expected, got {class}")));
        }
    }
    // Which hooks a thread has is no state of the heap: a block that is rolled back would have to set them back.
    th.irrevocable()?;
    for (hook, v) in th.vm.async_hooks.iter_mut().zip(args) {
        if !v.is_null() {
            *hook = if v.is_none() { Value::NULL } else { *v };
        }
    }
    Ok(Value::NONE)
}

/// Calls `sys.unraisablehook` for an exception that nobody can catch.
pub fn report_unraisable(th: &mut Thread, exc: Value, message: &str) -> R<()> {
    let sys = th.rt.state.get("sys");
    let name = th.intern_value("unraisablehook");
    let hook = th.get_attr_opt(sys, name)?;
    let name = th.intern_value("UnraisableHookArgs");
    let class = th.get_attr_opt(sys, name)?;
    let (Some(class), false) = (class.as_class(), hook.is_null() || hook.is_none()) else {
        let text = format_exception(th, exc)?;
        return write_stderr(th, &format!("{message}:\n{text}"));
    };
    let (kind, traceback) = (th.class_of(exc).value(), traceback_of(exc));
    let text = th.str_value(message);
    let args = super::struct_seq(th, class, &[kind, exc, traceback, text, Value::NONE])?;
    match th.call(hook, &[args]) {
        Ok(_) => Ok(()),
        Err(Fail::Raise) => {
            let exc = th.take_exc();
            let text = format_exception(th, exc)?;
            write_stderr(
                th,
                &format!("Exception ignored in sys.unraisablehook:\n{text}"),
            )
        }
        Err(f) => Err(f),
    }
}

/// Flushes `sys.stdout` and `sys.stderr`, at the end. Whether all that was written has arrived.
pub fn flush_std_streams(th: &mut Thread) -> bool {
    let mut fine = true;
    for name in ["stdout", "stderr"] {
        let key = th.intern_value(name);
        let stream = match th.rt.state.get("sys").cast::<Module>() {
            Some(sys) => sys.dict().get_interned(th, key).unwrap_or(Value::NULL),
            None => Value::NULL,
        };
        if stream.is_null() || stream.is_none() {
            continue;
        }
        let closed = th.intern_value("closed");
        let closed = th.get_attr_opt(stream, closed).unwrap_or(Value::NULL);
        if closed == Value::TRUE {
            continue;
        }
        if th.call_method(stream, "flush", &[]).is_err() {
            let exc = th.take_exc();
            if name == "stdout" && !exc.is_null() {
                let shown = th.repr(stream).map(|s| s.to_string()).unwrap_or_default();
                th.take_exc();
                let text = format_exception(th, exc).unwrap_or_default();
                // What CPython prints when stdout cannot be flushed at exit.
                let text = format!("Exception ignored on flushing sys.stdout:\n{text}");
                let _ = shown;
                if write_stderr(th, &text).is_err() {
                    th.take_exc();
                }
                fine = false;
            }
        }
    }
    fine
}

/// Shows an exception that nobody caught, through `sys.excepthook`.
pub fn show_exception(th: &mut Thread, exc: Value) {
    let sys = th.rt.state.get("sys");
    let class = th.class_of(exc).value();
    let traceback = traceback_of(exc);
    if let Some(module) = sys.cast::<Module>() {
        for (name, v) in [
            ("last_exc", exc),
            ("last_type", class),
            ("last_value", exc),
            ("last_traceback", traceback),
        ] {
            let name = th.intern_value(name);
            let _ = module.dict().insert_interned(th, name, v);
        }
    }
    let name = th.intern_value("excepthook");
    let hook = th.get_attr_opt(sys, name).unwrap_or(Value::NULL);
    if hook.is_null() {
        let text = format_exception(th, exc).unwrap_or_default();
        let _ = write_stderr(th, &format!("sys.excepthook is missing\n{text}"));
        return;
    }
    // Whatever the program printed comes first.
    let key = th.intern_value("stdout");
    let stdout = th.get_attr_opt(sys, key).unwrap_or(Value::NULL);
    if !stdout.is_null() && !stdout.is_none() && th.call_method(stdout, "flush", &[]).is_err() {
        th.take_exc();
    }
    match th.call(hook, &[class, exc, traceback]) {
        Ok(_) => {}
        Err(Fail::Raise) => {
            let second = th.take_exc();
            if th.is_instance(second, th.rt.types().exceptions.system_exit) {
                return;
            }
            let of_hook = format_exception(th, second).unwrap_or_default();
            let original = format_exception(th, exc).unwrap_or_default();
            let text =
                format!("Error in sys.excepthook:\n{of_hook}\nOriginal exception was:\n{original}");
            if write_stderr(th, &text).is_err() {
                th.take_exc();
            }
        }
        Err(Fail::Abort) => {}
    }
}
