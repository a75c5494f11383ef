//! Parsing a format specification.

use rustpython_wtf8::{CodePoint, Wtf8};

use crate::text::{TextError, TextResult, decimal_digit};

/// Where padding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    Center,
    /// `=`: between the sign and the digits.
    AfterSign,
}

/// What stands before a number that is not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignMode {
    Plus,
    Minus,
    Space,
}

/// What separates groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Comma,
    Underscore,
}

impl Grouping {
    pub(super) fn char(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// A parsed format specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatSpec {
    pub fill: CodePoint,
    pub align: Align,
    pub sign: Option<SignMode>,
    /// `z`: a result that rounds to zero has no minus sign.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    pub width: Option<usize>,
    /// Separator of the digits before the point.
    pub grouping: Option<Grouping>,
    pub precision: Option<usize>,
    /// Separator of the digits after the point.
    pub fraction_grouping: Option<Grouping>,
    /// The presentation type, `\0` if none was given and the default is none.
    pub kind: CodePoint,
}

/// The specification as code points, read from the left.
struct Reader<'a> {
    rest: &'a Wtf8,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        // A lone surrogate stands for itself only as a fill; nowhere else does it match anything.
        self.rest.code_points().next().map(CodePoint::to_char_lossy)
    }

    fn skip(&mut self, c: CodePoint) {
        self.rest = &self.rest[c.len_wtf8()..];
    }

    /// Consumes `c` if it comes next.
    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.skip(CodePoint::from_char(c));
        }
        found
    }

    /// A number in digits of any script, if there is one.
    fn integer(&mut self) -> TextResult<Option<usize>> {
        let mut value = None;
        while let Some(c) = self.rest.code_points().next()
            && let Some(digit) = decimal_digit(c)
        {
            self.skip(c);
            let next = value
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|value| value.checked_add(usize::from(digit)))
                .filter(|&value| isize::try_from(value).is_ok())
                .ok_or_else(|| TextError::value("Too many decimal digits in format string"))?;
            value = Some(next);
        }
        Ok(value)
    }

    /// `,` or `_`, but not both.
    fn grouping(&mut self) -> TextResult<Option<Grouping>> {
        let both = || TextError::value("Cannot specify both ',' and '_'.");
        if self.eat(',') {
            return if self.eat('_') {
                Err(both())
            } else {
                Ok(Some(Grouping::Comma))
            };
        }
        if self.eat('_') {
            return if self.peek() == Some(',') {
                Err(both())
            } else {
                Ok(Some(Grouping::Underscore))
            };
        }
        Ok(None)
    }
}

fn align_of(c: CodePoint) -> Option<Align> {
    match c.to_char()? {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

impl FormatSpec {
    /// Parses `text`. What it leaves open is taken from `default_kind` and `default_align`; `class` is the
    /// name of the value's type.
    pub fn parse(
        text: &Wtf8,
        default_kind: char,
        default_align: Align,
        class: &str,
    ) -> TextResult<FormatSpec> {
        let mut spec = FormatSpec {
            fill: CodePoint::from_char(' '),
            align: default_align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            precision: None,
            fraction_grouping: None,
            kind: CodePoint::from_char(default_kind),
        };
        let mut reader = Reader { rest: text };

        let mut head = text.code_points();
        let (first, second) = (head.next(), head.next());
        let mut fill_given = false;
        let mut align_given = false;
        if let (Some(fill), Some(align)) = (first, second.and_then(align_of)) {
            spec.fill = fill;
            spec.align = align;
            fill_given = true;
            align_given = true;
            reader.skip(fill);
            reader.skip(CodePoint::from_char('<'));
        } else if let Some(align) = first.and_then(align_of) {
            spec.align = align;
            align_given = true;
            reader.skip(CodePoint::from_char('<'));
        }
        spec.sign = match reader.peek() {
            Some('+') => Some(SignMode::Plus),
            Some('-') => Some(SignMode::Minus),
            Some(' ') => Some(SignMode::Space),
            _ => None,
        };
        if spec.sign.is_some() {
            reader.skip(CodePoint::from_char('+'));
        }
        spec.no_negative_zero = reader.eat('z');
        spec.alternate = reader.eat('#');
        if !fill_given && reader.eat('0') {
            spec.fill = CodePoint::from_char('0');
            if !align_given && default_align == Align::Right {
                spec.align = Align::AfterSign;
            }
        }
        spec.width = reader.integer()?;
        spec.grouping = reader.grouping()?;
        if reader.eat('.') {
            spec.precision = reader.integer()?;
            spec.fraction_grouping = reader.grouping()?;
            if spec.precision.is_none() && spec.fraction_grouping.is_none() {
                return Err(TextError::value("Format specifier missing precision"));
            }
        }
        let mut tail = reader.rest.code_points();
        if let Some(kind) = tail.next() {
            if tail.next().is_some() {
                return Err(TextError::value(format!(
                    "Invalid format specifier '{text}' for object of type '{class}'"
                )));
            }
            spec.kind = kind;
        }
        spec.check_grouping()?;
        Ok(spec)
    }

    fn check_grouping(&self) -> TextResult<()> {
        if let Some(grouping) = self.grouping {
            let allowed = match self.code() {
                'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0' => true,
                'b' | 'o' | 'x' | 'X' => grouping == Grouping::Underscore,
                _ => false,
            };
            if !allowed {
                return Err(self.bad_grouping(grouping));
            }
        }
        match self.fraction_grouping {
            Some(grouping) if self.code() == 'n' => Err(self.bad_grouping(grouping)),
            _ => Ok(()),
        }
    }

    fn bad_grouping(&self, grouping: Grouping) -> TextError {
        let grouping = grouping.char();
        TextError::value(match self.kind.to_u32() {
            33..=127 => format!("Cannot specify '{grouping}' with '{}'.", self.code()),
            code => format!("Cannot specify '{grouping}' with '\\x{code:x}'."),
        })
    }

    /// The presentation type; `\u{fffd}`, which is none, for a lone surrogate.
    pub(super) fn code(&self) -> char {
        self.kind.to_char_lossy()
    }

    /// The error for a presentation type that values of `class` do not have.
    pub(super) fn unknown_code(&self, class: &str) -> TextError {
        TextError::value(match self.kind.to_u32() {
            33..=127 => format!(
                "Unknown format code '{}' for object of type '{class}'",
                self.code()
            ),
            code => format!("Unknown format code '\\x{code:x}' for object of type '{class}'"),
        })
    }

    /// The padding before and after something of `len` characters.
    pub(super) fn padding(&self, len: usize) -> (usize, usize) {
        let padding = self.width.unwrap_or(0).saturating_sub(len);
        match self.align {
            Align::Left => (0, padding),
            Align::Right | Align::AfterSign => (padding, 0),
            Align::Center => (padding / 2, padding - padding / 2),
        }
    }
}
