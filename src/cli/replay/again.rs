//! Where replayed messages come from: signed at about the time they go out, and taken note of when they ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use ckwh::capture::Outcome;
use ckwh::delivery::run::{DeliveryOptions, Prepared, Route, Source};
use ckwh::delivery::{Delivery, Pace};
use ckwh::judge::Judge;
use ckwh::message::{Message, Place};
use ckwh::provider::Provider;
use ckwh::replay::resend;
use ckwh::sign::Keys;
use ckwh::store::{Ended, RunWriter};

use super::plan::Plan;
use super::reader::{Job, keys_of};
use crate::cli::exit::Failure;

/// For so long a signature that was made ahead is as good as one of the moment.
const FRESH: Duration = Duration::from_millis(100);

pub struct Again<'a> {
    pub judge: Arc<Judge>,
    /// The keys of each of the judge's providers, or why there are none.
    pub keys: Arc<[Result<Keys, String>]>,
    /// One for each of the judge's providers.
    pub options: Vec<DeliveryOptions>,
    /// For requests that are nobody's.
    pub fallback: DeliveryOptions,
    pub plan: Arc<Plan>,
    pub pace: Pace,
    pub writer: Option<&'a RunWriter>,
    pub notes: &'a Mutex<Notes>,
}

/// What is worth knowing when all is done.
#[derive(Debug, Default)]
pub struct Notes {
    dropped: usize,
    outside: u64,
    /// The providers, and where they sign a time inside the body.
    times: BTreeSet<(String, String)>,
    without_id: BTreeSet<String>,
    /// What files could not hold, and of how many requests.
    lost: BTreeMap<String, usize>,
}

impl Notes {
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for (provider, pointer) in &self.times {
            texts.push(format!(
                "{provider} signs the time at {pointer} in the body, so that field was made new"
            ));
        }
        for provider in &self.without_id {
            texts.push(format!(
                "{provider} gives its events no id, so there was none to make new"
            ));
        }
        if self.dropped > 0 {
            texts.push(format!(
                "{} captured credentials (Authorization, Cookie, ?token= …) were left out, since the target is another machine; --with-credentials sends them",
                self.dropped
            ));
        }
        for (lost, count) in &self.lost {
            texts.push(format!("{count} of the file's requests lost {lost}"));
        }
        if self.outside > 0 {
            texts.push(super::outside_text(self.outside));
        }
        texts
    }
}

/// Whether the message waited for its turn since it was signed.
fn is_old(message: &Message) -> bool {
    let age = |at| Timestamp::now().duration_since(at).unsigned_abs();
    message.timestamp.is_none_or(|at| age(at) > FRESH)
}

impl Again<'_> {
    fn provider(&self, job: &Job) -> Option<&Provider> {
        job.provider.map(|index| &self.judge.recogniser.providers()[index])
    }

    fn resign(&self, job: &Job, message: &mut Message) -> Result<(), String> {
        let Some(provider) = self.provider(job) else {
            return Ok(());
        };
        let keys = keys_of(&self.keys, job)?;
        resend::resign(message, provider, keys, Timestamp::now()).map_err(|error| error.to_string())
    }
}

impl Source for Again<'_> {
    type Job = Job;
    type Error = Failure;

    fn route<'a>(&'a self, job: &'a Job) -> Route<'a> {
        Route {
            due: match self.plan.speed {
                Some(_) => self.pace.after(job.offset),
                None => self.pace.due(job.number),
            },
            endpoint: &job.endpoint,
            options: job.provider.map_or(&self.fallback, |index| &self.options[index]),
            provider: self.provider(job),
            origin: job.origin(),
        }
    }

    fn prepare(&self, job: &mut Job) -> Result<Prepared, Failure> {
        let mut message = match std::mem::replace(&mut job.message, Err(String::new())) {
            Ok(message) => message,
            Err(reason) => return Ok(Prepared::Skipped(reason)),
        };
        if !self.plan.keep_signature
            && is_old(&message)
            && let Err(reason) = self.resign(job, &mut message)
        {
            return Ok(Prepared::Skipped(reason));
        }
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.plan.keep_signature
            && let Some(provider) = self.provider(job)
        {
            if let Some(Place::Body(pointer)) = provider.scheme.timestamp.as_ref().map(|rule| &rule.from) {
                notes.times.insert((provider.name.clone(), pointer.clone()));
            }
            if job.without_id {
                notes.without_id.insert(provider.name.clone());
            }
        }
        notes.dropped += job.dropped_credentials;
        notes.outside += u64::from(job.outside);
        for lost in job.lost.drain(..) {
            *notes.lost.entry(lost).or_default() += 1;
        }
        Ok(Prepared::Message(message))
    }

    fn sign_again(&self, job: &Job, message: &Message) -> Result<Message, Failure> {
        let mut message = message.clone();
        if !self.plan.keep_signature {
            self.resign(job, &mut message).map_err(Failure::usage)?;
        }
        Ok(message)
    }

    fn ended(&self, job: &mut Job, at: Timestamp, delivery: &Delivery) {
        let Some((writer, slot)) = self.writer.zip(job.slot.take()) else {
            return;
        };
        let last = delivery.attempts.last();
        let ended = Ended {
            capture: job.from_store.then_some(job.record),
            record: job.record,
            turn: job.turn,
            target: job.url.clone(),
            at,
            attempts: u32::try_from(delivery.attempts.len()).unwrap_or(u32::MAX),
            outcome: Outcome {
                status: last.and_then(|attempt| attempt.status),
                duration: delivery.duration(),
                failure: delivery.failure().map(|failure| failure.message.clone()),
                server: None,
            },
        };
        writer.put(ended, slot);
    }
}
