//! One connection, and what is asked of the server before it is used.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::error::{READ_ONLY, refused, told};
use super::tls::Maker;
use super::{Server, schema};
use crate::store::StoreError;

/// The oldest server, as `server_version_num` has it.
const OLDEST: i32 = 120_000;
/// How far a clock may be off before it is told.
const OFF: SignedDuration = SignedDuration::from_secs(2);

const FACTS: &str = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
    current_setting('transaction_read_only') = 'on', current_setting('synchronous_commit'), \
    coalesce(current_setting('fsync', true), 'on'), clock_timestamp()";

/// An open connection to a store.
pub struct Session {
    pub client: Client,
    pub server: Server,
    statements: HashMap<&'static str, Statement>,
    /// The days that have partitions.
    pub days: HashSet<Date>,
    /// How far the server's clock is ahead of this machine's.
    ahead: SignedDuration,
    facts: Facts,
}

/// What a server says of itself.
struct Facts {
    is_read_only: bool,
    synchronous_commit: String,
    fsync: String,
}

impl Session {
    /// Connects to a store that is there, of this version.
    pub async fn open(server: &Server) -> Result<Self, StoreError> {
        let session = Self::connect(server).await?;
        schema::check(&session).await?;
        Ok(session)
    }

    /// Connects, whatever is in the schema.
    pub async fn connect(server: &Server) -> Result<Self, StoreError> {
        let wrong = |error| told(server, &error);
        let maker = Maker::new(&server.tls).map_err(|problem| refused(server, problem))?;
        let (client, connection) = server.config.connect(maker).await.map_err(wrong)?;
        // It ends with the client.
        tokio::spawn(async move { drop(connection.await) });
        // To plan anew for each day that there is would cost more than any plan saves.
        let settings = format!(
            "SET search_path = \"{}\", pg_temp; SET TimeZone = 'UTC'; SET plan_cache_mode = force_generic_plan",
            server.schema
        );
        client.batch_execute(&settings).await.map_err(wrong)?;
        let before = Timestamp::now();
        let row = client.query_one(FACTS, &[]).await.map_err(wrong)?;
        let after = Timestamp::now();
        let middle = before + after.duration_since(before) / 2;
        let (version, encoding, at): (i32, String, Timestamp) = (row.get(0), row.get(1), row.get(5));
        if version < OLDEST {
            return Err(refused(
                server,
                format!("the server is PostgreSQL {}; 12 or later is needed", version / 10_000),
            ));
        }
        if encoding != "UTF8" {
            return Err(refused(
                server,
                format!(
                    "the database's encoding is {}; make one with ENCODING 'UTF8'",
                    encoding.escape_debug()
                ),
            ));
        }
        Ok(Self {
            client,
            server: server.clone(),
            statements: HashMap::new(),
            days: HashSet::new(),
            ahead: at.duration_since(middle),
            facts: Facts {
                is_read_only: row.get(2),
                synchronous_commit: row.get(3),
                fsync: row.get(4),
            },
        })
    }

    /// Whether it is of no use any more.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether the server takes writes now.
    pub async fn probe(&mut self) -> Result<(), StoreError> {
        const NOW: &str = "SELECT current_setting('transaction_read_only') = 'on'";
        let row = self.row(NOW, &[]).await?;
        self.facts.is_read_only = row.is_none_or(|row| row.get(0));
        self.check_writable()
    }

    /// Refuses a server that takes no writes.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        match self.facts.is_read_only {
            true => Err(refused(&self.server, READ_ONLY)),
            false => Ok(()),
        }
    }

    /// Refuses a server that takes no writes, or that answers before they are on its disk.
    pub fn check_durable(&self) -> Result<(), StoreError> {
        self.check_writable()?;
        let server = &self.server;
        let loses = [
            ("synchronous_commit", &self.facts.synchronous_commit),
            ("fsync", &self.facts.fsync),
        ];
        match loses.into_iter().find(|(_, value)| *value == "off") {
            Some((name, _)) if !server.may_lose => Err(refused(
                server,
                format!(
                    "{name} is off, so that what is answered 2xx may be lost in a crash of the server; turn it on for this user, or give --store-may-lose"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// What is not as it should be, in sentences.
    pub fn notes(&self) -> Vec<String> {
        if self.ahead.abs() <= OFF {
            return Vec::new();
        }
        let way = if self.ahead.is_negative() { "ahead of" } else { "behind" };
        vec![format!(
            "this machine's clock is {} s {way} that of {}; what arrives is kept with the server's time",
            self.ahead.abs().as_secs(),
            self.server
        )]
    }

    /// A time of this machine as the server's clock has it.
    pub fn servers(&self, at: Timestamp) -> Timestamp {
        if self.ahead.abs() <= OFF {
            return at;
        }
        at.checked_add(self.ahead).unwrap_or(at)
    }

    /// A statement, prepared once for this connection.
    pub async fn statement(&mut self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// The rows of a statement.
    pub async fn rows(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let rows = async {
            let statement = self.statement(sql).await?;
            self.client.query(&statement, values).await
        };
        rows.await.map_err(|error| told(&self.server, &error))
    }

    /// The only row of a statement, if any.
    pub async fn row(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub async fn change(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        let changed = async {
            let statement = self.statement(sql).await?;
            self.client.execute(&statement, values).await
        };
        changed.await.map_err(|error| told(&self.server, &error))
    }

    /// Statements without values.
    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        let done = self.client.batch_execute(sql).await;
        done.map_err(|error| told(&self.server, &error))
    }

    /// Statements in one transaction: all or none.
    pub async fn whole<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.batch("BEGIN").await?;
        let done = match work(self).await {
            Ok(done) => self.batch("COMMIT").await.map(|()| done),
            Err(error) => Err(error),
        };
        if done.is_err() {
            // Where the connection is lost, so is the transaction.
            let _ = self.batch("ROLLBACK").await;
        }
        done
    }
}
