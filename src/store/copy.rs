//! From one store to another: every capture with its number and its deliveries, compared after it was written.

use std::sync::Arc;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{Store, StoreError};
use crate::capture::Capture;
use crate::exchange::jsonl::CaptureFields;

/// How many captures are copied at a time.
const PAGE: usize = 100;

/// What came of copying.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// How many captures the first store has.
    pub captures: u64,
    /// How many of them were written now.
    pub copied: u64,
    /// How many were there before, and are the same.
    pub there: u64,
    /// The SHA-256 of all of them as JSON lines, in the order of their numbers, as both stores give them.
    pub digest: [u8; 32],
}

/// Copies every capture that `from` has now to `to`. What `to` has already, from a copy that was cut off, is compared and
/// left. `tell` is told how many are done, of how many.
///
/// # Errors
/// [`StoreError`], also where `to` has another capture of the same number, or one that `from` does not have.
pub async fn copy(from: &Store, to: &Store, mut tell: impl FnMut(u64, u64)) -> Result<Copied, StoreError> {
    let theirs = from.numbers(0..=i64::MAX).await?;
    let own = to.numbers(0..=i64::MAX).await?;
    if let Some(other) = own.iter().find(|number| !theirs.contains(*number)) {
        return Err(StoreError::refused(
            to.location().clone(),
            format!("it has a capture #{other} that the other store does not have; copy into one that is empty"),
        ));
    }
    let mut copied = Copied {
        captures: theirs.len(),
        copied: 0,
        there: 0,
        digest: [0; 32],
    };
    let mut digest = Sha256::new();
    let all: Vec<i64> = theirs.iter().collect();
    for page in all.chunks(PAGE) {
        let wanted: Vec<Capture> = from.captures(page.to_vec()).await?;
        let (there, missing): (Vec<&Capture>, Vec<&Capture>) = wanted.iter().partition(|one| own.contains(one.id));
        copied.there += there.len() as u64;
        copied.copied += missing.len() as u64;
        to.put(missing.into_iter().cloned().collect()).await?;
        let written = to.captures(page.to_vec()).await?;
        for (number, one) in wanted.iter().enumerate() {
            if written.get(number).is_none_or(|other| !is_same(one, other)) {
                return Err(StoreError::refused(
                    to.location().clone(),
                    format!(
                        "its capture #{} is another than the first store's; copy into one that is empty",
                        one.id
                    ),
                ));
            }
            digest.update(line(one));
        }
        tell(copied.copied + copied.there, copied.captures);
    }
    copied.captures = copied.copied + copied.there;
    copied.digest = digest.finalize().into();
    let count = to.count().await?;
    if count != copied.captures {
        return Err(StoreError::refused(
            to.location().clone(),
            format!(
                "it has {count} captures, and {} were copied: somebody else writes to it",
                copied.captures
            ),
        ));
    }
    Ok(copied)
}

fn line(capture: &Capture) -> Vec<u8> {
    let mut line = serde_json::to_vec(&CaptureFields::new(&comparable(capture), None, usize::MAX)).unwrap_or_default();
    line.push(b'\n');
    line
}

fn is_same(one: &Capture, other: &Capture) -> bool {
    comparable(one) == comparable(other)
}

/// A capture without what differs between stores: the numbers of its deliveries, and signed times before the year 1.
fn comparable(capture: &Capture) -> Capture {
    let mut recorded = capture.recorded.as_ref().clone();
    recorded.deliveries.iter_mut().for_each(|delivered| delivered.id = 0);
    let judgement = recorded.judgement.as_mut();
    if let Some(at) = judgement.and_then(|judgement| judgement.signed_at.as_mut()) {
        *at = in_years(*at);
    }
    Capture {
        recorded: Arc::new(recorded),
        ..capture.clone()
    }
}

/// A time as every backend keeps it: in microseconds, in a year from 1 to 9999.
pub(super) fn in_years(at: Timestamp) -> Timestamp {
    let day = SignedDuration::from_hours(24);
    let year_one = date(1, 1, 1).to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let last = Timestamp::MAX.checked_sub(day).unwrap_or(Timestamp::MAX);
    let at = at.max(year_one.unwrap_or(at)).min(last);
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
