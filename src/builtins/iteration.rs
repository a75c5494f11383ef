//! Functions about iterables: `len`, `iter`, `next`, `all`, `any`, `min`, `max`, `sorted`.

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::protocol::Cmp;
use crate::objects::special::Sp;

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            ("len(obj, /)", len),
            ("iter(object, sentinel=None, /)", iter),
            ("next(iterator, default=None, /)", next),
            ("aiter(async_iterable, /)", aiter),
            ("anext(async_iterator, default=None, /)", anext),
            ("all(iterable, /)", all),
            ("any(iterable, /)", any),
            ("min(*args, key=None, default=None)", min),
            ("max(*args, key=None, default=None)", max),
            ("sorted(iterable, /, *, key=None, reverse=False)", sorted),
        ],
    );
}

fn len(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = th.len_of(args[0])?;
    Ok(th.int(n as i64))
}

fn iter(th: &mut Thread, args: &[Value]) -> R<Value> {
    if args[1].is_null() {
        return th.iter(args[0]);
    }
    if !th.is_callable(args[0]) {
        return Err(th.type_error("iter(v, w): v must be callable"));
    }
    Ok(super::iterators::call_iterator(th, args[0], args[1]))
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (it, default) = (args[0], args[1]);
    if th.special(it, Sp::Next).is_null() {
        let name = th.type_name(it);
        return Err(th.type_error(format!("'{name}' object is not an iterator")));
    }
    // The special method itself, since StopIteration may carry a value.
    match th.call_special(it, Sp::Next, &[]) {
        Err(Fail::Raise)
            if !default.is_null() && th.raised_is(th.rt.types().exceptions.stop_iteration) =>
        {
            th.take_exc();
            Ok(default)
        }
        other => other,
    }
}

fn aiter(th: &mut Thread, args: &[Value]) -> R<Value> {
    let v = th.call_special(args[0], Sp::AIter, &[])?;
    if v.is_null() {
        let name = th.type_name(args[0]);
        return Err(th.type_error(format!("'{name}' object is not an async iterable")));
    }
    if th.special(v, Sp::ANext).is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "aiter() returned not an async iterator of type '{name}'"
        )));
    }
    Ok(v)
}

fn anext(th: &mut Thread, args: &[Value]) -> R<Value> {
    let awaitable = th.call_special(args[0], Sp::ANext, &[])?;
    if awaitable.is_null() {
        let name = th.type_name(args[0]);
        return Err(th.type_error(format!("'{name}' object is not an async iterator")));
    }
    if args[1].is_null() {
        return Ok(awaitable);
    }
    super::iterators::anext_default(th, awaitable, args[1])
}

fn all(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut result = true;
    th.for_each(args[0], |th, v| {
        result = th.truth(v)?;
        Ok(result)
    })?;
    Ok(Value::bool(result))
}

fn any(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut result = false;
    th.for_each(args[0], |th, v| {
        result = th.truth(v)?;
        Ok(!result)
    })?;
    Ok(Value::bool(result))
}

fn extreme(th: &mut Thread, args: &[Value], op: Cmp, name: &str) -> R<Value> {
    let (key, default) = (args[1], args[2]);
    let items = crate::objects::native::tuple_items(args[0]);
    let source = match items {
        [] => {
            return Err(th.type_error(format!("{name} expected at least 1 argument, got 0")));
        }
        [one] => *one,
        _ if !default.is_null() => {
            return Err(th.type_error(format!(
                "Cannot specify a default for {name}() with multiple positional arguments"
            )));
        }
        _ => args[0],
    };
    let keyed = !key.is_null() && !key.is_none();
    let mark = th.roots.len();
    let (mut best, mut best_key) = (Value::NULL, Value::NULL);
    th.for_each(source, |th, v| {
        // What is about to be compared runs Python code: keep it.
        th.roots.push(v);
        let k = if keyed { th.call(key, &[v])? } else { v };
        th.roots.push(k);
        let better = best.is_null()
            || match (k.as_int(), best_key.as_int()) {
                (Some(a), Some(b)) => (op == Cmp::Lt && a < b) || (op == Cmp::Gt && a > b),
                _ => th.compare_bool(op, k, best_key)?,
            };
        if better {
            (best, best_key) = (v, k);
        }
        th.roots.truncate(mark);
        th.roots.push(best);
        th.roots.push(best_key);
        Ok(true)
    })?;
    match (best.is_null(), default.is_null()) {
        (false, _) => Ok(best),
        (true, false) => Ok(default),
        (true, true) => Err(th.value_error(format!("{name}() iterable argument is empty"))),
    }
}

fn min(th: &mut Thread, args: &[Value]) -> R<Value> {
    extreme(th, args, Cmp::Lt, "min")
}
fn max(th: &mut Thread, args: &[Value]) -> R<Value> {
    extreme(th, args, Cmp::Gt, "max")
}

fn sorted(th: &mut Thread, args: &[Value]) -> R<Value> {
    let items = th.collect_items(args[0])?;
    let list = List::new(th, &items).value();
    let sort = th.attr(list, "sort")?;
    let key = th.intern_value("key");
    let reverse = th.intern_value("reverse");
    let descending = if args[2].is_null() {
        Value::FALSE
    } else {
        args[2]
    };
    th.call_kw(sort, &[args[1].or_none(), descending], &[key, reverse])?;
    Ok(list)
}
