//! The code unit under construction: instructions, labels, registers, constants, protected regions.

use std::rc::Rc;

use rustpython_wtf8::Wtf8Buf;

use crate::code::instr::{pack, pack_bc};
use crate::code::serial::write_const;
use crate::code::{CodeUnit, Const, ExcEntry, Op, Span};
use crate::syntax::intern::{FastMap, Interner, Sym};
use crate::syntax::scope::ScopeId;

use super::control::Block;

/// A register.
pub type Reg = u16;

/// A place in the code that jumps name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// Which locals are certainly bound, by register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound(Vec<u64>);

impl Bound {
    pub fn has(&self, reg: Reg) -> bool {
        self.0
            .get(usize::from(reg) / 64)
            .is_some_and(|word| word >> (reg % 64) & 1 != 0)
    }
    pub fn set(&mut self, reg: Reg) {
        let at = usize::from(reg) / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (reg % 64);
    }
    pub fn clear(&mut self, reg: Reg) {
        if let Some(word) = self.0.get_mut(usize::from(reg) / 64) {
            *word &= !(1 << (reg % 64));
        }
    }
    fn intersect(&mut self, other: &Bound) {
        self.0.truncate(other.0.len());
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }
    /// Takes away what `other` has.
    pub fn subtract(&mut self, other: &Bound) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }
}

#[derive(Default)]
struct LabelInfo {
    at: Option<u32>,
    patches: Vec<Patch>,
    /// What is bound on all jumps seen so far; None before the first.
    bound: Option<Bound>,
}

struct Patch {
    word: u32,
    after: u32,
    /// The offset is the extension word, not `bc`.
    ext: bool,
}

/// A stretch of code whose exceptions go to a handler.
struct Region {
    /// Start of the part that is open; None while suspended.
    start: Option<u32>,
    target: Label,
    reg: Reg,
    rows: Vec<(u32, u32)>,
}

/// The registers of an inlined comprehension's own names.
pub struct CompFrame {
    pub scope: ScopeId,
    pub regs: FastMap<Sym, Reg>,
}

/// A code unit under construction.
pub struct Unit<'a> {
    pub scope: ScopeId,
    pub code: CodeUnit,
    names: FastMap<Sym, u16>,
    consts: FastMap<Vec<u8>, u16>,
    int_consts: FastMap<u64, u16>,
    labels: Vec<LabelInfo>,
    regions: Vec<Region>,
    rows: Vec<(u32, u32, Label, Reg)>,
    pub blocks: Vec<Block<'a>>,
    /// Inlined comprehensions we are in, outermost first.
    pub comps: Vec<CompFrame>,
    /// Registers of locals and cells.
    pub regs: FastMap<Sym, Reg>,
    pub free: FastMap<Sym, u16>,
    pub first_temp: Reg,
    next_temp: u32,
    /// None where control cannot come.
    pub bound: Option<Bound>,
    /// Locals that are deleted somewhere: at a loop's head or in a handler nothing is known of them.
    pub unstable: Bound,
    pub span: Span,
    /// A limit of the format was exceeded.
    pub overflow: Option<&'static str>,
    /// The register with the class namespace in an annotation scope that sees it.
    pub class_dict: Option<Reg>,
    /// Annotations of a class or module body: name, expression, index in the set of executed ones.
    pub annotations: Vec<(Sym, &'a ruff_python_ast::Expr, Option<u32>)>,
    /// Blocks of statements that may not run, counted for annotations.
    pub conditional: u32,
    pub next_conditional: u32,
    /// For nested units: text of the qualified name's prefix.
    pub qualname: Rc<str>,
}

impl<'a> Unit<'a> {
    pub fn new(
        scope: ScopeId,
        name: &str,
        qualname: &str,
        filename: &str,
        first_line: u32,
    ) -> Self {
        Unit {
            scope,
            code: CodeUnit {
                name: Wtf8Buf::from_string(name.to_owned()),
                qualname: Wtf8Buf::from_string(qualname.to_owned()),
                filename: filename.to_owned(),
                first_line,
                ..CodeUnit::default()
            },
            names: Default::default(),
            consts: Default::default(),
            int_consts: Default::default(),
            labels: Vec::new(),
            regions: Vec::new(),
            rows: Vec::new(),
            blocks: Vec::new(),
            comps: Vec::new(),
            regs: Default::default(),
            free: Default::default(),
            first_temp: 0,
            next_temp: 0,
            bound: Some(Bound::default()),
            unstable: Bound::default(),
            span: Span::default(),
            overflow: None,
            class_dict: None,
            annotations: Vec::new(),
            conditional: 0,
            next_conditional: 0,
            qualname: qualname.into(),
        }
    }

    // Registers.

    /// Reserves the registers below `first` for variables.
    pub fn set_first_temp(&mut self, first: usize) {
        let first = self.check_register(first as u32);
        self.first_temp = first;
        self.next_temp = u32::from(first);
        self.code.nregs = self.code.nregs.max(u32::from(first));
    }

    /// Whether the function is too large, so that its registers mean nothing any more.
    pub fn has_overflowed(&self) -> bool {
        self.overflow.is_some()
    }

    fn check_register(&mut self, reg: u32) -> Reg {
        match Reg::try_from(reg) {
            Ok(reg) if reg < Reg::MAX => reg,
            _ => {
                self.overflow = Some("too many local variables and temporaries in one function");
                0
            }
        }
    }

    /// Takes `n` consecutive temporaries.
    pub fn alloc(&mut self, n: usize) -> Reg {
        let first = self.next_temp;
        self.next_temp += n as u32;
        // One register more, since the compiler reckons with the one behind a run.
        self.check_register(self.next_temp + 1);
        self.code.nregs = self.code.nregs.max(self.next_temp.min(u32::from(Reg::MAX)));
        if self.has_overflowed() {
            return 0;
        }
        self.check_register(first)
    }

    /// The next free temporary.
    pub fn mark(&self) -> Reg {
        self.next_temp.min(u32::from(Reg::MAX)) as Reg
    }

    /// Gives back all temporaries from `mark` on.
    pub fn free_to(&mut self, mark: Reg) {
        self.next_temp = u32::from(mark);
    }

    /// Whether a register is a temporary.
    pub fn is_temp(&self, reg: Reg) -> bool {
        reg >= self.first_temp
    }

    // Instructions.

    pub fn pc(&self) -> u32 {
        self.code.words.len() as u32
    }

    pub fn reachable(&self) -> bool {
        self.bound.is_some()
    }

    fn word(&mut self, op: Op, word: u64) -> u32 {
        let pc = self.pc();
        if self.code.spans.last().map(|last| last.1) != Some(self.span) {
            self.code.spans.push((pc, self.span));
        }
        self.code.words.push(word);
        for _ in 0..op.ext_words() {
            self.code.words.push(0);
        }
        pc
    }

    /// Appends an instruction.
    pub fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.word(op, pack(op, a, b, c));
        if matches!(op, Op::Return | Op::ReturnConst | Op::Raise | Op::Reraise) {
            self.bound = None;
        }
    }

    /// Appends an instruction with an operand in its first extension word.
    pub fn emit_ext(&mut self, op: Op, a: u16, b: u16, c: u16, ext: u64) {
        let pc = self.word(op, pack(op, a, b, c));
        self.code.words[pc as usize + 1] = ext;
    }

    /// Appends an instruction with a 32-bit number.
    pub fn emit_imm(&mut self, op: Op, a: u16, imm: i32) {
        self.word(op, pack_bc(op, a, imm));
    }

    // Labels.

    pub fn label(&mut self) -> Label {
        self.labels.push(LabelInfo::default());
        Label(self.labels.len() as u32 - 1)
    }

    /// A label here that is only jumped to backwards.
    pub fn loop_head(&mut self) -> Label {
        let label = self.label();
        self.labels[label.0 as usize].at = Some(self.pc());
        if let Some(bound) = &mut self.bound {
            bound.subtract(&self.unstable);
        }
        label
    }

    /// Jumps to code further down, which jumps back to here: the labels of both ends.
    pub fn detour(&mut self) -> (Label, Label) {
        let there = self.label();
        let bound = self.bound.clone();
        self.jump(Op::Jump, 0, there);
        self.bound = bound;
        (there, self.loop_head())
    }

    /// Places a label here. Jumps to it were forward ones.
    pub fn bind(&mut self, label: Label) {
        let pc = self.pc();
        let info = &mut self.labels[label.0 as usize];
        info.at = Some(pc);
        match (&mut self.bound, info.bound.take()) {
            (Some(here), Some(there)) => here.intersect(&there),
            (here @ None, there) => *here = there,
            (Some(_), None) => {}
        }
    }

    fn note_jump(&mut self, label: Label, word: u32, ext: bool) {
        let after = self.pc();
        let info = &mut self.labels[label.0 as usize];
        info.patches.push(Patch { word, after, ext });
        if let Some(bound) = &self.bound {
            match &mut info.bound {
                Some(there) => there.intersect(bound),
                None => info.bound = Some(bound.clone()),
            }
        }
    }

    /// `Jump`, `JumpBack` or a jump on one register.
    pub fn jump(&mut self, op: Op, a: Reg, label: Label) {
        let pc = self.word(op, pack(op, a, 0, 0));
        self.note_jump(label, pc, false);
        if matches!(op, Op::Jump | Op::JumpBack) {
            self.bound = None;
        }
    }

    /// A jump with its offset in the extension word.
    pub fn jump_ext(&mut self, op: Op, a: u16, b: u16, c: u16, label: Label) {
        let pc = self.word(op, pack(op, a, b, c));
        self.note_jump(label, pc + 1, true);
    }

    // Names and constants.

    pub fn name(&mut self, names: &Interner, name: Sym) -> u16 {
        if let Some(&at) = self.names.get(&name) {
            return at;
        }
        let Ok(at) = u16::try_from(self.code.names.len()) else {
            self.overflow = Some("too many names in one code block");
            return 0;
        };
        self.code
            .names
            .push(Wtf8Buf::from_string(names.text(name).to_owned()));
        self.names.insert(name, at);
        at
    }

    pub fn constant(&mut self, value: Const) -> u16 {
        // Most constants are small ints and strings; ints get by without a serialised key.
        if let Const::Int(n) = value
            && let Some(&at) = self.int_consts.get(&(n as u64))
        {
            return at;
        }
        let mut key = Vec::new();
        // Code is never shared: two functions that look alike are two.
        let keyed = !matches!(value, Const::Code(_));
        if keyed {
            write_const(&value, &mut key);
            if let Some(&at) = self.consts.get(&key) {
                return at;
            }
        }
        let Ok(at) = u16::try_from(self.code.consts.len()) else {
            self.overflow = Some("too many constants in one code block");
            return 0;
        };
        if let Const::Int(n) = value {
            self.int_consts.insert(n as u64, at);
        } else if keyed {
            self.consts.insert(key, at);
        }
        self.code.consts.push(value);
        at
    }

    // Protected regions.

    pub fn region_depth(&self) -> usize {
        self.regions.len()
    }

    /// Exceptions from here on go to `target`, in register `reg`.
    pub fn begin_region(&mut self, target: Label, reg: Reg) {
        // In a handler nothing more is known than at the start, and not even that of what may be deleted on the way.
        if let Some(bound) = &self.bound {
            let mut bound = bound.clone();
            bound.subtract(&self.unstable);
            self.labels[target.0 as usize].bound = Some(bound);
        }
        let start = Some(self.pc());
        self.regions.push(Region {
            start,
            target,
            reg,
            rows: Vec::new(),
        });
    }

    /// Ends the innermost region.
    pub fn end_region(&mut self) {
        let pc = self.pc();
        let Some(mut region) = self.regions.pop() else {
            return;
        };
        region.close(pc);
        for (start, end) in region.rows {
            self.rows.push((start, end, region.target, region.reg));
        }
    }

    /// Suspends the regions from `depth` on, for code that leaves them. Answers which ones were open.
    pub fn suspend_regions(&mut self, depth: usize) -> Vec<usize> {
        let pc = self.pc();
        let mut closed = Vec::new();
        for (at, region) in self.regions.iter_mut().enumerate().skip(depth) {
            if region.start.is_some() {
                region.close(pc);
                closed.push(at);
            }
        }
        closed
    }

    /// Opens suspended regions again.
    pub fn resume_regions(&mut self, closed: &[usize]) {
        let pc = self.pc();
        for &at in closed {
            if let Some(region) = self.regions.get_mut(at) {
                region.start = Some(pc);
            }
        }
    }

    /// Patches jumps and lays out the exception table.
    pub fn finish(mut self) -> Result<CodeUnit, &'static str> {
        for info in &self.labels {
            let Some(at) = info.at else {
                debug_assert!(
                    info.patches.is_empty(),
                    "jump to a label that was never placed"
                );
                continue;
            };
            for patch in &info.patches {
                let offset = i64::from(at) - i64::from(patch.after);
                let word = &mut self.code.words[patch.word as usize];
                if patch.ext {
                    *word = offset as u64;
                } else {
                    *word = *word & 0xffff_ffff | (offset as i32 as u32 as u64) << 32;
                }
            }
        }
        for &(start, end, target, reg) in &self.rows {
            if let Some(target) = self.labels[target.0 as usize].at {
                self.code.exceptions.push(ExcEntry {
                    start,
                    end,
                    target,
                    reg,
                });
            }
        }
        match self.overflow {
            Some(what) => Err(what),
            None => Ok(self.code),
        }
    }
}

impl Region {
    fn close(&mut self, pc: u32) {
        if let Some(start) = self.start.take()
            && start < pc
        {
            self.rows.push((start, pc));
        }
    }
}
