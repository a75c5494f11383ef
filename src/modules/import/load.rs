//! From a found module to a module object in `sys.modules`.

use std::path::Path;

use super::find::{self, Found, Step};
use super::spec::{self, Finder};
use crate::code::serial;
use crate::compile::{self, Mode, Options};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::library::{self, cache::Slot};
use crate::modules::sandbox;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::function::Code;
use crate::objects::list::List;

/// What a search came to.
pub(super) enum Hit {
    Found(Found),
    /// The spec that an importer of a path hook gave.
    Spec(Value),
}

/// Finds `name` along `search` (None: `sys.path`), makes the module, and runs its code.
pub(super) fn find_and_exec(th: &mut Thread, name: &str, search: Value) -> R<Value> {
    for finder in spec::meta_path(th)? {
        if let Some(which) = spec::native_finder(th, finder) {
            match find_natively(th, which, name, search)? {
                Some(Hit::Found(found)) => return load_found(th, name, found),
                Some(Hit::Spec(spec)) => return load_spec(th, spec),
                None => {}
            }
        } else {
            let key = th.intern_value("find_spec");
            let method = th.get_attr_opt(finder, key)?;
            if method.is_null() {
                continue;
            }
            let name_value = th.str_value(name);
            let found = th.call(method, &[name_value, search, Value::NONE])?;
            if !found.is_none() {
                return load_spec(th, found);
            }
        }
    }
    let class = th.rt.types().exceptions.module_not_found_error;
    Err(th.import_failure(
        class,
        &format!("No module named '{name}'"),
        name,
        Value::NONE,
    ))
}

/// The search of one of our own finders: native modules, or files and the library along a path.
pub(super) fn find_natively(
    th: &mut Thread,
    which: Finder,
    name: &str,
    search: Value,
) -> R<Option<Hit>> {
    if which == Finder::Builtin {
        return Ok(find::native(name).map(|init| Hit::Found(Found::Native(init))));
    }
    let path = if search.is_none() {
        let sys = th.rt.state.get("sys");
        let key = th.intern_value("path");
        th.get_attr_opt(sys, key)?
    } else {
        search
    };
    if path.is_null() || path.is_none() {
        return Ok(None);
    }
    let mut entries = super::path_entries(th, path)?;
    if th.sandbox().is_some() {
        entries.retain(|e| e.starts_with(library::PREFIX) || th.may_load(Path::new(e)));
    }
    let mut portions = vec![];
    let mut from = 0;
    loop {
        let step = super::lock::outside(th, || {
            find::find_module(name, &entries, from, &mut portions)
        })?;
        match step {
            Step::Found(found) => return Ok(Some(Hit::Found(found))),
            Step::End if portions.is_empty() => return Ok(None),
            Step::End => return Ok(Some(Hit::Found(Found::Namespace(portions)))),
            Step::Foreign(at) => {
                let importer = spec::path_importer(th, &entries[at])?;
                if !importer.is_none() {
                    let name_value = th.str_value(name);
                    let found = th.call_method(importer, "find_spec", &[name_value])?;
                    if !found.is_none() {
                        return Ok(Some(Hit::Spec(found)));
                    }
                }
                from = at + 1;
            }
        }
    }
}

/// Loads a module by the spec that a finder of the script gave.
fn load_spec(th: &mut Thread, spec: Value) -> R<Value> {
    super::import_module(th, "importlib")?;
    let bootstrap = super::import_module(th, "importlib._bootstrap")?;
    th.call_method(bootstrap, "_load_unlocked", &[spec])
}

/// A folder's absolute path, without `.` and `..` resolved through links.
fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.to_string_lossy().into_owned()
}

fn load_found(th: &mut Thread, name: &str, found: Found) -> R<Value> {
    let key = th.intern_value(name);
    let modules = super::sys_modules(th);
    match found {
        Found::Native(init) => {
            // It registers its types with the runtime: no way back.
            th.irrevocable()?;
            let module = init(th)?;
            sandbox::restrict(th, name, module)?;
            th.rt.immortal(module.value());
            set_module_attributes(th, module, name, &Found::Native(init))?;
            modules.insert_interned(th, key, module.value())?;
            Ok(module.value())
        }
        found => {
            let module = th.new_module(name);
            set_module_attributes(th, module, name, &found)?;
            modules.insert_interned(th, key, module.value())?;
            let dict = module.dict();
            spec::set_initializing(th, dict, true)?;
            let result = exec_found(th, module, &found);
            match result {
                Ok(()) => {
                    spec::set_initializing(th, dict, false)?;
                    // The module may have put something else in its place.
                    let v = modules.get_interned(th, key)?;
                    if v.is_null() {
                        let class = th.rt.types().exceptions.key_error;
                        return Err(th.raise(class, name));
                    }
                    Ok(v)
                }
                Err(Fail::Raise) => {
                    let exc = th.take_exc();
                    modules.remove_interned(th, key)?;
                    spec::set_initializing(th, dict, false)?;
                    th.exc = exc;
                    Err(Fail::Raise)
                }
                Err(f) => Err(f),
            }
        }
    }
}

fn exec_found(th: &mut Thread, module: Ref<Module>, found: &Found) -> R<()> {
    let code = match found {
        Found::Native(_) | Found::Namespace(_) => return Ok(()),
        Found::Source { file, .. } => compile_module(th, Origin::File(file))?,
        Found::Library(entry) => compile_module(th, Origin::Library(entry))?,
    };
    let dict = module.dict().value();
    th.run_code(code, dict, dict)?;
    Ok(())
}

/// A source of module code.
pub enum Origin<'a> {
    File(&'a Path),
    Library(&'a library::Entry),
}

/// # Errors
/// PermissionError if the sandbox does not allow loading code from there.
pub(super) fn granted(th: &mut Thread, path: &Path) -> R<()> {
    if th.may_load(path) {
        return Ok(());
    }
    let file = th.str_value(&path.to_string_lossy());
    Err(th.refused("loading code from this path", file))
}

/// The code of a module: from the bytecode cache, or compiled and stored there.
///
/// # Errors
/// OSError, SyntaxError.
pub fn compile_module(th: &mut Thread, origin: Origin) -> R<Ref<Code>> {
    let (filename, slot): (String, Slot) = match &origin {
        Origin::File(path) => (absolute(path), Slot::for_file(path)),
        Origin::Library(entry) => (entry.file(), entry.cache()),
    };
    if let Origin::File(path) = &origin {
        granted(th, path)?;
    }
    let optimize = th.rt.state.config().optimize;
    // The cache holds what is compiled at level 0. Beside a file a script may have written one of its own.
    let trusted = matches!(origin, Origin::Library(_)) || th.sandbox().is_none();
    let caching = optimize == 0 && trusted;
    let cached = if caching {
        super::lock::outside(th, || slot.load())?
    } else {
        None
    };
    if let Some(unit) = cached.and_then(|bytes| serial::read_unit(&bytes))
        && unit.filename == filename
    {
        return th.load_code(unit);
    }
    let source = match &origin {
        Origin::File(path) => {
            let bytes = super::lock::outside(th, || std::fs::read(path))?;
            match bytes {
                Ok(bytes) => match compile::decode_source(&bytes) {
                    Ok(text) => text,
                    Err(mut e) => {
                        e.filename = filename;
                        return Err(crate::builtins::raise_syntax_error(th, e));
                    }
                },
                Err(e) => return Err(th.file_error(&e, &filename)),
            }
        }
        Origin::Library(entry) => match entry.source() {
            Ok(text) => text,
            Err(e) => return Err(th.file_error(&e, &filename)),
        },
    };
    let mut opts = Options::new(Mode::Exec, filename.clone());
    opts.optimize = optimize;
    match compile::compile(&source, &opts) {
        Ok(compiled) => {
            for w in &compiled.warnings {
                crate::modules::warnings::syntax_warning(th, w, &filename)?;
            }
            if caching && !th.rt.state.config().dont_write_bytecode {
                let bytes = serial::write_unit(&compiled.code);
                super::lock::outside(th, || slot.store(&bytes))?;
            }
            th.load_code(compiled.code)
        }
        Err(e) => Err(crate::builtins::raise_syntax_error(th, e)),
    }
}

/// Sets `__spec__`, `__loader__`, `__file__` and the like.
///
/// # Errors
/// `Abort` only: the names are plain.
pub fn set_module_attributes(
    th: &mut Thread,
    module: Ref<Module>,
    name: &str,
    found: &Found,
) -> R<()> {
    let dict = module.dict();
    let mut search: Option<Vec<String>> = None;
    let (loader, origin, cached) = match found {
        Found::Native(_) => (
            spec::builtin_importer(th),
            Some("built-in".to_string()),
            None,
        ),
        Found::Source { file, package } => {
            let file_name = absolute(file);
            search = package.as_deref().map(|p| vec![absolute(p)]);
            let cached = Slot::for_file(file)
                .path()
                .map(|p| p.to_string_lossy().into_owned());
            (
                spec::source_loader(th, name, &file_name),
                Some(file_name),
                cached,
            )
        }
        Found::Library(entry) => {
            let file = entry.file();
            if entry.is_package() {
                let mut places: Vec<String> = entry.search_location().into_iter().collect();
                // An override folder need not hold the whole package.
                let embedded = format!("{}/{}", library::PREFIX, entry.name().replace('.', "/"));
                if !places.contains(&embedded) {
                    if places.is_empty()
                        && let Some(folder) = Path::new(&file).parent()
                    {
                        places.push(folder.to_string_lossy().into_owned());
                    }
                    places.push(embedded);
                }
                search = Some(places);
            }
            let cached = entry
                .cache()
                .path()
                .map(|p| p.to_string_lossy().into_owned());
            (spec::source_loader(th, name, &file), Some(file), cached)
        }
        Found::Namespace(portions) => {
            search = Some(portions.clone());
            (spec::namespace_loader(th, name), None, None)
        }
    };
    let native = matches!(found, Found::Native(_));
    let search_value = match &search {
        Some(places) => {
            let items: Vec<Value> = places.iter().map(|p| th.str_value(p)).collect();
            List::new(th, &items).value()
        }
        None => Value::NONE,
    };
    let text = |th: &mut Thread, s: &Option<String>| match s {
        Some(s) => th.str_value(s),
        None => Value::NONE,
    };
    let origin_value = text(th, &origin);
    let cached_value = text(th, &cached);
    let spec = spec::new_spec(
        th,
        name,
        loader,
        origin_value,
        search_value,
        cached_value,
        !native && origin.is_some(),
    )?;
    let package = if search.is_some() {
        name
    } else {
        name.rsplit_once('.').map_or("", |(p, _)| p)
    };
    let package = th.str_value(package);
    set(th, dict, "__spec__", spec)?;
    set(th, dict, "__loader__", loader)?;
    set(th, dict, "__package__", package)?;
    if !search_value.is_none() {
        set(th, dict, "__path__", search_value)?;
    }
    if !native && origin.is_some() {
        set(th, dict, "__file__", origin_value)?;
        if !cached_value.is_none() {
            set(th, dict, "__cached__", cached_value)?;
        }
    }
    Ok(())
}

fn set(th: &mut Thread, dict: Ref<Dict>, name: &str, v: Value) -> R<()> {
    let name = th.intern_value(name);
    dict.insert_interned(th, name, v)
}

/// Does the script's own file stand in front of a module of the standard library?
pub(super) fn shadows_library(th: &mut Thread, name: &str, file: Option<&str>) -> bool {
    let Some(file) = file else { return false };
    if file.starts_with(library::PREFIX) || name.contains('.') || library::find(name).is_none() {
        return false;
    }
    if let Some(folder) = library::override_folder()
        && Path::new(file).starts_with(folder)
    {
        return false;
    }
    let sys = th.rt.state.get("sys");
    let Ok(path) = th.attr(sys, "path") else {
        th.take_exc();
        return false;
    };
    let Ok(entries) = super::path_entries(th, path) else {
        th.take_exc();
        return false;
    };
    let parent = Path::new(file).parent();
    entries.first().is_some_and(|first| {
        let first = std::path::absolute(if first.is_empty() { "." } else { first });
        first.ok().as_deref() == parent
    })
}

/// Sets the attributes of a native module that was made at the start.
///
/// # Errors
/// `Abort` only.
pub fn mark_builtin(th: &mut Thread, module: Ref<Module>, name: &str) -> R<()> {
    let init: crate::modules::Init = |th| Err(th.import_error("made at the start"));
    set_module_attributes(th, module, name, &Found::Native(init))
}

/// Runs module `name` as `__main__`: `python -m`.
///
/// # Errors
/// SystemExit if there is no such module; whatever its code raises.
pub fn run_as_main(th: &mut Thread, main: Ref<Module>, name: &str) -> R<Value> {
    let executable = th.rt.state.config().executable.clone();
    let mut name = name.to_string();
    let mut found = locate(th, &name)?;
    if let Some(Hit::Found(Found::Library(_) | Found::Source { .. } | Found::Namespace(_))) = &found
        && is_package(&found)
    {
        super::import_module(th, &name)?;
        let inner = format!("{name}.__main__");
        found = locate(th, &inner)?;
        if found.is_none() {
            return Err(exit_with(
                th,
                &format!(
                    "{executable}: No module named {inner}; '{name}' is a package and cannot be directly executed"
                ),
            ));
        }
        name = inner;
    }
    let found = match found {
        Some(Hit::Found(found)) => found,
        Some(Hit::Spec(_)) => {
            // Found by an importer of a path hook: `runpy` knows how to go on.
            let runpy = super::import_module(th, "runpy")?;
            let name = th.str_value(&name);
            return th.call_method(runpy, "_run_module_as_main", &[name]);
        }
        None => {
            return Err(exit_with(
                th,
                &format!("{executable}: No module named {name}"),
            ));
        }
    };
    let code = match &found {
        Found::Source { file, .. } => compile_module(th, Origin::File(file))?,
        Found::Library(entry) => compile_module(th, Origin::Library(entry))?,
        _ => {
            return Err(exit_with(
                th,
                &format!("{executable}: No code object available for {name}"),
            ));
        }
    };
    set_module_attributes(th, main, &name, &found)?;
    let dict = main.dict();
    let key = th.intern_value("__file__");
    let file = dict.get_interned(th, key)?;
    let sys = th.rt.state.get("sys");
    let argv = th.attr(sys, "argv")?;
    if !file.is_null() {
        th.set_item(argv, Value::small(0), file)?;
    }
    let dict = dict.value();
    th.run_code(code, dict, dict)
}

fn is_package(found: &Option<Hit>) -> bool {
    match found {
        Some(Hit::Found(Found::Source { package, .. })) => package.is_some(),
        Some(Hit::Found(Found::Library(entry))) => entry.is_package(),
        Some(Hit::Found(Found::Namespace(_))) => true,
        _ => false,
    }
}

/// Finds a module, its parent packages imported.
fn locate(th: &mut Thread, name: &str) -> R<Option<Hit>> {
    let mut search = Value::NONE;
    if let Some((parent, _)) = name.rsplit_once('.') {
        let module = match super::import_module(th, parent) {
            Ok(module) => module,
            Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.module_not_found_error) => {
                th.take_exc();
                return Ok(None);
            }
            Err(f) => return Err(f),
        };
        let key = th.intern_value("__path__");
        search = th.get_attr_opt(module, key)?;
        if search.is_null() {
            return Ok(None);
        }
    }
    for which in [Finder::Builtin, Finder::Path] {
        if let Some(hit) = find_natively(th, which, name, search)? {
            return Ok(Some(hit));
        }
    }
    Ok(None)
}

/// Raises SystemExit with a message.
fn exit_with(th: &mut Thread, message: &str) -> Fail {
    let class = th.rt.types().exceptions.system_exit;
    let message = th.str_value(message);
    match th.call(class.value(), &[message]) {
        Ok(exc) => th.raise_value(exc),
        Err(f) => f,
    }
}
