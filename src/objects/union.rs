//! `types.UnionType`, which is `typing.Union`: `int | str`.

use super::native::Payload;
use crate::heap::{Thread, Tracer, Value};

/// See the module's text.
pub struct Union {
    /// A tuple, without duplicates.
    pub args: Value,
}

impl Payload for Union {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.args)
    }
}

impl Thread {
    /// The tuple of a union's members, if `v` is a union.
    pub fn union_members(&self, v: Value) -> Option<Value> {
        v.native::<Union>().map(|u| u.args)
    }
}
