//! How fast deliveries are begun.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Retry, RetryCount};
use crate::provider::DeliveryPolicy;

/// What is no rate.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a rate: give one such as 50/s, 90/m or 0.5/s", .0.escape_debug())]
pub struct RateError(String);

/// Deliveries per time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    interval: Duration,
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || RateError(text.to_owned());
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        if number.is_nan() || number <= 0.0 {
            return Err(wrong());
        }
        let interval = Duration::try_from_secs_f64(seconds / number).map_err(|_| wrong())?;
        Ok(Self { interval })
    }
}

impl Rate {
    /// How long between the beginnings of two.
    pub fn interval(self) -> Duration {
        self.interval
    }

    /// About how many begin in a second.
    pub fn in_a_second(self) -> u32 {
        (1.0 / self.interval.as_secs_f64().max(1e-9)) as u32
    }
}

/// How fast deliveries are made, how many at a time, and how often again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PaceOptions {
    /// How many are on the way at a time; without it, one.
    pub concurrency: Option<u32>,
    /// How many begin per time.
    pub rate: Option<Rate>,
    /// How often an attempt is made again; without it, never.
    pub retry: Option<RetryCount>,
    /// Multiplies the waits between attempts.
    pub retry_scale: Option<f64>,
}

impl PaceOptions {
    /// These options, and those of `before` where one is missing here.
    #[must_use]
    pub fn or(self, before: &Self) -> Self {
        Self {
            concurrency: self.concurrency.or(before.concurrency),
            rate: self.rate.or(before.rate),
            retry: self.retry.or(before.retry),
            retry_scale: self.retry_scale.or(before.retry_scale),
        }
    }

    /// The retries, by a provider's policy.
    pub fn retry(&self, policy: &DeliveryPolicy) -> Retry {
        match self.retry {
            Some(count) => Retry::following(policy.clone(), count.0).scaled(self.retry_scale.unwrap_or(1.0)),
            None => Retry::never(policy.clone()),
        }
    }
}

/// When the nth delivery begins.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    started: Instant,
    interval: Duration,
}

impl Pace {
    /// Begins now; without a rate nothing waits.
    pub fn start(rate: Option<Rate>) -> Self {
        Self {
            started: Instant::now(),
            interval: rate.map_or(Duration::ZERO, |rate| rate.interval),
        }
    }

    /// When the nth delivery is due, from 0 on; `None` is at once. One that is late does not move those behind it.
    pub fn due(&self, number: u64) -> Option<Instant> {
        let nanoseconds = self.interval.as_nanos().saturating_mul(u128::from(number));
        self.after(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX)))
    }

    /// When a delivery is due so long after the beginning; `None` is at once.
    pub fn after(&self, offset: Duration) -> Option<Instant> {
        if offset.is_zero() {
            return None;
        }
        self.started.checked_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_per_second_minute_and_hour() {
        for (text, milliseconds) in [
            ("50/s", 20),
            ("50", 20),
            ("90/m", 667),
            ("0.5/s", 2000),
            ("3600/h", 1000),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(
                rate.interval.as_secs_f64().mul_add(1000.0, 0.5) as u64,
                milliseconds,
                "{text}"
            );
        }
        for text in ["", "0/s", "-1/s", "x", "5/y", "NaN/s", "1e-300/h"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn options_are_read_as_they_were_kept() {
        for retry in [None, Some(RetryCount(None)), Some(RetryCount(Some(3)))] {
            let options = PaceOptions {
                retry,
                ..PaceOptions::default()
            };
            let kept = serde_json::to_string(&options).unwrap();
            assert_eq!(serde_json::from_str::<PaceOptions>(&kept).unwrap(), options, "{kept}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_late_does_not_move_those_behind_it() {
        let pace = Pace::start(Some("4/s".parse().unwrap()));
        let began = Instant::now();
        assert_eq!(pace.due(0), None);
        tokio::time::advance(Duration::from_secs(60)).await;
        for (number, milliseconds) in [(1, 250), (2, 500), (1000, 250_000)] {
            assert_eq!(pace.due(number), Some(began + Duration::from_millis(milliseconds)));
        }
        assert_eq!(
            pace.after(Duration::from_secs(90)),
            Some(began + Duration::from_secs(90))
        );
        assert_eq!(pace.after(Duration::MAX), None, "beyond what a clock holds");
    }
}
