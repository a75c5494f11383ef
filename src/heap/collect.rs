//! Collection: stop the threads, mark from the roots, finalize, sweep. And publication, which walks the
//! same references.
//!
//! Roots are: the machine stacks (conservatively), the register stacks (conservatively: a register above
//! the live ones may hold a stale word), each transaction's logs, [`Roots`](super::Roots) lists, and what
//! the runtime registers (modules, classes, interned strings). A conservative root keeps its object; it can
//! never hurt, since objects do not move and a word that leads nowhere is passed over.

use std::sync::atomic::Ordering::*;

use super::object::{Header, Kind, Ref, Slot};
use super::space::Space;
use super::value::Value;

enum Purpose {
    Mark,
    /// Make private objects shared, at this version.
    Publish(u64),
    /// As `Publish`, and go through shared ones as well: those may refer to private objects if they came to do so while barriers were off.
    PublishAll(u64),
}

/// Walks references. `Layout::trace` reports to it.
pub struct Tracer<'a> {
    space: &'a Space,
    purpose: Purpose,
    pending: Vec<usize>,
}

impl<'a> Tracer<'a> {
    pub(crate) fn marking(space: &'a Space) -> Self {
        Tracer {
            space,
            purpose: Purpose::Mark,
            pending: Vec::with_capacity(1024),
        }
    }

    #[inline(always)]
    pub fn value(&mut self, v: Value) {
        if v.is_object() {
            self.object(v.0 as usize)
        }
    }
    #[inline(always)]
    pub fn slot(&mut self, slot: &Slot) {
        self.value(slot.peek())
    }
    #[inline(always)]
    pub fn reference<T>(&mut self, r: Ref<T>) {
        self.object(r.address() as usize)
    }
    pub fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        for &v in values {
            self.value(v)
        }
    }
    /// Any word: keeps the object that it points to or into, if there is one. Ignored when publishing.
    pub fn conservative(&mut self, word: u64) {
        if let (Purpose::Mark, Some(object)) = (&self.purpose, self.space.resolve(word)) {
            self.object(object)
        }
    }

    #[inline(always)]
    fn object(&mut self, address: usize) {
        let fresh = match self.purpose {
            Purpose::Mark => self.space.mark(address),
            Purpose::Publish(version) => {
                // SAFETY: reported addresses are those of live objects.
                let header = unsafe { &*(address as *const Header) };
                let private = header.orec().is_private();
                if private {
                    header.orec().publish(version);
                }
                private
            }
            Purpose::PublishAll(version) => {
                // SAFETY: as above.
                let header = unsafe { &*(address as *const Header) };
                if header.orec().is_private() {
                    header.orec().publish(version);
                }
                self.space.mark(address)
            }
        };
        if fresh {
            self.pending.push(address);
        }
    }

    /// Follows everything reported so far, to the end.
    pub(crate) fn drain(&mut self) {
        while let Some(address) = self.pending.pop() {
            // SAFETY: as in `object`.
            let header = unsafe { &*(address as *const Header) };
            debug_assert!(
                header.kind() as u8 != Kind::Free as u8,
                "a reference to no object"
            );
            if header.shape_address() != 0 {
                self.object(header.shape_address() as usize);
            }
            if let Purpose::Publish(version) | Purpose::PublishAll(version) = self.purpose {
                crate::objects::publish_inner(header, version);
            }
            crate::objects::trace_object(header, self);
        }
    }

    /// Is the object marked? Only while marking.
    pub(crate) fn is_marked(&self, header: &Header) -> bool {
        self.space.is_marked(header as *const Header as usize)
    }
}

/// Makes `v` and everything it reaches shared, before a reference to it is stored where others can see it.
#[cold]
#[inline(never)]
pub(crate) fn publish(space: &Space, version: u64, v: Value) {
    let mut tracer = Tracer {
        space,
        purpose: Purpose::Publish(version),
        pending: Vec::new(),
    };
    tracer.value(v);
    tracer.drain();
}

impl super::Thread {
    /// Makes shared what all threads of the interpreter have in common, and `values`, with everything that they reach: before the
    /// first thread starts, while there is one alone.
    pub(crate) fn publish_all(&mut self, values: &[Value]) {
        let rt = self.rt;
        let mut tracer = Tracer {
            space: &rt.space,
            purpose: Purpose::PublishAll(0),
            pending: Vec::new(),
        };
        rt.trace_roots(&mut tracer);
        tracer.values(values);
        rt.weak.lock().trace_all(&mut tracer);
        tracer.drain();
        rt.space.clear_marks();
    }

    /// Lets the finalizers run of what collections have found: while all threads are between two blocks, this one included.
    pub(crate) fn release_found(&mut self) {
        let rt = self.rt;
        if !rt.parallel.load(SeqCst) {
            return rt.finalizers.release_found(|_| ());
        }
        // If another thread wants the same it is waited for, since this one is in no block.
        if let Some(stopped) = self.stop_world(super::world::Stop::Boundary) {
            rt.finalizers.release_found(|v| publish(&rt.space, 0, v));
            drop(stopped);
        }
    }

    /// Collects now: stops the other threads, marks, runs the weak-reference and finalizer bookkeeping,
    /// sweeps. To be called at a safepoint only. `false` if there was no collection, neither by this thread nor by another meanwhile.
    #[inline(never)]
    pub fn collect(&mut self) -> bool {
        let rt = self.rt;
        let before = rt.collections.load(SeqCst);
        let Some(stopped) = self.stop_world(super::world::Stop::Collection) else {
            return rt.collections.load(SeqCst) != before;
        };
        let since = self.trace_time();
        let space = &rt.space;
        let threads = stopped.threads();
        for &thread in &threads {
            // SAFETY: its owner is stopped until `stopped` is dropped.
            let thread = unsafe { &mut *thread };
            thread.local.retire(space);
        }
        let mut tracer = Tracer::marking(space);
        for &thread in &threads {
            // SAFETY: as above.
            unsafe { &*thread }.trace_roots(&mut tracer);
        }
        rt.trace_roots(&mut tracer);
        tracer.drain();
        crate::objects::clear_weak(rt, &tracer);
        rt.finalizers.after_mark(&mut tracer);
        // Weak references were shared, with their callbacks, when they were made.
        crate::objects::forget_weak(rt, &tracer);
        rt.drops.run(&tracer);
        let live = space.sweep();
        // A heap of much garbage stays small enough for the caches; one of much that lives is not marked too often.
        // Large objects are refused when the limit is near, garbage or not: it is collected well before.
        let limit = rt.max_heap.load(Relaxed);
        let near = (limit.saturating_sub(live) / 2).max(limit / 32);
        rt.collect_at
            .store(live.max(rt.settings.nursery).min(near), Relaxed);
        rt.claimed.store(0, Relaxed);
        rt.live.store(live, Relaxed);
        rt.collections.fetch_add(1, SeqCst);
        drop(stopped);
        self.trace_span('G', since);
        true
    }
}
