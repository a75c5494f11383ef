//! From source text to a checked syntax tree and its scopes.

pub mod builder;
pub mod error;
mod fields;
pub mod intern;
pub mod literal;
mod messages;
pub mod parse;
pub mod resolve;
pub mod scope;
pub mod semantic;
pub mod source;
pub mod tokens;
