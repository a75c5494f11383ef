//! `stat` and its kin, times, permissions.

use std::ffi::CString;

use super::{Target, call, dir_fd, flag_or, int_or, target};
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::path_arg;
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::define::Module;
use crate::objects::native::tuple_items;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    let class = struct_type(
        th,
        StructSeq {
            name: "os.stat_result",
            fields: &[
                "st_mode",
                "st_ino",
                "st_dev",
                "st_nlink",
                "st_uid",
                "st_gid",
                "st_size",
                "_integer_atime",
                "_integer_mtime",
                "_integer_ctime",
                "st_atime",
                "st_mtime",
                "st_ctime",
                "st_atime_ns",
                "st_mtime_ns",
                "st_ctime_ns",
                "st_blksize",
                "st_blocks",
                "st_rdev",
            ],
            visible: 10,
        },
        true,
    );
    th.set_state("os.stat_result", class.value());
    th.define(module.dict(), "stat_result", class.value());
    let class = struct_type(
        th,
        StructSeq {
            name: "os.statvfs_result",
            fields: &[
                "f_bsize",
                "f_frsize",
                "f_blocks",
                "f_bfree",
                "f_bavail",
                "f_files",
                "f_ffree",
                "f_favail",
                "f_flag",
                "f_namemax",
            ],
            visible: 10,
        },
        true,
    );
    th.set_state("os.statvfs_result", class.value());
    th.define(module.dict(), "statvfs_result", class.value());
    th.functions(
        module,
        &[
            ("stat(path, *, dir_fd=None, follow_symlinks=True)", stat),
            ("lstat(path, *, dir_fd=None)", lstat),
            ("fstat(fd)", fstat),
            ("statvfs(path)", statvfs),
            ("fstatvfs(fd)", statvfs),
            (
                "access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
                access,
            ),
            (
                "chmod(path, mode, *, dir_fd=None, follow_symlinks=True)",
                chmod,
            ),
            ("fchmod(fd, mode)", chmod_fd),
            (
                "chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
                chown,
            ),
            ("fchown(fd, uid, gid)", fchown),
            ("lchown(path, uid, gid)", lchown),
            (
                "utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)",
                utime,
            ),
            ("umask(mask, /)", umask),
        ],
    );
}

/// An `os.stat_result`.
pub(super) fn result(th: &mut Thread, st: &libc::stat) -> R<Value> {
    let Some(class) = th.rt.state.get("os.stat_result").as_class() else {
        unreachable!("made with the module")
    };
    let time = |s: i64, ns: i64| Value::float(s as f64 + ns as f64 * 1e-9);
    let nanos =
        |th: &mut Thread, s: i64, ns: i64| th.big((s as i128 * 1_000_000_000 + ns as i128).into());
    let big = |th: &mut Thread, n: u64| th.big(n.into());
    let values = [
        Value::small(st.st_mode as i64),
        big(th, st.st_ino),
        big(th, st.st_dev),
        big(th, st.st_nlink as u64),
        Value::small(st.st_uid as i64),
        Value::small(st.st_gid as i64),
        th.int(st.st_size),
        th.int(st.st_atime),
        th.int(st.st_mtime),
        th.int(st.st_ctime),
        time(st.st_atime, st.st_atime_nsec),
        time(st.st_mtime, st.st_mtime_nsec),
        time(st.st_ctime, st.st_ctime_nsec),
        nanos(th, st.st_atime, st.st_atime_nsec),
        nanos(th, st.st_mtime, st.st_mtime_nsec),
        nanos(th, st.st_ctime, st.st_ctime_nsec),
        Value::small(st.st_blksize as i64),
        th.int(st.st_blocks),
        big(th, st.st_rdev),
    ];
    struct_seq(th, class, &values)
}

/// `fstatat(2)`, or `fstat(2)` for a descriptor.
pub(super) fn stat_of(th: &mut Thread, t: &Target, dir: i32, follow: bool) -> R<Value> {
    // SAFETY: all-zero is a valid value.
    let mut st: libc::stat = unsafe { std::mem::zeroed() };
    match t {
        Target::Fd(fd) => {
            // SAFETY: fills a local structure.
            call(
                th,
                false,
                Value::NULL,
                || unsafe { libc::fstat(*fd, &mut st) } as i64,
            )?;
        }
        Target::Path(path) => {
            let c: CString = path.c_string(th)?;
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            // SAFETY: a terminated path; fills a local structure.
            call(
                th,
                false,
                path.value,
                || unsafe { libc::fstatat(dir, c.as_ptr(), &mut st, flags) } as i64,
            )?;
        }
    }
    result(th, &st)
}

fn stat(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = target(th, args[0], "stat")?;
    let (dir, follow) = (dir_fd(th, args[1])?, flag_or(th, args[2], true)?);
    stat_of(th, &t, dir, follow)
}
fn lstat(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "lstat")?;
    let dir = dir_fd(th, args[1])?;
    stat_of(th, &Target::Path(path), dir, false)
}
fn fstat(th: &mut Thread, args: &[Value]) -> R<Value> {
    let fd = th.index_i64(args[0])? as i32;
    stat_of(th, &Target::Fd(fd), libc::AT_FDCWD, true)
}

fn statvfs(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = target(th, args[0], "statvfs")?;
    // SAFETY: all-zero is a valid value.
    let mut st: libc::statvfs = unsafe { std::mem::zeroed() };
    match &t {
        Target::Fd(fd) => {
            // SAFETY: fills a local structure.
            call(
                th,
                false,
                Value::NULL,
                || unsafe { libc::fstatvfs(*fd, &mut st) } as i64,
            )?;
        }
        Target::Path(path) => {
            let c = path.c_string(th)?;
            // SAFETY: a terminated path; fills a local structure.
            call(
                th,
                false,
                path.value,
                || unsafe { libc::statvfs(c.as_ptr(), &mut st) } as i64,
            )?;
        }
    }
    let values = [
        st.f_bsize,
        st.f_frsize,
        st.f_blocks,
        st.f_bfree,
        st.f_bavail,
        st.f_files,
        st.f_ffree,
        st.f_favail,
        st.f_flag,
        st.f_namemax,
    ]
    .map(|n| th.big(n.into()));
    let Some(class) = th.rt.state.get("os.statvfs_result").as_class() else {
        unreachable!("made with the module")
    };
    struct_seq(th, class, &values)
}

fn access(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = path_arg(th, args[0], "access")?;
    let mode = th.index_i64(args[1])? as i32;
    let dir = dir_fd(th, args[2])?;
    let mut flags = if flag_or(th, args[3], false)? {
        libc::AT_EACCESS
    } else {
        0
    };
    if !flag_or(th, args[4], true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    let c = path.c_string(th)?;
    // SAFETY: a terminated path.
    let rc = th.outside(false, || unsafe {
        libc::faccessat(dir, c.as_ptr(), mode, flags)
    })?;
    Ok(Value::bool(rc == 0))
}

fn chmod(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mode = th.index_i64(args[1])? as libc::mode_t;
    match target(th, args[0], "chmod")? {
        Target::Fd(fd) => {
            // SAFETY: a plain system call.
            call(th, false, Value::NULL, || unsafe { libc::fchmod(fd, mode) }
                as i64)?;
        }
        Target::Path(path) => {
            let dir = dir_fd(th, args.get(2).copied().unwrap_or(Value::NULL))?;
            let follow = flag_or(th, args.get(3).copied().unwrap_or(Value::NULL), true)?;
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            let c = path.c_string(th)?;
            // SAFETY: a terminated path.
            call(
                th,
                false,
                path.value,
                || unsafe { libc::fchmodat(dir, c.as_ptr(), mode, flags) } as i64,
            )?;
        }
    }
    Ok(Value::NONE)
}
fn chmod_fd(th: &mut Thread, args: &[Value]) -> R<Value> {
    chmod(th, args)
}

fn owner(th: &mut Thread, v: Value) -> R<u32> {
    Ok(th.index_i64(v)? as i32 as u32)
}
fn chown_at(th: &mut Thread, t: Target, uid: u32, gid: u32, dir: i32, follow: bool) -> R<Value> {
    match t {
        Target::Fd(fd) => {
            // SAFETY: a plain system call.
            call(
                th,
                false,
                Value::NULL,
                || unsafe { libc::fchown(fd, uid, gid) } as i64,
            )?;
        }
        Target::Path(path) => {
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            let c = path.c_string(th)?;
            // SAFETY: a terminated path.
            call(th, false, path.value, || unsafe {
                libc::fchownat(dir, c.as_ptr(), uid, gid, flags)
            } as i64)?;
        }
    }
    Ok(Value::NONE)
}
fn chown(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = target(th, args[0], "chown")?;
    let (uid, gid) = (owner(th, args[1])?, owner(th, args[2])?);
    let (dir, follow) = (dir_fd(th, args[3])?, flag_or(th, args[4], true)?);
    chown_at(th, t, uid, gid, dir, follow)
}
fn fchown(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = Target::Fd(th.index_i64(args[0])? as i32);
    let (uid, gid) = (owner(th, args[1])?, owner(th, args[2])?);
    chown_at(th, t, uid, gid, libc::AT_FDCWD, true)
}
fn lchown(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = target(th, args[0], "lchown")?;
    let (uid, gid) = (owner(th, args[1])?, owner(th, args[2])?);
    chown_at(th, t, uid, gid, libc::AT_FDCWD, false)
}

/// Seconds (int or float) as a time.
fn time_arg(th: &mut Thread, v: Value) -> R<libc::timespec> {
    if let Some(f) = v.as_float() {
        let whole = f.floor();
        return Ok(libc::timespec {
            tv_sec: whole as libc::time_t,
            tv_nsec: ((f - whole) * 1e9) as libc::c_long,
        });
    }
    Ok(libc::timespec {
        tv_sec: th.index_i64(v)?,
        tv_nsec: 0,
    })
}

fn utime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = target(th, args[0], "utime")?;
    let (times, ns) = (args[1], args[2]);
    let given = |v: Value| !v.is_null() && !v.is_none();
    if given(times) && given(ns) {
        return Err(th.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: libc::UTIME_NOW,
    };
    let pair = if given(times) {
        match *tuple_items(times) {
            [a, m] => [time_arg(th, a)?, time_arg(th, m)?],
            _ => {
                return Err(
                    th.type_error("utime: 'times' must be either a tuple of two ints or None")
                );
            }
        }
    } else if given(ns) {
        let [a, m] = *tuple_items(ns) else {
            return Err(th.type_error("utime: 'ns' must be a tuple of two ints"));
        };
        let split = |th: &mut Thread, v: Value| -> R<libc::timespec> {
            let n = th.index_i64(v)?;
            Ok(libc::timespec {
                tv_sec: n.div_euclid(1_000_000_000),
                tv_nsec: n.rem_euclid(1_000_000_000),
            })
        };
        [split(th, a)?, split(th, m)?]
    } else {
        [now, now]
    };
    let (dir, follow) = (dir_fd(th, args[3])?, flag_or(th, args[4], true)?);
    match t {
        Target::Fd(fd) => {
            // SAFETY: two times in a local array.
            call(
                th,
                false,
                Value::NULL,
                || unsafe { libc::futimens(fd, pair.as_ptr()) } as i64,
            )?;
        }
        Target::Path(path) => {
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            let c = path.c_string(th)?;
            // SAFETY: a terminated path and two times.
            call(th, false, path.value, || unsafe {
                libc::utimensat(dir, c.as_ptr(), pair.as_ptr(), flags)
            } as i64)?;
        }
    }
    Ok(Value::NONE)
}

fn umask(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mask = int_or(th, args[0], 0)? as libc::mode_t;
    // SAFETY: a plain system call.
    let old = th.outside(false, || unsafe { libc::umask(mask) })?;
    Ok(Value::small(old as i64))
}
