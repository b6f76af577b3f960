//! Replays that the store knows, as data.

use std::collections::BTreeMap;

use ckwh::delivery::Tally;
use ckwh::delivery::run::RequestOrigin;
use jiff::Timestamp;
use serde::Serialize;

use super::VerdictChange;

/// A run of replay, with what came of it so far.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunItem {
    pub id: i64,
    pub started_at: Timestamp,
    /// Where it goes to.
    pub url: String,
    /// Whether every request had its turn.
    pub finished: bool,
    /// How many deliveries it is to make; `None` where it reads a file.
    pub planned: Option<u64>,
    /// How many are kept.
    pub deliveries: u64,
    /// How many got a 2xx.
    pub ok: u64,
    pub failed: u64,
    /// How many did not go out since an earlier one of their key failed.
    pub blocked: u64,
    /// The JSON pointer to the key within which it keeps the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_by: Option<String>,
    pub statuses: BTreeMap<u16, u64>,
    /// By why there was no answer.
    pub failures: BTreeMap<String, u64>,
    #[serde(flatten)]
    pub latencies: LatenciesItem,
    /// What changed since the last delivery of each capture to the same address before the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangesItem>,
    /// What failed, and what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<RunRequestItem>>,
    /// How many of those there are besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_off: Option<u64>,
    /// What was taken from a process that went away, and may have gone out twice: the first 500.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_claims: Vec<LostClaimItem>,
}

impl RunItem {
    /// How many of the planned deliveries had no turn yet, or could not go out.
    pub fn left(&self) -> u64 {
        self.planned
            .map_or(0, |planned| planned.saturating_sub(self.deliveries + self.blocked))
    }
}

/// How many deliveries went otherwise than the time before, or failed again.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangesItem {
    pub fixed: u64,
    pub regressed: u64,
    pub still_failing: u64,
}

impl ChangesItem {
    /// Each change that there was, and how often.
    pub fn counted(&self) -> impl Iterator<Item = (u64, VerdictChange)> {
        let all = [
            (self.fixed, VerdictChange::Fixed),
            (self.regressed, VerdictChange::Regressed),
            (self.still_failing, VerdictChange::StillFailing),
        ];
        all.into_iter().filter(|(count, _)| *count > 0)
    }
}

/// A request that was taken from a process that went away.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LostClaimItem {
    #[serde(flatten)]
    pub origin: RequestOrigin,
    /// How often that happened.
    pub times: u32,
}

/// One delivery of a run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunRequestItem {
    #[serde(flatten)]
    pub origin: RequestOrigin,
    pub provider: Option<String>,
    pub event_type: Option<String>,
    pub url: String,
    pub at: Timestamp,
    /// Whether it got a 2xx.
    pub ok: bool,
    /// What was answered to the last attempt.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long the last attempt took.
    pub duration_ms: f64,
    pub attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<VerdictChange>,
}

/// How long attempts took.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LatenciesItem {
    pub p50_ms: Option<f64>,
    pub p90_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub max_ms: Option<f64>,
    pub histogram: Vec<StepItem>,
}

/// How many attempts took up to a time, and no longer than the step before.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepItem {
    pub up_to_ms: f64,
    pub count: u64,
}

impl LatenciesItem {
    pub fn of(tally: &Tally) -> Self {
        let latencies = tally.latencies([0.5, 0.9, 0.99, 1.0]);
        let [p50_ms, p90_ms, p99_ms, max_ms] =
            latencies.map_or([None; 4], |all| all.map(|time| Some(super::in_milliseconds(time))));
        let steps = tally.histogram().into_iter().map(|(to, count)| StepItem {
            up_to_ms: super::in_milliseconds(to),
            count,
        });
        Self {
            p50_ms,
            p90_ms,
            p99_ms,
            max_ms,
            histogram: steps.collect(),
        }
    }

    /// The shares with their names, as far as they are known.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let all = [
            ("p50", self.p50_ms),
            ("p90", self.p90_ms),
            ("p99", self.p99_ms),
            ("max", self.max_ms),
        ];
        all.into_iter().filter_map(|(name, time)| Some((name, time?)))
    }
}
