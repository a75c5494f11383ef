//! Expressions back to text, as `from __future__ import annotations` keeps them.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

/// The text of an expression.
pub fn unparse(src: &str, expr: &Expr) -> String {
    src[expr.range()]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
