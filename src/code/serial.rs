//! Code units as bytes, for the bytecode cache.
//!
//! The format is our own: a header that changes whenever the instruction set does, then the fields in
//! order, numbers as variable-length integers. Reading checks everything and answers `None` for
//! anything that the writer would not have written.

use num_bigint::BigInt;
use rustpython_wtf8::{Wtf8, Wtf8Buf};

use super::instr::Op;
use super::unit::{CodeUnit, Const, ExcEntry, Span};

const MAGIC: &[u8; 4] = b"KBC\x01";

/// Nesting of constants and code that the reader follows.
const MAX_DEPTH: u32 = 500;

/// A number that differs between instruction sets.
const fn fingerprint() -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut at = 0;
    while at < Op::COUNT {
        let op = Op::ALL[at];
        let name = op.name().as_bytes();
        let mut i = 0;
        while i < name.len() {
            hash = (hash ^ name[i] as u32).wrapping_mul(0x0100_0193);
            i += 1;
        }
        hash = (hash ^ op.ext_words() as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

/// Changes whenever compiled code from before can no longer be read or run.
pub const FINGERPRINT: u32 = fingerprint();

/// Writes a code unit.
pub fn write_unit(unit: &CodeUnit) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(unit.words.len() * 6 + 256));
    out.0.extend_from_slice(MAGIC);
    out.0.extend_from_slice(&FINGERPRINT.to_le_bytes());
    out.unit(unit);
    out.0
}

/// Reads what `write_unit` wrote.
pub fn read_unit(bytes: &[u8]) -> Option<CodeUnit> {
    let bytes = bytes
        .strip_prefix(MAGIC)?
        .strip_prefix(&FINGERPRINT.to_le_bytes())?;
    let mut reader = Reader {
        rest: bytes,
        depth: 0,
    };
    let unit = reader.unit()?;
    reader.rest.is_empty().then_some(unit)
}

/// Appends a constant in a form that is the same for two constants only if they are interchangeable:
/// `1`, `1.0` and `True` differ, and so do `0.0` and `-0.0`.
pub fn write_const(value: &Const, out: &mut Vec<u8>) {
    let mut writer = Writer(std::mem::take(out));
    writer.constant(value);
    *out = writer.0;
}

struct Writer(Vec<u8>);

impl Writer {
    fn num(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }
    fn signed(&mut self, n: i64) {
        self.num((n << 1 ^ n >> 63) as u64);
    }
    fn bytes(&mut self, bytes: &[u8]) {
        self.num(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
    fn str(&mut self, text: &Wtf8) {
        self.bytes(text.as_bytes());
    }
    fn strs(&mut self, texts: &[Wtf8Buf]) {
        self.num(texts.len() as u64);
        for text in texts {
            self.str(text);
        }
    }
    fn float(&mut self, x: f64) {
        self.0.extend_from_slice(&x.to_bits().to_le_bytes());
    }
    fn constants(&mut self, values: &[Const]) {
        self.num(values.len() as u64);
        for value in values {
            self.constant(value);
        }
    }
    fn constant(&mut self, value: &Const) {
        match value {
            Const::None => self.0.push(0),
            Const::Ellipsis => self.0.push(1),
            Const::Bool(false) => self.0.push(2),
            Const::Bool(true) => self.0.push(3),
            Const::Int(n) => {
                self.0.push(4);
                self.signed(*n);
            }
            Const::BigInt(n) => {
                self.0.push(5);
                self.bytes(&n.to_signed_bytes_le());
            }
            Const::Float(x) => {
                self.0.push(6);
                self.float(*x);
            }
            Const::Complex(re, im) => {
                self.0.push(7);
                self.float(*re);
                self.float(*im);
            }
            Const::Str(text) => {
                self.0.push(8);
                self.str(text);
            }
            Const::Bytes(bytes) => {
                self.0.push(9);
                self.bytes(bytes);
            }
            Const::Tuple(items) => {
                self.0.push(10);
                self.constants(items);
            }
            Const::FrozenSet(items) => {
                self.0.push(11);
                self.constants(items);
            }
            Const::Slice(parts) => {
                self.0.push(12);
                for part in parts.iter() {
                    self.constant(part);
                }
            }
            Const::Code(unit) => {
                self.0.push(13);
                self.unit(unit);
            }
        }
    }
    fn unit(&mut self, unit: &CodeUnit) {
        self.str(&unit.name);
        self.str(&unit.qualname);
        self.bytes(unit.filename.as_bytes());
        for n in [
            unit.flags,
            unit.first_line,
            unit.argcount,
            unit.posonly,
            unit.kwonly,
            unit.nregs,
        ] {
            self.num(u64::from(n));
        }
        self.strs(&unit.varnames);
        self.num(unit.cellvars.len() as u64);
        for (name, reg) in &unit.cellvars {
            self.str(name);
            self.num(u64::from(*reg));
        }
        self.strs(&unit.freevars);
        self.strs(&unit.names);
        self.constants(&unit.consts);
        self.num(unit.words.len() as u64);
        for word in &unit.words {
            self.0.extend_from_slice(&word.to_le_bytes());
        }
        self.num(unit.exceptions.len() as u64);
        for row in &unit.exceptions {
            for n in [row.start, row.end, row.target, u32::from(row.reg)] {
                self.num(u64::from(n));
            }
        }
        self.num(unit.spans.len() as u64);
        let (mut pc, mut line) = (0, 0);
        for (start, span) in &unit.spans {
            self.num(u64::from(start - pc));
            self.signed(i64::from(span.line) - line);
            self.signed(i64::from(span.end_line) - i64::from(span.line));
            self.num(u64::from(span.col));
            self.num(u64::from(span.end_col));
            (pc, line) = (*start, i64::from(span.line));
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }
    fn num(&mut self) -> Option<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return None;
            }
            n |= part << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }
    fn u32(&mut self) -> Option<u32> {
        u32::try_from(self.num()?).ok()
    }
    fn signed(&mut self) -> Option<i64> {
        let n = self.num()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }
    /// A count of things of at least `size` bytes each, so that a damaged count cannot reserve more than the input holds.
    fn count(&mut self, size: usize) -> Option<usize> {
        let n = usize::try_from(self.num()?).ok()?;
        (n.checked_mul(size)? <= self.rest.len()).then_some(n)
    }
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = self.count(1)?;
        self.take(n)
    }
    fn str(&mut self) -> Option<Wtf8Buf> {
        Wtf8Buf::from_bytes(self.bytes()?.to_vec()).ok()
    }
    fn strs(&mut self) -> Option<Vec<Wtf8Buf>> {
        let n = self.count(1)?;
        (0..n).map(|_| self.str()).collect()
    }
    fn float(&mut self) -> Option<f64> {
        Some(f64::from_bits(u64::from_le_bytes(
            self.take(8)?.try_into().ok()?,
        )))
    }
    fn constants(&mut self) -> Option<Vec<Const>> {
        let n = self.count(1)?;
        (0..n).map(|_| self.constant()).collect()
    }
    fn constant(&mut self) -> Option<Const> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = match self.byte()? {
            0 => Const::None,
            1 => Const::Ellipsis,
            2 => Const::Bool(false),
            3 => Const::Bool(true),
            4 => Const::Int(self.signed()?),
            5 => Const::BigInt(BigInt::from_signed_bytes_le(self.bytes()?)),
            6 => Const::Float(self.float()?),
            7 => Const::Complex(self.float()?, self.float()?),
            8 => Const::Str(self.str()?),
            9 => Const::Bytes(self.bytes()?.to_vec()),
            10 => Const::Tuple(self.constants()?),
            11 => Const::FrozenSet(self.constants()?),
            12 => Const::Slice(Box::new([
                self.constant()?,
                self.constant()?,
                self.constant()?,
            ])),
            13 => Const::Code(Box::new(self.unit()?)),
            _ => return None,
        };
        self.depth -= 1;
        Some(value)
    }
    fn unit(&mut self) -> Option<CodeUnit> {
        let name = self.str()?;
        let qualname = self.str()?;
        let filename = String::from_utf8(self.bytes()?.to_vec()).ok()?;
        let mut unit = CodeUnit {
            name,
            qualname,
            filename,
            flags: self.u32()?,
            first_line: self.u32()?,
            argcount: self.u32()?,
            posonly: self.u32()?,
            kwonly: self.u32()?,
            nregs: self.u32()?,
            varnames: self.strs()?,
            ..CodeUnit::default()
        };
        for _ in 0..self.count(2)? {
            unit.cellvars
                .push((self.str()?, u16::try_from(self.num()?).ok()?));
        }
        unit.freevars = self.strs()?;
        unit.names = self.strs()?;
        unit.consts = self.constants()?;
        let words = self.count(8)?;
        unit.words = self
            .take(words * 8)?
            .chunks_exact(8)
            .map(|chunk| {
                let mut word = [0; 8];
                word.copy_from_slice(chunk);
                u64::from_le_bytes(word)
            })
            .collect();
        for _ in 0..self.count(4)? {
            unit.exceptions.push(ExcEntry {
                start: self.u32()?,
                end: self.u32()?,
                target: self.u32()?,
                reg: u16::try_from(self.num()?).ok()?,
            });
        }
        let (mut pc, mut line) = (0u32, 0i64);
        for _ in 0..self.count(5)? {
            pc = pc.checked_add(self.u32()?)?;
            line = line.checked_add(self.signed()?)?;
            let end_line = line.checked_add(self.signed()?)?;
            unit.spans.push((
                pc,
                Span {
                    line: u32::try_from(line).ok()?,
                    end_line: u32::try_from(end_line).ok()?,
                    col: self.u32()?,
                    end_col: self.u32()?,
                },
            ));
        }
        Some(unit)
    }
}
