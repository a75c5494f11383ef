//! `_Turn`: how calls that run in parallel have their effects in a given order (`TransactionQueue`, `parallel_for`).
//!
//! Each call has a position. A thread runs a call as a block before its turn has come, and when the call is done waits, inside the
//! block, until all before it have committed. So a block never commits before its turn; and what it read of those before it, while they
//! still ran, is found wrong when it commits, as in any other block. Two rules keep the wait from ending in a deadlock:
//!
//! - It is short: as long as the call has taken so far, within bounds. Then the block is rolled back and owns nothing.
//! - A block does not become irrevocable before its turn: it would wait for one that waits for it.
//!
//! The turn itself is outside the heap: that it moves on conflicts with nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::*};
use std::time::{Duration, Instant};

use keelback_stm::Cause;
use parking_lot::{Condvar, Mutex};

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::native::{Native, Payload};

/// Bounds of the wait inside a block.
const PATIENCE: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(20));
/// Bound of one wait outside blocks: then there may be a signal to serve.
const SLICE: Duration = Duration::from_millis(50);
/// Looks before the processor is given away.
const SPINS: u32 = 64;

/// Whose turn it is.
#[derive(Default)]
pub(crate) struct State {
    /// The position whose call may commit, or [`STOPPED`] added to it.
    now: AtomicU64,
    /// The next position that nobody has taken.
    next: AtomicU64,
    moved: Mutex<()>,
    wake: Condvar,
}

/// One of the calls has failed: none after it will have its turn.
const STOPPED: u64 = 1 << 63;

impl State {
    fn reached(&self, position: u64) -> bool {
        self.now.load(Acquire) == position
    }
    fn stopped(&self) -> bool {
        self.now.load(Acquire) & STOPPED != 0
    }
    fn change(&self, change: impl FnOnce(&AtomicU64) -> u64) {
        let _moved = self.moved.lock();
        change(&self.now);
        self.wake.notify_all();
    }
}

/// The call that a thread makes before its turn.
pub(crate) struct Ahead {
    state: Arc<State>,
    position: u64,
    since: Instant,
}

struct Turn {
    state: Arc<State>,
}

impl Payload for Turn {
    fn trace(&self, _: &mut Tracer) {}
}

fn this(a: &[Value]) -> &Arc<State> {
    let turn: Ref<Native<Turn>> = a[0].native().expect("the receiver's class was checked");
    let state: *const Arc<State> = &turn.state;
    // SAFETY: the receiver lives as long as the call that has it among its arguments.
    unsafe { &*state }
}

impl Thread {
    /// Waits inside a block that is ahead of its turn. Whether the turn has come; it never will if a call before has failed.
    ///
    /// # Errors
    /// `Abort` if it has not come soon.
    fn wait_for_turn(&mut self) -> R<bool> {
        let Some(ahead) = &self.vm.ahead else {
            return Ok(true);
        };
        let (state, position) = (Arc::clone(&ahead.state), ahead.position);
        let begun = Instant::now();
        let patience = (begun - ahead.since).clamp(PATIENCE.0, PATIENCE.1);
        let mut looks = 0;
        loop {
            if state.reached(position) {
                return Ok(true);
            }
            if state.stopped() {
                return Ok(false);
            }
            self.txn.yield_to_irrevocable()?;
            if self.rt.world.wanted().is_some() || begun.elapsed() > patience {
                return Err(self.txn.fail_with(Cause::OwnedByOther).into());
            }
            looks += 1;
            if looks < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }

    /// Before the running block becomes irrevocable: its turn must have come.
    ///
    /// # Errors
    /// `Abort` if it has not.
    pub(crate) fn irrevocable_in_turn(&mut self) -> R<()> {
        if self.vm.ahead.is_some() && !self.txn.is_irrevocable() && !self.wait_for_turn()? {
            return Err(self.txn.fail_with(Cause::OwnedByOther).into());
        }
        Ok(())
    }
}

fn position(th: &mut Thread, v: Value) -> R<u64> {
    let n = th.index_i64(v)?;
    u64::try_from(n).map_err(|_| th.value_error("a position is not negative"))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let state = Arc::default();
    Ok(th.new_native(class, Turn { state }).value())
}

fn take(th: &mut Thread, a: &[Value]) -> R<Value> {
    // A position that is taken is taken for good: who rolled back would leave a gap.
    let state = Arc::clone(this(a));
    let n = th.outside(false, || state.next.fetch_add(1, Relaxed))?;
    Ok(th.uint(n))
}

fn begin(th: &mut Thread, a: &[Value]) -> R<Value> {
    let position = position(th, a[1])?;
    let state = Arc::clone(this(a));
    // Not to be taken back with the block before.
    th.outside(false, || ())?;
    th.vm.ahead = Some(Ahead {
        state,
        position,
        since: Instant::now(),
    });
    Ok(Value::NONE)
}

fn end(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.vm.ahead = None;
    Ok(Value::NONE)
}

fn reach(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::bool(th.wait_for_turn()?))
}

fn wait(th: &mut Thread, a: &[Value]) -> R<Value> {
    let position = position(th, a[1])?;
    let state = Arc::clone(this(a));
    let over = move || {
        let mut moved = state.moved.lock();
        if !state.reached(position) && !state.stopped() {
            state.wake.wait_for(&mut moved, SLICE);
        }
        state.reached(position) || state.stopped()
    };
    Ok(Value::bool(th.outside(true, over)?))
}

fn pass_on(th: &mut Thread, a: &[Value]) -> R<Value> {
    let state = Arc::clone(this(a));
    // What the turn's holder did has committed: it was an `atomic` block.
    th.outside(false, || state.change(|now| now.fetch_add(1, Release)))?;
    Ok(Value::NONE)
}

fn stop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let state = Arc::clone(this(a));
    th.outside(false, || state.change(|now| now.fetch_or(STOPPED, Release)))?;
    Ok(Value::NONE)
}

fn stopped(_: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(this(a).stopped()))
}

fn now(th: &mut Thread, a: &[Value]) -> R<Value> {
    let now = this(a).now.load(Acquire) & !STOPPED;
    Ok(th.uint(now))
}

/// `_Turn`.
pub(super) fn class(th: &mut Thread) -> Value {
    let class = th.new_type::<Turn>("transaction._Turn", 0, |t| {
        t.new("_Turn(cls)", new).methods(&[
            ("take(self)", take),
            ("begin(self, position, /)", begin),
            ("end(self)", end),
            ("reach(self)", reach),
            ("wait(self, position, /)", wait),
            ("pass_on(self)", pass_on),
            ("stop(self)", stop),
            ("stopped(self)", stopped),
            ("now(self)", now),
        ]);
    });
    class.value()
}
