//! `transaction`: Keelback's own module, for what a script wants to be one step.
//!
//! - `with atomic:` runs its body as one transaction; an exception that leaves it rolls the heap back. Nested ones are savepoints.
//! - `atomic(rollback=False)` keeps the effects; `atomic(retry="backoff")` chooses the policy for one block; `@atomic` wraps a function.
//! - `retry()` rolls back and sleeps until something the block has read changes.
//! - `hint_commit_soon()` ends the running block at the next chance.

use crate::heap::{Fail, R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::define::Module;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// `transaction.atomic`, and what calling it with settings gives.
struct Atomic {
    keep: bool,
    /// The name of a retry policy, or None.
    retry: Slot,
}

impl Payload for Atomic {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.retry)
    }
}

/// The wrapper is a Python function, so that the block has a frame to go back to.
const WRAPPER_SOURCE: &str = "
def decorate(context, function):
    def atomic(*args, **kwargs):
        with context:
            return function(*args, **kwargs)
    for name in ('__module__', '__name__', '__qualname__', '__doc__', '__annotate__'):
        try:
            setattr(atomic, name, getattr(function, name))
        except AttributeError:
            pass
    atomic.__dict__.update(getattr(function, '__dict__', {}))
    atomic.__wrapped__ = function
    return atomic
";
const WRAPPER: &str = "transaction.decorate";

fn atomic(a: &[Value]) -> Ref<Native<Atomic>> {
    a[0].native().expect("the receiver's class was checked")
}

fn enter(th: &mut Thread, a: &[Value]) -> R<Value> {
    let outermost = th.vm.atomic.is_empty();
    let retry = atomic(a).retry.peek();
    th.enter_atomic()?;
    if outermost && let Some(name) = retry.cast::<Str>() {
        let policy = keelback_stm::policy::by_name(&name.to_string());
        th.txn.set_block_policy(policy.ok());
    }
    Ok(Value::NONE)
}

fn exit(th: &mut Thread, a: &[Value]) -> R<Value> {
    let failed = !a[1].is_null() && !a[1].is_none();
    th.leave_atomic(failed && !atomic(a).keep)?;
    if th.vm.atomic.is_empty() {
        th.txn.set_block_policy(None);
    }
    Ok(Value::FALSE)
}

fn configured(
    th: &mut Thread,
    context: Ref<Native<Atomic>>,
    a: &[Value],
) -> R<Ref<Native<Atomic>>> {
    let (rollback, retry) = (a[2], a[3]);
    if rollback.is_null() && retry.is_null() {
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
        retry
    };
    if let Some(name) = retry.cast::<Str>() {
        if let Err(e) = keelback_stm::policy::by_name(&name.to_string()) {
            return Err(th.value_error(e.to_string()));
        }
    } else if !retry.is_none() {
        let name = th.type_name(retry);
        return Err(th.type_error(format!("retry must be a policy's name, not {name}")));
    }
    let class = th.class_for::<Atomic>();
    let payload = Atomic {
        keep,
        retry: Slot::new(retry),
    };
    Ok(th.new_native(class, payload))
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
                "__call__(self, function=None, /, *, rollback=True, retry=None)",
                call,
            ),
            ("__repr__(self)", repr),
        ]);
    });
    let payload = Atomic {
        keep: false,
        retry: Slot::new(Value::NONE),
    };
    let atomic = th.new_native(class, payload).value();
    th.define(dict, "atomic", atomic);
    let base = th.rt.types().exceptions.runtime_error;
    let aborted = super::new_exception(th, "transaction.Aborted", base);
    th.define(dict, "Aborted", aborted.value());
    th.set_state("transaction.Aborted", aborted.value());
    th.functions(
        module,
        &[
            ("retry()", retry),
            ("hint_commit_soon()", hint_commit_soon),
            ("is_atomic()", is_atomic),
        ],
    );
    let defined = super::run_source(th, WRAPPER_SOURCE, "<transaction>")?;
    let name = th.intern_value("decorate");
    let decorate = defined.get_interned(th, name)?;
    th.set_state(WRAPPER, decorate);
    Ok(module)
}
