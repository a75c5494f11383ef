//! Walks the syntax tree once: collects the scopes and checks what CPython checks at this point.

use std::sync::LazyLock;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::error::Problem;
use super::intern::{Interner, Sym};
use super::resolve::resolve;
use super::scope::{
    Access, NodeKey, Part, Scope, ScopeId, ScopeKind, Symbol, SymbolTable, def, mangle,
};

/// Builds the symbol table of a module or expression.
pub fn build(
    body: Body<'_>,
    names: &mut Interner,
    future_annotations: bool,
    top_level_await: bool,
) -> (SymbolTable, Vec<Problem>) {
    let top = names.intern("<module>");
    let mut builder = Builder {
        table: SymbolTable {
            scopes: Vec::new(),
            by_node: Default::default(),
        },
        super_name: names.intern("super"),
        class_cell: names.intern("__class__"),
        conditional_name: names.intern("__conditional_annotations__"),
        names,
        current: ScopeId(0),
        private: None,
        problems: Vec::new(),
        nonlocals: Vec::new(),
        future_annotations,
        top_level_await,
        flow: Flow::default(),
    };
    builder.push(ScopeKind::Module, top);
    match body {
        Body::Module(body) => builder.visit_body(body),
        Body::Expression(expr) => builder.visit_expr(expr),
    }
    let Builder {
        mut table,
        mut problems,
        nonlocals,
        ..
    } = builder;
    if let Err(problem) = resolve(&mut table, names, &nonlocals) {
        problems.push(problem);
    }
    (table, problems)
}

/// What is compiled.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    Module(&'a [Stmt]),
    Expression(&'a Expr),
}

/// Where in the statements of a frame we are.
#[derive(Clone, Copy, Default)]
struct Flow {
    loops: u32,
    /// `break`, `continue` and `return` are forbidden by an `except*` around.
    in_except_star: bool,
    /// Loops begun inside that `except*`.
    star_loops: u32,
    /// Inside `if`, `for`, `try` and the like.
    conditional: u32,
}

struct Builder<'n> {
    table: SymbolTable,
    names: &'n mut Interner,
    super_name: Sym,
    class_cell: Sym,
    conditional_name: Sym,
    current: ScopeId,
    private: Option<Sym>,
    problems: Vec<Problem>,
    nonlocals: Vec<(ScopeId, Sym, TextRange)>,
    future_annotations: bool,
    top_level_await: bool,
    flow: Flow,
}

/// What `leave` restores.
struct Outer {
    current: ScopeId,
    flow: Flow,
}

impl<'n> Builder<'n> {
    fn problem(&mut self, msg: impl Into<String>, range: TextRange) {
        self.problems.push(Problem {
            msg: msg.into(),
            range,
        });
    }

    fn push(&mut self, kind: ScopeKind, name: Sym) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let parent = (id.0 != 0).then_some(self.current);
        let (nested, sees_class, inlined) = match parent.map(|parent| self.table.get(parent)) {
            None => (false, false, false),
            Some(parent) => (
                parent.nested || parent.kind.is_function_like(),
                kind.is_annotation_like()
                    && (parent.kind == ScopeKind::Class
                        || parent.sees_class && parent.kind.is_annotation_like()),
                kind.is_comprehension()
                    && kind != ScopeKind::GenExpr
                    && parent.kind != ScopeKind::Class
                    && !parent.sees_class,
            ),
        };
        self.table.scopes.push(Scope {
            kind,
            parent,
            name,
            symbols: Vec::new(),
            index: Default::default(),
            params: Vec::new(),
            freevars: Vec::new(),
            class_cells: Vec::new(),
            inlined,
            sees_class,
            nested,
            is_async: false,
            has_yield: false,
            private: self.private,
            walruses: Vec::new(),
            static_attributes: Default::default(),
            annotations: None,
            conditional_annotations: false,
        });
        id
    }

    fn enter<T>(&mut self, kind: ScopeKind, name: &str, node: &T, part: Part) -> Outer {
        let name = self.names.intern(name);
        let id = self.push(kind, name);
        self.table.by_node.insert(NodeKey::new(node, part), id);
        let outer = Outer {
            current: self.current,
            flow: self.flow,
        };
        self.current = id;
        self.flow = Flow::default();
        outer
    }

    fn leave(&mut self, outer: Outer) {
        self.current = outer.current;
        self.flow = outer.flow;
    }

    fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.current.0 as usize]
    }

    fn at(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.table.scopes[id.0 as usize]
    }

    fn mangled(&mut self, name: &str) -> Sym {
        let class = self.private.map(|class| self.names.text(class));
        match mangle(class, name) {
            Some(name) => self.names.intern(&name),
            None => self.names.intern(name),
        }
    }

    fn add(&mut self, id: ScopeId, name: Sym, flags: u16) {
        let scope = self.at(id);
        match scope.index.get(&name) {
            Some(&at) => scope.symbols[at as usize].flags |= flags,
            None => {
                scope.index.insert(name, scope.symbols.len() as u32);
                scope.symbols.push(Symbol {
                    name,
                    flags,
                    access: Access::GlobalImplicit,
                });
            }
        }
    }

    fn bind(&mut self, name: &str, flags: u16) -> Sym {
        let name = self.mangled(name);
        self.add(self.current, name, flags);
        name
    }

    fn use_name(&mut self, name: &str) {
        let sym = self.mangled(name);
        self.add(self.current, sym, def::USE);
        if sym == self.super_name && self.scope().kind.is_function_like() {
            self.add(self.current, self.class_cell, def::USE);
        }
    }

    fn parameter(&mut self, name: &ast::Identifier) {
        let sym = self.mangled(name);
        if self.scope().flags(sym) & def::PARAM != 0 {
            self.problem(
                format!("duplicate parameter '{name}' in function definition"),
                name.range,
            );
            return;
        }
        self.add(self.current, sym, def::PARAM);
        self.scope().params.push(sym);
    }

    fn implicit_parameter(&mut self, name: &str) {
        let sym = self.names.intern(name);
        self.add(self.current, sym, def::PARAM);
        self.scope().params.push(sym);
    }

    /// Declares the parameters, in the order of their registers.
    fn parameters(&mut self, parameters: &ast::Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            self.parameter(&parameter.parameter.name);
        }
        for parameter in [&parameters.vararg, &parameters.kwarg]
            .into_iter()
            .flatten()
        {
            self.parameter(&parameter.name);
        }
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    /// The `__annotate__` scope of a function; annotations that `from __future__` makes strings are not looked at.
    fn function_annotations<'a>(&mut self, function: &'a ast::StmtFunctionDef) {
        let annotations: Vec<&'a Expr> = annotations_of(function).map(|(_, expr)| expr).collect();
        if annotations.is_empty() {
            return;
        }
        let outer = self.enter(
            ScopeKind::Annotations,
            "__annotate__",
            function,
            Part::Annotations,
        );
        self.implicit_parameter(".format");
        if !self.future_annotations {
            for expr in annotations {
                self.annotation_expr(expr);
            }
        }
        self.leave(outer);
    }

    /// An annotation: a starred one (`*args: *Ts`) stands for its value.
    fn annotation_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Starred(starred) => self.visit_expr(&starred.value),
            _ => self.visit_expr(expr),
        }
    }

    fn function(&mut self, function: &ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.bind(&function.name, def::LOCAL);
        self.defaults(&function.parameters);
        let generic = function.type_params.as_deref().map(|params| {
            let name = format!("<generic parameters of {}>", function.name);
            let outer = self.enter(ScopeKind::TypeParams, &name, function, Part::TypeParams);
            if function.parameters.iter_non_variadic_params().any(|p| {
                p.default.is_some()
                    && !function
                        .parameters
                        .kwonlyargs
                        .iter()
                        .any(|k| std::ptr::eq(k, p))
            }) {
                self.implicit_parameter(".defaults");
            }
            if function
                .parameters
                .kwonlyargs
                .iter()
                .any(|p| p.default.is_some())
            {
                self.implicit_parameter(".kwdefaults");
            }
            self.type_params(params);
            outer
        });
        self.function_annotations(function);
        let outer = self.enter(ScopeKind::Function, &function.name, function, Part::Body);
        self.scope().is_async = function.is_async;
        self.parameters(&function.parameters);
        self.visit_body(&function.body);
        self.leave(outer);
        if let Some(outer) = generic {
            self.leave(outer);
        }
    }

    fn class(&mut self, class: &ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.bind(&class.name, def::LOCAL);
        let name = self.names.intern(&class.name);
        let outer_private = self.private;
        let generic = class.type_params.as_deref().map(|params| {
            let title = format!("<generic parameters of {}>", class.name);
            let outer = self.enter(ScopeKind::TypeParams, &title, class, Part::TypeParams);
            // Private type parameters are mangled as in the body, which must find them.
            if params.iter().any(|param| param.name().starts_with("__")) {
                self.private = Some(name);
                self.scope().private = Some(name);
            }
            for hidden in [".type_params", ".generic_base"] {
                let hidden = self.names.intern(hidden);
                self.add(self.current, hidden, def::LOCAL | def::USE);
            }
            self.type_params(params);
            outer
        });
        if let Some(arguments) = &class.arguments {
            visitor::walk_arguments(self, arguments);
        }
        self.private = Some(name);
        let outer = self.enter(ScopeKind::Class, &class.name, class, Part::Body);
        if generic.is_some() {
            let hidden = self.names.intern(".type_params");
            self.add(self.current, hidden, def::USE);
            let made = self.names.intern("__type_params__");
            self.add(self.current, made, def::LOCAL);
        }
        self.visit_body(&class.body);
        self.leave(outer);
        self.private = outer_private;
        if let Some(outer) = generic {
            self.leave(outer);
        }
    }

    fn type_params(&mut self, params: &ast::TypeParams) {
        for param in params {
            self.bind(param.name(), def::LOCAL | def::TYPE_PARAM);
            if let ast::TypeParam::TypeVar(var) = param
                && let Some(bound) = &var.bound
            {
                let outer = self.enter(ScopeKind::TypeVar, param.name(), param, Part::Bound);
                self.implicit_parameter(".format");
                self.visit_expr(bound);
                self.leave(outer);
            }
            if let Some(default) = param.default() {
                let outer = self.enter(ScopeKind::TypeVar, param.name(), param, Part::Default);
                self.implicit_parameter(".format");
                self.annotation_expr(default);
                self.leave(outer);
            }
        }
    }

    fn type_alias(&mut self, alias: &ast::StmtTypeAlias) {
        self.visit_expr(&alias.name);
        let name = match &*alias.name {
            Expr::Name(name) => name.id.to_string(),
            _ => String::new(),
        };
        let generic = alias.type_params.as_deref().map(|params| {
            let title = format!("<generic parameters of {name}>");
            let outer = self.enter(ScopeKind::TypeParams, &title, alias, Part::TypeParams);
            self.type_params(params);
            outer
        });
        let outer = self.enter(ScopeKind::TypeAlias, &name, alias, Part::Value);
        self.implicit_parameter(".format");
        self.visit_expr(&alias.value);
        self.leave(outer);
        if let Some(outer) = generic {
            self.leave(outer);
        }
    }

    /// `x: T` in a module or class adds to its `__annotate__` scope; in a function nothing is evaluated.
    fn ann_assign(&mut self, stmt: &ast::StmtAnnAssign) {
        match &*stmt.target {
            Expr::Name(name) => {
                let sym = self.mangled(&name.id);
                let flags = self.scope().flags(sym);
                if stmt.simple && flags & def::GLOBAL != 0 && self.scope().kind != ScopeKind::Module
                {
                    self.problem(
                        format!("annotated name '{}' can't be global", name.id),
                        stmt.range,
                    );
                } else if stmt.simple && flags & def::NONLOCAL != 0 {
                    self.problem(
                        format!("annotated name '{}' can't be nonlocal", name.id),
                        stmt.range,
                    );
                }
                let flags = if stmt.simple {
                    def::LOCAL | def::ANNOTATED
                } else if stmt.value.is_some() {
                    def::LOCAL
                } else {
                    0
                };
                if flags != 0 {
                    self.add(self.current, sym, flags);
                }
            }
            target => self.visit_expr(target),
        }
        if stmt.simple && stmt.target.is_name_expr() && !self.scope().kind.is_function_like() {
            self.deferred_annotation(&stmt.annotation);
        }
        if let Some(value) = &stmt.value {
            self.visit_expr(value);
        }
    }

    fn deferred_annotation(&mut self, annotation: &Expr) {
        let owner = self.current;
        let is_module = self.scope().kind == ScopeKind::Module;
        if is_module || self.flow.conditional > 0 {
            self.scope().conditional_annotations = true;
        }
        if self.future_annotations {
            return;
        }
        let outer = Outer {
            current: owner,
            flow: self.flow,
        };
        let id = match self.scope().annotations {
            Some(id) => {
                self.current = id;
                id
            }
            None => {
                let name = self.names.intern("__annotate__");
                let id = self.push(ScopeKind::Annotations, name);
                self.scope().annotations = Some(id);
                self.current = id;
                self.implicit_parameter(".format");
                id
            }
        };
        if is_module || self.at(owner).conditional_annotations {
            self.add(id, self.conditional_name, def::USE);
        }
        self.flow = Flow::default();
        self.visit_expr(annotation);
        self.leave(outer);
    }

    fn comprehension<'a, T>(
        &mut self,
        kind: ScopeKind,
        node: &'a T,
        generators: &'a [ast::Comprehension],
        elements: &[&'a Expr],
        range: TextRange,
    ) {
        let Some((first, rest)) = generators.split_first() else {
            return;
        };
        self.visit_expr(&first.iter);
        let name = match kind {
            ScopeKind::ListComp => "<listcomp>",
            ScopeKind::SetComp => "<setcomp>",
            ScopeKind::DictComp => "<dictcomp>",
            _ => "<genexpr>",
        };
        let outer = self.enter(kind, name, node, Part::Body);
        if !self.scope().inlined {
            self.implicit_parameter(".0");
        }
        if first.is_async {
            self.scope().is_async = true;
        }
        self.visit_expr(&first.target);
        for condition in &first.ifs {
            self.visit_expr(condition);
        }
        for generator in rest {
            if generator.is_async {
                self.scope().is_async = true;
            }
            self.visit_expr(&generator.iter);
            self.visit_expr(&generator.target);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for element in elements {
            self.visit_expr(element);
        }
        let is_async = self.scope().is_async;
        self.leave(outer);
        if is_async && kind != ScopeKind::GenExpr {
            // The asynchronous iteration happens in the frame around, or makes a generator around asynchronous.
            if self.scope().kind.is_comprehension() {
                self.scope().is_async = true;
            } else if !self.async_allowed() {
                self.problem(
                    "asynchronous comprehension outside of an asynchronous function",
                    range,
                );
            }
        }
    }

    /// Whether `await` may stand in the current scope.
    fn async_allowed(&mut self) -> bool {
        let top_level_await = self.top_level_await;
        let scope = self.scope();
        scope.kind == ScopeKind::Function && scope.is_async
            || scope.kind == ScopeKind::Module && top_level_await
    }

    fn await_expr(&mut self, range: TextRange) {
        let current = self.current;
        let mut id = current;
        loop {
            let scope = self.at(id);
            let (kind, parent) = (scope.kind, scope.parent);
            if kind.is_comprehension() {
                scope.is_async = true;
                if kind == ScopeKind::GenExpr {
                    return;
                }
                // Its frame must allow it too, which is checked when the comprehension ends.
                match parent {
                    Some(parent) if self.at(parent).kind.is_comprehension() => id = parent,
                    _ => return,
                }
                continue;
            }
            self.current = id;
            let allowed = self.async_allowed();
            self.current = current;
            if allowed {
                return;
            }
            return match kind {
                ScopeKind::Function | ScopeKind::Lambda => {
                    self.problem("'await' outside async function", range)
                }
                kind if kind.is_annotation_like() => {
                    let what = annotation_place(kind);
                    self.problem(
                        format!("await expression cannot be used within {what}"),
                        range,
                    );
                }
                _ => self.problem("'await' outside function", range),
            };
        }
    }

    fn yield_expr(&mut self, is_from: bool, range: TextRange) {
        let scope = self.scope();
        match scope.kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                scope.has_yield = true;
                if is_from && scope.is_async {
                    self.problem("'yield from' inside async function", range);
                }
            }
            kind if kind.is_comprehension() => {
                let place = match kind {
                    ScopeKind::ListComp => "list comprehension",
                    ScopeKind::SetComp => "set comprehension",
                    ScopeKind::DictComp => "dict comprehension",
                    _ => "generator expression",
                };
                self.problem(format!("'yield' inside {place}"), range);
            }
            kind if kind.is_annotation_like() => {
                let what = annotation_place(kind);
                self.problem(
                    format!("yield expression cannot be used within {what}"),
                    range,
                );
            }
            _ => {
                let word = if is_from { "yield from" } else { "yield" };
                self.problem(format!("'{word}' outside function"), range);
            }
        }
    }

    fn named_expr(&mut self, named: &ast::ExprNamed) {
        self.visit_expr(&named.value);
        let Expr::Name(target) = &*named.target else {
            return self.visit_expr(&named.target);
        };
        let kind = self.scope().kind;
        if kind.is_annotation_like() {
            let what = annotation_place(kind);
            return self.problem(
                format!("named expression cannot be used within {what}"),
                named.range,
            );
        }
        let name = self.mangled(&target.id);
        let at = named.range.start().to_u32();
        // The name is bound in the scope around all comprehensions.
        let mut owner = self.current;
        let mut comprehensions = Vec::new();
        while self.at(owner).kind.is_comprehension() {
            comprehensions.push(owner);
            match self.at(owner).parent {
                Some(parent) => owner = parent,
                None => break,
            }
        }
        for &id in &comprehensions {
            if self.at(id).flags(name) & def::COMP_TARGET != 0 {
                self.problem(
                    format!(
                        "assignment expression cannot rebind comprehension iteration variable '{}'",
                        target.id
                    ),
                    named.target.range(),
                );
                return;
            }
        }
        if self.at(owner).kind == ScopeKind::Class && !comprehensions.is_empty() {
            return self.problem(
                "assignment expression within a comprehension cannot be used in a class body",
                named.target.range(),
            );
        }
        let is_function = self.at(owner).kind.is_function_like();
        let declared_global = self.at(owner).flags(name) & def::GLOBAL != 0;
        for &id in &comprehensions {
            let scope = self.at(id);
            let flags = match scope.inlined {
                true => def::USE,
                false if is_function && !declared_global => def::NONLOCAL,
                false => def::GLOBAL,
            };
            self.add(id, name, flags);
        }
        self.add(owner, name, def::LOCAL);
        self.at(owner).walruses.push(at);
    }

    fn declare_global(&mut self, name: &ast::Identifier, range: TextRange) {
        let sym = self.mangled(name);
        let flags = self.scope().flags(sym);
        if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOTATED) != 0 {
            let msg = if flags & def::PARAM != 0 {
                format!("name '{name}' is parameter and global")
            } else if flags & def::ANNOTATED != 0 {
                format!("annotated name '{name}' can't be global")
            } else if flags & def::USE != 0 {
                format!("name '{name}' is used prior to global declaration")
            } else {
                format!("name '{name}' is assigned to before global declaration")
            };
            self.problem(msg, range);
            return;
        }
        if flags & def::NONLOCAL != 0 {
            return self.problem(format!("name '{name}' is nonlocal and global"), range);
        }
        self.add(self.current, sym, def::GLOBAL);
    }

    fn declare_nonlocal(&mut self, name: &ast::Identifier, range: TextRange) {
        if self.scope().kind == ScopeKind::Module {
            return self.problem("nonlocal declaration not allowed at module level", range);
        }
        let sym = self.mangled(name);
        let flags = self.scope().flags(sym);
        if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOTATED) != 0 {
            let msg = if flags & def::PARAM != 0 {
                format!("name '{name}' is parameter and nonlocal")
            } else if flags & def::ANNOTATED != 0 {
                format!("annotated name '{name}' can't be nonlocal")
            } else if flags & def::USE != 0 {
                format!("name '{name}' is used prior to nonlocal declaration")
            } else {
                format!("name '{name}' is assigned to before nonlocal declaration")
            };
            self.problem(msg, range);
            return;
        }
        if flags & def::GLOBAL != 0 {
            return self.problem(format!("name '{name}' is nonlocal and global"), range);
        }
        self.add(self.current, sym, def::NONLOCAL);
        self.nonlocals.push((self.current, sym, range));
    }

    /// `self.x = ...` in a method counts among the static attributes of its class.
    fn static_attribute(&mut self, attribute: &ast::ExprAttribute) {
        if !matches!(&*attribute.value, Expr::Name(name) if name.id == "self") {
            return;
        }
        let mut at = Some(self.current);
        while let Some(id) = at {
            let scope = self.at(id);
            if scope.kind == ScopeKind::Class {
                scope.static_attributes.insert(attribute.attr.to_string());
                return;
            }
            at = scope.parent;
        }
    }

    /// A compound statement whose parts may not run.
    fn conditional(&mut self, walk: impl FnOnce(&mut Self)) {
        self.flow.conditional += 1;
        walk(self);
        self.flow.conditional -= 1;
    }

    fn looped(&mut self, body: &[Stmt]) {
        self.flow.loops += 1;
        self.flow.star_loops += 1;
        self.visit_body(body);
        self.flow.loops -= 1;
        self.flow.star_loops -= 1;
    }

    fn try_stmt(&mut self, stmt: &ast::StmtTry) {
        self.visit_body(&stmt.body);
        let last = stmt.handlers.len().saturating_sub(1);
        for (at, ast::ExceptHandler::ExceptHandler(handler)) in stmt.handlers.iter().enumerate() {
            match &handler.type_ {
                Some(matched) => self.visit_expr(matched),
                None if at != last => self.problem("default 'except:' must be last", handler.range),
                None => {}
            }
            if let Some(name) = &handler.name {
                self.bind(name, def::LOCAL | def::DELETED);
            }
            let flow = self.flow;
            if stmt.is_star {
                self.flow.in_except_star = true;
                self.flow.star_loops = 0;
            }
            self.visit_body(&handler.body);
            self.flow = flow;
        }
        self.visit_body(&stmt.orelse);
        self.visit_body(&stmt.finalbody);
    }

    fn alias(&mut self, alias: &ast::Alias, is_from: bool) {
        let bound = match &alias.asname {
            Some(name) => name.as_str(),
            None if is_from => alias.name.as_str(),
            None => alias.name.split('.').next().unwrap_or_default(),
        };
        self.bind(bound, def::LOCAL);
    }
}

const STAR_EXIT: &str = "'break', 'continue' and 'return' cannot appear in an 'except*' block";

/// How messages name an annotation-like scope.
fn annotation_place(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Annotations => "an annotation",
        ScopeKind::TypeAlias => "a type alias",
        ScopeKind::TypeVar => "a TypeVar bound",
        _ => "the definition of a generic",
    }
}

/// The annotations of a function in the order of `__annotations__`.
pub fn annotations_of(
    function: &ast::StmtFunctionDef,
) -> impl Iterator<Item = (&ast::Identifier, &Expr)> {
    let params = &function.parameters;
    params
        .posonlyargs
        .iter()
        .chain(&params.args)
        .map(|p| &p.parameter)
        .chain(params.vararg.as_deref())
        .chain(params.kwonlyargs.iter().map(|p| &p.parameter))
        .chain(params.kwarg.as_deref())
        .filter_map(|p| Some((&p.name, p.annotation.as_deref()?)))
        .chain(function.returns.as_deref().map(|expr| (&*RETURN, expr)))
}

/// The name under which the annotation of the result goes.
static RETURN: LazyLock<ast::Identifier> =
    LazyLock::new(|| ast::Identifier::new("return", TextRange::default()));

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::TypeAlias(alias) => self.type_alias(alias),
            Stmt::AnnAssign(assign) => self.ann_assign(assign),
            Stmt::Global(global) => {
                for name in &global.names {
                    self.declare_global(name, global.range);
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    self.declare_nonlocal(name, nonlocal.range);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.alias(alias, false);
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        if self.scope().kind != ScopeKind::Module {
                            self.problem("import * only allowed at module level", alias.range);
                        }
                    } else {
                        self.alias(alias, true);
                    }
                }
            }
            Stmt::Return(ret) => {
                if let Some(value) = &ret.value {
                    self.visit_expr(value);
                }
                if self.scope().kind != ScopeKind::Function {
                    self.problem("'return' outside function", ret.range);
                } else if self.flow.in_except_star {
                    self.problem(STAR_EXIT, ret.range);
                }
            }
            Stmt::Break(node) => {
                if self.flow.in_except_star && self.flow.star_loops == 0 {
                    self.problem(STAR_EXIT, node.range);
                } else if self.flow.loops == 0 {
                    self.problem("'break' outside loop", node.range);
                }
            }
            Stmt::Continue(node) => {
                if self.flow.in_except_star && self.flow.star_loops == 0 {
                    self.problem(STAR_EXIT, node.range);
                } else if self.flow.loops == 0 {
                    self.problem("'continue' not properly in loop", node.range);
                }
            }
            Stmt::For(node) => {
                if node.is_async && !self.async_allowed() {
                    self.problem("'async for' outside async function", node.range);
                }
                self.visit_expr(&node.iter);
                self.visit_expr(&node.target);
                self.conditional(|this| {
                    this.looped(&node.body);
                    this.visit_body(&node.orelse);
                });
            }
            Stmt::While(node) => {
                self.visit_expr(&node.test);
                self.conditional(|this| {
                    this.looped(&node.body);
                    this.visit_body(&node.orelse);
                });
            }
            Stmt::With(node) => {
                if node.is_async && !self.async_allowed() {
                    self.problem("'async with' outside async function", node.range);
                }
                self.conditional(|this| visitor::walk_stmt(this, stmt));
            }
            Stmt::Try(node) => self.conditional(|this| this.try_stmt(node)),
            Stmt::If(_) | Stmt::Match(_) => self.conditional(|this| visitor::walk_stmt(this, stmt)),
            Stmt::AugAssign(node) => {
                // The target is read as well as written.
                if let Expr::Name(name) = &*node.target {
                    self.use_name(&name.id);
                }
                visitor::walk_stmt(self, stmt);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.use_name(&name.id),
                ExprContext::Store => {
                    let is_comprehension = self.scope().kind.is_comprehension();
                    let target = if is_comprehension {
                        def::COMP_TARGET
                    } else {
                        0
                    };
                    self.bind(&name.id, def::LOCAL | target);
                }
                ExprContext::Del => {
                    self.bind(&name.id, def::LOCAL | def::DELETED | def::USE);
                }
            },
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                let outer = self.enter(ScopeKind::Lambda, "<lambda>", lambda, Part::Body);
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.visit_expr(&lambda.body);
                self.leave(outer);
            }
            Expr::ListComp(comp) => {
                self.comprehension(
                    ScopeKind::ListComp,
                    comp,
                    &comp.generators,
                    &[&comp.elt],
                    comp.range,
                );
            }
            Expr::SetComp(comp) => {
                self.comprehension(
                    ScopeKind::SetComp,
                    comp,
                    &comp.generators,
                    &[&comp.elt],
                    comp.range,
                );
            }
            Expr::DictComp(comp) => {
                let mut elements: Vec<&'a Expr> = comp.key.as_deref().into_iter().collect();
                elements.push(&comp.value);
                self.comprehension(
                    ScopeKind::DictComp,
                    comp,
                    &comp.generators,
                    &elements,
                    comp.range,
                );
            }
            Expr::Generator(comp) => {
                self.comprehension(
                    ScopeKind::GenExpr,
                    comp,
                    &comp.generators,
                    &[&comp.elt],
                    comp.range,
                );
            }
            Expr::Named(named) => self.named_expr(named),
            Expr::Await(node) => {
                self.visit_expr(&node.value);
                self.await_expr(node.range);
            }
            Expr::Yield(node) => {
                self.yield_expr(false, node.range);
                visitor::walk_expr(self, expr);
            }
            Expr::YieldFrom(node) => {
                self.yield_expr(true, node.range);
                visitor::walk_expr(self, expr);
            }
            Expr::Attribute(attribute) => {
                if attribute.ctx == ExprContext::Store {
                    self.static_attribute(attribute);
                }
                self.visit_expr(&attribute.value);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        let captured = match pattern {
            ast::Pattern::MatchAs(node) => node.name.as_ref(),
            ast::Pattern::MatchStar(node) => node.name.as_ref(),
            ast::Pattern::MatchMapping(node) => node.rest.as_ref(),
            _ => None,
        };
        visitor::walk_pattern(self, pattern);
        if let Some(name) = captured {
            self.bind(name, def::LOCAL);
        }
    }
}
