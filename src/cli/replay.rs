//! `ckwh replay`: captured requests delivered again.

mod plan;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use ckwh::capture::Recorded;
use ckwh::delivery::run::{Prepared, RequestOrigin, Stop};
use ckwh::delivery::{Client, Endpoint, Statuses};
use ckwh::exchange::credentials::Blanks;
use ckwh::judge::Judge;
use ckwh::provider::DeliveryPolicy;
use ckwh::replay::{Begun, Config, Findings, Plan, Replay, ReplayError, ReplayOptions, ReplayOutcome};
use ckwh::scheme::fingerprint;
use ckwh::secret::Secret;
use ckwh::sign::Keys;
use ckwh::store::RunTotals;

use super::app::App;
use super::args::{ReplayArgs, RequestFormat};
use super::deliveries::{self, DeliveryReporter, Telling};
use super::exit::{Failure, Status};
use super::filter::FilterProcess;
use super::hints::{self, Again, Refused, typed};
use super::input;
use super::report::{Beside, Item, RequestItem, SkippedItem};
use super::sent::{self, Note, Noted};

pub fn run(app: &mut App, args: &ReplayArgs) -> Result<Status, Failure> {
    one_stdin(args)?;
    let config = config(app, args)?;
    let secrets = config.judge.secrets.clone();
    let replay = Replay::new(config)?;
    if let Some(survey) = replay.survey() {
        if survey.selected == 0 {
            return Err(Failure::usage(
                "nothing is selected, so nothing is sent; `ckwh captures` lists what there is",
            ));
        }
        if survey.outside > 0 {
            app.report.warn(&outside_text(survey.outside));
        }
    }
    if args.dry_run {
        return dry_run(app, args, replay);
    }
    let begun = replay.begin()?;
    if begun.left() == Some(0) {
        app.report
            .warn(&format!("run {} is done: every request was answered", begun.run()));
        begun.finish()?;
        return Ok(Status::Yes);
    }
    app.beside = Beside::all(&args.report, "ckwh replay")?;
    introduce(app, &begun);
    deliver(app, args, begun, &secrets)
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

/// What the engine works with.
fn config(app: &mut App, args: &ReplayArgs) -> Result<Config, Failure> {
    let store = match args.from {
        Some(_) => app.store(&args.store)?,
        None => app.store_there(&args.store)?,
    };
    let (plan, resumed) = match (&args.resume, &args.join) {
        (Some(number), _) => {
            let (plan, run, claim) = plan::resumed(app, &store, number, args)?;
            (plan, Some((run, claim)))
        }
        (None, Some(number)) => {
            let (plan, run, claim) = plan::joined(app, &store, number, args)?;
            (plan, Some((run, claim)))
        }
        (None, None) => (plan::typed(app, &store, args)?, None),
    };
    if plan.reads_stdin() {
        app.say_stdin(input::REQUESTS);
    }
    let judge = judge(app, args, &plan)?;
    let blanks = blanks(app, args, &judge);
    Ok(Config {
        blanks,
        keys: keys(app, &judge),
        judge,
        store,
        plan,
        resumed,
        credentials: app.settings.credentials.clone(),
        start_filter: |text| Ok(Box::new(FilterProcess::start(text)?)),
    })
}

/// Every provider with its secrets.
fn judge(app: &mut App, args: &ReplayArgs, plan: &Plan) -> Result<Judge, Failure> {
    app.announce_project()?;
    let recogniser = app.recogniser(None)?;
    let secrets = if plan.keep_signature {
        HashMap::new()
    } else {
        app.secrets_of_each(&args.secrets.0, recogniser.providers())?.0
    };
    Ok(Judge {
        recogniser,
        fallback: None,
        last_resort: None,
        is_named: false,
        secrets,
        tolerance: None,
        public_url: plan.public_url.clone(),
    })
}

/// Every secret that is known here, also where none is needed to sign.
fn blanks(app: &mut App, args: &ReplayArgs, judge: &Judge) -> Blanks {
    if !judge.secrets.is_empty() {
        return Blanks::of(judge.secrets.values().flatten());
    }
    let known = app.secrets_of_each(&args.secrets.0, judge.recogniser.providers());
    Blanks::of(known.iter().flat_map(|(secrets, ..)| secrets.values().flatten()))
}

/// The keys of each of the judge's providers, or why there are none.
fn keys(app: &App, judge: &Judge) -> Vec<Result<Keys, String>> {
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

/// How requests are delivered: what was typed now, and else what the plan says.
fn options(app: &mut App, args: &ReplayArgs, plan: &Plan, endpoint: &Endpoint) -> Result<ReplayOptions, Failure> {
    Ok(ReplayOptions {
        client: app.client_options(&args.connection, endpoint, &DeliveryPolicy::default())?,
        timeout: app.timeout(&args.connection)?,
        pace: args.pace.options().or(&plan.pace),
        expectation: args.expect.expectation()?,
        fail_fast: args.expect.fail_fast,
    })
}

/// Says what goes where, before it goes.
fn introduce(app: &mut App, begun: &Begun) {
    let count = match begun.left() {
        Some(1) => "1 request".to_owned(),
        Some(count) => format!("{count} requests"),
        None => "requests".to_owned(),
    };
    let goes_on = if begun.is_resumed() { "goes on" } else { "begins" };
    let endpoint = begun.endpoint();
    let url = app.settings.credentials.mask_url(endpoint.url().as_str());
    let to = if endpoint.default_path {
        format!("{}, each to its own path", url.trim_end_matches('/'))
    } else {
        url.into_owned()
    };
    let order = order_text(begun.plan());
    app.report
        .note(&format!("run {} {goes_on}: {count} to {to}{order}", begun.run()));
}

/// The order that a run keeps, to be put behind what goes where.
fn order_text(plan: &Plan) -> String {
    let pointer = plan.ordered_by.as_deref().map(str::escape_debug);
    pointer.map_or_else(String::new, |pointer| {
        format!(", one after the other where {pointer} is the same")
    })
}

fn deliver(app: &mut App, args: &ReplayArgs, begun: Begun, secrets: &Secrets) -> Result<Status, Failure> {
    let (run, left) = (begun.run(), begun.left());
    let goes_on = how_to_go_on(app, args, &begun);
    let as_captured = begun.plan().keep_signature;
    if left != Some(1) {
        app.report.expect(left);
    }
    let options = options(app, args, begun.plan(), begun.endpoint())?;
    let client = Client::new(begun.endpoint(), &options.client)?;
    let running = begun.start(&options)?;
    let interrupt = app.interrupt.clone();
    let telling = match left {
        Some(1) => Telling::Whole,
        _ => Telling::Failures,
    };
    let mut reporter = DeliveryReporter::new(app, telling, 0);
    let mut note = Note::new(&mut reporter);
    let delivered = running.deliver(&mut note, interrupt.comes());
    let noted = note.taken();
    let is_empty = matches!(delivered, Err(ReplayError::NothingSelected));
    let outcome = match reporter.finish(delivered) {
        Ok(outcome) => outcome,
        Err(failure) => {
            if !is_empty && let Some(command) = &goes_on {
                app.report.warn(&format!(
                    "the run broke off; `{command}` delivers what was not answered"
                ));
            }
            return Err(failure);
        }
    };
    let after = After {
        secrets,
        client: &client,
        as_captured,
        statuses: &options.expectation.statuses,
    };
    if let Some(noted) = &noted
        && app.verbose
        && left == Some(1)
    {
        deliveries::show_sides(app, &after.recorded(app, noted))?;
    }
    app.result(Item::Summary(deliveries::summary(&outcome.deliveries, Some(run))))?;
    say_findings(app, &outcome.findings);
    if let Some(totals) = &outcome.run {
        say_totals(app, run, totals);
    }
    if let Some(noted) = noted.filter(|_| !outcome.deliveries.interrupted) {
        after.hint(app, args, &noted);
    }
    say_what_is_left(app, goes_on.as_deref(), &outcome);
    Ok(deliveries::status(&outcome.deliveries))
}

/// The secrets of each provider.
type Secrets = HashMap<String, Vec<Secret>>;

/// What is said about a delivery afterwards.
struct After<'a> {
    secrets: &'a Secrets,
    client: &'a Client,
    /// Whether signatures were sent as they were captured.
    as_captured: bool,
    /// What was expected.
    statuses: &'a Statuses,
}

impl After<'_> {
    fn secrets_of(&self, noted: &Noted) -> &[Secret] {
        let found = noted.provider.as_ref().and_then(|(name, _)| self.secrets.get(name));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// What went out and came back.
    fn recorded(&self, app: &App, noted: &Noted) -> Recorded {
        let secrets = self.secrets_of(noted);
        let provider = noted.provider.as_ref();
        let provider = provider.and_then(|(name, dialect)| app.registry.provider(name, Some(dialect)).ok());
        let judgement = provider.map(|provider| sent::judgement(&provider, secrets, &noted.message));
        let exchange = (&noted.message, &noted.delivery);
        sent::recorded(self.client, &noted.endpoint, exchange, judgement, &Blanks::of(secrets))
    }

    /// Says what to do next, where the answer shows it; what was refused for its signature is kept, for `verify sent`.
    fn hint(&self, app: &mut App, args: &ReplayArgs, noted: &Noted) {
        let answer = noted.delivery.answer.as_ref();
        let Some(answer) = answer.filter(|answer| !self.statuses.contain(answer.status)) else {
            return;
        };
        let secret = self.secrets_of(noted).first();
        let is_kept =
            secret.is_some() && hints::is_of_signature(answer) && sent::keep(self.recorded(app, noted)).is_some();
        app.hint_at(&Refused {
            message: &noted.message,
            endpoint: &noted.endpoint,
            answer,
            secret: secret.map(|secret| (secret.source().to_string(), fingerprint(secret))),
            again: match is_kept {
                true => Again::Kept("sent", &args.secrets.0),
                false => Again::Lost,
            },
            as_captured: self.as_captured,
            is_foreign_writing: false,
        });
    }
}

/// Says what became of the whole run, whoever delivered it.
fn say_totals(app: &mut App, run: i64, totals: &RunTotals) {
    let lost = match totals.lost {
        0 => String::new(),
        count => format!(
            "; {count} were taken from a process that went away and may have gone out twice, which `ckwh captures runs {run}` lists"
        ),
    };
    let blocked = match totals.blocked {
        0 => String::new(),
        count => format!(", {count} blocked"),
    };
    app.report.note(&format!(
        "run {run} in all: {} answered, {} without an answer, {} skipped{blocked}, {} left{lost}",
        totals.answered, totals.unanswered, totals.skipped, totals.left
    ));
}

fn say_findings(app: &mut App, findings: &Findings) {
    for (provider, pointer) in &findings.signed_times {
        app.report.warn(&format!(
            "{provider} signs the time at {pointer} in the body, so that field was made new"
        ));
    }
    for provider in &findings.without_id {
        app.report.warn(&format!(
            "{provider} gives its events no id, so there was none to make new"
        ));
    }
    if findings.dropped_credentials > 0 {
        app.report.warn(&format!(
            "{} captured credentials (Authorization, Cookie, ?token= …) were left out, since the target is another machine; --with-credentials sends them",
            findings.dropped_credentials
        ));
    }
    for (lost, count) in &findings.lost {
        app.report.warn(&format!("{count} of the file's requests lost {lost}"));
    }
    for (note, count) in &findings.notes {
        app.report.warn(&format!("{count} of the file's requests: {note}"));
    }
    if findings.outside > 0 {
        app.report.warn(&outside_text(findings.outside));
    }
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

/// The command that goes on with a run; `None` where none can. In a store that is shared it names what is not taken from
/// there unasked.
fn how_to_go_on(app: &App, args: &ReplayArgs, begun: &Begun) -> Option<String> {
    let (plan, run) = (begun.plan(), begun.run());
    if plan.reads_stdin() {
        return None;
    }
    if !begun.is_shared() {
        return Some(format!("ckwh replay --resume {run}"));
    }
    let is_for_several = plan.from.is_none() && plan.speed.is_none();
    let flag = if is_for_several { "--join" } else { "--resume" };
    let target = app.settings.credentials.mask_url(&plan.target);
    let mut command = format!("ckwh replay {flag} {run} --to {}", typed(&target));
    for (flag, value) in plan::wanted_again(args) {
        command.push_str(&format!(" {flag}"));
        if let Some(value) = value {
            command.push_str(&format!(" {}", typed(&value)));
        }
    }
    Some(command)
}

fn say_what_is_left(app: &mut App, command: Option<&str>, outcome: &ReplayOutcome) {
    let findings = &outcome.findings;
    let outcome = &outcome.deliveries;
    let why = match outcome.stopped {
        Some(Stop::Gone) => "nobody is at the target any more".to_owned(),
        Some(Stop::FailFast) => "stopped at the first failure (--fail-fast)".to_owned(),
        _ if outcome.interrupted => "interrupted".to_owned(),
        _ if findings.held + findings.blocked > 0 => format!(
            "{} failed and held their keys, {} were blocked behind them",
            findings.held, findings.blocked
        ),
        _ if outcome.tally.unanswered > 0 => format!("{} got no answer", outcome.tally.unanswered),
        _ => return,
    };
    let why = match deliveries::left_text(outcome) {
        Some(left) => format!("{why}: {left}"),
        None => why,
    };
    let again = match findings.held + findings.blocked {
        0 => "what was not answered",
        _ => "what failed, and then the rest of its keys",
    };
    app.report.warn(&match command {
        None => {
            format!("{why}; standard input can't be read again, so this run can't go on: put the requests into a file")
        }
        Some(command) => format!("{why}; `{command}` delivers {again}"),
    });
}

fn dry_run(app: &mut App, args: &ReplayArgs, replay: Replay) -> Result<Status, Failure> {
    let options = options(app, args, replay.plan(), replay.endpoint())?;
    let client = Client::new(replay.endpoint(), &options.client)?;
    let format = args.print.unwrap_or(RequestFormat::Http);
    let masked = app.settings.masked(replay.plan().with_credentials).cloned();
    let order = order_text(replay.plan());
    let mut status = Status::Yes;
    let mut is_masked = false;
    let mut show = |origin: RequestOrigin, endpoint: &Endpoint, prepared: Prepared| match prepared {
        Prepared::Message(message) => {
            let outgoing = client.on_the_wire(endpoint, &message);
            let mut shown = RequestItem::outgoing(outgoing, *message, format);
            if let Some(credentials) = &masked {
                is_masked |= shown.mask(credentials);
            }
            app.result(Item::Request(shown))
        }
        Prepared::Skipped(reason) => {
            status = Status::No;
            app.result(Item::Skipped(SkippedItem { origin, reason }))
        }
    };
    let mut failure = None;
    let findings = replay.preview(&options, |origin, endpoint, prepared| {
        match show(origin, endpoint, prepared) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    say_findings(app, &findings);
    if !order.is_empty() {
        app.report.note(&format!("they would go out in this order{order}"));
    }
    if is_masked {
        app.report
            .warn("credentials are masked here; --with-credentials shows them, and sends them to other machines");
    }
    Ok(status)
}
