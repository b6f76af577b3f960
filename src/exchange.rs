//! The files and lines that hold requests: each format is a row of [`FORMATS`], and one reader detects and reads them
//! all; and which of what they hold are credentials.

mod built;
pub mod code;
pub mod credentials;
pub mod csv_file;
pub mod curl;
pub mod fetch;
pub mod har;
pub mod http;
pub mod http_file;
pub mod httpie;
pub mod hurl;
mod input;
pub mod jsonl;
mod mind;
pub mod mitmdump;
pub mod powershell;
pub mod tcpdump;
mod when;
mod wrapper;

use std::io;
use std::sync::LazyLock;

use crate::capture::Recorded;

pub use curl::Files;
pub use input::Input;

/// Why a file gives no request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// A file of a format that it breaks.
    #[error("it looks like {format}, and {place}: {problem}; {remedy}")]
    Broken {
        /// Which format it looks like.
        format: &'static str,
        /// The line or the entry.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file without a request.
    #[error("it holds no request")]
    Empty,
    /// A file of none of the formats.
    #[error("it begins as no known format of requests does{0}; {ways}", ways = KNOWN)]
    Unknown(String),
    /// More than is held.
    #[error("it is larger than {} MiB, which is the most that is held", .0 >> 20)]
    TooLong(u64),
    /// A file that can't be read to its end.
    #[error("it could not be read: {0}")]
    Read(#[from] io::Error),
}

/// What is read, for an error.
const KNOWN: &str = "known are JSON lines, HAR, raw HTTP, curl, fetch, PowerShell and HTTPie lines, .http files, and what \
    tunnels, clouds and providers export: `ckwh help formats` lists them";

/// One request of a file, or why it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands: `entry 2`, `line 7`.
    pub place: String,
    /// The request, or what is wrong with it.
    pub request: Result<Recorded, String>,
}

impl Entry {
    /// A request at a place.
    pub fn new(place: impl Into<String>, request: Result<Recorded, String>) -> Self {
        Self {
            place: place.into(),
            request,
        }
    }
}

/// Takes each entry, and says whether it wants more.
pub type Take<'t> = dyn FnMut(Entry) -> bool + 't;

/// A format of requests: detected by its shape, read entry by entry.
pub trait Exchange: Sync + std::fmt::Debug {
    /// Its name, as `--format` has it.
    fn name(&self) -> &'static str;

    /// What it is called in a sentence.
    fn title(&self) -> &'static str;

    /// What helps where a file of it is broken.
    fn remedy(&self) -> &'static str {
        "save it again from the program that made it"
    }

    /// Whether it is also what a sender signs, so that a file of it is a body where a body may stand.
    fn is_payload(&self) -> bool {
        false
    }

    /// Whether a file begins as one of this format does. At most a JSON document is read for it.
    ///
    /// # Errors
    /// [`CaptureError::Read`].
    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError>;

    /// Gives every entry to `take`, until that wants no more.
    ///
    /// # Errors
    /// [`CaptureError`], where the file as a whole can't be read on.
    fn each(&self, input: &mut Input<'_>, files: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError>;
}

/// Every format, in the order in which they are tried.
pub static FORMATS: LazyLock<Vec<&'static dyn Exchange>> = LazyLock::new(|| {
    let wrapped = WRAPPED.iter().map(|format| format as &dyn Exchange);
    let mut formats: Vec<&dyn Exchange> = vec![&har::Har];
    formats.extend(wrapped);
    let texts: [&dyn Exchange; 11] = [
        &jsonl::JsonLines,
        &tcpdump::Tcpdump,
        &mitmdump::Mitmdump,
        &hurl::Hurl,
        &http_file::HttpFile,
        &http::Http,
        &curl::Curl,
        &fetch::Fetch,
        &powershell::PowerShell,
        &httpie::Httpie,
        &csv_file::Csv,
    ];
    formats.extend(texts);
    formats
});

static WRAPPED: LazyLock<Vec<wrapper::Wrapped>> =
    LazyLock::new(|| wrapper::WRAPPERS.iter().map(wrapper::Wrapped).collect());

/// Whether a text is a method as HTTP has them.
fn is_method(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// The format of that name.
pub fn named(name: &str) -> Option<&'static dyn Exchange> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// The format of a file; `None` means that it is a bare body.
///
/// # Errors
/// [`CaptureError::Read`].
pub fn detect(input: &mut Input<'_>) -> Result<Option<&'static dyn Exchange>, CaptureError> {
    if input.is_empty() {
        return Ok(None);
    }
    for format in FORMATS.iter() {
        if format.detect(input)? {
            return Ok(Some(*format));
        }
    }
    Ok(None)
}

/// The format of a file of requests.
///
/// # Errors
/// [`CaptureError::Empty`], [`CaptureError::Unknown`], [`CaptureError::Read`].
pub fn required(input: &mut Input<'_>) -> Result<&'static dyn Exchange, CaptureError> {
    if let Some(format) = detect(input)? {
        return Ok(format);
    }
    if input.is_empty() {
        return Err(CaptureError::Empty);
    }
    let text = input.beginning();
    let is_json = text.starts_with(b"{") || text.starts_with(b"[");
    let text = if is_json {
        input.document()?.unwrap_or_default()
    } else {
        &[][..]
    };
    let broken = serde_json::from_slice::<serde::de::IgnoredAny>(text)
        .err()
        .filter(|_| is_json && !text.is_empty());
    Err(CaptureError::Unknown(match broken {
        Some(error) => format!(" (it begins as JSON, which is broken: {error})"),
        None if is_json => " (it is JSON, of no shape that is known)".into(),
        None => String::new(),
    }))
}

/// How many entries that are none are named.
const NAMED: usize = 10;

/// What was read of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// How many requests.
    pub read: usize,
    /// How many entries are none.
    pub skipped: usize,
    /// The first of them: where they stand, and what is wrong with each.
    pub problems: Vec<(String, String)>,
}

/// Gives every entry to `take`, until that wants no more.
///
/// # Errors
/// [`CaptureError`], also where no entry is a request.
pub fn entries(
    format: &dyn Exchange,
    input: &mut Input<'_>,
    files: &Files<'_>,
    take: &mut Take<'_>,
) -> Result<(), CaptureError> {
    let (mut found, mut enough) = (false, false);
    let mut first: Option<(String, String)> = None;
    let mut give = |mut entry: Entry| {
        match &mut entry.request {
            Ok(recorded) => {
                mind::mind(recorded);
                found = true;
            }
            Err(problem) => drop(first.get_or_insert_with(|| (entry.place.clone(), problem.clone()))),
        }
        enough = !take(entry);
        !enough
    };
    match format.each(input, files, &mut give) {
        Err(CaptureError::Broken { place, problem, .. }) => drop(give(Entry::new(place, Err(problem)))),
        end => end?,
    }
    match first {
        _ if found || enough => Ok(()),
        Some((place, problem)) => Err(broken(format, place, problem)),
        None => Err(CaptureError::Empty),
    }
}

/// Gives every request to `take`, until that wants no more; an entry that is none is skipped and counted.
///
/// # Errors
/// [`CaptureError`], also where no entry is a request.
pub fn each(
    format: &dyn Exchange,
    input: &mut Input<'_>,
    files: &Files<'_>,
    take: &mut dyn FnMut(Recorded) -> bool,
) -> Result<Counts, CaptureError> {
    let mut counts = Counts::default();
    entries(format, input, files, &mut |entry| match entry.request {
        Ok(recorded) => {
            counts.read += 1;
            take(recorded)
        }
        Err(problem) => {
            counts.skipped += 1;
            if counts.problems.len() < NAMED {
                counts.problems.push((entry.place, problem));
            }
            true
        }
    })?;
    Ok(counts)
}

/// The requests in `bytes`, in their order; at least one.
///
/// # Errors
/// [`CaptureError`].
pub fn read(format: &dyn Exchange, bytes: &[u8]) -> Result<Vec<Recorded>, CaptureError> {
    let mut found = Vec::new();
    let mut input = Input::new(bytes, u64::MAX)?;
    each(format, &mut input, &Files::Refused, &mut |recorded| {
        found.push(recorded);
        true
    })?;
    Ok(found)
}

fn broken(format: &dyn Exchange, place: impl Into<String>, problem: impl Into<String>) -> CaptureError {
    CaptureError::Broken {
        format: format.title(),
        place: place.into(),
        problem: problem.into(),
        remedy: format.remedy(),
    }
}
