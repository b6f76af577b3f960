//! From a fixture to a message: fresh fields, overrides, serialisation, headers.

mod edit;
mod envelope;
mod xml;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

pub use edit::{Edit, EditError};
pub use envelope::envelope;

use crate::json::{self, JsonError, Map, Value};
use crate::message::{Message, Place, boundary_of, write_multipart};
use crate::provider::{BodyKind, Provider, ProviderError, Request, TemplateFacts, fixture_file};

/// Why a fixture does not become a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// The folder or its table.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A file that is not JSON.
    #[error("{file} is {source}")]
    NotJson {
        /// The fixture, or the file that was given.
        file: String,
        /// The parser's error.
        source: JsonError,
    },
    /// An override that does not fit the payload.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A value that can't be written as the provider writes it.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A form can only be made of a flat object.
    #[error("{0} sends a form, which is written from one flat object of texts and numbers")]
    NotAForm(String),
    /// XML can only be made of one object that holds the root.
    #[error("{0} sends XML, which is written from an object with one member, the root, and names of elements in it")]
    NotXml(String),
}

/// The fixture's payload in the provider's dialect: its members arranged, nothing refreshed. `None` where there is no
/// such event.
///
/// # Errors
/// [`FixtureError`].
pub fn payload(provider: &Provider, event_type: &str) -> Result<Option<Value>, FixtureError> {
    let Some(bytes) = provider.folder.fixture(event_type)? else {
        return Ok(None);
    };
    let value = json::parse(&bytes).map_err(|source| FixtureError::NotJson {
        file: provider.folder.path_of(&fixture_file(event_type)),
        source,
    })?;
    Ok(Some(arrange(&provider.table.request, value)))
}

fn arrange(request: &Request, value: Value) -> Value {
    if request.envelope.is_empty() {
        return value;
    }
    let heads: Vec<&str> = request
        .envelope
        .values()
        .filter_map(|pointer| pointer.split('/').nth(1))
        .collect();
    let mut out = Map::new();
    for (name, pointer) in &request.envelope {
        let member = if pointer == "*" {
            let rest = value.as_object().into_iter().flatten();
            let rest = rest.filter(|(key, _)| !heads.contains(&key.as_str()));
            Some(
                rest.map(|(key, item)| (key.clone(), item.clone()))
                    .collect::<Map<_, _>>()
                    .into(),
            )
        } else {
            value.pointer(pointer).cloned()
        };
        out.extend(member.map(|member| (name.clone(), member)));
    }
    out.into()
}

/// Puts the new id and the time wherever the provider has them fresh on each send.
pub fn refresh(provider: &Provider, payload: &mut Value, id: &str, at: Timestamp) {
    for (pointer, fresh) in &provider.table.event.fresh {
        if let Some(place) = payload.pointer_mut(pointer) {
            *place = fresh.value(id, at);
        }
    }
}

/// Writes `payload` as the provider does, or in `style`.
///
/// # Errors
/// [`FixtureError::Json`], [`FixtureError::NotAForm`].
pub fn body(provider: &Provider, payload: &Value, style: Option<&json::Style>) -> Result<Vec<u8>, FixtureError> {
    let request = &provider.table.request;
    match request.body {
        BodyKind::Json => Ok(json::write(payload, style.unwrap_or(request.json_style()))?),
        BodyKind::FormPayload => {
            let json = json::write(payload, style.unwrap_or(request.json_style()))?;
            let json = String::from_utf8_lossy(&json);
            let mut form = form_urlencoded::Serializer::new(String::new());
            Ok(form.append_pair(PAYLOAD, &json).finish().into_bytes())
        }
        BodyKind::Xml => xml::document(payload).ok_or_else(|| FixtureError::NotXml(provider.table.title.clone())),
        BodyKind::Multipart => multipart(provider, payload, style.unwrap_or(request.json_style())),
        BodyKind::Form => form(payload).ok_or_else(|| FixtureError::NotAForm(provider.table.title.clone())),
    }
}

/// `payload` as fields between the boundary that the table's `Content-Type` names.
fn multipart(provider: &Provider, payload: &Value, style: &json::Style) -> Result<Vec<u8>, FixtureError> {
    let not_a_form = || FixtureError::NotAForm(provider.table.title.clone());
    let mut headers = provider.table.request.headers.iter();
    let kind = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.and_then(|(_, kind)| kind.fill(&TemplateFacts::default()));
    let boundary = kind.and_then(|kind| boundary_of(&kind)).ok_or_else(not_a_form)?;
    let mut fields = Vec::new();
    for (name, value) in payload.as_object().ok_or_else(not_a_form)? {
        let text = match value {
            Value::String(text) => text.clone(),
            value => String::from_utf8_lossy(&json::write(value, style)?).into_owned(),
        };
        fields.push((name.clone(), text));
    }
    write_multipart(&fields, &boundary).ok_or_else(not_a_form)
}

/// The field of a form that holds JSON.
pub(crate) const PAYLOAD: &str = "payload";

/// `payload` as a form; `None` where it is not one flat object of texts and numbers.
pub(crate) fn form(payload: &Value) -> Option<Vec<u8>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in payload.as_object()? {
        match value {
            Value::String(text) => form.append_pair(name, text),
            Value::Number(number) => form.append_pair(name, &number.to_string()),
            _ => return None,
        };
    }
    Some(form.finish().into_bytes())
}

/// An id such as the provider gives, at random.
pub fn new_id(provider: &Provider) -> String {
    let random = Uuid::new_v4();
    let hex = random.simple().to_string();
    let template = &provider.table.event.new_id;
    template
        .replace("{uuid}", &random.to_string())
        .replace("{hex24}", &hex[..24])
        .replace("{hex32}", &hex)
}

/// The message of `body`, with what is known of the event. It has no headers yet and is not signed.
/// An `event_type` or an `id` that the body holds counts more than the one given.
pub fn message(
    provider: &Provider,
    body: Bytes,
    event_type: Option<String>,
    id: Option<String>,
    at: Timestamp,
) -> Message {
    let mut message = Message::new(body);
    message.timestamp = Some(at);
    let in_body = |place: &Place| match place {
        Place::Header(_) | Place::Signature => None,
        place => place.read(&message),
    };
    let event = &provider.table.event;
    let given = event_type.as_deref().map(|given| event.parts(given).0.to_owned());
    let kind = event.kind.0.iter().find_map(in_body).or(given);
    let event_type = event.joined(kind, event.action.as_ref().and_then(in_body));
    let id = event.id.as_ref().and_then(in_body).or(id);
    message.event_type = event_type;
    message.id = id;
    message
}

/// Puts the provider's request headers on `message`.
pub fn set_headers(provider: &Provider, message: &mut Message) {
    let kind = |whole: &String| provider.table.event.parts(whole).0.to_owned();
    let facts = TemplateFacts {
        event_type: message.event_type.as_ref().map(kind),
        id: message.id.clone(),
        timestamp: message.timestamp,
        uuid: derived_uuid(message).to_string(),
    };
    for (name, template) in &provider.table.request.headers {
        if let Some(value) = template.fill(&facts) {
            message.headers.set(name, value);
        }
    }
}

/// A UUID that follows from the message's id and time.
fn derived_uuid(message: &Message) -> Uuid {
    let seed = format!(
        "{}\0{}",
        message.id.as_deref().unwrap_or_default(),
        message.timestamp.map_or(0, Timestamp::as_microsecond)
    );
    let derived = Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes());
    uuid::Builder::from_bytes(derived.into_bytes())
        .with_version(uuid::Version::Random)
        .into_uuid()
}
