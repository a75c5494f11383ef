//! Exceptions, generators, coroutines.

use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::{Fail, Kind, R, Thread};
use crate::objects::exception::Exception;
use crate::vm::dispatch::{Exit, drop_roots, next};
use crate::vm::frame::Return as Ret;
use crate::vm::generator::{self, Sent};

#[inline(never)]
unsafe fn raise_slow(th: &mut Thread, a: Value, b: Value, count: usize) {
    th.vm.fail = th.raise_statement(a, b, count);
}

impl Thread {
    fn raise_statement(&mut self, a: Value, b: Value, count: usize) -> Fail {
        if count == 0 {
            let handled = self.vm.handled;
            if handled.is_null() {
                return self.runtime_error("No active exception to reraise");
            }
            self.exc = handled;
            // This frame is in the traceback from the first time.
            self.vm.reraise = true;
            return Fail::Raise;
        }
        match self.exception_from(a, "exceptions must derive from BaseException") {
            Ok(exc) => {
                if count == 2 {
                    let cause = if b.is_none() {
                        Value::NONE
                    } else {
                        match self
                            .exception_from(b, "exception causes must derive from BaseException")
                        {
                            Ok(c) => c,
                            Err(f) => return f,
                        }
                    };
                    if let Some(e) = exc.cast::<Exception>() {
                        let cause = if cause.is_none() { Value::NULL } else { cause };
                        if let Err(f) = self
                            .set(e, &e.cause, cause)
                            .and_then(|()| self.set_raw(e, &e.suppress, 1))
                        {
                            return f;
                        }
                    }
                }
                self.raise_value(exc)
            }
            Err(f) => f,
        }
    }

    /// An exception from what stands behind `raise`: an instance, or a class to be called.
    pub fn exception_from(&mut self, v: Value, otherwise: &str) -> R<Value> {
        if v.kind() == Kind::Exception {
            return Ok(v);
        }
        let base = self.rt.types().exceptions.base_exception;
        if let Some(class) = v.as_class().filter(|c| c.is_subclass(base)) {
            let made = self.call(v, &[])?;
            if made.kind() != Kind::Exception {
                let (class, got) = (class.name().to_string(), self.type_name(made));
                return Err(self.type_error(format!(
                    "calling <class '{class}'> should have returned an instance of BaseException, not <class '{got}'>"
                )));
            }
            return Ok(made);
        }
        Err(self.type_error(otherwise))
    }
}

/// What `Send` of something that is no generator gave: 0 over (value in `vm.result`), 1 yielded, 2 failure.
#[inline(never)]
fn send_slow(th: &mut Thread, it: Value, v: Value) -> u8 {
    let r = generator::send_any(th, it, v);
    drop_roots(th);
    match r {
        Ok(Sent::Returned(v)) => {
            th.vm.result = v;
            0
        }
        Ok(Sent::Yielded(v)) => {
            th.vm.result = v;
            1
        }
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

#[inline(never)]
fn end_async_for(th: &mut Thread, exc: Value) -> bool {
    if th.is_instance(exc, th.rt.types().exceptions.stop_async_iteration) {
        return true;
    }
    th.exc = exc;
    th.vm.reraise = true;
    th.vm.fail = Fail::Raise;
    false
}

handlers! {
    Raise(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        let count = c_of(w);
        let a = if count > 0 { get(regs, a_of(w)) } else { Value::NULL };
        let b = if count > 1 { get(regs, b_of(w)) } else { Value::NULL };
        raise_slow(th, a, b, count);
        return Exit::Fail;
    }
    PushHandled(pc, regs, th, w) {
        let exc = get(regs, b_of(w));
        set(regs, a_of(w), th.vm.handled);
        th.vm.handled = exc;
        next!(M, pc, regs, th)
    }
    PopHandled(pc, regs, th, w) {
        th.vm.handled = get(regs, a_of(w));
        next!(M, pc, regs, th)
    }
    Reraise(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        th.exc = get(regs, a_of(w));
        th.vm.reraise = true;
        th.vm.fail = Fail::Raise;
        return Exit::Fail;
    }
    EndAsyncFor(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, end_async_for(th, get(regs, a_of(w))))
    }
    Yield(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        (*th.vm.fp).pc = pc;
        match generator::suspend(th, v, pc.sub(1)) {
            0 => {
                let frame = &*th.vm.fp;
                next_after!(M, frame.pc, frame.regs, th)
            }
            1 => return Exit::Return,
            _ => return Exit::Fail,
        }
    }
    YieldDelegate(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        (*th.vm.fp).pc = pc;
        match generator::suspend(th, v, pc.sub(1)) {
            0 => {
                let frame = &*th.vm.fp;
                next_after!(M, frame.pc, frame.regs, th)
            }
            1 => return Exit::Return,
            _ => return Exit::Fail,
        }
    }
    Send(pc, regs, th, w) {
        let (it, v) = (get(regs, b_of(w)), get(regs, c_of(w)));
        (*th.vm.fp).pc = pc;
        if it.kind() as u8 == Kind::Generator as u8 {
            match generator::resume_in_loop(th, it, v, a_of(w) as u16, Ret::Send) {
                1 => {
                    let frame = &*th.vm.fp;
                    next!(M, frame.pc, frame.regs, th)
                }
                0 => {
                    set(regs, a_of(w), Value::NONE);
                    next!(M, pc.offset(1 + *pc as isize), regs, th)
                }
                2 => return Exit::Fail,
                _ => {}
            }
        }
        match send_slow(th, it, v) {
            0 => {
                set(regs, a_of(w), th.vm.result);
                next_after!(M, pc.offset(1 + *pc as isize), regs, th)
            }
            1 => {
                set(regs, a_of(w), th.vm.result);
                next_after!(M, pc.add(1), regs, th)
            }
            _ => return Exit::Fail,
        }
    }
}
