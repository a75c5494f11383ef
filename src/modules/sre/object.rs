//! What is searched, and running the engine over it.

use rustpython_sre_engine::{Request, State, StrDrive};
use rustpython_wtf8::Wtf8;

use super::pattern::This;
use super::watched::{self, Ended, Watched};
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::buffer::Data;
use crate::objects::string::Str;

/// A string or bytes that a pattern is applied to.
pub struct Subject {
    pub value: Value,
    kind: Kind,
    /// Length in characters or bytes.
    pub len: usize,
}

enum Kind {
    Text(Ref<Str>),
    Bytes(Data),
}

/// Where a match was found, in characters or bytes.
#[derive(Clone)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    /// The groups from 1 on.
    pub groups: Vec<Option<(usize, usize)>>,
    pub last_index: Option<usize>,
}

impl Found {
    /// The span of group `i`, 0 being all.
    pub fn group(&self, i: usize) -> Option<(usize, usize)> {
        match i {
            0 => Some((self.start, self.end)),
            _ => self.groups[i - 1],
        }
    }
}

/// How to search.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Match,
    FullMatch,
    Search,
}

impl Subject {
    /// `v` as what `pattern` can be applied to, or TypeError.
    pub fn of(th: &mut Thread, pattern: This, v: Value) -> R<Subject> {
        let (kind, len) = if let Some(s) = v.cast::<Str>() {
            if pattern.is_bytes == Some(true) {
                return Err(th.type_error("cannot use a bytes pattern on a string-like object"));
            }
            (Kind::Text(s), s.len())
        } else if let Some(data) = th.buffer(v)? {
            if pattern.is_bytes == Some(false) {
                return Err(th.type_error("cannot use a string pattern on a bytes-like object"));
            }
            let len = data.len();
            (Kind::Bytes(data), len)
        } else {
            let name = th.type_name(v);
            return Err(th.type_error(format!(
                "expected string or bytes-like object, got '{name}'"
            )));
        };
        Ok(Subject {
            value: v,
            kind,
            len,
        })
    }

    /// The range that the optional arguments `pos` and `endpos` denote; the start may lie behind the end.
    pub fn bounds(&self, th: &mut Thread, pos: Value, endpos: Value) -> R<(usize, usize)> {
        let clamp = |th: &mut Thread, v: Value, default: usize| -> R<usize> {
            Ok(match th.slice_bound(v)? {
                Some(i) => (i.max(0) as usize).min(self.len),
                None => default,
            })
        };
        Ok((clamp(th, pos, 0)?, clamp(th, endpos, self.len)?))
    }

    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(_))
    }

    /// The piece from `start` to `end`.
    pub fn slice(&self, th: &mut Thread, start: usize, end: usize) -> R<Value> {
        match &self.kind {
            Kind::Text(s) => {
                if start == 0 && end == self.len {
                    return Ok(th.exact_str(*s).value());
                }
                let text = s.indexed(th);
                let (from, to) = (text.byte_at(start), text.byte_at(end));
                th.str_piece(s, &s.as_wtf8()[from..to])
            }
            Kind::Bytes(data) => th.new_bytes(&data[start..end]),
        }
    }

    /// The bytes (WTF-8, for text) from `start` to `end`.
    pub fn raw(&self, th: &Thread, start: usize, end: usize) -> &[u8] {
        match &self.kind {
            Kind::Text(s) => {
                let text = s.indexed(th);
                let (from, to) = (text.byte_at(start), text.byte_at(end));
                &s.as_bytes()[from..to]
            }
            Kind::Bytes(data) => &data[start..end],
        }
    }

    /// Searches from `start` to `end`. With `must_advance` an empty match at `start` does not count.
    ///
    /// # Errors
    /// If the call that the thread works for is over.
    pub fn find(
        &self,
        th: &mut Thread,
        pattern: This,
        mode: Mode,
        start: usize,
        end: usize,
        must_advance: bool,
    ) -> R<Option<Found>> {
        if start > end {
            return Ok(None);
        }
        if let Some(call) = th.guarded_call() {
            let found = watched::run(call, || {
                self.find_with::<true>(th, pattern, mode, start, end, must_advance)
            });
            return found.map_err(|ended| match ended {
                Ended::GivenUp => th.stop_now(),
                Ended::Fault => th.runtime_error("internal error in a regular expression"),
            });
        }
        Ok(self.find_with::<false>(th, pattern, mode, start, end, must_advance))
    }

    fn find_with<const WATCHED: bool>(
        &self,
        th: &Thread,
        pattern: This,
        mode: Mode,
        start: usize,
        end: usize,
        must_advance: bool,
    ) -> Option<Found> {
        let code = &pattern.code;
        let groups = pattern.groups;
        match &self.kind {
            Kind::Text(s) if !s.is_ascii() => {
                // A cursor at `start`: the engine would walk there from the beginning.
                let whole = s.as_wtf8();
                let at = s.indexed(th).byte_at(start);
                let mut state = State::default();
                state.cursor = (&whole[at..]).create_cursor(0);
                state.cursor.position = start;
                if WATCHED {
                    let whole = Watched(whole);
                    return run(whole, state, code, groups, mode, start, end, must_advance);
                }
                run::<&Wtf8>(whole, state, code, groups, mode, start, end, must_advance)
            }
            Kind::Text(_) | Kind::Bytes(_) => {
                let bytes = match &self.kind {
                    Kind::Text(s) => s.as_bytes(),
                    Kind::Bytes(data) => &data[..],
                };
                let state = State::default();
                if WATCHED {
                    let bytes = Watched(bytes);
                    return run(bytes, state, code, groups, mode, start, end, must_advance);
                }
                run(bytes, state, code, groups, mode, start, end, must_advance)
            }
        }
    }
}

fn run<S: StrDrive>(
    string: S,
    mut state: State,
    code: &[u32],
    groups: usize,
    mode: Mode,
    start: usize,
    end: usize,
    must_advance: bool,
) -> Option<Found> {
    let request = Request {
        string,
        start,
        end,
        pattern_codes: code,
        match_all: mode == Mode::FullMatch,
        must_advance,
    };
    let found = match mode {
        Mode::Search => state.search(request),
        Mode::Match | Mode::FullMatch => state.py_match(&request),
    };
    if !found {
        return None;
    }
    let span = |i: usize| {
        let (from, to) = state.marks.get(i);
        (from.is_some() && to.is_some()).then(|| (from.unwrap(), to.unwrap()))
    };
    Some(Found {
        start: state.start,
        end: state.cursor.position,
        groups: (0..groups).map(span).collect(),
        last_index: usize::try_from(state.marks.last_index())
            .ok()
            .filter(|i| *i > 0),
    })
}

/// One match after the other, as `findall` sees them.
pub struct Matches {
    pattern: This,
    at: usize,
    end: usize,
    must_advance: bool,
}

impl Matches {
    pub fn new(pattern: This, start: usize, end: usize) -> Matches {
        Matches {
            pattern,
            at: start,
            end,
            must_advance: false,
        }
    }
    ///
    /// # Errors
    /// If the call that the thread works for is over.
    pub fn next(&mut self, th: &mut Thread, subject: &Subject) -> R<Option<Found>> {
        let found = subject.find(
            th,
            self.pattern,
            Mode::Search,
            self.at,
            self.end,
            self.must_advance,
        )?;
        let Some(found) = found else {
            return Ok(None);
        };
        self.must_advance = found.end == found.start;
        self.at = found.end;
        Ok(Some(found))
    }
}
