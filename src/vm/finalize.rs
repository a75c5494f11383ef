//! What happens to objects that nobody can reach any more: `__del__`, the `finally` of generators, callbacks of weak references.

use crate::code::{CodeUnit, Intrinsic, Op, flags, instr};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::generator::{Generator, state};
use crate::objects::special::Sp;
use crate::objects::weak::WeakRef;

/// Does the exception row lead to code of the script, and not to what every generator has around its body?
fn is_of_script(unit: &CodeUnit, target: u32) -> bool {
    let word = unit.words[target as usize];
    instr::op_of(word) != Op::Intrinsic
        || instr::c_of(word) != Intrinsic::StopIterationError as usize
}

/// May a generator with this code have something to do when it is dropped?
pub(super) fn may_need_closing(unit: &CodeUnit) -> bool {
    unit.flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) != 0
        || unit
            .exceptions
            .iter()
            .any(|row| is_of_script(unit, row.target))
}

/// Has this object, which nobody can reach any more, something to do? Only generators may have not: when they are over, or wait
/// outside of all `try` and `with`.
pub(crate) fn has_last_words(v: Value) -> bool {
    let Some(g) = v.cast::<Generator>() else {
        return true;
    };
    let unit = &g.code_of().unit;
    match g.state.peek() {
        state::CREATED => unit.flags & flags::COROUTINE != 0,
        state::SUSPENDED if !g.finalizer.peek().is_null() => true,
        state::SUSPENDED => {
            let at = g.pc.peek() as u32;
            let row = unit
                .exceptions
                .iter()
                .find(|row| row.start <= at && at < row.end);
            row.is_some_and(|row| is_of_script(unit, row.target))
        }
        _ => false,
    }
}

impl Thread {
    /// Calls the finalizers and callbacks of weak references that are due. Not within a block that may be rolled back.
    pub(crate) fn run_finalizers(&mut self) -> R<()> {
        if self.rt.finalizers.any_found() {
            let in_block = self.vm.in_block;
            self.commit_block()?;
            self.release_found();
            if in_block {
                self.begin_irrevocable();
            }
        }
        let mark = self.roots.len();
        let due = self.rt.finalizers.take_due();
        let callbacks = std::mem::take(&mut *self.rt.state.weak_callbacks.lock());
        for &v in due.iter().chain(&callbacks) {
            self.roots.push(v);
        }
        let kept = self.take_exc();
        for v in due {
            self.finalize(v)?;
        }
        for v in callbacks {
            let Some(weak) = v.native::<WeakRef>() else {
                continue;
            };
            let callback = weak.callback.peek();
            if let Err(f) = self.call(callback, &[v]) {
                self.unraisable(
                    f,
                    "Exception ignored while calling weakref callback",
                    callback,
                )?;
            }
        }
        self.exc = kept;
        self.roots.truncate(mark);
        Ok(())
    }

    /// The finalizers of all objects that live to the end.
    pub(crate) fn run_remaining_finalizers(&mut self) {
        let due = self.rt.finalizers.take_all();
        for &v in &due {
            self.roots.push(v);
        }
        for v in due.into_iter().filter(|v| has_last_words(*v)) {
            if self.finalize(v).is_err() {
                // Nobody is left to pass it on to.
                self.take_exc();
            }
        }
    }

    fn finalize(&mut self, v: Value) -> R<()> {
        if let Some(g) = v.cast::<Generator>() {
            return self.finalize_generator(g);
        }
        let del = self.special(v, Sp::Del);
        match self.call_special(v, Sp::Del, &[]) {
            Ok(_) => Ok(()),
            Err(f) => self.unraisable(f, "Exception ignored while calling deallocator", del),
        }
    }

    fn finalize_generator(&mut self, g: Ref<Generator>) -> R<()> {
        let unit = &g.code_of().unit;
        let finalizer = g.finalizer.peek();
        let done = if unit.flags & flags::COROUTINE != 0 && g.state.peek() == state::CREATED {
            self.warn_never_awaited(g)
        } else if !finalizer.is_null() {
            self.call(finalizer, &[g.value()]).map(|_| ())
        } else {
            super::generator::close(self, g).map(|_| ())
        };
        match done {
            Ok(()) => Ok(()),
            Err(f) => {
                let what = format!("Exception ignored while closing {}", g.what());
                self.unraisable(f, &what, g.value())
            }
        }
    }

    fn warn_never_awaited(&mut self, g: Ref<Generator>) -> R<()> {
        let name = self.get(g, &g.qualname)?;
        let name = self.to_str(name)?;
        super::generator::close(self, g)?;
        let class = self.rt.types().exceptions.runtime_warning;
        crate::modules::warnings::warn(
            self,
            class,
            &format!("coroutine '{name}' was never awaited"),
        )
    }

    /// Reports an exception that nobody can catch to `sys.unraisablehook`; passes aborts on.
    pub fn unraisable(&mut self, f: Fail, what: &str, v: Value) -> R<()> {
        if f == Fail::Abort {
            return Err(f);
        }
        let exc = self.take_exc();
        let of = self.repr(v).map(|s| s.to_string()).unwrap_or_default();
        crate::modules::sys::report_unraisable(self, exc, &format!("{what} {of}"))
    }
}
