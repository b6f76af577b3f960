//! Files and standard input.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use anyhow::{Context as _, anyhow};

use ckwh::capture::{Capture, Recorded};
use ckwh::exchange::{self, CaptureError, Counts, Exchange, Files, Input};

use super::app::App;
use super::args::StoreArgs;
use super::exit::{Failure, OrUnavailable as _};
use super::hints;
use super::sent;
use super::store::StoreExt as _;
use super::words::is_target;

/// The largest input that is held in memory, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;
/// What is read, in words.
const END: &str = if cfg!(windows) { "Ctrl-Z and Enter" } else { "Ctrl-D" };
pub const BODY: &str = "the body";
const REQUEST: &str = "the request";
pub const REQUESTS: &str = "the file of requests";

/// Opens `path`; `-` is standard input, which holds `what`.
pub fn open(app: &mut App, path: &str, what: &str) -> Result<Box<dyn Read>, Failure> {
    if path == "-" {
        return Ok(stdin(app, what));
    }
    open_file(path)
}

/// Standard input, which holds `what`. A person at a terminal is told that it is waited for.
pub fn stdin(app: &mut App, what: &str) -> Box<dyn Read> {
    app.say_stdin(what);
    Box::new(Ended(Some(io::stdin().lock())))
}

/// Standard input until its end: a terminal would go on behind it.
struct Ended(Option<io::StdinLock<'static>>);

impl Read for Ended {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.as_mut().map_or(Ok(0), |from| from.read(into))?;
        if read == 0 && !into.is_empty() {
            self.0 = None;
        }
        Ok(read)
    }
}

fn open_file(path: &str) -> Result<Box<dyn Read>, Failure> {
    let file = File::open(path)
        .with_context(|| format!("the file {path}"))
        .or_unavailable()?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Failure::usage(format!("{path} is a directory; give a file in it")));
    }
    Ok(Box::new(file))
}

/// Reads a file whole that is `what` and not longer than `most` bytes.
pub fn read_bounded(path: &Path, what: &str, most: u64) -> Result<Vec<u8>, Failure> {
    let named = || format!("{what} {}", path.display());
    let file = File::open(path).with_context(named).or_unavailable()?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(named)
        .or_unavailable()?;
    if bytes.len() as u64 > most {
        return Err(Failure::usage(format!("{} is longer than {} MiB", named(), most >> 20)));
    }
    Ok(bytes)
}

/// Reads `path` whole; `-` is standard input, which holds `what`.
pub fn read(app: &mut App, path: &str, what: &str) -> Result<Vec<u8>, Failure> {
    read_from(open(app, path, what)?, path)
}

/// Reads a file whole that another file names; `-` is standard input.
pub fn read_named(path: &str) -> Result<Vec<u8>, Failure> {
    let from: Box<dyn Read> = match path {
        "-" => Box::new(io::stdin().lock()),
        _ => open_file(path)?,
    };
    read_from(from, path)
}

/// Reads what [`open`] gave whole.
pub fn read_from(from: Box<dyn Read>, path: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the file {path}"))
        .or_unavailable()?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::usage(format!(
            "{path} is larger than 256 MiB; `ckwh sign` alone takes such a body"
        )));
    }
    Ok(bytes)
}

/// What was named on the command line.
pub enum Named {
    /// One of the store.
    Capture(Box<Capture>),
    /// Those in a file of a known format.
    Requests(Requests),
    /// A file of another format: a body alone.
    Body(Vec<u8>),
}

/// A file of requests, which is read as they are asked for.
pub struct Requests {
    input: Input<'static>,
    format: &'static dyn Exchange,
    name: String,
}

impl Requests {
    /// Gives every request to `take`, until that fails.
    pub fn each(
        mut self,
        files: &Files<'_>,
        mut take: impl FnMut(Recorded) -> Result<(), Failure>,
    ) -> Result<Counts, Failure> {
        let mut failure = None;
        let read = exchange::each(self.format, &mut self.input, files, &mut |recorded| {
            failure = take(recorded).err();
            failure.is_none()
        });
        match failure {
            Some(failure) => Err(failure),
            None => read.map_err(|error| broken(&self.name, error)),
        }
    }
}

/// What a file that is signed holds.
pub enum Body {
    /// The bytes to sign.
    Bytes(Box<dyn Read>),
    /// The one request of a file in the format of that name.
    Request(&'static str, Box<Recorded>),
}

/// Opens a file that is signed; `as_is` takes it for a body whatever it looks like. No more than its beginning is held.
pub fn body(app: &mut App, path: &str, as_is: bool) -> Result<Body, Failure> {
    let opened = open(app, path, BODY)?;
    if as_is {
        return Ok(Body::Bytes(opened));
    }
    let failed = |error| broken(path, error);
    let mut input = Input::new(opened, LARGEST).map_err(failed)?.briefly();
    let format = match exchange::detect(&mut input).map_err(failed)? {
        Some(format) if !format.is_payload() => format,
        _ => return Ok(Body::Bytes(Box::new(input.into_stream()))),
    };
    let mut found = None;
    let counts = exchange::each(format, &mut input, &Files::Refused, &mut |recorded| {
        found.get_or_insert(recorded);
        true
    });
    let counts = counts.map_err(|error| match broken(path, error) {
        Failure::Usage(error) => Failure::usage(format!("{error:#}; --as-is signs the file itself")),
        failure => failure,
    })?;
    match found {
        Some(found) if counts.read == 1 => Ok(Body::Request(format.title(), Box::new(found))),
        _ => Err(Failure::usage(format!(
            "{path} looks like {}, and holds {} requests: one is signed; --as-is signs the file itself",
            format.title(),
            counts.read
        ))),
    }
}

/// The name of the format of requests that `bytes` are in.
pub fn format_of(bytes: &[u8]) -> Option<&'static str> {
    let mut input = Input::new(bytes, LARGEST).ok()?;
    let format = exchange::detect(&mut input).ok()??;
    (!format.is_payload()).then(|| format.title())
}

/// A file that is no file of requests: bad input, or one that can't be read.
fn broken(name: &str, error: CaptureError) -> Failure {
    let is_read = matches!(error, CaptureError::Read(_));
    let error = anyhow::Error::new(error).context(format!("the file {}", shown(name)));
    if is_read {
        Failure::Unavailable(error)
    } else {
        Failure::of("bad-file", error)
    }
}

fn shown(name: &str) -> &str {
    if name == "-" { "on standard input" } else { name }
}

/// A file of requests in the format of that name, or in the one that it shows.
pub fn requests(app: &mut App, path: &str, format: Option<&str>) -> Result<Requests, Failure> {
    let mut input = Input::new(open(app, path, REQUESTS)?, LARGEST).map_err(|error| broken(path, error))?;
    let format = match format.and_then(exchange::named) {
        Some(format) => format,
        None => exchange::required(&mut input).map_err(|error| broken(path, error))?,
    };
    Ok(Requests {
        input,
        format,
        name: path.to_owned(),
    })
}

impl App {
    /// Tells a person at a terminal that standard input is read, and how to end it.
    pub fn say_stdin(&mut self, what: &str) {
        if io::stdin().is_terminal() {
            self.report.note(&format!(
                "{what} is read from this terminal: paste it, then press {END}"
            ));
        }
    }

    /// Says what a file could not hold of a request, and how it was taken in.
    pub fn say_taken(&mut self, recorded: &Recorded) {
        for note in &recorded.notes {
            self.warn_once(note);
        }
        for lost in &recorded.lost {
            self.warn_once(&format!("the file lost {lost}"));
        }
    }

    /// Says which entries of a file were skipped.
    pub fn say_skipped(&mut self, counts: &Counts) {
        for (place, problem) in &counts.problems {
            self.report.warn(&format!("{place} was skipped: {problem}"));
        }
        if counts.skipped > 0 {
            let all = counts.skipped + counts.read;
            let were = if counts.skipped == 1 { "was" } else { "were" };
            self.report
                .warn(&format!("{} of {all} entries {were} skipped", counts.skipped));
        }
    }
}

/// What `typed` names: a capture by its number or as `last`, what was sent as `sent` or `sent:3`, or a file (`./last` is
/// one); `bare` takes that for a body whatever it looks like.
pub fn named(app: &mut App, typed: &str, store: &StoreArgs, bare: bool) -> Result<Named, Failure> {
    if let Some(name) = sent::name(typed)? {
        return Ok(Named::Capture(Box::new(sent::read(name)?)));
    }
    if typed == "last" || (!typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(Named::Capture(Box::new(app.store_there(store)?.named(typed)?)));
    }
    if bare {
        return read(app, typed, BODY).map(Named::Body);
    }
    if typed.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !Path::new(typed).exists() {
        return Err(Failure::Unavailable(anyhow!(
            "`{typed}` is neither a capture (its number, last, or sent for what was sent) nor a file here; `ckwh captures` lists the captures"
        )));
    }
    if typed != "-"
        && !Path::new(typed).exists()
        && let Some(meant) = meant(app, typed)
    {
        return Err(Failure::Unavailable(anyhow!(
            "there is no file {} here; {meant}",
            typed.escape_debug()
        )));
    }
    let failed = |error| broken(typed, error);
    let mut input = Input::new(open(app, typed, REQUEST)?, LARGEST).map_err(failed)?;
    Ok(match exchange::detect(&mut input).map_err(failed)? {
        Some(format) if !format.is_payload() => Named::Requests(Requests {
            input,
            format,
            name: typed.to_owned(),
        }),
        _ => Named::Body(input.into_bytes().map_err(failed)?),
    })
}

/// What a word may mean that is no file.
fn meant(app: &App, word: &str) -> Option<String> {
    if is_target(word) {
        return Some(format!(
            "it is a target, and `ckwh check --to {}` tries a handler",
            hints::typed(word)
        ));
    }
    let is_event = app.registry.has_event(word);
    if is_event {
        return Some(format!(
            "it is an event: `ckwh send {}` delivers it, and `ckwh verify sent` looks at what was delivered",
            hints::typed(word)
        ));
    }
    let digits = word.rsplit('=').next().unwrap_or(word);
    let is_hex = digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex || word.starts_with("sha256=")).then(|| {
        "a signature stands in a header, -H 'NAME: VALUE'; one that your handler computed goes behind --computed"
            .to_owned()
    })
}

/// What a body is that was given without headers, where it shows.
pub fn shown_as(body: &[u8]) -> Option<&'static str> {
    let first = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = first.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if body.trim_ascii().is_empty() {
        Some("it is empty")
    } else if body.starts_with(b"HTTP/") {
        Some("it is an answer, and no request")
    } else if name.len() < first.len() && !name.is_empty() && name.iter().all(is_name) {
        Some("its first line is a header, and a request begins with its request line, as POST / HTTP/1.1")
    } else {
        None
    }
}

/// Refuses a command line that reads standard input twice.
pub fn one_stdin<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    let dash = Path::new("-");
    if paths.into_iter().filter(|path| *path == dash).count() > 1 {
        return Err(Failure::usage(
            "`-` stands twice, and standard input can be read once; put one of them into a file",
        ));
    }
    Ok(())
}
