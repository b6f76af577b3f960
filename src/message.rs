//! What is signed, delivered and captured.

mod headers;
mod multipart;
mod pairs;
mod place;
mod token;
mod unreadable;
mod xml;

use bytes::Bytes;
use jiff::Timestamp;

pub use headers::{Fields, HeaderError, Headers};
#[cfg(feature = "delivery")]
pub(crate) use headers::{can_carry, is_token};
pub(crate) use multipart::{boundary as boundary_of, write as write_multipart};
pub(crate) use place::MOST_ITEMS;
pub use place::{Place, Places};
pub(crate) use token::claims as claims_of_token;

/// One webhook request, with what its sender knows about it. A message that was received has no `id`, `timestamp` or
/// `event_type` until a [`Place`] reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The HTTP method.
    pub method: String,
    /// The URL the sender signs, where it is known.
    pub url: Option<String>,
    /// The path and query that were asked for, where `url` was given otherwise.
    pub target: Option<String>,
    /// The headers, values as bytes.
    pub headers: Headers,
    /// The payload, as on the wire.
    pub body: Bytes,
    /// The message's identity.
    pub id: Option<String>,
    /// When it is signed.
    pub timestamp: Option<Timestamp>,
    /// What it reports.
    pub event_type: Option<String>,
}

impl Message {
    /// A `POST` of `body`, with nothing else known.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            method: "POST".into(),
            url: None,
            target: None,
            headers: Headers::default(),
            body: body.into(),
            id: None,
            timestamp: None,
            event_type: None,
        }
    }

    /// The query of the URL, or of the target where the URL has none.
    pub fn query(&self) -> Option<&str> {
        let own = self.url.as_deref().and_then(query_of);
        own.or_else(|| self.target.as_deref().and_then(query_of))
    }

    /// Whether nothing says that the body is no form.
    pub(crate) fn may_be_form(&self) -> bool {
        self.is_form() || !self.headers.contains("content-type")
    }

    /// What stands between the fields of a body that is `multipart/form-data`: by its `Content-Type`, or by how it begins
    /// where it has none.
    pub(super) fn boundary(&self, body: &[u8]) -> Option<String> {
        match self.headers.text("content-type") {
            Some(kind) => multipart::boundary(kind),
            None => multipart::leading(body),
        }
    }

    /// The fields of `body`, where it may be a form.
    pub(crate) fn form_fields(&self, body: &[u8]) -> Vec<(String, String)> {
        match self.boundary(body) {
            Some(boundary) => multipart::pairs(body, &boundary),
            None if self.may_be_form() => form_urlencoded::parse(body).into_owned().collect(),
            None => Vec::new(),
        }
    }

    /// The values of the field `name` of `body`, in order.
    pub(super) fn form_values(&self, body: &[u8], name: &str) -> Vec<String> {
        match self.boundary(body) {
            Some(boundary) => multipart::all(body, &boundary, name),
            None if self.may_be_form() => pairs::all(body, name).collect(),
            None => Vec::new(),
        }
    }

    /// `body` with the field `name`, which has `value`; `None` where it has no place for it.
    pub(super) fn with_field(&self, body: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
        match self.boundary(body) {
            Some(boundary) => multipart::set(body, &boundary, name, value),
            None => self.may_be_form().then(|| pairs::set(body, name, value)),
        }
    }

    /// Whether the body is `application/x-www-form-urlencoded`, by its `Content-Type`.
    pub fn is_form(&self) -> bool {
        self.headers.text("content-type").is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
    }
}

fn query_of(url: &str) -> Option<&str> {
    let url = url.split('#').next().unwrap_or_default();
    url.split_once('?').map(|(_, query)| query)
}
