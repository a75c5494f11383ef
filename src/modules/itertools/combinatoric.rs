//! `product`, `combinations`, `combinations_with_replacement`, `permutations`: the position is a row of indices.

use super::*;
use crate::heap::Tracer;
use crate::objects::native::tuple_items;

const FRESH: u64 = 0;
const RUNNING: u64 = 1;
const DONE: u64 = 2;

/// The state that all four have.
struct Row {
    /// A tuple of items (of `product`: of tuples, one for each place).
    pool: Value,
    indices: Box<[RawSlot]>,
    phase: RawSlot,
}

/// One payload type for each Python type.
macro_rules! rows {
    ($($name:ident)*) => {
        $(struct $name(Row);
        impl Payload for $name {
            fn trace(&self, t: &mut Tracer) {
                t.value(self.0.pool)
            }
        }
        impl Rowed for $name {
            fn row(&self) -> &Row {
                &self.0
            }
        })*
    };
}
trait Rowed: Payload {
    fn row(&self) -> &Row;
}
rows!(Product Combinations Replacement);

struct Permutations {
    row: Row,
    /// How many more choices each place has (Knuth's cycles).
    cycles: Box<[RawSlot]>,
}
impl Payload for Permutations {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.row.pool)
    }
}
impl Rowed for Permutations {
    fn row(&self) -> &Row {
        &self.row
    }
}

impl Row {
    fn new(pool: Value, indices: impl IntoIterator<Item = usize>, done: bool) -> Row {
        Row {
            pool,
            indices: index_slots(indices),
            phase: RawSlot::new(if done { DONE } else { FRESH }),
        }
    }
}

/// What one `__next__` does: owns the object, lets `advance` move the indices (`false` at the end), and gives the items.
fn step<P: Rowed>(
    th: &mut Thread,
    v: Value,
    advance: impl Fn(&mut Thread, Ref<Native<P>>) -> R<bool>,
    items: impl Fn(&Row) -> Vec<Value>,
) -> R<Value> {
    let it = this::<P>(th, v)?;
    th.own(it)?;
    let row = it.row();
    match row.phase.peek() {
        DONE => return exhausted(),
        FRESH => th.set_raw(it, &row.phase, RUNNING)?,
        _ => {
            if !advance(th, it)? {
                th.set_raw(it, &row.phase, DONE)?;
                return exhausted();
            }
        }
    }
    let items = items(row);
    Ok(th.tuple_value(&items))
}

/// The items at the first `len` indices.
fn pick(row: &Row, len: usize) -> Vec<Value> {
    let pool = tuple_items(row.pool);
    row.indices[..len]
        .iter()
        .map(|i| pool[i.peek() as usize])
        .collect()
}

fn product(th: &mut Thread, a: &[Value]) -> R<Value> {
    let repeat = if a[2].is_null() {
        1
    } else {
        th.index_i64(a[2])?
    };
    let Ok(repeat) = usize::try_from(repeat) else {
        return Err(th.value_error("repeat argument cannot be negative"));
    };
    let mut pools = vec![];
    if repeat > 0 {
        for &iterable in tuple_items(a[1]) {
            let items = pool(th, iterable)?;
            th.roots.push(items);
            pools.push(items);
        }
    }
    let places = pools
        .len()
        .checked_mul(repeat)
        .filter(|n| th.has_room(n * 16));
    if places.is_none() {
        return Err(th.overflow_error("repeat argument too large"));
    }
    let pools = pools.repeat(repeat);
    let done = pools.iter().any(|&p| tuple_items(p).is_empty());
    let all = th.tuple_value(&pools);
    instance(th, a[0], Product(Row::new(all, vec![0; pools.len()], done)))
}

fn product_next(th: &mut Thread, v: Value) -> R<Value> {
    step::<Product>(
        th,
        v,
        |th, it| {
            let row = it.row();
            for (slot, &pool) in row.indices.iter().zip(tuple_items(row.pool)).rev() {
                let next = slot.peek() + 1;
                if (next as usize) < tuple_items(pool).len() {
                    th.set_raw(it, slot, next)?;
                    return Ok(true);
                }
                th.set_raw(it, slot, 0)?;
            }
            Ok(false)
        },
        |row| {
            let pools = tuple_items(row.pool).iter();
            pools
                .zip(&row.indices)
                .map(|(&pool, i)| tuple_items(pool)[i.peek() as usize])
                .collect()
        },
    )
}

/// The argument `r`, which must not be negative.
fn length_argument(th: &mut Thread, v: Value) -> R<usize> {
    match usize::try_from(th.index_i64(v)?) {
        Ok(r) => Ok(r),
        Err(_) => Err(th.value_error("r must be non-negative")),
    }
}

fn combinations(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = pool(th, a[1])?;
    let r = length_argument(th, a[2])?;
    let n = tuple_items(items).len();
    let row = Row::new(items, 0..r.min(n + 1), r > n);
    instance(th, a[0], Combinations(row))
}

fn combinations_next(th: &mut Thread, v: Value) -> R<Value> {
    step::<Combinations>(
        th,
        v,
        |th, it| {
            let row = it.row();
            let (n, r) = (tuple_items(row.pool).len(), row.indices.len());
            let Some(i) = (0..r)
                .rev()
                .find(|&i| row.indices[i].peek() != (i + n - r) as u64)
            else {
                return Ok(false);
            };
            let first = row.indices[i].peek() + 1;
            for (offset, slot) in row.indices[i..].iter().enumerate() {
                th.set_raw(it, slot, first + offset as u64)?;
            }
            Ok(true)
        },
        |row| pick(row, row.indices.len()),
    )
}

fn replacement(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = pool(th, a[1])?;
    let r = length_argument(th, a[2])?;
    let done = tuple_items(items).is_empty() && r > 0;
    instance(th, a[0], Replacement(Row::new(items, vec![0; r], done)))
}

fn replacement_next(th: &mut Thread, v: Value) -> R<Value> {
    step::<Replacement>(
        th,
        v,
        |th, it| {
            let row = it.row();
            let last = tuple_items(row.pool).len().saturating_sub(1) as u64;
            let Some(i) = row.indices.iter().rposition(|i| i.peek() != last) else {
                return Ok(false);
            };
            let next = row.indices[i].peek() + 1;
            for slot in &row.indices[i..] {
                th.set_raw(it, slot, next)?;
            }
            Ok(true)
        },
        |row| pick(row, row.indices.len()),
    )
}

fn permutations(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = pool(th, a[1])?;
    let n = tuple_items(items).len();
    let r = if a[2].is_null() || a[2].is_none() {
        n
    } else if !th.is_int(a[2]) {
        return Err(th.type_error("Expected int as r"));
    } else {
        length_argument(th, a[2])?
    };
    let done = r > n;
    let payload = Permutations {
        row: Row::new(items, 0..n, done),
        cycles: index_slots((0..if done { 0 } else { r }).map(|i| n - i)),
    };
    instance(th, a[0], payload)
}

/// Moves to the next permutation of `r` of the pool's items in the order of their indices.
fn permute(th: &mut Thread, it: Ref<Native<Permutations>>) -> R<bool> {
    let (indices, cycles) = (&it.row.indices, &it.cycles);
    let n = indices.len();
    for i in (0..cycles.len()).rev() {
        let left = cycles[i].peek() - 1;
        if left > 0 {
            th.set_raw(it, &cycles[i], left)?;
            let (x, y) = (&indices[i], &indices[n - left as usize]);
            let (at_x, at_y) = (x.peek(), y.peek());
            th.set_raw(it, x, at_y)?;
            th.set_raw(it, y, at_x)?;
            return Ok(true);
        }
        // Used up: its item goes to the end, and the place starts over.
        let first = indices[i].peek();
        for j in i..n - 1 {
            th.set_raw(it, &indices[j], indices[j + 1].peek())?;
        }
        th.set_raw(it, &indices[n - 1], first)?;
        th.set_raw(it, &cycles[i], (n - i) as u64)?;
    }
    Ok(false)
}

fn permutations_next(th: &mut Thread, v: Value) -> R<Value> {
    let r = this::<Permutations>(th, v)?.cycles.len();
    step::<Permutations>(th, v, permute, |row| pick(row, r))
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    iterator_type::<Product>(
        th,
        module,
        "product(cls, *iterables, repeat=1)",
        product,
        product_next,
        |_| {},
    );
    iterator_type::<Combinations>(
        th,
        module,
        "combinations(cls, iterable, r)",
        combinations,
        combinations_next,
        |_| {},
    );
    iterator_type::<Replacement>(
        th,
        module,
        "combinations_with_replacement(cls, iterable, r)",
        replacement,
        replacement_next,
        |_| {},
    );
    iterator_type::<Permutations>(
        th,
        module,
        "permutations(cls, iterable, r=None)",
        permutations,
        permutations_next,
        |_| {},
    );
}
