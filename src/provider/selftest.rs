//! A provider's folder, put to the test: every fixture in every dialect, and the folder's known answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;

use crate::message::{Headers, Message};
use crate::provider::fixture;
use crate::provider::fixture::FixtureError;
use crate::provider::{Folder, Provider, ProviderError};
use crate::secret::{Secret, Source};
use crate::sign;
use crate::sign::tamper::{self, Fault, TamperError};
use crate::verify::{self, Options, SignatureState, Verdict};

/// What the secrets are made of.
const RANDOM: [u8; 32] = [0xc0; 32];

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The dialect it was tried in.
    pub dialect: String,
    /// What was tried.
    pub subject: String,
    /// What is wrong, where something is.
    pub problem: Option<String>,
}

/// `vectors.toml`: known answers, each with where it was published or how it was made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    vector: Vec<Vector>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// Where the answer comes from: an address, or another program's command.
    source: String,
    dialect: Option<String>,
    secret: String,
    #[serde(default = "post")]
    method: String,
    url: Option<String>,
    body: Option<String>,
    body_base64: Option<String>,
    /// The request's headers, those that carry the signature included.
    headers: IndexMap<String, String>,
}

fn post() -> String {
    "POST".into()
}

/// Signs and verifies every fixture, breaks each, and verifies every known answer.
///
/// # Errors
/// [`ProviderError`] where a table or the vectors can't be read. What can be read and is wrong is a check's problem.
pub fn run(folder: &Folder) -> Result<Vec<Check>, ProviderError> {
    let dialects = Provider::load_all(folder)?;
    let mut checks = Vec::new();
    for provider in &dialects {
        for event_type in folder.event_types() {
            checks.push(Check {
                dialect: provider.dialect.clone(),
                problem: try_fixture(provider, &event_type).err(),
                subject: event_type,
            });
        }
        let described = provider
            .table
            .events
            .keys()
            .chain(provider.table.undocumented_events.keys());
        for event_type in described.filter(|event_type| !folder.has_event(event_type)) {
            checks.push(Check {
                dialect: provider.dialect.clone(),
                subject: event_type.clone(),
                problem: Some(format!("described in the table, and {event_type}.json is not there")),
            });
        }
    }
    if let Some(text) = folder.vectors()? {
        let wrong = |error: toml::de::Error| ProviderError::File {
            path: folder.path_of("vectors.toml"),
            message: error.to_string(),
        };
        let vectors: Vectors = toml::from_str(&text).map_err(wrong)?;
        for vector in vectors.vector {
            let provider = Provider::load(folder, vector.dialect.as_deref())?;
            checks.push(Check {
                dialect: provider.dialect.clone(),
                problem: try_vector(&provider, &vector).err(),
                subject: format!("known answer of {}", vector.source),
            });
        }
    }
    Ok(checks)
}

fn try_fixture(provider: &Provider, event_type: &str) -> Result<(), String> {
    let text = |error: FixtureError| error.to_string();
    let mut payload = fixture::payload(provider, event_type)
        .map_err(text)?
        .ok_or("no fixture")?;
    let (id, at) = (fixture::new_id(provider), Timestamp::now());
    fixture::refresh(provider, &mut payload, &id, at);
    let body = fixture::body(provider, &payload, None).map_err(text)?;
    let mut message = fixture::message(provider, body.into(), Some(event_type.to_owned()), Some(id), at);
    message.url = Some(format!("https://example.com{}", provider.table.path));
    fixture::set_headers(provider, &mut message);
    sign::place_facts(&provider.scheme, &mut message);
    message.headers.check().map_err(|error| error.to_string())?;
    // One for each signature, so that each is there.
    let mut secrets = Vec::new();
    for signature in &provider.scheme.signatures {
        secrets.push(secret(signature.new_secret(RANDOM))?);
    }
    let signed = sign::sign(&provider.scheme, &secrets, &message).map_err(|error| error.to_string())?;
    signed.put_on(&mut message);
    let judge = |message: &Message| {
        let options = Options::new(at);
        verify::verify(&provider.scheme, &secrets, message, &options)
    };
    let verdict = judge(&message);
    if !verdict.is_valid() {
        return Err(format!("signed and not valid: {}", reason(&verdict)));
    }
    if message.event_type.as_deref() != Some(event_type) {
        let found = message.event_type.as_deref().unwrap_or("nothing");
        return Err(format!("the fixture says that it is {found}"));
    }
    let mut broken = message.clone();
    tamper::signature(&provider.scheme, &mut broken);
    if judge(&broken).is_valid() {
        return Err("a changed signature is valid".into());
    }
    match Fault::Body.apply(&provider.scheme, &mut message) {
        // Whether the table is right about that is what its known answers say.
        Err(TamperError::NotSigned) => return Ok(()),
        tampered => tampered.map_err(|error| error.to_string())?,
    }
    if judge(&message).is_valid() {
        return Err("a changed body is valid".into());
    }
    Ok(())
}

fn try_vector(provider: &Provider, vector: &Vector) -> Result<(), String> {
    let body = match (&vector.body, &vector.body_base64) {
        (Some(text), None) => Bytes::from(text.clone()),
        (None, Some(text)) => STANDARD.decode(text).map_err(|error| error.to_string())?.into(),
        _ => return Err("give either body or body_base64".into()),
    };
    let message = Message {
        method: vector.method.clone(),
        url: vector.url.clone(),
        headers: vector
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect::<Headers>(),
        ..Message::new(body)
    };
    let options = Options::new(Timestamp::now()).with_tolerance(crate::clock::Tolerance::default());
    let verdict = verify::verify(
        &provider.scheme,
        &[secret(vector.secret.clone().into_bytes())?],
        &message,
        &options,
    );
    if verdict.signature == SignatureState::Match {
        Ok(())
    } else {
        Err(format!("does not verify: {}", reason(&verdict)))
    }
}

fn secret(text: Vec<u8>) -> Result<Secret, String> {
    Secret::new(text, Source::ThrowAway).map_err(|error| error.to_string())
}

fn reason(verdict: &Verdict) -> String {
    verdict
        .detail
        .clone()
        .unwrap_or_else(|| format!("{:?}", verdict.reason))
}
