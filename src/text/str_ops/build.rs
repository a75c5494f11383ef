//! Methods that put new strings together.

use std::borrow::Cow;

use memchr::memmem;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::{TextError, TextResult};

use super::Text;
use super::search::split_limit;

/// An empty buffer with room for `bytes` bytes, or `MemoryError`.
fn reserve(bytes: usize) -> TextResult<Wtf8Buf> {
    let mut buffer = Wtf8Buf::new();
    buffer
        .try_reserve_exact(bytes)
        .map_err(|_| TextError::Memory)?;
    Ok(buffer)
}

/// `text * count`.
pub fn repeat(text: &Wtf8, count: isize) -> TextResult<Wtf8Buf> {
    let count = usize::try_from(count).unwrap_or(0);
    let total = text
        .len()
        .checked_mul(count)
        .filter(|&total| isize::try_from(total).is_ok())
        .ok_or_else(|| TextError::overflow("repeated string is too long"))?;
    let mut out = reserve(total)?;
    for _ in 0..if text.is_empty() { 0 } else { count } {
        out.push_wtf8(text);
    }
    Ok(out)
}

/// `separator.join(pieces)`.
pub fn join(separator: &Wtf8, pieces: &[&Wtf8]) -> TextResult<Wtf8Buf> {
    let gaps = separator
        .len()
        .saturating_mul(pieces.len().saturating_sub(1));
    let total = pieces
        .iter()
        .fold(gaps, |total, piece| total.saturating_add(piece.len()));
    if isize::try_from(total).is_err() {
        return Err(TextError::overflow(
            "join() result is too long for a Python string",
        ));
    }
    let mut out = reserve(total)?;
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0 {
            out.push_wtf8(separator);
        }
        out.push_wtf8(piece);
    }
    Ok(out)
}

/// `text.replace(old, new, count)`; a negative count replaces every occurrence. Borrowed if nothing changes.
pub fn replace<'a>(
    text: &'a Wtf8,
    old: &Wtf8,
    new: &Wtf8,
    count: isize,
) -> TextResult<Cow<'a, Wtf8>> {
    let limit = split_limit(count);
    if limit == 0 || old == new {
        return Ok(Cow::Borrowed(text));
    }
    // An empty string occurs before every code point and at the end.
    let finder = memmem::Finder::new(old.as_bytes());
    let places = || -> Box<dyn Iterator<Item = usize>> {
        if old.is_empty() {
            let starts = text.code_point_indices().map(|(at, _)| at);
            Box::new(starts.chain([text.len()]).take(limit))
        } else {
            Box::new(finder.find_iter(text.as_bytes()).take(limit))
        }
    };
    let growth = new.len().saturating_sub(old.len());
    let occurrences = if growth > 0 { places().count() } else { 0 };
    let total = growth
        .checked_mul(occurrences)
        .and_then(|more| more.checked_add(text.len()))
        .filter(|&total| isize::try_from(total).is_ok())
        .ok_or_else(|| TextError::overflow("replace string is too long"))?;
    let mut places = places().peekable();
    if places.peek().is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = reserve(total)?;
    let mut from = 0;
    for at in places {
        out.push_wtf8(&text[from..at]);
        out.push_wtf8(new);
        from = at + old.len();
    }
    out.push_wtf8(&text[from..]);
    Ok(Cow::Owned(out))
}

/// `text` with `left` and `right` copies of `fill` around it.
fn pad<'a>(
    text: Text<'a>,
    left: usize,
    fill: CodePoint,
    right: usize,
) -> TextResult<Cow<'a, Wtf8>> {
    if left == 0 && right == 0 {
        return Ok(Cow::Borrowed(text.wtf8()));
    }
    let total = left
        .checked_add(right)
        .and_then(|padding| padding.checked_mul(fill.len_wtf8()))
        .and_then(|padding| padding.checked_add(text.as_bytes().len()))
        .ok_or(TextError::Memory)?;
    let mut out = reserve(total)?;
    (0..left).for_each(|_| out.push(fill));
    out.push_wtf8(text.wtf8());
    (0..right).for_each(|_| out.push(fill));
    Ok(Cow::Owned(out))
}

fn missing(text: Text<'_>, width: isize) -> usize {
    usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(text.len())
}

/// `text.center(width, fill)`.
pub fn center<'a>(text: Text<'a>, width: isize, fill: CodePoint) -> TextResult<Cow<'a, Wtf8>> {
    let padding = missing(text, width);
    // The odd one goes left if the width is odd.
    let left = padding / 2 + (padding & width as usize & 1);
    pad(text, left, fill, padding - left)
}

/// `text.ljust(width, fill)`.
pub fn ljust<'a>(text: Text<'a>, width: isize, fill: CodePoint) -> TextResult<Cow<'a, Wtf8>> {
    pad(text, 0, fill, missing(text, width))
}

/// `text.rjust(width, fill)`.
pub fn rjust<'a>(text: Text<'a>, width: isize, fill: CodePoint) -> TextResult<Cow<'a, Wtf8>> {
    pad(text, missing(text, width), fill, 0)
}

/// `text.zfill(width)`: zeros go after a sign.
pub fn zfill<'a>(text: Text<'a>, width: isize) -> TextResult<Cow<'a, Wtf8>> {
    let zeros = missing(text, width);
    if zeros == 0 {
        return Ok(Cow::Borrowed(text.wtf8()));
    }
    let total = zeros
        .checked_add(text.as_bytes().len())
        .ok_or(TextError::Memory)?;
    let mut out = reserve(total)?;
    let digits = match text.as_bytes().first() {
        Some(b'+' | b'-') => 1,
        _ => 0,
    };
    out.push_wtf8(&text.wtf8()[..digits]);
    (0..zeros).for_each(|_| out.push_char('0'));
    out.push_wtf8(&text.wtf8()[digits..]);
    Ok(Cow::Owned(out))
}

/// `text.expandtabs(tabsize)`.
pub fn expandtabs(text: &Wtf8, tabsize: isize) -> TextResult<Cow<'_, Wtf8>> {
    if memchr::memchr(b'\t', text.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let tabsize = usize::try_from(tabsize).unwrap_or(0);
    let mut out = Wtf8Buf::with_capacity(text.len());
    let mut column = 0;
    for c in text.code_points() {
        match c.to_char() {
            Some('\t') => {
                let blanks = if tabsize == 0 {
                    0
                } else {
                    tabsize - column % tabsize
                };
                out.try_reserve(blanks)
                    .map_err(|_| TextError::overflow("new string is too long"))?;
                (0..blanks).for_each(|_| out.push_char(' '));
                column += blanks;
            }
            c_char => {
                out.push(c);
                column = if matches!(c_char, Some('\n' | '\r')) {
                    0
                } else {
                    column + 1
                };
            }
        }
    }
    Ok(Cow::Owned(out))
}

/// What a translation table says of a code point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Translation {
    Keep,
    Delete,
    Char(CodePoint),
    Text(Wtf8Buf),
}

/// `text.translate(table)`, with `look_up` asking the table.
pub fn translate<E>(
    text: &Wtf8,
    mut look_up: impl FnMut(CodePoint) -> Result<Translation, E>,
) -> Result<Wtf8Buf, E> {
    let mut out = Wtf8Buf::with_capacity(text.len());
    for c in text.code_points() {
        match look_up(c)? {
            Translation::Keep => out.push(c),
            Translation::Delete => {}
            Translation::Char(other) => out.push(other),
            Translation::Text(other) => out.push_wtf8(&other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(c: char) -> CodePoint {
        CodePoint::from_char(c)
    }

    #[test]
    fn replaces() {
        let go = |text: &str, old: &str, new: &str, count| {
            replace(Wtf8::new(text), Wtf8::new(old), Wtf8::new(new), count)
                .unwrap()
                .to_string()
        };
        assert_eq!(go("añb", "", "-", -1), "-a-ñ-b-");
        assert_eq!(go("añb", "", "-", 2), "-a-ñb");
        assert_eq!(go("", "", "x", -1), "x");
        assert_eq!(go("aaaa", "aa", "b", -1), "bb");
        assert_eq!(go("aaaa", "a", "bcd", 2), "bcdbcdaa");
        assert_eq!(go("añb", "ñ", "", -1), "ab");
        let same = replace(Wtf8::new("abc"), Wtf8::new("x"), Wtf8::new("yy"), -1).unwrap();
        assert!(matches!(same, Cow::Borrowed(_)));
    }

    #[test]
    fn padding() {
        let t = Text::new("añ");
        assert_eq!(center(t, 5, fill('*')).unwrap().to_string(), "**añ*");
        assert_eq!(
            center(Text::new("a"), 4, fill('*')).unwrap().to_string(),
            "*a**"
        );
        assert_eq!(center(t, -5, fill('*')).unwrap().to_string(), "añ");
        assert_eq!(ljust(t, 4, fill('é')).unwrap().to_string(), "añéé");
        assert_eq!(rjust(t, 3, fill(' ')).unwrap().to_string(), " añ");
        assert_eq!(zfill(Text::new("-5"), 5).unwrap().to_string(), "-0005");
        assert_eq!(zfill(Text::new(""), 2).unwrap().to_string(), "00");
        assert_eq!(zfill(t, 4).unwrap().to_string(), "00añ");
        assert_eq!(
            rjust(t, isize::MAX, fill(' ')).unwrap_err(),
            TextError::Memory
        );
    }

    #[test]
    fn tabs() {
        let go = |text: &str, size| expandtabs(Wtf8::new(text), size).unwrap().to_string();
        assert_eq!(go("a\tñb\tc\n\tx", 4), "a   ñb  c\n    x");
        assert_eq!(go("a\tb\r\tc", 2), "a b\r  c");
        assert_eq!(go("a\tb", 0), "ab");
        assert_eq!(go("a\tb", -3), "ab");
    }

    #[test]
    fn joins_and_repeats() {
        let pieces = [Wtf8::new("a"), Wtf8::new("é"), Wtf8::new("")];
        assert_eq!(
            join(Wtf8::new(", "), &pieces).unwrap().to_string(),
            "a, é, "
        );
        assert_eq!(repeat(Wtf8::new("añ"), 2).unwrap().to_string(), "añañ");
        assert_eq!(repeat(Wtf8::new("a"), -1).unwrap().to_string(), "");
        assert_eq!(repeat(Wtf8::new(""), isize::MAX).unwrap().to_string(), "");
        assert_eq!(
            repeat(Wtf8::new("ab"), isize::MAX).unwrap_err().message(),
            "repeated string is too long"
        );
        let swapped = translate(Wtf8::new("abc"), |c| {
            Ok::<_, ()>(match c.to_char() {
                Some('a') => Translation::Delete,
                Some('b') => Translation::Text("xy".into()),
                _ => Translation::Keep,
            })
        });
        assert_eq!(swapped.unwrap().to_string(), "xyc");
    }

    proptest! {
        #[test]
        fn replace_agrees_with_str(text in "[abñ]{0,20}", old in "[abñ]{0,2}", new in "[abñ]{0,3}") {
            let out = replace(Wtf8::new(text.as_str()), Wtf8::new(old.as_str()), Wtf8::new(new.as_str()), -1).unwrap();
            prop_assert_eq!(out.to_string(), text.replace(&old, &new));
        }
    }
}
