//! Why the store can't be used.

use super::location::Location;

/// Why the store can't be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store {store}: {problem}")]
pub struct StoreError {
    pub(super) store: Location,
    pub(super) problem: String,
    /// Whether the same may work later, with the same connection.
    pub(super) retry: bool,
    /// Whether the store may be back by itself, as a server that starts anew is.
    pub(super) passes: bool,
}

impl StoreError {
    pub(super) fn refused(store: impl Into<Location>, problem: impl Into<String>) -> Self {
        Self {
            store: store.into(),
            problem: problem.into(),
            retry: false,
            passes: false,
        }
    }

    /// That its backend has ended.
    pub(super) fn closed(store: impl Into<Location>) -> Self {
        Self::refused(store, "it is closed")
    }

    /// What is wrong and what to do, without the store's place.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
