//! The methods of `bytes` and `bytearray`. They know ASCII only: other bytes are no letters, no blanks and
//! no digits.

mod build;
mod case;
mod hex;
mod split;

pub use build::{
    center, expandtabs, join, ljust, maketrans, repeat, replace, rjust, slice, translate, zfill,
};
pub use case::{
    capitalize, is_alnum, is_alpha, is_ascii, is_digit, is_lower, is_space, is_title, is_upper,
    lower, swapcase, title, upper,
};
pub use hex::{from_hex, from_hex_bytes, to_hex};
pub use split::{
    lstrip, partition, rpartition, rsplit, rsplit_whitespace, rstrip, split, split_whitespace,
    splitlines, strip,
};

use std::ops::Range;

use super::str_ops::search_bytes::{count_bytes, find_bytes, rfind_bytes};

/// `needle in data`.
pub fn contains(data: &[u8], needle: &[u8]) -> bool {
    find_bytes(data, needle).is_some()
}

/// `data.find(needle, ...)`, within a range from [`adjust_indices`](super::str_ops::adjust_indices).
pub fn find(data: &[u8], needle: &[u8], range: Range<usize>) -> Option<usize> {
    let start = range.start;
    find_bytes(&data[range], needle).map(|at| start + at)
}

/// `data.rfind(needle, ...)`.
pub fn rfind(data: &[u8], needle: &[u8], range: Range<usize>) -> Option<usize> {
    let start = range.start;
    rfind_bytes(&data[range], needle).map(|at| start + at)
}

/// `data.count(needle, ...)`; an empty needle occurs around every byte.
pub fn count(data: &[u8], needle: &[u8], range: Range<usize>) -> usize {
    if needle.is_empty() {
        return range.len() + 1;
    }
    count_bytes(&data[range], needle)
}

/// White space among ASCII as C has it; unlike in `str`, the separators 0x1c to 0x1f are not.
pub(crate) fn is_space_byte(b: u8) -> bool {
    matches!(b, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches() {
        let data = b"\xffab\xffab";
        assert_eq!(find(data, b"ab", 0..6), Some(1));
        assert_eq!(find(data, b"\xff", 1..6), Some(3));
        assert_eq!(rfind(data, b"ab", 0..5), Some(1));
        assert_eq!(rfind(data, b"", 0..5), Some(5));
        assert_eq!(find(data, b"", 6..6), Some(6));
        assert_eq!(count(data, b"ab", 0..6), 2);
        assert_eq!(count(data, b"", 2..4), 3);
        assert!(contains(data, b"") && !contains(data, b"ba"));
    }
}
