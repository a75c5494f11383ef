//! The loop around the handlers: what happens when control leaves them.

use super::dispatch::{self, Exit};
use super::frame::{Frame, Return};
use crate::heap::{Fail, R, Thread, Value};
use crate::objects::exception::{Exception, Traceback};
use crate::objects::generator::{Generator, state};
use crate::objects::list::ValueBuf;

impl Thread {
    /// Runs the topmost frame, which was pushed with `Return::Exit`, until it ends (or yields, if it is a generator's: then
    /// `vm.yielded` is set).
    #[inline(never)]
    pub(super) fn run(&mut self) -> R<Value> {
        self.run_from(self.depth())
    }

    /// As [`Thread::run`], where the frame with `Return::Exit` is at depth `entry`, and others have been pushed above.
    #[inline(always)]
    pub(super) fn run_from(&mut self, entry: usize) -> R<Value> {
        let level = self.vm.level + 1;
        self.vm.level = level;
        let nested = std::mem::replace(&mut self.vm.nested, 0);
        let roots = std::mem::replace(&mut self.vm.roots_base, self.roots.len());
        // In this frame of the machine stack, and so above all that the handlers put there.
        let mut registers = [0; 8];
        crate::heap::callee_saved(&mut registers);
        let above = std::mem::replace(&mut self.vm.handlers_top, (&raw const registers) as usize);
        let outcome = self.run_at(level, entry);
        self.vm.roots_base = roots;
        std::hint::black_box(&registers);
        self.vm.handlers_top = above;
        self.vm.level = level - 1;
        self.vm.nested = nested;
        outcome
    }

    fn run_at(&mut self, level: usize, entry: usize) -> R<Value> {
        // An exception on its way is in no checkpoint: the break waits until a handler has it in its frame, or native code.
        let mut pending = if std::mem::replace(&mut self.vm.throw, false) {
            Err(Fail::Raise)
        } else if self.vm.must_break {
            self.at_break(level)
        } else {
            Ok(())
        };
        loop {
            if pending.is_ok() {
                let exit = dispatch::enter(self);
                pending = match exit {
                    Exit::Return => match self.leave_level(level) {
                        Ok(()) => return Ok(std::mem::replace(&mut self.vm.result, Value::NULL)),
                        Err(f) => Err(f),
                    },
                    Exit::Fail => Err(self.vm.fail),
                    Exit::Poll => self.poll(level).inspect_err(|_| {
                        // What a signal's handler raises comes before the next instruction, not after the one that lies in front of it:
                        // that may be outside the loop. (An abort puts the frame back.)
                        // SAFETY: the running frame.
                        let frame = unsafe { &mut *self.vm.fp };
                        frame.pc = frame.pc.wrapping_add(1);
                    }),
                    Exit::Break => self.at_break(level),
                    Exit::Next => unreachable!("the trampoline handles it"),
                };
            }
            if let Err(fail) = pending {
                match fail {
                    Fail::Raise => {
                        pending = match self.unwind(entry) {
                            Ok(true) if self.vm.must_break => self.at_break(level),
                            Ok(true) => Ok(()),
                            Ok(false) => match self.leave_level(level) {
                                Ok(()) => return Err(Fail::Raise),
                                Err(f) => Err(f),
                            },
                            Err(f) => Err(f),
                        }
                    }
                    Fail::Abort if self.vm.in_block && self.vm.checkpoint.level == level => {
                        pending = self.rollback()
                    }
                    Fail::Abort => {
                        debug_assert!(level > 1, "an abort without a checkpoint");
                        self.vm.fp = self.vm.stacks.frame(entry - 1);
                        return Err(Fail::Abort);
                    }
                }
            }
        }
    }

    /// Control is about to go from this `run` back to native code. If the block's checkpoint is in here, it can no longer be
    /// used: see `block`, "Levels".
    fn leave_level(&mut self, level: usize) -> R<()> {
        if level == 1 && self.barriers {
            self.commit_block()?;
            self.vm.atomic.clear();
            self.begin_irrevocable();
        } else if self.vm.in_block && self.vm.checkpoint.level == level {
            self.txn.become_irrevocable()?;
            self.vm.checkpoint.level = 0;
            self.vm.must_break = true;
            self.poke();
        }
        Ok(())
    }

    /// Finds the handler of the exception on its way, dropping frames that have none, down to depth `entry`. Whether there is one.
    fn unwind(&mut self, entry: usize) -> R<bool> {
        let exc = self.exc;
        debug_assert!(!exc.is_null(), "Fail::Raise without an exception");
        let mut reraised = std::mem::replace(&mut self.vm.reraise, false);
        loop {
            // SAFETY: `fp` is at or above `entry`, an initialised frame.
            let frame = unsafe { &mut *self.vm.fp };
            let at = frame.last_word();
            if self.vm.in_block {
                let depth = self.depth();
                if depth < self.vm.checkpoint.low {
                    self.save_older(depth);
                }
            }
            if !std::mem::replace(&mut reraised, false) {
                self.add_traceback(exc, at)?;
            }
            let row = frame
                .code
                .unit
                .exceptions
                .iter()
                .find(|e| e.start <= at && at < e.end)
                .filter(|_| !self.is_forced());
            if let Some(row) = row {
                // SAFETY: the table's registers and targets were checked by the compiler's verifier.
                unsafe {
                    *frame.regs.add(row.reg as usize) = exc;
                    frame.pc = frame.start.add(row.target as usize);
                }
                self.exc = Value::NULL;
                return Ok(true);
            }
            self.keep_variables(exc, frame)?;
            if let Some(generator) = frame.extra.cast::<Generator>() {
                self.vm.handled = generator.handled.peek();
                self.set_raw(generator, &generator.state, state::FINISHED)?;
                self.set(generator, &generator.registers, Value::NULL)?;
                if frame.ret == Return::PassOn {
                    super::delegation::settle_parent(self)?;
                }
            }
            // SAFETY: it still is the running frame.
            let ret = unsafe { (*self.vm.fp).ret };
            let depth = self.depth();
            self.vm.fp = self.vm.stacks.frame(depth - 1);
            if depth == entry {
                debug_assert!(ret == Return::Exit);
                return Ok(false);
            }
            if matches!(ret, Return::ForIter | Return::Send)
                && self.is_instance(exc, self.rt.types().exceptions.stop_iteration)
            {
                // A generator cannot let StopIteration out: it became RuntimeError inside.
                debug_assert!(false, "StopIteration left a generator");
            }
        }
    }

    /// The exception leaves `frame`, which is the first in its traceback: what the frame's variables are now can still be asked for.
    fn keep_variables(&mut self, exc: Value, frame: &Frame) -> R<()> {
        let Some(e) = exc.cast::<Exception>() else {
            return Ok(());
        };
        let first = self.get(e, &e.traceback)?;
        let Some(tb) = first.native::<Traceback>() else {
            return Ok(());
        };
        if tb.code != frame.code.value() || tb.ident != self.shared.ident {
            return Ok(());
        }
        let variables = if frame.code.flags & crate::code::flags::OPTIMIZED != 0 {
            // SAFETY: the frame's window is that long; registers that were never written are null.
            let window =
                unsafe { std::slice::from_raw_parts(frame.regs, frame.code.locals as usize) };
            ValueBuf::filled(self, window, window.len()).value()
        } else if frame.namespace.is_null() {
            frame.function.globals
        } else {
            frame.namespace
        };
        self.set(tb, &tb.variables, variables)?;
        let known = self.get(tb, &tb.frame)?;
        crate::modules::sys::frame::left(self, known, variables)
    }

    fn add_traceback(&mut self, exc: Value, at: u32) -> R<()> {
        let Some(e) = exc.cast::<Exception>() else {
            return Ok(());
        };
        // Threads may raise the same object.
        self.own(e)?;
        let Some(frame) = self.frame() else {
            return Ok(());
        };
        let (function, code, line) = (
            frame.function.value(),
            frame.code,
            frame.code.unit.span_at(at).line,
        );
        let class = self.rt.types().traceback;
        let depth = self.depth();
        let next = e.traceback.peek();
        let payload = Traceback {
            next: crate::heap::Slot::new(next.or_none()),
            function,
            frame: crate::heap::Slot::new(Value::NULL),
            code: code.value(),
            variables: crate::heap::Slot::new(Value::NULL),
            depth: depth as u32,
            ident: self.shared.ident,
            lasti: at,
            line: crate::heap::RawSlot::new(line as u64),
        };
        let tb = self.new_native(class, payload).value();
        self.set(e, &e.traceback, tb)
    }
}
