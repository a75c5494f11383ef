//! Checks that a code unit can do no harm: registers, indices and jumps within bounds.

use super::disasm::raw;
use super::instr::{Op, Operand, a_of, b_of, bc_of, c_of};
use super::unit::{CodeUnit, Const};

/// Checks a unit and those among its constants. The error names the first thing that is wrong.
pub fn verify(unit: &CodeUnit) -> Result<(), String> {
    let fault = |pc: usize, what: &str| {
        Err(format!(
            "{} at {pc}: {what} ({})",
            unit.qualname,
            unit.words.get(pc).map_or(String::new(), |&word| raw(word))
        ))
    };
    let mut starts = vec![false; unit.words.len() + 1];
    let mut pc = 0;
    while pc < unit.words.len() {
        starts[pc] = true;
        let number = (unit.words[pc] & 0xffff) as usize;
        let Some(&op) = Op::ALL.get(number) else {
            return Err(format!("{} at {pc}: no operation {number}", unit.qualname));
        };
        pc += 1 + op.ext_words();
        if pc > unit.words.len() {
            return Err(format!(
                "{}: cut off in its last instruction",
                unit.qualname
            ));
        }
    }
    let mut last = Op::Nop;
    pc = 0;
    while pc < unit.words.len() {
        let word = unit.words[pc];
        let op = Op::ALL[(word & 0xffff) as usize];
        let next = pc + 1 + op.ext_words();
        let ext = if op.ext_words() > 0 {
            unit.words[pc + 1]
        } else {
            0
        };
        let values = [a_of(word), b_of(word), c_of(word)];
        for (at, (kind, value)) in op.operands().into_iter().zip(values).enumerate() {
            let fine = match kind {
                Operand::None => value == 0,
                // `raise` reads as many operands as it has.
                Operand::R if op == Op::Raise && at >= values[2] => true,
                Operand::R | Operand::W => value < unit.nregs as usize,
                Operand::Base => value + run_length(op, at, values, ext) <= unit.nregs as usize,
                Operand::K => value < unit.consts.len(),
                Operand::N => value < unit.names.len(),
                Operand::F => value < unit.freevars.len(),
                Operand::U | Operand::I => true,
                // `b` and `c` together; the declaration has None for `c`.
                Operand::Imm => break,
                Operand::J => {
                    let target = next as i64 + i64::from(bc_of(word));
                    if usize::try_from(target)
                        .is_ok_and(|target| target < unit.words.len() && starts[target])
                    {
                        break;
                    }
                    false
                }
            };
            if !fine {
                return fault(pc, &format!("operand {at} out of range"));
            }
        }
        let ext_is_fine = match op {
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
            | Op::YieldDelegate => {
                let target = next as i64 + ext as i64;
                usize::try_from(target)
                    .is_ok_and(|target| target < unit.words.len() && starts[target])
            }
            Op::LoadFromDictOr => ext as usize <= unit.freevars.len(),
            Op::CallKw | Op::CallMethodKw => {
                matches!(unit.consts.get(ext as usize), Some(Const::Tuple(names)) if names.len() <= values[2])
            }
            Op::MatchClass => {
                matches!(unit.consts.get((ext >> 32) as usize), Some(Const::Tuple(_)))
            }
            Op::MakeFunction => {
                matches!(unit.consts.get(values[1]), Some(Const::Code(_))) && ext < 16
            }
            _ => true,
        };
        if !ext_is_fine {
            return fault(pc, "extension word out of range");
        }
        last = op;
        pc = next;
    }
    if !matches!(
        last,
        Op::Return | Op::ReturnConst | Op::Jump | Op::JumpBack | Op::Raise | Op::Reraise
    ) {
        return Err(format!("{}: control runs off the end", unit.qualname));
    }
    for row in &unit.exceptions {
        let inside = row.start < row.end
            && (row.end as usize) <= unit.words.len()
            && starts[row.start as usize]
            && starts[row.end as usize] | (row.end as usize == unit.words.len())
            && (row.target as usize) < unit.words.len()
            && starts[row.target as usize]
            && u32::from(row.reg) < unit.nregs;
        if !inside {
            return Err(format!("{}: bad exception row {row:?}", unit.qualname));
        }
    }
    for (name, reg) in &unit.cellvars {
        if u32::from(*reg) >= unit.nregs {
            return Err(format!("{}: cell {name} out of range", unit.qualname));
        }
    }
    if unit.varnames.len() > unit.nregs as usize {
        return Err(format!("{}: more locals than registers", unit.qualname));
    }
    for value in &unit.consts {
        if let Const::Code(inner) = value {
            verify(inner)?;
        }
    }
    Ok(())
}

/// How many registers a `Base` operand stands for.
fn run_length(op: Op, at: usize, values: [usize; 3], ext: u64) -> usize {
    let c = values[2];
    match (op, at) {
        (Op::LoadMethod | Op::LoadSpecial, _) => 2,
        (Op::LoadSuperAttr, 1) | (Op::LoadSuperMethod, 1) => 3,
        (Op::LoadSuperMethod, 0) => 2,
        (Op::LoadSlice, _) | (Op::Intrinsic2, _) | (Op::ExcGroupMatch, _) => 2,
        (Op::GetIter | Op::ForIter | Op::ExcTriple | Op::BuildInterpolation, _) => 3,
        (Op::BuildMap, _) => 2 * c,
        (Op::UnpackEx, _) => c + 1 + ext as usize,
        (Op::Call | Op::CallKw, _) => c + 1,
        (Op::CallMethod | Op::CallMethodKw, _) => c + 2,
        (Op::CallEx, _) => 2 + c,
        (Op::MakeFunction, _) => (ext as u32).count_ones() as usize,
        _ => c,
    }
}
