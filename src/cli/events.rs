//! `ckwh events`: what there is to send.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::json;
use ckwh::provider::Provider;
use ckwh::provider::fixture;

use super::app::App;
use super::args::EventsArgs;
use super::compose::What;
use super::exit::{Failure, OrUnavailable as _, Status};
use super::hints::typed;
use super::report::{EventItem, Item, PayloadItem, ReportLayout};

pub fn run(app: &mut App, args: &EventsArgs) -> Result<Status, Failure> {
    let words = app.words_to_list(&args.what, args.provider.provider.as_deref())?;
    if let Some(target) = words.target {
        return Err(Failure::usage(format!(
            "`{target}` is a target, and `ckwh events` sends nothing; `ckwh send EVENT {target}` does"
        )));
    }
    match words.subjects.as_slice() {
        [What::Event { provider, event_type }] if !words.is_list => show(app, args, provider, event_type),
        [] => list(app, args, &words.providers, None),
        some => {
            let mut types = Vec::new();
            for what in some {
                match what {
                    What::Event { provider, event_type } => types.push((provider.as_str(), event_type.as_str())),
                    other => {
                        return Err(Failure::usage(format!(
                            "{} is no event; `ckwh events` lists them",
                            other.name()
                        )));
                    }
                }
            }
            list(app, args, &words.providers, Some(&types))
        }
    }
}

/// Lists the events of the providers that are named, or of all; of them `only` those that are chosen.
fn list(
    app: &mut App,
    args: &EventsArgs,
    providers: &[String],
    only: Option<&[(&str, &str)]>,
) -> Result<Status, Failure> {
    let named: Vec<&String> = args.provider.provider.iter().chain(providers).collect();
    let folders = app.registry.folders().iter();
    let names: Vec<String> = folders
        .map(|folder| folder.name.to_string())
        .filter(|name| match only {
            Some(only) => only.iter().any(|(provider, _)| provider == name),
            None => named.is_empty() || named.contains(&name),
        })
        .collect();
    let mut events = Vec::new();
    for name in names {
        let provider = match app.provider(&name, args.provider.dialect.as_deref()) {
            Ok(provider) => provider,
            // One broken folder of many must not hide the others.
            Err(Failure::Usage(error)) if named.is_empty() => {
                app.report.error(&error.to_string());
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let is_chosen = |event: &EventItem| {
            only.is_none_or(|only| only.contains(&(event.provider.as_str(), event.event_type.as_str())))
        };
        events.extend(events_of(&provider).into_iter().filter(is_chosen));
    }
    let columns = [
        events.iter().map(|event| event.event_type.len()).max().unwrap_or(0),
        // One provider alone is not named in each line.
        match events.iter().any(|event| event.provider != events[0].provider) {
            true => events.iter().map(|event| event.provider.len()).max().unwrap_or(0),
            false => 0,
        },
        0,
    ];
    app.report.lay_out(ReportLayout {
        columns,
        ..ReportLayout::default()
    });
    let is_any_ours = events.iter().any(|event| !event.documented);
    for event in events {
        app.result(Item::Event(event))?;
    }
    if is_any_ours {
        app.report.note("* its payload is not documented, and is ours");
    }
    if named.is_empty() && only.is_none() {
        app.report
            .hint("these are every provider's; those of one:", Some("ckwh events stripe"));
    }
    Ok(Status::Yes)
}

/// The events of a provider that have a fixture, in the order of its table, where each brings the others of its family;
/// those the table does not mention come last.
fn events_of(provider: &Provider) -> Vec<EventItem> {
    let table = &provider.table;
    let mut found = provider.folder.event_types();
    let item = |event_type: &str, documented: bool, description: Option<&String>| EventItem {
        event_type: event_type.to_owned(),
        provider: provider.name.clone(),
        documented,
        description: description.cloned(),
    };
    let mut events = Vec::new();
    for (described, documented) in [(&table.events, true), (&table.undocumented_events, false)] {
        for (event_type, description) in described.iter() {
            if let Some(at) = found.iter().position(|own| own == event_type) {
                found.remove(at);
                events.push(item(event_type, documented, Some(description)));
            }
        }
    }
    events.extend(found.iter().map(|event_type| item(event_type, false, None)));
    let mut families: Vec<String> = Vec::new();
    for event in &events {
        if !families.iter().any(|own| own == family(&event.event_type)) {
            families.push(family(&event.event_type).to_owned());
        }
    }
    events.sort_by_key(|event| families.iter().position(|own| own == family(&event.event_type)));
    events
}

/// What an event is of: `invoice` of `invoice.paid`.
fn family(event_type: &str) -> &str {
    event_type.split(['.', '/', ':']).next().unwrap_or(event_type)
}

fn show(app: &mut App, args: &EventsArgs, provider: &str, event_type: &str) -> Result<Status, Failure> {
    let provider = app.provider(provider, args.provider.dialect.as_deref())?;
    let Some(mut payload) = fixture::payload(&provider, event_type)? else {
        return Err(app.registry.unknown_event(event_type, Some(&provider.name)).into());
    };
    if args.raw || args.output.is_some() {
        fixture::refresh(&provider, &mut payload, &fixture::new_id(&provider), Timestamp::now());
        let body = fixture::body(&provider, &payload, None)?;
        return write(app, args, body, &provider, event_type);
    }
    let body = json::write(&payload, &json::AS_WRITTEN_INDENT_2).map_err(fixture::FixtureError::from)?;
    let documented = provider.table.events.contains_key(event_type);
    if !documented {
        app.report.note(&format!(
            "{} does not document this payload; it is ours",
            provider.table.title
        ));
    }
    app.result(Item::Payload(PayloadItem {
        event_type: event_type.to_owned(),
        provider: provider.name,
        dialect: provider.dialect,
        documented,
        body: String::from_utf8_lossy(&body).into_owned(),
        is_raw: false,
    }))?;
    Ok(Status::Yes)
}

/// Gives the body as it is sent: to a file, or to standard output.
fn write(
    app: &mut App,
    args: &EventsArgs,
    body: Vec<u8>,
    provider: &Provider,
    event_type: &str,
) -> Result<Status, Failure> {
    if let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) {
        fs::write(path, &body)
            .with_context(|| format!("the file {}", path.display()))
            .or_unavailable()?;
        app.report.hint(
            &format!(
                "{} bytes, as {} sends them; to send them:",
                body.len(),
                provider.table.title
            ),
            Some(&format!(
                "ckwh send {} --provider {}",
                typed(&as_path(path)),
                provider.name
            )),
        );
        return Ok(Status::Yes);
    }
    app.result(Item::Payload(PayloadItem {
        event_type: event_type.to_owned(),
        provider: provider.name.clone(),
        dialect: provider.dialect.clone(),
        documented: provider.table.events.contains_key(event_type),
        body: String::from_utf8_lossy(&body).into_owned(),
        is_raw: true,
    }))?;
    Ok(Status::Yes)
}

/// A path as it names a file wherever it stands.
fn as_path(path: &Path) -> String {
    let shown = path.display().to_string();
    match path.is_absolute() || shown.starts_with('.') {
        true => shown,
        false => format!("./{shown}"),
    }
}
