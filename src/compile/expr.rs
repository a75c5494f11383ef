//! Expressions.
//!
//! `expr` leaves the value in whatever register it already is in, or a new temporary; `expr_to` puts it into a given
//! one. If that is a variable's register, it is written once, as the last thing on every path: the value may depend on
//! the variable, and an exception on the way must not have changed it.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Reg;
use super::names::Var;
use crate::code::{Const, Op};
use crate::syntax::scope::ScopeKind;

/// The instruction of a binary operator.
pub fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::LShift,
        Operator::RShift => Op::RShift,
        Operator::BitOr => Op::Or,
        Operator::BitXor => Op::Xor,
        Operator::BitAnd => Op::And,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

/// The instruction of an augmented assignment's operator.
pub fn inplace_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::InplaceAdd,
        Operator::Sub => Op::InplaceSub,
        Operator::Mult => Op::InplaceMul,
        Operator::MatMult => Op::InplaceMatMul,
        Operator::Div => Op::InplaceTrueDiv,
        Operator::Mod => Op::InplaceMod,
        Operator::Pow => Op::InplacePow,
        Operator::LShift => Op::InplaceLShift,
        Operator::RShift => Op::InplaceRShift,
        Operator::BitOr => Op::InplaceOr,
        Operator::BitXor => Op::InplaceXor,
        Operator::BitAnd => Op::InplaceAnd,
        Operator::FloorDiv => Op::InplaceFloorDiv,
    }
}

/// The instruction of a comparison.
pub fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::Eq,
        CmpOp::NotEq => Op::Ne,
        CmpOp::Lt => Op::Lt,
        CmpOp::LtE => Op::Le,
        CmpOp::Gt => Op::Gt,
        CmpOp::GtE => Op::Ge,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
    }
}

impl<'a> Compiler<'a> {
    /// The value of `expr` in some register, which is only to be read.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Reg {
        if let Expr::Name(name) = expr
            && name.id != "__debug__"
            && let Some(reg) = self.local_operand(name)
        {
            return reg;
        }
        let dst = self.temp();
        self.expr_to(expr, dst);
        dst
    }

    /// As `expr`, for an operand that must keep its value while the code of `later` runs.
    pub(super) fn operand(&mut self, expr: &'a Expr, later: TextRange) -> Reg {
        let reg = self.expr(expr);
        if !self.u.is_temp(reg) && self.rebinds_in(later) {
            let copy = self.temp();
            self.move_to(copy, reg);
            return copy;
        }
        reg
    }

    /// Evaluates for the effect alone.
    pub(super) fn effect(&mut self, expr: &'a Expr) {
        if self.fold(expr).is_some() {
            return;
        }
        let mark = self.u.mark();
        self.expr(expr);
        self.u.free_to(mark);
    }

    /// Puts the value of `expr` into `dst`.
    pub(super) fn expr_to(&mut self, expr: &'a Expr, dst: Reg) {
        let mark = self.u.mark();
        // The left spine of a chain of operators may be long, and is folded on the way up.
        if !matches!(expr, Expr::BinOp(_))
            && let Some(value) = self.fold(expr)
        {
            self.at(expr);
            self.load_const(dst, value);
            return;
        }
        match expr {
            Expr::Name(name) => {
                let sym = self.mangled(&name.id);
                self.load_name(sym, dst, name.range);
            }
            Expr::BinOp(_) => self.binary_chain(expr, dst),
            Expr::UnaryOp(node) => {
                let operand = self.expr(&node.operand);
                self.at(expr);
                let op = match node.op {
                    UnaryOp::Invert => Op::Invert,
                    UnaryOp::Not => Op::Not,
                    UnaryOp::UAdd => Op::Pos,
                    UnaryOp::USub => Op::Neg,
                };
                self.emit(op, dst, operand, 0);
            }
            Expr::BoolOp(node) => self.bool_op(node, dst),
            Expr::Compare(node) => self.compare(node, dst),
            Expr::Named(node) => {
                let value = self.named(node);
                self.at(expr);
                self.move_to(dst, value);
            }
            Expr::If(node) => {
                let otherwise = self.u.label();
                let end = self.u.label();
                self.jump_if(&node.test, false, otherwise);
                if self.u.reachable() {
                    self.expr_to(&node.body, dst);
                    self.u.jump(Op::Jump, 0, end);
                }
                self.u.free_to(mark);
                self.u.bind(otherwise);
                if self.u.reachable() {
                    self.expr_to(&node.orelse, dst);
                }
                self.u.bind(end);
            }
            Expr::Lambda(node) => self.lambda(node, dst),
            Expr::Call(node) => self.call(node, dst),
            Expr::Attribute(node) => self.attribute(node, dst),
            Expr::Subscript(node) => self.subscript(node, dst),
            Expr::Tuple(node) => self.tuple_display(&node.elts, node.range, dst),
            Expr::List(node) => self.list_display(&node.elts, node.range, dst),
            Expr::Set(node) => self.set_display(&node.elts, node.range, dst),
            Expr::Dict(node) => self.dict_display(node, dst),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expr, dst);
            }
            Expr::FString(node) => self.fstring(node, dst),
            Expr::TString(node) => self.tstring(node, dst),
            Expr::Slice(node) => self.slice_object(node, dst),
            Expr::Yield(node) => {
                let value = match &node.value {
                    Some(value) => self.expr(value),
                    None => {
                        let value = self.temp();
                        self.at(expr);
                        self.load_const(value, Const::None);
                        value
                    }
                };
                self.at(expr);
                if self.unit_scope().is_async {
                    let wrapped = self.temp();
                    self.emit(Op::AsyncGenWrap, wrapped, value, 0);
                    self.emit(Op::Yield, dst, wrapped, 0);
                } else {
                    self.emit(Op::Yield, dst, value, 0);
                }
            }
            Expr::YieldFrom(node) => {
                let iterator = self.temp();
                let value = self.expr(&node.value);
                self.at(expr);
                self.emit(Op::GetYieldFromIter, iterator, value, 0);
                self.delegate(iterator, dst);
            }
            Expr::Await(node) => {
                let awaited = self.temp();
                let value = self.expr(&node.value);
                self.at(expr);
                self.await_value(awaited, value, 0, dst);
            }
            // The parser lets a star stand only where `display`, `call` and `target` handle it.
            Expr::Starred(node) => self.problem("can't use starred expression here", node.range),
            Expr::IpyEscapeCommand(node) => self.problem("invalid syntax", node.range),
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => self.problem("invalid literal", expr.range()),
        }
        self.u.free_to(mark);
    }

    /// `a + b + c ...`, without recursion on the left.
    fn binary_chain(&mut self, expr: &'a Expr, dst: Reg) {
        let mut spine: Vec<&'a ast::ExprBinOp> = Vec::new();
        let mut first = expr;
        while let Expr::BinOp(node) = first {
            spine.push(node);
            first = &node.left;
        }
        // Constants at the start of the chain.
        let mut constant = self.fold(first);
        while let (Some(value), Some(node)) = (&constant, spine.last()) {
            let Some(folded) = self
                .fold(&node.right)
                .and_then(|right| super::fold::binary(node.op, value, &right))
            else {
                break;
            };
            constant = Some(folded);
            spine.pop();
        }
        if let (true, Some(value)) = (spine.is_empty(), &constant) {
            self.at(expr);
            self.load_const(dst, value.clone());
            return;
        }
        let mark = self.u.mark();
        let scratch = if self.u.is_temp(dst) {
            dst
        } else {
            self.temp()
        };
        let mut left = match constant {
            Some(value) => {
                self.at(first);
                self.load_const(scratch, value);
                scratch
            }
            None => match first {
                Expr::Name(name) => match self.local_operand(name) {
                    Some(reg) if !self.rebinds_in(expr.range()) => reg,
                    Some(reg) => {
                        self.move_to(scratch, reg);
                        scratch
                    }
                    None => {
                        self.expr_to(first, scratch);
                        scratch
                    }
                },
                _ => {
                    self.expr_to(first, scratch);
                    scratch
                }
            },
        };
        let above = self.u.mark();
        while let Some(node) = spine.pop() {
            let target = if spine.is_empty() { dst } else { scratch };
            match (node.op, self.small_int(&node.right)) {
                (Operator::Add, Some(n)) => {
                    self.at(node);
                    self.emit(Op::AddInt, target, left, n as u16);
                }
                (Operator::Sub, Some(n)) => {
                    self.at(node);
                    self.emit(Op::SubInt, target, left, n as u16);
                }
                _ => {
                    let right = self.expr(&node.right);
                    self.at(node);
                    self.emit(binary_op(node.op), target, left, right);
                }
            }
            self.u.free_to(above);
            left = target;
        }
        self.u.free_to(mark);
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp, dst: Reg) {
        let mark = self.u.mark();
        let result = if self.u.is_temp(dst) {
            dst
        } else {
            self.temp()
        };
        let end = self.u.label();
        let jump = match node.op {
            BoolOp::And => Op::JumpIfFalse,
            BoolOp::Or => Op::JumpIfTrue,
        };
        let stops = |value: &Const| super::fold::truth(value) == (node.op == BoolOp::Or);
        let last = node.values.len() - 1;
        for (at, value) in node.values.iter().enumerate() {
            if at < last {
                // A constant decides or drops out.
                if let Some(constant) = self.fold(value) {
                    if stops(&constant) {
                        self.at(value);
                        self.load_const(result, constant);
                        break;
                    }
                    continue;
                }
                self.expr_to(value, result);
                self.at(value);
                self.u.jump(jump, result, end);
            } else {
                self.expr_to(value, result);
            }
        }
        self.u.bind(end);
        self.at(node);
        self.move_to(dst, result);
        self.u.free_to(mark);
    }

    fn compare(&mut self, node: &'a ast::ExprCompare, dst: Reg) {
        if let ([op], [right]) = (&node.ops[..], &node.comparators[..]) {
            let left = self.operand(&node.left, right.range());
            let right = self.compare_right(*op, right);
            self.at(node);
            self.emit(compare_op(*op), dst, left, right);
            return;
        }
        let result = if self.u.is_temp(dst) {
            dst
        } else {
            self.temp()
        };
        let end = self.u.label();
        let mut left = self.operand(
            &node.left,
            TextRange::new(node.left.end(), node.range.end()),
        );
        let last = node.ops.len() - 1;
        for (at, (op, right)) in node.ops.iter().zip(&node.comparators[..]).enumerate() {
            let right = if at < last {
                self.operand(right, node.range)
            } else {
                self.compare_right(*op, right)
            };
            self.at(node);
            self.emit(compare_op(*op), result, left, right);
            if at < last {
                self.u.jump(Op::JumpIfFalse, result, end);
            }
            left = right;
        }
        self.u.bind(end);
        self.move_to(dst, result);
    }

    /// The right operand of a comparison: a list or set of constants after `in` is a constant itself.
    pub(super) fn compare_right(&mut self, op: CmpOp, right: &'a Expr) -> Reg {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let folded = match right {
                Expr::List(list) => self.fold_all(&list.elts).map(Const::Tuple),
                Expr::Set(set) => self.fold_all(&set.elts).map(Const::FrozenSet),
                _ => None,
            };
            if let Some(value) = folded {
                let reg = self.temp();
                self.at(right);
                self.load_const(reg, value);
                return reg;
            }
        }
        self.expr(right)
    }

    pub(super) fn fold_all(&self, elts: &[Expr]) -> Option<Vec<Const>> {
        elts.iter().map(|elt| self.fold(elt)).collect()
    }

    /// Assigns and answers the register with the value.
    fn named(&mut self, node: &'a ast::ExprNamed) -> Reg {
        if let Some(reg) = self.local_target(&node.target) {
            self.expr_to(&node.value, reg);
            self.set_bound(reg);
            return reg;
        }
        let value = self.expr(&node.value);
        self.at(node);
        if let Expr::Name(name) = &*node.target {
            let sym = self.mangled(&name.id);
            self.store_name(sym, value);
        }
        value
    }

    fn attribute(&mut self, node: &'a ast::ExprAttribute, dst: Reg) {
        if let Some((base, written_out)) = self.super_operands(&node.value) {
            self.at(node);
            let name = self.name_index(&node.attr);
            self.u
                .emit_ext(Op::LoadSuperAttr, dst, base, name, u64::from(written_out));
            return;
        }
        let value = self.expr(&node.value);
        self.at(node);
        let name = self.name_index(&node.attr);
        self.emit(Op::LoadAttr, dst, value, name);
    }

    /// For `super()` and `super(a, b)` in a method: three registers as `LoadSuperAttr` wants them.
    pub(super) fn super_operands(&mut self, value: &'a Expr) -> Option<(Reg, bool)> {
        let Expr::Call(call) = value else { return None };
        let Expr::Name(name) = &*call.func else {
            return None;
        };
        let args = &call.arguments.args;
        if name.id != "super"
            || !call.arguments.keywords.is_empty()
            || !matches!(args.len(), 0 | 2)
            || args.iter().any(Expr::is_starred_expr)
            || !self.unit_scope().kind.is_function_like()
        {
            return None;
        }
        let super_sym = self.intern("super");
        if self.variable(super_sym) != Var::Global {
            return None;
        }
        if args.is_empty() {
            let class_sym = self.intern("__class__");
            let scope = self.unit_scope();
            let first = *scope.params.first()?;
            if self.u.code.argcount == 0
                || !matches!(scope.kind, ScopeKind::Function | ScopeKind::Lambda)
            {
                return None;
            }
            if !matches!(self.variable(class_sym), Var::Free(_)) {
                return None;
            }
            let base = self.u.alloc(3);
            self.load_name(super_sym, base, name.range);
            self.load_name(class_sym, base + 1, call.range());
            // The first argument itself, whatever an inlined comprehension calls by the same name.
            let comps = std::mem::take(&mut self.u.comps);
            self.load_name(first, base + 2, call.range());
            self.u.comps = comps;
            return Some((base, false));
        }
        let base = self.u.alloc(3);
        self.load_name(super_sym, base, name.range);
        self.expr_to(&args[0], base + 1);
        self.expr_to(&args[1], base + 2);
        Some((base, true))
    }

    fn subscript(&mut self, node: &'a ast::ExprSubscript, dst: Reg) {
        let value = self.operand(&node.value, node.slice.range());
        if let Expr::Slice(slice) = &*node.slice
            && slice.step.is_none()
        {
            let bounds = self.u.alloc(2);
            self.bound_to(slice.lower.as_deref(), bounds, slice.range);
            self.bound_to(slice.upper.as_deref(), bounds + 1, slice.range);
            self.at(node);
            self.emit(Op::LoadSlice, dst, value, bounds);
            return;
        }
        let index = self.index(&node.slice);
        self.at(node);
        self.emit(Op::LoadItem, dst, value, index);
    }

    /// The register with a subscript, a slice made an object.
    pub(super) fn index(&mut self, slice: &'a Expr) -> Reg {
        self.expr(slice)
    }

    fn bound_to(&mut self, bound: Option<&'a Expr>, dst: Reg, range: TextRange) {
        match bound {
            Some(bound) => self.expr_to(bound, dst),
            None => {
                self.at_range(range);
                self.load_const(dst, Const::None);
            }
        }
    }

    fn slice_object(&mut self, node: &'a ast::ExprSlice, dst: Reg) {
        let parts = [&node.lower, &node.upper, &node.step];
        let folded: Option<Vec<Const>> = parts
            .iter()
            .map(|part| {
                part.as_deref()
                    .map_or(Some(Const::None), |part| self.fold(part))
            })
            .collect();
        if let Some(Ok(constants)) = folded.map(<[Const; 3]>::try_from) {
            self.at(node);
            self.load_const(dst, Const::Slice(Box::new(constants)));
            return;
        }
        let n = if node.step.is_some() { 3 } else { 2 };
        let base = self.u.alloc(n);
        for (at, part) in parts.into_iter().take(n).enumerate() {
            self.bound_to(part.as_deref(), base + at as Reg, node.range);
        }
        self.at(node);
        self.emit(Op::BuildSlice, dst, base, n as u16);
    }

    /// Runs the iterator in `iterator` to its end, yielding what it yields; its value goes to `dst`.
    pub(super) fn delegate(&mut self, iterator: Reg, dst: Reg) {
        let mark = self.u.mark();
        let value = if self.u.is_temp(dst) && dst != iterator {
            dst
        } else {
            self.temp()
        };
        let sent = self.temp();
        self.load_const(sent, Const::None);
        let end = self.u.label();
        let head = self.u.loop_head();
        self.u.jump_ext(Op::Send, value, iterator, sent, end);
        self.u
            .jump_ext(Op::YieldDelegate, sent, value, iterator, end);
        self.u.jump(Op::JumpBack, 0, head);
        self.u.bind(end);
        self.move_to(dst, value);
        self.u.free_to(mark);
    }

    /// `dst = await value`; `kind` as in `GetAwaitable`, `scratch` receives the iterator.
    pub(super) fn await_value(&mut self, scratch: Reg, value: Reg, kind: u16, dst: Reg) {
        self.emit(Op::GetAwaitable, scratch, value, kind);
        self.delegate(scratch, dst);
    }
}
