//! A run that several processes deliver together: each claims requests with a lease, and keeps it while it lives.

// Without a backend that shares runs there is no `Share`, and nothing to give it.
#![cfg_attr(not(feature = "postgres"), allow(unused_variables, dead_code))]

use std::time::Duration;

use tokio::time::Instant;

#[cfg(feature = "postgres")]
use super::postgres::ShareThread;
use super::{OrderKey, StoreError};

/// One process's share of a run. Dropping it gives back what it holds; a process that is killed loses it when its lease
/// ends.
#[derive(Debug, Clone)]
pub struct Share(pub(super) Sharing);

/// What shares runs. SQLite does not.
#[derive(Debug, Clone)]
pub(super) enum Sharing {
    #[cfg(feature = "postgres")]
    Postgres(ShareThread),
    #[cfg(not(feature = "postgres"))]
    Never(std::convert::Infallible),
}

/// How a process takes its share.
#[derive(Debug, Clone)]
pub struct ShareOptions {
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// The providers whose requests it can deliver; `None` is all of them.
    pub providers: Option<Vec<String>>,
    /// How long between the beginnings of two requests, of all processes together.
    pub interval: Option<Duration>,
    /// Whether the run keeps the order within each key.
    pub in_order: bool,
}

/// A request that this process is to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claimed {
    /// The capture's number.
    pub record: i64,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// Under which number of the process it is held: one that lost its lease gets another.
    pub worker: i64,
    /// When it may begin, where the run has a rate.
    pub due: Option<Instant>,
    /// Its key, where the run keeps the order within each.
    pub key: Option<OrderKey>,
    /// Whether an earlier one of its key failed, so that it does not go out.
    pub is_blocked: bool,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claims {
    /// These are this process's.
    Some(Vec<Claimed>),
    /// Others hold the rest, and may die.
    Wait,
    /// Nothing is left for this process.
    Done,
}

/// Until when an attempt may be on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hold {
    /// The claim is this process's until then.
    Until(Instant),
    /// The claim was lost: another process delivers the request.
    Lost,
}

/// What became of a run's requests, whoever delivered them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RunTotals {
    /// Those that were answered.
    pub answered: u64,
    /// Those that got no answer.
    pub unanswered: u64,
    /// Those that could not go out.
    pub skipped: u64,
    /// Those that did not go out since an earlier one of their key failed.
    pub blocked: u64,
    /// Those that had no turn, or are on their way.
    pub left: u64,
    /// Those that were taken from a process whose lease ended: they may have gone out twice.
    pub lost: u64,
}

/// A request that was taken from a process whose lease ended: it may have gone out before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostClaim {
    /// The capture's number.
    pub record: i64,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// How often that happened.
    pub times: u32,
}

impl Share {
    /// Takes a place among those who deliver the run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self, options: ShareOptions) -> Result<(), StoreError> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Sharing::Postgres(own) => own.begin(options).await,
            #[cfg(not(feature = "postgres"))]
            Sharing::Never(never) => match *never {},
        }
    }

    /// The next requests, at most so many, in the run's order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self, most: usize) -> Result<Claims, StoreError> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Sharing::Postgres(own) => own.claim(most).await,
            #[cfg(not(feature = "postgres"))]
            Sharing::Never(never) => match *never {},
        }
    }

    /// Waits until an attempt of so long fits into the lease.
    pub async fn hold(&self, worker: i64, attempt: Duration) -> Hold {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Sharing::Postgres(own) => own.hold(worker, attempt).await,
            #[cfg(not(feature = "postgres"))]
            Sharing::Never(never) => match *never {},
        }
    }

    /// Notes that a request can't go out.
    pub fn skip(&self, claimed: &Claimed) {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Sharing::Postgres(own) => own.skip(claimed),
            #[cfg(not(feature = "postgres"))]
            Sharing::Never(never) => match *never {},
        }
    }

    /// Gives back what it holds, and tells what became of the whole run; one of which nothing is left is finished.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end(&self) -> Result<RunTotals, StoreError> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Sharing::Postgres(own) => own.end().await,
            #[cfg(not(feature = "postgres"))]
            Sharing::Never(never) => match *never {},
        }
    }
}
