//! Processes: identity, starting others, waiting for them, ending.

use std::ffi::CString;

use super::{call, int_or, set};
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::path_arg;
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::define::Module;

macro_rules! plain {
    ($($name:ident)*) => {
        [$((concat!(stringify!($name), "()"), |_: &mut Thread, _: &[Value]| -> R<Value> {
            // SAFETY: a plain query.
            Ok(Value::small(unsafe { libc::$name() } as i64))
        } as crate::objects::native::NativeFn)),*]
    };
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &plain!(getpid getppid getuid geteuid getgid getegid getpgrp setsid),
    );
    th.functions(
        module,
        &[
            ("_exit(status)", exit),
            ("abort()", |_, _| std::process::abort()),
            ("kill(pid, signal, /)", kill),
            ("killpg(pgid, signal, /)", killpg),
            ("fork()", fork),
            ("execv(path, argv, /)", execv),
            ("execve(path, argv, env)", execve),
            ("waitpid(pid, options, /)", waitpid),
            ("wait()", wait),
            ("waitstatus_to_exitcode(status)", waitstatus_to_exitcode),
            ("WIFEXITED(status)", |th, a| {
                status_test(th, a[0], |s| libc::WIFEXITED(s))
            }),
            ("WIFSIGNALED(status)", |th, a| {
                status_test(th, a[0], |s| libc::WIFSIGNALED(s))
            }),
            ("WIFSTOPPED(status)", |th, a| {
                status_test(th, a[0], |s| libc::WIFSTOPPED(s))
            }),
            ("WIFCONTINUED(status)", |th, a| {
                status_test(th, a[0], |s| libc::WIFCONTINUED(s))
            }),
            ("WCOREDUMP(status, /)", |th, a| {
                status_test(th, a[0], |s| libc::WCOREDUMP(s))
            }),
            ("WEXITSTATUS(status)", |th, a| {
                status_part(th, a[0], |s| libc::WEXITSTATUS(s))
            }),
            ("WTERMSIG(status)", |th, a| {
                status_part(th, a[0], |s| libc::WTERMSIG(s))
            }),
            ("WSTOPSIG(status)", |th, a| {
                status_part(th, a[0], |s| libc::WSTOPSIG(s))
            }),
            ("system(command)", system),
            ("nice(increment, /)", nice),
            ("getpgid(pid)", getpgid),
            ("setpgid(pid, pgrp, /)", setpgid),
            ("getsid(pid, /)", getsid),
            ("getpriority(which, who)", getpriority),
            ("times()", times),
            ("sched_yield()", sched_yield),
            ("sched_getaffinity(pid, /)", sched_getaffinity),
            ("cpu_count()", cpu_count),
            (
                "register_at_fork(*, before=None, after_in_child=None, after_in_parent=None)",
                |_, _| Ok(Value::NONE),
            ),
        ],
    );
    let class = struct_type(
        th,
        StructSeq {
            name: "posix.times_result",
            fields: &[
                "user",
                "system",
                "children_user",
                "children_system",
                "elapsed",
            ],
            visible: 5,
        },
        true,
    );
    th.set_state("os.times_result", class.value());
    let made = set(th, module.dict(), "times_result", class.value());
    debug_assert!(made.is_ok());
}

/// Ends the process at once: nothing is flushed.
fn exit(th: &mut Thread, args: &[Value]) -> R<Value> {
    let status = th.index_i64(args[0])? as i32;
    th.outside(false, || {
        // SAFETY: ends the process.
        unsafe { libc::_exit(status) }
    })
}

fn kill(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (pid, signal) = (th.index_i64(args[0])? as i32, th.index_i64(args[1])? as i32);
    // SAFETY: a plain system call.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::kill(pid, signal) } as i64,
    )?;
    th.run_signal_handlers()?;
    Ok(Value::NONE)
}
fn killpg(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (group, signal) = (th.index_i64(args[0])? as i32, th.index_i64(args[1])? as i32);
    // SAFETY: a plain system call.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::killpg(group, signal) } as i64,
    )?;
    th.run_signal_handlers()?;
    Ok(Value::NONE)
}

/// Only a program without other threads may fork: in the child theirs would hold locks for ever.
fn fork(th: &mut Thread, _: &[Value]) -> R<Value> {
    if th.rt.world.count() > 1 {
        return Err(
            th.runtime_error("os.fork() is not supported while other threads run; use subprocess")
        );
    }
    // SAFETY: no other thread touches the interpreter; the process's first thread only waits for this one.
    let pid = call(th, false, Value::NULL, || unsafe { libc::fork() } as i64)?;
    Ok(Value::small(pid))
}

/// Strings for `exec`: of a list or tuple of `str`, `bytes` or path-like values.
fn strings(th: &mut Thread, v: Value, what: &str) -> R<Vec<CString>> {
    let mut out = vec![];
    for item in th.collect_items(v)? {
        let path = path_arg(th, item, what)?;
        out.push(path.c_string(th)?);
    }
    Ok(out)
}
fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings
        .iter()
        .map(|s| s.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}

fn exec(th: &mut Thread, path: Value, argv: Value, env: Option<Vec<CString>>) -> R<Value> {
    let path = path_arg(th, path, "execv")?;
    let c = path.c_string(th)?;
    let argv = strings(th, argv, "execv")?;
    if argv.is_empty() {
        return Err(th.value_error("execv() arg 2 must not be empty"));
    }
    let args = pointers(&argv);
    call(th, false, path.value, || {
        crate::modules::io::flush_all();
        // SAFETY: terminated arrays of terminated strings.
        unsafe {
            match &env {
                Some(env) => libc::execve(c.as_ptr(), args.as_ptr(), pointers(env).as_ptr()) as i64,
                None => libc::execv(c.as_ptr(), args.as_ptr()) as i64,
            }
        }
    })?;
    Ok(Value::NONE)
}
fn execv(th: &mut Thread, args: &[Value]) -> R<Value> {
    exec(th, args[0], args[1], None)
}
fn execve(th: &mut Thread, args: &[Value]) -> R<Value> {
    let items = th.call_method(args[2], "items", &[])?;
    let mut env = vec![];
    for pair in th.collect_items(items)? {
        let [k, v] = *crate::objects::native::tuple_items(pair) else {
            return Err(th.type_error("env must be a mapping of strings"));
        };
        let (k, v) = (path_arg(th, k, "execve")?, path_arg(th, v, "execve")?);
        let entry = [&k.bytes[..], b"=", &v.bytes].concat();
        match CString::new(entry) {
            Ok(c) => env.push(c),
            Err(_) => return Err(th.value_error("embedded null byte")),
        }
    }
    exec(th, args[0], args[1], Some(env))
}

fn wait_for(th: &mut Thread, pid: i32, options: i32) -> R<Value> {
    let mut status = 0;
    // SAFETY: the status is a local.
    let pid = call(
        th,
        true,
        Value::NULL,
        || unsafe { libc::waitpid(pid, &mut status, options) } as i64,
    )?;
    Ok(th.tuple_value(&[Value::small(pid), Value::small(status as i64)]))
}
fn waitpid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (pid, options) = (th.index_i64(args[0])? as i32, th.index_i64(args[1])? as i32);
    wait_for(th, pid, options)
}
fn wait(th: &mut Thread, _: &[Value]) -> R<Value> {
    wait_for(th, -1, 0)
}
fn waitstatus_to_exitcode(th: &mut Thread, args: &[Value]) -> R<Value> {
    let status = th.index_i64(args[0])? as i32;
    if libc::WIFEXITED(status) {
        return Ok(Value::small(libc::WEXITSTATUS(status) as i64));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(Value::small(-libc::WTERMSIG(status) as i64));
    }
    if libc::WIFSTOPPED(status) {
        let signal = libc::WSTOPSIG(status);
        return Err(th.value_error(format!("process stopped by delivery of signal {signal}")));
    }
    Err(th.value_error(format!("invalid wait status: {status}")))
}
fn status_test(th: &mut Thread, v: Value, f: impl Fn(i32) -> bool) -> R<Value> {
    let status = th.index_i64(v)? as i32;
    Ok(Value::bool(f(status)))
}
fn status_part(th: &mut Thread, v: Value, f: impl Fn(i32) -> i32) -> R<Value> {
    let status = th.index_i64(v)? as i32;
    Ok(Value::small(f(status) as i64))
}

fn system(th: &mut Thread, args: &[Value]) -> R<Value> {
    let command = path_arg(th, args[0], "system")?;
    let c = command.c_string(th)?;
    // SAFETY: a terminated string.
    let status = th.outside(true, || unsafe { libc::system(c.as_ptr()) })?;
    Ok(Value::small(status as i64))
}
fn nice(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.index_i64(args[0])? as i32;
    // SAFETY: a plain system call.
    let n = th.outside(false, || unsafe { libc::nice(n) })?;
    Ok(Value::small(n as i64))
}
fn getpgid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let pid = th.index_i64(args[0])? as i32;
    // SAFETY: a plain query.
    let n = call(th, false, Value::NULL, || unsafe { libc::getpgid(pid) }
        as i64)?;
    Ok(Value::small(n))
}
fn setpgid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (pid, group) = (th.index_i64(args[0])? as i32, th.index_i64(args[1])? as i32);
    // SAFETY: a plain system call.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::setpgid(pid, group) } as i64,
    )?;
    Ok(Value::NONE)
}
fn getsid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let pid = th.index_i64(args[0])? as i32;
    // SAFETY: a plain query.
    let n = call(th, false, Value::NULL, || unsafe { libc::getsid(pid) }
        as i64)?;
    Ok(Value::small(n))
}
fn getpriority(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (which, who) = (th.index_i64(args[0])?, int_or(th, args[1], 0)?);
    // SAFETY: a plain query.
    let n = unsafe { libc::getpriority(which as _, who as libc::id_t) };
    Ok(Value::small(n as i64))
}
fn times(th: &mut Thread, _: &[Value]) -> R<Value> {
    // SAFETY: fills a local structure.
    let (elapsed, t, ticks) = unsafe {
        let mut t: libc::tms = std::mem::zeroed();
        (
            libc::times(&mut t),
            t,
            libc::sysconf(libc::_SC_CLK_TCK) as f64,
        )
    };
    let f = |n: libc::clock_t| Value::float(n as f64 / ticks);
    let Some(class) = th.rt.state.get("os.times_result").as_class() else {
        unreachable!("made with the module")
    };
    let values = [
        f(t.tms_utime),
        f(t.tms_stime),
        f(t.tms_cutime),
        f(t.tms_cstime),
        f(elapsed),
    ];
    struct_seq(th, class, &values)
}
fn sched_yield(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.outside(true, std::thread::yield_now)?;
    Ok(Value::NONE)
}
fn sched_getaffinity(th: &mut Thread, args: &[Value]) -> R<Value> {
    let pid = th.index_i64(args[0])? as i32;
    // SAFETY: all-zero is a valid value.
    let mut cpus: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    call(th, false, Value::NULL, || {
        // SAFETY: fills a local structure of the given size.
        unsafe { libc::sched_getaffinity(pid, size_of::<libc::cpu_set_t>(), &mut cpus) as i64 }
    })?;
    let items: Vec<Value> = (0..libc::CPU_SETSIZE as usize)
        // SAFETY: within the set's size.
        .filter(|i| unsafe { libc::CPU_ISSET(*i, &cpus) })
        .map(|i| Value::small(i as i64))
        .collect();
    let items = th.tuple_value(&items);
    let class = th.rt.types().set.value();
    th.call(class, &[items])
}
fn cpu_count(_: &mut Thread, _: &[Value]) -> R<Value> {
    // SAFETY: a plain query.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    Ok(if n < 1 { Value::NONE } else { Value::small(n) })
}
