//! Formatting numbers by a specification.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::float::{DecimalFlags, bigint_to_f64, float_repr, format_float_code};
use crate::text::int::{digits_in_base, int_to_decimal};
use crate::text::{TextError, TextResult};

use super::{Align, FormatSpec, Grouping, SignMode, push_fill, reserve};

/// More digits than that nobody has room for: no more than a thousand say anything.
pub const MOST_DIGITS: usize = 1 << 24;

/// Digits asked for where a code wants a precision and none is given.
const DEFAULT_PRECISION: usize = 6;

/// A number taken apart for layout.
#[derive(Default)]
struct Parts<'a> {
    negative: bool,
    prefix: &'a str,
    /// The digits before the point; empty for `inf`, `nan` and characters.
    whole: &'a str,
    point: bool,
    fraction: &'a str,
    /// What follows the digits: an exponent, a percent sign; `inf` and `nan` as a whole.
    rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes apart what [`format_float_code`] writes.
    fn of_float(text: &'a str) -> Parts<'a> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = text.split_at(digits(text));
        let (point, rest) = match rest.strip_prefix('.') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (fraction, rest) = rest.split_at(if point { digits(rest) } else { 0 });
        Parts {
            negative,
            prefix: "",
            whole,
            point,
            fraction,
            rest,
        }
    }

    fn sign(&self, mode: Option<SignMode>) -> Option<char> {
        match mode {
            _ if self.negative => Some('-'),
            Some(SignMode::Plus) => Some('+'),
            Some(SignMode::Space) => Some(' '),
            _ => None,
        }
    }

    /// Writes the number as `spec` wants it.
    fn write(&self, spec: &FormatSpec) -> TextResult<Wtf8Buf> {
        let sign = self.sign(spec.sign);
        let fraction = group_fraction(self.fraction, spec.fraction_grouping);
        let around = usize::from(sign.is_some())
            + self.prefix.len()
            + usize::from(self.point)
            + fraction.len()
            + self.rest.len();
        // Zeros that pad after the sign are digits like the others, so separators go between them too.
        let zero_padded = spec.fill.to_u32() == u32::from('0') && spec.align == Align::AfterSign;
        let min_width = match spec.width {
            Some(width) if zero_padded => width.saturating_sub(around),
            _ => 0,
        };
        if min_width > isize::MAX as usize / 2 {
            return Err(TextError::Memory);
        }
        let separator = spec.grouping.map(|grouping| {
            let every = match spec.code() {
                'b' | 'o' | 'x' | 'X' => 4,
                _ => 3,
            };
            (grouping.char(), every)
        });
        let whole = group_whole(self.whole, min_width, separator)?;

        let total = around + whole.len();
        let (left, right) = spec.padding(total);
        let mut out = reserve(total, left + right, spec.fill)?;
        let (left, middle) = if spec.align == Align::AfterSign {
            (0, left)
        } else {
            (left, 0)
        };
        push_fill(&mut out, spec.fill, left);
        if let Some(sign) = sign {
            out.push_char(sign);
        }
        out.push_str(self.prefix);
        push_fill(&mut out, spec.fill, middle);
        out.push_str(&whole);
        if self.point {
            out.push_char('.');
        }
        out.push_str(&fraction);
        out.push_str(self.rest);
        push_fill(&mut out, spec.fill, right);
        Ok(out)
    }
}

/// `digits` with separators, and with leading zeros up to `min_width` characters in all. (One more where
/// the width would have the number begin with a separator.)
fn group_whole(
    digits: &str,
    min_width: usize,
    separator: Option<(char, usize)>,
) -> TextResult<String> {
    if digits.is_empty() {
        return Ok(String::new());
    }
    let missing = min_width.saturating_sub(digits.len());
    let Some((separator, every)) = separator else {
        let mut out = String::new();
        out.try_reserve_exact(missing + digits.len())
            .map_err(|_| TextError::Memory)?;
        out.extend(std::iter::repeat_n('0', missing));
        out.push_str(digits);
        return Ok(out);
    };
    let mut reversed = String::new();
    reversed
        .try_reserve(missing + digits.len() + digits.len() / every + 1)
        .map_err(|_| TextError::Memory)?;
    let mut source = digits.bytes().rev();
    let mut in_group = 0;
    loop {
        let next = source.next();
        if next.is_none() && reversed.len() >= min_width {
            break;
        }
        if in_group == every {
            reversed.push(separator);
            in_group = 0;
        }
        reversed.push(next.unwrap_or(b'0') as char);
        in_group += 1;
    }
    Ok(reversed.chars().rev().collect())
}

/// The digits after the point, in groups of three from the left.
fn group_fraction(digits: &str, grouping: Option<Grouping>) -> String {
    let Some(grouping) = grouping else {
        return digits.to_owned();
    };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push(grouping.char());
        }
        out.push(digit);
    }
    out
}

/// `format(n, spec)` for an integer whose class is named `class`. `max_digits` limits decimal digits.
pub fn format_int(n: &BigInt, spec: &Wtf8, class: &str, max_digits: usize) -> TextResult<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(int_to_decimal(n, max_digits)?.into());
    }
    let spec = FormatSpec::parse(spec, 'd', Align::Right, class)?;
    let code = spec.code();
    match code {
        'b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n' => {}
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => return float_by_spec(bigint_to_f64(n)?, &spec),
        _ => return Err(spec.unknown_code(class)),
    }
    if spec.precision.is_some() {
        return Err(TextError::value(
            "Precision not allowed in integer format specifier",
        ));
    }
    if spec.no_negative_zero {
        return Err(TextError::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if code == 'c' {
        return format_char(n, &spec);
    }
    let mut digits = match code {
        'b' => digits_in_base(n, 2),
        'o' => digits_in_base(n, 8),
        'x' | 'X' => digits_in_base(n, 16),
        _ => {
            let mut text = int_to_decimal(n, max_digits)?;
            if n.is_negative() {
                text.remove(0);
            }
            text
        }
    };
    if code == 'X' {
        digits.make_ascii_uppercase();
    }
    let prefix = match code {
        _ if !spec.alternate => "",
        'b' => "0b",
        'o' => "0o",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    };
    let parts = Parts {
        negative: n.is_negative(),
        prefix,
        whole: &digits,
        ..Parts::default()
    };
    parts.write(&spec)
}

/// Code `c`: the character with that number.
fn format_char(n: &BigInt, spec: &FormatSpec) -> TextResult<Wtf8Buf> {
    if spec.sign.is_some() {
        return Err(TextError::value(
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if spec.alternate {
        return Err(TextError::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let code = n
        .to_i64()
        .ok_or_else(|| TextError::overflow("Python int too large to convert to C long"))?;
    let c = u32::try_from(code)
        .ok()
        .and_then(CodePoint::from_u32)
        .ok_or_else(|| TextError::overflow("%c arg not in range(0x110000)"))?;
    let (left, right) = spec.padding(1);
    let mut out = reserve(c.len_wtf8(), left + right, spec.fill)?;
    push_fill(&mut out, spec.fill, left);
    out.push(c);
    push_fill(&mut out, spec.fill, right);
    Ok(out)
}

/// `format(x, spec)` for a float whose class is named `class`.
pub fn format_float(x: f64, spec: &Wtf8, class: &str) -> TextResult<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(float_repr(x).into());
    }
    let spec = FormatSpec::parse(spec, '\0', Align::Right, class)?;
    match spec.code() {
        '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%' => float_by_spec(x, &spec),
        _ => Err(spec.unknown_code(class)),
    }
}

/// What [`format_float_code`] writes for a specification's code, precision and flags.
fn float_digits(x: f64, spec: &FormatSpec, flags: DecimalFlags) -> TextResult<String> {
    if spec
        .precision
        .is_some_and(|precision| i32::try_from(precision).is_err())
    {
        return Err(TextError::value("precision too big"));
    }
    if spec.precision.is_some_and(|n| n > MOST_DIGITS) {
        return Err(TextError::Memory);
    }
    let code = match (spec.code(), spec.precision) {
        ('\0', None) => 'r',
        ('\0' | 'n', _) => 'g',
        ('%', _) => 'f',
        (code, _) => code,
    };
    let precision = spec.precision.unwrap_or(DEFAULT_PRECISION);
    let mut text = format_float_code(x, code, precision, flags);
    if spec.no_negative_zero && text.starts_with('-') && is_zero(&text) {
        text.remove(0);
    }
    Ok(text)
}

/// Whether the digits before any exponent are all zeros.
fn is_zero(text: &str) -> bool {
    text.bytes()
        .take_while(|b| !b.is_ascii_alphabetic())
        .all(|b| matches!(b, b'0' | b'.' | b'-'))
        && text.bytes().any(|b| b == b'0')
}

fn float_by_spec(x: f64, spec: &FormatSpec) -> TextResult<Wtf8Buf> {
    let percent = spec.code() == '%';
    let flags = DecimalFlags {
        add_dot_0: spec.code() == '\0',
        alternate: spec.alternate,
    };
    let mut text = float_digits(if percent { x * 100.0 } else { x }, spec, flags)?;
    if percent {
        text.push('%');
    }
    Parts::of_float(&text).write(spec)
}

/// `format(complex(real, imag), spec)` for a complex number whose class is named `class`.
pub fn format_complex(real: f64, imag: f64, spec: &Wtf8, class: &str) -> TextResult<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(crate::text::float::complex_repr(real, imag).into());
    }
    let spec = FormatSpec::parse(spec, '\0', Align::Right, class)?;
    if !matches!(spec.code(), '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n') {
        return Err(spec.unknown_code(class));
    }
    if spec.fill.to_u32() == u32::from('0') {
        return Err(TextError::value(
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if spec.align == Align::AfterSign {
        return Err(TextError::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let flags = DecimalFlags {
        add_dot_0: false,
        alternate: spec.alternate,
    };
    // Without a code the result looks like the repr: in parentheses, or the imaginary part alone.
    let plain = spec.code() == '\0';
    let only_imag = plain && real == 0.0 && real.is_sign_positive();
    let parens = plain && !only_imag;

    let unpadded = FormatSpec {
        width: None,
        align: Align::Left,
        ..spec.clone()
    };
    let signed = FormatSpec {
        sign: Some(SignMode::Plus),
        ..unpadded.clone()
    };
    let mut body = Wtf8Buf::new();
    if parens {
        body.push_char('(');
    }
    if !only_imag {
        body.push_wtf8(&Parts::of_float(&float_digits(real, &spec, flags)?).write(&unpadded)?);
    }
    let imag_spec = if only_imag { &unpadded } else { &signed };
    body.push_wtf8(&Parts::of_float(&float_digits(imag, &spec, flags)?).write(imag_spec)?);
    body.push_char('j');
    if parens {
        body.push_char(')');
    }
    let (left, right) = spec.padding(body.len());
    let mut out = reserve(body.len(), left + right, spec.fill)?;
    push_fill(&mut out, spec.fill, left);
    out.push_wtf8(&body);
    push_fill(&mut out, spec.fill, right);
    Ok(out)
}
