//! `marshal`: simple values and code objects as bytes. CPython's format for values, our own for code.

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive};
use rustpython_wtf8::Wtf8;

use crate::code::serial;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::function::Code;
use crate::objects::list::List;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;
use crate::objects::{Bytes, Complex};

const DEPTH: usize = 2000;

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("marshal");
    th.functions(
        module,
        &[
            ("dumps(value, version=5, /, *, allow_code=True)", dumps),
            ("loads(bytes, /, *, allow_code=True)", loads),
            ("dump(value, file, version=5, /, *, allow_code=True)", dump),
            ("load(file, /, *, allow_code=True)", load),
        ],
    );
    th.define(module.dict(), "version", Value::small(5));
    Ok(module)
}

fn dumps(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut out = vec![];
    write(th, args[0], &mut out, 0)?;
    Ok(th.bytes(&out).value())
}
fn dump(th: &mut Thread, args: &[Value]) -> R<Value> {
    let data = dumps(th, &args[..1])?;
    th.call_method(args[1], "write", &[data])
}
fn loads(th: &mut Thread, args: &[Value]) -> R<Value> {
    let data = th.bytes_like(args[0])?;
    read_all(th, &data)
}
fn load(th: &mut Thread, args: &[Value]) -> R<Value> {
    let data = th.call_method(args[0], "read", &[])?;
    let data = th.bytes_like(data)?;
    read_all(th, &data)
}
fn read_all(th: &mut Thread, data: &[u8]) -> R<Value> {
    let mut reader = Reader {
        data,
        at: 0,
        refs: vec![],
    };
    let mark = th.roots.len();
    let v = reader.value(th, 0)?;
    th.roots.truncate(mark);
    if v.is_null() {
        return Err(th.type_error("NULL object in marshal data for object"));
    }
    Ok(v)
}

fn write_sized(out: &mut Vec<u8>, kind: u8, data: &[u8]) {
    out.push(kind);
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
}

fn write(th: &mut Thread, v: Value, out: &mut Vec<u8>, depth: usize) -> R<()> {
    if depth > DEPTH {
        return Err(th.value_error("object too deeply nested to marshal"));
    }
    let types = th.rt.types();
    let class = th.class_of(v);
    match v {
        Value::NONE => out.push(b'N'),
        Value::TRUE => out.push(b'T'),
        Value::FALSE => out.push(b'F'),
        Value::ELLIPSIS => out.push(b'.'),
        _ if v == types.exceptions.stop_iteration.value() => out.push(b'S'),
        _ if class == types.int => {
            let i = th.as_bigint(v).unwrap_or_default();
            match i.to_i32() {
                Some(i) => {
                    out.push(b'i');
                    out.extend(i.to_le_bytes());
                }
                None => {
                    // Digits of 15 bits, least first; the count carries the sign.
                    let mut rest = i.abs();
                    let mut digits: Vec<u16> = vec![];
                    let base = BigInt::from(1 << 15);
                    while rest.sign() != Sign::NoSign {
                        digits.push((&rest % &base).to_u16().unwrap_or(0));
                        rest /= &base;
                    }
                    let count = digits.len() as i32 * if i.is_negative() { -1 } else { 1 };
                    out.push(b'l');
                    out.extend(count.to_le_bytes());
                    digits.iter().for_each(|d| out.extend(d.to_le_bytes()));
                }
            }
        }
        _ if class == types.float => {
            out.push(b'g');
            out.extend(v.as_float().unwrap_or(0.0).to_le_bytes());
        }
        _ if class == types.complex => {
            if let Some(c) = v.cast::<Complex>() {
                out.push(b'y');
                out.extend(c.real.to_le_bytes());
                out.extend(c.imag.to_le_bytes());
            }
        }
        _ if class == types.str => {
            if let Some(s) = v.cast::<Str>() {
                write_sized(out, b'u', s.as_bytes());
            }
        }
        _ if class == types.bytes => {
            if let Some(b) = v.cast::<Bytes>() {
                write_sized(out, b's', b.as_bytes());
            }
        }
        _ if class == types.tuple => write_items(th, b'(', tuple_items(v), out, depth)?,
        _ if class == types.list => {
            let items = th.collect_items(v)?;
            write_items(th, b'[', &items, out, depth)?;
        }
        _ if class == types.set || class == types.frozenset => {
            let items = th.collect_items(v)?;
            let kind = if class == types.set { b'<' } else { b'>' };
            write_items(th, kind, &items, out, depth)?;
        }
        _ if class == types.dict => {
            if let Some(dict) = v.cast::<Dict>() {
                out.push(b'{');
                for (k, x) in dict.items(th)? {
                    write(th, k, out, depth + 1)?;
                    write(th, x, out, depth + 1)?;
                }
                out.push(b'0');
            }
        }
        _ if class == types.code => {
            if let Some(code) = v.cast::<Code>() {
                write_sized(out, b'c', &serial::write_unit(&code.unit));
            }
        }
        _ => match th.buffer(v)? {
            Some(data) => write_sized(out, b's', &data),
            None => return Err(th.value_error("unmarshallable object")),
        },
    }
    Ok(())
}

fn write_items(
    th: &mut Thread,
    kind: u8,
    items: &[Value],
    out: &mut Vec<u8>,
    depth: usize,
) -> R<()> {
    out.push(kind);
    out.extend((items.len() as u32).to_le_bytes());
    for v in items {
        write(th, *v, out, depth + 1)?;
    }
    Ok(())
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    /// What flagged values have been read, for back references.
    refs: Vec<Value>,
}

const FLAG_REF: u8 = 0x80;

impl<'a> Reader<'a> {
    fn take(&mut self, th: &mut Thread, n: usize) -> R<&'a [u8]> {
        match self.data.get(self.at..self.at.saturating_add(n)) {
            Some(part) => {
                self.at += n;
                Ok(part)
            }
            None => Err(th.eof_error("marshal data too short")),
        }
    }
    fn u32(&mut self, th: &mut Thread) -> R<usize> {
        let b = self.take(th, 4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
    }
    fn f64(&mut self, th: &mut Thread) -> R<f64> {
        let b = self.take(th, 8)?;
        let mut word = [0; 8];
        word.copy_from_slice(b);
        Ok(f64::from_le_bytes(word))
    }
    fn items(&mut self, th: &mut Thread, n: usize, depth: usize) -> R<Vec<Value>> {
        let mut items = Vec::with_capacity(n.min(1 << 16));
        for _ in 0..n {
            let v = self.value(th, depth + 1)?;
            if v.is_null() {
                return Err(th.type_error("NULL object in marshal data"));
            }
            th.roots.push(v);
            items.push(v);
        }
        Ok(items)
    }

    fn value(&mut self, th: &mut Thread, depth: usize) -> R<Value> {
        if depth > DEPTH {
            return Err(th.value_error("bad marshal data (recursion limit exceeded)"));
        }
        let code = self.take(th, 1)?[0];
        let slot = if code & FLAG_REF != 0 {
            self.refs.push(Value::NONE);
            Some(self.refs.len() - 1)
        } else {
            None
        };
        let v = match code & !FLAG_REF {
            b'0' => return Ok(Value::NULL),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => th.rt.types().exceptions.stop_iteration.value(),
            b'i' => {
                let n = self.u32(th)? as u32 as i32;
                Value::small(n as i64)
            }
            b'I' => {
                let b = self.take(th, 8)?;
                let mut word = [0; 8];
                word.copy_from_slice(b);
                th.int(i64::from_le_bytes(word))
            }
            b'l' => {
                let count = self.u32(th)? as u32 as i32;
                let digits = self.take(th, count.unsigned_abs() as usize * 2)?;
                let mut i = BigInt::default();
                for d in digits.chunks_exact(2).rev() {
                    i = (i << 15) + u16::from_le_bytes([d[0], d[1]]);
                }
                th.big(if count < 0 { -i } else { i })
            }
            b'g' => Value::float(self.f64(th)?),
            b'y' => {
                let (re, im) = (self.f64(th)?, self.f64(th)?);
                let class = th.rt.types().complex;
                th.alloc(class.root_shape(), Complex::new(re, im), 0)
                    .value()
            }
            b's' => {
                let n = self.u32(th)?;
                let data = self.take(th, n)?;
                th.bytes(data).value()
            }
            kind @ (b'u' | b't' | b'a' | b'A' | b'z' | b'Z') => {
                let n = if matches!(kind, b'z' | b'Z') {
                    self.take(th, 1)?[0] as usize
                } else {
                    self.u32(th)?
                };
                let data = self.take(th, n)?;
                match Wtf8::from_bytes(data) {
                    Some(text) if matches!(kind, b't' | b'A' | b'Z') => {
                        th.intern_wtf8(text.as_bytes()).value()
                    }
                    Some(text) => th.str_wtf8(text).value(),
                    None => return Err(th.value_error("bad marshal data (invalid text)")),
                }
            }
            kind @ (b'(' | b')') => {
                let n = if kind == b')' {
                    self.take(th, 1)?[0] as usize
                } else {
                    self.u32(th)?
                };
                let items = self.items(th, n, depth)?;
                th.tuple_value(&items)
            }
            b'[' => {
                let n = self.u32(th)?;
                let items = self.items(th, n, depth)?;
                List::new(th, &items).value()
            }
            kind @ (b'<' | b'>') => {
                let n = self.u32(th)?;
                let items = self.items(th, n, depth)?;
                let items = th.tuple_value(&items);
                let types = th.rt.types();
                let class = if kind == b'<' {
                    types.set
                } else {
                    types.frozenset
                };
                th.call(class.value(), &[items])?
            }
            b'{' => {
                let dict = Dict::new(th);
                th.roots.push(dict.value());
                loop {
                    let k = self.value(th, depth + 1)?;
                    if k.is_null() {
                        break;
                    }
                    th.roots.push(k);
                    let v = self.value(th, depth + 1)?;
                    dict.insert(th, k, v)?;
                }
                dict.value()
            }
            b'c' => {
                let n = self.u32(th)?;
                let data = self.take(th, n)?;
                match serial::read_unit(data) {
                    Some(unit) => th.load_code(unit)?.value(),
                    None => return Err(th.value_error("bad marshal data (invalid code)")),
                }
            }
            b'r' => {
                let n = self.u32(th)?;
                match self.refs.get(n) {
                    Some(v) => *v,
                    None => return Err(th.value_error("bad marshal data (invalid reference)")),
                }
            }
            _ => return Err(th.value_error("bad marshal data (unknown type code)")),
        };
        if let Some(slot) = slot {
            self.refs[slot] = v;
            th.roots.push(v);
        }
        Ok(v)
    }
}
