//! Assignment targets: storing, unpacking, deleting, augmented assignment.

use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::Ranged;

use super::Compiler;
use super::emit::{Label, Reg};
use super::expr::inplace_op;
use crate::code::Op;

impl<'a> Compiler<'a> {
    /// Stores the value in `src` into a target.
    pub(super) fn store(&mut self, target: &'a Expr, src: Reg) {
        let mark = self.u.mark();
        match target {
            Expr::Name(name) => {
                self.at(target);
                let sym = self.mangled(&name.id);
                self.store_name(sym, src);
            }
            Expr::Attribute(node) => {
                let object = self.expr(&node.value);
                self.at(target);
                let name = self.name_index(&node.attr);
                self.emit(Op::StoreAttr, object, name, src);
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value, node.slice.range());
                let index = self.index(&node.slice);
                self.at(target);
                self.emit(Op::StoreItem, object, index, src);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                self.unpack(target, elts, src);
            }
            _ => self.problem("cannot assign to expression", target.range()),
        }
        self.u.free_to(mark);
    }

    fn unpack(&mut self, target: &'a Expr, elts: &'a [Expr], src: Reg) {
        self.at(target);
        let star = elts.iter().position(Expr::is_starred_expr);
        match star {
            Some(at) if at >= 1 << 8 => {
                self.problem(
                    "too many expressions in star-unpacking assignment",
                    target.range(),
                );
            }
            Some(at) => {
                let base = self.u.alloc(elts.len());
                let after = elts.len() - at - 1;
                self.u
                    .emit_ext(Op::UnpackEx, base, src, at as u16, after as u64);
                self.store_run(elts, base);
            }
            None => {
                // Locals that follow each other take the items directly.
                if let Some(base) = self.consecutive_locals(elts) {
                    self.emit(Op::UnpackSequence, base, src, elts.len() as u16);
                    for at in 0..elts.len() {
                        self.set_bound(base + at as Reg);
                    }
                    return;
                }
                let base = self.u.alloc(elts.len());
                self.emit(Op::UnpackSequence, base, src, elts.len() as u16);
                self.store_run(elts, base);
            }
        }
    }

    fn store_run(&mut self, elts: &'a [Expr], base: Reg) {
        for (at, elt) in elts.iter().enumerate() {
            let elt = match elt {
                Expr::Starred(star) => &star.value,
                _ => elt,
            };
            self.store(elt, base + at as Reg);
        }
    }

    fn consecutive_locals(&mut self, elts: &'a [Expr]) -> Option<Reg> {
        let base = self.local_target(elts.first()?)?;
        for (at, elt) in elts.iter().enumerate().skip(1) {
            if self.local_target(elt)? != base + at as Reg {
                return None;
            }
        }
        Some(base)
    }

    /// `a, b = x, y` without building the tuple. Answers whether it applied.
    pub(super) fn assign_in_parallel(&mut self, target: &'a Expr, value: &'a Expr) -> bool {
        let (
            Expr::Tuple(ast::ExprTuple { elts: targets, .. })
            | Expr::List(ast::ExprList { elts: targets, .. }),
            Expr::Tuple(values),
        ) = (target, value)
        else {
            return false;
        };
        if targets.len() != values.elts.len()
            || targets.len() > 16
            || targets
                .iter()
                .chain(&values.elts)
                .any(Expr::is_starred_expr)
        {
            return false;
        }
        // Which local each target is; a value that is such a local must be kept if its turn comes after.
        let locals: Vec<Option<Reg>> = targets
            .iter()
            .map(|target| self.local_target(target))
            .collect();
        let simple = targets.iter().all(Expr::is_name_expr);
        let mut regs = Vec::with_capacity(targets.len());
        for (at, item) in values.elts.iter().enumerate() {
            let reg = self.operand(item, value.range());
            let kept = if !self.u.is_temp(reg) && (!simple || locals[..at].contains(&Some(reg))) {
                let copy = self.temp();
                self.at(item);
                self.move_to(copy, reg);
                copy
            } else {
                reg
            };
            regs.push(kept);
        }
        for (target, reg) in targets.iter().zip(regs) {
            self.store(target, reg);
        }
        true
    }

    /// The head of a `for` loop: the next item into the target, or on to `end`.
    pub(super) fn for_iter(&mut self, target: &'a Expr, walk: Reg, end: Label, iter: &'a Expr) {
        if let Some(reg) = self.local_target(target) {
            self.at(iter);
            self.u.jump_ext(Op::ForIter, reg, walk, 0, end);
            self.set_bound(reg);
            return;
        }
        let mark = self.u.mark();
        let item = self.temp();
        self.at(iter);
        self.u.jump_ext(Op::ForIter, item, walk, 0, end);
        self.store(target, item);
        self.u.free_to(mark);
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        let mark = self.u.mark();
        match target {
            Expr::Name(name) => {
                self.at(target);
                let sym = self.mangled(&name.id);
                self.delete_name(sym);
            }
            Expr::Attribute(node) => {
                let object = self.expr(&node.value);
                self.at(target);
                let name = self.name_index(&node.attr);
                self.emit(Op::DeleteAttr, object, name, 0);
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value, node.slice.range());
                let index = self.index(&node.slice);
                self.at(target);
                self.emit(Op::DeleteItem, object, index, 0);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for elt in elts {
                    self.delete(elt);
                }
            }
            _ => self.problem("cannot delete expression", target.range()),
        }
        self.u.free_to(mark);
    }

    pub(super) fn aug_assign(&mut self, node: &'a ast::StmtAugAssign) {
        let mark = self.u.mark();
        match &*node.target {
            Expr::Name(name) => {
                if let Some(reg) = self.local_operand(name) {
                    let left = if self.rebinds_in(node.value.range()) {
                        let copy = self.temp();
                        self.move_to(copy, reg);
                        copy
                    } else {
                        reg
                    };
                    self.inplace(node, reg, left);
                    self.set_bound(reg);
                } else {
                    let sym = self.mangled(&name.id);
                    let value = self.temp();
                    self.load_name(sym, value, name.range);
                    self.inplace(node, value, value);
                    self.at(&*node.target);
                    self.store_name(sym, value);
                }
            }
            Expr::Attribute(target) => {
                let object = self.operand(&target.value, node.range);
                self.at(target);
                let name = self.name_index(&target.attr);
                let value = self.temp();
                self.emit(Op::LoadAttr, value, object, name);
                self.inplace(node, value, value);
                self.at(target);
                self.emit(Op::StoreAttr, object, name, value);
            }
            Expr::Subscript(target) => {
                let object = self.operand(&target.value, node.range);
                let index = self.operand(&target.slice, node.range);
                self.at(target);
                let value = self.temp();
                self.emit(Op::LoadItem, value, object, index);
                self.inplace(node, value, value);
                self.at(target);
                self.emit(Op::StoreItem, object, index, value);
            }
            target => self.problem(
                "illegal expression for augmented assignment",
                target.range(),
            ),
        }
        self.u.free_to(mark);
    }

    fn inplace(&mut self, node: &'a ast::StmtAugAssign, dst: Reg, left: Reg) {
        let short = match (node.op, self.small_int(&node.value)) {
            (Operator::Add, Some(n)) => Some((Op::InplaceAddInt, n)),
            (Operator::Sub, Some(n)) => Some((Op::InplaceSubInt, n)),
            _ => None,
        };
        if let Some((op, n)) = short {
            self.at(node);
            self.emit(op, dst, left, n as u16);
            return;
        }
        let right = self.expr(&node.value);
        self.at(node);
        self.emit(inplace_op(node.op), dst, left, right);
    }
}
