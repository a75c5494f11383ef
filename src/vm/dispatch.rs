//! How one instruction follows another.
//!
//! Each instruction is a function; at its end it calls the next one's, with the same four arguments, so that the compiler makes a
//! jump of the call. Optimising builds do so because nothing is alive after the call: no value that needs dropping, no local whose address
//! has escaped. Whatever needs such things (slow paths) is a function of its own, not inlined. A test runs 10^8 instructions on a small
//! stack. Builds with debug assertions do not rely on it: there, a handler stores where it is and returns `Exit::Next`, and a
//! trampoline goes on.
//!
//! There are two tables of handlers, with barriers and without ([`Mode`]); a thread uses the one that its `barriers` says.

use super::frame::Frame;
use super::ops;
use crate::code::instr;
use crate::heap::{R, Thread, Value};

/// Why control left the handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Exit {
    /// The frame with `Return::Exit` has ended or yielded: see `vm.result`.
    Return,
    /// See `vm.fail`.
    Fail,
    /// The poll says that someone wants something.
    Poll,
    /// `vm.must_break`.
    Break,
    /// Trampoline only.
    Next,
}

/// With or without barriers.
pub trait Mode: 'static {
    const BARRIERS: bool;
    const TABLE: &'static [Handler; TABLE_SIZE];
}

/// No barriers: one thread alone, or a global lock.
pub struct Plain;
/// All barriers.
pub struct Stm;

impl Mode for Plain {
    const BARRIERS: bool = false;
    const TABLE: &'static [Handler; TABLE_SIZE] = &ops::PLAIN;
}
impl Mode for Stm {
    const BARRIERS: bool = true;
    const TABLE: &'static [Handler; TABLE_SIZE] = &ops::STM;
}

/// One instruction: the address behind its first word, the frame's registers, the thread, the word.
pub type Handler = unsafe fn(pc: *const u64, regs: *mut Value, th: &mut Thread, w: u64) -> Exit;

/// The compiler's instructions, and the specialised ones that the handlers put in their place.
pub const TABLE_SIZE: usize = instr::Op::COUNT + ops::Quick::COUNT;

/// Runs the topmost frame from its saved `pc`, until control leaves the handlers.
pub(super) fn enter(th: &mut Thread) -> Exit {
    // SAFETY: the frame was set up by `push` with code that the compiler made and verified.
    unsafe {
        if th.barriers {
            enter_mode::<Stm>(th)
        } else {
            enter_mode::<Plain>(th)
        }
    }
}

unsafe fn enter_mode<M: Mode>(th: &mut Thread) -> Exit {
    // SAFETY: as `enter` says.
    unsafe {
        let Frame { pc, regs, .. } = *th.vm.fp;
        #[cfg(not(debug_assertions))]
        {
            let w = *pc;
            M::TABLE.get_unchecked((w & 0xffff) as usize)(pc.add(1), regs, th, w)
        }
        #[cfg(debug_assertions)]
        {
            let (mut pc, mut regs) = (pc, regs);
            loop {
                let w = *pc;
                let exit = M::TABLE[(w & 0xffff) as usize](pc.add(1), regs, th, w);
                if exit != Exit::Next {
                    return exit;
                }
                (pc, regs) = (th.vm.next_pc, th.vm.next_regs);
            }
        }
    }
}

/// Goes on with the instruction at `$pc`.
#[cfg(not(debug_assertions))]
macro_rules! next {
    ($m:ident, $pc:expr, $regs:expr, $th:expr) => {{
        let pc: *const u64 = $pc;
        let w = *pc;
        return <$m as $crate::vm::dispatch::Mode>::TABLE.get_unchecked((w & 0xffff) as usize)(
            pc.add(1),
            $regs,
            $th,
            w,
        );
    }};
}
/// Goes on with the instruction at `$pc`.
#[cfg(debug_assertions)]
macro_rules! next {
    ($m:ident, $pc:expr, $regs:expr, $th:expr) => {{
        let _ = <$m as $crate::vm::dispatch::Mode>::BARRIERS;
        $th.vm.next_pc = $pc;
        $th.vm.next_regs = $regs;
        return $crate::vm::dispatch::Exit::Next;
    }};
}
pub(super) use next;

/// A slow path is done: nothing that it rooted is needed any more.
#[inline(always)]
pub(super) fn drop_roots(th: &mut Thread) {
    if th.roots.len() > th.vm.roots_base {
        th.roots.truncate(th.vm.roots_base)
    }
}

/// The result of a slow path as one word: null for a failure, which is kept in `vm.fail`.
#[inline(always)]
pub(super) fn flat(th: &mut Thread, r: R<Value>) -> Value {
    drop_roots(th);
    match r {
        Ok(v) => v,
        Err(f) => {
            th.vm.fail = f;
            Value::NULL
        }
    }
}

/// As [`flat`] for slow paths without a value.
#[inline(always)]
pub(super) fn flat_unit(th: &mut Thread, r: R<()>) -> bool {
    drop_roots(th);
    if let Err(f) = r {
        th.vm.fail = f;
        return false;
    }
    true
}
