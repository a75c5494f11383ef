//! The methods of arrays.

use super::{Array, make, this};
use crate::heap::{R, Thread, Value};
use crate::objects::define::TypeBuilder;
use crate::objects::list::List;
use crate::objects::string::Str;
use crate::text::str_ops::{adjust_indices, normalize_index};

/// The position of the first item equal to `v`.
fn position(th: &mut Thread, a: &[Value], v: Value, bounds: Option<&[Value]>) -> R<Option<usize>> {
    let items = this(a).items(th)?;
    let range = match bounds {
        Some(b) => {
            let (start, end) = (th.slice_bound(b[0])?, th.slice_bound(b[1])?);
            adjust_indices(start, end, items.len()).unwrap_or(0..0)
        }
        None => 0..items.len(),
    };
    for at in range {
        if th.equal(items[at], v)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn remove_at(th: &mut Thread, a: &[Value], at: usize) -> R<()> {
    let array = this(a);
    let size = array.size();
    array
        .store
        .splice(th, array, at * size..(at + 1) * size, b"")
}

fn insert(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let i = th.ssize(a[1])?;
    let data = array.packed(th, a[2])?;
    let (len, size) = (array.len(th)?, array.size());
    let at = if i < 0 {
        len.saturating_sub(i.unsigned_abs())
    } else {
        len.min(i as usize)
    };
    array
        .store
        .splice(th, array, at * size..at * size, &data[..size])?;
    Ok(Value::NONE)
}

fn pop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let i = th.ssize_or(a[1], -1)?;
    let len = array.len(th)?;
    if len == 0 {
        return Err(th.index_error("pop from empty array"));
    }
    let Some(at) = normalize_index(i, len) else {
        return Err(th.index_error("pop index out of range"));
    };
    let v = array.item(th, at)?;
    remove_at(th, a, at)?;
    Ok(v)
}

fn byteswap(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let mut data = array.store.bytes(th, array)?;
    for item in data.chunks_exact_mut(array.size()) {
        item.reverse();
    }
    array.store.store(th, array, 0, &data)?;
    Ok(Value::NONE)
}

fn reverse(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let data = array.store.bytes(th, array)?;
    let turned: Vec<u8> = data
        .chunks_exact(array.size())
        .rev()
        .flatten()
        .copied()
        .collect();
    array.store.store(th, array, 0, &turned)?;
    Ok(Value::NONE)
}

fn text(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    if !matches!(array.code, b'u' | b'w') {
        return Err(
            th.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')")
        );
    }
    let mut out = rustpython_wtf8::Wtf8Buf::new();
    for item in array.items(th)? {
        if let Some(s) = item.cast::<Str>() {
            out.push_wtf8(s.as_wtf8());
        }
    }
    th.new_str_value(&out)
}

fn from_file(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let n = th.ssize(a[2])?;
    if n < 0 {
        return Err(th.value_error("negative count"));
    }
    let wanted = (n as usize).saturating_mul(array.size());
    let size = th.int(wanted as i64);
    let data = th.call_method(a[1], "read", &[size])?;
    if !th.is_bytes(data) {
        return Err(th.type_error("read() didn't return bytes"));
    }
    let data = th.bytes_like(data)?;
    array.extend_bytes(th, &data)?;
    if data.len() != wanted {
        return Err(th.eof_error("read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let class = th.short_type_name(a[0]);
    let code = array.code as char;
    let items = if array.len(th)? == 0 {
        return th.new_str_utf8(&format!("{class}('{code}')"));
    } else if matches!(array.code, b'u' | b'w') {
        text(th, a)?
    } else {
        let items = array.items(th)?;
        List::new(th, &items).value()
    };
    let shown = th.repr(items)?;
    th.new_str_utf8(&format!("{class}('{code}', {})", &*shown))
}

/// How pickles name the machine format of an item type.
fn machine_format(code: u8) -> i64 {
    let little = match code {
        b'B' => return 0,
        b'b' => return 1,
        b'H' => 2,
        b'h' => 4,
        b'I' => 6,
        b'i' => 8,
        b'L' | b'Q' => 10,
        b'l' | b'q' => 12,
        b'f' => 14,
        b'd' => 16,
        _ => 20,
    };
    little + cfg!(target_endian = "big") as i64
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let protocol = th.ssize(a[1])?;
    let class = th.class_of(a[0]).value();
    let code = th.latin1_char(array.code).value();
    let state = match th.dict_of(a[0])? {
        Some(dict) => dict.value(),
        None => Value::NONE,
    };
    if protocol < 3 {
        let items = array.items(th)?;
        let list = List::new(th, &items).value();
        let args = th.tuple_value(&[code, list]);
        return Ok(th.tuple_value(&[class, args, state]));
    }
    let module = crate::modules::import(th, "array")?;
    let reconstruct = th.attr(module, "_array_reconstructor")?;
    let data = array.store.bytes(th, array)?;
    let data = th.new_bytes(&data)?;
    let format = Value::small(machine_format(array.code));
    let args = th.tuple_value(&[class, code, format, data]);
    Ok(th.tuple_value(&[reconstruct, args, state]))
}

/// `_array_reconstructor(arraytype, typecode, mformat_code, items)`, which pickles of other implementations call.
pub(super) fn reconstruct(th: &mut Thread, a: &[Value]) -> R<Value> {
    let code = super::code_arg(th, a[1])?;
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("first argument must be a type object"));
    };
    if !class.is_subclass(th.class_for::<Array>()) {
        let name = class.name().to_string();
        return Err(th.type_error(format!("{name} is not a subtype of array.array")));
    }
    let format = th.ssize(a[2])?;
    if !(0..22).contains(&format) {
        return Err(th.value_error("third argument must be a valid machine format code."));
    }
    if !th.is_bytes(a[3]) {
        let name = th.type_name(a[3]);
        return Err(th.type_error(format!("fourth argument should be bytes, not {name}")));
    }
    let data = th.bytes_like(a[3])?;
    let array = make(th, class, code, b"")?;
    // Machine formats: (signed, unsigned) integers of 1, 2, 4, 8 bytes, each little then big endian; floats; UTF-16 and -32.
    let (size, big) = match format {
        0 | 1 => (1, false),
        2..=5 => (2, format % 2 == 1),
        6..=9 => (4, format % 2 == 1),
        10..=13 => (8, format % 2 == 1),
        14 | 15 => (4, format % 2 == 1),
        16 | 17 => (8, format % 2 == 1),
        18 | 19 => (2, format % 2 == 1),
        _ => (4, format % 2 == 1),
    };
    if data.len() % size != 0 {
        return Err(th.value_error("string length not a multiple of item size"));
    }
    for chunk in data.chunks_exact(size) {
        let mut item = chunk.to_vec();
        if big {
            item.reverse();
        }
        let mut wide = [0; 8];
        wide[..size].copy_from_slice(&item);
        let word = u64::from_le_bytes(wide);
        let signed = matches!(format, 1 | 4 | 5 | 8 | 9 | 12 | 13);
        let v = match format {
            14 | 15 => Value::float(f32::from_bits(word as u32) as f64),
            16 | 17 => Value::float(f64::from_bits(word)),
            18..=21 => {
                crate::objects::buffer::item::unpack(th, b'w', &(word as u32).to_ne_bytes())?
            }
            _ if signed => {
                let shift = 64 - size as u32 * 8;
                th.int(((word << shift) as i64) >> shift)
            }
            _ => th.uint(word),
        };
        array.push(th, v)?;
    }
    Ok(array.value())
}

pub(super) fn define(t: &mut TypeBuilder) {
    t.methods(&[
        ("__repr__(self, /)", repr),
        ("append(self, v, /)", |th, a| {
            this(a).push(th, a[1])?;
            Ok(Value::NONE)
        }),
        ("extend(self, bb, /)", |th, a| {
            this(a).extend(th, a[1])?;
            Ok(Value::NONE)
        }),
        ("insert(self, i, v, /)", insert),
        ("pop(self, i=-1, /)", pop),
        ("remove(self, v, /)", |th, a| {
            match position(th, a, a[1], None)? {
                Some(at) => {
                    remove_at(th, a, at)?;
                    Ok(Value::NONE)
                }
                None => Err(th.value_error("array.remove(x): x not in array")),
            }
        }),
        (
            "index(self, v, start=0, stop=9223372036854775807, /)",
            |th, a| match position(th, a, a[1], Some(&a[2..]))? {
                Some(at) => Ok(th.int(at as i64)),
                None => Err(th.value_error("array.index(x): x not in array")),
            },
        ),
        ("count(self, v, /)", |th, a| {
            let mut n = 0;
            for item in this(a).items(th)? {
                n += th.equal(item, a[1])? as i64;
            }
            Ok(th.int(n))
        }),
        ("clear(self, /)", |th, a| {
            let array = this(a);
            array.store.replace(th, array, b"")?;
            Ok(Value::NONE)
        }),
        ("reverse(self, /)", reverse),
        ("byteswap(self, /)", byteswap),
        ("buffer_info(self, /)", |th, a| {
            let n = this(a).len(th)?;
            let (address, n) = (th.int(this(a).address() as i64), th.int(n as i64));
            Ok(th.tuple_value(&[address, n]))
        }),
        ("tolist(self, /)", |th, a| {
            let items = this(a).items(th)?;
            Ok(List::new(th, &items).value())
        }),
        ("fromlist(self, list, /)", |th, a| {
            let Some(list) = a[1].cast::<List>() else {
                return Err(th.type_error("arg must be list"));
            };
            let array = this(a);
            let before = array.store.len(th, array)?;
            if let Err(e) = array.extend(th, list.value()) {
                let after = array.store.len(th, array)?;
                array.store.splice(th, array, before..after, b"")?;
                return Err(e);
            }
            Ok(Value::NONE)
        }),
        ("tobytes(self, /)", |th, a| {
            let array = this(a);
            let data = array.store.bytes(th, array)?;
            th.new_bytes(&data)
        }),
        ("frombytes(self, buffer, /)", |th, a| {
            let data = th.bytes_like(a[1])?;
            this(a).extend_bytes(th, &data)?;
            Ok(Value::NONE)
        }),
        ("tounicode(self, /)", text),
        ("fromunicode(self, ustr, /)", |th, a| {
            let Some(s) = a[1].cast::<Str>() else {
                let name = crate::objects::string::shown_class(th, a[1]);
                return Err(
                    th.type_error(format!("fromunicode() argument must be str, not {name}"))
                );
            };
            if !matches!(this(a).code, b'u' | b'w') {
                return Err(th.value_error(
                    "fromunicode() may only be called on unicode type arrays ('u' or 'w')",
                ));
            }
            this(a).extend_text(th, s)?;
            Ok(Value::NONE)
        }),
        ("tofile(self, f, /)", |th, a| {
            let array = this(a);
            let data = array.store.bytes(th, array)?;
            let data = th.new_bytes(&data)?;
            th.call_method(a[1], "write", &[data])?;
            Ok(Value::NONE)
        }),
        ("fromfile(self, f, n, /)", from_file),
        ("__copy__(self, /)", copy),
        ("__deepcopy__(self, unused, /)", copy),
        ("__reduce_ex__(self, value, /)", reduce),
        ("__sizeof__(self, /)", |th, a| {
            let array = this(a);
            let n = array.store.capacity(th, array)?
                + size_of::<crate::objects::native::Native<Array>>();
            Ok(th.int(n as i64))
        }),
    ]);
    t.getset(
        "typecode",
        |th, v| Ok(th.latin1_char(this(&[v]).code).value()),
        None,
    );
    t.getset(
        "itemsize",
        |_, v| Ok(Value::small(this(&[v]).size() as i64)),
        None,
    );
}

fn copy(th: &mut Thread, a: &[Value]) -> R<Value> {
    let array = this(a);
    let data = array.store.bytes(th, array)?;
    let class = th.class_for::<Array>();
    Ok(make(th, class, array.code, &data)?.value())
}
