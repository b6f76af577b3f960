//! What a model is not shown: secrets, whatever form they are in, and signatures, with which it could forge.

use std::collections::HashSet;

use regex_lite::Regex;
use serde_json::Value;

use ckwh::exchange::credentials::Blanks;
use ckwh::message::{Message, Place};
use ckwh::provider::Provider;

use crate::cli::app::App;

/// What stands in a signature's place.
const HIDDEN: &str = "(signature, hidden)";
/// What may be the MAC of SHA-1, SHA-256, SHA-384 or SHA-512 in a handler's answer, in hex or base64.
const MAY_BE_MAC: &str = r"\b(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40})\b|[A-Za-z0-9+/_-]{86}==|\b[A-Za-z0-9+/_-]{43}=|\b[A-Za-z0-9+/_-]{27}=";
/// The fields that hold what a handler answered, or a whole request as a command.
const LOOSE: [&str; 3] = ["response", "answered", "curl"];

/// What is covered.
pub struct Veil {
    secrets: Blanks,
    /// The names of signature headers, in lower case.
    headers: HashSet<String>,
    /// Where else signatures stand.
    places: Vec<Place>,
    mac: Option<Regex>,
}

impl Veil {
    /// For the providers that are known here and the secrets that are set.
    pub fn new(app: &mut App) -> Self {
        let folders = app.registry.folders().to_vec();
        let providers: Vec<Provider> = folders
            .iter()
            .filter_map(|folder| Provider::load_all(folder).ok())
            .flatten()
            .collect();
        let secrets = app.secrets_of_each(&[], &providers);
        let secrets = secrets.map(|(secrets, _)| secrets).unwrap_or_default();
        let places = || {
            let signatures = providers.iter().flat_map(|provider| &provider.scheme.signatures);
            signatures.flat_map(|signature| &signature.places)
        };
        Self {
            secrets: Blanks::of(secrets.values().flatten()),
            headers: places()
                .filter_map(Place::header)
                .map(str::to_ascii_lowercase)
                .collect(),
            places: places().filter(|place| place.header().is_none()).cloned().collect(),
            mac: Regex::new(MAY_BE_MAC).ok(),
        }
    }

    /// Covers what stands anywhere in `value`.
    pub fn cover(&self, value: &mut Value) {
        self.cover_in(value, "", false);
    }

    fn cover_in(&self, value: &mut Value, name: &str, is_loose: bool) {
        match value {
            Value::String(text) => {
                if let Some(covered) = self.secrets.without(text) {
                    *text = covered;
                }
                if matches!(name, "body" | "target" | "url") {
                    self.cover_places(text);
                }
                if let Some(mac) = self.mac.as_ref().filter(|mac| is_loose && mac.is_match(text)) {
                    *text = mac.replace_all(text, HIDDEN).into_owned();
                }
            }
            Value::Array(items) => {
                if let [Value::String(name), text @ Value::String(_)] = items.as_mut_slice()
                    && self.headers.contains(&name.to_ascii_lowercase())
                {
                    *text = HIDDEN.into();
                }
                items.iter_mut().for_each(|item| self.cover_in(item, name, is_loose));
            }
            Value::Object(members) => members.iter_mut().for_each(|(name, member)| {
                let is_loose = is_loose || LOOSE.contains(&name.as_str());
                self.cover_in(member, name, is_loose);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Covers the signatures that stand in a body or a URL.
    fn cover_places(&self, text: &mut String) {
        let message = Message {
            url: Some(text.clone()),
            ..Message::new(text.clone())
        };
        for signature in self.places.iter().flat_map(|place| place.values(&message)) {
            match str::from_utf8(&signature) {
                // Some providers send a token as the whole body; another's body is no signature.
                Ok(signature) if signature == text.as_str() && !may_be_token(signature) => {}
                Ok(signature) if !signature.is_empty() => *text = text.replace(signature, HIDDEN),
                _ => {}
            }
        }
    }
}

/// Whether it has the form of a signed token: three parts in base64url.
fn may_be_token(text: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    };
    text.split('.').count() == 3 && text.trim().split('.').all(is_part)
}
