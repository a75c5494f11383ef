//! Syntax errors within the replacement fields of f-strings and t-strings.
//!
//! CPython's grammar reads a field as an expression and what may follow it. So where an expression breaks off, the error is at the
//! token after the longest part that is an expression.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::messages::Explainer;
use super::tokens::Fault;

/// Where a token of an interpolated string stands.
enum Place {
    /// In the text, or in a format specification.
    Text,
    /// In a field, after the brace with this index.
    Field(usize),
    /// In brackets of an expression.
    Bracket,
}

impl Explainer<'_> {
    /// The places around a token, from the interpolated string inwards.
    fn places(&self, index: usize) -> Vec<Place> {
        let mut places = vec![];
        for (at, token) in self.tokens[..index.min(self.tokens.len())]
            .iter()
            .enumerate()
        {
            match (token.kind(), places.last()) {
                (TokenKind::FStringStart | TokenKind::TStringStart, _) => places.push(Place::Text),
                (_, None) => {}
                (TokenKind::FStringEnd | TokenKind::TStringEnd, _) => {
                    while !matches!(places.pop(), None | Some(Place::Text)) {}
                }
                (TokenKind::Lbrace, Some(Place::Text)) => places.push(Place::Field(at)),
                (TokenKind::Colon, Some(Place::Field(_))) => places.push(Place::Text),
                // The end of a field that has a format specification.
                (TokenKind::Rbrace, Some(Place::Text)) => {
                    places.pop();
                    places.pop();
                }
                (TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace, _) => {
                    places.push(Place::Bracket)
                }
                (
                    TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace,
                    Some(Place::Field(_) | Place::Bracket),
                ) => {
                    places.pop();
                }
                _ => {}
            }
        }
        places
    }

    fn kind_of_string(&self, offset: TextSize) -> &'static str {
        let start = self.interpolated_start(offset).map(Token::kind);
        if start == Some(TokenKind::TStringStart) {
            "t-string"
        } else {
            "f-string"
        }
    }

    /// What CPython says instead of `fault`, which is "invalid syntax", if that is in a field.
    pub(super) fn in_field(&self, fault: Fault) -> Fault {
        let offset = fault.range.start();
        let index = self.token_at(offset);
        let mut places = self.places(index);
        let open = loop {
            match places.pop() {
                Some(Place::Field(open)) => break open,
                Some(Place::Bracket) => {}
                Some(Place::Text) | None => return fault,
            }
        };
        let real = |at: &usize| self.tokens.get(*at).is_some_and(|t| !t.kind().is_trivia());
        let what = self.kind_of_string(offset);
        let Some(first) = (open + 1..self.tokens.len()).find(real) else {
            return fault;
        };
        let start = self.tokens[first].range().start();
        for last in (first..index).rev().filter(real) {
            let text = &self.source[TextRange::new(start, self.tokens[last].range().end())];
            let is_expression = ruff_python_parser::parse_module(&format!("({text}\n)")).is_ok();
            if is_expression && let Some(next) = (last + 1..self.tokens.len()).find(real) {
                let msg = format!("{what}: expecting '=', or '!', or ':', or '}}'");
                return Fault {
                    msg,
                    range: self.tokens[next].range(),
                    ..fault
                };
            }
        }
        let msg = format!("{what}: expecting a valid expression after '{{'");
        Fault {
            msg,
            range: self.tokens[first].range(),
            ..fault
        }
    }

    /// A closing bracket in a field that nothing opened there.
    pub(super) fn unmatched_in_field(&self, fault: Fault) -> Fault {
        let offset = fault.range.start();
        let sign = &self.source[fault.range];
        if !fault.msg.starts_with("closing parenthesis") || !matches!(sign, ")" | "]") {
            return fault;
        }
        match self.places(self.token_at(offset)).last() {
            Some(Place::Field(_)) => {
                let msg = format!("{}: unmatched '{sign}'", self.kind_of_string(offset));
                Fault {
                    msg,
                    range: TextRange::empty(offset),
                    ..fault
                }
            }
            _ => fault,
        }
    }
}
