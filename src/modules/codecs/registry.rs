//! The registered codecs and error handlers.
//!
//! They are Python objects, kept by the runtime: a list of search functions, a dict of what they found, and a dict of error
//! handlers.

use super::handlers;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;
use crate::text::codecs::normalize_encoding;

const SEARCH: &str = "codecs.search";
const CACHE: &str = "codecs.cache";
const ERRORS: &str = "codecs.errors";

/// Makes the registry, when the runtime starts.
pub(crate) fn prepare(th: &mut Thread) {
    let search = List::new(th, &[]).value();
    let cache = Dict::new(th).value();
    let errors = Dict::new(th).value();
    for (key, v) in [(SEARCH, search), (CACHE, cache), (ERRORS, errors)] {
        th.publish_hidden(v);
        th.set_state(key, v);
    }
}

fn dict(th: &Thread, key: &'static str) -> Ref<Dict> {
    th.rt.state.get(key).cast().expect("made by `prepare`")
}

fn search_functions(th: &Thread) -> Ref<List> {
    th.rt.state.get(SEARCH).cast().expect("made by `prepare`")
}

/// `codecs.register(f)`.
pub fn register(th: &mut Thread, f: Value) -> R<()> {
    if !th.is_callable(f) {
        return Err(th.type_error("argument must be callable"));
    }
    search_functions(th).push(th, f)
}

/// `codecs.unregister(f)`.
pub fn unregister(th: &mut Thread, f: Value) -> R<()> {
    let list = search_functions(th);
    let found = th.collect_items(list.value())?;
    if let Some(at) = found.iter().position(|&v| v == f) {
        let at = th.int(at as i64);
        th.del_item(list.value(), at)?;
        th.call_method(dict(th, CACHE).value(), "clear", &[])?;
    }
    Ok(())
}

/// The codec of that name: a tuple of encoder, decoder, reader, writer.
pub fn lookup(th: &mut Thread, name: &str) -> R<Value> {
    let key = normalize_encoding(name);
    let key = th.intern_value(&key);
    let cache = dict(th, CACHE);
    let known = cache.get(th, key)?;
    if !known.is_null() {
        return Ok(known);
    }
    let functions = search_functions(th);
    if functions.len(th)? == 0 {
        crate::modules::import(th, "encodings")?;
    }
    for f in th.collect_items(functions.value())? {
        let found = th.call(f, &[key])?;
        if found.is_none() {
            continue;
        }
        if tuple_items(found).len() != 4 {
            return Err(th.type_error("codec search functions must return 4-tuples"));
        }
        cache.insert(th, key, found)?;
        return Ok(found);
    }
    Err(th.lookup_error(format!("unknown encoding: {name}")))
}

/// Calls the encoder or decoder of `codec` on `v`.
pub fn apply(th: &mut Thread, codec: Value, v: Value, errors: Value, encode: bool) -> R<Value> {
    let f = tuple_items(codec)[if encode { 0 } else { 1 }];
    let result = if errors.is_null() {
        th.call(f, &[v])?
    } else {
        th.call(f, &[v, errors])?
    };
    match tuple_items(result) {
        [out, _] => Ok(*out),
        _ => Err(th.type_error(if encode {
            "encoder must return a tuple (object, integer)"
        } else {
            "decoder must return a tuple (object,integer)"
        })),
    }
}

/// Encodes or decodes between text and bytes with a codec that is not built in.
pub(super) fn text_codec(
    th: &mut Thread,
    v: Value,
    name: Ref<Str>,
    errors: Option<Ref<Str>>,
    encode: bool,
) -> R<Value> {
    let codec = lookup(th, &name.to_string())?;
    let is_text = th.intern_value("_is_text_encoding");
    let is_text = th.get_attr_opt(codec, is_text)?;
    if !is_text.is_null() && !th.truth(is_text)? {
        let way = if encode {
            "codecs.encode()"
        } else {
            "codecs.decode()"
        };
        return Err(th.lookup_error(format!(
            "'{}' is not a text encoding; use {way} to handle arbitrary codecs",
            &*name
        )));
    }
    let errors = errors.map_or(Value::NULL, |e| e.value());
    apply(th, codec, v, errors, encode)
}

/// `codecs.register_error(name, handler)`.
pub fn register_error(th: &mut Thread, name: Value, handler: Value) -> R<()> {
    if !th.is_callable(handler) {
        return Err(th.type_error("handler must be callable"));
    }
    dict(th, ERRORS).insert(th, name, handler)
}

/// Forgets a handler; was there one?
pub fn unregister_error(th: &mut Thread, name: Ref<Str>) -> R<bool> {
    let text = name.to_string();
    if handlers::built_in(&text).is_some() {
        return Err(th.value_error(format!(
            "cannot un-register built-in error handler '{text}'"
        )));
    }
    let errors = dict(th, ERRORS);
    if errors.get(th, name.value())?.is_null() {
        return Ok(false);
    }
    th.del_item(errors.value(), name.value())?;
    Ok(true)
}

/// The error handler registered as `name`, or the built-in one.
pub(super) fn error_handler(th: &mut Thread, name: &str) -> R<Value> {
    let key = th.intern_value(name);
    let errors = dict(th, ERRORS);
    let known = errors.get(th, key)?;
    if !known.is_null() {
        return Ok(known);
    }
    let Some(f) = handlers::built_in(name) else {
        return Err(th.lookup_error(format!("unknown error handler name '{name}'")));
    };
    let def = f.def();
    let f = th
        .native(def, Value::NULL, Value::NULL, Value::NULL)
        .value();
    errors.insert(th, key, f)?;
    Ok(f)
}
