//! Writes the log back into the file.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::Database;
use crate::store::StoreError;

/// After about so many bytes the log is written back into the file.
pub const CHECKPOINT: usize = 1024 * 1024;

pub fn write_without_checkpoints(database: &Database) -> Result<(), StoreError> {
    database
        .connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0")
        .map_err(database.wrong())
}

pub fn checkpoint(database: &Database) -> rusqlite::Result<()> {
    database
        .connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// Writes the log back into the file it belongs to, wherever both are by now; says whether all of it is there.
pub fn write_back(database: &Database) -> rusqlite::Result<bool> {
    database
        .connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        .map(|busy| busy == 0)
}

/// A thread that writes the log back into the file, beside those who wait for the writer, and says when it did: what it
/// leaves is short work for the writer, after which the log begins anew.
#[derive(Debug)]
pub struct Checkpointer {
    wanted: mpsc::SyncSender<()>,
    database: Arc<Mutex<Option<Database>>>,
}

impl Checkpointer {
    pub fn start(path: &Path, done: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (sender, wanted) = mpsc::sync_channel(1);
        let path = path.to_owned();
        let database = Arc::new(Mutex::new(None));
        let held = database.clone();
        let work = move || {
            while wanted.recv().is_ok() {
                let mut held = lock(&held);
                if held.is_none() {
                    *held = Database::open(&path).ok();
                }
                // A failure is met by the writer too, who tells it.
                if held.as_ref().is_some_and(|database| checkpoint(database).is_ok()) {
                    done();
                }
            }
        };
        std::thread::Builder::new().name("checkpoint".into()).spawn(work)?;
        Ok(Self {
            wanted: sender,
            database,
        })
    }

    /// Has the log written back soon; `false` where that was asked for already.
    pub fn ask(&self) -> bool {
        self.wanted.try_send(()).is_ok()
    }

    /// Has it open the store anew for the next time, and leave the log as it is where that is wanted.
    pub fn let_go(&self, keep_log: bool) {
        if let Some(database) = lock(&self.database).take().filter(|_| keep_log) {
            database.leave_log();
        }
    }
}

fn lock(database: &Mutex<Option<Database>>) -> MutexGuard<'_, Option<Database>> {
    database.lock().unwrap_or_else(PoisonError::into_inner)
}
