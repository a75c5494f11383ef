//! Replacement templates: `_sre.template`, and filling one in.

use super::object::Subject;
use super::pattern::This as PatternRef;
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::Str;

/// A parsed template.
pub struct Template {
    /// A tuple: literal, group number, literal, group number, ..., literal.
    parts: Value,
}

impl Payload for Template {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.parts)
    }
}

/// `_sre.template(pattern, list)`, which `re._compile_template` calls.
pub fn template(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = th.collect_items(a[1])?;
    if items.len() % 2 == 0 {
        return Err(th.type_error("invalid template"));
    }
    for pair in items.chunks(2) {
        if let [_, group] = pair
            && group.as_int().is_none_or(|i| i < 0)
        {
            return Err(th.type_error("invalid template"));
        }
    }
    let parts = th.tuple_value(&items);
    let class = th.class_for::<Template>();
    Ok(th.new_native(class, Template { parts }).value())
}

/// The template that a replacement with backslashes denotes: `re._compile_template(pattern, text)`.
pub fn compiled(th: &mut Thread, pattern: PatternRef, text: Value) -> R<Ref<Native<Template>>> {
    let re = crate::modules::import(th, "re")?;
    let compile = th.attr(re, "_compile_template")?;
    let v = th.call(compile, &[pattern.value(), text])?;
    match v.native() {
        Some(t) => Ok(t),
        None => Err(th.type_error("_compile_template returned no template")),
    }
}

/// Fills `template` in from the groups of a match, as raw bytes.
pub fn expand(
    th: &mut Thread,
    template: Ref<Native<Template>>,
    subject: &Subject,
    span: &dyn Fn(usize) -> Option<(usize, usize)>,
    out: &mut Vec<u8>,
) {
    for part in tuple_items(template.parts) {
        if let Some(i) = part.as_int() {
            if let Some((from, to)) = span(i as usize) {
                out.extend_from_slice(subject.raw(th, from, to));
            }
        } else if let Some(s) = part.cast::<Str>() {
            out.extend_from_slice(s.as_bytes());
        } else if let Some(b) = part.cast::<crate::objects::Bytes>() {
            out.extend_from_slice(b.as_bytes());
        }
    }
}

/// A result like the subject: `str` or `bytes`.
pub fn finish(th: &mut Thread, subject: &Subject, out: &[u8]) -> R<Value> {
    if subject.is_text() {
        return th.new_str_raw(out);
    }
    th.new_bytes(out)
}

/// Defines the class.
pub fn define(th: &mut Thread) {
    th.new_type::<Template>("_sre.SRE_Template", class_flags::NO_NEW, |_| {});
}
