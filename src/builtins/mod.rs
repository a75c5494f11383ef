//! The `builtins` module: every function and name that a script finds without importing anything.

mod attributes;
pub mod docs;
pub(crate) mod execution;
mod iteration;
mod iterators;
mod numbers;
mod printing;
mod site;

pub use execution::{frame_locals, raise_syntax_error};
pub use printing::print_values;

use crate::heap::{Ref, Thread, Value};
use crate::objects::define::Module;

/// Makes the module and registers its dict as the one that code sees by default.
pub fn init(th: &mut Thread) -> Ref<Module> {
    let module = th.new_module("builtins");
    let dict = module.dict();
    th.set_state("builtins", dict.value());
    th.set_state("builtins module", module.value());
    let doc = "Built-in functions, types, exceptions, and other objects.";
    let doc = th.str_value(doc);
    th.define(dict, "__doc__", doc);

    let types = th.rt.types();
    for class in [
        types.object,
        types.type_,
        types.int,
        types.bool,
        types.float,
        types.complex,
        types.str,
        types.bytes,
        types.list,
        types.tuple,
        types.dict,
        types.set,
        types.frozenset,
        types.range,
        types.slice,
        types.property,
        types.staticmethod,
        types.classmethod,
    ] {
        let name = class.name().to_string();
        th.define(dict, &name, class.value());
    }
    for name in ["super", "bytearray", "memoryview"] {
        let class = th.rt.state.get(name);
        if !class.is_null() {
            th.define(dict, name, class);
        }
    }
    for (name, class) in types.exceptions.names() {
        th.define(dict, name, class.value());
    }
    for (alias, class) in [
        ("EnvironmentError", types.exceptions.os_error),
        ("IOError", types.exceptions.os_error),
    ] {
        th.define(dict, alias, class.value());
    }
    for (name, v) in [
        ("None", Value::NONE),
        ("True", Value::TRUE),
        ("False", Value::FALSE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("__debug__", Value::TRUE),
    ] {
        th.define(dict, name, v);
    }
    th.functions(
        module,
        &[(
            "__build_class__(func, name, /, *bases, **kwds)",
            crate::objects::build_class::builtin_build_class,
        )],
    );
    iterators::init(th, dict);
    attributes::init(th, module);
    numbers::init(th, module);
    iteration::init(th, module);
    execution::init(th, module);
    printing::init(th, module);
    site::init(th, module);
    let classes: Vec<_> = match dict.items(th) {
        Ok(items) => items.iter().filter_map(|(_, v)| v.as_class()).collect(),
        Err(_) => unreachable!("there is one thread yet"),
    };
    if docs::fill_types(th, &classes).is_err() {
        unreachable!("there is one thread yet")
    }
    module
}
