//! Completion of real names: events, providers, dialects, captures, runs. The shells' scripts ask this program.

use std::env;
use std::ffi::OsStr;
use std::path::Path;

use ckwh::provider::{Provider, Registry};
use ckwh::store::{Location, Order, Selection, Store, wait};
use clap::builder::StyledStr;
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::CompleteEnv;
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};
use serde_json::Value;

use super::report::SCHEMA;
use super::{args, settings};

/// The variable by which a shell asks.
pub const VARIABLE: &str = "CKWH_COMPLETE";
/// How many captures are offered.
const MOST: usize = 50;

/// Answers a shell that asks, and ends; else does nothing.
pub fn if_asked() {
    if env::var_os(VARIABLE).is_some() {
        CompleteEnv::with_factory(command).var(VARIABLE).bin("ckwh").complete();
    }
}

/// The script by which a shell asks; `None` where it can't.
pub fn script(shell: clap_complete::Shell) -> Option<std::io::Result<Vec<u8>>> {
    let shell: &dyn EnvCompleter = match shell {
        clap_complete::Shell::Bash => &Bash,
        clap_complete::Shell::Zsh => &Zsh,
        clap_complete::Shell::Fish => &Fish,
        _ => return None,
    };
    let mut script = Vec::new();
    let written = shell.write_registration(VARIABLE, "ckwh", "ckwh", "ckwh", &mut script);
    Some(written.map(|()| script))
}

/// The command line with what completes its values.
fn command() -> Command {
    let mut command = args::command();
    command.build();
    completed(command)
}

fn completed(command: Command) -> Command {
    let of = command.get_name().to_owned();
    let names: Vec<String> = command.get_subcommands().map(|own| own.get_name().to_owned()).collect();
    let mut command = command.mut_args(|arg| with_values(&of, arg));
    for name in names {
        command = command.mut_subcommand(name, completed);
    }
    command
}

/// An argument with the values that it may have.
fn with_values(command: &str, arg: Arg) -> Arg {
    let completer = match (command, arg.get_id().as_str()) {
        ("send" | "sign", "what") => ArgValueCompleter::new(events_and_files),
        ("events", "what") | ("check", "event") => ArgValueCompleter::new(events),
        (_, "provider") | ("show" | "test", "name") | ("new", "from") => ArgValueCompleter::new(providers),
        (_, "dialect") => ArgValueCompleter::new(dialects),
        ("show", "id") | ("diff", "a" | "b") | (_, "ids") => ArgValueCompleter::new(captures),
        ("verify", "input") => ArgValueCompleter::new(captures_and_files),
        (_, "event_type" | "event" | "expect_event") => ArgValueCompleter::new(events),
        ("schema", "name") => ArgValueCompleter::new(types),
        ("causes", "cause") => ArgValueCompleter::new(causes),
        ("replay", "resume" | "join") | ("runs", "run") => ArgValueCompleter::new(runs),
        (_, "secret_env") => ArgValueCompleter::new(variables),
        _ => return arg,
    };
    arg.add(completer)
}

/// The providers that the user trusts.
fn trusted() -> Registry {
    Registry::new(&settings::places())
}

fn trusted_folders(registry: &Registry) -> impl Iterator<Item = &ckwh::provider::Folder> {
    registry.folders().iter().filter(|folder| !folder.is_strangers())
}

/// Candidates of those names that begin as it was typed.
fn beginning<'a>(current: &OsStr, names: impl IntoIterator<Item = (String, &'a str)>) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str() else {
        return Vec::new();
    };
    let fitting = names.into_iter().filter(|(name, _)| name.starts_with(typed));
    fitting
        .map(|(name, help)| {
            let help = (!help.is_empty()).then(|| StyledStr::from(help.to_owned()));
            CompletionCandidate::new(name).help(help)
        })
        .collect()
}

fn providers(current: &OsStr) -> Vec<CompletionCandidate> {
    let registry = trusted();
    let names: Vec<String> = trusted_folders(&registry)
        .map(|folder| folder.name.to_string())
        .collect();
    beginning(current, names.into_iter().map(|name| (name, "")))
}

/// The provider that stands in the words that are typed already.
fn typed_provider(registry: &Registry) -> Option<String> {
    let words: Vec<String> = env::args().collect();
    let flag = words.windows(2).rev().find(|pair| pair[0] == "--provider");
    let equals = || words.iter().rev().find_map(|word| word.strip_prefix("--provider="));
    let word = || {
        let is_provider = |word: &&String| registry.has(word);
        words.iter().skip(1).rev().find(is_provider).map(String::as_str)
    };
    flag.map(|pair| pair[1].as_str())
        .or_else(equals)
        .or_else(word)
        .map(str::to_owned)
}

fn events(current: &OsStr) -> Vec<CompletionCandidate> {
    let registry = trusted();
    let provider = typed_provider(&registry);
    let mut names = Vec::new();
    for folder in trusted_folders(&registry) {
        if provider.as_ref().is_none_or(|name| *name == folder.name) {
            names.extend(folder.event_types().into_iter().map(|event| (event, &*folder.name)));
        }
    }
    names.dedup_by(|one, other| one.0 == other.0);
    let mut found = beginning(current, names);
    found.extend(providers(current));
    found
}

fn events_and_files(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = events(current);
    if found.is_empty() || current.to_str().is_some_and(|typed| typed.starts_with(['.', '/'])) {
        found.extend(PathCompleter::any().stdio().complete(current));
    }
    found
}

fn dialects(current: &OsStr) -> Vec<CompletionCandidate> {
    let registry = trusted();
    let named = typed_provider(&registry);
    let mut names = Vec::new();
    for folder in trusted_folders(&registry) {
        if named.as_ref().is_none_or(|name| *name == folder.name) {
            let loaded = Provider::load_all(folder).unwrap_or_default();
            names.extend(loaded.into_iter().map(|provider| provider.dialect));
        }
    }
    names.sort();
    names.dedup();
    beginning(current, names.into_iter().map(|name| (name, "")))
}

fn variables(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = Registry::built_in_variables().iter().cloned();
    beginning(current, names.map(|name| (name, "")))
}

/// The store, where it is there already.
fn store() -> Option<Store> {
    let path = env::var_os("CKWH_STORE")
        .map(Into::into)
        .or_else(settings::default_store)?;
    if !Path::new(&path).is_file() {
        return None;
    }
    wait(Store::open(Location::File(path))).ok()
}

fn captures(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut names = Vec::new();
    if let Some(store) = store() {
        let pages = store.summaries(Selection::default(), Order::NewestFirst).pages();
        for summary in pages.filter_map(Result::ok).flatten().take(MOST) {
            names.push((summary.id.to_string(), summary.event_type.unwrap_or_default()));
        }
    }
    names.push(("last".to_owned(), "the newest".to_owned()));
    names.push(("sent".to_owned(), "what ckwh send sent last".to_owned()));
    beginning(current, names.iter().map(|(id, event)| (id.clone(), event.as_str())))
}

fn captures_and_files(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = captures(current);
    found.extend(PathCompleter::any().stdio().complete(current));
    found
}

fn causes(current: &OsStr) -> Vec<CompletionCandidate> {
    beginning(
        current,
        super::causes::sections().map(|(name, _)| (name.to_owned(), "")),
    )
}

/// The types of object that `--json` prints.
fn types(current: &OsStr) -> Vec<CompletionCandidate> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let all = schema["oneOf"].as_array().into_iter().flatten();
    let names = all.filter_map(|one| one["properties"]["type"]["const"].as_str());
    beginning(current, names.map(|name| (name.to_owned(), "")))
}

fn runs(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut names = vec![("last".to_owned(), "the newest")];
    if let Some(store) = store()
        && let Ok(found) = wait(store.runs(i64::MAX, MOST))
    {
        names.extend(found.iter().map(|run| {
            let how = if run.finished {
                "every request had its turn"
            } else {
                "not finished"
            };
            (run.id.to_string(), how)
        }));
    }
    beginning(current, names)
}
