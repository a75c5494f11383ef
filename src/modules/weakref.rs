//! `_weakref`: references that do not keep alive, and proxies for what they refer to.
//!
//! A proxy has the same payload as a reference; its class has every special method, and hands each on to the referent.

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::{Native, NativeFn};
use crate::objects::protocol::{BinOp, Cmp};
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::objects::weak::WeakRef;

fn this(v: Value) -> Ref<Native<WeakRef>> {
    v.native().expect("the receiver's class was checked")
}

/// TypeError unless there may be weak references to `v`.
fn check_referent(th: &mut Thread, v: Value) -> R<()> {
    if v.is_object() && th.class_of(v).has_flag(f::WEAKREF) {
        return Ok(());
    }
    let name = th.type_name(v);
    Err(th.type_error(format!("cannot create weak reference to '{name}' object")))
}

/// A weak reference of `class`: one without a callback is made only once for each object.
fn make(th: &mut Thread, class: Ref<Class>, referent: Value, callback: Value) -> R<Value> {
    check_referent(th, referent)?;
    let callback = if callback.is_none() {
        Value::NULL
    } else {
        callback
    };
    if callback.is_null() && !class.has_flag(f::HEAP) {
        let rt = th.rt;
        let found = rt.weak.lock().of(referent).iter().copied().find(|&v| {
            th.class_of(v) == class
                && v.native::<WeakRef>()
                    .is_some_and(|w| w.get() == referent && w.callback.peek().is_null())
        });
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Ok(th.weak_ref(class, referent, callback).value())
}

fn new_ref(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("the call has checked the class");
    let args = crate::objects::native::tuple_items(a[1]);
    match *args {
        [referent] => make(th, class, referent, Value::NULL),
        [referent, callback, ..] if args.len() == 2 || class.has_flag(f::HEAP) => {
            make(th, class, referent, callback)
        }
        [] => Err(th.type_error("__new__ expected at least 1 argument, got 0")),
        _ => {
            let n = args.len();
            Err(th.type_error(format!("__new__ expected at most 2 arguments, got {n}")))
        }
    }
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let weak = this(a[0]);
    // Hidden state: what the hash of the referent was when asked first.
    let known = weak.hash.peek();
    if known != 0 {
        return Ok(th.int(known as i64));
    }
    let referent = weak.get();
    if referent.is_null() {
        return Err(th.type_error("weak object has gone away"));
    }
    let hash = th.hash(referent)?;
    weak.hash.init(hash as u64);
    Ok(th.int(hash))
}

fn compare(th: &mut Thread, a: &[Value], op: Cmp) -> R<Value> {
    let (Some(x), Some(y)) = (a[0].native::<WeakRef>(), a[1].native::<WeakRef>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (v, w) = (x.get(), y.get());
    if v.is_null() || w.is_null() {
        return Ok(Value::bool((a[0] == a[1]) == (op == Cmp::Eq)));
    }
    th.compare(op, v, w)
}

fn described(th: &mut Thread, v: Value, what: &str) -> R<Value> {
    let referent = this(v).get();
    if referent.is_null() {
        return Ok(th.str_value(&format!("<{what} at {:#x}; dead>", v.0)));
    }
    let class = th.type_name(referent);
    let name = th.attr_opt(referent, "__name__")?;
    let name = match name.non_null().and_then(|v| v.cast::<Str>()) {
        Some(name) if what == "weakref" => format!(" ({name})"),
        _ => String::new(),
    };
    let text = format!(
        "<{what} at {:#x}; to '{class}' at {:#x}{name}>",
        v.0, referent.0
    );
    Ok(th.str_value(&text))
}

/// What a proxy stands for; anything else stands for itself.
fn unwrap(th: &mut Thread, v: Value) -> R<Value> {
    let Some(weak) = v.native::<WeakRef>().filter(|_| is_proxy(th, v)) else {
        return Ok(v);
    };
    let referent = weak.get();
    if referent.is_null() {
        return Err(th.reference_error("weakly-referenced object no longer exists"));
    }
    Ok(referent)
}

fn is_proxy(th: &Thread, v: Value) -> bool {
    let class = th.class_of(v).value();
    class == th.rt.state.get(PROXY) || class == th.rt.state.get(CALLABLE_PROXY)
}

const PROXY: &str = "weakref.ProxyType";
const CALLABLE_PROXY: &str = "weakref.CallableProxyType";

/// The special method, called on what the proxy stands for.
macro_rules! forward {
    ($($signature:literal $sp:ident;)*) => {
        &[$(($signature, |th, a| {
            let v = unwrap(th, a[0])?;
            let result = th.call_special(v, Sp::$sp, &a[1..])?;
            if result.is_null() {
                let (name, what) = (th.type_name(v), Sp::$sp.name());
                return Err(th.type_error(format!("'{name}' object has no {what}")));
            }
            Ok(result)
        }),)*]
    };
}

static FORWARDED: &[(&str, NativeFn)] = forward! {
    "__bytes__(self, /)" Bytes;
    "__neg__(self, /)" Neg;
    "__pos__(self, /)" Pos;
    "__abs__(self, /)" Abs;
    "__invert__(self, /)" Invert;
    "__int__(self, /)" Int;
    "__float__(self, /)" Float;
    "__index__(self, /)" Index;
};

/// A binary operator in its three forms.
macro_rules! binary {
    ($($plain:literal $reflected:literal $inplace:literal $op:ident;)*) => {
        &[$(
            ($plain, |th, a| {
                let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
                th.binary(BinOp::$op, x, y)
            }),
            ($reflected, |th, a| {
                let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
                th.binary(BinOp::$op, y, x)
            }),
            ($inplace, |th, a| {
                let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
                th.inplace(BinOp::$op, x, y)
            }),
        )*]
    };
}

static BINARY: &[(&str, NativeFn)] = binary! {
    "__add__(self, value, /)" "__radd__(self, value, /)" "__iadd__(self, value, /)" Add;
    "__sub__(self, value, /)" "__rsub__(self, value, /)" "__isub__(self, value, /)" Sub;
    "__mul__(self, value, /)" "__rmul__(self, value, /)" "__imul__(self, value, /)" Mul;
    "__matmul__(self, value, /)" "__rmatmul__(self, value, /)" "__imatmul__(self, value, /)" MatMul;
    "__truediv__(self, value, /)" "__rtruediv__(self, value, /)" "__itruediv__(self, value, /)" TrueDiv;
    "__floordiv__(self, value, /)" "__rfloordiv__(self, value, /)" "__ifloordiv__(self, value, /)" FloorDiv;
    "__mod__(self, value, /)" "__rmod__(self, value, /)" "__imod__(self, value, /)" Mod;
    "__pow__(self, value, mod=None, /)" "__rpow__(self, value, mod=None, /)" "__ipow__(self, value, /)" Pow;
    "__lshift__(self, value, /)" "__rlshift__(self, value, /)" "__ilshift__(self, value, /)" LShift;
    "__rshift__(self, value, /)" "__rrshift__(self, value, /)" "__irshift__(self, value, /)" RShift;
    "__and__(self, value, /)" "__rand__(self, value, /)" "__iand__(self, value, /)" And;
    "__or__(self, value, /)" "__ror__(self, value, /)" "__ior__(self, value, /)" Or;
    "__xor__(self, value, /)" "__rxor__(self, value, /)" "__ixor__(self, value, /)" Xor;
};

macro_rules! comparisons {
    ($($signature:literal $op:ident;)*) => {
        &[$(($signature, |th, a| {
            let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
            th.compare(Cmp::$op, x, y)
        }),)*]
    };
}

static COMPARISONS: &[(&str, NativeFn)] = comparisons! {
    "__lt__(self, value, /)" Lt;
    "__le__(self, value, /)" Le;
    "__eq__(self, value, /)" Eq;
    "__ne__(self, value, /)" Ne;
    "__gt__(self, value, /)" Gt;
    "__ge__(self, value, /)" Ge;
};

fn name_of(th: &mut Thread, v: Value) -> R<Value> {
    match th.name_value(v) {
        Some(name) => Ok(name),
        None => Err(th.type_error("attribute name must be string")),
    }
}

static PROTOCOL: &[(&str, NativeFn)] = &[
    ("__getattribute__(self, name, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        let name = name_of(th, a[1])?;
        th.get_attr(v, name)
    }),
    ("__setattr__(self, name, value, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        let name = name_of(th, a[1])?;
        th.set_attr(v, name, a[2])?;
        Ok(Value::NONE)
    }),
    ("__delattr__(self, name, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        let name = name_of(th, a[1])?;
        th.del_attr(v, name)?;
        Ok(Value::NONE)
    }),
    ("__repr__(self, /)", |th, a| {
        described(th, a[0], "weakproxy")
    }),
    ("__str__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        Ok(th.to_str(v)?.value())
    }),
    ("__bool__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        Ok(Value::bool(th.truth(v)?))
    }),
    ("__len__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        let n = th.len_of(v)?;
        Ok(th.int(n as i64))
    }),
    ("__contains__(self, key, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        Ok(Value::bool(th.contains(v, a[1])?))
    }),
    ("__getitem__(self, key, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        th.get_item(v, a[1])
    }),
    ("__setitem__(self, key, value, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        th.set_item(v, a[1], a[2])?;
        Ok(Value::NONE)
    }),
    ("__delitem__(self, key, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        th.del_item(v, a[1])?;
        Ok(Value::NONE)
    }),
    ("__iter__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        th.iter(v)
    }),
    ("__next__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        if th.special(v, Sp::Next).is_null() {
            let name = th.type_name(v);
            return Err(th.type_error(format!(
                "Weakref proxy referenced a non-iterator '{name}' object"
            )));
        }
        th.call_special(v, Sp::Next, &[])
    }),
    ("__reversed__(self, /)", |th, a| {
        let v = unwrap(th, a[0])?;
        let reversed = th.builtin("reversed")?;
        th.call(reversed, &[v])
    }),
    ("__divmod__(self, value, /)", |th, a| {
        let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
        th.divmod(x, y)
    }),
    ("__rdivmod__(self, value, /)", |th, a| {
        let (x, y) = (unwrap(th, a[0])?, unwrap(th, a[1])?);
        th.divmod(y, x)
    }),
];

fn proxy_class(th: &mut Thread, name: &str, callable: bool) -> Ref<Class> {
    let object = th.rt.types().object;
    let layout = LayoutInfo::of::<Native<WeakRef>>();
    th.new_class(name, object, layout, f::NO_NEW, |t| {
        t.attr("__hash__", Value::NONE);
        t.methods(PROTOCOL)
            .methods(FORWARDED)
            .methods(BINARY)
            .methods(COMPARISONS);
        if callable {
            t.method("__call__(self, /, *args, **kwargs)", |th, a| {
                let v = unwrap(th, a[0])?;
                th.call_ex(v, crate::objects::native::tuple_items(a[1]), a[2])
            });
        }
    })
}

fn proxy(th: &mut Thread, a: &[Value]) -> R<Value> {
    let kind = if th.is_callable(a[0]) {
        CALLABLE_PROXY
    } else {
        PROXY
    };
    let class = th.rt.state.get(kind);
    let class = class
        .as_class()
        .expect("the proxy classes are made with the module");
    make(th, class, a[0], a[1].or_none())
}

/// The live weak references and proxies to an object.
fn refs_to(th: &mut Thread, v: Value) -> Vec<Value> {
    let table = th.rt.weak.lock();
    let alive = |w: &Value| w.native::<WeakRef>().is_some_and(|w| w.get() == v);
    table.of(v).iter().copied().filter(alive).collect()
}

fn remove_dead(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(dict) = a[0].cast::<Dict>() else {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!(
            "_remove_dead_weakref() argument 1 must be dict, not {name}"
        )));
    };
    let found = dict.get(th, a[1])?;
    if !found.is_null() {
        match found.native::<WeakRef>() {
            Some(weak) if weak.get().is_null() => {
                dict.remove(th, a[1])?;
            }
            Some(_) => {}
            None => return Err(th.type_error("not a weakref")),
        }
    }
    Ok(Value::NONE)
}

fn fill_ref(th: &mut Thread) {
    th.fill(th.rt.types().weak_reference, |t| {
        let module = t.th.str_value("weakref");
        t.attr("__module__", module);
        t.new("ReferenceType(cls, *args, **kwargs)", new_ref);
        t.getset(
            "__callback__",
            |_, v| Ok(this(v).callback.peek().or_none()),
            None,
        );
        t.class_method("__class_getitem__(cls, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.methods(&[
            ("__init__(self, object, callback=None, /)", |_, _| {
                Ok(Value::NONE)
            }),
            ("__call__(self, /)", |_, a| Ok(this(a[0]).get().or_none())),
            ("__hash__(self, /)", hash),
            ("__eq__(self, value, /)", |th, a| compare(th, a, Cmp::Eq)),
            ("__ne__(self, value, /)", |th, a| compare(th, a, Cmp::Ne)),
            ("__repr__(self, /)", |th, a| described(th, a[0], "weakref")),
        ]);
    });
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_weakref");
    let dict = module.dict();
    let reference = th.rt.types().weak_reference;
    fill_ref(th);
    crate::objects::define::finish_class(th, reference)?;
    let plain = proxy_class(th, PROXY, false);
    let callable = proxy_class(th, CALLABLE_PROXY, true);
    th.set_state(PROXY, plain.value());
    th.set_state(CALLABLE_PROXY, callable.value());
    for (name, class) in [
        ("ref", reference),
        ("ReferenceType", reference),
        ("ProxyType", plain),
        ("CallableProxyType", callable),
    ] {
        th.define(dict, name, class.value());
    }
    th.functions(
        module,
        &[
            ("proxy(object, callback=None, /)", proxy),
            ("getweakrefcount(object, /)", |th, a| {
                let n = refs_to(th, a[0]).len();
                Ok(th.int(n as i64))
            }),
            ("getweakrefs(object, /)", |th, a| {
                let refs = refs_to(th, a[0]);
                Ok(List::new(th, &refs).value())
            }),
            ("_remove_dead_weakref(dct, key, /)", remove_dead),
        ],
    );
    Ok(module)
}
