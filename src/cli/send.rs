//! `ckwh send`: deliver a signed event.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use ckwh::capture::jsonl::{BodyFields, HeaderPairs};
use ckwh::clock;
use ckwh::delivery::{self, Client, ClientOptions, Delivery, Endpoint, Expectation, Pace, Retry, Tally};
use ckwh::message::{Headers, Message};
use ckwh::receiver::Receiver;
use ckwh::secret::{Secret, Source};
use ckwh::sign;
use ckwh::tamper;
use ckwh::verify;

use super::args::{Fault, RequestFormat, SendArgs};
use super::compose::Composer;
use super::exit::{Failure, Status, Undone as _};
use super::report::{AttemptItem, DeliveryItem, Item, RequestItem, ResponseItem, SummaryItem};
use super::sign::one_stdin;
use super::{App, block_on};

/// What `--break secret` signs with: text that every key pipeline can decode, and nobody's secret.
const ANOTHER_KEY: &str = "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5";

pub fn run(app: &mut App, args: &SendArgs) -> Result<Status, Failure> {
    one_stdin(&args.what, &args.payload, &args.secrets.0)?;
    let composer = app.composer(&args.what, &args.payload, &args.provider, &args.stamp)?;
    let target = args.to.clone().or_else(|| app.settings.to.clone());
    let secrets = secrets(app, args, &composer, target.is_some())?;
    let sender = Sender {
        public_url: args
            .provider
            .public_url
            .clone()
            .or_else(|| app.settings.public_url.clone()),
        headers: args
            .headers
            .iter()
            .map(|line| Headers::parse_line(line))
            .collect::<Result<_, _>>()?,
        fault: args.fault,
        composer,
        secrets,
    };
    let path = &sender.composer.provider.table.path;
    match target {
        Some(target) => {
            let endpoint = Endpoint::parse(&target, path)?;
            if endpoint.default_path {
                app.report.note(&format!(
                    "no path is given, so it goes to the one in {}'s documentation: {path}",
                    sender.composer.provider.table.title
                ));
            }
            if args.dry_run {
                dry_run(app, args, &sender, &endpoint)
            } else {
                block_on(deliver(app, args, &sender, endpoint))
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
    app.report.note(&format!(
        "no secret is set ({}), so this event is signed with a throw-away one",
        composer.provider.table.secret_env.join(" or ")
    ));
    let random: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(32).collect();
    Ok(vec![Secret::new(hex::encode(random).into_bytes(), Source::ThrowAway)?])
}

/// Makes signed messages.
struct Sender {
    composer: Composer,
    secrets: Vec<Secret>,
    headers: Headers,
    public_url: Option<String>,
    fault: Option<Fault>,
}

impl Sender {
    /// The next message for `endpoint`, whole.
    fn message(&self, endpoint: &Endpoint) -> Result<Message, Failure> {
        let now = self.composer.clock.now();
        let at = match self.fault {
            Some(Fault::Stale) => now - SignedDuration::from_hours(1),
            _ => now,
        };
        let mut message = self.composer.compose(at)?;
        message.url = Some(self.public_url.clone().unwrap_or_else(|| endpoint.to_string()));
        self.sign(&mut message)?;
        Ok(message)
    }

    /// The same message, signed anew at this moment.
    fn signed_anew(&self, message: &Message) -> Result<Message, Failure> {
        let mut message = message.clone();
        message.timestamp = Some(self.composer.clock.now());
        self.sign(&mut message)?;
        Ok(message)
    }

    fn sign(&self, message: &mut Message) -> Result<(), Failure> {
        let scheme = &self.composer.provider.scheme;
        let another = [Secret::new(ANOTHER_KEY.into(), Source::ThrowAway)?];
        let secrets = if self.fault == Some(Fault::Secret) {
            &another[..]
        } else {
            &self.secrets
        };
        if !secrets.is_empty() {
            for (name, value) in sign::sign(scheme, secrets, message)?.headers.iter() {
                message.headers.set(name, value);
            }
        }
        match self.fault {
            Some(Fault::Signature) => tamper::signature(scheme, message),
            Some(Fault::Header) => tamper::header(scheme, message),
            Some(Fault::Timestamp) => tamper::timestamp(scheme, message)?,
            Some(Fault::Body) => tamper::body(message)?,
            Some(Fault::Stale | Fault::Secret) | None => {}
        }
        for (name, _) in self.headers.iter() {
            message.headers.remove(name);
        }
        for (name, value) in self.headers.iter() {
            message.headers.append(name, value);
        }
        Ok(message.headers.check()?)
    }

    fn signer(&self) -> String {
        match (self.secrets.first(), self.fault) {
            (_, Some(Fault::Secret)) => "signed with another key".into(),
            (None, _) => "not signed".into(),
            (Some(secret), _) => format!("signed with {} (fingerprint {})", secret.source(), secret.fingerprint()),
        }
    }
}

fn dry_run(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: &Endpoint) -> Result<Status, Failure> {
    for _ in 0..args.count {
        let message = sender.message(endpoint)?;
        app.result(Item::Request(RequestItem {
            url: endpoint.to_string(),
            target: endpoint.target(),
            headers: HeaderPairs(delivery::on_the_wire(endpoint, &message)),
            body: BodyFields::new(&message.body, false),
            method: message.method,
            bytes: message.body,
            format: args.print.unwrap_or(RequestFormat::Http),
        }))?;
    }
    Ok(Status::Yes)
}

/// Over real HTTP to a server that lives for these deliveries; shows what arrived, with its verdict.
async fn deliver_to_ourselves(app: &mut App, args: &SendArgs, sender: &Sender) -> Result<Status, Failure> {
    let mut receiver = Receiver::start()
        .await
        .context("no port for the catch-server")
        .undone()?;
    let provider = &sender.composer.provider;
    let endpoint = Endpoint::parse(&receiver.address().to_string(), &provider.table.path)?;
    let status = deliver(app, args, sender, endpoint).await?;
    let mut all_valid = true;
    while let Some(mut message) = receiver.take() {
        if args.count == 1 {
            app.result(Item::Request(RequestItem {
                url: format!("http://{}{}", receiver.address(), provider.table.path),
                target: message.url.clone().unwrap_or_default(),
                headers: HeaderPairs(message.headers.clone()),
                body: BodyFields::new(&message.body, false),
                method: message.method.clone(),
                bytes: message.body.clone(),
                format: RequestFormat::Http,
            }))?;
        }
        message.url = Some(
            sender
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://{}{}", receiver.address(), provider.table.path)),
        );
        let options = verify::Options {
            at: Timestamp::now(),
            tolerance: None,
        };
        let verdict = verify::verify(&provider.scheme, &sender.secrets, &message, &options);
        all_valid &= verdict.is_valid();
        if args.count == 1 || !verdict.is_valid() {
            let tried = sender
                .secrets
                .iter()
                .map(|secret| secret.source().to_string())
                .collect();
            app.result(Item::Verdict(super::verify::item(Some(provider), &verdict, tried)))?;
        }
    }
    if args.count == 1 {
        app.report
            .note("this went to a server that ckwh started for it; to send it to yours, add --to localhost:3000");
    }
    Ok(if all_valid { status } else { Status::No })
}

async fn deliver(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: Endpoint) -> Result<Status, Failure> {
    let policy = sender.composer.provider.table.delivery.clone();
    let timeout = match (&args.timeout, &app.settings.timeout) {
        (Some(timeout), _) => *timeout,
        (None, Some(text)) => clock::duration(text)?,
        (None, None) => policy.timeout,
    };
    let insecure = args.connection.insecure || app.settings.insecure;
    if insecure && endpoint.is_https() {
        app.report.note("no certificate is checked (--insecure)");
    }
    let ca_certificate = match &args.connection.cacert {
        Some(path) => Some(
            fs::read(path)
                .with_context(|| format!("the CA certificate {}", path.display()))
                .undone()?,
        ),
        None => None,
    };
    let options = ClientOptions {
        timeout,
        follow: args.connection.follow,
        ca_certificate,
        insecure,
    };
    let client = Client::new(&endpoint, &options)?;
    let retry = match args.retry {
        Some(count) => Retry::following(policy, count.0),
        None => Retry::never(policy),
    };
    let expectation = Expectation {
        statuses: args.expect.clone().unwrap_or_default(),
        body: args.expect_body.clone(),
        within: args.expect_within,
    };
    let first = sender.message(&endpoint)?;
    introduce(app, args, sender, &endpoint, &first);
    let one = async |number: u32, pace: Pace, first: Option<Message>| -> Result<(Message, Delivery), Failure> {
        pace.wait(number).await;
        let message = match first {
            Some(message) => message,
            None => sender.message(&endpoint)?,
        };
        let next = |attempt| match attempt {
            0 => Ok(message.clone()),
            _ if retry.signs_anew() => sender.signed_anew(&message),
            _ => Ok(message.clone()),
        };
        let delivery = delivery::deliver(&client, &endpoint, &retry, next).await?;
        Ok((message, delivery))
    };
    let many = args.count > 1;
    if many {
        app.report.expect(args.count);
    }
    let pace = Pace::start(args.rate);
    let started = Instant::now();
    let mut first = Some(first);
    let work = stream::iter((0..args.count).map(|number| one(number, pace, first.take())));
    let mut work = std::pin::pin!(work.buffer_unordered(args.concurrency as usize));
    let mut tally = Tally::default();
    let mut interrupted = false;
    loop {
        let finished = tokio::select! {
            finished = work.next() => finished,
            _ = tokio::signal::ctrl_c() => {
                interrupted = true;
                None
            }
        };
        let Some(finished) = finished else { break };
        let (message, delivery) = finished?;
        let unmet = expectation.unmet(&delivery);
        tally.add(&delivery, unmet.is_empty());
        let refused = delivery.answer.as_ref().map(|answer| answer.status);
        app.result(Item::Delivery(item(sender, &endpoint, &message, delivery, unmet, many)))?;
        if let Some(status @ (401 | 403)) = refused
            && !many
            && args.fault.is_none()
            && !expectation.statuses.contain(status)
        {
            app.report.note(&format!(
                "the receiver refused the signature: it was {}; compare that secret with the receiver's, and that it verifies the bytes it got, not JSON it wrote again",
                sender.signer()
            ));
        }
    }
    if many {
        app.result(Item::Summary(summary(&tally, started.elapsed())))?;
    }
    Ok(match () {
        () if interrupted => Status::Interrupted,
        () if tally.unanswered > 0 => Status::Undone,
        () if tally.failed > 0 => Status::No,
        () => Status::Yes,
    })
}

/// Says what goes where, before it goes.
fn introduce(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: &Endpoint, first: &Message) {
    let provider = &sender.composer.provider;
    let event = first.event_type.as_deref().unwrap_or("a body");
    let count = if args.count > 1 {
        format!("{} × ", args.count)
    } else {
        String::new()
    };
    app.report.note(&format!(
        "{count}{event} from {} ({}) to {endpoint}, {} bytes, {}",
        provider.name,
        provider.dialect,
        first.body.len(),
        sender.signer()
    ));
}

fn item(
    sender: &Sender,
    endpoint: &Endpoint,
    message: &Message,
    delivery: Delivery,
    unmet: Vec<String>,
    one_of_many: bool,
) -> DeliveryItem {
    let attempts = delivery.attempts.into_iter().map(|attempt| AttemptItem {
        status: attempt.status,
        duration_ms: in_milliseconds(attempt.duration),
        error: attempt.failure.map(|failure| failure.message),
    });
    DeliveryItem {
        provider: sender.composer.provider.name.clone(),
        dialect: sender.composer.provider.dialect.clone(),
        event_type: message.event_type.clone(),
        event_id: message.id.clone(),
        url: endpoint.to_string(),
        ok: unmet.is_empty(),
        attempts: attempts.collect(),
        response: delivery.answer.map(|answer| ResponseItem {
            status: answer.status,
            headers: HeaderPairs(answer.headers),
            body: BodyFields::new(&Bytes::from(answer.body), answer.truncated),
        }),
        unmet,
        one_of_many,
    }
}

fn summary(tally: &Tally, took: Duration) -> SummaryItem {
    let latency = |share| tally.latency(share).map(in_milliseconds);
    SummaryItem {
        deliveries: tally.total(),
        ok: tally.ok,
        failed: tally.failed,
        statuses: tally.statuses.clone(),
        failures: tally.failures.clone(),
        duration_ms: in_milliseconds(took),
        p50_ms: latency(0.5),
        p90_ms: latency(0.9),
        p99_ms: latency(0.99),
        max_ms: latency(1.0),
    }
}

/// Milliseconds with three decimals: more would be noise.
fn in_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
