//! `str`: immutable text, WTF-8 in line, with its length in characters.

use std::sync::atomic::{AtomicU64, Ordering::*};

use rustpython_wtf8::Wtf8;

use crate::heap::{Header, Kind, Layout, Ref, Slot, Thread, Tracer, Value};

/// The layout of `str` and its subclasses.
#[repr(C)]
pub struct Str {
    header: Header,
    /// Attributes of an instance of a subclass.
    pub(crate) attrs: Slot,
    bytes: u32,
    chars: u32,
    /// 0: not computed. Idempotent hidden state.
    hash: AtomicU64,
    /// Bit 0: interned. Hidden state.
    flags: AtomicU64,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Str {
    const KIND: Kind = Kind::Str;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.attrs)
    }
}

impl Str {
    /// Offset of `attrs`, for the class.
    pub const ATTRS: usize = std::mem::offset_of!(Str, attrs);

    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `bytes` bytes follow the fixed part, written when the string was made.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const Str).add(1) as *const u8,
                self.bytes as usize,
            )
        }
    }
    #[inline(always)]
    pub fn as_wtf8(&self) -> &Wtf8 {
        // SAFETY: made from a `Wtf8`.
        unsafe { Wtf8::from_bytes_unchecked(self.as_bytes()) }
    }
    /// The text, if it has no lone surrogates.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
    /// Length in characters (code points).
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.chars as usize
    }
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.bytes == self.chars
    }
    pub fn is_interned(&self) -> bool {
        self.flags.load(Relaxed) & 1 != 0
    }
    pub(crate) fn set_interned(&self) {
        self.flags.fetch_or(1, Relaxed);
    }
    /// The hash, as a signed number that is never -1.
    #[inline]
    pub fn hash(&self, th: &Thread) -> i64 {
        let known = self.hash.load(Relaxed);
        if known != 0 {
            return known as i64;
        }
        let hash = hash_bytes(self.as_bytes(), th.rt.settings.seed);
        self.hash.store(hash as u64, Relaxed);
        hash
    }
}

/// The hash of text or bytes: never 0 (which means "not computed") nor -1, except that nothing hashes to 0
/// in `hash(b"")` is of no use to anybody.
pub fn hash_bytes(bytes: &[u8], seed: u64) -> i64 {
    // Folded multiplication, eight bytes at a time (as wyhash and its kin do).
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |a: u64, b: u64| {
        let wide = a as u128 * b as u128;
        (wide as u64) ^ ((wide >> 64) as u64)
    };
    let mut h = fold(seed ^ K, bytes.len() as u64 ^ 0xe703_7ed1_a0b4_28db);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        h = fold(
            h ^ u64::from_le_bytes(chunk.try_into().expect("eight bytes")),
            K,
        );
    }
    let mut rest = [0; 8];
    rest[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    h = fold(h ^ u64::from_le_bytes(rest), 0xa076_1d64_78bd_642f);
    match h as i64 {
        0 => 1,
        -1 => -2,
        h => h,
    }
}

impl std::fmt::Display for Str {
    /// Lone surrogates are shown as U+FFFD.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl Thread {
    /// A new `str` of `text`.
    pub fn str(&mut self, text: &str) -> Ref<Str> {
        self.str_wtf8(Wtf8::new(text))
    }
    /// A new `str` value.
    pub fn str_value(&mut self, text: &str) -> Value {
        self.str(text).value()
    }
    /// A new `str` of text that may hold lone surrogates.
    pub fn str_wtf8(&mut self, text: &Wtf8) -> Ref<Str> {
        let bytes = text.as_bytes();
        let chars = if bytes.is_ascii() {
            bytes.len()
        } else {
            count_chars(bytes)
        };
        self.str_parts(&[bytes], chars)
    }
    /// A new `str` of the parts joined, which have `chars` characters together.
    pub fn str_parts(&mut self, parts: &[&[u8]], chars: usize) -> Ref<Str> {
        let class = self.rt.types().str;
        self.str_of_class(class, parts, chars)
    }
    /// A new instance of `str` or a subclass of it.
    ///
    /// # Panics
    /// If the text has 4 GiB or more.
    pub fn str_of_class(
        &mut self,
        class: Ref<super::class::Class>,
        parts: &[&[u8]],
        chars: usize,
    ) -> Ref<Str> {
        let bytes: usize = parts.iter().map(|p| p.len()).sum();
        assert!(bytes < u32::MAX as usize, "a string of 4 GiB");
        let fixed = Str {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            bytes: bytes as u32,
            chars: chars as u32,
            hash: AtomicU64::new(0),
            flags: AtomicU64::new(0),
        };
        let shape = class.root_shape();
        let s = self.alloc(shape, fixed, bytes);
        // SAFETY: `bytes` bytes behind the fixed part are ours and nobody has seen the object yet.
        unsafe {
            let mut at = (s.as_ptr().add(1)) as *mut u8;
            for part in parts {
                std::ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }
        s
    }
}

/// Code points in WTF-8 text.
pub fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b as i8 >= -0x40).count()
}
