//! A queue with two ends.

use std::fmt;
use std::sync::Arc;

use crate::Res;
use crate::typed::{TVar, Tx};

/// A list that does not change.
struct Node<T> {
    value: T,
    next: List<T>,
}
type List<T> = Option<Arc<Node<T>>>;

impl<T> Drop for Node<T> {
    /// One after the other: elements that drop each other would need as much stack as there are elements.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.next.take();
        }
    }
}

/// A queue: first in, first out. Cloning makes another handle of the same queue.
///
/// It is two lists: one to push to, one to pop from, which gets what was pushed, turned round, when it has run empty. So who pops conflicts with who
/// pushes only then; and each element is moved once.
///
/// ```
/// use keelback_stm::{atomically, TQueue};
/// let q = TQueue::new();
/// atomically(|tx| {
///     q.push(tx, 'a')?;
///     q.push(tx, 'b')
/// });
/// assert_eq!(atomically(|tx| q.pop(tx)), 'a');
/// assert_eq!(atomically(|tx| q.len(tx)), 1);
/// ```
pub struct TQueue<T> {
    front: TVar<List<T>>,
    /// The last one first.
    back: TVar<List<T>>,
}

impl<T> Clone for TQueue<T> {
    fn clone(&self) -> Self {
        TQueue {
            front: self.front.clone(),
            back: self.back.clone(),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> TQueue<T> {
    /// An empty queue.
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q: TQueue<u8> = TQueue::new();
    /// assert!(atomically(|tx| q.is_empty(tx)));
    /// ```
    pub fn new() -> TQueue<T> {
        TQueue {
            front: TVar::new(None),
            back: TVar::new(None),
        }
    }

    /// Adds an element at the end.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q = TQueue::new();
    /// atomically(|tx| q.push(tx, 'a'));
    /// assert_eq!(atomically(|tx| q.len(tx)), 1);
    /// ```
    pub fn push(&self, tx: &mut Tx, value: T) -> Res<()> {
        self.back
            .modify(tx, |next| Some(Arc::new(Node { value, next })))
    }

    /// Takes the first element; `None` if the queue is empty.
    ///
    /// # Errors
    /// As [`TVar::write`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q = TQueue::new();
    /// atomically(|tx| q.push(tx, 'a'));
    /// assert_eq!(atomically(|tx| q.try_pop(tx)), Some('a'));
    /// assert_eq!(atomically(|tx| q.try_pop(tx)), None);
    /// ```
    pub fn try_pop(&self, tx: &mut Tx) -> Res<Option<T>> {
        let mut front = self.front.read(tx)?;
        if front.is_none() {
            let mut back = self.back.read(tx)?;
            if back.is_none() {
                return Ok(None);
            }
            while let Some(node) = back {
                let value = node.value.clone();
                front = Some(Arc::new(Node { value, next: front }));
                back = node.next.clone();
            }
            self.back.write(tx, None)?;
        }
        let Some(node) = front else { return Ok(None) };
        self.front.write(tx, node.next.clone())?;
        Ok(Some(node.value.clone()))
    }

    /// Takes the first element, and waits for one if the queue is empty.
    ///
    /// # Errors
    /// As [`TVar::write`], and as [`Tx::retry`] while it is empty.
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q = TQueue::new();
    /// let other = q.clone();
    /// let thread = std::thread::spawn(move || atomically(|tx| other.pop(tx))); // waits for one
    /// atomically(|tx| q.push(tx, 7));
    /// assert_eq!(thread.join().unwrap(), 7);
    /// ```
    pub fn pop(&self, tx: &mut Tx) -> Res<T> {
        match self.try_pop(tx)? {
            Some(value) => Ok(value),
            None => tx.retry(),
        }
    }

    /// How many elements there are: counts them.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q = TQueue::new();
    /// atomically(|tx| q.push(tx, 'a'));
    /// assert_eq!(atomically(|tx| q.len(tx)), 1);
    /// ```
    pub fn len(&self, tx: &mut Tx) -> Res<usize> {
        let count = |list: &List<T>| {
            std::iter::successors(list.as_deref(), |node| node.next.as_deref()).count()
        };
        Ok(self.front.read_with(tx, count)? + self.back.read_with(tx, count)?)
    }

    /// Whether there is no element.
    ///
    /// # Errors
    /// As [`TVar::read`].
    ///
    /// ```
    /// use keelback_stm::{atomically, TQueue};
    /// let q = TQueue::new();
    /// atomically(|tx| q.push(tx, 'a'));
    /// assert!(!atomically(|tx| q.is_empty(tx)));
    /// ```
    pub fn is_empty(&self, tx: &mut Tx) -> Res<bool> {
        Ok(self.front.read_with(tx, Option::is_none)?
            && self.back.read_with(tx, Option::is_none)?)
    }
}

impl<T: Clone + Send + Sync + 'static> Default for TQueue<T> {
    fn default() -> Self {
        TQueue::new()
    }
}

impl<T> fmt::Debug for TQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TQueue")
    }
}
