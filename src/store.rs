//! The store: one SQLite file that several processes may use at once.
//!
//! It is in WAL mode and every commit is synced. Writers hold it for one short transaction; readers read a page or one
//! capture at a time and pin nothing between.

mod error;
mod filter;
mod identity;
mod insert;
mod numbers;
mod place;
mod row;
mod run;
mod schema;
mod selection;
mod summary;
mod writer;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::capture::{Capture, Recorded};
use crate::private::{self, Exposure};

pub use error::StoreError;
pub use filter::{Filter, FilterError};
use identity::Recent;
use insert::Insertion;
pub use insert::Kept;
pub use numbers::Numbers;
use place::Place;
pub use run::{Claim, Ended, NewRun, Run, RunWriter, Slot};
pub use selection::{Marks, Pattern, Selection, SelectionError};
pub use summary::Summary;
pub use writer::{Change, Renewed, Writer, WriterHandle};

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
pub struct Store {
    path: PathBuf,
    place: Place,
    connection: Connection,
    /// `None` before the first transaction that adds captures, and after one that failed.
    recent: Option<Recent>,
    exposures: Vec<Exposure>,
}

impl Store {
    /// Opens the store at `path`; makes it, with its folder, where it is not there. The folder that is made is 0700, the
    /// file 0600; a file of this user's that is open to others is closed to them.
    ///
    /// # Errors
    /// [`StoreError`], for a file of a later version too.
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

    /// What of it was found open to others when it was opened.
    pub fn exposures(&self) -> &[Exposure] {
        &self.exposures
    }

    /// Whether the file was there and empty: what it held before, if anything, is gone.
    pub fn was_empty(&self) -> bool {
        self.place.was_empty()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn wrong(&self) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |error| StoreError::new(&path, &error)
    }

    /// The capture of that number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn get(&self, id: i64) -> Result<Option<Capture>, StoreError> {
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

    /// The request of that number, without its deliveries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn recorded(&self, id: i64) -> Result<Option<Recorded>, StoreError> {
        let read = || -> rusqlite::Result<Option<Recorded>> {
            let mut statement = self.connection.prepare_cached(row::SELECT)?;
            statement.query_row([id], row::recorded).optional()
        };
        read().map_err(self.wrong())
    }

    /// The selected requests by number, up to the capture `last`: what is needed of them to go out again.
    pub fn requests<'a>(&'a self, selection: &'a Selection, last: i64) -> Requests<'a> {
        let numbers = selection.numbers();
        Requests {
            store: self,
            selection,
            low: *numbers.start(),
            high: last.min(*numbers.end()),
            page: VecDeque::new(),
            ended: numbers.is_empty(),
        }
    }

    /// How many captures there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT count(*) FROM capture", [], |row| row.get(0))
            .map(i64::unsigned_abs)
            .map_err(self.wrong())
    }

    /// The newest capture's number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last(&self) -> Result<Option<i64>, StoreError> {
        self.connection
            .query_row("SELECT max(id) FROM capture", [], |row| row.get(0))
            .map_err(self.wrong())
    }

    /// The number of every capture.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn numbers(&self) -> Result<Numbers, StoreError> {
        self.numbers_in(0, i64::MAX)
    }

    /// The numbers of the captures from `first` to `last`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn numbers_in(&self, first: i64, last: i64) -> Result<Numbers, StoreError> {
        let read = || -> rusqlite::Result<Numbers> {
            let mut statement = self
                .connection
                .prepare_cached("SELECT id FROM capture WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
            let mut rows = statement.query([first, last])?;
            let mut numbers = Numbers::default();
            while let Some(row) = rows.next()? {
                numbers.push(row.get(0)?);
            }
            Ok(numbers)
        };
        read().map_err(self.wrong())
    }

    /// The number that the next capture gets.
    fn next(&self) -> Result<i64, StoreError> {
        self.connection
            .query_row(
                "SELECT max(seq) FROM sqlite_sequence WHERE name = 'capture'",
                [],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|last| last.unwrap_or(0).saturating_add(1))
            .map_err(self.wrong())
    }

    /// The selected captures by number, the newest first where `backward`.
    pub fn list<'a>(&'a self, selection: &'a Selection, backward: bool) -> List<'a> {
        let numbers = selection.numbers();
        List {
            store: self,
            selection,
            backward,
            low: *numbers.start(),
            high: *numbers.end(),
            page: VecDeque::new(),
            ended: numbers.is_empty(),
        }
    }

    /// Adds requests in one transaction; gives their numbers.
    ///
    /// # Errors
    /// [`StoreError`]; then none is added.
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

    /// One transaction that may add captures.
    fn write<T>(
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
    fn leave_log(self) {
        let _ = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Looks for damage in every page.
    fn look_through(&self) -> Result<(), StoreError> {
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
    ///
    /// # Errors
    /// [`StoreError`]; earlier batches stay removed.
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

/// The selected captures, a page at a time.
#[derive(Debug)]
pub struct List<'a> {
    store: &'a Store,
    selection: &'a Selection,
    backward: bool,
    low: i64,
    high: i64,
    page: VecDeque<Summary>,
    ended: bool,
}

impl List<'_> {
    fn read_page(&mut self) -> rusqlite::Result<()> {
        let query = if self.backward { row::LIST_BACKWARD } else { row::LIST };
        let mut statement = self.store.connection.prepare_cached(query)?;
        let rows = statement.query_map(params![self.low, self.high, PAGE as i64], row::summary)?;
        self.page = rows.collect::<Result<_, _>>()?;
        match self.page.back() {
            Some(last) if self.backward => self.high = last.id - 1,
            Some(last) => self.low = last.id + 1,
            None => {}
        }
        self.ended = self.page.len() < PAGE;
        Ok(())
    }
}

impl Iterator for List<'_> {
    type Item = Result<Summary, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(summary) = self.page.pop_front() {
                if self.selection.matches(&Marks::from(&summary)) {
                    return Some(Ok(summary));
                }
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.read_page() {
                self.ended = true;
                return Some(Err(StoreError::new(&self.store.path, &error)));
            }
        }
    }
}

/// The selected requests, a page at a time.
#[derive(Debug)]
pub struct Requests<'a> {
    store: &'a Store,
    selection: &'a Selection,
    low: i64,
    high: i64,
    page: VecDeque<(i64, Recorded)>,
    ended: bool,
}

impl Requests<'_> {
    /// Reads up to so many captures and so many bytes of bodies, or one that is longer.
    fn read_page(&mut self) -> rusqlite::Result<()> {
        let mut statement = self.store.connection.prepare_cached(row::REQUESTS)?;
        let mut rows = statement.query(params![self.low, self.high])?;
        let (mut looked_at, mut bytes) = (0, 0);
        while looked_at < PAGE && bytes < PAGE_BYTES {
            let Some(row) = rows.next()? else {
                self.ended = true;
                return Ok(());
            };
            let id = row.get(0)?;
            self.low = id + 1;
            looked_at += 1;
            if let Some(recorded) = row::selected(row, id, self.selection)? {
                bytes += recorded.message.body.len();
                self.page.push_back((id, recorded));
            }
        }
        Ok(())
    }
}

impl Iterator for Requests<'_> {
    type Item = Result<(i64, Recorded), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.page.pop_front() {
                return Some(Ok(found));
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.read_page() {
                self.ended = true;
                return Some(Err(StoreError::new(&self.store.path, &error)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::message::Message;

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

    fn folder() -> PathBuf {
        std::env::temp_dir().join(format!("ckwh-store-{}-{}", std::process::id(), fastrand::u64(..)))
    }

    #[test]
    fn what_is_added_is_read_back_and_pages_follow_each_other() {
        let folder = folder();
        let mut store = Store::open(&folder.join("a").join("captures.db")).unwrap();
        let many: Vec<_> = (0..PAGE + 50).map(|n| request(&n.to_string())).collect();
        let ids = store.add(&many).unwrap();
        let capture = store.get(ids[7]).unwrap().unwrap();
        assert_eq!(*capture.recorded, many[7]);
        let all = Selection::default();
        let forward: Vec<i64> = store.list(&all, false).map(|one| one.unwrap().id).collect();
        assert_eq!(forward, ids);
        let mut backward: Vec<i64> = store.list(&all, true).map(|one| one.unwrap().id).collect();
        backward.reverse();
        assert_eq!(backward, ids);
        assert_eq!(store.remove(&ids[..BATCH + 5]).unwrap(), BATCH + 5);
        assert_eq!(store.list(&all, false).count(), many.len() - BATCH - 5);
        assert_eq!(store.get(ids[0]).unwrap(), None);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let folder = folder();
        let mut store = Store::open(&folder.join("captures.db")).unwrap();
        let ids = store.add(&[request("a")]).unwrap();
        store.remove(&ids).unwrap();
        assert_eq!(store.add(&[request("b")]).unwrap(), [ids[0] + 1]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = folder();
        let path = folder.join("captures.db");
        let mut store = Store::open(&path).unwrap();
        store.add(&[request("a")]).unwrap();
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
        let error = Store::open(&path).unwrap_err().to_string();
        assert!(error.contains("no store") && error.contains("--store"), "{error}");
        let path = folder.join("later.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("PRAGMA user_version = 99; CREATE TABLE a(b)")
            .unwrap();
        assert!(Store::open(&path).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
