//! Native modules of the standard library, one file (or folder) each.
//!
//! A module file has `pub fn init(th: &mut Thread) -> R<Ref<Module>>`, which makes the module; the table below
//! says which names exist. Importing runs `init` once.

pub mod array;
pub mod codecs;
pub mod math;

use crate::heap::{R, Ref, Thread};
use crate::objects::define::Module;

/// What makes a native module.
pub type Init = fn(&mut Thread) -> R<Ref<Module>>;

/// The native modules.
pub static MODULES: &[(&str, Init)] = &[("array", array::init), ("math", math::init)];
