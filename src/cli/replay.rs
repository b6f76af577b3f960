//! `ckwh replay`: captured requests delivered again.

mod again;
mod plan;
mod reader;
mod walk;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use futures_util::StreamExt as _;

use ckwh::delivery::run::{self, DeliveryOptions, Outcome, Prepared, Source as _, Stop};
use ckwh::delivery::{self, Endpoint, Pace};
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use ckwh::judge::Judge;
use ckwh::message::Message;
use ckwh::provider::DeliveryPolicy;
use ckwh::sign::Keys;
use ckwh::store::{Claim, NewRun, Run, RunWriter, Store};

use super::args::{PaceArgs, ReplayArgs, RequestFormat};
use super::captures::Shelf;
use super::deliveries::{self, DeliveryReporter};
use super::exit::{Failure, Status};
use super::report::{Item, Junit, RequestItem, SkippedItem};
use super::{App, input};
use again::{Again, Notes};
use plan::Plan;
use reader::Job;
use walk::Walk;

/// How many requests on the way at a time are worth a thread.
const LANE: u32 = 32;

pub fn run(app: &mut App, args: &ReplayArgs) -> Result<Status, Failure> {
    one_stdin(args)?;
    let mut shelf = app.store(&args.store)?;
    let (plan, begun) = match &args.resume {
        Some(number) => plan::of_run(&shelf.0, number, args)?,
        None => (Plan::typed(app, &shelf, args)?, None),
    };
    let claim = begun.as_ref().map(|run| shelf.0.claim_run(run.id)).transpose()?;
    let endpoint = Endpoint::parse(&plan.target, "/")?;
    let judge = Arc::new(judge(app, args, &plan)?);
    let digest = plan.digest()?;
    if let Some(run) = &begun {
        plan::check_digest(run, digest)?;
    }
    let walk = Walk {
        store: shelf.0.path().to_owned(),
        endpoint: endpoint.clone(),
        plan: Arc::new(plan),
        keys: keys(app, &judge),
        judge,
        credentials: app.settings.credentials.clone(),
        planned: begun.as_ref().and_then(|run| run.planned.clone()).map(Arc::new),
        begun: begun.clone(),
        resumed: begun.is_some(),
    };
    let survey = walk.survey()?;
    let walk = Walk {
        planned: survey.as_ref().and_then(|survey| survey.planned.clone()),
        ..walk
    };
    if survey.as_ref().is_some_and(|survey| survey.selected == 0) {
        return Err(Failure::usage(
            "nothing is selected, so nothing is sent; `ckwh captures` lists what there is",
        ));
    }
    let outside = survey.as_ref().map_or(0, |survey| survey.outside);
    if outside > 0 {
        app.report.note(&outside_text(outside));
    }
    if args.dry_run {
        return dry_run(app, args, &walk);
    }
    let run = match begun {
        Some(run) => run,
        None => shelf.0.begin_run(&NewRun {
            target: &walk.plan.target,
            plan: &walk.plan.to_text(),
            digest,
            planned: walk.planned.as_deref(),
        })?,
    };
    let claim = match claim {
        Some(claim) => claim,
        None => shelf.0.claim_run(run.id)?,
    };
    let left = survey.map(|survey| survey.left);
    if left == Some(0) {
        app.report
            .note(&format!("run {} is done: every request was answered", run.id));
        shelf.0.finish_run(run.id)?;
        drop(claim);
        return Ok(Status::Yes);
    }
    if let Some(path) = &args.report {
        app.beside = Some(Junit::create(path, "ckwh replay")?);
    }
    introduce(app, &walk, &run, left, args.resume.is_some());
    deliver(app, args, &shelf, walk, run, claim, left)
}

/// Refuses a command line that reads standard input twice.
fn one_stdin(args: &ReplayArgs) -> Result<(), Failure> {
    let merged = args.edits.merge.iter().map(|path| path.as_path());
    input::one_stdin(
        args.from
            .as_deref()
            .map(Path::new)
            .into_iter()
            .chain(args.secrets.files())
            .chain(merged),
    )
}

/// Every provider with its secrets.
fn judge(app: &mut App, args: &ReplayArgs, plan: &Plan) -> Result<Judge, Failure> {
    app.announce_project()?;
    let recogniser = app.recogniser(None)?;
    let secrets = if plan.keep_signature {
        HashMap::new()
    } else {
        app.secrets_of_each(&args.secrets.0, recogniser.providers())?
    };
    Ok(Judge {
        recogniser,
        fallback: None,
        secrets,
        tolerance: None,
        public_url: plan.public_url.clone(),
    })
}

/// The keys of each of the judge's providers, or why there are none.
fn keys(app: &App, judge: &Judge) -> Arc<[Result<Keys, String>]> {
    let providers = judge.recogniser.providers().iter();
    providers
        .map(|provider| {
            let secrets = judge.secrets_of(&provider.name);
            if secrets.is_empty() {
                return Err(app.no_secret(provider).to_string());
            }
            Keys::new(&provider.scheme, secrets).map_err(|error| error.to_string())
        })
        .collect()
}

fn outside_text(outside: u64) -> String {
    let (are, their) = match outside {
        1 => ("1 signature is".to_owned(), "its"),
        _ => (format!("{outside} signatures are"), "their"),
    };
    format!(
        "{are} outside {their} tolerance, so a receiver that checks the time refuses them; without --keep-signature they are signed anew"
    )
}

/// Says what goes where, before it goes.
fn introduce(app: &mut App, walk: &Walk, run: &Run, left: Option<u64>, resumed: bool) {
    let count = match left {
        Some(1) => "1 request".to_owned(),
        Some(count) => format!("{count} requests"),
        None => "requests".to_owned(),
    };
    let goes_on = if resumed { "goes on" } else { "begins" };
    let url = app.settings.credentials.mask_url(walk.endpoint.url().as_str());
    let to = if walk.endpoint.default_path {
        format!("{}, each to its own path", url.trim_end_matches('/'))
    } else {
        url.into_owned()
    };
    app.report.note(&format!("run {} {goes_on}: {count} to {to}", run.id));
}

fn deliver(
    app: &mut App,
    args: &ReplayArgs,
    shelf: &Shelf,
    walk: Walk,
    run: Run,
    claim: Claim,
    left: Option<u64>,
) -> Result<Status, Failure> {
    let plan = walk.plan.clone();
    let pace = args.pace.clone().or(&plan.pace);
    let concurrency = pace.concurrency.unwrap_or(1);
    let writer = RunWriter::start(Store::open(shelf.0.path())?, run.id, concurrency as usize)?;
    let notes = Mutex::default();
    let config = run::Config {
        expectation: args.expect.expectation(),
        concurrency,
        planned: left,
        fail_fast: args.expect.fail_fast,
    };
    if left != Some(1) {
        app.report.expect(left);
    }
    let begin = Pace::start(pace.rate);
    let sources = (0..lanes(&walk, &pace))
        .map(|_| again(app, args, &walk, &notes, begin))
        .collect::<Result<Vec<_>, Failure>>()?;
    let result = {
        let ahead = reader::start(walk, run.clone())?;
        let lanes = sources.into_iter().map(|source| {
            let source = Again {
                writer: Some(&writer),
                ..source
            };
            // A request begins only where there is room for what will come of it.
            let jobs = ahead.jobs().then(|job| async {
                let slot = writer.slot().await?;
                job.map(|job| Job {
                    slot: Some(slot),
                    ..job
                })
            });
            (source, jobs)
        });
        let mut reporter = DeliveryReporter::new(app, left != Some(1));
        let outcome = config.deliver_in_lanes(lanes.collect(), &mut reporter, deliveries::interrupt());
        reporter.finish(outcome)
    };
    let whole = result
        .as_ref()
        .is_ok_and(|outcome| !outcome.interrupted && outcome.stopped.is_none());
    let finished = whole && result.as_ref().is_ok_and(|outcome| outcome.tally.unanswered == 0);
    let closed = writer.close(finished);
    drop(claim);
    let outcome = match closed.map_err(Failure::from).and(result) {
        Ok(outcome) => outcome,
        Err(failure) => {
            if !plan.reads_stdin() {
                app.report.note(&format!(
                    "the run broke off; `ckwh replay --resume {}` delivers what was not answered",
                    run.id
                ));
            }
            return Err(failure);
        }
    };
    if outcome.tally.total() + outcome.skipped == 0 && whole {
        return Err(Failure::usage("nothing is selected, so nothing was sent"));
    }
    app.result(Item::Summary(deliveries::summary(&outcome, Some(run.id))))?;
    for note in notes.into_inner().unwrap_or_default().texts() {
        app.report.note(&note);
    }
    say_how_to_go_on(app, &plan, &run, &outcome);
    Ok(deliveries::status(&outcome))
}

fn say_how_to_go_on(app: &mut App, plan: &Plan, run: &Run, outcome: &Outcome) {
    let why = match outcome.stopped {
        Some(Stop::Gone) => "nobody is at the target any more".to_owned(),
        Some(Stop::FailFast) => "stopped at the first failure (--fail-fast)".to_owned(),
        _ if outcome.interrupted => "interrupted".to_owned(),
        _ if outcome.tally.unanswered > 0 => format!("{} got no answer", outcome.tally.unanswered),
        _ => return,
    };
    let why = match deliveries::left_text(outcome) {
        Some(left) => format!("{why}: {left}"),
        None => why,
    };
    app.report.note(&if plan.reads_stdin() {
        format!("{why}; standard input can't be read again, so this run can't go on: put the requests into a file")
    } else {
        format!(
            "{why}; `ckwh replay --resume {}` delivers what was not answered",
            run.id
        )
    });
}

/// How many threads send: one, where there is a pace to keep or the network is what limits them.
fn lanes(walk: &Walk, pace: &PaceArgs) -> usize {
    if !walk.endpoint.is_plain_loopback() || pace.rate.is_some() || walk.plan.speed.is_some() {
        return 1;
    }
    let worth = pace.concurrency.unwrap_or(1) / LANE;
    thread::available_parallelism().map_or(1, |processors| processors.get().min(worth as usize).max(1))
}

/// A source with connections of its own, that records nothing.
fn again<'a>(
    app: &mut App,
    args: &ReplayArgs,
    walk: &Walk,
    notes: &'a Mutex<Notes>,
    begin: Pace,
) -> Result<Again<'a>, Failure> {
    let pace = args.pace.clone().or(&walk.plan.pace);
    let nobody = DeliveryPolicy::default();
    let client = app
        .client(&args.connection, &walk.endpoint, &nobody)?
        .for_many(&walk.endpoint);
    let providers = walk.judge.recogniser.providers().iter();
    let options = providers.map(|provider| {
        let policy = &provider.table.delivery;
        Ok(DeliveryOptions {
            client: client.with_timeout(app.timeout(&args.connection, policy)?),
            retry: pace.retry(policy),
        })
    });
    Ok(Again {
        options: options.collect::<Result<_, Failure>>()?,
        fallback: DeliveryOptions {
            client,
            retry: pace.retry(&nobody),
        },
        judge: walk.judge.clone(),
        keys: walk.keys.clone(),
        plan: walk.plan.clone(),
        pace: begin,
        writer: None,
        notes,
    })
}

fn dry_run(app: &mut App, args: &ReplayArgs, walk: &Walk) -> Result<Status, Failure> {
    let mut status = Status::Yes;
    let masked = app.settings.masked(walk.plan.with_credentials).cloned();
    let mut is_masked = false;
    let notes = Mutex::default();
    let again = again(app, args, walk, &notes, Pace::start(None))?;
    let mut show = |mut job: Job| -> Result<(), Failure> {
        match again.prepare(&mut job)? {
            Prepared::Message(message) => {
                let mut shown = request(&job.endpoint, *message, args.print);
                if let Some(credentials) = &masked {
                    is_masked |= shown.mask(credentials);
                }
                app.result(Item::Request(shown))
            }
            Prepared::Skipped(reason) => {
                status = Status::No;
                app.result(Item::Skipped(SkippedItem {
                    origin: job.origin(),
                    reason,
                }))
            }
        }
    };
    let mut failure = None;
    let mut course = reader::Course::default();
    walk.each_job(&mut course, &mut |job| match show(job) {
        Ok(()) => true,
        Err(error) => {
            failure = Some(error);
            false
        }
    })?;
    match failure {
        Some(failure) => Err(failure),
        None => {
            for note in notes.into_inner().unwrap_or_default().texts() {
                app.report.note(&note);
            }
            if is_masked {
                app.report.note(
                    "credentials are masked here; --with-credentials shows them, and sends them to other machines",
                );
            }
            Ok(status)
        }
    }
}

/// A request as it would go out.
fn request(endpoint: &Endpoint, message: Message, format: Option<RequestFormat>) -> RequestItem {
    RequestItem {
        url: endpoint.to_string(),
        target: endpoint.target().to_owned(),
        headers: HeaderPairs(delivery::on_the_wire(endpoint, &message)),
        body: BodyFields::new(&message.body, false),
        method: message.method,
        bytes: message.body,
        format: Some(format.unwrap_or(RequestFormat::Http)),
    }
}
