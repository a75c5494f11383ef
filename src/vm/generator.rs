//! Running generators, coroutines and asynchronous generators. How they are stored: see `objects::generator`.
//!
//! While a generator runs, its `handled` slot holds what its resumer was handling; while it is suspended, what itself was
//! handling (null if nothing).

use super::delegation;
use super::frame::{Frame, Return};
use crate::code::{Op, flags, instr};
use crate::heap::{Fail, Kind, R, RawSlot, Ref, Thread, Tracer, Value};
use crate::objects::exception::Exception;
use crate::objects::function::{Code, Function};
use crate::objects::generator::{Generator, marks, state};
use crate::objects::list::ValueBuf;
use crate::objects::native::Payload;
use crate::objects::special::Sp;

/// `g` has returned, whose registers were kept in `registers`: uses that memory again. With barriers on, an undo log could refer to it.
///
/// # Safety
/// Nobody uses it any more.
pub(super) unsafe fn recycle_registers(th: &mut Thread, g: Ref<Generator>, registers: Value) {
    if !th.barriers
        && g.marks.peek() & marks::SEEN == 0
        && let Some(buf) = registers.cast::<ValueBuf>()
    {
        // SAFETY: as the caller says; only a frame object could still refer to it.
        unsafe { th.recycle(buf.address(), buf.bytes()) }
    }
}

/// `g` has returned, and control is about to go back to `caller`, whose saved `pc` stands behind the `ForIter` or `Send` that drove it:
/// uses its memory again if nothing can refer to it.
///
/// # Safety
/// As said; the frame of `g` has been dropped.
pub(super) unsafe fn recycle(th: &mut Thread, g: Ref<Generator>, caller: &Frame) {
    if !th.barriers && g.marks.peek() == marks::TEMPORARY {
        // SAFETY (of the block): see `marks::TEMPORARY`.
        unsafe {
            let word = *caller.pc.sub(1);
            let temporary = caller.regs.add(instr::b_of(word));
            if (*temporary).0 == g.address() {
                *temporary = Value::NULL;
                let room = th.rt.types().generator.root_shape().instance_bytes();
                th.recycle(g.address(), room.max(size_of::<Generator>()));
            }
        }
    }
}

/// What came of sending into an iterator.
pub enum Sent {
    Yielded(Value),
    Returned(Value),
}

impl Generator {
    pub(super) fn code_of(&self) -> Ref<Code> {
        // SAFETY: set by `new_generator`.
        unsafe { self.code.cast_unchecked() }
    }
    /// "generator", "coroutine" or "async generator".
    pub fn what(&self) -> &'static str {
        let f = self.code_of().flags;
        if f & flags::ASYNC_GENERATOR != 0 {
            "async generator"
        } else if f & flags::COROUTINE != 0 {
            "coroutine"
        } else {
            "generator"
        }
    }
}

/// Resumes a generator, or the innermost one of those to which it delegates: its frame is on top then. `Ok(false)`: it is finished.
#[inline(always)]
fn resume(th: &mut Thread, g: Ref<Generator>, sent: Value, ret: Return, dst: u16) -> R<bool> {
    // Only read: those who find that another thread runs it must not keep that one from going on.
    if th.is_shared(g) && th.get_raw(g, &g.state)? == state::RUNNING {
        return Err(already_executing(th, g));
    }
    th.own(g)?;
    if g.state.peek() == state::SUSPENDED && delegation::delegate(g).is_some() {
        return resume_delegating(th, g, sent, ret, dst);
    }
    resume_one(th, g, sent, ret, dst)
}

/// As [`resume`], of a generator that delegates.
#[inline(never)]
fn resume_delegating(
    th: &mut Thread,
    g: Ref<Generator>,
    sent: Value,
    ret: Return,
    dst: u16,
) -> R<bool> {
    if !sent.is_none() {
        if delegation::is_active(th, g)? {
            return Err(already_executing(th, g));
        }
        delegation::dissolve(th, g)?;
        return resume_one(th, g, sent, ret, dst);
    }
    let Some(chain) = delegation::chain(th, g)? else {
        return Err(already_executing(th, g));
    };
    if chain.over == 0 {
        return resume_one(th, g, sent, ret, dst);
    }
    delegation::cut(th, g)?;
    let window = th.nested_window();
    // SAFETY: that there is room for frame and window is checked before anything is written there.
    unsafe {
        let place = th.vm.fp.add(1);
        let window = window.add(chain.registers as usize);
        let fp = place.add(chain.over as usize);
        push_resumed(
            th,
            chain.innermost,
            sent,
            fp,
            window,
            Return::PassOn,
            0,
            chain.over,
        )?;
        delegation::place_root(place, g, ret, dst);
    }
    Ok(true)
}

fn already_executing(th: &mut Thread, g: Ref<Generator>) -> crate::heap::Fail {
    let what = g.what();
    th.value_error(format!("{what} already executing"))
}

/// Pushes the generator's frame. `Ok(false)`: it is finished.
#[inline(always)]
fn resume_one(th: &mut Thread, g: Ref<Generator>, sent: Value, ret: Return, dst: u16) -> R<bool> {
    th.own(g)?;
    match g.state.peek() {
        state::RUNNING => return Err(already_executing(th, g)),
        state::FINISHED => return Ok(false),
        state::CREATED if !sent.is_none() && !sent.is_null() => {
            let what = g.what();
            return Err(th.type_error(format!(
                "can't send non-None value to a just-started {what}"
            )));
        }
        _ => {}
    }
    delegation::cut(th, g)?;
    let window = th.nested_window();
    // SAFETY: room is checked.
    unsafe {
        let fp = th.vm.fp.add(1);
        push_resumed(th, g, sent, fp, window, ret, dst, 0)?;
    }
    Ok(true)
}

/// Puts the frame of `g`, which is ours and neither runs nor is finished, at `fp` and its registers at `window`, if there is room.
///
/// # Safety
/// Nothing that is in use lies there or above.
#[inline(always)]
unsafe fn push_resumed(
    th: &mut Thread,
    g: Ref<Generator>,
    sent: Value,
    fp: *mut Frame,
    window: *mut Value,
    ret: Return,
    dst: u16,
    over: u32,
) -> R<()> {
    let code = g.code_of();
    // SAFETY (of the block): room is checked; the frame is written whole before it is used.
    unsafe {
        let end = window.add(code.nregs as usize);
        if fp >= th.vm.frame_limit || end as *const Value >= th.vm.stacks.registers_end() {
            return Err(th.recursion_error("maximum recursion depth exceeded"));
        }
        let buf: Ref<ValueBuf> = g.registers.peek().cast_unchecked();
        // Nobody writes to the buffer: the generator is ours.
        let slots = buf.slots();
        std::ptr::copy_nonoverlapping(slots.as_ptr() as *const Value, window, slots.len());
        let function: Ref<Function> = g.function.cast_unchecked();
        let start = th.copy_of(code);
        let mut pc = start.add(g.pc.peek() as usize);
        if g.state.peek() == state::SUSPENDED {
            let w = *pc;
            *window.add(instr::a_of(w)) = sent.or_none();
            pc = pc.add(1 + instr::extensions_of(w));
        }
        th.set_raw(g, &g.state, state::RUNNING)?;
        let (own, resumer) = (g.handled.peek(), th.vm.handled);
        th.set(g, &g.handled, resumer)?;
        if !own.is_null() {
            th.vm.handled = own;
        }
        *fp = Frame {
            pc,
            start,
            regs: window,
            code,
            function,
            namespace: Value::NULL,
            extra: g.value(),
            dst,
            ret,
            over,
        };
        th.vm.fp = fp;
        th.vm.work += 1;
    }
    Ok(())
}

/// What [`resume`] does with a generator that is not running, delegates to nobody, and needs no barriers, when there is room and this thread has
/// run its code before. `false`, and nothing has happened, if it is something else.
///
/// # Safety
/// Nothing that is in use lies above the running frame's window and the running native's arguments.
#[inline(always)]
unsafe fn resume_plain(th: &mut Thread, g: Ref<Generator>, ret: Return, dst: u16) -> bool {
    let (code, now) = (g.code_of(), g.state.peek());
    if th.barriers || now > state::SUSPENDED || g.root.peek() | g.parent.peek() != 0 {
        return false;
    }
    let Some(Some(copy)) = th.vm.copies.get(code.id) else {
        return false;
    };
    let start = copy.words.as_ptr();
    let window = th.nested_window();
    // SAFETY (of the block): as in `push_resumed`.
    unsafe {
        let mut pc = start.add(g.pc.peek() as usize);
        let w = *pc;
        if now == state::SUSPENDED {
            if w & 0xffff != Op::Yield as u64 {
                return false;
            }
            pc = pc.add(1);
        }
        let fp = th.vm.fp.add(1);
        let end = window.add(code.nregs as usize);
        if fp >= th.vm.frame_limit || end as *const Value >= th.vm.stacks.registers_end() {
            return false;
        }
        let buf: Ref<ValueBuf> = g.registers.peek().cast_unchecked();
        let slots = buf.slots();
        std::ptr::copy_nonoverlapping(slots.as_ptr() as *const Value, window, slots.len());
        if now == state::SUSPENDED {
            *window.add(instr::a_of(w)) = Value::NONE;
        }
        g.state.init(state::RUNNING);
        let own = g.handled.peek();
        g.handled.init(th.vm.handled);
        if !own.is_null() {
            th.vm.handled = own;
        }
        *fp = Frame {
            pc,
            start,
            regs: window,
            code,
            function: g.function.cast_unchecked(),
            namespace: Value::NULL,
            extra: g.value(),
            dst,
            ret,
            over: 0,
        };
        th.vm.fp = fp;
        th.vm.work += 1;
    }
    true
}

/// Resumes a generator from a handler. 1: its frame is on top, 0: it is finished, 2: failure, 3: not for here.
#[inline(never)]
pub(super) fn resume_in_loop(th: &mut Thread, v: Value, sent: Value, dst: u16, ret: Return) -> u8 {
    let Some(g) = v.cast::<Generator>() else {
        return 3;
    };
    if g.code_of().flags & flags::ASYNC_GENERATOR != 0 {
        return 3;
    }
    // SAFETY: called by a handler.
    if sent.is_none() && unsafe { resume_plain(th, g, ret, dst) } {
        return 1;
    }
    if ret == Return::Send
        && g.state.peek() == state::FINISHED
        && g.code_of().flags & flags::COROUTINE != 0
    {
        th.vm.fail = th.runtime_error("cannot reuse already awaited coroutine");
        return 2;
    }
    match resume(th, g, sent, ret, dst) {
        Ok(true) => 1,
        Ok(false) => 0,
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

/// The running generator yields `v` at the instruction `at`. 0: control is in the caller's frame, 1: it leaves the loop, 2: failure.
#[inline(never)]
pub(super) fn suspend(th: &mut Thread, v: Value, at: *const u64) -> u8 {
    // SAFETY (of the block): as in `suspend_inner`.
    unsafe {
        let fp = th.vm.fp;
        if !th.barriers && (*fp).over == 0 {
            let g: Ref<Generator> = (*fp).extra.cast_unchecked();
            let buf: Ref<ValueBuf> = g.registers.peek().cast_unchecked();
            let slots = buf.slots();
            // Nobody else sees the buffer.
            let saved = slots.as_ptr() as *mut Value;
            std::ptr::copy_nonoverlapping((*fp).regs, saved, slots.len());
            g.pc.init(at.offset_from((*fp).start) as u64);
            g.state.init(state::SUSPENDED);
            let (resumer, own) = (g.handled.peek(), th.vm.handled);
            g.handled
                .init(if own == resumer { Value::NULL } else { own });
            th.vm.handled = resumer;
            let caller = fp.sub(1);
            th.vm.fp = caller;
            if (*fp).ret == Return::Exit {
                th.vm.result = v;
                th.vm.yielded = true;
                return 1;
            }
            *(*caller).regs.add((*fp).dst as usize) = v;
            (*caller).pc = (*caller).pc.add(1);
            return 0;
        }
    }
    match suspend_inner(th, v, at) {
        Ok(n) => n,
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

fn suspend_inner(th: &mut Thread, v: Value, at: *const u64) -> R<u8> {
    // SAFETY (of the block): the running frame is a generator's, its caller lies below.
    unsafe {
        let frame = *th.vm.fp;
        let g: Ref<Generator> = frame.extra.cast_unchecked();
        let n = frame.code.nregs as usize;
        let mut buf: Ref<ValueBuf> = g.registers.peek().cast_unchecked();
        let fresh = !th.barriers
            || buf.header().orec().state()
                == (keelback_stm::OrecState::Private {
                    birth: th.txn.block(),
                });
        if !fresh {
            buf = ValueBuf::new(th, n);
        }
        // Nobody else sees the buffer.
        let saved = buf.slots().as_ptr() as *mut Value;
        std::ptr::copy_nonoverlapping(frame.regs, saved, n);
        if !fresh {
            th.set(g, &g.registers, buf.value())?;
        }
        th.set_raw(g, &g.pc, at.offset_from(frame.start) as u64)?;
        th.set_raw(g, &g.state, state::SUSPENDED)?;
        let (resumer, own) = (g.handled.peek(), th.vm.handled);
        th.set(
            g,
            &g.handled,
            if own == resumer { Value::NULL } else { own },
        )?;
        th.vm.handled = resumer;
        // What it yields is what its chain's root yields.
        let lowest = th.vm.fp.sub(frame.over as usize);
        let (ret, dst) = ((*lowest).ret, (*lowest).dst);
        if frame.over != 0 && th.vm.in_block {
            th.save_view(th.vm.stacks.depth(lowest), true);
        }
        let caller = lowest.sub(1);
        th.vm.fp = caller;
        if ret == Return::Exit {
            th.vm.result = v;
            th.vm.yielded = true;
            return Ok(1);
        }
        if th.vm.in_block {
            let depth = th.vm.stacks.depth(caller);
            if depth < th.vm.checkpoint.low {
                th.save_older(depth);
            }
        }
        *(*caller).regs.add(dst as usize) = v;
        (*caller).pc = (*caller).pc.add(1);
        Ok(0)
    }
}

/// Sends `v` into a generator or coroutine.
pub fn send(th: &mut Thread, g: Ref<Generator>, v: Value) -> R<Sent> {
    th.check_stack()?;
    let entry = th.depth() + 1;
    // SAFETY: called by native code.
    if v.is_none() && unsafe { resume_plain(th, g, Return::Exit, 0) } {
        return run_resumed(th, entry);
    }
    let resumed = match resume(th, g, v, Return::Exit, 0) {
        Err(Fail::Raise) if th.depth() >= entry => {
            // What the generator delegates to could not be resumed: raised in there.
            th.vm.throw = true;
            true
        }
        resumed => resumed?,
    };
    if !resumed {
        if g.code_of().flags & flags::COROUTINE != 0 {
            return Err(th.runtime_error("cannot reuse already awaited coroutine"));
        }
        return Ok(Sent::Returned(Value::NONE));
    }
    run_resumed(th, entry)
}

/// Runs the generator whose frame is on top, and whose chain begins at depth `entry`.
#[inline(always)]
fn run_resumed(th: &mut Thread, entry: usize) -> R<Sent> {
    let v = th.run_from(entry)?;
    Ok(if std::mem::replace(&mut th.vm.yielded, false) {
        Sent::Yielded(v)
    } else {
        Sent::Returned(v)
    })
}

/// `next(generator)`, null when it is over.
pub fn next(th: &mut Thread, g: Ref<Generator>) -> R<Value> {
    Ok(match send(th, g, Value::NONE)? {
        Sent::Yielded(v) => v,
        Sent::Returned(_) => Value::NULL,
    })
}

/// Sends `v` into any iterator, as `yield from` does.
pub fn send_any(th: &mut Thread, it: Value, v: Value) -> R<Sent> {
    if let Some(g) = it
        .cast::<Generator>()
        .filter(|g| g.code_of().flags & flags::ASYNC_GENERATOR == 0)
    {
        return send(th, g, v);
    }
    let r = if v.is_none() {
        th.call_special(it, Sp::Next, &[])
    } else {
        th.call_method(it, "send", &[v])
    };
    stop_to_returned(th, r)
}

fn stop_to_returned(th: &mut Thread, r: R<Value>) -> R<Sent> {
    match r {
        Ok(v) => Ok(Sent::Yielded(v)),
        Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.stop_iteration) => {
            let exc = th.take_exc();
            Ok(Sent::Returned(
                exc.cast::<Exception>()
                    .map_or(Value::NONE, |e| e.extra[0].peek().or_none()),
            ))
        }
        Err(f) => Err(f),
    }
}

/// Raises `exc` at the point where the generator is suspended.
pub fn throw(th: &mut Thread, g: Ref<Generator>, exc: Value) -> R<Sent> {
    th.check_stack()?;
    th.own(g)?;
    match g.state.peek() {
        state::RUNNING => return Err(already_executing(th, g)),
        state::CREATED => {
            th.set_raw(g, &g.state, state::FINISHED)?;
            th.set(g, &g.registers, Value::NULL)?;
            th.exc = exc;
            return Err(Fail::Raise);
        }
        state::FINISHED => {
            if g.code_of().flags & flags::COROUTINE != 0 {
                return Err(th.runtime_error("cannot reuse already awaited coroutine"));
            }
            th.exc = exc;
            return Err(Fail::Raise);
        }
        _ => {}
    }
    let code = g.code_of();
    let at = g.pc.peek() as usize;
    let w = code.unit.words[at];
    if instr::op_of(w) == Op::YieldDelegate {
        // SAFETY: a suspended generator has its registers.
        let buf: Ref<ValueBuf> = unsafe { g.registers.peek().cast_unchecked() };
        let inner = buf.slots()[instr::c_of(w)].peek();
        if delegation::is_active(th, g)? {
            return Err(already_executing(th, g));
        }
        delegation::cut(th, g)?;
        delegation::dissolve(th, g)?;
        th.set_raw(g, &g.state, state::RUNNING)?;
        let r = throw_into(th, inner, exc);
        th.set_raw(g, &g.state, state::SUSPENDED)?;
        match r {
            Ok(None) => {}
            Ok(Some(Sent::Yielded(v))) => return Ok(Sent::Yielded(v)),
            Ok(Some(Sent::Returned(v))) => {
                // On behind the delegation, with its value.
                resume_one(th, g, Value::NONE, Return::Exit, 0)?;
                // SAFETY: the frame just pushed.
                unsafe {
                    let frame = &mut *th.vm.fp;
                    *frame.regs.add(instr::b_of(w)) = v;
                    let jump = code.unit.words[at + 1] as isize;
                    frame.pc = frame.pc.offset(jump);
                }
                let v = th.run()?;
                return Ok(if std::mem::replace(&mut th.vm.yielded, false) {
                    Sent::Yielded(v)
                } else {
                    Sent::Returned(v)
                });
            }
            Err(Fail::Raise) => {
                let raised = th.take_exc();
                return throw_here(th, g, raised);
            }
            Err(f) => return Err(f),
        }
    }
    throw_here(th, g, exc)
}

fn throw_here(th: &mut Thread, g: Ref<Generator>, exc: Value) -> R<Sent> {
    resume_one(th, g, Value::NONE, Return::Exit, 0)?;
    th.exc = exc;
    th.vm.throw = true;
    let v = th.run()?;
    Ok(if std::mem::replace(&mut th.vm.yielded, false) {
        Sent::Yielded(v)
    } else {
        Sent::Returned(v)
    })
}

/// Passes an exception on to what a generator delegates to. `None`: it is for the generator itself.
fn throw_into(th: &mut Thread, inner: Value, exc: Value) -> R<Option<Sent>> {
    if th.is_instance(exc, th.rt.types().exceptions.generator_exit) {
        if let Some(g) = inner.cast::<Generator>() {
            close(th, g)?;
        } else {
            let name = th.intern_value("close");
            let close = th.get_attr_opt(inner, name)?;
            if !close.is_null() {
                th.call(close, &[])?;
            }
        }
        return Ok(None);
    }
    if let Some(g) = inner
        .cast::<Generator>()
        .filter(|g| g.code_of().flags & flags::ASYNC_GENERATOR == 0)
    {
        return throw(th, g, exc).map(Some);
    }
    let name = th.intern_value("throw");
    let method = th.get_attr_opt(inner, name)?;
    if method.is_null() {
        return Ok(None);
    }
    let r = th.call(method, &[exc]);
    stop_to_returned(th, r).map(Some)
}

/// `generator.close()`: its return value, if it returns one.
pub fn close(th: &mut Thread, g: Ref<Generator>) -> R<Value> {
    th.own(g)?;
    match g.state.peek() {
        state::CREATED => {
            th.set_raw(g, &g.state, state::FINISHED)?;
            th.set(g, &g.registers, Value::NULL)?;
            return Ok(Value::NONE);
        }
        state::FINISHED => return Ok(Value::NONE),
        _ => {}
    }
    let class = th.rt.types().exceptions.generator_exit;
    let args = th.tuple_value(&[]);
    let exc = th
        .alloc(class.root_shape(), Exception::new(args), 0)
        .value();
    match throw(th, g, exc) {
        Ok(Sent::Yielded(_)) => {
            let what = g.what();
            Err(th.runtime_error(format!("{what} ignored GeneratorExit")))
        }
        Ok(Sent::Returned(v)) => Ok(v),
        Err(Fail::Raise)
            if th.raised_is(class) || th.raised_is(th.rt.types().exceptions.stop_iteration) =>
        {
            th.take_exc();
            Ok(Value::NONE)
        }
        Err(f) => Err(f),
    }
}

/// A value that an asynchronous generator yields by its own `yield`, as opposed to what awaiting yields through it.
struct Wrapped(Value);
impl Payload for Wrapped {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.0)
    }
}

/// The awaitables of an asynchronous generator: `__anext__`, `asend`, `athrow`, `aclose`.
struct AsyncStep {
    generator: Value,
    what: Step,
    argument: Value,
    /// 0 fresh, 1 begun, 2 over.
    state: RawSlot,
}
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Send,
    Throw,
    Close,
}
impl Payload for AsyncStep {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.generator, self.argument])
    }
}

fn generator_of(th: &mut Thread, v: Value) -> R<Ref<Generator>> {
    match v.cast::<Generator>() {
        Some(g) => Ok(g),
        None => Err(th.type_error("a generator was expected")),
    }
}

fn returned(th: &mut Thread, sent: Sent) -> R<Value> {
    match sent {
        Sent::Yielded(v) => Ok(v),
        Sent::Returned(v) => Err(th.stop_iteration(if v.is_none() { Value::NULL } else { v })),
    }
}

fn gen_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let g = generator_of(th, a[0])?;
    let sent = send(th, g, Value::NONE)?;
    returned(th, sent)
}
fn gen_send(th: &mut Thread, a: &[Value]) -> R<Value> {
    let g = generator_of(th, a[0])?;
    let sent = send(th, g, a[1])?;
    returned(th, sent)
}
/// The exception that `throw(type, value, traceback)` means.
fn thrown(th: &mut Thread, kind: Value, v: Value, tb: Value) -> R<Value> {
    if !v.is_null() || !tb.is_null() {
        let class = th.rt.types().exceptions.deprecation_warning;
        let message = "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.";
        crate::modules::warnings::warn(th, class, message)?;
    }
    let no_value = v.is_null() || v.is_none();
    let exc = if kind.kind() == Kind::Exception && !no_value {
        return Err(th.type_error("instance exception may not have a separate value"));
    } else if kind.kind() == Kind::Exception || no_value {
        let name = th.type_name(kind);
        th.exception_from(
            kind,
            &format!(
                "exceptions must be classes or instances deriving from BaseException, not {name}"
            ),
        )?
    } else if v.kind() == Kind::Exception {
        v
    } else {
        let args = crate::objects::native::tuple_items(v);
        if args.is_empty() {
            th.call(kind, &[v])?
        } else {
            th.call(kind, args)?
        }
    };
    if let (Some(e), false) = (exc.cast::<Exception>(), tb.is_null() || tb.is_none()) {
        if tb
            .native::<crate::objects::exception::Traceback>()
            .is_none()
        {
            return Err(th.type_error("throw() third argument must be a traceback object"));
        }
        th.set(e, &e.traceback, tb)?;
    }
    Ok(exc)
}
fn gen_throw(th: &mut Thread, a: &[Value]) -> R<Value> {
    let g = generator_of(th, a[0])?;
    let exc = thrown(th, a[1], a[2], a[3])?;
    let sent = throw(th, g, exc)?;
    returned(th, sent)
}
fn gen_close(th: &mut Thread, a: &[Value]) -> R<Value> {
    let g = generator_of(th, a[0])?;
    close(th, g)
}
fn itself(_: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(a[0])
}

fn step(th: &mut Thread, generator: Value, what: Step, argument: Value) -> Value {
    let class = th.class_for::<AsyncStep>();
    let payload = AsyncStep {
        generator,
        what,
        argument,
        state: RawSlot::new(0),
    };
    th.new_native(class, payload).value()
}
/// What `sys.set_asyncgen_hooks` asks for, before a generator is first used.
fn init_hooks(th: &mut Thread, v: Value) -> R<()> {
    let g = generator_of(th, v)?;
    if th.get_raw(g, &g.marks)? != 0 {
        return Ok(());
    }
    th.set_raw(g, &g.marks, marks::HOOKED)?;
    let [first, finalizer] = th.vm.async_hooks;
    th.set(g, &g.finalizer, finalizer)?;
    if !first.is_null() {
        th.call(first, &[v])?;
    }
    Ok(())
}
fn agen_anext(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_hooks(th, a[0])?;
    Ok(step(th, a[0], Step::Send, Value::NONE))
}
fn agen_asend(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_hooks(th, a[0])?;
    Ok(step(th, a[0], Step::Send, a[1]))
}
fn agen_athrow(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_hooks(th, a[0])?;
    let exc = thrown(th, a[1], a[2], a[3])?;
    Ok(step(th, a[0], Step::Throw, exc))
}
fn agen_aclose(th: &mut Thread, a: &[Value]) -> R<Value> {
    init_hooks(th, a[0])?;
    Ok(step(th, a[0], Step::Close, Value::NONE))
}

/// Runs an asynchronous generator on: `input` is what to send, or the exception to throw.
fn run_step(
    th: &mut Thread,
    s: Ref<crate::objects::native::Native<AsyncStep>>,
    input: Result<Value, Value>,
) -> R<Value> {
    let g = generator_of(th, s.generator)?;
    let at = th.get_raw(s, &s.state)?;
    if at == 2 {
        return Err(th.runtime_error("cannot reuse already awaited __anext__()/asend()"));
    }
    let exceptions = &th.rt.types().exceptions;
    let (stop_async, exit) = (exceptions.stop_async_iteration, exceptions.generator_exit);
    let over = th.get_raw(g, &g.state)? == state::FINISHED;
    if at == 0 && over {
        th.set_raw(s, &s.state, 2)?;
        return match s.what {
            Step::Close => Err(th.stop_iteration(Value::NULL)),
            _ => Err(th.raise_args(stop_async, &[])),
        };
    }
    th.set_raw(s, &s.state, 1)?;
    let outcome = match (input, at, s.what) {
        (Err(exc), ..) => throw(th, g, exc),
        (Ok(_), 0, Step::Throw) => throw(th, g, s.argument),
        (Ok(_), 0, Step::Close) => {
            let args = th.tuple_value(&[]);
            let exc = th.alloc(exit.root_shape(), Exception::new(args), 0).value();
            throw(th, g, exc)
        }
        (Ok(v), 0, Step::Send) => {
            let v = if v.is_none() { s.argument } else { v };
            send(th, g, v)
        }
        (Ok(v), ..) => send(th, g, v),
    };
    match outcome {
        Ok(Sent::Yielded(v)) => match v.native::<Wrapped>() {
            Some(wrapped) => {
                th.set_raw(s, &s.state, 2)?;
                if s.what == Step::Close {
                    return Err(th.runtime_error("async generator ignored GeneratorExit"));
                }
                Err(th.stop_iteration(wrapped.0))
            }
            None => Ok(v),
        },
        Ok(Sent::Returned(_)) => {
            th.set_raw(s, &s.state, 2)?;
            match s.what {
                Step::Close => Err(th.stop_iteration(Value::NULL)),
                _ => Err(th.raise_args(stop_async, &[])),
            }
        }
        Err(Fail::Raise) => {
            th.set_raw(s, &s.state, 2)?;
            if s.what == Step::Close && (th.raised_is(exit) || th.raised_is(stop_async)) {
                th.take_exc();
                return Err(th.stop_iteration(Value::NULL));
            }
            Err(Fail::Raise)
        }
        Err(f) => Err(f),
    }
}
fn step_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = th.native_self::<AsyncStep>(a[0], "async_generator_asend")?;
    run_step(th, s, Ok(Value::NONE))
}
fn step_send(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = th.native_self::<AsyncStep>(a[0], "async_generator_asend")?;
    run_step(th, s, Ok(a[1]))
}
fn step_throw(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = th.native_self::<AsyncStep>(a[0], "async_generator_asend")?;
    let exc = thrown(th, a[1], a[2], a[3])?;
    run_step(th, s, Err(exc))
}
fn step_close(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = th.native_self::<AsyncStep>(a[0], "async_generator_asend")?;
    th.set_raw(s, &s.state, 2)?;
    Ok(Value::NONE)
}

impl Thread {
    /// `next(generator)`, null when it is over.
    pub fn next_of_generator(&mut self, g: Ref<Generator>) -> R<Value> {
        next(self, g)
    }
    /// The exception that a generator lets out in place of StopIteration.
    pub(super) fn stop_iteration_error(&mut self, exc: Value) -> R<Value> {
        let exceptions = &self.rt.types().exceptions;
        let Some(frame) = self.frame() else {
            return Ok(exc);
        };
        let f = frame.code.flags;
        let (what, stop) = if self.is_instance(exc, exceptions.stop_iteration) {
            let what = if f & flags::ASYNC_GENERATOR != 0 {
                "async generator"
            } else if f & flags::COROUTINE != 0 {
                "coroutine"
            } else {
                "generator"
            };
            (what, "StopIteration")
        } else if f & flags::ASYNC_GENERATOR != 0
            && self.is_instance(exc, exceptions.stop_async_iteration)
        {
            ("async generator", "StopAsyncIteration")
        } else {
            return Ok(exc);
        };
        let message = self.str_value(&format!("{what} raised {stop}"));
        let args = self.tuple_value(&[message]);
        let made = self.alloc(
            exceptions.runtime_error.root_shape(),
            Exception::new(args),
            0,
        );
        made.cause.init(exc);
        made.context.init(exc);
        made.suppress.init(1);
        Ok(made.value())
    }
    pub(super) fn async_gen_wrap(&mut self, v: Value) -> R<Value> {
        let class = self.class_for::<Wrapped>();
        Ok(self.new_native(class, Wrapped(v)).value())
    }
    pub(super) fn get_aiter(&mut self, v: Value) -> R<Value> {
        let it = self.call_special(v, Sp::AIter, &[])?;
        if it.is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(format!(
                "'async for' requires an object with __aiter__ method, got {name}"
            )));
        }
        if self.special(it, Sp::ANext).is_null() {
            let name = self.type_name(it);
            return Err(self.type_error(format!(
                "'async for' received an object from __aiter__ that does not implement __anext__: {name}"
            )));
        }
        Ok(it)
    }
    pub(super) fn get_anext(&mut self, v: Value) -> R<Value> {
        let awaitable = self.call_special(v, Sp::ANext, &[])?;
        if awaitable.is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(format!(
                "'async for' requires an iterator with __anext__ method, got {name}"
            )));
        }
        self.get_awaitable(awaitable, 0)
    }
    pub(super) fn get_yield_from_iter(&mut self, v: Value) -> R<Value> {
        if let Some(g) = v.cast::<Generator>() {
            let f = g.code_of().flags;
            if f & flags::COROUTINE != 0 {
                let ours = self.frame().map_or(0, |f| f.code.flags);
                if ours & (flags::COROUTINE | flags::ITERABLE_COROUTINE) == 0 {
                    return Err(self.type_error(
                        "cannot 'yield from' a coroutine object in a non-coroutine generator",
                    ));
                }
                return Ok(v);
            }
            if f & flags::ASYNC_GENERATOR == 0 {
                return Ok(v);
            }
        }
        self.temporary_iter(v)
    }
    /// `iter(v)`, whose result goes nowhere but into a temporary of the loop or the delegation that asks.
    pub(super) fn temporary_iter(&mut self, v: Value) -> R<Value> {
        let it = self.iter(v)?;
        if !self.barriers
            && let Some(g) = it.cast::<Generator>()
            && let Some(made_by) = self.special(v, Sp::Iter).cast::<Function>()
            && made_by.code().value() == g.code
            && g.code_of().flags & flags::GENERATOR != 0
            && !g.code_of().closes
            && g.state.peek() == state::CREATED
        {
            // A call of a generator function makes a new one each time.
            g.marks.init(marks::TEMPORARY);
        }
        Ok(it)
    }
    /// The iterator to await `v` with.
    pub fn get_awaitable(&mut self, v: Value, context: usize) -> R<Value> {
        if let Some(g) = v.cast::<Generator>() {
            if g.code_of().flags & (flags::COROUTINE | flags::ITERABLE_COROUTINE) != 0 {
                return Ok(v);
            }
        }
        let it = self.call_special(v, Sp::Await, &[])?;
        if it.is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(match context {
                1 => format!("'async with' received an object from __aenter__ that does not implement __await__: {name}"),
                2 => format!("'async with' received an object from __aexit__ that does not implement __await__: {name}"),
                _ => format!("'{name}' object can't be awaited"),
            }));
        }
        if it
            .cast::<Generator>()
            .is_some_and(|g| g.code_of().flags & flags::COROUTINE != 0)
        {
            return Err(self.type_error("__await__() returned a coroutine"));
        }
        if self.special(it, Sp::Next).is_null() {
            let name = self.type_name(it);
            return Err(self.type_error(format!(
                "__await__() returned non-iterator of type '{name}'"
            )));
        }
        Ok(it)
    }
}

/// Defines the methods of generators, coroutines and asynchronous generators. Their attributes: `objects::generator`.
pub fn init(th: &mut Thread) {
    let types = th.rt.types();
    th.fill(types.generator, |t| {
        t.methods(&[
            ("__iter__(self, /)", itself),
            ("__next__(self, /)", gen_next),
            ("send(self, value, /)", gen_send),
            (
                "throw(self, type, value=None, traceback=None, /)",
                gen_throw,
            ),
            ("close(self, /)", gen_close),
        ]);
    });
    th.fill(types.coroutine, |t| {
        t.methods(&[
            ("__await__(self, /)", itself_await),
            ("send(self, value, /)", gen_send),
            (
                "throw(self, type, value=None, traceback=None, /)",
                gen_throw,
            ),
            ("close(self, /)", gen_close),
        ]);
    });
    th.fill(types.async_generator, |t| {
        t.methods(&[
            ("__aiter__(self, /)", itself),
            ("__anext__(self, /)", agen_anext),
            ("asend(self, value, /)", agen_asend),
            (
                "athrow(self, type, value=None, traceback=None, /)",
                agen_athrow,
            ),
            ("aclose(self, /)", agen_aclose),
        ]);
    });
    th.new_type::<Wrapped>(
        "async_generator_wrapped_value",
        crate::objects::class::class_flags::NO_NEW,
        |_| {},
    );
    th.new_type::<AsyncStep>(
        "async_generator_asend",
        crate::objects::class::class_flags::NO_NEW,
        |t| {
            t.methods(&[
                ("__await__(self, /)", itself),
                ("__iter__(self, /)", itself),
                ("__next__(self, /)", step_next),
                ("send(self, value, /)", step_send),
                (
                    "throw(self, type, value=None, traceback=None, /)",
                    step_throw,
                ),
                ("close(self, /)", step_close),
            ]);
        },
    );
    th.new_type::<CoroutineWrapper>(
        "coroutine_wrapper",
        crate::objects::class::class_flags::NO_NEW,
        |t| {
            t.methods(&[
                ("__iter__(self, /)", itself),
                ("__next__(self, /)", wrapper_next),
                ("send(self, value, /)", wrapper_send),
                (
                    "throw(self, type, value=None, traceback=None, /)",
                    wrapper_throw,
                ),
                ("close(self, /)", wrapper_close),
            ]);
        },
    );
}

/// What `coroutine.__await__()` returns: the coroutine as an iterator.
struct CoroutineWrapper(Value);
impl Payload for CoroutineWrapper {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.0)
    }
}
fn itself_await(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = th.class_for::<CoroutineWrapper>();
    Ok(th.new_native(class, CoroutineWrapper(a[0])).value())
}
fn unwrap(th: &mut Thread, a: &[Value]) -> R<Vec<Value>> {
    let inner = th
        .native_self::<CoroutineWrapper>(a[0], "coroutine_wrapper")?
        .0;
    let mut args = a.to_vec();
    args[0] = inner;
    Ok(args)
}
fn wrapper_next(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = unwrap(th, a)?;
    gen_next(th, &args)
}
fn wrapper_send(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = unwrap(th, a)?;
    gen_send(th, &args)
}
fn wrapper_throw(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = unwrap(th, a)?;
    gen_throw(th, &args)
}
fn wrapper_close(th: &mut Thread, a: &[Value]) -> R<Value> {
    let args = unwrap(th, a)?;
    gen_close(th, &args)
}
