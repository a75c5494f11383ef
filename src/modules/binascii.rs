//! `binascii`.

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::modules::new_exception;
use crate::objects::Bytes;
use crate::objects::buffer::Data;
use crate::objects::define::Module;
use crate::objects::string::Str;

/// Raises `binascii.Error`.
#[cold]
fn error(th: &mut Thread, message: impl AsRef<str>) -> Fail {
    match th.rt.state.get("binascii.Error").as_class() {
        Some(class) => th.raise(class, message.as_ref()),
        None => th.value_error(message),
    }
}

/// Bytes, or the text of an ASCII string.
fn ascii_argument(th: &mut Thread, v: Value) -> R<Data> {
    if let Some(s) = v.cast::<Str>() {
        if !s.is_ascii() {
            return Err(th.value_error("string argument should contain only ASCII characters"));
        }
        return Ok(s.as_bytes().to_vec().into());
    }
    match th.buffer(v)? {
        Some(data) => Ok(data),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!(
                "argument should be bytes, buffer or ASCII string, not '{name}'"
            )))
        }
    }
}

fn flag(th: &mut Thread, v: Value, default: bool) -> R<bool> {
    if v.is_null() {
        Ok(default)
    } else {
        th.truth(v)
    }
}

fn hexlify(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let separator = match a[1].non_null() {
        None => None,
        Some(v) => {
            let text: Vec<u8> = if let Some(s) = v.cast::<Str>() {
                if s.len() == 1 && !s.is_ascii() {
                    return Err(th.value_error("sep must be ASCII."));
                }
                s.as_bytes().to_vec()
            } else if let Some(b) = v.cast::<Bytes>() {
                b.as_bytes().to_vec()
            } else {
                th.len_of(v)?;
                return Err(th.type_error("sep must be str or bytes."));
            };
            match *text {
                [byte] => Some(byte),
                _ => return Err(th.value_error("sep must be length 1.")),
            }
        }
    };
    let group = if a[2].is_null() {
        1
    } else {
        th.index_i64(a[2])?
    };
    let text = hex_groups(&data, separator, group);
    Ok(th.bytes(&text).value())
}

/// Hexadecimal digits, in groups counted from the right (negative: from the left) if there is a separator.
fn hex_groups(data: &[u8], separator: Option<u8>, group: i64) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let size = group.unsigned_abs() as usize;
    let mut out = Vec::with_capacity(data.len() * 3);
    for (i, &b) in data.iter().enumerate() {
        let place = if group < 0 { i } else { data.len() - i };
        if let Some(separator) = separator
            && size > 0
            && i > 0
            && place.is_multiple_of(size)
        {
            out.push(separator);
        }
        out.extend([DIGITS[b as usize >> 4], DIGITS[b as usize & 15]]);
    }
    out
}

fn unhexlify(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = ascii_argument(th, a[0])?;
    if text.len() % 2 != 0 {
        return Err(error(th, "Odd-length string"));
    }
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let data: Option<Vec<u8>> = text
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect();
    match data {
        Some(data) => Ok(th.bytes(&data).value()),
        None => Err(error(th, "Non-hexadecimal digit found")),
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_value(b: u8) -> Option<u32> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// Decodes base 64. What is no digit is skipped unless `strict`.
fn decode_base64(text: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    if strict && text.first() == Some(&b'=') {
        return Err("Leading padding not allowed".into());
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut quad, mut bits, mut pads, mut padding) = (0, 0u32, 0, false);
    for (i, &b) in text.iter().enumerate() {
        if b == b'=' {
            padding = true;
            if strict && quad == 0 {
                return Err("Excess padding not allowed".into());
            }
            if quad >= 2 {
                pads += 1;
                if quad + pads >= 4 {
                    if strict && i + 1 < text.len() {
                        return Err("Excess data after padding".into());
                    }
                    return Ok(out);
                }
            }
            continue;
        }
        let Some(value) = base64_value(b) else {
            if strict {
                return Err("Only base64 data is allowed".into());
            }
            continue;
        };
        if strict && padding {
            return Err("Discontinuous padding not allowed".into());
        }
        pads = 0;
        bits = bits << 6 | value;
        quad = (quad + 1) % 4;
        // The second to fourth digit complete a byte each.
        match quad {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            0 => out.push(bits as u8),
            _ => {}
        }
    }
    match quad {
        0 => Ok(out),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        )),
        _ => Err("Incorrect padding".into()),
    }
}

fn a2b_base64(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = ascii_argument(th, a[0])?;
    let strict = flag(th, a[1], false)?;
    match decode_base64(&text, strict) {
        Ok(data) => Ok(th.bytes(&data).value()),
        Err(message) => Err(error(th, message)),
    }
}

fn b2a_base64(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let newline = flag(th, a[1], true)?;
    let mut out = Vec::with_capacity(data.len() / 3 * 4 + 5);
    for chunk in data.chunks(3) {
        let mut word = [0; 4];
        word[1..1 + chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for i in 0..4 {
            out.push(if i <= chunk.len() {
                BASE64[(word >> (18 - 6 * i) & 63) as usize]
            } else {
                b'='
            });
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(th.bytes(&out).value())
}

fn a2b_uu(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = ascii_argument(th, a[0])?;
    let mut rest = text.iter().copied();
    let len = (rest.next().unwrap_or(0).wrapping_sub(b' ') & 0o77) as usize;
    let mut out = Vec::with_capacity(len + 2);
    let (mut bits, mut left) = (0u32, 0);
    while out.len() < len {
        // Spaces at the end of the line may have been eaten on the way.
        let value = match rest.next() {
            None | Some(b'\n' | b'\r') => 0,
            Some(b) if !(b' '..=b' ' + 64).contains(&b) => return Err(error(th, "Illegal char")),
            Some(b) => b.wrapping_sub(b' ') & 0o77,
        };
        bits = bits << 6 | value as u32;
        left += 6;
        if left >= 8 {
            left -= 8;
            out.push((bits >> left) as u8);
            bits &= (1 << left) - 1;
        }
    }
    if rest.any(|b| !matches!(b, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(th, "Trailing garbage"));
    }
    Ok(th.bytes(&out).value())
}

fn b2a_uu(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let backtick = flag(th, a[1], false)?;
    if data.len() > 45 {
        return Err(error(th, "At most 45 bytes at once"));
    }
    let digit = |value: u32| match value as u8 {
        0 if backtick => b'`',
        value => value + b' ',
    };
    let mut out = vec![digit(data.len() as u32)];
    for chunk in data.chunks(3) {
        let mut word = [0; 4];
        word[1..1 + chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        out.extend((0..4).map(|i| digit(word >> (18 - 6 * i) & 63)));
    }
    out.push(b'\n');
    Ok(th.bytes(&out).value())
}

fn a2b_qp(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = ascii_argument(th, a[0])?;
    let header = flag(th, a[1], false)?;
    let digit = |b: Option<&u8>| (*b? as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let b = text[at];
        at += 1;
        if b == b'=' {
            match text.get(at) {
                None => break,
                Some(b'\n' | b'\r') => {
                    // A soft line break, in whatever system's way.
                    while at < text.len() && text[at] != b'\n' {
                        at += 1;
                    }
                    at += 1;
                }
                Some(b'=') => {
                    out.push(b'=');
                    at += 1;
                }
                next => match (digit(next), digit(text.get(at + 1))) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        at += 2;
                    }
                    _ => out.push(b'='),
                },
            }
        } else if header && b == b'_' {
            out.push(b' ');
        } else {
            out.push(b);
        }
    }
    Ok(th.bytes(&out).value())
}

const QP_LINE: usize = 76;

/// How quoted-printable text is made.
struct QuotedPrintable {
    quote_tabs: bool,
    text: bool,
    header: bool,
}

impl QuotedPrintable {
    fn must_quote(&self, data: &[u8], at: usize, column: usize) -> bool {
        let b = data[at];
        let next = data.get(at + 1);
        match b {
            127.. | b'=' => true,
            b'_' => self.header,
            // A lone dot would end a mail.
            b'.' => column == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)),
            b'\r' | b'\n' => !self.text,
            b'\t' | b' ' => next.is_none() || self.quote_tabs,
            _ => b < 33,
        }
    }

    fn encode(&self, data: &[u8]) -> Vec<u8> {
        let newline = data.iter().position(|&b| b == b'\n');
        let crlf = newline.is_some_and(|i| i > 0 && data[i - 1] == b'\r');
        let line_end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        let mut out = Vec::with_capacity(data.len() * 3 / 2);
        let (mut at, mut column) = (0, 0);
        let quote = |out: &mut Vec<u8>, b: u8| out.extend(format!("={b:02X}").bytes());
        while at < data.len() {
            let (b, next) = (data[at], data.get(at + 1));
            if self.must_quote(data, at, column) {
                if column + 3 >= QP_LINE {
                    out.push(b'=');
                    out.extend(line_end);
                    column = 0;
                }
                quote(&mut out, b);
                column += 3;
                at += 1;
            } else if self.text && (b == b'\n' || b == b'\r' && next == Some(&b'\n')) {
                column = 0;
                // White space before the end of a line would not survive.
                if let Some(&(b' ' | b'\t')) = out.last() {
                    let last = out.pop().unwrap_or(b' ');
                    quote(&mut out, last);
                }
                out.extend(line_end);
                at += if b == b'\r' { 2 } else { 1 };
            } else {
                if next.is_some_and(|&n| n != b'\n') && column + 1 >= QP_LINE {
                    out.push(b'=');
                    out.extend(line_end);
                    column = 0;
                }
                column += 1;
                out.push(if self.header && b == b' ' { b'_' } else { b });
                at += 1;
            }
        }
        out
    }
}

fn b2a_qp(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let how = QuotedPrintable {
        quote_tabs: flag(th, a[1], false)?,
        text: flag(th, a[2], true)?,
        header: flag(th, a[3], false)?,
    };
    let out = how.encode(&data);
    Ok(th.bytes(&out).value())
}

/// The remainders of the bytes, for the CRC of zip, PNG and Ethernet (reflected polynomial 0xedb88320).
const CRC32: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { 0xedb8_8320 } else { 0 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

/// The CRC-32 of `data` appended to something with CRC `crc`.
pub(crate) fn crc32(data: &[u8], crc: u32) -> u32 {
    !data.iter().fold(!crc, |crc, &b| {
        crc >> 8 ^ CRC32[((crc ^ b as u32) & 0xff) as usize]
    })
}

fn crc32_function(th: &mut Thread, a: &[Value]) -> R<Value> {
    let start = start_argument(th, a[1])?;
    let data = th.bytes_like(a[0])?;
    Ok(th.int(crc32(&data, start) as i64))
}

/// The low 32 bits of an int argument.
fn start_argument(th: &mut Thread, v: Value) -> R<u32> {
    if v.is_null() {
        return Ok(0);
    }
    let n = th.index(v)?;
    let low = crate::objects::int::int_and(th, n, Value::small(0xffff_ffff))?;
    Ok(low.as_int().unwrap_or(0) as u32)
}

fn crc_hqx(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let start = start_argument(th, a[1])? as u16;
    let crc = data.iter().fold(start, |crc, &b| {
        (0..8).fold(crc ^ (b as u16) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 }
        })
    });
    Ok(Value::small(crc as i64))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("binascii");
    let (value_error, exception) = {
        let e = &th.rt.types().exceptions;
        (e.value_error, e.exception)
    };
    let class = new_exception(th, "binascii.Error", value_error);
    th.set_state("binascii.Error", class.value());
    th.define(module.dict(), "Error", class.value());
    let class = new_exception(th, "binascii.Incomplete", exception);
    th.define(module.dict(), "Incomplete", class.value());
    th.functions(
        module,
        &[
            ("hexlify(data, sep=None, bytes_per_sep=1)", hexlify),
            ("b2a_hex(data, sep=None, bytes_per_sep=1)", hexlify),
            ("unhexlify(hexstr, /)", unhexlify),
            ("a2b_hex(hexstr, /)", unhexlify),
            ("a2b_base64(data, /, *, strict_mode=False)", a2b_base64),
            ("b2a_base64(data, /, *, newline=True)", b2a_base64),
            ("a2b_uu(data, /)", a2b_uu),
            ("b2a_uu(data, /, *, backtick=False)", b2a_uu),
            ("a2b_qp(data, header=False)", a2b_qp),
            (
                "b2a_qp(data, quotetabs=False, istext=True, header=False)",
                b2a_qp,
            ),
            ("crc32(data, crc=0, /)", crc32_function),
            ("crc_hqx(data, crc, /)", crc_hqx),
        ],
    );
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums() {
        assert_eq!(crc32(b"hello", 0), 907_060_870);
        assert_eq!(crc32(b"x", 5), 4_239_843_852);
    }

    #[test]
    fn base64() {
        assert_eq!(decode_base64(b"YW==YW", false).unwrap(), b"a");
        assert_eq!(decode_base64(b"Y=WJj", false).unwrap(), b"abc");
        assert_eq!(
            decode_base64(b"YW=J", false).unwrap_err(),
            "Incorrect padding"
        );
        assert_eq!(
            decode_base64(b"YW=J", true).unwrap_err(),
            "Discontinuous padding not allowed"
        );
        assert!(
            decode_base64(b"Y", true)
                .unwrap_err()
                .contains("characters (1)")
        );
    }

    #[test]
    fn quoted_printable() {
        let plain = QuotedPrintable {
            quote_tabs: false,
            text: true,
            header: false,
        };
        assert_eq!(
            plain.encode(b"hello =\xff world  \nabc\t\n.\n"),
            b"hello =3D=FF world =20\nabc=09\n=2E\n"
        );
        assert_eq!(
            plain.encode(&[b'x'; 100]),
            [[b'x'; 75].as_slice(), b"=\n", &[b'x'; 25]].concat()
        );
        let header = QuotedPrintable {
            header: true,
            ..plain
        };
        assert_eq!(header.encode(b"a b\t_"), b"a_b\t=5F");
    }

    #[test]
    fn hex() {
        assert_eq!(hex_groups(b"abcde", Some(b'-'), 3), b"6162-636465");
        assert_eq!(hex_groups(b"abcde", Some(b'-'), -3), b"616263-6465");
    }
}
