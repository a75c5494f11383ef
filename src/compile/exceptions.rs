//! `try` and `with`.
//!
//! A handler begins with `PushHandled save, exc`. What it runs is itself protected by a clean-up that
//! passes `PopHandled` and raises on, so that the handled exception is right wherever control goes.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::control::Block;
use super::emit::{Label, Reg};
use super::{Compiler, handler_parts};
use crate::code::{Op, SpecialUse};

/// A handler being written.
struct Handler {
    exc: Reg,
    save: Reg,
    cleanup: Label,
    /// Register of the exception that the clean-up raises on.
    raised: Reg,
    depth: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn try_stmt(&mut self, node: &'a ast::StmtTry) {
        if node.finalbody.is_empty() {
            return self.try_except(node);
        }
        let mark = self.u.mark();
        let end = self.u.label();
        let handler = self.u.label();
        let depth = self.u.region_depth();
        self.u.begin_region(handler, mark);
        self.push_block(
            Block::Finally {
                body: &node.finalbody,
                depth,
            },
            node.range,
        );
        if node.handlers.is_empty() {
            self.body(&node.body);
        } else {
            self.try_except(node);
        }
        self.u.blocks.pop();
        self.u.end_region();
        self.body(&node.finalbody);
        if self.u.reachable() {
            self.u.jump(Op::Jump, 0, end);
        }
        // The copy for an exception.
        self.u.bind(handler);
        let frame = self.begin_handler(node.range);
        self.body(&node.finalbody);
        self.end_handler(frame, true);
        self.u.free_to(mark);
        self.u.bind(end);
    }

    /// At the start of a handler: takes its registers and makes the exception the handled one.
    fn begin_handler(&mut self, range: TextRange) -> Handler {
        let exc = self.temp();
        let save = self.temp();
        self.emit(Op::PushHandled, save, exc, 0);
        let cleanup = self.u.label();
        let depth = self.u.region_depth();
        let raised = self.u.mark();
        self.u.begin_region(cleanup, raised);
        self.push_block(Block::Handled { save, depth }, range);
        Handler {
            exc,
            save,
            cleanup,
            raised,
            depth,
        }
    }

    /// At the end of a handler: the exception goes on if control arrives and `reraise`; then the clean-up.
    fn end_handler(&mut self, handler: Handler, reraise: bool) {
        self.u.blocks.pop();
        self.u.end_region();
        debug_assert_eq!(self.u.region_depth(), handler.depth);
        if reraise && self.u.reachable() {
            self.emit(Op::PopHandled, handler.save, 0, 0);
            self.emit(Op::Reraise, handler.exc, 0, 0);
        }
        self.u.bind(handler.cleanup);
        let raised = self.temp();
        debug_assert!(raised == handler.raised || self.u.has_overflowed());
        self.emit(Op::PopHandled, handler.save, 0, 0);
        self.emit(Op::Reraise, raised, 0, 0);
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) {
        let mark = self.u.mark();
        let end = self.u.label();
        let handler = self.u.label();
        self.u.begin_region(handler, mark);
        self.push_block(
            // Nothing to do on the way out of the body, but the code of exits further out must not be covered.
            Block::Try {
                depth: self.u.region_depth() - 1,
            },
            node.range,
        );
        self.body(&node.body);
        self.u.blocks.pop();
        self.u.end_region();
        self.body(&node.orelse);
        if self.u.reachable() {
            self.u.jump(Op::Jump, 0, end);
        }
        self.u.bind(handler);
        if let Some(first) = node.handlers.first() {
            self.at(first);
        }
        if node.is_star {
            self.star_handlers(node, end);
        } else {
            self.handlers(node, end);
        }
        self.u.free_to(mark);
        self.u.bind(end);
    }

    fn handlers(&mut self, node: &'a ast::StmtTry, end: Label) {
        let frame = self.begin_handler(node.range);
        for handler in &node.handlers {
            let handler = handler_parts(handler);
            let next = self.u.label();
            let mark = self.u.mark();
            if let Some(matched) = &handler.type_ {
                let classes = self.expr(matched);
                let result = self.temp();
                self.at(&**matched);
                self.emit(Op::ExcMatch, result, frame.exc, classes);
                self.u.jump(Op::JumpIfFalse, result, next);
                self.u.free_to(mark);
            }
            match &handler.name {
                None => self.body(&handler.body),
                Some(name) => self.named_handler(handler, name, &frame),
            }
            if self.u.reachable() {
                self.emit(Op::PopHandled, frame.save, 0, 0);
                self.u.jump(Op::Jump, 0, end);
            }
            self.u.bind(next);
            self.u.free_to(mark);
            if !self.u.reachable() {
                break;
            }
        }
        self.end_handler(frame, true);
    }

    /// `except ... as name`: the name is gone at the end of the body, however it ends.
    fn named_handler(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        name: &'a ast::Identifier,
        frame: &Handler,
    ) {
        let sym = self.mangled(name);
        self.at(name);
        self.store_name(sym, frame.exc);
        let cleanup = self.u.label();
        let depth = self.u.region_depth();
        let raised = self.u.mark();
        self.u.begin_region(cleanup, raised);
        self.push_block(Block::Name { name: sym, depth }, handler.range);
        self.body(&handler.body);
        self.u.blocks.pop();
        self.u.end_region();
        let over = self.u.label();
        if self.u.reachable() {
            self.clear_name(sym);
            self.u.jump(Op::Jump, 0, over);
        }
        // Still in the region of the handler, whose clean-up comes next.
        self.u.bind(cleanup);
        let exc = self.temp();
        self.clear_name(sym);
        self.emit(Op::Reraise, exc, 0, 0);
        self.u.free_to(raised);
        self.u.bind(over);
    }

    /// The handlers of `try ... except*`: each takes its part of the group; what they raise and what is left goes on.
    fn star_handlers(&mut self, node: &'a ast::StmtTry, end: Label) {
        let frame = self.begin_handler(node.range);
        let raised = self.temp();
        let rest = self.temp();
        self.emit(Op::BuildList, raised, raised, 0);
        self.emit(Op::Move, rest, frame.exc, 0);
        for handler in &node.handlers {
            let handler = handler_parts(handler);
            let mark = self.u.mark();
            let next = self.u.label();
            let pair = self.u.alloc(2);
            let outer = self.temp();
            let above = self.u.mark();
            if let Some(matched) = &handler.type_ {
                let classes = self.expr(matched);
                self.at(&**matched);
                self.emit(Op::ExcGroupMatch, pair, rest, classes);
                self.u.free_to(above);
            }
            self.emit(Op::Move, rest, pair + 1, 0);
            self.u.jump(Op::JumpIfNone, pair, next);
            self.emit(Op::PushHandled, outer, pair, 0);
            let sym = handler.name.as_ref().map(|name| self.mangled(name));
            if let (Some(sym), Some(name)) = (sym, &handler.name) {
                self.at(name);
                self.store_name(sym, pair);
            }
            let caught = self.u.label();
            self.u.begin_region(caught, above);
            self.push_block(
                Block::Handled {
                    save: outer,
                    depth: self.u.region_depth() - 1,
                },
                handler.range,
            );
            self.body(&handler.body);
            self.u.blocks.pop();
            self.u.end_region();
            if self.u.reachable() {
                if let Some(sym) = sym {
                    self.clear_name(sym);
                }
                self.emit(Op::PopHandled, outer, 0, 0);
                self.u.jump(Op::Jump, 0, next);
            }
            self.u.bind(caught);
            let exc = self.temp();
            if let Some(sym) = sym {
                self.clear_name(sym);
            }
            self.emit(Op::PopHandled, outer, 0, 0);
            self.emit(Op::ListAppend, raised, exc, 0);
            self.u.bind(next);
            self.u.free_to(mark);
        }
        let none_left = self.u.label();
        self.u.jump(Op::JumpIfNone, rest, none_left);
        self.emit(Op::ListAppend, raised, rest, 0);
        self.u.bind(none_left);
        self.emit(Op::PrepReraiseStar, rest, frame.exc, raised);
        self.emit(Op::PopHandled, frame.save, 0, 0);
        self.u.jump(Op::JumpIfNone, rest, end);
        self.emit(Op::Reraise, rest, 0, 0);
        self.u.free_to(raised);
        self.end_handler(frame, false);
    }

    pub(super) fn with_stmt(&mut self, node: &'a ast::StmtWith) {
        self.with_items(node, &node.items);
    }

    fn with_items(&mut self, node: &'a ast::StmtWith, items: &'a [ast::WithItem]) {
        let Some((item, rest)) = items.split_first() else {
            return self.body(&node.body);
        };
        let range = item.context_expr.range();
        let is_async = node.is_async;
        let (enter, leave) = if is_async {
            (SpecialUse::AEnter, SpecialUse::AExit)
        } else {
            (SpecialUse::Enter, SpecialUse::Exit)
        };
        let start = self.u.mark();
        let exit = self.u.alloc(2);
        let mark = self.u.mark();
        let manager = self.expr(&item.context_expr);
        let call = self.u.alloc(2);
        self.at_range(range);
        self.emit(Op::LoadSpecial, exit, manager, leave as u16);
        self.emit(Op::LoadSpecial, call, manager, enter as u16);
        self.emit(Op::CallMethod, call, call, 0);
        if is_async {
            let iterator = self.temp();
            self.await_value(iterator, call, 1, call);
        }
        let end = self.u.label();
        let handler = self.u.label();
        let depth = self.u.region_depth();
        self.u.begin_region(handler, mark);
        self.push_block(
            Block::With {
                exit,
                is_async,
                range,
                depth,
            },
            node.range,
        );
        if let Some(target) = &item.optional_vars {
            self.store(target, call);
        }
        self.u.free_to(mark);
        stacker::maybe_grow(64 << 10, 1 << 20, || self.with_items(node, rest));
        self.u.blocks.pop();
        self.u.end_region();
        if self.u.reachable() {
            self.at_range(range);
            self.exit_normally(exit, is_async);
            self.u.jump(Op::Jump, 0, end);
        }
        self.u.bind(handler);
        self.at_range(range);
        let frame = self.begin_handler(node.range);
        let base = self.copy_pair(exit);
        let details = self.u.alloc(3);
        self.emit(Op::ExcTriple, details, frame.exc, 0);
        self.emit(Op::CallMethod, base, base, 3);
        if is_async {
            self.u.free_to(base + 1);
            let iterator = self.temp();
            self.await_value(iterator, base, 2, base);
        }
        self.u.free_to(base);
        let swallowed = self.u.label();
        self.u.jump(Op::JumpIfTrue, base, swallowed);
        let save = frame.save;
        self.end_handler(frame, true);
        self.u.bind(swallowed);
        self.emit(Op::PopHandled, save, 0, 0);
        self.u.free_to(start);
        self.u.bind(end);
    }
}
