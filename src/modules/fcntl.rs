//! `fcntl`: flags and locks of open files.

use super::oscall;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;

fn int_or(th: &mut Thread, v: Value, default: i32) -> R<i32> {
    if v.is_null() {
        return Ok(default);
    }
    Ok(th.index_i64(v)? as i32)
}

/// A call of `fcntl` or `ioctl`, whose argument is a number, or bytes that the call may change.
fn control(
    th: &mut Thread,
    a: &[Value],
    f: impl Fn(i32, i64, *mut u8, Option<i32>) -> i32,
) -> R<Value> {
    let fd = oscall::fd_of(th, a[0])?;
    let request = th.index_i64(a[1])?;
    if a[2].is_null() || th.as_bigint(a[2]).is_some() {
        let number = int_or(th, a[2], 0)?;
        let result = oscall::call(th, false, || {
            f(fd, request, std::ptr::null_mut(), Some(number))
        })?;
        return Ok(th.int(result as i64));
    }
    let data = th.bytes_like(a[2])?;
    if data.len() > 1024 {
        return Err(th.value_error("fcntl argument 3 is too long"));
    }
    let mut room = [0u8; 1024 + 8];
    room[..data.len()].copy_from_slice(&data);
    oscall::call(th, false, || f(fd, request, room.as_mut_ptr(), None))?;
    th.new_bytes(&room[..data.len()])
}

fn fcntl(th: &mut Thread, a: &[Value]) -> R<Value> {
    control(th, a, |fd, request, pointer, number| {
        // SAFETY: a number, or room for what the request may write.
        unsafe {
            match number {
                Some(n) => libc::fcntl(fd, request as i32, n),
                None => libc::fcntl(fd, request as i32, pointer),
            }
        }
    })
}

fn ioctl(th: &mut Thread, a: &[Value]) -> R<Value> {
    control(th, a, |fd, request, pointer, number| {
        // SAFETY: as above.
        unsafe {
            match number {
                Some(n) => libc::ioctl(fd, request as libc::c_ulong as _, n),
                None => libc::ioctl(fd, request as libc::c_ulong as _, pointer),
            }
        }
    })
}

fn flock(th: &mut Thread, a: &[Value]) -> R<Value> {
    let fd = oscall::fd_of(th, a[0])?;
    let operation = th.index_i64(a[1])? as i32;
    // SAFETY: no pointers.
    oscall::call(th, true, || unsafe { libc::flock(fd, operation) })?;
    Ok(Value::NONE)
}

fn lockf(th: &mut Thread, a: &[Value]) -> R<Value> {
    let fd = oscall::fd_of(th, a[0])?;
    let operation = th.index_i64(a[1])? as i32;
    let kind = if operation & libc::LOCK_UN != 0 {
        libc::F_UNLCK
    } else if operation & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if operation & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(th.value_error("unrecognized lockf argument"));
    };
    let mut numbers = [0i64; 3];
    for (to, &v) in numbers.iter_mut().zip(&a[2..]) {
        if !v.is_null() {
            *to = th.index_i64(v)?;
        }
    }
    let [len, start, whence] = numbers;
    // SAFETY: all zeroes are a valid `flock`.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = whence as libc::c_short;
    lock.l_start = start;
    lock.l_len = len;
    let how = if operation & libc::LOCK_NB != 0 {
        libc::F_SETLK
    } else {
        libc::F_SETLKW
    };
    // SAFETY: the lock's description.
    oscall::call(th, true, || unsafe { libc::fcntl(fd, how, &lock) })?;
    Ok(Value::NONE)
}

macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK F_UNLCK FD_CLOEXEC
    F_GETPIPE_SZ F_SETPIPE_SZ LOCK_SH LOCK_EX LOCK_NB LOCK_UN TIOCGWINSZ FIONREAD
};

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("fcntl");
    for &(name, v) in CONSTANTS {
        let v = th.int(v);
        th.define(module.dict(), name, v);
    }
    th.functions(
        module,
        &[
            ("fcntl(fd, cmd, arg=0, /)", fcntl),
            ("ioctl(fd, request, arg=0, mutate_flag=True, /)", ioctl),
            ("flock(fd, operation, /)", flock),
            ("lockf(fd, cmd, len=0, start=0, whence=0, /)", lockf),
        ],
    );
    Ok(module)
}
