//! `csv.writer`.

use rustpython_wtf8::{Wtf8, Wtf8Buf};

use super::dialect::{self, Dialect};
use super::{error, quoting};
use crate::heap::{Fail, R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};
use crate::objects::special::Sp;
use crate::objects::string::Str;

/// The payload of `_csv.writer` objects.
struct Writer {
    write: Value,
    dialect: Value,
}

impl Payload for Writer {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.write, self.dialect])
    }
}

/// `writer(fileobj, dialect, **options)`.
pub fn writer(th: &mut Thread, a: &[Value]) -> R<Value> {
    let dialect = dialect::make(th, a[1], a[2])?;
    let name = th.intern_value("write");
    let write = th.get_attr_opt(a[0], name)?;
    if write.is_null() || !th.is_callable(write) {
        return Err(th.type_error("argument 1 must have a \"write\" method"));
    }
    let class = th.class_for::<Writer>();
    Ok(th.new_native(class, Writer { write, dialect }).value())
}

/// Appends a field to a record.
fn append(
    th: &mut Thread,
    d: &Dialect,
    text: &Wtf8,
    mut quoted: bool,
    is_null: bool,
    record: &mut Wtf8Buf,
) -> R<()> {
    if text.is_empty() && d.delimiter.to_char() == Some(' ') && d.skip_initial_space {
        if d.quoting == quoting::NONE
            || (is_null && matches!(d.quoting, quoting::STRINGS | quoting::NOTNULL))
        {
            return Err(error(
                th,
                "empty field must be quoted if delimiter is a space and skipinitialspace is true",
            ));
        }
        quoted = true;
    }
    let terminator = d.terminator();
    let mut field = Wtf8Buf::with_capacity(text.len());
    for c in text.code_points() {
        let special = c == d.delimiter
            || Some(c) == d.escape
            || Some(c) == d.quote
            || matches!(c.to_char(), Some('\n' | '\r'))
            || terminator.as_wtf8().code_points().any(|t| t == c);
        if special {
            let mut escaped = false;
            if d.quoting == quoting::NONE {
                escaped = true;
            } else {
                if Some(c) == d.quote {
                    if d.double_quote {
                        field.push(c);
                    } else {
                        escaped = true;
                    }
                } else if Some(c) == d.escape {
                    escaped = true;
                }
                if !escaped {
                    quoted = true;
                }
            }
            if escaped {
                match d.escape {
                    Some(escape) => field.push(escape),
                    None => return Err(error(th, "need to escape, but no escapechar set")),
                }
            }
        }
        field.push(c);
    }
    let quote = d.quote.filter(|_| quoted);
    record.extend(quote);
    record.push_wtf8(&field);
    record.extend(quote);
    Ok(())
}

fn is_number(th: &Thread, v: Value) -> bool {
    [Sp::Index, Sp::Int, Sp::Float]
        .iter()
        .any(|&sp| !th.special(v, sp).is_null())
        || th.is_instance(v, th.rt.types().complex)
}

fn write_row(th: &mut Thread, writer: Ref<Native<Writer>>, row: Value) -> R<Value> {
    let d: Ref<Native<Dialect>> = writer
        .dialect
        .native()
        .expect("a writer is made with a dialect");
    let items = match th.collect_items(row) {
        Ok(items) => items,
        Err(Fail::Raise)
            if th.special(row, Sp::Iter).is_null()
                && th.raised_is(th.rt.types().exceptions.type_error) =>
        {
            th.take_exc();
            let name = th.type_name(row);
            return Err(error(th, &format!("iterable expected, not {name}")));
        }
        Err(e) => return Err(e),
    };
    let mut record = Wtf8Buf::new();
    let mut null = false;
    for (i, &v) in items.iter().enumerate() {
        let is_text = v.cast::<Str>().is_some();
        let quoted = match d.quoting {
            quoting::NONNUMERIC => !is_number(th, v),
            quoting::ALL => true,
            quoting::STRINGS => is_text,
            quoting::NOTNULL => !v.is_none(),
            _ => false,
        };
        null = v.is_none();
        let text = if null { th.empty_str() } else { th.to_str(v)? };
        if i > 0 {
            record.push(d.delimiter);
        }
        append(th, &d, text.as_wtf8(), quoted, null, &mut record)?;
    }
    if !items.is_empty() && record.is_empty() {
        // A lone empty field would be an empty line.
        if d.quoting == quoting::NONE
            || (null && matches!(d.quoting, quoting::STRINGS | quoting::NOTNULL))
        {
            return Err(error(th, "single empty record field must be quoted"));
        }
        append(th, &d, Wtf8::new(""), true, null, &mut record)?;
    }
    record.push_wtf8(d.terminator().as_wtf8());
    let line = th.new_str_value(&record)?;
    th.call(writer.write, &[line])
}

fn this(v: Value) -> Ref<Native<Writer>> {
    v.native().expect("the receiver's class was checked")
}

/// Defines the class.
pub fn define(th: &mut Thread) -> Value {
    let class = th.new_type::<Writer>("_csv.writer", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("writerow(self, row, /)", |th, a| {
                write_row(th, this(a[0]), a[1])
            }),
            ("writerows(self, rows, /)", |th, a| {
                let writer = this(a[0]);
                th.for_each(a[1], |th, row| {
                    write_row(th, writer, row)?;
                    Ok(true)
                })?;
                Ok(Value::NONE)
            }),
        ]);
        t.getset("dialect", |_, v| Ok(this(v).dialect), None);
    });
    class.value()
}
