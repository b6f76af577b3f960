//! The selected requests, one after the other, from the store or from a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::capture::Recorded;
use ckwh::clock::Within;
use ckwh::delivery::Endpoint;
use ckwh::exchange::Format;
use ckwh::exchange::credentials;
use ckwh::exchange::credentials::Credentials;
use ckwh::judge::Judge;
use ckwh::sign::Keys;
use ckwh::store::{Marks, Numbers};
use ckwh::store::{Run, Store};

use super::plan::Plan;
use crate::cli::exit::{Failure, Undone as _};
use crate::cli::sieve::Sieve;

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
    /// The captures that are to be delivered, once they are known; of a file's requests they are not.
    pub planned: Option<Arc<Numbers>>,
    /// The run, once it has begun.
    pub begun: Option<Run>,
    /// Whether it goes on where it was cut off.
    pub resumed: bool,
}

/// Takes a request's number and the request, or `None` for a capture that was removed since it was planned; says whether
/// it wants more.
type Take<'t> = dyn FnMut(i64, Option<Recorded>) -> Result<bool, Failure> + 't;

/// What is selected.
#[derive(Debug, Default)]
pub struct Survey {
    pub selected: u64,
    /// Which captures that is, where it is of the store.
    pub planned: Option<Arc<Numbers>>,
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
        if self.plan.from.is_some() {
            self.survey_file(&store, &mut survey)?;
            return Ok(Some(survey));
        }
        let planned = match &self.planned {
            Some(planned) => planned.clone(),
            None if self.plan.is_everything() => Arc::new(store.numbers()?),
            None => Arc::new(self.meant(&store)?),
        };
        survey.selected = planned.len();
        survey.left = if self.resumed {
            let mut left = 0;
            for id in planned.iter() {
                left += self.turns_left(&store, id)?;
            }
            left
        } else {
            survey.selected.saturating_mul(self.plan.times.into())
        };
        if self.plan.keep_signature {
            let now = Timestamp::now();
            for summary in store.list(&self.plan.selection, false) {
                let summary = summary?;
                let is_outside = self.is_outside(summary.provider.as_deref(), summary.signed_at, now);
                survey.outside += u64::from(is_outside && planned.contains(summary.id));
            }
        }
        survey.planned = Some(planned);
        Ok(Some(survey))
    }

    fn survey_file(&self, store: &Store, survey: &mut Survey) -> Result<(), Failure> {
        let now = Timestamp::now();
        self.each(store, &mut |id, recorded| {
            let Some(recorded) = recorded else { return Ok(true) };
            let (provider, signed_at) = signed(&recorded);
            survey.selected += 1;
            survey.outside += u64::from(self.plan.keep_signature && self.is_outside(provider, signed_at, now));
            survey.left += self.turns_left(store, id)?;
            Ok(true)
        })
    }

    /// The captures that are meant now.
    fn meant(&self, store: &Store) -> Result<Numbers, Failure> {
        let mut meant = Numbers::default();
        if let Some(mut sieve) = self.sieve()? {
            for request in store.requests(&self.plan.selection, self.last()) {
                let (id, recorded) = request?;
                if self.is_meant(store, id, recorded.target())? && sieve.matches(&recorded.message.body)? {
                    meant.push(id);
                }
            }
        } else {
            for summary in store.list(&self.plan.selection, false) {
                let summary = summary?;
                if summary.id > self.last() {
                    break;
                }
                if self.is_meant(store, summary.id, &summary.target)? {
                    meant.push(summary.id);
                }
            }
        }
        Ok(meant)
    }

    fn sieve(&self) -> Result<Option<Sieve>, Failure> {
        self.plan.filter.as_deref().map(Sieve::start).transpose()
    }

    /// How often a request is still to be delivered.
    fn turns_left(&self, store: &Store, record: i64) -> Result<u64, Failure> {
        let mut left = 0;
        for turn in 0..self.plan.times {
            left += u64::from(self.is_left(store, record, turn)?);
        }
        Ok(left)
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
        // A forward took its target as it was captured, and is recorded as it went out.
        for target in [self.target(target).0, target.into()] {
            let toward = self.endpoint.toward(&target);
            let urls = [toward.to_string(), toward.untidied()];
            if let Some(delivered) = store.delivered_to(id, [&urls[0], &urls[1]], last)? {
                return Ok(!delivered);
            }
        }
        Ok(false)
    }

    /// Gives every request of the plan to `take` with its number, in the store or in the file, until it says no.
    pub fn each(&self, store: &Store, take: &mut Take<'_>) -> Result<(), Failure> {
        match (&self.plan.from, &self.planned) {
            (Some(path), _) => self.each_of_file(path, take),
            (None, Some(planned)) => self.each_of_store(store, planned, take),
            (None, None) => self.each_of_store(store, &self.meant(store)?, take),
        }
    }

    /// Every planned capture has its turn, in their order: one that is not there any more is given as that.
    fn each_of_store(&self, store: &Store, planned: &Numbers, take: &mut Take<'_>) -> Result<(), Failure> {
        let mut waiting = planned.iter().peekable();
        for request in store.requests(&self.plan.selection, self.last()) {
            let (id, recorded) = request?;
            while let Some(gone) = waiting.next_if(|number| *number < id) {
                if !take(gone, None)? {
                    return Ok(());
                }
            }
            if waiting.next_if_eq(&id).is_some() && !take(id, Some(recorded))? {
                return Ok(());
            }
        }
        for gone in waiting {
            if !take(gone, None)? {
                break;
            }
        }
        Ok(())
    }

    fn each_of_file(&self, path: &Path, take: &mut Take<'_>) -> Result<(), Failure> {
        let shown = path.display();
        let mut sieve = self.sieve()?;
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
            let matches = match &mut sieve {
                Some(sieve) => sieve.matches(&recorded.message.body),
                None => Ok(true),
            };
            let taken = matches.and_then(|matches| {
                if matches {
                    take(number, Some(recorded))
                } else {
                    Ok(true)
                }
            });
            taken.unwrap_or_else(|error| {
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
