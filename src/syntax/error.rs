//! Syntax errors and warnings as the user sees them.

use ruff_text_size::TextRange;

use super::source::LineIndex;

/// Which exception class a syntax error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrKind {
    SyntaxError,
    IndentationError,
    TabError,
    /// The source nests too deeply to be handled (`RecursionError`, `MemoryError`).
    TooDeep,
}

/// A syntax error. Lines from 1, columns in characters from 1; 0 where unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxErr {
    pub kind: ErrKind,
    pub msg: String,
    pub filename: String,
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
    /// The source line, with its newline.
    pub text: Option<String>,
    /// More input could make the source valid (an interactive prompt asks for another line).
    pub incomplete: bool,
    /// Found after parsing. CPython then looks the source line up in the file, and shows none if there is no such file.
    pub late: bool,
}

fn with_newline(line: &str) -> String {
    let line = line.trim_end_matches('\n');
    format!("{line}\n")
}

impl SyntaxErr {
    /// An error without a place.
    pub fn bare(msg: impl Into<String>) -> Self {
        SyntaxErr {
            kind: ErrKind::SyntaxError,
            msg: msg.into(),
            filename: String::new(),
            line: 0,
            col: 0,
            end_line: 0,
            end_col: 0,
            text: None,
            incomplete: false,
            late: false,
        }
    }

    /// An error at a place in the source.
    pub fn at(
        msg: impl Into<String>,
        range: TextRange,
        source: &str,
        lines: &LineIndex,
        filename: &str,
    ) -> Self {
        let span = lines.place(range);
        let chars = |line: u32, col: u32| {
            let text = lines.text(source, line);
            text.get(..col as usize)
                .map_or(col, |before| before.chars().count() as u32)
                + 1
        };
        SyntaxErr {
            kind: ErrKind::SyntaxError,
            msg: msg.into(),
            filename: filename.to_owned(),
            line: span.line,
            col: chars(span.line, span.col),
            end_line: span.end_line,
            end_col: chars(span.end_line, span.end_col),
            text: Some(with_newline(lines.text(source, span.line))),
            incomplete: false,
            late: false,
        }
    }

    /// The same with another class.
    pub fn of(mut self, kind: ErrKind) -> Self {
        self.kind = kind;
        self
    }
}

/// What category a compile-time warning has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarnKind {
    SyntaxWarning,
    DeprecationWarning,
}

/// A warning that compiling gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxWarn {
    pub kind: WarnKind,
    pub msg: String,
    pub line: u32,
}

/// An error or warning with its place as an offset range.
#[derive(Clone, Debug)]
pub struct Problem {
    pub msg: String,
    pub range: TextRange,
}
