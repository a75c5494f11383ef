//! `TextIOWrapper`: text over a stream of bytes.
//!
//! Reading: `decoded` holds text that was decoded and not handed out yet, newlines as they are in the file; translation happens when text
//! leaves. Both are slots, so that reading from them is transactional. Writing: encoded at once and handed to the buffer below.

use rustpython_wtf8::Wtf8;

use super::base::{closed_error, size_arg, unsupported};
use super::buffered;
use crate::heap::{Fail, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::modules::codecs::{Handler, decode_bytes, encode_str};
use crate::objects::Bytes;
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;
use crate::text::codecs::Codec;

/// How lines end in the file.
mod newline {
    /// `newline=None`: any ending is read as `\n`.
    pub const TRANSLATE: u64 = 0;
    /// `newline=''`: any ending, unchanged.
    pub const KEEP: u64 = 1;
    pub const LF: u64 = 2;
    pub const CR: u64 = 3;
    pub const CRLF: u64 = 4;
}

/// See the module's text.
pub struct TextIo {
    buffer: Slot,
    encoding: Slot,
    errors: Slot,
    newline: RawSlot,
    line_buffering: RawSlot,
    write_through: RawSlot,
    /// Decoded and not handed out: a str, or null.
    decoded: Slot,
    /// Bytes of `decoded` that have been handed out.
    at: RawSlot,
    /// Bytes that were read and are not decoded yet (an incomplete character).
    tail: Slot,
    eof: RawSlot,
    /// Endings seen: 1 `\r`, 2 `\n`, 4 `\r\n`.
    seen: RawSlot,
    /// Text was written: a marked encoding writes its mark once.
    started: RawSlot,
}

impl Payload for TextIo {
    fn trace(&self, t: &mut Tracer) {
        for s in [
            &self.buffer,
            &self.encoding,
            &self.errors,
            &self.decoded,
            &self.tail,
        ] {
            t.slot(s)
        }
    }
}

type Stream = Ref<Native<TextIo>>;

pub(super) fn init(th: &mut Thread, base: Ref<Class>) -> Ref<Class> {
    let layout = LayoutInfo::of::<Native<TextIo>>();
    let class = th.new_class("_io.TextIOWrapper", base, layout, f::BASE | f::DICT | f::WEAKREF, |t| {
        t.new("TextIOWrapper(cls, *args, **kwargs)", new)
            .methods(&[
                (
                    "__init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
                    init_,
                ),
                ("read(self, size=-1, /)", read),
                ("readline(self, size=-1, /)", readline),
                ("__next__(self, /)", next),
                ("write(self, text, /)", write),
                ("seek(self, cookie, whence=0, /)", seek),
                ("tell(self, /)", tell),
                ("truncate(self, pos=None, /)", truncate),
                ("flush(self, /)", flush),
                ("close(self, /)", close),
                ("detach(self, /)", detach),
                (
                    "reconfigure(self, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
                    reconfigure,
                ),
                ("fileno(self, /)", |th, a| forward(th, a[0], "fileno")),
                ("isatty(self, /)", |th, a| forward(th, a[0], "isatty")),
                ("seekable(self, /)", |th, a| forward(th, a[0], "seekable")),
                ("readable(self, /)", |th, a| forward(th, a[0], "readable")),
                ("writable(self, /)", |th, a| forward(th, a[0], "writable")),
                ("__repr__(self, /)", repr),
            ])
            .getset("buffer", buffer, None)
            .getset("encoding", |th, v| {
                let t = this(th, v)?;
                Ok(th.get(t, &t.encoding)?.or_none())
            }, None)
            .getset("errors", |th, v| {
                let t = this(th, v)?;
                Ok(th.get(t, &t.errors)?.or_none())
            }, None)
            .getset("line_buffering", |th, v| {
                let t = this(th, v)?;
                Ok(Value::bool(th.get_raw(t, &t.line_buffering)? != 0))
            }, None)
            .getset("write_through", |th, v| {
                let t = this(th, v)?;
                Ok(Value::bool(th.get_raw(t, &t.write_through)? != 0))
            }, None)
            .getset("newlines", newlines, None)
            .getset("closed", |th, v| {
                let b = buffer(th, v)?;
                th.attr(b, "closed")
            }, None)
            .getset("name", |th, v| {
                let b = buffer(th, v)?;
                th.attr(b, "name")
            }, None)
            .getset("_CHUNK_SIZE", |_, _| Ok(Value::small(8192)), Some(|_, _, _| Ok(())));
    });
    th.register_class::<TextIo>(class);
    class
}

fn this(th: &mut Thread, v: Value) -> R<Stream> {
    th.native_self(v, "TextIOWrapper")
}

/// Is it a `TextIOWrapper` itself, whose `write` nobody has overridden?
pub fn is_plain(th: &Thread, v: Value) -> bool {
    v.native::<TextIo>().is_some() && th.class_of(v) == th.class_for::<TextIo>()
}

fn blank() -> TextIo {
    let null = || Slot::new(Value::NULL);
    let zero = || RawSlot::new(0);
    TextIo {
        buffer: null(),
        encoding: null(),
        errors: null(),
        newline: zero(),
        line_buffering: zero(),
        write_through: zero(),
        decoded: null(),
        at: zero(),
        tail: null(),
        eof: zero(),
        seen: zero(),
        started: zero(),
    }
}

fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].as_class() else {
        return Err(th.type_error("TextIOWrapper.__new__(X): X is not a type object"));
    };
    Ok(th.new_native(class, blank()).value())
}

/// A text stream over `buffer`, in UTF-8.
pub(super) fn of_buffer(
    th: &mut Thread,
    buffer: Value,
    errors: &str,
    line_buffering: bool,
    write_through: bool,
) -> Value {
    let t = blank();
    let encoding = th.intern_value("utf-8");
    let errors = th.intern_value(errors);
    t.buffer.init(buffer);
    t.encoding.init(encoding);
    t.errors.init(errors);
    t.line_buffering.init(line_buffering as u64);
    t.write_through.init(write_through as u64);
    let class = th.class_for::<TextIo>();
    th.new_native(class, t).value()
}

fn parse_newline(th: &mut Thread, v: Value) -> R<u64> {
    if v.is_null() || v.is_none() {
        return Ok(newline::TRANSLATE);
    }
    let Some(s) = v.cast::<Str>() else {
        let name = th.type_name(v);
        return Err(th.type_error(format!("newline must be str or None, not {name}")));
    };
    Ok(match s.as_bytes() {
        b"" => newline::KEEP,
        b"\n" => newline::LF,
        b"\r" => newline::CR,
        b"\r\n" => newline::CRLF,
        _ => {
            return Err(th.value_error(format!("illegal newline value: {s}")));
        }
    })
}

fn text_or(th: &mut Thread, v: Value, default: &str, what: &str) -> R<Value> {
    if v.is_null() || v.is_none() {
        return Ok(th.intern_value(default));
    }
    if v.cast::<Str>().is_none() {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "TextIOWrapper() argument '{what}' must be str or None, not {name}"
        )));
    }
    Ok(v)
}

fn flag(th: &mut Thread, v: Value) -> R<u64> {
    if v.is_null() || v.is_none() {
        Ok(0)
    } else {
        Ok(th.truth(v)? as u64)
    }
}

/// A name of an encoding that exists, `locale` being UTF-8.
fn check_encoding(th: &mut Thread, v: Value) -> R<Value> {
    let text = v.cast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    if text == "locale" {
        return Ok(th.intern_value("utf-8"));
    }
    if Codec::from_name(&text).is_none() {
        // Raises LookupError if there is none.
        let codecs = crate::modules::import::import_module(th, "codecs")?;
        th.call_method(codecs, "lookup", &[v])?;
    }
    Ok(v)
}

fn init_(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = this(th, args[0])?;
    let newline = parse_newline(th, args[4])?;
    let encoding = text_or(th, args[2], "utf-8", "encoding")?;
    let encoding = check_encoding(th, encoding)?;
    let errors = text_or(th, args[3], "strict", "errors")?;
    let (line, through) = (flag(th, args[5])?, flag(th, args[6])?);
    // Anything that is no file lacks this.
    th.attr(args[1], "readable")?;
    th.set(t, &t.buffer, args[1])?;
    th.set(t, &t.encoding, encoding)?;
    th.set(t, &t.errors, errors)?;
    th.set_raw(t, &t.newline, newline)?;
    th.set_raw(t, &t.line_buffering, line)?;
    th.set_raw(t, &t.write_through, through)?;
    reset(th, t)?;
    Ok(Value::NONE)
}

fn reset(th: &mut Thread, t: Stream) -> R<()> {
    th.set(t, &t.decoded, Value::NULL)?;
    th.set(t, &t.tail, Value::NULL)?;
    th.set_raw(t, &t.at, 0)?;
    th.set_raw(t, &t.eof, 0)
}

fn buffer(th: &mut Thread, v: Value) -> R<Value> {
    let t = this(th, v)?;
    let b = th.get(t, &t.buffer)?;
    if b.is_null() {
        return Err(th.value_error("underlying buffer has been detached"));
    }
    Ok(b)
}

fn open_buffer(th: &mut Thread, v: Value) -> R<Value> {
    let b = buffer(th, v)?;
    if buffered::plain(th, b).is_none() {
        let closed = th.attr(b, "closed")?;
        if th.truth(closed)? {
            return Err(closed_error(th));
        }
    }
    Ok(b)
}

fn forward(th: &mut Thread, v: Value, method: &str) -> R<Value> {
    let b = buffer(th, v)?;
    th.call_method(b, method, &[])
}

// Writing.

/// Writes text to a plain `TextIOWrapper`.
///
/// # Errors
/// UnicodeEncodeError, ValueError if it is closed, OSError.
pub fn write_text(th: &mut Thread, v: Value, text: &Wtf8) -> R<()> {
    let t = this(th, v)?;
    let b = open_buffer(th, v)?;
    let (mode, line, through, encoding) = th.read(t, |t| {
        (
            t.newline.peek(),
            t.line_buffering.peek(),
            t.write_through.peek(),
            t.encoding.peek(),
        )
    })?;
    let bytes = text.as_bytes();
    let flush = through != 0 || (line != 0 && memchr::memchr2(b'\n', b'\r', bytes).is_some());
    let translated: Vec<u8>;
    let bytes = match mode {
        newline::CR => {
            translated = bytes
                .iter()
                .map(|&b| if b == b'\n' { b'\r' } else { b })
                .collect();
            &translated
        }
        newline::CRLF => {
            let mut out = Vec::with_capacity(bytes.len() + 16);
            for &b in bytes {
                if b == b'\n' {
                    out.push(b'\r');
                }
                out.push(b);
            }
            translated = out;
            &translated
        }
        _ => bytes,
    };
    let is_utf8 = encoding.cast::<Str>().is_some_and(|e| {
        matches!(e.as_bytes(), b"utf-8" | b"UTF-8" | b"utf8")
            || bytes.is_ascii()
                && matches!(
                    Codec::from_name(&e.to_string()),
                    Some(Codec::Utf8 | Codec::Ascii | Codec::Latin1)
                )
    });
    let data = if is_utf8 && std::str::from_utf8(bytes).is_ok() {
        bytes.to_vec()
    } else {
        // SAFETY: the text, with ASCII inserted or replaced.
        let text = th.str_wtf8(unsafe { Wtf8::from_bytes_unchecked(bytes) });
        encode(th, t, text)?
    };
    if th.get(t, &t.decoded)? != Value::NULL {
        // What was read ahead is given up. Writing goes on where the buffer stands: it may have no position at all.
        reset(th, t)?;
    }
    if buffered::plain(th, b).is_some_and(|s| s.sink.get().is_some()) {
        return buffered::write_bytes(th, b, data, flush);
    }
    let data = th.bytes(&data).value();
    th.call_method(b, "write", &[data])?;
    if flush {
        th.call_method(b, "flush", &[])?;
    }
    Ok(())
}

fn encode(th: &mut Thread, t: Stream, text: Ref<Str>) -> R<Vec<u8>> {
    let (encoding, errors, started) = th.read(t, |t| {
        (t.encoding.peek(), t.errors.peek(), t.started.peek())
    })?;
    let name = encoding
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    let mut encoding = encoding.cast::<Str>();
    // A marked encoding marks the start of the file only.
    let continued = match Codec::from_name(&name) {
        Some(Codec::Utf16(crate::text::codecs::ByteOrder::Marked)) => Some("utf-16-le"),
        Some(Codec::Utf32(crate::text::codecs::ByteOrder::Marked)) => Some("utf-32-le"),
        Some(Codec::Utf8Sig) => Some("utf-8"),
        _ => None,
    };
    if let Some(continued) = continued {
        if started != 0 {
            encoding = Some(th.intern(continued));
        }
        th.set_raw(t, &t.started, 1)?;
    }
    let v = encode_str(th, text, encoding, errors.cast::<Str>())?;
    Ok(v.cast::<Bytes>()
        .map(|b| b.as_bytes().to_vec())
        .unwrap_or_default())
}

fn write(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(s) = args[1].cast::<Str>() else {
        let name = th.type_name(args[1]);
        return Err(th.type_error(format!("write() argument must be str, not {name}")));
    };
    let b = buffer(th, args[0])?;
    if let Some(stream) = buffered::plain(th, b)
        && stream.sink.get().is_none()
    {
        let raw = th.get(stream, &stream.raw)?;
        if !raw.is_null() && th.class_of(raw) == th.class_for::<super::file::FileIo>() {
            if super::file::is_closed(th, raw)? {
                return Err(closed_error(th));
            }
            return Err(unsupported(th, "not writable"));
        }
    }
    write_text(th, args[0], s.as_wtf8())?;
    Ok(th.int(s.len() as i64))
}

fn flush(th: &mut Thread, args: &[Value]) -> R<Value> {
    let b = open_buffer(th, args[0])?;
    if buffered::plain(th, b).is_some() {
        buffered::flush_stream(th, b)?;
    } else {
        th.call_method(b, "flush", &[])?;
    }
    Ok(Value::NONE)
}

fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = this(th, args[0])?;
    let b = th.get(t, &t.buffer)?;
    if b.is_null() {
        return Ok(Value::NONE);
    }
    let closed = th.attr(b, "closed")?;
    if th.truth(closed)? {
        return Ok(Value::NONE);
    }
    let flushed = th.call_method(args[0], "flush", &[]);
    if flushed == Err(Fail::Abort) {
        return flushed;
    }
    let exc = th.take_exc();
    th.call_method(b, "close", &[])?;
    if flushed.is_err() {
        return Err(th.raise_value(exc));
    }
    Ok(Value::NONE)
}

fn detach(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "flush", &[])?;
    let b = buffer(th, args[0])?;
    let t = this(th, args[0])?;
    th.set(t, &t.buffer, Value::NULL)?;
    Ok(b)
}

fn reconfigure(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = this(th, args[0])?;
    let given = |v: Value| !v.is_null() && !v.is_none();
    if !th.get(t, &t.decoded)?.is_null() && (given(args[1]) || given(args[2]) || !args[3].is_null())
    {
        return Err(unsupported(
            th,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    th.call_method(args[0], "flush", &[])?;
    if given(args[1]) {
        let encoding = check_encoding(th, args[1])?;
        th.set(t, &t.encoding, encoding)?;
        if !given(args[2]) {
            let strict = th.intern_value("strict");
            th.set(t, &t.errors, strict)?;
        }
    }
    if given(args[2]) {
        th.set(t, &t.errors, args[2])?;
    }
    if !args[3].is_null() {
        let n = parse_newline(th, args[3])?;
        th.set_raw(t, &t.newline, n)?;
    }
    if given(args[4]) {
        let on = flag(th, args[4])?;
        th.set_raw(t, &t.line_buffering, on)?;
    }
    if given(args[5]) {
        let on = flag(th, args[5])?;
        th.set_raw(t, &t.write_through, on)?;
    }
    Ok(Value::NONE)
}

// Reading.

/// Text decoded and not handed out.
fn ahead(th: &mut Thread, t: Stream) -> R<&'static [u8]> {
    let (v, at) = th.read(t, |t| (t.decoded.peek(), t.at.peek()))?;
    Ok(match v.cast::<Str>() {
        Some(s) => {
            let bytes = s.as_bytes();
            // SAFETY: strings neither change nor move, and the caller reaches it through the stream on its stack.
            let bytes: &'static [u8] =
                unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
            &bytes[(at as usize).min(bytes.len())..]
        }
        None => &[],
    })
}

fn set_ahead(th: &mut Thread, t: Stream, text: &Wtf8) -> R<()> {
    let v = th.str_wtf8(text).value();
    th.set(t, &t.decoded, v)?;
    th.set_raw(t, &t.at, 0)
}

/// Decodes `data` (after what was left over); keeps an incomplete end for later unless `last`.
fn decode(th: &mut Thread, t: Stream, data: Vec<u8>, last: bool) -> R<Ref<Str>> {
    let (encoding, errors, tail) =
        th.read(t, |t| (t.encoding.peek(), t.errors.peek(), t.tail.peek()))?;
    let data = match tail.cast::<Bytes>() {
        Some(tail) => [tail.as_bytes(), &data].concat(),
        None => data,
    };
    th.set(t, &t.tail, Value::NULL)?;
    let name = encoding
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    let codec = Codec::from_name(&name);
    if codec == Some(Codec::Utf8)
        && let Ok(text) = std::str::from_utf8(&data)
    {
        return Ok(th.str(text));
    }
    let object = th.bytes(&data).value();
    let Some(codec) = codec else {
        return decode_bytes(th, &data, object, encoding.cast(), errors.cast());
    };
    let errors = errors.cast::<Str>();
    let out = {
        let mut handler = Handler::new(th, errors.as_deref(), object);
        codec.decode(&data, last, &mut handler)?
    };
    if !last && out.consumed < data.len() {
        let tail = th.bytes(&data[out.consumed..]).value();
        th.set(t, &t.tail, tail)?;
    }
    Ok(th.str_wtf8(&out.text))
}

/// May this encoding be decoded piece by piece?
fn is_incremental(th: &mut Thread, t: Stream) -> R<bool> {
    let encoding = th.get(t, &t.encoding)?;
    let name = encoding
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    Ok(matches!(
        Codec::from_name(&name),
        Some(Codec::Utf8 | Codec::Ascii | Codec::Latin1)
    ))
}

fn read_buffer_all(th: &mut Thread, b: Value) -> R<Vec<u8>> {
    if buffered::plain(th, b).is_some() {
        return buffered::read_all(th, b);
    }
    let v = th.call_method(b, "read", &[])?;
    Ok(th.bytes_like(v)?.into_owned())
}

/// Reads and decodes more behind what is ahead; `false` at the end of the file.
fn fill(th: &mut Thread, v: Value) -> R<bool> {
    let b = open_buffer(th, v)?;
    let t = this(th, v)?;
    let incremental = is_incremental(th, t)?;
    let data = if !incremental {
        read_buffer_all(th, b)?
    } else if buffered::plain(th, b).is_some() {
        buffered::read_some(th, b, super::CHUNK)?
    } else {
        let key = th.intern_value("read1");
        let read1 = th.get_attr_opt(b, key)?;
        let n = Value::small(8192);
        let data = if read1.is_null() {
            th.call_method(b, "read", &[n])?
        } else {
            th.call(read1, &[n])?
        };
        if data.cast::<Bytes>().is_none() {
            let name = th.type_name(data);
            return Err(th.type_error(format!(
                "underlying read1() should have returned a bytes-like object, not '{name}'"
            )));
        }
        th.bytes_like(data)?.into_owned()
    };
    let last = data.is_empty() || !incremental;
    let empty = data.is_empty();
    let text = decode(th, t, data, last)?;
    let old = ahead(th, t)?;
    if old.is_empty() {
        th.set(t, &t.decoded, text.value())?;
        th.set_raw(t, &t.at, 0)?;
    } else if !text.is_empty() {
        let mut joined = old.to_vec();
        joined.extend_from_slice(text.as_bytes());
        // SAFETY: two WTF-8 texts, joined.
        set_ahead(th, t, unsafe { Wtf8::from_bytes_unchecked(&joined) })?;
    }
    Ok(!empty || !text.is_empty())
}

/// Notes which endings there were, and translates them if that is asked for.
fn finish(th: &mut Thread, t: Stream, mode: u64, text: &[u8]) -> R<Value> {
    if mode <= newline::KEEP && memchr::memchr(b'\r', text).is_some() {
        let mut seen = th.get_raw(t, &t.seen)?;
        let mut out = Vec::with_capacity(text.len());
        let mut i = 0;
        while i < text.len() {
            match text[i] {
                b'\r' if text.get(i + 1) == Some(&b'\n') => {
                    seen |= 4;
                    out.push(b'\n');
                    i += 1;
                }
                b'\r' => {
                    seen |= 1;
                    out.push(b'\n');
                }
                b'\n' => {
                    seen |= 2;
                    out.push(b'\n');
                }
                b => out.push(b),
            }
            i += 1;
        }
        th.set_raw(t, &t.seen, seen)?;
        let out = if mode == newline::TRANSLATE {
            &out[..]
        } else {
            text
        };
        // SAFETY: WTF-8 with ASCII replaced by ASCII.
        return Ok(th
            .str_wtf8(unsafe { Wtf8::from_bytes_unchecked(out) })
            .value());
    }
    if mode <= newline::KEEP && t.seen.peek() & 2 == 0 && text.ends_with(b"\n") {
        let seen = th.get_raw(t, &t.seen)?;
        th.set_raw(t, &t.seen, seen | 2)?;
    }
    // SAFETY: a part of WTF-8 text, cut at character boundaries.
    Ok(th
        .str_wtf8(unsafe { Wtf8::from_bytes_unchecked(text) })
        .value())
}

/// Where the first line of `text` ends; `None` if its end is not in sight. A `\r` at the very end may be half of an ending.
fn line_end(mode: u64, text: &[u8]) -> Option<usize> {
    match mode {
        newline::LF => memchr::memchr(b'\n', text).map(|i| i + 1),
        newline::CR => memchr::memchr(b'\r', text).map(|i| i + 1),
        newline::CRLF => memchr::memmem::find(text, b"\r\n").map(|i| i + 2),
        _ => {
            let i = memchr::memchr2(b'\n', b'\r', text)?;
            if text[i] == b'\n' {
                return Some(i + 1);
            }
            match text.get(i + 1) {
                Some(b'\n') => Some(i + 2),
                Some(_) => Some(i + 1),
                None => None,
            }
        }
    }
}

/// Bytes of the first `n` characters.
fn prefix(text: &[u8], n: usize) -> usize {
    let mut starts = text.iter().enumerate().filter(|(_, b)| **b as i8 >= -0x40);
    starts.nth(n).map_or(text.len(), |(i, _)| i)
}

fn read_line(th: &mut Thread, v: Value, limit: i64) -> R<Value> {
    let t = this(th, v)?;
    let mode = th.get_raw(t, &t.newline)?;
    loop {
        let text = ahead(th, t)?;
        let mut end = if text.is_empty() {
            None
        } else {
            line_end(mode, text)
        };
        if limit >= 0 && !text.is_empty() {
            let most = prefix(text, limit as usize);
            if most < text.len() || end.is_some() {
                end = Some(end.unwrap_or(text.len()).min(most));
            }
        }
        if let Some(end) = end {
            let at = th.get_raw(t, &t.at)?;
            let line = finish(th, t, mode, &text[..end])?;
            th.set_raw(t, &t.at, at + end as u64)?;
            return Ok(line);
        }
        if !fill(th, v)? {
            let text = ahead(th, t)?;
            let line = finish(th, t, mode, text)?;
            th.set(t, &t.decoded, Value::NULL)?;
            th.set_raw(t, &t.at, 0)?;
            return Ok(line);
        }
    }
}

fn check_readable(th: &mut Thread, v: Value) -> R<()> {
    let b = open_buffer(th, v)?;
    if let Some(stream) = buffered::plain(th, b)
        && stream.sink.get().is_some()
        && th.class_of(b).value() == th.rt.state.get("io.BufferedWriter")
    {
        return Err(unsupported(th, "not readable"));
    }
    Ok(())
}

fn readline(th: &mut Thread, args: &[Value]) -> R<Value> {
    check_readable(th, args[0])?;
    let limit = size_arg(th, args[1])?;
    read_line(th, args[0], limit)
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let line = if is_plain(th, args[0]) {
        check_readable(th, args[0])?;
        read_line(th, args[0], -1)?
    } else {
        th.call_method(args[0], "readline", &[])?
    };
    if line.cast::<Str>().is_none_or(|s| s.is_empty()) {
        return Err(th.stop_iteration(Value::NULL));
    }
    Ok(line)
}

fn read(th: &mut Thread, args: &[Value]) -> R<Value> {
    check_readable(th, args[0])?;
    let n = size_arg(th, args[1])?;
    let t = this(th, args[0])?;
    let mode = th.get_raw(t, &t.newline)?;
    if n < 0 {
        let b = open_buffer(th, args[0])?;
        let data = read_buffer_all(th, b)?;
        let rest = decode(th, t, data, true)?;
        let old = ahead(th, t)?;
        let v = if old.is_empty() {
            finish(th, t, mode, rest.as_bytes())?
        } else {
            let all = [old, rest.as_bytes()].concat();
            finish(th, t, mode, &all)?
        };
        reset(th, t)?;
        return Ok(v);
    }
    let mut out: Vec<u8> = vec![];
    let mut left = n as usize;
    while left > 0 {
        let text = ahead(th, t)?;
        // An ending that may be cut in two waits for its other half.
        let whole = if mode == newline::TRANSLATE && text.ends_with(b"\r") {
            text.len() - 1
        } else {
            text.len()
        };
        if whole == 0 {
            let cut = !text.is_empty();
            if fill(th, args[0])? {
                continue;
            }
            if !cut {
                break;
            }
        }
        let text = ahead(th, t)?;
        let whole = if whole == 0 { text.len() } else { whole };
        let mut end = 0;
        while left > 0 && end < whole {
            let pair = mode == newline::TRANSLATE && text[end..].starts_with(b"\r\n");
            end += if pair { 2 } else { prefix(&text[end..], 1) };
            left -= 1;
        }
        out.extend_from_slice(&text[..end]);
        let at = th.get_raw(t, &t.at)?;
        th.set_raw(t, &t.at, at + end as u64)?;
    }
    finish(th, t, mode, &out)
}

// Positions.

/// The position in the file of the next character.
fn position(th: &mut Thread, v: Value) -> R<i64> {
    let b = open_buffer(th, v)?;
    let t = this(th, v)?;
    let at = th.call_method(b, "tell", &[])?;
    let at = th.index_i64(at)?;
    let tail = th
        .get(t, &t.tail)?
        .cast::<Bytes>()
        .map_or(0, |b| b.as_bytes().len());
    let rest = ahead(th, t)?;
    let rest = if rest.is_empty() {
        0
    } else {
        // SAFETY: a part of WTF-8 text.
        let text = th.str_wtf8(unsafe { Wtf8::from_bytes_unchecked(rest) });
        let (encoding, errors) = th.read(t, |t| (t.encoding.peek(), t.errors.peek()))?;
        let v = encode_str(th, text, encoding.cast(), errors.cast())?;
        v.cast::<Bytes>().map_or(0, |b| b.as_bytes().len())
    };
    Ok(at - tail as i64 - rest as i64)
}

fn tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "flush", &[])?;
    let at = position(th, args[0])?;
    Ok(th.int(at))
}

fn seek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let whence = if args[2].is_null() {
        0
    } else {
        th.index_i64(args[2])?
    };
    let b = open_buffer(th, args[0])?;
    let t = this(th, args[0])?;
    let offset = th.index_i64(args[1])?;
    let target = match whence {
        0 if offset < 0 => {
            return Err(th.value_error(format!("negative seek position {offset}")));
        }
        0 => offset,
        1 if offset != 0 => return Err(unsupported(th, "can't do nonzero cur-relative seeks")),
        1 => position(th, args[0])?,
        2 if offset != 0 => return Err(unsupported(th, "can't do nonzero end-relative seeks")),
        2 => {
            th.call_method(args[0], "flush", &[])?;
            reset(th, t)?;
            return th.call_method(b, "seek", &[Value::small(0), Value::small(2)]);
        }
        _ => {
            return Err(th.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)")));
        }
    };
    th.call_method(args[0], "flush", &[])?;
    reset(th, t)?;
    th.set_raw(t, &t.started, (target != 0) as u64)?;
    let target = th.int(target);
    th.call_method(b, "seek", &[target])?;
    Ok(target)
}

fn truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "flush", &[])?;
    let b = open_buffer(th, args[0])?;
    let size = if args[1].is_null() || args[1].is_none() {
        let at = position(th, args[0])?;
        th.int(at)
    } else {
        args[1]
    };
    th.call_method(b, "truncate", &[size])
}

fn newlines(th: &mut Thread, v: Value) -> R<Value> {
    let t = this(th, v)?;
    let seen = th.get_raw(t, &t.seen)?;
    Ok(newlines_value(th, seen))
}

/// The attribute `newlines` for the endings seen: none, one, or a tuple of them.
pub(super) fn newlines_value(th: &mut Thread, seen: u64) -> Value {
    let kinds = [(1, "\r"), (2, "\n"), (4, "\r\n")];
    let found: Vec<Value> = kinds
        .iter()
        .filter(|(bit, _)| seen & bit != 0)
        .map(|(_, text)| th.intern_value(text))
        .collect();
    match found.as_slice() {
        [] => Value::NONE,
        [one] => *one,
        many => th.tuple_value(many),
    }
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]).name().to_string();
    let mut text = format!("<_io.{class}");
    for key in ["name", "mode"] {
        let name = th.intern_value(key);
        match th.get_attr_opt(args[0], name) {
            Ok(v) if !v.is_null() => text.push_str(&format!(" {key}={}", th.repr(v)?)),
            Ok(_) => {}
            Err(Fail::Raise) => {
                th.take_exc();
            }
            Err(f) => return Err(f),
        }
    }
    let t = this(th, args[0])?;
    let encoding = th.get(t, &t.encoding)?.or_none();
    text.push_str(&format!(" encoding={}>", th.repr(encoding)?));
    Ok(th.str_value(&text))
}
