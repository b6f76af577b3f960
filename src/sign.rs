//! Signing: `sign(scheme, secrets, message)` gives the headers that a receiver needs.

pub mod tamper;

use std::borrow::Cow;
use std::io::{self, Read};

use bytes::Bytes;
use jiff::Timestamp;

use crate::json::splice;
use crate::message::{Headers, Message, Place};
use crate::scheme::http_signature::{BETWEEN_LABELS, Unsigned};
use crate::scheme::{
    Begun, ContentError, Facts, HttpSignature, Jws, Parsed, Scheme, Signature, Sink, TimestampRule, Values, feed,
};
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
    let mut runs = keys.begin(scheme, &stamped);
    for run in &mut runs {
        let content = &run.signature.content;
        let facts = Facts {
            item: run.item,
            ..facts
        };
        match (&run.signature.jws, &run.signature.http) {
            (Some(jws), _) => run.write_tokens(jws, &facts, &stamped.body)?,
            (_, Some(http)) => run.write_bases(http, &facts)?,
            _ => content.feed(&facts, &stamped.body, run)?,
        }
    }
    finish(scheme, message, &facts, runs)
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
    let is_held = |own: &Signature| own.place().is_in_body() || own.jws.is_some() || own.http.is_some();
    if scheme.signatures.iter().any(is_held) {
        return Ok(None);
    }
    let timestamp = timestamp_text(scheme, message);
    let stamped = stamped(scheme, message, timestamp.as_deref());
    let facts = facts(&stamped, timestamp.as_deref());
    let keys = Keys::new(scheme, secrets)?;
    let mut runs = keys.begin(scheme, &stamped);
    let around = |run: &Run<'_, 'a>| {
        let signature = run.signature;
        signature.content.around_body().filter(|_| signature.kind.is_streamed())
    };
    let Some(around) = runs.iter().map(around).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    for (run, (before, _)) in runs.iter_mut().zip(&around) {
        feed(before, &facts, &[], run)?;
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
        feed(after, &facts, &[], run)?;
    }
    finish(scheme, message, &facts, runs).map(Some)
}

/// Makes `at` the message's time, ready to be signed anew. Where the signed time stands in the body or the query, that one
/// value is changed; `true` says so.
pub fn restamp(scheme: &Scheme, message: &mut Message, at: Timestamp) -> bool {
    message.timestamp = Some(at);
    let Some(TimestampRule { from, unit, .. }) = &scheme.timestamp else {
        return false;
    };
    match from {
        // A number stays one.
        Place::Body(pointer) => match splice::replace(&message.body, pointer, &unit.write(at)) {
            Some(body) => {
                message.body = body.into();
                true
            }
            None => false,
        },
        Place::Query(_) | Place::Form { .. } => from.write(message, &unit.write(at)),
        _ => false,
    }
}

/// Writes the message's time and id into its form or its query, where the scheme has them there.
pub fn place_facts(scheme: &Scheme, message: &mut Message) {
    let is_outside = |place: &&Place| matches!(place, Place::Query(_) | Place::Form { .. });
    if let (Some(place), Some(id)) = (scheme.id.as_ref().filter(is_outside), message.id.clone()) {
        let _ = place.write(message, &id);
    }
    let from = scheme.timestamp.as_ref().map(|rule| &rule.from);
    if let (Some(_), Some(at)) = (from.filter(is_outside), message.timestamp) {
        restamp(scheme, message, at);
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
            _ if scheme.signatures.is_empty() => &[],
            [] => return Err(SignError::NoSecret),
            all if scheme.signatures.iter().any(is_list) => all,
            all if scheme.signatures.iter().filter_map(Signature::label).count() > 1 => all,
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

    /// The signatures of `scheme`, whose keys they are, and of each item of a list of `message`; one that has no key is
    /// left out.
    fn begin<'k, 's>(&'k self, scheme: &'s Scheme, message: &Message) -> Vec<Run<'k, 's>> {
        let mut runs = Vec::with_capacity(self.0.len());
        for (signature, macs) in scheme.signatures.iter().zip(&self.0) {
            let mut begin = |item| {
                runs.push(Run {
                    signature,
                    item,
                    macs: macs.iter().map(|(begun, source)| (begun.clone(), source)).collect(),
                    heads: Vec::new(),
                    unsigned: Vec::new(),
                    bytes: 0,
                });
            };
            if macs.is_empty() {
                continue;
            }
            match signature.place() {
                place if place.is_each() => (0..place.each(message).len()).for_each(|item| begin(Some(item))),
                _ => begin(None),
            }
        }
        runs
    }
}

/// One signature header in the making: the MACs of its content, one for each secret, with where that came from.
struct Run<'k, 's> {
    signature: &'s Signature,
    /// The item of the list that is signed, where each is on its own.
    item: Option<usize>,
    macs: Vec<(Begun, &'k Source)>,
    /// The tokens without their signatures, one for each MAC, where it makes tokens.
    heads: Vec<String>,
    /// What stands around each signature, where it is an HTTP message signature.
    unsigned: Vec<Unsigned>,
    bytes: u64,
}

impl Sink for Run<'_, '_> {
    fn take(&mut self, bytes: &[u8]) {
        self.macs.iter_mut().for_each(|(begun, _)| begun.mac.update(bytes));
        self.bytes += bytes.len() as u64;
    }

    fn take_secret(&mut self) {
        self.macs.iter_mut().for_each(|(begun, _)| begun.mac.take_secret());
    }

    fn take_values(&mut self, values: &Values<'_>) {
        self.macs
            .iter_mut()
            .for_each(|(begun, _)| begun.mac.take_values(values));
        values.feed(b"", &mut |bytes| self.bytes += bytes.len() as u64);
    }
}

impl Run<'_, '_> {
    fn write_tokens(&mut self, jws: &Jws, facts: &Facts<'_>, body: &[u8]) -> Result<(), ContentError> {
        for (begun, _) in &mut self.macs {
            let head = jws.write(begun.id.as_deref(), &self.signature.content, facts, body)?;
            begun.mac.update(&head.signed);
            self.bytes = head.signed.len() as u64;
            self.heads.push(head.text);
        }
        Ok(())
    }

    fn write_bases(&mut self, http: &HttpSignature, facts: &Facts<'_>) -> Result<(), ContentError> {
        for (begun, _) in &mut self.macs {
            let unsigned = http.unsigned(begun.id.as_deref(), facts)?;
            begun.mac.update(unsigned.base.as_bytes());
            self.bytes = unsigned.base.len() as u64;
            self.unsigned.push(unsigned);
        }
        Ok(())
    }

    /// What the header holds. The id of a key goes to `headers`; a key that can't sign is noted in `unsigned`.
    fn finish(self, facts: &Facts<'_>, headers: &mut Headers, unsigned: &mut Option<SecretError>) -> Parsed {
        let mut parsed = Parsed {
            timestamp: facts
                .timestamp
                .filter(|_| self.signature.grammar.has_timestamp())
                .map(str::to_owned),
            signatures: Vec::with_capacity(self.macs.len()),
        };
        for (index, (Begun { mac, id, .. }, secret)) in self.macs.into_iter().enumerate() {
            if let (Some(Place::Header(name)), Some(id)) = (&self.signature.keys.id, id) {
                headers.set(name, id);
            }
            match mac.finish() {
                Ok(tag) => {
                    let tag = self.signature.encoding.encode(&tag);
                    parsed
                        .signatures
                        .push(match (self.heads.get(index), self.unsigned.get(index)) {
                            (Some(head), _) => format!("{head}.{tag}"),
                            (_, Some(unsigned)) => unsigned.finish(&tag, headers),
                            _ => tag,
                        });
                }
                Err(problem) if unsigned.is_none() => {
                    *unsigned = Some(SecretError::Key {
                        secret: secret.clone(),
                        problem: problem.to_string(),
                    });
                }
                Err(_) => {}
            }
        }
        parsed
    }
}

fn finish(scheme: &Scheme, message: &Message, facts: &Facts<'_>, runs: Vec<Run<'_, '_>>) -> Result<Signed, SignError> {
    if let (true, Some(signature)) = (runs.is_empty(), scheme.signatures.first()) {
        return Err(SignError::NoPlace(signature.place().clone()));
    }
    let mut headers = Headers::default();
    if let (Some(Place::Header(name)), Some(id)) = (&scheme.id, facts.id) {
        headers.set(name, id);
    }
    if let (Some(Place::Header(name)), Some(text)) = (scheme.timestamp.as_ref().map(|rule| &rule.from), facts.timestamp)
    {
        headers.set(name, text);
    }
    for name in scheme
        .signatures
        .iter()
        .filter_map(|own| own.http.as_ref())
        .flat_map(|http| http.digest_headers())
    {
        if let Some(value) = facts.message.and_then(|stamped| stamped.headers.get(name)) {
            headers.set(name, value);
        }
    }
    let signed_bytes = runs.first().map_or(0, |run| run.bytes);
    let mut written: Option<Message> = None;
    let mut is_signed = false;
    let mut unsigned = None;
    for run in runs {
        let (signature, item) = (run.signature, run.item);
        let parsed = run.finish(facts, &mut headers, &mut unsigned);
        if parsed.signatures.is_empty() {
            continue;
        }
        is_signed = true;
        let value = signature.grammar.format(&parsed);
        let Place::Header(name) = signature.place() else {
            let place = item.map_or_else(|| signature.place().clone(), |item| signature.place().of_item(item));
            if !place.write(written.get_or_insert_with(|| message.clone()), &value) {
                return Err(SignError::NoPlace(place));
            }
            continue;
        };
        // Signatures that share a header stand in one list there.
        let list = match signature.label() {
            Some(_) => Some(BETWEEN_LABELS),
            None => signature.grammar.list(),
        };
        let value = match (headers.text(name), list) {
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
        signed.body = (written.body != message.body).then_some(written.body);
        signed.url = written.url;
        signed.target = written.target;
    }
    Ok(signed)
}

/// The message with the headers of its time, its id and its body's digest, which are written last, where headers are signed.
fn stamped<'m>(scheme: &Scheme, message: &'m Message, timestamp: Option<&str>) -> Cow<'m, Message> {
    let mut stamped = Cow::Borrowed(message);
    if scheme.signatures.iter().any(|own| own.content.signs_headers()) {
        let rule = scheme.timestamp.as_ref().map(|rule| &rule.from);
        for (place, text) in [(rule, timestamp), (scheme.id.as_ref(), message.id.as_deref())] {
            if let (Some(Place::Header(name)), Some(text)) = (place, text) {
                stamped.to_mut().headers.set(name, text);
            }
        }
    }
    for http in scheme.signatures.iter().filter_map(|own| own.http.as_ref()) {
        for (name, digest) in http.digests(&message.body) {
            stamped.to_mut().headers.set(name, digest);
        }
    }
    stamped
}

/// The timestamp as it stands in the body, or as the scheme writes it.
fn timestamp_text(scheme: &Scheme, message: &Message) -> Option<String> {
    let rule = scheme.timestamp.as_ref()?;
    let stands = match &rule.from {
        place if place.is_in_body() || matches!(place, Place::Query(_)) => place.read(message),
        _ => None,
    };
    stands.or_else(|| message.timestamp.map(|at| rule.unit.write(at)))
}

fn facts<'a>(message: &'a Message, timestamp: Option<&'a str>) -> Facts<'a> {
    Facts {
        method: &message.method,
        url: message.url.as_deref(),
        id: message.id.as_deref(),
        timestamp,
        form: message.is_form(),
        message: Some(message),
        item: None,
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
