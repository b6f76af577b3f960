//! The events that an OpenAPI 3.1 document's `webhooks`, or a JSON Schema, describes: a fixture of each.

use std::collections::HashSet;

use super::schema::{Sampler, SchemaError};
use crate::json::{self, AS_WRITTEN_INDENT_2, JsonError, Value};
use crate::message::Place;
use crate::provider::{Provider, TABLE, fixture_file, is_event_type};

/// Events of one document, at most.
const MOST_EVENTS: usize = 2000;
/// How a text begins that stands for any.
const MADE_UP: &str = "an example";
/// What of a table speaks of events that it had.
const SECTIONS: [&str; 3] = ["[events]", "[undocumented_events]", "[[chain]]"];

/// Why a document describes no events.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenApiError {
    /// It is no JSON.
    #[error("it is not JSON: {0}; a YAML file is converted with `yq -o json`")]
    Json(#[from] JsonError),
    /// It is another document.
    #[error(
        "it describes no webhooks: an OpenAPI 3.1 document has `webhooks`, a JSON Schema `properties`, `oneOf` or `$ref`"
    )]
    NoWebhooks,
}

/// An event of a document.
#[derive(Debug)]
pub struct Described {
    /// Its name in the document.
    pub name: String,
    /// What its operation's id says before a `/`, as GitHub groups its events: `pull-request` of `pull-request/opened`.
    pub group: Option<String>,
    /// What it is, in the document's words.
    pub about: Option<String>,
}

/// A payload that is valid under its event's schema, or why there is none.
pub type Payload = Result<Value, SchemaError>;

/// The events of `document`, in its order; a JSON Schema is one, of the name `name`.
///
/// # Errors
/// [`OpenApiError`].
pub fn events(document: &[u8], name: &str, seed: u64) -> Result<Vec<(Described, Payload)>, OpenApiError> {
    let document = json::parse(document)?;
    let mut sampler = Sampler::new(&document, seed);
    let webhooks = document.get("webhooks").or_else(|| document.get("x-webhooks"));
    let Some(webhooks) = webhooks.and_then(Value::as_object) else {
        let is_schema = ["properties", "oneOf", "anyOf", "allOf", "$ref"]
            .iter()
            .any(|key| document.get(*key).is_some());
        return match is_schema {
            true => {
                let described = Described {
                    name: name.to_owned(),
                    group: None,
                    about: text(&document, "description"),
                };
                Ok(vec![(described, sampler.value(&document))])
            }
            false => Err(OpenApiError::NoWebhooks),
        };
    };
    let described = webhooks.iter().take(MOST_EVENTS).filter_map(|(name, item)| {
        let operation = item.get("post").or_else(|| item.get("put"))?;
        let content = operation.pointer("/requestBody/content")?.as_object()?;
        let json = content.iter().find(|(kind, _)| kind.contains("json"))?.1;
        let described = Described {
            name: name.clone(),
            group: text(operation, "operationId").and_then(|id| Some(id.split_once('/')?.0.to_owned())),
            about: text(operation, "description").or_else(|| text(operation, "summary")),
        };
        Some((described, sampler.value(json.get("schema")?)))
    });
    Ok(described.collect())
}

/// The first line of a text.
fn text(value: &Value, key: &str) -> Option<String> {
    let line = value.get(key)?.as_str()?.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// The files of a provider's folder, with these events in place of its own.
///
/// The type of each is what its payload says where the table reads it, else its name in the document.
pub fn files_with(
    original: &Provider,
    files: Vec<(String, Vec<u8>)>,
    events: Vec<(Described, Value)>,
) -> Vec<(String, Vec<u8>)> {
    let mut made: Vec<(String, Vec<u8>)> = Vec::new();
    let mut table = String::new();
    for (name, bytes) in files {
        if name == TABLE {
            table = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    for section in SECTIONS {
        table = without(&table, section);
    }
    table = format!("{}\n\n[events]\n", table.trim_end());
    let mut taken = HashSet::new();
    for (described, payload) in events {
        let (event_type, payload) = typed(original, &described, payload);
        if !taken.insert(event_type.clone()) {
            continue;
        }
        let about = described.about.unwrap_or_else(|| "Not described".to_owned());
        table.push_str(&format!("{} = {}\n", Value::from(&*event_type), Value::from(about)));
        let written = json::rewrite(&payload, &AS_WRITTEN_INDENT_2, usize::MAX).unwrap_or_default();
        made.push((fixture_file(&event_type), [&written[..], b"\n"].concat()));
    }
    made.push((TABLE.to_owned(), table.into_bytes()));
    made
}

/// The event's type, and its payload that says so where the table reads it.
fn typed(original: &Provider, described: &Described, mut payload: Value) -> (String, Value) {
    let allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | ':' | '/');
    let name: String = described
        .name
        .trim_matches('/')
        .chars()
        .map(|char| if allowed(char) { char } else { '-' })
        .collect();
    let event = &original.table.event;
    let said = event.action.as_ref().and_then(Place::pointer);
    let said = said.and_then(|pointer| payload.pointer_mut(pointer));
    let action = said.and_then(|said| {
        if said.as_str()?.starts_with(MADE_UP) {
            let group = described.group.as_deref()?;
            *said = name.strip_prefix(group)?.trim_start_matches('-').into();
        }
        said.as_str().map(str::to_owned)
    });
    let joined = |kind: String| event.joined(Some(kind), action.clone()).unwrap_or_default();
    for pointer in event.kind.0.iter().filter_map(Place::pointer) {
        match payload.pointer(pointer) {
            Some(Value::String(said)) if is_event_type(said) && !said.starts_with(MADE_UP) => {
                return (joined(said.clone()), payload);
            }
            Some(_) => {
                event.name(&mut payload, &name);
                return (name, payload);
            }
            None => {}
        }
    }
    match (&event.action, &described.group) {
        (Some(_), group) => {
            let kind = group.clone().unwrap_or_else(|| kind_of(&name, action.as_deref()));
            (joined(kind.replace('-', "_")), payload)
        }
        (None, _) => (name, payload),
    }
}

/// What a document's `name` says besides the action, with which it ends: `pull-request` of `pull-request-opened`.
fn kind_of(name: &str, action: Option<&str>) -> String {
    let ending = action.map(|action| format!("-{}", action.replace(['_', '.'], "-")));
    let without = ending.as_deref().and_then(|ending| name.strip_suffix(ending));
    without.unwrap_or(name).to_owned()
}

/// A table of TOML without the sections of that header, a line by itself.
fn without(table: &str, header: &str) -> String {
    let mut is_inside = false;
    let lines = table.split_inclusive('\n').filter(|line| {
        if line.starts_with('[') {
            is_inside = line.trim_end() == header;
        }
        !is_inside
    });
    lines.collect()
}
