//! From what was typed to what is tried.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use ckwh::check::{Cases, CheckError, CheckOptions, EventChoice, Observation, Program, Subject, matches};
use ckwh::delivery::Endpoint;
use ckwh::provider::{Chain, Provider};

use super::super::app::App;
use super::super::args::CheckArgs;
use super::super::exit::{Failure, OrUnavailable as _};
use super::super::{compose::What, input, secrets};

/// A longer file of cases is none, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// A longer baseline is none, in bytes.
const LONGEST_BASELINE: u64 = 64 * 1024 * 1024;

/// The cases that are tried.
pub fn cases(args: &CheckArgs) -> Result<Cases, Failure> {
    let mut cases = Cases::built_in()?;
    for path in &args.cases {
        let bytes = input::read_bounded(path, "the file of cases", LONGEST)?;
        let file = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{file} is not UTF-8")))?;
        let more = Cases::parse(&text, &file, &cases)?;
        cases.extend(more);
    }
    let names: Vec<String> = cases.cases.iter().map(ckwh::check::Case::full_name).collect();
    for pattern in args.only.iter().chain(&args.skip) {
        if !names.iter().any(|name| matches(pattern, name)) {
            return Err(Failure::usage(format!(
                "no case is named `{}`; `ckwh check --list` lists them",
                pattern.escape_debug()
            )));
        }
    }
    let is_named = |patterns: &[String], name: &str| patterns.iter().any(|pattern| matches(pattern, name));
    cases.cases.retain(|case| {
        let name = case.full_name();
        (args.only.is_empty() || is_named(&args.only, &name)) && !is_named(&args.skip, &name)
    });
    Ok(cases)
}

/// The handler, and whose deliveries it gets.
pub fn subject(app: &mut App, args: &CheckArgs) -> Result<Subject, Failure> {
    let provider = provider(app, args)?;
    let set = app.settings.to.clone().filter(|_| args.to.is_none());
    let Some(target) = args.to.clone().or_else(|| set.as_ref().map(|set| set.text.clone())) else {
        return Err(Failure::usage(
            "which handler? name its address: ckwh check --to localhost:3000",
        ));
    };
    let endpoint = Endpoint::parse(&target, &provider.table.path)?;
    if set.is_some_and(|set| set.of_project) {
        app.permit(&endpoint)?;
    }
    if !args.yes && !is_near(&endpoint) {
        return Err(Failure::usage(format!(
            "{} is not this machine nor one of a private network: a check sends it some two hundred requests, most of them \
             wrong on purpose; where it is yours, add --yes",
            endpoint.place()
        )));
    }
    if endpoint.default_path {
        app.report.note(&format!(
            "no path is given, so it goes to the one in {}'s documentation: {}",
            provider.table.title, provider.table.path
        ));
    }
    let secrets = app.secrets(&args.secrets.0, &provider)?;
    if secrets.is_empty() {
        return Err(app.no_secret(&provider));
    }
    let event = args.event.as_deref();
    let title = provider.table.title.clone();
    are_known(app, &provider, event)?;
    let mut subject = Subject::new(provider, secrets, endpoint, event)
        .ok_or_else(|| Failure::usage(format!("{title} has no fixture to send")))?;
    subject.public_url = app.public_url(args.provider.public_url.as_deref())?;
    if !args.chain.is_empty() {
        are_known(app, &subject.provider, args.chain.iter().map(String::as_str))?;
        subject.chain = Some(Chain {
            events: args.chain.clone(),
            object: None,
        });
    }
    Ok(subject)
}

/// Whether every event that a case names is one of the provider's.
pub fn events(app: &App, cases: &Cases, subject: &Subject) -> Result<(), Failure> {
    let named = cases.cases.iter().filter_map(|case| match &case.event {
        EventChoice::Named(event) => Some(event.as_str()),
        _ => None,
    });
    are_known(app, &subject.provider, named)
}

/// Whether the provider has a fixture of each event.
fn are_known<'e>(app: &App, provider: &Provider, events: impl IntoIterator<Item = &'e str>) -> Result<(), Failure> {
    match events.into_iter().find(|event| !provider.folder.has_event(event)) {
        Some(unknown) => Err(app.registry.unknown_event(unknown, Some(&provider.name)).into()),
        None => Ok(()),
    }
}

/// The provider that is named, or has the event, or is the only one whose own secret is set.
fn provider(app: &mut App, args: &CheckArgs) -> Result<Provider, Failure> {
    let typed = args.provider.provider.as_deref();
    let dialect = args.provider.dialect.as_deref();
    if let Some(name) = typed.map(str::to_owned).or_else(|| app.proposed_provider(None)) {
        return app.provider(&name, dialect);
    }
    if let Some(event) = &args.event
        && let What::Event { provider, .. } = app.what(event, None)?
    {
        return app.provider(&provider, dialect);
    }
    let mut with_secret = Vec::new();
    for name in app
        .registry
        .folders()
        .iter()
        .map(|folder| folder.name.clone())
        .collect::<Vec<_>>()
    {
        let provider = app.provider(&name, None);
        if let Ok(provider) = provider
            && app.has_own_secret(&provider)
        {
            with_secret.push(provider.name);
        }
    }
    match with_secret.as_slice() {
        [one] => app.provider(&one.clone(), dialect),
        [] => Err(Failure::usage(
            "whose webhooks does the handler take? name the provider with --provider; `ckwh providers` lists them",
        )),
        several => Err(Failure::usage(format!(
            "secrets of {} are set; choose one with --provider",
            several.join(", ")
        ))),
    }
}

/// Whether it is this machine, or one of a private network: an address of RFC 1918, RFC 3927 or RFC 4193, or a name
/// without a dot, as those of a Compose file.
fn is_near(endpoint: &Endpoint) -> bool {
    let host = endpoint.url().host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    endpoint.is_loopback()
        || match address {
            Some(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
            Some(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
            None => !host.contains('.'),
        }
}

/// How the handler is tried.
pub fn options(app: &mut App, args: &CheckArgs, subject: &Subject) -> Result<CheckOptions, Failure> {
    let connections = app.client_options(&args.connection, &subject.endpoint, &subject.provider.table.delivery)?;
    let timeout = connections.timeout;
    let client = ckwh::delivery::Client::new(&subject.endpoint, &connections)?;
    let mut options = CheckOptions::new(client, timeout);
    options.settle = args.settle;
    options.most_requests = args.max_requests;
    options.observation = match (&args.observe, &args.observe_url) {
        (Some(text), _) => Some(Observation::Program(program(app, args, "--observe", text)?)),
        (None, Some(url)) => {
            let endpoint = Endpoint::parse(url, "/")?;
            let client = ckwh::delivery::Client::new(&endpoint, &connections)?;
            Some(Observation::Url { endpoint, client })
        }
        (None, None) => None,
    };
    let reset = args.reset.as_ref().map(|text| program(app, args, "--reset", text));
    options.reset = reset.transpose()?;
    if let Some(path) = &args.baseline {
        options.known = baseline(path)?;
    }
    Ok(options)
}

fn program(app: &App, args: &CheckArgs, flag: &str, text: &str) -> Result<Program, Failure> {
    let words = shlex::split(text).filter(|words| !words.is_empty()).ok_or_else(|| {
        Failure::usage(format!(
            "{flag} is no command line: a quote is not closed, or it is empty; try {flag} 'cat state.txt'"
        ))
    })?;
    Ok(Program::new(
        words,
        secrets::variables_with_secrets(app, &args.secrets.0),
    ))
}

/// The failures of an earlier run: the full names of its cases.
fn baseline(path: &Path) -> Result<Vec<String>, Failure> {
    let file = path.display().to_string();
    let size = fs::metadata(path).with_context(|| file.clone()).or_unavailable()?.len();
    if size > LONGEST_BASELINE {
        return Err(Failure::usage(format!(
            "{file} is longer than any output of ckwh check --json"
        )));
    }
    let text = fs::read_to_string(path)
        .with_context(|| file.clone())
        .or_unavailable()?;
    let mut known = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let item: Value = serde_json::from_str(line).map_err(|error| {
            Failure::usage(format!(
                "{file}, line {number}: {error}; a baseline is what ckwh check --json printed"
            ))
        })?;
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        if text("type") == "case" && text("outcome") == "fail" {
            known.push(format!("{}/{}", text("family"), text("name")));
        }
    }
    Ok(known)
}

/// What a check that can't go on says.
pub fn failure(error: CheckError) -> Failure {
    match error {
        CheckError::Request(_) | CheckError::NoView | CheckError::NoChain | CheckError::ChainUnseen => {
            Failure::of("usage", error)
        }
        other => Failure::Unavailable(other.into()),
    }
}
