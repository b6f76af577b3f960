//! Runs and what came of their requests.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, TransactionBehavior, params};

use super::Database;
use super::checkpoint::{CHECKPOINT, Checkpointer, checkpoint, write_without_checkpoints};
use super::place::found;
use super::row::{microseconds, moment};
use super::schema::PAGE;
use crate::capture::DeliveryKind;
use crate::private;
use crate::store::run::WriteOutcomes;
use crate::store::word::word;
use crate::store::{Answered, DeliveryQuery, Ended, NewRun, Numbers, Run, RunDelivery, StoreError};

/// How many outcomes one statement adds.
const ROWS: usize = 16;
/// About how many pages of the file a group changes.
const PAGES: usize = 5;

const INSERT: &str = "INSERT INTO run (started_at, target, plan, digest, planned, last_capture, last_delivery, finished) \
    VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(id), 0) FROM capture), \
    (SELECT coalesce(max(id), 0) FROM delivery), 0)";
macro_rules! run_columns {
    () => {
        "SELECT id, started_at, target, plan, digest, last_capture, last_delivery, finished, planned FROM run WHERE "
    };
}
const SELECT: &str = concat!(
    run_columns!(),
    "id = ?1 OR ?1 IS NULL AND NOT finished ORDER BY id DESC LIMIT 1"
);
const NEWEST: &str = concat!(run_columns!(), "id < ?1 ORDER BY id DESC LIMIT ?2");
/// A run's deliveries stand behind the newest that there was when it began, and before the newest when it ended.
const DELIVERIES: &str = "SELECT id, capture, record, turn, target, at, attempts, status, duration, failure, coalesce(holds, 0) FROM delivery \
    WHERE id > max(?2, (SELECT last_delivery FROM run WHERE id = ?1)) \
    AND id <= (SELECT coalesce(ended_at_delivery, 9223372036854775807) FROM run WHERE id = ?1) AND run = ?1 \
    ORDER BY id LIMIT 1000";
/// It is not over, so what it delivers now is looked for to the end.
const GO_ON: &str = "UPDATE run SET ended_at_delivery = NULL WHERE id = ?1 AND ended_at_delivery IS NOT NULL";
static INSERT_OUTCOME: LazyLock<String> = LazyLock::new(|| insert_outcomes(1));
/// A statement costs as much again as the row that it adds.
static INSERT_OUTCOMES: LazyLock<String> = LazyLock::new(|| insert_outcomes(ROWS));
const END: &str = "UPDATE run SET finished = finished OR ?2, \
    ended_at_delivery = (SELECT coalesce(max(id), 0) FROM delivery) WHERE id = ?1";
/// A run's deliveries stand behind the newest that there was when it began.
const ANSWERED: &str = "SELECT DISTINCT turn, record FROM delivery \
    WHERE id > (SELECT last_delivery FROM run WHERE id = ?1) AND run = ?1 AND status IS NOT NULL AND holds IS NOT 1 ORDER BY turn, record";
const LAST_TO: &str = "SELECT finished AND coalesce(status BETWEEN 200 AND 299, 0) AND failure IS NULL FROM delivery \
    WHERE capture = ?1 AND target IN (?2, ?4) AND id <= ?3 ORDER BY id DESC LIMIT 1";

/// Holds a run for this process, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    #[expect(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
    path: PathBuf,
}

impl Drop for RunLock {
    /// The name goes before the lock does: whoever opened the file before sees that it has none, and tries again.
    fn drop(&mut self) {
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Database {
    /// Records that a run begins.
    pub fn begin_run(&self, new: &NewRun) -> Result<Run, StoreError> {
        let values = params![
            Timestamp::now().as_microsecond(),
            new.target,
            new.plan,
            new.digest.as_ref().map(<[u8; 32]>::as_slice),
            new.planned.as_ref().map(Numbers::to_text),
        ];
        let begin = || -> rusqlite::Result<Run> {
            self.connection.execute(INSERT, values)?;
            let id = self.connection.last_insert_rowid();
            self.connection.query_row(SELECT, [id], run)
        };
        begin().map_err(self.wrong())
    }

    /// The run of that number; without one, the newest that is not finished.
    pub fn run(&self, id: Option<i64>) -> Result<Option<Run>, StoreError> {
        self.connection
            .query_row(SELECT, [id], run)
            .optional()
            .map_err(self.wrong())
    }

    /// The newest runs before one, the newest first.
    pub fn runs(&self, before: i64, most: i64) -> Result<Vec<Run>, StoreError> {
        let look = || -> rusqlite::Result<Vec<Run>> {
            let mut statement = self.connection.prepare_cached(NEWEST)?;
            statement.query_map([before, most], run)?.collect()
        };
        look().map_err(self.wrong())
    }

    /// The first deliveries of a run behind one.
    pub fn run_deliveries(&self, run: i64, after: i64) -> Result<Vec<RunDelivery>, StoreError> {
        let look = || -> rusqlite::Result<Vec<RunDelivery>> {
            let mut statement = self.connection.prepare_cached(DELIVERIES)?;
            statement.query_map([run, after], delivery)?.collect()
        };
        look().map_err(self.wrong())
    }

    /// Locks a run for this process by a file beside the store.
    pub fn lock_run(&self, id: i64) -> Result<RunLock, StoreError> {
        let mut path = self.path().to_owned().into_os_string();
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
                Ok(()) if is_at(&file, &path) => return Ok(RunLock { file, path }),
                // Who had it before took its name away meanwhile.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::refused(
                        self.path(),
                        format!(
                            "run {id} is being delivered by another process; wait until it ends, or end it and go on with --resume {id}"
                        ),
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(wrong(&error)),
            }
        }
    }

    /// Records that every request of a run had its turn.
    pub fn finish_run(&self, id: i64) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE run SET finished = 1 WHERE id = ?1", [id])
            .map(drop)
            .map_err(self.wrong())
    }

    /// The requests of a run that were answered.
    pub fn answered(&self, run: i64) -> Result<Answered, StoreError> {
        let look = || -> rusqlite::Result<Answered> {
            let mut statement = self.connection.prepare_cached(ANSWERED)?;
            let mut rows = statement.query([run])?;
            let mut turns: BTreeMap<u32, Numbers> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                turns.entry(row.get(0)?).or_default().push(row.get(1)?);
            }
            Ok(Answered(turns))
        };
        look().map_err(self.wrong())
    }

    /// For each query whether the last delivery, up to the delivery `last`, got a 2xx; `None` where there is none.
    pub fn last_deliveries(&self, queries: &[DeliveryQuery], last: i64) -> Result<Vec<Option<bool>>, StoreError> {
        let look = |query: &DeliveryQuery| -> rusqlite::Result<Option<bool>> {
            let mut statement = self.connection.prepare_cached(LAST_TO)?;
            for [url, other] in &query.urls {
                let delivered = statement
                    .query_row(params![query.capture, url, last, other], |row| row.get(0))
                    .optional()?;
                if delivered.is_some() {
                    return Ok(delivered);
                }
            }
            Ok(None)
        };
        queries.iter().map(look).collect::<Result<_, _>>().map_err(self.wrong())
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
         answer_headers, answer_body, answer_truncated, holds) \
         VALUES {}",
        vec!["(?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ")
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

fn delivery(row: &Row<'_>) -> rusqlite::Result<RunDelivery> {
    Ok(RunDelivery {
        id: row.get(0)?,
        capture: Some(row.get(1)?).filter(|capture| *capture != 0),
        record: row.get(2)?,
        turn: row.get(3)?,
        target: row.get(4)?,
        at: moment(row.get(5)?),
        attempts: row.get(6)?,
        status: row.get(7)?,
        duration: Duration::from_micros(row.get::<_, i64>(8)?.unsigned_abs()),
        failure: row.get(9)?,
        holds: row.get(10)?,
    })
}

/// Writes a run's outcomes over a connection of its own.
pub struct OutcomeWriter {
    database: Database,
    run: i64,
    checkpoints: Checkpointer,
    /// The log was written back into the file, but for its end.
    written_back: Arc<AtomicBool>,
    /// About how many bytes went into the log since it was last written back.
    logged: usize,
}

impl OutcomeWriter {
    pub fn start(database: Database, run: i64) -> Result<Self, StoreError> {
        // A process that is killed loses nothing by it, and nothing waits for the disk.
        database
            .connection
            .execute_batch("PRAGMA synchronous = NORMAL")
            .and_then(|()| database.connection.execute(GO_ON, [run]))
            .map_err(database.wrong())?;
        write_without_checkpoints(&database)?;
        let written_back = Arc::new(AtomicBool::new(false));
        let done = written_back.clone();
        let checkpoints = Checkpointer::start(database.path(), move || done.store(true, Ordering::Relaxed))
            .map_err(|error| StoreError::io(database.path(), &error))?;
        Ok(Self {
            database,
            run,
            checkpoints,
            written_back,
            logged: 0,
        })
    }

    fn keep_log_short(&mut self) {
        self.logged += PAGES * PAGE;
        if self.written_back.swap(false, Ordering::Relaxed) {
            // What is in the log stays there without it.
            let _ = checkpoint(&self.database);
        }
        if self.logged > CHECKPOINT && self.checkpoints.ask() {
            self.logged = 0;
        }
    }

    fn insert(&mut self, group: &[Ended]) -> rusqlite::Result<()> {
        let transaction = self
            .database
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (several, rest) = group.as_chunks::<ROWS>();
        for rows in several {
            insert(&transaction, &INSERT_OUTCOMES, self.run, rows)?;
        }
        for row in rest {
            insert(&transaction, &INSERT_OUTCOME, self.run, slice::from_ref(row))?;
        }
        transaction.commit()
    }
}

impl WriteOutcomes for OutcomeWriter {
    fn write(&mut self, group: &[Ended]) -> Result<(), StoreError> {
        self.insert(group).map_err(self.database.wrong())?;
        self.keep_log_short();
        Ok(())
    }

    /// With this commit everything before it reaches the disk; the file is whole without.
    fn end(&mut self, finished: bool) -> Result<(), StoreError> {
        let connection = &self.database.connection;
        connection
            .execute_batch("PRAGMA synchronous = FULL")
            .and_then(|()| connection.execute(END, params![self.run, finished]))
            .map(drop)
            .map_err(self.database.wrong())
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
        bind(&ended.holds.then_some(true))?;
    }
    insert.raw_execute().map(drop)
}
