//! Selected captures, a page at a time.

use std::iter;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::error::StoreError;
use super::selection::Selection;
use super::summary::Summary;
use super::{Order, Store, wait};
use crate::capture::Recorded;

/// What was found in a part of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What was found, in order; it may be nothing where more follows.
    pub found: Vec<T>,
    /// The numbers that were not looked at yet; `None` at the end.
    pub rest: Option<RangeInclusive<i64>>,
}

/// The selected captures, as a list shows them. Between two pages the store is not held.
#[derive(Debug)]
pub struct Summaries {
    store: Store,
    selection: Arc<Selection>,
    order: Order,
    rest: Option<RangeInclusive<i64>>,
}

impl Summaries {
    pub(super) fn new(store: Store, selection: Selection, order: Order) -> Self {
        Self {
            rest: Some(selection.numbers()).filter(|numbers| !numbers.is_empty()),
            store,
            selection: Arc::new(selection),
            order,
        }
    }

    /// The pages of them in order, each waited for on this thread, which must be in no runtime.
    pub fn pages(mut self) -> impl Iterator<Item = Result<Vec<Summary>, StoreError>> {
        iter::from_fn(move || until_empty(wait(self.next())))
    }

    /// The next of them, in order; none at the end, and after an error.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next(&mut self) -> Result<Vec<Summary>, StoreError> {
        while let Some(rest) = self.rest.take() {
            let page = self.store.summaries_in(self.selection.clone(), rest, self.order);
            let page = page.await?;
            self.rest = page.rest;
            if !page.found.is_empty() {
                return Ok(page.found);
            }
        }
        Ok(Vec::new())
    }
}

/// The selected requests with their numbers: what is needed of them to go out again.
#[derive(Debug)]
pub struct Requests {
    store: Store,
    selection: Arc<Selection>,
    rest: Option<RangeInclusive<i64>>,
}

impl Requests {
    pub(super) fn new(store: Store, selection: Selection, last: i64) -> Self {
        let numbers = selection.numbers();
        let numbers = *numbers.start()..=last.min(*numbers.end());
        Self {
            rest: Some(numbers).filter(|numbers| !numbers.is_empty()),
            store,
            selection: Arc::new(selection),
        }
    }

    /// The pages of them in order, each waited for on this thread, which must be in no runtime.
    pub fn pages(mut self) -> impl Iterator<Item = Result<Vec<(i64, Recorded)>, StoreError>> {
        iter::from_fn(move || until_empty(wait(self.next())))
    }

    /// The next of them by number; none at the end, and after an error.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next(&mut self) -> Result<Vec<(i64, Recorded)>, StoreError> {
        while let Some(rest) = self.rest.take() {
            let page = self.store.requests_in(self.selection.clone(), rest).await?;
            self.rest = page.rest;
            if !page.found.is_empty() {
                return Ok(page.found);
            }
        }
        Ok(Vec::new())
    }
}

fn until_empty<T>(page: Result<Vec<T>, StoreError>) -> Option<Result<Vec<T>, StoreError>> {
    match page {
        Ok(page) if page.is_empty() => None,
        page => Some(page),
    }
}
