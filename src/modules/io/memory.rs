//! `BytesIO` and `StringIO`: streams in memory. Their content is in the heap and transactional like any object.
//!
//! The content is one immutable `bytes` (or `str`), and a list of pieces that were appended since: writing at the end, which is what
//! nearly everybody does, copies nothing. Whoever reads or writes elsewhere joins the pieces first.

use rustpython_wtf8::Wtf8;

use super::base::{closed_error, size_arg, store_into};
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::Bytes;
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::{Str, count_chars};

/// See the module's text.
pub struct Memory {
    /// `bytes` or `str`; null when closed.
    content: Slot,
    /// A list of more of it, or null.
    pieces: Slot,
    /// Bytes in all.
    len: RawSlot,
    /// Position, in bytes. May lie beyond the end.
    at: RawSlot,
    /// `StringIO`: how newlines are treated.
    newline: Slot,
    /// `StringIO`: characters of padding between the end and the position.
    beyond: RawSlot,
}

impl Payload for Memory {
    fn trace(&self, t: &mut Tracer) {
        for s in [&self.content, &self.pieces, &self.newline] {
            t.slot(s)
        }
    }
}

type Stream = Ref<Native<Memory>>;

pub(super) fn init(th: &mut Thread, dict: Ref<Dict>, buffered: Ref<Class>, text: Ref<Class>) {
    let layout = LayoutInfo::of::<Native<Memory>>();
    let flags = f::BASE | f::DICT | f::WEAKREF;
    let bytes_io = th.new_class("_io.BytesIO", buffered, layout, flags, |t| {
        t.new("BytesIO(cls, *args, **kwargs)", new)
            .methods(&[
                ("__init__(self, initial_bytes=b'')", bytes_init),
                ("read(self, size=-1, /)", bytes_read),
                ("read1(self, size=-1, /)", bytes_read),
                ("readinto(self, buffer, /)", bytes_readinto),
                ("readinto1(self, buffer, /)", bytes_readinto),
                ("readline(self, size=-1, /)", bytes_readline),
                ("__next__(self, /)", next),
                ("write(self, b, /)", bytes_write),
                ("getvalue(self, /)", bytes_value),
                ("getbuffer(self, /)", bytes_buffer),
                ("seek(self, pos, whence=0, /)", bytes_seek),
                ("tell(self, /)", bytes_tell),
                ("truncate(self, size=None, /)", bytes_truncate),
                ("close(self, /)", close),
                ("flush(self, /)", check),
                ("isatty(self, /)", no),
                ("readable(self, /)", yes),
                ("writable(self, /)", yes),
                ("seekable(self, /)", yes),
                ("__getstate__(self, /)", bytes_getstate),
                ("__setstate__(self, state, /)", bytes_setstate),
            ])
            .getset("closed", closed, None);
    });
    let string_io = th.new_class("_io.StringIO", text, layout, flags, |t| {
        t.new("StringIO(cls, *args, **kwargs)", new)
            .methods(&[
                ("__init__(self, initial_value='', newline='\\n')", text_init),
                ("read(self, size=-1, /)", text_read),
                ("readline(self, size=-1, /)", text_readline),
                ("__next__(self, /)", next),
                ("write(self, s, /)", text_write),
                ("getvalue(self, /)", text_value),
                ("seek(self, pos, whence=0, /)", text_seek),
                ("tell(self, /)", text_tell),
                ("truncate(self, pos=None, /)", text_truncate),
                ("close(self, /)", close),
                ("flush(self, /)", check),
                ("isatty(self, /)", no),
                ("readable(self, /)", yes),
                ("writable(self, /)", yes),
                ("seekable(self, /)", yes),
                ("__getstate__(self, /)", text_getstate),
                ("__setstate__(self, state, /)", text_setstate),
            ])
            .getset("closed", closed, None)
            .getset("line_buffering", |_, _| Ok(Value::FALSE), None)
            .getset("newlines", |_, _| Ok(Value::NONE), None);
    });
    th.register_class::<Memory>(bytes_io);
    th.set_state("io.StringIO", string_io.value());
    th.define(dict, "BytesIO", bytes_io.value());
    th.define(dict, "StringIO", string_io.value());
}

fn this(th: &mut Thread, v: Value) -> R<Stream> {
    th.native_self(v, "BytesIO")
}

fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].as_class() else {
        return Err(th.type_error("__new__(X): X is not a type object"));
    };
    let null = || Slot::new(Value::NULL);
    let m = Memory {
        content: null(),
        pieces: null(),
        len: RawSlot::new(0),
        at: RawSlot::new(0),
        newline: null(),
        beyond: RawSlot::new(0),
    };
    Ok(th.new_native(class, m).value())
}

/// The stream, if it is open.
fn open(th: &mut Thread, v: Value) -> R<Stream> {
    let m = this(th, v)?;
    if th.get(m, &m.content)?.is_null() {
        // `StringIO` words it without the full stop.
        return Err(match th.get(m, &m.newline)?.is_null() {
            true => closed_error(th),
            false => th.value_error("I/O operation on closed file"),
        });
    }
    Ok(m)
}

fn yes(th: &mut Thread, args: &[Value]) -> R<Value> {
    open(th, args[0])?;
    Ok(Value::TRUE)
}
fn no(th: &mut Thread, args: &[Value]) -> R<Value> {
    open(th, args[0])?;
    Ok(Value::FALSE)
}
fn check(th: &mut Thread, args: &[Value]) -> R<Value> {
    open(th, args[0])?;
    Ok(Value::NONE)
}
fn closed(th: &mut Thread, v: Value) -> R<Value> {
    let m = this(th, v)?;
    Ok(Value::bool(th.get(m, &m.content)?.is_null()))
}
fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = this(th, args[0])?;
    th.set(m, &m.content, Value::NULL)?;
    th.set(m, &m.pieces, Value::NULL)?;
    Ok(Value::NONE)
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let line = th.call_method(args[0], "readline", &[])?;
    if th.len_of(line)? == 0 {
        return Err(th.stop_iteration(Value::NULL));
    }
    Ok(line)
}

/// The bytes of a `bytes` or `str` value, which the caller keeps reachable.
fn raw(v: Value) -> &'static [u8] {
    let data = if let Some(b) = v.cast::<Bytes>() {
        return crate::objects::buffer::static_bytes(b);
    } else if let Some(s) = v.cast::<Str>() {
        s
    } else {
        return &[];
    };
    let bytes = data.as_bytes();
    // SAFETY: strings neither change nor move; the caller reaches this one through the stream on its stack.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
}

fn make(th: &mut Thread, data: &[u8], text: bool) -> Value {
    if text {
        // SAFETY: parts of WTF-8 texts, cut at characters.
        th.str_wtf8(unsafe { Wtf8::from_bytes_unchecked(data) })
            .value()
    } else {
        th.bytes(data).value()
    }
}

/// The whole content in one piece.
fn joined(th: &mut Thread, m: Stream) -> R<Value> {
    let (content, pieces) = th.read(m, |m| (m.content.peek(), m.pieces.peek()))?;
    let Some(list) = pieces.cast::<List>() else {
        return Ok(content);
    };
    let items = list.items(th)?;
    let mut all = raw(content).to_vec();
    for v in items {
        all.extend_from_slice(raw(v));
    }
    let v = make(th, &all, content.cast::<Str>().is_some());
    th.set(m, &m.content, v)?;
    th.set(m, &m.pieces, Value::NULL)?;
    Ok(v)
}

/// Writes `piece` at the position.
fn put(th: &mut Thread, m: Stream, piece: Value) -> R<()> {
    let data = raw(piece);
    let (len, at) = th.read(m, |m| (m.len.peek(), m.at.peek()))?;
    if data.is_empty() {
        return Ok(());
    }
    if at == len {
        let pieces = th.get(m, &m.pieces)?;
        match pieces.cast::<List>() {
            Some(list) => list.push(th, piece)?,
            None => {
                let list = List::new(th, &[piece]).value();
                th.set(m, &m.pieces, list)?;
            }
        }
        th.set_raw(m, &m.len, len + data.len() as u64)?;
        return th.set_raw(m, &m.at, at + data.len() as u64);
    }
    let content = joined(th, m)?;
    let old = raw(content);
    let mut all = old[..(at as usize).min(old.len())].to_vec();
    th.check_size((at as usize).saturating_add(data.len()))?;
    all.resize(at as usize, 0);
    all.extend_from_slice(data);
    let text = content.cast::<Str>().is_some();
    let tail = if text {
        // As many characters as are written make way.
        let rest = old.get(at as usize..).unwrap_or(&[]);
        skip_chars(rest, count_chars(data))
    } else {
        old.get(all.len()..).unwrap_or(&[])
    };
    let end = all.len();
    all.extend_from_slice(tail);
    let v = make(th, &all, text);
    th.set(m, &m.content, v)?;
    th.set_raw(m, &m.len, all.len() as u64)?;
    th.set_raw(m, &m.at, end as u64)
}

fn char_end(text: &[u8], n: usize) -> usize {
    let mut starts = text.iter().enumerate().filter(|(_, b)| **b as i8 >= -0x40);
    starts.nth(n).map_or(text.len(), |(i, _)| i)
}
fn skip_chars(text: &[u8], n: usize) -> &[u8] {
    &text[char_end(text, n)..]
}

/// What is left from the position on.
fn rest(th: &mut Thread, m: Stream) -> R<&'static [u8]> {
    let at = th.get_raw(m, &m.at)? as usize;
    let content = joined(th, m)?;
    Ok(raw(content).get(at..).unwrap_or(&[]))
}

fn advance(th: &mut Thread, m: Stream, n: usize) -> R<()> {
    let at = th.get_raw(m, &m.at)?;
    th.set_raw(m, &m.at, at + n as u64)
}

// BytesIO.

fn bytes_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = this(th, args[0])?;
    let content = if args[1].is_null() || args[1].is_none() {
        th.bytes(&[]).value()
    } else if th.class_of(args[1]) == th.rt.types().bytes {
        args[1]
    } else {
        let data = th.bytes_like(args[1])?;
        th.bytes(&data).value()
    };
    th.set(m, &m.content, content)?;
    th.set(m, &m.pieces, Value::NULL)?;
    th.set_raw(m, &m.len, raw(content).len() as u64)?;
    th.set_raw(m, &m.at, 0)?;
    Ok(Value::NONE)
}

fn bytes_read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let n = size_arg(th, args[1])?;
    let data = rest(th, m)?;
    let end = if n < 0 {
        data.len()
    } else {
        data.len().min(n as usize)
    };
    let v = th.bytes(&data[..end]).value();
    advance(th, m, end)?;
    Ok(v)
}

fn bytes_readinto(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let n = th.len_of(args[1])?;
    let data = rest(th, m)?;
    let end = data.len().min(n);
    let data = data[..end].to_vec();
    advance(th, m, end)?;
    store_into(th, args[1], &data)
}

fn bytes_readline(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let limit = size_arg(th, args[1])?;
    let data = rest(th, m)?;
    let mut end = memchr::memchr(b'\n', data).map_or(data.len(), |i| i + 1);
    if limit >= 0 {
        end = end.min(limit as usize);
    }
    let v = th.bytes(&data[..end]).value();
    advance(th, m, end)?;
    Ok(v)
}

fn bytes_write(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    if args[1].cast::<Str>().is_some() {
        return Err(th.type_error("a bytes-like object is required, not 'str'"));
    }
    let data = th.bytes_like(args[1])?;
    let n = data.len();
    let piece = if th.class_of(args[1]) == th.rt.types().bytes {
        args[1]
    } else {
        th.bytes(&data).value()
    };
    put(th, m, piece)?;
    Ok(th.int(n as i64))
}

fn bytes_value(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    joined(th, m)
}

fn bytes_buffer(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let content = joined(th, m)?;
    let class = th.rt.state.get("memoryview");
    th.call(class, &[content])
}

fn bytes_seek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let offset = th.index_i64(args[1])?;
    let whence = if args[2].is_null() {
        0
    } else {
        th.index_i64(args[2])?
    };
    let (len, at) = th.read(m, |m| (m.len.peek() as i64, m.at.peek() as i64))?;
    let target = match whence {
        0 if offset < 0 => return Err(th.value_error(format!("negative seek value {offset}"))),
        0 => offset,
        1 => at.saturating_add(offset),
        2 => len.saturating_add(offset),
        _ => {
            return Err(th.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)")));
        }
    };
    let target = target.max(0);
    th.set_raw(m, &m.at, target as u64)?;
    Ok(th.int(target))
}
fn bytes_tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let at = th.get_raw(m, &m.at)?;
    Ok(th.int(at as i64))
}
fn bytes_truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let size = if args[1].is_null() || args[1].is_none() {
        th.get_raw(m, &m.at)? as i64
    } else {
        th.index_i64(args[1])?
    };
    if size < 0 {
        return Err(th.value_error(format!("negative size value {size}")));
    }
    let content = joined(th, m)?;
    let data = raw(content);
    if (size as usize) < data.len() {
        let v = th.bytes(&data[..size as usize]).value();
        th.set(m, &m.content, v)?;
        th.set_raw(m, &m.len, size as u64)?;
    }
    Ok(th.int(size))
}
fn bytes_getstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let content = joined(th, m)?;
    let at = th.get_raw(m, &m.at)?;
    let (at, dict) = (th.int(at as i64), state_dict(th, args[0])?);
    Ok(th.tuple_value(&[content, at, dict]))
}
fn bytes_setstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let [content, at, dict] = *tuple_items(args[1]) else {
        return Err(th.type_error("BytesIO.__setstate__ argument should be 3-tuple"));
    };
    bytes_init(th, &[args[0], content])?;
    let m = this(th, args[0])?;
    let at = th.index_i64(at)?;
    th.set_raw(m, &m.at, at.max(0) as u64)?;
    update_dict(th, args[0], dict)
}

fn state_dict(th: &mut Thread, v: Value) -> R<Value> {
    match th.dict_of(v)? {
        Some(dict) if dict.len(th)? > 0 => Ok(dict.copy(th)?.value()),
        _ => Ok(Value::NONE),
    }
}
fn update_dict(th: &mut Thread, v: Value, state: Value) -> R<Value> {
    if let (Some(own), Some(given)) = (th.dict_of(v)?, state.cast::<Dict>()) {
        for (k, x) in given.items(th)? {
            own.insert(th, k, x)?;
        }
    }
    Ok(Value::NONE)
}

// StringIO.

fn text_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = this(th, args[0])?;
    let newline = if args[2].is_null() {
        th.intern_value("\n")
    } else {
        args[2]
    };
    if let Some(s) = newline.cast::<Str>() {
        if !matches!(s.as_bytes(), b"" | b"\n" | b"\r" | b"\r\n") {
            let shown = th.repr(newline)?;
            return Err(th.value_error(format!("illegal newline value: {shown}")));
        }
    } else if !newline.is_none() {
        let name = th.type_name(newline);
        return Err(th.type_error(format!("newline must be str or None, not {name}")));
    }
    let empty = th.str_value("");
    th.set(m, &m.newline, newline)?;
    th.set(m, &m.content, empty)?;
    th.set(m, &m.pieces, Value::NULL)?;
    th.set_raw(m, &m.len, 0)?;
    th.set_raw(m, &m.at, 0)?;
    th.set_raw(m, &m.beyond, 0)?;
    if !args[1].is_null() && !args[1].is_none() {
        if args[1].cast::<Str>().is_none() {
            let name = th.type_name(args[1]);
            return Err(th.type_error(format!("initial_value must be str or None, not {name}")));
        }
        let piece = translated(th, newline, args[1])?;
        put(th, m, piece)?;
        th.set_raw(m, &m.at, 0)?;
    }
    Ok(Value::NONE)
}

/// What is stored of text that is written.
fn translated(th: &mut Thread, newline: Value, text: Value) -> R<Value> {
    let data = raw(text);
    let out = match newline.cast::<Str>() {
        None if data.contains(&b'\r') => {
            let mut out = Vec::with_capacity(data.len());
            let mut i = 0;
            while i < data.len() {
                if data[i] == b'\r' {
                    out.push(b'\n');
                    i += (data.get(i + 1) == Some(&b'\n')) as usize;
                } else {
                    out.push(data[i]);
                }
                i += 1;
            }
            out
        }
        Some(s) if s.as_bytes().first() == Some(&b'\r') && data.contains(&b'\n') => {
            let mut out = Vec::with_capacity(data.len() + 8);
            for &b in data {
                if b == b'\n' {
                    out.extend_from_slice(s.as_bytes())
                } else {
                    out.push(b)
                }
            }
            out
        }
        _ => return Ok(text),
    };
    Ok(make(th, &out, true))
}

fn text_write(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let Some(s) = args[1].cast::<Str>() else {
        let name = th.type_name(args[1]);
        return Err(th.type_error(format!("string argument expected, got '{name}'")));
    };
    let newline = th.get(m, &m.newline)?;
    let piece = translated(th, newline, args[1])?;
    let beyond = th.get_raw(m, &m.beyond)?;
    if beyond > 0 && !s.is_empty() {
        th.set_raw(m, &m.beyond, 0)?;
        let padding = make(th, &vec![0; beyond as usize], true);
        put(th, m, padding)?;
    }
    put(th, m, piece)?;
    Ok(th.int(s.len() as i64))
}

fn text_value(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    joined(th, m)
}

fn text_read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let n = size_arg(th, args[1])?;
    let data = rest(th, m)?;
    let end = if n < 0 {
        data.len()
    } else {
        char_end(data, n as usize)
    };
    let v = make(th, &data[..end], true);
    advance(th, m, end)?;
    Ok(v)
}

fn text_readline(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let limit = size_arg(th, args[1])?;
    let newline = th.get(m, &m.newline)?;
    let data = rest(th, m)?;
    let ending = newline.cast::<Str>();
    let end = match ending.as_ref().map(|s| s.as_bytes()) {
        Some(b"") => memchr::memchr2(b'\n', b'\r', data).map(|i| {
            if data[i] == b'\r' && data.get(i + 1) == Some(&b'\n') {
                i + 2
            } else {
                i + 1
            }
        }),
        Some(mark) => memchr::memmem::find(data, mark).map(|i| i + mark.len()),
        None => memchr::memchr(b'\n', data).map(|i| i + 1),
    };
    let mut end = end.unwrap_or(data.len());
    if limit >= 0 {
        end = end.min(char_end(data, limit as usize));
    }
    let v = make(th, &data[..end], true);
    advance(th, m, end)?;
    Ok(v)
}

/// The position in characters.
fn text_position(th: &mut Thread, m: Stream) -> R<i64> {
    let (at, beyond) = th.read(m, |m| (m.at.peek() as usize, m.beyond.peek()))?;
    let content = joined(th, m)?;
    let data = raw(content);
    Ok(count_chars(&data[..at.min(data.len())]) as i64 + beyond as i64)
}

fn text_seek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let offset = th.index_i64(args[1])?;
    let whence = if args[2].is_null() {
        0
    } else {
        th.index_i64(args[2])?
    };
    let target = match whence {
        0 if offset < 0 => return Err(th.value_error(format!("Negative seek position {offset}"))),
        0 => offset,
        1 | 2 if offset != 0 => {
            let class = th.rt.types().exceptions.os_error;
            return Err(th.raise(class, "Can't do nonzero cur-relative seeks"));
        }
        1 => text_position(th, m)?,
        2 => {
            let content = joined(th, m)?;
            count_chars(raw(content)) as i64
        }
        _ => {
            return Err(th.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
        }
    };
    let content = joined(th, m)?;
    let data = raw(content);
    let at = char_end(data, target as usize);
    let chars = if at == data.len() {
        count_chars(data) as i64
    } else {
        target
    };
    th.set_raw(m, &m.at, at as u64)?;
    th.set_raw(m, &m.beyond, (target - chars).max(0) as u64)?;
    Ok(th.int(target))
}
fn text_tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let at = text_position(th, m)?;
    Ok(th.int(at))
}
fn text_truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let size = if args[1].is_null() || args[1].is_none() {
        text_position(th, m)?
    } else {
        th.index_i64(args[1])?
    };
    if size < 0 {
        return Err(th.value_error(format!("Negative size value {size}")));
    }
    let content = joined(th, m)?;
    let data = raw(content);
    let end = char_end(data, size as usize);
    if end < data.len() {
        let at = th.get_raw(m, &m.at)?;
        let v = make(th, &data[..end], true);
        th.set(m, &m.content, v)?;
        th.set_raw(m, &m.len, end as u64)?;
        if at > end as u64 {
            let beyond = count_chars(&data[end..(at as usize).min(data.len())]);
            th.set_raw(m, &m.at, end as u64)?;
            th.set_raw(m, &m.beyond, beyond as u64)?;
        }
    }
    Ok(th.int(size))
}
fn text_getstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let m = open(th, args[0])?;
    let content = joined(th, m)?;
    let newline = th.get(m, &m.newline)?;
    let at = text_position(th, m)?;
    let (at, dict) = (th.int(at), state_dict(th, args[0])?);
    Ok(th.tuple_value(&[content, newline, at, dict]))
}
fn text_setstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let [content, newline, at, dict] = *tuple_items(args[1]) else {
        return Err(th.type_error("StringIO.__setstate__ argument should be 4-tuple"));
    };
    text_init(th, &[args[0], content, newline])?;
    text_seek(th, &[args[0], at, Value::small(0)])?;
    update_dict(th, args[0], dict)
}
