//! Arguments that name files: `str`, `bytes`, path-like objects.

use std::ffi::CString;

use rustpython_wtf8::{CodePoint, Wtf8Buf};

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::special::Sp;
use crate::objects::string::Str;

/// A path that a script gave.
pub struct PathArg {
    /// `str` or `bytes`, for error messages and for the kind of what comes back.
    pub value: Value,
    /// As the system has it.
    pub bytes: Vec<u8>,
    /// It was given as `bytes`.
    pub is_bytes: bool,
}

impl PathArg {
    /// As a terminated string.
    ///
    /// # Errors
    /// ValueError for an embedded null.
    pub fn c_string(&self, th: &mut Thread) -> R<CString> {
        match CString::new(self.bytes.clone()) {
            Ok(c) => Ok(c),
            Err(_) => Err(th.value_error("embedded null byte")),
        }
    }
}

/// Text to the bytes of a file name: UTF-8, with lone surrogates U+DC80..U+DCFF standing for single bytes (`surrogateescape`).
pub fn fs_encode(th: &mut Thread, s: Ref<Str>) -> R<Vec<u8>> {
    if let Some(text) = s.as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(s.as_bytes().len());
    for c in s.as_wtf8().code_points() {
        match (c.to_char(), c.to_u32()) {
            (Some(c), _) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            (None, escaped @ 0xdc80..=0xdcff) => out.push((escaped - 0xdc00) as u8),
            (None, _) => {
                // Let the codec word the error.
                let encoded = th.call_method(s.value(), "encode", &[])?;
                return Ok(encoded
                    .cast::<Bytes>()
                    .map(|b| b.as_bytes().to_vec())
                    .unwrap_or_default());
            }
        }
    }
    Ok(out)
}

/// The bytes of a file name as text, the other way round.
pub fn fs_decode(th: &mut Thread, bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return th.str_value(text);
    }
    let mut out = Wtf8Buf::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for b in chunk.invalid() {
            if let Some(c) = CodePoint::from_u32(0xdc00 + *b as u32) {
                out.push(c);
            }
        }
    }
    th.str_wtf8(&out).value()
}

/// A path argument of a function.
///
/// # Errors
/// TypeError for anything but `str`, `bytes` and `os.PathLike`.
pub fn path_arg(th: &mut Thread, v: Value, function: &str) -> R<PathArg> {
    match path_opt(th, v)? {
        Some(path) => Ok(path),
        None => {
            let name = th.type_name(v);
            let message = if function == "open" || function == "fspath" {
                format!("expected str, bytes or os.PathLike object, not {name}")
            } else {
                format!("{function}: path should be string, bytes or os.PathLike, not {name}")
            };
            Err(th.type_error(message))
        }
    }
}

/// A path, if the value is one.
///
/// # Errors
/// What `__fspath__` raises.
pub fn path_opt(th: &mut Thread, v: Value) -> R<Option<PathArg>> {
    if let Some(s) = v.cast::<Str>() {
        let bytes = fs_encode(th, s)?;
        return Ok(Some(PathArg {
            value: v,
            bytes,
            is_bytes: false,
        }));
    }
    if let Some(b) = v.cast::<Bytes>() {
        return Ok(Some(PathArg {
            value: v,
            bytes: b.as_bytes().to_vec(),
            is_bytes: true,
        }));
    }
    let path = th.call_special(v, Sp::Fspath, &[])?;
    if path.is_null() {
        return Ok(None);
    }
    if path.cast::<Str>().is_some() || path.cast::<Bytes>().is_some() {
        return path_opt(th, path);
    }
    let (class, got) = (th.type_name(v), th.type_name(path));
    Err(th.type_error(format!(
        "expected {class}.__fspath__() to return str or bytes, not {got}"
    )))
}
