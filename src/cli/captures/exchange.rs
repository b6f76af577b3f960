//! `ckwh captures export` and `import`.

use std::io::{IsTerminal as _, Write};
use std::path::Path;

use ckwh::capture::{Capture, Recorded};
use ckwh::exchange::code::Language;
use ckwh::exchange::jsonl::CaptureFields;
use ckwh::exchange::{Files, curl, har, http};
use ckwh::provider::Recognition;
use ckwh::store::{Numbers, Store, wait};
use clap::ValueEnum as _;

use super::open_out;
use crate::cli::app::App;
use crate::cli::args::{ExportFormat, SelectArgs, StoreArgs};
use crate::cli::exit::{Failure, Status};
use crate::cli::input;
use crate::cli::report::{escaped_json, shown};
use crate::cli::store::StoreExt as _;

/// How many requests are added in one transaction.
const GROUP: usize = 500;
/// How long the bodies are together that are added in one transaction, in bytes.
const GROUP_BYTES: usize = 16 * 1024 * 1024;
/// How much is told of what was taken in.
const TOLD: usize = 20;

pub fn export(
    app: &mut App,
    select: &SelectArgs,
    format: ExportFormat,
    output: Option<&Path>,
    with_credentials: bool,
    base_url: Option<&str>,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let store = app.store_there(store)?;
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
    let around = Around::new(format);
    write(around.begin.as_bytes())?;
    let mut first = true;
    let mut gone = Numbers::default();
    let mut left_out = Vec::new();
    for id in ids {
        let Some(mut capture) = wait(store.capture(id))? else {
            gone.push(id);
            continue;
        };
        if let Some(credentials) = app.settings.masked(with_credentials) {
            masked |= credentials.mask_capture(&mut capture);
        }
        match exported(app, &capture, format, base_url, terminal)? {
            Ok(text) => {
                write(if first { &around.before_first } else { &around.between }.as_bytes())?;
                write(&text)?;
                first = false;
            }
            Err(problem) => left_out.push((id, problem)),
        }
    }
    write(around.end.as_bytes())?;
    out.flush().map_err(Failure::from_output)?;
    if masked {
        app.report
            .warn("credentials such as Authorization are masked; --with-credentials exports them");
    }
    for (id, problem) in &left_out {
        app.report.warn(&format!("#{id} is not exported: {problem}"));
    }
    if !gone.is_empty() {
        app.report
            .warn(&format!("removed meanwhile, and so not exported: {gone}"));
    }
    let all = left_out.is_empty() && gone.is_empty();
    Ok(if all { Status::Yes } else { Status::No })
}

/// One capture as a whole text of a format, as `export` writes it to a terminal: its credentials masked, and nothing in it
/// that can't be seen.
pub fn text(app: &App, mut capture: Capture, format: &str) -> Result<String, Failure> {
    let Ok(format) = ExportFormat::from_str(format, true) else {
        return Err(Failure::usage("there is no such format"));
    };
    app.settings.credentials.mask_capture(&mut capture);
    let around = Around::new(format);
    let text = exported(app, &capture, format, None, true)?.map_err(Failure::usage)?;
    let text = String::from_utf8_lossy(&text);
    Ok(format!("{}{}{text}{}", around.begin, around.before_first, around.end))
}

/// What stands around the captures of a file.
#[derive(Default)]
struct Around {
    begin: String,
    before_first: String,
    between: String,
    end: String,
}

impl Around {
    fn new(format: ExportFormat) -> Self {
        if format == ExportFormat::Har {
            return Self {
                begin: har::begin(),
                before_first: "\n".into(),
                between: ",\n".into(),
                end: format!("{}\n", har::END),
            };
        }
        match language(format) {
            Some(language) => Self {
                begin: language.begin(),
                between: language.between().to_owned(),
                end: language.end().to_owned(),
                ..Self::default()
            },
            None => Self::default(),
        }
    }
}

/// Whose request a capture is: as it was judged, or as it shows.
fn signer(app: &App, capture: &Capture) -> Result<Option<(String, String)>, Failure> {
    let judgement = capture.recorded.judgement.as_ref();
    let judged = judgement.and_then(|judgement| judgement.provider.clone().zip(judgement.dialect.clone()));
    Ok(match judged {
        Some(judged) => Some(judged),
        None => match app.registry.recognise(&capture.recorded.message, None)? {
            Recognition::One(provider) => Some((provider.name.clone(), provider.dialect.clone())),
            _ => None,
        },
    })
}

/// The language of a format that is a program's.
fn language(format: ExportFormat) -> Option<Language> {
    Some(match format {
        ExportFormat::Fetch => Language::Fetch,
        ExportFormat::Python => Language::Python,
        ExportFormat::Httpie => Language::Httpie,
        ExportFormat::HttpFile => Language::HttpFile,
        ExportFormat::Postman => Language::Postman,
        ExportFormat::Pytest => Language::Pytest,
        ExportFormat::Vitest => Language::Vitest,
        ExportFormat::Jsonl | ExportFormat::Har | ExportFormat::Curl | ExportFormat::Http => return None,
    })
}

/// One capture in a format, for a terminal without what it would take for a command; or why it has no place in it.
fn exported(
    app: &App,
    capture: &Capture,
    format: ExportFormat,
    base_url: Option<&str>,
    terminal: bool,
) -> Result<Result<Vec<u8>, String>, Failure> {
    let message = &capture.recorded.message;
    let for_screen = |text: String| if terminal { shown(&text) } else { text };
    if let Some(language) = language(format) {
        let signer = signer(app, capture)?;
        let signer = signer.as_ref().map(|(provider, dialect)| (&provider[..], &dialect[..]));
        let text = language.write(capture, base_url, signer);
        return Ok(text.map(|text| for_screen(text).into_bytes()));
    }
    Ok(Ok(match format {
        ExportFormat::Har => escaped_json(&har::entry(capture, &message.headers, base_url)).into_bytes(),
        ExportFormat::Curl => (for_screen(curl_line(capture, base_url)) + "\n").into_bytes(),
        ExportFormat::Http => {
            let target = capture.recorded.target();
            http::write_whole(&message.method, target, &message.headers, &message.body)
        }
        _ => jsonl(capture)?,
    }))
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
    format: Option<&str>,
    allow_files: bool,
    store: &StoreArgs,
) -> Result<Status, Failure> {
    let requests = input::requests(app, file, format)?;
    let open = |name: &str| input::read_named(name).map_err(|failure| failure.to_string());
    let files = if allow_files {
        Files::Opened(&open)
    } else {
        Files::Refused
    };
    let mut taken = Taken {
        store: app.store(store)?,
        group: Vec::new(),
        bytes: 0,
        ids: None,
        count: 0,
        told: 0,
    };
    let read = requests
        .each(&files, |recorded| taken.add(app, recorded))
        .and_then(|counts| taken.flush(app).map(|()| counts));
    let counts = match read {
        Ok(counts) => counts,
        Err(failure) => {
            if let Some((first, last)) = taken.ids {
                app.report.warn(&format!(
                    "the first {} requests are captures {first}..{last}",
                    taken.count
                ));
            }
            return Err(failure);
        }
    };
    if taken.told > TOLD {
        app.report.warn(&format!("and {} notes more", taken.told - TOLD));
    }
    app.say_skipped(&counts);
    app.report.warn(&match taken.ids {
        Some((first, last)) if first == last => format!("1 request is now capture {first}; ckwh verify {first}"),
        Some((first, last)) => format!("{} requests are now captures {first}..{last}", taken.count),
        None => "no request was taken in".to_owned(),
    });
    Ok(if counts.skipped == 0 { Status::Yes } else { Status::No })
}

/// What an import has taken in.
struct Taken {
    store: Store,
    /// What is added in one transaction.
    group: Vec<Recorded>,
    /// How long its bodies are together.
    bytes: usize,
    /// The first and the last number.
    ids: Option<(i64, i64)>,
    count: usize,
    /// How much there was to tell of them.
    told: usize,
}

impl Taken {
    fn add(&mut self, app: &mut App, recorded: Recorded) -> Result<(), Failure> {
        self.bytes += recorded.message.body.len();
        self.group.push(recorded);
        if self.group.len() < GROUP && self.bytes < GROUP_BYTES {
            return Ok(());
        }
        self.flush(app)
    }

    fn flush(&mut self, app: &mut App) -> Result<(), Failure> {
        let group = std::mem::take(&mut self.group);
        self.bytes = 0;
        let notes: Vec<Vec<String>> = group.iter().map(told_of).collect();
        let ids = wait(self.store.add(group))?;
        for (id, notes) in ids.iter().zip(notes) {
            for told in notes {
                let told = format!("#{id}{told}");
                self.told += 1;
                if self.told <= TOLD {
                    app.report.warn(&told);
                }
            }
        }
        self.count += ids.len();
        if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
            self.ids = Some((self.ids.map_or(*first, |(first, _)| first), *last));
        }
        Ok(())
    }
}

/// What the file could not hold of a request, and how it was taken in.
fn told_of(recorded: &Recorded) -> Vec<String> {
    let lost = recorded.lost.iter().map(|lost| format!(" lost {lost}"));
    lost.chain(recorded.notes.iter().map(|note| format!(": {note}")))
        .collect()
}
