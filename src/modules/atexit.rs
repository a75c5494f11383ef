//! `atexit`: functions to call when the program ends.

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::native::tuple_items;

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("atexit");
    let list = List::new(th, &[]).value();
    th.set_state("atexit", list);
    th.functions(
        module,
        &[
            ("register(func, /, *args, **kwargs)", register),
            ("unregister(func, /)", unregister),
            ("_run_exitfuncs()", run_exit_functions),
            ("_clear()", clear),
            ("_ncallbacks()", count),
        ],
    );
    Ok(module)
}

fn list(th: &mut Thread) -> Option<Ref<List>> {
    th.rt.state.get("atexit").cast()
}

fn register(th: &mut Thread, args: &[Value]) -> R<Value> {
    if !th.is_callable(args[0]) {
        return Err(th.type_error("the first argument must be callable"));
    }
    let entry = th.tuple_value(&[args[0], args[1], args[2]]);
    if let Some(list) = list(th) {
        list.push(th, entry)?;
    }
    Ok(args[0])
}

fn unregister(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(list) = list(th) else {
        return Ok(Value::NONE);
    };
    let mut keep = vec![];
    for entry in list.items(th)? {
        if !th.equal(tuple_items(entry)[0], args[0])? {
            keep.push(entry);
        }
    }
    th.call_method(list.value(), "clear", &[])?;
    for entry in keep {
        list.push(th, entry)?;
    }
    Ok(Value::NONE)
}

fn clear(th: &mut Thread, _: &[Value]) -> R<Value> {
    match list(th) {
        Some(list) => th.call_method(list.value(), "clear", &[]),
        None => Ok(Value::NONE),
    }
}

fn count(th: &mut Thread, _: &[Value]) -> R<Value> {
    let n = match list(th) {
        Some(list) => list.len(th)?,
        None => 0,
    };
    Ok(Value::small(n as i64))
}

fn run_exit_functions(th: &mut Thread, _: &[Value]) -> R<Value> {
    run(th);
    Ok(Value::NONE)
}

/// Calls the functions, the last registered first.
pub fn run(th: &mut Thread) {
    let Some(list) = list(th) else { return };
    while let Ok(entry) = th.call_method(list.value(), "pop", &[]) {
        let [f, args, kwargs] = *tuple_items(entry) else {
            continue;
        };
        if let Err(fail) = th.call_ex(f, tuple_items(args), kwargs) {
            let shown = th.unraisable(fail, "Exception ignored in atexit callback", f);
            if shown == Err(Fail::Abort) {
                return;
            }
        }
    }
    // The IndexError of the empty list.
    th.take_exc();
}
