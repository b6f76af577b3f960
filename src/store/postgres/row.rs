//! From rows to captures and back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::de::value::{self, StrDeserializer};
use tokio_postgres::{Error, Row};

use super::text;
use crate::capture::{Capture, Delivered, DeliveryKind, Excerpt, Identity, Judgement, Outcome, Recorded};
use crate::message::{Headers, Message};
use crate::store::Summary;

macro_rules! request_columns {
    () => {
        "c.id, c.received_at, c.peer, c.method, c.target, c.http_1_0, c.provider, c.dialect, c.event_type, c.identity, \
         c.reason, c.signature, c.signed_at, c.matched_secret, c.detail, c.duplicate_of, c.answer, c.headers, c.body, \
         c.caveat, c.body_held"
    };
}

// A limit that is not written out is planned for as if it were a tenth of the table.
macro_rules! list {
    ($order:literal) => {
        concat!(
            "WITH page AS MATERIALIZED (SELECT id, day FROM number WHERE id BETWEEN $1 AND $2 ORDER BY id ",
            $order,
            " LIMIT 200) \
             SELECT c.id, c.received_at, c.method, c.target, c.provider, c.event_type, c.reason, c.signature, \
             c.signed_at, c.duplicate_of, octet_length(c.body), c.answer, \
             (SELECT d.finished AND coalesce(d.status BETWEEN 200 AND 299, false) AND d.failure IS NULL \
             FROM delivery d WHERE d.capture = c.id AND d.day = c.day ORDER BY d.id DESC LIMIT 1), c.caveat \
             FROM page CROSS JOIN LATERAL (SELECT * FROM capture WHERE capture.id = page.id \
             AND capture.day = page.day OFFSET 0) c ORDER BY c.id ",
            $order
        )
    };
}

pub const SELECT: &str = concat!(
    "SELECT ",
    request_columns!(),
    " FROM number n JOIN capture c ON c.id = n.id AND c.day = n.day WHERE n.id = $1"
);
/// As many as a page holds, and of those the first whose bodies are together at most so long, but for the last.
pub const REQUESTS: &str = concat!(
    "WITH page AS MATERIALIZED (SELECT id, day FROM number WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT 200), \
     sized AS MATERIALIZED (SELECT page.id, page.day, (sum(s.size) OVER (ORDER BY page.id) - s.size)::bigint AS before \
     FROM page CROSS JOIN LATERAL (SELECT octet_length(body)::bigint AS size FROM capture \
     WHERE capture.id = page.id AND capture.day = page.day OFFSET 0) s) SELECT ",
    request_columns!(),
    " FROM sized CROSS JOIN LATERAL (SELECT * FROM capture WHERE capture.id = sized.id \
     AND capture.day = sized.day OFFSET 0) c WHERE sized.before < $3 ORDER BY c.id"
);
pub const SELECT_DELIVERIES: &str = "SELECT d.id, d.kind, d.target, d.at, d.finished, d.status, d.duration, d.failure, \
    d.server, d.answer_headers, d.answer_body, d.answer_truncated \
    FROM number n JOIN delivery d ON d.capture = n.id AND d.day = n.day WHERE n.id = $1 ORDER BY d.id";
pub const CAPTURES: &str = concat!(
    "SELECT ",
    request_columns!(),
    " FROM number n JOIN capture c ON c.id = n.id AND c.day = n.day WHERE n.id = ANY($1) ORDER BY n.id"
);
pub const DELIVERIES_OF: &str = "SELECT d.id, d.kind, d.target, d.at, d.finished, d.status, d.duration, d.failure, \
    d.server, d.answer_headers, d.answer_body, d.answer_truncated, d.capture \
    FROM number n JOIN delivery d ON d.capture = n.id AND d.day = n.day WHERE n.id = ANY($1) ORDER BY d.id";
pub const LIST: &str = list!("ASC");
pub const LIST_BACKWARD: &str = list!("DESC");

/// The capture in a row of the columns that a request has, with its deliveries.
pub fn capture(row: &Row, deliveries: Vec<Delivered>) -> Result<Capture, Error> {
    Ok(Capture {
        id: row.try_get(0)?,
        duplicate_of: row.try_get(15)?,
        recorded: Arc::new(Recorded {
            deliveries,
            ..recorded(row)?
        }),
    })
}

/// The request in a row of the columns that a request has.
pub fn recorded(row: &Row) -> Result<Recorded, Error> {
    let judgement = match (unword(row, 10)?, unword(row, 11)?) {
        (Some(reason), Some(signature)) => Some(Judgement {
            reason,
            signature,
            provider: text(row, 6)?,
            dialect: text(row, 7)?,
            event_type: text(row, 8)?,
            identity: identity(row, 9)?,
            signed_at: row.try_get(12)?,
            matched_secret: text(row, 13)?,
            caveat: unword(row, 19)?,
            detail: text(row, 14)?,
        }),
        _ => None,
    };
    Ok(Recorded {
        received_at: row.try_get(1)?,
        peer: text(row, 2)?,
        http_1_0: row.try_get(5)?,
        judgement,
        answer: status(row, 16)?,
        body_held: unword(row, 20)?.unwrap_or_default(),
        ..Recorded::new(Message {
            method: text(row, 3)?.unwrap_or_default(),
            url: text(row, 4)?,
            target: None,
            headers: Headers::unpack(row.try_get(17)?),
            body: row.try_get::<_, Vec<u8>>(18)?.into(),
            id: None,
            timestamp: None,
            event_type: None,
        })
    })
}

pub fn delivered(row: &Row) -> Result<Delivered, Error> {
    let outcome = if row.try_get(4)? {
        Some(Outcome {
            status: status(row, 5)?,
            duration: Duration::from_micros(row.try_get::<_, Option<i64>>(6)?.unwrap_or(0).unsigned_abs()),
            failure: text(row, 7)?,
            server: text(row, 8)?,
            answer: answer(row)?,
        })
    } else {
        None
    };
    Ok(Delivered {
        id: row.try_get(0)?,
        kind: unword(row, 1)?.unwrap_or(DeliveryKind::Forward),
        target: text(row, 2)?.unwrap_or_default(),
        at: row.try_get(3)?,
        outcome,
    })
}

/// The answer that was kept.
fn answer(row: &Row) -> Result<Option<Box<Excerpt>>, Error> {
    let (Some(status), Some(headers)) = (status(row, 5)?, row.try_get::<_, Option<&[u8]>>(9)?) else {
        return Ok(None);
    };
    Ok(Some(Box::new(Excerpt {
        body: row.try_get::<_, Option<_>>(10)?.unwrap_or_default(),
        truncated: row.try_get::<_, Option<_>>(11)?.unwrap_or_default(),
        ..Excerpt::new(status, Headers::unpack(headers))
    })))
}

pub fn summary(row: &Row) -> Result<Summary, Error> {
    let received_at: Timestamp = row.try_get(1)?;
    let signed_at: Option<Timestamp> = row.try_get(8)?;
    let age = signed_at.map(|at| received_at.duration_since(at).as_millis());
    Ok(Summary {
        id: row.try_get(0)?,
        received_at,
        method: text(row, 2)?.unwrap_or_default(),
        target: text(row, 3)?.unwrap_or_default(),
        provider: text(row, 4)?,
        event_type: text(row, 5)?,
        reason: unword(row, 6)?,
        signature: unword(row, 7)?,
        signed_at,
        timestamp_age_ms: age.and_then(|age| i64::try_from(age).ok()),
        duplicate_of: row.try_get(9)?,
        size: u64::from(row.try_get::<_, i32>(10)?.unsigned_abs()),
        response_status: status(row, 11)?,
        delivered: row.try_get(12)?,
        caveat: unword(row, 13)?,
    })
}

fn text(row: &Row, column: usize) -> Result<Option<String>, Error> {
    Ok(row.try_get::<_, Option<String>>(column)?.map(text::read))
}

/// The identity in a column; `None` for one that is not as long as this version makes them.
fn identity(row: &Row, column: usize) -> Result<Option<Identity>, Error> {
    let digest: Option<&[u8]> = row.try_get(column)?;
    Ok(digest.and_then(|digest| digest.try_into().ok()))
}

fn status(row: &Row, column: usize) -> Result<Option<u16>, Error> {
    let status: Option<i32> = row.try_get(column)?;
    Ok(status.and_then(|status| u16::try_from(status).ok()))
}

/// The value of a name in a column; `None` for one that this version does not know.
fn unword<T: DeserializeOwned>(row: &Row, column: usize) -> Result<Option<T>, Error> {
    let word: Option<&str> = row.try_get(column)?;
    Ok(word.and_then(|word| T::deserialize(StrDeserializer::<value::Error>::new(word)).ok()))
}

pub fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
