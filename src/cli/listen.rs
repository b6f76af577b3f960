//! `ckwh listen`: catch, verify, keep, and pass on.

mod exec;
mod queue;
mod setup;
mod tunnel;

use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use ckwh::capture::{Capture, Judgement};
use ckwh::exchange::credentials::Blanks;
use ckwh::exchange::jsonl::{self, CaptureFields};
use ckwh::receiver::{Config, Event, Health, Limits, Receiver};
use ckwh::store::{Location, wait};
use ckwh::verify::Reason;

use super::app::App;
use super::args::{EffortArg, ExplainArgs, ListenArgs};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::report::{CaptureItem, Detail, Item, ListenSummaryItem, ReadyItem, RefusedItem, ReportLayout, StoreItem};
use super::ui::{Beside, Watch};
use super::{runtime, verify};
use exec::Exec;
use queue::{EventQueue, Update};
use tunnel::Tunnel;

/// What a person who opens the URL in a browser is shown.
const PAGE: &str = include_str!("listen/page.html");

/// Threads that serve connections, at most.
const THREADS: usize = 3;
/// How long a body may be that is printed under `--json`; the store has it whole.
const LONGEST_BODY: usize = 1024 * 1024;
/// How often it is looked whether the time is over.
const TICK: Duration = Duration::from_millis(200);
/// How long showing waits between events that come so fast that several are shown together.
const PAUSE: Duration = Duration::from_millis(5);
/// Failures to keep are told once in this time.
const SAME_FAILURE: Duration = Duration::from_secs(1);

pub fn run(app: &mut App, args: &ListenArgs) -> Result<Status, Failure> {
    let (mut addresses, typed) = setup::addresses(args)?;
    let mut tunnel = setup::tunnel(args, &mut addresses)?;
    let mut answers = setup::answers(args)?;
    let (mut judge, verifies) = setup::judge(app, args)?;
    setup::warn_of_caveats(app, args, &judge);
    setup::warn_of_misspelt(app, args);
    answers.handshakes = setup::handshakes(app, args, &judge)?;
    let exec = setup::command(app, args)?;
    let store = app.store_that(&args.store, args.store_may_lose)?;
    let location = store.location().clone();
    let runtime = threads()?;
    let queue = EventQueue::new(args.expect_event.clone(), verifies);
    let health = setup::health(&runtime, args, &store)?;
    let told = queue.clone();
    let writer = wait(store.writer(move |renewed| told.renewed(renewed)))?;
    let (forward, mut about) = setup::forward(app, args, &addresses)?;
    about.extend(setup::about(args, &answers, &judge));
    let secret = match verifies {
        true => None,
        false => Some(setup::throw_away(&mut judge)?),
    };
    if let Some(tunnel) = &tunnel {
        about.push(setup::to_paste(app, args, &tunnel.url));
        judge.public_url.get_or_insert_with(|| tunnel.url.clone());
    }
    let watch = Watch::new(queue.clone());
    let config = Config {
        limits: limits(args),
        observer: Some(watch.observer(args)),
        store: Some(writer.handle()),
        blanks: Blanks::of(judge.secrets.values().flatten().chain(&judge.last_resort)),
        judge: Some(judge),
        answers,
        page: setup::has_page(args, forward.as_ref()).then(|| PAGE.into()),
        forward,
        drop: args.drop,
    };
    let receiver = runtime
        .block_on(Receiver::start(&addresses, config))
        .map_err(|error| setup::bind_failure(&addresses, typed, &error))?;
    setup::warn_of_others(app, receiver.addresses());
    {
        let _inside = runtime.enter();
        setup::heed_signals(&queue).context("signals").or_unavailable()?;
    }
    let mut ready = ready(receiver.addresses(), &location, health.as_ref(), about);
    let page = Beside::start(app, args, &ready.url, watch)?;
    if let Some(page) = &page {
        ready.ui = Some(page.url.clone());
    }
    let exec = exec.map(|command| Exec::start(command, location.clone(), runtime.handle()));
    say_ready(app, args, ready, secret.as_deref())?;
    let mut session = Session {
        app,
        args,
        queue,
        exec,
        tunnel: tunnel.take(),
        started: Instant::now(),
        counts: Counts::default(),
        last_failure: None,
    };
    let ended = session.watch();
    // Whatever ended it, what is in flight is finished.
    drop((page, health));
    runtime.block_on(receiver.stop());
    drop(writer);
    ended?;
    let status = session.finish()?;
    runtime.shutdown_background();
    Ok(status)
}

fn limits(args: &ListenArgs) -> Limits {
    Limits {
        body: args.max_body,
        head_time: args.header_timeout,
        body_time: args.body_timeout,
        connections: setup::connections(),
        ..Limits::default()
    }
}

fn threads() -> Result<Runtime, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    runtime::start(
        Builder::new_multi_thread()
            .worker_threads(cores.min(THREADS))
            .max_blocking_threads(2),
    )
}

/// Says where it listens, and how to send what it verifies where no secret is set.
fn say_ready(app: &mut App, args: &ListenArgs, ready: ReadyItem, secret: Option<&str>) -> Result<(), Failure> {
    let command = secret.map(|secret| setup::try_line(args, &ready.url, secret));
    app.result(Item::Ready(ready))?;
    if command.is_some() {
        app.report.hint(
            "no secret is set, so signatures are not verified, but by a throw-away one that this line signs with:",
            command.as_deref(),
        );
    }
    app.report.lay_out(ReportLayout {
        detail: if app.verbose { Detail::Sides } else { Detail::Line },
        explained: args.explain,
        ..ReportLayout::default()
    });
    Ok(())
}

fn ready(addresses: &[SocketAddr], store: &Location, health: Option<&Health>, about: Vec<String>) -> ReadyItem {
    let mut about = about;
    let health = health.map(|health| format!("http://{}/healthz", health.address()));
    about.extend(
        health
            .iter()
            .map(|url| format!("{url} says whether what arrives can be kept")),
    );
    about.push(format!("kept in {store}; stop with Ctrl-C"));
    ReadyItem {
        url: format!("http://{}", addresses[0]),
        addresses: addresses.iter().map(ToString::to_string).collect(),
        store: store.to_string(),
        ui: None,
        health,
        about,
    }
}

#[derive(Default)]
struct Counts {
    captures: u64,
    valid: u64,
    authenticated: u64,
    invalid: u64,
    unverified: u64,
    duplicates: u64,
    refused: u64,
}

/// Shows what arrives while it listens.
struct Session<'a> {
    app: &'a mut App,
    args: &'a ListenArgs,
    queue: Arc<EventQueue>,
    exec: Option<Exec>,
    tunnel: Option<Tunnel>,
    started: Instant,
    counts: Counts,
    last_failure: Option<(String, Instant)>,
}

impl Session<'_> {
    /// Shows what arrives until it is enough.
    fn watch(&mut self) -> Result<(), Failure> {
        loop {
            let updates = self.queue.next(TICK);
            if !updates.is_empty() {
                let are_many = updates.len() > 1;
                self.app.report.gather(true).map_err(Failure::from_output)?;
                let shown = self.show_all(updates);
                self.app.report.gather(false).map_err(Failure::from_output)?;
                shown?;
                if are_many {
                    // To be woken for each of many would cost those who answer.
                    std::thread::sleep(PAUSE);
                }
            }
            for problem in self.exec.iter().flat_map(Exec::problems).collect::<Vec<_>>() {
                self.app.report.warn(&problem);
            }
            if let Some(problem) = self.tunnel.as_mut().and_then(Tunnel::problem) {
                self.app.report.warn(&problem);
                self.tunnel = None;
            }
            let enough = match self.args.exit_after {
                Some(count) => self.queue.kept() >= count,
                None => !self.args.expect_event.is_empty() && self.queue.unmet().is_empty(),
            };
            let over = self.args.duration.is_some_and(|limit| self.started.elapsed() >= limit);
            if enough || over || self.queue.is_stopped() {
                return Ok(());
            }
        }
    }

    /// Shows what is left, waits for the commands that run, and sums up.
    fn finish(&mut self) -> Result<Status, Failure> {
        loop {
            let updates = self.queue.next(Duration::ZERO);
            if updates.is_empty() {
                break;
            }
            self.show_all(updates)?;
        }
        let summary = self.summary();
        let status = match summary.unmet.is_empty() {
            true => Status::Yes,
            false => Status::No,
        };
        for problem in self.exec.take().map(Exec::finish).unwrap_or_default() {
            self.app.report.warn(&problem);
        }
        self.app.result(Item::ListenSummary(summary))?;
        Ok(status)
    }

    fn show_all(&mut self, updates: Vec<Update>) -> Result<(), Failure> {
        updates.into_iter().try_for_each(|update| self.show(update))
    }

    fn show(&mut self, update: Update) -> Result<(), Failure> {
        match update {
            Update::Event(event) => match event {
                Event::Caught(capture) => self.caught(&capture),
                Event::Refused { peer, status, problem } => {
                    self.counts.refused += 1;
                    let peer = peer.to_string();
                    self.app.result(Item::Refused(RefusedItem { peer, status, problem }))
                }
                Event::Unkept { error, .. } => {
                    self.counts.refused += 1;
                    self.unkept(&format!("not kept, answered 503: {error}"));
                    Ok(())
                }
                Event::Dropped { peer } => {
                    self.counts.refused += 1;
                    let problem = "closed before anything was read (--drop)".into();
                    let peer = peer.to_string();
                    self.app.result(Item::Refused(RefusedItem {
                        peer,
                        status: None,
                        problem,
                    }))
                }
                _ => Ok(()),
            },
            Update::Missed(count) => {
                self.app.report.warn(&format!(
                    "{count} requests were kept and are not shown here, since this output is not read fast enough; `ckwh captures` lists them"
                ));
                Ok(())
            }
            Update::Renewed(renewed) => self.app.result(Item::Store(StoreItem {
                store: renewed.store.to_string(),
                change: renewed.change,
                next: renewed.next,
                detail: renewed.to_string(),
            })),
            Update::Wake => Ok(()),
        }
    }

    fn caught(&mut self, capture: &Capture) -> Result<(), Failure> {
        self.counts.captures += 1;
        self.counts.duplicates += u64::from(capture.duplicate_of.is_some());
        let judgement = capture.recorded.judgement.as_ref();
        let reason = judgement.map(|judgement| judgement.reason);
        match reason {
            Some(Reason::Valid) => self.counts.valid += 1,
            Some(Reason::Authenticated) => self.counts.authenticated += 1,
            Some(Reason::NoSecret | Reason::Unrecognised | Reason::NoBody | Reason::SignsNothing) | None => {
                self.counts.unverified += 1;
            }
            Some(_) => self.counts.invalid += 1,
        }
        if let Some(exec) = &mut self.exec
            && (self.args.exec_any || judgement.is_some_and(Judgement::counts))
        {
            exec.add(capture.id);
        }
        let event_type = judgement.and_then(|judgement| judgement.event_type.as_deref());
        let shown = self
            .args
            .event
            .as_ref()
            .is_none_or(|pattern| event_type.is_some_and(|event_type| pattern.means_event(event_type)));
        if !shown {
            return Ok(());
        }
        let masked = self.app.settings.masked(self.args.with_credentials);
        let is_verbose = self.app.verbose;
        let fields = if self.app.wants_all() || is_verbose {
            CaptureFields::new(capture, masked, LONGEST_BODY)
        } else {
            CaptureFields::brief(capture, masked)
        };
        self.app.result(Item::Capture(Box::new(CaptureItem {
            fields,
            bytes: match is_verbose {
                true => jsonl::shown_body(capture, masked).into_owned(),
                false => bytes::Bytes::new(),
            },
        })))?;
        if self.args.explain {
            self.explain(capture)
        } else {
            Ok(())
        }
    }

    /// What stands in the way of an explanation is told, and ends nothing.
    fn explain(&mut self, capture: &Capture) -> Result<(), Failure> {
        let explain = ExplainArgs {
            effort: EffortArg::Low,
            ..ExplainArgs::default()
        };
        let public_url = self.args.provider.public_url.as_deref();
        match verify::explain_capture(self.app, capture, public_url, &self.args.secrets.0, &explain) {
            Err(failure @ (Failure::Usage(_) | Failure::Unavailable(_))) => {
                self.app
                    .report
                    .warn(&format!("#{} can't be explained: {failure}", capture.id));
                Ok(())
            }
            told => told,
        }
    }

    /// One line, and not again at once for the same reason.
    fn unkept(&mut self, text: &str) {
        let again = self
            .last_failure
            .as_ref()
            .is_some_and(|(last, at)| last == text && at.elapsed() < SAME_FAILURE);
        if !again {
            self.app.report.error(text);
            self.last_failure = Some((text.to_owned(), Instant::now()));
        }
    }

    fn summary(&self) -> ListenSummaryItem {
        let counts = &self.counts;
        let kept = self.queue.kept();
        let mut unmet: Vec<String> = self
            .queue
            .unmet()
            .iter()
            .map(|pattern| format!("no {} came", pattern.as_str()))
            .collect();
        if let Some(count) = self.args.exit_after
            && kept < count
        {
            unmet.push(format!("{kept} of {count} requests came"));
        }
        ListenSummaryItem {
            captures: kept,
            valid: counts.valid,
            authenticated: counts.authenticated,
            invalid: counts.invalid,
            unverified: counts.unverified + kept.saturating_sub(counts.captures),
            duplicates: counts.duplicates,
            refused: counts.refused,
            duration_ms: (self.started.elapsed().as_secs_f64() * 1e3).round(),
            unmet,
        }
    }
}

/// When a capture was taken, for the environment of `--exec`.
fn received_at(capture: &Capture) -> Timestamp {
    capture.recorded.received_at.unwrap_or_default()
}
