//! The template language of `str.format`, `str.format_map` and `string.Formatter`.
//!
//! [`FormatParser`] yields literals and replacement fields; [`FieldName`] takes a field's name apart. As with
//! `%`, looking values up runs Python code, so the caller drives: it resolves each field's first part
//! (through [`AutoNumber`]), follows the accessors, converts, expands a nested specification by formatting it
//! with the same arguments, and appends what `format()` returns.

use rustpython_wtf8::{CodePoint, Wtf8};

use crate::text::{TextError, TextResult, decimal_digit};

/// How deep fields may nest within specifications.
pub const MAX_DEPTH: u32 = 2;

/// `ValueError`: fields nest more than [`MAX_DEPTH`] deep.
pub fn recursion_exceeded() -> TextError {
    TextError::value("Max string recursion exceeded")
}

/// `IndexError`: there is no such positional argument.
pub fn index_out_of_range(index: usize) -> TextError {
    TextError::Index(
        format!("Replacement index {index} out of range for positional args tuple").into(),
    )
}

/// `ValueError` of `format_map`, which has no positional arguments.
pub fn positional_in_mapping() -> TextError {
    TextError::value("Format string contains positional fields")
}

/// `ValueError`: a conversion other than `!s`, `!r` and `!a`.
pub fn unknown_conversion(c: CodePoint) -> TextError {
    TextError::value(match c.to_u32() {
        33..=126 => format!("Unknown conversion specifier {}", c.to_char_lossy()),
        code => format!("Unknown conversion specifier \\x{code:x}"),
    })
}

/// A piece of a template: text, then perhaps a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// What to copy. A doubled brace ends a segment, and stands here once.
    pub literal: &'a Wtf8,
    pub field: Option<Field<'a>>,
}

/// A replacement field: `{name!conversion:spec}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a Wtf8,
    pub conversion: Option<CodePoint>,
    pub spec: &'a Wtf8,
    /// The specification contains fields itself.
    pub nested: bool,
}

/// Yields the segments of a template. Ends after an error.
pub struct FormatParser<'a> {
    rest: &'a Wtf8,
}

impl<'a> FormatParser<'a> {
    pub fn new(template: &'a Wtf8) -> Self {
        FormatParser { rest: template }
    }

    /// Takes `len` bytes off the front.
    fn take(&mut self, len: usize) -> &'a Wtf8 {
        let taken = &self.rest[..len];
        self.rest = &self.rest[len..];
        taken
    }

    fn segment(&mut self) -> TextResult<Segment<'a>> {
        let bytes = self.rest.as_bytes();
        let Some(at) = memchr::memchr2(b'{', b'}', bytes) else {
            let literal = self.take(bytes.len());
            return Ok(Segment {
                literal,
                field: None,
            });
        };
        let (brace, next) = (bytes[at], bytes.get(at + 1));
        if next == Some(&brace) {
            let literal = self.take(at + 1);
            self.take(1);
            return Ok(Segment {
                literal,
                field: None,
            });
        }
        if brace == b'}' {
            return Err(TextError::value("Single '}' encountered in format string"));
        }
        if next.is_none() {
            return Err(TextError::value("Single '{' encountered in format string"));
        }
        let literal = self.take(at);
        self.take(1);
        Ok(Segment {
            literal,
            field: Some(self.field()?),
        })
    }

    /// A field, with the opening brace consumed.
    fn field(&mut self) -> TextResult<Field<'a>> {
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        loop {
            match bytes.get(end) {
                Some(b'{') => return Err(TextError::value("unexpected '{' in field name")),
                // Anything goes within a subscript.
                Some(b'[') => {
                    end += memchr::memchr(b']', &bytes[end..]).unwrap_or(bytes.len() - end)
                }
                Some(b'}' | b':' | b'!') => break,
                Some(_) => end += 1,
                None => return Err(TextError::value("expected '}' before end of string")),
            }
        }
        let mut field = Field {
            name: self.take(end),
            conversion: None,
            spec: Wtf8::new(""),
            nested: false,
        };
        match self.take(1).as_bytes() {
            b"}" => return Ok(field),
            b"!" => {
                let c = self.rest.code_points().next().ok_or_else(|| {
                    TextError::value("end of string while looking for conversion specifier")
                })?;
                self.take(c.len_wtf8());
                field.conversion = Some(c);
                match self.rest.as_bytes().first() {
                    Some(b'}') => {
                        self.take(1);
                        return Ok(field);
                    }
                    Some(b':') => {
                        self.take(1);
                    }
                    Some(_) => {
                        return Err(TextError::value("expected ':' after conversion specifier"));
                    }
                    // Falls through to the message about the missing brace.
                    None => {}
                }
            }
            _ => {}
        }
        let bytes = self.rest.as_bytes();
        let mut depth = 1;
        for at in memchr::memchr2_iter(b'{', b'}', bytes) {
            if bytes[at] == b'{' {
                field.nested = true;
                depth += 1;
                continue;
            }
            depth -= 1;
            if depth == 0 {
                field.spec = self.take(at);
                self.take(1);
                return Ok(field);
            }
        }
        Err(TextError::value("unmatched '{' in format spec"))
    }
}

impl<'a> Iterator for FormatParser<'a> {
    type Item = TextResult<Segment<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let segment = self.segment();
        if segment.is_err() {
            self.rest = Wtf8::new("");
        }
        Some(segment)
    }
}

/// The first part of a field's name: which argument is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKey<'a> {
    /// `{}`: the next positional argument.
    Auto,
    Index(usize),
    Name(&'a Wtf8),
}

/// A step from a value to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accessor<'a> {
    /// `.name`.
    Attribute(&'a Wtf8),
    /// `[5]`.
    Index(usize),
    /// `[key]`.
    Key(&'a Wtf8),
}

/// A field's name: the argument, and an iterator over the steps from it.
#[derive(Debug, Clone, Copy)]
pub struct FieldName<'a> {
    pub first: FieldKey<'a>,
    pub rest: Accessors<'a>,
}

impl<'a> FieldName<'a> {
    pub fn parse(name: &'a Wtf8) -> TextResult<FieldName<'a>> {
        let end = memchr::memchr2(b'.', b'[', name.as_bytes()).unwrap_or(name.len());
        let first = &name[..end];
        let first = match integer(first)? {
            _ if first.is_empty() => FieldKey::Auto,
            Some(index) => FieldKey::Index(index),
            None => FieldKey::Name(first),
        };
        Ok(FieldName {
            first,
            rest: Accessors { rest: &name[end..] },
        })
    }
}

/// The number that `text` spells in digits of any script, if that is all it is made of.
fn integer(text: &Wtf8) -> TextResult<Option<usize>> {
    let mut value = 0usize;
    for c in text.code_points() {
        let Some(digit) = decimal_digit(c) else {
            return Ok(None);
        };
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(usize::from(digit)))
            .filter(|&value| isize::try_from(value).is_ok())
            .ok_or_else(|| TextError::value("Too many decimal digits in format string"))?;
    }
    Ok((!text.is_empty()).then_some(value))
}

/// Yields the `.name` and `[key]` steps of a field's name. Ends after an error.
#[derive(Debug, Clone, Copy)]
pub struct Accessors<'a> {
    rest: &'a Wtf8,
}

impl<'a> Accessors<'a> {
    fn step(&mut self) -> TextResult<Accessor<'a>> {
        let bytes = self.rest.as_bytes();
        let (name, attribute, used) = match bytes[0] {
            b'.' => {
                let end = memchr::memchr2(b'.', b'[', &bytes[1..]).map_or(bytes.len(), |at| at + 1);
                (&self.rest[1..end], true, end)
            }
            b'[' => {
                let end = memchr::memchr(b']', bytes)
                    .ok_or_else(|| TextError::value("Missing ']' in format string"))?;
                (&self.rest[1..end], false, end + 1)
            }
            _ => {
                return Err(TextError::value(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
        };
        self.rest = &self.rest[used..];
        if name.is_empty() {
            return Err(TextError::value("Empty attribute in format string"));
        }
        Ok(match attribute {
            true => Accessor::Attribute(name),
            false => integer(name)?.map_or(Accessor::Key(name), Accessor::Index),
        })
    }
}

impl<'a> Iterator for Accessors<'a> {
    type Item = TextResult<Accessor<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.rest = Wtf8::new("");
        }
        Some(step)
    }
}

/// Numbers the `{}` of a template, and sees to it that they are not mixed with `{0}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AutoNumber {
    /// Neither kind was met yet.
    #[default]
    Unused,
    /// Numbering by itself; holds the next number.
    Automatic(usize),
    /// Numbered by hand.
    Manual,
}

impl AutoNumber {
    /// Gives `{}` its number: the result is never [`FieldKey::Auto`].
    pub fn resolve<'a>(&mut self, key: FieldKey<'a>) -> TextResult<FieldKey<'a>> {
        match (key, *self) {
            (FieldKey::Name(_), _) => Ok(key),
            (FieldKey::Auto, AutoNumber::Manual) => Err(TextError::value(
                "cannot switch from manual field specification to automatic field numbering",
            )),
            (FieldKey::Index(_), AutoNumber::Automatic(_)) => Err(TextError::value(
                "cannot switch from automatic field numbering to manual field specification",
            )),
            (FieldKey::Index(_), _) => {
                *self = AutoNumber::Manual;
                Ok(key)
            }
            (FieldKey::Auto, AutoNumber::Unused) => {
                *self = AutoNumber::Automatic(1);
                Ok(FieldKey::Index(0))
            }
            (FieldKey::Auto, AutoNumber::Automatic(next)) => {
                *self = AutoNumber::Automatic(next + 1);
                Ok(FieldKey::Index(next))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `literal|name|conversion|spec` for each segment.
    fn parse(template: &str) -> TextResult<Vec<String>> {
        FormatParser::new(Wtf8::new(template))
            .map(|segment| {
                let Segment { literal, field } = segment?;
                Ok(match field {
                    None => literal.to_string(),
                    Some(f) => {
                        let conversion = f
                            .conversion
                            .map_or(String::new(), |c| c.to_char_lossy().to_string());
                        format!("{literal}|{}|{conversion}|{}", f.name, f.spec)
                    }
                })
            })
            .collect()
    }

    #[test]
    fn segments() {
        assert_eq!(parse("a{{b}}c").unwrap(), ["a{", "b}", "c"]);
        assert_eq!(
            parse("x{0}y{a.b[c:!}]!r:>{w}}z").unwrap(),
            ["x|0||", "y|a.b[c:!}]|r|>{w}", "z"]
        );
        assert_eq!(parse("{}{:}{!é}").unwrap(), ["||| ".trim(), "|||", "||é|"]);
        assert_eq!(parse("").unwrap(), [""; 0]);
    }

    #[test]
    fn errors() {
        for (template, message) in [
            ("{", "Single '{' encountered in format string"),
            ("}", "Single '}' encountered in format string"),
            ("a}b", "Single '}' encountered in format string"),
            ("{0", "expected '}' before end of string"),
            ("{0[", "expected '}' before end of string"),
            ("{a{", "unexpected '{' in field name"),
            ("{!", "end of string while looking for conversion specifier"),
            ("{!r", "unmatched '{' in format spec"),
            ("{!rs}", "expected ':' after conversion specifier"),
            ("{:", "unmatched '{' in format spec"),
            ("{:{}", "unmatched '{' in format spec"),
            ("{!}", "unmatched '{' in format spec"),
        ] {
            assert_eq!(
                parse(template).unwrap_err().message(),
                message,
                "{template}"
            );
        }
        assert_eq!(
            unknown_conversion(CodePoint::from_char('x')).message(),
            "Unknown conversion specifier x"
        );
        assert_eq!(
            unknown_conversion(CodePoint::from_char('é')).message(),
            r"Unknown conversion specifier \xe9"
        );
    }

    #[test]
    fn names() {
        let name = FieldName::parse(Wtf8::new("0.a[1][b c].d")).unwrap();
        assert_eq!(name.first, FieldKey::Index(0));
        let steps: Vec<_> = name.rest.map(Result::unwrap).collect();
        assert_eq!(
            steps,
            [
                Accessor::Attribute(Wtf8::new("a")),
                Accessor::Index(1),
                Accessor::Key(Wtf8::new("b c")),
                Accessor::Attribute(Wtf8::new("d"))
            ]
        );
        assert_eq!(
            FieldName::parse(Wtf8::new("[a]")).unwrap().first,
            FieldKey::Auto
        );
        assert_eq!(
            FieldName::parse(Wtf8::new("-1")).unwrap().first,
            FieldKey::Name(Wtf8::new("-1"))
        );
        let fail = |name| {
            let name = FieldName::parse(Wtf8::new(name));
            name.and_then(|name| name.rest.collect::<TextResult<Vec<_>>>())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(fail("a."), "ValueError: Empty attribute in format string");
        assert_eq!(fail("a[]"), "ValueError: Empty attribute in format string");
        assert_eq!(fail("a[b"), "ValueError: Missing ']' in format string");
        assert_eq!(
            fail("a[b]c"),
            "ValueError: Only '.' or '[' may follow ']' in format field specifier"
        );
        assert_eq!(
            fail("99999999999999999999"),
            "ValueError: Too many decimal digits in format string"
        );
    }

    #[test]
    fn numbering() {
        let mut numbers = AutoNumber::default();
        assert_eq!(numbers.resolve(FieldKey::Auto), Ok(FieldKey::Index(0)));
        assert_eq!(numbers.resolve(FieldKey::Auto), Ok(FieldKey::Index(1)));
        assert_eq!(
            numbers.resolve(FieldKey::Index(0)).unwrap_err().message(),
            "cannot switch from automatic field numbering to manual field specification"
        );
        let mut numbers = AutoNumber::default();
        assert_eq!(numbers.resolve(FieldKey::Index(3)), Ok(FieldKey::Index(3)));
        assert_eq!(
            numbers.resolve(FieldKey::Auto).unwrap_err().message(),
            "cannot switch from manual field specification to automatic field numbering"
        );
    }
}
