//! Signals: noted by the system's handler, served by the main thread between two blocks.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};

use crate::heap::{Fail, R, Thread, Value};
use crate::objects::list::List;

/// One more than the highest signal number.
pub const COUNT: usize = 65;

/// Signals that have arrived, a bit each.
static ARRIVED: AtomicU64 = AtomicU64::new(0);
static PENDING: AtomicBool = AtomicBool::new(false);
/// The poll limit of the main thread: 0 makes it look around. It is never freed.
static MAIN_LIMIT: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());
static MAIN_THREAD: AtomicUsize = AtomicUsize::new(0);
/// `signal.set_wakeup_fd`.
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);

/// Is there a signal that the main thread has not served yet?
#[inline]
pub fn pending() -> bool {
    PENDING.load(Acquire)
}

/// Makes `signal.set_wakeup_fd`'s descriptor `fd`; the one before.
pub fn set_wakeup_fd(fd: i32) -> i32 {
    WAKEUP_FD.swap(fd, AcqRel)
}

/// What the system calls. Only async-signal-safe things happen here.
extern "C" fn note(signal: libc::c_int) {
    let main = MAIN_THREAD.load(Acquire);
    // SAFETY: pthread_kill and write are async-signal-safe; the main thread lives as long as the process runs Python; the byte is a
    // local; `errno` is this thread's.
    unsafe {
        let errno = *libc::__errno_location();
        if main != 0 && libc::pthread_self() as usize != main {
            // Passed on, so that a system call which the main thread waits in is interrupted. It notes the signal: if both did, it
            // could be served twice.
            libc::pthread_kill(main as libc::pthread_t, signal);
        } else {
            note_arrival(signal);
            let fd = WAKEUP_FD.load(Acquire);
            if fd >= 0 {
                let byte = signal as u8;
                libc::write(fd, &raw const byte as *const libc::c_void, 1);
            }
        }
        *libc::__errno_location() = errno;
    }
}

/// Marks `signal` as arrived: its Python handler will run.
pub fn note_arrival(signal: i32) {
    ARRIVED.fetch_or(1 << (signal as u64 % 64), AcqRel);
    PENDING.store(true, Release);
    let limit = MAIN_LIMIT.load(Acquire);
    if !limit.is_null() {
        // SAFETY: points into the main thread's shared part, which `start` leaked.
        unsafe { (*limit).store(0, SeqCst) }
    }
}

/// Has the main thread serve `signal`, also if it waits in a system call. The signal's disposition is [`Disposition::Note`].
pub fn interrupt_main(signal: i32) {
    let main = MAIN_THREAD.load(Acquire);
    // SAFETY: the main thread lives as long as the process runs Python.
    unsafe {
        if main == 0 || libc::pthread_self() as usize == main {
            note_arrival(signal)
        } else {
            libc::pthread_kill(main as libc::pthread_t, signal);
        }
    }
}

/// What the system does at a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Default,
    Ignore,
    /// Note it for a Python handler.
    Note,
}

/// Sets what the system does at `signal`.
///
/// # Errors
/// What `sigaction(2)` reports.
pub fn set_disposition(signal: i32, what: Disposition) -> std::io::Result<()> {
    // SAFETY: a fully initialised structure and a handler that is async-signal-safe.
    let rc = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = match what {
            Disposition::Default => libc::SIG_DFL,
            Disposition::Ignore => libc::SIG_IGN,
            Disposition::Note => note as *const () as usize,
        };
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, std::ptr::null_mut())
    };
    if rc < 0 {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// What the system does at `signal` now.
pub fn disposition(signal: i32) -> Option<Disposition> {
    // SAFETY: fills a local structure.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signal, std::ptr::null(), &mut action) < 0 {
            return None;
        }
        Some(match action.sa_sigaction {
            libc::SIG_DFL => Disposition::Default,
            libc::SIG_IGN => Disposition::Ignore,
            _ => Disposition::Note,
        })
    }
}

/// The Python handlers by number: a list in which null-like None means that Python does not know.
pub fn handlers(th: &mut Thread) -> crate::heap::Ref<List> {
    match th.rt.state.get("signal handlers").cast() {
        Some(list) => list,
        None => {
            let list = List::new(th, &[Value::NONE; COUNT]);
            th.set_state("signal handlers", list.value());
            list
        }
    }
}

/// Makes `th`, on this OS thread, the one that serves signals; SIGINT raises KeyboardInterrupt in it.
pub fn start(th: &mut Thread) {
    let shared: &'static _ = Box::leak(Box::new(th.shared.clone()));
    MAIN_LIMIT.store(&raw const shared.limit as *mut AtomicU64, Release);
    // SAFETY: a plain query.
    MAIN_THREAD.store(unsafe { libc::pthread_self() } as usize, Release);
    th.vm.main = true;
    // A shell that runs us in the background ignores SIGINT: leave it at that.
    if disposition(libc::SIGINT) == Some(Disposition::Default) {
        let _ = set_disposition(libc::SIGINT, Disposition::Note);
    }
    for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
        let _ = set_disposition(signal, Disposition::Ignore);
    }
}

/// Ends the process by SIGINT, as a shell expects of a program that was interrupted.
pub fn die_of_interrupt() -> ! {
    let _ = set_disposition(libc::SIGINT, Disposition::Default);
    // SAFETY: plain system calls.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGINT);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    std::process::exit(130)
}

impl Thread {
    /// Calls the handlers of the signals that are pending, if this is the main thread.
    ///
    /// # Errors
    /// What a handler raises: KeyboardInterrupt, by default, for SIGINT.
    pub fn run_signal_handlers(&mut self) -> R<()> {
        self.check_guard()?;
        if !self.vm.main || !PENDING.swap(false, AcqRel) {
            return Ok(());
        }
        let mut arrived = ARRIVED.swap(0, AcqRel);
        while arrived != 0 {
            let signal = arrived.trailing_zeros() as i32;
            arrived &= arrived - 1;
            let outcome = self.serve(signal);
            if let Err(f) = outcome {
                // The others wait for the next chance; on an abort this one does too.
                let again = arrived | if f == Fail::Abort { 1 << signal } else { 0 };
                if again != 0 {
                    ARRIVED.fetch_or(again, AcqRel);
                    PENDING.store(true, Release);
                    self.poke();
                }
                return Err(f);
            }
        }
        Ok(())
    }

    fn serve(&mut self, signal: i32) -> R<()> {
        let list = handlers(self);
        let handler = list
            .items(self)?
            .get(signal as usize)
            .copied()
            .unwrap_or(Value::NONE);
        if handler.is_none() {
            if signal == libc::SIGINT {
                let class = self.rt.types().exceptions.keyboard_interrupt;
                return Err(self.raise_args(class, &[]));
            }
            return Ok(());
        }
        if !self.is_callable(handler) {
            return Ok(());
        }
        let frame = crate::modules::sys::frame::snapshot(self, 0).unwrap_or(Value::NONE);
        self.call(handler, &[Value::small(signal as i64), frame])?;
        Ok(())
    }
}
