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
use crate::verify::{self, Options, Reason, SignatureState, Verdict};

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
    #[serde(default)]
    vector: Vec<Vector>,
    #[serde(default)]
    handshake: Vec<Asked>,
}

/// A handshake, and its known answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(flatten)]
    request: Vector,
    /// The answer.
    answer: Answer,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    #[serde(default)]
    headers: IndexMap<String, String>,
    #[serde(default)]
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// Where the answer comes from: an address, or another program's command.
    source: String,
    dialect: Option<String>,
    #[serde(default)]
    secret: String,
    /// The values of `[given.NAME]`.
    #[serde(default)]
    given: IndexMap<String, String>,
    #[serde(default = "post")]
    method: String,
    url: Option<String>,
    body: Option<String>,
    body_base64: Option<String>,
    /// The request's headers, those that carry the signature included.
    #[serde(default)]
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
            vector.give(&provider);
            checks.push(Check {
                dialect: provider.dialect.clone(),
                problem: try_vector(&provider, &vector).err(),
                subject: format!("known answer of {}", vector.source),
            });
        }
        for asked in vectors.handshake {
            let provider = Provider::load(folder, asked.request.dialect.as_deref())?;
            asked.request.give(&provider);
            checks.push(Check {
                dialect: provider.dialect.clone(),
                problem: try_handshake(&provider, &asked).err(),
                subject: format!("handshake of {}", asked.request.source),
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
    for given in provider.table.given.values() {
        given.give("example".into());
    }
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
    let best = Reason::best(&provider.scheme);
    if verdict.reason != best {
        return Err(format!("sent as the table says and not {best}: {}", reason(&verdict)));
    }
    if message.event_type.as_deref() != Some(event_type) {
        let found = message.event_type.as_deref().unwrap_or("nothing");
        return Err(format!("the fixture says that it is {found}"));
    }
    if best == Reason::SignsNothing {
        return Ok(());
    }
    let mut broken = message.clone();
    tamper::signature(&provider.scheme, &mut broken);
    if judge(&broken).reason == best {
        return Err(format!("a changed signature is {best}"));
    }
    if best == Reason::Authenticated {
        tamper::header(&provider.scheme, &mut message);
        return match judge(&message).reason.is_authentic() {
            true => Err("a request without the secret is authenticated".into()),
            false => Ok(()),
        };
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

impl Vector {
    /// Gives `provider` what its table asks for.
    fn give(&self, provider: &Provider) {
        for (name, value) in &self.given {
            if let Some(given) = provider.table.given.get(name) {
                given.give(value.clone());
            }
        }
    }

    fn message(&self) -> Result<Message, String> {
        let body = match (&self.body, &self.body_base64) {
            (Some(text), None) => Bytes::from(text.clone()),
            (None, Some(text)) => STANDARD.decode(text).map_err(|error| error.to_string())?.into(),
            _ => return Err("give either body or body_base64".into()),
        };
        Ok(Message {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect::<Headers>(),
            ..Message::new(body)
        })
    }

    fn secrets(&self) -> Result<Vec<Secret>, String> {
        match self.secret.as_str() {
            "" => Ok(Vec::new()),
            text => Ok(vec![secret(text.into())?]),
        }
    }

    fn verdict(&self, provider: &Provider, message: &Message) -> Result<Verdict, String> {
        let options = Options::new(Timestamp::now()).with_tolerance(crate::clock::Tolerance::default());
        Ok(verify::verify(&provider.scheme, &self.secrets()?, message, &options))
    }
}

fn try_handshake(provider: &Provider, asked: &Asked) -> Result<(), String> {
    let message = asked.request.message()?;
    let is_valid = asked.request.verdict(provider, &message)?.is_valid();
    let rows = provider.table.handshake.iter();
    let fitting = rows.filter(|row| row.signed().is_none_or(|signed| signed == is_valid));
    let row = fitting
        .filter_map(|row| Some((row.score(&message)?, row)))
        .max_by_key(|(score, _)| *score)
        .ok_or("no [[handshake]] is asked for by it")?
        .1;
    let secrets = asked.request.secrets()?;
    let proof = row
        .proof(&message, secrets.first())
        .map_err(|error| error.to_string())?;
    let answer = row
        .answer(&message, proof.as_deref())
        .ok_or("the answer lacks a part")?;
    let is_there = |(name, value): (&String, &String)| answer.headers.text(name) == Some(value);
    match (&asked.answer.status, &asked.answer.body) == (&answer.status, &answer.body)
        && asked.answer.headers.iter().all(is_there)
    {
        true => Ok(()),
        false => Err(format!("it is answered {} {}", answer.status, answer.body)),
    }
}

fn try_vector(provider: &Provider, vector: &Vector) -> Result<(), String> {
    let verdict = vector.verdict(provider, &vector.message()?)?;
    if matches!(verdict.signature, SignatureState::Match | SignatureState::Shown) {
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
