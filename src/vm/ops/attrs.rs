//! Attributes and items.

use super::quick::{peeked, store_quick};
use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::object::{head_flags, shape_of_head};
use crate::heap::{Header, Kind, R, Ref, Thread};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::{Member, Module, Property, StaticMethod};
use crate::objects::dict::Dict;
use crate::objects::list::{self, List, ValueBuf};
use crate::objects::range::Slice;
use crate::objects::shape::Place;
use crate::objects::special::Sp;
use crate::objects::tuple::Tuple;
use crate::vm::cache::Found;
use crate::vm::dispatch::{drop_roots, flat, flat_unit, next};

/// The part of a head word that is the shape's address.
const ADDRESS: u64 = (1 << 48) - 1;

/// Tag of the names under which [`crate::vm::cache::Lines`] keeps what stores do.
const STORE: u64 = 1;

/// Under what an object's attributes are cached: its head word, or itself if it is a module or class. 0: not at all.
fn cache_key(object: Value) -> u64 {
    match object.header() {
        None => 0,
        Some(header) => match header.kind() {
            Kind::Module | Kind::Class => object.0,
            _ => header.head(),
        },
    }
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

    /// How `object.name` may be cached, if it may, under `key`: which is the object's head as the block sees it, or the object.
    fn resolve(&mut self, object: Value, key: u64, name: Value) -> R<Option<Found>> {
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
                Some(view) if !view.volatile => Some(Found::Identity(view.value)),
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
                    .map(|s| Found::Identity(s.function.peek())),
                Kind::Function => Some(Found::Identity(v)),
                Kind::NativeFunction => Some(Found::Identity(v)),
                _ if self.special(v, Sp::Get).is_null() => Some(Found::Identity(v)),
                _ => None,
            });
        }
        // The class that the key says: the object's own may be another block's work.
        let class = shape_of_head(key).class();
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
                        Some(Found::Property(getter))
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
                            .then_some(Found::Member(offset))
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
        // What was found so far belongs to the class that the head says: it must not have changed meanwhile, nor before.
        let head = self.head_of(header_ref(header))?;
        if head != key || head & head_flags::DICT_MODE != 0 {
            return Ok(None);
        }
        let shape = shape_of_head(head);
        if shape.has_attributes() {
            if let Some(index) = shape.index_of(name) {
                return Ok(Some(match shape.place(index) {
                    Place::Inline(offset) => Found::Slot(offset),
                    Place::Overflow(i) => Found::Overflow(shape.overflow_offset(), i),
                }));
            }
        }
        Ok(match attribute.kind() {
            _ if attribute.is_null() => None,
            Kind::Function => Some(Found::Method(attribute)),
            Kind::NativeFunction => {
                let native = attribute.cast::<crate::objects::native::NativeFunction>();
                let method = native.is_some_and(|n| n.def.method && n.receiver.is_null());
                Some(if method {
                    Found::Method(attribute)
                } else {
                    Found::Class(attribute)
                })
            }
            Kind::StaticMethod => attribute
                .cast::<StaticMethod>()
                .map(|s| Found::Class(s.function.peek())),
            _ if self.special(attribute, Sp::Get).is_null() => Some(Found::Class(attribute)),
            _ => None,
        })
    }

    /// What is cached of `object.name`: read, if the object's head still is what the cache's key says.
    fn load_found(&mut self, object: Value, key: u64, found: Found) -> R<Option<Value>> {
        let Some(header) = object.header() else {
            return Ok(None);
        };
        let object = header_ref(header);
        let v = match found {
            Found::Identity(v) => return Ok(Some(v)),
            Found::Slot(offset) | Found::Member(offset) => self.read(object, |h| {
                if h.head() == key {
                    Thread::slot_at(header, offset).peek()
                } else {
                    Value::NULL
                }
            })?,
            Found::Overflow(offset, index) => {
                let buf = self.read(object, |h| {
                    if h.head() == key {
                        Thread::slot_at(header, offset).peek()
                    } else {
                        Value::NULL
                    }
                })?;
                match buf.cast::<ValueBuf>() {
                    // The buffer of overflow slots is written under the object's version word.
                    Some(buf) => self.read(object, |_| buf.slots()[index].peek())?,
                    None => Value::NULL,
                }
            }
            Found::Class(v) if self.head_of(object)? == key => v,
            Found::Method(f) if self.head_of(object)? == key => {
                if f.kind() == Kind::NativeFunction {
                    let class = self.class_of(object.value());
                    return Ok(Some(self.bind_attr(f, object.value(), class)?));
                }
                return Ok(Some(self.bound_method(f, object.value())));
            }
            Found::Property(getter) if self.head_of(object)? == key => {
                return Ok(Some(self.call(getter, &[object.value()])?));
            }
            _ => Value::NULL,
        };
        Ok((!v.is_null()).then_some(v))
    }

    /// `object.name`, and what to cache.
    fn load_attr(&mut self, pc: *const u64, object: Value, name: Value) -> R<Value> {
        let epoch = self.vm.epoch;
        let key = cache_key(object);
        let known = self.vm.lines.find(key, name, epoch);
        if let Some(found) = known
            && let Some(v) = self.load_found(object, key, found)?
        {
            // This instruction sees objects of several shapes: the inline cache follows now and then.
            if self.vm.refill() {
                self.cache_load(pc, key, found);
            }
            return Ok(v);
        }
        let v = self.get_attr(object, name)?;
        if known == Some(Found::Unknown) {
            return Ok(v);
        }
        let found = self.resolve(object, key, name)?.unwrap_or(Found::Unknown);
        if key != 0 && epoch == self.vm.epoch {
            self.vm.lines.fill(key, name, epoch, found);
            self.cache_load(pc, key, found);
        }
        Ok(v)
    }

    fn cache_load(&mut self, pc: *const u64, key: u64, found: Found) {
        let epoch = self.vm.epoch;
        let (quick, word) = match found {
            Found::Slot(offset) => (Quick::LoadAttrSlot, offset as u64),
            Found::Overflow(word, index) => {
                (Quick::LoadAttrOverflow, (word as u64) << 32 | index as u64)
            }
            Found::Class(v) => (Quick::LoadAttrClass, v.0),
            Found::Property(getter) => (Quick::LoadAttrProperty, getter.0),
            Found::Member(offset) => (Quick::LoadAttrMember, offset as u64),
            Found::Identity(v) => (Quick::LoadAttrIdentity, v.0),
            Found::Method(_) | Found::Add(..) | Found::Unknown => return,
        };
        self.fill_cache(pc, quick, [key, epoch, word]);
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
        let key = cache_key(object);
        let known = self.vm.lines.find(key, name, epoch);
        match known {
            Some(found @ Found::Method(f)) => {
                let Some(header) = object.header() else {
                    unreachable!("a key is an object's")
                };
                if self.head_of(header_ref(header))? == key {
                    if self.vm.refill() {
                        self.cache_method(pc, key, found);
                    }
                    return Ok((f, object));
                }
            }
            Some(found) => {
                if let Some(v) = self.load_found(object, key, found)? {
                    if self.vm.refill() {
                        self.cache_method(pc, key, found);
                    }
                    return Ok((v, Value::NULL));
                }
                if found == Found::Unknown {
                    return self.method_uncached(object, name);
                }
            }
            None => {}
        }
        let found = self.resolve(object, key, name)?.unwrap_or(Found::Unknown);
        if key != 0 && epoch == self.vm.epoch {
            self.vm.lines.fill(key, name, epoch, found);
            self.cache_method(pc, key, found);
        }
        match found {
            Found::Method(function) => Ok((function, object)),
            Found::Identity(v) => Ok((v, Value::NULL)),
            _ => self.method_uncached(object, name),
        }
    }

    fn cache_method(&mut self, pc: *const u64, key: u64, found: Found) {
        let epoch = self.vm.epoch;
        match found {
            Found::Method(f) => self.fill_cache(pc, Quick::LoadMethodClass, [key, epoch, f.0]),
            Found::Identity(v) => self.fill_cache(pc, Quick::LoadMethodIdentity, [key, epoch, v.0]),
            _ => {}
        }
    }

    fn method_uncached(&mut self, object: Value, name: Value) -> R<(Value, Value)> {
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

    /// Stores as the cache says, if the object's head still is what the cache's key says.
    fn store_found(&mut self, object: Value, key: u64, found: Found, v: Value) -> R<bool> {
        let Some(header) = object.header() else {
            return Ok(false);
        };
        let object = header_ref(header);
        self.own(object)?;
        if header.head() != key {
            return Ok(false);
        }
        match found {
            Found::Slot(offset) | Found::Member(offset) => {
                self.set(object, Thread::slot_at(header, offset), v)?;
            }
            Found::Overflow(offset, index) => {
                let buf = Thread::slot_at(header, offset).peek();
                let Some(buf) = buf.cast::<ValueBuf>() else {
                    return Ok(false);
                };
                self.set(object, &buf.slots()[index], v)?;
            }
            Found::Add(shape, offset) => {
                self.set(object, Thread::slot_at(header, offset), v)?;
                self.set_head(object, (key & !ADDRESS) | shape)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn store_attr(&mut self, pc: *const u64, object: Value, name: Value, v: Value) -> R<()> {
        let epoch = self.vm.epoch;
        let key = match object.header() {
            Some(header) if !matches!(header.kind(), Kind::Class | Kind::Module) => {
                // Ours before the head is looked at, or what is learned could be another block's, which rolls back.
                self.own(header_ref(header))?;
                header.head()
            }
            _ => return self.set_attr(object, name, v),
        };
        let tagged = Value(name.0 | STORE);
        let known = self.vm.lines.find(key, tagged, epoch);
        if let Some(found) = known
            && found != Found::Unknown
            && self.store_found(object, key, found, v)?
        {
            if self.vm.refill() {
                self.cache_store(pc, key, found);
            }
            return Ok(());
        }
        self.set_attr(object, name, v)?;
        if known == Some(Found::Unknown) || epoch != self.vm.epoch {
            return Ok(());
        }
        let found = self.resolve_store(object, key, name)?;
        if epoch == self.vm.epoch {
            self.vm.lines.fill(key, tagged, epoch, found);
            self.cache_store(pc, key, found);
        }
        Ok(())
    }

    fn cache_store(&mut self, pc: *const u64, key: u64, found: Found) {
        let epoch = self.vm.epoch;
        match found {
            Found::Slot(offset) => {
                self.fill_cache(pc, Quick::StoreAttrSlot, [key, epoch, offset as u64])
            }
            Found::Member(offset) => {
                self.fill_cache(pc, Quick::StoreAttrMember, [key, epoch, offset as u64])
            }
            Found::Add(shape, offset) => self.fill_cache(
                pc,
                Quick::StoreAttrAdd,
                [key, epoch, shape | (offset as u64) << 48],
            ),
            _ => {}
        }
    }

    /// How a store of `object.name` may be cached that has just been done, and before which the object's head was `before`.
    fn resolve_store(&mut self, object: Value, before: u64, name: Value) -> R<Found> {
        let Some(header) = object.header() else {
            return Ok(Found::Unknown);
        };
        let class = self.class_of(object);
        let after = header.head();
        if !class.has_flag(class_flags::PLAIN_SET)
            || matches!(header.kind(), Kind::Class | Kind::Module)
            || (before | after) & head_flags::DICT_MODE != 0
        {
            return Ok(Found::Unknown);
        }
        let Some(attribute) = self.class_attribute(class, name)? else {
            return Ok(Found::Unknown);
        };
        if let Some(member) = attribute.cast::<Member>() {
            let own = member.owner.as_class();
            return Ok(match own.is_some_and(|o| class.is_subclass(o)) {
                true => Found::Member(member.offset),
                false => Found::Unknown,
            });
        }
        if !attribute.is_null()
            && (!self.special(attribute, Sp::Set).is_null() || attribute.kind() == Kind::GetSet)
        {
            return Ok(Found::Unknown);
        }
        let shape = header.shape();
        if !shape.has_attributes() {
            return Ok(Found::Unknown);
        }
        Ok(match shape.index_of(name).map(|i| shape.place(i)) {
            Some(Place::Inline(offset)) if before == after => Found::Slot(offset),
            Some(Place::Inline(offset)) => Found::Add(shape.address(), offset),
            Some(Place::Overflow(i)) if before == after => {
                Found::Overflow(shape.overflow_offset(), i)
            }
            _ => Found::Unknown,
        })
    }

    #[cold]
    fn load_special(&mut self, object: Value, sp: Sp) -> R<(Value, Value)> {
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
        // No function: a descriptor, or something that is called as it is.
        let get = self.special(f, Sp::Get);
        if get.is_null() {
            return Ok((f, Value::NULL));
        }
        let bound = self.call_special(f, Sp::Get, &[object, class.value()])?;
        Ok((bound, Value::NULL))
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
        if callee != self.class_for::<crate::objects::super_::Super>().value() {
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
/// What `LoadSpecial` looks for.
const SPECIALS: [Sp; 4] = [Sp::Enter, Sp::Exit, Sp::AEnter, Sp::AExit];

/// Puts function and receiver into two registers.
#[inline(never)]
unsafe fn put_pair(th: &mut Thread, regs: *mut Value, a: usize, r: R<(Value, Value)>) -> bool {
    drop_roots(th);
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
    let r = th.load_special(object, SPECIALS[which]);
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
        Ok((f, receiver)) if f.kind() == Kind::NativeFunction => {
            let class = th.class_of(receiver);
            th.bind_attr(f, receiver, class)
        }
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
    if let Some(list) = object.cast::<List>()
        && th.class_of(object) == th.rt.types().list
        && (from.is_int() || from.is_none())
        && (to.is_int() || to.is_none())
    {
        let r = th.list_slice(list, from, to);
        return flat(th, r);
    }
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
        if class == types.list
            && let (Some(list), Some(slice)) = (object.cast::<List>(), key.cast::<Slice>())
        {
            return list::get_slice(self, list, slice);
        }
        self.get_item(object, key)
    }
    /// `list[from:to]`, with ints or None.
    fn list_slice(&mut self, list: Ref<List>, from: Value, to: Value) -> R<Value> {
        let len = list.len(self)? as i64;
        let clamp = |v: Value, otherwise: i64| match v.as_int() {
            Some(i) if i < 0 => (i + len).max(0),
            Some(i) => i.min(len),
            None => otherwise,
        };
        let (from, to) = (clamp(from, 0), clamp(to, len));
        let items = list.slice(self, from as usize, to.max(from) as usize)?;
        Ok(List::new(self, &items).value())
    }
    fn store_item(&mut self, object: Value, key: Value, v: Value) -> R<()> {
        if self.class_of(object) == self.rt.types().dict {
            if let Some(dict) = object.cast::<Dict>() {
                return dict.insert(self, key, v);
            }
        } else if self.class_of(object) == self.rt.types().list
            && let Some(list) = object.cast::<List>()
        {
            if let Some(slice) = key.cast::<Slice>() {
                return list::set_slice(self, list, slice, v);
            }
            if let Some(i) = key.as_int() {
                let at = if i < 0 { i + list.len(self)? as i64 } else { i };
                return if at >= 0 && list.set(self, at as usize, v)? {
                    Ok(())
                } else {
                    Err(self.index_error("list assignment index out of range"))
                };
            }
        }
        self.set_item(object, key, v)
    }
}

/// The slot of `list[key]` for an exact list and an int, and the version word that guards it. With barriers the slot is null if the list has not so
/// many items. The list's length and buffer are read by `peek`. `None` if there is more to do.
#[inline(always)]
fn list_slot<M: crate::vm::dispatch::Mode>(
    th: &mut Thread,
    object: Value,
    key: Value,
    peek: impl FnOnce(&mut Thread, Ref<List>) -> Option<(u64, Value)>,
) -> Option<(&'static crate::heap::Slot, &'static keelback_stm::Orec)> {
    if !key.is_int() {
        return None;
    }
    let list = object.cast::<List>()?;
    if list.header().shape_address() != th.rt.types().list.root_shape().address() {
        return None;
    }
    let (len, buf) = peek(th, list)?;
    let mut i = key.int_unchecked();
    if !M::BARRIERS {
        if i < 0 {
            i += len as i64;
        }
        // Also if it is negative.
        if i as u64 >= len {
            return None;
        }
        // SAFETY: a list with items has a buffer, with room for as many as there are.
        unsafe {
            let slot = buf.cast_unchecked::<ValueBuf>().slot_at(i as usize);
            return Some((slot, list.header().orec()));
        }
    }
    // SAFETY: a list's buffer is a ValueBuf, which the list keeps alive, or a snapshot that the block has read.
    let buf: Ref<ValueBuf> = unsafe { buf.non_null()?.cast_unchecked() };
    if i < 0 {
        if buf.is_striped() && !list.header().orec().is_private() {
            // The length is not guarded by the list.
            return None;
        }
        i += len as i64;
    }
    let i = usize::try_from(i).ok()?;
    let slots: *const [crate::heap::Slot] = buf.slots();
    // SAFETY: as above.
    let slots: &'static [crate::heap::Slot] = unsafe { &*slots };
    Some((slots.get(i)?, buf.guard(list.header(), i)))
}

/// Reads from what nobody else can change, or the block has read before.
#[inline(always)]
fn again<M: crate::vm::dispatch::Mode, T>(
    th: &mut Thread,
    orec: &keelback_stm::Orec,
    load: impl FnOnce() -> T,
) -> Option<T> {
    if M::BARRIERS {
        th.txn.read_again(orec, load)
    } else {
        Some(load())
    }
}

handlers! {
    #[inline(never)]
    LoadAttr(pc, regs, th, w) {
        slow!(M, pc, pc.add(3), regs, th, a_of(w), load_slow(th, pc, get(regs, b_of(w)), super::names::name_at(th, c_of(w))))
    }
    #[inline(never)]
    StoreAttr(pc, regs, th, w) {
        let name = super::names::name_at(th, b_of(w));
        slow_unit!(M, pc, pc.add(3), regs, th, store_slow(th, pc, get(regs, a_of(w)), name, get(regs, c_of(w))))
    }
    DeleteAttr(pc, regs, th, w) {
        slow_unit!(M, pc, pc, regs, th, delete_slow(th, get(regs, a_of(w)), super::names::name_at(th, b_of(w))))
    }
    #[inline(never)]
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
        let object = get(regs, b_of(w));
        let f = th.class_of(object).special(SPECIALS[c_of(w)]);
        if !f.is_null() && matches!(f.kind(), Kind::Function | Kind::NativeFunction) {
            set(regs, a_of(w), f);
            set(regs, a_of(w) + 1, object);
            next!(M, pc, regs, th)
        }
        slow_unit!(M, pc, pc, regs, th, special_slow(th, regs, a_of(w), get(regs, b_of(w)), c_of(w)))
    }
    LoadItem(pc, regs, th, w) {
        let (object, key) = (get(regs, b_of(w)), get(regs, c_of(w)));
        let peek = |th: &mut Thread, list: Ref<List>| again::<M, _>(th, list.header().orec(), || (list.len.peek(), list.buf.peek()));
        if let Some((slot, guard)) = list_slot::<M>(th, object, key, peek)
            && let Some(v) = again::<M, _>(th, guard, || slot.peek())
            && !(M::BARRIERS && v.is_null())
        {
            set(regs, a_of(w), v);
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
        if M::BARRIERS {
            return LoadItemFirst::<M>(pc, regs, th, w);
        }
        return LoadItemSlow::<M>(pc, regs, th, w);
    }
    /// Of a list that the block has not read so far.
    #[inline(never)]
    LoadItemFirst(pc, regs, th, w) {
        let (object, key) = (get(regs, b_of(w)), get(regs, c_of(w)));
        let peek = |th: &mut Thread, list: Ref<List>| peeked::<M, _>(th, list.header().orec(), || (list.len.peek(), list.buf.peek()));
        if let Some((slot, guard)) = list_slot::<M>(th, object, key, peek)
            && let Some(v) = peeked::<M, _>(th, guard, || slot.peek())
            && !(M::BARRIERS && v.is_null())
        {
            set(regs, a_of(w), v);
            next!(M, pc, regs, th)
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
        let peek = |th: &mut Thread, list: Ref<List>| again::<M, _>(th, list.header().orec(), || (list.len.peek(), list.buf.peek()));
        if let Some((slot, guard)) = list_slot::<M>(th, object, key, peek) {
            // Null or not, that changes only under the guard; and if it is not ours, `store_quick` refuses.
            if !(M::BARRIERS && slot.peek().is_null()) && store_quick::<M>(th, guard, slot, v) {
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
