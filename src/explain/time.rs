//! Causes in the time of a message whose MAC is right: its unit first, then the clocks.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::cause::{Basis, Cause, Kind};
use super::content::Known;
use super::remedy;
use super::search::Direction;
use super::{Question, missing, written_as};
use crate::clock::{self, Tolerance, Unit, Within};
use crate::scheme::{Scheme, TimestampRule};
use crate::verify::{Options, Reason, Verdict};

/// How many of a second there are, and what such a unit is called.
const UNITS: [(i64, &str); 4] = [
    (1, "seconds"),
    (1_000, "milliseconds"),
    (1_000_000, "microseconds"),
    (1_000_000_000, "nanoseconds"),
];
/// A time read in the wrong unit is further off than this, in days.
const WRONG: i64 = 10 * 366;

/// A cause in the time, where there is one.
pub(super) fn cause(question: &Question<'_>, options: &Options) -> Option<Cause> {
    let schemes = std::iter::once(question.scheme).chain(written_as(question).map(|other| &other.scheme));
    let (text, rule) = schemes.filter_map(|scheme| stamp(question, scheme)).next()?;
    unit(&text, rule, options.at).or_else(|| clocks(&text, rule, options))
}

/// Why a message is stale or from the future: there is always a reason.
pub(super) fn of_valid(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Cause {
    let kind = match verdict.reason {
        Reason::Future => Kind::TimeFuture,
        _ => Kind::TimeStale,
    };
    cause(question, options).unwrap_or_else(|| missing::stated(question, verdict, kind, Basis::Clock))
}

/// What is wrong where the MAC is right and the headers can't be taken: the time's unit, or what the verdict says.
pub(super) fn malformed(question: &Question<'_>, verdict: &Verdict) -> Cause {
    let unread = stamp(question, question.scheme).filter(|(text, rule)| Unit::read(text, &rule.units()).is_err());
    let Some((text, rule)) = unread else {
        return missing::stated(question, verdict, Kind::SignatureHeader, Basis::Mac);
    };
    let number = text.parse().ok().and_then(of_our_days);
    let other = match (number, Unit::of(&text)) {
        (Some((at, name)), _) => format!(", and as {name} it is {}", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        (None, Some(unit)) => format!(", and is {unit}"),
        (None, None) => String::new(),
    };
    Cause {
        detail: format!("the MAC is right; the timestamp `{text}` is not {}{other}", rule.unit),
        remedy: remedy::of(Kind::TimeUnit, "", Direction::Reverse, None),
        ..Cause::new(Kind::TimeUnit, Basis::Mac)
    }
}

/// The time between 2000 and 2100 that a number is, and the one unit that makes it so.
fn of_our_days(number: i64) -> Option<(Timestamp, &'static str)> {
    UNITS.into_iter().find_map(|(parts, name)| {
        let at = Timestamp::from_second(number / parts).ok()?;
        (946_684_800..4_102_444_800)
            .contains(&at.as_second())
            .then_some((at, name))
    })
}

fn stamp<'a>(question: &Question<'_>, scheme: &'a Scheme) -> Option<(String, &'a TimestampRule)> {
    let rule = scheme.timestamp.as_ref()?;
    Some((Known::of(question.message, scheme).timestamp?, rule))
}

/// A number that is a time of our days in another unit than its rule's.
fn unit(text: &str, rule: &TimestampRule, at: Timestamp) -> Option<Cause> {
    let number: i64 = text.parse().ok()?;
    let days = |age: SignedDuration| age.as_hours().abs() / 24;
    let own = Unit::read(text, &rule.units()).ok();
    if own.is_some_and(|own| days(at.duration_since(own)) < WRONG) {
        return None;
    }
    let (meant, name) = of_our_days(number)?;
    let expected = rule.unit.to_string();
    let far = own.map_or(String::new(), |own| format!(" {}", own.strftime("%Y-%m-%d")));
    Some(Cause {
        detail: format!(
            "the timestamp `{text}` is in {name}, and the scheme has {expected}: read as those it is{}; as {name} it is {}",
            if far.is_empty() { " no time".to_owned() } else { far },
            meant.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ),
        remedy: remedy::of(Kind::TimeUnit, "", Direction::Reverse, None),
        ..Cause::new(Kind::TimeUnit, Basis::Clock)
    })
}

fn clocks(text: &str, rule: &TimestampRule, options: &Options) -> Option<Cause> {
    let at = Unit::read(text, &rule.units()).ok()?;
    let tolerance: Tolerance = options.tolerance.unwrap_or(rule.tolerance);
    let age = options.at.duration_since(at);
    let (kind, limit, direction) = match tolerance.judge(age) {
        Within::Tolerance => return None,
        Within::Stale => (Kind::TimeStale, tolerance.past, "behind"),
        Within::Future => (Kind::TimeFuture, tolerance.future, "ahead of"),
    };
    let off = Duration::from_secs(age.unsigned_abs().as_secs());
    let off = match off.as_secs() / 86_400 {
        days @ 3.. => format!("{days} days"),
        _ => clock::shown(off),
    };
    Some(Cause {
        detail: format!("the signed time is {off} {direction} the time of judging, and {limit} is allowed"),
        remedy: remedy::of(kind, "", Direction::Reverse, None),
        ..Cause::new(kind, Basis::Clock)
    })
}
