//! Loops, and the ways out of blocks: `break`, `continue` and `return` run what lies between.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::{Label, Reg};
use crate::code::{Const, Op};
use crate::syntax::intern::Sym;

/// As many blocks may be nested as in CPython.
const MAX_BLOCKS: usize = 20;

/// A statement that control is inside of and that wants something done when it is left.
#[derive(Clone, Debug)]
pub enum Block<'a> {
    Loop {
        exit: Label,
        head: Label,
    },
    /// The body of a `try` with this `finally`. `depth`: the regions around it.
    Finally {
        body: &'a [Stmt],
        depth: usize,
    },
    /// The body of a `try` with handlers.
    Try {
        depth: usize,
    },
    /// A handler or the exceptional copy of a `finally`: the handled exception before is in `save`.
    Handled {
        save: Reg,
        depth: usize,
    },
    /// The body of `except ... as name`.
    Name {
        name: Sym,
        depth: usize,
    },
    /// The body of a `with`: `__exit__` and its receiver are in `exit` and the register after.
    With {
        exit: Reg,
        is_async: bool,
        range: TextRange,
        depth: usize,
    },
}

/// What to restore after the code of an exit.
pub struct Unwound<'a> {
    blocks: Vec<Block<'a>>,
    closed: Vec<usize>,
}

impl<'a> Compiler<'a> {
    pub(super) fn push_block(&mut self, block: Block<'a>, range: TextRange) {
        if self.u.blocks.len() == MAX_BLOCKS {
            self.problem("too many statically nested blocks", range);
        }
        self.u.blocks.push(block);
    }

    /// Emits what leaving all blocks but the first `keep` takes. Each exit runs outside of its own block.
    pub(super) fn unwind(&mut self, keep: usize) -> Unwound<'a> {
        let span = self.u.span;
        let blocks = self.u.blocks.clone();
        let mut closed = Vec::new();
        for at in (keep..blocks.len()).rev() {
            self.u.blocks.truncate(at);
            match blocks[at] {
                Block::Loop { .. } => {}
                Block::Try { depth } => closed.extend(self.u.suspend_regions(depth)),
                Block::Finally { body, depth } => {
                    closed.extend(self.u.suspend_regions(depth));
                    self.body(body);
                }
                Block::Handled { save, depth } => {
                    closed.extend(self.u.suspend_regions(depth));
                    self.emit(Op::PopHandled, save, 0, 0);
                }
                Block::Name { name, depth } => {
                    closed.extend(self.u.suspend_regions(depth));
                    self.clear_name(name);
                }
                Block::With {
                    exit,
                    is_async,
                    range,
                    depth,
                } => {
                    closed.extend(self.u.suspend_regions(depth));
                    self.at_range(range);
                    self.exit_normally(exit, is_async);
                }
            }
            if !self.u.reachable() {
                break;
            }
            self.u.span = span;
        }
        Unwound { blocks, closed }
    }

    /// Back inside the blocks that `unwind` left.
    pub(super) fn rewind(&mut self, unwound: Unwound<'a>) {
        self.u.blocks = unwound.blocks;
        self.u.resume_regions(&unwound.closed);
    }

    pub(super) fn return_stmt(&mut self, node: &'a ast::StmtReturn) {
        let mark = self.u.mark();
        let constant = node
            .value
            .as_deref()
            .map_or(Some(Const::None), |value| self.fold(value));
        if let Some(constant) = constant {
            self.at(node);
            let unwound = self.unwind(0);
            if self.u.reachable() {
                let constant = self.u.constant(constant);
                self.emit(Op::ReturnConst, constant, 0, 0);
            }
            self.rewind(unwound);
        } else if let Some(value) = node.value.as_deref() {
            let mut result = self.expr(value);
            self.at(node);
            let leaves_code = self
                .u
                .blocks
                .iter()
                .any(|block| !matches!(block, Block::Loop { .. } | Block::Try { .. }));
            if leaves_code && !self.u.is_temp(result) {
                let kept = self.temp();
                self.move_to(kept, result);
                result = kept;
            }
            let unwound = self.unwind(0);
            if self.u.reachable() {
                self.emit(Op::Return, result, 0, 0);
            }
            self.rewind(unwound);
        }
        self.u.free_to(mark);
    }

    /// `break` or `continue`.
    pub(super) fn loop_exit(&mut self, is_break: bool, range: TextRange) {
        self.at_range(range);
        let found = self
            .u
            .blocks
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, block)| match block {
                Block::Loop { exit, head } => Some((at, *exit, *head)),
                _ => None,
            });
        let Some((at, exit, head)) = found else {
            return;
        };
        let unwound = self.unwind(at + 1);
        if self.u.reachable() {
            if is_break {
                self.u.jump(Op::Jump, 0, exit);
            } else {
                self.u.jump(Op::JumpBack, 0, head);
            }
        }
        self.rewind(unwound);
    }

    pub(super) fn while_stmt(&mut self, node: &'a ast::StmtWhile) {
        let exit = self.u.label();
        let otherwise = self.u.label();
        self.at(&*node.test);
        let head = self.u.loop_head();
        self.jump_if(&node.test, false, otherwise);
        self.push_block(Block::Loop { exit, head }, node.range);
        self.body(&node.body);
        self.u.blocks.pop();
        if self.u.reachable() {
            self.at(&*node.test);
            self.u.jump(Op::JumpBack, 0, head);
        }
        self.u.bind(otherwise);
        self.body(&node.orelse);
        self.u.bind(exit);
    }

    pub(super) fn for_stmt(&mut self, node: &'a ast::StmtFor) {
        if node.is_async {
            return self.async_for(node);
        }
        let mark = self.u.mark();
        let walk = self.u.alloc(3);
        let above = self.u.mark();
        let iterable = self.iterable(&node.iter);
        self.at(&*node.iter);
        self.emit(Op::GetIter, walk, iterable, 0);
        self.u.free_to(above);
        let exit = self.u.label();
        let otherwise = self.u.label();
        let head = self.u.loop_head();
        self.for_iter(&node.target, walk, otherwise, &node.iter);
        self.push_block(Block::Loop { exit, head }, node.range);
        self.body(&node.body);
        self.u.blocks.pop();
        if self.u.reachable() {
            self.at(&*node.iter);
            self.u.jump(Op::JumpBack, 0, head);
        }
        self.u.bind(otherwise);
        self.u.free_to(mark);
        self.body(&node.orelse);
        self.u.bind(exit);
    }

    /// What a loop walks: a list of constants may be a tuple.
    fn iterable(&mut self, iter: &'a Expr) -> Reg {
        if let Expr::List(list) = iter
            && let Some(items) = self.fold_all(&list.elts)
        {
            let reg = self.temp();
            self.at(iter);
            self.load_const(reg, Const::Tuple(items));
            return reg;
        }
        self.expr(iter)
    }

    fn async_for(&mut self, node: &'a ast::StmtFor) {
        let mark = self.u.mark();
        let walk = self.temp();
        let above = self.u.mark();
        let iterable = self.expr(&node.iter);
        self.at(&*node.iter);
        self.emit(Op::GetAIter, walk, iterable, 0);
        self.u.free_to(above);
        let exit = self.u.label();
        let over = self.u.label();
        let head = self.u.loop_head();
        self.u.begin_region(over, above);
        let value = self.temp();
        let iterator = self.temp();
        self.emit(Op::GetANext, iterator, walk, 0);
        self.delegate(iterator, value);
        self.u.end_region();
        self.store(&node.target, value);
        self.u.free_to(above);
        self.push_block(Block::Loop { exit, head }, node.range);
        self.body(&node.body);
        self.u.blocks.pop();
        if self.u.reachable() {
            self.at(&*node.iter);
            self.u.jump(Op::JumpBack, 0, head);
        }
        self.u.bind(over);
        let exc = self.temp();
        self.at(&*node.iter);
        self.emit(Op::EndAsyncFor, exc, 0, 0);
        self.u.free_to(mark);
        self.body(&node.orelse);
        self.u.bind(exit);
    }

    pub(super) fn if_stmt(&mut self, node: &'a ast::StmtIf) {
        let end = self.u.label();
        let mut next = self.u.label();
        self.jump_if(&node.test, false, next);
        self.body(&node.body);
        for clause in &node.elif_else_clauses {
            if self.u.reachable() {
                self.u.jump(Op::Jump, 0, end);
            }
            self.u.bind(next);
            next = self.u.label();
            if !self.u.reachable() {
                break;
            }
            if let Some(test) = &clause.test {
                self.jump_if(test, false, next);
            }
            self.body(&clause.body);
        }
        self.u.bind(next);
        self.u.bind(end);
    }

    /// Calls `__exit__(None, None, None)`.
    pub(super) fn exit_normally(&mut self, exit: Reg, is_async: bool) {
        let mark = self.u.mark();
        // Right after the body the pair is topmost and needs no copy.
        let base = if mark == exit + 2 {
            exit
        } else {
            self.copy_pair(exit)
        };
        let args = self.u.alloc(3);
        for at in 0..3 {
            self.load_const(args + at, Const::None);
        }
        self.emit(Op::CallMethod, base, base, 3);
        if is_async {
            self.u.free_to(base + 1);
            let iterator = self.temp();
            self.await_value(iterator, base, 2, base);
        }
        self.u.free_to(mark);
    }

    pub(super) fn copy_pair(&mut self, pair: Reg) -> Reg {
        let base = self.u.alloc(2);
        self.emit(Op::Move, base, pair, 0);
        self.emit(Op::Move, base + 1, pair + 1, 0);
        base
    }
}
