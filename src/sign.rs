//! Signing: `sign(scheme, secrets, message)` gives the headers that a receiver needs.

pub mod tamper;

use std::borrow::Cow;
use std::io::{self, Read};

use bytes::Bytes;
use jiff::Timestamp;

use crate::json::splice;
use crate::message::{Headers, Message, Place};
use crate::scheme::{Begun, ContentError, Facts, Parsed, Scheme, Signature, TimestampRule, feed};
use crate::secret::{Secret, SecretError, Source};

/// How much of a streamed body is held at a time, in bytes.
const CHUNK: usize = 64 * 1024;
/// How much is read at first: most bodies are no longer, and a short one takes no large buffer.
const FIRST_CHUNK: usize = 4 * 1024;

/// Why a message can't be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// No secret was given.
    #[error("there is no secret to sign with")]
    NoSecret,
    /// A secret the scheme can't use.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A part of the signed content is not known.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The signature has no place in the message.
    #[error("the signature stands in {0}, and there is no such place: the body must have it, with any value")]
    NoPlace(Place),
    /// The body could not be read to its end.
    #[error("the body could not be read: {0}")]
    Read(#[from] io::Error),
}

/// What signing gives.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// The headers that carry the signature and what is signed beside the body.
    pub headers: Headers,
    /// The body, where a signature stands in it.
    pub body: Option<Bytes>,
    /// The URL, where a signature stands in its query.
    pub url: Option<String>,
    /// The message's target, where it has one and a signature stands in its query.
    pub target: Option<String>,
    /// How many bytes the first MAC was computed over.
    pub signed_bytes: u64,
}

impl Signed {
    /// Puts it on the message that was signed.
    pub fn put_on(&self, message: &mut Message) {
        message.headers.set_all(&self.headers);
        if let Some(body) = &self.body {
            message.body = body.clone();
        }
        for (own, new) in [(&mut message.url, &self.url), (&mut message.target, &self.target)] {
            if new.is_some() {
                own.clone_from(new);
            }
        }
    }
}

/// Signs `message`: the signature headers, and the id and the timestamp where they travel in headers of their own.
/// Every secret is used where a header holds a list, else the first. Each makes the signatures that it is a secret of;
/// a signature that has none is left out.
///
/// ```
/// use ckwh::message::Message;
/// use ckwh::provider::{Places, Registry};
/// use ckwh::secret::{Secret, Source};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // As in libraries/javascript/src/webhook.test.ts of the repository standard-webhooks/standard-webhooks.
/// let provider = Registry::new(&Places::default()).provider("standard-webhooks", None)?;
/// let secret = Secret::new(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_vec(), Source::Flag)?;
/// let message = Message {
///     id: Some("msg_p5jXN8AQM9LWM0D4loKWxJek".into()),
///     timestamp: Some(jiff::Timestamp::from_second(1_614_265_330)?),
///     ..Message::new(r#"{"test": 2432232314}"#)
/// };
/// let signed = ckwh::sign::sign(&provider.scheme, &[secret], &message)?;
/// assert_eq!(signed.headers.text("webhook-timestamp"), Some("1614265330"));
/// assert_eq!(
///     signed.headers.text("webhook-signature"),
///     Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`SignError`].
pub fn sign(scheme: &Scheme, secrets: &[Secret], message: &Message) -> Result<Signed, SignError> {
    sign_with(scheme, &Keys::new(scheme, secrets)?, message)
}

/// [`sign`] with the scheme's keys, made before: for many messages.
///
/// # Errors
/// [`SignError`].
pub fn sign_with(scheme: &Scheme, keys: &Keys, message: &Message) -> Result<Signed, SignError> {
    let timestamp = timestamp_text(scheme, message);
    let stamped = stamped(scheme, message, timestamp.as_deref());
    let facts = facts(&stamped, timestamp.as_deref());
    let mut runs = keys.begin(scheme);
    for run in &mut runs {
        let content = &run.signature.content;
        content.feed(&facts, &stamped.body, &mut |bytes| run.take(bytes))?;
    }
    finish(scheme, (message, &stamped), &facts, runs)
}

/// Signs a message whose body is `body`, read once in bounded memory, and not the message's own. `None` where the
/// scheme takes the body otherwise than as one part, reads it twice or writes into it, so that it must be held: see
/// [`sign`].
///
/// # Errors
/// [`SignError`].
pub fn sign_stream<'a>(
    scheme: &'a Scheme,
    secrets: &[Secret],
    message: &Message,
    body: &mut dyn Read,
) -> Result<Option<Signed>, SignError> {
    let timestamp = timestamp_text(scheme, message);
    let stamped = stamped(scheme, message, timestamp.as_deref());
    let facts = facts(&stamped, timestamp.as_deref());
    let keys = Keys::new(scheme, secrets)?;
    let mut runs = keys.begin(scheme);
    let around = |run: &Run<'_, 'a>| {
        let signature = run.signature;
        let is_streamed = signature.kind.is_streamed() && !signature.place().is_in_body();
        signature.content.around_body().filter(|_| is_streamed)
    };
    let Some(around) = runs.iter().map(around).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    for (run, (before, _)) in runs.iter_mut().zip(&around) {
        feed(before, &facts, &[], &mut |bytes| run.take(bytes))?;
    }
    let mut chunk = vec![0; FIRST_CHUNK];
    loop {
        match body.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                runs.iter_mut().for_each(|run| run.take(&chunk[..read]));
                if read == chunk.len() {
                    chunk.resize(CHUNK, 0);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    for (run, (_, after)) in runs.iter_mut().zip(&around) {
        feed(after, &facts, &[], &mut |bytes| run.take(bytes))?;
    }
    finish(scheme, (message, &stamped), &facts, runs).map(Some)
}

/// Makes `at` the message's time, ready to be signed anew. Where the signed time stands in the body, that one value is
/// changed; `true` says so.
pub fn restamp(scheme: &Scheme, message: &mut Message, at: Timestamp) -> bool {
    message.timestamp = Some(at);
    // A parameter or a field is written when the message is signed.
    let Some(TimestampRule {
        from: Place::Body(pointer),
        unit,
        ..
    }) = &scheme.timestamp
    else {
        return false;
    };
    match splice::replace(&message.body, pointer, &unit.write(at)) {
        Some(body) => {
            message.body = body.into();
            true
        }
        None => false,
    }
}

/// The MACs of a scheme's signatures, begun under each secret that is used.
#[derive(Debug, Clone)]
pub struct Keys(Vec<Vec<(Begun, Source)>>);

impl Keys {
    /// Every secret is used where a header holds a list, else the first; each for the signatures that it is a secret of.
    ///
    /// # Errors
    /// [`SignError`] where there is no secret, or one is of no use.
    pub fn new(scheme: &Scheme, secrets: &[Secret]) -> Result<Self, SignError> {
        let is_list = |signature: &Signature| signature.grammar.is_list();
        let used = match secrets {
            [] => return Err(SignError::NoSecret),
            all if scheme.signatures.iter().any(is_list) => all,
            all => &all[..1],
        };
        let mut all: Vec<Vec<(Begun, Source)>> = scheme.signatures.iter().map(|_| Vec::new()).collect();
        for secret in used {
            let mut wrong = None;
            let mut is_used = false;
            for (signature, macs) in scheme.signatures.iter().zip(&mut all) {
                match signature.mac(secret) {
                    Ok(begun) => {
                        is_used = true;
                        if is_list(signature) || macs.is_empty() {
                            macs.push((begun, secret.source().clone()));
                        }
                    }
                    Err(error) => wrong = wrong.or(Some(error)),
                }
            }
            if let Some(error) = wrong.filter(|_| !is_used) {
                return Err(error.into());
            }
        }
        Ok(Self(all))
    }

    /// The signatures of `scheme`, whose keys they are; one that has none is left out.
    fn begin<'k, 's>(&'k self, scheme: &'s Scheme) -> Vec<Run<'k, 's>> {
        let begun = scheme.signatures.iter().zip(&self.0);
        begun
            .filter(|(_, macs)| !macs.is_empty())
            .map(|(signature, macs)| Run {
                signature,
                macs: macs.iter().map(|(begun, source)| (begun.clone(), source)).collect(),
                bytes: 0,
            })
            .collect()
    }
}

/// One signature header in the making: the MACs of its content, one for each secret, with where that came from.
struct Run<'k, 's> {
    signature: &'s Signature,
    macs: Vec<(Begun, &'k Source)>,
    bytes: u64,
}

impl Run<'_, '_> {
    fn take(&mut self, bytes: &[u8]) {
        self.macs.iter_mut().for_each(|(begun, _)| begun.mac.update(bytes));
        self.bytes += bytes.len() as u64;
    }
}

fn finish(
    scheme: &Scheme,
    (original, stamped): (&Message, &Cow<'_, Message>),
    facts: &Facts<'_>,
    runs: Vec<Run<'_, '_>>,
) -> Result<Signed, SignError> {
    let mut headers = Headers::default();
    let mut written = match stamped {
        Cow::Owned(stamped) => Some(stamped.clone()),
        Cow::Borrowed(_) => None,
    };
    if let (Some(Place::Header(name)), Some(id)) = (&scheme.id, facts.id) {
        headers.set(name, id);
    }
    if let (Some(Place::Header(name)), Some(text)) = (scheme.timestamp.as_ref().map(|rule| &rule.from), facts.timestamp)
    {
        headers.set(name, text);
    }
    let signed_bytes = runs.first().map_or(0, |run| run.bytes);
    let mut is_signed = false;
    let mut unsigned = None;
    for Run { signature, macs, .. } in runs {
        let mut parsed = Parsed {
            timestamp: facts
                .timestamp
                .filter(|_| signature.grammar.has_timestamp())
                .map(str::to_owned),
            signatures: Vec::with_capacity(macs.len()),
        };
        for (Begun { mac, id, .. }, secret) in macs {
            if let (Some(Place::Header(name)), Some(id)) = (&signature.keys.id, id) {
                headers.set(name, id);
            }
            match mac.finish() {
                Ok(tag) => parsed.signatures.push(signature.encoding.encode(&tag)),
                Err(problem) => {
                    let problem = problem.to_string();
                    let secret = secret.clone();
                    unsigned = unsigned.or(Some(SecretError::Key { secret, problem }));
                }
            }
        }
        if parsed.signatures.is_empty() {
            continue;
        }
        let value = signature.grammar.format(&parsed);
        is_signed = true;
        let Place::Header(name) = signature.place() else {
            let message = written.get_or_insert_with(|| original.clone());
            if !signature.place().write(message, &value) {
                return Err(SignError::NoPlace(signature.place().clone()));
            }
            continue;
        };
        // Signatures that share a header stand in one list there.
        let value = match (headers.text(name), signature.grammar.list()) {
            (Some(before), Some(list)) => format!("{before}{list}{value}"),
            _ => value,
        };
        headers.set(name, value);
    }
    if let Some(error) = unsigned.filter(|_| !is_signed) {
        return Err(error.into());
    }
    let mut signed = Signed {
        headers,
        body: None,
        url: None,
        target: None,
        signed_bytes,
    };
    if let Some(written) = written {
        signed.body = (written.body != original.body).then_some(written.body);
        signed.url = written.url;
        signed.target = written.target;
    }
    Ok(signed)
}

/// The message with its time and its id where the scheme has them, but for headers, which are written last.
fn stamped<'m>(scheme: &Scheme, message: &'m Message, timestamp: Option<&str>) -> Cow<'m, Message> {
    let mut stamped = Cow::Borrowed(message);
    let rule = scheme.timestamp.as_ref().map(|rule| &rule.from);
    for (place, text) in [(rule, timestamp), (scheme.id.as_ref(), message.id.as_deref())] {
        if let (Some(place @ (Place::Query(_) | Place::Form { .. })), Some(text)) = (place, text) {
            let _ = place.write(stamped.to_mut(), text);
        }
    }
    stamped
}

/// The timestamp as the scheme writes it.
fn timestamp_text(scheme: &Scheme, message: &Message) -> Option<String> {
    let rule = scheme.timestamp.as_ref()?;
    message.timestamp.map(|at| rule.unit.write(at))
}

fn facts<'a>(message: &'a Message, timestamp: Option<&'a str>) -> Facts<'a> {
    Facts {
        method: &message.method,
        url: message.url.as_deref(),
        id: message.id.as_deref(),
        timestamp,
        form: message.is_form(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Tolerance, Unit};

    #[test]
    fn a_time_inside_the_body_is_the_only_thing_that_changes() {
        let rule = |from| Scheme {
            signatures: Vec::new(),
            timestamp: Some(TimestampRule {
                from,
                unit: Unit::Milliseconds,
                accept: Vec::new(),
                tolerance: Tolerance::default(),
            }),
            id: None,
        };
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let mut message = Message::new(r#"{"createdAt":1600000000000, "webhookTimestamp": 1600000000000}"#);
        assert!(restamp(
            &rule(Place::Body("/webhookTimestamp".into())),
            &mut message,
            at
        ));
        let changed = r#"{"createdAt":1600000000000, "webhookTimestamp": 1700000000123}"#;
        assert_eq!(message.body, changed);
        assert!(!restamp(&rule(Place::Header("X-Time".into())), &mut message, at));
        assert_eq!(message.body, changed);
        assert_eq!(message.timestamp, Some(at));
    }
}
