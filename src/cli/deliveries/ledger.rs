//! Where what was delivered is counted and told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use ckwh::delivery::{Delivery, Endpoint, FailureCause, Tally};
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use ckwh::message::Message;
use ckwh::provider::Provider;

use super::{Deliveries, Source};
use crate::cli::App;
use crate::cli::exit::{Failure, Status};
use crate::cli::report::{
    AttemptItem, DeliveryItem, Item, Origin, ResponseItem, SkippedItem, SlowItem, StepItem, SummaryItem,
};

/// The target is plainly gone after so many deliveries in a row that found nobody there.
const GONE: u32 = 10;
/// How many of the slowest deliveries are told.
const SLOWEST: usize = 3;

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    pub tally: Tally,
    took: Duration,
    pub interrupted: bool,
    /// How many were to be made, where that was known before.
    planned: Option<u64>,
    /// How many went out, whatever came of them.
    begun: u64,
    /// How many could not go out.
    pub skipped: u64,
    /// Why it ended before all had their turn.
    pub stopped: Option<Stop>,
    slowest: Vec<(Duration, SlowItem)>,
    /// The last answer's status.
    pub last_status: Option<u16>,
}

/// Why deliveries end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nobody is at the target.
    Gone,
    /// One failed.
    FailFast,
}

/// One job's end.
pub enum End<J> {
    Delivered {
        job: J,
        message: Box<Message>,
        at: Timestamp,
        delivery: Delivery,
    },
    Skipped(J, String),
    /// It had not gone out yet when the end came.
    Dropped,
}

/// What deliveries pass through as they begin.
#[derive(Default)]
pub struct Gate {
    /// Whether no more begin.
    pub closed: AtomicBool,
    /// How many began.
    pub begun: AtomicU64,
}

/// Where all lanes enter what they did.
pub struct Ledger<'a> {
    entries: Mutex<Entries<'a>>,
    began: Instant,
    pub gate: Gate,
}

/// What stands in it.
struct Entries<'a> {
    app: &'a mut App,
    outcome: Outcome,
    /// How many in a row found nobody at the target.
    nobody_there: u32,
}

impl<'a> Ledger<'a> {
    pub fn new(app: &'a mut App) -> Self {
        Self {
            entries: Mutex::new(Entries {
                app,
                outcome: Outcome::default(),
                nobody_there: 0,
            }),
            began: Instant::now(),
            gate: Gate::default(),
        }
    }

    pub fn take<J>(&self, deliveries: &Deliveries, source: &impl Source<J>, end: End<J>) -> Result<(), Failure> {
        match end {
            End::Delivered {
                mut job,
                message,
                at,
                delivery,
            } => {
                source.ended(&mut job, at, &delivery);
                let unmet = deliveries.expectation.unmet(&delivery);
                let (endpoint, provider, origin) = (source.endpoint(&job), source.provider(&job), source.origin(&job));
                let mut entries = self.entries();
                entries.look_for_a_stop(deliveries, &delivery, unmet.is_empty());
                self.gate
                    .closed
                    .store(entries.outcome.stopped.is_some(), Ordering::Relaxed);
                entries
                    .outcome
                    .add(&delivery, unmet.is_empty(), origin, provider, &message);
                if deliveries.brief && unmet.is_empty() && !entries.app.wants_all() {
                    entries.app.report.advance();
                } else {
                    let item = deliveries.item(endpoint, provider, origin, &message, delivery, unmet);
                    entries.app.result(Item::Delivery(item))?;
                }
            }
            End::Skipped(job, reason) => {
                let mut entries = self.entries();
                entries.outcome.skipped += 1;
                entries.app.result(Item::Skipped(SkippedItem {
                    origin: source.origin(&job),
                    reason,
                }))?;
            }
            End::Dropped => {}
        }
        Ok(())
    }

    /// What came of all.
    pub fn close(self, interrupted: bool, planned: Option<u64>) -> Outcome {
        let entries = self.entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        Outcome {
            interrupted,
            planned,
            begun: self.gate.begun.into_inner(),
            took: self.began.elapsed(),
            ..entries.outcome
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<'a>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries<'_> {
    /// Takes note where this is a reason to stop.
    fn look_for_a_stop(&mut self, deliveries: &Deliveries, delivery: &Delivery, ok: bool) {
        self.nobody_there = match delivery.failure().map(|failure| failure.cause) {
            Some(FailureCause::Refused | FailureCause::Dns) => self.nobody_there + 1,
            _ => 0,
        };
        let stop = match () {
            () if deliveries.fail_fast && !ok => Some(Stop::FailFast),
            () if self.nobody_there >= GONE => Some(Stop::Gone),
            () => None,
        };
        self.outcome.stopped = self.outcome.stopped.or(stop);
    }
}

impl Deliveries {
    fn item(
        &self,
        endpoint: &Endpoint,
        provider: Option<&Provider>,
        origin: Origin,
        message: &Message,
        delivery: Delivery,
        unmet: Vec<String>,
    ) -> DeliveryItem {
        let attempts = delivery.attempts.into_iter().map(|attempt| AttemptItem {
            status: attempt.status,
            duration_ms: in_milliseconds(attempt.duration),
            error: attempt.failure.map(|failure| failure.message),
        });
        DeliveryItem {
            provider: provider.map(|provider| provider.name.clone()),
            dialect: provider.map(|provider| provider.dialect.clone()),
            caveat: provider.and_then(|provider| provider.caveat(None)),
            event_type: message.event_type.clone(),
            event_id: event_id(provider, message),
            origin,
            url: endpoint.to_string(),
            ok: unmet.is_empty(),
            attempts: attempts.collect(),
            response: delivery.answer.map(|answer| ResponseItem {
                status: answer.status,
                headers: HeaderPairs(answer.headers),
                body: BodyFields::new(&answer.body, answer.truncated),
            }),
            unmet,
            brief: self.brief,
        }
    }
}

impl Outcome {
    fn add(&mut self, delivery: &Delivery, ok: bool, origin: Origin, provider: Option<&Provider>, message: &Message) {
        self.tally.add(delivery, ok);
        self.last_status = delivery.answer.as_ref().map(|answer| answer.status);
        let took = delivery.duration();
        let shortest = self.slowest.last().map_or(Duration::ZERO, |(took, _)| *took);
        if delivery.answer.is_some() && (self.slowest.len() < SLOWEST || took > shortest) {
            let item = SlowItem {
                origin,
                event_type: message.event_type.clone(),
                event_id: event_id(provider, message),
                duration_ms: in_milliseconds(took),
            };
            let at = self.slowest.partition_point(|(other, _)| *other >= took);
            self.slowest.insert(at, (took, item));
            self.slowest.truncate(SLOWEST);
        }
    }

    /// The exit status: interrupted, unanswered, unmet, or yes.
    pub fn status(&self) -> Status {
        if self.interrupted {
            Status::Interrupted
        } else if self.tally.unanswered > 0 {
            Status::Undone
        } else if self.tally.failed > 0 || self.skipped > 0 {
            Status::No
        } else {
            Status::Yes
        }
    }

    /// How many had no turn, where it is known how many were to have one.
    pub fn not_sent(&self) -> Option<u64> {
        Some(self.planned?.saturating_sub(self.begun + self.skipped))
    }

    /// What was left undone, for a sentence that says why; `None` where that is nothing.
    pub fn undone_text(&self) -> Option<String> {
        let on_the_way = self.begun.saturating_sub(self.tally.total());
        let counted = |count: u64, one: &str, several: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {several}")),
        };
        let parts = [
            counted(self.not_sent().unwrap_or(0), "was not sent", "were not sent"),
            counted(
                on_the_way,
                "was on its way without an answer",
                "were on their way without an answer",
            ),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }

    /// Counts and latencies; `run` is the number under which a replay is kept.
    pub fn summary(&self, run: Option<i64>) -> SummaryItem {
        let tally = &self.tally;
        let latency = |share| tally.latency(share).map(in_milliseconds);
        SummaryItem {
            run,
            deliveries: tally.total(),
            ok: tally.ok,
            failed: tally.failed,
            skipped: self.skipped,
            not_sent: self.not_sent(),
            statuses: tally.statuses.clone(),
            failures: tally.failures.clone(),
            duration_ms: in_milliseconds(self.took),
            p50_ms: latency(0.5),
            p90_ms: latency(0.9),
            p99_ms: latency(0.99),
            max_ms: latency(1.0),
            histogram: tally
                .histogram()
                .into_iter()
                .map(|(to, count)| StepItem {
                    up_to_ms: in_milliseconds(to),
                    count,
                })
                .collect(),
            slowest: self.slowest.iter().map(|(_, item)| item.clone()).collect(),
        }
    }
}

/// The message's id: as it was signed, else where the provider has it.
fn event_id(provider: Option<&Provider>, message: &Message) -> Option<String> {
    let read = || provider?.table.event.id.as_ref()?.read(message);
    message.id.clone().or_else(read)
}

/// Milliseconds with three decimals: more would be noise.
fn in_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
