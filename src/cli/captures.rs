//! `ckwh captures`: what was caught.

mod diff;
mod exchange;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use jiff::{SignedDuration, Timestamp};

use ckwh::capture::jsonl::CaptureFields;
use ckwh::capture::store::{Store, Summary};
use ckwh::capture::{Capture, Selection};
use ckwh::clock;

use super::args::{CapturesArgs, CapturesCommand, ExplainArgs, ListArgs, SelectArgs, StoreArgs};
use super::exit::{Failure, Status, Undone as _};
use super::report::{CaptureItem, EntryItem, Item};
use super::{App, verify};
pub use diff::lines;

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
                write_out(output.as_deref(), &capture.recorded.message.body)?;
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
        }) => exchange::import(app, file, *format, *allow_files, store),
        Some(CapturesCommand::Rm { select, store }) => remove(app, select, store),
        Some(CapturesCommand::Prune {
            keep,
            older_than,
            store,
        }) => {
            let mut store = app.store(store)?;
            let before = older_than
                .map(SignedDuration::try_from)
                .transpose()
                .map_err(|_| Failure::usage("--older-than is longer than time is counted"))?
                .map(|age| Timestamp::now() - age);
            let all = Selection::default();
            let mut doomed = Vec::new();
            for summary in store.0.list(&all, true).skip(keep.unwrap_or(0)) {
                let summary = summary?;
                if before.is_none_or(|before| summary.received_at < before) {
                    doomed.push(summary.id);
                }
            }
            removed(app, store.0.remove(&doomed)?)
        }
    }
}

fn list(app: &mut App, args: &ListArgs) -> Result<Status, Failure> {
    let store = app.store(&args.store)?;
    let selection = store.selection(&args.select)?;
    let most = if args.limit == 0 { usize::MAX } else { args.limit };
    let mut found: Vec<Summary> = Vec::new();
    let mut more = false;
    for summary in store.0.list(&selection, true) {
        if found.len() == most {
            more = true;
            break;
        }
        found.push(summary?);
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
        app.report.note(match store.0.last()? {
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

fn remove(app: &mut App, select: &SelectArgs, store: &StoreArgs) -> Result<Status, Failure> {
    let mut store = app.store(store)?;
    let selection = store.wanted(select)?;
    let mut ids = Vec::new();
    for summary in store.0.list(&selection, false) {
        ids.push(summary?.id);
    }
    removed(app, store.0.remove(&ids)?)
}

fn removed(app: &mut App, count: usize) -> Result<Status, Failure> {
    app.report.note(&match count {
        0 => "no capture was removed".to_owned(),
        1 => "1 capture was removed".to_owned(),
        _ => format!("{count} captures were removed"),
    });
    Ok(Status::Yes)
}

/// The store, opened for a command.
pub struct Shelf(pub Store);

impl App {
    /// Opens the store that is meant.
    pub fn store(&self, args: &StoreArgs) -> Result<Shelf, Failure> {
        Ok(Shelf(Store::open(&self.store_path(args)?)?))
    }
}

impl Shelf {
    /// The capture of that name: a number, or `last`.
    pub fn capture(&self, typed: &str) -> Result<Capture, Failure> {
        let last = self.0.last()?;
        let Some(newest) = last else {
            return Err(Failure::Undone(anyhow!(
                "there are no captures yet; `ckwh listen` catches some"
            )));
        };
        let ids = Selection::read_ids(&[typed.to_owned()], last)?;
        let id = match ids.as_slice() {
            [range] if range.start() == range.end() => *range.start(),
            _ => return Err(Failure::usage(format!("`{typed}` is more than one capture; give one"))),
        };
        self.0.get(id)?.ok_or_else(|| {
            Failure::usage(format!(
                "there is no capture {id}; the newest is {newest}, and `ckwh captures` lists them"
            ))
        })
    }

    /// What is selected; nothing said is every capture.
    pub fn selection(&self, args: &SelectArgs) -> Result<Selection, Failure> {
        let now = Timestamp::now();
        let moment = |text: &Option<String>| text.as_deref().map(|text| clock::moment(text, now)).transpose();
        let ids = match args.ids.as_slice() {
            [] => None,
            typed => Some(Selection::read_ids(typed, self.0.last()?)?),
        };
        Ok(Selection {
            ids,
            event: args.event.clone(),
            provider: args.provider.clone(),
            since: moment(&args.since)?,
            until: moment(&args.until)?,
            invalid: args.invalid,
            failed: args.failed,
        })
    }

    /// What is selected, where something must be said.
    pub fn wanted(&self, args: &SelectArgs) -> Result<Selection, Failure> {
        let said = args.all
            || !args.ids.is_empty()
            || args.event.is_some()
            || args.provider.is_some()
            || args.since.is_some()
            || args.until.is_some()
            || args.invalid
            || args.failed;
        if said {
            self.selection(args)
        } else {
            Err(Failure::usage(
                "say which captures: numbers, 3..7, last, --event PATTERN, --since TIME, --invalid, or --all",
            ))
        }
    }
}

/// Writes bytes as they are: to a file that only its owner can read, or to standard output; to a terminal only where
/// that was asked for with `-`.
fn write_out(output: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let mut out = open_out(output)?;
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Failure::from_output)
}

fn open_out(output: Option<&Path>) -> Result<Box<dyn Write>, Failure> {
    match output {
        Some(path) if path != Path::new("-") => {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options
                .open(path)
                .with_context(|| format!("the file {}", path.display()))
                .undone()?;
            Ok(Box::new(io::BufWriter::new(file)))
        }
        None if io::stdout().is_terminal() => Err(Failure::usage(
            "raw bytes could command your terminal; add --output FILE, or --output - to print them all the same",
        )),
        _ => Ok(Box::new(io::BufWriter::new(io::stdout().lock()))),
    }
}
