//! Going from match to match: `Pattern.scanner` and `Pattern.finditer`.

use super::matching;
use super::object::{Mode, Subject};
use super::pattern::{Pattern, This as PatternRef};
use crate::heap::{R, RawSlot, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::native::{Native, Payload};

/// The state of a scan; `ITERATOR` for `finditer`, else `_sre.SRE_Scanner`.
struct Scan<const ITERATOR: bool> {
    pattern: Value,
    string: Value,
    /// Where the next match may start; one past the end of the string when there are no more.
    at: RawSlot,
    /// Whether an empty match there does not count.
    must_advance: RawSlot,
    pos: usize,
    endpos: usize,
}

impl<const ITERATOR: bool> Payload for Scan<ITERATOR> {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.pattern, self.string])
    }
}

fn make<const ITERATOR: bool>(
    th: &mut Thread,
    pattern: PatternRef,
    string: Value,
    pos: Value,
    endpos: Value,
) -> R<Value> {
    let subject = Subject::of(th, pattern, string)?;
    let (pos, endpos) = subject.bounds(th, pos, endpos)?;
    let payload = Scan::<ITERATOR> {
        pattern: pattern.value(),
        string,
        at: RawSlot::new(pos as u64),
        must_advance: RawSlot::new(0),
        pos,
        endpos,
    };
    let class = th.class_for::<Scan<ITERATOR>>();
    Ok(th.new_native(class, payload).value())
}

/// `pattern.scanner(...)`.
pub fn scanner(
    th: &mut Thread,
    pattern: PatternRef,
    string: Value,
    pos: Value,
    endpos: Value,
) -> R<Value> {
    make::<false>(th, pattern, string, pos, endpos)
}

/// `pattern.finditer(...)`.
pub fn find_iter(
    th: &mut Thread,
    pattern: PatternRef,
    string: Value,
    pos: Value,
    endpos: Value,
) -> R<Value> {
    make::<true>(th, pattern, string, pos, endpos)
}

impl<const ITERATOR: bool> Scan<ITERATOR> {
    fn this(a: &[Value]) -> Ref<Native<Self>> {
        a[0].native().expect("the receiver's class was checked")
    }
    /// The next match, or None.
    fn next(th: &mut Thread, scan: Ref<Native<Self>>, mode: Mode) -> R<Value> {
        let (at, must_advance) =
            th.read(scan, |s| (s.at.peek() as usize, s.must_advance.peek()))?;
        if at > scan.endpos {
            return Ok(Value::NONE);
        }
        let pattern = scan
            .pattern
            .native::<Pattern>()
            .expect("a scan is made with its pattern");
        let subject = Subject::of(th, pattern, scan.string)?;
        let endpos = scan.endpos.min(subject.len);
        let found = subject.find(th, pattern, mode, at, endpos, must_advance != 0)?;
        let (at, must_advance) = match &found {
            Some(f) => (f.end, (f.start == f.end) as u64),
            None => (scan.endpos + 1, 0),
        };
        th.set_raw(scan, &scan.at, at as u64)?;
        th.set_raw(scan, &scan.must_advance, must_advance)?;
        matching::make(th, pattern, &subject, found, scan.pos, scan.endpos)
    }
}

/// Defines the classes.
pub fn define(th: &mut Thread) {
    th.new_type::<Scan<false>>("_sre.SRE_Scanner", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("match(self, /)", |th, a| {
                Scan::<false>::next(th, Scan::this(a), Mode::Match)
            }),
            ("search(self, /)", |th, a| {
                Scan::<false>::next(th, Scan::this(a), Mode::Search)
            }),
        ]);
        t.getset(
            "pattern",
            |_, v| Ok(Scan::<false>::this(&[v]).pattern),
            None,
        );
    });
    th.new_type::<Scan<true>>("callable_iterator", class_flags::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", |th, a| {
                let m = Scan::<true>::next(th, Scan::this(a), Mode::Search)?;
                if m.is_none() {
                    return Err(th.stop_iteration(Value::NULL));
                }
                Ok(m)
            }),
        ]);
    });
}
