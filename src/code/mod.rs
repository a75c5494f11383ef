//! What bytecode is: the instructions, the code units, the disassembler.

pub mod disasm;
pub mod instr;
pub mod serial;
pub mod unit;
pub mod verify;

pub use disasm::disassemble;
pub use instr::{Intrinsic, Op, SpecialUse};
pub use unit::{CodeUnit, Const, ExcEntry, Span, flags};
pub use verify::verify;
