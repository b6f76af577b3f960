//! The schema and its versions.

use std::sync::Arc;

use tokio_postgres::error::SqlState;

use super::Server;
use super::error::{refused, told};
use super::session::Session;
use crate::store::{Standing, StoreError};

/// Marks a schema as ours.
const APPLICATION: &str = "ckwh";

/// Each step leads from the version that is its index to the next.
const MIGRATIONS: [&str; 2] = [
    "
    CREATE TABLE store (
        application text NOT NULL,
        version integer NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE SEQUENCE capture_number;
    CREATE SEQUENCE delivery_number;
    CREATE TABLE capture (
        id bigint NOT NULL,
        day date NOT NULL,                -- it arrived on, in UTC; 0001-01-01 for what is far from now
        received_at timestamptz NOT NULL,
        peer text,
        method text NOT NULL,
        target text NOT NULL,
        http_1_0 boolean NOT NULL,
        provider text,
        dialect text,
        event_type text,
        identity bytea,                   -- what deliveries of the same event share, as a digest
        reason text,
        signature text,
        signed_at timestamptz,
        matched_secret text,              -- where it came from
        detail text,
        duplicate_of bigint,
        answer integer,                   -- the status it was answered with
        headers bytea NOT NULL,           -- for each field: length of the name (u32 LE), name, length of the value, value
        body bytea NOT NULL,
        caveat text,                      -- what the verdict rests on that the user does not trust
        body_held text,                   -- rewritten or missing, where the body is not the one that came
        PRIMARY KEY (id, day)
    ) PARTITION BY RANGE (day);
    CREATE INDEX capture_repeated ON capture (identity) WHERE duplicate_of IS NOT NULL;
    CREATE TABLE capture_rest PARTITION OF capture FOR VALUES FROM ('0001-01-01') TO ('0001-01-02');
    CREATE TABLE delivery (
        id bigint NOT NULL,
        day date NOT NULL,                -- that of its capture
        capture bigint NOT NULL,          -- 0: a request of a file, or one that was removed
        kind text NOT NULL,               -- forward, replay
        target text NOT NULL,
        at timestamptz NOT NULL,
        finished boolean NOT NULL,        -- false: what came of it is unknown
        status integer,
        duration bigint,                  -- microseconds
        failure text,
        server text,                      -- what the answer's X-Powered-By and Server say
        run bigint,
        record bigint,                    -- the capture, or the request's number in the run's file (and no capture)
        turn integer,                     -- from 0 on, where each request goes out several times
        attempts integer,
        answer_headers bytea,             -- as those of a capture; NULL where no answer was kept
        answer_body bytea,                -- its beginning
        answer_truncated boolean,
        PRIMARY KEY (id, day)
    ) PARTITION BY RANGE (day);
    CREATE INDEX delivery_capture ON delivery (capture, id) WHERE capture <> 0;
    CREATE INDEX delivery_run ON delivery (run) WHERE run IS NOT NULL;
    CREATE TABLE delivery_rest PARTITION OF delivery FOR VALUES FROM ('0001-01-01') TO ('0001-01-02');
    CREATE TABLE number (
        id bigint PRIMARY KEY,
        day date NOT NULL
    );
    CREATE TABLE identity (
        identity bytea PRIMARY KEY,
        capture bigint NOT NULL           -- the first of them that is kept
    );
    CREATE TABLE run (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        started_at timestamptz NOT NULL,
        target text NOT NULL,
        plan text NOT NULL,               -- selection and options, JSON
        digest bytea,                     -- SHA-256 of the file that the requests came from
        planned text,                     -- the captures that it is to deliver: 1..3 7
        last_capture bigint NOT NULL,     -- the newest when it began
        last_delivery bigint NOT NULL,    -- the newest when it began
        finished boolean NOT NULL,        -- every request had its turn
        next_start timestamptz            -- when the next request may begin, where the run has a rate
    );
    CREATE TABLE run_worker (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run bigint NOT NULL,
        lease_until timestamptz NOT NULL  -- -infinity: it is dead, and can't come back
    );
    CREATE INDEX run_worker_run ON run_worker (run);
    CREATE TABLE run_item (
        run bigint NOT NULL,
        turn integer NOT NULL,
        record bigint NOT NULL,           -- the capture
        provider text,
        state smallint NOT NULL DEFAULT 0,  -- 0 waits, 1 is claimed, 2 was answered, 3 got no answer, 4 could not go out
        worker bigint,                    -- who claimed it last
        claims integer NOT NULL DEFAULT 0,
        PRIMARY KEY (run, turn, record)
    );
    CREATE INDEX run_item_open ON run_item (run, turn, record) WHERE state IN (0, 1);
    ",
    "
    ALTER TABLE delivery ADD COLUMN holds boolean NOT NULL DEFAULT false;  -- it failed, and the rest of its key waits for it
    ALTER TABLE run_worker ADD COLUMN providers text[];  -- whose requests it can deliver; NULL: all
    ALTER TABLE run_item
        ADD COLUMN key bytea,             -- one at a time delivers those of a key, in their order; NULL where none is kept
        ADD COLUMN holds boolean NOT NULL DEFAULT false,
        ADD COLUMN lost integer NOT NULL DEFAULT 0,  -- how often it was taken from one whose lease ended
        DROP COLUMN claims;
    COMMENT ON COLUMN run_item.state IS '5 waits for an earlier one of its key, 6 was blocked: an earlier one of its key failed';
    CREATE INDEX run_item_key ON run_item (run, key, turn, record) WHERE key IS NOT NULL AND state IN (0, 1, 5);
    CREATE INDEX run_item_holds ON run_item (run, key) WHERE holds;
    CREATE INDEX run_item_lost ON run_item (run, turn, record) WHERE lost > 0;
    ",
];

const VERSION: &str = "SELECT application, version FROM store";
const OTHERS: &str =
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1";

/// Makes a store; says whether there was none.
pub async fn init(server: Arc<Server>) -> Result<bool, StoreError> {
    let server = server.as_ref();
    let mut session = Session::connect(server).await?;
    match standing(&session).await? {
        Standing::Empty => {
            let made = format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", server.schema);
            if session
                .row("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&server.schema])
                .await?
                .is_none()
            {
                session.batch(&made).await?;
            }
            step_up(&mut session, 0).await?;
            Ok(true)
        }
        Standing::Others => Err(of_another(server)),
        Standing::Store { .. } => check(&session).await.map(|()| false),
    }
}

/// Brings a store to this program's version; gives the version it had.
pub async fn migrate(server: Arc<Server>) -> Result<u32, StoreError> {
    let server = server.as_ref();
    let mut session = Session::connect(server).await?;
    match standing(&session).await? {
        Standing::Empty => Err(missing(server)),
        Standing::Others => Err(of_another(server)),
        Standing::Store { version, newest } if version > newest => Err(of_later(server, version, newest)),
        Standing::Store { version, .. } => {
            step_up(&mut session, version).await?;
            Ok(version)
        }
    }
}

/// What stands in the schema.
pub async fn status(server: Arc<Server>) -> Result<Standing, StoreError> {
    standing(&Session::connect(&server).await?).await
}

/// Refuses what is no store of this version.
pub async fn check(session: &Session) -> Result<(), StoreError> {
    let server = &session.server;
    match standing(session).await? {
        Standing::Store { version, newest } if version == newest => Ok(()),
        Standing::Store { version, newest } if version > newest => Err(of_later(server, version, newest)),
        Standing::Store { version, newest } => Err(refused(
            server,
            format!(
                "an earlier ckwh made it (version {version}, this one needs {newest}); bring it up with `ckwh store migrate`"
            ),
        )),
        Standing::Others => Err(of_another(server)),
        Standing::Empty => Err(missing(server)),
    }
}

fn missing(server: &Server) -> StoreError {
    refused(server, "there is no store in it yet; make it with `ckwh store init`")
}

fn of_another(server: &Server) -> StoreError {
    refused(
        server,
        format!(
            "the schema {} belongs to something else; name another with --store-schema",
            server.schema
        ),
    )
}

fn of_later(server: &Server, version: u32, newest: u32) -> StoreError {
    refused(
        server,
        format!("a later ckwh made it (version {version}, this one knows {newest}); update ckwh"),
    )
}

async fn standing(session: &Session) -> Result<Standing, StoreError> {
    let wrong = |error: tokio_postgres::Error| told(&session.server, &error);
    // The type and the names are asked for, so that a table `store` of others is none of ours.
    let rows = match session.client.query(VERSION, &[]).await {
        Ok(rows) => rows,
        Err(error) if is_missing(&error) => {
            let row = session
                .client
                .query_one(OTHERS, &[&session.server.schema])
                .await
                .map_err(wrong)?;
            return Ok(match row.get::<_, i64>(0) {
                0 => Standing::Empty,
                _ => Standing::Others,
            });
        }
        Err(error) => return Err(wrong(error)),
    };
    let row = rows.first().and_then(|row| {
        let application: String = row.try_get(0).ok()?;
        let version: i32 = row.try_get(1).ok()?;
        (application == APPLICATION)
            .then(|| u32::try_from(version).ok())
            .flatten()
    });
    Ok(match row {
        Some(version) => Standing::Store {
            version,
            newest: newest(),
        },
        None => Standing::Others,
    })
}

fn is_missing(error: &tokio_postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::UNDEFINED_TABLE | &SqlState::UNDEFINED_COLUMN | &SqlState::INVALID_SCHEMA_NAME)
    )
}

fn newest() -> u32 {
    MIGRATIONS.len() as u32
}

/// Takes the steps from a version on, each in a transaction of its own: another process may take them too.
async fn step_up(session: &mut Session, from: u32) -> Result<(), StoreError> {
    session.check_writable()?;
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(from as usize) {
        let taken = session
            .whole(async |session| {
                if step == 0 {
                    session.batch(sql).await?;
                    let made = "INSERT INTO store (application, version) VALUES ('ckwh', 1)";
                    return session.batch(made).await;
                }
                session.batch("LOCK TABLE store IN ACCESS EXCLUSIVE MODE").await?;
                let row = session.row(VERSION, &[]).await?;
                if row.is_some_and(|row| row.get::<_, i32>(1) == step as i32) {
                    session.batch(sql).await?;
                    session
                        .change("UPDATE store SET version = $1", &[&(step as i32 + 1)])
                        .await?;
                }
                Ok(())
            })
            .await;
        // Who made it meanwhile made the same.
        if let Err(error) = taken
            && !matches!(standing(session).await, Ok(Standing::Store { version, .. }) if version as usize > step)
        {
            return Err(error);
        }
    }
    Ok(())
}
