//! The barriers: what a block does before it reads or writes a word of an object.
//!
//! The fast paths are inlined into the client: for a private object a test of the version word; for a shared one that is read, two loads of
//! the version word around the client's own load, a comparison and a push. Everything else is out of line.
//!
//! A barrier that meets another's object waits a little, since commits and aborts are short, and then gives up with [`Conflict`]. It
//! cannot wait for long: it may itself own what the other one waits for. Only an irrevocable transaction waits until it gets
//! what it wants (see `irrevocable.rs`).

use super::{
    Conflict, FRESH_FOR, Owned, Read, Res, Txn, Undo, fence_before_dirty_stores, known_place,
};
use crate::orec::{OWNED, Orec, PRIVATE, READING, TAG, owner_of};
use crate::primitive::{AtomicU64, Ordering, fence, spin_loop, yield_now};
use crate::probe::{self, Check};
use crate::stats::Cause;

/// How often a barrier looks again before it gives up on an object that another transaction owns, at least and at most. A round takes
/// some 40 ns. The number is drawn anew each time, so that of two that each wait for what the other one owns, one gives up first and
/// the other gets on.
const PATIENCE: (u32, u32) = (32, 160);

/// The second look at a version word, after the loads: whether what was loaded belongs to that version.
#[inline(always)]
fn still(orec: &Orec, word: u64) -> bool {
    // The loads come before this look, so that a dirty word among them is given away by it.
    fence(Ordering::Acquire);
    orec.0.load(Ordering::Relaxed) == word || probe::is_off(Check::SecondLook)
}

/// How often a barrier has looked, and how often it will.
struct Waited {
    rounds: u32,
    limit: u32,
}

impl Txn {
    /// Reads from an object: `load` loads what is wanted from its words, atomically word by word (relaxed will do).
    ///
    /// `load` may run more than once, and may see words of different moments, even ones that never stood together: it must not
    /// follow what it loads, nor compute with it anything that could fail. Only what is returned in `Ok` is a consistent part of
    /// the block's snapshot, and may be used.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert_eq!(txn.read(&orec, || word.load(Relaxed)), Ok(1));
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn read<T>(&mut self, orec: &Orec, load: impl Fn() -> T) -> Res<T> {
        // Acquire: what was released with this version is visible to `load` and to whoever follows what it loads.
        let before = orec.0.load(Ordering::Acquire);
        if before & PRIVATE != 0 {
            return Ok(load());
        }
        if before & OWNED == 0 && before < self.read_limit {
            let value = load();
            if still(orec, before) {
                self.push_read(orec, before);
                return Ok(value);
            }
        } else if before == self.mine {
            return Ok(load());
        }
        self.read_slow(orec, &load)
    }

    /// Reads from several objects at one moment, as [`Txn::read`] does from one. It is cheaper than reading them one by one if `load` loads much
    /// from each.
    ///
    /// That all of them have their old *version* after the loads is not enough: another block may have owned one of them, written, and
    /// aborted. So the whole words are compared, incarnations included (invariant 4).
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let other = Orec::shared(0);
    /// let both = [&orec, &other];
    /// assert_eq!(txn.read_all(both.into_iter(), || word.load(Relaxed)), Ok(1));
    /// # txn.commit().unwrap();
    /// ```
    pub fn read_all<'o, T>(
        &mut self,
        orecs: impl Iterator<Item = &'o Orec> + Clone,
        mut load: impl FnMut() -> T,
    ) -> Res<T> {
        /// Others may write to one or another of many objects all the time: then the policy decides how to go on.
        const ROUNDS: usize = 8;
        let mut words: Vec<(&Orec, u64)> = Vec::new();
        for _ in 0..ROUNDS {
            words.clear();
            for orec in orecs.clone() {
                if let Some(word) = self.open_for_reading(orec)? {
                    words.push((orec, word));
                }
            }
            let value = load();
            let stand = |&(orec, word): &(&Orec, u64)| still(orec, word);
            if words.iter().all(stand) {
                for &(orec, word) in &words {
                    self.push_read(orec, word);
                }
                return Ok(value);
            }
        }
        let moved = words.first().map_or(std::ptr::null(), |&(orec, _)| orec);
        Err(self.fail(Cause::ReadVersion, moved, None))
    }

    #[inline(always)]
    fn push_read(&mut self, orec: &Orec, word: u64) {
        if self.unlogged {
            self.looked = true;
            return;
        }
        // The same few objects again and again are common, in a loop; their versions cannot differ (invariant 1).
        let known = &mut self.known[known_place(orec)];
        if !std::ptr::eq(known.orec, orec) && !self.solo {
            *known = Read { orec, word };
            self.reads.push(*known);
        } else {
            // Perhaps another incarnation.
            known.word = word;
        }
    }

    /// As [`Txn::read`], if a few loads suffice and the read set has room; otherwise `None`, and nothing has happened: then call
    /// [`Txn::read`]. It calls nothing but `load`, so that a small client function has nothing to save.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// let value = match txn.read_quick(&orec, || word.load(Relaxed)) {
    ///     Some(value) => value,
    ///     None => txn.read(&orec, || word.load(Relaxed)).unwrap(),
    /// };
    /// assert_eq!(value, 1);
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn read_quick<T>(&mut self, orec: &Orec, load: impl FnOnce() -> T) -> Option<T> {
        // As in `read`.
        let before = orec.0.load(Ordering::Acquire);
        if before & PRIVATE != 0 || before == self.mine {
            return Some(load());
        }
        let place = known_place(orec);
        let known = self.known[place];
        if std::ptr::eq(known.orec, orec) && known.word == before {
            // Read before under this very word: it belongs to the snapshot, and is in the read set.
            let value = load();
            return still(orec, before).then_some(value);
        }
        if before & OWNED != 0 || before >= self.read_limit {
            return None;
        }
        let value = load();
        if !still(orec, before) {
            return None;
        }
        // As in `push_read`.
        if !std::ptr::eq(known.orec, orec) && !self.solo {
            let len = self.reads.len();
            if len == self.reads.capacity() {
                return None;
            }
            let read = Read { orec, word: before };
            self.known[place] = read;
            // SAFETY: the place behind the last element is within the capacity, and initialised before it counts.
            unsafe {
                self.reads.as_mut_ptr().add(len).write(read);
                self.reads.set_len(len + 1);
            }
        }
        Some(value)
    }

    /// As [`Txn::read_quick`] for what nobody else can change, or what the block has read before; `None` for anything else. The shortest way there
    /// is.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert_eq!(txn.read_again(&orec, || word.load(Relaxed)), None);
    /// txn.read(&orec, || word.load(Relaxed)).unwrap();
    /// assert_eq!(txn.read_again(&orec, || word.load(Relaxed)), Some(1));
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn read_again<T>(&mut self, orec: &Orec, load: impl FnOnce() -> T) -> Option<T> {
        // As in `read`.
        let before = orec.0.load(Ordering::Acquire);
        if before & PRIVATE != 0 || before == self.mine {
            return Some(load());
        }
        let known = self.known[known_place(orec)];
        if !std::ptr::eq(known.orec, orec) || known.word != before {
            return None;
        }
        // As in `read_quick`.
        let value = load();
        still(orec, before).then_some(value)
    }

    /// As [`Txn::write`] to an object that is private or has been acquired, if the undo log has room; otherwise `false`, and nothing has
    /// happened. `shareable` is asked whether `new` may be stored in a shared object.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(!txn.write_quick(&orec, &word, 2, || true), "not acquired");
    /// txn.acquire(&orec).unwrap();
    /// assert!(txn.write_quick(&orec, &word, 2, || true));
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn write_quick(
        &mut self,
        orec: &Orec,
        word: &AtomicU64,
        new: u64,
        shareable: impl FnOnce() -> bool,
    ) -> bool {
        // Relaxed: as in `write`.
        let now = orec.0.load(Ordering::Relaxed);
        if now != self.newborn {
            if now & PRIVATE == 0 && (now != self.mine || !shareable()) {
                return false;
            }
            if !std::ptr::eq(self.last_logged, word) && self.keep_undo {
                let len = self.undo.len();
                if len == self.undo.capacity() {
                    return false;
                }
                self.last_logged = word;
                // Relaxed: as in `push_undo`.
                let old = word.load(Ordering::Relaxed);
                // SAFETY: as in `read_quick`.
                unsafe {
                    self.undo
                        .as_mut_ptr()
                        .add(len)
                        .write(Undo { word, old, orec });
                    self.undo.set_len(len + 1);
                }
            }
        }
        // Relaxed: as in `write`.
        word.store(new, Ordering::Relaxed);
        true
    }

    #[cold]
    #[inline(never)]
    fn read_slow<T>(&mut self, orec: &Orec, load: &impl Fn() -> T) -> Res<T> {
        loop {
            let Some(before) = self.open_for_reading(orec)? else {
                return Ok(load());
            };
            let value = load();
            if still(orec, before) {
                self.push_read(orec, before);
                return Ok(value);
            }
        }
    }

    /// Makes an object readable: `None` if nobody else can change it, else the version word that it must still have after the load.
    fn open_for_reading(&mut self, orec: &Orec) -> Res<Option<u64>> {
        let mut waited = Waited {
            rounds: 0,
            limit: 0,
        };
        loop {
            // Acquire: as in `read`.
            let word = orec.0.load(Ordering::Acquire);
            if word & PRIVATE != 0 || self.is_mine(word) || self.solo {
                return Ok(None);
            }
            if self.irrevocable {
                self.look_for(orec);
                self.seize(orec, self.mine_reading);
                return Ok(None);
            }
            self.yield_to_irrevocable()?;
            if word & OWNED == 0 {
                self.look_for(orec);
                if word >= self.snapshot_limit() {
                    self.extend()?;
                }
                return Ok(Some(word));
            }
            self.wait_a_little(&mut waited, orec, word)?;
        }
    }

    /// Writes a word of an object: takes the object, logs the old value, stores the new one.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.write(&orec, &word, 2).unwrap();
    /// txn.commit().unwrap();
    /// assert_eq!(word.load(Relaxed), 2);
    /// ```
    #[inline(always)]
    pub fn write(&mut self, orec: &Orec, word: &AtomicU64, new: u64) -> Res<()> {
        // Relaxed: only our own hand makes it private or ours; otherwise the slow path looks again.
        let now = orec.0.load(Ordering::Relaxed);
        if now != self.newborn {
            if now != self.mine && now & PRIVATE == 0 {
                self.acquire_shared(orec)?;
            }
            self.push_undo(orec, word);
        }
        // Relaxed: the release of the object publishes it; `fence_before_dirty_stores` has been passed.
        word.store(new, Ordering::Relaxed);
        Ok(())
    }

    /// Takes an object for writing: from `Ok` to the end of the block nobody else changes it, nor believes what they read from it.
    /// Whoever writes to it by hand calls [`log`](Txn::log) for each word first.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.acquire(&orec).unwrap();
    /// assert!(orec.is_owned());
    /// # txn.commit().unwrap();
    /// ```
    #[inline(always)]
    pub fn acquire(&mut self, orec: &Orec) -> Res<()> {
        // Relaxed: as in `write`.
        let now = orec.0.load(Ordering::Relaxed);
        if now == self.mine || now & PRIVATE != 0 {
            return Ok(());
        }
        self.acquire_shared(orec)
    }

    /// Makes an undo entry for a word of an object that is private or has been acquired, if one is needed. To be called
    /// before the store.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.acquire(&orec).unwrap();
    /// txn.log(&orec, &word);
    /// word.store(2, Relaxed); // by hand
    /// txn.abort();
    /// assert_eq!(word.load(Relaxed), 1);
    /// ```
    #[inline(always)]
    pub fn log(&mut self, orec: &Orec, word: &AtomicU64) {
        // Relaxed: as in `write`.
        if orec.0.load(Ordering::Relaxed) != self.newborn {
            self.push_undo(orec, word);
        }
    }

    #[inline(always)]
    fn push_undo(&mut self, orec: &Orec, word: &AtomicU64) {
        debug_assert!(
            self.solo || orec.is_private() || orec.load() == self.mine,
            "written without being acquired"
        );
        if self.keep_undo && !std::ptr::eq(self.last_logged, word) {
            self.last_logged = word;
            // Relaxed: nobody else writes to it while it is ours.
            self.undo.push(Undo {
                word,
                old: word.load(Ordering::Relaxed),
                orec,
            });
        }
    }

    #[inline(never)]
    fn acquire_shared(&mut self, orec: &Orec) -> Res<()> {
        if self.solo {
            return Ok(());
        }
        if self.irrevocable {
            self.seize(orec, self.mine);
            return Ok(());
        }
        if self.chaos != 0 && self.chaos_strikes() {
            return Err(self.fail(Cause::Chaos, orec, None));
        }
        let mut waited = Waited {
            rounds: 0,
            limit: 0,
        };
        if self.unlogged {
            self.want_log()?;
        }
        loop {
            // Relaxed: nothing is read under this look; the exchange repeats it.
            let word = orec.0.load(Ordering::Relaxed);
            if word & TAG == 0 {
                // Dirty words are ours to read as well, so the object must belong to our snapshot (invariant 2).
                self.look_for(orec);
                if word >= self.snapshot_limit() {
                    self.yield_to_irrevocable()?;
                    self.extend()?;
                    debug_assert!(
                        word < self.snapshot_limit(),
                        "no version is ahead of the clock"
                    );
                }
                // Acquire: we shall read what was released with this version. The release side is the tick at our end.
                if orec
                    .0
                    .compare_exchange(word, self.mine, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
                {
                    fence_before_dirty_stores();
                    self.push_owned(orec, word);
                    return Ok(());
                }
                continue;
            }
            if word & PRIVATE != 0 || word == self.mine {
                return Ok(());
            }
            if word == self.mine_reading {
                // Relaxed: the fence was passed when we took it for reading.
                orec.0.store(self.mine, Ordering::Relaxed);
                return Ok(());
            }
            self.yield_to_irrevocable()?;
            self.wait_a_little(&mut waited, orec, word)?;
        }
    }

    pub(super) fn push_owned(&mut self, orec: &Orec, before: u64) {
        self.owned.push(Owned { orec, before });
        if self.settings.tracing()
            && let Some(writers) = self.engine.last_writers()
        {
            writers.record(orec, self.slot_index, self.own_tag());
        }
    }

    /// Whether the word says that we own the object, for writing or for reading.
    #[inline(always)]
    pub(super) fn is_mine(&self, word: u64) -> bool {
        word | READING == self.mine_reading
    }

    /// The owner, if the word names one.
    pub(super) fn owner(word: u64) -> Option<usize> {
        (word & TAG == OWNED).then(|| owner_of(word))
    }

    /// One round of waiting for another's object; `Err` when there were enough.
    fn wait_a_little(&mut self, waited: &mut Waited, orec: &Orec, word: u64) -> Res<()> {
        if waited.limit == 0 {
            waited.limit = PATIENCE.0 + self.next_random() % (PATIENCE.1 - PATIENCE.0);
        }
        waited.rounds += 1;
        if waited.rounds > waited.limit {
            return Err(self.fail(Cause::OwnedByOther, orec, Self::owner(word)));
        }
        if waited.rounds == waited.limit {
            // Give the processor away once: perhaps the owner needs it.
            yield_now();
        } else {
            spin_loop();
        }
        Ok(())
    }

    /// Moves the read time to now, if everything read still stands.
    fn extend(&mut self) -> Result<(), Conflict> {
        self.fresh_for = FRESH_FOR;
        if self.unlogged {
            self.met_newer = true;
            self.want_log()?;
        }
        self.counters.extensions += 1;
        // First the clock, then the objects: see invariant 1.
        let now = self.engine.clock();
        if !probe::is_off(Check::ExtensionValidation) {
            self.validate()?;
        }
        self.set_read_time(now);
        Ok(())
    }
}
