//! What threads change without being in each other's way: `Counter`, and the numbers of `count()`.
//!
//! A counter is a row of parts, each an object of its own with its own version word. A thread adds to the part that its place in the
//! engine's table says, and the value is the sum of all parts: so that adding does not conflict with adding, as long as no more threads
//! add than there are parts, and conflicts with whoever looks. Without barriers the first part has it all.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::heap::{R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};
use crate::objects::object::identity_hash;
use crate::objects::protocol::BinOp;

const PARTS: usize = 16;

/// One part of a counter, alone on its cache line.
#[repr(C)]
struct Part {
    n: Slot,
    _rest_of_the_line: [u64; 7],
}

impl Payload for Part {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.n);
    }
}

/// `transaction.Counter`.
struct Counter {
    parts: [Value; PARTS],
}

impl Payload for Counter {
    fn trace(&self, t: &mut Tracer) {
        t.values(&self.parts);
    }
}

fn part(v: Value) -> Ref<Native<Part>> {
    v.native().expect("a counter consists of parts")
}

fn this(v: Value) -> Ref<Native<Counter>> {
    v.native().expect("the receiver's class was checked")
}

/// Refuses what does not add up in any order.
fn check_number(th: &mut Thread, v: Value) -> R<()> {
    if th.is_int(v) || v.as_float().is_some() {
        return Ok(());
    }
    let name = th.type_name(v);
    Err(th.type_error(format!("a Counter counts numbers, not {name}")))
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let start = a[1].non_null().unwrap_or(Value::small(0));
    check_number(th, start)?;
    let of_part = th.class_for::<Part>();
    let mut parts = [Value::NULL; PARTS];
    for (i, part) in parts.iter_mut().enumerate() {
        let n = if i == 0 { start } else { Value::small(0) };
        let payload = Part {
            n: Slot::new(n),
            _rest_of_the_line: [0; 7],
        };
        *part = th.new_native(of_part, payload).value();
    }
    let counter = th.new_native(class, Counter { parts });
    Ok(counter.value())
}

fn change(th: &mut Thread, counter: Value, n: Value, op: BinOp) -> R<()> {
    check_number(th, n)?;
    let at = if th.barriers {
        th.txn.slot_index() % PARTS
    } else {
        0
    };
    let part = part(this(counter).parts[at]);
    // Owned first: the version it is read at is then the one it is written over.
    th.own(part)?;
    let sum = th.binary(op, part.n.peek(), n)?;
    th.set(part, &part.n, sum)
}

fn add(th: &mut Thread, a: &[Value]) -> R<Value> {
    let n = a[1].non_null().unwrap_or(Value::small(1));
    change(th, a[0], n, BinOp::Add)?;
    Ok(Value::NONE)
}

fn add_in_place(th: &mut Thread, a: &[Value]) -> R<Value> {
    change(th, a[0], a[1], BinOp::Add)?;
    Ok(a[0])
}

fn subtract_in_place(th: &mut Thread, a: &[Value]) -> R<Value> {
    change(th, a[0], a[1], BinOp::Sub)?;
    Ok(a[0])
}

fn value(th: &mut Thread, counter: Value) -> R<Value> {
    let parts = this(counter).parts;
    let mut sum = Value::small(0);
    for v in parts {
        let part = part(v);
        let n = th.get(part, &part.n)?;
        if n != Value::small(0) {
            sum = th.binary(BinOp::Add, sum, n)?;
        }
    }
    Ok(sum)
}

fn reset(th: &mut Thread, a: &[Value]) -> R<Value> {
    let to = a[1].non_null().unwrap_or(Value::small(0));
    check_number(th, to)?;
    let parts = this(a[0]).parts;
    for (i, v) in parts.into_iter().enumerate() {
        let part = part(v);
        let n = if i == 0 { to } else { Value::small(0) };
        th.set(part, &part.n, n)?;
    }
    Ok(Value::NONE)
}

fn int(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    let int = th.rt.types().int.value();
    th.call(int, &[v])
}

fn index(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    th.index(v)
}

fn equal(th: &mut Thread, a: &[Value]) -> R<Value> {
    let types = th.rt.types();
    if !th.is_instance(a[1], types.int) && !th.is_instance(a[1], types.float) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let v = value(th, a[0])?;
    Ok(Value::bool(th.equal(v, a[1])?))
}

fn float(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    Ok(Value::float(th.to_float(v)?))
}

fn truth(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    Ok(Value::bool(th.truth(v)?))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    let v = th.repr(v)?;
    Ok(th.str_value(&format!("transaction.Counter({v})")))
}

fn reduce(th: &mut Thread, a: &[Value]) -> R<Value> {
    let v = value(th, a[0])?;
    let args = th.tuple_value(&[v]);
    let class = th.class_of(a[0]).value();
    Ok(th.tuple_value(&[class, args]))
}

/// Numbers that a thread takes from the process at once.
const TAKEN: u64 = 256;
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// A number that no other call gives. One that a rolled-back block took is lost.
pub(super) fn count(th: &mut Thread, _: &[Value]) -> R<Value> {
    let own = &mut th.vm.numbers;
    let n = match own.next() {
        Some(n) => n,
        None => {
            let first = NUMBERS.fetch_add(TAKEN, Relaxed);
            *own = first + 1..first + TAKEN;
            first
        }
    };
    Ok(th.uint(n))
}

/// `Counter`.
pub(super) fn class(th: &mut Thread) -> Value {
    th.new_type::<Part>("transaction._Part", 0, |_| {});
    let flags = class_flags::WEAKREF | class_flags::BASE;
    let class = th.new_type::<Counter>("transaction.Counter", flags, |t| {
        t.doc(
            "A number that threads add to without conflicts. Reading it does conflict with adding.",
        );
        t.new("Counter(cls, value=0, /)", new).methods(&[
            ("add(self, n=1, /)", add),
            ("reset(self, value=0, /)", reset),
            ("__iadd__(self, n, /)", add_in_place),
            ("__isub__(self, n, /)", subtract_in_place),
            ("__int__(self, /)", int),
            ("__index__(self, /)", index),
            ("__float__(self, /)", float),
            ("__eq__(self, other, /)", equal),
            // By identity, as two counters are compared: it can be a key, though its value changes.
            ("__hash__(self, /)", |th, a| Ok(th.int(identity_hash(a[0])))),
            ("__bool__(self, /)", truth),
            ("__repr__(self, /)", repr),
            ("__reduce__(self, /)", reduce),
        ]);
        t.getset("value", value, None);
    });
    class.value()
}
