//! A bounded queue of events, from the threads that answer to the one that shows.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ckwh::capture::Capture;
use ckwh::queue::{Group, GroupQueue};
use ckwh::receiver::{Event, Observer};
use ckwh::store::{Pattern, Renewed};

/// How many bytes of events wait to be shown; what comes then is counted and not shown.
const WAITING: usize = 32 * 1024 * 1024;
/// What an event takes beside its body, in bytes.
const EVENT: usize = 2048;
/// Updates that are shown together.
const TOGETHER: Group = Group {
    most: 1000,
    bytes: 1024 * 1024,
    expected: 1,
    patience: Duration::ZERO,
};

/// What the queue gives.
#[derive(Debug)]
pub enum Update {
    Event(Event),
    /// So many events are kept and can't be shown.
    Missed(u64),
    /// The store had to be opened anew.
    Renewed(Renewed),
    /// Nothing to show: the session checks whether it is to end.
    Wake,
}

/// Queues events to be shown, and counts those that are expected.
#[derive(Debug)]
pub struct EventQueue {
    updates: GroupQueue<Update>,
    missed: AtomicU64,
    kept: AtomicU64,
    expected: Mutex<Vec<Pattern>>,
    /// Whether an expected event must be valid.
    with_secrets: bool,
    stopped: AtomicBool,
}

impl EventQueue {
    pub fn new(expected: Vec<Pattern>, with_secrets: bool) -> Arc<Self> {
        Arc::new(Self {
            updates: GroupQueue::bounded(WAITING),
            missed: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            expected: Mutex::new(expected),
            with_secrets,
            stopped: AtomicBool::new(false),
        })
    }

    /// The next updates that are shown together; none where none comes within `time`.
    pub fn next(&self, time: Duration) -> Vec<Update> {
        self.updates.take_within(time, &TOGETHER)
    }

    /// Adds what always has room.
    fn tell(&self, update: Update) {
        let _ = self.updates.put(update, 0);
    }

    /// How many requests were kept.
    pub fn kept(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    /// Which expected events did not come yet.
    pub fn unmet(&self) -> Vec<Pattern> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells that the store had to be opened anew.
    pub fn renewed(&self, renewed: Renewed) {
        self.tell(Update::Renewed(renewed));
    }

    /// Asks for the end.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.tell(Update::Wake);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// A bad signature, or one that is judged by what is not trusted, meets no expectation.
    fn count(&self, capture: &Capture) {
        self.kept.fetch_add(1, Ordering::Relaxed);
        let Some(judgement) = &capture.recorded.judgement else {
            return;
        };
        let good = judgement.counts() || (!self.with_secrets && judgement.caveat.is_none());
        if let Some(event_type) = judgement.event_type.as_deref().filter(|_| good) {
            let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
            expected.retain(|pattern| !pattern.means_event(event_type));
        }
    }
}

impl Observer for EventQueue {
    fn event(&self, event: Event) {
        let size = match &event {
            Event::Caught(capture) => {
                self.count(capture);
                EVENT + capture.recorded.message.body.len()
            }
            _ => EVENT,
        };
        if self.updates.put(Update::Event(event), size).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed > 0 {
            self.tell(Update::Missed(missed));
        }
    }
}
