//! Changing case. ASCII is done here; for the rest the Unicode tables know the special cases (one letter
//! becoming three, the Greek final sigma).

use rustpython_unicode::case;
use rustpython_wtf8::{Wtf8, Wtf8Buf};

/// Maps each byte of an ASCII string to another ASCII byte.
fn map_ascii(text: &Wtf8, map: impl FnMut(u8) -> u8) -> Wtf8Buf {
    let bytes = text.as_bytes().iter().copied().map(map).collect();
    Wtf8Buf::from_string(String::from_utf8(bytes).expect("ASCII maps to ASCII"))
}

/// `text.lower()`.
pub fn lower(text: &Wtf8) -> Wtf8Buf {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase()
    }
}

/// `text.upper()`.
pub fn upper(text: &Wtf8) -> Wtf8Buf {
    if text.is_ascii() {
        text.to_ascii_uppercase()
    } else {
        text.to_uppercase()
    }
}

/// `text.casefold()`.
pub fn casefold(text: &Wtf8) -> Wtf8Buf {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        case::casefold_wtf8(text)
    }
}

/// `text.capitalize()`.
pub fn capitalize(text: &Wtf8) -> Wtf8Buf {
    if !text.is_ascii() {
        return case::capitalize_wtf8(text);
    }
    let mut first = true;
    map_ascii(text, |b| {
        if std::mem::take(&mut first) {
            b.to_ascii_uppercase()
        } else {
            b.to_ascii_lowercase()
        }
    })
}

/// `text.title()`.
pub fn title(text: &Wtf8) -> Wtf8Buf {
    if !text.is_ascii() {
        return case::title_wtf8(text);
    }
    let mut after_cased = false;
    map_ascii(text, |b| {
        let mapped = if after_cased {
            b.to_ascii_lowercase()
        } else {
            b.to_ascii_uppercase()
        };
        after_cased = b.is_ascii_alphabetic();
        mapped
    })
}

/// `text.swapcase()`.
pub fn swapcase(text: &Wtf8) -> Wtf8Buf {
    if !text.is_ascii() {
        return case::swapcase_wtf8(text);
    }
    map_ascii(text, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let t = |text| Wtf8::new(text);
        assert_eq!(lower(t("ΑΣ ΣΑ")).to_string(), "ας σα");
        assert_eq!(lower(t("İ")).to_string(), "i\u{307}");
        assert_eq!(upper(t("ßﬁŉ")).to_string(), "SSFIʼN");
        assert_eq!(casefold(t("Straße ς")).to_string(), "strasse σ");
        assert_eq!(capitalize(t("ǆAbC Σ")).to_string(), "ǅabc σ");
        assert_eq!(
            title(t("ﬁne they're bill's é1é")).to_string(),
            "Fine They'Re Bill'S É1É"
        );
        assert_eq!(title(t("they're 1st")).to_string(), "They'Re 1St");
        assert_eq!(swapcase(t("aBß")).to_string(), "AbSS");
        assert_eq!(swapcase(t("aB1")).to_string(), "Ab1");
        assert_eq!(capitalize(t("hELLO")).to_string(), "Hello");
    }
}
