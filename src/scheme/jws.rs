//! JSON Web Signatures (RFC 7515) in compact form: a token whose claims say what is signed (RFC 7519), or one without a
//! payload, which is the content (appendix F, and RFC 7797 where it is not encoded).
//!
//! The algorithm is the table's. What a token says of its own keys (`jku`, `x5u`, `jwk`, `x5c`) is not looked at.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::content::{Content, ContentError, Facts, feed};
use super::given::Given;
use super::header::GrammarError;
use super::mac::{Curve, Form, Hash, Kind, Padding};
use super::part::Part;
use crate::clock::deserialize_duration;
use crate::message::claims_of_token;

/// Each algorithm of RFC 7518 and RFC 8037 with its kind.
#[rustfmt::skip]
const ALGORITHMS: [(&str, Kind); 13] = [
    ("HS256", Kind::HmacSha256),
    ("HS384", Kind::HmacSha384),
    ("HS512", Kind::HmacSha512),
    ("RS256", Kind::Rsa(Padding::Pkcs1, Hash::Sha256)),
    ("RS384", Kind::Rsa(Padding::Pkcs1, Hash::Sha384)),
    ("RS512", Kind::Rsa(Padding::Pkcs1, Hash::Sha512)),
    ("PS256", Kind::Rsa(Padding::Pss, Hash::Sha256)),
    ("PS384", Kind::Rsa(Padding::Pss, Hash::Sha384)),
    ("PS512", Kind::Rsa(Padding::Pss, Hash::Sha512)),
    ("ES256", Kind::Ecdsa(Curve::P256, Hash::Sha256, Form::Raw)),
    ("ES384", Kind::Ecdsa(Curve::P384, Hash::Sha384, Form::Raw)),
    ("ES512", Kind::Ecdsa(Curve::P521, Hash::Sha512, Form::Raw)),
    ("EdDSA", Kind::Ed25519),
];

/// The claims that say from when until when a token is valid (RFC 7519, section 4.1).
const TIMES: [&str; 2] = ["exp", "nbf"];

/// So much of a text from outside is shown, in characters.
const SHOWN: usize = 64;

/// What a token is, beside the kind of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws {
    /// The only `alg` that is accepted.
    pub algorithm: &'static str,
    /// What the token holds.
    pub payload: Payload,
}

impl fmt::Display for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.payload {
            Payload::Claims(claims) => {
                write!(f, "a JWT by {}", self.algorithm)?;
                for (index, (name, parts)) in claims.equal.iter().enumerate() {
                    let lead = if index == 0 { " with" } else { "," };
                    let value: String = parts.iter().map(Part::to_string).collect();
                    write!(f, "{lead} {name} = {value}")?;
                }
                Ok(())
            }
            Payload::Detached { b64: true } => write!(f, "a detached JWS by {}", self.algorithm),
            Payload::Detached { b64: false } => {
                write!(
                    f,
                    "a detached JWS by {} of the content as it is (`b64: false`)",
                    self.algorithm
                )
            }
        }
    }
}

/// What a token holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Claims in JSON, which say what of the message is signed.
    Claims(Claims),
    /// Nothing: the signed content stands in the message.
    Detached {
        /// Whether the content is encoded in base64url before it is signed; RFC 7797 where it is not.
        b64: bool,
    },
}

/// The claims of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Those that must be equal to a part of the message, or to a text.
    pub equal: Vec<(String, Vec<Part>)>,
    /// Others, which are written and not looked at.
    pub also: Vec<(String, Vec<Part>)>,
    /// The claim that is the signed time, in seconds.
    pub time: String,
    /// How long a token that is signed here is valid: its `exp`. One that has none never ends.
    pub lifetime: Option<Duration>,
    /// Whether the body is the token, and what the body says are its claims.
    pub is_body: bool,
    /// Whether `nbf` is written too.
    pub not_before: bool,
    /// How far off `exp` and `nbf` may be.
    pub leeway: Duration,
}

/// What `kind = "jwt"` and `kind = "jws"` have beside the rest of a signature's table.
#[derive(Debug, Default)]
pub(super) struct JwsTable {
    pub(super) algorithm: Option<String>,
    pub(super) claims: Option<IndexMap<String, Part>>,
    pub(super) also: Option<IndexMap<String, Part>>,
    pub(super) time: Option<String>,
    pub(super) lifetime: Option<Lasting>,
    pub(super) not_before: Option<bool>,
    pub(super) leeway: Option<Lasting>,
    pub(super) b64: Option<bool>,
}

/// A duration written as text.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Lasting(#[serde(deserialize_with = "deserialize_duration")] pub(super) Duration);

impl JwsTable {
    /// Whether nothing of it stands in the table.
    pub(super) fn is_empty(&self) -> bool {
        self.algorithm.is_none() && self.b64.is_none() && self.has_no_claims()
    }

    fn has_no_claims(&self) -> bool {
        self.claims.is_none()
            && self.also.is_none()
            && self.time.is_none()
            && self.lifetime.is_none()
            && self.not_before.is_none()
            && self.leeway.is_none()
    }

    /// The kind of the signature, what the token is, and what it signs of the message where its claims say so.
    pub(super) fn read(self, kind: &str) -> Result<(Kind, Jws, Option<Content>), String> {
        let known = || ALGORITHMS.map(|(name, _)| name).join(", ");
        let named = self.algorithm.as_deref().ok_or_else(|| {
            format!(
                "`kind = \"{kind}\"` needs `algorithm`, the only one that is accepted: {}",
                known()
            )
        })?;
        let found = ALGORITHMS.iter().find(|(name, _)| *name == named);
        let (algorithm, mac) =
            *found.ok_or_else(|| format!("unknown algorithm `{named}`, expected one of {}", known()))?;
        if kind == "jws" {
            if !self.has_no_claims() {
                return Err("`claims` and their times are of `kind = \"jwt\"`; a `jws` signs `content`".into());
            }
            let b64 = self.b64.unwrap_or(true);
            let payload = Payload::Detached { b64 };
            return Ok((mac, Jws { algorithm, payload }, None));
        }
        if self.b64.is_some() {
            return Err("`b64` is of `kind = \"jws\"`, whose payload is not in the token".into());
        }
        let equal: Vec<(String, Vec<Part>)> = self.claims.unwrap_or_default().into_iter().map(claim).collect();
        let signed = equal.iter().flat_map(|(_, parts)| parts.clone());
        let content = Content::of(signed.filter(|part| !matches!(part, Part::Text(_))).collect());
        let claims = Claims {
            equal,
            also: self.also.unwrap_or_default().into_iter().map(claim).collect(),
            is_body: false,
            time: self.time.unwrap_or_else(|| "iat".into()),
            lifetime: self.lifetime.map(|Lasting(lifetime)| lifetime),
            not_before: self.not_before.unwrap_or_default(),
            leeway: self.leeway.map_or(Duration::ZERO, |Lasting(leeway)| leeway),
        };
        let payload = Payload::Claims(claims);
        Ok((mac, Jws { algorithm, payload }, Some(content)))
    }
}

impl Jws {
    /// Its claims, where it has some.
    pub(super) fn claims_mut(&mut self) -> Option<&mut Claims> {
        match &mut self.payload {
            Payload::Claims(claims) => Some(claims),
            Payload::Detached { .. } => None,
        }
    }

    /// Shows `see` each given value that a claim is made of.
    pub(super) fn givens(&mut self, see: &mut dyn FnMut(&mut Given)) {
        if let Payload::Claims(claims) = &mut self.payload {
            let all = claims.equal.iter_mut().chain(&mut claims.also);
            all.flat_map(|(_, parts)| parts).for_each(|part| part.givens(see));
        }
    }
}

/// A claim's value: one part, or several one behind the other.
fn claim((name, part): (String, Part)) -> (String, Vec<Part>) {
    match part {
        Part::Optional(parts) => (name, parts),
        part => (name, vec![part]),
    }
}

/// A token as it is written: what is signed, and what stands before the signature's dot.
pub(crate) struct Head {
    pub(crate) signed: Vec<u8>,
    pub(crate) text: String,
}

/// A token that was read, and may be of this kind.
pub(crate) struct Token<'t> {
    /// The id of the key.
    pub(crate) key_id: Option<String>,
    /// The signature.
    pub(crate) tag: Vec<u8>,
    header: &'t str,
    payload: &'t str,
    claims: Map<String, Value>,
}

/// Whether a token is to be used at a time.
pub(crate) enum Validity {
    Valid,
    Expired(Timestamp),
    NotYet(Timestamp),
}

impl Jws {
    /// Writes a token but for its signature.
    ///
    /// # Errors
    /// [`ContentError`] where a part of the message is not known.
    pub(crate) fn write(
        &self,
        key_id: Option<&str>,
        content: &Content,
        facts: &Facts<'_>,
        body: &[u8],
    ) -> Result<Head, ContentError> {
        let mut header = Map::new();
        header.insert("alg".into(), self.algorithm.into());
        if matches!(self.payload, Payload::Claims(_)) {
            header.insert("typ".into(), "JWT".into());
        }
        if let Some(id) = key_id {
            header.insert("kid".into(), id.into());
        }
        if self.payload == (Payload::Detached { b64: false }) {
            header.insert("b64".into(), false.into());
            header.insert("crit".into(), json!(["b64"]));
        }
        let header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
        Ok(match &self.payload {
            Payload::Claims(claims) => {
                let payload = URL_SAFE_NO_PAD.encode(claims.write(facts, body)?);
                let text = format!("{header}.{payload}");
                let signed = text.clone().into_bytes();
                Head { signed, text }
            }
            Payload::Detached { b64 } => {
                let signed = detached(&header, *b64, content, facts, body)?;
                let text = format!("{header}.");
                Head { signed, text }
            }
        })
    }

    /// Reads a token, and refuses one that no signature can make right.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow where it stands.
    pub(crate) fn read<'t>(&self, text: &'t str) -> Result<Token<'t>, GrammarError> {
        let wrong = |what: String| GrammarError::Token(what);
        let mut segments = text.split('.');
        let (Some(header), Some(payload), Some(tag), None) =
            (segments.next(), segments.next(), segments.next(), segments.next())
        else {
            return Err(wrong("has no token of the form header.payload.signature".into()));
        };
        let object = |segment: &str, name: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(segment).ok();
            let value = bytes.and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok());
            value.ok_or_else(|| wrong(format!("has a token whose {name} is not JSON in base64url")))
        };
        let fields = object(header, "header")?;
        self.accepts(&fields)?;
        let tag = URL_SAFE_NO_PAD.decode(tag);
        let tag = tag.map_err(|_| wrong("has a token whose signature is not base64url".into()))?;
        let claims = match &self.payload {
            Payload::Claims(_) => object(payload, "payload")?,
            Payload::Detached { .. } if payload.is_empty() => Map::new(),
            Payload::Detached { .. } => {
                return Err(wrong(
                    "has a token with a payload, and this provider's is the body, not in the token".into(),
                ));
            }
        };
        if let Some(name) = TIMES
            .into_iter()
            .find(|name| claims.get(*name).is_some_and(|at| !is_time(at)))
        {
            return Err(wrong(format!(
                "has a token whose `{name}` is no number of seconds, so that nobody can tell when it is valid: it is refused"
            )));
        }
        Ok(Token {
            key_id: fields.get("kid").and_then(Value::as_str).map(str::to_owned),
            tag,
            header,
            payload,
            claims,
        })
    }

    /// Refuses a header that names another algorithm, or what is not understood and must be.
    fn accepts(&self, header: &Map<String, Value>) -> Result<(), GrammarError> {
        let wrong = |what: String| Err(GrammarError::Algorithm(what));
        let own = self.algorithm;
        match header.get("alg").and_then(Value::as_str) {
            Some(alg) if alg == own => {}
            Some(alg) if alg.eq_ignore_ascii_case("none") => {
                return wrong("has a token with `alg: none`, which nobody signed: it is refused".into());
            }
            Some(alg) if alg.starts_with("HS") && !own.starts_with("HS") => {
                return wrong(format!(
                    "has a token of {}, and this provider signs by {own}: it is refused, for anybody can make an HMAC with a public key",
                    shown(alg)
                ));
            }
            Some(alg) => {
                return wrong(format!(
                    "has a token of {}, and {own} is the only algorithm that this provider signs by: it is refused",
                    shown(alg)
                ));
            }
            None => return wrong("has a token whose header names no `alg`: it is refused".into()),
        }
        let wrong = |what: String| Err(GrammarError::Token(what));
        let unencoded = self.payload == (Payload::Detached { b64: false });
        let critical: Vec<&Value> = match header.get("crit") {
            None => Vec::new(),
            Some(Value::Array(names)) if !names.is_empty() => names.iter().collect(),
            Some(_) => return wrong("has a token whose `crit` is no list of names: it is refused".into()),
        };
        for name in &critical {
            let name = name.as_str().unwrap_or_default();
            if !(name == "b64" && unencoded) {
                return wrong(format!(
                    "has a token that must be refused by whoever does not understand its `{}` (`crit`)",
                    shown(name)
                ));
            }
        }
        let says_unencoded =
            header.get("b64") == Some(&Value::Bool(false)) && critical.iter().any(|name| *name == "b64");
        if unencoded && !says_unencoded {
            return wrong("has a token without `b64: false` and `crit: [\"b64\"]`, which this provider's have".into());
        }
        Ok(())
    }

    /// What the signature of `token` is over.
    pub(crate) fn signed(
        &self,
        token: &Token<'_>,
        content: &Content,
        facts: &Facts<'_>,
        body: &[u8],
    ) -> Result<Vec<u8>, ContentError> {
        match &self.payload {
            Payload::Claims(_) => Ok(format!("{}.{}", token.header, token.payload).into_bytes()),
            Payload::Detached { b64 } => detached(token.header, *b64, content, facts, body),
        }
    }

    /// The signed time in a token, as text.
    pub(crate) fn time(&self, token: &Token<'_>) -> Option<String> {
        match &self.payload {
            Payload::Claims(claims) => token.claims.get(&claims.time).map(|at| match at {
                Value::Number(number) => whole(number).unwrap_or_else(|| number.to_string()),
                other => other.to_string(),
            }),
            Payload::Detached { .. } => None,
        }
    }

    /// A token with another signed time, and the signature as it is.
    pub(crate) fn with_time(&self, text: &str, seconds: i64) -> Option<String> {
        let Payload::Claims(claims) = &self.payload else {
            return None;
        };
        let mut token = self.read(text).ok()?;
        token.claims.insert(claims.time.clone(), seconds.into());
        let payload = URL_SAFE_NO_PAD.encode(Value::Object(token.claims).to_string());
        let (_, tag) = text.rsplit_once('.')?;
        Some(format!("{}.{payload}.{tag}", token.header))
    }

    /// What of the message the claims of `token` do not say, in words; `None` where they agree.
    ///
    /// # Errors
    /// [`ContentError`] where a part of the message is not known.
    pub(crate) fn difference(
        &self,
        token: &Token<'_>,
        facts: &Facts<'_>,
        body: &[u8],
    ) -> Result<Option<Difference>, ContentError> {
        let Payload::Claims(claims) = &self.payload else {
            return Ok(None);
        };
        for (name, parts) in &claims.equal {
            let expected = expected(parts, facts, body)?;
            let has = token.claims.get(name);
            let agrees = match has {
                // Base64url is written with padding and without.
                Some(Value::String(text)) => text.trim_end_matches('=') == expected.trim_end_matches('='),
                None => body.is_empty() && is_of_body(parts),
                Some(Value::Array(texts)) => texts.iter().any(|text| text.as_str() == Some(&expected)),
                Some(Value::Number(number)) => number.to_string() == expected,
                _ => false,
            };
            if !agrees {
                let has = has.map(|has| has.as_str().map_or_else(|| has.to_string(), str::to_owned));
                return Ok(Some(Difference {
                    claim: name.clone(),
                    has,
                    expected,
                    parts: parts.clone(),
                }));
            }
        }
        Ok(None)
    }

    /// Whether `token` is to be used at `at`, by its `exp` and `nbf`; `leeway` stands in place of the table's.
    pub(crate) fn validity(&self, token: &Token<'_>, at: Timestamp, leeway: Option<Duration>) -> Validity {
        let Payload::Claims(claims) = &self.payload else {
            return Validity::Valid;
        };
        let leeway = SignedDuration::try_from(leeway.unwrap_or(claims.leeway)).unwrap_or_default();
        let time = |name: &str| {
            let seconds = token.claims.get(name)?.as_f64()?;
            let end = if seconds < 0.0 { Timestamp::MIN } else { Timestamp::MAX };
            Some(Timestamp::from_second(seconds as i64).unwrap_or(end))
        };
        match (time("exp"), time("nbf")) {
            (Some(end), _) if at.duration_since(end) >= leeway => Validity::Expired(end),
            (_, Some(begin)) if begin.duration_since(at) > leeway => Validity::NotYet(begin),
            _ => Validity::Valid,
        }
    }
}

/// A claim that does not say what the message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) claim: String,
    /// What the claim says, where it is there.
    pub(crate) has: Option<String>,
    pub(crate) expected: String,
    pub(crate) parts: Vec<Part>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: String = self.parts.iter().map(Part::to_string).collect();
        match &self.has {
            None => write!(f, "the token has no claim `{}`, which must be {parts}", self.claim),
            Some(has) => write!(
                f,
                "the token's claim `{}` is {}, and {parts} is {}",
                self.claim,
                shown(has),
                shown(&self.expected)
            ),
        }
    }
}

impl Claims {
    fn write(&self, facts: &Facts<'_>, body: &[u8]) -> Result<Vec<u8>, ContentError> {
        let claims = match self.is_body {
            true => claims_of_token(body),
            false => Some(Map::new()),
        };
        // Whatever else a body is, it is signed too, as a fault.
        let Some(mut claims) = claims else {
            return Ok(body.to_vec());
        };
        for (name, parts) in &self.equal {
            claims.insert(name.clone(), expected(parts, facts, body)?.into());
        }
        for (name, parts) in &self.also {
            if let Ok(text) = expected(parts, facts, body) {
                claims.insert(name.clone(), text.into());
            }
        }
        if let Some(seconds) = facts.timestamp.and_then(|text| text.parse::<i64>().ok()) {
            let times = [("nbf", self.not_before), (self.time.as_str(), true)];
            for (name, _) in times.iter().filter(|(_, is_written)| *is_written) {
                claims.insert((*name).into(), seconds.into());
            }
            if let Some(lifetime) = self.lifetime {
                let end = i64::try_from(lifetime.as_secs())
                    .ok()
                    .and_then(|more| seconds.checked_add(more));
                claims.insert("exp".into(), end.unwrap_or(i64::MAX).into());
            }
        }
        Ok(Value::Object(claims).to_string().into_bytes())
    }
}

/// Whether a claim is of the body alone, which some senders leave out where there is none.
fn is_of_body(parts: &[Part]) -> bool {
    matches!(parts, [Part::Changed(part, _)] if **part == Part::Body)
}

/// The parts of the message that a claim is equal to.
fn expected(parts: &[Part], facts: &Facts<'_>, body: &[u8]) -> Result<String, ContentError> {
    let mut text = Vec::new();
    feed(parts, facts, body, &mut |bytes: &[u8]| text.extend_from_slice(bytes))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn detached(
    header: &str,
    b64: bool,
    content: &Content,
    facts: &Facts<'_>,
    body: &[u8],
) -> Result<Vec<u8>, ContentError> {
    let mut payload = Vec::new();
    content.feed(facts, body, &mut |bytes: &[u8]| payload.extend_from_slice(bytes))?;
    if b64 {
        payload = URL_SAFE_NO_PAD.encode(payload).into_bytes();
    }
    Ok([header.as_bytes(), b".", &payload].concat())
}

/// Whether a claim is a time: seconds, perhaps with a fraction.
fn is_time(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_finite)
}

/// A time with a fraction, which RFC 7519 allows, without it.
fn whole(number: &serde_json::Number) -> Option<String> {
    let seconds = number.as_f64().filter(|_| number.as_i64().is_none())?;
    Some((seconds as i64).to_string())
}

/// A text from outside, so far as it is shown.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.escape_debug().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
