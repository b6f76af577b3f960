//! Many deliveries: paced, a few at a time, each reported as it ends. Every command that delivers goes through here.

use std::fs;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use ckwh::capture::jsonl::{BodyFields, HeaderPairs};
use ckwh::clock;
use ckwh::delivery::{self, Client, ClientOptions, Delivery, Endpoint, Expectation, Pace, Retry, Tally};
use ckwh::message::Message;
use ckwh::provider::{DeliveryPolicy, Provider};

use super::App;
use super::args::{ConnectionArgs, ExpectArgs, PaceArgs};
use super::exit::{Failure, Status, Undone as _};
use super::report::{AttemptItem, DeliveryItem, Item, ResponseItem, SummaryItem};

/// How messages are delivered.
pub struct Deliveries<'a> {
    pub client: Client,
    pub endpoint: &'a Endpoint,
    pub retry: Retry,
    pub expectation: Expectation,
    pub pace: Pace,
    pub concurrency: u32,
    /// Whether only failures are told, each in a line.
    pub brief: bool,
}

/// Where the messages come from: a job says which, and its message is made when it is due.
pub trait Source<J> {
    /// When `job` begins; `None` is at once.
    fn due(&self, job: &J, pace: &Pace) -> Option<Instant>;
    /// Its message, signed.
    fn message(&self, job: &mut J, endpoint: &Endpoint) -> Result<Message, Failure>;
    /// The same message, signed at this moment, for a provider whose retries are.
    fn signed_anew(&self, message: &Message) -> Result<Message, Failure>;
    /// Whose message it is.
    fn provider(&self, job: &J) -> &Provider;
}

/// What came of it.
pub struct Outcome {
    tally: Tally,
    took: Duration,
    interrupted: bool,
    /// The last answer's status.
    pub last_status: Option<u16>,
}

impl Deliveries<'_> {
    /// Delivers every job. Ctrl-C ends it with what was done until then.
    pub async fn run<J>(
        &self,
        app: &mut App,
        source: &impl Source<J>,
        jobs: impl Iterator<Item = J>,
    ) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let mut outcome = Outcome {
            tally: Tally::default(),
            took: Duration::ZERO,
            interrupted: false,
            last_status: None,
        };
        let work = stream::iter(jobs.map(|job| self.one(source, job)));
        let mut work = pin!(work.buffer_unordered(self.concurrency as usize));
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        loop {
            let finished = tokio::select! {
                biased;
                _ = &mut interrupt => {
                    outcome.interrupted = true;
                    None
                }
                finished = work.next() => finished,
            };
            let Some(finished) = finished else { break };
            let (job, message, delivery) = finished?;
            let unmet = self.expectation.unmet(&delivery);
            outcome.tally.add(&delivery, unmet.is_empty());
            outcome.last_status = delivery.answer.as_ref().map(|answer| answer.status);
            app.result(Item::Delivery(self.item(
                source.provider(&job),
                &message,
                delivery,
                unmet,
            )))?;
        }
        outcome.took = started.elapsed();
        Ok(outcome)
    }

    async fn one<J>(&self, source: &impl Source<J>, mut job: J) -> Result<(J, Message, Delivery), Failure> {
        if let Some(due) = source.due(&job, &self.pace) {
            tokio::time::sleep_until(due).await;
        }
        let message = source.message(&mut job, self.endpoint)?;
        let next = |attempt| {
            if attempt > 0 && self.retry.signs_anew() {
                source.signed_anew(&message)
            } else {
                Ok(message.clone())
            }
        };
        let delivery = delivery::deliver(&self.client, self.endpoint, &self.retry, next).await?;
        Ok((job, message, delivery))
    }

    fn item(&self, provider: &Provider, message: &Message, delivery: Delivery, unmet: Vec<String>) -> DeliveryItem {
        let attempts = delivery.attempts.into_iter().map(|attempt| AttemptItem {
            status: attempt.status,
            duration_ms: in_milliseconds(attempt.duration),
            error: attempt.failure.map(|failure| failure.message),
        });
        DeliveryItem {
            provider: provider.name.clone(),
            dialect: provider.dialect.clone(),
            event_type: message.event_type.clone(),
            event_id: message.id.clone(),
            url: self.endpoint.to_string(),
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
    /// The exit status: interrupted, unanswered, unmet, or yes.
    pub fn status(&self) -> Status {
        if self.interrupted {
            Status::Interrupted
        } else if self.tally.unanswered > 0 {
            Status::Undone
        } else if self.tally.failed > 0 {
            Status::No
        } else {
            Status::Yes
        }
    }

    /// Counts and latencies.
    pub fn summary(&self) -> SummaryItem {
        let tally = &self.tally;
        let latency = |share| tally.latency(share).map(in_milliseconds);
        SummaryItem {
            deliveries: tally.total(),
            ok: tally.ok,
            failed: tally.failed,
            statuses: tally.statuses.clone(),
            failures: tally.failures.clone(),
            duration_ms: in_milliseconds(self.took),
            p50_ms: latency(0.5),
            p90_ms: latency(0.9),
            p99_ms: latency(0.99),
            max_ms: latency(1.0),
        }
    }
}

impl App {
    /// The client that the flags and the settings ask for.
    pub fn client(
        &mut self,
        args: &ConnectionArgs,
        endpoint: &Endpoint,
        policy: &DeliveryPolicy,
    ) -> Result<Client, Failure> {
        let timeout = match (&args.timeout, &self.settings.timeout) {
            (Some(timeout), _) => *timeout,
            (None, Some(text)) => clock::duration(text)?,
            (None, None) => policy.timeout,
        };
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
            Some(count) => Retry::following(policy.clone(), count.0),
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

/// Milliseconds with three decimals: more would be noise.
fn in_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
