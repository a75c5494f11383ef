//! A thread's own copy of a code object's words: where instructions specialise themselves and keep their inline caches.
//!
//! Nothing here is transactional, and no other thread reads it: caches are how fast this thread goes, never what it
//! computes. A cache word may hold an object's address; the collector keeps that object.

use crate::heap::{Ref, Tracer, Value};
use crate::objects::function::Code;

/// See the module's text.
pub struct CodeCopy {
    pub code: Ref<Code>,
    /// The globals of the functions that run `words`: what is cached of globals is theirs.
    pub globals: Value,
    pub words: Box<[u64]>,
    /// The words that functions with other globals run, in which no global is cached by value.
    others: Option<Box<[u64]>>,
}

impl CodeCopy {
    pub fn new(code: Ref<Code>, globals: Value) -> CodeCopy {
        CodeCopy {
            code,
            globals,
            words: code.unit.words.clone().into(),
            others: None,
        }
    }
    /// The words for functions with globals that are not [`CodeCopy::globals`].
    #[cold]
    pub fn for_other_globals(&mut self) -> *const u64 {
        let words = &self.code.unit.words;
        self.others
            .get_or_insert_with(|| words.clone().into())
            .as_ptr()
    }
    pub fn trace(&self, t: &mut Tracer) {
        t.reference(self.code);
        t.value(self.globals);
        for &word in self.words.iter().chain(self.others.iter().flatten()) {
            // An instruction word never looks like the address of an object: its operation would have to.
            t.conservative(word & ((1 << 48) - 1));
        }
    }
}
