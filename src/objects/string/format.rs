//! `str.format` and `str.format_map`.

use rustpython_wtf8::{Wtf8, Wtf8Buf};

use super::Str;
use super::operators::this;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::TypeBuilder;
use crate::objects::native::tuple_items;
use crate::text::repr::escape_non_ascii;
use crate::text::str_format::{
    Accessor, AutoNumber, Field, FieldKey, FieldName, FormatParser, MAX_DEPTH, index_out_of_range,
    positional_in_mapping, recursion_exceeded, unknown_conversion,
};

/// Where replacement fields get their values.
pub struct FormatArgs {
    /// A tuple; null in `format_map`.
    pub positional: Value,
    /// A mapping.
    pub named: Value,
    numbering: AutoNumber,
}

impl FormatArgs {
    pub fn new(positional: Value, named: Value) -> FormatArgs {
        FormatArgs {
            positional,
            named,
            numbering: AutoNumber::default(),
        }
    }

    /// `template.format(...)`.
    pub fn format(mut self, th: &mut Thread, template: Ref<Str>) -> R<Value> {
        let mut out = Wtf8Buf::with_capacity(template.as_bytes().len() + 16);
        self.expand(th, template.as_wtf8(), MAX_DEPTH, &mut out)?;
        th.new_str_value(&out)
    }

    fn expand(&mut self, th: &mut Thread, template: &Wtf8, depth: u32, out: &mut Wtf8Buf) -> R<()> {
        if depth == 0 {
            return Err(th.raise_text(recursion_exceeded()));
        }
        for segment in FormatParser::new(template) {
            let segment = th.text(segment)?;
            out.push_wtf8(segment.literal);
            if let Some(field) = segment.field {
                self.field(th, field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, th: &mut Thread, field: Field<'_>, depth: u32, out: &mut Wtf8Buf) -> R<()> {
        let mut v = self.value(th, field.name)?;
        if let Some(c) = field.conversion {
            v = match c.to_char() {
                Some('s') => th.to_str(v)?.value(),
                Some('r') => th.repr(v)?.value(),
                Some('a') => {
                    let text = escape_non_ascii(th.repr(v)?.as_wtf8());
                    th.new_str_utf8(&text)?
                }
                _ => return Err(th.raise_text(unknown_conversion(c))),
            };
        }
        let spec = if field.nested {
            let mut spec = Wtf8Buf::new();
            self.expand(th, field.spec, depth - 1, &mut spec)?;
            th.new_str(&spec)?
        } else {
            th.new_str(field.spec)?
        };
        let text = th.format(v, spec)?;
        out.push_wtf8(text.as_wtf8());
        Ok(())
    }

    /// The value that a field's name denotes.
    fn value(&mut self, th: &mut Thread, name: &Wtf8) -> R<Value> {
        let name = FieldName::parse(name);
        let name = th.text(name)?;
        let first = self.numbering.resolve(name.first);
        let mut v = match th.text(first)? {
            FieldKey::Auto | FieldKey::Index(_) if self.positional.is_null() => {
                return Err(th.raise_text(positional_in_mapping()));
            }
            FieldKey::Index(i) => match tuple_items(self.positional).get(i) {
                Some(v) => *v,
                None => return Err(th.raise_text(index_out_of_range(i))),
            },
            FieldKey::Name(key) => {
                let key = th.new_str_value(key)?;
                th.get_item(self.named, key)?
            }
            FieldKey::Auto => unreachable!("numbering gives every field its number"),
        };
        for step in name.rest {
            v = match th.text(step)? {
                Accessor::Attribute(name) => {
                    let name = th.intern_wtf8(name.as_bytes()).value();
                    th.get_attr(v, name)?
                }
                Accessor::Index(i) => {
                    let i = th.int(i as i64);
                    th.get_item(v, i)?
                }
                Accessor::Key(key) => {
                    let key = th.new_str_value(key)?;
                    th.get_item(v, key)?
                }
            };
        }
        Ok(v)
    }
}

pub(super) fn define(t: &mut TypeBuilder) {
    t.methods(&[
        ("format(self, /, *args, **kwargs)", |th, a| {
            FormatArgs::new(a[1], a[2]).format(th, this(a))
        }),
        ("format_map(self, mapping, /)", |th, a| {
            FormatArgs::new(Value::NULL, a[1]).format(th, this(a))
        }),
    ]);
}
