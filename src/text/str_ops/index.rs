//! Code point positions and byte positions.

use rustpython_wtf8::{CodePoint, Wtf8};

/// Code points per entry of a [`CharIndex`].
const STRIDE: usize = 64;

/// Whether a byte opens a code point.
#[inline]
fn is_start(b: u8) -> bool {
    b & 0xc0 != 0x80
}

/// How many code points start in eight bytes.
#[inline]
fn starts_in_word(word: [u8; 8]) -> usize {
    let word = u64::from_ne_bytes(word);
    // Continuation bytes have their top bit set and the next one clear.
    let continuations = word & !(word << 1) & 0x8080_8080_8080_8080;
    8 - continuations.count_ones() as usize
}

fn count_starts(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    words
        .iter()
        .map(|&word| starts_in_word(word))
        .sum::<usize>()
        + rest.iter().filter(|&&b| is_start(b)).count()
}

/// `len(text)`.
pub fn char_count(text: &Wtf8) -> usize {
    count_starts(text.as_bytes())
}

/// The position in `bytes` after `count` code points, counted from `from`, where one starts.
fn advance(bytes: &[u8], from: usize, mut count: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let starts = starts_in_word(*word);
        if starts > count {
            break;
        }
        count -= starts;
        at += 8;
    }
    while at < bytes.len() {
        if is_start(bytes[at]) {
            if count == 0 {
                break;
            }
            count -= 1;
        }
        at += 1;
    }
    at
}

/// The position where the last `count` code points of `bytes` begin.
fn retreat(bytes: &[u8], mut count: usize) -> usize {
    let mut at = bytes.len();
    while let Some(word) = bytes[..at].last_chunk::<8>() {
        let starts = starts_in_word(*word);
        if starts >= count {
            break;
        }
        count -= starts;
        at -= 8;
    }
    while count > 0 && at > 0 {
        at -= 1;
        if is_start(bytes[at]) {
            count -= 1;
        }
    }
    at
}

/// Byte positions of every 64th code point of a long string that is not ASCII.
#[derive(Debug, Clone)]
pub struct CharIndex {
    positions: Box<[u32]>,
}

impl CharIndex {
    /// Strings shorter than this, in bytes, are walked quickly enough.
    pub const WORTHWHILE: usize = 512;

    /// `None` if the string is ASCII, where no index is needed, or longer than 4 GiB.
    pub fn build(text: &Wtf8) -> Option<CharIndex> {
        let bytes = text.as_bytes();
        if u32::try_from(bytes.len()).is_err() || text.is_ascii() {
            return None;
        }
        let mut positions = Vec::with_capacity(bytes.len() / (STRIDE * 2));
        let mut at = 0;
        while at < bytes.len() {
            positions.push(at as u32);
            at = advance(bytes, at, STRIDE);
        }
        Some(CharIndex {
            positions: positions.into(),
        })
    }
}

/// A string and its length in code points.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    wtf8: &'a Wtf8,
    chars: usize,
    index: Option<&'a CharIndex>,
}

impl<'a> Text<'a> {
    /// Counts the code points; use [`Text::with_len`] where the count is known.
    pub fn new<S: AsRef<Wtf8> + ?Sized>(text: &'a S) -> Self {
        let wtf8 = text.as_ref();
        Text::with_len(wtf8, char_count(wtf8))
    }

    /// A string of `chars` code points.
    #[inline]
    pub fn with_len(wtf8: &'a Wtf8, chars: usize) -> Self {
        debug_assert_eq!(chars, char_count(wtf8));
        Text {
            wtf8,
            chars,
            index: None,
        }
    }

    /// The same string with the index built for it.
    #[inline]
    pub fn with_index(self, index: Option<&'a CharIndex>) -> Self {
        Text { index, ..self }
    }

    #[inline]
    pub fn wtf8(self) -> &'a Wtf8 {
        self.wtf8
    }

    #[inline]
    pub fn as_bytes(self) -> &'a [u8] {
        self.wtf8.as_bytes()
    }

    /// `len(text)`, in code points.
    #[inline]
    pub fn len(self) -> usize {
        self.chars
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.chars == 0
    }

    /// Every code point is one byte: positions of code points are positions of bytes.
    #[inline]
    pub fn is_ascii(self) -> bool {
        self.chars == self.wtf8.len()
    }

    /// Whether an index would pay for itself.
    pub fn wants_index(self) -> bool {
        self.index.is_none() && !self.is_ascii() && self.wtf8.len() >= CharIndex::WORTHWHILE
    }

    /// The byte position of the code point at `at`, which may be one past the last.
    pub fn byte_at(self, at: usize) -> usize {
        if self.is_ascii() {
            return at;
        }
        let bytes = self.as_bytes();
        if at >= self.chars {
            return bytes.len();
        }
        if let Some(index) = self.index {
            return advance(bytes, index.positions[at / STRIDE] as usize, at % STRIDE);
        }
        if at <= self.chars / 2 {
            advance(bytes, 0, at)
        } else {
            retreat(bytes, self.chars - at)
        }
    }

    /// The position of the code point that starts at byte `at`.
    pub fn char_at_byte(self, at: usize) -> usize {
        if self.is_ascii() {
            return at;
        }
        let bytes = self.as_bytes();
        if let Some(index) = self.index {
            let block = index
                .positions
                .partition_point(|&start| start as usize <= at)
                .saturating_sub(1);
            let start = index
                .positions
                .get(block)
                .map_or(0, |&start| start as usize);
            return block * STRIDE + count_starts(&bytes[start..at]);
        }
        if at <= bytes.len() / 2 {
            count_starts(&bytes[..at])
        } else {
            self.chars - count_starts(&bytes[at..])
        }
    }

    /// The code point at `at`, as a string. `at` must be less than the length.
    pub fn char_str(self, at: usize) -> &'a Wtf8 {
        let start = self.byte_at(at);
        let end = advance(self.as_bytes(), start, 1);
        &self.wtf8[start..end]
    }

    /// The code point at `at`, or `None` past the end.
    pub fn code_point(self, at: usize) -> Option<CodePoint> {
        if at >= self.chars {
            return None;
        }
        self.char_str(at).code_points().next()
    }

    /// The code points from `start` up to `end`; both must lie within the string, in order.
    pub fn substring(self, start: usize, end: usize) -> &'a Wtf8 {
        let first = self.byte_at(start);
        // Counting on from the start beats walking from either end when the slice is short.
        let last = if self.is_ascii() {
            end
        } else if self.index.is_none() && end < self.chars && end - start < start {
            advance(self.as_bytes(), first, end - start)
        } else {
            self.byte_at(end)
        };
        &self.wtf8[first..last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_agree(text in "[a-zé€😀]{0,400}") {
            let wtf8 = Wtf8::new(text.as_str());
            let index = CharIndex::build(wtf8);
            let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            let plain = Text::new(wtf8);
            let indexed = plain.with_index(index.as_ref());
            prop_assert_eq!(plain.len(), starts.len() - 1);
            for (at, &byte) in starts.iter().enumerate() {
                for text in [plain, indexed] {
                    prop_assert_eq!(text.byte_at(at), byte);
                    prop_assert_eq!(text.char_at_byte(byte), at);
                }
            }
        }

        #[test]
        fn substrings(text in "[aé€😀]{0,60}", a: prop::sample::Index, b: prop::sample::Index) {
            let chars: Vec<char> = text.chars().collect();
            let (a, b) = (a.index(chars.len() + 1), b.index(chars.len() + 1));
            let (a, b) = (a.min(b), a.max(b));
            let expected: String = chars[a..b].iter().collect();
            prop_assert_eq!(Text::new(text.as_str()).substring(a, b), Wtf8::new(expected.as_str()));
        }

        /// Byte order is code point order, also next to lone surrogates.
        #[test]
        fn order(a in prop::collection::vec(0u32..0x11_0000, 0..4), b in prop::collection::vec(0u32..0x11_0000, 0..4)) {
            let build = |codes: &[u32]| codes.iter().filter_map(|&c| CodePoint::from_u32(c)).collect::<rustpython_wtf8::Wtf8Buf>();
            prop_assert_eq!(build(&a).as_bytes().cmp(build(&b).as_bytes()), a.cmp(&b));
        }
    }
}
