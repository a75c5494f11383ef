//! `csv.reader`.

use rustpython_wtf8::{CodePoint, Wtf8Buf};

use super::dialect::{self, Dialect};
use super::{error, field_limit, quoting};
use crate::heap::{R, RawSlot, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// The payload of `_csv.reader` objects.
struct Reader {
    lines: Value,
    dialect: Value,
    line: RawSlot,
}

impl Payload for Reader {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.lines, self.dialect])
    }
}

/// `reader(iterable, dialect, **options)`.
pub fn reader(th: &mut Thread, a: &[Value]) -> R<Value> {
    let lines = th.iter(a[0])?;
    let dialect = dialect::make(th, a[1], a[2])?;
    let class = th.class_for::<Reader>();
    let payload = Reader {
        lines,
        dialect,
        line: RawSlot::new(0),
    };
    Ok(th.new_native(class, payload).value())
}

/// Where in a record the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedBreak,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    EatBreak,
}

/// A field as read: its text, and whether it was without quotes.
struct Field {
    text: Wtf8Buf,
    bare: bool,
}

struct Parser<'a> {
    dialect: &'a Dialect,
    state: State,
    fields: Vec<Field>,
    text: Wtf8Buf,
    bare: bool,
    /// Characters of the field so far.
    len: usize,
    limit: usize,
}

impl Parser<'_> {
    fn save(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.fields.push(Field {
            text,
            bare: std::mem::replace(&mut self.bare, true),
        });
        self.len = 0;
    }

    fn add(&mut self, th: &mut Thread, c: CodePoint) -> R<()> {
        if self.len >= self.limit {
            let message = format!("field larger than field limit ({})", self.limit);
            return Err(error(th, &message));
        }
        self.len += 1;
        self.text.push(c);
        Ok(())
    }

    /// Ends the field, and the record, at a line break or (with nothing) at the end of the line.
    fn end_record(&mut self, c: Option<CodePoint>) {
        self.save();
        self.state = if c.is_none() {
            State::StartRecord
        } else {
            State::EatBreak
        };
    }

    /// Takes a character, or nothing for the end of a line.
    fn take(&mut self, th: &mut Thread, c: Option<CodePoint>) -> R<()> {
        let d = self.dialect;
        let is_break = c.is_none_or(|c| matches!(c.to_char(), Some('\n' | '\r')));
        let newline = CodePoint::from_char('\n');
        let quotes = d.quoting != quoting::NONE;
        match self.state {
            State::StartRecord if c.is_none() => {}
            State::StartRecord if is_break => self.state = State::EatBreak,
            State::StartRecord | State::StartField => {
                if is_break {
                    self.end_record(c);
                } else if c == d.quote && quotes {
                    self.bare = false;
                    self.state = State::InQuotes;
                } else if c == d.escape {
                    self.state = State::Escaped;
                } else if c.and_then(CodePoint::to_char) == Some(' ') && d.skip_initial_space {
                    self.state = State::StartField;
                } else if c == Some(d.delimiter) {
                    self.save();
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(th, c)?;
                    self.state = State::InField;
                }
            }
            State::Escaped => {
                self.add(th, c.unwrap_or(newline))?;
                self.state = if is_break && c.is_some() {
                    State::AfterEscapedBreak
                } else {
                    State::InField
                };
            }
            State::AfterEscapedBreak if c.is_none() => {}
            State::AfterEscapedBreak | State::InField => {
                if is_break {
                    self.end_record(c);
                } else if c == d.escape {
                    self.state = State::Escaped;
                } else if c == Some(d.delimiter) {
                    self.save();
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(th, c)?;
                    self.state = State::InField;
                }
            }
            State::InQuotes => {
                let Some(_) = c else { return Ok(()) };
                if c == d.escape {
                    self.state = State::EscapedInQuotes;
                } else if c == d.quote && quotes {
                    self.state = if d.double_quote {
                        State::QuoteInQuotes
                    } else {
                        State::InField
                    };
                } else if let Some(c) = c {
                    self.add(th, c)?;
                }
            }
            State::EscapedInQuotes => {
                self.add(th, c.unwrap_or(newline))?;
                self.state = State::InQuotes;
            }
            State::QuoteInQuotes => {
                if c.is_some() && c == d.quote && quotes {
                    self.add(th, c.unwrap_or(newline))?;
                    self.state = State::InQuotes;
                } else if c == Some(d.delimiter) {
                    self.save();
                    self.state = State::StartField;
                } else if is_break {
                    self.end_record(c);
                } else if d.strict {
                    let show = |c: Option<CodePoint>| c.map_or('\0', CodePoint::to_char_lossy);
                    let message = format!(
                        "'{}' expected after '{}'",
                        show(Some(d.delimiter)),
                        show(d.quote)
                    );
                    return Err(error(th, &message));
                } else if let Some(c) = c {
                    self.add(th, c)?;
                    self.state = State::InField;
                }
            }
            State::EatBreak if c.is_none() => self.state = State::StartRecord,
            State::EatBreak if is_break => {}
            State::EatBreak => {
                return Err(error(
                    th,
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                ));
            }
        }
        Ok(())
    }
}

fn next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let reader = this(a[0]);
    let dialect: Ref<Native<Dialect>> = reader
        .dialect
        .native()
        .expect("a reader is made with a dialect");
    let mut parser = Parser {
        dialect: &dialect,
        state: State::StartRecord,
        fields: vec![],
        text: Wtf8Buf::new(),
        bare: true,
        len: 0,
        limit: field_limit(th),
    };
    loop {
        let line = th.next(reader.lines)?;
        if line.is_null() {
            if parser.len > 0 || parser.state == State::InQuotes {
                if dialect.strict {
                    return Err(error(th, "unexpected end of data"));
                }
                parser.save();
                break;
            }
            return Err(th.stop_iteration(Value::NULL));
        }
        let Some(s) = line.cast::<Str>() else {
            let name = th.type_name(line);
            let message = format!(
                "iterator should return strings, not {name} (the file should be opened in text mode)"
            );
            return Err(error(th, &message));
        };
        let n = th.get_raw(reader, &reader.line)?;
        th.set_raw(reader, &reader.line, n + 1)?;
        for c in s.as_wtf8().code_points() {
            parser.take(th, Some(c))?;
        }
        parser.take(th, None)?;
        if parser.state == State::StartRecord {
            break;
        }
    }
    let how = dialect.quoting;
    let row = List::new(th, &[]);
    for field in &parser.fields {
        let text = th.new_str_value(&field.text)?;
        let is_empty = field.text.is_empty();
        let null_allowed = matches!(how, quoting::STRINGS | quoting::NOTNULL);
        let v = if field.bare && is_empty && null_allowed {
            Value::NONE
        } else if field.bare
            && !(is_empty && how == quoting::STRINGS)
            && matches!(how, quoting::NONNUMERIC | quoting::STRINGS)
        {
            Value::float(th.to_float(text)?)
        } else {
            text
        };
        row.push(th, v)?;
    }
    Ok(row.value())
}

fn this(v: Value) -> Ref<Native<Reader>> {
    v.native().expect("the receiver's class was checked")
}

/// Defines the class.
pub fn define(th: &mut Thread) -> Value {
    let class = th.new_type::<Reader>("_csv.reader", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", next),
        ]);
        t.getset("dialect", |_, v| Ok(this(v).dialect), None);
        t.getset(
            "line_num",
            |th, v| {
                let reader = this(v);
                let n = th.get_raw(reader, &reader.line)?;
                Ok(th.int(n as i64))
            },
            None,
        );
    });
    class.value()
}
