//! Many deliveries: paced, several at a time. An observer is told each as it ends; the outcome counts them all.
//!
//! A [`Source`] knows the messages, a [`Config`] how they are delivered, and a stream gives the jobs in their order.

mod lanes;
mod ledger;
mod workers;

use std::borrow::Cow;
use std::future;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::{Client, Delivery, Endpoint, Expectation, Next, Retry, deliver};
use crate::message::Message;
use crate::provider::Provider;
use ledger::{End, Gate, Ledger};
pub use ledger::{RunOutcome, Slow, Stop};

/// How messages are delivered.
#[derive(Debug, Clone)]
pub struct Config {
    /// What an answer must be.
    pub expectation: Expectation,
    /// How many are on the way at a time; at least one.
    pub concurrency: u32,
    /// How many there are, where that is known.
    pub planned: Option<u64>,
    /// Whether none begins after the first that does not meet the expectation.
    pub fail_fast: bool,
}

/// Why deliveries broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// No runtime could be started.
    #[error("the network can't be used")]
    Network(#[source] io::Error),
    /// No thread could be started.
    #[error("a thread")]
    Thread(#[source] io::Error),
    /// The observer ended them.
    #[error("the observer ended the deliveries")]
    Observer,
}

/// The client and the retries for one provider's messages.
#[derive(Debug, Clone)]
pub struct DeliveryOptions {
    /// Makes the attempts.
    pub client: Client,
    /// Says when an attempt is made again.
    pub retry: Retry,
}

/// What a job becomes when it is due.
#[derive(Debug)]
pub enum Prepared {
    /// A message, signed.
    Message(Box<Message>),
    /// The reason why nothing can go out.
    Skipped(String),
}

/// When, where and how a job is delivered.
#[derive(Debug)]
pub struct Route<'a> {
    /// When it begins; `None` is at once.
    pub due: Option<Instant>,
    /// Where it goes.
    pub endpoint: &'a Endpoint,
    /// How it goes.
    pub options: &'a DeliveryOptions,
    /// The provider of the message.
    pub provider: Option<&'a Provider>,
    /// The captured request that the message repeats.
    pub origin: RequestOrigin,
}

/// The captured request that a message repeats; empty where it repeats none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestOrigin {
    /// The capture's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<i64>,
    /// The request's number in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<i64>,
    /// Which of several times, from 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<u32>,
}

/// Makes the message of each job.
pub trait Source {
    /// What identifies one delivery; its message is made when it is due.
    type Job;
    /// Why a message can't be made, or the deliveries broke off.
    type Error: From<RunError>;

    /// When, where and how a job is delivered.
    fn route<'a>(&'a self, job: &'a Self::Job) -> Route<'a>;

    /// Makes the message of a job that is due.
    ///
    /// # Errors
    /// What ends all deliveries. A reason that concerns this job alone is [`Prepared::Skipped`].
    fn prepare(&self, job: &mut Self::Job) -> Result<Prepared, Self::Error>;

    /// The same message signed at this moment, for a retry of a provider that signs its retries.
    ///
    /// # Errors
    /// What ends all deliveries.
    fn sign_again(&self, job: &Self::Job, message: &Message) -> Result<Message, Self::Error>;

    /// Waits until an attempt of at most so long may begin, and says until when it may be on its way; without a bound
    /// for most.
    fn hold(&self, _job: &Self::Job, _attempt: Duration) -> impl Future<Output = Held> {
        future::ready(Held::Free)
    }

    /// Records what came of a job that began at `at`, and whether it met the expectation.
    fn ended(&self, _job: &mut Self::Job, _at: Timestamp, _delivery: &Delivery, _is_ok: bool) {}
}

/// Whether an attempt may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It may.
    Free,
    /// It may, and is given up then.
    Until(Instant),
    /// It may not: the job is another's.
    Lost,
}

/// Is told what happens, one event at a time, from the threads that deliver: it must not take long.
pub trait Observer: Send {
    /// Something happened. [`ControlFlow::Break`] ends all deliveries with [`RunError::Observer`].
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()>;
}

/// What happens to deliveries.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A delivery ended.
    Delivered(Delivered<'a>),
    /// A message could not go out.
    Skipped {
        /// The request that it would have repeated.
        origin: RequestOrigin,
        /// Why.
        reason: String,
    },
    /// No more begin; those on their way end.
    Stopped(Stop),
}

/// A delivery that ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivered<'a> {
    /// The request that it repeated.
    pub origin: RequestOrigin,
    /// Where it went.
    pub endpoint: &'a Endpoint,
    /// The provider of the message.
    pub provider: Option<&'a Provider>,
    /// The message of the first attempt.
    pub message: &'a Message,
    /// Its attempts and the answer.
    pub delivery: Delivery,
    /// What of the expectation was not met, in sentences.
    pub unmet: Vec<String>,
}

impl Delivered<'_> {
    /// Whether the expectation was met.
    pub fn is_ok(&self) -> bool {
        self.unmet.is_empty()
    }

    /// The event's id: as it was signed, else where the provider puts it.
    pub fn event_id(&self) -> Option<String> {
        let read = || self.provider?.table.event.id.as_ref()?.read(self.message);
        self.message.id.clone().or_else(read)
    }
}

impl Config {
    /// Delivers every job on this thread. The end of `interrupt` ends it with what was done until then.
    ///
    /// # Errors
    /// What `source` and `jobs` say, and [`RunError`].
    pub async fn deliver<S: Source>(
        &self,
        source: &S,
        jobs: impl Stream<Item = Result<S::Job, S::Error>>,
        observer: &mut dyn Observer,
        interrupt: impl Future<Output = ()>,
    ) -> Result<RunOutcome, S::Error> {
        let ledger = Ledger::new(observer);
        let work = self.lane(&ledger, self.concurrency as usize, source, jobs);
        let interrupted = lanes::or_interrupted(interrupt, work).await?;
        Ok(ledger.close(interrupted, self.planned))
    }

    /// Delivers in several lanes: each has a thread, a source with connections of its own, and its share of what is on
    /// the way at a time. Blocks this thread, which must be in no runtime.
    ///
    /// # Errors
    /// What the sources and the jobs say, and [`RunError`].
    pub fn deliver_in_lanes<S, J>(
        &self,
        lanes: Vec<(S, J)>,
        observer: &mut dyn Observer,
        interrupt: impl Future<Output = ()>,
    ) -> Result<RunOutcome, S::Error>
    where
        S: Source<Error: Send> + Send,
        J: Stream<Item = Result<S::Job, S::Error>> + Send,
    {
        let ledger = Ledger::new(observer);
        let count = lanes.len().max(1);
        let (each, more) = (self.concurrency as usize / count, self.concurrency as usize % count);
        let work = async |(index, (source, jobs)): (usize, (S, J))| {
            let share = each + usize::from(index < more);
            self.lane(&ledger, share, &source, jobs).await
        };
        let interrupted = lanes::all(lanes.into_iter().enumerate(), interrupt, work)?;
        Ok(ledger.close(interrupted, self.planned))
    }

    async fn lane<S: Source>(
        &self,
        ledger: &Ledger<'_>,
        concurrency: usize,
        source: &S,
        jobs: impl Stream<Item = Result<S::Job, S::Error>>,
    ) -> Result<(), S::Error> {
        let jobs = jobs.take_while(|_| future::ready(!ledger.gate.closed.load(Ordering::Relaxed)));
        workers::each(jobs, concurrency, async |job| {
            let end = one(source, job?, &ledger.gate).await?;
            ledger.enter(self, source, end)
        })
        .await
    }
}

/// Delivers one job when it is due.
async fn one<S: Source>(source: &S, mut job: S::Job, gate: &Gate) -> Result<End<S::Job>, S::Error> {
    if let Some(due) = source.route(&job).due {
        tokio::time::sleep_until(due).await;
    }
    if gate.closed.load(Ordering::Relaxed) {
        return Ok(End::Dropped);
    }
    let message = match source.prepare(&mut job)? {
        Prepared::Message(message) => message,
        Prepared::Skipped(reason) => return Ok(End::Skipped(job, reason)),
    };
    let Route { endpoint, options, .. } = source.route(&job);
    let DeliveryOptions { client, retry } = options;
    let next = async |attempt| {
        let until = match source.hold(&job, client.timeout()).await {
            Held::Free => None,
            Held::Until(until) => Some(until),
            Held::Lost => return Ok::<_, S::Error>(None),
        };
        if attempt == 0 {
            gate.begun.fetch_add(1, Ordering::Relaxed);
        }
        let message = if attempt > 0 && retry.signs_anew() {
            Cow::Owned(source.sign_again(&job, &message)?)
        } else {
            Cow::Borrowed(&*message)
        };
        Ok::<_, S::Error>(Some(Next { message, until }))
    };
    let at = Timestamp::now();
    let Some(delivery) = deliver(client, endpoint, retry, next).await? else {
        return Ok(End::Dropped);
    };
    Ok(End::Delivered {
        job,
        message,
        at,
        delivery,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use futures_util::stream;

    use super::*;
    use crate::delivery::{ClientOptions, Pace};
    use crate::provider::DeliveryPolicy;

    /// Notes when each job is due, in milliseconds from the beginning, and sends nothing.
    struct Clock {
        pace: Pace,
        endpoint: Endpoint,
        options: DeliveryOptions,
        began: Instant,
        seen: Mutex<Vec<(u64, u128)>>,
    }

    /// A number, and how long after the first it came, where that counts.
    type Tick = (u64, Option<Duration>);

    impl Source for Clock {
        type Job = Tick;
        type Error = RunError;

        fn route<'a>(&'a self, (number, offset): &'a Tick) -> Route<'a> {
            Route {
                due: offset.map_or_else(|| self.pace.due(*number), |offset| self.pace.after(offset)),
                endpoint: &self.endpoint,
                options: &self.options,
                provider: None,
                origin: RequestOrigin::default(),
            }
        }

        fn prepare(&self, (number, _): &mut Tick) -> Result<Prepared, RunError> {
            let at = self.began.elapsed().as_millis();
            self.seen.lock().unwrap().push((*number, at));
            Ok(Prepared::Skipped(String::new()))
        }

        fn sign_again(&self, _: &Tick, _: &Message) -> Result<Message, RunError> {
            unreachable!("nothing is sent")
        }
    }

    /// When each job was due, on a clock that stands still while anything is done.
    async fn due(rate: Option<&str>, concurrency: u32, ticks: impl IntoIterator<Item = Tick>) -> Vec<(u64, u128)> {
        let endpoint = Endpoint::parse("localhost:1", "/").unwrap();
        let clock = Clock {
            pace: Pace::start(rate.map(|rate| rate.parse().unwrap())),
            options: DeliveryOptions {
                client: Client::new(&endpoint, &ClientOptions::default()).unwrap(),
                retry: Retry::never(DeliveryPolicy::default()),
            },
            endpoint,
            began: Instant::now(),
            seen: Mutex::default(),
        };
        let gate = Gate::default();
        let done = workers::each(stream::iter(ticks), concurrency as usize, async |tick| {
            match one(&clock, tick, &gate).await {
                Ok(End::Skipped(..)) => Ok(()),
                _ => Err("something was sent"),
            }
        });
        assert_eq!(done.await, Ok(()));
        clock.seen.into_inner().unwrap()
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
