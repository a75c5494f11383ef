//! `transaction`: Keelback's own module, for what a script wants to be one step.
//!
//! - `with atomic:` runs its body as one transaction; an exception that leaves it rolls the heap back. Nested ones are savepoints.
//! - `atomic(rollback=False)` keeps the effects; `atomic(retry=...)` chooses the policy for one block, and `atomic(deadline=...)` gives up
//!   after so many seconds; `@atomic` wraps a function. Of nested blocks the outermost one's settings count.
//! - `retry()` rolls back and sleeps until something the block has read changes; `or_else(f, g)` calls `f`, and `g` if that would wait.
//! - `set_retry_policy` is for the process. A policy is a built-in one's name, or a callable: it gets an `Abort`, and returns a decision.
//! - `on_commit(f)` and `on_abort(f)` have `f` called when the block's fate is known.
//! - `irrevocable()`, `is_atomic()`, `hint_commit_soon()`, `stats()`, `count()`, `time()`.
//! - `Counter` (`counter`); and what the workers of `TransactionQueue` and `parallel_for` keep their order with (`order`).
//!
//! The rest is Python: `base.py` here, and what works on any Python in `python/transaction/`.

mod counter;
mod order;
mod schedule;

use std::sync::Arc;
use std::time::{Duration, Instant};

use keelback_stm::{Abort, Cause, Decision, Policy, RetryPolicy, policy};

use crate::heap::{Fail, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;
use crate::vm::block::Fate;
use crate::vm::places::Place;

pub(crate) use order::Ahead;

/// `transaction.atomic`, and what calling it with settings gives.
struct Atomic {
    keep: bool,
    /// The name of a retry policy, a callable, or None.
    retry: Slot,
    /// Seconds.
    deadline: Option<Duration>,
    /// What the user calls the block, or None.
    name: Slot,
    /// Whether the policy or the deadline may end in `Aborted`.
    may_give_up: bool,
}

impl Payload for Atomic {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.retry);
        t.slot(&self.name);
    }
}

/// `transaction.RetryPolicy`: one of the built-in ones.
struct BuiltIn {
    policy: Policy,
}

impl Payload for BuiltIn {
    fn trace(&self, _: &mut Tracer) {}
}

/// The Python part.
const SOURCE: &str = concat!(
    include_str!("base.py"),
    include_str!("../../../python/transaction/_told.py")
);
pub(crate) const WRAPPER: &str = "transaction.decorate";
const ABORT: &str = "transaction.Abort";
const PLACE: &str = "transaction.Place";
/// The process' policy, if that is a callable, or None.
const POLICY: &str = "transaction.policy";

fn atomic(a: &[Value]) -> Ref<Native<Atomic>> {
    a[0].native().expect("the receiver's class was checked")
}

fn enter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let outermost = th.vm.atomic.is_empty();
    let context = atomic(a);
    th.enter_atomic()?;
    if outermost {
        let retry = context.retry.peek();
        if let Some(name) = retry.cast::<Str>() {
            th.txn
                .set_block_policy(policy::by_name(&name.to_string()).ok());
        } else if !retry.is_none() {
            th.vm.policy = retry;
        }
        th.vm.deadline = context.deadline.map(|d| Instant::now() + d);
        if context.may_give_up {
            // Then the program shall learn which lines were in each other's way.
            th.trace_conflicts();
        }
    }
    Ok(Value::NONE)
}

fn exit(th: &mut Thread, a: &[Value]) -> R<Value> {
    let failed = !a[1].is_null() && !a[1].is_none();
    th.leave_atomic(failed && !atomic(a).keep)?;
    if th.vm.atomic.is_empty() {
        th.end_settings();
        call_due(th)?;
    }
    Ok(Value::FALSE)
}

/// Calls what has waited for the fate of the block. All of it is called; the last exception that is raised goes on, with the one before as its context.
pub(crate) fn call_due(th: &mut Thread) -> R<()> {
    let mut raised = Value::NULL;
    while !th.vm.due.is_empty() {
        let call = th.vm.due.remove(0);
        let handled = th.vm.handled;
        if !raised.is_null() {
            th.vm.handled = raised;
        }
        let called = th.call(call, &[]);
        th.vm.handled = handled;
        match called {
            Ok(_) => {}
            Err(Fail::Raise) => raised = std::mem::replace(&mut th.exc, Value::NULL),
            Err(Fail::Abort) => return Err(Fail::Abort),
        }
    }
    if raised.is_null() {
        return Ok(());
    }
    th.exc = raised;
    Err(Fail::Raise)
}

fn configured(
    th: &mut Thread,
    context: Ref<Native<Atomic>>,
    a: &[Value],
) -> R<Ref<Native<Atomic>>> {
    let (rollback, retry, deadline, name) = (a[2], a[3], a[4], a[5]);
    if a[2..6].iter().all(|v| v.is_null()) {
        return Ok(context);
    }
    let keep = if rollback.is_null() {
        context.keep
    } else {
        !th.truth(rollback)?
    };
    let retry = if retry.is_null() {
        context.retry.peek()
    } else {
        check_policy(th, retry)?;
        retry
    };
    let deadline = if deadline.is_null() {
        context.deadline
    } else if deadline.is_none() {
        None
    } else {
        Some(seconds(th, deadline, "deadline")?)
    };
    let name = if name.is_null() {
        context.name.peek()
    } else {
        name
    };
    let class = th.class_for::<Atomic>();
    let payload = Atomic {
        keep,
        retry: Slot::new(retry),
        deadline,
        name: Slot::new(name),
        may_give_up: deadline.is_some() || (!retry.is_none() && !never_gives_up(retry)),
    };
    Ok(th.new_native(class, payload))
}

/// A time span in seconds, at most some years.
fn seconds(th: &mut Thread, v: Value, what: &str) -> R<Duration> {
    let seconds = th.to_float(v)?;
    if seconds >= 0.0 {
        return Ok(Duration::from_secs_f64(seconds.min(1e9)));
    }
    Err(th.value_error(format!("{what} must be a number of seconds, not negative")))
}

/// Refuses what is neither the name of a policy, nor a callable, nor None.
fn check_policy(th: &mut Thread, retry: Value) -> R<()> {
    if let Some(name) = retry.cast::<Str>() {
        if let Err(e) = policy::by_name(&name.to_string()) {
            return Err(th.value_error(e.to_string()));
        }
    } else if !retry.is_none() && !th.is_callable(retry) {
        let name = th.type_name(retry);
        return Err(th.type_error(format!(
            "a retry policy is a name or a callable, not {name}"
        )));
    }
    Ok(())
}

/// A built-in policy's name, but for that of the one that gives up.
fn never_gives_up(retry: Value) -> bool {
    retry
        .cast::<Str>()
        .is_some_and(|name| !name.to_string().starts_with("giveup"))
}

/// Calls a Python policy.
///
/// # Errors
/// What it raises, or `TypeError` or `ValueError` if what it returns is no decision.
pub fn ask(th: &mut Thread, policy: Value, abort: &Abort) -> R<Decision> {
    let facts = [
        th.int(abort.attempt.into()),
        th.str_value(abort.cause.name()),
        Value::float(abort.lost.as_secs_f64()),
        Value::float(abort.elapsed.as_secs_f64()),
        th.int(abort.reads as i64),
        th.int(abort.writes as i64),
        Value::bool(abort.other_irrevocable),
    ];
    let class = th.rt.state.get(ABORT);
    let told = th.call(class, &facts)?;
    let decision = th.call(policy, &[told])?;
    to_decision(th, decision, abort)
}

fn to_decision(th: &mut Thread, v: Value, abort: &Abort) -> R<Decision> {
    if v.is_none() {
        return Ok(policy::Standard.decide(abort));
    }
    if let Some(name) = v.cast::<Str>() {
        let name = name.to_string();
        return match name.as_str() {
            "retry" => Ok(Decision::Retry),
            "shrink" => Ok(Decision::Shrink),
            "wait" => Ok(Decision::WaitForOwner),
            "irrevocable" => Ok(Decision::Irrevocable),
            "giveup" => Ok(Decision::GiveUp),
            _ => match policy::by_name(&name) {
                Ok(policy) => Ok(policy.decide(abort)),
                Err(_) => Err(th.value_error(format!(
                    "a retry policy returned {name:?}, which is no decision"
                ))),
            },
        };
    }
    if !v.is_bool() && (th.is_int(v) || v.as_float().is_some()) {
        return Ok(Decision::Backoff(seconds(
            th,
            v,
            "a retry policy's back-off",
        )?));
    }
    let name = th.type_name(v);
    Err(th.type_error(format!(
        "a retry policy returned {name}, which is no decision: None, a word, or seconds"
    )))
}

fn from_decision(th: &mut Thread, decision: Decision) -> Value {
    th.str_value(match decision {
        Decision::Retry => "retry",
        Decision::Shrink => "shrink",
        Decision::WaitForOwner => "wait",
        Decision::Irrevocable => "irrevocable",
        Decision::GiveUp => "giveup",
        Decision::Backoff(time) => return Value::float(time.as_secs_f64()),
    })
}

fn new_built_in(th: &mut Thread, a: &[Value]) -> R<Value> {
    let name = if a[1].is_null() {
        "default".to_owned()
    } else if let Some(name) = a[1].cast::<Str>() {
        name.to_string()
    } else {
        let name = th.type_name(a[1]);
        return Err(th.type_error(format!("a policy's name is a str, not {name}")));
    };
    let policy = match policy::by_name(&name) {
        Ok(policy) => policy,
        Err(e) => return Err(th.value_error(e.to_string())),
    };
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("RetryPolicy.__new__ needs a class"));
    };
    Ok(th.new_native(class, BuiltIn { policy }).value())
}

fn built_in(a: &[Value]) -> Ref<Native<BuiltIn>> {
    a[0].native().expect("the receiver's class was checked")
}

/// What the built-in policy decides on an `Abort`.
fn call_built_in(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut fact = |name: &str| {
        let name = th.intern_value(name);
        th.get_attr(a[1], name)
    };
    let (attempt, other) = (fact("attempt")?, fact("other_irrevocable")?);
    let attempt = th.index_i64(attempt)?;
    let abort = Abort {
        attempt: attempt.clamp(0, i64::from(u32::MAX)) as u32,
        cause: Cause::OwnedByOther,
        other: None,
        other_irrevocable: th.truth(other)?,
        work: 0,
        lost: Duration::ZERO,
        elapsed: Duration::ZERO,
        reads: 0,
        writes: 0,
        client_tags: [0; 2],
        object_kind: 0,
    };
    let decision = built_in(a).policy.decide(&abort);
    Ok(from_decision(th, decision))
}

fn repr_built_in(th: &mut Thread, a: &[Value]) -> R<Value> {
    let text = format!("transaction.RetryPolicy({:?})", built_in(a).policy.name());
    Ok(th.str_value(&text))
}

fn set_retry_policy(th: &mut Thread, a: &[Value]) -> R<Value> {
    check_policy(th, a[0])?;
    // It holds for all threads at once, and is not taken back: what it refers to must be there.
    th.outside(false, || ())?;
    let (engine, own) = match a[0].cast::<Str>() {
        Some(name) => (policy::by_name(&name.to_string()).ok(), Value::NONE),
        None => (None, a[0]),
    };
    if !a[0].is_none() && !never_gives_up(a[0]) {
        th.trace_conflicts();
    }
    let engine = engine.unwrap_or_else(|| Arc::new(policy::Standard));
    th.txn.engine().set_policy(engine);
    th.set_state(POLICY, own);
    Ok(Value::NONE)
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let function = a[1];
    let context = configured(th, atomic(a), a)?;
    if function.is_null() || function.is_none() {
        return Ok(context.value());
    }
    if !th.is_callable(function) {
        let name = th.type_name(function);
        return Err(th.type_error(format!("atomic() wraps a function, not '{name}'")));
    }
    let decorate = th.rt.state.get(WRAPPER);
    th.call(decorate, &[context.value(), function])
}

fn repr(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.str_value("transaction.atomic"))
}

fn retry(th: &mut Thread, _: &[Value]) -> R<Value> {
    let f: Fail = th.retry();
    Err(f)
}

/// Calls the first function in a block within the running one, and the second if that would wait.
fn or_else(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (roots, handled) = (th.roots.len(), th.vm.handled);
    th.enter_atomic()?;
    let depth = th.vm.atomic.len();
    match th.call(a[0], &[]) {
        Ok(v) => {
            th.leave_atomic(false)?;
            Ok(v)
        }
        Err(Fail::Abort) => {
            if !th.take_back_retry(depth, roots, handled)? {
                return Err(Fail::Abort);
            }
            th.call(a[1], &[])
        }
        Err(Fail::Raise) => {
            let exception = th.exc;
            th.leave_atomic(true)?;
            th.exc = exception;
            Err(Fail::Raise)
        }
    }
}

/// `on_commit(function)`; outside of `atomic` blocks the function is called at once.
pub(crate) fn on_commit(th: &mut Thread, a: &[Value]) -> R<Value> {
    after_block(th, a[0], Fate::Commit)
}

fn on_abort(th: &mut Thread, a: &[Value]) -> R<Value> {
    after_block(th, a[0], Fate::Rollback)
}

fn after_block(th: &mut Thread, call: Value, fate: Fate) -> R<Value> {
    if !th.is_callable(call) {
        let name = th.type_name(call);
        return Err(th.type_error(format!("a callable is needed, not {name}")));
    }
    if !th.vm.atomic.is_empty() {
        th.after_block(fate, call);
    } else if fate == Fate::Commit {
        // What was done so far stays done.
        th.call(call, &[])?;
    }
    Ok(call)
}

fn irrevocable(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.irrevocable()?;
    Ok(Value::NONE)
}

/// What the transactions have counted: of this thread, and of those that have ended.
fn counts(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut all = *th.txn.stats();
    for (_, ended) in th.rt.state.ended_threads.lock().iter() {
        all.add(ended);
    }
    let dict = Dict::new(th);
    let aborts = Dict::new(th);
    for cause in Cause::ALL {
        let n = th.uint(all.aborts_by(cause));
        th.define(aborts, cause.name(), n);
    }
    th.define(dict, "aborts", aborts.value());
    let numbers = [
        ("blocks", all.blocks),
        ("commits", all.commits),
        ("read_only_commits", all.read_only_commits),
        ("partial_rollbacks", all.partial_rollbacks),
        ("lost_work", all.lost_work),
        ("reads", all.reads),
        ("writes", all.writes),
        ("irrevocable", all.irrevocable),
        ("waits", all.waits),
    ];
    for (name, n) in numbers {
        let n = th.uint(n);
        th.define(dict, name, n);
    }
    Ok(dict.value())
}

/// The system's clock, which a block may read and still be rolled back.
fn time(_: &mut Thread, _: &[Value]) -> R<Value> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(Value::float(now.unwrap_or_default().as_secs_f64()))
}

/// The last conflicts as tuples, the youngest first.
fn last_conflicts(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = th.index_i64(a[0])?.max(0) as usize;
    th.trace_conflicts();
    let list = List::new(th, &[]);
    for c in th.rt.state.traces.last(n) {
        let here = place(th, c.here)?;
        let other = place(th, c.other)?;
        let other_thread = match c.other_thread {
            Some(ident) => th.uint(ident),
            None => Value::NONE,
        };
        let fields = [
            Value::float(c.at.as_secs_f64()),
            th.uint(c.thread),
            other_thread,
            th.str_value(c.cause.name()),
            th.str_value(&c.object),
            here,
            other,
            Value::float(c.lost.as_secs_f64()),
            th.int(c.attempt.into()),
        ];
        let tuple = th.tuple_value(&fields);
        list.push(th, tuple)?;
    }
    Ok(list.value())
}

/// A source line as Python sees it, or None.
pub fn place(th: &mut Thread, tag: u64) -> R<Value> {
    let Some(place) = Place::of_tag(tag) else {
        return Ok(Value::NONE);
    };
    let class = th.rt.state.get(PLACE);
    let facts = [
        th.str_value(&place.file),
        th.int(place.line.into()),
        th.str_value(&place.function),
    ];
    th.call(class, &facts)
}

fn hint_commit_soon(th: &mut Thread, _: &[Value]) -> R<Value> {
    th.break_soon();
    Ok(Value::NONE)
}

fn is_atomic(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(Value::bool(!th.vm.atomic.is_empty()))
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("transaction");
    let dict = module.dict();
    let class = th.new_type::<Atomic>("transaction.Atomic", 0, |t| {
        t.methods(&[
            ("__enter__(self)", enter),
            (
                "__exit__(self, type=None, value=None, traceback=None, /)",
                exit,
            ),
            (
                "__call__(self, function=None, /, *, rollback=True, retry=None, deadline=None, name=None)",
                call,
            ),
            ("__repr__(self)", repr),
        ]);
    });
    let payload = Atomic {
        keep: false,
        retry: Slot::new(Value::NONE),
        deadline: None,
        name: Slot::new(Value::NONE),
        may_give_up: false,
    };
    let atomic = th.new_native(class, payload).value();
    th.define(dict, "atomic", atomic);
    let base = th.rt.types().exceptions.runtime_error;
    let aborted = super::new_exception(th, "transaction.Aborted", base);
    th.define(dict, "Aborted", aborted.value());
    // Of one that a program has made itself.
    for (name, v) in [
        ("attempts", Value::small(0)),
        ("cause", th.str_value("")),
        ("lost", Value::float(0.0)),
        ("elapsed", Value::float(0.0)),
        ("here", Value::NONE),
        ("other", Value::NONE),
        ("object", th.str_value("")),
    ] {
        let name = th.intern_value(name);
        th.class_set(aborted, name, v)?;
    }
    th.set_state("transaction.Aborted", aborted.value());
    th.functions(
        module,
        &[
            ("retry()", retry),
            ("hint_commit_soon()", hint_commit_soon),
            ("is_atomic()", is_atomic),
            ("irrevocable()", irrevocable),
            ("on_commit(function, /)", on_commit),
            ("on_abort(function, /)", on_abort),
            ("set_retry_policy(policy, /)", set_retry_policy),
            ("_or_else(first, second, /)", or_else),
            ("_counts()", counts),
            ("_last_conflicts(n, /)", last_conflicts),
            ("_point(line, value=None, /)", schedule::point),
            ("_set_chaos(n, /)", schedule::set_chaos),
            ("count()", counter::count),
            ("time()", time),
        ],
    );
    let policy = th.new_type::<BuiltIn>("transaction.RetryPolicy", 0, |t| {
        t.methods(&[
            ("__call__(self, abort, /)", call_built_in),
            ("__repr__(self)", repr_built_in),
        ]);
        t.new("RetryPolicy(cls, name='default')", new_built_in);
    });
    th.define(dict, "RetryPolicy", policy.value());
    for (name, class) in [("Counter", counter::class(th)), ("_Turn", order::class(th))] {
        th.define(dict, name, class);
    }
    for (name, class) in schedule::classes(th) {
        th.define(dict, name, class);
    }
    // What works on any Python lies in the library, as if this were a package.
    let folder = th.str_value(&format!("{}/transaction", crate::library::PREFIX));
    let path = List::new(th, &[folder]);
    th.define(dict, "__path__", path.value());
    super::run_source_in(th, SOURCE, "<transaction>", dict)?;
    for (key, name) in [(WRAPPER, "_decorate"), (ABORT, "Abort"), (PLACE, "Place")] {
        let name = th.intern_value(name);
        let defined = dict.get_interned(th, name)?;
        th.set_state(key, defined);
    }
    Ok(module)
}
