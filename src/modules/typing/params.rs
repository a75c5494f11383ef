//! `TypeVar`, `ParamSpec` and `TypeVarTuple`.

use super::{
    VALUE, call_typing, caller, const_evaluator, no_base, no_default, union_or, union_ror,
};
use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::native::{Native, Payload, tuple_items};

/// The sorts of type parameters, which share their layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    TypeVar,
    ParamSpec,
    TypeVarTuple,
}

impl Sort {
    pub fn name(self) -> &'static str {
        match self {
            Sort::TypeVar => "TypeVar",
            Sort::ParamSpec => "ParamSpec",
            Sort::TypeVarTuple => "TypeVarTuple",
        }
    }
    /// The name of the class, under which the interpreter keeps it.
    fn full_name(self) -> &'static str {
        match self {
            Sort::TypeVar => "typing.TypeVar",
            Sort::ParamSpec => "typing.ParamSpec",
            Sort::TypeVarTuple => "typing.TypeVarTuple",
        }
    }
    pub fn class(self, th: &Thread) -> Ref<Class> {
        let class = th.rt.state.get(self.full_name()).as_class();
        class.expect("the classes are made at the start")
    }
}

/// A part of a type parameter that may be evaluated when first asked for.
pub(super) struct Lazy {
    /// Null if not known (yet).
    value: Slot,
    /// A function from a format to the value, or null.
    pub evaluate: Slot,
}

impl Lazy {
    fn new(value: Value) -> Lazy {
        Lazy {
            value: Slot::new(value),
            evaluate: Slot::new(Value::NULL),
        }
    }
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.value);
        t.slot(&self.evaluate);
    }
}

/// A type parameter.
pub(super) struct TypeParam {
    pub sort: Sort,
    name: Value,
    pub bound: Lazy,
    pub constraints: Lazy,
    pub default: Lazy,
    covariant: bool,
    contravariant: bool,
    infer_variance: bool,
}

impl Payload for TypeParam {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.name);
        self.bound.trace(t);
        self.constraints.trace(t);
        self.default.trace(t);
    }
}

/// `P.args` and `P.kwargs`.
pub(super) struct ParamSpecPart<const KEYWORDS: bool> {
    origin: Value,
}

impl<const KEYWORDS: bool> Payload for ParamSpecPart<KEYWORDS> {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.origin);
    }
}

/// What the constructors take besides the name.
struct Options {
    bound: Value,
    constraints: Value,
    default: Value,
    covariant: bool,
    contravariant: bool,
    infer_variance: bool,
}

pub(super) fn this(v: Value) -> Ref<Native<TypeParam>> {
    v.native().expect("the receiver's class was checked")
}

impl TypeParam {
    /// One that the syntax makes: its variance is inferred.
    pub fn implicit(th: &mut Thread, sort: Sort, name: Value) -> R<Value> {
        let options = Options {
            bound: Value::NULL,
            constraints: Value::NULL,
            default: Value::NULL,
            covariant: false,
            contravariant: false,
            infer_variance: true,
        };
        Self::make(th, sort, name, options)
    }

    fn make(th: &mut Thread, sort: Sort, name: Value, o: Options) -> R<Value> {
        let payload = TypeParam {
            sort,
            name,
            bound: Lazy::new(o.bound),
            constraints: Lazy::new(o.constraints),
            default: Lazy::new(o.default),
            covariant: o.covariant,
            contravariant: o.contravariant,
            infer_variance: o.infer_variance,
        };
        let class = sort.class(th);
        let v = th.new_native(class, payload).value();
        let module = caller(th)?;
        if !module.is_none() {
            let name = th.intern_value("__module__");
            th.own_attr_set(v, name, module)?;
        }
        Ok(v)
    }
}

/// The value of a part, evaluated when first asked for.
fn value_of(th: &mut Thread, v: Value, part: fn(&TypeParam) -> &Lazy, none: Value) -> R<Value> {
    let p = this(v);
    let (value, evaluate) = th.read(p, |p| (part(p).value.peek(), part(p).evaluate.peek()))?;
    if !value.is_null() {
        return Ok(value);
    }
    if evaluate.is_null() {
        return Ok(none);
    }
    let value = th.call(evaluate, &[VALUE])?;
    th.set(p, &part(&p).value, value)?;
    Ok(value)
}

/// The function that evaluates a part, or None.
fn evaluator_of(th: &mut Thread, v: Value, part: fn(&TypeParam) -> &Lazy) -> R<Value> {
    let p = this(v);
    let (value, evaluate) = th.read(p, |p| (part(p).value.peek(), part(p).evaluate.peek()))?;
    if !evaluate.is_null() {
        return Ok(evaluate);
    }
    if value.is_null() || value == no_default(th) {
        return Ok(Value::NONE);
    }
    Ok(const_evaluator(th, value))
}

fn flag(th: &mut Thread, v: Value) -> R<bool> {
    if v.is_null() { Ok(false) } else { th.truth(v) }
}

/// The options that all constructors share.
fn options(
    th: &mut Thread,
    bound: Value,
    default: Value,
    [covariant, contravariant, infer_variance]: [Value; 3],
) -> R<Options> {
    let (covariant, contravariant) = (flag(th, covariant)?, flag(th, contravariant)?);
    let infer_variance = flag(th, infer_variance)?;
    if covariant && contravariant {
        return Err(th.value_error("Bivariant types are not supported."));
    }
    if infer_variance && (covariant || contravariant) {
        return Err(th.value_error("Variance cannot be specified with infer_variance."));
    }
    let bound = if bound.is_null() || bound.is_none() {
        Value::NULL
    } else {
        let message = th.str_value("Bound must be a type.");
        call_typing(th, "_type_check", &[bound, message])?
    };
    Ok(Options {
        bound,
        constraints: Value::NULL,
        default,
        covariant,
        contravariant,
        infer_variance,
    })
}

fn check_name(th: &mut Thread, sort: Sort, name: Value) -> R<()> {
    if name.kind() == Kind::Str {
        return Ok(());
    }
    let class = th.type_name(name);
    let what = match sort {
        Sort::TypeVar => "typevar",
        Sort::ParamSpec => "paramspec",
        Sort::TypeVarTuple => "typevartuple",
    };
    Err(th.type_error(format!("{what}() argument 'name' must be str, not {class}")))
}

fn new_type_var(th: &mut Thread, a: &[Value]) -> R<Value> {
    check_name(th, Sort::TypeVar, a[1])?;
    let mut o = options(th, a[3], a[4], [a[5], a[6], a[7]])?;
    let constraints = tuple_items(a[2]);
    if constraints.len() == 1 {
        return Err(th.type_error("A single constraint is not allowed"));
    }
    if !constraints.is_empty() {
        if !o.bound.is_null() {
            return Err(th.type_error("Constraints cannot be combined with bound=..."));
        }
        o.constraints = a[2];
    }
    TypeParam::make(th, Sort::TypeVar, a[1], o)
}

fn new_param_spec(th: &mut Thread, a: &[Value]) -> R<Value> {
    check_name(th, Sort::ParamSpec, a[1])?;
    let o = options(th, a[2], a[3], [a[4], a[5], a[6]])?;
    TypeParam::make(th, Sort::ParamSpec, a[1], o)
}

fn new_type_var_tuple(th: &mut Thread, a: &[Value]) -> R<Value> {
    check_name(th, Sort::TypeVarTuple, a[1])?;
    let o = options(th, Value::NULL, a[2], [Value::NULL; 3])?;
    TypeParam::make(th, Sort::TypeVarTuple, a[1], o)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = this(a[0]);
    if p.infer_variance || p.sort == Sort::TypeVarTuple {
        return Ok(p.name);
    }
    let variance = if p.covariant {
        '+'
    } else if p.contravariant {
        '-'
    } else {
        '~'
    };
    let name = th.to_str(p.name)?;
    Ok(th.str_value(&format!("{variance}{name}")))
}

fn default_of(th: &mut Thread, v: Value) -> R<Value> {
    let none = no_default(th);
    value_of(th, v, |p| &p.default, none)
}

fn has_default(th: &mut Thread, a: &[Value]) -> R<Value> {
    let p = this(a[0]);
    let (value, evaluate) = th.read(p, |p| (p.default.value.peek(), p.default.evaluate.peek()))?;
    let given = !value.is_null() && value != no_default(th);
    Ok(Value::bool(given || !evaluate.is_null()))
}

/// `__typing_prepare_subst__` of a TypeVar: its default may stand in for the last argument.
fn prepare_subst(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (alias, args) = (a[1], a[2]);
    let params = th.attr(alias, "__parameters__")?;
    let index = th.call_method(params, "index", &[a[0]])?;
    let (index, items) = (th.index_i64(index)? as usize, tuple_items(args));
    if index < items.len() {
        return Ok(args);
    }
    if index == items.len() {
        let default = default_of(th, a[0])?;
        if default != no_default(th) {
            let mut all = items.to_vec();
            all.push(default);
            return Ok(th.tuple_value(&all));
        }
    }
    let alias = th.to_str(alias)?;
    Err(th.type_error(format!("Too few arguments for {alias}")))
}

/// `*Ts`, as `typing.Unpack[Ts]`.
pub(super) fn unpack(th: &mut Thread, v: Value) -> R<Value> {
    let typing = crate::modules::import(th, "typing")?;
    let unpack = th.attr(typing, "Unpack")?;
    th.get_item(unpack, v)
}

fn define(th: &mut Thread, sort: Sort, f: impl FnOnce(&mut crate::objects::define::TypeBuilder)) {
    let object = th.rt.types().object;
    let layout = LayoutInfo::of::<Native<TypeParam>>();
    let flags = f::DICT | f::WEAKREF;
    let class = th.new_class(sort.full_name(), object, layout, flags, |t| {
        t.getset("__name__", |_, v| Ok(this(v).name), None);
        t.getset("__default__", default_of, None);
        t.getset(
            "evaluate_default",
            |th, v| evaluator_of(th, v, |p| &p.default),
            None,
        );
        t.methods(&[
            ("__repr__(self, /)", repr),
            ("__reduce__(self, /)", |_, a| Ok(this(a[0]).name)),
            ("__mro_entries__(self, bases, /)", no_base),
            ("has_default(self, /)", has_default),
        ]);
        if sort != Sort::TypeVarTuple {
            t.getset(
                "__covariant__",
                |_, v| Ok(Value::bool(this(v).covariant)),
                None,
            );
            t.getset(
                "__contravariant__",
                |_, v| Ok(Value::bool(this(v).contravariant)),
                None,
            );
            t.getset(
                "__infer_variance__",
                |_, v| Ok(Value::bool(this(v).infer_variance)),
                None,
            );
            t.getset(
                "__bound__",
                |th, v| value_of(th, v, |p| &p.bound, Value::NONE),
                None,
            );
            t.methods(&[
                ("__or__(self, value, /)", union_or),
                ("__ror__(self, value, /)", union_ror),
            ]);
        }
        f(t);
    });
    th.set_state(sort.full_name(), class.value());
}

fn define_part<const KEYWORDS: bool>(th: &mut Thread, name: &str) {
    fn origin<const K: bool>(v: Value) -> Value {
        v.native::<ParamSpecPart<K>>()
            .map_or(Value::NONE, |p| p.origin)
    }
    th.new_type::<ParamSpecPart<KEYWORDS>>(name, f::WEAKREF, |t| {
        t.new("ParamSpecPart(cls, origin, /)", |th, a| {
            let class = th.class_for::<ParamSpecPart<KEYWORDS>>();
            let payload = ParamSpecPart::<KEYWORDS> { origin: a[1] };
            Ok(th.new_native(class, payload).value())
        });
        t.attr("__hash__", Value::NONE);
        t.getset("__origin__", |_, v| Ok(origin::<KEYWORDS>(v)), None);
        t.methods(&[
            ("__repr__(self, /)", |th, a| {
                let what = if KEYWORDS { "kwargs" } else { "args" };
                let origin = origin::<KEYWORDS>(a[0]);
                let name = match origin.native::<TypeParam>() {
                    Some(p) => th.to_str(p.name)?,
                    None => th.repr(origin)?,
                };
                Ok(th.str_value(&format!("{name}.{what}")))
            }),
            ("__eq__(self, value, /)", |th, a| {
                if a[1].native::<ParamSpecPart<KEYWORDS>>().is_none() {
                    return Ok(Value::NOT_IMPLEMENTED);
                }
                let (x, y) = (origin::<KEYWORDS>(a[0]), origin::<KEYWORDS>(a[1]));
                Ok(Value::bool(th.equal(x, y)?))
            }),
            ("__mro_entries__(self, bases, /)", no_base),
        ]);
    });
}

fn part<const KEYWORDS: bool>(th: &mut Thread, origin: Value) -> R<Value> {
    let class = th.class_for::<ParamSpecPart<KEYWORDS>>();
    Ok(th
        .new_native(class, ParamSpecPart::<KEYWORDS> { origin })
        .value())
}

pub(super) fn init(th: &mut Thread) {
    define(th, Sort::TypeVar, |t| {
        t.new(
            "TypeVar(cls, name, *constraints, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)",
            new_type_var,
        );
        t.getset(
            "__constraints__",
            |th, v| {
                let none = th.tuple_value(&[]);
                value_of(th, v, |p| &p.constraints, none)
            },
            None,
        );
        t.getset(
            "evaluate_bound",
            |th, v| evaluator_of(th, v, |p| &p.bound),
            None,
        );
        t.getset(
            "evaluate_constraints",
            |th, v| evaluator_of(th, v, |p| &p.constraints),
            None,
        );
        t.methods(&[
            ("__typing_subst__(self, arg, /)", |th, a| {
                call_typing(th, "_typevar_subst", a)
            }),
            (
                "__typing_prepare_subst__(self, alias, args, /)",
                prepare_subst,
            ),
        ]);
    });
    define(th, Sort::ParamSpec, |t| {
        t.new(
            "ParamSpec(cls, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)",
            new_param_spec,
        );
        t.getset("args", part::<false>, None);
        t.getset("kwargs", part::<true>, None);
        t.methods(&[
            ("__typing_subst__(self, arg, /)", |th, a| {
                call_typing(th, "_paramspec_subst", a)
            }),
            ("__typing_prepare_subst__(self, alias, args, /)", |th, a| {
                call_typing(th, "_paramspec_prepare_subst", a)
            }),
        ]);
    });
    define(th, Sort::TypeVarTuple, |t| {
        t.new(
            "TypeVarTuple(cls, name, *, default=NoDefault)",
            new_type_var_tuple,
        );
        t.methods(&[
            ("__iter__(self, /)", |th, a| {
                let unpacked = unpack(th, a[0])?;
                let items = th.tuple_value(&[unpacked]);
                th.iter(items)
            }),
            ("__typing_subst__(self, arg, /)", |th, _| {
                Err(th.type_error("Substitution of bare TypeVarTuple is not supported"))
            }),
            ("__typing_prepare_subst__(self, alias, args, /)", |th, a| {
                call_typing(th, "_typevartuple_prepare_subst", a)
            }),
        ]);
    });
    define_part::<false>(th, "typing.ParamSpecArgs");
    define_part::<true>(th, "typing.ParamSpecKwargs");
}
