//! The search: one hypothesis of each table, the cheapest and likeliest first, then two of different tables.

mod bodies;
mod finding;
mod older;
mod report;
mod tags;
mod target;

use std::sync::Arc;

use super::algorithm::{Algorithm, Algorithms, Finished};
use super::body::{Place, Rank, Source, Variant};
use super::cause::Kind;
use super::content::{self, Contents, Known, Signed};
use super::secret::{Change, Keyed, Keys};
use super::{Effort, Other, Question};
use crate::scheme::{self, Content, Curve, Part, Scheme, Signature, feed};
use bodies::Combination;
use finding::Found;
use report::Ruled;
use tags::{Behind, tags};
use target::Fit;
pub(super) use target::Target;

/// Which way is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From what arrived to what was signed.
    Reverse,
    /// From what was signed to what a handler hashed.
    Forward,
}

/// How much may be done.
#[derive(Clone)]
pub(crate) struct Work {
    hypotheses: u64,
    bytes: u64,
    pub(crate) exhausted: bool,
}

impl Work {
    fn new(effort: Effort) -> Self {
        match effort {
            Effort::Low => Self::of(4_000, 512 * MIB),
            Effort::Normal => Self::of(2_000_000, 16_384 * MIB),
            Effort::High => Self::of(20_000_000, 262_144 * MIB),
        }
    }

    /// For a search that makes no other bodies, and has more contents to try.
    pub(crate) fn of_contents(effort: Effort) -> Self {
        match effort {
            Effort::Low => Self::of(4_000, 256 * MIB),
            Effort::Normal => Self::of(60_000, 2_048 * MIB),
            Effort::High => Self::of(2_000_000, 65_536 * MIB),
        }
    }

    fn of(hypotheses: u64, bytes: u64) -> Self {
        Self {
            hypotheses,
            bytes,
            exhausted: false,
        }
    }

    /// Whether `bytes` more may be worked through for `hypotheses` more.
    pub(crate) fn take(&mut self, hypotheses: u64, bytes: usize) -> bool {
        let bytes = bytes as u64;
        if self.hypotheses < hypotheses || self.bytes < bytes {
            self.exhausted = true;
            return false;
        }
        self.hypotheses -= hypotheses;
        self.bytes -= bytes;
        true
    }
}

const MIB: u64 = 1024 * 1024;

/// Bodies up to this size are tried with everything else at once, where both are likely; in bytes.
const ALL_PAIRS: usize = 64 * 1024;
/// And those that are not likely with what is likely.
const FAR_PAIRS: usize = 8 * 1024;
/// And changes at one place with another key.
const PLACE_PAIRS: usize = 8 * 1024;
/// So many other bodies of larger ones are tried with as many of each other table.
const LARGE_BODIES: usize = 48;
const LARGE_OTHERS: usize = 8;
/// So many contents are tried together with another body.
const PAIRED_CONTENTS: usize = 80;

/// The contents that are tried with another key or hash over the body as it came.
fn paired<'c>(contents: &'c [Signed], question: &Question<'_>) -> &'c [Signed] {
    let length = question.message.body.len();
    let most = if length <= FAR_PAIRS {
        contents.len()
    } else if length <= ALL_PAIRS {
        PAIRED_CONTENTS
    } else {
        2 * LARGE_OTHERS
    };
    &contents[..contents.len().min(most)]
}

/// A signature by a key pair is verified as slowly as so many MACs are made.
fn cost(kind: scheme::Kind) -> u64 {
    match kind {
        scheme::Kind::Ed25519 => 100,
        scheme::Kind::Rsa(..) => 200,
        scheme::Kind::Ecdsa(Curve::P256, ..) => 400,
        scheme::Kind::Ecdsa(Curve::P384, ..) => 1_000,
        scheme::Kind::Ecdsa(..) => 2_000,
        _ => 1,
    }
}

/// Every port is tried with bodies up to this size, in bytes.
const MOST_PORTS_BODY: usize = 4 * 1024;

/// Rare causes are tried two together on bodies up to this size, in bytes; on larger ones at high effort only.
const RARE_PAIRS: usize = 16 * 1024;
/// So many rare contents are tried together with another key or body.
const RARE_CONTENTS: usize = 400;

pub(super) struct Engine<'a> {
    question: &'a Question<'a>,
    direction: Direction,
    signature: &'a Signature,
    targets: Vec<Target>,
    work: Work,
    ruled: Ruled,
    source: Arc<Source<'a>>,
    /// The places in the plan of bodies that differ from each other.
    distinct: Vec<Place>,
    /// How many hypotheses one costs.
    cost: u64,
    within: Option<(Kind, String)>,
    /// The signature that was expected, where another scheme is searched in.
    expected: Option<&'a Signature>,
    /// Whether of two causes together only the likely ones were tried.
    likely: bool,
}

/// One point of the search.
struct Point<'p> {
    key: &'p Keyed,
    body: &'p Variant<'p>,
    signed: &'p Signed,
    algorithm: Algorithm,
    own_algorithm: bool,
}

impl<'a> Engine<'a> {
    pub(super) fn new(question: &'a Question<'a>, direction: Direction, targets: Vec<Target>) -> Self {
        let signatures = &question.scheme.signatures;
        let present = |signature: &&Signature| signature.found(question.message).next().is_some();
        let signature = signatures.iter().find(present).unwrap_or(&signatures[0]);
        let body = &question.message.body;
        Self {
            question,
            direction,
            signature,
            targets,
            work: Work::new(question.effort),
            ruled: Ruled::default(),
            source: Arc::new(Source::new(&body[..])),
            distinct: Vec::new(),
            cost: cost(signature.kind),
            within: None,
            expected: None,
            likely: false,
        }
    }

    /// What every cause begins with: the scheme that is searched in is not `expected`. What differs from that alone is
    /// said beside it.
    pub(super) fn within(mut self, expected: &'a Scheme, kind: Kind, detail: String) -> Self {
        self.within = Some((kind, detail));
        self.expected = expected.signatures.first();
        self
    }

    pub(super) fn run(&mut self) {
        let question = self.question;
        let keys = Keys::of(question, self.signature, self.direction);
        let contents = Contents::of(question, self.signature);
        let own = std::slice::from_ref(&contents.own);
        let readings = self.targets.iter().flat_map(|target| &target.readings.all);
        let lengths: Vec<usize> = readings.map(|reading| reading.tag.len()).collect();
        let hmac = [Algorithm::Named(self.signature.kind)];
        let algorithms = Algorithms::beside(self.signature.kind, &lengths);
        let body = Variant::own(&question.message.body);
        // One at a time: as it should be, then each table.
        self.mistyped(&body, &keys.right, &contents.own);
        self.all(&body, &keys.right, own, &hmac);
        self.all(&body, &keys.near, own, &hmac);
        self.older(&body, &keys);
        self.all(&body, &keys.likely, own, &hmac);
        self.all(&body, &keys.right, &contents.likely, &hmac);
        self.all(&body, &keys.right, own, &algorithms.likely);
        if keys.right.is_empty() {
            // Without a usable secret there is still what needs none.
            let keyless = algorithms
                .likely
                .iter()
                .copied()
                .filter(|algorithm| algorithm.is_keyless());
            let keyless: Vec<Algorithm> = keyless.collect();
            self.all(&body, &keys.likely[..1], own, &keyless);
        }
        self.all(&body, &keys.unlikely, own, &hmac);
        self.schemes(&body);
        self.singles(&[(&keys.right, own, &hmac)]);
        if question.effort != Effort::Low {
            self.splices(&keys.right, &contents.own);
        }
        self.all(&body, &keys.rare, own, &hmac);
        self.all(&body, &keys.named, own, &hmac);
        self.all(&body, &keys.right, own, &algorithms.rare);
        self.all(&body, &keys.right, &contents.rare, &hmac);
        self.contents_of_others(&body, &keys.right, &contents.own);
        self.ports(&body, &keys.right, &contents.own);
        self.pairs(&keys, &contents, &algorithms);
    }

    /// Two of different tables.
    fn pairs(&mut self, keys: &Keys, contents: &Contents, algorithms: &Algorithms) {
        let question = self.question;
        let length = question.message.body.len();
        let hmac = [Algorithm::Named(self.signature.kind)];
        let body = Variant::own(&question.message.body);
        let own = std::slice::from_ref(&contents.own);
        let likely = paired(&contents.likely, question);
        for keys in [&keys.likely, &keys.near] {
            self.all(&body, keys, likely, &hmac);
            self.all(&body, keys, own, &algorithms.likely);
        }
        self.all(&body, &keys.right, likely, &algorithms.likely);
        let likely = &contents.likely[..contents.likely.len().min(PAIRED_CONTENTS)];
        let high = question.effort == Effort::High;
        if length > ALL_PAIRS && !high {
            let few = |count: usize| count.min(LARGE_OTHERS);
            let combinations: [Combination<'_>; 3] = [
                (&keys.near[..few(keys.near.len())], own, &hmac),
                (&keys.likely[..few(keys.likely.len())], own, &hmac),
                (&keys.right, &likely[..few(likely.len())], &hmac),
            ];
            self.likely = true;
            self.again(Rank::Likely, LARGE_BODIES, &combinations);
            return;
        }
        let combinations: [Combination<'_>; 4] = [
            (&keys.near, own, &hmac),
            (&keys.likely, own, &hmac),
            (&keys.right, likely, &hmac),
            (&keys.right, own, &algorithms.likely),
        ];
        self.again(Rank::Likely, usize::MAX, &combinations);
        if question.effort == Effort::Low {
            return;
        }
        if length <= RARE_PAIRS || high {
            self.rare_pairs(keys, contents, algorithms);
        }
        if length <= PLACE_PAIRS {
            self.splices(&keys.near, &contents.own);
            self.splices(&keys.likely, &contents.own);
        }
        if length <= FAR_PAIRS || high {
            self.again(Rank::Rare, usize::MAX, &combinations);
        } else {
            self.likely = true;
        }
    }

    /// Two of different tables, of which one is rare.
    fn rare_pairs(&mut self, keys: &Keys, contents: &Contents, algorithms: &Algorithms) {
        let question = self.question;
        let hmac = [Algorithm::Named(self.signature.kind)];
        let body = Variant::own(&question.message.body);
        let own = std::slice::from_ref(&contents.own);
        let likely = &contents.likely[..contents.likely.len().min(PAIRED_CONTENTS)];
        let few = &contents.rare[..contents.rare.len().min(RARE_CONTENTS)];
        self.all(&body, &keys.rare, &contents.likely, &hmac);
        self.all(&body, &keys.rare, own, &algorithms.likely);
        self.all(&body, &keys.likely, few, &hmac);
        let combinations: [Combination<'_>; 2] = [(&keys.rare, own, &hmac), (&keys.unlikely, own, &hmac)];
        self.again(Rank::Likely, usize::MAX, &combinations);
        if question.effort != Effort::High {
            return;
        }
        self.all(&body, &keys.unlikely, &contents.likely, &hmac);
        self.all(&body, &keys.unlikely, own, &algorithms.likely);
        self.all(&body, &keys.rare, &contents.rare, &hmac);
        self.all(&body, &keys.right, &contents.likely, &algorithms.rare);
        let combinations: [Combination<'_>; 4] = [
            (&keys.right, likely, &algorithms.likely),
            (&keys.near, likely, &algorithms.likely),
            (&keys.right, few, &hmac),
            (&keys.right, own, &algorithms.rare),
        ];
        self.again(Rank::Likely, usize::MAX, &combinations);
    }

    /// What is the right MAC but for a digit or two.
    fn mistyped(&mut self, body: &Variant<'_>, keys: &[Keyed], signed: &Signed) {
        for key in keys {
            let point = Point {
                key,
                body,
                signed,
                algorithm: Algorithm::Named(self.signature.kind),
                own_algorithm: true,
            };
            let Some(made) = self.make(&point, &body.bytes) else {
                continue;
            };
            for index in 0..self.targets.len() {
                let target = &self.targets[index];
                if !target.is_done()
                    && target.fit(&made).is_none_or(|fit| !self.is_whole(target, fit, &point))
                    && let Some(word) = target.mistyped(&made)
                {
                    let found = self.nearly(&point, word);
                    self.targets[index].found = Some(found);
                }
            }
        }
    }

    /// Whether a reading is the whole tag, no more and no less.
    fn is_whole(&self, target: &Target, fit: Fit, point: &Point<'_>) -> bool {
        let reading = &target.readings.all[fit.reading];
        fit.length == point.algorithm.len() && reading.tag.len() >= fit.length
    }

    /// The address at which the process itself listens, at every port.
    fn ports(&mut self, body: &Variant<'_>, keys: &[Keyed], own: &Signed) {
        let question = self.question;
        let Some(url) = own.known.url.as_deref().filter(|_| own.content.signs(&Part::Url)) else {
            return;
        };
        if question.effort == Effort::Low || question.message.body.len() > MOST_PORTS_BODY {
            return;
        }
        let algorithm = [Algorithm::Named(self.signature.kind)];
        for port in 1..=u16::MAX {
            for (url, what) in content::at_port(url, port) {
                let signed = Signed {
                    kind: Some(Kind::ContentUrl),
                    what: format!("{what}, {url}"),
                    content: own.content.clone(),
                    known: Known {
                        url: Some(url),
                        ..own.known.clone()
                    },
                };
                if !self.all(body, keys, std::slice::from_ref(&signed), &algorithm) {
                    return;
                }
            }
        }
    }

    /// A provider's older signatures, where their headers are there.
    fn older(&mut self, body: &Variant<'_>, keys: &Keys) {
        let question = self.question;
        for row in older::ROWS
            .iter()
            .filter(|row| question.message.headers.contains(row.header))
        {
            let signed = Signed {
                kind: Some(row.kind),
                what: row.what.to_owned(),
                content: Content::of(row.content.iter().map(older::Piece::part).collect()),
                known: Known::of(question.message, question.scheme),
            };
            for key in keys.right.iter().chain(&keys.near) {
                let point = Point {
                    key,
                    body,
                    signed: &signed,
                    algorithm: row.algorithm(),
                    own_algorithm: true,
                };
                self.one(&point, &mut Behind::default());
            }
        }
    }

    /// Tries every key with every content and every algorithm over one body; says whether to go on.
    fn all(&mut self, body: &Variant<'_>, keys: &[Keyed], contents: &[Signed], algorithms: &[Algorithm]) -> bool {
        let own = Algorithm::Named(self.signature.kind);
        keys.iter().all(|key| {
            let mut behind = Behind::default();
            contents.iter().all(|signed| {
                algorithms.iter().all(|algorithm| {
                    let point = Point {
                        key,
                        body,
                        signed,
                        algorithm: *algorithm,
                        own_algorithm: *algorithm == own,
                    };
                    self.one(&point, &mut behind)
                })
            })
        })
    }

    fn done(&self) -> bool {
        self.targets.iter().all(Target::is_done)
    }

    /// Tries each change at one place, with the state of the MAC before it.
    fn splices(&mut self, keys: &[Keyed], own: &Signed) {
        if self.done() {
            return;
        }
        let around = own.content.around_body().filter(|_| self.signature.kind.is_streamed());
        let Some((before, after)) = around else {
            return;
        };
        let source = Arc::clone(&self.source);
        let facts = own.known.facts();
        let algorithm = Algorithm::Named(self.signature.kind);
        for (index, key) in keys.iter().enumerate() {
            let first = index == 0 && key.changes.is_empty();
            let start = || {
                let mut state = algorithm.begin(&key.key)?;
                feed(before, &facts, &[], &mut state).ok()?;
                Some(state)
            };
            let Some(mut state) = start() else { continue };
            let mut at = 0;
            source.each_splice(&mut |splice, step| {
                let body = source.body();
                if splice.at < at {
                    let Some(again) = start() else { return false };
                    (state, at) = (again, 0);
                }
                let rest = &body[splice.until..];
                if !self
                    .work
                    .take(1, splice.at - at + splice.insert.len() + rest.len() + 64)
                {
                    return false;
                }
                state.update(&body[at..splice.at]);
                at = splice.at;
                let mut running = state.clone();
                running.update(&splice.insert);
                running.update(rest);
                if feed(after, &facts, &[], &mut running).is_err() {
                    return false;
                }
                let made = running.finish();
                self.ruled.note_place(first.then(|| step().kind));
                if self.targets.iter().any(|target| target.may_hold(&made)) {
                    let variant = Variant {
                        steps: vec![step()],
                        bytes: splice.apply(body).into(),
                    };
                    let point = Point {
                        key,
                        body: &variant,
                        signed: own,
                        algorithm,
                        own_algorithm: true,
                    };
                    self.note(&made, &point, "");
                }
                !self.done()
            });
        }
    }

    /// What is found where `target` holds `made`, which `point` gave.
    fn holds(&self, target: &Target, made: &Finished, point: &Point<'_>, tail: &str) -> Option<Found> {
        if target.is_done() {
            return None;
        }
        match target.fit(made) {
            Some(fit) => Some(self.found(point, tail, &target.readings.all[fit.reading], fit)),
            None if target.is_lossy(made) => Some(self.lossy(point, tail)),
            None => target.uneven(made).map(|how| self.uneven(point, tail, how)),
        }
    }

    /// Notes what holds `made`.
    fn note(&mut self, made: &Finished, point: &Point<'_>, tail: &str) {
        for index in 0..self.targets.len() {
            if let Some(found) = self.holds(&self.targets[index], made, point, tail) {
                self.targets[index].found = Some(found);
            }
        }
    }

    /// Other schemes as wholes: those of this provider, and those whose signature stands in the delivery.
    fn schemes(&mut self, body: &Variant<'_>) {
        let question = self.question;
        for other in question.others.iter().filter(|other| other.is_near(question.message)) {
            self.scheme(other, body);
        }
    }

    /// What the others sign, said as what it is: that it is theirs, nothing proves.
    fn contents_of_others(&mut self, body: &Variant<'_>, keys: &[Keyed], own: &Signed) {
        let question = self.question;
        let mut seen = vec![String::new(), own.content.to_string()];
        for other in question.others.iter().filter(|other| !other.is_near(question.message)) {
            for signature in &other.scheme.signatures {
                let content = signature.content.to_string();
                if seen.contains(&content) || signature.content.has_secret() || signature.http.is_some() {
                    continue;
                }
                let is_digest = [":sha", ":md5"].iter().any(|digest| content.contains(digest));
                let signed = Signed {
                    kind: Some(if is_digest {
                        Kind::ContentDigest
                    } else {
                        Kind::ContentOtherScheme
                    }),
                    what: format!("`{content}`, and not `{}`", own.content),
                    content: signature.content.clone(),
                    known: own.known.clone(),
                };
                seen.push(content);
                let algorithm = [Algorithm::Named(self.signature.kind)];
                self.all(body, keys, std::slice::from_ref(&signed), &algorithm);
            }
        }
    }

    /// Another scheme as a whole.
    fn scheme(&mut self, other: &Other, body: &Variant<'_>) {
        let question = self.question;
        let known = Known::of(question.message, &other.scheme);
        for signature in &other.scheme.signatures {
            // Another hash alone is named as that.
            let is_hash =
                other.kind() == Kind::ContentOtherScheme && signature.kind.is_hmac() && self.signature.kind.is_hmac();
            let same = signature.content == self.signature.content
                && (signature.kind == self.signature.kind || is_hash)
                && signature.key == self.signature.key;
            let own = Known::of(question.message, question.scheme);
            let signs = |part: Part| signature.content.signs(&part);
            let same_time = own.timestamp == known.timestamp || !signs(Part::Timestamp);
            let same_id = own.id == known.id || !signs(Part::Id);
            if same && same_time && same_id {
                continue;
            }
            let signed = Signed {
                kind: Some(other.kind()),
                what: format!(
                    "`{}`, with the secret and the MAC as {} has them",
                    signature.content,
                    other.says()
                ),
                content: signature.content.clone(),
                known: known.clone(),
            };
            for key in self.keys_of(signature) {
                let point = Point {
                    key: &key,
                    body,
                    signed: &signed,
                    algorithm: Algorithm::Named(signature.kind),
                    own_algorithm: true,
                };
                self.one(&point, &mut Behind::default());
            }
        }
    }

    /// The keys that another scheme makes of the secrets.
    fn keys_of(&self, signature: &Signature) -> Vec<Keyed> {
        let own = self.question.secrets.iter().map(|secret| (secret, None));
        let others = self.question.other_secrets.iter();
        let all = own.chain(others.map(|secret| (secret, Some(Kind::SecretOther))));
        let keyed = all.filter_map(|(secret, kind)| {
            let steps = signature.steps(secret);
            let other = kind.map(|kind| Change {
                kind,
                what: format!("another secret, the one from {}", secret.source()),
                step: String::new(),
            });
            Some(Keyed {
                changes: other.into_iter().collect(),
                source: secret.source().to_string(),
                steps: steps.iter().map(ToString::to_string).collect(),
                key: secret.key(steps).ok()?,
            })
        });
        keyed.collect()
    }

    /// The tag of one point.
    fn make(&self, point: &Point<'_>, body: &[u8]) -> Option<Finished> {
        let mut running = point.algorithm.begin(&point.key.key)?;
        let facts = point.signed.known.facts();
        let fed = point.signed.content.feed(&facts, body, &mut running);
        fed.is_ok().then(|| running.finish())
    }

    /// Tries one point, and the same with a line break behind the body; says whether to go on.
    fn one(&mut self, point: &Point<'_>, behind: &mut Behind) -> bool {
        if self.done() {
            return false;
        }
        if !self.work.take(self.cost, point.body.bytes.len() + 64) {
            return false;
        }
        let mut made: Vec<(Finished, &'static str)> = Vec::new();
        tags(point, behind, &mut |tag, tail| made.push((tag, tail)));
        for (tag, tail) in &made {
            self.ruled.note(point, tail);
            self.note(tag, point, tail);
        }
        !self.done()
    }
}
