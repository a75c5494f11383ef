//! `find`, `rfind`, `count`, `startswith`, `endswith`, `in`.

use std::ops::Range;

use memchr::memmem;
use rustpython_wtf8::Wtf8;

use super::Text;

/// The range that the optional arguments `start` and `end` of a search denote in a sequence of length
/// `len`; `None` if it is inverted, where not even an empty string is found. Negative positions count
/// from the end, and both are brought into bounds, except that a start past the end finds nothing.
pub fn adjust_indices(
    start: Option<isize>,
    end: Option<isize>,
    len: usize,
) -> Option<Range<usize>> {
    let wrap = |at: isize| {
        if at < 0 {
            len.saturating_sub(at.unsigned_abs())
        } else {
            at as usize
        }
    };
    let start = start.map_or(0, wrap);
    let end = end.map_or(len, wrap).min(len);
    (start <= end).then_some(start..end)
}

/// A limit on splits from Python's `maxsplit`, where any negative number means none.
pub(crate) fn split_limit(maxsplit: isize) -> usize {
    usize::try_from(maxsplit).unwrap_or(usize::MAX)
}

/// Where `needle` first occurs, in bytes.
pub(crate) fn find_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [b] => memchr::memchr(*b, haystack),
        _ => memmem::find(haystack, needle),
    }
}

/// Where `needle` last occurs, in bytes.
pub(crate) fn rfind_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [b] => memchr::memrchr(*b, haystack),
        _ => memmem::rfind(haystack, needle),
    }
}

/// How often `needle`, which is not empty, occurs without overlaps.
pub(crate) fn count_bytes(haystack: &[u8], needle: &[u8]) -> usize {
    match needle {
        [b] => memchr::memchr_iter(*b, haystack).count(),
        _ => memmem::find_iter(haystack, needle).count(),
    }
}

impl<'a> Text<'a> {
    /// The bytes of a range of code points, and where they begin.
    fn window(self, range: &Range<usize>) -> (usize, &'a [u8]) {
        if range.start == 0 && range.end == self.len() {
            return (0, self.as_bytes());
        }
        let start = self.byte_at(range.start);
        (start, &self.as_bytes()[start..self.byte_at(range.end)])
    }

    /// `needle in text`.
    pub fn contains(self, needle: &Wtf8) -> bool {
        find_bytes(self.as_bytes(), needle.as_bytes()).is_some()
    }

    /// `text.find(needle, ...)`: the position of the first occurrence within `range`.
    pub fn find(self, needle: &Wtf8, range: Range<usize>) -> Option<usize> {
        if needle.is_empty() {
            return Some(range.start);
        }
        let (start, window) = self.window(&range);
        find_bytes(window, needle.as_bytes()).map(|at| self.char_at_byte(start + at))
    }

    /// `text.rfind(needle, ...)`: the position of the last occurrence within `range`.
    pub fn rfind(self, needle: &Wtf8, range: Range<usize>) -> Option<usize> {
        if needle.is_empty() {
            return Some(range.end);
        }
        let (start, window) = self.window(&range);
        rfind_bytes(window, needle.as_bytes()).map(|at| self.char_at_byte(start + at))
    }

    /// `text.count(needle, ...)`; an empty needle occurs around every code point.
    pub fn count(self, needle: &Wtf8, range: Range<usize>) -> usize {
        if needle.is_empty() {
            return range.len() + 1;
        }
        count_bytes(self.window(&range).1, needle.as_bytes())
    }

    /// `text.startswith(prefix, ...)`.
    pub fn starts_with(self, prefix: &Wtf8, range: Range<usize>) -> bool {
        self.window(&range).1.starts_with(prefix.as_bytes())
    }

    /// `text.endswith(suffix, ...)`.
    pub fn ends_with(self, suffix: &Wtf8, range: Range<usize>) -> bool {
        self.window(&range).1.ends_with(suffix.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, needle: &str, start: Option<isize>, end: Option<isize>) -> Option<usize> {
        let text = Text::new(text);
        text.find(Wtf8::new(needle), adjust_indices(start, end, text.len())?)
    }

    #[test]
    fn ranges() {
        assert_eq!(adjust_indices(None, None, 3), Some(0..3));
        assert_eq!(adjust_indices(Some(-2), Some(-1), 3), Some(1..2));
        assert_eq!(adjust_indices(Some(-9), Some(9), 3), Some(0..3));
        assert_eq!(adjust_indices(Some(4), None, 3), None);
        assert_eq!(adjust_indices(Some(3), None, 3), Some(3..3));
        assert_eq!(
            adjust_indices(Some(isize::MIN), Some(isize::MAX), 3),
            Some(0..3)
        );
    }

    #[test]
    fn searches() {
        assert_eq!(find("añbñc", "ñ", None, None), Some(1));
        assert_eq!(find("añbñc", "ñ", Some(2), None), Some(3));
        assert_eq!(find("añbñc", "ñc", None, Some(-1)), None);
        assert_eq!(find("abc", "", Some(3), None), Some(3));
        assert_eq!(find("abc", "", Some(4), None), None);
        let text = Text::new("añbñc");
        assert_eq!(text.rfind(Wtf8::new("ñ"), 0..5), Some(3));
        assert_eq!(text.rfind(Wtf8::new(""), 0..4), Some(4));
        assert_eq!(text.count(Wtf8::new("ñ"), 0..5), 2);
        assert_eq!(text.count(Wtf8::new(""), 1..5), 5);
        assert_eq!(Text::new("aaaa").count(Wtf8::new("aa"), 0..4), 2);
        assert!(text.starts_with(Wtf8::new("ñb"), 1..5));
        assert!(text.ends_with(Wtf8::new("bñ"), 0..4));
        assert!(!text.starts_with(Wtf8::new("ñb"), 1..2));
        assert!(text.contains(Wtf8::new("")));
    }
}
