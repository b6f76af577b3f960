//! A bounded queue of events, from the threads that answer to the one that shows.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use ckwh::capture::Capture;
use ckwh::receiver::{Event, Observer};
use ckwh::store::Pattern;
use ckwh::store::Renewed;

/// How many bytes of events wait to be shown; what comes then is counted and not shown.
const WAITING: usize = 32 * 1024 * 1024;
/// What an event takes beside its body, in bytes.
const EVENT: usize = 2048;

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
    sender: Sender<(usize, Update)>,
    waiting: Arc<AtomicUsize>,
    missed: AtomicU64,
    kept: AtomicU64,
    expected: Mutex<Vec<Pattern>>,
    /// Whether an expected event must be valid.
    with_secrets: bool,
    stopped: AtomicBool,
}

/// The side of the queue that is read.
pub struct Updates {
    receiver: Receiver<(usize, Update)>,
    waiting: Arc<AtomicUsize>,
}

impl EventQueue {
    pub fn new(expected: Vec<Pattern>, with_secrets: bool) -> (Arc<Self>, Updates) {
        let (sender, receiver) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let queue = Self {
            sender,
            waiting: waiting.clone(),
            missed: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            expected: Mutex::new(expected),
            with_secrets,
            stopped: AtomicBool::new(false),
        };
        (Arc::new(queue), Updates { receiver, waiting })
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
        let _ = self.sender.send((0, Update::Renewed(renewed)));
    }

    /// Asks for the end.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = self.sender.send((0, Update::Wake));
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
            expected.retain(|pattern| !pattern.matches(event_type));
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
        if self.waiting.fetch_add(size, Ordering::Relaxed) > WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            self.missed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed > 0 {
            let _ = self.sender.send((0, Update::Missed(missed)));
        }
        let _ = self.sender.send((size, Update::Event(event)));
    }
}

impl Updates {
    /// The next update, where there is one within `time`.
    pub fn next(&self, time: std::time::Duration) -> Option<Update> {
        self.receiver.recv_timeout(time).ok().map(|update| self.taken(update))
    }

    /// The next update, where there is one.
    pub fn rest(&self) -> Option<Update> {
        self.receiver.try_recv().ok().map(|update| self.taken(update))
    }

    fn taken(&self, (size, update): (usize, Update)) -> Update {
        self.waiting.fetch_sub(size, Ordering::Relaxed);
        update
    }
}
