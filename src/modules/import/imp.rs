//! `_imp`: what `importlib` asks of the interpreter.

use super::find;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::string::Str;

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_imp");
    th.functions(
        module,
        &[
            ("lock_held()", lock_held),
            ("acquire_lock()", nothing),
            ("release_lock()", nothing),
            ("is_builtin(name, /)", is_builtin),
            ("is_frozen(name, /)", no),
            ("is_frozen_package(name, /)", no),
            ("find_frozen(name, /, *, withdata=False)", nothing),
            ("init_frozen(name, /)", nothing),
            ("get_frozen_object(name, data=None, /)", get_frozen),
            ("create_builtin(spec, /)", create),
            ("exec_builtin(mod, /)", zero),
            ("extension_suffixes()", extension_suffixes),
            ("source_hash(key, source)", source_hash),
            ("_fix_co_filename(code, path, /)", nothing),
            ("_override_multi_interp_extensions_check(override, /)", zero),
            ("_override_frozen_modules_for_tests(override, /)", nothing),
            ("_frozen_module_names()", extension_suffixes),
        ],
    );
    let dict = module.dict();
    let default = th.str_value("default");
    th.define(dict, "check_hash_based_pycs", default);
    // Any number will do that changes with the format.
    let magic = (crate::library::cache::format_id() as u32) & 0x00ff_ffff;
    th.define(dict, "pyc_magic_number_token", Value::small(magic as i64));
    Ok(module)
}

fn nothing(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NONE)
}
fn no(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}
fn zero(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::small(0))
}
fn lock_held(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}

fn is_builtin(_: &mut Thread, args: &[Value]) -> R<Value> {
    let name = args[0]
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    Ok(Value::small(match name.as_str() {
        "sys" | "builtins" => -1,
        name => find::native(name).is_some() as i64,
    }))
}

fn get_frozen(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = args[0]
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    let class = th.rt.types().exceptions.import_error;
    let message = format!("No such frozen object named {name}");
    Err(th.import_failure(class, &message, &name, Value::NONE))
}

/// The native module `name`, the loaded one if there is one.
pub(super) fn create_builtin(th: &mut Thread, name: &str) -> R<Value> {
    let v = super::loaded(th, name)?;
    if !v.is_null() && !v.is_none() {
        return Ok(v);
    }
    match find::native(name) {
        Some(init) => {
            // As in `load`.
            th.irrevocable()?;
            let module = init(th)?;
            crate::modules::sandbox::restrict(th, name, module)?;
            th.rt.immortal(module.value());
            Ok(module.value())
        }
        None => Ok(Value::NONE),
    }
}

fn create(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = th.attr(args[0], "name")?;
    let name = name
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    create_builtin(th, &name)
}

fn extension_suffixes(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(List::new(th, &[]).value())
}

fn source_hash(th: &mut Thread, args: &[Value]) -> R<Value> {
    let key = th.index_i64(args[0])? as u64;
    let Some(source) = args[1].cast::<Bytes>() else {
        return Err(th.type_error("a bytes-like object is required"));
    };
    let hash = crate::objects::string::hash_bytes(source.as_bytes(), key);
    Ok(th.bytes(&hash.to_le_bytes()).value())
}
