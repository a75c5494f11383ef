//! Import: from a name to a module object, natively. Python's own `importlib` is not needed to start; when a script imports it, it
//! works on the same `sys.modules`, `sys.meta_path` and loaders.
//!
//! Where to read what: this file has the statement's semantics (absolute and relative names, `from` lists, `*`), `find` the search
//! along `sys.path` and in the embedded library, `load` making a module of what was found, `lock` the waiting of threads that
//! import the same module, `spec` the objects that modules carry (`__spec__`, `__loader__`), `imp` the module `_imp`.

mod find;
pub mod imp;
mod load;
mod lock;
mod spec;

pub use find::Found;
pub use load::{Origin, compile_module};
pub use load::{mark_builtin, run_as_main};
pub use lock::ImportLocks;
pub(crate) use lock::wait_until_free;
pub use spec::{builtin_importer, init as init_spec, source_loader};

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::dict::Dict;
use crate::objects::exception::Exception;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

/// `sys.modules`.
pub fn sys_modules(th: &Thread) -> Ref<Dict> {
    th.rt
        .state
        .get("modules")
        .cast()
        .expect("sys is made first")
}

/// The module registered under `name`, or null.
pub fn loaded(th: &mut Thread, name: &str) -> R<Value> {
    let name = th.intern_value(name);
    let modules = sys_modules(th);
    modules.get_interned(th, name)
}

/// Imports an absolute dotted name and returns the module of that name itself.
///
/// # Errors
/// ImportError and whatever the module's code raises.
pub fn import_module(th: &mut Thread, name: &str) -> R<Value> {
    let v = loaded(th, name)?;
    if !v.is_null() && !v.is_none() {
        return wait_until_ready(th, v, name);
    }
    find_and_load(th, name)
}

/// `__import__`: with an empty `fromlist` the top-level package, else the module itself, its submodules in the list loaded.
///
/// # Errors
/// As [`import_module`].
pub fn import_level(
    th: &mut Thread,
    name: Ref<Str>,
    globals: Value,
    fromlist: Value,
    level: usize,
) -> R<Value> {
    let name_text = name.to_string();
    let absolute = if level > 0 {
        resolve(th, &name_text, globals, level)?
    } else {
        if name.is_empty() {
            return Err(th.value_error("Empty module name"));
        }
        name_text.clone()
    };
    th.may_import(&absolute)?;
    let module = import_module(th, &absolute)?;
    let has_list = !fromlist.is_null() && !fromlist.is_none() && th.truth(fromlist)?;
    if has_list {
        let path = th.intern_value("__path__");
        if !th.get_attr_opt(module, path)?.is_null() {
            load_fromlist(th, module, &absolute, fromlist)?;
        }
        return Ok(module);
    }
    if level == 0 || name.is_empty() {
        let Some((front, _)) = name_text.split_once('.') else {
            return Ok(module);
        };
        if level == 0 {
            return import_module(th, front);
        }
    }
    match name_text.split_once('.') {
        None => Ok(module),
        Some((front, _)) => {
            // `absolute` without what follows the front of `name`.
            let cut = name_text.len() - front.len();
            let top = absolute[..absolute.len() - cut].to_string();
            let v = loaded(th, &top)?;
            if v.is_null() {
                return Err(th.key_error_text(&top));
            }
            Ok(v)
        }
    }
}

/// The package that relative names in code with these globals start from, and the absolute form of `name`.
fn resolve(th: &mut Thread, name: &str, globals: Value, level: usize) -> R<String> {
    let Some(dict) = globals.cast::<Dict>() else {
        return Err(th.key_error_text("'__name__' not in globals"));
    };
    let package = package_of(th, dict)?;
    if package.is_empty() {
        return Err(th.import_error("attempted relative import with no known parent package"));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((parent, _)) => base = parent,
            None => {
                return Err(th.import_error("attempted relative import beyond top-level package"));
            }
        }
    }
    Ok(if name.is_empty() {
        base.to_string()
    } else {
        format!("{base}.{name}")
    })
}

fn global(th: &mut Thread, dict: Ref<Dict>, name: &str) -> R<Value> {
    let name = th.intern_value(name);
    let v = dict.get_interned(th, name)?;
    Ok(if v.is_none() { Value::NULL } else { v })
}

fn package_of(th: &mut Thread, dict: Ref<Dict>) -> R<String> {
    let package = global(th, dict, "__package__")?;
    if !package.is_null() {
        return match package.cast::<Str>() {
            Some(s) => Ok(s.to_string()),
            None => Err(th.type_error("package must be a string")),
        };
    }
    let spec = global(th, dict, "__spec__")?;
    if !spec.is_null() {
        let parent = th.attr(spec, "parent")?;
        return match parent.cast::<Str>() {
            Some(s) => Ok(s.to_string()),
            None => Err(th.type_error("__spec__.parent must be a string")),
        };
    }
    let name = global(th, dict, "__name__")?;
    let Some(name) = name.cast::<Str>() else {
        return Err(th.key_error_text("'__name__' not in globals"));
    };
    let name = name.to_string();
    if !global(th, dict, "__path__")?.is_null() {
        return Ok(name);
    }
    Ok(name
        .rsplit_once('.')
        .map_or(String::new(), |(p, _)| p.to_string()))
}

fn load_fromlist(th: &mut Thread, module: Value, name: &str, fromlist: Value) -> R<()> {
    for item in th.collect_items(fromlist)? {
        let Some(text) = item.cast::<Str>() else {
            let class = th.type_name(item);
            return Err(th.type_error(format!("Item in ``from list'' must be str, not {class}")));
        };
        let text = text.to_string();
        if text == "*" {
            let all = th.intern_value("__all__");
            let all = th.get_attr_opt(module, all)?;
            if !all.is_null() {
                for item in th.collect_items(all)? {
                    if let Some(s) = item.cast::<Str>() {
                        let s = s.to_string();
                        load_submodule(th, module, name, &s)?;
                    }
                }
            }
            continue;
        }
        load_submodule(th, module, name, &text)?;
    }
    Ok(())
}

/// Loads `package.child` unless the package has such an attribute. That there is no such module is for `from` to say.
fn load_submodule(th: &mut Thread, package: Value, name: &str, child: &str) -> R<()> {
    let attr = th.intern_value(child);
    if child.is_empty() || !th.get_attr_opt(package, attr)?.is_null() {
        return Ok(());
    }
    let full = format!("{name}.{child}");
    match import_module(th, &full) {
        Ok(_) => Ok(()),
        Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.module_not_found_error) => {
            let missing = th
                .exc
                .cast::<Exception>()
                .map_or(Value::NULL, |e| e.extra[1].peek());
            let same = missing.cast::<Str>().is_some_and(|s| s.to_string() == full);
            let named = same || missing_name(th, &full);
            if named {
                th.take_exc();
                return Ok(());
            }
            Err(Fail::Raise)
        }
        Err(f) => Err(f),
    }
}

/// Is the ModuleNotFoundError on its way about `full`?
fn missing_name(th: &mut Thread, full: &str) -> bool {
    let exc = th.take_exc();
    let name = th.attr(exc, "name").ok().and_then(|v| v.cast::<Str>());
    th.exc = exc;
    name.is_some_and(|s| s.to_string() == full)
}

/// If another thread is in the middle of loading this module, waits for it.
fn wait_until_ready(th: &mut Thread, module: Value, name: &str) -> R<Value> {
    let locks = &th.rt.state.imports;
    if locks.is_idle() || !locks.held_by_other(name, th.shared.ident) {
        return Ok(module);
    }
    let held = lock::acquire(th, name)?;
    drop(held);
    let v = loaded(th, name)?;
    if v.is_null() || v.is_none() {
        return find_and_load(th, name);
    }
    Ok(v)
}

#[inline(never)]
fn find_and_load(th: &mut Thread, name: &str) -> R<Value> {
    th.check_stack()?;
    let held = lock::acquire(th, name)?;
    // Somebody else may have loaded it meanwhile.
    let v = loaded(th, name)?;
    if v.is_none() {
        let f = th.import_failure(
            th.rt.types().exceptions.module_not_found_error,
            &format!("import of {name} halted; None in sys.modules"),
            name,
            Value::NONE,
        );
        return Err(f);
    }
    if !v.is_null() {
        return Ok(v);
    }
    let mut search = Value::NONE;
    let mut parent_module = Value::NULL;
    if let Some((parent, _)) = name.rsplit_once('.') {
        parent_module = import_module(th, parent)?;
        // The parent's code may have imported it.
        let v = loaded(th, name)?;
        if !v.is_null() {
            return Ok(v);
        }
        let path = th.intern_value("__path__");
        search = th.get_attr_opt(parent_module, path)?;
        if search.is_null() {
            let f = th.import_failure(
                th.rt.types().exceptions.module_not_found_error,
                &format!("No module named '{name}'; '{parent}' is not a package"),
                name,
                Value::NONE,
            );
            return Err(f);
        }
    }
    let module = load::find_and_exec(th, name, search)?;
    if !parent_module.is_null()
        && let Some((_, child)) = name.rsplit_once('.')
    {
        let child = th.intern_value(child);
        th.set_attr(parent_module, child, module)?;
    }
    drop(held);
    Ok(module)
}

impl Thread {
    /// Raises `KeyError(text)`.
    #[cold]
    fn key_error_text(&mut self, text: &str) -> Fail {
        let key = self.str_value(text);
        self.key_error(key)
    }

    /// Raises an ImportError (or a subclass) with `name` and `path` set.
    #[cold]
    pub fn import_failure(
        &mut self,
        class: Ref<crate::objects::class::Class>,
        message: &str,
        name: &str,
        path: Value,
    ) -> Fail {
        let message = self.str_value(message);
        let name = self.str_value(name);
        let (k1, k2) = (self.intern_value("name"), self.intern_value("path"));
        match self.call_kw(class.value(), &[message, name, path], &[k1, k2]) {
            Ok(exc) => self.raise_value(exc),
            Err(f) => f,
        }
    }

    /// The `import` statement: `fromlist` is None or a tuple of names.
    ///
    /// # Errors
    /// ImportError and whatever the module's code raises.
    pub fn import_name(&mut self, name: Value, fromlist: Value, level: usize) -> R<Value> {
        let builtins = match self.frame() {
            Some(frame) => frame.function.builtins,
            None => self.rt.state.get("builtins"),
        };
        let key = self.intern_value("__import__");
        let function = match builtins.cast::<Dict>() {
            Some(dict) => dict.get_interned(self, key)?,
            None => Value::NULL,
        };
        if function.is_null() {
            return Err(self.import_error("__import__ not found"));
        }
        let globals = self.current_globals().or_none();
        if function != self.rt.state.get("__import__") {
            let locals = match self.frame().map(|f| f.namespace) {
                Some(v) if !v.is_null() => v,
                _ => Value::NONE,
            };
            let level = Value::small(level as i64);
            return self.call(function, &[name, globals, locals, fromlist, level]);
        }
        let Some(name) = name.cast::<Str>() else {
            return Err(self.type_error("module name must be a string"));
        };
        import_level(self, name, globals, fromlist, level)
    }

    /// `from module import name`, the module loaded already.
    ///
    /// # Errors
    /// ImportError if there is no such name.
    pub fn import_from(&mut self, module: Value, name: Value) -> R<Value> {
        let v = self.get_attr_opt(module, name)?;
        if !v.is_null() {
            return Ok(v);
        }
        let text = |v: Value| v.cast::<Str>().map(|s| s.to_string());
        let attr = text(name).unwrap_or_default();
        let key = self.intern_value("__name__");
        let module_name = text(self.get_attr_opt(module, key)?);
        if let Some(module_name) = &module_name {
            // A submodule of a package whose import is under way is not an attribute yet.
            let v = loaded(self, &format!("{module_name}.{attr}"))?;
            if !v.is_null() {
                return Ok(v);
            }
        }
        let key = self.intern_value("__spec__");
        let spec = self.get_attr_opt(module, key)?;
        let origin = spec::origin_of(self, spec)?;
        let key = self.intern_value("__file__");
        let file = match origin {
            Some(origin) => Some(origin),
            None => text(self.get_attr_opt(module, key)?),
        };
        let shown = module_name
            .clone()
            .unwrap_or_else(|| "<unknown module name>".to_string());
        let place = file
            .clone()
            .unwrap_or_else(|| "unknown location".to_string());
        let message = if spec::is_initializing(self, spec)? {
            if load::shadows_library(self, &shown, file.as_deref()) {
                format!(
                    "cannot import name '{attr}' from '{shown}' (consider renaming '{place}' since it has the same name as the standard library module named '{shown}' and prevents importing that standard library module)"
                )
            } else {
                format!(
                    "cannot import name '{attr}' from partially initialized module '{shown}' (most likely due to a circular import) ({place})"
                )
            }
        } else if load::shadows_library(self, &shown, file.as_deref()) {
            format!(
                "cannot import name '{attr}' from '{shown}' (consider renaming '{place}' since it has the same name as the standard library module named '{shown}' and prevents importing that standard library module)"
            )
        } else {
            format!("cannot import name '{attr}' from '{shown}' ({place})")
        };
        let path = match &file {
            Some(f) => self.str_value(f),
            None => Value::NONE,
        };
        let class = self.rt.types().exceptions.import_error;
        let f = self.import_failure(class, &message, &shown, path);
        if f == Fail::Raise {
            let exc = self.take_exc();
            let key = self.intern_value("name_from");
            // Not every build of the exception types lets it be set.
            if self.set_attr(exc, key, name).is_err() {
                self.take_exc();
            }
            self.exc = exc;
        }
        Err(f)
    }

    /// `from module import *` into the running frame's namespace.
    ///
    /// # Errors
    /// What `__all__` names and the module lacks.
    pub fn import_star(&mut self, module: Value) -> R<()> {
        let Some(frame) = self.frame() else {
            return Ok(());
        };
        let target = if frame.namespace.is_null() {
            frame.function.globals
        } else {
            frame.namespace
        };
        let key = self.intern_value("__all__");
        let all = self.get_attr_opt(module, key)?;
        let (names, skip_private) = if all.is_null() {
            let key = self.intern_value("__dict__");
            let dict = self.get_attr_opt(module, key)?;
            if dict.is_null() {
                return Err(
                    self.import_error("from-import-* object has no __dict__ and no __all__")
                );
            }
            let keys = self.call_method(dict, "keys", &[])?;
            (self.collect_items(keys)?, true)
        } else {
            (self.collect_items(all)?, false)
        };
        for name in names {
            let Some(interned) = self.name_value(name) else {
                let key = self.intern_value("__name__");
                let module_name = self.get_attr_opt(module, key)?;
                let shown = module_name
                    .cast::<Str>()
                    .map(|s| s.to_string())
                    .unwrap_or_default();
                let class = self.type_name(name);
                let what = if skip_private { "Key in" } else { "Item in" };
                let place = if skip_private { "__dict__" } else { "__all__" };
                return Err(
                    self.type_error(format!("{what} {shown}.{place} must be str, not {class}"))
                );
            };
            let private = interned
                .cast::<Str>()
                .is_some_and(|s| s.as_bytes().starts_with(b"_"));
            if skip_private && private {
                continue;
            }
            let v = self.get_attr(module, interned)?;
            match target.cast::<Dict>() {
                Some(dict) if self.class_of(target) == self.rt.types().dict => {
                    dict.insert_interned(self, interned, v)?
                }
                _ => self.set_item(target, interned, v)?,
            }
        }
        Ok(())
    }
}

/// The items of a `__path__`-like value as text.
fn path_entries(th: &mut Thread, v: Value) -> R<Vec<String>> {
    if let Some(list) = v.cast::<crate::objects::list::List>() {
        let items = list.items(th)?;
        return Ok(items
            .iter()
            .filter_map(|v| v.cast::<Str>())
            .map(|s| s.to_string())
            .collect());
    }
    let items = match v.cast::<crate::objects::tuple::Tuple>() {
        Some(_) => tuple_items(v).to_vec(),
        None => th.collect_items(v)?,
    };
    Ok(items
        .iter()
        .filter_map(|v| v.cast::<Str>())
        .map(|s| s.to_string())
        .collect())
}
