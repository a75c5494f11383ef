//! Tuple, list, set and dict displays.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::Reg;
use crate::code::{Const, Op};

/// Above this many items a display is built piece by piece, to keep the frame small.
const MAX_RUN: usize = 32;

impl<'a> Compiler<'a> {
    /// Evaluates into consecutive new temporaries.
    pub(super) fn run(&mut self, elts: &'a [Expr]) -> Reg {
        let base = self.u.mark();
        for elt in elts {
            let reg = self.temp();
            self.expr_to(elt, reg);
        }
        base
    }

    pub(super) fn tuple_display(&mut self, elts: &'a [Expr], range: TextRange, dst: Reg) {
        if elts.len() <= MAX_RUN && !elts.iter().any(Expr::is_starred_expr) {
            let base = self.run(elts);
            self.at_range(range);
            self.emit(Op::BuildTuple, dst, base, elts.len() as u16);
            return;
        }
        let list = self.temp();
        self.list_display(elts, range, list);
        self.emit(Op::ListToTuple, dst, list, 0);
    }

    pub(super) fn list_display(&mut self, elts: &'a [Expr], range: TextRange, dst: Reg) {
        if elts.len() > 2
            && let Some(items) = self.fold_all(elts)
        {
            let list = self.own_temp(dst);
            let items_reg = self.temp();
            self.at_range(range);
            self.emit(Op::BuildList, list, list, 0);
            self.load_const(items_reg, Const::Tuple(items));
            self.emit(Op::ListExtend, list, items_reg, 0);
            self.move_to(dst, list);
            return;
        }
        let plain = elts
            .iter()
            .position(Expr::is_starred_expr)
            .unwrap_or(elts.len());
        if plain == elts.len() && elts.len() <= MAX_RUN {
            let base = self.run(elts);
            self.at_range(range);
            self.emit(Op::BuildList, dst, base, elts.len() as u16);
            return;
        }
        let list = self.own_temp(dst);
        let (first, rest) = elts.split_at(plain.min(MAX_RUN));
        let mark = self.u.mark();
        let base = self.run(first);
        self.at_range(range);
        self.emit(
            Op::BuildList,
            list,
            if first.is_empty() { list } else { base },
            first.len() as u16,
        );
        self.u.free_to(mark);
        for elt in rest {
            match elt {
                Expr::Starred(star) => {
                    let items = self.expr(&star.value);
                    self.at(star);
                    self.emit(Op::ListExtend, list, items, 1);
                }
                _ => {
                    let item = self.expr(elt);
                    self.at_range(range);
                    self.emit(Op::ListAppend, list, item, 0);
                }
            }
            self.u.free_to(mark);
        }
        self.at_range(range);
        self.move_to(dst, list);
    }

    /// A temporary to build a value in that `dst` gets in the end.
    pub(super) fn own_temp(&mut self, dst: Reg) -> Reg {
        if self.u.is_temp(dst) {
            dst
        } else {
            self.temp()
        }
    }

    pub(super) fn set_display(&mut self, elts: &'a [Expr], range: TextRange, dst: Reg) {
        if elts.len() > 2
            && let Some(items) = self.fold_all(elts)
        {
            let set = self.own_temp(dst);
            let items_reg = self.temp();
            self.at_range(range);
            self.emit(Op::BuildSet, set, set, 0);
            self.load_const(items_reg, Const::FrozenSet(items));
            self.emit(Op::SetUpdate, set, items_reg, 0);
            self.move_to(dst, set);
            return;
        }
        let plain = elts
            .iter()
            .position(Expr::is_starred_expr)
            .unwrap_or(elts.len());
        if plain == elts.len() && elts.len() <= MAX_RUN {
            let base = self.run(elts);
            self.at_range(range);
            self.emit(Op::BuildSet, dst, base, elts.len() as u16);
            return;
        }
        let set = self.own_temp(dst);
        let (first, rest) = elts.split_at(plain.min(MAX_RUN));
        let mark = self.u.mark();
        let base = self.run(first);
        self.at_range(range);
        self.emit(
            Op::BuildSet,
            set,
            if first.is_empty() { set } else { base },
            first.len() as u16,
        );
        self.u.free_to(mark);
        for elt in rest {
            match elt {
                Expr::Starred(star) => {
                    let items = self.expr(&star.value);
                    self.at(star);
                    self.emit(Op::SetUpdate, set, items, 0);
                }
                _ => {
                    let item = self.expr(elt);
                    self.at_range(range);
                    self.emit(Op::SetAdd, set, item, 0);
                }
            }
            self.u.free_to(mark);
        }
        self.at_range(range);
        self.move_to(dst, set);
    }

    pub(super) fn dict_display(&mut self, node: &'a ast::ExprDict, dst: Reg) {
        let plain = node
            .items
            .iter()
            .position(|item| item.key.is_none())
            .unwrap_or(node.items.len());
        let first = plain.min(MAX_RUN / 2);
        let whole = first == node.items.len();
        let dict = if whole { dst } else { self.own_temp(dst) };
        let mark = self.u.mark();
        let base = mark;
        for item in &node.items[..first] {
            self.pair(item);
        }
        self.at(node);
        self.emit(
            Op::BuildMap,
            dict,
            if first == 0 { 0 } else { base },
            first as u16,
        );
        self.u.free_to(mark);
        if whole {
            return;
        }
        for item in &node.items[first..] {
            if item.key.is_some() {
                let pair = self.pair(item);
                self.at(node);
                self.emit(Op::MapAdd, dict, pair, pair + 1);
            } else {
                let mapping = self.expr(&item.value);
                self.at(&item.value);
                self.emit(Op::DictUpdate, dict, mapping, 0);
            }
            self.u.free_to(mark);
        }
        self.at(node);
        self.move_to(dst, dict);
    }

    /// Key and value in two new temporaries.
    fn pair(&mut self, item: &'a ast::DictItem) -> Reg {
        let base = self.temp();
        if let Some(key) = &item.key {
            self.expr_to(key, base);
        }
        let value = self.temp();
        self.expr_to(&item.value, value);
        base
    }
}
