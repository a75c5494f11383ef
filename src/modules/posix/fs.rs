//! Names in the file system: making, removing, linking, moving.

use std::os::unix::ffi::OsStrExt as _;

use super::{Target, call, dir_fd, int_or, target};
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::{fs_decode, path_arg, path_opt};
use crate::objects::define::Module;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            ("getcwd()", getcwd),
            ("getcwdb()", getcwdb),
            ("chdir(path)", chdir),
            ("fchdir(fd)", chdir),
            ("mkdir(path, mode=511, *, dir_fd=None)", mkdir),
            ("rmdir(path, *, dir_fd=None)", rmdir),
            ("unlink(path, *, dir_fd=None)", unlink),
            ("remove(path, *, dir_fd=None)", unlink),
            (
                "rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
                rename,
            ),
            (
                "replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
                rename,
            ),
            (
                "link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)",
                link,
            ),
            (
                "symlink(src, dst, target_is_directory=False, *, dir_fd=None)",
                symlink,
            ),
            ("readlink(path, *, dir_fd=None)", readlink),
            ("truncate(path, length)", truncate),
            ("mkfifo(path, mode=438, *, dir_fd=None)", mkfifo),
            ("fspath(path)", fspath),
            ("sync()", |th, _| {
                // SAFETY: a plain system call.
                th.outside(true, || unsafe { libc::sync() })?;
                Ok(Value::NONE)
            }),
            ("chroot(path)", chroot),
            ("_path_exists(path)", |th, a| path_is(th, a[0], |_| true)),
            ("_path_isdir(s)", |th, a| {
                path_is(th, a[0], |m| m & libc::S_IFMT == libc::S_IFDIR)
            }),
            ("_path_isfile(path)", |th, a| {
                path_is(th, a[0], |m| m & libc::S_IFMT == libc::S_IFREG)
            }),
        ],
    );
}

fn cwd(th: &mut Thread) -> R<Vec<u8>> {
    match th.outside(false, std::env::current_dir)? {
        Ok(path) => Ok(path.as_os_str().as_bytes().to_vec()),
        Err(e) => Err(th.io_error(&e, Value::NULL)),
    }
}
fn getcwd(th: &mut Thread, _: &[Value]) -> R<Value> {
    let path = cwd(th)?;
    Ok(fs_decode(th, &path))
}
fn getcwdb(th: &mut Thread, _: &[Value]) -> R<Value> {
    let path = cwd(th)?;
    Ok(th.bytes(&path).value())
}

fn chdir(th: &mut Thread, args: &[Value]) -> R<Value> {
    match target(th, args[0], "chdir")? {
        Target::Fd(fd) => {
            // SAFETY: a plain system call.
            call(th, false, Value::NULL, || unsafe { libc::fchdir(fd) }
                as i64)?;
        }
        Target::Path(path) => {
            let c = path.c_string(th)?;
            // SAFETY: a terminated path.
            call(th, false, path.value, || unsafe { libc::chdir(c.as_ptr()) }
                as i64)?;
        }
    }
    Ok(Value::NONE)
}
fn chroot(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "chroot")?;
    let c = path.c_string(th)?;
    // SAFETY: a terminated path.
    call(
        th,
        false,
        path.value,
        || unsafe { libc::chroot(c.as_ptr()) } as i64,
    )?;
    Ok(Value::NONE)
}

fn mkdir(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "mkdir")?;
    let mode = int_or(th, args[1], 0o777)? as libc::mode_t;
    let dir = dir_fd(th, args[2])?;
    let c = path.c_string(th)?;
    // SAFETY: a terminated path.
    call(
        th,
        false,
        path.value,
        || unsafe { libc::mkdirat(dir, c.as_ptr(), mode) } as i64,
    )?;
    Ok(Value::NONE)
}
fn mkfifo(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "mkfifo")?;
    let mode = int_or(th, args[1], 0o666)? as libc::mode_t;
    let dir = dir_fd(th, args[2])?;
    let c = path.c_string(th)?;
    // SAFETY: a terminated path.
    call(
        th,
        false,
        path.value,
        || unsafe { libc::mkfifoat(dir, c.as_ptr(), mode) } as i64,
    )?;
    Ok(Value::NONE)
}
fn remove_at(th: &mut Thread, args: &[Value], name: &str, flags: i32) -> R<Value> {
    let path = path_arg(th, args[0], name)?;
    let dir = dir_fd(th, args[1])?;
    let c = path.c_string(th)?;
    // SAFETY: a terminated path.
    call(
        th,
        false,
        path.value,
        || unsafe { libc::unlinkat(dir, c.as_ptr(), flags) } as i64,
    )?;
    Ok(Value::NONE)
}
fn rmdir(th: &mut Thread, args: &[Value]) -> R<Value> {
    remove_at(th, args, "rmdir", libc::AT_REMOVEDIR)
}
fn unlink(th: &mut Thread, args: &[Value]) -> R<Value> {
    remove_at(th, args, "remove", 0)
}

/// A call about two names.
fn two_paths(
    th: &mut Thread,
    args: &[Value],
    name: &str,
    f: impl Fn(*const libc::c_char, *const libc::c_char) -> i32,
) -> R<Value> {
    let (from, to) = (path_arg(th, args[0], name)?, path_arg(th, args[1], name)?);
    let (a, b) = (from.c_string(th)?, to.c_string(th)?);
    match super::retry(th, false, || f(a.as_ptr(), b.as_ptr()) as i64)? {
        Ok(_) => Ok(Value::NONE),
        Err(e) => Err(th.errno_error(e.raw_os_error().unwrap_or(0), from.value, to.value)),
    }
}
fn rename(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (from, to) = (dir_fd(th, args[2])?, dir_fd(th, args[3])?);
    // SAFETY: terminated paths.
    two_paths(th, args, "rename", |a, b| unsafe {
        libc::renameat(from, a, to, b)
    })
}
fn link(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (from, to) = (dir_fd(th, args[2])?, dir_fd(th, args[3])?);
    let follow = super::flag_or(th, args[4], true)?;
    let flags = if follow { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: terminated paths.
    two_paths(th, args, "link", |a, b| unsafe {
        libc::linkat(from, a, to, b, flags)
    })
}
fn symlink(th: &mut Thread, args: &[Value]) -> R<Value> {
    let dir = dir_fd(th, args[3])?;
    // SAFETY: terminated paths.
    two_paths(th, args, "symlink", |a, b| unsafe {
        libc::symlinkat(a, dir, b)
    })
}

fn readlink(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "readlink")?;
    let dir = dir_fd(th, args[1])?;
    let c = path.c_string(th)?;
    let mut buf = vec![0u8; libc::PATH_MAX as usize + 1];
    let n = call(th, false, path.value, || {
        // SAFETY: a terminated path; the buffer's size is given.
        unsafe {
            libc::readlinkat(
                dir,
                c.as_ptr(),
                buf.as_mut_ptr() as *mut libc::c_char,
                buf.len(),
            ) as i64
        }
    })?;
    buf.truncate(n as usize);
    Ok(if path.is_bytes {
        th.bytes(&buf).value()
    } else {
        fs_decode(th, &buf)
    })
}

fn truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let length = th.index_i64(args[1])?;
    match target(th, args[0], "truncate")? {
        Target::Fd(fd) => {
            // SAFETY: a plain system call.
            call(
                th,
                false,
                Value::NULL,
                || unsafe { libc::ftruncate(fd, length) } as i64,
            )?;
        }
        Target::Path(path) => {
            let c = path.c_string(th)?;
            // SAFETY: a terminated path.
            call(
                th,
                false,
                path.value,
                || unsafe { libc::truncate(c.as_ptr(), length) } as i64,
            )?;
        }
    }
    Ok(Value::NONE)
}

fn fspath(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(path_arg(th, args[0], "fspath")?.value)
}

/// What `os.path.isdir` and its kin ask: any trouble means no.
fn path_is(th: &mut Thread, v: Value, test: impl Fn(u32) -> bool) -> R<Value> {
    let t = match path_opt(th, v)? {
        Some(path) => Target::Path(path),
        None => target(th, v, "stat")?,
    };
    // SAFETY: all-zero is a valid value.
    let mut st: libc::stat = unsafe { std::mem::zeroed() };
    let rc = match &t {
        // SAFETY: fills a local structure.
        Target::Fd(fd) => th.outside(false, || unsafe { libc::fstat(*fd, &mut st) })?,
        Target::Path(path) => match std::ffi::CString::new(path.bytes.clone()) {
            // SAFETY: a terminated path; fills a local structure.
            Ok(c) => th.outside(false, || unsafe { libc::stat(c.as_ptr(), &mut st) })?,
            Err(_) => -1,
        },
    };
    Ok(Value::bool(rc == 0 && test(st.st_mode)))
}
