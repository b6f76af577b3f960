//! `ckwh captures`: what was caught.

mod diff;
mod exchange;

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use ckwh::exchange::jsonl::CaptureFields;
use ckwh::private;
use ckwh::replay::BodyFilter as _;
use ckwh::store::{Selection, Summary};

use super::app::App;
use super::args::{CapturesArgs, CapturesCommand, ExplainArgs, ListArgs, SelectArgs, StoreArgs};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::filter::FilterProcess;
use super::report::{CaptureItem, EntryItem, Item};
use super::store::StoreExt as _;
use super::verify;

pub fn run(app: &mut App, args: &CapturesArgs) -> Result<Status, Failure> {
    match &args.command {
        None => list(app, &args.list),
        Some(CapturesCommand::List(args)) => list(app, args),
        Some(CapturesCommand::Show {
            id,
            raw,
            output,
            with_credentials,
            store,
        }) => {
            let capture = app.store(store)?.capture(id)?;
            if *raw {
                write_out(app, output.as_deref(), &capture.recorded.message.body)?;
            } else {
                app.result(Item::Capture(Box::new(CaptureItem {
                    fields: CaptureFields::new(&capture, app.settings.masked(*with_credentials), usize::MAX),
                    in_full: true,
                    bytes: capture.recorded.message.body.clone(),
                })))?;
                verify::explain_capture(app, &capture, None, &[], &ExplainArgs::default())?;
            }
            Ok(Status::Yes)
        }
        Some(CapturesCommand::Diff {
            a,
            b,
            with_credentials,
            store,
        }) => {
            let store = app.store(store)?;
            let item = diff::compare(
                &store.capture(a)?,
                &store.capture(b)?,
                app.settings.masked(*with_credentials),
            );
            let status = if item.equal { Status::Yes } else { Status::No };
            app.result(Item::Difference(item))?;
            Ok(status)
        }
        Some(CapturesCommand::Export {
            select,
            format,
            output,
            with_credentials,
            base_url,
            store,
        }) => exchange::export(
            app,
            select,
            *format,
            output.as_deref(),
            *with_credentials,
            base_url.as_deref(),
            store,
        ),
        Some(CapturesCommand::Import {
            file,
            format,
            allow_files,
            store,
        }) => exchange::import(app, file, format.as_deref(), *allow_files, store),
        Some(CapturesCommand::Rm { select, yes, store }) => remove(app, select, *yes, store),
        Some(CapturesCommand::Prune {
            keep,
            older_than,
            store,
        }) => prune(app, *keep, *older_than, store),
    }
}

fn list(app: &mut App, args: &ListArgs) -> Result<Status, Failure> {
    let store = app.store(&args.store)?;
    let selection = store.selection(app, &args.select)?;
    let most = if args.limit == 0 { usize::MAX } else { args.limit };
    let mut found: Vec<Summary> = Vec::new();
    let mut more = false;
    let mut filter = args.filter.as_deref().map(FilterProcess::start).transpose()?;
    for summary in store.list(&selection, true) {
        if found.len() == most {
            more = true;
            break;
        }
        let summary = summary?;
        if let Some(filter) = &mut filter {
            // One that was removed meanwhile is none.
            let Some(recorded) = store.recorded(summary.id)? else {
                continue;
            };
            if !filter.matches(&recorded.message.body)? {
                continue;
            }
        }
        found.push(summary);
    }
    found.reverse();
    let widths = (
        found.last().map_or(1, |last| last.id.to_string().len()),
        found
            .iter()
            .filter_map(|summary| summary.event_type.as_deref())
            .map(|event| event.chars().count().min(40))
            .max()
            .unwrap_or(1),
    );
    if found.is_empty() {
        app.report.note(match store.last()? {
            None => "there are no captures yet; `ckwh listen` catches some",
            Some(_) => "no capture is like that",
        });
    }
    for summary in found {
        let age = summary.signed_at.map(|at| summary.received_at.duration_since(at));
        app.result(Item::Entry(EntryItem {
            id: summary.id,
            received_at: summary.received_at,
            method: summary.method,
            target: app.settings.credentials.mask_url(&summary.target).into_owned(),
            provider: summary.provider,
            event_type: summary.event_type,
            reason: summary.reason,
            signature: summary.signature,
            timestamp_age_ms: age.and_then(|age| i64::try_from(age.as_millis()).ok()),
            duplicate_of: summary.duplicate_of,
            size: summary.size,
            response_status: summary.answer,
            delivered: summary.delivered,
            caveat: summary.caveat,
            widths,
        }))?;
    }
    if more {
        app.report
            .note(&format!("these are the newest {}; --limit 0 lists all", args.limit));
    }
    Ok(Status::Yes)
}

fn remove(app: &mut App, select: &SelectArgs, yes: bool, store: &StoreArgs) -> Result<Status, Failure> {
    let mut store = app.store(store)?;
    let selection = store.wanted(app, select)?;
    let mut ids = Vec::new();
    for summary in store.list(&selection, false) {
        ids.push(summary?.id);
    }
    if select.all && selection == Selection::default() && !ids.is_empty() && !yes && !confirmed(app, ids.len())? {
        app.report.note("nothing was removed");
        return Ok(Status::No);
    }
    removed(app, store.remove(&ids)?)
}

fn prune(
    app: &mut App,
    keep: Option<usize>,
    older_than: Option<Duration>,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let mut store = app.store(store)?;
    let before = older_than
        .map(SignedDuration::try_from)
        .transpose()
        .map_err(|_| Failure::usage("--older-than is longer than time is counted"))?
        .map(|age| Timestamp::now() - age);
    let all = Selection::default();
    let mut doomed = Vec::new();
    for (at, summary) in store.list(&all, true).enumerate() {
        let summary = summary?;
        if at >= keep.unwrap_or(0) && before.is_none_or(|before| summary.received_at < before) {
            doomed.push(summary.id);
        }
    }
    removed(app, store.remove(&doomed)?)
}

/// Asks on a terminal whether all captures are to go; elsewhere nobody would answer.
fn confirmed(app: &mut App, count: usize) -> Result<bool, Failure> {
    let all = match count {
        1 => "the only capture".to_owned(),
        _ => format!("all {count} captures"),
    };
    let answer = app.report.ask("", &format!("Remove {all}?"));
    answer.ok_or_else(|| Failure::usage(format!("this removes {all}; add --yes where you mean it")))
}

fn removed(app: &mut App, count: usize) -> Result<Status, Failure> {
    app.report.note(&match count {
        0 => "no capture was removed".to_owned(),
        1 => "1 capture was removed".to_owned(),
        _ => format!("{count} captures were removed"),
    });
    Ok(Status::Yes)
}

/// Writes bytes as they are: to a file that only its owner can read, or to standard output; to a terminal only where
/// that was asked for with `-`.
fn write_out(app: &mut App, output: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let mut out = open_out(app, output)?;
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Failure::from_output)
}

fn open_out(app: &mut App, output: Option<&Path>) -> Result<Box<dyn Write>, Failure> {
    match output {
        Some(path) if path != Path::new("-") => {
            let (file, exposure) = private::create(path)
                .with_context(|| format!("the file {}", path.display()))
                .or_unavailable()?;
            if let Some(exposure) = exposure {
                app.report.note(&exposure.to_string());
            }
            Ok(Box::new(io::BufWriter::new(file)))
        }
        None if io::stdout().is_terminal() => Err(Failure::usage(
            "raw bytes could command your terminal; add --output FILE, or --output - to print them all the same",
        )),
        _ => Ok(Box::new(io::BufWriter::new(io::stdout().lock()))),
    }
}
