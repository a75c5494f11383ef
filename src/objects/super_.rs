//! `super`.

use super::class::Class;
use super::function::{Cell, Function};
use super::native::{NativeFunction, Payload};
use super::string::Str;
use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};

/// A `super` object.
pub(crate) struct Super {
    /// The class after which the search begins.
    class: Slot,
    /// What methods are bound to, or null in an unbound one.
    object: Slot,
    /// The class whose method order is searched, or null.
    object_class: Slot,
}

impl Payload for Super {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.class);
        t.slot(&self.object);
        t.slot(&self.object_class);
    }
}

impl Thread {
    /// The class whose method order `super(class, object)` searches.
    fn super_start(&mut self, class: Ref<Class>, object: Value) -> R<Ref<Class>> {
        if let Some(c) = object.as_class()
            && c.is_subclass(class)
        {
            return Ok(c);
        }
        let own = self.class_of(object);
        if own.is_subclass(class) {
            return Ok(own);
        }
        let claimed = self.attr_opt(object, "__class__")?;
        if let Some(c) = claimed.as_class()
            && c != own
            && c.is_subclass(class)
        {
            return Ok(c);
        }
        let what = match object.as_class() {
            Some(c) => format!("type {}", c.name()),
            None => format!("instance of {}", own.name()),
        };
        Err(self.type_error(format!(
            "super(type, obj): obj ({what}) is not an instance or subtype of type ({}).",
            class.name()
        )))
    }

    /// What `super(class, object).name` gives for calling: the function, and the receiver to put before the arguments, or
    /// null.
    pub fn super_lookup(
        &mut self,
        class: Ref<Class>,
        object: Value,
        name: Value,
    ) -> R<(Value, Value)> {
        let start = self.super_start(class, object)?;
        let found = self.lookup_after(class, start, name)?;
        if found.is_null() {
            let made = self.new_super(class, object, start);
            let found = self.generic_get_attr(made, name)?;
            if found.is_null() {
                return Err(self.no_attribute(made, name));
            }
            return Ok((found, Value::NULL));
        }
        if object == start.value() {
            return Ok((self.bind_attr(found, Value::NULL, start)?, Value::NULL));
        }
        let unbound = match found.kind() {
            Kind::Function => true,
            Kind::NativeFunction => found.cast::<NativeFunction>().is_some_and(|f| {
                f.is_method_descriptor()
                    && f.owner
                        .as_class()
                        .is_some_and(|owner| start.is_subclass(owner))
            }),
            _ => false,
        };
        if unbound {
            return Ok((found, object));
        }
        Ok((self.bind_attr(found, object, start)?, Value::NULL))
    }

    /// The raw class attribute `name` in the method order of `start` after `class`, or null.
    fn lookup_after(&mut self, class: Ref<Class>, start: Ref<Class>, name: Value) -> R<Value> {
        if name
            .cast::<Str>()
            .is_some_and(|n| n.as_bytes() == b"__class__")
        {
            return Ok(Value::NULL);
        }
        let mro = start.mro();
        let after = mro.items().iter().skip_while(|c| **c != class.value());
        for c in after.skip(1).filter_map(|c| c.as_class()) {
            let found = c.dict().get_interned(self, name)?;
            if !found.is_null() {
                return Ok(found);
            }
        }
        Ok(Value::NULL)
    }

    fn new_super(&mut self, class: Ref<Class>, object: Value, start: Ref<Class>) -> Value {
        let of = self.class_for::<Super>();
        let payload = Super {
            class: Slot::new(class.value()),
            object: Slot::new(object),
            object_class: Slot::new(start.value()),
        };
        self.new_native(of, payload).value()
    }

    /// What `super()` without arguments means in the running function.
    fn super_context(&mut self) -> R<(Ref<Class>, Value)> {
        let Some(frame) = self.frame() else {
            return Err(self.runtime_error("super(): no current frame"));
        };
        let (code, function) = (frame.code, frame.function);
        if code.argcount == 0 {
            return Err(self.runtime_error("super(): no arguments"));
        }
        let first = frame.first_argument();
        let first = match first.cast::<Cell>() {
            Some(cell) => self.get(cell, &cell.value)?,
            None => first,
        };
        if first.is_null() {
            return Err(self.runtime_error("super(): arg[0] deleted"));
        }
        let class = self.class_cell(function)?;
        Ok((class, first))
    }

    fn class_cell(&mut self, function: Ref<Function>) -> R<Ref<Class>> {
        let unit = &function.code().unit;
        let at = unit
            .freevars
            .iter()
            .position(|n| n.as_bytes() == b"__class__");
        let cell = at
            .and_then(|i| function.closure()?.items().get(i).copied())
            .and_then(|c| c.cast::<Cell>());
        let Some(cell) = cell else {
            return Err(self.runtime_error("super(): __class__ cell not found"));
        };
        let class = self.get(cell, &cell.value)?;
        if class.is_null() {
            return Err(self.runtime_error("super(): empty __class__ cell"));
        }
        match class.as_class() {
            Some(class) => Ok(class),
            None => {
                let got = self.type_name(class);
                Err(self.runtime_error(format!("super(): __class__ is not a type ({got})")))
            }
        }
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(of) = a[0].as_class() else {
        return Err(th.type_error("super.__new__(X): X is not a type object"));
    };
    let (class, object) = if a[1].is_null() {
        th.super_context()?
    } else {
        let Some(class) = a[1].as_class() else {
            let got = th.type_name(a[1]);
            return Err(th.type_error(format!("super() argument 1 must be a type, not {got}")));
        };
        let object = if a[2].is_none() { Value::NULL } else { a[2] };
        (class, object)
    };
    let start = if object.is_null() {
        Value::NULL
    } else {
        th.super_start(class, object)?.value()
    };
    let payload = Super {
        class: Slot::new(class.value()),
        object: Slot::new(object),
        object_class: Slot::new(start),
    };
    Ok(th.new_native(of, payload).value())
}

/// The parts of a `super` object: class, object, class of the object.
fn parts(th: &mut Thread, v: Value) -> R<[Value; 3]> {
    let s = th.native_self::<Super>(v, "super")?;
    th.read(s, |s| {
        [s.class.peek(), s.object.peek(), s.object_class.peek()]
    })
}

fn getattribute(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.attr_name(a[1])?;
    let [class, object, start] = parts(th, a[0])?;
    if let (Some(class), Some(start)) = (class.as_class(), start.as_class()) {
        let found = th.lookup_after(class, start, name)?;
        if !found.is_null() {
            let receiver = if object == start.value() {
                Value::NULL
            } else {
                object
            };
            return th.bind_attr(found, receiver, start);
        }
    }
    let found = th.generic_get_attr(a[0], name)?;
    if found.is_null() {
        return Err(th.no_attribute(a[0], name));
    }
    Ok(found)
}

fn get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let [class, object, _] = parts(th, a[0])?;
    let Some(class) = class.as_class() else {
        return Ok(a[0]);
    };
    if a[1].is_null() || a[1].is_none() || !object.is_null() {
        return Ok(a[0]);
    }
    let own = th.class_of(a[0]);
    if own != th.class_for::<Super>() {
        return th.call(own.value(), &[class.value(), a[1]]);
    }
    let start = th.super_start(class, a[1])?;
    Ok(th.new_super(class, a[1], start))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let [class, _, start] = parts(th, a[0])?;
    let class = class
        .as_class()
        .map_or("NULL".to_string(), |c| c.name().to_string());
    let object = match start.as_class() {
        Some(c) => format!("<{} object>", c.name()),
        None => "NULL".to_string(),
    };
    Ok(th.str_value(&format!("<super: <class '{class}'>, {object}>")))
}

fn init_method(_: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::NONE)
}

fn this_class(th: &mut Thread, v: Value) -> R<Value> {
    Ok(parts(th, v)?[0].or_none())
}
fn this_object(th: &mut Thread, v: Value) -> R<Value> {
    Ok(parts(th, v)?[1].or_none())
}
fn this_object_class(th: &mut Thread, v: Value) -> R<Value> {
    Ok(parts(th, v)?[2].or_none())
}

/// Defines `super`, which is registered as "super" in the shared state.
pub(super) fn init(th: &mut Thread) {
    let flags = super::class::class_flags::BASE;
    let class = th.new_type::<Super>("super", flags, |t| {
        t.new("super(cls, type=None, object_or_type=None, /)", new);
        t.methods(&[
            ("__init__(self, /, *args)", init_method),
            ("__getattribute__(self, name, /)", getattribute),
            ("__get__(self, instance, owner=None, /)", get),
            ("__repr__(self, /)", repr),
        ]);
        t.getset("__thisclass__", this_class, None);
        t.getset("__self__", this_object, None);
        t.getset("__self_class__", this_object_class, None);
    });
    th.set_state("super", class.value());
}
