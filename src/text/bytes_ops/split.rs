//! `split`, `rsplit`, `splitlines`, `partition`, `strip` and their kin.

use memchr::memmem;

use crate::text::str_ops::search_bytes::{find_bytes, rfind_bytes, split_limit};
use crate::text::{TextError, TextResult};

use super::is_space_byte;

fn check_separator(separator: &[u8]) -> TextResult<()> {
    if separator.is_empty() {
        return Err(TextError::value("empty separator"));
    }
    Ok(())
}

/// `data.split(None, maxsplit)`.
pub fn split_whitespace(data: &[u8], maxsplit: isize) -> Vec<&[u8]> {
    let mut left = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut rest = trim_start(data, is_space_byte);
    while !rest.is_empty() {
        if left == 0 {
            pieces.push(rest);
            break;
        }
        left -= 1;
        let end = rest
            .iter()
            .position(|&b| is_space_byte(b))
            .unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = trim_start(&rest[end..], is_space_byte);
    }
    pieces
}

/// `data.rsplit(None, maxsplit)`.
pub fn rsplit_whitespace(data: &[u8], maxsplit: isize) -> Vec<&[u8]> {
    let mut left = split_limit(maxsplit);
    let mut pieces = Vec::new();
    let mut rest = trim_end(data, is_space_byte);
    while !rest.is_empty() {
        if left == 0 {
            pieces.push(rest);
            break;
        }
        left -= 1;
        let start = rest
            .iter()
            .rposition(|&b| is_space_byte(b))
            .map_or(0, |at| at + 1);
        pieces.push(&rest[start..]);
        rest = trim_end(&rest[..start], is_space_byte);
    }
    pieces.reverse();
    pieces
}

/// `data.split(separator, maxsplit)`.
pub fn split<'a>(data: &'a [u8], separator: &[u8], maxsplit: isize) -> TextResult<Vec<&'a [u8]>> {
    check_separator(separator)?;
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(data, separator).take(split_limit(maxsplit)) {
        pieces.push(&data[start..at]);
        start = at + separator.len();
    }
    pieces.push(&data[start..]);
    Ok(pieces)
}

/// `data.rsplit(separator, maxsplit)`.
pub fn rsplit<'a>(data: &'a [u8], separator: &[u8], maxsplit: isize) -> TextResult<Vec<&'a [u8]>> {
    check_separator(separator)?;
    let mut pieces = Vec::new();
    let mut end = data.len();
    for at in memmem::rfind_iter(data, separator).take(split_limit(maxsplit)) {
        pieces.push(&data[at + separator.len()..end]);
        end = at;
    }
    pieces.push(&data[..end]);
    pieces.reverse();
    Ok(pieces)
}

/// `data.partition(separator)`: what stands before the first separator and after it, if there is one.
pub fn partition<'a>(data: &'a [u8], separator: &[u8]) -> TextResult<Option<(&'a [u8], &'a [u8])>> {
    check_separator(separator)?;
    Ok(find_bytes(data, separator).map(|at| (&data[..at], &data[at + separator.len()..])))
}

/// `data.rpartition(separator)`: what stands before the last separator and after it, if there is one.
pub fn rpartition<'a>(
    data: &'a [u8],
    separator: &[u8],
) -> TextResult<Option<(&'a [u8], &'a [u8])>> {
    check_separator(separator)?;
    Ok(rfind_bytes(data, separator).map(|at| (&data[..at], &data[at + separator.len()..])))
}

/// `data.splitlines(keepends)`: lines end at `\n`, `\r` and `\r\n` only.
pub fn splitlines(data: &[u8], keepends: bool) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut start = 0;
    while let Some(length) = memchr::memchr2(b'\n', b'\r', &data[start..]) {
        let end = start + length;
        let next = if data[end..].starts_with(b"\r\n") {
            end + 2
        } else {
            end + 1
        };
        lines.push(&data[start..if keepends { next } else { end }]);
        start = next;
    }
    if start < data.len() {
        lines.push(&data[start..]);
    }
    lines
}

fn trim_start(data: &[u8], unwanted: impl Fn(u8) -> bool) -> &[u8] {
    let start = data
        .iter()
        .position(|&b| !unwanted(b))
        .unwrap_or(data.len());
    &data[start..]
}

fn trim_end(data: &[u8], unwanted: impl Fn(u8) -> bool) -> &[u8] {
    let end = data
        .iter()
        .rposition(|&b| !unwanted(b))
        .map_or(0, |at| at + 1);
    &data[..end]
}

/// `data.lstrip(bytes)`; `None` strips white space.
pub fn lstrip<'a>(data: &'a [u8], bytes: Option<&[u8]>) -> &'a [u8] {
    match bytes {
        Some(bytes) => trim_start(data, |b| bytes.contains(&b)),
        None => trim_start(data, is_space_byte),
    }
}

/// `data.rstrip(bytes)`; `None` strips white space.
pub fn rstrip<'a>(data: &'a [u8], bytes: Option<&[u8]>) -> &'a [u8] {
    match bytes {
        Some(bytes) => trim_end(data, |b| bytes.contains(&b)),
        None => trim_end(data, is_space_byte),
    }
}

/// `data.strip(bytes)`; `None` strips white space.
pub fn strip<'a>(data: &'a [u8], bytes: Option<&[u8]>) -> &'a [u8] {
    rstrip(lstrip(data, bytes), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        assert_eq!(
            split_whitespace(b" a \x0bb\x1c c ", -1),
            [&b"a"[..], b"b\x1c", b"c"]
        );
        assert_eq!(split_whitespace(b" a b  c ", 1), [&b"a"[..], b"b  c "]);
        assert_eq!(rsplit_whitespace(b" a b  c ", 1), [&b" a b"[..], b"c"]);
        assert!(split_whitespace(b"  ", -1).is_empty());
        assert_eq!(split(b"a,b,", b",", -1).unwrap(), [&b"a"[..], b"b", b""]);
        assert_eq!(rsplit(b"a,b,c", b",", 1).unwrap(), [&b"a,b"[..], b"c"]);
        assert_eq!(split(b"", b"", 0).unwrap_err().message(), "empty separator");
        assert_eq!(
            partition(b"a=b=c", b"=").unwrap().unwrap(),
            (&b"a"[..], &b"b=c"[..])
        );
        assert_eq!(
            rpartition(b"a=b=c", b"=").unwrap().unwrap(),
            (&b"a=b"[..], &b"c"[..])
        );
    }

    #[test]
    fn lines() {
        assert_eq!(
            splitlines(b"a\nb\r\nc\rd\x0b\x85\n", false),
            [&b"a"[..], b"b", b"c", b"d\x0b\x85"]
        );
        assert_eq!(splitlines(b"\n\na", true), [&b"\n"[..], b"\n", b"a"]);
        assert!(splitlines(b"", false).is_empty());
    }

    #[test]
    fn strips() {
        assert_eq!(strip(b" \x0b\x1ca\t ", None), b"\x1ca");
        assert_eq!(strip(b"xyaxy", Some(b"yx")), b"a");
        assert_eq!(lstrip(b"xax", Some(b"x")), b"ax");
        assert_eq!(rstrip(b"xax", Some(b"x")), b"xa");
        assert_eq!(strip(b"xx", Some(b"x")), b"");
    }
}
