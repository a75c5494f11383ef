//! Runs the parser, with enough stack for what the source needs.

use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, lexer, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::error::{ErrKind, SyntaxErr};
use super::messages::Explainer;
use super::source::LineIndex;
use super::tokens::{Depth, scan};

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
}

/// Deeper trees are refused. CPython's own limits are of the same order.
const MAX_DEPTH: u32 = 10_000;
/// Stack that a compilation needs at any depth, and for each level of the tree.
const BASE_STACK: usize = 1 << 20;
const STACK_PER_LEVEL: usize = 16 << 10;
/// Sources longer than this are checked before the parser, whose own stack grows with the nesting, sees them.
const LONG_SOURCE: usize = 200_000;

/// Parses `source` (whose newlines are `\n`) and hands the tree to `work`, all on a stack that is large enough.
pub fn with_tree<T>(
    source: &str,
    kind: Kind,
    filename: &str,
    work: impl FnOnce(&Tree) -> T,
) -> Result<T, SyntaxErr> {
    if u32::try_from(source.len()).is_err() {
        return Err(SyntaxErr::bare("source code is too large"));
    }
    let lines = LineIndex::new(source);
    if let Some(at) = memchr::memchr(0, source.as_bytes()) {
        let range = TextRange::empty(TextSize::new(at as u32));
        let msg = "source code cannot contain null bytes";
        return Err(SyntaxErr::at(msg, range, source, &lines, filename));
    }
    let mode = match kind {
        Kind::Expression => Mode::Expression,
        Kind::Module | Kind::Interactive => Mode::Module,
    };
    if source.len() > LONG_SOURCE {
        let mut lexer = lexer::lex(source, mode);
        let mut depth = Depth::default();
        loop {
            let token = lexer.next_token();
            depth.token(token);
            if depth.max > MAX_DEPTH {
                return Err(too_deep(filename));
            }
            if token.is_eof() {
                break;
            }
        }
    }
    let parsed = parse_unchecked(source, ParseOptions::from(mode));
    let mut depth = Depth::default();
    for token in parsed.tokens().iter() {
        depth.token(token.kind());
    }
    let stack = BASE_STACK + depth.max.min(MAX_DEPTH * 20) as usize * STACK_PER_LEVEL;
    stacker::maybe_grow(stack, stack, || {
        if depth.max > MAX_DEPTH {
            return Err(too_deep(filename));
        }
        let tree = accept(source, kind, filename, lines, parsed)?;
        Ok(work(&tree))
    })
}

fn too_deep(filename: &str) -> SyntaxErr {
    let mut err =
        SyntaxErr::bare("maximum recursion depth exceeded during compilation").of(ErrKind::TooDeep);
    err.filename = filename.to_owned();
    err
}

fn accept(
    source: &str,
    kind: Kind,
    filename: &str,
    lines: LineIndex,
    parsed: Parsed<Mod>,
) -> Result<Tree, SyntaxErr> {
    let explainer = Explainer {
        source,
        lines: &lines,
        tokens: parsed.tokens(),
        filename,
    };
    if !parsed.errors().is_empty() {
        return Err(explainer.explain(parsed.errors()));
    }
    // The parser does not know CPython's limits on nesting, and takes some mixtures of tabs and spaces.
    if let (Some(fault), _) = scan(source, &lines, parsed.tokens()) {
        let mut err = SyntaxErr::at(fault.msg, fault.range, source, &lines, filename);
        err.kind = fault.kind;
        return Err(err);
    }
    if let (Kind::Interactive, Mod::Module(module)) = (kind, parsed.syntax()) {
        let one_line = match &module.body[..] {
            [first, .., last] => {
                lines.line(first.end().to_u32()) == lines.line(last.start().to_u32())
            }
            _ => true,
        };
        if !one_line {
            let msg = "multiple statements found while compiling a single statement";
            return Err(SyntaxErr::at(
                msg,
                module.body[1].range(),
                source,
                &lines,
                filename,
            ));
        }
    }
    Ok(Tree {
        syntax: parsed.into_syntax(),
        lines,
    })
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
