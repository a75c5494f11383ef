//! Two threads that import the same module load it once: the second waits for the first. Threads that wait for each other (circular
//! imports in opposite order) do not: the one that would close the circle goes on with the half-made module, as in CPython.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::*};

use parking_lot::{Condvar, Mutex};

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
    fn take(&self, name: &str, me: u64) -> bool {
        let mut table = self.table.lock();
        loop {
            match table.owners.get_mut(name) {
                None => {
                    table.owners.insert(name.to_string(), (me, 1));
                    self.busy.fetch_add(1, AcqRel);
                    return true;
                }
                Some((owner, depth)) if *owner == me => {
                    *depth += 1;
                    return true;
                }
                Some(_) => {
                    if Self::would_deadlock(&table, name, me) {
                        return false;
                    }
                    table.waiting.insert(me, name.to_string());
                    self.changed.wait(&mut table);
                    table.waiting.remove(&me);
                }
            }
        }
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
    let taken = th.outside(true, || locks.take(name, me))?;
    Ok(Held {
        locks,
        name: taken.then(|| name.to_string()),
    })
}
