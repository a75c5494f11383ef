//! f-strings and t-strings.

use ruff_python_ast::{
    self as ast, ConversionFlag, FStringPart, InterpolatedStringElement, InterpolatedStringElements,
};
use ruff_text_size::{Ranged, TextRange};
use rustpython_wtf8::Wtf8Buf;

use super::Compiler;
use super::emit::Reg;
use crate::code::{Const, Op};
use crate::syntax::literal::with_surrogates;

/// Parts joined by one instruction.
const MAX_RUN: usize = 64;

/// A piece of an f-string or t-string.
enum Piece<'a> {
    Text(Wtf8Buf),
    Field(&'a ast::InterpolatedElement),
}

/// Collects pieces; neighbouring texts become one.
#[derive(Default)]
struct Pieces<'a>(Vec<Piece<'a>>);

impl<'a> Pieces<'a> {
    fn text(&mut self, text: &Wtf8Buf) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.push_wtf8(text),
            _ => self.0.push(Piece::Text(text.clone())),
        }
    }

    fn elements(&mut self, src: &str, elements: &'a InterpolatedStringElements, is_raw: bool) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    self.text(&with_surrogates(
                        &literal.value,
                        &src[literal.range],
                        is_raw,
                    ));
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(debug) = &field.debug_text {
                        self.text(&Wtf8Buf::from_string(debug.as_str().to_owned()));
                    }
                    self.0.push(Piece::Field(field));
                }
            }
        }
    }
}

/// The conversion that a field asks for; `{x=}` means `repr` unless there is a format.
fn conversion(field: &ast::InterpolatedElement) -> u16 {
    match field.conversion {
        ConversionFlag::None if field.debug_text.is_some() && field.format_spec.is_none() => 2,
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

impl<'a> Compiler<'a> {
    fn fstring_pieces(&self, node: &'a ast::ExprFString) -> Pieces<'a> {
        let mut pieces = Pieces::default();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => pieces.text(&self.literal_value(literal)),
                FStringPart::FString(fstring) => {
                    pieces.elements(self.src, &fstring.elements, fstring.flags.prefix().is_raw());
                }
            }
        }
        pieces
    }

    /// The value of an f-string without fields.
    pub(super) fn constant_fstring(&self, node: &ast::ExprFString) -> Option<Const> {
        let mut text = Wtf8Buf::new();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => text.push_wtf8(&self.literal_value(literal)),
                FStringPart::FString(fstring) => {
                    let is_raw = fstring.flags.prefix().is_raw();
                    for element in &fstring.elements {
                        let InterpolatedStringElement::Literal(literal) = element else {
                            return None;
                        };
                        text.push_wtf8(&with_surrogates(
                            &literal.value,
                            &self.src[literal.range],
                            is_raw,
                        ));
                    }
                }
            }
        }
        Some(Const::Str(text))
    }

    pub(super) fn fstring(&mut self, node: &'a ast::ExprFString, dst: Reg) {
        let pieces = self.fstring_pieces(node);
        self.join(pieces, node.range, dst);
    }

    /// Joins pieces into a string.
    fn join(&mut self, pieces: Pieces<'a>, range: TextRange, dst: Reg) {
        match &pieces.0[..] {
            [] => {
                self.at_range(range);
                return self.load_str(dst, "");
            }
            [Piece::Field(field)] => return self.field(field, dst),
            _ => {}
        }
        let base = self.u.mark();
        let mut count = 0;
        for piece in pieces.0 {
            if count == MAX_RUN {
                self.at_range(range);
                self.emit(Op::BuildString, base, base, count as u16);
                self.u.free_to(base + 1);
                count = 1;
            }
            let reg = self.temp();
            match piece {
                Piece::Text(text) => {
                    self.at_range(range);
                    self.load_const(reg, Const::Str(text));
                }
                Piece::Field(field) => self.field(field, reg),
            }
            count += 1;
        }
        self.at_range(range);
        if count == 1 {
            self.move_to(dst, base);
        } else {
            self.emit(Op::BuildString, dst, base, count as u16);
        }
        self.u.free_to(base);
    }

    /// The formatted value of a field.
    fn field(&mut self, field: &'a ast::InterpolatedElement, dst: Reg) {
        let mark = self.u.mark();
        let later = field
            .format_spec
            .as_ref()
            .map_or(TextRange::empty(field.range.end()), |spec| spec.range);
        let value = self.operand(&field.expression, later);
        let conversion = conversion(field);
        match &field.format_spec {
            None => {
                self.at(field);
                self.emit(Op::FormatValue, dst, value, conversion);
            }
            Some(spec) => {
                let text = self.temp();
                self.spec(spec, text);
                self.at(field);
                self.u
                    .emit_ext(Op::FormatSpec, dst, value, text, u64::from(conversion));
            }
        }
        self.u.free_to(mark);
    }

    /// The text of a format specification, in which fields may stand.
    fn spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec, dst: Reg) {
        let mut pieces = Pieces::default();
        pieces.elements(self.src, &spec.elements, false);
        match &pieces.0[..] {
            [Piece::Text(text)] => {
                let text = text.clone();
                self.at_range(spec.range);
                self.load_const(dst, Const::Str(text));
            }
            _ => self.join(pieces, spec.range, dst),
        }
    }

    pub(super) fn tstring(&mut self, node: &'a ast::ExprTString, dst: Reg) {
        let mut pieces = Pieces::default();
        for tstring in &node.value {
            pieces.elements(self.src, &tstring.elements, tstring.flags.prefix().is_raw());
        }
        // Texts and fields alternate, with a text at both ends.
        let mut strings = Vec::new();
        let mut fields = Vec::new();
        let mut text = Wtf8Buf::new();
        for piece in pieces.0 {
            match piece {
                Piece::Text(more) => text.push_wtf8(&more),
                Piece::Field(field) => {
                    strings.push(Const::Str(std::mem::take(&mut text)));
                    fields.push(field);
                }
            }
        }
        strings.push(Const::Str(text));
        let parts = self.u.alloc(2);
        self.at_range(node.range);
        self.load_const(parts, Const::Tuple(strings));
        let list = self.temp();
        self.emit(Op::BuildList, list, list, 0);
        for field in fields {
            let mark = self.u.mark();
            let base = self.u.alloc(3);
            self.expr_to(&field.expression, base);
            let written = match &field.debug_text {
                Some(debug) => debug.expression().trim().to_owned(),
                None => self.field_text(field),
            };
            self.at(field);
            self.load_str(base + 1, &written);
            match &field.format_spec {
                Some(spec) => self.spec(spec, base + 2),
                None => self.load_str(base + 2, ""),
            }
            self.at(field);
            self.emit(Op::BuildInterpolation, base, base, conversion(field));
            self.emit(Op::ListAppend, list, base, 0);
            self.u.free_to(mark);
        }
        self.at_range(node.range);
        self.emit(Op::ListToTuple, parts + 1, list, 0);
        self.emit(Op::BuildTemplate, dst, parts, parts + 1);
    }

    /// The source of a field's expression: from after the brace to the conversion, the format or the closing brace.
    fn field_text(&self, field: &ast::InterpolatedElement) -> String {
        let end = field.expression.end().to_usize();
        let start = field.range.start().to_usize() + 1;
        // Closing parentheses belong to the expression though its range ends before them.
        let rest = &self.src[end..field.range.end().to_usize()];
        let extra = rest
            .char_indices()
            .take_while(|(_, c)| c.is_whitespace() || *c == ')')
            .filter(|(_, c)| *c == ')')
            .last()
            .map_or(0, |(at, _)| at + 1);
        self.src[start..end + extra].trim().to_owned()
    }
}
