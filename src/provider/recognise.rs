//! Whose delivery is it? By what tells one provider's requests from another's.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use serde::Deserialize;

use super::pattern::Pattern;
use super::{Folder, Origin, Provider, ProviderError, Registry};
use crate::json;
use crate::message::Message;
use crate::scheme::Strength;

/// How much of a body is matched by `text`, in bytes.
const TEXT_WINDOW: usize = 4096;

/// Headers that every request has: their names alone tell no provider.
const EVERYONES: [&str; 2] = ["Content-Type", "User-Agent"];

fn tells(name: &str) -> bool {
    !EVERYONES.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether `folder` may be the request's, by its headers' names alone. Only the program's own folders can be told
/// without reading their tables.
fn is_candidate(folder: &Folder, message: &Message) -> bool {
    folder.read_before().is_none_or(|own| {
        let mut dialects = own.headers();
        dialects.any(|mut names| names.clone().any(tells) && names.all(|name| message.headers.contains(name)))
    })
}

/// Whether a dialect of a built-in `folder` has no header whose name tells its requests: these are looked at last.
fn has_no_header(folder: &Folder) -> bool {
    let own = folder.read_before();
    own.is_some_and(|own| own.headers().any(|mut names| !names.any(tells)))
}

/// `[recognise]`: conditions that all must hold. The table with the most of them wins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    /// Headers that are there, each matching a regular expression.
    #[serde(default)]
    header: IndexMap<String, Pattern>,
    /// Headers that are not.
    #[serde(default)]
    absent: Vec<String>,
    /// JSON pointers to what stands in the body.
    #[serde(default)]
    body: Vec<String>,
    /// A regular expression that matches the beginning of the body.
    text: Option<Pattern>,
    /// Whether it is the one that is named where others' requests look the same, and are signed letter by letter the same.
    #[serde(default)]
    generic: bool,
}

/// What recognising gives.
#[derive(Debug, Clone)]
pub enum Recognition {
    /// One provider and dialect.
    One(Box<Provider>),
    /// Several that this request does not tell apart.
    Several(Vec<Provider>),
    /// None.
    None,
}

impl Recognition {
    /// Those that [`Recogniser::best`] found.
    fn of(best: &[&Provider]) -> Self {
        match best {
            [] => Self::None,
            [one] => Self::One(Box::new((*one).clone())),
            several => Self::Several(several.iter().map(|provider| (*provider).clone()).collect()),
        }
    }
}

impl Recognise {
    /// How many conditions there are, where all hold; those on the body's members are not looked at. `values` are those of
    /// the headers that it looks for, in order.
    fn score<'m>(&self, message: &Message, mut values: impl Iterator<Item = Option<&'m [u8]>>) -> Option<usize> {
        let mut patterns = self.header.values();
        let headers = patterns.all(|pattern| values.next().flatten().is_some_and(|value| pattern.is_in(value)));
        let absent = !self.absent.iter().any(|name| message.headers.contains(name));
        if !headers || !absent {
            return None;
        }
        if let Some(pattern) = &self.text {
            let window = &message.body[..message.body.len().min(TEXT_WINDOW)];
            if !pattern.is_match(&text(window)) {
                return None;
            }
        }
        let score = self.header.len() + self.absent.len() + self.body.len() + usize::from(self.text.is_some());
        (score > 0).then_some(score)
    }
}

/// As text; what is no UTF-8 is replaced.
fn text(window: &[u8]) -> Cow<'_, str> {
    // Most is, and is seen to be much faster so.
    std::str::from_utf8(window).map_or_else(|_| String::from_utf8_lossy(window), Cow::Borrowed)
}

/// Every dialect of the providers, read once: for many requests.
#[derive(Debug, Clone, Default)]
pub struct Recogniser {
    providers: Vec<Provider>,
    /// The headers that any of them looks for, in lower case, each with its number.
    names: HashMap<String, usize>,
    /// For each of them, the places of the providers that look for it.
    wanted_by: Vec<Vec<usize>>,
    /// For each provider, the numbers of the headers that it looks for.
    wants: Vec<Vec<usize>>,
    /// The places of those that look for none and are not among the last.
    always: Vec<usize>,
    /// The places of the others, which are told by their bodies alone and looked at where no headers tell whose a request
    /// is.
    last: Vec<usize>,
    /// For each header in lower case, the places of those whose signature stands in it.
    signed: HashMap<String, Vec<usize>>,
    /// Why folders are passed over.
    problems: Vec<String>,
}

impl Recogniser {
    fn new(providers: Vec<Provider>) -> Self {
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut wanted_by: Vec<Vec<usize>> = Vec::new();
        let mut wants: Vec<Vec<usize>> = Vec::new();
        for (place, provider) in providers.iter().enumerate() {
            let headers = provider.table.recognise.header.keys().map(|name| {
                let number = *names.entry(name.to_ascii_lowercase()).or_insert(wanted_by.len());
                wanted_by.resize(wanted_by.len().max(number + 1), Vec::new());
                wanted_by[number].push(place);
                number
            });
            wants.push(headers.collect());
        }
        let is_last = |place: &usize| providers[*place].folder.origin == Origin::BuiltIn;
        let without_headers = (0..providers.len()).filter(|place| wants[*place].is_empty());
        let (last, always): (Vec<usize>, Vec<usize>) = without_headers.partition(is_last);
        let mut signed: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, provider) in providers.iter().enumerate() {
            for header in provider.scheme.headers() {
                signed.entry(header.to_ascii_lowercase()).or_default().push(place);
            }
        }
        Self {
            providers,
            names,
            wanted_by,
            wants,
            always,
            last,
            signed,
            problems: Vec::new(),
        }
    }

    /// Why each folder that is passed over can't be used.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The providers that are told apart.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Those whose signature stands in a header that this request has, in words, where nothing else of it is as they send
    /// it. `None` where there is none.
    pub fn near(&self, message: &Message) -> Option<String> {
        let names = message.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
        let places = names.filter_map(|name| self.signed.get(&name)).flatten();
        // In their own order, whichever header comes first.
        let places: BTreeSet<usize> = places.copied().collect();
        near(places.iter().map(|place| &self.providers[*place]), message)
    }

    /// Those that send such a request: one, or several that it does not tell apart. A project's that the user does not
    /// trust is among them only where none of the others sends such a request.
    pub fn best(&self, message: &Message) -> Vec<&Provider> {
        let mut values = vec![None; self.wanted_by.len()];
        for (name, value) in message.headers.iter() {
            if let Some(number) = self.names.get(&name.to_ascii_lowercase()) {
                values[*number] = values[*number].or(Some(value));
            }
        }
        let mut found = self.matching(&self.those_named(&values), message, &values);
        let is_told_by_headers = |own: &Provider| !own.table.recognise.header.is_empty();
        let best = strongest(&found);
        if best.iter().copied().any(is_told_by_headers) {
            return best;
        }
        found.extend(self.matching(&self.last, message, &values));
        strongest(&found)
    }

    /// The places of those that are looked at first and whose headers are there, whatever their values.
    fn those_named(&self, values: &[Option<&[u8]>]) -> Vec<usize> {
        let mut there = vec![0_u16; self.wants.len()];
        let mut found = self.always.clone();
        for (wanted_by, _) in self.wanted_by.iter().zip(values).filter(|(_, value)| value.is_some()) {
            for place in wanted_by {
                there[*place] += 1;
                if usize::from(there[*place]) == self.wants[*place].len() {
                    found.push(*place);
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Those at `places` that send such a request; not all of those that another one is stronger than.
    fn matching(&self, places: &[usize], message: &Message, values: &[Option<&[u8]>]) -> Vec<(&Provider, Score)> {
        let scored = places.iter().filter_map(|place| {
            let provider = &self.providers[*place];
            let values = self.wants[*place].iter().map(|number| values[*number]);
            let score = provider.table.recognise.score(message, values)?;
            let is_trusted = !provider.folder.is_strangers();
            Some((provider, (is_trusted, provider.scheme.strength(), score)))
        });
        let mut possible: Vec<(&Provider, Score)> = scored.collect();
        let sure = possible.iter().filter(|(own, _)| own.table.recognise.body.is_empty());
        if let Some(least) = sure.map(|(_, score)| *score).max() {
            possible.retain(|(_, score)| *score >= least);
        }
        // However many look into the body, it is gone through once.
        let pointers = possible.iter().flat_map(|(own, _)| &own.table.recognise.body);
        let pointers: Vec<&str> = pointers.map(String::as_str).collect();
        let mut found = json::all(&message.body, &pointers).into_iter();
        possible.retain(|(own, _)| {
            let wanted = own.table.recognise.body.len();
            found.by_ref().take(wanted).filter(Option::is_some).count() == wanted
        });
        possible
    }
}

/// Whether a provider is trusted comes first, then how strongly it signs, then how many conditions hold: a sender can't
/// have a weaker one judged by adding what that is told by.
type Score = (bool, Strength, usize);

/// Those with the highest score. Dialects that only write their bodies otherwise verify alike: the first stands for them.
fn strongest<'p>(found: &[(&'p Provider, Score)]) -> Vec<&'p Provider> {
    let most = found.iter().map(|(_, score)| *score).max();
    let mut all: Vec<&Provider> = Vec::new();
    for (provider, _) in found.iter().filter(|(_, score)| Some(*score) == most) {
        let is_alike = |other: &&Provider| other.name == provider.name && other.scheme == provider.scheme;
        if !all.iter().any(is_alike) {
            all.push(provider);
        }
    }
    all
}

/// The one of several candidates that a request is of: whose secret verifies it, as `verifies` says. Where several sign
/// letter by letter the same, it is the generic one among them.
pub(crate) fn decided<'p>(
    candidates: &[&'p Provider],
    mut verifies: impl FnMut(&Provider) -> bool,
) -> Option<&'p Provider> {
    let found: Vec<&Provider> = candidates.iter().copied().filter(|own| verifies(own)).collect();
    let alike = match found.as_slice() {
        [one] => return Some(one),
        [] => candidates,
        several => several,
    };
    let first = alike.first()?;
    let is_same = alike.iter().all(|other| other.scheme == first.scheme);
    let mut generic = alike.iter().filter(|own| own.table.recognise.generic);
    generic.next().filter(|_| is_same).copied()
}

/// Headers that many senders use for credentials of their own.
const ANYBODYS: [&str; 1] = ["Authorization"];
/// More providers are not named.
const MOST_NEAR: usize = 12;

/// As [`Recogniser::near`], of some of them.
fn near<'p>(providers: impl Iterator<Item = &'p Provider>, message: &Message) -> Option<String> {
    let mut found: IndexMap<String, Vec<String>> = IndexMap::new();
    for provider in providers {
        let is_there = |name: &&str| tells(name) && message.headers.contains(name);
        let is_own = |name: &&str| !ANYBODYS.iter().any(|other| other.eq_ignore_ascii_case(name));
        let Some(header) = provider.scheme.headers().filter(is_own).find(is_there) else {
            continue;
        };
        let names = found.entry(header.to_ascii_lowercase()).or_default();
        let label = provider.label();
        if !names.contains(&label) {
            names.push(label);
        }
    }
    let (header, mut names) = found.into_iter().max_by_key(|(_, names)| names.len())?;
    let (name, _) = message
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&header))?;
    let more = names.len().saturating_sub(MOST_NEAR);
    names.truncate(MOST_NEAR);
    if more > 0 {
        names.push(format!("{more} others"));
    }
    Some(format!(
        "{name} is a header of {}, and the rest of this request is not as their tables have it; say which with --provider",
        names.join(" or ")
    ))
}

/// Several candidates, in words.
pub(crate) fn several(candidates: &[&Provider]) -> String {
    let name = |provider: &&Provider| format!("{} ({})", provider.label(), provider.dialect);
    let names: Vec<String> = candidates.iter().map(name).collect();
    format!("this could be from {}; say which with --provider", names.join(" or "))
}

impl Registry {
    /// Reads every folder, or the one named by `only`. Folders that can't be used are passed over; the recogniser tells
    /// which.
    ///
    /// # Errors
    /// Where the one folder named by `only` can't be used.
    pub fn recogniser(&self, only: Option<&str>) -> Result<Recogniser, ProviderError> {
        match only {
            None => Ok(self.recogniser_of(self.folders())),
            Some(name) => match self.has(name) {
                true => Ok(Recogniser::new(Provider::load_all(&self.folder(name)?)?)),
                false => Ok(Recogniser::default()),
            },
        }
    }

    /// Finds the provider that sends such a request; reads only the folders that may be its.
    ///
    /// # Errors
    /// As [`Self::recogniser`].
    pub fn recognise(&self, message: &Message, only: Option<&str>) -> Result<Recognition, ProviderError> {
        if only.is_some() {
            return Ok(Recognition::of(&self.recogniser(only)?.best(message)));
        }
        let names = message.headers.iter().map(|(name, _)| name).filter(|name| tells(name));
        let mut built_in = Folder::built_in_told_by(names);
        built_in.retain(|folder| is_candidate(folder, message));
        let found = Recognition::of(&self.recogniser_of(&self.over(built_in)).best(message));
        if !matches!(found, Recognition::None) {
            return Ok(found);
        }
        let headerless = self.folders().iter().filter(|own| has_no_header(own));
        let headerless: Vec<Folder> = headerless.cloned().collect();
        Ok(Recognition::of(&self.recogniser_of(&headerless).best(message)))
    }

    /// As [`Recogniser::near`], of every provider. Their tables are all read, since a signature's header is not always one
    /// that a request is recognised by.
    pub fn near(&self, message: &Message) -> Option<String> {
        self.recogniser_of(self.folders()).near(message)
    }

    fn recogniser_of(&self, folders: &[Folder]) -> Recogniser {
        let mut providers = Vec::new();
        let mut problems = self.passed_over().to_vec();
        for folder in folders {
            match Provider::load_all(folder) {
                Ok(dialects) => providers.extend(dialects),
                Err(error) => problems.push(error.to_string()),
            }
        }
        Recogniser {
            problems,
            ..Recogniser::new(providers)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_provider_is_passed_over_that_its_table_recognises() {
        for folder in Folder::built_in() {
            for provider in Provider::load_all(&folder).unwrap() {
                let headers = provider.table.recognise.header.keys();
                if !headers.clone().any(|name| tells(name)) {
                    if headers.len() == 0 {
                        assert_ne!(provider.table.recognise.body.len(), 1, "{}", folder.name);
                    }
                    assert!(has_no_header(&folder), "{}", folder.name);
                    continue;
                }
                let message = Message {
                    headers: headers.map(|name| (name.to_lowercase(), "")).collect(),
                    ..Message::new("")
                };
                let told = Folder::built_in_told_by(message.headers.iter().map(|(name, _)| name));
                assert!(told.iter().any(|own| own.name == folder.name), "{}", folder.name);
                assert!(
                    is_candidate(&folder, &message),
                    "{} ({})",
                    folder.name,
                    provider.dialect
                );
                assert!(!is_candidate(&folder, &Message::new("")), "{}", folder.name);
            }
        }
    }
}
