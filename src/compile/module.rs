//! The entry point, and code units: entering, leaving, making functions of them.

use ruff_python_ast::Mod;
use ruff_text_size::TextRange;
use rustpython_wtf8::Wtf8Buf;

use super::emit::{Label, Reg, Unit};
use super::{Compiled, Compiler, Mode, Options, SyntaxErr};
use crate::code::{CodeUnit, Const, Intrinsic, Op, flags};
use crate::syntax::builder::{self, Body};
use crate::syntax::intern::{Interner, Sym};
use crate::syntax::scope::{Access, ScopeId, ScopeKind, def};
use crate::syntax::source::normalise_newlines;
use crate::syntax::{parse, semantic};

/// Compiles source text.
pub fn compile(source: &str, opts: &Options) -> Result<Compiled, SyntaxErr> {
    let source = normalise_newlines(source);
    let future = opts.future_flags & flags::FUTURE_ANNOTATIONS != 0;
    let kind = match opts.mode {
        Mode::Exec => parse::Kind::Module,
        Mode::Eval => parse::Kind::Expression,
        Mode::Single => parse::Kind::Interactive,
    };
    parse::with_tree(&source, kind, &opts.filename, |tree| {
        compile_tree(&source, tree, opts, future)
    })?
}

fn compile_tree(
    source: &str,
    tree: &parse::Tree,
    opts: &Options,
    future: bool,
) -> Result<Compiled, SyntaxErr> {
    let lines = &tree.lines;
    let fail = |msg: String, range: TextRange| {
        let mut err = SyntaxErr::at(msg, range, source, lines, &opts.filename);
        err.late = true;
        Err(err)
    };
    let (body, future_annotations) = match &tree.syntax {
        Mod::Module(module) => (
            Body::Module(&module.body),
            future || parse::has_future_annotations(&module.body),
        ),
        Mod::Expression(expression) => (Body::Expression(&expression.body), future),
    };
    let (problem, warnings) = semantic::check(source, lines, &tree.syntax, future_annotations);
    if let Some(problem) = problem {
        return fail(problem.msg, problem.range);
    }
    let mut names = Interner::default();
    let (table, mut problems) =
        builder::build(body, &mut names, future_annotations, opts.top_level_await);
    if !problems.is_empty() {
        let first = problems.swap_remove(0);
        return fail(first.msg, first.range);
    }
    let unit = Unit::new(ScopeId(0), "<module>", "<module>", &opts.filename, 1);
    let mut compiler = Compiler {
        src: source,
        lines,
        opts,
        table: &table,
        names: &mut names,
        u: unit,
        outer: Vec::new(),
        future_annotations,
        problems: Vec::new(),
        last_span: (TextRange::default(), Default::default()),
    };
    compiler.module(body);
    let problem = (!compiler.problems.is_empty()).then(|| compiler.problems.swap_remove(0));
    if let Some(problem) = problem {
        return fail(problem.msg, problem.range);
    }
    match compiler.u.finish() {
        Ok(code) => Ok(Compiled { code, warnings }),
        Err(what) => fail(what.to_owned(), TextRange::default()),
    }
}

/// A finished unit and what its closure holds.
pub struct Finished {
    code: CodeUnit,
    freevars: Vec<Sym>,
}

impl<'a> Compiler<'a> {
    fn module(&mut self, body: Body<'a>) {
        if self.future_annotations {
            self.u.code.flags |= flags::FUTURE_ANNOTATIONS;
        }
        self.prologue();
        match body {
            Body::Expression(expr) => {
                let value = self.expr(expr);
                self.at(expr);
                self.emit(Op::Return, value, 0, 0);
            }
            Body::Module(body) => {
                let table = self.table;
                let is_async = self.opts.top_level_await && self.unit_scope().is_async;
                if is_async {
                    self.u.code.flags |= flags::COROUTINE;
                }
                let protect = self.begin_generator();
                let docstring = match self.opts.mode {
                    Mode::Exec => self.docstring(body),
                    _ => None,
                };
                self.begin_annotations(table.get(ScopeId(0)).annotations.is_some());
                // `__annotate__` is there before the first statement runs, but what it holds is known after the last.
                let annotate = (table.get(ScopeId(0)).annotations.is_some()
                    && !self.future_annotations)
                    .then(|| self.u.detour());
                let rest = match docstring {
                    Some((doc, range)) => {
                        self.at_range(range);
                        let reg = self.temp();
                        self.load_const(reg, doc);
                        self.store_plain("__doc__", reg);
                        self.u.free_to(reg);
                        &body[1..]
                    }
                    None => body,
                };
                self.body(rest);
                if self.u.reachable() {
                    self.u.span = Default::default();
                    if let Some(last) = body.last() {
                        self.at(last);
                    }
                    self.return_none();
                }
                if let Some((make, start)) = annotate {
                    self.u.bind(make);
                    self.end_annotations();
                    self.u.jump(Op::JumpBack, 0, start);
                }
                self.end_generator(protect);
            }
        }
    }

    /// Begins the unit of a scope within the current one. `start`: offset that gives the first line.
    pub(super) fn enter(
        &mut self,
        scope: ScopeId,
        name: &str,
        qualname: Option<String>,
        start: u32,
    ) {
        let qualname = qualname.unwrap_or_else(|| self.qualified(name));
        let line = self.lines.line(start);
        let unit = Unit::new(scope, name, &qualname, &self.opts.filename, line);
        let outer = std::mem::replace(&mut self.u, unit);
        self.outer.push(outer);
    }

    /// The qualified name of a thing called `name` made here.
    fn qualified(&mut self, name: &str) -> String {
        let sym = self.mangled(name);
        let mut units = self.outer.iter().chain(std::iter::once(&self.u)).rev();
        // The function around a generic definition does not show.
        let Some(parent) =
            units.find(|unit| self.table.get(unit.scope).kind != ScopeKind::TypeParams)
        else {
            return name.to_owned();
        };
        let scope = self.table.get(parent.scope);
        let declared_global = scope
            .symbol(sym)
            .is_some_and(|symbol| symbol.access == Access::GlobalExplicit);
        match scope.kind {
            ScopeKind::Module => name.to_owned(),
            _ if declared_global => name.to_owned(),
            ScopeKind::Class => format!("{}.{name}", parent.qualname),
            _ => format!("{}.<locals>.{name}", parent.qualname),
        }
    }

    /// Lays out the registers of the unit and makes its cells.
    pub(super) fn prologue(&mut self) {
        let table = self.table;
        let scope = table.get(self.u.scope);
        let wtf8 = |this: &Self, sym: Sym| Wtf8Buf::from_string(this.names.text(sym).to_owned());
        if self.future_annotations {
            self.u.code.flags |= flags::FUTURE_ANNOTATIONS;
        }
        let mut next: usize = 0;
        let mut cells: Vec<(Sym, Reg)> = Vec::new();
        if scope.kind.is_function_like() {
            self.u.code.flags |= flags::OPTIMIZED | flags::NEWLOCALS;
            let is_method = scope
                .parent
                .is_some_and(|parent| table.get(parent).kind == ScopeKind::Class);
            if is_method && scope.kind == ScopeKind::Function {
                self.u.code.flags |= flags::METHOD;
            }
            for &param in &scope.params {
                let reg = next as Reg;
                self.u.regs.insert(param, reg);
                let name = match self.names.text(param) {
                    ".format" => Wtf8Buf::from_string("format".to_owned()),
                    _ => wtf8(self, param),
                };
                self.u.code.varnames.push(name);
                self.set_bound(reg);
                if scope
                    .symbol(param)
                    .is_some_and(|symbol| symbol.access == Access::Cell)
                {
                    cells.push((param, reg));
                }
                next += 1;
            }
            let own = |access: Access| {
                scope
                    .symbols
                    .iter()
                    .filter(move |symbol| symbol.flags & def::PARAM == 0 && symbol.access == access)
            };
            for symbol in own(Access::Local) {
                let reg = next.min(usize::from(Reg::MAX)) as Reg;
                self.u.regs.insert(symbol.name, reg);
                let name = wtf8(self, symbol.name);
                self.u.code.varnames.push(name);
                next += 1;
            }
            for symbol in own(Access::Cell) {
                let reg = next.min(usize::from(Reg::MAX)) as Reg;
                self.u.regs.insert(symbol.name, reg);
                cells.push((symbol.name, reg));
                next += 1;
            }
            for symbol in &scope.symbols {
                if symbol.flags & def::DELETED != 0
                    && let Some(&reg) = self.u.regs.get(&symbol.name)
                {
                    self.u.unstable.set(reg);
                }
            }
        } else {
            for &name in &scope.class_cells {
                self.u.regs.insert(name, next as Reg);
                cells.push((name, next as Reg));
                next += 1;
            }
        }
        if scope.nested && scope.kind != ScopeKind::Module {
            self.u.code.flags |= flags::NESTED;
        }
        self.u.set_first_temp(next);
        for (at, &name) in scope.freevars.iter().enumerate() {
            let text = wtf8(self, name);
            self.u.code.freevars.push(text);
            self.u
                .free
                .insert(name, at.min(usize::from(u16::MAX)) as u16);
        }
        for (name, reg) in cells {
            let text = wtf8(self, name);
            self.u.code.cellvars.push((text, reg));
            self.emit(Op::MakeCell, reg, 0, 0);
        }
        if scope.sees_class {
            let classdict = self.intern("__classdict__");
            if let Some(&at) = self.u.free.get(&classdict) {
                let dict = self.temp();
                let name = self.u.name(self.names, classdict);
                self.emit(Op::LoadFree, dict, at, name);
                self.u.class_dict = Some(dict);
            }
        }
    }

    /// Ends the unit.
    pub(super) fn leave(&mut self) -> Finished {
        let Some(outer) = self.outer.pop() else {
            return Finished {
                code: CodeUnit::default(),
                freevars: Vec::new(),
            };
        };
        let unit = std::mem::replace(&mut self.u, outer);
        let freevars = self.table.get(unit.scope).freevars.clone();
        let code = match unit.finish() {
            Ok(code) => code,
            Err(what) => {
                self.problem(what, TextRange::default());
                CodeUnit::default()
            }
        };
        Finished { code, freevars }
    }

    /// In a generator or coroutine, a StopIteration that leaves becomes a RuntimeError.
    pub(super) fn begin_generator(&mut self) -> Option<Label> {
        if !self.is_generator_like() {
            return None;
        }
        let handler = self.u.label();
        let reg = self.u.mark();
        self.u.begin_region(handler, reg);
        Some(handler)
    }

    pub(super) fn end_generator(&mut self, handler: Option<Label>) {
        let Some(handler) = handler else { return };
        self.u.end_region();
        self.u.bind(handler);
        let exc = self.temp();
        self.u.span = Default::default();
        self.emit(
            Op::Intrinsic,
            exc,
            exc,
            Intrinsic::StopIterationError as u16,
        );
        self.emit(Op::Reraise, exc, 0, 0);
        self.u.free_to(exc);
    }

    /// Makes a function of a unit. The parts that `ext` names (see the instruction) are in the topmost temporaries from
    /// `base` on; the closure is added here. Leaves the temporaries to the caller.
    pub(super) fn make_function(&mut self, unit: Finished, base: Reg, mut ext: u64, dst: Reg) {
        debug_assert_eq!(u32::from(self.u.mark()), u32::from(base) + ext.count_ones());
        let mark = self.u.mark();
        if !unit.freevars.is_empty() {
            ext |= 8;
            let closure = self.temp();
            let cells = self.u.alloc(unit.freevars.len());
            for (at, &name) in unit.freevars.iter().enumerate() {
                self.closure_cell(name, cells + at as Reg);
            }
            self.emit(Op::BuildTuple, closure, cells, unit.freevars.len() as u16);
        }
        let code = self.u.constant(Const::Code(Box::new(unit.code)));
        self.u.emit_ext(
            Op::MakeFunction,
            dst,
            code,
            if ext == 0 { 0 } else { base },
            ext,
        );
        self.u.free_to(mark);
    }

    /// The cell of a variable that a function made here closes over.
    fn closure_cell(&mut self, name: Sym, dst: Reg) {
        for comp in self.u.comps.iter().rev() {
            let is_cell = self
                .table
                .get(comp.scope)
                .symbol(name)
                .is_some_and(|symbol| symbol.access == Access::Cell);
            if let (true, Some(&reg)) = (is_cell, comp.regs.get(&name)) {
                return self.move_to(dst, reg);
            }
        }
        let scope = self.unit_scope();
        let is_own = !scope.kind.is_function_like()
            || scope
                .symbol(name)
                .is_some_and(|symbol| symbol.access == Access::Cell);
        match (self.u.regs.get(&name), is_own) {
            (Some(&reg), true) => self.move_to(dst, reg),
            _ => {
                let at = self.u.free.get(&name).copied().unwrap_or_default();
                self.emit(Op::LoadClosure, dst, at, 0);
            }
        }
    }
}
