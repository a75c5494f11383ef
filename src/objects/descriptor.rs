//! The descriptor types: property, staticmethod, classmethod, and those that defining types makes.

use super::define::Property;
use crate::heap::{R, Ref, Thread, Value};

impl Thread {
    /// A property's name: as set, or its getter's; null if unknown.
    pub(super) fn property_name(&mut self, p: Ref<Property>) -> R<Value> {
        let name = self.get(p, &p.name)?;
        if !name.is_null() {
            return Ok(name);
        }
        let get = self.get(p, &p.get)?;
        if get.is_null() || get.is_none() {
            return Ok(Value::NULL);
        }
        self.attr_opt(get, "__name__")
    }
}
