//! `_sre`: the engine below `re`. Matching is done by the crate `rustpython-sre_engine`; here are the objects.

mod matching;
mod object;
mod pattern;
mod scanner;
mod substitute;
mod template;
mod watched;

use rustpython_sre_engine as engine;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;

/// A character given as an int.
fn char_arg(th: &mut Thread, v: Value) -> R<u32> {
    let i = th.ssize(v)?;
    u32::try_from(i).map_err(|_| th.overflow_error("Python int too large to convert to C int"))
}

fn unicode_is_cased(c: u32) -> bool {
    let lower = engine::string::lower_unicode(c);
    c != lower || engine::string::upper_unicode(c) != c
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_sre");
    pattern::define(th);
    matching::define(th);
    scanner::define(th);
    template::define(th);
    let dict = module.dict();
    for (name, v) in [
        ("MAGIC", engine::SRE_MAGIC),
        ("CODESIZE", engine::CODESIZE),
        ("MAXREPEAT", u32::MAX as usize),
        ("MAXGROUPS", i32::MAX as usize / 2),
    ] {
        th.define(dict, name, Value::small(v as i64));
    }
    th.functions(
        module,
        &[
            (
                "compile(pattern, flags, code, groups, groupindex, indexgroup)",
                pattern::compile,
            ),
            ("template(pattern, template, /)", template::template),
            ("getcodesize()", |_, _| {
                Ok(Value::small(engine::CODESIZE as i64))
            }),
            ("ascii_iscased(character, /)", |th, a| {
                let c = char_arg(th, a[0])?;
                Ok(Value::bool(
                    u8::try_from(c).is_ok_and(|c| c.is_ascii_alphabetic()),
                ))
            }),
            ("unicode_iscased(character, /)", |th, a| {
                let c = char_arg(th, a[0])?;
                Ok(Value::bool(unicode_is_cased(c)))
            }),
            ("ascii_tolower(character, /)", |th, a| {
                let c = char_arg(th, a[0])?;
                Ok(Value::small(engine::string::lower_ascii(c) as i64))
            }),
            ("unicode_tolower(character, /)", |th, a| {
                let c = char_arg(th, a[0])?;
                Ok(Value::small(engine::string::lower_unicode(c) as i64))
            }),
        ],
    );
    Ok(module)
}
