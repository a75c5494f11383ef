//! String literals of JSON.

use std::borrow::Cow;

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

/// Appends `text` as a literal with its quotes.
pub fn write(text: &Wtf8, ascii: bool, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        let plain = match b {
            b'"' | b'\\' | 0..=0x1f => false,
            _ => b < 0x7f || !ascii,
        };
        if plain {
            at += 1;
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        let Some(c) = text[at..].code_points().next() else {
            break;
        };
        escape(c, out);
        at += c.len_wtf8();
        from = at;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

fn escape(c: CodePoint, out: &mut Vec<u8>) {
    match c.to_u32() {
        0x22 => out.extend(b"\\\""),
        0x5c => out.extend(b"\\\\"),
        0x0a => out.extend(b"\\n"),
        0x0d => out.extend(b"\\r"),
        0x09 => out.extend(b"\\t"),
        0x0c => out.extend(b"\\f"),
        0x08 => out.extend(b"\\b"),
        code @ 0..=0xffff => out.extend(format!("\\u{code:04x}").bytes()),
        code => {
            let code = code - 0x10000;
            let (high, low) = (0xd800 | code >> 10, 0xdc00 | code & 0x3ff);
            out.extend(format!("\\u{high:04x}\\u{low:04x}").bytes());
        }
    }
}

/// The text of the literal whose first character is at byte `start` of `bytes`, and the position behind its closing quote.
/// Without `strict`, control characters may stand in it. A failure is a message and a position.
pub fn read(
    bytes: &[u8],
    start: usize,
    strict: bool,
) -> Result<(Cow<'_, [u8]>, usize), (&'static str, usize)> {
    let unterminated = ("Unterminated string starting at", start.wrapping_sub(1));
    let mut text: Vec<u8> = vec![];
    let mut from = start;
    let mut at = start;
    loop {
        match bytes.get(at) {
            None => return Err(unterminated),
            Some(b'"') => {
                let rest = &bytes[from..at];
                if text.is_empty() {
                    return Ok((Cow::Borrowed(rest), at + 1));
                }
                text.extend_from_slice(rest);
                return Ok((Cow::Owned(text), at + 1));
            }
            Some(b'\\') => {
                text.extend_from_slice(&bytes[from..at]);
                at = read_escape(bytes, at, &mut text).map_err(|e| e.unwrap_or(unterminated))?;
                from = at;
            }
            Some(0..=0x1f) if strict => return Err(("Invalid control character at", at)),
            Some(_) => at += 1,
        }
    }
}

/// Reads the escape at `at`; gives the position behind it.
fn read_escape(
    bytes: &[u8],
    at: usize,
    text: &mut Vec<u8>,
) -> Result<usize, Option<(&'static str, usize)>> {
    let plain = match bytes.get(at + 1) {
        None => return Err(None),
        Some(b'u') => None,
        Some(&b @ (b'"' | b'\\' | b'/')) => Some(b),
        Some(b'b') => Some(8),
        Some(b'f') => Some(0x0c),
        Some(b'n') => Some(b'\n'),
        Some(b'r') => Some(b'\r'),
        Some(b't') => Some(b'\t'),
        Some(_) => return Err(Some(("Invalid \\escape", at))),
    };
    if let Some(b) = plain {
        text.push(b);
        return Ok(at + 2);
    }
    let unit = |at: usize| -> Option<u32> {
        let digits = bytes.get(at + 2..at + 6)?;
        let digits = std::str::from_utf8(digits).ok()?;
        let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| hex)
    };
    let Some(mut code) = unit(at) else {
        return Err(Some(("Invalid \\uXXXX escape", at + 1)));
    };
    let mut end = at + 6;
    if (0xd800..0xdc00).contains(&code)
        && bytes[end..].starts_with(b"\\u")
        && let Some(low @ 0xdc00..=0xdfff) = unit(end)
    {
        code = 0x10000 + ((code & 0x3ff) << 10 | low & 0x3ff);
        end += 6;
    }
    let mut buffer = Wtf8Buf::new();
    if let Some(c) = CodePoint::from_u32(code) {
        buffer.push(c);
    }
    text.extend_from_slice(buffer.as_bytes());
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, ascii: bool) -> String {
        let mut out = vec![];
        write(Wtf8::new(text), ascii, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn writes() {
        assert_eq!(
            written("a\"\\\n\u{1}é😀\u{7f}", true),
            "\"a\\\"\\\\\\n\\u0001\\u00e9\\ud83d\\ude00\\u007f\""
        );
        assert_eq!(written("é😀\t", false), "\"é😀\\t\"");
    }

    #[test]
    fn reads() {
        let go = |text: &str| {
            read(text.as_bytes(), 0, true)
                .map(|(t, end)| (String::from_utf8_lossy(&t).into_owned(), end))
        };
        assert_eq!(go("abc\" x"), Ok(("abc".into(), 4)));
        assert_eq!(go("a\\n\\ud83d\\ude00\\u00e9\"").unwrap().0, "a\n😀é");
        assert_eq!(go("a\\q\""), Err(("Invalid \\escape", 1)));
        assert_eq!(go("\\u12\""), Err(("Invalid \\uXXXX escape", 1)));
        assert_eq!(go("a\nb\""), Err(("Invalid control character at", 1)));
        assert_eq!(go("abc").unwrap_err().0, "Unterminated string starting at");
    }
}
