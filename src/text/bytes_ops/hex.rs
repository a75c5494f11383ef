//! `bytes.hex()` and `bytes.fromhex()`.

use rustpython_wtf8::Wtf8;

use crate::text::str_ops::char_count;
use crate::text::{TextError, TextResult};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `data.hex(separator, group)`. A positive `group` counts bytes from the right, a negative one from the
/// left; zero writes no separators.
pub fn to_hex(data: &[u8], separator: Option<u8>, group: isize) -> String {
    let every = group.unsigned_abs();
    let separator = separator.filter(|_| every > 0);
    let mut out = String::with_capacity(data.len() * 3);
    for (i, &b) in data.iter().enumerate() {
        if let Some(separator) = separator
            && i > 0
        {
            let counted = if group > 0 { data.len() - i } else { i };
            if counted % every == 0 {
                out.push(separator as char);
            }
        }
        out.push(DIGITS[usize::from(b >> 4)] as char);
        out.push(DIGITS[usize::from(b & 15)] as char);
    }
    out
}

fn invalid(position: usize) -> TextError {
    TextError::value(format!(
        "non-hexadecimal number found in fromhex() arg at position {position}"
    ))
}

/// `bytes.fromhex(text)` for a `str`.
pub fn from_hex(text: &Wtf8) -> TextResult<Vec<u8>> {
    // What is not ASCII is reported first, wherever it stands.
    if let Some(at) = text.as_bytes().iter().position(|b| !b.is_ascii()) {
        return Err(invalid(char_count(&text[..at])));
    }
    from_hex_bytes(text.as_bytes())
}

/// `bytes.fromhex(text)` for `bytes`. White space may stand between the bytes, not within one.
pub fn from_hex_bytes(text: &[u8]) -> TextResult<Vec<u8>> {
    let digit = |at: usize| {
        let value = (text[at] as char).to_digit(16).ok_or_else(|| invalid(at))?;
        Ok(value as u8)
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if super::is_space_byte(text[at]) {
            at += 1;
            continue;
        }
        let high = digit(at)?;
        if at + 1 == text.len() {
            return Err(TextError::value(
                "fromhex() arg must contain an even number of hexadecimal digits",
            ));
        }
        out.push(high << 4 | digit(at + 1)?);
        at += 2;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes() {
        let data = b"\x01\xb9\x0a\xff\x00";
        assert_eq!(to_hex(data, None, 1), "01b90aff00");
        assert_eq!(to_hex(data, Some(b':'), 1), "01:b9:0a:ff:00");
        assert_eq!(to_hex(data, Some(b':'), 2), "01:b90a:ff00");
        assert_eq!(to_hex(data, Some(b':'), -2), "01b9:0aff:00");
        assert_eq!(to_hex(data, Some(b':'), 0), "01b90aff00");
        assert_eq!(to_hex(data, Some(b':'), 9), "01b90aff00");
        assert_eq!(to_hex(b"", Some(b':'), 1), "");
    }

    #[test]
    fn reads() {
        assert_eq!(
            from_hex(Wtf8::new(" 01\tFf \n0a")).unwrap(),
            b"\x01\xff\x0a"
        );
        for (text, message) in [
            (
                "0g",
                "non-hexadecimal number found in fromhex() arg at position 1",
            ),
            (
                "0 0",
                "non-hexadecimal number found in fromhex() arg at position 1",
            ),
            (
                "zzé",
                "non-hexadecimal number found in fromhex() arg at position 2",
            ),
            (
                "000",
                "fromhex() arg must contain an even number of hexadecimal digits",
            ),
        ] {
            assert_eq!(
                from_hex(Wtf8::new(text)).unwrap_err().message(),
                message,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn round_trip(data: Vec<u8>, group in -4isize..4) {
            prop_assert_eq!(from_hex(Wtf8::new(to_hex(&data, Some(b' '), group).as_str())).unwrap(), data);
        }
    }
}
