//! Case and the `is...` methods, for ASCII.

use super::is_space_byte;

/// `data.lower()`.
pub fn lower(data: &[u8]) -> Vec<u8> {
    data.to_ascii_lowercase()
}

/// `data.upper()`.
pub fn upper(data: &[u8]) -> Vec<u8> {
    data.to_ascii_uppercase()
}

/// `data.capitalize()`.
pub fn capitalize(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// `data.title()`.
pub fn title(data: &[u8]) -> Vec<u8> {
    let mut after_letter = false;
    data.iter()
        .map(|b| {
            let mapped = if after_letter {
                b.to_ascii_lowercase()
            } else {
                b.to_ascii_uppercase()
            };
            after_letter = b.is_ascii_alphabetic();
            mapped
        })
        .collect()
}

/// `data.swapcase()`.
pub fn swapcase(data: &[u8]) -> Vec<u8> {
    data.iter()
        .map(|&b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b })
        .collect()
}

fn all(data: &[u8], property: impl Fn(&u8) -> bool) -> bool {
    !data.is_empty() && data.iter().all(property)
}

/// `data.isalnum()`.
pub fn is_alnum(data: &[u8]) -> bool {
    all(data, u8::is_ascii_alphanumeric)
}

/// `data.isalpha()`.
pub fn is_alpha(data: &[u8]) -> bool {
    all(data, u8::is_ascii_alphabetic)
}

/// `data.isdigit()`.
pub fn is_digit(data: &[u8]) -> bool {
    all(data, u8::is_ascii_digit)
}

/// `data.isspace()`.
pub fn is_space(data: &[u8]) -> bool {
    all(data, |&b| is_space_byte(b))
}

/// `data.isascii()`; true of no bytes at all.
pub fn is_ascii(data: &[u8]) -> bool {
    data.is_ascii()
}

/// `data.islower()`.
pub fn is_lower(data: &[u8]) -> bool {
    data.iter().any(u8::is_ascii_lowercase) && !data.iter().any(u8::is_ascii_uppercase)
}

/// `data.isupper()`.
pub fn is_upper(data: &[u8]) -> bool {
    data.iter().any(u8::is_ascii_uppercase) && !data.iter().any(u8::is_ascii_lowercase)
}

/// `data.istitle()`.
pub fn is_title(data: &[u8]) -> bool {
    let mut after_letter = false;
    let mut letters = false;
    for b in data {
        let fits = match b {
            b'A'..=b'Z' => !after_letter,
            b'a'..=b'z' => after_letter,
            _ => true,
        };
        if !fits {
            return false;
        }
        after_letter = b.is_ascii_alphabetic();
        letters |= after_letter;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        assert_eq!(title(b"they're 1st \xe9a"), b"They'Re 1St \xe9A");
        assert_eq!(capitalize(b"hELLO"), b"Hello");
        assert_eq!(swapcase(b"aB\xc9[`"), b"Ab\xc9[`");
        assert_eq!(upper(b"a\xe9"), b"A\xe9");
        assert_eq!(lower(b"A\xc9"), b"a\xc9");
    }

    #[test]
    fn predicates() {
        assert!(is_alnum(b"a1") && !is_alnum(b"") && !is_alnum(b"\xe9"));
        assert!(is_alpha(b"ab") && is_digit(b"12") && is_space(b" \x0b") && !is_space(b"\x1c"));
        assert!(is_ascii(b"") && !is_ascii(b"\x80"));
        assert!(is_lower(b"a1") && !is_lower(b"1") && is_upper(b"A1") && !is_upper(b"Aa"));
        assert!(is_title(b"A Bc1D") && !is_title(b"AB") && !is_title(b"1"));
    }
}
