//! Comprehensions and generator expressions.
//!
//! A list, set or dict comprehension runs in the frame around it (PEP 709), with registers of its own for
//! its names. In class bodies, and for generator expressions, it is a function that takes the first iterable.

use ruff_python_ast::{self as ast, Comprehension, Expr};
use ruff_text_size::Ranged;

use super::Compiler;
use super::emit::{CompFrame, Reg};
use crate::code::{Const, Op, flags};
use crate::syntax::scope::{Access, Part, ScopeId, ScopeKind, def};

/// What the innermost loop does.
#[derive(Clone, Copy)]
enum Element<'a> {
    Append(&'a Expr),
    Add(&'a Expr),
    /// Key (None: `**value`, which the parser refuses) and value.
    Map(Option<&'a Expr>, &'a Expr),
    Yield(&'a Expr),
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, expr: &'a Expr, dst: Reg) {
        let (generators, element, scope): (&'a [Comprehension], _, _) = match expr {
            Expr::ListComp(node) => (
                &node.generators,
                Element::Append(&node.elt),
                self.table.of(node, Part::Body),
            ),
            Expr::SetComp(node) => (
                &node.generators,
                Element::Add(&node.elt),
                self.table.of(node, Part::Body),
            ),
            Expr::DictComp(node) => (
                &node.generators,
                Element::Map(node.key.as_deref(), &node.value),
                self.table.of(node, Part::Body),
            ),
            Expr::Generator(node) => (
                &node.generators,
                Element::Yield(&node.elt),
                self.table.of(node, Part::Body),
            ),
            _ => return,
        };
        if self.table.get(scope).inlined {
            self.inlined(expr, generators, element, scope, dst);
        } else {
            self.as_function(expr, generators, element, scope, dst);
        }
    }

    fn inlined(
        &mut self,
        expr: &'a Expr,
        generators: &'a [Comprehension],
        element: Element<'a>,
        scope: ScopeId,
        dst: Reg,
    ) {
        let mark = self.u.mark();
        let result = self.own_temp(dst);
        // The first iterable belongs to the scope around.
        let walk = self.first_iterable(&generators[0]);
        self.at(expr);
        let build = match element {
            Element::Append(_) | Element::Yield(_) => Op::BuildList,
            Element::Add(_) => Op::BuildSet,
            Element::Map(..) => Op::BuildMap,
        };
        self.emit(
            build,
            result,
            if build == Op::BuildMap { 0 } else { result },
            0,
        );
        let mut frame = CompFrame {
            scope,
            regs: Default::default(),
        };
        // Where a name might be read before its loop has bound it, start it unbound.
        let careful = generators.len() > 1 || !is_plain_target(&generators[0].target);
        let table = self.table;
        for symbol in &table.get(scope).symbols {
            if symbol.flags & def::BOUND == 0
                || !matches!(symbol.access, Access::Local | Access::Cell)
            {
                continue;
            }
            let reg = self.temp();
            frame.regs.insert(symbol.name, reg);
            self.set_unbound(reg);
            if symbol.access == Access::Cell {
                self.emit(Op::ClearFast, reg, 0, 0);
                self.emit(Op::MakeCell, reg, 0, 0);
            } else if careful {
                self.emit(Op::ClearFast, reg, 0, 0);
            }
        }
        self.u.comps.push(frame);
        self.loops(generators, Some(walk), element, result, expr);
        self.u.comps.pop();
        self.at(expr);
        self.move_to(dst, result);
        self.u.free_to(mark);
    }

    /// Evaluates the first iterable and prepares the walk.
    fn first_iterable(&mut self, generator: &'a Comprehension) -> Reg {
        let walk = self.u.alloc(if generator.is_async { 1 } else { 3 });
        let mark = self.u.mark();
        let iterable = self.expr(&generator.iter);
        self.at(&generator.iter);
        self.emit(
            if generator.is_async {
                Op::GetAIter
            } else {
                Op::GetIter
            },
            walk,
            iterable,
            0,
        );
        self.u.free_to(mark);
        walk
    }

    fn as_function(
        &mut self,
        expr: &'a Expr,
        generators: &'a [Comprehension],
        element: Element<'a>,
        scope: ScopeId,
        dst: Reg,
    ) {
        let base = self.u.alloc(2);
        let first = &generators[0];
        let mark = self.u.mark();
        // The function is made after the first iterable, whose registers it could otherwise keep.
        let iterable = self.expr(&first.iter);
        self.at(&first.iter);
        let prepare = match (element, first.is_async) {
            (_, true) => Some(Op::GetAIter),
            (Element::Yield(_), false) => Some(Op::MakeIter),
            _ => None,
        };
        match prepare {
            Some(op) => self.emit(op, base + 1, iterable, 0),
            None => self.move_to(base + 1, iterable),
        }
        self.u.free_to(mark);
        let name = match element {
            Element::Append(_) => "<listcomp>",
            Element::Add(_) => "<setcomp>",
            Element::Map(..) => "<dictcomp>",
            Element::Yield(_) => "<genexpr>",
        };
        self.at(expr);
        self.enter(scope, name, None, expr.start().to_u32());
        let is_generator = matches!(element, Element::Yield(_));
        let is_async = self.table.get(scope).is_async;
        self.u.code.argcount = 1;
        self.u.code.flags |= match (is_generator, is_async) {
            (true, true) => flags::ASYNC_GENERATOR,
            (true, false) => flags::GENERATOR,
            (false, true) => flags::COROUTINE,
            (false, false) => 0,
        };
        self.prologue();
        let protect = self.begin_generator();
        self.at(expr);
        if is_generator {
            self.loops(generators, None, element, 0, expr);
            self.at(expr);
            self.return_none();
        } else {
            let result = self.temp();
            let build = match element {
                Element::Append(_) | Element::Yield(_) => Op::BuildList,
                Element::Add(_) => Op::BuildSet,
                Element::Map(..) => Op::BuildMap,
            };
            self.emit(
                build,
                result,
                if build == Op::BuildMap { 0 } else { result },
                0,
            );
            self.loops(generators, None, element, result, expr);
            self.at(expr);
            self.emit(Op::Return, result, 0, 0);
        }
        self.end_generator(protect);
        let unit = self.leave();
        self.at(expr);
        let above = self.u.mark();
        self.make_function(unit, above, 0, base);
        self.emit(Op::Call, dst, base, 1);
        if is_async && !is_generator {
            let iterator = self.temp();
            self.await_value(iterator, dst, 0, dst);
        }
    }

    /// The nested loops. `first` is the prepared walk of the first iterable, None if it is parameter 0.
    fn loops(
        &mut self,
        generators: &'a [Comprehension],
        first: Option<Reg>,
        element: Element<'a>,
        result: Reg,
        expr: &'a Expr,
    ) {
        let Some((generator, rest)) = generators.split_first() else {
            return self.element(element, result, expr);
        };
        let mark = self.u.mark();
        let is_first = std::ptr::eq(generator, generators_of(expr).as_ptr());
        let walk = match first {
            Some(walk) => walk,
            None if is_first && generator.is_async => 0,
            None if is_first => {
                let walk = self.u.alloc(3);
                self.at(&generator.iter);
                self.emit(Op::GetIter, walk, 0, 0);
                walk
            }
            None => self.first_iterable(generator),
        };
        let end = self.u.label();
        let head = self.u.loop_head();
        let handler = self.u.label();
        let exc = if generator.is_async { self.temp() } else { 0 };
        if generator.is_async {
            self.at(&generator.iter);
            self.u.begin_region(handler, exc);
            let value = self.temp();
            let iterator = self.temp();
            self.emit(Op::GetANext, iterator, walk, 0);
            self.delegate(iterator, value);
            self.u.end_region();
            self.store(&generator.target, value);
        } else {
            self.for_iter(&generator.target, walk, end, &generator.iter);
        }
        let next = self.u.label();
        for condition in &generator.ifs {
            self.jump_if(condition, false, next);
        }
        if self.u.reachable() {
            self.loops(rest, None, element, result, expr);
        }
        self.u.bind(next);
        if self.u.reachable() {
            self.at(expr);
            self.u.jump(Op::JumpBack, 0, head);
        }
        if generator.is_async {
            self.u.bind(handler);
            self.at(&generator.iter);
            self.emit(Op::EndAsyncFor, exc, 0, 0);
        } else {
            self.u.bind(end);
        }
        self.u.free_to(mark);
    }

    fn element(&mut self, element: Element<'a>, result: Reg, expr: &'a Expr) {
        let mark = self.u.mark();
        match element {
            Element::Append(item) => {
                let item = self.expr(item);
                self.at(expr);
                self.emit(Op::ListAppend, result, item, 0);
            }
            Element::Add(item) => {
                let item = self.expr(item);
                self.at(expr);
                self.emit(Op::SetAdd, result, item, 0);
            }
            Element::Map(key, value) => {
                if let Some(key) = key {
                    let key = self.operand(key, value.range());
                    let value = self.expr(value);
                    self.at(expr);
                    self.emit(Op::MapAdd, result, key, value);
                }
            }
            Element::Yield(item) => {
                let item_reg = self.expr(item);
                let sent = self.temp();
                self.at(item);
                if self.unit_scope().is_async {
                    let wrapped = self.temp();
                    self.emit(Op::AsyncGenWrap, wrapped, item_reg, 0);
                    self.emit(Op::Yield, sent, wrapped, 0);
                } else {
                    self.emit(Op::Yield, sent, item_reg, 0);
                }
            }
        }
        self.u.free_to(mark);
    }

    /// Loads None and returns it.
    pub(super) fn return_none(&mut self) {
        let none = self.u.constant(Const::None);
        self.emit(Op::ReturnConst, none, 0, 0);
    }

    /// Whether the scope of the unit is a generator of any kind, by its kind and contents.
    pub(super) fn is_generator_like(&self) -> bool {
        let scope = self.unit_scope();
        match scope.kind {
            ScopeKind::GenExpr => true,
            ScopeKind::Module => self.u.code.flags & flags::COROUTINE != 0,
            _ => scope.has_yield || scope.is_async,
        }
    }
}

fn generators_of(expr: &Expr) -> &[Comprehension] {
    match expr {
        Expr::ListComp(ast::ExprListComp { generators, .. })
        | Expr::SetComp(ast::ExprSetComp { generators, .. })
        | Expr::DictComp(ast::ExprDictComp { generators, .. })
        | Expr::Generator(ast::ExprGenerator { generators, .. }) => generators,
        _ => &[],
    }
}

/// A name, or a tuple or list of names: evaluating it reads nothing.
fn is_plain_target(target: &Expr) -> bool {
    match target {
        Expr::Name(_) => true,
        Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
            elts.iter().all(is_plain_target)
        }
        Expr::Starred(star) => is_plain_target(&star.value),
        _ => false,
    }
}
