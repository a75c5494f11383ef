//! Weak references: the layout and what the collector does with them.

use std::collections::HashMap;

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

/// All weak references, by the address of what they refer to.
#[derive(Default)]
pub struct WeakTable(HashMap<u64, Vec<Value>>);

impl WeakTable {
    /// The weak references to `referent`, dead ones among them.
    pub fn of(&self, referent: Value) -> &[Value] {
        self.0.get(&referent.0).map_or(&[], Vec::as_slice)
    }
    /// Reports all weak references and what they refer to: both were published when they were made, but not what came to be stored
    /// in them while barriers were off.
    pub(crate) fn trace_all(&self, t: &mut Tracer) {
        for (referent, refs) in &self.0 {
            if !refs
                .iter()
                .all(|r| r.native::<WeakRef>().is_some_and(|w| w.get().is_null()))
            {
                t.value(Value(*referent));
            }
            t.values(refs);
        }
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
        let payload = WeakRef {
            referent: RawSlot::new(referent.0),
            callback: Slot::new(callback),
            hash: RawSlot::new(0),
        };
        let weak = self.new_native(class, payload);
        // Whoever holds the weak reference, or finds it in the table, may be another thread than the one that can reach
        // the referent.
        self.publish(referent);
        self.publish(weak.value());
        let rt = self.rt;
        let (of, made) = (referent, weak.value());
        rt.weak.lock().0.entry(of.0).or_default().push(made);
        if self.in_block() {
            // A rolled-back block has made no weak reference: nobody is called back.
            self.txn.on_abort(Box::new(move || {
                if let Some(refs) = rt.weak.lock().0.get_mut(&of.0) {
                    refs.retain(|&v| v != made);
                }
            }));
        }
        weak
    }
}

fn is_marked(t: &Tracer, v: Value) -> bool {
    v.header().is_none_or(|h: &Header| t.is_marked(h))
}

/// After marking, before finalizers keep dead objects a while longer: clears the weak references to dead objects, so that no
/// `__del__` brings back what others were told is gone, and queues their callbacks.
pub(crate) fn clear_weak(rt: &Runtime, t: &Tracer) {
    let mut due = vec![];
    for (&referent, refs) in &rt.weak.lock().0 {
        if is_marked(t, Value(referent)) {
            continue;
        }
        for &v in refs {
            let Some(weak) = v.native::<WeakRef>().filter(|w| !w.get().is_null()) else {
                continue;
            };
            weak.clear();
            // A reference that dies with its referent is not called back.
            if is_marked(t, v) && !weak.callback.peek().is_null() {
                due.push(v);
            }
        }
    }
    rt.state.weak_callbacks.lock().extend(due);
}

/// After all marking: forgets dead weak references, and those that were cleared.
pub(crate) fn forget_weak(rt: &Runtime, t: &Tracer) {
    rt.weak.lock().0.retain(|_, refs| {
        refs.retain(|&v| {
            is_marked(t, v) && v.native::<WeakRef>().is_some_and(|w| !w.get().is_null())
        });
        !refs.is_empty()
    });
}
