//! `Pattern.sub` and `Pattern.subn`.

use super::matching;
use super::object::{Matches, Subject};
use super::pattern::This as PatternRef;
use super::template::{self, Template};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::native::Native;
use crate::objects::string::Str;

/// What a match is replaced by.
enum Replacement {
    Literal(Vec<u8>),
    Template(Ref<Native<Template>>),
    /// What this function makes of the match.
    Call(Value),
}

impl Replacement {
    fn of(th: &mut Thread, pattern: PatternRef, v: Value, subject: &Subject) -> R<Replacement> {
        if th.is_callable(v) {
            return Ok(Replacement::Call(v));
        }
        if let Some(s) = v.cast::<Str>()
            && subject.is_text()
            && memchr::memchr(b'\\', s.as_bytes()).is_none()
        {
            return Ok(Replacement::Literal(s.as_bytes().to_vec()));
        }
        if !subject.is_text()
            && let Some(data) = th.buffer(v)?
            && memchr::memchr(b'\\', &data).is_none()
        {
            return Ok(Replacement::Literal(data.into_owned()));
        }
        template::compiled(th, pattern, v).map(Replacement::Template)
    }
}

/// Replaces up to `count` matches (0: all); also says how many there were.
pub fn substitute(
    th: &mut Thread,
    pattern: PatternRef,
    replacement: Value,
    string: Value,
    count: Value,
) -> R<(Value, usize)> {
    let count = th.ssize_or(count, 0)?;
    let subject = Subject::of(th, pattern, string)?;
    let replacement = Replacement::of(th, pattern, replacement, &subject)?;
    let mut matches = Matches::new(pattern, 0, subject.len);
    let (mut out, mut last, mut n) = (vec![], 0, 0);
    while count == 0 || (n as isize) < count {
        let Some(found) = matches.next(th, &subject)? else {
            break;
        };
        out.extend_from_slice(subject.raw(th, last, found.start));
        match &replacement {
            Replacement::Literal(text) => out.extend_from_slice(text),
            Replacement::Template(t) => {
                template::expand(th, *t, &subject, &|i| found.group(i), &mut out);
            }
            Replacement::Call(f) => {
                let m = matching::make(th, pattern, &subject, Some(found.clone()), 0, subject.len)?;
                let v = th.call(*f, &[m])?;
                append(th, &subject, v, n, &mut out)?;
            }
        }
        th.check_size(out.len())?;
        last = found.end;
        n += 1;
    }
    if n == 0 {
        return Ok((subject.slice(th, 0, subject.len)?, 0));
    }
    out.extend_from_slice(subject.raw(th, last, subject.len));
    Ok((template::finish(th, &subject, &out)?, n))
}

/// Appends what a replacement function returned.
fn append(th: &mut Thread, subject: &Subject, v: Value, n: usize, out: &mut Vec<u8>) -> R<()> {
    if v.is_none() {
        return Ok(());
    }
    if subject.is_text() {
        if let Some(s) = v.cast::<Str>() {
            out.extend_from_slice(s.as_bytes());
            return Ok(());
        }
    } else if let Some(data) = th.buffer(v)? {
        out.extend_from_slice(&data);
        return Ok(());
    }
    let name = th.type_name(v);
    let wanted = if subject.is_text() {
        "str instance"
    } else {
        "a bytes-like object"
    };
    Err(th.type_error(format!(
        "sequence item {n}: expected {wanted}, {name} found"
    )))
}
