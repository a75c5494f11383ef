//! What bytecode is: the instructions, the code units, the disassembler.

pub mod instr;
pub mod unit;

pub use instr::{Intrinsic, Op, SpecialUse};
pub use unit::{CodeUnit, Const, ExcEntry, Span, flags};
