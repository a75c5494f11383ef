//! `_Schedule`: what `transaction.testing` runs threads under (see `threads::schedule`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::list::List;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::threads::schedule::{ENDED, Ending, Schedule};

struct Plan {
    schedule: Arc<Schedule>,
}

impl Payload for Plan {
    fn trace(&self, _: &mut Tracer) {}
}

fn this(v: Value) -> Arc<Schedule> {
    let plan: Ref<Native<Plan>> = v.native().expect("the receiver's class was checked");
    Arc::clone(&plan.schedule)
}

fn number(th: &mut Thread, v: Value) -> R<u64> {
    let n = th.index_i64(v)?;
    u64::try_from(n).map_err(|_| th.value_error("a number that is not negative is needed"))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let (threads, first, limit) = (number(th, a[1])?, number(th, a[2])?, number(th, a[4])?);
    if !(1..=64).contains(&threads) {
        return Err(th.value_error("a schedule has 1 to 64 threads"));
    }
    let mut switches = HashMap::new();
    for &pair in tuple_items(a[3]) {
        let &[step, to] = tuple_items(pair) else {
            return Err(th.type_error("a switch is a tuple of step and thread"));
        };
        switches.insert(number(th, step)?, number(th, to)? as usize);
    }
    let schedule = Schedule::new(threads as usize, first as usize, switches, limit);
    let schedule = Arc::new(schedule);
    Ok(th.new_native(class, Plan { schedule }).value())
}

fn enter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let me = number(th, a[1])? as usize;
    th.enter_schedule(this(a[0]), me)?;
    Ok(Value::NONE)
}

fn leave(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.leave_schedule()?;
    Ok(Value::NONE)
}

fn stop(_: &mut Thread, a: &[Value]) -> R<Value> {
    this(a[0]).stop();
    Ok(Value::NONE)
}

/// How the run has ended, or None; steps; (thread, line) of each.
fn outcome(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ended, steps, trace) = this(a[0]).outcome();
    let list = List::new(th, &[]);
    for (thread, line) in trace {
        let pair = [th.uint(thread as u64), th.uint(line.into())];
        let pair = th.tuple_value(&pair);
        list.push(th, pair)?;
    }
    let ended = match ended {
        None => Value::NONE,
        Some(Ending::Deadlock) => th.str_value("deadlock"),
        Some(Ending::TooLong) => th.str_value("too long"),
        Some(Ending::Stopped) => th.str_value("stopped"),
    };
    let steps = th.uint(steps);
    Ok(th.tuple_value(&[ended, steps, list.value()]))
}

/// The point before this line; after it `value` is given back.
pub(super) fn point(th: &mut Thread, a: &[Value]) -> R<Value> {
    let line = number(th, a[0])?;
    th.schedule_point(line as u32)?;
    Ok(a[1].non_null().unwrap_or(Value::NONE))
}

/// Has one of `n` blocks roll back for no reason; 0: none.
pub(super) fn set_chaos(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = number(th, a[0])?;
    th.rt.engine.set_chaos(u32::try_from(n).unwrap_or(u32::MAX));
    Ok(Value::NONE)
}

/// `_Schedule`, and the exception that ends its threads.
pub(super) fn classes(th: &mut Thread) -> [(&'static str, Value); 2] {
    let class = th.new_type::<Plan>("transaction._Schedule", 0, |t| {
        t.new("_Schedule(cls, threads, first, switches, limit, /)", new)
            .methods(&[
                ("enter(self, number, /)", enter),
                ("leave(self)", leave),
                ("stop(self)", stop),
                ("outcome(self)", outcome),
            ]);
    });
    let base = th.rt.types().exceptions.base_exception;
    let ended = crate::modules::new_exception(th, "transaction._Ended", base);
    th.set_state(ENDED, ended.value());
    [("_Schedule", class.value()), ("_Ended", ended.value())]
}
