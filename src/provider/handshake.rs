//! `[[handshake]]`: by which request a provider finds out whether its receiver is there, and what it wants to be answered.

use indexmap::IndexMap;
use serde::Deserialize;

use super::pattern::Pattern;
use super::template::pieces;
use crate::json::{self, Value};
use crate::message::{Headers, Message, Place};
use crate::scheme::{Encoding, Given, Kind, Mac};
use crate::secret::{KeyStep, Secret, SecretError};

/// The longest text that is sent back, in bytes.
const LONGEST: usize = 2048;
/// The part of an answer that is the proof.
const PROOF: &str = "proof";
/// The condition that is no place.
const METHOD: &str = "method";

/// One handshake. What stands in the request is sent back only where a pattern in `when` says what all of it looks like.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "HandshakeTable")]
pub struct Handshake {
    method: Option<Pattern>,
    when: Vec<(Place, Pattern)>,
    signed: Option<bool>,
    status: u16,
    headers: Vec<(String, Text)>,
    body: Body,
    proof: Option<Proof>,
    delivers: Option<Place>,
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeAnswer {
    /// The status.
    pub status: u16,
    /// The headers, the body's type among them.
    pub headers: Headers,
    /// The body.
    pub body: String,
}

/// As it stands in a provider's table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandshakeTable {
    /// Conditions that all hold: a place, or `method`, and a regular expression.
    when: IndexMap<String, Pattern>,
    /// Whether the signature must be valid, or must not; absent: it is not asked for.
    signed: Option<bool>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: IndexMap<String, Text>,
    text: Option<Text>,
    /// A JSON text with parts in its strings.
    json: Option<String>,
    proof: Option<Proof>,
    /// Where the secret stands that the request delivers.
    delivers: Option<Place>,
}

fn ok() -> u16 {
    200
}

#[derive(Debug, Clone)]
enum Body {
    None,
    Text(Text),
    Json(Value),
}

/// `proof`: what an answer proves with the secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    kind: Kind,
    encoding: Encoding,
    content: Text,
    #[serde(default)]
    key: Vec<KeyStep>,
}

/// A text with `{places}` of the request, and `{proof}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Text(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Place),
    Given(Given),
    Proof,
}

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let part = |name: &str| match name {
            PROOF => Ok(Piece::Proof),
            name => match name.strip_prefix("given:") {
                Some(name) => Given::named(name).map(Piece::Given),
                None => place(name).map(Piece::Place),
            },
        };
        pieces(&text, Piece::Text, part).map(Self)
    }
}

/// A place in the request.
fn place(name: &str) -> Result<Place, String> {
    match Place::try_from(name.to_owned())? {
        Place::Constant(_) | Place::Signature => Err(format!(
            "`{name}` is no place in a request: header:NAME, query:NAME, form:NAME or body:/pointer"
        )),
        place => Ok(place),
    }
}

impl Text {
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Place(place) => Some(place),
            Piece::Text(_) | Piece::Given(_) | Piece::Proof => None,
        })
    }

    fn has_given(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Given(_)))
    }

    fn givens(&mut self) -> impl Iterator<Item = &mut Given> {
        self.0.iter_mut().filter_map(|piece| match piece {
            Piece::Given(given) => Some(given),
            _ => None,
        })
    }

    fn has_proof(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Proof))
    }

    fn fill(&self, message: &Message, proof: Option<&str>) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Place(place) => out.push_str(&place.read(message)?),
                Piece::Given(given) => out.push_str(given.value().ok()?),
                Piece::Proof => out.push_str(proof?),
            }
        }
        Some(out)
    }
}

impl TryFrom<HandshakeTable> for Handshake {
    type Error = String;

    fn try_from(table: HandshakeTable) -> Result<Self, Self::Error> {
        let (mut method, mut when) = (None, Vec::new());
        for (name, pattern) in table.when {
            match name.as_str() {
                METHOD => method = Some(pattern),
                name => when.push((place(name)?, pattern)),
            }
        }
        if when.is_empty() {
            return Err("`when` names no place of the request that tells a handshake from an event".into());
        }
        let body = match (table.text, table.json) {
            (None, None) => Body::None,
            (Some(text), None) => Body::Text(text),
            (None, Some(text)) => {
                Body::Json(json::parse(text.as_bytes()).map_err(|error| format!("`json` of a handshake is {error}"))?)
            }
            _ => return Err("a handshake is answered with either `text` or `json`".into()),
        };
        let own = Self {
            method,
            when,
            signed: table.signed,
            status: table.status,
            headers: table.headers.into_iter().collect(),
            body,
            proof: table.proof,
            delivers: table.delivers,
        };
        own.check()?;
        Ok(own)
    }
}

impl Handshake {
    fn check(&self) -> Result<(), String> {
        if !(200..600).contains(&self.status) {
            return Err(format!("`{}` is no status of an answer", self.status));
        }
        if let Some((name, _)) = self.headers.iter().find(|(name, _)| !may_answer(name)) {
            return Err(format!("`{name}` is no header that a handshake is answered with"));
        }
        let mut texts: Vec<Text> = self.headers.iter().map(|(_, text)| text.clone()).collect();
        match &self.body {
            Body::None => {}
            Body::Text(text) => texts.push(text.clone()),
            Body::Json(value) => strings(value, &mut |text| {
                texts.push(Text::try_from(text.to_owned())?);
                Ok(())
            })?,
        }
        if texts.iter().any(Text::has_given) {
            return Err(
                "a given value may be a secret, so an answer does not show it: it stands in the `content` of a proof"
                    .into(),
            );
        }
        let is_proven = texts.iter().any(Text::has_proof);
        if is_proven != self.proof.is_some() {
            return Err("an answer with {proof} needs `proof`, which says what it is, and no other does".into());
        }
        if let Some(proof) = &self.proof {
            if proof.content.has_proof() || proof.content.places().next().is_none() {
                return Err(
                    "`content` of a proof is a text with places of the request, such as {query:challenge}".into(),
                );
            }
            if proof.kind.is_plain() != proof.content.has_given() {
                return Err("a proof is a MAC, or a plain hash of a content with a {given:NAME}".into());
            }
            texts.push(proof.content.clone());
        }
        for place in texts.iter().flat_map(Text::places) {
            let is_told = |(own, pattern): &(Place, Pattern)| own == place && pattern.is_of_whole();
            if !self.when.iter().any(is_told) {
                return Err(format!(
                    "what stands in {place} is sent back, so `when` says what all of it looks like: a pattern from ^ to $"
                ));
            }
        }
        Ok(())
    }

    /// How many conditions on the request hold, where all do.
    pub fn score(&self, message: &Message) -> Option<usize> {
        if self
            .method
            .as_ref()
            .is_some_and(|method| !method.is_match(&message.method))
        {
            return None;
        }
        let holds = |(place, pattern): &(Place, Pattern)| {
            let value = place.read(message).filter(|value| value.len() <= LONGEST);
            value.is_some_and(|value| pattern.is_match(&value))
        };
        self.when
            .iter()
            .all(holds)
            .then(|| self.when.len() + usize::from(self.method.is_some()))
    }

    /// Whether the request's signature must be valid, or must not; `None`: that is not asked.
    pub fn signed(&self) -> Option<bool> {
        self.signed
    }

    /// Whether the answer proves that the secret is known.
    pub fn has_proof(&self) -> bool {
        self.proof.is_some()
    }

    /// Whether the answer proves a value that is given, and not the secret.
    pub fn proves_given(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.kind.is_plain())
    }

    /// Shows `see` each given value of its proof.
    pub(super) fn givens(&mut self, see: &mut dyn FnMut(&mut Given)) {
        let proofs = self.proof.iter_mut();
        proofs.flat_map(|proof| proof.content.givens()).for_each(see);
    }

    /// Where the secret stands that the request delivers.
    pub fn delivers(&self) -> Option<&Place> {
        self.delivers.as_ref()
    }

    /// What the answer proves, with `secret` or with given values; `None` where there is no proof, or a part of what it is
    /// made of is missing.
    ///
    /// # Errors
    /// [`SecretError`] where it is no secret of this proof.
    pub fn proof(&self, message: &Message, secret: Option<&Secret>) -> Result<Option<String>, SecretError> {
        let filled = |proof: &Proof| proof.content.fill(message, None);
        let (Some(proof), Some(content)) = (&self.proof, self.proof.as_ref().and_then(filled)) else {
            return Ok(None);
        };
        if let Some(digest) = proof.kind.digest(content.as_bytes()) {
            return Ok(Some(proof.encoding.encode(&digest)));
        }
        let Some(secret) = secret else { return Ok(None) };
        let wrong = |problem: String| SecretError::Key {
            secret: secret.source().clone(),
            problem,
        };
        let mut mac = Mac::new(proof.kind, &secret.key(&proof.key)?).map_err(|error| wrong(error.to_string()))?;
        mac.update(content.as_bytes());
        let bytes = mac.finish().map_err(|error| wrong(error.to_string()))?;
        Ok(Some(proof.encoding.encode(&bytes)))
    }

    /// The answer, where every part of it is known. It gives a browser nothing to run.
    pub fn answer(&self, message: &Message, proof: Option<&str>) -> Option<HandshakeAnswer> {
        let mut headers = Headers::default();
        for (name, text) in &self.headers {
            headers.set(name, text.fill(message, proof)?);
        }
        let (kind, body) = match &self.body {
            Body::None => (None, String::new()),
            Body::Text(text) => (Some("text/plain"), text.fill(message, proof)?),
            Body::Json(value) => (Some("application/json"), filled(value, message, proof)?.to_string()),
        };
        if let Some(kind) = kind {
            headers.set("Content-Type", kind);
            headers.set("X-Content-Type-Options", "nosniff");
        }
        headers.check().ok()?;
        Some(HandshakeAnswer {
            status: self.status,
            headers,
            body,
        })
    }
}

/// Whether a header may stand in an answer: one that a browser or a connection obeys is none.
fn may_answer(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    http::HeaderName::from_bytes(name.as_bytes()).is_ok()
        && (lower.starts_with("x-")
            || lower.starts_with("webhook-")
            || lower.ends_with("-token")
            || lower.ends_with("-response"))
}

/// Shows `see` each string of `value`.
fn strings(value: &Value, see: &mut impl FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().try_for_each(|item| strings(item, see)),
        Value::Object(members) => members.values().try_for_each(|member| strings(member, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// `value` with its strings filled in.
fn filled(value: &Value, message: &Message, proof: Option<&str>) -> Option<Value> {
    Some(match value {
        Value::String(text) => Text::try_from(text.clone()).ok()?.fill(message, proof)?.into(),
        Value::Array(items) => items
            .iter()
            .map(|item| filled(item, message, proof))
            .collect::<Option<_>>()?,
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| Some((name.clone(), filled(value, message, proof)?));
            Value::Object(members.iter().map(member).collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Source;

    fn row(text: &str) -> Result<Handshake, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn what_is_sent_back_must_be_described_whole() {
        for pattern in ["", "^abc", "^[a-z]+", "[a-z]+$", "^a|b$", "^a\\$"] {
            let text = format!("when = {{ 'header:X-C' = '{pattern}' }}\ntext = '{{header:X-C}}'");
            assert!(row(&text).unwrap_err().contains("from ^ to $"), "{pattern}");
        }
        for pattern in ["^[a-z|]+$", "^(a|b)$", "^a\\|b$"] {
            let text = format!("when = {{ 'header:X-C' = '{pattern}' }}\ntext = '{{header:X-C}}'");
            assert!(row(&text).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn a_row_that_means_nothing_is_refused() {
        for (text, problem) in [
            ("when = { method = '^GET$' }", "names no place"),
            ("when = { nowhere = '' }", "is no place"),
            ("when = { 'header:A' = '' }\ntext = 'a'\njson = '1'", "either"),
            ("when = { 'header:A' = '' }\njson = '{'", "`json`"),
            ("when = { 'header:A' = '' }\nstatus = 99", "no status"),
            (
                "when = { 'header:A' = '' }\nheaders = { Set-Cookie = 'a' }",
                "no header",
            ),
            ("when = { 'header:A' = '' }\ntext = '{proof}'", "needs `proof`"),
            (
                "when = { 'header:A' = '^a$' }\nproof = { kind = 'hmac-sha256', encoding = 'hex', content = '{header:A}' }",
                "{proof}",
            ),
            (
                "when = { 'header:A' = '^a$' }\ntext = '{proof}'\nproof = { kind = 'hmac-sha256', encoding = 'hex', content = 'a' }",
                "places",
            ),
            ("when = { 'header:A' = '(' }", ""),
        ] {
            let refused = row(text).unwrap_err();
            assert!(refused.contains(problem), "{text}: {refused}");
        }
    }

    #[test]
    fn an_answer_holds_what_it_says_and_nothing_else() {
        let own = row("when = { 'header:X-Hook-Secret' = '^[ -~]{1,9}$' }\nheaders = { X-Hook-Secret = '{header:X-Hook-Secret}' }\njson = '{\"a\": [\"<{header:X-Hook-Secret}>\", 1]}'").unwrap();
        let mut message = Message::new("");
        assert_eq!(own.score(&message), None);
        message.headers.set("x-hook-secret", "a\"b");
        assert_eq!(own.score(&message), Some(1));
        let answer = own.answer(&message, None).unwrap();
        assert_eq!(answer.body, r#"{"a":["<a\"b>",1]}"#);
        assert_eq!(answer.headers.text("X-Hook-Secret"), Some("a\"b"));
        assert_eq!(answer.headers.text("X-Content-Type-Options"), Some("nosniff"));
        message.headers.set("x-hook-secret", "0123456789");
        assert_eq!(own.score(&message), None);
    }

    /// X's documented way; `printf foo | openssl dgst -sha256 -hmac bar -binary | base64`.
    #[test]
    fn a_proof_is_a_mac_of_what_the_row_names() {
        let own = row("when = { 'header:X-C' = '^[a-z]{3}$' }\njson = '{\"response_token\": \"sha256={proof}\"}'\nproof = { kind = 'hmac-sha256', encoding = 'base64', content = '{header:X-C}' }").unwrap();
        let mut message = Message::new("");
        message.headers.set("X-C", "foo");
        let secret = Secret::new(b"bar".to_vec(), Source::Flag).unwrap();
        let proof = own.proof(&message, Some(&secret)).unwrap().unwrap();
        assert_eq!(proof, "FHkzIYqqvAuLEKKzpcNGhMjZQ0G88QpHNtxycPd0GFE=");
        assert_eq!(own.answer(&message, None), None);
        assert_eq!(
            own.answer(&message, Some("p")).unwrap().body,
            r#"{"response_token":"sha256=p"}"#
        );
    }
}
