//! Signals: noted by the system's handler, served by the main thread between two blocks.

use crate::heap::{R, Thread};

/// Is there a signal that the main thread has not served yet?
pub fn pending() -> bool {
    false
}

impl Thread {
    /// Calls the handlers of the signals that are pending.
    pub fn run_signal_handlers(&mut self) -> R<()> {
        Ok(())
    }
}
