//! File descriptors, and the buffered way to one.
//!
//! A [`Sink`] is not transactional: bytes get into it when the block that wrote them commits, in the order of commits, or at once if no
//! block is under way. What has not been written out when the process ends is flushed then ([`flush_all`]).
//!
//! A commit only copies. Writing may wait for a reader, perhaps in another thread of this process, which perhaps waits for something
//! that the committing block owns: so it is done after the block's end, while the thread counts as stopped
//! ([`Thread::at_block_end`]), and holds nothing but the right to write to this descriptor. That right keeps the bytes in order.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering::*};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::heap::{R, Thread, Value};

/// An open file descriptor.
pub struct Descriptor {
    fd: AtomicI32,
    /// Close it when it is let go of.
    owned: bool,
}

impl Descriptor {
    pub fn new(fd: i32, owned: bool) -> Descriptor {
        Descriptor {
            fd: AtomicI32::new(fd),
            owned,
        }
    }
    /// The number, -1 once closed.
    pub fn fd(&self) -> i32 {
        self.fd.load(Acquire)
    }
    /// Closes the descriptor, if it is owned; from now on its number is -1.
    ///
    /// # Errors
    /// What `close(2)` reports.
    pub fn close(&self) -> io::Result<()> {
        let fd = self.fd.swap(-1, AcqRel);
        // SAFETY: closes a descriptor that this object owns, once.
        if fd >= 0 && self.owned && unsafe { libc::close(fd) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // Nobody is left to tell of an error.
        let _ = self.close();
    }
}

/// Writes all of `data`.
///
/// # Errors
/// What `write(2)` reports; interruptions are not errors.
pub fn write_all(fd: i32, mut data: &[u8]) -> io::Result<()> {
    while !data.is_empty() {
        // SAFETY: the slice is readable for its length.
        let n = unsafe { libc::write(fd, data.as_ptr() as *const libc::c_void, data.len()) };
        if n < 0 {
            let e = io::Error::last_os_error();
            match e.raw_os_error() {
                Some(libc::EINTR) => continue,
                Some(libc::EAGAIN) => {
                    let mut poll = libc::pollfd {
                        fd,
                        events: libc::POLLOUT,
                        revents: 0,
                    };
                    // SAFETY: one pollfd.
                    unsafe { libc::poll(&mut poll, 1, 100) };
                    continue;
                }
                _ => return Err(e),
            }
        }
        data = &data[n as usize..];
    }
    Ok(())
}

#[derive(Default)]
struct Pending {
    buf: Vec<u8>,
    /// An error that was met after a commit, for the next call to raise.
    error: Option<i32>,
}

/// See the module's text.
pub struct Sink {
    pub descriptor: Arc<Descriptor>,
    pending: Mutex<Pending>,
    /// Held while writing; taken before `pending`.
    writing: Mutex<()>,
    capacity: usize,
}

static ALL: Mutex<Vec<Weak<Sink>>> = Mutex::new(Vec::new());

impl Sink {
    pub fn new(descriptor: Arc<Descriptor>, capacity: usize) -> Arc<Sink> {
        let sink = Arc::new(Sink {
            descriptor,
            pending: Mutex::default(),
            writing: Mutex::default(),
            capacity,
        });
        let mut all = ALL.lock();
        all.retain(|s| s.strong_count() > 0);
        all.push(Arc::downgrade(&sink));
        sink
    }

    /// Takes `data` in and writes out what is too much, or everything with `flush`.
    ///
    /// # Errors
    /// What writing reports; the bytes that could not be written are dropped, or each further attempt would fail for them.
    pub fn append(&self, data: &[u8], flush: bool) -> io::Result<()> {
        self.take_in(data);
        if flush || self.is_overfull() {
            return self.write_out();
        }
        Ok(())
    }

    fn take_in(&self, data: &[u8]) {
        self.pending.lock().buf.extend_from_slice(data);
    }

    fn is_overfull(&self) -> bool {
        self.pending.lock().buf.len() > self.capacity
    }

    /// Writes what was taken in before this call, if another thread has not done so.
    fn write_out(&self) -> io::Result<()> {
        let _right = self.writing.lock();
        let out = std::mem::take(&mut self.pending.lock().buf);
        write_all(self.descriptor.fd(), &out)
    }

    /// After a commit, where nobody can be told of an error: the next call is.
    fn write_later(&self, flush: bool) {
        if flush || self.is_overfull() {
            if let Err(e) = self.write_out() {
                self.pending.lock().error = e.raw_os_error();
            }
        }
    }

    /// Would `append` without `flush` only copy?
    fn has_room(&self, bytes: usize) -> bool {
        self.pending.lock().buf.len() + bytes <= self.capacity
    }

    /// Is everything written, as far as it came here?
    fn is_idle(&self) -> bool {
        !self.writing.is_locked() && self.pending() == 0
    }

    fn take_error(&self) -> Option<i32> {
        self.pending.lock().error.take()
    }

    /// Writes out what is pending.
    ///
    /// # Errors
    /// What writing reports, now or after an earlier commit.
    pub fn flush(&self) -> io::Result<()> {
        if let Some(errno) = self.take_error() {
            return Err(io::Error::from_raw_os_error(errno));
        }
        self.write_out()
    }

    /// Bytes not written out yet.
    pub fn pending(&self) -> usize {
        self.pending.lock().buf.len()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // A file that nobody closed: its last bytes are not lost.
        let _ = self.flush();
    }
}

/// Flushes every sink there is, best effort: before a file is opened for reading, before a fork, and at the end. A script that relies on
/// CPython closing a file as soon as nobody refers to it finds its bytes then.
pub fn flush_all() {
    let sinks: Vec<Arc<Sink>> = ALL.lock().iter().filter_map(Weak::upgrade).collect();
    for sink in sinks {
        if sink.descriptor.fd() > 2 {
            let _ = sink.flush();
        }
    }
}

impl Thread {
    /// Hands bytes to a sink: at commit, inside a block.
    ///
    /// # Errors
    /// OSError.
    pub(super) fn emit(&mut self, sink: &Arc<Sink>, data: Vec<u8>, flush: bool) -> R<()> {
        if sink.pending.lock().error.is_some() {
            // Not within a block, which might be rolled back and then not know of it.
            let deferred = self.outside(false, || sink.take_error())?;
            if let Some(errno) = deferred {
                return Err(self.errno_error(errno, Value::NULL, Value::NULL));
            }
        }
        if self.in_block() {
            self.emit_at_commit(sink, data, flush);
            return Ok(());
        }
        let result = if !flush && sink.has_room(data.len()) {
            sink.append(&data, false)
        } else {
            self.outside(true, || sink.append(&data, flush))?
        };
        result.map_err(|e| self.io_error(&e, Value::NULL))
    }

    fn emit_at_commit(&mut self, sink: &Arc<Sink>, data: Vec<u8>, flush: bool) {
        if !data.is_empty() {
            let sink = sink.clone();
            self.txn.on_commit(Box::new(move || sink.take_in(&data)));
        }
        let sink = sink.clone();
        // Sinks are at even addresses.
        let key = Arc::as_ptr(&sink) as usize | flush as usize;
        self.at_block_end(key, move || sink.write_later(flush));
    }

    /// Writes out what a sink holds: after what the running block wrote.
    ///
    /// # Errors
    /// OSError.
    pub(super) fn flush_sink(&mut self, sink: &Arc<Sink>) -> R<()> {
        if self.in_block() && !self.vm.atomic.is_empty() {
            self.emit_at_commit(sink, Vec::new(), true);
            return Ok(());
        }
        if !self.in_block() && sink.is_idle() {
            return match sink.take_error() {
                Some(errno) => Err(self.errno_error(errno, Value::NULL, Value::NULL)),
                None => Ok(()),
            };
        }
        let sink = sink.clone();
        let result = self.outside(true, || sink.flush())?;
        result.map_err(|e| self.io_error(&e, Value::NULL))
    }
}
