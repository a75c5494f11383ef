//! The environment, randomness, what the machine is.

use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::{call, set};
use crate::heap::{R, Ref, Thread, Value};
use crate::modules::errors::strerror;
use crate::modules::path::path_arg;
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::string::Str;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) -> R<()> {
    let dict = module.dict();
    let environ = environment(th)?;
    th.define(dict, "environ", environ);
    th.functions(
        module,
        &[
            ("putenv(name, value, /)", putenv),
            ("unsetenv(name, /)", unsetenv),
            ("_create_environ()", |th, _| environment(th)),
            ("urandom(size, /)", urandom),
            ("getrandom(size, flags=0)", urandom),
            ("strerror(code, /)", |th, a| {
                let n = th.index_i64(a[0])?;
                Ok(th.str_value(&strerror(n as i32)))
            }),
            ("uname()", uname),
            ("getlogin()", getlogin),
            ("getgroups()", getgroups),
            ("getloadavg()", getloadavg),
            ("sysconf(name, /)", sysconf),
            ("confstr(name, /)", |_, _| Ok(Value::NONE)),
            ("ctermid()", |th, _| Ok(th.str_value("/dev/tty"))),
        ],
    );
    let class = struct_type(
        th,
        StructSeq {
            name: "posix.uname_result",
            fields: &["sysname", "nodename", "release", "version", "machine"],
            visible: 5,
        },
        true,
    );
    th.set_state("os.uname_result", class.value());
    set(th, dict, "uname_result", class.value())?;
    let names = Dict::new(th);
    for (name, number) in SYSCONF {
        th.define(names, name, Value::small(*number as i64));
    }
    set(th, dict, "sysconf_names", names.value())?;
    for empty in ["pathconf_names", "confstr_names"] {
        let names = Dict::new(th).value();
        set(th, dict, empty, names)?;
    }
    Ok(())
}

const SYSCONF: &[(&str, i32)] = &[
    ("SC_ARG_MAX", libc::_SC_ARG_MAX),
    ("SC_CHILD_MAX", libc::_SC_CHILD_MAX),
    ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_NGROUPS_MAX", libc::_SC_NGROUPS_MAX),
    ("SC_OPEN_MAX", libc::_SC_OPEN_MAX),
    ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_PAGE_SIZE", libc::_SC_PAGESIZE),
    ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES),
    ("SC_AVPHYS_PAGES", libc::_SC_AVPHYS_PAGES),
    ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF),
    ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN),
    ("SC_IOV_MAX", libc::_SC_IOV_MAX),
];

/// The environment as `posix.environ` has it: a dict of bytes.
fn environment(th: &mut Thread) -> R<Value> {
    let dict = Dict::new(th);
    let vars: Vec<(Vec<u8>, Vec<u8>)> = std::env::vars_os()
        .map(|(k, v)| (k.into_vec(), v.into_vec()))
        .collect();
    for (k, v) in vars {
        let (k, v) = (th.bytes(&k).value(), th.bytes(&v).value());
        dict.insert(th, k, v)?;
    }
    Ok(dict.value())
}

fn putenv(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (name, value) = (
        path_arg(th, args[0], "putenv")?,
        path_arg(th, args[1], "putenv")?,
    );
    if name.bytes.is_empty() || name.bytes.contains(&b'=') {
        return Err(th.value_error("illegal environment variable name"));
    }
    if name.bytes.contains(&0) || value.bytes.contains(&0) {
        return Err(th.value_error("embedded null byte"));
    }
    th.outside(false, || {
        let (k, v) = (
            std::ffi::OsStr::from_bytes(&name.bytes),
            std::ffi::OsStr::from_bytes(&value.bytes),
        );
        // SAFETY: the environment is only read through the standard library, whose lock this takes too, and by the C library's
        // own functions, as in every program that calls setenv.
        unsafe { std::env::set_var(k, v) }
    })?;
    Ok(Value::NONE)
}
fn unsetenv(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = path_arg(th, args[0], "unsetenv")?;
    if name.bytes.is_empty() || name.bytes.contains(&b'=') || name.bytes.contains(&0) {
        return Err(th.os_error(libc::EINVAL, Value::NULL));
    }
    th.outside(false, || {
        // SAFETY: see `putenv`.
        unsafe { std::env::remove_var(std::ffi::OsStr::from_bytes(&name.bytes)) }
    })?;
    Ok(Value::NONE)
}

fn urandom(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.index_i64(args[0])?;
    if n < 0 {
        return Err(th.value_error("negative argument not allowed"));
    }
    th.check_room(n as usize)?;
    let mut buf = vec![0u8; n as usize];
    let mut done = 0;
    while done < buf.len() {
        let rest = &mut buf[done..];
        let got = call(th, false, Value::NULL, || {
            // SAFETY: the slice's length is given.
            unsafe { libc::getrandom(rest.as_mut_ptr() as *mut libc::c_void, rest.len(), 0) as i64 }
        })?;
        done += got as usize;
    }
    Ok(th.bytes(&buf).value())
}

fn uname(th: &mut Thread, _: &[Value]) -> R<Value> {
    // SAFETY: fills a local structure with terminated texts.
    let texts = unsafe {
        let mut u: libc::utsname = std::mem::zeroed();
        libc::uname(&mut u);
        [&u.sysname, &u.nodename, &u.release, &u.version, &u.machine].map(|t| {
            std::ffi::CStr::from_ptr(t.as_ptr())
                .to_string_lossy()
                .into_owned()
        })
    };
    let values = texts.map(|t| th.str_value(&t));
    let Some(class) = th.rt.state.get("os.uname_result").as_class() else {
        unreachable!("made with the module")
    };
    struct_seq(th, class, &values)
}

unsafe extern "C" {
    fn getlogin_r(name: *mut libc::c_char, size: usize) -> libc::c_int;
}

fn getlogin(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut buf = [0u8; 256];
    // SAFETY: the buffer's size is given.
    let rc = unsafe { getlogin_r(buf.as_mut_ptr() as *mut libc::c_char, buf.len()) };
    if rc != 0 {
        return Err(th.os_error(rc, Value::NULL));
    }
    let end = buf.iter().position(|b| *b == 0).unwrap_or(0);
    Ok(crate::modules::path::fs_decode(th, &buf[..end]))
}
fn getgroups(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut groups = vec![0; 1024];
    // SAFETY: room for as many groups as are said.
    let n = unsafe { libc::getgroups(groups.len() as i32, groups.as_mut_ptr()) };
    let items: Vec<Value> = groups[..n.max(0) as usize]
        .iter()
        .map(|g| Value::small(*g as i64))
        .collect();
    Ok(List::new(th, &items).value())
}
fn getloadavg(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut loads = [0f64; 3];
    // SAFETY: room for three numbers.
    if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
        let class = th.rt.types().exceptions.os_error;
        return Err(th.raise(class, "Load averages are unobtainable"));
    }
    Ok(th.tuple_value(&loads.map(Value::float)))
}
fn sysconf(th: &mut Thread, args: &[Value]) -> R<Value> {
    let number = match args[0].cast::<Str>() {
        Some(name) => {
            let name = name.to_string();
            match SYSCONF.iter().find(|(n, _)| *n == name) {
                Some((_, number)) => *number,
                None => return Err(th.value_error("unrecognized configuration name")),
            }
        }
        None => th.index_i64(args[0])? as i32,
    };
    // SAFETY: a plain query.
    let v = unsafe { libc::sysconf(number) };
    Ok(th.int(v))
}
