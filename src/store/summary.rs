//! A line of a list of captures.

use jiff::Timestamp;
use serde::Serialize;

use super::selection::CaptureFacts;
use crate::trust::Caveat;
use crate::verify::{Reason, SignatureState};

/// A capture in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Entry"))]
pub struct Summary {
    /// Its number.
    pub id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// Whose it is.
    pub provider: Option<String>,
    /// What it reports.
    pub event_type: Option<String>,
    /// The verdict when it arrived.
    pub reason: Option<Reason>,
    /// The signature alone.
    pub signature: Option<SignatureState>,
    /// The signed time.
    #[serde(skip)]
    pub signed_at: Option<Timestamp>,
    /// How old the signed time was when it arrived; negative is ahead.
    pub timestamp_age_ms: Option<i64>,
    /// The first capture of the same event.
    pub duplicate_of: Option<i64>,
    /// How long its body is, in bytes.
    pub size: u64,
    /// What it was answered with.
    pub response_status: Option<u16>,
    /// Whether its last delivery got a 2xx; `None` where it was never delivered.
    pub delivered: Option<bool>,
    /// What its verdict rests on that the user does not trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<Caveat>,
}

impl Summary {
    /// What a selection looks at.
    pub fn facts(&self) -> CaptureFacts<'_> {
        CaptureFacts {
            id: self.id,
            received_at: self.received_at,
            provider: self.provider.as_deref(),
            event_type: self.event_type.as_deref(),
            reason: self.reason,
            delivered: self.delivered,
            method: &self.method,
            target: &self.target,
            answer: self.response_status,
        }
    }
}
