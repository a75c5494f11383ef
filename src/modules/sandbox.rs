//! What scripts that are not trusted may do outside the interpreter.
//!
//! Modules reach each other (`json.codecs.sys.modules['os']`), so that hiding some of them protects nothing. The protection is here, below
//! Python: **a function of a native module that touches the outside does so only if it was granted**, whoever has got hold of it.
//! - A native module is harmless, or has a [`Gate`]: the functions that are free, and what the others need. One that is neither is not to be had. `restrict` puts in place of the others objects that refuse, before any script sees the module.
//! - Names of files are resolved, links and `..` included, and lie in a granted folder ([`Thread::granted_path`]), or the call is refused: in
//!   `open`, in the functions of `posix` that take paths, where modules are loaded, where a traceback looks for a line.
//! - Numbers of descriptors mean the files of the whole process, so that no script names one: not `open(3)`, not `os.read`, not `socket(fileno=3)` unless
//!   the number came from `accept` or `detach` of its own.
//! - Code comes from the compiler alone: `marshal` reads none, and bytecode caches beside files are not looked at.
//!
//! Which modules a script may name in an `import` is a rule of its own ([`Thread::may_import`]), about what it can rely on; it holds nothing back that
//! another module hands out.

use std::collections::BTreeSet;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use parking_lot::Mutex;

use super::path::{PathArg, path_opt};
use crate::heap::{Fail, R, Ref, Thread, Tracer, Value};
use crate::library;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, NativeFunction, Payload, tuple_items};

/// Limits for scripts that are not trusted: no files, no sockets, no processes, no threads, no environment, unless granted.
///
/// Memory, time, work and output have limits of their own in the builder.
///
/// ```
/// use keelback::{Vm, embed::Sandbox};
/// let vm = Vm::builder().sandbox(Sandbox::new().modules(&["json", "math"])).build().unwrap();
/// vm.run("import json; assert json.loads('[1]') == [1]").unwrap();
/// assert!(vm.run("open('/etc/passwd')").is_err());
/// assert!(vm.run("import os").is_err());
/// assert!(vm.run("json.codecs.sys.modules['os'].fork()").is_err());
/// ```
#[derive(Debug, Default)]
pub struct Sandbox {
    modules: Option<BTreeSet<String>>,
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    /// Folders that modules come from.
    import: Vec<PathBuf>,
    sockets: bool,
    processes: bool,
    environment: bool,
    threads: usize,
    /// Descriptors that belong to a script though no object holds them: between `accept` and `socket(fileno=..)`.
    lent: Mutex<BTreeSet<i32>>,
}

impl Sandbox {
    /// Nothing is granted.
    pub fn new() -> Sandbox {
        Sandbox::default()
    }
    /// The modules that scripts may import (with their submodules, and modules of the builder's own besides), instead of all. What such a module
    /// imports itself, it gets.
    pub fn modules(mut self, names: &[&str]) -> Self {
        let known = self.modules.get_or_insert_default();
        known.extend(names.iter().map(|n| n.to_string()));
        self
    }
    /// Files in this folder, or this file, may be read.
    pub fn read(mut self, path: impl AsRef<Path>) -> Self {
        self.read.push(path.as_ref().to_path_buf());
        self
    }
    /// Files in this folder, or this file, may be read, written, made and removed. There should be no links in it that lead out: who can rename
    /// folders could put one in the way between the look at a path and its use. (`open` does not follow such a one.)
    pub fn write(mut self, path: impl AsRef<Path>) -> Self {
        self.write.push(path.as_ref().to_path_buf());
        self
    }
    /// Internet sockets, and pairs of connected ones.
    pub fn sockets(mut self) -> Self {
        self.sockets = true;
        self
    }
    /// Other programs may be started. They can do what this process can, and with this grant scripts can too: files, descriptors, signals. Which
    /// modules may be imported still holds.
    pub fn processes(mut self) -> Self {
        self.processes = true;
        self
    }
    /// The environment variables may be read.
    pub fn environment(mut self) -> Self {
        self.environment = true;
        self
    }
    /// So many threads of a script's own may run at once.
    pub fn threads(mut self, n: usize) -> Self {
        self.threads = n;
        self
    }

    /// How many threads scripts may have.
    pub(crate) fn max_threads(&self) -> usize {
        self.threads
    }

    /// Resolves the folders that were granted. `own` are modules of the builder's own, `path` the folders it finds modules in.
    ///
    /// # Errors
    /// The text says which folder does not exist.
    pub(crate) fn resolve<'a>(
        mut self,
        own: impl Iterator<Item = &'a str>,
        path: &[String],
    ) -> Result<Sandbox, String> {
        if let Some(modules) = &mut self.modules {
            modules.extend(own.map(str::to_string));
        }
        self.import = path.iter().map(PathBuf::from).collect();
        for folder in [&mut self.read, &mut self.write, &mut self.import]
            .into_iter()
            .flatten()
        {
            *folder = folder
                .canonicalize()
                .map_err(|e| format!("the sandbox grants {}: {e}", folder.display()))?;
        }
        Ok(self)
    }

    fn grants(&self, path: &Path, access: Access) -> bool {
        let within = |folders: &[PathBuf]| folders.iter().any(|f| path.starts_with(f));
        self.processes
            || within(&self.write)
            || (access != Access::Write && within(&self.read))
            || (access == Access::Import && within(&self.import))
    }

    fn has_files(&self) -> bool {
        self.processes || !self.read.is_empty() || !self.write.is_empty()
    }

    fn has(&self, need: Need) -> bool {
        self.processes
            || match need {
                Need::Nothing => true,
                Need::Files => self.has_files(),
                Need::Sockets => self.sockets,
                Need::Environment => self.environment,
                Need::Processes => false,
            }
    }
}

/// The file name of the embedding's own Python code.
pub const OUTPUT: &str = "<keelback/output>";

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    /// Read as source code.
    Import,
}

/// Whether a name means what its last link leads to, or the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    Followed,
    Itself,
}

/// What is to be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Nothing,
    Files,
    Sockets,
    Environment,
    Processes,
}

/// The functions of a native module.
struct Gate {
    module: &'static str,
    /// Functions that need something else than the rest.
    functions: &'static [(Need, &'static [&'static str])],
    rest: Need,
}

/// Native modules with nothing outside, but for what they ask through others.
const HARMLESS: &[&str] = &[
    "_ast",
    "_opcode",
    "_types",
    "_typing",
    "_weakref",
    "_collections",
    "_abc",
    "_bisect",
    "_blake2",
    "_codecs",
    "_contextvars",
    "_csv",
    "_functools",
    "_heapq",
    "_json",
    "_md5",
    "_operator",
    "_queue",
    "_random",
    "_sre",
    "_sha1",
    "_sha2",
    "_sha3",
    "_statistics",
    "_struct",
    "_string",
    "_imp",
    "_io",
    "_warnings",
    "_tokenize",
    "array",
    "atexit",
    "binascii",
    "cmath",
    "errno",
    "itertools",
    "math",
    "time",
    "transaction",
    "unicodedata",
    "zlib",
];

const GATES: &[Gate] = &[
    Gate {
        module: "posix",
        functions: &[
            (
                Need::Nothing,
                &[
                    "fspath",
                    "strerror",
                    "urandom",
                    "getrandom",
                    "uname",
                    "sysconf",
                    "confstr",
                    "getpid",
                    "getppid",
                    "getuid",
                    "geteuid",
                    "getgid",
                    "getegid",
                    "times",
                    "cpu_count",
                    "sched_yield",
                    "register_at_fork",
                    "waitstatus_to_exitcode",
                    "WIFEXITED",
                    "WIFSIGNALED",
                    "WIFSTOPPED",
                    "WIFCONTINUED",
                    "WCOREDUMP",
                    "WEXITSTATUS",
                    "WTERMSIG",
                    "WSTOPSIG",
                ],
            ),
            (Need::Files, &["getcwd", "getcwdb"]),
            (Need::Environment, &["_create_environ"]),
        ],
        rest: Need::Processes,
    },
    Gate {
        module: "_socket",
        functions: &[
            (
                Need::Nothing,
                &[
                    "htonl",
                    "htons",
                    "ntohl",
                    "ntohs",
                    "inet_aton",
                    "inet_ntoa",
                    "inet_pton",
                    "inet_ntop",
                    "getdefaulttimeout",
                    "CMSG_LEN",
                    "CMSG_SPACE",
                ],
            ),
            // They act on any descriptor, or on the whole process.
            (
                Need::Processes,
                &["close", "dup", "sethostname", "setdefaulttimeout"],
            ),
        ],
        rest: Need::Sockets,
    },
    Gate {
        module: "select",
        functions: &[],
        rest: Need::Sockets,
    },
    Gate {
        // What is reached from everywhere is what nobody was given.
        module: "gc",
        functions: &[(
            Need::Processes,
            &["get_objects", "get_referents", "get_referrers"],
        )],
        rest: Need::Nothing,
    },
    Gate {
        module: "_thread",
        functions: &[(Need::Processes, &["interrupt_main"])],
        rest: Need::Nothing,
    },
    Gate {
        module: "_signal",
        functions: &[(
            Need::Nothing,
            &[
                "strsignal",
                "valid_signals",
                "getsignal",
                "default_int_handler",
            ],
        )],
        rest: Need::Processes,
    },
    Gate {
        module: "marshal",
        functions: &[(Need::Nothing, &["dump", "dumps"])],
        rest: Need::Processes,
    },
    Gate {
        module: "_posixsubprocess",
        functions: &[],
        rest: Need::Processes,
    },
    Gate {
        module: "faulthandler",
        functions: &[],
        rest: Need::Processes,
    },
    Gate {
        module: "fcntl",
        functions: &[],
        rest: Need::Processes,
    },
];

/// Functions that the library looks for, and does without: they work on descriptors.
const ABSENT: &[(&str, &str)] = &[("posix", "sendfile")];

/// A function of `posix` whose parameters are paths.
struct PathFunction {
    name: &'static str,
    /// The parameters from the first on.
    paths: &'static [(&'static str, Access, Last)],
}

const PATH_FUNCTIONS: &[PathFunction] = {
    const fn one(
        name: &'static str,
        paths: &'static [(&'static str, Access, Last)],
    ) -> PathFunction {
        PathFunction { name, paths }
    }
    use Access::{Read, Write};
    use Last::{Followed, Itself};
    &[
        one("stat", &[("path", Read, Followed)]),
        one("lstat", &[("path", Read, Itself)]),
        one("access", &[("path", Read, Followed)]),
        one("listdir", &[("path", Read, Followed)]),
        one("scandir", &[("path", Read, Followed)]),
        one("readlink", &[("path", Read, Itself)]),
        one("_path_exists", &[("path", Read, Followed)]),
        one("_path_isdir", &[("s", Read, Followed)]),
        one("_path_isfile", &[("path", Read, Followed)]),
        one("mkdir", &[("path", Write, Itself)]),
        one("rmdir", &[("path", Write, Itself)]),
        one("unlink", &[("path", Write, Itself)]),
        one("remove", &[("path", Write, Itself)]),
        one("chmod", &[("path", Write, Followed)]),
        one("utime", &[("path", Write, Followed)]),
        one("truncate", &[("path", Write, Followed)]),
        one("rename", &[("src", Write, Itself), ("dst", Write, Itself)]),
        one("replace", &[("src", Write, Itself), ("dst", Write, Itself)]),
    ]
};

/// In place of a function that is not granted.
struct Refused {
    name: String,
}
impl Payload for Refused {}

/// In place of a function that takes paths: calls it if they are granted.
struct Checked {
    function: Value,
    what: &'static PathFunction,
}
impl Payload for Checked {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.function)
    }
}

/// Takes from a native module what is not granted. Before scripts see it.
///
/// # Errors
/// ImportError for a module that is not granted as a whole.
pub fn restrict(th: &mut Thread, name: &str, module: Ref<Module>) -> R<()> {
    let Some(sandbox) = th.sandbox().filter(|s| !s.has(Need::Processes)) else {
        return Ok(());
    };
    let Some(gate) = GATES.iter().find(|g| g.module == name) else {
        if HARMLESS.contains(&name) {
            return Ok(());
        }
        return Err(th.refused_module(name));
    };
    let dict = module.dict();
    for (key, v) in dict.items(th)? {
        let function = th.to_str(key)?.to_string();
        if v.cast::<NativeFunction>().is_none() && (name, &*function) != ("select", "epoll") {
            continue;
        }
        let path = PATH_FUNCTIONS
            .iter()
            .find(|p| name == "posix" && p.name == function);
        if let Some(what) = path {
            let checked = checked(th, v, what);
            dict.insert(th, key, checked)?;
            continue;
        }
        let named = gate.functions.iter().find(|g| g.1.contains(&&*function));
        let need = named.map_or(gate.rest, |g| g.0);
        if sandbox.has(need) {
            continue;
        }
        if ABSENT.contains(&(name, &function)) {
            dict.remove(th, key)?;
            continue;
        }
        let module = if name == "posix" { "os" } else { name };
        let refused = refused(th, &format!("{module}.{function}()"));
        dict.insert(th, key, refused)?;
    }
    if name == "posix" && !sandbox.has(Need::Environment) {
        let nothing = Dict::new(th);
        th.define(dict, "environ", nothing.value());
    }
    Ok(())
}

fn refused(th: &mut Thread, name: &str) -> Value {
    let class = match th.known_class::<Refused>() {
        Some(class) => class,
        None => th.new_type::<Refused>("keelback.refused_function", 0, |t| {
            t.method("__call__(self, /, *args, **kwargs)", |th, a| {
                let name = this::<Refused>(a[0]).name.clone();
                Err(th.refused(&name, Value::NULL))
            })
            .method("__repr__(self, /)", |th, a| {
                let text = format!("<{}, refused by the sandbox>", this::<Refused>(a[0]).name);
                Ok(th.str_value(&text))
            });
        }),
    };
    let name = name.to_string();
    th.new_native(class, Refused { name }).value()
}

fn checked(th: &mut Thread, function: Value, what: &'static PathFunction) -> Value {
    let class = match th.known_class::<Checked>() {
        Some(class) => class,
        None => th.new_type::<Checked>("keelback.checked_function", 0, |t| {
            t.method("__call__(self, /, *args, **kwargs)", call_checked)
                .method("__repr__(self, /)", |th, a| {
                    let name = this::<Checked>(a[0]).what.name;
                    Ok(th.str_value(&format!("<os.{name}(), within the sandbox>")))
                });
        }),
    };
    th.new_native(class, Checked { function, what }).value()
}

fn this<T: Payload>(v: Value) -> Ref<Native<T>> {
    v.native().expect("the receiver's class was checked")
}

fn call_checked(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mark = th.roots.len();
    let result = call_within(th, a);
    th.roots.truncate(mark);
    result
}

fn call_within(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (function, what) = {
        let this = this::<Checked>(a[0]);
        (this.function, this.what)
    };
    let mut args = tuple_items(a[1]).to_vec();
    // What is checked is what is used: an object may give another path when it is asked again.
    let keywords = match a[2].cast::<Dict>() {
        Some(dict) => dict.copy(th)?,
        None => Dict::new(th),
    };
    th.roots.push(keywords.value());
    for (key, v) in keywords.items(th)? {
        if th.to_str(key)?.to_string().ends_with("dir_fd") && !v.is_none() {
            return Err(th.refused(&format!("os.{}() with descriptors", what.name), Value::NULL));
        }
    }
    if what.name == "chmod" {
        let mode = match args.get(1) {
            Some(&mode) => mode,
            None => {
                let key = th.intern_value("mode");
                keywords.get_interned(th, key)?
            }
        };
        // A file of the script's must not run with the rights of whoever embeds it.
        if mode.as_int().is_none_or(|m| m & 0o6000 != 0) {
            return Err(th.refused("os.chmod() of this kind", Value::NULL));
        }
    }
    for (i, &(name, access, last)) in what.paths.iter().enumerate() {
        let key = th.intern_value(name);
        let given = match args.get(i) {
            Some(&v) => v,
            None => keywords.get_interned(th, key)?,
        };
        let path = if given.is_null() || given.is_none() {
            // The current folder, or an error that the function itself words.
            let here = th.str_value(".");
            path_opt(th, here)?
        } else {
            path_opt(th, given)?
        };
        let Some(path) = path else {
            return Err(th.refused(&format!("os.{}() of a descriptor", what.name), Value::NULL));
        };
        th.roots.push(path.value);
        match th.granted_path(&path, access, last) {
            Ok(_) => {}
            // What cannot be looked at is not there.
            Err(Fail::Raise) if what.name.starts_with("_path_") => {
                th.take_exc();
                return Ok(Value::FALSE);
            }
            Err(f) => return Err(f),
        }
        if given.is_null() || given.is_none() {
            continue;
        }
        match args.get_mut(i) {
            Some(slot) => *slot = path.value,
            None => keywords.insert_interned(th, key, path.value)?,
        }
    }
    th.call_ex(function, &args, keywords.value())
}

/// A path without links and `..`: of what exists of it, with the rest behind.
fn resolved(path: &Path, last: Last) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let whole = match last {
        Last::Followed => path.canonicalize().ok(),
        Last::Itself => None,
    };
    if whole.is_some() {
        return whole;
    }
    // Not there, or a link that leads nowhere, or not to be followed.
    let mut rest = vec![path.components().next_back()?];
    let mut front = path.parent();
    if !matches!(rest[0], Component::Normal(_)) {
        // `/`, or `..`: what comes before decides.
        return path.canonicalize().ok();
    }
    loop {
        let folder = front?;
        if let Ok(known) = folder.canonicalize() {
            return Some(rest.iter().rev().fold(known, |path, part| path.join(part)));
        }
        match folder.components().next_back()? {
            part @ Component::Normal(_) => rest.push(part),
            _ => return None,
        }
        front = folder.parent();
    }
}

impl Thread {
    /// The limits of the interpreter, if it has some.
    pub fn sandbox(&self) -> Option<&'static Sandbox> {
        self.rt.state.config().sandbox.as_deref()
    }

    /// PermissionError: `what` is not granted.
    #[cold]
    pub fn refused(&mut self, what: &str, file: Value) -> Fail {
        let class = self.rt.types().exceptions.permission_error;
        let (errno, text) = (
            Value::small(libc::EPERM as i64),
            self.str_value(&format!("the sandbox does not allow {what}")),
        );
        let made = if file.is_null() {
            self.call(class.value(), &[errno, text])
        } else {
            self.call(class.value(), &[errno, text, file])
        };
        match made {
            Ok(exc) => self.raise_value(exc),
            Err(f) => f,
        }
    }

    /// Where a path leads; `None` without a sandbox.
    ///
    /// # Errors
    /// PermissionError if that is not granted.
    pub fn granted_path(
        &mut self,
        path: &PathArg,
        access: Access,
        last: Last,
    ) -> R<Option<PathBuf>> {
        let Some(sandbox) = self.sandbox() else {
            return Ok(None);
        };
        if sandbox.processes {
            return Ok(None);
        }
        let given = Path::new(OsStr::from_bytes(&path.bytes));
        // Null bytes are an error that the function itself words.
        // A slash at the end follows the link before it.
        let last = if path.bytes.ends_with(b"/") {
            Last::Followed
        } else {
            last
        };
        let found = self.outside(false, || resolved(given, last))?;
        match found.filter(|p| sandbox.grants(p, access)) {
            Some(found) => Ok(Some(found)),
            None => {
                let what = match access {
                    Access::Read | Access::Import => "reading this path",
                    Access::Write => "writing this path",
                };
                Err(self.refused(what, path.value))
            }
        }
    }

    /// Whether this file, or folder, may be read as source code.
    pub fn may_load(&self, path: &Path) -> bool {
        match self.sandbox() {
            Some(sandbox) if !sandbox.processes => resolved(path, Last::Followed)
                .is_some_and(|found| sandbox.grants(&found, Access::Import)),
            _ => true,
        }
    }

    /// # Errors
    /// PermissionError if descriptors are not granted.
    pub fn granted_descriptor(&mut self, what: &str) -> R<()> {
        match self.sandbox() {
            Some(sandbox) if !sandbox.processes => Err(self.refused(what, Value::NULL)),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// PermissionError if sockets of this family are not granted; `pair` says that they are connected to each other.
    pub fn granted_socket(&mut self, family: i32, pair: bool) -> R<()> {
        let Some(sandbox) = self.sandbox() else {
            return Ok(());
        };
        let internet = family == libc::AF_INET || family == libc::AF_INET6;
        if sandbox.processes || (sandbox.sockets && (internet || pair)) {
            return Ok(());
        }
        let what = if sandbox.sockets {
            "sockets of this family"
        } else {
            "sockets"
        };
        Err(self.refused(what, Value::NULL))
    }

    /// A descriptor that the script may make a socket of.
    pub fn lend_descriptor(&self, fd: i32) {
        if let Some(sandbox) = self.sandbox() {
            sandbox.lent.lock().insert(fd);
        }
    }

    /// # Errors
    /// PermissionError if the descriptor was not lent.
    pub fn take_lent_descriptor(&mut self, fd: i32) -> R<()> {
        match self.sandbox() {
            Some(sandbox) if !sandbox.processes && !sandbox.lent.lock().remove(&fd) => {
                Err(self.refused("a socket of this descriptor", Value::NULL))
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// ValueError if a script gives its own code a file name of the library's: rules for the library go by it.
    pub fn may_name(&mut self, filename: &str) -> R<()> {
        if self.sandbox().is_some() && filename.starts_with(library::PREFIX) {
            return Err(self.value_error("the sandbox keeps this file name for the library"));
        }
        Ok(())
    }

    /// # Errors
    /// ImportError if a script asks for a module that it may not have.
    pub fn may_import(&mut self, name: &str) -> R<()> {
        let Some(modules) = self.sandbox().and_then(|s| s.modules.as_ref()) else {
            return Ok(());
        };
        let listed = name
            .match_indices('.')
            .map(|(i, _)| &name[..i])
            .chain([name])
            .any(|n| modules.contains(n));
        if listed || name == "__main__" {
            return Ok(());
        }
        // The library, and code of the interpreter's own.
        let own = match self.frame() {
            Some(frame) => {
                let file = &frame.code.unit.filename;
                file.starts_with(library::PREFIX) || file == OUTPUT
            }
            None => true,
        };
        if own {
            return Ok(());
        }
        Err(self.refused_module(name))
    }

    /// Whether what runs is a file of the library; true without a sandbox.
    pub fn is_library_code(&self, file: &str) -> bool {
        let name = self.frame().map(|f| &*f.code.unit.filename);
        self.sandbox().is_none()
            || name
                .and_then(|n| n.strip_prefix(library::PREFIX))
                .is_some_and(|n| n.strip_prefix('/') == Some(file))
    }

    #[cold]
    fn refused_module(&mut self, name: &str) -> Fail {
        let class = self.rt.types().exceptions.import_error;
        let message = format!("the sandbox does not allow importing '{name}'");
        self.import_failure(class, &message, name, Value::NONE)
    }
}

/// Opens a resolved path in which nothing has become a link since.
pub fn open_resolved(path: &CString, flags: i32, mode: u32) -> i32 {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: all-zero is a valid value.
        let mut how: libc::open_how = unsafe { std::mem::zeroed() };
        how.flags = flags as u64;
        how.mode = if flags & libc::O_CREAT != 0 {
            mode as u64
        } else {
            0
        };
        how.resolve = libc::RESOLVE_NO_SYMLINKS;
        // SAFETY: a terminated path, and a structure of the size that is said.
        let fd = unsafe {
            libc::syscall(
                libc::SYS_openat2,
                libc::AT_FDCWD,
                path.as_ptr(),
                &raw const how,
                size_of::<libc::open_how>(),
            )
        };
        let errno = std::io::Error::last_os_error().raw_os_error();
        if fd >= 0 || (errno != Some(libc::ENOSYS) && errno != Some(libc::EPERM)) {
            return fd as i32;
        }
    }
    // SAFETY: a terminated path.
    unsafe { libc::open(path.as_ptr(), flags | libc::O_NOFOLLOW, mode) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of users. The library does without: its paths may not begin with `~` then.
    const ABSENT: &[&str] = &["pwd", "grp"];

    #[test]
    fn every_native_module_has_a_rule() {
        for (name, _) in crate::modules::MODULES {
            let gated = GATES.iter().filter(|g| g.module == *name).count();
            let harmless = HARMLESS.iter().chain(ABSENT).filter(|h| *h == name).count();
            assert_eq!(gated + harmless, 1, "{name}");
        }
    }

    #[test]
    fn paths_are_resolved_as_far_as_they_exist() {
        let root = std::env::temp_dir().join(format!("keelback-resolve-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("in/deep")).unwrap();
        std::os::unix::fs::symlink("/etc", root.join("in/out")).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", root.join("in/lost")).unwrap();
        let root = root.canonicalize().unwrap();
        let at = |p: &str, last| resolved(&root.join(p), last);
        assert_eq!(at("in/deep", Last::Followed), Some(root.join("in/deep")));
        assert_eq!(
            at("in/deep/../new/er", Last::Followed),
            Some(root.join("in/new/er"))
        );
        assert_eq!(
            at("in/out/passwd", Last::Followed),
            Some("/etc/passwd".into())
        );
        assert_eq!(at("in/out/new", Last::Followed), Some("/etc/new".into()));
        assert_eq!(at("in/out", Last::Itself), Some(root.join("in/out")));
        assert_eq!(at("in/out", Last::Followed), Some("/etc".into()));
        assert_eq!(at("in/gone/../../x", Last::Followed), None);
        assert_eq!(at("in/gone/..", Last::Itself), None);
        assert_eq!(at("in/out/..", Last::Itself), Some("/".into()));
        assert_eq!(
            at("..", Last::Followed),
            root.parent().map(Path::to_path_buf)
        );
        // A link that leads nowhere stays itself: `open` does not follow it.
        assert_eq!(at("in/lost", Last::Followed), Some(root.join("in/lost")));
        let lost = CString::new(root.join("in/lost").as_os_str().as_bytes()).unwrap();
        assert!(open_resolved(&lost, libc::O_RDWR | libc::O_CREAT, 0o600) < 0);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
