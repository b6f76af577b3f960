//! Adding captures and what comes of their deliveries.

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, params};

use super::identity::{IdentityQueries, Recent};
use super::row::microseconds;
use crate::capture::{BodyHeld, Capture, Delivered, Outcome, Recorded};
use crate::store::Kept;
use crate::store::word::word;

const INSERT: &str = "INSERT INTO capture (received_at, peer, method, target, http_1_0, provider, dialect, event_type, \
    identity, reason, signature, signed_at, matched_secret, detail, duplicate_of, answer, headers, body, caveat, body_held, id) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
const INSERT_DELIVERY: &str = "INSERT INTO delivery (capture, kind, target, at, finished, status, duration, failure, \
    server, answer_headers, answer_body, answer_truncated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const FINISH: &str = "UPDATE delivery SET finished = 1, status = ?2, duration = ?3, failure = ?4, server = ?5, \
    answer_headers = ?6, answer_body = ?7, answer_truncated = ?8 WHERE id = ?1";
const ANSWER: &str = "UPDATE capture SET answer = ?2 WHERE id = ?1";

/// Adds requests in a transaction, for all of which it is prepared once.
pub struct Insertion<'c> {
    connection: &'c Connection,
    insert: CachedStatement<'c>,
    queries: IdentityQueries<'c>,
}

impl<'c> Insertion<'c> {
    pub fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            insert: connection.prepare_cached(INSERT)?,
            queries: IdentityQueries::prepare(connection)?,
        })
    }

    /// Adds a request; looks for the first of the same event.
    pub fn add(&mut self, recent: &mut Recent, recorded: &Recorded) -> rusqlite::Result<Kept> {
        let judgement = recorded.judgement.as_ref();
        let identity = judgement.and_then(|judgement| judgement.identity);
        let duplicate_of: Option<i64> = match identity {
            Some(identity) => recent.first(&mut self.queries, identity)?,
            None => None,
        };
        let id = self.insert(recorded, None, duplicate_of)?;
        recent.add(identity, id);
        Ok(Kept {
            id,
            duplicate_of,
            deliveries: deliveries(self.connection, id, &recorded.deliveries)?,
            part: 0,
        })
    }

    /// Adds a capture with the number that it has.
    pub fn put(&mut self, recent: &mut Recent, capture: &Capture) -> rusqlite::Result<()> {
        let recorded = &capture.recorded;
        self.insert(recorded, Some(capture.id), capture.duplicate_of)?;
        let judgement = recorded.judgement.as_ref();
        recent.add(judgement.and_then(|judgement| judgement.identity), capture.id);
        deliveries(self.connection, capture.id, &recorded.deliveries).map(drop)
    }

    fn insert(&mut self, recorded: &Recorded, id: Option<i64>, duplicate_of: Option<i64>) -> rusqlite::Result<i64> {
        let judgement = recorded.judgement.as_ref();
        let identity = judgement.and_then(|judgement| judgement.identity);
        let message = &recorded.message;
        self.insert.execute(params![
            recorded.received_at.unwrap_or_else(Timestamp::now).as_microsecond(),
            recorded.peer,
            message.method,
            message.url.as_deref().unwrap_or("/"),
            recorded.http_1_0,
            judgement.and_then(|judgement| judgement.provider.as_deref()),
            judgement.and_then(|judgement| judgement.dialect.as_deref()),
            judgement.and_then(|judgement| judgement.event_type.as_deref()),
            identity,
            judgement.map(|judgement| word(judgement.reason)),
            judgement.map(|judgement| word(judgement.signature)),
            judgement
                .and_then(|judgement| judgement.signed_at)
                .map(Timestamp::as_microsecond),
            judgement.and_then(|judgement| judgement.matched_secret.as_deref()),
            judgement.and_then(|judgement| judgement.detail.as_deref()),
            duplicate_of,
            recorded.answer,
            message.headers.packed(),
            message.body.as_ref(),
            judgement.and_then(|judgement| judgement.caveat).and_then(word),
            (recorded.body_held != BodyHeld::Exact)
                .then(|| word(recorded.body_held))
                .flatten(),
            id,
        ])?;
        Ok(self.connection.last_insert_rowid())
    }
}

/// Adds a capture's deliveries; gives their numbers.
fn deliveries(connection: &Connection, capture: i64, delivered: &[Delivered]) -> rusqlite::Result<Vec<i64>> {
    let mut deliveries = Vec::new();
    for delivered in delivered {
        let outcome = delivered.outcome.as_ref();
        let answer = outcome.and_then(|outcome| outcome.answer.as_deref());
        connection.prepare_cached(INSERT_DELIVERY)?.execute(params![
            capture,
            word(delivered.kind),
            delivered.target,
            delivered.at.as_microsecond(),
            outcome.is_some(),
            outcome.and_then(|outcome| outcome.status),
            outcome.map(|outcome| microseconds(outcome.duration)),
            outcome.and_then(|outcome| outcome.failure.as_deref()),
            outcome.and_then(|outcome| outcome.server.as_deref()),
            answer.map(|answer| answer.headers.packed()),
            answer.map(|answer| &answer.body),
            answer.map(|answer| answer.truncated),
        ])?;
        deliveries.push(connection.last_insert_rowid());
    }
    Ok(deliveries)
}

/// Records what came of a delivery.
pub fn finish(connection: &Connection, delivery: i64, outcome: &Outcome) -> rusqlite::Result<()> {
    let answer = outcome.answer.as_deref();
    connection.prepare_cached(FINISH)?.execute(params![
        delivery,
        outcome.status,
        microseconds(outcome.duration),
        outcome.failure,
        outcome.server,
        answer.map(|answer| answer.headers.packed()),
        answer.map(|answer| &answer.body),
        answer.map(|answer| answer.truncated),
    ])?;
    Ok(())
}

/// Records what a capture was answered with.
pub fn answered(connection: &Connection, capture: i64, status: u16) -> rusqlite::Result<()> {
    connection.prepare_cached(ANSWER)?.execute(params![capture, status])?;
    Ok(())
}
