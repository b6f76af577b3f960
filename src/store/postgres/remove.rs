//! Removing captures: one by one, or the days before one.

use jiff::Timestamp;
use jiff::civil::Date;

use super::days::{REST, day_of, partition};
use super::session::Session;
use crate::store::StoreError;

/// How many captures are removed in one transaction.
const BATCH: usize = 1000;

/// A run that goes on knows by them what was answered.
const KEEP_ANSWERED: &str = "UPDATE delivery d SET capture = 0, target = '', answer_headers = NULL, answer_body = NULL, \
    answer_truncated = NULL, day = '0001-01-01' FROM number n \
    WHERE n.id = ANY($1) AND d.capture = n.id AND d.day = n.day AND d.run IN (SELECT id FROM run WHERE NOT finished)";
const DELIVERIES: &str = "DELETE FROM delivery d USING number n \
    WHERE n.id = ANY($1) AND d.capture = n.id AND d.day = n.day";
const CAPTURES: &str = "DELETE FROM capture c USING number n WHERE n.id = ANY($1) AND c.id = n.id AND c.day = n.day";
const PLACES: &str = "DELETE FROM number WHERE id = ANY($1)";
/// The next of the same event is the first from now on.
const NEXT_FIRST: &str = "UPDATE identity i SET capture = next.id FROM \
    (SELECT c.identity, min(c.id) AS id FROM capture c WHERE c.duplicate_of IS NOT NULL AND c.identity IN \
    (SELECT identity FROM identity WHERE capture = ANY($1)) AND c.id <> ALL($1) GROUP BY c.identity) next \
    WHERE i.identity = next.identity AND i.capture = ANY($1)";
const FORGET: &str = "DELETE FROM identity WHERE capture = ANY($1) AND identity IN \
    (SELECT c.identity FROM number n JOIN capture c ON c.id = n.id AND c.day = n.day WHERE n.id = ANY($1))";
const BEFORE: &str = "SELECT id FROM capture WHERE day = $1 AND received_at < $2 ORDER BY id";
const DAYS: &str = "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
    WHERE i.inhparent = 'capture'::regclass AND c.relname <> 'capture_rest'";

impl Session {
    /// Removes captures, in batches between which others get their turn; gives how many there were.
    pub async fn remove(&mut self, ids: &[i64]) -> Result<usize, StoreError> {
        self.check_writable()?;
        let mut removed = 0;
        for batch in ids.chunks(BATCH) {
            let batch = batch.to_vec();
            removed += self
                .whole(async move |session| {
                    for step in [KEEP_ANSWERED, DELIVERIES, NEXT_FIRST, FORGET] {
                        session.change(step, &[&batch]).await?;
                    }
                    let removed = session.change(CAPTURES, &[&batch]).await?;
                    session.change(PLACES, &[&batch]).await?;
                    Ok(removed)
                })
                .await?;
        }
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }

    /// Removes what arrived before a time: whole days with their tables, and of the day of that time what is older.
    pub async fn remove_before(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        self.check_writable()?;
        let boundary = day_of(before, before);
        let mut removed = 0;
        let mut partly = vec![REST];
        for day in self.kept_days().await? {
            if day < boundary {
                removed += self.drop_day(day).await?;
            } else if day == boundary {
                partly.push(day);
            }
        }
        for day in partly {
            let rows = self.rows(BEFORE, &[&day, &before]).await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
            removed += self.remove(&ids).await?;
        }
        Ok(removed)
    }

    /// The days that have partitions.
    async fn kept_days(&mut self) -> Result<Vec<Date>, StoreError> {
        let rows = self.rows(DAYS, &[]).await?;
        let day = |name: &str| Date::strptime("%Y%m%d", name.strip_prefix("capture_")?).ok();
        let mut days: Vec<Date> = rows.iter().filter_map(|row| day(row.get(0))).collect();
        days.sort();
        Ok(days)
    }

    /// Removes a day with its tables; gives how many captures it had.
    async fn drop_day(&mut self, day: Date) -> Result<usize, StoreError> {
        const KEEP: &str = "UPDATE delivery SET capture = 0, target = '', answer_headers = NULL, answer_body = NULL, \
            answer_truncated = NULL, day = '0001-01-01' \
            WHERE day = $1 AND run IN (SELECT id FROM run WHERE NOT finished)";
        const NEXT: &str = "UPDATE identity i SET capture = next.id FROM \
            (SELECT c.identity, min(c.id) AS id FROM capture c WHERE c.duplicate_of IS NOT NULL AND c.day <> $1 \
            AND c.identity IN (SELECT identity FROM capture WHERE day = $1) GROUP BY c.identity) next, capture gone \
            WHERE i.identity = next.identity AND gone.day = $1 AND gone.id = i.capture";
        const GONE: &str =
            "DELETE FROM identity i USING capture c WHERE c.day = $1 AND i.identity = c.identity AND i.capture = c.id";
        const NUMBERS: &str = "DELETE FROM number n USING capture c WHERE c.day = $1 AND n.id = c.id";
        self.days.remove(&day);
        let removed = self
            .whole(async |session| {
                // Nothing arrives for it meanwhile: a late writer meets no partition, and makes one.
                let (capture, delivery) = (partition("capture", day), partition("delivery", day));
                session
                    .batch(&format!(
                        "LOCK TABLE capture, delivery IN ACCESS EXCLUSIVE MODE; LOCK TABLE \"{capture}\""
                    ))
                    .await?;
                for step in [KEEP, NEXT, GONE] {
                    session.change(step, &[&day]).await?;
                }
                let removed = session.change(NUMBERS, &[&day]).await?;
                session
                    .batch(&format!("DROP TABLE \"{capture}\", \"{delivery}\""))
                    .await?;
                Ok(removed)
            })
            .await?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }
}
