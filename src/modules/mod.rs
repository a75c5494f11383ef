//! Native modules of the standard library, one file (or folder) each.
//!
//! A module file has `pub fn init(th: &mut Thread) -> R<Ref<Module>>`, which makes the module; the table below
//! says which names exist. Importing runs `init` once.

pub mod abc;
pub mod array;
pub mod ast;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod contextvars;
pub mod csv;
pub mod errno;
pub mod errors;
pub mod faulthandler;
pub mod fcntl;
pub mod functools;
pub mod gc;
pub mod hashes;
pub mod heapq;
pub mod import;
pub mod io;
pub mod itertools;
pub mod json;
pub mod marshal;
pub mod math;
pub mod opcode;
pub mod operator;
mod oscall;
pub mod path;
pub mod posix;
pub mod queue;
pub mod random;
pub mod sandbox;
pub mod select;
pub mod signal;
pub mod socket;
pub mod sre;
pub mod statistics;
pub mod string;
pub mod structs;
pub mod sys;
pub mod thread;
pub mod time;
pub mod tokenize;
pub mod transaction;
pub mod types;
pub mod typing;
pub mod unicodedata;
pub mod users;
pub mod warnings;
pub mod weakref;
pub mod zlib;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::Class;
use crate::objects::define::Module;
use crate::objects::dict::Dict;

/// What makes a native module.
pub type Init = fn(&mut Thread) -> R<Ref<Module>>;

/// The native modules. One a line, so that additions do not meet.
#[rustfmt::skip]
pub static MODULES: &[(&str, Init)] = &[
    ("_ast", ast::init),
    ("_opcode", opcode::init),
    ("_types", types::init),
    ("_typing", typing::init),
    ("_weakref", weakref::init),
    ("_collections", collections::init),
    ("_abc", abc::init),
    ("_bisect", bisect::init),
    ("_blake2", hashes::init_blake2),
    ("_codecs", codecs::init),
    ("_contextvars", contextvars::init),
    ("_csv", csv::init),
    ("_functools", functools::init),
    ("_heapq", heapq::init),
    ("_json", json::init),
    ("_md5", hashes::init_md5),
    ("_operator", operator::init),
    ("_queue", queue::init),
    ("_random", random::init),
    ("_sre", sre::init),
    ("_sha1", hashes::init_sha1),
    ("_sha2", hashes::init_sha2),
    ("_sha3", hashes::init_sha3),
    ("_statistics", statistics::init),
    ("_struct", structs::init),
    ("_string", string::init),
    ("_imp", import::imp::init),
    ("_posixsubprocess", posix::spawn::init),
    ("_signal", signal::init),
    ("errno", errno::init),
    ("faulthandler", faulthandler::init),
    ("gc", gc::init),
    ("grp", users::init_grp),
    ("marshal", marshal::init),
    ("posix", posix::init),
    ("pwd", users::init_pwd),
    ("time", time::init),
    ("_io", io::init),
    ("_warnings", warnings::init),
    ("_thread", thread::init),
    ("_tokenize", tokenize::init),
    ("fcntl", fcntl::init),
    ("zlib", zlib::init),
    ("array", array::init),
    ("binascii", binascii::init),
    ("cmath", cmath::init),
    ("atexit", atexit::init),
    ("itertools", itertools::init),
    ("select", select::init),
    ("_socket", socket::init),
    ("math", math::init),
    ("unicodedata", unicodedata::init),
    ("transaction", transaction::init),
];

/// A new string of UTF-8 (or WTF-8) parts joined.
pub(crate) fn join(th: &mut Thread, parts: &[&[u8]]) -> Value {
    let chars = parts
        .iter()
        .map(|p| crate::objects::string::count_chars(p))
        .sum();
    th.str_parts(parts, chars).value()
}

/// `import name`, for a name without dots.
pub(crate) fn import(th: &mut Thread, name: &str) -> R<Value> {
    let function = th.builtin("__import__")?;
    let name = th.intern_value(name);
    th.call(function, &[name])
}

/// Runs a module's Python part: the names that it defines.
pub(crate) fn run_source(th: &mut Thread, source: &str, filename: &str) -> R<Ref<Dict>> {
    let globals = Dict::new(th);
    run_source_in(th, source, filename, globals)?;
    Ok(globals)
}

/// Runs a module's Python part with these globals.
pub(crate) fn run_source_in(
    th: &mut Thread,
    source: &str,
    filename: &str,
    globals: Ref<Dict>,
) -> R<()> {
    use crate::compile::{Mode, Options, compile};
    let compiled = match compile(source, &Options::new(Mode::Exec, filename)) {
        Ok(c) => c,
        Err(e) => unreachable!("{filename}: {e:?}"),
    };
    let code = th.load_code(compiled.code)?;
    th.run_code(code, globals.value(), Value::NULL)?;
    Ok(())
}

/// A new class of exceptions for a module, derived from a built-in one.
pub(crate) fn new_exception(th: &mut Thread, name: &str, base: Ref<Class>) -> Ref<Class> {
    use crate::objects::class::class_flags as f;
    let flags = f::BASE | f::EXCEPTION | f::DICT | f::WEAKREF;
    th.new_class(name, base, base.layout, flags, |_| {})
}
