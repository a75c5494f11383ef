//! Calls.

use ruff_python_ast::{self as ast, Expr, Keyword};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Reg;
use super::stmt::text;
use crate::code::{Const, Op};

/// Calls with more arguments than this pass a tuple and a dict.
const MAX_ARGS: usize = 255;

impl<'a> Compiler<'a> {
    pub(super) fn call(&mut self, node: &'a ast::ExprCall, dst: Reg) {
        let args = &node.arguments;
        if needs_ex(&args.args, &args.keywords) {
            let base = self.u.alloc(1);
            self.expr_to(&node.func, base);
            self.call_ex(base, &args.args, &args.keywords, node.range(), dst);
            return;
        }
        if let Expr::Attribute(attribute) = &*node.func {
            return self.call_method(attribute, node, dst);
        }
        let base = self.u.alloc(1);
        self.expr_to(&node.func, base);
        self.call_from(base, 0, &args.args, &args.keywords, node.range(), dst);
    }

    fn call_method(&mut self, method: &'a ast::ExprAttribute, node: &'a ast::ExprCall, dst: Reg) {
        let base = self.u.alloc(2);
        let mark = self.u.mark();
        if let Some((operands, written_out)) = self.super_operands(&method.value) {
            self.at(method);
            let name = self.name_index(&method.attr);
            self.u.emit_ext(
                Op::LoadSuperMethod,
                base,
                operands,
                name,
                u64::from(written_out),
            );
        } else {
            let receiver = match &*method.value {
                Expr::Name(name) => self.local_operand(name),
                _ => None,
            };
            let receiver = match receiver {
                Some(reg) => reg,
                None => {
                    self.expr_to(&method.value, base);
                    base
                }
            };
            // The line of the name, so that a chain of calls over several lines shows where it failed.
            self.at(method);
            let name = self.name_index(&method.attr);
            self.emit(Op::LoadMethod, base, receiver, name);
        }
        self.u.free_to(mark);
        let args = &node.arguments;
        let range = node.range();
        for arg in &args.args {
            let reg = self.temp();
            self.expr_to(arg, reg);
        }
        self.finish_call(
            (Op::CallMethod, Op::CallMethodKw),
            base,
            args.args.len(),
            &args.keywords,
            range,
            dst,
        );
    }

    /// Calls what is in `base`, the topmost temporary but for `given` arguments that follow it already.
    pub(super) fn call_from(
        &mut self,
        base: Reg,
        given: usize,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        range: TextRange,
        dst: Reg,
    ) {
        for arg in args {
            let reg = self.temp();
            self.expr_to(arg, reg);
        }
        self.finish_call(
            (Op::Call, Op::CallKw),
            base,
            given + args.len(),
            keywords,
            range,
            dst,
        );
    }

    fn finish_call(
        &mut self,
        (plain, with_names): (Op, Op),
        base: Reg,
        positional: usize,
        keywords: &'a [Keyword],
        range: TextRange,
        dst: Reg,
    ) {
        let mut names = Vec::new();
        for keyword in keywords {
            let reg = self.temp();
            self.expr_to(&keyword.value, reg);
            if let Some(name) = &keyword.arg {
                names.push(text(name));
            }
        }
        self.at_range(range);
        let n = (positional + names.len()) as u16;
        if names.is_empty() {
            self.emit(plain, dst, base, n);
        } else {
            let names = self.u.constant(Const::Tuple(names));
            self.u.emit_ext(with_names, dst, base, n, u64::from(names));
        }
    }

    /// A call through a tuple and a dict; the callee is in `base`, the topmost temporary.
    fn call_ex(
        &mut self,
        base: Reg,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        range: TextRange,
        dst: Reg,
    ) {
        let tuple = self.temp();
        let mark = self.u.mark();
        if let [Expr::Starred(star)] = args {
            // The call makes it a tuple, and names the callee if it cannot.
            self.expr_to(&star.value, tuple);
        } else {
            self.tuple_display(args, range, tuple);
        }
        self.u.free_to(mark);
        self.call_with_tuple(base, keywords, range, dst);
    }

    /// As `call_ex`, the tuple being in the register after the callee.
    pub(super) fn call_with_tuple(
        &mut self,
        base: Reg,
        keywords: &'a [Keyword],
        range: TextRange,
        dst: Reg,
    ) {
        let has_names = !keywords.is_empty();
        if has_names {
            let dict = self.temp();
            self.at_range(range);
            self.emit(Op::BuildMap, dict, 0, 0);
            let mark = self.u.mark();
            let mut after_mapping = false;
            for keyword in keywords {
                match &keyword.arg {
                    Some(name) if !after_mapping => {
                        let key = self.temp();
                        let value = self.expr(&keyword.value);
                        self.at_range(range);
                        self.load_const(key, text(name));
                        self.emit(Op::MapAdd, dict, key, value);
                    }
                    Some(name) => {
                        let key = self.temp();
                        let one = self.temp();
                        let value = self.expr(&keyword.value);
                        self.at_range(range);
                        self.load_const(key, text(name));
                        // A name given twice, by a mapping before, is an error: merged like a mapping.
                        self.move_to(one, value);
                        self.emit(Op::BuildMap, key, key, 1);
                        self.emit(Op::DictMerge, dict, key, base);
                    }
                    None => {
                        after_mapping = true;
                        let mapping = self.expr(&keyword.value);
                        self.at_range(range);
                        self.emit(Op::DictMerge, dict, mapping, base);
                    }
                }
                self.u.free_to(mark);
            }
        }
        self.at_range(range);
        self.emit(Op::CallEx, dst, base, u16::from(has_names));
    }
}

/// Whether a call must go through a tuple and a dict.
pub(super) fn needs_ex(args: &[Expr], keywords: &[Keyword]) -> bool {
    args.iter().any(Expr::is_starred_expr)
        || keywords.iter().any(|keyword| keyword.arg.is_none())
        || args.len() + keywords.len() > MAX_ARGS
}
