//! Counters: plain words that each transaction keeps for itself, so that counting costs an addition and no shared line.

use crate::primitive::{AtomicU64, Ordering};

/// Why a transaction could not go on.
///
/// ```
/// use keelback_stm::Cause;
/// assert_eq!(Cause::ALL.len(), Cause::COUNT);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// Something that was read has changed, found when a newer object was met in the middle of the block.
    ReadVersion,
    /// An object is owned by another running transaction, which did not let go in time.
    OwnedByOther,
    /// Something that was read has changed, found at commit.
    CommitValidation,
    /// An irrevocable transaction needs an object that this one owns.
    Doomed,
    /// The program called for a retry: what it read is not yet what it waits for.
    UserRetry,
    /// The client rolled back by its own decision: an exception left the block, say.
    Explicit,
    /// Fault injection ([`Engine::set_chaos`](crate::Engine::set_chaos)).
    Chaos,
}

impl Cause {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All of them, in the order of [`Counters::aborts`].
    pub const ALL: [Cause; Cause::COUNT] = [
        Cause::ReadVersion,
        Cause::OwnedByOther,
        Cause::CommitValidation,
        Cause::Doomed,
        Cause::UserRetry,
        Cause::Explicit,
        Cause::Chaos,
    ];

    /// A short name for tables and logs.
    ///
    /// ```
    /// assert_eq!(keelback_stm::Cause::UserRetry.name(), "retry");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Cause::ReadVersion => "read changed",
            Cause::OwnedByOther => "owned by other",
            Cause::CommitValidation => "changed at commit",
            Cause::Doomed => "yielded",
            Cause::UserRetry => "retry",
            Cause::Explicit => "explicit",
            Cause::Chaos => "chaos",
        }
    }
}

/// What one transaction descriptor, or several added up, have done.
///
/// ```
/// use keelback_stm::Counters;
/// assert_eq!(Counters::default().commits, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Counters {
    /// Blocks that have ended, well or not.
    pub blocks: u64,
    /// Blocks committed, read-only ones included.
    pub commits: u64,
    /// Blocks committed that owned nothing.
    pub read_only_commits: u64,
    /// Aborts by [`Cause`] (index: `cause as usize`).
    pub aborts: [u64; Cause::COUNT],
    /// Rollbacks to a savepoint.
    pub partial_rollbacks: u64,
    /// Extensions of the read time, tried in the middle of a block.
    pub extensions: u64,
    /// Validations of the whole read set, extensions included.
    pub validations: u64,
    /// Time spent in blocks that aborted, in nanoseconds. Measured while timing is on.
    pub lost_ns: u64,
    /// Work lost in blocks that aborted, in the client's units ([`Txn::set_work`](crate::Txn::set_work)).
    pub lost_work: u64,
    /// Read-set entries at commit: the sum.
    pub reads: u64,
    /// Read-set entries at commit: the largest.
    pub reads_max: u64,
    /// Objects owned at commit: the sum.
    pub writes: u64,
    /// Objects owned at commit: the largest.
    pub writes_max: u64,
    /// Undo entries at commit: the sum.
    pub undo: u64,
    /// Undo entries at commit: the largest.
    pub undo_max: u64,
    /// Blocks that went irrevocable.
    pub irrevocable: u64,
    /// Time spent irrevocable, in nanoseconds.
    pub irrevocable_ns: u64,
    /// Sleeps in `wait_for_change`.
    pub waits: u64,
    /// Blocks begun without a read set that turned out to need one, and ran again.
    pub runs_for_log: u64,
}

/// How many words [`Counters`] has.
const WORDS: usize = size_of::<Counters>() / size_of::<u64>();

/// Counters that one thread publishes, and others may look at meanwhile: a little late, and not all of one moment.
#[derive(Default)]
pub(crate) struct Published([AtomicU64; WORDS]);

impl Published {
    pub(crate) fn publish(&self, counters: &Counters) {
        for (word, value) in self.0.iter().zip(counters.words()) {
            // Relaxed: figures for a report.
            word.store(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Counters {
        let mut words = [0; WORDS];
        for (value, word) in words.iter_mut().zip(&self.0) {
            *value = word.load(Ordering::Relaxed);
        }
        Counters::from_words(words)
    }
}

impl Counters {
    fn words(&self) -> [u64; WORDS] {
        // SAFETY: it is made of nothing but `u64`, as `repr(C)` says in the order of the fields, without a gap.
        unsafe { std::mem::transmute_copy(self) }
    }

    fn from_words(words: [u64; WORDS]) -> Counters {
        // SAFETY: as above, and any `u64` will do.
        unsafe { std::mem::transmute(words) }
    }

    /// All aborts, whatever the cause.
    ///
    /// ```
    /// use keelback_stm::Counters;
    /// let mut c = Counters::default();
    /// c.aborts[0] = 2;
    /// assert_eq!(c.aborts_total(), 2);
    /// ```
    pub fn aborts_total(&self) -> u64 {
        self.aborts.iter().sum()
    }

    /// Aborts for one cause.
    ///
    /// ```
    /// use keelback_stm::{Cause, Counters};
    /// let mut c = Counters::default();
    /// c.aborts[Cause::Chaos as usize] = 2;
    /// assert_eq!((c.aborts_by(Cause::Chaos), c.aborts_by(Cause::Doomed)), (2, 0));
    /// ```
    pub fn aborts_by(&self, cause: Cause) -> u64 {
        self.aborts[cause as usize]
    }

    /// Adds another's counts to these; of the maxima, takes the larger.
    ///
    /// ```
    /// use keelback_stm::Counters;
    /// let mut sum = Counters { commits: 1, reads_max: 5, ..Counters::default() };
    /// sum.add(&Counters { commits: 2, reads_max: 3, ..Counters::default() });
    /// assert_eq!((sum.commits, sum.reads_max), (3, 5));
    /// ```
    pub fn add(&mut self, other: &Counters) {
        self.blocks += other.blocks;
        self.commits += other.commits;
        self.read_only_commits += other.read_only_commits;
        for (mine, theirs) in self.aborts.iter_mut().zip(other.aborts) {
            *mine += theirs;
        }
        self.partial_rollbacks += other.partial_rollbacks;
        self.extensions += other.extensions;
        self.validations += other.validations;
        self.lost_ns += other.lost_ns;
        self.lost_work += other.lost_work;
        self.reads += other.reads;
        self.reads_max = self.reads_max.max(other.reads_max);
        self.writes += other.writes;
        self.writes_max = self.writes_max.max(other.writes_max);
        self.undo += other.undo;
        self.undo_max = self.undo_max.max(other.undo_max);
        self.irrevocable += other.irrevocable;
        self.irrevocable_ns += other.irrevocable_ns;
        self.waits += other.waits;
        self.runs_for_log += other.runs_for_log;
    }
}
