//! A thread's own copy of a code object's words: where instructions specialise themselves and keep their inline caches; and its
//! attribute cache, for instructions that see objects of many shapes.
//!
//! Nothing here is transactional, and no other thread reads it: caches are how fast this thread goes, never what it
//! computes. A cache word may hold an object's address; the collector keeps that object.

use std::cell::Cell;

use super::ops::cache_keeps;
use crate::code::instr::op_of;
use crate::heap::{Ref, Tracer, Value};
use crate::objects::function::Code;

/// See the module's text.
pub struct CodeCopy {
    pub code: Ref<Code>,
    pub words: Box<[u64]>,
}

impl CodeCopy {
    pub fn new(code: Ref<Code>) -> CodeCopy {
        CodeCopy {
            code,
            words: code.unit.words.clone().into(),
        }
    }
    /// Reports what the caches hold, but for those that are not valid in `epoch`.
    pub fn trace(&self, t: &mut Tracer, epoch: u64) {
        t.reference(self.code);
        let mut at = 0;
        while at < self.words.len() {
            // The copy may have specialised the instruction, the original tells how long it is.
            let op = op_of(self.code.unit.words[at]);
            let cache = &self.words[at + 1..at + 1 + op.ext_words()];
            if cache_keeps(self.words[at], cache, epoch) {
                for &word in cache {
                    t.conservative(word & ((1 << 48) - 1));
                }
            }
            at += 1 + op.ext_words();
        }
    }
}

/// What an attribute access may do, once it is known what it works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The attribute is the word at this byte offset of the object.
    Slot(usize),
    /// The word at the first offset leads to a buffer: the attribute is there, at the index.
    Overflow(usize, usize),
    /// An attribute of the class that binds to nothing.
    Class(Value),
    /// A function of the class.
    Method(Value),
    /// A property with this getter.
    Property(Value),
    /// A `__slots__` member at this byte offset.
    Member(usize),
    /// The value of an attribute of this very module or class.
    Identity(Value),
    /// A store that adds the attribute at the byte offset, after which the shape is the one at the address.
    Add(u64, usize),
    /// Nothing that may be kept.
    Unknown,
}

#[derive(Clone, Copy)]
struct Line {
    /// The object's head word; for [`Found::Identity`] the object.
    key: u64,
    name: Value,
    epoch: u64,
    found: Found,
}

/// The attribute cache of a thread: direct-mapped, from an object's head and a name to what the access does. It is emptied at
/// each collection, so that it keeps nothing alive.
#[derive(Default)]
pub struct Lines(Box<[Cell<Line>]>);

const LINES: usize = 512;

impl Lines {
    const EMPTY: Line = Line {
        key: 0,
        name: Value::NULL,
        epoch: 0,
        found: Found::Unknown,
    };
    fn index(key: u64, name: Value) -> usize {
        // The upper bits of products (Knuth's multiplicative hashing).
        let mixed = key
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(name.0.wrapping_mul(0xC2B2_AE3D_27D4_EB4F));
        (mixed >> (64 - LINES.ilog2())) as usize
    }
    /// What the last access with this key and name found, if that was in this epoch.
    #[inline]
    pub fn find(&self, key: u64, name: Value, epoch: u64) -> Option<Found> {
        let line = self.0.get(Self::index(key, name))?.get();
        (line.key == key && line.name == name && line.epoch == epoch).then_some(line.found)
    }
    pub fn fill(&mut self, key: u64, name: Value, epoch: u64, found: Found) {
        if self.0.is_empty() {
            self.0 = vec![Cell::new(Self::EMPTY); LINES].into();
        }
        self.0[Self::index(key, name)].set(Line {
            key,
            name,
            epoch,
            found,
        });
    }
    pub fn clear(&self) {
        self.0.iter().for_each(|line| line.set(Self::EMPTY))
    }
}
