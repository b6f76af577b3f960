//! `ckwh captures export` and `import`.

use std::io::{IsTerminal as _, Write};
use std::path::Path;

use ckwh::capture::{Capture, Recorded};
use ckwh::exchange::jsonl::CaptureFields;
use ckwh::exchange::{Format, curl, har, http};
use ckwh::store::{Numbers, wait};

use super::open_out;
use crate::cli::app::App;
use crate::cli::args::{ExportFormat, SelectArgs, StoreArgs};
use crate::cli::exit::{Failure, Status};
use crate::cli::input;
use crate::cli::report::{escaped_json, shown};
use crate::cli::store::StoreExt as _;

/// How many requests are added in one transaction.
const GROUP: usize = 500;
/// How many losses are told.
const TOLD: usize = 10;

pub fn export(
    app: &mut App,
    select: &SelectArgs,
    format: ExportFormat,
    output: Option<&Path>,
    with_credentials: bool,
    base_url: Option<&str>,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let store = app.store(store)?;
    let selection = store.wanted(app, select)?;
    let ids = store.selected(&selection)?;
    if format == ExportFormat::Http && ids.len() != 1 {
        return Err(Failure::usage(format!(
            "{} captures are selected, and a raw HTTP file holds one; name one, or use --format jsonl",
            ids.len()
        )));
    }
    // JSON and curl lines are escaped and quoted; a raw request is bytes.
    let safe = format != ExportFormat::Http;
    let output = if safe { output.or(Some(Path::new("-"))) } else { output };
    let mut out = open_out(app, output)?;
    let terminal = output == Some(Path::new("-")) && std::io::stdout().is_terminal();
    let mut masked = false;
    let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(Failure::from_output);
    if format == ExportFormat::Har {
        write(har::begin().as_bytes())?;
    }
    let mut first = true;
    let mut gone = Numbers::default();
    for id in ids {
        let Some(mut capture) = wait(store.capture(id))? else {
            gone.push(id);
            continue;
        };
        if let Some(credentials) = app.settings.masked(with_credentials) {
            masked |= credentials.mask_capture(&mut capture);
        }
        if format == ExportFormat::Har {
            write(if first { b"\n" } else { b",\n" })?;
        }
        write(&exported(&capture, format, base_url, terminal)?)?;
        first = false;
    }
    if format == ExportFormat::Har {
        write(har::END.as_bytes())?;
        write(b"\n")?;
    }
    out.flush().map_err(Failure::from_output)?;
    if masked {
        app.report
            .note("credentials such as Authorization are masked; --with-credentials exports them");
    }
    if !gone.is_empty() {
        app.report
            .note(&format!("removed meanwhile, and so not exported: {gone}"));
        return Ok(Status::No);
    }
    Ok(Status::Yes)
}

/// One capture in a format; for a terminal without what it would take for a command.
fn exported(
    capture: &Capture,
    format: ExportFormat,
    base_url: Option<&str>,
    terminal: bool,
) -> Result<Vec<u8>, Failure> {
    let message = &capture.recorded.message;
    Ok(match format {
        ExportFormat::Jsonl => jsonl(capture)?,
        ExportFormat::Har => {
            let entry = har::entry(capture, &message.headers, base_url);
            escaped_json(&entry).into_bytes()
        }
        ExportFormat::Curl => {
            let line = curl_line(capture, base_url);
            let line = if terminal { shown(&line) } else { line };
            (line + "\n").into_bytes()
        }
        ExportFormat::Http => {
            let target = capture.recorded.target();
            http::write_whole(&message.method, target, &message.headers, &message.body)
        }
    })
}

fn jsonl(capture: &Capture) -> Result<Vec<u8>, Failure> {
    // It is masked already, where it is to be.
    let fields = CaptureFields::new(capture, None, usize::MAX);
    let mut line = serde_json::to_value(&fields).map_err(|error| Failure::Unavailable(error.into()))?;
    if let Some(object) = line.as_object_mut() {
        object.shift_insert(0, "type".into(), "capture".into());
    }
    Ok((escaped_json(&line.to_string()) + "\n").into_bytes())
}

fn curl_line(capture: &Capture, base_url: Option<&str>) -> String {
    let recorded = &capture.recorded;
    let message = &recorded.message;
    let url = recorded.url(base_url);
    curl::write_exactly(&message.method, &url, &message.headers, &message.body)
}

pub fn import(
    app: &mut App,
    file: &str,
    format: Option<ExportFormat>,
    allow_files: bool,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let bytes = input::read(file)?;
    let format = match format {
        Some(ExportFormat::Jsonl) => Format::Jsonl,
        Some(ExportFormat::Har) => Format::Har,
        Some(ExportFormat::Curl) => Format::Curl,
        Some(ExportFormat::Http) => Format::Http,
        None => Format::detect(&bytes).ok_or_else(|| {
            Failure::usage(format!(
                "{file} begins as none of JSONL, HAR, raw HTTP and curl does; --format says which it is"
            ))
        })?,
    };
    let open = |name: &str| {
        input::read(name).map_err(|failure| match failure {
            Failure::Usage(error) | Failure::Unavailable(error) => format!("{error:#}"),
            Failure::OutputClosed => String::new(),
        })
    };
    let recorded = match format {
        Format::Curl if allow_files => curl::read(&bytes, &curl::Files::Opened(&open))?,
        format => format.read(&bytes)?,
    };
    let store = app.store(store)?;
    let count = recorded.len();
    let lost: Vec<Vec<String>> = recorded.iter().map(|one| one.lost.clone()).collect();
    let mut ids = Vec::new();
    let mut rest = recorded.into_iter();
    loop {
        let group: Vec<Recorded> = rest.by_ref().take(GROUP).collect();
        if group.is_empty() {
            break;
        }
        match wait(store.add(group)) {
            Ok(added) => ids.extend(added),
            Err(error) => {
                if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
                    app.report.note(&format!(
                        "the first {} of {} requests are captures {first}..{last}",
                        ids.len(),
                        count
                    ));
                }
                return Err(error.into());
            }
        }
    }
    tell_losses(app, &ids, &lost);
    app.report.note(&match (ids.first(), ids.last()) {
        (Some(first), Some(last)) if first == last => format!("1 request is now capture {first}; ckwh verify {first}"),
        (Some(first), Some(last)) => format!("{} requests are now captures {first}..{last}", ids.len()),
        _ => "no request was taken in".to_owned(),
    });
    Ok(Status::Yes)
}

/// Says what the file could not hold of each request.
fn tell_losses(app: &mut App, ids: &[i64], lost: &[Vec<String>]) {
    let losses: Vec<(i64, &str)> = ids
        .iter()
        .zip(lost)
        .flat_map(|(id, lost)| lost.iter().map(|lost| (*id, lost.as_str())))
        .collect();
    for (id, lost) in losses.iter().take(TOLD) {
        app.report.note(&format!("#{id} lost {lost}"));
    }
    if losses.len() > TOLD {
        app.report.note(&format!("and {} losses more", losses.len() - TOLD));
    }
}
