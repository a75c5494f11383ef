//! A number that many threads add to.

use std::fmt;
use std::sync::Arc;

use crate::Res;
use crate::typed::{TVar, Tx};

/// How many parts it has: more than threads usually run at once.
const PARTS: usize = 16;

/// A number that many threads add to at once: additions do not conflict with each other, only with who asks for the sum. Cloning makes another
/// handle of the same counter. Sums wrap around as `i64` does.
///
/// ```
/// use keelback_stm::{atomically, TCounter};
/// let n = TCounter::new(5);
/// atomically(|tx| n.add(tx, 2));
/// assert_eq!(n.total(), 7);
/// ```
#[derive(Clone)]
pub struct TCounter {
    /// Each thread adds to the part of its slot; the sum is what counts.
    parts: Arc<[TVar<i64>]>,
}

impl TCounter {
    /// A counter that begins with this number.
    ///
    /// ```
    /// assert_eq!(keelback_stm::TCounter::new(5).total(), 5);
    /// ```
    pub fn new(start: i64) -> TCounter {
        let part = |i| TVar::new(if i == 0 { start } else { 0 });
        TCounter {
            parts: (0..PARTS).map(part).collect(),
        }
    }

    /// Adds to it.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TCounter};
    /// let n = TCounter::new(1);
    /// atomically(|tx| n.add(tx, -3));
    /// assert_eq!(n.total(), -2);
    /// ```
    pub fn add(&self, tx: &mut Tx, n: i64) -> Res<()> {
        let part = &self.parts[tx.slot() % PARTS];
        part.modify(tx, |now| now.wrapping_add(n))
    }

    /// The sum.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TCounter};
    /// let n = TCounter::new(1);
    /// assert_eq!(atomically(|tx| n.get(tx)), 1);
    /// ```
    pub fn get(&self, tx: &mut Tx) -> Res<i64> {
        let mut sum = 0i64;
        for part in self.parts.iter() {
            sum = sum.wrapping_add(part.read(tx)?);
        }
        Ok(sum)
    }

    /// The sum, in a transaction of its own (or as part of the one that runs).
    ///
    /// ```
    /// assert_eq!(keelback_stm::TCounter::default().total(), 0);
    /// ```
    pub fn total(&self) -> i64 {
        crate::atomically(|tx| self.get(tx))
    }
}

impl Default for TCounter {
    fn default() -> Self {
        TCounter::new(0)
    }
}

impl fmt::Debug for TCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TCounter")
    }
}
