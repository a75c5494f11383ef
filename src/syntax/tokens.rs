//! What the tokens alone tell: how deeply the source nests, and faults that CPython's tokenizer finds.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::error::ErrKind;
use super::source::LineIndex;

/// As many brackets may be nested as in CPython.
const MAX_BRACKETS: usize = 200;
/// As many blocks may be nested as in CPython.
const MAX_INDENTS: usize = 100;

/// How deep a syntax tree of these tokens can be, at most.
#[derive(Default)]
pub struct Depth {
    /// Operators and the like at each open bracket, and whether it is an f-string's.
    open: Vec<(u32, bool)>,
    total: u32,
    here: u32,
    /// Lambdas count over commas, which may be in their parameters.
    lambdas: u32,
    indents: u32,
    pub max: u32,
}

impl Depth {
    /// Counts one more token.
    pub fn token(&mut self, kind: TokenKind) {
        match kind {
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                let is_string = matches!(kind, TokenKind::FStringStart | TokenKind::TStringStart);
                self.open.push((self.here, is_string));
                self.total += self.here + 1;
                self.here = 0;
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                if let Some((here, _)) = self.open.pop() {
                    self.total -= here + 1;
                    // A bracket after a value makes a longer chain of calls or subscripts, but fields do not nest.
                    let in_string = self.open.last().is_some_and(|&(_, is_string)| is_string);
                    self.here = if in_string { 0 } else { here + 1 };
                }
            }
            TokenKind::FStringMiddle | TokenKind::TStringMiddle | TokenKind::Comma => {
                self.here = self.lambdas
            }
            TokenKind::Newline | TokenKind::Semi => {
                self.open.clear();
                (self.total, self.here, self.lambdas) = (0, 0, 0);
            }
            TokenKind::Indent => self.indents += 1,
            TokenKind::Dedent => self.indents = self.indents.saturating_sub(1),
            TokenKind::Lambda => {
                self.lambdas += 1;
                self.here += 1;
            }
            // Values do not nest by themselves.
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => {}
            _ => self.here += 1,
        }
        self.max = self.max.max(self.total + self.here + self.indents * 4);
    }
}

/// Something wrong that shows in the tokens.
pub struct Fault {
    pub kind: ErrKind,
    pub msg: String,
    pub range: TextRange,
}

impl Fault {
    fn new(msg: impl Into<String>, range: TextRange) -> Self {
        Fault {
            kind: ErrKind::SyntaxError,
            msg: msg.into(),
            range,
        }
    }
}

/// The first fault in brackets, indentation and numbers, and the brackets left open at the end.
pub fn scan(
    source: &str,
    lines: &LineIndex,
    tokens: &[Token],
) -> (Option<Fault>, Vec<(char, TextSize)>) {
    let mut open: Vec<(char, TextSize)> = Vec::new();
    let mut indents = 0;
    let mut columns: Vec<(u32, u32)> = vec![(0, 0)];
    let mut line_start = true;
    for (at, token) in tokens.iter().enumerate() {
        let range = token.range();
        let kind = token.kind();
        if line_start && !kind.is_trivia() && kind != TokenKind::Indent && kind != TokenKind::Dedent
        {
            line_start = false;
            if open.is_empty()
                && kind != TokenKind::EndOfFile
                && kind != TokenKind::Newline
                && let Some(fault) = indentation(source, lines, range, &mut columns)
            {
                return (Some(fault), open);
            }
        }
        match kind {
            TokenKind::Newline => line_start = true,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                if open.len() >= MAX_BRACKETS {
                    return (Some(Fault::new("too many nested parentheses", range)), open);
                }
                let bracket = source[range].chars().next().unwrap_or('(');
                open.push((bracket, range.start()));
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                let closing = source[range].chars().next().unwrap_or(')');
                let Some((opening, from)) = open.pop() else {
                    return (
                        Some(Fault::new(format!("unmatched '{closing}'"), range)),
                        open,
                    );
                };
                if !matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}')) {
                    let line = lines.line(from.to_u32());
                    let place = if line == lines.line(range.start().to_u32()) {
                        String::new()
                    } else {
                        format!(" on line {line}")
                    };
                    let msg = format!(
                        "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'{place}"
                    );
                    return (Some(Fault::new(msg, range)), open);
                }
            }
            TokenKind::Indent => {
                indents += 1;
                if indents >= MAX_INDENTS {
                    let mut fault = Fault::new("too many levels of indentation", range);
                    fault.kind = ErrKind::IndentationError;
                    return (Some(fault), open);
                }
            }
            TokenKind::Dedent => indents -= 1,
            TokenKind::Int | TokenKind::Float | TokenKind::Complex => {
                if let Some(next) = tokens.get(at + 1)
                    && let Some(fault) = number(source, token, next)
                {
                    return (Some(fault), open);
                }
            }
            _ => {}
        }
    }
    (None, open)
}

/// Checks that the indentation of a line means the same whatever a tab is worth.
fn indentation(
    source: &str,
    lines: &LineIndex,
    first: TextRange,
    columns: &mut Vec<(u32, u32)>,
) -> Option<Fault> {
    let line = lines.line(first.start().to_u32());
    let text = lines.text(source, line);
    let (mut wide, mut narrow) = (0u32, 0u32);
    for c in text.chars() {
        match c {
            ' ' => {
                wide += 1;
                narrow += 1;
            }
            '\t' => {
                wide = (wide / 8 + 1) * 8;
                narrow += 1;
            }
            '\x0c' => (wide, narrow) = (0, 0),
            _ => break,
        }
    }
    let tab_error = || Fault {
        kind: ErrKind::TabError,
        msg: "inconsistent use of tabs and spaces in indentation".to_owned(),
        range: TextRange::empty(first.start()),
    };
    while let Some(&(top_wide, top_narrow)) = columns.last() {
        if wide == top_wide {
            return (narrow != top_narrow).then(tab_error);
        }
        if wide > top_wide {
            if narrow <= top_narrow {
                return Some(tab_error());
            }
            columns.push((wide, narrow));
            return None;
        }
        columns.pop();
        if columns.last().is_some_and(|&(below, _)| below < wide) {
            // No such level outside: the parser reports it.
            columns.push((wide, narrow));
            return None;
        }
    }
    None
}

/// A number that runs into what follows: `1a`, `1__0`, `0b12`.
fn number(source: &str, token: &Token, next: &Token) -> Option<Fault> {
    let text = &source[token.range()];
    let end = token.range().end();
    if next.range().start() != end || next.range().is_empty() {
        return None;
    }
    let following = &source[next.range()];
    let first = following.chars().next()?;
    let digit_at = |at: TextSize| TextRange::at(at, TextSize::new(1));
    let last = TextRange::new(end - TextSize::new(1), end);
    let prefix = text.get(..2).unwrap_or_default().to_ascii_lowercase();
    let name = match prefix.as_str() {
        "0x" => "hexadecimal",
        "0o" => "octal",
        "0b" => "binary",
        _ if token.kind() == TokenKind::Complex => "imaginary",
        _ => "decimal",
    };
    if first.is_ascii_digit() {
        if matches!(name, "octal" | "binary") {
            return Some(Fault::new(
                format!("invalid digit '{first}' in {name} literal"),
                digit_at(end),
            ));
        }
        if text.starts_with('0') && text.chars().all(|c| c == '0' || c == '_') {
            return Some(leading_zeros(token.range()));
        }
        return None;
    }
    if !(first.is_alphabetic() || first == '_') {
        return None;
    }
    // `1if x else 2` is allowed, with a warning.
    let word: String = following
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    if matches!(
        word.as_str(),
        "and" | "else" | "for" | "if" | "in" | "is" | "or" | "not"
    ) {
        return None;
    }
    let at = if first == '_' { digit_at(end) } else { last };
    Some(Fault::new(format!("invalid {name} literal"), at))
}

/// The error of `012`.
pub fn leading_zeros(range: TextRange) -> Fault {
    Fault::new(
        "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        TextRange::at(range.start(), TextSize::new(1)),
    )
}

/// The error of a number with a prefix and no digits.
pub fn no_digits(source: &str, range: TextRange) -> Fault {
    let end = range.end();
    let next = source[end.to_usize()..].chars().next().unwrap_or('\n');
    let name = match source.as_bytes().get(range.start().to_usize() + 1) {
        Some(b'x' | b'X') => "hexadecimal",
        Some(b'o' | b'O') => "octal",
        _ => "binary",
    };
    if next.is_ascii_digit() {
        let at = TextRange::at(end, TextSize::new(1));
        return Fault::new(format!("invalid digit '{next}' in {name} literal"), at);
    }
    let last = TextRange::new(end - TextSize::new(1), end);
    Fault::new(format!("invalid {name} literal"), last)
}
