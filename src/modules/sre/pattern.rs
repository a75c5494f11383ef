//! `re.Pattern`.

use super::matching;
use super::object::{Matches, Mode, Subject};
use super::{scanner, substitute};
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// The payload of `re.Pattern`.
pub struct Pattern {
    /// The pattern's source, or None.
    pub source: Value,
    pub flags: i64,
    pub code: Box<[u32]>,
    pub groups: usize,
    /// A dict: group numbers by name.
    pub group_index: Value,
    /// A tuple: group names by number.
    pub index_group: Value,
    /// Whether it is for bytes; unknown without a source.
    pub is_bytes: Option<bool>,
}

impl Payload for Pattern {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.source, self.group_index, self.index_group])
    }
}

pub type This = Ref<Native<Pattern>>;

pub fn this(a: &[Value]) -> This {
    a[0].native().expect("the receiver's class was checked")
}

/// `_sre.compile(...)`.
pub fn compile(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[source, flags, code, groups, group_index, index_group] = a else {
        unreachable!("bound by the signature")
    };
    // The engine takes it that the code is the library's compiler's.
    if !th.is_library_code("re/_compiler.py") {
        return Err(th.refused("_sre.compile()", Value::NULL));
    }
    let flags = th.ssize(flags)? as i64;
    let groups = th.ssize(groups)?.max(0) as usize;
    let items = th.collect_items(code)?;
    let mut words = Vec::with_capacity(items.len());
    for item in items {
        let word = th.ssize(item)?;
        match u32::try_from(word) {
            Ok(word) => words.push(word),
            Err(_) => return Err(th.overflow_error("regular expression code size limit exceeded")),
        }
    }
    let is_bytes = if source.is_none() {
        None
    } else if source.cast::<Str>().is_some() {
        Some(false)
    } else {
        th.bytes_like(source)?;
        Some(true)
    };
    let payload = Pattern {
        source,
        flags,
        code: words.into(),
        groups,
        group_index,
        index_group,
        is_bytes,
    };
    let class = th.class_for::<Pattern>();
    Ok(th.new_native(class, payload).value())
}

fn find_one(th: &mut Thread, a: &[Value], mode: Mode) -> R<Value> {
    let pattern = this(a);
    let subject = Subject::of(th, pattern, a[1])?;
    let (pos, endpos) = subject.bounds(th, a[2], a[3])?;
    let found = subject.find(th, pattern, mode, pos, endpos, false)?;
    matching::make(th, pattern, &subject, found, pos, endpos)
}

/// What `findall` and `split` put into their lists for a group.
fn group_or_none(
    th: &mut Thread,
    subject: &Subject,
    span: Option<(usize, usize)>,
    default: Value,
) -> R<Value> {
    match span {
        Some((from, to)) => subject.slice(th, from, to),
        None => Ok(default),
    }
}

fn findall(th: &mut Thread, a: &[Value]) -> R<Value> {
    let pattern = this(a);
    let subject = Subject::of(th, pattern, a[1])?;
    let (pos, endpos) = subject.bounds(th, a[2], a[3])?;
    let empty = subject.slice(th, 0, 0)?;
    let mut matches = Matches::new(pattern, pos, endpos);
    // Values in a Rust vector are fine: nothing here can collect.
    let mut items = vec![];
    while let Some(found) = matches.next(th, &subject)? {
        items.push(match pattern.groups {
            0 => subject.slice(th, found.start, found.end)?,
            1 => group_or_none(th, &subject, found.group(1), empty)?,
            n => {
                let mut row = Vec::with_capacity(n);
                for i in 1..=n {
                    row.push(group_or_none(th, &subject, found.group(i), empty)?);
                }
                th.tuple_value(&row)
            }
        });
    }
    Ok(List::new(th, &items).value())
}

fn split(th: &mut Thread, a: &[Value]) -> R<Value> {
    let pattern = this(a);
    let subject = Subject::of(th, pattern, a[1])?;
    let max = th.ssize_or(a[2], 0)?;
    let mut matches = Matches::new(pattern, 0, subject.len);
    let (mut items, mut last, mut n) = (vec![], 0, 0);
    while max == 0 || n < max {
        let Some(found) = matches.next(th, &subject)? else {
            break;
        };
        items.push(subject.slice(th, last, found.start)?);
        for i in 1..=pattern.groups {
            items.push(group_or_none(th, &subject, found.group(i), Value::NONE)?);
        }
        last = found.end;
        n += 1;
    }
    items.push(subject.slice(th, last, subject.len)?);
    Ok(List::new(th, &items).value())
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    const NAMES: [(&str, i64); 8] = [
        ("re.IGNORECASE", 2),
        ("re.LOCALE", 4),
        ("re.MULTILINE", 8),
        ("re.DOTALL", 16),
        ("re.UNICODE", 32),
        ("re.VERBOSE", 64),
        ("re.DEBUG", 128),
        ("re.ASCII", 256),
    ];
    let pattern = this(a);
    let mut flags = pattern.flags;
    if pattern.is_bytes == Some(false) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut shown = vec![];
    for (name, bit) in NAMES {
        if flags & bit != 0 {
            shown.push(name.to_string());
            flags &= !bit;
        }
    }
    if flags != 0 {
        shown.push(format!("{flags:#x}"));
    }
    let source = th.repr(pattern.source)?;
    let text = source
        .text()
        .substring(0, source.len().min(200))
        .to_string();
    let rest = if shown.is_empty() {
        String::new()
    } else {
        format!(", {}", shown.join("|"))
    };
    th.new_str_utf8(&format!("re.compile({text}{rest})"))
}

fn equal(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(other) = a[1].native::<Pattern>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let mine = this(a);
    if mine == other {
        return Ok(Value::TRUE);
    }
    let same = mine.flags == other.flags
        && mine.is_bytes == other.is_bytes
        && mine.code == other.code
        && th.equal(mine.source, other.source)?;
    Ok(Value::bool(same))
}

/// The group numbers by name, which nobody may change.
fn group_index(th: &mut Thread, pattern: This) -> R<Value> {
    match pattern.group_index.cast::<Dict>() {
        Some(dict) if dict.len(th)? > 0 => Ok(th.mapping_proxy(dict.value())),
        _ => Ok(Dict::new(th).value()),
    }
}

/// Defines the class.
pub fn define(th: &mut Thread) {
    th.new_type::<Pattern>(
        "re.Pattern",
        class_flags::NO_NEW | class_flags::WEAKREF,
        |t| {
            t.methods(&[
                (
                    "match(self, /, string, pos=0, endpos=9223372036854775807)",
                    |th, a| find_one(th, a, Mode::Match),
                ),
                (
                    "fullmatch(self, /, string, pos=0, endpos=9223372036854775807)",
                    |th, a| find_one(th, a, Mode::FullMatch),
                ),
                (
                    "search(self, /, string, pos=0, endpos=9223372036854775807)",
                    |th, a| find_one(th, a, Mode::Search),
                ),
                (
                    "findall(self, /, string, pos=0, endpos=9223372036854775807)",
                    findall,
                ),
                (
                    "finditer(self, /, string, pos=0, endpos=9223372036854775807)",
                    |th, a| scanner::find_iter(th, this(a), a[1], a[2], a[3]),
                ),
                (
                    "scanner(self, /, string, pos=0, endpos=9223372036854775807)",
                    |th, a| scanner::scanner(th, this(a), a[1], a[2], a[3]),
                ),
                ("split(self, /, string, maxsplit=0)", split),
                ("sub(self, /, repl, string, count=0)", |th, a| {
                    Ok(substitute::substitute(th, this(a), a[1], a[2], a[3])?.0)
                }),
                ("subn(self, /, repl, string, count=0)", |th, a| {
                    let (text, n) = substitute::substitute(th, this(a), a[1], a[2], a[3])?;
                    let n = th.int(n as i64);
                    Ok(th.tuple_value(&[text, n]))
                }),
                ("__copy__(self, /)", |_, a| Ok(a[0])),
                ("__deepcopy__(self, memo, /)", |_, a| Ok(a[0])),
                ("__repr__(self, /)", repr),
                ("__eq__(self, value, /)", equal),
                ("__hash__(self, /)", |th, a| {
                    let pattern = this(a);
                    let bytes: Vec<u8> =
                        pattern.code.iter().flat_map(|c| c.to_le_bytes()).collect();
                    let code = crate::objects::string::hash_bytes(&bytes, th.rt.settings.seed);
                    let source = th.hash(pattern.source)?;
                    let hash = (code ^ source ^ pattern.flags) >> 4;
                    Ok(th.int(if hash == -1 { -2 } else { hash }))
                }),
            ]);
            t.class_method("__class_getitem__(cls, object, /)", |th, a| {
                th.generic_alias(a[0], a[1])
            });
            t.getset("pattern", |_, v| Ok(this(&[v]).source), None);
            t.getset("flags", |th, v| Ok(th.int(this(&[v]).flags)), None);
            t.getset("groups", |th, v| Ok(th.int(this(&[v]).groups as i64)), None);
            t.getset("groupindex", |th, v| group_index(th, this(&[v])), None);
        },
    );
}
