//! Errors of the operating system as exceptions: what modules need beside `Thread::os_error` and `Thread::io_error`.

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
    /// Raises the OSError for what the standard library reported about a file.
    #[cold]
    pub fn file_error(&mut self, e: &io::Error, filename: &str) -> Fail {
        let filename = self.str_value(filename);
        self.io_error(e, filename)
    }

    /// Raises the OSError for an error number, with two file names or null.
    #[cold]
    pub fn errno_error(&mut self, errno: i32, filename: Value, filename2: Value) -> Fail {
        if filename2.is_null() {
            return self.os_error(errno, filename);
        }
        let class = self.rt.types().exceptions.os_error;
        let message = self.str_value(&strerror(errno));
        let args = [
            Value::small(errno as i64),
            message,
            filename.or_none(),
            Value::NONE,
            filename2,
        ];
        // The class picks the subclass for the number.
        match self.call(class.value(), &args) {
            Ok(exc) => self.raise_value(exc),
            Err(f) => f,
        }
    }
}
