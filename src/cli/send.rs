//! `ckwh send`: deliver a signed event.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::delivery::Endpoint;
use ckwh::delivery::run::{RunOutcome, Stop};
use ckwh::exchange::curl;
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use ckwh::message::{Headers, Message};
use ckwh::receiver::{self, Receiver};
use ckwh::scheme::Scheme;
use ckwh::secret::Secret;
use ckwh::send::{Composer, SendOptions, Sender, new_secret};
use ckwh::sign::tamper::Fault;
use ckwh::verify::{self, Verdict};

use super::app::App;
use super::args::{RequestFormat, SendArgs};
use super::deliveries::{self, DeliveryReporter};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::report::{Item, RequestItem};
use super::runtime::block_on;
use super::sent::Note;
use super::sign::one_stdin;

pub fn run(app: &mut App, args: &SendArgs) -> Result<Status, Failure> {
    one_stdin(&args.what, &args.payload, &args.secrets)?;
    let composer = app.composer(&args.what, &args.payload, &args.provider, &args.stamp)?;
    let set = app.settings.to.clone().filter(|_| args.to.is_none());
    let target = args.to.clone().or_else(|| set.as_ref().map(|set| set.text.clone()));
    let secrets = secrets(app, args, &composer, target.is_some())?;
    let sender = Sender {
        public_url: app.public_url(args.provider.public_url.as_deref())?,
        headers: args
            .headers
            .iter()
            .map(|line| Headers::parse_line(line))
            .collect::<Result<_, _>>()?,
        fault: args.fault.map(Fault::from),
        composer,
        secrets,
    };
    let path = &sender.composer.provider.table.path;
    match target {
        Some(target) => {
            let endpoint = Endpoint::parse(&target, path)?;
            if set.is_some_and(|set| set.of_project) {
                app.permit(&endpoint)?;
            }
            if endpoint.default_path {
                app.report.note(&format!(
                    "no path is given, so it goes to the one in {}'s documentation: {path}",
                    sender.composer.provider.table.title
                ));
            }
            if args.dry_run {
                dry_run(app, args, &sender, &endpoint)
            } else {
                block_on(deliver(app, args, &sender, &endpoint, false))
            }
        }
        None if args.dry_run => dry_run(app, args, &sender, &Endpoint::parse("localhost", path)?),
        None => block_on(deliver_to_ourselves(app, args, &sender)),
    }
}

/// The secrets to sign with: none under `--no-sign`, a throw-away one where nobody but ourselves will verify.
fn secrets(app: &mut App, args: &SendArgs, composer: &Composer, to_others: bool) -> Result<Vec<Secret>, Failure> {
    if args.no_sign {
        return Ok(Vec::new());
    }
    let found = app.secrets(&args.secrets.0, &composer.provider)?;
    if !found.is_empty() {
        return Ok(found);
    }
    if to_others || args.dry_run {
        return Err(app.no_secret(&composer.provider));
    }
    let is_published = composer.provider.scheme.signatures[0].kind.has_published_key();
    app.report.note(&format!(
        "no secret is set ({}), so this event is signed with {}",
        composer.provider.table.secret_env.join(" or "),
        if is_published {
            "a test key that is published with ckwh"
        } else {
            "a throw-away one"
        },
    ));
    let mut random = [0; 32];
    random.fill_with(|| fastrand::u8(..));
    Ok(vec![new_secret(&composer.provider.scheme, None, random)?])
}

/// What a message is signed with.
fn signer(sender: &Sender) -> String {
    match (sender.secrets.first(), sender.fault) {
        (_, Some(Fault::Secret)) => "signed with another key".into(),
        (None, _) => "not signed".into(),
        (Some(secret), _) => format!("signed with {} (fingerprint {})", secret.source(), secret.fingerprint()),
    }
}

fn dry_run(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: &Endpoint) -> Result<Status, Failure> {
    let policy = &sender.composer.provider.table.delivery;
    let client = app.client(&args.connection, endpoint, policy)?;
    let format = args.print.unwrap_or(RequestFormat::Http);
    for _ in 0..args.count {
        let message = sender.message(endpoint)?;
        let outgoing = client.on_the_wire(endpoint, &message);
        app.result(Item::Request(RequestItem::outgoing(outgoing, message, format)))?;
    }
    Ok(Status::Yes)
}

/// Over real HTTP to a server that lives for these deliveries; shows what arrived, with its verdict.
async fn deliver_to_ourselves(app: &mut App, args: &SendArgs, sender: &Sender) -> Result<Status, Failure> {
    let provider = &sender.composer.provider;
    let catcher = Arc::new(Catcher {
        scheme: provider.scheme.clone(),
        secrets: sender.secrets.clone(),
        url: OnceLock::new(),
        alone: args.count == 1,
        judged: Mutex::default(),
    });
    let config = receiver::Config {
        observer: Some(catcher.clone()),
        ..receiver::Config::default()
    };
    let receiver = Receiver::start(&[SocketAddr::from(([127, 0, 0, 1], 0))], config)
        .await
        .context("no port for the catch-server")
        .or_unavailable()?;
    let endpoint = Endpoint::parse(&receiver.addresses()[0].to_string(), &provider.table.path)?;
    catcher.url.get_or_init(|| sender.signed_url(&endpoint));
    let mut status = deliver(app, args, sender, &endpoint, true).await?;
    for (message, verdict) in catcher.take() {
        if let Some(message) = message {
            app.result(Item::Request(RequestItem {
                url: endpoint.to_string(),
                target: endpoint.target().to_owned(),
                headers: HeaderPairs(message.headers),
                body: BodyFields::new(&message.body, false),
                method: message.method,
                bytes: message.body,
                format: None,
            }))?;
        }
        if !verdict.is_valid() {
            status = Status::No;
        }
        let tried = sender.secrets.iter().map(|secret| secret.source().to_string());
        let item = super::verify::item(Some(provider), &verdict, tried.collect());
        app.result(Item::Verdict(item))?;
    }
    app.report
        .note("this went to a server that ckwh started for it; to send it to yours, add --to localhost:3000");
    Ok(status)
}

/// Judges what arrives at the catch-server, and keeps what is shown of it: of one delivery everything, of several the
/// verdicts on those that are not valid.
#[derive(Debug)]
struct Catcher {
    scheme: Scheme,
    secrets: Vec<Secret>,
    /// The URL that is signed, known as soon as the server has its port.
    url: OnceLock<String>,
    alone: bool,
    judged: Mutex<Vec<(Option<Message>, Verdict)>>,
}

impl Catcher {
    fn take(&self) -> Vec<(Option<Message>, Verdict)> {
        std::mem::take(&mut *self.judged.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl receiver::Observer for Catcher {
    fn event(&self, event: receiver::Event) {
        let receiver::Event::Caught(capture) = event else {
            return;
        };
        let mut message = Arc::unwrap_or_clone(capture.recorded).message;
        message.url = self.url.get().cloned();
        let options = verify::Options::new(Timestamp::now());
        let verdict = verify::verify(&self.scheme, &self.secrets, &message, &options);
        if self.alone || !verdict.is_valid() {
            let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
            judged.push((self.alone.then_some(message), verdict));
        }
    }
}

async fn deliver(
    app: &mut App,
    args: &SendArgs,
    sender: &Sender,
    endpoint: &Endpoint,
    to_ourselves: bool,
) -> Result<Status, Failure> {
    let provider = &sender.composer.provider;
    let options = SendOptions {
        client: app.client(&args.connection, endpoint, &provider.table.delivery)?,
        count: args.count,
        pace: args.pace.options(),
        expectation: args.expect.expectation(),
        fail_fast: args.expect.fail_fast,
    };
    // The first is made before anything is said, so that a mistake is told alone.
    let first = sender.message(endpoint)?;
    introduce(app, args, sender, endpoint, &first);
    if args.count > 1 {
        app.report.expect(Some(args.count.into()));
    }
    let again = again(args, &first);
    let client = options.client.clone();
    let mut reporter = DeliveryReporter::new(app, to_ourselves || args.count > 1);
    let mut note = Note::new(&mut reporter);
    let outcome = sender
        .deliver(endpoint, first, options, &mut note, deliveries::interrupt())
        .await;
    let is_kept = !to_ourselves && !args.no_keep && note.keep(sender, &client, endpoint).is_some();
    let outcome = reporter.finish(outcome)?;
    say_what_came(app, args, sender, &outcome, &again, is_kept)?;
    Ok(deliveries::status(&outcome))
}

/// Says what is worth knowing when all is done; `again` is a command line that makes the first message once more.
fn say_what_came(
    app: &mut App,
    args: &SendArgs,
    sender: &Sender,
    outcome: &RunOutcome,
    again: &str,
    is_kept: bool,
) -> Result<(), Failure> {
    if args.count > 1 {
        app.result(Item::Summary(deliveries::summary(outcome, None)))?;
        let left = deliveries::left_text(outcome).unwrap_or_else(|| "all were sent".to_owned());
        if outcome.interrupted {
            app.report.note(&format!("interrupted: {left}"));
        } else if outcome.stopped == Some(Stop::Gone) {
            app.report
                .note(&format!("nobody is at the target: {left}; is the receiver running?"));
        }
    } else if outcome.interrupted {
        app.report.note(match outcome.not_sent() {
            Some(1) => "interrupted before it was sent",
            _ => "interrupted: it was on its way, and what came of it is not known",
        });
    } else if let Some(status @ (401 | 403)) = outcome.last_status
        && args.fault.is_none()
        && !args.expect.expectation().statuses.contain(status)
    {
        let secret = match args.secrets.0.is_empty() {
            true => "",
            false => ", with the secret as it was given here",
        };
        app.report.note(&match is_kept {
            true => format!(
                "the receiver refused the signature: the event was {}; let your handler log the signature that it computed (SIG), and this says what it did{secret}: ckwh verify sent --computed SIG",
                signer(sender)
            ),
            false => format!("the receiver refused the signature: the event was {}; let your handler log the signature that it computed (SIG), and this says what it did, with the other options as they were: {again} --dry-run | ckwh verify - --computed SIG",
                signer(sender)
            ),
        });
    }
    Ok(())
}

/// The command line, without its other options, that makes `message` once more.
fn again(args: &SendArgs, message: &Message) -> String {
    let mut line = format!("ckwh send {}", curl::quote(&args.what));
    if let Some(at) = message.timestamp {
        line.push_str(&format!(" --timestamp {at}"));
    }
    if let Some(id) = &message.id {
        line.push_str(&format!(" --id {}", curl::quote(id)));
    }
    line
}

/// Says what goes where, before it goes.
fn introduce(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: &Endpoint, first: &Message) {
    let provider = &sender.composer.provider;
    let event = first.event_type.as_deref().unwrap_or("a body");
    let count = match args.count {
        1 => String::new(),
        count => format!("{count} × "),
    };
    app.report.note(&format!(
        "{count}{event} from {} ({}) to {}, {} bytes, {}",
        provider.name,
        provider.dialect,
        app.settings.credentials.mask_url(endpoint.url().as_str()),
        first.body.len(),
        signer(sender)
    ));
}
