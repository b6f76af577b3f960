//! The signed content: the parts that are fed to the MAC, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A part that is not known, so that nothing can be signed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The scheme signs the URL.
    #[error("this scheme signs the URL, and none is known; give the one the sender uses with --public-url")]
    Url,
    /// The scheme signs the message's id.
    #[error("this scheme signs the message's id, and there is none; give one with --id")]
    Id,
    /// The scheme signs a timestamp.
    #[error("this scheme signs a timestamp, and there is none")]
    Timestamp,
}

/// What the parts are made of, besides the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The URL the sender signs.
    pub url: Option<&'a str>,
    /// The message's id.
    pub id: Option<&'a str>,
    /// The timestamp as it is written.
    pub timestamp: Option<&'a str>,
    /// Whether the body is `application/x-www-form-urlencoded`.
    pub form: bool,
}

/// One part of the signed content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A fixed text.
    Text(String),
    /// `{id}`.
    Id,
    /// `{timestamp}`, as it is written.
    Timestamp,
    /// `{body}`, byte for byte.
    Body,
    /// `{method}`.
    Method,
    /// `{url}`.
    Url,
    /// `{form:sorted}`: a form's fields by name, name and value joined with nothing, a name's values sorted and each
    /// taken once (Twilio). Nothing where the body is no form.
    FormSorted,
}

/// The signed content, written as a list of texts and `{parts}` in a provider's table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Content(Vec<Part>);

impl TryFrom<Vec<String>> for Content {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        let parts = texts.into_iter().map(|text| {
            Ok(match text.as_str() {
                "{id}" => Part::Id,
                "{timestamp}" => Part::Timestamp,
                "{body}" => Part::Body,
                "{method}" => Part::Method,
                "{url}" => Part::Url,
                "{form:sorted}" => Part::FormSorted,
                other if other.contains(['{', '}']) => {
                    return Err(format!(
                        "unknown part `{other}`, expected a text or one of {{id}}, {{timestamp}}, {{body}}, {{method}}, {{url}}, {{form:sorted}}"
                    ));
                }
                _ => Part::Text(text),
            })
        });
        let parts: Vec<Part> = parts.collect::<Result<_, String>>()?;
        if parts.iter().all(|part| matches!(part, Part::Text(_))) {
            return Err("`content` signs nothing of the message".into());
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| part.fmt(f))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(text) => text,
            Self::Id => "{id}",
            Self::Timestamp => "{timestamp}",
            Self::Body => "{body}",
            Self::Method => "{method}",
            Self::Url => "{url}",
            Self::FormSorted => "{form:sorted}",
        })
    }
}

impl Content {
    /// A content of these parts.
    pub(crate) fn of(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether `part` is among the signed ones.
    pub fn signs(&self, part: &Part) -> bool {
        self.0.contains(part)
    }

    /// Feeds the content to `sink`, part by part.
    ///
    /// # Errors
    /// [`ContentError`] where a part is not known.
    pub fn feed(&self, facts: &Facts<'_>, body: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), ContentError> {
        feed(&self.0, facts, body, sink)
    }

    /// The parts before and behind the body, where the body can be streamed: it stands once, and not as a form.
    pub(crate) fn around_body(&self) -> Option<(&[Part], &[Part])> {
        let at = self.0.iter().position(|part| *part == Part::Body)?;
        let (before, after) = (&self.0[..at], &self.0[at + 1..]);
        let alone = !before
            .iter()
            .chain(after)
            .any(|part| matches!(part, Part::Body | Part::FormSorted));
        alone.then_some((before, after))
    }
}

/// Feeds `parts` to `sink`.
///
/// # Errors
/// [`ContentError`] where a part is not known.
pub(crate) fn feed(
    parts: &[Part],
    facts: &Facts<'_>,
    body: &[u8],
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), ContentError> {
    for part in parts {
        match part {
            Part::Text(text) => sink(text.as_bytes()),
            Part::Id => sink(facts.id.ok_or(ContentError::Id)?.as_bytes()),
            Part::Timestamp => sink(facts.timestamp.ok_or(ContentError::Timestamp)?.as_bytes()),
            Part::Body => sink(body),
            Part::Method => sink(facts.method.as_bytes()),
            Part::Url => sink(facts.url.ok_or(ContentError::Url)?.as_bytes()),
            Part::FormSorted if facts.form => {
                let mut fields: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
                for (name, value) in form_urlencoded::parse(body) {
                    fields.entry(name).or_default().insert(value);
                }
                for (name, values) in &fields {
                    for value in values {
                        sink(name.as_bytes());
                        sink(value.as_bytes());
                    }
                }
            }
            Part::FormSorted => {}
        }
    }
    Ok(())
}

/// `url`: which writings of a signed URL a receiver tries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UrlRule {
    /// What is done about the port.
    pub port: Port,
}

/// The port of a signed URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Port {
    /// Stays as it is given.
    #[default]
    AsGiven,
    /// The URL is tried with and without one (Twilio's libraries).
    Either,
}

impl UrlRule {
    /// The URL as given, then its other writings.
    pub(crate) fn writings(self, url: &str) -> Vec<String> {
        let mut all = vec![url.to_owned()];
        if self.port == Port::Either
            && let Some((scheme, rest)) = url.split_once("://")
        {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            all.push(match authority.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                    format!("{scheme}://{host}{path}")
                }
                _ => {
                    let port = if scheme == "https" { 443 } else { 80 };
                    format!("{scheme}://{authority}:{port}{path}")
                }
            });
        }
        all
    }
}

/// `digest`: where the URL's query carries the SHA-256 of a body that is no form, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyDigest {
    /// The query parameter's name.
    pub query: String,
}

impl BodyDigest {
    /// Whether `url` and the rule together cover `body`: a form is signed field by field, anything else needs a digest
    /// that fits.
    pub fn covers(&self, url: &str, body: &[u8], form: bool) -> bool {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        match form_urlencoded::parse(query.as_bytes()).find(|(name, _)| *name == self.query) {
            Some((_, digest)) => *digest == hex::encode(Sha256::digest(body)),
            None => form || body.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(parts: &[&str]) -> Result<Content, String> {
        Content::try_from(parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>())
    }

    fn fed(parts: &[&str], facts: &Facts<'_>, body: &[u8]) -> String {
        let mut out = Vec::new();
        content(parts)
            .unwrap()
            .feed(facts, body, &mut |bytes| out.extend_from_slice(bytes))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts_are_fed_in_order() {
        let facts = Facts {
            method: "POST",
            url: Some("https://x.test/h"),
            id: Some("m1"),
            timestamp: Some("12"),
            form: false,
        };
        assert_eq!(
            fed(&["{id}", ".", "{timestamp}", ".", "{body}"], &facts, b"{}"),
            "m1.12.{}"
        );
        assert_eq!(
            fed(&["{method}", "{url}", "{body}", "{timestamp}"], &facts, b"b"),
            "POSThttps://x.test/hb12"
        );
        let form = Facts { form: true, ..facts };
        assert_eq!(
            fed(&["{url}", "{form:sorted}"], &form, b"b=2&a=x%20y&b=1&b=2"),
            "https://x.test/hax yb1b2"
        );
        assert_eq!(fed(&["{url}", "{form:sorted}"], &facts, b"{}"), "https://x.test/h");
    }

    #[test]
    fn unknown_parts_and_unknown_facts_are_errors() {
        assert!(content(&["{bdy}"]).unwrap_err().contains("{body}"));
        assert!(content(&["v0"]).is_err() && content(&[]).is_err());
        let signed = content(&["{url}", "{body}"]).unwrap();
        assert_eq!(signed.feed(&Facts::default(), b"", &mut |_| ()), Err(ContentError::Url));
    }

    #[test]
    fn a_port_can_be_tried_both_ways() {
        let either = UrlRule { port: Port::Either };
        assert_eq!(
            either.writings("https://x.test/h?a=b:1")[1],
            "https://x.test:443/h?a=b:1"
        );
        assert_eq!(either.writings("https://x.test:8443")[1], "https://x.test");
        assert_eq!(UrlRule::default().writings("https://x.test").len(), 1);
    }

    #[test]
    fn a_body_that_no_digest_covers_is_not_covered() {
        let digest = BodyDigest {
            query: "bodySHA256".into(),
        };
        let of_empty = "https://x.test/?bodySHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(digest.covers(of_empty, b"", false));
        assert!(!digest.covers(of_empty, b"{}", false));
        assert!(!digest.covers("https://x.test/", b"{}", false));
        assert!(digest.covers("https://x.test/", b"a=b", true));
    }
}
