//! Why a signature does not match, searched in both directions.
//!
//! Reverse, [`received`]: this delivery does not verify; what happened between its signer and these bytes?
//! Forward, [`computed`]: this delivery is right, and a handler computed another signature; what did it do?
//!
//! Four tables of hypotheses (the secret, the body, the signed content, the algorithm) are tried one at a time, then
//! two of different tables together. A cause is named only where a MAC of at least 128 bits proves it.

mod algorithm;
mod body;
mod cause;
mod content;
mod excerpt;
mod reading;
mod remedy;
mod search;
mod secret;

use jiff::SignedDuration;

use crate::clock::{self, Tolerance};
use crate::message::Message;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::verify::{Reason, SignatureState, Verdict};

pub use cause::{Basis, Cause, Difference, Explanation, Kind, Proof, Recipe, Search};
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

/// What is asked about.
#[derive(Debug, Clone, Copy)]
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

/// Why `verdict` is not what it should be: what was done to the message since it was signed, or how else it was
/// signed. A valid message has no cause.
pub fn received(question: &Question<'_>, verdict: &Verdict, tolerance: Tolerance) -> Explanation {
    match verdict.reason {
        Reason::Valid | Reason::Unrecognised => return Explanation::default(),
        Reason::Stale | Reason::Future => return Explanation::of(time(verdict, tolerance)),
        _ => {}
    }
    let targets = reading::of_message(question);
    if targets.is_empty() {
        return match (verdict.signature, other_dialect_unsigned(question)) {
            (SignatureState::Absent, None) => Explanation::of(unsigned(question)),
            (_, Some(cause)) => Explanation::of(cause),
            (_, None) => Explanation::default(),
        };
    }
    let mut engine = Engine::new(question, Direction::Reverse, targets);
    engine.run();
    let mut explanation = engine.explanations().into_iter().next().unwrap_or_default();
    if verdict.reason != Reason::Mismatch {
        // A header that is missing or a secret that is not there is reason enough.
        explanation.causes.retain(|cause| cause.kind != Kind::Unknown);
    }
    explanation
}

/// What a handler did that computed each of `signatures` from the question's message; in their order.
pub fn computed(question: &Question<'_>, signatures: &[String]) -> Vec<Explanation> {
    let targets = signatures
        .iter()
        .map(|text| Target::new(reading::of_text(text, question.scheme)))
        .collect();
    let mut engine = Engine::new(question, Direction::Forward, targets);
    engine.run();
    engine.explanations()
}

/// A cause in the time of a message whose signature is right.
fn time(verdict: &Verdict, tolerance: Tolerance) -> Cause {
    let age = verdict.age.unwrap_or(SignedDuration::ZERO);
    let (kind, limit, direction) = match verdict.reason {
        Reason::Future => (Kind::TimeFuture, tolerance.future, "ahead of"),
        _ => (Kind::TimeStale, tolerance.past, "behind"),
    };
    let off = clock::shown(std::time::Duration::from_secs(age.unsigned_abs().as_secs()));
    Cause {
        detail: format!("the signed time is {off} {direction} the time of judging, and {limit} is allowed"),
        remedy: remedy::lines(kind, None),
        ..Cause::new(kind, Basis::Clock)
    }
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
