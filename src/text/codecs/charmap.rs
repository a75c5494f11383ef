//! Encodings defined by a table of 256 characters, as Python's `encodings` package has them.

use std::collections::HashMap;

use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use super::Decoded;
use super::errors::{DecodeErrors, DecodeFault, EncodeErrors, Replacement};
use super::narrow::Cursor;

const REASON: &str = "character maps to <undefined>";
/// Stands in a decoding table where there is no character.
const UNDEFINED: u32 = 0xfffe;

/// `codecs.charmap_decode(data, errors, table)` with a string for a table; without one it is Latin-1.
pub fn charmap_decode<H: DecodeErrors>(
    data: &[u8],
    table: Option<&Wtf8>,
    errors: &mut H,
) -> Result<Decoded, H::Error> {
    let consumed = data.len();
    let Some(table) = table else {
        let text = super::latin1_decode(data);
        return Ok(Decoded { text, consumed });
    };
    let table: Vec<CodePoint> = table.code_points().take(256).collect();
    let mut text = Wtf8Buf::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        match table.get(usize::from(data[at])) {
            Some(&c) if c.to_u32() != UNDEFINED => {
                text.push(c);
                at += 1;
            }
            _ => {
                let fault = DecodeFault {
                    encoding: "charmap",
                    data,
                    start: at,
                    end: at + 1,
                    reason: REASON,
                };
                let (replacement, resume) = errors.replace(&fault)?;
                text.push_wtf8(&replacement);
                at = resume;
            }
        }
    }
    Ok(Decoded { text, consumed })
}

/// The inverse of a decoding table: `codecs.charmap_build(table)`.
#[derive(Debug, Clone, Default)]
pub struct EncodingMap {
    bytes: HashMap<u32, u8>,
}

impl EncodingMap {
    pub fn new(table: &Wtf8) -> EncodingMap {
        let entries = table
            .code_points()
            .zip(0..=255)
            .map(|(c, b)| (c.to_u32(), b));
        EncodingMap {
            bytes: entries.filter(|&(code, _)| code != UNDEFINED).collect(),
        }
    }

    fn get(&self, c: CodePoint) -> Option<u8> {
        self.bytes.get(&c.to_u32()).copied()
    }
}

/// `codecs.charmap_encode(text, errors, map)`.
pub fn charmap_encode<H: EncodeErrors>(
    text: &Wtf8,
    map: &EncodingMap,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(text.len());
    let mut cursor = Cursor::new(text);
    loop {
        let run = cursor.run(|c| map.get(c).is_some());
        out.extend(run.code_points().filter_map(|c| map.get(c)));
        let Some(fault) = cursor.fault("charmap", REASON, |c| map.get(c).is_none()) else {
            return Ok(out);
        };
        let (replacement, resume) = errors.replace(&fault)?;
        match replacement {
            Replacement::Bytes(bytes) => out.extend(bytes),
            Replacement::Text(text) => {
                for c in text.code_points() {
                    out.push(map.get(c).ok_or_else(|| errors.fail(&fault))?);
                }
            }
        }
        cursor.seek(resume);
    }
}
