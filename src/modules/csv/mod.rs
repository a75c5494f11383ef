//! `_csv`: reading and writing comma-separated values.

mod dialect;
mod reader;
mod writer;

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;

const ERROR: &str = "csv.error";
const DIALECTS: &str = "csv.dialects";
const LIMIT: &str = "csv.limit";

/// What `quoting` says.
mod quoting {
    pub const MINIMAL: i64 = 0;
    pub const ALL: i64 = 1;
    pub const NONNUMERIC: i64 = 2;
    pub const NONE: i64 = 3;
    pub const STRINGS: i64 = 4;
    pub const NOTNULL: i64 = 5;
}

/// Raises `csv.Error`.
#[cold]
fn error(th: &mut Thread, message: &str) -> Fail {
    let class = th.rt.state.get(ERROR);
    let message = th.str_value(message);
    match th.call(class, &[message]) {
        Ok(e) => th.raise_value(e),
        Err(e) => e,
    }
}

/// Raises `csv.Error` for a name that no dialect has.
#[cold]
fn unknown_dialect(th: &mut Thread) -> Fail {
    error(th, "unknown dialect")
}

fn dialects(th: &Thread) -> Ref<Dict> {
    th.rt
        .state
        .get(DIALECTS)
        .cast()
        .expect("made with the module")
}

fn field_limit(th: &Thread) -> usize {
    th.rt.state.get(LIMIT).as_int().unwrap_or(131072) as usize
}

fn set_field_limit(th: &mut Thread, a: &[Value]) -> R<Value> {
    let old = th.rt.state.get(LIMIT);
    if !a[0].is_null() {
        if th.as_bigint(a[0]).is_none() {
            return Err(th.type_error("limit must be an integer"));
        }
        let new = th.ssize(a[0])?;
        let new = th.int(new as i64);
        th.set_state(LIMIT, new);
    }
    Ok(old)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_csv");
    let dict = module.dict();
    let base = th.rt.types().exceptions.exception;
    let class = crate::modules::new_exception(th, "_csv.Error", base).value();
    let registry = Dict::new(th).value();
    for (key, v) in [(ERROR, class), (DIALECTS, registry)] {
        th.publish_hidden(v);
        th.set_state(key, v);
    }
    th.set_state(LIMIT, Value::small(131072));
    th.define(dict, "Error", class);
    th.define(dict, "_dialects", registry);
    for (name, v) in [
        ("QUOTE_MINIMAL", quoting::MINIMAL),
        ("QUOTE_ALL", quoting::ALL),
        ("QUOTE_NONNUMERIC", quoting::NONNUMERIC),
        ("QUOTE_NONE", quoting::NONE),
        ("QUOTE_STRINGS", quoting::STRINGS),
        ("QUOTE_NOTNULL", quoting::NOTNULL),
    ] {
        th.define(dict, name, Value::small(v));
    }
    let version = th.str_value("1.0");
    th.define(dict, "__version__", version);
    for (name, class) in [
        ("Dialect", dialect::define(th)),
        ("Reader", reader::define(th)),
        ("Writer", writer::define(th)),
    ] {
        th.define(dict, name, class);
    }
    th.functions(
        module,
        &[
            (
                "reader(iterable, /, dialect='excel', **fmtparams)",
                reader::reader,
            ),
            (
                "writer(fileobj, /, dialect='excel', **fmtparams)",
                writer::writer,
            ),
            (
                "register_dialect(name, /, dialect='excel', **fmtparams)",
                |th, a| {
                    if a[0].cast::<crate::objects::string::Str>().is_none() {
                        return Err(th.type_error("dialect name must be a string"));
                    }
                    let d = dialect::make(th, a[1], a[2])?;
                    dialects(th).insert(th, a[0], d)?;
                    Ok(Value::NONE)
                },
            ),
            ("unregister_dialect(name)", |th, a| {
                if dialects(th).remove(th, a[0])?.is_null() {
                    return Err(unknown_dialect(th));
                }
                Ok(Value::NONE)
            }),
            ("get_dialect(name)", |th, a| {
                let found = dialects(th).get(th, a[0])?;
                if found.is_null() {
                    return Err(unknown_dialect(th));
                }
                Ok(found)
            }),
            ("list_dialects()", |th, _| {
                let names = dialects(th).keys(th)?;
                Ok(crate::objects::list::List::new(th, &names).value())
            }),
            (
                "field_size_limit(new_limit=<unrepresentable>, /)",
                set_field_limit,
            ),
        ],
    );
    Ok(module)
}
