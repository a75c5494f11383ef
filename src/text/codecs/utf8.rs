//! UTF-8. WTF-8 without lone surrogates is UTF-8, so mostly this only checks.

use rustpython_wtf8::{Wtf8, Wtf8Buf};

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, Replacement};
use super::narrow::Cursor;

/// The signature that `utf-8-sig` writes and skips.
pub const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// `text.encode("utf-8")`.
pub fn utf8_encode<H: EncodeErrors>(text: &Wtf8, errors: &mut H) -> Result<Vec<u8>, H::Error> {
    if text.as_str().is_ok() {
        return Ok(text.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut cursor = Cursor::new(text);
    loop {
        cursor.copy_while(&mut out, |c| c.to_char().is_some());
        let Some(fault) =
            cursor.fault("utf-8", "surrogates not allowed", |c| c.to_char().is_none())
        else {
            return Ok(out);
        };
        let (replacement, resume) = errors.replace(&fault)?;
        match replacement {
            Replacement::Bytes(bytes) => out.extend(bytes),
            Replacement::Text(text) if text.is_ascii() => out.extend_from_slice(text.as_bytes()),
            Replacement::Text(_) => return Err(errors.fail(&fault)),
        }
        cursor.seek(resume);
    }
}

/// `data.decode("utf-8")`. If input may follow, an incomplete sequence at the end is left alone.
pub fn utf8_decode<H: DecodeErrors>(
    data: &[u8],
    last: bool,
    errors: &mut H,
) -> Result<Decoded, H::Error> {
    let mut text = Wtf8Buf::new();
    let mut at = 0;
    loop {
        let error = match std::str::from_utf8(&data[at..]) {
            Ok(rest) => {
                text.push_str(rest);
                let consumed = data.len();
                return Ok(Decoded { text, consumed });
            }
            Err(error) => error,
        };
        let start = at + error.valid_up_to();
        for chunk in data[at..start].utf8_chunks() {
            text.push_str(chunk.valid());
        }
        let (end, reason) = match error.error_len() {
            None if !last => {
                return Ok(Decoded {
                    text,
                    consumed: start,
                });
            }
            None => (data.len(), "unexpected end of data"),
            Some(len) if matches!(data[start], 0xc2..=0xf4) => {
                (start + len, "invalid continuation byte")
            }
            Some(_) => (start + 1, "invalid start byte"),
        };
        let fault = DecodeFault {
            encoding: "utf-8",
            data,
            start,
            end,
            reason,
        };
        let (replacement, resume) = errors.replace(&fault)?;
        text.push_wtf8(&replacement);
        at = resume;
    }
}

impl<'a> Cursor<'a> {
    /// Copies the bytes of code points that `fits` accepts.
    fn copy_while(&mut self, out: &mut Vec<u8>, fits: impl Fn(rustpython_wtf8::CodePoint) -> bool) {
        let run = self.run(fits);
        out.extend_from_slice(run.as_bytes());
    }

    /// The fault that covers the run of code points at the cursor that `faulty` accepts; `None` at the end.
    pub(super) fn fault(
        &self,
        encoding: &'static str,
        reason: &'static str,
        faulty: impl Fn(rustpython_wtf8::CodePoint) -> bool,
    ) -> Option<EncodeFault<'a>> {
        if self.at_end() {
            return None;
        }
        let mut ahead = self.clone();
        ahead.run(faulty);
        Some(self.fault_to(&ahead, encoding, reason))
    }
}
