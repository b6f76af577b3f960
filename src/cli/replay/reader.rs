//! A thread that reads requests and makes them ready, ahead of those who send them.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::{Stream, stream};
use jiff::Timestamp;
use tokio::sync::mpsc;

use ckwh::capture::Recorded;
use ckwh::delivery::Endpoint;
use ckwh::delivery::run::RequestOrigin;
use ckwh::message::Message;
use ckwh::provider::Provider;
use ckwh::replay::resend;
use ckwh::scheme::Part;
use ckwh::sign::Keys;
use ckwh::store::{Run, Slot, Store};

use super::plan::Plan;
use super::walk::{Walk, signed};
use crate::cli::exit::{Failure, Undone as _};

/// How many requests are handed over at once.
const BATCH: usize = 64;
/// How long requests that are found far apart wait for others.
const PATIENCE: Duration = Duration::from_millis(5);
/// How many bytes of bodies are handed over at once, but for the last.
const BATCH_BYTES: usize = 256 * 1024;

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
    pub endpoint: Arc<Endpoint>,
    /// That endpoint's URL.
    pub url: Arc<str>,
    /// The provider's place among those that are known.
    pub provider: Option<usize>,
    /// Signed, unless its signature is kept; else why it can't go out.
    pub message: Result<Box<Message>, String>,
    pub dropped_credentials: usize,
    /// What of it its file could not hold.
    pub lost: Vec<String>,
    /// Whether a new id was asked for and the provider has none.
    pub without_id: bool,
    /// Whether its signature is kept and outside the tolerance.
    pub outside: bool,
    /// For what will come of it.
    pub slot: Option<Slot>,
}

impl Job {
    pub fn origin(&self) -> RequestOrigin {
        RequestOrigin {
            capture: self.from_store.then_some(self.record),
            record: (!self.from_store).then_some(self.record),
            turn: self.several.then_some(self.turn + 1),
        }
    }
}

/// Where each job stands among those before it: in number, in the original spacing, and in where it goes.
#[derive(Default)]
pub struct Course {
    before: Option<Timestamp>,
    offset: Duration,
    number: u64,
    /// The last request's target, and where that goes: most go to the same.
    last: Option<(String, Arc<Endpoint>, Arc<str>)>,
}

impl Course {
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

    /// Where a request for `target` goes, and the URL of that.
    fn toward(&mut self, endpoint: &Endpoint, target: &str) -> (Arc<Endpoint>, Arc<str>) {
        match &self.last {
            Some((last, endpoint, url)) if last == target => (endpoint.clone(), url.clone()),
            _ => {
                let toward = Arc::new(endpoint.toward(target));
                let url: Arc<str> = toward.url().as_str().into();
                self.last = Some((target.to_owned(), toward.clone(), url.clone()));
                (toward, url)
            }
        }
    }

    /// The next turn follows the one before at once.
    fn turn(&mut self) {
        self.before = None;
    }
}

/// Reads in a thread of its own; a few batches of requests are ready at most.
pub fn start(walk: Walk, run: Run) -> Result<Ahead, Failure> {
    let (sender, batches) = mpsc::channel(1);
    let work = move || {
        let mut course = Course::default();
        // What comes in after the run began is not part of it.
        let bounded = Walk {
            begun: Some(run),
            ..walk
        };
        let mut outbox = Outbox {
            sender,
            batch: Vec::new(),
            // What comes over a pipe is sent as it comes.
            size: if bounded.plan.reads_stdin() { 1 } else { BATCH },
            bytes: 0,
            flushed: Instant::now(),
        };
        let read = bounded.each_job(&mut course, &mut |job| outbox.put(job));
        outbox.flush();
        if let Err(failure) = read {
            let _ = outbox.sender.blocking_send(Err(failure));
        }
    };
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(work)
        .context("a thread")
        .undone()?;
    Ok(Ahead {
        queue: Arc::new(Queue {
            ready: Mutex::default(),
            batches: tokio::sync::Mutex::new(batches),
        }),
    })
}

/// What was read ahead, for those who send it.
pub struct Ahead {
    queue: Arc<Queue>,
}

impl Ahead {
    /// The requests in their order, of which everyone who asks for them gets a part.
    pub fn jobs(&self) -> impl Stream<Item = Result<Job, Failure>> + use<> {
        let queue = self.queue.clone();
        stream::unfold(queue, async |queue| queue.next().await.map(|job| (job, queue)))
    }
}

struct Queue {
    ready: Mutex<VecDeque<Job>>,
    batches: tokio::sync::Mutex<mpsc::Receiver<Result<Vec<Job>, Failure>>>,
}

impl Queue {
    async fn next(&self) -> Option<Result<Job, Failure>> {
        loop {
            if let Some(job) = self.ready().pop_front() {
                return Some(Ok(job));
            }
            let mut batches = self.batches.lock().await;
            // Another may have waited for it.
            if self.ready().is_empty() {
                match batches.recv().await? {
                    Ok(batch) => self.ready().extend(batch),
                    Err(failure) => return Some(Err(failure)),
                }
            }
        }
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where requests wait to be handed over together: one by one would wake a thread for each.
struct Outbox {
    sender: mpsc::Sender<Result<Vec<Job>, Failure>>,
    batch: Vec<Job>,
    /// How many are handed over at once.
    size: usize,
    /// How long the bodies in the batch are together.
    bytes: usize,
    /// When the last were handed over.
    flushed: Instant,
}

impl Outbox {
    /// Takes a request, and hands over what there is where it is enough or the last were long ago. `false` where nobody
    /// wants more.
    fn put(&mut self, job: Job) -> bool {
        self.bytes += job.message.as_ref().map_or(0, |message| message.body.len());
        self.batch.push(job);
        let enough = self.batch.len() >= self.size || self.bytes >= BATCH_BYTES;
        !(enough || self.flushed.elapsed() > PATIENCE) || self.flush()
    }

    fn flush(&mut self) -> bool {
        self.bytes = 0;
        let batch = mem::replace(&mut self.batch, Vec::with_capacity(self.size));
        let taken = self.sender.blocking_send(Ok(batch)).is_ok();
        self.flushed = Instant::now();
        taken
    }
}

/// The keys of the job's provider, or why it can't be signed anew.
pub fn keys_of<'k>(keys: &'k [Result<Keys, String>], job: &Job) -> Result<&'k Keys, String> {
    let own = job.provider.and_then(|index| keys.get(index));
    own.ok_or_else(String::new)?.as_ref().map_err(Clone::clone)
}

impl Walk {
    /// Makes every request ready that is left, each turn.
    pub fn each_job(&self, course: &mut Course, take: &mut dyn FnMut(Job) -> bool) -> Result<(), Failure> {
        let store = Store::open(&self.store)?;
        let mut enough = false;
        for turn in 0..self.plan.times {
            course.turn();
            self.each(&store, &mut |record, recorded| {
                if self.is_left(&store, record, turn)? {
                    let job = match recorded {
                        Some(recorded) => self.job(record, turn, recorded, course),
                        None => self.gone(record, turn, course),
                    };
                    enough = !take(job);
                }
                Ok(!enough)
            })?;
            if enough {
                break;
            }
        }
        Ok(())
    }

    /// The place of a capture that is not in the store any more.
    fn gone(&self, record: i64, turn: u32, course: &mut Course) -> Job {
        let (endpoint, url) = course.toward(&self.endpoint, self.endpoint.target());
        Job {
            record,
            from_store: true,
            turn,
            several: self.plan.times > 1,
            number: course.number,
            offset: course.offset,
            endpoint,
            url,
            provider: None,
            message: Err(format!(
                "capture {record} was removed from the store after this run was planned"
            )),
            dropped_credentials: 0,
            lost: Vec::new(),
            without_id: false,
            outside: false,
            slot: None,
        }
    }

    fn job(&self, record: i64, turn: u32, mut recorded: Recorded, course: &mut Course) -> Job {
        let plan: &Plan = &self.plan;
        let offset = course.next(recorded.received_at, plan.speed);
        let number = course.number;
        course.number += 1;
        let lost = mem::take(&mut recorded.lost);
        let (signer, signed_at) = signed(&recorded);
        let (target, dropped) = self.target(recorded.target());
        let (endpoint, url) = course.toward(&self.endpoint, &target);
        let mut job = Job {
            record,
            from_store: plan.from.is_none(),
            turn,
            several: plan.times > 1,
            number,
            offset,
            endpoint,
            url,
            provider: None,
            message: Err(String::new()),
            dropped_credentials: dropped,
            lost,
            without_id: false,
            // Those that can be counted before they go out are.
            outside: plan.keep_signature && plan.reads_stdin() && self.is_outside(signer, signed_at, Timestamp::now()),
            slot: None,
        };
        job.message = self.ready(recorded, &mut job).map(Box::new);
        job
    }

    /// The request as it can go out at once.
    fn ready(&self, mut recorded: Recorded, job: &mut Job) -> Result<Message, String> {
        let plan: &Plan = &self.plan;
        let judged = recorded.judgement.take().filter(|judged| judged.provider.is_some());
        let message = &mut recorded.message;
        let providers = self.judge.recogniser.providers();
        let whose = match judged {
            Some(judged) => {
                message.event_type = judged.event_type;
                let is = |provider: &&Provider| {
                    Some(&provider.name) == judged.provider.as_ref()
                        && Some(&provider.dialect) == judged.dialect.as_ref()
                };
                providers.iter().find(is).ok_or_else(|| {
                    let name = judged.provider.unwrap_or_default();
                    format!("the provider {name} is not known here, so it can't be signed anew")
                })
            }
            None => match self.judge.whose(message) {
                Ok(provider) => {
                    message.event_type = provider.table.event.kind.read(message);
                    Ok(provider)
                }
                Err(detail) => Err(format!("it can't be signed anew: {detail}")),
            },
        };
        job.provider = whose
            .as_ref()
            .ok()
            .and_then(|whose| providers.iter().position(|provider| std::ptr::eq(provider, *whose)));
        if whose.as_ref().is_ok_and(|whose| whose.scheme.signs(&Part::Url)) {
            recorded.message.url = match &plan.public_url {
                Some(public) => recorded.signed_url(Some(public)),
                None => Some(job.url.to_string()),
            };
        }
        let mut message = recorded.message;
        let told = |error: resend::ResendError| error.to_string();
        resend::strip(&mut message).map_err(told)?;
        if self.leaves_credentials_out() {
            let scheme = whose.as_ref().ok().map(|provider| &provider.scheme);
            job.dropped_credentials += resend::drop_credentials(&mut message, &self.credentials, scheme);
        }
        if plan.keep_signature {
            return Ok(message);
        }
        let provider = whose?;
        let keys = keys_of(&self.keys, job)?;
        resend::edit(&mut message, provider, &plan.edits).map_err(told)?;
        if plan.fresh_id {
            job.without_id = !resend::renew_id(&mut message, provider).map_err(told)?;
        }
        resend::resign(&mut message, provider, keys, Timestamp::now()).map_err(told)?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The offsets of what arrived at these times, in seconds, replayed so many times faster, in milliseconds.
    fn offsets(course: &mut Course, speed: Option<f64>, arrived: &[Option<i64>]) -> Vec<u128> {
        let arrived = arrived.iter();
        arrived
            .map(|at| at.map(|at| Timestamp::from_second(at).unwrap()))
            .map(|at| course.next(at, speed).as_millis())
            .collect()
    }

    #[test]
    fn the_original_spacing_is_kept_in_proportion() {
        let arrived = [1000, 1000, 1001, 1011, 1111].map(Some);
        for (speed, expected) in [
            (Some(1.0), [0, 0, 1000, 11_000, 111_000]),
            (Some(10.0), [0, 0, 100, 1100, 11_100]),
            (Some(0.5), [0, 0, 2000, 22_000, 222_000]),
            (None, [0; 5]),
        ] {
            assert_eq!(offsets(&mut Course::default(), speed, &arrived), expected, "{speed:?}");
        }
    }

    #[test]
    fn a_clock_that_went_back_and_an_unknown_time_wait_for_nothing() {
        let arrived = [Some(1000), Some(1010), Some(990), Some(995), None, Some(996)];
        let expected = [0, 10_000, 10_000, 15_000, 0, 16_000];
        assert_eq!(offsets(&mut Course::default(), Some(1.0), &arrived), expected);
    }

    #[test]
    fn each_turn_follows_the_one_before_at_once() {
        let mut course = Course::default();
        let arrived = [Some(1000), Some(1010)];
        course.turn();
        assert_eq!(offsets(&mut course, Some(2.0), &arrived), [0, 5000]);
        course.turn();
        assert_eq!(offsets(&mut course, Some(2.0), &arrived), [5000, 10_000]);
    }
}
