//! Replays as they are kept: what was asked for, and what came of each request, so that one that was cut off goes on.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, TransactionBehavior, params};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Store;
use super::error::StoreError;
use super::place::found;
use super::row::{microseconds, moment, word};
use super::schema::PAGE;
use super::writer::{CHECKPOINT, Checkpointer, checkpoint, write_without_checkpoints};
use crate::capture::{DeliveryKind, Outcome};
use crate::private;
use crate::store::Numbers;

/// How many outcomes one transaction holds at most, and how many are not yet in the file, beside as many as are on
/// their way at once.
const GROUP: usize = 64;
/// How many outcomes one statement adds.
const ROWS: usize = 16;
/// About how many pages of the file a group changes.
const PAGES: usize = 5;
/// How long an outcome waits for others.
const WAIT: Duration = Duration::from_millis(50);

const INSERT: &str = "INSERT INTO run (started_at, target, plan, digest, planned, last_capture, last_delivery, finished) \
    VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(id), 0) FROM capture), \
    (SELECT coalesce(max(id), 0) FROM delivery), 0)";
const SELECT: &str = "SELECT id, started_at, target, plan, digest, last_capture, last_delivery, finished, planned FROM run \
    WHERE id = ?1 OR ?1 IS NULL AND NOT finished ORDER BY id DESC LIMIT 1";
static INSERT_OUTCOME: LazyLock<String> = LazyLock::new(|| insert_outcomes(1));
/// A statement costs as much again as the row that it adds.
static INSERT_OUTCOMES: LazyLock<String> = LazyLock::new(|| insert_outcomes(ROWS));
const END: &str = "UPDATE run SET finished = finished OR ?2 WHERE id = ?1";
/// The first turn of a capture, or of a request in the run's file.
const ANSWERED: &str = "SELECT 1 FROM delivery WHERE capture = ?2 AND run = ?1 AND turn = ?3 AND status IS NOT NULL \
    UNION ALL SELECT 1 FROM delivery WHERE capture = 0 AND run = ?1 AND record = ?2 AND turn = ?3 AND status IS NOT NULL";
/// A later one. Its index has none of the first, so that a run of one turn, as most are, writes nothing there.
const ANSWERED_LATER: &str = "SELECT 1 FROM delivery \
    WHERE turn <> 0 AND run = ?1 AND record = ?2 AND turn = ?3 AND status IS NOT NULL";
const LAST_TO: &str = "SELECT finished AND coalesce(status BETWEEN 200 AND 299, 0) AND failure IS NULL FROM delivery \
    WHERE capture = ?1 AND target IN (?2, ?4) AND id <= ?3 ORDER BY id DESC LIMIT 1";

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// Where it goes to.
    pub target: &'a str,
    /// Its selection and options, as the caller writes and reads them.
    pub plan: &'a str,
    /// The SHA-256 of the file that its requests come from, where they come from one.
    pub digest: Option<[u8; 32]>,
    /// The captures that it is to deliver, where it does not read them from a file.
    pub planned: Option<&'a Numbers>,
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
    /// The captures that it is to deliver; `None` where it reads a file, or an earlier version began it.
    pub planned: Option<Numbers>,
}

/// Holds a run for this process, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
#[must_use]
pub struct Claim {
    #[expect(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
    path: PathBuf,
}

impl Drop for Claim {
    /// The name goes before the lock does: whoever opened the file before sees that it has none, and tries again.
    fn drop(&mut self) {
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
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
            new.planned.map(Numbers::to_text),
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

    /// Makes this process the one that delivers the run: two would deliver everything twice.
    ///
    /// # Errors
    /// [`StoreError`] where another process delivers it.
    pub fn claim_run(&self, id: i64) -> Result<Claim, StoreError> {
        let mut path = self.path.clone().into_os_string();
        path.push(format!("-run{id}"));
        let path = PathBuf::from(path);
        let wrong = |error: &io::Error| StoreError::io(&path, error);
        loop {
            let mut options = File::options();
            options.write(true).create(true).truncate(false);
            private::owner_only(&mut options);
            private::close(&path);
            let file = options.open(&path).map_err(|error| wrong(&error))?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => return Ok(Claim { file, path }),
                // Who had it before took its name away meanwhile.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError {
                        path: self.path.clone(),
                        problem: format!(
                            "run {id} is being delivered by another process; wait until it ends, or end it and go on with --resume {id}"
                        ),
                        retry: false,
                    });
                }
                Err(TryLockError::Error(error)) => return Err(wrong(&error)),
            }
        }
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
                .prepare_cached(if turn == 0 { ANSWERED } else { ANSWERED_LATER })?
                .exists(params![run, record, turn])
        };
        look().map_err(self.wrong())
    }

    /// Whether a capture's last delivery to the target that these are writings of, up to the delivery `last`, got a 2xx; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delivered_to(&self, capture: i64, target: [&str; 2], last: i64) -> Result<Option<bool>, StoreError> {
        let look = || -> rusqlite::Result<Option<bool>> {
            self.connection
                .prepare_cached(LAST_TO)?
                .query_row(params![capture, target[0], last, target[1]], |row| row.get(0))
                .optional()
        };
        look().map_err(self.wrong())
    }
}

/// Whether an open file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata().map(|own| (own.dev(), own.ino()));
    own.is_ok_and(|own| found(path).is_some_and(|found| found.id == own))
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    found(path).is_some()
}

fn insert_outcomes(rows: usize) -> String {
    format!(
        "INSERT INTO delivery (capture, kind, target, at, finished, status, duration, failure, run, record, turn, attempts, \
         answer_headers, answer_body, answer_truncated) \
         VALUES {}",
        vec!["(?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ")
    )
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
        planned: row
            .get_ref(8)?
            .as_str_or_null()?
            .map(|text| Numbers::parse(text).ok_or(rusqlite::Error::InvalidQuery))
            .transpose()?,
    })
}

/// A thread that writes a run's outcomes, a group of at most 64 at a time, each at most about 50 ms after it is handed
/// over where nobody else writes to the file. What it wrote stays through the end of the process; [`RunWriter::close`]
/// makes it stay through a crash of the system.
#[derive(Debug)]
pub struct RunWriter {
    tray: Arc<Tray>,
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl RunWriter {
    /// Begins writing to `store`. As many requests as `at_once` are on their way together, so that a process that is
    /// killed loses what came of at most so many and a group.
    ///
    /// # Errors
    /// [`StoreError`], also where there can be no thread.
    pub fn start(store: Store, run: i64, at_once: usize) -> Result<Self, StoreError> {
        let unwritten = GROUP.saturating_add(at_once).min(Semaphore::MAX_PERMITS);
        // A process that is killed loses nothing by it, and nothing waits for the disk.
        store
            .connection
            .execute_batch("PRAGMA synchronous = NORMAL")
            .map_err(store.wrong())?;
        write_without_checkpoints(&store)?;
        let path = store.path().to_owned();
        let tray = Arc::new(Tray {
            waiting: Mutex::default(),
            more: Condvar::new(),
            slots: Arc::new(Semaphore::new(unwritten)),
            // Half of them, so that the others gather while it is written.
            group: GROUP.min(unwritten / 2),
            written_back: AtomicBool::new(false),
        });
        let done = tray.clone();
        let checkpoints = Checkpointer::start(&path, move || done.written_back.store(true, Ordering::Relaxed))
            .map_err(|error| StoreError::io(&path, &error))?;
        let mut desk = Desk {
            store,
            run,
            tray: tray.clone(),
            checkpoints,
            logged: 0,
        };
        let thread = std::thread::Builder::new()
            .name("outcomes".into())
            .spawn(move || desk.work())
            .map_err(|error| StoreError::io(&path, &error))?;
        Ok(Self {
            tray,
            path,
            thread: Some(thread),
        })
    }

    /// A slot for what will come of a request, which is asked for before that begins.
    ///
    /// # Errors
    /// [`StoreError`] where an earlier outcome could not be written.
    pub async fn slot(&self) -> Result<Slot, StoreError> {
        // The semaphore is closed by a failure only.
        let permit = self.tray.slots.clone().acquire_owned().await;
        permit.map(Slot).map_err(|_| self.failed())
    }

    /// Hands an outcome over, with its slot.
    pub fn put(&self, ended: Ended, slot: Slot) {
        slot.0.forget();
        self.tray.put(ended);
    }

    /// Waits until everything is in the file and on the disk; `finished` where every request of the run had its turn.
    ///
    /// # Errors
    /// [`StoreError`] where something could not be written.
    pub fn close(mut self, finished: bool) -> Result<(), StoreError> {
        self.tray.waiting().finished = finished;
        self.end();
        match self.tray.waiting().failure.take() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    fn end(&mut self) {
        self.tray.waiting().ended = true;
        self.tray.more.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn failed(&self) -> StoreError {
        let failure = self.tray.waiting().failure.clone();
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

/// A place for an outcome that is not yet in the file.
#[derive(Debug)]
pub struct Slot(OwnedSemaphorePermit);

/// Where outcomes wait for the thread. It is woken by the first of a group and by the one that makes it full, and not
/// by each: to wake a thread costs more than the rest of what is done here.
#[derive(Debug)]
struct Tray {
    waiting: Mutex<Waiting>,
    more: Condvar,
    /// A permit for each request that may begin.
    slots: Arc<Semaphore>,
    /// How many outcomes make a group.
    group: usize,
    /// The log was written back into the file, but for its end.
    written_back: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    outcomes: Vec<Ended>,
    /// No more come.
    ended: bool,
    /// Every request of the run had its turn.
    finished: bool,
    failure: Option<StoreError>,
}

impl Tray {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, ended: Ended) {
        let mut waiting = self.waiting();
        waiting.outcomes.push(ended);
        if waiting.outcomes.len() == 1 || waiting.outcomes.len() == self.group {
            self.more.notify_one();
        }
    }

    /// The next group, in place of what is in `group`: full, or what came within 50 ms. `false` where no more come.
    fn take(&self, group: &mut Vec<Ended>) -> bool {
        group.clear();
        let waiting = self.waiting();
        let waiting = self
            .more
            .wait_while(waiting, |waiting| waiting.outcomes.is_empty() && !waiting.ended)
            .unwrap_or_else(PoisonError::into_inner);
        let gathers = |waiting: &mut Waiting| waiting.outcomes.len() < self.group && !waiting.ended;
        let (mut waiting, _) = self
            .more
            .wait_timeout_while(waiting, WAIT, gathers)
            .unwrap_or_else(PoisonError::into_inner);
        let count = waiting.outcomes.len().min(GROUP);
        group.extend(waiting.outcomes.drain(..count));
        !group.is_empty()
    }
}

/// What the thread works with.
struct Desk {
    store: Store,
    run: i64,
    tray: Arc<Tray>,
    checkpoints: Checkpointer,
    /// About how many bytes went into the log since it was last written back.
    logged: usize,
}

impl Desk {
    fn work(&mut self) {
        let mut group = Vec::new();
        while self.tray.take(&mut group) {
            if let Err(error) = self.write(&group) {
                self.tray.waiting().failure = Some(error);
                self.tray.slots.close();
                return;
            }
            self.tray.slots.add_permits(group.len());
            self.keep_log_short();
        }
        if let Err(error) = self.end() {
            self.tray.waiting().failure = Some(error);
        }
    }

    fn keep_log_short(&mut self) {
        self.logged += PAGES * PAGE;
        if self.tray.written_back.swap(false, Ordering::Relaxed) {
            // What is in the log stays there without it.
            let _ = checkpoint(&self.store);
        }
        if self.logged > CHECKPOINT && self.checkpoints.ask() {
            self.logged = 0;
        }
    }

    /// With this commit everything before it reaches the disk; the file is whole without.
    fn end(&self) -> Result<(), StoreError> {
        let finished = self.tray.waiting().finished;
        let connection = &self.store.connection;
        connection
            .execute_batch("PRAGMA synchronous = FULL")
            .and_then(|()| connection.execute(END, params![self.run, finished]))
            .map(drop)
            .map_err(self.store.wrong())
    }

    fn write(&mut self, group: &[Ended]) -> Result<(), StoreError> {
        let wrong = self.store.wrong();
        let run = self.run;
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self
                .store
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (several, rest) = group.as_chunks::<ROWS>();
            for rows in several {
                insert(&transaction, &INSERT_OUTCOMES, run, rows)?;
            }
            for row in rest {
                insert(&transaction, &INSERT_OUTCOME, run, slice::from_ref(row))?;
            }
            transaction.commit()
        };
        write().map_err(wrong)
    }
}

fn insert(connection: &Connection, statement: &str, run: i64, rows: &[Ended]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(statement)?;
    let kind = word(DeliveryKind::Replay);
    let mut at = 0;
    let mut bind = |value: &dyn ToSql| {
        at += 1;
        insert.raw_bind_parameter(at, value)
    };
    for ended in rows {
        bind(&ended.capture.unwrap_or(0))?;
        bind(&kind)?;
        bind(&ended.target)?;
        bind(&ended.at.as_microsecond())?;
        bind(&ended.outcome.status)?;
        bind(&microseconds(ended.outcome.duration))?;
        bind(&ended.outcome.failure)?;
        bind(&run)?;
        bind(&ended.record)?;
        bind(&ended.turn)?;
        bind(&ended.attempts)?;
        let answer = ended.outcome.answer.as_deref();
        bind(&answer.map(|answer| answer.headers.packed()))?;
        bind(&answer.map(|answer| answer.body.as_slice()))?;
        bind(&answer.map(|answer| answer.truncated))?;
    }
    insert.raw_execute().map(drop)
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
                answer: None,
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
            planned: None,
        };
        let run = store.begin_run(&new).unwrap();
        assert_eq!(
            (run.id, run.finished, run.digest.as_deref()),
            (1, false, Some(&[7; 32][..]))
        );
        let writer = RunWriter::start(Store::open(&path).unwrap(), run.id, 1).unwrap();
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
        writer.close(false).unwrap();
        let answered = |record| store.was_answered(run.id, record, 0).unwrap();
        assert!(answered(1) && answered(9) && answered(200));
        assert!(!answered(7) && !answered(201));
        assert!(!store.was_answered(run.id, 1, 1).unwrap());
        assert!(store.was_answered(run.id, 3, 2).unwrap());
        let to = |capture, last| store.delivered_to(capture, ["http://x.test/", ""], last).unwrap();
        assert_eq!(
            [to(1, 999), to(7, 999), to(9, 999), to(1, 0)],
            [Some(true), Some(false), Some(false), None]
        );
        assert_eq!(store.run(None).unwrap().map(|run| run.id), Some(1));
        store.finish_run(1).unwrap();
        assert_eq!(store.run(None).unwrap(), None);
        assert!(store.run(Some(1)).unwrap().unwrap().finished);
        fs::remove_dir_all(folder).unwrap();
    }
}
