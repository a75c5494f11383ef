//! Subscripts: single positions and slices with any step.

use rustpython_wtf8::{Wtf8, Wtf8Buf};

use super::Text;

/// The position that `index` denotes in a sequence of length `len`, negative ones counting from the end.
#[inline]
pub fn normalize_index(index: isize, len: usize) -> Option<usize> {
    let at = if index < 0 {
        len.checked_sub(index.unsigned_abs())?
    } else {
        index as usize
    };
    (at < len).then_some(at)
}

/// A slice resolved against a length: `count` positions, from `start` by `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceIndices {
    pub start: usize,
    /// What `slice.indices()` reports; -1 where a downward slice runs through the first element.
    pub stop: isize,
    pub step: isize,
    pub count: usize,
}

impl SliceIndices {
    /// Resolves `[start:stop:step]`. The step must not be zero.
    pub fn resolve(
        start: Option<isize>,
        stop: Option<isize>,
        step: isize,
        len: usize,
    ) -> SliceIndices {
        let len = len as isize;
        // Downward slices may stop before the first element, upward ones after the last.
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let clamp = |at: isize| {
            let at = if at < 0 { at.saturating_add(len) } else { at };
            at.clamp(low, high)
        };
        let start = start.map_or(if step < 0 { high } else { low }, clamp);
        let stop = stop.map_or(if step < 0 { low } else { high }, clamp);
        let distance = if step < 0 { start - stop } else { stop - start };
        let count = if distance <= 0 {
            0
        } else {
            (distance as usize - 1) / step.unsigned_abs() + 1
        };
        SliceIndices {
            start: start.max(0) as usize,
            stop,
            step,
            count,
        }
    }

    /// The positions, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.count).map(move |i| {
            self.start
                .wrapping_add_signed(self.step.wrapping_mul(i as isize))
        })
    }
}

impl<'a> Text<'a> {
    /// The slice as a piece of the string, where the step is one.
    pub fn contiguous(self, slice: SliceIndices) -> Option<&'a Wtf8> {
        (slice.step == 1 || slice.count <= 1).then(|| {
            let start = slice.start.min(self.len());
            self.substring(start, start + slice.count)
        })
    }

    /// `text[start:stop:step]`.
    pub fn slice(self, slice: SliceIndices) -> Wtf8Buf {
        if let Some(piece) = self.contiguous(slice) {
            return piece.to_owned();
        }
        let mut out = Wtf8Buf::with_capacity(slice.count);
        if self.is_ascii() {
            let bytes = self.as_bytes();
            // Bytes of an ASCII string are characters.
            slice.iter().for_each(|at| out.push_char(bytes[at] as char));
            return out;
        }
        // One pass over the span of the slice, in its direction.
        let every = slice.step.unsigned_abs();
        if slice.step > 0 {
            let span = self.substring(slice.start, slice.start + (slice.count - 1) * every + 1);
            span.code_points().step_by(every).for_each(|c| out.push(c));
        } else {
            let span = self.substring(slice.start - (slice.count - 1) * every, slice.start + 1);
            span.code_points()
                .rev()
                .step_by(every)
                .for_each(|c| out.push(c));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slices() {
        let cut = |text: &str, start, stop, step| {
            let text = Text::new(text);
            text.slice(SliceIndices::resolve(start, stop, step, text.len()))
                .to_string()
        };
        assert_eq!(cut("añbñc", None, None, -1), "cñbña");
        assert_eq!(cut("añbñc", Some(1), Some(-1), 1), "ñbñ");
        assert_eq!(cut("añbñc", None, None, 2), "abc");
        assert_eq!(cut("añbñc", Some(-2), None, -2), "ññ");
        assert_eq!(cut("abcdef", Some(5), Some(0), -2), "fdb");
        assert_eq!(cut("abc", Some(2), Some(1), 1), "");
        assert_eq!(cut("", None, None, -1), "");
        assert_eq!(normalize_index(-3, 3), Some(0));
        assert_eq!(normalize_index(-4, 3), None);
        assert_eq!(normalize_index(3, 3), None);
    }

    #[test]
    fn indices() {
        let s = SliceIndices::resolve(None, None, -1, 4);
        assert_eq!((s.start, s.stop, s.count), (3, -1, 4));
        let s = SliceIndices::resolve(Some(9), Some(-9), isize::MIN, 4);
        assert_eq!((s.start, s.stop, s.count), (3, -1, 1));
        let s = SliceIndices::resolve(Some(isize::MIN), Some(isize::MAX), isize::MAX, 4);
        assert_eq!((s.start, s.stop, s.count), (0, 4, 1));
    }

    proptest! {
        #[test]
        fn ascii_and_wide_agree(n in 0usize..40, start in prop::option::of(-50isize..50), stop in prop::option::of(-50isize..50), step in -5isize..5) {
            prop_assume!(step != 0);
            let narrow: String = ('a'..='z').chain('A'..='Z').take(n).collect();
            let wide: String = narrow.chars().map(|c| char::from_u32(c as u32 + 0x1000).unwrap()).collect();
            let slice = SliceIndices::resolve(start, stop, step, n);
            let a = Text::new(narrow.as_str()).slice(slice).to_string();
            let b: String = Text::new(wide.as_str()).slice(slice).to_string().chars()
                .map(|c| char::from_u32(c as u32 - 0x1000).unwrap()).collect();
            let c: String = slice.iter().map(|at| narrow.as_bytes()[at] as char).collect();
            prop_assert_eq!(&a, &b);
            prop_assert_eq!(a, c);
        }
    }
}
