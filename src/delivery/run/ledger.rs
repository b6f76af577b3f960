//! Counts what was delivered, tells the observer, and decides when no more begin.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Config, Delivered, Event, Observer, RequestOrigin, Route, RunError, Source};
use crate::delivery::{Delivery, FailureCause, Tally};
use crate::message::Message;

/// The target is plainly gone after so many deliveries in a row that found nobody there.
const GONE: u32 = 10;
/// How many of the slowest deliveries the outcome names.
const SLOWEST: usize = 3;

/// What came of all deliveries.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct RunOutcome {
    /// Counts and latencies.
    pub tally: Tally,
    /// How long they took together.
    pub duration: Duration,
    /// Whether they were interrupted.
    pub interrupted: bool,
    /// How many were to be made, where that was known before.
    pub planned: Option<u64>,
    /// How many went out, whatever came of them.
    pub begun: u64,
    /// How many could not go out.
    pub skipped: u64,
    /// Why no more began before all had their turn.
    pub stopped: Option<Stop>,
    /// The slowest that were answered, the slowest first.
    pub slowest: Vec<Slow>,
    /// The last answer's status.
    pub last_status: Option<u16>,
}

/// One of the slowest deliveries.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Slow {
    /// The request that it repeated.
    pub origin: RequestOrigin,
    /// The event's type.
    pub event_type: Option<String>,
    /// The event's id.
    pub event_id: Option<String>,
    /// How long its attempts took, without the waits between them.
    pub duration: Duration,
}

/// Why deliveries end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// Nobody is at the target.
    Gone,
    /// One did not meet its expectation, and the first such is to be the last.
    FailFast,
}

impl RunOutcome {
    /// How many had no turn, where it is known how many were to have one.
    pub fn not_sent(&self) -> Option<u64> {
        Some(self.planned?.saturating_sub(self.begun + self.skipped))
    }

    /// How many were on their way when it ended: nothing is known of them.
    pub fn on_the_way(&self) -> u64 {
        self.begun.saturating_sub(self.tally.total())
    }

    fn add(&mut self, delivered: &Delivered<'_>) {
        let delivery = &delivered.delivery;
        self.tally.add(delivery, delivered.is_ok());
        self.last_status = delivery.answer.as_ref().map(|answer| answer.status);
        let duration = delivery.duration();
        let shortest = self.slowest.last().map_or(Duration::ZERO, |slow| slow.duration);
        if delivery.answer.is_some() && (self.slowest.len() < SLOWEST || duration > shortest) {
            let slow = Slow {
                origin: delivered.origin,
                event_type: delivered.message.event_type.clone(),
                event_id: delivered.event_id(),
                duration,
            };
            let at = self.slowest.partition_point(|other| other.duration >= duration);
            self.slowest.insert(at, slow);
            self.slowest.truncate(SLOWEST);
        }
    }
}

/// How one job ended.
pub enum End<J> {
    Delivered {
        job: J,
        message: Box<Message>,
        at: Timestamp,
        delivery: Delivery,
    },
    Skipped(J, String),
    /// No more were to begin when its turn came.
    Dropped,
}

/// Counts the deliveries that begin, and lets none begin once it is closed.
#[derive(Default)]
pub struct Gate {
    /// Whether no more begin.
    pub closed: AtomicBool,
    /// How many began.
    pub begun: AtomicU64,
}

/// Collects what all lanes delivered, and tells the observer one event at a time.
pub struct Ledger<'a> {
    entries: Mutex<Entries<'a>>,
    began: Instant,
    pub gate: Gate,
}

struct Entries<'a> {
    observer: &'a mut dyn Observer,
    outcome: RunOutcome,
    /// How many in a row found nobody at the target.
    nobody_there: u32,
}

impl<'a> Ledger<'a> {
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self {
            entries: Mutex::new(Entries {
                observer,
                outcome: RunOutcome::default(),
                nobody_there: 0,
            }),
            began: Instant::now(),
            gate: Gate::default(),
        }
    }

    /// Enters the end of one job.
    pub fn enter<S: Source>(&self, config: &Config, source: &S, end: End<S::Job>) -> Result<(), S::Error> {
        let told = match end {
            End::Delivered {
                mut job,
                message,
                at,
                delivery,
            } => {
                let unmet = config.expectation.unmet(&delivery);
                source.ended(&mut job, at, &delivery, unmet.is_empty());
                let route = source.route(&job);
                self.enter_delivered(config, &route, &message, delivery, unmet)
            }
            End::Skipped(job, reason) => {
                let origin = source.route(&job).origin;
                let mut entries = self.entries();
                entries.outcome.skipped += 1;
                entries.observer.event(Event::Skipped { origin, reason })
            }
            End::Dropped => ControlFlow::Continue(()),
        };
        match told {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(RunError::Observer.into()),
        }
    }

    fn enter_delivered(
        &self,
        config: &Config,
        route: &Route<'_>,
        message: &Message,
        delivery: Delivery,
        unmet: Vec<String>,
    ) -> ControlFlow<()> {
        let delivered = Delivered {
            origin: route.origin,
            endpoint: route.endpoint,
            provider: route.provider,
            message,
            delivery,
            unmet,
        };
        let mut entries = self.entries();
        let stop = entries.stop_after(config, &delivered);
        self.gate
            .closed
            .store(entries.outcome.stopped.is_some(), Ordering::Relaxed);
        entries.outcome.add(&delivered);
        entries.observer.event(Event::Delivered(delivered))?;
        match stop {
            Some(stop) => entries.observer.event(Event::Stopped(stop)),
            None => ControlFlow::Continue(()),
        }
    }

    /// What came of all.
    pub fn close(self, interrupted: bool, planned: Option<u64>) -> RunOutcome {
        let entries = self.entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        RunOutcome {
            interrupted,
            planned,
            begun: self.gate.begun.into_inner(),
            duration: self.began.elapsed(),
            ..entries.outcome
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<'a>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries<'_> {
    /// Notes the first reason to stop, and gives it where this delivery is it.
    fn stop_after(&mut self, config: &Config, delivered: &Delivered<'_>) -> Option<Stop> {
        self.nobody_there = match delivered.delivery.failure().map(|failure| failure.cause) {
            Some(FailureCause::Refused | FailureCause::Dns) => self.nobody_there + 1,
            _ => 0,
        };
        let stop = match () {
            () if self.outcome.stopped.is_some() => None,
            () if config.fail_fast && !delivered.is_ok() => Some(Stop::FailFast),
            () if self.nobody_there >= GONE => Some(Stop::Gone),
            () => None,
        };
        self.outcome.stopped = self.outcome.stopped.or(stop);
        stop
    }
}
