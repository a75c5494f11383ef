//! Classes.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Compiler;
use super::call::needs_ex;
use super::emit::Reg;
use super::function::first_offset;
use super::module::Finished;
use super::stmt::text;
use crate::code::{Const, Intrinsic, Op};
use crate::syntax::scope::Part;

impl<'a> Compiler<'a> {
    pub(super) fn class_def(&mut self, node: &'a ast::StmtClassDef) {
        let mark = self.u.mark();
        self.decorators(&node.decorator_list);
        let class = self.temp();
        let start = first_offset(&node.decorator_list, node.range);
        self.at(&node.name);
        match &node.type_params {
            None => {
                self.u.free_to(class);
                self.build_class(node, start, None, class);
            }
            Some(params) => {
                let unit = self.generic_class(node, params, start);
                self.at(&node.name);
                let above = self.u.mark();
                self.make_function(unit, above, 0, class);
                self.u.free_to(class + 1);
                self.emit(Op::Call, class, class, 0);
            }
        }
        self.u.free_to(class + 1);
        self.apply_decorators(&node.decorator_list, class);
        self.u.free_to(mark);
        self.at(&node.name);
        let sym = self.mangled(&node.name);
        self.store_name(sym, mark);
    }

    /// Where the word `class` stands between `from` and the name at `name`; between them are comments and white space.
    fn keyword_after(&self, from: TextSize, name: TextSize) -> TextSize {
        let gap = &self.src[from.to_usize()..name.to_usize()];
        let at = gap.rfind("class").unwrap_or(0);
        from + TextSize::new(at as u32)
    }

    /// Calls `__build_class__`; `base` is the next temporary and receives the class. `generic`: one more base.
    fn build_class(
        &mut self,
        node: &'a ast::StmtClassDef,
        start: u32,
        generic: Option<Reg>,
        base: Reg,
    ) {
        let callee = self.temp();
        debug_assert_eq!(callee, base);
        self.emit(Op::LoadBuildClass, callee, 0, 0);
        let body = self.temp();
        let above = self.u.mark();
        let unit = self.class_unit(node, start);
        self.at(&node.name);
        self.make_function(unit, above, 0, body);
        self.u.free_to(above);
        let name = self.temp();
        self.load_const(name, text(&node.name));
        let (args, keywords): (&'a [ast::Expr], &'a [ast::Keyword]) = match &node.arguments {
            Some(arguments) => (&arguments.args, &arguments.keywords),
            None => (&[], &[]),
        };
        // The whole statement, without its decorators.
        let range = match node.decorator_list.last() {
            None => node.range,
            Some(last) => TextRange::new(
                self.keyword_after(last.end(), node.name.start()),
                node.end(),
            ),
        };
        if !needs_ex(args, keywords) {
            for arg in args {
                let reg = self.temp();
                self.expr_to(arg, reg);
            }
            let mut given = 2 + args.len();
            if let Some(generic) = generic {
                let reg = self.temp();
                self.move_to(reg, generic);
                given += 1;
            }
            return self.call_from(base, given, &[], keywords, range, base);
        }
        // The body and the name go first into the tuple of arguments.
        let list = self.temp();
        self.emit(Op::BuildList, list, body, 2);
        let more = self.temp();
        self.list_display(args, range, more);
        self.emit(Op::ListExtend, list, more, 0);
        if let Some(generic) = generic {
            self.emit(Op::ListAppend, list, generic, 0);
        }
        self.emit(Op::ListToTuple, base + 1, list, 0);
        self.u.free_to(base + 2);
        self.call_with_tuple(base, keywords, range, base);
    }

    fn class_unit(&mut self, node: &'a ast::StmtClassDef, start: u32) -> Finished {
        let scope = self.table.of(node, Part::Body);
        self.enter(scope, &node.name, None, start);
        self.at(&node.name);
        self.prologue();
        let value = self.temp();
        let table = self.table;
        let class_scope = table.get(scope);
        let classdict = self.intern("__classdict__");
        let classdict_cell = self.u.regs.get(&classdict).copied();
        if let Some(cell) = classdict_cell {
            self.emit(Op::LoadLocals, value, 0, 0);
            self.emit(Op::StoreCell, cell, value, 0);
        }
        let name = self.plain_name_index("__name__");
        self.emit(Op::LoadName, value, name, 0);
        self.store_plain("__module__", value);
        let qualname = self.u.qualname.clone();
        self.load_const(value, text(&qualname));
        self.store_plain("__qualname__", value);
        let line = self.lines.line(start);
        self.load_const(value, Const::Int(i64::from(line)));
        self.store_plain("__firstlineno__", value);
        if node.type_params.is_some() {
            let hidden = self.intern(".type_params");
            if let Some(&at) = self.u.free.get(&hidden) {
                let name = self.u.name(self.names, hidden);
                self.emit(Op::LoadFree, value, at, name);
                self.store_plain("__type_params__", value);
            }
        }
        self.begin_annotations(class_scope.annotations.is_some());
        let docstring = self.docstring(&node.body);
        let body = match docstring {
            Some((doc, range)) => {
                self.at_range(range);
                self.load_const(value, doc);
                self.store_plain("__doc__", value);
                &node.body[1..]
            }
            None => &node.body[..],
        };
        self.u.free_to(value);
        self.body(body);
        self.at(&node.name);
        self.end_annotations();
        if self.u.reachable() {
            let value = self.temp();
            let attributes = class_scope
                .static_attributes
                .iter()
                .map(|name| text(name))
                .collect();
            self.load_const(value, Const::Tuple(attributes));
            self.store_plain("__static_attributes__", value);
            if let Some(cell) = classdict_cell {
                self.store_plain("__classdictcell__", cell);
            }
            let class_cell = self.intern("__class__");
            match self.u.regs.get(&class_cell).copied() {
                Some(cell) => {
                    self.store_plain("__classcell__", cell);
                    self.emit(Op::Return, cell, 0, 0);
                }
                None => self.return_none(),
            }
            self.u.free_to(value);
        }
        self.leave()
    }

    /// The function that makes a generic class: it binds the type parameters and adds the base `Generic[...]`.
    fn generic_class(
        &mut self,
        node: &'a ast::StmtClassDef,
        params: &'a ast::TypeParams,
        start: u32,
    ) -> Finished {
        let scope = self.table.of(node, Part::TypeParams);
        let title = format!("<generic parameters of {}>", node.name);
        self.enter(scope, &title, None, start);
        self.at(&node.name);
        self.prologue();
        let params_reg = self.temp();
        self.type_params_tuple(params, params_reg);
        self.store_plain(".type_params", params_reg);
        let generic = self.temp();
        self.emit(
            Op::Intrinsic,
            generic,
            params_reg,
            Intrinsic::SubscriptGeneric as u16,
        );
        let base = self.u.mark();
        self.build_class(node, start, Some(generic), base);
        self.u.free_to(base);
        self.emit(Op::Return, base, 0, 0);
        self.leave()
    }
}
