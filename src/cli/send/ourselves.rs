//! Events to a server that lives for their delivery, and shows what arrived.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::delivery::Endpoint;
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use ckwh::message::Message;
use ckwh::receiver::{self, Receiver};
use ckwh::scheme::Scheme;
use ckwh::secret::Secret;
use ckwh::send::{self, Parcel, Sender};
use ckwh::verify::{self, Reason, Verdict};

use super::{mask, options};
use crate::cli::app::App;
use crate::cli::args::SendArgs;
use crate::cli::deliveries::{self, DeliveryReporter, Telling};
use crate::cli::exit::{Failure, OrUnavailable as _, Status};
use crate::cli::report::{Item, RequestItem};
use crate::cli::verify::{item as verify_item, tried};

/// Each event over real HTTP to a server of its own.
pub async fn deliver(app: &mut App, args: &SendArgs, senders: &[Sender]) -> Result<Status, Failure> {
    let mut status = Status::Yes;
    for sender in senders {
        let own = one(app, args, sender).await?;
        if own.code() > status.code() {
            status = own;
        }
    }
    app.report.hint(
        "this went to a server that ckwh started for it; to send it to yours, add",
        Some("--to localhost:3000"),
    );
    Ok(status)
}

/// Over real HTTP to a server that lives for these deliveries; shows what arrived, with its verdict.
async fn one(app: &mut App, args: &SendArgs, sender: &Sender) -> Result<Status, Failure> {
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
    let mut status = to_it(app, args, sender, &endpoint).await?;
    for (message, verdict) in catcher.take() {
        if let Some(message) = message {
            let mut shown = RequestItem {
                url: endpoint.to_string(),
                target: endpoint.target().to_owned(),
                headers: HeaderPairs(message.headers),
                body: BodyFields::new(&message.body, false),
                method: message.method,
                bytes: message.body,
                format: None,
            };
            mask(app, args, provider, &mut shown);
            app.result(Item::Request(shown))?;
        }
        if verdict.reason != Reason::best(&provider.scheme) {
            status = Status::No;
        }
        let item = verify_item(Some(provider), &verdict, tried(&sender.secrets), true);
        app.result(Item::Verdict(item))?;
    }
    Ok(status)
}

/// Delivers to the catch-server; what came is told by what it caught.
async fn to_it(app: &mut App, args: &SendArgs, sender: &Sender, endpoint: &Endpoint) -> Result<Status, Failure> {
    let provider = &sender.composer.provider;
    let parcel = Parcel {
        client: app.client(&args.connection, endpoint, &provider.table.delivery)?,
        first: sender.message(endpoint)?,
        sender,
        endpoint,
    };
    let options = options(args)?;
    if args.count > 1 {
        app.report.expect(Some(args.count.into()));
    }
    let interrupt = app.interrupt.clone();
    let mut reporter = DeliveryReporter::new(app, Telling::Failures, 0);
    let outcome = send::deliver(vec![parcel], options, &mut reporter, interrupt.comes()).await;
    let outcome = reporter.finish(outcome)?;
    if args.count > 1 {
        app.result(Item::Summary(deliveries::summary(&outcome, None)))?;
    }
    Ok(deliveries::status(&outcome))
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
    /// The URL that is signed, with the query of `target` where the scheme writes one.
    fn signed_url(&self, target: &str) -> Option<String> {
        let url = self.url.get()?;
        match target.split_once('?') {
            Some((_, query)) if self.scheme.writes_query() => {
                Some(format!("{}?{query}", url.split('?').next().unwrap_or(url)))
            }
            _ => Some(url.clone()),
        }
    }

    fn take(&self) -> Vec<(Option<Message>, Verdict)> {
        std::mem::take(&mut *self.judged.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl receiver::Observer for Catcher {
    fn event(&self, event: receiver::Event) {
        let receiver::Event::Caught(capture) = event else {
            return;
        };
        let recorded = Arc::unwrap_or_clone(capture.recorded);
        let url = self.signed_url(recorded.target());
        let message = Message {
            url,
            ..recorded.message
        };
        let options = verify::Options::new(Timestamp::now());
        let verdict = verify::verify(&self.scheme, &self.secrets, &message, &options);
        if self.alone || verdict.reason != Reason::best(&self.scheme) {
            let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
            judged.push((self.alone.then_some(message), verdict));
        }
    }
}
