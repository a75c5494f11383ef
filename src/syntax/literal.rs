//! String literals: what the parser's values cannot hold, and doubtful escapes.

use rustpython_wtf8::{CodePoint, Wtf8Buf};

/// The value of a string literal, given the parser's value and the source between the quotes.
///
/// The parser's strings cannot hold lone surrogates and have U+FFFD in their place. The source tells which ones were meant.
pub fn with_surrogates(value: &str, source: &str, is_raw: bool) -> Wtf8Buf {
    if is_raw || !value.contains(char::REPLACEMENT_CHARACTER) {
        return Wtf8Buf::from_string(value.to_owned());
    }
    let mut producers = replacement_producers(source).into_iter();
    let mut result = Wtf8Buf::with_capacity(value.len());
    for c in value.chars() {
        match c {
            char::REPLACEMENT_CHARACTER => match producers.next().flatten() {
                Some(surrogate) => result.push(surrogate),
                None => result.push_char(c),
            },
            _ => result.push_char(c),
        }
    }
    result
}

/// For every U+FFFD that the parser saw in `source`: the surrogate it stands for, or None if it is meant.
fn replacement_producers(source: &str) -> Vec<Option<CodePoint>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['\\', char::REPLACEMENT_CHARACTER]) {
        let Some(after) = rest[at..].strip_prefix('\\') else {
            found.push(None);
            rest = &rest[at + char::REPLACEMENT_CHARACTER.len_utf8()..];
            continue;
        };
        let digits = match after.as_bytes().first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'N') => {
                let name = after[1..]
                    .strip_prefix('{')
                    .and_then(|name| name.split('}').next());
                if name.is_some_and(|name| name.eq_ignore_ascii_case("replacement character")) {
                    found.push(None);
                }
                0
            }
            _ => 0,
        };
        if digits > 0
            && let Some(hex) = after.get(1..=digits)
            && let Ok(code) = u32::from_str_radix(hex, 16)
        {
            if (0xd800..0xe000).contains(&code) {
                found.push(CodePoint::from_u32(code));
            } else if code == 0xfffd {
                found.push(None);
            }
        }
        rest = after
            .get(after.chars().next().map_or(0, char::len_utf8)..)
            .unwrap_or("");
    }
    found
}

/// Offsets in the source between the quotes of escapes that mean nothing (`\d`), with the text of the escape.
pub fn invalid_escapes(source: &str, is_bytes: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &bytes[at..]) {
        let start = at + next;
        let Some(c) = source[start + 1..].chars().next() else {
            break;
        };
        at = start + 1 + c.len_utf8();
        match c {
            '\n' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => {}
            'u' | 'U' | 'N' if !is_bytes => {}
            '0'..='7' => {
                let digits = bytes[start + 1..]
                    .iter()
                    .take(3)
                    .take_while(|digit| matches!(digit, b'0'..=b'7'))
                    .count();
                let text = &source[start..start + 1 + digits];
                if digits == 3 && c > '3' {
                    found.push((start, text.to_owned()));
                }
                at = start + 1 + digits;
            }
            _ => found.push((start, format!("\\{c}"))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates() {
        let value = with_surrogates("a\u{fffd}\u{fffd}b", r"a\ud800\ufffdb", false);
        let points: Vec<u32> = value.code_points().map(|c| c.to_u32()).collect();
        assert_eq!(points, [0x61, 0xd800, 0xfffd, 0x62]);
    }

    #[test]
    fn doubtful() {
        assert_eq!(
            invalid_escapes(r"\n\d\\q\400\u1234", false),
            [(2, "\\d".to_owned()), (7, "\\400".to_owned())]
        );
    }
}
