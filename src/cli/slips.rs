//! What to type instead of what clap does not know: flags and commands of other tools, and marks of text processors.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use ckwh::suggest::{nearest, plain};

use super::hints::typed;
use super::words::is_target;

/// What to do instead, in words, and the line or the flag to type.
pub type Tip = (&'static str, String);

/// Flags that other tools have: of which command (of each where it is empty), what is said, and what does it here.
const FLAGS: [(&str, &[&str], &str, &str); 12] = [
    (
        "send",
        &["event", "e"],
        "an event stands without a flag:",
        "ckwh send cost.alert",
    ),
    (
        "send",
        &["file", "f"],
        "a file stands without a flag:",
        "ckwh send ./body.json",
    ),
    (
        "send",
        &["body", "payload", "json-body"],
        "a body is given with",
        "--data '{\"id\": 1}'",
    ),
    (
        "send",
        &["n", "c", "repeat", "times", "requests"],
        "how often is",
        "--count 3",
    ),
    ("send", &["delay", "interval", "sleep"], "how fast is", "--rate 2/s"),
    ("listen", &["p"], "a port stands without a flag:", "ckwh listen 7788"),
    (
        "verify",
        &["file", "f", "body"],
        "a file stands without a flag:",
        "ckwh verify request.http",
    ),
    (
        "verify",
        &["signature", "sig"],
        "a signature stands in its header:",
        "-H 'NAME: VALUE'",
    ),
    (
        "",
        &["target", "endpoint", "destination", "host", "t", "u"],
        "where to is",
        "--to 3000",
    ),
    ("", &["p"], "a port is where to:", "--to 3000"),
    (
        "",
        &["key", "signing-secret", "webhook-secret", "s"],
        "a secret is named with",
        "--secret-env NAME",
    ),
    (
        "",
        &["insecure", "k"],
        "a certificate of yours is trusted with",
        "--cacert FILE",
    ),
];

/// Commands that other tools have, what is said, and what does it here.
const COMMANDS: [(&[&str], &str, &str); 8] = [
    (&["version"], "the version is a flag:", "ckwh --version"),
    (
        &["list", "ls", "history", "logs", "requests"],
        "what was caught is listed by",
        "ckwh captures",
    ),
    (
        &["forward", "proxy", "tunnel", "start", "serve", "server", "run"],
        "to catch what arrives",
        "ckwh listen --forward 3000",
    ),
    (&["test"], "to see whether a handler is right", "ckwh check --to 3000"),
    (
        &["fire", "emit", "post", "deliver", "push"],
        "to deliver an event",
        "ckwh send cost.alert --to 3000",
    ),
    (
        &["resend", "retry", "redeliver"],
        "to deliver what was caught again",
        "ckwh replay last --to 3000",
    ),
    (
        &["explain", "why", "debug"],
        "to see why a signature does not match",
        "ckwh verify last",
    ),
    (
        &["init", "login", "config", "setup"],
        "there is nothing to set up; what is there is shown by",
        "ckwh doctor",
    ),
];

/// What to type instead of `words`, where clap does not say it; what clap says that leads elsewhere is taken out of
/// `error`.
pub fn tip(error: &mut clap::Error, command: &clap::Command, words: &[String]) -> Option<Tip> {
    // `-- --flag` would make an event of a flag.
    error.remove(ContextKind::Suggested);
    let own = words
        .iter()
        .try_fold(command, |own, word| match own.find_subcommand(word) {
            Some(next) => Ok(next),
            None if word.starts_with('-') => Ok(own),
            None => Err(own),
        })
        .unwrap_or_else(|own| own);
    let tip = match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            let help = own.get_after_help()?.to_string();
            let (_, examples) = help.split_once("Examples:\n")?;
            Some(("for example", examples.lines().next()?.trim().to_owned()))
        }
        ErrorKind::UnknownArgument => of_argument(&text_of(error, ContextKind::InvalidArg)?, own, words),
        ErrorKind::InvalidSubcommand => of_command(&text_of(error, ContextKind::InvalidSubcommand)?, own, words),
        ErrorKind::MissingSubcommand if words == ["-v"] => of_command("version", own, words),
        _ => None,
    }?;
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::SuggestedSubcommand);
    // It holds the flag that clap took it for.
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Usage);
    }
    Some(tip)
}

fn text_of(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}

fn of_argument(invalid: &str, own: &clap::Command, words: &[String]) -> Option<Tip> {
    let says = |text: &'static str, line: String| Some((text, line));
    let has = |command: &clap::Command, name: &str| command.get_arguments().any(|arg| arg.get_long() == Some(name));
    if !invalid.starts_with('-') {
        if let Some(plain) = plain(invalid) {
            return says("a text processor made that of", plain);
        }
        return match is_target(invalid) {
            true if own.get_name() == "listen" => says("to pass it on", format!("--forward {}", typed(invalid))),
            true => says("where to is", format!("--to {}", typed(invalid))),
            false => None,
        };
    }
    // `-to` is to clap a row of short flags.
    let long = words
        .iter()
        .filter_map(|word| word.strip_prefix('-')?.split('=').next());
    if let Some(name) = long.into_iter().find(|name| has(own, name)) {
        return says("a long flag has two dashes:", format!("--{name}"));
    }
    let name = invalid.trim_start_matches('-').split('=').next().unwrap_or_default();
    let row = FLAGS
        .iter()
        .find(|(command, names, ..)| (command.is_empty() || *command == own.get_name()) && names.contains(&name));
    if let Some((_, _, text, line)) = row {
        return says(text, (*line).to_owned());
    }
    let below = own.get_subcommands().find(|below| has(below, name))?;
    says(
        "that is a flag of",
        format!("ckwh {} {} --{name}", own.get_name(), below.get_name()),
    )
}

fn of_command(invalid: &str, own: &clap::Command, words: &[String]) -> Option<Tip> {
    let says = |text: &'static str, line: String| Some((text, line));
    let line = || {
        let words: Vec<String> = words.iter().map(|word| typed(word)).collect();
        words.join(" ")
    };
    if let Some((_, text, line)) = COMMANDS.iter().find(|(names, ..)| names.contains(&invalid)) {
        return says(text, (*line).to_owned());
    }
    if is_target(invalid) {
        return says("to deliver there", format!("ckwh send cost.alert {}", line()));
    }
    if invalid.contains(['.', '/']) {
        return says("to deliver it", format!("ckwh send {}", line()));
    }
    if words.first().is_some_and(|word| word == "help") {
        let names = own.get_subcommands().map(clap::Command::get_name);
        let near = nearest(invalid, names);
        return says("did you mean", format!("ckwh help {}", near.first()?));
    }
    None
}
