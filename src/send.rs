//! Signed messages of one provider, delivered: a plan in, events to an observer, an outcome out.
//!
//! A [`Composer`] makes unsigned messages, a [`Sender`] signs and delivers them.

mod compose;

use futures_util::stream;
use jiff::Timestamp;

pub use compose::{Composer, Payload};

use crate::delivery::run::{
    self, DeliveryOptions, Observer, Prepared, RequestOrigin, Route, RunError, RunOutcome, Source,
};
use crate::delivery::{Client, Endpoint, Expectation, Pace, PaceOptions};
use crate::message::{HeaderError, Headers, Message};
use crate::provider::fixture::{EditError, FixtureError};
use crate::scheme::{Scheme, Signature};
use crate::secret::{Secret, SecretError, Source as SecretSource};
use crate::sign::tamper::{Fault, TamperError};
use crate::sign::{self, SignError};

/// The bytes of the key that [`Fault::Secret`] signs with.
const OTHER_KEY: [u8; 32] = [0xa5; 32];

/// Why a message can't be made, or deliveries broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// An edit that does not fit the payload.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A payload that can't be written as a body.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// No key can be made for the scheme.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The message can't be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The fault does not fit the message.
    #[error(transparent)]
    Tamper(#[from] TamperError),
    /// A header that can't go out over HTTP/1.1.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The deliveries.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Makes signed messages and delivers them.
#[derive(Debug)]
pub struct Sender {
    /// Makes the messages before they are signed.
    pub composer: Composer,
    /// The secrets to sign with; without any, messages are not signed.
    pub secrets: Vec<Secret>,
    /// Headers that replace the provider's, or are added to them, after signing.
    pub headers: Headers,
    /// The URL to sign, for schemes that sign it; without it, the endpoint's.
    pub public_url: Option<String>,
    /// The fault that is put into each message.
    pub fault: Option<Fault>,
}

/// Messages of one sender to one endpoint.
#[derive(Debug)]
pub struct Parcel<'a> {
    /// Makes them.
    pub sender: &'a Sender,
    /// Where they go.
    pub endpoint: &'a Endpoint,
    /// Makes the attempts.
    pub client: Client,
    /// The first message, made before.
    pub first: Message,
}

/// How messages are delivered.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// How many messages of each parcel.
    pub count: u32,
    /// How fast, how many at a time, how often again.
    pub pace: PaceOptions,
    /// What an answer must be.
    pub expectation: Expectation,
    /// Whether none begins after the first that does not meet the expectation.
    pub fail_fast: bool,
}

impl Sender {
    /// The next message for `endpoint`, signed.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn message(&self, endpoint: &Endpoint) -> Result<Message, SendError> {
        let age = self.fault.map(Fault::age).unwrap_or_default();
        let mut message = self.composer.compose(self.composer.clock.now() - age)?;
        message.url = Some(self.signed_url(endpoint));
        if self.composer.provider.scheme.writes_query() {
            message.target = Some(endpoint.target().to_owned());
        }
        sign::place_facts(&self.composer.provider.scheme, &mut message);
        self.sign(&mut message)?;
        Ok(message)
    }

    /// The URL that a message for `endpoint` is signed with.
    pub fn signed_url(&self, endpoint: &Endpoint) -> String {
        self.public_url.clone().unwrap_or_else(|| endpoint.to_string())
    }

    fn sign(&self, message: &mut Message) -> Result<(), SendError> {
        let scheme = &self.composer.provider.scheme;
        let other;
        let secrets = if self.fault == Some(Fault::Secret) && !scheme.signatures.is_empty() {
            other = [new_secret(scheme, self.secrets.first(), OTHER_KEY)?];
            &other[..]
        } else {
            &self.secrets
        };
        if !secrets.is_empty() {
            let signed = sign::sign(scheme, secrets, message)?;
            signed.put_on(message);
        }
        if let Some(fault) = self.fault {
            fault.apply(scheme, message)?;
        }
        for (name, _) in self.headers.iter() {
            message.headers.remove(name);
        }
        for (name, value) in self.headers.iter() {
            message.headers.append(name, value);
        }
        Ok(message.headers.check()?)
    }
}

/// Delivers the parcels' messages, one parcel after the other, in the runtime of the caller. The end of `interrupt` ends
/// it with what was done until then.
///
/// # Errors
/// [`SendError`]; [`RunError::Observer`] where `observer` broke.
pub async fn deliver(
    parcels: Vec<Parcel<'_>>,
    options: SendOptions,
    observer: &mut dyn Observer,
    interrupt: impl Future<Output = ()>,
) -> Result<RunOutcome, SendError> {
    let planned = u64::from(options.count) * parcels.len() as u64;
    let config = run::Config {
        expectation: options.expectation,
        concurrency: options.pace.concurrency.unwrap_or(1),
        planned: Some(planned),
        fail_fast: options.fail_fast,
    };
    let mut firsts = Vec::new();
    let mut lots = Vec::new();
    for parcel in parcels {
        firsts.push(Some(parcel.first));
        lots.push(Lot {
            sender: parcel.sender,
            endpoint: parcel.endpoint,
            options: DeliveryOptions {
                client: parcel.client,
                retry: options.pace.retry(&parcel.sender.composer.provider.table.delivery),
            },
        });
    }
    let source = SendSource {
        lots,
        pace: Pace::start(options.pace.rate),
    };
    let jobs = (0..planned).map(|number| {
        let lot = (number / u64::from(options.count)) as usize;
        Ok(Job {
            number,
            lot,
            first: firsts[lot].take(),
        })
    });
    config.deliver(&source, stream::iter(jobs), observer, interrupt).await
}

/// A secret of `random` bytes for the signature that `like` is for, or for the scheme's first.
///
/// # Errors
/// [`SecretError`]; of a provider that signs nothing there is no secret.
pub fn new_secret(scheme: &Scheme, like: Option<&Secret>, random: [u8; 32]) -> Result<Secret, SecretError> {
    let is_for = |signature: &&Signature| like.is_some_and(|secret| signature.mac(secret).is_ok());
    let signatures = &scheme.signatures;
    let signature = signatures.iter().find(is_for).or(signatures.first());
    let text = signature
        .map(|signature| signature.new_secret(random))
        .unwrap_or_default();
    Secret::new(text, SecretSource::ThrowAway)
}

/// One of the deliveries that were asked for.
struct Job {
    number: u64,
    /// The place of its parcel.
    lot: usize,
    /// Its message, where that is made already.
    first: Option<Message>,
}

/// A parcel whose first message is taken.
struct Lot<'a> {
    sender: &'a Sender,
    endpoint: &'a Endpoint,
    options: DeliveryOptions,
}

struct SendSource<'a> {
    lots: Vec<Lot<'a>>,
    pace: Pace,
}

impl Source for SendSource<'_> {
    type Job = Job;
    type Error = SendError;

    fn route<'a>(&'a self, job: &'a Job) -> Route<'a> {
        let lot = &self.lots[job.lot];
        Route {
            due: self.pace.due(job.number),
            endpoint: lot.endpoint,
            options: &lot.options,
            provider: Some(&lot.sender.composer.provider),
            origin: RequestOrigin::default(),
        }
    }

    fn prepare(&self, job: &mut Job) -> Result<Prepared, SendError> {
        let message = match job.first.take() {
            Some(first) => first,
            None => {
                let lot = &self.lots[job.lot];
                lot.sender.message(lot.endpoint)?
            }
        };
        Ok(Prepared::Message(Box::new(message)))
    }

    fn sign_again(&self, job: &Job, message: &Message) -> Result<Message, SendError> {
        let sender = self.lots[job.lot].sender;
        let mut message = message.clone();
        let now: Timestamp = sender.composer.clock.now();
        sign::restamp(&sender.composer.provider.scheme, &mut message, now);
        sender.sign(&mut message)?;
        Ok(message)
    }
}
