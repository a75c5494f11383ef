//! `make_scanner`: from text to values.

use std::collections::HashMap;

use super::{fail, literal, text_arg};
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::Payload;
use crate::objects::string::Str;
use crate::text;

/// The options of a decoder. Hooks are null where there is nothing to call.
struct Scanner {
    strict: bool,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
}

impl Payload for Scanner {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[
            self.object_hook,
            self.object_pairs_hook,
            self.parse_float,
            self.parse_int,
            self.parse_constant,
        ])
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let context = a[1];
    let strict = th.attr(context, "strict")?;
    let strict = th.truth(strict)?;
    let class = a[0].as_class().expect("a class, as the call has checked");
    let payload = Scanner {
        strict,
        object_hook: th.attr(context, "object_hook")?,
        object_pairs_hook: th.attr(context, "object_pairs_hook")?,
        parse_float: th.attr(context, "parse_float")?,
        parse_int: th.attr(context, "parse_int")?,
        parse_constant: th.attr(context, "parse_constant")?,
    };
    Ok(th.new_native(class, payload).value())
}

/// One reading of a document.
struct Reading<'a> {
    document: Ref<Str>,
    bytes: &'a [u8],
    options: &'a Scanner,
    /// Keys met so far, so that equal ones are one object. They are rooted by the thread.
    keys: HashMap<Vec<u8>, Value>,
}

impl Reading<'_> {
    fn skip_space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(at) {
            at += 1;
        }
        at
    }
    fn fail<T>(&self, th: &mut Thread, message: &str, at: usize) -> R<T> {
        Err(fail(th, message, self.document, at))
    }
    /// What tells the decoder that a value was expected.
    fn no_value<T>(&self, th: &mut Thread, at: usize) -> R<T> {
        let at = self.document.text().char_at_byte(at);
        let at = th.int(at as i64);
        Err(th.stop_iteration(at))
    }
    fn starts(&self, at: usize, word: &str) -> bool {
        self.bytes[at..].starts_with(word.as_bytes())
    }

    /// The value at byte `at`, and the position behind it.
    fn value(&mut self, th: &mut Thread, at: usize) -> R<(Value, usize)> {
        match self.bytes.get(at) {
            Some(b'"') => self.string(th, at + 1),
            Some(b'{') => self.object(th, at + 1),
            Some(b'[') => self.array(th, at + 1),
            Some(b'n') if self.starts(at, "null") => Ok((Value::NONE, at + 4)),
            Some(b't') if self.starts(at, "true") => Ok((Value::TRUE, at + 4)),
            Some(b'f') if self.starts(at, "false") => Ok((Value::FALSE, at + 5)),
            Some(b'N') if self.starts(at, "NaN") => self.constant(th, at, "NaN"),
            Some(b'I') if self.starts(at, "Infinity") => self.constant(th, at, "Infinity"),
            Some(b'-') if self.starts(at, "-Infinity") => self.constant(th, at, "-Infinity"),
            Some(b'-' | b'0'..=b'9') => self.number(th, at),
            _ => self.no_value(th, at),
        }
    }

    fn string(&mut self, th: &mut Thread, at: usize) -> R<(Value, usize)> {
        match literal::read(self.bytes, at, self.options.strict) {
            Ok((text, end)) => Ok((th.new_str_raw(&text)?, end)),
            Err((message, at)) => self.fail(th, message, at),
        }
    }

    fn key(&mut self, th: &mut Thread, at: usize) -> R<(Value, usize)> {
        let (text, end) = match literal::read(self.bytes, at, self.options.strict) {
            Ok(found) => found,
            Err((message, at)) => return self.fail(th, message, at),
        };
        if let Some(&known) = self.keys.get(&text[..]) {
            return Ok((known, end));
        }
        let key = th.new_str_raw(&text)?;
        th.roots.push(key);
        self.keys.insert(text.into_owned(), key);
        Ok((key, end))
    }

    fn constant(&mut self, th: &mut Thread, at: usize, name: &str) -> R<(Value, usize)> {
        let v = th.str_value(name);
        let v = th.call(self.options.parse_constant, &[v])?;
        Ok((v, at + name.len()))
    }

    fn number(&mut self, th: &mut Thread, start: usize) -> R<(Value, usize)> {
        let digits = |mut at: usize| {
            while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let first = start + (self.bytes[start] == b'-') as usize;
        let mut end = match self.bytes.get(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => digits(first),
            _ => return self.no_value(th, start),
        };
        let mut is_float = false;
        if self.bytes.get(end) == Some(&b'.') {
            let after = digits(end + 1);
            if after > end + 1 {
                end = after;
                is_float = true;
            }
        }
        if let Some(b'e' | b'E') = self.bytes.get(end) {
            let sign = matches!(self.bytes.get(end + 1), Some(b'+' | b'-')) as usize;
            let after = digits(end + 1 + sign);
            if after > end + 1 + sign {
                end = after;
                is_float = true;
            }
        }
        let source = &self.bytes[start..end];
        let types = th.rt.types();
        let v = if is_float {
            if self.options.parse_float == types.float.value() {
                Value::float(text::float::parse_float_ascii(source).unwrap_or(0.0))
            } else {
                let s = th.new_str_raw(source)?;
                th.call(self.options.parse_float, &[s])?
            }
        } else if self.options.parse_int == types.int.value() {
            match short_int(source) {
                Some(i) => th.int(i),
                None => {
                    let i = text::int::parse_int_bytes(source, 10, th.max_str_digits());
                    let i = th.text(i)?;
                    th.big(i)
                }
            }
        } else {
            let s = th.new_str_raw(source)?;
            th.call(self.options.parse_int, &[s])?
        };
        Ok((v, end))
    }

    fn array(&mut self, th: &mut Thread, at: usize) -> R<(Value, usize)> {
        th.check_stack()?;
        let list = List::new(th, &[]);
        let mut at = self.skip_space(at);
        if self.bytes.get(at) == Some(&b']') {
            return Ok((list.value(), at + 1));
        }
        loop {
            let (v, end) = self.value(th, at)?;
            list.push(th, v)?;
            at = self.skip_space(end);
            match self.bytes.get(at) {
                Some(b']') => return Ok((list.value(), at + 1)),
                Some(b',') => {
                    let comma = at;
                    at = self.skip_space(at + 1);
                    if self.bytes.get(at) == Some(&b']') {
                        return self.fail(th, "Illegal trailing comma before end of array", comma);
                    }
                }
                _ => return self.fail(th, "Expecting ',' delimiter", at),
            }
        }
    }

    fn object(&mut self, th: &mut Thread, at: usize) -> R<(Value, usize)> {
        th.check_stack()?;
        let options = self.options;
        let pairs = if options.object_pairs_hook.is_none() {
            None
        } else {
            Some(List::new(th, &[]))
        };
        let dict = Dict::new(th);
        let mut at = self.skip_space(at);
        if self.bytes.get(at) == Some(&b'}') {
            return self.finish_object(th, dict, pairs, at + 1);
        }
        loop {
            if self.bytes.get(at) != Some(&b'"') {
                return self.fail(th, "Expecting property name enclosed in double quotes", at);
            }
            let (key, end) = self.key(th, at + 1)?;
            at = self.skip_space(end);
            if self.bytes.get(at) != Some(&b':') {
                return self.fail(th, "Expecting ':' delimiter", at);
            }
            at = self.skip_space(at + 1);
            let (v, end) = self.value(th, at)?;
            match pairs {
                Some(pairs) => {
                    let pair = th.tuple_value(&[key, v]);
                    pairs.push(th, pair)?;
                }
                None => dict.insert(th, key, v)?,
            }
            at = self.skip_space(end);
            match self.bytes.get(at) {
                Some(b'}') => return self.finish_object(th, dict, pairs, at + 1),
                Some(b',') => {
                    let comma = at;
                    at = self.skip_space(at + 1);
                    if self.bytes.get(at) == Some(&b'}') {
                        return self.fail(th, "Illegal trailing comma before end of object", comma);
                    }
                }
                _ => return self.fail(th, "Expecting ',' delimiter", at),
            }
        }
    }

    fn finish_object(
        &mut self,
        th: &mut Thread,
        dict: Ref<Dict>,
        pairs: Option<Ref<List>>,
        end: usize,
    ) -> R<(Value, usize)> {
        let v = match pairs {
            Some(pairs) => th.call(self.options.object_pairs_hook, &[pairs.value()])?,
            None if self.options.object_hook.is_none() => dict.value(),
            None => th.call(self.options.object_hook, &[dict.value()])?,
        };
        Ok((v, end))
    }
}

/// A number of up to 18 digits.
fn short_int(source: &[u8]) -> Option<i64> {
    if source.len() > 18 {
        return None;
    }
    std::str::from_utf8(source).ok()?.parse().ok()
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let scanner = a[0]
        .native::<Scanner>()
        .expect("the receiver's class was checked");
    let document = text_arg(th, a[1])?;
    let at = th.ssize(a[2])?;
    if at < 0 {
        return Err(th.value_error("idx cannot be negative"));
    }
    let at = document.indexed(th).byte_at(at as usize);
    let mut reading = Reading {
        document,
        bytes: document.as_bytes(),
        options: &scanner,
        keys: HashMap::new(),
    };
    let (v, end) = reading.value(th, at)?;
    let end = document.indexed(th).char_at_byte(end);
    let end = th.int(end as i64);
    Ok(th.tuple_value(&[v, end]))
}

/// Defines the class, which is `make_scanner`.
pub(super) fn define(th: &mut Thread) -> Value {
    let class = th.new_type::<Scanner>("_json.Scanner", class_flags::BASE, |t| {
        t.new("make_scanner(cls, context)", new);
        t.method("__call__(self, string, idx)", call);
        t.getset("strict", |_, v| Ok(Value::bool(of(v).strict)), None);
        t.getset("object_hook", |_, v| Ok(of(v).object_hook), None);
        t.getset(
            "object_pairs_hook",
            |_, v| Ok(of(v).object_pairs_hook),
            None,
        );
        t.getset("parse_float", |_, v| Ok(of(v).parse_float), None);
        t.getset("parse_int", |_, v| Ok(of(v).parse_int), None);
        t.getset("parse_constant", |_, v| Ok(of(v).parse_constant), None);
    });
    class.value()
}

fn of(v: Value) -> Ref<crate::objects::native::Native<Scanner>> {
    v.native().expect("the receiver's class was checked")
}
