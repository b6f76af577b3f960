//! What came of a check, described for its reports.

use ckwh::check::{CaseOutcome, Cases, CheckOutcome, Counts, Family, Finding, Outcome, Probe, Remedy, Reply, Subject};
use ckwh::exchange::curl;
use ckwh::exchange::jsonl::{BodyFields, HeaderPairs};
use ckwh::explain::Framework;
use ckwh::message::Message;
use ckwh::scheme::fingerprint;

use super::super::args::CheckArgs;
use super::super::exit::without_number;
use super::super::report::{AnsweredItem, CaseItem, CheckSummaryItem, FindingItem, SentItem, Severity};

/// How much of a sent body is shown, in bytes.
const SHOWN: usize = 2048;
/// A longer body makes no command line.
const LONGEST_CURL: usize = 8 * 1024;
/// Which frameworks are written in which language.
const LANGUAGES: [(&str, &[&str]); 3] = [
    ("node", &["next", "nest", "fastify", "express"]),
    ("python", &["fastapi", "django", "flask"]),
    ("go", &["gin"]),
];

/// What a description goes by.
pub struct Describe<'a> {
    pub args: &'a CheckArgs,
    pub subject: &'a Subject,
    pub cases: &'a Cases,
    pub framework: Option<Framework>,
}

impl Describe<'_> {
    pub fn case(&self, outcome: &CaseOutcome) -> CaseItem {
        let case = &outcome.case;
        CaseItem {
            name: case.name.clone(),
            family: case.family,
            outcome: outcome.outcome,
            severity: if outcome.is_required {
                Severity::Fail
            } else {
                Severity::Warn
            },
            root: outcome.root.clone(),
            known: outcome.is_known,
            reason: outcome.reason.clone(),
            sent: outcome.sent.iter().map(|message| self.sent(message)).collect(),
            answered: outcome.replies.iter().map(answered).collect(),
            why: case.why.clone(),
            remedy: self
                .remedy(&case.remedy)
                .map_or_else(String::new, |remedy| remedy.says.clone()),
        }
    }

    fn sent(&self, message: &Message) -> SentItem {
        let is_cut = message.body.len() > SHOWN;
        SentItem {
            method: message.method.clone(),
            url: self.subject.endpoint.to_string(),
            headers: HeaderPairs(message.headers.clone()),
            body: BodyFields::new(&message.body[..message.body.len().min(SHOWN)], is_cut),
        }
    }

    fn remedy(&self, name: &str) -> Option<&Remedy> {
        self.cases.remedies.get(name)
    }

    /// The lines to paste of a remedy, for the framework at hand.
    fn lines(&self, remedy: &Remedy) -> Option<String> {
        let framework = self.framework?;
        if remedy.raw_body {
            return Some(framework.lines().to_owned());
        }
        let mut languages = LANGUAGES.iter();
        let language = languages.find(|(_, frameworks)| frameworks.contains(&framework.name()));
        let own = remedy.lines.get(framework.name());
        own.or_else(|| remedy.lines.get(language?.0)).cloned()
    }

    pub fn summary(&self, outcome: &CheckOutcome) -> CheckSummaryItem {
        let counts = outcome.counts(None);
        let families = Family::ALL
            .iter()
            .map(|family| (*family, outcome.counts(Some(*family))));
        CheckSummaryItem {
            provider: self.subject.provider.name.clone(),
            dialect: self.subject.provider.dialect.clone(),
            url: self.subject.endpoint.to_string(),
            ok: !outcome.fails(),
            problem: self.problem(&outcome.probe),
            pass: counts.pass,
            fail: counts.fail,
            warn: counts.warn,
            unseen: counts.unseen,
            skipped: counts.skipped,
            known: outcome.cases.iter().filter(|case| case.is_known).count(),
            findings: outcome
                .findings(self.cases)
                .iter()
                .map(|finding| self.finding(finding))
                .collect(),
            requests: outcome.requests,
            interrupted: outcome.interrupted,
            families: families.filter(|(_, counts)| is_judged(counts)).collect(),
            left_out: left_out(outcome),
        }
    }

    fn finding(&self, finding: &Finding<'_>) -> FindingItem {
        let first = finding.cases[0];
        let case = &first.case;
        let remedy = self.remedy(finding.root.map_or(&case.remedy, |root| &root.remedy));
        let fails = finding.cases.iter().any(|outcome| outcome.outcome == Outcome::Fail);
        FindingItem {
            outcome: if fails { Outcome::Fail } else { Outcome::Warn },
            root: finding.root.map(|root| root.name.clone()),
            says: match finding.root {
                Some(root) => sentence(&root.says),
                None => format!("{}: {}", case.full_name(), first.reason),
            },
            cases: finding.cases.iter().map(|outcome| outcome.case.full_name()).collect(),
            sent: case.sends.clone(),
            answered: first.reason.clone(),
            why: case.why.clone(),
            remedy: remedy.map_or_else(String::new, |remedy| remedy.says.clone()),
            lines: remedy.and_then(|remedy| self.lines(remedy)),
            curl: first.sent.first().and_then(|message| self.curl(message)),
            command: self.command(&case.full_name()),
        }
    }

    fn curl(&self, message: &Message) -> Option<String> {
        let url = self.subject.endpoint.to_string();
        let is_short = message.body.len() <= LONGEST_CURL;
        is_short.then(|| curl::write(&message.method, &url, &message.headers, &message.body))
    }

    /// The command line that tries one case again.
    fn command(&self, name: &str) -> String {
        let provider = &self.subject.provider;
        let mut line = format!("ckwh check --provider {}", provider.name);
        if self.args.provider.dialect.is_some() {
            line.push_str(&format!(" --dialect {}", provider.dialect));
        }
        let url = self.subject.endpoint.to_string();
        let to = self.args.to.as_deref().filter(|_| !self.subject.endpoint.default_path);
        line.push_str(&format!(" --to {} --case {name}", to.unwrap_or(&url)));
        if let Some(observe) = &self.args.observe {
            line.push_str(&format!(" --observe {}", curl::quote(observe)));
        }
        if let Some(url) = &self.args.observe_url {
            line.push_str(&format!(" --observe-url {url}"));
        }
        line
    }

    /// Why nothing was tried, and what to do.
    fn problem(&self, probe: &Probe) -> Option<String> {
        let url = &self.subject.endpoint;
        let title = &self.subject.provider.table.title;
        Some(match probe {
            Probe::Unreachable(problem) => {
                let problem = without_number(problem);
                format!("nobody is at {url}: {problem}. Start the handler, or name its port with --to")
            }
            Probe::Refused {
                dialect: Some(dialect), ..
            } => format!(
                "the handler refuses deliveries of {title}'s dialect {}, and accepts those of {dialect}: add --dialect {dialect}",
                self.subject.provider.dialect
            ),
            Probe::Refused {
                status: Some(status),
                body,
                location,
                ..
            } => format!(
                "a right delivery got {status}, so nothing more was tried. {}",
                self.advice(*status, body, location.as_deref())
            ),
            Probe::Refused { status: None, .. } => {
                format!(
                    "{url} gave no answer that can be read to a right delivery, so nothing more was tried. Look at the handler's log"
                )
            }
            _ => return None,
        })
    }

    fn advice(&self, status: u16, body: &str, location: Option<&str>) -> String {
        let said = match body.lines().next().unwrap_or_default().trim() {
            "" => String::new(),
            line => format!(" It said: {}", line.chars().take(120).collect::<String>()),
        };
        let secret = self
            .subject
            .secrets
            .first()
            .map(|secret| (secret.source().to_string(), fingerprint(secret)));
        match status {
            300..=399 => format!("It points to {}: name that with --to", location.unwrap_or("nowhere")),
            404 | 405 => format!(
                "Is {} the handler's path? Name another with --to",
                self.subject.endpoint.target()
            ),
            400 | 401 | 403 | 422 => match secret {
                Some((source, fingerprint)) => format!(
                    "Is the secret from {source} (fingerprint {fingerprint}) the handler's? Send it one event and give its \
                     log to `ckwh verify sent --computed -`, which says what it did: ckwh send {} --provider {} with the same --to.{said}",
                    curl::quote(&self.subject.event),
                    self.subject.provider.name,
                ),
                None => format!("Nothing is signed here, so the handler refuses something else.{said}"),
            },
            _ => format!("Look at the handler's log.{said}"),
        }
    }
}

fn answered(reply: &Reply) -> AnsweredItem {
    let (status, duration, error, body) = match reply {
        Reply::Answer(answer, took) => {
            let body = BodyFields::new(&answer.body, answer.truncated);
            (Some(answer.status), Some(took.as_secs_f64() * 1000.0), None, body)
        }
        Reply::Unreadable(problem) => (None, None, Some(problem.clone()), BodyFields::default()),
        Reply::Closed(problem) => (None, None, Some(format!("closed: {problem}")), BodyFields::default()),
        Reply::Unreachable(problem) => (None, None, Some(problem.clone()), BodyFields::default()),
        _ => (None, None, Some("no answer in time".to_owned()), BodyFields::default()),
    };
    AnsweredItem {
        status,
        duration_ms: duration,
        error,
        body,
    }
}

fn is_judged(counts: &Counts) -> bool {
    counts.pass + counts.fail + counts.warn + counts.unseen > 0
}

/// Why cases were not judged, each reason once.
fn left_out(outcome: &CheckOutcome) -> Vec<(String, usize)> {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for case in &outcome.cases {
        if !matches!(case.outcome, Outcome::Unseen | Outcome::Skipped) {
            continue;
        }
        match reasons.iter_mut().find(|(reason, _)| *reason == case.reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((case.reason.clone(), 1)),
        }
    }
    reasons
}

/// With its first letter in upper case.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
