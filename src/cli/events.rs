//! `ckwh events`: what there is to send.

use ckwh::json;
use ckwh::provider::Provider;
use ckwh::provider::fixture;

use super::app::App;
use super::args::EventsArgs;
use super::compose::What;
use super::exit::{Failure, Status};
use super::report::{EventItem, Item, PayloadItem, ReportLayout};

pub fn run(app: &mut App, args: &EventsArgs) -> Result<Status, Failure> {
    match &args.event {
        Some(event) => show(app, args, event),
        None => list(app, args),
    }
}

fn list(app: &mut App, args: &EventsArgs) -> Result<Status, Failure> {
    let names: Vec<String> = match &args.provider.provider {
        Some(name) => vec![app.registry.folder(name)?.name.clone()],
        None => app
            .registry
            .folders()
            .iter()
            .map(|folder| folder.name.clone())
            .collect(),
    };
    let mut events = Vec::new();
    for name in names {
        let provider = match app.provider(&name, args.provider.dialect.as_deref()) {
            Ok(provider) => provider,
            // One broken folder of many must not hide the others.
            Err(Failure::Usage(error)) if args.provider.provider.is_none() => {
                app.report.error(&error.to_string());
                continue;
            }
            Err(failure) => return Err(failure),
        };
        events.extend(events_of(&provider));
    }
    let columns = [
        events.iter().map(|event| event.event_type.len()).max().unwrap_or(0),
        events.iter().map(|event| event.provider.len()).max().unwrap_or(0),
    ];
    app.report.lay_out(ReportLayout {
        columns,
        ..ReportLayout::default()
    });
    for event in events {
        app.result(Item::Event(event))?;
    }
    Ok(Status::Yes)
}

/// The events of a provider that have a fixture, in the order of its table; those it does not mention come last.
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
        for (event_type, description) in described {
            if let Some(at) = found.iter().position(|own| own == event_type) {
                found.remove(at);
                events.push(item(event_type, documented, Some(description)));
            }
        }
    }
    events.extend(found.iter().map(|event_type| item(event_type, false, None)));
    events
}

fn show(app: &mut App, args: &EventsArgs, event: &str) -> Result<Status, Failure> {
    let What::Event { provider, event_type } = app.what(event, args.provider.provider.as_deref())? else {
        return Err(app
            .registry
            .unknown_event(event, args.provider.provider.as_deref())
            .into());
    };
    let provider = app.provider(&provider, args.provider.dialect.as_deref())?;
    let Some(payload) = fixture::payload(&provider, &event_type)? else {
        return Err(app.registry.unknown_event(&event_type, Some(&provider.name)).into());
    };
    let body = json::write(&payload, &json::AS_WRITTEN_INDENT_2).map_err(fixture::FixtureError::from)?;
    let documented = provider.table.events.contains_key(&event_type);
    if !documented {
        app.report.note(&format!(
            "{} does not document this payload; it is ours",
            provider.table.title
        ));
    }
    app.result(Item::Payload(PayloadItem {
        event_type,
        provider: provider.name,
        dialect: provider.dialect,
        documented,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))?;
    Ok(Status::Yes)
}
