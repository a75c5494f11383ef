//! Retry policies: what to do after an abort.
//!
//! A policy sees one [`Abort`] and answers one [`Decision`]; it keeps no state of its own between aborts, since the attempt number is
//! in what it is told. It is chosen for the process, for a thread or for a block, the narrowest winning, and may be changed while threads run.
//!
//! Random, growing back-off and a last resort that cannot lose are the classic answers to livelock and starvation (Scherer and
//! Scott, PODC 2005; Welc and others on irrevocability, SPAA 2008).

use std::fmt;
use std::time::Duration;

use crate::primitive::{Arc, random_up_to};
use crate::stats::Cause;

/// What a policy is told about an abort.
///
/// ```
/// use keelback_stm::{policy, Atomic, Cause, Failure, TVar, engine};
/// let n = TVar::new(0);
/// let once = policy::by_name("giveup:1").unwrap();
/// match Atomic::new().policy(once).run(|tx| n.write(tx, 1)) {
///     Ok(()) => assert_eq!(n.get(), 1),
///     // Somebody was in the way.
///     Err(Failure::GaveUp(abort)) => assert_eq!(abort.attempt, 1),
///     Err(other) => panic!("{other}"),
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abort {
    /// How often this block has been rolled back in a row, this time included: 1 after the first abort.
    pub attempt: u32,
    /// Why.
    pub cause: Cause,
    /// The slot of the transaction in the way, if it is known.
    pub other: Option<usize>,
    /// Whether that one is irrevocable.
    pub other_irrevocable: bool,
    /// Work lost in this attempt, in the client's units ([`Txn::set_work`](crate::Txn::set_work)).
    pub work: u64,
    /// Time lost in this attempt; zero unless timing is on.
    pub lost: Duration,
    /// Time since the block's first abort.
    pub elapsed: Duration,
    /// How many read-set entries the attempt had.
    pub reads: usize,
    /// How many objects the attempt owned.
    pub writes: usize,
    /// Two words that the client set, typically the source position here and that of the other side.
    pub client_tags: [u64; 2],
    /// A word that the client set, typically the kind of the object in dispute.
    pub object_kind: u64,
}

/// What to do after an abort.
///
/// ```
/// # use std::time::Duration;
/// # use keelback_stm::{Abort, Cause};
/// # let abort = |attempt| Abort {
/// #     attempt, cause: Cause::OwnedByOther, other: None, other_irrevocable: false, work: 0, lost: Duration::ZERO,
/// #     elapsed: Duration::ZERO, reads: 0, writes: 0, client_tags: [0; 2], object_kind: 0,
/// # };
/// use keelback_stm::policy::{Decision, RetryPolicy, Simple};
/// assert_eq!(Simple::Wait.decide(&abort(1)), Decision::WaitForOwner);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Run the block again at once.
    Retry,
    /// Sleep for so long, then run it again.
    Backoff(Duration),
    /// Make the block shorter, then run it again. Who cannot shorten it retries.
    Shrink,
    /// Wait until the transaction in the way has ended, then run it again.
    WaitForOwner,
    /// Run it again as a block that cannot abort.
    Irrevocable,
    /// Do not run it again; tell the program.
    GiveUp,
}

/// What to do after an abort: see the text at the top of this file.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use keelback_stm::{Abort, Atomic, Decision, RetryPolicy, TVar};
///
/// struct Polite;
/// impl RetryPolicy for Polite {
///     fn decide(&self, abort: &Abort) -> Decision {
///         Decision::Backoff(Duration::from_micros(10 * u64::from(abort.attempt)))
///     }
///     fn name(&self) -> &str {
///         "polite"
///     }
/// }
/// let n = TVar::new(1);
/// assert_eq!(Atomic::new().policy(Arc::new(Polite)).run(|tx| n.read(tx)), Ok(1));
/// ```
pub trait RetryPolicy: Send + Sync {
    /// Decides on one abort.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use keelback_stm::{Abort, Cause};
    /// # let abort = |attempt| Abort {
    /// #     attempt, cause: Cause::OwnedByOther, other: None, other_irrevocable: false, work: 0, lost: Duration::ZERO,
    /// #     elapsed: Duration::ZERO, reads: 0, writes: 0, client_tags: [0; 2], object_kind: 0,
    /// # };
    /// use keelback_stm::{policy::by_name, Decision};
    /// let policy = by_name("giveup:3").unwrap();
    /// assert!(matches!(policy.decide(&abort(2)), Decision::Backoff(_)));
    /// assert_eq!(policy.decide(&abort(3)), Decision::GiveUp);
    /// ```
    fn decide(&self, abort: &Abort) -> Decision;
    /// The name by which [`by_name`] finds it, or any other name.
    ///
    /// ```
    /// use keelback_stm::policy::{by_name, RetryPolicy, Simple};
    /// assert_eq!(Simple::Wait.name(), "wait");
    /// assert_eq!(by_name(Simple::Wait.name()).unwrap().name(), "wait");
    /// ```
    fn name(&self) -> &str;
}

/// The shared handle to a policy.
///
/// ```
/// use std::sync::Arc;
/// use keelback_stm::policy::{Policy, Simple};
/// let policy: Policy = Arc::new(Simple::Backoff);
/// assert_eq!(policy.name(), "backoff");
/// ```
pub type Policy = Arc<dyn RetryPolicy>;

/// A random time up to `base` doubled with each attempt, and at most `max`.
///
/// ```
/// use std::time::Duration;
/// use keelback_stm::policy::jitter;
/// let (base, most) = (Duration::from_micros(1), Duration::from_micros(100));
/// assert!(jitter(3, base, most) <= 4 * base && jitter(30, base, most) <= most);
/// ```
pub fn jitter(attempt: u32, base: Duration, max: Duration) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    let limit = base.saturating_mul(1 << doublings).min(max);
    let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(random_up_to(nanos))
}

const BASE: Duration = Duration::from_micros(2);
const MAX: Duration = Duration::from_millis(1);

/// Retry, back off, shrink, wait for the owner, and end irrevocable: each block finishes.
///
/// ```
/// # use std::time::Duration;
/// # use keelback_stm::{Abort, Cause};
/// # let abort = |attempt| Abort {
/// #     attempt, cause: Cause::OwnedByOther, other: None, other_irrevocable: false, work: 0, lost: Duration::ZERO,
/// #     elapsed: Duration::ZERO, reads: 0, writes: 0, client_tags: [0; 2], object_kind: 0,
/// # };
/// use keelback_stm::policy::{Decision, RetryPolicy, Standard};
/// assert_eq!(Standard.decide(&abort(1)), Decision::Retry);
/// assert_eq!(Standard.decide(&abort(12)), Decision::Irrevocable);
/// ```
#[derive(Debug, Default, Clone, Copy)]
pub struct Standard;

impl RetryPolicy for Standard {
    fn decide(&self, abort: &Abort) -> Decision {
        // Nothing but its end helps against one that cannot abort.
        if abort.other_irrevocable {
            return Decision::WaitForOwner;
        }
        match abort.attempt {
            0..=2 => Decision::Retry,
            3..=5 => Decision::Backoff(jitter(abort.attempt, BASE, MAX)),
            6..=8 => Decision::Shrink,
            9..=11 => Decision::WaitForOwner,
            _ => Decision::Irrevocable,
        }
    }

    fn name(&self) -> &str {
        "default"
    }
}

/// The policies that always answer the same way: for experiments, and as parts of others. But for `irrevocable` and `giveup:N` they
/// do not promise that a block finishes.
///
/// ```
/// # use std::time::Duration;
/// # use keelback_stm::{Abort, Cause};
/// # let abort = |attempt| Abort {
/// #     attempt, cause: Cause::OwnedByOther, other: None, other_irrevocable: false, work: 0, lost: Duration::ZERO,
/// #     elapsed: Duration::ZERO, reads: 0, writes: 0, client_tags: [0; 2], object_kind: 0,
/// # };
/// use keelback_stm::policy::{Decision, RetryPolicy, Simple};
/// assert_eq!(Simple::Immediate.decide(&abort(99)), Decision::Retry);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simple {
    /// Run again at once, for ever.
    Immediate,
    /// Back off for a random, growing time, for ever.
    Backoff,
    /// Shorten the block each time, backing off a little once it cannot get shorter.
    Shrink,
    /// Wait for the one in the way.
    Wait,
    /// Irrevocable after the first abort.
    Irrevocable,
}

impl RetryPolicy for Simple {
    fn decide(&self, abort: &Abort) -> Decision {
        match self {
            Simple::Immediate => Decision::Retry,
            Simple::Backoff => Decision::Backoff(jitter(abort.attempt, BASE, MAX)),
            Simple::Shrink if abort.attempt > 16 => {
                Decision::Backoff(jitter(abort.attempt - 16, BASE, MAX))
            }
            Simple::Shrink => Decision::Shrink,
            Simple::Wait => Decision::WaitForOwner,
            Simple::Irrevocable => Decision::Irrevocable,
        }
    }

    fn name(&self) -> &str {
        match self {
            Simple::Immediate => "immediate",
            Simple::Backoff => "backoff",
            Simple::Shrink => "shrink",
            Simple::Wait => "wait",
            Simple::Irrevocable => "irrevocable",
        }
    }
}

/// Backs off, and gives up when so many attempts have failed.
///
/// ```
/// # use std::time::Duration;
/// # use keelback_stm::{Abort, Cause};
/// # let abort = |attempt| Abort {
/// #     attempt, cause: Cause::OwnedByOther, other: None, other_irrevocable: false, work: 0, lost: Duration::ZERO,
/// #     elapsed: Duration::ZERO, reads: 0, writes: 0, client_tags: [0; 2], object_kind: 0,
/// # };
/// use keelback_stm::policy::{Decision, GiveUpAfter, RetryPolicy};
/// assert_eq!(GiveUpAfter::new(3).decide(&abort(3)), Decision::GiveUp);
/// ```
#[derive(Debug, Clone)]
pub struct GiveUpAfter {
    attempts: u32,
    name: String,
}

impl GiveUpAfter {
    /// Gives up at the abort with this number; 1 gives up at once.
    ///
    /// ```
    /// use keelback_stm::policy::{GiveUpAfter, RetryPolicy};
    /// assert_eq!(GiveUpAfter::new(3).name(), "giveup:3");
    /// ```
    pub fn new(attempts: u32) -> Self {
        GiveUpAfter {
            attempts,
            name: format!("giveup:{attempts}"),
        }
    }
}

impl RetryPolicy for GiveUpAfter {
    fn decide(&self, abort: &Abort) -> Decision {
        if abort.attempt >= self.attempts {
            Decision::GiveUp
        } else {
            Decision::Backoff(jitter(abort.attempt, BASE, MAX))
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// A policy's name that [`by_name`] does not know.
///
/// ```
/// use keelback_stm::policy::by_name;
/// let error = by_name("perhaps").err().unwrap();
/// assert!(error.to_string().contains("immediate"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPolicy(pub String);

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown retry policy {:?} (known: {})",
            self.0,
            NAMES.join(", ")
        )
    }
}

impl std::error::Error for UnknownPolicy {}

/// The names that [`by_name`] knows; `N` stands for a number.
pub const NAMES: [&str; 7] = [
    "default",
    "immediate",
    "backoff",
    "shrink",
    "wait",
    "irrevocable",
    "giveup:N",
];

/// The built-in policy of that name.
///
/// ```
/// use keelback_stm::policy::by_name;
/// assert_eq!(by_name("wait").unwrap().name(), "wait");
/// assert!(by_name("perhaps").is_err());
/// ```
pub fn by_name(name: &str) -> Result<Policy, UnknownPolicy> {
    Ok(match name {
        "default" => Arc::new(Standard),
        "immediate" => Arc::new(Simple::Immediate),
        "backoff" => Arc::new(Simple::Backoff),
        "shrink" => Arc::new(Simple::Shrink),
        "wait" => Arc::new(Simple::Wait),
        "irrevocable" => Arc::new(Simple::Irrevocable),
        _ => {
            let attempts = name
                .strip_prefix("giveup:")
                .and_then(|n| n.parse().ok())
                .filter(|&n| n > 0);
            match attempts {
                Some(n) => Arc::new(GiveUpAfter::new(n)),
                None => return Err(UnknownPolicy(name.to_owned())),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abort(attempt: u32) -> Abort {
        Abort {
            attempt,
            cause: Cause::OwnedByOther,
            other: Some(1),
            other_irrevocable: false,
            work: 0,
            lost: Duration::ZERO,
            elapsed: Duration::ZERO,
            reads: 0,
            writes: 0,
            client_tags: [0; 2],
            object_kind: 0,
        }
    }

    #[test]
    fn names_lead_back_to_their_policies() {
        for name in [
            "default",
            "immediate",
            "backoff",
            "shrink",
            "wait",
            "irrevocable",
            "giveup:3",
        ] {
            assert_eq!(by_name(name).unwrap().name(), name);
        }
        for name in ["", "giveup", "giveup:", "giveup:0", "giveup:-1", "Default"] {
            assert_eq!(by_name(name).err(), Some(UnknownPolicy(name.to_owned())));
        }
    }

    #[test]
    fn the_default_climbs_its_ladder_and_ends_irrevocable() {
        let rank = |d| match d {
            Decision::Retry => 0,
            Decision::Backoff(_) => 1,
            Decision::Shrink => 2,
            Decision::WaitForOwner => 3,
            Decision::Irrevocable => 4,
            Decision::GiveUp => unreachable!("the default never gives up"),
        };
        let ranks: Vec<i32> = (1..40).map(|n| rank(Standard.decide(&abort(n)))).collect();
        assert!(ranks.is_sorted());
        assert_eq!((ranks[0], ranks[38]), (0, 4));
        assert!((0..=4).all(|r| ranks.contains(&r)));
    }

    #[test]
    fn giving_up_comes_at_the_attempt_named() {
        let policy = by_name("giveup:3").unwrap();
        assert!(matches!(policy.decide(&abort(2)), Decision::Backoff(_)));
        assert_eq!(policy.decide(&abort(3)), Decision::GiveUp);
    }

    #[test]
    fn back_off_is_bounded() {
        for attempt in 1..100 {
            assert!(jitter(attempt, BASE, MAX) <= MAX);
        }
    }
}
