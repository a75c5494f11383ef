//! `_string`: what `string.Formatter` is built on.

use rustpython_wtf8::Wtf8Buf;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::string::Str;
use crate::text::str_format::{Accessor, FieldKey, FieldName, FormatParser};

fn text_arg(th: &mut Thread, v: Value) -> R<Ref<Str>> {
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("expected str, got {name}")))
        }
    }
}

/// An iterator over `(literal, field name, specification, conversion)`.
fn parser(th: &mut Thread, a: &[Value]) -> R<Value> {
    let template = text_arg(th, a[0])?;
    let list = List::new(th, &[]);
    for segment in FormatParser::new(template.as_wtf8()) {
        let segment = th.text(segment)?;
        let literal = th.new_str_value(segment.literal)?;
        let mut row = [literal, Value::NONE, Value::NONE, Value::NONE];
        if let Some(field) = segment.field {
            row[1] = th.new_str_value(field.name)?;
            row[2] = th.new_str_value(field.spec)?;
            if let Some(c) = field.conversion {
                let mut text = Wtf8Buf::new();
                text.push(c);
                row[3] = th.new_str_value(&text)?;
            }
        }
        let row = th.tuple_value(&row);
        list.push(th, row)?;
    }
    th.iter(list.value())
}

/// The first part of a field's name, and an iterator over `(is attribute, name or index)`.
fn split_name(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = text_arg(th, a[0])?;
    let name = FieldName::parse(text.as_wtf8());
    let name = th.text(name)?;
    let first = match name.first {
        FieldKey::Auto => th.empty_str().value(),
        FieldKey::Index(i) => th.int(i as i64),
        FieldKey::Name(name) => th.new_str_value(name)?,
    };
    let list = List::new(th, &[]);
    for step in name.rest {
        let (attribute, key) = match th.text(step)? {
            Accessor::Attribute(name) => (true, th.new_str_value(name)?),
            Accessor::Index(i) => (false, th.int(i as i64)),
            Accessor::Key(key) => (false, th.new_str_value(key)?),
        };
        let row = th.tuple_value(&[Value::bool(attribute), key]);
        list.push(th, row)?;
    }
    let rest = th.iter(list.value())?;
    Ok(th.tuple_value(&[first, rest]))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_string");
    th.functions(
        module,
        &[
            ("formatter_parser(string, /)", parser),
            ("formatter_field_name_split(string, /)", split_name),
        ],
    );
    Ok(module)
}
