//! Encodings: `str.encode`, `bytes.decode` and what the `codecs` module is built on.
//!
//! A codec turns text into bytes or back and hands every place where it cannot to an error handler
//! ([`EncodeErrors`], [`DecodeErrors`]). The handlers that Python knows by name are [`ErrorMode`]; one
//! registered by a program implements the same traits and runs Python code.

mod charmap;
mod errors;
mod escape;
mod names;
mod narrow;
mod utf7;
mod utf8;
mod wide;

pub use charmap::{EncodingMap, charmap_decode, charmap_encode};
pub use errors::{
    CodecError, DecodeErrors, DecodeFault, EncodeErrors, EncodeFault, ErrorMode, Replacement,
    decode_message, encode_message, translate_message,
};
pub use escape::{
    escape_decode, raw_unicode_escape_decode, raw_unicode_escape_encode, unicode_escape_decode,
    unicode_escape_encode,
};
pub use names::{Codec, normalize_encoding};
pub use narrow::{ascii_decode, ascii_encode, latin1_decode, latin1_encode};
pub use utf7::{utf7_decode, utf7_encode};
pub use utf8::{UTF8_BOM, utf8_decode, utf8_encode};
pub use wide::{ByteOrder, utf16_decode, utf16_encode, utf32_decode, utf32_encode};

/// What a decoder made of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub text: rustpython_wtf8::Wtf8Buf,
    /// How many bytes that took; fewer than there were only if more input may follow.
    pub consumed: usize,
}

#[cfg(test)]
mod tests;
