//! Two threads that import the same module load it once: the second waits for the first. Threads that wait for each other (circular
//! imports in opposite order) do not: the one that would close the circle goes on with the half-made module, as in CPython.
//!
//! Nobody waits here within a block. An `atomic` block that would have to is rolled back and runs again when the other thread has loaded the
//! module: as an irrevocable one it would hold what that thread needs, above all the right to be irrevocable. It can be rolled back,
//! since looking for modules and reading them is no effect ([`outside`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::*};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::heap::{R, Thread};

#[derive(Default)]
struct Table {
    /// Module name to the thread that loads it, and how often it has taken the lock.
    owners: HashMap<String, (u64, usize)>,
    /// Thread to the module it waits for.
    waiting: HashMap<u64, String>,
}

/// The locks of modules that are being imported. Outside any transaction.
#[derive(Default)]
pub struct ImportLocks {
    table: Mutex<Table>,
    changed: Condvar,
    busy: AtomicUsize,
}

impl ImportLocks {
    /// Is no import under way?
    pub fn is_idle(&self) -> bool {
        self.busy.load(Acquire) == 0
    }
    /// Is another thread than `me` loading `name`?
    pub fn held_by_other(&self, name: &str, me: u64) -> bool {
        self.table
            .lock()
            .owners
            .get(name)
            .is_some_and(|o| o.0 != me)
    }
    /// Would `me` waiting for `name` close a circle?
    fn would_deadlock(table: &Table, name: &str, me: u64) -> bool {
        let mut at = name;
        loop {
            let Some(&(owner, _)) = table.owners.get(at) else {
                return false;
            };
            if owner == me {
                return true;
            }
            match table.waiting.get(&owner) {
                Some(next) => at = next,
                None => return false,
            }
        }
    }
    /// Takes the lock if nobody else has it: whether it is taken. `Some(false)`: waiting for it would close a circle.
    fn try_take(&self, table: &mut Table, name: &str, me: u64) -> Option<bool> {
        match table.owners.get_mut(name) {
            None => {
                table.owners.insert(name.to_string(), (me, 1));
                self.busy.fetch_add(1, AcqRel);
                Some(true)
            }
            Some((owner, depth)) if *owner == me => {
                *depth += 1;
                Some(true)
            }
            Some(_) => Self::would_deadlock(table, name, me).then_some(false),
        }
    }
    fn take(&self, name: &str, me: u64) -> bool {
        let mut table = self.table.lock();
        loop {
            if let Some(taken) = self.try_take(&mut table, name, me) {
                return taken;
            }
            self.sleep(&mut table, name, me);
        }
    }
    /// Waits until nobody else has the lock, or waiting would close a circle.
    fn wait_until_free(&self, name: &str, me: u64) {
        let mut table = self.table.lock();
        while table.owners.get(name).is_some_and(|o| o.0 != me)
            && !Self::would_deadlock(&table, name, me)
        {
            self.sleep(&mut table, name, me);
        }
    }
    fn sleep(&self, table: &mut MutexGuard<'_, Table>, name: &str, me: u64) {
        table.waiting.insert(me, name.to_string());
        self.changed.wait(table);
        table.waiting.remove(&me);
    }
    fn release(&self, name: &str) {
        let mut table = self.table.lock();
        if let Some((_, depth)) = table.owners.get_mut(name) {
            *depth -= 1;
            if *depth == 0 {
                table.owners.remove(name);
                self.busy.fetch_sub(1, AcqRel);
                self.changed.notify_all();
            }
        }
    }
}

/// The right to load one module, given back when dropped.
pub(super) struct Held {
    locks: &'static ImportLocks,
    name: Option<String>,
}

impl Held {
    fn new(locks: &'static ImportLocks, name: &str, taken: bool) -> Held {
        Held {
            locks,
            name: taken.then(|| name.to_string()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            self.locks.release(name)
        }
    }
}

/// Waits until this thread may load `name`. The block ends: what follows reads files and runs the module's code.
pub(super) fn acquire(th: &mut Thread, name: &str) -> R<Held> {
    let locks: &'static ImportLocks = &th.rt.state.imports;
    let me = th.shared.ident;
    if th.in_block() && !th.vm.atomic.is_empty() {
        let taken = locks.try_take(&mut locks.table.lock(), name, me);
        let Some(taken) = taken else {
            return Err(th.abort_until_imported(name));
        };
        let held = Held::new(locks, name, taken);
        // If this aborts, the lock is given back.
        th.irrevocable()?;
        return Ok(held);
    }
    let taken = th.outside(true, || locks.take(name, me))?;
    Ok(Held::new(locks, name, taken))
}

/// For a thread whose block has been rolled back: waits until no other thread is loading `name`.
pub(crate) fn wait_until_free(th: &mut Thread, name: &str) {
    let locks: &'static ImportLocks = &th.rt.state.imports;
    let me = th.shared.ident;
    th.blocked(|| locks.wait_until_free(name, me));
}

/// Has `f` look at files, outside any block. Within `atomic` the block becomes irrevocable, lest it see them change, but can be rolled back:
/// unlike [`Thread::outside`] this is no effect.
///
/// # Errors
/// `Abort`, before `f` has run.
pub(super) fn outside<T>(th: &mut Thread, f: impl FnOnce() -> T) -> R<T> {
    let effects = th.vm.effects;
    let result = th.outside(false, f)?;
    th.vm.effects = effects;
    Ok(result)
}
