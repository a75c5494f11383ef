//! Jumps, loops, iteration.

use super::arith::{quick_truth, slow_truth};
use super::quick::peeked;
use super::*;
use crate::code::instr::{a_of, b_of, bc_of};
use crate::heap::{Header, Kind, R, Ref, Thread};
use crate::objects::list::{List, ValueBuf};
use crate::objects::range::Range;
use crate::objects::string::Str;
use crate::objects::tuple::Tuple;
use crate::vm::dispatch::{Exit, drop_roots, flat, flat_unit, next};

// The three registers of a walk: what is walked, the position (an int; null for an iterator object), and for a dict its
// length when the walk began, for a range the step.

#[inline(never)]
unsafe fn start_walk(th: &mut Thread, regs: *mut Value, a: usize, v: Value) -> bool {
    let r = th.start_walk(v);
    match r {
        Ok(walk) => {
            // SAFETY: the compiler keeps three registers for a walk.
            unsafe {
                for (i, v) in walk.into_iter().enumerate() {
                    set(regs, a + i, v);
                }
            }
            true
        }
        Err(f) => {
            th.vm.fail = f;
            false
        }
    }
}

impl Thread {
    fn start_walk(&mut self, v: Value) -> R<[Value; 3]> {
        let class = self.class_of(v);
        let types = self.rt.types();
        let zero = Value::small(0);
        if class == types.list || class == types.tuple {
            return Ok([v, zero, Value::NULL]);
        }
        if class == types.str {
            if v.cast::<Str>().is_some_and(|s| s.is_ascii()) {
                return Ok([v, zero, Value::NULL]);
            }
        } else if class == types.range {
            if let Some(r) = v.cast::<Range>() {
                // All of it, and one step more, must be immediate ints.
                if let (Some(start), Some(stop), Some(step)) =
                    (r.start.as_int(), r.stop.as_int(), r.step.as_int())
                {
                    if Value::try_small(stop + step).is_some()
                        && Value::try_small(start + step).is_some()
                    {
                        return Ok([r.stop, r.start, r.step]);
                    }
                }
            }
        }
        let it = self.temporary_iter(v)?;
        Ok([it, Value::NULL, Value::NULL])
    }

    /// One step of a walk by index; null at the end.
    fn walk(&mut self, v: Value, regs: *mut Value, b: usize) -> R<Value> {
        // SAFETY: the registers of a walk.
        let at = unsafe { get(regs, b + 1) };
        if at.is_null() {
            return self.next(v);
        }
        let i = at.int_unchecked();
        let item = match v.kind() {
            Kind::List => {
                let Some(list) = v.cast::<List>() else {
                    unreachable!()
                };
                list.get(self, i as usize)?
            }
            Kind::Tuple => v
                .cast::<Tuple>()
                .and_then(|t| t.items().get(i as usize).copied())
                .unwrap_or(Value::NULL),
            _ => {
                let Some(s) = v.cast::<Str>() else {
                    unreachable!("a walk by index of something else")
                };
                if (i as usize) < s.len() {
                    crate::objects::string::get_char(self, s, i as isize)?
                } else {
                    Value::NULL
                }
            }
        };
        // SAFETY: as above.
        unsafe { set(regs, b + 1, Value::small(i + 1)) };
        Ok(item)
    }
}

/// 0: over, 1: item in `vm.result`, 2: failure.
#[inline(never)]
fn walk_slow(th: &mut Thread, regs: *mut Value, b: usize) -> u8 {
    // SAFETY: the registers of a walk.
    let (v, at) = unsafe { (get(regs, b), get(regs, b + 1)) };
    let r = match th.class_of(v).native_next() {
        Some(next) if at.is_null() => next(th, v),
        _ => th.walk(v, regs, b),
    };
    drop_roots(th);
    match r {
        Ok(v) if v.is_null() => 0,
        Ok(v) => {
            th.vm.result = v;
            1
        }
        Err(f) => {
            th.vm.fail = f;
            2
        }
    }
}

#[inline(never)]
fn iter_slow(th: &mut Thread, v: Value) -> Value {
    let (class, types) = (th.class_of(v), th.rt.types());
    if class == types.list || class == types.tuple || class == types.range {
        // The generator expression that gets it walks it by index: as its own iterator would.
        return v;
    }
    let r = th.iter(v);
    flat(th, r)
}
#[inline(never)]
unsafe fn unpack_slow(th: &mut Thread, regs: *mut Value, a: usize, v: Value, n: usize) -> bool {
    let r = th.unpack(regs, a, v, n);
    flat_unit(th, r)
}
#[inline(never)]
unsafe fn unpack_ex_slow(
    th: &mut Thread,
    regs: *mut Value,
    a: usize,
    v: Value,
    before: usize,
    after: usize,
) -> bool {
    let r = th.unpack_ex(regs, a, v, before, after);
    flat_unit(th, r)
}

impl Thread {
    fn unpack(&mut self, regs: *mut Value, a: usize, v: Value, n: usize) -> R<()> {
        if let Some(list) = v
            .cast::<List>()
            .filter(|_| self.class_of(v) == self.rt.types().list)
            && list.len(self)? == n
        {
            let items = list.items(self)?;
            if items.len() == n {
                for (i, item) in items.into_iter().enumerate() {
                    // SAFETY: registers of the running frame.
                    unsafe { set(regs, a + i, item) }
                }
                return Ok(());
            }
        }
        // SAFETY (all `set`s): registers of the running frame.
        if let Some(t) = v
            .cast::<Tuple>()
            .filter(|_| self.class_of(v) == self.rt.types().tuple)
        {
            if t.len() == n {
                for (i, &item) in t.items().iter().enumerate() {
                    unsafe { set(regs, a + i, item) }
                }
                return Ok(());
            }
        }
        let known = match v.kind() {
            Kind::List | Kind::Tuple | Kind::Dict | Kind::Str => Some(self.len_of(v)?),
            _ => None,
        };
        if self.special(v, crate::objects::special::Sp::Iter).is_null()
            && self
                .special(v, crate::objects::special::Sp::GetItem)
                .is_null()
        {
            let name = self.type_name(v);
            return Err(self.type_error(format!("cannot unpack non-iterable {name} object")));
        }
        let mut items = Vec::with_capacity(n);
        let mark = self.roots.len();
        self.for_each(v, |th, item| {
            th.roots.push(item);
            items.push(item);
            Ok(items.len() <= n)
        })?;
        self.roots.truncate(mark);
        if items.len() > n {
            let got = known.map_or(String::new(), |k| format!(", got {k}"));
            return Err(self.value_error(format!("too many values to unpack (expected {n}{got})")));
        }
        if items.len() < n {
            let got = items.len();
            return Err(self.value_error(format!(
                "not enough values to unpack (expected {n}, got {got})"
            )));
        }
        for (i, item) in items.into_iter().enumerate() {
            unsafe { set(regs, a + i, item) }
        }
        Ok(())
    }

    fn unpack_ex(
        &mut self,
        regs: *mut Value,
        a: usize,
        v: Value,
        before: usize,
        after: usize,
    ) -> R<()> {
        let sp = crate::objects::special::Sp::Iter;
        if self.special(v, sp).is_null()
            && self
                .special(v, crate::objects::special::Sp::GetItem)
                .is_null()
        {
            let name = self.type_name(v);
            return Err(self.type_error(format!("cannot unpack non-iterable {name} object")));
        }
        let items = self.collect_items(v)?;
        if items.len() < before + after {
            let (want, got) = (before + after, items.len());
            return Err(self.value_error(format!(
                "not enough values to unpack (expected at least {want}, got {got})"
            )));
        }
        let middle = List::new(self, &items[before..items.len() - after]).value();
        // SAFETY: registers of the running frame.
        unsafe {
            for i in 0..before {
                set(regs, a + i, items[i]);
            }
            set(regs, a + before, middle);
            for i in 0..after {
                set(regs, a + before + 1 + i, items[items.len() - after + i]);
            }
        }
        Ok(())
    }
}

handlers! {
    Jump(pc, regs, th, w) {
        next!(M, pc.offset(bc_of(w) as isize), regs, th)
    }
    JumpBack(pc, regs, th, w) {
        let to = pc.offset(bc_of(w) as isize);
        th.vm.work += 1;
        if th.vm.work >= th.limit().load(std::sync::atomic::Ordering::Relaxed) {
            (*th.vm.fp).pc = to;
            return Exit::Poll;
        }
        next!(M, to, regs, th)
    }
    JumpIfTrue(pc, regs, th, w) {
        let v = get(regs, a_of(w));
        if let Some(b) = quick_truth(v) {
            next!(M, if b { pc.offset(bc_of(w) as isize) } else { pc }, regs, th)
        }
        return JumpIfTrueSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    JumpIfTrueSlow(pc, regs, th, w) {
        let v = get(regs, a_of(w));
        (*th.vm.fp).pc = pc;
        let b = slow_truth(th, v);
        if b == 2 {
            return Exit::Fail;
        }
        next_after!(M, if b == 1 { pc.offset(bc_of(w) as isize) } else { pc }, regs, th)
    }
    JumpIfFalse(pc, regs, th, w) {
        let v = get(regs, a_of(w));
        if let Some(b) = quick_truth(v) {
            next!(M, if b { pc } else { pc.offset(bc_of(w) as isize) }, regs, th)
        }
        return JumpIfFalseSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    JumpIfFalseSlow(pc, regs, th, w) {
        let v = get(regs, a_of(w));
        (*th.vm.fp).pc = pc;
        let b = slow_truth(th, v);
        if b == 2 {
            return Exit::Fail;
        }
        next_after!(M, if b == 1 { pc } else { pc.offset(bc_of(w) as isize) }, regs, th)
    }
    JumpIfNone(pc, regs, th, w) {
        next!(M, if get(regs, a_of(w)).is_none() { pc.offset(bc_of(w) as isize) } else { pc }, regs, th)
    }
    JumpIfNotNone(pc, regs, th, w) {
        next!(M, if get(regs, a_of(w)).is_none() { pc } else { pc.offset(bc_of(w) as isize) }, regs, th)
    }
    GetIter(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, start_walk(th, regs, a_of(w), get(regs, b_of(w))))
    }
    MakeIter(pc, regs, th, w) {
        slow!(M, pc, pc, regs, th, a_of(w), iter_slow(th, get(regs, b_of(w))))
    }
    ForIter(pc, regs, th, w) {
        let b = b_of(w);
        let (v, at) = (get(regs, b), get(regs, b + 1));
        if at.is_int() {
            let i = at.int_unchecked();
            if v.is_int() {
                // A range: `v` is where it stops.
                let step = get(regs, b + 2);
                let stop = v.int_unchecked();
                let more = if step.int_unchecked() > 0 { i < stop } else { i > stop };
                if !more {
                    next!(M, pc.offset(1 + *pc as isize), regs, th)
                }
                set(regs, a_of(w), at);
                set(regs, b + 1, Value::small(i + step.int_unchecked()));
                next!(M, pc.add(1), regs, th)
            }
        }
        return ForIterByIndex::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    ForIterByIndex(pc, regs, th, w) {
        let b = b_of(w);
        let (v, at) = (get(regs, b), get(regs, b + 1));
        if at.is_int() {
            let i = at.int_unchecked();
            let header = &*(v.0 as *const Header);
            match header.kind() {
                Kind::List => {
                    let list: Ref<List> = v.cast_unchecked();
                    if let Some(buf) = peeked::<M, _>(th, header.orec(), || list.buf.peek()) {
                        let Some(buf) = buf.non_null() else {
                            next!(M, pc.offset(1 + *pc as isize), regs, th)
                        };
                        let buf: Ref<ValueBuf> = buf.cast_unchecked();
                        let guard = if M::BARRIERS { buf.guard(list.header(), i as usize) } else { header.orec() };
                        let Some(slot) = buf.slots().get(i as usize) else {
                            next!(M, pc.offset(1 + *pc as isize), regs, th)
                        };
                        if let Some(item) = peeked::<M, _>(th, guard, || slot.peek()) {
                            if item.is_null() {
                                next!(M, pc.offset(1 + *pc as isize), regs, th)
                            }
                            set(regs, a_of(w), item);
                            set(regs, b + 1, Value::small(i + 1));
                            next!(M, pc.add(1), regs, th)
                        }
                    }
                }
                Kind::Tuple => {
                    let tuple: Ref<Tuple> = v.cast_unchecked();
                    if i as usize >= tuple.len() {
                        next!(M, pc.offset(1 + *pc as isize), regs, th)
                    }
                    set(regs, a_of(w), tuple.items()[i as usize]);
                    set(regs, b + 1, Value::small(i + 1));
                    next!(M, pc.add(1), regs, th)
                }
                _ => {}
            }
        }
        return ForIterSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    ForIterSlow(pc, regs, th, w) {
        let b = b_of(w);
        let (v, at) = (get(regs, b), get(regs, b + 1));
        if at.is_null() && v.kind() as u8 == Kind::Generator as u8 {
            (*th.vm.fp).pc = pc;
            match crate::vm::generator::resume_in_loop(th, v, Value::NONE, a_of(w) as u16, crate::vm::frame::Return::ForIter) {
                1 => {
                    let frame = &*th.vm.fp;
                    next!(M, frame.pc, frame.regs, th)
                }
                0 => next!(M, pc.offset(1 + *pc as isize), regs, th),
                2 => return Exit::Fail,
                _ => {}
            }
        }
        (*th.vm.fp).pc = pc;
        match walk_slow(th, regs, b) {
            0 => next_after!(M, pc.offset(1 + *pc as isize), regs, th),
            1 => {
                set(regs, a_of(w), th.vm.result);
                next_after!(M, pc.add(1), regs, th)
            }
            _ => return Exit::Fail,
        }
    }
    UnpackSequence(pc, regs, th, w) {
        let (v, n) = (get(regs, b_of(w)), crate::code::instr::c_of(w));
        if v.is_object() && (*(v.0 as *const Header)).shape_address() == th.rt.types().tuple.root_shape().address() {
            let tuple: Ref<Tuple> = v.cast_unchecked();
            if tuple.len() == n {
                for (i, &item) in tuple.items().iter().enumerate() {
                    set(regs, a_of(w) + i, item);
                }
                next!(M, pc, regs, th)
            }
        } else if let Some(list) = v.cast::<List>() {
            let plain = list.header().shape_address() == th.rt.types().list.root_shape().address();
            if plain && (!M::BARRIERS || list.header().orec().is_private()) && list.len.peek() as usize == n && n > 0 {
                let buf: Ref<ValueBuf> = list.buf.peek().cast_unchecked();
                for (i, slot) in buf.slots().iter().take(n).enumerate() {
                    set(regs, a_of(w) + i, slot.peek());
                }
                next!(M, pc, regs, th)
            }
        }
        return UnpackSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    UnpackSlow(pc, regs, th, w) {
        let (v, n) = (get(regs, b_of(w)), crate::code::instr::c_of(w));
        slow_unit!(M, pc, pc, regs, th, unpack_slow(th, regs, a_of(w), v, n))
    }
    UnpackEx(pc, regs, th, w) {
        let v = get(regs, b_of(w));
        slow_unit!(M, pc, pc.add(1), regs, th, unpack_ex_slow(th, regs, a_of(w), v, crate::code::instr::c_of(w), *pc as usize))
    }
}
