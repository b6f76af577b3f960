//! `ckwh captures`: what was caught.

mod diff;
pub mod exchange;
mod follow;
mod runs;

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use ckwh::capture::Capture;
use ckwh::exchange::jsonl::{self, CaptureFields};
use ckwh::private;
use ckwh::replay::BodyFilter as _;
use ckwh::store::{Order, Selection, Store, Summary, wait};
use ckwh::suggest::nearest;
use unicode_width::UnicodeWidthStr;

use super::app::App;
use super::args::{CapturesArgs, CapturesCommand, ExplainArgs, ListArgs, SelectArgs, StoreArgs};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::filter::FilterProcess;
use super::report::{CaptureItem, Detail, Item, ReportLayout, width_behind};
use super::sent;
use super::store::StoreExt as _;
use super::verify;

/// How often it is looked for a capture that is waited for.
const PAUSE: Duration = Duration::from_millis(100);

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
        }) => show(app, id, raw.then_some(output.as_deref()), *with_credentials, store),
        Some(CapturesCommand::Diff {
            a,
            b,
            with_credentials,
            store,
        }) => diff(app, [a, b], *with_credentials, store),
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
        Some(CapturesCommand::Runs { run, limit, store }) => runs::run(app, run.as_deref(), *limit, store),
        Some(CapturesCommand::Rm { select, yes, store }) => remove(app, select, *yes, store),
        Some(CapturesCommand::Prune {
            keep,
            older_than,
            store,
        }) => prune(app, *keep, *older_than, store),
    }
}

/// Shows a capture whole; `raw` writes its body as it came, to a file where one is named.
fn show(
    app: &mut App,
    id: &str,
    raw: Option<Option<&Path>>,
    with_credentials: bool,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let capture = named(app, id, store)?;
    if let Some(output) = raw {
        let body = jsonl::shown_body(&capture, app.settings.masked(with_credentials));
        if *body != capture.recorded.message.body {
            app.report
                .note("the secret that its provider shows in the body is masked; --with-credentials keeps it");
        }
        write_out(app, output, &body)?;
        return Ok(Status::Yes);
    }
    app.report.lay_out(ReportLayout {
        detail: Detail::Full,
        ..ReportLayout::default()
    });
    app.result(Item::Capture(Box::new(CaptureItem {
        fields: CaptureFields::new(&capture, app.settings.masked(with_credentials), usize::MAX),
        bytes: jsonl::shown_body(&capture, app.settings.masked(with_credentials)).into_owned(),
    })))?;
    verify::explain_capture(app, &capture, None, &[], &ExplainArgs::default())?;
    Ok(Status::Yes)
}

fn diff(app: &mut App, names: [&str; 2], with_credentials: bool, store: &StoreArgs) -> Result<Status, Failure> {
    let [one, other] = names;
    let (one, other) = (named(app, one, store)?, named(app, other, store)?);
    let item = diff::compare(&one, &other, app.settings.masked(with_credentials));
    let status = if item.equal { Status::Yes } else { Status::No };
    app.result(Item::Difference(item))?;
    Ok(status)
}

/// What is meant: a capture of the store, or what was sent.
fn named(app: &mut App, typed: &str, store: &StoreArgs) -> Result<Capture, Failure> {
    match sent::name(typed)? {
        Some(name) => sent::read(name),
        None => app.store_there(store)?.named(typed),
    }
}

fn list(app: &mut App, args: &ListArgs) -> Result<Status, Failure> {
    let store = match args.wait {
        true => app.store(&args.store)?,
        false => app.store_there(&args.store)?,
    };
    refuse_command(&args.select)?;
    let begun = Instant::now();
    // What arrives while the list is read is shown after it.
    let from = if args.follow {
        wait(store.last())?.unwrap_or(0)
    } else {
        0
    };
    let (mut found, more) = loop {
        let found = find(app, args, &store)?;
        if !args.wait || !found.0.is_empty() {
            break found;
        }
        if begun.elapsed() >= args.patience {
            app.report.warn(&format!(
                "no such capture came within {}",
                ckwh::clock::shown(args.patience)
            ));
            return Ok(Status::No);
        }
        thread::sleep(PAUSE);
    };
    if app.report.wants_all() || args.follow {
        // For programs they stand as they came.
        found.reverse();
    }
    let longest = |text: fn(&Summary) -> Option<&str>| {
        let texts = found.iter().filter_map(text);
        texts.map(UnicodeWidthStr::width).max().unwrap_or(1)
    };
    let ids = found.iter().map(|summary| summary.id).max().unwrap_or_default();
    app.report.lay_out(ReportLayout {
        columns: [
            ids.to_string().len(),
            longest(|summary| summary.event_type.as_deref()),
            longest(|summary| summary.provider.as_deref()),
        ],
        behind: found.iter().map(width_behind).max().unwrap_or_default(),
        ..ReportLayout::default()
    });
    if found.is_empty() && args.follow {
        app.report.note("nothing yet; what arrives is shown here, until Ctrl-C");
    } else if found.is_empty() {
        app.report.note(match wait(store.last())? {
            None => "there are no captures yet; `ckwh listen` catches some",
            Some(_) => "no capture matches",
        });
    } else if let Some(clock) = app.report.clock() {
        let order = if args.follow { "oldest" } else { "newest" };
        app.report.note(&format!("{order} first, {clock}"));
    }
    for summary in found {
        show_entry(app, summary)?;
    }
    if args.follow {
        return follow::follow(app, args, &store, from);
    }
    if more {
        app.report
            .note(&format!("these are the newest {}; --limit 0 lists all", args.limit));
    }
    Ok(Status::Yes)
}

/// Refuses a misspelt command, which stands where captures do.
fn refuse_command(select: &SelectArgs) -> Result<(), Failure> {
    const COMMANDS: [&str; 8] = ["list", "show", "diff", "runs", "export", "import", "rm", "prune"];
    let is_word = |word: &&String| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let Some(word) = select.ids.first().filter(is_word) else {
        return Ok(());
    };
    const OTHERS: [(&str, &str); 9] = [
        ("delete", "rm"),
        ("remove", "rm"),
        ("clear", "rm --all"),
        ("view", "show"),
        ("get", "show"),
        ("inspect", "show"),
        ("save", "export"),
        ("dump", "export"),
        ("ls", "list"),
    ];
    let other = OTHERS
        .iter()
        .find(|(other, _)| word == other)
        .map(|(_, command)| *command);
    match other.or_else(|| nearest(word, COMMANDS).first().copied()) {
        Some(command) if word != "last" => Err(Failure::usage(format!(
            "`{word}` names no capture. Did you mean `ckwh captures {command}`?"
        ))),
        _ => Ok(()),
    }
}

fn show_entry(app: &mut App, mut summary: Summary) -> Result<(), Failure> {
    summary.target = app.settings.credentials.mask_url(&summary.target).into_owned();
    app.result(Item::Entry(Box::new(summary)))
}

/// What is selected, the newest first, and whether there is more of it.
fn find(app: &mut App, args: &ListArgs, store: &Store) -> Result<(Vec<Summary>, bool), Failure> {
    let selection = store.selection(app, &args.select)?;
    let most = if args.limit == 0 { usize::MAX } else { args.limit };
    let mut found: Vec<Summary> = Vec::new();
    let mut filter = args.filter.as_deref().map(FilterProcess::start).transpose()?;
    for page in store.summaries(selection, Order::NewestFirst).pages() {
        for summary in page? {
            if let Some(filter) = &mut filter {
                // One that was removed meanwhile is none.
                let Some(capture) = wait(store.capture(summary.id))? else {
                    continue;
                };
                if !filter.matches(&capture.recorded.message.body)? {
                    continue;
                }
            }
            if found.len() == most {
                return Ok((found, true));
            }
            found.push(summary);
        }
    }
    Ok((found, false))
}

fn remove(app: &mut App, select: &SelectArgs, yes: bool, store: &StoreArgs) -> Result<Status, Failure> {
    let store = app.store_there(store)?;
    let selection = store.wanted(app, select)?;
    let ids = store.selected(&selection)?;
    if select.all && selection == Selection::default() && !ids.is_empty() && !yes && !confirmed(app, ids.len())? {
        app.report.note("nothing was removed");
        return Ok(Status::No);
    }
    removed(app, wait(store.remove(ids))?)
}

fn prune(
    app: &mut App,
    keep: Option<usize>,
    older_than: Option<Duration>,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let store = app.store_there(store)?;
    let before = older_than
        .map(SignedDuration::try_from)
        .transpose()
        .map_err(|_| Failure::usage("--older-than is longer than time is counted"))?
        .map(|age| Timestamp::now() - age);
    if let (None, Some(before)) = (keep, before) {
        return removed(app, wait(store.remove_before(before))?);
    }
    let mut doomed = Vec::new();
    let mut newer = 0;
    for page in store.summaries(Selection::default(), Order::NewestFirst).pages() {
        for summary in page? {
            if newer >= keep.unwrap_or(0) && before.is_none_or(|before| summary.received_at < before) {
                doomed.push(summary.id);
            }
            newer += 1;
        }
    }
    removed(app, wait(store.remove(doomed))?)
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
            "raw bytes may contain terminal control codes; add --output FILE, or --output - to print them all the same",
        )),
        _ => Ok(Box::new(io::BufWriter::new(io::stdout().lock()))),
    }
}
