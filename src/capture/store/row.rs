//! From rows to captures and back.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::identity::Recent;
use super::{Kept, Summary};
use crate::capture::{Capture, Delivered, DeliveryKind, Judgement, Outcome, Recorded};
use crate::message::{Headers, Message};
use crate::verify::{Reason, SignatureState};

macro_rules! summary_columns {
    () => {
        "SELECT id, received_at, method, target, provider, event_type, reason, signature, signed_at, duplicate_of, \
         length(body), answer, (SELECT finished AND coalesce(status BETWEEN 200 AND 299, 0) FROM delivery \
         WHERE capture = capture.id ORDER BY delivery.id DESC LIMIT 1) \
         FROM capture WHERE id BETWEEN ?1 AND ?2"
    };
}

pub const SELECT: &str = "SELECT id, received_at, peer, method, target, http_1_0, provider, dialect, event_type, identity, \
    reason, signature, signed_at, matched_secret, detail, duplicate_of, answer, headers, body FROM capture WHERE id = ?1";
pub const SELECT_DELIVERIES: &str = "SELECT id, kind, target, at, finished, status, duration, failure, server FROM delivery WHERE capture = ?1 ORDER BY id";
pub const LIST: &str = concat!(summary_columns!(), " ORDER BY id LIMIT ?3");
pub const LIST_BACKWARD: &str = concat!(summary_columns!(), " ORDER BY id DESC LIMIT ?3");
const INSERT: &str = "INSERT INTO capture (received_at, peer, method, target, http_1_0, provider, dialect, event_type, \
    identity, reason, signature, signed_at, matched_secret, detail, duplicate_of, answer, headers, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
const INSERT_DELIVERY: &str = "INSERT INTO delivery (capture, kind, target, at, finished, status, duration, failure, \
    server) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const FINISH: &str =
    "UPDATE delivery SET finished = 1, status = ?2, duration = ?3, failure = ?4, server = ?5 WHERE id = ?1";
const ANSWER: &str = "UPDATE capture SET answer = ?2 WHERE id = ?1";

/// Adds a request; looks for the first of the same event.
pub fn insert(connection: &Connection, recent: &mut Recent, recorded: &Recorded) -> rusqlite::Result<Kept> {
    let judgement = recorded.judgement.as_ref();
    let identity = judgement.and_then(|judgement| judgement.identity.as_deref());
    let duplicate_of: Option<i64> = match identity {
        Some(identity) => recent.first(connection, identity)?,
        None => None,
    };
    let message = &recorded.message;
    connection.prepare_cached(INSERT)?.execute(params![
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
    ])?;
    let id = connection.last_insert_rowid();
    recent.add(identity, id);
    let mut deliveries = Vec::new();
    for delivered in &recorded.deliveries {
        let outcome = delivered.outcome.as_ref();
        connection.prepare_cached(INSERT_DELIVERY)?.execute(params![
            id,
            word(delivered.kind),
            delivered.target,
            delivered.at.as_microsecond(),
            outcome.is_some(),
            outcome.and_then(|outcome| outcome.status),
            outcome.map(|outcome| microseconds(outcome.duration)),
            outcome.and_then(|outcome| outcome.failure.as_deref()),
            outcome.and_then(|outcome| outcome.server.as_deref()),
        ])?;
        deliveries.push(connection.last_insert_rowid());
    }
    Ok(Kept {
        id,
        duplicate_of,
        deliveries,
    })
}

/// Records what came of a delivery.
pub fn finish(connection: &Connection, delivery: i64, outcome: &Outcome) -> rusqlite::Result<()> {
    connection.prepare_cached(FINISH)?.execute(params![
        delivery,
        outcome.status,
        microseconds(outcome.duration),
        outcome.failure,
        outcome.server
    ])?;
    Ok(())
}

/// Records what a capture was answered with.
pub fn answered(connection: &Connection, capture: i64, status: u16) -> rusqlite::Result<()> {
    connection.prepare_cached(ANSWER)?.execute(params![capture, status])?;
    Ok(())
}

pub fn capture(row: &Row<'_>) -> rusqlite::Result<Capture> {
    let reason: Option<Reason> = unword(row.get("reason")?);
    let signature: Option<SignatureState> = unword(row.get("signature")?);
    let judgement = match (reason, signature) {
        (Some(reason), Some(signature)) => Some(Judgement {
            reason,
            signature,
            provider: row.get("provider")?,
            dialect: row.get("dialect")?,
            event_type: row.get("event_type")?,
            identity: row.get("identity")?,
            signed_at: row.get::<_, Option<i64>>("signed_at")?.map(moment),
            matched_secret: row.get("matched_secret")?,
            detail: row.get("detail")?,
        }),
        _ => None,
    };
    let body: Vec<u8> = row.get("body")?;
    let headers: Vec<u8> = row.get("headers")?;
    Ok(Capture {
        id: row.get("id")?,
        duplicate_of: row.get("duplicate_of")?,
        recorded: Recorded {
            received_at: Some(moment(row.get("received_at")?)),
            peer: row.get("peer")?,
            http_1_0: row.get("http_1_0")?,
            judgement,
            answer: row.get("answer")?,
            ..Recorded::new(Message {
                method: row.get("method")?,
                url: Some(row.get("target")?),
                headers: Headers::unpack(&headers),
                ..Message::new(Bytes::from(body))
            })
        },
    })
}

pub fn delivered(row: &Row<'_>) -> rusqlite::Result<Delivered> {
    let outcome = if row.get("finished")? {
        Some(Outcome {
            status: row.get("status")?,
            duration: Duration::from_micros(row.get::<_, Option<i64>>("duration")?.unwrap_or(0).unsigned_abs()),
            failure: row.get("failure")?,
            server: row.get("server")?,
        })
    } else {
        None
    };
    Ok(Delivered {
        id: row.get("id")?,
        kind: unword(row.get("kind")?).unwrap_or(DeliveryKind::Forward),
        target: row.get("target")?,
        at: moment(row.get("at")?),
        outcome,
    })
}

pub fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        id: row.get(0)?,
        received_at: moment(row.get(1)?),
        method: row.get(2)?,
        target: row.get(3)?,
        provider: row.get(4)?,
        event_type: row.get(5)?,
        reason: unword(row.get(6)?),
        signature: unword(row.get(7)?),
        signed_at: row.get::<_, Option<i64>>(8)?.map(moment),
        duplicate_of: row.get(9)?,
        size: row.get::<_, i64>(10)?.unsigned_abs(),
        answer: row.get(11)?,
        delivered: row.get(12)?,
    })
}

/// A value's name, as `--json` has it.
pub fn word(value: impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Some(word),
        _ => None,
    }
}

/// The value of a name; `None` for one that this version does not know.
fn unword<T: DeserializeOwned>(word: Option<String>) -> Option<T> {
    serde_json::from_value(Value::String(word?)).ok()
}

pub fn moment(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

pub fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
