//! Finding, storing and deleting one key.

use std::sync::atomic::Ordering::*;

use keelback_stm::Orec;

use super::buffer::{Entry, Probe, Step, name_hash};
use super::{BIRTH, CACHED, DictBuf, LONG_AGO, NAMESPACE, TableRef, VOLATILE};
use crate::heap::{R, Ref, Thread, Value};

/// An entry as an inline cache keeps it.
#[derive(Clone, Copy, Debug)]
pub struct CacheView {
    pub value: Value,
    pub buf: Ref<DictBuf>,
    pub index: usize,
    /// The value changes: keep the place alone, and ask `Dict::entry_value` each time.
    pub volatile: bool,
}

/// What an operation is going to do with a key, and so which version words it owns rather than reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Nothing.
    Read,
    /// Insert it if it is not there.
    Default,
    /// Set its value, or insert it.
    Store,
    /// Delete it if it is there.
    Remove,
}

impl Access {
    #[inline(always)]
    fn owns_value(self) -> bool {
        matches!(self, Access::Store | Access::Remove)
    }
    #[inline(always)]
    fn owns_absence(self) -> bool {
        matches!(self, Access::Store | Access::Default)
    }
}

/// Where a key is. What it says has been read, or is owned, as the [`Access`] wants it.
enum Found {
    Live(usize, Value),
    /// A tombstone of the same key, if one was passed, and the index slot to begin with for an insert.
    Absent {
        tombstone: Option<usize>,
        at: u32,
    },
    /// Python code that was asked has changed the table: search again.
    Changed,
}

impl TableRef {
    /// The buffer, if there ever was an insert.
    #[inline(always)]
    pub(super) fn buf(self, th: &mut Thread) -> R<Option<Ref<DictBuf>>> {
        let buf = th.get(self.0, &self.table().buf)?;
        if buf.is_null() {
            return Ok(None);
        }
        // SAFETY: the slot holds a buffer or null.
        Ok(Some(unsafe { Ref::from_value(buf) }))
    }

    /// Searches for a key.
    #[inline(always)]
    fn find(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        key: Value,
        hash: u32,
        access: Access,
    ) -> R<Found> {
        match buf.probe(th.rt.types(), key, hash) {
            Probe::Live(entry) => {
                let value = self.enter(th, buf, entry, access)?;
                if !value.is_null() {
                    return Ok(Found::Live(entry, value));
                }
                // Somebody has deleted it meanwhile.
            }
            Probe::Absent { dead: false, at } => {
                if self.is_end(th, buf, hash, at, access)? {
                    let tombstone = None;
                    return Ok(Found::Absent { tombstone, at });
                }
                // Somebody has inserted something meanwhile.
            }
            Probe::Absent { dead: true, .. } | Probe::Ask => {}
        }
        self.find_again(th, buf, key, hash, access)
    }

    /// The value of an entry, which is owned from here on if the access changes it.
    #[inline(always)]
    fn enter(self, th: &mut Thread, buf: Ref<DictBuf>, entry: usize, access: Access) -> R<Value> {
        let guard = buf.guard(self.0.header(), entry);
        let value = &buf.entry(entry).value;
        if access.owns_value() {
            th.own_at(guard)?;
            return Ok(value.peek());
        }
        th.read_at(guard, || value.peek())
    }

    /// Does index slot `at` end the search for keys with this hash? Then it does so to the end of the block, or there is a conflict.
    #[inline(always)]
    fn is_end(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        hash: u32,
        at: u32,
        access: Access,
    ) -> R<bool> {
        let stripe = buf.stripe(self.0.header(), hash);
        if access.owns_absence() {
            th.own_at(stripe)?;
            return Ok(buf.ends_at(at));
        }
        th.read_at(stripe, || buf.ends_at(at))
    }

    /// The search step by step: past tombstones, which may come to life, and with the help of Python code, which may do anything, also
    /// to this table.
    #[inline(never)]
    fn find_again(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        key: Value,
        hash: u32,
        access: Access,
    ) -> R<Found> {
        let types = th.rt.types();
        // What Python code has said to be another key.
        let mut other = vec![];
        'search: loop {
            let mut tombstone = None;
            let mut at = buf.home(hash);
            loop {
                let step = buf.step(types, key, hash, &mut at, &other);
                let (Step::Same(entry) | Step::Ask(entry)) = step else {
                    if self.is_end(th, buf, hash, at, access)? {
                        return Ok(Found::Absent { tombstone, at });
                    }
                    continue;
                };
                if self.enter(th, buf, entry, Access::Read)?.is_null() {
                    if matches!(step, Step::Same(_)) {
                        tombstone = Some(entry);
                    }
                    continue;
                }
                if matches!(step, Step::Ask(_)) {
                    let candidate = buf.entry(entry).key.peek();
                    let same = th.equal(candidate, key)?;
                    if self.buf(th)? != Some(buf) {
                        return Ok(Found::Changed);
                    }
                    if buf.entry(entry).key.peek() != candidate {
                        return Ok(Found::Changed);
                    }
                    if !same {
                        // The block may have ended in there, and with it what was known of the entries passed so far.
                        other.push(entry);
                        continue 'search;
                    }
                }
                let value = self.enter(th, buf, entry, access)?;
                if value.is_null() {
                    continue 'search;
                }
                return Ok(Found::Live(entry, value));
            }
        }
    }

    /// The value of `key`, or null.
    #[inline]
    pub fn get(self, th: &mut Thread, key: Value) -> R<Value> {
        let hash = self.hash_key(th, key)?;
        self.get_hashed(th, key, hash)
    }
    #[inline]
    pub fn get_hashed(self, th: &mut Thread, key: Value, hash: u32) -> R<Value> {
        loop {
            let Some(buf) = self.buf(th)? else {
                return Ok(Value::NULL);
            };
            match self.find(th, buf, key, hash, Access::Read)? {
                Found::Live(_, value) => return Ok(value),
                Found::Absent { .. } => return Ok(Value::NULL),
                Found::Changed => {}
            }
        }
    }

    /// Entry and value of `name`, an interned string.
    #[inline]
    pub fn locate_name(
        self,
        th: &mut Thread,
        name: Value,
    ) -> R<Option<(Ref<DictBuf>, usize, Value)>> {
        let hash = name_hash(th, name);
        loop {
            let Some(buf) = self.buf(th)? else {
                return Ok(None);
            };
            if let Some(entry) = buf.probe_name(name, hash) {
                let value = self.enter(th, buf, entry, Access::Read)?;
                if !value.is_null() {
                    return Ok(Some((buf, entry, value)));
                }
            }
            // The key may be an equal string that is not interned, or something whose `__eq__` says yes.
            match self.find(th, buf, name, hash, Access::Read)? {
                Found::Live(entry, value) => return Ok(Some((buf, entry, value))),
                Found::Absent { .. } => return Ok(None),
                Found::Changed => {}
            }
        }
    }

    /// Is another thread able to see the table?
    #[inline(always)]
    fn alone(self, th: &Thread) -> bool {
        !th.is_shared(self.0)
    }

    /// Sets `key`; the old value, or null if there was none. Without `overwrite`, a key that is there keeps its value.
    #[inline]
    pub fn store(self, th: &mut Thread, key: Value, value: Value, overwrite: bool) -> R<Value> {
        let hash = self.hash_key(th, key)?;
        self.store_hashed(th, key, hash, value, overwrite)
    }
    pub fn store_hashed(
        self,
        th: &mut Thread,
        key: Value,
        hash: u32,
        value: Value,
        overwrite: bool,
    ) -> R<Value> {
        debug_assert!(!value.is_null(), "null means absent");
        let access = if overwrite {
            Access::Store
        } else {
            Access::Default
        };
        loop {
            let Some(buf) = self.buf(th)? else {
                self.resize(th, 1)?;
                continue;
            };
            match self.find(th, buf, key, hash, access)? {
                Found::Live(entry, old) => {
                    if overwrite {
                        before_change(th, buf.entry(entry))?;
                        let guard = buf.guard(self.0.header(), entry);
                        th.set_at(guard, &buf.entry(entry).value, value)?;
                    }
                    return Ok(old);
                }
                Found::Absent { tombstone, at } => {
                    if self.insert(th, buf, key, hash, value, tombstone, at)? {
                        return Ok(Value::NULL);
                    }
                }
                Found::Changed => {}
            }
        }
    }

    /// Adds a key that is not there; the caller owns its stripe. `false` if there was no room: then there is another buffer now.
    #[expect(clippy::too_many_arguments, reason = "what the search has found")]
    fn insert(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        key: Value,
        hash: u32,
        value: Value,
        tombstone: Option<usize>,
        at: u32,
    ) -> R<bool> {
        if self.has_flag(NAMESPACE) {
            self.end_absences(th)?;
        }
        // Before the claim: see invariant 4.
        if buf.is_striped() {
            th.own_at(&buf.tally(th.txn.slot_index()).orec)?;
        }
        let header = self.0.header();
        let alone = self.alone(th);
        // The time from which the births of a shared buffer are counted.
        let epoch = if alone {
            None
        } else {
            buf.order().map(|o| o.epoch.load(Relaxed))
        };
        let (entry, guard) = match tombstone {
            // Nothing came after it, so it is in the right place.
            Some(entry) if epoch.is_none() && buf.is_last(entry) => {
                let guard = buf.guard(header, entry);
                th.own_at(guard)?;
                buf.entry(entry).word.fetch_and(!BIRTH, Relaxed);
                buf.note_revival();
                (entry, guard)
            }
            _ => {
                let too_old = |epoch| th.txn.read_time().saturating_sub(epoch) > LONG_AGO;
                let claimed = if epoch.is_some_and(too_old) {
                    None
                } else {
                    buf.claim(alone)
                };
                let Some(entry) = claimed else {
                    self.resize(th, 1)?;
                    return Ok(false);
                };
                let guard = buf.guard(header, entry);
                th.own_at(guard)?;
                if !alone {
                    th.publish(key);
                }
                let birth = if epoch.is_some() { BIRTH } else { 0 };
                buf.fill(entry, key, birth | hash as u64, at);
                if let Some(epoch) = epoch {
                    buf.entry(entry).settle_birth(th, epoch);
                }
                (entry, guard)
            }
        };
        th.set_at(guard, &buf.entry(entry).value, value)?;
        self.count(th, buf, 1)?;
        Ok(true)
    }

    /// Removes `key`; its value, or null if it was not there.
    pub fn remove(self, th: &mut Thread, key: Value) -> R<Value> {
        let hash = self.hash_key(th, key)?;
        self.remove_hashed(th, key, hash)
    }
    pub fn remove_hashed(self, th: &mut Thread, key: Value, hash: u32) -> R<Value> {
        loop {
            let Some(buf) = self.buf(th)? else {
                return Ok(Value::NULL);
            };
            match self.find(th, buf, key, hash, Access::Remove)? {
                Found::Live(entry, old) => {
                    self.remove_entry(th, buf, entry)?;
                    return Ok(old);
                }
                Found::Absent { .. } => return Ok(Value::NULL),
                Found::Changed => {}
            }
        }
    }

    /// Makes a live entry a tombstone. The caller owns it.
    pub(super) fn remove_entry(self, th: &mut Thread, buf: Ref<DictBuf>, entry: usize) -> R<()> {
        let e = buf.entry(entry);
        before_change(th, e)?;
        // Before the value goes: see invariant 4.
        if buf.is_striped() {
            th.own_at(&buf.tally(th.txn.slot_index()).orec)?;
        }
        th.set_at(buf.guard(self.0.header(), entry), &e.value, Value::NULL)?;
        self.count(th, buf, -1)?;
        buf.deletions.fetch_add(1, Relaxed);
        if !th.barriers {
            // Nothing can roll back: let go of the key.
            e.key.init(Value::MARKER);
        }
        Ok(())
    }

    /// Notes that there is a key more or less. The caller owns this thread's tally.
    #[inline]
    fn count(self, th: &mut Thread, buf: Ref<DictBuf>, change: i64) -> R<()> {
        if buf.is_striped() {
            let t = buf.tally(th.txn.slot_index());
            th.set_raw_at(&t.orec, &t.live, t.live.peek().wrapping_add_signed(change))?;
            if !self.0.header().orec().is_private() {
                return Ok(());
            }
        }
        let used = &self.table().used;
        th.set_raw(self.0, used, used.peek().wrapping_add_signed(change))
    }

    /// Owns the header and all tallies: to the end of the block nobody else inserts or deletes. The buffer.
    pub(super) fn own_keys(self, th: &mut Thread) -> R<Option<Ref<DictBuf>>> {
        th.own(self.0)?;
        let buf = self.buf(th)?;
        if let Some(buf) = buf {
            for t in buf.tallies() {
                th.own_at(&t.orec)?;
            }
        }
        Ok(buf)
    }

    /// Replaces the buffer by one with room for `more` entries.
    #[cold]
    pub(super) fn resize(self, th: &mut Thread, more: usize) -> R<()> {
        let old = self.own_keys(th)?;
        let mut live = 0;
        if let Some(old) = old {
            for i in 0..old.claimed() {
                if !old.entry(i).value.peek().is_null() {
                    // Its value may be another block's, which has not ended: see invariant 5.
                    th.own_at(old.guard(self.0.header(), i))?;
                    live += 1;
                }
            }
        }
        // Twice as many as there are: filling up takes time in proportion. `more` is known to come.
        let buf = DictBuf::new(th, (live + more).max(live * 2));
        if let Some(old) = old {
            fence_before_flags();
            old.for_each_in_order(|e| {
                buf.push(e.key.peek(), e.word.load(Relaxed) & !BIRTH, e.value.peek());
            });
        }
        self.replace(th, Some(buf), live)
    }

    /// Puts another buffer in place. The caller owns the header.
    pub(super) fn replace(self, th: &mut Thread, buf: Option<Ref<DictBuf>>, live: usize) -> R<()> {
        let value = buf.map_or(Value::NULL, Ref::value);
        th.set(self.0, &self.table().buf, value)?;
        th.set_raw(self.0, &self.table().used, live as u64)
    }

    /// Makes room for `more` entries, so that inserting them resizes at most once.
    pub fn reserve(self, th: &mut Thread, more: usize) -> R<()> {
        let free = match self.buf(th)? {
            Some(buf) => buf.capacity() - buf.claimed(),
            None => 0,
        };
        if free < more {
            self.resize(th, more)?;
        }
        Ok(())
    }

    /// Empties the table.
    pub fn clear(self, th: &mut Thread) -> R<()> {
        let Some(buf) = self.own_keys(th)? else {
            return Ok(());
        };
        for e in buf.entries() {
            if !e.value.peek().is_null() {
                before_change(th, e)?;
            }
        }
        self.replace(th, None, 0)
    }

    /// Looks up `name` for an inline cache; see the module's text.
    pub fn cache_entry(self, th: &mut Thread, name: Value) -> R<Option<CacheView>> {
        let Some((buf, index, _)) = self.locate_name(th, name)? else {
            let guard = match self.buf(th)? {
                Some(buf) => buf.stripe(self.0.header(), name_hash(th, name)),
                None => self.0.header().orec(),
            };
            self.note_own_changes(th, guard);
            return Ok(None);
        };
        let entry = buf.entry(index);
        let volatile = entry.word.load(Relaxed) & VOLATILE != 0;
        if !volatile {
            entry.word.fetch_or(CACHED, SeqCst);
            // The flag must be out before the buffer and the value are read.
            std::sync::atomic::fence(SeqCst);
        }
        if self.buf(th)? != Some(buf) {
            return Ok(None);
        }
        let guard = buf.guard(self.0.header(), index);
        let value = th.read_at(guard, || entry.value.peek())?;
        self.note_own_changes(th, guard);
        if value.is_null() {
            return Ok(None);
        }
        Ok(Some(CacheView {
            value,
            buf,
            index,
            volatile,
        }))
    }

    /// What has just been read for a cache may be the running block's own doing, and go with it; then so must the caches. An entry that
    /// the block has made, or a buffer, need not carry [`CACHED`] after a rollback.
    fn note_own_changes(self, th: &mut Thread, guard: &Orec) {
        // An object that was read is private, or owned by nobody, or ours.
        let changed = |orec: &Orec| orec.is_private() || orec.is_owned();
        let header = self.0.header().orec();
        if th.vm.in_block && (changed(header) || changed(guard)) {
            th.vm.filled = true;
        }
    }

    /// Somebody will cache that a name is absent. Call it before looking for the name.
    #[inline]
    pub fn mark_namespace(self) {
        if !self.has_flag(NAMESPACE) {
            self.table().flags.fetch_or(NAMESPACE, SeqCst);
            std::sync::atomic::fence(SeqCst);
        }
    }

    #[cold]
    fn end_absences(self, th: &mut Thread) -> R<()> {
        // No cache will say "absent" any more; the next one that does sets the flag again. It may do so before the caches end: so
        // the flag goes first.
        self.table().flags.fetch_and(!NAMESPACE, SeqCst);
        let ended = th.uncache();
        if ended.is_err() {
            self.table().flags.fetch_or(NAMESPACE, SeqCst);
        }
        ended
    }

    /// The value of entry `index` of `buf`, if that is still the table's buffer and the entry is `name`'s; else null.
    #[inline]
    pub fn entry_value(
        self,
        th: &mut Thread,
        name: Value,
        buf: Ref<DictBuf>,
        index: usize,
    ) -> R<Value> {
        if self.buf(th)? != Some(buf) {
            return Ok(Value::NULL);
        }
        if index >= buf.capacity() {
            return Ok(Value::NULL);
        }
        let entry = buf.entry(index);
        if entry.key.peek() != name {
            return Ok(Value::NULL);
        }
        let guard = buf.guard(self.0.header(), index);
        th.read_at(guard, || entry.value.peek())
    }

    /// Stores to an entry that [`TableRef::entry_value`] would read; `false` if it would not.
    #[inline]
    pub fn set_entry(
        self,
        th: &mut Thread,
        name: Value,
        buf: Ref<DictBuf>,
        index: usize,
        value: Value,
    ) -> R<bool> {
        if self.buf(th)? != Some(buf) {
            return Ok(false);
        }
        if index >= buf.capacity() {
            return Ok(false);
        }
        let entry = buf.entry(index);
        if entry.key.peek() != name {
            return Ok(false);
        }
        let guard = buf.guard(self.0.header(), index);
        th.own_at(guard)?;
        if entry.value.peek().is_null() {
            return Ok(false);
        }
        before_change(th, entry)?;
        th.set_at(guard, &entry.value, value)?;
        Ok(true)
    }
}

/// Before the value of a live entry changes, or its buffer is let go: caches of it must end. The caller owns the entry, or the header.
#[inline(always)]
fn before_change(th: &mut Thread, entry: &Entry) -> R<()> {
    fence_before_flags();
    if entry.word.load(Relaxed) & CACHED != 0 {
        uncache(th, entry)?;
    }
    Ok(())
}

/// A version word was taken before flags are looked at.
#[inline(always)]
fn fence_before_flags() {
    // x86 orders the two by the locked instruction that took the word.
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(SeqCst);
    #[cfg(target_arch = "x86_64")]
    std::sync::atomic::compiler_fence(SeqCst);
}

#[cold]
#[inline(never)]
fn uncache(th: &mut Thread, entry: &Entry) -> R<()> {
    th.uncache()?;
    entry.word.fetch_or(VOLATILE, SeqCst);
    entry.word.fetch_and(!CACHED, SeqCst);
    Ok(())
}
