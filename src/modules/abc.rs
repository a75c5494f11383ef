//! `_abc`: what makes abstract base classes quick.
//!
//! Registries and caches are hidden state: they stand outside any transaction, under a lock. A block that registers a class
//! and rolls back registers it again when it starts again; what the caches hold follows from registrations alone, and ends with
//! the next one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::*};

use parking_lot::Mutex;

use crate::heap::{Kind, R, Ref, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};

/// Moves on with each registration: negative answers from before may be wrong.
static REGISTRATIONS: AtomicU64 = AtomicU64::new(0);

/// Answers that a class keeps at most; then it starts anew.
const CACHE_LIMIT: usize = 2048;

#[derive(Default)]
struct Known {
    registry: Vec<Value>,
    /// Answers by class, and the number of registrations when negative ones were given.
    answers: HashMap<u64, (Value, bool)>,
    version: u64,
}

/// What an abstract base class keeps as `_abc_impl`.
#[derive(Default)]
struct AbcData(Mutex<Known>);

impl Payload for AbcData {
    fn trace(&self, t: &mut Tracer) {
        let known = self.0.lock();
        t.values(&known.registry);
        for (class, _) in known.answers.values() {
            t.value(*class);
        }
    }
}

impl AbcData {
    fn answer(&self, class: Value) -> Option<bool> {
        let mut known = self.0.lock();
        let now = REGISTRATIONS.load(SeqCst);
        if known.version != now {
            known.version = now;
            known.answers.retain(|_, a| a.1);
        }
        known.answers.get(&class.0).map(|a| a.1)
    }
    /// Keeps an answer that was found when there were `version` registrations.
    fn keep(&self, th: &mut Thread, class: Value, answer: bool, version: u64) {
        th.publish_hidden(class);
        let mut known = self.0.lock();
        if known.answers.len() >= CACHE_LIMIT {
            known.answers.clear();
        }
        if answer || known.version == version {
            known.answers.insert(class.0, (class, answer));
        }
    }
}

fn data(th: &mut Thread, class: Value) -> R<Ref<Native<AbcData>>> {
    let v = th.attr(class, "_abc_impl")?;
    match v.native() {
        Some(data) => Ok(data),
        None => Err(th.type_error("_abc_impl is set to a wrong type")),
    }
}

fn get_cache_token(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.int(REGISTRATIONS.load(SeqCst) as i64))
}

fn is_abstract(th: &mut Thread, v: Value) -> R<bool> {
    let flag = th.attr_opt(v, "__isabstractmethod__")?;
    if flag.is_null() {
        return Ok(false);
    }
    th.truth(flag)
}

/// The flag bits of `Py_TPFLAGS_SEQUENCE` and `Py_TPFLAGS_MAPPING`, as `__abc_tpflags__` has them.
const COLLECTIONS: [(i64, u64); 2] = [
    (1 << 5, class_flags::SEQUENCE),
    (1 << 6, class_flags::MAPPING),
];

fn abc_init(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("_abc_init() argument must be a class"));
    };
    let names = Dict::new(th);
    for (name, v) in class.dict().items(th)? {
        if is_abstract(th, v)? {
            names.insert(th, name, Value::NONE)?;
        }
    }
    let bases = th.attr(a[0], "__bases__")?;
    for &base in tuple_items(bases) {
        let inherited = th.attr_opt(base, "__abstractmethods__")?;
        if inherited.is_null() {
            continue;
        }
        for name in th.collect_items(inherited)? {
            let interned = th.attr_name(name)?;
            let v = th.get_attr_opt(a[0], interned)?;
            if !v.is_null() && is_abstract(th, v)? {
                names.insert(th, name, Value::NONE)?;
            }
        }
    }
    let frozenset = th.rt.types().frozenset.value();
    let all = th.call(frozenset, &[names.value()])?;
    let name = th.intern_value("__abstractmethods__");
    th.set_attr(a[0], name, all)?;
    let of = th.class_for::<AbcData>();
    let impl_ = th.new_native(of, AbcData::default()).value();
    let name = th.intern_value("_abc_impl");
    th.set_attr(a[0], name, impl_)?;
    let name = th.intern_value("__abc_tpflags__");
    let flags = class.dict().get_interned(th, name)?;
    if let Some(flags) = flags.as_int() {
        for (bit, flag) in COLLECTIONS {
            if flags & bit != 0 {
                th.set_class_flag(class, flag, true)?;
            }
        }
        th.class_set(class, name, Value::NULL)?;
    }
    Ok(Value::NONE)
}

/// Gives a class and its subclasses the flag by which patterns know a sequence or mapping.
fn mark_collection(th: &mut Thread, class: Ref<Class>, flag: u64) -> R<()> {
    let both = class_flags::SEQUENCE | class_flags::MAPPING;
    if !class.has_flag(class_flags::HEAP) || class.has_flag(flag) {
        return Ok(());
    }
    th.check_stack()?;
    th.set_class_flag(class, both, false)?;
    th.set_class_flag(class, flag, true)?;
    for c in th.live_subclasses(class) {
        mark_collection(th, c, flag)?;
    }
    Ok(())
}

fn abc_register(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(subclass) = a[1].as_class() else {
        return Err(th.type_error("Can only register classes"));
    };
    if th.is_subclass_of(a[1], a[0])? {
        return Ok(a[1]);
    }
    if th.is_subclass_of(a[0], a[1])? {
        return Err(th.runtime_error("Refusing to create an inheritance cycle"));
    }
    let known = data(th, a[0])?;
    th.publish_hidden(a[1]);
    {
        let mut known = known.0.lock();
        if !known.registry.contains(&a[1]) {
            known.registry.push(a[1]);
        }
    }
    REGISTRATIONS.fetch_add(1, SeqCst);
    if let Some(class) = a[0].as_class() {
        for (_, flag) in COLLECTIONS {
            if class.has_flag(flag) {
                mark_collection(th, subclass, flag)?;
            }
        }
    }
    Ok(a[1])
}

fn abc_instancecheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    let known = data(th, a[0])?;
    let claimed = th.attr(a[1], "__class__")?;
    let own = th.class_of(a[1]).value();
    match known.answer(claimed) {
        Some(true) => return Ok(Value::TRUE),
        Some(false) if claimed == own => return Ok(Value::FALSE),
        _ => {}
    }
    for class in [claimed, own] {
        let answer = th.call_method(a[0], "__subclasscheck__", &[class])?;
        if claimed == own || th.truth(answer)? {
            return Ok(answer);
        }
    }
    Ok(Value::FALSE)
}

fn abc_subclasscheck(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(subclass) = a[1].as_class() else {
        return Err(th.type_error("issubclass() arg 1 must be a class"));
    };
    let known = data(th, a[0])?;
    if let Some(answer) = known.answer(a[1]) {
        return Ok(Value::bool(answer));
    }
    th.check_stack()?;
    let version = REGISTRATIONS.load(SeqCst);
    let answer = find_answer(th, a[0], &known, subclass)?;
    known.keep(th, a[1], answer, version);
    Ok(Value::bool(answer))
}

fn find_answer(
    th: &mut Thread,
    class: Value,
    known: &Native<AbcData>,
    subclass: Ref<Class>,
) -> R<bool> {
    let sub = subclass.value();
    let hook = th.call_method(class, "__subclasshook__", &[sub])?;
    if hook != Value::NOT_IMPLEMENTED {
        if !hook.is_bool() {
            return Err(th.assertion_error(
                "__subclasshook__ must return either False, True, or NotImplemented",
            ));
        }
        return Ok(hook == Value::TRUE);
    }
    if class.as_class().is_some_and(|c| subclass.is_subclass(c)) {
        return Ok(true);
    }
    let registry = known.0.lock().registry.clone();
    for r in registry {
        if th.is_subclass_of(sub, r)? {
            return Ok(true);
        }
    }
    let subclasses = th.call_method(class, "__subclasses__", &[])?;
    if subclasses.kind() != Kind::List {
        return Err(th.type_error("__subclasses__() must return a list"));
    }
    for s in th.collect_items(subclasses)? {
        if th.is_subclass_of(sub, s)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn get_dump(th: &mut Thread, a: &[Value]) -> R<Value> {
    let known = data(th, a[0])?;
    let (registry, yes, no, version) = {
        let known = known.0.lock();
        let pick = |answer: bool| -> Vec<Value> {
            let of = known.answers.values().filter(|a| a.1 == answer);
            of.map(|a| a.0).collect()
        };
        (
            known.registry.clone(),
            pick(true),
            pick(false),
            known.version,
        )
    };
    let set = th.rt.types().set.value();
    let mut parts = vec![];
    for list in [registry, yes, no] {
        let list = th.tuple_value(&list);
        let v = th.call(set, &[list])?;
        th.roots.push(v);
        parts.push(v);
    }
    parts.push(th.int(version as i64));
    Ok(th.tuple_value(&parts))
}

fn reset_registry(th: &mut Thread, a: &[Value]) -> R<Value> {
    let known = data(th, a[0])?;
    known.0.lock().registry.clear();
    Ok(Value::NONE)
}

fn reset_caches(th: &mut Thread, a: &[Value]) -> R<Value> {
    let known = data(th, a[0])?;
    known.0.lock().answers.clear();
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    th.new_type::<AbcData>("_abc._abc_data", class_flags::NO_NEW, |_| {});
    let module = th.new_module("_abc");
    th.functions(
        module,
        &[
            ("get_cache_token()", get_cache_token),
            ("_abc_init(self, /)", abc_init),
            ("_abc_register(self, subclass, /)", abc_register),
            ("_abc_instancecheck(self, instance, /)", abc_instancecheck),
            ("_abc_subclasscheck(self, subclass, /)", abc_subclasscheck),
            ("_get_dump(self, /)", get_dump),
            ("_reset_registry(self, /)", reset_registry),
            ("_reset_caches(self, /)", reset_caches),
        ],
    );
    Ok(module)
}
