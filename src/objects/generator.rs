//! Generators, coroutines and asynchronous generators: the layout. Running them is in `vm`.
//!
//! A suspended generator keeps its registers in a `ValueBuf`. Resuming copies them onto the thread's register stack,
//! yielding copies them back. A block that may roll back must not write into a buffer that an earlier block filled, or
//! the abort would find the generator's registers changed: then the yield makes a new buffer and stores it through
//! the barrier. So one undo entry per block rolls a generator back, however often it ran.

use crate::heap::{Header, Kind, Layout, RawSlot, Slot, Tracer, Value};

/// Where a generator stands, in `Generator::state`.
pub mod state {
    pub const CREATED: u64 = 0;
    pub const SUSPENDED: u64 = 1;
    pub const RUNNING: u64 = 2;
    pub const FINISHED: u64 = 3;
}

/// Bits of `Generator::marks`.
pub mod marks {
    /// Asynchronous generators: the hooks have been called.
    pub const HOOKED: u64 = 1;
    /// The one reference to it, but for its own chain's, is in a temporary of whoever drives it, by `for` or `yield from`. So its
    /// memory can be used again as soon as it is over. Whoever gives another reference away clears the mark. (The buffer of a generator
    /// that runs may hold an old copy of that temporary: a collection then keeps what is in that memory, which is always a whole object.)
    pub const TEMPORARY: u64 = 2;
    /// A frame object refers to the buffer of its registers.
    pub const SEEN: u64 = 4;
}

/// See the module's text.
#[repr(C)]
pub struct Generator {
    header: Header,
    /// The `Function` it came from (its code, globals and closure).
    pub function: Value,
    pub code: Value,
    pub name: Slot,
    pub qualname: Slot,
    /// `ValueBuf` of the registers; null when running or finished.
    pub registers: Slot,
    /// Word index at which to go on.
    pub pc: RawSlot,
    pub state: RawSlot,
    /// What the generator was handling when it was suspended, or null.
    pub handled: Slot,
    /// See [`marks`].
    pub marks: RawSlot,
    pub finalizer: Slot,
    /// As a root that delegates: the innermost generator at the last resumption. This and what follows: see `vm::delegation`.
    pub end: Slot,
    /// As an innermost one: the root's address.
    pub root: RawSlot,
    /// The address of the generator that passes on to this one.
    pub parent: RawSlot,
    /// As an innermost one: how many generators are passing, and, in the upper half, how many registers they have.
    pub span: RawSlot,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Generator {
    const KIND: Kind = Kind::Generator;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.code]);
        for s in [
            &self.name,
            &self.qualname,
            &self.registers,
            &self.handled,
            &self.finalizer,
            &self.end,
        ] {
            t.slot(s)
        }
    }
}

impl Generator {
    pub fn new(
        function: Value,
        code: Value,
        name: Value,
        qualname: Value,
        registers: Value,
    ) -> Generator {
        Generator {
            header: Header::empty(),
            function,
            code,
            name: Slot::new(name),
            qualname: Slot::new(qualname),
            registers: Slot::new(registers),
            pc: RawSlot::new(0),
            state: RawSlot::new(state::CREATED),
            handled: Slot::new(Value::NULL),
            marks: RawSlot::new(0),
            finalizer: Slot::new(Value::NULL),
            end: Slot::new(Value::NULL),
            root: RawSlot::new(0),
            parent: RawSlot::new(0),
            span: RawSlot::new(0),
        }
    }
}
