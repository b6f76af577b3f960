//! A thread that reads requests and makes them ready, ahead of those who send them.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::mpsc;

use ckwh::capture::Recorded;
use ckwh::capture::resend;
use ckwh::capture::store::{Run, Store};
use ckwh::delivery::Endpoint;
use ckwh::message::Message;

use super::plan::Plan;
use super::walk::Walk;
use crate::cli::exit::{Failure, Undone as _};
use crate::cli::report::Origin;

/// One request, to be sent once.
pub struct Job {
    /// The capture's number, or the request's in its file.
    pub record: i64,
    pub from_store: bool,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// Whether there are several.
    pub several: bool,
    /// How many were made ready before.
    pub number: u64,
    /// When it is due where the original spacing is kept.
    pub offset: Duration,
    pub endpoint: Endpoint,
    /// The provider's place among those that are known.
    pub provider: Option<usize>,
    pub event_type: Option<String>,
    /// Everything but the signature; else why it can't go out.
    pub message: Result<Box<Message>, String>,
    pub dropped_credentials: usize,
    /// Whether a new id was asked for and the provider has none.
    pub without_id: bool,
    /// Whether its signature is kept and outside the tolerance.
    pub outside: bool,
}

impl Job {
    pub fn origin(&self) -> Origin {
        Origin {
            capture: self.from_store.then_some(self.record),
            record: (!self.from_store).then_some(self.record),
            turn: self.several.then_some(self.turn + 1),
        }
    }
}

/// The original spacing, so many times faster.
#[derive(Default)]
pub struct Spacing {
    before: Option<Timestamp>,
    offset: Duration,
    number: u64,
}

impl Spacing {
    fn next(&mut self, at: Option<Timestamp>, speed: Option<f64>) -> Duration {
        let (Some(at), Some(speed)) = (at, speed) else {
            return Duration::ZERO;
        };
        let gap = self
            .before
            .map_or(0.0, |before| at.duration_since(before).as_secs_f64());
        self.before = Some(at);
        let gap = Duration::try_from_secs_f64(gap.max(0.0) / speed).unwrap_or(Duration::MAX);
        self.offset = self.offset.saturating_add(gap);
        self.offset
    }

    /// The next turn follows the one before at once.
    fn turn(&mut self) {
        self.before = None;
    }
}

/// Reads in a thread of its own.
pub struct Reader;

impl Reader {
    /// Begins; `ahead` requests are ready at most.
    pub fn start(walk: Walk, run: Run, ahead: u32) -> Result<mpsc::Receiver<Result<Job, Failure>>, Failure> {
        let (sender, jobs) = mpsc::channel(ahead as usize);
        let work = move || {
            let mut spacing = Spacing::default();
            // What comes in after the run began is not part of it.
            let bounded = Walk {
                begun: Some(run),
                ..walk
            };
            let read = bounded.each_job(&mut spacing, &mut |job| sender.blocking_send(Ok(job)).is_ok());
            if let Err(failure) = read {
                let _ = sender.blocking_send(Err(failure));
            }
        };
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(work)
            .context("a thread")
            .undone()?;
        Ok(jobs)
    }
}

impl Walk {
    /// Makes every request ready that is left, each turn.
    pub fn each_job(&self, spacing: &mut Spacing, take: &mut dyn FnMut(Job) -> bool) -> Result<(), Failure> {
        let store = Store::open(&self.store)?;
        let mut failure = None;
        let mut enough = false;
        for turn in 0..self.plan.times {
            spacing.turn();
            self.each(&store, &mut |summary, recorded| {
                let one = || -> Result<bool, Failure> {
                    if !self.is_left(&store, summary.id, turn)? {
                        return Ok(true);
                    }
                    let recorded = match recorded {
                        Some(recorded) => recorded,
                        // One that was removed meanwhile is not there to send.
                        None => match store.recorded(summary.id)? {
                            Some(recorded) => recorded,
                            None => return Ok(true),
                        },
                    };
                    let outside = self.plan.keep_signature
                        && self.plan.reads_stdin()
                        && self.is_outside(summary, Timestamp::now());
                    let mut job = self.job(summary.id, turn, recorded, spacing);
                    job.outside = outside;
                    Ok(take(job))
                };
                match one() {
                    Ok(more) => enough = !more,
                    Err(error) => failure = Some(error),
                }
                !enough && failure.is_none()
            })?;
            if let Some(failure) = failure {
                return Err(failure);
            }
            if enough {
                break;
            }
        }
        Ok(())
    }

    fn job(&self, record: i64, turn: u32, recorded: Recorded, spacing: &mut Spacing) -> Job {
        let plan: &Plan = &self.plan;
        let offset = spacing.next(recorded.received_at, plan.speed);
        let number = spacing.number;
        spacing.number += 1;
        let mut job = Job {
            record,
            from_store: plan.from.is_none(),
            turn,
            several: plan.times > 1,
            number,
            offset,
            endpoint: self.endpoint.toward(recorded.target()),
            provider: None,
            event_type: None,
            message: Err(String::new()),
            dropped_credentials: 0,
            without_id: false,
            outside: false,
        };
        job.message = self.ready(&recorded, &mut job).map(Box::new);
        job
    }

    /// The request with everything but its signature.
    fn ready(&self, recorded: &Recorded, job: &mut Job) -> Result<Message, String> {
        let plan: &Plan = &self.plan;
        let providers = self.judge.recogniser.providers();
        let judged = recorded
            .judgement
            .clone()
            .filter(|judgement| judgement.provider.is_some())
            .unwrap_or_else(|| self.judge.judge(recorded, Timestamp::now()));
        job.event_type = judged.event_type;
        job.provider = providers.iter().position(|provider| {
            Some(&provider.name) == judged.provider.as_ref() && Some(&provider.dialect) == judged.dialect.as_ref()
        });
        let provider = job.provider.map(|index| &providers[index]);
        let told = |error: resend::ResendError| error.to_string();
        let mut message = resend::message(recorded).map_err(told)?;
        message.event_type = job.event_type.clone();
        message.url = Some(match &plan.public_url {
            Some(public) => recorded.signed_url(Some(public)).unwrap_or_default(),
            None => job.endpoint.to_string(),
        });
        if !plan.with_credentials && !job.endpoint.is_loopback() {
            job.dropped_credentials = resend::drop_credentials(&mut message, provider.map(|provider| &provider.scheme));
        }
        if plan.keep_signature {
            return Ok(message);
        }
        let Some(provider) = provider else {
            return Err(match (&judged.provider, judged.detail) {
                (Some(name), _) => format!("the provider {name} is not known here, so it can't be signed anew"),
                (None, Some(detail)) => format!("it can't be signed anew: {detail}"),
                (None, None) => "it can't be signed anew: whose it is is not known".to_owned(),
            });
        };
        if self.judge.secrets.get(&provider.name).is_none_or(Vec::is_empty) {
            return Err(format!(
                "there is no secret for {}: set {}, or give --secret-file PATH or --secret-env NAME",
                provider.name,
                provider.table.secret_env.join(" or ")
            ));
        }
        resend::edit(&mut message, provider, &plan.edits).map_err(told)?;
        if plan.fresh_id {
            job.without_id = !resend::renew_id(&mut message, provider).map_err(told)?;
        }
        Ok(message)
    }
}
