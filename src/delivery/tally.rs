//! Counts and latencies of many deliveries.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::{Delivery, FailureCause};

/// The longest latency that is told apart, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// What came of many deliveries, in bounded memory.
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
            // It grows as it needs to: one delivery's would be larger than the rest of its program.
            latencies: Histogram::new(3).expect("constant precision"),
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
            self.record(attempt.duration);
        }
    }

    /// Counts one delivery of which the last attempt is known: the status that was answered, and how long it took.
    pub fn add_last(&mut self, status: Option<u16>, took: Duration, ok: bool) {
        *if ok { &mut self.ok } else { &mut self.failed } += 1;
        match status {
            Some(status) => {
                *self.statuses.entry(status).or_default() += 1;
                self.record(took);
            }
            None => self.unanswered += 1,
        }
    }

    fn record(&mut self, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
        self.latencies
            .record(microseconds.clamp(1, LONGEST))
            .expect("up to an hour fits");
    }

    /// How many deliveries were counted.
    pub fn total(&self) -> u64 {
        self.ok + self.failed
    }

    /// How many answered attempts took up to each of these times, and no longer than the one before: 1, 2, 5, 10 and so
    /// on, in microseconds, from the shortest attempt's to the longest one's.
    pub fn histogram(&self) -> Vec<(Duration, u64)> {
        let mut rows: Vec<(u64, u64)> = Vec::new();
        for (microseconds, count) in self.recorded() {
            while rows.last().is_none_or(|(to, _)| *to < microseconds) {
                let next = rows
                    .last()
                    .map_or_else(|| first_step(microseconds), |(to, _)| next_step(*to));
                rows.push((next, 0));
            }
            if let Some((_, sum)) = rows.last_mut() {
                *sum += count;
            }
        }
        rows.into_iter()
            .map(|(to, count)| (Duration::from_micros(to), count))
            .collect()
    }

    /// The latencies that these shares of the answered attempts stayed under, the smallest share first; `None` where none
    /// was answered.
    pub fn latencies<const N: usize>(&self, shares: [f64; N]) -> Option<[Duration; N]> {
        let mut found = [Duration::ZERO; N];
        let (mut place, mut all) = (0, 0);
        for (microseconds, count) in self.recorded() {
            all += count;
            while let Some(share) = shares.get(place)
                && all as f64 >= share * self.latencies.len() as f64
            {
                found[place] = Duration::from_micros(microseconds);
                place += 1;
            }
        }
        (place == N).then_some(found)
    }

    /// Each latency in microseconds, rounded up to what is told apart, and how many attempts took it. The histogram's own
    /// iterators begin at 0, which for one delivery takes as long as to make and sign it.
    fn recorded(&self) -> impl Iterator<Item = (u64, u64)> {
        let all = &self.latencies;
        let first = (!all.is_empty()).then(|| all.lowest_equivalent(all.min_nz()));
        let next = |value: &u64| Some(all.next_non_equivalent(*value)).filter(|next| *next <= all.max());
        let values = std::iter::successors(first, next);
        let counted = values.map(|value| (all.highest_equivalent(value), all.count_at(value)));
        counted.filter(|(_, count)| *count > 0)
    }
}

/// The first of 1, 2, 5, 10, 20 … that is not below `value`.
fn first_step(value: u64) -> u64 {
    std::iter::successors(Some(1), |step| Some(next_step(*step)))
        .find(|step| *step >= value)
        .unwrap_or(value)
}

fn next_step(step: u64) -> u64 {
    let leading = step / 10u64.pow(step.ilog10());
    if leading == 2 { step / 2 * 5 } else { step * 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Attempt;

    #[test]
    fn every_attempt_stands_in_one_row() {
        let mut tally = Tally::default();
        for milliseconds in [3, 3, 4, 19, 20, 400] {
            let attempt = Attempt {
                status: Some(200),
                duration: Duration::from_millis(milliseconds),
                failure: None,
            };
            let delivery = Delivery {
                attempts: vec![attempt],
                answer: None,
            };
            tally.add(&delivery, true);
        }
        let rows: Vec<(u128, u64)> = tally
            .histogram()
            .into_iter()
            .map(|(to, count)| (to.as_millis(), count))
            .collect();
        assert_eq!(rows.iter().map(|(_, count)| count).sum::<u64>(), 6);
        assert_eq!(rows.first(), Some(&(5, 3)));
        assert_eq!(rows.last(), Some(&(500, 1)));
        let shares = [0.5, 0.9, 0.99, 1.0];
        let at_quantile = |share| Duration::from_micros(tally.latencies.value_at_quantile(share));
        assert_eq!(tally.latencies(shares), Some(shares.map(at_quantile)));
        assert_eq!(Tally::default().latencies(shares), None);
    }
}
