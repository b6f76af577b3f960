//! Where asynchronous work runs.

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

use ckwh::delivery::runtime;

use super::exit::{Failure, OrUnavailable as _};

/// Runs `work` on this thread: connections are few and the work between them is short.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    start(&mut Builder::new_current_thread())?.block_on(work)
}

/// Starts a runtime, with timers and the network.
pub fn start(builder: &mut Builder) -> Result<Runtime, Failure> {
    runtime::start(builder)
        .context("the network can't be used")
        .or_unavailable()
}
