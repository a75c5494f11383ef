//! `_posixsubprocess`: starting a program in a child process, for `subprocess`.

use std::ffi::CString;

use super::int_or;
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::path::path_arg;
use crate::objects::define::Module;

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_posixsubprocess");
    th.functions(
        module,
        &[(
            "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
            fork_exec,
        )],
    );
    Ok(module)
}

/// All that the child needs, made before the fork: after it nothing may be allocated.
struct Child {
    executables: Vec<CString>,
    argv: Vec<*const libc::c_char>,
    env: Option<Vec<*const libc::c_char>>,
    cwd: Option<CString>,
    keep: Vec<i32>,
    close_fds: bool,
    /// What becomes 0, 1 and 2; -1 for what stays.
    std_fds: [i32; 3],
    errpipe: i32,
    restore_signals: bool,
    setsid: bool,
    pgid: i32,
    umask: i32,
    gid: Option<u32>,
    uid: Option<u32>,
}

fn strings(th: &mut Thread, v: Value) -> R<Vec<CString>> {
    let mut out = vec![];
    for item in th.collect_items(v)? {
        let path = path_arg(th, item, "fork_exec")?;
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

fn fork_exec(th: &mut Thread, args: &[Value]) -> R<Value> {
    if !args[21].is_none() {
        return Err(th.runtime_error(
            "preexec_fn is not supported: the child of a program with threads cannot run Python",
        ));
    }
    let argv = strings(th, args[0])?;
    let executables = strings(th, args[1])?;
    let env = if args[5].is_none() {
        None
    } else {
        Some(strings(th, args[5])?)
    };
    let cwd = if args[4].is_none() {
        None
    } else {
        let path = path_arg(th, args[4], "fork_exec")?;
        Some(path.c_string(th)?)
    };
    let mut keep = vec![];
    for v in th.collect_items(args[3])? {
        keep.push(th.index_i64(v)? as i32);
    }
    let mut number = |i: usize| -> R<i32> { Ok(int_or(th, args[i], -1)? as i32) };
    let (p2cread, c2pwrite, errwrite, errpipe) = (number(6)?, number(9)?, number(11)?, number(13)?);
    let (pgid, umask) = (number(16)?, number(20)?);
    let id = |th: &mut Thread, v: Value| -> R<Option<u32>> {
        if v.is_none() {
            Ok(None)
        } else {
            Ok(Some(th.index_i64(v)? as u32))
        }
    };
    let child = Child {
        argv: pointers(&argv),
        env: env.as_deref().map(pointers),
        executables,
        cwd,
        keep,
        close_fds: th.truth(args[2])?,
        std_fds: [p2cread, c2pwrite, errwrite],
        errpipe,
        restore_signals: th.truth(args[14])?,
        setsid: th.truth(args[15])?,
        pgid,
        umask,
        gid: id(th, args[17])?,
        uid: id(th, args[19])?,
    };
    let pid = super::call(th, true, Value::NULL, || {
        // SAFETY: the child calls only async-signal-safe functions until it is replaced or exits. All signals are held back over the
        // fork, so that no handler of ours runs in the child.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut old: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut old);
            let pid = libc::fork();
            if pid == 0 {
                run_child(&child, &old)
            }
            let errno = *libc::__errno_location();
            libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut());
            *libc::__errno_location() = errno;
            pid as i64
        }
    })?;
    drop((argv, env));
    Ok(Value::small(pid))
}

/// In the child: sets everything up and becomes the program; what fails is told through the error pipe as `subprocess` reads it.
///
/// # Safety
/// Only in a fresh child process.
unsafe fn run_child(c: &Child, mask: &libc::sigset_t) -> ! {
    // SAFETY: async-signal-safe calls with arguments made before the fork.
    unsafe {
        let mut stage = "noexec";
        if prepare(c, mask, &mut stage) {
            stage = "";
            let mut saved = 0;
            for program in &c.executables {
                match &c.env {
                    Some(env) => libc::execve(program.as_ptr(), c.argv.as_ptr(), env.as_ptr()),
                    None => libc::execv(program.as_ptr(), c.argv.as_ptr()),
                };
                let errno = *libc::__errno_location();
                if errno != libc::ENOENT && errno != libc::ENOTDIR && saved == 0 {
                    saved = errno;
                }
            }
            if saved != 0 {
                *libc::__errno_location() = saved;
            }
        }
        let mut text = [0u8; 64];
        let n = error_text(&mut text, *libc::__errno_location(), stage);
        libc::write(c.errpipe, text.as_ptr() as *const libc::c_void, n);
        libc::_exit(255)
    }
}

/// `OSError:<errno in hex>:<stage>`, without allocating.
fn error_text(out: &mut [u8; 64], errno: i32, stage: &str) -> usize {
    let mut n = 0;
    let mut put = |bytes: &[u8]| {
        out[n..n + bytes.len()].copy_from_slice(bytes);
        n += bytes.len();
    };
    put(b"OSError:");
    let digits = b"0123456789ABCDEF";
    let mut started = false;
    for shift in (0..8).rev() {
        let digit = (errno as u32 >> (shift * 4)) as usize & 15;
        started |= digit != 0 || shift == 0;
        if started {
            put(&digits[digit..digit + 1]);
        }
    }
    put(b":");
    put(stage.as_bytes());
    n
}

/// # Safety
/// Only in a fresh child process.
unsafe fn prepare(c: &Child, mask: &libc::sigset_t, stage: &mut &'static str) -> bool {
    // SAFETY: async-signal-safe calls.
    unsafe {
        // Descriptors that must survive move out of the way of 0, 1 and 2.
        let mut fds = c.std_fds;
        for (i, fd) in fds.iter_mut().enumerate() {
            if *fd >= 0 && *fd < i as i32 {
                *fd = libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 3);
                if *fd < 0 {
                    return false;
                }
            }
        }
        for (i, &fd) in fds.iter().enumerate() {
            let i = i as i32;
            if fd == i {
                let flags = libc::fcntl(fd, libc::F_GETFD);
                if libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC) < 0 {
                    return false;
                }
            } else if fd >= 0 && libc::dup2(fd, i) < 0 {
                return false;
            }
        }
        for &fd in &c.keep {
            if fd != c.errpipe {
                let flags = libc::fcntl(fd, libc::F_GETFD);
                libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC);
            }
        }
        if let Some(cwd) = &c.cwd
            && libc::chdir(cwd.as_ptr()) < 0
        {
            *stage = "noexec:chdir";
            return false;
        }
        if c.umask >= 0 {
            libc::umask(c.umask as libc::mode_t);
        }
        if c.restore_signals {
            for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
        if c.setsid {
            libc::setsid();
        }
        if c.pgid >= 0 && libc::setpgid(0, c.pgid) < 0 {
            return false;
        }
        if let Some(gid) = c.gid
            && libc::setregid(gid, gid) < 0
        {
            return false;
        }
        if let Some(uid) = c.uid
            && libc::setreuid(uid, uid) < 0
        {
            return false;
        }
        if c.close_fds {
            let highest = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 65536) as i32;
            // What is to be closed lies between those to be kept, which are sorted.
            let mut from = 3u32;
            for &fd in &c.keep {
                if fd as u32 > from {
                    close_range(from, fd as u32 - 1, highest);
                }
                from = from.max(fd as u32 + 1);
            }
            close_range(from, u32::MAX, highest);
        }
        true
    }
}

/// # Safety
/// Only in a fresh child process.
unsafe fn close_range(from: u32, to: u32, highest: i32) {
    // SAFETY: closes descriptors that the new program shall not have. Marking rather than closing keeps the error pipe usable.
    unsafe {
        const CLOEXEC: u32 = 4;
        if libc::syscall(libc::SYS_close_range, from, to, CLOEXEC) < 0 {
            for fd in from as i32..=(to.min(highest as u32) as i32) {
                let flags = libc::fcntl(fd, libc::F_GETFD);
                if flags >= 0 {
                    libc::fcntl(fd, libc::F_SETFD, flags | libc::FD_CLOEXEC);
                }
            }
        }
    }
}
