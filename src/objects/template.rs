//! `string.templatelib.Template` and `Interpolation`: what t-strings make.

use super::class::class_flags::NO_NEW;
use super::native::{Native, Payload, tuple_items};
use super::string::Str;
use crate::heap::{Kind, R, RawSlot, Ref, Slot, Thread, Tracer, Value};

/// The texts and the fields of a t-string. There is one text more than fields.
pub struct Template {
    /// A tuple of strings.
    strings: Value,
    /// A tuple of interpolations.
    interpolations: Value,
}

impl Payload for Template {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.strings, self.interpolations]);
    }
}

/// A field of a t-string.
pub struct Interpolation {
    value: Value,
    expression: Value,
    /// None or a string of one letter.
    conversion: Value,
    format_spec: Value,
}

impl Interpolation {
    fn parts(&self) -> [Value; 4] {
        [
            self.value,
            self.expression,
            self.conversion,
            self.format_spec,
        ]
    }
}

impl Payload for Interpolation {
    fn trace(&self, t: &mut Tracer) {
        t.values(&self.parts());
    }
}

/// An iterator over the parts of a template, without the empty strings.
struct TemplateIter {
    /// The template's, null at the end.
    template: Slot,
    /// Counts texts and fields.
    at: RawSlot,
}

impl Payload for TemplateIter {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.template);
    }
}

fn template(v: Value) -> Ref<Native<Template>> {
    v.native().expect("the receiver's class was checked")
}
fn interpolation(v: Value) -> Ref<Native<Interpolation>> {
    v.native().expect("the receiver's class was checked")
}

impl Thread {
    /// The field of a t-string. `conversion` is as in instructions: 0 for none, then `s`, `r`, `a`.
    pub fn build_interpolation(
        &mut self,
        value: Value,
        expression: Value,
        conversion: usize,
        format_spec: Value,
    ) -> R<Value> {
        let conversion = match conversion {
            0 => Value::NONE,
            n => self.intern_value(["s", "r", "a"][n - 1]),
        };
        let payload = Interpolation {
            value,
            expression,
            conversion,
            format_spec,
        };
        let class = self.class_for::<Interpolation>();
        Ok(self.new_native(class, payload).value())
    }

    /// The value of a t-string, of two tuples.
    pub fn build_template(&mut self, strings: Value, interpolations: Value) -> R<Value> {
        let class = self.class_for::<Template>();
        let payload = Template {
            strings,
            interpolations,
        };
        Ok(self.new_native(class, payload).value())
    }
}

fn new_template(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (mut strings, mut fields): (Vec<Value>, Vec<Value>) = (vec![], vec![]);
    let mut open = false;
    for &arg in tuple_items(a[1]) {
        if arg.cast::<Str>().is_some() {
            match strings.last_mut().filter(|_| open) {
                Some(last) => *last = joined(th, *last, arg)?,
                None => strings.push(arg),
            }
            open = true;
        } else if arg.native::<Interpolation>().is_some() {
            if !open {
                strings.push(th.empty_str().value());
            }
            fields.push(arg);
            open = false;
        } else {
            let name = th.type_name(arg);
            return Err(th.type_error(format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {name}"
            )));
        }
    }
    if !open {
        strings.push(th.empty_str().value());
    }
    let strings = th.tuple_value(&strings);
    let fields = th.tuple_value(&fields);
    th.build_template(strings, fields)
}

fn joined(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    th.binary(super::protocol::BinOp::Add, a, b)
}

fn concat(th: &mut Thread, a: &[Value]) -> R<Value> {
    let full = |th: &Thread, v: Value| match v.native::<Template>() {
        Some(_) => "string.templatelib.Template".to_string(),
        None => th.type_name(v),
    };
    let (Some(x), Some(y)) = (a[0].native::<Template>(), a[1].native::<Template>()) else {
        let (x, y) = (full(th, a[0]), full(th, a[1]));
        return Err(th.type_error(format!("can only concatenate {x} (not \"{y}\") to {x}")));
    };
    let (left, right) = (tuple_items(x.strings), tuple_items(y.strings));
    let (last, first) = (left[left.len() - 1], right[0]);
    let middle = joined(th, last, first)?;
    let mut strings = left[..left.len() - 1].to_vec();
    strings.push(middle);
    strings.extend_from_slice(&right[1..]);
    let strings = th.tuple_value(&strings);
    let fields = [tuple_items(x.interpolations), tuple_items(y.interpolations)].concat();
    let fields = th.tuple_value(&fields);
    th.build_template(strings, fields)
}

fn values(th: &mut Thread, v: Value) -> R<Value> {
    let fields = tuple_items(template(v).interpolations);
    let values: Vec<Value> = fields.iter().map(|&i| interpolation(i).value).collect();
    Ok(th.tuple_value(&values))
}

fn template_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let t = template(a[0]);
    th.container_repr(a[0], "Template(...)", |th, out| {
        out.push_str("Template(strings=");
        out.push_wtf8(th.repr(t.strings)?.as_wtf8());
        out.push_str(", interpolations=");
        out.push_wtf8(th.repr(t.interpolations)?.as_wtf8());
        out.push_str(")");
        Ok(())
    })
}

fn template_reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let t = template(a[0]);
    let package = crate::modules::import(th, "string.templatelib")?;
    let module = th.attr(package, "templatelib")?;
    let f = th.attr(module, "_template_unpickle")?;
    let args = th.tuple_value(&[t.strings, t.interpolations]);
    Ok(th.tuple_value(&[f, args]))
}

fn iter_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<TemplateIter>(a[0], "TemplateIter")?;
    let v = th.get(it, &it.template)?;
    let Some(t) = v.native::<Template>() else {
        return Err(th.stop_iteration(Value::NULL));
    };
    let mut at = th.get_raw(it, &it.at)? as usize;
    loop {
        let from = if at.is_multiple_of(2) {
            t.strings
        } else {
            t.interpolations
        };
        let Some(&part) = tuple_items(from).get(at / 2) else {
            th.set(it, &it.template, Value::NULL)?;
            return Err(th.stop_iteration(Value::NULL));
        };
        at += 1;
        if part.cast::<Str>().is_some_and(|s| s.is_empty()) {
            continue;
        }
        th.set_raw(it, &it.at, at as u64)?;
        return Ok(part);
    }
}

fn new_interpolation(th: &mut Thread, a: &[Value]) -> R<Value> {
    let empty = th.empty_str().value();
    let mut texts = [a[2], a[4]];
    for (v, name) in texts.iter_mut().zip(["expression", "format_spec"]) {
        if v.is_null() {
            *v = empty;
        } else if v.kind() != Kind::Str {
            let class = th.type_name(*v);
            return Err(th.type_error(format!(
                "Interpolation() argument '{name}' must be str, not {class}"
            )));
        }
    }
    let conversion = a[3].or_none();
    if !conversion.is_none() {
        let Some(s) = conversion.cast::<Str>() else {
            let class = th.type_name(conversion);
            return Err(th.type_error(format!(
                "Interpolation() argument 'conversion' must be str, not {class}"
            )));
        };
        if !matches!(s.as_bytes(), b"s" | b"r" | b"a") {
            return Err(th.value_error(
                "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'",
            ));
        }
    }
    let payload = Interpolation {
        value: a[1],
        expression: texts[0],
        conversion,
        format_spec: texts[1],
    };
    let class = th.class_for::<Interpolation>();
    Ok(th.new_native(class, payload).value())
}

fn interpolation_repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let parts = interpolation(a[0]).parts();
    th.container_repr(a[0], "Interpolation(...)", |th, out| {
        out.push_str("Interpolation");
        for (i, part) in parts.into_iter().enumerate() {
            out.push_str(if i == 0 { "(" } else { ", " });
            out.push_wtf8(th.repr(part)?.as_wtf8());
        }
        out.push_str(")");
        Ok(())
    })
}

/// Defines the types.
pub(super) fn init(th: &mut Thread) {
    th.new_type::<Template>("string.templatelib.Template", 0, |t| {
        t.new("Template(cls, *args)", new_template);
        t.getset("strings", |_, v| Ok(template(v).strings), None);
        t.getset(
            "interpolations",
            |_, v| Ok(template(v).interpolations),
            None,
        );
        t.getset("values", values, None);
        t.class_method("__class_getitem__(cls, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.methods(&[
            ("__add__(self, value, /)", concat),
            ("__iter__(self, /)", |th, a| {
                let class = th.class_for::<TemplateIter>();
                let payload = TemplateIter {
                    template: Slot::new(a[0]),
                    at: RawSlot::new(0),
                };
                Ok(th.new_native(class, payload).value())
            }),
            ("__repr__(self, /)", template_repr),
            ("__reduce__(self, /)", template_reduce),
        ]);
    });
    th.new_type::<TemplateIter>("string.templatelib.TemplateIter", NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", iter_next),
        ]);
    });
    th.new_type::<Interpolation>("string.templatelib.Interpolation", 0, |t| {
        t.new(
            "Interpolation(cls, value, expression='', conversion=None, format_spec='')",
            new_interpolation,
        );
        let names = ["value", "expression", "conversion", "format_spec"];
        let args: Vec<Value> = names.iter().map(|n| t.th.intern_value(n)).collect();
        let args = t.th.tuple_value(&args);
        t.attr("__match_args__", args);
        t.getset("value", |_, v| Ok(interpolation(v).value), None);
        t.getset("expression", |_, v| Ok(interpolation(v).expression), None);
        t.getset("conversion", |_, v| Ok(interpolation(v).conversion), None);
        t.getset("format_spec", |_, v| Ok(interpolation(v).format_spec), None);
        t.class_method("__class_getitem__(cls, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.methods(&[
            ("__repr__(self, /)", interpolation_repr),
            ("__reduce__(self, /)", |th, a| {
                let class = th.class_of(a[0]).value();
                let args = th.tuple_value(&interpolation(a[0]).parts());
                Ok(th.tuple_value(&[class, args]))
            }),
        ]);
    });
}
