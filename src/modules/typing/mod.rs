//! `_typing`: type parameters, type aliases and `Generic`, as the instructions and `typing` need them.
//!
//! The classes exist from the start, since `class C[T]` makes a type parameter without importing anything. What is written in Python
//! is called in the module `typing`.

mod alias;
mod params;

use crate::code::Intrinsic;
use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags as f};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Payload, tuple_items};
use alias::Alias;
use params::{ParamSpecPart, Sort, TypeParam};

const NO_DEFAULT: &str = "typing.NoDefault";
const GENERIC: &str = "typing.Generic";

struct NoDefault;
impl Payload for NoDefault {}

/// A value given outright, in place of a function that would evaluate it: calling it with a format gives the value, or its text.
struct Const {
    value: Slot,
}
impl Payload for Const {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.value);
    }
}

/// The formats of annotations that matter here (`annotationlib.Format`).
const VALUE: Value = Value::small(1);
const FORMAT_STRING: i64 = 4;

fn const_call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let this = th.native_self::<Const>(a[0], "_ConstEvaluator")?;
    let value = th.get(this, &this.value)?;
    if th.index_i64(a[1])? != FORMAT_STRING {
        return Ok(value);
    }
    let mut text = String::new();
    let one = |th: &mut Thread, v: Value| crate::objects::generic_alias::type_repr(th, v);
    if value.kind() == Kind::Tuple {
        let parts = tuple_items(value)
            .iter()
            .map(|&v| one(th, v))
            .collect::<R<Vec<_>>>()?;
        let comma = if parts.len() == 1 { "," } else { "" };
        text.push_str(&format!("({}{comma})", parts.join(", ")));
    } else {
        text = one(th, value)?;
    }
    Ok(th.str_value(&text))
}

fn const_evaluator(th: &mut Thread, value: Value) -> Value {
    let class = th.class_for::<Const>();
    let value = Slot::new(value);
    th.new_native(class, Const { value }).value()
}

/// Calls a function of the module `typing`.
fn call_typing(th: &mut Thread, name: &str, args: &[Value]) -> R<Value> {
    let typing = super::import(th, "typing")?;
    let f = th.attr(typing, name)?;
    th.call(f, args)
}

/// The name of the module that is running, for `__module__` of what it makes.
fn caller(th: &mut Thread) -> R<Value> {
    let name = th.intern_value("__name__");
    match th.current_globals().cast::<Dict>() {
        Some(globals) => Ok(globals.get_interned(th, name)?.or_none()),
        None => Ok(Value::NONE),
    }
}

/// `a | b`, where strings are forward references.
fn union(th: &mut Thread, a: Value, b: Value) -> R<Value> {
    let mut parts = [a, b];
    for part in &mut parts {
        if part.kind() == Kind::Str {
            *part = call_typing(th, "_type_convert", &[*part])?;
        }
    }
    th.make_union(&parts)
}

fn union_or(th: &mut Thread, a: &[Value]) -> R<Value> {
    union(th, a[0], a[1])
}
fn union_ror(th: &mut Thread, a: &[Value]) -> R<Value> {
    union(th, a[1], a[0])
}

/// Tuple variables in a tuple of type parameters become `*Ts`.
fn unpacked(th: &mut Thread, params: Value) -> R<Value> {
    let mut items = vec![];
    for &p in tuple_items(params) {
        let is_tuple = p
            .native::<TypeParam>()
            .is_some_and(|p| p.sort == Sort::TypeVarTuple);
        let item = if is_tuple { params::unpack(th, p)? } else { p };
        th.roots.push(item);
        items.push(item);
    }
    Ok(th.tuple_value(&items))
}

fn no_default(th: &Thread) -> Value {
    th.rt.state.get(NO_DEFAULT)
}

impl Thread {
    /// The intrinsic instructions of type parameters and aliases.
    pub fn typing_intrinsic(&mut self, which: usize, a: Value, b: Value) -> R<Value> {
        let is = |i: Intrinsic| i as usize == which;
        if is(Intrinsic::TypeVar) {
            TypeParam::implicit(self, Sort::TypeVar, a)
        } else if is(Intrinsic::ParamSpec) {
            TypeParam::implicit(self, Sort::ParamSpec, a)
        } else if is(Intrinsic::TypeVarTuple) {
            TypeParam::implicit(self, Sort::TypeVarTuple, a)
        } else if is(Intrinsic::TypeVarWithBound) {
            let p = TypeParam::implicit(self, Sort::TypeVar, a)?;
            params::this(p).bound.evaluate.init(b);
            Ok(p)
        } else if is(Intrinsic::TypeVarWithConstraints) {
            let p = TypeParam::implicit(self, Sort::TypeVar, a)?;
            params::this(p).constraints.evaluate.init(b);
            Ok(p)
        } else if is(Intrinsic::SetTypeParamDefault) {
            let p = params::this(a);
            self.set(p, &p.default.evaluate, b)?;
            Ok(a)
        } else if is(Intrinsic::TypeAlias) {
            let parts = tuple_items(a);
            let module = caller(self)?;
            Ok(Alias::make(
                self,
                parts[0],
                parts[1],
                Value::NULL,
                parts[2],
                module,
            ))
        } else {
            debug_assert!(is(Intrinsic::SubscriptGeneric));
            let args = unpacked(self, a)?;
            let generic = self.rt.state.get(GENERIC);
            call_typing(self, "_GenericAlias", &[generic, args])
        }
    }
}

fn define_generic(th: &mut Thread) -> Ref<Class> {
    let object = th.rt.types().object;
    th.new_class("typing.Generic", object, object.layout, f::BASE, |t| {
        t.doc("Abstract base class for generic types.");
        let slots = t.th.tuple_value(&[]);
        t.attr("__slots__", slots);
        t.attr("_is_protocol", Value::FALSE);
        t.class_method("__class_getitem__(cls, /, *args)", |th, a| {
            let mut args = vec![a[0]];
            args.extend_from_slice(tuple_items(a[1]));
            call_typing(th, "_generic_class_getitem", &args)
        });
        t.class_method("__init_subclass__(cls, /, *args, **kwargs)", |th, a| {
            let typing = super::import(th, "typing")?;
            let function = th.attr(typing, "_generic_init_subclass")?;
            let mut args = vec![a[0]];
            args.extend_from_slice(tuple_items(a[1]));
            th.call_ex(function, &args, a[2])
        });
    })
}

/// Defines the classes, at the start of the interpreter.
pub(crate) fn init_types(th: &mut Thread) {
    let class = th.new_type::<NoDefault>("typing.NoDefaultType", 0, |t| {
        t.new("NoDefaultType(cls)", |th, _| Ok(no_default(th)));
        t.methods(&[
            ("__repr__(self, /)", |th, _| {
                Ok(th.str_value("typing.NoDefault"))
            }),
            ("__reduce__(self, /)", |th, _| Ok(th.str_value("NoDefault"))),
        ]);
    });
    let v = th.new_native(class, NoDefault).value();
    th.set_state(NO_DEFAULT, v);
    th.new_type::<Const>("_typing._ConstEvaluator", f::NO_NEW, |t| {
        t.method("__call__(self, format, /)", const_call);
        t.method("__repr__(self, /)", |th, a| {
            let this = th.native_self::<Const>(a[0], "_ConstEvaluator")?;
            let value = th.get(this, &this.value)?;
            let text = th.repr(value)?;
            Ok(th.str_value(&format!("<constevaluator {text}>")))
        });
    });
    params::init(th);
    alias::init(th);
    let generic = define_generic(th);
    th.set_state(GENERIC, generic.value());
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_typing");
    let dict = module.dict();
    for sort in [Sort::TypeVar, Sort::ParamSpec, Sort::TypeVarTuple] {
        let class = sort.class(th).value();
        th.define(dict, sort.name(), class);
    }
    let others = [
        (
            "ParamSpecArgs",
            th.class_for::<ParamSpecPart<false>>().value(),
        ),
        (
            "ParamSpecKwargs",
            th.class_for::<ParamSpecPart<true>>().value(),
        ),
        ("TypeAliasType", th.class_for::<Alias>().value()),
        (
            "Union",
            th.class_for::<crate::objects::union::Union>().value(),
        ),
        ("Generic", th.rt.state.get(GENERIC)),
        ("NoDefault", no_default(th)),
    ];
    for (name, v) in others {
        th.define(dict, name, v);
    }
    th.functions(module, &[("_idfunc(argument, /)", |_, a| Ok(a[0]))]);
    Ok(module)
}

/// Refuses to be a base class.
fn no_base(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = th.type_name(a[0]);
    Err(th.type_error(format!("Cannot subclass an instance of {name}")))
}
