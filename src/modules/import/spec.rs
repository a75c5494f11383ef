//! The objects that modules carry: specs, loaders, and the finders on `sys.meta_path`. Native stand-ins for those of
//! `importlib._bootstrap`, good for what the library asks of them, so that starting needs no Python code.

use std::path::Path;

use super::find::{self, Found};
use super::load::{self, Hit, Origin};
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::library;
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::Payload;
use crate::objects::string::Str;
use crate::objects::{Bytes, Instance};

/// Our finders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finder {
    Builtin,
    Path,
}

/// Loads a module from source: a file, or the embedded library.
struct SourceLoader {
    name: Value,
    path: Value,
}
impl Payload for SourceLoader {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.path])
    }
}

/// The loader of a namespace package, which has nothing to load.
struct NamespaceLoader {
    name: Value,
}
impl Payload for NamespaceLoader {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.name)
    }
}

/// Finds modules in one folder: what our path hook gives.
struct FileFinder {
    path: Value,
}
impl Payload for FileFinder {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.path)
    }
}

/// Makes the classes, and `sys.meta_path` and `sys.path_hooks`.
pub fn init(th: &mut Thread, sys: Ref<Dict>) {
    let object = th.rt.types().object;
    let layout = LayoutInfo::of::<Instance>();
    let spec = th.new_class(
        "_frozen_importlib.ModuleSpec",
        object,
        layout,
        f::BASE | f::DICT | f::WEAKREF,
        |t| {
            t.methods(&[
                (
                    "__init__(self, name, loader, *, origin=None, loader_state=None, is_package=None)",
                    spec_init,
                ),
                ("__repr__(self, /)", spec_repr),
                ("__eq__(self, other, /)", spec_eq),
            ])
            .attr("__hash__", Value::NONE)
            .getset("parent", spec_parent, None)
            .getset("cached", spec_cached, Some(spec_set_cached))
            .getset("has_location", spec_has_location, Some(spec_set_has_location));
        },
    );
    th.set_state("ModuleSpec", spec.value());
    let builtin = th.new_class(
        "_frozen_importlib.BuiltinImporter",
        object,
        layout,
        f::BASE | f::DICT,
        |t| {
            t.static_method(
                "find_spec(fullname, path=None, target=None)",
                builtin_find_spec,
            )
            .static_method("create_module(spec)", builtin_create)
            .static_method("exec_module(module)", nothing)
            .static_method("get_code(fullname)", nothing)
            .static_method("get_source(fullname)", nothing)
            .static_method("is_package(fullname)", no)
            .static_method("load_module(fullname)", builtin_load);
            let origin = t.th.str_value("built-in");
            t.attr("_ORIGIN", origin);
        },
    );
    th.set_state("BuiltinImporter", builtin.value());
    let finder = th.new_class(
        "_frozen_importlib_external.PathFinder",
        object,
        layout,
        f::BASE | f::DICT,
        |t| {
            t.static_method(
                "find_spec(fullname, path=None, target=None)",
                path_find_spec,
            )
            .static_method("invalidate_caches()", nothing);
        },
    );
    th.set_state("PathFinder", finder.value());
    th.new_type::<SourceLoader>(
        "_frozen_importlib_external.SourceFileLoader",
        f::BASE | f::DICT,
        |t| {
            t.new("SourceFileLoader(cls, fullname, path)", loader_new)
                .methods(&[
                    ("create_module(self, spec)", nothing),
                    ("exec_module(self, module)", loader_exec),
                    ("load_module(self, fullname=None)", loader_load),
                    ("get_code(self, fullname=None)", loader_code),
                    ("get_source(self, fullname=None)", loader_source),
                    ("get_data(self, path)", loader_data),
                    ("get_filename(self, fullname=None)", loader_filename),
                    ("is_package(self, fullname=None)", loader_is_package),
                    ("get_resource_reader(self, fullname=None)", loader_reader),
                    (
                        "source_to_code(self, data, path, *, _optimize=-1)",
                        loader_source_to_code,
                    ),
                ])
                .getset(
                    "name",
                    |th, v| Ok(th.native_self::<SourceLoader>(v, "SourceFileLoader")?.name),
                    None,
                )
                .getset(
                    "path",
                    |th, v| Ok(th.native_self::<SourceLoader>(v, "SourceFileLoader")?.path),
                    None,
                );
        },
    );
    th.new_type::<NamespaceLoader>(
        "_frozen_importlib_external.NamespaceLoader",
        f::BASE | f::DICT,
        |t| {
            t.methods(&[
                ("create_module(self, spec)", nothing),
                ("exec_module(self, module)", nothing),
                ("get_code(self, fullname=None)", namespace_code),
                ("get_source(self, fullname=None)", namespace_source),
                ("is_package(self, fullname=None)", yes),
                ("get_resource_reader(self, fullname=None)", nothing),
            ]);
        },
    );
    th.new_type::<FileFinder>(
        "_frozen_importlib_external.FileFinder",
        f::BASE | f::DICT,
        |t| {
            t.methods(&[
                ("find_spec(self, fullname, target=None)", finder_find_spec),
                ("iter_modules(self, prefix='')", finder_iter_modules),
                ("invalidate_caches(self)", nothing),
                ("__repr__(self, /)", finder_repr),
            ])
            .getset(
                "path",
                |th, v| Ok(th.native_self::<FileFinder>(v, "FileFinder")?.path),
                None,
            );
        },
    );

    let meta_path = List::new(th, &[builtin.value(), finder.value()]).value();
    th.define(sys, "meta_path", meta_path);
    let hook =
        crate::objects::native::NativeDef::leak("path_hook_for_FileFinder(path)", path_hook, false);
    let module = th.str_value("_frozen_importlib_external");
    let hook = th.native(hook, Value::NULL, Value::NULL, module).value();
    th.set_state("path hook", hook);
    let hooks = List::new(th, &[hook]).value();
    th.define(sys, "path_hooks", hooks);
    let cache = Dict::new(th).value();
    th.define(sys, "path_importer_cache", cache);
}

fn nothing(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NONE)
}
fn no(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}
fn yes(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::TRUE)
}

fn attr_set(th: &mut Thread, v: Value, name: &str, x: Value) -> R<()> {
    let name = th.intern_value(name);
    th.set_attr(v, name, x)
}
fn attr_opt(th: &mut Thread, v: Value, name: &str) -> R<Value> {
    if v.is_null() || v.is_none() {
        return Ok(Value::NULL);
    }
    let name = th.intern_value(name);
    th.get_attr_opt(v, name)
}
fn text(v: Value) -> String {
    v.cast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}

/// The finders on `sys.meta_path`.
pub(super) fn meta_path(th: &mut Thread) -> R<Vec<Value>> {
    let sys = th.rt.state.get("sys");
    let path = th.attr(sys, "meta_path")?;
    match path.cast::<List>() {
        Some(list) => list.items(th),
        None => th.collect_items(path),
    }
}

/// Which of our finders `finder` is.
pub(super) fn native_finder(th: &Thread, finder: Value) -> Option<Finder> {
    if finder == th.rt.state.get("BuiltinImporter") {
        Some(Finder::Builtin)
    } else if finder == th.rt.state.get("PathFinder") {
        Some(Finder::Path)
    } else {
        None
    }
}

/// The importer that `sys.path_hooks` (beside ours) or `zipimport` have for a path entry; None if there is none.
pub(super) fn path_importer(th: &mut Thread, entry: &str) -> R<Value> {
    let sys = th.rt.state.get("sys");
    let cache = th.attr(sys, "path_importer_cache")?;
    let key = th.str_value(entry);
    if let Some(dict) = cache.cast::<Dict>() {
        let v = dict.get(th, key)?;
        if !v.is_null() {
            return Ok(v);
        }
    }
    let hooks = th.attr(sys, "path_hooks")?;
    let mut hooks = th.collect_items(hooks)?;
    let own = th.rt.state.get("path hook");
    hooks.retain(|h| *h != own);
    // CPython has `zipimport`'s hook there from the start; ours is imported when a path names a file.
    let zip = super::import_module(th, "zipimport")?;
    let zip = th.attr(zip, "zipimporter")?;
    hooks.push(zip);
    let import_error = th.rt.types().exceptions.import_error;
    let mut importer = Value::NONE;
    for hook in hooks {
        match th.call(hook, &[key]) {
            Ok(v) => {
                importer = v;
                break;
            }
            Err(crate::heap::Fail::Raise) if th.raised_is(import_error) => {
                th.take_exc();
            }
            Err(f) => return Err(f),
        }
    }
    th.set_item(cache, key, importer)?;
    Ok(importer)
}

// Specs.

/// A new spec.
pub(super) fn new_spec(
    th: &mut Thread,
    name: &str,
    loader: Value,
    origin: Value,
    search: Value,
    cached: Value,
    has_location: bool,
) -> R<Value> {
    let Some(class) = th.rt.state.get("ModuleSpec").as_class() else {
        unreachable!("the class is made with sys")
    };
    let spec = th.alloc(class.root_shape(), Instance::new(), 0).value();
    let name = th.str_value(name);
    for (key, v) in [
        ("name", name),
        ("loader", loader),
        ("origin", origin),
        ("loader_state", Value::NONE),
        ("submodule_search_locations", search),
        ("_uninitialized_submodules", Value::NULL),
        ("_set_fileattr", Value::bool(has_location)),
        ("_cached", cached),
    ] {
        let v = if v.is_null() {
            List::new(th, &[]).value()
        } else {
            v
        };
        attr_set(th, spec, key, v)?;
    }
    Ok(spec)
}

fn spec_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    let spec = args[0];
    let search = if !args[5].is_null() && th.truth(args[5])? {
        List::new(th, &[]).value()
    } else {
        Value::NONE
    };
    for (key, v) in [
        ("name", args[1]),
        ("loader", args[2]),
        ("origin", args[3].or_none()),
        ("loader_state", args[4].or_none()),
        ("submodule_search_locations", search),
        ("_set_fileattr", Value::FALSE),
        ("_cached", Value::NONE),
    ] {
        attr_set(th, spec, key, v)?;
    }
    let list = List::new(th, &[]).value();
    attr_set(th, spec, "_uninitialized_submodules", list)?;
    Ok(Value::NONE)
}

fn spec_repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut parts = vec![];
    for (key, always) in [
        ("name", true),
        ("loader", true),
        ("origin", false),
        ("submodule_search_locations", false),
    ] {
        let v = attr_opt(th, args[0], key)?.or_none();
        if always || !v.is_none() {
            parts.push(format!("{key}={}", th.repr(v)?));
        }
    }
    Ok(th.str_value(&format!("ModuleSpec({})", parts.join(", "))))
}

fn spec_eq(th: &mut Thread, args: &[Value]) -> R<Value> {
    for key in [
        "name",
        "loader",
        "origin",
        "submodule_search_locations",
        "cached",
        "has_location",
    ] {
        let (a, b) = (attr_opt(th, args[0], key)?, attr_opt(th, args[1], key)?);
        if b.is_null() || a.is_null() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        if !th.equal(a, b)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn spec_parent(th: &mut Thread, spec: Value) -> R<Value> {
    let name = attr_opt(th, spec, "name")?;
    let search = attr_opt(th, spec, "submodule_search_locations")?;
    if search.is_null() || search.is_none() {
        let text = text(name);
        let parent = text.rsplit_once('.').map_or("", |(p, _)| p);
        return Ok(th.str_value(parent));
    }
    Ok(name)
}
fn spec_cached(th: &mut Thread, spec: Value) -> R<Value> {
    Ok(attr_opt(th, spec, "_cached")?.or_none())
}
fn spec_set_cached(th: &mut Thread, spec: Value, v: Value) -> R<()> {
    attr_set(th, spec, "_cached", v.or_none())
}
fn spec_has_location(th: &mut Thread, spec: Value) -> R<Value> {
    Ok(attr_opt(th, spec, "_set_fileattr")?.or_none())
}
fn spec_set_has_location(th: &mut Thread, spec: Value, v: Value) -> R<()> {
    let on = !v.is_null() && th.truth(v)?;
    attr_set(th, spec, "_set_fileattr", Value::bool(on))
}

/// Is the module of this spec being loaded?
pub(super) fn is_initializing(th: &mut Thread, spec: Value) -> R<bool> {
    let v = attr_opt(th, spec, "_initializing")?;
    if v.is_null() { Ok(false) } else { th.truth(v) }
}

/// Marks the module with this dict as being loaded, or as done.
pub(super) fn set_initializing(th: &mut Thread, dict: Ref<Dict>, on: bool) -> R<()> {
    let key = th.intern_value("__spec__");
    let spec = dict.get_interned(th, key)?;
    if spec.kind() == crate::heap::Kind::Instance {
        attr_set(th, spec, "_initializing", Value::bool(on))?;
    }
    Ok(())
}

/// Where a module came from, by its spec.
pub(super) fn origin_of(th: &mut Thread, spec: Value) -> R<Option<String>> {
    let has_location = attr_opt(th, spec, "has_location")?;
    if has_location.is_null() || !th.truth(has_location)? {
        return Ok(None);
    }
    let origin = attr_opt(th, spec, "origin")?;
    Ok(origin.cast::<Str>().map(|s| s.to_string()))
}

/// The spec of a module that was found, as `find_spec` gives it.
fn spec_of(th: &mut Thread, name: &str, found: &Found) -> R<Value> {
    // The same attributes as a module of it would get.
    let scratch = th.new_module(name);
    load::set_module_attributes(th, scratch, name, found)?;
    let key = th.intern_value("__spec__");
    scratch.dict().get_interned(th, key)
}

// Finders.

/// The loader of native modules.
pub fn builtin_importer(th: &Thread) -> Value {
    th.rt.state.get("BuiltinImporter")
}

fn find_with(th: &mut Thread, which: Finder, args: &[Value]) -> R<Value> {
    let name = text(args[0]);
    let search = args[1].or_none();
    match load::find_natively(th, which, &name, search)? {
        Some(Hit::Found(found)) => spec_of(th, &name, &found),
        Some(Hit::Spec(spec)) => Ok(spec),
        None => Ok(Value::NONE),
    }
}
fn builtin_find_spec(th: &mut Thread, args: &[Value]) -> R<Value> {
    find_with(th, Finder::Builtin, args)
}
fn path_find_spec(th: &mut Thread, args: &[Value]) -> R<Value> {
    find_with(th, Finder::Path, args)
}

/// A native module for a spec: the one that is loaded, if it is, since they are made once.
fn builtin_create(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = attr_opt(th, args[0], "name")?;
    super::imp::create_builtin(th, &text(name))
}
fn builtin_load(th: &mut Thread, args: &[Value]) -> R<Value> {
    super::import_module(th, &text(args[0]))
}

fn path_hook(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = text(args[0]);
    let known = path.starts_with(library::PREFIX)
        || path.is_empty()
        || th.may_load(Path::new(&path)) && super::lock::outside(th, || Path::new(&path).is_dir())?;
    if !known {
        let class = th.rt.types().exceptions.import_error;
        let message = th.str_value("only directories are supported");
        let key = th.intern_value("path");
        let exc = th.call_kw(class.value(), &[message, args[0]], &[key])?;
        return Err(th.raise_value(exc));
    }
    let class = th.class_for::<FileFinder>();
    Ok(th.new_native(class, FileFinder { path: args[0] }).value())
}

fn finder_find_spec(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = text(th.native_self::<FileFinder>(args[0], "FileFinder")?.path);
    let name = text(args[1]);
    let tail = name.rsplit('.').next().unwrap_or(&name).to_string();
    if !path.starts_with(library::PREFIX) && !th.may_load(Path::new(&path)) {
        return Ok(Value::NONE);
    }
    match super::lock::outside(th, || find::search_path_entry(&tail, &path))? {
        Some(found) => spec_of(th, &name, &found),
        None => Ok(Value::NONE),
    }
}

fn finder_repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = th.native_self::<FileFinder>(args[0], "FileFinder")?.path;
    let path = th.repr(path)?;
    Ok(th.str_value(&format!("FileFinder({path})")))
}

/// `(name, is_package)` of each module in the folder, as `pkgutil.iter_modules` asks for them.
fn finder_iter_modules(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = text(th.native_self::<FileFinder>(args[0], "FileFinder")?.path);
    let prefix = text(args[1]);
    let found: Vec<(String, bool)> = if let Some(rest) = path.strip_prefix(library::PREFIX) {
        library::list(&rest.trim_matches('/').replace('/', "."))
    } else {
        load::granted(th, Path::new(&path))?;
        let mut names = super::lock::outside(th, || {
            modules_in(Path::new(if path.is_empty() { "." } else { &path }))
        })?;
        names.sort();
        names
    };
    let mut items = Vec::with_capacity(found.len());
    for (name, is_package) in found {
        let name = th.str_value(&format!("{prefix}{name}"));
        let pair = th.tuple_value(&[name, Value::bool(is_package)]);
        th.roots.push(pair);
        items.push(pair);
    }
    let list = List::new(th, &items).value();
    th.iter(list)
}

fn modules_in(folder: &Path) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Some(stem) = path.file_stem().map(|s| s.to_string_lossy().into_owned()) else {
            continue;
        };
        if path.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.contains('.') && path.join("__init__.py").is_file() {
                found.push((name, true));
            }
        } else if path.extension().is_some_and(|e| e == "py") && stem != "__init__" {
            found.push((stem, false));
        }
    }
    found
}

// Loaders.

/// The loader of a source file or of a library module.
pub fn source_loader(th: &mut Thread, name: &str, path: &str) -> Value {
    let class = th.class_for::<SourceLoader>();
    let name = th.str_value(name);
    let path = th.str_value(path);
    th.new_native(class, SourceLoader { name, path }).value()
}
pub(super) fn namespace_loader(th: &mut Thread, name: &str) -> Value {
    let class = th.class_for::<NamespaceLoader>();
    let name = th.str_value(name);
    th.new_native(class, NamespaceLoader { name }).value()
}

fn loader_new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].cast::<Class>() else {
        return Err(th.type_error("SourceFileLoader.__new__(X): X is not a type object"));
    };
    let payload = SourceLoader {
        name: args[1],
        path: args[2],
    };
    Ok(th.new_native(class, payload).value())
}

fn loader_path(th: &mut Thread, v: Value) -> R<String> {
    Ok(text(
        th.native_self::<SourceLoader>(v, "SourceFileLoader")?.path,
    ))
}

fn code_of(th: &mut Thread, path: &str) -> R<Value> {
    let code = match library::find_path(path) {
        Some(entry) => load::compile_module(th, Origin::Library(&entry))?,
        None => load::compile_module(th, Origin::File(Path::new(path)))?,
    };
    Ok(code.value())
}

fn loader_exec(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = loader_path(th, args[0])?;
    let code = code_of(th, &path)?;
    let Some(module) = args[1].cast::<Module>() else {
        return Err(th.type_error("exec_module() needs a module"));
    };
    let dict = module.dict().value();
    if let Some(code) = code.cast() {
        th.run_code(code, dict, dict)?;
    }
    Ok(Value::NONE)
}
fn loader_load(th: &mut Thread, args: &[Value]) -> R<Value> {
    let own = th
        .native_self::<SourceLoader>(args[0], "SourceFileLoader")?
        .name;
    let name = text(if args[1].is_null() { own } else { args[1] });
    super::import_module(th, &name)
}
fn loader_code(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = loader_path(th, args[0])?;
    code_of(th, &path)
}

/// The bytes of a file, or of an embedded one.
fn read_bytes(th: &mut Thread, path: &str) -> R<Vec<u8>> {
    if path.starts_with(library::PREFIX) {
        return match library::read_path(path) {
            Some(bytes) => Ok(bytes),
            None => {
                let e = std::io::Error::from_raw_os_error(libc::ENOENT);
                Err(th.file_error(&e, path))
            }
        };
    }
    load::granted(th, Path::new(path))?;
    match super::lock::outside(th, || std::fs::read(path))? {
        Ok(bytes) => Ok(bytes),
        Err(e) => Err(th.file_error(&e, path)),
    }
}

fn loader_source(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = loader_path(th, args[0])?;
    let bytes = read_bytes(th, &path)?;
    match crate::compile::decode_source(&bytes) {
        Ok(source) => {
            let source = source.replace("\r\n", "\n").replace('\r', "\n");
            Ok(th.str_value(&source))
        }
        Err(mut e) => {
            e.filename = path;
            Err(crate::builtins::raise_syntax_error(th, e))
        }
    }
}
fn loader_data(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = match args[1].cast::<Bytes>() {
        Some(b) => String::from_utf8_lossy(b.as_bytes()).into_owned(),
        None => th.to_str(args[1])?.to_string(),
    };
    let bytes = read_bytes(th, &path)?;
    Ok(th.bytes(&bytes).value())
}
fn loader_filename(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(th
        .native_self::<SourceLoader>(args[0], "SourceFileLoader")?
        .path)
}
fn loader_is_package(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = loader_path(th, args[0])?;
    Ok(Value::bool(path.ends_with("/__init__.py")))
}
fn loader_reader(th: &mut Thread, args: &[Value]) -> R<Value> {
    let path = loader_path(th, args[0])?;
    if path.starts_with(library::PREFIX) {
        return Ok(Value::NONE);
    }
    let readers = super::import_module(th, "importlib.readers")?;
    th.call_method(readers, "FileReader", &[args[0]])
}
fn loader_source_to_code(th: &mut Thread, args: &[Value]) -> R<Value> {
    let compile = th.builtin("compile")?;
    let mode = th.str_value("exec");
    let path = args[2];
    th.call(
        compile,
        &[args[1], path, mode, Value::small(0), Value::TRUE],
    )
}
fn namespace_code(th: &mut Thread, _: &[Value]) -> R<Value> {
    let opts = crate::compile::Options::new(crate::compile::Mode::Exec, "<string>");
    Ok(th.compile_source("", &opts)?.value())
}
fn namespace_source(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.str_value(""))
}
