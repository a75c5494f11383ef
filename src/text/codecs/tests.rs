use super::*;
use proptest::prelude::*;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::str_ops::Text;

fn text_of(codes: &[u32]) -> Wtf8Buf {
    codes
        .iter()
        .filter_map(|&code| CodePoint::from_u32(code))
        .collect()
}

fn message(error: CodecError, text: &Wtf8, data: &[u8]) -> String {
    match error {
        CodecError::Encode {
            encoding,
            start,
            end,
            reason,
        } => encode_message(encoding, Text::new(text), start, end, reason),
        CodecError::Decode {
            encoding,
            start,
            end,
            reason,
        } => decode_message(encoding, data, start, end, reason),
        CodecError::Other(error) => error.message().to_owned(),
    }
}

/// What CPython 3.13 answers.
#[test]
fn like_cpython() {
    let decoding: &[(&str, &str, &[u8], Result<&[u32], &str>)] = &[
        ("utf-8", "strict", b"\x61\x62\x63\xc3\xa9", Ok(&[0x61, 0x62, 0x63, 0xe9])),
        ("utf-8", "strict", b"\x80\x61", Err("'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte")),
        ("utf-8", "strict", b"\x61\xc3", Err("'utf-8' codec can't decode byte 0xc3 in position 1: unexpected end of data")),
        ("utf-8", "strict", b"\x61\xc3\x62", Err("'utf-8' codec can't decode byte 0xc3 in position 1: invalid continuation byte")),
        ("utf-8", "strict", b"\xe2\x82", Err("'utf-8' codec can't decode bytes in position 0-1: unexpected end of data")),
        ("utf-8", "strict", b"\xe2\x82\x62", Err("'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte")),
        ("utf-8", "strict", b"\xe0\x80\x80", Err("'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte")),
        ("utf-8", "strict", b"\xed\xa0\x80\x78", Err("'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte")),
        ("utf-8", "strict", b"\xf0\x90\x80", Err("'utf-8' codec can't decode bytes in position 0-2: unexpected end of data")),
        ("utf-8", "strict", b"\xf0\x90\x80\x78", Err("'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte")),
        ("utf-8", "strict", b"\xf5\x80", Err("'utf-8' codec can't decode byte 0xf5 in position 0: invalid start byte")),
        ("utf-8", "strict", b"\xf4\x90\x80\x80", Err("'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte")),
        ("utf-8", "strict", b"\xff\xfe", Err("'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")),
        ("utf-8", "strict", b"\xc0\x80", Err("'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte")),
        ("utf-8", "strict", b"\xf0\x80", Err("'utf-8' codec can't decode byte 0xf0 in position 0: invalid continuation byte")),
        ("utf-8", "strict", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "replace", b"\x80\x61", Ok(&[0xfffd, 0x61])),
        ("utf-8", "replace", b"\x61\xc3", Ok(&[0x61, 0xfffd])),
        ("utf-8", "replace", b"\x61\xc3\x62", Ok(&[0x61, 0xfffd, 0x62])),
        ("utf-8", "replace", b"\xe2\x82", Ok(&[0xfffd])),
        ("utf-8", "replace", b"\xe2\x82\x62", Ok(&[0xfffd, 0x62])),
        ("utf-8", "replace", b"\xe0\x80\x80", Ok(&[0xfffd, 0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xed\xa0\x80\x78", Ok(&[0xfffd, 0xfffd, 0xfffd, 0x78])),
        ("utf-8", "replace", b"\xf0\x90\x80", Ok(&[0xfffd])),
        ("utf-8", "replace", b"\xf0\x90\x80\x78", Ok(&[0xfffd, 0x78])),
        ("utf-8", "replace", b"\xf5\x80", Ok(&[0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xf4\x90\x80\x80", Ok(&[0xfffd, 0xfffd, 0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xff\xfe", Ok(&[0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xc0\x80", Ok(&[0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xf0\x80", Ok(&[0xfffd, 0xfffd])),
        ("utf-8", "replace", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "ignore", b"\x80\x61", Ok(&[0x61])),
        ("utf-8", "ignore", b"\x61\xc3", Ok(&[0x61])),
        ("utf-8", "ignore", b"\x61\xc3\x62", Ok(&[0x61, 0x62])),
        ("utf-8", "ignore", b"\xe2\x82", Ok(&[])),
        ("utf-8", "ignore", b"\xe2\x82\x62", Ok(&[0x62])),
        ("utf-8", "ignore", b"\xe0\x80\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xed\xa0\x80\x78", Ok(&[0x78])),
        ("utf-8", "ignore", b"\xf0\x90\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xf0\x90\x80\x78", Ok(&[0x78])),
        ("utf-8", "ignore", b"\xf5\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xf4\x90\x80\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xff\xfe", Ok(&[])),
        ("utf-8", "ignore", b"\xc0\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xf0\x80", Ok(&[])),
        ("utf-8", "ignore", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "backslashreplace", b"\x80\x61", Ok(&[0x5c, 0x78, 0x38, 0x30, 0x61])),
        ("utf-8", "backslashreplace", b"\x61\xc3", Ok(&[0x61, 0x5c, 0x78, 0x63, 0x33])),
        ("utf-8", "backslashreplace", b"\x61\xc3\x62", Ok(&[0x61, 0x5c, 0x78, 0x63, 0x33, 0x62])),
        ("utf-8", "backslashreplace", b"\xe2\x82", Ok(&[0x5c, 0x78, 0x65, 0x32, 0x5c, 0x78, 0x38, 0x32])),
        ("utf-8", "backslashreplace", b"\xe2\x82\x62", Ok(&[0x5c, 0x78, 0x65, 0x32, 0x5c, 0x78, 0x38, 0x32, 0x62])),
        ("utf-8", "backslashreplace", b"\xe0\x80\x80", Ok(&[0x5c, 0x78, 0x65, 0x30, 0x5c, 0x78, 0x38, 0x30, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xed\xa0\x80\x78", Ok(&[0x5c, 0x78, 0x65, 0x64, 0x5c, 0x78, 0x61, 0x30, 0x5c, 0x78, 0x38, 0x30, 0x78])),
        ("utf-8", "backslashreplace", b"\xf0\x90\x80", Ok(&[0x5c, 0x78, 0x66, 0x30, 0x5c, 0x78, 0x39, 0x30, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xf0\x90\x80\x78", Ok(&[0x5c, 0x78, 0x66, 0x30, 0x5c, 0x78, 0x39, 0x30, 0x5c, 0x78, 0x38, 0x30, 0x78])),
        ("utf-8", "backslashreplace", b"\xf5\x80", Ok(&[0x5c, 0x78, 0x66, 0x35, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xf4\x90\x80\x80", Ok(&[0x5c, 0x78, 0x66, 0x34, 0x5c, 0x78, 0x39, 0x30, 0x5c, 0x78, 0x38, 0x30, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xff\xfe", Ok(&[0x5c, 0x78, 0x66, 0x66, 0x5c, 0x78, 0x66, 0x65])),
        ("utf-8", "backslashreplace", b"\xc0\x80", Ok(&[0x5c, 0x78, 0x63, 0x30, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xf0\x80", Ok(&[0x5c, 0x78, 0x66, 0x30, 0x5c, 0x78, 0x38, 0x30])),
        ("utf-8", "backslashreplace", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "surrogateescape", b"\x80\x61", Ok(&[0xdc80, 0x61])),
        ("utf-8", "surrogateescape", b"\x61\xc3", Ok(&[0x61, 0xdcc3])),
        ("utf-8", "surrogateescape", b"\x61\xc3\x62", Ok(&[0x61, 0xdcc3, 0x62])),
        ("utf-8", "surrogateescape", b"\xe2\x82", Ok(&[0xdce2, 0xdc82])),
        ("utf-8", "surrogateescape", b"\xe2\x82\x62", Ok(&[0xdce2, 0xdc82, 0x62])),
        ("utf-8", "surrogateescape", b"\xe0\x80\x80", Ok(&[0xdce0, 0xdc80, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xed\xa0\x80\x78", Ok(&[0xdced, 0xdca0, 0xdc80, 0x78])),
        ("utf-8", "surrogateescape", b"\xf0\x90\x80", Ok(&[0xdcf0, 0xdc90, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xf0\x90\x80\x78", Ok(&[0xdcf0, 0xdc90, 0xdc80, 0x78])),
        ("utf-8", "surrogateescape", b"\xf5\x80", Ok(&[0xdcf5, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xf4\x90\x80\x80", Ok(&[0xdcf4, 0xdc90, 0xdc80, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xff\xfe", Ok(&[0xdcff, 0xdcfe])),
        ("utf-8", "surrogateescape", b"\xc0\x80", Ok(&[0xdcc0, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xf0\x80", Ok(&[0xdcf0, 0xdc80])),
        ("utf-8", "surrogateescape", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "surrogatepass", b"\x80\x61", Err("'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte")),
        ("utf-8", "surrogatepass", b"\x61\xc3", Err("'utf-8' codec can't decode byte 0xc3 in position 1: unexpected end of data")),
        ("utf-8", "surrogatepass", b"\x61\xc3\x62", Err("'utf-8' codec can't decode byte 0xc3 in position 1: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xe2\x82", Err("'utf-8' codec can't decode bytes in position 0-1: unexpected end of data")),
        ("utf-8", "surrogatepass", b"\xe2\x82\x62", Err("'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xe0\x80\x80", Err("'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xed\xa0\x80\x78", Ok(&[0xd800, 0x78])),
        ("utf-8", "surrogatepass", b"\xf0\x90\x80", Err("'utf-8' codec can't decode bytes in position 0-2: unexpected end of data")),
        ("utf-8", "surrogatepass", b"\xf0\x90\x80\x78", Err("'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xf5\x80", Err("'utf-8' codec can't decode byte 0xf5 in position 0: invalid start byte")),
        ("utf-8", "surrogatepass", b"\xf4\x90\x80\x80", Err("'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xff\xfe", Err("'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")),
        ("utf-8", "surrogatepass", b"\xc0\x80", Err("'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte")),
        ("utf-8", "surrogatepass", b"\xf0\x80", Err("'utf-8' codec can't decode byte 0xf0 in position 0: invalid continuation byte")),
        ("utf-8", "surrogatepass", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("utf-8", "xmlcharrefreplace", b"\x80\x61", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\x61\xc3", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\x61\xc3\x62", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xe2\x82", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xe2\x82\x62", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xe0\x80\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xed\xa0\x80\x78", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xf0\x90\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xf0\x90\x80\x78", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xf5\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xf4\x90\x80\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xff\xfe", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xc0\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xf0\x80", Err("don't know how to handle UnicodeDecodeError in error callback")),
        ("utf-8", "xmlcharrefreplace", b"\xef\xbb\xbf\x61", Ok(&[0xfeff, 0x61])),
        ("ascii", "strict", b"\x61\x62\x63\xc3\xa9", Err("'ascii' codec can't decode byte 0xc3 in position 3: ordinal not in range(128)")),
        ("ascii", "strict", b"\x80\x61", Err("'ascii' codec can't decode byte 0x80 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\x61\xc3", Err("'ascii' codec can't decode byte 0xc3 in position 1: ordinal not in range(128)")),
        ("ascii", "strict", b"\x61\xc3\x62", Err("'ascii' codec can't decode byte 0xc3 in position 1: ordinal not in range(128)")),
        ("ascii", "strict", b"\xe2\x82", Err("'ascii' codec can't decode byte 0xe2 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xe2\x82\x62", Err("'ascii' codec can't decode byte 0xe2 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xe0\x80\x80", Err("'ascii' codec can't decode byte 0xe0 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xed\xa0\x80\x78", Err("'ascii' codec can't decode byte 0xed in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xf0\x90\x80", Err("'ascii' codec can't decode byte 0xf0 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xf0\x90\x80\x78", Err("'ascii' codec can't decode byte 0xf0 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xf5\x80", Err("'ascii' codec can't decode byte 0xf5 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xf4\x90\x80\x80", Err("'ascii' codec can't decode byte 0xf4 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xff\xfe", Err("'ascii' codec can't decode byte 0xff in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xc0\x80", Err("'ascii' codec can't decode byte 0xc0 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xf0\x80", Err("'ascii' codec can't decode byte 0xf0 in position 0: ordinal not in range(128)")),
        ("ascii", "strict", b"\xef\xbb\xbf\x61", Err("'ascii' codec can't decode byte 0xef in position 0: ordinal not in range(128)")),
        ("ascii", "surrogateescape", b"\x80\x61", Ok(&[0xdc80, 0x61])),
        ("ascii", "surrogateescape", b"\x61\xc3", Ok(&[0x61, 0xdcc3])),
        ("ascii", "surrogateescape", b"\x61\xc3\x62", Ok(&[0x61, 0xdcc3, 0x62])),
        ("ascii", "surrogateescape", b"\xe2\x82", Ok(&[0xdce2, 0xdc82])),
        ("ascii", "surrogateescape", b"\xe2\x82\x62", Ok(&[0xdce2, 0xdc82, 0x62])),
        ("ascii", "surrogateescape", b"\xe0\x80\x80", Ok(&[0xdce0, 0xdc80, 0xdc80])),
        ("ascii", "surrogateescape", b"\xed\xa0\x80\x78", Ok(&[0xdced, 0xdca0, 0xdc80, 0x78])),
        ("ascii", "surrogateescape", b"\xf0\x90\x80", Ok(&[0xdcf0, 0xdc90, 0xdc80])),
        ("ascii", "surrogateescape", b"\xf0\x90\x80\x78", Ok(&[0xdcf0, 0xdc90, 0xdc80, 0x78])),
        ("ascii", "surrogateescape", b"\xf5\x80", Ok(&[0xdcf5, 0xdc80])),
        ("ascii", "surrogateescape", b"\xf4\x90\x80\x80", Ok(&[0xdcf4, 0xdc90, 0xdc80, 0xdc80])),
        ("ascii", "surrogateescape", b"\xff\xfe", Ok(&[0xdcff, 0xdcfe])),
        ("ascii", "surrogateescape", b"\xc0\x80", Ok(&[0xdcc0, 0xdc80])),
        ("ascii", "surrogateescape", b"\xf0\x80", Ok(&[0xdcf0, 0xdc80])),
        ("ascii", "surrogateescape", b"\xef\xbb\xbf\x61", Ok(&[0xdcef, 0xdcbb, 0xdcbf, 0x61])),
        ("latin-1", "strict", b"\x61\x62\x63\xc3\xa9", Ok(&[0x61, 0x62, 0x63, 0xc3, 0xa9])),
        ("latin-1", "strict", b"\x80\x61", Ok(&[0x80, 0x61])),
        ("latin-1", "strict", b"\x61\xc3", Ok(&[0x61, 0xc3])),
        ("latin-1", "strict", b"\x61\xc3\x62", Ok(&[0x61, 0xc3, 0x62])),
        ("latin-1", "strict", b"\xe2\x82", Ok(&[0xe2, 0x82])),
        ("latin-1", "strict", b"\xe2\x82\x62", Ok(&[0xe2, 0x82, 0x62])),
        ("latin-1", "strict", b"\xe0\x80\x80", Ok(&[0xe0, 0x80, 0x80])),
        ("latin-1", "strict", b"\xed\xa0\x80\x78", Ok(&[0xed, 0xa0, 0x80, 0x78])),
        ("latin-1", "strict", b"\xf0\x90\x80", Ok(&[0xf0, 0x90, 0x80])),
        ("latin-1", "strict", b"\xf0\x90\x80\x78", Ok(&[0xf0, 0x90, 0x80, 0x78])),
        ("latin-1", "strict", b"\xf5\x80", Ok(&[0xf5, 0x80])),
        ("latin-1", "strict", b"\xf4\x90\x80\x80", Ok(&[0xf4, 0x90, 0x80, 0x80])),
        ("latin-1", "strict", b"\xff\xfe", Ok(&[0xff, 0xfe])),
        ("latin-1", "strict", b"\xc0\x80", Ok(&[0xc0, 0x80])),
        ("latin-1", "strict", b"\xf0\x80", Ok(&[0xf0, 0x80])),
        ("latin-1", "strict", b"\xef\xbb\xbf\x61", Ok(&[0xef, 0xbb, 0xbf, 0x61])),
        ("utf-8-sig", "strict", b"\x61\x62\x63\xc3\xa9", Ok(&[0x61, 0x62, 0x63, 0xe9])),
        ("utf-8-sig", "strict", b"\x80\x61", Err("'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte")),
        ("utf-8-sig", "strict", b"\x61\xc3", Err("'utf-8' codec can't decode byte 0xc3 in position 1: unexpected end of data")),
        ("utf-8-sig", "strict", b"\x61\xc3\x62", Err("'utf-8' codec can't decode byte 0xc3 in position 1: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xe2\x82", Err("'utf-8' codec can't decode bytes in position 0-1: unexpected end of data")),
        ("utf-8-sig", "strict", b"\xe2\x82\x62", Err("'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xe0\x80\x80", Err("'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xed\xa0\x80\x78", Err("'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xf0\x90\x80", Err("'utf-8' codec can't decode bytes in position 0-2: unexpected end of data")),
        ("utf-8-sig", "strict", b"\xf0\x90\x80\x78", Err("'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xf5\x80", Err("'utf-8' codec can't decode byte 0xf5 in position 0: invalid start byte")),
        ("utf-8-sig", "strict", b"\xf4\x90\x80\x80", Err("'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xff\xfe", Err("'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")),
        ("utf-8-sig", "strict", b"\xc0\x80", Err("'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte")),
        ("utf-8-sig", "strict", b"\xf0\x80", Err("'utf-8' codec can't decode byte 0xf0 in position 0: invalid continuation byte")),
        ("utf-8-sig", "strict", b"\xef\xbb\xbf\x61", Ok(&[0x61])),
        ("utf-8-sig", "surrogateescape", b"\x80\x61", Ok(&[0xdc80, 0x61])),
        ("utf-8-sig", "surrogateescape", b"\x61\xc3", Ok(&[0x61, 0xdcc3])),
        ("utf-8-sig", "surrogateescape", b"\x61\xc3\x62", Ok(&[0x61, 0xdcc3, 0x62])),
        ("utf-8-sig", "surrogateescape", b"\xe2\x82", Ok(&[0xdce2, 0xdc82])),
        ("utf-8-sig", "surrogateescape", b"\xe2\x82\x62", Ok(&[0xdce2, 0xdc82, 0x62])),
        ("utf-8-sig", "surrogateescape", b"\xe0\x80\x80", Ok(&[0xdce0, 0xdc80, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xed\xa0\x80\x78", Ok(&[0xdced, 0xdca0, 0xdc80, 0x78])),
        ("utf-8-sig", "surrogateescape", b"\xf0\x90\x80", Ok(&[0xdcf0, 0xdc90, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xf0\x90\x80\x78", Ok(&[0xdcf0, 0xdc90, 0xdc80, 0x78])),
        ("utf-8-sig", "surrogateescape", b"\xf5\x80", Ok(&[0xdcf5, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xf4\x90\x80\x80", Ok(&[0xdcf4, 0xdc90, 0xdc80, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xff\xfe", Ok(&[0xdcff, 0xdcfe])),
        ("utf-8-sig", "surrogateescape", b"\xc0\x80", Ok(&[0xdcc0, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xf0\x80", Ok(&[0xdcf0, 0xdc80])),
        ("utf-8-sig", "surrogateescape", b"\xef\xbb\xbf\x61", Ok(&[0x61])),
        ("utf-16-le", "strict", b"\x00\xd8\x61\x00", Err("'utf-16-le' codec can't decode bytes in position 0-1: illegal UTF-16 surrogate")),
        ("utf-16-le", "strict", b"\x00\xd8", Err("'utf-16-le' codec can't decode bytes in position 0-1: unexpected end of data")),
        ("utf-16-le", "strict", b"\x00\xd8\x61", Err("'utf-16-le' codec can't decode bytes in position 0-2: unexpected end of data")),
        ("utf-16-le", "strict", b"\x61\x00\x62", Err("'utf-16-le' codec can't decode byte 0x62 in position 2: truncated data")),
        ("utf-16-le", "strict", b"\x00\xdc", Err("'utf-16-le' codec can't decode bytes in position 0-1: illegal encoding")),
        ("utf-16-le", "strict", b"\x3d\xd8\x00\xde", Ok(&[0x1f600])),
        ("utf-16-le", "replace", b"\x00\xd8\x61\x00", Ok(&[0xfffd, 0x61])),
        ("utf-16-le", "replace", b"\x00\xd8", Ok(&[0xfffd])),
        ("utf-16-le", "replace", b"\x00\xd8\x61", Ok(&[0xfffd])),
        ("utf-16-le", "replace", b"\x61\x00\x62", Ok(&[0x61, 0xfffd])),
        ("utf-16-le", "replace", b"\x00\xdc", Ok(&[0xfffd])),
        ("utf-16-le", "replace", b"\x3d\xd8\x00\xde", Ok(&[0x1f600])),
        ("utf-16-le", "surrogatepass", b"\x00\xd8\x61\x00", Ok(&[0xd800, 0x61])),
        ("utf-16-le", "surrogatepass", b"\x00\xd8", Ok(&[0xd800])),
        ("utf-16-le", "surrogatepass", b"\x00\xd8\x61", Err("'utf-16-le' codec can't decode byte 0x61 in position 2: truncated data")),
        ("utf-16-le", "surrogatepass", b"\x61\x00\x62", Err("'utf-16-le' codec can't decode byte 0x62 in position 2: truncated data")),
        ("utf-16-le", "surrogatepass", b"\x00\xdc", Ok(&[0xdc00])),
        ("utf-16-le", "surrogatepass", b"\x3d\xd8\x00\xde", Ok(&[0x1f600])),
        ("utf-16-le", "backslashreplace", b"\x00\xd8\x61\x00", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x38, 0x61])),
        ("utf-16-le", "backslashreplace", b"\x00\xd8", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x38])),
        ("utf-16-le", "backslashreplace", b"\x00\xd8\x61", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x38, 0x5c, 0x78, 0x36, 0x31])),
        ("utf-16-le", "backslashreplace", b"\x61\x00\x62", Ok(&[0x61, 0x5c, 0x78, 0x36, 0x32])),
        ("utf-16-le", "backslashreplace", b"\x00\xdc", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x63])),
        ("utf-16-le", "backslashreplace", b"\x3d\xd8\x00\xde", Ok(&[0x1f600])),
        ("utf-16-be", "strict", b"\x00\x61\xd8\x00\x00", Err("'utf-16-be' codec can't decode bytes in position 2-4: unexpected end of data")),
        ("utf-16-be", "strict", b"\xd8\x3d\xde\x00", Ok(&[0x1f600])),
        ("utf-16-be", "replace", b"\x00\x61\xd8\x00\x00", Ok(&[0x61, 0xfffd])),
        ("utf-16-be", "replace", b"\xd8\x3d\xde\x00", Ok(&[0x1f600])),
        ("utf-16-be", "surrogatepass", b"\x00\x61\xd8\x00\x00", Err("'utf-16-be' codec can't decode byte 0x00 in position 4: truncated data")),
        ("utf-16-be", "surrogatepass", b"\xd8\x3d\xde\x00", Ok(&[0x1f600])),
        ("utf-16-be", "backslashreplace", b"\x00\x61\xd8\x00\x00", Ok(&[0x61, 0x5c, 0x78, 0x64, 0x38, 0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x30, 0x30])),
        ("utf-16-be", "backslashreplace", b"\xd8\x3d\xde\x00", Ok(&[0x1f600])),
        ("utf-16", "strict", b"\xff\xfe\x61\x00", Ok(&[0x61])),
        ("utf-16", "strict", b"\xfe\xff\x00\x61", Ok(&[0x61])),
        ("utf-16", "strict", b"\x61\x00", Ok(&[0x61])),
        ("utf-16", "strict", b"\xff\xfe\x00\xdc", Err("'utf-16-le' codec can't decode bytes in position 2-3: illegal encoding")),
        ("utf-16", "strict", b"", Ok(&[])),
        ("utf-16", "replace", b"\xff\xfe\x61\x00", Ok(&[0x61])),
        ("utf-16", "replace", b"\xfe\xff\x00\x61", Ok(&[0x61])),
        ("utf-16", "replace", b"\x61\x00", Ok(&[0x61])),
        ("utf-16", "replace", b"\xff\xfe\x00\xdc", Ok(&[0xfffd])),
        ("utf-16", "replace", b"", Ok(&[])),
        ("utf-16", "surrogatepass", b"\xff\xfe\x61\x00", Ok(&[0x61])),
        ("utf-16", "surrogatepass", b"\xfe\xff\x00\x61", Ok(&[0x61])),
        ("utf-16", "surrogatepass", b"\x61\x00", Ok(&[0x61])),
        ("utf-16", "surrogatepass", b"\xff\xfe\x00\xdc", Ok(&[0xdc00])),
        ("utf-16", "surrogatepass", b"", Ok(&[])),
        ("utf-16", "backslashreplace", b"\xff\xfe\x61\x00", Ok(&[0x61])),
        ("utf-16", "backslashreplace", b"\xfe\xff\x00\x61", Ok(&[0x61])),
        ("utf-16", "backslashreplace", b"\x61\x00", Ok(&[0x61])),
        ("utf-16", "backslashreplace", b"\xff\xfe\x00\xdc", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x63])),
        ("utf-16", "backslashreplace", b"", Ok(&[])),
        ("utf-32-le", "strict", b"\x00\xd8\x00\x00", Err("'utf-32-le' codec can't decode bytes in position 0-3: code point in surrogate code point range(0xd800, 0xe000)")),
        ("utf-32-le", "strict", b"\x00\x00\x11\x00", Err("'utf-32-le' codec can't decode bytes in position 0-3: code point not in range(0x110000)")),
        ("utf-32-le", "strict", b"\x61\x62\x63", Err("'utf-32-le' codec can't decode bytes in position 0-2: truncated data")),
        ("utf-32-le", "strict", b"\x61\x00\x00\x00", Ok(&[0x61])),
        ("utf-32-le", "replace", b"\x00\xd8\x00\x00", Ok(&[0xfffd])),
        ("utf-32-le", "replace", b"\x00\x00\x11\x00", Ok(&[0xfffd])),
        ("utf-32-le", "replace", b"\x61\x62\x63", Ok(&[0xfffd])),
        ("utf-32-le", "replace", b"\x61\x00\x00\x00", Ok(&[0x61])),
        ("utf-32-le", "surrogatepass", b"\x00\xd8\x00\x00", Ok(&[0xd800])),
        ("utf-32-le", "surrogatepass", b"\x00\x00\x11\x00", Err("'utf-32-le' codec can't decode bytes in position 0-3: code point not in range(0x110000)")),
        ("utf-32-le", "surrogatepass", b"\x61\x62\x63", Err("'utf-32-le' codec can't decode bytes in position 0-2: truncated data")),
        ("utf-32-le", "surrogatepass", b"\x61\x00\x00\x00", Ok(&[0x61])),
        ("utf-32-le", "backslashreplace", b"\x00\xd8\x00\x00", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x64, 0x38, 0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x30, 0x30])),
        ("utf-32-le", "backslashreplace", b"\x00\x00\x11\x00", Ok(&[0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x30, 0x30, 0x5c, 0x78, 0x31, 0x31, 0x5c, 0x78, 0x30, 0x30])),
        ("utf-32-le", "backslashreplace", b"\x61\x62\x63", Ok(&[0x5c, 0x78, 0x36, 0x31, 0x5c, 0x78, 0x36, 0x32, 0x5c, 0x78, 0x36, 0x33])),
        ("utf-32-le", "backslashreplace", b"\x61\x00\x00\x00", Ok(&[0x61])),
        ("utf-32", "strict", b"\xff\xfe\x00\x00\x61\x62\x63", Err("'utf-32-le' codec can't decode bytes in position 4-6: truncated data")),
        ("utf-32", "strict", b"\x00\x00\xfe\xff\x00\x01\xf6\x00", Ok(&[0x1f600])),
        ("utf-32", "replace", b"\xff\xfe\x00\x00\x61\x62\x63", Ok(&[0xfffd])),
        ("utf-32", "replace", b"\x00\x00\xfe\xff\x00\x01\xf6\x00", Ok(&[0x1f600])),
        ("utf-32", "surrogatepass", b"\xff\xfe\x00\x00\x61\x62\x63", Err("'utf-32-le' codec can't decode bytes in position 4-6: truncated data")),
        ("utf-32", "surrogatepass", b"\x00\x00\xfe\xff\x00\x01\xf6\x00", Ok(&[0x1f600])),
        ("utf-32", "backslashreplace", b"\xff\xfe\x00\x00\x61\x62\x63", Ok(&[0x5c, 0x78, 0x36, 0x31, 0x5c, 0x78, 0x36, 0x32, 0x5c, 0x78, 0x36, 0x33])),
        ("utf-32", "backslashreplace", b"\x00\x00\xfe\xff\x00\x01\xf6\x00", Ok(&[0x1f600])),
        ("unicode_escape", "strict", b"\x5c\x78\x31", Err("'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape")),
        ("unicode_escape", "strict", b"\x5c\x78\x31\x67", Err("'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape")),
        ("unicode_escape", "strict", b"\x5c\x75\x31\x32", Err("'unicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("unicode_escape", "strict", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30\x61", Err("'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character")),
        ("unicode_escape", "strict", b"\x5c\x4e\x7b\x66\x6f\x6f\x7d", Err("'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name")),
        ("unicode_escape", "strict", b"\x5c\x4e", Err("'unicodeescape' codec can't decode bytes in position 0-1: malformed \\N character escape")),
        ("unicode_escape", "strict", b"\x5c\x4e\x78", Err("'unicodeescape' codec can't decode bytes in position 0-1: malformed \\N character escape")),
        ("unicode_escape", "strict", b"\x5c\x4e\x7b", Err("'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N character escape")),
        ("unicode_escape", "strict", b"\x5c\x4e\x7b\x7d", Err("'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N character escape")),
        ("unicode_escape", "strict", b"\x61\x5c", Err("'unicodeescape' codec can't decode byte 0x5c in position 1: \\ at end of string")),
        ("unicode_escape", "strict", b"\x5c\x37\x37\x37\x5c\x34\x30\x30\x5c\x38", Ok(&[0x1ff, 0x100, 0x5c, 0x38])),
        ("unicode_escape", "strict", b"\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x41\x7d\x5c\x0a\x5c\x74\x5c\x71\x5c\x75\x64\x38\x30\x30\xff", Ok(&[0x61, 0x9, 0x5c, 0x71, 0xd800, 0xff])),
        ("unicode_escape", "strict", b"\x5c\x30\x5c\x31\x32\x5c\x31\x32\x33\x34", Ok(&[0x0, 0xa, 0x53, 0x34])),
        ("unicode_escape", "replace", b"\x5c\x78\x31", Ok(&[0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x78\x31\x67", Ok(&[0xfffd, 0x67])),
        ("unicode_escape", "replace", b"\x5c\x75\x31\x32", Ok(&[0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30\x61", Ok(&[0xfffd, 0x61])),
        ("unicode_escape", "replace", b"\x5c\x4e\x7b\x66\x6f\x6f\x7d", Ok(&[0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x4e", Ok(&[0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x4e\x78", Ok(&[0xfffd, 0x78])),
        ("unicode_escape", "replace", b"\x5c\x4e\x7b", Ok(&[0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x4e\x7b\x7d", Ok(&[0xfffd, 0x7d])),
        ("unicode_escape", "replace", b"\x61\x5c", Ok(&[0x61, 0xfffd])),
        ("unicode_escape", "replace", b"\x5c\x37\x37\x37\x5c\x34\x30\x30\x5c\x38", Ok(&[0x1ff, 0x100, 0x5c, 0x38])),
        ("unicode_escape", "replace", b"\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x41\x7d\x5c\x0a\x5c\x74\x5c\x71\x5c\x75\x64\x38\x30\x30\xff", Ok(&[0x61, 0x9, 0x5c, 0x71, 0xd800, 0xff])),
        ("unicode_escape", "replace", b"\x5c\x30\x5c\x31\x32\x5c\x31\x32\x33\x34", Ok(&[0x0, 0xa, 0x53, 0x34])),
        ("unicode_escape", "surrogatepass", b"\x5c\x78\x31", Err("'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x78\x31\x67", Err("'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x75\x31\x32", Err("'unicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30\x61", Err("'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character")),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e\x7b\x66\x6f\x6f\x7d", Err("'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name")),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e", Err("'unicodeescape' codec can't decode bytes in position 0-1: malformed \\N character escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e\x78", Err("'unicodeescape' codec can't decode bytes in position 0-1: malformed \\N character escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e\x7b", Err("'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N character escape")),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e\x7b\x7d", Err("'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N character escape")),
        ("unicode_escape", "surrogatepass", b"\x61\x5c", Err("'unicodeescape' codec can't decode byte 0x5c in position 1: \\ at end of string")),
        ("unicode_escape", "surrogatepass", b"\x5c\x37\x37\x37\x5c\x34\x30\x30\x5c\x38", Ok(&[0x1ff, 0x100, 0x5c, 0x38])),
        ("unicode_escape", "surrogatepass", b"\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x41\x7d\x5c\x0a\x5c\x74\x5c\x71\x5c\x75\x64\x38\x30\x30\xff", Ok(&[0x61, 0x9, 0x5c, 0x71, 0xd800, 0xff])),
        ("unicode_escape", "surrogatepass", b"\x5c\x30\x5c\x31\x32\x5c\x31\x32\x33\x34", Ok(&[0x0, 0xa, 0x53, 0x34])),
        ("unicode_escape", "backslashreplace", b"\x5c\x78\x31", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x37, 0x38, 0x5c, 0x78, 0x33, 0x31])),
        ("unicode_escape", "backslashreplace", b"\x5c\x78\x31\x67", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x37, 0x38, 0x5c, 0x78, 0x33, 0x31, 0x67])),
        ("unicode_escape", "backslashreplace", b"\x5c\x75\x31\x32", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x37, 0x35, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x32])),
        ("unicode_escape", "backslashreplace", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30\x61", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x35, 0x35, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x61])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e\x7b\x66\x6f\x6f\x7d", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x34, 0x65, 0x5c, 0x78, 0x37, 0x62, 0x5c, 0x78, 0x36, 0x36, 0x5c, 0x78, 0x36, 0x66, 0x5c, 0x78, 0x36, 0x66, 0x5c, 0x78, 0x37, 0x64])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x34, 0x65])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e\x78", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x34, 0x65, 0x78])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e\x7b", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x34, 0x65, 0x5c, 0x78, 0x37, 0x62])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e\x7b\x7d", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x34, 0x65, 0x5c, 0x78, 0x37, 0x62, 0x7d])),
        ("unicode_escape", "backslashreplace", b"\x61\x5c", Ok(&[0x61, 0x5c, 0x78, 0x35, 0x63])),
        ("unicode_escape", "backslashreplace", b"\x5c\x37\x37\x37\x5c\x34\x30\x30\x5c\x38", Ok(&[0x1ff, 0x100, 0x5c, 0x38])),
        ("unicode_escape", "backslashreplace", b"\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x41\x7d\x5c\x0a\x5c\x74\x5c\x71\x5c\x75\x64\x38\x30\x30\xff", Ok(&[0x61, 0x9, 0x5c, 0x71, 0xd800, 0xff])),
        ("unicode_escape", "backslashreplace", b"\x5c\x30\x5c\x31\x32\x5c\x31\x32\x33\x34", Ok(&[0x0, 0xa, 0x53, 0x34])),
        ("raw_unicode_escape", "strict", b"\x5c\x5c\x75\x30\x30\x34\x31\x5c\x75\x30\x30\x34\x31\x5c\x5c\x5c\x75\x30\x30\x34\x31\x5c", Ok(&[0x5c, 0x5c, 0x75, 0x30, 0x30, 0x34, 0x31, 0x41, 0x5c, 0x5c, 0x41, 0x5c])),
        ("raw_unicode_escape", "strict", b"\x5c\x75\x31\x32", Err("'rawunicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("raw_unicode_escape", "strict", b"\x5c\x75\x31\x32\x78", Err("'rawunicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("raw_unicode_escape", "strict", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30", Err("'rawunicodeescape' codec can't decode bytes in position 0-9: \\Uxxxxxxxx out of range")),
        ("raw_unicode_escape", "strict", b"\x5c\x55\x30\x30\x31", Err("'rawunicodeescape' codec can't decode bytes in position 0-4: truncated \\UXXXXXXXX escape")),
        ("raw_unicode_escape", "strict", b"\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\xff", Ok(&[0x1f600, 0xff])),
        ("raw_unicode_escape", "replace", b"\x5c\x5c\x75\x30\x30\x34\x31\x5c\x75\x30\x30\x34\x31\x5c\x5c\x5c\x75\x30\x30\x34\x31\x5c", Ok(&[0x5c, 0x5c, 0x75, 0x30, 0x30, 0x34, 0x31, 0x41, 0x5c, 0x5c, 0x41, 0x5c])),
        ("raw_unicode_escape", "replace", b"\x5c\x75\x31\x32", Ok(&[0xfffd])),
        ("raw_unicode_escape", "replace", b"\x5c\x75\x31\x32\x78", Ok(&[0xfffd, 0x78])),
        ("raw_unicode_escape", "replace", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30", Ok(&[0xfffd])),
        ("raw_unicode_escape", "replace", b"\x5c\x55\x30\x30\x31", Ok(&[0xfffd])),
        ("raw_unicode_escape", "replace", b"\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\xff", Ok(&[0x1f600, 0xff])),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x5c\x75\x30\x30\x34\x31\x5c\x75\x30\x30\x34\x31\x5c\x5c\x5c\x75\x30\x30\x34\x31\x5c", Ok(&[0x5c, 0x5c, 0x75, 0x30, 0x30, 0x34, 0x31, 0x41, 0x5c, 0x5c, 0x41, 0x5c])),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x75\x31\x32", Err("'rawunicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x75\x31\x32\x78", Err("'rawunicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape")),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30", Err("'rawunicodeescape' codec can't decode bytes in position 0-9: \\Uxxxxxxxx out of range")),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x55\x30\x30\x31", Err("'rawunicodeescape' codec can't decode bytes in position 0-4: truncated \\UXXXXXXXX escape")),
        ("raw_unicode_escape", "surrogatepass", b"\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\xff", Ok(&[0x1f600, 0xff])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x5c\x75\x30\x30\x34\x31\x5c\x75\x30\x30\x34\x31\x5c\x5c\x5c\x75\x30\x30\x34\x31\x5c", Ok(&[0x5c, 0x5c, 0x75, 0x30, 0x30, 0x34, 0x31, 0x41, 0x5c, 0x5c, 0x41, 0x5c])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x75\x31\x32", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x37, 0x35, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x32])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x75\x31\x32\x78", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x37, 0x35, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x32, 0x78])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x55\x30\x30\x31\x31\x30\x30\x30\x30", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x35, 0x35, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x31, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x55\x30\x30\x31", Ok(&[0x5c, 0x78, 0x35, 0x63, 0x5c, 0x78, 0x35, 0x35, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x30, 0x5c, 0x78, 0x33, 0x31])),
        ("raw_unicode_escape", "backslashreplace", b"\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\xff", Ok(&[0x1f600, 0xff])),
    ];
    let encoding: &[(&str, &str, &[u32], Result<&[u8], &str>)] = &[
        ("utf-8", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x62\x63")),
        ("utf-8", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "strict", &[0x61, 0xd800, 0x62], Err("'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-8", "strict", &[0xdc80, 0xdcff], Err("'utf-8' codec can't encode characters in position 0-1: surrogates not allowed")),
        ("utf-8", "strict", &[0xdc80, 0xd800, 0x78], Err("'utf-8' codec can't encode characters in position 0-1: surrogates not allowed")),
        ("utf-8", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-8' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-8", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\x61\x62")),
        ("utf-8", "ignore", &[0xdc80, 0xdcff], Ok(b"")),
        ("utf-8", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\x78")),
        ("utf-8", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\xc3\xa9")),
        ("utf-8", "replace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "replace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x3f\x62")),
        ("utf-8", "replace", &[0xdc80, 0xdcff], Ok(b"\x3f\x3f")),
        ("utf-8", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\x3f\x3f\x78")),
        ("utf-8", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x3f\xc3\xa9\x3f")),
        ("utf-8", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("utf-8", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("utf-8", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("utf-8", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\xc3\xa9\x5c\x75\x64\x63\x34\x31")),
        ("utf-8", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x26\x23\x35\x35\x32\x39\x36\x3b\x62")),
        ("utf-8", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x36\x35\x37\x35\x3b")),
        ("utf-8", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x35\x32\x39\x36\x3b\x78")),
        ("utf-8", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x26\x23\x35\x36\x34\x34\x38\x3b\xc3\xa9\x26\x23\x35\x36\x33\x38\x35\x3b")),
        ("utf-8", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("utf-8", "namereplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("utf-8", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("utf-8", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\xc3\xa9\x5c\x75\x64\x63\x34\x31")),
        ("utf-8", "surrogateescape", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-8", "surrogateescape", &[0xdc80, 0xdcff], Ok(b"\x80\xff")),
        ("utf-8", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-8", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-8' codec can't encode character '\\udc41' in position 3: surrogates not allowed")),
        ("utf-8", "surrogatepass", &[0x61, 0xe9, 0x62], Ok(b"\x61\xc3\xa9\x62")),
        ("utf-8", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8", "surrogatepass", &[0x61, 0xd800, 0x62], Ok(b"\x61\xed\xa0\x80\x62")),
        ("utf-8", "surrogatepass", &[0xdc80, 0xdcff], Ok(b"\xed\xb2\x80\xed\xb3\xbf")),
        ("utf-8", "surrogatepass", &[0xdc80, 0xd800, 0x78], Ok(b"\xed\xb2\x80\xed\xa0\x80\x78")),
        ("utf-8", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\xed\xb2\x80\xc3\xa9\xed\xb1\x81")),
        ("ascii", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x62\x63")),
        ("ascii", "strict", &[0x61, 0xe9, 0x62], Err("'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)")),
        ("ascii", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'ascii' codec can't encode characters in position 0-2: ordinal not in range(128)")),
        ("ascii", "strict", &[0x61, 0xd800, 0x62], Err("'ascii' codec can't encode character '\\ud800' in position 1: ordinal not in range(128)")),
        ("ascii", "strict", &[0xdc80, 0xdcff], Err("'ascii' codec can't encode characters in position 0-1: ordinal not in range(128)")),
        ("ascii", "strict", &[0xdc80, 0xd800, 0x78], Err("'ascii' codec can't encode characters in position 0-1: ordinal not in range(128)")),
        ("ascii", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'ascii' codec can't encode characters in position 1-3: ordinal not in range(128)")),
        ("ascii", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\x61\x62")),
        ("ascii", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x7a")),
        ("ascii", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\x61\x62")),
        ("ascii", "ignore", &[0xdc80, 0xdcff], Ok(b"")),
        ("ascii", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\x78")),
        ("ascii", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61")),
        ("ascii", "replace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x3f\x62")),
        ("ascii", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x3f\x3f\x3f\x7a")),
        ("ascii", "replace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x3f\x62")),
        ("ascii", "replace", &[0xdc80, 0xdcff], Ok(b"\x3f\x3f")),
        ("ascii", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\x3f\x3f\x78")),
        ("ascii", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x3f\x3f\x3f")),
        ("ascii", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x5c\x78\x65\x39\x62")),
        ("ascii", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x5c\x78\x65\x39\x5c\x75\x32\x30\x61\x63\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\x7a")),
        ("ascii", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("ascii", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("ascii", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("ascii", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\x5c\x78\x65\x39\x5c\x75\x64\x63\x34\x31")),
        ("ascii", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x26\x23\x32\x33\x33\x3b\x62")),
        ("ascii", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x26\x23\x32\x33\x33\x3b\x26\x23\x38\x33\x36\x34\x3b\x26\x23\x31\x32\x38\x35\x31\x32\x3b\x7a")),
        ("ascii", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x26\x23\x35\x35\x32\x39\x36\x3b\x62")),
        ("ascii", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x36\x35\x37\x35\x3b")),
        ("ascii", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x35\x32\x39\x36\x3b\x78")),
        ("ascii", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x32\x33\x33\x3b\x26\x23\x35\x36\x33\x38\x35\x3b")),
        ("ascii", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x45\x20\x57\x49\x54\x48\x20\x41\x43\x55\x54\x45\x7d\x62")),
        ("ascii", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x45\x20\x57\x49\x54\x48\x20\x41\x43\x55\x54\x45\x7d\x5c\x4e\x7b\x45\x55\x52\x4f\x20\x53\x49\x47\x4e\x7d\x5c\x4e\x7b\x47\x52\x49\x4e\x4e\x49\x4e\x47\x20\x46\x41\x43\x45\x7d\x7a")),
        ("ascii", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("ascii", "namereplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("ascii", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("ascii", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\x5c\x4e\x7b\x4c\x41\x54\x49\x4e\x20\x53\x4d\x41\x4c\x4c\x20\x4c\x45\x54\x54\x45\x52\x20\x45\x20\x57\x49\x54\x48\x20\x41\x43\x55\x54\x45\x7d\x5c\x75\x64\x63\x34\x31")),
        ("ascii", "surrogateescape", &[0x61, 0xe9, 0x62], Err("'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)")),
        ("ascii", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'ascii' codec can't encode characters in position 0-2: ordinal not in range(128)")),
        ("ascii", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'ascii' codec can't encode character '\\ud800' in position 1: ordinal not in range(128)")),
        ("ascii", "surrogateescape", &[0xdc80, 0xdcff], Ok(b"\x80\xff")),
        ("ascii", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'ascii' codec can't encode character '\\ud800' in position 1: ordinal not in range(128)")),
        ("ascii", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'ascii' codec can't encode characters in position 2-3: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0x61, 0xe9, 0x62], Err("'ascii' codec can't encode character '\\xe9' in position 1: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'ascii' codec can't encode characters in position 0-2: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0x61, 0xd800, 0x62], Err("'ascii' codec can't encode character '\\ud800' in position 1: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0xdc80, 0xdcff], Err("'ascii' codec can't encode characters in position 0-1: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0xdc80, 0xd800, 0x78], Err("'ascii' codec can't encode characters in position 0-1: ordinal not in range(128)")),
        ("ascii", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'ascii' codec can't encode characters in position 1-3: ordinal not in range(128)")),
        ("latin-1", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x62\x63")),
        ("latin-1", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'latin-1' codec can't encode characters in position 1-2: ordinal not in range(256)")),
        ("latin-1", "strict", &[0x61, 0xd800, 0x62], Err("'latin-1' codec can't encode character '\\ud800' in position 1: ordinal not in range(256)")),
        ("latin-1", "strict", &[0xdc80, 0xdcff], Err("'latin-1' codec can't encode characters in position 0-1: ordinal not in range(256)")),
        ("latin-1", "strict", &[0xdc80, 0xd800, 0x78], Err("'latin-1' codec can't encode characters in position 0-1: ordinal not in range(256)")),
        ("latin-1", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'latin-1' codec can't encode character '\\udc80' in position 1: ordinal not in range(256)")),
        ("latin-1", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x7a")),
        ("latin-1", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\x61\x62")),
        ("latin-1", "ignore", &[0xdc80, 0xdcff], Ok(b"")),
        ("latin-1", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\x78")),
        ("latin-1", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\xe9")),
        ("latin-1", "replace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x3f\x3f\x7a")),
        ("latin-1", "replace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x3f\x62")),
        ("latin-1", "replace", &[0xdc80, 0xdcff], Ok(b"\x3f\x3f")),
        ("latin-1", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\x3f\x3f\x78")),
        ("latin-1", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x3f\xe9\x3f")),
        ("latin-1", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x5c\x75\x32\x30\x61\x63\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\x7a")),
        ("latin-1", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("latin-1", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("latin-1", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("latin-1", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\xe9\x5c\x75\x64\x63\x34\x31")),
        ("latin-1", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x26\x23\x38\x33\x36\x34\x3b\x26\x23\x31\x32\x38\x35\x31\x32\x3b\x7a")),
        ("latin-1", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x26\x23\x35\x35\x32\x39\x36\x3b\x62")),
        ("latin-1", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x36\x35\x37\x35\x3b")),
        ("latin-1", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x26\x23\x35\x36\x34\x34\x38\x3b\x26\x23\x35\x35\x32\x39\x36\x3b\x78")),
        ("latin-1", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x26\x23\x35\x36\x34\x34\x38\x3b\xe9\x26\x23\x35\x36\x33\x38\x35\x3b")),
        ("latin-1", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x5c\x4e\x7b\x45\x55\x52\x4f\x20\x53\x49\x47\x4e\x7d\x5c\x4e\x7b\x47\x52\x49\x4e\x4e\x49\x4e\x47\x20\x46\x41\x43\x45\x7d\x7a")),
        ("latin-1", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("latin-1", "namereplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("latin-1", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("latin-1", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\xe9\x5c\x75\x64\x63\x34\x31")),
        ("latin-1", "surrogateescape", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'latin-1' codec can't encode characters in position 1-2: ordinal not in range(256)")),
        ("latin-1", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'latin-1' codec can't encode character '\\ud800' in position 1: ordinal not in range(256)")),
        ("latin-1", "surrogateescape", &[0xdc80, 0xdcff], Ok(b"\x80\xff")),
        ("latin-1", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'latin-1' codec can't encode character '\\ud800' in position 1: ordinal not in range(256)")),
        ("latin-1", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'latin-1' codec can't encode character '\\udc41' in position 3: ordinal not in range(256)")),
        ("latin-1", "surrogatepass", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("latin-1", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Err("'latin-1' codec can't encode characters in position 1-2: ordinal not in range(256)")),
        ("latin-1", "surrogatepass", &[0x61, 0xd800, 0x62], Err("'latin-1' codec can't encode character '\\ud800' in position 1: ordinal not in range(256)")),
        ("latin-1", "surrogatepass", &[0xdc80, 0xdcff], Err("'latin-1' codec can't encode characters in position 0-1: ordinal not in range(256)")),
        ("latin-1", "surrogatepass", &[0xdc80, 0xd800, 0x78], Err("'latin-1' codec can't encode characters in position 0-1: ordinal not in range(256)")),
        ("latin-1", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'latin-1' codec can't encode character '\\udc80' in position 1: ordinal not in range(256)")),
        ("utf-16-le", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x00\x62\x00\x63\x00")),
        ("utf-16-le", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "strict", &[0x61, 0xd800, 0x62], Err("'utf-16-le' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-16-le", "strict", &[0xdc80, 0xdcff], Err("'utf-16-le' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16-le", "strict", &[0xdc80, 0xd800, 0x78], Err("'utf-16-le' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16-le", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-16-le' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-16-le", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x62\x00")),
        ("utf-16-le", "ignore", &[0xdc80, 0xdcff], Ok(b"")),
        ("utf-16-le", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\x78\x00")),
        ("utf-16-le", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\xe9\x00")),
        ("utf-16-le", "replace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "replace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x3f\x00\x62\x00")),
        ("utf-16-le", "replace", &[0xdc80, 0xdcff], Ok(b"\x3f\x00\x3f\x00")),
        ("utf-16-le", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\x3f\x00\x3f\x00\x78\x00")),
        ("utf-16-le", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\x3f\x00\xe9\x00\x3f\x00")),
        ("utf-16-le", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x62\x00")),
        ("utf-16-le", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x66\x00\x66\x00")),
        ("utf-16-le", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x78\x00")),
        ("utf-16-le", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\xe9\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x34\x00\x31\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x26\x00\x23\x00\x35\x00\x35\x00\x32\x00\x39\x00\x36\x00\x3b\x00\x62\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\x26\x00\x23\x00\x35\x00\x36\x00\x35\x00\x37\x00\x35\x00\x3b\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\x26\x00\x23\x00\x35\x00\x35\x00\x32\x00\x39\x00\x36\x00\x3b\x00\x78\x00")),
        ("utf-16-le", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\xe9\x00\x26\x00\x23\x00\x35\x00\x36\x00\x33\x00\x38\x00\x35\x00\x3b\x00")),
        ("utf-16-le", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x62\x00")),
        ("utf-16-le", "namereplace", &[0xdc80, 0xdcff], Ok(b"\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x66\x00\x66\x00")),
        ("utf-16-le", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x78\x00")),
        ("utf-16-le", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\xe9\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x34\x00\x31\x00")),
        ("utf-16-le", "surrogateescape", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'utf-16-le' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-16-le", "surrogateescape", &[0xdc80, 0xdcff], Err("'utf-16-le' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16-le", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'utf-16-le' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16-le", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-16-le' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-16-le", "surrogatepass", &[0x61, 0xe9, 0x62], Ok(b"\x61\x00\xe9\x00\x62\x00")),
        ("utf-16-le", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16-le", "surrogatepass", &[0x61, 0xd800, 0x62], Ok(b"\x61\x00\x00\xd8\x62\x00")),
        ("utf-16-le", "surrogatepass", &[0xdc80, 0xdcff], Ok(b"\x80\xdc\xff\xdc")),
        ("utf-16-le", "surrogatepass", &[0xdc80, 0xd800, 0x78], Ok(b"\x80\xdc\x00\xd8\x78\x00")),
        ("utf-16-le", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x00\x80\xdc\xe9\x00\x41\xdc")),
        ("utf-16", "strict", &[0x61, 0x62, 0x63], Ok(b"\xff\xfe\x61\x00\x62\x00\x63\x00")),
        ("utf-16", "strict", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "strict", &[0x61, 0xd800, 0x62], Err("'utf-16' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-16", "strict", &[0xdc80, 0xdcff], Err("'utf-16' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16", "strict", &[0xdc80, 0xd800, 0x78], Err("'utf-16' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-16' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-16", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x62\x00")),
        ("utf-16", "ignore", &[0xdc80, 0xdcff], Ok(b"\xff\xfe")),
        ("utf-16", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x78\x00")),
        ("utf-16", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\xe9\x00")),
        ("utf-16", "replace", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "replace", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x3f\x00\x62\x00")),
        ("utf-16", "replace", &[0xdc80, 0xdcff], Ok(b"\xff\xfe\x3f\x00\x3f\x00")),
        ("utf-16", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x3f\x00\x3f\x00\x78\x00")),
        ("utf-16", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\x3f\x00\xe9\x00\x3f\x00")),
        ("utf-16", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x62\x00")),
        ("utf-16", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\xff\xfe\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x66\x00\x66\x00")),
        ("utf-16", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x78\x00")),
        ("utf-16", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\xe9\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x34\x00\x31\x00")),
        ("utf-16", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x26\x00\x23\x00\x35\x00\x35\x00\x32\x00\x39\x00\x36\x00\x3b\x00\x62\x00")),
        ("utf-16", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\xff\xfe\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\x26\x00\x23\x00\x35\x00\x36\x00\x35\x00\x37\x00\x35\x00\x3b\x00")),
        ("utf-16", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\x26\x00\x23\x00\x35\x00\x35\x00\x32\x00\x39\x00\x36\x00\x3b\x00\x78\x00")),
        ("utf-16", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\x26\x00\x23\x00\x35\x00\x36\x00\x34\x00\x34\x00\x38\x00\x3b\x00\xe9\x00\x26\x00\x23\x00\x35\x00\x36\x00\x33\x00\x38\x00\x35\x00\x3b\x00")),
        ("utf-16", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x62\x00")),
        ("utf-16", "namereplace", &[0xdc80, 0xdcff], Ok(b"\xff\xfe\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x66\x00\x66\x00")),
        ("utf-16", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\x5c\x00\x75\x00\x64\x00\x38\x00\x30\x00\x30\x00\x78\x00")),
        ("utf-16", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x38\x00\x30\x00\xe9\x00\x5c\x00\x75\x00\x64\x00\x63\x00\x34\x00\x31\x00")),
        ("utf-16", "surrogateescape", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'utf-16' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-16", "surrogateescape", &[0xdc80, 0xdcff], Err("'utf-16' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'utf-16' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-16", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-16' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-16", "surrogatepass", &[0x61, 0xe9, 0x62], Ok(b"\xff\xfe\x61\x00\xe9\x00\x62\x00")),
        ("utf-16", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde\x7a\x00")),
        ("utf-16", "surrogatepass", &[0x61, 0xd800, 0x62], Ok(b"\xff\xfe\x61\x00\x00\xd8\x62\x00")),
        ("utf-16", "surrogatepass", &[0xdc80, 0xdcff], Ok(b"\xff\xfe\x80\xdc\xff\xdc")),
        ("utf-16", "surrogatepass", &[0xdc80, 0xd800, 0x78], Ok(b"\xff\xfe\x80\xdc\x00\xd8\x78\x00")),
        ("utf-16", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\xff\xfe\x61\x00\x80\xdc\xe9\x00\x41\xdc")),
        ("utf-32-be", "strict", &[0x61, 0x62, 0x63], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x62\x00\x00\x00\x63")),
        ("utf-32-be", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "strict", &[0x61, 0xd800, 0x62], Err("'utf-32-be' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-32-be", "strict", &[0xdc80, 0xdcff], Err("'utf-32-be' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-32-be", "strict", &[0xdc80, 0xd800, 0x78], Err("'utf-32-be' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-32-be", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-32-be' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-32-be", "ignore", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "ignore", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "ignore", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x62")),
        ("utf-32-be", "ignore", &[0xdc80, 0xdcff], Ok(b"")),
        ("utf-32-be", "ignore", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\x00\x78")),
        ("utf-32-be", "ignore", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9")),
        ("utf-32-be", "replace", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "replace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "replace", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x3f\x00\x00\x00\x62")),
        ("utf-32-be", "replace", &[0xdc80, 0xdcff], Ok(b"\x00\x00\x00\x3f\x00\x00\x00\x3f")),
        ("utf-32-be", "replace", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\x00\x3f\x00\x00\x00\x3f\x00\x00\x00\x78")),
        ("utf-32-be", "replace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x3f\x00\x00\x00\xe9\x00\x00\x00\x3f")),
        ("utf-32-be", "backslashreplace", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "backslashreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "backslashreplace", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x30\x00\x00\x00\x62")),
        ("utf-32-be", "backslashreplace", &[0xdc80, 0xdcff], Ok(b"\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x66\x00\x00\x00\x66")),
        ("utf-32-be", "backslashreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x30\x00\x00\x00\x78")),
        ("utf-32-be", "backslashreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\xe9\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x34\x00\x00\x00\x31")),
        ("utf-32-be", "xmlcharrefreplace", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "xmlcharrefreplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "xmlcharrefreplace", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x35\x00\x00\x00\x32\x00\x00\x00\x39\x00\x00\x00\x36\x00\x00\x00\x3b\x00\x00\x00\x62")),
        ("utf-32-be", "xmlcharrefreplace", &[0xdc80, 0xdcff], Ok(b"\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x36\x00\x00\x00\x34\x00\x00\x00\x34\x00\x00\x00\x38\x00\x00\x00\x3b\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x36\x00\x00\x00\x35\x00\x00\x00\x37\x00\x00\x00\x35\x00\x00\x00\x3b")),
        ("utf-32-be", "xmlcharrefreplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x36\x00\x00\x00\x34\x00\x00\x00\x34\x00\x00\x00\x38\x00\x00\x00\x3b\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x35\x00\x00\x00\x32\x00\x00\x00\x39\x00\x00\x00\x36\x00\x00\x00\x3b\x00\x00\x00\x78")),
        ("utf-32-be", "xmlcharrefreplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x36\x00\x00\x00\x34\x00\x00\x00\x34\x00\x00\x00\x38\x00\x00\x00\x3b\x00\x00\x00\xe9\x00\x00\x00\x26\x00\x00\x00\x23\x00\x00\x00\x35\x00\x00\x00\x36\x00\x00\x00\x33\x00\x00\x00\x38\x00\x00\x00\x35\x00\x00\x00\x3b")),
        ("utf-32-be", "namereplace", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "namereplace", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "namereplace", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x30\x00\x00\x00\x62")),
        ("utf-32-be", "namereplace", &[0xdc80, 0xdcff], Ok(b"\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x66\x00\x00\x00\x66")),
        ("utf-32-be", "namereplace", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\x30\x00\x00\x00\x78")),
        ("utf-32-be", "namereplace", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x38\x00\x00\x00\x30\x00\x00\x00\xe9\x00\x00\x00\x5c\x00\x00\x00\x75\x00\x00\x00\x64\x00\x00\x00\x63\x00\x00\x00\x34\x00\x00\x00\x31")),
        ("utf-32-be", "surrogateescape", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "surrogateescape", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "surrogateescape", &[0x61, 0xd800, 0x62], Err("'utf-32-be' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-32-be", "surrogateescape", &[0xdc80, 0xdcff], Err("'utf-32-be' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-32-be", "surrogateescape", &[0xdc80, 0xd800, 0x78], Err("'utf-32-be' codec can't encode character '\\udc80' in position 0: surrogates not allowed")),
        ("utf-32-be", "surrogateescape", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-32-be' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
        ("utf-32-be", "surrogatepass", &[0x61, 0xe9, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\x00\xe9\x00\x00\x00\x62")),
        ("utf-32-be", "surrogatepass", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x00\x00\x00\xe9\x00\x00\x20\xac\x00\x01\xf6\x00\x00\x00\x00\x7a")),
        ("utf-32-be", "surrogatepass", &[0x61, 0xd800, 0x62], Ok(b"\x00\x00\x00\x61\x00\x00\xd8\x00\x00\x00\x00\x62")),
        ("utf-32-be", "surrogatepass", &[0xdc80, 0xdcff], Ok(b"\x00\x00\xdc\x80\x00\x00\xdc\xff")),
        ("utf-32-be", "surrogatepass", &[0xdc80, 0xd800, 0x78], Ok(b"\x00\x00\xdc\x80\x00\x00\xd8\x00\x00\x00\x00\x78")),
        ("utf-32-be", "surrogatepass", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x00\x00\x00\x61\x00\x00\xdc\x80\x00\x00\x00\xe9\x00\x00\xdc\x41")),
        ("unicode_escape", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x62\x63")),
        ("unicode_escape", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x61\x5c\x78\x65\x39\x62")),
        ("unicode_escape", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\x5c\x78\x65\x39\x5c\x75\x32\x30\x61\x63\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\x7a")),
        ("unicode_escape", "strict", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("unicode_escape", "strict", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("unicode_escape", "strict", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("unicode_escape", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\x5c\x78\x65\x39\x5c\x75\x64\x63\x34\x31")),
        ("raw_unicode_escape", "strict", &[0x61, 0x62, 0x63], Ok(b"\x61\x62\x63")),
        ("raw_unicode_escape", "strict", &[0x61, 0xe9, 0x62], Ok(b"\x61\xe9\x62")),
        ("raw_unicode_escape", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xe9\x5c\x75\x32\x30\x61\x63\x5c\x55\x30\x30\x30\x31\x66\x36\x30\x30\x7a")),
        ("raw_unicode_escape", "strict", &[0x61, 0xd800, 0x62], Ok(b"\x61\x5c\x75\x64\x38\x30\x30\x62")),
        ("raw_unicode_escape", "strict", &[0xdc80, 0xdcff], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x63\x66\x66")),
        ("raw_unicode_escape", "strict", &[0xdc80, 0xd800, 0x78], Ok(b"\x5c\x75\x64\x63\x38\x30\x5c\x75\x64\x38\x30\x30\x78")),
        ("raw_unicode_escape", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Ok(b"\x61\x5c\x75\x64\x63\x38\x30\xe9\x5c\x75\x64\x63\x34\x31")),
        ("utf-8-sig", "strict", &[0x61, 0x62, 0x63], Ok(b"\xef\xbb\xbf\x61\x62\x63")),
        ("utf-8-sig", "strict", &[0x61, 0xe9, 0x62], Ok(b"\xef\xbb\xbf\x61\xc3\xa9\x62")),
        ("utf-8-sig", "strict", &[0xe9, 0x20ac, 0x1f600, 0x7a], Ok(b"\xef\xbb\xbf\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7a")),
        ("utf-8-sig", "strict", &[0x61, 0xd800, 0x62], Err("'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed")),
        ("utf-8-sig", "strict", &[0xdc80, 0xdcff], Err("'utf-8' codec can't encode characters in position 0-1: surrogates not allowed")),
        ("utf-8-sig", "strict", &[0xdc80, 0xd800, 0x78], Err("'utf-8' codec can't encode characters in position 0-1: surrogates not allowed")),
        ("utf-8-sig", "strict", &[0x61, 0xdc80, 0xe9, 0xdc41], Err("'utf-8' codec can't encode character '\\udc80' in position 1: surrogates not allowed")),
    ];
    for &(codec, mode, data, expected) in decoding {
        let mut errors = ErrorMode::from_name(mode).unwrap();
        let result = Codec::from_name(codec)
            .unwrap()
            .decode(data, true, &mut errors);
        let result = result.map_err(|error| message(error, Wtf8::new(""), data));
        let expected = expected.map(text_of).map_err(str::to_owned);
        assert_eq!(
            result.map(|decoded| decoded.text),
            expected,
            "{codec} {mode} {data:x?}"
        );
    }
    for &(codec, mode, codes, expected) in encoding {
        let text = text_of(codes);
        let mut errors = ErrorMode::from_name(mode).unwrap();
        let result = Codec::from_name(codec).unwrap().encode(&text, &mut errors);
        let result = result.map_err(|error| message(error, &text, b""));
        let expected = expected.map(<[u8]>::to_vec).map_err(str::to_owned);
        assert_eq!(result, expected, "{codec} {mode} {codes:x?}");
    }
}

#[test]
fn incremental() {
    let mut strict = ErrorMode::Strict;
    for (codec, data, text, consumed) in [
        ("utf-8", &b"a\xe2\x82"[..], "a", 1),
        ("utf-16-le", b"a\0\x3d\xd8\0", "a", 2),
        ("utf-32-le", b"a\0\0\0b\0", "a", 4),
        ("unicode_escape", b"a\\u00", "a", 1),
        ("raw_unicode_escape", b"a\\", "a", 1),
    ] {
        let decoded = Codec::from_name(codec)
            .unwrap()
            .decode(data, false, &mut strict)
            .unwrap();
        assert_eq!(
            (decoded.text.to_string().as_str(), decoded.consumed),
            (text, consumed)
        );
    }
    assert!(utf8_decode(b"a\xe2(", false, &mut strict).is_err());
}

#[test]
fn charmaps() {
    let mut table: Vec<u32> = (0..0x80).collect();
    table.extend([0x20ac, 0xfffe]);
    let table = text_of(&table);
    let mut strict = ErrorMode::Strict;
    let decoded = charmap_decode(b"a\x80", Some(&table), &mut strict).unwrap();
    assert_eq!(decoded.text.to_string(), "a€");
    let error = charmap_decode(b"a\x81", Some(&table), &mut strict).unwrap_err();
    assert_eq!(
        message(error, Wtf8::new(""), b"a\x81"),
        "'charmap' codec can't decode byte 0x81 in position 1: character maps to <undefined>"
    );
    let map = EncodingMap::new(&table);
    assert_eq!(
        charmap_encode(Wtf8::new("€b"), &map, &mut strict).unwrap(),
        b"\x80b"
    );
    assert_eq!(
        charmap_encode(Wtf8::new("éb"), &map, &mut ErrorMode::Replace).unwrap(),
        b"?b"
    );
    let error = charmap_encode(Wtf8::new("aéé"), &map, &mut strict).unwrap_err();
    assert_eq!(
        message(error, Wtf8::new("aéé"), b""),
        "'charmap' codec can't encode characters in position 1-2: character maps to <undefined>"
    );
}

/// A handler of a program's own: it may go back, and its text must be encodable.
struct Custom(&'static str, usize);

impl EncodeErrors for Custom {
    type Error = CodecError;

    fn replace(&mut self, fault: &EncodeFault<'_>) -> Result<(Replacement, usize), CodecError> {
        assert_eq!(
            fault.faulty().code_points().count(),
            fault.end - fault.start
        );
        Ok((Replacement::Text(self.0.into()), self.1))
    }

    fn fail(&mut self, fault: &EncodeFault<'_>) -> CodecError {
        fault.into()
    }
}

#[test]
fn custom_handlers() {
    let text = Wtf8::new("aéb");
    assert_eq!(ascii_encode(text, &mut Custom("xy", 2)).unwrap(), b"axyb");
    assert_eq!(ascii_encode(text, &mut Custom("xy", 3)).unwrap(), b"axy");
    assert!(ascii_encode(text, &mut Custom("ü", 2)).is_err());
    assert_eq!(
        latin1_encode(Wtf8::new("€b"), &mut Custom("ü", 1)).unwrap(),
        b"\xfcb"
    );
}

#[test]
fn names() {
    assert_eq!(normalize_encoding(" UTF  8-"), "utf_8");
    assert_eq!(Codec::from_name("ISO-8859-1"), Some(Codec::Latin1));
    assert_eq!(Codec::from_name("US-ASCII").unwrap().name(), "ascii");
    assert_eq!(Codec::from_name("cp1252"), None);
}

#[test]
fn bytes_escapes() {
    assert_eq!(escape_decode(br"\400\q\x41\n", None).unwrap(), b"\0\\qA\n");
    assert_eq!(escape_decode(br"\x1", Some(b"?")).unwrap(), b"?");
    assert_eq!(
        escape_decode(br"\x1", None).unwrap_err().message(),
        r"invalid \x escape at position 0"
    );
    assert_eq!(
        escape_decode(b"\\", None).unwrap_err().message(),
        "Trailing \\ in string"
    );
}

#[test]
fn doubtful_escapes() {
    let first = |data: &[u8]| {
        unicode_escape_decode(data, true, &mut ErrorMode::Strict)
            .unwrap()
            .1
    };
    assert_eq!(first(b"a\\n\\q\\z"), Some(3));
    assert_eq!(first(b"\\400"), Some(0));
    assert_eq!(first(b"\\377"), None);
}

proptest! {
    #[test]
    fn round_trips(codes in prop::collection::vec(0u32..0x11_0000, 0..20)) {
        let text = text_of(&codes);
        let mut pass = ErrorMode::SurrogatePass;
        use ByteOrder::*;
        for codec in [
            Codec::Utf8, Codec::Utf8Sig, Codec::Utf32(Big), Codec::Utf32(Marked),
            Codec::UnicodeEscape,
        ] {
            let data = codec.encode(&text, &mut pass).unwrap();
            prop_assert_eq!(&codec.decode(&data, true, &mut pass).unwrap().text, &text);
        }
        // In UTF-16 two lone surrogates next to each other may turn into one character.
        if text.is_utf8() {
            for order in [Little, Big, Marked] {
                let data = Codec::Utf16(order).encode(&text, &mut pass).unwrap();
                prop_assert_eq!(&Codec::Utf16(order).decode(&data, true, &mut pass).unwrap().text, &text);
            }
        }
    }

    #[test]
    fn surrogateescape_keeps_everything(data: Vec<u8>) {
        let mut escape = ErrorMode::SurrogateEscape;
        for codec in [Codec::Utf8, Codec::Ascii] {
            let text = codec.decode(&data, true, &mut escape).unwrap().text;
            prop_assert_eq!(&codec.encode(&text, &mut escape).unwrap(), &data);
        }
    }
}
