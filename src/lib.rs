//! Keelback: a Python 3.14 interpreter with no global lock.

pub mod builtins;
pub mod cli;
pub mod code;
pub mod compile;
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
