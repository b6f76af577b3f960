//! How a run ends: a status that follows from its result, and the failures that prevent one.

use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use ckwh::delivery::run::RunError;
use ckwh::provider::ProviderError;
use ckwh::provider::fixture::{EditError, FixtureError};
use ckwh::replay::{BodyFilterError, ReplayError};
use ckwh::secret::SecretError;
use ckwh::send::SendError;
use ckwh::sign::SignError;

use super::report::{ErrorItem, JunitError, Report};

/// A run's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 0: it was done, and the answer is yes.
    Yes,
    /// 1: it was done, and the answer is no: a bad signature, an unexpected status, a failed expectation.
    No,
    /// 2: the command line or its input makes no sense.
    Usage,
    /// 3: it could not be done: refused, timed out, no such file.
    Unavailable,
    /// 130: interrupted.
    Interrupted,
}

/// Every status with its meaning, as `ckwh help exit-codes` prints it.
pub const STATUSES: [(Status, &str); 5] = [
    (Status::Yes, "yes: delivered, signed, valid"),
    (
        Status::No,
        "no: a bad signature, an unexpected status, a failed expectation",
    ),
    (
        Status::Usage,
        "usage or bad input: an unknown event, a broken file, no secret",
    ),
    (
        Status::Unavailable,
        "could not be done: refused, timed out, no such file",
    ),
    (Status::Interrupted, "interrupted"),
];

impl Status {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Unavailable => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        status.code().into()
    }
}

/// A wrong command line or input.
#[derive(Debug)]
pub struct Mistake {
    /// Which kind it is, for programs.
    kind: &'static str,
    /// The nearest real names.
    near: Vec<String>,
    error: anyhow::Error,
}

impl Mistake {
    fn new(kind: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind,
            near: Vec::new(),
            error: error.into(),
        }
    }
}

impl std::ops::Deref for Mistake {
    type Target = anyhow::Error;

    fn deref(&self) -> &anyhow::Error {
        &self.error
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The command line or its input.
    Usage(Mistake),
    /// Something that is needed: a file, the network, the store.
    Unavailable(anyhow::Error),
    /// Nobody reads the output any more, which is no error.
    OutputClosed,
}

impl Failure {
    /// A usage failure of this text.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::of("usage", anyhow::Error::msg(message.into()))
    }

    /// A usage failure of this kind.
    pub fn of(kind: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(Mistake::new(kind, error))
    }

    /// The same with the nearest real names, of which `hint` speaks.
    pub fn near(self, hint: &str) -> Self {
        match self {
            Self::Usage(mistake) => Self::Usage(Mistake {
                near: named(hint),
                ..mistake
            }),
            other => other,
        }
    }

    /// A failure to write the output.
    pub fn from_output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Unavailable(anyhow::Error::new(error).context("the output could not be written")),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(mistake) => f.write_str(&one_line(mistake)),
            Self::Unavailable(error) => f.write_str(&one_line(error)),
            Self::OutputClosed => f.write_str("nobody reads the output"),
        }
    }
}

macro_rules! usage_errors {
    ($($kind:literal: $error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of($kind, error)
            }
        })*
    };
}

usage_errors!(
    "bad-payload": FixtureError,
    "bad-override": EditError,
    "bad-secret": SecretError,
    "bad-time": ckwh::clock::ClockError,
    "bad-case": ckwh::check::CaseError,
    "bad-file": ckwh::exchange::CaptureError,
    "bad-store": ckwh::store::LocationError,
    "bad-store": ckwh::store::ServerError,
    "bad-selection": ckwh::store::SelectionError,
    "bad-filter": ckwh::store::FilterError,
    "bad-header": ckwh::message::HeaderError,
    "bad-target": ckwh::delivery::EndpointError,
    "bad-connection": ckwh::delivery::ClientError,
);

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let (kind, hint) = match &error {
            ProviderError::Unknown { hint, .. } => ("unknown-provider", hint.clone()),
            ProviderError::Event { hint, .. } => ("unknown-event", hint.clone()),
            ProviderError::Dialect { .. } => ("unknown-dialect", String::new()),
            _ => ("bad-provider", String::new()),
        };
        Self::of(kind, error).near(&hint)
    }
}

/// The names in ` Did you mean a or b?`.
fn named(hint: &str) -> Vec<String> {
    let names = hint
        .trim()
        .strip_prefix("Did you mean ")
        .map(|names| names.trim_end_matches('?'));
    names
        .map(|names| names.split(" or ").map(str::to_owned).collect())
        .unwrap_or_default()
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Read(_) => Self::Unavailable(error.into()),
            _ => Self::of("usage", error),
        }
    }
}

impl From<ckwh::store::StoreError> for Failure {
    fn from(error: ckwh::store::StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Sign(error) => error.into(),
            SendError::Run(error) => error.into(),
            _ => Self::of("usage", error),
        }
    }
}

impl From<JunitError> for Failure {
    fn from(error: JunitError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<BodyFilterError> for Failure {
    fn from(error: BodyFilterError) -> Self {
        match error {
            BodyFilterError::Start(_) => Self::Unavailable(error.into()),
            _ => Self::of("usage", error),
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Store(error) => error.into(),
            ReplayError::Run(error) => error.into(),
            ReplayError::Filter(error) => error.into(),
            ReplayError::File { .. } | ReplayError::OtherVersion { .. } => Self::Unavailable(error.into()),
            _ => Self::of("usage", error),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Marks an error as one of what is needed and not there, in contrast to a wrong command line.
pub trait OrUnavailable<T> {
    /// The value, or [`Failure::Unavailable`].
    fn or_unavailable(self) -> Result<T, Failure>;
}

impl<T> OrUnavailable<T> for anyhow::Result<T> {
    fn or_unavailable(self) -> Result<T, Failure> {
        self.map_err(Failure::Unavailable)
    }
}

/// The status of an outcome; a failure is told first.
pub fn status(outcome: Result<Status, Failure>, report: &mut dyn Report) -> Status {
    let (item, status) = match outcome {
        Ok(status) => return status,
        Err(Failure::OutputClosed) => return Status::Yes,
        Err(Failure::Usage(mistake)) => {
            let message = one_line(&mistake);
            (error_item(mistake.kind, message, mistake.near), Status::Usage)
        }
        Err(Failure::Unavailable(error)) => (
            error_item("unavailable", one_line(&error), Vec::new()),
            Status::Unavailable,
        ),
    };
    report.failure(item);
    status
}

/// An error for programs; the command that it names is its hint.
pub fn error_item(kind: &str, message: String, did_you_mean: Vec<String>) -> ErrorItem {
    let command = message
        .split('`')
        .skip(1)
        .step_by(2)
        .find(|part| part.starts_with("ckwh "));
    ErrorItem {
        kind: kind.to_owned(),
        hint: command.map(str::to_owned),
        message,
        did_you_mean,
    }
}

fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for (index, cause) in error.chain().enumerate() {
        let text = without_number(&cause.to_string());
        if index > 0 && line.contains(&text) {
            continue;
        }
        let between = if index == 0 { "" } else { ": " };
        let _ = write!(line, "{between}{text}");
    }
    line
}

/// The text of an error without the system's number of it, which says nothing more.
pub fn without_number(text: &str) -> String {
    match text.rsplit_once(" (os error ") {
        Some((said, number)) if number.trim_end_matches(')').bytes().all(|byte| byte.is_ascii_digit()) => {
            said.to_owned()
        }
        _ => text.to_owned(),
    }
}

/// The table of statuses as text.
pub fn page() -> String {
    let mut page = String::from("Exit status:\n");
    for (status, meaning) in STATUSES {
        let _ = write!(page, "\n{:>5}  {meaning}", status.code());
    }
    page
}
