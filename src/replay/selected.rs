//! The selected requests, one after the other, from the store or from a file.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;

use super::filter::{BodyFilter, StartFilter};
use super::spool::Spool;
use super::{Plan, ReplayError};
use crate::capture::Recorded;
use crate::clock::Within;
use crate::delivery::{Endpoint, Rate};
use crate::exchange::credentials::{self, Blanks, Credentials};
use crate::exchange::{self, Entry, Files, Input};
use crate::judge::Judge;
use crate::message::Message;
use crate::sign::Keys;
use crate::store::{
    Answered, CaptureFacts, DeliveryQuery, Numbers, Order, OrderKey, Run, Selection, Share, ShareOptions, Store,
    StoreError, wait,
};

/// How long a claim holds beyond two attempts, unless it is renewed.
const LEASE: Duration = Duration::from_secs(15);
/// The longest request of a file, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What a plan selects, and what is needed to make each request ready.
#[derive(Debug)]
pub struct Selected {
    pub store: Store,
    /// What is blanked out of the answers that are kept.
    pub blanks: Blanks,
    pub endpoint: Endpoint,
    pub plan: Plan,
    pub judge: Judge,
    /// Headers and parameters that go to no other machine unasked.
    pub credentials: Credentials,
    /// The keys of each of the judge's providers, or why there are none.
    pub keys: Vec<Result<Keys, String>>,
    pub start_filter: StartFilter,
    /// The captures to deliver, once they are known; a file's requests are counted only.
    pub planned: Option<Numbers>,
    /// The run, once it has begun.
    pub run: Option<Run>,
    /// Whether the run was cut off and goes on.
    pub resumed: bool,
    /// What of a run that goes on was answered before.
    pub answered: Answered,
    /// This process's share, where several deliver the run.
    pub share: Option<Share>,
    /// How many requests are claimed at once.
    pub batch: usize,
    /// Whether the file's requests stand in the order of their times, once that is known.
    pub in_order: OnceLock<bool>,
}

/// Takes a request's number and the request, or why there is none: a capture that was removed since it was planned, an
/// entry of a file that is broken; says whether it wants more.
type Take<'t> = dyn FnMut(i64, Result<Recorded, String>) -> Result<bool, ReplayError> + 't;

/// Counts of what a plan selects.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Survey {
    /// How many requests.
    pub selected: u64,
    /// How many deliveries are left to make.
    pub left: u64,
    /// How many signatures are outside their tolerance, where they are kept.
    pub outside: u64,
}

impl Selected {
    /// Counts what is selected, and notes which captures that is; `None` for standard input, which counting uses up.
    pub fn survey(&mut self) -> Result<Option<Survey>, ReplayError> {
        if self.plan.reads_stdin() {
            return Ok(None);
        }
        if self.plan.from.is_some() {
            return self.survey_file().map(Some);
        }
        let planned = match self.planned.take() {
            Some(planned) => planned,
            None if self.plan.is_everything() => wait(self.store.numbers(0..=i64::MAX))?,
            None => self.find()?,
        };
        let mut survey = Survey {
            selected: planned.len(),
            ..Survey::default()
        };
        survey.left = survey.selected.saturating_mul(self.plan.times.into());
        if self.resumed {
            let answered = planned.iter().map(|id| self.answered.turns_of(id));
            survey.left -= answered.sum::<u64>().min(survey.left);
        }
        if self.plan.keep_signature {
            let now = Timestamp::now();
            let summaries = self.store.summaries(self.plan.selection.clone(), Order::OldestFirst);
            for page in summaries.pages() {
                let outside = page?.into_iter().filter(|summary| {
                    self.is_outside(summary.provider.as_deref(), summary.signed_at, now) && planned.contains(summary.id)
                });
                survey.outside += outside.count() as u64;
            }
        }
        self.planned = Some(planned);
        Ok(Some(survey))
    }

    fn survey_file(&self) -> Result<Survey, ReplayError> {
        let now = Timestamp::now();
        let mut survey = Survey::default();
        self.each(&mut |id, recorded| {
            survey.selected += 1;
            if let Ok(recorded) = recorded {
                let (provider, signed_at) = signed(&recorded);
                survey.outside += u64::from(self.plan.keep_signature && self.is_outside(provider, signed_at, now));
            }
            survey.left += u64::from(self.plan.times).saturating_sub(self.answered.turns_of(id));
            Ok(true)
        })?;
        Ok(survey)
    }

    /// Finds the captures that are selected now.
    fn find(&self) -> Result<Numbers, ReplayError> {
        let mut found = Numbers::default();
        if let Some(mut filter) = self.filter()? {
            for page in self.requests() {
                let page = page?;
                let deliverable = self.deliverable(page.iter().map(|(id, recorded)| (*id, recorded.target())))?;
                for ((id, recorded), is_deliverable) in page.iter().zip(deliverable) {
                    if is_deliverable && filter.matches(&recorded.message.body)? {
                        found.push(*id);
                    }
                }
            }
            return Ok(found);
        }
        let summaries = self.store.summaries(self.plan.selection.clone(), Order::OldestFirst);
        for page in summaries.pages() {
            let mut page = page?;
            let is_over = page.last().is_some_and(|last| last.id > self.last_capture());
            page.retain(|summary| summary.id <= self.last_capture());
            let deliverable = self.deliverable(page.iter().map(|summary| (summary.id, summary.target.as_str())))?;
            for (summary, is_deliverable) in page.iter().zip(deliverable) {
                if is_deliverable {
                    found.push(summary.id);
                }
            }
            if is_over {
                break;
            }
        }
        Ok(found)
    }

    /// The selected captures that take part, a page at a time.
    fn requests(&self) -> impl Iterator<Item = Result<Vec<(i64, Recorded)>, StoreError>> + use<> {
        let selection = self.plan.selection.clone();
        self.store.requests(selection, self.last_capture()).pages()
    }

    fn filter(&self) -> Result<Option<Box<dyn BodyFilter>>, ReplayError> {
        Ok(self.plan.filter.as_deref().map(self.start_filter).transpose()?)
    }

    /// Whether a request is still to be delivered in this turn.
    pub fn is_left(&self, record: i64, turn: u32) -> bool {
        !self.answered.contains(record, turn)
    }

    /// Whether a signed time is too far off to be accepted now.
    pub fn is_outside(&self, provider: Option<&str>, signed_at: Option<Timestamp>, now: Timestamp) -> bool {
        let providers = self.judge.recogniser.providers();
        let rule = providers
            .iter()
            .find(|own| Some(own.name.as_str()) == provider)
            .and_then(|own| own.scheme.timestamp.as_ref());
        match (rule, signed_at) {
            (Some(rule), Some(signed_at)) => rule.tolerance.judge(now.duration_since(signed_at)) != Within::Tolerance,
            _ => false,
        }
    }

    /// Whether captured credentials stay here: the target is another machine, and the plan does not send them there.
    pub fn leaves_credentials_out(&self) -> bool {
        !self.plan.with_credentials && !self.endpoint.is_loopback()
    }

    /// A captured target as it goes out, and how many credentials were taken out of it.
    pub fn target<'a>(&self, captured: &'a str) -> (Cow<'a, str>, usize) {
        let target = credentials::without_masked(captured);
        match self.leaves_credentials_out() {
            true => {
                let (left, found) = self.credentials.without(&target);
                (left.into_owned().into(), found)
            }
            false => (target, 0),
        }
    }

    /// The newest capture that takes part.
    fn last_capture(&self) -> i64 {
        self.run.as_ref().map_or(i64::MAX, |run| run.last_capture)
    }

    /// For each capture and its target whether it may be delivered: where the plan asks for what failed, its last
    /// delivery to this target did.
    fn deliverable<'a>(&self, captures: impl Iterator<Item = (i64, &'a str)>) -> Result<Vec<bool>, ReplayError> {
        if !self.plan.failed {
            return Ok(captures.map(|_| true).collect());
        }
        let last = self.run.as_ref().map_or(i64::MAX, |run| run.last_delivery);
        let urls = |target: Cow<'_, str>| {
            let toward = self.endpoint.toward(&target);
            [toward.to_string(), toward.untidied()]
        };
        let queries = captures.map(|(capture, target)| DeliveryQuery {
            capture,
            // A forward takes its target as it was captured, and is recorded as it went out.
            urls: vec![urls(self.target(target).0), urls(target.into())],
        });
        let delivered = wait(self.store.last_deliveries(queries.collect(), last))?;
        Ok(delivered
            .into_iter()
            .map(|delivered| delivered == Some(false))
            .collect())
    }

    /// How this process takes its share of a run whose longest attempt takes so long.
    pub fn share_options(&self, longest: Duration, rate: Option<Rate>) -> ShareOptions {
        let known = self.judge.recogniser.providers().iter().zip(&self.keys);
        let signable = known.filter(|(provider, keys)| keys.is_ok() || provider.scheme.signatures.is_empty());
        ShareOptions {
            lease: LEASE + 2 * longest,
            providers: (!self.plan.keep_signature)
                .then(|| signable.map(|(provider, _)| provider.name.clone()).collect()),
            interval: rate.map(Rate::interval),
            in_order: self.plan.ordered_by.is_some(),
        }
    }

    /// A request's key, where the plan keeps the order within each.
    pub fn key(&self, record: i64, message: Option<&Message>) -> Option<OrderKey> {
        let pointer = self.plan.ordered_by.as_deref()?;
        Some(OrderKey::of(message, pointer, record))
    }

    /// The key of every planned capture, in their order.
    pub fn keys_of_planned(&self) -> Result<Option<Vec<OrderKey>>, ReplayError> {
        let Some(pointer) = self.plan.ordered_by.as_deref() else {
            return Ok(None);
        };
        let mut keys = Vec::new();
        self.each(&mut |record, recorded| {
            let message = recorded.as_ref().ok().map(|recorded| &recorded.message);
            keys.push(OrderKey::of(message, pointer, record));
            Ok(true)
        })?;
        Ok(Some(keys))
    }

    /// Gives every selected request to `take` with its number, in the store or in the file, until it wants no more.
    pub fn each(&self, take: &mut Take<'_>) -> Result<(), ReplayError> {
        match (&self.plan.from, &self.planned) {
            (Some(path), _) => self.each_of_file(path, take),
            (None, Some(planned)) => self.each_of_store(planned, take),
            (None, None) => self.each_of_store(&self.find()?, take),
        }
    }

    /// Gives every planned capture in order; of one that was removed meanwhile, that.
    fn each_of_store(&self, planned: &Numbers, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let mut waiting = planned.iter().peekable();
        for page in self.requests() {
            for (id, recorded) in page? {
                while let Some(gone) = waiting.next_if(|number| *number < id) {
                    if !take(gone, Err(removed(gone)))? {
                        return Ok(());
                    }
                }
                if waiting.next_if_eq(&id).is_some() && !take(id, Ok(recorded))? {
                    return Ok(());
                }
            }
        }
        for gone in waiting {
            if !take(gone, Err(removed(gone)))? {
                break;
            }
        }
        Ok(())
    }

    fn each_of_file(&self, path: &Path, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let mut filter = self.filter()?;
        let mut one = |number: i64, entry: Result<Recorded, String>| match entry {
            Ok(recorded) => self.one_of_file(number, recorded, filter.as_deref_mut(), take),
            Err(problem) if self.plan.selection == Selection::default() => take(number, Err(problem)),
            Err(_) => Ok(true),
        };
        if self.plan.file_order {
            return self.each_entry(path, &mut one);
        }
        // Most files are in the order of their times; one that is not is put into it on the disk.
        let mut spool = None;
        if self.plan.reads_stdin() || !self.is_in_order(path)? {
            let mut file = Spool::new(self.store.location()).map_err(|source| self.wrong(path, source))?;
            self.each_entry(path, &mut |number, entry| {
                file.put(number, entry).map_err(|source| self.wrong(path, source))?;
                Ok(true)
            })?;
            spool = Some(file);
        }
        match spool {
            Some(spool) => {
                for entry in spool.in_order() {
                    let (number, entry) = entry.map_err(|source| self.wrong(path, source))?;
                    if !one(number, entry)? {
                        break;
                    }
                }
                Ok(())
            }
            None => self.each_entry(path, &mut one),
        }
    }

    fn wrong(&self, path: &Path, source: io::Error) -> ReplayError {
        ReplayError::File {
            path: path.to_owned(),
            source,
        }
    }

    /// Whether a file's requests stand in the order of their times.
    fn is_in_order(&self, path: &Path) -> Result<bool, ReplayError> {
        if let Some(known) = self.in_order.get() {
            return Ok(*known);
        }
        let mut last = Timestamp::MIN;
        let mut in_order = true;
        self.each_entry(path, &mut |_, entry| {
            let at = entry.ok().and_then(|recorded| recorded.received_at).unwrap_or(last);
            in_order = at >= last;
            last = at;
            Ok(in_order)
        })?;
        Ok(*self.in_order.get_or_init(|| in_order))
    }

    /// Gives every entry of a file to `take`, in the file's order.
    fn each_entry(&self, path: &Path, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let from: Box<dyn io::Read> = match self.plan.reads_stdin() {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(path).map_err(|source| self.wrong(path, source))?),
        };
        let broken = |source| ReplayError::Format {
            path: path.to_owned(),
            source,
        };
        let mut input = Input::new(from, LONGEST).map_err(broken)?;
        let format = exchange::required(&mut input).map_err(broken)?;
        let (mut number, mut failure) = (0, None);
        let read = exchange::entries(format, &mut input, &Files::Refused, &mut |entry: Entry| {
            number += 1;
            let place = entry.place;
            let entry = entry
                .request
                .map_err(|problem| format!("{place} is no request: {problem}"));
            take(number, entry).unwrap_or_else(|error| {
                failure = Some(error);
                false
            })
        });
        match failure {
            Some(failure) => Err(failure),
            None => read.map(drop).map_err(broken),
        }
    }

    /// Gives one request of a file to `take` where it is selected.
    fn one_of_file(
        &self,
        number: i64,
        mut recorded: Recorded,
        filter: Option<&mut (dyn BodyFilter + 'static)>,
        take: &mut Take<'_>,
    ) -> Result<bool, ReplayError> {
        let judgement = recorded.judgement.as_ref();
        if judgement.is_none_or(|judgement| judgement.provider.is_none()) {
            recorded.judgement = Some(self.judge.judge(&recorded, Timestamp::now()));
        }
        if !self.plan.selection.matches(&facts(number, &recorded)) {
            return Ok(true);
        }
        if let Some(filter) = filter
            && !filter.matches(&recorded.message.body)?
        {
            return Ok(true);
        }
        take(number, Ok(recorded))
    }
}

pub fn removed(capture: i64) -> String {
    format!("capture {capture} was removed from the store after this run was planned")
}

/// Whose request it is, and its signed time.
pub fn signed(recorded: &Recorded) -> (Option<&str>, Option<Timestamp>) {
    let judgement = recorded.judgement.as_ref();
    (
        judgement.and_then(|judgement| judgement.provider.as_deref()),
        judgement.and_then(|judgement| judgement.signed_at),
    )
}

/// What a selection asks of a file's request.
fn facts(number: i64, recorded: &Recorded) -> CaptureFacts<'_> {
    let judgement = recorded.judgement.as_ref();
    CaptureFacts {
        id: number,
        received_at: recorded.received_at.unwrap_or_default(),
        provider: judgement.and_then(|judgement| judgement.provider.as_deref()),
        event_type: judgement.and_then(|judgement| judgement.event_type.as_deref()),
        reason: judgement.map(|judgement| judgement.reason),
        delivered: None,
        method: &recorded.message.method,
        target: recorded.message.url.as_deref().unwrap_or("/"),
        answer: recorded.answer,
    }
}
