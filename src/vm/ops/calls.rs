//! Calls and returns.

use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::{Kind, R, Ref, Thread};
use crate::objects::function::Function;
use crate::objects::generator::{Generator, state};
use crate::objects::native::NativeFunction;
use crate::vm::call::{Prepared, push_quick};
use crate::vm::dispatch::{Exit, next};
use crate::vm::frame::Return as Ret;

/// Prepares a call whose frame returns into `dst`: null for failure, the marker for a pushed frame, else the value.
#[inline(never)]
unsafe fn prepare(
    th: &mut Thread,
    callee: Value,
    args: *mut Value,
    n: usize,
    names: Value,
    dst: usize,
) -> Value {
    if let Some(native) = callee.cast::<NativeFunction>() {
        // The most frequent ones have a way of their own. SAFETY: as below.
        return match unsafe { th.call_native(native, args, n, names) } {
            Ok(v) => v,
            Err(f) => {
                th.vm.fail = f;
                Value::NULL
            }
        };
    }
    // SAFETY: the registers of the call are the topmost.
    match unsafe { th.prepare(callee, args, n, names, Ret::Value, dst as u16) } {
        Ok(Prepared::Value(v)) => v,
        Ok(Prepared::Pushed) => Value::MARKER,
        Err(f) => {
            th.vm.fail = f;
            Value::NULL
        }
    }
}

#[inline(never)]
unsafe fn prepare_ex(th: &mut Thread, regs: *mut Value, base: usize, kwargs: bool) -> Value {
    // SAFETY: registers of the running frame.
    let (callee, args, kw) = unsafe { (get(regs, base), get(regs, base + 1), get(regs, base + 2)) };
    let r: R<Value> = (|| {
        let args = if args.kind() == Kind::Tuple {
            crate::objects::native::tuple_items(args).to_vec()
        } else {
            th.star_arguments(callee, args)?
        };
        th.call_ex(callee, &args, if kwargs { kw } else { Value::NULL })
    })();
    crate::vm::dispatch::flat(th, r)
}

/// Goes on in the frame that is topmost now, or polls first.
macro_rules! enter_frame {
    ($m:ident, $th:expr) => {{
        if $th.vm.work >= $th.limit().load(std::sync::atomic::Ordering::Relaxed) {
            return Exit::Poll;
        }
        let frame = &*$th.vm.fp;
        next!($m, frame.pc, frame.regs, $th)
    }};
}

/// Goes on after `prepare`.
macro_rules! prepared {
    ($m:ident, $v:expr, $pc:expr, $regs:expr, $th:expr, $dst:expr) => {{
        let v = $v;
        if v == Value::MARKER {
            enter_frame!($m, $th)
        }
        if v.is_null() {
            return Exit::Fail;
        }
        set($regs, $dst, v);
        next_after!($m, $pc, $regs, $th)
    }};
}

handlers! {
    Call(pc, regs, th, w) {
        let base = b_of(w);
        let callee = get(regs, base);
        let n = c_of(w);
        (*th.vm.fp).pc = pc.add(1);
        if let Some(function) = callee.cast::<Function>() {
            let code = function.code();
            if code.plain && code.argcount as usize == n {
                if push_quick(th, function, code, regs.add(base + 1), a_of(w) as u16) {
                    enter_frame!(M, th)
                }
            }
        }
        return CallSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    CallSlow(pc, regs, th, w) {
        let base = b_of(w);
        let callee = get(regs, base);
        let n = c_of(w);
        prepared!(M, prepare(th, callee, regs.add(base + 1), n, Value::NULL, a_of(w)), pc.add(1), regs, th, a_of(w))
    }
    CallMethod(pc, regs, th, w) {
        let base = b_of(w);
        let callee = get(regs, base);
        let (args, n) =
            if get(regs, base + 1).is_null() { (regs.add(base + 2), c_of(w)) } else { (regs.add(base + 1), c_of(w) + 1) };
        (*th.vm.fp).pc = pc.add(1);
        if let Some(function) = callee.cast::<Function>() {
            let code = function.code();
            if code.plain && code.argcount as usize == n {
                if push_quick(th, function, code, args, a_of(w) as u16) {
                    enter_frame!(M, th)
                }
            }
        }
        return CallMethodSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    CallMethodSlow(pc, regs, th, w) {
        let base = b_of(w);
        let callee = get(regs, base);
        let (args, n) =
            if get(regs, base + 1).is_null() { (regs.add(base + 2), c_of(w)) } else { (regs.add(base + 1), c_of(w) + 1) };
        prepared!(M, prepare(th, callee, args, n, Value::NULL, a_of(w)), pc.add(1), regs, th, a_of(w))
    }
    CallKw(pc, regs, th, w) {
        let base = b_of(w);
        (*th.vm.fp).pc = pc.add(1);
        let names = *th.running().code.consts.get_unchecked(*pc as usize);
        prepared!(M, prepare(th, get(regs, base), regs.add(base + 1), c_of(w), names, a_of(w)), pc.add(1), regs, th, a_of(w))
    }
    CallMethodKw(pc, regs, th, w) {
        let base = b_of(w);
        let (args, n) =
            if get(regs, base + 1).is_null() { (regs.add(base + 2), c_of(w)) } else { (regs.add(base + 1), c_of(w) + 1) };
        (*th.vm.fp).pc = pc.add(1);
        let names = *th.running().code.consts.get_unchecked(*pc as usize);
        prepared!(M, prepare(th, get(regs, base), args, n, names, a_of(w)), pc.add(1), regs, th, a_of(w))
    }
    CallEx(pc, regs, th, w) {
        slow!(M, pc, pc, regs, th, a_of(w), prepare_ex(th, regs, b_of(w), c_of(w) == 1))
    }
    Return(_pc, regs, th, w) {
        let v = get(regs, a_of(w));
        return leave::<M>(_pc, regs, th, v.0);
    }
    ReturnConst(_pc, regs, th, w) {
        let v = *th.running().code.consts.get_unchecked(a_of(w));
        return leave::<M>(_pc, regs, th, v.0);
    }
    /// The running frame ends with the value whose bits are `w`.
    leave(pc, _regs, th, w) {
        let v = Value(w);
        let fp = th.vm.fp;
        let (ret, dst, extra) = ((*fp).ret, (*fp).dst, (*fp).extra);
        if ret == Ret::Value && extra.is_null() {
            let caller = fp.sub(1);
            if M::BARRIERS && th.vm.stacks.depth(caller) < th.vm.checkpoint.low {
                return LeaveSlow::<M>(pc, _regs, th, w);
            }
            th.vm.fp = caller;
            set((*caller).regs, dst as usize, v);
            next!(M, (*caller).pc, (*caller).regs, th)
        }
        return LeaveSlow::<M>(pc, _regs, th, w);
    }
    #[inline(never)]
    LeaveSlow(pc, _regs, th, w) {
        (*th.vm.fp).pc = pc;
        match leave_slow(th, Value(w)) {
            0 => {
                let frame = &*th.vm.fp;
                next_after!(M, frame.pc, frame.regs, th)
            }
            1 => return Exit::Return,
            _ => return Exit::Fail,
        }
    }
}

/// 0: goes on in the caller, 1: leaves the loop, 2: failure.
#[inline(never)]
unsafe fn leave_slow(th: &mut Thread, v: Value) -> u8 {
    // SAFETY (of the block): the running frame and its caller.
    unsafe {
        let fp = th.vm.fp;
        if (*fp).ret == Ret::PassOn
            && let Err(f) = crate::vm::delegation::settle_parent(th)
        {
            th.vm.fail = f;
            return 2;
        }
        let (ret, dst, extra) = ((*fp).ret, (*fp).dst, (*fp).extra);
        if ret == Ret::Init && !v.is_none() {
            th.vm.fp = fp.sub(1);
            th.vm.fail = th.init_returned(v);
            return 2;
        }
        let generator: Option<Ref<Generator>> = extra.cast::<Generator>();
        if let Some(g) = generator {
            let registers = g.registers.peek();
            let r = th
                .set_raw(g, &g.state, state::FINISHED)
                .and_then(|()| th.set(g, &g.registers, Value::NULL));
            if let Err(f) = r {
                th.vm.fail = f;
                return 2;
            }
            th.vm.handled = g.handled.peek();
            crate::vm::generator::recycle_registers(th, g, registers);
        }
        let caller = fp.sub(1);
        th.vm.fp = caller;
        if ret == Ret::Exit {
            th.vm.result = v;
            th.vm.yielded = false;
            return 1;
        }
        if th.vm.in_block {
            let depth = th.vm.stacks.depth(caller);
            if depth < th.vm.checkpoint.low {
                th.save_older(depth);
            }
        }
        let regs = (*caller).regs;
        match ret {
            Ret::Init => set(regs, dst as usize, extra),
            Ret::ForIter => {
                crate::vm::generator::recycle(th, extra.cast_unchecked(), &*caller);
                // The loop is over: jump by the extension word at which the caller's `pc` stands.
                let pc = (*caller).pc;
                (*caller).pc = pc.offset(1 + *pc as isize);
            }
            Ret::Send => {
                crate::vm::generator::recycle(th, extra.cast_unchecked(), &*caller);
                set(regs, dst as usize, v);
                let pc = (*caller).pc;
                (*caller).pc = pc.offset(1 + *pc as isize);
            }
            _ => set(regs, dst as usize, v),
        }
        0
    }
}
