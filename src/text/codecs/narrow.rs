//! One byte for each character: ASCII and Latin-1.

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::str_ops::Text;

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, Replacement};

/// A position in text, in bytes and in code points.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a Wtf8,
    byte: usize,
    char: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a Wtf8) -> Self {
        Cursor {
            text,
            byte: 0,
            char: 0,
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.byte >= self.text.len()
    }

    /// Moves past one code point.
    pub(super) fn next(&mut self) -> Option<CodePoint> {
        let c = self.text[self.byte..].code_points().next()?;
        self.byte += c.len_wtf8();
        self.char += 1;
        Some(c)
    }

    /// Moves past the code points that `fits` accepts, and returns them.
    pub(super) fn run(&mut self, fits: impl Fn(CodePoint) -> bool) -> &'a Wtf8 {
        let start = self.byte;
        for c in self.text[start..].code_points() {
            if !fits(c) {
                break;
            }
            self.byte += c.len_wtf8();
            self.char += 1;
        }
        &self.text[start..self.byte]
    }

    /// Moves to a position in code points.
    pub(super) fn seek(&mut self, char: usize) {
        if char < self.char {
            (self.byte, self.char) = (0, 0);
        }
        let rest = Text::new(&self.text[self.byte..]);
        let ahead = (char - self.char).min(rest.len());
        self.byte += rest.byte_at(ahead);
        self.char += ahead;
    }

    /// The fault that lies between two positions.
    pub(super) fn fault_to(
        &self,
        end: &Cursor<'a>,
        encoding: &'static str,
        reason: &'static str,
    ) -> EncodeFault<'a> {
        EncodeFault {
            encoding,
            text: self.text,
            start: self.char,
            end: end.char,
            reason,
            bytes: self.byte..end.byte,
        }
    }
}

/// Encodes what is below `limit` as one byte each.
fn encode<H: EncodeErrors>(
    text: &Wtf8,
    encoding: &'static str,
    limit: u32,
    reason: &'static str,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    if text.is_ascii() {
        return Ok(text.as_bytes().to_vec());
    }
    let fits = |c: CodePoint| c.to_u32() < limit;
    let push =
        |out: &mut Vec<u8>, text: &Wtf8| out.extend(text.code_points().map(|c| c.to_u32() as u8));
    let mut out = Vec::with_capacity(text.len());
    let mut cursor = Cursor::new(text);
    loop {
        push(&mut out, cursor.run(fits));
        let Some(fault) = cursor.fault(encoding, reason, |c| !fits(c)) else {
            return Ok(out);
        };
        let (replacement, resume) = errors.replace(&fault)?;
        match replacement {
            Replacement::Bytes(bytes) => out.extend(bytes),
            Replacement::Text(text) if text.code_points().all(fits) => push(&mut out, &text),
            Replacement::Text(_) => return Err(errors.fail(&fault)),
        }
        cursor.seek(resume);
    }
}

/// `text.encode("ascii")`.
pub fn ascii_encode<H: EncodeErrors>(text: &Wtf8, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    encode(text, "ascii", 0x80, "ordinal not in range(128)", errors)
}

/// `text.encode("latin-1")`.
pub fn latin1_encode<H: EncodeErrors>(text: &Wtf8, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    encode(text, "latin-1", 0x100, "ordinal not in range(256)", errors)
}

/// `data.decode("ascii")`.
pub fn ascii_decode<H: DecodeErrors>(data: &[u8], errors: &mut H) -> Result<Decoded, H::Error> {
    let mut text = Wtf8Buf::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        let run = data[at..]
            .iter()
            .position(|b| !b.is_ascii())
            .unwrap_or(data.len() - at);
        for chunk in data[at..at + run].utf8_chunks() {
            text.push_str(chunk.valid());
        }
        at += run;
        if at < data.len() {
            let fault = DecodeFault {
                encoding: "ascii",
                data,
                start: at,
                end: at + 1,
                reason: "ordinal not in range(128)",
            };
            let (replacement, resume) = errors.replace(&fault)?;
            text.push_wtf8(&replacement);
            at = resume;
        }
    }
    Ok(Decoded {
        text,
        consumed: data.len(),
    })
}

/// `data.decode("latin-1")`, which cannot fail.
pub fn latin1_decode(data: &[u8]) -> Wtf8Buf {
    let mut text = String::with_capacity(data.len());
    text.extend(data.iter().map(|&b| char::from(b)));
    text.into()
}
