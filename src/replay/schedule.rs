//! Numbers the requests of a replay, spaces them as they arrived, and gives each its endpoint.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::Endpoint;

/// The state between one request and the next.
#[derive(Default)]
pub struct Schedule {
    before: Option<Timestamp>,
    offset: Duration,
    number: u64,
    /// The last request's target and its endpoint: most requests have the same.
    last: Option<(String, Arc<Endpoint>, Arc<str>)>,
}

impl Schedule {
    /// The next request's number, from 0 on, and how long after the first it is due where the original spacing is
    /// kept, `speed` times faster. `at` is when it arrived.
    pub fn next(&mut self, at: Option<Timestamp>, speed: Option<f64>) -> (u64, Duration) {
        let number = self.number;
        self.number += 1;
        (number, self.next_offset(at, speed))
    }

    /// The number and the offset that the next request begins from.
    pub fn position(&self) -> (u64, Duration) {
        (self.number, self.offset)
    }

    fn next_offset(&mut self, at: Option<Timestamp>, speed: Option<f64>) -> Duration {
        let (Some(at), Some(speed)) = (at, speed) else {
            return Duration::ZERO;
        };
        let gap = self
            .before
            .map_or(0.0, |before| at.duration_since(before).as_secs_f64());
        self.before = Some(at);
        let gap = Duration::try_from_secs_f64(gap.max(0.0) / speed).unwrap_or(Duration::MAX);
        self.offset = self.offset.saturating_add(gap);
        self.offset
    }

    /// The endpoint of a request for `target`, and its URL.
    pub fn toward(&mut self, endpoint: &Endpoint, target: &str) -> (Arc<Endpoint>, Arc<str>) {
        match &self.last {
            Some((last, endpoint, url)) if last == target => (endpoint.clone(), url.clone()),
            _ => {
                let toward = Arc::new(endpoint.toward(target));
                let url: Arc<str> = toward.url().as_str().into();
                self.last = Some((target.to_owned(), toward.clone(), url.clone()));
                (toward, url)
            }
        }
    }

    /// Begins the next turn, which follows the one before at once.
    pub fn begin_turn(&mut self) {
        self.before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The offsets of what arrived at these times, in seconds, replayed so many times faster, in milliseconds.
    fn offsets(schedule: &mut Schedule, speed: Option<f64>, arrived: &[Option<i64>]) -> Vec<u128> {
        let arrived = arrived.iter();
        arrived
            .map(|at| at.map(|at| Timestamp::from_second(at).unwrap()))
            .map(|at| schedule.next(at, speed).1.as_millis())
            .collect()
    }

    #[test]
    fn the_original_spacing_is_kept_in_proportion() {
        let arrived = [1000, 1000, 1001, 1011, 1111].map(Some);
        for (speed, expected) in [
            (Some(1.0), [0, 0, 1000, 11_000, 111_000]),
            (Some(10.0), [0, 0, 100, 1100, 11_100]),
            (Some(0.5), [0, 0, 2000, 22_000, 222_000]),
            (None, [0; 5]),
        ] {
            assert_eq!(
                offsets(&mut Schedule::default(), speed, &arrived),
                expected,
                "{speed:?}"
            );
        }
    }

    #[test]
    fn a_clock_that_went_back_and_an_unknown_time_wait_for_nothing() {
        let arrived = [Some(1000), Some(1010), Some(990), Some(995), None, Some(996)];
        let expected = [0, 10_000, 10_000, 15_000, 0, 16_000];
        assert_eq!(offsets(&mut Schedule::default(), Some(1.0), &arrived), expected);
    }

    #[test]
    fn each_turn_follows_the_one_before_at_once() {
        let mut schedule = Schedule::default();
        let arrived = [Some(1000), Some(1010)];
        schedule.begin_turn();
        assert_eq!(offsets(&mut schedule, Some(2.0), &arrived), [0, 5000]);
        schedule.begin_turn();
        assert_eq!(offsets(&mut schedule, Some(2.0), &arrived), [5000, 10_000]);
    }
}
