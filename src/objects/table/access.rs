//! Finding, storing and deleting one key.

use std::sync::atomic::Ordering::*;

use keelback_stm::Orec;

use super::buffer::{Entry, Probe, name_hash};
use super::{CACHED, DictBuf, NAMESPACE, TableRef, VOLATILE};
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

/// Where a key is.
enum Found {
    Live(usize, Value),
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

    /// Searches for a key. With `owned`, the caller has the guard and wants to keep it.
    #[inline]
    fn find(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        guard: &Orec,
        key: Value,
        hash: u32,
        owned: bool,
    ) -> R<Found> {
        let types = th.rt.types();
        let home = buf.home(hash);
        let probe = th.read_at(guard, || buf.probe(types, key, hash, home))?;
        match probe {
            Probe::Live(entry, value) => Ok(Found::Live(entry, value)),
            Probe::Absent { tombstone, at } => Ok(Found::Absent { tombstone, at }),
            Probe::Ask { .. } => self.find_asking(th, buf, guard, key, hash, owned, probe),
        }
    }

    /// The search goes on with the help of Python code, which may do anything, also to this table.
    #[cold]
    fn find_asking(
        self,
        th: &mut Thread,
        buf: Ref<DictBuf>,
        guard: &Orec,
        key: Value,
        hash: u32,
        owned: bool,
        mut probe: Probe,
    ) -> R<Found> {
        let types = th.rt.types();
        let mut passed = None;
        loop {
            match probe {
                Probe::Live(entry, value) => return Ok(Found::Live(entry, value)),
                Probe::Absent { tombstone, at } => {
                    let tombstone = tombstone.or(passed);
                    return Ok(Found::Absent { tombstone, at });
                }
                Probe::Ask {
                    entry,
                    candidate,
                    at,
                } => {
                    let same = th.equal(candidate, key)?;
                    // The block may have ended in there, and with it the ownership.
                    if owned {
                        th.own_at(guard)?;
                    }
                    if self.buf(th)? != Some(buf) {
                        return Ok(Found::Changed);
                    }
                    let e = &buf.entries()[entry];
                    let (now, value) = th.read_at(guard, || (e.key.peek(), e.value.peek()))?;
                    if now != candidate || value.is_null() {
                        return Ok(Found::Changed);
                    }
                    if same {
                        return Ok(Found::Live(entry, value));
                    }
                    let next = buf.after(at);
                    probe = th.read_at(guard, || buf.probe(types, key, hash, next))?;
                    if let Probe::Absent {
                        tombstone: Some(t), ..
                    } = probe
                    {
                        passed = Some(t);
                    }
                }
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
            let guard = buf.guard(self.0.header(), hash);
            match self.find(th, buf, guard, key, hash, false)? {
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
            let guard = buf.guard(self.0.header(), hash);
            if let Some((entry, value)) = th.read_at(guard, || buf.probe_name(name, hash))? {
                return Ok(Some((buf, entry, value)));
            }
            // The key may be an equal string that is not interned, or something whose `__eq__` says yes.
            match self.find(th, buf, guard, name, hash, false)? {
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
        loop {
            let Some(buf) = self.buf(th)? else {
                self.resize(th, 1)?;
                continue;
            };
            let guard = buf.guard(self.0.header(), hash);
            th.own_at(guard)?;
            let (tombstone, at) = match self.find(th, buf, guard, key, hash, true)? {
                Found::Live(entry, old) => {
                    if overwrite {
                        let entry = &buf.entries()[entry];
                        before_change(th, entry)?;
                        th.set_at(guard, &entry.value, value)?;
                    }
                    return Ok(old);
                }
                Found::Absent { tombstone, at } => (tombstone, at),
                Found::Changed => continue,
            };
            if self.has_flag(NAMESPACE) {
                self.end_absences(th)?;
            }
            let entry = match tombstone {
                // Nothing came after it, so it is in the right place.
                Some(entry) if buf.revive(entry) => entry,
                _ => {
                    let alone = self.alone(th);
                    let Some(entry) = buf.claim(alone) else {
                        self.resize(th, 1)?;
                        continue;
                    };
                    if th.barriers && !guard.is_private() {
                        th.publish(key);
                    }
                    buf.fill(entry, key, hash as u64, at);
                    entry
                }
            };
            th.set_at(guard, &buf.entries()[entry].value, value)?;
            self.count(th, buf, hash, 1)?;
            return Ok(Value::NULL);
        }
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
            let guard = buf.guard(self.0.header(), hash);
            th.own_at(guard)?;
            match self.find(th, buf, guard, key, hash, true)? {
                Found::Live(entry, old) => {
                    self.remove_entry(th, buf, entry)?;
                    return Ok(old);
                }
                Found::Absent { .. } => return Ok(Value::NULL),
                Found::Changed => {}
            }
        }
    }

    /// Makes a live entry a tombstone. The caller owns its guard.
    pub(super) fn remove_entry(self, th: &mut Thread, buf: Ref<DictBuf>, entry: usize) -> R<()> {
        let e = &buf.entries()[entry];
        before_change(th, e)?;
        let hash = e.hash();
        th.set_at(buf.guard(self.0.header(), hash), &e.value, Value::NULL)?;
        self.count(th, buf, hash, -1)?;
        buf.deletions.fetch_add(1, Relaxed);
        if !th.barriers {
            // Nothing can roll back: let go of the key.
            e.key.init(Value::MARKER);
        }
        Ok(())
    }

    /// Notes that there is a key more or less. The caller owns the guard.
    #[inline]
    fn count(self, th: &mut Thread, buf: Ref<DictBuf>, hash: u32, change: i64) -> R<()> {
        if buf.is_striped() {
            let s = buf.stripe(hash);
            th.set_raw_at(&s.orec, &s.live, s.live.peek().wrapping_add_signed(change))?;
            if !self.0.header().orec().is_private() {
                return Ok(());
            }
        }
        let used = &self.table().used;
        th.set_raw(self.0, used, used.peek().wrapping_add_signed(change))
    }

    /// Replaces the buffer by one with room for `more` entries.
    #[cold]
    pub(super) fn resize(self, th: &mut Thread, more: usize) -> R<()> {
        th.own(self.0)?;
        let old = self.buf(th)?;
        let mut live = 0;
        if let Some(old) = old {
            for s in old.stripes() {
                th.own_at(&s.orec)?;
            }
            live = old.entries()[..old.claimed()]
                .iter()
                .filter(|e| !e.value.peek().is_null())
                .count();
        }
        // Twice as many as there are: filling up takes time in proportion. `more` is known to come.
        let buf = DictBuf::new(th, (live + more).max(live * 2));
        if let Some(old) = old {
            for e in &old.entries()[..old.claimed()] {
                let value = e.value.peek();
                if !value.is_null() {
                    buf.push(e.key.peek(), e.word.load(Relaxed), value);
                }
            }
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
            Some(buf) => buf.entries().len() - buf.claimed(),
            None => 0,
        };
        if free < more {
            self.resize(th, more)?;
        }
        Ok(())
    }

    /// Empties the table.
    pub fn clear(self, th: &mut Thread) -> R<()> {
        th.own(self.0)?;
        let Some(buf) = self.buf(th)? else {
            return Ok(());
        };
        for s in buf.stripes() {
            th.own_at(&s.orec)?;
        }
        for e in &buf.entries()[..buf.claimed()] {
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
                Some(buf) => buf.guard(self.0.header(), name_hash(th, name)),
                None => self.0.header().orec(),
            };
            self.note_own_changes(th, guard);
            return Ok(None);
        };
        let entry = &buf.entries()[index];
        let volatile = entry.word.load(Relaxed) & VOLATILE != 0;
        if !volatile {
            entry.word.fetch_or(CACHED, SeqCst);
            // The flag must be out before the value is read.
            std::sync::atomic::fence(SeqCst);
        }
        let guard = buf.guard(self.0.header(), entry.hash());
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
        let Some(entry) = buf.entries().get(index) else {
            return Ok(Value::NULL);
        };
        if entry.key.peek() != name {
            return Ok(Value::NULL);
        }
        let guard = buf.guard(self.0.header(), entry.hash());
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
        let Some(entry) = buf.entries().get(index) else {
            return Ok(false);
        };
        if entry.key.peek() != name {
            return Ok(false);
        }
        let guard = buf.guard(self.0.header(), entry.hash());
        th.own_at(guard)?;
        if entry.value.peek().is_null() {
            return Ok(false);
        }
        before_change(th, entry)?;
        th.set_at(guard, &entry.value, value)?;
        Ok(true)
    }
}

/// Before the value of a live entry changes: caches of it must end. The caller owns the guard.
#[inline(always)]
fn before_change(th: &mut Thread, entry: &Entry) -> R<()> {
    // The guard was taken before the flag is looked at. x86 orders the two by the locked instruction that took it.
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(SeqCst);
    #[cfg(target_arch = "x86_64")]
    std::sync::atomic::compiler_fence(SeqCst);
    if entry.word.load(Relaxed) & CACHED != 0 {
        uncache(th, entry)?;
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn uncache(th: &mut Thread, entry: &Entry) -> R<()> {
    th.uncache()?;
    entry.word.fetch_or(VOLATILE, SeqCst);
    entry.word.fetch_and(!CACHED, SeqCst);
    Ok(())
}
