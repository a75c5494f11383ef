//! `_struct`.

mod codec;
mod format;

use std::sync::Arc;

use crate::heap::{Fail, R, RawSlot, Ref, Thread, Tracer, Value};
use crate::modules::new_exception;
use crate::objects::Bytes;
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::Str;
use format::Format;

/// Raises `struct.error`.
#[cold]
fn error(th: &mut Thread, message: impl AsRef<str>) -> Fail {
    let class = th.rt.state.get("struct.error");
    match class.as_class() {
        Some(class) => th.raise(class, message.as_ref()),
        None => th.value_error(message),
    }
}

/// `struct.Struct`. Immutable once made.
struct Struct {
    /// A str.
    text: Value,
    format: Arc<Format>,
}
impl Payload for Struct {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.text)
    }
}

struct Unpacker {
    format: Arc<Format>,
    buffer: Value,
    at: RawSlot,
}
impl Payload for Unpacker {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.buffer)
    }
}

/// The text of a format argument.
fn format_text(th: &mut Thread, v: Value) -> R<Vec<u8>> {
    if let Some(s) = v.cast::<Str>() {
        if !s.is_ascii() {
            // The error that encoding it would raise.
            let encoding = th.str_value("ascii");
            th.call_method(v, "encode", &[encoding])?;
        }
        return Ok(s.as_bytes().to_vec());
    }
    if let Some(b) = v.cast::<Bytes>() {
        return Ok(b.as_bytes().to_vec());
    }
    let name = th.type_name(v);
    Err(th.type_error(format!(
        "Struct() argument 1 must be a str or bytes object, not {name}"
    )))
}

fn parse(th: &mut Thread, v: Value) -> R<Arc<Format>> {
    if let Some(s) = v.native::<Struct>() {
        return Ok(s.format.clone());
    }
    let text = format_text(th, v)?;
    match format::parse(&text) {
        Ok(format) => Ok(Arc::new(format)),
        Err(e) => Err(error(th, e.message())),
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("Struct.__new__(X): X is not a type object"));
    };
    let format = parse(th, a[1])?;
    let text = format_text(th, a[1])?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let text = th.str_value(&text);
    Ok(th.new_native(class, Struct { text, format }).value())
}

fn this(th: &mut Thread, a: &[Value]) -> R<Ref<Native<Struct>>> {
    th.native_self(a[0], "_struct.Struct")
}

/// `pack(format, *values)`: also the method, whose first argument is the struct.
fn pack(th: &mut Thread, a: &[Value]) -> R<Value> {
    let format = parse(th, a[0])?;
    let data = codec::pack(th, &format, tuple_items(a[1]), "pack")?;
    Ok(th.bytes(&data).value())
}

fn pack_into(th: &mut Thread, a: &[Value]) -> R<Value> {
    let format = parse(th, a[0])?;
    let [buffer, offset, ref values @ ..] = *tuple_items(a[1]) else {
        let what = if tuple_items(a[1]).is_empty() {
            "buffer"
        } else {
            "offset"
        };
        return Err(error(th, format!("pack_into expected {what} argument")));
    };
    if values.len() != format.values {
        return Err(codec::wrong_number(th, &format, values.len(), "pack_into"));
    }
    let len = th.writable_len(buffer, "argument")?;
    let offset = th.index_i64(offset)?;
    let at = place(th, offset, format.size, len, "pack_into", "packing")?;
    let data = codec::pack(th, &format, values, "pack_into")?;
    th.write_buffer(buffer, at, &data)?;
    Ok(Value::NONE)
}

/// Where `size` bytes at `offset` (from the end if negative) are in a buffer of `len` bytes.
fn place(
    th: &mut Thread,
    offset: i64,
    size: usize,
    len: usize,
    function: &str,
    doing: &str,
) -> R<usize> {
    let at = if offset < 0 {
        if offset + size as i64 > 0 {
            let message = if doing == "packing" {
                format!("no space to pack {size} bytes at offset {offset}")
            } else {
                format!("not enough data to unpack {size} bytes at offset {offset}")
            };
            return Err(error(th, message));
        }
        offset + len as i64
    } else {
        offset
    };
    let Ok(at) = usize::try_from(at) else {
        return Err(error(
            th,
            format!("offset {offset} out of range for {len}-byte buffer"),
        ));
    };
    if at.checked_add(size).is_none_or(|end| end > len) {
        let needed = at as u128 + size as u128;
        return Err(error(
            th,
            format!(
                "{function} requires a buffer of at least {needed} bytes for {doing} {size} bytes at offset {at} \
                 (actual buffer size is {len})"
            ),
        ));
    }
    Ok(at)
}

fn unpack(th: &mut Thread, a: &[Value]) -> R<Value> {
    let format = parse(th, a[0])?;
    let data = th.bytes_like(a[1])?;
    if data.len() != format.size {
        let size = format.size;
        return Err(error(
            th,
            format!("unpack requires a buffer of {size} bytes"),
        ));
    }
    Ok(codec::unpack(th, &format, &data))
}

fn unpack_from(th: &mut Thread, a: &[Value]) -> R<Value> {
    let format = parse(th, a[0])?;
    let offset = if a[2].is_null() {
        0
    } else {
        th.index_i64(a[2])?
    };
    let data = th.bytes_like(a[1])?;
    let at = place(
        th,
        offset,
        format.size,
        data.len(),
        "unpack_from",
        "unpacking",
    )?;
    Ok(codec::unpack(th, &format, &data[at..at + format.size]))
}

fn iter_unpack(th: &mut Thread, a: &[Value]) -> R<Value> {
    let format = parse(th, a[0])?;
    let size = format.size;
    if size == 0 {
        return Err(error(
            th,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    let data = th.bytes_like(a[1])?;
    if data.len() % size != 0 {
        return Err(error(
            th,
            format!("iterative unpacking requires a buffer of a multiple of {size} bytes"),
        ));
    }
    let class = th.class_for::<Unpacker>();
    let payload = Unpacker {
        format,
        buffer: a[1],
        at: RawSlot::new(0),
    };
    Ok(th.new_native(class, payload).value())
}

fn unpacker_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = th.native_self::<Unpacker>(v, "_struct.unpack_iterator")?;
    let data = th.bytes_like(it.buffer)?;
    let at = th.get_raw(it, &it.at)? as usize;
    let end = at + it.format.size;
    if end > data.len() {
        return Ok(Value::NULL);
    }
    th.set_raw(it, &it.at, end as u64)?;
    Ok(codec::unpack(th, &it.format, &data[at..end]))
}

fn define_types(th: &mut Thread, module: Ref<Module>) {
    th.new_type::<Unpacker>("_struct.unpack_iterator", class_flags::NO_NEW, |t| {
        t.iterator(unpacker_next);
        t.method("__length_hint__(self, /)", |th, a| {
            let it = th.native_self::<Unpacker>(a[0], "_struct.unpack_iterator")?;
            let left = th.bytes_like(it.buffer)?.len() - th.get_raw(it, &it.at)? as usize;
            Ok(th.uint((left / it.format.size) as u64))
        });
    });
    let flags = class_flags::BASE | class_flags::WEAKREF;
    let class = th.new_type::<Struct>("_struct.Struct", flags, |t| {
        t.new("Struct(cls, format)", new);
        t.methods(&[
            ("pack(self, /, *values)", pack),
            ("pack_into(self, /, *args)", pack_into),
            ("unpack(self, buffer, /)", unpack),
            ("unpack_from(self, /, buffer, offset=0)", unpack_from),
            ("iter_unpack(self, buffer, /)", iter_unpack),
            ("__repr__(self, /)", |th, a| {
                let this = this(th, a)?;
                let (name, text) = (th.short_type_name(a[0]), th.repr(this.text)?);
                Ok(th.str_value(&format!("{name}({text})")))
            }),
        ]);
        t.getset("format", |th, v| Ok(this(th, &[v])?.text), None);
        t.getset(
            "size",
            |th, v| {
                let size = this(th, &[v])?.format.size;
                Ok(th.uint(size as u64))
            },
            None,
        );
    });
    th.define(module.dict(), "Struct", class.value());
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_struct");
    let base = th.rt.types().exceptions.exception;
    let class = new_exception(th, "struct.error", base);
    th.set_state("struct.error", class.value());
    th.define(module.dict(), "error", class.value());
    define_types(th, module);
    th.functions(
        module,
        &[
            ("calcsize(format, /)", |th, a| {
                let size = parse(th, a[0])?.size;
                Ok(th.uint(size as u64))
            }),
            ("pack(format, /, *values)", pack),
            ("pack_into(format, /, *args)", pack_into),
            ("unpack(format, buffer, /)", unpack),
            ("unpack_from(format, /, buffer, offset=0)", unpack_from),
            ("iter_unpack(format, buffer, /)", iter_unpack),
            ("_clearcache()", |_, _| Ok(Value::NONE)),
        ],
    );
    let doc = th.str_value("Functions to convert between Python values and C structs.");
    th.define(module.dict(), "__doc__", doc);
    Ok(module)
}
