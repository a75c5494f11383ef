//! From source text to a checked syntax tree and its scopes.

pub mod builder;
pub mod error;
pub mod intern;
pub mod literal;
pub mod parse;
pub mod resolve;
pub mod scope;
pub mod source;
