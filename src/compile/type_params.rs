//! Type parameters and `type` aliases (PEP 695 and 696).

use ruff_python_ast::{self as ast, Expr, TypeParam};
use ruff_text_size::Ranged;

use super::Compiler;
use super::emit::Reg;
use super::stmt::text;
use crate::code::{Const, Intrinsic, Op};
use crate::syntax::scope::{Part, ScopeId};

impl<'a> Compiler<'a> {
    /// Makes the type parameters, binds their names, and leaves their tuple in `dst`.
    pub(super) fn type_params_tuple(&mut self, params: &'a ast::TypeParams, dst: Reg) {
        let mark = self.u.mark();
        let base = self.u.alloc(params.len());
        for (at, param) in params.iter().enumerate() {
            let reg = base + at as Reg;
            self.at(param);
            self.type_param(param, reg);
            let sym = self.mangled(param.name());
            self.store_name(sym, reg);
        }
        self.at_range(params.range);
        self.emit(Op::BuildTuple, dst, base, params.len() as u16);
        self.u.free_to(mark);
    }

    fn type_param(&mut self, param: &'a TypeParam, dst: Reg) {
        let mark = self.u.mark();
        let pair = self.u.alloc(2);
        let sym = self.mangled(param.name());
        let name = self.name_text(sym);
        self.load_const(pair, name);
        match param {
            TypeParam::TypeVar(var) => match &var.bound {
                None => self.emit(Op::Intrinsic, pair, pair, Intrinsic::TypeVar as u16),
                Some(bound) => {
                    let scope = self.table.of(param, Part::Bound);
                    self.lazy_value(scope, param.name(), bound, pair + 1);
                    let intrinsic = if bound.is_tuple_expr() {
                        Intrinsic::TypeVarWithConstraints
                    } else {
                        Intrinsic::TypeVarWithBound
                    };
                    self.at(param);
                    self.emit(Op::Intrinsic2, pair, pair, intrinsic as u16);
                }
            },
            TypeParam::ParamSpec(_) => {
                self.emit(Op::Intrinsic, pair, pair, Intrinsic::ParamSpec as u16)
            }
            TypeParam::TypeVarTuple(_) => {
                self.emit(Op::Intrinsic, pair, pair, Intrinsic::TypeVarTuple as u16)
            }
        }
        if let Some(default) = param.default() {
            let scope = self.table.of(param, Part::Default);
            self.lazy_value(scope, param.name(), default, pair + 1);
            self.at(param);
            self.emit(
                Op::Intrinsic2,
                pair,
                pair,
                Intrinsic::SetTypeParamDefault as u16,
            );
        }
        self.move_to(dst, pair);
        self.u.free_to(mark);
    }

    /// A function that evaluates `expr` when asked: it takes the format, VALUE by default.
    fn lazy_value(&mut self, scope: ScopeId, name: &str, expr: &'a Expr, dst: Reg) {
        let range = expr.range();
        let base = self.u.mark();
        let defaults = self.temp();
        self.at_range(range);
        self.load_const(defaults, Const::Tuple(vec![Const::Int(1)]));
        self.enter(scope, name, None, range.start().to_u32());
        self.format_prologue(range);
        let value = self.annotation_value(expr);
        self.at_range(range);
        self.emit(Op::Return, value, 0, 0);
        let unit = self.leave();
        self.at_range(range);
        self.make_function(unit, base, 1, dst);
        self.u.free_to(base);
    }

    /// `type X[T] = ...`.
    pub(super) fn type_alias(&mut self, node: &'a ast::StmtTypeAlias) {
        let Expr::Name(name) = &*node.name else {
            return self.problem("invalid syntax", node.name.range());
        };
        let mark = self.u.mark();
        let alias = self.temp();
        match &node.type_params {
            None => self.alias_object(node, name, None, alias),
            Some(params) => {
                let scope = self.table.of(node, Part::TypeParams);
                let title = format!("<generic parameters of {}>", name.id);
                self.enter(scope, &title, None, node.start().to_u32());
                self.at(node);
                self.prologue();
                let tuple = self.temp();
                self.type_params_tuple(params, tuple);
                let result = self.temp();
                self.alias_object(node, name, Some(tuple), result);
                self.emit(Op::Return, result, 0, 0);
                let unit = self.leave();
                self.at(node);
                let above = self.u.mark();
                self.make_function(unit, above, 0, alias);
                self.u.free_to(above);
                self.emit(Op::Call, alias, alias, 0);
            }
        }
        self.at(&*node.name);
        let sym = self.mangled(&name.id);
        self.store_name(sym, alias);
        self.u.free_to(mark);
    }

    fn alias_object(
        &mut self,
        node: &'a ast::StmtTypeAlias,
        name: &'a ast::ExprName,
        params: Option<Reg>,
        dst: Reg,
    ) {
        let mark = self.u.mark();
        let parts = self.u.alloc(3);
        self.at(node);
        self.load_const(parts, text(&name.id));
        match params {
            Some(params) => self.move_to(parts + 1, params),
            None => self.load_const(parts + 1, Const::None),
        }
        let scope = self.table.of(node, Part::Value);
        self.lazy_value(scope, &name.id, &node.value, parts + 2);
        self.at(node);
        self.emit(Op::BuildTuple, parts, parts, 3);
        self.emit(Op::Intrinsic, dst, parts, Intrinsic::TypeAlias as u16);
        self.u.free_to(mark);
    }
}
