//! `type`: making and changing classes.

use super::class::{Class, class_flags};
use super::define::finish_class;
use super::special::Sp;
use super::string::Str;
use crate::heap::{R, Ref, Thread, Value};

impl Thread {
    /// Sets an attribute of a class: the tables of it and its subclasses follow, and cached lookups end. Null deletes.
    pub fn class_set(&mut self, class: Ref<Class>, name: Value, x: Value) -> R<()> {
        let dict = class.dict();
        let old = dict.get_interned(self, name)?;
        if x.is_null() {
            if old.is_null() {
                return Err(self.no_attribute(class.value(), name));
            }
            dict.remove(self, name)?;
        } else {
            dict.insert_interned(self, name, x)?;
        }
        let special = name
            .cast::<Str>()
            .and_then(|n| n.as_str().and_then(Sp::from_name));
        // Setting a plain attribute again and again only writes its entry, which whoever cached it watches.
        if special.is_some() || old.is_null() || x.is_null() {
            self.uncache()?;
        }
        if special.is_some() {
            self.class_changed(class)?;
        }
        Ok(())
    }

    /// Brings the tables of a class and its subclasses up to date.
    pub(super) fn class_changed(&mut self, class: Ref<Class>) -> R<()> {
        self.check_stack()?;
        finish_class(self, class)?;
        let subclasses = class.subclasses.lock().clone();
        for c in subclasses {
            self.class_changed(c)?;
        }
        Ok(())
    }

    /// Is `c` a class made by a `class` statement or `type()`?
    pub fn is_heap_class(&self, c: Ref<Class>) -> bool {
        c.has_flag(class_flags::HEAP)
    }
}
