//! Keelback: a Python 3.14 interpreter with no global lock.
//!
//! A Rust program runs Python in a [`Vm`]; all else in here is how it works.

pub mod builtins;
pub mod cli;
pub mod code;
pub mod compile;
pub mod embed;
pub mod heap;
pub mod interpreter;
pub mod library;
pub mod modules;
pub mod objects;
pub mod report;
pub mod syntax;
pub mod text;
pub mod threads;
pub mod vm;

pub use embed::Vm;
