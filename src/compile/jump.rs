//! Conditions: comparisons and jumps in one instruction.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};

use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::{Label, Reg};
use super::fold::truth;
use crate::code::{Const, Op};

impl<'a> Compiler<'a> {
    /// Jumps to `target` if the truth of `expr` is `wanted`, else falls through.
    pub(super) fn jump_if(&mut self, expr: &'a Expr, wanted: bool, target: Label) {
        if let Some(value) = self.fold(expr) {
            if truth(&value) == wanted {
                self.at(expr);
                self.u.jump(Op::Jump, 0, target);
            }
            return;
        }
        let mark = self.u.mark();
        match expr {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => {
                self.jump_if(&node.operand, !wanted, target)
            }
            Expr::BoolOp(node) => {
                // `and` is false as soon as one is, `or` true.
                let decisive = node.op == BoolOp::Or;
                let Some((last, rest)) = node.values.split_last() else {
                    return;
                };
                let skip = self.u.label();
                for value in rest {
                    self.jump_if(
                        value,
                        decisive,
                        if decisive == wanted { target } else { skip },
                    );
                    if !self.u.reachable() {
                        break;
                    }
                }
                if self.u.reachable() {
                    self.jump_if(last, wanted, target);
                }
                self.u.bind(skip);
            }
            Expr::If(node) => {
                let otherwise = self.u.label();
                let end = self.u.label();
                self.jump_if(&node.test, false, otherwise);
                if self.u.reachable() {
                    self.jump_if(&node.body, wanted, target);
                }
                if self.u.reachable() {
                    self.u.jump(Op::Jump, 0, end);
                }
                self.u.bind(otherwise);
                if self.u.reachable() {
                    self.jump_if(&node.orelse, wanted, target);
                }
                self.u.bind(end);
            }
            Expr::Compare(node) => self.jump_if_compare(node, wanted, target),
            _ => {
                let value = self.expr(expr);
                self.at(expr);
                let op = if wanted {
                    Op::JumpIfTrue
                } else {
                    Op::JumpIfFalse
                };
                self.u.jump(op, value, target);
            }
        }
        self.u.free_to(mark);
    }

    fn jump_if_compare(&mut self, node: &'a ast::ExprCompare, wanted: bool, target: Label) {
        if let ([op @ (CmpOp::Is | CmpOp::IsNot)], [Expr::NoneLiteral(_)]) =
            (&node.ops[..], &node.comparators[..])
        {
            let value = self.expr(&node.left);
            self.at(node);
            let op = if (*op == CmpOp::Is) == wanted {
                Op::JumpIfNone
            } else {
                Op::JumpIfNotNone
            };
            return self.u.jump(op, value, target);
        }
        let skip = self.u.label();
        let last = node.ops.len() - 1;
        let mut left = self.operand(
            &node.left,
            TextRange::new(node.left.end(), node.range.end()),
        );
        for (at, (op, right)) in node.ops.iter().zip(&node.comparators[..]).enumerate() {
            let right = if at < last {
                self.operand(right, node.range)
            } else {
                self.compare_right(*op, right)
            };
            self.at(node);
            if at == last {
                self.compare_jump(*op, left, right, wanted, target);
            } else {
                self.compare_jump(*op, left, right, false, if wanted { skip } else { target });
            }
            left = right;
        }
        self.u.bind(skip);
    }

    /// Jumps if the truth of one comparison is `wanted`.
    pub(super) fn compare_jump(
        &mut self,
        op: CmpOp,
        left: Reg,
        right: Reg,
        wanted: bool,
        target: Label,
    ) {
        let (op, wanted) = match op {
            CmpOp::Lt => (Op::JumpLt, wanted),
            CmpOp::LtE => (Op::JumpLe, wanted),
            CmpOp::Eq => (Op::JumpEq, wanted),
            CmpOp::NotEq => (Op::JumpNe, wanted),
            CmpOp::Gt => (Op::JumpGt, wanted),
            CmpOp::GtE => (Op::JumpGe, wanted),
            CmpOp::Is => (Op::JumpIs, wanted),
            CmpOp::IsNot => (Op::JumpIs, !wanted),
            CmpOp::In => (Op::JumpIn, wanted),
            CmpOp::NotIn => (Op::JumpIn, !wanted),
        };
        self.u.jump_ext(op, left, right, u16::from(wanted), target);
    }

    /// Jumps to `target` if the register does not hold the constant that `is` compares with.
    pub(super) fn jump_unless_is(&mut self, value: Reg, constant: Const, target: Label) {
        if constant == Const::None {
            return self.u.jump(Op::JumpIfNotNone, value, target);
        }
        let mark = self.u.mark();
        let other = self.temp();
        self.load_const(other, constant);
        self.u.jump_ext(Op::JumpIs, value, other, 0, target);
        self.u.free_to(mark);
    }
}
