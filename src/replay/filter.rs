//! Filters requests by their body, where the caller lets a filter run.

use std::io;
use std::time::Duration;

use crate::store::FilterError;

/// Says which bodies a plan's filter selects.
///
/// A filter may recurse without end or fill the memory, so the caller decides where it runs: the program runs it in a
/// process of its own.
pub trait BodyFilter {
    /// Whether the filter selects a body.
    ///
    /// # Errors
    /// [`BodyFilterError`].
    fn matches(&mut self, body: &[u8]) -> Result<bool, BodyFilterError>;
}

/// Starts a filter of this text.
pub type StartFilter = fn(&str) -> Result<Box<dyn BodyFilter>, BodyFilterError>;

/// Why a filter gives no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyFilterError {
    /// The text is no filter.
    #[error(transparent)]
    Syntax(#[from] FilterError),
    /// The filter can't be started.
    #[error("a process for the filter")]
    Start(#[source] io::Error),
    /// The filter used up what it may have.
    #[error("the filter `{}` recurses without end or takes too much memory; write one that ends", .0.escape_debug())]
    Ended(String),
    /// The filter took too long.
    #[error("the filter `{}` takes longer than {} s for one body; write one that ends", .0.escape_debug(), .1.as_secs())]
    Slow(String, Duration),
}
