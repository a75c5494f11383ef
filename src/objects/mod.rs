//! The built-in types: one file or folder each, with its layout, its methods and an `init` that defines them.
//!
//! `Types` holds the classes that the interpreter itself needs. Classes of native payloads (iterators, module
//! types) are found by their payload, see [`Thread::class_for`].

pub mod args;
pub mod attribute;
pub mod bool;
pub mod buffer;
pub mod build_class;
pub mod bytearray;
pub mod bytes;
pub mod class;
pub mod class_new;
pub mod code_attrs;
pub mod complex;
pub mod define;
pub mod descriptor;
pub mod dict;
pub mod exception;
pub mod exception_group;
pub mod exception_methods;
pub mod float;
pub mod function;
pub mod function_attrs;
pub mod generator;
pub mod generator_attrs;
pub mod generic_alias;
pub mod int;
pub mod intern;
pub mod iterator;
pub mod list;
pub mod mapping_proxy;
pub mod memoryview;
pub mod module;
pub mod namespace;
pub mod native;
pub mod none;
pub mod object;
pub mod operators;
pub mod protocol;
pub mod range;
mod sequence;
pub mod set;
pub mod shape;
pub mod special;
pub mod string;
pub mod super_;
pub mod table;
pub mod template;
#[cfg(test)]
pub(crate) mod testing;
pub mod traceback;
pub mod tuple;
pub mod type_;
pub mod union;
pub mod weak;

use std::any::TypeId;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use crate::heap::{Header, Kind, Layout, R, Ref, Runtime, Slot, Thread, Tracer, Value};
use class::{Class, LayoutInfo, class_flags as f};
use native::{Native, Payload};

/// An instance of a class without a layout of its own.
#[repr(C)]
pub struct Instance {
    header: Header,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Instance {
    const KIND: Kind = Kind::Instance;
    fn trace(&self, _: &mut Tracer) {}
}

impl Instance {
    pub const fn new() -> Instance {
        Instance {
            header: Header::empty(),
        }
    }
}

impl Default for Instance {
    fn default() -> Self {
        Self::new()
    }
}

/// `int` outside 51 bits, and instances of subclasses of `int`.
#[repr(C)]
pub struct BigInt {
    header: Header,
    /// Attributes of an instance of a subclass.
    pub(crate) attrs: Slot,
    pub value: num_bigint::BigInt,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for BigInt {
    const KIND: Kind = Kind::BigInt;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.attrs)
    }
}

impl BigInt {
    pub const ATTRS: usize = std::mem::offset_of!(BigInt, attrs);
    pub fn new(value: num_bigint::BigInt) -> BigInt {
        BigInt {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            value,
        }
    }
}

/// `complex`, and boxed floats: instances of subclasses of `float` (then `imag` is 0 and the class says so).
#[repr(C)]
pub struct Complex {
    header: Header,
    pub real: f64,
    pub imag: f64,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Complex {
    const KIND: Kind = Kind::Complex;
    fn trace(&self, _: &mut Tracer) {}
}

impl Complex {
    pub fn new(real: f64, imag: f64) -> Complex {
        Complex {
            header: Header::empty(),
            real,
            imag,
        }
    }
}

/// `bytes`: immutable, in line.
#[repr(C)]
pub struct Bytes {
    header: Header,
    /// Attributes of an instance of a subclass.
    pub(crate) attrs: Slot,
    len: usize,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Bytes {
    const KIND: Kind = Kind::Bytes;
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.attrs)
    }
}

impl Bytes {
    pub const ATTRS: usize = std::mem::offset_of!(Bytes, attrs);
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes follow the fixed part.
        unsafe { std::slice::from_raw_parts((self as *const Bytes).add(1) as *const u8, self.len) }
    }
}

impl Thread {
    /// A new `bytes`, or MemoryError.
    pub fn new_bytes(&mut self, data: &[u8]) -> R<Value> {
        self.check_room(data.len())?;
        Ok(self.bytes(data).value())
    }
    /// A new `bytes`.
    pub fn bytes(&mut self, data: &[u8]) -> Ref<Bytes> {
        let class = self.rt.types().bytes;
        self.bytes_of_class(class, data)
    }
    /// A new instance of `bytes` or a subclass.
    pub fn bytes_of_class(&mut self, class: Ref<Class>, data: &[u8]) -> Ref<Bytes> {
        let fixed = Bytes {
            header: Header::empty(),
            attrs: Slot::new(Value::NULL),
            len: data.len(),
        };
        let bytes = self.alloc(class.root_shape(), fixed, data.len());
        // SAFETY: room for the data was just allocated behind the fixed part.
        unsafe {
            std::ptr::copy_nonoverlapping(
                data.as_ptr(),
                bytes.as_ptr().add(1) as *mut u8,
                data.len(),
            )
        };
        bytes
    }
    /// An int of any size.
    pub fn int(&mut self, i: i64) -> Value {
        match Value::try_small(i) {
            Some(v) => v,
            None => self.big(i.into()),
        }
    }
    /// An int from a big one, immediate if it fits.
    pub fn big(&mut self, i: num_bigint::BigInt) -> Value {
        if let Some(v) = i64::try_from(&i).ok().and_then(Value::try_small) {
            return v;
        }
        let class = self.rt.types().int;
        self.alloc(class.root_shape(), BigInt::new(i), 0).value()
    }
}

macro_rules! types {
    ($($field:ident: $name:literal, $base:ident, $layout:expr, $flags:expr;)*) => {
        /// The classes that the interpreter needs by name.
        pub struct Types {
            $(pub $field: Ref<Class>,)*
            pub exceptions: exception::Exceptions,
        }
        impl Types {
            pub(crate) fn trace(&self, t: &mut Tracer) {
                $(t.reference(self.$field);)*
                self.exceptions.trace(t);
            }
            /// Makes all classes, without names, dicts or methods yet: those need the classes.
            fn raw(th: &mut Thread) -> Types {
                $(let $field = Class::raw(th, None, Value::NULL, $layout, 0, 0, $flags);)*
                let exceptions = exception::Exceptions::raw(th);
                Types { $($field,)* exceptions }
            }
            /// Each class with its name and base.
            fn list(&self) -> Vec<(Ref<Class>, &'static str, Ref<Class>)> {
                vec![$((self.$field, $name, self.$base),)*]
            }
        }
    };
}

const fn plain<T: Layout>() -> LayoutInfo {
    LayoutInfo::of::<T>()
}

types! {
    object: "object", object, plain::<Instance>(), f::BASE | f::PLAIN_GET | f::PLAIN_SET | f::PLAIN_NEW;
    type_: "type", object, plain::<Class>(), f::BASE | f::TYPE | f::DICT | f::WEAKREF;
    int: "int", object, LayoutInfo::variable::<BigInt>(BigInt::ATTRS), f::BASE | f::MATCH_SELF;
    bool: "bool", int, LayoutInfo::variable::<BigInt>(BigInt::ATTRS), f::MATCH_SELF;
    float: "float", object, plain::<Complex>(), f::BASE | f::MATCH_SELF;
    complex: "complex", object, plain::<Complex>(), f::BASE;
    str: "str", object, LayoutInfo::variable::<string::Str>(string::Str::ATTRS), f::BASE | f::MATCH_SELF;
    bytes: "bytes", object, LayoutInfo::variable::<Bytes>(Bytes::ATTRS), f::BASE | f::MATCH_SELF;
    list: "list", object, plain::<list::List>(), f::BASE | f::MATCH_SELF | f::SEQUENCE;
    tuple: "tuple", object, LayoutInfo::variable::<tuple::Tuple>(tuple::Tuple::ATTRS), f::BASE | f::MATCH_SELF | f::SEQUENCE;
    dict: "dict", object, plain::<dict::Dict>(), f::BASE | f::MATCH_SELF | f::MAPPING;
    set: "set", object, plain::<set::Set>(), f::BASE | f::MATCH_SELF | f::WEAKREF;
    frozenset: "frozenset", object, plain::<set::Set>(), f::BASE | f::MATCH_SELF | f::WEAKREF;
    range: "range", object, plain::<range::Range>(), f::SEQUENCE;
    slice: "slice", object, plain::<range::Slice>(), 0;
    none_type: "NoneType", object, plain::<Instance>(), 0;
    ellipsis: "ellipsis", object, plain::<Instance>(), 0;
    not_implemented: "NotImplementedType", object, plain::<Instance>(), 0;
    function: "function", object, plain::<function::Function>(), f::DICT | f::WEAKREF;
    method: "method", object, plain::<function::BoundMethod>(), f::WEAKREF;
    builtin_function: "builtin_function_or_method", object, plain::<native::NativeFunction>(), f::NO_NEW | f::WEAKREF;
    method_descriptor: "method_descriptor", object, plain::<native::NativeFunction>(), f::NO_NEW;
    wrapper_descriptor: "wrapper_descriptor", object, plain::<native::NativeFunction>(), f::NO_NEW;
    method_wrapper: "method-wrapper", object, plain::<native::NativeFunction>(), f::NO_NEW;
    getset_descriptor: "getset_descriptor", object, plain::<define::GetSet>(), f::NO_NEW;
    member_descriptor: "member_descriptor", object, plain::<define::Member>(), f::NO_NEW;
    property: "property", object, plain::<define::Property>(), f::BASE;
    staticmethod: "staticmethod", object, plain::<define::StaticMethod>(), f::BASE | f::DICT;
    classmethod: "classmethod", object, plain::<define::ClassMethod>(), f::BASE | f::DICT;
    module: "module", object, plain::<define::Module>(), f::BASE | f::DICT | f::WEAKREF;
    code: "code", object, plain::<function::Code>(), f::NO_NEW | f::WEAKREF;
    cell: "cell", object, plain::<function::Cell>(), 0;
    generator: "generator", object, plain::<generator::Generator>(), f::NO_NEW | f::WEAKREF;
    coroutine: "coroutine", object, plain::<generator::Generator>(), f::NO_NEW | f::WEAKREF;
    async_generator: "async_generator", object, plain::<generator::Generator>(), f::NO_NEW | f::WEAKREF;
    value_buffer: "<buffer>", object, plain::<list::ValueBuf>(), f::NO_NEW;
    dict_buffer: "<dict buffer>", object, plain::<dict::DictBuf>(), f::NO_NEW;
    weak_reference: "ReferenceType", object, plain::<Native<weak::WeakRef>>(), f::BASE;
    traceback: "traceback", object, plain::<Native<exception::Traceback>>(), 0;
}

/// Things that modules keep per interpreter: classes by payload type, and values by name.
#[derive(Default)]
pub struct SharedState {
    classes: RwLock<FxHashMap<TypeId, Ref<Class>>>,
    values: RwLock<FxHashMap<&'static str, Value>>,
    /// Source text that is in no file, by the file name that its code has.
    sources: RwLock<HashMap<String, std::sync::Arc<str>>>,
    /// Weak references whose referent died and whose callbacks are to be called.
    pub weak_callbacks: parking_lot::Mutex<Vec<Value>>,
    pub max_str_digits: int::convert::MaxStrDigits,
    /// How the interpreter was started.
    pub config: std::sync::OnceLock<crate::modules::sys::Config>,
    /// Modules being imported.
    pub imports: crate::modules::import::ImportLocks,
    /// What is remembered of conflicts.
    pub traces: crate::vm::trace::Traces,
    /// Name and counters of each thread that has ended, for `--stats`.
    pub ended_threads: parking_lot::Mutex<Vec<(String, keelback_stm::Counters)>>,
}

/// A thread's memory of which class native payloads have: direct-mapped by the payload's type.
pub struct ClassCache([Cell<Option<(TypeId, Ref<Class>)>>; 64]);

impl Default for ClassCache {
    fn default() -> Self {
        ClassCache(std::array::from_fn(|_| Cell::new(None)))
    }
}

impl ClassCache {
    #[inline(always)]
    fn line(&self, id: TypeId) -> &Cell<Option<(TypeId, Ref<Class>)>> {
        /// A type's identifier is a hash already.
        struct Low(u64);
        impl Hasher for Low {
            fn write(&mut self, bytes: &[u8]) {
                for &b in bytes {
                    self.0 = self.0 << 8 | b as u64;
                }
            }
            fn write_u64(&mut self, n: u64) {
                self.0 = n;
            }
            fn finish(&self) -> u64 {
                self.0
            }
        }
        let mut low = Low(0);
        id.hash(&mut low);
        &self.0[low.0 as usize % 64]
    }
    pub(crate) fn trace(&self, t: &mut Tracer) {
        for (_, class) in self.0.iter().filter_map(Cell::get) {
            t.reference(class)
        }
    }
}

impl SharedState {
    pub(crate) fn trace(&self, t: &mut Tracer) {
        for c in self.classes.read().values() {
            t.reference(*c)
        }
        t.values(self.values.read().values());
        t.values(&*self.weak_callbacks.lock());
    }
    /// Are there callbacks of weak references to be called?
    pub fn any_weak_callbacks(&self) -> bool {
        !self.weak_callbacks.lock().is_empty()
    }
    /// Keeps the text of code that comes from no file (`-c`, the prompt), for tracebacks.
    pub fn keep_source(&self, filename: &str, text: &str) {
        self.sources
            .write()
            .insert(filename.to_string(), text.into());
    }
    /// The text kept for `filename`.
    pub fn source(&self, filename: &str) -> Option<std::sync::Arc<str>> {
        self.sources.read().get(filename).cloned()
    }
    /// The value registered under `key`, or null.
    pub fn get(&self, key: &'static str) -> Value {
        self.values.read().get(key).copied().unwrap_or(Value::NULL)
    }
}

impl Thread {
    /// Registers a value (not transactional: for modules, classes and the like). All threads find it at once: it is shared from here on.
    pub fn set_state(&mut self, key: &'static str, v: Value) {
        self.publish_hidden(v);
        self.rt.state.values.write().insert(key, v);
    }
    /// As [`Thread::class_for`], if there is one yet.
    pub fn known_class<P: Payload>(&self) -> Option<Ref<Class>> {
        let classes = self.rt.state.classes.read();
        classes.get(&TypeId::of::<P>()).copied()
    }

    /// The class of native objects with payload `P`, as registered by `define::TypeBuilder`.
    ///
    /// # Panics
    /// If there is none yet.
    pub fn class_for<P: Payload>(&self) -> Ref<Class> {
        let id = TypeId::of::<P>();
        let line = self.vm.classes.line(id);
        if let Some((known, class)) = line.get()
            && known == id
        {
            return class;
        }
        let class = *self
            .rt
            .state
            .classes
            .read()
            .get(&id)
            .expect("the class of a payload is defined before its objects");
        line.set(Some((id, class)));
        class
    }
    pub(crate) fn register_class<P: Payload>(&mut self, class: Ref<Class>) {
        if self.barriers {
            self.publish(class.value());
        }
        self.rt
            .state
            .classes
            .write()
            .insert(TypeId::of::<P>(), class);
        self.vm.classes.line(TypeId::of::<P>()).set(None);
    }
}

/// Reports what an object holds to the tracer, attribute words included.
pub(crate) fn trace_object(header: &Header, t: &mut Tracer) {
    macro_rules! by_kind {
        ($($kind:ident => $layout:ty),* $(,)?) => {
            match header.kind() {
                // SAFETY: the kind says the layout.
                $(Kind::$kind => unsafe { (*(header as *const Header as *const $layout)).trace(t) },)*
                Kind::Native => native::trace_native(header, t),
                Kind::Free | Kind::Count => unreachable!("an object without a kind"),
            }
        };
    }
    by_kind! {
        Instance => Instance, Class => Class, Shape => shape::Shape, Str => string::Str, Bytes => Bytes, BigInt => BigInt,
        Complex => Complex, Tuple => tuple::Tuple, List => list::List, Dict => dict::Dict, Set => set::Set,
        DictBuf => dict::DictBuf, ValueBuf => list::ValueBuf, Cell => function::Cell, Function => function::Function,
        NativeFunction => native::NativeFunction, BoundMethod => function::BoundMethod, Generator => generator::Generator,
        Code => function::Code, Exception => exception::Exception, Module => define::Module, Property => define::Property,
        StaticMethod => define::StaticMethod, ClassMethod => define::ClassMethod, MemberDescriptor => define::Member,
        GetSet => define::GetSet, Range => range::Range, Slice => range::Slice,
    }
    if header.shape_address() == 0 {
        return;
    }
    let shape = header.shape();
    // Between the layout and the end of the fixed room lie `__slots__` and attributes.
    let class = shape.class();
    if class.layout.attrs_offset.is_none() {
        let mut at = class.layout.bytes.next_multiple_of(8);
        while at < shape.instance_bytes() {
            t.slot(slot_of(header, at));
            at += 8;
        }
    }
}

fn slot_of(header: &Header, offset: usize) -> &Slot {
    // SAFETY: within the object's room, as its shape says.
    unsafe { &*((header as *const Header as usize + offset) as *const Slot) }
}

/// What else becomes shared with an object: version words inside it (stripes).
pub(crate) fn publish_inner(header: &Header, version: u64) {
    match header.kind() {
        // SAFETY: the kind says the layout.
        Kind::DictBuf => unsafe {
            (*(header as *const Header as *const dict::DictBuf)).publish_stripes(version)
        },
        // SAFETY: as above.
        Kind::ValueBuf => unsafe {
            (*(header as *const Header as *const list::ValueBuf)).publish_stripes(version)
        },
        _ => {}
    }
}

pub(crate) use weak::{clear_weak, forget_weak};

/// Makes the built-in classes and fills them.
pub fn init(th: &mut Thread) {
    let types = Types::raw(th);
    // Now that there is `type`, the classes get their metaclass.
    let mut all = types.list();
    let meta = types.type_.root_shape();
    all.extend(types.exceptions.list(types.object));
    for (class, ..) in &all {
        class.header().head_word().store(
            meta.head_like(class.header().head()),
            std::sync::atomic::Ordering::Relaxed,
        );
        class.root_shape().set_class(*class);
    }
    if th.rt.types.set(types).is_err() {
        unreachable!("the built-in types are made once")
    }
    for (class, name, base) in &all {
        let name = th.intern(name).value();
        class.name.init(name);
        class.qualname.init(name);
        let (bases, mro) = if class == base {
            (th.tuple_value(&[]), th.tuple_value(&[class.value()]))
        } else {
            class.base.init(base.value());
            base.subclasses.lock().push(*class);
            let mut mro = vec![class.value()];
            mro.extend(base.mro().items());
            (th.tuple_value(&[base.value()]), th.tuple_value(&mro))
        };
        class.bases.init(bases);
        class.mro.init(mro);
        let dict = dict::Dict::new(th);
        class.dict.init(dict.value());
    }
    define::init_types(th);
    for (class, ..) in all {
        if define::finish_class(th, class).is_err() {
            unreachable!("there is one thread yet")
        }
    }
}

/// The runtime and its first thread, with the built-in types in place.
pub fn boot(settings: crate::heap::runtime::Settings) -> Box<Thread> {
    let rt = Runtime::new(settings);
    let mut th = Thread::attach(rt);
    init(&mut th);
    th
}
