//! Constants: literals, and expressions of literals worked out at compile time.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Num, Signed, ToPrimitive, Zero};
use ruff_python_ast::{self as ast, Expr, Number, Operator, UnaryOp};
use rustpython_wtf8::Wtf8Buf;

use super::Compiler;
use super::emit::Reg;
use crate::code::{Const, Op};
use crate::syntax::literal::with_surrogates;

/// Results longer than this are left to run time, as CPython does.
const MAX_INT_BITS: u64 = 128;
const MAX_STR_LEN: usize = 4096;
const MAX_TUPLE_LEN: usize = 256;

/// An int constant in its proper form.
pub fn int_const(n: BigInt) -> Const {
    match n.to_i64() {
        Some(n) if n << 13 >> 13 == n => Const::Int(n),
        _ => Const::BigInt(n),
    }
}

fn big(value: &Const) -> Option<BigInt> {
    match value {
        Const::Int(n) => Some(BigInt::from(*n)),
        Const::BigInt(n) => Some(n.clone()),
        Const::Bool(b) => Some(BigInt::from(u8::from(*b))),
        _ => None,
    }
}

fn float(value: &Const) -> Option<f64> {
    match value {
        Const::Float(x) => Some(*x),
        // Larger ints may not convert exactly, which is left to run time.
        Const::Int(n) if n.unsigned_abs() < 1 << 53 => Some(*n as f64),
        Const::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}

fn complex(value: &Const) -> Option<(f64, f64)> {
    match value {
        Const::Complex(re, im) => Some((*re, *im)),
        _ => float(value).map(|re| (re, 0.0)),
    }
}

/// The truth of a constant.
pub fn truth(value: &Const) -> bool {
    match value {
        Const::None => false,
        Const::Ellipsis | Const::Slice(_) | Const::Code(_) => true,
        Const::Bool(b) => *b,
        Const::Int(n) => *n != 0,
        Const::BigInt(n) => !n.is_zero(),
        Const::Float(x) => *x != 0.0,
        Const::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Const::Str(text) => !text.is_empty(),
        Const::Bytes(bytes) => !bytes.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
    }
}

/// A number literal.
pub fn number(value: &Number) -> Option<Const> {
    match value {
        Number::Float(x) => Some(Const::Float(*x)),
        Number::Complex { real, imag } => Some(Const::Complex(*real, *imag)),
        Number::Int(int) => {
            if let Some(n) = int.as_u64() {
                return Some(int_const(BigInt::from(n)));
            }
            let text = int.to_string().replace('_', "");
            let (digits, radix) = match text.get(..2) {
                Some("0x" | "0X") => (&text[2..], 16),
                Some("0o" | "0O") => (&text[2..], 8),
                Some("0b" | "0B") => (&text[2..], 2),
                _ => (&text[..], 10),
            };
            BigInt::from_str_radix(digits, radix).ok().map(int_const)
        }
    }
}

fn unary(op: UnaryOp, value: &Const) -> Option<Const> {
    match (op, value) {
        (UnaryOp::Not, _) => Some(Const::Bool(!truth(value))),
        (UnaryOp::USub, Const::Float(x)) => Some(Const::Float(-x)),
        (UnaryOp::USub, Const::Complex(re, im)) => Some(Const::Complex(-re, -im)),
        (UnaryOp::UAdd, Const::Float(_) | Const::Complex(..)) => Some(value.clone()),
        (UnaryOp::USub, _) => Some(int_const(-big(value)?)),
        (UnaryOp::UAdd, _) => Some(int_const(big(value)?)),
        // ~True is deprecated and warns at run time.
        (UnaryOp::Invert, Const::Bool(_)) => None,
        (UnaryOp::Invert, _) => Some(int_const(-big(value)? - 1)),
    }
}

/// The value of an operation on constants, None where it is left to run time.
pub fn binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    match (left, right) {
        (Const::Str(a), Const::Str(b))
            if op == Operator::Add && a.len() + b.len() <= MAX_STR_LEN =>
        {
            let mut text = a.clone();
            text.push_wtf8(b);
            return Some(Const::Str(text));
        }
        (Const::Bytes(a), Const::Bytes(b))
            if op == Operator::Add && a.len() + b.len() <= MAX_STR_LEN =>
        {
            return Some(Const::Bytes([&a[..], &b[..]].concat()));
        }
        (Const::Tuple(a), Const::Tuple(b))
            if op == Operator::Add && a.len() + b.len() <= MAX_TUPLE_LEN =>
        {
            return Some(Const::Tuple([&a[..], &b[..]].concat()));
        }
        (Const::Str(_) | Const::Bytes(_) | Const::Tuple(_), Const::Int(n))
            if op == Operator::Mult =>
        {
            return repeat(left, *n);
        }
        (Const::Int(n), Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
            if op == Operator::Mult =>
        {
            return repeat(right, *n);
        }
        _ => {}
    }
    if let (Some(a), Some(b)) = (big(left), big(right)) {
        return int_binary(op, a, b, (left, right));
    }
    if let (Some(a), Some(b)) = (float(left), float(right)) {
        let value = match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mult => a * b,
            Operator::Div if b != 0.0 => a / b,
            _ => return None,
        };
        return Some(Const::Float(value));
    }
    let ((ar, ai), (br, bi)) = (complex(left)?, complex(right)?);
    // Mixed arithmetic treats the real operand as real, which shows in the sign of zeros.
    let (left_real, right_real) = (
        !matches!(left, Const::Complex(..)),
        !matches!(right, Const::Complex(..)),
    );
    match op {
        Operator::Add if left_real => Some(Const::Complex(ar + br, bi)),
        Operator::Add if right_real => Some(Const::Complex(ar + br, ai)),
        Operator::Add => Some(Const::Complex(ar + br, ai + bi)),
        Operator::Sub if left_real => Some(Const::Complex(ar - br, -bi)),
        Operator::Sub if right_real => Some(Const::Complex(ar - br, ai)),
        Operator::Sub => Some(Const::Complex(ar - br, ai - bi)),
        _ => None,
    }
}

fn repeat(value: &Const, n: i64) -> Option<Const> {
    let n = usize::try_from(n.max(0)).ok()?;
    match value {
        Const::Str(text) if text.len().checked_mul(n)? <= MAX_STR_LEN => {
            let mut repeated = Wtf8Buf::new();
            for _ in 0..n {
                repeated.push_wtf8(text);
            }
            Some(Const::Str(repeated))
        }
        Const::Bytes(bytes) if bytes.len().checked_mul(n)? <= MAX_STR_LEN => {
            Some(Const::Bytes(bytes.repeat(n)))
        }
        Const::Tuple(items) if items.len().checked_mul(n)? <= MAX_TUPLE_LEN => Some(Const::Tuple(
            (0..n).flat_map(|_| items.iter().cloned()).collect(),
        )),
        _ => None,
    }
}

fn int_binary(op: Operator, a: BigInt, b: BigInt, operands: (&Const, &Const)) -> Option<Const> {
    let value = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult if a.bits() + b.bits() <= MAX_INT_BITS => a * b,
        Operator::FloorDiv if !b.is_zero() => a.div_floor(&b),
        Operator::Mod if !b.is_zero() => a.mod_floor(&b),
        Operator::Div if !b.is_zero() => {
            return Some(Const::Float(float(operands.0)? / float(operands.1)?));
        }
        Operator::Pow if !b.is_negative() => {
            let exponent = b.to_u32()?;
            if a.bits().checked_mul(u64::from(exponent))? > MAX_INT_BITS {
                return None;
            }
            a.pow(exponent)
        }
        Operator::LShift
            if !b.is_negative() && b.to_u64()?.checked_add(a.bits())? <= MAX_INT_BITS =>
        {
            a << b.to_u64()?
        }
        Operator::RShift if !b.is_negative() => a >> b.to_u64()?,
        Operator::BitAnd | Operator::BitOr | Operator::BitXor => {
            if let (Const::Bool(a), Const::Bool(b)) = operands {
                return Some(Const::Bool(match op {
                    Operator::BitAnd => a & b,
                    Operator::BitOr => a | b,
                    _ => a ^ b,
                }));
            }
            match op {
                Operator::BitAnd => a & b,
                Operator::BitOr => a | b,
                _ => a ^ b,
            }
        }
        _ => return None,
    };
    Some(int_const(value))
}

impl Compiler<'_> {
    /// The value of an expression that is constant.
    pub(super) fn fold(&self, expr: &Expr) -> Option<Const> {
        match expr {
            Expr::NumberLiteral(node) => number(&node.value),
            Expr::StringLiteral(node) => Some(Const::Str(self.string_value(node))),
            Expr::BytesLiteral(node) => Some(Const::Bytes(node.value.bytes().collect())),
            Expr::BooleanLiteral(node) => Some(Const::Bool(node.value)),
            Expr::NoneLiteral(_) => Some(Const::None),
            Expr::EllipsisLiteral(_) => Some(Const::Ellipsis),
            Expr::Name(name) if name.id == "__debug__" && name.ctx.is_load() => {
                Some(Const::Bool(self.opts.optimize == 0))
            }
            Expr::Tuple(tuple) if tuple.ctx.is_load() => tuple
                .elts
                .iter()
                .map(|elt| self.fold(elt))
                .collect::<Option<_>>()
                .map(Const::Tuple),
            Expr::UnaryOp(node) => unary(node.op, &self.fold(&node.operand)?),
            Expr::BinOp(node) => binary(node.op, &self.fold(&node.left)?, &self.fold(&node.right)?),
            Expr::FString(node) => self.constant_fstring(node),
            _ => None,
        }
    }

    /// The value of a string literal, its implicitly concatenated parts joined.
    pub(super) fn string_value(&self, node: &ast::ExprStringLiteral) -> Wtf8Buf {
        let mut text = Wtf8Buf::new();
        for part in &node.value {
            text.push_wtf8(&self.literal_value(part));
        }
        text
    }

    pub(super) fn literal_value(&self, part: &ast::StringLiteral) -> Wtf8Buf {
        let is_raw = part.flags.prefix().is_raw();
        let source = &self.src[part.content_range()];
        with_surrogates(&part.value, source, is_raw)
    }

    /// An int that fits the short form of an instruction.
    pub(super) fn small_int(&self, expr: &Expr) -> Option<i16> {
        match expr {
            Expr::NumberLiteral(node) => match &node.value {
                Number::Int(int) => int.as_u64().and_then(|n| i16::try_from(n).ok()),
                _ => None,
            },
            Expr::UnaryOp(node) if node.op == UnaryOp::USub => {
                self.small_int(&node.operand).map(|n| -n)
            }
            _ => None,
        }
    }

    /// Loads a constant.
    pub(super) fn load_const(&mut self, dst: Reg, value: Const) {
        if let Const::Int(n) = value
            && let Ok(n) = i32::try_from(n)
        {
            self.u.emit_imm(Op::LoadInt, dst, n);
            return;
        }
        let at = self.u.constant(value);
        self.emit(Op::LoadConst, dst, at, 0);
    }

    /// Loads a string constant.
    pub(super) fn load_str(&mut self, dst: Reg, text: &str) {
        self.load_const(dst, Const::Str(Wtf8Buf::from_string(text.to_owned())));
    }
}
