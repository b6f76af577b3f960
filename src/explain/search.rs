//! The search: one hypothesis of each table, the cheapest and likeliest first, then two of different tables.

mod finding;
mod older;
mod report;
mod target;

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::algorithm::{Algorithm, Algorithms, Finished};
use super::body::{Bodies, Variant};
use super::cause::Kind;
use super::content::{Contents, Known, Signed};
use super::secret::{Change, Keyed, Keys};
use super::{Effort, Question};
use crate::scheme::{Content, Part, Scheme, Signature};
use report::Ruled;
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
pub(super) struct Work {
    hypotheses: u64,
    bytes: u64,
    until: Instant,
    pub(super) exhausted: bool,
}

impl Work {
    /// The bytes are counted against the body: `times` of it, and never more than `most`.
    fn new(effort: Effort, body: usize) -> Self {
        let (hypotheses, times, most, seconds) = Self::limits(effort);
        let own = (body as u64).saturating_add(4096);
        let bytes = own.saturating_mul(times).min(most).max(own.saturating_mul(4));
        Self::of(hypotheses, bytes, seconds)
    }

    /// For a search that makes no other bodies, and has more contents to try.
    pub(super) fn of_contents(effort: Effort) -> Self {
        let (hypotheses, _, most, seconds) = Self::limits(effort);
        Self::of(hypotheses * 10, most, seconds)
    }

    fn of(hypotheses: u64, bytes: u64, seconds: u64) -> Self {
        Self {
            hypotheses,
            bytes,
            until: Instant::now() + Duration::from_secs(seconds),
            exhausted: false,
        }
    }

    /// How many hypotheses, how many times the body's bytes, how many bytes at most, and how many seconds.
    fn limits(effort: Effort) -> (u64, u64, u64, u64) {
        const MIB: u64 = 1024 * 1024;
        match effort {
            Effort::Low => (1_500, 800, 256 * MIB, 5),
            Effort::Normal => (60_000, 6_000, 2_048 * MIB, 30),
            Effort::High => (2_000_000, 80_000, 65_536 * MIB, 600),
        }
    }

    /// Whether `bytes` more may be worked through for `hypotheses` more.
    pub(super) fn take(&mut self, hypotheses: u64, bytes: usize) -> bool {
        let bytes = bytes as u64;
        if self.hypotheses < hypotheses || self.bytes < bytes || Instant::now() > self.until {
            self.exhausted = true;
            return false;
        }
        self.hypotheses -= hypotheses;
        self.bytes -= bytes;
        true
    }
}

/// Making a body's variant costs as much as hashing it this many times.
const MAKING: usize = 6;

/// Rare causes are tried two together on bodies up to this size, in bytes; on larger ones at high effort only.
const RARE_PAIRS: usize = 16 * 1024;

/// What may stand behind any body.
const TAILS: [&str; 3] = ["", "\n", "\r\n"];

pub(super) struct Engine<'a> {
    question: &'a Question<'a>,
    direction: Direction,
    signature: &'a Signature,
    targets: Vec<Target>,
    work: Work,
    ruled: Ruled,
    bodies: Rc<Bodies<'a>>,
    within: Option<(Kind, String)>,
    /// The signature that was expected, where another scheme is searched in.
    expected: Option<&'a Signature>,
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
        let headers = &question.message.headers;
        let present = |signature: &&Signature| signature.headers.iter().any(|name| headers.contains(name));
        let signature = signatures.iter().find(present).unwrap_or(&signatures[0]);
        let body = &question.message.body;
        Self {
            question,
            direction,
            signature,
            targets,
            work: Work::new(question.effort, body.len()),
            ruled: Ruled::default(),
            bodies: Rc::new(Bodies::new(body)),
            within: None,
            expected: None,
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
        let keys = Keys::of(question, &self.signature.key, self.direction);
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
        self.each_body(&mut |engine, body| engine.all(body, &keys.right, own, &hmac));
        self.all(&body, &keys.rare, own, &hmac);
        self.all(&body, &keys.right, own, &algorithms.rare);
        self.all(&body, &keys.right, &contents.rare, &hmac);
        // Two of different tables.
        for keys in [&keys.likely, &keys.near] {
            self.all(&body, keys, &contents.likely, &hmac);
            self.all(&body, keys, own, &algorithms.likely);
        }
        self.all(&body, &keys.right, &contents.likely, &algorithms.likely);
        self.each_body(&mut |engine, body| {
            engine.all(body, &keys.near, own, &hmac)
                && engine.all(body, &keys.likely, own, &hmac)
                && engine.all(body, &keys.right, &contents.likely, &hmac)
                && engine.all(body, &keys.right, own, &algorithms.likely)
        });
        let is_small = question.message.body.len() <= RARE_PAIRS;
        if question.effort == Effort::Low || (question.effort == Effort::Normal && !is_small) {
            return;
        }
        let few = &contents.rare[..contents.rare.len().min(400)];
        self.all(&body, &keys.rare, &contents.likely, &hmac);
        self.all(&body, &keys.rare, own, &algorithms.likely);
        self.all(&body, &keys.likely, few, &hmac);
        self.each_body(&mut |engine, body| {
            engine.all(body, &keys.rare, own, &hmac) && engine.all(body, &keys.unlikely, own, &hmac)
        });
        if question.effort != Effort::High {
            return;
        }
        self.all(&body, &keys.unlikely, &contents.likely, &hmac);
        self.all(&body, &keys.unlikely, own, &algorithms.likely);
        self.all(&body, &keys.rare, &contents.rare, &hmac);
        self.all(&body, &keys.right, &contents.likely, &algorithms.rare);
        self.each_body(&mut |engine, body| {
            engine.all(body, &keys.right, &contents.likely, &algorithms.likely)
                && engine.all(body, &keys.near, &contents.likely, &algorithms.likely)
                && engine.all(body, &keys.right, few, &hmac)
                && engine.all(body, &keys.right, own, &algorithms.rare)
        });
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
                self.one(&Point {
                    key,
                    body,
                    signed: &signed,
                    algorithm: row.algorithm(),
                    own_algorithm: true,
                });
            }
        }
    }

    /// Tries every key with every content and every algorithm over one body; says whether to go on.
    fn all(&mut self, body: &Variant<'_>, keys: &[Keyed], contents: &[Signed], algorithms: &[Algorithm]) -> bool {
        let own = Algorithm::Named(self.signature.kind);
        keys.iter().all(|key| {
            contents.iter().all(|signed| {
                algorithms.iter().all(|algorithm| {
                    self.one(&Point {
                        key,
                        body,
                        signed,
                        algorithm: *algorithm,
                        own_algorithm: *algorithm == own,
                    })
                })
            })
        })
    }

    fn done(&self) -> bool {
        self.targets.iter().all(Target::is_done)
    }

    /// Goes through the bodies as long as there is work left.
    fn each_body(&mut self, visit: &mut dyn FnMut(&mut Self, &Variant<'_>) -> bool) {
        if self.done() {
            return;
        }
        let bodies = Rc::clone(&self.bodies);
        if bodies.too_large {
            self.work.exhausted = true;
        }
        bodies.each(&mut |variant| {
            self.work.take(0, variant.bytes.len().saturating_mul(MAKING)) && visit(self, &variant) && !self.done()
        });
    }

    /// Other schemes as wholes: their content, their key, their MAC.
    fn schemes(&mut self, body: &Variant<'_>) {
        let question = self.question;
        for other in question.others {
            let known = Known::of(question.message, &other.scheme);
            for signature in &other.scheme.signatures {
                let same = signature.content == self.signature.content
                    && signature.kind == self.signature.kind
                    && signature.key == self.signature.key;
                let own = Known::of(question.message, question.scheme);
                if same && own.timestamp == known.timestamp && own.id == known.id {
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
                let own = question.secrets.iter().map(|secret| (secret, None));
                let others = question.other_secrets.iter();
                for (secret, kind) in own.chain(others.map(|secret| (secret, Some(Kind::SecretOther)))) {
                    let Ok(key) = secret.key(&signature.key) else { continue };
                    let other = kind.map(|kind| Change {
                        kind,
                        what: format!("another secret, the one from {}", secret.source()),
                        step: String::new(),
                    });
                    let key = Keyed {
                        changes: other.into_iter().collect(),
                        source: secret.source().to_string(),
                        steps: signature.key.iter().map(ToString::to_string).collect(),
                        key,
                    };
                    self.one(&Point {
                        key: &key,
                        body,
                        signed: &signed,
                        algorithm: Algorithm::Named(signature.kind),
                        own_algorithm: true,
                    });
                }
            }
        }
    }

    /// The tag of one point.
    fn make(&self, point: &Point<'_>, body: &[u8]) -> Option<Finished> {
        let mut running = point.algorithm.begin(&point.key.key)?;
        let facts = point.signed.known.facts();
        let fed = point
            .signed
            .content
            .feed(&facts, body, &mut |bytes| running.update(bytes));
        fed.is_ok().then(|| running.finish())
    }

    /// Tries one point, and the same with a line break behind the body; says whether to go on.
    fn one(&mut self, point: &Point<'_>) -> bool {
        if self.done() {
            return false;
        }
        if !self.work.take(1, point.body.bytes.len() + 64) {
            return false;
        }
        self.ruled.note(point);
        let content = &point.signed.content;
        let facts = point.signed.known.facts();
        let begin = || point.algorithm.begin(&point.key.key);
        let Some(mut running) = begin() else { return true };
        if content
            .feed(&facts, &point.body.bytes, &mut |bytes| running.update(bytes))
            .is_err()
        {
            return true;
        }
        let at_end = content.parts().last() == Some(&Part::Body);
        let own = point.body.kind.is_none();
        // A line break behind nothing would be a separator as well; one that is not the last to be hashed costs as much
        // as the rest, and is worth it where little else is changed.
        let tails = if at_end {
            own || !point.body.bytes.is_empty()
        } else {
            own && point.key.changes.is_empty() && point.own_algorithm
        };
        for tail in if tails { &TAILS } else { &TAILS[..1] } {
            let mut running = running.clone();
            if at_end {
                running.update(tail.as_bytes());
            } else if !tail.is_empty() {
                let body = [&point.body.bytes, tail.as_bytes()].concat();
                let Some(begun) = begin() else { continue };
                running = begun;
                if !self.work.take(1, body.len() + 64)
                    || content.feed(&facts, &body, &mut |bytes| running.update(bytes)).is_err()
                {
                    return false;
                }
            }
            if !tail.is_empty() {
                self.ruled.note_kind(Kind::BodyNewline);
            }
            let made = running.finish();
            for index in 0..self.targets.len() {
                let target = &self.targets[index];
                if target.is_done() {
                    continue;
                }
                let found = match target.fit(&made) {
                    Some(fit) => self.found(point, tail, &target.readings.all[fit.reading], fit),
                    None if target.is_lossy(&made) => self.lossy(point, tail),
                    None => continue,
                };
                self.targets[index].found = Some(found);
            }
        }
        !self.done()
    }
}
