//! Making classes: `type.__new__` and what it is made of: the metaclass, the layout, `__slots__`, the method order.

use super::class::{Class, class_flags as f};
use super::define::{ClassMethod, GetSet, Member, StaticMethod, finish_class};
use super::dict::Dict;
use super::exception::Exception;
use super::native::NativeFunction;
use super::object;
use super::special::Sp;
use super::string::Str;
use super::tuple::Tuple;
use crate::code::instr;
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};
use crate::vm::block::SubclassEdit;

/// What `__slots__` asks for.
struct Slots {
    /// Interned, mangled, sorted.
    names: Vec<Value>,
    dict: bool,
    weakref: bool,
}

impl Thread {
    /// `meta.__new__(meta, name, bases, namespace, **kwargs)` as `type` does it.
    pub fn new_heap_class(
        &mut self,
        meta: Ref<Class>,
        name: Ref<Str>,
        bases: Ref<Tuple>,
        namespace: Ref<Dict>,
        kwargs: Value,
    ) -> R<Value> {
        let types = self.rt.types();
        let winner = self.metaclass_of(meta, bases.items())?;
        if winner != meta {
            if winner.special(Sp::New) != types.type_.special(Sp::New) {
                let args = [
                    winner.value(),
                    name.value(),
                    bases.value(),
                    namespace.value(),
                ];
                let new = self.attr(winner.value(), "__new__")?;
                return self.call_ex(new, &args, kwargs);
            }
            return self.new_heap_class(winner, name, bases, namespace, kwargs);
        }
        let bases = if bases.is_empty() {
            self.tuple(&[types.object.value()])
        } else {
            bases
        };
        let base = self.best_base(bases.items())?;
        let dict = Dict::new(self);
        for (key, v) in namespace.items(self)? {
            dict.insert(self, key, v)?;
        }
        let key = self.intern_value("__slots__");
        let given = dict.get_interned(self, key)?;
        let others = bases.items();
        let any_base = |flag: u64| {
            others
                .iter()
                .any(|b| b.as_class().is_some_and(|b| b.has_flag(flag)))
        };
        let slots = if given.is_null() {
            Slots {
                names: vec![],
                dict: true,
                weakref: true,
            }
        } else {
            let mut slots = self.read_slots(given, name, base, dict)?;
            // Another base may bring what the slots leave out.
            slots.dict |= any_base(f::DICT);
            slots.weakref |= any_base(f::WEAKREF);
            slots
        };
        let mut flags = f::HEAP | f::BASE;
        for (wanted, flag) in [(slots.dict, f::DICT), (slots.weakref, f::WEAKREF)] {
            if wanted || base.has_flag(flag) {
                flags |= flag;
            }
        }
        let class = Class::raw(
            self,
            Some(meta),
            name.value(),
            base.layout,
            base.fixed_bytes,
            slots.names.len(),
            flags,
        );
        self.set(class, &class.base, base.value())?;
        self.set(class, &class.bases, bases.value())?;
        self.set(class, &class.dict, dict.value())?;
        // A class is reachable from its shape, which all threads see.
        self.publish_hidden(class.value());
        self.fill_dict(class, name, dict)?;
        self.add_slots(class, base, &slots, dict)?;
        let mro = self.compute_mro(class)?;
        self.set(class, &class.mro, mro.value())?;
        finish_class(self, class)?;
        if flags & f::DICT != 0 && base.layout.attrs_offset.is_none() {
            let expected = expected_attributes(class);
            if expected > 0 {
                class.renew_root_shape(self, expected);
            }
        }
        for base in bases.items().iter().filter_map(|b| b.as_class()) {
            let add = true;
            self.edit_subclasses_at_commit(SubclassEdit { base, class, add });
        }
        let cell = self.take_name(dict, "__classcell__")?;
        if !cell.is_null() {
            let Some(cell) = cell.cast::<super::function::Cell>() else {
                let got = self.type_name(cell);
                return Err(self.type_error(format!(
                    "type.__new__() argument '__classcell__' must be a cell, not {got}"
                )));
            };
            self.set(cell, &cell.value, class.value())?;
        }
        let cell = self.take_name(dict, "__classdictcell__")?;
        if let Some(cell) = cell.cast::<super::function::Cell>() {
            self.set(cell, &cell.value, dict.value())?;
        }
        self.set_names(class, dict)?;
        self.init_subclass(class, kwargs)?;
        Ok(class.value())
    }

    fn take_name(&mut self, dict: Ref<Dict>, name: &str) -> R<Value> {
        let name = self.intern_value(name);
        dict.remove(self, name)
    }

    /// The most derived of `meta` and the metaclasses of the bases.
    pub(super) fn metaclass_of(&mut self, meta: Ref<Class>, bases: &[Value]) -> R<Ref<Class>> {
        let mut winner = meta;
        for &base in bases {
            let of_base = self.class_of(base);
            if winner.is_subclass(of_base) {
                continue;
            }
            if of_base.is_subclass(winner) {
                winner = of_base;
                continue;
            }
            return Err(self.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
            ));
        }
        Ok(winner)
    }

    /// The base that determines the layout.
    pub(super) fn best_base(&mut self, bases: &[Value]) -> R<Ref<Class>> {
        let mut best: Option<(Ref<Class>, Ref<Class>)> = None;
        for &b in bases {
            let Some(base) = b.as_class() else {
                if !self.attr_opt(b, "__mro_entries__")?.is_null() {
                    return Err(self.type_error(
                        "type() doesn't support MRO entry resolution; use types.new_class()",
                    ));
                }
                return Err(self.type_error("bases must be types"));
            };
            if !base.has_flag(f::BASE) {
                let name = base.name().to_string();
                return Err(
                    self.type_error(format!("type '{name}' is not an acceptable base type"))
                );
            }
            let solid = solid_base(base);
            best = match best {
                None => Some((base, solid)),
                Some((_, winner)) if winner.is_subclass(solid) => best,
                Some((_, winner)) if solid.is_subclass(winner) => Some((base, solid)),
                Some(_) => {
                    return Err(self.type_error("multiple bases have instance lay-out conflict"));
                }
            };
        }
        Ok(best.map_or(self.rt.types().object, |b| b.0))
    }

    fn read_slots(
        &mut self,
        given: Value,
        class_name: Ref<Str>,
        base: Ref<Class>,
        dict: Ref<Dict>,
    ) -> R<Slots> {
        let items = if given.kind() == Kind::Str {
            vec![given]
        } else {
            self.collect_items(given)?
        };
        let mut slots = Slots {
            names: vec![],
            dict: false,
            weakref: false,
        };
        // Behind a variable part there are no fixed places. A `str`, which may have slots, keeps them as ordinary attributes.
        let text = base.is_subclass(self.rt.types().str);
        if !items.is_empty() && base.layout.attrs_offset.is_some() && !text {
            let name = base.name().to_string();
            return Err(self.type_error(format!(
                "nonempty __slots__ not supported for subtype of '{name}'"
            )));
        }
        for item in items {
            let Some(name) = item.cast::<Str>() else {
                let got = self.type_name(item);
                return Err(
                    self.type_error(format!("__slots__ items must be strings, not '{got}'"))
                );
            };
            let text = name.to_string();
            if !crate::text::str_ops::is_identifier(name.as_wtf8()) {
                return Err(self.type_error("__slots__ must be identifiers"));
            }
            let (wanted, flag) = match &*text {
                "__dict__" => (&mut slots.dict, f::DICT),
                "__weakref__" => (&mut slots.weakref, f::WEAKREF),
                _ => {
                    let name = self.intern_value(&mangle(&class_name.to_string(), &text));
                    let clash = !dict.get_interned(self, name)?.is_null();
                    // What a class body stores of itself does not count.
                    if clash && !matches!(&*text, "__qualname__" | "__classcell__") {
                        return Err(self.value_error(format!(
                            "'{text}' in __slots__ conflicts with class variable"
                        )));
                    }
                    slots.names.push(name);
                    continue;
                }
            };
            if *wanted || base.has_flag(flag) {
                return Err(self.type_error(format!("{text} slot disallowed: we already got one")));
            }
            *wanted = true;
        }
        slots.names.sort_by(|a, b| {
            let text = |v: &Value| v.cast::<Str>().map(|s| s.as_bytes().to_vec());
            text(a).cmp(&text(b))
        });
        slots.names.dedup();
        if text && !slots.names.is_empty() {
            slots.names.clear();
            slots.dict |= !base.has_flag(f::DICT);
        }
        Ok(slots)
    }

    /// What `type.__new__` adds to and changes in the namespace.
    fn fill_dict(&mut self, class: Ref<Class>, name: Ref<Str>, dict: Ref<Dict>) -> R<()> {
        let module = self.intern_value("__module__");
        if dict.get_interned(self, module)?.is_null() {
            let globals = self.current_globals();
            if let Some(globals) = globals.cast::<Dict>() {
                let key = self.intern_value("__name__");
                let v = globals.get_interned(self, key)?;
                if !v.is_null() {
                    dict.insert_interned(self, module, v)?;
                }
            }
        }
        let qualname = self.take_name(dict, "__qualname__")?;
        let qualname = if qualname.is_null() {
            name.value()
        } else if qualname.kind() == Kind::Str {
            qualname
        } else {
            let got = self.type_name(qualname);
            return Err(self.type_error(format!("type __qualname__ must be a str, not {got}")));
        };
        self.set(class, &class.qualname, qualname)?;
        let types = self.rt.types();
        for (key, is_static) in [
            ("__new__", true),
            ("__init_subclass__", false),
            ("__class_getitem__", false),
        ] {
            let key = self.intern_value(key);
            let v = dict.get_interned(self, key)?;
            if v.kind() != Kind::Function {
                continue;
            }
            let wrapped = if is_static {
                let shape = types.staticmethod.root_shape();
                self.alloc(shape, StaticMethod::new(v), 0).value()
            } else {
                let shape = types.classmethod.root_shape();
                self.alloc(shape, ClassMethod::new(v), 0).value()
            };
            dict.insert_interned(self, key, wrapped)?;
        }
        let doc = self.intern_value("__doc__");
        if dict.get_interned(self, doc)?.is_null() {
            dict.insert_interned(self, doc, Value::NONE)?;
        }
        let (eq, hash) = (self.intern_value("__eq__"), self.intern_value("__hash__"));
        if !dict.get_interned(self, eq)?.is_null() && dict.get_interned(self, hash)?.is_null() {
            dict.insert_interned(self, hash, Value::NONE)?;
        }
        Ok(())
    }

    fn add_slots(
        &mut self,
        class: Ref<Class>,
        base: Ref<Class>,
        slots: &Slots,
        dict: Ref<Dict>,
    ) -> R<()> {
        let types = self.rt.types();
        for (i, &name) in slots.names.iter().enumerate() {
            let member = Member::new(name, class.value(), base.fixed_bytes + i * 8);
            let shape = types.member_descriptor.root_shape();
            let member = self.alloc(shape, member, 0).value();
            dict.insert_interned(self, name, member)?;
        }
        let weakref: (super::define::Getter, Option<super::define::Setter>) =
            (object::get_weakref, None);
        for (flag, name, (get, set)) in [
            (f::DICT, "__dict__", object::DICT_GETSET),
            (f::WEAKREF, "__weakref__", weakref),
        ] {
            let name = self.intern_value(name);
            if class.has_flag(flag)
                && !base.has_flag(flag)
                && dict.get_interned(self, name)?.is_null()
            {
                let getset = GetSet::new(name, class.value(), get, set);
                let shape = types.getset_descriptor.root_shape();
                let getset = self.alloc(shape, getset, 0).value();
                dict.insert_interned(self, name, getset)?;
            }
        }
        Ok(())
    }

    /// The method order: what the metaclass' `mro()` says, or the C3 merge.
    pub(super) fn compute_mro(&mut self, class: Ref<Class>) -> R<Ref<Tuple>> {
        let types = self.rt.types();
        let meta = class.metaclass();
        let name = self.intern_value("mro");
        let own = self.class_lookup(meta, name)?;
        if meta == types.type_ || own == self.class_lookup(types.type_, name)? {
            let mro = self.c3(class)?;
            return Ok(self.tuple(&mro));
        }
        let mro = self.call_resolved(own, class.value(), &[])?;
        let mro = self.collect_items(mro)?;
        for &c in &mro {
            let Some(c) = c.as_class() else {
                let got = self.type_name(c);
                return Err(self.type_error(format!("mro() returned a non-class ('{got}')")));
            };
            if !solid_base(class).is_subclass(solid_base(c)) && c != class {
                let name = c.name().to_string();
                return Err(self.type_error(format!(
                    "mro() returned base with unsuitable layout ('{name}')"
                )));
            }
        }
        Ok(self.tuple(&mro))
    }

    /// The C3 linearisation of a class' bases.
    pub(super) fn c3(&mut self, class: Ref<Class>) -> R<Vec<Value>> {
        let bases = class.bases();
        let bases = bases.items();
        for (i, base) in bases.iter().enumerate() {
            if bases[..i].contains(base) {
                let name = base
                    .as_class()
                    .map_or(String::new(), |c| c.name().to_string());
                return Err(self.type_error(format!("duplicate base class {name}")));
            }
        }
        let mut lists: Vec<Vec<Value>> = bases
            .iter()
            .filter_map(|b| b.as_class())
            .map(|b| b.mro().items().to_vec())
            .collect();
        lists.push(bases.to_vec());
        let mut out = vec![class.value()];
        loop {
            lists.retain(|l| !l.is_empty());
            if lists.is_empty() {
                return Ok(out);
            }
            let good = lists
                .iter()
                .map(|l| l[0])
                .find(|c| lists.iter().all(|l| !l[1..].contains(c)));
            let Some(next) = good else {
                let mut names: Vec<String> = vec![];
                for l in &lists {
                    let name = l[0]
                        .as_class()
                        .map_or(String::new(), |c| c.name().to_string());
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                return Err(self.type_error(format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                )));
            };
            out.push(next);
            for l in &mut lists {
                if l[0] == next {
                    l.remove(0);
                }
            }
        }
    }

    /// Calls `__set_name__` of the values in a new class' dict.
    fn set_names(&mut self, class: Ref<Class>, dict: Ref<Dict>) -> R<()> {
        for (name, v) in dict.items(self)? {
            let hook = self.special(v, Sp::SetName);
            if hook.is_null() {
                continue;
            }
            if let Err(fail) = self.call_resolved(hook, v, &[class.value(), name]) {
                if fail == Fail::Raise {
                    let exc = self.take_exc();
                    let (what, owner) = (self.type_name(v), class.name().to_string());
                    let name = self.repr(name)?;
                    let note = self.str_value(&format!(
                        "Error calling __set_name__ on '{what}' instance {name} in '{owner}'"
                    ));
                    self.add_note(exc, note)?;
                    self.exc = exc;
                    debug_assert!(exc.cast::<Exception>().is_some());
                }
                return Err(fail);
            }
        }
        Ok(())
    }

    /// `super(class, class).__init_subclass__(**kwargs)`.
    fn init_subclass(&mut self, class: Ref<Class>, kwargs: Value) -> R<()> {
        let name = self.intern_value(Sp::InitSubclass.name());
        let (f, receiver) = self.super_lookup(class, class.value(), name)?;
        if receiver.is_null() {
            self.call_ex(f, &[], kwargs)?;
        } else {
            self.call_ex(f, &[receiver], kwargs)?;
        }
        Ok(())
    }
}

impl Thread {
    /// May the built-in `__new__` called `native` make an instance of `class`?
    #[inline]
    pub(crate) fn check_constructor(&mut self, native: Ref<NativeFunction>, class: Value) -> R<()> {
        if class == native.owner {
            return Ok(());
        }
        self.check_constructor_slow(native, class)
    }

    #[inline(never)]
    fn check_constructor_slow(&mut self, native: Ref<NativeFunction>, v: Value) -> R<()> {
        let Some(owner) = native.owner.as_class() else {
            return Ok(());
        };
        let Some(class) = v.as_class() else {
            let got = self.type_name(v);
            return Err(self.type_error(format!(
                "{}.__new__(X): X is not a type object ({got})",
                owner.name()
            )));
        };
        if !class.is_subclass(owner) {
            return Err(self.type_error(format!(
                "{0}.__new__({1}): {1} is not a subtype of {0}",
                owner.name(),
                class.name()
            )));
        }
        // The class that knows how to make instances with this layout.
        let mut maker = class;
        while maker.has_flag(f::HEAP)
            && let Some(base) = maker.base()
        {
            maker = base;
        }
        if maker != owner && maker.special(Sp::New) != owner.special(Sp::New) {
            return Err(self.type_error(format!(
                "{}.__new__({}) is not safe, use {}.__new__()",
                owner.name(),
                class.name(),
                maker.name()
            )));
        }
        Ok(())
    }

    /// The TypeError of a method called without receiver, or a constructor without class.
    #[cold]
    pub(crate) fn receiver_missing(&mut self, native: Ref<NativeFunction>) -> Fail {
        let owner = native.owner.as_class();
        let class = owner.map_or(String::new(), |c| c.name().to_string());
        let name = native.name();
        self.type_error(if native.is_constructor() {
            format!("{class}.{name}(): not enough arguments")
        } else if native.receiver.is_null() && Sp::from_name(name).is_some() {
            format!("descriptor '{name}' of '{class}' object needs an argument")
        } else {
            format!("unbound method {class}.{name}() needs an argument")
        })
    }
}

/// The nearest class of the chain of bases that adds something to the layout.
/// How many attributes the methods of a new class, and of those that it inherits from, give to their first parameter: so many
/// words its instances get in line. Whatever comes on top goes to the overflow buffer.
fn expected_attributes(class: Ref<Class>) -> usize {
    let mut names = rustc_hash::FxHashSet::default();
    for class in class.mro().items().iter().filter_map(|c| c.as_class()) {
        if !class.has_flag(f::HEAP) {
            continue;
        }
        for function in class.dict().peek_values() {
            let Some(function) = function.cast::<super::function::Function>() else {
                continue;
            };
            let code = function.code();
            let words = &code.unit.words;
            let mut at = 0;
            while at < words.len() {
                let word = words[at];
                if instr::op_of(word) == instr::Op::StoreAttr && instr::a_of(word) == 0 {
                    names.insert(code.names[instr::b_of(word)].0);
                }
                at += 1 + instr::extensions_of(word);
            }
        }
    }
    names.len().min(MAX_INLINE)
}

/// No class gets more words than this in line.
const MAX_INLINE: usize = 32;

pub(super) fn solid_base(class: Ref<Class>) -> Ref<Class> {
    let mut at = class;
    while let Some(base) = at.base() {
        if at.layout.kind != base.layout.kind
            || at.layout.bytes != base.layout.bytes
            || at.fixed_bytes != base.fixed_bytes
        {
            break;
        }
        at = base;
    }
    at
}

/// A private name (`__x`) as it is spelt within class `class`.
fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if class.is_empty() || !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.to_string();
    }
    format!("_{class}{name}")
}
