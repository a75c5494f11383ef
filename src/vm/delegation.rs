//! Delegation (`yield from`, `await`) in constant time.
//!
//! A generator that delegates to a generator that delegates to a third ... has to go on, each time, where the innermost one stands,
//! and what that one yields goes straight to whoever resumed the first. Resuming each of them, only to pass on, takes as many steps as the
//! chain is long. Here it takes one: of a **chain**, *root* .. *innermost*, the innermost alone is resumed, with its frame where it would be,
//! above places for the others' frames that nothing has been written to. Those others are **passing**.
//!
//! # Invariants
//!
//! 1. A passing generator is suspended (state and all) at a `YieldDelegate`; it handles no exception; what it delegates to is the next
//!    one of the chain, whose `parent` it is.
//! 2. The frame of the innermost one, while it runs, has `ret == PassOn`, and `over`, the number of passing generators: so many places for frames
//!    lie below it. The lowest one is the root's and says who the root is, and what becomes of the values that it yields (`extra`, `ret`, `dst`);
//!    the others hold anything. Below the innermost one's window lies room for all their registers, which holds anything too.
//!    Frames like these are **views**: whoever walks the frames skips them, or calls [`Stacks::reveal`] first, which fills them in.
//! 3. If `root.end` is a generator whose `root` is this one, and which is suspended, then it is the innermost one, and its `span` and every `parent`
//!    between are right; nothing else needs to be looked at. For: whoever resumes any generator of the chain in another way, or throws into
//!    it, comes by all those below it ([`follow`], [`dissolve`]) and clears their `root`, before any `parent` changes.
//! 4. `root` and `parent` are addresses, and no references for the collector: an outer generator does not live because an inner one does.
//!    `root` is only compared. `parent` is followed only from an innermost one that runs in a chain, whose root its frame keeps
//!    alive, and with it, link by link, all others. `end` is a reference; the generator that it leads to has this one's address as
//!    `root`, or is not [`marks::TEMPORARY`].
//!
//! When the innermost one ends, by return or exception, [`settle_parent`] makes the next one out of its parent: the parent's frame is written,
//! above one view less. When it delegates to yet another generator, that one runs above it in the usual way; the
//! first time that both are suspended the chain is extended by it.
//!
//! A generator of a running chain is *active*: it cannot be resumed, though its state says "suspended" ([`is_active`]).
//!
//! Blocks: passing generators are neither read nor owned at a resumption. Whatever another thread does with one of them changes the
//! innermost one, which is ours while it runs. Checkpoints: `Thread::save_view`.

use super::frame::{Frame, Return, Stacks};
use crate::code::{Op, flags, instr};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::generator::{Generator, marks, state};
use crate::objects::list::ValueBuf;

impl Generator {
    /// The word index behind the `Send` that belongs to the `YieldDelegate` at `at`, and the register that it writes.
    fn send_of(self: &Generator, at: usize) -> (usize, u16) {
        // The compiler puts a `JumpBack` to the `Send` behind each `YieldDelegate`, which has one word of extension.
        let words = &self.code_of().unit.words;
        let back = words[at + 2];
        debug_assert!(instr::op_of(back) == Op::JumpBack);
        let send = (at as isize + 3 + instr::bc_of(back) as isize) as usize;
        debug_assert!(instr::op_of(words[send]) == Op::Send);
        (send + 1, instr::a_of(words[send]) as u16)
    }
}

/// What `g`, which is suspended, delegates to, if that is a generator or coroutine. The caller owns `g`.
#[inline(always)]
pub(super) fn delegate(g: Ref<Generator>) -> Option<Ref<Generator>> {
    let words = &g.code_of().unit.words;
    let w = words[g.pc.peek() as usize];
    if instr::op_of(w) != Op::YieldDelegate {
        return None;
    }
    let buf = g.registers.peek().cast::<ValueBuf>()?;
    let inner = buf.slots()[instr::c_of(w)].peek().cast::<Generator>()?;
    (inner.code_of().flags & flags::ASYNC_GENERATOR == 0).then_some(inner)
}

/// Does `g` run, or pass on to one that does? If not, also the last one of those to which it would pass on as far as the links of earlier
/// resumptions tell.
fn look_down(th: &mut Thread, g: Ref<Generator>) -> R<(bool, Ref<Generator>)> {
    let mut g = g;
    loop {
        th.own(g)?;
        match g.state.peek() {
            state::RUNNING => return Ok((true, g)),
            state::SUSPENDED => match delegate(g) {
                Some(inner) if th.get_raw(inner, &inner.parent)? == g.address() => g = inner,
                _ => return Ok((false, g)),
            },
            _ => return Ok((false, g)),
        }
    }
}

/// Is `g` running, as the script sees it?
pub(crate) fn is_active(th: &mut Thread, g: Ref<Generator>) -> R<bool> {
    Ok(th.get_raw(g, &g.state)? == state::RUNNING || look_down(th, g)?.0)
}

/// `g` is not the innermost one of a chain any more, or not of that chain.
#[inline(always)]
fn forget_root(th: &mut Thread, g: Ref<Generator>) -> R<()> {
    if g.root.peek() != 0 {
        th.set_raw(g, &g.root, 0)?;
        // The root's `end` still refers to it.
        th.set_raw(g, &g.marks, g.marks.peek() & !marks::TEMPORARY)?;
    }
    Ok(())
}

/// `g` is about to be resumed by itself: it passes on for nobody, and is nobody's innermost one.
#[inline(always)]
pub(super) fn cut(th: &mut Thread, g: Ref<Generator>) -> R<()> {
    forget_root(th, g)?;
    if g.parent.peek() != 0 {
        th.set_raw(g, &g.parent, 0)?;
    }
    Ok(())
}

/// `g`, which is suspended, is about to go on by itself though it delegates, and may end before it comes to resuming the inner one; or its
/// links have changed. No chain that goes through it is known any more.
pub(super) fn dissolve(th: &mut Thread, g: Ref<Generator>) -> R<()> {
    let mut at = g;
    while let Some(inner) = delegate(at) {
        th.own(inner)?;
        // One that is active passes on in another root's chain.
        if inner.state.peek() != state::SUSPENDED || is_active(th, inner)? {
            break;
        }
        forget_root(th, inner)?;
        at = inner;
    }
    Ok(())
}

/// A chain that is ready to be resumed.
pub(super) struct Chain {
    pub innermost: Ref<Generator>,
    /// How many are passing.
    pub over: u32,
    /// How many registers they have in all.
    pub registers: u32,
}

/// The chain from `root` on, which we own, and which is suspended and delegates to a generator. `None` if it is active already.
#[inline(always)]
pub(super) fn chain(th: &mut Thread, root: Ref<Generator>) -> R<Option<Chain>> {
    let known = match root.end.peek().cast::<Generator>() {
        Some(end) => {
            th.own(end)?;
            (end.root.peek() == root.address() && end.state.peek() == state::SUSPENDED)
                .then_some(end)
        }
        None => None,
    };
    match known {
        Some(end) if delegate(end).is_none() => Ok(Some(Chain {
            innermost: end,
            over: end.span.peek() as u32,
            registers: (end.span.peek() >> 32) as u32,
        })),
        _ => follow(th, root, known),
    }
}

/// Follows the chain from `root`, or from `known`, its innermost one until now. No generator on the way is the innermost one of any other
/// chain after that.
#[inline(never)]
fn follow(
    th: &mut Thread,
    root: Ref<Generator>,
    known: Option<Ref<Generator>>,
) -> R<Option<Chain>> {
    let mut at = known.unwrap_or(root);
    let (mut over, mut registers) = match known {
        Some(end) => (end.span.peek() as u32, (end.span.peek() >> 32) as u32),
        None => (0, 0),
    };
    let (active, mut idle_until) = look_down(th, at)?;
    if active {
        // The known part may have become part of another root's chain, which runs; then somebody else finds that out.
        return match known {
            Some(_) => follow(th, root, None),
            None => Ok(None),
        };
    }
    while at.handled.peek().is_null()
        && let Some(inner) = delegate(at)
    {
        th.own(inner)?;
        if inner.state.peek() != state::SUSPENDED {
            break;
        }
        if at == idle_until {
            // It may be part of a chain that runs with another root: then its own resumption tells that.
            let (active, until) = look_down(th, inner)?;
            if active {
                break;
            }
            idle_until = until;
        }
        if inner.parent.peek() != at.address() {
            th.set_raw(inner, &inner.parent, at.address())?;
        }
        forget_root(th, inner)?;
        over += 1;
        registers += at.code_of().nregs as u32;
        at = inner;
    }
    dissolve(th, at)?;
    if over != 0 {
        if let Some(end) = known
            && end != at
        {
            // It is passing from now on, and `root.end` refers to it no more.
            th.set_raw(end, &end.root, 0)?;
        }
        th.set_raw(at, &at.root, root.address())?;
        th.set_raw(at, &at.span, over as u64 | (registers as u64) << 32)?;
        th.set(root, &root.end, at.value())?;
    }
    Ok(Some(Chain {
        innermost: at,
        over,
        registers,
    }))
}

/// The view of `g`, which is passing.
fn view(g: Ref<Generator>) -> Frame {
    let code = g.code_of();
    let buf: Option<Ref<ValueBuf>> = g.registers.peek().cast();
    let start = code.unit.words.as_ptr();
    Frame {
        pc: start.wrapping_add(g.send_of(g.pc.peek() as usize).0),
        start,
        regs: buf.map_or(std::ptr::null_mut(), |b| b.slots().as_ptr() as *mut Value),
        code,
        // SAFETY: set by `new_generator`.
        function: unsafe { g.function.cast_unchecked() },
        namespace: Value::NULL,
        extra: g.value(),
        dst: 0,
        ret: Return::PassOn,
        over: 0,
    }
}

/// Writes the place of a chain's root, at `place`.
///
/// # Safety
/// `place` lies within the frame stack, above the frames in use.
#[inline(always)]
pub(super) unsafe fn place_root(place: *mut Frame, root: Ref<Generator>, ret: Return, dst: u16) {
    let code = root.code_of();
    // SAFETY: as the caller says; the function was set by `new_generator`.
    unsafe {
        *place = Frame {
            pc: std::ptr::null(),
            start: std::ptr::null(),
            regs: std::ptr::null_mut(),
            code,
            function: root.function.cast_unchecked(),
            namespace: Value::NULL,
            extra: root.value(),
            dst,
            ret,
            over: 0,
        }
    }
}

/// The innermost generator of a chain, whose frame is on top, is about to end: its parent's frame is made real, and becomes the innermost one's.
#[inline(never)]
pub(super) fn settle_parent(th: &mut Thread) -> R<()> {
    // SAFETY (of the block): by invariants 2 and 4.
    unsafe {
        let frame = *th.vm.fp;
        let (g, place): (Ref<Generator>, _) = (frame.extra.cast_unchecked(), th.vm.fp.sub(1));
        debug_assert!(frame.ret == Return::PassOn && frame.over != 0);
        // It may have been resumed in an earlier block.
        th.own(g)?;
        let parent: Ref<Generator> = Ref::from_address(g.parent.peek());
        th.own(parent)?;
        let last = frame.over == 1;
        if th.vm.in_block {
            th.save_view(th.vm.stacks.depth(place), last);
        }
        let code = parent.code_of();
        let at = parent.pc.peek() as usize;
        let (behind, target) = parent.send_of(at);
        let regs = frame.regs.sub(code.nregs as usize);
        let buf: Ref<ValueBuf> = parent.registers.peek().cast_unchecked();
        let slots = buf.slots();
        std::ptr::copy_nonoverlapping(slots.as_ptr() as *const Value, regs, slots.len());
        let start = th.copy_of(code);
        let (ret, dst) = if last {
            ((*place).ret, (*place).dst)
        } else {
            (Return::PassOn, 0)
        };
        *place = Frame {
            pc: start.add(behind),
            start,
            regs,
            code,
            function: parent.function.cast_unchecked(),
            namespace: Value::NULL,
            extra: parent.value(),
            dst,
            ret,
            over: frame.over - 1,
        };
        (*th.vm.fp).ret = Return::Send;
        (*th.vm.fp).over = 0;
        (*th.vm.fp).dst = target;
        th.set_raw(parent, &parent.state, state::RUNNING)?;
        th.set(parent, &parent.handled, g.handled.peek())?;
        if !last {
            let root: Ref<Generator> = (*th.vm.fp.sub(frame.over as usize)).extra.cast_unchecked();
            let registers = (g.span.peek() >> 32) - code.nregs as u64;
            let span = (frame.over as u64 - 1) | registers << 32;
            th.set_raw(parent, &parent.root, root.address())?;
            th.set_raw(parent, &parent.span, span)?;
            th.own(root)?;
            th.set(root, &root.end, parent.value())?;
        } else {
            th.set(parent, &parent.end, Value::NULL)?;
        }
        Ok(())
    }
}

impl Stacks {
    /// Fills in the views among the frames from `fp` down to depth `low`.
    pub(crate) fn reveal(&self, fp: *const Frame, low: usize) {
        let mut depth = self.depth(fp);
        while depth > low.max(1) {
            // SAFETY: a frame in use: by invariant 2 we pass over those that are none.
            let frame = unsafe { &*self.frame(depth) };
            let mut inner = frame.extra;
            for below in 1..=frame.over as usize {
                // SAFETY: by invariants 2 and 4.
                unsafe {
                    let g: Ref<Generator> = inner.cast_unchecked();
                    let parent: Ref<Generator> = Ref::from_address(g.parent.peek());
                    let place = self.frame(depth - below);
                    let (ret, dst) = ((*place).ret, (*place).dst);
                    *place = view(parent);
                    if below == frame.over as usize {
                        ((*place).ret, (*place).dst) = (ret, dst);
                    }
                    inner = parent.value();
                }
            }
            depth -= 1 + frame.over as usize;
        }
    }

    /// The frames that are no views, from `fp` outwards, and for each chain its root.
    pub(super) fn real_frames(&self, fp: *const Frame) -> impl Iterator<Item = (&Frame, Value)> {
        let mut depth = self.depth(fp);
        std::iter::from_fn(move || {
            if depth == 0 {
                return None;
            }
            // SAFETY: as in `reveal`.
            let frame = unsafe { &*self.frame(depth) };
            let root = match frame.over {
                0 => Value::NULL,
                // SAFETY: by invariant 2.
                over => unsafe { (*self.frame(depth - over as usize)).extra },
            };
            depth -= 1 + frame.over as usize;
            Some((frame, root))
        })
    }
}
