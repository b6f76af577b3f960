//! Requests that wait for their turn: those of one key go out one after the other, each after the one before it ended.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::job::Job;
use crate::store::OrderKey;

/// How many bytes of bodies may wait for others of their keys before no more is read.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The requests that were read, those that may go out in front.
#[derive(Debug)]
pub struct Lines {
    state: Mutex<State>,
    /// One ended, or more were put.
    changed: Notify,
    /// How many may wait for others of their keys before no more is read.
    most: usize,
}

#[derive(Debug, Default)]
struct State {
    ready: VecDeque<Job>,
    /// Those keys of which one is ready or out, and those that failed.
    lines: HashMap<OrderKey, Line>,
    waiting: usize,
    bytes: usize,
}

/// The requests of one key.
#[derive(Debug, Default)]
struct Line {
    is_busy: bool,
    /// Under which number of the process one failed: what is held under another was claimed later.
    failed: Option<Option<i64>>,
    waiting: VecDeque<Job>,
}

impl Line {
    /// The next request, which goes out unless an earlier one failed.
    fn admit(&mut self, mut job: Job) -> Job {
        self.is_busy = true;
        if self.failed.is_some_and(|worker| worker == job.worker()) {
            job.block();
        }
        job
    }
}

/// A request's place at the front of its key. The next one follows when it is dropped.
#[derive(Debug)]
pub struct Front {
    lines: Arc<Lines>,
    key: OrderKey,
    worker: Option<i64>,
    failed: bool,
}

impl Front {
    /// Notes that the request failed, which blocks the rest of its key.
    pub fn fail(&mut self) {
        self.failed = true;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let failed = self.failed.then_some(self.worker);
        self.lines.end(self.key, failed);
    }
}

impl Lines {
    /// Where at most so many wait for others of their keys.
    pub fn new(most: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            most,
        }
    }

    /// Takes requests that were read, in their order.
    pub fn put(&self, jobs: Vec<Job>) {
        let mut state = self.state();
        for job in jobs {
            let Some(key) = job.key else {
                state.ready.push_back(job);
                continue;
            };
            let line = state.lines.entry(key).or_default();
            if line.is_busy {
                let bytes = job.size();
                line.waiting.push_back(job);
                state.waiting += 1;
                state.bytes += bytes;
            } else {
                let job = line.admit(job);
                state.ready.push_back(job);
            }
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The next request that may go out.
    pub fn take(self: &Arc<Self>) -> Option<Job> {
        let mut job = self.state().ready.pop_front()?;
        job.front = job.key.map(|key| Front {
            lines: self.clone(),
            key,
            worker: job.worker(),
            failed: false,
        });
        Some(job)
    }

    /// Ends when one ended or more were put, since it was enabled.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Whether none may go out now.
    pub fn is_empty(&self) -> bool {
        self.state().ready.is_empty()
    }

    /// Whether some wait for others of their keys.
    pub fn has_waiting(&self) -> bool {
        self.state().waiting > 0
    }

    /// Whether so many wait for others of their keys that no more is to be read.
    pub fn is_full(&self) -> bool {
        let state = self.state();
        state.waiting >= self.most || state.bytes >= MOST_BYTES
    }

    /// One of a key ended: the next follows.
    fn end(&self, key: OrderKey, failed: Option<Option<i64>>) {
        let mut state = self.state();
        let Some(line) = state.lines.get_mut(&key) else {
            return;
        };
        line.failed = failed.or(line.failed);
        match line.waiting.pop_front() {
            Some(job) => {
                let job = line.admit(job);
                state.waiting -= 1;
                state.bytes -= job.size();
                state.ready.push_back(job);
            }
            // What was claimed with it may be read later.
            None if line.failed.is_some() => line.is_busy = false,
            None => drop(state.lines.remove(&key)),
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
