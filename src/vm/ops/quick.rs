//! Specialised instructions: put into a thread's copy of the code by the general ones, once they have seen what they work on. Each
//! checks its cache and otherwise hands over to the general one, which specialises anew.

use super::*;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::Thread;
use crate::heap::object::Kind;
use crate::objects::list::ValueBuf;
use crate::vm::dispatch::{Exit, next};

macro_rules! quick_ops {
    ($with:ident, $first:tt) => {
        $with!(
            $first,
            [
                LoadGlobalCached,
                LoadAttrSlot,
                LoadAttrOverflow,
                LoadAttrClass,
                LoadAttrIdentity,
                LoadAttrProperty,
                LoadAttrMember,
                LoadMethodClass,
                LoadMethodIdentity,
                StoreAttrSlot,
                StoreAttrAdd,
                StoreAttrMember,
                LoadNameCached,
                LoadGlobalEntry,
                LoadNameEntry,
                StoreGlobalEntry,
                StoreNameEntry
            ]
        );
    };
}
pub(super) use quick_ops;

macro_rules! quick_enum {
    ([$($unused:ident),*], [$($name:ident),*]) => {
        /// The specialised operations; their codes follow those of the compiler's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Quick { $($name),* }
        impl Quick {
            pub const COUNT: usize = Quick::ALL.len();
            /// All of them, by code.
            const ALL: &[Quick] = &[$(Quick::$name),*];
            /// The operation code.
            pub const fn code(self) -> u64 {
                Op::COUNT as u64 + self as u64
            }
        }
    };
}
quick_ops!(quick_enum, []);

/// Must what the cache words of an instruction refer to be kept alive?
pub fn cache_keeps(word: u64, cache: &[u64], epoch: u64) -> bool {
    let quick = (word & 0xffff)
        .checked_sub(Op::COUNT as u64)
        .and_then(|code| Quick::ALL.get(code as usize));
    let filled_in = match quick {
        // These make sure that what they refer to is still in use, before they look at it.
        Some(
            Quick::LoadGlobalEntry
            | Quick::LoadNameEntry
            | Quick::StoreGlobalEntry
            | Quick::StoreNameEntry,
        ) => return false,
        Some(Quick::LoadGlobalCached | Quick::LoadNameCached) => 0,
        Some(_) => 1,
        None => return true,
    };
    // What was cached in another epoch is not looked at again.
    cache.get(filled_in) == Some(&epoch)
}

/// Changes the operation of the instruction whose first word lies before `pc`.
pub(super) unsafe fn respecialise(pc: *const u64, code: u64) {
    // SAFETY: the words belong to this thread's copy.
    unsafe {
        let at = pc.sub(1) as *mut u64;
        *at = (*at & !0xffff) | code;
    }
}
/// Sets cache word `i` of the instruction.
pub(super) unsafe fn set_cache(pc: *const u64, i: usize, word: u64) {
    // SAFETY: as above; instructions have the cache words that their definition says.
    unsafe { *(pc.add(i) as *mut u64) = word }
}

/// What `load` reads from the object, if that takes no more than a few loads (see `Txn::read_quick`): these handlers have nothing to save
/// on the machine stack, and leave all else to the general ones.
#[inline(always)]
pub(super) fn peeked<M: Mode, T>(
    th: &mut Thread,
    orec: &keelback_stm::Orec,
    load: impl FnOnce() -> T,
) -> Option<T> {
    if M::BARRIERS {
        th.txn.read_quick(orec, load)
    } else {
        Some(load())
    }
}

/// Reads the slot at `offset` if the object's head is `head`; null if it is not, or the slot is empty, or there is more to do.
#[inline(always)]
unsafe fn guarded<M: Mode>(th: &mut Thread, object: Value, head: u64, offset: usize) -> Value {
    if !object.is_object() {
        return Value::NULL;
    }
    // SAFETY: checked above; a shape's offsets lie within its objects.
    let header = unsafe { &*(object.0 as *const crate::heap::Header) };
    let load = || {
        if header.head() == head {
            Thread::slot_at(header, offset).peek()
        } else {
            Value::NULL
        }
    };
    peeked::<M, _>(th, header.orec(), load).unwrap_or(Value::NULL)
}

/// Is the object's head `head`? (With barriers: the read is logged; `false` too if there is more to do.)
#[inline(always)]
unsafe fn head_is<M: Mode>(th: &mut Thread, object: Value, head: u64) -> bool {
    if !object.is_object() {
        return false;
    }
    // SAFETY: checked above.
    let header = unsafe { &*(object.0 as *const crate::heap::Header) };
    // The shape says which attributes there are: that is what must not change.
    peeked::<M, _>(th, header.orec(), || header.head()) == Some(head)
}

/// Stores `v` in a slot that `orec` guards, if that takes no more than a few instructions: with barriers, if `orec` is ours and `v` need not
/// be published.
#[inline(always)]
pub(super) fn store_quick<M: Mode>(
    th: &mut Thread,
    orec: &keelback_stm::Orec,
    slot: &crate::heap::Slot,
    v: Value,
) -> bool {
    if M::BARRIERS {
        let word = slot.word();
        return th.txn.write_quick(orec, word, v.0, || is_shareable(v));
    }
    slot.init(v);
    true
}

/// As [`store_quick`] for the head.
#[inline(always)]
fn store_head_quick<M: Mode>(th: &mut Thread, header: &crate::heap::Header, new: u64) -> bool {
    if M::BARRIERS {
        return th
            .txn
            .write_quick(header.orec(), header.head_word(), new, || true);
    }
    let release = std::sync::atomic::Ordering::Release;
    header.head_word().store(new, release);
    true
}

/// May `v` be stored in an object that others can see, as it is?
#[inline(always)]
fn is_shareable(v: Value) -> bool {
    !v.is_object() || {
        // SAFETY: checked to be an object.
        let header = unsafe { &*(v.0 as *const crate::heap::Header) };
        !header.orec().is_private()
    }
}

handlers! {
    /// Cache: epoch, value.
    LoadGlobalCached(pc, regs, th, w) {
        if *pc == th.vm.epoch {
            set(regs, a_of(w), Value(*pc.add(1)));
            next!(M, pc.add(2), regs, th)
        }
        return LoadGlobal::<M>(pc, regs, th, w);
    }
    LoadNameCached(pc, regs, th, w) {
        if *pc == th.vm.epoch {
            set(regs, a_of(w), Value(*pc.add(1)));
            next!(M, pc.add(2), regs, th)
        }
        return LoadName::<M>(pc, regs, th, w);
    }
    /// Cache: head, epoch, offset.
    LoadAttrSlot(pc, regs, th, w) {
        if *pc.add(1) == th.vm.epoch {
            let v = guarded::<M>(th, get(regs, b_of(w)), *pc, *pc.add(2) as usize);
            if !v.is_null() {
                set(regs, a_of(w), v);
                next!(M, pc.add(3), regs, th)
            }
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// Cache: head, epoch, offset of the overflow word << 32 | index in it.
    LoadAttrOverflow(pc, regs, th, w) {
        if *pc.add(1) == th.vm.epoch {
            let object = get(regs, b_of(w));
            let buf = guarded::<M>(th, object, *pc, (*pc.add(2) >> 32) as usize);
            if let Some(buf) = buf.cast::<ValueBuf>() {
                let index = *pc.add(2) as u32 as usize;
                // The buffer of overflow slots is written under the object's version word.
                let header = &*(object.0 as *const crate::heap::Header);
                let v = peeked::<M, _>(th, header.orec(), || buf.slots().get_unchecked(index).peek());
                if let Some(v) = v && !v.is_null() {
                    set(regs, a_of(w), v);
                    next!(M, pc.add(3), regs, th)
                }
            }
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// A class attribute that binds to nothing. Cache: head, epoch, value.
    LoadAttrClass(pc, regs, th, w) {
        if *pc.add(1) == th.vm.epoch && head_is::<M>(th, get(regs, b_of(w)), *pc) {
            set(regs, a_of(w), Value(*pc.add(2)));
            next!(M, pc.add(3), regs, th)
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// An attribute of this very module or class. Cache: object, epoch, value.
    LoadAttrIdentity(pc, regs, th, w) {
        if *pc == get(regs, b_of(w)).0 && *pc.add(1) == th.vm.epoch {
            set(regs, a_of(w), Value(*pc.add(2)));
            next!(M, pc.add(3), regs, th)
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// A `__slots__` member. Cache: head, epoch, offset.
    LoadAttrMember(pc, regs, th, w) {
        if *pc.add(1) == th.vm.epoch {
            let v = guarded::<M>(th, get(regs, b_of(w)), *pc, *pc.add(2) as usize);
            if !v.is_null() {
                set(regs, a_of(w), v);
                next!(M, pc.add(3), regs, th)
            }
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// A property whose getter is a plain Python function. Cache: head, epoch, getter.
    LoadAttrProperty(pc, regs, th, w) {
        let object = get(regs, b_of(w));
        if *pc.add(1) == th.vm.epoch && head_is::<M>(th, object, *pc) {
            (*th.vm.fp).pc = pc.add(3);
            let getter = Value(*pc.add(2));
            if !super::super::call::push_above(th, getter, object, a_of(w) as u16) {
                return Exit::Fail;
            }
            let frame = &*th.vm.fp;
            next!(M, frame.pc, frame.regs, th)
        }
        return LoadAttr::<M>(pc, regs, th, w);
    }
    /// A function of the class. Cache: head, epoch, function.
    LoadMethodClass(pc, regs, th, w) {
        let object = get(regs, b_of(w));
        if *pc.add(1) == th.vm.epoch && head_is::<M>(th, object, *pc) {
            set(regs, a_of(w), Value(*pc.add(2)));
            set(regs, a_of(w) + 1, object);
            next!(M, pc.add(3), regs, th)
        }
        return LoadMethod::<M>(pc, regs, th, w);
    }
    /// An attribute of this very module or class. Cache: object, epoch, value.
    LoadMethodIdentity(pc, regs, th, w) {
        if *pc == get(regs, b_of(w)).0 && *pc.add(1) == th.vm.epoch {
            set(regs, a_of(w), Value(*pc.add(2)));
            set(regs, a_of(w) + 1, Value::NULL);
            next!(M, pc.add(3), regs, th)
        }
        return LoadMethod::<M>(pc, regs, th, w);
    }
    /// Cache: head, epoch, offset.
    StoreAttrSlot(pc, regs, th, w) {
        let object = get(regs, a_of(w));
        if *pc.add(1) == th.vm.epoch && object.kind() as u8 != Kind::Free as u8 {
            let header = &*(object.0 as *const crate::heap::Header);
            // Ours or not, the head can only change by our hand where the store succeeds.
            if header.head() == *pc {
                let slot = Thread::slot_at(header, *pc.add(2) as usize);
                if store_quick::<M>(th, header.orec(), slot, get(regs, c_of(w))) {
                    next!(M, pc.add(3), regs, th)
                }
            }
        }
        return StoreAttr::<M>(pc, regs, th, w);
    }
    /// As `StoreAttrSlot`: `__slots__` members are words of the object too.
    StoreAttrMember(pc, regs, th, w) {
        return StoreAttrSlot::<M>(pc, regs, th, w);
    }
    /// A new attribute in line. Cache: head, epoch, address of the shape to come | offset << 48.
    StoreAttrAdd(pc, regs, th, w) {
        let object = get(regs, a_of(w));
        if *pc.add(1) == th.vm.epoch && object.kind() as u8 != Kind::Free as u8 {
            let header = &*(object.0 as *const crate::heap::Header);
            let (head, packed) = (*pc, *pc.add(2));
            let v = get(regs, c_of(w));
            if header.head() == head {
                let slot = Thread::slot_at(header, (packed >> 48) as usize);
                let address = (1 << 48) - 1;
                let new = (head & !address) | (packed & address);
                // If the second store finds no room in the undo log, the general handler does both again: the slot is none yet.
                if store_quick::<M>(th, header.orec(), slot, v)
                    && store_head_quick::<M>(th, header, new)
                {
                    next!(M, pc.add(3), regs, th)
                }
            }
        }
        return StoreAttr::<M>(pc, regs, th, w);
    }
}
