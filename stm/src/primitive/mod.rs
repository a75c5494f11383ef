//! Every atomic, lock, wait, clock and thread-local that the engine uses comes through here, so that a scheduler that tries interleavings can be slipped
//! underneath without touching the algorithm.
//!
//! `real.rs` has the standard library's, and costs nothing. `tested.rs` (feature `harness`) has the same under the same names, which first ask the
//! thread's [`Probe`](crate::probe::Probe), if it has one.

#[cfg(not(feature = "harness"))]
mod real;
#[cfg(feature = "harness")]
mod tested;

pub use std::sync::atomic::{Ordering, fence};
pub use std::sync::{Arc, OnceLock};

#[cfg(not(feature = "harness"))]
pub use real::*;
#[cfg(feature = "harness")]
pub use tested::*;
