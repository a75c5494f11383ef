//! Interned strings: one object for each identifier, so that names compare by address.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use parking_lot::Mutex;

use super::string::Str;
use crate::heap::{Ref, Thread, Tracer, Value};

const SHARDS: usize = 16;

/// The table. Hidden state: outside any transaction; entries stay for ever.
#[derive(Default)]
pub struct Interned {
    hasher: RandomState,
    shards: [Mutex<HashMap<Box<[u8]>, Ref<Str>>>; SHARDS],
}

impl Interned {
    pub(crate) fn trace(&self, t: &mut Tracer) {
        for shard in &self.shards {
            for s in shard.lock().values() {
                t.reference(*s)
            }
        }
    }
}

/// How many literals' strings a thread remembers.
const STATIC_NAMES: usize = 256;

impl Thread {
    /// The one string with this text.
    pub fn intern(&mut self, text: &str) -> Ref<Str> {
        self.intern_wtf8(text.as_bytes())
    }
    /// As [`Thread::intern`], as a value.
    pub fn intern_value(&mut self, text: &str) -> Value {
        self.intern(text).value()
    }
    /// The interned string of a literal of the source: remembered by its address.
    pub fn static_name(&mut self, text: &'static str) -> Value {
        let key = text.as_ptr() as usize;
        // Literals lie side by side, at any address.
        let at = (key ^ key >> 7) % STATIC_NAMES;
        if let Some(&(known, len, v)) = self.vm.static_names.get(at)
            && (known, len) == (key, text.len())
        {
            return v;
        }
        let v = self.intern_value(text);
        let names = &mut self.vm.static_names;
        names.resize(STATIC_NAMES, (0, 0, Value::NULL));
        names[at] = (key, text.len(), v);
        v
    }
    /// As [`Thread::intern`] for WTF-8 bytes.
    pub fn intern_wtf8(&mut self, bytes: &[u8]) -> Ref<Str> {
        let table = &self.rt.interned;
        let mut shard = table.shards[table.hasher.hash_one(bytes) as usize % SHARDS].lock();
        if let Some(&s) = shard.get(bytes) {
            return s;
        }
        let chars = super::string::count_chars(bytes);
        let s = self.str_parts(&[bytes], chars);
        s.set_interned();
        // Born shared: other threads find it in the table at once.
        s.header().orec().publish(0);
        s.hash(self);
        shard.insert(bytes.into(), s);
        s
    }
    /// The interned string equal to `s`, which may be `s`. A `str` subclass's text counts alone.
    pub fn intern_str(&mut self, s: Ref<Str>) -> Ref<Str> {
        if s.is_interned() {
            return s;
        }
        self.intern_wtf8(s.as_bytes())
    }
    /// The interned string equal to `v`, if `v` is a string at all.
    #[inline]
    pub fn name_value(&mut self, v: Value) -> Option<Value> {
        let s = v.cast::<Str>()?;
        Some(self.intern_str(s).value())
    }
}
