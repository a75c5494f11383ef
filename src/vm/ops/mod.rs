//! The instructions, as functions: see `dispatch` for how they are chained, and `code::instr` for what each means.
//!
//! Safety, for all of them: `pc` points behind the instruction's first word in this thread's copy of verified code, `regs` to
//! the window of the running frame, which has all registers that the code names.

mod arith;
mod attrs;
mod build;
mod calls;
mod control;
mod flow;
mod names;
mod quick;

use super::dispatch::{Handler, Mode, Plain, Stm, TABLE_SIZE};
use crate::code::instr::Op;
use crate::heap::Value;
use crate::objects::function::Cell;

use arith::*;
use attrs::*;
use build::*;
use calls::*;
use control::*;
use flow::*;
use names::*;
use quick::*;

pub use quick::{Quick, cache_keeps};

/// Defines handlers: `Name(pc, regs, th, w) { ... }`.
/// The handlers are unsafe functions whose bodies may have nothing unsafe in them.
macro_rules! handlers {
    ($( $(#[$meta:meta])* $name:ident($pc:ident, $regs:ident, $th:ident, $w:ident) $body:block )*) => {
        $(
            $(#[$meta])*
            #[allow(non_snake_case, unused_unsafe, clippy::extra_unused_type_parameters)]
            pub(super) unsafe fn $name<M: $crate::vm::dispatch::Mode>(
                $pc: *const u64,
                $regs: *mut $crate::heap::Value,
                $th: &mut $crate::heap::Thread,
                $w: u64,
            ) -> $crate::vm::dispatch::Exit {
                // SAFETY: see the module's text.
                unsafe { $body }
            }
        )*
    };
}
use handlers;

/// Goes on at `$pc` after a slow path, which may have asked to leave.
macro_rules! next_after {
    ($m:ident, $pc:expr, $regs:expr, $th:expr) => {{
        if $th.vm.must_break {
            (*$th.vm.fp).pc = $pc;
            return $crate::vm::dispatch::Exit::Break;
        }
        next!($m, $pc, $regs, $th)
    }};
}
use next_after;

/// Evaluates a slow path (a call that gives one word, null for failure) with `pc` saved, puts the word in `$dst` and goes on at `$next`.
macro_rules! slow {
    ($m:ident, $pc:expr, $next:expr, $regs:expr, $th:expr, $dst:expr, $call:expr) => {{
        (*$th.vm.fp).pc = $pc;
        let v: $crate::heap::Value = $call;
        if v.is_null() {
            return $crate::vm::dispatch::Exit::Fail;
        }
        *$regs.add($dst) = v;
        next_after!($m, $next, $regs, $th)
    }};
}
use slow;

/// As `slow!` for slow paths that only succeed (`true`) or fail.
macro_rules! slow_unit {
    ($m:ident, $pc:expr, $next:expr, $regs:expr, $th:expr, $call:expr) => {{
        (*$th.vm.fp).pc = $pc;
        if !$call {
            return $crate::vm::dispatch::Exit::Fail;
        }
        next_after!($m, $next, $regs, $th)
    }};
}
use slow_unit;

#[inline(always)]
unsafe fn get(regs: *mut Value, i: usize) -> Value {
    // SAFETY: verified code names only registers of its window.
    unsafe { *regs.add(i) }
}
#[inline(always)]
unsafe fn set(regs: *mut Value, i: usize, v: Value) {
    // SAFETY: as above.
    unsafe { *regs.add(i) = v }
}
#[inline(always)]
unsafe fn cell(v: Value) -> crate::heap::Ref<Cell> {
    // SAFETY: the compiler puts cells where it expects them.
    unsafe { v.cast_unchecked() }
}

macro_rules! table {
    ($mode:ident, [$($name:ident),*], [$($quick:ident),*]) => {
        [$($name::<$mode> as Handler,)* $($quick::<$mode> as Handler,)*]
    };
}

macro_rules! tables {
    ($($name:ident),*) => {
        quick_ops!(tables2, [$($name),*]);
    };
}
macro_rules! tables2 {
    ([$($name:ident),*], [$($quick:ident),*]) => {
        pub(super) static PLAIN: [Handler; TABLE_SIZE] = table!(Plain, [$($name),*], [$($quick),*]);
        pub(super) static STM: [Handler; TABLE_SIZE] = table!(Stm, [$($name),*], [$($quick),*]);
    };
}
use quick::quick_ops;
crate::code::instr::for_each_op!(tables);

const _: () = assert!(Op::COUNT < 0x8000);
