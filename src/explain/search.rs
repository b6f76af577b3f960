//! The search: one hypothesis of each table, the cheapest and likeliest first, then two of different tables.

mod finding;
mod report;

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::algorithm::{Algorithm, Finished};
use super::body::{Source, Variant};
use super::cause::Kind;
use super::content::{self, Known, Signed};
use super::reading::{Reading, SHORTEST};
use super::secret::{Keyed, Keys};
use super::{Effort, Question};
use crate::scheme::{Part, Signature, feed};
use finding::Found;
use report::Ruled;

/// Which way is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From what arrived to what was signed.
    Reverse,
    /// From what was signed to what a handler hashed.
    Forward,
}

/// A signature to be explained.
pub(super) struct Target {
    readings: Vec<Reading>,
    found: Option<Found>,
}

impl Target {
    pub(super) fn new(readings: Vec<Reading>) -> Self {
        Self { readings, found: None }
    }

    /// The reading that `made` is, whole or cut at its end.
    fn reading(&self, made: &Finished) -> Option<usize> {
        self.readings
            .iter()
            .position(|reading| reading.tag.len() >= SHORTEST && made.begins_with(&reading.tag))
    }
}

/// How much may be done.
pub(crate) struct Work {
    hypotheses: u64,
    bytes: u64,
    until: Instant,
    pub(crate) exhausted: bool,
}

impl Work {
    fn new(effort: Effort) -> Self {
        let (hypotheses, most, seconds) = Self::limits(effort);
        Self::of(hypotheses, most, seconds)
    }

    /// For a search that makes no other bodies, and has more contents to try.
    pub(crate) fn of_contents(effort: Effort) -> Self {
        let (hypotheses, most, seconds) = Self::limits_of_contents(effort);
        Self::of(hypotheses, most, seconds)
    }

    fn of(hypotheses: u64, bytes: u64, seconds: u64) -> Self {
        Self {
            hypotheses,
            bytes,
            until: Instant::now() + Duration::from_secs(seconds),
            exhausted: false,
        }
    }

    /// How many hypotheses, how many bytes, and how many seconds.
    fn limits(effort: Effort) -> (u64, u64, u64) {
        match effort {
            Effort::Low => (4_000, 512 * MIB, 5),
            Effort::Normal => (400_000, 12_288 * MIB, 30),
            Effort::High => (8_000_000, 131_072 * MIB, 600),
        }
    }

    fn limits_of_contents(effort: Effort) -> (u64, u64, u64) {
        match effort {
            Effort::Low => (4_000, 256 * MIB, 5),
            Effort::Normal => (60_000, 2_048 * MIB, 30),
            Effort::High => (2_000_000, 65_536 * MIB, 600),
        }
    }

    /// Whether `bytes` more may be worked through for `hypotheses` more.
    pub(crate) fn take(&mut self, hypotheses: u64, bytes: usize) -> bool {
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

const MIB: u64 = 1024 * 1024;

/// Bodies up to this size are tried with everything else at once, where both are likely; in bytes.
const ALL_PAIRS: usize = 64 * 1024;
/// And those that are not likely with what is likely.
const FAR_PAIRS: usize = 16 * 1024;
/// And changes at one place with another key.
const PLACE_PAIRS: usize = 4 * 1024;
/// So many other bodies of larger ones are tried with as many of each other table.
const LARGE_BODIES: usize = 48;
const LARGE_OTHERS: usize = 8;
/// So many contents are tried together with another body.
const PAIRED_CONTENTS: usize = 80;

/// The contents that are tried with another key: all over a small body.
fn paired<'c>(contents: &'c [Signed], question: &Question<'_>) -> &'c [Signed] {
    let most = if question.message.body.len() > FAR_PAIRS {
        PAIRED_CONTENTS
    } else {
        contents.len()
    };
    &contents[..contents.len().min(most)]
}

/// What may stand behind any body.
const TAILS: [&str; 3] = ["", "\n", "\r\n"];

pub(super) struct Engine<'a> {
    question: &'a Question<'a>,
    direction: Direction,
    signature: &'a Signature,
    targets: Vec<Target>,
    work: Work,
    ruled: Ruled,
    source: Rc<Source<'a>>,
    hasher: RandomState,
    within: Option<(Kind, String)>,
}

/// Which bodies are gone through.
#[derive(Clone, Copy)]
enum Reach {
    /// Each by itself.
    Single,
    /// Those that are likely.
    Likely,
    /// The first of those.
    Likeliest,
    /// The rest.
    Unlikely,
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
            work: Work::new(question.effort),
            ruled: Ruled::default(),
            source: Rc::new(Source::new(&body[..])),
            hasher: RandomState::new(),
            within: None,
        }
    }

    /// What every cause begins with: the scheme that is searched in is not the one that was expected.
    pub(super) fn within(mut self, kind: Kind, detail: String) -> Self {
        self.within = Some((kind, detail));
        self
    }

    pub(super) fn run(&mut self) {
        let question = self.question;
        let keys = Keys::of(question, &self.signature.key);
        let signed = content::variants(question.message, question.scheme, self.signature);
        let (own, contents) = signed.split_at(1);
        let readings = self.targets.iter().flat_map(|target| &target.readings);
        let lengths: Vec<usize> = readings.map(|reading| reading.tag.len()).collect();
        let hmac = [Algorithm::Named(self.signature.kind)];
        let algorithms = Algorithm::others(self.signature.kind, &lengths);
        let cut = Algorithm::longer(self.signature.kind, &lengths);
        self.ruled = Ruled {
            secrets: keys.near.len() + keys.likely.len() + keys.unlikely.len(),
            bodies: 0,
            places: 0,
            contents: contents.len(),
            algorithms: algorithms.len() + cut.len(),
            schemes: question.others.len(),
        };
        let body = Variant::own(&question.message.body);
        // One at a time: as it should be, then each table.
        self.all(&body, &keys.right, own, &hmac);
        self.all(&body, &keys.near, own, &hmac);
        self.all(&body, &keys.likely, own, &hmac);
        self.all(&body, &keys.right, contents, &hmac);
        self.all(&body, &keys.right, own, &algorithms);
        self.all(&body, &keys.right, own, &cut);
        if keys.right.is_empty() {
            // Without a usable secret there is still what needs none.
            let keyless = algorithms.iter().copied().filter(|algorithm| algorithm.is_keyless());
            let keyless: Vec<Algorithm> = keyless.collect();
            self.all(&body, &keys.likely[..1], own, &keyless);
        }
        self.all(&body, &keys.unlikely, own, &hmac);
        self.schemes(&body);
        self.each_body(Reach::Single, &mut |engine, body| {
            engine.ruled.bodies += 1;
            engine.all(body, &keys.right, own, &hmac)
        });
        if question.effort != Effort::Low {
            self.splices(&keys.right, &own[0]);
        }
        // Two of different tables.
        for keys in [&keys.likely, &keys.near] {
            self.all(&body, keys, paired(contents, question), &hmac);
            self.all(&body, keys, own, &algorithms);
        }
        self.all(&body, &keys.right, contents, &algorithms);
        let contents = &contents[..contents.len().min(PAIRED_CONTENTS)];
        let few = |keys: usize| keys.min(LARGE_OTHERS);
        if question.message.body.len() > ALL_PAIRS && question.effort != Effort::High {
            self.each_body(Reach::Likeliest, &mut |engine, body| {
                engine.all(body, &keys.near[..few(keys.near.len())], own, &hmac)
                    && engine.all(body, &keys.likely[..few(keys.likely.len())], own, &hmac)
                    && engine.all(body, &keys.right, &contents[..few(contents.len())], &hmac)
            });
            return;
        }
        self.each_body(Reach::Likely, &mut |engine, body| {
            engine.all(body, &keys.near, own, &hmac)
                && engine.all(body, &keys.likely, own, &hmac)
                && engine.all(body, &keys.right, contents, &hmac)
                && engine.all(body, &keys.right, own, &algorithms)
        });
        if question.effort == Effort::Low {
            return;
        }
        if question.message.body.len() <= PLACE_PAIRS {
            self.splices(&keys.near, &own[0]);
            self.splices(&keys.likely, &own[0]);
        }
        if question.message.body.len() <= FAR_PAIRS {
            self.each_body(Reach::Unlikely, &mut |engine, body| {
                engine.all(body, &keys.near, own, &hmac)
                    && engine.all(body, &keys.likely, own, &hmac)
                    && engine.all(body, &keys.right, contents, &hmac)
            });
        }
        if question.effort != Effort::High {
            return;
        }
        self.all(&body, &keys.unlikely, contents, &hmac);
        self.all(&body, &keys.unlikely, own, &algorithms);
        self.each_body(Reach::Likely, &mut |engine, body| {
            engine.all(body, &keys.unlikely, own, &hmac)
                && engine.all(body, &keys.right, contents, &algorithms)
                && engine.all(body, &keys.near, contents, &algorithms)
        });
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
        let done = |target: &Target| target.found.is_some() || target.readings.is_empty();
        self.targets.iter().all(done)
    }

    /// Goes through the bodies as long as there is work left, each one once.
    fn each_body(&mut self, reach: Reach, visit: &mut dyn FnMut(&mut Self, &Variant<'_>) -> bool) {
        if self.done() {
            return;
        }
        let source = Rc::clone(&self.source);
        if source.too_large {
            self.work.exhausted = true;
        }
        let only_likely = self.question.effort == Effort::Low;
        let mut seen = HashSet::from([self.hasher.hash_one(source.body())]);
        source.each(&mut |likely, steps, make| {
            let wanted = match reach {
                Reach::Single => likely || !only_likely,
                Reach::Likely => likely,
                Reach::Likeliest if seen.len() > LARGE_BODIES => return false,
                Reach::Likeliest => likely,
                Reach::Unlikely => !likely,
            };
            if !wanted {
                return true;
            }
            let Some(bytes) = make() else { return true };
            if !self.work.take(0, bytes.len()) {
                return false;
            }
            if !seen.insert(self.hasher.hash_one(&bytes)) {
                return true;
            }
            // What was done is told only where it is what was looked for.
            let mut variant = Variant {
                steps: Vec::new(),
                bytes: bytes.into(),
            };
            variant.steps = steps();
            visit(self, &variant) && !self.done()
        });
    }

    /// Tries each change at one place, with the state of the MAC before it.
    fn splices(&mut self, keys: &[Keyed], own: &Signed) {
        if self.done() {
            return;
        }
        let Some((before, after)) = own.content.around_body() else {
            return;
        };
        let source = Rc::clone(&self.source);
        let facts = own.known.facts();
        let algorithm = Algorithm::Named(self.signature.kind);
        for (index, key) in keys.iter().enumerate() {
            let first = index == 0 && key.kinds.is_empty();
            let start = || {
                let mut state = algorithm.begin(&key.key)?;
                feed(before, &facts, &[], &mut |bytes| state.update(bytes)).ok()?;
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
                self.ruled.places += usize::from(first);
                state.update(&body[at..splice.at]);
                at = splice.at;
                let mut running = state.clone();
                running.update(&splice.insert);
                running.update(rest);
                if feed(after, &facts, &[], &mut |bytes| running.update(bytes)).is_err() {
                    return false;
                }
                let variant = || Variant {
                    steps: vec![step()],
                    bytes: splice.apply(body).into(),
                };
                self.made(&running.finish(), &mut |engine, reading| {
                    let point = Point {
                        key,
                        body: &variant(),
                        signed: own,
                        algorithm,
                        own_algorithm: true,
                    };
                    engine.found(&point, "", reading)
                });
                !self.done()
            });
        }
    }

    /// Notes what `made` is the tag of.
    fn made(&mut self, made: &Finished, found: &mut dyn FnMut(&Self, &Reading) -> Found) {
        for index in 0..self.targets.len() {
            let target = &self.targets[index];
            if target.found.is_none()
                && let Some(reading) = target.reading(made)
            {
                let found = found(self, &target.readings[reading]);
                self.targets[index].found = Some(found);
            }
        }
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
                    let key = Keyed {
                        kinds: kind.into_iter().collect(),
                        source: secret.source().to_string(),
                        steps: signature.key.iter().map(ToString::to_string).collect(),
                        what: String::new(),
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

    /// Tries one point, and the same with a line break behind the body; says whether to go on.
    fn one(&mut self, point: &Point<'_>) -> bool {
        if self.done() {
            return false;
        }
        if !self.work.take(1, point.body.bytes.len() + 64) {
            return false;
        }
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
        let own = point.body.steps.is_empty();
        // A line break behind nothing would be a separator as well; one that is not the last to be hashed costs as much
        // as the rest, and is worth it where little else is changed.
        let tails = if at_end {
            own || !point.body.bytes.is_empty()
        } else {
            own && point.key.kinds.is_empty() && point.own_algorithm
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
            self.made(&running.finish(), &mut |engine, reading| {
                engine.found(point, tail, reading)
            });
        }
        !self.done()
    }
}
