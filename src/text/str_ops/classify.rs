//! The `is...` methods.

use rustpython_unicode::{case, classify, identifier};
use rustpython_wtf8::{CodePoint, Wtf8};

/// White space among ASCII.
#[inline]
pub(crate) fn is_space_byte(b: u8) -> bool {
    matches!(b, b'\t'..=b'\r' | 0x1c..=0x1f | b' ')
}

/// White space as `str.isspace` and `str.split` see it. The set has not changed since Unicode 6.3, so a
/// list is as good as the tables, and much faster.
#[inline]
pub fn is_space_char(c: CodePoint) -> bool {
    match c.to_u32() {
        code @ 0..=0x7f => is_space_byte(code as u8),
        0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000 => true,
        _ => false,
    }
}

/// Whether there are characters and all pass `ascii`, for ASCII ones, or `other`.
fn all(text: &Wtf8, ascii: impl Fn(&u8) -> bool, other: impl Fn(char) -> bool) -> bool {
    if text.is_empty() {
        return false;
    }
    if text.is_ascii() {
        return text.as_bytes().iter().all(ascii);
    }
    text.code_points().all(|c| match c.to_char() {
        Some(c) if c.is_ascii() => ascii(&(c as u8)),
        Some(c) => other(c),
        None => false,
    })
}

/// `text.isalnum()`.
pub fn is_alnum(text: &Wtf8) -> bool {
    all(text, u8::is_ascii_alphanumeric, |c| {
        classify::is_alpha(c) || classify::is_numeric(c) || classify::is_decimal(c)
    })
}

/// `text.isalpha()`.
pub fn is_alpha(text: &Wtf8) -> bool {
    all(text, u8::is_ascii_alphabetic, classify::is_alpha)
}

/// `text.isdecimal()`.
pub fn is_decimal(text: &Wtf8) -> bool {
    all(text, u8::is_ascii_digit, classify::is_decimal)
}

/// `text.isdigit()`.
pub fn is_digit(text: &Wtf8) -> bool {
    all(text, u8::is_ascii_digit, classify::is_digit)
}

/// `text.isnumeric()`.
pub fn is_numeric(text: &Wtf8) -> bool {
    all(text, u8::is_ascii_digit, classify::is_numeric)
}

/// `text.isspace()`.
pub fn is_space(text: &Wtf8) -> bool {
    !text.is_empty() && text.code_points().all(is_space_char)
}

/// `text.isascii()`.
pub fn is_ascii(text: &Wtf8) -> bool {
    text.is_ascii()
}

/// `text.isprintable()`; true of the empty string.
pub fn is_printable(text: &Wtf8) -> bool {
    text.is_empty() || all(text, |b| matches!(b, b' '..=b'~'), classify::is_printable)
}

/// `text.isidentifier()`. Keywords are identifiers too, here.
pub fn is_identifier(text: &Wtf8) -> bool {
    let mut rest = text.code_points();
    rest.next()
        .is_some_and(|c| c.is_char_and(identifier::is_start))
        && rest.all(|c| match c.to_char() {
            Some(c) if c.is_ascii() => c.is_ascii_alphanumeric() || c == '_',
            Some(c) => identifier::is_continue(c),
            None => false,
        })
}

/// `text.islower()`: there are cased characters, and none is upper or title case.
pub fn is_lower(text: &Wtf8) -> bool {
    let mut cased = false;
    for c in text.code_points().filter_map(CodePoint::to_char) {
        if case::is_uppercase(c) || case::is_titlecase(c) {
            return false;
        }
        cased |= case::is_lowercase(c);
    }
    cased
}

/// `text.isupper()`: there are cased characters, and none is lower or title case.
pub fn is_upper(text: &Wtf8) -> bool {
    let mut cased = false;
    for c in text.code_points().filter_map(CodePoint::to_char) {
        if case::is_lowercase(c) || case::is_titlecase(c) {
            return false;
        }
        cased |= case::is_uppercase(c);
    }
    cased
}

/// `text.istitle()`: upper case only after uncased characters, lower case only after cased ones.
pub fn is_title(text: &Wtf8) -> bool {
    let mut cased = false;
    let mut after_cased = false;
    for c in text.code_points() {
        let is = |property: fn(char) -> bool| c.is_char_and(property);
        if is(case::is_uppercase) || is(case::is_titlecase) {
            if after_cased {
                return false;
            }
            after_cased = true;
            cased = true;
        } else if is(case::is_lowercase) {
            if !after_cased {
                return false;
            }
            after_cased = true;
            cased = true;
        } else {
            after_cased = false;
        }
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_match_the_tables() {
        for code in 0..0x11_0000 {
            let Some(c) = CodePoint::from_u32(code) else {
                continue;
            };
            assert_eq!(
                is_space_char(c),
                c.is_char_and(classify::is_space),
                "{code:x}"
            );
        }
    }

    #[test]
    fn predicates() {
        let t = |text| Wtf8::new(text);
        assert!(is_alnum(t("aé5٣½")) && !is_alnum(t("a_")) && !is_alnum(t("")));
        assert!(is_alpha(t("añ漢")) && !is_alpha(t("a5")));
        assert!(is_decimal(t("5٣")) && !is_decimal(t("²")));
        assert!(is_digit(t("5²")) && !is_digit(t("½")));
        assert!(is_numeric(t("½五")) && !is_numeric(t("a")));
        assert!(is_space(t(" \u{3000}")) && !is_space(t("")));
        assert!(
            is_printable(t(""))
                && is_printable(t("a é"))
                && !is_printable(t("a\n"))
                && !is_printable(t("\u{a0}"))
        );
        assert!(
            is_identifier(t("_é9"))
                && !is_identifier(t("9a"))
                && !is_identifier(t(""))
                && is_identifier(t("class"))
        );
        assert!(is_lower(t("aé1")) && !is_lower(t("1")) && !is_lower(t("aǅ")));
        assert!(is_upper(t("AÉ 1")) && !is_upper(t("Aa")) && !is_upper(t("")));
        assert!(
            is_title(t("Hello World1A"))
                && !is_title(t("HeLlo"))
                && is_title(t("ǅabc"))
                && !is_title(t("1"))
        );
    }
}
