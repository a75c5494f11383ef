//! What the interpreter's loop does with strings, and the special methods for operators and subscripts.

use std::cmp::Ordering;

use super::{Str, expect_str};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::TypeBuilder;
use crate::objects::protocol::Cmp;
use crate::objects::range::Slice;
use crate::objects::special::Sp;
use crate::text::str_ops::normalize_index;

/// `a + b`.
#[inline]
pub fn concat(th: &mut Thread, a: Ref<Str>, b: Ref<Str>) -> R<Value> {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    if y.is_empty() {
        return Ok(th.exact_str(a).value());
    }
    if x.is_empty() {
        return Ok(th.exact_str(b).value());
    }
    th.check_str(x.len() + y.len())?;
    // Two halves of a surrogate pair stay two characters in a `str`, so the lengths add up.
    super::grow::append(th, a, b)
}

/// `"".join(pieces)` where all pieces are strings: what an f-string ends in.
pub fn join(th: &mut Thread, pieces: &[Value]) -> R<Value> {
    let empty = th.empty_str();
    join_with(th, empty, pieces)
}

/// `separator.join(pieces)`; TypeError for a piece that is no string.
pub(super) fn join_with(th: &mut Thread, separator: Ref<Str>, pieces: &[Value]) -> R<Value> {
    if let [only] = pieces
        && let Some(s) = only.cast::<Str>()
        && s.header().shape().class() == th.rt.types().str
    {
        return Ok(*only);
    }
    let sep = separator.as_bytes();
    let gaps = pieces.len().saturating_sub(1);
    let (mut bytes, mut chars) = (
        sep.len().saturating_mul(gaps),
        separator.len().saturating_mul(gaps),
    );
    let mut parts = Vec::with_capacity(pieces.len() + if sep.is_empty() { 0 } else { gaps });
    for (i, piece) in pieces.iter().enumerate() {
        let Some(piece) = piece.cast::<Str>() else {
            let name = th.type_name(*piece);
            return Err(th.type_error(format!(
                "sequence item {i}: expected str instance, {name} found"
            )));
        };
        if i > 0 && !sep.is_empty() {
            parts.push(sep);
        }
        bytes = bytes.saturating_add(piece.bytes as usize);
        chars += piece.len();
        // SAFETY: the values in `pieces` keep the strings alive, and strings do not change.
        parts.push(unsafe {
            std::slice::from_raw_parts(piece.as_bytes().as_ptr(), piece.bytes as usize)
        });
    }
    if bytes == 0 {
        return Ok(th.empty_str().value());
    }
    if isize::try_from(bytes).is_err() {
        return Err(th.overflow_error("join() result is too long for a Python string"));
    }
    th.check_str(bytes)?;
    Ok(th.str_parts(&parts, chars).value())
}

/// `s * count`.
pub fn repeat(th: &mut Thread, s: Ref<Str>, count: isize) -> R<Value> {
    match count {
        _ if count <= 0 || s.is_empty() => return Ok(th.empty_str().value()),
        1 => return Ok(th.exact_str(s).value()),
        _ => {}
    }
    let total = s.as_bytes().len().checked_mul(count as usize);
    let Some(total) = total.filter(|&t| isize::try_from(t).is_ok()) else {
        return Err(th.overflow_error("repeated string is too long"));
    };
    th.check_str(total)?;
    let parts = vec![s.as_bytes(); count as usize];
    Ok(th.str_parts(&parts, s.len() * count as usize).value())
}

/// `s[i]`.
#[inline]
pub fn get_char(th: &mut Thread, s: Ref<Str>, i: isize) -> R<Value> {
    let Some(at) = normalize_index(i, s.len()) else {
        return Err(th.index_error("string index out of range"));
    };
    if s.is_ascii() {
        return Ok(th.latin1_char(s.as_bytes()[at]).value());
    }
    let text = s.indexed(th);
    let start = text.byte_at(at);
    let end = text.byte_at(at + 1);
    char_of_bytes(th, &s.as_bytes()[start..end])
}

/// The string of one character, given its bytes.
#[inline]
pub(super) fn char_of_bytes(th: &mut Thread, bytes: &[u8]) -> R<Value> {
    Ok(match *bytes {
        [b] => th.latin1_char(b),
        [a @ 0xc2..=0xc3, b] => th.latin1_char((a & 3) << 6 | b & 0x3f),
        _ => th.str_parts(&[bytes], 1),
    }
    .value())
}

/// `a == b`.
#[inline]
pub fn eq(a: Ref<Str>, b: Ref<Str>) -> bool {
    a == b || (!(a.is_interned() && b.is_interned()) && a.as_bytes() == b.as_bytes())
}

/// The order of two strings: that of their bytes is that of their code points.
#[inline]
pub fn cmp(a: Ref<Str>, b: Ref<Str>) -> Ordering {
    a.as_bytes().cmp(b.as_bytes())
}

/// `item in s`.
pub fn contains(th: &mut Thread, s: Ref<Str>, item: Value) -> R<bool> {
    let item = expect_str(th, item, |name| {
        let name = if name == "None" { "NoneType" } else { name };
        format!("'in <string>' requires string as left operand, not {name}")
    })?;
    Ok(s.text().contains(item.as_wtf8()))
}

/// The receiver; the call has checked its class.
#[inline(always)]
pub(super) fn this(a: &[Value]) -> Ref<Str> {
    a[0].cast().expect("the receiver's class was checked")
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[1].cast::<Str>() {
        Some(other) => concat(th, this(a), other),
        None if th.has_reflected(a[1], Sp::RAdd) => Ok(Value::NOT_IMPLEMENTED),
        None => {
            let name = th.type_name(a[1]);
            Err(th.type_error(format!("can only concatenate str (not \"{name}\") to str")))
        }
    }
}

fn mul(th: &mut Thread, a: &[Value]) -> R<Value> {
    if th.has_reflected(a[1], Sp::RMul) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    rmul(th, a)
}

fn rmul(th: &mut Thread, a: &[Value]) -> R<Value> {
    match th.repeat_count(a[1])? {
        Some(count) => repeat(th, this(a), count),
        None => {
            let name = th.type_name(a[1]);
            Err(th.type_error(format!(
                "can't multiply sequence by non-int of type '{name}'"
            )))
        }
    }
}

fn modulo(th: &mut Thread, a: &[Value]) -> R<Value> {
    super::percent(th, this(a), a[1])
}

fn rmod(th: &mut Thread, a: &[Value]) -> R<Value> {
    match a[1].cast::<Str>() {
        Some(template) => super::percent(th, template, a[0]),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    if let Some(i) = th.subscript(a[1])? {
        return get_char(th, s, i);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!("string indices must be integers, not '{name}'")));
    };
    let slice = th.slice_indices(slice, s.len())?;
    let text = s.indexed(th);
    match text.contiguous(slice) {
        Some(piece) => th.str_from_cow(s, std::borrow::Cow::Borrowed(piece)),
        None => {
            let out = text.slice(slice);
            th.new_str_value(&out)
        }
    }
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let Some(other) = a[1].cast::<Str>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let _ = th;
    let s = this(a);
    Ok(Value::bool(match op {
        Cmp::Eq => eq(s, other),
        Cmp::Ne => !eq(s, other),
        Cmp::Lt => cmp(s, other).is_lt(),
        Cmp::Le => cmp(s, other).is_le(),
        Cmp::Gt => cmp(s, other).is_gt(),
        Cmp::Ge => cmp(s, other).is_ge(),
    }))
}

pub(super) fn define(t: &mut TypeBuilder) {
    t.methods(&[
        ("__add__(self, value, /)", add),
        ("__mul__(self, value, /)", mul),
        ("__rmul__(self, value, /)", rmul),
        ("__mod__(self, value, /)", modulo),
        ("__rmod__(self, value, /)", rmod),
        ("__getitem__(self, key, /)", get_item),
        ("__contains__(self, key, /)", |th, a| {
            Ok(Value::bool(contains(th, this(a), a[1])?))
        }),
        ("__len__(self, /)", |th, a| Ok(th.int(this(a).len() as i64))),
        ("__hash__(self, /)", |th, a| {
            let hash = this(a).hash(th);
            Ok(th.int(hash))
        }),
        ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
        ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
        ("__lt__(self, value, /)", |th, a| compare(th, a, Cmp::Lt)),
        ("__le__(self, value, /)", |th, a| compare(th, a, Cmp::Le)),
        ("__gt__(self, value, /)", |th, a| compare(th, a, Cmp::Gt)),
        ("__ge__(self, value, /)", |th, a| compare(th, a, Cmp::Ge)),
        ("__repr__(self, /)", |th, a| {
            let text = crate::text::repr::str_repr(this(a).as_wtf8());
            th.new_str_utf8(&text)
        }),
        ("__str__(self, /)", |th, a| {
            Ok(th.exact_str(this(a)).value())
        }),
        ("__format__(self, format_spec, /)", |th, a| {
            let s = this(a);
            let spec = expect_str(th, a[1], |name| {
                format!("__format__() argument must be str, not {name}")
            })?;
            if spec.is_empty() {
                return th.to_str(a[0]).map(|s| s.value());
            }
            let class = th.type_name(a[0]);
            let out = crate::text::format_spec::format_str(s.text(), spec.as_wtf8(), &class);
            let out = th.text(out)?;
            th.str_from_cow(s, out)
        }),
        ("__getnewargs__(self, /)", |th, a| {
            let s = this(a);
            let copy = th.str_parts(&[s.as_bytes()], s.len()).value();
            Ok(th.tuple_value(&[copy]))
        }),
        ("__sizeof__(self, /)", |th, a| {
            let bytes = size_of::<Str>() + this(a).as_bytes().len() + 1;
            Ok(th.int(bytes as i64))
        }),
    ]);
}
