//! Calls of the operating system that modules share: waiting with interruptions, errors, file descriptors from objects.

use std::io;

use crate::heap::{Fail, R, Thread, Value};
use crate::objects::special::Sp;

/// Raises the OSError of the last call of the C library.
#[cold]
pub(super) fn last_error(th: &mut Thread) -> Fail {
    error(th, io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// Raises the OSError for an error number.
#[cold]
pub(super) fn error(th: &mut Thread, errno: i32) -> Fail {
    let text = io::Error::from_raw_os_error(errno).to_string();
    let text = match text.rsplit_once(" (os error") {
        Some((text, _)) => text,
        None => &text,
    };
    let (errno, text) = (th.int(errno as i64), th.str_value(text));
    let class = th.rt.types().exceptions.os_error.value();
    match th.call(class, &[errno, text]) {
        Ok(e) => th.raise_value(e),
        Err(fail) => fail,
    }
}

/// Does a call that returns a negative number on failure, outside any block. It is done again if a signal interrupts it, after
/// Python's handlers have run.
pub(super) fn call<T: Copy + PartialOrd + Default>(
    th: &mut Thread,
    waits: bool,
    mut f: impl FnMut() -> T,
) -> R<T> {
    loop {
        let (result, errno) = th.outside(waits, || {
            let result = f();
            (result, io::Error::last_os_error().raw_os_error())
        })?;
        if result >= T::default() {
            return Ok(result);
        }
        if errno != Some(libc::EINTR) {
            return Err(error(th, errno.unwrap_or(0)));
        }
        th.run_signal_handlers()?;
    }
}

/// How long a wait may be deaf to the limits of an embedded interpreter, in milliseconds.
const SLICE: i32 = 20;

/// Waits by `wait(milliseconds)`, which gives 0 when that time is over: until then, or the deadline, as [`call`] does. Where there are limits
/// to look at, which no signal reports, in slices.
pub(super) fn wait(
    th: &mut Thread,
    deadline: Option<std::time::Instant>,
    mut wait: impl FnMut(i32) -> i32,
) -> R<i32> {
    loop {
        let left = millis_left(deadline);
        let sliced = th.is_guarded() && !(0..=SLICE).contains(&left);
        let n = call(th, left != 0, || {
            wait(if sliced { SLICE } else { millis_left(deadline) })
        })?;
        if n != 0 || !sliced {
            return Ok(n);
        }
        th.check_guard()?;
    }
}

/// Waits as [`wait`] does until one descriptor is ready; whether it is.
pub(super) fn wait_for(
    th: &mut Thread,
    fd: i32,
    events: i16,
    deadline: Option<std::time::Instant>,
) -> R<bool> {
    let mut p = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    let n = wait(th, deadline, |millis| {
        // SAFETY: one `pollfd`.
        unsafe { libc::poll(&mut p, 1, millis) }
    })?;
    Ok(n > 0)
}

/// A file descriptor: an int, or an object with `fileno()`.
pub(super) fn fd_of(th: &mut Thread, v: Value) -> R<i32> {
    let number = if th.special(v, Sp::Index).is_null() {
        let fileno = th.attr_opt(v, "fileno")?;
        if fileno.is_null() {
            return Err(th.type_error("argument must be an int, or have a fileno() method"));
        }
        let fd = th.call(fileno, &[])?;
        if th.as_bigint(fd).is_none() {
            return Err(th.type_error("fileno() returned a non-integer"));
        }
        fd
    } else {
        v
    };
    let fd = th.index_i64(number)?;
    if fd < 0 {
        return Err(th.value_error(format!(
            "file descriptor cannot be a negative integer ({fd})"
        )));
    }
    match i32::try_from(fd) {
        Ok(fd) => Ok(fd),
        Err(_) => Err(th.overflow_error("Python int too large to convert to C int")),
    }
}

/// Seconds of a timeout; nothing for None, null and (if `negative_waits`) negative numbers: wait for ever.
pub(super) fn timeout(th: &mut Thread, v: Value, negative_waits: bool) -> R<Option<f64>> {
    if v.is_null() || v.is_none() {
        return Ok(None);
    }
    let seconds = seconds(th, v)?;
    if seconds < 0.0 && negative_waits {
        return Ok(None);
    }
    Ok(Some(seconds))
}

/// A number of seconds.
pub(super) fn seconds(th: &mut Thread, v: Value) -> R<f64> {
    if let Some(f) = v.as_float() {
        return Ok(f);
    }
    if let Some(i) = v.as_int() {
        return Ok(i as f64);
    }
    let float = th.rt.types().float.value();
    let f = th.call(float, &[v])?;
    Ok(f.as_float().unwrap_or(0.0))
}

/// The time left until a deadline, in milliseconds rounded up; -1 for no deadline.
pub(super) fn millis_left(deadline: Option<std::time::Instant>) -> i32 {
    let Some(deadline) = deadline else {
        return -1;
    };
    let left = deadline.saturating_duration_since(std::time::Instant::now());
    let millis = left.as_nanos().div_ceil(1_000_000);
    i32::try_from(millis).unwrap_or(i32::MAX)
}

/// When `seconds` from now will be over.
pub(super) fn deadline(seconds: Option<f64>) -> Option<std::time::Instant> {
    let left = std::time::Duration::try_from_secs_f64(seconds?.max(0.0)).ok()?;
    std::time::Instant::now().checked_add(left)
}
