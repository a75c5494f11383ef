//! Text as it would stand in source: `unicode_escape`, `raw_unicode_escape`, `escape_decode`.

use rustpython_unicode::data::lookup_character;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::repr::push_escape;
use crate::text::{TextError, TextResult};

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault};

/// `text.encode("unicode_escape")`.
pub fn unicode_escape_encode(text: &Wtf8) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    for c in text.code_points() {
        match c.to_char() {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c @ ' '..='~') => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out.into_bytes()
}

/// `text.encode("raw_unicode_escape")`: Latin-1 with escapes for the rest.
pub fn raw_unicode_escape_encode(text: &Wtf8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.code_points() {
        match u8::try_from(c.to_u32()) {
            Ok(b) => out.push(b),
            Err(_) => {
                let mut escape = String::new();
                push_escape(&mut escape, c);
                out.extend_from_slice(escape.as_bytes());
            }
        }
    }
    out
}

/// The number in up to `count` hexadecimal digits at the start of `data`, and how many there were.
fn hex(data: &[u8], count: usize) -> (u32, usize) {
    let digits = data
        .iter()
        .take(count)
        .map_while(|&b| (b as char).to_digit(16));
    digits.fold((0, 0), |(value, len), digit| (value << 4 | digit, len + 1))
}

/// What an escape sequence turned out to be.
enum Escape {
    Text(CodePoint, usize),
    Nothing(usize),
    /// Not an escape: the backslash stands for itself.
    Unknown,
    /// Ends at this position, for this reason.
    Bad(usize, &'static str),
    /// The data ends within it.
    Cut(&'static str),
}

/// `data.decode("unicode_escape")`. Also reports where the first backslash stands that escapes nothing, or
/// an octal escape beyond `\377`, for which Python warns.
pub fn unicode_escape_decode<H: DecodeErrors>(
    data: &[u8],
    last: bool,
    errors: &mut H,
) -> Result<(Decoded, Option<usize>), H::Error> {
    let mut invalid = None;
    let decoded = decode(data, last, "unicodeescape", errors, |data, at| {
        let escape = unicode_escape(data, at);
        let doubtful = match escape {
            Escape::Unknown => true,
            Escape::Text(c, _) => matches!(data[at + 1], b'4'..=b'7') && c.to_u32() > 0xff,
            _ => false,
        };
        if doubtful && invalid.is_none() {
            invalid = Some(at);
        }
        escape
    })?;
    Ok((decoded, invalid))
}

/// `data.decode("raw_unicode_escape")`: only `\u` and `\U` are escapes, after an odd number of backslashes.
pub fn raw_unicode_escape_decode<H: DecodeErrors>(
    data: &[u8],
    last: bool,
    errors: &mut H,
) -> Result<Decoded, H::Error> {
    // Where the run of backslashes that is being read ends, so that they are taken in pairs.
    let mut plain_until = 0;
    decode(data, last, "rawunicodeescape", errors, |data, at| {
        if at < plain_until {
            return Escape::Unknown;
        }
        let count = match data.get(at + 1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'\\') => {
                plain_until = at + 2;
                return Escape::Unknown;
            }
            // At the end of a piece it is too early to tell.
            None if !last => return Escape::Cut("\\ at end of string"),
            _ => return Escape::Unknown,
        };
        let truncated = if count == 4 {
            "truncated \\uXXXX escape"
        } else {
            "truncated \\UXXXXXXXX escape"
        };
        let (code, len) = hex(&data[at + 2..], count);
        let end = at + 2 + len;
        match CodePoint::from_u32(code) {
            _ if len < count && end == data.len() => Escape::Cut(truncated),
            _ if len < count => Escape::Bad(end, truncated),
            Some(c) => Escape::Text(c, end),
            None => Escape::Bad(end, "\\Uxxxxxxxx out of range"),
        }
    })
}

/// Copies Latin-1 and has `read` make sense of each backslash.
fn decode<H: DecodeErrors>(
    data: &[u8],
    last: bool,
    encoding: &'static str,
    errors: &mut H,
    mut read: impl FnMut(&[u8], usize) -> Escape,
) -> Result<Decoded, H::Error> {
    let mut text = Wtf8Buf::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        if data[at] != b'\\' {
            text.push_char(char::from(data[at]));
            at += 1;
            continue;
        }
        let (end, reason) = match read(data, at) {
            Escape::Text(c, end) => {
                text.push(c);
                at = end;
                continue;
            }
            Escape::Nothing(end) => {
                at = end;
                continue;
            }
            Escape::Unknown => {
                text.push_char('\\');
                at += 1;
                continue;
            }
            Escape::Cut(_) if !last => break,
            Escape::Cut(reason) => (data.len(), reason),
            Escape::Bad(end, reason) => (end, reason),
        };
        let fault = DecodeFault {
            encoding,
            data,
            start: at,
            end,
            reason,
        };
        let (replacement, resume) = errors.replace(&fault)?;
        text.push_wtf8(&replacement);
        at = resume;
    }
    Ok(Decoded { text, consumed: at })
}

/// The escape sequence whose backslash stands at `at`.
fn unicode_escape(data: &[u8], at: usize) -> Escape {
    let Some(&letter) = data.get(at + 1) else {
        return Escape::Cut("\\ at end of string");
    };
    let next = at + 2;
    let simple = |c: char| Escape::Text(CodePoint::from_char(c), next);
    let numeric = |count: usize, truncated: &'static str| {
        let (code, len) = hex(&data[next..], count);
        let end = next + len;
        match CodePoint::from_u32(code) {
            _ if len < count && end == data.len() => Escape::Cut(truncated),
            _ if len < count => Escape::Bad(end, truncated),
            Some(c) => Escape::Text(c, end),
            None => Escape::Bad(end, "illegal Unicode character"),
        }
    };
    match letter {
        b'\n' => Escape::Nothing(next),
        b'\\' | b'\'' | b'"' => simple(char::from(letter)),
        b'a' => simple('\x07'),
        b'b' => simple('\x08'),
        b'f' => simple('\x0c'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'v' => simple('\x0b'),
        b'0'..=b'7' => {
            let (code, end) = octal(data, at + 1);
            CodePoint::from_u32(code).map_or(Escape::Unknown, |c| Escape::Text(c, end))
        }
        b'x' => numeric(2, "truncated \\xXX escape"),
        b'u' => numeric(4, "truncated \\uXXXX escape"),
        b'U' => numeric(8, "truncated \\UXXXXXXXX escape"),
        b'N' => named(data, next),
        _ => Escape::Unknown,
    }
}

/// The number in up to three octal digits, and where they end.
fn octal(data: &[u8], start: usize) -> (u32, usize) {
    let digits = data[start..]
        .iter()
        .take(3)
        .map_while(|&b| (b as char).to_digit(8));
    digits.fold((0, start), |(value, end), digit| {
        (value << 3 | digit, end + 1)
    })
}

/// `\N{name}`, from after the letter.
fn named(data: &[u8], at: usize) -> Escape {
    const MALFORMED: &str = "malformed \\N character escape";
    match data.get(at) {
        None => return Escape::Cut(MALFORMED),
        Some(b'{') => {}
        Some(_) => return Escape::Bad(at, MALFORMED),
    }
    let Some(length) = memchr::memchr(b'}', &data[at..]) else {
        return Escape::Cut(MALFORMED);
    };
    let end = at + length + 1;
    if length == 1 {
        return Escape::Bad(end - 1, MALFORMED);
    }
    let name = std::str::from_utf8(&data[at + 1..end - 1]).ok();
    match name.and_then(lookup_character) {
        Some(c) => Escape::Text(CodePoint::from_char(c), end),
        None => Escape::Bad(end, "unknown Unicode character name"),
    }
}

/// `codecs.escape_decode(data)`: the escapes of a bytes literal. `strict` is the only handler that
/// matters for `\x` without two digits; `replacement` says what others put there (`?` or nothing).
pub fn escape_decode(data: &[u8], replacement: Option<&[u8]>) -> TextResult<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        if data[at] != b'\\' {
            out.push(data[at]);
            at += 1;
            continue;
        }
        let letter = *data
            .get(at + 1)
            .ok_or_else(|| TextError::value("Trailing \\ in string"))?;
        match letter {
            b'0'..=b'7' => {
                let (code, end) = octal(data, at + 1);
                // Only the low eight bits count.
                out.push(code as u8);
                at = end;
                continue;
            }
            b'x' => {
                let (code, len) = hex(&data[at + 2..], 2);
                if len == 2 {
                    out.push(code as u8);
                } else {
                    let replacement = replacement.ok_or_else(|| {
                        TextError::value(format!("invalid \\x escape at position {at}"))
                    })?;
                    out.extend_from_slice(replacement);
                }
                at += 2 + len;
                continue;
            }
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(letter),
            b'a' => out.push(0x07),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(0x0b),
            _ => out.extend([b'\\', letter]),
        }
        at += 2;
    }
    Ok(out)
}
