//! `strip` and its kin, `removeprefix`, `removesuffix`.

use rustpython_wtf8::{CodePoint, Wtf8};

use super::classify::is_space_char;

/// The code points a `strip` removes.
enum CharSet<'a> {
    /// Only ASCII ones, as a bit for each.
    Ascii(u128),
    /// Others too; such sets are short, so searching them is quick.
    Any(&'a Wtf8),
}

impl<'a> CharSet<'a> {
    fn new(chars: &'a Wtf8) -> Self {
        if chars.is_ascii() {
            CharSet::Ascii(chars.as_bytes().iter().fold(0, |set, &b| set | 1 << b))
        } else {
            CharSet::Any(chars)
        }
    }

    fn contains(&self, c: CodePoint) -> bool {
        match self {
            CharSet::Ascii(set) => c.to_u32() < 0x80 && set >> c.to_u32() & 1 == 1,
            CharSet::Any(chars) => chars.code_points().any(|other| other == c),
        }
    }
}

/// `text.lstrip()`.
pub fn lstrip(text: &Wtf8) -> &Wtf8 {
    text.trim_start_matches(is_space_char)
}

/// `text.rstrip()`.
pub fn rstrip(text: &Wtf8) -> &Wtf8 {
    text.trim_end_matches(is_space_char)
}

/// `text.strip()`.
pub fn strip(text: &Wtf8) -> &Wtf8 {
    rstrip(lstrip(text))
}

/// `text.lstrip(chars)`.
pub fn lstrip_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    let set = CharSet::new(chars);
    text.trim_start_matches(|c| set.contains(c))
}

/// `text.rstrip(chars)`.
pub fn rstrip_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    let set = CharSet::new(chars);
    text.trim_end_matches(|c| set.contains(c))
}

/// `text.strip(chars)`.
pub fn strip_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    let set = CharSet::new(chars);
    text.trim_start_matches(|c| set.contains(c))
        .trim_end_matches(|c| set.contains(c))
}

/// `text.removeprefix(prefix)`.
pub fn remove_prefix<'a>(text: &'a Wtf8, prefix: &Wtf8) -> &'a Wtf8 {
    text.strip_prefix(prefix).unwrap_or(text)
}

/// `text.removesuffix(suffix)`.
pub fn remove_suffix<'a>(text: &'a Wtf8, suffix: &Wtf8) -> &'a Wtf8 {
    text.strip_suffix(suffix).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        let t = Wtf8::new(" \u{3000}añ \x1f");
        assert_eq!(strip(t), Wtf8::new("añ"));
        assert_eq!(lstrip(t), Wtf8::new("añ \x1f"));
        assert_eq!(rstrip(t), Wtf8::new(" \u{3000}añ"));
        assert_eq!(
            strip_chars(Wtf8::new("ñxyñ"), Wtf8::new("xñ")),
            Wtf8::new("y")
        );
        assert_eq!(
            lstrip_chars(Wtf8::new("xxay"), Wtf8::new("yx")),
            Wtf8::new("ay")
        );
        assert_eq!(
            rstrip_chars(Wtf8::new("xxay"), Wtf8::new("yx")),
            Wtf8::new("xxa")
        );
        assert_eq!(strip_chars(Wtf8::new("aé"), Wtf8::new("")), Wtf8::new("aé"));
        assert_eq!(strip_chars(Wtf8::new("aaa"), Wtf8::new("a")), Wtf8::new(""));
        assert_eq!(
            remove_suffix(Wtf8::new("a.py"), Wtf8::new(".py")),
            Wtf8::new("a")
        );
        assert_eq!(
            remove_prefix(Wtf8::new("a.py"), Wtf8::new("b")),
            Wtf8::new("a.py")
        );
    }
}
