//! `gc`: collections, as scripts ask for them. Our collector is no reference counter with a cycle detector: thresholds and generations
//! are kept as numbers and mean nothing.

use std::sync::atomic::{AtomicBool, Ordering::*};

use crate::heap::{Kind, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::generator::{Generator, marks};
use crate::objects::list::List;
use crate::objects::native::tuple_items;

static ENABLED: AtomicBool = AtomicBool::new(true);

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("gc");
    let dict = module.dict();
    th.functions(
        module,
        &[
            ("collect(generation=2)", collect),
            ("enable()", |th, _| {
                th.irrevocable()?;
                ENABLED.store(true, Relaxed);
                Ok(Value::NONE)
            }),
            ("disable()", |th, _| {
                th.irrevocable()?;
                ENABLED.store(false, Relaxed);
                Ok(Value::NONE)
            }),
            ("isenabled()", |_, _| Ok(Value::bool(ENABLED.load(Relaxed)))),
            ("get_threshold()", get_threshold),
            (
                "set_threshold(threshold0, threshold1=None, threshold2=None, /)",
                set_threshold,
            ),
            ("get_count()", |th, _| {
                Ok(th.tuple_value(&[Value::small(0); 3]))
            }),
            ("get_stats()", get_stats),
            ("get_debug()", |_, _| Ok(Value::small(0))),
            ("set_debug(flags, /)", |_, _| Ok(Value::NONE)),
            ("get_objects(generation=None)", get_objects),
            ("get_referents(*objs)", get_referents),
            ("get_referrers(*objs)", get_referrers),
            ("is_tracked(obj, /)", is_tracked),
            ("is_finalized(obj, /)", |_, _| Ok(Value::FALSE)),
            ("freeze()", |_, _| Ok(Value::NONE)),
            ("unfreeze()", |_, _| Ok(Value::NONE)),
            ("get_freeze_count()", |_, _| Ok(Value::small(0))),
        ],
    );
    for (name, n) in [
        ("DEBUG_STATS", 1),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", 32),
        ("DEBUG_LEAK", 38),
    ] {
        th.define(dict, name, Value::small(n));
    }
    for name in ["garbage", "callbacks"] {
        let list = List::new(th, &[]).value();
        th.define(dict, name, list);
    }
    let threshold = th.tuple_value(&[Value::small(2000), Value::small(10), Value::small(0)]);
    th.set_state("gc threshold", threshold);
    Ok(module)
}

/// Ends the block, collects, and calls the finalizers and callbacks that became due.
fn collect(th: &mut Thread, args: &[Value]) -> R<Value> {
    if !args[0].is_null() {
        let n = th.index_i64(args[0])?;
        if !(0..=2).contains(&n) {
            return Err(th.value_error("invalid generation"));
        }
    }
    th.outside(false, || ())?;
    th.forget_stale_registers();
    th.collect_precisely();
    if th.vm.atomic.is_empty() {
        th.run_finalizers()?;
    }
    Ok(Value::small(0))
}

fn get_threshold(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.rt.state.get("gc threshold"))
}
fn set_threshold(th: &mut Thread, args: &[Value]) -> R<Value> {
    let old = tuple_items(th.rt.state.get("gc threshold"));
    let mut new = [Value::small(0); 3];
    for (i, slot) in new.iter_mut().enumerate() {
        *slot = if args[i].is_null() {
            old[i]
        } else {
            th.index(args[i])?
        };
    }
    let new = th.tuple_value(&new);
    th.irrevocable()?;
    th.publish(new);
    th.set_state("gc threshold", new);
    Ok(Value::NONE)
}

fn get_stats(th: &mut Thread, _: &[Value]) -> R<Value> {
    let collections = th.rt.collections.load(Relaxed) as i64;
    let mut rows = vec![];
    for generation in 0..3 {
        let dict = Dict::new(th);
        let n = if generation == 2 { collections } else { 0 };
        th.define(dict, "collections", Value::small(n));
        th.define(dict, "collected", Value::small(0));
        th.define(dict, "uncollectable", Value::small(0));
        rows.push(dict.value());
    }
    Ok(List::new(th, &rows).value())
}

/// May it refer to other objects?
fn is_container(v: Value) -> bool {
    matches!(
        v.kind(),
        Kind::Instance
            | Kind::Class
            | Kind::Tuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::Cell
            | Kind::Function
            | Kind::BoundMethod
            | Kind::Generator
            | Kind::Exception
            | Kind::Module
            | Kind::Property
            | Kind::StaticMethod
            | Kind::ClassMethod
            | Kind::Native
    )
}
fn is_tracked(_: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(Value::bool(is_container(args[0])))
}

/// The containers in the heap. While several threads run, what belongs to one of them alone cannot be shown to another: then the list
/// is empty.
fn get_objects(th: &mut Thread, _: &[Value]) -> R<Value> {
    if th.rt.world.count() > 1 {
        return Ok(List::new(th, &[]).value());
    }
    th.outside(false, || ())?;
    // What is garbage has no business here.
    th.collect();
    let mut found = vec![];
    th.rt.space.for_each_object(|address| {
        let v = Value(address as u64);
        if let Some(g) = v.cast::<Generator>() {
            g.marks.init(g.marks.peek() & !marks::TEMPORARY);
        }
        if is_container(v) {
            found.push(v);
        }
    });
    Ok(List::new(th, &found).value())
}

fn get_referents(th: &mut Thread, args: &[Value]) -> R<Value> {
    let list = List::new(th, &[]);
    for &v in tuple_items(args[0]) {
        let mut found = vec![];
        match v.kind() {
            Kind::List | Kind::Set => found = th.collect_items(v)?,
            Kind::Tuple => found.extend_from_slice(tuple_items(v)),
            Kind::Dict => {
                if let Some(dict) = v.cast::<Dict>() {
                    for (k, x) in dict.items(th)? {
                        found.extend([k, x]);
                    }
                }
            }
            Kind::Instance | Kind::Module => {
                if let Some(dict) = th.dict_of(v)? {
                    found.push(dict.value());
                }
                found.push(th.class_of(v).value());
            }
            _ => {}
        }
        for x in found {
            if x.is_object() {
                list.push(th, x)?;
            }
        }
    }
    Ok(list.value())
}

fn get_referrers(th: &mut Thread, args: &[Value]) -> R<Value> {
    let objects = get_objects(th, &[Value::NULL])?;
    let list = List::new(th, &[]);
    for v in th.collect_items(objects)? {
        if matches!(v.kind(), Kind::List | Kind::Tuple | Kind::Dict | Kind::Set) && v != args[0] {
            let own = th.tuple_value(&[v]);
            let referents = get_referents(th, &[own])?;
            let found = th.collect_items(referents)?;
            if tuple_items(args[0]).iter().any(|x| found.contains(x)) {
                list.push(th, v)?;
            }
        }
    }
    Ok(list.value())
}
