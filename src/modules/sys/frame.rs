//! Frame objects: what `sys._getframe()` and `traceback.tb_frame` give. Our frames live on a stack, not in the heap, so that these are
//! snapshots: where the frame was when it was asked for. A frame that still runs is looked up again for its locals and its line.

use crate::builtins::frame_locals;
use crate::code::flags;
use crate::heap::world::Stop;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::exception::Traceback;
use crate::objects::function::{Code, Function};
use crate::objects::list::ValueBuf;
use crate::objects::native::{Native, Payload};
use crate::vm::frame::{Frame, Return};

/// See the module's text.
pub struct FrameSnapshot {
    function: Value,
    code: Value,
    /// Dict of the variables as they were, or the registers that hold them, or null if nobody asked.
    locals: Slot,
    lasti: RawSlot,
    /// Depth on the stack of thread `ident`, 0 for a frame that is known from a traceback only.
    depth: usize,
    ident: u64,
    /// The caller's frame: null if not asked for yet.
    back: Slot,
    trace: Slot,
}

impl Payload for FrameSnapshot {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.function, self.code]);
        t.slot(&self.locals);
        t.slot(&self.back);
        t.slot(&self.trace);
    }
}

/// Defines the type.
pub fn init(th: &mut Thread) {
    th.new_type::<FrameSnapshot>("frame", class_flags::NO_NEW, |t| {
        t.getset("f_code", |th, v| Ok(this(th, v)?.code), None)
            .getset("f_globals", f_globals, None)
            .getset("f_builtins", f_builtins, None)
            .getset("f_locals", f_locals, None)
            .getset("f_lineno", f_lineno, Some(ignore_set))
            .getset("f_lasti", f_lasti, None)
            .getset("f_back", f_back, None)
            .getset("f_trace", f_trace, Some(set_trace))
            .getset("f_trace_lines", |_, _| Ok(Value::TRUE), Some(ignore_set))
            .getset("f_trace_opcodes", |_, _| Ok(Value::FALSE), Some(ignore_set))
            .getset("f_generator", |_, _| Ok(Value::NONE), None)
            .methods(&[("clear(self, /)", clear), ("__repr__(self, /)", repr)]);
    });
}

type Snapshot = Ref<Native<FrameSnapshot>>;

fn this(th: &mut Thread, v: Value) -> R<Snapshot> {
    th.native_self(v, "frame")
}

fn code(f: Snapshot) -> Option<Ref<Code>> {
    f.code.cast()
}

/// The frame `n` calls further out than the running one, as an object; `None` if the stack is not that deep.
pub fn snapshot(th: &mut Thread, n: usize) -> Option<Value> {
    let depth = th.depth();
    let frame = *th.frame_at(n)?;
    let payload = FrameSnapshot {
        function: frame.function.value(),
        code: frame.code.value(),
        locals: Slot::new(Value::NULL),
        lasti: RawSlot::new(frame.last_word() as u64),
        depth: depth - n,
        ident: th.shared.ident,
        back: Slot::new(Value::NULL),
        trace: Slot::new(Value::NONE),
    };
    let class = th.class_for::<FrameSnapshot>();
    Some(th.new_native(class, payload).value())
}

/// The innermost frame of each other thread, with the thread's identifier: as they are at this moment, with their variables.
///
/// # Errors
/// `Abort` if the other threads cannot be stopped while this block runs.
pub fn of_other_threads(th: &mut Thread) -> R<Vec<(u64, Value)>> {
    // Between two blocks, nobody owns what we are going to read.
    let Some(stopped) = th.stop_world(Stop::Boundary) else {
        return Err(th.stop_refused());
    };
    let own: *mut Thread = th;
    let runner = th.rt.state.get(crate::threads::start::RUNNER);
    let mut found = vec![];
    for other in stopped.threads().into_iter().filter(|t| *t != own) {
        // SAFETY: the thread is stopped until `stopped` is dropped.
        let other = unsafe { &*other };
        let mut back = Value::NONE;
        other.vm.stacks.reveal(other.vm.fp, 1);
        for depth in 1..=other.depth() {
            // SAFETY: its frames up to its depth are initialised.
            let frame = unsafe { *other.vm.stacks.frame(depth) };
            if frame.function.value() == runner {
                continue;
            }
            let locals = frame_locals(th, frame)?;
            let payload = FrameSnapshot {
                function: frame.function.value(),
                code: frame.code.value(),
                locals: Slot::new(locals),
                lasti: RawSlot::new(frame.last_word() as u64),
                depth: 0,
                ident: 0,
                back: Slot::new(back),
                trace: Slot::new(Value::NONE),
            };
            let class = th.class_for::<FrameSnapshot>();
            back = th.new_native(class, payload).value();
            // What was that thread's alone is now ours as well.
            th.publish(back);
        }
        if !back.is_none() {
            found.push((other.shared.ident, back));
        }
    }
    Ok(found)
}

/// A frame that is not on this thread's stack: its function and code, the word index at which it was, and its registers or null.
pub fn detached(
    th: &mut Thread,
    function: Value,
    code: Value,
    lasti: u32,
    registers: Value,
) -> Value {
    let payload = FrameSnapshot {
        function,
        code,
        locals: Slot::new(registers),
        lasti: RawSlot::new(lasti as u64),
        depth: 0,
        ident: 0,
        back: Slot::new(Value::NONE),
        trace: Slot::new(Value::NONE),
    };
    let class = th.class_for::<FrameSnapshot>();
    th.new_native(class, payload).value()
}

/// The frame of a traceback entry.
pub fn of_traceback(th: &mut Thread, tb: Ref<Native<Traceback>>) -> R<Value> {
    let variables = th.get(tb, &tb.variables)?;
    let left = !variables.is_null();
    let payload = FrameSnapshot {
        function: tb.function,
        code: tb.code,
        locals: Slot::new(variables),
        lasti: RawSlot::new(tb.lasti as u64),
        depth: if left { 0 } else { tb.depth as usize },
        ident: tb.ident,
        back: Slot::new(if left { Value::NONE } else { Value::NULL }),
        trace: Slot::new(Value::NONE),
    };
    let class = th.class_for::<FrameSnapshot>();
    Ok(th.new_native(class, payload).value())
}

/// An exception has left the frame that `v` is the object of, if it is one.
pub fn left(th: &mut Thread, v: Value, variables: Value) -> R<()> {
    match v.native::<FrameSnapshot>() {
        Some(f) => th.set(f, &f.locals, variables),
        None => Ok(()),
    }
}

/// The variables in a frame's registers, which an exception has left.
fn variables_of(th: &mut Thread, f: Snapshot, registers: Ref<ValueBuf>) -> R<Value> {
    let (Some(function), Some(code)) = (function(f), code(f)) else {
        return Ok(Dict::new(th).value());
    };
    let frame = Frame {
        pc: std::ptr::null(),
        start: std::ptr::null(),
        regs: registers.slots().as_ptr() as *mut Value,
        code,
        function,
        namespace: Value::NULL,
        extra: Value::NULL,
        dst: 0,
        ret: Return::Exit,
        over: 0,
    };
    frame_locals(th, frame)
}

/// How many calls further out the snapshot's frame is, if it still runs on this thread.
fn live(th: &Thread, f: Snapshot) -> Option<usize> {
    let depth = th.depth();
    if f.depth == 0 || f.ident != th.shared.ident || f.depth > depth {
        return None;
    }
    let n = depth - f.depth;
    let frame = th.frame_at(n)?;
    (frame.function.value() == f.function && frame.code.value() == f.code).then_some(n)
}

fn function(f: Snapshot) -> Option<Ref<Function>> {
    f.function.cast()
}
fn f_globals(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    Ok(function(f).map_or(Value::NONE, |f| f.globals))
}
fn f_builtins(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    Ok(function(f).map_or(Value::NONE, |f| f.builtins))
}

fn f_locals(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    if let Some(n) = live(th, f)
        && let Some(frame) = th.frame_at(n).copied()
    {
        let locals = frame_locals(th, frame)?;
        th.set(f, &f.locals, locals)?;
        return Ok(locals);
    }
    let known = th.get(f, &f.locals)?;
    if let Some(registers) = known.cast::<ValueBuf>() {
        let locals = variables_of(th, f, registers)?;
        th.set(f, &f.locals, locals)?;
        return Ok(locals);
    }
    if !known.is_null() {
        return Ok(known);
    }
    let optimized = code(f).is_some_and(|c| c.flags & flags::OPTIMIZED != 0);
    if !optimized && let Some(function) = function(f) {
        return Ok(function.globals);
    }
    let dict = Dict::new(th).value();
    th.set(f, &f.locals, dict)?;
    Ok(dict)
}

/// The word index at which the frame stands.
fn position(th: &mut Thread, f: Snapshot) -> R<u32> {
    if let Some(n) = live(th, f)
        && let Some(frame) = th.frame_at(n)
    {
        return Ok(frame.last_word());
    }
    Ok(th.get_raw(f, &f.lasti)? as u32)
}
fn f_lineno(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    let at = position(th, f)?;
    Ok(match code(f).map(|c| c.unit.span_at(at).line) {
        Some(line) if line != 0 => Value::small(line as i64),
        _ => Value::NONE,
    })
}
fn f_lasti(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    let at = position(th, f)?;
    // In bytes, as CPython counts.
    Ok(Value::small(at as i64 * 2))
}

fn f_back(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    let known = th.get(f, &f.back)?;
    if !known.is_null() {
        return Ok(known);
    }
    let back = match live(th, f) {
        Some(n) => snapshot(th, n + 1).unwrap_or(Value::NONE),
        None => Value::NONE,
    };
    th.set(f, &f.back, back)?;
    Ok(back)
}

fn f_trace(th: &mut Thread, v: Value) -> R<Value> {
    let f = this(th, v)?;
    th.get(f, &f.trace)
}
fn set_trace(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let f = this(th, v)?;
    th.set(f, &f.trace, x.or_none())
}
fn ignore_set(_: &mut Thread, _: Value, _: Value) -> R<()> {
    Ok(())
}

fn clear(th: &mut Thread, args: &[Value]) -> R<Value> {
    let f = this(th, args[0])?;
    if live(th, f).is_some() {
        return Err(th.runtime_error("cannot clear an executing frame"));
    }
    th.set(f, &f.locals, Value::NULL)?;
    Ok(Value::NONE)
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let f = this(th, args[0])?;
    let at = position(th, f)?;
    let Some(code) = code(f) else {
        return Ok(th.str_value("<frame>"));
    };
    let text = format!(
        "<frame at {:#x}, file '{}', line {}, code {}>",
        args[0].0,
        code.unit.filename,
        code.unit.span_at(at).line,
        String::from_utf8_lossy(code.unit.name.as_bytes())
    );
    Ok(th.str_value(&text))
}
