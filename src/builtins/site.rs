//! The names that CPython's `site` adds for people at a prompt: `exit`, `quit`, `help`, `copyright`, `credits`, `license`.

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::native::{Payload, tuple_items};

/// `exit` and `quit`.
struct Quitter {
    name: &'static str,
}
impl Payload for Quitter {}

/// `copyright`, `credits` and `license`: objects that print a text.
struct Notice {
    text: Value,
}
impl Payload for Notice {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.text)
    }
}

/// `help`.
struct Helper;
impl Payload for Helper {}

const COPYRIGHT: &str = "Keelback is licensed under MIT or Apache-2.0.\n\
    The Python library that it embeds: Copyright (c) 2001 Python Software Foundation. All Rights Reserved.";
const CREDITS: &str =
    "Thanks to the authors of CPython's library, of the Ruff parser and of RustPython's crates.";
const LICENSE: &str = "Keelback: MIT OR Apache-2.0. The embedded library: PSF-2.0, see https://docs.python.org/3/license.html";

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    let dict = module.dict();
    let quitter = th.new_type::<Quitter>("_sitebuiltins.Quitter", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__repr__(self, /)", quitter_repr),
            ("__call__(self, code=None)", quit),
        ]);
    });
    for name in ["exit", "quit"] {
        let v = th.new_native(quitter, Quitter { name }).value();
        th.define(dict, name, v);
    }
    let notice = th.new_type::<Notice>("_sitebuiltins._Printer", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__repr__(self, /)", notice_repr),
            ("__call__(self, /)", notice_print),
        ]);
    });
    for (name, text) in [
        ("copyright", COPYRIGHT),
        ("credits", CREDITS),
        ("license", LICENSE),
    ] {
        let text = th.str_value(text);
        let v = th.new_native(notice, Notice { text }).value();
        th.define(dict, name, v);
    }
    let helper = th.new_type::<Helper>("_sitebuiltins._Helper", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__repr__(self, /)", helper_repr),
            ("__call__(self, *args, **kwds)", help),
        ]);
    });
    let v = th.new_native(helper, Helper).value();
    th.define(dict, "help", v);
}

fn quitter_repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let q = th.native_self::<Quitter>(args[0], "Quitter")?;
    Ok(th.str_value(&format!("Use {}() or Ctrl-D (i.e. EOF) to exit", q.name)))
}

fn quit(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.rt.types().exceptions.system_exit;
    let exc = th.call(class.value(), &[args[1].or_none()])?;
    Err(th.raise_value(exc))
}

fn notice_repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(th.native_self::<Notice>(args[0], "_Printer")?.text)
}

fn notice_print(th: &mut Thread, args: &[Value]) -> R<Value> {
    let text = th.native_self::<Notice>(args[0], "_Printer")?.text;
    let sys = th.rt.state.get("sys");
    let stdout = th.attr(sys, "stdout")?;
    super::print_values(th, &[text], None, None, stdout)?;
    Ok(Value::NONE)
}

fn helper_repr(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.str_value("Type help() for interactive help, or help(object) for help about object."))
}

fn help(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = th.str("pydoc");
    let pydoc = crate::modules::import::import_level(th, name, Value::NONE, Value::NONE, 0)?;
    let help = th.attr(pydoc, "help")?;
    th.call_ex(help, tuple_items(args[1]), args[2])
}
