//! Files and standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;

use ckwh::capture::{Capture, Recorded};
use ckwh::exchange::Format;

use super::app::App;
use super::args::StoreArgs;
use super::exit::{Failure, OrUnavailable as _};
use super::sent;
use super::store::StoreExt as _;

/// The largest input that is held in memory, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Opens `path`; `-` is standard input.
pub fn open(path: &str) -> Result<Box<dyn Read>, Failure> {
    if path == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
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

/// Reads `path` whole; `-` is standard input.
pub fn read(path: &str) -> Result<Vec<u8>, Failure> {
    read_from(open(path)?, path)
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
pub enum Input {
    /// One of the store.
    Capture(Box<Capture>),
    /// Those in a file of a known format.
    Requests(Vec<Recorded>),
    /// A file of another format: a body alone.
    Body(Vec<u8>),
}

/// What `typed` names: a capture by its number or as `last`, what was sent as `sent` or `sent:3`, or a file (`./last` is
/// one); `bare` takes that for a body whatever it looks like.
pub fn named(app: &mut App, typed: &str, store: &StoreArgs, bare: bool) -> Result<Input, Failure> {
    if let Some(name) = sent::name(typed)? {
        return Ok(Input::Capture(Box::new(sent::read(name)?)));
    }
    if typed == "last" || (!typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(Input::Capture(Box::new(app.store(store)?.named(typed)?)));
    }
    let bytes = read(typed)?;
    let format = if bare { None } else { Format::detect(&bytes) };
    Ok(match format {
        Some(format) => Input::Requests(format.read(&bytes)?),
        None => Input::Body(bytes),
    })
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
