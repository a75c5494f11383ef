//! Struct formats: `"<3sIh"` as a row of fields with their places.

use crate::text::{TextError, TextResult};

/// How one field is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `x`: no value.
    Pad,
    /// `c`
    Char,
    /// `?`
    Bool,
    Signed,
    Unsigned,
    /// `P`
    Pointer,
    Half,
    Float,
    Double,
    /// `F`, `D`
    ComplexFloat,
    ComplexDouble,
    /// `s`: one value of `count` bytes.
    Bytes,
    /// `p`: a length byte and `count - 1` bytes.
    Pascal,
}

/// A run of values of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub code: u8,
    pub kind: Kind,
    /// Bytes of one value.
    pub size: usize,
    /// How many values; of `s` and `p` the number of bytes.
    pub count: usize,
    pub offset: usize,
}

/// A parsed format.
#[derive(Debug)]
pub(super) struct Format {
    pub fields: Vec<Field>,
    pub size: usize,
    /// Number of values.
    pub values: usize,
    pub big_endian: bool,
    /// Sizes and alignment are those of C here.
    pub native: bool,
}

fn kind_of(code: u8, native: bool) -> Option<(Kind, usize)> {
    use Kind::*;
    let long = if native { 8 } else { 4 };
    Some(match code {
        b'x' => (Pad, 1),
        b'c' => (Char, 1),
        b's' => (Bytes, 1),
        b'p' => (Pascal, 1),
        b'?' => (Bool, 1),
        b'b' => (Signed, 1),
        b'B' => (Unsigned, 1),
        b'h' => (Signed, 2),
        b'H' => (Unsigned, 2),
        b'i' => (Signed, 4),
        b'I' => (Unsigned, 4),
        b'l' => (Signed, long),
        b'L' => (Unsigned, long),
        b'q' => (Signed, 8),
        b'Q' => (Unsigned, 8),
        b'n' if native => (Signed, 8),
        b'N' if native => (Unsigned, 8),
        b'P' if native => (Pointer, 8),
        b'e' => (Half, 2),
        b'f' => (Float, 4),
        b'd' => (Double, 8),
        b'F' => (ComplexFloat, 8),
        b'D' => (ComplexDouble, 16),
        _ => return None,
    })
}

/// Parses a format. All errors are `struct.error`s, told by `TextError::Value`.
pub(super) fn parse(text: &[u8]) -> TextResult<Format> {
    let too_long = || TextError::value("total struct size too long");
    let (prefix, codes) = match text.first() {
        Some(&p @ (b'@' | b'=' | b'<' | b'>' | b'!')) => (p, &text[1..]),
        _ => (b'@', text),
    };
    let native = prefix == b'@';
    let mut format = Format {
        fields: vec![],
        size: 0,
        values: 0,
        big_endian: matches!(prefix, b'>' | b'!') || prefix != b'<' && cfg!(target_endian = "big"),
        native,
    };
    let mut codes = codes.iter().copied().peekable();
    while let Some(mut code) = codes.next() {
        if code.is_ascii_whitespace() || code == 0x0b {
            continue;
        }
        let mut count = 1usize;
        if code.is_ascii_digit() {
            count = 0;
            while code.is_ascii_digit() {
                count = count
                    .checked_mul(10)
                    .and_then(|c| c.checked_add((code - b'0') as usize))
                    .filter(|&c| c <= isize::MAX as usize)
                    .ok_or_else(too_long)?;
                code = codes.next().ok_or_else(|| {
                    TextError::value("repeat count given without format specifier")
                })?;
            }
        }
        let (kind, size) =
            kind_of(code, native).ok_or_else(|| TextError::value("bad char in struct format"))?;
        let align = match (native, kind) {
            (false, _) => 1,
            (true, Kind::ComplexFloat | Kind::ComplexDouble) => size / 2,
            (true, _) => size,
        };
        let offset = format
            .size
            .checked_next_multiple_of(align)
            .ok_or_else(too_long)?;
        format.size = size
            .checked_mul(count)
            .and_then(|bytes| bytes.checked_add(offset))
            .filter(|&end| end <= isize::MAX as usize)
            .ok_or_else(too_long)?;
        let values = match kind {
            Kind::Pad => continue,
            Kind::Bytes | Kind::Pascal => 1,
            _ => count,
        };
        format.values += values;
        if values > 0 {
            format.fields.push(Field {
                code,
                kind,
                size,
                count,
                offset,
            });
        }
    }
    Ok(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        let size = |text: &str| parse(text.as_bytes()).unwrap().size;
        assert_eq!(size("c i h q"), 24);
        assert_eq!(size("=cihq"), 15);
        assert_eq!(size("i0q"), 8);
        assert_eq!(size("10s3x"), 13);
        assert_eq!(parse(b"2i3sx").unwrap().values, 3);
        assert!(parse(b"3").is_err() && parse(b"<n").is_err() && parse(b"y").is_err());
    }
}
