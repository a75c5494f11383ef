//! Keelback: a Python 3.14 interpreter with no global lock.

pub mod code;
pub mod library;
pub mod text;
