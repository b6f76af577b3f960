//! The search: one hypothesis of each table, the cheapest and likeliest first, then two of different tables.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq as _;

use super::algorithm::Algorithm;
use super::body::{self, Bodies, Variant};
use super::cause::{Basis, Cause, Explanation, Kind, Proof, Recipe, Search};
use super::content::{self, Known, Signed};
use super::reading::{Reading, SHORTEST};
use super::secret::{self, Keyed, Seen};
use super::{Effort, Question, Relation, excerpt, remedy};
use crate::json::Style;
use crate::scheme::{Content, Part, Signature};

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

    /// The reading that `tag` is, whole or cut at its end.
    fn reading(&self, tag: &[u8]) -> Option<usize> {
        self.readings.iter().position(|reading| {
            let own = &reading.tag;
            (SHORTEST..=tag.len()).contains(&own.len()) && bool::from(tag[..own.len()].ct_eq(own))
        })
    }
}

/// What gives a target's tag.
struct Found {
    causes: Vec<(Kind, String)>,
    body: Option<(Vec<u8>, Option<&'static Style>)>,
    recipe: Recipe,
}

/// How much may be done.
struct Work {
    hypotheses: u64,
    bytes: u64,
    until: Instant,
    exhausted: bool,
}

impl Work {
    /// The bytes are counted against the body: `times` of it, and never more than `most`.
    fn new(effort: Effort, body: usize) -> Self {
        const MIB: u64 = 1024 * 1024;
        let (hypotheses, times, most, seconds) = match effort {
            Effort::Low => (400, 200, 256 * MIB, 5),
            Effort::Normal => (6_000, 700, 2_048 * MIB, 30),
            Effort::High => (200_000, 40_000, 65_536 * MIB, 600),
        };
        let own = (body as u64).saturating_add(4096);
        Self {
            hypotheses,
            bytes: own.saturating_mul(times).min(most).max(own.saturating_mul(4)),
            until: Instant::now() + Duration::from_secs(seconds),
            exhausted: false,
        }
    }

    /// Whether `bytes` more may be worked through for `hypotheses` more.
    fn take(&mut self, hypotheses: u64, bytes: usize) -> bool {
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

/// What was counted, for what is said to be ruled out.
#[derive(Default)]
struct Ruled {
    secrets: usize,
    bodies: usize,
    contents: usize,
    algorithms: usize,
    schemes: usize,
}

pub(super) struct Engine<'a> {
    question: &'a Question<'a>,
    direction: Direction,
    signature: &'a Signature,
    targets: Vec<Target>,
    work: Work,
    ruled: Ruled,
    bodies: Rc<Bodies<'a>>,
}

/// One point of the search.
struct Point<'p> {
    key: &'p Keyed,
    body: &'p Variant<'p>,
    /// Whether `body` is the delivery's own.
    own_body: bool,
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
        }
    }

    pub(super) fn run(&mut self) {
        let question = self.question;
        let mut seen = Seen::default();
        let steps = &self.signature.key;
        let mut secrets: Vec<Vec<Keyed>> = Vec::new();
        for secret in question.secrets {
            secrets.push(secret::keys(secret, steps, false, &mut seen));
        }
        let mut others: Vec<Keyed> = Vec::new();
        for secret in question.other_secrets {
            others.extend(secret::keys(secret, steps, true, &mut seen));
        }
        let anybodys = secret::anybodys(steps, &mut seen);
        let bases: Vec<&Keyed> = secrets.iter().flatten().filter(|key| key.kinds.is_empty()).collect();
        let changed: Vec<&Keyed> = secrets.iter().flatten().filter(|key| !key.kinds.is_empty()).collect();
        let (near, far): (Vec<&Keyed>, Vec<&Keyed>) = others.iter().partition(|key| key.kinds.len() == 1);
        let signed = content::variants(question.message, question.scheme, self.signature);
        let (own, contents) = signed.split_at(1);
        let own = &own[0];
        let lengths: Vec<usize> = self
            .targets
            .iter()
            .flat_map(|target| &target.readings)
            .map(|reading| reading.tag.len())
            .collect();
        let algorithm = Algorithm::hmac(self.signature.kind);
        let algorithms = Algorithm::others(self.signature.kind, &lengths);
        self.ruled = Ruled {
            secrets: changed.len() + others.len() + anybodys.len(),
            bodies: 0,
            contents: contents.len(),
            algorithms: algorithms.len(),
            schemes: question.others.len(),
        };
        let body = Variant {
            kind: Kind::BodyEmpty,
            step: String::new(),
            what: String::new(),
            bytes: Cow::Borrowed(&question.message.body),
            style: None,
        };
        let point = |key, signed| Point {
            key,
            body: &body,
            own_body: true,
            signed,
            algorithm,
            own_algorithm: true,
        };
        // One at a time: as it should be, then each table.
        for key in &bases {
            self.one(&point(key, own));
        }
        for key in near.iter().chain(&changed) {
            self.one(&point(key, own));
        }
        for key in &bases {
            for signed in contents {
                self.one(&point(key, signed));
            }
            for algorithm in &algorithms {
                self.one(&Point {
                    algorithm: *algorithm,
                    own_algorithm: false,
                    ..point(key, own)
                });
            }
        }
        if bases.is_empty() {
            // Without a usable secret there is still what needs none.
            let nobody = anybodys.first();
            for algorithm in algorithms
                .iter()
                .filter(|algorithm| algorithm.name().ends_with("(content)"))
            {
                if let Some(key) = nobody {
                    self.one(&Point {
                        algorithm: *algorithm,
                        own_algorithm: false,
                        ..point(key, own)
                    });
                }
            }
        }
        for key in anybodys.iter().chain(far.iter().copied()) {
            self.one(&point(key, own));
        }
        self.schemes(&body);
        let known: Vec<&Keyed> = bases.iter().chain(&near).copied().collect();
        self.each_body(&mut |engine, variant| {
            engine.ruled.bodies += 1;
            bases.iter().all(|key| {
                engine.one(&Point {
                    body: variant,
                    own_body: false,
                    ..point(key, own)
                })
            })
        });
        if self.done() {
            return;
        }
        // Two of different tables.
        for key in changed.iter().chain(&near) {
            for signed in contents {
                self.one(&point(key, signed));
            }
            for algorithm in &algorithms {
                self.one(&Point {
                    algorithm: *algorithm,
                    own_algorithm: false,
                    ..point(key, own)
                });
            }
        }
        for key in &bases {
            for signed in contents {
                for algorithm in &algorithms {
                    self.one(&Point {
                        algorithm: *algorithm,
                        own_algorithm: false,
                        ..point(key, signed)
                    });
                }
            }
        }
        let likely: Vec<&Keyed> = near.iter().chain(&changed).copied().collect();
        self.each_body(&mut |engine, variant| {
            let at = |key, signed| Point {
                body: variant,
                own_body: false,
                ..point(key, signed)
            };
            likely.iter().all(|key| engine.one(&at(key, own)))
                && bases.iter().all(|key| {
                    contents.iter().all(|signed| engine.one(&at(key, signed)))
                        && algorithms.iter().all(|algorithm| {
                            engine.one(&Point {
                                algorithm: *algorithm,
                                own_algorithm: false,
                                ..at(key, own)
                            })
                        })
                })
        });
        if self.done() || self.question.effort != Effort::High {
            return;
        }
        self.each_body(&mut |engine, variant| {
            let at = |key, signed| Point {
                body: variant,
                own_body: false,
                ..point(key, signed)
            };
            anybodys
                .iter()
                .chain(far.iter().copied())
                .all(|key| engine.one(&at(key, own)))
                && known.iter().all(|key| {
                    algorithms.iter().all(|algorithm| {
                        contents.iter().all(|signed| {
                            engine.one(&Point {
                                algorithm: *algorithm,
                                own_algorithm: false,
                                ..at(key, signed)
                            })
                        })
                    })
                })
        });
    }

    fn done(&self) -> bool {
        self.targets.iter().all(|target| target.found.is_some())
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
                let (kind, what) = match other.relation {
                    Relation::Dialect => (Kind::SignatureDialect, "the dialect"),
                    Relation::Provider => (Kind::ContentOtherScheme, "the provider"),
                };
                let signed = Signed {
                    kind: Some(kind),
                    what: format!(
                        "`{}`, with the secret and the MAC as {what} {} has them",
                        signature.content, other.name
                    ),
                    content: signature.content.clone(),
                    known: known.clone(),
                };
                for secret in question.secrets.iter().chain(question.other_secrets) {
                    let Ok(key) = secret.key(&signature.key) else { continue };
                    let key = Keyed {
                        kinds: Vec::new(),
                        source: secret.source().to_string(),
                        steps: signature.key.iter().map(ToString::to_string).collect(),
                        what: String::new(),
                        key,
                    };
                    self.one(&Point {
                        key: &key,
                        body,
                        own_body: true,
                        signed: &signed,
                        algorithm: Algorithm::hmac(signature.kind),
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
        let mut running = point.algorithm.begin(&point.key.key);
        let facts = point.signed.known.facts();
        let fed = point
            .signed
            .content
            .feed(&facts, &point.body.bytes, &mut |bytes| running.update(bytes));
        if fed.is_err() {
            return true;
        }
        let at_end = point.signed.content.parts().last() == Some(&Part::Body);
        let tails: &[&str] = if at_end { &["", "\n", "\r\n"] } else { &[""] };
        for tail in tails {
            let mut running = running.clone();
            running.update(tail.as_bytes());
            let tag = running.finish();
            for index in 0..self.targets.len() {
                let target = &self.targets[index];
                if target.found.is_none()
                    && let Some(reading) = target.reading(&tag)
                {
                    let found = self.found(point, tail, &tag, &target.readings[reading]);
                    self.targets[index].found = Some(found);
                }
            }
        }
        !self.done()
    }

    fn found(&self, point: &Point<'_>, tail: &str, tag: &[u8], reading: &Reading) -> Found {
        let reverse = self.direction == Direction::Reverse;
        let mut causes: Vec<(Kind, String)> = Vec::new();
        for kind in &point.key.kinds {
            let used = if reverse {
                "it was signed with"
            } else {
                "the handler used"
            };
            let detail = match kind {
                Kind::SecretOther => format!("{used} another secret, the one from {}", point.key.source),
                _ => format!("{used} {}", point.key.what),
            };
            causes.push((*kind, detail));
        }
        let hashed = if reverse {
            "it was signed over"
        } else {
            "the handler hashed"
        };
        let mut steps = Vec::new();
        let mut body = None;
        if !point.own_body {
            let what = match point.body.style {
                Some(_) => {
                    let class = body::class(&self.bodies.writers(&point.body.bytes));
                    if reverse {
                        format!("{class}; what arrived was written again on its way")
                    } else {
                        format!("the JSON written again after parsing: {class}")
                    }
                }
                None => point.body.what.clone(),
            };
            causes.push((point.body.kind, format!("{hashed} {what}")));
            steps.push(point.body.step.clone());
        }
        if !tail.is_empty() {
            let what = "the body with a line break at its end";
            causes.push((Kind::BodyNewline, format!("{hashed} {what}")));
            steps.push(format!("append:{}", tail.escape_default()));
        }
        if !steps.is_empty() {
            body = Some(([&point.body.bytes, tail.as_bytes()].concat(), point.body.style));
        }
        if let Some(kind) = point.signed.kind {
            let lead = if reverse {
                "what was signed is"
            } else {
                "the handler hashed"
            };
            causes.push((kind, format!("{lead} {}", point.signed.what)));
        }
        if !point.own_algorithm {
            let lead = if reverse {
                "it was signed with"
            } else {
                "the handler computed"
            };
            causes.push((point.algorithm.kind(), format!("{lead} {}", point.algorithm.says())));
        }
        // Another scheme as a whole has its own form of header: that is no second cause.
        let whole = |kind| matches!(kind, Kind::SignatureDialect | Kind::ContentOtherScheme);
        let explained = point.signed.kind.is_some_and(whole);
        for (kind, detail) in &reading.flaws {
            if !(explained && (whole(*kind) || *kind == Kind::SignaturePrefix)) {
                causes.push((*kind, detail.clone()));
            }
        }
        if reading.tag.len() < tag.len() {
            let detail = format!(
                "only the first {} of the MAC's {} bytes are there",
                reading.tag.len(),
                tag.len()
            );
            causes.push((Kind::SignatureTruncated, detail));
        }
        if causes.is_empty() {
            causes.extend(reading.otherwise.clone());
        }
        let signs = |content: &Content, part| content.signs(&part);
        Found {
            causes,
            body,
            recipe: Recipe {
                secret: point.key.source.clone(),
                key: point.key.steps.clone(),
                body: steps,
                content: point.signed.content.to_string(),
                timestamp: point
                    .signed
                    .known
                    .timestamp
                    .clone()
                    .filter(|_| signs(&point.signed.content, Part::Timestamp)),
                url: point
                    .signed
                    .known
                    .url
                    .clone()
                    .filter(|_| signs(&point.signed.content, Part::Url)),
                mac: point.algorithm.name(),
                encoding: reading.encoding.to_owned(),
            },
        }
    }

    /// What came of each target.
    pub(super) fn explanations(&self) -> Vec<Explanation> {
        self.targets
            .iter()
            .map(|target| match &target.found {
                Some(found) => self.explain(found),
                None => Explanation::of(self.unknown(target)),
            })
            .collect()
    }

    fn explain(&self, found: &Found) -> Explanation {
        let causes = found.causes.iter().map(|(kind, detail)| {
            let mut cause = Cause {
                detail: detail.clone(),
                remedy: remedy::lines(*kind, self.question.framework),
                proof: Some(Proof {
                    by: Basis::Mac,
                    recipe: Some(found.recipe.clone()),
                }),
                ..Cause::new(*kind, Basis::Mac)
            };
            if let (Some((bytes, style)), true) = (&found.body, kind.is_body()) {
                cause.difference = excerpt::difference(&self.question.message.body, bytes);
                if style.is_some() && *kind == Kind::BodyReserialised {
                    let written = match found.recipe.body.len() {
                        1 => &bytes[..],
                        _ => bytes
                            .strip_suffix(b"\r\n")
                            .or(bytes.strip_suffix(b"\n"))
                            .unwrap_or(bytes),
                    };
                    let writers = self.bodies.writers(written);
                    cause.style = Some(body::class(&writers));
                    cause.writers = writers.iter().map(|style| style.name).collect();
                }
            }
            cause
        });
        Explanation {
            causes: causes.collect(),
        }
    }

    fn unknown(&self, target: &Target) -> Cause {
        let ruled = &self.ruled;
        let incomplete = self.work.exhausted;
        let detail = if target.readings.is_empty() {
            "the signature is no text that holds at least 128 bits in hex or base64".to_owned()
        } else if incomplete {
            "nothing that was tried gives this signature, and not everything could be tried".to_owned()
        } else {
            "nothing that is known to go wrong gives this signature".to_owned()
        };
        let counted = [
            (
                ruled.secrets,
                "other writings of the secrets at hand, placeholders, an empty one",
            ),
            (ruled.bodies, "other writings of the body"),
            (ruled.contents, "other signed contents"),
            (ruled.algorithms, "other hash functions"),
            (ruled.schemes, "other schemes"),
        ];
        let ruled_out = counted
            .iter()
            .filter(|(count, _)| *count > 0 && !target.readings.is_empty())
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        Cause {
            detail,
            remedy: remedy::lines(Kind::Unknown, None),
            proof: None,
            search: Some(if incomplete {
                Search::Incomplete
            } else {
                Search::Complete
            }),
            ruled_out,
            ..Cause::new(Kind::Unknown, Basis::Mac)
        }
    }
}

impl Kind {
    fn is_body(self) -> bool {
        matches!(
            self,
            Self::BodyReserialised
                | Self::BodyNewline
                | Self::BodyLineEndings
                | Self::BodyWhitespace
                | Self::BodyBom
                | Self::BodyCharset
                | Self::BodyUnicodeNormalised
                | Self::BodyCompression
                | Self::BodyDoubleEncoded
                | Self::BodyHtmlEscaped
                | Self::BodyEmpty
                | Self::BodyForm
        )
    }
}
