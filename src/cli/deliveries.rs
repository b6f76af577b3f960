//! Many deliveries: paced, a few at a time, each reported as it ends. Every command that delivers goes through here.

mod lanes;
mod ledger;
mod workers;

use std::borrow::Cow;
use std::future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use tokio::time::Instant;

use ckwh::clock;
use ckwh::delivery::{self, Client, ClientOptions, Delivery, Endpoint, Expectation, Pace, Retry};
use ckwh::message::Message;
use ckwh::provider::{DeliveryPolicy, Provider};

use super::args::{ConnectionArgs, ExpectArgs, PaceArgs};
use super::exit::Failure;
use super::report::Origin;
use super::{App, input};
use ledger::{End, Gate, Ledger};
pub use ledger::{Outcome, Stop};

/// More than all CA certificates that there are, in bytes.
const LONGEST_CERTIFICATES: u64 = 16 * 1024 * 1024;

/// How messages are delivered.
pub struct Deliveries {
    pub expectation: Expectation,
    pub pace: Pace,
    pub concurrency: u32,
    /// How many there are, where that is known.
    pub planned: Option<u64>,
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
}

impl Deliveries {
    /// Delivers every job. Ctrl-C ends it with what was done until then.
    pub async fn run<J>(
        &self,
        app: &mut App,
        source: &impl Source<J>,
        jobs: impl Stream<Item = Result<J, Failure>>,
    ) -> Result<Outcome, Failure> {
        let ledger = Ledger::new(app);
        let work = self.lane(&ledger, self.concurrency as usize, source, jobs);
        let interrupted = lanes::or_interrupted(work).await?;
        Ok(ledger.close(interrupted, self.planned))
    }

    /// The same in several lanes: each has a thread, a source with connections of its own, and its share of what may be
    /// on the way at a time.
    pub fn run_lanes<J, S, T>(&self, app: &mut App, lanes: Vec<(S, T)>) -> Result<Outcome, Failure>
    where
        S: Source<J> + Send,
        T: Stream<Item = Result<J, Failure>> + Send,
    {
        let ledger = Ledger::new(app);
        let (each, more) = (
            self.concurrency as usize / lanes.len(),
            self.concurrency as usize % lanes.len(),
        );
        let interrupted = lanes::all(lanes.into_iter().enumerate(), async |(index, (source, jobs))| {
            let share = each + usize::from(index < more);
            self.lane(&ledger, share, &source, jobs).await
        })?;
        Ok(ledger.close(interrupted, self.planned))
    }

    async fn lane<J>(
        &self,
        ledger: &Ledger<'_>,
        most: usize,
        source: &impl Source<J>,
        jobs: impl Stream<Item = Result<J, Failure>>,
    ) -> Result<(), Failure> {
        let jobs = jobs.take_while(|_| future::ready(!ledger.gate.closed.load(Ordering::Relaxed)));
        workers::each(jobs, most, async |job| {
            let end = self.one(source, job?, &ledger.gate).await?;
            ledger.take(self, source, end)
        })
        .await
    }

    async fn one<J>(&self, source: &impl Source<J>, mut job: J, gate: &Gate) -> Result<End<J>, Failure> {
        if let Some(due) = source.due(&job, &self.pace) {
            tokio::time::sleep_until(due).await;
        }
        source.admit(&mut job).await?;
        if gate.closed.load(Ordering::Relaxed) {
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
        gate.begun.fetch_add(1, Ordering::Relaxed);
        let delivery = delivery::deliver(client, source.endpoint(&job), retry, next).await?;
        Ok(End::Delivered {
            job,
            message,
            at,
            delivery,
        })
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
        let read = |path: &std::path::PathBuf| input::read_bounded(path, "the CA certificate", LONGEST_CERTIFICATES);
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::stream;

    use super::*;

    /// Takes note of when each job is due, in milliseconds from the beginning, and sends nothing.
    struct Clock {
        began: Instant,
        seen: Mutex<Vec<(u64, u128)>>,
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
            let at = self.began.elapsed().as_millis();
            self.seen.lock().unwrap().push((*number, at));
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
            seen: Mutex::default(),
        };
        let deliveries = Deliveries {
            expectation: Expectation::default(),
            pace: Pace::start(rate.map(|rate| rate.parse().unwrap())),
            concurrency,
            planned: None,
            fail_fast: false,
            brief: true,
        };
        let gate = Gate::default();
        let done = workers::each(stream::iter(ticks), concurrency as usize, async |tick| match deliveries
            .one(&clock, tick, &gate)
            .await
        {
            Ok(End::Skipped(..)) => Ok(()),
            _ => Err("something was sent"),
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
