//! Source text: from bytes to a string, and from offsets to lines and columns.

use ruff_text_size::TextRange;

use super::error::SyntaxErr;

/// A range as lines (from 1) and columns (bytes from 0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub end_line: u32,
    pub col: u32,
    pub end_col: u32,
}

/// Where the lines start.
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of `text`, whose newlines are `\n` alone.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        LineIndex { starts }
    }

    /// Line (from 1) and column (bytes, from 0) of an offset.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        (line as u32, offset - self.starts[line - 1])
    }

    /// The line (from 1) that holds `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.position(offset).0
    }

    /// The lines and columns of a range.
    pub fn place(&self, range: TextRange) -> Place {
        let (line, col) = self.position(range.start().to_u32());
        let (end_line, end_col) = match self.starts.get(line as usize) {
            Some(&next) if range.end().to_u32() >= next => self.position(range.end().to_u32()),
            _ => (line, col + range.len().to_u32()),
        };
        Place {
            line,
            end_line,
            col,
            end_col,
        }
    }

    /// The text of a line (from 1), with its newline.
    pub fn text<'a>(&self, source: &'a str, line: u32) -> &'a str {
        let index = (line.max(1) - 1) as usize;
        let Some(&start) = self.starts.get(index) else {
            return "";
        };
        let end = self
            .starts
            .get(index + 1)
            .map_or(source.len(), |&next| next as usize);
        &source[start as usize..end]
    }
}

/// Makes every newline a `\n`.
pub fn normalise_newlines(source: &str) -> std::borrow::Cow<'_, str> {
    if memchr::memchr(b'\r', source.as_bytes()).is_none() {
        return source.into();
    }
    source.replace("\r\n", "\n").replace('\r', "\n").into()
}

/// Decodes a source file: byte order mark, encoding comment (PEP 263), UTF-8 by default.
pub fn decode_source(bytes: &[u8]) -> Result<String, SyntaxErr> {
    let (body, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let name = encoding_comment(body);
    let encoding = name.as_deref().map(normalise_encoding);
    if marked
        && let (Some(encoding), Some(name)) = (&encoding, &name)
        && encoding != "utf-8"
    {
        return Err(SyntaxErr::bare(format!(
            "encoding problem: {name} with BOM"
        )));
    }
    match encoding.as_deref() {
        None | Some("utf-8") => match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_owned()),
            Err(problem) => Err(not_utf8(
                body,
                problem.valid_up_to(),
                name.is_some() || marked,
            )),
        },
        Some("iso-8859-1") => Ok(body.iter().map(|&byte| char::from(byte)).collect()),
        Some("iso-8859-15") => Ok(body.iter().map(|&byte| latin9(byte)).collect()),
        Some("cp1252") => body
            .iter()
            .map(|&byte| windows_1252(byte))
            .collect::<Option<String>>()
            .ok_or_else(|| undecodable("charmap", body, windows_1252)),
        Some("ascii") => match body.iter().position(|byte| !byte.is_ascii()) {
            None => Ok(body.iter().map(|&byte| char::from(byte)).collect()),
            Some(at) => Err(SyntaxErr::bare(format!(
                "(unicode error) 'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                body[at]
            ))),
        },
        Some(_) => Err(SyntaxErr::bare(format!(
            "unknown encoding: {}",
            name.unwrap_or_default()
        ))),
    }
}

fn undecodable(codec: &str, body: &[u8], decode: fn(u8) -> Option<char>) -> SyntaxErr {
    let at = body
        .iter()
        .position(|&byte| decode(byte).is_none())
        .unwrap_or(0);
    SyntaxErr::bare(format!(
        "(unicode error) '{codec}' codec can't decode byte 0x{:02x} in position {at}: character maps to <undefined>",
        body[at]
    ))
}

fn latin9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(byte),
    }
}

fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => Some(HIGH[usize::from(byte) - 0x80]).filter(|&c| c != '\0'),
        _ => Some(char::from(byte)),
    }
}

/// The encoding that a comment in the first two lines names (the second only after a blank or comment line).
fn encoding_comment(body: &[u8]) -> Option<String> {
    for line in body.split(|&byte| byte == b'\n').take(2) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = line
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
        let Some(start) = start else { continue };
        if line[start] != b'#' {
            return None;
        }
        let comment = &line[start..];
        let Some(at) = memchr::memmem::find_iter(comment, b"coding")
            .find(|&at| matches!(comment.get(at + 6), Some(b':' | b'=')))
        else {
            continue;
        };
        let rest = &comment[at + 7..];
        let skip = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let name: Vec<u8> = rest[skip..]
            .iter()
            .copied()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .collect();
        if !name.is_empty() {
            return String::from_utf8(name).ok();
        }
    }
    None
}

fn normalise_encoding(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    match name.as_str() {
        "utf8" | "utf-8" | "utf-8-sig" | "u8" | "utf" | "cp65001" => "utf-8".into(),
        _ if name.starts_with("utf-8-") => "utf-8".into(),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1"
        | "iso-latin-1" | "latin" => "iso-8859-1".into(),
        "iso-8859-15" | "iso8859-15" | "latin-9" | "latin9" | "l9" => "iso-8859-15".into(),
        "cp1252" | "windows-1252" | "1252" => "cp1252".into(),
        "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => "ascii".into(),
        _ => name,
    }
}

fn not_utf8(body: &[u8], at: usize, declared: bool) -> SyntaxErr {
    let line = memchr::memchr_iter(b'\n', &body[..at]).count() as u32 + 1;
    let byte = body[at];
    if declared {
        return SyntaxErr::bare(format!(
            "(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte"
        ));
    }
    let mut err = SyntaxErr::bare(format!(
        "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
    ));
    err.line = line;
    err
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies() {
        assert_eq!(
            decode_source(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n").unwrap(),
            "# -*- coding: latin-1 -*-\nx = 'é'\n"
        );
        assert_eq!(decode_source(b"\xef\xbb\xbfx").unwrap(), "x");
        assert!(
            decode_source(b"x = '\xe9'")
                .unwrap_err()
                .msg
                .starts_with("Non-UTF-8 code starting with '\\xe9' on line 1")
        );
        assert_eq!(
            decode_source(b"#!x\n# vim: set fileencoding=foo :\n")
                .unwrap_err()
                .msg,
            "unknown encoding: foo"
        );
    }

    #[test]
    fn spans() {
        let text = "a\nbc = (\n 1)\n";
        let index = LineIndex::new(text);
        let span = index.place(TextRange::new(7.into(), 12.into()));
        assert_eq!(
            (span.line, span.col, span.end_line, span.end_col),
            (2, 5, 3, 3)
        );
        assert_eq!(index.text(text, 2), "bc = (\n");
    }
}
