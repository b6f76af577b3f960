//! Replays as they are kept: what was asked for, and what came of each request, so that one that was cut off goes on.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};
use tokio::sync::Semaphore;

use super::row::{microseconds, moment, word};
use super::{Store, StoreError};
use crate::capture::{DeliveryKind, Outcome};

/// How many outcomes are not yet in the file, at most.
const UNWRITTEN: usize = 64;
/// How many outcomes one transaction holds: half of them, so that the others gather while it is written.
const GROUP: usize = UNWRITTEN / 2;
/// How long an outcome waits for others.
const WAIT: Duration = Duration::from_millis(50);

const INSERT: &str = "INSERT INTO run (started_at, target, plan, digest, last_capture, last_delivery, finished) \
    VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(id), 0) FROM capture), (SELECT coalesce(max(id), 0) FROM delivery), 0)";
const SELECT: &str = "SELECT id, started_at, target, plan, digest, last_capture, last_delivery, finished FROM run \
    WHERE id = ?1 OR ?1 IS NULL AND NOT finished ORDER BY id DESC LIMIT 1";
const INSERT_OUTCOME: &str = "INSERT INTO delivery (capture, kind, target, at, finished, status, duration, failure, run, \
    record, turn, attempts) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const ANSWERED: &str =
    "SELECT 1 FROM delivery WHERE run = ?1 AND record = ?2 AND turn = ?3 AND status IS NOT NULL LIMIT 1";
const LAST_TO: &str = "SELECT finished AND coalesce(status BETWEEN 200 AND 299, 0) FROM delivery \
    WHERE capture = ?1 AND target = ?2 AND id <= ?3 ORDER BY id DESC LIMIT 1";

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// Where it goes to.
    pub target: &'a str,
    /// Its selection and options, as the caller writes and reads them.
    pub plan: &'a str,
    /// The SHA-256 of the file that its requests come from, where they come from one.
    pub digest: Option<[u8; 32]>,
}

/// A run as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub target: String,
    /// When it began.
    pub at: Timestamp,
    /// How many attempts there were.
    pub attempts: u32,
    /// What came of the last one.
    pub outcome: Outcome,
}

impl Store {
    /// Records that a run begins.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_run(&mut self, new: &NewRun<'_>) -> Result<Run, StoreError> {
        let values = params![
            Timestamp::now().as_microsecond(),
            new.target,
            new.plan,
            new.digest.as_ref().map(<[u8; 32]>::as_slice),
        ];
        let begin = || -> rusqlite::Result<Run> {
            self.connection.execute(INSERT, values)?;
            let id = self.connection.last_insert_rowid();
            self.connection.query_row(SELECT, [id], run)
        };
        begin().map_err(self.wrong())
    }

    /// The run of that number; without one, the newest that is not finished.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn run(&self, id: Option<i64>) -> Result<Option<Run>, StoreError> {
        self.connection
            .query_row(SELECT, [id], run)
            .optional()
            .map_err(self.wrong())
    }

    /// Records that every request of a run had its turn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish_run(&mut self, id: i64) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE run SET finished = 1 WHERE id = ?1", [id])
            .map(drop)
            .map_err(self.wrong())
    }

    /// Whether a request was answered in that run: its turn is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn was_answered(&self, run: i64, record: i64, turn: u32) -> Result<bool, StoreError> {
        let look = || -> rusqlite::Result<bool> {
            self.connection
                .prepare_cached(ANSWERED)?
                .exists(params![run, record, turn])
        };
        look().map_err(self.wrong())
    }

    /// Whether a capture's last delivery to `target`, up to the delivery `last`, got a 2xx; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delivered_to(&self, capture: i64, target: &str, last: i64) -> Result<Option<bool>, StoreError> {
        let look = || -> rusqlite::Result<Option<bool>> {
            self.connection
                .prepare_cached(LAST_TO)?
                .query_row(params![capture, target, last], |row| row.get(0))
                .optional()
        };
        look().map_err(self.wrong())
    }
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        started_at: moment(row.get(1)?),
        target: row.get(2)?,
        plan: row.get(3)?,
        digest: row.get(4)?,
        last_capture: row.get(5)?,
        last_delivery: row.get(6)?,
        finished: row.get(7)?,
    })
}

/// A thread that writes a run's outcomes, a group at a time. At most 64 of them are not yet in the file, each for about
/// 50 ms. What it wrote stays through the end of the process; [`RunWriter::close`] makes it stay through a crash of the
/// system.
#[derive(Debug)]
pub struct RunWriter {
    outcomes: Option<Sender<Ended>>,
    room: Arc<Semaphore>,
    failure: Arc<Mutex<Option<StoreError>>>,
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl RunWriter {
    /// Begins writing to `store`.
    ///
    /// # Errors
    /// [`StoreError`], also where there can be no thread.
    pub fn start(store: Store, run: i64) -> Result<Self, StoreError> {
        // A process that is killed loses nothing by it, and nothing waits for the disk.
        store
            .connection
            .execute_batch("PRAGMA synchronous = NORMAL")
            .map_err(store.wrong())?;
        let path = store.path().to_owned();
        let (sender, outcomes) = channel();
        let room = Arc::new(Semaphore::new(UNWRITTEN));
        let failure = Arc::new(Mutex::new(None));
        let mut desk = Desk {
            store,
            run,
            room: room.clone(),
            failure: failure.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("outcomes".into())
            .spawn(move || desk.work(&outcomes))
            .map_err(|error| StoreError::io(&path, &error))?;
        Ok(Self {
            outcomes: Some(sender),
            room,
            failure,
            path,
            thread: Some(thread),
        })
    }

    /// Hands an outcome over; waits where too many are not yet in the file.
    ///
    /// # Errors
    /// [`StoreError`] where an earlier one could not be written.
    pub async fn put(&self, ended: Ended) -> Result<(), StoreError> {
        // The semaphore is closed by a failure only.
        match (self.room.acquire().await, &self.outcomes) {
            (Ok(permit), Some(outcomes)) if outcomes.send(ended).is_ok() => {
                permit.forget();
                Ok(())
            }
            _ => Err(self.failed()),
        }
    }

    /// Waits until everything is in the file and on the disk.
    ///
    /// # Errors
    /// [`StoreError`] where something could not be written.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.end();
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    fn end(&mut self) {
        self.outcomes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn failed(&self) -> StoreError {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failure.unwrap_or_else(|| StoreError {
            path: self.path.clone(),
            problem: "it is closed".into(),
            retry: false,
        })
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the thread works with.
struct Desk {
    store: Store,
    run: i64,
    room: Arc<Semaphore>,
    failure: Arc<Mutex<Option<StoreError>>>,
}

impl Desk {
    fn work(&mut self, outcomes: &Receiver<Ended>) {
        while let Ok(first) = outcomes.recv() {
            let mut group = vec![first];
            let until = Instant::now() + WAIT;
            while group.len() < GROUP {
                match outcomes.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(ended) => group.push(ended),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            if let Err(error) = self.write(&group) {
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                self.room.close();
                return;
            }
            self.room.add_permits(group.len());
        }
        // With the next commit everything before it reaches the disk; the file is whole without.
        let _ = self
            .store
            .connection
            .execute_batch("PRAGMA synchronous = FULL; UPDATE run SET id = id WHERE id = (SELECT max(id) FROM run)");
    }

    fn write(&mut self, group: &[Ended]) -> Result<(), StoreError> {
        let wrong = self.store.wrong();
        let run = self.run;
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self
                .store
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction.prepare_cached(INSERT_OUTCOME)?;
                for ended in group {
                    insert.execute(params![
                        ended.capture.unwrap_or(0),
                        word(DeliveryKind::Replay),
                        ended.target,
                        ended.at.as_microsecond(),
                        ended.outcome.status,
                        microseconds(ended.outcome.duration),
                        ended.outcome.failure,
                        run,
                        ended.record,
                        ended.turn,
                        ended.attempts,
                    ])?;
                }
            }
            transaction.commit()
        };
        write().map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            },
        }
    }

    #[tokio::test]
    async fn what_was_answered_has_had_its_turn() {
        let folder = std::env::temp_dir().join(format!("ckwh-run-{}-{}", std::process::id(), fastrand::u64(..)));
        let path = folder.join("captures.db");
        let mut store = Store::open(&path).unwrap();
        let new = NewRun {
            target: "http://x.test/",
            plan: "{}",
            digest: Some([7; 32]),
        };
        let run = store.begin_run(&new).unwrap();
        assert_eq!(
            (run.id, run.finished, run.digest.as_deref()),
            (1, false, Some(&[7; 32][..]))
        );
        let writer = RunWriter::start(Store::open(&path).unwrap(), run.id).unwrap();
        for record in 1..=200 {
            let status = match record {
                7 => None,
                9 => Some(500),
                _ => Some(200),
            };
            writer.put(ended(record, status)).await.unwrap();
        }
        writer.close().unwrap();
        let answered = |record| store.was_answered(run.id, record, 0).unwrap();
        assert!(answered(1) && answered(9) && answered(200));
        assert!(!answered(7) && !answered(201));
        assert!(!store.was_answered(run.id, 1, 1).unwrap());
        let to = |capture, last| store.delivered_to(capture, "http://x.test/", last).unwrap();
        assert_eq!(
            [to(1, 999), to(7, 999), to(9, 999), to(1, 0)],
            [Some(true), Some(false), Some(false), None]
        );
        assert_eq!(store.run(None).unwrap().map(|run| run.id), Some(1));
        store.finish_run(1).unwrap();
        assert_eq!(store.run(None).unwrap(), None);
        assert!(store.run(Some(1)).unwrap().unwrap().finished);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
