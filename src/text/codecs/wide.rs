//! UTF-16 and UTF-32.

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault, EncodeErrors, Replacement};
use super::narrow::Cursor;

/// The order of the bytes of a code unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
    /// The machine's order, with a byte order mark when encoding; when decoding, what the mark says.
    Marked,
}

impl ByteOrder {
    fn is_big(self) -> bool {
        match self {
            ByteOrder::Little => false,
            ByteOrder::Big => true,
            ByteOrder::Marked => cfg!(target_endian = "big"),
        }
    }

    /// The name that errors report.
    fn name(self, bits: u32) -> &'static str {
        match (bits, self) {
            (16, ByteOrder::Little) => "utf-16-le",
            (16, ByteOrder::Big) => "utf-16-be",
            (16, ByteOrder::Marked) => "utf-16",
            (_, ByteOrder::Little) => "utf-32-le",
            (_, ByteOrder::Big) => "utf-32-be",
            (_, ByteOrder::Marked) => "utf-32",
        }
    }

    /// The order that data without a mark is taken to have.
    fn found(self) -> ByteOrder {
        if self.is_big() {
            ByteOrder::Big
        } else {
            ByteOrder::Little
        }
    }

    fn push_u16(self, out: &mut Vec<u8>, unit: u16) {
        out.extend(if self.is_big() {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        });
    }

    fn push_u32(self, out: &mut Vec<u8>, unit: u32) {
        out.extend(if self.is_big() {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        });
    }
}

fn encode<H: EncodeErrors>(
    text: &Wtf8,
    encoding: &'static str,
    unit: usize,
    mut out: Vec<u8>,
    push: impl Fn(&mut Vec<u8>, char),
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut cursor = Cursor::new(text);
    loop {
        let run = cursor.run(|c| c.to_char().is_some());
        run.code_points()
            .filter_map(CodePoint::to_char)
            .for_each(|c| push(&mut out, c));
        if cursor.at_end() {
            return Ok(out);
        }
        let mut after = cursor.clone();
        after.next();
        let fault = cursor.fault_to(&after, encoding, "surrogates not allowed");
        let (replacement, resume) = errors.replace(&fault)?;
        match replacement {
            Replacement::Bytes(bytes) if bytes.len() % unit == 0 => out.extend(bytes),
            Replacement::Text(text) if text.is_ascii() => {
                text.as_bytes()
                    .iter()
                    .for_each(|&b| push(&mut out, char::from(b)));
            }
            _ => return Err(errors.fail(&fault)),
        }
        cursor.seek(resume);
    }
}

/// `text.encode("utf-16")` and its variants.
pub fn utf16_encode<H: EncodeErrors>(
    text: &Wtf8,
    order: ByteOrder,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(text.len() * 2 + 2);
    if order == ByteOrder::Marked {
        order.push_u16(&mut out, 0xfeff);
    }
    let push = |out: &mut Vec<u8>, c: char| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            order.push_u16(out, *unit);
        }
    };
    encode(text, order.name(16), 2, out, push, errors)
}

/// `text.encode("utf-32")` and its variants.
pub fn utf32_encode<H: EncodeErrors>(
    text: &Wtf8,
    order: ByteOrder,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(text.len() * 4 + 4);
    if order == ByteOrder::Marked {
        order.push_u32(&mut out, 0xfeff);
    }
    let push = |out: &mut Vec<u8>, c: char| order.push_u32(out, u32::from(c));
    encode(text, order.name(32), 4, out, push, errors)
}

/// Settles the byte order by the mark at the start of the data. Returns it and the length of the mark.
fn read_mark(data: &[u8], order: ByteOrder, little: &[u8], big: &[u8]) -> (ByteOrder, usize) {
    if order != ByteOrder::Marked {
        (order, 0)
    } else if data.starts_with(little) {
        (ByteOrder::Little, little.len())
    } else if data.starts_with(big) {
        (ByteOrder::Big, big.len())
    } else {
        (ByteOrder::Marked, 0)
    }
}

/// `data.decode("utf-16")` and its variants. Reports the byte order found, for a decoder that goes on.
pub fn utf16_decode<H: DecodeErrors>(
    data: &[u8],
    order: ByteOrder,
    last: bool,
    errors: &mut H,
) -> Result<(Decoded, ByteOrder), H::Error> {
    let (order, mut at) = read_mark(data, order, b"\xff\xfe", b"\xfe\xff");
    let unit_at = |at: usize| {
        let unit = data.get(at..at + 2)?.try_into().ok()?;
        Some(if order.is_big() {
            u16::from_be_bytes(unit)
        } else {
            u16::from_le_bytes(unit)
        })
    };
    let mut text = Wtf8Buf::with_capacity(data.len() / 2);
    while at < data.len() {
        let (end, reason) = match unit_at(at) {
            None if !last => break,
            None => (data.len(), "truncated data"),
            Some(high @ 0xd800..=0xdbff) => match unit_at(at + 2) {
                Some(low @ 0xdc00..=0xdfff) => {
                    let code = 0x10000 + (u32::from(high & 0x3ff) << 10 | u32::from(low & 0x3ff));
                    text.extend(char::from_u32(code));
                    at += 4;
                    continue;
                }
                Some(_) => (at + 2, "illegal UTF-16 surrogate"),
                None if !last => break,
                None => (data.len(), "unexpected end of data"),
            },
            Some(0xdc00..=0xdfff) => (at + 2, "illegal encoding"),
            Some(unit) => {
                text.extend(char::from_u32(u32::from(unit)));
                at += 2;
                continue;
            }
        };
        let fault = DecodeFault {
            encoding: order.found().name(16),
            data,
            start: at,
            end,
            reason,
        };
        let (replacement, resume) = errors.replace(&fault)?;
        text.push_wtf8(&replacement);
        at = resume;
    }
    Ok((Decoded { text, consumed: at }, order))
}

/// `data.decode("utf-32")` and its variants. Reports the byte order found, for a decoder that goes on.
pub fn utf32_decode<H: DecodeErrors>(
    data: &[u8],
    order: ByteOrder,
    last: bool,
    errors: &mut H,
) -> Result<(Decoded, ByteOrder), H::Error> {
    let (order, mut at) = read_mark(data, order, b"\xff\xfe\0\0", b"\0\0\xfe\xff");
    let mut text = Wtf8Buf::with_capacity(data.len() / 4);
    while at < data.len() {
        let (end, reason) = match data[at..].first_chunk::<4>() {
            None if !last => break,
            None => (data.len(), "truncated data"),
            Some(unit) => {
                let code = if order.is_big() {
                    u32::from_be_bytes(*unit)
                } else {
                    u32::from_le_bytes(*unit)
                };
                match char::from_u32(code) {
                    Some(c) => {
                        text.push_char(c);
                        at += 4;
                        continue;
                    }
                    None if code > 0x10ffff => (at + 4, "code point not in range(0x110000)"),
                    None => (
                        at + 4,
                        "code point in surrogate code point range(0xd800, 0xe000)",
                    ),
                }
            }
        };
        let fault = DecodeFault {
            encoding: order.found().name(32),
            data,
            start: at,
            end,
            reason,
        };
        let (replacement, resume) = errors.replace(&fault)?;
        text.push_wtf8(&replacement);
        at = resume;
    }
    Ok((Decoded { text, consumed: at }, order))
}
