//! Runs of replay: what was asked for, and what came of each request, so that one that was cut off goes on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::error::StoreError;
use super::location::Location;
use super::numbers::Numbers;
use super::order::OrderKey;
use super::share::Share;
use super::sqlite;
use crate::capture::Outcome;
use crate::queue::{Group, GroupQueue};

/// How many outcomes one transaction holds at most, and how many are not yet in the store, beside as many as are on
/// their way at once.
const GROUP: usize = 64;
/// How long an outcome waits for others.
const PATIENCE: Duration = Duration::from_millis(50);

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Where it goes to.
    pub target: String,
    /// Its selection and options, as the caller writes and reads them.
    pub plan: String,
    /// The SHA-256 of the file that its requests come from, where they come from one.
    pub digest: Option<[u8; 32]>,
    /// The captures that it is to deliver, where it does not read them from a file.
    pub planned: Option<Numbers>,
    /// How many times each is delivered, where several processes may share the work.
    pub shared_turns: Option<u32>,
    /// The key of each planned capture, where several processes may share a run that keeps the order within each key.
    pub keys: Option<Vec<OrderKey>>,
}

/// A run as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// Its number, from 1 on.
    pub id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Where it goes to.
    pub target: String,
    /// Its selection and options.
    pub plan: String,
    /// The SHA-256 of its file.
    pub digest: Option<Vec<u8>>,
    /// The newest capture when it began: later ones are not part of it.
    pub last_capture: i64,
    /// The newest delivery when it began: what it selects by earlier deliveries does not change as it goes on.
    pub last_delivery: i64,
    /// Whether every request had its turn.
    pub finished: bool,
    /// The captures that it is to deliver; `None` where it reads a file, or an earlier version began it.
    pub planned: Option<Numbers>,
}

/// Holds a run for this process, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
#[must_use]
pub struct Claim {
    pub(super) held: Lock,
}

impl Claim {
    /// This process's share, where several deliver the run together.
    pub fn share(&self) -> Option<&Share> {
        match &self.held {
            Lock::Shared(share) => Some(share),
            _ => None,
        }
    }
}

/// What holds a run, of each backend.
#[derive(Debug)]
pub(super) enum Lock {
    Sqlite(#[expect(dead_code, reason = "it lasts as long as it lives")] sqlite::RunLock),
    #[cfg(feature = "postgres")]
    Postgres(#[expect(dead_code, reason = "it lasts as long as it lives")] super::postgres::RunLock),
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite shares no runs"))]
    Shared(Share),
}

/// A delivery of a run, as a list of them shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunDelivery {
    /// Its number; a later delivery has a greater one.
    pub id: i64,
    /// The capture, where it is one that is still kept.
    pub capture: Option<i64>,
    /// The capture's number, or the request's in the run's file.
    pub record: i64,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// Where it went.
    pub target: String,
    /// When it began.
    pub at: Timestamp,
    /// How many attempts there were; none where it was blocked: an earlier one of its key failed.
    pub attempts: u32,
    /// What was answered to the last one; `None` where nothing was.
    pub status: Option<u16>,
    /// How long the last one took.
    pub duration: Duration,
    /// Why there was no answer, in words.
    pub failure: Option<String>,
    /// Whether it failed and the rest of its key waited for it.
    pub holds: bool,
}

/// The requests of a run that were answered and hold nothing up, by turn: a capture's number, or the request's in the
/// run's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered(pub(super) BTreeMap<u32, Numbers>);

impl Answered {
    /// Whether a request was answered in a turn, from 0 on.
    pub fn contains(&self, record: i64, turn: u32) -> bool {
        self.0.get(&turn).is_some_and(|records| records.contains(record))
    }

    /// In how many turns a request was answered.
    pub fn turns_of(&self, record: i64) -> u64 {
        let turns = self.0.values().filter(|records| records.contains(record));
        turns.count() as u64
    }
}

/// Asks what came of a capture's last delivery to a target.
#[derive(Debug, Clone)]
pub struct DeliveryQuery {
    /// The capture's number.
    pub capture: i64,
    /// The target's URLs, each in the two ways that it may be written; the first that a delivery went to decides.
    pub urls: Vec<[String; 2]>,
}

/// What came of one request of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The capture, where it is one.
    pub capture: Option<i64>,
    /// The capture's number, or the request's in the run's file.
    pub record: i64,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// Where it went.
    pub target: Arc<str>,
    /// When it began.
    pub at: Timestamp,
    /// How many attempts there were; none where it was blocked: an earlier one of its key failed.
    pub attempts: u32,
    /// What came of the last one.
    pub outcome: Outcome,
    /// Under which number of the process it was held, where several share the run.
    pub worker: Option<i64>,
    /// What it has in common with those that are delivered before and after it, where the run keeps their order.
    pub key: Option<OrderKey>,
    /// Whether it failed and the rest of its key waits for it.
    pub holds: bool,
}

/// Writes a run's outcomes, a group of at most 64 at a time, each at most about 50 ms after it is handed over where
/// nobody else writes to the store. What it wrote stays through the end of the process; [`RunWriter::close`] makes it
/// stay through a crash of the system.
#[derive(Debug)]
pub struct RunWriter {
    outcomes: Arc<Outcomes>,
    done: oneshot::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// A place for an outcome that is not yet in the store.
#[derive(Debug)]
pub struct OutcomeSlot(OwnedSemaphorePermit);

/// Where outcomes wait for the thread that writes them.
#[derive(Debug)]
pub(super) struct Outcomes {
    store: Location,
    queue: GroupQueue<Ended>,
    /// A permit for each request that may begin.
    slots: Arc<Semaphore>,
    group: Group,
    /// Every request of the run had its turn.
    finished: AtomicBool,
    failure: Mutex<Option<StoreError>>,
}

/// A backend's thread that writes outcomes.
pub(super) trait WriteOutcomes: Send + 'static {
    /// Writes a group; it stays through the end of the process.
    fn write(&mut self, group: &[Ended]) -> Result<(), StoreError>;

    /// Makes everything before stay through a crash; `finished` where every request of the run had its turn.
    fn end(&mut self, finished: bool) -> Result<(), StoreError>;
}

impl Outcomes {
    fn work(&self, backend: &mut impl WriteOutcomes) -> Result<(), StoreError> {
        loop {
            let group = self.queue.take(&self.group);
            if group.is_empty() {
                return backend.end(self.finished.load(Ordering::Relaxed));
            }
            backend.write(&group)?;
            self.slots.add_permits(group.len());
        }
    }

    fn fail(&self, error: StoreError) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.slots.close();
        self.queue.abandon();
    }

    fn failure(&self) -> Option<StoreError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl RunWriter {
    /// Starts the thread. As many requests as `at_once` are on their way together, so that a process that is killed
    /// loses what came of at most so many and a group.
    pub(super) fn start(store: &Location, at_once: usize, mut backend: impl WriteOutcomes) -> io::Result<Self> {
        let unwritten = GROUP.saturating_add(at_once).min(Semaphore::MAX_PERMITS);
        let outcomes = Arc::new(Outcomes {
            store: store.clone(),
            queue: GroupQueue::default(),
            slots: Arc::new(Semaphore::new(unwritten)),
            group: Group {
                most: GROUP,
                bytes: usize::MAX,
                // Half of them, so that the others gather while it is written.
                expected: GROUP.min(unwritten / 2),
                patience: PATIENCE,
            },
            finished: AtomicBool::new(false),
            failure: Mutex::default(),
        });
        let (ended, done) = oneshot::channel();
        let own = outcomes.clone();
        let thread = thread::Builder::new().name("outcomes".into()).spawn(move || {
            if let Err(error) = own.work(&mut backend) {
                own.fail(error);
            }
            drop(backend);
            let _ = ended.send(());
        })?;
        Ok(Self {
            outcomes,
            done,
            thread: Some(thread),
        })
    }

    /// A slot for what will come of a request, which is asked for before that begins.
    ///
    /// # Errors
    /// [`StoreError`] where an earlier outcome could not be written.
    pub async fn slot(&self) -> Result<OutcomeSlot, StoreError> {
        // The semaphore is closed by a failure only.
        let permit = self.outcomes.slots.clone().acquire_owned().await;
        let failure = || self.outcomes.failure();
        permit
            .map(OutcomeSlot)
            .map_err(|_| failure().unwrap_or_else(|| StoreError::closed(self.outcomes.store.clone())))
    }

    /// Hands an outcome over, with its slot.
    pub fn put(&self, ended: Ended, slot: OutcomeSlot) {
        slot.0.forget();
        // After a failure nothing is written, which `close` tells.
        let _ = self.outcomes.queue.put(ended, 0);
    }

    /// Waits until everything is in the store and on its disk; `finished` where every request of the run had its turn.
    ///
    /// # Errors
    /// [`StoreError`] where something could not be written.
    pub async fn close(mut self, finished: bool) -> Result<(), StoreError> {
        self.outcomes.finished.store(finished, Ordering::Relaxed);
        self.outcomes.queue.close();
        let _ = (&mut self.done).await;
        match self.outcomes.failure() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        self.outcomes.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn ended(record: i64, status: Option<u16>) -> Ended {
        Ended {
            capture: Some(record),
            record,
            turn: 0,
            target: "http://x.test/".into(),
            at: Timestamp::now(),
            attempts: 1,
            outcome: Outcome {
                status,
                duration: Duration::from_millis(1),
                failure: status.is_none().then(|| "refused".into()),
                server: None,
                answer: None,
            },
            worker: None,
            key: None,
            holds: false,
        }
    }

    #[tokio::test]
    async fn what_was_answered_has_had_its_turn() {
        let folder = std::env::temp_dir().join(format!("ckwh-run-{}-{}", std::process::id(), fastrand::u64(..)));
        let path = folder.join("captures.db");
        let store = Store::open(&path).await.unwrap();
        let new = NewRun {
            target: "http://x.test/".into(),
            plan: "{}".into(),
            digest: Some([7; 32]),
            planned: None,
            shared_turns: None,
            keys: None,
        };
        let run = store.begin_run(new).await.unwrap();
        assert_eq!(
            (run.id, run.finished, run.digest.as_deref()),
            (1, false, Some(&[7; 32][..]))
        );
        let writer = store.run_writer(run.id, 1).await.unwrap();
        for record in 1..=200 {
            let status = match record {
                7 => None,
                9 => Some(500),
                _ => Some(200),
            };
            writer.put(ended(record, status), writer.slot().await.unwrap());
        }
        let third = Ended {
            turn: 2,
            ..ended(3, Some(200))
        };
        writer.put(third, writer.slot().await.unwrap());
        writer.close(false).await.unwrap();
        let answered = store.answered(run.id).await.unwrap();
        assert!([1, 9, 200].iter().all(|record| answered.contains(*record, 0)));
        assert!(![7, 201].iter().any(|record| answered.contains(*record, 0)));
        assert!(!answered.contains(1, 1));
        assert!(answered.contains(3, 2));
        assert_eq!([answered.turns_of(3), answered.turns_of(7)], [2, 0]);
        let to = async |capture, last| {
            let urls = vec![["http://x.test/".to_owned(), String::new()]];
            let query = DeliveryQuery { capture, urls };
            store.last_deliveries(vec![query], last).await.unwrap()
        };
        assert_eq!(to(1, 999).await, [Some(true)]);
        assert_eq!(to(7, 999).await, [Some(false)]);
        assert_eq!(to(9, 999).await, [Some(false)]);
        assert_eq!(to(1, 0).await, [None]);
        assert_eq!(store.run(None).await.unwrap().map(|run| run.id), Some(1));
        store.finish_run(1).await.unwrap();
        assert_eq!(store.run(None).await.unwrap(), None);
        assert!(store.run(Some(1)).await.unwrap().unwrap().finished);
        drop(store);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
