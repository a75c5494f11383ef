//! `_operator`.

use crate::heap::{R, Ref, Slot, Thread, Tracer, Value};
use crate::modules::{import, join};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::native::{NativeFn, Payload, tuple_items};
use crate::objects::protocol::{BinOp, Cmp};
use crate::objects::special::Sp;
use crate::objects::string::Str;

/// Functions of two operands, as `(signature, function)` pairs.
macro_rules! functions {
    ($($signature:literal => |$th:ident, $a:ident| $body:expr;)*) => {
        &[$(($signature, |$th: &mut Thread, $a: &[Value]| -> R<Value> { $body }),)*]
    };
}

const FUNCTIONS: &[(&str, NativeFn)] = functions! {
    "add(a, b, /)" => |th, a| th.binary(BinOp::Add, a[0], a[1]);
    "sub(a, b, /)" => |th, a| th.binary(BinOp::Sub, a[0], a[1]);
    "mul(a, b, /)" => |th, a| th.binary(BinOp::Mul, a[0], a[1]);
    "matmul(a, b, /)" => |th, a| th.binary(BinOp::MatMul, a[0], a[1]);
    "truediv(a, b, /)" => |th, a| th.binary(BinOp::TrueDiv, a[0], a[1]);
    "floordiv(a, b, /)" => |th, a| th.binary(BinOp::FloorDiv, a[0], a[1]);
    "mod(a, b, /)" => |th, a| th.binary(BinOp::Mod, a[0], a[1]);
    "pow(a, b, /)" => |th, a| th.binary(BinOp::Pow, a[0], a[1]);
    "lshift(a, b, /)" => |th, a| th.binary(BinOp::LShift, a[0], a[1]);
    "rshift(a, b, /)" => |th, a| th.binary(BinOp::RShift, a[0], a[1]);
    "and_(a, b, /)" => |th, a| th.binary(BinOp::And, a[0], a[1]);
    "or_(a, b, /)" => |th, a| th.binary(BinOp::Or, a[0], a[1]);
    "xor(a, b, /)" => |th, a| th.binary(BinOp::Xor, a[0], a[1]);
    "iadd(a, b, /)" => |th, a| th.inplace(BinOp::Add, a[0], a[1]);
    "isub(a, b, /)" => |th, a| th.inplace(BinOp::Sub, a[0], a[1]);
    "imul(a, b, /)" => |th, a| th.inplace(BinOp::Mul, a[0], a[1]);
    "imatmul(a, b, /)" => |th, a| th.inplace(BinOp::MatMul, a[0], a[1]);
    "itruediv(a, b, /)" => |th, a| th.inplace(BinOp::TrueDiv, a[0], a[1]);
    "ifloordiv(a, b, /)" => |th, a| th.inplace(BinOp::FloorDiv, a[0], a[1]);
    "imod(a, b, /)" => |th, a| th.inplace(BinOp::Mod, a[0], a[1]);
    "ipow(a, b, /)" => |th, a| th.inplace(BinOp::Pow, a[0], a[1]);
    "ilshift(a, b, /)" => |th, a| th.inplace(BinOp::LShift, a[0], a[1]);
    "irshift(a, b, /)" => |th, a| th.inplace(BinOp::RShift, a[0], a[1]);
    "iand(a, b, /)" => |th, a| th.inplace(BinOp::And, a[0], a[1]);
    "ior(a, b, /)" => |th, a| th.inplace(BinOp::Or, a[0], a[1]);
    "ixor(a, b, /)" => |th, a| th.inplace(BinOp::Xor, a[0], a[1]);
    "lt(a, b, /)" => |th, a| th.compare(Cmp::Lt, a[0], a[1]);
    "le(a, b, /)" => |th, a| th.compare(Cmp::Le, a[0], a[1]);
    "eq(a, b, /)" => |th, a| th.compare(Cmp::Eq, a[0], a[1]);
    "ne(a, b, /)" => |th, a| th.compare(Cmp::Ne, a[0], a[1]);
    "gt(a, b, /)" => |th, a| th.compare(Cmp::Gt, a[0], a[1]);
    "ge(a, b, /)" => |th, a| th.compare(Cmp::Ge, a[0], a[1]);
    "neg(a, /)" => |th, a| th.unary(Sp::Neg, a[0]);
    "pos(a, /)" => |th, a| th.unary(Sp::Pos, a[0]);
    "inv(a, /)" => |th, a| th.unary(Sp::Invert, a[0]);
    "invert(a, /)" => |th, a| th.unary(Sp::Invert, a[0]);
    "abs(a, /)" => |th, a| th.unary(Sp::Abs, a[0]);
    "not_(a, /)" => |th, a| Ok(Value::bool(!th.truth(a[0])?));
    "truth(a, /)" => |th, a| Ok(Value::bool(th.truth(a[0])?));
    "is_(a, b, /)" => |_th, a| Ok(Value::bool(a[0] == a[1]));
    "is_not(a, b, /)" => |_th, a| Ok(Value::bool(a[0] != a[1]));
    "is_none(a, /)" => |_th, a| Ok(Value::bool(a[0].is_none()));
    "is_not_none(a, /)" => |_th, a| Ok(Value::bool(!a[0].is_none()));
    "index(a, /)" => |th, a| th.index(a[0]);
    "contains(a, b, /)" => |th, a| Ok(Value::bool(th.contains(a[0], a[1])?));
    "getitem(a, b, /)" => |th, a| th.get_item(a[0], a[1]);
    "setitem(a, b, c, /)" => |th, a| th.set_item(a[0], a[1], a[2]).map(|()| Value::NONE);
    "delitem(a, b, /)" => |th, a| th.del_item(a[0], a[1]).map(|()| Value::NONE);
    "concat(a, b, /)" => |th, a| concat(th, a, false);
    "iconcat(a, b, /)" => |th, a| concat(th, a, true);
    "countOf(a, b, /)" => |th, a| count_of(th, a[0], a[1]);
    "indexOf(a, b, /)" => |th, a| index_of(th, a[0], a[1]);
    "length_hint(obj, default=0, /)" => |th, a| length_hint(th, a);
    "call(obj, /, *args, **kwargs)" => |th, a| th.call_ex(a[0], tuple_items(a[1]), a[2]);
    "_compare_digest(a, b, /)" => |th, a| compare_digest(th, a);
};

fn concat(th: &mut Thread, a: &[Value], in_place: bool) -> R<Value> {
    if th.special(a[0], Sp::GetItem).is_null() {
        let name = th.type_name(a[0]);
        return Err(th.type_error(format!("'{name}' object can't be concatenated")));
    }
    if in_place {
        th.inplace(BinOp::Add, a[0], a[1])
    } else {
        th.binary(BinOp::Add, a[0], a[1])
    }
}

fn count_of(th: &mut Thread, sequence: Value, wanted: Value) -> R<Value> {
    let mut count = 0;
    th.for_each(sequence, |th, v| {
        count += th.equal(v, wanted)? as i64;
        Ok(true)
    })?;
    Ok(th.int(count))
}

fn index_of(th: &mut Thread, sequence: Value, wanted: Value) -> R<Value> {
    let (mut at, mut found) = (0, false);
    th.for_each(sequence, |th, v| {
        found = th.equal(v, wanted)?;
        at += !found as i64;
        Ok(!found)
    })?;
    if !found {
        return Err(th.value_error("sequence.index(x): x not in sequence"));
    }
    Ok(th.int(at))
}

fn length_hint(th: &mut Thread, a: &[Value]) -> R<Value> {
    let default = match a[1].non_null() {
        None => 0,
        Some(v) if th.is_int(v) => th.index_i64(v)?,
        Some(v) => {
            let name = th.type_name(v);
            return Err(th.type_error(format!(
                "'{name}' object cannot be interpreted as an integer"
            )));
        }
    };
    if !th.special(a[0], Sp::Len).is_null() {
        let len = th.len_of(a[0])?;
        return Ok(th.uint(len as u64));
    }
    if th.special(a[0], Sp::LengthHint).is_null() {
        return Ok(th.int(default));
    }
    let type_error = th.rt.types().exceptions.type_error;
    let hint = match th.call_special(a[0], Sp::LengthHint, &[]) {
        Err(crate::heap::Fail::Raise) if th.raised_is(type_error) => {
            th.take_exc();
            return Ok(th.int(default));
        }
        hint => hint?,
    };
    if hint == Value::NOT_IMPLEMENTED {
        return Ok(th.int(default));
    }
    if !th.is_int(hint) {
        let name = th.type_name(hint);
        return Err(th.type_error(format!("__length_hint__ must be an integer, not {name}")));
    }
    let hint = th.index_i64(hint)?;
    if hint < 0 {
        return Err(th.value_error("__length_hint__() should return >= 0"));
    }
    Ok(th.int(hint))
}

/// Compares texts or bytes in time that depends on their lengths alone.
fn compare_digest(th: &mut Thread, a: &[Value]) -> R<Value> {
    let equal = |x: &[u8], y: &[u8]| {
        let differing = x.iter().zip(y).fold(0u8, |all, (p, q)| all | (p ^ q));
        std::hint::black_box(differing) == 0 && x.len() == y.len()
    };
    if let (Some(x), Some(y)) = (a[0].cast::<Str>(), a[1].cast::<Str>()) {
        if !x.is_ascii() || !y.is_ascii() {
            return Err(
                th.type_error("comparing strings with non-ASCII characters is not supported")
            );
        }
        return Ok(Value::bool(equal(x.as_bytes(), y.as_bytes())));
    }
    match (th.buffer(a[0])?, th.buffer(a[1])?) {
        (Some(x), Some(y)) => Ok(Value::bool(equal(&x, &y))),
        _ => {
            let (x, y) = (th.type_name(a[0]), th.type_name(a[1]));
            Err(th.type_error(format!(
                "unsupported operand types(s) or combination of types: '{x}' and '{y}'"
            )))
        }
    }
}

struct ItemGetter {
    /// A tuple, of at least one.
    items: Value,
}
impl Payload for ItemGetter {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.items)
    }
}

struct AttrGetter {
    /// The names as given, a tuple of strings.
    names: Value,
    /// For each the tuple of its parts, interned.
    paths: Value,
}
impl Payload for AttrGetter {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.names, self.paths])
    }
}

struct MethodCaller {
    name: Value,
    args: Value,
    /// A dict, or null for none. Never changes.
    kwargs: Slot,
}
impl Payload for MethodCaller {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.args]);
        t.slot(&self.kwargs);
    }
}

/// A tuple of what `get` makes of each item; for one item, that alone.
fn each(
    th: &mut Thread,
    items: &[Value],
    mut get: impl FnMut(&mut Thread, Value) -> R<Value>,
) -> R<Value> {
    if let [item] = *items {
        return get(th, item);
    }
    let mark = th.roots.len();
    for &item in items {
        let found = get(th, item)?;
        th.roots.push(found);
    }
    let found = th.roots.since(mark).to_vec();
    th.roots.truncate(mark);
    Ok(th.tuple_value(&found))
}

/// `item, *items` as one tuple.
fn all_items(th: &mut Thread, first: Value, rest: Value) -> Value {
    let mut items = vec![first];
    items.extend(tuple_items(rest));
    th.tuple_value(&items)
}

/// `name(repr, repr, key=repr)`.
fn call_repr(th: &mut Thread, name: &str, args: &[Value], kwargs: &[(Value, Value)]) -> R<Value> {
    let mut text = name.as_bytes().to_vec();
    text.push(b'(');
    for (i, &v) in args.iter().enumerate() {
        if i > 0 {
            text.extend(b", ");
        }
        text.extend(th.repr(v)?.as_bytes());
    }
    for (i, &(key, v)) in kwargs.iter().enumerate() {
        if i + args.len() > 0 {
            text.extend(b", ");
        }
        text.extend(th.to_str(key)?.as_bytes());
        text.push(b'=');
        text.extend(th.repr(v)?.as_bytes());
    }
    text.push(b')');
    Ok(join(th, &[&text]))
}

fn item_getter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("itemgetter.__new__(X): X is not a type object"));
    };
    let items = all_items(th, a[1], a[2]);
    Ok(th.new_native(class, ItemGetter { items }).value())
}

fn define_itemgetter(th: &mut Thread, module: Ref<Module>) {
    let class = th.new_type::<ItemGetter>("operator.itemgetter", 0, |t| {
        t.new("itemgetter(cls, item, /, *items)", item_getter);
        t.method("__call__(self, obj, /)", |th, a| {
            let this = th.native_self::<ItemGetter>(a[0], "operator.itemgetter")?;
            let object = a[1];
            each(th, tuple_items(this.items), |th, item| {
                th.get_item(object, item)
            })
        });
        t.method("__repr__(self, /)", |th, a| {
            let this = th.native_self::<ItemGetter>(a[0], "operator.itemgetter")?;
            call_repr(th, "operator.itemgetter", tuple_items(this.items), &[])
        });
        t.method("__reduce__(self, /)", |th, a| {
            let this = th.native_self::<ItemGetter>(a[0], "operator.itemgetter")?;
            let class = th.class_of(a[0]).value();
            Ok(th.tuple_value(&[class, this.items]))
        });
    });
    th.define(module.dict(), "itemgetter", class.value());
}

fn attr_getter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("attrgetter.__new__(X): X is not a type object"));
    };
    let names = all_items(th, a[1], a[2]);
    let mut paths = vec![];
    for &name in tuple_items(names) {
        let Some(text) = name.cast::<Str>() else {
            return Err(th.type_error("attribute name must be a string"));
        };
        let mut path = vec![];
        for part in text.as_bytes().split(|&b| b == b'.') {
            path.push(th.intern_wtf8(part).value());
        }
        paths.push(th.tuple_value(&path));
    }
    let paths = th.tuple_value(&paths);
    Ok(th.new_native(class, AttrGetter { names, paths }).value())
}

fn define_attrgetter(th: &mut Thread, module: Ref<Module>) {
    let class = th.new_type::<AttrGetter>("operator.attrgetter", 0, |t| {
        t.new("attrgetter(cls, attr, /, *attrs)", attr_getter);
        t.method("__call__(self, obj, /)", |th, a| {
            let this = th.native_self::<AttrGetter>(a[0], "operator.attrgetter")?;
            let object = a[1];
            each(th, tuple_items(this.paths), |th, path| {
                let mut v = object;
                for &name in tuple_items(path) {
                    v = th.get_attr(v, name)?;
                }
                Ok(v)
            })
        });
        t.method("__repr__(self, /)", |th, a| {
            let this = th.native_self::<AttrGetter>(a[0], "operator.attrgetter")?;
            call_repr(th, "operator.attrgetter", tuple_items(this.names), &[])
        });
        t.method("__reduce__(self, /)", |th, a| {
            let this = th.native_self::<AttrGetter>(a[0], "operator.attrgetter")?;
            let class = th.class_of(a[0]).value();
            Ok(th.tuple_value(&[class, this.names]))
        });
    });
    th.define(module.dict(), "attrgetter", class.value());
}

fn method_caller(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("methodcaller.__new__(X): X is not a type object"));
    };
    let Some(name) = th.name_value(a[1]) else {
        return Err(th.type_error("method name must be a string"));
    };
    let mut kwargs = a[3];
    if let Some(dict) = kwargs.cast::<Dict>()
        && dict.len(th)? == 0
    {
        kwargs = Value::NULL;
    }
    let payload = MethodCaller {
        name,
        args: a[2],
        kwargs: Slot::new(kwargs),
    };
    Ok(th.new_native(class, payload).value())
}

/// Keyword arguments as pairs.
fn pairs(th: &mut Thread, kwargs: Value) -> R<Vec<(Value, Value)>> {
    match kwargs.cast::<Dict>() {
        Some(dict) => dict.items(th),
        None => Ok(vec![]),
    }
}

fn define_methodcaller(th: &mut Thread, module: Ref<Module>) {
    const NAME: &str = "operator.methodcaller";
    let class = th.new_type::<MethodCaller>(NAME, 0, |t| {
        t.new("methodcaller(cls, name, /, *args, **kwargs)", method_caller);
        t.method("__call__(self, obj, /)", |th, a| {
            let this = th.native_self::<MethodCaller>(a[0], NAME)?;
            let method = th.get_attr(a[1], this.name)?;
            th.call_ex(method, tuple_items(this.args), this.kwargs.peek())
        });
        t.method("__repr__(self, /)", |th, a| {
            let this = th.native_self::<MethodCaller>(a[0], NAME)?;
            let mut args = vec![this.name];
            args.extend(tuple_items(this.args));
            let kwargs = pairs(th, this.kwargs.peek())?;
            call_repr(th, NAME, &args, &kwargs)
        });
        t.method("__reduce__(self, /)", |th, a| {
            let this = th.native_self::<MethodCaller>(a[0], NAME)?;
            let class = th.class_of(a[0]).value();
            let all = all_items(th, this.name, this.args);
            let kwargs = this.kwargs.peek();
            if kwargs.is_null() {
                return Ok(th.tuple_value(&[class, all]));
            }
            // Keyword arguments survive in a partial call of the class.
            let functools = import(th, "functools")?;
            let partial = th.attr(functools, "partial")?;
            let bound = th.call_ex(partial, &[class, this.name], kwargs)?;
            Ok(th.tuple_value(&[bound, this.args]))
        });
    });
    th.define(module.dict(), "methodcaller", class.value());
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_operator");
    th.functions(module, FUNCTIONS);
    define_itemgetter(th, module);
    define_attrgetter(th, module);
    define_methodcaller(th, module);
    let doc = th.str_value("Operator interface.");
    th.define(module.dict(), "__doc__", doc);
    Ok(module)
}
