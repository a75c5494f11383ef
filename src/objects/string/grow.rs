//! Strings that grow at the end: `s += "x"` in a loop must not copy `s` every time.
//!
//! A string that was made by `+` from a string that was made by `+` has its text in a [`TextBuf`] with room behind it.
//! Appending to it puts the new text into that room and makes a string that shares the buffer: what the old string
//! shows does not change, since it ends where the new text begins. The room can be taken once only: appending to the same
//! string again copies. How much of a buffer is taken is hidden state.

use std::sync::atomic::{AtomicUsize, Ordering::*};

use super::Str;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};

/// Text that several strings begin with; the bytes follow it.
struct TextBuf {
    capacity: usize,
    /// Bytes that are text of some string.
    taken: AtomicUsize,
}

impl Payload for TextBuf {}

/// Shorter strings are quick to copy.
const WORTHWHILE: usize = 128;

impl TextBuf {
    fn new(th: &mut Thread, x: &[u8], y: &[u8]) -> R<Ref<Native<TextBuf>>> {
        let len = x.len() + y.len();
        let capacity = (len + len / 2 + 64).min(u32::MAX as usize);
        th.check_room(capacity)?;
        let class = th.class_for::<TextBuf>();
        let payload = TextBuf {
            capacity,
            taken: AtomicUsize::new(len),
        };
        let buf = th.new_native_sized(class, payload, capacity);
        // SAFETY: `capacity` bytes were just allocated behind the fixed part, and nobody else knows them.
        unsafe {
            let at = buf.as_ptr().add(1) as *mut u8;
            std::ptr::copy_nonoverlapping(x.as_ptr(), at, x.len());
            std::ptr::copy_nonoverlapping(y.as_ptr(), at.add(x.len()), y.len());
        }
        Ok(buf)
    }
}

/// The buffer that holds the text of `s`, if it is not behind `s` itself.
fn buffer_of(s: Ref<Str>) -> Option<Ref<Native<TextBuf>>> {
    if s.is_inline() {
        return None;
    }
    let address = s.data as u64 - size_of::<Native<TextBuf>>() as u64;
    // SAFETY: text that is not in line begins a `TextBuf`, which the string keeps alive.
    Some(unsafe { Ref::from_address(address) })
}

/// `a + b`, neither of them empty and together no longer than a string can be.
pub(super) fn append(th: &mut Thread, a: Ref<Str>, b: Ref<Str>) -> R<Value> {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    let chars = a.len() + b.len();
    if x.len() < WORTHWHILE || y.len() > x.len() {
        return Ok(th.str_parts(&[x, y], chars).value());
    }
    if !a.was_appended() && a.is_inline() {
        // The first time; there may be no second.
        let s = th.str_parts(&[x, y], chars);
        s.set_appended();
        return Ok(s.value());
    }
    let total = x.len() + y.len();
    if let Some(buf) = buffer_of(a)
        && total <= buf.capacity
        && buf
            .taken
            .compare_exchange(x.len(), total, AcqRel, Relaxed)
            .is_ok()
    {
        // SAFETY: the bytes from `x.len()` to `total` are within the capacity, and ours alone since the exchange.
        unsafe {
            let at = (a.data as *mut u8).add(x.len());
            std::ptr::copy_nonoverlapping(y.as_ptr(), at, y.len());
        }
        return Ok(th.str_sharing(a.data as *const u8, total, chars).value());
    }
    let buf = TextBuf::new(th, x, y)?;
    // SAFETY: the bytes behind the fixed part.
    let data = unsafe { buf.as_ptr().add(1) as *const u8 };
    Ok(th.str_sharing(data, total, chars).value())
}

pub(super) fn init(th: &mut Thread) {
    th.new_type::<TextBuf>("<text buffer>", class_flags::NO_NEW, |_| {});
}

#[cfg(test)]
mod tests {
    use super::super::concat;
    use super::*;

    #[test]
    fn appending_leaves_the_old_string_alone() {
        let mut th = crate::objects::boot(Default::default());
        let mut s = th.str(&"a".repeat(200));
        let piece = th.str("é1");
        let mut kept = vec![];
        for _ in 0..500 {
            s = concat(&mut th, s, piece).unwrap().cast().unwrap();
            kept.push(s);
        }
        assert!(!s.is_inline());
        // A second string from the same beginning.
        let other = th.str("zz");
        let fork: Ref<Str> = concat(&mut th, kept[100], other).unwrap().cast().unwrap();
        for (i, k) in kept.iter().enumerate() {
            let want = format!("{}{}", "a".repeat(200), "é1".repeat(i + 1));
            assert_eq!(k.as_bytes(), want.as_bytes());
            assert_eq!(k.len(), 200 + 2 * (i + 1));
        }
        let want = format!("{}{}zz", "a".repeat(200), "é1".repeat(101));
        assert_eq!(fork.as_bytes(), want.as_bytes());
        // Strings of one buffer are found there again after a collection.
        th.roots.push(s.value());
        th.collect();
        assert_eq!(s.as_bytes().len(), 200 + 3 * 500);
    }
}
