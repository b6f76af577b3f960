//! Counts and latencies of many deliveries.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::{Delivery, FailureCause};

/// The longest latency that is told apart, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// What came of many deliveries, in constant memory.
#[derive(Debug, Clone)]
pub struct Tally {
    /// How many met their expectation.
    pub ok: u64,
    /// How many did not.
    pub failed: u64,
    /// How many got no answer.
    pub unanswered: u64,
    /// By the last attempt's status.
    pub statuses: BTreeMap<u16, u64>,
    /// By why there was no answer.
    pub failures: BTreeMap<FailureCause, u64>,
    latencies: Histogram<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            ok: 0,
            failed: 0,
            unanswered: 0,
            statuses: BTreeMap::new(),
            failures: BTreeMap::new(),
            latencies: Histogram::new_with_bounds(1, LONGEST, 3).expect("constant bounds"),
        }
    }
}

impl Tally {
    /// Counts one delivery.
    pub fn add(&mut self, delivery: &Delivery, ok: bool) {
        if ok {
            self.ok += 1;
        } else {
            self.failed += 1;
        }
        match (&delivery.answer, delivery.failure()) {
            (Some(answer), _) => *self.statuses.entry(answer.status).or_default() += 1,
            (None, Some(failure)) => {
                self.unanswered += 1;
                *self.failures.entry(failure.cause).or_default() += 1;
            }
            (None, None) => {}
        }
        for attempt in delivery.attempts.iter().filter(|attempt| attempt.status.is_some()) {
            let microseconds = u64::try_from(attempt.duration.as_micros()).unwrap_or(LONGEST);
            self.latencies.saturating_record(microseconds.clamp(1, LONGEST));
        }
    }

    /// How many deliveries were counted.
    pub fn total(&self) -> u64 {
        self.ok + self.failed
    }

    /// The latency that a share of the answered attempts stayed under; `None` where none was answered.
    pub fn latency(&self, share: f64) -> Option<Duration> {
        (!self.latencies.is_empty()).then(|| Duration::from_micros(self.latencies.value_at_quantile(share)))
    }
}
