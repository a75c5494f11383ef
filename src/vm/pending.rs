//! Stand-ins until the real ones land.
use crate::heap::{R, Ref, Thread, Value};
pub fn frozen(th: &mut Thread, _: &[Value]) -> R<Value> {
    Err(th.runtime_error("pending"))
}
impl Thread {
    pub fn import_name(&mut self, _: Value, _: Value, _: usize) -> R<Value> {
        Err(self.runtime_error("pending"))
    }
    pub fn import_from(&mut self, _: Value, _: Value) -> R<Value> {
        Err(self.runtime_error("pending"))
    }
    pub fn import_star(&mut self, _: Value) -> R<()> {
        Err(self.runtime_error("pending"))
    }
}
pub fn dict_update(th: &mut Thread, d: Ref<crate::objects::dict::Dict>, o: Value) -> R<()> {
    if let Some(o) = o.cast::<crate::objects::dict::Dict>() {
        for (k, v) in o.items(th)? {
            d.insert(th, k, v)?
        }
    }
    Ok(())
}
