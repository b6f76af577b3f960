//! `ckwh captures runs`: the replays that the store knows, and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use ckwh::delivery::Tally;
use ckwh::delivery::run::RequestOrigin;
use ckwh::replay::Plan;
use ckwh::store::{DeliveryQuery, LostClaim, Order, Run, RunDelivery, Selection, Store, StoreError, wait};

use crate::cli::app::App;
use crate::cli::args::StoreArgs;
use crate::cli::exit::{Failure, Status};
use crate::cli::report::{
    ChangesItem, Item, LatenciesItem, LostClaimItem, ReportLayout, RunItem, RunRequestItem, VerdictChange,
    in_milliseconds,
};

/// How many requests of one run are told.
const TOLD: usize = 500;

/// Lists the newest, or shows the one that is named.
pub fn run(app: &mut App, name: Option<&str>, limit: usize, store: &StoreArgs) -> Result<Status, Failure> {
    let store = app.store_there(store)?;
    if let Some(name) = name {
        let run = named(&store, name)?;
        let item = told(&store, &run, true)?;
        app.result(Item::Run(Box::new(item)))?;
        return Ok(Status::Yes);
    }
    let most = if limit == 0 { usize::MAX } else { limit };
    let mut runs = wait(store.runs(i64::MAX, most.saturating_add(1)))?;
    let more = runs.len() > most;
    runs.truncate(most);
    if runs.is_empty() {
        app.report
            .note("nothing was replayed yet; `ckwh replay last --to 3000` begins a run");
    }
    let widest = runs.iter().map(|run| run.id.to_string().len()).max().unwrap_or(1);
    app.report.lay_out(ReportLayout {
        brief: true,
        columns: [widest, 0, 0],
        ..ReportLayout::default()
    });
    for run in &runs {
        let item = told(&store, run, false)?;
        app.result(Item::Run(Box::new(item)))?;
    }
    if more {
        app.report
            .note(&format!("these are the newest {limit}; --limit 0 lists all"));
    }
    Ok(Status::Yes)
}

fn named(store: &Store, name: &str) -> Result<Run, Failure> {
    let found = match name {
        "last" => wait(store.runs(i64::MAX, 1))?.pop(),
        _ => match name.parse().ok().filter(|id| *id > 0) {
            Some(id) => wait(store.run(Some(id)))?,
            None => return Err(Failure::usage(format!("`{name}` is no run's number, nor last"))),
        },
    };
    found.ok_or_else(|| Failure::usage(format!("there is no run {name}; `ckwh captures runs` lists them")))
}

/// What came of a run; `whole` with what failed and what changed.
fn told(store: &Store, run: &Run, whole: bool) -> Result<RunItem, StoreError> {
    let plan = Plan::of_run(run).ok();
    let times = plan.as_ref().map_or(1, |plan| plan.times.max(1));
    let mut read = Reader {
        times,
        ..Reader::default()
    };
    let mut after = 0;
    loop {
        let page = wait(store.run_deliveries(run.id, after))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let before = match whole {
            true => before(store, run, &page)?,
            false => vec![None; page.len()],
        };
        for (delivery, before) in page.into_iter().zip(before) {
            read.take(delivery, before);
        }
    }
    read.end();
    if whole {
        read.name_events(store)?;
    }
    let lost = match whole {
        true => wait(store.lost_claims(run.id, TOLD))?,
        false => Vec::new(),
    };
    let planned = run.planned.as_ref().map(|planned| planned.len() * u64::from(times));
    Ok(RunItem {
        id: run.id,
        started_at: run.started_at,
        url: run.target.clone(),
        finished: run.finished,
        planned,
        deliveries: read.tally.total(),
        ok: read.tally.ok,
        failed: read.tally.failed,
        blocked: read.blocked,
        ordered_by: plan.and_then(|plan| plan.ordered_by),
        latencies: LatenciesItem::of(&read.tally),
        statuses: read.tally.statuses,
        failures: read.failures,
        changes: whole.then_some(read.changes),
        left_off: whole.then_some(read.left_off),
        requests: whole.then(|| read.requests.into_values().collect()),
        lost_claims: lost.iter().map(|lost| lost_claim(lost, times)).collect(),
    })
}

/// For each delivery whether the last one of its capture to the same address before the run got a 2xx.
fn before(store: &Store, run: &Run, page: &[RunDelivery]) -> Result<Vec<Option<bool>>, StoreError> {
    let queries = page.iter().map(|delivery| DeliveryQuery {
        // No capture has the number 0.
        capture: delivery.capture.unwrap_or(0),
        urls: match delivery.capture {
            Some(_) => vec![[delivery.target.clone(), delivery.target.clone()]],
            None => Vec::new(),
        },
    });
    wait(store.last_deliveries(queries.collect(), run.last_delivery))
}

/// Reads a run's deliveries in their order.
#[derive(Default)]
struct Reader {
    times: u32,
    tally: Tally,
    failures: BTreeMap<String, u64>,
    changes: ChangesItem,
    /// What is told, by the deliveries' numbers.
    requests: BTreeMap<i64, RunRequestItem>,
    left_off: u64,
    blocked: u64,
    /// What got no answer, holds its key or was blocked: the run may have gone on with it.
    open: BTreeMap<(i64, u32), (RunDelivery, Option<bool>)>,
}

impl Reader {
    fn take(&mut self, delivery: RunDelivery, before: Option<bool>) {
        let key = (delivery.record, delivery.turn);
        self.open.remove(&key);
        match delivery.status {
            Some(_) if !delivery.holds => self.count(delivery, before),
            _ => drop(self.open.insert(key, (delivery, before))),
        }
    }

    fn end(&mut self) {
        for (delivery, before) in std::mem::take(&mut self.open).into_values() {
            match delivery.attempts {
                0 => self.blocked += 1,
                _ => self.count(delivery, before),
            }
        }
    }

    fn count(&mut self, delivery: RunDelivery, before: Option<bool>) {
        let ok = delivery.status.is_some_and(|status| (200..300).contains(&status)) && delivery.failure.is_none();
        self.tally.add_last(delivery.status, delivery.duration, ok);
        if let (None, Some(failure)) = (delivery.status, &delivery.failure) {
            *self.failures.entry(failure.clone()).or_default() += 1;
        }
        let change = VerdictChange::of(before, ok);
        match change {
            Some(VerdictChange::Fixed) => self.changes.fixed += 1,
            Some(VerdictChange::Regressed) => self.changes.regressed += 1,
            Some(VerdictChange::StillFailing) => self.changes.still_failing += 1,
            None => {}
        }
        if ok && change.is_none() {
            return;
        }
        if self.requests.len() == TOLD {
            self.left_off += 1;
            return;
        }
        self.requests.insert(delivery.id, request(delivery, self.times, change));
    }

    /// Says of each capture what it reports.
    fn name_events(&mut self, store: &Store) -> Result<(), StoreError> {
        let captures = self.requests.values().filter_map(|request| request.origin.capture);
        let captures: BTreeSet<i64> = captures.collect();
        if captures.is_empty() {
            return Ok(());
        }
        let selection = Selection {
            ids: Some(captures.into_iter().map(|id| id..=id).collect()),
            ..Selection::default()
        };
        let mut pages = store.summaries(selection, Order::OldestFirst);
        let mut named = BTreeMap::new();
        loop {
            let page = wait(pages.next())?;
            if page.is_empty() {
                break;
            }
            named.extend(
                page.into_iter()
                    .map(|found| (found.id, (found.provider, found.event_type))),
            );
        }
        for request in self.requests.values_mut() {
            let found = request.origin.capture.and_then(|id| named.get(&id));
            if let Some((provider, event)) = found {
                (request.provider, request.event_type) = (provider.clone(), event.clone());
            }
        }
        Ok(())
    }
}

fn lost_claim(lost: &LostClaim, times: u32) -> LostClaimItem {
    LostClaimItem {
        origin: RequestOrigin {
            capture: Some(lost.record),
            record: None,
            turn: (times > 1).then_some(lost.turn + 1),
        },
        times: lost.times,
    }
}

fn request(delivery: RunDelivery, times: u32, change: Option<VerdictChange>) -> RunRequestItem {
    RunRequestItem {
        origin: RequestOrigin {
            capture: delivery.capture,
            record: delivery.capture.is_none().then_some(delivery.record),
            turn: (times > 1).then_some(delivery.turn + 1),
        },
        provider: None,
        event_type: None,
        url: delivery.target,
        at: delivery.at,
        ok: change == Some(VerdictChange::Fixed),
        status: delivery.status,
        error: delivery.failure,
        duration_ms: in_milliseconds(delivery.duration),
        attempts: delivery.attempts,
        change,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn delivery(record: i64, status: Option<u16>) -> RunDelivery {
        static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
        let mut delivery = RunDelivery::default();
        delivery.id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (delivery.capture, delivery.record, delivery.status) = (Some(record), record, status);
        delivery.failure = status.is_none().then(|| "refused".to_owned());
        delivery.duration = Duration::from_millis(3);
        delivery.attempts = 1;
        delivery
    }

    #[test]
    fn the_last_delivery_of_each_counts_and_changes_are_told() {
        let mut reader = Reader::default();
        reader.take(delivery(1, None), Some(true));
        reader.take(delivery(2, Some(500)), Some(false));
        reader.take(delivery(3, Some(200)), Some(true));
        reader.take(delivery(4, Some(204)), Some(false));
        reader.take(delivery(5, None), None);
        reader.take(delivery(1, Some(503)), Some(true));
        reader.end();
        assert_eq!(
            (reader.tally.ok, reader.tally.failed, reader.tally.unanswered),
            (2, 3, 1)
        );
        assert_eq!(reader.failures, BTreeMap::from([("refused".to_owned(), 1)]));
        let changes = &reader.changes;
        assert_eq!((changes.fixed, changes.regressed, changes.still_failing), (1, 1, 1));
        let told: Vec<_> = reader
            .requests
            .values()
            .map(|request| (request.origin.capture, request.ok))
            .collect();
        assert_eq!(
            told,
            [(Some(2), false), (Some(4), true), (Some(5), false), (Some(1), false)]
        );
    }

    #[test]
    fn what_held_its_key_and_what_was_blocked_counts_as_it_went_last() {
        let mut reader = Reader::default();
        let held = |record| {
            let mut delivery = delivery(record, Some(500));
            delivery.holds = true;
            delivery
        };
        let blocked = |record| {
            let mut delivery = delivery(record, None);
            delivery.attempts = 0;
            delivery
        };
        for delivery in [held(1), blocked(2), held(3), blocked(4)] {
            reader.take(delivery, None);
        }
        for delivery in [delivery(1, Some(200)), delivery(2, Some(200))] {
            reader.take(delivery, None);
        }
        reader.end();
        assert_eq!((reader.tally.ok, reader.tally.failed, reader.blocked), (2, 1, 1));
        assert_eq!(reader.failures, BTreeMap::new());
    }
}
