//! Calls from native code.

use crate::heap::{R, Thread, Value};

impl Thread {
    /// `f(*args)`.
    pub fn call(&mut self, _f: Value, _args: &[Value]) -> R<Value> {
        unimplemented!()
    }
    /// `f(*args, **names)`: the last `names.len()` of `args` are given by name.
    pub fn call_kw(&mut self, _f: Value, _args: &[Value], _names: &[Value]) -> R<Value> {
        unimplemented!()
    }
    /// Raises RecursionError when native code has nested too deeply; call it in native functions that recurse.
    pub fn check_stack(&mut self) -> R<()> {
        if self.stack_left() < 256 << 10 {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        Ok(())
    }
    /// The globals of the innermost Python frame, or null.
    pub fn current_globals(&mut self) -> Value {
        Value::NULL
    }
    /// Ends all cached lookups of globals and class attributes: the other threads stop at a block boundary first.
    pub fn uncache(&mut self) -> R<()> {
        self.rt
            .epoch
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(())
    }
}
