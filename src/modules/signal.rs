//! `_signal`: handlers, and the numbers. How signals reach Python is in `threads::signals`.

use std::io;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::Class;
use crate::objects::define::Module;
use crate::threads::signals::{self, COUNT, Disposition};

const SIGNALS: &[(&str, i32)] = &[
    ("SIGHUP", libc::SIGHUP),
    ("SIGINT", libc::SIGINT),
    ("SIGQUIT", libc::SIGQUIT),
    ("SIGILL", libc::SIGILL),
    ("SIGTRAP", libc::SIGTRAP),
    ("SIGABRT", libc::SIGABRT),
    ("SIGIOT", libc::SIGABRT),
    ("SIGBUS", libc::SIGBUS),
    ("SIGFPE", libc::SIGFPE),
    ("SIGKILL", libc::SIGKILL),
    ("SIGUSR1", libc::SIGUSR1),
    ("SIGSEGV", libc::SIGSEGV),
    ("SIGUSR2", libc::SIGUSR2),
    ("SIGPIPE", libc::SIGPIPE),
    ("SIGALRM", libc::SIGALRM),
    ("SIGTERM", libc::SIGTERM),
    ("SIGSTKFLT", libc::SIGSTKFLT),
    ("SIGCHLD", libc::SIGCHLD),
    ("SIGCLD", libc::SIGCHLD),
    ("SIGCONT", libc::SIGCONT),
    ("SIGSTOP", libc::SIGSTOP),
    ("SIGTSTP", libc::SIGTSTP),
    ("SIGTTIN", libc::SIGTTIN),
    ("SIGTTOU", libc::SIGTTOU),
    ("SIGURG", libc::SIGURG),
    ("SIGXCPU", libc::SIGXCPU),
    ("SIGXFSZ", libc::SIGXFSZ),
    ("SIGVTALRM", libc::SIGVTALRM),
    ("SIGPROF", libc::SIGPROF),
    ("SIGWINCH", libc::SIGWINCH),
    ("SIGIO", libc::SIGIO),
    ("SIGPOLL", libc::SIGIO),
    ("SIGPWR", libc::SIGPWR),
    ("SIGSYS", libc::SIGSYS),
    ("SIGRTMIN", 34),
    ("SIGRTMAX", 64),
];

const SIG_DFL: Value = Value::small(0);
const SIG_IGN: Value = Value::small(1);

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_signal");
    let dict = module.dict();
    th.functions(
        module,
        &[
            ("signal(signalnum, handler, /)", set_handler),
            ("getsignal(signalnum, /)", getsignal),
            (
                "default_int_handler(signalnum, frame, /)",
                default_int_handler,
            ),
            ("raise_signal(signalnum, /)", raise_signal),
            (
                "set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)",
                set_wakeup_fd,
            ),
            ("alarm(seconds, /)", alarm),
            ("setitimer(which, seconds, interval=0.0, /)", setitimer),
            ("getitimer(which, /)", getitimer),
            ("pause()", pause),
            ("strsignal(signalnum, /)", strsignal),
            ("valid_signals()", valid_signals),
            ("siginterrupt(signalnum, flag, /)", |_, _| Ok(Value::NONE)),
            ("pthread_kill(thread_id, signalnum, /)", pthread_kill),
            ("pthread_sigmask(how, mask, /)", pthread_sigmask),
            ("sigpending()", sigpending),
        ],
    );
    for (name, number) in SIGNALS {
        th.define(dict, name, Value::small(*number as i64));
    }
    for (name, number) in [
        ("SIG_DFL", 0),
        ("SIG_IGN", 1),
        ("NSIG", COUNT as i64),
        ("SIG_BLOCK", libc::SIG_BLOCK as i64),
        ("SIG_UNBLOCK", libc::SIG_UNBLOCK as i64),
        ("SIG_SETMASK", libc::SIG_SETMASK as i64),
        ("ITIMER_REAL", 0),
        ("ITIMER_VIRTUAL", 1),
        ("ITIMER_PROF", 2),
    ] {
        th.define(dict, name, Value::small(number));
    }
    let base: Ref<Class> = th.rt.types().exceptions.os_error;
    let error = crate::modules::new_exception(th, "signal.itimer_error", base);
    th.define(dict, "ItimerError", error.value());
    let key = th.intern_value("default_int_handler");
    let default = dict.get_interned(th, key)?;
    th.set_state("default_int_handler", default);
    let handlers = signals::handlers(th);
    for number in 1..COUNT {
        let v = match signals::disposition(number as i32) {
            Some(Disposition::Default) => SIG_DFL,
            Some(Disposition::Ignore) => SIG_IGN,
            Some(Disposition::Note) if number as i32 == libc::SIGINT => default,
            _ => Value::NONE,
        };
        let known = handlers.items(th)?[number];
        if known.is_none() {
            th.set_item(handlers.value(), Value::small(number as i64), v)?;
        }
    }
    Ok(module)
}

fn number(th: &mut Thread, v: Value) -> R<i32> {
    let n = th.index_i64(v)?;
    if n < 1 || n >= COUNT as i64 {
        return Err(th.value_error("signal number out of range"));
    }
    Ok(n as i32)
}

fn set_handler(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = number(th, args[0])?;
    if !th.vm.main {
        return Err(th.value_error("signal only works in main thread of the main interpreter"));
    }
    let handler = args[1];
    // `signal.Handlers` members are ints too.
    let number_of = th.as_bigint(handler).and_then(|i| i64::try_from(i).ok());
    let what = match number_of {
        Some(0) => Disposition::Default,
        Some(1) => Disposition::Ignore,
        _ if th.is_callable(handler) => Disposition::Note,
        _ => {
            return Err(th.type_error(
                "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
            ));
        }
    };
    th.run_signal_handlers()?;
    let list = signals::handlers(th);
    let old = list.items(th)?[n as usize];
    let result = th.outside(false, || signals::set_disposition(n, what))?;
    if let Err(e) = result {
        return Err(th.io_error(&e, Value::NULL));
    }
    th.set_item(list.value(), Value::small(n as i64), handler)?;
    Ok(old)
}

fn getsignal(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = number(th, args[0])?;
    let list = signals::handlers(th);
    Ok(list.items(th)?[n as usize])
}

fn default_int_handler(th: &mut Thread, _: &[Value]) -> R<Value> {
    let class = th.rt.types().exceptions.keyboard_interrupt;
    Err(th.raise_args(class, &[]))
}

fn raise_signal(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = number(th, args[0])?;
    let rc = th.outside(false, || {
        // SAFETY: a plain system call.
        unsafe { libc::raise(n) }
    })?;
    if rc < 0 {
        return Err(th.io_error(&io::Error::last_os_error(), Value::NULL));
    }
    th.run_signal_handlers()?;
    Ok(Value::NONE)
}

fn set_wakeup_fd(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = th.index_i64(args[0])? as i32;
    if !th.vm.main {
        return Err(
            th.value_error("set_wakeup_fd only works in main thread of the main interpreter")
        );
    }
    if fd >= 0 {
        // SAFETY: a plain query.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            return Err(th.value_error("invalid fd"));
        }
    }
    Ok(Value::small(signals::set_wakeup_fd(fd) as i64))
}

fn alarm(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.index_i64(args[0])?;
    let left = th.outside(false, || {
        // SAFETY: a plain system call.
        unsafe { libc::alarm(n as libc::c_uint) }
    })?;
    Ok(Value::small(left as i64))
}

fn timeval(seconds: f64) -> libc::timeval {
    libc::timeval {
        tv_sec: seconds.trunc() as libc::time_t,
        tv_usec: (seconds.fract() * 1e6).round() as libc::suseconds_t,
    }
}
fn float_arg(th: &mut Thread, v: Value) -> R<f64> {
    if v.is_null() {
        return Ok(0.0);
    }
    let class = th.rt.types().float.value();
    let f = th.call(class, &[v])?;
    Ok(f.as_float().unwrap_or(0.0))
}
fn timer_value(th: &mut Thread, t: &libc::itimerval) -> Value {
    let f = |t: &libc::timeval| Value::float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    th.tuple_value(&[f(&t.it_value), f(&t.it_interval)])
}

fn setitimer(th: &mut Thread, args: &[Value]) -> R<Value> {
    let which = th.index_i64(args[0])? as i32;
    let (seconds, interval) = (float_arg(th, args[1])?, float_arg(th, args[2])?);
    let new = libc::itimerval {
        it_interval: timeval(interval),
        it_value: timeval(seconds),
    };
    let (rc, old) = th.outside(false, || {
        // SAFETY: local structures.
        unsafe {
            let mut old: libc::itimerval = std::mem::zeroed();
            (
                libc::syscall(libc::SYS_setitimer, which, &raw const new, &raw mut old),
                old,
            )
        }
    })?;
    if rc < 0 {
        return Err(th.io_error(&io::Error::last_os_error(), Value::NULL));
    }
    Ok(timer_value(th, &old))
}
fn getitimer(th: &mut Thread, args: &[Value]) -> R<Value> {
    let which = th.index_i64(args[0])? as i32;
    // SAFETY: fills a local structure.
    let (rc, t) = unsafe {
        let mut t: libc::itimerval = std::mem::zeroed();
        (libc::syscall(libc::SYS_getitimer, which, &raw mut t), t)
    };
    if rc < 0 {
        return Err(th.io_error(&io::Error::last_os_error(), Value::NULL));
    }
    Ok(timer_value(th, &t))
}

fn pause(th: &mut Thread, _: &[Value]) -> R<Value> {
    if !signals::pending() {
        th.outside(true, || {
            // SAFETY: a plain system call.
            unsafe { libc::pause() }
        })?;
    }
    th.run_signal_handlers()?;
    Ok(Value::NONE)
}

fn strsignal(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = number(th, args[0])?;
    // SAFETY: the C library's text is terminated and copied at once.
    let text = unsafe {
        let p = libc::strsignal(n);
        if p.is_null() {
            None
        } else {
            Some(std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned())
        }
    };
    match text {
        Some(text) if !text.starts_with("Unknown") => Ok(th.str_value(&text)),
        _ => Ok(Value::NONE),
    }
}

fn set_of(th: &mut Thread, numbers: impl Iterator<Item = i32>) -> R<Value> {
    let items: Vec<Value> = numbers.map(|n| Value::small(n as i64)).collect();
    let items = th.tuple_value(&items);
    let class = th.rt.types().set.value();
    th.call(class, &[items])
}
fn valid_signals(th: &mut Thread, _: &[Value]) -> R<Value> {
    // Those that the C library keeps for itself are left out.
    set_of(th, (1..COUNT as i32).filter(|n| *n != 32 && *n != 33))
}

fn pthread_kill(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = number(th, args[1])?;
    // Thread identifiers are ours, not the system's; Python handlers run in the main thread anyway.
    let rc = th.outside(false, || {
        // SAFETY: a plain system call.
        unsafe { libc::kill(libc::getpid(), n) }
    })?;
    if rc < 0 {
        return Err(th.io_error(&io::Error::last_os_error(), Value::NULL));
    }
    th.run_signal_handlers()?;
    Ok(Value::NONE)
}

fn members(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: an initialised set.
    (1..COUNT as i32)
        .filter(|n| unsafe { libc::sigismember(set, *n) } == 1)
        .collect()
}
fn pthread_sigmask(th: &mut Thread, args: &[Value]) -> R<Value> {
    let how = th.index_i64(args[0])? as i32;
    let items = th.collect_items(args[1])?;
    let mut numbers = vec![];
    for v in items {
        numbers.push(number(th, v)?);
    }
    let (rc, old) = th.outside(false, || {
        // SAFETY: local sets.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            let mut old: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            for n in &numbers {
                libc::sigaddset(&mut set, *n);
            }
            (libc::pthread_sigmask(how, &set, &mut old), old)
        }
    })?;
    if rc != 0 {
        return Err(th.os_error(rc, Value::NULL));
    }
    th.run_signal_handlers()?;
    set_of(th, members(&old).into_iter())
}
fn sigpending(th: &mut Thread, _: &[Value]) -> R<Value> {
    // SAFETY: fills a local set.
    let set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigpending(&mut set);
        set
    };
    set_of(th, members(&set).into_iter())
}
