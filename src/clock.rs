//! Time as webhooks write it: a moment, its units, how far off it may be, and a clock that can be fixed.

use std::fmt;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

/// The seconds of 2000-01-01 and of 2100-01-01: a number that may be anything is a time only between them.
const THIS_CENTURY: std::ops::Range<i64> = 946_684_800..4_102_444_800;
/// From here on a bare number of unix time is milliseconds: 1e11 s is the year 5138, 1e11 ms is 1973.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// What can't be read as a time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// Not a moment in any form that is understood.
    #[error(
        "`{0}` is not a time from 1970 on: give RFC 3339 (2026-05-08T12:00:00Z), unix seconds or milliseconds, `now`, or an offset such as -10m"
    )]
    Moment(String),
    /// Not a duration.
    #[error("`{0}` is not a duration: give one such as 500ms, 5s, 2m or 7d")]
    Duration(String),
    /// A sender's timestamp that its scheme doesn't write.
    #[error("`{text}` is not {expected}")]
    Stamp {
        /// The text received.
        text: String,
        /// What the scheme writes, in words.
        expected: String,
    },
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Unit {
    /// Unix seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Unix milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// RFC 3339 in UTC, whole seconds: `2026-05-08T12:00:00Z`.
    #[serde(rename = "rfc3339-seconds")]
    Rfc3339Seconds,
    /// RFC 3339 in UTC, milliseconds: `2026-05-08T12:00:00.000Z`, as JavaScript's `toISOString` writes it.
    #[serde(rename = "rfc3339-millis")]
    Rfc3339Millis,
    /// A date and a time without a zone, which is UTC, whole seconds: `2026-05-08T12:00:00`.
    #[serde(rename = "datetime-seconds")]
    DatetimeSeconds,
    /// The same with microseconds: `2026-05-08T12:00:00.000000`, as Python's `isoformat` writes it.
    #[serde(rename = "datetime-micros")]
    DatetimeMicros,
    /// A date of HTTP (RFC 9110): `Fri, 08 May 2026 12:00:00 GMT`.
    #[serde(rename = "http-date")]
    HttpDate,
}

impl Unit {
    /// Every unit, by its name in a provider's table.
    pub(crate) const NAMED: [(&str, Self); 7] = [
        ("s", Self::Seconds),
        ("ms", Self::Milliseconds),
        ("rfc3339-seconds", Self::Rfc3339Seconds),
        ("rfc3339-millis", Self::Rfc3339Millis),
        ("datetime-seconds", Self::DatetimeSeconds),
        ("datetime-micros", Self::DatetimeMicros),
        ("http-date", Self::HttpDate),
    ];

    /// The unit that `text` is written in, where it is a time of this century. Other writings of RFC 3339 than the known
    /// ones count as the nearest of them.
    pub fn of(text: &str) -> Option<Self> {
        let at = Self::read(text, &Self::NAMED.map(|(_, unit)| unit)).ok()?;
        if !THIS_CENTURY.contains(&at.as_second()) {
            return None;
        }
        let exact = Self::NAMED.into_iter().find(|(_, unit)| unit.write(at) == text);
        exact.map(|(_, unit)| unit).or_else(|| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let rfc3339 = if text.contains(',') {
                Self::HttpDate
            } else if text.parse::<Timestamp>().is_err() {
                Self::DatetimeMicros
            } else if text.contains('.') {
                Self::Rfc3339Millis
            } else {
                Self::Rfc3339Seconds
            };
            (!is_number).then_some(rfc3339)
        })
    }

    /// `at` in this unit.
    pub fn write(self, at: Timestamp) -> String {
        match self {
            Self::Seconds => at.as_second().to_string(),
            Self::Milliseconds => at.as_millisecond().to_string(),
            Self::Rfc3339Seconds => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Self::Rfc3339Millis => at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            Self::DatetimeSeconds => at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            Self::DatetimeMicros => at.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string(),
            Self::HttpDate => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        }
    }

    /// Reads a sender's timestamp where it may be in any of `accepted`. Where seconds and milliseconds both may be
    /// meant, the size of the number tells them apart.
    ///
    /// # Errors
    /// [`ClockError::Stamp`] where it is in none of them.
    pub fn read(text: &str, accepted: &[Self]) -> Result<Timestamp, ClockError> {
        let wrong = || ClockError::Stamp {
            text: text.to_owned(),
            expected: accepted
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" or "),
        };
        let accepts = |unit| accepted.contains(&unit);
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number: i64 = text.parse().map_err(|_| wrong())?;
            let unit = match (accepts(Self::Seconds), accepts(Self::Milliseconds)) {
                (true, true) if number >= MILLISECONDS_FROM => Self::Milliseconds,
                (true, _) => Self::Seconds,
                (false, true) => Self::Milliseconds,
                (false, false) => return Err(wrong()),
            };
            return unix(number, unit == Self::Milliseconds).ok_or_else(wrong);
        }
        if (accepts(Self::Rfc3339Seconds) || accepts(Self::Rfc3339Millis))
            && let Ok(at) = text.parse()
        {
            return Ok(at);
        }
        if (accepts(Self::DatetimeSeconds) || accepts(Self::DatetimeMicros))
            && let Ok(at) = text.parse::<DateTime>()
            && text.contains(['T', ' '])
        {
            return TimeZone::UTC.to_timestamp(at).map_err(|_| wrong());
        }
        if accepts(Self::HttpDate)
            && let Ok(at) = Timestamp::strptime("%a, %d %b %Y %H:%M:%S GMT %z", format!("{text} +0000"))
        {
            return Ok(at);
        }
        Err(wrong())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seconds => "unix seconds",
            Self::Milliseconds => "unix milliseconds",
            Self::Rfc3339Seconds | Self::Rfc3339Millis => "an RFC 3339 time",
            Self::DatetimeSeconds | Self::DatetimeMicros => "a time without a zone",
            Self::HttpDate => "an HTTP date",
        })
    }
}

fn unix(number: i64, milliseconds: bool) -> Option<Timestamp> {
    if milliseconds {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// Reads a moment as a user types it: RFC 3339, unix seconds, unix milliseconds from 1e11 on, `now`, or an offset from
/// `now` such as `-10m`. Nothing before 1970: no sender writes such a time.
///
/// # Errors
/// [`ClockError::Moment`].
pub fn moment(text: &str, now: Timestamp) -> Result<Timestamp, ClockError> {
    match read_moment(text, now) {
        Ok(at) if at < Timestamp::UNIX_EPOCH => Err(ClockError::Moment(text.to_owned())),
        read => read,
    }
}

/// Reads a moment that lies behind, as a user types it: what [`moment`] reads, a duration (`1h` is an hour ago),
/// `today`, `yesterday`, a date, or a date and a time, in `zone`.
///
/// # Errors
/// [`ClockError::Moment`].
pub fn past(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, ClockError> {
    let wrong = || ClockError::Moment(text.to_owned());
    let read = moment(text, now);
    if read.is_ok() {
        return read;
    }
    if let Ok(ago) = duration(text) {
        let ago = SignedDuration::try_from(ago).map_err(|_| wrong())?;
        return now.checked_sub(ago).map_err(|_| wrong());
    }
    let today = now.to_zoned(zone.clone()).date();
    let day = match text {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        _ => None,
    };
    let at: DateTime = match day {
        Some(day) => day.into(),
        None => text.parse().map_err(|_| wrong())?,
    };
    let at = at.to_zoned(zone.clone()).map_err(|_| wrong())?.timestamp();
    (at >= Timestamp::UNIX_EPOCH).then_some(at).ok_or_else(wrong)
}

fn read_moment(text: &str, now: Timestamp) -> Result<Timestamp, ClockError> {
    let wrong = || ClockError::Moment(text.to_owned());
    if text == "now" {
        return Ok(now);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.parse().map_err(|_| wrong())?;
        return unix(number, number >= MILLISECONDS_FROM).ok_or_else(wrong);
    }
    if let Some((sign, rest)) = text
        .strip_prefix('-')
        .map(|rest| (-1, rest))
        .or_else(|| text.strip_prefix('+').map(|rest| (1, rest)))
    {
        let offset = SignedDuration::try_from(duration(rest).map_err(|_| wrong())?).map_err(|_| wrong())?;
        return now.checked_add(offset * sign).map_err(|_| wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// Reads a duration such as `500ms`, `5s`, `2m` or `7d`; a bare `0` is none at all.
///
/// # Errors
/// [`ClockError::Duration`], for a negative one too.
pub fn duration(text: &str) -> Result<Duration, ClockError> {
    let wrong = || ClockError::Duration(text.to_owned());
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let span: Span = text.parse().map_err(|_| wrong())?;
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    Duration::try_from(signed).map_err(|_| wrong())
}

/// A duration as [`duration`] reads it: `500ms`, `5m`.
pub fn shown(duration: Duration) -> String {
    match SignedDuration::try_from(duration) {
        Ok(signed) => format!("{signed:#}").replace(' ', ""),
        Err(_) => format!("{}s", duration.as_secs()),
    }
}

/// A duration in a table, written as text.
///
/// # Errors
/// What [`duration`] says.
pub(crate) fn deserialize_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    duration(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// How far a timestamp may be from the time of judging, on each side; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// How old it may be.
    pub past: Limit,
    /// How far ahead it may be.
    pub future: Limit,
}

/// One side of a [`Tolerance`], written as a duration or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(pub Option<Duration>);

impl TryFrom<String> for Limit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "none" => Ok(Self(None)),
            _ => duration(&text)
                .map(|limit| Self(Some(limit)))
                .map_err(|error| error.to_string()),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => f.write_str(&shown(limit)),
            None => f.write_str("no limit"),
        }
    }
}

/// Where a timestamp lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Near enough.
    Tolerance,
    /// Too old.
    Stale,
    /// Too far ahead.
    Future,
}

impl Tolerance {
    /// The same limit on both sides; zero turns it off, as `--tolerance 0` does.
    pub fn both(limit: Duration) -> Self {
        let limit = Limit((!limit.is_zero()).then_some(limit));
        Self {
            past: limit,
            future: limit,
        }
    }

    /// Judges an age: positive is in the past. The limit itself is within.
    pub fn judge(&self, age: SignedDuration) -> Within {
        let beyond = |limit: Limit| limit.0.is_some_and(|limit| age.unsigned_abs() > limit);
        if age.is_negative() {
            if beyond(self.future) {
                Within::Future
            } else {
                Within::Tolerance
            }
        } else if beyond(self.past) {
            Within::Stale
        } else {
            Within::Tolerance
        }
    }
}

/// A source of the present moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    System,
    /// Always the same moment: output that is equal on every run.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        let now = at("2026-05-08T12:00:00Z");
        for (text, expected) in [
            ("now", "2026-05-08T12:00:00Z"),
            ("2025-01-15T10:30:00Z", "2025-01-15T10:30:00Z"),
            ("2025-01-15T12:30:00+02:00", "2025-01-15T10:30:00Z"),
            ("1736937000", "2025-01-15T10:30:00Z"),
            ("1736937000123", "2025-01-15T10:30:00.123Z"),
            ("99999999999", "5138-11-16T09:46:39Z"),
            ("100000000000", "1973-03-03T09:46:40Z"),
            ("-10m", "2026-05-08T11:50:00Z"),
            ("+500ms", "2026-05-08T12:00:00.5Z"),
            ("-7d", "2026-05-01T12:00:00Z"),
        ] {
            assert_eq!(moment(text, now).unwrap(), at(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "-",
            "- 5m",
            "--5m",
            "1e9",
            "99999999999999999999",
            "-99999999d",
        ] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_positive_and_carry_a_unit() {
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("7d").unwrap(), Duration::from_secs(7 * 86_400));
        assert_eq!(duration("0").unwrap(), Duration::ZERO);
        for text in ["", "5", "-5s", "5 parsecs", "1mo"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_taken_in_an_accepted_unit() {
        use Unit::{Milliseconds, Seconds};
        let read = |text, accepted: &[Unit]| Unit::read(text, accepted).map(|at| at.as_millisecond());
        assert_eq!(read("1736937000", &[Seconds, Milliseconds]).unwrap(), 1_736_937_000_000);
        assert_eq!(
            read("1736937000123", &[Milliseconds, Seconds]).unwrap(),
            1_736_937_000_123
        );
        assert_eq!(read("1736937000", &[Milliseconds]).unwrap(), 1_736_937_000);
        for text in [
            "",
            " 1736937000",
            "+1736937000",
            "1736937000.0",
            "soon",
            "2025-01-15T10:30:00Z",
        ] {
            assert!(read(text, &[Seconds, Milliseconds]).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_time_is_told_from_other_numbers() {
        for (text, expected) in [
            ("1614265330", Some(Unit::Seconds)),
            ("1614265330123", Some(Unit::Milliseconds)),
            ("2021-02-25T15:02:10Z", Some(Unit::Rfc3339Seconds)),
            ("2021-02-25T15:02:10.123Z", Some(Unit::Rfc3339Millis)),
            ("2021-02-25T15:02:10.123456+00:00", Some(Unit::Rfc3339Millis)),
            ("686", None),
            ("01614265330", None),
            ("292430182", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(Unit::of(text), expected, "{text}");
        }
    }

    #[test]
    fn tolerance_has_two_sides_and_includes_its_limit() {
        let minutes = |minutes| SignedDuration::from_mins(minutes);
        let five = Tolerance::both(Duration::from_secs(300));
        assert_eq!(five.judge(minutes(5)), Within::Tolerance);
        assert_eq!(five.judge(minutes(6)), Within::Stale);
        assert_eq!(five.judge(minutes(-6)), Within::Future);
        let past_only = Tolerance {
            future: Limit(None),
            ..five
        };
        assert_eq!(past_only.judge(minutes(-600)), Within::Tolerance);
        assert_eq!(Tolerance::both(Duration::ZERO).judge(minutes(600)), Within::Tolerance);
    }

    #[test]
    fn units_are_written_as_their_senders_write_them() {
        let moment = at("2026-05-08T12:00:00.25Z");
        assert_eq!(Unit::Seconds.write(moment), "1778241600");
        assert_eq!(Unit::Milliseconds.write(moment), "1778241600250");
        assert_eq!(Unit::Rfc3339Seconds.write(moment), "2026-05-08T12:00:00Z");
        assert_eq!(Unit::Rfc3339Millis.write(moment), "2026-05-08T12:00:00.250Z");
        assert_eq!(Unit::DatetimeSeconds.write(moment), "2026-05-08T12:00:00");
        assert_eq!(Unit::DatetimeMicros.write(moment), "2026-05-08T12:00:00.250000");
        assert_eq!(Unit::HttpDate.write(moment), "Fri, 08 May 2026 12:00:00 GMT");
        // RFC 9110, section 5.6.7.
        let date = Unit::read("Sun, 06 Nov 1994 08:49:37 GMT", &[Unit::HttpDate]).unwrap();
        assert_eq!(date.as_second(), 784_111_777);
        for (text, unit) in [
            ("2026-05-08T12:00:00.25", Unit::DatetimeMicros),
            ("2026-05-08T12:00:00", Unit::DatetimeSeconds),
        ] {
            assert_eq!(Unit::read(text, &[unit]).unwrap().as_second(), 1_778_241_600);
            assert!(Unit::read(text, &[Unit::Rfc3339Seconds]).is_err() && Unit::of(text).is_some());
        }
        assert!(Unit::read("2026-05-08", &[Unit::DatetimeSeconds]).is_err());
    }
}
