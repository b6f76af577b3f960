//! What came of a case, and what several of them have in common.

use std::time::Duration;

use serde::Serialize;
use serde_variant::to_variant_name;

use super::case::{Case, Cases, Expect, Family, Repeat, Root, matches};
use super::wire::Reply;
use crate::capture::Excerpt;
use crate::message::Message;

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// The rule is kept.
    Pass,
    /// It is broken, and the provider asks for it.
    Fail,
    /// It is broken, and nothing asks for it.
    Warn,
    /// Whether it is kept can't be seen.
    Unseen,
    /// The case means nothing here, or was not tried.
    Skipped,
}

impl Outcome {
    /// As data writes it.
    pub fn name(self) -> &'static str {
        to_variant_name(&self).unwrap_or_default()
    }
}

/// One case and what came of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseOutcome {
    /// The case.
    pub case: Case,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the rule counts as a failure where it is broken.
    pub is_required: bool,
    /// What was seen, in one sentence.
    pub reason: String,
    /// The name of the cause that it shares with others.
    pub root: Option<String>,
    /// Whether it is one of the failures that were known before.
    pub is_known: bool,
    /// The requests, each once.
    pub sent: Vec<Message>,
    /// What came back, one for each that was made.
    pub replies: Vec<Reply>,
}

impl CaseOutcome {
    /// Whether the rule is broken.
    pub fn is_broken(&self) -> bool {
        matches!(self.outcome, Outcome::Fail | Outcome::Warn)
    }

    /// The first answer that broke the rule, else the first.
    pub fn telling_reply(&self) -> Option<&Reply> {
        let expect = self.case.expect;
        let broke = self.replies.iter().find(|reply| unmet(expect, reply, None).is_some());
        broke.or(self.replies.first())
    }
}

/// What of `expect` an answer does not keep, in words; `None` where it keeps it. `longest` is the provider's time.
pub(super) fn unmet(expect: Expect, reply: &Reply, longest: Option<Duration>) -> Option<String> {
    let status = match reply {
        Reply::Answer(answer, _) => answer.status,
        Reply::Closed(_) if expect == Expect::NoErrorOrClosed => return None,
        Reply::Closed(_) => return Some("the connection was closed without an answer".into()),
        Reply::Unreadable(problem) => return Some(format!("what came back can't be read: {problem}")),
        Reply::Late => return Some("no answer came in time".into()),
        Reply::Unreachable(problem) => return Some(format!("there was no connection: {problem}")),
    };
    let answered = |wanted: &str| Some(format!("it answered {status}, where {wanted} was due"));
    match expect {
        Expect::Accepted if status / 100 != 2 => answered("2xx"),
        Expect::Refused if status / 100 != 4 => answered("4xx"),
        Expect::NoError | Expect::NoErrorOrClosed | Expect::InTime if status >= 500 => answered("no 5xx"),
        Expect::InTime => match (reply, longest) {
            (Reply::Answer(_, took), Some(longest)) if *took > longest => Some(format!(
                "it took {} ms, where the provider waits {} ms",
                took.as_millis(),
                longest.as_millis()
            )),
            _ => None,
        },
        _ => None,
    }
}

/// The cause that `outcomes` have in common where `root` describes them, and which of them it covers.
fn covered(root: &Root, outcomes: &[CaseOutcome]) -> Vec<usize> {
    let with = |pattern: &str| {
        let pattern = pattern.to_owned();
        outcomes
            .iter()
            .enumerate()
            .filter(move |(_, outcome)| matches(&pattern, &outcome.case.full_name()))
    };
    let answers = |outcome: &CaseOutcome| {
        let reply = outcome.telling_reply();
        let class = reply.and_then(Reply::status).map(|status| status / 100);
        match root.answered {
            None => true,
            Some(0) => class.is_none() && reply.is_some(),
            // A handler that fails may close the connection instead, as Go's does.
            Some(5) => class == Some(5) || matches!(reply, Some(Reply::Closed(_))),
            wanted => class == wanted,
        }
    };
    let all_broken = root
        .broken
        .iter()
        .all(|pattern| with(pattern).any(|(_, outcome)| outcome.is_broken() && answers(outcome)));
    let all_kept = root
        .kept
        .iter()
        .all(|pattern| with(pattern).any(|(_, outcome)| outcome.outcome == Outcome::Pass));
    if !all_broken || !all_kept {
        return Vec::new();
    }
    let covers = root.covers.iter().flat_map(|pattern| with(pattern));
    let free = covers.filter(|(_, outcome)| outcome.is_broken() && outcome.root.is_none() && answers(outcome));
    let mut found: Vec<usize> = free.map(|(at, _)| at).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Gives each broken rule the first cause that explains it. A cause that explains a single rule is named too: it says
/// more than the rule does.
pub(super) fn find_roots(cases: &Cases, outcomes: &mut [CaseOutcome]) {
    for root in &cases.roots {
        for at in covered(root, outcomes) {
            outcomes[at].root = Some(root.name.clone());
        }
    }
}

/// Broken rules with one cause, or one of its own.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finding<'a> {
    /// What is wrong.
    pub root: Option<&'a Root>,
    /// The cases, the one that shows it best first.
    pub cases: Vec<&'a CaseOutcome>,
}

impl Finding<'_> {
    /// Whether any of its cases is a failure that was not known before.
    pub fn fails(&self) -> bool {
        self.cases
            .iter()
            .any(|outcome| outcome.outcome == Outcome::Fail && !outcome.is_known)
    }
}

/// What is wrong, failures first.
pub(super) fn findings<'a>(cases: &'a Cases, outcomes: &'a [CaseOutcome]) -> Vec<Finding<'a>> {
    let mut findings: Vec<Finding<'a>> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.is_broken()) {
        let root = outcome.root.as_deref();
        let same = findings
            .iter_mut()
            .find(|finding| root.is_some() && finding.root.map(|root| root.name.as_str()) == root);
        match same {
            Some(finding) => finding.cases.push(outcome),
            None => findings.push(Finding {
                root: root.and_then(|name| cases.roots.iter().find(|root| root.name == name)),
                cases: vec![outcome],
            }),
        }
    }
    findings.sort_by_key(|finding| !finding.fails());
    findings
}

/// How many cases of a family ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Kept.
    pub pass: usize,
    /// Broken.
    pub fail: usize,
    /// Broken, where nothing asks for it.
    pub warn: usize,
    /// Not to be seen.
    pub unseen: usize,
    /// Not tried.
    pub skipped: usize,
}

impl Counts {
    /// Of `family`, or of all.
    pub(super) fn of(outcomes: &[CaseOutcome], family: Option<Family>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            if family.is_some_and(|family| family != outcome.case.family) {
                continue;
            }
            *match outcome.outcome {
                Outcome::Pass => &mut counts.pass,
                Outcome::Fail => &mut counts.fail,
                Outcome::Warn => &mut counts.warn,
                Outcome::Unseen => &mut counts.unseen,
                Outcome::Skipped => &mut counts.skipped,
            } += 1;
        }
        counts
    }
}

/// Whether a case's requests are alike but for their ids, so that one stands for them.
pub(super) fn is_one_request(case: &Case) -> bool {
    !matches!(case.repeat, Repeat::Retried | Repeat::NewerFirst)
}

/// An answer of which no more than `longest` bytes are kept.
pub(super) fn cut(mut reply: Reply, longest: usize) -> Reply {
    if let Reply::Answer(Excerpt { body, truncated, .. }, _) = &mut reply
        && body.len() > longest
    {
        body.truncate(longest);
        body.shrink_to_fit();
        *truncated = true;
    }
    reply
}
