//! An open SQLite store.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::identity::Recent;
use super::insert::Insertion;
use super::place::Place;
use super::{row, schema};
use crate::capture::{Capture, Recorded};
use crate::private::{self, Exposure};
use crate::store::{Numbers, Order, Page, Selection, StoreError, Summary};

/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(3);
/// How many captures are read at once when many are listed.
const PAGE: usize = 200;
/// How many bytes of bodies are read at once, but for the last.
const PAGE_BYTES: usize = 256 * 1024;
/// How many captures are removed in one transaction.
const BATCH: usize = 200;

/// An open store.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    pub place: Place,
    pub connection: Connection,
    /// `None` before the first transaction that adds captures, and after one that failed.
    recent: Option<Recent>,
    exposures: Vec<Exposure>,
}

impl Database {
    /// Opens the store at `path`; makes it, with its folder, where it is not there. The folder that is made is 0700, the
    /// file 0600; a file of this user's that is open to others is closed to them.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let place = Place::make(path).map_err(|error| StoreError::io(path, &error))?;
        let wrong = |error: rusqlite::Error| StoreError::new(path, &error);
        let mut exposures: Vec<Exposure> = private::close(place.file()).into_iter().collect();
        // Neither made by SQLite, which would let others read it, nor taken for a URI or for `:memory:`, which keep
        // nothing.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(place.file(), flags).map_err(wrong)?;
        connection.busy_timeout(BUSY).map_err(wrong)?;
        schema::prepare(&mut connection, path)?;
        exposures.extend(place.beside().filter_map(|beside| private::close(&beside)));
        exposures.extend(place.file().parent().and_then(private::shared_folder));
        Ok(Self {
            path: path.to_owned(),
            place,
            connection,
            recent: None,
            exposures,
        })
    }

    /// What was not as it should be when it was opened, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.exposures.iter().map(ToString::to_string).collect();
        // What it held before, if anything, is gone.
        if self.place.was_empty() {
            let path = self.path.display();
            notes.push(format!("{path} was there and empty, so a new store was begun in it"));
        }
        notes
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says what an error of this store is.
    pub fn wrong(&self) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |error| StoreError::new(&path, &error)
    }

    /// The capture of that number.
    pub fn capture(&self, id: i64) -> Result<Option<Capture>, StoreError> {
        let read = || -> rusqlite::Result<Option<Capture>> {
            // One transaction, so that both parts are of the same moment.
            let transaction = self.connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(row::SELECT_DELIVERIES)?;
            let deliveries = statement.query_map([id], row::delivered)?.collect::<Result<_, _>>()?;
            let mut statement = transaction.prepare_cached(row::SELECT)?;
            statement
                .query_row([id], |row| row::capture(row, deliveries))
                .optional()
        };
        read().map_err(self.wrong())
    }

    /// The captures of those numbers that are there, in the order that they are named in.
    pub fn captures(&self, ids: &[i64]) -> Result<Vec<Capture>, StoreError> {
        ids.iter().filter_map(|id| self.capture(*id).transpose()).collect()
    }

    /// How many captures there are.
    pub fn count(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT count(*) FROM capture", [], |row| row.get(0))
            .map(i64::unsigned_abs)
            .map_err(self.wrong())
    }

    /// The newest capture's number.
    pub fn last(&self) -> Result<Option<i64>, StoreError> {
        self.connection
            .query_row("SELECT max(id) FROM capture", [], |row| row.get(0))
            .map_err(self.wrong())
    }

    /// The numbers of the captures in a range.
    pub fn numbers(&self, range: &RangeInclusive<i64>) -> Result<Numbers, StoreError> {
        let read = || -> rusqlite::Result<Numbers> {
            let mut statement = self
                .connection
                .prepare_cached("SELECT id FROM capture WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
            let mut rows = statement.query([range.start(), range.end()])?;
            let mut numbers = Numbers::default();
            while let Some(row) = rows.next()? {
                numbers.push(row.get(0)?);
            }
            Ok(numbers)
        };
        read().map_err(self.wrong())
    }

    /// The number that the next capture gets.
    pub fn next(&self) -> Result<i64, StoreError> {
        self.connection
            .query_row(
                "SELECT max(seq) FROM sqlite_sequence WHERE name = 'capture'",
                [],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|last| last.unwrap_or(0).saturating_add(1))
            .map_err(self.wrong())
    }

    /// A page of the selected captures.
    pub fn summaries(
        &self,
        selection: &Selection,
        range: RangeInclusive<i64>,
        order: Order,
    ) -> Result<Page<Summary>, StoreError> {
        let (low, high) = range.into_inner();
        let query = match order {
            Order::OldestFirst => row::LIST,
            Order::NewestFirst => row::LIST_BACKWARD,
        };
        let read = || -> rusqlite::Result<Page<Summary>> {
            let mut statement = self.connection.prepare_cached(query)?;
            let rows = statement.query_map(params![low, high, PAGE as i64], row::summary)?;
            let mut found: Vec<Summary> = rows.collect::<Result<_, _>>()?;
            let rest = match (found.last(), order) {
                _ if found.len() < PAGE => None,
                (None, _) => None,
                (Some(last), Order::OldestFirst) => Some(last.id + 1..=high),
                (Some(last), Order::NewestFirst) => Some(low..=last.id - 1),
            };
            found.retain(|summary| selection.matches(&summary.facts()));
            Ok(Page { found, rest })
        };
        read().map_err(self.wrong())
    }

    /// A page of the selected requests: up to so many captures and so many bytes of bodies, or one that is longer.
    pub fn requests(
        &self,
        selection: &Selection,
        range: RangeInclusive<i64>,
    ) -> Result<Page<(i64, Recorded)>, StoreError> {
        let (mut low, high) = range.into_inner();
        let mut read = || -> rusqlite::Result<Page<(i64, Recorded)>> {
            let mut statement = self.connection.prepare_cached(row::REQUESTS)?;
            let mut rows = statement.query(params![low, high])?;
            let mut found = Vec::new();
            let (mut looked_at, mut bytes) = (0, 0);
            while looked_at < PAGE && bytes < PAGE_BYTES {
                let Some(row) = rows.next()? else {
                    return Ok(Page { found, rest: None });
                };
                let id = row.get(0)?;
                low = id + 1;
                looked_at += 1;
                if let Some(recorded) = row::selected(row, id, selection)? {
                    bytes += recorded.message.body.len();
                    found.push((id, recorded));
                }
            }
            let rest = Some(low..=high);
            Ok(Page { found, rest })
        };
        read().map_err(self.wrong())
    }

    /// Adds requests in one transaction; gives their numbers.
    pub fn add(&mut self, recorded: &[Recorded]) -> Result<Vec<i64>, StoreError> {
        let added = self.write(|transaction, recent| {
            let mut insertion = Insertion::prepare(transaction)?;
            let mut ids = Vec::with_capacity(recorded.len());
            for one in recorded {
                ids.push(insertion.add(recent, one)?.id);
            }
            recent.settle_all(transaction)?;
            Ok(ids)
        });
        added.map_err(self.wrong())
    }

    /// Adds captures with the numbers that they have, in one transaction.
    pub fn put(&mut self, captures: &[Capture]) -> Result<(), StoreError> {
        let put = self.write(|transaction, recent| {
            let mut insertion = Insertion::prepare(transaction)?;
            for capture in captures {
                insertion.put(recent, capture)?;
            }
            recent.settle_all(transaction)
        });
        // The next are read in the order of their numbers, which these may not be in.
        self.recent = None;
        put.map_err(self.wrong())
    }

    /// Removes what arrived before a time; gives how many there were.
    pub fn remove_before(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        let read = || -> rusqlite::Result<Vec<i64>> {
            // A time that is no number is an error, where SQLite would take it for a late one.
            let mut statement = self.connection.prepare(
                "SELECT id, received_at FROM capture WHERE received_at < ?1 OR typeof(received_at) <> 'integer'",
            )?;
            let rows = statement.query_map([before.as_microsecond()], |row| {
                let _: i64 = row.get(1)?;
                row.get(0)
            })?;
            rows.collect()
        };
        let ids = read().map_err(self.wrong())?;
        self.remove(&ids)
    }

    /// One transaction that may add captures.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Recent) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let recent = self.recent.take();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut recent = match recent {
            Some(mut recent) => {
                recent.catch_up(&transaction)?;
                recent
            }
            None => Recent::read(&transaction)?,
        };
        let done = work(&transaction, &mut recent)?;
        transaction.commit()?;
        self.recent = Some(recent);
        Ok(done)
    }

    /// Closes it without writing its log back into the file.
    pub fn leave_log(self) {
        let _ = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Looks for damage in every page.
    pub fn look_through(&self) -> Result<(), StoreError> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(self.wrong())?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(StoreError::damaged(&self.path)),
        }
    }

    /// Removes captures, in batches between which others get their turn; gives how many there were.
    pub fn remove(&mut self, ids: &[i64]) -> Result<usize, StoreError> {
        let wrong = self.wrong();
        // What is known of them is no more.
        self.recent = None;
        let mut removed = 0;
        for batch in ids.chunks(BATCH) {
            let mut write = || -> rusqlite::Result<usize> {
                let transaction = self
                    .connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut count = 0;
                {
                    // A run that goes on knows by them what was answered.
                    let mut kept = transaction.prepare_cached(
                        "UPDATE delivery SET capture = 0, target = '', \
                         answer_headers = NULL, answer_body = NULL, answer_truncated = NULL \
                         WHERE capture = ?1 AND run IN (SELECT id FROM run WHERE NOT finished)",
                    )?;
                    let mut deliveries = transaction.prepare_cached("DELETE FROM delivery WHERE capture = ?1")?;
                    let mut captures = transaction.prepare_cached("DELETE FROM capture WHERE id = ?1")?;
                    for id in batch {
                        kept.execute([id])?;
                        deliveries.execute([id])?;
                        count += captures.execute([id])?;
                    }
                }
                transaction.commit()?;
                // A step gives one page back to the system; what is left is given back by a later batch.
                let mut vacuum = self.connection.prepare_cached("PRAGMA incremental_vacuum(4096)")?;
                let mut steps = vacuum.query(params![])?;
                while steps.next()?.is_some() {}
                Ok(count)
            };
            removed += write().map_err(&wrong)?;
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::message::Message;

    fn folder() -> PathBuf {
        std::env::temp_dir().join(format!("ckwh-database-{}-{}", std::process::id(), fastrand::u64(..)))
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = folder();
        let path = folder.join("captures.db");
        let mut store = Database::open(&path).unwrap();
        store.add(&[Recorded::new(Message::new("a"))]).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(files.len(), 3, "the file, its log and the log's index");
        for file in files {
            assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{:?}", file.path());
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_is_no_store_says_so() {
        let folder = folder();
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("notes.txt");
        fs::write(&path, "these are notes, and longer than the header of a database, so that it is read at all: 0123456789012345678901234567890").unwrap();
        let error = Database::open(&path).unwrap_err().to_string();
        assert!(error.contains("no store") && error.contains("--store"), "{error}");
        let path = folder.join("later.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("PRAGMA user_version = 99; CREATE TABLE a(b)")
            .unwrap();
        assert!(Database::open(&path).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
