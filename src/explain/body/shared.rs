//! What two workers of one search need at once: it is made once, and kept until both are done with it, so that memory
//! holds one such thing beside the body's own.

use std::any::Any;
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The last thing that was made. Every worker asks for the same things in the same order.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    workers: usize,
    /// What it is: a family, and a number in it.
    key: Option<(&'static str, usize)>,
    thing: Option<Arc<dyn Any + Send + Sync>>,
    /// How many workers have asked for it, and how many of them are done.
    asked: usize,
    done: usize,
}

impl State {
    fn is_free(&self) -> bool {
        self.thing.is_none() || self.asked == self.done && self.asked >= self.workers
    }
}

/// A worker that asks for things, until this is dropped.
pub(in crate::explain) struct Worker<'s>(&'s Shared);

/// One thing in use.
pub(super) struct Held<'s, T> {
    thing: Arc<T>,
    shared: &'s Shared,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a search by so many workers.
    pub(super) fn workers(&self, count: usize) -> Vec<Worker<'_>> {
        *self.state() = State {
            workers: count,
            ..State::default()
        };
        (0..count).map(|_| Worker(self)).collect()
    }

    /// What `key` is: made by the first worker that asks for it. Waits until no worker needs the one before.
    pub(super) fn get<T: Any + Send + Sync>(
        &self,
        key: (&'static str, usize),
        make: impl FnOnce() -> T,
    ) -> Held<'_, T> {
        let mut state = self.state();
        while state.key != Some(key) && !state.is_free() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let own = state.thing.clone().filter(|_| state.key == Some(key));
        let thing = match own.and_then(|thing| thing.downcast::<T>().ok()) {
            Some(thing) => thing,
            None => {
                state.thing = None;
                let made = Arc::new(make());
                state.thing = Some(Arc::<T>::clone(&made));
                (state.key, state.asked, state.done) = (Some(key), 0, 0);
                self.changed.notify_all();
                made
            }
        };
        state.asked += 1;
        Held { thing, shared: self }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.workers = state.workers.saturating_sub(1);
        self.0.changed.notify_all();
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.done += 1;
        if state.is_free() {
            state.thing = None;
        }
        self.shared.changed.notify_all();
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}
