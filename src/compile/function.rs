//! Functions and lambdas.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use rustpython_wtf8::Wtf8Buf;

use super::Compiler;
use super::emit::Reg;
use super::module::Finished;
use crate::code::{Const, Intrinsic, Op, flags};
use crate::syntax::builder::annotations_of;
use crate::syntax::scope::{Part, ScopeId};

impl<'a> Compiler<'a> {
    pub(super) fn function_def(&mut self, node: &'a ast::StmtFunctionDef) {
        let mark = self.u.mark();
        self.decorators(&node.decorator_list);
        let function = self.temp();
        let start = first_offset(&node.decorator_list, node.range);
        self.at(&node.name);
        match &node.type_params {
            None => {
                let base = self.u.mark();
                let ext = self.default_values(&node.parameters);
                let ext = ext | self.annotate_part(node);
                let unit = self.function_unit(node, start);
                self.at(node);
                self.make_function(unit, base, ext, function);
            }
            Some(params) => {
                let args = self.u.mark();
                self.default_values(&node.parameters);
                let count = self.u.mark() - args;
                let unit = self.generic_function(node, params, start);
                self.at(node);
                let above = self.u.mark();
                self.make_function(unit, above, 0, function);
                self.u.free_to(args + count);
                self.emit(Op::Call, function, function, count);
            }
        }
        self.u.free_to(function + 1);
        self.apply_decorators(&node.decorator_list, function);
        self.u.free_to(mark);
        self.at(&node.name);
        let sym = self.mangled(&node.name);
        self.store_name(sym, mark);
    }

    /// Evaluates decorators into consecutive temporaries.
    pub(super) fn decorators(&mut self, decorators: &'a [ast::Decorator]) {
        for decorator in decorators {
            let reg = self.temp();
            self.expr_to(&decorator.expression, reg);
        }
    }

    /// Applies them to the thing in the register after them. The result is in the first of these registers.
    pub(super) fn apply_decorators(&mut self, decorators: &'a [ast::Decorator], thing: Reg) {
        for (at, decorator) in decorators.iter().enumerate().rev() {
            let reg = thing - (decorators.len() - at) as Reg;
            self.at(&decorator.expression);
            self.emit(Op::Call, reg, reg, 1);
        }
    }

    /// Defaults and keyword defaults in the next temporaries; answers the bits of `MakeFunction` for them.
    fn default_values(&mut self, parameters: &'a ast::Parameters) -> u64 {
        let mut ext = 0;
        let positional: Vec<&'a Expr> = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .filter_map(|parameter| parameter.default.as_deref())
            .collect();
        if !positional.is_empty() {
            ext |= 1;
            let tuple = self.temp();
            let folded: Option<Vec<Const>> =
                positional.iter().map(|value| self.fold(value)).collect();
            match folded {
                Some(values) => self.load_const(tuple, Const::Tuple(values)),
                None => {
                    let base = self.u.mark();
                    for value in &positional {
                        let reg = self.temp();
                        self.expr_to(value, reg);
                    }
                    self.emit(Op::BuildTuple, tuple, base, positional.len() as u16);
                    self.u.free_to(base);
                }
            }
        }
        let named: Vec<(&'a ast::Identifier, &'a Expr)> = parameters
            .kwonlyargs
            .iter()
            .filter_map(|parameter| {
                Some((&parameter.parameter.name, parameter.default.as_deref()?))
            })
            .collect();
        if !named.is_empty() {
            ext |= 2;
            let dict = self.temp();
            let base = self.u.mark();
            for (name, value) in &named {
                let key = self.temp();
                let sym = self.mangled(name);
                let text = Wtf8Buf::from_string(self.names.text(sym).to_owned());
                self.load_const(key, Const::Str(text));
                let reg = self.temp();
                self.expr_to(value, reg);
            }
            self.emit(Op::BuildMap, dict, base, named.len() as u16);
            self.u.free_to(base);
        }
        ext
    }

    /// The `__annotate__` function in the next temporary, if there are annotations; its bit.
    fn annotate_part(&mut self, node: &'a ast::StmtFunctionDef) -> u64 {
        if annotations_of(node).next().is_none() {
            return 0;
        }
        let reg = self.temp();
        self.function_annotate(node, reg);
        4
    }

    fn parameter_counts(&mut self, parameters: &ast::Parameters) {
        let code = &mut self.u.code;
        code.posonly = parameters.posonlyargs.len() as u32;
        code.argcount = (parameters.posonlyargs.len() + parameters.args.len()) as u32;
        code.kwonly = parameters.kwonlyargs.len() as u32;
        if parameters.vararg.is_some() {
            code.flags |= flags::VARARGS;
        }
        if parameters.kwarg.is_some() {
            code.flags |= flags::VARKEYWORDS;
        }
    }

    fn generator_flags(&mut self) {
        let scope = self.unit_scope();
        self.u.code.flags |= match (scope.is_async, scope.has_yield) {
            (true, true) => flags::ASYNC_GENERATOR,
            (true, false) => flags::COROUTINE,
            (false, true) => flags::GENERATOR,
            (false, false) => 0,
        };
    }

    fn function_unit(&mut self, node: &'a ast::StmtFunctionDef, start: u32) -> Finished {
        let scope = self.table.of(node, Part::Body);
        self.enter(scope, &node.name, None, start);
        self.parameter_counts(&node.parameters);
        self.generator_flags();
        let docstring = self.docstring(&node.body);
        if let Some((doc, _)) = &docstring {
            self.u.code.flags |= flags::HAS_DOCSTRING;
            self.u.constant(doc.clone());
        }
        self.at(&node.name);
        self.prologue();
        let protect = self.begin_generator();
        let body = if docstring.is_some() {
            &node.body[1..]
        } else {
            &node.body[..]
        };
        self.body(body);
        if self.u.reachable() {
            if let Some(last) = node.body.last() {
                self.at_last(last);
            }
            self.return_none();
        }
        self.end_generator(protect);
        self.leave()
    }

    /// The implicit return has the place of the last statement, but of a compound one only its first line.
    fn at_last(&mut self, last: &'a Stmt) {
        match last {
            Stmt::For(node) => self.at(&*node.iter),
            Stmt::While(node) => self.at(&*node.test),
            Stmt::If(node) => self.at(&*node.test),
            _ if last.range().len() < 1000.into() => self.at(last),
            _ => {}
        }
    }

    /// Its docstring, cleaned of indentation, and where it stands.
    pub(super) fn docstring(&self, body: &[Stmt]) -> Option<(Const, TextRange)> {
        if self.opts.optimize >= 2 {
            return None;
        }
        let Stmt::Expr(first) = body.first()? else {
            return None;
        };
        let Expr::StringLiteral(literal) = &*first.value else {
            return None;
        };
        let value = self.string_value(literal);
        let cleaned = match value.into_string() {
            Ok(text) => Wtf8Buf::from_string(clean_docstring(&text)),
            Err(value) => value,
        };
        Some((Const::Str(cleaned), first.range))
    }

    pub(super) fn lambda(&mut self, node: &'a ast::ExprLambda, dst: Reg) {
        let base = self.u.mark();
        let ext = match &node.parameters {
            Some(parameters) => self.default_values(parameters),
            None => 0,
        };
        let scope = self.table.of(node, Part::Body);
        self.at(node);
        self.enter(scope, "<lambda>", None, node.start().to_u32());
        if let Some(parameters) = &node.parameters {
            self.parameter_counts(parameters);
        }
        self.generator_flags();
        self.prologue();
        let protect = self.begin_generator();
        match self.fold(&node.body) {
            Some(value) => {
                self.at(&*node.body);
                let value = self.u.constant(value);
                self.emit(Op::ReturnConst, value, 0, 0);
            }
            None => {
                let mark = self.u.mark();
                let value = self.expr(&node.body);
                self.at(&*node.body);
                self.emit(Op::Return, value, 0, 0);
                self.u.free_to(mark);
            }
        }
        self.end_generator(protect);
        let unit = self.leave();
        self.at(node);
        self.make_function(unit, base, ext, dst);
        self.u.free_to(base);
    }

    /// The function that makes a generic function: it binds the type parameters.
    fn generic_function(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        params: &'a ast::TypeParams,
        start: u32,
    ) -> Finished {
        let scope: ScopeId = self.table.of(node, Part::TypeParams);
        let title = format!("<generic parameters of {}>", node.name);
        self.enter(scope, &title, None, start);
        self.u.code.argcount = self.unit_scope().params.len() as u32;
        self.at(&node.name);
        self.prologue();
        let pair = self.u.alloc(2);
        self.type_params_tuple(params, pair + 1);
        let base = self.u.mark();
        let mut ext = 0;
        for (bit, hidden) in [(1, ".defaults"), (2, ".kwdefaults")] {
            let sym = self.intern(hidden);
            if let Some(&from) = self.u.regs.get(&sym) {
                ext |= bit;
                let reg = self.temp();
                self.move_to(reg, from);
            }
        }
        let ext = ext | self.annotate_part(node);
        let unit = self.function_unit(node, start);
        self.at(&node.name);
        self.make_function(unit, base, ext, pair);
        self.u.free_to(base);
        self.emit(
            Op::Intrinsic2,
            pair,
            pair,
            Intrinsic::SetFunctionTypeParams as u16,
        );
        self.emit(Op::Return, pair, 0, 0);
        self.leave()
    }
}

/// Where a definition begins, its decorators included.
pub(super) fn first_offset(decorators: &[ast::Decorator], range: TextRange) -> u32 {
    decorators
        .first()
        .map_or(range.start(), |first| first.expression.start())
        .to_u32()
}

/// Takes the common indentation off the lines of a docstring after the first, and the first line's own.
fn clean_docstring(text: &str) -> String {
    let text = expand_tabs(text);
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default();
    let margin = lines
        .clone()
        .filter(|line| !line.trim_start_matches(' ').is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let mut cleaned = first.trim_start_matches(' ').to_owned();
    for line in lines {
        let indent = line.len() - line.trim_start_matches(' ').len();
        cleaned.push('\n');
        cleaned.push_str(&line[indent.min(margin)..]);
    }
    cleaned
}

fn expand_tabs(text: &str) -> String {
    if !text.contains('\t') {
        return text.to_owned();
    }
    let mut expanded = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                expanded.push(c);
                column = 0;
            }
            _ => {
                expanded.push(c);
                column += 1;
            }
        }
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::clean_docstring;

    #[test]
    fn docstrings() {
        assert_eq!(
            clean_docstring("  a\n    b\n      c\n\n    "),
            "a\nb\n  c\n\n"
        );
        assert_eq!(clean_docstring("a\n\tb"), "a\nb");
    }
}
