//! A code unit: what the compiler makes of one function, class body or module, before it is loaded
//! into a heap. Plain data that any thread may hold, and that the bytecode cache stores.

use num_bigint::BigInt;
use rustpython_wtf8::Wtf8Buf;

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    None,
    Ellipsis,
    Bool(bool),
    /// An integer of at most 51 bits; larger ones are `BigInt`.
    Int(i64),
    BigInt(BigInt),
    Float(f64),
    Complex(f64, f64),
    Str(Wtf8Buf),
    Bytes(Vec<u8>),
    Tuple(Vec<Const>),
    FrozenSet(Vec<Const>),
    /// Only for `x[1:2]` with constant bounds.
    Slice(Box<[Const; 3]>),
    Code(Box<CodeUnit>),
}

/// `co_flags`, with CPython's values where it has them.
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
}

/// Where an instruction comes from: lines from 1, columns in UTF-8 bytes from 0. Line 0: nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub line: u32,
    pub end_line: u32,
    pub col: u32,
    pub end_col: u32,
}

/// One row of the exception table: an exception raised in `start..end` (words) goes on at `target`
/// with the exception in register `reg`. The first matching row counts, so inner ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcEntry {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub reg: u16,
}

/// The compiled form of one function, class body, comprehension or module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeUnit {
    pub name: Wtf8Buf,
    pub qualname: Wtf8Buf,
    pub filename: String,
    pub flags: u32,
    pub first_line: u32,
    /// Positional parameters, the positional-only among them included.
    pub argcount: u32,
    pub posonly: u32,
    pub kwonly: u32,
    /// Local variables in registers `0..varnames.len()`, parameters first.
    pub varnames: Vec<Wtf8Buf>,
    /// Cell variables and the register each lives in.
    pub cellvars: Vec<(Wtf8Buf, u16)>,
    pub freevars: Vec<Wtf8Buf>,
    pub names: Vec<Wtf8Buf>,
    pub consts: Vec<Const>,
    /// Size of the register window.
    pub nregs: u32,
    pub words: Vec<u64>,
    pub exceptions: Vec<ExcEntry>,
    /// First word and span of each run of words with the same span, ascending.
    pub spans: Vec<(u32, Span)>,
}

impl CodeUnit {
    /// The span of the instruction at word `pc`.
    pub fn span_at(&self, pc: u32) -> Span {
        match self.spans.partition_point(|&(start, _)| start <= pc) {
            0 => Span::default(),
            n => self.spans[n - 1].1,
        }
    }
}
