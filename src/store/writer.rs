//! Keeps requests as they arrive: what waits goes into one transaction.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::{fmt, io, thread};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::location::Location;
use crate::capture::{Outcome, Recorded};
use crate::queue::GroupQueue;

/// What became of a store that was taken away or cut while it was open. What is kept from then on stays.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renewed {
    /// Where it is.
    pub store: Location,
    /// What was taken away.
    pub change: Change,
    /// The number of the next capture.
    pub next: i64,
}

/// What was taken away of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "StoreChange"))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// Its file, or another is in its place.
    Removed,
    /// What its file held.
    Emptied,
    /// Its log or that log's index, and nothing is lost by it.
    LogRemoved,
    /// Its log, and captures that were in it alone are lost.
    LogLost,
}

impl fmt::Display for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, change, next } = self;
        let store = format!("the store {store}");
        let goes_on = match next {
            1 => "a new one was begun, and numbers begin at #1 again".to_owned(),
            _ => format!("the one in its place is used, and its next number is #{next}"),
        };
        match change {
            Change::Removed => write!(f, "{store} was taken away or replaced: {goes_on}"),
            Change::Emptied => write!(f, "{store} was emptied: {goes_on}"),
            Change::LogRemoved => write!(
                f,
                "a file beside {store} was taken away while it was in use; nothing that was in it is lost"
            ),
            Change::LogLost => write!(
                f,
                "the log of {store} was taken away or cut while it was in use, and the captures that were in it alone are lost; the next number is #{next}"
            ),
        }
    }
}

/// Is told when a store had to be opened anew.
pub(super) type Tell = Box<dyn FnMut(Renewed) + Send>;

/// A request that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// The first capture of the same event.
    pub duplicate_of: Option<i64>,
    /// The numbers of its deliveries, in their order.
    pub deliveries: Vec<i64>,
    /// Which part of the store it is in, as the backend counts them: SQLite the files that were at this place, PostgreSQL
    /// the days.
    pub(super) part: u64,
}

/// What waits to be written.
#[derive(Debug)]
pub(super) enum Job {
    Keep(Arc<Recorded>, oneshot::Sender<Result<Kept, StoreError>>),
    /// What came of a delivery, and in which part of the store it was kept.
    Finish(i64, u64, Outcome),
    Answered(i64, u64, u16),
    /// Work of the backend's own, which waits for the thread's turn.
    Maintain,
}

/// The thread that writes. Dropping it has the thread finish what waits, and end.
#[derive(Debug)]
pub struct Writer {
    handle: WriterHandle,
    thread: Option<JoinHandle<()>>,
}

/// A way to the thread that writes.
#[derive(Debug, Clone)]
pub struct WriterHandle {
    store: Location,
    jobs: Arc<GroupQueue<Job>>,
}

impl Writer {
    /// Starts a backend's thread: `work` takes groups of jobs until the queue is closed and empty.
    pub(super) fn start(
        store: &Location,
        jobs: Arc<GroupQueue<Job>>,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let thread = thread::Builder::new().name("store".into()).spawn(work)?;
        let handle = WriterHandle {
            store: store.clone(),
            jobs,
        };
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }

    /// A way to it.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.handle.jobs.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl WriterHandle {
    /// Keeps a request; returns after the transaction that holds it is synced.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not kept.
    pub async fn keep(&self, recorded: Arc<Recorded>) -> Result<Kept, StoreError> {
        let (answer, kept) = oneshot::channel();
        self.put(Job::Keep(recorded, answer));
        kept.await.map_err(|_| StoreError::closed(self.store.clone()))?
    }

    /// Records what came of a request's last delivery, soon.
    pub fn finish(&self, kept: &Kept, outcome: Outcome) {
        if let Some(delivery) = kept.deliveries.last() {
            self.put(Job::Finish(*delivery, kept.part, outcome));
        }
    }

    /// Records what a request was answered with, soon.
    pub fn answered(&self, kept: &Kept, status: u16) {
        self.put(Job::Answered(kept.id, kept.part, status));
    }

    fn put(&self, job: Job) {
        let size = match &job {
            Job::Keep(recorded, _) => recorded.message.body.len(),
            _ => 0,
        };
        // What comes after the writer ended is dropped, and so is the sender of its answer.
        let _ = self.jobs.put(job, size);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::message::Message;
    use crate::store::Store;

    #[tokio::test]
    async fn a_store_that_is_taken_away_is_made_anew() {
        let folder = std::env::temp_dir().join(format!("ckwh-writer-{}-{}", std::process::id(), fastrand::u64(..)));
        let path = folder.join("captures.db");
        let (tell, told) = mpsc::channel();
        let store = Store::open(&path).await.unwrap();
        let writer = store.writer(move |renewed| drop(tell.send(renewed))).await.unwrap();
        let handle = writer.handle();
        let recorded = Arc::new(Recorded::new(Message::new("a")));
        assert_eq!(handle.keep(recorded.clone()).await.unwrap().id, 1);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(handle.keep(recorded).await.unwrap().id, 1);
        let renewed = told.try_recv().unwrap();
        assert_eq!((renewed.change, renewed.next), (Change::Removed, 1));
        let again = Store::open(&path).await.unwrap();
        assert!(again.capture(1).await.unwrap().is_some());
        drop((writer, again));
        assert!(
            handle
                .keep(Arc::new(Recorded::new(Message::new("late"))))
                .await
                .is_err()
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
