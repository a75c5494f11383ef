//! Source positions as words: what the engine's tags are in this interpreter (`keelback_stm::Host::tag`).
//!
//! A tag is the number of a code object and the index of an instruction word in it. It is made where blocks meet conflicts and, while
//! tracing is on, where they take an object for writing, so it must be cheap: the code object is written down, with its unit, when it is
//! first met, and read back when somebody wants to see the line. A position in the embedded library tells the user little: then it is
//! the innermost frame's outside of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use super::frame::Frame;
use crate::code::CodeUnit;
use crate::heap::Thread;

/// What `Code::noted` says.
const USERS: u8 = 1;
const LIBRARYS: u8 = 2;

static UNITS: LazyLock<Mutex<HashMap<u32, Arc<CodeUnit>>>> = LazyLock::new(Mutex::default);

/// A line of source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub function: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} in {}", self.file, self.line, self.function)
    }
}

impl Place {
    /// The line that a tag stands for; `None` for 0, the tag of no place.
    pub fn of_tag(tag: u64) -> Option<Place> {
        let unit = Arc::clone(UNITS.lock().get(&((tag >> 32) as u32))?);
        Some(Place {
            file: unit.filename.clone(),
            line: unit.span_at(tag as u32).line,
            function: unit.qualname.to_string(),
        })
    }
}

/// Is the frame one of the embedded library's, or of a native module's Python part?
#[inline]
fn in_library(frame: &Frame) -> bool {
    match frame.code.noted.load(Relaxed) {
        0 => note(frame),
        whose => whose == LIBRARYS,
    }
}

/// Writes down whose code it is; whether the library's.
#[cold]
fn note(frame: &Frame) -> bool {
    let unit = &frame.code.unit;
    // Native modules call their Python parts `<_thread>`; what the user typed, or gave with -c, is the user's.
    let name = &unit.filename;
    let typed = ["<stdin>", "<string>", "<embedded>"].contains(&name.as_str())
        || name.starts_with("<python-input-");
    let library = name.starts_with('<') && !typed;
    UNITS
        .lock()
        .insert(frame.code.id as u32 + 1, Arc::clone(unit));
    let whose = if library { LIBRARYS } else { USERS };
    frame.code.noted.store(whose, Relaxed);
    library
}

impl Thread {
    /// The tag of the line that this thread is at, as far as the frames know; 0 if no frame does.
    pub fn place_tag(&self) -> u64 {
        // 0 is the tag of no place.
        let tag = |frame: &Frame| (frame.code.id as u64 + 1) << 32 | u64::from(frame.last_word());
        let mut frames = self.vm.stacks.real_frames(self.vm.fp).map(|(f, _)| f);
        let Some(first) = frames.next() else {
            return 0;
        };
        if !in_library(first) {
            return tag(first);
        }
        frames.find(|f| !in_library(f)).map_or(tag(first), tag)
    }
}
