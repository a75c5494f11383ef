//! Frames and the stacks they live on.
//!
//! A thread has one stack of registers and one of frames, both reserved address ranges that never move. A frame's window is
//! `registers[base .. base + nregs]`; a callee's window may begin inside its caller's, at the arguments. Below the first frame
//! lies a sentinel, so that `fp` always points to something.

use super::cache::CodeCopy;
use crate::code::instr::{Op, a_of, op_of};
use crate::heap::{Ref, Tracer, Value};
use crate::objects::function::{Code, Function};

/// What happens to the value with which a frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Return {
    /// Into register `dst` of the caller.
    Value,
    /// It must be None; register `dst` gets `extra`, the new instance (`__init__`).
    Init,
    /// Control leaves the handlers: `Thread::call` was the caller.
    Exit,
    /// A generator driven by `ForIter` of the caller.
    ForIter,
    /// A generator driven by `Send` of the caller.
    Send,
    /// The innermost generator of a chain: see `delegation`.
    PassOn,
}

/// One activation of a code object.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Frame {
    /// Where to go on; kept up to date only when control leaves the handlers or goes into a callee.
    pub pc: *const u64,
    /// First word of the thread's copy of the code.
    pub start: *const u64,
    pub regs: *mut Value,
    pub code: Ref<Code>,
    /// The function, which knows globals and closure.
    pub function: Ref<Function>,
    /// The namespace of a class or module body, or null.
    pub namespace: Value,
    /// The generator that runs in this frame, or the instance that `__init__` works on, or null.
    pub extra: Value,
    pub dst: u16,
    pub ret: Return,
    /// So many places below this one hold views, and no frames: see `delegation`.
    pub over: u32,
}

impl Frame {
    /// The word index of the instruction that the saved `pc` has passed.
    pub fn last_word(&self) -> u32 {
        // SAFETY: both point into the same copy.
        let words = unsafe { self.pc.offset_from(self.start) };
        words.saturating_sub(1).max(0) as u32
    }
    /// The temporary that the call gets which the saved `pc` has passed.
    fn call_target(&self) -> Option<usize> {
        let (words, last) = (&self.code.unit.words, self.last_word() as usize);
        let mut at = 0;
        while at + 1 + op_of(words[at]).ext_words() <= last {
            at += 1 + op_of(words[at]).ext_words();
        }
        let target = a_of(words[at]);
        let calls = matches!(
            op_of(words[at]),
            Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw | Op::CallEx
        );
        (calls && target >= self.code.locals as usize).then_some(target)
    }
    /// The first parameter's register, for a function that has parameters: the argument, or the cell that holds it.
    pub fn first_argument(&self) -> Value {
        // SAFETY: the window of a frame has its code's registers, parameters first.
        unsafe { *self.regs }
    }
    /// The source line at the saved `pc`.
    pub fn line(&self) -> u32 {
        self.code.unit.span_at(self.last_word()).line
    }
}

const REGISTERS: usize = 8 << 20;
const FRAMES: usize = 256 << 10;
/// Registers kept free above the highest frame, for native arguments.
const SLACK: usize = 70_000;

/// See the module's text.
pub struct Stacks {
    registers: *mut Value,
    frames: *mut Frame,
    end: *const Value,
}

// SAFETY: owned ranges of memory.
unsafe impl Send for Stacks {}

fn map(bytes: usize) -> *mut u8 {
    // SAFETY: a fresh anonymous mapping.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    assert!(p != libc::MAP_FAILED, "no memory for a thread's stacks");
    p as *mut u8
}

impl Stacks {
    pub fn new() -> Stacks {
        let registers = map(REGISTERS * 8) as *mut Value;
        let frames = map(FRAMES * size_of::<Frame>()) as *mut Frame;
        // SAFETY: within the mapping.
        let end = unsafe { registers.add(REGISTERS - SLACK) };
        Stacks {
            registers,
            frames,
            end,
        }
    }
    /// The sentinel below the first frame.
    pub fn frames_base(&self) -> *mut Frame {
        self.frames
    }
    pub fn registers_base(&self) -> *mut Value {
        self.registers
    }
    /// Number of frames up to and including `fp`.
    #[inline(always)]
    pub(super) fn depth(&self, fp: *const Frame) -> usize {
        // SAFETY: `fp` points into the frame stack.
        unsafe { fp.offset_from(self.frames) as usize }
    }
    /// The frame at depth `depth` (1 is the first).
    pub fn frame(&self, depth: usize) -> *mut Frame {
        debug_assert!(depth < FRAMES);
        // SAFETY: within the frame stack.
        unsafe { self.frames.add(depth) }
    }
    /// The frame at depth `limit`, or the highest that there can be.
    pub fn frame_within(&self, limit: usize) -> *mut Frame {
        self.frame(limit.min(FRAMES - 4))
    }
    /// Where windows must end.
    #[inline(always)]
    pub fn registers_end(&self) -> *const Value {
        self.end
    }
    /// Is there room for a window that ends at `end`, and for a frame above `fp`?
    #[inline(always)]
    pub(super) fn has_room(&self, fp: *const Frame, end: *const Value) -> bool {
        // SAFETY: both point into their stacks.
        unsafe {
            (end.offset_from(self.registers) as usize) < REGISTERS - SLACK
                && self.depth(fp) + 2 < FRAMES
        }
    }

    pub(super) fn trace(&self, fp: *const Frame, top: *const Value, t: &mut Tracer) {
        let mut end = top;
        for (f, root) in self.real_frames(fp) {
            t.reference(f.code);
            t.reference(f.function);
            t.values(&[f.namespace, f.extra, root]);
            // SAFETY: within the register stack.
            end = end.max(unsafe { f.regs.add(f.code.nregs as usize) });
        }
        let mut at = self.registers as *const Value;
        while at < end {
            // SAFETY: mapped memory; any bytes are a `Value`, and a stale one is handled conservatively.
            t.conservative(unsafe { *at }.0);
            // SAFETY: as above.
            at = unsafe { at.add(1) };
        }
    }
}

impl Default for Stacks {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Stacks {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and nobody runs on them any more.
        unsafe {
            libc::munmap(self.registers as *mut _, REGISTERS * 8);
            libc::munmap(self.frames as *mut _, FRAMES * size_of::<Frame>());
        }
    }
}

impl crate::heap::Thread {
    /// The frame at `fp`, for the handlers.
    ///
    /// # Safety
    /// Python code runs: `fp` is not the sentinel.
    #[inline(always)]
    pub(super) unsafe fn running(&self) -> &Frame {
        // SAFETY: as the caller says.
        unsafe { &*self.vm.fp }
    }
    /// The running frame, if any Python code runs.
    #[inline(always)]
    pub fn frame(&self) -> Option<&Frame> {
        if self.vm.fp == self.vm.stacks.frames_base() {
            return None;
        }
        // SAFETY: `fp` above the sentinel points to an initialised frame.
        Some(unsafe { &*self.vm.fp })
    }
    /// The frame `n` calls further out, 0 for the running one.
    pub fn frame_at(&self, n: usize) -> Option<&Frame> {
        let depth = self.vm.stacks.depth(self.vm.fp);
        if n >= depth {
            return None;
        }
        self.vm.stacks.reveal(self.vm.fp, depth - n);
        // SAFETY: frames 1..=depth are initialised, or have just been.
        Some(unsafe { &*self.vm.stacks.frame(depth - n) })
    }
    /// Number of Python frames.
    pub fn depth(&self) -> usize {
        self.vm.stacks.depth(self.vm.fp)
    }
    /// The globals dict of the running function, or null.
    pub fn current_globals(&self) -> Value {
        self.frame().map_or(Value::NULL, |f| f.function.globals)
    }
    /// The thread's copy of `code`; makes it if there is none yet.
    #[inline(always)]
    pub(crate) fn copy_of(&mut self, code: Ref<Code>) -> *const u64 {
        if let Some(Some(copy)) = self.vm.copies.get(code.id) {
            return copy.words.as_ptr();
        }
        self.make_copy(code)
    }
    /// Clears registers that hold what an earlier call left behind, so that a collection which the script asks for finds all that it
    /// cannot reach any more: the targets of the calls that are under way, and what lies above the running native's arguments.
    pub(crate) fn forget_stale_registers(&mut self) {
        let top = self.vm.top;
        let (mut live, mut end) = (None, top);
        for (frame, _) in self.vm.stacks.real_frames(self.vm.fp) {
            // SAFETY: the windows lie within the register stack. A temporary that a call writes is dead until it returns.
            unsafe {
                if let Some(target) = frame.call_target() {
                    *frame.regs.add(target) = Value::NULL;
                }
                // A callee's window may end before its caller's does.
                let own = frame.regs.add(frame.code.nregs as usize);
                end = end.max(own);
                // The innermost one's.
                live.get_or_insert(if top >= frame.regs { top } else { own });
            }
        }
        let mut live = live.unwrap_or(top);
        while live < end {
            // SAFETY: above the arguments of the innermost call, so dead, and still within the windows.
            unsafe {
                *live = Value::NULL;
                live = live.add(1);
            }
        }
    }
    #[cold]
    #[inline(never)]
    fn make_copy(&mut self, code: Ref<Code>) -> *const u64 {
        if self.vm.copies.len() <= code.id {
            self.vm.copies.resize_with(code.id + 1, || None);
        }
        let copy = Box::new(CodeCopy::new(code));
        self.vm.copies[code.id].insert(copy).words.as_ptr()
    }
}
