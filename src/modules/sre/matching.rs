//! `re.Match`.

use super::object::{Found, Subject};
use super::pattern::{Pattern, This as PatternRef};
use super::template;
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};

/// The payload of `re.Match`.
pub struct Match {
    pattern: Value,
    string: Value,
    pos: usize,
    endpos: usize,
    /// A tuple of ints: start and end of each group, -1 where it took no part.
    spans: Value,
    /// Number of the group that was matched last, or 0.
    last_index: usize,
}

impl Payload for Match {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.pattern, self.string, self.spans])
    }
}

type This = Ref<Native<Match>>;

/// The match object for what was found; None if nothing was.
pub fn make(
    th: &mut Thread,
    pattern: PatternRef,
    subject: &Subject,
    found: Option<Found>,
    pos: usize,
    endpos: usize,
) -> R<Value> {
    let Some(found) = found else {
        return Ok(Value::NONE);
    };
    let mut spans = Vec::with_capacity(2 * pattern.groups + 2);
    for i in 0..=pattern.groups {
        let (from, to) = match found.group(i) {
            Some((from, to)) => (from as i64, to as i64),
            None => (-1, -1),
        };
        spans.push(Value::small(from));
        spans.push(Value::small(to));
    }
    let spans = th.tuple_value(&spans);
    let payload = Match {
        pattern: pattern.value(),
        string: subject.value,
        pos,
        endpos,
        spans,
        last_index: found.last_index.unwrap_or(0),
    };
    let class = th.class_for::<Match>();
    Ok(th.new_native(class, payload).value())
}

fn this(a: &[Value]) -> This {
    a[0].native().expect("the receiver's class was checked")
}

impl Match {
    pub fn pattern(&self) -> PatternRef {
        self.pattern
            .native::<Pattern>()
            .expect("a match is made with its pattern")
    }
    /// The span of group `i`.
    fn span(&self, i: usize) -> Option<(usize, usize)> {
        let spans = tuple_items(self.spans);
        let at = |k: usize| spans[k].as_int().and_then(|i| usize::try_from(i).ok());
        Some((at(2 * i)?, at(2 * i + 1)?))
    }
    fn subject(&self, th: &mut Thread) -> R<Subject> {
        Subject::of(th, self.pattern(), self.string)
    }
}

impl This {
    /// The text of group `i`, or `default`.
    fn text(self, th: &mut Thread, i: usize, default: Value) -> R<Value> {
        match self.span(i) {
            Some((from, to)) => {
                let subject = self.subject(th)?;
                // A bytearray may have become shorter since.
                let to = to.min(subject.len);
                subject.slice(th, from.min(to), to)
            }
            None => Ok(default),
        }
    }
}

/// The number of the group that `v` denotes, by number or name.
fn group_number(th: &mut Thread, m: This, v: Value) -> R<usize> {
    if v.is_null() {
        return Ok(0);
    }
    let pattern = m.pattern();
    let number = if !th.special(v, crate::objects::special::Sp::Index).is_null() {
        let i = th.index(v)?;
        i.as_int()
    } else {
        match pattern.group_index.cast::<Dict>() {
            Some(dict) => dict.get(th, v)?.as_int(),
            None => None,
        }
    };
    match number {
        Some(i) if i >= 0 && i as usize <= pattern.groups => Ok(i as usize),
        _ => Err(th.index_error("no such group")),
    }
}

fn group(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = this(a);
    match tuple_items(a[1]) {
        [] => m.text(th, 0, Value::NONE),
        [one] => {
            let i = group_number(th, m, *one)?;
            m.text(th, i, Value::NONE)
        }
        several => {
            let mut out = vec![];
            for &v in several {
                let i = group_number(th, m, v)?;
                let text = m.text(th, i, Value::NONE)?;
                th.roots.push(text);
                out.push(text);
            }
            Ok(th.tuple_value(&out))
        }
    }
}

fn groups(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = this(a);
    let mut out = vec![];
    for i in 1..=m.pattern().groups {
        out.push(m.text(th, i, a[1].or_none())?);
    }
    Ok(th.tuple_value(&out))
}

fn group_dict(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = this(a);
    let out = Dict::new(th);
    let names = tuple_items(m.pattern().index_group);
    for (i, name) in names.iter().enumerate() {
        if !name.is_none() {
            let text = m.text(th, i, a[1].or_none())?;
            out.insert(th, *name, text)?;
        }
    }
    Ok(out.value())
}

fn span(th: &mut Thread, a: &[Value]) -> R<(i64, i64)> {
    let m = this(a);
    let i = group_number(th, m, a[1])?;
    Ok(m.span(i)
        .map_or((-1, -1), |(from, to)| (from as i64, to as i64)))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let m = this(a);
    let all = m.text(th, 0, Value::NONE)?;
    let shown = th.repr(all)?;
    let shown = shown.text().substring(0, shown.len().min(50)).to_string();
    let (from, to) = m.span(0).unwrap_or((0, 0));
    th.new_str_utf8(&format!(
        "<re.Match object; span=({from}, {to}), match={shown}>"
    ))
}

/// Defines the class.
pub fn define(th: &mut Thread) {
    th.new_type::<Match>("re.Match", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("group(self, /, *args)", group),
            ("__getitem__(self, key, /)", |th, a| {
                let m = this(a);
                let i = group_number(th, m, a[1])?;
                m.text(th, i, Value::NONE)
            }),
            ("groups(self, /, default=None)", groups),
            ("groupdict(self, /, default=None)", group_dict),
            ("start(self, group=0, /)", |th, a| {
                Ok(Value::small(span(th, a)?.0))
            }),
            ("end(self, group=0, /)", |th, a| {
                Ok(Value::small(span(th, a)?.1))
            }),
            ("span(self, group=0, /)", |th, a| {
                let (from, to) = span(th, a)?;
                Ok(th.tuple_value(&[Value::small(from), Value::small(to)]))
            }),
            ("expand(self, /, template)", |th, a| {
                let m = this(a);
                let template = template::compiled(th, m.pattern(), a[1])?;
                let subject = m.subject(th)?;
                let mut out = vec![];
                template::expand(th, template, &subject, &|i| m.span(i), &mut out);
                template::finish(th, &subject, &out)
            }),
            ("__copy__(self, /)", |_, a| Ok(a[0])),
            ("__deepcopy__(self, memo, /)", |_, a| Ok(a[0])),
            ("__repr__(self, /)", repr),
        ]);
        t.class_method("__class_getitem__(cls, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.getset("string", |_, v| Ok(this(&[v]).string), None);
        t.getset("re", |_, v| Ok(this(&[v]).pattern), None);
        t.getset("pos", |th, v| Ok(th.int(this(&[v]).pos as i64)), None);
        t.getset("endpos", |th, v| Ok(th.int(this(&[v]).endpos as i64)), None);
        t.getset(
            "lastindex",
            |_, v| {
                Ok(match this(&[v]).last_index {
                    0 => Value::NONE,
                    i => Value::small(i as i64),
                })
            },
            None,
        );
        t.getset(
            "lastgroup",
            |_, v| {
                let m = this(&[v]);
                let names = tuple_items(m.pattern().index_group);
                Ok(match m.last_index {
                    0 => Value::NONE,
                    i => names.get(i).copied().unwrap_or(Value::NONE),
                })
            },
            None,
        );
        t.getset(
            "regs",
            |th, v| {
                let spans = tuple_items(this(&[v]).spans);
                let pairs: Vec<Value> = spans.chunks(2).map(|pair| th.tuple_value(pair)).collect();
                Ok(th.tuple_value(&pairs))
            },
            None,
        );
    });
}
