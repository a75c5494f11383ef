//! A thread of Python: its transaction, its part of the heap, its registers and frames.

use std::sync::Arc;
use std::sync::atomic::Ordering::*;

use keelback_stm::{Root, Txn};

use super::collect::Tracer;
use super::object::{Header, Kind, Layout, Ref};
use super::runtime::Runtime;
use super::space::{CLASSES, Run, SMALL_MAX, Space, class_of, class_size};
use super::value::Value;
use super::world::Shared;
use crate::objects::shape::Shape;
use crate::vm::VmState;

/// The thread-local part of the allocator.
pub(super) struct Local {
    runs: [Run; CLASSES],
    /// Where to go on when the run of a class is used up: what was its run when memory was recycled.
    below: Vec<(u8, Run)>,
}

/// So many pieces of recycled memory are kept for use, unless they are given out again; what comes after them waits for a collection.
const RECYCLED: usize = 64;

impl Local {
    pub(super) fn retire(&mut self, space: &Space) {
        for (class, run) in self.runs.iter_mut().enumerate() {
            space.retire(class, *run);
            *run = Run::EMPTY;
        }
        for (class, run) in self.below.drain(..) {
            space.retire(class as usize, run);
        }
    }
}

/// Values that native code keeps outside the machine stack. Whatever a native function pushes is dropped
/// when that function returns to the interpreter loop.
#[derive(Default)]
pub struct Roots(Vec<Value>);

impl Roots {
    pub fn push(&mut self, v: Value) {
        self.0.push(v)
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Drops what came after [`Roots::len`] was `mark`.
    pub fn truncate(&mut self, mark: usize) {
        self.0.truncate(mark)
    }
    pub fn since(&self, mark: usize) -> &[Value] {
        &self.0[mark..]
    }
}

/// What one thread of the interpreter is made of. Native functions get it as `th`.
pub struct Thread {
    /// Whether reads and writes go through the barriers.
    pub barriers: bool,
    /// Whether steps of native loops are counted (`vm::guard`): there are limits, or the heap is full.
    pub ticking: bool,
    pub rt: &'static Runtime,
    pub txn: Txn,
    pub(super) local: Local,
    pub shared: Arc<Shared>,
    /// The exception on its way (after `Fail::Raise`).
    pub exc: Value,
    pub roots: Roots,
    /// The object that says which `contextvars` context is current, or null.
    pub context: Value,
    /// Frames, registers, caches.
    pub vm: VmState,
    stack_base: usize,
    stack_low: usize,
    spilled: [u64; 8],
}

/// What is in the registers that a call keeps: the callers' values among others.
#[inline(always)]
pub(crate) fn callee_saved(regs: &mut [u64; 8]) {
    // SAFETY: stores callee-saved registers into a local array.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12",
            "mov [{0} + 24], r13", "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) regs.as_mut_ptr(), options(nostack)
        );
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, #16]", "stp x23, x24, [{0}, #32]",
            "stp x25, x26, [{0}, #48]",
            in(reg) regs.as_mut_ptr(), options(nostack)
        );
    }
}

/// The highest address of this machine stack, and its size.
fn stack_bounds() -> (usize, usize) {
    // SAFETY: plain pthread queries into locals.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let mut low = std::ptr::null_mut();
        let mut size = 0;
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) == 0 {
            libc::pthread_attr_getstack(&attr, &mut low, &mut size);
            libc::pthread_attr_destroy(&mut attr);
        }
        (low as usize + size, size)
    }
}

impl Thread {
    /// Registers the calling OS thread with the runtime. The box must stay where it is.
    pub fn attach(rt: &'static Runtime) -> Box<Thread> {
        Self::attach_as(rt, rt.world.new_ident())
    }
    /// As [`Thread::attach`], with an identifier that `World::new_ident` has given.
    pub fn attach_as(rt: &'static Runtime, ident: u64) -> Box<Thread> {
        let shared = rt.world.enter(ident);
        let (stack_base, size) = stack_bounds();
        let mut thread = Box::new(Thread {
            barriers: false,
            ticking: false,
            rt,
            // SAFETY: the collector keeps every object (and so every word) that a transaction of this thread
            // refers to: `trace_roots` reports all of `for_each_root`.
            txn: unsafe { rt.engine.register() },
            local: Local {
                runs: [Run::EMPTY; CLASSES],
                below: vec![],
            },
            shared,
            exc: Value::NULL,
            roots: Roots::default(),
            context: Value::NULL,
            vm: VmState::new(),
            stack_base,
            stack_low: stack_base - size,
            spilled: [0; 8],
        });
        thread.announce();
        thread.take_gil();
        thread
    }

    /// Is a transaction under way that could still abort or has read anything?
    #[inline]
    pub fn in_block(&self) -> bool {
        self.barriers && self.vm.in_block
    }

    /// Bytes of machine stack left.
    #[inline]
    pub fn stack_left(&self) -> usize {
        let here = 0u8;
        (&raw const here as usize).saturating_sub(self.stack_low)
    }

    /// Saves the registers that a caller may keep references in, and where the stack ends.
    #[inline(never)]
    pub(super) fn spill_registers(&mut self) {
        let mut regs = [0; 8];
        callee_saved(&mut regs);
        self.spilled = regs;
        // `sp` of this frame is below everything of the callers that matters.
        self.vm.stack_top = regs.as_ptr() as usize;
    }

    pub(super) fn trace_roots(&self, t: &mut Tracer) {
        let mut at = self.vm.stack_top & !7;
        if self.vm.collect_from != 0 {
            // This thread asked for the collection, straight from the handlers.
            at = self.vm.collect_from;
        } else {
            for word in self.spilled {
                t.conservative(word);
            }
        }
        while at < self.stack_base {
            // SAFETY: between the recorded stack pointer of a stopped thread and its stack's base.
            t.conservative(unsafe { (at as *const u64).read_volatile() });
            at += 8;
        }
        self.txn.for_each_root(&mut |root| match root {
            Root::Orec(p) => t.conservative(p as u64),
            Root::Word(p) => t.conservative(p as u64),
            Root::OldWord(w) => t.conservative(w & ((1 << 48) - 1)),
        });
        t.value(self.exc);
        t.value(self.context);
        t.values(&self.roots.0);
        self.vm.trace(t);
    }

    /// Builds an object: `object` with its header filled in, zeroed room for the attributes that the shape
    /// says, or `extra` bytes behind it for a layout of variable length (uninitialised).
    ///
    /// Never collects. When the heap is full it still succeeds for small objects and lets the next
    /// safepoint raise `MemoryError`; ask [`Thread::check_memory`] before something big.
    #[inline(always)]
    pub fn alloc<T: Layout>(&mut self, shape: Ref<Shape>, object: T, extra: usize) -> Ref<T> {
        let room = shape.instance_bytes().max(size_of::<T>());
        let bytes = room + extra;
        let address = self.alloc_bytes(bytes);
        // SAFETY: fresh memory of at least `size_of::<T>()` bytes, aligned to 16.
        unsafe {
            let p = address as *mut T;
            p.write(object);
            (p as *mut Header).write(Header::new(Some(shape), T::KIND, self.txn.block()));
            let mut at = address + size_of::<T>();
            while at < address + room {
                (at as *mut u64).write(0);
                at += 8;
            }
            if std::mem::needs_drop::<T>() {
                self.rt
                    .drops
                    .add(address, |p| std::ptr::drop_in_place(p as *mut T));
            }
            Ref::from_address(address as u64)
        }
    }

    /// A shape, or one of the first classes, which have no shape yet: with `room` bytes behind it for attributes, empty.
    pub(crate) fn alloc_shapeless<T: Layout>(&mut self, object: T, room: usize) -> Ref<T> {
        let address = self.alloc_bytes(size_of::<T>() + room);
        // SAFETY: as in `alloc`.
        unsafe {
            (address as *mut T).write(object);
            ((address + size_of::<T>()) as *mut u8).write_bytes(0, room);
            (address as *mut Header).write(Header::new(None, T::KIND, self.txn.block()));
            if std::mem::needs_drop::<T>() {
                self.rt
                    .drops
                    .add(address, |p| std::ptr::drop_in_place(p as *mut T));
            }
            Ref::from_address(address as u64)
        }
    }

    /// As [`Thread::alloc`] for a layout that owns nothing outside the heap, and a shape that leaves no room for attributes, if this thread has
    /// memory of that size at hand. It calls nothing, so that a handler that uses it has nothing to save.
    #[inline(always)]
    pub fn alloc_quick<T: Layout>(
        &mut self,
        shape: Ref<Shape>,
        object: T,
        extra: usize,
    ) -> Option<Ref<T>> {
        const { assert!(!std::mem::needs_drop::<T>()) };
        let bytes = size_of::<T>() + extra;
        if shape.instance_bytes() > size_of::<T>() || bytes > SMALL_MAX {
            return None;
        }
        let class = class_of(bytes);
        let run = &mut self.local.runs[class];
        let at = run.cur;
        let next = at + class_size(class);
        if next > run.end {
            return None;
        }
        run.cur = next;
        // SAFETY: as in `alloc`.
        unsafe {
            let p = at as *mut T;
            p.write(object);
            (p as *mut Header).write(Header::new(Some(shape), T::KIND, self.txn.block()));
            Some(Ref::from_address(at as u64))
        }
    }

    #[inline(always)]
    fn alloc_bytes(&mut self, bytes: usize) -> usize {
        if bytes <= SMALL_MAX {
            let class = class_of(bytes);
            let run = &mut self.local.runs[class];
            let at = run.cur;
            let next = at + class_size(class);
            if next <= run.end {
                run.cur = next;
                return at;
            }
            return self.alloc_slow(class);
        }
        self.alloc_large(bytes)
    }

    /// Gives the memory of an object back to this thread, for its next objects of that size: short-lived objects then take turns in memory
    /// that is in the caches. `bytes` is what was asked for at its allocation.
    ///
    /// # Safety
    /// Nothing in the heap refers to the object, nor will, and nobody uses it; only registers and the machine stack may hold its address.
    #[inline]
    pub unsafe fn recycle(&mut self, address: u64, bytes: usize) {
        if bytes > SMALL_MAX {
            return;
        }
        let (class, at) = (class_of(bytes), address as usize);
        let end = at + class_size(class);
        let run = &mut self.local.runs[class];
        if end == run.cur {
            run.cur = at;
        } else if self.local.below.len() < RECYCLED {
            self.local.below.push((class as u8, *run));
            *run = Run::piece(at, end);
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&mut self, class: usize) -> usize {
        while let Some(i) = (self.local.below.iter()).rposition(|&(c, _)| c as usize == class) {
            let (_, mut run) = self.local.below.swap_remove(i);
            let at = run.cur;
            let next = at + class_size(class);
            if next <= run.end {
                run.cur = next;
                self.local.runs[class] = run;
                return at;
            }
            self.local.runs[class] = run;
        }
        let run = self.local.runs[class];
        let (mut run, bytes) = match self.rt.space.next_run(class, run) {
            Ok(found) => found,
            Err(_) => {
                // The reserve above the limit is for exactly this: the script gets MemoryError at its next
                // safepoint, and natives need not be able to fail on every small object.
                self.rt.out_of_memory.store(true, SeqCst);
                self.ticking = true;
                self.poke();
                self.rt.space.set_limit(usize::MAX);
                self.rt
                    .space
                    .next_run(class, run)
                    .expect("the address space of the heap is used up")
            }
        };
        self.charge(bytes);
        let at = run.cur;
        run.cur += class_size(class);
        self.local.runs[class] = run;
        at
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&mut self, bytes: usize) -> usize {
        self.charge(bytes);
        match self.rt.space.large(bytes) {
            Ok(at) => at,
            Err(_) => {
                self.rt.out_of_memory.store(true, SeqCst);
                self.ticking = true;
                self.poke();
                self.rt.space.set_limit(usize::MAX);
                self.rt
                    .space
                    .large(bytes)
                    .expect("the address space of the heap is used up")
            }
        }
    }

    /// Counts `bytes` of allocation, and asks for a collection when it is time.
    pub fn charge(&mut self, bytes: usize) {
        let claimed = self.rt.claimed.fetch_add(bytes, Relaxed) + bytes;
        if claimed >= self.rt.collect_at.load(Relaxed) {
            self.rt.collection_wanted.store(true, Relaxed);
            self.poke();
        }
    }

    /// Makes this thread's next poll look around.
    pub fn poke(&self) {
        self.shared.limit.store(0, SeqCst);
    }

    /// Is there room for `bytes` more? For natives about to build something big; raise `MemoryError` if not.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.rt.space.in_use().saturating_add(bytes) <= self.rt.max_heap.load(Relaxed)
    }

    /// Reads a word of attribute room at byte offset `offset` of the object: used by shapes.
    #[inline(always)]
    pub(crate) fn slot_at(header: &'static Header, offset: usize) -> &'static super::Slot {
        debug_assert!(header.kind() as u8 != Kind::Free as u8);
        // SAFETY: shapes give only offsets inside the object's room, which holds words.
        unsafe { &*((header as *const Header as usize + offset) as *const super::Slot) }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.local.retire(&self.rt.space);
        self.release_gil();
        self.rt.world.leave(&self.shared.clone());
    }
}
