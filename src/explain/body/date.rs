//! A moment in each of its spellings.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment as a JSON token, in other spellings than its own; nothing where `text` is none.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let Some(at) = read(text) else { return Vec::new() };
    let own = at.to_zoned(TimeZone::UTC);
    let format = |format: &str| own.strftime(format).to_string();
    let milliseconds = own.subsec_nanosecond() / 1_000_000;
    let microseconds = own.subsec_nanosecond() / 1_000;
    let seconds = format("%Y-%m-%dT%H:%M:%S");
    let spaced = format("%Y-%m-%d %H:%M:%S");
    let shortest = match own.subsec_nanosecond() {
        0 => seconds.clone(),
        nanoseconds => format!("{seconds}.{}", format!("{nanoseconds:09}").trim_end_matches('0')),
    };
    let mut all = Vec::new();
    for base in [
        seconds.clone(),
        format!("{seconds}.{milliseconds:03}"),
        format!("{seconds}.{microseconds:06}"),
        format!("{seconds}.{microseconds:06}0"),
        shortest,
        spaced.clone(),
        format!("{spaced}.{milliseconds:03}"),
        format!("{spaced}.{microseconds:06}"),
    ] {
        for zone in ["Z", "+00:00", "", "+0000", " UTC", "+00"] {
            all.push(format!("\"{base}{zone}\""));
        }
    }
    all.push(format("\"%a, %d %b %Y %H:%M:%S GMT\""));
    all.push(format("\"%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)\""));
    all.push(format("\"%Y-%m-%d\""));
    all.push(at.as_second().to_string());
    all.push(at.as_millisecond().to_string());
    all.push(format!("{}.{milliseconds:03}", at.as_second()));
    all.push(format!("{}.0", at.as_second()));
    all.push(format!("\"{}\"", at.as_second()));
    all.push(format!("\"{}\"", at.as_millisecond()));
    all.push(format!("\"/Date({})/\"", at.as_millisecond()));
    let mut seen = Vec::new();
    all.retain(|spelling| {
        let new = spelling.trim_matches('"') != text && !seen.contains(spelling);
        seen.push(spelling.clone());
        new
    });
    all
}

/// A moment as ISO 8601 has it: in seconds, milliseconds, microseconds, and as short as may be; each with `Z`, `+00:00`
/// and nothing; nothing where `text` is none or a number.
pub(super) fn zoned(text: &str) -> Vec<String> {
    let Some(at) = read(text).filter(|_| text.contains('-')) else {
        return Vec::new();
    };
    let own = at.to_zoned(TimeZone::UTC);
    let seconds = own.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let nanoseconds = own.subsec_nanosecond();
    let bases = [
        seconds.clone(),
        format!("{seconds}.{:03}", nanoseconds / 1_000_000),
        format!("{seconds}.{:06}", nanoseconds / 1_000),
    ];
    bases
        .iter()
        .flat_map(|base| ["Z", "+00:00", ""].map(|zone| format!("{base}{zone}")))
        .collect()
}

/// The moment that `text` is, the raw text of a JSON value without its quotes.
fn read(text: &str) -> Option<Timestamp> {
    if !(10..=40).contains(&text.len()) || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            10 => Timestamp::from_second(number).ok(),
            13 => Timestamp::from_millisecond(number).ok(),
            _ => None,
        };
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let whole = text.parse::<Timestamp>().ok();
    whole.or_else(|| format!("{text}Z").parse::<Timestamp>().ok())
}
