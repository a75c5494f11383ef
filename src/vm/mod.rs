//! Frames, the instruction handlers, calls, exceptions, blocks.

pub mod call;

use crate::heap::{Thread, Tracer, Value};

/// The interpreter's part of a thread.
pub struct VmState {
    pub in_block: bool,
    pub stack_top: usize,
    /// The exception being handled (`sys.exception()`), or null.
    pub handled: Value,
}

impl VmState {
    pub fn new() -> VmState {
        VmState {
            in_block: false,
            stack_top: 0,
            handled: Value::NULL,
        }
    }
    pub fn trace(&self, _t: &mut Tracer) {}
}

/// Calls `f` with the thread that is attached to this OS thread, if there is one.
pub fn with_current_thread(_f: impl FnOnce(&mut Thread)) {}
