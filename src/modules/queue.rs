//! `_queue`: `SimpleQueue`, a queue without bounds.

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::native::{Native, Payload};

/// `_queue.SimpleQueue`.
struct SimpleQueue {
    /// A `deque`, which has two ends for the conflict rules as well.
    items: Value,
}

impl Payload for SimpleQueue {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.items)
    }
}

fn this(a: &[Value]) -> Ref<Native<SimpleQueue>> {
    a[0].native().expect("the receiver's class was checked")
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let module = super::import(th, "_collections")?;
    let deque = th.attr(module, "deque")?;
    let items = th.call(deque, &[])?;
    Ok(th.new_native(class, SimpleQueue { items }).value())
}

fn put(th: &mut Thread, a: &[Value]) -> R<Value> {
    let queue = this(a);
    th.call_method(queue.items, "append", &[a[1]])?;
    th.tell_waiters(a[0]);
    if th.rt.engine.sleepers() != 0 {
        th.break_soon();
    }
    Ok(Value::NONE)
}

fn get(th: &mut Thread, a: &[Value]) -> R<Value> {
    let block = a[1].is_null() || th.truth(a[1])?;
    let deadline = if !block {
        Some(std::time::Instant::now())
    } else if a[2].is_null() || a[2].is_none() {
        None
    } else {
        let seconds = th.real_number(a[2])?;
        if seconds < 0.0 {
            return Err(th.value_error("'timeout' must be a non-negative number"));
        }
        Some(th.deadline(seconds)?)
    };
    get_until(th, a, deadline)
}

fn get_nowait(th: &mut Thread, a: &[Value]) -> R<Value> {
    get_until(th, a, Some(std::time::Instant::now()))
}

fn get_until(th: &mut Thread, a: &[Value], deadline: Option<std::time::Instant>) -> R<Value> {
    let items = this(a).items;
    let got = th.wait_until(a[0], deadline, |th| {
        if th.len_of(items)? == 0 {
            return Ok(None);
        }
        th.call_method(items, "popleft", &[]).map(Some)
    })?;
    match got {
        Some(v) => Ok(v),
        None => {
            let class = th.rt.state.get(EMPTY);
            let class = class
                .as_class()
                .unwrap_or(th.rt.types().exceptions.exception);
            Err(th.raise_args(class, &[]))
        }
    }
}

fn empty(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(Value::bool(th.len_of(this(a).items)? == 0))
}

fn qsize(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = th.len_of(this(a).items)?;
    Ok(th.int(n as i64))
}

const EMPTY: &str = "_queue.Empty";

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_queue");
    let dict = module.dict();
    let flags = class_flags::WEAKREF | class_flags::BASE;
    let class = th.new_type::<SimpleQueue>("_queue.SimpleQueue", flags, |t| {
        t.new("SimpleQueue(cls)", new).methods(&[
            ("put(self, item, block=True, timeout=None)", put),
            ("put_nowait(self, item)", put),
            ("get(self, block=True, timeout=None)", get),
            ("get_nowait(self)", get_nowait),
            ("empty(self)", empty),
            ("qsize(self)", qsize),
        ]);
    });
    th.define(dict, "SimpleQueue", class.value());
    let base = th.rt.types().exceptions.exception;
    let empty = super::new_exception(th, "_queue.Empty", base);
    th.define(dict, "Empty", empty.value());
    th.set_state(EMPTY, empty.value());
    Ok(module)
}
