//! `_ast`: the node classes of `ast`.
//!
//! `AST` is native; the others are made by calling `type`, as if they were written in Python.

mod grammar;
mod parse;

pub use parse::parse;

use crate::heap::{Kind, R, Ref, Thread, Value};
use crate::objects::class::class_flags as f;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;
use grammar::GRAMMAR;

/// A field's text, as name, whether it is optional, whether it is a list, and the name of its type.
fn parse_field(field: &'static str) -> (&'static str, bool, bool, &'static str) {
    let (kind, name) = field.split_once(' ').unwrap_or((field, field));
    let bare = kind.trim_end_matches(['?', '*']);
    (name, kind.ends_with('?'), kind.ends_with('*'), bare)
}

fn fields_of(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(", ").filter(|s| !s.is_empty())
}

fn names(th: &mut Thread, text: &'static str) -> Value {
    let names: Vec<Value> = fields_of(text)
        .map(|f| th.intern_value(parse_field(f).0))
        .collect();
    th.tuple_value(&names)
}

/// The class that instances of a field's type have, as `_field_types` shows it.
fn field_type(th: &mut Thread, classes: Ref<Dict>, field: &'static str) -> R<Value> {
    let (_, optional, list, bare) = parse_field(field);
    let types = th.rt.types();
    let class = match bare {
        "identifier" | "string" => types.str.value(),
        "int" => types.int.value(),
        "constant" => types.object.value(),
        name => {
            let name = th.intern_value(name);
            classes.get_interned(th, name)?
        }
    };
    if list {
        return th.generic_alias(types.list.value(), class);
    }
    if optional {
        return th.make_union(&[class, Value::NONE]);
    }
    Ok(class)
}

fn make_class(
    th: &mut Thread,
    classes: Ref<Dict>,
    name: &str,
    base: Value,
    fields: &'static str,
    attributes: Option<&'static str>,
) -> R<Value> {
    let dict = Dict::new(th);
    let module = th.str_value("ast");
    th.define(dict, "__module__", module);
    let tuple = names(th, fields);
    th.define(dict, "_fields", tuple);
    th.define(dict, "__match_args__", tuple);
    let text = if fields.is_empty() {
        name.to_string()
    } else {
        format!("{name}({fields})")
    };
    let doc = th.str_value(&text);
    th.define(dict, "__doc__", doc);
    if let Some(attributes) = attributes {
        let tuple = names(th, attributes);
        th.define(dict, "_attributes", tuple);
    }
    for field in fields_of(fields).chain(fields_of(attributes.unwrap_or(""))) {
        let (name, optional, ..) = parse_field(field);
        if optional {
            th.define(dict, name, Value::NONE);
        }
    }
    let text = th.str_value(name);
    let bases = th.tuple_value(&[base]);
    let class = th.call(th.rt.types().type_.value(), &[text, bases, dict.value()])?;
    let key = th.intern_value(name);
    classes.insert(th, key, class)?;
    Ok(class)
}

/// `AST.__init__`.
fn init_node(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (node, args) = (a[0], tuple_items(a[1]));
    let class = th.class_of(node);
    let class_name = class.name().to_string();
    let fields = th.attr(class.value(), "_fields")?;
    let fields = th.collect_items(fields)?;
    if args.len() > fields.len() {
        let s = if fields.len() == 1 { "" } else { "s" };
        return Err(th.type_error(format!(
            "{class_name} constructor takes at most {} positional argument{s}",
            fields.len()
        )));
    }
    let mut given = vec![false; fields.len()];
    let field_name = |th: &mut Thread, v: Value| -> R<Value> {
        match th.name_value(v) {
            Some(name) => Ok(name),
            None => Err(th.type_error("_fields must be a sequence of strings")),
        }
    };
    for (i, &v) in args.iter().enumerate() {
        let name = field_name(th, fields[i])?;
        th.set_attr(node, name, v)?;
        given[i] = true;
    }
    let kwargs = match a[2].cast::<Dict>() {
        Some(kwargs) => kwargs.items(th)?,
        None => vec![],
    };
    for (key, v) in kwargs {
        let name = field_name(th, key)?;
        let at = fields.iter().position(|&f| {
            f == name
                || matches!((f.cast::<Str>(), name.cast::<Str>()), (Some(x), Some(y)) if x.as_bytes() == y.as_bytes())
        });
        if let Some(at) = at {
            if given[at] {
                let field = th.to_str(name)?;
                return Err(th.type_error(format!(
                    "{class_name} got multiple values for argument '{field}'"
                )));
            }
            given[at] = true;
        }
        th.set_attr(node, name, v)?;
    }
    for (i, &field) in fields.iter().enumerate() {
        if !given[i] {
            let name = field_name(th, field)?;
            fill_missing(th, class.value(), node, name)?;
        }
    }
    Ok(Value::NONE)
}

/// A field that was not given: lists are empty, contexts are `Load()`, what is optional is None by the class.
fn fill_missing(th: &mut Thread, class: Value, node: Value, name: Value) -> R<()> {
    let types = th.attr_opt(class, "_field_types")?;
    let Some(types) = types.non_null().and_then(|t| t.cast::<Dict>()) else {
        return Ok(());
    };
    let kind = types.get_interned(th, name)?;
    if kind.is_null() {
        return Ok(());
    }
    if th.is_generic_alias(kind) {
        let empty = List::new(th, &[]).value();
        th.set_attr(node, name, empty)?;
    } else if kind
        .as_class()
        .is_some_and(|c| c.name().as_bytes() == b"expr_context")
    {
        let module = super::import(th, "_ast")?;
        let load = th.attr(module, "Load")?;
        let load = th.call(load, &[])?;
        th.set_attr(node, name, load)?;
    }
    Ok(())
}

fn reduce_node(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let copy = Dict::new(th);
    for (name, v) in th.own_attrs(a[0])? {
        copy.insert(th, name, v)?;
    }
    let empty = th.tuple_value(&[]);
    Ok(th.tuple_value(&[class, empty, copy.value()]))
}

/// `copy.replace(node, **changes)`.
fn replace_node(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]).value();
    let mut allowed = vec![];
    for what in ["_fields", "_attributes"] {
        let names = th.attr(class, what)?;
        allowed.extend(th.collect_items(names)?);
    }
    let values = Dict::new(th);
    for &name in &allowed {
        let Some(interned) = th.name_value(name) else {
            continue;
        };
        let v = th.get_attr_opt(a[0], interned)?;
        if !v.is_null() {
            values.insert(th, name, v)?;
        }
    }
    if let Some(changes) = a[1].cast::<Dict>() {
        for (key, v) in changes.items(th)? {
            let mut known = false;
            for &name in &allowed {
                known |= th.equal(name, key)?;
            }
            if !known {
                let (class, key) = (th.type_name(a[0]), th.repr(key)?);
                return Err(th.type_error(format!(
                    "{class}.__replace__ got an unexpected keyword argument {key}."
                )));
            }
            values.insert(th, key, v)?;
        }
    }
    th.call_ex(class, &[], values.value())
}

fn repr_node(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_of(a[0]);
    let fields = th.attr(class.value(), "_fields")?;
    let fields = th.collect_items(fields)?;
    let name = class.name().to_string();
    th.container_repr(a[0], &format!("{name}(...)"), |th, out| {
        out.push_str(&format!("{name}("));
        let mut first = true;
        for field in fields {
            let Some(field) = th.name_value(field) else {
                continue;
            };
            let v = th.get_attr_opt(a[0], field)?;
            if v.is_null() {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push_str(", ");
            }
            out.push_wtf8(th.to_str(field)?.as_wtf8());
            out.push_str("=");
            if v.kind() == Kind::List {
                let items = th.collect_items(v)?;
                out.push_str("[");
                for (i, &item) in items.iter().enumerate() {
                    if i == 0 || i + 1 == items.len() {
                        if i > 0 {
                            out.push_str(", ");
                        }
                        out.push_wtf8(th.repr(item)?.as_wtf8());
                    } else if i == 1 {
                        out.push_str(", ...");
                    }
                }
                out.push_str("]");
            } else {
                out.push_wtf8(th.repr(v)?.as_wtf8());
            }
        }
        out.push_str(")");
        Ok(())
    })
}

/// Is it a node?
pub fn is_node(th: &mut Thread, v: Value) -> R<bool> {
    let class = th.rt.state.get(AST);
    Ok(class
        .as_class()
        .is_some_and(|class| th.is_instance(v, class)))
}

/// The source that a tree means, for compiling it.
pub fn unparse(th: &mut Thread, node: Value) -> R<Value> {
    let module = super::import(th, "ast")?;
    let f = th.attr(module, "unparse")?;
    th.call(f, &[node])
}

/// Where the interpreter keeps the class.
const AST: &str = "ast.AST";

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_ast");
    let dict = module.dict();
    let object = th.rt.types().object;
    let ast = th.new_class(
        "ast.AST",
        object,
        object.layout,
        f::BASE | f::DICT | f::WEAKREF,
        |t| {
            let empty = t.th.tuple_value(&[]);
            t.attr("_fields", empty)
                .attr("_attributes", empty)
                .attr("__match_args__", empty);
            let types = Dict::new(t.th).value();
            t.attr("_field_types", types);
            t.methods(&[
                ("__init__(self, /, *args, **kwargs)", init_node),
                ("__reduce__(self, /)", reduce_node),
                ("__replace__(self, /, **changes)", replace_node),
                ("__repr__(self, /)", repr_node),
            ]);
        },
    );
    th.set_state(AST, ast.value());
    th.define(dict, "AST", ast.value());
    for sum in GRAMMAR {
        let mut base = ast.value();
        if !sum.name.is_empty() {
            base = make_class(th, dict, sum.name, base, "", Some(sum.attributes))?;
        }
        for node in sum.nodes {
            let own = sum.name.is_empty().then_some(sum.attributes);
            make_class(th, dict, node.name, base, node.fields, own)?;
        }
    }
    let key = th.intern_value("_field_types");
    for sum in GRAMMAR {
        for node in sum.nodes {
            let name = th.intern_value(node.name);
            let class = dict.get_interned(th, name)?;
            let types = Dict::new(th);
            for field in fields_of(node.fields) {
                let kind = field_type(th, dict, field)?;
                th.define(types, parse_field(field).0, kind);
            }
            th.set_attr(class, key, types.value())?;
        }
    }
    for (name, v) in [
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
        ("PyCF_OPTIMIZED_AST", 0x8400),
    ] {
        th.define(dict, name, Value::small(v));
    }
    Ok(module)
}
