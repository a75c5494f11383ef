//! Moves, constants, locals, cells, globals and the names of class and module bodies.

use super::quick::{peeked, store_quick};
use super::*;
use crate::code::instr::{a_of, b_of, bc_of, c_of};
use crate::heap::{Fail, R, Ref, Thread};
use crate::objects::dict::Dict;
use crate::vm::dispatch::{flat, flat_unit, next};

impl Thread {
    /// A global or builtin by interned name; `cache` says whether the value may be cached under the current epoch.
    fn load_global(&mut self, name: Value) -> R<(Value, bool)> {
        let Some(frame) = self.frame() else {
            unreachable!("names are loaded by a frame")
        };
        let (globals, builtins) = (frame.function.globals, frame.function.builtins);
        self.load_from(globals, builtins, name)
    }

    fn load_from(&mut self, globals: Value, builtins: Value, name: Value) -> R<(Value, bool)> {
        if self.exact_dict(globals).is_none() {
            // A subclass may have `__missing__` (annotationlib's fake globals do).
            let v = self.namespace_get(globals, name)?;
            if !v.is_null() {
                return Ok((v, false));
            }
            return match builtins.cast::<Dict>() {
                Some(dict) => match dict.get_interned(self, name)? {
                    v if v.is_null() => Err(self.no_name(name)),
                    v => Ok((v, false)),
                },
                None => Err(self.no_name(name)),
            };
        }
        let Some(dict) = globals.cast::<Dict>() else {
            return Err(self.system_error("globals are no dict"));
        };
        if let Some(view) = dict.cache_entry(self, name)? {
            return Ok((view.value, !view.volatile));
        }
        if let Some(dict) = builtins.cast::<Dict>() {
            if let Some(view) = dict.cache_entry(self, name)? {
                let globals_dict = globals.cast::<Dict>();
                globals_dict.inspect(|g| g.mark_namespace());
                // Only from here on does a new key end what is cached; somebody may have been faster.
                if let Some(g) = globals_dict
                    && g.locate_interned(self, name)?.is_some()
                {
                    return self.load_from(globals, builtins, name);
                }
                return Ok((view.value, !view.volatile));
            }
        } else if !builtins.is_null() {
            let v = self.get_item(builtins, name);
            match v {
                Ok(v) => return Ok((v, false)),
                Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.key_error) => {
                    self.take_exc();
                }
                Err(f) => return Err(f),
            }
        }
        Err(self.no_name(name))
    }

    #[cold]
    fn no_name(&mut self, name: Value) -> Fail {
        let text = name
            .cast::<crate::objects::string::Str>()
            .map(|s| s.to_string())
            .unwrap_or_default();
        let f = self.name_error(format!("name '{text}' is not defined"));
        if let Some(e) = self.exc.cast::<crate::objects::exception::Exception>() {
            e.extra[0].init(name);
        }
        f
    }

    fn load_name(&mut self, name: Value) -> R<(Value, bool)> {
        let Some(frame) = self.frame() else {
            unreachable!("names are loaded by a frame")
        };
        let namespace = frame.namespace;
        if namespace.is_null() || namespace == frame.function.globals {
            return self.load_global(name);
        }
        let v = self.namespace_get(namespace, name)?;
        if !v.is_null() {
            return Ok((v, false));
        }
        Ok((self.load_global(name)?.0, false))
    }

    /// `namespace[name]`, null if it is not there.
    pub(crate) fn namespace_get(&mut self, namespace: Value, name: Value) -> R<Value> {
        if let Some(dict) = self.exact_dict(namespace) {
            return dict.get_interned(self, name);
        }
        match self.get_item(namespace, name) {
            Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.key_error) => {
                self.take_exc();
                Ok(Value::NULL)
            }
            other => other,
        }
    }

    fn namespace_set(&mut self, namespace: Value, name: Value, v: Value) -> R<()> {
        match self.exact_dict(namespace) {
            Some(dict) => dict.insert_interned(self, name, v),
            None => self.set_item(namespace, name, v),
        }
    }

    fn exact_dict(&self, v: Value) -> Option<Ref<Dict>> {
        let dict = v.cast::<Dict>()?;
        (self.class_of(v) == self.rt.types().dict).then_some(dict)
    }

    fn running_namespace(&self) -> Value {
        let Some(frame) = self.frame() else {
            unreachable!("names are stored by a frame")
        };
        if frame.namespace.is_null() {
            frame.function.globals
        } else {
            frame.namespace
        }
    }

    fn delete_name(&mut self, name: Value, global: bool) -> R<()> {
        let namespace = match self.frame() {
            Some(frame) if global => frame.function.globals,
            _ => self.running_namespace(),
        };
        let gone = match self.exact_dict(namespace) {
            Some(dict) => !dict.remove_interned(self, name)?.is_null(),
            None => match self.del_item(namespace, name) {
                Ok(()) => true,
                Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.key_error) => {
                    self.take_exc();
                    false
                }
                Err(f) => return Err(f),
            },
        };
        if gone {
            Ok(())
        } else {
            Err(self.no_name(name))
        }
    }

    #[cold]
    fn unbound_local(&mut self, name: Value) -> Fail {
        let text = name
            .cast::<crate::objects::string::Str>()
            .map(|s| s.to_string())
            .unwrap_or_default();
        self.unbound_local_error(format!(
            "cannot access local variable '{text}' where it is not associated with a value"
        ))
    }
    #[cold]
    fn unbound_cell(&mut self, name: Value, free: bool) -> Fail {
        if !free {
            return self.unbound_local(name);
        }
        let text = name
            .cast::<crate::objects::string::Str>()
            .map(|s| s.to_string())
            .unwrap_or_default();
        self.name_error(format!("cannot access free variable '{text}' where it is not associated with a value in enclosing scope"))
    }

    fn load_cell_value(&mut self, cell: Ref<Cell>, name: Value, free: bool) -> R<Value> {
        let v = self.get(cell, &cell.value)?;
        if v.is_null() {
            return Err(self.unbound_cell(name, free));
        }
        Ok(v)
    }

    fn name_or_free(&mut self, mapping: Value, name: Value, free: Option<Ref<Cell>>) -> R<Value> {
        let v = self.namespace_get(mapping, name)?;
        if !v.is_null() {
            return Ok(v);
        }
        match free {
            Some(cell) => self.load_cell_value(cell, name, true),
            None => Ok(self.load_global(name)?.0),
        }
    }

    /// Free variable `i` of the running function.
    #[inline(always)]
    fn free_cell(&self, i: usize) -> Ref<Cell> {
        // SAFETY: a running frame; the closure of its function has the cells that its code names.
        unsafe {
            let closure = self.running().function.closure;
            closure
                .cast_unchecked::<crate::objects::tuple::Tuple>()
                .items()[i]
                .cast_unchecked()
        }
    }

    fn raise_name(&mut self, name: Value) -> Value {
        let f = self.unbound_local(name);
        flat(self, Err(f))
    }
}

#[inline(never)]
fn cell_slow(th: &mut Thread, cell: Ref<Cell>, name: Value, free: bool) -> Value {
    let r = th.load_cell_value(cell, name, free);
    flat(th, r)
}
#[inline(never)]
fn cell_store(th: &mut Thread, cell: Ref<Cell>, v: Value) -> bool {
    let r = th.set(cell, &cell.value, v);
    flat_unit(th, r)
}
#[inline(never)]
fn cell_delete(th: &mut Thread, cell: Ref<Cell>, name: Value, free: bool) -> bool {
    let r = match th.load_cell_value(cell, name, free) {
        Ok(_) => th.set(cell, &cell.value, Value::NULL),
        Err(f) => Err(f),
    };
    flat_unit(th, r)
}
/// Loads a global (or a name) and specialises the instruction if the value, or its place, may be cached.
#[inline(never)]
unsafe fn global_slow(th: &mut Thread, pc: *const u64, name: Value, local: bool) -> Value {
    let before = th.vm.epoch;
    let r = if local {
        th.load_name(name)
    } else {
        th.load_global(name)
    };
    if let Ok((v, cache)) = r {
        // SAFETY: Python code runs; the words are the instruction's own.
        unsafe {
            let frame = th.running();
            let (code, function) = (frame.code, frame.function);
            if cache {
                let known = code.environment.is(function.globals, function.builtins);
                if known && before == th.vm.epoch {
                    set_cache(pc, 0, before);
                    set_cache(pc, 1, v.0);
                    let quick = [Quick::LoadGlobalCached, Quick::LoadNameCached];
                    respecialise(pc, quick[local as usize].code());
                }
            } else if let Some(dict) = th.entries_in(local) {
                let quick = [Quick::LoadGlobalEntry, Quick::LoadNameEntry];
                let r = th.cache_place(pc, dict, name, quick[local as usize]);
                if let Err(f) = r {
                    return flat(th, Err(f));
                }
            }
        }
    }
    flat(th, r.map(|(v, _)| v))
}

impl Thread {
    /// The dict in which names are looked up first, if that is the running function's globals, and an exact dict.
    fn entries_in(&self, local: bool) -> Option<Ref<Dict>> {
        let frame = self.frame()?;
        let globals = frame.function.globals;
        if local && !frame.namespace.is_null() && frame.namespace != globals {
            return None;
        }
        self.exact_dict(globals)
    }

    /// Has the instruction remember in which entry of `dict` the name is, if it is there.
    ///
    /// # Safety
    /// `pc` is that of an instruction with two cache words.
    unsafe fn cache_place(
        &mut self,
        pc: *const u64,
        dict: Ref<Dict>,
        name: Value,
        quick: Quick,
    ) -> R<()> {
        if let Some((buf, index)) = dict.place_of(self, name)?
            && index < 1 << 16
        {
            // SAFETY: as the caller says. The word does not keep the buffer alive: `entry_value` compares its address first, and
            // then the name.
            unsafe {
                set_cache(pc, 0, buf.address() | (index as u64) << 48);
                respecialise(pc, quick.code());
            }
        }
        Ok(())
    }

    /// The value in the entry that the instruction remembers, null if it is no longer there.
    ///
    /// # Safety
    /// `pc` is that of an instruction that [`Thread::cache_place`] has prepared.
    unsafe fn load_place(&mut self, pc: *const u64, name: Value, local: bool) -> R<Value> {
        let Some(dict) = self.entries_in(local) else {
            return Ok(Value::NULL);
        };
        // SAFETY: as the caller says.
        let (buf, index) = unsafe { (Ref::from_address(*pc & ((1 << 48) - 1)), *pc >> 48) };
        dict.entry_value(self, name, buf, index as usize)
    }

    /// Stores a global or a name, and has the instruction remember where.
    ///
    /// # Safety
    /// `pc` is that of a `StoreGlobal` or `StoreName`, or of their quick forms (`placed`).
    unsafe fn store_place(
        &mut self,
        pc: *const u64,
        name: Value,
        v: Value,
        local: bool,
        placed: bool,
    ) -> R<()> {
        let dict = self.entries_in(local);
        if placed && let Some(dict) = dict {
            // SAFETY: as the caller says.
            let (buf, index) = unsafe { (Ref::from_address(*pc & ((1 << 48) - 1)), *pc >> 48) };
            if dict.set_entry(self, name, buf, index as usize, v)? {
                return Ok(());
            }
        }
        let namespace = if local {
            self.running_namespace()
        } else {
            self.current_globals()
        };
        self.namespace_set(namespace, name, v)?;
        if let Some(dict) = dict {
            let quick = [Quick::StoreGlobalEntry, Quick::StoreNameEntry][local as usize];
            // SAFETY: as the caller says.
            unsafe { self.cache_place(pc, dict, name, quick)? }
        }
        Ok(())
    }
}

/// See [`Thread::load_place`]; null with `vm.fail` set for a failure, with nothing set if the entry is gone.
#[inline(never)]
unsafe fn load_place(
    th: &mut Thread,
    pc: *const u64,
    name: Value,
    local: bool,
) -> Result<Value, ()> {
    // SAFETY: as the caller.
    match unsafe { th.load_place(pc, name, local) } {
        Ok(v) => Ok(v),
        Err(f) => {
            th.vm.fail = f;
            Err(())
        }
    }
}
#[inline(never)]
unsafe fn store_place(
    th: &mut Thread,
    pc: *const u64,
    name: Value,
    v: Value,
    local: bool,
    placed: bool,
) -> bool {
    // SAFETY: as the caller.
    let r = unsafe { th.store_place(pc, name, v, local, placed) };
    flat_unit(th, r)
}
#[inline(never)]
fn name_delete(th: &mut Thread, name: Value, global: bool) -> bool {
    let r = th.delete_name(name, global);
    flat_unit(th, r)
}
#[inline(never)]
fn or_free(th: &mut Thread, mapping: Value, name: Value, free: Option<Ref<Cell>>) -> Value {
    let r = th.name_or_free(mapping, name, free);
    flat(th, r)
}

/// The running frame's name `i`.
#[inline(always)]
pub(super) unsafe fn name_at(th: &Thread, i: usize) -> Value {
    // SAFETY: verified code.
    unsafe { *th.running().code.names.get_unchecked(i) }
}

handlers! {
    Nop(pc, regs, th, _w) {
        next!(M, pc, regs, th)
    }
    Move(pc, regs, th, w) {
        set(regs, a_of(w), get(regs, b_of(w)));
        next!(M, pc, regs, th)
    }
    LoadConst(pc, regs, th, w) {
        set(regs, a_of(w), *th.running().code.consts.get_unchecked(b_of(w)));
        next!(M, pc, regs, th)
    }
    LoadInt(pc, regs, th, w) {
        set(regs, a_of(w), Value::small(bc_of(w) as i64));
        next!(M, pc, regs, th)
    }
    CheckBound(pc, regs, th, w) {
        if !get(regs, a_of(w)).is_null() {
            next!(M, pc, regs, th)
        }
        (*th.vm.fp).pc = pc;
        th.raise_name(name_at(th, b_of(w)));
        return crate::vm::dispatch::Exit::Fail;
    }
    DeleteFast(pc, regs, th, w) {
        if !get(regs, a_of(w)).is_null() {
            set(regs, a_of(w), Value::NULL);
            next!(M, pc, regs, th)
        }
        (*th.vm.fp).pc = pc;
        th.raise_name(name_at(th, b_of(w)));
        return crate::vm::dispatch::Exit::Fail;
    }
    ClearFast(pc, regs, th, w) {
        set(regs, a_of(w), Value::NULL);
        next!(M, pc, regs, th)
    }
    MakeCell(pc, regs, th, w) {
        let v = get(regs, a_of(w));
        let cell = th.cell(v);
        set(regs, a_of(w), cell.value());
        next!(M, pc, regs, th)
    }
    LoadCell(pc, regs, th, w) {
        let c = cell(get(regs, b_of(w)));
        if let Some(v) = peeked::<M, _>(th, c.header().orec(), || c.value.peek()) && !v.is_null() {
            set(regs, a_of(w), v);
            next!(M, pc, regs, th)
        }
        return LoadCellSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    LoadCellSlow(pc, regs, th, w) {
        let c = cell(get(regs, b_of(w)));
        slow!(M, pc, pc, regs, th, a_of(w), cell_slow(th, c, name_at(th, c_of(w)), false))
    }
    StoreCell(pc, regs, th, w) {
        let c = cell(get(regs, a_of(w)));
        let v = get(regs, b_of(w));
        if store_quick::<M>(th, c.header().orec(), &c.value, v) {
            next!(M, pc, regs, th)
        }
        return StoreCellSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    StoreCellSlow(pc, regs, th, w) {
        let c = cell(get(regs, a_of(w)));
        slow_unit!(M, pc, pc, regs, th, cell_store(th, c, get(regs, b_of(w))))
    }
    DeleteCell(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, cell_delete(th, cell(get(regs, a_of(w))), name_at(th, b_of(w)), false))
    }
    LoadFree(pc, regs, th, w) {
        let c = th.free_cell(b_of(w));
        if let Some(v) = peeked::<M, _>(th, c.header().orec(), || c.value.peek()) && !v.is_null() {
            set(regs, a_of(w), v);
            next!(M, pc, regs, th)
        }
        return LoadFreeSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    LoadFreeSlow(pc, regs, th, w) {
        let c = th.free_cell(b_of(w));
        slow!(M, pc, pc, regs, th, a_of(w), cell_slow(th, c, name_at(th, c_of(w)), true))
    }
    StoreFree(pc, regs, th, w) {
        let (c, v) = (th.free_cell(a_of(w)), get(regs, b_of(w)));
        if store_quick::<M>(th, c.header().orec(), &c.value, v) {
            next!(M, pc, regs, th)
        }
        return StoreFreeSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    StoreFreeSlow(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, cell_store(th, th.free_cell(a_of(w)), get(regs, b_of(w))))
    }
    DeleteFree(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, cell_delete(th, th.free_cell(a_of(w)), name_at(th, b_of(w)), true))
    }
    LoadClosure(pc, regs, th, w) {
        set(regs, a_of(w), th.free_cell(b_of(w)).value());
        next!(M, pc, regs, th)
    }
    LoadNameOrFree(pc, regs, th, w) {
        let c = th.free_cell(b_of(w));
        slow!(M, pc, pc, regs, th, a_of(w), or_free(th, th.running_namespace(), name_at(th, c_of(w)), Some(c)))
    }
    LoadFromDictOr(pc, regs, th, w) {
        let free = if *pc == 0 { None } else { Some(th.free_cell(*pc as usize - 1)) };
        slow!(M, pc, pc.add(1), regs, th, a_of(w), or_free(th, get(regs, b_of(w)), name_at(th, c_of(w)), free))
    }
    #[inline(never)]
    LoadGlobal(pc, regs, th, w) {
        slow!(M, pc, pc.add(2), regs, th, a_of(w), global_slow(th, pc, name_at(th, b_of(w)), false))
    }
    #[inline(never)]
    StoreGlobal(pc, regs, th, w) {
        slow_unit!(M, pc, pc.add(2), regs, th, store_place(th, pc, name_at(th, a_of(w)), get(regs, b_of(w)), false, false))
    }
    DeleteGlobal(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, name_delete(th, name_at(th, a_of(w)), true))
    }
    #[inline(never)]
    LoadName(pc, regs, th, w) {
        slow!(M, pc, pc.add(2), regs, th, a_of(w), global_slow(th, pc, name_at(th, b_of(w)), true))
    }
    #[inline(never)]
    StoreName(pc, regs, th, w) {
        slow_unit!(M, pc, pc.add(2), regs, th, store_place(th, pc, name_at(th, a_of(w)), get(regs, b_of(w)), true, false))
    }
    DeleteName(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, name_delete(th, name_at(th, a_of(w)), false))
    }
    LoadLocals(pc, regs, th, w) {
        set(regs, a_of(w), th.running_namespace());
        next!(M, pc, regs, th)
    }
    /// Cache: address of the dict's buffer | index of the entry << 48.
    LoadGlobalEntry(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        match load_place(th, pc, name_at(th, b_of(w)), false) {
            Ok(v) if !v.is_null() => {
                set(regs, a_of(w), v);
                next!(M, pc.add(2), regs, th)
            }
            Ok(_) => return LoadGlobal::<M>(pc, regs, th, w),
            Err(()) => return crate::vm::dispatch::Exit::Fail,
        }
    }
    LoadNameEntry(pc, regs, th, w) {
        (*th.vm.fp).pc = pc;
        match load_place(th, pc, name_at(th, b_of(w)), true) {
            Ok(v) if !v.is_null() => {
                set(regs, a_of(w), v);
                next!(M, pc.add(2), regs, th)
            }
            Ok(_) => return LoadName::<M>(pc, regs, th, w),
            Err(()) => return crate::vm::dispatch::Exit::Fail,
        }
    }
    StoreGlobalEntry(pc, regs, th, w) {
        slow_unit!(M, pc, pc.add(2), regs, th, store_place(th, pc, name_at(th, a_of(w)), get(regs, b_of(w)), false, true))
    }
    StoreNameEntry(pc, regs, th, w) {
        slow_unit!(M, pc, pc.add(2), regs, th, store_place(th, pc, name_at(th, a_of(w)), get(regs, b_of(w)), true, true))
    }
}
