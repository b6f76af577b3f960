//! When a request came, in the forms in which programs write times.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// A time, and whether its zone is in it.
struct Time {
    at: Timestamp,
    is_zoned: bool,
}

/// The moment that a text or a number stands for. One that can't be read is noted, and so is one without a zone, which
/// is taken for UTC.
pub fn read(value: Option<&Value>, notes: &mut Vec<String>) -> Option<Timestamp> {
    let time = time(value?, notes)?;
    if !time.is_zoned {
        let text = value.and_then(Value::as_str).unwrap_or_default();
        notes.push(format!(
            "its time {} has no zone, and is taken for UTC",
            text.escape_debug()
        ));
    }
    Some(time.at)
}

/// The same for programs that write UTC without saying so.
pub fn read_utc(value: Option<&Value>, notes: &mut Vec<String>) -> Option<Timestamp> {
    time(value?, notes).map(|time| time.at)
}

fn time(value: &Value, notes: &mut Vec<String>) -> Option<Time> {
    let (found, text) = match value {
        Value::Null => return None,
        Value::String(text) => (of_text(text.trim()), text.clone()),
        Value::Number(number) => (of_number(&number.to_string()), number.to_string()),
        other => (None, other.to_string()),
    };
    if found.is_none() {
        let text: String = text.chars().take(40).collect();
        notes.push(format!(
            "its time `{}` can't be read, so when it came is not known",
            text.escape_debug()
        ));
    }
    found
}

/// Units of unix times, with the first number that can't be of the one before: each is in the year 5138 of that.
const UNITS: [(f64, f64); 4] = [(1e17, 1.0), (1e14, 1e3), (1e11, 1e6), (0.0, 1e9)];

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size.
fn of_number(text: &str) -> Option<Time> {
    let number: f64 = text.parse().ok()?;
    let (_, nanoseconds) = UNITS.into_iter().find(|(from, _)| number >= *from)?;
    let exact = text
        .parse::<i128>()
        .ok()
        .and_then(|whole| whole.checked_mul(nanoseconds as i128));
    // Microseconds are what a float holds of seconds.
    let rounded = || ((number * nanoseconds / 1e3).round() as i128).checked_mul(1000);
    let at = Timestamp::from_nanosecond(exact.or_else(rounded)?).ok()?;
    Some(Time { at, is_zoned: true })
}

fn of_text(text: &str) -> Option<Time> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return of_number(text);
    }
    let zoned = |at: Timestamp| Time { at, is_zoned: true };
    // Go writes `+0000 UTC`; Ruby a space before the offset.
    let named = ["UTC", "GMT"].iter().find_map(|zone| text.strip_suffix(zone));
    let plain = short_fraction(named.unwrap_or(text).trim());
    let close = plain.replace(" +", "+").replace(" -", "-");
    if let Ok(at) = plain.parse().or_else(|_| close.parse()) {
        return Some(zoned(at));
    }
    if let Ok(civil) = plain.parse::<DateTime>() {
        let at = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
        return Some(Time {
            at,
            is_zoned: named.is_some(),
        });
    }
    let mail = || rfc2822::parse(text).ok().map(|time| time.timestamp());
    // As logs of Apache and nginx have it.
    let log = || {
        strtime::parse("%d/%b/%Y:%H:%M:%S %z", text.trim_matches(['[', ']']))
            .ok()?
            .to_timestamp()
            .ok()
    };
    mail().or_else(log).map(zoned)
}

/// A text whose fraction of a second has no more than nine digits.
fn short_fraction(text: &str) -> String {
    let Some((before, behind)) = text.split_once('.') else {
        return text.to_owned();
    };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    format!("{before}.{}{}", &behind[..digits.min(9)], &behind[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_others_are_read_or_noted() {
        for (value, at, noted) in [
            (
                r#""2026-11-01T09:15:28.271-04:00""#,
                Some("2026-11-01T13:15:28.271Z"),
                false,
            ),
            (
                r#""2026-01-13T15:41:11.497000""#,
                Some("2026-01-13T15:41:11.497Z"),
                true,
            ),
            (r#""2024-02-22T9:34:07.123Z""#, None, true),
            (r#""2026-11-01 09:15:28 +0100""#, Some("2026-11-01T08:15:28Z"), false),
            (
                r#""2026-11-01 09:15:28.5 +0000 UTC""#,
                Some("2026-11-01T09:15:28.5Z"),
                false,
            ),
            (r#""2026-11-01 09:15:28 UTC""#, Some("2026-11-01T09:15:28Z"), false),
            (
                r#""2026-11-01T09:15:28.271123456789Z""#,
                Some("2026-11-01T09:15:28.271123456Z"),
                false,
            ),
            (
                r#""Sun, 01 Nov 2026 09:15:28 GMT""#,
                Some("2026-11-01T09:15:28Z"),
                false,
            ),
            (r#""01/Nov/2026:09:15:28 +0000""#, Some("2026-11-01T09:15:28Z"), false),
            // `date -u -d @1793524528`.
            ("1793524528", Some("2026-11-01T09:15:28Z"), false),
            (r#""1793524528""#, Some("2026-11-01T09:15:28Z"), false),
            ("1793524528.271", Some("2026-11-01T09:15:28.271Z"), false),
            ("1793524528271", Some("2026-11-01T09:15:28.271Z"), false),
            ("1793524528271000", Some("2026-11-01T09:15:28.271Z"), false),
            ("1793524528271000001", Some("2026-11-01T09:15:28.271000001Z"), false),
            ("null", None, false),
            ("-5", None, true),
            ("1e300", None, true),
            (r#""yesterday""#, None, true),
            (r#""""#, None, true),
            ("{}", None, true),
        ] {
            let mut notes = Vec::new();
            let value_read = serde_json::from_str(value).unwrap();
            let found = read(Some(&value_read), &mut notes);
            assert_eq!(found, at.map(|at| at.parse().unwrap()), "{value}");
            assert_eq!(!notes.is_empty(), noted, "{value}: {notes:?}");
        }
    }
}
