//! The selected requests, one after the other, from the store or from a file.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::Timestamp;

use super::filter::{BodyFilter, StartFilter};
use super::spool::Spool;
use super::{Plan, ReplayError};
use crate::capture::Recorded;
use crate::clock::Within;
use crate::delivery::Endpoint;
use crate::exchange::credentials::{self, Credentials};
use crate::exchange::{self, Entry, Files, Input};
use crate::judge::Judge;
use crate::sign::Keys;
use crate::store::{Marks, Numbers, Run, Selection, Store};

/// The longest request of a file, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What a plan selects, and what is needed to make each request ready.
#[derive(Debug)]
pub struct Selected {
    pub store: PathBuf,
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
    pub fn survey(&mut self, store: &Store) -> Result<Option<Survey>, ReplayError> {
        if self.plan.reads_stdin() {
            return Ok(None);
        }
        if self.plan.from.is_some() {
            return self.survey_file(store).map(Some);
        }
        let planned = match self.planned.take() {
            Some(planned) => planned,
            None if self.plan.is_everything() => store.numbers()?,
            None => self.find(store)?,
        };
        let mut survey = Survey {
            selected: planned.len(),
            ..Survey::default()
        };
        if self.resumed {
            for id in planned.iter() {
                survey.left += self.turns_left(store, id)?;
            }
        } else {
            survey.left = survey.selected.saturating_mul(self.plan.times.into());
        }
        if self.plan.keep_signature {
            let now = Timestamp::now();
            for summary in store.list(&self.plan.selection, false) {
                let summary = summary?;
                let is_outside = self.is_outside(summary.provider.as_deref(), summary.signed_at, now);
                survey.outside += u64::from(is_outside && planned.contains(summary.id));
            }
        }
        self.planned = Some(planned);
        Ok(Some(survey))
    }

    fn survey_file(&self, store: &Store) -> Result<Survey, ReplayError> {
        let now = Timestamp::now();
        let mut survey = Survey::default();
        self.each(store, &mut |id, recorded| {
            survey.selected += 1;
            if let Ok(recorded) = recorded {
                let (provider, signed_at) = signed(&recorded);
                survey.outside += u64::from(self.plan.keep_signature && self.is_outside(provider, signed_at, now));
            }
            survey.left += self.turns_left(store, id)?;
            Ok(true)
        })?;
        Ok(survey)
    }

    /// Finds the captures that are selected now.
    fn find(&self, store: &Store) -> Result<Numbers, ReplayError> {
        let mut found = Numbers::default();
        if let Some(mut filter) = self.filter()? {
            for request in store.requests(&self.plan.selection, self.last_capture()) {
                let (id, recorded) = request?;
                if self.may_be_delivered(store, id, recorded.target())? && filter.matches(&recorded.message.body)? {
                    found.push(id);
                }
            }
        } else {
            for summary in store.list(&self.plan.selection, false) {
                let summary = summary?;
                if summary.id > self.last_capture() {
                    break;
                }
                if self.may_be_delivered(store, summary.id, &summary.target)? {
                    found.push(summary.id);
                }
            }
        }
        Ok(found)
    }

    fn filter(&self) -> Result<Option<Box<dyn BodyFilter>>, ReplayError> {
        Ok(self.plan.filter.as_deref().map(self.start_filter).transpose()?)
    }

    /// How often a request is still to be delivered.
    fn turns_left(&self, store: &Store, record: i64) -> Result<u64, ReplayError> {
        let mut left = 0;
        for turn in 0..self.plan.times {
            left += u64::from(self.is_left(store, record, turn)?);
        }
        Ok(left)
    }

    /// Whether a request is still to be delivered in this turn.
    pub fn is_left(&self, store: &Store, record: i64, turn: u32) -> Result<bool, ReplayError> {
        match &self.run {
            Some(run) if self.resumed => Ok(!store.was_answered(run.id, record, turn)?),
            _ => Ok(true),
        }
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

    /// Whether the plan takes a capture whatever came of its earlier deliveries, or its last one to this target failed.
    fn may_be_delivered(&self, store: &Store, id: i64, target: &str) -> Result<bool, ReplayError> {
        if !self.plan.failed {
            return Ok(true);
        }
        let last = self.run.as_ref().map_or(i64::MAX, |run| run.last_delivery);
        // A forward takes its target as it was captured, and is recorded as it went out.
        for target in [self.target(target).0, target.into()] {
            let toward = self.endpoint.toward(&target);
            let urls = [toward.to_string(), toward.untidied()];
            if let Some(delivered) = store.delivered_to(id, [&urls[0], &urls[1]], last)? {
                return Ok(!delivered);
            }
        }
        Ok(false)
    }

    /// Gives every selected request to `take` with its number, in the store or in the file, until it wants no more.
    pub fn each(&self, store: &Store, take: &mut Take<'_>) -> Result<(), ReplayError> {
        match (&self.plan.from, &self.planned) {
            (Some(path), _) => self.each_of_file(path, take),
            (None, Some(planned)) => self.each_of_store(store, planned, take),
            (None, None) => self.each_of_store(store, &self.find(store)?, take),
        }
    }

    /// Gives every planned capture in order; of one that was removed meanwhile, that.
    fn each_of_store(&self, store: &Store, planned: &Numbers, take: &mut Take<'_>) -> Result<(), ReplayError> {
        let mut waiting = planned.iter().peekable();
        for request in store.requests(&self.plan.selection, self.last_capture()) {
            let (id, recorded) = request?;
            while let Some(gone) = waiting.next_if(|number| *number < id) {
                if !take(gone, Err(removed(gone)))? {
                    return Ok(());
                }
            }
            if waiting.next_if_eq(&id).is_some() && !take(id, Ok(recorded))? {
                return Ok(());
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
            let mut file = Spool::new(&self.store).map_err(|source| self.wrong(path, source))?;
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

fn removed(capture: i64) -> String {
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
fn facts(number: i64, recorded: &Recorded) -> Marks<'_> {
    let judgement = recorded.judgement.as_ref();
    Marks {
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
