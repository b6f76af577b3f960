//! Why a signature does not match: what `ckwh::explain` is asked, and where its answer goes.

use std::io::Read as _;
use std::path::Path;

use ckwh::explain::{self, Effort, Explanation, Framework, Other, Question, Relation, may_hold_signature};
use ckwh::foreign;
use ckwh::message::Message;
use ckwh::provider::Provider;
use ckwh::secret::Secret;
use ckwh::verify::{Options, Verdict};

use super::app::App;
use super::args::{ExplainArgs, ProviderArgs, SecretArg};
use super::exit::{Failure, OrUnavailable as _};
use super::input;
use super::report::CauseItem;
use anyhow::Context as _;

/// How many lines of a log are looked at, and how long it may be in bytes.
const MOST_LINES: usize = 256;
const LONGEST_LOG: u64 = 1024 * 1024;
/// A longer file of a project is not looked at, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

/// What a judgement goes by, besides the message.
#[derive(Clone, Copy)]
pub struct Grounds<'a> {
    pub provider: &'a ProviderArgs,
    pub secrets: &'a [SecretArg],
    pub explain: &'a ExplainArgs,
    /// The signatures that a handler computed.
    pub computed: &'a [String],
    /// What the handler says of itself.
    pub server: Option<&'a str>,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Explained {
    pub causes: Vec<CauseItem>,
    /// For each signature of `--computed`, whether it is the right one.
    pub computed: Vec<bool>,
}

/// The signatures that a handler computed: each flag's, and each line of standard input that may hold one.
pub fn computed(app: &mut App, args: &ExplainArgs) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for text in &args.computed {
        if text == "SIG" {
            return Err(Failure::usage(
                "SIG stands for the signature that your handler computed: put that in its place, or pipe the handler's log to --computed -",
            ));
        }
        if text != "-" {
            all.push(text.clone());
            continue;
        }
        let mut log = Vec::new();
        let read = input::stdin(app, "the handler's log")
            .take(LONGEST_LOG)
            .read_to_end(&mut log);
        read.context("the computed signatures from standard input")
            .or_unavailable()?;
        let log = String::from_utf8_lossy(&log);
        all.extend(log.lines().filter(|line| may_hold_signature(line)).map(str::to_owned));
    }
    if !args.computed.is_empty() && all.is_empty() {
        return Err(Failure::usage(
            "standard input holds no signature: --computed - reads one a line, in hex or base64 or as a log shows bytes",
        ));
    }
    all.truncate(MOST_LINES);
    Ok(all)
}

/// Why the delivery's verdict is what it is, or what a handler did that computed other signatures from it.
pub fn explain(
    app: &mut App,
    grounds: &Grounds<'_>,
    provider: &Provider,
    secrets: &[Secret],
    delivery: (&Message, &Verdict, &Options),
) -> Result<Explained, Failure> {
    let Grounds {
        explain: args,
        computed,
        server,
        ..
    } = grounds;
    let (message, verdict, options) = delivery;
    if computed.is_empty() && verdict.is_valid() {
        return Ok(Explained::default());
    }
    if !computed.is_empty() && !provider.scheme.covers() {
        return Err(Failure::usage(format!(
            "{} signs no bytes, so a handler computes nothing from them: leave --computed out",
            provider.name
        )));
    }
    let (right, mut other_secrets): (Vec<Secret>, Vec<Secret>) = match &verdict.matched_secret {
        Some(source) => secrets.iter().cloned().partition(|secret| secret.source() == source),
        None => (secrets.to_vec(), Vec::new()),
    };
    other_secrets.extend(app.other_secrets(provider, secrets));
    let others = others(app, provider);
    let mut question = Question::new(&provider.scheme, &right, message);
    question.other_secrets = &other_secrets;
    question.variables = &provider.table.secret_env;
    question.others = &others;
    question.at = Some(options.at);
    question.effort = args.effort.into();
    question.framework = args.framework.or_else(|| Framework::guess(*server, project_file));
    if computed.is_empty() {
        let explanation = explain::received(&question, verdict, options);
        return Ok(Explained {
            causes: explanation.into_iter().flat_map(|found| items(found, None)).collect(),
            computed: Vec::new(),
        });
    }
    let received = received_texts(provider, message);
    let lines: Vec<String> = computed.iter().map(|line| without(line, &received)).collect();
    let mut explained = Explained::default();
    for (index, explanation) in explain::computed(&question, &lines).into_iter().enumerate() {
        explained.computed.push(explanation.is_none());
        let found = explanation.into_iter();
        explained
            .causes
            .extend(found.flat_map(|found| items(found, Some(index + 1))));
    }
    Ok(explained)
}

fn items(explanation: Explanation, computed: Option<usize>) -> impl Iterator<Item = CauseItem> {
    let causes = explanation.into_causes().into_iter();
    causes.map(move |cause| CauseItem { cause, computed })
}

/// The other dialects of `provider`, then the other providers.
fn others(app: &App, provider: &Provider) -> Vec<Other> {
    let mut others = Vec::new();
    for folder in app.registry.folders() {
        let Ok(dialects) = Provider::load_all(folder) else {
            continue;
        };
        for dialect in dialects {
            if dialect.name != provider.name {
                let name = if dialect.dialect == dialect.table.dialect_name {
                    dialect.label()
                } else {
                    format!("{} ({})", dialect.label(), dialect.dialect)
                };
                others.push(Other {
                    name,
                    relation: Relation::Provider,
                    scheme: dialect.scheme,
                });
            } else if dialect.dialect != provider.dialect {
                others.push(Other {
                    name: dialect.dialect.clone(),
                    relation: Relation::Dialect,
                    scheme: dialect.scheme,
                });
            }
        }
    }
    others.sort_by_key(|other| other.relation == Relation::Provider);
    others
}

/// A file of the project in the current folder, where it is one and not long.
pub fn project_file(name: &str) -> Option<String> {
    let here = Path::new(".");
    let bytes = foreign::read(&here.join(name), &foreign::root_of(here), LONGEST_FILE).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The signatures that the delivery carries.
fn received_texts(provider: &Provider, message: &Message) -> Vec<String> {
    let found = provider.scheme.found(message);
    let parsed = found.filter_map(|found| found.parsed.ok());
    parsed.flat_map(|parsed| parsed.signatures).collect()
}

/// A line of a log without the signature that was received, where another stands beside it.
fn without(line: &str, received: &[String]) -> String {
    let left = received
        .iter()
        .fold(line.to_owned(), |line, text| line.replace(text.as_str(), " "));
    if may_hold_signature(&left) {
        left
    } else {
        line.to_owned()
    }
}

impl From<super::args::EffortArg> for Effort {
    fn from(effort: super::args::EffortArg) -> Self {
        match effort {
            super::args::EffortArg::Low => Self::Low,
            super::args::EffortArg::Normal => Self::Normal,
            super::args::EffortArg::High => Self::High,
        }
    }
}
