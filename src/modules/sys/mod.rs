//! `sys`: what is constant is here, what acts in `hooks`, named tuples in `structs`, frames in `frame`.

mod config;
pub mod frame;
mod hooks;
mod structs;

pub use config::Config;
pub use hooks::{
    flush_std_streams, format_exception, format_exception_for, report_unraisable, show_exception,
    write_stderr,
};
pub use structs::{StructSeq, struct_seq, struct_type};

use crate::heap::{R, Ref, Thread, Value};
use crate::library;
use crate::modules::MODULES;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;

/// Keelback's own version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The version of the language.
pub const PYTHON_VERSION: &str = "3.14.0";
const HEX_VERSION: i64 = 0x030e_00f0;

/// Makes the module, which is the first. Streams are set later, by `io`.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("sys");
    let dict = module.dict();
    th.set_state("sys", module.value());
    let modules = Dict::new(th);
    th.set_state("modules", modules.value());
    th.define(dict, "modules", modules.value());
    structs::init(th, dict);
    hooks::init(th, module);

    let config = th.rt.state.config().clone();
    let texts = |th: &mut Thread, items: &[String]| {
        let items: Vec<Value> = items.iter().map(|s| th.str_value(s)).collect();
        List::new(th, &items).value()
    };
    let v = texts(th, &config.argv);
    th.define(dict, "argv", v);
    let v = texts(th, &config.orig_argv);
    th.define(dict, "orig_argv", v);
    let v = texts(th, &search_path(&config));
    th.define(dict, "path", v);
    let v = texts(th, &config.warn_options);
    th.define(dict, "warnoptions", v);
    let options = Dict::new(th);
    for (name, value) in &config.x_options {
        let v = match value {
            Some(v) => th.str_value(v),
            None => Value::TRUE,
        };
        th.define(options, name, v);
    }
    th.define(dict, "_xoptions", options.value());

    let version = format!("{PYTHON_VERSION} (keelback {VERSION}) [Rust]");
    let prefix = std::path::Path::new(&config.executable)
        .parent()
        .map(|p| p.to_string_lossy().into_owned())
        .unwrap_or_default();
    for (name, text) in [
        ("version", version.as_str()),
        ("platform", std::env::consts::OS),
        (
            "byteorder",
            if cfg!(target_endian = "little") {
                "little"
            } else {
                "big"
            },
        ),
        (
            "copyright",
            "Copyright (c) the Keelback authors.\nThe embedded library: Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved.",
        ),
        ("executable", &config.executable),
        ("_base_executable", &config.executable),
        ("prefix", &prefix),
        ("base_prefix", &prefix),
        ("exec_prefix", &prefix),
        ("base_exec_prefix", &prefix),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
        ("abiflags", ""),
        ("_framework", ""),
        ("_stdlib_dir", library::PREFIX),
        ("ps1", ">>> "),
        ("ps2", "... "),
    ] {
        let interactive_only = name == "ps1" || name == "ps2";
        if interactive_only && !config.interactive {
            continue;
        }
        let v = th.str_value(text);
        th.define(dict, name, v);
    }
    let int = |th: &mut Thread, i: i64| th.int(i);
    for (name, i) in [
        ("maxsize", i64::MAX),
        ("maxunicode", 0x10_ffff),
        ("hexversion", HEX_VERSION),
        ("api_version", 1013),
    ] {
        let v = int(th, i);
        th.define(dict, name, v);
    }
    th.define(
        dict,
        "dont_write_bytecode",
        Value::bool(config.dont_write_bytecode),
    );
    th.define(dict, "pycache_prefix", Value::NONE);

    let mut names: Vec<&str> = MODULES.iter().map(|(n, _)| *n).collect();
    names.extend(["builtins", "sys"]);
    names.sort_unstable();
    names.dedup();
    let items: Vec<Value> = names.iter().map(|n| th.str_value(n)).collect();
    let v = th.tuple_value(&items);
    th.define(dict, "builtin_module_names", v);
    let mut names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
    names.extend(library::list("").into_iter().map(|(name, _)| name));
    names.sort_unstable();
    names.dedup();
    let items: Vec<Value> = names.iter().map(|n| th.str_value(n)).collect();
    let items = th.tuple_value(&items);
    let set = th.call(th.rt.types().frozenset.value(), &[items])?;
    th.define(dict, "stdlib_module_names", set);
    let keelback = th.str_value("keelback");
    let git = {
        let empty = th.str_value("");
        th.tuple_value(&[keelback, empty, empty])
    };
    th.define(dict, "_git", git);
    crate::modules::import::init_spec(th, dict);
    Ok(module)
}

/// `sys.path` at the start: the script's folder, `PYTHONPATH`, the embedded library.
fn search_path(config: &Config) -> Vec<String> {
    let mut path = vec![];
    if let Some(folder) = &config.script_folder
        && !config.safe_path
    {
        path.push(folder.clone());
    }
    if !config.ignore_environment
        && let Some(more) = std::env::var_os("PYTHONPATH")
    {
        path.extend(
            std::env::split_paths(&more)
                .map(|p| p.to_string_lossy().into_owned())
                .filter(|p| !p.is_empty()),
        );
    }
    path.push(library::PREFIX.to_string());
    path
}
