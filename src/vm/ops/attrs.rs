//! Attributes and items.

use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::object::head_flags;
use crate::heap::{Header, Kind, R, Ref, Thread};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::{Member, Module, Property, StaticMethod};
use crate::objects::dict::Dict;
use crate::objects::list::{List, ValueBuf};
use crate::objects::shape::Place;
use crate::objects::special::Sp;
use crate::objects::tuple::Tuple;
use crate::vm::dispatch::{flat, flat_unit, next};

/// What a cached attribute access does.
enum Cached {
    Slot(usize),
    Overflow(usize, usize),
    Class(Value),
    Method(Value),
    Property(Value),
    Member(usize),
    Identity(Value),
}

impl Thread {
    /// The cacheable class attribute `name` along the method order: its value, or null if there is none; `None` if it must not be cached.
    fn class_attribute(&mut self, class: Ref<Class>, name: Value) -> R<Option<Value>> {
        for &c in class.mro().items() {
            // SAFETY: a method order holds classes.
            let c: Ref<Class> = unsafe { c.cast_unchecked() };
            // What comes of a class further up, or of none, rests on the name's absence here.
            c.dict().mark_namespace();
            if let Some(view) = c.dict().cache_entry(self, name)? {
                return Ok(if view.volatile {
                    None
                } else {
                    Some(view.value)
                });
            }
        }
        Ok(Some(Value::NULL))
    }

    /// How `object.name` may be cached, if it may.
    fn resolve(&mut self, object: Value, name: Value) -> R<Option<Cached>> {
        let Some(header) = object.header() else {
            return Ok(None);
        };
        let class = self.class_of(object);
        if let Some(module) = object.cast::<Module>() {
            if class != self.rt.types().module {
                return Ok(None);
            }
            let dict = module.dict();
            return Ok(match dict.cache_entry(self, name)? {
                Some(view) if !view.volatile => Some(Cached::Identity(view.value)),
                _ => None,
            });
        }
        if let Some(own) = object.as_class() {
            if !class.has_flag(class_flags::PLAIN_GET) && class != self.rt.types().type_ {
                return Ok(None);
            }
            match self.class_attribute(class, name)? {
                Some(v) if v.is_null() => {}
                _ => return Ok(None),
            }
            let Some(v) = self.class_attribute(own, name)? else {
                return Ok(None);
            };
            return Ok(match v.kind() {
                _ if v.is_null() => None,
                Kind::StaticMethod => v
                    .cast::<StaticMethod>()
                    .map(|s| Cached::Identity(s.function.peek())),
                Kind::Function => Some(Cached::Identity(v)),
                Kind::NativeFunction => Some(Cached::Identity(v)),
                _ if self.special(v, Sp::Get).is_null() => Some(Cached::Identity(v)),
                _ => None,
            });
        }
        if !class.has_flag(class_flags::PLAIN_GET) {
            return Ok(None);
        }
        let Some(attribute) = self.class_attribute(class, name)? else {
            return Ok(None);
        };
        if !attribute.is_null() {
            match attribute.kind() {
                Kind::Property => {
                    let getter = attribute
                        .cast::<Property>()
                        .map_or(Value::NULL, |p| p.get.peek());
                    let plain = getter
                        .cast::<crate::objects::function::Function>()
                        .is_some_and(|f| {
                            let code = f.code();
                            code.plain && code.argcount == 1
                        });
                    return Ok(if plain {
                        Some(Cached::Property(getter))
                    } else {
                        None
                    });
                }
                Kind::MemberDescriptor => {
                    let member = attribute.cast::<Member>().map(|m| (m.owner, m.offset));
                    return Ok(member.and_then(|(owner, offset)| {
                        owner
                            .as_class()
                            .is_some_and(|o| class.is_subclass(o))
                            .then_some(Cached::Member(offset))
                    }));
                }
                Kind::GetSet => return Ok(None),
                _ => {}
            }
            if !self.special(attribute, Sp::Set).is_null()
                || !self.special(attribute, Sp::Delete).is_null()
            {
                return Ok(None);
            }
        }
        let head = self.head_of(header_ref(header))?;
        if head & head_flags::DICT_MODE != 0 {
            return Ok(None);
        }
        let shape = header.shape();
        if shape.has_attributes() {
            if let Some(index) = shape.index_of(name) {
                return Ok(Some(match shape.place(index) {
                    Place::Inline(offset) => Cached::Slot(offset),
                    Place::Overflow(i) => Cached::Overflow(shape.overflow_offset(), i),
                }));
            }
        }
        Ok(match attribute.kind() {
            _ if attribute.is_null() => None,
            Kind::Function => Some(Cached::Method(attribute)),
            Kind::NativeFunction => {
                let native = attribute.cast::<crate::objects::native::NativeFunction>();
                let method = native.is_some_and(|n| n.def.method && n.receiver.is_null());
                Some(if method {
                    Cached::Method(attribute)
                } else {
                    Cached::Class(attribute)
                })
            }
            Kind::StaticMethod => attribute
                .cast::<StaticMethod>()
                .map(|s| Cached::Class(s.function.peek())),
            _ if self.special(attribute, Sp::Get).is_null() => Some(Cached::Class(attribute)),
            _ => None,
        })
    }

    /// `object.name`, and what to cache.
    fn load_attr(&mut self, pc: *const u64, object: Value, name: Value) -> R<Value> {
        let epoch = self.vm.epoch;
        let v = self.get_attr(object, name)?;
        let found = self.resolve(object, name)?;
        if let (Some(found), true) = (found, epoch == self.vm.epoch) {
            let head = object.header().map_or(0, Header::head);
            let (quick, key, word) = match found {
                Cached::Slot(offset) => (Quick::LoadAttrSlot, head, offset as u64),
                Cached::Overflow(word, index) => (
                    Quick::LoadAttrOverflow,
                    head,
                    (word as u64) << 32 | index as u64,
                ),
                Cached::Class(v) => (Quick::LoadAttrClass, head, v.0),
                Cached::Property(getter) => (Quick::LoadAttrProperty, head, getter.0),
                Cached::Member(offset) => (Quick::LoadAttrMember, head, offset as u64),
                Cached::Identity(v) => (Quick::LoadAttrIdentity, object.0, v.0),
                Cached::Method(_) => return Ok(v),
            };
            self.fill_cache(pc, quick, [key, epoch, word]);
        }
        Ok(v)
    }

    fn fill_cache(&mut self, pc: *const u64, quick: Quick, words: [u64; 3]) {
        // SAFETY: `pc` is that of an instruction with three cache words.
        unsafe {
            for (i, word) in words.into_iter().enumerate() {
                set_cache(pc, i, word);
            }
            respecialise(pc, quick.code());
        }
    }

    /// Function and receiver for `object.name(...)`.
    fn method_for_call(&mut self, pc: *const u64, object: Value, name: Value) -> R<(Value, Value)> {
        let epoch = self.vm.epoch;
        let found = self.resolve(object, name)?;
        let head = object.header().map_or(0, Header::head);
        match found {
            Some(Cached::Method(function)) => {
                if epoch == self.vm.epoch {
                    self.fill_cache(pc, Quick::LoadMethodClass, [head, epoch, function.0]);
                }
                Ok((function, object))
            }
            Some(Cached::Identity(v)) => {
                if epoch == self.vm.epoch {
                    self.fill_cache(pc, Quick::LoadMethodIdentity, [object.0, epoch, v.0]);
                }
                Ok((v, Value::NULL))
            }
            _ => {
                if object.header().is_none() {
                    // An immediate: its class' methods, unbound.
                    let class = self.class_of(object);
                    if let Some(v) = self.class_attribute(class, name)? {
                        let native = v.cast::<crate::objects::native::NativeFunction>();
                        if native.is_some_and(|n| n.def.method && n.receiver.is_null()) {
                            return Ok((v, object));
                        }
                    }
                }
                Ok((self.get_attr(object, name)?, Value::NULL))
            }
        }
    }

    fn store_attr(&mut self, pc: *const u64, object: Value, name: Value, v: Value) -> R<()> {
        let before = object.header().map_or(0, Header::head);
        let epoch = self.vm.epoch;
        self.set_attr(object, name, v)?;
        let Some(header) = object.header() else {
            return Ok(());
        };
        let class = self.class_of(object);
        let after = header.head();
        if epoch != self.vm.epoch
            || !class.has_flag(class_flags::PLAIN_SET)
            || (before | after) & head_flags::DICT_MODE != 0
            || matches!(header.kind(), Kind::Class | Kind::Module)
        {
            return Ok(());
        }
        let Some(attribute) = self.class_attribute(class, name)? else {
            return Ok(());
        };
        if let Some(member) = attribute.cast::<Member>() {
            if member
                .owner
                .as_class()
                .is_some_and(|o| class.is_subclass(o))
            {
                self.fill_cache(
                    pc,
                    Quick::StoreAttrMember,
                    [before, epoch, member.offset as u64],
                );
            }
            return Ok(());
        }
        if !attribute.is_null()
            && (!self.special(attribute, Sp::Set).is_null() || attribute.kind() == Kind::GetSet)
        {
            return Ok(());
        }
        let shape = header.shape();
        if !shape.has_attributes() {
            return Ok(());
        }
        let Some(Place::Inline(offset)) = shape.index_of(name).map(|i| shape.place(i)) else {
            return Ok(());
        };
        if before == after {
            self.fill_cache(pc, Quick::StoreAttrSlot, [before, epoch, offset as u64]);
        } else {
            self.fill_cache(
                pc,
                Quick::StoreAttrAdd,
                [before, epoch, shape.address() | (offset as u64) << 48],
            );
        }
        Ok(())
    }

    fn load_special(&mut self, object: Value, which: usize) -> R<(Value, Value)> {
        let sp = [Sp::Enter, Sp::Exit, Sp::AEnter, Sp::AExit][which];
        let class = self.class_of(object);
        let f = class.special(sp);
        if f.is_null() {
            let name = self.type_name(object);
            let (kind, missed) = match sp {
                Sp::Enter => ("context manager", ""),
                Sp::Exit => ("context manager", " (missed __exit__ method)"),
                Sp::AEnter => ("asynchronous context manager", ""),
                _ => ("asynchronous context manager", " (missed __aexit__ method)"),
            };
            let other = match sp {
                Sp::Enter
                    if !class.special(Sp::AEnter).is_null()
                        && !class.special(Sp::AExit).is_null() =>
                {
                    " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
                }
                Sp::AEnter
                    if !class.special(Sp::Enter).is_null()
                        && !class.special(Sp::Exit).is_null() =>
                {
                    " but it supports the context manager protocol. Did you mean to use 'with'?"
                }
                _ => "",
            };
            return Err(self.type_error(format!(
                "'{name}' object does not support the {kind} protocol{missed}{other}"
            )));
        }
        match f.kind() {
            Kind::Function => Ok((f, object)),
            Kind::NativeFunction => Ok((f, object)),
            _ => {
                let get = self.special(f, Sp::Get);
                if get.is_null() {
                    return Ok((f, Value::NULL));
                }
                let bound = self.call_special(f, Sp::Get, &[object, class.value()])?;
                Ok((bound, Value::NULL))
            }
        }
    }

    fn super_attr(
        &mut self,
        regs: *mut Value,
        base: usize,
        name: Value,
        explicit: bool,
    ) -> R<(Value, Value)> {
        // SAFETY: registers of the running frame.
        let (callee, class, object) =
            unsafe { (get(regs, base), get(regs, base + 1), get(regs, base + 2)) };
        let real = self.rt.state.get("super");
        if callee != real {
            let made = if explicit {
                self.call(callee, &[class, object])?
            } else {
                self.call(callee, &[])?
            };
            return Ok((self.get_attr(made, name)?, Value::NULL));
        }
        let Some(class) = class.as_class() else {
            return Err(self.type_error("super() argument 1 must be a type"));
        };
        self.super_lookup(class, object, name)
    }
}

/// The header's object, untyped.
fn header_ref(header: &'static Header) -> Ref<Header> {
    // SAFETY: a header is at the start of a live object.
    unsafe { Ref::from_address(header as *const Header as u64) }
}

#[inline(never)]
fn load_slow(th: &mut Thread, pc: *const u64, object: Value, name: Value) -> Value {
    let r = th.load_attr(pc, object, name);
    flat(th, r)
}
#[inline(never)]
fn store_slow(th: &mut Thread, pc: *const u64, object: Value, name: Value, v: Value) -> bool {
    let r = th.store_attr(pc, object, name, v);
    flat_unit(th, r)
}
#[inline(never)]
fn delete_slow(th: &mut Thread, object: Value, name: Value) -> bool {
    let r = th.del_attr(object, name);
    flat_unit(th, r)
}
/// Puts function and receiver into two registers.
#[inline(never)]
unsafe fn put_pair(th: &mut Thread, regs: *mut Value, a: usize, r: R<(Value, Value)>) -> bool {
    match r {
        Ok((f, receiver)) => {
            // SAFETY: registers of the running frame.
            unsafe {
                set(regs, a, f);
                set(regs, a + 1, receiver);
            }
            true
        }
        Err(f) => {
            th.vm.fail = f;
            false
        }
    }
}
#[inline(never)]
unsafe fn method_slow(
    th: &mut Thread,
    pc: *const u64,
    regs: *mut Value,
    a: usize,
    object: Value,
    name: Value,
) -> bool {
    let r = th.method_for_call(pc, object, name);
    // SAFETY: as the caller.
    unsafe { put_pair(th, regs, a, r) }
}
#[inline(never)]
unsafe fn special_slow(
    th: &mut Thread,
    regs: *mut Value,
    a: usize,
    object: Value,
    which: usize,
) -> bool {
    let r = th.load_special(object, which);
    // SAFETY: as the caller.
    unsafe { put_pair(th, regs, a, r) }
}
#[inline(never)]
unsafe fn super_method_slow(
    th: &mut Thread,
    regs: *mut Value,
    a: usize,
    base: usize,
    name: Value,
    explicit: bool,
) -> bool {
    let r = th.super_attr(regs, base, name, explicit);
    // SAFETY: as the caller.
    unsafe { put_pair(th, regs, a, r) }
}
#[inline(never)]
fn super_slow(
    th: &mut Thread,
    regs: *mut Value,
    base: usize,
    name: Value,
    explicit: bool,
) -> Value {
    let r = th.super_attr(regs, base, name, explicit);
    let r = match r {
        Ok((v, receiver)) if receiver.is_null() => Ok(v),
        Ok((f, receiver)) => Ok(th.bound_method(f, receiver)),
        Err(f) => Err(f),
    };
    flat(th, r)
}
#[inline(never)]
fn item_slow(th: &mut Thread, object: Value, key: Value) -> Value {
    let r = th.load_item(object, key);
    flat(th, r)
}
#[inline(never)]
fn store_item_slow(th: &mut Thread, object: Value, key: Value, v: Value) -> bool {
    let r = th.store_item(object, key, v);
    flat_unit(th, r)
}
#[inline(never)]
fn delete_item_slow(th: &mut Thread, object: Value, key: Value) -> bool {
    let r = th.del_item(object, key);
    flat_unit(th, r)
}
#[inline(never)]
fn slice_slow(th: &mut Thread, object: Value, from: Value, to: Value) -> Value {
    let key = th.slice(from, to, Value::NONE).value();
    let r = th.get_item(object, key);
    flat(th, r)
}

impl Thread {
    fn load_item(&mut self, object: Value, key: Value) -> R<Value> {
        let class = self.class_of(object);
        let types = self.rt.types();
        if class == types.dict {
            if let Some(dict) = object.cast::<Dict>() {
                let v = dict.get(self, key)?;
                return if v.is_null() {
                    Err(self.key_error(key))
                } else {
                    Ok(v)
                };
            }
        } else if class == types.list && key.is_int() {
            if let Some(list) = object.cast::<List>() {
                let mut i = key.int_unchecked();
                if i < 0 {
                    i += list.len(self)? as i64;
                }
                let v = if i < 0 {
                    Value::NULL
                } else {
                    list.get(self, i as usize)?
                };
                return if v.is_null() {
                    Err(self.index_error("list index out of range"))
                } else {
                    Ok(v)
                };
            }
        }
        self.get_item(object, key)
    }
    fn store_item(&mut self, object: Value, key: Value, v: Value) -> R<()> {
        if self.class_of(object) == self.rt.types().dict {
            if let Some(dict) = object.cast::<Dict>() {
                return dict.insert(self, key, v);
            }
        }
        self.set_item(object, key, v)
    }
}

/// The slot of `list[key]` for an exact list that needs no barrier, and a key in range.
#[inline(always)]
fn list_slot<M: crate::vm::dispatch::Mode>(
    th: &Thread,
    object: Value,
    key: Value,
) -> Option<&'static crate::heap::Slot> {
    if !key.is_int() {
        return None;
    }
    let list = object.cast::<List>()?;
    if list.header().shape_address() != th.rt.types().list.root_shape().address()
        || (M::BARRIERS && !list.header().orec().is_private())
    {
        return None;
    }
    let len = list.len.peek() as i64;
    let mut i = key.int_unchecked();
    if i < 0 {
        i += len;
    }
    if i < 0 || i >= len {
        return None;
    }
    // SAFETY: a list's buffer is a ValueBuf, which the list keeps alive.
    unsafe {
        let buf: Ref<ValueBuf> = list.buf.peek().cast_unchecked();
        let slots: &'static [crate::heap::Slot] = &*(buf.slots() as *const [crate::heap::Slot]);
        slots.get(i as usize)
    }
}

handlers! {
    LoadAttr(pc, regs, th, w) {
        slow!(M, pc, pc.add(3), regs, th, a_of(w), load_slow(th, pc, get(regs, b_of(w)), super::names::name_at(th, c_of(w))))
    }
    StoreAttr(pc, regs, th, w) {
        let name = super::names::name_at(th, b_of(w));
        slow_unit!(M, pc, pc.add(3), regs, th, store_slow(th, pc, get(regs, a_of(w)), name, get(regs, c_of(w))))
    }
    DeleteAttr(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, delete_slow(th, get(regs, a_of(w)), super::names::name_at(th, b_of(w))))
    }
    LoadMethod(pc, regs, th, w) {
        let name = super::names::name_at(th, c_of(w));
        slow_unit!(M, pc, pc.add(3), regs, th, method_slow(th, pc, regs, a_of(w), get(regs, b_of(w)), name))
    }
    LoadSuperAttr(pc, regs, th, w) {
        let name = super::names::name_at(th, c_of(w));
        slow!(M, pc, pc.add(2), regs, th, a_of(w), super_slow(th, regs, b_of(w), name, *pc & 1 == 1))
    }
    LoadSuperMethod(pc, regs, th, w) {
        let name = super::names::name_at(th, c_of(w));
        slow_unit!(M, pc, pc.add(2), regs, th, super_method_slow(th, regs, a_of(w), b_of(w), name, *pc & 1 == 1))
    }
    LoadSpecial(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, special_slow(th, regs, a_of(w), get(regs, b_of(w)), c_of(w)))
    }
    LoadItem(pc, regs, th, w) {
        let (object, key) = (get(regs, b_of(w)), get(regs, c_of(w)));
        if let Some(slot) = list_slot::<M>(th, object, key) {
            set(regs, a_of(w), slot.peek());
            next!(M, pc, regs, th)
        }
        if key.is_int() && object.is_object() && (*(object.0 as *const Header)).shape_address() == th.rt.types().tuple.root_shape().address() {
            let items: Ref<Tuple> = object.cast_unchecked();
            let i = key.int_unchecked();
            if i >= 0 && (i as usize) < items.len() {
                set(regs, a_of(w), *items.items().get_unchecked(i as usize));
                next!(M, pc, regs, th)
            }
        }
        return LoadItemSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    LoadItemSlow(pc, regs, th, w) {
        let (object, key) = (get(regs, b_of(w)), get(regs, c_of(w)));
        slow!(M, pc, pc, regs, th, a_of(w), item_slow(th, object, key))
    }
    StoreItem(pc, regs, th, w) {
        let (object, key, v) = (get(regs, a_of(w)), get(regs, b_of(w)), get(regs, c_of(w)));
        if !M::BARRIERS {
            if let Some(slot) = list_slot::<M>(th, object, key) {
                slot.init(v);
                next!(M, pc, regs, th)
            }
        }
        return StoreItemSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    StoreItemSlow(pc, regs, th, w) {
        let (object, key, v) = (get(regs, a_of(w)), get(regs, b_of(w)), get(regs, c_of(w)));
        slow_unit!(M, pc, pc, regs, th, store_item_slow(th, object, key, v))
    }
    DeleteItem(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, delete_item_slow(th, get(regs, a_of(w)), get(regs, b_of(w))))
    }
    LoadSlice(pc, regs, th, w) {
        let c = c_of(w);
        slow!(M, pc, pc, regs, th, a_of(w), slice_slow(th, get(regs, b_of(w)), get(regs, c), get(regs, c + 1)))
    }
}
