//! Errors of the operating system as exceptions.

use std::io;

use crate::heap::{Fail, Thread, Value};

/// What the C library says about an error number.
pub fn strerror(errno: i32) -> String {
    let mut buf = [0u8; 256];
    // SAFETY: the buffer's length is given; on success it holds a terminated string.
    let rc = unsafe { libc::strerror_r(errno, buf.as_mut_ptr() as *mut libc::c_char, buf.len()) };
    if rc != 0 {
        return format!("Unknown error {errno}");
    }
    let end = buf.iter().position(|&b| b == 0).unwrap_or(0);
    String::from_utf8_lossy(&buf[..end]).into_owned()
}

impl Thread {
    /// Raises the OSError (subclass) for what a call of the standard library reported.
    #[cold]
    pub fn os_error(&mut self, e: &io::Error, filename: Option<&str>) -> Fail {
        let filename = match filename {
            Some(f) => self.str_value(f),
            None => Value::NULL,
        };
        match e.raw_os_error() {
            Some(errno) => self.errno_error(errno, filename, Value::NULL),
            None => {
                let class = self.rt.types().exceptions.os_error;
                self.raise(class, &e.to_string())
            }
        }
    }

    /// Raises the OSError for an error number, with file names or null.
    #[cold]
    pub fn errno_error(&mut self, errno: i32, filename: Value, filename2: Value) -> Fail {
        let class = self.rt.types().exceptions.os_error;
        let message = self.str_value(&strerror(errno));
        let mut args = vec![Value::small(errno as i64), message];
        if !filename.is_null() {
            args.push(filename);
            if !filename2.is_null() {
                args.extend([Value::NONE, filename2]);
            }
        }
        // The class picks the subclass for the number.
        match self.call(class.value(), &args) {
            Ok(exc) => self.raise_value(exc),
            Err(f) => f,
        }
    }
}
