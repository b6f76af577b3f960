//! The selected requests, one after the other, from the store or from a file.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::capture::store::{Run, Store, Summary};
use ckwh::capture::{Filter, Format, Recorded};
use ckwh::clock::Within;
use ckwh::delivery::Endpoint;
use ckwh::receiver::Judge;

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
    /// The run, once it has begun.
    pub begun: Option<Run>,
    /// Whether it goes on where it was cut off.
    pub resumed: bool,
}

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
        let mut failure = None;
        let now = Timestamp::now();
        self.each(&store, &mut |summary, _| {
            survey.selected += 1;
            survey.outside += u64::from(self.plan.keep_signature && self.is_outside(summary, now));
            for turn in 0..self.plan.times {
                match self.is_left(&store, summary.id, turn) {
                    Ok(left) => survey.left += u64::from(left),
                    Err(error) => failure = Some(error),
                }
            }
            failure.is_none()
        })?;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(Some(survey)),
        }
    }

    /// Whether a request is still to be delivered.
    pub fn is_left(&self, store: &Store, record: i64, turn: u32) -> Result<bool, Failure> {
        match &self.begun {
            Some(run) if self.resumed => Ok(!store.was_answered(run.id, record, turn)?),
            _ => Ok(true),
        }
    }

    /// Whether its signed time is too far off to be accepted now.
    pub fn is_outside(&self, summary: &Summary, now: Timestamp) -> bool {
        let providers = self.judge.recogniser.providers();
        let rule = providers
            .iter()
            .find(|provider| Some(&provider.name) == summary.provider.as_ref())
            .and_then(|provider| provider.scheme.timestamp.as_ref());
        match (rule, summary.signed_at) {
            (Some(rule), Some(signed_at)) => rule.tolerance.judge(now.duration_since(signed_at)) != Within::Tolerance,
            _ => false,
        }
    }

    /// Gives every selected request to `take`, until it says no; those of the store as summaries
    /// where that will do. A request of a
    /// file has its number there as its `id`.
    pub fn each(&self, store: &Store, take: &mut dyn FnMut(&Summary, Option<Recorded>) -> bool) -> Result<(), Failure> {
        let filter = self.plan.filter.as_deref().map(Filter::parse).transpose()?;
        let mut filtered = |summary: &Summary, recorded: Option<Recorded>| {
            let meant = match (&filter, &recorded) {
                (Some(filter), Some(recorded)) => filter.matches(&recorded.message.body),
                _ => true,
            };
            !meant || take(summary, recorded)
        };
        match &self.plan.from {
            Some(path) => self.each_of_file(path, &mut filtered),
            None => self.each_of_store(store, filter.is_some(), &mut filtered),
        }
    }

    fn each_of_store(
        &self,
        store: &Store,
        whole: bool,
        take: &mut dyn FnMut(&Summary, Option<Recorded>) -> bool,
    ) -> Result<(), Failure> {
        let (last, last_delivery) = match &self.begun {
            Some(run) => (run.last_capture, run.last_delivery),
            None => (i64::MAX, i64::MAX),
        };
        for summary in store.list(&self.plan.selection, false) {
            let summary = summary?;
            if summary.id > last {
                break;
            }
            if self.plan.failed {
                let url = self.endpoint.toward(&summary.target).to_string();
                if store.delivered_to(summary.id, &url, last_delivery)? != Some(false) {
                    continue;
                }
            }
            let recorded = match whole {
                true => match store.recorded(summary.id)? {
                    Some(recorded) => Some(recorded),
                    None => continue,
                },
                false => None,
            };
            if !take(&summary, recorded) {
                break;
            }
        }
        Ok(())
    }

    fn each_of_file(
        &self,
        path: &std::path::Path,
        take: &mut dyn FnMut(&Summary, Option<Recorded>) -> bool,
    ) -> Result<(), Failure> {
        let shown = path.display();
        let mut number = 0;
        let mut one = |mut recorded: Recorded| {
            number += 1;
            if recorded
                .judgement
                .as_ref()
                .is_none_or(|judgement| judgement.provider.is_none())
            {
                recorded.judgement = Some(self.judge.judge(&recorded, Timestamp::now()));
            }
            let summary = summary(number, &recorded);
            !self.plan.selection.matches(&summary) || take(&summary, Some(recorded))
        };
        let read = if self.plan.reads_stdin() {
            Format::each(io::stdin().lock(), LONGEST, &mut one)
        } else {
            let file = File::open(path).with_context(|| format!("the file {shown}")).undone()?;
            Format::each(BufReader::new(file), LONGEST, &mut one)
        };
        read.with_context(|| format!("the file {shown}"))
            .map_err(Failure::Usage)
    }
}

fn summary(number: i64, recorded: &Recorded) -> Summary {
    let judgement = recorded.judgement.as_ref();
    Summary {
        id: number,
        received_at: recorded.received_at.unwrap_or_default(),
        method: recorded.message.method.clone(),
        target: recorded.target().to_owned(),
        provider: judgement.and_then(|judgement| judgement.provider.clone()),
        event_type: judgement.and_then(|judgement| judgement.event_type.clone()),
        reason: judgement.map(|judgement| judgement.reason),
        signature: judgement.map(|judgement| judgement.signature),
        signed_at: judgement.and_then(|judgement| judgement.signed_at),
        duplicate_of: None,
        size: recorded.message.body.len() as u64,
        answer: recorded.answer,
        delivered: None,
    }
}
