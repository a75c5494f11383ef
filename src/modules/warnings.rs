//! `_warnings`: the functions behind `warnings.warn`, and the warnings of the compiler.

use crate::compile::SyntaxWarn;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;

/// Issues a warning of the compiler.
///
/// # Errors
/// What a filter that makes errors of warnings raises.
pub fn syntax_warning(th: &mut Thread, w: &SyntaxWarn, filename: &str) -> R<()> {
    let x = &th.rt.types().exceptions;
    let class = match w.kind {
        crate::compile::WarnKind::SyntaxWarning => x.syntax_warning,
        crate::compile::WarnKind::DeprecationWarning => x.deprecation_warning,
    };
    warn_explicit_text(th, class.value(), &w.msg, filename, w.line)
}

/// Issues a warning about a line of source.
///
/// # Errors
/// What a filter that makes errors of warnings raises.
pub fn warn_explicit_text(
    th: &mut Thread,
    class: Value,
    message: &str,
    filename: &str,
    line: u32,
) -> R<()> {
    let module = crate::modules::import::import_module(th, "warnings")?;
    let message = th.str_value(message);
    let filename = th.str_value(filename);
    let line = Value::small(line as i64);
    th.call_method(module, "warn_explicit", &[message, class, filename, line])?;
    Ok(())
}

/// `warnings.warn(message, class)` as seen from the running frame.
///
/// # Errors
/// What a filter that makes errors of warnings raises.
pub fn warn(th: &mut Thread, class: Ref<crate::objects::class::Class>, message: &str) -> R<()> {
    let module = crate::modules::import::import_module(th, "warnings")?;
    let message = th.str_value(message);
    th.call_method(module, "warn", &[message, class.value()])?;
    Ok(())
}

/// Makes `_warnings`. It is empty of functions: `warnings.py` then uses its own, in Python.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    Ok(th.new_module("_warnings"))
}
