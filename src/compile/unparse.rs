//! Expressions back to text, as `from __future__ import annotations` keeps them.

use std::fmt::Write;

use ruff_python_ast::{
    self as ast, BoolOp, ConversionFlag, Expr, FStringPart, InterpolatedStringElement,
    InterpolatedStringElements, Operator, UnaryOp,
};
use rustpython_literal::escape::{AsciiEscape, UnicodeEscape};
use rustpython_wtf8::Wtf8;

use super::Compiler;
use super::fold::number;
use crate::code::Const;

/// How tightly an expression binds; an operand that binds less tightly than its place asks gets parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    const ALL: [Level; 16] = [
        Level::Tuple,
        Level::Test,
        Level::Or,
        Level::And,
        Level::Not,
        Level::Compare,
        Level::BitOr,
        Level::BitXor,
        Level::BitAnd,
        Level::Shift,
        Level::Sum,
        Level::Term,
        Level::Factor,
        Level::Power,
        Level::Await,
        Level::Atom,
    ];
    fn next(self) -> Level {
        Level::ALL[(self as usize + 1).min(Level::ALL.len() - 1)]
    }
}

fn operator_level(op: Operator) -> Level {
    match op {
        Operator::BitOr => Level::BitOr,
        Operator::BitXor => Level::BitXor,
        Operator::BitAnd => Level::BitAnd,
        Operator::LShift | Operator::RShift => Level::Shift,
        Operator::Add | Operator::Sub => Level::Sum,
        Operator::Mult | Operator::MatMult | Operator::Div | Operator::Mod | Operator::FloorDiv => {
            Level::Term
        }
        Operator::Pow => Level::Power,
    }
}

/// Writes expressions.
struct Unparser<'c, 'a> {
    compiler: &'c Compiler<'a>,
    out: String,
}

impl Compiler<'_> {
    /// The text of an annotation.
    pub(super) fn unparse(&self, expr: &Expr) -> String {
        let mut unparser = Unparser {
            compiler: self,
            out: String::new(),
        };
        unparser.expr(expr, Level::Test);
        unparser.out
    }
}

fn str_repr(text: &Wtf8) -> String {
    UnicodeEscape::new_repr(text)
        .str_repr()
        .to_string()
        .unwrap_or_default()
}

fn bytes_repr(bytes: &[u8]) -> String {
    AsciiEscape::new_repr(bytes)
        .bytes_repr()
        .to_string()
        .unwrap_or_default()
}

impl Unparser<'_, '_> {
    fn p(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes in parentheses if `condition`.
    fn group(&mut self, condition: bool, write: impl FnOnce(&mut Self)) {
        if condition {
            self.p("(");
        }
        write(self);
        if condition {
            self.p(")");
        }
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.p(", ");
            }
            self.expr(item, Level::Test);
        }
    }

    fn expr(&mut self, expr: &Expr, level: Level) {
        match expr {
            Expr::BoolOp(node) => {
                let (own, word) = match node.op {
                    BoolOp::And => (Level::And, " and "),
                    BoolOp::Or => (Level::Or, " or "),
                };
                self.group(level > own, |this| {
                    for (at, value) in node.values.iter().enumerate() {
                        if at > 0 {
                            this.p(word);
                        }
                        this.expr(value, own.next());
                    }
                });
            }
            Expr::Named(node) => self.group(level > Level::Tuple, |this| {
                this.expr(&node.target, Level::Atom);
                this.p(" := ");
                this.expr(&node.value, Level::Atom);
            }),
            Expr::BinOp(node) => {
                let own = operator_level(node.op);
                // Only the power operator groups to the right.
                let right_first = node.op == Operator::Pow;
                self.group(level > own, |this| {
                    this.expr(&node.left, if right_first { own.next() } else { own });
                    this.p(" ");
                    this.p(node.op.as_str());
                    this.p(" ");
                    this.expr(&node.right, if right_first { own } else { own.next() });
                });
            }
            Expr::UnaryOp(node) => {
                let own = if node.op == UnaryOp::Not {
                    Level::Not
                } else {
                    Level::Factor
                };
                self.group(level > own, |this| {
                    this.p(match node.op {
                        UnaryOp::Not => "not ",
                        UnaryOp::Invert => "~",
                        UnaryOp::UAdd => "+",
                        UnaryOp::USub => "-",
                    });
                    this.expr(&node.operand, own);
                });
            }
            Expr::Lambda(node) => self.group(level > Level::Test, |this| {
                this.p("lambda");
                if let Some(parameters) = &node.parameters {
                    this.parameters(parameters);
                }
                this.p(": ");
                this.expr(&node.body, Level::Test);
            }),
            Expr::If(node) => self.group(level > Level::Test, |this| {
                this.expr(&node.body, Level::Test.next());
                this.p(" if ");
                this.expr(&node.test, Level::Test.next());
                this.p(" else ");
                this.expr(&node.orelse, Level::Test);
            }),
            Expr::Dict(node) => {
                self.p("{");
                for (at, item) in node.items.iter().enumerate() {
                    if at > 0 {
                        self.p(", ");
                    }
                    match &item.key {
                        Some(key) => {
                            self.expr(key, Level::Test);
                            self.p(": ");
                            self.expr(&item.value, Level::Test);
                        }
                        None => {
                            self.p("**");
                            self.expr(&item.value, Level::BitOr);
                        }
                    }
                }
                self.p("}");
            }
            Expr::Set(node) => {
                self.p("{");
                self.list(&node.elts);
                self.p("}");
            }
            Expr::ListComp(node) => self.comprehension("[", &[&node.elt], &node.generators, "]"),
            Expr::SetComp(node) => self.comprehension("{", &[&node.elt], &node.generators, "}"),
            Expr::Generator(node) => self.comprehension("(", &[&node.elt], &node.generators, ")"),
            Expr::DictComp(node) => {
                let mut parts: Vec<&Expr> = node.key.as_deref().into_iter().collect();
                parts.push(&node.value);
                self.comprehension("{", &parts, &node.generators, "}");
            }
            Expr::Await(node) => self.group(level > Level::Await, |this| {
                this.p("await ");
                this.expr(&node.value, Level::Atom);
            }),
            Expr::Yield(node) => self.group(true, |this| {
                this.p("yield");
                if let Some(value) = &node.value {
                    this.p(" ");
                    this.expr(value, Level::Tuple);
                }
            }),
            Expr::YieldFrom(node) => self.group(true, |this| {
                this.p("yield from ");
                this.expr(&node.value, Level::Test);
            }),
            Expr::Compare(node) => self.group(level > Level::Compare, |this| {
                this.expr(&node.left, Level::Compare.next());
                for (op, right) in node.ops.iter().zip(&node.comparators[..]) {
                    this.p(" ");
                    this.p(op.as_str());
                    this.p(" ");
                    this.expr(right, Level::Compare.next());
                }
            }),
            Expr::Call(node) => self.call(node),
            Expr::FString(node) => self.fstring(node),
            Expr::TString(node) => {
                let mut body = String::new();
                for part in &node.value {
                    self.elements(&part.elements, false, &mut body);
                }
                let _ = write!(self.out, "t{}", str_repr(Wtf8::new(body.as_str())));
            }
            Expr::StringLiteral(node) => {
                if node.value.is_unicode() {
                    self.p("u");
                }
                let text = str_repr(&self.compiler.string_value(node));
                self.p(&text);
            }
            Expr::BytesLiteral(node) => {
                let bytes: Vec<u8> = node.value.bytes().collect();
                self.p(&bytes_repr(&bytes));
            }
            Expr::NumberLiteral(node) => self.number(node),
            Expr::BooleanLiteral(node) => self.p(if node.value { "True" } else { "False" }),
            Expr::NoneLiteral(_) => self.p("None"),
            Expr::EllipsisLiteral(_) => self.p("..."),
            Expr::Attribute(node) => {
                self.expr(&node.value, Level::Atom);
                // A dot right after an int would make it a float.
                let is_int = matches!(&*node.value, Expr::NumberLiteral(number) if matches!(number.value, ast::Number::Int(_)));
                self.p(if is_int { " ." } else { "." });
                self.p(&node.attr);
            }
            Expr::Subscript(node) => {
                self.expr(&node.value, Level::Atom);
                self.p("[");
                self.expr(&node.slice, Level::Tuple);
                self.p("]");
            }
            Expr::Starred(node) => {
                self.p("*");
                self.expr(&node.value, Level::BitOr);
            }
            Expr::Name(node) => self.p(&node.id),
            Expr::List(node) => {
                self.p("[");
                self.list(&node.elts);
                self.p("]");
            }
            Expr::Tuple(node) if node.elts.is_empty() => self.p("()"),
            Expr::Tuple(node) => self.group(level > Level::Tuple, |this| {
                this.list(&node.elts);
                if node.elts.len() == 1 {
                    this.p(",");
                }
            }),
            Expr::Slice(node) => {
                if let Some(lower) = &node.lower {
                    self.expr(lower, Level::Test);
                }
                self.p(":");
                if let Some(upper) = &node.upper {
                    self.expr(upper, Level::Test);
                }
                if let Some(step) = &node.step {
                    self.p(":");
                    self.expr(step, Level::Test);
                }
            }
            Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn number(&mut self, node: &ast::ExprNumberLiteral) {
        // An infinite literal is written as a finite one that overflows.
        let float = |x: f64| rustpython_literal::float::to_string(x).replace("inf", "1e309");
        let text = match number(&node.value) {
            Some(Const::Int(n)) => n.to_string(),
            Some(Const::BigInt(n)) => n.to_string(),
            Some(Const::Float(x)) => float(x),
            Some(Const::Complex(re, im)) => {
                rustpython_literal::complex::to_string(re, im).replace("inf", "1e309")
            }
            _ => String::new(),
        };
        self.p(&text);
    }

    fn comprehension(
        &mut self,
        open: &str,
        parts: &[&Expr],
        generators: &[ast::Comprehension],
        close: &str,
    ) {
        self.p(open);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.p(": ");
            }
            self.expr(part, Level::Test);
        }
        for generator in generators {
            self.p(if generator.is_async {
                " async for "
            } else {
                " for "
            });
            self.expr(&generator.target, Level::Tuple);
            self.p(" in ");
            self.expr(&generator.iter, Level::Test.next());
            for condition in &generator.ifs {
                self.p(" if ");
                self.expr(condition, Level::Test.next());
            }
        }
        self.p(close);
    }

    fn call(&mut self, node: &ast::ExprCall) {
        self.expr(&node.func, Level::Atom);
        if let ([Expr::Generator(_)], []) = (&node.arguments.args[..], &node.arguments.keywords[..])
        {
            // Its own parentheses will do.
            return self.expr(&node.arguments.args[0], Level::Atom);
        }
        self.p("(");
        self.list(&node.arguments.args);
        for (at, keyword) in node.arguments.keywords.iter().enumerate() {
            if at > 0 || !node.arguments.args.is_empty() {
                self.p(", ");
            }
            match &keyword.arg {
                Some(name) => {
                    self.p(name);
                    self.p("=");
                }
                None => self.p("**"),
            }
            self.expr(&keyword.value, Level::Test);
        }
        self.p(")");
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        let mut first = true;
        let mut comma = |this: &mut Self| {
            this.p(if std::mem::take(&mut first) {
                " "
            } else {
                ", "
            });
        };
        let plain = |this: &mut Self, parameter: &ast::ParameterWithDefault| {
            this.p(&parameter.parameter.name);
            if let Some(default) = &parameter.default {
                this.p("=");
                this.expr(default, Level::Test);
            }
        };
        for parameter in &parameters.posonlyargs {
            comma(self);
            plain(self, parameter);
        }
        if !parameters.posonlyargs.is_empty() {
            self.p(", /");
        }
        for parameter in &parameters.args {
            comma(self);
            plain(self, parameter);
        }
        if parameters.vararg.is_some() || !parameters.kwonlyargs.is_empty() {
            // The first star stands right after the keyword, as CPython writes it.
            if parameters.posonlyargs.is_empty() && parameters.args.is_empty() {
                comma(self);
                self.out.pop();
                if parameters.vararg.is_some() {
                    self.p(" ");
                }
            } else {
                comma(self);
            }
            self.p("*");
            if let Some(vararg) = &parameters.vararg {
                self.p(&vararg.name);
            }
        }
        for parameter in &parameters.kwonlyargs {
            comma(self);
            plain(self, parameter);
        }
        if let Some(kwarg) = &parameters.kwarg {
            comma(self);
            self.p("**");
            self.p(&kwarg.name);
        }
    }

    fn fstring(&mut self, node: &ast::ExprFString) {
        let mut body = String::new();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => body.push_str(&braces(&literal.value)),
                FStringPart::FString(part) => self.elements(&part.elements, false, &mut body),
            }
        }
        let _ = write!(self.out, "f{}", str_repr(Wtf8::new(body.as_str())));
    }

    fn elements(
        &mut self,
        elements: &InterpolatedStringElements,
        in_spec: bool,
        body: &mut String,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) if in_spec => {
                    body.push_str(&literal.value)
                }
                InterpolatedStringElement::Literal(literal) => {
                    body.push_str(&braces(&literal.value))
                }
                InterpolatedStringElement::Interpolation(field) => {
                    let outer = std::mem::take(&mut self.out);
                    self.expr(&field.expression, Level::Test.next());
                    let text = std::mem::replace(&mut self.out, outer);
                    if let Some(debug) = &field.debug_text {
                        body.push_str(&braces(debug.as_str()));
                    }
                    body.push('{');
                    if text.starts_with('{') {
                        body.push(' ');
                    }
                    body.push_str(&text);
                    match field.conversion {
                        ConversionFlag::None
                            if field.debug_text.is_some() && field.format_spec.is_none() =>
                        {
                            body.push_str("!r");
                        }
                        ConversionFlag::None => {}
                        ConversionFlag::Str => body.push_str("!s"),
                        ConversionFlag::Repr => body.push_str("!r"),
                        ConversionFlag::Ascii => body.push_str("!a"),
                    }
                    if let Some(spec) = &field.format_spec {
                        body.push(':');
                        self.elements(&spec.elements, true, body);
                    }
                    body.push('}');
                }
            }
        }
    }
}

fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
