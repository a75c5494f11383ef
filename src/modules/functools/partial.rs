//! `partial` and the `Placeholder` for arguments that are still to come.

use crate::heap::{Kind, R, Ref, Slot, Thread, Tracer, Value};
use crate::modules::join;
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload, tuple_items};

/// The one instance of its class.
struct Placeholder;
impl Payload for Placeholder {}

struct Partial {
    function: Slot,
    /// A tuple.
    args: Slot,
    /// A dict that belongs to this object.
    keywords: Slot,
}
impl Payload for Partial {
    fn trace(&self, t: &mut Tracer) {
        for s in [&self.function, &self.args, &self.keywords] {
            t.slot(s)
        }
    }
}

const NAME: &str = "functools.partial";
const TRAILING: &str = "trailing Placeholders are not allowed";

fn is_placeholder(v: Value) -> bool {
    v.native::<Placeholder>().is_some()
}

fn this(th: &mut Thread, v: Value) -> R<Ref<Native<Partial>>> {
    th.native_self(v, NAME)
}

/// Function, arguments and keywords at one moment.
fn parts(th: &mut Thread, p: Ref<Native<Partial>>) -> R<(Value, Value, Value)> {
    th.read(p, |p| (p.function.peek(), p.args.peek(), p.keywords.peek()))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[class, function, args, keywords] = a else {
        unreachable!("bound by the signature")
    };
    let Some(class) = class.as_class() else {
        return Err(th.type_error("partial.__new__(X): X is not a type object"));
    };
    if function.is_null() {
        return Err(th.type_error("type 'partial' takes at least one argument"));
    }
    if !th.is_callable(function) {
        return Err(th.type_error("the first argument must be callable"));
    }
    let given = tuple_items(args);
    if given.last().is_some_and(|&v| is_placeholder(v)) {
        return Err(th.type_error(TRAILING));
    }
    let Some(given_keywords) = keywords.cast::<Dict>() else {
        unreachable!("bound by the signature")
    };
    for (_, v) in given_keywords.items(th)? {
        if is_placeholder(v) {
            return Err(th.type_error("Placeholder cannot be passed as a keyword argument"));
        }
    }
    let (mut function, mut args, mut all_keywords) = (function, args, given_keywords);
    // A partial of a plain partial is one of its function.
    if let Some(inner) = function.native::<Partial>()
        && !has_attributes(th, function)?
    {
        let (inner_function, stored, inner_keywords) = parts(th, inner)?;
        let merged = merge(tuple_items(stored), given);
        args = th.tuple_value(&merged);
        function = inner_function;
        all_keywords = combined_keywords(th, inner_keywords, given_keywords)?;
    }
    let payload = Partial {
        function: Slot::new(function),
        args: Slot::new(args),
        keywords: Slot::new(all_keywords.value()),
    };
    Ok(th.new_native(class, payload).value())
}

fn has_attributes(th: &mut Thread, v: Value) -> R<bool> {
    Ok(!th.own_attrs(v)?.is_empty())
}

/// `given` put into the placeholders of `stored` as far as it goes, the rest behind.
fn merge(stored: &[Value], given: &[Value]) -> Vec<Value> {
    let mut given = given.iter();
    let mut all: Vec<Value> = stored
        .iter()
        .map(|&v| {
            if is_placeholder(v) {
                given.next().copied().unwrap_or(v)
            } else {
                v
            }
        })
        .collect();
    all.extend(given);
    all
}

/// A new dict of the keywords in `stored`, overridden by those in `given`.
fn combined_keywords(th: &mut Thread, stored: Value, given: Ref<Dict>) -> R<Ref<Dict>> {
    let Some(stored) = stored.cast::<Dict>() else {
        return Ok(given);
    };
    let all = stored.copy(th)?;
    for (key, v) in given.items(th)? {
        all.insert(th, key, v)?;
    }
    Ok(all)
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let this = this(th, a[0])?;
    let (function, args, keywords) = parts(th, this)?;
    let (stored, given) = (tuple_items(args), tuple_items(a[1]));
    let wanted = stored.iter().filter(|&&v| is_placeholder(v)).count();
    if given.len() < wanted {
        let n = given.len();
        return Err(th.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {wanted}, got {n}"
        )));
    }
    let all = merge(stored, given);
    let mut keywords = keywords;
    if let Some(given) = a[2].cast::<Dict>()
        && given.len(th)? > 0
    {
        keywords = combined_keywords(th, keywords, given)?.value();
    }
    th.call_ex(function, &all, keywords)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    th.check_stack()?;
    let partial = this(th, a[0])?;
    let (function, args, keywords) = parts(th, partial)?;
    let class = th.class_of(a[0]);
    let module = th.attr(class.value(), "__module__")?;
    let mut text = th.to_str(module)?.as_bytes().to_vec();
    text.push(b'.');
    let qualname = th.attr(class.value(), "__qualname__")?;
    text.extend(th.to_str(qualname)?.as_bytes());
    text.push(b'(');
    text.extend(th.repr(function)?.as_bytes());
    for &v in tuple_items(args) {
        text.extend(b", ");
        text.extend(th.repr(v)?.as_bytes());
    }
    if let Some(keywords) = keywords.cast::<Dict>() {
        for (key, v) in keywords.items(th)? {
            text.extend(b", ");
            text.extend(th.to_str(key)?.as_bytes());
            text.push(b'=');
            text.extend(th.repr(v)?.as_bytes());
        }
    }
    text.push(b')');
    Ok(join(th, &[&text]))
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let partial = this(th, a[0])?;
    let (function, args, keywords) = parts(th, partial)?;
    let dict = match th.dict_of(a[0])? {
        Some(dict) if dict.len(th)? > 0 => dict.value(),
        _ => Value::NONE,
    };
    let class = th.class_of(a[0]).value();
    let state = th.tuple_value(&[function, args, keywords, dict]);
    let arguments = th.tuple_value(&[function]);
    Ok(th.tuple_value(&[class, arguments, state]))
}

fn setstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let partial = this(th, a[0])?;
    let state = if a[1].kind() == Kind::Tuple {
        tuple_items(a[1])
    } else {
        &[]
    };
    let [function, args, keywords, attributes] = *state else {
        return Err(th.type_error("invalid partial state"));
    };
    let keywords_fit = keywords.is_none() || keywords.kind() == Kind::Dict;
    if !th.is_callable(function) || args.kind() != Kind::Tuple || !keywords_fit {
        return Err(th.type_error("invalid partial state"));
    }
    if tuple_items(args).last().is_some_and(|&v| is_placeholder(v)) {
        return Err(th.type_error(TRAILING));
    }
    let plain_args = th.tuple_value(tuple_items(args));
    let keywords = match keywords.cast::<Dict>() {
        Some(dict) => dict.copy(th)?,
        None => Dict::new(th),
    };
    th.set(partial, &partial.function, function)?;
    th.set(partial, &partial.args, plain_args)?;
    th.set(partial, &partial.keywords, keywords.value())?;
    if let Some(attributes) = attributes.cast::<Dict>() {
        th.set_dict_of(a[0], attributes)?;
    }
    Ok(Value::NONE)
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    let class = th.new_type::<Placeholder>("functools._PlaceholderType", 0, |t| {
        t.new("_PlaceholderType(cls, /)", |th, _| {
            Ok(th.rt.state.get("functools.Placeholder"))
        });
        t.method("__repr__(self, /)", |th, _| Ok(th.str_value("Placeholder")));
        t.method("__reduce__(self, /)", |th, _| {
            Ok(th.str_value("Placeholder"))
        });
        t.doc(
            "The type of the Placeholder singleton.\n\n\
             Used as a placeholder for partial arguments.",
        );
    });
    let placeholder = th.new_native(class, Placeholder).value();
    th.set_state("functools.Placeholder", placeholder);
    th.define(module.dict(), "_PlaceholderType", class.value());
    th.define(module.dict(), "Placeholder", placeholder);

    let flags = class_flags::BASE | class_flags::DICT | class_flags::WEAKREF;
    let class = th.new_type::<Partial>(NAME, flags, |t| {
        t.new("partial(cls, func=None, /, *args, **keywords)", new);
        t.methods(&[
            ("__call__(self, /, *args, **kwargs)", call),
            ("__repr__(self, /)", repr),
            ("__reduce__(self, /)", reduce),
            ("__setstate__(self, state, /)", setstate),
            ("__get__(self, instance, owner=None, /)", |th, a| {
                if a[1].is_none() || a[1].is_null() {
                    return Ok(a[0]);
                }
                Ok(th.bound_method(a[0], a[1]))
            }),
        ]);
        t.class_method("__class_getitem__(type, object, /)", |th, a| {
            th.generic_alias(a[0], a[1])
        });
        t.getset(
            "func",
            |th, v| {
                let p = this(th, v)?;
                th.get(p, &p.function)
            },
            None,
        );
        t.getset(
            "args",
            |th, v| {
                let p = this(th, v)?;
                th.get(p, &p.args)
            },
            None,
        );
        t.getset(
            "keywords",
            |th, v| {
                let p = this(th, v)?;
                th.get(p, &p.keywords)
            },
            None,
        );
        t.doc(
            "Create a new function with partial application of the given arguments and keywords.",
        );
    });
    th.define(module.dict(), "partial", class.value());
}
