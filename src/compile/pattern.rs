//! `match`.
//!
//! A pattern is tested piece by piece, jumping to the next case where it fails. Names are bound only when the whole
//! pattern has matched: until then captures are remembered as the registers that hold them.

use ruff_python_ast::{self as ast, CmpOp, Pattern, Singleton};

use super::Compiler;
use super::emit::{Label, Reg};
use crate::code::{Const, Op};
use crate::syntax::intern::Sym;

/// What a pattern captures, in order.
type Captures = Vec<(Sym, Reg)>;

impl<'a> Compiler<'a> {
    pub(super) fn match_stmt(&mut self, node: &'a ast::StmtMatch) {
        let mark = self.u.mark();
        // A copy: a case may rebind a variable and then fail in its guard.
        let subject = self.temp();
        self.expr_to(&node.subject, subject);
        let end = self.u.label();
        for case in &node.cases {
            if !self.u.reachable() {
                break;
            }
            let above = self.u.mark();
            let next = self.u.label();
            let mut captures = Captures::new();
            self.pattern(&case.pattern, subject, next, &mut captures);
            self.at(&case.pattern);
            for (name, reg) in captures {
                self.store_name(name, reg);
            }
            self.u.free_to(above);
            if let Some(guard) = &case.guard {
                self.jump_if(guard, false, next);
            }
            self.body(&case.body);
            if self.u.reachable() {
                self.u.jump(Op::Jump, 0, end);
            }
            self.u.bind(next);
        }
        self.u.bind(end);
        self.u.free_to(mark);
    }

    /// Tests `subject`, on to the next code if it matches. Registers taken here stay taken until the case ends.
    fn pattern(
        &mut self,
        pattern: &'a Pattern,
        subject: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        self.at(pattern);
        match pattern {
            Pattern::MatchValue(node) => {
                if matches!(*node.value, ast::Expr::FString(_) | ast::Expr::TString(_)) {
                    self.problem(
                        "patterns may only match literals and attribute lookups",
                        node.range,
                    );
                }
                let value = self.expr(&node.value);
                self.at(pattern);
                self.compare_jump(CmpOp::Eq, subject, value, false, fail);
            }
            Pattern::MatchSingleton(node) => {
                let constant = match node.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                self.jump_unless_is(subject, constant, fail);
            }
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, fail, captures);
                }
                self.capture(node.name.as_ref(), subject, captures);
            }
            Pattern::MatchStar(node) => self.capture(node.name.as_ref(), subject, captures),
            Pattern::MatchSequence(node) => {
                self.sequence_pattern(pattern, &node.patterns, subject, fail, captures)
            }
            Pattern::MatchMapping(node) => self.mapping_pattern(node, subject, fail, captures),
            Pattern::MatchClass(node) => self.class_pattern(node, subject, fail, captures),
            Pattern::MatchOr(node) => self.or_pattern(node, subject, fail, captures),
        }
    }

    fn capture(&mut self, name: Option<&ast::Identifier>, subject: Reg, captures: &mut Captures) {
        if let Some(name) = name {
            let sym = self.mangled(name);
            captures.push((sym, subject));
        }
    }

    /// Jumps to `fail` if the truth of a new test's result is not as wanted.
    fn test_or_fail(&mut self, op: Op, subject: Reg, fail: Label) {
        let mark = self.u.mark();
        let result = self.temp();
        self.emit(op, result, subject, 0);
        self.u.jump(Op::JumpIfFalse, result, fail);
        self.u.free_to(mark);
    }

    fn sequence_pattern(
        &mut self,
        whole: &'a Pattern,
        patterns: &'a [Pattern],
        subject: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        self.test_or_fail(Op::MatchSequence, subject, fail);
        let star = patterns.iter().position(Pattern::is_match_star);
        let least = patterns.len() - usize::from(star.is_some());
        let length = self.temp();
        if star.is_none() || least > 0 {
            let count = self.temp();
            self.emit(Op::GetLen, length, subject, 0);
            self.load_const(count, Const::Int(least as i64));
            let op = if star.is_some() {
                CmpOp::GtE
            } else {
                CmpOp::Eq
            };
            self.compare_jump(op, length, count, false, fail);
        }
        let is_wild = |pattern: &Pattern| match pattern {
            Pattern::MatchStar(node) => node.name.is_none(),
            // The crate's `is_wildcard` is true of a bare name too, which binds.
            Pattern::MatchAs(node) => node.pattern.is_none() && node.name.is_none(),
            _ => false,
        };
        if patterns.iter().all(is_wild) {
            return;
        }
        match star {
            Some(at) if is_wild(&patterns[at]) => {
                // What the star stands for is not wanted: take the others one by one.
                for (index, pattern) in patterns.iter().enumerate() {
                    if index == at || is_wild(pattern) {
                        continue;
                    }
                    let item = self.temp();
                    let position = self.temp();
                    self.at(whole);
                    if index < at {
                        self.load_const(position, Const::Int(index as i64));
                    } else {
                        let from_end = patterns.len() - index;
                        self.u.emit(Op::SubInt, position, length, from_end as u16);
                    }
                    self.emit(Op::LoadItem, item, subject, position);
                    self.pattern(pattern, item, fail, captures);
                }
                return;
            }
            _ => {}
        }
        let base = self.u.alloc(patterns.len());
        match star {
            Some(at) => {
                let after = patterns.len() - at - 1;
                self.u
                    .emit_ext(Op::UnpackEx, base, subject, at as u16, after as u64);
            }
            None => self.emit(Op::UnpackSequence, base, subject, patterns.len() as u16),
        }
        for (at, pattern) in patterns.iter().enumerate() {
            self.pattern(pattern, base + at as Reg, fail, captures);
        }
    }

    fn mapping_pattern(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        subject: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        self.test_or_fail(Op::MatchMapping, subject, fail);
        let count = node.keys.len();
        let keys = self.u.alloc(count);
        if count > 0 {
            let length = self.u.alloc(2);
            self.emit(Op::GetLen, length, subject, 0);
            self.load_const(length + 1, Const::Int(count as i64));
            self.compare_jump(CmpOp::GtE, length, length + 1, false, fail);
            for (at, key) in node.keys.iter().enumerate() {
                self.expr_to(key, keys + at as Reg);
            }
            self.at(node);
            let tuple = self.temp();
            let values = self.temp();
            self.emit(Op::BuildTuple, tuple, keys, count as u16);
            self.emit(Op::MatchKeys, values, subject, tuple);
            self.u.jump(Op::JumpIfNone, values, fail);
            let base = self.u.alloc(count);
            self.emit(Op::UnpackSequence, base, values, count as u16);
            for (at, pattern) in node.patterns.iter().enumerate() {
                self.pattern(pattern, base + at as Reg, fail, captures);
            }
        }
        if let Some(rest) = &node.rest {
            self.at(node);
            let dict = self.temp();
            self.emit(Op::BuildMap, dict, 0, 0);
            self.emit(Op::DictUpdate, dict, subject, 0);
            for at in 0..count {
                self.emit(Op::DeleteItem, dict, keys + at as Reg, 0);
            }
            self.capture(Some(rest), dict, captures);
        }
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        subject: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        let class = self.expr(&node.cls);
        let arguments = &node.arguments;
        let names = arguments
            .keywords
            .iter()
            .map(|keyword| super::stmt::text(&keyword.attr))
            .collect();
        let names = self.u.constant(Const::Tuple(names));
        let values = self.temp();
        self.at(node);
        let ext = arguments.patterns.len() as u64 | u64::from(names) << 32;
        self.u.emit_ext(Op::MatchClass, values, subject, class, ext);
        self.u.jump(Op::JumpIfNone, values, fail);
        let count = arguments.patterns.len() + arguments.keywords.len();
        if count == 0 {
            return;
        }
        let base = self.u.alloc(count);
        self.emit(Op::UnpackSequence, base, values, count as u16);
        let inner = arguments
            .patterns
            .iter()
            .chain(arguments.keywords.iter().map(|keyword| &keyword.pattern));
        for (at, pattern) in inner.enumerate() {
            self.pattern(pattern, base + at as Reg, fail, captures);
        }
    }

    fn or_pattern(
        &mut self,
        node: &'a ast::PatternMatchOr,
        subject: Reg,
        fail: Label,
        captures: &mut Captures,
    ) {
        let matched = self.u.label();
        // All alternatives bind the same names; each puts them into the registers that the first one chose.
        let mut chosen: Option<Captures> = None;
        let last = node.patterns.len() - 1;
        for (at, pattern) in node.patterns.iter().enumerate() {
            let next = if at == last { fail } else { self.u.label() };
            let mut own = Captures::new();
            // The registers for the names come before those of the alternative.
            if chosen.is_none() {
                let mut names = Vec::new();
                self.captured_names(pattern, &mut names);
                chosen = Some(names.into_iter().map(|name| (name, self.temp())).collect());
            }
            let mark = self.u.mark();
            self.pattern(pattern, subject, next, &mut own);
            for (name, reg) in &own {
                let target = chosen.iter().flatten().find(|(known, _)| known == name);
                if let Some(&(_, target)) = target {
                    self.move_to(target, *reg);
                }
            }
            if at != last {
                if self.u.reachable() {
                    self.u.jump(Op::Jump, 0, matched);
                }
                self.u.bind(next);
            }
            self.u.free_to(mark);
            if !self.u.reachable() {
                break;
            }
        }
        self.u.bind(matched);
        captures.extend(chosen.into_iter().flatten());
    }

    fn captured_names(&mut self, pattern: &Pattern, names: &mut Vec<Sym>) {
        match pattern {
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.captured_names(inner, names);
                }
                names.extend(node.name.as_ref().map(|name| self.mangled(name)));
            }
            Pattern::MatchStar(node) => {
                names.extend(node.name.as_ref().map(|name| self.mangled(name)))
            }
            Pattern::MatchMapping(node) => {
                for inner in &node.patterns {
                    self.captured_names(inner, names);
                }
                names.extend(node.rest.as_ref().map(|name| self.mangled(name)));
            }
            Pattern::MatchSequence(node) => node
                .patterns
                .iter()
                .for_each(|inner| self.captured_names(inner, names)),
            Pattern::MatchClass(node) => {
                node.arguments
                    .patterns
                    .iter()
                    .for_each(|inner| self.captured_names(inner, names));
                node.arguments
                    .keywords
                    .iter()
                    .for_each(|keyword| self.captured_names(&keyword.pattern, names));
            }
            // The alternatives bind the same names.
            Pattern::MatchOr(node) => {
                if let Some(first) = node.patterns.first() {
                    self.captured_names(first, names);
                }
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }
}
