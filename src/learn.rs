//! How a delivery is signed, found from the delivery and its secret alone.
//!
//! Every text in a header that may be a MAC is compared with what every order of the delivery's parts gives under
//! every way from the secret to a key. A scheme is given only where a MAC proves it. Where none does, the
//! likeliest schemes are asked why the delivery does not verify, which names a changed body or a mistyped secret. A
//! header that shows the secret itself is found too: it proves nothing of the body.

mod carrier;
pub mod draft;
mod inside;
mod known;
mod look;
pub mod openapi;
mod order;
mod schema;
mod sequence;

pub use schema::SchemaError;
mod shown;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Tolerance;
use crate::explain::cause::{self, Basis, Cause, Search};
use crate::explain::search::Work;
use crate::explain::secret::{self, Seen};
use crate::explain::{Effort, Question, is_named_so};
use crate::message::{Message, Place};
use crate::scheme::{
    BodyDigest, Content, Encoding, Given, Grammar, KeyRule, Kind, Mac, Part, Scheme, Signature, TimestampRule, UrlRule,
};
use crate::secret::{KeyStep, Secret, Source};
use crate::verify::{self, Options};

use carrier::Carrier;
use known::{Facts, Stamp};
use order::Hypothesis;

/// More secrets are not tried.
const MOST_SECRETS: usize = 8;
/// How many headers are asked for a reason where nothing fits.
const MOST_GUESSED: usize = 2;
/// Of a larger body, in bytes, fewer schemes are asked.
const LARGE: usize = 64 * 1024;
const MOST_OF_LARGE: usize = 4;
/// How many other readings are named.
const MOST_OTHERS: usize = 4;
/// What is usual where a time is signed (Standard Webhooks, Stripe, Slack).
const USUAL: Duration = Duration::from_secs(300);

/// The remedy where a body was changed.
const RAW: &str = "Learn from the bytes as they were sent: `ckwh listen` keeps them";

/// A delivery whose scheme is not known.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The request; its URL is the one that its sender signed, as far as that is known.
    pub message: &'a Message,
    /// The secrets that it may be signed with.
    pub secrets: &'a [Secret],
    /// Values that may be signed, and that no request holds.
    pub given: &'a [Given],
    /// How much is tried.
    pub effort: Effort,
}

/// What was found out about a delivery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Learned {
    /// How it is signed; `None` where nothing gives a MAC that it carries.
    pub fit: Option<Fit>,
    /// What was searched.
    pub searched: Searched,
    /// Why nothing fits, as far as that can be proven.
    pub causes: Vec<Cause>,
    /// What its signature looks like where nothing fits, in words.
    pub looks: Vec<String>,
}

/// A scheme that a MAC proves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fit {
    /// The scheme. A tolerance can't be seen in one delivery: where a time is signed, it is the usual one.
    pub scheme: Scheme,
    /// Where the secret came from.
    pub secret: Source,
    /// The URL that was signed, where one is.
    pub url: Option<String>,
    /// Other readings of the same signed bytes, each in words.
    pub others: Vec<String>,
}

/// What a search went through.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Searched {
    /// The headers that hold a text which may be a MAC, or where else one stands.
    pub headers: Vec<String>,
    /// How many keys were made of the secrets.
    pub keys: usize,
    /// How many signed contents were tried.
    pub contents: usize,
    /// Whether everything was tried.
    pub search: Search,
}

/// A key with how it is made.
struct Candidate {
    source: Source,
    steps: Vec<KeyStep>,
    /// Begun for each kind that it is a key of.
    macs: Vec<(Kind, Mac)>,
}

impl Candidate {
    fn begin(&self, kind: Kind) -> Option<Mac> {
        let own = self.macs.iter().find(|(own, _)| *own == kind);
        own.map(|(_, mac)| mac.clone())
    }
}

/// A carrier whose MAC was found.
struct Solved {
    carrier: usize,
    kind: Kind,
    key: usize,
    hypothesis: Hypothesis,
}

/// Finds how `delivery` is signed.
pub fn learn(delivery: &Delivery<'_>) -> Learned {
    let message = delivery.message;
    let carriers = carrier::all(message);
    let facts = Facts::of(message, &carriers, delivery.given);
    let keys = candidates(delivery.secrets);
    let mut hunt = ContentSearch {
        message,
        carriers: &carriers,
        keys: &keys,
        open: (0..carriers.len()).collect(),
        solved: Vec::new(),
        contents: 0,
        work: Work::of_contents(delivery.effort),
    };
    if !carriers.is_empty() && !keys.is_empty() {
        let mut go_on = true;
        order::each(&facts, &mut |hypothesis| {
            go_on = hunt.try_one(hypothesis);
            go_on
        });
        if go_on {
            sequence::each(&facts, &mut |hypothesis| hunt.try_one(hypothesis));
        }
    }
    let mut headers: Vec<String> = carriers.iter().map(|carrier| carrier.header.clone()).collect();
    headers.dedup();
    let searched = Searched {
        headers,
        keys: keys.len(),
        contents: hunt.contents,
        search: if hunt.work.exhausted {
            Search::Incomplete
        } else {
            Search::Complete
        },
    };
    let fit = hunt.fit(&facts).or_else(|| shown::fit(delivery));
    let causes = match &fit {
        Some(_) => Vec::new(),
        None => causes(delivery, &carriers, &facts),
    };
    let looks = match &fit {
        Some(_) => Vec::new(),
        None => look::all(message, &carriers),
    };
    Learned {
        fit,
        searched,
        causes,
        looks,
    }
}

/// Every key that the secrets may be meant as: their text, decoded, and both without a prefix such as `whsec_`.
fn candidates(secrets: &[Secret]) -> Vec<Candidate> {
    let mut seen = Seen::default();
    let mut all = Vec::new();
    for secret in secrets.iter().take(MOST_SECRETS) {
        let pipelines = secret::pipelines(secret.expose(), &[]).into_iter();
        for steps in pipelines.map(|(_, steps, _)| steps).chain(named(secret.expose())) {
            if let Ok(key) = secret.key(&steps)
                && steps.iter().all(is_public)
                && seen.is_new(&key)
            {
                let source = secret.source().clone();
                let begin = |kind| Some((kind, Mac::new(kind, &key).ok()?));
                let macs = Kind::all().filter_map(begin).collect();
                all.push(Candidate { source, steps, macs });
            }
        }
    }
    all
}

/// The steps that take a prefix such as `signkey-prod-` away: two words with a `-` behind each, the second any.
fn named(text: &[u8]) -> Option<Vec<KeyStep>> {
    let mut words = text.split(|byte| *byte == b'-');
    let (first, second, _) = (words.next()?, words.next()?, words.next()?);
    let is_word = |word: &[u8]| (2..=12).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase);
    let prefix = (is_word(first) && is_word(second)).then(|| format!("{}-*-", String::from_utf8_lossy(first)))?;
    Some(vec![KeyStep::Strip(prefix)])
}

/// Whether a step can be written down: a prefix that is a word is no part of a secret.
fn is_public(step: &KeyStep) -> bool {
    match step {
        KeyStep::Strip(prefix) => prefix
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-*".contains(&byte)),
        KeyStep::Suffix(_) => false,
        _ => true,
    }
}

struct ContentSearch<'a> {
    message: &'a Message,
    carriers: &'a [Carrier],
    keys: &'a [Candidate],
    /// The carriers that are still looked for.
    open: Vec<usize>,
    solved: Vec<Solved>,
    contents: usize,
    work: Work,
}

impl ContentSearch<'_> {
    /// Compares what `hypothesis` gives with every open carrier; says whether to go on.
    fn try_one(&mut self, hypothesis: &Hypothesis) -> bool {
        self.contents += 1;
        let keys = match self.solved.first() {
            Some(first) => first.key..first.key + 1,
            None => 0..self.keys.len(),
        };
        let is_plain = hypothesis.content.has_secret();
        for kind in Kind::all().filter(|kind| kind.is_plain() == is_plain) {
            let is_wanted = |index: &&usize| kind.may_give(&self.carriers[**index].tag);
            let wanted: Vec<usize> = self.open.iter().filter(is_wanted).copied().collect();
            for key in keys.clone().filter(|_| !wanted.is_empty()) {
                let Some(mut mac) = self.keys[key].begin(kind) else {
                    continue;
                };
                if !self.work.take(1, self.message.body.len() + 64) {
                    return false;
                }
                if hypothesis.feed(&self.message.body, &mut mac).is_err() {
                    return true;
                }
                for carrier in &wanted {
                    if mac.clone().verify(&self.carriers[*carrier].tag) {
                        self.open.retain(|open| open != carrier);
                        self.solved.push(Solved {
                            carrier: *carrier,
                            kind,
                            key,
                            hypothesis: hypothesis.clone(),
                        });
                    }
                }
            }
        }
        if !self.solved.is_empty() {
            // What is left may be no MAC at all: only what is called one is worth going on for.
            let carriers = self.carriers;
            self.open.retain(|open| is_named_so(&carriers[*open].header));
        }
        !self.open.is_empty()
    }

    /// The scheme of what was solved: first what signs the most beside the body, then the longest MAC.
    fn fit(&self, facts: &Facts) -> Option<Fit> {
        let mut solved: Vec<&Solved> = self.solved.iter().collect();
        solved.sort_by_key(|solved| {
            let own = &solved.hypothesis;
            let beside = usize::from(own.stamp.is_some()) + usize::from(own.id.is_some());
            std::cmp::Reverse((beside, self.carriers[solved.carrier].tag.len()))
        });
        let first = solved.first()?.hypothesis.clone();
        let mut signatures: Vec<Signature> = Vec::new();
        for solved in solved {
            let agrees = solved.hypothesis.agrees_with(&first);
            if let Some(signature) = self.signature(solved, facts).filter(|_| agrees)
                && !signatures.contains(&signature)
            {
                signatures.push(signature);
            }
        }
        if signatures.is_empty() {
            return None;
        }
        let timestamp = match &first.stamp {
            Some(stamp) => Some(stamp.rule(Tolerance::both(USUAL))),
            // The time of the delivery itself, which the signed body holds.
            None => facts
                .own_time(&first.content)
                .map(|stamp| stamp.rule(Tolerance::default())),
        };
        let key = &self.keys[self.solved.first()?.key];
        Some(Fit {
            scheme: Scheme {
                signatures,
                timestamp,
                id: first.id_place(),
            },
            secret: key.source.clone(),
            url: first.known.url.clone().filter(|_| signs_url(&first.content)),
            others: self.others(facts, &first),
        })
    }

    fn signature(&self, solved: &Solved, facts: &Facts) -> Option<Signature> {
        let carrier = &self.carriers[solved.carrier];
        let hypothesis = &solved.hypothesis;
        let field = hypothesis.stamp.as_ref().and_then(|stamp| stamp.field.as_deref());
        Some(Signature {
            kind: solved.kind,
            places: vec![carrier.place.clone()],
            grammar: carrier.grammar(field)?,
            encoding: carrier.encoding,
            accept: carrier.accept.into_iter().collect(),
            content: hypothesis.content.clone(),
            key: self.keys[solved.key].steps.clone(),
            url: UrlRule::default(),
            digest: facts
                .digest
                .clone()
                .filter(|_| hypothesis.content.signs(&Part::Url))
                .map(|query| BodyDigest { query }),
            keys: KeyRule::default(),
            jws: None,
            http: None,
        })
    }

    /// Other readings that give the bytes that `first` gives.
    fn others(&self, facts: &Facts, first: &Hypothesis) -> Vec<String> {
        let body = &self.message.body;
        let mut bytes = Vec::new();
        let _ = first.feed(body, &mut |more: &[u8]| bytes.extend_from_slice(more));
        let mut work = Work::of_contents(Effort::Low);
        let mut others: Vec<String> = Vec::new();
        order::each(facts, &mut |hypothesis| {
            let mut rest = Some(bytes.as_slice());
            let fed = hypothesis.feed(body, &mut |more: &[u8]| {
                rest = rest.and_then(|rest| rest.strip_prefix(more))
            });
            if fed.is_ok() && rest.is_some_and(<[u8]>::is_empty) {
                let other = hypothesis.to_string();
                if other != first.to_string() && !others.contains(&other) {
                    others.push(other);
                }
            }
            work.take(1, body.len()) && others.len() < MOST_OTHERS
        });
        others
    }
}

fn signs_url(content: &Content) -> bool {
    content.signs(&Part::Url) || content.signs(&Part::UrlWithoutQuery)
}

/// Why nothing fits: what the likeliest schemes say of the delivery, where a MAC proves it.
fn causes(delivery: &Delivery<'_>, carriers: &[Carrier], facts: &Facts) -> Vec<Cause> {
    let message = delivery.message;
    // Single causes; there are many guesses.
    let effort = match delivery.effort {
        Effort::Low | Effort::Normal => Effort::Low,
        Effort::High => Effort::Normal,
    };
    let names = message.headers.iter().map(|(name, _)| name);
    let mut headers: Vec<&str> = carriers.iter().map(|carrier| carrier.header.as_str()).collect();
    headers.extend(names.filter(|name| is_named_so(name)));
    headers.sort_by_key(|name| !is_named_so(name));
    headers.dedup();
    let keys = pipelines(delivery.secrets);
    for header in headers.into_iter().take(MOST_GUESSED) {
        let most = if message.body.len() > LARGE {
            MOST_OF_LARGE
        } else {
            usize::MAX
        };
        for scheme in guesses(header, carriers, facts, &keys).into_iter().take(most) {
            let options = Options::new(Timestamp::UNIX_EPOCH).with_tolerance(Tolerance::default());
            let verdict = verify::verify(&scheme, delivery.secrets, message, &options);
            let question = Question {
                scheme: &scheme,
                secrets: delivery.secrets,
                other_secrets: &[],
                variables: &[],
                others: &[],
                message,
                at: None,
                effort,
                framework: None,
            };
            let mut causes = crate::explain::changed(&question, &verdict, &options).into_causes();
            causes.retain(|cause| cause.proof.as_ref().is_some_and(|proof| proof.by == Basis::Mac));
            if causes.iter().any(|cause| !is_guess(cause.kind)) {
                causes.retain(|cause| !is_guess(cause.kind));
            }
            for cause in causes.iter_mut().filter(|cause| cause.kind.is_body()) {
                cause.remedy = RAW.to_owned();
            }
            if !causes.is_empty() {
                return causes;
            }
        }
    }
    Vec::new()
}

/// Whether a cause says how the scheme differs from the one that was guessed, which is nobody's fault.
fn is_guess(kind: cause::Kind) -> bool {
    matches!(
        kind,
        cause::Kind::SecretPrefix
            | cause::Kind::SecretBase64
            | cause::Kind::SecretHex
            | cause::Kind::ContentTimestampMissing
            | cause::Kind::ContentSeparator
            | cause::Kind::ContentIdMissing
            | cause::Kind::ContentUrl
            | cause::Kind::ContentOtherScheme
            | cause::Kind::SignaturePrefix
            | cause::Kind::SignatureHeader
            | cause::Kind::ContentTimestampOther
            | cause::Kind::ContentIdOther
            | cause::Kind::SignatureAlgorithm
    )
}

/// The steps that a mistyped secret may be meant to go through.
fn pipelines(secrets: &[Secret]) -> Vec<Vec<KeyStep>> {
    let whsec = KeyStep::Strip("whsec_".into());
    let mut all = vec![
        Vec::new(),
        vec![whsec, KeyStep::Base64],
        vec![KeyStep::Base64],
        vec![KeyStep::Hex],
    ];
    for secret in secrets.iter().take(1) {
        for (_, steps, _) in secret::pipelines(secret.expose(), &[]) {
            if steps.iter().all(is_public) && !all.contains(&steps) {
                all.push(steps);
            }
        }
    }
    all
}

/// The likeliest schemes of a signature in `header`.
fn guesses(header: &str, carriers: &[Carrier], facts: &Facts, keys: &[Vec<KeyStep>]) -> Vec<Scheme> {
    let carrier = carriers.iter().find(|carrier| carrier.header == header);
    let stamp = facts.stamps.iter().find(|stamp| stamp.is_in(header));
    let field = stamp.and_then(|stamp| stamp.field.as_deref());
    let grammar = match carrier {
        Some(carrier) => carrier.grammar(field),
        None => Grammar::items("{sig}", None).ok(),
    };
    let Some(grammar) = grammar else { return Vec::new() };
    let kind = carrier.and_then(Carrier::kind).unwrap_or(Kind::HmacSha256);
    let mut all = Vec::new();
    for key in keys {
        for content in order::likely(facts, stamp.is_some()) {
            all.push(Scheme {
                signatures: vec![Signature {
                    kind,
                    places: vec![carrier.map_or_else(|| Place::Header(header.to_owned()), |own| own.place.clone())],
                    grammar: grammar.clone(),
                    encoding: carrier.map_or(Encoding::Hex, |carrier| carrier.encoding),
                    accept: Vec::new(),
                    content: content.clone(),
                    key: key.clone(),
                    url: UrlRule::default(),
                    digest: None,
                    keys: KeyRule::default(),
                    jws: None,
                    http: None,
                }],
                timestamp: stamp.map(|stamp| stamp.rule(Tolerance::default())),
                id: facts.ids.first().map(|id| id.place.clone()),
            });
        }
    }
    all
}

impl Hypothesis {
    /// Whether one scheme can have both: it has one time, one id and one URL.
    fn agrees_with(&self, first: &Self) -> bool {
        (self.stamp.is_none() || self.stamp == first.stamp)
            && (self.id.is_none() || self.id == first.id)
            && (self.known.url.is_none() || self.known.url == first.known.url)
    }

    fn id_place(&self) -> Option<Place> {
        self.id.as_ref().map(|id| id.place.clone())
    }
}

impl Stamp {
    fn rule(&self, tolerance: Tolerance) -> TimestampRule {
        TimestampRule {
            from: self.place.clone(),
            unit: self.unit,
            accept: Vec::new(),
            tolerance,
        }
    }
}
