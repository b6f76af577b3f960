//! Verifying: `verify(scheme, secrets, message, options)` gives a verdict, which is data and not an error.

use std::borrow::Cow;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::{Tolerance, Unit, Within};
use crate::message::{MOST_ITEMS, Message, Place};
use crate::scheme::http_signature::Read;
use crate::scheme::jws::{Jws, Validity};
use crate::scheme::{
    Begun, Content, ContentError, Facts, FoundSignature, HttpSignature, Parsed, Part, Scheme, Signature, Strength,
};
use crate::secret::{Secret, SecretError, Source};

/// Why a verdict is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The signature is right and the time is within the tolerance.
    Valid,
    /// The shared secret that is shown is right. It covers no bytes: they may be anyone's who saw it.
    Authenticated,
    /// The provider signs nothing.
    SignsNothing,
    /// No secret gives this signature.
    Mismatch,
    /// A header that the scheme needs is not there.
    MissingHeader,
    /// A header that the scheme needs can't be read.
    MalformedHeader,
    /// The signature is right and the message is too old.
    Stale,
    /// The signature is right and the message is from too far ahead.
    Future,
    /// There is no secret to verify with.
    NoSecret,
    /// No known provider sends such headers.
    Unrecognised,
    /// The body is not held, so there is nothing to judge.
    NoBody,
}

impl Reason {
    /// The best that a request gets that is sent as `scheme` has it.
    pub fn best(scheme: &Scheme) -> Self {
        match scheme.strength() {
            Strength::Nothing => Self::SignsNothing,
            Strength::Shown => Self::Authenticated,
            Strength::Signed => Self::Valid,
        }
    }

    /// Whether the sender showed what its provider has it show: a valid signature, or the shared secret.
    pub fn is_authentic(self) -> bool {
        matches!(self, Self::Valid | Self::Authenticated)
    }
}

impl fmt::Display for Reason {
    /// In words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Authenticated => "authenticated",
            Self::SignsNothing => "signs nothing",
            Self::Mismatch => "mismatch",
            Self::MissingHeader => "missing header",
            Self::MalformedHeader => "malformed header",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::NoSecret => "no secret",
            Self::Unrecognised => "unrecognised",
            Self::NoBody => "no body",
        })
    }
}

/// What is known of the signature itself, whatever the time says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureState {
    /// It is the MAC of these bytes under one of the secrets.
    Match,
    /// It is not.
    Mismatch,
    /// It is no signature, but one of the secrets itself, which covers no bytes.
    Shown,
    /// There is none.
    Absent,
    /// It was not computed.
    Unchecked,
}

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The reason.
    pub reason: Reason,
    /// The signature alone.
    pub signature: SignatureState,
    /// The signed time.
    pub timestamp: Option<Timestamp>,
    /// How old the message was at the time of judging; negative is ahead.
    pub age: Option<SignedDuration>,
    /// The secret that matched.
    pub matched_secret: Option<Source>,
    /// What exactly is wrong with a header or a secret, in one sentence.
    pub detail: Option<String>,
}

impl Verdict {
    /// Whether the message is to be trusted.
    pub fn is_valid(&self) -> bool {
        self.reason == Reason::Valid
    }

    /// A verdict that was reached before any MAC was computed.
    pub fn unchecked(reason: Reason, detail: impl Into<Option<String>>) -> Self {
        Self {
            reason,
            signature: SignatureState::Unchecked,
            timestamp: None,
            age: None,
            matched_secret: None,
            detail: detail.into(),
        }
    }
}

/// When and how strictly a message is judged.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Options {
    /// The time it is judged at.
    pub at: Timestamp,
    /// Stands in place of the scheme's own tolerance.
    pub tolerance: Option<Tolerance>,
}

impl Options {
    /// Judges at `at`, by the scheme's own tolerance.
    pub fn new(at: Timestamp) -> Self {
        Self { at, tolerance: None }
    }

    /// Judges by this tolerance, in place of the scheme's own.
    #[must_use]
    pub fn with_tolerance(self, tolerance: Tolerance) -> Self {
        Self {
            tolerance: Some(tolerance),
            ..self
        }
    }
}

/// Verifies `message`: any of `secrets` with any signature in any of the scheme's headers will do. MACs are compared
/// in constant time, and the time is judged only after one matched. A secret that is shown counts only where no signature
/// stands beside it.
///
/// ```
/// use ckwh::message::Message;
/// use ckwh::provider::{Places, Registry};
/// use ckwh::secret::{Secret, Source};
/// use ckwh::verify::{Options, Reason, SignatureState, verify};
/// use jiff::{SignedDuration, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // As in libraries/javascript/src/webhook.test.ts of the repository standard-webhooks/standard-webhooks.
/// let provider = Registry::new(&Places::default()).provider("standard-webhooks", None)?;
/// let secrets = [Secret::new(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_vec(), Source::Flag)?];
/// let mut message = Message::new(r#"{"test": 2432232314}"#);
/// message.headers.set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek");
/// message.headers.set("webhook-timestamp", "1614265330");
/// message.headers.set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
///
/// let signed = Timestamp::from_second(1_614_265_330)?;
/// assert!(verify(&provider.scheme, &secrets, &message, &Options::new(signed)).is_valid());
///
/// let later = Options::new(signed + SignedDuration::from_hours(1));
/// let verdict = verify(&provider.scheme, &secrets, &message, &later);
/// assert_eq!((verdict.reason, verdict.signature), (Reason::Stale, SignatureState::Match));
/// # Ok(())
/// # }
/// ```
pub fn verify(scheme: &Scheme, secrets: &[Secret], message: &Message, options: &Options) -> Verdict {
    if scheme.signatures.is_empty() {
        return Verdict {
            signature: SignatureState::Absent,
            ..Verdict::unchecked(Reason::SignsNothing, None)
        };
    }
    let message = &*with_url(scheme, message);
    let found = match signatures(scheme, message) {
        Ok(found) => found,
        Err(verdict) => return *verdict,
    };
    let judged = apart(found)
        .into_iter()
        .map(|found| judged(scheme, found, secrets, message, options));
    // Of several that a message may be signed with, the one that says the most.
    let rank = |verdict: &Verdict| (verdict.is_valid(), verdict.signature == SignatureState::Match);
    let best = judged.reduce(|best, other| if rank(&other) > rank(&best) { other } else { best });
    best.unwrap_or_else(|| Verdict::unchecked(Reason::MissingHeader, None))
}

/// The message with the URL that its headers say, where that is not known and an HTTP message signature may cover it. What is
/// asked of this machine came by http, and all else by https.
pub(crate) fn with_url<'m>(scheme: &Scheme, message: &'m Message) -> Cow<'m, Message> {
    let known = || {
        let host = message.headers.text("host")?;
        let target = message.target.as_deref().filter(|target| target.starts_with('/'))?;
        let name = host.split(':').next().unwrap_or_default();
        let is_own =
            name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1" || host.starts_with("[::1]");
        let scheme = if is_own { "http" } else { "https" };
        Some(format!("{scheme}://{host}{target}"))
    };
    let is_needed = message.url.is_none() && scheme.signatures.iter().any(|own| own.http.is_some());
    match is_needed.then(known).flatten() {
        Some(url) => Cow::Owned(Message {
            url: Some(url),
            ..message.clone()
        }),
        None => Cow::Borrowed(message),
    }
}

/// The signatures, each that says by itself when it was made on its own: no other's time counts for it.
fn apart(found: Vec<Found<'_>>) -> Vec<Vec<Found<'_>>> {
    let is_alone = |own: &Found<'_>| own.signature.http.is_some();
    let (alone, together): (Vec<_>, Vec<_>) = found.into_iter().partition(is_alone);
    let together = (!together.is_empty()).then_some(together);
    alone.into_iter().map(|own| vec![own]).chain(together).collect()
}

/// The verdict by the signatures in `found`.
fn judged(scheme: &Scheme, found: Vec<Found<'_>>, secrets: &[Secret], message: &Message, options: &Options) -> Verdict {
    let evidence = match Evidence::gather(scheme, found, message) {
        Ok(evidence) => evidence,
        Err(verdict) => return *verdict,
    };
    let mut verdict = Verdict {
        timestamp: evidence.timestamp,
        age: evidence.timestamp.map(|at| options.at.duration_since(at)),
        ..Verdict::unchecked(Reason::NoSecret, None)
    };
    if secrets.is_empty() {
        return verdict;
    }
    let mut matched = None;
    let mut unusable = Vec::new();
    let mut difference = None;
    for secret in secrets {
        match evidence.matches(secret, message, options.at, &mut difference) {
            Ok(Some(signature)) => matched = matched.or(Some((secret, signature))),
            Ok(None) => {}
            Err(detail) => unusable.push(detail),
        }
    }
    let Some((secret, signature)) = matched else {
        if unusable.len() == secrets.len() {
            verdict.detail = unusable.into_iter().next();
            return verdict;
        }
        return Verdict {
            reason: Reason::Mismatch,
            signature: SignatureState::Mismatch,
            detail: difference.or(unusable.into_iter().next()),
            ..verdict
        };
    };
    verdict.matched_secret = Some(secret.source().clone());
    if evidence.is_shown() {
        return Verdict {
            reason: Reason::Authenticated,
            signature: SignatureState::Shown,
            ..verdict
        };
    }
    verdict.signature = SignatureState::Match;
    verdict.detail = uncovered(scheme, signature);
    let tolerance = match &scheme.timestamp {
        Some(rule) => options.tolerance.unwrap_or(rule.tolerance),
        None => Tolerance::default(),
    };
    verdict.reason = match verdict.age.map(|age| tolerance.judge(age)) {
        None | Some(Within::Tolerance) => Reason::Valid,
        Some(Within::Stale) => Reason::Stale,
        Some(Within::Future) => Reason::Future,
    };
    if verdict.is_valid() {
        evidence.judge_token(signature, options, &mut verdict);
        evidence.judge_end(signature, options, &mut verdict);
    }
    verdict
}

/// What of the body the signature does not cover.
fn uncovered(scheme: &Scheme, signature: &Signature) -> Option<String> {
    if signature.covers_body() {
        return None;
    }
    let facts = [
        (Part::Timestamp, scheme.timestamp.as_ref().map(|rule| &rule.from)),
        (Part::Id, scheme.id.as_ref()),
    ];
    let is_signed =
        |(part, place): &(Part, Option<&Place>)| place.is_some_and(Place::is_in_body) && signature.content.signs(part);
    let signed = signature.content.signed_in_body().len() + facts.iter().filter(|fact| is_signed(fact)).count();
    let covered = match signed {
        0 => "nothing of it is signed".to_owned(),
        1 => "one value in it is signed, and the rest can be anything".to_owned(),
        several => format!("{several} values in it are signed, and the rest can be anything"),
    };
    Some(format!("the body is not covered by the signature: {covered}"))
}

/// The signature headers that can be read; else the verdict on a message without any.
fn signatures<'a>(scheme: &'a Scheme, message: &'a Message) -> Result<Vec<Found<'a>>, Box<Verdict>> {
    let mut found = Vec::new();
    let mut malformed = None;
    for FoundSignature {
        signature,
        place,
        item,
        parsed,
        http,
        ..
    } in scheme.found(message)
    {
        match (parsed, item) {
            (_, Some(item)) if item >= MOST_ITEMS => {
                let detail = format!("there are more than {MOST_ITEMS} signatures in {place}");
                return Err(Box::new(Verdict::unchecked(Reason::MalformedHeader, detail)));
            }
            (Ok(parsed), _) => found.push(Found {
                signature,
                item,
                parsed,
                http,
            }),
            // Each item of a list has to be signed.
            (Err(error), Some(item)) => {
                let detail = format!("the signature of item {} in {place} {error}", item + 1);
                return Err(Box::new(Verdict::unchecked(Reason::MalformedHeader, detail)));
            }
            (Err(error), None) => malformed = malformed.or(Some(format!("{place} {error}"))),
        }
    }
    if found.iter().any(|found| !found.signature.kind.is_shown()) {
        // Who only knows the secret's text must not have the weaker one judged.
        found.retain(|found| !found.signature.kind.is_shown());
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(detail) = malformed {
        return Err(Box::new(Verdict::unchecked(Reason::MalformedHeader, detail)));
    }
    let mut places = scheme.signatures.iter().flat_map(|own| &own.places);
    let why = places.find_map(|place| message.unreadable(place));
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let detail = format!("{} is not there{why}", expected(scheme));
    Err(Box::new(Verdict {
        signature: SignatureState::Absent,
        ..Verdict::unchecked(Reason::MissingHeader, detail)
    }))
}

/// Where a signature is looked for, in words.
fn expected(scheme: &Scheme) -> String {
    let places = || scheme.signatures.iter().map(Signature::place);
    if places().all(|place| matches!(place, Place::Header(_))) {
        let names: Vec<_> = places().map(Place::name).collect();
        return format!("the signature header {}", names.join(" or "));
    }
    let names: Vec<_> = places().map(Place::to_string).collect();
    format!("the signature in {}", names.join(" or "))
}

/// The keys whose certificates are in use at `at`; an error in words where there is none.
fn usable(keys: Result<Vec<Begun>, SecretError>, secret: &Secret, at: Timestamp) -> Result<Vec<Begun>, String> {
    let mut keys = keys.map_err(|error| error.to_string())?;
    let mut dates = None;
    keys.retain(|key| match key.valid {
        Some((from, until)) if at < from || at > until => {
            dates = Some((from, until));
            false
        }
        _ => true,
    });
    match dates.filter(|_| keys.is_empty()) {
        Some((from, until)) => Err(format!(
            "the certificate from {} is out of date: it is to be used from {from} until {until}",
            secret.source()
        )),
        None => Ok(keys),
    }
}

/// A signature that is there.
struct Found<'a> {
    signature: &'a Signature,
    /// The item of the list that it signs, where each is signed on its own.
    item: Option<usize>,
    parsed: Parsed,
    /// The HTTP message signature that it is.
    http: Option<Read>,
}

impl Found<'_> {
    /// The id of the key that it says it is made with.
    fn key_id(&self, message: &Message) -> Option<String> {
        let mut texts = self.parsed.signatures.iter();
        match (&self.signature.jws, &self.http) {
            (Some(jws), _) => texts.find_map(|text| jws.read(text).ok()?.key_id),
            (_, Some(read)) => read.key_id.clone(),
            _ => self.signature.keys.id.as_ref().and_then(|place| place.read(message)),
        }
    }

    /// What it covers and is not there, in words.
    fn absent(&self, message: &Message) -> Option<String> {
        let http = self.signature.http.as_ref()?;
        match http.base(self.http.as_ref()?, &facts(message)) {
            Err(ContentError::Value(place)) => Some(format!("{place}, which the signature covers, is not there")),
            _ => None,
        }
    }

    /// Whether both are of one list.
    fn is_beside(&self, other: &Self) -> bool {
        self.item.is_some() && other.item.is_some() && std::ptr::eq(self.signature, other.signature)
    }
}

/// What a message brings to be judged by.
struct Evidence<'a> {
    /// Each signature that is there, parsed.
    found: Vec<Found<'a>>,
    id: Option<String>,
    timestamp_text: Option<String>,
    timestamp: Option<Timestamp>,
}

impl<'a> Evidence<'a> {
    fn gather(scheme: &'a Scheme, found: Vec<Found<'a>>, message: &'a Message) -> Result<Self, Box<Verdict>> {
        if let Some(detail) = found.iter().find_map(|found| found.absent(message)) {
            return Err(Box::new(Verdict::unchecked(Reason::MissingHeader, detail)));
        }
        let id = match &scheme.id {
            Some(place) if scheme.signs(&Part::Id) => place.read(message),
            _ => None,
        };
        if let (None, Some(place)) = (&id, &scheme.id)
            && found.iter().any(|found| found.signature.content.signs(&Part::Id))
        {
            let detail = format!("the id in {place} is not there");
            return Err(Box::new(Verdict::unchecked(Reason::MissingHeader, detail)));
        }
        let mut evidence = Self {
            found,
            id,
            timestamp_text: None,
            timestamp: None,
        };
        if let Some(rule) = scheme.timestamp.as_ref().filter(|_| !evidence.is_shown()) {
            let no = |reason, detail| Box::new(Verdict::unchecked(reason, detail));
            let from = &rule.from;
            let texts = evidence.timestamp_texts(from, message);
            let text = match texts.as_slice() {
                [text] => text,
                [] => {
                    let detail = format!("the timestamp in {from} is not there");
                    return Err(no(Reason::MissingHeader, detail));
                }
                _ => {
                    let detail = format!("there is more than one timestamp in {from}");
                    return Err(no(Reason::MalformedHeader, detail));
                }
            };
            let at = Unit::read(text, &rule.units());
            let wrong = |error| no(Reason::MalformedHeader, format!("the timestamp in {from}: {error}"));
            evidence.timestamp = Some(at.map_err(wrong)?);
            evidence.timestamp_text = Some(text.clone());
        }
        Ok(evidence)
    }

    /// Judges the `exp` and `nbf` of a token whose signature is right.
    fn judge_token(&self, signature: &Signature, options: &Options, verdict: &mut Verdict) {
        let Some(jws) = &signature.jws else { return };
        let allowed = options.tolerance;
        let texts = self
            .found
            .iter()
            .filter(|found| std::ptr::eq(found.signature, signature));
        for text in texts.flat_map(|found| &found.parsed.signatures) {
            let Ok(token) = jws.read(text) else { continue };
            let leeway = allowed.and_then(|tolerance| tolerance.past.0);
            match jws.validity(&token, options.at, leeway) {
                Validity::Expired(end) if allowed.is_none_or(|tolerance| tolerance.past.0.is_some()) => {
                    verdict.reason = Reason::Stale;
                    verdict.detail = Some(format!("the token expired at {end} (`exp`)"));
                }
                Validity::NotYet(begin) if allowed.is_none_or(|tolerance| tolerance.future.0.is_some()) => {
                    verdict.reason = Reason::Future;
                    verdict.detail = Some(format!("the token is not to be used before {begin} (`nbf`)"));
                }
                _ => {}
            }
        }
    }

    /// Judges the `expires` of an HTTP message signature that is right.
    fn judge_end(&self, signature: &Signature, options: &Options, verdict: &mut Verdict) {
        let Some(http) = &signature.http else { return };
        for read in self.found.iter().filter_map(|found| found.http.as_ref()) {
            if let Validity::Expired(end) = http.validity(read, options.at, options.tolerance) {
                verdict.reason = Reason::Stale;
                verdict.detail = Some(format!("the signature expired at {end} (`expires`)"));
            }
        }
    }

    /// Whether there is no signature, but a secret that is shown.
    fn is_shown(&self) -> bool {
        self.found.iter().all(|found| found.signature.kind.is_shown())
    }

    /// The different timestamps that are claimed. The one that is judged must be the one that is signed, so a message
    /// with two has none.
    fn timestamp_texts(&self, from: &Place, message: &Message) -> Vec<String> {
        let mut texts: Vec<String> = match from {
            Place::Signature => self
                .found
                .iter()
                .filter_map(|found| found.parsed.timestamp.clone())
                .collect(),
            place => place
                .values(message)
                .iter()
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .collect(),
        };
        texts.dedup();
        texts
    }

    /// The first signature that is the MAC of `message` under `secret`, where each item of a list is signed all of them; an
    /// error where it is a secret of none.
    fn matches(
        &self,
        secret: &Secret,
        message: &Message,
        at: Timestamp,
        difference: &mut Option<String>,
    ) -> Result<Option<&'a Signature>, String> {
        let mut wrong = Ok(None);
        let mut is_used = false;
        for together in self.found.chunk_by(Found::is_beside) {
            let signature = together[0].signature;
            let key_id = together[0].key_id(message);
            let begun = match usable(signature.macs(secret, key_id.as_deref()), secret, at) {
                Ok(begun) => begun,
                Err(error) => {
                    wrong = wrong.and(Err(error));
                    continue;
                }
            };
            is_used = true;
            let mut all = true;
            for found in together {
                all = all && self.is_made(found, &begun, message, difference)?;
            }
            if all {
                return Ok(Some(signature));
            }
        }
        if is_used { Ok(None) } else { wrong }
    }

    /// Whether one of the MACs that are begun gives `found`; what a token's claims say otherwise, where that alone is wrong.
    fn is_made(
        &self,
        found: &Found<'_>,
        begun: &[Begun],
        message: &Message,
        difference: &mut Option<String>,
    ) -> Result<bool, String> {
        let Found {
            signature,
            item,
            parsed,
            http,
        } = found;
        let form = message.is_form();
        let urls = match &message.url {
            Some(url) if signature.content.signs_url() || signature.http.is_some() => {
                signature.url.writings(url).into_iter().map(Some).collect()
            }
            _ => vec![None],
        };
        for url in urls {
            if let (Some(digest), Some(url)) = (&signature.digest, &url)
                && !digest.covers(url, &message.body, form)
            {
                continue;
            }
            let facts = Facts {
                method: &message.method,
                url: url.as_deref(),
                id: self.id.as_deref(),
                timestamp: parsed.timestamp.as_deref().or(self.timestamp_text.as_deref()),
                form,
                message: Some(message),
                item: *item,
            };
            if let Some(jws) = &signature.jws {
                let token = Tokens {
                    jws,
                    content: &signature.content,
                    facts: &facts,
                    body: &message.body,
                };
                let made = parsed
                    .signatures
                    .iter()
                    .map(|text| token.is_made(text, begun, difference));
                if made.collect::<Result<Vec<_>, _>>()?.contains(&true) {
                    return Ok(true);
                }
                continue;
            }
            if let (Some(own), Some(read)) = (&signature.http, http) {
                if is_made(own, read, begun, &facts, difference)? {
                    return Ok(true);
                }
                continue;
            }
            for Begun { mut mac, .. } in begun.iter().cloned() {
                signature
                    .content
                    .feed(&facts, &message.body, &mut mac)
                    .map_err(|error| error.to_string())?;
                let mut tags = parsed.signatures.iter().filter_map(|text| signature.decode(text));
                if tags.any(|tag| mac.clone().verify(&tag)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether a key made the HTTP message signature, and the digests that it covers are the body's; what is wrong with those
/// is noted.
fn is_made(
    http: &HttpSignature,
    read: &Read,
    begun: &[Begun],
    facts: &Facts<'_>,
    difference: &mut Option<String>,
) -> Result<bool, String> {
    let base = http.base(read, facts).map_err(|error| error.to_string())?;
    let verifies = |begun: &Begun| {
        let mut mac = begun.mac.clone();
        mac.update(base.as_bytes());
        mac.verify(&read.tag)
    };
    if !begun.iter().any(verifies) {
        return Ok(false);
    }
    let found = facts.message.and_then(|message| http.difference(read, message));
    let agrees = found.is_none();
    *difference = difference.take().or(found);
    Ok(agrees)
}

/// What the first HTTP message signature of `message` is over, as it is computed here: line by line. `None` where there is
/// none, or a part of it is not there.
pub fn signature_base(scheme: &Scheme, message: &Message) -> Option<String> {
    let message = &*with_url(scheme, message);
    let of_http = |found: FoundSignature<'_>| {
        let http = found.signature.http.as_ref()?;
        http.base(found.http.as_ref()?, &facts(message)).ok()
    };
    scheme.found(message).find_map(of_http)
}

/// What a content is made of, where the signature says the rest itself.
pub(crate) fn facts(message: &Message) -> Facts<'_> {
    Facts {
        method: &message.method,
        url: message.url.as_deref(),
        id: None,
        timestamp: None,
        form: message.is_form(),
        message: Some(message),
        item: None,
    }
}

/// The tokens of one signature, and what they are to agree with.
struct Tokens<'t> {
    jws: &'t Jws,
    content: &'t Content,
    facts: &'t Facts<'t>,
    body: &'t [u8],
}

impl Tokens<'_> {
    /// Whether a key made the token, and its claims agree; what they say otherwise is noted.
    fn is_made(&self, text: &str, begun: &[Begun], difference: &mut Option<String>) -> Result<bool, String> {
        let Ok(token) = self.jws.read(text) else {
            return Ok(false);
        };
        let signed = self.jws.signed(&token, self.content, self.facts, self.body);
        let signed = signed.map_err(|error| error.to_string())?;
        let verifies = |begun: &Begun| {
            let mut mac = begun.mac.clone();
            mac.update(&signed);
            mac.verify(&token.tag)
        };
        if !begun.iter().any(verifies) {
            return Ok(false);
        }
        let found = self.jws.difference(&token, self.facts, self.body);
        let found = found.map_err(|error| error.to_string())?;
        let agrees = found.is_none();
        *difference = difference.take().or(found.map(|found| found.to_string()));
        Ok(agrees)
    }
}
