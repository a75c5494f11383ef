//! Attributes: where an object keeps its own, and how a name is looked up on instances, classes and modules.
//!
//! An object's own attributes are words behind its layout, which its shape names, or the entries of a dict (see
//! [`super::shape`]). All of those words, those in the overflow buffer included, are guarded by the **object's** version
//! word: a buffer belongs to one object, so it needs no versions of its own. A dict has its own.

use super::class::{Class, class_flags};
use super::define::{GetSet, Member, Module, Property, StaticMethod};
use super::dict::Dict;
use super::list::ValueBuf;
use super::native::NativeFunction;
use super::shape::{Place, Shape};
use super::special::Sp;
use super::string::Str;
use crate::heap::object::{head_flags, shape_of_head};
use crate::heap::{Fail, Header, Kind, R, Ref, Thread, Value};

/// Attribute words in line that a class may grow to.
const MAX_CAPACITY: usize = 32;
/// Own attributes above which an object keeps them in a dict.
const MAX_SHAPED: usize = 200;

/// What a class attribute does when it is found by way of an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// It is the value.
    Plain,
    /// It has `__get__`; an attribute of the instance goes before it.
    NonData,
    /// It has `__set__` or `__delete__`: it goes before the instance's attributes.
    Data,
}

/// Where the objects with head word `head` keep their own attribute `name` (an interned string), if the shape says it: not in
/// dict mode, and not for classes and modules. An overflow place is an index of the `ValueBuf` at `shape.overflow_offset()`,
/// whose slots are read and written under the object's version word.
pub fn own_attr_place(head: u64, name: Value) -> Option<Place> {
    if Shape::is_dict_mode(head) {
        return None;
    }
    let shape = shape_of_head(head);
    let index = shape.index_of(name)?;
    Some(shape.place(index))
}

impl Thread {
    /// The dict that holds `object`'s attributes by its layout: that of a module or class.
    fn layout_dict(&self, v: Value) -> Option<Ref<Dict>> {
        match v.kind() {
            Kind::Module => v.cast::<Module>().map(|m| m.dict()),
            Kind::Class => v.cast::<Class>().map(|c| c.dict()),
            _ => None,
        }
    }

    /// The attribute `name` (interned) of the object itself, or null.
    pub fn own_attr_get(&mut self, v: Value, name: Value) -> R<Value> {
        let Some(object) = v.object() else {
            return Ok(Value::NULL);
        };
        if let Some(dict) = self.layout_dict(v) {
            return dict.get_interned(self, name);
        }
        let head = self.head_of(object)?;
        let shape = shape_of_head(head);
        if !shape.has_attributes() {
            return Ok(Value::NULL);
        }
        let header = object.header();
        if Shape::is_dict_mode(head) {
            let dict = self.get(object, Thread::slot_at(header, shape.dict_offset()))?;
            return match dict.cast::<Dict>() {
                Some(dict) => dict.get_interned(self, name),
                None => Ok(Value::NULL),
            };
        }
        match shape.index_of(name).map(|i| shape.place(i)) {
            None => Ok(Value::NULL),
            Some(Place::Inline(at)) => self.get(object, Thread::slot_at(header, at)),
            Some(Place::Overflow(i)) => {
                let at = shape.overflow_offset();
                let buf = self.get(object, Thread::slot_at(header, at))?;
                match buf.cast::<ValueBuf>() {
                    Some(buf) => self.get(object, &buf.slots()[i]),
                    None => Ok(Value::NULL),
                }
            }
        }
    }

    /// Sets the attribute `name` (interned) of the object itself; false if it has no room for attributes. For a class
    /// use [`Thread::class_set`].
    pub fn own_attr_set(&mut self, v: Value, name: Value, x: Value) -> R<bool> {
        let Some(object) = v.object() else {
            return Ok(false);
        };
        if let Some(dict) = self.layout_dict(v) {
            dict.insert_interned(self, name, x)?;
            return Ok(true);
        }
        let header = object.header();
        if !header.shape().has_attributes() {
            return Ok(false);
        }
        self.own(object)?;
        let head = header.head();
        let shape = shape_of_head(head);
        if Shape::is_dict_mode(head) {
            let dict = Thread::slot_at(header, shape.dict_offset()).peek();
            let Some(dict) = dict.cast::<Dict>() else {
                return Ok(false);
            };
            dict.insert_interned(self, name, x)?;
            return Ok(true);
        }
        match shape.index_of(name).map(|i| shape.place(i)) {
            Some(Place::Inline(at)) => self.set(object, Thread::slot_at(header, at), x)?,
            Some(Place::Overflow(i)) => {
                let buf = Thread::slot_at(header, shape.overflow_offset()).peek();
                if let Some(buf) = buf.cast::<ValueBuf>() {
                    self.set(object, &buf.slots()[i], x)?
                }
            }
            None => self.add_attr(object, shape, name, x)?,
        }
        Ok(true)
    }

    /// Adds an attribute to an owned object that does not have it.
    fn add_attr(&mut self, object: Ref<Header>, shape: Ref<Shape>, name: Value, x: Value) -> R<()> {
        let header = object.header();
        let class = shape.class();
        let variable = class.layout.attrs_offset.is_some();
        if variable || shape.count() >= MAX_SHAPED {
            let dict = self.enter_dict_mode(object)?;
            return dict.insert_interned(self, name, x);
        }
        match shape.place(shape.count()) {
            Place::Inline(at) => self.set(object, Thread::slot_at(header, at), x)?,
            Place::Overflow(i) => {
                let slot = Thread::slot_at(header, shape.overflow_offset());
                let old = slot.peek().cast::<ValueBuf>();
                let buf = match old {
                    Some(buf) if i < buf.slots().len() => buf,
                    _ => {
                        let new = ValueBuf::new(self, (i * 2).max(4));
                        for (i, s) in old.iter().flat_map(|b| b.slots()).enumerate() {
                            new.slots()[i].init(s.peek())
                        }
                        self.set(object, slot, new.value())?;
                        new
                    }
                };
                self.set(object, &buf.slots()[i], x)?;
                let wanted = (shape.count() + 1).next_multiple_of(4).min(MAX_CAPACITY);
                if class.root_shape().capacity() < wanted {
                    class.renew_root_shape(self, wanted);
                }
            }
        }
        let child = shape.child(self, name);
        self.set_head(object, child.head_like(header.head()))
    }

    /// Removes the attribute `name` (interned) of the object itself; false if there is none.
    pub fn own_attr_del(&mut self, v: Value, name: Value) -> R<bool> {
        let Some(object) = v.object() else {
            return Ok(false);
        };
        if let Some(dict) = self.layout_dict(v) {
            return Ok(!dict.remove(self, name)?.is_null());
        }
        if !object.header().shape().has_attributes() {
            return Ok(false);
        }
        self.own(object)?;
        let head = object.header().head();
        if !Shape::is_dict_mode(head) && shape_of_head(head).index_of(name).is_none() {
            return Ok(false);
        }
        let dict = self.enter_dict_mode(object)?;
        Ok(!dict.remove(self, name)?.is_null())
    }

    /// Moves an object's attributes into a dict, if they are not in one yet.
    fn enter_dict_mode(&mut self, object: Ref<Header>) -> R<Ref<Dict>> {
        self.own(object)?;
        let header = object.header();
        let head = header.head();
        let shape = shape_of_head(head);
        let slot = Thread::slot_at(header, shape.dict_offset());
        if Shape::is_dict_mode(head)
            && let Some(dict) = slot.peek().cast::<Dict>()
        {
            return Ok(dict);
        }
        let dict = Dict::new(self);
        if !Shape::is_dict_mode(head) {
            for name in shape.names() {
                let v = self.own_attr_get(object.value(), name)?;
                dict.insert_interned(self, name, v)?;
            }
        }
        self.install_dict(object, dict)?;
        Ok(dict)
    }

    /// Makes `dict` the place of an owned object's attributes.
    fn install_dict(&mut self, object: Ref<Header>, dict: Ref<Dict>) -> R<()> {
        let header = object.header();
        let head = header.head();
        let shape = shape_of_head(head);
        self.set(
            object,
            Thread::slot_at(header, shape.dict_offset()),
            dict.value(),
        )?;
        if !Shape::is_dict_mode(head) {
            // A layout of variable length has no attribute words but the one.
            let end = if shape.class().layout.attrs_offset.is_some() {
                0
            } else {
                shape.instance_bytes()
            };
            let mut at = shape.dict_offset() + 8;
            while at < end {
                self.set(object, Thread::slot_at(header, at), Value::NULL)?;
                at += 8;
            }
            let head = shape.first().head_like(head) | head_flags::DICT_MODE;
            self.set_head(object, head)?;
        }
        Ok(())
    }

    /// The object's `__dict__`, made if there is none yet. `None` for objects without one, and for classes, whose dict changes
    /// through [`Thread::class_set`] alone.
    pub fn dict_of(&mut self, v: Value) -> R<Option<Ref<Dict>>> {
        match v.kind() {
            Kind::Class => return Ok(None),
            Kind::Module => return Ok(self.layout_dict(v)),
            _ => {}
        }
        match v.object() {
            Some(object) if object.header().shape().has_attributes() => {
                self.enter_dict_mode(object).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The names of an object's own attributes. Runs no code, and does not make it a `__dict__`.
    pub fn own_names(&mut self, v: Value) -> R<Vec<Value>> {
        let Some(object) = v.object() else {
            return Ok(vec![]);
        };
        let head = self.read(object, |h| h.head())?;
        let shape = shape_of_head(head);
        if v.kind() == Kind::Class || !shape.has_attributes() {
            return Ok(vec![]);
        }
        if !Shape::is_dict_mode(head) {
            return Ok(shape.names());
        }
        match self.dict_of(v)? {
            Some(dict) => dict.keys(self),
            None => Ok(vec![]),
        }
    }

    /// `v.__dict__ = dict`.
    pub fn set_dict_of(&mut self, v: Value, dict: Ref<Dict>) -> R<bool> {
        match v.object() {
            Some(object)
                if object.header().shape().has_attributes() && self.layout_dict(v).is_none() =>
            {
                self.own(object)?;
                self.install_dict(object, dict)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The names and values of the object's own attributes, without making a dict.
    pub fn own_attrs(&mut self, v: Value) -> R<Vec<(Value, Value)>> {
        let Some(object) = v.object() else {
            return Ok(vec![]);
        };
        if let Some(dict) = self.layout_dict(v) {
            return dict.items(self);
        }
        let head = self.head_of(object)?;
        let shape = shape_of_head(head);
        if !shape.has_attributes() {
            return Ok(vec![]);
        }
        if Shape::is_dict_mode(head) {
            let slot = Thread::slot_at(object.header(), shape.dict_offset());
            return match self.get(object, slot)?.cast::<Dict>() {
                Some(dict) => dict.items(self),
                None => Ok(vec![]),
            };
        }
        let mut out = vec![];
        for name in shape.names() {
            out.push((name, self.own_attr_get(v, name)?));
        }
        Ok(out)
    }

    fn binding(&self, entry: Value) -> Binding {
        match entry.kind() {
            Kind::Free | Kind::Str | Kind::Tuple => {
                if !entry.is_object() {
                    return Binding::Plain;
                }
            }
            Kind::Function | Kind::NativeFunction | Kind::StaticMethod | Kind::ClassMethod => {
                return Binding::NonData;
            }
            Kind::Property | Kind::GetSet | Kind::MemberDescriptor => return Binding::Data,
            _ => {}
        }
        let class = self.class_of(entry);
        if !class.special(Sp::Set).is_null() || !class.special(Sp::Delete).is_null() {
            Binding::Data
        } else if !class.special(Sp::Get).is_null() {
            Binding::NonData
        } else {
            Binding::Plain
        }
    }

    /// What the class attribute `entry` gives when it is found by way of instance `v` of `class`, or of `class` itself if `v`
    /// is null: `entry.__get__(v, class)`.
    pub fn bind_attr(&mut self, entry: Value, v: Value, class: Ref<Class>) -> R<Value> {
        let types = self.rt.types();
        match entry.kind() {
            Kind::Free if !entry.is_object() => return Ok(entry),
            Kind::Function if v.is_null() => return Ok(entry),
            Kind::Function => return Ok(self.bound_method(entry, v)),
            Kind::NativeFunction => return self.bind_native(entry, v),
            Kind::GetSet => return self.getset_get(entry, v),
            Kind::MemberDescriptor => return self.member_get(entry, v),
            Kind::Property if self.class_of(entry) == types.property => {
                return self.property_get(entry, v);
            }
            Kind::StaticMethod if self.class_of(entry) == types.staticmethod => {
                if let Some(s) = entry.cast::<StaticMethod>() {
                    return self.get(s, &s.function);
                }
            }
            Kind::Str | Kind::Tuple if !self.class_of(entry).has_flag(class_flags::HEAP) => {
                return Ok(entry);
            }
            _ => {}
        }
        let get = self.special(entry, Sp::Get);
        if get.is_null() {
            return Ok(entry);
        }
        self.call_resolved(get, entry, &[v.or_none(), class.value()])
    }

    fn bind_native(&mut self, entry: Value, v: Value) -> R<Value> {
        let Some(f) = entry.cast::<NativeFunction>() else {
            return Ok(entry);
        };
        if v.is_null() || !f.is_method_descriptor() {
            return Ok(entry);
        }
        if let Some(owner) = f.owner.as_class()
            && !self.is_instance(v, owner)
        {
            let name = f.def.signature.name;
            let (want, got) = (owner.name().to_string(), self.type_name(v));
            return Err(self.type_error(format!(
                "descriptor '{name}' for '{want}' objects doesn't apply to a '{got}' object"
            )));
        }
        Ok(self.native(f.def, v, f.owner, f.module).value())
    }

    /// Checks that `v` is an instance of the owner of a descriptor called `name`.
    pub(super) fn check_owner(&mut self, owner: Value, name: Value, v: Value) -> R<()> {
        match owner.as_class() {
            Some(owner) if !self.is_instance(v, owner) => {
                let name = name.cast::<Str>().map_or(String::new(), |n| n.to_string());
                let (want, got) = (owner.name().to_string(), self.type_name(v));
                Err(self.type_error(format!(
                    "descriptor '{name}' for '{want}' objects doesn't apply to a '{got}' object"
                )))
            }
            _ => Ok(()),
        }
    }

    fn getset_get(&mut self, entry: Value, v: Value) -> R<Value> {
        match entry.cast::<GetSet>() {
            Some(g) if !v.is_null() => {
                self.check_owner(g.owner, g.name, v)?;
                (g.get)(self, v)
            }
            _ => Ok(entry),
        }
    }

    fn member_get(&mut self, entry: Value, v: Value) -> R<Value> {
        let Some(m) = entry.cast::<Member>() else {
            return Ok(entry);
        };
        if v.is_null() {
            return Ok(entry);
        }
        self.check_owner(m.owner, m.name, v)?;
        let Some(object) = v.object() else {
            return Ok(entry);
        };
        let found = self.get(object, Thread::slot_at(object.header(), m.offset))?;
        if found.is_null() {
            return Err(self.no_attribute(v, m.name));
        }
        Ok(found)
    }

    fn property_get(&mut self, entry: Value, v: Value) -> R<Value> {
        let Some(p) = entry.cast::<Property>() else {
            return Ok(entry);
        };
        if v.is_null() {
            return Ok(entry);
        }
        let get = self.get(p, &p.get)?;
        if get.is_null() || get.is_none() {
            return Err(self.property_refuses(p, v, "getter"));
        }
        self.call(get, &[v])
    }

    /// The AttributeError of a property that lacks its `what` ("getter" ...).
    #[cold]
    pub(super) fn property_refuses(&mut self, p: Ref<Property>, v: Value, what: &str) -> Fail {
        let name = match self.property_name(p) {
            Ok(name) => name,
            Err(fail) => return fail,
        };
        let class = self.class_of(v).qualname.peek();
        let class = class.cast::<Str>().map_or(String::new(), |s| s.to_string());
        let message = if name.is_null() {
            format!("property of '{class}' object has no {what}")
        } else {
            match self.repr(name) {
                Ok(name) => format!("property {name} of '{class}' object has no {what}"),
                Err(fail) => return fail,
            }
        };
        self.attribute_error(message)
    }

    /// `object.__getattribute__`; null where that would raise its own AttributeError.
    pub fn generic_get_attr(&mut self, v: Value, name: Value) -> R<Value> {
        let class = self.class_of(v);
        let entry = self.class_lookup(class, name)?;
        let binding = if entry.is_null() {
            Binding::Plain
        } else {
            self.binding(entry)
        };
        let gets = binding != Binding::Data
            || !matches!(entry.kind(), Kind::Instance | Kind::Native)
            || !self.special(entry, Sp::Get).is_null();
        if binding == Binding::Data && gets {
            return self.bind_attr(entry, v, class);
        }
        let own = self.own_attr_get(v, name)?;
        if !own.is_null() || entry.is_null() {
            return Ok(own);
        }
        match binding {
            Binding::NonData => self.bind_attr(entry, v, class),
            _ => Ok(entry),
        }
    }

    /// `type.__getattribute__`; null where that would raise its own AttributeError.
    pub fn type_get_attr(&mut self, class: Ref<Class>, name: Value) -> R<Value> {
        let meta = class.metaclass();
        let entry = self.class_lookup(meta, name)?;
        let binding = if entry.is_null() {
            Binding::Plain
        } else {
            self.binding(entry)
        };
        if binding == Binding::Data {
            return self.bind_attr(entry, class.value(), meta);
        }
        let found = self.class_lookup(class, name)?;
        if !found.is_null() {
            return match self.binding(found) {
                Binding::Plain => Ok(found),
                _ => self.bind_attr(found, Value::NULL, class),
            };
        }
        match binding {
            Binding::NonData => self.bind_attr(entry, class.value(), meta),
            _ => Ok(entry),
        }
    }

    /// `types.ModuleType.__getattribute__`, the module's own `__getattr__` included; null where that would raise its own
    /// AttributeError.
    pub fn module_get_attr(&mut self, module: Ref<Module>, name: Value) -> R<Value> {
        let found = self.generic_get_attr(module.value(), name)?;
        if !found.is_null() {
            return Ok(found);
        }
        let hook = self.intern_value("__getattr__");
        let hook = module.dict().get_interned(self, hook)?;
        if hook.is_null() {
            return Ok(Value::NULL);
        }
        self.call(hook, &[name])
    }

    /// Attribute lookup without `__getattr__`. Null means that nothing is there and nobody raised.
    fn lookup_attr(&mut self, v: Value, name: Value) -> R<Value> {
        let class = self.class_of(v);
        if class.has_flag(class_flags::PLAIN_GET) {
            return self.generic_get_attr(v, name);
        }
        let types = self.rt.types();
        let special = class.special(Sp::GetAttribute);
        if special == types.object.special(Sp::GetAttribute) {
            return self.generic_get_attr(v, name);
        }
        if special == types.type_.special(Sp::GetAttribute)
            && let Some(class) = v.as_class()
        {
            return self.type_get_attr(class, name);
        }
        if special == types.module.special(Sp::GetAttribute)
            && let Some(module) = v.cast::<Module>()
        {
            return self.module_get_attr(module, name);
        }
        self.call_resolved(special, v, &[name])
    }

    /// `getattr(v, name)` up to the standard AttributeError, for which null stands.
    fn find_attr(&mut self, v: Value, name: Value) -> R<Value> {
        let found = self.lookup_attr(v, name);
        let hook = self.special(v, Sp::GetAttr);
        if hook.is_null() {
            return found;
        }
        match found {
            Ok(found) if !found.is_null() => return Ok(found),
            Ok(_) => {}
            Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.attribute_error) => {
                self.take_exc();
            }
            Err(fail) => return Err(fail),
        }
        self.call_resolved(hook, v, &[name])
    }

    /// `getattr(v, name)` with an interned name.
    pub fn get_attr(&mut self, v: Value, name: Value) -> R<Value> {
        let found = self.find_attr(v, name)?;
        if found.is_null() {
            return Err(self.no_attribute(v, name));
        }
        Ok(found)
    }
    /// As [`Thread::get_attr`], null instead of AttributeError.
    pub fn get_attr_opt(&mut self, v: Value, name: Value) -> R<Value> {
        match self.find_attr(v, name) {
            Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.attribute_error) => {
                self.take_exc();
                Ok(Value::NULL)
            }
            found => found,
        }
    }
    /// `getattr(v, "name")`.
    pub fn attr(&mut self, v: Value, name: &str) -> R<Value> {
        let name = self.intern_value(name);
        self.get_attr(v, name)
    }
    /// As [`Thread::attr`], null instead of AttributeError.
    pub fn attr_opt(&mut self, v: Value, name: &str) -> R<Value> {
        let name = self.intern_value(name);
        self.get_attr_opt(v, name)
    }

    /// The AttributeError of a missing attribute.
    #[cold]
    pub fn no_attribute(&mut self, v: Value, name: Value) -> Fail {
        let text = name.cast::<Str>().map_or(String::new(), |n| n.to_string());
        let message = if let Some(module) = v.cast::<Module>() {
            match self.module_lacks(module, &text) {
                Ok(message) => message,
                Err(fail) => return fail,
            }
        } else if let Some(class) = v.as_class() {
            format!("type object '{}' has no attribute '{text}'", class.name())
        } else {
            let class = self.type_name(v);
            format!("'{class}' object has no attribute '{text}'")
        };
        self.attribute_error_for(&message, v, name)
    }

    fn module_lacks(&mut self, module: Ref<Module>, name: &str) -> R<String> {
        let key = self.intern_value("__name__");
        let owner = module.dict().get_interned(self, key)?;
        let Some(owner) = owner.cast::<Str>() else {
            return Ok(format!("module has no attribute '{name}'"));
        };
        let key = self.intern_value("__spec__");
        let spec = module.dict().get_interned(self, key)?;
        let mut initializing = false;
        if !spec.is_null() && !spec.is_none() {
            let v = self.attr_opt(spec, "_initializing")?;
            initializing = !v.is_null() && self.truth(v)?;
        }
        Ok(if initializing {
            format!(
                "partially initialized module '{owner}' has no attribute '{name}' (most likely due to a circular import)"
            )
        } else {
            format!("module '{owner}' has no attribute '{name}'")
        })
    }

    /// An AttributeError with `obj` and `name` set.
    #[cold]
    pub fn attribute_error_for(&mut self, message: &str, v: Value, name: Value) -> Fail {
        let fail = self.attribute_error(message);
        if let Some(e) = self.exc.cast::<super::exception::Exception>() {
            e.extra[0].init(name);
            e.extra[1].init(v);
        }
        fail
    }

    /// `setattr(v, name, x)` with an interned name.
    pub fn set_attr(&mut self, v: Value, name: Value, x: Value) -> R<()> {
        let class = self.class_of(v);
        if class.has_flag(class_flags::PLAIN_SET) {
            return self.generic_set_attr(v, name, x);
        }
        let special = class.special(Sp::SetAttr);
        let types = self.rt.types();
        if special == types.object.special(Sp::SetAttr) {
            return self.generic_set_attr(v, name, x);
        }
        if special == types.type_.special(Sp::SetAttr)
            && let Some(class) = v.as_class()
        {
            return self.type_set_attr(class, name, x);
        }
        self.call_resolved(special, v, &[name, x]).map(drop)
    }

    /// `delattr(v, name)` with an interned name.
    pub fn del_attr(&mut self, v: Value, name: Value) -> R<()> {
        let class = self.class_of(v);
        if class.has_flag(class_flags::PLAIN_SET) {
            return self.generic_set_attr(v, name, Value::NULL);
        }
        let special = class.special(Sp::DelAttr);
        let types = self.rt.types();
        if special == types.type_.special(Sp::DelAttr)
            && let Some(class) = v.as_class()
        {
            return self.type_set_attr(class, name, Value::NULL);
        }
        self.call_resolved(special, v, &[name]).map(drop)
    }

    /// Lets the data descriptor `entry` set or (null) delete; false if it is none.
    pub(super) fn set_by_descriptor(
        &mut self,
        entry: Value,
        v: Value,
        name: Value,
        x: Value,
    ) -> R<bool> {
        match entry.kind() {
            Kind::GetSet => {
                let Some(g) = entry.cast::<GetSet>() else {
                    return Ok(false);
                };
                self.check_owner(g.owner, g.name, v)?;
                let Some(set) = g.set else {
                    let owner = g
                        .owner
                        .as_class()
                        .map_or(String::new(), |c| c.name().to_string());
                    let name = name.cast::<Str>().map_or(String::new(), |n| n.to_string());
                    return Err(self.attribute_error(format!(
                        "attribute '{name}' of '{owner}' objects is not writable"
                    )));
                };
                set(self, v, x)?;
                Ok(true)
            }
            Kind::MemberDescriptor => {
                let (Some(m), Some(object)) = (entry.cast::<Member>(), v.object()) else {
                    return Ok(false);
                };
                self.check_owner(m.owner, m.name, v)?;
                let slot = Thread::slot_at(object.header(), m.offset);
                if x.is_null() && self.get(object, slot)?.is_null() {
                    let name = m
                        .name
                        .cast::<Str>()
                        .map_or(String::new(), |n| n.to_string());
                    return Err(self.attribute_error(name));
                }
                self.set(object, slot, x)?;
                Ok(true)
            }
            Kind::Property if self.class_of(entry) == self.rt.types().property => {
                let Some(p) = entry.cast::<Property>() else {
                    return Ok(false);
                };
                self.property_set(p, v, x)?;
                Ok(true)
            }
            Kind::Function | Kind::NativeFunction => Ok(false),
            _ => {
                let class = self.class_of(entry);
                let (sp, other) = if x.is_null() {
                    (Sp::Delete, Sp::Set)
                } else {
                    (Sp::Set, Sp::Delete)
                };
                let special = class.special(sp);
                if special.is_null() {
                    if class.special(other).is_null() {
                        return Ok(false);
                    }
                    let what = sp.name();
                    return Err(self.attribute_error(what));
                }
                if x.is_null() {
                    self.call_resolved(special, entry, &[v])?;
                } else {
                    self.call_resolved(special, entry, &[v, x])?;
                }
                Ok(true)
            }
        }
    }

    /// A property's setter or (null) deleter.
    pub(super) fn property_set(&mut self, p: Ref<Property>, v: Value, x: Value) -> R<()> {
        let (slot, what) = if x.is_null() {
            (&p.del, "deleter")
        } else {
            (&p.set, "setter")
        };
        let f = self.get(p, slot)?;
        if f.is_null() || f.is_none() {
            return Err(self.property_refuses(p, v, what));
        }
        if x.is_null() {
            self.call(f, &[v])?;
        } else {
            self.call(f, &[v, x])?;
        }
        Ok(())
    }

    /// `object.__setattr__`, and with null `object.__delattr__`.
    pub fn generic_set_attr(&mut self, v: Value, name: Value, x: Value) -> R<()> {
        let class = self.class_of(v);
        let entry = self.class_lookup(class, name)?;
        if !entry.is_null() && self.set_by_descriptor(entry, v, name, x)? {
            return Ok(());
        }
        let done = if x.is_null() {
            self.own_attr_del(v, name)?
        } else {
            self.own_attr_set(v, name, x)?
        };
        if done {
            return Ok(());
        }
        let room = v.header().is_some_and(|h| h.shape().has_attributes());
        if room {
            return Err(self.no_attribute(v, name));
        }
        let (class, name_text) = (
            class.name().to_string(),
            name.cast::<Str>().map_or(String::new(), |n| n.to_string()),
        );
        let message = if !entry.is_null() {
            format!("'{class}' object attribute '{name_text}' is read-only")
        } else {
            format!(
                "'{class}' object has no attribute '{name_text}' and no __dict__ for setting new attributes"
            )
        };
        Err(self.attribute_error_for(&message, v, name))
    }

    /// `type.__setattr__`, and with null `type.__delattr__`.
    pub fn type_set_attr(&mut self, class: Ref<Class>, name: Value, x: Value) -> R<()> {
        if !class.has_flag(class_flags::HEAP) {
            let text = name.cast::<Str>().map_or(String::new(), |n| n.to_string());
            let message = format!(
                "cannot set '{text}' attribute of immutable type '{}'",
                class.name()
            );
            return Err(self.type_error(message));
        }
        let entry = self.class_lookup(class.metaclass(), name)?;
        if !entry.is_null() && self.set_by_descriptor(entry, class.value(), name, x)? {
            return Ok(());
        }
        self.class_set(class, name, x)
    }

    /// The function to call for `v.name(...)`, and the receiver to put before the arguments, or null if the function is
    /// bound already (or takes none).
    pub fn find_method(&mut self, v: Value, name: Value) -> R<(Value, Value)> {
        let class = self.class_of(v);
        if class.has_flag(class_flags::PLAIN_GET) {
            let entry = self.class_lookup(class, name)?;
            let unbound = match entry.kind() {
                Kind::Function => true,
                Kind::NativeFunction => entry
                    .cast::<NativeFunction>()
                    .is_some_and(|f| f.is_method_descriptor()),
                _ => false,
            };
            if unbound {
                let own = self.own_attr_get(v, name)?;
                return Ok(if own.is_null() {
                    (entry, v)
                } else {
                    (own, Value::NULL)
                });
            }
        }
        Ok((self.get_attr(v, name)?, Value::NULL))
    }

    /// `v.name(*args)`.
    pub fn call_method(&mut self, v: Value, name: &str, args: &[Value]) -> R<Value> {
        let name = self.intern_value(name);
        let (f, receiver) = self.find_method(v, name)?;
        if receiver.is_null() {
            return self.call(f, args);
        }
        self.call_resolved(f, receiver, args)
    }
}
