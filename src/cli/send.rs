//! `ckwh send`: deliver signed events.

mod ourselves;

use std::env;

use ckwh::delivery::run::{RunOutcome, Stop};
use ckwh::delivery::{Endpoint, FailureCause};
use ckwh::exchange::credentials::Blanks;
use ckwh::message::{Headers, Message};
use ckwh::provider::Provider;
use ckwh::provider::fixture::Edit;
use ckwh::scheme::fingerprint;
use ckwh::secret::Secret;
use ckwh::send::{self, Composer, Parcel, Payload, SendOptions, Sender, new_secret};
use ckwh::sign::tamper::Fault;

use super::app::App;
use super::args::{ProviderArgs, RequestFormat, SendArgs};
use super::compose::{self, What};
use super::deliveries::{self, DeliveryReporter, Telling};
use super::exit::{Failure, Status};
use super::hints::{Again, Refused};
use super::input;
use super::memory::Memory;
use super::report::{Beside, Item, RequestItem};
use super::runtime::block_on;
use super::sent::{self, Note};
use super::wait;

/// Messages of one kind, and where they go.
struct Shipment {
    sender: Sender,
    endpoint: Endpoint,
}

pub fn run(app: &mut App, args: &SendArgs) -> Result<Status, Failure> {
    one_stdin(args)?;
    // Told first: what stands behind a --set without its `=` would be taken for a word.
    for text in &args.payload.edits.set {
        Edit::set(text)?;
    }
    let mut words = app.words(&args.what, args.provider.provider.as_deref(), args.all)?;
    let target = target(app, args, words.target.take())?;
    let provider = ProviderArgs {
        provider: args
            .provider
            .provider
            .clone()
            .or_else(|| words.providers.last().cloned()),
        dialect: args.provider.dialect.clone(),
        public_url: args.provider.public_url.clone(),
    };
    let subjects = subjects(app, args, &provider, words.subjects)?;
    let headers: Headers = args
        .headers
        .iter()
        .map(|line| Headers::parse_line(line))
        .collect::<Result<_, _>>()?;
    let mut senders = Vec::new();
    for what in &subjects {
        let event_type = args.event_type.as_deref();
        let composer = app.composer(what, &args.payload, &provider, &args.stamp, event_type)?;
        senders.push(Sender {
            secrets: secrets(app, args, &composer, target.is_some())?,
            public_url: app.public_url(args.provider.public_url.as_deref())?,
            headers: headers.clone(),
            fault: args.fault.map(Fault::from),
            composer,
        });
    }
    match target {
        Some((target, of_project)) => {
            let mut shipments = Vec::new();
            for sender in senders {
                let endpoint = Endpoint::parse(&target, &sender.composer.provider.table.path)?;
                if of_project {
                    app.permit(&endpoint)?;
                }
                shipments.push(Shipment { sender, endpoint });
            }
            if args.dry_run {
                dry_run(app, args, &shipments)
            } else {
                block_on(deliver(app, args, &shipments))
            }
        }
        None if args.dry_run => {
            let shipments: Result<Vec<_>, Failure> = senders
                .into_iter()
                .map(|sender| {
                    let endpoint = Endpoint::parse("localhost", &sender.composer.provider.table.path)?;
                    Ok(Shipment { sender, endpoint })
                })
                .collect();
            dry_run(app, args, &shipments?)
        }
        None => block_on(ourselves::deliver(app, args, &senders)),
    }
}

/// Refuses a command line that reads standard input for more than one thing.
fn one_stdin(args: &SendArgs) -> Result<(), Failure> {
    let merged = args.payload.edits.merge.iter().map(|path| path.as_path());
    let words = args
        .what
        .iter()
        .map(String::as_str)
        .chain(args.data.as_deref().map(data_path));
    input::one_stdin(
        words
            .map(std::path::Path::new)
            .chain(args.secrets.files())
            .chain(merged),
    )
}

/// The file of `--data @FILE`; no name where it is the body itself.
fn data_path(data: &str) -> &str {
    data.strip_prefix('@').unwrap_or_default()
}

/// Where it goes, and whether a project's file says so: the word that stands last, `--to`, the settings.
fn target(app: &App, args: &SendArgs, word: Option<String>) -> Result<Option<(String, bool)>, Failure> {
    let flag = args.to.clone();
    // What a variable says counts less than a word.
    let is_typed = flag.is_some() && env::var("CKWH_TO").ok() != flag;
    match (word, flag) {
        (Some(word), Some(flag)) if is_typed => {
            Err(Failure::usage(format!("two targets: {word} and --to {flag}; give one")))
        }
        (Some(word), _) => Ok(Some((word, false))),
        (None, Some(flag)) => Ok(Some((flag, false))),
        (None, None) => {
            let set = app.settings.to.as_ref();
            Ok(set.map(|set| (set.text.clone(), set.of_project)))
        }
    }
}

/// What is sent: what the words name, the body of `--data`, the event of `--type`.
fn subjects(
    app: &mut App,
    args: &SendArgs,
    provider: &ProviderArgs,
    mut subjects: Vec<What>,
) -> Result<Vec<What>, Failure> {
    if let Some(data) = &args.data {
        subjects.push(What::Data(match data.strip_prefix('@') {
            Some(path) => input::read(app, path, input::BODY)?,
            None => data.clone().into_bytes(),
        }));
    }
    let own = provider.provider.clone().or_else(|| app.proposed_provider(None));
    match (&args.event_type, subjects.as_slice()) {
        (Some(event_type), []) => {
            let known = match &own {
                Some(name) => app.registry.folder(name)?.has_event(event_type).then(|| name.clone()),
                None => match app.what(event_type, None) {
                    Ok(What::Event { provider, .. }) => Some(provider),
                    _ => None,
                },
            };
            let event_type = event_type.clone();
            subjects.push(match (known, own) {
                (Some(provider), _) => What::Event { provider, event_type },
                (None, Some(provider)) => What::Made { provider, event_type },
                (None, None) => {
                    return Err(Failure::usage(format!(
                        "--type {event_type} does not say whose event it is; name its provider with --provider"
                    )));
                }
            });
        }
        (Some(event_type), [What::Event { .. }, ..]) => {
            return Err(Failure::usage(format!(
                "an event has its type already; --type {event_type} is for a file, for --data, or for an event without a fixture"
            )));
        }
        (_, []) => {
            let (name, command) = match &provider.provider {
                Some(name) => (format!("an event of {name}"), format!("ckwh events {name}")),
                None => ("an event".to_owned(), "ckwh events".to_owned()),
            };
            return Err(Failure::usage(format!(
                "name {name}, or --all of them; `{command}` lists them"
            )));
        }
        _ => {}
    }
    Ok(subjects)
}

/// The secrets to sign with: none under `--no-sign`, a throw-away one where nobody but ourselves will verify.
fn secrets(app: &mut App, args: &SendArgs, composer: &Composer, to_others: bool) -> Result<Vec<Secret>, Failure> {
    if args.no_sign || composer.provider.scheme.signatures.is_empty() {
        return Ok(Vec::new());
    }
    let found = app.secrets(&args.secrets.0, &composer.provider)?;
    if !to_others && !args.dry_run {
        throw_away_given(app, &composer.provider);
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if to_others || args.dry_run {
        return Err(app.no_secret(&composer.provider));
    }
    let scheme = &composer.provider.scheme;
    app.note_once(&format!(
        "no secret is set ({}), so it {}",
        composer.provider.table.secret_env.join(" or "),
        match (scheme.covers(), scheme.signatures[0].kind.has_published_key()) {
            (false, _) => "shows a throw-away one",
            (true, true) => "is signed with a test key that is published with ckwh",
            (true, false) => "is signed with a throw-away one",
        },
    ));
    let mut random = [0; 32];
    random.fill_with(|| fastrand::u8(..));
    Ok(vec![new_secret(&composer.provider.scheme, None, random)?])
}

/// Gives what was not given, where nobody but ourselves will verify.
fn throw_away_given(app: &mut App, provider: &Provider) {
    for given in provider.table.given.values().filter(|given| !given.is_given()) {
        given.give("example".into());
        app.note_once(&format!("{} is not given, so `example` stands for it", given.about()));
    }
}

/// What a message is signed with, and what is wrong with it on purpose.
fn signer(sender: &Sender) -> String {
    let scheme = &sender.composer.provider.scheme;
    let with = match sender.secrets.first() {
        None if scheme.signatures.is_empty() => return "which signs nothing".into(),
        Some(secret) if !scheme.covers() => {
            format!(
                "with the secret from {} (fingerprint {})",
                secret.source(),
                fingerprint(secret)
            )
        }
        None => return "not signed".into(),
        Some(secret) => format!("signed with {} (fingerprint {})", secret.source(), fingerprint(secret)),
    };
    match sender.fault {
        None => with,
        Some(Fault::Secret) => "signed with another key, on purpose".into(),
        Some(Fault::Stale) => format!("{with} an hour ago, on purpose"),
        Some(Fault::Header) => "its signature left out, on purpose".into(),
        Some(Fault::Body) => format!("{with}, its body changed since, on purpose"),
        Some(Fault::Timestamp) => format!("{with}, its timestamp changed since, on purpose"),
        Some(Fault::Signature) => format!("{with}, a digit of the signature changed, on purpose"),
        Some(_) => format!("{with}, broken on purpose"),
    }
}

fn dry_run(app: &mut App, args: &SendArgs, shipments: &[Shipment]) -> Result<Status, Failure> {
    let format = args.print.unwrap_or(RequestFormat::Http);
    for Shipment { sender, endpoint } in shipments {
        let policy = &sender.composer.provider.table.delivery;
        let client = app.client(&args.connection, endpoint, policy)?;
        for _ in 0..args.count {
            let message = sender.message(endpoint)?;
            let outgoing = client.on_the_wire(endpoint, &message);
            let mut shown = RequestItem::outgoing(outgoing, message, format);
            mask(app, args, &sender.composer.provider, &mut shown);
            app.result(Item::Request(shown))?;
        }
    }
    Ok(Status::Yes)
}

/// Masks the secret in what is shown, where its provider shows it.
fn mask(app: &mut App, args: &SendArgs, provider: &Provider, shown: &mut RequestItem) {
    if !provider.token_places().is_empty()
        && let Some(credentials) = app.settings.masked(args.with_credentials)
        && shown.mask(credentials)
    {
        app.note_once("the secret that this provider shows is masked here; --with-credentials shows it");
    }
}

/// What the flags ask of the deliveries.
fn options(args: &SendArgs) -> Result<SendOptions, Failure> {
    Ok(SendOptions {
        count: args.count,
        pace: args.pace.options(),
        expectation: args.expect.expectation()?,
        fail_fast: args.expect.fail_fast,
    })
}

async fn deliver(app: &mut App, args: &SendArgs, shipments: &[Shipment]) -> Result<Status, Failure> {
    let mut parcels = Vec::new();
    // The first ones are made before anything is said, so that a mistake is told alone.
    for Shipment { sender, endpoint } in shipments {
        parcels.push(Parcel {
            client: app.client(&args.connection, endpoint, &sender.composer.provider.table.delivery)?,
            first: sender.message(endpoint)?,
            sender,
            endpoint,
        });
    }
    let options = options(args)?;
    let mut memory = memory(args)?;
    app.beside = Beside::all(&args.report, "ckwh send")?;
    if let (Some(longest), Some(first)) = (args.wait, shipments.first()) {
        wait::until_it_listens(&first.endpoint, longest)?;
    }
    introduce(app, args, &parcels);
    let telling = match (args.count, shipments.len()) {
        (1, 1) => Telling::Whole,
        (1, _) => Telling::Each,
        _ => Telling::Failures,
    };
    if telling != Telling::Whole {
        app.report.expect(Some(u64::from(args.count) * shipments.len() as u64));
    }
    let clients: Vec<_> = parcels.iter().map(|parcel| parcel.client.clone()).collect();
    let expectation = options.expectation.clone();
    let types = parcels.iter().filter_map(|parcel| parcel.first.event_type.as_deref());
    let widest = types.map(|event| event.chars().count()).max().unwrap_or_default();
    let interrupt = app.interrupt.clone();
    let mut reporter = DeliveryReporter::new(app, telling, widest).with_memory(&mut memory);
    let mut note = Note::new(&mut reporter);
    let outcome = send::deliver(parcels, options, &mut note, interrupt.comes()).await;
    let noted = note.taken();
    let outcome = reporter.finish(outcome)?;
    let mut is_kept = false;
    let mut refused = None;
    if let Some(noted) = noted {
        let (message, delivery) = (&noted.message, &noted.delivery);
        let of = |shipment: &Shipment| shipment.is_of(message);
        let at = shipments.iter().position(of).unwrap_or_default();
        let Shipment { sender, endpoint } = &shipments[at];
        let judgement = sent::judgement(&sender.composer.provider, &sender.secrets, message);
        let blanks = Blanks::of(&sender.secrets);
        let recorded = sent::recorded(&clients[at], endpoint, (message, delivery), Some(judgement), &blanks);
        if app.verbose && telling == Telling::Whole {
            deliveries::show_sides(app, &recorded)?;
        }
        is_kept = !args.no_keep && sent::keep(recorded).is_some();
        let answer = noted
            .delivery
            .answer
            .filter(|answer| !expectation.statuses.contain(answer.status));
        refused = answer.map(|answer| (at, noted.message, answer));
    }
    say_what_came(app, args, shipments, &outcome)?;
    if let Some((at, message, answer)) = refused.filter(|_| !outcome.interrupted) {
        hint(app, args, &shipments[at], &message, &answer, is_kept);
    }
    let all_known = memory.knows_all_failures();
    if !args.no_keep {
        memory.keep();
    }
    Ok(match deliveries::status(&outcome) {
        Status::No | Status::Unavailable if all_known => Status::Yes,
        status => status,
    })
}

impl Shipment {
    /// Whether it is where a message came from.
    fn is_of(&self, message: &Message) -> bool {
        match &self.sender.composer.payload {
            Payload::Event { event_type, .. } => message.event_type.as_ref() == Some(event_type),
            Payload::Body { body, .. } => *body == message.body,
        }
    }
}

/// What came of the same before: the baseline, or what is remembered.
fn memory(args: &SendArgs) -> Result<Memory, Failure> {
    if let Some(path) = &args.baseline {
        return Memory::baseline(path);
    }
    let fault = args.fault.map(|fault| format!("{fault:?}")).unwrap_or_default();
    let signed = if args.no_sign { "unsigned" } else { "" };
    let expected = args.expect.expect.as_ref().map(ToString::to_string);
    Ok(Memory::load(format!(
        "{fault}{signed} {}",
        expected.unwrap_or_default()
    )))
}

/// Says what to do next about an answer that was not expected.
fn hint(
    app: &mut App,
    args: &SendArgs,
    shipment: &Shipment,
    message: &Message,
    answer: &ckwh::capture::Excerpt,
    is_kept: bool,
) {
    let Shipment { sender, endpoint } = shipment;
    if sender.fault.is_some() {
        if args.expect.expect.is_none() && (400..500).contains(&answer.status) {
            app.report.hint(
                "it was broken on purpose, so a refusal is right; this expects it:",
                Some(&format!("--expect {}", answer.status)),
            );
        }
        return;
    }
    let secret = sender.secrets.first();
    let is_given = matches!(sender.composer.payload, Payload::Body { .. });
    app.hint_at(&Refused {
        message,
        endpoint,
        answer,
        secret: secret.map(|secret| (secret.source().to_string(), fingerprint(secret))),
        again: match is_kept {
            true => Again::Kept("sent", &args.secrets.0),
            false => Again::Lost,
        },
        as_captured: false,
        is_foreign_writing: is_given && compose::is_foreign_writing(&sender.composer.provider, &message.body),
    });
}

/// Says what is worth knowing when all is done.
fn say_what_came(app: &mut App, args: &SendArgs, shipments: &[Shipment], outcome: &RunOutcome) -> Result<(), Failure> {
    let summary = Item::Summary(deliveries::summary(outcome, None));
    if args.count > 1 || shipments.len() > 1 {
        app.result(summary)?;
        let left = deliveries::left_text(outcome).unwrap_or_else(|| "all were sent".to_owned());
        if outcome.interrupted {
            app.report.note(&format!("interrupted: {left}"));
        } else if outcome.stopped == Some(Stop::Gone) {
            app.report
                .note(&format!("nobody is at the target: {left}; is the receiver running?"));
        }
        return Ok(());
    }
    app.beside(&summary)?;
    if outcome.tally.failures.contains_key(&FailureCause::Refused) {
        app.report.hint(
            "start your handler, name its port with --to, or wait for it:",
            Some("--wait 30s"),
        );
    }
    if outcome.interrupted {
        app.report.note(match outcome.not_sent() {
            Some(1) => "interrupted before it was sent",
            _ => "interrupted: it was on its way, and what came of it is not known",
        });
    }
    Ok(())
}

/// Says what goes where, before it goes: what the user could not know.
fn introduce(app: &mut App, args: &SendArgs, parcels: &[Parcel<'_>]) {
    let Some(first) = parcels.first() else { return };
    let provider = &first.sender.composer.provider;
    let event = match parcels.len() {
        1 => first.first.event_type.clone().unwrap_or_else(|| "a body".to_owned()),
        count => format!("{count} events"),
    };
    let count = match args.count {
        1 => String::new(),
        count => format!("{count} × "),
    };
    let path = match first.endpoint.default_path {
        true => format!(" (the path is {}'s documented one)", provider.table.title),
        false => String::new(),
    };
    app.report.note(&format!(
        "{count}{event} to {}{path}, {}",
        app.settings.credentials.mask_url(first.endpoint.url().as_str()),
        signer(first.sender)
    ));
}
