//! `ckwh captures --follow`: what arrives, whoever caught it.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use ckwh::replay::BodyFilter as _;
use ckwh::store::{Order, Selection, Store, StoreError, Summary, wait};

use super::show_entry;
use crate::cli::app::App;
use crate::cli::args::ListArgs;
use crate::cli::exit::{Failure, Status};
use crate::cli::filter::FilterProcess;
use crate::cli::store::StoreExt as _;

/// How many numbers behind the newest are looked at again: of two instances the one with the smaller number may commit
/// later.
const WINDOW: i64 = 1000;
/// How long is waited before a store that is away is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows what arrives after the capture `from`, until nobody reads it.
pub fn follow(app: &mut App, args: &ListArgs, store: &Store, from: i64) -> Result<Status, Failure> {
    let selection = store.pattern(&args.select)?;
    let mut filter = args.filter.as_deref().map(FilterProcess::start).transpose()?;
    let mut watch = wait(store.watch());
    let low = (from - WINDOW).max(1);
    let mut seen: BTreeSet<i64> = wait(store.numbers(low..=from))?.iter().collect();
    let mut newest = from;
    let mut problem = String::new();
    loop {
        let fresh = match fresh(store, &selection, &mut seen, newest) {
            Ok(fresh) => fresh,
            Err(error) => {
                let text = error.to_string();
                if text != problem {
                    app.report.warn(&text);
                    problem = text;
                }
                thread::sleep(PAUSE);
                continue;
            }
        };
        problem.clear();
        for summary in fresh {
            newest = newest.max(summary.id);
            if let Some(filter) = &mut filter {
                let capture = wait(store.capture(summary.id))?;
                let Some(capture) = capture else { continue };
                if !filter.matches(&capture.recorded.message.body)? {
                    continue;
                }
            }
            show_entry(app, summary)?;
        }
        newest = newest.max(seen.last().copied().unwrap_or(0));
        seen = seen.split_off(&(newest - WINDOW));
        watch.wait();
    }
}

/// The selected captures that were not seen yet; all are seen then.
fn fresh(
    store: &Store,
    selection: &Selection,
    seen: &mut BTreeSet<i64>,
    newest: i64,
) -> Result<Vec<Summary>, StoreError> {
    let numbers = wait(store.numbers((newest - WINDOW).max(1)..=i64::MAX))?;
    let unseen: Vec<_> = numbers.iter().filter(|number| !seen.contains(number)).collect();
    if unseen.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Selection {
        ids: Some(unseen.iter().map(|number| *number..=*number).collect()),
        ..selection.clone()
    };
    let pages = store.summaries(wanted, Order::OldestFirst).pages();
    let pages: Vec<Vec<Summary>> = pages.collect::<Result<_, _>>()?;
    seen.extend(unseen);
    Ok(pages.into_iter().flatten().collect())
}
