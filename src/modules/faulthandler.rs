//! `faulthandler`: its functions are accepted; a traceback of this thread can be dumped.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("faulthandler");
    th.functions(
        module,
        &[
            (
                "enable(file=None, all_threads=True, c_stack=True)",
                |_, _| Ok(Value::NONE),
            ),
            ("disable()", |_, _| Ok(Value::FALSE)),
            ("is_enabled()", |_, _| Ok(Value::FALSE)),
            (
                "dump_traceback(file=None, all_threads=True)",
                dump_traceback,
            ),
            (
                "dump_traceback_later(timeout, repeat=False, file=None, exit=False)",
                |_, _| Ok(Value::NONE),
            ),
            ("cancel_dump_traceback_later()", |_, _| Ok(Value::NONE)),
            (
                "register(signum, file=None, all_threads=True, chain=False)",
                |_, _| Ok(Value::NONE),
            ),
            ("unregister(signum, /)", |_, _| Ok(Value::FALSE)),
        ],
    );
    Ok(module)
}

fn dump_traceback(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut text = "Stack (most recent call first):\n".to_string();
    let mut n = 0;
    while let Some(f) = th.frame_at(n) {
        let name = String::from_utf8_lossy(f.code.unit.name.as_bytes()).into_owned();
        text.push_str(&format!(
            "  File \"{}\", line {} in {name}\n",
            f.code.unit.filename,
            f.line()
        ));
        n += 1;
    }
    th.outside(false, || eprint!("{text}"))?;
    Ok(Value::NONE)
}
