//! `_posixsubprocess`: starting a program.
//!
//! Between `fork` and `exec` the child may do nothing but system calls, for other threads of the parent may have held any lock: all that
//! it needs is prepared before.

use std::ffi::CString;

use super::{oscall, path};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::string::Str;

/// What the child does before `exec`.
struct Plan {
    args: Vec<CString>,
    executables: Vec<CString>,
    environment: Option<Vec<CString>>,
    cwd: Option<CString>,
    close_fds: bool,
    /// Sorted.
    keep: Vec<i32>,
    /// Pairs of pipe ends: (read, write) for input, output, errors, and for reporting errors.
    pipes: [i32; 8],
    restore_signals: bool,
    new_session: bool,
    process_group: i32,
    gid: Option<libc::gid_t>,
    groups: Option<Vec<libc::gid_t>>,
    uid: Option<libc::uid_t>,
    umask: i32,
    preexec: Value,
}

fn c_strings(th: &mut Thread, v: Value) -> R<Vec<CString>> {
    let mut out = vec![];
    for item in th.collect_items(v)? {
        out.push(c_string(th, item)?);
    }
    Ok(out)
}

fn c_string(th: &mut Thread, v: Value) -> R<CString> {
    let bytes = match v.cast::<Str>() {
        Some(s) => path::fs_encode(th, s)?,
        None if th.is_bytes(v) => th.bytes_like(v)?.into_owned(),
        None => match path::path_arg(th, v, "fork_exec")? {
            p => return p.c_string(th),
        },
    };
    match CString::new(bytes) {
        Ok(s) => Ok(s),
        Err(_) => Err(th.value_error("embedded null byte")),
    }
}

fn optional_id(th: &mut Thread, v: Value) -> R<Option<u32>> {
    if v.is_none() {
        return Ok(None);
    }
    Ok(Some(th.index_i64(v)? as u32))
}

fn plan(th: &mut Thread, a: &[Value]) -> R<Plan> {
    let close_fds = th.truth(a[2])?;
    let mut keep = vec![];
    for fd in th.collect_items(a[3])? {
        let fd = th.index_i64(fd)? as i32;
        if fd < 0 || keep.last().is_some_and(|&last| last >= fd) {
            return Err(th.value_error("bad value(s) in fds_to_keep"));
        }
        keep.push(fd);
    }
    let mut pipes = [-1; 8];
    for (to, &v) in pipes.iter_mut().zip(&a[6..14]) {
        *to = th.index_i64(v)? as i32;
    }
    if close_fds && pipes[7] < 3 {
        return Err(th.value_error("errpipe_write must be >= 3"));
    }
    let groups = if a[18].is_none() {
        None
    } else {
        let mut groups = vec![];
        for v in th.collect_items(a[18])? {
            groups.push(th.index_i64(v)? as libc::gid_t);
        }
        Some(groups)
    };
    Ok(Plan {
        args: c_strings(th, a[0])?,
        executables: c_strings(th, a[1])?,
        environment: if a[5].is_none() {
            None
        } else {
            Some(c_strings(th, a[5])?)
        },
        cwd: if a[4].is_none() {
            None
        } else {
            Some(c_string(th, a[4])?)
        },
        close_fds,
        keep,
        pipes,
        restore_signals: th.truth(a[14])?,
        new_session: th.truth(a[15])?,
        process_group: th.index_i64(a[16])? as i32,
        gid: optional_id(th, a[17])?,
        groups,
        uid: optional_id(th, a[19])?,
        umask: th.index_i64(a[20])? as i32,
        preexec: a[21],
    })
}

/// The step at which a child failed; its number is what the parent is told, with the error.
type Step = Result<(), ()>;

fn check(result: i32) -> Step {
    if result < 0 { Err(()) } else { Ok(()) }
}

/// Makes `fd` stay open in the program that is to run.
fn inherit(fd: i32) -> Step {
    // SAFETY: no pointers.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFD);
        check(flags)?;
        check(libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC))
    }
}

fn close_range(first: i32, last: i32) {
    if first > last {
        return;
    }
    // SAFETY: no pointers. What is not open stays so.
    unsafe {
        if libc::syscall(libc::SYS_close_range, first, last, 0) < 0 {
            for fd in first..=last.min(65_535) {
                libc::close(fd);
            }
        }
    }
}

impl Plan {
    /// What happens in the child up to `exec`: system calls alone, nothing that allocates.
    fn prepare(&self) -> Step {
        let [
            p2cread,
            p2cwrite,
            c2pread,
            c2pwrite,
            errread,
            errwrite,
            errpipe_read,
            _,
        ] = self.pipes;
        for &fd in &self.keep {
            if fd != self.pipes[7] {
                inherit(fd)?;
            }
        }
        // SAFETY: no pointers but to what the plan holds.
        unsafe {
            for fd in [p2cwrite, c2pread, errread, errpipe_read] {
                if fd >= 0 {
                    libc::close(fd);
                }
            }
            // Ends that lie on the standard descriptors are moved away first.
            let mut c2pwrite = c2pwrite;
            let mut errwrite = errwrite;
            if c2pwrite == 0 {
                c2pwrite = libc::dup(c2pwrite);
                check(c2pwrite)?;
            }
            while (0..=1).contains(&errwrite) {
                errwrite = libc::dup(errwrite);
                check(errwrite)?;
            }
            for (from, to) in [(p2cread, 0), (c2pwrite, 1), (errwrite, 2)] {
                if from == to {
                    inherit(from)?;
                } else if from >= 0 {
                    check(libc::dup2(from, to))?;
                }
            }
            if let Some(cwd) = &self.cwd {
                check(libc::chdir(cwd.as_ptr()))?;
            }
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(signal, libc::SIG_DFL);
                }
            }
            if self.new_session {
                check(libc::setsid())?;
            }
            if self.process_group >= 0 {
                check(libc::setpgid(0, self.process_group))?;
            }
            if let Some(groups) = &self.groups {
                check(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(gid) = self.gid {
                check(libc::setregid(gid, gid))?;
            }
            if let Some(uid) = self.uid {
                check(libc::setreuid(uid, uid))?;
            }
        }
        Ok(())
    }

    fn close_others(&self) {
        if !self.close_fds {
            return;
        }
        let mut from = 3;
        for &fd in &self.keep {
            close_range(from, fd - 1);
            from = from.max(fd + 1);
        }
        close_range(from, i32::MAX);
    }

    /// Tries the executables in turn. Returns only if none of them runs; then `errno` says why.
    fn execute(&self, argv: &[*const libc::c_char], envp: Option<&[*const libc::c_char]>) {
        let mut saved = 0;
        for executable in &self.executables {
            // SAFETY: strings, and arrays of strings that end with null.
            unsafe {
                match envp {
                    Some(envp) => libc::execve(executable.as_ptr(), argv.as_ptr(), envp.as_ptr()),
                    None => libc::execv(executable.as_ptr(), argv.as_ptr()),
                };
                let errno = *libc::__errno_location();
                if errno != libc::ENOENT && errno != libc::ENOTDIR && saved == 0 {
                    saved = errno;
                }
            }
        }
        if saved != 0 {
            // SAFETY: the thread's own variable.
            unsafe { *libc::__errno_location() = saved };
        }
    }

    /// Tells the parent what went wrong: exception, error number in hexadecimal, and a text.
    fn report(&self, kind: &str, before_exec: bool) {
        // SAFETY: reads a variable of this thread, and writes bytes to a pipe.
        unsafe {
            let mut errno = *libc::__errno_location() as u32;
            let mut hex = [0u8; 8];
            let mut at = hex.len();
            while errno != 0 || at == hex.len() {
                at -= 1;
                hex[at] = b"0123456789ABCDEF"[(errno & 15) as usize];
                errno >>= 4;
            }
            let write = |bytes: &[u8]| {
                libc::write(self.pipes[7], bytes.as_ptr().cast(), bytes.len());
            };
            write(kind.as_bytes());
            write(b":");
            write(if kind == "OSError" { &hex[at..] } else { b"0" });
            write(b":");
            if before_exec {
                write(b"noexec");
            }
        }
    }
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    let mut all: Vec<_> = strings.iter().map(|s| s.as_ptr()).collect();
    all.push(std::ptr::null());
    all
}

fn fork_exec(th: &mut Thread, a: &[Value]) -> R<Value> {
    let plan = plan(th, a)?;
    let argv = pointers(&plan.args);
    let envp = plan.environment.as_deref().map(pointers);
    // Nothing is rolled back to before the fork, in either process.
    th.outside(false, || ())?;
    // SAFETY: the child makes system calls alone, unless it is to call Python code; that is as risky as in any other Python.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let child = |th: &mut Thread| {
            if plan.prepare().is_err() {
                return plan.report("OSError", true);
            }
            if !plan.preexec.is_none() && th.call(plan.preexec, &[]).is_err() {
                return plan.report("SubprocessError", true);
            }
            plan.close_others();
            plan.execute(&argv, envp.as_deref());
            plan.report("OSError", false)
        };
        child(th);
        // SAFETY: ends the child without what the parent has registered for its end.
        unsafe { libc::_exit(255) };
    }
    if pid < 0 {
        return Err(oscall::last_error(th));
    }
    Ok(th.int(pid as i64))
}

/// Makes the module.
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
