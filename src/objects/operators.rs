//! The binary and unary operators: which special methods are asked in which order, and what is said when none answers.

use super::protocol::BinOp;
use super::special::Sp;
use crate::heap::{Fail, Kind, R, Thread, Value};

impl BinOp {
    /// The special methods: plain, reflected, in place.
    pub const fn specials(self) -> (Sp, Sp, Sp) {
        match self {
            BinOp::Add => (Sp::Add, Sp::RAdd, Sp::IAdd),
            BinOp::Sub => (Sp::Sub, Sp::RSub, Sp::ISub),
            BinOp::Mul => (Sp::Mul, Sp::RMul, Sp::IMul),
            BinOp::MatMul => (Sp::MatMul, Sp::RMatMul, Sp::IMatMul),
            BinOp::TrueDiv => (Sp::TrueDiv, Sp::RTrueDiv, Sp::ITrueDiv),
            BinOp::FloorDiv => (Sp::FloorDiv, Sp::RFloorDiv, Sp::IFloorDiv),
            BinOp::Mod => (Sp::Mod, Sp::RMod, Sp::IMod),
            BinOp::Pow => (Sp::Pow, Sp::RPow, Sp::IPow),
            BinOp::LShift => (Sp::LShift, Sp::RLShift, Sp::ILShift),
            BinOp::RShift => (Sp::RShift, Sp::RRShift, Sp::IRShift),
            BinOp::And => (Sp::And, Sp::RAnd, Sp::IAnd),
            BinOp::Or => (Sp::Or, Sp::ROr, Sp::IOr),
            BinOp::Xor => (Sp::Xor, Sp::RXor, Sp::IXor),
        }
    }
    pub const fn symbol(self) -> &'static str {
        match self {
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::MatMul => "@",
            BinOp::TrueDiv => "/",
            BinOp::FloorDiv => "//",
            BinOp::Mod => "%",
            BinOp::Pow => "**",
            BinOp::LShift => "<<",
            BinOp::RShift => ">>",
            BinOp::And => "&",
            BinOp::Or => "|",
            BinOp::Xor => "^",
        }
    }
}

impl Thread {
    /// Asks `a`'s method `sp` and `b`'s reflected method `reflected`, in Python's order. NotImplemented if neither knows.
    fn ask_operands(&mut self, sp: Sp, reflected: Sp, a: Value, b: Value) -> R<Value> {
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        let fa = ca.special(sp);
        if ca == cb {
            return if fa.is_null() {
                Ok(Value::NOT_IMPLEMENTED)
            } else {
                self.call_resolved(fa, a, &[b])
            };
        }
        let fb = cb.special(reflected);
        // A subclass that says something of its own goes first.
        let first = !fb.is_null() && fb != ca.special(reflected) && cb.is_subclass(ca);
        if first {
            let result = self.call_resolved(fb, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !fa.is_null() {
            let result = self.call_resolved(fa, a, &[b])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !first && !fb.is_null() {
            return self.call_resolved(fb, b, &[a]);
        }
        Ok(Value::NOT_IMPLEMENTED)
    }

    /// `a op b`.
    pub fn binary(&mut self, op: BinOp, a: Value, b: Value) -> R<Value> {
        let simple = match op {
            BinOp::Add if Value::both_int(a, b) => Value::add_ints(a, b),
            BinOp::Sub if Value::both_int(a, b) => Value::sub_ints(a, b),
            BinOp::Mul if Value::both_int(a, b) => Value::mul_ints(a, b),
            _ => None,
        };
        if let Some(v) = simple {
            return Ok(v);
        }
        let (sp, reflected, _) = op.specials();
        let result = self.ask_operands(sp, reflected, a, b)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
        Err(self.unsupported(op, op.symbol(), a, b))
    }

    /// `a op= b`.
    pub fn inplace(&mut self, op: BinOp, a: Value, b: Value) -> R<Value> {
        let (sp, reflected, inplace) = op.specials();
        let f = self.special(a, inplace);
        if !f.is_null() {
            let result = self.call_resolved(f, a, &[b])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        } else if Value::both_int(a, b) {
            return self.binary(op, a, b);
        }
        let result = self.ask_operands(sp, reflected, a, b)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
        Err(self.unsupported(op, &format!("{}=", op.symbol()), a, b))
    }

    /// `pow(a, b, modulus)`.
    pub fn pow_mod(&mut self, a: Value, b: Value, modulus: Value) -> R<Value> {
        if modulus.is_none() {
            return self.binary(BinOp::Pow, a, b);
        }
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        let (fa, fb) = (ca.special(Sp::Pow), cb.special(Sp::RPow));
        let reflected = ca != cb && !fb.is_null();
        let first = reflected && fb != ca.special(Sp::RPow) && cb.is_subclass(ca);
        for (f, v, other) in [
            (if first { fb } else { Value::NULL }, b, a),
            (fa, a, b),
            (if reflected && !first { fb } else { Value::NULL }, b, a),
        ] {
            if f.is_null() {
                continue;
            }
            let result = self.call_resolved(f, v, &[other, modulus])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        let names = [a, b, modulus].map(|v| self.type_name(v));
        Err(self.type_error(format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            names[0], names[1], names[2]
        )))
    }

    /// `divmod(a, b)`.
    pub fn divmod(&mut self, a: Value, b: Value) -> R<Value> {
        let result = self.ask_operands(Sp::DivMod, Sp::RDivMod, a, b)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
        let (x, y) = (self.type_name(a), self.type_name(b));
        Err(self.type_error(format!(
            "unsupported operand type(s) for divmod(): '{x}' and '{y}'"
        )))
    }

    /// Is it a built-in sequence that concatenates and repeats, or a subclass of one?
    fn concatenates(&self, v: Value) -> bool {
        let types = self.rt.types();
        matches!(v.kind(), Kind::Str | Kind::Bytes | Kind::Tuple | Kind::List)
            || matches!(&*self.type_name(v), "bytearray" | "deque" | "array")
                && v.kind() == Kind::Native
                && self.class_of(v) != types.object
    }

    #[cold]
    fn unsupported(&mut self, op: BinOp, symbol: &str, a: Value, b: Value) -> Fail {
        let (x, y) = (self.type_name(a), self.type_name(b));
        let message = match op {
            BinOp::Add if self.concatenates(a) => {
                let base = match a.kind() {
                    Kind::Str => "str",
                    Kind::Tuple => "tuple",
                    Kind::List => "list",
                    Kind::Bytes => "",
                    _ if x == "deque" => "deque",
                    _ => "",
                };
                if base.is_empty() {
                    format!("can't concat {y} to {x}")
                } else {
                    format!("can only concatenate {base} (not \"{y}\") to {base}")
                }
            }
            BinOp::Mul if self.concatenates(a) => {
                format!("can't multiply sequence by non-int of type '{y}'")
            }
            BinOp::Mul if self.concatenates(b) => {
                format!("can't multiply sequence by non-int of type '{x}'")
            }
            BinOp::Pow if symbol == "**" => {
                format!("unsupported operand type(s) for ** or pow(): '{x}' and '{y}'")
            }
            _ => format!("unsupported operand type(s) for {symbol}: '{x}' and '{y}'"),
        };
        self.type_error(message)
    }

    /// `-v`, `+v`, `~v`, by special method.
    pub fn unary(&mut self, sp: Sp, v: Value) -> R<Value> {
        let result = self.call_special(v, sp, &[])?;
        if !result.is_null() {
            return Ok(result);
        }
        let symbol = match sp {
            Sp::Neg => "-",
            Sp::Pos => "+",
            Sp::Invert => "~",
            _ => {
                let name = self.type_name(v);
                return Err(self.type_error(format!("bad operand type for abs(): '{name}'")));
            }
        };
        let name = self.type_name(v);
        Err(self.type_error(format!("bad operand type for unary {symbol}: '{name}'")))
    }
}
