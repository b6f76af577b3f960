//! JSON that others put requests into: tunnels, clouds, providers' lists of deliveries. Each kind is a row, recognised
//! by its shape.

mod aws;
pub(super) mod bodies;
mod inbox;
mod postman;
mod provider;
mod tunnel;

use std::fmt;

use serde_json::Value;

use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::Recorded;

pub use bodies::REWRITTEN;

/// A kind of wrapper.
pub struct Wrapper {
    /// Its name, as `--format` has it.
    pub name: &'static str,
    /// What it is called in a sentence.
    pub title: &'static str,
    /// The members under which a list of them stands, in a document of several.
    pub lists: &'static [&'static str],
    /// Whether a value is one of them.
    pub is: fn(&Value) -> bool,
    /// The requests in one.
    pub read: fn(&Value) -> Vec<Read>,
    /// Whether it is also what a sender signs, so that a file of one is taken for a body where a body may stand.
    pub is_payload: bool,
}

/// One request of a wrapper.
pub type Read = Result<Recorded, String>;

/// Every kind, in the order in which they are tried.
pub static WRAPPERS: &[Wrapper] = &[
    tunnel::NGROK,
    aws::LAMBDA,
    aws::FUNCTION,
    provider::GITHUB,
    provider::GITLAB,
    provider::CONTENTFUL,
    provider::SVIX,
    provider::SVIX_MESSAGE,
    provider::STRIPE,
    inbox::WEBHOOK_SITE,
    inbox::WEBHOOK_TESTER,
    inbox::HOOKDECK,
    inbox::WIREMOCK,
    inbox::HTTPBIN,
    inbox::PIPEDREAM,
    inbox::N8N,
    tunnel::SMEE,
    postman::POSTMAN,
];

/// The format of a row.
pub struct Wrapped(pub &'static Wrapper);

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wrapped").field(&self.0.name).finish()
    }
}

impl Exchange for Wrapped {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn title(&self) -> &'static str {
        self.0.title
    }

    fn remedy(&self) -> &'static str {
        "export it again, whole"
    }

    fn is_payload(&self) -> bool {
        self.0.is_payload
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let Some(first) = input.first_value()? else {
            return Ok(false);
        };
        let entries = self.0.entries(first);
        Ok(entries.first().is_some_and(|entry| (self.0.is)(entry)))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let mut number = 0;
        let text = bodies::documents(input.text()?);
        for document in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
            let document = match document {
                Ok(document) => document,
                Err(error) => {
                    take(Entry::new(format!("entry {}", number + 1), Err(error.to_string())));
                    break;
                }
            };
            for entry in self.0.entries(&document) {
                number += 1;
                let requests = match (self.0.is)(entry) {
                    true => (self.0.read)(entry),
                    false => vec![Err(format!("it is not {}", self.0.title))],
                };
                for request in requests {
                    if !take(Entry::new(format!("entry {number}"), request)) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Wrapper {
    /// What a document holds: the items of a list, or itself.
    fn entries<'v>(&self, document: &'v Value) -> Vec<&'v Value> {
        if let Some(list) = document.as_array() {
            return list.iter().collect();
        }
        let list = self.lists.iter().find_map(|name| document.get(*name)?.as_array());
        match list {
            Some(list) if !(self.is)(document) => list.iter().collect(),
            _ => vec![document],
        }
    }
}

/// The text at a path of members.
fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    at(value, path)?.as_str()
}

/// What stands at a path of members, but null.
fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let mut value = value;
    for name in path {
        value = value.get(*name)?;
    }
    Some(value).filter(|value| !value.is_null())
}

/// Whether every member is there.
fn has(value: &Value, names: &[&str]) -> bool {
    names.iter().all(|name| value.get(*name).is_some())
}
