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

use super::report::{JunitError, Report};

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

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The command line or its input.
    Usage(anyhow::Error),
    /// Something that is needed: a file, the network, the store.
    Unavailable(anyhow::Error),
    /// Nobody reads the output any more, which is no error.
    OutputClosed,
}

impl Failure {
    /// A usage failure of this text.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(anyhow::Error::msg(message.into()))
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
            Self::Usage(error) | Self::Unavailable(error) => f.write_str(&one_line(error)),
            Self::OutputClosed => f.write_str("nobody reads the output"),
        }
    }
}

macro_rules! usage_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Usage(error.into())
            }
        })*
    };
}

usage_errors!(
    ProviderError,
    FixtureError,
    EditError,
    SecretError,
    ckwh::clock::ClockError,
    ckwh::check::CaseError,
    ckwh::exchange::CaptureError,
    ckwh::store::SelectionError,
    ckwh::store::FilterError,
    ckwh::message::HeaderError,
    ckwh::delivery::EndpointError,
    ckwh::delivery::ClientError
);

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Read(_) => Self::Unavailable(error.into()),
            _ => Self::Usage(error.into()),
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
            _ => Self::Usage(error.into()),
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
            _ => Self::Usage(error.into()),
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
            _ => Self::Usage(error.into()),
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
    let (error, status) = match outcome {
        Ok(status) => return status,
        Err(Failure::OutputClosed) => return Status::Yes,
        Err(Failure::Usage(error)) => (error, Status::Usage),
        Err(Failure::Unavailable(error)) => (error, Status::Unavailable),
    };
    report.error(&one_line(&error));
    status
}

fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for (index, cause) in error.chain().enumerate() {
        let text = cause.to_string();
        if index > 0 && line.contains(&text) {
            continue;
        }
        let between = if index == 0 { "" } else { ": " };
        let _ = write!(line, "{between}{text}");
    }
    line
}

/// The table of statuses as text.
pub fn page() -> String {
    let mut page = String::from("Exit status:\n");
    for (status, meaning) in STATUSES {
        let _ = write!(page, "\n{:>5}  {meaning}", status.code());
    }
    page
}
