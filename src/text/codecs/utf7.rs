//! UTF-7 (RFC 2152): ASCII, with runs of UTF-16 in base64 between `+` and `-`.

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(b: u8) -> Option<u32> {
    DIGITS.iter().position(|&d| d == b).map(|at| at as u32)
}

/// Written as itself when encoding.
fn is_direct(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'}') && !matches!(b, b'+' | b'\\')
}

/// `text.encode("utf-7")`. Lone surrogates are code units as others are.
pub fn utf7_encode(text: &Wtf8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut shifted, mut buffer, mut bits) = (false, 0u32, 0u32);
    for c in text.code_points() {
        let direct = u8::try_from(c.to_u32()).ok().filter(|&b| is_direct(b));
        if let Some(b) = direct {
            if shifted {
                if bits > 0 {
                    out.push(DIGITS[(buffer << (6 - bits) & 0x3f) as usize]);
                }
                // What follows must not be taken for more of the run.
                if digit(b).is_some() || b == b'-' {
                    out.push(b'-');
                }
                (shifted, buffer, bits) = (false, 0, 0);
            }
            out.push(b);
            continue;
        }
        if !shifted {
            out.push(b'+');
            if c.to_char() == Some('+') {
                out.push(b'-');
                continue;
            }
            shifted = true;
        }
        let mut units = [c.to_u32() as u16; 2];
        let units = match c.to_char() {
            Some(c) => &*c.encode_utf16(&mut units),
            None => &units[..1],
        };
        for &unit in units {
            buffer = buffer << 16 | u32::from(unit);
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(DIGITS[(buffer >> bits & 0x3f) as usize]);
            }
            buffer &= (1 << bits) - 1;
        }
    }
    if shifted {
        if bits > 0 {
            out.push(DIGITS[(buffer << (6 - bits) & 0x3f) as usize]);
        }
        out.push(b'-');
    }
    out
}

/// A run of base64: where it began, in data and text, and what is left of its bits.
#[derive(Default)]
struct Run {
    start: usize,
    text: usize,
    buffer: u32,
    bits: u32,
    high: Option<u32>,
}

impl Run {
    fn push(&mut self, six: u32, text: &mut Wtf8Buf) {
        self.buffer = self.buffer << 6 | six;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.buffer >> self.bits & 0xffff;
        self.buffer &= (1 << self.bits) - 1;
        if let Some(high) = self.high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                let code = 0x10000 + ((high & 0x3ff) << 10 | unit & 0x3ff);
                text.extend(char::from_u32(code));
                return;
            }
            text.extend(CodePoint::from_u32(high));
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else {
            text.extend(CodePoint::from_u32(unit));
        }
    }

    /// Why the run must not end here.
    fn fault(&self) -> Option<&'static str> {
        if self.bits >= 6 {
            Some("partial character in base64 sequence")
        } else if self.buffer != 0 {
            Some("non-zero padding bits in shift sequence")
        } else {
            None
        }
    }
}

/// `data.decode("utf-7")`. If input may follow, a run that has not ended is left alone.
pub fn utf7_decode<H: DecodeErrors>(
    data: &[u8],
    last: bool,
    errors: &mut H,
) -> Result<Decoded, H::Error> {
    let mut text = Wtf8Buf::with_capacity(data.len());
    let mut run: Option<Run> = None;
    let mut at = 0;
    loop {
        let b = data.get(at).copied();
        let fault = match (&mut run, b) {
            (None, None) => break,
            (Some(open), None) => {
                if !last {
                    text.truncate(open.text);
                    return Ok(Decoded {
                        text,
                        consumed: open.start,
                    });
                }
                let unfinished = open.high.is_some() || open.bits >= 6 || open.buffer != 0;
                let start = open.start;
                run = None;
                if !unfinished {
                    break;
                }
                Some((start, data.len(), "unterminated shift sequence"))
            }
            (Some(open), Some(b)) => {
                if let Some(six) = digit(b) {
                    open.push(six, &mut text);
                    at += 1;
                    continue;
                }
                let (start, fault) = (open.start, open.fault());
                let empty = at == start + 1 && b != b'-';
                if fault.is_none() {
                    text.extend(open.high.and_then(CodePoint::from_u32));
                }
                run = None;
                if empty {
                    at += 1;
                    Some((start, at, "ill-formed sequence"))
                } else if let Some(reason) = fault {
                    at += 1;
                    Some((start, at, reason))
                } else {
                    if b == b'-' {
                        if at == start + 1 {
                            text.push_char('+');
                        }
                        at += 1;
                    }
                    None
                }
            }
            (None, Some(b'+')) => {
                run = Some(Run {
                    start: at,
                    text: text.len(),
                    ..Run::default()
                });
                at += 1;
                None
            }
            (None, Some(b)) => {
                at += 1;
                if b < 0x80 {
                    text.push_char(char::from(b));
                    None
                } else {
                    Some((at - 1, at, "unexpected special character"))
                }
            }
        };
        if let Some((start, end, reason)) = fault {
            let fault = DecodeFault {
                encoding: "utf7",
                data,
                start,
                end,
                reason,
            };
            let (replacement, resume) = errors.replace(&fault)?;
            text.push_wtf8(&replacement);
            at = resume;
        }
    }
    let consumed = data.len();
    Ok(Decoded { text, consumed })
}

#[cfg(test)]
mod tests {
    use super::super::errors::ErrorMode;
    use super::*;
    use proptest::prelude::*;

    fn decode(data: &[u8]) -> String {
        utf7_decode(data, true, &mut ErrorMode::Replace)
            .unwrap()
            .text
            .to_string()
    }

    #[test]
    fn examples() {
        for (text, data) in [
            ("A≢Α.", &b"A+ImIDkQ."[..]),
            ("Hi Mom -☺-!", b"Hi Mom -+Jjo--!"),
            ("日本語", b"+ZeVnLIqe-"),
            ("1+1\\~", b"1+-1+AFwAfg-"),
            ("a😀b", b"a+2D3eAA-b"),
        ] {
            assert_eq!(utf7_encode(Wtf8::new(text)), data, "{text}");
            assert_eq!(decode(data), text);
        }
        assert_eq!(decode(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(decode(b"+@"), "\u{fffd}");
        let part = utf7_decode(b"ab+Jj", false, &mut ErrorMode::Strict).unwrap();
        assert_eq!((part.text.to_string(), part.consumed), ("ab".into(), 2));
    }

    proptest! {
        #[test]
        fn round_trips(text: String) {
            prop_assert_eq!(decode(&utf7_encode(Wtf8::new(text.as_str()))), text);
        }
    }
}
