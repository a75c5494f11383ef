//! Stand-ins until the real ones land.
use crate::heap::{R, Ref, Thread, Value};
pub fn frozen(th: &mut Thread, _: &[Value]) -> R<Value> {
    Err(th.runtime_error("pending"))
}
pub fn dict_update(th: &mut Thread, d: Ref<crate::objects::dict::Dict>, o: Value) -> R<()> {
    if let Some(o) = o.cast::<crate::objects::dict::Dict>() {
        for (k, v) in o.items(th)? {
            d.insert(th, k, v)?
        }
    }
    Ok(())
}
