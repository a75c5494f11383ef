//! What the instructions that build sets and dicts call.
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::dict::Dict;
use crate::objects::set::Set;

/// A `frozenset` of constants.
pub fn frozen(th: &mut Thread, items: &[Value]) -> R<Value> {
    let class = th.rt.types().frozenset;
    let set = Set::of_class(th, class);
    for &item in items {
        set.add(th, item)?;
    }
    Ok(set.value())
}
/// `dict.update(other)`.
pub fn dict_update(th: &mut Thread, dict: Ref<Dict>, other: Value) -> R<()> {
    dict.update(th, other)
}
