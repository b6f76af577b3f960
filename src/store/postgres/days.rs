//! The partitions: one a day.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::session::Session;

/// Holds what arrived on no day near now: a file may hold any time, and each day costs a table.
pub const REST: Date = date(1, 1, 1);
/// How many days before now have a partition of their own.
const BACK: i64 = 400;
/// How many after it.
const AHEAD: i64 = 1;

/// The day under which a time is kept.
pub fn day_of(at: Timestamp, now: Timestamp) -> Date {
    let hours = now.duration_since(at).as_hours();
    match hours {
        hours if (-AHEAD * 24..BACK * 24).contains(&hours) => at.to_zoned(TimeZone::UTC).date(),
        _ => REST,
    }
}

/// A day as a number, and back: days since 1970.
pub fn number(day: Date) -> u64 {
    let since = day.since(date(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
    since.cast_unsigned()
}

/// The day of a number.
pub fn from_number(number: u64) -> Date {
    let days = jiff::Span::new().try_days(number.cast_signed());
    days.and_then(|days| date(1970, 1, 1).checked_add(days)).unwrap_or(REST)
}

/// The name of a table's partition for a day.
pub fn partition(table: &str, day: Date) -> String {
    match day {
        REST => format!("{table}_rest"),
        _ => format!("{table}_{}", day.strftime("%Y%m%d")),
    }
}

impl Session {
    /// Makes the partitions of days that have none, outside of any transaction.
    pub async fn make_days(&mut self, days: impl IntoIterator<Item = Date>) -> Result<(), Error> {
        for day in days {
            if day == REST || self.days.contains(&day) {
                continue;
            }
            let Ok(next) = day.tomorrow() else { continue };
            for table in ["capture", "delivery"] {
                let name = partition(table, day);
                let make = format!(
                    "CREATE TABLE IF NOT EXISTS \"{name}\" PARTITION OF {table} FOR VALUES FROM ('{day}') TO ('{next}')"
                );
                if let Err(error) = self.client.batch_execute(&make).await
                    && !is_there(&error)
                {
                    return Err(error);
                }
            }
            self.days.insert(day);
        }
        Ok(())
    }
}

/// Whether another session made it at the same time.
fn is_there(error: &Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::DUPLICATE_TABLE | &SqlState::UNIQUE_VIOLATION | &SqlState::DUPLICATE_OBJECT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_number_and_what_is_far_from_now_has_none() {
        let now: Timestamp = "2026-05-08T00:30:00Z".parse().unwrap();
        for (at, day) in [
            ("2026-05-08T00:00:00Z", date(2026, 5, 8)),
            ("2026-05-07T23:59:59.999999Z", date(2026, 5, 7)),
            ("2026-05-08T23:00:00Z", date(2026, 5, 8)),
            ("2020-01-01T00:00:00Z", REST),
            ("2027-01-01T00:00:00Z", REST),
            ("-009990-01-01T00:00:00Z", REST),
        ] {
            let found = day_of(at.parse().unwrap(), now);
            assert_eq!(found, day, "{at}");
            assert_eq!(from_number(number(found)), found);
        }
        assert_eq!(partition("capture", date(2026, 5, 8)), "capture_20260508");
    }
}
