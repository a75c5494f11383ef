//! What the harness hears of the engine, and what it may change: without the feature `harness`, nothing, at no cost.
//!
//! The engine tells what its blocks do ([`tell`]), and asks whether a check is switched off ([`is_off`]), which only a test of the harness
//! itself ever does: one that cannot find an engine without a check proves nothing about one that has it.

/// One of the checks that the engine's correctness rests on.
///
/// ```
/// # #[cfg(feature = "harness")] {
/// use keelback_stm::harness::{Check, EngineTest, Executor};
/// let broken = EngineTest::new().without(Check::ExtensionValidation);
/// assert!(broken.executor(Executor::Shuttle).check().is_err());
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "harness"), allow(dead_code))]
pub enum Check {
    /// A block that commits sees that all it has read still stands.
    CommitValidation,
    /// A read looks at the version word again after its loads.
    SecondLook,
    /// An abort lets go of an object with a word that it never had before.
    BumpOnAbort,
    /// A block that moves its read time forward sees that all it has read still stands.
    ExtensionValidation,
    /// A rollback puts back what the last entry of the undo log says.
    LastUndo,
}

#[cfg(not(feature = "harness"))]
mod none {
    use super::Check;

    /// Whether the check is switched off.
    #[inline(always)]
    pub(crate) const fn is_off(_: Check) -> bool {
        false
    }
}
#[cfg(not(feature = "harness"))]
pub(crate) use none::is_off;

#[cfg(feature = "harness")]
mod some {
    use std::any::Any;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::{Duration, Instant};

    use super::Check;
    use crate::stats::Cause;

    impl Check {
        /// All of them.
        pub const ALL: [Check; 5] = [
            Check::CommitValidation,
            Check::SecondLook,
            Check::BumpOnAbort,
            Check::ExtensionValidation,
            Check::LastUndo,
        ];
    }

    /// Something that a block, or the program around it, has done.
    ///
    /// ```
    /// use keelback_stm::harness::{History, What};
    /// assert!(History::default().events.iter().all(|e| e.what != What::Begin));
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum What {
        /// A variable was made.
        Made {
            /// Its address, which may have belonged to another one before.
            var: usize,
            /// What stands in its word: the value, or the address of its box.
            word: u64,
            /// The value as people write it, if it is of a common type.
            shown: Option<String>,
        },
        /// A variable was given a name.
        Named {
            /// Its address, which may have belonged to another one before.
            var: usize,
            /// The name.
            name: String,
        },
        /// A block has begun.
        Begin,
        /// It has read a variable, at this version; at none, if the variable is its own.
        Read {
            /// Its address, which may have belonged to another one before.
            var: usize,
            /// What stands in its word: the value, or the address of its box.
            word: u64,
            /// The value as people write it, if it is of a common type.
            shown: Option<String>,
            /// See above.
            version: Option<u64>,
        },
        /// It has written to a variable, and its undo log has then so many entries.
        Write {
            /// Its address, which may have belonged to another one before.
            var: usize,
            /// What stands in its word: the value, or the address of its box.
            word: u64,
            /// The value as people write it, if it is of a common type.
            shown: Option<String>,
            /// So many.
            undo: usize,
        },
        /// It was rolled back to where its undo log had so many entries.
        RolledBack {
            /// So many.
            undo: usize,
        },
        /// It has committed: at this time; at none, if it wrote nothing.
        Commit {
            /// See above.
            version: Option<u64>,
        },
        /// It was rolled back.
        Abort {
            /// Why.
            cause: Cause,
        },
        /// What the program says of itself.
        Note(String),
    }

    /// What decides how the tasks of a run take turns, and listens to them.
    pub trait Probe {
        /// Before a step that other tasks could notice: may let them run first.
        fn point(&self);
        /// The task waits for another one.
        fn pause(&self);
        /// The task sleeps, until `done`, or for so long of the probe's time.
        fn sleep(&self, done: &dyn Fn() -> bool, limit: Option<Duration>);
        /// Somebody may have been woken.
        fn notified(&self);
        /// The time.
        fn now(&self) -> Instant;
        /// Any number.
        fn random(&self) -> u64;
        /// A number for an address that is the same in each run.
        fn place(&self, address: usize) -> usize;
        /// Whether several tasks share a thread of the system.
        fn has_tasks(&self) -> bool;
        /// Whether a check is switched off.
        fn is_off(&self, check: Check) -> bool;
        /// Takes something down.
        fn tell(&self, what: What);
    }

    thread_local! {
        static PROBE: RefCell<Option<Rc<dyn Probe>>> = const { RefCell::new(None) };
    }

    /// Calls `f` with the thread's probe, if it has one.
    pub(crate) fn with_probe<R>(f: impl FnOnce(&dyn Probe) -> R) -> Option<R> {
        // A borrow that lasts while other tasks of the thread run: they borrow it too. It is replaced when there are none.
        let call = |probe: &RefCell<Option<Rc<dyn Probe>>>| probe.borrow().as_deref().map(f);
        PROBE.try_with(call).ok().flatten()
    }

    /// As [`with_probe`], but not while the thread unwinds: then no other task of it should run, which would be thought to unwind too.
    pub(crate) fn ask(f: impl FnOnce(&dyn Probe)) -> Option<()> {
        with_probe(|p| {
            if !std::thread::panicking() {
                f(p);
            }
        })
    }

    /// Calls `f` with this as the thread's probe.
    pub(crate) fn under<R>(probe: Rc<dyn Probe>, f: impl FnOnce() -> R) -> R {
        struct Back(Option<Rc<dyn Probe>>);
        impl Drop for Back {
            fn drop(&mut self) {
                PROBE.set(self.0.take());
            }
        }
        let _back = Back(PROBE.replace(Some(probe)));
        f()
    }

    /// Whether the check is switched off.
    pub(crate) fn is_off(check: Check) -> bool {
        with_probe(|p| p.is_off(check)) == Some(true)
    }

    /// Tells the probe, if there is one.
    pub(crate) fn tell(what: impl FnOnce() -> What) {
        with_probe(|p| p.tell(what()));
    }

    /// A value as people write it, if it is of a common type.
    pub(crate) fn show<T: 'static>(value: &T) -> Option<String> {
        let value: &dyn Any = value;
        macro_rules! one_of {
            ($($type:ty),*) => {
                $(if let Some(value) = value.downcast_ref::<$type>() {
                    return Some(format!("{value:?}"));
                })*
            };
        }
        one_of!(
            i8,
            i16,
            i32,
            i64,
            isize,
            u8,
            u16,
            u32,
            u64,
            usize,
            f32,
            f64,
            bool,
            char,
            (),
            String,
            &'static str
        );
        None
    }
}
#[cfg(feature = "harness")]
pub use some::What;
#[cfg(feature = "harness")]
pub(crate) use some::{Probe, ask, is_off, show, tell, under, with_probe};
