//! Size, order, and walks over all entries.

use std::sync::atomic::{Ordering::*, fence};

use super::{DictBuf, TableRef};
use crate::heap::{R, Ref, Thread, Value};

impl TableRef {
    /// How many keys there are.
    #[inline]
    pub fn len(self, th: &mut Thread) -> R<usize> {
        // A stripe's count is only needed where several threads insert (invariant 6).
        if self.0.header().orec().is_private() {
            return Ok(self.table().used.peek() as usize);
        }
        self.len_shared(th)
    }

    #[inline(never)]
    fn len_shared(self, th: &mut Thread) -> R<usize> {
        let Some(buf) = self.buf(th)? else {
            return Ok(0);
        };
        if !buf.is_striped() {
            return Ok(th.get_raw(self.0, &self.table().used)? as usize);
        }
        let mut sum = 0;
        for s in buf.stripes() {
            sum += th.read_at(&s.orec, || s.live.peek())? as usize;
        }
        Ok(sum)
    }

    /// The first live entry at or after position `at`: the position after it, key and value.
    #[inline]
    pub fn next(self, th: &mut Thread, mut at: usize) -> R<Option<(usize, Value, Value)>> {
        let Some(buf) = self.buf(th)? else {
            return Ok(None);
        };
        while at < buf.claimed() {
            let e = &buf.entries()[at];
            at += 1;
            let key = e.key.peek();
            // Null: another thread has claimed it and not got further.
            if key.is_null() {
                continue;
            }
            let guard = buf.guard(self.0.header(), e.hash());
            let value = th.read_at(guard, || e.value.peek())?;
            if !value.is_null() {
                return Ok(Some((at, key, value)));
            }
        }
        Ok(None)
    }

    /// The last live entry before position `at`: its position, key and value.
    pub fn previous(self, th: &mut Thread, at: usize) -> R<Option<(usize, Value, Value)>> {
        let Some(buf) = self.buf(th)? else {
            return Ok(None);
        };
        let mut at = at.min(buf.claimed());
        while at > 0 {
            at -= 1;
            let e = &buf.entries()[at];
            let key = e.key.peek();
            if key.is_null() {
                continue;
            }
            let guard = buf.guard(self.0.header(), e.hash());
            let value = th.read_at(guard, || e.value.peek())?;
            if !value.is_null() {
                return Ok(Some((at, key, value)));
            }
        }
        Ok(None)
    }

    /// Everything at one moment: calls `f` with key, mixed hash and value of each entry, in order. `f` gets values that are
    /// not validated yet, and may only keep them.
    fn peek_all(self, th: &mut Thread, mut f: impl FnMut(Value, u32, Value)) -> R<()> {
        let Some(buf) = self.buf(th)? else {
            return Ok(());
        };
        let shared = th.is_shared(self.0);
        if shared {
            // Reading something of each stripe puts it into the read set.
            for s in buf.stripes() {
                th.read_at(&s.orec, || ())?;
            }
        }
        for e in &buf.entries()[..buf.claimed()] {
            let value = e.value.peek();
            if !value.is_null() {
                f(e.key.peek(), e.hash(), value);
            }
        }
        if shared {
            // The loads above come before the second look at the version words.
            fence(Acquire);
            th.txn.validate()?;
        }
        Ok(())
    }

    /// Keys and values, in order. They are not rooted.
    pub fn items(self, th: &mut Thread) -> R<Vec<(Value, Value)>> {
        let mut all = vec![];
        self.peek_all(th, |k, _, v| all.push((k, v)))?;
        Ok(all)
    }
    /// The keys with their mixed hashes, in order. They are not rooted.
    pub fn hashed_keys(self, th: &mut Thread) -> R<Vec<(Value, u32)>> {
        let mut all = vec![];
        self.peek_all(th, |k, h, _| all.push((k, h)))?;
        Ok(all)
    }
    /// The keys, in order. They are not rooted.
    pub fn keys(self, th: &mut Thread) -> R<Vec<Value>> {
        let mut all = vec![];
        self.peek_all(th, |k, _, _| all.push(k))?;
        Ok(all)
    }
    /// The values, in order. They are not rooted.
    pub fn values(self, th: &mut Thread) -> R<Vec<Value>> {
        let mut all = vec![];
        self.peek_all(th, |_, _, v| all.push(v))?;
        Ok(all)
    }

    /// Fills this table, which is new and empty, with the entries of `other`.
    pub fn copy_from(self, th: &mut Thread, other: TableRef) -> R<()> {
        let mut all = vec![];
        other.peek_all(th, |k, h, v| all.push((k, h, v)))?;
        if all.is_empty() {
            return Ok(());
        }
        let buf = DictBuf::new(th, all.len());
        for &(k, h, v) in &all {
            buf.push(k, h as u64, v);
        }
        th.own(self.0)?;
        self.replace(th, Some(buf), all.len())
    }

    /// Removes the last entry.
    pub fn pop_last(self, th: &mut Thread) -> R<Option<(Value, Value)>> {
        th.own(self.0)?;
        let Some(buf) = self.buf(th)? else {
            return Ok(None);
        };
        for s in buf.stripes() {
            th.own_at(&s.orec)?;
        }
        let Some((at, key, value)) = self.previous(th, usize::MAX)? else {
            return Ok(None);
        };
        self.remove_entry(th, buf, at)?;
        if !th.barriers {
            buf.take_back(at);
        }
        Ok(Some((key, value)))
    }

    /// The buffer and how often it was inserted into and deleted from, as far as hidden state tells: while this stays the same,
    /// nothing was inserted or deleted.
    pub fn change_mark(self, th: &mut Thread) -> R<(u64, u64)> {
        Ok(match self.buf(th)? {
            Some(buf) => (
                Ref::address(buf),
                (buf.deletions() as u64) << 32 | buf.claimed() as u64,
            ),
            None => (0, 0),
        })
    }

    /// A shared table with stripes, whose size is many reads away.
    pub fn is_spread(self, th: &mut Thread) -> R<bool> {
        Ok(th.is_shared(self.0) && self.buf(th)?.is_some_and(|b: Ref<DictBuf>| b.is_striped()))
    }
}
