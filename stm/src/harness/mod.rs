//! Property tests for concurrent code: programs that nobody thought of, under schedules that nobody would meet, made small when they fail.
//!
//! [`Test`] is for code that uses this crate: a state, operations, what must hold. [`EngineTest`] is for the crate itself.
//!
//! ```should_panic
//! use keelback_stm::{TVar, atomically, harness::Test};
//!
//! Test::new(|| TVar::new(0))
//!     .operation("add", 1..10i64, |n, more| {
//!         let now = n.get();
//!         n.set(now + more); // the bug: another one may have added in between
//!     })
//!     .as_if_serial(|n| n.get())
//!     .run();
//! ```
//!
//! panics with a report: the two calls that it takes, who is interrupted where, and the seed to see it again.
//!
//! # How it works
//!
//! A *case* is a program, which thread does what, and a [`Schedule`], who is interrupted when: both come from `proptest`, so both get smaller when a case
//! fails (`search.rs`, `schedule.rs`, `program.rs`). It is *run* (`run.rs`) by one of two executors. Under `shuttle`, one thread runs at a time, and can be
//! interrupted before each step that others could notice, which are the engine's atomic operations and locks; there a case has one outcome. On threads of
//! the system, which give way at random, more happens at a time, also what no order of steps explains; a failure seen there is looked for
//! under `shuttle` before it is made smaller.
//!
//! Meanwhile the engine tells what each attempt of a transaction reads and writes. From this [`History`] the *checker* (`check.rs`) finds out
//! whether there is a serial order, and whether each attempt, also one that was rolled back, saw one consistent state. What it finds it calls by the name that the
//! literature has for it ([`Anomaly`]). The engine's own test also runs the program on a model without any concurrency, in the order of the commits, and compares
//! what each operation of each collection has returned; and who sleeps in `retry` must have a reason to.
//!
//! # What it does not see
//!
//! Under `shuttle` all steps have one order that everybody sees, so that an ordering too weak for the processor is not found there (the thread sanitizer and
//! the threads of the system are there for that). Code that shares data by other means than this crate's variables is interrupted only where it uses
//! them.

mod check;
mod history;
mod program;
mod run;
mod schedule;
mod search;
mod test;

pub use crate::probe::{Check, What};
pub use check::{Anomaly, Found, Serial, check};
pub use history::{Access, Attempt, Event, Fate, History, Var};
pub use program::{Answer, Block, Op, Program};
pub use run::Executor;
pub use schedule::{Schedule, Turn};
pub use search::{Report, Tried};
pub use test::{EngineTest, Test};
