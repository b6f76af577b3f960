//! The selected requests, one after the other, from the store or from a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use jiff::Timestamp;

use super::filter::{BodyFilter, StartFilter};
use super::{Plan, ReplayError};
use crate::capture::Recorded;
use crate::clock::Within;
use crate::delivery::Endpoint;
use crate::exchange::Format;
use crate::exchange::credentials::{self, Blanks, Credentials};
use crate::judge::Judge;
use crate::sign::Keys;
use crate::store::{Answered, CaptureFacts, DeliveryQuery, Numbers, Order, Run, Store, StoreError, wait};

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
}

/// Takes a request's number and the request, or `None` for a capture that was removed since it was planned; says whether
/// it wants more.
type Take<'t> = dyn FnMut(i64, Option<Recorded>) -> Result<bool, ReplayError> + 't;

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
            let Some(recorded) = recorded else { return Ok(true) };
            let (provider, signed_at) = signed(&recorded);
            survey.selected += 1;
            survey.outside += u64::from(self.plan.keep_signature && self.is_outside(provider, signed_at, now));
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

    /// Gives every selected request to `take` with its number, in the store or in the file, until it wants no more.
    pub fn each(&self, take: &mut Take<'_>) -> Result<(), ReplayError> {
        match (&self.plan.from, &self.planned) {
            (Some(path), _) => self.each_of_file(path, take),
            (None, Some(planned)) => self.each_of_store(planned, take),
            (None, None) => self.each_of_store(&self.find()?, take),
        }
    }

    /// Gives every planned capture in order; one that was removed meanwhile is given as `None`.
    fn each_of_store(&self, planned: &Numbers, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let mut waiting = planned.iter().peekable();
        for page in self.requests() {
            for (id, recorded) in page? {
                while let Some(gone) = waiting.next_if(|number| *number < id) {
                    if !take(gone, None)? {
                        return Ok(());
                    }
                }
                if waiting.next_if_eq(&id).is_some() && !take(id, Some(recorded))? {
                    return Ok(());
                }
            }
        }
        for gone in waiting {
            if !take(gone, None)? {
                break;
            }
        }
        Ok(())
    }

    fn each_of_file(&self, path: &Path, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let mut filter = self.filter()?;
        let mut number = 0;
        let mut failure = None;
        let mut one = |recorded: Recorded| {
            number += 1;
            let taken = self.one_of_file(number, recorded, filter.as_deref_mut(), take);
            taken.unwrap_or_else(|error| {
                failure = Some(error);
                false
            })
        };
        let read = if self.plan.reads_stdin() {
            Format::each(io::stdin().lock(), LONGEST, &mut one)
        } else {
            let file = File::open(path).map_err(|source| ReplayError::File {
                path: path.to_owned(),
                source,
            })?;
            Format::each(BufReader::new(file), LONGEST, &mut one)
        };
        if let Some(failure) = failure {
            return Err(failure);
        }
        read.map_err(|source| ReplayError::Format {
            path: path.to_owned(),
            source,
        })
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
        take(number, Some(recorded))
    }
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
    }
}
