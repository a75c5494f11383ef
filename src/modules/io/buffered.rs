//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`.
//!
//! What was read ahead is in the heap (a `bytes` and a position), so that a block that rolls back has not read it. What is to be
//! written goes to the [`Sink`] of the file. Over a raw stream that is not a plain `FileIO`, writes are passed on at once.

use std::sync::{Arc, OnceLock};

use super::base::{closed_error, size_arg, unsupported};
use super::file;
use super::sink::Sink;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::Bytes;
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::native::{Native, Payload};

/// See the module's text.
pub struct Buffered {
    /// The raw stream, null before `__init__` and after `detach`.
    pub(super) raw: Slot,
    /// Where writes go, if the raw stream is a plain `FileIO`.
    pub(super) sink: OnceLock<Arc<Sink>>,
    /// Bytes read ahead, or null.
    ahead: Slot,
    /// How many of them have been handed out.
    at: RawSlot,
}

impl Payload for Buffered {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.raw);
        t.slot(&self.ahead);
    }
}

pub(super) type Stream = Ref<Native<Buffered>>;

pub(super) fn init(th: &mut Thread, base: Ref<Class>) {
    let layout = LayoutInfo::of::<Native<Buffered>>();
    let flags = f::BASE | f::DICT | f::WEAKREF;
    for (name, reads, writes) in [
        ("_io.BufferedReader", true, false),
        ("_io.BufferedWriter", false, true),
        ("_io.BufferedRandom", true, true),
    ] {
        let class = th.new_class(name, base, layout, flags, |t| {
            t.new("Buffered(cls, *args, **kwargs)", new);
            t.methods(&[
                (
                    "__init__(self, raw, buffer_size=8192)",
                    if !writes {
                        init_reader
                    } else if !reads {
                        init_writer
                    } else {
                        init_random
                    },
                ),
                ("seek(self, target, whence=0, /)", seek),
                ("tell(self, /)", tell),
                ("truncate(self, pos=None, /)", truncate),
                ("flush(self, /)", flush),
                ("close(self, /)", close),
                ("detach(self, /)", detach),
                ("fileno(self, /)", |th, a| forward(th, a[0], "fileno")),
                ("isatty(self, /)", |th, a| forward(th, a[0], "isatty")),
                ("seekable(self, /)", |th, a| forward(th, a[0], "seekable")),
                ("readable(self, /)", |th, a| forward(th, a[0], "readable")),
                ("writable(self, /)", |th, a| forward(th, a[0], "writable")),
                ("__repr__(self, /)", repr),
                ("_dealloc_warn(self, source, /)", |_, _| Ok(Value::NONE)),
            ]);
            if reads {
                t.methods(&[
                    ("read(self, size=-1, /)", read),
                    ("read1(self, size=-1, /)", read1),
                    ("peek(self, size=0, /)", peek),
                    ("readinto(self, buffer, /)", readinto),
                    ("readinto1(self, buffer, /)", readinto1),
                    ("readline(self, size=-1, /)", readline),
                    ("__next__(self, /)", next),
                ]);
            }
            if writes {
                t.method("write(self, buffer, /)", write);
            }
            t.getset("raw", raw, None)
                .getset(
                    "closed",
                    |th, v| {
                        let raw = raw(th, v)?;
                        th.attr(raw, "closed")
                    },
                    None,
                )
                .getset(
                    "name",
                    |th, v| {
                        let raw = raw(th, v)?;
                        th.attr(raw, "name")
                    },
                    None,
                )
                .getset(
                    "mode",
                    |th, v| {
                        let raw = raw(th, v)?;
                        th.attr(raw, "mode")
                    },
                    None,
                );
        });
        th.register_class::<Buffered>(class);
        let short = match name {
            "_io.BufferedReader" => "io.BufferedReader",
            "_io.BufferedWriter" => "io.BufferedWriter",
            _ => "io.BufferedRandom",
        };
        th.set_state(short, class.value());
    }
}

pub(super) fn this(th: &mut Thread, v: Value) -> R<Stream> {
    th.native_self(v, "Buffered")
}

/// Is it an instance of one of our classes itself, whose methods nobody has overridden?
pub(super) fn plain(th: &Thread, v: Value) -> Option<Stream> {
    let stream = v.native::<Buffered>()?;
    let class = th.class_of(v).value();
    [
        "io.BufferedReader",
        "io.BufferedWriter",
        "io.BufferedRandom",
    ]
    .iter()
    .any(|n| th.rt.state.get(n) == class)
    .then_some(stream)
}

fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].as_class() else {
        return Err(th.type_error("__new__(X): X is not a type object"));
    };
    Ok(th.new_native(class, blank()).value())
}

fn blank() -> Buffered {
    Buffered {
        raw: Slot::new(Value::NULL),
        sink: OnceLock::new(),
        ahead: Slot::new(Value::NULL),
        at: RawSlot::new(0),
    }
}

/// A writer over a plain `FileIO`.
pub(super) fn writer_of(th: &mut Thread, raw: Value, capacity: usize) -> R<Value> {
    let Some(class) = th.rt.state.get("io.BufferedWriter").as_class() else {
        unreachable!("the class is made with the module")
    };
    let v = th.new_native(class, blank()).value();
    attach(th, v, raw, Some(capacity))?;
    Ok(v)
}
/// A reader over any raw stream.
pub(super) fn reader_of(th: &mut Thread, raw: Value) -> R<Value> {
    let Some(class) = th.rt.state.get("io.BufferedReader").as_class() else {
        unreachable!("the class is made with the module")
    };
    let v = th.new_native(class, blank()).value();
    attach(th, v, raw, None)?;
    Ok(v)
}

fn is_plain_file(th: &Thread, raw: Value) -> bool {
    raw.native::<file::FileIo>().is_some() && th.class_of(raw) == th.class_for::<file::FileIo>()
}

fn attach(th: &mut Thread, v: Value, raw: Value, write_capacity: Option<usize>) -> R<()> {
    let b = this(th, v)?;
    if let Some(capacity) = write_capacity
        && is_plain_file(th, raw)
    {
        let d = file::descriptor(th, raw)?;
        let _ = b.sink.set(Sink::new(d, capacity));
    }
    th.set(b, &b.raw, raw)?;
    th.set(b, &b.ahead, Value::NULL)?;
    th.set_raw(b, &b.at, 0)
}

fn buffer_size(th: &mut Thread, v: Value) -> R<usize> {
    let n = if v.is_null() { 8192 } else { th.index_i64(v)? };
    if n <= 0 {
        return Err(th.value_error("buffer size must be strictly positive"));
    }
    Ok(n as usize)
}

fn require(th: &mut Thread, raw: Value, method: &str, message: &str) -> R<()> {
    let answer = th.call_method(raw, method, &[])?;
    if th.truth(answer)? {
        Ok(())
    } else {
        Err(unsupported(th, message))
    }
}

fn init_reader(th: &mut Thread, args: &[Value]) -> R<Value> {
    require(th, args[1], "readable", "File or stream is not readable.")?;
    buffer_size(th, args[2])?;
    attach(th, args[0], args[1], None)?;
    Ok(Value::NONE)
}
fn init_writer(th: &mut Thread, args: &[Value]) -> R<Value> {
    require(th, args[1], "writable", "File or stream is not writable.")?;
    let n = buffer_size(th, args[2])?;
    attach(th, args[0], args[1], Some(n))?;
    Ok(Value::NONE)
}
fn init_random(th: &mut Thread, args: &[Value]) -> R<Value> {
    require(th, args[1], "seekable", "File or stream is not seekable.")?;
    require(th, args[1], "readable", "File or stream is not readable.")?;
    require(th, args[1], "writable", "File or stream is not writable.")?;
    let n = buffer_size(th, args[2])?;
    attach(th, args[0], args[1], Some(n))?;
    Ok(Value::NONE)
}

fn raw(th: &mut Thread, v: Value) -> R<Value> {
    let b = this(th, v)?;
    let raw = th.get(b, &b.raw)?;
    if raw.is_null() {
        return Err(th.value_error("raw stream has been detached"));
    }
    Ok(raw)
}

/// The raw stream, if it is open.
fn open_raw(th: &mut Thread, v: Value) -> R<Value> {
    let raw = raw(th, v)?;
    let closed = if is_plain_file(th, raw) {
        file::is_closed(th, raw)?
    } else {
        let closed = th.attr(raw, "closed")?;
        th.truth(closed)?
    };
    if closed {
        Err(closed_error(th))
    } else {
        Ok(raw)
    }
}

fn forward(th: &mut Thread, v: Value, method: &str) -> R<Value> {
    let raw = raw(th, v)?;
    th.call_method(raw, method, &[])
}

/// The bytes read ahead and not handed out yet.
fn ahead(th: &mut Thread, b: Stream) -> R<&'static [u8]> {
    let (v, at) = th.read(b, |b| (b.ahead.peek(), b.at.peek()))?;
    Ok(match v.cast::<Bytes>() {
        Some(bytes) => {
            let data = crate::objects::buffer::static_bytes(bytes);
            &data[(at as usize).min(data.len())..]
        }
        None => &[],
    })
}

fn consume(th: &mut Thread, b: Stream, n: usize) -> R<()> {
    let at = th.get_raw(b, &b.at)?;
    th.set_raw(b, &b.at, at + n as u64)
}

fn set_ahead(th: &mut Thread, b: Stream, data: &[u8]) -> R<()> {
    let v = if data.is_empty() {
        Value::NULL
    } else {
        th.bytes(data).value()
    };
    th.set(b, &b.ahead, v)?;
    th.set_raw(b, &b.at, 0)
}

/// One read of the raw stream; `None` if it would block.
fn raw_read(th: &mut Thread, raw: Value, n: usize) -> R<Option<Vec<u8>>> {
    if is_plain_file(th, raw) {
        let d = file::descriptor(th, raw)?;
        return file::read_once(th, &d, n);
    }
    let v = th.call_method(raw, "read", &[Value::small(n as i64)])?;
    if v.is_none() {
        return Ok(None);
    }
    Ok(Some(th.bytes_like(v)?.into_owned()))
}

/// Everything from here on.
pub(super) fn read_all(th: &mut Thread, v: Value) -> R<Vec<u8>> {
    let raw = open_raw(th, v)?;
    let b = this(th, v)?;
    before_read(th, b)?;
    let mut all = ahead(th, b)?.to_vec();
    set_ahead(th, b, &[])?;
    if is_plain_file(th, raw) {
        let d = file::descriptor(th, raw)?;
        if let Some(rest) = file::read_to_end(th, &d)? {
            all.extend_from_slice(&rest);
        }
        return Ok(all);
    }
    let key = th.intern_value("readall");
    let readall = th.get_attr_opt(raw, key)?;
    if !readall.is_null() {
        let rest = th.call(readall, &[])?;
        if !rest.is_none() {
            let rest = th.bytes_like(rest)?;
            all.extend_from_slice(&rest);
        }
        return Ok(all);
    }
    while let Some(chunk) = raw_read(th, raw, super::CHUNK)? {
        if chunk.is_empty() {
            break;
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

/// What is pending for the file is written out before it is read.
fn before_read(th: &mut Thread, b: Stream) -> R<()> {
    if let Some(sink) = b.sink.get().cloned() {
        th.flush_sink(&sink)?;
    }
    Ok(())
}

/// At most `n` bytes, from one read at most.
pub(super) fn read_some(th: &mut Thread, v: Value, n: usize) -> R<Vec<u8>> {
    let raw = open_raw(th, v)?;
    let b = this(th, v)?;
    before_read(th, b)?;
    let have = ahead(th, b)?;
    if !have.is_empty() {
        let out = have[..n.min(have.len())].to_vec();
        consume(th, b, out.len())?;
        return Ok(out);
    }
    Ok(raw_read(th, raw, n)?.unwrap_or_default())
}

fn read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = size_arg(th, args[1])?;
    if n < -1 {
        return Err(th.value_error("read length must be non-negative or -1"));
    }
    if n < 0 {
        let all = read_all(th, args[0])?;
        return Ok(th.bytes(&all).value());
    }
    let n = n as usize;
    let raw = open_raw(th, args[0])?;
    let b = this(th, args[0])?;
    before_read(th, b)?;
    let have = ahead(th, b)?;
    if have.len() >= n {
        let v = th.bytes(&have[..n]).value();
        consume(th, b, n)?;
        return Ok(v);
    }
    let mut out = have.to_vec();
    set_ahead(th, b, &[])?;
    let mut blocked = false;
    while out.len() < n {
        match raw_read(th, raw, super::CHUNK.max(n - out.len()))? {
            None => {
                blocked = true;
                break;
            }
            Some(chunk) if chunk.is_empty() => break,
            Some(chunk) => out.extend_from_slice(&chunk),
        }
    }
    if out.len() > n {
        let rest = out.split_off(n);
        set_ahead(th, b, &rest)?;
    }
    if out.is_empty() && blocked {
        return Ok(Value::NONE);
    }
    Ok(th.bytes(&out).value())
}

fn read1(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = size_arg(th, args[1])?;
    let n = if n < 0 { 8192 } else { n as usize };
    let data = if n == 0 {
        vec![]
    } else {
        read_some(th, args[0], n)?
    };
    Ok(th.bytes(&data).value())
}

/// Reads ahead if nothing is; what is then ahead.
fn fill(th: &mut Thread, v: Value) -> R<&'static [u8]> {
    let raw = open_raw(th, v)?;
    let b = this(th, v)?;
    before_read(th, b)?;
    if ahead(th, b)?.is_empty() {
        let chunk = raw_read(th, raw, super::CHUNK)?.unwrap_or_default();
        set_ahead(th, b, &chunk)?;
    }
    ahead(th, b)
}

fn peek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let data = fill(th, args[0])?;
    Ok(th.bytes(data).value())
}

fn readinto(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.len_of(args[1])?;
    let data = read(th, &[args[0], Value::small(n as i64)])?;
    match data.cast::<Bytes>() {
        Some(data) => super::base::store_into(th, args[1], data.as_bytes()),
        None => Ok(data),
    }
}
fn readinto1(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.len_of(args[1])?;
    let data = if n == 0 {
        vec![]
    } else {
        read_some(th, args[0], n)?
    };
    super::base::store_into(th, args[1], &data)
}

fn line(th: &mut Thread, v: Value, limit: i64) -> R<Vec<u8>> {
    let b = this(th, v)?;
    let mut out: Vec<u8> = vec![];
    loop {
        let have = fill(th, v)?;
        if have.is_empty() {
            return Ok(out);
        }
        let mut end = memchr::memchr(b'\n', have).map_or(have.len(), |i| i + 1);
        if limit >= 0 {
            end = end.min(limit as usize - out.len());
        }
        out.extend_from_slice(&have[..end]);
        consume(th, b, end)?;
        if out.ends_with(b"\n") || (limit >= 0 && out.len() as i64 >= limit) {
            return Ok(out);
        }
    }
}

fn readline(th: &mut Thread, args: &[Value]) -> R<Value> {
    let limit = size_arg(th, args[1])?;
    if limit == 0 {
        open_raw(th, args[0])?;
        return Ok(th.bytes(b"").value());
    }
    let data = line(th, args[0], limit)?;
    Ok(th.bytes(&data).value())
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    if plain(th, args[0]).is_none() {
        let line = th.call_method(args[0], "readline", &[])?;
        if th.len_of(line)? == 0 {
            return Err(th.stop_iteration(Value::NULL));
        }
        return Ok(line);
    }
    let data = line(th, args[0], -1)?;
    if data.is_empty() {
        return Err(th.stop_iteration(Value::NULL));
    }
    Ok(th.bytes(&data).value())
}

/// What was read ahead counts as not read: the file goes back by as much.
fn drop_ahead(th: &mut Thread, v: Value, raw: Value) -> R<()> {
    let b = this(th, v)?;
    let n = ahead(th, b)?.len() as i64;
    if n > 0 {
        set_ahead(th, b, &[])?;
        th.call_method(raw, "seek", &[Value::small(-n), Value::small(1)])?;
    }
    Ok(())
}

/// Writes bytes: to the sink, or to a raw stream of the script's at once.
pub(super) fn write_bytes(th: &mut Thread, v: Value, data: Vec<u8>, flush: bool) -> R<()> {
    let b = this(th, v)?;
    let raw = open_raw(th, v)?;
    if !th.get(b, &b.ahead)?.is_null() {
        drop_ahead(th, v, raw)?;
    }
    if let Some(sink) = b.sink.get().cloned() {
        return th.emit(&sink, data, flush);
    }
    let mut rest = &data[..];
    while !rest.is_empty() {
        let piece = th.bytes(rest).value();
        let n = th.call_method(raw, "write", &[piece])?;
        if n.is_none() {
            let class = th.rt.types().exceptions.blocking_io_error;
            let text = th.str_value("write could not complete without blocking");
            let written = Value::small((data.len() - rest.len()) as i64);
            let exc = th.call(
                class.value(),
                &[Value::small(libc::EAGAIN as i64), text, written],
            )?;
            return Err(th.raise_value(exc));
        }
        let n = th.index_i64(n)?;
        if n < 0 || n as usize > rest.len() {
            return Err(th.raise(
                th.rt.types().exceptions.os_error,
                &format!(
                    "raw write() returned invalid length {n} (should have been between 0 and {})",
                    rest.len()
                ),
            ));
        }
        rest = &rest[n as usize..];
    }
    if flush {
        th.call_method(raw, "flush", &[])?;
    }
    Ok(())
}

fn write(th: &mut Thread, args: &[Value]) -> R<Value> {
    if args[1].cast::<crate::objects::string::Str>().is_some() {
        return Err(th.type_error("a bytes-like object is required, not 'str'"));
    }
    let data = th.bytes_like(args[1])?.into_owned();
    let n = data.len();
    let b = this(th, args[0])?;
    if th.get(b, &b.raw)?.is_null() {
        return Err(th.value_error("raw stream has been detached"));
    }
    match open_raw(th, args[0]) {
        Ok(_) => {}
        Err(crate::heap::Fail::Raise) => {
            th.take_exc();
            return Err(th.value_error("write to closed file"));
        }
        Err(f) => return Err(f),
    }
    write_bytes(th, args[0], data, false)?;
    Ok(th.int(n as i64))
}

/// Writes out what is pending.
pub(super) fn flush_stream(th: &mut Thread, v: Value) -> R<()> {
    let b = this(th, v)?;
    let raw = open_raw(th, v)?;
    match b.sink.get().cloned() {
        Some(sink) => th.flush_sink(&sink),
        None => th.call_method(raw, "flush", &[]).map(|_| ()),
    }
}

fn flush(th: &mut Thread, args: &[Value]) -> R<Value> {
    match flush_stream(th, args[0]) {
        Err(crate::heap::Fail::Raise) if th.raised_is(th.rt.types().exceptions.value_error) => {
            th.take_exc();
            raw(th, args[0])?;
            Err(th.value_error("flush of closed file"))
        }
        other => other.map(|()| Value::NONE),
    }
}

fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let b = this(th, args[0])?;
    let raw = th.get(b, &b.raw)?;
    if raw.is_null() {
        return Ok(Value::NONE);
    }
    let closed = th.attr(raw, "closed")?;
    if th.truth(closed)? {
        return Ok(Value::NONE);
    }
    // Flush first; close whatever comes of that.
    let flushed = th.call_method(args[0], "flush", &[]);
    if flushed == Err(crate::heap::Fail::Abort) {
        return flushed;
    }
    let exc = th.take_exc();
    th.call_method(raw, "close", &[])?;
    if flushed.is_err() {
        return Err(th.raise_value(exc));
    }
    Ok(Value::NONE)
}

fn detach(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "flush", &[])?;
    let raw = raw(th, args[0])?;
    let b = this(th, args[0])?;
    th.set(b, &b.raw, Value::NULL)?;
    Ok(raw)
}

/// The position of the next byte.
pub(super) fn position(th: &mut Thread, v: Value) -> R<i64> {
    let raw = open_raw(th, v)?;
    let b = this(th, v)?;
    before_read(th, b)?;
    let at = th.call_method(raw, "tell", &[])?;
    let at = th.index_i64(at)?;
    Ok(at - ahead(th, b)?.len() as i64)
}

fn tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    let at = position(th, args[0])?;
    Ok(th.int(at))
}

fn seek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let whence = if args[2].is_null() {
        0
    } else {
        th.index_i64(args[2])?
    };
    if !(0..=4).contains(&whence) {
        return Err(th.value_error(format!("whence value {whence} unsupported")));
    }
    let raw = open_raw(th, args[0])?;
    let b = this(th, args[0])?;
    before_read(th, b)?;
    let offset = th.index_i64(args[1])?;
    let offset = if whence == 1 {
        offset - ahead(th, b)?.len() as i64
    } else {
        offset
    };
    let offset = th.int(offset);
    let at = th.call_method(raw, "seek", &[offset, Value::small(whence)])?;
    set_ahead(th, b, &[])?;
    Ok(at)
}

fn truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let raw = open_raw(th, args[0])?;
    let b = this(th, args[0])?;
    before_read(th, b)?;
    let size = if args[1].is_null() || args[1].is_none() {
        tell(th, &args[..1])?
    } else {
        args[1]
    };
    th.call_method(raw, "truncate", &[size])
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]).name().to_string();
    let key = th.intern_value("name");
    let name = match th.get_attr_opt(args[0], key) {
        Ok(v) => v,
        Err(crate::heap::Fail::Raise) => {
            th.take_exc();
            Value::NULL
        }
        Err(f) => return Err(f),
    };
    let text = if name.is_null() {
        format!("<_io.{class}>")
    } else {
        format!("<_io.{class} name={}>", th.repr(name)?)
    };
    Ok(th.str_value(&text))
}
