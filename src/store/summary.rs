//! A line of a list of captures.

use jiff::Timestamp;

use super::selection::Marks;
use crate::trust::Caveat;
use crate::verify::{Reason, SignatureState};

/// A capture in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub signed_at: Option<Timestamp>,
    /// The first capture of the same event.
    pub duplicate_of: Option<i64>,
    /// How long its body is, in bytes.
    pub size: u64,
    /// What it was answered with.
    pub answer: Option<u16>,
    /// Whether its last delivery got a 2xx; `None` where it was never delivered.
    pub delivered: Option<bool>,
    /// What its verdict rests on that the user does not trust.
    pub caveat: Option<Caveat>,
}

impl<'a> From<&'a Summary> for Marks<'a> {
    fn from(summary: &'a Summary) -> Self {
        Self {
            id: summary.id,
            received_at: summary.received_at,
            provider: summary.provider.as_deref(),
            event_type: summary.event_type.as_deref(),
            reason: summary.reason,
            delivered: summary.delivered,
            method: &summary.method,
            target: &summary.target,
            answer: summary.answer,
        }
    }
}
