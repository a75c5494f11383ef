//! `_opcode`: what `opcode` and `dis` ask about CPython's instruction set.
//!
//! Code here has instructions of its own, which no number of that set denotes. The names that the set is described with are given all the
//! same, so that `opcode`, `dis` and `inspect` can be imported.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::native::NativeFn;

const BINARY: &[(&str, &str)] = &[
    ("NB_ADD", "+"),
    ("NB_AND", "&"),
    ("NB_FLOOR_DIVIDE", "//"),
    ("NB_LSHIFT", "<<"),
    ("NB_MATRIX_MULTIPLY", "@"),
    ("NB_MULTIPLY", "*"),
    ("NB_REMAINDER", "%"),
    ("NB_OR", "|"),
    ("NB_POWER", "**"),
    ("NB_RSHIFT", ">>"),
    ("NB_SUBTRACT", "-"),
    ("NB_TRUE_DIVIDE", "/"),
    ("NB_XOR", "^"),
];

fn list_of(th: &mut Thread, names: &[&str]) -> R<Value> {
    let items: Vec<Value> = names.iter().map(|n| th.str_value(n)).collect();
    Ok(List::new(th, &items).value())
}

fn nb_ops(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut items = vec![];
    for inplace in [false, true] {
        for (name, symbol) in BINARY {
            let (name, symbol) = if inplace {
                (name.replace("NB_", "NB_INPLACE_"), format!("{symbol}="))
            } else {
                (name.to_string(), symbol.to_string())
            };
            let (name, symbol) = (th.str_value(&name), th.str_value(&symbol));
            items.push(th.tuple_value(&[name, symbol]));
        }
    }
    let (name, symbol) = (th.str_value("NB_SUBSCR"), th.str_value("[]"));
    items.push(th.tuple_value(&[name, symbol]));
    Ok(List::new(th, &items).value())
}

fn no(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}

static FUNCTIONS: &[(&str, NativeFn)] = &[
    (
        "stack_effect(opcode, oparg=None, /, *, jump=None)",
        |th, _| Err(th.value_error("invalid opcode or oparg")),
    ),
    ("is_valid(opcode)", no),
    ("has_arg(opcode)", no),
    ("has_const(opcode)", no),
    ("has_name(opcode)", no),
    ("has_jump(opcode)", no),
    ("has_free(opcode)", no),
    ("has_local(opcode)", no),
    ("has_exc(opcode)", no),
    ("get_executor(*, code, offset)", |_, _| Ok(Value::NONE)),
    ("get_specialization_stats()", |_, _| Ok(Value::NONE)),
    ("get_nb_ops()", nb_ops),
    ("get_intrinsic1_descs()", |th, _| {
        list_of(
            th,
            &[
                "INTRINSIC_1_INVALID",
                "INTRINSIC_PRINT",
                "INTRINSIC_IMPORT_STAR",
                "INTRINSIC_STOPITERATION_ERROR",
                "INTRINSIC_ASYNC_GEN_WRAP",
                "INTRINSIC_UNARY_POSITIVE",
                "INTRINSIC_LIST_TO_TUPLE",
                "INTRINSIC_TYPEVAR",
                "INTRINSIC_PARAMSPEC",
                "INTRINSIC_TYPEVARTUPLE",
                "INTRINSIC_SUBSCRIPT_GENERIC",
                "INTRINSIC_TYPEALIAS",
            ],
        )
    }),
    ("get_intrinsic2_descs()", |th, _| {
        list_of(
            th,
            &[
                "INTRINSIC_2_INVALID",
                "INTRINSIC_PREP_RERAISE_STAR",
                "INTRINSIC_TYPEVAR_WITH_BOUND",
                "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
                "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
                "INTRINSIC_SET_TYPEPARAM_DEFAULT",
            ],
        )
    }),
    ("get_special_method_names()", |th, _| {
        list_of(th, &["__enter__", "__exit__", "__aenter__", "__aexit__"])
    }),
];

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_opcode");
    th.functions(module, FUNCTIONS);
    Ok(module)
}
