//! From what was typed to what composes messages: an event's fixture, or bytes that are taken as they are.

use bytes::Bytes;
use jiff::Timestamp;

use ckwh::clock::{self, Clock};
use ckwh::json::{self, Style};
use ckwh::provider::fixture;
use ckwh::provider::fixture::{Edit, FixtureError};
use ckwh::provider::{BodyKind, Provider};
use ckwh::send::{Composer, Payload};

use super::app::App;
use super::args::{BodyStyle, EditArgs, PayloadArgs, ProviderArgs, StampArgs};
use super::exit::Failure;
use super::hints::typed;
use super::input;

/// The longest body whose writing is looked at, in bytes.
const LONGEST_LOOKED_AT: usize = 1024 * 1024;

/// What a name on the command line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An event of this provider.
    Event { provider: String, event_type: String },
    /// An event of this provider that has no fixture.
    Made { provider: String, event_type: String },
    /// A file, or `-`.
    File(String),
    /// A body that was typed.
    Data(Vec<u8>),
}

impl What {
    /// Its name for a sentence.
    pub fn name(&self) -> &str {
        match self {
            Self::Event { event_type, .. } | Self::Made { event_type, .. } => event_type,
            Self::File(path) => path,
            Self::Data(_) => "--data",
        }
    }
}

impl App {
    /// The one thing that `typed` means: a known event type wins, `./name` is always a file.
    pub fn what(&mut self, typed: &str, named: Option<&str>) -> Result<What, Failure> {
        let mut words = self.words(&[typed.to_owned()], named, false)?;
        match (words.subjects.pop(), words.is_list) {
            (Some(what), false) if words.subjects.is_empty() => Ok(what),
            _ => Err(Failure::usage(format!(
                "`{}` is not one event or file; `ckwh events` lists the events, and a file is named by its path, as ./{}",
                typed.escape_debug(),
                typed.escape_debug()
            ))),
        }
    }

    /// Reads what is to be sent or signed.
    pub fn composer(
        &mut self,
        what: &What,
        payload: &PayloadArgs,
        provider: &ProviderArgs,
        stamp: &StampArgs,
        event_type: Option<&str>,
    ) -> Result<Composer, Failure> {
        let edits = edits(self, &payload.edits)?;
        let (provider, content) = match what {
            What::Event {
                provider: name,
                event_type,
            } => {
                let provider = self.provider(name, provider.dialect.as_deref())?;
                let Some(payload) = fixture::payload(&provider, event_type)? else {
                    return Err(self.registry.unknown_event(event_type, Some(name)).into());
                };
                let content = Payload::Event {
                    payload,
                    event_type: event_type.clone(),
                    edits,
                };
                (provider, content)
            }
            What::Made {
                provider: name,
                event_type,
            } => {
                let provider = self.provider(name, provider.dialect.as_deref())?;
                let Some(payload) = fixture::envelope(&provider, event_type)? else {
                    return Err(Failure::usage(format!(
                        "{name} has no fixture to make {event_type} of; give its body with --data or as a file"
                    )));
                };
                self.report.note(&format!(
                    "{} has no fixture of {event_type}: this is what its events share; --set adds to it, --data gives a body of yours",
                    provider.table.title
                ));
                let content = Payload::Event {
                    payload,
                    event_type: event_type.clone(),
                    edits,
                };
                (provider, content)
            }
            What::File(path) => {
                let provider = self.signer(provider)?;
                let bytes = input::read(self, path, input::BODY)?;
                let body = self.given(&provider, path, bytes, &edits, payload)?;
                let event_type = event_type.map(str::to_owned);
                (provider, Payload::Body { body, event_type })
            }
            What::Data(bytes) => {
                let provider = self.signer(provider)?;
                let body = self.given(&provider, "--data", bytes.clone(), &edits, payload)?;
                let event_type = event_type.map(str::to_owned);
                (provider, Payload::Body { body, event_type })
            }
        };
        Ok(Composer {
            provider,
            payload: content,
            style: style(payload),
            as_is: payload.as_is,
            id: stamp.id.clone(),
            clock: clock_of(stamp)?,
        })
    }

    /// A body that was given: as it is, unless it is to be changed or written otherwise.
    fn given(
        &mut self,
        provider: &Provider,
        name: &str,
        bytes: Vec<u8>,
        edits: &[Edit],
        payload: &PayloadArgs,
    ) -> Result<Bytes, Failure> {
        if !edits.is_empty() || payload.body_style.is_some() {
            return Ok(rewrite(provider, name, &bytes, edits, style(payload))?.into());
        }
        if bytes.is_empty() {
            self.report.note(&format!("{name} is empty"));
        } else if let Some(problem) = no_json(provider, name, &bytes) {
            self.report.note(&format!(
                "{name} {problem}, and {} sends JSON; it goes as it is",
                provider.table.title
            ));
        } else if is_foreign_writing(provider, &bytes) {
            self.report.note(&format!(
                "{name} goes as it is, which is not how {} writes JSON; --body-style provider writes it so",
                provider.table.title
            ));
        }
        Ok(bytes.into())
    }
}

/// How JSON is to be written, where that was said.
fn style(payload: &PayloadArgs) -> Option<&'static Style> {
    match payload.body_style {
        Some(BodyStyle::Compact) => Some(&json::JAVASCRIPT),
        Some(BodyStyle::Pretty) => Some(&json::JAVASCRIPT_INDENT_2),
        Some(BodyStyle::Provider) | None => None,
    }
}

/// Why a body is none of the provider's, which are JSON. Long ones are not looked at.
fn no_json(provider: &Provider, name: &str, body: &[u8]) -> Option<String> {
    if provider.table.request.body != BodyKind::Json || body.len() > LONGEST_LOOKED_AT {
        return None;
    }
    let error = json::parse(body).err()?;
    Some(match input::format_of(body) {
        _ if body.starts_with(b"\xef\xbb\xbf") => "begins with a byte order mark, which JSON has not".to_owned(),
        _ if body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff") => "is UTF-16, and not UTF-8".to_owned(),
        Some(format) => format!(
            "looks like {format}, whose requests `ckwh replay --from {}` delivers",
            typed(name)
        ),
        None => format!("is {error}"),
    })
}

/// Whether a body is JSON that the provider would write otherwise. Long ones are not looked at.
pub fn is_foreign_writing(provider: &Provider, body: &[u8]) -> bool {
    if provider.table.request.body != BodyKind::Json || body.len() > LONGEST_LOOKED_AT {
        return false;
    }
    let Ok(payload) = json::parse(body) else { return false };
    fixture::body(provider, &payload, None).is_ok_and(|own| own != body)
}

/// The clock that `--timestamp` fixes.
pub fn clock_of(stamp: &StampArgs) -> Result<Clock, Failure> {
    Ok(match &stamp.timestamp {
        Some(text) => Clock::Fixed(clock::moment(text, Timestamp::now())?),
        None => Clock::System,
    })
}

/// The edits that were typed, in the order they are applied.
pub fn edits(app: &mut App, args: &EditArgs) -> Result<Vec<Edit>, Failure> {
    let mut edits = Vec::new();
    for path in &args.merge {
        let shown = path.display().to_string();
        edits.push(Edit::merge(&input::read(app, &shown, "what is merged")?, &shown)?);
    }
    for text in &args.set {
        edits.push(Edit::set(text)?);
    }
    for path in &args.unset {
        edits.push(Edit::unset(path)?);
    }
    Ok(edits)
}

fn rewrite(
    provider: &Provider,
    path: &str,
    bytes: &[u8],
    edits: &[Edit],
    style: Option<&'static Style>,
) -> Result<Vec<u8>, Failure> {
    let mut payload = json::parse(bytes).map_err(|source| FixtureError::NotJson {
        file: path.to_owned(),
        source,
    })?;
    for edit in edits {
        edit.apply(&mut payload)?;
    }
    Ok(fixture::body(provider, &payload, style)?)
}
