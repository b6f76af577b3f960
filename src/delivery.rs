//! Delivering a message: an endpoint, attempts, and what came of them.

mod client;
mod endpoint;
mod expect;
mod pace;
mod proxies;
mod retry;
pub mod run;
pub mod runtime;
mod tally;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub use client::{Answer, Client, ClientError, ClientOptions, Outgoing, SetupError};
#[cfg(feature = "check")]
pub(crate) use client::{Incoming, connect, fields, write_head};
pub use endpoint::{Endpoint, EndpointError};
pub use expect::{BodyTest, Expectation, ExpectedHeader, StatusError, Statuses};
pub use pace::{Pace, PaceOptions, Rate, RateError};
pub use proxies::{Proxies, ProxyError};
pub use retry::{Retry, RetryCount};
pub use tally::Tally;

use jiff::Timestamp;

use crate::capture::Excerpt;
use crate::message::Message;
use crate::provider::RetryClass;

/// One request and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The answer's status, where there was one.
    pub status: Option<u16>,
    /// From the first byte out to the end of the answer, or to the failure.
    pub duration: Duration,
    /// Why there was no answer.
    pub failure: Option<Failure>,
}

/// Why an attempt got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What happened.
    pub cause: FailureCause,
    /// In one sentence, for a user.
    pub message: String,
}

/// The ways an attempt fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureCause {
    /// Nothing listens there.
    Refused,
    /// The host's name is unknown.
    Dns,
    /// No answer in time.
    Timeout,
    /// The certificate or the handshake.
    Tls,
    /// The connection broke, or what came back is not HTTP.
    Broken,
}

impl fmt::Display for FailureCause {
    /// In words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::Dns => "unknown host",
            Self::Timeout => "timed out",
            Self::Tls => "no TLS connection",
            Self::Broken => "broken connection",
        })
    }
}

impl Attempt {
    /// How a retry policy sorts it.
    pub fn retry_class(&self) -> RetryClass {
        match (self.status, &self.failure) {
            (Some(status), _) => match status / 100 {
                1 => RetryClass::Informational,
                2 => RetryClass::Success,
                3 => RetryClass::Redirect,
                4 => RetryClass::ClientError,
                _ => RetryClass::ServerError,
            },
            (None, Some(failure)) if failure.cause == FailureCause::Timeout => RetryClass::Timeout,
            (None, _) => RetryClass::Connect,
        }
    }
}

/// Every attempt at one message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// In order; at least one.
    pub attempts: Vec<Attempt>,
    /// What the last attempt got.
    pub answer: Option<Excerpt>,
}

impl Delivery {
    /// From the first byte out to the last attempt's end, without the waits between them.
    pub fn duration(&self) -> Duration {
        self.attempts.iter().map(|attempt| attempt.duration).sum()
    }

    /// The failure of the last attempt.
    pub fn failure(&self) -> Option<&Failure> {
        self.attempts.last().and_then(|attempt| attempt.failure.as_ref())
    }
}

/// Delivers to `endpoint`, trying again as `retry` says. `message` gives what the nth attempt carries, from 0 on.
///
/// # Errors
/// What `message` says.
pub async fn deliver<'m, E>(
    client: &Client,
    endpoint: &Endpoint,
    retry: &Retry,
    mut message: impl FnMut(u32) -> Result<Cow<'m, Message>, E>,
) -> Result<Delivery, E> {
    // Most need one.
    let mut attempts = Vec::with_capacity(1);
    loop {
        let number = attempts.len() as u32;
        let (attempt, answer) = client.attempt(endpoint, message(number)?.as_ref()).await;
        let asked = answer.as_ref().and_then(|answer| answer.headers.text("retry-after"));
        let ended = retry::Ended {
            class: attempt.retry_class(),
            status: attempt.status,
            wait: asked.and_then(|value| retry::retry_after(value, Timestamp::now())),
        };
        let delay = retry.delay_after(number, ended);
        attempts.push(attempt);
        match delay {
            Some(delay) => tokio::time::sleep(delay).await,
            None => return Ok(Delivery { attempts, answer }),
        }
    }
}
