//! From source text to a checked syntax tree and its scopes.

pub mod builder;
pub mod error;
pub mod intern;
pub mod literal;
pub mod messages;
pub mod parse;
pub mod resolve;
pub mod scope;
pub mod semantic;
pub mod source;
pub mod tokens;
