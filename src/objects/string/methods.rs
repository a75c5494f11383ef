//! The methods of `str` that are no operators.

use std::borrow::Cow;

use rustpython_wtf8::{CodePoint, Wtf8};

use super::operators::{join_with, this};
use super::{Str, expect_str};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::list::List;
use crate::objects::special::Sp;
use crate::objects::tuple::Tuple;
use crate::text::str_ops as ops;
use crate::text::str_ops::Text;

/// An argument that must be a string, where the message is `what() argument N must be str`.
fn str_arg(th: &mut Thread, v: Value, what: &str, position: usize) -> R<Ref<Str>> {
    expect_str(th, v, |name| match position {
        0 => format!("{what}() argument must be str, not {name}"),
        n => format!("{what}() argument {n} must be str, not {name}"),
    })
}

/// The positions that the optional arguments `start` and `end` of a search denote.
fn range(th: &mut Thread, a: &[Value], len: usize) -> R<Option<std::ops::Range<usize>>> {
    let start = th.slice_bound(a[0])?;
    let end = th.slice_bound(a[1])?;
    Ok(ops::adjust_indices(start, end, len))
}

fn find_any(
    th: &mut Thread,
    a: &[Value],
    name: &str,
    search: for<'a> fn(Text<'a>, &Wtf8, std::ops::Range<usize>) -> Option<usize>,
) -> R<Option<usize>> {
    let s = this(a);
    let needle = str_arg(th, a[1], name, 1)?;
    let range = range(th, &a[2..], s.len())?;
    Ok(range.and_then(|r| search(s.text(), needle.as_wtf8(), r)))
}

fn position(th: &mut Thread, at: Option<usize>) -> Value {
    th.int(at.map_or(-1, |at| at as i64))
}

fn found(th: &mut Thread, at: Option<usize>) -> R<Value> {
    match at {
        Some(at) => Ok(th.int(at as i64)),
        None => Err(th.value_error("substring not found")),
    }
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let needle = str_arg(th, a[1], "count", 1)?;
    let n = match range(th, &a[2..], s.len())? {
        Some(r) => s.text().count(needle.as_wtf8(), r),
        None => 0,
    };
    Ok(th.int(n as i64))
}

fn affix(
    th: &mut Thread,
    a: &[Value],
    name: &str,
    test: for<'a> fn(Text<'a>, &Wtf8, std::ops::Range<usize>) -> bool,
) -> R<Value> {
    let s = this(a);
    let range = range(th, &a[2..], s.len())?;
    if let Some(affixes) = a[1].cast::<Tuple>() {
        for &v in affixes.items() {
            let affix = expect_str(th, v, |class| {
                format!("tuple for {name} must only contain str, not {class}")
            })?;
            if let Some(r) = range.clone()
                && test(s.text(), affix.as_wtf8(), r)
            {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    let affix = expect_str(th, a[1], |class| {
        format!("{name} first arg must be str or a tuple of str, not {class}")
    })?;
    Ok(Value::bool(
        range.is_some_and(|r| test(s.text(), affix.as_wtf8(), r)),
    ))
}

fn strip_with(
    th: &mut Thread,
    a: &[Value],
    name: &str,
    blanks: for<'a> fn(&'a Wtf8) -> &'a Wtf8,
    chars: for<'a> fn(&'a Wtf8, &Wtf8) -> &'a Wtf8,
) -> R<Value> {
    let s = this(a);
    let piece = if a[1].or_none().is_none() {
        blanks(s.as_wtf8())
    } else {
        let set = expect_str(th, a[1], |_| format!("{name} arg must be None or str"))?;
        chars(s.as_wtf8(), set.as_wtf8())
    };
    th.str_from_cow(s, Cow::Borrowed(piece))
}

fn pieces(th: &mut Thread, s: &Str, pieces: &[&Wtf8]) -> R<Value> {
    // Values in a Rust vector are fine: nothing here can collect.
    let mut items = Vec::with_capacity(pieces.len());
    for piece in pieces {
        items.push(th.str_piece(s, piece)?);
    }
    Ok(List::new(th, &items).value())
}

fn split_with(
    th: &mut Thread,
    a: &[Value],
    blanks: for<'a> fn(&'a Wtf8, isize) -> Vec<&'a Wtf8>,
    separated: for<'a> fn(&'a Wtf8, &Wtf8, isize) -> crate::text::TextResult<Vec<&'a Wtf8>>,
) -> R<Value> {
    let s = this(a);
    let max = th.ssize_or(a[2], -1)?;
    let list = if a[1].or_none().is_none() {
        blanks(s.as_wtf8(), max)
    } else {
        let sep = expect_str(th, a[1], |class| {
            format!("must be str or None, not {class}")
        })?;
        let list = separated(s.as_wtf8(), sep.as_wtf8(), max);
        th.text(list)?
    };
    if let [only] = list[..] {
        let only = th.str_from_cow(s, Cow::Borrowed(only))?;
        return Ok(List::new(th, &[only]).value());
    }
    pieces(th, &s, &list)
}

fn splitlines(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let keep = !a[1].is_null() && th.truth(a[1])?;
    pieces(th, &s, &ops::splitlines(s.as_wtf8(), keep))
}

fn partition(th: &mut Thread, a: &[Value], last: bool) -> R<Value> {
    let s = this(a);
    let sep = expect_str(th, a[1], |class| format!("must be str, not {class}"))?;
    let cut = if last {
        ops::rpartition(s.as_wtf8(), sep.as_wtf8())
    } else {
        ops::partition(s.as_wtf8(), sep.as_wtf8())
    };
    let empty = th.empty_str().value();
    let parts = match th.text(cut)? {
        Some((before, after)) => {
            let before = th.str_piece(&s, before)?;
            let after = th.str_piece(&s, after)?;
            [before, th.exact_str(sep).value(), after]
        }
        None if last => [empty, empty, th.exact_str(s).value()],
        None => [th.exact_str(s).value(), empty, empty],
    };
    Ok(th.tuple_value(&parts))
}

fn join(th: &mut Thread, a: &[Value]) -> R<Value> {
    if let Some(t) = a[1].cast::<Tuple>() {
        return join_with(th, this(a), t.items());
    }
    if th.special(a[1], Sp::Iter).is_null() && th.special(a[1], Sp::GetItem).is_null() {
        return Err(th.type_error("can only join an iterable"));
    }
    let items = th.collect_items(a[1])?;
    join_with(th, this(a), &items)
}

fn replace(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let old = str_arg(th, a[1], "replace", 1)?;
    let new = str_arg(th, a[2], "replace", 2)?;
    let count = th.ssize_or(a[3], -1)?;
    let out = ops::replace(s.as_wtf8(), old.as_wtf8(), new.as_wtf8(), count);
    let out = th.text(out)?;
    th.str_from_cow(s, out)
}

fn fill_char(th: &mut Thread, v: Value) -> R<CodePoint> {
    if v.is_null() {
        return Ok(CodePoint::from_char(' '));
    }
    let s = expect_str(th, v, |class| {
        format!("The fill character must be a unicode character, not {class}")
    })?;
    let mut chars = s.as_wtf8().code_points();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(th.type_error("The fill character must be exactly one character long")),
    }
}

fn pad(
    th: &mut Thread,
    a: &[Value],
    pad: for<'a> fn(Text<'a>, isize, CodePoint) -> crate::text::TextResult<Cow<'a, Wtf8>>,
) -> R<Value> {
    let s = this(a);
    let width = th.ssize(a[1])?;
    let fill = fill_char(th, a[2])?;
    th.check_str(width.max(0) as usize)?;
    let out = pad(s.text(), width, fill);
    let out = th.text(out)?;
    th.str_from_cow(s, out)
}

fn zfill(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let width = th.ssize(a[1])?;
    th.check_str(width.max(0) as usize)?;
    let out = ops::zfill(s.text(), width);
    let out = th.text(out)?;
    th.str_from_cow(s, out)
}

fn expandtabs(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let size = th.ssize_or(a[1], 8)?;
    let out = ops::expandtabs(s.as_wtf8(), size);
    let out = th.text(out)?;
    th.str_from_cow(s, out)
}

/// `s.method()` that maps the text to other text.
fn mapped(th: &mut Thread, a: &[Value], map: fn(&Wtf8) -> rustpython_wtf8::Wtf8Buf) -> R<Value> {
    let out = map(this(a).as_wtf8());
    th.new_str_value(&out)
}

fn is(a: &[Value], test: fn(&Wtf8) -> bool) -> R<Value> {
    Ok(Value::bool(test(this(a).as_wtf8())))
}

/// `str(object, encoding, errors)`.
fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let exact = a[0] == th.rt.types().str.value();
    let text = if a[1].is_null() && a[2].is_null() && a[3].is_null() {
        th.empty_str()
    } else if a[2].is_null() && a[3].is_null() {
        th.to_str(a[1])?
    } else {
        decode(th, a)?
    };
    if exact {
        return Ok(text.value());
    }
    let class = a[0].as_class().expect("a class, as the call has checked");
    Ok(th
        .str_of_class(class, &[text.as_bytes()], text.len())
        .value())
}

fn decode(th: &mut Thread, a: &[Value]) -> R<Ref<Str>> {
    if a[1].is_null() {
        return Ok(th.empty_str());
    }
    if a[1].cast::<Str>().is_some() {
        return Err(th.type_error("decoding str is not supported"));
    }
    let Some(data) = th.buffer(a[1])? else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "decoding to str: need a bytes-like object, {name} found"
        )));
    };
    let encoding = crate::modules::codecs::name_arg(th, a[2], "str", "encoding")?;
    let errors = crate::modules::codecs::name_arg(th, a[3], "str", "errors")?;
    let v = crate::modules::codecs::decode_bytes(th, &data, a[1], encoding, errors)?;
    Ok(v)
}

fn encode(th: &mut Thread, a: &[Value]) -> R<Value> {
    let encoding = crate::modules::codecs::name_arg(th, a[1], "encode", "encoding")?;
    let errors = crate::modules::codecs::name_arg(th, a[2], "encode", "errors")?;
    crate::modules::codecs::encode_str(th, this(a), encoding, errors)
}

fn maketrans(th: &mut Thread, a: &[Value]) -> R<Value> {
    let dict = crate::objects::dict::Dict::new(th);
    if a[1].is_null() {
        if a[0].kind() != crate::heap::Kind::Dict {
            return Err(
                th.type_error("if you give only one argument to maketrans it must be a dict")
            );
        }
        let items = th.call_method(a[0], "items", &[])?;
        let items = th.collect_items(items)?;
        for item in items {
            let [key, v] = crate::objects::native::tuple_items(item) else {
                continue;
            };
            let key = match key.cast::<Str>() {
                Some(s) => {
                    let mut chars = s.as_wtf8().code_points();
                    match (chars.next(), chars.next()) {
                        (Some(c), None) => Value::small(c.to_u32() as i64),
                        _ => {
                            return Err(th.value_error(
                                "string keys in translate table must be of length 1",
                            ));
                        }
                    }
                }
                None if key.is_int() || th.as_bigint(*key).is_some() => *key,
                None => {
                    return Err(
                        th.type_error("keys in translate table must be strings or integers")
                    );
                }
            };
            dict.insert(th, key, *v)?;
        }
        return Ok(dict.value());
    }
    let first = expect_str(th, a[0], |_| {
        "first maketrans argument must be a string if there is a second argument".into()
    })?;
    let second = str_arg(th, a[1], "maketrans", 2)?;
    if first.len() != second.len() {
        return Err(th.value_error("the first two maketrans arguments must have equal length"));
    }
    let point = |c: CodePoint| Value::small(c.to_u32() as i64);
    let pairs = first
        .as_wtf8()
        .code_points()
        .zip(second.as_wtf8().code_points());
    for (from, to) in pairs {
        dict.insert(th, point(from), point(to))?;
    }
    if !a[2].is_null() {
        let third = str_arg(th, a[2], "maketrans", 3)?;
        for c in third.as_wtf8().code_points() {
            dict.insert(th, point(c), Value::NONE)?;
        }
    }
    Ok(dict.value())
}

/// What a translation table says of a character.
pub(crate) fn look_up(th: &mut Thread, table: Value, c: CodePoint) -> R<ops::Translation> {
    let found = match th.get_item(table, Value::small(c.to_u32() as i64)) {
        Ok(v) => v,
        Err(crate::heap::Fail::Raise) if th.raised_is(th.rt.types().exceptions.lookup_error) => {
            th.take_exc();
            return Ok(ops::Translation::Keep);
        }
        Err(e) => return Err(e),
    };
    if found.is_none() {
        return Ok(ops::Translation::Delete);
    }
    if let Some(s) = found.cast::<Str>() {
        return Ok(ops::Translation::Text(s.as_wtf8().to_owned()));
    }
    let Some(i) = th.as_bigint(found) else {
        return Err(th.type_error("character mapping must return integer, None or str"));
    };
    match u32::try_from(i).ok().and_then(CodePoint::from_u32) {
        Some(c) => Ok(ops::Translation::Char(c)),
        None => Err(th.value_error("character mapping must be in range(0x110000)")),
    }
}

fn translate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    // A dict answers the same question the same way, so each ASCII character is looked up once.
    let mut size = 0usize;
    let cached = a[1].kind() == crate::heap::Kind::Dict && s.len() > 8;
    let mut cache: Vec<Option<ops::Translation>> = vec![None; if cached { 128 } else { 0 }];
    let out = ops::translate(s.as_wtf8(), |c| -> R<ops::Translation> {
        let at = c.to_u32() as usize;
        if let Some(Some(known)) = cache.get(at) {
            if let ops::Translation::Text(text) = known {
                size += text.len();
                th.check_size(size)?;
            }
            return Ok(known.clone());
        }
        let answer = look_up(th, a[1], c)?;
        if let ops::Translation::Text(text) = &answer {
            size += text.len();
            th.check_size(size)?;
        }
        if let Some(place) = cache.get_mut(at) {
            *place = Some(answer.clone());
        }
        Ok(answer)
    })?;
    th.new_str_value(&out)
}

fn remove(th: &mut Thread, a: &[Value], prefix: bool) -> R<Value> {
    let s = this(a);
    let name = if prefix {
        "removeprefix"
    } else {
        "removesuffix"
    };
    let affix = str_arg(th, a[1], name, 0)?;
    let rest = if prefix {
        ops::remove_prefix(s.as_wtf8(), affix.as_wtf8())
    } else {
        ops::remove_suffix(s.as_wtf8(), affix.as_wtf8())
    };
    th.str_from_cow(s, Cow::Borrowed(rest))
}

/// Fills the class `str`.
pub fn init(th: &mut Thread) {
    super::make_chars(th);
    crate::modules::codecs::prepare(th);
    super::grow::init(th);
    super::iter::init(th);
    th.fill(th.rt.types().str, |t| {
        super::operators::define(t);
        super::format::define(t);
        t.new(
            "str(cls, object='', encoding='utf-8', errors='strict')",
            new,
        );
        t.static_method(
            "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)",
            maketrans,
        );
        t.methods(&[
            ("__iter__(self, /)", |th, a| {
                Ok(super::iter::iter(th, this(a)))
            }),
            ("find(self, sub, start=None, end=None, /)", |th, a| {
                let at = find_any(th, a, "find", |t, n, r| t.find(n, r))?;
                Ok(position(th, at))
            }),
            ("rfind(self, sub, start=None, end=None, /)", |th, a| {
                let at = find_any(th, a, "rfind", |t, n, r| t.rfind(n, r))?;
                Ok(position(th, at))
            }),
            ("index(self, sub, start=None, end=None, /)", |th, a| {
                let at = find_any(th, a, "index", |t, n, r| t.find(n, r))?;
                found(th, at)
            }),
            ("rindex(self, sub, start=None, end=None, /)", |th, a| {
                let at = find_any(th, a, "rindex", |t, n, r| t.rfind(n, r))?;
                found(th, at)
            }),
            ("count(self, sub, start=None, end=None, /)", count),
            (
                "startswith(self, prefix, start=None, end=None, /)",
                |th, a| affix(th, a, "startswith", |t, n, r| t.starts_with(n, r)),
            ),
            (
                "endswith(self, suffix, start=None, end=None, /)",
                |th, a| affix(th, a, "endswith", |t, n, r| t.ends_with(n, r)),
            ),
            ("strip(self, chars=None, /)", |th, a| {
                strip_with(th, a, "strip", ops::strip, ops::strip_chars)
            }),
            ("lstrip(self, chars=None, /)", |th, a| {
                strip_with(th, a, "lstrip", ops::lstrip, ops::lstrip_chars)
            }),
            ("rstrip(self, chars=None, /)", |th, a| {
                strip_with(th, a, "rstrip", ops::rstrip, ops::rstrip_chars)
            }),
            ("split(self, /, sep=None, maxsplit=-1)", |th, a| {
                split_with(th, a, ops::split_whitespace, ops::split)
            }),
            ("rsplit(self, /, sep=None, maxsplit=-1)", |th, a| {
                split_with(th, a, ops::rsplit_whitespace, ops::rsplit)
            }),
            ("splitlines(self, /, keepends=False)", splitlines),
            ("partition(self, sep, /)", |th, a| partition(th, a, false)),
            ("rpartition(self, sep, /)", |th, a| partition(th, a, true)),
            ("join(self, iterable, /)", join),
            ("replace(self, old, new, /, count=-1)", replace),
            ("center(self, width, fillchar=' ', /)", |th, a| {
                pad(th, a, ops::center)
            }),
            ("ljust(self, width, fillchar=' ', /)", |th, a| {
                pad(th, a, ops::ljust)
            }),
            ("rjust(self, width, fillchar=' ', /)", |th, a| {
                pad(th, a, ops::rjust)
            }),
            ("zfill(self, width, /)", zfill),
            ("expandtabs(self, /, tabsize=8)", expandtabs),
            ("lower(self, /)", |th, a| mapped(th, a, ops::lower)),
            ("upper(self, /)", |th, a| mapped(th, a, ops::upper)),
            ("casefold(self, /)", |th, a| mapped(th, a, ops::casefold)),
            ("capitalize(self, /)", |th, a| {
                mapped(th, a, ops::capitalize)
            }),
            ("title(self, /)", |th, a| mapped(th, a, ops::title)),
            ("swapcase(self, /)", |th, a| mapped(th, a, ops::swapcase)),
            ("isalnum(self, /)", |_, a| is(a, ops::is_alnum)),
            ("isalpha(self, /)", |_, a| is(a, ops::is_alpha)),
            ("isascii(self, /)", |_, a| {
                Ok(Value::bool(this(a).is_ascii()))
            }),
            ("isdecimal(self, /)", |_, a| is(a, ops::is_decimal)),
            ("isdigit(self, /)", |_, a| is(a, ops::is_digit)),
            ("isidentifier(self, /)", |_, a| is(a, ops::is_identifier)),
            ("islower(self, /)", |_, a| is(a, ops::is_lower)),
            ("isnumeric(self, /)", |_, a| is(a, ops::is_numeric)),
            ("isprintable(self, /)", |_, a| is(a, ops::is_printable)),
            ("isspace(self, /)", |_, a| is(a, ops::is_space)),
            ("istitle(self, /)", |_, a| is(a, ops::is_title)),
            ("isupper(self, /)", |_, a| is(a, ops::is_upper)),
            ("translate(self, table, /)", translate),
            ("removeprefix(self, prefix, /)", |th, a| remove(th, a, true)),
            ("removesuffix(self, suffix, /)", |th, a| {
                remove(th, a, false)
            }),
            ("encode(self, /, encoding='utf-8', errors='strict')", encode),
        ]);
    });
}
