//! The parser's errors in the words of CPython.
//!
//! CPython reports what its tokenizer finds anywhere in the file before what its parser finds; then a
//! bracket that is never closed, if the error comes on a later line; then the parser's own error.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::{Expr, StringFlags};
use ruff_python_parser::{
    InterpolatedStringErrorType as Interpolated, LexicalErrorType, ParseError, ParseErrorType,
    parse_parenthesized_expression_range,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::error::{ErrKind, SyntaxErr};
use super::source::LineIndex;
use super::tokens::{Fault, leading_zeros, no_digits, scan};

/// What is known when an error is explained.
pub struct Explainer<'a> {
    pub source: &'a str,
    pub lines: &'a LineIndex,
    pub tokens: &'a [Token],
    pub filename: &'a str,
}

const INVALID: &str = "invalid syntax";

impl Explainer<'_> {
    /// The error to report, of all those that the parser found.
    pub fn explain(&self, errors: &[ParseError]) -> SyntaxErr {
        let (fault, open) = scan(self.source, self.lines, self.tokens);
        // After a field that could not be read, its end is no fault of its own.
        let first_start = errors.iter().map(|error| error.location.start()).min();
        let unread = errors.iter().any(|error| {
            matches!(
                error.error,
                ParseErrorType::FStringError(Interpolated::UnclosedLbrace)
                    | ParseErrorType::TStringError(Interpolated::UnclosedLbrace)
            )
        });
        let lexical = errors
            .iter()
            .filter(|error| {
                let later = first_start.is_some_and(|start| start < error.location.start());
                !((unread || later) && is_single_brace(error))
            })
            .filter_map(|error| self.lexical(error))
            .min_by_key(|fault| fault.range.start());
        let fault = match (fault, lexical) {
            (Some(a), Some(b)) if b.range.start() < a.range.start() => Some(b),
            (a, b) => a.or(b),
        };
        let end = TextSize::of(self.source.trim_end());
        if let Some(fault) = fault {
            let fault = self.unmatched_in_field(fault);
            let mut err = self.error(&fault);
            err.incomplete = fault.msg.starts_with("unterminated triple-quoted");
            return err;
        }
        let Some(first) = errors.iter().min_by_key(|error| error.location.start()) else {
            return SyntaxErr::bare(INVALID);
        };
        let fault = self.parse_error(first);
        let at_end = first.location.start() >= end;
        if let Some(&(bracket, from)) = open.last() {
            let line = self.lines.line(from.to_u32());
            if at_end || self.lines.line(first.location.start().to_u32()) > line {
                let msg = format!("'{bracket}' was never closed");
                let mut err = self.error(&Fault {
                    kind: ErrKind::SyntaxError,
                    msg,
                    range: TextRange::at(from, TextSize::new(1)),
                });
                err.incomplete = at_end;
                return err;
            }
        }
        let fault = if fault.msg == INVALID {
            self.in_field(fault)
        } else {
            fault
        };
        let mut err = self.error(&fault);
        // Whatever is wrong where the input ends may become right with more of it.
        let found = self.tokens.get(self.token_at(first.location.start()));
        let at_eof = found
            .is_none_or(|token| matches!(token.kind(), TokenKind::EndOfFile | TokenKind::Dedent));
        err.incomplete = at_end && (at_eof || fault.kind == ErrKind::IndentationError)
            || fault.msg.starts_with("unexpected EOF");
        err
    }

    fn error(&self, fault: &Fault) -> SyntaxErr {
        // A range over the end of the line means the newline itself.
        let start = fault.range.start();
        let line_end = memchr::memchr(b'\n', &self.source.as_bytes()[start.to_usize()..])
            .map_or(self.source.len(), |at| start.to_usize() + at);
        let mut range = fault.range;
        let stops_after_newline = range.end().to_usize() == line_end + 1;
        if stops_after_newline {
            range = TextRange::new(start, TextSize::new(line_end as u32));
        }
        let mut err = SyntaxErr::at(
            fault.msg.clone(),
            range,
            self.source,
            self.lines,
            self.filename,
        );
        if stops_after_newline {
            err.end_col += 1;
        }
        err.kind = fault.kind;
        err
    }

    fn invalid(&self, range: TextRange) -> Fault {
        self.fault(INVALID, range)
    }

    fn fault(&self, msg: impl Into<String>, range: TextRange) -> Fault {
        Fault {
            kind: ErrKind::SyntaxError,
            msg: msg.into(),
            range,
        }
    }

    /// Index of the token that starts at an offset, or of the first after it.
    pub(super) fn token_at(&self, offset: TextSize) -> usize {
        self.tokens
            .partition_point(|token| token.range().start() < offset)
    }

    /// The token before `index` that is not trivia.
    fn before(&self, index: usize) -> Option<&Token> {
        self.tokens[..index.min(self.tokens.len())]
            .iter()
            .rev()
            .find(|token| !token.kind().is_trivia() && !token.range().is_empty())
    }

    /// The string token that holds an offset.
    fn string_around(&self, offset: TextSize) -> Option<&Token> {
        let after = self
            .tokens
            .partition_point(|token| token.range().start() <= offset);
        self.tokens[..after]
            .iter()
            .rev()
            .find(|token| token.string_flags().is_some())
    }

    /// The start of the f-string or t-string that is open at an offset.
    pub(super) fn interpolated_start(&self, offset: TextSize) -> Option<&Token> {
        let mut depth = 0;
        let after = self
            .tokens
            .partition_point(|token| token.range().start() < offset);
        for token in self.tokens[..after].iter().rev() {
            match token.kind() {
                TokenKind::FStringEnd | TokenKind::TStringEnd => depth += 1,
                TokenKind::FStringStart | TokenKind::TStringStart if depth == 0 => {
                    return Some(token);
                }
                TokenKind::FStringStart | TokenKind::TStringStart => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// What CPython's tokenizer, or its reading of string literals, reports.
    fn lexical(&self, error: &ParseError) -> Option<Fault> {
        let range = error.location;
        let kind = match &error.error {
            ParseErrorType::Lexical(kind) => kind,
            ParseErrorType::FStringError(kind) => {
                return self.interpolated("f-string", kind, range);
            }
            ParseErrorType::TStringError(kind) => {
                return self.interpolated("t-string", kind, range);
            }
            _ => return None,
        };
        Some(match kind {
            LexicalErrorType::UnclosedStringError => {
                let flags = self
                    .string_around(range.start())
                    .and_then(|token| token.string_flags());
                let text = &self.source[range];
                let triple = flags.is_some_and(|flags| flags.is_triple_quoted())
                    || text.contains("\"\"\"")
                    || text.contains("'''");
                self.unterminated("string", triple, range.start())
            }
            LexicalErrorType::FStringError(kind) => {
                return self.interpolated("f-string", kind, range);
            }
            LexicalErrorType::TStringError(kind) => {
                return self.interpolated("t-string", kind, range);
            }
            LexicalErrorType::IndentationError => Fault {
                kind: ErrKind::IndentationError,
                msg: "unindent does not match any outer indentation level".to_owned(),
                range: TextRange::empty(self.line_end(range.start())),
            },
            LexicalErrorType::UnrecognizedToken { tok } if tok.is_ascii() => return None,
            LexicalErrorType::UnrecognizedToken { tok } => {
                let code = *tok as u32;
                let msg = if tok.is_control() || tok.is_whitespace() || is_invisible(*tok) {
                    format!("invalid non-printable character U+{code:04X}")
                } else {
                    format!("invalid character '{tok}' (U+{code:04X})")
                };
                self.fault(msg, range)
            }
            LexicalErrorType::LineContinuationError => {
                let at = TextRange::at(range.start() + TextSize::new(1), TextSize::new(0));
                self.fault("unexpected character after line continuation character", at)
            }
            LexicalErrorType::UnicodeError
            | LexicalErrorType::MissingUnicodeLbrace
            | LexicalErrorType::MissingUnicodeRbrace
            | LexicalErrorType::StringError => self.bad_escape(range.start()),
            LexicalErrorType::InvalidByteLiteral => {
                let whole = self
                    .string_around(range.start())
                    .map_or(range, |token| token.range());
                self.fault("bytes can only contain ASCII literal characters", whole)
            }
            LexicalErrorType::OtherError(msg) if msg.contains("ParseIntError") => {
                no_digits(self.source, range)
            }
            LexicalErrorType::OtherError(msg) if msg.contains("Invalid decimal integer") => {
                leading_zeros(range)
            }
            LexicalErrorType::OtherError(msg) if msg.contains("ParseFloatError") => {
                self.fault("invalid decimal literal", range)
            }
            LexicalErrorType::Eof | LexicalErrorType::OtherError(_) => return None,
        })
    }

    fn line_end(&self, offset: TextSize) -> TextSize {
        let rest = &self.source.as_bytes()[offset.to_usize()..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        offset + TextSize::new(length as u32)
    }

    fn unterminated(&self, what: &str, triple: bool, start: TextSize) -> Fault {
        let quotes = if triple { "triple-quoted " } else { "" };
        let line = if triple {
            self.lines
                .line(TextSize::of(self.source.trim_end_matches('\n')).to_u32())
        } else {
            // A backslash may continue the string on further lines.
            let mut end = self.line_end(start);
            while self.source[..end.to_usize()].ends_with('\\')
                && end.to_usize() < self.source.len()
            {
                end = self.line_end(end + TextSize::new(1));
            }
            self.lines.line(end.to_u32())
        };
        self.fault(
            format!("unterminated {quotes}{what} literal (detected at line {line})"),
            TextRange::empty(start),
        )
    }

    fn interpolated(&self, what: &str, kind: &Interpolated, range: TextRange) -> Option<Fault> {
        let start = self
            .interpolated_start(range.start())
            .map_or(range.start(), |token| token.range().start());
        Some(match kind {
            Interpolated::UnterminatedString => self.unterminated(what, false, start),
            Interpolated::UnterminatedTripleQuotedString => self.unterminated(what, true, start),
            Interpolated::SingleRbrace => {
                self.fault(format!("{what}: single '}}' is not allowed"), range)
            }
            Interpolated::LambdaWithoutParentheses => self.fault(
                format!("{what}: lambda expressions are not allowed without parentheses"),
                range,
            ),
            // The others are the parser's.
            _ => return None,
        })
    }

    /// An escape that cannot be decoded. `at` is within or just after it.
    fn bad_escape(&self, at: TextSize) -> Fault {
        let Some(token) = self.string_around(at) else {
            return self.invalid(TextRange::empty(at));
        };
        let range = token.range();
        let flags = token.string_flags();
        let is_bytes = flags.is_some_and(|flags| flags.prefix().text_len() > TextSize::new(0))
            && self.source[range].starts_with(['b', 'B', 'r', 'R'])
            && self.source[range]
                .chars()
                .take(2)
                .any(|c| matches!(c, 'b' | 'B'));
        let middle = matches!(
            token.kind(),
            TokenKind::FStringMiddle | TokenKind::TStringMiddle
        );
        let opener = match flags {
            Some(flags) if !middle => flags.opener_len(),
            _ => TextSize::new(0),
        };
        let content = &self.source[(range.start() + opener).to_usize()..];
        let limit = (at - range.start() - opener).to_usize().min(content.len());
        let Some(backslash) = content.get(..limit).and_then(|before| before.rfind('\\')) else {
            return self.invalid(range);
        };
        let escape = &content[backslash + 1..];
        let start = content[..backslash].len();
        let hex = |escape: &str, digits: usize| {
            escape
                .bytes()
                .skip(1)
                .take(digits)
                .take_while(u8::is_ascii_hexdigit)
                .count()
        };
        let (problem, length) = match escape.chars().next() {
            Some('x') if is_bytes => {
                return self.fault(
                    format!("(value error) invalid \\x escape at position {start}"),
                    range,
                );
            }
            Some('x') => ("truncated \\xXX escape", 2 + hex(escape, 2)),
            Some('u') => ("truncated \\uXXXX escape", 2 + hex(escape, 4)),
            Some('U') if hex(escape, 8) == 8 => ("illegal Unicode character", 10),
            Some('U') => ("truncated \\UXXXXXXXX escape", 2 + hex(escape, 8)),
            Some('N') if escape[1..].starts_with('{') && escape.contains('}') => (
                "unknown Unicode character name",
                2 + escape.find('}').unwrap_or(0),
            ),
            Some('N') => ("malformed \\N character escape", 2),
            _ => return self.invalid(range),
        };
        let last = start + length - 1;
        self.fault(
            format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {start}-{last}: {problem}"),
            range,
        )
    }

    fn parse_error(&self, error: &ParseError) -> Fault {
        let range = error.location;
        let index = self.token_at(range.start());
        let found = self
            .tokens
            .get(index)
            .map_or(TokenKind::EndOfFile, Token::kind);
        let previous = self.before(index);
        let previous_kind = previous.map(Token::kind);
        match &error.error {
            ParseErrorType::ExpectedToken { expected, found } => {
                self.expected(*expected, *found, range, index)
            }
            ParseErrorType::FStringError(kind) => self.replacement_field("f-string", kind, range),
            ParseErrorType::TStringError(kind) => self.replacement_field("t-string", kind, range),
            ParseErrorType::InvalidAssignmentTarget => self.assignment_target(range),
            ParseErrorType::InvalidNamedAssignmentTarget => self.fault(
                format!(
                    "cannot use assignment expressions with {}",
                    self.expr_name(range)
                ),
                range,
            ),
            ParseErrorType::InvalidAnnotatedAssignmentTarget => {
                self.fault("illegal target for annotation", range)
            }
            ParseErrorType::InvalidAugmentedAssignmentTarget => self.fault(
                format!(
                    "'{}' is an illegal expression for augmented assignment",
                    self.expr_name(range)
                ),
                range,
            ),
            ParseErrorType::InvalidDeleteTarget => {
                self.fault(format!("cannot delete {}", self.expr_name(range)), range)
            }
            ParseErrorType::PositionalAfterKeywordArgument => self.fault(
                "positional argument follows keyword argument",
                self.closing_bracket(index),
            ),
            ParseErrorType::PositionalAfterKeywordUnpacking => self.fault(
                "positional argument follows keyword argument unpacking",
                self.closing_bracket(index),
            ),
            ParseErrorType::InvalidArgumentUnpackingOrder => self.fault(
                "iterable argument unpacking follows keyword argument unpacking",
                range,
            ),
            ParseErrorType::UnparenthesizedGeneratorExpression => {
                let start = self.statement_start(index);
                match self.tokens.get(start).map(Token::kind) {
                    Some(TokenKind::Class) => {
                        let comes = self.tokens[index..]
                            .iter()
                            .find(|token| token.kind() == TokenKind::For);
                        self.invalid(comes.map_or(range, |token| token.range()))
                    }
                    _ => self.fault("Generator expression must be parenthesized", range),
                }
            }
            ParseErrorType::InvalidStarredExpressionUsage => {
                let next = self.tokens.get(index + 1);
                match next {
                    Some(next) if !starts_expression(next.kind()) => {
                        self.fault("Invalid star expression", next.range())
                    }
                    _ => match previous_kind {
                        Some(TokenKind::Colon) if self.in_dict(index) => self.fault(
                            "cannot use a starred expression in a dictionary value",
                            TextRange::at(range.start(), TextSize::new(1)),
                        ),
                        // An item of a display up to here: what comes after it is wrong.
                        Some(TokenKind::Lbrace | TokenKind::Lsqb) => {
                            let next = self.tokens.get(self.token_at(range.end()));
                            self.invalid(next.map_or(range, |next| next.range()))
                        }
                        _ if index > 0 && self.tokens[index - 1].kind() == TokenKind::Lpar => {
                            self.fault("cannot use starred expression here", range)
                        }
                        _ => self.invalid(TextRange::at(range.start(), TextSize::new(1))),
                    },
                }
            }
            ParseErrorType::IterableUnpackingInComprehension => {
                self.fault("iterable unpacking cannot be used in comprehension", range)
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam => self.fault(
                "parameter without a default follows parameter with a default",
                range,
            ),
            ParseErrorType::ParamAfterVarKeywordParam => {
                self.fault("arguments cannot follow var-keyword argument", range)
            }
            ParseErrorType::VarParameterWithDefault => {
                let before = index
                    .checked_sub(2)
                    .and_then(|at| self.tokens.get(at))
                    .map(Token::kind);
                let what = match before {
                    Some(TokenKind::DoubleStar) => "var-keyword",
                    _ => "var-positional",
                };
                self.fault(format!("{what} argument cannot have default value"), range)
            }
            ParseErrorType::ExpectedKeywordParam => {
                self.fault("named arguments must follow bare *", range)
            }
            ParseErrorType::EmptyImportNames if found != TokenKind::Newline => self.invalid(range),
            ParseErrorType::EmptyImportNames => self.fault(
                "Expected one or more names after 'import'",
                TextRange::empty(range.start()),
            ),
            ParseErrorType::EmptyTypeParams => {
                self.fault("Type parameter list cannot be empty", range)
            }
            ParseErrorType::InvalidMatchPatternTarget => match previous_kind {
                Some(TokenKind::DoubleStar) => self.invalid(range),
                _ => self.fault("cannot use '_' as a target", range),
            },
            ParseErrorType::ExpectedImaginaryNumber => {
                self.fault("imaginary number required in complex literal", range)
            }
            ParseErrorType::ExpectedRealNumber => {
                self.fault("real number required in complex literal", range)
            }
            ParseErrorType::UnexpectedIndentation => Fault {
                kind: ErrKind::IndentationError,
                msg: "unexpected indent".to_owned(),
                // One column to the left of the statement: no marker is shown for it.
                range: TextRange::empty(range.end() - TextSize::new(1)),
            },
            ParseErrorType::ExpectedExpression => match previous_kind {
                Some(TokenKind::Star) if self.opens_item(index) => {
                    self.fault("Invalid star expression", range)
                }
                Some(TokenKind::Lbrace)
                    if matches!(
                        found,
                        TokenKind::Rbrace
                            | TokenKind::Colon
                            | TokenKind::Equal
                            | TokenKind::Exclamation
                    ) =>
                {
                    let what = if self
                        .interpolated_start(range.start())
                        .is_some_and(|t| t.kind() == TokenKind::TStringStart)
                    {
                        "t-string"
                    } else {
                        "f-string"
                    };
                    let sign = &self.source[range];
                    self.fault(
                        format!("{what}: valid expression required before '{sign}'"),
                        range,
                    )
                }
                Some(TokenKind::Colon) if matches!(found, TokenKind::Rbrace | TokenKind::Comma) => {
                    let colon = previous.map_or(range, |token| token.range());
                    self.fault("expression expected after dictionary key and ':'", colon)
                }
                _ => self.invalid(range),
            },
            ParseErrorType::SimpleStatementsOnSameLine => self
                .legacy_statement(index)
                .unwrap_or_else(|| self.invalid(range)),
            ParseErrorType::OtherError(msg) => self.other(msg, range, index),
            ParseErrorType::Lexical(LexicalErrorType::Eof) => {
                self.fault("unexpected EOF while parsing", range)
            }
            _ => self.invalid(range),
        }
    }

    /// Is the innermost bracket around a token that of a dict?
    fn in_dict(&self, index: usize) -> bool {
        self.innermost(index)
            .is_some_and(|(bracket, _)| bracket == TokenKind::Lbrace)
    }

    /// Is the token before `index`, a star, the first of an item in brackets?
    fn opens_item(&self, index: usize) -> bool {
        let star = self
            .before(index)
            .map_or(0, |star| self.token_at(star.range().start()));
        let before = self.before(star).map(Token::kind);
        matches!(
            before,
            Some(TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace)
        ) || before == Some(TokenKind::Comma) && self.innermost(star).is_some()
    }

    /// `print x` and `exec x`.
    fn legacy_statement(&self, index: usize) -> Option<Fault> {
        let name = self.tokens.get(index.checked_sub(1)?)?;
        let word = &self.source[name.range()];
        if name.kind() != TokenKind::Name || !matches!(word, "print" | "exec") {
            return None;
        }
        let end = self.line_end(name.range().start());
        let range = TextRange::new(name.range().start(), end);
        Some(self.fault(
            format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?"),
            range,
        ))
    }

    fn replacement_field(&self, what: &str, kind: &Interpolated, range: TextRange) -> Fault {
        match kind {
            Interpolated::UnclosedLbrace => {
                // Within a format specification a field could begin too.
                let index = self.token_at(range.start());
                let in_spec = self.tokens[..index]
                    .iter()
                    .rev()
                    .take_while(|token| !matches!(token.kind(), TokenKind::FStringStart | TokenKind::TStringStart))
                    .any(|token| token.kind() == TokenKind::Colon);
                let found = self.tokens.get(index).map(Token::kind);
                if found.is_some_and(starts_expression)
                    && let Some(fault) = self.forgotten_comma(index)
                {
                    return fault;
                }
                let msg = if in_spec { ", or format specs" } else { "" };
                self.fault(format!("{what}: expecting '}}'{msg}"), range)
            }
            Interpolated::InvalidConversionFlag => {
                let text = &self.source[range];
                if text.starts_with(|c: char| c.is_alphabetic()) {
                    self.fault(
                        format!("{what}: invalid conversion character '{text}': expected 's', 'r', or 'a'"),
                        range,
                    )
                } else {
                    self.fault(format!("{what}: missing conversion character"), range)
                }
            }
            Interpolated::ConversionFlagNotImmediatelyAfterExclamation => self.fault(
                format!("{what}: conversion type must come right after the exclamation mark"),
                range,
            ),
            Interpolated::NewlineInFormatSpec => self.fault(
                format!("{what}: newlines are not allowed in format specifiers for single quoted {what}s"),
                range,
            ),
            _ => self.invalid(range),
        }
    }

    /// The keyword that begins the statement of a token, and its index.
    fn statement_start(&self, index: usize) -> usize {
        let mut at = index.min(self.tokens.len());
        while at > 0 {
            match self.tokens[at - 1].kind() {
                TokenKind::Newline
                | TokenKind::Indent
                | TokenKind::Dedent
                | TokenKind::NonLogicalNewline
                | TokenKind::Comment
                    if !self.tokens[at - 1].kind().is_trivia() =>
                {
                    break;
                }
                _ => at -= 1,
            }
        }
        while self
            .tokens
            .get(at)
            .is_some_and(|token| token.kind().is_trivia())
        {
            at += 1;
        }
        at
    }

    fn expected(
        &self,
        expected: TokenKind,
        found: TokenKind,
        range: TextRange,
        index: usize,
    ) -> Fault {
        let start = self.statement_start(index);
        let keyword = self
            .tokens
            .get(start)
            .map_or(TokenKind::EndOfFile, Token::kind);
        match expected {
            TokenKind::Colon => {
                if let Some((bracket, _)) = self.innermost(index)
                    && bracket == TokenKind::Lbrace
                {
                    let key = self.operand_before(index);
                    return self.fault(
                        "':' expected after dictionary key",
                        TextRange::empty(key.start()),
                    );
                }
                let forced = matches!(
                    keyword,
                    TokenKind::Def | TokenKind::Try | TokenKind::Else | TokenKind::Finally
                );
                if forced || found == TokenKind::Newline && !self.in_lambda(start, index) {
                    return self.fault("expected ':'", range);
                }
                if found == TokenKind::Equal
                    && matches!(keyword, TokenKind::If | TokenKind::Elif | TokenKind::While)
                {
                    let whole = TextRange::new(
                        self.operand_before(index).start(),
                        self.operand_end(index + 1),
                    );
                    return self.fault(
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
                        whole,
                    );
                }
                self.invalid(range)
            }
            TokenKind::Else => {
                let end = self
                    .before(index)
                    .map_or(range.start(), |token| token.range().end());
                let body = self.conditional_start(index).unwrap_or(range.start());
                self.fault(
                    "expected 'else' after 'if' expression",
                    TextRange::new(body, end),
                )
            }
            TokenKind::Lpar if keyword == TokenKind::Def || keyword == TokenKind::Async => {
                self.fault("expected '('", range)
            }
            TokenKind::Rpar if found == TokenKind::Lpar && matches!(keyword, TokenKind::Def) => {
                let close = self.closing_bracket(index + 1);
                self.fault(
                    "Function parameters cannot be parenthesized",
                    TextRange::new(range.start(), close.end()),
                )
            }
            TokenKind::Rsqb | TokenKind::Rbrace if found == TokenKind::For => {
                let from = self
                    .innermost(index)
                    .map_or(range.start(), |(_, range)| range.end());
                let end = self
                    .before(index)
                    .map_or(range.start(), |token| token.range().end());
                self.fault(
                    "did you forget parentheses around the comprehension target?",
                    TextRange::new(from, end),
                )
            }
            TokenKind::Comma if found.as_augmented_assign_operator().is_some() => {
                let first = self
                    .tokens
                    .get(start)
                    .map_or(range.start(), |token| token.range().start());
                let end = self
                    .before(index)
                    .map_or(range.start(), |token| token.range().end());
                self.fault(
                    "'tuple' is an illegal expression for augmented assignment",
                    TextRange::new(first, end),
                )
            }
            TokenKind::Comma | TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace
                if starts_expression(found)
                    && !matches!(
                        keyword,
                        TokenKind::Def | TokenKind::Import | TokenKind::From | TokenKind::Class
                    ) =>
            {
                self.forgotten_comma(index)
                    .unwrap_or_else(|| self.invalid(range))
            }
            _ => self.invalid(range),
        }
    }

    fn in_lambda(&self, start: usize, index: usize) -> bool {
        self.tokens[start..index.min(self.tokens.len())]
            .iter()
            .rev()
            .take_while(|token| token.kind() != TokenKind::Colon)
            .any(|token| token.kind() == TokenKind::Lambda)
    }

    /// Two expressions side by side within brackets.
    fn forgotten_comma(&self, index: usize) -> Option<Fault> {
        self.innermost(index)?;
        let previous = self.before(index)?;
        if !ends_expression(previous.kind()) {
            return None;
        }
        // A name before a string looks like a wrong prefix.
        let next = self.tokens.get(index)?;
        let left = self.operand_before(index);
        if previous.kind() == TokenKind::Name
            && next.kind() == TokenKind::String
            && left == previous.range()
        {
            return None;
        }
        Some(self.fault(
            "invalid syntax. Perhaps you forgot a comma?",
            TextRange::new(left.start(), self.operand_end(index)),
        ))
    }

    /// The innermost bracket open before a token.
    fn innermost(&self, index: usize) -> Option<(TokenKind, TextRange)> {
        let mut depth = 0;
        for token in self.tokens[..index.min(self.tokens.len())].iter().rev() {
            match token.kind() {
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth += 1,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if depth == 0 => {
                    return Some((token.kind(), token.range()));
                }
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth -= 1,
                TokenKind::Newline => return None,
                _ => {}
            }
        }
        None
    }

    /// The expression that ends before a token: back to a separator at the same level.
    fn operand_before(&self, index: usize) -> TextRange {
        let mut depth = 0;
        let mut range: Option<TextRange> = None;
        for token in self.tokens[..index.min(self.tokens.len())].iter().rev() {
            let kind = token.kind();
            match kind {
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth += 1,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if depth > 0 => depth -= 1,
                _ if depth == 0 && separates(kind) => break,
                _ if kind.is_trivia() => continue,
                _ => {}
            }
            range = Some(range.map_or(token.range(), |range| range.cover(token.range())));
        }
        range.unwrap_or_default()
    }

    /// Where the expression that begins at a token ends.
    fn operand_end(&self, index: usize) -> TextSize {
        let mut depth = 0;
        let mut end = None;
        for token in &self.tokens[index.min(self.tokens.len())..] {
            let kind = token.kind();
            match kind {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
                TokenKind::FStringStart | TokenKind::TStringStart => depth += 1,
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if depth > 0 => depth -= 1,
                TokenKind::FStringEnd | TokenKind::TStringEnd if depth > 0 => depth -= 1,
                TokenKind::FStringEnd | TokenKind::TStringEnd => break,
                TokenKind::FStringMiddle | TokenKind::TStringMiddle if depth == 0 => break,
                _ if depth == 0
                    && (separates(kind)
                        || kind == TokenKind::Rpar
                        || kind == TokenKind::Rsqb
                        || kind == TokenKind::Rbrace) =>
                {
                    break;
                }
                _ if kind.is_trivia() => continue,
                _ => {}
            }
            // Side by side expressions: only the first.
            if depth == 0
                && end.is_some_and(|(_, last)| ends_expression(last))
                && starts_expression(kind)
            {
                break;
            }
            end = Some((token.range().end(), kind));
        }
        end.map_or(
            self.tokens
                .get(index)
                .map_or_else(Default::default, |token| token.range().end()),
            |(end, _)| end,
        )
    }

    /// Where the body of the conditional expression begins whose test ends before a token.
    fn conditional_start(&self, index: usize) -> Option<TextSize> {
        let at = self.tokens[..index]
            .iter()
            .rposition(|token| token.kind() == TokenKind::If)?;
        Some(self.operand_before(at).start())
    }

    /// The bracket that closes those around a token.
    fn closing_bracket(&self, index: usize) -> TextRange {
        let mut depth = 0;
        for token in &self.tokens[index.min(self.tokens.len())..] {
            match token.kind() {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if depth == 0 => {
                    return token.range();
                }
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth -= 1,
                _ => {}
            }
        }
        self.tokens
            .get(index)
            .map_or_else(Default::default, |token| token.range())
    }

    fn parsed(&self, range: TextRange) -> Option<Expr> {
        parse_parenthesized_expression_range(self.source, range)
            .ok()
            .map(|parsed| parsed.into_expr())
    }

    fn expr_name(&self, range: TextRange) -> &'static str {
        if self.source[range].starts_with('*') {
            return "starred";
        }
        self.parsed(range).as_ref().map_or("expression", expr_name)
    }

    fn assignment_target(&self, range: TextRange) -> Fault {
        let first = self.token_at(range.start());
        let last = self.token_at(range.end());
        let text = &self.source[range];
        // These two do not parse without the parentheses that are not in the range.
        let is_yield = text.starts_with("yield");
        let is_named = text.contains(":=");
        let expr = match self.parsed(range) {
            Some(expr) => Some(expr),
            None if is_yield || is_named => None,
            None => {
                let next = self.tokens.get(last).map_or(range, |token| token.range());
                return self.invalid(next);
            }
        };
        let name = match &expr {
            Some(expr) => expr_name(expr),
            None if is_yield => "yield expression",
            None => "named expression",
        };
        let start = self.statement_start(first);
        // Whole left side of the only `=` of the statement, parentheses aside.
        let is_paren = |token: &Token| matches!(token.kind(), TokenKind::Lpar | TokenKind::Rpar);
        let begins = self.tokens[..first]
            .iter()
            .rev()
            .find(|token| !is_paren(token));
        let begins = begins.is_none_or(|token| {
            token.range().is_empty() && !matches!(token.kind(), TokenKind::EndOfFile)
                || matches!(
                    token.kind(),
                    TokenKind::Newline
                        | TokenKind::Semi
                        | TokenKind::Colon
                        | TokenKind::NonLogicalNewline
                        | TokenKind::Indent
                        | TokenKind::Comment
                )
        });
        let follows = self.tokens[last.min(self.tokens.len())..]
            .iter()
            .find(|token| !is_paren(token) && !token.kind().is_trivia());
        let equals = self.tokens[start..]
            .iter()
            .take_while(|token| token.kind() != TokenKind::Newline)
            .filter(|token| token.kind() == TokenKind::Equal)
            .count();
        let whole = begins && follows.is_some_and(|token| token.kind() == TokenKind::Equal);
        if is_yield
            && (!whole
                || self
                    .tokens
                    .get(first.wrapping_sub(1))
                    .is_none_or(|token| !is_paren(token)))
        {
            return self.fault("assignment to yield expression not possible", range);
        }
        let suggests = match &expr {
            Some(
                Expr::Compare(_)
                | Expr::BoolOp(_)
                | Expr::Lambda(_)
                | Expr::If(_)
                | Expr::Generator(_)
                | Expr::Tuple(_)
                | Expr::List(_),
            ) => false,
            Some(Expr::UnaryOp(node)) => node.op != ruff_python_ast::UnaryOp::Not,
            Some(Expr::BooleanLiteral(_) | Expr::NoneLiteral(_)) => false,
            _ => true,
        };
        if whole && suggests && equals == 1 {
            return self.fault(
                format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?"),
                range,
            );
        }
        self.fault(format!("cannot assign to {name}"), range)
    }

    fn other(&self, msg: &str, range: TextRange, index: usize) -> Fault {
        if let Some(clause) = msg.strip_prefix("Expected an indented block after ") {
            let header = self.statement_start(index.saturating_sub(1).min(self.header_end(index)));
            let line = self
                .tokens
                .get(header)
                .map_or(0, |token| self.lines.line(token.range().start().to_u32()));
            let what = match clause {
                "function definition" => "function definition".to_owned(),
                "`class` definition" => "class definition".to_owned(),
                _ => format!("'{}' statement", clause.split('`').nth(1).unwrap_or(clause)),
            };
            return Fault {
                kind: ErrKind::IndentationError,
                msg: format!("expected an indented block after {what} on line {line}"),
                range,
            };
        }
        let text = match msg {
            "Expected `except` or `finally` after `try` block" => {
                "expected 'except' or 'finally' block"
            }
            "Only one '*' parameter allowed" | "Only one '*' separator allowed" => {
                "* argument may appear only once"
            }
            "Only one '**' parameter allowed" => "arguments cannot follow var-keyword argument",
            "Only one '/' separator allowed" => "/ may appear only once",
            "'/' parameter must appear before '*' parameter" => "/ must be ahead of *",
            "Position-only parameter separator not allowed as first parameter" => {
                if self
                    .before(index)
                    .is_some_and(|token| token.kind() == TokenKind::Comma)
                {
                    "/ must be ahead of *"
                } else if self
                    .tokens
                    .get(index + 1)
                    .is_none_or(|token| token.kind() != TokenKind::Comma)
                {
                    INVALID
                } else {
                    "at least one argument must precede /"
                }
            }
            "Trailing comma not allowed" => {
                let start = self.statement_start(index);
                let next = self
                    .tokens
                    .get(index + 1)
                    .map_or(range, |token| token.range());
                if self
                    .tokens
                    .get(start)
                    .is_some_and(|token| token.kind() == TokenKind::From)
                {
                    return self.fault(
                        "trailing comma not allowed without surrounding parentheses",
                        next,
                    );
                }
                return self.invalid(next);
            }
            "Multiple exception types must be parenthesized when using `as`" => {
                let end = self.line_end(range.start());
                let colon = self.source[..end.to_usize()]
                    .rfind(':')
                    .map_or(end, |at| TextSize::new(at as u32));
                return self.fault(
                    "multiple exception types must be parenthesized when using 'as'",
                    TextRange::new(range.start(), colon.max(range.end())),
                );
            }
            "Cannot have both 'except' and 'except*' on the same 'try'" => {
                let token = self.tokens.get(index).map_or(range, |token| token.range());
                return self.fault(
                    "cannot have both 'except' and 'except*' on the same 'try'",
                    token,
                );
            }
            "Expected one or more exception types" => "expected one or more exception types",
            "Positional patterns cannot follow keyword patterns" => {
                "positional patterns follow keyword patterns"
            }
            "Cannot mix t-string literals with string or bytes literals" => {
                "cannot mix t-string literals with string or bytes literals"
            }
            "Bytes literal cannot be mixed with non-bytes literals" => {
                "cannot mix bytes and nonbytes literals"
            }
            "Only single target (not list) can be annotated" => {
                "only single target (not list) can be annotated"
            }
            "Only single target (not tuple) can be annotated" => {
                "only single target (not tuple) can be annotated"
            }
            "Expected a parameter name" => {
                let value = self.source[range].trim();
                let end = range.end() + TextSize::new(1);
                let whole = TextRange::new(range.start(), end);
                if matches!(value, "True" | "False" | "None") {
                    return self.fault(format!("cannot assign to {value}"), whole);
                }
                return self.fault(
                    "expression cannot contain assignment, perhaps you meant \"==\"?",
                    whole,
                );
            }
            _ => INVALID,
        };
        self.fault(text, range)
    }

    /// Index of the last token of the header before a token that should have been an indented block.
    fn header_end(&self, index: usize) -> usize {
        self.tokens[..index.min(self.tokens.len())]
            .iter()
            .rposition(|token| token.kind() == TokenKind::Colon)
            .unwrap_or(index)
    }
}

fn is_single_brace(error: &ParseError) -> bool {
    matches!(
        &error.error,
        ParseErrorType::FStringError(Interpolated::SingleRbrace)
            | ParseErrorType::TStringError(Interpolated::SingleRbrace)
            | ParseErrorType::Lexical(
                LexicalErrorType::FStringError(Interpolated::SingleRbrace)
                    | LexicalErrorType::TStringError(Interpolated::SingleRbrace)
            )
    )
}

fn is_invisible(c: char) -> bool {
    matches!(c as u32, 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfeff)
}

fn starts_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::TStringStart
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
            | TokenKind::Ellipsis
            | TokenKind::Lambda
            | TokenKind::Lbrace
    )
}

fn ends_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
            | TokenKind::Ellipsis
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
    )
}

/// Cannot be part of an operand.
fn separates(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Comma
            | TokenKind::Colon
            | TokenKind::Semi
            | TokenKind::Newline
            | TokenKind::Equal
            | TokenKind::ColonEqual
            | TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::If
            | TokenKind::Elif
            | TokenKind::Else
            | TokenKind::While
            | TokenKind::For
            | TokenKind::Return
            | TokenKind::Yield
            | TokenKind::Lambda
            | TokenKind::Exclamation
            | TokenKind::EndOfFile
    )
}

/// How CPython calls an expression in messages.
pub fn expr_name(expr: &Expr) -> &'static str {
    match expr {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(name) if name.id == "__debug__" => "__debug__",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(node) if node.value => "True",
        Expr::BooleanLiteral(_) => "False",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::NumberLiteral(_) => "literal",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}
