//! Gives the deliveries their messages, signed at about the time they go out, and records what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::job::Job;
use super::order::Front;
use super::selected::Selected;
use super::{ReplayError, ReplayOptions, resend};
use crate::capture::{Excerpt, Outcome};
use crate::delivery::run::{DeliveryOptions, Held, Prepared, Route, Source};
use crate::delivery::{Client, ClientError, Delivery, Pace};
use crate::message::{Message, Place};
use crate::provider::{DeliveryPolicy, Provider};
use crate::store::{Ended, Hold, RunWriter};

/// A signature that was made ahead is sent for so long as if it were made now.
const FRESH: Duration = Duration::from_millis(100);

/// How many notes that differ are held.
const MOST_NOTES: usize = 20;

/// What a replay did that its user may not expect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// How many captured credentials were left out, since the target is another machine.
    pub dropped_credentials: usize,
    /// How many kept signatures were outside their tolerance, where they could not be counted before.
    pub outside: u64,
    /// The providers that sign a time inside the body, and the JSON pointer to it: that field was made new.
    pub signed_times: BTreeSet<(String, String)>,
    /// The providers that give their events no id, where new ones were asked for.
    pub without_id: BTreeSet<String>,
    /// What a file could not hold, and of how many requests.
    pub lost: BTreeMap<String, usize>,
    /// What else there is to know of how a file was taken in, and of how many requests.
    pub notes: BTreeMap<String, usize>,
    /// How many failed and hold their keys, where the run keeps the order within each.
    pub held: u64,
    /// How many did not go out since an earlier one of their key failed.
    pub blocked: u64,
}

/// How each provider's requests are delivered, over connections of their own.
#[derive(Debug)]
pub struct Lane {
    /// One for each of the judge's providers.
    of_providers: Vec<DeliveryOptions>,
    /// For requests of no known provider.
    fallback: DeliveryOptions,
}

impl Lane {
    /// How long an attempt may take, at most.
    pub fn longest_attempt(&self) -> Duration {
        let options = self.of_providers.iter().chain([&self.fallback]);
        options
            .map(|options| options.client.timeout())
            .max()
            .unwrap_or_default()
    }

    pub fn new(selected: &Selected, options: &ReplayOptions) -> Result<Self, ClientError> {
        let client = Client::new(&selected.endpoint, &options.client)?;
        let of = |policy: &DeliveryPolicy| DeliveryOptions {
            client: client.with_timeout(options.timeout.unwrap_or(policy.timeout)),
            retry: options.pace.retry(policy),
        };
        let providers = selected.judge.recogniser.providers().iter();
        Ok(Self {
            of_providers: providers.map(|provider| of(&provider.table.delivery)).collect(),
            fallback: of(&DeliveryPolicy::default()),
        })
    }
}

/// Where replayed messages come from.
pub struct ReplaySource<'a> {
    pub selected: Arc<Selected>,
    pub lane: Lane,
    pub pace: Pace,
    /// Records what came of each; a preview has none.
    pub writer: Option<&'a RunWriter>,
    pub findings: &'a Mutex<Findings>,
}

impl ReplaySource<'_> {
    fn provider(&self, job: &Job) -> Option<&Provider> {
        job.provider
            .map(|index| &self.selected.judge.recogniser.providers()[index])
    }

    fn resign(&self, job: &Job, message: &mut Message) -> Result<(), String> {
        let Some(provider) = self.provider(job) else {
            return Ok(());
        };
        let keys = self.selected.keys_of(job.provider)?;
        resend::resign(message, provider, keys, Timestamp::now()).map_err(|error| error.to_string())
    }

    /// Notes for those who go on with the run that a request does not go out.
    fn skipped(&self, job: &mut Job, reason: String) -> Prepared {
        if job.is_blocked {
            let outcome = Outcome {
                status: None,
                duration: Duration::ZERO,
                failure: Some(reason.clone()),
                server: None,
                answer: None,
            };
            self.findings().blocked += 1;
            self.record(job, Timestamp::now(), 0, outcome, false);
        } else if let Some((share, claimed)) = self.selected.share.as_ref().zip(job.claimed.as_ref()) {
            share.skip(claimed);
        }
        Prepared::Skipped(reason)
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over what came of a request.
    fn record(&self, job: &mut Job, at: Timestamp, attempts: usize, outcome: Outcome, holds: bool) {
        let Some((writer, slot)) = self.writer.zip(job.slot.take()) else {
            return;
        };
        let ended = Ended {
            capture: job.from_store.then_some(job.record),
            record: job.record,
            turn: job.turn,
            target: job.url.clone(),
            at,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            outcome,
            worker: job.worker(),
            key: job.key,
            holds,
        };
        writer.put(ended, slot);
    }

    fn note(&self, job: &mut Job) {
        let mut findings = self.findings();
        if !self.selected.plan.keep_signature
            && let Some(provider) = self.provider(job)
        {
            if let Some(Place::Body(pointer)) = provider.scheme.timestamp.as_ref().map(|rule| &rule.from) {
                findings.signed_times.insert((provider.name.clone(), pointer.clone()));
            }
            if job.without_id {
                findings.without_id.insert(provider.name.clone());
            }
        }
        findings.dropped_credentials += job.dropped_credentials;
        findings.outside += u64::from(job.outside);
        for lost in job.lost.drain(..) {
            *findings.lost.entry(lost).or_default() += 1;
        }
        for note in job.notes.drain(..) {
            // One of each request's own, such as a time, is not held for every request.
            if findings.notes.len() < MOST_NOTES || findings.notes.contains_key(&note) {
                *findings.notes.entry(note).or_default() += 1;
            }
        }
    }
}

/// Whether the message waited for its turn since it was signed.
fn is_old(message: &Message) -> bool {
    let age = |at| Timestamp::now().duration_since(at).unsigned_abs();
    message.timestamp.is_none_or(|at| age(at) > FRESH)
}

impl Source for ReplaySource<'_> {
    type Job = Job;
    type Error = ReplayError;

    fn route<'a>(&'a self, job: &'a Job) -> Route<'a> {
        Route {
            due: match self.selected.plan.speed {
                _ if job.claimed.is_some() => job.claimed.as_ref().and_then(|claimed| claimed.due),
                Some(_) => self.pace.after(job.offset),
                None => self.pace.due(job.number),
            },
            endpoint: &job.endpoint,
            options: job
                .provider
                .map_or(&self.lane.fallback, |index| &self.lane.of_providers[index]),
            provider: self.provider(job),
            origin: job.origin(),
        }
    }

    fn prepare(&self, job: &mut Job) -> Result<Prepared, ReplayError> {
        let mut message = match std::mem::replace(&mut job.message, Err(String::new())) {
            Ok(message) => message,
            Err(reason) => return Ok(self.skipped(job, reason)),
        };
        if !self.selected.plan.keep_signature
            && is_old(&message)
            && let Err(reason) = self.resign(job, &mut message)
        {
            return Ok(self.skipped(job, reason));
        }
        self.note(job);
        Ok(Prepared::Message(message))
    }

    fn sign_again(&self, job: &Job, message: &Message) -> Result<Message, ReplayError> {
        let mut message = message.clone();
        if !self.selected.plan.keep_signature {
            self.resign(job, &mut message).map_err(ReplayError::Sign)?;
        }
        Ok(message)
    }

    async fn hold(&self, job: &Job, attempt: Duration) -> Held {
        let Some((share, claimed)) = self.selected.share.as_ref().zip(job.claimed.as_ref()) else {
            return Held::Free;
        };
        match share.hold(claimed.worker, attempt).await {
            Hold::Until(until) => Held::Until(until),
            _ => Held::Lost,
        }
    }

    fn ended(&self, job: &mut Job, at: Timestamp, delivery: &Delivery, is_ok: bool) {
        let holds = job.key.is_some() && !is_ok;
        if holds {
            self.findings().held += 1;
            job.front.iter_mut().for_each(Front::fail);
        }
        let last = delivery.attempts.last();
        // It goes when its capture goes, so a request of a file keeps none.
        let mut answer = delivery.answer.clone().filter(|_| job.from_store);
        if let Some(answer) = &mut answer {
            self.selected.blanks.blank(answer);
        }
        let outcome = Outcome {
            status: last.and_then(|attempt| attempt.status),
            duration: delivery.duration(),
            failure: delivery.failure().map(|failure| failure.message.clone()),
            server: answer.as_ref().and_then(Excerpt::server),
            answer: answer.map(Box::new),
        };
        self.record(job, at, delivery.attempts.len(), outcome, holds);
    }
}
