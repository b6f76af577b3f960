//! When an attempt is made again, and after how long.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Unit;
use crate::provider::{Delay, DeliveryPolicy, Growth, RetryClass, RetrySignature};

/// How often an attempt is made again; `None` is as often as the provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u32", from = "u32")]
pub struct RetryCount(pub Option<u32>);

/// Stands for [`RetryCount`]'s `None` in a plan that is kept: null there is no retry at all.
const AS_PROVIDER: u32 = u32::MAX;

impl From<RetryCount> for u32 {
    fn from(count: RetryCount) -> Self {
        count.0.unwrap_or(AS_PROVIDER)
    }
}

impl From<u32> for RetryCount {
    fn from(count: u32) -> Self {
        Self(Some(count).filter(|count| *count != AS_PROVIDER))
    }
}

/// A provider's policy as it is followed here.
#[derive(Debug, Clone)]
pub struct Retry {
    policy: DeliveryPolicy,
    retries: u32,
    scale: f64,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub(super) class: RetryClass,
    pub(super) status: Option<u16>,
    /// How long the answer asks to wait.
    pub(super) wait: Option<Duration>,
}

impl From<RetryClass> for Ended {
    fn from(class: RetryClass) -> Self {
        Self {
            class,
            status: None,
            wait: None,
        }
    }
}

/// How long a `Retry-After` asks to wait: seconds, or until a date (RFC 9110, 10.2.3).
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Unit::read(value.trim(), &[Unit::HttpDate]).ok()?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

impl Retry {
    /// One attempt, whatever comes of it.
    pub fn never(policy: DeliveryPolicy) -> Self {
        Self {
            policy,
            retries: 0,
            scale: 1.0,
        }
    }

    /// As the provider does, but at most `retries` times where that is given.
    pub fn following(policy: DeliveryPolicy, retries: Option<u32>) -> Self {
        let retries = retries.unwrap_or(policy.retries);
        Self {
            policy,
            retries,
            scale: 1.0,
        }
    }

    /// The same with every wait multiplied by `scale`, for those who can't wait.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// The provider's time-out of an attempt.
    pub fn timeout(&self) -> Duration {
        self.policy.timeout
    }

    /// Whether a retry is signed anew.
    pub fn signs_anew(&self) -> bool {
        self.policy.signature == RetrySignature::Fresh
    }

    /// How long to wait after the nth attempt, from 0 on, before the next; `None` where there is none.
    pub fn delay_after(&self, attempt: u32, ended: impl Into<Ended>) -> Option<Duration> {
        let ended = ended.into();
        if attempt >= self.retries || !self.policy.tries_again(ended.class, ended.status) {
            return None;
        }
        if let Some(wait) = ended.wait.filter(|_| self.policy.retry_after) {
            return Some(self.scaled_delay(wait.as_secs_f64()));
        }
        let delay = match &self.policy.delay {
            Delay::List(delays) => {
                let last = delays.len().checked_sub(1)?;
                delays[last.min(attempt as usize)].0
            }
            Delay::Growing(Growth { first, factor, max }) => {
                let grown = first.0.as_secs_f64() * factor.powf(f64::from(attempt));
                Duration::try_from_secs_f64(grown).map_or(max.0, |delay| delay.min(max.0))
            }
        };
        let jitter = match self.policy.jitter {
            Some((from, to)) => (from + (to - from) * fastrand::f64()).max(0.0),
            None => 1.0,
        };
        Some(self.scaled_delay(delay.as_secs_f64() * jitter))
    }

    fn scaled_delay(&self, seconds: f64) -> Duration {
        Duration::try_from_secs_f64(seconds * self.scale).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(table: &str) -> DeliveryPolicy {
        toml::from_str(table).unwrap()
    }

    #[test]
    fn a_list_is_followed_and_its_last_repeats() {
        let policy = policy(
            r#"retries = 3
            delay = ["2s", "4s"]
            on = ["5xx", "timeout"]"#,
        );
        let retry = Retry::following(policy.clone(), None);
        let seconds = |attempt| {
            retry
                .delay_after(attempt, RetryClass::ServerError)
                .map(|delay| delay.as_secs())
        };
        assert_eq!(
            [seconds(0), seconds(1), seconds(2), seconds(3)],
            [Some(2), Some(4), Some(4), None]
        );
        assert_eq!(retry.delay_after(0, RetryClass::ClientError), None);
        assert_eq!(retry.delay_after(0, RetryClass::Connect), None);
        assert_eq!(Retry::never(policy).delay_after(0, RetryClass::Timeout), None);
    }

    #[test]
    fn a_growing_delay_has_a_limit_and_jitter_stays_in_its_range() {
        let retry = Retry::following(
            policy(
                r#"delay = { first = "5s", factor = 2, max = "12s" }
                jitter = [0.85, 1.15]"#,
            ),
            Some(40),
        );
        for (attempt, expected) in [(0, 5.0), (1, 10.0), (2, 12.0), (39, 12.0)] {
            for _ in 0..50 {
                let scaled = retry.clone().scaled(0.01);
                let short = scaled
                    .delay_after(attempt, RetryClass::ServerError)
                    .unwrap()
                    .as_secs_f64();
                assert!(
                    (expected * 0.0085..=expected * 0.0115).contains(&short),
                    "{attempt}: {short}"
                );
                let delay = retry
                    .delay_after(attempt, RetryClass::ServerError)
                    .unwrap()
                    .as_secs_f64();
                assert!(
                    (expected * 0.85..=expected * 1.15).contains(&delay),
                    "{attempt}: {delay}"
                );
            }
        }
    }

    #[test]
    fn single_statuses_and_what_an_answer_asks_for_count() {
        let policy = policy(
            r#"retries = 9
            delay = ["2s"]
            on = ["4xx", 503]
            except = ["410", 429]
            retry_after = true"#,
        );
        let retry = Retry::following(policy, None);
        let ended = |status: u16, wait: Option<u64>| Ended {
            class: match status {
                400..500 => RetryClass::ClientError,
                _ => RetryClass::ServerError,
            },
            status: Some(status),
            wait: wait.map(Duration::from_secs),
        };
        for (status, wait, delay) in [
            (404, None, Some(2)),
            (404, Some(7), Some(7)),
            (410, Some(7), None),
            (429, None, None),
            (503, None, Some(2)),
            (500, None, None),
        ] {
            let after = retry.delay_after(0, ended(status, wait));
            assert_eq!(after.map(|delay| delay.as_secs()), delay, "{status}");
        }
        assert!(toml::from_str::<DeliveryPolicy>(r#"on = ["6xx"]"#).is_err());
        assert!(toml::from_str::<DeliveryPolicy>("on = [99]").is_err());
    }

    #[test]
    fn an_answer_asks_to_wait_for_seconds_or_until_a_date() {
        let now: Timestamp = "1999-12-31T23:59:00Z".parse().unwrap();
        // Both examples of RFC 9110, section 10.2.3.
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        let until = retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now);
        assert_eq!(until, Some(Duration::from_secs(59)));
        assert_eq!(retry_after("Fri, 31 Dec 1999 23:58:59 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_an_error_and_not_a_panic() {
        assert!(toml::from_str::<DeliveryPolicy>(r#"delay = 5"#).is_err());
        let huge = policy(r#"delay = { first = "1s", factor = 1e300, max = "1m" }"#);
        let retry = Retry::following(huge, Some(9));
        assert_eq!(retry.delay_after(8, RetryClass::Timeout), Some(Duration::from_secs(60)));
    }
}
