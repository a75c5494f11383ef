//! A hash set.

use std::fmt;
use std::hash::Hash;

use super::TMap;
use crate::Res;
use crate::typed::Tx;

/// A hash set: a [`TMap`] without values, and with its conflicts. Cloning makes another handle of the same set.
///
/// ```
/// use keelback_stm::{atomically, TSet};
/// let seen = TSet::new();
/// assert!(atomically(|tx| seen.insert(tx, 7)));
/// assert!(!atomically(|tx| seen.insert(tx, 7)));
/// assert!(atomically(|tx| seen.contains(tx, &7)));
/// ```
pub struct TSet<T> {
    map: TMap<T, ()>,
}

impl<T> Clone for TSet<T> {
    fn clone(&self) -> Self {
        TSet {
            map: self.map.clone(),
        }
    }
}

impl<T: Eq + Hash + Clone + Send + Sync + 'static> TSet<T> {
    /// An empty set.
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set: TSet<u8> = TSet::new();
    /// assert!(atomically(|tx| set.is_empty(tx)));
    /// ```
    pub fn new() -> TSet<T> {
        TSet { map: TMap::new() }
    }

    /// Adds an element; `false` if it was there.
    ///
    /// # Errors
    /// As [`TVar::write`](crate::TVar::write).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert!(!atomically(|tx| set.insert(tx, 7)), "it is there already");
    /// ```
    pub fn insert(&self, tx: &mut Tx, element: T) -> Res<bool> {
        if self.map.contains(tx, &element)? {
            return Ok(false);
        }
        Ok(self.map.insert(tx, element, ())?.is_none())
    }

    /// Removes an element; `false` if it was not there.
    ///
    /// # Errors
    /// As [`TVar::write`](crate::TVar::write).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert!(atomically(|tx| set.remove(tx, &7)));
    /// assert!(!atomically(|tx| set.remove(tx, &7)));
    /// ```
    pub fn remove(&self, tx: &mut Tx, element: &T) -> Res<bool> {
        Ok(self.map.remove(tx, element)?.is_some())
    }

    /// Whether there is this element.
    ///
    /// # Errors
    /// As [`TVar::read`](crate::TVar::read).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert!(atomically(|tx| set.contains(tx, &7)));
    /// ```
    pub fn contains(&self, tx: &mut Tx, element: &T) -> Res<bool> {
        self.map.contains(tx, element)
    }

    /// How many elements there are.
    ///
    /// # Errors
    /// As [`TVar::read`](crate::TVar::read).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert_eq!(atomically(|tx| set.len(tx)), 1);
    /// ```
    pub fn len(&self, tx: &mut Tx) -> Res<usize> {
        self.map.len(tx)
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// As [`TVar::read`](crate::TVar::read).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert!(!atomically(|tx| set.is_empty(tx)));
    /// ```
    pub fn is_empty(&self, tx: &mut Tx) -> Res<bool> {
        self.map.is_empty(tx)
    }

    /// All elements, in no particular order.
    ///
    /// # Errors
    /// As [`TVar::read`](crate::TVar::read).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// assert_eq!(atomically(|tx| set.elements(tx)), [7]);
    /// ```
    pub fn elements(&self, tx: &mut Tx) -> Res<Vec<T>> {
        let entries = self.map.entries(tx)?;
        Ok(entries.into_iter().map(|(element, ())| element).collect())
    }

    /// Removes all elements.
    ///
    /// # Errors
    /// As [`TVar::write`](crate::TVar::write).
    ///
    /// ```
    /// use keelback_stm::{atomically, TSet};
    /// let set = TSet::new();
    /// atomically(|tx| set.insert(tx, 7));
    /// atomically(|tx| set.clear(tx));
    /// assert!(atomically(|tx| set.is_empty(tx)));
    /// ```
    pub fn clear(&self, tx: &mut Tx) -> Res<()> {
        self.map.clear(tx)
    }
}

impl<T: Eq + Hash + Clone + Send + Sync + 'static> Default for TSet<T> {
    fn default() -> Self {
        TSet::new()
    }
}

impl<T> fmt::Debug for TSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TSet")
    }
}
