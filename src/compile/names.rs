//! Loading, storing and deleting variables.

use ruff_python_ast as ast;
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::Reg;
use crate::code::Op;
use crate::syntax::intern::Sym;
use crate::syntax::scope::{Access, ScopeKind};

/// Where a variable lives, seen from the code being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Var {
    /// A register.
    Local(Reg),
    /// A cell in a register.
    Cell(Reg),
    /// A cell of the closure.
    Free(u16),
    /// In a class body: the namespace, else the closure.
    ClassFree(u16),
    /// Module globals, then builtins.
    Global,
    /// The namespace of a module or class body.
    Namespace,
    /// In annotation scopes of a class: its namespace, then the closure or globals.
    ClassDict(Option<u16>),
}

impl Compiler<'_> {
    /// Where `name` (mangled) lives.
    pub(super) fn variable(&self, name: Sym) -> Var {
        for comp in self.u.comps.iter().rev() {
            let Some(symbol) = self.table.get(comp.scope).symbol(name) else {
                continue;
            };
            match (symbol.access, comp.regs.get(&name)) {
                (Access::Local, Some(&reg)) => return Var::Local(reg),
                (Access::Cell, Some(&reg)) => return Var::Cell(reg),
                (Access::GlobalExplicit | Access::GlobalImplicit, _) => return Var::Global,
                _ => {}
            }
        }
        let scope = self.unit_scope();
        let is_function = scope.kind.is_function_like();
        let access = scope
            .symbol(name)
            .map_or(Access::GlobalImplicit, |symbol| symbol.access);
        match access {
            Access::Local | Access::Cell if !is_function => Var::Namespace,
            Access::Local => self
                .u
                .regs
                .get(&name)
                .map_or(Var::Global, |&reg| Var::Local(reg)),
            Access::Cell => self
                .u
                .regs
                .get(&name)
                .map_or(Var::Global, |&reg| Var::Cell(reg)),
            Access::Free => {
                let at = self.u.free.get(&name).copied().unwrap_or_default();
                match scope.kind {
                    ScopeKind::Class => Var::ClassFree(at),
                    _ if self.looks_into_class(name) => Var::ClassDict(Some(at)),
                    _ => Var::Free(at),
                }
            }
            Access::GlobalExplicit => Var::Global,
            Access::GlobalImplicit | Access::Enclosing if !is_function => Var::Namespace,
            Access::GlobalImplicit | Access::Enclosing if self.looks_into_class(name) => {
                Var::ClassDict(None)
            }
            Access::GlobalImplicit | Access::Enclosing => Var::Global,
        }
    }

    fn looks_into_class(&self, name: Sym) -> bool {
        self.u.class_dict.is_some()
            && !matches!(
                self.names.text(name),
                "__classdict__" | "__conditional_annotations__"
            )
            && !self.names.text(name).starts_with('.')
    }

    /// The register of a name that is a plain local, made sure to be bound.
    pub(super) fn local_operand(&mut self, name: &ast::ExprName) -> Option<Reg> {
        let sym = self.mangled(&name.id);
        match self.variable(sym) {
            Var::Local(reg) => {
                self.check_bound(reg, sym, name.range);
                Some(reg)
            }
            _ => None,
        }
    }

    /// The register of a store target that is a plain local.
    pub(super) fn local_target(&mut self, target: &ast::Expr) -> Option<Reg> {
        let ast::Expr::Name(name) = target else {
            return None;
        };
        let sym = self.mangled(&name.id);
        match self.variable(sym) {
            Var::Local(reg) => Some(reg),
            _ => None,
        }
    }

    fn check_bound(&mut self, reg: Reg, name: Sym, range: TextRange) {
        if self.u.bound.as_ref().is_none_or(|bound| bound.has(reg)) {
            return;
        }
        self.at_range(range);
        let name = self.u.name(self.names, name);
        self.emit(Op::CheckBound, reg, name, 0);
        self.set_bound(reg);
    }

    /// From here on, the local in `reg` is certainly bound.
    pub(super) fn set_bound(&mut self, reg: Reg) {
        if let Some(bound) = &mut self.u.bound {
            bound.set(reg);
        }
    }

    pub(super) fn set_unbound(&mut self, reg: Reg) {
        if let Some(bound) = &mut self.u.bound {
            bound.clear(reg);
        }
    }

    /// Loads a variable into `dst`.
    pub(super) fn load_name(&mut self, sym: Sym, dst: Reg, range: TextRange) {
        let variable = self.variable(sym);
        if let Var::Local(reg) = variable {
            self.check_bound(reg, sym, range);
            self.at_range(range);
            self.move_to(dst, reg);
            return;
        }
        self.at_range(range);
        let name = self.u.name(self.names, sym);
        match variable {
            Var::Local(_) => {}
            Var::Cell(reg) => self.emit(Op::LoadCell, dst, reg, name),
            Var::Free(at) => self.emit(Op::LoadFree, dst, at, name),
            Var::ClassFree(at) => self.emit(Op::LoadNameOrFree, dst, at, name),
            Var::Global => self.emit(Op::LoadGlobal, dst, name, 0),
            Var::Namespace => self.emit(Op::LoadName, dst, name, 0),
            Var::ClassDict(free) => {
                let dict = self.u.class_dict.unwrap_or_default();
                let ext = free.map_or(0, |at| u64::from(at) + 1);
                self.u.emit_ext(Op::LoadFromDictOr, dst, dict, name, ext);
            }
        }
    }

    /// Stores `src` into a variable.
    pub(super) fn store_name(&mut self, sym: Sym, src: Reg) {
        match self.variable(sym) {
            Var::Local(reg) => {
                self.move_to(reg, src);
                self.set_bound(reg);
            }
            Var::Cell(reg) => self.emit(Op::StoreCell, reg, src, 0),
            Var::Free(at) | Var::ClassFree(at) | Var::ClassDict(Some(at)) => {
                self.emit(Op::StoreFree, at, src, 0)
            }
            Var::Global | Var::ClassDict(None) => {
                let name = self.u.name(self.names, sym);
                self.emit(Op::StoreGlobal, name, src, 0);
            }
            Var::Namespace => {
                let name = self.u.name(self.names, sym);
                self.emit(Op::StoreName, name, src, 0);
            }
        }
    }

    /// Deletes a variable.
    pub(super) fn delete_name(&mut self, sym: Sym) {
        let name = self.u.name(self.names, sym);
        match self.variable(sym) {
            Var::Local(reg) => {
                self.emit(Op::DeleteFast, reg, name, 0);
                self.set_unbound(reg);
            }
            Var::Cell(reg) => self.emit(Op::DeleteCell, reg, name, 0),
            Var::Free(at) | Var::ClassFree(at) | Var::ClassDict(Some(at)) => {
                self.emit(Op::DeleteFree, at, name, 0)
            }
            Var::Global | Var::ClassDict(None) => self.emit(Op::DeleteGlobal, name, 0, 0),
            Var::Namespace => self.emit(Op::DeleteName, name, 0, 0),
        }
    }

    /// Unbinds the name of an `except ... as` at the end of its body, whether or not the body did.
    pub(super) fn clear_name(&mut self, sym: Sym) {
        if let Var::Local(reg) = self.variable(sym) {
            self.emit(Op::ClearFast, reg, 0, 0);
            self.set_unbound(reg);
            return;
        }
        let mark = self.u.mark();
        let none = self.temp();
        self.load_const(none, crate::code::Const::None);
        self.store_name(sym, none);
        self.u.free_to(mark);
        self.delete_name(sym);
    }
}
