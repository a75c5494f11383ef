//! `posix`: the system calls behind `os`. Where to read what: `fs` (names), `stat` (attributes), `scandir`, `fd` (descriptors), `process`,
//! `system` (environment, identity, limits), `spawn` (`_posixsubprocess`).
//!
//! Every call is an effect on the outside world and goes through [`Thread::outside`].

mod fd;
mod fs;
mod process;
mod scandir;
pub mod spawn;
mod stat;
mod system;

use std::io;

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::{PathArg, path_opt};
use crate::objects::define::Module;
use crate::objects::dict::Dict;

macro_rules! constants {
    ($($name:ident)*) => {
        const CONSTANTS: &[(&str, i64)] = &[$((stringify!($name), libc::$name as i64)),*];
    };
}
constants! {
    F_OK R_OK W_OK X_OK O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREAT O_EXCL O_TRUNC O_NONBLOCK O_NDELAY O_NOCTTY O_SYNC O_DSYNC
    O_RSYNC O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NOATIME O_PATH O_TMPFILE O_ACCMODE O_ASYNC O_DIRECT O_LARGEFILE
    WNOHANG WUNTRACED WCONTINUED WEXITED WSTOPPED WNOWAIT P_ALL P_PID P_PGID P_PIDFD
    SEEK_DATA SEEK_HOLE F_LOCK F_TLOCK F_ULOCK F_TEST PRIO_PROCESS PRIO_PGRP PRIO_USER
    RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RTLD_DEEPBIND
    GRND_NONBLOCK GRND_RANDOM SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE
    CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED ST_RDONLY ST_NOSUID
    POSIX_FADV_NORMAL POSIX_FADV_SEQUENTIAL POSIX_FADV_RANDOM POSIX_FADV_NOREUSE POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED
}

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("posix");
    let dict = module.dict();
    for (name, v) in CONSTANTS {
        let v = th.int(*v);
        th.define(dict, name, v);
    }
    for (name, v) in [("NGROUPS_MAX", 65536), ("TMP_MAX", 238_328), ("EX_OK", 0)] {
        th.define(dict, name, Value::small(v));
    }
    // sysexits.h, in order from 64.
    let exits = [
        "USAGE",
        "DATAERR",
        "NOINPUT",
        "NOUSER",
        "NOHOST",
        "UNAVAILABLE",
        "SOFTWARE",
        "OSERR",
        "OSFILE",
        "CANTCREAT",
        "IOERR",
        "TEMPFAIL",
        "PROTOCOL",
        "NOPERM",
        "CONFIG",
    ];
    for (i, name) in exits.iter().enumerate() {
        th.define(dict, &format!("EX_{name}"), Value::small(64 + i as i64));
    }
    let have: Vec<Value> = [
        "HAVE_FTRUNCATE",
        "HAVE_LSTAT",
        "HAVE_FCHMOD",
        "HAVE_FCHDIR",
        "HAVE_FUTIMENS",
    ]
    .iter()
    .map(|n| th.str_value(n))
    .collect();
    let have = crate::objects::list::List::new(th, &have).value();
    th.define(dict, "_have_functions", have);
    let x = &th.rt.types().exceptions;
    th.define(dict, "error", x.os_error.value());
    stat::init(th, module);
    scandir::init(th, module);
    fs::init(th, module);
    fd::init(th, module);
    process::init(th, module);
    system::init(th, module)?;
    Ok(module)
}

/// The result of a system call that gives a negative number for failure.
fn check(result: i64) -> io::Result<i64> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Makes a system call, again if a signal interrupts it.
fn retry(th: &mut Thread, waits: bool, mut call: impl FnMut() -> i64) -> R<io::Result<i64>> {
    loop {
        let result = th.outside(waits, || check(call()))?;
        match result {
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => th.run_signal_handlers()?,
            other => return Ok(other),
        }
    }
}

/// Makes a system call; failure becomes OSError, about `file` unless that is null.
fn call(th: &mut Thread, waits: bool, file: Value, f: impl FnMut() -> i64) -> R<i64> {
    retry(th, waits, f)?.map_err(|e| th.io_error(&e, file))
}

/// A path, or an open descriptor.
enum Target {
    Path(PathArg),
    Fd(i32),
}

impl Target {
    fn value(&self) -> Value {
        match self {
            Target::Path(p) => p.value,
            Target::Fd(fd) => Value::small(*fd as i64),
        }
    }
}

/// An argument that names a file or is a descriptor.
fn target(th: &mut Thread, v: Value, function: &str) -> R<Target> {
    if let Some(path) = path_opt(th, v)? {
        return Ok(Target::Path(path));
    }
    if !th.special(v, crate::objects::special::Sp::Index).is_null() {
        return Ok(Target::Fd(th.index_i64(v)? as i32));
    }
    let name = th.type_name(v);
    Err(th.type_error(format!(
        "{function}: path should be string, bytes, os.PathLike or integer, not {name}"
    )))
}

/// A `dir_fd` argument.
fn dir_fd(th: &mut Thread, v: Value) -> R<i32> {
    if v.is_null() || v.is_none() {
        return Ok(libc::AT_FDCWD);
    }
    Ok(th.index_i64(v)? as i32)
}

fn int_or(th: &mut Thread, v: Value, default: i64) -> R<i64> {
    if v.is_null() || v.is_none() {
        Ok(default)
    } else {
        th.index_i64(v)
    }
}

fn flag_or(th: &mut Thread, v: Value, default: bool) -> R<bool> {
    if v.is_null() {
        Ok(default)
    } else {
        th.truth(v)
    }
}

fn set(th: &mut Thread, dict: Ref<Dict>, name: &str, v: Value) -> R<()> {
    let name = th.intern_value(name);
    dict.insert_interned(th, name, v)
}
