//! A variable for transactions.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering::*;

use super::atomically::atomically;
use super::memory::{Garbage, Handle, free_header, from_word, in_word, to_word};
use super::tx::Tx;
use crate::Res;
#[cfg(feature = "harness")]
use crate::probe::{self, What};

/// A variable that transactions read and write. Cloning makes another handle of the same variable.
///
/// What a transaction reads belongs to one moment, together with all else that it reads. Numbers, `bool` and `char` are kept in a
/// machine word, anything else in a box of its own that never changes: a write of it allocates.
///
/// ```
/// use keelback_stm::{atomically, TVar};
///
/// let name = TVar::new(String::from("a"));
/// atomically(|tx| name.modify(tx, |n| n + "b"));
/// assert_eq!(name.get(), "ab");
/// ```
pub struct TVar<T> {
    handle: Handle,
    value: PhantomData<T>,
}

// SAFETY: values are moved in and out, and shared, between threads.
unsafe impl<T: Send + Sync> Send for TVar<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for TVar<T> {}

impl<T> Clone for TVar<T> {
    fn clone(&self) -> Self {
        TVar {
            handle: self.handle.clone(),
            value: PhantomData,
        }
    }
}

unsafe fn destroy<T: 'static>(header: *mut ()) {
    // SAFETY: as `Handle::new` has it, and no other handle and no running block is left: the value is ours.
    unsafe {
        let word = free_header(header);
        if !in_word::<T>() {
            drop(Box::from_raw(word as *mut T));
        }
    }
}

impl<T: Clone + Send + Sync + 'static> TVar<T> {
    /// A new variable. It may be made inside a transaction as well as outside.
    ///
    /// ```
    /// let v = keelback_stm::TVar::new(vec![1, 2]);
    /// assert_eq!(v.get(), [1, 2]);
    /// ```
    pub fn new(value: T) -> TVar<T> {
        let word = if in_word::<T>() {
            to_word(value)
        } else {
            Box::into_raw(Box::new(value)) as u64
        };
        let var = TVar {
            handle: Handle::new(word, destroy::<T>),
            value: PhantomData,
        };
        #[cfg(feature = "harness")]
        probe::tell(|| What::Made {
            var: var.handle.address(),
            word,
            shown: Self::show(word),
        });
        var
    }

    /// For a report.
    #[cfg(feature = "harness")]
    fn show(word: u64) -> Option<String> {
        if in_word::<T>() {
            // SAFETY: as in `read`.
            return probe::show(&unsafe { from_word::<T>(word) });
        }
        // SAFETY: as in `read_with`; or we have just made it.
        probe::show(unsafe { &*(word as *const T) })
    }

    /// Gives the variable a name for the reports of the harness.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new(1).named("balance");
    /// assert_eq!(v.get(), 1);
    /// ```
    #[cfg(feature = "harness")]
    pub fn named(self, name: impl Into<String>) -> TVar<T> {
        probe::tell(|| What::Named {
            var: self.handle.address(),
            name: name.into(),
        });
        self
    }

    /// The value.
    ///
    /// # Errors
    /// [`Conflict`](crate::Conflict): the transaction starts again. Pass it on with `?`.
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let (a, b) = (TVar::new(1), TVar::new(2));
    /// let sum = atomically(|tx| Ok(a.read(tx)? + b.read(tx)?));
    /// assert_eq!(sum, 3);
    /// ```
    #[inline(always)]
    pub fn read(&self, tx: &mut Tx) -> Res<T> {
        let word = self.load(tx)?;
        if in_word::<T>() {
            // SAFETY: it was stored as a value of this type.
            return Ok(unsafe { from_word(word) });
        }
        // SAFETY: as in `read_with`.
        Ok(unsafe { &*(word as *const T) }.clone())
    }

    /// What `f` makes of the value, which is lent to it, and so not cloned.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let long = TVar::new(vec![0; 100_000]);
    /// assert_eq!(atomically(|tx| long.read_with(tx, |v| v.len())), 100_000);
    /// ```
    #[inline]
    pub fn read_with<R>(&self, tx: &mut Tx, f: impl FnOnce(&T) -> R) -> Res<R> {
        let word = self.load(tx)?;
        if in_word::<T>() {
            // SAFETY: as in `read`.
            return Ok(f(&unsafe { from_word::<T>(word) }));
        }
        // SAFETY: the engine has found that the address belongs to the block's snapshot. The box has not been freed, since the block is pinned,
        // and will not be before it ends, also if `f` makes it replace the value. Nobody changes a box.
        Ok(f(unsafe { &*(word as *const T) }))
    }

    #[inline(always)]
    fn load(&self, tx: &mut Tx) -> Res<u64> {
        let header = &*self.handle;
        let word = tx.with(|s| {
            if !in_word::<T>() {
                // It is an address, which will be followed.
                s.txn.pin();
            }
            // Relaxed: ordered by the engine's look at the version word.
            s.txn.read(&header.orec, || header.word.load(Relaxed))
        })?;
        #[cfg(feature = "harness")]
        probe::tell(|| What::Read {
            var: self.handle.address(),
            word,
            shown: Self::show(word),
            version: tx.with(|s| s.txn.version_seen(&header.orec)),
        });
        Ok(word)
    }

    /// Sets the value.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new('a');
    /// atomically(|tx| v.write(tx, 'b'));
    /// assert_eq!(v.get(), 'b');
    /// ```
    #[inline(always)]
    pub fn write(&self, tx: &mut Tx, value: T) -> Res<()> {
        let header = &*self.handle;
        if in_word::<T>() {
            let word = to_word(value);
            tx.with(|s| s.txn.write(&header.orec, &header.word, word))?;
            #[cfg(feature = "harness")]
            self.tell_write(tx, word);
            return Ok(());
        }
        self.write_box(tx, value)
    }

    fn write_box(&self, tx: &mut Tx, value: T) -> Res<()> {
        let header = &*self.handle;
        tx.with(|s| -> Res<()> {
            s.txn.acquire(&header.orec)?;
            // Relaxed: it is ours.
            let old = header.word.load(Relaxed) as *mut T;
            let new = Box::into_raw(Box::new(value));
            let written = s.txn.write(&header.orec, &header.word, new as u64);
            debug_assert!(written.is_ok(), "it was ours already");
            // SAFETY: both came from boxes; they are destroyed as the text of `typed` says.
            unsafe { s.note_write(Garbage::of_box(new), Garbage::of_box(old)) };
            Ok(())
        })?;
        #[cfg(feature = "harness")]
        self.tell_write(tx, header.word.load(Relaxed));
        Ok(())
    }

    #[cfg(feature = "harness")]
    fn tell_write(&self, tx: &mut Tx, word: u64) {
        probe::tell(|| What::Write {
            var: self.handle.address(),
            word,
            shown: Self::show(word),
            undo: tx.with(|s| s.txn.undo_len()),
        });
    }

    /// Replaces the value by what `f` makes of it.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let n = TVar::new(20);
    /// atomically(|tx| n.modify(tx, |n| n + 1));
    /// assert_eq!(n.get(), 21);
    /// ```
    #[inline(always)]
    pub fn modify(&self, tx: &mut Tx, f: impl FnOnce(T) -> T) -> Res<()> {
        let value = self.read(tx)?;
        self.write(tx, f(value))
    }

    /// Changes a copy of the value in place, makes that the value, and returns what `f` returns.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new(vec![1, 2]);
    /// assert_eq!(atomically(|tx| v.update(tx, |v| v.pop())), Some(2));
    /// assert_eq!(v.get(), [1]);
    /// ```
    pub fn update<R>(&self, tx: &mut Tx, f: impl FnOnce(&mut T) -> R) -> Res<R> {
        let mut value = self.read(tx)?;
        let result = f(&mut value);
        self.write(tx, value)?;
        Ok(result)
    }

    /// Sets the value, and returns the old one.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TVar};
    /// let v = TVar::new(1);
    /// assert_eq!(atomically(|tx| v.replace(tx, 2)), 1);
    /// ```
    pub fn replace(&self, tx: &mut Tx, value: T) -> Res<T> {
        let old = self.read(tx)?;
        self.write(tx, value)?;
        Ok(old)
    }

    /// The value, in a transaction of its own (or as part of the one that runs).
    ///
    /// ```
    /// assert_eq!(keelback_stm::TVar::new(7).get(), 7);
    /// ```
    pub fn get(&self) -> T {
        atomically(|tx| self.read(tx))
    }

    /// Sets the value, in a transaction of its own (or as part of the one that runs).
    ///
    /// ```
    /// let v = keelback_stm::TVar::new(1);
    /// v.set(2);
    /// assert_eq!(v.get(), 2);
    /// ```
    pub fn set(&self, value: T) {
        // Kept, for another attempt if there has to be one.
        atomically(|tx| self.write(tx, value.clone()));
    }
}

impl<T> TVar<T> {
    /// Whether both are handles of one variable.
    ///
    /// ```
    /// let v = keelback_stm::TVar::new(1);
    /// assert!(v.same(&v.clone()) && !v.same(&keelback_stm::TVar::new(1)));
    /// ```
    pub fn same(&self, other: &TVar<T>) -> bool {
        self.handle.same(&other.handle)
    }
}

impl<T: Clone + Send + Sync + Default + 'static> Default for TVar<T> {
    fn default() -> Self {
        TVar::new(T::default())
    }
}

impl<T: Clone + Send + Sync + 'static> From<T> for TVar<T> {
    fn from(value: T) -> Self {
        TVar::new(value)
    }
}

impl<T> fmt::Debug for TVar<T> {
    /// The variable, not its value, which only a transaction may read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TVar({:#x})", self.handle.address())
    }
}
