//! Items of buffers: numbers in the machine's byte order, named by the letters of the `struct` module.

use num_traits::ToPrimitive;

use crate::heap::{Fail, R, Thread, Value};
use crate::objects::Bytes;

/// Bytes of an item of format `code`; `None` if there is no such format.
pub fn size(code: u8) -> Option<usize> {
    Some(match code {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' | b'w' | b'u' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

fn array<const N: usize>(data: &[u8]) -> [u8; N] {
    data[..N].try_into().expect("an item has its size")
}

/// The value of an item. `data` has the item's size.
pub fn unpack(th: &mut Thread, code: u8, data: &[u8]) -> R<Value> {
    Ok(match code {
        b'c' => th.new_bytes(&data[..1])?,
        b'b' => Value::small(data[0] as i8 as i64),
        b'B' => Value::small(data[0] as i64),
        b'?' => Value::bool(data[0] != 0),
        b'h' => Value::small(i16::from_ne_bytes(array(data)) as i64),
        b'H' => Value::small(u16::from_ne_bytes(array(data)) as i64),
        b'i' => Value::small(i32::from_ne_bytes(array(data)) as i64),
        b'I' => Value::small(u32::from_ne_bytes(array(data)) as i64),
        b'l' | b'q' | b'n' => th.int(i64::from_ne_bytes(array(data))),
        b'L' | b'Q' | b'N' | b'P' => th.uint(u64::from_ne_bytes(array(data))),
        b'f' => Value::float(f32::from_ne_bytes(array(data)) as f64),
        b'd' => Value::float(f64::from_ne_bytes(array(data))),
        b'e' => Value::float(half_to_f64(u16::from_ne_bytes(array(data)))),
        b'w' | b'u' => {
            let code = u32::from_ne_bytes(array(data));
            let Some(c) = rustpython_wtf8::CodePoint::from_u32(code) else {
                return Err(th.value_error(format!(
                    "character U+{code:x} is not in range [U+0000; U+10ffff]"
                )));
            };
            let mut text = rustpython_wtf8::Wtf8Buf::new();
            text.push(c);
            th.new_str_value(&text)?
        }
        _ => {
            return Err(
                th.not_implemented_error(format!("format {} is not supported", code as char))
            );
        }
    })
}

/// The values of all items in `data`. They stay rooted until the native function that asked returns: comparing them may
/// run Python code.
pub fn unpack_all(th: &mut Thread, code: u8, data: &[u8]) -> R<Vec<Value>> {
    let size = size(code).unwrap_or(1);
    let mut items = Vec::with_capacity(data.len() / size);
    for chunk in data.chunks_exact(size) {
        let v = unpack(th, code, chunk)?;
        if v.is_object() {
            th.roots.push(v);
        }
        items.push(v);
    }
    Ok(items)
}

/// A half-precision float.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let fraction = (bits & 0x3ff) as f64;
    match bits >> 10 & 0x1f {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        e => sign * (1.0 + fraction / 1024.0) * 2f64.powi(e as i32 - 15),
    }
}

/// The nearest half-precision float, ties to even; `None` if it would overflow.
pub fn half_from_f64(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    let magnitude = x.abs();
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // In units of the smallest step at this size; rounding may carry into the exponent, which is as it should be.
    let exponent = if magnitude < 2f64.powi(-14) {
        -14
    } else {
        (magnitude.to_bits() >> 52) as i32 - 1023
    };
    let steps = (magnitude * 2f64.powi(10 - exponent)).round_ties_even();
    let bits = if exponent == -14 && steps < 1024.0 {
        steps as u32
    } else {
        ((exponent + 15) as u32 * 1024 + steps as u32).wrapping_sub(1024)
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

/// How complaints about an item's value read: `memoryview` and `array` differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    View,
    Array,
}

/// The bytes of an item with value `v`, in the first `size(code)` bytes.
pub fn pack(th: &mut Thread, code: u8, v: Value, wording: Wording) -> R<[u8; 8]> {
    let mut out = [0; 8];
    macro_rules! put {
        ($x:expr) => {{
            let bytes = $x.to_ne_bytes();
            out[..bytes.len()].copy_from_slice(&bytes);
        }};
    }
    match code {
        b'c' => match v.cast::<Bytes>().map(|b| b.as_bytes().to_vec()).as_deref() {
            Some([b]) => out[0] = *b,
            Some(_) => return Err(th.value_error("memoryview: invalid value for format 'c'")),
            None => return Err(invalid_type(th, code, v, wording)),
        },
        b'?' => out[0] = th.truth(v)? as u8,
        b'f' | b'd' | b'e' => {
            let x = match th.try_float(v)? {
                Some(x) => x,
                None => return Err(not_a_number(th, code, v, wording)),
            };
            match code {
                b'd' => put!(x),
                b'f' => put!(x as f32),
                _ => match half_from_f64(x) {
                    Some(bits) => put!(bits),
                    None => {
                        return Err(th.overflow_error("float too large to pack with e format"));
                    }
                },
            }
        }
        _ => {
            if th.special(v, crate::objects::special::Sp::Index).is_null() {
                return Err(not_a_number(th, code, v, wording));
            }
            let i = th.index(v)?;
            let i = th.as_bigint(i).and_then(|i| i.to_i128());
            let i = i.unwrap_or(i128::MAX);
            let bits = size(code).unwrap_or(8) as u32 * 8;
            let signed = matches!(code, b'b' | b'h' | b'i' | b'l' | b'q' | b'n');
            let (low, high) = if signed {
                (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
            } else {
                (0, (1i128 << bits) - 1)
            };
            if i < low || i > high {
                return Err(out_of_range(th, code, i > high, wording));
            }
            let bytes = (i as u64).to_le_bytes();
            if cfg!(target_endian = "little") {
                out = bytes;
            } else {
                for (k, b) in bytes[..bits as usize / 8].iter().rev().enumerate() {
                    out[k] = *b;
                }
            }
        }
    }
    Ok(out)
}

fn invalid_type(th: &mut Thread, code: u8, _v: Value, _: Wording) -> Fail {
    th.type_error(format!(
        "memoryview: invalid type for format '{}'",
        code as char
    ))
}

fn not_a_number(th: &mut Thread, code: u8, v: Value, wording: Wording) -> Fail {
    if wording == Wording::View {
        return invalid_type(th, code, v, wording);
    }
    let name = th.type_name(v);
    th.type_error(match code {
        b'f' | b'd' => format!("must be real number, not {name}"),
        _ => format!("'{name}' object cannot be interpreted as an integer"),
    })
}

fn out_of_range(th: &mut Thread, code: u8, high: bool, wording: Wording) -> Fail {
    if wording == Wording::View {
        return th.value_error(format!(
            "memoryview: invalid value for format '{}'",
            code as char
        ));
    }
    let side = if high {
        "greater than maximum"
    } else {
        "less than minimum"
    };
    th.overflow_error(match code {
        b'b' => format!("signed char is {side}"),
        b'B' => format!("unsigned byte integer is {side}"),
        b'h' => format!("signed short integer is {side}"),
        b'H' => format!("unsigned short is {side}"),
        b'i' => format!("signed integer is {side}"),
        b'I' if high => "unsigned int is greater than maximum".into(),
        b'l' => "Python int too large to convert to C long".into(),
        b'I' | b'L' if !high => "can't convert negative value to unsigned int".into(),
        b'L' => "Python int too large to convert to C unsigned long".into(),
        b'Q' if !high => "can't convert negative int to unsigned".into(),
        _ => "int too big to convert".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for bits in 0..=u16::MAX {
            let x = half_to_f64(bits);
            if !x.is_nan() {
                assert_eq!(half_from_f64(x), Some(bits), "{x}");
            }
        }
        assert_eq!(half_from_f64(65519.0), Some(0x7bff));
        assert_eq!(half_from_f64(65520.0), None);
        assert_eq!(half_from_f64(2f64.powi(-25)), Some(0));
    }
}
