//! The store: captures, and the runs that delivered them again.
//!
//! [`Store`] is all that other rooms know of it: operations in the domain's words, which take owned batches and return
//! futures. A backend stands behind them: an SQLite file that several processes may use at once, or a PostgreSQL database
//! that many machines share. Each has threads of its own, so that its futures need no runtime: [`wait`] waits for one
//! outside of any.

mod copy;
mod error;
mod filter;
mod location;
mod manage;
mod numbers;
mod order;
mod page;
#[cfg(feature = "postgres")]
mod postgres;
mod run;
mod selection;
mod share;
mod sqlite;
mod summary;
mod wait;
mod watch;
mod word;
mod writer;

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::{Capture, Recorded};

pub use copy::{Copied, copy};
pub use error::StoreError;
pub use filter::{Filter, FilterError};
pub use location::{Location, LocationError};
pub use manage::Standing;
pub use numbers::Numbers;
pub use order::OrderKey;
pub use page::{Page, Requests, Summaries};
#[cfg(feature = "postgres")]
pub use postgres::{Server, ServerError};
use run::Lock;
pub use run::{Answered, Claim, DeliveryQuery, Ended, NewRun, OutcomeSlot, Run, RunDelivery, RunWriter};
pub use selection::{CaptureFacts, Pattern, Selection, SelectionError};
pub use share::{Claimed, Claims, Hold, LostClaim, RunTotals, Share, ShareOptions};
pub use summary::Summary;
pub use wait::wait;
pub use watch::Watch;
pub use writer::{Change, Kept, Renewed, Writer, WriterHandle};

/// An open store. A clone is a way to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    location: Location,
    notes: Arc<[String]>,
    backend: Backend,
}

/// What keeps a store. The program knows them all, so that an enum does where a trait would box each future.
#[derive(Debug, Clone)]
enum Backend {
    Sqlite(sqlite::DatabaseThread),
    #[cfg(feature = "postgres")]
    Postgres(postgres::SessionThread),
}

/// In which order captures are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By number.
    OldestFirst,
    /// From the greatest number on.
    NewestFirst,
}

impl Store {
    /// Opens the store at a place; makes it where it is not there. A file, and the folder that is made for it, are for
    /// their owner alone; a file of this user's that is open to others is closed to them.
    ///
    /// # Errors
    /// [`StoreError`], for a store of a later version too.
    pub async fn open(location: impl Into<Location>) -> Result<Self, StoreError> {
        let location = location.into();
        let (backend, notes) = match &location {
            Location::File(path) => {
                let (connection, notes) = sqlite::DatabaseThread::open(path).await?;
                (Backend::Sqlite(connection), notes)
            }
            #[cfg(feature = "postgres")]
            Location::Postgres(server) => {
                let (session, notes) = postgres::SessionThread::open(server).await?;
                (Backend::Postgres(session), notes)
            }
        };
        Ok(Self {
            location,
            notes: notes.into(),
            backend,
        })
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// What was not as it should be when it was opened, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The capture of that number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn capture(&self, id: i64) -> Result<Option<Capture>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.capture(id)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.capture(id).await).await,
        }
    }

    /// How many captures there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(|database| database.count()).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async |session| session.count().await).await,
        }
    }

    /// The newest capture's number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last(&self) -> Result<Option<i64>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(|database| database.last()).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async |session| session.last().await).await,
        }
    }

    /// The numbers of the captures in a range.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn numbers(&self, range: RangeInclusive<i64>) -> Result<Numbers, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.numbers(&range)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.numbers(&range).await).await,
        }
    }

    /// The selected captures, as a list shows them.
    pub fn summaries(&self, selection: Selection, order: Order) -> Summaries {
        Summaries::new(self.clone(), selection, order)
    }

    /// The selected requests by number, up to the capture `last`: what is needed of them to go out again.
    pub fn requests(&self, selection: Selection, last: i64) -> Requests {
        Requests::new(self.clone(), selection, last)
    }

    /// A page of the selected captures whose numbers are in a range.
    async fn summaries_in(
        &self,
        selection: Arc<Selection>,
        range: RangeInclusive<i64>,
        order: Order,
    ) -> Result<Page<Summary>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => {
                own.ask(move |database| database.summaries(&selection, range, order))
                    .await
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => {
                own.ask(async move |session| session.summaries(&selection, range, order).await)
                    .await
            }
        }
    }

    /// A page of the selected requests whose numbers are in a range.
    async fn requests_in(
        &self,
        selection: Arc<Selection>,
        range: RangeInclusive<i64>,
    ) -> Result<Page<(i64, Recorded)>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.requests(&selection, range)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => {
                own.ask(async move |session| session.requests(&selection, range).await)
                    .await
            }
        }
    }

    /// Adds requests, all or none; gives their numbers.
    ///
    /// # Errors
    /// [`StoreError`]; then none is added.
    pub async fn add(&self, recorded: Vec<Recorded>) -> Result<Vec<i64>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.add(&recorded)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.add(&recorded).await).await,
        }
    }

    /// Removes captures, in batches between which others get their turn; gives how many there were.
    ///
    /// # Errors
    /// [`StoreError`]; earlier batches stay removed.
    pub async fn remove(&self, ids: Vec<i64>) -> Result<usize, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.remove(&ids)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.remove(&ids).await).await,
        }
    }

    /// The captures of those numbers, which ascend; one that is not there is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn captures(&self, ids: Vec<i64>) -> Result<Vec<Capture>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.captures(&ids)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.captures(&ids).await).await,
        }
    }

    /// Adds captures with the numbers that they have, all or none: what came from another store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, captures: Vec<Capture>) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.put(&captures)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.put(&captures).await).await,
        }
    }

    /// Removes what arrived before a time; gives how many there were. PostgreSQL drops whole days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_before(&self, before: Timestamp) -> Result<usize, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.remove_before(before)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.remove_before(before).await).await,
        }
    }

    /// Says when to look for what was added.
    pub async fn watch(&self) -> Watch {
        match &self.backend {
            Backend::Sqlite(_) => Watch::new(None),
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.watch().await,
        }
    }

    /// Whether something can be kept now.
    ///
    /// # Errors
    /// [`StoreError`] where it can't.
    pub async fn probe(&self) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(|database| database.last().map(drop)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async |session| session.probe().await).await,
        }
    }

    /// Begins to keep what arrives. `tell` is told where the store is taken away meanwhile.
    ///
    /// # Errors
    /// [`StoreError`], also where there can be no thread.
    pub async fn writer(self, tell: impl FnMut(Renewed) + Send + 'static) -> Result<Writer, StoreError> {
        match self.backend {
            Backend::Sqlite(own) => own.writer(Box::new(tell)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.writer().await,
        }
    }

    /// Records that a run begins.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_run(&self, new: NewRun) -> Result<Run, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.begin_run(&new)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.begin_run(&new).await).await,
        }
    }

    /// The run of that number; without one, the newest that is not finished.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run(&self, id: Option<i64>) -> Result<Option<Run>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.run(id)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.run(id).await).await,
        }
    }

    /// The runs that began before the run `before`, the newest first, `most` of them at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn runs(&self, before: i64, most: usize) -> Result<Vec<Run>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.runs(before, most)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.runs(before, most).await).await,
        }
    }

    /// The first deliveries of a run behind the delivery `after`, by number: up to 1,000, and none at the end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_deliveries(&self, run: i64, after: i64) -> Result<Vec<RunDelivery>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.run_deliveries(run, after)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => {
                own.ask(async move |session| session.run_deliveries(run, after).await)
                    .await
            }
        }
    }

    /// Whether several processes may deliver one run together.
    pub fn shares_runs(&self) -> bool {
        !matches!(self.backend, Backend::Sqlite(_))
    }

    /// The first requests of a run, in its order and at most so many, that were taken from a process whose lease ended.
    ///
    /// # Errors
    /// [`StoreError`].
    #[cfg_attr(
        not(feature = "postgres"),
        expect(unused_variables, reason = "SQLite shares no runs")
    )]
    pub async fn lost_claims(&self, run: i64, most: usize) -> Result<Vec<LostClaim>, StoreError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(Vec::new()),
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.lost_claims(run, most).await).await,
        }
    }

    /// Makes this process one that delivers a run: the only one, where the backend or the run can't be shared.
    ///
    /// # Errors
    /// [`StoreError`] where another process delivers it.
    pub async fn claim_run(&self, id: i64) -> Result<Claim, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => {
                let held = own.ask(move |database| database.lock_run(id)).await?;
                let held = Lock::Sqlite(held);
                Ok(Claim { held })
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => {
                if own.ask(async move |session| session.is_shared(id, true).await).await? {
                    return own.share(id);
                }
                let held = postgres::RunLock::take(own.server().clone(), id).await?;
                let held = Lock::Postgres(held);
                Ok(Claim { held })
            }
        }
    }

    /// Makes this process one of those that deliver a run; `None` where it can't be shared.
    ///
    /// # Errors
    /// [`StoreError`].
    #[cfg_attr(
        not(feature = "postgres"),
        expect(unused_variables, reason = "SQLite shares no runs")
    )]
    pub async fn join_run(&self, id: i64) -> Result<Option<Claim>, StoreError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(None),
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => match own.ask(async move |session| session.is_shared(id, false).await).await? {
                true => own.share(id).map(Some),
                false => Ok(None),
            },
        }
    }

    /// The requests of a run that were answered: their turn is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answered(&self, run: i64) -> Result<Answered, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.answered(run)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.answered(run).await).await,
        }
    }

    /// For each query whether the last delivery, up to the delivery `last`, got a 2xx; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_deliveries(
        &self,
        queries: Vec<DeliveryQuery>,
        last: i64,
    ) -> Result<Vec<Option<bool>>, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.last_deliveries(&queries, last)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => {
                own.ask(async move |session| session.last_deliveries(&queries, last).await)
                    .await
            }
        }
    }

    /// Begins to write what comes of a run's requests, `at_once` of which are on their way together.
    ///
    /// # Errors
    /// [`StoreError`], also where there can be no thread.
    pub async fn run_writer(&self, run: i64, at_once: usize) -> Result<RunWriter, StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.run_writer(run, at_once).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.run_writer(run, at_once).await,
        }
    }

    /// Records that every request of a run had its turn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_run(&self, id: i64) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(own) => own.ask(move |database| database.finish_run(id)).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(own) => own.ask(async move |session| session.finish_run(id).await).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::message::Message;

    /// More than a page.
    const MANY: usize = 250;

    fn request(body: &str) -> Recorded {
        Recorded {
            received_at: Some("2026-05-08T12:00:00.000001Z".parse().unwrap()),
            ..Recorded::new(Message {
                url: Some("/a?b".into()),
                headers: [("x-a", &b"\xff"[..]), ("x-a", b"2")].into_iter().collect(),
                ..Message::new(body.as_bytes().to_vec())
            })
        }
    }

    fn folder() -> std::path::PathBuf {
        std::env::temp_dir().join(format!("ckwh-store-{}-{}", std::process::id(), fastrand::u64(..)))
    }

    async fn numbers(store: &Store, order: Order) -> Vec<i64> {
        let mut pages = store.summaries(Selection::default(), order);
        let mut ids = Vec::new();
        loop {
            let page = pages.next().await.unwrap();
            if page.is_empty() {
                return ids;
            }
            ids.extend(page.iter().map(|summary| summary.id));
        }
    }

    #[tokio::test]
    async fn what_is_added_is_read_back_and_pages_follow_each_other() {
        let folder = folder();
        let store = Store::open(folder.join("a").join("captures.db")).await.unwrap();
        let many: Vec<_> = (0..MANY).map(|n| request(&n.to_string())).collect();
        let ids = store.add(many.clone()).await.unwrap();
        let capture = store.capture(ids[7]).await.unwrap().unwrap();
        assert_eq!(*capture.recorded, many[7]);
        assert_eq!(numbers(&store, Order::OldestFirst).await, ids);
        let mut backward = numbers(&store, Order::NewestFirst).await;
        backward.reverse();
        assert_eq!(backward, ids);
        let removed = MANY - 40;
        assert_eq!(store.remove(ids[..removed].to_vec()).await.unwrap(), removed);
        assert_eq!(numbers(&store, Order::OldestFirst).await, ids[removed..]);
        assert_eq!(store.capture(ids[0]).await.unwrap(), None);
        drop(store);
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_number_is_never_given_twice() {
        let folder = folder();
        let store = Store::open(folder.join("captures.db")).await.unwrap();
        let ids = store.add(vec![request("a")]).await.unwrap();
        store.remove(ids.clone()).await.unwrap();
        assert_eq!(store.add(vec![request("b")]).await.unwrap(), [ids[0] + 1]);
        drop(store);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_clone_outside_of_a_runtime_goes_on_after_the_first_is_gone() {
        let folder = folder();
        let store = wait(Store::open(folder.join("captures.db"))).unwrap();
        let other = store.clone();
        drop(store);
        assert_eq!(wait(other.add(vec![request("a")])).unwrap(), [1]);
        assert_eq!(wait(other.count()).unwrap(), 1);
        drop(other);
        fs::remove_dir_all(folder).unwrap();
    }
}
