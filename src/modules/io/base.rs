//! `_IOBase` and its three abstract subclasses: what every stream can do by way of its own `read`, `write` and `close`.

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::list::List;
use crate::objects::{Bytes, Instance};

const FLAGS: u64 = f::BASE | f::DICT | f::WEAKREF;

/// The abstract classes.
pub struct Bases {
    pub io: Ref<Class>,
    pub raw: Ref<Class>,
    pub buffered: Ref<Class>,
    pub text: Ref<Class>,
}

pub(super) fn init(th: &mut Thread) -> Bases {
    let layout = LayoutInfo::of::<Instance>();
    let object = th.rt.types().object;
    let io = th.new_class("_io._IOBase", object, layout, FLAGS, |t| {
        t.methods(&[
            ("seek(self, offset, whence=0, /)", |th, _| {
                Err(unsupported(th, "seek"))
            }),
            ("tell(self, /)", tell),
            ("truncate(self, size=None, /)", |th, _| {
                Err(unsupported(th, "truncate"))
            }),
            ("fileno(self, /)", |th, _| Err(unsupported(th, "fileno"))),
            ("flush(self, /)", flush),
            ("close(self, /)", close),
            ("__del__(self, /)", finalize),
            ("readable(self, /)", no),
            ("writable(self, /)", no),
            ("seekable(self, /)", no),
            ("isatty(self, /)", isatty),
            ("_checkClosed(self, /)", check_closed),
            ("_checkReadable(self, /)", check_readable),
            ("_checkWritable(self, /)", check_writable),
            ("_checkSeekable(self, /)", check_seekable),
            ("readline(self, size=-1, /)", readline),
            ("readlines(self, hint=-1, /)", readlines),
            ("writelines(self, lines, /)", writelines),
            ("__iter__(self, /)", iter),
            ("__next__(self, /)", next),
            ("__enter__(self, /)", iter),
            ("__exit__(self, *args)", exit),
        ])
        .getset("closed", closed, None);
    });
    let raw = th.new_class("_io._RawIOBase", io, layout, FLAGS, |t| {
        t.methods(&[
            ("read(self, size=-1, /)", raw_read),
            ("readall(self, /)", readall),
        ]);
    });
    let buffered = th.new_class("_io._BufferedIOBase", io, layout, FLAGS, |t| {
        t.methods(&[
            ("detach(self, /)", |th, _| Err(unsupported(th, "detach"))),
            ("read(self, size=-1, /)", |th, _| {
                Err(unsupported(th, "read"))
            }),
            ("read1(self, size=-1, /)", |th, _| {
                Err(unsupported(th, "read1"))
            }),
            ("write(self, b, /)", |th, _| Err(unsupported(th, "write"))),
            ("readinto(self, buffer, /)", readinto),
            ("readinto1(self, buffer, /)", readinto1),
        ]);
    });
    let text = th.new_class("_io._TextIOBase", io, layout, FLAGS, |t| {
        t.methods(&[
            ("detach(self, /)", |th, _| Err(unsupported(th, "detach"))),
            ("read(self, size=-1, /)", |th, _| {
                Err(unsupported(th, "read"))
            }),
            ("readline(self, size=-1, /)", |th, _| {
                Err(unsupported(th, "readline"))
            }),
            ("write(self, s, /)", |th, _| Err(unsupported(th, "write"))),
        ])
        .getset("encoding", |_, _| Ok(Value::NONE), None)
        .getset("newlines", |_, _| Ok(Value::NONE), None)
        .getset("errors", |_, _| Ok(Value::NONE), None);
    });
    Bases {
        io,
        raw,
        buffered,
        text,
    }
}

/// Raises `io.UnsupportedOperation`.
#[cold]
pub(super) fn unsupported(th: &mut Thread, what: &str) -> Fail {
    let class = th.rt.state.get("io.UnsupportedOperation");
    let message = th.str_value(what);
    match th.call(class, &[message]) {
        Ok(exc) => th.raise_value(exc),
        Err(f) => f,
    }
}

/// Raises the ValueError of a closed stream.
#[cold]
pub(super) fn closed_error(th: &mut Thread) -> Fail {
    th.value_error("I/O operation on closed file.")
}

/// Closes a stream that nobody holds any more. Nobody is there to be told what goes wrong, either.
fn finalize(th: &mut Thread, a: &[Value]) -> R<Value> {
    let done = th.attr(a[0], "closed").and_then(|closed| {
        if !th.truth(closed)? {
            th.call_method(a[0], "close", &[])?;
        }
        Ok(())
    });
    match done {
        Err(Fail::Raise) => {
            th.take_exc();
        }
        done => done?,
    }
    Ok(Value::NONE)
}
fn no(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::FALSE)
}

/// The stream's attribute `closed`, whoever defines it.
fn is_closed(th: &mut Thread, v: Value) -> R<bool> {
    let v = th.attr(v, "closed")?;
    th.truth(v)
}

fn require_open(th: &mut Thread, v: Value) -> R<()> {
    if is_closed(th, v)? {
        Err(closed_error(th))
    } else {
        Ok(())
    }
}

fn closed(th: &mut Thread, v: Value) -> R<Value> {
    let key = th.intern_value("__IOBase_closed");
    let v = th.get_attr_opt(v, key)?;
    Ok(Value::bool(!v.is_null()))
}

fn tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "seek", &[Value::small(0), Value::small(1)])
}
fn flush(th: &mut Thread, args: &[Value]) -> R<Value> {
    require_open(th, args[0])?;
    Ok(Value::NONE)
}

fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let key = th.intern_value("__IOBase_closed");
    if !th.get_attr_opt(args[0], key)?.is_null() {
        return Ok(Value::NONE);
    }
    let flushed = th.call_method(args[0], "flush", &[]);
    match flushed {
        Err(Fail::Abort) => return Err(Fail::Abort),
        Err(Fail::Raise) => {
            let exc = th.take_exc();
            th.set_attr(args[0], key, Value::TRUE)?;
            th.exc = exc;
            return Err(Fail::Raise);
        }
        Ok(_) => th.set_attr(args[0], key, Value::TRUE)?,
    }
    Ok(Value::NONE)
}

fn isatty(th: &mut Thread, args: &[Value]) -> R<Value> {
    require_open(th, args[0])?;
    Ok(Value::FALSE)
}
fn check_closed(th: &mut Thread, args: &[Value]) -> R<Value> {
    require_open(th, args[0])?;
    Ok(Value::NONE)
}
fn check(th: &mut Thread, v: Value, method: &str, message: &str) -> R<Value> {
    let answer = th.call_method(v, method, &[])?;
    if th.truth(answer)? {
        Ok(Value::TRUE)
    } else {
        Err(unsupported(th, message))
    }
}
fn check_readable(th: &mut Thread, args: &[Value]) -> R<Value> {
    check(th, args[0], "readable", "File or stream is not readable.")
}
fn check_writable(th: &mut Thread, args: &[Value]) -> R<Value> {
    check(th, args[0], "writable", "File or stream is not writable.")
}
fn check_seekable(th: &mut Thread, args: &[Value]) -> R<Value> {
    check(th, args[0], "seekable", "File or stream is not seekable.")
}

/// An optional size: `None` and null are -1.
pub(super) fn size_arg(th: &mut Thread, v: Value) -> R<i64> {
    if v.is_null() || v.is_none() {
        return Ok(-1);
    }
    if th.special(v, crate::objects::special::Sp::Index).is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!("argument should be integer or None, not '{name}'")));
    }
    th.index_i64(v)
}

fn readline(th: &mut Thread, args: &[Value]) -> R<Value> {
    let limit = size_arg(th, args[1])?;
    let key = th.intern_value("peek");
    let peek = th.get_attr_opt(args[0], key)?;
    let mut line: Vec<u8> = vec![];
    while limit < 0 || (line.len() as i64) < limit {
        let mut want = 1;
        if !peek.is_null() {
            let ahead = th.call(peek, &[Value::small(1)])?;
            if let Some(ahead) = ahead.cast::<Bytes>() {
                let ahead = ahead.as_bytes();
                let end = memchr::memchr(b'\n', ahead).map_or(ahead.len(), |i| i + 1);
                want = end.max(1) as i64;
                if limit >= 0 {
                    want = want.min(limit - line.len() as i64);
                }
            }
        }
        let got = th.call_method(args[0], "read", &[Value::small(want)])?;
        let Some(got) = got.cast::<Bytes>() else {
            let name = th.type_name(got);
            return Err(th.type_error(format!(
                "read() should have returned a bytes object, not '{name}'"
            )));
        };
        if got.as_bytes().is_empty() {
            break;
        }
        line.extend_from_slice(got.as_bytes());
        if line.ends_with(b"\n") {
            break;
        }
    }
    Ok(th.bytes(&line).value())
}

fn readlines(th: &mut Thread, args: &[Value]) -> R<Value> {
    let hint = size_arg(th, args[1])?;
    let list = List::new(th, &[]);
    let mut total = 0;
    th.for_each(args[0], |th, line| {
        list.push(th, line)?;
        total += th.len_of(line)? as i64;
        Ok(hint <= 0 || total < hint)
    })?;
    Ok(list.value())
}

fn writelines(th: &mut Thread, args: &[Value]) -> R<Value> {
    require_open(th, args[0])?;
    let write = th.attr(args[0], "write")?;
    th.for_each(args[1], |th, line| th.call(write, &[line]).map(|_| true))?;
    Ok(Value::NONE)
}

fn iter(th: &mut Thread, args: &[Value]) -> R<Value> {
    require_open(th, args[0])?;
    Ok(args[0])
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let line = th.call_method(args[0], "readline", &[])?;
    if th.len_of(line)? == 0 {
        return Err(th.stop_iteration(Value::NULL));
    }
    Ok(line)
}

fn exit(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.call_method(args[0], "close", &[])
}

fn raw_read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = size_arg(th, args[1])?;
    if n < 0 {
        return th.call_method(args[0], "readall", &[]);
    }
    let class = th.rt.state.get("bytearray");
    let buffer = th.call(class, &[Value::small(n)])?;
    let got = th.call_method(args[0], "readinto", &[buffer])?;
    if got.is_none() {
        return Ok(got);
    }
    let got = th.index_i64(got)?;
    if got < 0 || got > n {
        return Err(th.value_error(format!("readinto returned {got} outside buffer size {n}")));
    }
    let data = th.bytes_like(buffer)?;
    Ok(th.bytes(&data[..got as usize]).value())
}

fn readall(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut all: Vec<u8> = vec![];
    loop {
        let chunk = th.call_method(args[0], "read", &[Value::small(super::CHUNK as i64)])?;
        if chunk.is_none() {
            if all.is_empty() {
                return Ok(chunk);
            }
            break;
        }
        let Some(chunk) = chunk.cast::<Bytes>() else {
            return Err(th.type_error("read() should return bytes"));
        };
        if chunk.as_bytes().is_empty() {
            break;
        }
        all.extend_from_slice(chunk.as_bytes());
    }
    Ok(th.bytes(&all).value())
}

fn readinto(th: &mut Thread, args: &[Value]) -> R<Value> {
    readinto_by(th, args, "read")
}
fn readinto1(th: &mut Thread, args: &[Value]) -> R<Value> {
    readinto_by(th, args, "read1")
}
fn readinto_by(th: &mut Thread, args: &[Value], method: &str) -> R<Value> {
    let n = th.len_of(args[1])?;
    let data = th.call_method(args[0], method, &[Value::small(n as i64)])?;
    if data.is_none() {
        return Ok(data);
    }
    let Some(bytes) = data.cast::<Bytes>() else {
        return Err(th.type_error("read() should return bytes"));
    };
    store_into(th, args[1], bytes.as_bytes())
}

/// Copies bytes to the front of a writable buffer; their number.
pub(super) fn store_into(th: &mut Thread, buffer: Value, data: &[u8]) -> R<Value> {
    let n = data.len() as i64;
    let class = th.rt.state.get("memoryview");
    let view = th.call(class, &[buffer])?;
    let view = {
        let b = th.intern_value("B");
        let format = th.attr(view, "format")?;
        if th.equal(format, b)? {
            view
        } else {
            th.call_method(view, "cast", &[b])?
        }
    };
    let slice = th
        .slice(Value::small(0), Value::small(n), Value::NONE)
        .value();
    let bytes = th.bytes(data).value();
    th.set_item(view, slice, bytes)?;
    Ok(Value::small(n))
}
