//! From the syntax tree to bytecode.
//!
//! One walk over the tree emits code directly (`emit`), with registers taken from a stack of
//! temporaries. Three things are known statically and spare instructions: which register holds a
//! local variable (it is an operand, never loaded), which locals are certainly bound (no check), and
//! whether an operand may be rebound before it is used (`operand`).

mod annotation;
mod call;
mod class;
mod comprehension;
mod control;
mod display;
mod emit;
mod exceptions;
mod expr;
mod fold;
mod function;
mod jump;
mod module;
mod names;
mod pattern;
mod stmt;
mod strings;
mod target;
mod type_params;
mod unparse;

pub use crate::syntax::error::{ErrKind, SyntaxErr, SyntaxWarn, WarnKind};
pub use crate::syntax::source::decode_source;
pub use module::compile;

use ruff_python_ast::ExceptHandler;
use ruff_text_size::{Ranged, TextRange};

use crate::code::{CodeUnit, Op, Span};
use crate::syntax::error::Problem;
use crate::syntax::intern::{Interner, Sym};
use crate::syntax::scope::{Scope, ScopeId, SymbolTable, mangle};
use crate::syntax::source::LineIndex;
use emit::{Reg, Unit};

/// What `compile` makes of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A module: statements.
    Exec,
    /// One expression, whose value the code returns.
    Eval,
    /// One interactive statement: values of expressions are displayed.
    Single,
}

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    pub filename: String,
    /// 0; 1 drops `assert` and makes `__debug__` False; 2 drops docstrings too.
    pub optimize: u8,
    /// `code::flags::FUTURE_ANNOTATIONS` if the code that asks has that future in force.
    pub future_flags: u32,
    /// `await` at the top level makes the module a coroutine (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
    pub top_level_await: bool,
}

impl Options {
    /// Plain options for a mode and file name.
    pub fn new(mode: Mode, filename: impl Into<String>) -> Self {
        Options {
            mode,
            filename: filename.into(),
            optimize: 0,
            future_flags: 0,
            top_level_await: false,
        }
    }
}

/// The result of compiling.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub code: CodeUnit,
    pub warnings: Vec<SyntaxWarn>,
}

/// The state of one compilation.
pub(crate) struct Compiler<'a> {
    src: &'a str,
    lines: &'a LineIndex,
    opts: &'a Options,
    table: &'a SymbolTable,
    names: &'a mut Interner,
    /// The unit being written.
    u: Unit<'a>,
    /// Those around it.
    outer: Vec<Unit<'a>>,
    future_annotations: bool,
    problems: Vec<Problem>,
    /// The last range converted to a span.
    last_span: (TextRange, Span),
}

impl<'a> Compiler<'a> {
    /// Instructions from here on come from this node.
    fn at(&mut self, node: &impl Ranged) {
        self.at_range(node.range());
    }

    fn at_range(&mut self, range: TextRange) {
        if self.last_span.0 != range {
            let place = self.lines.place(range);
            self.last_span = (
                range,
                Span {
                    line: place.line,
                    end_line: place.end_line,
                    col: place.col,
                    end_col: place.end_col,
                },
            );
        }
        self.u.span = self.last_span.1;
    }

    fn problem(&mut self, msg: impl Into<String>, range: TextRange) {
        self.problems.push(Problem {
            msg: msg.into(),
            range,
        });
    }

    /// The scope of the code being written: the innermost inlined comprehension or the unit's own.
    fn scope_id(&self) -> ScopeId {
        self.u.comps.last().map_or(self.u.scope, |comp| comp.scope)
    }

    fn unit_scope(&self) -> &'a Scope {
        self.table.get(self.u.scope)
    }

    fn intern(&mut self, name: &str) -> Sym {
        self.names.intern(name)
    }

    /// A name as it is after mangling here.
    fn mangled(&mut self, name: &str) -> Sym {
        let class = self.table.get(self.scope_id()).private;
        match mangle(class.map(|class| self.names.text(class)), name) {
            Some(name) => self.names.intern(&name),
            None => self.names.intern(name),
        }
    }

    /// Index of an attribute or global name, mangled.
    fn name_index(&mut self, name: &str) -> u16 {
        let sym = self.mangled(name);
        self.u.name(self.names, sym)
    }

    fn plain_name_index(&mut self, name: &str) -> u16 {
        let sym = self.names.intern(name);
        self.u.name(self.names, sym)
    }

    fn temp(&mut self) -> Reg {
        self.u.alloc(1)
    }

    fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.u.emit(op, a, b, c);
    }

    fn move_to(&mut self, dst: Reg, src: Reg) {
        if dst != src {
            self.emit(Op::Move, dst, src, 0);
        }
    }

    /// Whether an assignment expression that may rebind a local of this frame lies in `range`.
    fn rebinds_in(&self, range: TextRange) -> bool {
        let walruses = &self.unit_scope().walruses;
        if walruses.is_empty() {
            return false;
        }
        let next = walruses.partition_point(|&at| at < range.start().to_u32());
        walruses
            .get(next)
            .is_some_and(|&at| at < range.end().to_u32())
    }
}

/// The parts of the only kind of handler that there is.
fn handler_parts(handler: &ExceptHandler) -> &ruff_python_ast::ExceptHandlerExceptHandler {
    let ExceptHandler::ExceptHandler(handler) = handler;
    handler
}
