//! Methods that put new bytes together.

use std::borrow::Cow;

use memchr::memmem;

use crate::text::str_ops::SliceIndices;
use crate::text::str_ops::search_bytes::split_limit;
use crate::text::{TextError, TextResult};

fn reserve(len: usize) -> TextResult<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(len).map_err(|_| TextError::Memory)?;
    Ok(out)
}

/// `data * count`.
pub fn repeat(data: &[u8], count: isize) -> TextResult<Vec<u8>> {
    let count = usize::try_from(count).unwrap_or(0);
    let total = data
        .len()
        .checked_mul(count)
        .filter(|&total| isize::try_from(total).is_ok())
        .ok_or_else(|| TextError::overflow("repeated bytes are too long"))?;
    let mut out = reserve(total)?;
    if let [b] = data {
        out.resize(count, *b);
    } else if !data.is_empty() {
        (0..count).for_each(|_| out.extend_from_slice(data));
    }
    Ok(out)
}

/// `separator.join(pieces)`.
pub fn join(separator: &[u8], pieces: &[&[u8]]) -> TextResult<Vec<u8>> {
    let gaps = separator
        .len()
        .saturating_mul(pieces.len().saturating_sub(1));
    let total = pieces
        .iter()
        .fold(gaps, |total, piece| total.saturating_add(piece.len()));
    if isize::try_from(total).is_err() {
        return Err(TextError::overflow("join() result is too long"));
    }
    let mut out = reserve(total)?;
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(piece);
    }
    Ok(out)
}

/// `data.replace(old, new, count)`; a negative count replaces every occurrence. Borrowed if nothing changes.
pub fn replace<'a>(
    data: &'a [u8],
    old: &[u8],
    new: &[u8],
    count: isize,
) -> TextResult<Cow<'a, [u8]>> {
    let limit = split_limit(count);
    if limit == 0 || old == new {
        return Ok(Cow::Borrowed(data));
    }
    // An empty needle is found before every byte and at the end, which is just what is wanted.
    let finder = memmem::Finder::new(old);
    let places = || finder.find_iter(data).take(limit);
    let growth = new.len().saturating_sub(old.len());
    let occurrences = if growth > 0 { places().count() } else { 0 };
    let total = growth
        .checked_mul(occurrences)
        .and_then(|more| more.checked_add(data.len()))
        .filter(|&total| isize::try_from(total).is_ok())
        .ok_or_else(|| TextError::overflow("replace bytes is too long"))?;
    let mut places = places().peekable();
    if places.peek().is_none() {
        return Ok(Cow::Borrowed(data));
    }
    let mut out = reserve(total)?;
    let mut from = 0;
    for at in places {
        out.extend_from_slice(&data[from..at]);
        out.extend_from_slice(new);
        from = at + old.len();
    }
    out.extend_from_slice(&data[from..]);
    Ok(Cow::Owned(out))
}

fn missing(data: &[u8], width: isize) -> usize {
    usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(data.len())
}

fn pad(data: &[u8], left: usize, fill: u8, right: usize) -> TextResult<Vec<u8>> {
    let mut out = reserve((left + right).saturating_add(data.len()))?;
    out.resize(left, fill);
    out.extend_from_slice(data);
    out.resize(out.len() + right, fill);
    Ok(out)
}

/// `data.center(width, fill)`.
pub fn center(data: &[u8], width: isize, fill: u8) -> TextResult<Vec<u8>> {
    let padding = missing(data, width);
    // The odd one goes left if the width is odd.
    let left = padding / 2 + (padding & width as usize & 1);
    pad(data, left, fill, padding - left)
}

/// `data.ljust(width, fill)`.
pub fn ljust(data: &[u8], width: isize, fill: u8) -> TextResult<Vec<u8>> {
    pad(data, 0, fill, missing(data, width))
}

/// `data.rjust(width, fill)`.
pub fn rjust(data: &[u8], width: isize, fill: u8) -> TextResult<Vec<u8>> {
    pad(data, missing(data, width), fill, 0)
}

/// `data.zfill(width)`: zeros go after a sign.
pub fn zfill(data: &[u8], width: isize) -> TextResult<Vec<u8>> {
    let mut out = pad(data, missing(data, width), b'0', 0)?;
    if let Some(&sign @ (b'+' | b'-')) = data.first() {
        let at = out.len() - data.len();
        out[at] = b'0';
        out[0] = sign;
    }
    Ok(out)
}

/// `data.expandtabs(tabsize)`.
pub fn expandtabs(data: &[u8], tabsize: isize) -> TextResult<Vec<u8>> {
    let tabsize = usize::try_from(tabsize).unwrap_or(0);
    let mut out = Vec::with_capacity(data.len());
    let mut column = 0;
    for &b in data {
        if b == b'\t' {
            let blanks = if tabsize == 0 {
                0
            } else {
                tabsize - column % tabsize
            };
            out.try_reserve(blanks)
                .map_err(|_| TextError::overflow("result too long"))?;
            out.resize(out.len() + blanks, b' ');
            column += blanks;
        } else {
            out.push(b);
            column = if matches!(b, b'\n' | b'\r') {
                0
            } else {
                column + 1
            };
        }
    }
    Ok(out)
}

/// `data.translate(table, delete)`; without a table bytes are only deleted.
pub fn translate(data: &[u8], table: Option<&[u8]>, delete: &[u8]) -> TextResult<Vec<u8>> {
    if table.is_some_and(|table| table.len() != 256) {
        return Err(TextError::value(
            "translation table must be 256 characters long",
        ));
    }
    let mut deleted = [false; 256];
    delete.iter().for_each(|&b| deleted[usize::from(b)] = true);
    Ok(data
        .iter()
        .filter(|&&b| !deleted[usize::from(b)])
        .map(|&b| table.map_or(b, |table| table[usize::from(b)]))
        .collect())
}

/// `bytes.maketrans(from, to)`.
pub fn maketrans(from: &[u8], to: &[u8]) -> TextResult<Vec<u8>> {
    if from.len() != to.len() {
        return Err(TextError::value(
            "maketrans arguments must have same length",
        ));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (&from, &to) in from.iter().zip(to) {
        table[usize::from(from)] = to;
    }
    Ok(table)
}

/// `data[start:stop:step]`.
pub fn slice(data: &[u8], slice: SliceIndices) -> Vec<u8> {
    if slice.step == 1 {
        let start = slice.start.min(data.len());
        return data[start..start + slice.count].to_vec();
    }
    slice.iter().map(|at| data[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds() {
        assert_eq!(repeat(b"ab", 3).unwrap(), b"ababab");
        assert_eq!(repeat(b"a", -3).unwrap(), b"");
        assert_eq!(
            repeat(b"ab", isize::MAX).unwrap_err().message(),
            "repeated bytes are too long"
        );
        assert_eq!(join(b"--", &[b"a", b"", b"b"]).unwrap(), b"a----b");
        assert_eq!(&*replace(b"abc", b"", b"-", -1).unwrap(), b"-a-b-c-");
        assert_eq!(&*replace(b"abc", b"", b"-", 2).unwrap(), b"-a-bc");
        assert_eq!(&*replace(b"aaa", b"aa", b"b", -1).unwrap(), b"ba");
        assert!(matches!(
            replace(b"abc", b"x", b"yy", -1).unwrap(),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn pads() {
        assert_eq!(center(b"ab", 5, b'*').unwrap(), b"**ab*");
        assert_eq!(center(b"a", 4, b'*').unwrap(), b"*a**");
        assert_eq!(zfill(b"-5", 4).unwrap(), b"-005");
        assert_eq!(zfill(b"-5", 1).unwrap(), b"-5");
        assert_eq!(ljust(b"a", 3, b'.').unwrap(), b"a..");
        assert_eq!(rjust(b"a", 3, b'.').unwrap(), b"..a");
        assert_eq!(expandtabs(b"a\tb\n\tc", 4).unwrap(), b"a   b\n    c");
    }

    #[test]
    fn translates() {
        let table = maketrans(b"ab", b"xy").unwrap();
        assert_eq!(translate(b"abcab", Some(&table), b"c").unwrap(), b"xyxy");
        assert_eq!(translate(b"abc", None, b"b").unwrap(), b"ac");
        assert!(translate(b"", Some(b"x"), b"").is_err());
        assert!(maketrans(b"a", b"").is_err());
        assert_eq!(
            slice(b"abcdef", SliceIndices::resolve(None, None, -2, 6)),
            b"fdb"
        );
        assert_eq!(
            slice(b"abcdef", SliceIndices::resolve(Some(2), Some(4), 1, 6)),
            b"cd"
        );
    }
}
