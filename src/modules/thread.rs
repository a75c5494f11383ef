//! `_thread`: what `threading` is made of.

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::sys::{self, StructSeq, struct_type};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::dict::Dict;

use crate::objects::native::{Native, tuple_items};
use crate::threads::lock::TIMEOUT_MAX;
use crate::threads::start::{RUNNER, ThreadHandle, phase};
use crate::threads::{local, lock};
use std::sync::atomic::Ordering::*;

/// Threads run their function by way of this one: see `threads::start`.
const RUNNER_SOURCE: &str = "
def run(function, args, kwargs):
    return function(*args, **kwargs)
";

fn handle_of(a: &[Value]) -> Ref<Native<ThreadHandle>> {
    a[0].native().expect("the receiver's class was checked")
}

fn new_handle(th: &mut Thread) -> Ref<Native<ThreadHandle>> {
    let class = th.class_for::<ThreadHandle>();
    th.new_native(class, ThreadHandle::default())
}

fn handle_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    Ok(th.new_native(class, ThreadHandle::default()).value())
}

fn handle_ident(th: &mut Thread, v: Value) -> R<Value> {
    let handle = handle_of(&[v]);
    let ident = th.get_raw(handle, &handle.ident)?;
    Ok(th.int(ident as i64))
}

fn handle_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let handle = handle_of(a);
    let ident = th.get_raw(handle, &handle.ident)?;
    let text = format!("<_ThreadHandle object: ident={ident}>");
    Ok(th.str_value(&text))
}

fn handle_join(th: &mut Thread, a: &[Value]) -> R<Value> {
    let deadline = if a[1].is_null() || a[1].is_none() {
        None
    } else {
        let seconds = th.real_number(a[1])?;
        // Negative means for ever, as for a lock.
        (seconds >= 0.0).then(|| th.deadline(seconds)).transpose()?
    };
    th.join_thread(handle_of(a), deadline)?;
    Ok(Value::NONE)
}

fn handle_is_done(th: &mut Thread, a: &[Value]) -> R<Value> {
    let handle = handle_of(a);
    Ok(Value::bool(
        th.get_raw(handle, &handle.phase)? == phase::DONE,
    ))
}

fn handle_set_done(th: &mut Thread, a: &[Value]) -> R<Value> {
    let handle = handle_of(a);
    if th.get_raw(handle, &handle.phase)? == phase::NEW {
        return Err(th.runtime_error("thread not started"));
    }
    th.thread_is_done(handle)?;
    Ok(Value::NONE)
}

fn make_handle(th: &mut Thread, a: &[Value]) -> R<Value> {
    let ident = th.index_i64(a[0])?;
    let handle = new_handle(th);
    th.set_raw(handle, &handle.ident, ident as u64)?;
    th.set_raw(handle, &handle.phase, phase::RUNNING)?;
    Ok(handle.value())
}

fn start_joinable(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (function, handle, daemon) = (a[0], a[1], a[2]);
    if !th.is_callable(function) {
        return Err(th.type_error("thread function must be callable"));
    }
    let handle = if handle.is_null() || handle.is_none() {
        new_handle(th)
    } else {
        match handle.native::<ThreadHandle>() {
            Some(h) => h,
            None => return Err(th.type_error("'handle' must be a _ThreadHandle")),
        }
    };
    let daemon = daemon.is_null() || th.truth(daemon)?;
    let (args, kwargs) = (th.tuple_value(&[]), Dict::new(th).value());
    th.start_thread(function, args, kwargs, handle, daemon)?;
    Ok(handle.value())
}

fn start_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (function, args, mut kwargs) = (a[0], a[1], a[2]);
    if !th.is_callable(function) {
        return Err(th.type_error("first arg must be callable"));
    }
    if args.kind() != crate::heap::Kind::Tuple {
        return Err(th.type_error("2nd arg must be a tuple"));
    }
    if kwargs.is_null() {
        kwargs = Dict::new(th).value();
    } else if kwargs.kind() != crate::heap::Kind::Dict {
        return Err(th.type_error("optional 3rd arg must be a dictionary"));
    }
    let handle = new_handle(th);
    let ident = th.start_thread(function, args, kwargs, handle, true)?;
    Ok(th.int(ident as i64))
}

fn get_ident(th: &mut Thread, _: &[Value]) -> R<Value> {
    let ident = th.shared.ident;
    Ok(th.int(ident as i64))
}

fn get_native_id(th: &mut Thread, _: &[Value]) -> R<Value> {
    // SAFETY: a plain query.
    let id = unsafe { libc::syscall(libc::SYS_gettid) };
    Ok(th.int(id))
}

fn main_ident(th: &mut Thread, _: &[Value]) -> R<Value> {
    let _ = th;
    // The thread that boots the interpreter is the first to enter.
    Ok(Value::small(1))
}

fn yes(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::TRUE)
}

fn count(th: &mut Thread, _: &[Value]) -> R<Value> {
    let n = th.rt.threads.count.load(SeqCst);
    Ok(th.int(n as i64))
}

fn stack_size(th: &mut Thread, a: &[Value]) -> R<Value> {
    let new = if a[0].is_null() {
        None
    } else {
        Some(th.index_i64(a[0])?)
    };
    if let Some(n) = new {
        if n < 0 {
            return Err(th.value_error("size must be 0 or a positive value"));
        }
        if n != 0 && n < 32768 {
            return Err(th.value_error(format!("size not valid: {n} bytes")));
        }
    }
    let size = &th.rt.threads.stack_size;
    let old = match new {
        Some(n) => size.swap(n as usize, SeqCst),
        None => size.load(SeqCst),
    };
    Ok(th.int(old as i64))
}

fn set_name(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.to_str(a[0])?.to_string();
    th.name_trace(&name);
    // At most 15 bytes, not cutting a character.
    let end = (0..=name.len().min(15))
        .rev()
        .find(|&i| name.is_char_boundary(i))
        .unwrap_or(0);
    if let Ok(name) = std::ffi::CString::new(&name[..end]) {
        // SAFETY: names the calling thread with a string that ends in a zero.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
    }
    Ok(Value::NONE)
}

/// What `threading.excepthook` is called with.
const HOOK_ARGS: StructSeq = StructSeq {
    name: "_thread._ExceptHookArgs",
    fields: &["exc_type", "exc_value", "exc_traceback", "thread"],
    visible: 4,
};

/// `threading.excepthook`: prints the exception that has ended a thread.
fn excepthook(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[class, exc, _, thread] = tuple_items(a[0]) else {
        return Err(th.type_error("_thread._excepthook argument type must be ExceptHookArgs"));
    };
    if class == th.rt.types().exceptions.system_exit.value() || th.stopped().is_some() {
        return Ok(Value::NONE);
    }
    let name = if thread.is_none() {
        th.shared.ident.to_string()
    } else {
        let name = th.attr(thread, "name")?;
        th.to_str(name)?.to_string()
    };
    let sys = th.rt.state.get("sys");
    let stderr = th.attr_opt(sys, "stderr")?;
    let file = if !stderr.is_null() && !stderr.is_none() {
        stderr
    } else if thread.is_none() {
        Value::NONE
    } else {
        th.attr(thread, "_stderr")?
    };
    if !file.is_none() {
        let trace = sys::format_exception_for(th, exc, file)?;
        let text = format!("Exception in thread {name}:\n{trace}");
        let text = th.str_value(&text);
        th.call_method(file, "write", &[text])?;
        th.call_method(file, "flush", &[])?;
    }
    Ok(Value::NONE)
}

fn exit(th: &mut Thread, _: &[Value]) -> R<Value> {
    let class = th.rt.types().exceptions.system_exit;
    Err(th.raise_args(class, &[]))
}

fn interrupt_main(th: &mut Thread, a: &[Value]) -> R<Value> {
    let signal = if a[0].is_null() {
        libc::SIGINT
    } else {
        let n = th.index_i64(a[0])?;
        if !(1..=64).contains(&n) {
            return Err(th.value_error("signal number out of range"));
        }
        n as i32
    };
    let ignored = crate::threads::signals::disposition(signal)
        .is_none_or(|d| d != crate::threads::signals::Disposition::Note);
    th.outside(false, || {
        if !ignored {
            crate::threads::signals::interrupt_main(signal)
        }
    })?;
    Ok(Value::NONE)
}

fn shutdown(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.join_all()?;
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    th.make_local_data();
    let module = th.new_module("_thread");
    let dict = module.dict();
    let (lock_class, rlock) = lock::init(th);
    let local = local::init(th);
    let flags = class_flags::WEAKREF;
    let handle = th.new_type::<ThreadHandle>("_thread._ThreadHandle", flags, |t| {
        t.new("_ThreadHandle(cls)", handle_new)
            .methods(&[
                ("join(self, timeout=None, /)", handle_join),
                ("is_done(self)", handle_is_done),
                ("_set_done(self)", handle_set_done),
                ("__repr__(self)", handle_repr),
            ])
            .getset("ident", handle_ident, None);
    });
    let hook_args = struct_type(th, HOOK_ARGS, true);
    for (name, class) in [
        ("_ExceptHookArgs", hook_args),
        ("LockType", lock_class),
        ("lock", lock_class),
        ("RLock", rlock),
        ("_local", local),
        ("_ThreadHandle", handle),
        ("error", th.rt.types().exceptions.runtime_error),
    ] {
        th.define(dict, name, class.value());
    }
    let timeout_max = Value::float(TIMEOUT_MAX);
    th.define(dict, "TIMEOUT_MAX", timeout_max);
    th.functions(
        module,
        &[
            ("allocate_lock()", lock::allocate),
            ("allocate()", lock::allocate),
            (
                "start_joinable_thread(function, handle=None, daemon=True)",
                start_joinable,
            ),
            ("start_new_thread(function, args, kwargs={}, /)", start_new),
            ("start_new(function, args, kwargs={}, /)", start_new),
            ("_make_thread_handle(ident, /)", make_handle),
            ("daemon_threads_allowed()", yes),
            ("get_ident()", get_ident),
            ("get_native_id()", get_native_id),
            ("_get_main_thread_ident()", main_ident),
            ("_is_main_interpreter()", yes),
            ("_count()", count),
            ("stack_size(size=0, /)", stack_size),
            ("set_name(name)", set_name),
            ("_on_commit(function, /)", super::transaction::on_commit),
            ("exit()", exit),
            ("exit_thread()", exit),
            ("_shutdown()", shutdown),
            ("_excepthook(args, /)", excepthook),
            ("interrupt_main(signum=2, /)", interrupt_main),
        ],
    );
    let defined = super::run_source(th, RUNNER_SOURCE, "<_thread>")?;
    let name = th.intern_value("run");
    let runner = defined.get_interned(th, name)?;
    th.set_state(RUNNER, runner);
    Ok(module)
}
