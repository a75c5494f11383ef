//! A hash map.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use super::TCounter;
use crate::Res;
use crate::primitive::RandomState;
use crate::typed::{TVar, Tx};

/// Buckets to begin with.
const FEWEST: usize = 64;
/// A bucket that has more entries asks whether the table is full.
const FULL: usize = 4;

type Bucket<K, V> = TVar<Vec<(K, V)>>;

struct Table<K, V> {
    /// A power of two.
    buckets: Box<[Bucket<K, V>]>,
}

/// A hash map. Cloning makes another handle of the same map.
///
/// Transactions conflict if they ask for or change the same key; if one asks for the size, and another one inserts or removes; and by
/// chance, if two keys fall in one of many buckets. Values are cloned when they are read, and a few neighbours when a key is written: large
/// ones are best in an `Arc`.
///
/// ```
/// use keelback_stm::{atomically, TMap};
/// let ages = TMap::new();
/// atomically(|tx| {
///     ages.insert(tx, "Ada", 36)?;
///     ages.insert(tx, "Alan", 41)
/// });
/// assert_eq!(atomically(|tx| ages.get(tx, &"Ada")), Some(36));
/// assert_eq!(atomically(|tx| ages.remove(tx, &"Alan")), Some(41));
/// assert_eq!(atomically(|tx| ages.len(tx)), 1);
/// ```
pub struct TMap<K, V> {
    /// Replaced when the map grows.
    table: TVar<Arc<Table<K, V>>>,
    size: TCounter,
    hasher: Arc<RandomState>,
}

impl<K, V> Clone for TMap<K, V> {
    fn clone(&self) -> Self {
        TMap {
            table: self.table.clone(),
            size: self.size.clone(),
            hasher: Arc::clone(&self.hasher),
        }
    }
}

impl<K, V> TMap<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// An empty map.
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map: TMap<u8, u8> = TMap::new();
    /// assert!(atomically(|tx| map.is_empty(tx)));
    /// ```
    pub fn new() -> TMap<K, V> {
        TMap {
            table: TVar::new(Arc::new(Table::new(FEWEST))),
            size: TCounter::new(0),
            hasher: Arc::new(RandomState::new()),
        }
    }

    fn place(&self, key: &K, buckets: usize) -> usize {
        self.hasher.hash_one(key) as usize & (buckets - 1)
    }

    fn bucket(&self, tx: &mut Tx, key: &K) -> Res<Bucket<K, V>> {
        self.table.read_with(tx, |table| {
            let buckets = &table.buckets;
            buckets[self.place(key, buckets.len())].clone()
        })
    }

    /// What `f` makes of the value of `key`, which is lent to it.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.get_with(tx, &1, |v| v.len())), Some(3));
    /// ```
    pub fn get_with<R>(&self, tx: &mut Tx, key: &K, f: impl FnOnce(&V) -> R) -> Res<Option<R>> {
        let bucket = self.bucket(tx, key)?;
        bucket.read_with(tx, |entries| {
            entries.iter().find(|e| e.0 == *key).map(|e| f(&e.1))
        })
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.get(tx, &1)), Some("one"));
    /// assert_eq!(atomically(|tx| map.get(tx, &2)), None);
    /// ```
    pub fn get(&self, tx: &mut Tx, key: &K) -> Res<Option<V>> {
        self.get_with(tx, key, V::clone)
    }

    /// Whether there is this key.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert!(atomically(|tx| map.contains(tx, &1)));
    /// ```
    pub fn contains(&self, tx: &mut Tx, key: &K) -> Res<bool> {
        Ok(self.get_with(tx, key, |_| ())?.is_some())
    }

    /// Sets the value of `key`, and returns the old one.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.insert(tx, 1, "eins")), Some("one"));
    /// ```
    pub fn insert(&self, tx: &mut Tx, key: K, value: V) -> Res<Option<V>> {
        let bucket = self.bucket(tx, &key)?;
        let mut entries = bucket.read(tx)?;
        let old = match entries.iter_mut().find(|e| e.0 == key) {
            Some(entry) => Some(std::mem::replace(&mut entry.1, value)),
            None => {
                entries.push((key, value));
                None
            }
        };
        let many = entries.len() > FULL;
        bucket.write(tx, entries)?;
        if old.is_none() {
            self.size.add(tx, 1)?;
            if many {
                self.grow_if_full(tx)?;
            }
        }
        Ok(old)
    }

    /// Removes `key`, and returns its value.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.remove(tx, &1)), Some("one"));
    /// assert_eq!(atomically(|tx| map.remove(tx, &1)), None);
    /// ```
    pub fn remove(&self, tx: &mut Tx, key: &K) -> Res<Option<V>> {
        let bucket = self.bucket(tx, key)?;
        let Some(at) = bucket.read_with(tx, |entries| entries.iter().position(|e| e.0 == *key))?
        else {
            return Ok(None);
        };
        let old = bucket.update(tx, |entries| entries.swap_remove(at).1)?;
        self.size.add(tx, -1)?;
        Ok(Some(old))
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.len(tx)), 1);
    /// ```
    pub fn len(&self, tx: &mut Tx) -> Res<usize> {
        Ok(self.size.get(tx)? as usize)
    }

    /// Whether there are no keys.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert!(!atomically(|tx| map.is_empty(tx)));
    /// ```
    pub fn is_empty(&self, tx: &mut Tx) -> Res<bool> {
        Ok(self.len(tx)? == 0)
    }

    /// All entries, in no particular order.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// assert_eq!(atomically(|tx| map.entries(tx)), [(1, "one")]);
    /// ```
    pub fn entries(&self, tx: &mut Tx) -> Res<Vec<(K, V)>> {
        let table = self.table.read(tx)?;
        let mut all = vec![];
        for bucket in &table.buckets {
            bucket.read_with(tx, |entries| all.extend_from_slice(entries))?;
        }
        Ok(all)
    }

    /// Removes all keys.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TMap};
    /// let map = TMap::new();
    /// atomically(|tx| map.insert(tx, 1, "one"));
    /// atomically(|tx| map.clear(tx));
    /// assert!(atomically(|tx| map.is_empty(tx)));
    /// ```
    pub fn clear(&self, tx: &mut Tx) -> Res<()> {
        let len = self.len(tx)? as i64;
        let old = self.entries(tx)?;
        debug_assert_eq!(old.len() as i64, len);
        self.table.write(tx, Arc::new(Table::new(FEWEST)))?;
        self.size.add(tx, -len)
    }

    /// Doubles the number of buckets if there are more entries than buckets.
    fn grow_if_full(&self, tx: &mut Tx) -> Res<()> {
        let table = self.table.read(tx)?;
        let old = table.buckets.len();
        if self.len(tx)? <= old {
            return Ok(());
        }
        let mut buckets: Vec<Vec<(K, V)>> = vec![vec![]; old * 2];
        for (key, value) in self.entries(tx)? {
            let place = self.place(&key, old * 2);
            buckets[place].push((key, value));
        }
        let buckets = buckets.into_iter().map(TVar::new).collect();
        self.table.write(tx, Arc::new(Table { buckets }))
    }
}

impl<K, V> Table<K, V>
where
    K: Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(buckets: usize) -> Self {
        let bucket = |_| TVar::new(vec![]);
        Table {
            buckets: (0..buckets).map(bucket).collect(),
        }
    }
}

impl<K, V> Default for TMap<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        TMap::new()
    }
}

impl<K, V> fmt::Debug for TMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TMap")
    }
}
