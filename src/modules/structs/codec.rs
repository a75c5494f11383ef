//! Values to bytes and back, by a parsed format.

use num_bigint::BigInt;

use super::error;
use super::format::{Field, Format, Kind};
use crate::heap::{Fail, R, Thread, Value};
use crate::objects::Bytes;
use crate::objects::buffer::item::{half_from_f64, half_to_f64};
use crate::objects::int::Int;
use crate::objects::special::Sp;

/// The error for a number of values that does not fit the format.
#[cold]
pub(super) fn wrong_number(th: &mut Thread, format: &Format, given: usize, function: &str) -> Fail {
    let expected = format.values;
    error(
        th,
        format!("{function} expected {expected} items for packing (got {given})"),
    )
}

/// The bytes of `values`.
pub(super) fn pack(
    th: &mut Thread,
    format: &Format,
    values: &[Value],
    function: &str,
) -> R<Vec<u8>> {
    if values.len() != format.values {
        return Err(wrong_number(th, format, values.len(), function));
    }
    th.check_room(format.size)?;
    let mut out = vec![0; format.size];
    let mut values = values.iter().copied();
    for field in &format.fields {
        match field.kind {
            Kind::Bytes | Kind::Pascal => {
                let Some(v) = values.next() else { break };
                let place = &mut out[field.offset..field.offset + field.count];
                pack_text(th, field, v, place)?;
            }
            _ => {
                for i in 0..field.count {
                    let Some(v) = values.next() else { break };
                    let at = field.offset + i * field.size;
                    pack_one(th, format, field, v, &mut out[at..at + field.size])?;
                }
            }
        }
    }
    Ok(out)
}

fn pack_text(th: &mut Thread, field: &Field, v: Value, place: &mut [u8]) -> R<()> {
    let data = if th.is_bytes(v) { th.buffer(v)? } else { None };
    let Some(data) = data else {
        let code = field.code as char;
        return Err(error(
            th,
            format!("argument for '{code}' must be a bytes object"),
        ));
    };
    if field.kind == Kind::Bytes {
        let n = data.len().min(place.len());
        place[..n].copy_from_slice(&data[..n]);
    } else if let Some((length, text)) = place.split_first_mut() {
        let n = data.len().min(text.len());
        text[..n].copy_from_slice(&data[..n]);
        *length = n.min(255) as u8;
    }
    Ok(())
}

/// Copies the low bytes of a little-endian number to their place.
fn put(place: &mut [u8], little: &[u8], big_endian: bool) {
    place.copy_from_slice(&little[..place.len()]);
    if big_endian {
        place.reverse();
    }
}

fn pack_one(th: &mut Thread, format: &Format, field: &Field, v: Value, place: &mut [u8]) -> R<()> {
    let big = format.big_endian;
    match field.kind {
        Kind::Signed | Kind::Unsigned | Kind::Pointer => pack_int(th, format, field, v, place),
        Kind::Half | Kind::Float | Kind::Double => {
            let x = float(th, v)?;
            pack_float(th, format, field.kind, x, place)
        }
        Kind::ComplexFloat | Kind::ComplexDouble => {
            let Ok((re, im)) = th.complex_number(v) else {
                th.take_exc();
                return Err(error(th, "required argument is not a complex"));
            };
            let part = if field.kind == Kind::ComplexFloat {
                Kind::Float
            } else {
                Kind::Double
            };
            let (first, second) = place.split_at_mut(field.size / 2);
            pack_float(th, format, part, re, first)?;
            pack_float(th, format, part, im, second)
        }
        Kind::Bool => {
            let bit = th.truth(v)? as u8;
            put(place, &[bit], big);
            Ok(())
        }
        Kind::Char => match v.cast::<Bytes>().map(|b| b.as_bytes().to_vec()).as_deref() {
            Some(&[byte]) => {
                place[0] = byte;
                Ok(())
            }
            _ => Err(error(th, "char format requires a bytes object of length 1")),
        },
        Kind::Pad | Kind::Bytes | Kind::Pascal => Ok(()),
    }
}

fn pack_int(th: &mut Thread, format: &Format, field: &Field, v: Value, place: &mut [u8]) -> R<()> {
    let n = match Int::of(v) {
        Some(n) => n,
        None if !th.special(v, Sp::Index).is_null() => th.index_of(v)?,
        None => return Err(error(th, "required argument is not an integer")),
    };
    let bits = field.size as u32 * 8;
    let wide = match n {
        Int::Small(i) => Some(i as i128),
        Int::Big(big) => i128::try_from(&big.value).ok(),
    };
    let (min, max) = match field.kind {
        Kind::Signed => (-1i128 << (bits - 1), (1i128 << (bits - 1)) - 1),
        // A pointer may be given as a signed number.
        Kind::Pointer => (-1i128 << 63, (1i128 << 64) - 1),
        _ => (0, (1i128 << bits) - 1),
    };
    match wide {
        Some(n) if (min..=max).contains(&n) => {
            put(place, &n.to_le_bytes(), format.big_endian);
            Ok(())
        }
        _ if field.kind == Kind::Pointer => Err(error(th, "int too large to convert")),
        _ => {
            let code = field.code as char;
            Err(error(
                th,
                format!("'{code}' format requires {min} <= number <= {max}"),
            ))
        }
    }
}

fn float(th: &mut Thread, v: Value) -> R<f64> {
    let type_error = th.rt.types().exceptions.type_error;
    match th.real_number(v) {
        Err(Fail::Raise) if th.raised_is(type_error) => {
            th.take_exc();
            Err(error(th, "required argument is not a float"))
        }
        x => x,
    }
}

fn pack_float(th: &mut Thread, format: &Format, kind: Kind, x: f64, place: &mut [u8]) -> R<()> {
    let big = format.big_endian;
    match kind {
        Kind::Half => match half_from_f64(x) {
            Some(bits) => put(place, &bits.to_le_bytes(), big),
            None => return Err(th.overflow_error("float too large to pack with e format")),
        },
        Kind::Float => {
            let narrow = x as f32;
            // C's own conversion, which native formats use, does not complain.
            if narrow.is_infinite() && x.is_finite() && !format.native {
                return Err(th.overflow_error("float too large to pack with f format"));
            }
            put(place, &narrow.to_le_bytes(), big)
        }
        _ => put(place, &x.to_le_bytes(), big),
    }
    Ok(())
}

/// The tuple of values in `data`, which has the format's size.
pub(super) fn unpack(th: &mut Thread, format: &Format, data: &[u8]) -> Value {
    let mut values = Vec::with_capacity(format.values);
    for field in &format.fields {
        match field.kind {
            Kind::Bytes => {
                let text = &data[field.offset..field.offset + field.count];
                values.push(th.bytes(text).value());
            }
            Kind::Pascal => {
                let place = &data[field.offset..field.offset + field.count];
                let text = match place.split_first() {
                    Some((&length, text)) => &text[..text.len().min(length as usize)],
                    None => &[],
                };
                values.push(th.bytes(text).value());
            }
            _ => {
                let end = field.offset + field.count * field.size;
                for place in data[field.offset..end].chunks_exact(field.size) {
                    values.push(unpack_one(th, format, field.kind, place));
                }
            }
        }
    }
    th.tuple_value(&values)
}

/// A little-endian copy, filled up with zeros.
fn little<const N: usize>(place: &[u8], big_endian: bool) -> [u8; N] {
    let mut out = [0; N];
    out[..place.len()].copy_from_slice(place);
    if big_endian {
        out[..place.len()].reverse();
    }
    out
}

fn unpack_float(format: &Format, kind: Kind, place: &[u8]) -> f64 {
    let big = format.big_endian;
    match kind {
        Kind::Half => half_to_f64(u16::from_le_bytes(little(place, big))),
        Kind::Float => f32::from_le_bytes(little(place, big)) as f64,
        _ => f64::from_le_bytes(little(place, big)),
    }
}

fn unpack_one(th: &mut Thread, format: &Format, kind: Kind, place: &[u8]) -> Value {
    match kind {
        Kind::Char => th.bytes(place).value(),
        Kind::Bool => Value::bool(place[0] != 0),
        Kind::Signed => {
            let n = u64::from_le_bytes(little(place, format.big_endian));
            let unused = 64 - place.len() * 8;
            th.int((n << unused) as i64 >> unused)
        }
        Kind::Unsigned | Kind::Pointer => {
            let n = u64::from_le_bytes(little(place, format.big_endian));
            if n > i64::MAX as u64 {
                return th.big(BigInt::from(n));
            }
            th.int(n as i64)
        }
        Kind::ComplexFloat | Kind::ComplexDouble => {
            let part = if kind == Kind::ComplexFloat {
                Kind::Float
            } else {
                Kind::Double
            };
            let (re, im) = place.split_at(place.len() / 2);
            let (re, im) = (
                unpack_float(format, part, re),
                unpack_float(format, part, im),
            );
            th.complex(re, im)
        }
        _ => Value::float(unpack_float(format, kind, place)),
    }
}
