//! Checks of the tree that need no scopes: the parser crate's own, in CPython's words, some more, and warnings.

use std::cell::RefCell;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    self as ast, CmpOp, Expr, ExprContext, InterpolatedStringElement, IrrefutablePatternKind, Mod,
    Pattern, PythonVersion, Stmt,
};
use ruff_python_parser::semantic_errors::{
    InvalidExpressionKind, InvalidExpressionPosition, LazyImportContext, SemanticSyntaxChecker,
    SemanticSyntaxContext, SemanticSyntaxError, SemanticSyntaxErrorKind as Kind, WriteToDebugKind,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::error::{Problem, SyntaxWarn, WarnKind};
use super::literal::invalid_escapes;
use super::source::LineIndex;

/// Longer decimal literals are refused, since converting them takes quadratic time.
const MAX_INT_DIGITS: usize = 4300;

/// Checks a tree. Answers the first problem, and the warnings.
pub fn check(
    source: &str,
    lines: &LineIndex,
    syntax: &Mod,
    future_annotations: bool,
) -> (Option<Problem>, Vec<SyntaxWarn>) {
    let context = Context {
        source,
        future_annotations,
        problems: RefCell::new(Vec::new()),
    };
    let mut walker = Walker {
        context: &context,
        checker: SemanticSyntaxChecker::new(),
        lines,
        warnings: Vec::new(),
        finally: Finally::default(),
    };
    match syntax {
        Mod::Module(module) => walker.visit_body(&module.body),
        Mod::Expression(expression) => walker.visit_expr(&expression.body),
    }
    let warnings = walker.warnings;
    let problem = context.problems.into_inner().into_iter().next();
    (problem, warnings)
}

/// What the parser crate's checker asks about the surroundings of a node. The scopes are checked by the symbol table, so
/// the answers here keep it from checking them.
struct Context<'a> {
    source: &'a str,
    future_annotations: bool,
    problems: RefCell<Vec<Problem>>,
}

impl Context<'_> {
    fn problem(&self, msg: impl Into<String>, range: TextRange) {
        self.problems.borrow_mut().push(Problem {
            msg: msg.into(),
            range,
        });
    }
}

impl SemanticSyntaxContext for Context<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        self.future_annotations
    }
    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }
    fn python_version(&self) -> PythonVersion {
        PythonVersion::PY314
    }
    fn source(&self) -> &str {
        self.source
    }
    fn global(&self, _name: &str) -> Option<TextRange> {
        None
    }
    fn has_nonlocal_binding(&self, _name: &str) -> bool {
        true
    }
    fn in_async_context(&self) -> bool {
        true
    }
    fn in_await_allowed_context(&self) -> bool {
        true
    }
    fn in_yield_allowed_context(&self) -> bool {
        true
    }
    fn in_sync_comprehension(&self) -> bool {
        false
    }
    fn in_class_body_comprehension(&self) -> bool {
        false
    }
    fn in_module_scope(&self) -> bool {
        false
    }
    fn in_function_scope(&self) -> bool {
        true
    }
    fn in_generator_context(&self) -> bool {
        false
    }
    fn in_notebook(&self) -> bool {
        false
    }
    fn in_loop_context(&self) -> bool {
        true
    }
    fn is_bound_parameter(&self, _name: &str) -> bool {
        false
    }
    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        if let Some(msg) = message(&error.kind, &self.source[error.range]) {
            self.problem(msg, error.range);
        }
    }
}

/// CPython's words; None for what the symbol table reports.
fn message(kind: &Kind, source: &str) -> Option<String> {
    Some(match kind {
        Kind::LateFutureImport => {
            "from __future__ imports must occur at the beginning of the file".into()
        }
        Kind::FutureFeatureNotDefined(name) if name == "braces" => "not a chance".into(),
        Kind::FutureFeatureNotDefined(name) => format!("future feature {name} is not defined"),
        Kind::NamedExpressionInComprehensionIterable => {
            "assignment expression cannot be used in a comprehension iterable expression".into()
        }
        Kind::ReboundComprehensionVariable => {
            let name = source.split(":=").next().unwrap_or(source).trim();
            format!("assignment expression cannot rebind comprehension iteration variable '{name}'")
        }
        Kind::DuplicateTypeParameter => {
            let name: String = source
                .trim_start_matches('*')
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            format!("duplicate type parameter '{name}'")
        }
        Kind::TypeParameterDefaultOrder(name) => {
            format!("non-default type parameter '{name}' follows default type parameter")
        }
        Kind::MultipleCaseAssignment(name) => {
            format!("multiple assignments to name '{name}' in pattern")
        }
        Kind::MultipleStarredNamesInSequencePattern => {
            "multiple starred names in sequence pattern".into()
        }
        Kind::IrrefutableCasePattern(kind) => irrefutable(kind),
        Kind::SingleStarredAssignment => {
            "starred assignment target must be in a list or tuple".into()
        }
        Kind::WriteToDebug(WriteToDebugKind::Store) => "cannot assign to __debug__".into(),
        Kind::WriteToDebug(WriteToDebugKind::Delete(_)) => "cannot delete __debug__".into(),
        Kind::InvalidExpression(kind, position) => {
            let kind = match kind {
                InvalidExpressionKind::Yield => "yield expression",
                InvalidExpressionKind::NamedExpr => "named expression",
                InvalidExpressionKind::Await => "await expression",
            };
            let position = match position {
                InvalidExpressionPosition::TypeVarBound => "a TypeVar bound",
                InvalidExpressionPosition::TypeVarDefault => "a TypeVar default",
                InvalidExpressionPosition::TypeVarTupleDefault => "a TypeVarTuple default",
                InvalidExpressionPosition::ParamSpecDefault => "a ParamSpec default",
                InvalidExpressionPosition::TypeAnnotation => "an annotation",
                InvalidExpressionPosition::GenericDefinition => "the definition of a generic",
                InvalidExpressionPosition::TypeAlias => "a type alias",
            };
            format!("{kind} cannot be used within {position}")
        }
        Kind::DuplicateMatchKey(key) => format!("mapping pattern checks duplicate key ({key})"),
        Kind::DuplicateMatchClassAttribute(name) => {
            format!("attribute name repeated in class pattern: {name}")
        }
        Kind::InvalidStarExpression => "can't use starred expression here".into(),
        Kind::DuplicateParameter(name) => {
            format!("duplicate parameter '{name}' in function definition")
        }
        Kind::DuplicateKeywordArgument(name) => format!("keyword argument repeated: {name}"),
        Kind::MultipleStarredExpressions => "multiple starred expressions in assignment".into(),
        Kind::ReturnInGenerator => "'return' with value in async generator".into(),
        Kind::DifferentMatchPatternBindings => "alternative patterns bind different names".into(),
        _ => return None,
    })
}

fn irrefutable(kind: &IrrefutablePatternKind) -> String {
    match kind {
        IrrefutablePatternKind::Name(name) => {
            format!("name capture '{name}' makes remaining patterns unreachable")
        }
        IrrefutablePatternKind::Wildcard => {
            "wildcard makes remaining patterns unreachable".to_owned()
        }
    }
}

/// Whether we are in a `finally`, for the warnings about leaving it.
#[derive(Clone, Copy, Default)]
struct Finally {
    inside: bool,
    /// Loops begun inside it.
    loops: u32,
}

struct Walker<'a> {
    context: &'a Context<'a>,
    checker: SemanticSyntaxChecker,
    lines: &'a LineIndex,
    warnings: Vec<SyntaxWarn>,
    finally: Finally,
}

impl Walker<'_> {
    fn warn(&mut self, msg: impl Into<String>, at: TextSize) {
        self.warnings.push(SyntaxWarn {
            kind: WarnKind::SyntaxWarning,
            msg: msg.into(),
            line: self.lines.line(at.to_u32()),
        });
    }

    fn escapes(&mut self, range: TextRange, is_raw: bool, is_bytes: bool) {
        if is_raw {
            return;
        }
        let source = &self.context.source[range];
        if memchr::memchr(b'\\', source.as_bytes()).is_none() {
            return;
        }
        for (at, text) in invalid_escapes(source, is_bytes) {
            let what = if text[1..].starts_with(|c: char| c.is_ascii_digit()) {
                "octal escape"
            } else {
                "escape"
            };
            self.warn(
                format!(
                    "\"{text}\" is an invalid {what} sequence. Such sequences will not work in the future. Did you mean \"\\{text}\"? A raw string is also an option."
                ),
                range.start() + TextSize::new(at as u32),
            );
        }
    }

    fn leaves_finally(&mut self, word: &str, at: TextSize) {
        if self.finally.inside {
            self.warn(format!("'{word}' in a 'finally' block"), at);
        }
    }

    fn apart(&mut self, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.finally);
        walk(self);
        self.finally = outer;
    }

    fn elements(&mut self, elements: &ast::InterpolatedStringElements, is_raw: bool) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    self.escapes(literal.range, is_raw, false)
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(spec) = &field.format_spec {
                        self.elements(&spec.elements, is_raw);
                    }
                }
            }
        }
    }

    /// In `a | b`, only the last alternative may match everything.
    fn or_pattern(&mut self, pattern: &Pattern) {
        if let Pattern::MatchOr(node) = pattern
            && let Some((_, rest)) = node.patterns.split_last()
            && let Some(found) = rest.iter().find_map(Pattern::irrefutable_pattern)
        {
            self.context.problem(irrefutable(&found.kind), found.range);
        }
    }

    fn comparison(&mut self, node: &ast::ExprCompare) {
        let mut left = &*node.left;
        for (op, right) in node.ops.iter().zip(&node.comparators[..]) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot)
                && let Some(name) =
                    compared_by_identity(left).or_else(|| compared_by_identity(right))
            {
                let (word, better) = if *op == CmpOp::Is {
                    ("is", "==")
                } else {
                    ("is not", "!=")
                };
                self.warn(
                    format!("\"{word}\" with '{name}' literal. Did you mean \"{better}\"?"),
                    node.range.start(),
                );
            }
            left = right;
        }
    }
}

/// The type of a literal that should not be compared with `is`.
fn compared_by_identity(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::Tuple(_) => {
            if let Expr::Tuple(tuple) = expr
                && !tuple.elts.iter().all(Expr::is_literal_expr)
            {
                return None;
            }
            type_of(expr)
        }
        _ => None,
    }
}

/// The type of an expression that shows it.
fn type_of(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::NumberLiteral(node) => match &node.value {
            ast::Number::Int(_) => "int",
            ast::Number::Float(_) => "float",
            ast::Number::Complex { .. } => "complex",
        },
        Expr::StringLiteral(_) | Expr::FString(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BytesLiteral(_) => "bytes",
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        _ => return None,
    })
}

impl<'a> Visitor<'a> for Walker<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Match(node) = stmt {
            node.cases
                .iter()
                .for_each(|case| self.or_pattern(&case.pattern));
        }
        self.checker.visit_stmt(stmt, self.context);
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                return self.apart(|this| visitor::walk_stmt(this, stmt));
            }
            Stmt::Assert(node) => {
                if let Expr::Tuple(tuple) = &*node.test
                    && !tuple.elts.is_empty()
                {
                    self.warn(
                        "assertion is always true, perhaps remove parentheses?",
                        node.range.start(),
                    );
                }
            }
            Stmt::Return(node) => self.leaves_finally("return", node.range.start()),
            Stmt::Break(node) if self.finally.loops == 0 => {
                self.leaves_finally("break", node.range.start())
            }
            Stmt::Continue(node) if self.finally.loops == 0 => {
                self.leaves_finally("continue", node.range.start())
            }
            Stmt::For(_) | Stmt::While(_) => {
                self.finally.loops += 1;
                visitor::walk_stmt(self, stmt);
                self.finally.loops -= 1;
                return;
            }
            Stmt::Try(node) => {
                self.visit_body(&node.body);
                for handler in &node.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&node.orelse);
                let outer = self.finally;
                self.finally = Finally {
                    inside: true,
                    loops: 0,
                };
                self.visit_body(&node.finalbody);
                self.finally = outer;
                return;
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.checker.visit_expr(expr, self.context);
        match expr {
            Expr::Attribute(node)
                if node.attr.as_str() == "__debug__" && node.ctx != ExprContext::Load =>
            {
                let verb = if node.ctx == ExprContext::Del {
                    "delete"
                } else {
                    "assign to"
                };
                self.context
                    .problem(format!("cannot {verb} __debug__"), node.range);
            }
            Expr::Call(node) => {
                if let Some(keyword) = node.arguments.keywords.iter().find(|keyword| {
                    keyword
                        .arg
                        .as_ref()
                        .is_some_and(|arg| arg.as_str() == "__debug__")
                }) {
                    self.context
                        .problem("cannot assign to __debug__", keyword.range);
                }
                if !node.func.is_lambda_expr()
                    && let Some(name) = type_of(&node.func)
                {
                    let msg =
                        format!("'{name}' object is not callable; perhaps you missed a comma?");
                    self.warn(msg, expr.start());
                }
            }
            Expr::Subscript(node) => {
                if let Expr::NumberLiteral(_)
                | Expr::NoneLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::EllipsisLiteral(_)
                | Expr::Set(_)
                | Expr::SetComp(_)
                | Expr::Generator(_)
                | Expr::Lambda(_) = &*node.value
                    && let Some(name) = type_of(&node.value)
                {
                    let msg = format!(
                        "'{name}' object is not subscriptable; perhaps you missed a comma?"
                    );
                    self.warn(msg, expr.start());
                } else if let Expr::StringLiteral(_)
                | Expr::BytesLiteral(_)
                | Expr::FString(_)
                | Expr::Tuple(_)
                | Expr::List(_)
                | Expr::ListComp(_) = &*node.value
                    && let (Some(name), Some(index)) = (type_of(&node.value), type_of(&node.slice))
                    && !matches!(index, "int" | "bool")
                {
                    let msg = format!(
                        "{name} indices must be integers or slices, not {index}; perhaps you missed a comma?"
                    );
                    self.warn(msg, expr.start());
                }
            }
            Expr::Compare(node) => self.comparison(node),
            Expr::NumberLiteral(node) => {
                let text = &self.context.source[node.range];
                if text.len() > MAX_INT_DIGITS
                    && matches!(node.value, ast::Number::Int(_))
                    && !text[..2].contains(['x', 'X', 'o', 'O', 'b', 'B'])
                {
                    let digits = text.bytes().filter(u8::is_ascii_digit).count();
                    if digits > MAX_INT_DIGITS {
                        let msg = format!(
                            "Exceeds the limit ({MAX_INT_DIGITS} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
                        );
                        self.context.problem(msg, node.range);
                    }
                }
            }
            Expr::ListComp(ast::ExprListComp { elt, .. })
            | Expr::SetComp(ast::ExprSetComp { elt, .. })
            | Expr::Generator(ast::ExprGenerator { elt, .. })
                if elt.is_starred_expr() =>
            {
                let msg = "iterable unpacking cannot be used in comprehension";
                self.context.problem(msg, elt.range());
            }
            Expr::DictComp(node) if node.key.is_none() => {
                let stars = TextRange::at(node.range.start() + TextSize::new(1), TextSize::new(2));
                self.context
                    .problem("dict unpacking cannot be used in dict comprehension", stars);
            }
            Expr::StringLiteral(node) => {
                for part in &node.value {
                    self.escapes(part.content_range(), part.flags.prefix().is_raw(), false);
                }
            }
            Expr::BytesLiteral(node) => {
                for part in &node.value {
                    self.escapes(part.content_range(), part.flags.prefix().is_raw(), true);
                }
            }
            Expr::FString(node) => {
                for part in &node.value {
                    match part {
                        ast::FStringPart::Literal(part) => {
                            self.escapes(part.content_range(), part.flags.prefix().is_raw(), false);
                        }
                        ast::FStringPart::FString(part) => {
                            self.elements(&part.elements, part.flags.prefix().is_raw());
                        }
                    }
                }
            }
            Expr::TString(node) => {
                for part in &node.value {
                    self.elements(&part.elements, part.flags.prefix().is_raw());
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.or_pattern(pattern);
        visitor::walk_pattern(self, pattern);
    }
}
