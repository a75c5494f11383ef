//! `str`: immutable text, WTF-8 in line, with its length in characters.
//!
//! The algorithms are in `crate::text::str_ops`; here are the layout and what turns text into objects. ASCII strings have
//! O(1) positions because characters are bytes; a long string that is not ASCII gets an index when somebody asks for
//! positions in it.

mod format;
mod grow;
mod iter;
mod methods;
mod operators;
mod percent;

pub use format::FormatArgs;
pub use iter::StrIter;
pub use methods::init;
pub use operators::{cmp, concat, contains, eq, get_char, join, repeat};
pub use percent::percent;
/// What `%` of `bytes` shares with that of `str`.
pub(crate) mod percent_parts {
    pub(crate) use super::percent::{Arguments, float, integer, supply_counts};
}

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::*};

use rustpython_wtf8::{Wtf8, Wtf8Buf};

use crate::heap::{Header, Kind, Layout, R, Ref, Slot, Thread, Tracer, Value};
use crate::text::str_ops::{CharIndex, Text};

/// The layout of `str` and its subclasses.
#[repr(C)]
pub struct Str {
    header: Header,
    /// Attributes of an instance of a subclass.
    pub(crate) attrs: Slot,
    /// Address of the text: right behind this part, or in a buffer (see `grow`).
    data: usize,
    bytes: u32,
    chars: u32,
    /// 0: not computed. Idempotent hidden state.
    hash: AtomicU64,
    /// Bit 0: interned. Bit 1: made by `+` from a long string. The rest: address of a `CharIndex` that this string owns, or
    /// 0. Hidden state.
    flags: AtomicU64,
}

const INTERNED: u64 = 1;
const APPENDED: u64 = 2;
const FLAGS: u64 = 7;

// SAFETY: repr(C), header first.
unsafe impl Layout for Str {
    const KIND: Kind = Kind::Str;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.attrs);
        if !self.is_inline() {
            t.conservative(self.data as u64)
        }
    }
}

impl Str {
    fn fixed(data: usize, bytes: usize, chars: usize) -> Str {
        Str {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            data,
            bytes: bytes as u32,
            chars: chars as u32,
            hash: AtomicU64::new(0),
            flags: AtomicU64::new(0),
        }
    }
    /// Offset of `attrs`, for the class.
    pub const ATTRS: usize = std::mem::offset_of!(Str, attrs);

    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `bytes` bytes were written there when the string was made; they do not change as long as it lives.
        unsafe { std::slice::from_raw_parts(self.data as *const u8, self.bytes as usize) }
    }
    /// Is the text right behind the fixed part?
    fn is_inline(&self) -> bool {
        self.data == self as *const Str as usize + size_of::<Str>()
    }
    fn was_appended(&self) -> bool {
        self.flags.load(Relaxed) & APPENDED != 0
    }
    fn set_appended(&self) {
        self.flags.fetch_or(APPENDED, Relaxed);
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
        self.flags.load(Relaxed) & INTERNED != 0
    }
    pub(crate) fn set_interned(&self) {
        self.flags.fetch_or(INTERNED, Relaxed);
    }
    /// The text with its length, and with its index if it has one.
    #[inline]
    pub fn text(&self) -> Text<'_> {
        let address = self.flags.load(Acquire) & !FLAGS;
        // SAFETY: other than 0 it is the address of an index that lives as long as this string.
        let index = unsafe { (address as *const CharIndex).as_ref() };
        Text::with_len(self.as_wtf8(), self.len()).with_index(index)
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

impl Ref<Str> {
    /// As [`Str::text`], for looking up positions: builds the index that makes this quick, if it would help.
    pub fn indexed(&self, th: &Thread) -> Text<'_> {
        let text = self.text();
        if !text.wants_index() {
            return text;
        }
        let Some(index) = CharIndex::build(self.as_wtf8()) else {
            return text;
        };
        let mine = Box::into_raw(Box::new(index));
        let old = self.flags.load(Relaxed) & FLAGS;
        if self
            .flags
            .compare_exchange(old, old | mine as u64, Release, Relaxed)
            .is_ok()
        {
            th.rt.drops.add(self.address() as usize, drop_index);
        } else {
            // SAFETY: just made, and another thread's index (or the bit) got there first, so nobody has seen ours.
            drop(unsafe { Box::from_raw(mine) });
        }
        self.text()
    }
}

/// Frees the index of a dead string.
///
/// # Safety
/// `p` is the address of a string with an index, which nobody can reach any more.
unsafe fn drop_index(p: *mut u8) {
    // SAFETY: as above; the index was made by `Box::into_raw`.
    unsafe {
        let address = (*(p as *const Str)).flags.load(Relaxed) & !FLAGS;
        drop(Box::from_raw(address as *mut CharIndex));
    }
}

/// The empty string, and the strings of one character below U+0100.
pub struct Chars {
    empty: Ref<Str>,
    latin1: [Ref<Str>; 256],
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
    /// The kept empty string.
    #[inline]
    pub fn empty_str(&self) -> Ref<Str> {
        self.chars().empty
    }
    /// The kept string of one character below U+0100.
    #[inline(always)]
    pub fn latin1_char(&self, c: u8) -> Ref<Str> {
        self.chars().latin1[c as usize]
    }
    #[inline(always)]
    fn chars(&self) -> &'static Chars {
        self.rt.chars.get().expect("made when the types are")
    }
    /// A `str` of `text`, or MemoryError; short ones need not be new.
    #[inline]
    pub fn new_str(&mut self, text: &Wtf8) -> R<Ref<Str>> {
        let bytes = text.as_bytes();
        match bytes {
            [] => return Ok(self.empty_str()),
            [b] if *b < 0x80 => return Ok(self.latin1_char(*b)),
            _ => {}
        }
        self.check_str(bytes.len())?;
        Ok(self.str_wtf8(text))
    }
    /// As [`Thread::new_str`], as a value.
    #[inline]
    pub fn new_str_value(&mut self, text: &Wtf8) -> R<Value> {
        Ok(self.new_str(text)?.value())
    }
    /// A `str` of text that is known to be UTF-8, or MemoryError.
    pub fn new_str_utf8(&mut self, text: &str) -> R<Value> {
        self.new_str_value(Wtf8::new(text))
    }
    /// A `str` of the bytes of strings that were put together.
    pub fn new_str_raw(&mut self, bytes: &[u8]) -> R<Value> {
        match bytes {
            [] => return Ok(self.empty_str().value()),
            [b] if *b < 0x80 => return Ok(self.latin1_char(*b).value()),
            _ => {}
        }
        self.check_str(bytes.len())?;
        Ok(self.str_parts(&[bytes], count_chars(bytes)).value())
    }
    /// A piece of `whole`: no need to count its characters if `whole` is ASCII.
    #[inline]
    pub fn str_piece(&mut self, whole: &Str, piece: &Wtf8) -> R<Value> {
        let bytes = piece.as_bytes();
        if bytes.len() < 2 || !whole.is_ascii() {
            return self.new_str_value(piece);
        }
        self.check_str(bytes.len())?;
        Ok(self.str_parts(&[bytes], bytes.len()).value())
    }
    /// `s` as an exact `str`.
    #[inline]
    pub fn exact_str(&mut self, s: Ref<Str>) -> Ref<Str> {
        if s.header().shape().class() == self.rt.types().str {
            return s;
        }
        self.str_parts(&[s.as_bytes()], s.len())
    }
    /// What a method made of `s`: borrowed text is a piece of `s`, and all of it is `s` itself.
    pub(crate) fn str_from_cow(&mut self, s: Ref<Str>, text: Cow<'_, Wtf8>) -> R<Value> {
        match text {
            Cow::Borrowed(t) if t.len() == s.as_bytes().len() => Ok(self.exact_str(s).value()),
            Cow::Borrowed(t) => self.str_piece(&s, t),
            Cow::Owned(t) => self.new_str_value(&t),
        }
    }
    /// MemoryError unless a string of `bytes` bytes can be made.
    #[inline]
    pub fn check_str(&mut self, bytes: usize) -> R<()> {
        if bytes >= u32::MAX as usize {
            return Err(self.no_memory());
        }
        self.check_room(bytes)
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
        let fixed = Str::fixed(0, bytes, chars);
        let shape = class.root_shape();
        let s = self.alloc(shape, fixed, bytes);
        // SAFETY: `bytes` bytes behind the fixed part are ours and nobody has seen the object yet.
        unsafe {
            let mut at = (s.as_ptr().add(1)) as *mut u8;
            (*s.as_ptr()).data = at as usize;
            for part in parts {
                std::ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }
        s
    }
    /// A new `str` of the first `bytes` bytes of a buffer's text.
    fn str_sharing(&mut self, data: *const u8, bytes: usize, chars: usize) -> Ref<Str> {
        let class = self.rt.types().str;
        self.alloc(
            class.root_shape(),
            Str::fixed(data as usize, bytes, chars),
            0,
        )
    }
}

/// Code points in WTF-8 text.
pub fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b as i8 >= -0x40).count()
}

/// `v` as a string: itself, or the TypeError that `describe` words for its class' name.
pub(crate) fn expect_str(
    th: &mut Thread,
    v: Value,
    describe: impl FnOnce(&str) -> String,
) -> R<Ref<Str>> {
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => {
            let name = shown_class(th, v);
            Err(th.type_error(describe(&name)))
        }
    }
}

/// The class' name as argument errors show it.
pub(crate) fn shown_class(th: &Thread, v: Value) -> String {
    if v.is_none() {
        "None".into()
    } else {
        th.short_type_name(v)
    }
}

/// Fills [`Chars`].
fn make_chars(th: &mut Thread) {
    let mut buffer = Wtf8Buf::new();
    let empty = th.intern_wtf8(b"");
    let latin1 = std::array::from_fn(|c| {
        buffer.clear();
        buffer.push_char(c as u8 as char);
        th.intern_wtf8(buffer.as_bytes())
    });
    if th.rt.chars.set(Chars { empty, latin1 }).is_err() {
        unreachable!("made once per runtime")
    }
}
