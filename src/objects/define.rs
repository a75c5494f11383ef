//! How built-in types and modules are defined, and the descriptor objects that defining makes.

use super::class::{Class, LayoutInfo, class_flags, with_flag};
use super::dict::Dict;
use super::native::{Native, NativeDef, NativeFn, Payload};
use super::special::Sp;
use crate::heap::{Header, Kind, Layout, R, Ref, Slot, Thread, Tracer, Value};

/// Reads a computed attribute.
pub type Getter = fn(&mut Thread, Value) -> R<Value>;
/// Writes a computed attribute; a null value deletes it.
pub type Setter = fn(&mut Thread, Value, Value) -> R<()>;

/// A computed attribute of a built-in type (`getset_descriptor`).
#[repr(C)]
pub struct GetSet {
    header: Header,
    pub name: Value,
    pub owner: Value,
    pub get: Getter,
    pub set: Option<Setter>,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for GetSet {
    const KIND: Kind = Kind::GetSet;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.owner])
    }
}

impl GetSet {
    pub fn new(name: Value, owner: Value, get: Getter, set: Option<Setter>) -> GetSet {
        GetSet {
            header: Header::empty(),
            name,
            owner,
            get,
            set,
        }
    }
}

/// A `__slots__` member: a word at a fixed offset (`member_descriptor`).
#[repr(C)]
pub struct Member {
    header: Header,
    pub name: Value,
    pub owner: Value,
    pub offset: usize,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Member {
    const KIND: Kind = Kind::MemberDescriptor;
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.owner])
    }
}

impl Member {
    pub fn new(name: Value, owner: Value, offset: usize) -> Member {
        Member {
            header: Header::empty(),
            name,
            owner,
            offset,
        }
    }
}

/// A `property`.
#[repr(C)]
pub struct Property {
    header: Header,
    pub get: Slot,
    pub set: Slot,
    pub del: Slot,
    pub doc: Slot,
    pub name: Slot,
    /// Whether `doc` was taken from the getter.
    pub getter_doc: Slot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Property {
    const KIND: Kind = Kind::Property;
    fn trace(&self, t: &mut Tracer) {
        for s in [&self.get, &self.set, &self.del, &self.doc, &self.name] {
            t.slot(s)
        }
    }
}
impl Property {
    pub fn new() -> Property {
        let null = || Slot::new(Value::NULL);
        Property {
            header: Header::empty(),
            get: null(),
            set: null(),
            del: null(),
            doc: null(),
            name: null(),
            getter_doc: null(),
        }
    }
}
impl Default for Property {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            header: Header,
            pub function: Slot,
        }
        // SAFETY: repr(C), header first.
        unsafe impl Layout for $name {
            const KIND: Kind = Kind::$name;
            fn trace(&self, t: &mut Tracer) {
                t.slot(&self.function)
            }
        }
        impl $name {
            pub fn new(function: Value) -> $name {
                $name { header: Header::empty(), function: Slot::new(function) }
            }
        }
    };
}
wrapper!(
    /// A `staticmethod`.
    StaticMethod
);
wrapper!(
    /// A `classmethod`.
    ClassMethod
);

/// A module.
#[repr(C)]
pub struct Module {
    header: Header,
    pub dict: Slot,
}
// SAFETY: repr(C), header first.
unsafe impl Layout for Module {
    const KIND: Kind = Kind::Module;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.dict)
    }
}
impl Module {
    pub fn dict(&self) -> Ref<Dict> {
        // SAFETY: a dict since construction.
        unsafe { self.dict.peek().cast_unchecked() }
    }
}

impl Thread {
    /// A new module with `__name__` and the other usual names set.
    pub fn new_module(&mut self, name: &str) -> Ref<Module> {
        let class = self.rt.types().module;
        self.new_module_of(class, name)
    }
    /// A new module of a subclass.
    pub fn new_module_of(&mut self, class: Ref<Class>, name: &str) -> Ref<Module> {
        let dict = Dict::new(self);
        let module = Module {
            header: Header::empty(),
            dict: Slot::new(dict.value()),
        };
        let module = self.alloc(class.root_shape(), module, 0);
        let name = self.str_value(name);
        for (key, v) in [
            ("__name__", name),
            ("__doc__", Value::NONE),
            ("__package__", Value::NONE),
            ("__loader__", Value::NONE),
            ("__spec__", Value::NONE),
        ] {
            self.define(dict, key, v);
        }
        module
    }
    /// Sets a name in a dict that nobody else sees yet.
    ///
    /// # Panics
    /// If setting an interned string key in a private dict fails, which it cannot.
    pub fn define(&mut self, dict: Ref<Dict>, name: &str, v: Value) {
        let name = self.intern_value(name);
        if dict.insert_interned(self, name, v).is_err() {
            unreachable!("a private dict takes any name")
        }
    }
}

/// Fills a class with native methods and attributes.
pub struct TypeBuilder<'a> {
    pub th: &'a mut Thread,
    pub class: Ref<Class>,
}

impl TypeBuilder<'_> {
    fn add(&mut self, name: &str, v: Value) -> &mut Self {
        let dict = self.class.dict();
        self.th.define(dict, name, v);
        self
    }
    /// A method: the first parameter is the receiver, whose class is checked. Also `__dunder__` ones.
    pub fn method(&mut self, signature: &'static str, func: NativeFn) -> &mut Self {
        let def = NativeDef::leak(signature, func, true);
        let v = self
            .th
            .native(def, Value::NULL, self.class.value(), Value::NULL)
            .value();
        self.add(def.signature.name, v)
    }
    /// Several methods.
    pub fn methods(&mut self, list: &[(&'static str, NativeFn)]) -> &mut Self {
        for &(signature, func) in list {
            self.method(signature, func);
        }
        self
    }
    /// A class method: the first parameter is the class.
    pub fn class_method(&mut self, signature: &'static str, func: NativeFn) -> &mut Self {
        let def = NativeDef::leak(signature, func, true);
        let f = self
            .th
            .native(
                def,
                Value::NULL,
                self.th.rt.types().type_.value(),
                Value::NULL,
            )
            .value();
        let class = self.th.rt.types().classmethod;
        let v = self
            .th
            .alloc(class.root_shape(), ClassMethod::new(f), 0)
            .value();
        self.add(def.signature.name, v)
    }
    /// A static method.
    pub fn static_method(&mut self, signature: &'static str, func: NativeFn) -> &mut Self {
        let def = NativeDef::leak(signature, func, false);
        let f = self
            .th
            .native(def, Value::NULL, Value::NULL, Value::NULL)
            .value();
        let class = self.th.rt.types().staticmethod;
        let v = self
            .th
            .alloc(class.root_shape(), StaticMethod::new(f), 0)
            .value();
        self.add(def.signature.name, v)
    }
    /// Makes the class one of iterators: `next` gives the next item, or null at the end. Loops call it directly.
    pub fn iterator(&mut self, next: super::class::NextFn) -> &mut Self {
        self.class.set_native_next(next);
        self.method("__iter__(self, /)", |_, a| Ok(a[0]))
            .method("__next__(self, /)", |th, a| {
                // A subclass has its own way only if it says so.
                let mut class = Some(th.class_of(a[0]));
                while let Some(c) = class {
                    if let Some(next) = c.native_next() {
                        let v = next(th, a[0])?;
                        return th.or_stop(v);
                    }
                    class = c.base();
                }
                unreachable!("the method belongs to a class with a native way")
            })
    }
    /// `__new__`, given as `"name(cls, ...)"`: the first argument is the class to make an instance of. Error messages use `name`.
    pub fn new(&mut self, signature: &'static str, func: NativeFn) -> &mut Self {
        let def = NativeDef::leak(signature, func, false);
        let f = self
            .th
            .native(def, Value::NULL, self.class.value(), Value::NULL)
            .value();
        let class = self.th.rt.types().staticmethod;
        let v = self
            .th
            .alloc(class.root_shape(), StaticMethod::new(f), 0)
            .value();
        self.class.init_flag(class_flags::PLAIN_NEW, false);
        self.add("__new__", v)
    }
    /// A computed attribute.
    pub fn getset(&mut self, name: &'static str, get: Getter, set: Option<Setter>) -> &mut Self {
        let types = self.th.rt.types();
        let interned = self.th.intern_value(name);
        let object = GetSet::new(interned, self.class.value(), get, set);
        let v = self
            .th
            .alloc(types.getset_descriptor.root_shape(), object, 0)
            .value();
        self.add(name, v)
    }
    /// A plain class attribute.
    pub fn attr(&mut self, name: &str, v: Value) -> &mut Self {
        self.add(name, v)
    }
    /// The docstring.
    pub fn doc(&mut self, text: &str) -> &mut Self {
        let v = self.th.str_value(text);
        self.add("__doc__", v)
    }
}

impl Thread {
    /// Fills an existing built-in class.
    pub fn fill(&mut self, class: Ref<Class>, f: impl FnOnce(&mut TypeBuilder)) {
        f(&mut TypeBuilder { th: self, class });
    }

    /// Makes a new built-in class with payload layout `P` and registers it for [`Thread::class_for`]. `name` may be
    /// dotted: what stands before the last dot becomes `__module__`.
    pub fn new_type<P: Payload>(
        &mut self,
        name: &str,
        flags: u64,
        f: impl FnOnce(&mut TypeBuilder),
    ) -> Ref<Class> {
        let class = self.new_class(
            name,
            self.rt.types().object,
            LayoutInfo::of::<Native<P>>(),
            flags,
            f,
        );
        self.register_class::<P>(class);
        class
    }

    /// Makes a new built-in class.
    pub fn new_class(
        &mut self,
        name: &str,
        base: Ref<Class>,
        layout: LayoutInfo,
        flags: u64,
        f: impl FnOnce(&mut TypeBuilder),
    ) -> Ref<Class> {
        self.new_class_with_slots(name, base, layout, 0, flags, f)
    }

    /// Makes a new built-in class whose objects have `slots` words of values behind the layout, see [`slots_offset`].
    pub fn new_class_with_slots(
        &mut self,
        name: &str,
        base: Ref<Class>,
        layout: LayoutInfo,
        slots: usize,
        flags: u64,
        f: impl FnOnce(&mut TypeBuilder),
    ) -> Ref<Class> {
        let types = self.rt.types();
        let (module, short) = name.rsplit_once('.').unwrap_or(("builtins", name));
        let short = self.intern_value(short);
        let class = Class::raw(
            self,
            Some(types.type_),
            short,
            layout,
            base.fixed_bytes,
            slots,
            flags,
        );
        class.base.init(base.value());
        let bases = self.tuple_value(&[base.value()]);
        class.bases.init(bases);
        let mut mro = vec![class.value()];
        mro.extend(base.mro().items());
        let mro = self.tuple_value(&mro);
        class.mro.init(mro);
        base.subclasses.lock().push(class);
        let dict = Dict::new(self);
        class.dict.init(dict.value());
        if module != "builtins" {
            class.full_name.get_or_init(|| Box::leak(name.into()));
            let module = self.str_value(module);
            self.define(dict, "__module__", module);
        }
        if flags & class_flags::DICT != 0 && !base.has_flag(class_flags::DICT) {
            let (get, set) = super::object::DICT_GETSET;
            self.fill(class, |t| {
                t.getset("__dict__", get, set);
            });
        }
        self.fill(class, f);
        if finish_class(self, class).is_err() {
            unreachable!("nobody else sees a built-in class that is being made")
        }
        // The class is seen by way of its shape, which all threads see.
        for v in [bases, mro, dict.value()] {
            self.publish_hidden(v);
        }
        self.rt.immortal(class.value());
        class
    }

    /// Adds native functions to a module.
    pub fn functions(&mut self, module: Ref<Module>, list: &[(&'static str, NativeFn)]) {
        let dict = module.dict();
        let name = self.intern_value("__name__");
        let name = dict.get_interned(self, name).unwrap_or(Value::NULL);
        for &(signature, func) in list {
            let def = NativeDef::leak(signature, func, false);
            let f = self.native(def, Value::NULL, Value::NULL, name).value();
            self.define(dict, def.signature.name, f);
        }
    }
}

/// Byte offset of the first word of values that a class made by [`Thread::new_class_with_slots`] adds to layout `T`.
pub const fn slots_offset<T: Layout>() -> usize {
    size_of::<T>().next_multiple_of(8)
}

/// Brings the tables derived from the dicts up to date: special methods and flags. For a class whose method order is set.
pub fn finish_class(th: &mut Thread, class: Ref<Class>) -> R<()> {
    for &sp in Sp::ALL {
        let name = th.intern_value(sp.name());
        let found = th.class_lookup(class, name)?;
        th.set(class, &class.specials[sp as usize], found)?;
    }
    let types = th.rt.types();
    let inherited = |sp: Sp| class.special(sp) == types.object.special(sp);
    let mut flags = class.flags.peek();
    for (flag, on) in [
        (
            class_flags::PLAIN_GET,
            inherited(Sp::GetAttribute) && class.special(Sp::GetAttr).is_null(),
        ),
        (
            class_flags::PLAIN_SET,
            inherited(Sp::SetAttr) && inherited(Sp::DelAttr),
        ),
        (class_flags::PLAIN_NEW, inherited(Sp::New)),
        (class_flags::HAS_DEL, !class.special(Sp::Del).is_null()),
    ] {
        flags = with_flag(flags, flag, on);
    }
    if let Some(base) = class.base() {
        let keep = class_flags::MATCH_SELF
            | class_flags::EXCEPTION
            | class_flags::TYPE
            | class_flags::WEAKREF;
        flags |= base.flags.peek() & keep;
    }
    // Sequence or mapping: the nearest class in the method order that is either says which.
    let both = class_flags::SEQUENCE | class_flags::MAPPING;
    if flags & both == 0 {
        let mro = class.mro();
        let mut classes = mro.items().iter().filter_map(|c| c.as_class());
        if let Some(first) = classes.find(|c| c.has_flag(both)) {
            flags |= first.flags.peek() & both;
        }
    }
    if flags != class.flags.peek() {
        th.set_raw(class, &class.flags, flags)?;
    }
    Ok(())
}

/// Lets every built-in type define itself.
pub(super) fn init_types(th: &mut Thread) {
    super::object::init(th);
    super::type_::init(th);
    super::iterator::init(th);
    super::super_::init(th);
    super::descriptor::init(th);
    super::function_attrs::init(th);
    super::code_attrs::init(th);
    super::module::init(th);
    super::namespace::init(th);
    super::none::init(th);
    super::traceback::init(th);
    super::mapping_proxy::init(th);
    super::generic_alias::init(th);
    super::union::init(th);
    super::exception_methods::init(th);
    super::exception_group::init(th);
    super::int::methods::init(th);
    super::bool::init(th);
    super::float::methods::init(th);
    super::complex::init(th);
    super::string::init(th);
    super::bytes::init(th);
    super::bytearray::init(th);
    super::memoryview::init(th);
    for (name, class) in [
        ("bytearray", th.class_for::<super::bytearray::ByteArray>()),
        (
            "memoryview",
            th.class_for::<super::memoryview::MemoryView>(),
        ),
    ] {
        th.set_state(name, class.value());
    }
    super::list::init(th);
    super::dict::init(th);
    super::set::init(th);
    super::tuple::init(th);
    super::range::init(th);
    super::template::init(th);
    crate::modules::typing::init_types(th);
    crate::vm::generator::init(th);
    super::generator_attrs::init(th);
}
