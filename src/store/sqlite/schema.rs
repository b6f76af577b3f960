//! The schema and its versions.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::store::StoreError;

/// Marks the file as ours: `ckwh` in ASCII.
const APPLICATION: i32 = 0x636b_7768;

/// A page of a new file, in bytes: twice SQLite's own, since a request takes a good part of one, and each page that is
/// written or read is a call of the system.
pub const PAGE: usize = 8192;

/// `PRAGMA auto_vacuum`, as it is read.
const INCREMENTAL: i64 = 2;

/// Each step leads from the version that is its index to the next.
const MIGRATIONS: [&str; 10] = [
    "
    CREATE TABLE capture (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,     -- microseconds since 1970
        peer TEXT,
        method TEXT NOT NULL,
        target TEXT NOT NULL,
        http_1_0 INTEGER NOT NULL,
        provider TEXT,
        dialect TEXT,
        event_type TEXT,
        identity BLOB,                    -- what deliveries of the same event share, as a digest
        reason TEXT,
        signature TEXT,
        signed_at INTEGER,                -- microseconds since 1970
        matched_secret TEXT,              -- where it came from
        detail TEXT,
        duplicate_of INTEGER,
        answer INTEGER,                   -- the status it was answered with
        headers BLOB NOT NULL,            -- for each field: length of the name (u32 LE), name, length of the value, value
        body BLOB NOT NULL
    );
    CREATE INDEX capture_identity ON capture (identity, id) WHERE identity IS NOT NULL;
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        capture INTEGER NOT NULL,
        kind TEXT NOT NULL,               -- forward, replay
        target TEXT NOT NULL,
        at INTEGER NOT NULL,              -- microseconds since 1970
        finished INTEGER NOT NULL,        -- 0: what came of it is unknown
        status INTEGER,
        duration INTEGER,                 -- microseconds
        failure TEXT
    );
    CREATE INDEX delivery_capture ON delivery (capture, id);
    ",
    "
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started_at INTEGER NOT NULL,      -- microseconds since 1970
        target TEXT NOT NULL,
        plan TEXT NOT NULL,               -- selection and options, JSON
        digest BLOB,                      -- SHA-256 of the file that the requests came from
        last_capture INTEGER NOT NULL,    -- the newest when it began
        last_delivery INTEGER NOT NULL,   -- the newest when it began
        finished INTEGER NOT NULL         -- 1: every request had its turn
    );
    ALTER TABLE delivery ADD COLUMN run INTEGER;
    ALTER TABLE delivery ADD COLUMN record INTEGER;   -- the capture, or the request's number in the run's file (and no capture)
    ALTER TABLE delivery ADD COLUMN turn INTEGER;     -- from 0 on, where each request goes out several times
    ALTER TABLE delivery ADD COLUMN attempts INTEGER;
    CREATE INDEX delivery_run ON delivery (run, record, turn) WHERE run IS NOT NULL;
    ",
    "
    ALTER TABLE delivery ADD COLUMN server TEXT;      -- what the answer's X-Powered-By and Server say
    ",
    "
    DROP INDEX capture_identity;
    CREATE TABLE identity (
        identity BLOB NOT NULL,
        capture INTEGER NOT NULL,
        PRIMARY KEY (identity, capture)
    ) WITHOUT ROWID;
    INSERT INTO identity SELECT identity, id FROM capture WHERE identity IS NOT NULL ORDER BY identity, id;
    CREATE TABLE indexed (
        through INTEGER NOT NULL          -- the table `identity` has every capture up to this one; others may follow
    );
    INSERT INTO indexed SELECT coalesce(max(id), 0) FROM capture;
    CREATE TRIGGER capture_removed AFTER DELETE ON capture WHEN old.identity IS NOT NULL BEGIN
        DELETE FROM identity WHERE identity = old.identity AND capture = old.id;
    END;
    ",
    "
    DROP INDEX delivery_run;          -- a capture's first turn is found by its number
    CREATE INDEX delivery_record ON delivery (run, record) WHERE capture = 0;
    CREATE INDEX delivery_turn ON delivery (run, record, turn) WHERE turn <> 0;
    ",
    "
    ALTER TABLE capture ADD COLUMN caveat TEXT;       -- what the verdict rests on that the user does not trust
    ALTER TABLE run ADD COLUMN planned TEXT;          -- the captures that it is to deliver: 1..3 7
    ",
    "
    ALTER TABLE delivery ADD COLUMN answer_headers BLOB;      -- as those of a capture; NULL where no answer was kept
    ALTER TABLE delivery ADD COLUMN answer_body BLOB;         -- its beginning
    ALTER TABLE delivery ADD COLUMN answer_truncated INTEGER; -- 1: there was more of it
    ",
    "
    ALTER TABLE capture ADD COLUMN body_held TEXT;    -- rewritten or missing, where the body is not the one that came
    ",
    "
    ALTER TABLE run ADD COLUMN ended_at_delivery INTEGER;     -- the newest when it ended; NULL while it goes on, or was killed
    ",
    "
    ALTER TABLE delivery ADD COLUMN holds INTEGER;    -- 1: it failed, and the rest of its key waits for it
    ",
];

/// The version that this program makes.
pub const NEWEST: u32 = MIGRATIONS.len() as u32;

/// The version of the file at `path`, which is left as it is.
pub fn version(path: &Path) -> Result<u32, StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::new(path, &error);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(wrong)?;
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    version.map_err(wrong)
}

/// Sets the connection up and brings the file to the newest version.
pub fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::new(path, &error);
    let refused = |problem: String| StoreError::refused(path, problem);
    // Where there is a table already this would only write, and wait for the disk.
    let vacuum: i64 = connection
        .query_row("PRAGMA auto_vacuum", [], |row| row.get(0))
        .map_err(wrong)?;
    if vacuum != INCREMENTAL {
        let layout = format!("PRAGMA page_size = {PAGE}; PRAGMA auto_vacuum = INCREMENTAL");
        connection.execute_batch(&layout).map_err(wrong)?;
    }
    // Else a statement is prepared anew whenever a value is bound to it that its plan might depend on.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(wrong)?;
    // A process opens several: each holds half as much of the file as SQLite would.
    connection
        .execute_batch(
            "PRAGMA cache_size = -1024;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA secure_delete = FAST;
             PRAGMA cell_size_check = ON;
             PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(wrong)?;
    let version: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(wrong)?;
    let application: i32 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(wrong)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(wrong)?;
    if application != APPLICATION && tables > 0 {
        return Err(refused(
            "it is a database of another program; name another with --store".into(),
        ));
    }
    match usize::try_from(version) {
        Ok(version) if version < MIGRATIONS.len() => migrate(connection).map_err(wrong),
        Ok(version) if version == MIGRATIONS.len() => Ok(()),
        Ok(_) => Err(refused(format!(
            "a later ckwh made it (version {version}, this one knows {}); update ckwh, or name another with --store",
            MIGRATIONS.len()
        ))),
        Err(_) => Err(refused(format!(
            "no ckwh made it so (version {version}); move it away, or name another with --store"
        ))),
    }
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Another process may have been first.
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let made = usize::try_from(version).unwrap_or(usize::MAX);
    for (from, step) in MIGRATIONS.iter().enumerate().skip(made) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", from as i64 + 1)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()
}
