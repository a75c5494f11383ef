//! Arithmetic and comparison.

use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::Thread;
use crate::objects::protocol::{BinOp, Cmp};
use crate::vm::dispatch::{drop_roots, flat, next};

#[inline(never)]
fn slow_binary(th: &mut Thread, op: BinOp, a: Value, b: Value) -> Value {
    let r = th.binary(op, a, b);
    flat(th, r)
}
#[inline(never)]
fn slow_inplace(th: &mut Thread, op: BinOp, a: Value, b: Value) -> Value {
    let r = th.inplace(op, a, b);
    flat(th, r)
}
#[inline(never)]
fn slow_compare(th: &mut Thread, op: Cmp, a: Value, b: Value) -> Value {
    let r = th.compare(op, a, b);
    flat(th, r)
}
/// 1 true, 0 false, 2 failure.
#[inline(never)]
fn slow_compare_bool(th: &mut Thread, op: Cmp, a: Value, b: Value) -> u8 {
    let r = th.compare_bool(op, a, b);
    drop_roots(th);
    match r {
        Ok(b) => b as u8,
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

/// Both as floats, if both are. (An int beside a float is the slow path's: keeping it out keeps the handlers small.)
#[inline(always)]
pub(super) fn both_floats(a: Value, b: Value) -> Option<(f64, f64)> {
    if a.is_float() && b.is_float() {
        Some((a.float_unchecked(), b.float_unchecked()))
    } else {
        None
    }
}

/// Both as floats, if one is a float and the other an int.
fn mixed_floats(a: Value, b: Value) -> Option<(f64, f64)> {
    if a.is_float() && b.is_int() {
        Some((a.float_unchecked(), b.int_unchecked() as f64))
    } else if a.is_int() && b.is_float() {
        Some((a.int_unchecked() as f64, b.float_unchecked()))
    } else {
        None
    }
}

/// An operator with fast paths for two ints and for floats. The slow path is a handler of its own, reached by a jump: the fast
/// one then has nothing to save.
macro_rules! arithmetic {
    ($($name:ident $inplace:ident $op:ident, $ints:expr, $floats:expr;)*) => {
        handlers! {
            $($name(pc, regs, th, w) {
                let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                if Value::both_int(a, b) {
                    let ints: fn(Value, Value) -> Option<Value> = $ints;
                    if let Some(v) = ints(a, b) {
                        set(regs, a_of(w), v);
                        next!(M, pc, regs, th)
                    }
                } else if let Some((x, y)) = both_floats(a, b) {
                    let floats: fn(f64, f64) -> Option<f64> = $floats;
                    if let Some(f) = floats(x, y) {
                        set(regs, a_of(w), Value::float(f));
                        next!(M, pc, regs, th)
                    }
                }
                return slow_handlers::$name::<M>(pc, regs, th, w);
            }
            $inplace(pc, regs, th, w) {
                let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                if Value::both_int(a, b) {
                    let ints: fn(Value, Value) -> Option<Value> = $ints;
                    if let Some(v) = ints(a, b) {
                        set(regs, a_of(w), v);
                        next!(M, pc, regs, th)
                    }
                } else if let Some((x, y)) = both_floats(a, b) {
                    let floats: fn(f64, f64) -> Option<f64> = $floats;
                    if let Some(f) = floats(x, y) {
                        set(regs, a_of(w), Value::float(f));
                        next!(M, pc, regs, th)
                    }
                }
                return slow_handlers::$inplace::<M>(pc, regs, th, w);
            })*
        }
        mod slow_handlers {
            use super::*;
            handlers! {
                $(#[inline(never)] $name(pc, regs, th, w) {
                    let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                    if let Some((x, y)) = mixed_floats(a, b) {
                        let floats: fn(f64, f64) -> Option<f64> = $floats;
                        if let Some(f) = floats(x, y) {
                            set(regs, a_of(w), Value::float(f));
                            next!(M, pc, regs, th)
                        }
                    }
                    slow!(M, pc, pc, regs, th, a_of(w), slow_binary(th, BinOp::$op, a, b))
                }
                #[inline(never)] $inplace(pc, regs, th, w) {
                    let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                    if let Some((x, y)) = mixed_floats(a, b) {
                        let floats: fn(f64, f64) -> Option<f64> = $floats;
                        if let Some(f) = floats(x, y) {
                            set(regs, a_of(w), Value::float(f));
                            next!(M, pc, regs, th)
                        }
                    }
                    slow!(M, pc, pc, regs, th, a_of(w), slow_inplace(th, BinOp::$op, a, b))
                })*
            }
        }
    };
}

fn floor_div(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    if b == 0 {
        return None;
    }
    let q = a / b;
    Value::try_small(if a % b != 0 && (a < 0) != (b < 0) {
        q - 1
    } else {
        q
    })
}
fn modulo(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    if b == 0 {
        return None;
    }
    let r = a % b;
    Some(Value::small(if r != 0 && (r < 0) != (b < 0) {
        r + b
    } else {
        r
    }))
}
fn true_div(a: Value, b: Value) -> Option<Value> {
    // 51 bits fit a double exactly, so that the quotient is rounded once.
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    if b == 0 {
        None
    } else {
        Some(Value::float(a as f64 / b as f64))
    }
}
fn left_shift(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    if !(0..50).contains(&b) {
        return None;
    }
    let shifted = a << b;
    if shifted >> b == a {
        Value::try_small(shifted)
    } else {
        None
    }
}
fn right_shift(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    if b < 0 {
        None
    } else {
        Some(Value::small(a >> b.min(63)))
    }
}
fn int_pow(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.int_unchecked(), b.int_unchecked());
    Value::try_small(a.checked_pow(u32::try_from(b).ok()?)?)
}
fn float_mod(x: f64, y: f64) -> Option<f64> {
    if y == 0.0 {
        return None;
    }
    let r = x % y;
    Some(if r == 0.0 {
        f64::copysign(0.0, y)
    } else if (r < 0.0) != (y < 0.0) {
        r + y
    } else {
        r
    })
}
fn float_pow(x: f64, y: f64) -> Option<f64> {
    // The odd cases (complex results, overflow) are the type's.
    let p = if y == 2.0 { x * x } else { x.powf(y) };
    if p.is_finite() && (x > 0.0 || y == 2.0) {
        Some(p)
    } else {
        None
    }
}

arithmetic! {
    Add InplaceAdd Add, Value::add_ints, |x, y| Some(x + y);
    Sub InplaceSub Sub, Value::sub_ints, |x, y| Some(x - y);
    Mul InplaceMul Mul, Value::mul_ints, |x, y| Some(x * y);
    TrueDiv InplaceTrueDiv TrueDiv, true_div, |x, y| if y == 0.0 { None } else { Some(x / y) };
    FloorDiv InplaceFloorDiv FloorDiv, floor_div, |_, _| None;
    Mod InplaceMod Mod, modulo, float_mod;
    Pow InplacePow Pow, int_pow, float_pow;
    MatMul InplaceMatMul MatMul, |_, _| None, |_, _| None;
    LShift InplaceLShift LShift, left_shift, |_, _| None;
    RShift InplaceRShift RShift, right_shift, |_, _| None;
    And InplaceAnd And, |a, b| Some(Value(a.0 & b.0)), |_, _| None;
    Or InplaceOr Or, |a, b| Some(Value(a.0 | b.0)), |_, _| None;
    Xor InplaceXor Xor, |a, b| Some(Value::small(a.int_unchecked() ^ b.int_unchecked())), |_, _| None;
}

/// An operator with a constant int.
macro_rules! with_constant {
    ($($name:ident $ints:ident $fop:tt $op:ident $slow:ident;)*) => {
        handlers! {
            $($name(pc, regs, th, w) {
                let a = get(regs, b_of(w));
                let b = Value::small(c_of(w) as u16 as i16 as i64);
                if a.is_int() {
                    if let Some(v) = Value::$ints(a, b) {
                        set(regs, a_of(w), v);
                        next!(M, pc, regs, th)
                    }
                } else if a.is_float() {
                    set(regs, a_of(w), Value::float(a.float_unchecked() $fop b.int_unchecked() as f64));
                    next!(M, pc, regs, th)
                }
                return slow_constant::$name::<M>(pc, regs, th, w);
            })*
        }
        mod slow_constant {
            use super::*;
            handlers! {
                $(#[inline(never)] $name(pc, regs, th, w) {
                    let b = Value::small(c_of(w) as u16 as i16 as i64);
                    slow!(M, pc, pc, regs, th, a_of(w), $slow(th, BinOp::$op, get(regs, b_of(w)), b))
                })*
            }
        }
    };
}

with_constant! {
    AddInt add_ints + Add slow_binary;
    SubInt sub_ints - Sub slow_binary;
    InplaceAddInt add_ints + Add slow_inplace;
    InplaceSubInt sub_ints - Sub slow_inplace;
}

/// A comparison, and the jump on it.
macro_rules! comparisons {
    ($($name:ident $jump:ident $cmp:ident $op:tt;)*) => {
        handlers! {
            $($name(pc, regs, th, w) {
                let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                if Value::both_int(a, b) {
                    set(regs, a_of(w), Value::bool(a.int_unchecked() $op b.int_unchecked()));
                    next!(M, pc, regs, th)
                }
                if let Some((x, y)) = both_floats(a, b) {
                    set(regs, a_of(w), Value::bool(x $op y));
                    next!(M, pc, regs, th)
                }
                return slow_compares::$name::<M>(pc, regs, th, w);
            }
            $jump(pc, regs, th, w) {
                let (a, b) = (get(regs, a_of(w)), get(regs, b_of(w)));
                let want = c_of(w) != 0;
                if Value::both_int(a, b) {
                    let to = if (a.int_unchecked() $op b.int_unchecked()) == want { *pc as isize + 1 } else { 1 };
                    next!(M, pc.offset(to), regs, th)
                }
                if let Some((x, y)) = both_floats(a, b) {
                    let to = if (x $op y) == want { *pc as isize + 1 } else { 1 };
                    next!(M, pc.offset(to), regs, th)
                }
                return slow_compares::$jump::<M>(pc, regs, th, w);
            })*
        }
        mod slow_compares {
            use super::*;
            handlers! {
                $(#[inline(never)] $name(pc, regs, th, w) {
                    let (a, b) = (get(regs, b_of(w)), get(regs, c_of(w)));
                    if let Some((x, y)) = mixed_floats(a, b) {
                        set(regs, a_of(w), Value::bool(x $op y));
                        next!(M, pc, regs, th)
                    }
                    slow!(M, pc, pc, regs, th, a_of(w), slow_compare(th, Cmp::$cmp, a, b))
                }
                #[inline(never)] $jump(pc, regs, th, w) {
                    let (a, b) = (get(regs, a_of(w)), get(regs, b_of(w)));
                    let want = c_of(w) != 0;
                    if let Some((x, y)) = mixed_floats(a, b) {
                        let to = if (x $op y) == want { *pc as isize + 1 } else { 1 };
                        next!(M, pc.offset(to), regs, th)
                    }
                (*th.vm.fp).pc = pc;
                let truth = slow_compare_bool(th, Cmp::$cmp, a, b);
                if truth == 2 {
                    return crate::vm::dispatch::Exit::Fail;
                }
                let to = if (truth == 1) == want { *pc as isize + 1 } else { 1 };
                next_after!(M, pc.offset(to), regs, th)
                })*
            }
        }
    };
}

comparisons! {
    Lt JumpLt Lt <;
    Le JumpLe Le <=;
    Eq JumpEq Eq ==;
    Ne JumpNe Ne !=;
    Gt JumpGt Gt >;
    Ge JumpGe Ge >=;
}

#[inline(never)]
fn slow_unary(th: &mut Thread, sp: crate::objects::special::Sp, v: Value) -> Value {
    let r = unary(th, sp, v);
    flat(th, r)
}

fn unary(th: &mut Thread, sp: crate::objects::special::Sp, v: Value) -> crate::heap::R<Value> {
    use crate::objects::special::Sp;
    let r = th.call_special(v, sp, &[])?;
    if r.is_null() {
        let symbol = match sp {
            Sp::Neg => "unary -",
            Sp::Pos => "unary +",
            _ => "unary ~",
        };
        let name = th.type_name(v);
        return Err(th.type_error(format!("bad operand type for {symbol}: '{name}'")));
    }
    Ok(r)
}

/// 1 true, 0 false, 2 failure.
#[inline(never)]
pub(super) fn slow_truth(th: &mut Thread, v: Value) -> u8 {
    if v.kind() == crate::heap::Kind::Instance {
        use crate::objects::special::Sp;
        let class = th.class_of(v);
        if class.special(Sp::Bool).is_null() && class.special(Sp::Len).is_null() {
            return 1;
        }
    }
    let r = th.truth(v);
    drop_roots(th);
    match r {
        Ok(b) => b as u8,
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

/// The truth of a value that has it on its face.
#[inline(always)]
pub(super) fn quick_truth(v: Value) -> Option<bool> {
    if v == Value::TRUE {
        Some(true)
    } else if v == Value::FALSE || v == Value::NONE {
        Some(false)
    } else if v.is_int() {
        Some(v.int_unchecked() != 0)
    } else {
        None
    }
}

#[inline(never)]
fn slow_contains(th: &mut Thread, item: Value, container: Value) -> u8 {
    let r = th.contains(container, item);
    drop_roots(th);
    match r {
        Ok(b) => b as u8,
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

handlers! {
    Neg(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        if v.is_int() && v.int_unchecked() != Value::INT_MIN {
            set(regs, a_of(w), Value::small(-v.int_unchecked()));
            next!(M, pc, regs, th)
        }
        if v.is_float() {
            set(regs, a_of(w), Value::float(-v.float_unchecked()));
            next!(M, pc, regs, th)
        }
        return NegSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    NegSlow(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        slow!(M, pc, pc, regs, th, a_of(w), slow_unary(th, crate::objects::special::Sp::Neg, v))
    }
    Pos(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        slow!(M, pc, pc, regs, th, a_of(w), slow_unary(th, crate::objects::special::Sp::Pos, v))
    }
    Invert(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        if v.is_int() {
            set(regs, a_of(w), Value::small(!v.int_unchecked()));
            next!(M, pc, regs, th)
        }
        slow!(M, pc, pc, regs, th, a_of(w), slow_unary(th, crate::objects::special::Sp::Invert, v))
    }
    Not(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        if let Some(b) = quick_truth(v) {
            set(regs, a_of(w), Value::bool(!b));
            next!(M, pc, regs, th)
        }
        return NotSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    NotSlow(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        let b = slow_truth(th, get(regs, b_of(w)));
        if b == 2 {
            return crate::vm::dispatch::Exit::Fail;
        }
        set(regs, a_of(w), Value::bool(b == 0));
        next_after!(M, pc, regs, th)
    }
    Is(pc, regs, th, w) {
        set(regs, a_of(w), Value::bool(get(regs, b_of(w)) == get(regs, c_of(w))));
        next!(M, pc, regs, th)
    }
    IsNot(pc, regs, th, w) {
        set(regs, a_of(w), Value::bool(get(regs, b_of(w)) != get(regs, c_of(w))));
        next!(M, pc, regs, th)
    }
    In(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        let b = slow_contains(th, get(regs, b_of(w)), get(regs, c_of(w)));
        if b == 2 {
            return crate::vm::dispatch::Exit::Fail;
        }
        set(regs, a_of(w), Value::bool(b == 1));
        next_after!(M, pc, regs, th)
    }
    NotIn(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        let b = slow_contains(th, get(regs, b_of(w)), get(regs, c_of(w)));
        if b == 2 {
            return crate::vm::dispatch::Exit::Fail;
        }
        set(regs, a_of(w), Value::bool(b == 0));
        next_after!(M, pc, regs, th)
    }
    JumpIs(pc, regs, th, w) {
        let same = get(regs, a_of(w)) == get(regs, b_of(w));
        let to = if same == (c_of(w) != 0) { *pc as isize + 1 } else { 1 };
        next!(M, pc.offset(to), regs, th)
    }
    JumpIn(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        let b = slow_contains(th, get(regs, a_of(w)), get(regs, b_of(w)));
        if b == 2 {
            return crate::vm::dispatch::Exit::Fail;
        }
        let to = if (b == 1) == (c_of(w) != 0) { *pc as isize + 1 } else { 1 };
        next_after!(M, pc.offset(to), regs, th)
    }
}
