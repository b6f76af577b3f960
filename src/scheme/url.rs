//! The URL of a signed content: its writings, and the digest of the body in it.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

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
