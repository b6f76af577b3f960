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

#[cfg(feature = "postgres")]
pub(crate) use client::tls;
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
use tokio::time::Instant;

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

/// What an attempt carries, and until when it may be on its way.
#[derive(Debug)]
pub struct Next<'m> {
    /// What goes out.
    pub message: Cow<'m, Message>,
    /// It is given up then.
    pub until: Option<Instant>,
}

/// Delivers to `endpoint`, trying again as `retry` says. `next` gives what the nth attempt carries, from 0 on; where it
/// gives nothing no more are made, and nothing is told where none was.
///
/// # Errors
/// What `message` says.
pub async fn deliver<'m, E>(
    client: &Client,
    endpoint: &Endpoint,
    retry: &Retry,
    mut next: impl AsyncFnMut(u32) -> Result<Option<Next<'m>>, E>,
) -> Result<Option<Delivery>, E> {
    // Most need one.
    let mut attempts = Vec::with_capacity(1);
    loop {
        let number = attempts.len() as u32;
        let Some(Next { message, until }) = next(number).await? else {
            let answer = None;
            return Ok((!attempts.is_empty()).then_some(Delivery { attempts, answer }));
        };
        let attempt = client.attempt(endpoint, message.as_ref());
        let (attempt, answer) = match until {
            Some(until) => given_up(attempt, until).await,
            None => attempt.await,
        };
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
            None => return Ok(Some(Delivery { attempts, answer })),
        }
    }
}

/// An attempt that is given up at a time: nobody knows then what came of it.
async fn given_up(
    attempt: impl Future<Output = (Attempt, Option<Excerpt>)>,
    until: Instant,
) -> (Attempt, Option<Excerpt>) {
    let begun = Instant::now();
    match tokio::time::timeout_at(until, attempt).await {
        Ok(done) => done,
        Err(_) => {
            let failure = Failure {
                cause: FailureCause::Timeout,
                message: "it was given up before its lease ended, and what came of it is unknown".into(),
            };
            let attempt = Attempt {
                status: None,
                duration: begun.elapsed(),
                failure: Some(failure),
            };
            (attempt, None)
        }
    }
}
