//! Captured requests, delivered again: a plan in, events to an observer, an outcome out.
//!
//! [`Replay::new`] finds what a plan selects, and [`Replay::preview`] shows what would go out. [`Replay::begin`] records
//! a run in the store, [`Begun::start`] begins to read, and [`Running::deliver`] delivers.

mod filter;
mod job;
mod order;
mod plan;
mod reader;
pub mod resend;
mod schedule;
mod selected;
mod source;
mod spool;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use futures_util::StreamExt as _;

pub use filter::{BodyFilter, BodyFilterError, StartFilter};
pub use plan::Plan;
pub use selected::Survey;
pub use source::Findings;

use crate::delivery::run::{self, Observer, Prepared, RequestOrigin, RunError, RunOutcome, Source as _};
use crate::delivery::{ClientError, ClientOptions, Endpoint, EndpointError, Expectation, Pace, PaceOptions, Rate};
use crate::exchange::CaptureError;
use crate::exchange::credentials::{Blanks, Credentials};
use crate::judge::Judge;
use crate::sign::Keys;
use crate::store::{Answered, Claim, NewRun, Run, RunTotals, RunWriter, Share, Store, StoreError, wait};
use job::Job;
use selected::Selected;
use source::{Lane, ReplaySource};

/// How many requests on the way at a time are worth a thread.
const LANE: u32 = 32;

/// What a replay works with.
#[derive(Debug)]
pub struct Config {
    /// Where the captures are, and where the run is recorded.
    pub store: Store,
    /// What is asked for.
    pub plan: Plan,
    /// The run that is resumed, which this process holds.
    pub resumed: Option<(Run, Claim)>,
    /// Recognises the provider of each request.
    pub judge: Judge,
    /// The keys of each of the judge's providers, in their order, or why there are none.
    pub keys: Vec<Result<Keys, String>>,
    /// Which headers and parameters go to no other machine unasked.
    pub credentials: Credentials,
    /// What is blanked out of the answers that are kept.
    pub blanks: Blanks,
    /// Starts the plan's filter, in the reader's thread too.
    pub start_filter: StartFilter,
}

/// How requests are delivered.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// How connections are made.
    pub client: ClientOptions,
    /// The time-out of each attempt; `None` is each provider's own.
    pub timeout: Option<Duration>,
    /// How fast, how many at a time, how often again.
    pub pace: PaceOptions,
    /// What an answer must be.
    pub expectation: Expectation,
    /// Whether none begins after the first that does not meet the expectation.
    pub fail_fast: bool,
}

/// Why a replay is not made, or broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The target.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan's filter.
    #[error(transparent)]
    Filter(#[from] BodyFilterError),
    /// The deliveries.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The file can't be read.
    #[error("the file {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is a directory.
    #[error("{} is a directory; give a file in it", .0.display())]
    Directory(PathBuf),
    /// The file holds no requests that can be read.
    #[error("the file {}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: CaptureError,
    },
    /// The file of a resumed run is another by now: its requests would have other numbers.
    #[error("the file of run {0} has changed since it began; begin a new replay")]
    Changed(i64),
    /// The plan of a resumed run can't be read.
    #[error("run {run} was written by another version of ckwh; begin it again")]
    OtherVersion {
        /// The run's number.
        run: i64,
        /// What can't be read in it.
        #[source]
        source: serde_json::Error,
    },
    /// A retry can't be signed.
    #[error("{0}")]
    Sign(String),
    /// No request was selected, so nothing was sent.
    #[error("nothing is selected, so nothing was sent")]
    NothingSelected,
}

/// A replay that may begin.
#[derive(Debug)]
pub struct Replay {
    selected: Selected,
    claim: Option<Claim>,
    digest: Option<[u8; 32]>,
    survey: Option<Survey>,
}

impl Replay {
    /// Finds what the plan selects.
    ///
    /// # Errors
    /// [`ReplayError`], also where the file of a resumed run has changed.
    pub fn new(config: Config) -> Result<Self, ReplayError> {
        let endpoint = Endpoint::parse(&config.plan.target, "/")?;
        let digest = config.plan.digest()?;
        let (run, claim) = config.resumed.unzip();
        if let Some(run) = &run
            && run.digest.as_deref() != digest.as_ref().map(<[u8; 32]>::as_slice)
        {
            return Err(ReplayError::Changed(run.id));
        }
        let answered = match &run {
            Some(run) => wait(config.store.answered(run.id))?,
            None => Answered::default(),
        };
        let mut selected = Selected {
            blanks: config.blanks,
            store: config.store,
            endpoint,
            plan: config.plan,
            judge: config.judge,
            credentials: config.credentials,
            keys: config.keys,
            start_filter: config.start_filter,
            planned: run.as_ref().and_then(|run| run.planned.clone()),
            resumed: run.is_some(),
            share: None,
            batch: 0,
            answered,
            run,
            in_order: OnceLock::new(),
        };
        let survey = selected.survey()?;
        Ok(Self {
            selected,
            claim,
            digest,
            survey,
        })
    }

    /// What is asked for.
    pub fn plan(&self) -> &Plan {
        &self.selected.plan
    }

    /// Where the requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.selected.endpoint
    }

    /// How much is selected; `None` for standard input, which counting uses up.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// Gives every request to `show` as it would go out, or the reason why it can't, until that breaks. Nothing is sent
    /// and nothing is recorded.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn preview(
        self,
        options: &ReplayOptions,
        mut show: impl FnMut(RequestOrigin, &Endpoint, Prepared) -> ControlFlow<()>,
    ) -> Result<Findings, ReplayError> {
        let findings = Mutex::default();
        let selected = Arc::new(self.selected);
        let source = ReplaySource {
            lane: Lane::new(&selected, options)?,
            selected: selected.clone(),
            pace: Pace::start(None),
            writer: None,
            findings: &findings,
        };
        let mut failure = None;
        let mut take = |mut job: Job| match source.prepare(&mut job) {
            Ok(prepared) => show(job.origin(), &job.endpoint, prepared).is_continue(),
            Err(error) => {
                failure = Some(error);
                false
            }
        };
        selected.each_job(&mut take, &|| true)?;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(findings.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Records that the run begins, or goes on, and holds it for this process.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn begin(mut self) -> Result<Begun, ReplayError> {
        let run = match self.selected.run.take() {
            Some(run) => run,
            None => {
                let plan = &self.selected.plan;
                // The original spacing is one process's to keep.
                let is_shared =
                    self.selected.store.shares_runs() && self.selected.planned.is_some() && plan.speed.is_none();
                let keys = match is_shared {
                    true => self.selected.keys_of_planned()?,
                    false => None,
                };
                wait(self.selected.store.begin_run(NewRun {
                    target: plan.target.clone(),
                    plan: plan.to_text(),
                    digest: self.digest,
                    planned: self.selected.planned.clone(),
                    shared_turns: is_shared.then_some(plan.times),
                    keys,
                }))?
            }
        };
        let claim = match self.claim {
            Some(claim) => claim,
            None => wait(self.selected.store.claim_run(run.id))?,
        };
        let id = run.id;
        // From here on, captures that arrived after the run began take no part in it.
        self.selected.run = Some(run);
        Ok(Begun {
            selected: self.selected,
            run: id,
            claim,
            left: self.survey.map(|survey| survey.left),
        })
    }
}

/// A run that the store has recorded.
#[derive(Debug)]
pub struct Begun {
    selected: Selected,
    run: i64,
    claim: Claim,
    left: Option<u64>,
}

impl Begun {
    /// The run's number.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// What is asked for.
    pub fn plan(&self) -> &Plan {
        &self.selected.plan
    }

    /// Where the requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.selected.endpoint
    }

    /// Whether the run stands in a store that others write to too.
    pub fn is_shared(&self) -> bool {
        self.selected.store.shares_runs()
    }

    /// Whether the run was cut off and goes on.
    pub fn is_resumed(&self) -> bool {
        self.selected.resumed
    }

    /// How many deliveries are left to make, where that is known.
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// Records that the run is done, where nothing is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish(self) -> Result<(), StoreError> {
        wait(self.selected.store.finish_run(self.run))
    }

    /// Begins to read the requests.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn start(mut self, options: &ReplayOptions) -> Result<Running, ReplayError> {
        let share = self.claim.share().cloned();
        let config = run::Config {
            expectation: options.expectation.clone(),
            concurrency: options.pace.concurrency.unwrap_or(1),
            // Others may have a part of them.
            planned: self.left.filter(|_| share.is_none()),
            fail_fast: options.fail_fast,
        };
        let writer = wait(self.selected.store.run_writer(self.run, config.concurrency as usize))?;
        let pace = Pace::start(options.pace.rate);
        let lanes = (0..lanes(&self.selected, &options.pace))
            .map(|_| Lane::new(&self.selected, options))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(share) = &share {
            let longest = lanes.iter().map(Lane::longest_attempt).max().unwrap_or_default();
            wait(share.begin(self.selected.share_options(longest, options.pace.rate)))?;
            self.selected.batch = batch(config.concurrency, options.pace.rate);
        }
        self.selected.share = share.clone();
        let selected = Arc::new(self.selected);
        let queue = reader::start(selected.clone()).map_err(RunError::Thread)?;
        Ok(Running {
            selected,
            config,
            pace,
            lanes,
            queue,
            writer,
            share,
            claim: self.claim,
        })
    }
}

/// How many requests are claimed at once: few, so that others have some too and a kill repeats few; enough that none is
/// waited for.
fn batch(concurrency: u32, rate: Option<Rate>) -> usize {
    let at_once = (2 * concurrency).clamp(4, 128);
    let soon = rate.map_or(u32::MAX, Rate::in_a_second).clamp(1, 128);
    at_once.min(soon) as usize
}

/// How many threads send: one, where there is a pace to keep or the network is what limits them.
fn lanes(selected: &Selected, pace: &PaceOptions) -> usize {
    if !selected.endpoint.is_plain_loopback() || pace.rate.is_some() || selected.plan.speed.is_some() {
        return 1;
    }
    let worth = pace.concurrency.unwrap_or(1) / LANE;
    thread::available_parallelism().map_or(1, |processors| processors.get().min(worth as usize).max(1))
}

/// A run whose requests are being read.
#[derive(Debug)]
pub struct Running {
    selected: Arc<Selected>,
    config: run::Config,
    pace: Pace,
    lanes: Vec<Lane>,
    queue: reader::Queue,
    writer: RunWriter,
    share: Option<Share>,
    claim: Claim,
}

/// What came of a replay.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReplayOutcome {
    /// Of its deliveries.
    pub deliveries: RunOutcome,
    /// What its user may not expect.
    pub findings: Findings,
    /// What became of the whole run, where several processes deliver it.
    pub run: Option<RunTotals>,
}

impl Running {
    /// Delivers everything and records it; blocks this thread, which must be in no runtime. The end of `interrupt` ends
    /// it with what was done until then. What was not answered can be delivered by resuming the run.
    ///
    /// # Errors
    /// [`ReplayError`]; [`RunError::Observer`] where `observer` broke.
    pub fn deliver(
        self,
        observer: &mut dyn Observer,
        interrupt: impl Future<Output = ()>,
    ) -> Result<ReplayOutcome, ReplayError> {
        let findings = Mutex::default();
        let writer = &self.writer;
        let lanes = self.lanes.into_iter().map(|lane| {
            let source = ReplaySource {
                selected: self.selected.clone(),
                lane,
                pace: self.pace,
                writer: Some(writer),
                findings: &findings,
            };
            // A request begins only where the store has room for what will come of it.
            let jobs = self.queue.jobs().then(move |job| async move {
                let slot = writer.slot().await?;
                job.map(|job| Job {
                    slot: Some(slot),
                    ..job
                })
            });
            (source, jobs)
        });
        let result = self.config.deliver_in_lanes(lanes.collect(), observer, interrupt);
        // The reader ends when nobody is left who could ask for more.
        drop(self.queue);
        let whole = result
            .as_ref()
            .is_ok_and(|outcome| !outcome.interrupted && outcome.stopped.is_none());
        let findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        let finished =
            whole && findings.held == 0 && result.as_ref().is_ok_and(|outcome| outcome.tally.unanswered == 0);
        let closed = wait(self.writer.close(finished && self.share.is_none()));
        let totals = self.share.map(|share| wait(share.end()));
        drop(self.claim);
        closed?;
        let deliveries = result?;
        let totals = totals.transpose()?;
        if whole && totals.is_none() && deliveries.tally.total() + deliveries.skipped == 0 {
            return Err(ReplayError::NothingSelected);
        }
        Ok(ReplayOutcome {
            deliveries,
            findings,
            run: totals,
        })
    }
}
