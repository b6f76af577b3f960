//! Why a signature does not match, searched in both directions.
//!
//! Reverse, [`received`]: this delivery does not verify; what happened between its signer and these bytes?
//! Forward, [`computed`]: this delivery is right, and a handler computed another signature; what did it do?
//!
//! Four tables of hypotheses (the secret, the body, the signed content, the algorithm) are tried one at a time, then
//! two of different tables together. A cause is named only where a MAC of at least 128 bits proves it.

mod algorithm;
mod body;
pub(crate) mod cause;
pub(crate) mod content;
mod excerpt;
mod reading;
mod remedy;
pub(crate) mod search;
pub(crate) mod secret;

use std::time::Duration;

use crate::clock::{self, Unit, Within};
use crate::message::Message;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::verify::{Options, Reason, SignatureState, Verdict};

pub use cause::{Basis, Cause, Difference, Explanation, Kind, Proof, Recipe, Search};
use content::Known;
pub use remedy::Framework;
use search::{Direction, Engine, Target};

/// How much work the search may do. It is counted in hypotheses and in bytes, so that the answer does not depend on
/// the machine's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// Single causes, and few pairs.
    Low,
    /// Pairs of the likely ones.
    #[default]
    Normal,
    /// Everything there is.
    High,
}

/// How another scheme is related to the one that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relation {
    /// Another dialect of the same provider.
    Dialect,
    /// Another provider.
    Provider,
}

/// Another scheme that may have been used.
#[derive(Debug, Clone)]
pub struct Other {
    /// The dialect's or the provider's name.
    pub name: String,
    /// Which of the two that is.
    pub relation: Relation,
    /// How it signs.
    pub scheme: Scheme,
}

impl Other {
    /// The cause that it is.
    fn kind(&self) -> Kind {
        match self.relation {
            Relation::Dialect => Kind::SignatureDialect,
            Relation::Provider => Kind::ContentOtherScheme,
        }
    }

    /// What it is, in words.
    fn says(&self) -> String {
        match self.relation {
            Relation::Dialect => format!("the dialect {}", self.name),
            Relation::Provider => format!("the provider {}", self.name),
        }
    }
}

/// In so many schemes is searched that have a signature in the message where the expected one has none.
const MOST_OTHERS: usize = 4;

/// What is asked about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Question<'a> {
    /// How the delivery should be signed.
    pub scheme: &'a Scheme,
    /// The secrets it was verified with.
    pub secrets: &'a [Secret],
    /// Other secrets at hand.
    pub other_secrets: &'a [Secret],
    /// Other schemes to try.
    pub others: &'a [Other],
    /// The delivery.
    pub message: &'a Message,
    /// How much is tried.
    pub effort: Effort,
    /// What the handler is written with, where that is known.
    pub framework: Option<Framework>,
}

impl<'a> Question<'a> {
    /// Asks about `message` with these secrets and this scheme alone, with [`Effort::Normal`].
    pub fn new(scheme: &'a Scheme, secrets: &'a [Secret], message: &'a Message) -> Self {
        Self {
            scheme,
            secrets,
            other_secrets: &[],
            others: &[],
            message,
            effort: Effort::default(),
            framework: None,
        }
    }
}

/// Why `verdict` is not what it should be: what was done to the message since it was signed, or how else it was
/// signed. `options` are those of the verdict. A valid message has no cause.
pub fn received(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Explanation {
    match verdict.reason {
        Reason::Valid | Reason::Unrecognised => return Explanation::default(),
        Reason::Stale | Reason::Future => {
            return Explanation {
                causes: time(question, options).into_iter().collect(),
            };
        }
        _ => {}
    }
    let mut explanation = changed(question, verdict);
    let by_mac = |cause: &Cause| cause.proof.as_ref().is_some_and(|proof| proof.by == Basis::Mac);
    if explanation.causes.iter().any(by_mac) {
        explanation.causes.extend(time(question, options));
    }
    explanation
}

/// What was done to a message whose signature is not right.
pub(crate) fn changed(question: &Question<'_>, verdict: &Verdict) -> Explanation {
    let mut targets = reading::of_message(question);
    if targets.is_empty() {
        match (verdict.signature, other_dialect_unsigned(question)) {
            (SignatureState::Absent, None) => return Explanation::of(unsigned(question)),
            (_, Some(cause)) => return Explanation::of(cause),
            // What stands there is too short to be told from chance.
            (_, None) => targets.push(Target::new(Vec::new())),
        }
    }
    let mut engine = Engine::new(question, Direction::Reverse, targets);
    engine.run();
    let mut explanation = engine.explanations().into_iter().next().unwrap_or_default();
    if explanation.is_unknown() {
        let mut others = written_as(question).take(MOST_OTHERS).map(|other| {
            let within = Question {
                scheme: &other.scheme,
                others: &[],
                ..*question
            };
            let detail = format!("the signature stands as {} writes it", other.says());
            let targets = reading::of_message(&within);
            let mut engine = Engine::new(&within, Direction::Reverse, targets).within(other.kind(), detail);
            engine.run();
            engine.explanations().into_iter().next().unwrap_or_default()
        });
        if let Some(found) = others.find(|found| !found.is_unknown()) {
            return found;
        }
    }
    if verdict.reason != Reason::Mismatch {
        // A header that is missing or a secret that is not there is reason enough.
        explanation.causes.retain(|cause| cause.kind != Kind::Unknown);
    }
    explanation
}

/// The other schemes whose signature stands in the message, where the expected one does not.
fn written_as<'a>(question: &Question<'a>) -> impl Iterator<Item = &'a Other> {
    let headers = &question.message.headers;
    let stands = |scheme: &Scheme| {
        scheme.signatures.iter().any(|signature| {
            let mut values = signature.headers.iter().flat_map(|name| headers.get_all(name));
            values.any(|value| signature.grammar.parse(value).is_ok())
        })
    };
    let expected = stands(question.scheme);
    question
        .others
        .iter()
        .filter(move |other| !expected && stands(&other.scheme))
}

/// What a handler did that computed each of `signatures` from the question's message; in their order.
///
/// ```
/// use ckwh::explain::{self, Kind, Question};
/// use ckwh::message::Message;
/// use ckwh::provider::{Places, Registry};
/// use ckwh::secret::{Secret, Source};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The tests of octokit/webhooks-methods.js have one JSON in two writings, with the signature of each:
/// // test/verify.test.ts indented, test/sign.test.ts compact. The first was delivered.
/// let provider = Registry::new(&Places::default()).provider("github", None)?;
/// let secrets = [Secret::new(b"mysecret".to_vec(), Source::Flag)?];
/// let mut message = Message::new("{\n  \"foo\": \"bar\"\n}\n");
/// message.headers.set(
///     "X-Hub-Signature-256",
///     "sha256=e3eccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f",
/// );
/// let computed = ["4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3".to_owned()];
///
/// let question = Question::new(&provider.scheme, &secrets, &message);
/// let explanations = explain::computed(&question, &computed);
/// let cause = &explanations[0].causes[0];
/// assert_eq!(cause.kind, Kind::BodyReserialised);
/// assert!(cause.writers.contains(&"javascript"));
/// # Ok(())
/// # }
/// ```
pub fn computed(question: &Question<'_>, signatures: &[String]) -> Vec<Explanation> {
    let target = |text: &String| Target::new(reading::of_text(text, question.scheme));
    let mut engine = Engine::new(question, Direction::Forward, signatures.iter().map(target).collect());
    engine.run();
    let mut explanations = engine.explanations();
    if question.effort == Effort::High {
        for other in question.others {
            computed_as(question, other, signatures, &mut explanations);
        }
    }
    explanations
}

/// The same for what is unknown so far, where a handler took the scheme for another.
fn computed_as(question: &Question<'_>, other: &Other, signatures: &[String], explanations: &mut [Explanation]) {
    let open: Vec<usize> = (0..signatures.len())
        .filter(|index| explanations[*index].is_unknown())
        .collect();
    if open.is_empty() {
        return;
    }
    let within = Question {
        scheme: &other.scheme,
        others: &[],
        effort: Effort::Normal,
        ..*question
    };
    let targets = open
        .iter()
        .map(|index| Target::new(reading::of_text(&signatures[*index], &other.scheme)))
        .collect();
    let detail = format!("the handler did as {} has it", other.says());
    let mut engine = Engine::new(&within, Direction::Forward, targets).within(other.kind(), detail);
    engine.run();
    for (index, found) in open.into_iter().zip(engine.explanations()) {
        if !found.is_unknown() {
            explanations[index] = found;
        }
    }
}

/// A cause in the time of a message whose signature is right, or explained.
fn time(question: &Question<'_>, options: &Options) -> Option<Cause> {
    let ages = std::iter::once(question.scheme).chain(written_as(question).map(|other| &other.scheme));
    let (age, own) = ages.into_iter().find_map(|scheme| {
        let rule = scheme.timestamp.as_ref()?;
        let text = Known::of(question.message, scheme).timestamp?;
        let at = Unit::read(&text, &rule.units()).ok()?;
        Some((options.at.duration_since(at), rule.tolerance))
    })?;
    let tolerance = options.tolerance.unwrap_or(own);
    let (kind, limit, direction) = match tolerance.judge(age) {
        Within::Tolerance => return None,
        Within::Stale => (Kind::TimeStale, tolerance.past, "behind"),
        Within::Future => (Kind::TimeFuture, tolerance.future, "ahead of"),
    };
    let off = clock::shown(Duration::from_secs(age.unsigned_abs().as_secs()));
    Some(Cause {
        detail: format!("the signed time is {off} {direction} the time of judging, and {limit} is allowed"),
        remedy: remedy::lines(kind, None),
        ..Cause::new(kind, Basis::Clock)
    })
}

fn unsigned(question: &Question<'_>) -> Cause {
    let names: Vec<&str> = question
        .scheme
        .signatures
        .iter()
        .filter_map(|signature| signature.headers.first())
        .map(String::as_str)
        .collect();
    Cause {
        detail: format!(
            "nobody signed this request: neither {} nor another known signature header is there",
            names.join(" nor ")
        ),
        remedy: remedy::lines(Kind::SignatureUnsigned, None),
        ..Cause::new(Kind::SignatureUnsigned, Basis::Parse)
    }
}

/// A signature in another scheme's header, where there is no secret to prove it with.
fn other_dialect_unsigned(question: &Question<'_>) -> Option<Cause> {
    let other = question.others.iter().find(|other| {
        other.relation == Relation::Dialect
            && other.scheme.signatures.iter().any(|signature| {
                let names = &signature.headers;
                names.iter().any(|name| {
                    let mut values = question.message.headers.get_all(name);
                    values.any(|value| signature.grammar.parse(value).is_ok())
                })
            })
    })?;
    Some(Cause {
        detail: format!("the headers are those of the dialect {}", other.name),
        remedy: remedy::lines(Kind::SignatureDialect, None),
        ..Cause::new(Kind::SignatureDialect, Basis::Parse)
    })
}
