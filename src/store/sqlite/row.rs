//! From rows to captures and back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Row;
use serde::de::DeserializeOwned;
use serde::de::value::{self, StrDeserializer};

use crate::capture::{Capture, Delivered, DeliveryKind, Excerpt, Identity, Judgement, Outcome, Recorded};
use crate::message::{Headers, Message};
use crate::store::{CaptureFacts, Selection, Summary};

macro_rules! summary_columns {
    () => {
        "SELECT id, received_at, method, target, provider, event_type, reason, signature, signed_at, duplicate_of, \
         length(body), answer, (SELECT finished AND coalesce(status BETWEEN 200 AND 299, 0) AND failure IS NULL FROM delivery \
         WHERE capture = capture.id ORDER BY delivery.id DESC LIMIT 1), caveat \
         FROM capture WHERE id BETWEEN ?1 AND ?2"
    };
}

pub const SELECT: &str = "SELECT id, received_at, peer, method, target, http_1_0, provider, dialect, event_type, identity, \
    reason, signature, signed_at, matched_secret, detail, duplicate_of, answer, headers, body, caveat, body_held FROM capture WHERE id = ?1";
/// The columns of [`SELECT`] in its order; those that replay does not need are NULL.
pub const REQUESTS: &str = "SELECT id, received_at, NULL, method, target, http_1_0, provider, dialect, event_type, NULL, \
    reason, signature, signed_at, NULL, NULL, NULL, answer, headers, body, caveat, body_held FROM capture WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
pub const SELECT_DELIVERIES: &str = "SELECT id, kind, target, at, finished, status, duration, failure, server, \
    answer_headers, answer_body, answer_truncated FROM delivery WHERE capture = ?1 ORDER BY id";
pub const LIST: &str = concat!(summary_columns!(), " ORDER BY id LIMIT ?3");
pub const LIST_BACKWARD: &str = concat!(summary_columns!(), " ORDER BY id DESC LIMIT ?3");
/// The capture in a row of the columns that a request has, with its deliveries.
pub fn capture(row: &Row<'_>, deliveries: Vec<Delivered>) -> rusqlite::Result<Capture> {
    Ok(Capture {
        id: row.get(0)?,
        duplicate_of: row.get(15)?,
        recorded: Arc::new(Recorded {
            deliveries,
            ..recorded(row)?
        }),
    })
}

/// The request, where it is selected.
pub fn selected(row: &Row<'_>, id: i64, selection: &Selection) -> rusqlite::Result<Option<Recorded>> {
    let facts = CaptureFacts {
        id,
        received_at: moment(row.get(1)?),
        provider: row.get_ref(6)?.as_str_or_null()?,
        event_type: row.get_ref(8)?.as_str_or_null()?,
        reason: unword(row, 10)?,
        delivered: None,
        method: row.get_ref(3)?.as_str()?,
        target: row.get_ref(4)?.as_str()?,
        answer: row.get(16)?,
    };
    selection.matches(&facts).then(|| recorded(row)).transpose()
}

/// The identity in a column; `None` for one that is not as long as this version makes them.
pub fn identity(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Identity>> {
    let digest = row.get_ref(column)?.as_blob_or_null()?;
    Ok(digest.and_then(|digest| digest.try_into().ok()))
}

/// The request in a row of the columns that a request has.
pub fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    let judgement = match (unword(row, 10)?, unword(row, 11)?) {
        (Some(reason), Some(signature)) => Some(Judgement {
            reason,
            signature,
            provider: row.get(6)?,
            dialect: row.get(7)?,
            event_type: row.get(8)?,
            identity: identity(row, 9)?,
            signed_at: row.get::<_, Option<i64>>(12)?.map(moment),
            matched_secret: row.get(13)?,
            caveat: unword(row, 19)?,
            detail: row.get(14)?,
        }),
        _ => None,
    };
    Ok(Recorded {
        received_at: Some(moment(row.get(1)?)),
        peer: row.get(2)?,
        http_1_0: row.get(5)?,
        judgement,
        answer: row.get(16)?,
        body_held: unword(row, 20)?.unwrap_or_default(),
        ..Recorded::new(Message {
            method: row.get(3)?,
            url: Some(row.get(4)?),
            target: None,
            headers: Headers::unpack(row.get_ref(17)?.as_blob()?),
            body: Bytes::copy_from_slice(row.get_ref(18)?.as_blob()?),
            id: None,
            timestamp: None,
            event_type: None,
        })
    })
}

pub fn delivered(row: &Row<'_>) -> rusqlite::Result<Delivered> {
    let outcome = if row.get("finished")? {
        Some(Outcome {
            status: row.get("status")?,
            duration: Duration::from_micros(row.get::<_, Option<i64>>("duration")?.unwrap_or(0).unsigned_abs()),
            failure: row.get("failure")?,
            server: row.get("server")?,
            answer: answer(row)?,
        })
    } else {
        None
    };
    Ok(Delivered {
        id: row.get("id")?,
        kind: unword(row, 1)?.unwrap_or(DeliveryKind::Forward),
        target: row.get("target")?,
        at: moment(row.get("at")?),
        outcome,
    })
}

/// The answer that was kept.
fn answer(row: &Row<'_>) -> rusqlite::Result<Option<Box<Excerpt>>> {
    let (Some(status), Some(headers)) = (row.get("status")?, row.get_ref("answer_headers")?.as_blob_or_null()?) else {
        return Ok(None);
    };
    Ok(Some(Box::new(Excerpt {
        body: row.get::<_, Option<_>>("answer_body")?.unwrap_or_default(),
        truncated: row.get::<_, Option<_>>("answer_truncated")?.unwrap_or_default(),
        ..Excerpt::new(status, Headers::unpack(headers))
    })))
}

pub fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let received_at = moment(row.get(1)?);
    let signed_at = row.get::<_, Option<i64>>(8)?.map(moment);
    let age = signed_at.map(|at| received_at.duration_since(at).as_millis());
    Ok(Summary {
        id: row.get(0)?,
        received_at,
        method: row.get(2)?,
        target: row.get(3)?,
        provider: row.get(4)?,
        event_type: row.get(5)?,
        reason: unword(row, 6)?,
        signature: unword(row, 7)?,
        signed_at,
        timestamp_age_ms: age.and_then(|age| i64::try_from(age).ok()),
        duplicate_of: row.get(9)?,
        size: row.get::<_, i64>(10)?.unsigned_abs(),
        response_status: row.get(11)?,
        delivered: row.get(12)?,
        caveat: unword(row, 13)?,
    })
}

/// The value of a name in a column; `None` for one that this version does not know.
fn unword<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let word = row.get_ref(column)?.as_str_or_null()?;
    Ok(word.and_then(|word| T::deserialize(StrDeserializer::<value::Error>::new(word)).ok()))
}

pub fn moment(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

pub fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
