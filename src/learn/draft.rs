//! A provider's folder, written from one delivery and the scheme that was found for it: the table, and the delivery
//! itself as the first fixture. It holds no secret and no credential.

mod event;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::capture::Recorded;
use crate::clock::Tolerance;
use crate::exchange::credentials::Credentials;
use crate::json::{self, AS_WRITTEN, AS_WRITTEN_INDENT_2, STYLES, Style, Value};
use crate::learn::Fit;
use crate::message::{Headers, Message};
use crate::provider::fixture;
use crate::provider::selftest;
use crate::provider::{Folder, Origin, Provider, ProviderError, fixture_file};
use crate::scheme::{Given, Scheme};
use crate::secret::Secret;
use crate::verify::{self, Options, SignatureState, Verdict};

use event::Event;

/// A larger body is no fixture, in bytes.
const LARGEST_FIXTURE: usize = 1024 * 1024;
/// A shorter secret is no real one, and its text stands in bodies by chance.
const SHORTEST_SECRET: usize = 8;

/// Why there is no folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The delivery shows its secret where the table would write it down.
    #[error("the table would hold the secret, which stands in a header beside the signature; write one by hand")]
    Secret,
    /// The table does not say what the delivery is.
    #[error("no table of this language describes the delivery: {0}; write one by hand")]
    Unfit(String),
    /// The folder can't be read back.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// What is known beside the delivery and its scheme.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The provider's name.
    pub name: &'a str,
    /// Whose folder it will be.
    pub origin: Origin,
    /// The variable that holds the secret.
    pub secret_env: &'a str,
    /// The secrets, so that none is written down.
    pub secrets: &'a [Secret],
    /// What counts as a credential, so that none is written down.
    pub credentials: &'a Credentials,
}

/// A folder that stands nowhere yet, and passes its own test.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The folder.
    pub folder: Folder,
    /// The provider in it.
    pub provider: Provider,
    /// The delivery's event type, where it says one.
    pub event_type: Option<String>,
    /// What of the delivery could not be taken over, each in a sentence.
    pub notes: Vec<String>,
}

/// How a body is written again.
struct Writing {
    style: &'static Style,
    form: bool,
    payload: Value,
    /// Whether it gives the body's bytes.
    exact: bool,
}

impl Draft {
    /// Makes the folder of `sender` from `delivery`, which `fit` explains.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn new(sender: &Sender<'_>, delivery: &Recorded, fit: &Fit) -> Result<Self, DraftError> {
        let message = &delivery.message;
        let mut notes = Vec::new();
        let headers = public(&message.headers, sender);
        let writing = match writing(message) {
            _ if holds(&message.body, sender.secrets) => {
                notes.push("the body holds the text of the secret, so there is no fixture".to_owned());
                None
            }
            Ok(writing) => Some(writing),
            Err(why) => {
                notes.push(format!("{why}, so there is no fixture: send it as a file"));
                None
            }
        };
        let payload = writing.as_ref().map(|writing| &writing.payload);
        let at = judge(&fit.scheme, sender, message, fit)
            .timestamp
            .or(delivery.received_at);
        let event = Event::of(message, &headers, payload, &fit.scheme, at);
        let path = delivery.target().split('?').next().unwrap_or("/").to_owned();
        let given = given_of(&fit.scheme);
        let table = table::Table {
            sender,
            path: &path,
            headers: &headers,
            fit,
            event: &event,
            given: &given,
            writing: writing.as_ref(),
        };
        let mut files = BTreeMap::from([("provider.toml".to_owned(), table.text().into_bytes())]);
        let fixture = fixture_file(event.name());
        if let Some(writing) = &writing {
            let mut bytes = json::rewrite(&writing.payload, &AS_WRITTEN_INDENT_2, usize::MAX).unwrap_or_default();
            bytes.push(b'\n');
            files.insert(fixture.clone(), bytes);
            if !writing.exact {
                notes
                    .push("no known style writes the body byte for byte as it came: sent events differ from it".into());
            }
        }
        if files.values().any(|bytes| holds(bytes, sender.secrets)) {
            return Err(DraftError::Secret);
        }
        let mut folder = Folder::held(sender.name, sender.origin, files.clone());
        let problem = selftest::run(&folder)?.into_iter().find_map(|check| check.problem);
        if let Some(problem) = problem {
            notes.push(format!("the body makes no fixture: {problem}"));
            files.remove(&fixture);
            let table = table::Table { writing: None, ..table };
            files.insert("provider.toml".to_owned(), table.text().into_bytes());
            folder = Folder::held(sender.name, sender.origin, files);
        }
        let provider = Provider::load(&folder, None)?;
        give(&provider, &given);
        let verdict = judge(&provider.scheme, sender, message, fit);
        if !matches!(verdict.signature, SignatureState::Match | SignatureState::Shown) {
            return Err(DraftError::Unfit(
                verdict
                    .detail
                    .unwrap_or_else(|| "what it says gives another signature".into()),
            ));
        }
        Ok(Self {
            folder,
            provider,
            event_type: event.text,
            notes,
        })
    }
}

/// What the scheme signs that no request holds, each once.
fn given_of(scheme: &Scheme) -> Vec<Given> {
    let mut all: Vec<Given> = Vec::new();
    for signature in &scheme.signatures {
        signature.content.clone().givens(&mut |given| {
            if !all.contains(given) {
                all.push(given.clone());
            }
        });
    }
    all
}

fn give(provider: &Provider, given: &[Given]) {
    for own in given {
        if let (Some(other), Ok(value)) = (provider.table.given.get(own.name()), own.value()) {
            other.give(value.to_owned());
        }
    }
}

/// The verdict on the delivery itself, whatever the time says.
fn judge(scheme: &Scheme, sender: &Sender<'_>, message: &Message, fit: &Fit) -> Verdict {
    let options = Options::new(Timestamp::UNIX_EPOCH).with_tolerance(Tolerance::default());
    let signed = Message {
        url: fit.url.clone(),
        target: message.target.clone().or_else(|| message.url.clone()),
        ..message.clone()
    };
    verify::verify(scheme, sender.secrets, &signed, &options)
}

/// The headers that can be written down: no credentials, nothing of one connection, nothing that holds a secret.
fn public(headers: &Headers, sender: &Sender<'_>) -> Headers {
    let secrets = sender.secrets;
    let is_public = |name: &str, value: &[u8]| {
        !sender.credentials.hides(name, value) && !holds(value, secrets) && !holds(name.as_bytes(), secrets)
    };
    let mut kept = headers.clone();
    kept.remove_hops();
    kept.retain(is_public);
    kept
}

/// Whether one of `secrets` stands in `bytes`.
fn holds(bytes: &[u8], secrets: &[Secret]) -> bool {
    secrets.iter().any(|secret| {
        let text = secret.expose().trim_ascii();
        text.len() >= SHORTEST_SECRET && bytes.windows(text.len()).any(|window| window == text)
    })
}

/// The payload that the body is, and the style that writes it as it came.
fn writing(message: &Message) -> Result<Writing, String> {
    let body = &message.body;
    if body.len() > LARGEST_FIXTURE {
        return Err("the body is larger than 1 MiB".into());
    }
    if message.is_form() {
        let fields = form_urlencoded::parse(body).into_owned();
        let payload = Value::Object(fields.map(|(name, text)| (name, Value::String(text))).collect());
        let exact = fixture::form(&payload).is_some_and(|form| form == *body);
        return Ok(Writing {
            style: &AS_WRITTEN,
            form: true,
            payload,
            exact,
        });
    }
    let payload = json::parse(body).map_err(|_| "the body is neither JSON nor a form".to_owned())?;
    // What keeps numbers as they came assumes the least.
    let styles = [&AS_WRITTEN, &AS_WRITTEN_INDENT_2].into_iter().chain(STYLES);
    let mut exact = styles.filter(|style| json::rewrite(&payload, style, body.len()).is_some_and(|own| own == *body));
    let style = exact.next();
    Ok(Writing {
        style: style.unwrap_or(&AS_WRITTEN),
        form: false,
        exact: style.is_some(),
        payload,
    })
}
