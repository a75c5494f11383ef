//! Values, objects, memory, barriers, collection. All of the heap's `unsafe` is here.
//!
//! Read first: `object` (what an object is, and the rule for native code), `barrier` (how its mutable
//! parts are read and written), `space` (memory), `collect`, `world` (stopping threads), `thread`.

pub mod barrier;
pub mod collect;
pub mod object;
pub mod runtime;
pub mod space;
pub mod thread;
pub mod value;
pub mod world;

pub use barrier::{Fail, R};
pub use collect::Tracer;
pub use object::{Header, Kind, Layout, RawSlot, Ref, Slot};
pub use runtime::{ExecMode, Runtime};
pub(crate) use thread::callee_saved;
pub use thread::{Roots, Thread};
pub use value::Value;
