//! Annotations: evaluated when asked for, by `__annotate__` functions (PEP 649 and 749).

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};
use rustpython_wtf8::Wtf8Buf;

use super::Compiler;
use super::emit::Reg;
use super::stmt::text;
use crate::code::{Const, Op};
use crate::syntax::builder::annotations_of;
use crate::syntax::intern::Sym;
use crate::syntax::scope::{Part, ScopeId, ScopeKind};

const CONDITIONAL: &str = "__conditional_annotations__";

impl<'a> Compiler<'a> {
    /// At the start of a module or class body with annotations.
    pub(super) fn begin_annotations(&mut self, any: bool) {
        if any && self.unit_scope().conditional_annotations {
            let set = self.temp();
            self.emit(Op::BuildSet, set, set, 0);
            self.store_conditional(set);
            self.u.free_to(set);
        }
    }

    /// The set of the annotations that were executed is a cell of a class, and in the namespace of a module.
    fn store_conditional(&mut self, set: Reg) {
        let sym = self.intern(CONDITIONAL);
        match self.u.regs.get(&sym).copied() {
            Some(cell) => self.emit(Op::StoreCell, cell, set, 0),
            None => self.store_plain(CONDITIONAL, set),
        }
    }

    pub(super) fn ann_assign(&mut self, node: &'a ast::StmtAnnAssign) {
        if let Some(value) = &node.value {
            if let Some(reg) = self.local_target(&node.target) {
                self.expr_to(value, reg);
                self.set_bound(reg);
            } else {
                let value = self.expr(value);
                self.store(&node.target, value);
            }
        } else {
            // The parts of the target are evaluated though nothing is stored.
            match &*node.target {
                Expr::Attribute(target) => self.effect(&target.value),
                Expr::Subscript(target) => {
                    self.effect(&target.value);
                    self.effect(&target.slice);
                }
                _ => {}
            }
        }
        let Expr::Name(name) = &*node.target else {
            return;
        };
        let kind = self.unit_scope().kind;
        if !node.simple || kind.is_function_like() {
            return;
        }
        let sym = self.mangled(&name.id);
        self.at(node);
        if self.future_annotations {
            let mark = self.u.mark();
            self.emit(Op::SetupAnnotations, 0, 0, 0);
            let dict = self.temp();
            let key = self.temp();
            let value = self.temp();
            let written = self.unparse(&node.annotation);
            self.load_const(value, text(&written));
            let annotations = self.intern("__annotations__");
            self.load_name(annotations, dict, node.range);
            let name = self.names.text(sym).to_owned();
            self.load_const(key, text(&name));
            self.emit(Op::StoreItem, dict, key, value);
            self.u.free_to(mark);
            return;
        }
        let index = if kind == ScopeKind::Module || self.u.conditional > 0 {
            let index = self.u.next_conditional;
            self.u.next_conditional += 1;
            let mark = self.u.mark();
            let set = self.temp();
            let item = self.temp();
            let conditional = self.intern(CONDITIONAL);
            match self.u.regs.get(&conditional).copied() {
                Some(cell) => {
                    let name = self.u.name(self.names, conditional);
                    self.emit(Op::LoadCell, set, cell, name);
                }
                None => self.load_name(conditional, set, node.range),
            }
            self.load_const(item, Const::Int(i64::from(index)));
            self.emit(Op::SetAdd, set, item, 0);
            self.u.free_to(mark);
            Some(index)
        } else {
            None
        };
        self.u.annotations.push((sym, &node.annotation, index));
    }

    /// At the end of a module or class body: stores its `__annotate__` function.
    pub(super) fn end_annotations(&mut self) {
        let annotations = std::mem::take(&mut self.u.annotations);
        let Some(scope) = self.unit_scope().annotations else {
            return;
        };
        if !self.u.reachable() || annotations.is_empty() {
            return;
        }
        let mark = self.u.mark();
        let function = self.temp();
        let start = annotations[0].1.range();
        self.at_range(start);
        self.enter_annotate(scope, start);
        let dict = self.temp();
        self.emit(Op::BuildMap, dict, 0, 0);
        let conditional = self.intern(CONDITIONAL);
        for (name, expr, index) in annotations {
            let mark = self.u.mark();
            let skip = self.u.label();
            if let Some(index) = index {
                let item = self.temp();
                let set = self.temp();
                self.load_const(item, Const::Int(i64::from(index)));
                self.load_name(conditional, set, expr.range());
                self.u.jump_ext(Op::JumpIn, item, set, 0, skip);
                self.u.free_to(mark);
            }
            let key = self.temp();
            let name = self.names.text(name).to_owned();
            let value = self.expr(expr);
            self.at(expr);
            self.load_const(key, text(&name));
            self.emit(Op::MapAdd, dict, key, value);
            self.u.bind(skip);
            self.u.free_to(mark);
        }
        self.emit(Op::Return, dict, 0, 0);
        let unit = self.leave();
        let above = self.u.mark();
        self.make_function(unit, above, 0, function);
        let is_class = self.unit_scope().kind == ScopeKind::Class;
        self.store_plain(
            if is_class {
                "__annotate_func__"
            } else {
                "__annotate__"
            },
            function,
        );
        self.u.free_to(mark);
    }

    /// Begins an `__annotate__` function, up to its check of the format.
    fn enter_annotate(&mut self, scope: ScopeId, range: TextRange) {
        self.enter(scope, "__annotate__", None, range.start().to_u32());
        self.format_prologue(range);
    }

    /// For the functions that take a format: other formats than VALUE (1, and 2 for fake globals) are refused.
    pub(super) fn format_prologue(&mut self, range: TextRange) {
        self.u.code.argcount = 1;
        self.u.code.posonly = 1;
        self.at_range(range);
        self.prologue();
        let mark = self.u.mark();
        let limit = self.temp();
        let fine = self.u.label();
        self.load_const(limit, Const::Int(2));
        self.u.jump_ext(Op::JumpGt, 0, limit, 0, fine);
        let error = limit;
        let name = self.plain_name_index("NotImplementedError");
        self.emit(Op::LoadGlobal, error, name, 0);
        self.emit(Op::Raise, error, 0, 1);
        self.u.bind(fine);
        self.u.free_to(mark);
    }

    /// The `__annotate__` function of a function definition.
    pub(super) fn function_annotate(&mut self, node: &'a ast::StmtFunctionDef, dst: Reg) {
        let scope = self.table.of(node, Part::Annotations);
        let qualname = None;
        let start = node.name.range;
        self.enter(scope, "__annotate__", qualname, start.start().to_u32());
        if self.future_annotations {
            // Strings are the same in every format.
            self.u.code.argcount = 1;
            self.u.code.posonly = 1;
            self.at_range(start);
            self.prologue();
        } else {
            self.format_prologue(start);
        }
        let dict = self.temp();
        self.emit(Op::BuildMap, dict, 0, 0);
        let annotations: Vec<(&ast::Identifier, &'a Expr)> = annotations_of(node).collect();
        for (name, expr) in annotations {
            let mark = self.u.mark();
            let key = self.temp();
            let sym: Sym = self.mangled(name);
            let name = self.names.text(sym).to_owned();
            let value = if self.future_annotations {
                let value = self.temp();
                let written = self.unparse(expr);
                self.load_const(value, text(&written));
                value
            } else {
                self.annotation_value(expr)
            };
            self.at(expr);
            self.load_const(key, text(&name));
            self.emit(Op::MapAdd, dict, key, value);
            self.u.free_to(mark);
        }
        self.emit(Op::Return, dict, 0, 0);
        let unit = self.leave();
        self.at(&node.name);
        let above = self.u.mark();
        self.make_function(unit, above, 0, dst);
        self.u.free_to(above);
    }

    /// An annotation's value; `*args: *Ts` means the one item of `Ts` unpacked.
    pub(super) fn annotation_value(&mut self, expr: &'a Expr) -> Reg {
        let Expr::Starred(star) = expr else {
            return self.expr(expr);
        };
        let dst = self.temp();
        let value = self.expr(&star.value);
        self.at(expr);
        self.emit(Op::UnpackSequence, dst, value, 1);
        dst
    }

    /// The string constant of a name.
    pub(super) fn name_text(&self, name: Sym) -> Const {
        Const::Str(Wtf8Buf::from_string(self.names.text(name).to_owned()))
    }
}
