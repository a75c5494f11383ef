//! Weak references: the layout and what the collector does with them.

use crate::heap::{Header, RawSlot, Ref, Runtime, Slot, Thread, Tracer, Value};
use crate::objects::native::{Native, Payload};

/// A weak reference. The referent's address is not traced; the collector clears it when the referent dies, and queues the
/// reference for its callback.
pub struct WeakRef {
    referent: RawSlot,
    pub callback: Slot,
    /// Hash of the referent once asked for: +1, 0 if unknown.
    pub hash: RawSlot,
}

impl Payload for WeakRef {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.callback)
    }
}

impl WeakRef {
    /// The referent, or null if it is dead.
    pub fn get(&self) -> Value {
        Value(self.referent.peek())
    }
    /// Forgets the referent.
    pub fn clear(&self) {
        self.referent.init(0)
    }
}

impl Thread {
    /// A weak reference to `referent` (an object), of `class`, with a callback or null.
    pub fn weak_ref(
        &mut self,
        class: Ref<super::class::Class>,
        referent: Value,
        callback: Value,
    ) -> Ref<Native<WeakRef>> {
        // Whoever holds the weak reference may be another thread than the one that can reach the referent.
        self.publish(referent);
        let payload = WeakRef {
            referent: RawSlot::new(referent.0),
            callback: Slot::new(callback),
            hash: RawSlot::new(0),
        };
        let weak = self.new_native(class, payload);
        self.rt.weak.lock().push(weak.value());
        weak
    }
}

/// After marking: forgets dead weak references, clears those to dead objects and queues their callbacks.
pub(crate) fn weak_after_mark(rt: &Runtime, t: &mut Tracer) {
    let mut due = vec![];
    let marked = |t: &Tracer, v: Value| v.header().is_none_or(|h: &Header| t.is_marked(h));
    rt.weak.lock().retain(|&v| {
        if !marked(t, v) {
            return false;
        }
        let Some(weak) = v.native::<WeakRef>() else {
            return false;
        };
        if marked(t, weak.get()) {
            return !weak.get().is_null();
        }
        weak.clear();
        if !weak.callback.peek().is_null() {
            due.push(v);
        }
        false
    });
    rt.state.weak_callbacks.lock().extend(due);
}
