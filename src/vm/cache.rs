//! A thread's own copy of a code object's words: where instructions specialise themselves and keep their inline caches.
//!
//! Nothing here is transactional, and no other thread reads it: caches are how fast this thread goes, never what it
//! computes. A cache word may hold an object's address; the collector keeps that object.

use crate::heap::{Ref, Tracer};
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
    pub fn trace(&self, t: &mut Tracer) {
        t.reference(self.code);
        for &word in &self.words {
            // An instruction word never looks like the address of an object: its operation would have to.
            t.conservative(word & ((1 << 48) - 1));
        }
    }
}
