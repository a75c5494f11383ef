//! The methods that `bytes` and `bytearray` share.

use std::ops::Range;

use rustpython_wtf8::Wtf8;

use super::{byte, data, made, unchanged};
use crate::heap::{R, Thread, Value};
use crate::objects::Bytes;
use crate::objects::buffer::Data;
use crate::objects::define::TypeBuilder;
use crate::objects::list::List;
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::objects::tuple::Tuple;
use crate::text::TextResult;
use crate::text::bytes_ops as ops;
use crate::text::str_ops::adjust_indices;

/// What a search looks for: bytes, or the byte that an int stands for.
fn needle(th: &mut Thread, v: Value) -> R<Data> {
    if let Some(data) = th.buffer(v)? {
        return Ok(data);
    }
    if th.special(v, Sp::Index).is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "argument should be integer or bytes-like object, not '{name}'"
        )));
    }
    Ok(vec![byte(th, v, "byte")?].into())
}

fn range(th: &mut Thread, a: &[Value], len: usize) -> R<Option<Range<usize>>> {
    let start = th.slice_bound(a[0])?;
    let end = th.slice_bound(a[1])?;
    Ok(adjust_indices(start, end, len))
}

fn find_any(
    th: &mut Thread,
    a: &[Value],
    search: fn(&[u8], &[u8], Range<usize>) -> Option<usize>,
) -> R<Option<usize>> {
    let needle = needle(th, a[1])?;
    let data = data(th, a[0])?;
    let range = range(th, &a[2..], data.len())?;
    Ok(range.and_then(|r| search(&data, &needle, r)))
}

fn position(th: &mut Thread, at: Option<usize>) -> R<Value> {
    Ok(th.int(at.map_or(-1, |at| at as i64)))
}

fn found(th: &mut Thread, at: Option<usize>) -> R<Value> {
    match at {
        Some(at) => Ok(th.int(at as i64)),
        None => Err(th.value_error("subsection not found")),
    }
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let needle = needle(th, a[1])?;
    let data = data(th, a[0])?;
    let n = range(th, &a[2..], data.len())?.map_or(0, |r| ops::count(&data, &needle, r));
    Ok(th.int(n as i64))
}

fn affix(th: &mut Thread, a: &[Value], name: &str, test: fn(&[u8], &[u8]) -> bool) -> R<Value> {
    let data = data(th, a[0])?;
    let range = range(th, &a[2..], data.len())?;
    if let Some(affixes) = a[1].cast::<Tuple>() {
        for &v in affixes.items() {
            let affix = th.bytes_like(v)?;
            if range.clone().is_some_and(|r| test(&data[r], &affix)) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    let Some(affix) = th.buffer(a[1])? else {
        let class = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "{name} first arg must be bytes or a tuple of bytes, not {class}"
        )));
    };
    Ok(Value::bool(range.is_some_and(|r| test(&data[r], &affix))))
}

fn strip_with(
    th: &mut Thread,
    a: &[Value],
    strip: for<'a> fn(&'a [u8], Option<&[u8]>) -> &'a [u8],
) -> R<Value> {
    let data = data(th, a[0])?;
    let piece = if a[1].or_none().is_none() {
        strip(&data, None)
    } else {
        let set = th.bytes_like(a[1])?;
        strip(&data, Some(&set))
    };
    if piece.len() == data.len() {
        return unchanged(th, a[0], &data);
    }
    made(th, a[0], piece)
}

fn pieces(th: &mut Thread, like: Value, pieces: &[&[u8]]) -> R<Value> {
    // Values in a Rust vector are fine: nothing here can collect.
    let mut items = Vec::with_capacity(pieces.len());
    for piece in pieces {
        items.push(made(th, like, piece)?);
    }
    Ok(List::new(th, &items).value())
}

fn split_with(
    th: &mut Thread,
    a: &[Value],
    blanks: for<'a> fn(&'a [u8], isize) -> Vec<&'a [u8]>,
    separated: for<'a> fn(&'a [u8], &[u8], isize) -> TextResult<Vec<&'a [u8]>>,
) -> R<Value> {
    let max = th.ssize_or(a[2], -1)?;
    let data = data(th, a[0])?;
    let list = if a[1].or_none().is_none() {
        blanks(&data, max)
    } else {
        let sep = th.bytes_like(a[1])?;
        let list = separated(&data, &sep, max);
        th.text(list)?
    };
    pieces(th, a[0], &list)
}

fn partition(th: &mut Thread, a: &[Value], last: bool) -> R<Value> {
    let sep = th.bytes_like(a[1])?;
    let data = data(th, a[0])?;
    let cut = if last {
        ops::rpartition(&data, &sep)
    } else {
        ops::partition(&data, &sep)
    };
    let (before, middle, after): (&[u8], &[u8], &[u8]) = match th.text(cut)? {
        Some((before, after)) => (before, &sep, after),
        None if last => (b"", b"", &data),
        None => (&data, b"", b""),
    };
    let before = made(th, a[0], before)?;
    let middle = made(th, a[0], middle)?;
    let after = made(th, a[0], after)?;
    Ok(th.tuple_value(&[before, middle, after]))
}

fn join(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.special(a[1], Sp::Iter).is_null() && th.special(a[1], Sp::GetItem).is_null() {
        return Err(th.type_error("can only join an iterable"));
    }
    let items = th.collect_items(a[1])?;
    let mut parts: Vec<Data> = Vec::with_capacity(items.len());
    for (i, &item) in items.iter().enumerate() {
        match th.buffer(item)? {
            Some(data) => parts.push(data),
            None => {
                let name = th.type_name(item);
                return Err(th.type_error(format!(
                    "sequence item {i}: expected a bytes-like object, {name} found"
                )));
            }
        }
    }
    let separator = data(th, a[0])?;
    let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
    let out = ops::join(&separator, &parts);
    let out = th.text(out)?;
    made(th, a[0], &out)
}

fn replace(th: &mut Thread, a: &[Value]) -> R<Value> {
    let old = th.bytes_like(a[1])?;
    let new = th.bytes_like(a[2])?;
    let count = th.ssize_or(a[3], -1)?;
    let data = data(th, a[0])?;
    let out = ops::replace(&data, &old, &new, count);
    match th.text(out)? {
        std::borrow::Cow::Borrowed(_) => unchanged(th, a[0], &data),
        std::borrow::Cow::Owned(out) => made(th, a[0], &out),
    }
}

fn pad(
    th: &mut Thread,
    a: &[Value],
    name: &str,
    pad: fn(&[u8], isize, u8) -> TextResult<Vec<u8>>,
) -> R<Value> {
    let width = th.ssize(a[1])?;
    let fill = if a[2].is_null() {
        b' '
    } else {
        let fill = if th.is_bytes(a[2]) {
            th.buffer(a[2])?
        } else {
            None
        };
        match fill.as_deref() {
            Some([b]) => *b,
            Some(other) => {
                let (class, len) = (th.type_name(a[2]), other.len());
                return Err(th.type_error(format!(
                    "{name}(): argument 2 must be a byte string of length 1, not a {class} object of length {len}"
                )));
            }
            None => {
                let class = th.type_name(a[2]);
                return Err(th.type_error(format!(
                    "{name}() argument 2 must be a byte string of length 1, not {class}"
                )));
            }
        }
    };
    th.check_room(width.max(0) as usize)?;
    let data = data(th, a[0])?;
    let out = pad(&data, width, fill);
    let out = th.text(out)?;
    made(th, a[0], &out)
}

fn mapped(th: &mut Thread, a: &[Value], map: fn(&[u8]) -> Vec<u8>) -> R<Value> {
    let data = data(th, a[0])?;
    made(th, a[0], &map(&data))
}

fn is(th: &mut Thread, a: &[Value], test: fn(&[u8]) -> bool) -> R<Value> {
    let data = data(th, a[0])?;
    Ok(Value::bool(test(&data)))
}

fn translate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let table = if a[1].is_none() {
        None
    } else {
        let table = th.bytes_like(a[1])?;
        if table.len() != 256 {
            return Err(th.value_error("translation table must be 256 characters long"));
        }
        Some(table)
    };
    let delete = if a[2].is_null() {
        Data::Borrowed(b"")
    } else {
        th.bytes_like(a[2])?
    };
    let data = data(th, a[0])?;
    let out = ops::translate(&data, table.as_deref(), &delete);
    let out = th.text(out)?;
    made(th, a[0], &out)
}

fn remove(th: &mut Thread, a: &[Value], prefix: bool) -> R<Value> {
    let affix = th.bytes_like(a[1])?;
    let data = data(th, a[0])?;
    let rest = if prefix {
        data.strip_prefix(&affix[..])
    } else {
        data.strip_suffix(&affix[..])
    };
    match rest {
        Some(rest) if !affix.is_empty() => made(th, a[0], rest),
        _ => unchanged(th, a[0], &data),
    }
}

/// The one-character separator of `hex`.
pub(crate) fn separator(th: &mut Thread, v: Value) -> R<Option<u8>> {
    if v.is_null() {
        return Ok(None);
    }
    let bytes = if let Some(s) = v.cast::<Str>() {
        if !s.is_ascii() && s.len() == 1 {
            return Err(th.value_error("sep must be ASCII."));
        }
        s.as_bytes().to_vec()
    } else if let Some(b) = v.cast::<Bytes>() {
        b.as_bytes().to_vec()
    } else {
        return Err(th.type_error("sep must be str or bytes."));
    };
    match bytes[..] {
        [b] if b < 0x80 => Ok(Some(b)),
        [_] => Err(th.value_error("sep must be ASCII.")),
        _ => Err(th.value_error("sep must be length 1.")),
    }
}

/// `v.hex(sep, bytes_per_sep)` for anything bytes-like.
pub(crate) fn hex(th: &mut Thread, a: &[Value]) -> R<Value> {
    let sep = separator(th, a[1])?;
    let group = th.ssize_or(a[2], 1)?;
    let data = data(th, a[0])?;
    let text = ops::to_hex(&data, sep, group);
    th.new_str_utf8(&text)
}

fn from_hex(th: &mut Thread, a: &[Value]) -> R<Value> {
    let out = if let Some(s) = a[1].cast::<Str>() {
        ops::from_hex(s.as_wtf8())
    } else if let Some(data) = th.buffer(a[1])? {
        ops::from_hex_bytes(&data)
    } else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!(
            "fromhex() argument must be str or bytes-like, not {name}"
        )));
    };
    let out = th.text(out)?;
    let v = th.new_bytes(&out)?;
    if a[0] == th.rt.types().bytes.value() {
        return Ok(v);
    }
    th.call(a[0], &[v])
}

fn decode(th: &mut Thread, a: &[Value]) -> R<Value> {
    let encoding = crate::modules::codecs::name_arg(th, a[1], "decode", "encoding")?;
    let errors = crate::modules::codecs::name_arg(th, a[2], "decode", "errors")?;
    let data = data(th, a[0])?;
    let text = crate::modules::codecs::decode_bytes(th, &data, a[0], encoding, errors)?;
    Ok(text.value())
}

fn maketrans(th: &mut Thread, a: &[Value]) -> R<Value> {
    let from = th.bytes_like(a[0])?;
    let to = th.bytes_like(a[1])?;
    let table = ops::maketrans(&from, &to);
    let table = th.text(table)?;
    th.new_bytes(&table)
}

pub(super) fn define(t: &mut TypeBuilder) {
    let _ = Wtf8::new("");
    t.static_method("maketrans(frm, to, /)", maketrans);
    t.class_method("fromhex(type, string, /)", from_hex);
    t.methods(&[
        ("find(self, sub, start=None, end=None, /)", |th, a| {
            let at = find_any(th, a, ops::find)?;
            position(th, at)
        }),
        ("rfind(self, sub, start=None, end=None, /)", |th, a| {
            let at = find_any(th, a, ops::rfind)?;
            position(th, at)
        }),
        ("index(self, sub, start=None, end=None, /)", |th, a| {
            let at = find_any(th, a, ops::find)?;
            found(th, at)
        }),
        ("rindex(self, sub, start=None, end=None, /)", |th, a| {
            let at = find_any(th, a, ops::rfind)?;
            found(th, at)
        }),
        ("count(self, sub, start=None, end=None, /)", count),
        (
            "startswith(self, prefix, start=None, end=None, /)",
            |th, a| affix(th, a, "startswith", |d, p| d.starts_with(p)),
        ),
        (
            "endswith(self, suffix, start=None, end=None, /)",
            |th, a| affix(th, a, "endswith", |d, p| d.ends_with(p)),
        ),
        ("strip(self, bytes=None, /)", |th, a| {
            strip_with(th, a, ops::strip)
        }),
        ("lstrip(self, bytes=None, /)", |th, a| {
            strip_with(th, a, ops::lstrip)
        }),
        ("rstrip(self, bytes=None, /)", |th, a| {
            strip_with(th, a, ops::rstrip)
        }),
        ("split(self, /, sep=None, maxsplit=-1)", |th, a| {
            split_with(th, a, ops::split_whitespace, ops::split)
        }),
        ("rsplit(self, /, sep=None, maxsplit=-1)", |th, a| {
            split_with(th, a, ops::rsplit_whitespace, ops::rsplit)
        }),
        ("splitlines(self, /, keepends=False)", |th, a| {
            let keep = !a[1].is_null() && th.truth(a[1])?;
            let data = data(th, a[0])?;
            pieces(th, a[0], &ops::splitlines(&data, keep))
        }),
        ("partition(self, sep, /)", |th, a| partition(th, a, false)),
        ("rpartition(self, sep, /)", |th, a| partition(th, a, true)),
        ("join(self, iterable_of_bytes, /)", join),
        ("replace(self, old, new, count=-1, /)", replace),
        ("center(self, width, fillchar=b' ', /)", |th, a| {
            pad(th, a, "center", ops::center)
        }),
        ("ljust(self, width, fillchar=b' ', /)", |th, a| {
            pad(th, a, "ljust", ops::ljust)
        }),
        ("rjust(self, width, fillchar=b' ', /)", |th, a| {
            pad(th, a, "rjust", ops::rjust)
        }),
        ("zfill(self, width, /)", |th, a| {
            let width = th.ssize(a[1])?;
            th.check_room(width.max(0) as usize)?;
            let data = data(th, a[0])?;
            let out = ops::zfill(&data, width);
            let out = th.text(out)?;
            made(th, a[0], &out)
        }),
        ("expandtabs(self, /, tabsize=8)", |th, a| {
            let size = th.ssize_or(a[1], 8)?;
            let data = data(th, a[0])?;
            let out = ops::expandtabs(&data, size);
            let out = th.text(out)?;
            made(th, a[0], &out)
        }),
        ("lower(self, /)", |th, a| mapped(th, a, ops::lower)),
        ("upper(self, /)", |th, a| mapped(th, a, ops::upper)),
        ("capitalize(self, /)", |th, a| {
            mapped(th, a, ops::capitalize)
        }),
        ("title(self, /)", |th, a| mapped(th, a, ops::title)),
        ("swapcase(self, /)", |th, a| mapped(th, a, ops::swapcase)),
        ("isalnum(self, /)", |th, a| is(th, a, ops::is_alnum)),
        ("isalpha(self, /)", |th, a| is(th, a, ops::is_alpha)),
        ("isascii(self, /)", |th, a| is(th, a, ops::is_ascii)),
        ("isdigit(self, /)", |th, a| is(th, a, ops::is_digit)),
        ("islower(self, /)", |th, a| is(th, a, ops::is_lower)),
        ("isspace(self, /)", |th, a| is(th, a, ops::is_space)),
        ("istitle(self, /)", |th, a| is(th, a, ops::is_title)),
        ("isupper(self, /)", |th, a| is(th, a, ops::is_upper)),
        ("translate(self, table, /, delete=b'')", translate),
        ("removeprefix(self, prefix, /)", |th, a| remove(th, a, true)),
        ("removesuffix(self, suffix, /)", |th, a| {
            remove(th, a, false)
        }),
        ("hex(self, /, sep=<unrepresentable>, bytes_per_sep=1)", hex),
        ("decode(self, /, encoding='utf-8', errors='strict')", decode),
    ]);
}
