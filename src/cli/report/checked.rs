//! What came of a check, as data.

use ckwh::check::{Counts, Family, Outcome};
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use serde::Serialize;

/// One case of a check.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseItem {
    pub name: String,
    pub family: Family,
    pub outcome: Outcome,
    /// What breaking the rule counts as.
    pub severity: Severity,
    /// The cause that it shares with other cases.
    pub root: Option<String>,
    /// Whether the failure was known before.
    pub known: bool,
    /// What was seen, in one sentence.
    pub reason: String,
    pub sent: Vec<SentItem>,
    pub answered: Vec<AnsweredItem>,
    pub why: String,
    pub remedy: String,
}

/// What breaking a rule counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Fail,
    Warn,
}

/// A request of a case; of a body no more than the beginning.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SentItem {
    pub method: String,
    pub url: String,
    pub headers: HeaderPairs,
    #[serde(flatten)]
    pub body: BodyFields,
}

/// What came back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AnsweredItem {
    pub status: Option<u16>,
    pub duration_ms: Option<f64>,
    pub error: Option<String>,
    #[serde(flatten)]
    pub body: BodyFields,
}

/// What came of all cases.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CheckSummaryItem {
    pub provider: String,
    pub dialect: String,
    pub url: String,
    /// Whether the handler broke no rule that its provider asks for.
    pub ok: bool,
    /// Why nothing was tried, where a right delivery was not accepted.
    pub problem: Option<String>,
    pub pass: usize,
    pub fail: usize,
    pub warn: usize,
    pub unseen: usize,
    pub skipped: usize,
    /// Failures that were known before.
    pub known: usize,
    pub findings: Vec<FindingItem>,
    pub requests: usize,
    pub interrupted: bool,
    /// By family, for the table.
    #[serde(skip)]
    pub families: Vec<(Family, Counts)>,
    /// Why cases were not seen or not tried, each reason once, with how many.
    #[serde(skip)]
    pub left_out: Vec<(String, usize)>,
}

/// Broken rules with one cause.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingItem {
    pub outcome: Outcome,
    pub root: Option<String>,
    /// What is wrong.
    pub says: String,
    /// The full names of the cases.
    pub cases: Vec<String>,
    /// What the first of them sent.
    pub sent: String,
    /// What came of it.
    pub answered: String,
    pub why: String,
    pub remedy: String,
    /// Lines to paste.
    pub lines: Option<String>,
    /// A command that sends the first request again.
    pub curl: Option<String>,
    /// A command that tries the first case again.
    pub command: String,
}

/// What came of trying orders of events.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExplorationItem {
    pub provider: String,
    /// The events in their order.
    pub chain: Vec<String>,
    /// The shortest sequence that left another state.
    pub found: Option<Vec<String>>,
    /// The state that it left.
    pub left: Vec<String>,
    /// The state that its events leave in their order.
    pub in_order: Vec<String>,
    /// How many sequences were tried.
    pub tried: usize,
    /// How many were not; null: more than were counted.
    pub left_out: Option<usize>,
    /// The longest sequence that was asked for.
    pub longest: usize,
    pub requests: usize,
}
