//! Literals: `repr()` of strings and bytes, and `ascii()`.

use std::fmt::Write;

use rustpython_unicode::classify::is_repr_printable;
use rustpython_wtf8::{CodePoint, Wtf8};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The quote that needs less escaping: single, unless there are only single quotes inside.
fn choose_quote(text: &[u8]) -> u8 {
    if memchr::memchr(b'\'', text).is_some() && memchr::memchr(b'"', text).is_none() {
        b'"'
    } else {
        b'\''
    }
}

/// `repr(text)`. What is not printable is escaped, lone surrogates included, so the result is UTF-8.
pub fn str_repr(text: &Wtf8) -> String {
    let quote = choose_quote(text.as_bytes()) as char;
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.code_points() {
        match c.to_char() {
            Some(c @ ' '..='~') => {
                if c == quote || c == '\\' {
                    out.push('\\');
                }
                out.push(c);
            }
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c) if !c.is_ascii() && is_repr_printable(c) => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out.push(quote);
    out
}

/// Appends `\xhh`, `\uhhhh` or `\Uhhhhhhhh`, whichever is the shortest that fits.
pub fn push_escape(out: &mut String, c: CodePoint) {
    let code = c.to_u32();
    // Writing to a `String` cannot fail.
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// `ascii(x)`, given `repr(x)`: the same with everything outside ASCII escaped.
pub fn escape_non_ascii(repr: &Wtf8) -> String {
    let mut out = String::with_capacity(repr.len());
    for c in repr.code_points() {
        match c.to_char() {
            Some(c) if c.is_ascii() => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out
}

/// `ascii(text)` for a string.
pub fn str_ascii(text: &Wtf8) -> String {
    escape_non_ascii(Wtf8::new(str_repr(text).as_str()))
}

/// `repr(data)` for `bytes`.
pub fn bytes_repr(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() + 3);
    push_bytes_literal(&mut out, data, choose_quote(data));
    out
}

/// `repr(data)` for a `bytearray`, or for a subclass named `class`.
pub fn bytearray_repr(class: &str, data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() + class.len() + 5);
    out.push_str(class);
    out.push('(');
    push_bytes_literal(&mut out, data, choose_quote(data));
    out.push(')');
    out
}

fn push_bytes_literal(out: &mut String, data: &[u8], quote: u8) {
    out.push('b');
    out.push(quote as char);
    for &b in data {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => {
                if b == quote || b == b'\\' {
                    out.push('\\');
                }
                out.push(b as char);
            }
            _ => {
                out.push_str("\\x");
                out.push(HEX[usize::from(b >> 4)] as char);
                out.push(HEX[usize::from(b & 15)] as char);
            }
        }
    }
    out.push(quote as char);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustpython_wtf8::Wtf8Buf;

    #[test]
    fn strings() {
        for (text, repr) in [
            ("", "''"),
            ("abc", "'abc'"),
            ("it's", "\"it's\""),
            ("'\"", r#"'\'"'"#),
            ("a\\b\n\r\t\0\x7f", r"'a\\b\n\r\t\x00\x7f'"),
            ("é\u{a0}\u{ad}", r"'é\xa0\xad'"),
            ("\u{3042}\u{2028}\u{e000}", r"'あ\u2028\ue000'"),
            ("😀\u{10ffff}", r"'😀\U0010ffff'"),
        ] {
            assert_eq!(str_repr(Wtf8::new(text)), repr);
        }
        let mut lone = Wtf8Buf::from_string("a".into());
        lone.push(CodePoint::from_u32(0xd800).unwrap());
        assert_eq!(str_repr(&lone), r"'a\ud800'");
        assert_eq!(str_ascii(Wtf8::new("é😀あ")), r"'\xe9\U0001f600\u3042'");
    }

    #[test]
    fn bytes() {
        assert_eq!(bytes_repr(b"a'b\x00\xff\\"), r#"b"a'b\x00\xff\\""#);
        assert_eq!(bytes_repr(b"'\""), r#"b'\'"'"#);
        assert_eq!(bytearray_repr("bytearray", b"x"), "bytearray(b'x')");
    }
}
