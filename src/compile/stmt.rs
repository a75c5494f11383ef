//! Statements.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;
use rustpython_wtf8::Wtf8Buf;

use super::emit::Reg;
use super::{Compiler, Mode};
use crate::code::{Const, Intrinsic, Op};
use crate::syntax::scope::ScopeKind;

impl<'a> Compiler<'a> {
    /// Statements in sequence; what control cannot reach is left out.
    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if !self.u.reachable() {
                return;
            }
            let mark = self.u.mark();
            self.stmt(stmt);
            debug_assert_eq!(self.u.mark(), mark, "temporaries left over by a statement");
            self.u.free_to(mark);
        }
    }

    /// A body that may not run, as seen by annotations.
    fn conditional(&mut self, compile: impl FnOnce(&mut Self)) {
        self.u.conditional += 1;
        compile(self);
        self.u.conditional -= 1;
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        let mark = self.u.mark();
        match stmt {
            Stmt::FunctionDef(node) => self.function_def(node),
            Stmt::ClassDef(node) => self.class_def(node),
            Stmt::Return(node) => self.return_stmt(node),
            Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(target);
                }
            }
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Assign(node) => self.assign(node),
            Stmt::AugAssign(node) => self.aug_assign(node),
            Stmt::AnnAssign(node) => self.ann_assign(node),
            Stmt::For(node) => self.conditional(|this| this.for_stmt(node)),
            Stmt::While(node) => self.conditional(|this| this.while_stmt(node)),
            Stmt::If(node) => self.conditional(|this| this.if_stmt(node)),
            Stmt::With(node) => self.conditional(|this| this.with_stmt(node)),
            Stmt::Match(node) => self.conditional(|this| this.match_stmt(node)),
            Stmt::Try(node) => self.conditional(|this| this.try_stmt(node)),
            Stmt::Raise(node) => self.raise(node),
            Stmt::Assert(node) => self.assert(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            Stmt::Expr(node) => {
                if self.opts.mode == Mode::Single && self.unit_scope().kind == ScopeKind::Module {
                    let value = self.expr(&node.value);
                    let result = self.temp();
                    self.at(node);
                    self.emit(Op::Intrinsic, result, value, Intrinsic::Display as u16);
                } else {
                    self.effect(&node.value);
                }
            }
            Stmt::Pass(_) => {}
            Stmt::Break(node) => self.loop_exit(true, node.range),
            Stmt::Continue(node) => self.loop_exit(false, node.range),
            Stmt::IpyEscapeCommand(node) => self.problem("invalid syntax", node.range),
        }
        self.u.free_to(mark);
    }

    fn assign(&mut self, node: &'a ast::StmtAssign) {
        if let [target] = &node.targets[..] {
            if let Some(reg) = self.local_target(target) {
                self.expr_to(&node.value, reg);
                self.set_bound(reg);
                return;
            }
            if self.assign_in_parallel(target, &node.value) {
                return;
            }
        }
        let value = self.expr(&node.value);
        // Several targets: an earlier one may rebind the variable that the value was taken from.
        let value = if node.targets.len() > 1
            && !self.u.is_temp(value)
            && !node.targets.iter().all(Expr::is_name_expr)
        {
            let copy = self.temp();
            self.at(&*node.value);
            self.move_to(copy, value);
            copy
        } else {
            value
        };
        for target in &node.targets {
            self.store(target, value);
        }
    }

    fn raise(&mut self, node: &'a ast::StmtRaise) {
        let Some(exc) = &node.exc else {
            self.at(node);
            return self.emit(Op::Raise, 0, 0, 0);
        };
        match &node.cause {
            None => {
                let exc = self.expr(exc);
                self.at(node);
                self.emit(Op::Raise, exc, 0, 1);
            }
            Some(cause) => {
                let exc = self.operand(exc, cause.range());
                let cause = self.expr(cause);
                self.at(node);
                self.emit(Op::Raise, exc, cause, 2);
            }
        }
    }

    fn assert(&mut self, node: &'a ast::StmtAssert) {
        if self.opts.optimize > 0 {
            return;
        }
        let fine = self.u.label();
        self.jump_if(&node.test, true, fine);
        if self.u.reachable() {
            let error = self.temp();
            // The caret marks the condition that failed.
            self.at(&*node.test);
            self.emit(Op::LoadAssertionError, error, 0, 0);
            if let Some(msg) = &node.msg {
                let reg = self.temp();
                self.expr_to(msg, reg);
                self.at(&*node.test);
                self.emit(Op::Call, error, error, 1);
            }
            self.emit(Op::Raise, error, 0, 1);
        }
        self.u.bind(fine);
    }

    fn import(&mut self, node: &'a ast::StmtImport) {
        for alias in &node.names {
            let mark = self.u.mark();
            let module = self.temp();
            let fromlist = self.temp();
            self.at(node);
            self.load_const(fromlist, Const::None);
            let name = self.plain_name_index(&alias.name);
            self.u.emit_ext(Op::ImportName, module, name, fromlist, 0);
            let mut parts = alias.name.split('.');
            let first = parts.next().unwrap_or_default();
            match &alias.asname {
                Some(asname) => {
                    // `import a.b.c as d` binds the innermost module.
                    for part in parts {
                        let part = self.plain_name_index(part);
                        self.emit(Op::ImportFrom, module, module, part);
                    }
                    let sym = self.mangled(asname);
                    self.store_name(sym, module);
                }
                None => {
                    let sym = self.mangled(first);
                    self.store_name(sym, module);
                }
            }
            self.u.free_to(mark);
        }
    }

    fn import_from(&mut self, node: &'a ast::StmtImportFrom) {
        let module = self.temp();
        let fromlist = self.temp();
        self.at(node);
        let names = node.names.iter().map(|alias| text(&alias.name)).collect();
        self.load_const(fromlist, Const::Tuple(names));
        let name = self.plain_name_index(node.module.as_deref().unwrap_or_default());
        self.u.emit_ext(
            Op::ImportName,
            module,
            name,
            fromlist,
            u64::from(node.level),
        );
        if let [alias] = &node.names[..]
            && alias.name.as_str() == "*"
        {
            return self.emit(Op::ImportStar, module, 0, 0);
        }
        let item = fromlist;
        for alias in &node.names {
            let name = self.plain_name_index(&alias.name);
            self.emit(Op::ImportFrom, item, module, name);
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let sym = self.mangled(bound);
            self.store_name(sym, item);
        }
    }

    /// Stores into a name of the current scope without mangling.
    pub(super) fn store_plain(&mut self, name: &str, src: Reg) {
        let sym = self.intern(name);
        self.store_name(sym, src);
    }
}

/// A string constant.
pub(super) fn text(text: &str) -> Const {
    Const::Str(Wtf8Buf::from_string(text.to_owned()))
}
