//! Starts tokio runtimes: an error where no more files can be opened, and no panic.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// Starts the runtime that `builder` describes, with timers and the network.
///
/// # Errors
/// [`io::Error`] where the system has no file descriptors left for it.
pub fn start(builder: &mut Builder) -> io::Result<Runtime> {
    check_free_descriptors()?;
    builder.enable_all().build()
}

/// Opens and closes a few descriptors: tokio panics where it can't open its own.
#[cfg(unix)]
fn check_free_descriptors() -> io::Result<()> {
    const PAIRS: usize = 4;
    let pairs = (0..PAIRS).map(|_| std::os::unix::net::UnixStream::pair());
    pairs.collect::<io::Result<Vec<_>>>().map(drop)
}

#[cfg(not(unix))]
fn check_free_descriptors() -> io::Result<()> {
    Ok(())
}
