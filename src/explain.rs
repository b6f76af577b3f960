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
mod digest;
mod doubt;
mod excerpt;
mod http_signature;
mod key_pair;
mod lenient;
mod missing;
mod notation;
mod reading;
mod remedy;
pub(crate) mod search;
pub(crate) mod secret;
mod shown;
mod time;
mod token;
mod values;

use jiff::Timestamp;

use crate::message::Message;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::verify::{Options, Reason, Verdict};

pub use cause::{Basis, Cause, Difference, Explanation, Kind, Proof, Recipe, Search};
pub(crate) use missing::is_named_so;
pub use notation::may_hold_signature;
pub use remedy::Framework;
use search::{Direction, Engine, Target};

/// How much work the search may do. It is counted in hypotheses and in bytes, so that the answer does not depend on
/// the machine's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
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

    /// Whether it may be named for what is found in `message`: it is this provider's, or its signature stands there.
    fn is_near(&self, message: &Message) -> bool {
        self.relation == Relation::Dialect || self.stands(message)
    }

    /// Whether one of its signatures stands in `message`, in its form.
    fn stands(&self, message: &Message) -> bool {
        // Of HTTP message signatures every provider's are alike.
        self.scheme.signatures.iter().all(|own| own.http.is_none()) && stands(&self.scheme, message)
    }

    /// What it is, in words.
    fn says(&self) -> String {
        match self.relation {
            Relation::Dialect => format!("the dialect {}", self.name),
            Relation::Provider => format!("the provider {}", self.name),
        }
    }
}

/// At most this many other schemes are searched when only their signature header is present.
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
    /// The variables that the provider's secret is kept in.
    pub variables: &'a [String],
    /// Other schemes to try.
    pub others: &'a [Other],
    /// The delivery.
    pub message: &'a Message,
    /// When it arrived, where that is known.
    pub at: Option<Timestamp>,
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
            variables: &[],
            others: &[],
            message,
            at: None,
            effort: Effort::default(),
            framework: None,
        }
    }
}

/// Why `verdict` is not what it should be: what was done to the message since it was signed, or how else it was
/// signed. `options` are those of the verdict. Nothing for a valid message, for one of an unknown provider, and where
/// there is no secret and what is wrong can't be told without.
pub fn received(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Option<Explanation> {
    if !question.scheme.covers() && !verdict.reason.is_authentic() && !question.scheme.signatures.is_empty() {
        return shown::received(question, verdict);
    }
    match verdict.reason {
        Reason::Valid | Reason::Authenticated | Reason::SignsNothing | Reason::Unrecognised | Reason::NoBody => None,
        Reason::Stale | Reason::Future => Some(Explanation::of(time::of_valid(question, verdict, options))),
        Reason::NoSecret => Some(changed(question, verdict, options)).filter(|found| !found.is_unknown()),
        Reason::Mismatch | Reason::MissingHeader | Reason::MalformedHeader => Some(changed(question, verdict, options)),
    }
}

/// What was done to a message whose signature is not right.
pub(crate) fn changed(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Explanation {
    if let Some(found) = token::cause(question, verdict, options) {
        return found;
    }
    let of_http = http_signature::cause(question, verdict, options);
    let found = of_http.unwrap_or_else(|| searched(question, verdict));
    let is_of_unit = |cause: &Cause| cause.kind == Kind::TimeUnit;
    let time = match found.is_by_mac() && !found.causes().iter().any(is_of_unit) {
        true => time::cause(question, options),
        false => None,
    };
    found.and(time)
}

/// What the search says, in the expected scheme and then in those whose signature stands there.
fn searched(question: &Question<'_>, verdict: &Verdict) -> Explanation {
    let targets = reading::of_message(question);
    if targets.is_empty() {
        return missing::cause(question, verdict, None);
    }
    let made = key_pair::made(question, &targets);
    if made == Some(false) {
        return Explanation::of(key_pair::another(question));
    }
    let mut engine = Engine::new(question, Direction::Reverse, targets);
    engine.run();
    let Some(found) = engine.explanations().into_iter().next().flatten() else {
        // The MAC is the right one as it stands: the headers around it are not.
        return Explanation::of(time::malformed(question, verdict));
    };
    if !found.is_unknown() {
        return found;
    }
    let others = written_as(question).take(MOST_OTHERS);
    let named = others.filter_map(|other| changed_as(question, other)).next();
    let unknown = || match made {
        Some(_) => key_pair::right(found),
        None => key_pair::unsure(question, missing::cause(question, verdict, Some(found))),
    };
    named.unwrap_or_else(unknown)
}

/// What was done to a message that is signed as `other` has it.
fn changed_as(question: &Question<'_>, other: &Other) -> Option<Explanation> {
    let within = Question {
        scheme: &other.scheme,
        others: &[],
        ..*question
    };
    let detail = format!("the signature stands as {} writes it", other.says());
    let targets = reading::of_message(&within);
    let mut engine = Engine::new(&within, Direction::Reverse, targets).within(question.scheme, other.kind(), detail);
    engine.run();
    let found = engine.explanations().into_iter().next().flatten();
    found.filter(|found| !found.is_unknown())
}

/// The other schemes whose signature stands in the message, where the expected one does not.
fn written_as<'a>(question: &Question<'a>) -> impl Iterator<Item = &'a Other> {
    let expected = stands(question.scheme, question.message);
    question
        .others
        .iter()
        .filter(move |other| !expected && other.stands(question.message))
}

fn stands(scheme: &Scheme, message: &Message) -> bool {
    scheme.found(message).any(|found| found.parsed.is_ok())
}

/// What a handler did that computed each of `signatures` from the question's message; in their order. Nothing for one
/// that is right.
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
/// let cause = &explanations[0].as_ref().ok_or("it is right")?.causes()[0];
/// assert_eq!(cause.kind, Kind::BodyReserialised);
/// assert!(cause.writers.contains(&"javascript"));
/// # Ok(())
/// # }
/// ```
pub fn computed(question: &Question<'_>, signatures: &[String]) -> Vec<Option<Explanation>> {
    if question.scheme.signatures.iter().any(|own| own.http.is_some()) {
        return http_signature::computed(question, signatures);
    }
    let literal = |text: &String| {
        let is_text = !reading::of_text(text, question.scheme).is_empty();
        missing::computed(text, question.scheme)
            .filter(|_| !is_text)
            .map(Explanation::of)
    };
    let target = |text: &String| Target::new(reading::of_text(text, question.scheme));
    let mut engine = Engine::new(question, Direction::Forward, signatures.iter().map(target).collect());
    engine.run();
    let mut explanations = engine.explanations();
    if question.effort == Effort::High {
        for other in question.others.iter().filter(|other| other.is_near(question.message)) {
            computed_as(question, other, signatures, &mut explanations);
        }
    }
    for (explanation, text) in explanations.iter_mut().zip(signatures) {
        if explanation.as_ref().is_some_and(Explanation::is_unknown) {
            *explanation = literal(text).or(explanation.take());
        }
    }
    explanations
}

/// The same for what is unknown so far, where a handler took the scheme for another.
fn computed_as(question: &Question<'_>, other: &Other, signatures: &[String], found: &mut [Option<Explanation>]) {
    let is_open = |found: &Option<Explanation>| found.as_ref().is_some_and(Explanation::is_unknown);
    let open: Vec<usize> = (0..signatures.len()).filter(|index| is_open(&found[*index])).collect();
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
    let mut engine = Engine::new(&within, Direction::Forward, targets).within(question.scheme, other.kind(), detail);
    engine.run();
    for (index, explanation) in open.into_iter().zip(engine.explanations()) {
        if !is_open(&explanation) {
            found[index] = explanation;
        }
    }
}
