//! Code objects, Python functions, bound methods and cells.

use std::sync::Arc;

use super::tuple::Tuple;
use crate::code::CodeUnit;
use crate::heap::{Header, Kind, Layout, Ref, Slot, Thread, Tracer, Value};

/// A code object: a code unit loaded into the heap, its constants and names turned into values.
#[repr(C)]
pub struct Code {
    pub(crate) header: Header,
    /// Identifies the thread's copy of the instructions.
    pub id: usize,
    pub unit: Arc<CodeUnit>,
    pub consts: Box<[Value]>,
    /// Interned strings.
    pub names: Box<[Value]>,
    pub varnames: Box<[Value]>,
    /// For each positional parameter etc., see `CodeUnit`; repeated here for the call path.
    pub argcount: u32,
    pub kwonly: u32,
    pub nregs: u32,
    pub flags: u32,
    /// Registers below this are parameters (with `*args` and `**kwargs`).
    pub params: u32,
    /// Locals, which start null: `params .. locals`.
    pub locals: u32,
    /// A call with `argcount` positional arguments needs no binding: no keyword-only, starred parameters, no generator.
    pub plain: bool,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Code {
    const KIND: Kind = Kind::Code;
    fn trace(&self, t: &mut Tracer) {
        t.values(&self.consts);
        t.values(&self.names);
        t.values(&self.varnames);
    }
}

/// A Python function.
#[repr(C)]
pub struct Function {
    header: Header,
    pub code: Slot,
    pub globals: Value,
    /// Tuple of cells, or null.
    pub closure: Value,
    /// Tuple or null.
    pub defaults: Slot,
    /// Dict or null.
    pub kwdefaults: Slot,
    pub name: Slot,
    pub qualname: Slot,
    pub doc: Slot,
    pub module: Slot,
    /// Dict once someone has set `__annotations__` or asked for them, else null.
    pub annotations: Slot,
    /// `__annotate__`: function or null.
    pub annotate: Slot,
    pub type_params: Slot,
    /// The builtins dict that it sees.
    pub builtins: Value,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Function {
    const KIND: Kind = Kind::Function;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.globals, self.closure, self.builtins]);
        for slot in [
            &self.code,
            &self.defaults,
            &self.kwdefaults,
            &self.name,
            &self.qualname,
            &self.doc,
            &self.module,
            &self.annotations,
            &self.annotate,
            &self.type_params,
        ] {
            t.slot(slot)
        }
    }
}

impl Function {
    #[inline(always)]
    pub fn code(&self) -> Ref<Code> {
        // SAFETY: only code objects are stored there. Setting `__code__` moves the epoch on and stops the others.
        unsafe { self.code.peek().cast_unchecked() }
    }
    pub fn closure(&self) -> Option<Ref<Tuple>> {
        self.closure.cast()
    }
    pub fn new(
        th: &mut Thread,
        code: Ref<Code>,
        globals: Value,
        closure: Value,
        defaults: Value,
        kwdefaults: Value,
        annotate: Value,
        module: Value,
        builtins: Value,
    ) -> Ref<Function> {
        let name = th.intern_wtf8(code.unit.name.as_bytes()).value();
        let qualname = th.intern_wtf8(code.unit.qualname.as_bytes()).value();
        let doc = if code.flags & crate::code::flags::HAS_DOCSTRING != 0 {
            code.consts[0]
        } else {
            Value::NONE
        };
        let object = Function {
            header: Header::empty(),
            code: Slot::new(code.value()),
            globals,
            closure,
            defaults: Slot::new(defaults),
            kwdefaults: Slot::new(kwdefaults),
            name: Slot::new(name),
            qualname: Slot::new(qualname),
            doc: Slot::new(doc),
            module: Slot::new(module),
            annotations: Slot::new(Value::NULL),
            annotate: Slot::new(annotate),
            type_params: Slot::new(Value::NULL),
            builtins,
        };
        let class = th.rt.types().function;
        th.alloc(class.root_shape(), object, 0)
    }
}

/// A bound method.
#[repr(C)]
pub struct BoundMethod {
    header: Header,
    pub function: Value,
    pub receiver: Value,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for BoundMethod {
    const KIND: Kind = Kind::BoundMethod;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.receiver])
    }
}

/// The variable shared between a function and those within it.
#[repr(C)]
pub struct Cell {
    header: Header,
    pub value: Slot,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Cell {
    const KIND: Kind = Kind::Cell;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.value)
    }
}

impl Thread {
    /// `function` bound to `receiver`.
    pub fn bound_method(&mut self, function: Value, receiver: Value) -> Value {
        let class = self.rt.types().method;
        let object = BoundMethod {
            header: Header::empty(),
            function,
            receiver,
        };
        self.alloc(class.root_shape(), object, 0).value()
    }
    /// A new cell; null for an empty one.
    pub fn cell(&mut self, v: Value) -> Ref<Cell> {
        let class = self.rt.types().cell;
        let object = Cell {
            header: Header::empty(),
            value: Slot::new(v),
        };
        self.alloc(class.root_shape(), object, 0)
    }
}
