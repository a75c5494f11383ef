//! From the parser's syntax tree to the nodes of `ast`: `compile` with `PyCF_ONLY_AST`. The parser has seen to it that the stack is deep
//! enough for the tree.

use ruff_python_ast::{
    self as ast, Expr, ExprContext, FStringPart, InterpolatedStringElement,
    InterpolatedStringElements, Mod, Number, Pattern, Singleton, Stmt, TypeParam,
};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustpython_wtf8::Wtf8Buf;

use crate::builtins::execution::raise_syntax_error;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::Instance;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::syntax::literal::with_surrogates;
use crate::syntax::parse::{self, Kind};
use crate::syntax::source::{LineIndex, normalise_newlines};

/// Makes nodes. Nothing here runs Python code or can collect: values may be in Rust's own memory.
struct Build<'a> {
    th: &'a mut Thread,
    source: &'a str,
    lines: &'a LineIndex,
    classes: Ref<Dict>,
}

/// The tree of a source, as a node of `ast`.
pub fn parse(th: &mut Thread, source: &str, filename: &str, kind: Kind) -> R<Value> {
    let module = crate::modules::import(th, "_ast")?;
    let Some(classes) = module.cast::<Module>().map(|m| m.dict()) else {
        return Err(th.system_error("_ast is no module"));
    };
    let source = normalise_newlines(source);
    let built = parse::with_tree(&source, kind, filename, |tree| {
        let mut build = Build {
            th: &mut *th,
            source: &source,
            lines: &tree.lines,
            classes,
        };
        build.root(&tree.syntax, kind)
    });
    match built {
        Ok(node) => node,
        Err(e) => Err(raise_syntax_error(th, e)),
    }
}

/// Fields of a node.
type Fields<'f> = &'f [(&'static str, Value)];

impl Build<'_> {
    /// A node without a place.
    fn bare(&mut self, name: &str, fields: Fields) -> R<Value> {
        let key = self.th.intern_value(name);
        let class = self.classes.get_interned(self.th, key)?;
        let Some(class) = class.as_class() else {
            return Err(self.th.system_error(format!("_ast has no {name}")));
        };
        let node = self
            .th
            .alloc(class.root_shape(), Instance::new(), 0)
            .value();
        for &(name, v) in fields {
            self.put(node, name, v)?;
        }
        Ok(node)
    }

    fn put(&mut self, node: Value, name: &str, v: Value) -> R<()> {
        let name = self.th.intern_value(name);
        self.th.own_attr_set(node, name, v).map(drop)
    }

    /// A node with its place.
    fn node(&mut self, name: &str, range: TextRange, fields: Fields) -> R<Value> {
        let node = self.bare(name, fields)?;
        let place = self.lines.place(range);
        for (name, n) in [
            ("lineno", place.line),
            ("col_offset", place.col),
            ("end_lineno", place.end_line),
            ("end_col_offset", place.end_col),
        ] {
            self.put(node, name, Value::small(n.into()))?;
        }
        Ok(node)
    }

    fn list<T>(&mut self, items: &[T], f: impl Fn(&mut Self, &T) -> R<Value>) -> R<Value> {
        let items = items.iter().map(|x| f(self, x)).collect::<R<Vec<_>>>()?;
        Ok(List::new(self.th, &items).value())
    }

    fn exprs(&mut self, items: &[Expr]) -> R<Value> {
        self.list(items, Self::expr)
    }

    fn body(&mut self, items: &[Stmt]) -> R<Value> {
        self.list(items, Self::stmt)
    }

    fn optional(&mut self, e: Option<&Expr>) -> R<Value> {
        match e {
            Some(e) => self.expr(e),
            None => Ok(Value::NONE),
        }
    }

    fn text(&mut self, s: &str) -> Value {
        self.th.str_value(s)
    }

    fn name(&mut self, id: &ast::Identifier) -> Value {
        self.th.intern_value(&id.id)
    }

    fn name_or_none(&mut self, id: Option<&ast::Identifier>) -> Value {
        id.map_or(Value::NONE, |id| self.name(id))
    }

    fn names(&mut self, ids: &[ast::Identifier]) -> R<Value> {
        self.list(ids, |b, id| Ok(b.name(id)))
    }

    fn context(&mut self, ctx: ExprContext) -> R<Value> {
        self.bare(
            match ctx {
                ExprContext::Store => "Store",
                ExprContext::Del => "Del",
                _ => "Load",
            },
            &[],
        )
    }

    fn operator(&mut self, op: impl std::fmt::Debug) -> R<Value> {
        self.bare(&format!("{op:?}"), &[])
    }

    fn empty(&mut self) -> Value {
        List::new(self.th, &[]).value()
    }

    fn root(&mut self, syntax: &Mod, kind: Kind) -> R<Value> {
        match syntax {
            Mod::Expression(e) => {
                let body = self.expr(&e.body)?;
                self.bare("Expression", &[("body", body)])
            }
            Mod::Module(m) => {
                let body = self.body(&m.body)?;
                if kind == Kind::Interactive {
                    return self.bare("Interactive", &[("body", body)]);
                }
                let ignores = self.empty();
                self.bare("Module", &[("body", body), ("type_ignores", ignores)])
            }
        }
    }

    /// The place of a definition begins behind its decorators.
    fn without_decorators(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else {
            return range;
        };
        let mut at = usize::from(last.range.end());
        let bytes = self.source.as_bytes();
        while at < bytes.len() {
            match bytes[at] {
                b'#' => {
                    at += self.source[at..]
                        .find('\n')
                        .unwrap_or(self.source.len() - at);
                }
                b if b.is_ascii_whitespace() || b == b'\\' => at += 1,
                _ => break,
            }
        }
        TextRange::new(TextSize::new(at as u32), range.end())
    }

    fn type_params(&mut self, params: Option<&ast::TypeParams>) -> R<Value> {
        let Some(params) = params else {
            return Ok(self.empty());
        };
        self.list(&params.type_params, |b, p| {
            let name = b.name(p.name());
            let default = b.optional(p.default())?;
            match p {
                TypeParam::TypeVar(v) => {
                    let bound = b.optional(v.bound.as_deref())?;
                    let fields = [("name", name), ("bound", bound), ("default_value", default)];
                    b.node("TypeVar", v.range, &fields)
                }
                TypeParam::ParamSpec(v) => b.node(
                    "ParamSpec",
                    v.range,
                    &[("name", name), ("default_value", default)],
                ),
                TypeParam::TypeVarTuple(v) => b.node(
                    "TypeVarTuple",
                    v.range,
                    &[("name", name), ("default_value", default)],
                ),
            }
        })
    }

    fn parameter(&mut self, p: &ast::Parameter) -> R<Value> {
        let (name, annotation) = (self.name(&p.name), self.optional(p.annotation.as_deref())?);
        self.node(
            "arg",
            p.range,
            &[
                ("arg", name),
                ("annotation", annotation),
                ("type_comment", Value::NONE),
            ],
        )
    }

    fn parameters(&mut self, p: Option<&ast::Parameters>) -> R<Value> {
        let none = ast::Parameters::default();
        let p = p.unwrap_or(&none);
        let plain = |b: &mut Self, p: &ast::ParameterWithDefault| b.parameter(&p.parameter);
        let posonly = self.list(&p.posonlyargs, plain)?;
        let args = self.list(&p.args, plain)?;
        let kwonly = self.list(&p.kwonlyargs, plain)?;
        let kw_defaults = self.list(&p.kwonlyargs, |b, p| b.optional(p.default.as_deref()))?;
        let defaults: Vec<&Expr> = p
            .posonlyargs
            .iter()
            .chain(&p.args)
            .filter_map(|p| p.default.as_deref())
            .collect();
        let defaults = self.list(&defaults, |b, e| b.expr(e))?;
        let mut variadic = |p: Option<&ast::Parameter>| match p {
            Some(p) => self.parameter(p),
            None => Ok(Value::NONE),
        };
        let (vararg, kwarg) = (
            variadic(p.vararg.as_deref())?,
            variadic(p.kwarg.as_deref())?,
        );
        self.bare(
            "arguments",
            &[
                ("posonlyargs", posonly),
                ("args", args),
                ("vararg", vararg),
                ("kwonlyargs", kwonly),
                ("kw_defaults", kw_defaults),
                ("kwarg", kwarg),
                ("defaults", defaults),
            ],
        )
    }

    fn keywords(&mut self, keywords: &[ast::Keyword]) -> R<Value> {
        self.list(keywords, |b, k| {
            let (arg, value) = (b.name_or_none(k.arg.as_ref()), b.expr(&k.value)?);
            b.node("keyword", k.range, &[("arg", arg), ("value", value)])
        })
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> R<Value> {
        self.list(decorators, |b, d| b.expr(&d.expression))
    }

    fn aliases(&mut self, names: &[ast::Alias]) -> R<Value> {
        self.list(names, |b, a| {
            let (name, asname) = (b.name(&a.name), b.name_or_none(a.asname.as_ref()));
            b.node("alias", a.range, &[("name", name), ("asname", asname)])
        })
    }

    /// `else` and `elif` parts, each an `If` inside the one before.
    fn else_clauses(&mut self, clauses: &[ast::ElifElseClause], end: TextSize) -> R<Value> {
        let Some((first, rest)) = clauses.split_first() else {
            return Ok(self.empty());
        };
        let Some(test) = &first.test else {
            return self.body(&first.body);
        };
        let (test, body) = (self.expr(test)?, self.body(&first.body)?);
        let orelse = self.else_clauses(rest, end)?;
        let range = TextRange::new(first.range.start(), end);
        let node = self.node(
            "If",
            range,
            &[("test", test), ("body", body), ("orelse", orelse)],
        )?;
        Ok(List::new(self.th, &[node]).value())
    }

    fn stmt(&mut self, stmt: &Stmt) -> R<Value> {
        let range = stmt.range();
        let none = Value::NONE;
        match stmt {
            Stmt::FunctionDef(s) => {
                let fields = [
                    ("name", self.name(&s.name)),
                    ("args", self.parameters(Some(&s.parameters))?),
                    ("body", self.body(&s.body)?),
                    ("decorator_list", self.decorators(&s.decorator_list)?),
                    ("returns", self.optional(s.returns.as_deref())?),
                    ("type_comment", none),
                    ("type_params", self.type_params(s.type_params.as_deref())?),
                ];
                let range = self.without_decorators(range, &s.decorator_list);
                let name = if s.is_async {
                    "AsyncFunctionDef"
                } else {
                    "FunctionDef"
                };
                self.node(name, range, &fields)
            }
            Stmt::ClassDef(s) => {
                let (args, keywords) = match &s.arguments {
                    Some(a) => (&a.args[..], &a.keywords[..]),
                    None => (&[][..], &[][..]),
                };
                let fields = [
                    ("name", self.name(&s.name)),
                    ("bases", self.exprs(args)?),
                    ("keywords", self.keywords(keywords)?),
                    ("body", self.body(&s.body)?),
                    ("decorator_list", self.decorators(&s.decorator_list)?),
                    ("type_params", self.type_params(s.type_params.as_deref())?),
                ];
                let range = self.without_decorators(range, &s.decorator_list);
                self.node("ClassDef", range, &fields)
            }
            Stmt::Return(s) => {
                let value = self.optional(s.value.as_deref())?;
                self.node("Return", range, &[("value", value)])
            }
            Stmt::Delete(s) => {
                let targets = self.exprs(&s.targets)?;
                self.node("Delete", range, &[("targets", targets)])
            }
            Stmt::Assign(s) => {
                let (targets, value) = (self.exprs(&s.targets)?, self.expr(&s.value)?);
                let fields = [
                    ("targets", targets),
                    ("value", value),
                    ("type_comment", none),
                ];
                self.node("Assign", range, &fields)
            }
            Stmt::TypeAlias(s) => {
                let name = self.expr(&s.name)?;
                let params = self.type_params(s.type_params.as_deref())?;
                let value = self.expr(&s.value)?;
                let fields = [("name", name), ("type_params", params), ("value", value)];
                self.node("TypeAlias", range, &fields)
            }
            Stmt::AugAssign(s) => {
                let (target, op) = (self.expr(&s.target)?, self.operator(s.op)?);
                let value = self.expr(&s.value)?;
                self.node(
                    "AugAssign",
                    range,
                    &[("target", target), ("op", op), ("value", value)],
                )
            }
            Stmt::AnnAssign(s) => {
                let fields = [
                    ("target", self.expr(&s.target)?),
                    ("annotation", self.expr(&s.annotation)?),
                    ("value", self.optional(s.value.as_deref())?),
                    ("simple", Value::small(s.simple.into())),
                ];
                self.node("AnnAssign", range, &fields)
            }
            Stmt::For(s) => {
                let fields = [
                    ("target", self.expr(&s.target)?),
                    ("iter", self.expr(&s.iter)?),
                    ("body", self.body(&s.body)?),
                    ("orelse", self.body(&s.orelse)?),
                    ("type_comment", none),
                ];
                self.node(if s.is_async { "AsyncFor" } else { "For" }, range, &fields)
            }
            Stmt::While(s) => {
                let (test, body) = (self.expr(&s.test)?, self.body(&s.body)?);
                let orelse = self.body(&s.orelse)?;
                self.node(
                    "While",
                    range,
                    &[("test", test), ("body", body), ("orelse", orelse)],
                )
            }
            Stmt::If(s) => {
                let (test, body) = (self.expr(&s.test)?, self.body(&s.body)?);
                let orelse = self.else_clauses(&s.elif_else_clauses, range.end())?;
                self.node(
                    "If",
                    range,
                    &[("test", test), ("body", body), ("orelse", orelse)],
                )
            }
            Stmt::With(s) => {
                let items = self.list(&s.items, |b, item| {
                    let context = b.expr(&item.context_expr)?;
                    let vars = b.optional(item.optional_vars.as_deref())?;
                    b.bare(
                        "withitem",
                        &[("context_expr", context), ("optional_vars", vars)],
                    )
                })?;
                let body = self.body(&s.body)?;
                let fields = [("items", items), ("body", body), ("type_comment", none)];
                self.node(
                    if s.is_async { "AsyncWith" } else { "With" },
                    range,
                    &fields,
                )
            }
            Stmt::Match(s) => {
                let subject = self.expr(&s.subject)?;
                let cases = self.list(&s.cases, |b, case| {
                    let pattern = b.pattern(&case.pattern)?;
                    let guard = b.optional(case.guard.as_deref())?;
                    let body = b.body(&case.body)?;
                    b.bare(
                        "match_case",
                        &[("pattern", pattern), ("guard", guard), ("body", body)],
                    )
                })?;
                self.node("Match", range, &[("subject", subject), ("cases", cases)])
            }
            Stmt::Raise(s) => {
                let exc = self.optional(s.exc.as_deref())?;
                let cause = self.optional(s.cause.as_deref())?;
                self.node("Raise", range, &[("exc", exc), ("cause", cause)])
            }
            Stmt::Try(s) => {
                let body = self.body(&s.body)?;
                let handlers = self.list(&s.handlers, |b, h| {
                    let ast::ExceptHandler::ExceptHandler(h) = h;
                    let fields = [
                        ("type", b.optional(h.type_.as_deref())?),
                        ("name", b.name_or_none(h.name.as_ref())),
                        ("body", b.body(&h.body)?),
                    ];
                    b.node("ExceptHandler", h.range, &fields)
                })?;
                let fields = [
                    ("body", body),
                    ("handlers", handlers),
                    ("orelse", self.body(&s.orelse)?),
                    ("finalbody", self.body(&s.finalbody)?),
                ];
                self.node(if s.is_star { "TryStar" } else { "Try" }, range, &fields)
            }
            Stmt::Assert(s) => {
                let (test, msg) = (self.expr(&s.test)?, self.optional(s.msg.as_deref())?);
                self.node("Assert", range, &[("test", test), ("msg", msg)])
            }
            Stmt::Import(s) => {
                let names = self.aliases(&s.names)?;
                self.node("Import", range, &[("names", names)])
            }
            Stmt::ImportFrom(s) => {
                let fields = [
                    ("module", self.name_or_none(s.module.as_ref())),
                    ("names", self.aliases(&s.names)?),
                    ("level", Value::small(s.level.into())),
                ];
                self.node("ImportFrom", range, &fields)
            }
            Stmt::Global(s) => {
                let names = self.names(&s.names)?;
                self.node("Global", range, &[("names", names)])
            }
            Stmt::Nonlocal(s) => {
                let names = self.names(&s.names)?;
                self.node("Nonlocal", range, &[("names", names)])
            }
            Stmt::Expr(s) => {
                let value = self.expr(&s.value)?;
                self.node("Expr", range, &[("value", value)])
            }
            Stmt::Pass(_) => self.node("Pass", range, &[]),
            Stmt::Break(_) => self.node("Break", range, &[]),
            Stmt::Continue(_) => self.node("Continue", range, &[]),
            Stmt::IpyEscapeCommand(_) => Err(self.th.value_error("not Python")),
        }
    }

    fn constant(&mut self, range: TextRange, value: Value) -> R<Value> {
        self.node(
            "Constant",
            range,
            &[("value", value), ("kind", Value::NONE)],
        )
    }

    fn comprehension(
        &mut self,
        name: &str,
        range: TextRange,
        elt: &Expr,
        generators: &[ast::Comprehension],
    ) -> R<Value> {
        let (elt, generators) = (self.expr(elt)?, self.generators(generators)?);
        self.node(name, range, &[("elt", elt), ("generators", generators)])
    }

    fn generators(&mut self, generators: &[ast::Comprehension]) -> R<Value> {
        self.list(generators, |b, g| {
            let fields = [
                ("target", b.expr(&g.target)?),
                ("iter", b.expr(&g.iter)?),
                ("ifs", b.exprs(&g.ifs)?),
                ("is_async", Value::small(g.is_async.into())),
            ];
            b.bare("comprehension", &fields)
        })
    }

    fn number(&mut self, n: &Number, range: TextRange) -> R<Value> {
        Ok(match n {
            Number::Int(_) => {
                let text = self.source[range].replace('_', "").to_ascii_lowercase();
                let (digits, radix) = match text.get(..2) {
                    Some("0x") => (&text[2..], 16),
                    Some("0o") => (&text[2..], 8),
                    Some("0b") => (&text[2..], 2),
                    _ => (&text[..], 10),
                };
                let n = num_bigint::BigInt::parse_bytes(digits.as_bytes(), radix);
                self.th.big(n.unwrap_or_default())
            }
            Number::Float(x) => Value::float(*x),
            Number::Complex { real, imag } => {
                let class = self.th.rt.types().complex;
                let c = crate::objects::Complex::new(*real, *imag);
                self.th.alloc(class.root_shape(), c, 0).value()
            }
        })
    }

    /// The pieces of an f-string or t-string: `t` makes `Interpolation`s.
    fn elements(
        &mut self,
        elements: &InterpolatedStringElements,
        raw: bool,
        t: bool,
        out: &mut Vec<Value>,
        pending: &mut Option<(Wtf8Buf, TextRange)>,
    ) -> R<()> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(l) => {
                    let text = with_surrogates(&l.value, &self.source[l.range], raw);
                    add_text(pending, &text, l.range);
                }
                InterpolatedStringElement::Interpolation(i) => {
                    if let Some(debug) = &i.debug_text {
                        let text = Wtf8Buf::from_string(debug.as_str().to_owned());
                        add_text(pending, &text, i.range);
                    }
                    self.flush(out, pending)?;
                    let value = self.expr(&i.expression)?;
                    let conversion = match i.conversion {
                        ast::ConversionFlag::None
                            if i.debug_text.is_some() && i.format_spec.is_none() =>
                        {
                            b'r' as i64
                        }
                        flag => flag as i64,
                    };
                    let spec = match &i.format_spec {
                        None => Value::NONE,
                        Some(spec) => {
                            let mut parts = vec![];
                            let mut text = None;
                            self.elements(&spec.elements, false, t, &mut parts, &mut text)?;
                            self.flush(&mut parts, &mut text)?;
                            let values = List::new(self.th, &parts).value();
                            self.node("JoinedStr", spec.range, &[("values", values)])?
                        }
                    };
                    let conversion = Value::small(conversion);
                    let common = [
                        ("value", value),
                        ("conversion", conversion),
                        ("format_spec", spec),
                    ];
                    let node = if t {
                        let text = self.source[i.expression.range()].to_string();
                        let text = self.text(&text);
                        let node = self.node("Interpolation", i.range, &common)?;
                        self.put(node, "str", text)?;
                        node
                    } else {
                        self.node("FormattedValue", i.range, &common)?
                    };
                    out.push(node);
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<Value>, pending: &mut Option<(Wtf8Buf, TextRange)>) -> R<()> {
        if let Some((text, range)) = pending.take() {
            let text = self.th.str_wtf8(&text).value();
            out.push(self.constant(range, text)?);
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr) -> R<Value> {
        let range = expr.range();
        match expr {
            Expr::BoolOp(e) => {
                let (op, values) = (self.operator(e.op)?, self.exprs(&e.values)?);
                self.node("BoolOp", range, &[("op", op), ("values", values)])
            }
            Expr::Named(e) => {
                let (target, value) = (self.expr(&e.target)?, self.expr(&e.value)?);
                self.node("NamedExpr", range, &[("target", target), ("value", value)])
            }
            Expr::BinOp(e) => {
                let (left, op) = (self.expr(&e.left)?, self.operator(e.op)?);
                let right = self.expr(&e.right)?;
                self.node(
                    "BinOp",
                    range,
                    &[("left", left), ("op", op), ("right", right)],
                )
            }
            Expr::UnaryOp(e) => {
                let (op, operand) = (self.operator(e.op)?, self.expr(&e.operand)?);
                self.node("UnaryOp", range, &[("op", op), ("operand", operand)])
            }
            Expr::Lambda(e) => {
                let (args, body) = (
                    self.parameters(e.parameters.as_deref())?,
                    self.expr(&e.body)?,
                );
                self.node("Lambda", range, &[("args", args), ("body", body)])
            }
            Expr::If(e) => {
                let (test, body) = (self.expr(&e.test)?, self.expr(&e.body)?);
                let orelse = self.expr(&e.orelse)?;
                self.node(
                    "IfExp",
                    range,
                    &[("test", test), ("body", body), ("orelse", orelse)],
                )
            }
            Expr::Dict(e) => {
                let keys = self.list(&e.items, |b, item| b.optional(item.key.as_ref()))?;
                let values = self.list(&e.items, |b, item| b.expr(&item.value))?;
                self.node("Dict", range, &[("keys", keys), ("values", values)])
            }
            Expr::Set(e) => {
                let elts = self.exprs(&e.elts)?;
                self.node("Set", range, &[("elts", elts)])
            }
            Expr::ListComp(e) => self.comprehension("ListComp", range, &e.elt, &e.generators),
            Expr::SetComp(e) => self.comprehension("SetComp", range, &e.elt, &e.generators),
            Expr::Generator(e) => self.comprehension("GeneratorExp", range, &e.elt, &e.generators),
            Expr::DictComp(e) => {
                let key = self.optional(e.key.as_deref())?;
                let value = self.expr(&e.value)?;
                let generators = self.generators(&e.generators)?;
                let fields = [("key", key), ("value", value), ("generators", generators)];
                self.node("DictComp", range, &fields)
            }
            Expr::Await(e) => {
                let value = self.expr(&e.value)?;
                self.node("Await", range, &[("value", value)])
            }
            Expr::Yield(e) => {
                let value = self.optional(e.value.as_deref())?;
                self.node("Yield", range, &[("value", value)])
            }
            Expr::YieldFrom(e) => {
                let value = self.expr(&e.value)?;
                self.node("YieldFrom", range, &[("value", value)])
            }
            Expr::Compare(e) => {
                let left = self.expr(&e.left)?;
                let ops = self.list(&e.ops, |b, op| b.operator(op))?;
                let comparators = self.exprs(&e.comparators)?;
                let fields = [("left", left), ("ops", ops), ("comparators", comparators)];
                self.node("Compare", range, &fields)
            }
            Expr::Call(e) => {
                let (func, args) = (self.expr(&e.func)?, self.exprs(&e.arguments.args)?);
                let keywords = self.keywords(&e.arguments.keywords)?;
                let fields = [("func", func), ("args", args), ("keywords", keywords)];
                self.node("Call", range, &fields)
            }
            Expr::FString(e) => {
                let (mut out, mut pending) = (vec![], None);
                for part in &e.value {
                    match part {
                        FStringPart::Literal(l) => {
                            add_text(&mut pending, &self.literal(l), l.range)
                        }
                        FStringPart::FString(f) => {
                            let raw = f.flags.prefix().is_raw();
                            self.elements(&f.elements, raw, false, &mut out, &mut pending)?;
                        }
                    }
                }
                self.flush(&mut out, &mut pending)?;
                let values = List::new(self.th, &out).value();
                self.node("JoinedStr", range, &[("values", values)])
            }
            Expr::TString(e) => {
                let (mut out, mut pending) = (vec![], None);
                for part in &e.value {
                    let raw = part.flags.prefix().is_raw();
                    self.elements(&part.elements, raw, true, &mut out, &mut pending)?;
                }
                self.flush(&mut out, &mut pending)?;
                let values = List::new(self.th, &out).value();
                self.node("TemplateStr", range, &[("values", values)])
            }
            Expr::StringLiteral(e) => {
                let mut text = Wtf8Buf::new();
                for part in &e.value {
                    text.push_wtf8(&self.literal(part));
                }
                let value = self.th.str_wtf8(&text).value();
                let node = self.constant(range, value)?;
                if e.value.is_unicode() {
                    let kind = self.text("u");
                    self.put(node, "kind", kind)?;
                }
                Ok(node)
            }
            Expr::BytesLiteral(e) => {
                let data: Vec<u8> = e.value.bytes().collect();
                let value = self.th.bytes(&data).value();
                self.constant(range, value)
            }
            Expr::NumberLiteral(e) => {
                let value = self.number(&e.value, range)?;
                self.constant(range, value)
            }
            Expr::BooleanLiteral(e) => self.constant(range, Value::bool(e.value)),
            Expr::NoneLiteral(_) => self.constant(range, Value::NONE),
            Expr::EllipsisLiteral(_) => self.constant(range, Value::ELLIPSIS),
            Expr::Attribute(e) => {
                let (value, attr) = (self.expr(&e.value)?, self.name(&e.attr));
                let ctx = self.context(e.ctx)?;
                self.node(
                    "Attribute",
                    range,
                    &[("value", value), ("attr", attr), ("ctx", ctx)],
                )
            }
            Expr::Subscript(e) => {
                let (value, slice) = (self.expr(&e.value)?, self.expr(&e.slice)?);
                let ctx = self.context(e.ctx)?;
                self.node(
                    "Subscript",
                    range,
                    &[("value", value), ("slice", slice), ("ctx", ctx)],
                )
            }
            Expr::Starred(e) => {
                let (value, ctx) = (self.expr(&e.value)?, self.context(e.ctx)?);
                self.node("Starred", range, &[("value", value), ("ctx", ctx)])
            }
            Expr::Name(e) => {
                let (id, ctx) = (self.th.intern_value(&e.id), self.context(e.ctx)?);
                self.node("Name", range, &[("id", id), ("ctx", ctx)])
            }
            Expr::List(e) => {
                let (elts, ctx) = (self.exprs(&e.elts)?, self.context(e.ctx)?);
                self.node("List", range, &[("elts", elts), ("ctx", ctx)])
            }
            Expr::Tuple(e) => {
                let (elts, ctx) = (self.exprs(&e.elts)?, self.context(e.ctx)?);
                self.node("Tuple", range, &[("elts", elts), ("ctx", ctx)])
            }
            Expr::Slice(e) => {
                let lower = self.optional(e.lower.as_deref())?;
                let upper = self.optional(e.upper.as_deref())?;
                let step = self.optional(e.step.as_deref())?;
                self.node(
                    "Slice",
                    range,
                    &[("lower", lower), ("upper", upper), ("step", step)],
                )
            }
            Expr::IpyEscapeCommand(_) => Err(self.th.value_error("not Python")),
        }
    }

    fn literal(&self, part: &ast::StringLiteral) -> Wtf8Buf {
        let raw = part.flags.prefix().is_raw();
        with_surrogates(&part.value, &self.source[part.content_range()], raw)
    }

    fn pattern(&mut self, pattern: &Pattern) -> R<Value> {
        let range = pattern.range();
        let patterns = |b: &mut Self, all: &[Pattern]| b.list(all, Self::pattern);
        match pattern {
            Pattern::MatchValue(p) => {
                let value = self.expr(&p.value)?;
                self.node("MatchValue", range, &[("value", value)])
            }
            Pattern::MatchSingleton(p) => {
                let value = match p.value {
                    Singleton::None => Value::NONE,
                    Singleton::True => Value::TRUE,
                    Singleton::False => Value::FALSE,
                };
                self.node("MatchSingleton", range, &[("value", value)])
            }
            Pattern::MatchSequence(p) => {
                let patterns = patterns(self, &p.patterns)?;
                self.node("MatchSequence", range, &[("patterns", patterns)])
            }
            Pattern::MatchMapping(p) => {
                let fields = [
                    ("keys", self.exprs(&p.keys)?),
                    ("patterns", patterns(self, &p.patterns)?),
                    ("rest", self.name_or_none(p.rest.as_ref())),
                ];
                self.node("MatchMapping", range, &fields)
            }
            Pattern::MatchClass(p) => {
                let keywords = &p.arguments.keywords;
                let fields = [
                    ("cls", self.expr(&p.cls)?),
                    ("patterns", patterns(self, &p.arguments.patterns)?),
                    (
                        "kwd_attrs",
                        self.list(keywords, |b, k| Ok(b.name(&k.attr)))?,
                    ),
                    (
                        "kwd_patterns",
                        self.list(keywords, |b, k| b.pattern(&k.pattern))?,
                    ),
                ];
                self.node("MatchClass", range, &fields)
            }
            Pattern::MatchStar(p) => {
                let name = self.name_or_none(p.name.as_ref());
                self.node("MatchStar", range, &[("name", name)])
            }
            Pattern::MatchAs(p) => {
                let inner = match &p.pattern {
                    Some(p) => self.pattern(p)?,
                    None => Value::NONE,
                };
                let name = self.name_or_none(p.name.as_ref());
                self.node("MatchAs", range, &[("pattern", inner), ("name", name)])
            }
            Pattern::MatchOr(p) => {
                let patterns = patterns(self, &p.patterns)?;
                self.node("MatchOr", range, &[("patterns", patterns)])
            }
        }
    }
}

/// Neighbouring texts become one.
fn add_text(pending: &mut Option<(Wtf8Buf, TextRange)>, text: &Wtf8Buf, range: TextRange) {
    if text.is_empty() {
        return;
    }
    match pending {
        Some((all, place)) => {
            all.push_wtf8(text);
            *place = place.cover(range);
        }
        None => *pending = Some((text.clone(), range)),
    }
}
