//! Code objects, Python functions, bound methods and cells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::*};

use super::tuple::Tuple;
use crate::code::CodeUnit;
use crate::heap::{Header, Kind, Layout, R, Ref, Slot, Thread, Tracer, Value};

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
    /// Interned strings.
    pub name: Value,
    pub qualname: Value,
    /// The one environment in which functions of this code run, see [`Environment`].
    pub(crate) environment: Environment,
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
    /// Whose code it is, once `vm::places` has written it down.
    pub(crate) noted: AtomicU8,
    /// A generator of this code may have something to do when it is dropped.
    pub closes: bool,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Code {
    const KIND: Kind = Kind::Code;
    fn trace(&self, t: &mut Tracer) {
        t.values(&self.consts);
        t.values(&self.names);
        t.values(&self.varnames);
        t.values(&[self.name, self.qualname]);
        self.environment.trace(t);
    }
}

/// Which globals and builtins the functions of a code object see. A thread's copy of the code caches globals by value, so that
/// this holds only while all functions of the code see the same ones; as a rule they do. Once a second environment turns up,
/// the code's globals are not cached any more.
///
/// Hidden state, in three steps: none yet (0), one (the dicts), several ([`Environment::SEVERAL`]). On the way to the third, all
/// caches are ended; until that is done it is [`Environment::ENDING`].
#[derive(Default)]
pub(crate) struct Environment {
    globals: AtomicU64,
    builtins: AtomicU64,
}

impl Environment {
    const SEVERAL: u64 = 1;
    const ENDING: u64 = 2;

    fn trace(&self, t: &mut Tracer) {
        // Kept alive, so that no other dict comes to the same address.
        for word in [&self.globals, &self.builtins] {
            let word = word.load(Relaxed);
            if word > Self::ENDING {
                t.value(Value(word))
            }
        }
    }

    /// May what code finds in these dicts be cached?
    pub fn is(&self, globals: Value, builtins: Value) -> bool {
        self.globals.load(Acquire) == globals.0 && self.builtins.load(Acquire) == builtins.0
    }

    /// A function that sees these dicts is about to come into being.
    ///
    /// # Errors
    /// `Abort`, as [`Thread::uncache`].
    pub fn enter(&self, th: &mut Thread, globals: Value, builtins: Value) -> R<()> {
        if self.is(globals, builtins) {
            return Ok(());
        }
        match self.globals.compare_exchange(0, globals.0, SeqCst, SeqCst) {
            Ok(_) => {
                if th.barriers {
                    th.publish(globals);
                    th.publish(builtins);
                }
                self.builtins.store(builtins.0, SeqCst);
                Ok(())
            }
            Err(Self::SEVERAL) => Ok(()),
            Err(_) => {
                self.globals.store(Self::ENDING, SeqCst);
                th.uncache()?;
                self.globals.store(Self::SEVERAL, SeqCst);
                Ok(())
            }
        }
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
    /// A new function.
    ///
    /// # Errors
    /// `Abort`, as [`Thread::uncache`].
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
    ) -> R<Ref<Function>> {
        code.environment.enter(th, globals, builtins)?;
        let (name, qualname) = (code.name, code.qualname);
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
        Ok(th.alloc(class.root_shape(), object, 0))
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
