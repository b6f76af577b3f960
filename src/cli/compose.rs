//! From what was typed to what composes messages: an event's fixture, or bytes that are taken as they are.

use std::path::Path;

use jiff::Timestamp;

use ckwh::clock::{self, Clock};
use ckwh::json::{self, Style};
use ckwh::provider::fixture;
use ckwh::provider::fixture::{Edit, FixtureError};
use ckwh::provider::{Provider, ProviderError};
use ckwh::send::{Composer, Payload};

use super::app::App;
use super::args::{BodyStyle, EditArgs, PayloadArgs, ProviderArgs, StampArgs};
use super::exit::Failure;
use super::input;

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
        let (provider, content) = match self.what(typed, provider.provider.as_deref())? {
            What::Event {
                provider: name,
                event_type,
            } => {
                let provider = self.provider(&name, provider.dialect.as_deref())?;
                let Some(payload) = fixture::payload(&provider, &event_type)? else {
                    return Err(self.registry.unknown_event(&event_type, Some(&name)).into());
                };
                let content = Payload::Event {
                    payload,
                    event_type,
                    edits,
                };
                (provider, content)
            }
            What::File(path) => {
                let provider = self.signer(provider)?;
                let bytes = input::read(&path)?;
                let body = if edits.is_empty() && payload.body_style.is_none() {
                    bytes
                } else {
                    rewrite(&provider, &path, &bytes, &edits, style)?
                };
                (provider, Payload::Body(body.into()))
            }
        };
        Ok(Composer {
            provider,
            payload: content,
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
