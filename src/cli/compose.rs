//! From what was typed to an unsigned message: an event's fixture, or bytes that are taken as they are.

use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;

use ckwh::clock::{self, Clock};
use ckwh::json::{self, Style, Value};
use ckwh::message::Message;
use ckwh::provider::fixture;
use ckwh::provider::fixture::{Edit, FixtureError};
use ckwh::provider::{Provider, ProviderError};

use super::app::App;
use super::args::{BodyStyle, EditArgs, PayloadArgs, ProviderArgs, StampArgs};
use super::exit::Failure;
use super::input;

/// What is to be sent or signed, as often as it is asked for.
pub struct Composer {
    pub provider: Provider,
    subject: Subject,
    style: Option<&'static Style>,
    as_is: bool,
    id: Option<String>,
    pub clock: Clock,
}

enum Subject {
    /// An event's payload in the provider's dialect, with the overrides applied when it is fresh.
    Event {
        payload: Value,
        event_type: String,
        edits: Vec<Edit>,
    },
    /// Bytes.
    Body(Bytes),
}

/// What a name on the command line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An event of this provider.
    Event { provider: String, event_type: String },
    /// A file, or `-`.
    File(String),
}

impl App {
    /// What `typed` means: a known event type wins, `./name` is always a file.
    pub fn what(&mut self, typed: &str, named: Option<&str>) -> Result<What, Failure> {
        let file = || What::File(typed.to_owned());
        if typed == "-" || typed.starts_with("./") || typed.starts_with("../") || Path::new(typed).is_absolute() {
            return Ok(file());
        }
        let found: Vec<String> = match named {
            Some(name) => {
                let folder = self.registry.folder(name)?;
                folder.has_event(typed).then(|| name.to_owned()).into_iter().collect()
            }
            None => self
                .registry
                .with_event(typed)
                .into_iter()
                .map(|folder| folder.name.clone())
                .collect(),
        };
        let set = self.settings.provider.as_ref().map(|set| &set.text);
        let preferred = set.filter(|name| found.contains(name));
        match (preferred.or(found.first()), preferred.is_some() || found.len() < 2) {
            (Some(provider), true) => Ok(What::Event {
                provider: provider.clone(),
                event_type: typed.to_owned(),
            }),
            (Some(_), false) => Err(Failure::usage(format!(
                "{typed} is an event of {}; choose one with --provider",
                found.join(", ")
            ))),
            (None, _) if Path::new(typed).exists() => Ok(file()),
            (None, _) => match self.registry.unknown_event(typed, named) {
                // Some event types hold a slash too, and a misspelt one is near to them.
                ProviderError::Event { hint, .. } if hint.is_empty() && typed.contains(['/', '\\']) => Ok(file()),
                unknown => Err(unknown.into()),
            },
        }
    }

    /// Reads what is to be sent or signed.
    pub fn composer(
        &mut self,
        typed: &str,
        payload: &PayloadArgs,
        provider: &ProviderArgs,
        stamp: &StampArgs,
    ) -> Result<Composer, Failure> {
        let edits = edits(&payload.edits)?;
        let style = match payload.body_style {
            Some(BodyStyle::Compact) => Some(&json::JAVASCRIPT),
            Some(BodyStyle::Pretty) => Some(&json::JAVASCRIPT_INDENT_2),
            Some(BodyStyle::Provider) | None => None,
        };
        let (provider, subject) = match self.what(typed, provider.provider.as_deref())? {
            What::Event {
                provider: name,
                event_type,
            } => {
                let provider = self.provider(&name, provider.dialect.as_deref())?;
                let Some(payload) = fixture::payload(&provider, &event_type)? else {
                    return Err(self.registry.unknown_event(&event_type, Some(&name)).into());
                };
                let subject = Subject::Event {
                    payload,
                    event_type,
                    edits,
                };
                (provider, subject)
            }
            What::File(path) => {
                let provider = self.signer(provider)?;
                let bytes = input::read(&path)?;
                let body = if edits.is_empty() && payload.body_style.is_none() {
                    bytes
                } else {
                    rewrite(&provider, &path, &bytes, &edits, style)?
                };
                (provider, Subject::Body(body.into()))
            }
        };
        Ok(Composer {
            provider,
            subject,
            style,
            as_is: payload.as_is,
            id: stamp.id.clone(),
            clock: clock_of(stamp)?,
        })
    }
}

/// The clock that `--timestamp` fixes.
pub fn clock_of(stamp: &StampArgs) -> Result<Clock, Failure> {
    Ok(match &stamp.timestamp {
        Some(text) => Clock::Fixed(clock::moment(text, Timestamp::now())?),
        None => Clock::System,
    })
}

/// The edits that were typed, in the order they are applied.
pub fn edits(args: &EditArgs) -> Result<Vec<Edit>, Failure> {
    let mut edits = Vec::new();
    for path in &args.merge {
        let shown = path.display().to_string();
        edits.push(Edit::merge(&input::read(&shown)?, &shown)?);
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

impl Composer {
    /// The next message at `at`: with a fresh id and fresh times, the overrides, and the provider's request headers.
    pub fn compose(&self, at: Timestamp) -> Result<Message, Failure> {
        let id = || self.id.clone().unwrap_or_else(|| fixture::new_id(&self.provider));
        let mut message = match &self.subject {
            Subject::Body(body) => fixture::message(&self.provider, body.clone(), None, Some(id()), at),
            Subject::Event {
                payload,
                event_type,
                edits,
            } => {
                let id = id();
                let mut payload = payload.clone();
                if !self.as_is {
                    fixture::refresh(&self.provider, &mut payload, &id, at);
                }
                for edit in edits {
                    edit.apply(&mut payload)?;
                }
                let body = fixture::body(&self.provider, &payload, self.style)?;
                fixture::message(&self.provider, body.into(), Some(event_type.clone()), Some(id), at)
            }
        };
        fixture::set_headers(&self.provider, &mut message);
        Ok(message)
    }
}
