//! `types.GenericAlias`: `list[int]`.

use super::native::{Payload, tuple_items};
use crate::heap::{Kind, R, Slot, Thread, Tracer, Value};

/// `origin[args]`.
pub struct GenericAlias {
    pub origin: Value,
    /// A tuple.
    pub args: Value,
    /// Tuple of type variables, once computed; hidden state derived from `args`.
    pub parameters: Slot,
    /// `*origin[args]`.
    pub starred: bool,
}

impl Payload for GenericAlias {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.origin, self.args]);
        t.slot(&self.parameters);
    }
}

impl Thread {
    /// `origin[args]` as a `types.GenericAlias`. What is no tuple counts as one argument.
    pub fn generic_alias(&mut self, origin: Value, args: Value) -> R<Value> {
        let args = if args.kind() == Kind::Tuple {
            self.tuple_value(tuple_items(args))
        } else {
            self.tuple_value(&[args])
        };
        let class = self.class_for::<GenericAlias>();
        let payload = GenericAlias {
            origin,
            args,
            parameters: Slot::new(Value::NULL),
            starred: false,
        };
        Ok(self.new_native(class, payload).value())
    }
    pub fn is_generic_alias(&self, v: Value) -> bool {
        v.native::<GenericAlias>().is_some()
    }
}
