//! Irrevocable transactions: they cannot abort any more (Welc, Saha and Adl-Tabatabai, SPAA 2008).
//!
//! One at a time, by a token. The one that gets it takes ownership of everything it has read so far, at the versions it has read; if
//! that fails, it was doomed anyway, and aborts like any other. From then on it also owns what it reads (*for
//! reading*: unwritten objects go back to their old version). So nothing that it depends on can change, and there is nothing left to validate.
//!
//! When it meets an object that another one owns, it asks that one to abort, naming the block it means, and waits. That one notices in
//! its next slow path, at the latest when it meets an object of ours, or when its client polls `is_doomed`; or it commits, which does as well. No
//! deadlock: whoever owns something waits for others in bounded time only, or, if it waits for the token, watches for the request.

use std::time::Duration;

use super::{Conflict, Res, Txn, fence_before_dirty_stores};
use crate::host::Pace;
use crate::orec::{OWNED, Orec, PRIVATE, TAG, owner_of, same_version};
use crate::primitive::{Ordering, lock, now, wait};
use crate::stats::Cause;

/// How long a thread that waits for the token sleeps before it looks around again.
const NAP: Duration = Duration::from_micros(300);

impl Txn {
    /// Whether the block can no longer abort.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// assert!(!txn.is_irrevocable());
    /// # txn.commit().unwrap();
    /// ```
    #[inline]
    pub fn is_irrevocable(&self) -> bool {
        self.irrevocable
    }

    /// Makes the block irrevocable: after `Ok`, no operation of this block returns [`Conflict`](super::Conflict). Waits for the one that is irrevocable
    /// now. `Err` if the block must abort, which cannot happen if it has neither read nor written anything shared.
    ///
    /// The client may still roll such a block back by its own decision.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// txn.begin();
    /// txn.become_irrevocable().unwrap();
    /// assert!(txn.is_irrevocable());
    /// assert!(txn.write(&orec, &word, 2).is_ok(), "as everything from here on");
    /// txn.commit().unwrap();
    /// ```
    pub fn become_irrevocable(&mut self) -> Res<()> {
        debug_assert!(self.in_block(), "no block has begun");
        if self.irrevocable {
            return Ok(());
        }
        if self.dispute.is_some() {
            // As in `commit`.
            return Err(Conflict);
        }
        if self.unlogged {
            self.want_log()?;
        }
        self.wait_for_token()?;
        if let Err(conflict) = self.own_read_set() {
            self.free_token();
            return Err(conflict);
        }
        // A request to abort came from an irrevocable block, which is over.
        self.irrevocable = true;
        self.read_limit = 0;
        // Relaxed: informs policies.
        self.slot().irrevocable.store(true, Ordering::Relaxed);
        self.counters.irrevocable += 1;
        self.irrevocable_since = Some(now());
        Ok(())
    }

    fn wait_for_token(&mut self) -> Res<()> {
        let engine = self.engine_ref();
        let token = &engine.token;
        let me = self.slot_index as u64 + 1;
        let mut pace = Pace::new();
        // Acquire: what the last holder did is done. Objects carry their own ordering; this is for what the client keeps beside them.
        while token
            .holder
            .compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            self.yield_to_irrevocable()?;
            self.expose_logs();
            if pace.is_young() {
                pace.step(&*engine.host);
                continue;
            }
            engine.host.pause();
            engine.host.block(&mut || {
                let queue = lock(&token.queue);
                if token.holder.load(Ordering::Relaxed) != 0 {
                    // Woken or not, we look again; so nothing is lost if the freeing and this sleep cross.
                    drop(wait(&token.freed, &token.queue, queue, Some(NAP)));
                }
            });
        }
        Ok(())
    }

    fn own_read_set(&mut self) -> Res<()> {
        if self.solo {
            return Ok(());
        }
        for i in 0..self.reads.len() {
            let read = self.reads[i];
            // SAFETY: the contract of `Engine::register`: it is valid until the block ends.
            let orec = unsafe { &*read.orec };
            loop {
                // Relaxed: the exchange repeats the look.
                let now = orec.0.load(Ordering::Relaxed);
                if self.is_mine(now) {
                    break;
                }
                if !same_version(now, read.word) {
                    return Err(self.fail(Cause::ReadVersion, read.orec, Self::owner(now)));
                }
                // Acquire: as for every taking of an object.
                if orec
                    .0
                    .compare_exchange(now, self.mine_reading, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
                {
                    fence_before_dirty_stores();
                    self.owns_for_reading = true;
                    self.push_owned(orec, now);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes an object for an irrevocable transaction, for writing or for reading as `target` says, however long it takes.
    #[cold]
    pub(super) fn seize(&mut self, orec: &Orec, target: u64) {
        let engine = self.engine_ref();
        let mut pace = Pace::new();
        loop {
            let word = orec.0.load(Ordering::Relaxed);
            if word & TAG == 0 {
                // Acquire: we shall read what was released with this version.
                if orec
                    .0
                    .compare_exchange(word, target, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
                {
                    fence_before_dirty_stores();
                    self.owns_for_reading |= target == self.mine_reading;
                    self.push_owned(orec, word);
                    return;
                }
                continue;
            }
            if word & PRIVATE != 0 || word == self.mine {
                return;
            }
            if word == self.mine_reading {
                // Relaxed: the fence was passed when we took it for reading.
                orec.0.store(target, Ordering::Relaxed);
                return;
            }
            debug_assert_eq!(word & TAG, OWNED);
            let owner = engine.slots.get(owner_of(word));
            // Acquire, and then a second look: a block that has ended is not asked in its successor's name, or if it is after
            // all, that one aborts for nothing, and no harm is done.
            let serial = owner.serial.load(Ordering::Acquire);
            if orec.0.load(Ordering::Relaxed) == word
                && owner.doomed.load(Ordering::Relaxed) != serial
            {
                // Relaxed: a request without data.
                owner.doomed.store(serial, Ordering::Relaxed);
            }
            self.expose_logs();
            pace.step(&*engine.host);
        }
    }

    /// At the end of an irrevocable block.
    #[cold]
    pub(super) fn give_token_back(&mut self) {
        self.irrevocable = false;
        self.slot().irrevocable.store(false, Ordering::Relaxed);
        if let Some(since) = self.irrevocable_since.take() {
            self.counters.irrevocable_ns += since.elapsed().as_nanos() as u64;
        }
        self.free_token();
    }

    fn free_token(&self) {
        // Release: pairs with the acquisition in `wait_for_token`.
        self.engine.token.holder.store(0, Ordering::Release);
        self.engine.token.freed.notify_one();
    }
}
