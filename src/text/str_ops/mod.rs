//! The methods of `str`, on WTF-8.
//!
//! Python counts in code points, WTF-8 in bytes. [`Text`] is a string together with its length in code
//! points, which tells at once whether the two agree (the string is then ASCII); for long strings where
//! they do not, a [`CharIndex`] keeps random access cheap. Operations that need no positions take a plain
//! `&Wtf8`.
//!
//! Searching works on bytes throughout: in WTF-8 no code point's bytes occur inside another's. The order of
//! the bytes is the order of the code points as well, so `Wtf8`'s own comparison is Python's.

mod build;
mod case;
mod classify;
mod index;
mod search;
mod slice;
mod split;
mod strip;

/// Searching in bytes, for `bytes` as well.
pub(crate) mod search_bytes {
    pub(crate) use super::search::{count_bytes, find_bytes, rfind_bytes, split_limit};
}

pub use build::{
    Translation, center, expandtabs, join, ljust, repeat, replace, rjust, translate, zfill,
};
pub use case::{capitalize, casefold, lower, swapcase, title, upper};
pub use classify::{
    is_alnum, is_alpha, is_ascii, is_decimal, is_digit, is_identifier, is_lower, is_numeric,
    is_printable, is_space, is_space_char, is_title, is_upper,
};
pub use index::{CharIndex, Text, char_count};
pub use search::adjust_indices;
pub use slice::{SliceIndices, normalize_index};
pub use split::{
    partition, rpartition, rsplit, rsplit_whitespace, split, split_whitespace, splitlines,
};
pub use strip::{
    lstrip, lstrip_chars, remove_prefix, remove_suffix, rstrip, rstrip_chars, strip, strip_chars,
};
