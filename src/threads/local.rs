//! `threading.local`: attributes of which each thread has its own.
//!
//! Each thread has one dict that leads from a local object's number to the dict of attributes that this thread sees. It is reached from the
//! thread alone, so it stays private, costs no barriers, and goes with the thread.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering::*};

use parking_lot::Mutex;

use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::special::Sp;

/// `_thread._local`.
pub struct Local {
    number: u64,
    /// What to call `__init__` with in each thread.
    args: Slot,
    kwargs: Slot,
}

impl Payload for Local {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.args);
        t.slot(&self.kwargs);
    }
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);
/// The numbers of the local objects that live.
static LIVING: Mutex<Option<HashSet<u64>>> = Mutex::new(None);

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(living) = &mut *LIVING.lock() {
            living.remove(&self.number);
        }
    }
}

/// How many entries a thread's dict may have before those of dead objects are looked for.
const CLEAN_AT: usize = 16;

impl Thread {
    /// Makes the thread's dict, which must not happen in a block that may roll back.
    pub(crate) fn make_local_data(&mut self) {
        if self.vm.local_data.is_null() {
            self.vm.local_data = Dict::new(self).value();
        }
    }

    /// The attributes of `local` that this thread sees.
    fn local_dict(&mut self, local: Ref<Native<Local>>) -> R<Ref<Dict>> {
        if self.vm.local_data.is_null() {
            self.irrevocable()?;
            self.make_local_data();
        }
        let all: Ref<Dict> = self.vm.local_data.cast().expect("a dict, as made above");
        let key = self.int(local.number as i64);
        let found = all.get(self, key)?;
        if let Some(dict) = found.cast::<Dict>() {
            return Ok(dict);
        }
        if all.len(self)? >= CLEAN_AT {
            self.forget_dead_locals(all)?;
        }
        let dict = Dict::new(self);
        all.insert(self, key, dict.value())?;
        let class = self.class_of(local.value());
        let init = class.special(Sp::Init);
        if init != self.rt.types().object.special(Sp::Init) {
            let mut args = vec![local.value()];
            args.extend_from_slice(tuple_items(local.args.peek()));
            if let Err(f) = self.call_ex(init, &args, local.kwargs.peek()) {
                if f == crate::heap::Fail::Raise {
                    let exc = self.take_exc();
                    all.remove(self, key)?;
                    self.exc = exc;
                }
                return Err(f);
            }
        }
        Ok(dict)
    }

    fn forget_dead_locals(&mut self, all: Ref<Dict>) -> R<()> {
        for key in all.keys(self)? {
            let alive = key.as_int().is_some_and(|n| {
                LIVING
                    .lock()
                    .as_ref()
                    .is_some_and(|l| l.contains(&(n as u64)))
            });
            if !alive {
                all.remove(self, key)?;
            }
        }
        Ok(())
    }

    /// Is what the class says of `name` a data descriptor?
    fn class_decides(&mut self, v: Value, name: Value) -> R<bool> {
        let class = self.class_of(v);
        let entry = self.class_lookup(class, name)?;
        Ok(!entry.is_null()
            && (matches!(
                entry.kind(),
                Kind::Property | Kind::GetSet | Kind::MemberDescriptor
            ) || !self.special(entry, Sp::Set).is_null()))
    }
}

fn local(a: &[Value]) -> Ref<Native<Local>> {
    a[0].native().expect("the receiver's class was checked")
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let kwargs = a[2];
    let given = !tuple_items(a[1]).is_empty()
        || match kwargs.cast::<Dict>() {
            Some(d) => d.len(th)? > 0,
            None => false,
        };
    if given && class.special(Sp::Init) == th.rt.types().object.special(Sp::Init) {
        return Err(th.type_error("Initialization arguments are not supported"));
    }
    let number = NUMBERS.fetch_add(1, Relaxed) + 1;
    LIVING.lock().get_or_insert_default().insert(number);
    let payload = Local {
        number,
        args: Slot::new(a[1]),
        kwargs: Slot::new(kwargs),
    };
    let object = th.new_native(class, payload);
    // The call goes on to `__init__`, for this thread; so its dict is there already.
    if th.vm.local_data.is_null() {
        th.irrevocable()?;
        th.make_local_data();
    }
    let all: Ref<Dict> = th.vm.local_data.cast().expect("a dict, as made above");
    let (key, dict) = (th.int(number as i64), Dict::new(th));
    all.insert(th, key, dict.value())?;
    Ok(object.value())
}

fn is_dict(name: Value) -> bool {
    name.cast::<crate::objects::string::Str>()
        .is_some_and(|s| s.as_bytes() == b"__dict__")
}

fn get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let dict = th.local_dict(local(a))?;
    let name = a[1];
    if is_dict(name) {
        return Ok(dict.value());
    }
    if !th.class_decides(a[0], name)? {
        let found = dict.get(th, name)?;
        if !found.is_null() {
            return Ok(found);
        }
    }
    let found = th.generic_get_attr(a[0], name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn change(th: &mut Thread, v: Value, name: Value, x: Value) -> R<Value> {
    let dict = th.local_dict(local(&[v]))?;
    if is_dict(name) {
        let class = th.class_of(v).name().to_string();
        return Err(th.attribute_error(format!(
            "'{class}' object attribute '__dict__' is read-only"
        )));
    }
    if th.class_decides(v, name)? {
        th.generic_set_attr(v, name, x)?;
    } else if !x.is_null() {
        dict.insert(th, name, x)?;
    } else if dict.remove(th, name)?.is_null() {
        return Err(th.no_attribute(v, name));
    }
    Ok(Value::NONE)
}

fn set(th: &mut Thread, a: &[Value]) -> R<Value> {
    change(th, a[0], a[1], a[2])
}

fn delete(th: &mut Thread, a: &[Value]) -> R<Value> {
    change(th, a[0], a[1], Value::NULL)
}

/// Makes the class.
pub(crate) fn init(th: &mut Thread) -> Ref<Class> {
    let flags = class_flags::WEAKREF | class_flags::BASE;
    th.new_type::<Local>("_thread._local", flags, |t| {
        t.new("_local(cls, *args, **kwargs)", new).methods(&[
            ("__getattribute__(self, name, /)", get),
            ("__setattr__(self, name, value, /)", set),
            ("__delattr__(self, name, /)", delete),
        ]);
    })
}
