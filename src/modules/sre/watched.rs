//! A search that can be given up: some patterns take longer than the world has left.
//!
//! The engine knows no interruption, but asks for each character. Under the limits of an embedded interpreter it gets a subject that counts
//! how often, and looks at the limits now and then. When they are reached, the engine's frames are unwound: they hold numbers, vectors and a
//! borrowed text, and leave nothing half done behind.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use rustpython_sre_engine::{StrDrive, StringCursor};

use crate::vm::guard::Call;

/// A subject that counts.
#[derive(Clone, Copy)]
pub struct Watched<S>(pub S);

/// What the unwinding carries.
struct GivenUp;

/// So many characters between two looks: some hundred microseconds.
const CHARACTERS: u32 = 1 << 15;

struct Watch {
    call: Arc<Call>,
    left: u32,
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

#[inline]
fn count() {
    let over = WATCH.with_borrow_mut(|watch| {
        let Some(watch) = watch else { return false };
        watch.left -= 1;
        if watch.left > 0 {
            return false;
        }
        watch.left = CHARACTERS;
        watch.call.is_over(u64::from(CHARACTERS) / 16)
    });
    if over {
        resume_unwind(Box::new(GivenUp));
    }
}

/// Why a search has found nothing, nor that there is nothing.
pub enum Ended {
    GivenUp,
    /// The engine has panicked.
    Fault,
}

/// Runs a search for this call.
pub fn run<T>(call: Arc<Call>, search: impl FnOnce() -> T) -> Result<T, Ended> {
    let left = CHARACTERS;
    let outer = WATCH.replace(Some(Watch { call, left }));
    let found = catch_unwind(AssertUnwindSafe(search));
    WATCH.set(outer);
    found.map_err(|why| match why.is::<GivenUp>() {
        true => Ended::GivenUp,
        false => Ended::Fault,
    })
}

impl<S: StrDrive> StrDrive for Watched<S> {
    fn count(&self) -> usize {
        self.0.count()
    }
    fn create_cursor(&self, n: usize) -> StringCursor {
        self.0.create_cursor(n)
    }
    fn adjust_cursor(&self, cursor: &mut StringCursor, n: usize) {
        count();
        self.0.adjust_cursor(cursor, n)
    }
    fn advance(cursor: &mut StringCursor) -> u32 {
        count();
        S::advance(cursor)
    }
    fn peek(cursor: &StringCursor) -> u32 {
        count();
        S::peek(cursor)
    }
    fn skip(cursor: &mut StringCursor, n: usize) {
        count();
        S::skip(cursor, n)
    }
    fn back_advance(cursor: &mut StringCursor) -> u32 {
        count();
        S::back_advance(cursor)
    }
    fn back_peek(cursor: &StringCursor) -> u32 {
        count();
        S::back_peek(cursor)
    }
    fn back_skip(cursor: &mut StringCursor, n: usize) {
        count();
        S::back_skip(cursor, n)
    }
}
