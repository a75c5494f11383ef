//! File descriptors.

use std::io;

use super::{call, dir_fd, flag_or, int_or, set};
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::{fs_decode, path_arg};
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::define::Module;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            ("open(path, flags, mode=511, *, dir_fd=None)", open),
            ("close(fd)", close),
            ("closerange(fd_low, fd_high, /)", closerange),
            ("read(fd, length, /)", read),
            ("write(fd, data, /)", write),
            ("pread(fd, length, offset, /)", pread),
            ("pwrite(fd, data, offset, /)", pwrite),
            ("lseek(fd, position, how, /)", lseek),
            ("dup(fd, /)", dup),
            ("dup2(fd, fd2, inheritable=True)", dup2),
            ("pipe()", pipe),
            ("pipe2(flags, /)", pipe2),
            ("isatty(fd, /)", isatty),
            ("ttyname(fd, /)", ttyname),
            ("ftruncate(fd, length, /)", ftruncate),
            ("fsync(fd)", fsync),
            ("fdatasync(fd)", fsync),
            ("get_inheritable(fd, /)", get_inheritable),
            ("set_inheritable(fd, inheritable, /)", set_inheritable),
            ("get_blocking(fd, /)", get_blocking),
            ("set_blocking(fd, blocking, /)", set_blocking),
            ("get_terminal_size(fd=1, /)", get_terminal_size),
            ("sendfile(out_fd, in_fd, offset, count)", sendfile),
            ("device_encoding(fd)", device_encoding),
            ("openpty()", openpty),
        ],
    );
    let class = struct_type(
        th,
        StructSeq {
            name: "os.terminal_size",
            fields: &["columns", "lines"],
            visible: 2,
        },
        true,
    );
    th.set_state("os.terminal_size", class.value());
    let made = set(th, module.dict(), "terminal_size", class.value());
    debug_assert!(made.is_ok());
}

fn fd_arg(th: &mut Thread, v: Value) -> R<i32> {
    Ok(th.index_i64(v)? as i32)
}

fn open(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "open")?;
    let flags = th.index_i64(args[1])? as i32 | libc::O_CLOEXEC;
    let mode = int_or(th, args[2], 0o777)? as libc::mode_t;
    let dir = dir_fd(th, args[3])?;
    let c = path.c_string(th)?;
    let fd = call(th, true, path.value, || {
        // SAFETY: a terminated path.
        unsafe { libc::openat(dir, c.as_ptr(), flags, mode) as i64 }
    })?;
    Ok(Value::small(fd))
}
fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    // Not again after EINTR: the descriptor is gone then.
    let result = th.outside(true, || {
        // SAFETY: a plain system call.
        if unsafe { libc::close(fd) } < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    })?;
    match result {
        Err(e) if e.raw_os_error() != Some(libc::EINTR) => Err(th.io_error(&e, Value::NULL)),
        _ => Ok(Value::NONE),
    }
}
fn closerange(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (low, high) = (fd_arg(th, args[0])?, fd_arg(th, args[1])?);
    th.outside(false, || {
        for fd in low..high {
            // SAFETY: a plain system call; that some are not open is expected.
            unsafe { libc::close(fd) };
        }
    })?;
    Ok(Value::NONE)
}

fn length_arg(th: &mut Thread, v: Value) -> R<usize> {
    let n = th.index_i64(v)?;
    if n < 0 {
        return Err(th.os_error(libc::EINVAL, Value::NULL));
    }
    Ok((n as usize).min(isize::MAX as usize >> 1))
}
fn read_with(th: &mut Thread, n: usize, f: impl Fn(*mut libc::c_void, usize) -> isize) -> R<Value> {
    th.check_room(n)?;
    let mut buf: Vec<u8> = vec![0; n];
    let got = call(th, true, Value::NULL, || {
        f(buf.as_mut_ptr() as *mut libc::c_void, n) as i64
    })?;
    Ok(th.bytes(&buf[..got as usize]).value())
}
fn read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (fd, n) = (fd_arg(th, args[0])?, length_arg(th, args[1])?);
    // SAFETY: the buffer has room for `n` bytes.
    read_with(th, n, |p, n| unsafe { libc::read(fd, p, n) })
}
fn pread(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (fd, n, at) = (
        fd_arg(th, args[0])?,
        length_arg(th, args[1])?,
        th.index_i64(args[2])?,
    );
    // SAFETY: the buffer has room for `n` bytes.
    read_with(th, n, |p, n| unsafe { libc::pread(fd, p, n, at) })
}
fn write(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    let data = th.bytes_like(args[1])?;
    let n = call(th, true, Value::NULL, || {
        // SAFETY: the slice is readable for its length.
        unsafe { libc::write(fd, data.as_ptr() as *const libc::c_void, data.len()) as i64 }
    })?;
    Ok(th.int(n))
}
fn pwrite(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    let data = th.bytes_like(args[1])?;
    let at = th.index_i64(args[2])?;
    let n = call(th, true, Value::NULL, || {
        // SAFETY: the slice is readable for its length.
        unsafe { libc::pwrite(fd, data.as_ptr() as *const libc::c_void, data.len(), at) as i64 }
    })?;
    Ok(th.int(n))
}
fn lseek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (fd, at, how) = (
        fd_arg(th, args[0])?,
        th.index_i64(args[1])?,
        th.index_i64(args[2])? as i32,
    );
    // SAFETY: a plain system call.
    let at = call(th, false, Value::NULL, || unsafe {
        libc::lseek(fd, at, how)
    })?;
    Ok(th.int(at))
}
fn dup(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    // SAFETY: a plain system call.
    let fd = call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64,
    )?;
    Ok(Value::small(fd))
}
fn dup2(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (from, to) = (fd_arg(th, args[0])?, fd_arg(th, args[1])?);
    let inheritable = flag_or(th, args[2], true)?;
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    let fd = call(th, false, Value::NULL, || {
        // SAFETY: plain system calls.
        unsafe {
            if inheritable || from == to {
                libc::dup2(from, to) as i64
            } else {
                libc::dup3(from, to, flags) as i64
            }
        }
    })?;
    Ok(Value::small(fd))
}
fn pipe_with(th: &mut Thread, flags: i32) -> R<Value> {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::pipe2(ends.as_mut_ptr(), flags) } as i64,
    )?;
    Ok(th.tuple_value(&ends.map(|fd| Value::small(fd as i64))))
}
fn pipe(th: &mut Thread, _: &[Value]) -> R<Value> {
    pipe_with(th, libc::O_CLOEXEC)
}
fn pipe2(th: &mut Thread, args: &[Value]) -> R<Value> {
    let flags = fd_arg(th, args[0])?;
    pipe_with(th, flags)
}
fn openpty(th: &mut Thread, _: &[Value]) -> R<Value> {
    let (mut master, mut slave) = (0, 0);
    let null = std::ptr::null_mut();
    // SAFETY: room for two descriptors; nothing else is asked for.
    call(th, false, Value::NULL, || unsafe {
        libc::openpty(
            &mut master,
            &mut slave,
            null,
            std::ptr::null(),
            std::ptr::null(),
        ) as i64
    })?;
    Ok(th.tuple_value(&[Value::small(master as i64), Value::small(slave as i64)]))
}
fn isatty(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    // SAFETY: a plain query.
    Ok(Value::bool(unsafe { libc::isatty(fd) } == 1))
}
fn ttyname(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    let mut buf = [0u8; 256];
    // SAFETY: the buffer's size is given.
    let rc = unsafe { libc::ttyname_r(fd, buf.as_mut_ptr() as *mut libc::c_char, buf.len()) };
    if rc != 0 {
        return Err(th.os_error(rc, Value::NULL));
    }
    let end = buf.iter().position(|b| *b == 0).unwrap_or(0);
    Ok(fs_decode(th, &buf[..end]))
}
fn ftruncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (fd, n) = (fd_arg(th, args[0])?, th.index_i64(args[1])?);
    // SAFETY: a plain system call.
    call(th, false, Value::NULL, || unsafe { libc::ftruncate(fd, n) }
        as i64)?;
    Ok(Value::NONE)
}
fn fsync(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = match th
        .special(args[0], crate::objects::special::Sp::Index)
        .is_null()
    {
        false => fd_arg(th, args[0])?,
        true => {
            let fd = th.call_method(args[0], "fileno", &[])?;
            fd_arg(th, fd)?
        }
    };
    // SAFETY: a plain system call.
    call(th, true, Value::NULL, || unsafe { libc::fsync(fd) } as i64)?;
    Ok(Value::NONE)
}

fn get_flags(th: &mut Thread, fd: i32, what: i32) -> R<i32> {
    // SAFETY: a plain query.
    Ok(
        call(th, false, Value::NULL, || unsafe { libc::fcntl(fd, what) }
            as i64)? as i32,
    )
}
fn set_flag(th: &mut Thread, fd: i32, get: i32, put: i32, bit: i32, on: bool) -> R<Value> {
    let flags = get_flags(th, fd, get)?;
    let flags = if on { flags | bit } else { flags & !bit };
    // SAFETY: a plain system call.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::fcntl(fd, put, flags) } as i64,
    )?;
    Ok(Value::NONE)
}
fn get_inheritable(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    Ok(Value::bool(
        get_flags(th, fd, libc::F_GETFD)? & libc::FD_CLOEXEC == 0,
    ))
}
fn set_inheritable(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    let on = th.truth(args[1])?;
    set_flag(th, fd, libc::F_GETFD, libc::F_SETFD, libc::FD_CLOEXEC, !on)
}
fn get_blocking(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    Ok(Value::bool(
        get_flags(th, fd, libc::F_GETFL)? & libc::O_NONBLOCK == 0,
    ))
}
fn set_blocking(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = fd_arg(th, args[0])?;
    let on = th.truth(args[1])?;
    set_flag(th, fd, libc::F_GETFL, libc::F_SETFL, libc::O_NONBLOCK, !on)
}

fn get_terminal_size(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = int_or(th, args[0], 1)? as i32;
    // SAFETY: all-zero is a valid value.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: fills a local structure.
    call(
        th,
        false,
        Value::NULL,
        || unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) } as i64,
    )?;
    let Some(class) = th.rt.state.get("os.terminal_size").as_class() else {
        unreachable!("made with the module")
    };
    struct_seq(
        th,
        class,
        &[
            Value::small(size.ws_col as i64),
            Value::small(size.ws_row as i64),
        ],
    )
}
fn sendfile(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (out, from) = (fd_arg(th, args[0])?, fd_arg(th, args[1])?);
    let count = length_arg(th, args[3])?;
    let mut offset = if args[2].is_none() {
        None
    } else {
        Some(th.index_i64(args[2])?)
    };
    let n = call(th, true, Value::NULL, || {
        let at = offset
            .as_mut()
            .map_or(std::ptr::null_mut(), |o| o as *mut i64);
        // SAFETY: the offset is a local, or not given.
        unsafe { libc::sendfile(out, from, at, count) as i64 }
    })?;
    Ok(th.int(n))
}
fn device_encoding(th: &mut Thread, args: &[Value]) -> R<Value> {
    let tty = isatty(th, args)?;
    Ok(if tty == Value::TRUE {
        th.str_value("utf-8")
    } else {
        Value::NONE
    })
}
