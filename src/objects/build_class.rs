//! `__build_class__`: what a `class` statement calls.

use super::class::Class;
use super::dict::Dict;
use super::function::{Cell, Function};
use super::native::tuple_items;
use super::string::Str;
use crate::heap::{Kind, R, Ref, Thread, Value};

impl Thread {
    /// The class of body `func`, called `name`. `kwargs` is a dict or null.
    pub fn build_class(
        &mut self,
        func: Value,
        name: Value,
        bases: &[Value],
        kwargs: Value,
    ) -> R<Value> {
        let Some(function) = func.cast::<Function>() else {
            return Err(self.type_error("__build_class__: func must be a function"));
        };
        let Some(class_name) = name.cast::<Str>() else {
            return Err(self.type_error("__build_class__: name is not a string"));
        };
        let resolved = self.resolve_bases(bases)?;
        let replaced = resolved != bases;
        let bases_tuple = self.tuple(&resolved);
        let keywords = match kwargs.cast::<Dict>() {
            Some(given) => given.copy(self)?,
            None => Dict::new(self),
        };
        let key = self.intern_value("metaclass");
        let given = keywords.remove(self, key)?;
        let types = self.rt.types();
        let mut meta = match (given.non_null(), resolved.first()) {
            (Some(meta), _) => meta,
            (None, Some(&base)) => self.class_of(base).value(),
            (None, None) => types.type_.value(),
        };
        if let Some(class) = meta.as_class() {
            meta = self.metaclass_of(class, &resolved)?.value();
        }
        let prepare = self.attr_opt(meta, "__prepare__")?;
        let kwargs = keywords.value();
        let namespace = if prepare.is_null() {
            Dict::new(self).value()
        } else {
            self.call_ex(prepare, &[name, bases_tuple.value()], kwargs)?
        };
        if namespace.kind() != Kind::Dict
            && self
                .special(namespace, super::special::Sp::SetItem)
                .is_null()
        {
            let who = match meta.as_class() {
                Some(c) => c.name().to_string(),
                None => "<metaclass>".to_string(),
            };
            let got = self.type_name(namespace);
            return Err(self.type_error(format!(
                "{who}.__prepare__() must return a mapping, not {got}"
            )));
        }
        let cell = self.run_body(function, namespace)?;
        if replaced {
            let key = self.intern_value("__orig_bases__");
            let original = self.tuple_value(bases);
            self.set_item(namespace, key, original)?;
        }
        let class = self.call_ex(meta, &[name, bases_tuple.value(), namespace], kwargs)?;
        if let (Some(cell), Some(made)) = (cell.cast::<Cell>(), class.as_class()) {
            let inside = self.get(cell, &cell.value)?;
            if inside.is_null() {
                return Err(self.runtime_error(format!(
                    "__class__ not set defining '{class_name}' as {}. Was __classcell__ propagated to type.__new__?",
                    self.class_text(made)
                )));
            }
            if inside != class {
                let (inside, made) = (self.repr(inside)?, self.repr(class)?);
                return Err(self.type_error(format!(
                    "__class__ set to {inside} defining '{class_name}' as {made}"
                )));
            }
        }
        Ok(class)
    }

    fn class_text(&self, class: Ref<Class>) -> String {
        let name = class.qualname.peek().cast::<Str>();
        format!(
            "<class '{}'>",
            name.map_or(String::new(), |n| n.to_string())
        )
    }

    /// The bases with `__mro_entries__` of what is no class put in its place.
    pub fn resolve_bases(&mut self, bases: &[Value]) -> R<Vec<Value>> {
        let mut out = vec![];
        for &base in bases {
            if base.as_class().is_some() {
                out.push(base);
                continue;
            }
            let hook = self.attr_opt(base, "__mro_entries__")?;
            if hook.is_null() {
                out.push(base);
                continue;
            }
            let all = self.tuple_value(bases);
            let entries = self.call(hook, &[all])?;
            if entries.kind() != Kind::Tuple {
                return Err(self.type_error("__mro_entries__ must return a tuple"));
            }
            self.roots.push(entries);
            out.extend_from_slice(tuple_items(entries));
        }
        Ok(out)
    }
}

/// `builtins.__build_class__`, bound as `__build_class__(func, name, /, *bases, **kwargs)`.
pub fn builtin_build_class(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.build_class(a[0], a[1], tuple_items(a[2]), a[3])
}
