//! From a case to the requests that it makes.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::case::{Age, BodyChange, Case, EventChoice, Fault, Repeat, Signing};
use super::fault;
use super::subject::{Draft, MARK, Subject};
use crate::json::pointer::escaped;
use crate::json::{self, Map, Style, Value};
use crate::message::Message;
use crate::provider::Chain;
use crate::provider::fixture::{self, FixtureError};
use crate::scheme::{Content, Encoding, Grammar, Kind, Part, Scheme};
use crate::secret::{Secret, Source};
use crate::send::new_secret;
use crate::sign::{self, SignError, tamper};

/// How long a body is that is large, in bytes.
const LARGE: usize = 300 * 1024;
/// The bytes of the key of whoever is not the provider.
const OTHER_KEY: [u8; 32] = [0x5a; 32];
/// The member that is put beside a payload's own.
const MEMBER: &str = "ckwh_test";

/// Why a case's requests can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The fixture.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// The message can't be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The event has no fixture.
    #[error("there is no fixture of {0}")]
    NoFixture(String),
    /// One secret is given.
    #[error("it is signed with the second secret, and one is given")]
    NoSecondSecret,
    /// Nobody is at the target any more.
    #[error("there is no connection any more: {0}")]
    Unreachable(String),
    /// The fault does not fit.
    #[error(transparent)]
    Tamper(#[from] tamper::TamperError),
}

/// One request, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// As it goes out.
    pub message: Message,
    /// What names its event.
    pub ids: Vec<String>,
    /// The texts of the signatures that would be right for it.
    pub right: Vec<String>,
}

impl Subject {
    /// The requests of `case`, in the order they are made. Those that repeat one are the same, byte for byte, unless
    /// the case says otherwise.
    ///
    /// # Errors
    /// [`RequestError`].
    pub(super) fn requests(&self, case: &Case, now: Timestamp) -> Result<Vec<Made>, RequestError> {
        let one = |event: &str| self.request(case, self.drafted(event, now)?, now);
        let given = || match &case.event {
            EventChoice::Named(event) => event,
            _ => &self.event,
        };
        if case.event == EventChoice::Each {
            return self.events().map(one).collect();
        }
        let first = || one(given());
        Ok(match case.repeat {
            Repeat::Once => vec![first()?],
            Repeat::Twice | Repeat::AfterHangUp => vec![first()?; 2],
            Repeat::ManyConnections => vec![first()?; 6],
            Repeat::AtOnce => vec![first()?; 20],
            Repeat::DifferentAtOnce => (0..20).map(|_| first()).collect::<Result<_, _>>()?,
            Repeat::Retried => {
                // None is dated ahead: a handler may refuse that.
                let draft = self.drafted(given(), now)?;
                let earlier = now - SignedDuration::from_secs(1);
                vec![
                    self.request(case, draft.clone(), earlier)?,
                    self.request(case, draft, now)?,
                ]
            }
            Repeat::NewerFirst => {
                let mut both = self.in_order(now)?;
                both.reverse();
                both
            }
        })
    }

    /// The last two events of the chain about one object, the older first.
    pub(super) fn in_order(&self, now: Timestamp) -> Result<Vec<Made>, RequestError> {
        let Some(chain) = &self.chain else {
            return Ok(Vec::new());
        };
        let drafts = self.chain_drafts(chain, now)?;
        let last_two = drafts.len().saturating_sub(2);
        drafts[last_two..].iter().map(|draft| self.right(draft, now)).collect()
    }

    /// The events of a chain about one object of their own, each a second after the one before.
    pub(super) fn chain_drafts(&self, chain: &Chain, now: Timestamp) -> Result<Vec<Draft>, RequestError> {
        let count = i64::try_from(chain.events.len()).unwrap_or(i64::MAX);
        let mut drafts = Vec::new();
        for (event, number) in chain.events.iter().zip(0..) {
            let at = now - SignedDuration::from_secs(count - number);
            drafts.push(self.drafted(event, at)?);
        }
        let pointers = match &chain.object {
            Some(pointer) => vec![pointer.clone()],
            None => shared_ids(&drafts),
        };
        let digits = format!("{MARK}{:016x}", fastrand::u64(..));
        for draft in &mut drafts {
            for pointer in &pointers {
                if let Some(Value::String(text)) = draft.payload.pointer_mut(pointer) {
                    *text = with_object(text, &digits);
                }
            }
            draft.object = Some(digits.clone());
        }
        Ok(drafts)
    }

    /// A right delivery of `draft`, signed at `now`.
    pub(super) fn right(&self, draft: &Draft, now: Timestamp) -> Result<Made, RequestError> {
        let body = fixture::body(&self.provider, &draft.payload, None)?;
        let mut message = self.message(draft, body.into(), now);
        let right = self.signed(&self.provider.scheme, &self.secrets[..1], &mut message)?;
        let mut made = self.made(message, right);
        made.ids.extend(draft.object.clone());
        Ok(made)
    }

    fn drafted(&self, event: &str, at: Timestamp) -> Result<Draft, RequestError> {
        self.draft(event, at)?
            .ok_or_else(|| RequestError::NoFixture(event.to_owned()))
    }

    fn request(&self, case: &Case, mut draft: Draft, now: Timestamp) -> Result<Made, RequestError> {
        let at = now - self.age(case.age);
        draft.at = at;
        if case.event == EventChoice::Unknown {
            self.make_unknown(&mut draft);
        }
        let body = self.body(case.body, &mut draft)?;
        let mut message = self.message(&draft, body, at);
        if let Some(method) = &case.method {
            message.method.clone_from(method);
        }
        let right = self.sign(case.sign, &mut message)?;
        match case.fault {
            Fault::None => {}
            Fault::Body => tamper::body(&mut message)?,
            Fault::Timestamp => tamper::timestamp(&self.provider.scheme, &mut message)?,
            other => fault::apply(other, &self.provider.scheme, &mut message),
        }
        for (name, value) in &case.headers {
            message.headers.set(name, value);
        }
        Ok(self.made(message, right))
    }

    fn made(&self, message: Message, right: Vec<String>) -> Made {
        Made {
            ids: self.ids(&message),
            message,
            right,
        }
    }

    fn message(&self, draft: &Draft, body: Bytes, at: Timestamp) -> Message {
        let (event, id) = (Some(draft.event_type.clone()), Some(draft.id.clone()));
        let mut message = fixture::message(&self.provider, body, event, id, at);
        fixture::set_headers(&self.provider, &mut message);
        message.url = Some(self.public_url.clone().unwrap_or_else(|| self.endpoint.to_string()));
        sign::place_facts(&self.provider.scheme, &mut message);
        message
    }

    fn age(&self, age: Age) -> SignedDuration {
        let beyond = SignedDuration::from_mins(1);
        match age {
            Age::Now => SignedDuration::ZERO,
            Age::Within => self.limit(true) * 4 / 5,
            Age::Stale => self.limit(true) + beyond,
            Age::TenDays => SignedDuration::from_hours(240),
            Age::Ahead => -(self.limit(false) + beyond),
            Age::TenDaysAhead => -SignedDuration::from_hours(240),
        }
    }

    /// Gives the event a type that nobody knows, wherever it says it.
    fn make_unknown(&self, draft: &mut Draft) {
        draft.event_type = "ckwh.unknown_test".into();
        self.provider.table.event.name(&mut draft.payload, &draft.event_type);
    }

    fn body(&self, change: BodyChange, draft: &mut Draft) -> Result<Bytes, RequestError> {
        let written = |payload: &Value, style: Option<&Style>| fixture::body(&self.provider, payload, style);
        let own = self.provider.table.request.json_style();
        let with = |value: Value, style: Option<&Style>| {
            let mut payload = draft.payload.clone();
            if let Some(members) = payload.as_object_mut() {
                members.insert(MEMBER.into(), value);
            }
            written(&payload, style)
        };
        Ok(match change {
            BodyChange::AsWritten => written(&draft.payload, None)?,
            BodyChange::OtherLayout => {
                let plain = written(&draft.payload, None)?;
                let is_indented = plain.contains(&b'\n');
                let other = if is_indented {
                    &json::AS_WRITTEN
                } else {
                    &json::AS_WRITTEN_INDENT_2
                };
                written(&draft.payload, Some(other))?
            }
            BodyChange::Reordered => {
                let members = draft.payload.as_object().cloned().unwrap_or_default();
                let reversed: Map<String, Value> = members.into_iter().rev().collect();
                written(&reversed.into(), None)?
            }
            BodyChange::Decimal => {
                let one = json::parse(b"1.0").unwrap_or_default();
                with(one, Some(&json::AS_WRITTEN))?
            }
            BodyChange::NonAscii => with("caf\u{e9} na\u{ef}ve \u{65e5}\u{672c}".into(), None)?,
            BodyChange::EscapedEmoji => with("\u{1f600}".into(), Style::named("python"))?,
            BodyChange::EscapedSlashes => with("https://example.test/a/b".into(), Style::named("php"))?,
            BodyChange::Large => with("x".repeat(LARGE).into(), Some(own))?,
            BodyChange::Empty => Vec::new(),
            BodyChange::NotJson => b"{\"id\": not JSON".to_vec(),
            BodyChange::List => b"[]".to_vec(),
        }
        .into())
    }

    /// Signs `message` as `how` says; the texts of the signatures that would be right for it.
    fn sign(&self, how: Signing, message: &mut Message) -> Result<Vec<String>, RequestError> {
        let scheme = &self.provider.scheme;
        if scheme.signatures.is_empty() {
            return Ok(Vec::new());
        }
        let given = &self.secrets[..1];
        let other = || new_secret(scheme, given.first(), OTHER_KEY).map_err(SignError::from);
        let right = match self.signed(scheme, given, &mut message.clone()) {
            // Such a body holds no signature, nor what is signed.
            Err(RequestError::Sign(SignError::NoPlace(_) | SignError::Content(_))) if how == Signing::Unsigned => {
                return Ok(Vec::new());
            }
            right => right?,
        };
        match how {
            Signing::Given => drop(self.signed(scheme, given, message)?),
            Signing::Second => {
                let second = self.secrets.get(1..2).ok_or(RequestError::NoSecondSecret)?;
                drop(self.signed(scheme, second, message)?);
            }
            Signing::Rotated => drop(self.signed(scheme, &[other()?, given[0].clone()], message)?),
            Signing::Other => drop(self.signed(scheme, &[other()?], message)?),
            Signing::Unsigned => {
                self.signed(scheme, given, message)?;
                tamper::header(scheme, message);
            }
            Signing::EmptySecret => {
                let mut bare = scheme.clone();
                bare.signatures.iter_mut().for_each(|own| own.key.clear());
                // HMAC fills a key up with zero bytes, so that one such byte is as good as none (RFC 2104, section 2).
                let empty = Secret::new(vec![0], Source::ThrowAway).map_err(SignError::from)?;
                self.signed(&bare, &[empty], message)?;
            }
            Signing::OtherBody => self.sign_over(b"{\"other\":\"body\"}", message)?,
            Signing::EmptyBody => self.sign_over(b"", message)?,
            Signing::Sha1 => drop(self.signed(&by_sha1(scheme), given, message)?),
            Signing::BodyAlone => {
                let mut alone = scheme.clone();
                let contents = alone.signatures.iter_mut().map(|own| &mut own.content);
                contents.for_each(|content| *content = Content::of(vec![Part::Body]));
                self.signed(&alone, given, message)?;
            }
            Signing::OtherEncoding => drop(self.signed(&in_other_encoding(scheme), given, message)?),
        }
        Ok(right)
    }

    fn sign_over(&self, body: &'static [u8], message: &mut Message) -> Result<(), RequestError> {
        let own = std::mem::replace(&mut message.body, Bytes::from_static(body));
        let signed = self.signed(&self.provider.scheme, &self.secrets[..1], message);
        message.body = own;
        signed.map(drop)
    }

    /// Puts the signature headers on `message`; gives the texts of its signatures.
    fn signed(&self, scheme: &Scheme, secrets: &[Secret], message: &mut Message) -> Result<Vec<String>, RequestError> {
        sign::sign(scheme, secrets, message)?.put_on(message);
        let found = scheme.signatures.iter().filter_map(|own| {
            let value = own.place().read(message)?;
            own.grammar.parse(value.as_bytes()).ok()
        });
        Ok(found.flat_map(|parsed| parsed.signatures).collect())
    }
}

/// The pointers of ids that all of `drafts` have, with the same value.
fn shared_ids(drafts: &[Draft]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some((first, others)) = drafts.split_first() {
        ids_in(&first.payload, "", &mut found);
        let is_shared = |pointer: &String| {
            let value = first.payload.pointer(pointer);
            others.iter().all(|other| other.payload.pointer(pointer) == value)
        };
        found.retain(is_shared);
    }
    found
}

/// The pointers of texts whose names say that they are ids.
fn ids_in(value: &Value, pointer: &str, found: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{}", escaped(name));
        let is_id = name == "id" || name.ends_with("_id") || name.ends_with("Id");
        match value {
            Value::String(_) if is_id => found.push(pointer),
            value => ids_in(value, &pointer, found),
        }
    }
}

/// `text` with the object's own digits behind what stands before its last `_` or `-`, so that its form stays.
fn with_object(text: &str, object: &str) -> String {
    match text.rfind(['_', '-']) {
        Some(at) => format!("{}{object}", &text[..=at]),
        None => object.to_owned(),
    }
}

fn by_sha1(scheme: &Scheme) -> Scheme {
    let mut other = scheme.clone();
    for own in other.signatures.iter_mut().filter(|own| !own.kind.is_by_pair()) {
        own.kind = Kind::HmacSha1;
        if let Grammar::Items { prefix, .. } = &mut own.grammar {
            *prefix = prefix.replace("sha256", "sha1");
        }
    }
    other
}

fn in_other_encoding(scheme: &Scheme) -> Scheme {
    let mut other = scheme.clone();
    for own in &mut other.signatures {
        let all = [Encoding::Base64, Encoding::Hex, Encoding::Base64Url];
        let is_other = |encoding: &Encoding| *encoding != own.encoding && !own.accept.contains(encoding);
        if let Some(encoding) = all.into_iter().find(is_other) {
            own.encoding = encoding;
        }
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Case, Cases};
    use crate::delivery::{Client, ClientOptions, Endpoint};
    use crate::provider::{Places, Provider, Registry};

    #[test]
    fn every_case_can_be_made_for_every_provider() {
        let cases = Cases::built_in().unwrap();
        let endpoint = Endpoint::parse("localhost:3000/hook", "/").unwrap();
        let client = Client::new(&endpoint, &ClientOptions::default()).unwrap();
        let folders = Registry::new(&Places::default()).folders().to_vec();
        for provider in folders.iter().flat_map(|folder| Provider::load_all(folder).unwrap()) {
            provider
                .table
                .given
                .values()
                .for_each(|given| given.give("example".into()));
            let secret = |byte| new_secret(&provider.scheme, None, [byte; 32]).unwrap();
            let secrets = match provider.scheme.signatures.as_slice() {
                [] => Vec::new(),
                _ => vec![secret(1), secret(2)],
            };
            let label = provider.label();
            let subject = Subject::new(provider, secrets, endpoint.clone(), None).unwrap();
            let holds = |case: &&Case| case.when.iter().all(|condition| subject.holds(*condition, &client));
            for case in cases.cases.iter().filter(holds) {
                let made = subject.requests(case, Timestamp::now());
                assert!(made.is_ok(), "{label}, {}: {:?}", case.full_name(), made.err());
            }
        }
    }
}
