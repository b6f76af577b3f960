//! What is read: one capture, or a page of many.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::error::told;
use super::row;
use super::session::Session;
use crate::capture::{Capture, Delivered, Recorded};
use crate::store::{CaptureFacts, Numbers, Order, Page, Selection, StoreError, Summary};

/// How many bytes of bodies are read at once, but for the last.
const PAGE_BYTES: i64 = 256 * 1024;
/// How many numbers are read at once.
const NUMBERS_PAGE: i64 = 100_000;

impl Session {
    /// The capture of that number.
    pub async fn capture(&mut self, id: i64) -> Result<Option<Capture>, StoreError> {
        let rows = self
            .whole(async |session| {
                let deliveries = session.rows(row::SELECT_DELIVERIES, &[&id]).await?;
                Ok((deliveries, session.row(row::SELECT, &[&id]).await?))
            })
            .await;
        let (deliveries, found) = rows?;
        let read = || {
            let deliveries = deliveries.iter().map(row::delivered).collect::<Result<_, _>>()?;
            found.map(|found| row::capture(&found, deliveries)).transpose()
        };
        read().map_err(|error| told(&self.server, &error))
    }

    /// The captures of those numbers that are there, in the order of their numbers.
    pub async fn captures(&mut self, ids: &[i64]) -> Result<Vec<Capture>, StoreError> {
        let rows = self
            .whole(async |session| {
                let deliveries = session.rows(row::DELIVERIES_OF, &[&ids]).await?;
                Ok((deliveries, session.rows(row::CAPTURES, &[&ids]).await?))
            })
            .await;
        let (deliveries, found) = rows?;
        let read = || {
            let mut of_each: HashMap<i64, Vec<Delivered>> = HashMap::new();
            for row in &deliveries {
                of_each.entry(row.try_get(12)?).or_default().push(row::delivered(row)?);
            }
            let one = |row: &tokio_postgres::Row| {
                let deliveries = of_each.remove(&row.try_get(0)?).unwrap_or_default();
                row::capture(row, deliveries)
            };
            found.iter().map(one).collect::<Result<_, _>>()
        };
        read().map_err(|error| told(&self.server, &error))
    }

    /// How many captures there are.
    pub async fn count(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT count(*) FROM number", &[]).await?;
        Ok(row.map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
    }

    /// The newest capture's number.
    pub async fn last(&mut self) -> Result<Option<i64>, StoreError> {
        let row = self.row("SELECT max(id) FROM number", &[]).await?;
        Ok(row.and_then(|row| row.get(0)))
    }

    /// The numbers of the captures in a range.
    pub async fn numbers(&mut self, range: &RangeInclusive<i64>) -> Result<Numbers, StoreError> {
        const SOME: &str = "SELECT id FROM number WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT $3";
        let mut numbers = Numbers::default();
        let mut next = *range.start();
        loop {
            let rows = self.rows(SOME, &[&next, range.end(), &NUMBERS_PAGE]).await?;
            rows.iter().for_each(|row| numbers.push(row.get(0)));
            match rows.last().map(|row| row.get::<_, i64>(0)) {
                Some(last) if rows.len() as i64 == NUMBERS_PAGE && last < *range.end() => next = last + 1,
                _ => return Ok(numbers),
            }
        }
    }

    /// A page of the selected captures.
    pub async fn summaries(
        &mut self,
        selection: &Selection,
        range: RangeInclusive<i64>,
        order: Order,
    ) -> Result<Page<Summary>, StoreError> {
        let (low, high) = range.into_inner();
        let query = match order {
            Order::OldestFirst => row::LIST,
            Order::NewestFirst => row::LIST_BACKWARD,
        };
        let rows = self.rows(query, &[&low, &high]).await?;
        let found = rows.iter().map(row::summary).collect::<Result<Vec<_>, _>>();
        let mut found = found.map_err(|error| told(&self.server, &error))?;
        let rest = match (found.last(), order) {
            (None, _) => None,
            (Some(last), Order::OldestFirst) => Some(last.id.saturating_add(1)..=high),
            (Some(last), Order::NewestFirst) => Some(low..=last.id - 1),
        };
        found.retain(|summary| selection.matches(&summary.facts()));
        Ok(Page {
            found,
            rest: rest.filter(|rest| !rest.is_empty()),
        })
    }

    /// A page of the selected requests: up to so many captures and so many bytes of bodies, or one that is longer.
    pub async fn requests(
        &mut self,
        selection: &Selection,
        range: RangeInclusive<i64>,
    ) -> Result<Page<(i64, Recorded)>, StoreError> {
        let (low, high) = range.into_inner();
        let rows = self.rows(row::REQUESTS, &[&low, &high, &PAGE_BYTES]).await?;
        let read = |row| Ok((tokio_postgres::Row::try_get(row, 0)?, row::recorded(row)?));
        let found = rows.iter().map(read).collect::<Result<Vec<(i64, Recorded)>, _>>();
        let mut found = found.map_err(|error| told(&self.server, &error))?;
        let rest = found.last().map(|(last, _)| last.saturating_add(1)..=high);
        found.retain(|(id, recorded)| selection.matches(&facts(*id, recorded)));
        Ok(Page {
            found,
            rest: rest.filter(|rest| !rest.is_empty()),
        })
    }
}

fn facts(id: i64, recorded: &Recorded) -> CaptureFacts<'_> {
    let judgement = recorded.judgement.as_ref();
    CaptureFacts {
        id,
        received_at: recorded.received_at.unwrap_or_default(),
        provider: judgement.and_then(|judgement| judgement.provider.as_deref()),
        event_type: judgement.and_then(|judgement| judgement.event_type.as_deref()),
        reason: judgement.map(|judgement| judgement.reason),
        delivered: None,
        method: &recorded.message.method,
        target: recorded.message.url.as_deref().unwrap_or("/"),
        answer: recorded.answer,
    }
}
