//! A queue between threads whose values are taken in groups.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue from several threads to one, which takes a group at a time.
///
/// The thread that takes is woken once for a group, and not for each value: to wake a thread costs more than the rest of
/// what is done here.
#[derive(Debug)]
pub struct GroupQueue<T> {
    waiting: Mutex<Waiting<T>>,
    enough: Condvar,
    /// How many bytes may wait, but for the last value.
    bound: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    /// Each value with its size in bytes.
    values: VecDeque<(usize, T)>,
    bytes: usize,
    /// How many values wake the thread that takes; `None` where it is at work.
    wanted: Option<usize>,
    is_closed: bool,
}

/// What makes a group.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// How many values it holds at most.
    pub most: usize,
    /// How many bytes it holds, but for the last value.
    pub bytes: usize,
    /// How many values are worth waiting for.
    pub expected: usize,
    /// How long is waited for them after the first is there.
    pub patience: Duration,
}

impl<T> Default for GroupQueue<T> {
    fn default() -> Self {
        Self::bounded(usize::MAX)
    }
}

impl<T> GroupQueue<T> {
    /// A queue in which so many bytes may wait, but for the last value.
    pub fn bounded(bytes: usize) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                values: VecDeque::new(),
                bytes: 0,
                wanted: None,
                is_closed: false,
            }),
            enough: Condvar::new(),
            bound: bytes,
        }
    }

    /// Adds a value of `size` bytes; gives it back where the queue is full or closed. A value of no bytes always has room.
    pub fn put(&self, value: T, size: usize) -> Result<(), T> {
        let mut waiting = self.lock();
        if waiting.is_closed || size > 0 && waiting.bytes > self.bound {
            return Err(value);
        }
        waiting.bytes = waiting.bytes.saturating_add(size);
        waiting.values.push_back((size, value));
        if waiting.wanted.is_some_and(|wanted| waiting.values.len() >= wanted) {
            waiting.wanted = None;
            self.enough.notify_one();
        }
        Ok(())
    }

    /// The next group, once there is a value; empty where the queue is closed and nothing is left.
    pub fn take(&self, group: &Group) -> Vec<T> {
        let waiting = self.enough.wait_while(self.lock(), |waiting| waiting.wants(1));
        self.gather(waiting.unwrap_or_else(PoisonError::into_inner), group)
    }

    /// The next group, where there is a value within `time`; else an empty one.
    pub fn take_within(&self, time: Duration, group: &Group) -> Vec<T> {
        let waiting = self.wait(self.lock(), time, 1);
        self.gather(waiting, group)
    }

    /// Whether it was ended and nothing is left.
    pub fn is_over(&self) -> bool {
        let waiting = self.lock();
        waiting.is_closed && waiting.values.is_empty()
    }

    /// Ends the queue: it takes no more values, and what waits can still be taken.
    pub fn close(&self) {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        waiting.wanted = None;
        self.enough.notify_one();
    }

    /// Ends the queue and drops what waits.
    pub fn abandon(&self) {
        self.close();
        self.lock().values.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so many values, for as long as `time`.
    fn wait<'a>(
        &'a self,
        waiting: MutexGuard<'a, Waiting<T>>,
        time: Duration,
        count: usize,
    ) -> MutexGuard<'a, Waiting<T>> {
        let waited = self
            .enough
            .wait_timeout_while(waiting, time, |waiting| waiting.wants(count));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn gather<'a>(&'a self, mut waiting: MutexGuard<'a, Waiting<T>>, group: &Group) -> Vec<T> {
        if !waiting.values.is_empty() && waiting.values.len() < group.expected && !group.patience.is_zero() {
            waiting = self.wait(waiting, group.patience, group.expected);
        }
        waiting.wanted = None;
        let mut bytes = 0;
        let fits = |(size, _): &&(usize, T)| {
            let fits = bytes < group.bytes;
            bytes = bytes.saturating_add(*size);
            fits
        };
        let count = waiting.values.iter().take(group.most).take_while(fits).count();
        let mut taken = Vec::with_capacity(count);
        for _ in 0..count {
            let Some((size, value)) = waiting.values.pop_front() else {
                break;
            };
            waiting.bytes = waiting.bytes.saturating_sub(size);
            taken.push(value);
        }
        taken
    }
}

impl<T> Waiting<T> {
    /// Whether so many values are still waited for, which is noted for those who put them in.
    fn wants(&mut self, count: usize) -> bool {
        let wants = self.values.len() < count && !self.is_closed;
        self.wanted = wants.then_some(count);
        wants
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn group(most: usize, bytes: usize, expected: usize, patience: Duration) -> Group {
        Group {
            most,
            bytes,
            expected,
            patience,
        }
    }

    #[test]
    fn groups_are_bounded_and_in_order() {
        let queue = GroupQueue::default();
        for value in 0..5 {
            queue.put(value, 10).unwrap();
        }
        assert_eq!(queue.take(&group(2, 1000, 1, LONG)), [0, 1]);
        // The last may pass the bound.
        assert_eq!(queue.take(&group(9, 11, 1, LONG)), [2, 3]);
        assert_eq!(queue.take(&group(9, 1, 1, LONG)), [4]);
        assert!(
            queue
                .take_within(Duration::from_millis(1), &group(9, 9, 1, LONG))
                .is_empty()
        );
    }

    #[test]
    fn as_many_as_are_expected_are_waited_for_and_not_longer_than_patience() {
        let queue = Arc::new(GroupQueue::default());
        let other = queue.clone();
        let putting = thread::spawn(move || {
            for value in 0..3 {
                thread::sleep(Duration::from_millis(20));
                other.put(value, 1).unwrap();
            }
        });
        assert_eq!(queue.take(&group(9, 99, 3, LONG)), [0, 1, 2]);
        putting.join().unwrap();
        queue.put(3, 1).unwrap();
        let began = Instant::now();
        assert_eq!(queue.take(&group(9, 99, 2, Duration::from_millis(20))), [3]);
        assert!(began.elapsed() >= Duration::from_millis(20));
    }

    #[test]
    fn what_waits_is_bounded_and_taking_makes_room() {
        let queue = GroupQueue::bounded(10);
        assert_eq!(queue.put("a", 10), Ok(()));
        assert_eq!(queue.put("b", 10), Ok(()));
        assert_eq!(queue.put("c", 1), Err("c"));
        assert_eq!(queue.put("note", 0), Ok(()));
        assert_eq!(queue.take(&group(9, 99, 1, LONG)), ["a", "b", "note"]);
        assert_eq!(queue.put("d", 1), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_waits_and_then_nothing() {
        let queue = Arc::new(GroupQueue::default());
        queue.put(1, 1).unwrap();
        queue.close();
        assert_eq!(queue.put(2, 1), Err(2));
        assert_eq!(queue.take(&group(9, 99, 9, LONG)), [1]);
        assert!(queue.take(&group(9, 99, 9, LONG)).is_empty());
        let waits = Arc::new(GroupQueue::<u8>::default());
        let other = waits.clone();
        let taking = thread::spawn(move || other.take(&group(9, 99, 1, LONG)));
        thread::sleep(Duration::from_millis(20));
        assert!(!waits.is_over());
        waits.close();
        assert!(waits.is_over());
        assert!(taking.join().unwrap().is_empty());
    }
}
