//! The words after `send` and `events`: events, patterns, files, a provider before its events, a target at the end.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use ckwh::provider::{Folder, Provider, ProviderError};
use ckwh::store::Pattern;
use ckwh::suggest::{did_you_mean, plain};

use super::app::App;
use super::compose::What;
use super::exit::Failure;
use super::hints::typed;

/// A provider's name is meant by a word that differs in so many letters at most.
const MOST_SLIPS: usize = 2;
/// How many names are proposed at the most.
const MOST_MEANT: usize = 3;

/// What the words mean together.
#[derive(Debug, Default)]
pub struct Words {
    pub subjects: Vec<What>,
    /// The target that stands last.
    pub target: Option<String>,
    /// The providers that were named before events.
    pub providers: Vec<String>,
    /// Whether a pattern or a provider stands for all that it has.
    pub is_list: bool,
}

/// Whose events a pattern may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    One,
    Several,
}

/// One meaning of a word.
#[derive(Debug)]
enum Reading {
    Target,
    Provider(String),
    Events(Vec<What>),
    File,
}

impl Reading {
    /// What it means, and how to say that it is meant.
    fn shown(&self, word: &str) -> String {
        match self {
            Self::Target => format!("the target {word} (--to {word})"),
            Self::Provider(name) => format!("the provider {name} (--provider {name})"),
            Self::Events(events) => match events.as_slice() {
                [What::Event { provider, event_type }] => {
                    format!("the event {event_type} of {provider} ({provider}:{event_type})")
                }
                _ => format!("a pattern of events (--provider NAME {})", typed(word)),
            },
            Self::File => format!("the file ./{word} (./{word})"),
        }
    }
}

impl App {
    /// What the words mean; `named` is the provider that `--provider` names, `all` stands for its every event.
    pub fn words(&mut self, words: &[String], named: Option<&str>, all: bool) -> Result<Words, Failure> {
        self.words_of(words, named, all, Of::One)
    }

    /// The same to list them, where a pattern may be of several providers.
    pub fn words_to_list(&mut self, words: &[String], named: Option<&str>) -> Result<Words, Failure> {
        self.words_of(words, named, false, Of::Several)
    }

    fn words_of(&mut self, words: &[String], named: Option<&str>, all: bool, of: Of) -> Result<Words, Failure> {
        let mut found = Words::default();
        let mut scope = named.map(str::to_owned);
        if let Some(name) = named {
            self.registry.folder(name)?;
        }
        let mut unused = false;
        for (index, word) in words.iter().enumerate() {
            let is_last = index + 1 == words.len();
            match self.reading(word, scope.as_deref(), of)? {
                Reading::Target if is_last => found.target = Some(word.clone()),
                Reading::Target => return Err(misplaced(words, index)),
                Reading::Provider(name) => {
                    found.providers.push(name.clone());
                    scope = Some(name);
                    unused = true;
                }
                Reading::Events(events) => {
                    found.is_list |= is_pattern(word);
                    found.subjects.extend(events);
                    unused = false;
                }
                Reading::File => {
                    found.subjects.push(What::File(word.clone()));
                    unused = false;
                }
            }
        }
        if all {
            let Some(name) = scope.clone().or_else(|| self.proposed_provider(None)) else {
                return Err(Failure::usage(
                    "--all is every event of one provider: name it, as in ckwh send stripe --all",
                ));
            };
            found.subjects.extend(self.every_event(&name)?);
            unused = false;
        }
        found.is_list |= unused;
        let mut seen = BTreeSet::new();
        found
            .subjects
            .retain(|what| matches!(what, What::File(_)) || seen.insert(format!("{what:?}")));
        Ok(found)
    }

    /// Every event of a provider that has a fixture.
    pub fn every_event(&self, name: &str) -> Result<Vec<What>, Failure> {
        let types = self.registry.folder(name)?.event_types().into_iter();
        Ok(types
            .map(|event_type| What::Event {
                provider: name.to_owned(),
                event_type,
            })
            .collect())
    }

    /// The one meaning of `word`; several are an error that lists them.
    fn reading(&mut self, word: &str, scope: Option<&str>, of: Of) -> Result<Reading, Failure> {
        if matches!(word, "-" | "." | "..")
            || word.starts_with("./")
            || word.starts_with("../")
            || Path::new(word).is_absolute()
        {
            return Ok(Reading::File);
        }
        let mut readings = Vec::new();
        if is_target(word) {
            readings.push(Reading::Target);
        }
        if self.registry.has(word) {
            readings.push(Reading::Provider(word.to_owned()));
        }
        let events = self.events_of_word(word, scope, of)?;
        if !events.is_empty() {
            readings.push(Reading::Events(events));
        }
        let is_known_event = matches!(readings.last(), Some(Reading::Events(_)));
        if !is_known_event && !word.contains("://") && Path::new(word).is_file() {
            readings.push(Reading::File);
        }
        if readings.len() > 1 {
            let shown: Vec<String> = readings.iter().map(|reading| reading.shown(word)).collect();
            return Err(Failure::usage(format!(
                "`{}` may be {}; write the one that you mean",
                word.escape_debug(),
                shown.join(" or ")
            )));
        }
        match readings.pop() {
            Some(reading) => Ok(reading),
            None => self.unread(word, scope, of),
        }
    }

    /// What no reading was found for: a file that is not there, or an event that nobody has.
    fn unread(&self, word: &str, scope: Option<&str>, of: Of) -> Result<Reading, Failure> {
        if word.is_empty() {
            return Err(Failure::usage("a word is empty; is the variable in it set?"));
        }
        if let Some(plain) = plain(word) {
            return Err(Failure::usage(format!(
                "`{}` is what a text processor made of {}; write that",
                word.escape_debug(),
                typed(&plain)
            )));
        }
        let (scope, event) = match self.scoped(word) {
            Some((provider, event)) => (Some(provider), event),
            None => (scope, word),
        };
        if is_pattern(event) {
            return Err(Failure::usage(format!(
                "no event matches {event}; `{}` lists them",
                events_command(scope)
            )));
        }
        if of == Of::One && is_file_name(word) {
            return Err(Failure::usage(format!(
                "there is no file {} here, and no event of that name; `ckwh events cost.alert -o body.json` writes one to change",
                word.escape_debug()
            )));
        }
        if scope.is_none() && !word.contains(['/', '\\']) {
            return Err(self.unknown_word(word, of));
        }
        match self.registry.unknown_event(event, scope) {
            // Some event types hold a slash too, and a misspelt one is near to them.
            ProviderError::Event { hint, .. } if hint.is_empty() && scope.is_none() && word.contains(['/', '\\']) => {
                Ok(Reading::File)
            }
            ProviderError::Event { hint, .. } if scope.is_some() => {
                let provider = scope.unwrap_or_default();
                let list = format!(
                    "{provider} has no event `{event}`.{hint} `{}` lists them",
                    events_command(scope)
                );
                let more = match of {
                    Of::Several => String::new(),
                    Of::One => format!(
                        "; one without a fixture is sent by its type: ckwh send --type {} --provider {provider}; a file is named by its path, as ./{event}",
                        typed(event)
                    ),
                };
                Err(Failure::of("unknown-event", anyhow::anyhow!("{list}{more}")).near(&hint))
            }
            unknown => Err(unknown.into()),
        }
    }

    /// The error for a word that is neither an event nor a provider.
    fn unknown_word(&self, word: &str, of: Of) -> Failure {
        let folders = self.registry.folders().iter();
        let types: BTreeSet<String> = folders.clone().flat_map(|folder| folder.event_types()).collect();
        let is_slip = |name: &&str| strsim::damerau_levenshtein(word, name) <= MOST_SLIPS;
        let providers: Vec<&str> = folders.map(|folder| &*folder.name).filter(is_slip).collect();
        let meant = self.meant(word, &types);
        let near = match (meant.is_empty(), providers.is_empty()) {
            (false, _) => format!(" Did you mean {}?", meant.join(" or ")),
            (true, true) => did_you_mean(word, types.iter().map(String::as_str)),
            (true, false) => did_you_mean(word, providers),
        };
        let shown = word.escape_debug();
        let text = match of {
            Of::One => format!(
                "no provider has the event `{shown}`.{near} `ckwh events` lists them; a file is named by its path, as ./{shown}"
            ),
            Of::Several => {
                format!(
                    "`{shown}` is neither an event nor a provider.{near} `ckwh events` and `ckwh providers` list them"
                )
            }
        };
        Failure::of("unknown-event", anyhow::anyhow!(text)).near(&near)
    }

    /// What a word that names nothing means, where that is plain: the same in other letters or marks, a provider and its
    /// event with a dot between them, a flag without its dashes, or the beginning of types.
    fn meant(&self, word: &str, types: &BTreeSet<String>) -> Vec<String> {
        const FLAGS: [&str; 8] = ["to", "provider", "secret", "dialect", "set", "count", "rate", "wait"];
        if FLAGS.contains(&word) {
            return vec![format!("--{word}")];
        }
        let letters = |text: &str| -> String {
            let kept = text.chars().filter(|char| char.is_alphanumeric());
            kept.flat_map(char::to_lowercase).collect()
        };
        let same: Vec<String> = types
            .iter()
            .filter(|own| letters(own) == letters(word))
            .cloned()
            .collect();
        if !same.is_empty() {
            return same.into_iter().take(MOST_MEANT).collect();
        }
        if let Some((name, event)) = word.split_once('.')
            && let Some(folder) = self.registry.folders().iter().find(|folder| *folder.name == *name)
            && folder.has_event(event)
        {
            return vec![format!("{name}:{event}")];
        }
        let goes_on = |own: &&String| {
            let rest = own.strip_prefix(word);
            word.len() > 2 && rest.is_some_and(|rest| rest.starts_with(['.', '_', '/', ':']))
        };
        types.iter().filter(goes_on).take(MOST_MEANT).cloned().collect()
    }

    /// A provider's name and what stands behind it in one word: `stripe:invoice.paid`, `stripe/invoice.paid`.
    fn scoped<'w>(&self, word: &'w str) -> Option<(&'w str, &'w str)> {
        let (name, event) = word.split_once([':', '/'])?;
        (self.registry.has(name) && !event.is_empty()).then_some((name, event))
    }

    /// The folders whose events a word may name.
    fn folders_in(&self, scope: Option<&str>, word: &str) -> Cow<'_, [Folder]> {
        match scope {
            Some(name) => self.registry.folder(name).into_iter().collect(),
            None if is_pattern(word) => Cow::Borrowed(self.registry.folders()),
            None => Cow::Owned(self.registry.beginning(word)),
        }
    }

    /// The events that a word names: a type, or a pattern of types, of one provider.
    fn events_of_word(&mut self, word: &str, scope: Option<&str>, of: Of) -> Result<Vec<What>, Failure> {
        let mut found = self.named_events(word, scope, of);
        if found.is_empty()
            && let Some((provider, event)) = self.scoped(word)
        {
            found = self.named_events(event, Some(provider), of);
        }
        let mut names: Vec<String> = found.iter().map(|(provider, _)| provider.clone()).collect();
        names.dedup();
        let is_pattern = is_pattern(word);
        if names.len() > 1 && !(is_pattern && of == Of::Several) {
            let set = self.settings.provider.as_ref().map(|set| set.text.clone());
            match set.filter(|set| names.contains(set)) {
                Some(set) => found.retain(|(provider, _)| *provider == set),
                None => {
                    let verb = if is_pattern { "names events" } else { "is an event" };
                    return Err(Failure::usage(format!(
                        "{word} {verb} of {}; choose one with --provider, or as {}",
                        names.join(", "),
                        typed(&format!("{}:{word}", names[names.len() - 1]))
                    )));
                }
            }
        }
        let what = |(provider, event_type)| What::Event { provider, event_type };
        Ok(found.into_iter().map(what).collect())
    }

    fn named_events(&self, word: &str, scope: Option<&str>, of: Of) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for folder in self.folders_in(scope, word).iter() {
            let name = &folder.name;
            if is_pattern(word) {
                let pattern = Pattern::new(word);
                let types = folder.event_types().into_iter().filter(|own| pattern.matches(own));
                found.extend(types.map(|own| (name.to_string(), own)));
            } else if folder.has_event(word) {
                found.push((name.to_string(), word.to_owned()));
            } else {
                let begun = begun_by(folder, word).into_iter();
                let count = if of == Of::Several { usize::MAX } else { 1 };
                found.extend(begun.take(count).map(|own| (name.to_string(), own)));
            }
        }
        found
    }
}

/// Whether a word stands for several types.
pub fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?'])
}

/// The types that begin with `word` where a type is said in two parts, in the order of the table.
fn begun_by(folder: &Folder, word: &str) -> Vec<String> {
    let begins = |own: &&String| own.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
    if !folder.begins_event(word) {
        return Vec::new();
    }
    match Provider::load(folder, None) {
        Ok(provider) if provider.table.event.action.is_some() => {
            provider.table.events.keys().filter(begins).cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// The error for a target that does not stand last.
fn misplaced(words: &[String], at: usize) -> Failure {
    let target = &words[at];
    if let Some(other) = words[at + 1..].iter().find(|word| is_target(word)) {
        return Failure::usage(format!("two targets: {target} and {other}; give one, last"));
    }
    let others = words.iter().enumerate().filter(|(index, _)| *index != at);
    let mut line: Vec<String> = others.map(|(_, word)| typed(word)).collect();
    line.push(typed(target));
    Failure::usage(format!(
        "{target} is a target, and a target stands last: ckwh send {}",
        line.join(" ")
    ))
}

/// Whether a word ends as the names of files do, and not as the types of events.
fn is_file_name(word: &str) -> bool {
    const ENDS: [&str; 8] = ["json", "jsonl", "txt", "xml", "http", "har", "csv", "bin"];
    let end = Path::new(word).extension().and_then(|end| end.to_str());
    end.is_some_and(|end| ENDS.contains(&end.to_ascii_lowercase().as_str()))
}

/// The command that lists the events that may have been meant.
fn events_command(scope: Option<&str>) -> String {
    match scope {
        Some(provider) => format!("ckwh events {provider}"),
        None => "ckwh events".to_owned(),
    }
}

/// Whether a word has the form of a target: a scheme, `localhost`, a port, an address.
pub fn is_target(word: &str) -> bool {
    let authority = word.split(['/', '?']).next().unwrap_or_default();
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let host = authority.split(':').next().unwrap_or_default();
    word.contains("://")
        || host.eq_ignore_ascii_case("localhost")
        || is_port(authority)
        || authority.strip_prefix(':').is_some_and(is_port)
        || authority.parse::<SocketAddr>().is_ok()
        || authority.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_target;

    #[test]
    fn a_target_is_known_by_its_form() {
        for word in [
            "3000",
            ":3000",
            "3000/hooks",
            "localhost",
            "localhost:3000/hooks",
            "http://example.com",
            "127.0.0.1:3000",
            "[::1]:3000/x",
        ] {
            assert!(is_target(word), "{word}");
        }
        for word in [
            "cost.alert",
            "stripe:invoice.paid",
            "stripe/invoice.paid",
            "orders/create",
            "push",
            "a:3000",
        ] {
            assert!(!is_target(word), "{word}");
        }
    }
}
