//! The ownership record ("orec"): one 64-bit version word per object, as in TinySTM and McRT-STM, but with a third state for
//! objects that a single thread can reach (dynamic escape analysis, Shpeisman and others, PLDI 2007).
//!
//! | low bits | state | the other bits |
//! |---|---|---|
//! | `00` | shared | the version: the time of the commit that last changed it; below it, 10 bits of incarnation |
//! | `01` | owned | the slot of the owning transaction, and whether it owns for reading alone |
//! | `10` | private | the birth stamp: [`Txn::block`](crate::Txn::block) of the block that created the object |
//!
//! The only transitions: private to shared ([`Orec::publish`], by the one thread that can reach the object); shared to owned
//! (compare-and-swap); owned to shared (a store by the owner). A shared object never becomes private again while it lives.
//!
//! The *incarnation* (from TinySTM) counts the aborted blocks that owned the object since that commit. A reader that looks before and after its load
//! compares the whole word, so that it notices an abort between; but what was read before such an abort is as true after it,
//! so that validation compares the versions alone. When the incarnations are used up, the abort takes a new version.
//! (A new version at each abort makes aborts breed aborts: three threads that retried at once, on four objects, needed 68 million blocks
//! and 229 s for 750 commits. With incarnations, and patience drawn at random, the same run took 0.2 s.)
//!
//! *Owned for reading* is what an irrevocable block does to the objects that it only reads: nobody else may change them, and
//! since nothing was written they go back to the version they had.

use crate::primitive::{AtomicU64, Ordering};

pub(crate) const TAG: u64 = 0b11;
pub(crate) const OWNED: u64 = 0b01;
pub(crate) const PRIVATE: u64 = 0b10;
/// In an owned word: the owner only reads.
pub(crate) const READING: u64 = 0b100;

/// Where the version begins.
const VERSION_SHIFT: u32 = 12;
/// One incarnation.
const INCARNATION: u64 = 0b100;

/// The word of an object that is shared at `version`, in its first incarnation.
pub(crate) const fn version_word(version: u64) -> u64 {
    version << VERSION_SHIFT
}

/// Whether two words of shared objects have the same version, so that nothing was committed between. False if either of them is owned
/// or private.
pub(crate) const fn same_version(a: u64, b: u64) -> bool {
    // Differences in the incarnation's bits are all that is allowed.
    (a ^ b) & !(version_word(1) - 1 - TAG) == 0
}

/// The version in the word of a shared object.
#[cfg(feature = "harness")]
pub(crate) const fn version_of(word: u64) -> u64 {
    word >> VERSION_SHIFT
}

/// The word after an abort: the same version in its next incarnation, if there is one left.
pub(crate) const fn next_incarnation(word: u64) -> Option<u64> {
    let next = word + INCARNATION;
    if same_version(word, next) {
        Some(next)
    } else {
        None
    }
}

/// The word of a private object born in block `stamp`.
#[inline(always)]
pub(crate) const fn private_word(stamp: u64) -> u64 {
    (stamp << 2) | PRIVATE
}

/// The word of an object that `slot` owns for writing. Add [`READING`] for one that it owns for reading.
pub(crate) const fn owned_word(slot: usize) -> u64 {
    ((slot as u64) << 3) | OWNED
}

/// The owner's slot in an owned word.
pub(crate) const fn owner_of(word: u64) -> usize {
    (word >> 3) as usize
}

/// A version word, decoded.
///
/// ```
/// use keelback_stm::{Orec, OrecState};
/// assert_eq!(Orec::shared(3).state(), OrecState::Shared { version: 3 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrecState {
    /// One thread alone can reach the object.
    Private {
        /// The stamp of the block that created it.
        birth: u64,
    },
    /// Any thread may reach it; last released at this time.
    Shared {
        /// That time.
        version: u64,
    },
    /// A running transaction owns it.
    Owned {
        /// Its place in the engine's table.
        slot: usize,
        /// Whether it only reads.
        reading: bool,
    },
}

/// The version word of an object. see the text at the top of this file.
///
/// ```
/// use keelback_stm::Orec;
/// struct Object {
///     orec: Orec,
///     // ... and its words
/// }
/// assert!(Object { orec: Orec::shared(0) }.orec.is_shared());
/// ```
#[repr(transparent)]
#[derive(Debug)]
pub struct Orec(pub(crate) AtomicU64);

impl Orec {
    /// A private object, born in the block with this stamp ([`Txn::block`](crate::Txn::block)).
    ///
    /// ```
    /// use keelback_stm::{Orec, OrecState};
    /// assert_eq!(Orec::private(5).state(), OrecState::Private { birth: 5 });
    /// ```
    #[inline]
    pub const fn private(birth_block: u64) -> Self {
        Orec(AtomicU64::new(private_word(birth_block)))
    }

    /// A shared object. `version` must not exceed the engine's clock; 0 always fits.
    ///
    /// ```
    /// assert!(keelback_stm::Orec::shared(0).is_shared());
    /// ```
    #[inline]
    pub const fn shared(version: u64) -> Self {
        Orec(AtomicU64::new(version_word(version)))
    }

    /// The raw word.
    ///
    /// ```
    /// use keelback_stm::Orec;
    /// assert_eq!(Orec::shared(7).load(), Orec::shared(7).load());
    /// ```
    #[inline]
    pub fn load(&self) -> u64 {
        // Acquire: whoever sees a version sees what was written before it was released.
        self.0.load(Ordering::Acquire)
    }

    /// Whether one thread alone can reach the object. Exact for that thread, which is the only one that may ask while
    /// the answer is yes.
    ///
    /// ```
    /// assert!(keelback_stm::Orec::private(1).is_private());
    /// ```
    #[inline(always)]
    pub fn is_private(&self) -> bool {
        // Relaxed: the state changes only by the asking thread's own hand, or has already left `private` for good.
        self.0.load(Ordering::Relaxed) & PRIVATE != 0
    }

    /// Whether some transaction owns the object at this moment.
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
    /// # txn.abort();
    /// ```
    #[inline]
    pub fn is_owned(&self) -> bool {
        self.0.load(Ordering::Relaxed) & TAG == OWNED
    }

    /// Whether the object is shared and owned by nobody at this moment.
    ///
    /// ```
    /// assert!(!keelback_stm::Orec::private(1).is_shared());
    /// ```
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.0.load(Ordering::Relaxed) & TAG == 0
    }

    /// The word, decoded.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::Ordering::Relaxed};
    /// # use keelback_stm::{AtomicU64, Cause, Conflict, Engine, Orec};
    /// # let (orec, word) = (Orec::shared(0), AtomicU64::new(1));
    /// # let engine = Arc::new(Engine::new());
    /// # // SAFETY: the object above outlives the descriptor.
    /// # let mut txn = unsafe { engine.register() };
    /// use keelback_stm::OrecState;
    /// txn.begin();
    /// txn.acquire(&orec).unwrap();
    /// assert_eq!(orec.state(), OrecState::Owned { slot: txn.slot_index(), reading: false });
    /// # txn.abort();
    /// ```
    pub fn state(&self) -> OrecState {
        let word = self.load();
        if word & PRIVATE != 0 {
            OrecState::Private { birth: word >> 2 }
        } else if word & OWNED != 0 {
            OrecState::Owned {
                slot: owner_of(word),
                reading: word & READING != 0,
            }
        } else {
            OrecState::Shared {
                version: word >> VERSION_SHIFT,
            }
        }
    }

    /// Private becomes shared, at `version`, which must not exceed the engine's clock
    /// ([`Txn::read_time`](crate::Txn::read_time) is right). To be called by the thread that the object is private to,
    /// before the reference that publishes it is stored. Does nothing to an object that is not private.
    ///
    /// Any version up to the clock is right, since no other transaction can come by the object but through one that the
    /// publishing block owns until it commits: a reader has then extended its read time to that commit or later.
    ///
    /// ```
    /// use keelback_stm::Orec;
    /// let orec = Orec::private(1);
    /// orec.publish(0);
    /// assert!(orec.is_shared());
    /// ```
    #[inline]
    pub fn publish(&self, version: u64) {
        if self.is_private() {
            // Release: for clients that hand the object over by other means than a transaction's commit.
            self.0.store(version_word(version), Ordering::Release);
        }
    }

    /// Makes the word that of a new private object. For memory that is used again; nobody else may look at it.
    ///
    /// ```
    /// use keelback_stm::Orec;
    /// let orec = Orec::shared(4);
    /// orec.reset(9);
    /// assert!(orec.is_private());
    /// ```
    #[inline]
    pub fn reset(&self, birth_block: u64) {
        self.0.store(private_word(birth_block), Ordering::Relaxed);
    }
}
