//! The selected requests, one after the other, from the store or from a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::capture::credentials::{self, Credentials};
use ckwh::capture::store::{Run, Store};
use ckwh::capture::{Filter, Format, Marks, Recorded};
use ckwh::clock::Within;
use ckwh::delivery::Endpoint;
use ckwh::receiver::Judge;
use ckwh::sign::Keys;

use super::plan::Plan;
use crate::cli::exit::{Failure, Undone as _};

/// The longest request of a file, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Goes through what a plan selects.
#[derive(Clone)]
pub struct Walk {
    pub store: PathBuf,
    pub endpoint: Endpoint,
    pub plan: Arc<Plan>,
    pub judge: Arc<Judge>,
    /// What goes to no other machine unasked.
    pub credentials: Credentials,
    /// The keys of each of the judge's providers, or why there are none.
    pub keys: Arc<[Result<Keys, String>]>,
    /// The run, once it has begun.
    pub begun: Option<Run>,
    /// Whether it goes on where it was cut off.
    pub resumed: bool,
}

/// Takes a request and its number; says whether it wants more.
type Take<'t> = dyn FnMut(i64, Recorded) -> Result<bool, Failure> + 't;

/// What is selected.
#[derive(Debug, Default)]
pub struct Survey {
    pub selected: u64,
    /// How many deliveries are left to make.
    pub left: u64,
    /// How many signatures are outside their tolerance, where they are kept.
    pub outside: u64,
}

impl Walk {
    /// Counts what is selected; `None` where that would use it up.
    pub fn survey(&self) -> Result<Option<Survey>, Failure> {
        if self.plan.reads_stdin() {
            return Ok(None);
        }
        let store = Store::open(&self.store)?;
        let mut survey = Survey::default();
        if self.plan.is_everything() && !self.plan.keep_signature && !self.resumed {
            survey.selected = store.count()?;
            survey.left = survey.selected * u64::from(self.plan.times);
            return Ok(Some(survey));
        }
        let now = Timestamp::now();
        let mut count = |id, provider: Option<&str>, signed_at| -> Result<bool, Failure> {
            survey.selected += 1;
            survey.outside += u64::from(self.plan.keep_signature && self.is_outside(provider, signed_at, now));
            for turn in 0..self.plan.times {
                survey.left += u64::from(self.is_left(&store, id, turn)?);
            }
            Ok(true)
        };
        if self.plan.from.is_some() || self.plan.filter.is_some() {
            self.each(&store, &mut |id, recorded| {
                let (provider, signed_at) = signed(&recorded);
                count(id, provider, signed_at)
            })?;
        } else {
            for summary in store.list(&self.plan.selection, false) {
                let summary = summary?;
                if summary.id > self.last() {
                    break;
                }
                if self.is_meant(&store, summary.id, &summary.target)? {
                    count(summary.id, summary.provider.as_deref(), summary.signed_at)?;
                }
            }
        }
        Ok(Some(survey))
    }

    /// Whether a request is still to be delivered.
    pub fn is_left(&self, store: &Store, record: i64, turn: u32) -> Result<bool, Failure> {
        match &self.begun {
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

    /// Whether captured credentials stay here: the target is another machine, and nobody asked for them to go there.
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
    fn last(&self) -> i64 {
        self.begun.as_ref().map_or(i64::MAX, |run| run.last_capture)
    }

    /// Whether a selected capture is meant by what came of its deliveries to this target.
    fn is_meant(&self, store: &Store, id: i64, target: &str) -> Result<bool, Failure> {
        if !self.plan.failed {
            return Ok(true);
        }
        let last = self.begun.as_ref().map_or(i64::MAX, |run| run.last_delivery);
        // A forward took its target as it was captured.
        let targets = [self.target(target).0, target.into()];
        for target in targets {
            let url = self.endpoint.toward(&target).to_string();
            if let Some(delivered) = store.delivered_to(id, &url, last)? {
                return Ok(!delivered);
            }
        }
        Ok(false)
    }

    /// Gives every selected request to `take` with its number, in the store or in the file, until it says no.
    pub fn each(&self, store: &Store, take: &mut Take<'_>) -> Result<(), Failure> {
        let filter = self.plan.filter.as_deref().map(Filter::parse).transpose()?;
        let mut filtered = |id, recorded: Recorded| match &filter {
            Some(filter) if !filter.matches(&recorded.message.body) => Ok(true),
            _ => take(id, recorded),
        };
        match &self.plan.from {
            Some(path) => self.each_of_file(path, &mut filtered),
            None => self.each_of_store(store, &mut filtered),
        }
    }

    fn each_of_store(&self, store: &Store, take: &mut Take<'_>) -> Result<(), Failure> {
        for request in store.requests(&self.plan.selection, self.last()) {
            let (id, recorded) = request?;
            if self.is_meant(store, id, recorded.target())? && !take(id, recorded)? {
                break;
            }
        }
        Ok(())
    }

    fn each_of_file(&self, path: &Path, take: &mut Take<'_>) -> Result<(), Failure> {
        let shown = path.display();
        let mut number = 0;
        let mut failure = None;
        let mut one = |mut recorded: Recorded| {
            number += 1;
            if recorded
                .judgement
                .as_ref()
                .is_none_or(|judgement| judgement.provider.is_none())
            {
                recorded.judgement = Some(self.judge.judge(&recorded, Timestamp::now()));
            }
            if !self.plan.selection.matches(&marks(number, &recorded)) {
                return true;
            }
            take(number, recorded).unwrap_or_else(|error| {
                failure = Some(error);
                false
            })
        };
        let read = if self.plan.reads_stdin() {
            Format::each(io::stdin().lock(), LONGEST, &mut one)
        } else {
            let file = File::open(path).with_context(|| format!("the file {shown}")).undone()?;
            Format::each(BufReader::new(file), LONGEST, &mut one)
        };
        if let Some(failure) = failure {
            return Err(failure);
        }
        read.with_context(|| format!("the file {shown}"))
            .map_err(Failure::Usage)
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

fn marks(number: i64, recorded: &Recorded) -> Marks<'_> {
    let judgement = recorded.judgement.as_ref();
    Marks {
        id: number,
        received_at: recorded.received_at.unwrap_or_default(),
        provider: judgement.and_then(|judgement| judgement.provider.as_deref()),
        event_type: judgement.and_then(|judgement| judgement.event_type.as_deref()),
        reason: judgement.map(|judgement| judgement.reason),
        delivered: None,
    }
}
