//! A code unit as text: what golden tests compare and `dis` shows.

use std::fmt::Write;

use super::instr::{self, Intrinsic, Op, Operand, SpecialUse, a_of, b_of, bc_of, c_of, op_of};
use super::unit::{CodeUnit, Const};

/// The listing of a unit and of all units among its constants.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut out = String::new();
    list_unit(unit, &mut out);
    out
}

fn list_unit(unit: &CodeUnit, out: &mut String) {
    let names = |names: &[rustpython_wtf8::Wtf8Buf]| {
        names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "== {} (line {}, {} registers, flags {:#x})",
        unit.qualname, unit.first_line, unit.nregs, unit.flags
    );
    if unit.argcount + unit.kwonly > 0 {
        let _ = writeln!(
            out,
            "   args {} posonly {} kwonly {}",
            unit.argcount, unit.posonly, unit.kwonly
        );
    }
    if !unit.varnames.is_empty() {
        let _ = writeln!(out, "   locals {}", names(&unit.varnames));
    }
    if !unit.cellvars.is_empty() {
        let cells: Vec<String> = unit
            .cellvars
            .iter()
            .map(|(name, reg)| format!("{name}:r{reg}"))
            .collect();
        let _ = writeln!(out, "   cells {}", cells.join(" "));
    }
    if !unit.freevars.is_empty() {
        let _ = writeln!(out, "   free {}", names(&unit.freevars));
    }
    let mut pc = 0;
    let mut line = u32::MAX;
    while pc < unit.words.len() {
        let word = unit.words[pc];
        let op = op_of(word);
        let span = unit.span_at(pc as u32);
        let shown = if span.line != line {
            format!("{:>5}", span.line)
        } else {
            "     ".to_owned()
        };
        line = span.line;
        let text = show(unit, pc, word, op);
        let _ = writeln!(out, "{shown} {pc:>4} {:<18} {text}", op.name());
        pc += 1 + op.ext_words();
    }
    for row in &unit.exceptions {
        let _ = writeln!(
            out,
            "   exc {}..{} -> {} r{}",
            row.start, row.end, row.target, row.reg
        );
    }
    for value in &unit.consts {
        if let Const::Code(inner) = value {
            out.push('\n');
            list_unit(inner, out);
        }
    }
}

/// The operands of one instruction.
fn show(unit: &CodeUnit, pc: usize, word: u64, op: Op) -> String {
    let next = (pc + 1 + op.ext_words()) as i64;
    let ext = if op.ext_words() > 0 {
        unit.words.get(pc + 1).copied().unwrap_or(0)
    } else {
        0
    };
    let name = |index: usize| {
        unit.names
            .get(index)
            .map_or("?".to_owned(), |name| format!(".{name}"))
    };
    let mut parts: Vec<String> = Vec::new();
    for (kind, value) in op
        .operands()
        .into_iter()
        .zip([a_of(word), b_of(word), c_of(word)])
    {
        let text = match kind {
            Operand::None => continue,
            Operand::R | Operand::W => format!("r{value}"),
            Operand::Base => format!("r{value}.."),
            Operand::K => unit.consts.get(value).map_or("?".to_owned(), const_text),
            Operand::N => name(value),
            Operand::F => unit
                .freevars
                .get(value)
                .map_or("?".to_owned(), |name| format!("^{name}")),
            Operand::U => match op {
                Op::Intrinsic | Op::Intrinsic2 => intrinsic_name(value),
                Op::LoadSpecial => special_name(value),
                _ => value.to_string(),
            },
            Operand::I => (value as u16 as i16).to_string(),
            Operand::Imm => bc_of(word).to_string(),
            Operand::J => format!("-> {}", next + i64::from(bc_of(word))),
        };
        parts.push(text);
    }
    match op {
        Op::JumpLt
        | Op::JumpLe
        | Op::JumpEq
        | Op::JumpNe
        | Op::JumpGt
        | Op::JumpGe
        | Op::JumpIs
        | Op::JumpIn
        | Op::ForIter
        | Op::Send
        | Op::YieldDelegate => parts.push(format!("-> {}", next + ext as i64)),
        Op::UnpackEx
        | Op::FormatSpec
        | Op::ImportName
        | Op::LoadSuperAttr
        | Op::LoadSuperMethod => {
            parts.push(format!("ext {ext}"));
        }
        Op::LoadFromDictOr if ext > 0 => {
            let free = unit
                .freevars
                .get(ext as usize - 1)
                .map_or("?".to_owned(), |name| format!("^{name}"));
            parts.push(free);
        }
        Op::MakeFunction => parts.push(format!("{ext:#06b}")),
        Op::CallKw | Op::CallMethodKw => parts.push(
            unit.consts
                .get(ext as usize)
                .map_or("?".to_owned(), const_text),
        ),
        Op::MatchClass => parts.push(format!(
            "{} {}",
            ext as u32,
            unit.consts
                .get((ext >> 32) as usize)
                .map_or("?".to_owned(), const_text)
        )),
        _ => {}
    }
    parts.join(", ")
}

fn intrinsic_name(number: usize) -> String {
    use Intrinsic::*;
    [
        Display,
        StopIterationError,
        TypeVar,
        ParamSpec,
        TypeVarTuple,
        SubscriptGeneric,
        TypeAlias,
        TypeVarWithBound,
        TypeVarWithConstraints,
        SetTypeParamDefault,
        SetFunctionTypeParams,
    ]
    .into_iter()
    .find(|&intrinsic| intrinsic as usize == number)
    .map_or_else(|| number.to_string(), |intrinsic| format!("{intrinsic:?}"))
}

fn special_name(number: usize) -> String {
    use SpecialUse::*;
    [Enter, Exit, AEnter, AExit]
        .into_iter()
        .find(|&special| special as usize == number)
        .map_or_else(|| number.to_string(), |special| format!("{special:?}"))
}

/// A constant as the listing shows it.
pub fn const_text(value: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(const_text).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::Ellipsis => "...".into(),
        Const::Bool(true) => "True".into(),
        Const::Bool(false) => "False".into(),
        Const::Int(n) => n.to_string(),
        Const::BigInt(n) => n.to_string(),
        Const::Float(x) => format!("{x:?}"),
        Const::Complex(re, im) => format!("({re:?}+{im:?}j)"),
        Const::Str(text) => format!("{:?}", text.to_string_lossy()),
        Const::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({})", list(items)),
        Const::Slice(parts) => format!("slice({})", list(&parts[..])),
        Const::Code(unit) => format!("<code {}>", unit.qualname),
    }
}

/// The numeric form of one instruction, for messages of the verifier.
pub fn raw(word: u64) -> String {
    format!(
        "{} {} {} {}",
        instr::op_of(word).name(),
        a_of(word),
        b_of(word),
        c_of(word)
    )
}
