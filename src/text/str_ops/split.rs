//! `split`, `rsplit`, `splitlines`, `partition`, `rpartition`.

use memchr::memmem;
use rustpython_wtf8::Wtf8;

use crate::text::{TextError, TextResult};

use super::classify::{is_space_byte, is_space_char};
use super::search::{find_bytes, rfind_bytes, split_limit};

fn empty_separator() -> TextError {
    TextError::value("empty separator")
}

/// Where the run of white space (or of anything else, if `space` is false) at `from` ends.
fn skip(text: &Wtf8, from: usize, space: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&b) = bytes.get(at) {
        if b < 0x80 {
            if is_space_byte(b) != space {
                return at;
            }
            at += 1;
        } else {
            let rest = &text[at..];
            let Some(c) = rest.code_points().next() else {
                break;
            };
            if is_space_char(c) != space {
                return at;
            }
            at += c.len_wtf8();
        }
    }
    at
}

/// Where the run of white space (or of anything else) that ends at `to` begins.
fn skip_back(text: &Wtf8, to: usize, space: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = to;
    while at > 0 {
        let b = bytes[at - 1];
        if b < 0x80 {
            if is_space_byte(b) != space {
                return at;
            }
            at -= 1;
        } else {
            let before = &text[..at];
            let Some(c) = before.code_points().next_back() else {
                break;
            };
            if is_space_char(c) != space {
                return at;
            }
            at -= c.len_wtf8();
        }
    }
    at
}

/// `text.split(None, maxsplit)`.
pub fn split_whitespace(text: &Wtf8, maxsplit: isize) -> Vec<&Wtf8> {
    let mut left = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut at = skip(text, 0, true);
    while at < text.len() {
        if left == 0 {
            pieces.push(&text[at..]);
            break;
        }
        left -= 1;
        let end = skip(text, at, false);
        pieces.push(&text[at..end]);
        at = skip(text, end, true);
    }
    pieces
}

/// `text.rsplit(None, maxsplit)`.
pub fn rsplit_whitespace(text: &Wtf8, maxsplit: isize) -> Vec<&Wtf8> {
    let mut left = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut at = skip_back(text, text.len(), true);
    while at > 0 {
        if left == 0 {
            pieces.push(&text[..at]);
            break;
        }
        left -= 1;
        let start = skip_back(text, at, false);
        pieces.push(&text[start..at]);
        at = skip_back(text, start, true);
    }
    pieces.reverse();
    pieces
}

/// `text.split(separator, maxsplit)`.
pub fn split<'a>(text: &'a Wtf8, separator: &Wtf8, maxsplit: isize) -> TextResult<Vec<&'a Wtf8>> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    let limit = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut cut = |at: usize| {
        pieces.push(&text[start..at]);
        start = at + separator.len();
    };
    match separator.as_bytes() {
        [b] => memchr::memchr_iter(*b, text.as_bytes())
            .take(limit)
            .for_each(&mut cut),
        needle => memmem::find_iter(text.as_bytes(), needle)
            .take(limit)
            .for_each(&mut cut),
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

/// `text.rsplit(separator, maxsplit)`.
pub fn rsplit<'a>(text: &'a Wtf8, separator: &Wtf8, maxsplit: isize) -> TextResult<Vec<&'a Wtf8>> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    let limit = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut end = text.len();
    let mut cut = |at: usize| {
        pieces.push(&text[at + separator.len()..end]);
        end = at;
    };
    match separator.as_bytes() {
        [b] => memchr::memrchr_iter(*b, text.as_bytes())
            .take(limit)
            .for_each(&mut cut),
        needle => memmem::rfind_iter(text.as_bytes(), needle)
            .take(limit)
            .for_each(&mut cut),
    }
    pieces.push(&text[..end]);
    pieces.reverse();
    Ok(pieces)
}

/// `text.partition(separator)`: what stands before the first separator and after it, if there is one.
pub fn partition<'a>(text: &'a Wtf8, separator: &Wtf8) -> TextResult<Option<(&'a Wtf8, &'a Wtf8)>> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(find_bytes(text.as_bytes(), separator.as_bytes())
        .map(|at| (&text[..at], &text[at + separator.len()..])))
}

/// `text.rpartition(separator)`: what stands before the last separator and after it, if there is one.
pub fn rpartition<'a>(
    text: &'a Wtf8,
    separator: &Wtf8,
) -> TextResult<Option<(&'a Wtf8, &'a Wtf8)>> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(rfind_bytes(text.as_bytes(), separator.as_bytes())
        .map(|at| (&text[..at], &text[at + separator.len()..])))
}

/// The length in bytes of the line break at the start of `bytes`, or 0.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e, ..] => 1,
        // U+0085, U+2028 and U+2029.
        [0xc2, 0x85, ..] => 2,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}

/// `text.splitlines(keepends)`.
pub fn splitlines(text: &Wtf8, keepends: bool) -> Vec<&Wtf8> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        // Nothing above 0x1e but the lead bytes of three code points begins a break.
        let b = bytes[at];
        if b > 0x1e && b != 0xc2 && b != 0xe2 {
            at += 1;
            continue;
        }
        let ending = line_break(&bytes[at..]);
        if ending == 0 {
            at += 1;
            continue;
        }
        lines.push(&text[start..if keepends { at + ending } else { at }]);
        at += ending;
        start = at;
    }
    if start < bytes.len() {
        lines.push(&text[start..]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rustpython_wtf8::Wtf8Buf;

    fn strings(pieces: Vec<&Wtf8>) -> Vec<String> {
        pieces.into_iter().map(|piece| piece.to_string()).collect()
    }

    #[test]
    fn whitespace() {
        let split = |text: &str, max| strings(split_whitespace(Wtf8::new(text), max));
        let rsplit = |text: &str, max| strings(rsplit_whitespace(Wtf8::new(text), max));
        assert_eq!(split(" a\u{3000}b \x1c c ", -1), ["a", "b", "c"]);
        assert_eq!(split(" a b  c ", 1), ["a", "b  c "]);
        assert_eq!(split(" a b", 0), ["a b"]);
        assert!(split(" \u{2009} ", -1).is_empty());
        assert_eq!(rsplit(" a\u{3000}b c ", -1), ["a", "b", "c"]);
        assert_eq!(rsplit(" a b  c ", 1), [" a b", "c"]);
        assert_eq!(rsplit(" a b ", 0), [" a b"]);
    }

    #[test]
    fn separators() {
        let go = |text: &str, sep: &str, max| {
            strings(split(Wtf8::new(text), Wtf8::new(sep), max).unwrap())
        };
        let back = |text: &str, sep: &str, max| {
            strings(rsplit(Wtf8::new(text), Wtf8::new(sep), max).unwrap())
        };
        assert_eq!(go("a,b,,c", ",", -1), ["a", "b", "", "c"]);
        assert_eq!(go("a,b,c", ",", 1), ["a", "b,c"]);
        assert_eq!(go("", ",", -1), [""]);
        assert_eq!(go("añbñ", "ñ", -1), ["a", "b", ""]);
        assert_eq!(back("a,b,c", ",", 1), ["a,b", "c"]);
        assert_eq!(back("aaa", "aa", -1), ["a", ""]);
        assert_eq!(go("aaa", "aa", -1), ["", "a"]);
        assert_eq!(
            split(Wtf8::new("a"), Wtf8::new(""), -1)
                .unwrap_err()
                .message(),
            "empty separator"
        );
        let cut = rpartition(Wtf8::new("a=b=c"), Wtf8::new("="))
            .unwrap()
            .unwrap();
        assert_eq!(
            (cut.0.to_string(), cut.1.to_string()),
            ("a=b".into(), "c".into())
        );
        assert!(
            partition(Wtf8::new("abc"), Wtf8::new("="))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn lines() {
        let text = "a\nb\r\nc\rd\x0be\x0cf\x1cg\u{85}h\u{2028}i\u{2029}\n";
        assert_eq!(
            strings(splitlines(Wtf8::new(text), false)),
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", ""]
        );
        assert_eq!(
            strings(splitlines(Wtf8::new("a\r\n\nb"), true)),
            ["a\r\n", "\n", "b"]
        );
        assert!(splitlines(Wtf8::new(""), true).is_empty());
    }

    proptest! {
        #[test]
        fn joins_back(text in "[abñ,]{0,30}", sep in "[abñ,]{1,2}", max in -1isize..4) {
            let (text, sep) = (Wtf8::new(text.as_str()), Wtf8::new(sep.as_str()));
            prop_assert_eq!(&*Wtf8Buf::join(sep, split(text, sep, max).unwrap()), text);
            prop_assert_eq!(&*Wtf8Buf::join(sep, rsplit(text, sep, max).unwrap()), text);
        }

        #[test]
        fn lines_keep_everything(text in "[a\n\r\u{85}\u{2028}é]{0,30}") {
            let text = Wtf8::new(text.as_str());
            prop_assert_eq!(&*Wtf8Buf::join("", splitlines(text, true)), text);
        }
    }
}
