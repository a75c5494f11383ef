//! The `%` operator of `str` and `bytes`.
//!
//! Formatting alternates between the template and its arguments, and arguments may run Python code
//! (`__str__`, `__index__`, a mapping's `__getitem__`). So the caller drives: it takes parts from a
//! [`PercentParser`], fetches and converts the value each [`PercentSpec`] asks for, and has it laid out.
//!
//! ```text
//! for part in PercentParser::new(template) {
//!     match part? {
//!         Literal(piece)  => out.push(piece),
//!         Spec(mut spec)  => {
//!             if spec.width == Some(Count::Argument)     { spec.supply_width(next argument) }
//!             if spec.precision == Some(Count::Argument) { spec.supply_precision(next argument) }
//!             match spec.conversion()? {
//!                 Integer => out.push(spec.layout_int(int(value))),   // and so on
//! ```

mod layout;
mod parse;

pub use parse::{Conversion, Count, PercentParser, PercentPart, PercentSpec, Template};

use crate::text::TextError;

/// `TypeError`: the arguments ran out.
pub fn not_enough_arguments() -> TextError {
    TextError::type_error("not enough arguments for format string")
}

/// `TypeError`: arguments are left over, in a template of `str`, or of `bytes`.
pub fn arguments_left(bytes: bool) -> TextError {
    TextError::type_error(if bytes {
        "not all arguments converted during bytes formatting"
    } else {
        "not all arguments converted during string formatting"
    })
}

/// `TypeError`: a `%(key)s`, but the argument is no mapping.
pub fn requires_mapping() -> TextError {
    TextError::type_error("format requires a mapping")
}

/// `TypeError`: the value for a `*` is no integer.
pub fn star_wants_int() -> TextError {
    TextError::type_error("* wants int")
}

/// `TypeError`: a number was wanted, and the value's class is `class`.
pub fn number_required(conversion: char, class: &str) -> TextError {
    let wanted = match conversion {
        'o' | 'x' | 'X' => "an integer",
        _ => "a real number",
    };
    TextError::type_error(format!(
        "%{conversion} format: {wanted} is required, not {class}"
    ))
}

/// `TypeError` of `%c` in a `str` for a value of the class `class`, or for a string of `len` characters.
pub fn char_required(class: &str, len: Option<usize>) -> TextError {
    TextError::type_error(match len {
        Some(len) => {
            format!("%c requires an int or a unicode character, not a string of length {len}")
        }
        None => format!("%c requires an int or a unicode character, not {class}"),
    })
}

/// `TypeError` of `%c` in a `bytes` for a value of the class `class`, of `len` bytes if it is bytes-like.
pub fn byte_required(class: &str, len: Option<usize>) -> TextError {
    TextError::type_error(match len {
        Some(len) => {
            format!(
                "%c requires an integer in range(256) or a single byte, not a {class} object of length {len}"
            )
        }
        None => format!("%c requires an integer in range(256) or a single byte, not {class}"),
    })
}

/// `OverflowError` of `%c`: the number is no code point, or no byte.
pub fn char_out_of_range(bytes: bool) -> TextError {
    TextError::overflow(if bytes {
        "%c arg not in range(256)"
    } else {
        "%c arg not in range(0x110000)"
    })
}

#[cfg(test)]
mod tests;
