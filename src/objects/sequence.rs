//! What `list` and `tuple` have in common: comparison, search, text; and the guard against endless `repr`s.

use std::cell::RefCell;

use rustpython_wtf8::Wtf8Buf;

use super::list::List;
use super::protocol::Cmp;
use super::special::Sp;
use super::tuple::Tuple;
use crate::heap::{Fail, R, Ref, Thread, Value};

/// A list or a tuple.
#[derive(Clone, Copy)]
pub(super) enum Seq {
    List(Ref<List>),
    Tuple(Ref<Tuple>),
}

impl Seq {
    pub fn len(self, th: &mut Thread) -> R<usize> {
        match self {
            Seq::List(l) => l.len(th),
            Seq::Tuple(t) => Ok(t.len()),
        }
    }
    /// Item `i`, or null if there are not so many (any more).
    #[inline]
    pub fn get(self, th: &mut Thread, i: usize) -> R<Value> {
        match self {
            Seq::List(l) => l.get(th, i),
            Seq::Tuple(t) => Ok(t.items().get(i).copied().unwrap_or(Value::NULL)),
        }
    }
    fn name(self) -> &'static str {
        match self {
            Seq::List(_) => "list",
            Seq::Tuple(_) => "tuple",
        }
    }

    /// `self op other`, lexicographically.
    pub fn compare(self, th: &mut Thread, other: Seq, op: Cmp) -> R<Value> {
        if matches!(op, Cmp::Eq | Cmp::Ne) && self.len(th)? != other.len(th)? {
            return Ok(Value::bool(op == Cmp::Ne));
        }
        th.check_stack()?;
        let mut i = 0;
        loop {
            let (x, y) = (self.get(th, i)?, other.get(th, i)?);
            if x.is_null() || y.is_null() {
                break;
            }
            if !th.equal(x, y)? {
                return match op {
                    Cmp::Eq => Ok(Value::FALSE),
                    Cmp::Ne => Ok(Value::TRUE),
                    _ => th.compare(op, x, y),
                };
            }
            i += 1;
        }
        let order = self.len(th)?.cmp(&other.len(th)?);
        Ok(Value::bool(op.holds_partly(Some(order))))
    }

    /// The position of the first item that equals `v`.
    pub fn find(self, th: &mut Thread, v: Value, from: usize, to: usize) -> R<Option<usize>> {
        let mut i = from;
        while i < to {
            let item = self.get(th, i)?;
            if item.is_null() {
                break;
            }
            if th.equal(item, v)? {
                return Ok(Some(i));
            }
            i += 1;
        }
        Ok(None)
    }

    /// `index(value, start, stop)`: `a` has the three arguments behind the receiver.
    pub fn index(self, th: &mut Thread, a: &[Value]) -> R<Value> {
        let len = self.len(th)? as isize;
        let mut bound = |v: Value, default: isize| -> R<usize> {
            let i = if v.is_null() {
                default
            } else if th.special(v, Sp::Index).is_null() {
                // `None` is not among the ways to leave it out here.
                return Err(
                    th.type_error("slice indices must be integers or have an __index__ method")
                );
            } else {
                th.slice_bound(v)?.unwrap_or(default)
            };
            Ok(if i < 0 {
                i.saturating_add(len).max(0)
            } else {
                i
            } as usize)
        };
        let (from, to) = (bound(a[1], 0)?, bound(a[2], isize::MAX)?);
        match self.find(th, a[0], from, to)? {
            Some(i) => Ok(th.int(i as i64)),
            None => {
                let name = self.name();
                Err(th.value_error(format!("{name}.index(x): x not in {name}")))
            }
        }
    }

    pub fn count(self, th: &mut Thread, v: Value) -> R<Value> {
        let (mut n, mut i) = (0, 0);
        loop {
            let item = self.get(th, i)?;
            if item.is_null() {
                return Ok(th.int(n));
            }
            n += th.equal(item, v)? as i64;
            i += 1;
        }
    }

    /// The reprs of the items, separated by commas, appended to `out`.
    pub fn write_items(self, th: &mut Thread, out: &mut Wtf8Buf) -> R<()> {
        let mut i = 0;
        loop {
            let item = self.get(th, i)?;
            if item.is_null() {
                return Ok(());
            }
            if i > 0 {
                out.push_str(", ");
            }
            let text = th.repr(item)?;
            out.push_wtf8(text.as_wtf8());
            i += 1;
        }
    }
}

thread_local! {
    /// The containers whose `repr` this thread is making.
    static IN_REPR: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

impl Thread {
    /// Makes the `repr` of a container: `write` appends it, unless `v` is within itself, which shows as `recursive`.
    pub fn container_repr(
        &mut self,
        v: Value,
        recursive: &str,
        write: impl FnOnce(&mut Thread, &mut Wtf8Buf) -> R<()>,
    ) -> R<Value> {
        if IN_REPR.with_borrow(|open| open.contains(&v)) {
            return Ok(self.str_value(recursive));
        }
        IN_REPR.with_borrow_mut(|open| open.push(v));
        let mut out = Wtf8Buf::new();
        let result = write(self, &mut out);
        IN_REPR.with_borrow_mut(|open| open.pop());
        result?;
        self.check_room(out.len())?;
        Ok(self.str_wtf8(&out).value())
    }

    /// The error of `index` and others for `*` with something that is no integer.
    pub(super) fn repeat_error(&mut self, v: Value) -> Fail {
        let name = self.type_name(v);
        self.type_error(format!(
            "can't multiply sequence by non-int of type '{name}'"
        ))
    }
    /// How often to repeat a sequence of `len` items; TypeError if `v` is no integer, MemoryError if that is too much.
    pub(super) fn repeats(&mut self, v: Value, len: usize) -> R<usize> {
        let Some(count) = self.repeat_count(v)? else {
            return Err(self.repeat_error(v));
        };
        let count = count.max(0) as usize;
        match len.checked_mul(count).and_then(|n| n.checked_mul(8)) {
            Some(bytes) if bytes < isize::MAX as usize => self.check_room(bytes)?,
            _ => return Err(self.no_memory()),
        }
        Ok(count)
    }
}
