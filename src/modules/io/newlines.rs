//! `IncrementalNewlineDecoder` and `BufferedRWPair`: small helpers of the `io` module.

use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::Str;

/// Translates newlines of text that comes in pieces.
struct NewlineDecoder {
    /// A decoder of bytes, or None.
    decoder: Slot,
    translate: RawSlot,
    pending_cr: RawSlot,
    seen: RawSlot,
}
impl Payload for NewlineDecoder {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.decoder)
    }
}

/// A reader and a writer taken together.
struct Pair {
    reader: Slot,
    writer: Slot,
}
impl Payload for Pair {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.reader);
        t.slot(&self.writer);
    }
}

pub(super) fn init(th: &mut Thread, dict: Ref<Dict>, buffered: Ref<Class>) {
    let class =
        th.new_type::<NewlineDecoder>("_io.IncrementalNewlineDecoder", f::BASE | f::DICT, |t| {
            t.new(
                "IncrementalNewlineDecoder(cls, *args, **kwargs)",
                |th, args| {
                    let Some(class) = args[0].as_class() else {
                        return Err(th.type_error("__new__(X): X is not a type object"));
                    };
                    let zero = || RawSlot::new(0);
                    let d = NewlineDecoder {
                        decoder: Slot::new(Value::NONE),
                        translate: zero(),
                        pending_cr: zero(),
                        seen: zero(),
                    };
                    Ok(th.new_native(class, d).value())
                },
            )
            .methods(&[
                (
                    "__init__(self, decoder, translate, errors='strict')",
                    decoder_init,
                ),
                ("decode(self, input, final=False)", decode),
                ("getstate(self, /)", getstate),
                ("setstate(self, state, /)", setstate),
                ("reset(self, /)", reset),
            ])
            .getset("newlines", newlines, None);
        });
    th.define(dict, "IncrementalNewlineDecoder", class.value());
    let layout = LayoutInfo::of::<Native<Pair>>();
    let class = th.new_class(
        "_io.BufferedRWPair",
        buffered,
        layout,
        f::BASE | f::DICT | f::WEAKREF,
        |t| {
            t.new("BufferedRWPair(cls, *args, **kwargs)", |th, args| {
                let Some(class) = args[0].as_class() else {
                    return Err(th.type_error("__new__(X): X is not a type object"));
                };
                let pair = Pair {
                    reader: Slot::new(Value::NULL),
                    writer: Slot::new(Value::NULL),
                };
                Ok(th.new_native(class, pair).value())
            })
            .methods(&[
                (
                    "__init__(self, reader, writer, buffer_size=8192, /)",
                    pair_init,
                ),
                ("read(self, size=-1, /)", |th, a| on_reader(th, a, "read")),
                ("read1(self, size=-1, /)", |th, a| on_reader(th, a, "read1")),
                ("readinto(self, buffer, /)", |th, a| {
                    on_reader(th, a, "readinto")
                }),
                ("readinto1(self, buffer, /)", |th, a| {
                    on_reader(th, a, "readinto1")
                }),
                ("peek(self, size=0, /)", |th, a| on_reader(th, a, "peek")),
                ("readable(self, /)", |th, a| on_reader(th, a, "readable")),
                ("write(self, buffer, /)", |th, a| on_writer(th, a, "write")),
                ("flush(self, /)", |th, a| on_writer(th, a, "flush")),
                ("writable(self, /)", |th, a| on_writer(th, a, "writable")),
                ("close(self, /)", pair_close),
                ("isatty(self, /)", pair_isatty),
            ])
            .getset(
                "closed",
                |th, v| {
                    let p = th.native_self::<Pair>(v, "BufferedRWPair")?;
                    let writer = th.get(p, &p.writer)?;
                    th.attr(writer, "closed")
                },
                None,
            );
        },
    );
    th.register_class::<Pair>(class);
    th.define(dict, "BufferedRWPair", class.value());
}

fn decoder(th: &mut Thread, v: Value) -> R<Ref<Native<NewlineDecoder>>> {
    th.native_self(v, "IncrementalNewlineDecoder")
}

fn decoder_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = decoder(th, args[0])?;
    let translate = th.truth(args[2])?;
    th.set(d, &d.decoder, args[1])?;
    th.set_raw(d, &d.translate, translate as u64)?;
    Ok(Value::NONE)
}

fn decode(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = decoder(th, args[0])?;
    let last = !args[2].is_null() && th.truth(args[2])?;
    let inner = th.get(d, &d.decoder)?;
    let text = if inner.is_none() {
        args[1]
    } else {
        th.call_method(inner, "decode", &[args[1], Value::bool(last)])?
    };
    let Some(text) = text.cast::<Str>() else {
        let name = th.type_name(text);
        return Err(th.type_error(format!(
            "decoder should return a string result, not '{name}'"
        )));
    };
    let (translate, pending, mut seen) = th.read(d, |d| {
        (
            d.translate.peek() != 0,
            d.pending_cr.peek() != 0,
            d.seen.peek(),
        )
    })?;
    let mut input = if pending && (last || !text.is_empty()) {
        b"\r".to_vec()
    } else {
        vec![]
    };
    input.extend_from_slice(text.as_bytes());
    let mut pending = pending && input.is_empty();
    // Half of an ending waits for the other half.
    if !last && input.last() == Some(&b'\r') {
        input.pop();
        pending = true;
    }
    th.set_raw(d, &d.pending_cr, pending as u64)?;
    let mut out = Vec::with_capacity(input.len());
    let mut i = 0;
    while i < input.len() {
        let (kind, width) = match input[i] {
            b'\r' if input.get(i + 1) == Some(&b'\n') => (4, 2),
            b'\r' => (1, 1),
            b'\n' => (2, 1),
            _ => (0, 1),
        };
        seen |= kind;
        if kind != 0 && translate {
            out.push(b'\n');
        } else {
            out.extend_from_slice(&input[i..i + width]);
        }
        i += width;
    }
    th.set_raw(d, &d.seen, seen)?;
    // SAFETY: WTF-8 text with ASCII replaced by ASCII.
    let out = unsafe { rustpython_wtf8::Wtf8::from_bytes_unchecked(&out) };
    Ok(th.str_wtf8(out).value())
}

fn getstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = decoder(th, args[0])?;
    let inner = th.get(d, &d.decoder)?;
    let (buffer, flag) = if inner.is_none() {
        (th.bytes(b"").value(), 0)
    } else {
        let state = th.call_method(inner, "getstate", &[])?;
        let [buffer, flag] = *tuple_items(state) else {
            return Err(th.type_error("illegal decoder state"));
        };
        (buffer, th.index_i64(flag)?)
    };
    let pending = th.get_raw(d, &d.pending_cr)? as i64;
    let flag = th.int(flag << 1 | pending);
    Ok(th.tuple_value(&[buffer, flag]))
}
fn setstate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = decoder(th, args[0])?;
    let [buffer, flag] = *tuple_items(args[1]) else {
        return Err(th.type_error("state argument must be a tuple"));
    };
    let flag = th.index_i64(flag)?;
    th.set_raw(d, &d.pending_cr, (flag & 1) as u64)?;
    let inner = th.get(d, &d.decoder)?;
    if !inner.is_none() {
        let flag = th.int(flag >> 1);
        let state = th.tuple_value(&[buffer, flag]);
        th.call_method(inner, "setstate", &[state])?;
    }
    Ok(Value::NONE)
}
fn reset(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = decoder(th, args[0])?;
    th.set_raw(d, &d.pending_cr, 0)?;
    th.set_raw(d, &d.seen, 0)?;
    let inner = th.get(d, &d.decoder)?;
    if !inner.is_none() {
        th.call_method(inner, "reset", &[])?;
    }
    Ok(Value::NONE)
}
fn newlines(th: &mut Thread, v: Value) -> R<Value> {
    let d = decoder(th, v)?;
    let seen = th.get_raw(d, &d.seen)?;
    Ok(super::text::newlines_value(th, seen))
}

fn pair_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    let p = th.native_self::<Pair>(args[0], "BufferedRWPair")?;
    let reader = th.rt.state.get("io.BufferedReader");
    let writer = th.rt.state.get("io.BufferedWriter");
    let size: Vec<Value> = args[3].non_null().into_iter().collect();
    let reader = th.call(reader, &[&args[1..2], &size].concat())?;
    let writer = th.call(writer, &[&args[2..3], &size].concat())?;
    th.set(p, &p.reader, reader)?;
    th.set(p, &p.writer, writer)?;
    Ok(Value::NONE)
}
fn forward(th: &mut Thread, target: Value, args: &[Value], method: &str) -> R<Value> {
    if target.is_null() {
        return Err(th.value_error("I/O operation on uninitialized object"));
    }
    let given = args.iter().take_while(|v| !v.is_null()).count();
    th.call_method(target, method, &args[1..given])
}
fn on_reader(th: &mut Thread, args: &[Value], method: &str) -> R<Value> {
    let p = th.native_self::<Pair>(args[0], "BufferedRWPair")?;
    let reader = th.get(p, &p.reader)?;
    forward(th, reader, args, method)
}
fn on_writer(th: &mut Thread, args: &[Value], method: &str) -> R<Value> {
    let p = th.native_self::<Pair>(args[0], "BufferedRWPair")?;
    let writer = th.get(p, &p.writer)?;
    forward(th, writer, args, method)
}
fn pair_close(th: &mut Thread, args: &[Value]) -> R<Value> {
    on_writer(th, &args[..1], "close")?;
    on_reader(th, &args[..1], "close")
}
fn pair_isatty(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = on_writer(th, &args[..1], "isatty")?;
    if th.truth(v)? {
        return Ok(v);
    }
    on_reader(th, &args[..1], "isatty")
}
