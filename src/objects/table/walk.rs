//! Size, order, and walks over all entries.

use std::sync::atomic::{AtomicU64, Ordering::*};

use super::{DictBuf, TableRef};
use crate::heap::{R, Ref, Thread, Value};

impl TableRef {
    /// The values as they are at this moment, without a barrier: for hints alone, which may be wrong.
    pub fn peek_values(self) -> Vec<Value> {
        let Some(buf) = self.table().buf.peek().non_null() else {
            return vec![];
        };
        // SAFETY: the slot holds a buffer or null.
        let buf: Ref<DictBuf> = unsafe { Ref::from_value(buf) };
        let values = buf.entries().map(|e| e.value.peek());
        values.filter(|v| !v.is_null()).collect()
    }
    /// How many keys there are.
    #[inline]
    pub fn len(self, th: &mut Thread) -> R<usize> {
        // A tally is only needed where several threads insert (invariant 6).
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
        for t in buf.tallies() {
            // One of them alone may be below zero.
            sum = u64::wrapping_add(sum, th.read_at(&t.orec, || t.live.peek())?);
        }
        Ok(sum as usize)
    }

    /// The buffer, with its living entries in the order of the table: see the module's text. Also then it may hold tombstones.
    #[inline]
    fn in_order(self, th: &mut Thread) -> R<Option<Ref<DictBuf>>> {
        let buf = self.buf(th)?;
        if let Some(buf) = buf
            && buf.is_striped()
            && !self.0.header().orec().is_private()
        {
            return self.put_in_order(th, buf);
        }
        Ok(buf)
    }

    #[inline(never)]
    fn put_in_order(self, th: &mut Thread, buf: Ref<DictBuf>) -> R<Option<Ref<DictBuf>>> {
        let order = buf.order().expect("the buffer is striped");
        if buf.is_settled(order) {
            return Ok(Some(buf));
        }
        // First the claims, then the tallies: whoever has claimed one of these has ended when the tallies are open, but for ourselves.
        let end = buf.claimed();
        let settled = if th.barriers {
            let tallies = buf.tallies().map(|t| &t.orec);
            // If it is another's, the reading fails.
            let own_changes = buf.tally(th.txn.slot_index()).orec.is_owned();
            th.txn
                .read_all(tallies, || buf.check_order(order, end, own_changes))?
        } else {
            buf.check_order(order, end, false)
        };
        match settled {
            Some(settled) => buf.note_settled(order, settled),
            None => self.resize(th, 0)?,
        }
        self.buf(th)
    }

    /// The first live entry at or after position `at`: the position after it, key and value. Positions hold as long as the size does not change.
    #[inline]
    pub fn next(self, th: &mut Thread, mut at: usize) -> R<Option<(usize, Value, Value)>> {
        let buf = match at {
            0 => self.in_order(th)?,
            _ => self.buf(th)?,
        };
        let Some(buf) = buf else {
            return Ok(None);
        };
        while at < buf.claimed() {
            let e = buf.entry(at);
            let guard = buf.guard(self.0.header(), at);
            at += 1;
            let key = e.key.peek();
            // Null: another thread has claimed it and not got further.
            if key.is_null() {
                continue;
            }
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
            let e = buf.entry(at);
            let guard = buf.guard(self.0.header(), at);
            let key = e.key.peek();
            if key.is_null() {
                continue;
            }
            let value = th.read_at(guard, || e.value.peek())?;
            if !value.is_null() {
                return Ok(Some((at, key, value)));
            }
        }
        Ok(None)
    }

    /// A bound for positions: to begin a walk backward with.
    pub fn end(self, th: &mut Thread) -> R<usize> {
        Ok(self.in_order(th)?.map_or(0, |b| b.claimed()))
    }

    /// Bytes that the buffer takes.
    pub fn bytes(self, th: &mut Thread) -> R<usize> {
        Ok(self.buf(th)?.map_or(0, |b| b.bytes()))
    }

    /// Everything at one moment: calls `f` with key, mixed hash and value of each entry, in order. `values`: does it use the values? Else
    /// nobody who merely changes one is in the way.
    fn peek_all(
        self,
        th: &mut Thread,
        values: bool,
        mut f: impl FnMut(Value, u32, Value),
    ) -> R<()> {
        let Some(buf) = self.in_order(th)? else {
            return Ok(());
        };
        let load = |f: &mut dyn FnMut(Value, u32, Value)| {
            for e in buf.entries() {
                let value = e.value.peek();
                if !value.is_null() {
                    f(e.key.peek(), e.hash(), value);
                }
            }
        };
        if !th.is_shared(self.0) {
            load(&mut f);
            return Ok(());
        }
        let header = self.0.header();
        // The entries are counted and looked at when the tallies have been opened: one that gets its first value after that shows in a tally.
        let live = move |&i: &usize| !buf.entry(i).value.peek().is_null();
        let entries = (values && buf.is_striped()).then_some(()).into_iter();
        let entries = entries.flat_map(move |()| (0..buf.claimed()).filter(live));
        let guards = std::iter::once(header.orec())
            .chain(buf.tallies().map(|t| &t.orec))
            .chain(entries.map(|i| buf.guard(header, i)));
        let mut all = vec![];
        th.txn.read_all(guards, || {
            all.clear();
            load(&mut |k, h, v| all.push((k, h, v)));
        })?;
        all.into_iter().for_each(|(k, h, v)| f(k, h, v));
        Ok(())
    }

    /// Keys and values, in order. They are not rooted.
    pub fn items(self, th: &mut Thread) -> R<Vec<(Value, Value)>> {
        let mut all = vec![];
        self.peek_all(th, true, |k, _, v| all.push((k, v)))?;
        Ok(all)
    }
    /// Keys, mixed hashes and values, in order. They are not rooted.
    pub fn hashed_items(self, th: &mut Thread) -> R<Vec<(Value, u32, Value)>> {
        let mut all = vec![];
        self.peek_all(th, true, |k, h, v| all.push((k, h, v)))?;
        Ok(all)
    }
    /// The keys with their mixed hashes, in order. They are not rooted.
    pub fn hashed_keys(self, th: &mut Thread) -> R<Vec<(Value, u32)>> {
        let mut all = vec![];
        self.peek_all(th, false, |k, h, _| all.push((k, h)))?;
        Ok(all)
    }
    /// The keys, in order. They are not rooted.
    pub fn keys(self, th: &mut Thread) -> R<Vec<Value>> {
        let mut all = vec![];
        self.peek_all(th, false, |k, _, _| all.push(k))?;
        Ok(all)
    }
    /// The values, in order. They are not rooted.
    pub fn values(self, th: &mut Thread) -> R<Vec<Value>> {
        let mut all = vec![];
        self.peek_all(th, true, |_, _, v| all.push(v))?;
        Ok(all)
    }

    /// Fills this table, which is new and empty, with the entries of `other`.
    pub fn copy_from(self, th: &mut Thread, other: TableRef) -> R<()> {
        let all = other.hashed_items(th)?;
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
        self.in_order(th)?;
        let Some(buf) = self.own_keys(th)? else {
            return Ok(None);
        };
        let mut at = buf.last_popped().min(buf.claimed());
        let e = loop {
            if at == 0 {
                return Ok(None);
            }
            at -= 1;
            let e = buf.entry(at);
            if !e.value.peek().is_null() {
                break e;
            }
        };
        th.own_at(buf.guard(self.0.header(), at))?;
        let (key, value) = (e.key.peek(), e.value.peek());
        self.remove_entry(th, buf, at)?;
        if th.barriers {
            let orec = self.0.header().orec();
            let (popped, at_claims) = buf.pop_note(at);
            th.set_raw_at(orec, &buf.popped, popped)?;
            th.set_raw_at(orec, &buf.popped_at, at_claims)?;
        } else {
            buf.take_back(at);
        }
        Ok(Some((key, value)))
    }
}

/// By which an iterator sees whether its table has changed size.
///
/// In a table that other threads see, the size is in several tallies, too many to read for each item. But once all of them have been read
/// in a block, they are in its read set: what *others* insert or delete from then on is a conflict. What this block itself
/// inserts, deletes or inserts again moves counters that are hidden state, and others may move them as well: then all tallies are read again.
/// So `seen` holds the block, the buffer and the counters when the size was last found right. It is hidden state too, and
/// only helps whoever is in that very block.
pub struct SizeWatch {
    size: u64,
    seen: [AtomicU64; 4],
}

impl SizeWatch {
    /// Watches for a change from this size.
    pub fn new(size: u64) -> SizeWatch {
        SizeWatch {
            size,
            seen: [const { AtomicU64::new(0) }; 4],
        }
    }

    /// Has the table (still, or again) the size that it had?
    #[inline]
    pub fn same_size(&self, th: &mut Thread, table: TableRef) -> R<bool> {
        if table.0.header().orec().is_private() || !th.barriers {
            return Ok(table.len(th)? as u64 == self.size);
        }
        self.same_size_shared(th, table)
    }

    #[inline(never)]
    fn same_size_shared(&self, th: &mut Thread, table: TableRef) -> R<bool> {
        let Some(buf) = table.buf(th)?.filter(|b| b.is_striped()) else {
            return Ok(table.len(th)? as u64 == self.size);
        };
        // Stamps of different threads may be alike.
        let block = th.txn.block() << 16 | th.txn.slot_index() as u64;
        let counters = (buf.deletions() as u64) << 32 | buf.claimed() as u64;
        let now = [block, Ref::address(buf), counters, buf.revivals() as u64];
        if now
            .iter()
            .zip(&self.seen)
            .all(|(n, s)| *n == s.load(Relaxed))
        {
            return Ok(true);
        }
        if table.len(th)? as u64 != self.size {
            return Ok(false);
        }
        for (n, s) in now.iter().zip(&self.seen) {
            s.store(*n, Relaxed);
        }
        Ok(true)
    }
}
