//! What a delivery says of its event: the type, the id, what is new on each send.

use jiff::Timestamp;
use uuid::Uuid;

use crate::json::Value;
use crate::json::pointer::escaped;
use crate::message::{Headers, Message, Place};
use crate::provider::{Fresh, is_event_type};
use crate::scheme::Scheme;

/// Where a body says its type without doubt, the likeliest first.
const TYPES: &[&str] = &[
    "/event_type",
    "/eventType",
    "/event_name",
    "/eventName",
    "/event/type",
    "/event/event_type",
    "/event/name",
    "/meta/event_name",
    "/0/event_type",
    "/0/eventType",
    "/0/subscriptionType",
    "/0/type",
];
/// Where it may say it.
const LIKELY_TYPES: &[&str] = &["/topic", "/type", "/event"];
/// How the name of a header ends that says it.
const TYPE_HEADERS: &[&str] = &["-event", "-event-type", "-event-name", "-topic"];
/// Where a body has its id.
const IDS: &[&str] = &["/event_id", "/eventId", "/event/id"];
/// How the name of a header ends that has one.
const ID_HEADERS: &[&str] = &[
    "-event-id",
    "-delivery-id",
    "-delivery",
    "-message-id",
    "webhook-id",
    "-idempotency-key",
    "-idempotency-token",
];
/// A time this near to the delivery's, in seconds, is new on each send.
const NEAR: i64 = 300;
const MOST_FRESH: usize = 8;
const LONGEST_ID: usize = 256;

/// What was found, each with its place.
pub(super) struct Event {
    pub(super) kind: Option<Place>,
    pub(super) text: Option<String>,
    pub(super) id: Option<Place>,
    pub(super) id_text: Option<String>,
    pub(super) fresh: Vec<(String, Fresh)>,
}

impl Event {
    /// What `message` says; `payload` is its body, and `at` the time of the delivery.
    pub(super) fn of(
        message: &Message,
        headers: &Headers,
        payload: Option<&Value>,
        scheme: &Scheme,
        at: Option<Timestamp>,
    ) -> Self {
        let (kind, text) = kind(headers, payload).unzip();
        let id = scheme.id.clone().or_else(|| id(headers, payload, kind.as_ref()));
        let id_text = id.as_ref().and_then(|place| place.read(message));
        let mut fresh = Vec::new();
        if let Some(Place::Body(pointer)) = &id {
            fresh.push((pointer.clone(), Fresh::Id));
        }
        if let Some(payload) = payload {
            let own = match scheme.timestamp.as_ref().map(|rule| &rule.from) {
                Some(Place::Body(pointer)) => Some(pointer.as_str()),
                _ => None,
            };
            times(payload, own, at, &mut fresh);
        }
        Self {
            kind,
            text,
            id,
            id_text,
            fresh,
        }
    }

    /// The fixture's name.
    pub(super) fn name(&self) -> &str {
        self.text.as_deref().unwrap_or("event")
    }

    /// A template of new ids that look like the one that was seen.
    pub(super) fn new_id(&self) -> Option<String> {
        let text = self.id_text.as_deref()?;
        if Uuid::try_parse(text).is_ok() {
            return None;
        }
        let (prefix, _) = text.rsplit_once('_')?;
        let is_word = prefix.len() <= 16 && prefix.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        is_word.then(|| format!("{prefix}_{{hex24}}"))
    }
}

fn kind(headers: &Headers, payload: Option<&Value>) -> Option<(Place, String)> {
    let in_body = |pointer: &&str| {
        let text = payload?.pointer(pointer)?.as_str()?;
        is_word(text).then(|| (Place::Body((*pointer).to_owned()), text.to_owned()))
    };
    let in_header = || {
        headers.iter().find_map(|(name, value)| {
            let text = std::str::from_utf8(value).ok()?;
            let is_kind = ends_with(name, TYPE_HEADERS) && is_word(text);
            is_kind.then(|| (Place::Header(name.to_owned()), text.to_owned()))
        })
    };
    TYPES
        .iter()
        .find_map(in_body)
        .or_else(in_header)
        .or_else(|| LIKELY_TYPES.iter().find_map(in_body))
}

fn id(headers: &Headers, payload: Option<&Value>, kind: Option<&Place>) -> Option<Place> {
    let is_id = |text: &str| !text.is_empty() && text.len() <= LONGEST_ID;
    let in_body = |pointer: &&str| {
        let text = payload?.pointer(pointer)?.as_str()?;
        is_id(text).then(|| Place::Body((*pointer).to_owned()))
    };
    // Beside a type, an id is the event's; else it is that of what the event is about.
    let beside = matches!(kind, Some(Place::Body(pointer)) if pointer.matches('/').count() == 1);
    let found = IDS.iter().find_map(in_body);
    let found = found.or_else(|| ["/id"].iter().filter(|_| beside).find_map(in_body));
    found.or_else(|| {
        ID_HEADERS.iter().find_map(|ending| {
            let mut named = headers.iter().filter(|(name, _)| ends_with(name, &[ending]));
            let (name, _) = named.find(|(_, value)| std::str::from_utf8(value).is_ok_and(is_id))?;
            Some(Place::Header(name.to_owned()))
        })
    })
}

fn ends_with(name: &str, endings: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The times of the outermost members, and of those inside them, that are as new as the delivery; `own` is the signed
/// one.
fn times(payload: &Value, own: Option<&str>, near: Option<Timestamp>, fresh: &mut Vec<(String, Fresh)>) {
    let mut level = members(payload, "");
    let inner: Vec<_> = level
        .iter()
        .flat_map(|(pointer, value)| members(value, pointer))
        .collect();
    level.extend(inner);
    for (pointer, value) in level {
        let Some((kind, at)) = Fresh::of(value) else { continue };
        let is_near = near.is_some_and(|near| (near.as_second() - at.as_second()).abs() <= NEAR);
        if (own == Some(pointer.as_str()) || is_near) && fresh.len() < MOST_FRESH {
            fresh.push((pointer, kind));
        }
    }
}

/// The members of an object, or the first item of a list, with their pointers.
fn members<'a>(value: &'a Value, at: &str) -> Vec<(String, &'a Value)> {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (format!("{at}/{}", escaped(name)), value))
            .collect(),
        Value::Array(items) => items.iter().take(1).map(|item| (format!("{at}/0"), item)).collect(),
        _ => Vec::new(),
    }
}
/// Whether it names an event type, in one word: several may be a sentence.
fn is_word(text: &str) -> bool {
    is_event_type(text) && !text.contains(' ')
}
