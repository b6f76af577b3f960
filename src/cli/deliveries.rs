//! Many deliveries: paced, a few at a time, each reported as it ends. Every command that delivers goes through here.

mod workers;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fs;
use std::future;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use tokio::time::Instant;

use ckwh::capture::jsonl::{BodyFields, HeaderPairs};
use ckwh::clock;
use ckwh::delivery::{self, Client, ClientOptions, Delivery, Endpoint, Expectation, FailureCause, Pace, Retry, Tally};
use ckwh::message::Message;
use ckwh::provider::{DeliveryPolicy, Provider};

use super::App;
use super::args::{ConnectionArgs, ExpectArgs, PaceArgs};
use super::exit::{Failure, Status, Undone as _};
use super::report::{
    AttemptItem, DeliveryItem, Item, Origin, ResponseItem, SkippedItem, SlowItem, StepItem, SummaryItem,
};

/// The target is plainly gone after so many deliveries in a row that found nobody there.
const GONE: u32 = 10;
/// How many of the slowest deliveries are told.
const SLOWEST: usize = 3;

/// How messages are delivered.
pub struct Deliveries {
    pub expectation: Expectation,
    pub pace: Pace,
    pub concurrency: u32,
    /// Whether the first that does not meet its expectation is the last to begin.
    pub fail_fast: bool,
    /// Whether only failures are told, each in a line.
    pub brief: bool,
}

/// How a provider delivers.
pub struct Manner {
    pub client: Client,
    pub retry: Retry,
}

/// What a job comes to when it is due.
pub enum Made {
    /// A message, signed.
    Message(Box<Message>),
    /// Nothing: why it can't go out.
    Skipped(String),
}

/// Where the messages come from: a job says which, and its message is made when it is due.
pub trait Source<J> {
    /// When `job` begins; `None` is at once.
    fn due(&self, job: &J, pace: &Pace) -> Option<Instant>;
    /// Where it goes.
    fn endpoint<'a>(&'a self, job: &'a J) -> &'a Endpoint;
    /// How it goes.
    fn manner(&self, job: &J) -> &Manner;
    /// Waits until `job` may begin.
    fn admit(&self, _: &mut J) -> impl Future<Output = Result<(), Failure>> {
        future::ready(Ok(()))
    }
    /// Its message.
    fn message(&self, job: &mut J) -> Result<Made, Failure>;
    /// The same message, signed at this moment, for a provider whose retries are.
    fn signed_anew(&self, job: &J, message: &Message) -> Result<Message, Failure>;
    /// Whose message it is.
    fn provider(&self, job: &J) -> Option<&Provider>;
    /// Which request it is a copy of.
    fn origin(&self, _: &J) -> Origin {
        Origin::default()
    }
    /// Takes note of what came of it.
    fn ended(&self, _: &mut J, _: Timestamp, _: &Delivery) {}
    /// Takes back what is done with.
    fn take_back(&self, _: J, _: Box<Message>) {}
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    pub tally: Tally,
    took: Duration,
    pub interrupted: bool,
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
enum End<J> {
    Delivered {
        job: J,
        message: Box<Message>,
        at: Timestamp,
        delivery: Delivery,
    },
    Skipped(J, String),
    /// It was not due yet when the end came.
    Dropped,
}

impl Deliveries {
    /// Delivers every job. Ctrl-C ends it with what was done until then.
    pub async fn run<J>(
        &self,
        app: &mut App,
        source: &impl Source<J>,
        jobs: impl Stream<Item = Result<J, Failure>>,
    ) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let halt = Cell::new(false);
        let desk = RefCell::new(Desk {
            app,
            outcome: Outcome::default(),
            nobody_there: 0,
        });
        let jobs = jobs.take_while(|_| future::ready(!halt.get()));
        let work = workers::each(jobs, self.concurrency as usize, async |job| {
            let end = self.one(source, job?, &halt).await?;
            let mut desk = desk.borrow_mut();
            desk.take(self, source, end)?;
            halt.set(desk.outcome.stopped.is_some());
            Ok::<_, Failure>(())
        });
        let interrupted = tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => true,
            done = work => done.map(|()| false)?,
        };
        let outcome = desk.into_inner().outcome;
        Ok(Outcome {
            interrupted,
            took: started.elapsed(),
            ..outcome
        })
    }

    async fn one<J>(&self, source: &impl Source<J>, mut job: J, halt: &Cell<bool>) -> Result<End<J>, Failure> {
        if let Some(due) = source.due(&job, &self.pace) {
            tokio::time::sleep_until(due).await;
        }
        source.admit(&mut job).await?;
        if halt.get() {
            return Ok(End::Dropped);
        }
        let message = match source.message(&mut job)? {
            Made::Message(message) => message,
            Made::Skipped(reason) => return Ok(End::Skipped(job, reason)),
        };
        let Manner { client, retry } = source.manner(&job);
        let next = |attempt| {
            if attempt > 0 && retry.signs_anew() {
                source.signed_anew(&job, &message).map(Cow::Owned)
            } else {
                Ok(Cow::Borrowed(&*message))
            }
        };
        let at = Timestamp::now();
        let delivery = delivery::deliver(client, source.endpoint(&job), retry, next).await?;
        Ok(End::Delivered {
            job,
            message,
            at,
            delivery,
        })
    }

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

/// Where ends are counted and told.
struct Desk<'a> {
    app: &'a mut App,
    outcome: Outcome,
    /// How many in a row found nobody at the target.
    nobody_there: u32,
}

impl Desk<'_> {
    fn take<J>(&mut self, deliveries: &Deliveries, source: &impl Source<J>, end: End<J>) -> Result<(), Failure> {
        let outcome = &mut self.outcome;
        match end {
            End::Delivered {
                mut job,
                message,
                at,
                delivery,
            } => {
                source.ended(&mut job, at, &delivery);
                let unmet = deliveries.expectation.unmet(&delivery);
                let cause = delivery.failure().map(|failure| failure.cause);
                self.nobody_there = match cause {
                    Some(FailureCause::Refused | FailureCause::Dns) => self.nobody_there + 1,
                    _ => 0,
                };
                let stop = match () {
                    () if deliveries.fail_fast && !unmet.is_empty() => Some(Stop::FailFast),
                    () if self.nobody_there >= GONE => Some(Stop::Gone),
                    () => None,
                };
                outcome.stopped = outcome.stopped.or(stop);
                let origin = source.origin(&job);
                outcome.add(&delivery, unmet.is_empty(), origin, source.provider(&job), &message);
                if deliveries.brief && unmet.is_empty() && !self.app.wants_all() {
                    self.app.report.advance();
                } else {
                    let (endpoint, provider) = (source.endpoint(&job), source.provider(&job));
                    let item = deliveries.item(endpoint, provider, origin, &message, delivery, unmet);
                    self.app.result(Item::Delivery(item))?;
                }
                source.take_back(job, message);
            }
            End::Skipped(job, reason) => {
                outcome.skipped += 1;
                self.app.result(Item::Skipped(SkippedItem {
                    origin: source.origin(&job),
                    reason,
                }))?;
            }
            End::Dropped => {}
        }
        Ok(())
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

impl App {
    /// The time-out of an attempt: as it was typed or set, else the provider's.
    pub fn timeout(&self, args: &ConnectionArgs, policy: &DeliveryPolicy) -> Result<Duration, Failure> {
        Ok(match (&args.timeout, &self.settings.timeout) {
            (Some(timeout), _) => *timeout,
            (None, Some(text)) => clock::duration(text)?,
            (None, None) => policy.timeout,
        })
    }

    /// The client that the flags and the settings ask for.
    pub fn client(
        &mut self,
        args: &ConnectionArgs,
        endpoint: &Endpoint,
        policy: &DeliveryPolicy,
    ) -> Result<Client, Failure> {
        let timeout = self.timeout(args, policy)?;
        let insecure = args.insecure || self.settings.insecure;
        if insecure && endpoint.is_https() {
            self.report.note("no certificate is checked (--insecure)");
        }
        let read = |path: &std::path::PathBuf| {
            fs::read(path)
                .with_context(|| format!("the CA certificate {}", path.display()))
                .undone()
        };
        let options = ClientOptions {
            timeout,
            follow: args.follow,
            ca_certificate: args.cacert.as_ref().map(read).transpose()?,
            insecure,
        };
        Ok(Client::new(endpoint, &options)?)
    }
}

impl PaceArgs {
    /// The retries that were asked for, by the provider's policy.
    pub fn retry(&self, policy: &DeliveryPolicy) -> Retry {
        match self.retry {
            Some(count) => Retry::following(policy.clone(), count.0).scaled(self.retry_scale.unwrap_or(1.0)),
            None => Retry::never(policy.clone()),
        }
    }
}

impl ExpectArgs {
    /// The expectation that was typed: a 2xx where nothing is said.
    pub fn expectation(&self) -> Expectation {
        Expectation {
            statuses: self.expect.clone().unwrap_or_default(),
            body: self.expect_body.clone(),
            within: self.expect_within,
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

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// Takes note of when each job is due, in milliseconds from the beginning, and sends nothing.
    struct Clock {
        began: Instant,
        seen: RefCell<Vec<(u64, u128)>>,
    }

    /// A number, and how long after the first it came, where that counts.
    type Tick = (u64, Option<Duration>);

    impl Source<Tick> for Clock {
        fn due(&self, (number, offset): &Tick, pace: &Pace) -> Option<Instant> {
            offset.map_or_else(|| pace.due(*number), |offset| pace.after(offset))
        }

        fn endpoint<'a>(&'a self, _: &'a Tick) -> &'a Endpoint {
            unreachable!("nothing is sent")
        }

        fn manner(&self, _: &Tick) -> &Manner {
            unreachable!("nothing is sent")
        }

        fn message(&self, (number, _): &mut Tick) -> Result<Made, Failure> {
            self.seen.borrow_mut().push((*number, self.began.elapsed().as_millis()));
            Ok(Made::Skipped(String::new()))
        }

        fn signed_anew(&self, _: &Tick, _: &Message) -> Result<Message, Failure> {
            unreachable!("nothing is sent")
        }

        fn provider(&self, _: &Tick) -> Option<&Provider> {
            None
        }
    }

    /// When each job was due, on a clock that stands still while anything is done.
    async fn due(rate: Option<&str>, concurrency: u32, ticks: impl IntoIterator<Item = Tick>) -> Vec<(u64, u128)> {
        let clock = Clock {
            began: Instant::now(),
            seen: RefCell::default(),
        };
        let deliveries = Deliveries {
            expectation: Expectation::default(),
            pace: Pace::start(rate.map(|rate| rate.parse().unwrap())),
            concurrency,
            fail_fast: false,
            brief: true,
        };
        let halt = Cell::new(false);
        let done = workers::each(stream::iter(ticks), concurrency as usize, async |tick| match deliveries
            .one(&clock, tick, &halt)
            .await
        {
            Ok(End::Skipped(..)) => Ok(()),
            _ => Err("something was sent"),
        });
        assert_eq!(done.await, Ok(()));
        clock.seen.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_spaces_them_evenly_and_in_order_however_many_wait() {
        let expected: Vec<(u64, u128)> = (0..100).map(|number| (number, u128::from(number) * 20)).collect();
        for concurrency in [1, 4, 64] {
            let ticks = (0..100).map(|number| (number, None));
            assert_eq!(due(Some("50/s"), concurrency, ticks).await, expected, "{concurrency}");
        }
        let at_once = due(None, 4, (0..9).map(|number| (number, None))).await;
        assert!(at_once.iter().all(|(_, at)| *at == 0), "{at_once:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_original_spacing_is_kept() {
        let offsets = [0, 0, 7, 1000, 1001, 86_400_000];
        for concurrency in [1, 3] {
            let ticks = (0..).zip(offsets.map(|offset| Some(Duration::from_millis(offset))));
            let expected: Vec<(u64, u128)> = (0..).zip(offsets.map(u128::from)).collect();
            assert_eq!(due(None, concurrency, ticks).await, expected, "{concurrency}");
        }
    }
}
