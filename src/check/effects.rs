//! What a handler did: its state as a user's command or address shows it, and what was added there.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::CheckOptions;
use super::groups::Groups;
use super::program::{Program, ProgramError};
use crate::delivery::{Client, Endpoint};
use crate::json::{self, Value};
use crate::message::Message;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(50);
/// How often a view that fails is tried.
const TRIES: usize = 5;
/// It is looked at no longer than this many times as long as it must stay as it is.
const PATIENCE: u32 = 20;

/// Where a handler's state can be seen.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Observation {
    /// A program prints it.
    Program(Program),
    /// A GET shows it.
    Url {
        /// Of what.
        endpoint: Endpoint,
        /// Makes it: a client of that address.
        client: Client,
    },
}

/// Why it can't be seen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The address.
    #[error("{0}")]
    Url(String),
    /// It never stays the same.
    #[error("what is observed keeps changing: it must stay the same for {} ms", .0.as_millis())]
    Restless(Duration),
}

/// Looks at a handler's state.
#[derive(Debug)]
pub(super) struct Observer {
    pub observation: Observation,
    /// How long it must stay the same.
    pub settle: Duration,
}

impl Observer {
    /// What looks where `options` say; `None` where they say nothing.
    pub fn new(options: &CheckOptions) -> Option<Self> {
        let observation = options.observation.clone()?;
        Some(Self {
            observation,
            settle: options.settle,
        })
    }

    /// What is printed, once it stays the same.
    ///
    /// # Errors
    /// [`ObserveError`].
    pub async fn settled(&self, id: &str, groups: &Groups) -> Result<String, ObserveError> {
        let begun = Instant::now();
        let mut since = Instant::now();
        let mut seen = self.look(id, groups).await?;
        while since.elapsed() < self.settle {
            if begun.elapsed() > self.settle * PATIENCE {
                return Err(ObserveError::Restless(self.settle));
            }
            sleep(EVERY.min(self.settle)).await;
            let now = self.look(id, groups).await?;
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
        }
        Ok(seen)
    }

    /// What is printed now. One failure may be by chance, as where a handler holds its database's lock.
    ///
    /// # Errors
    /// [`ObserveError`], where it fails each time.
    pub async fn look(&self, id: &str, groups: &Groups) -> Result<String, ObserveError> {
        for _ in 1..TRIES {
            match self.look_once(id, groups).await {
                Err(ObserveError::Program(ProgramError::Failed { .. }) | ObserveError::Url(_)) => {
                    sleep(EVERY * 4).await
                }
                other => return other,
            }
        }
        self.look_once(id, groups).await
    }

    async fn look_once(&self, id: &str, groups: &Groups) -> Result<String, ObserveError> {
        match &self.observation {
            Observation::Program(program) => Ok(program.run(id, groups).await?),
            Observation::Url { endpoint, client } => {
                let endpoint = endpoint.with_target(&endpoint.target().replace("%7Bid%7D", id).replace("{id}", id));
                let mut message = Message::new("");
                message.method = "GET".into();
                let (attempt, answer) = client.attempt(&endpoint, &message).await;
                match (answer, attempt.failure) {
                    (Some(answer), _) if answer.status / 100 == 2 && !answer.truncated => {
                        Ok(String::from_utf8_lossy(&answer.body).into_owned())
                    }
                    (Some(answer), _) if answer.truncated => Err(ObserveError::Url(format!(
                        "{} shows more than 64 KiB",
                        endpoint.place()
                    ))),
                    (Some(answer), _) => Err(ObserveError::Url(format!(
                        "{} answers {}",
                        endpoint.place(),
                        answer.status
                    ))),
                    (None, failure) => Err(ObserveError::Url(
                        failure.map(|failure| failure.message).unwrap_or_default(),
                    )),
                }
            }
        }
    }
}

/// A state, taken apart into what can be counted.
#[derive(Debug, Clone, PartialEq)]
enum State {
    Number(f64),
    /// Numbers by name.
    Counters(BTreeMap<String, f64>),
    /// Lines, or the members of JSON, each as often as it is there.
    Pieces(BTreeMap<String, usize>),
}

/// How many effects `after` has that `before` has not: of those that speak of one of `ids`, where any does, else of all.
pub(super) fn added(before: &str, after: &str, ids: &[String]) -> f64 {
    match both(before, after) {
        (State::Number(before), State::Number(after)) => after - before,
        (State::Counters(before), State::Counters(after)) => {
            let grown: BTreeMap<String, f64> = after
                .into_iter()
                .map(|(name, count)| {
                    let less = before.get(&name).copied().unwrap_or_default();
                    (name, count - less)
                })
                .collect();
            of_ids(&grown, ids).map(|(_, count)| *count).sum()
        }
        (State::Pieces(before), State::Pieces(after)) => {
            let new = more(&before, &after);
            #[expect(clippy::cast_precision_loss, reason = "a count of lines")]
            let count = of_ids(&new, ids).map(|(_, count)| *count).sum::<usize>() as f64;
            count
        }
        _ => 0.0,
    }
}

/// What `after` holds of `ids`, each piece once, with the ids taken out, so that the states of two can be compared.
pub(super) fn state_of(after: &str, ids: &[String]) -> Vec<String> {
    let pieces = match both(after, after).0 {
        State::Pieces(pieces) => pieces,
        State::Number(number) => [(number.to_string(), 1)].into(),
        State::Counters(counters) => counters
            .into_iter()
            .map(|(name, count)| (format!("{name}: {count}"), 1))
            .collect(),
    };
    let mut state: Vec<String> = of_ids(&pieces, ids)
        .flat_map(|(piece, count)| std::iter::repeat_n(without(piece, ids), *count))
        .collect();
    state.sort();
    state
}

fn without(piece: &str, ids: &[String]) -> String {
    ids.iter()
        .fold(piece.to_owned(), |piece, id| piece.replace(id.as_str(), "ID"))
}

/// Those that speak of one of `ids`, where any does, else all.
fn of_ids<'a, T>(named: &'a BTreeMap<String, T>, ids: &'a [String]) -> impl Iterator<Item = (&'a String, &'a T)> {
    let speaks = move |name: &str| ids.iter().any(|id| name.contains(id.as_str()));
    let any = named.keys().any(|name| speaks(name));
    named.iter().filter(move |(name, _)| !any || speaks(name))
}

fn more(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let grown = after.iter().map(|(piece, count)| {
        let less = before.get(piece).copied().unwrap_or_default();
        (piece.clone(), count.saturating_sub(less))
    });
    grown.filter(|(_, count)| *count > 0).collect()
}

/// Both states, taken apart in the same way.
fn both(before: &str, after: &str) -> (State, State) {
    let read = |text: &str| json::parse(text.trim().as_bytes()).ok();
    let (old, new) = (read(before), read(after));
    let is_empty = |text: &str| text.trim().is_empty();
    if let (Some(old), Some(new)) = (number(old.as_ref(), before), number(new.as_ref(), after)) {
        return (State::Number(old), State::Number(new));
    }
    let whole = |value: &Option<Value>, text: &str| match value {
        Some(Value::Object(_) | Value::Array(_)) => true,
        _ => is_empty(text),
    };
    if whole(&old, before) && whole(&new, after) && !(is_empty(before) && is_empty(after)) {
        if let (Some(old), Some(new)) = (counters(old.as_ref()), counters(new.as_ref())) {
            return (State::Counters(old), State::Counters(new));
        }
        return (
            State::Pieces(members(old.as_ref())),
            State::Pieces(members(new.as_ref())),
        );
    }
    (State::Pieces(lines(before)), State::Pieces(lines(after)))
}

fn number(value: Option<&Value>, text: &str) -> Option<f64> {
    match value {
        Some(Value::Number(number)) => number.as_str().parse().ok(),
        None if text.trim().is_empty() => None,
        _ => None,
    }
}

/// The members of an object whose values are numbers, all of them.
fn counters(value: Option<&Value>) -> Option<BTreeMap<String, f64>> {
    let Some(value) = value else {
        return Some(BTreeMap::new());
    };
    let members = value.as_object()?.iter();
    members
        .map(|(name, value)| Some((name.clone(), number(Some(value), "")?)))
        .collect()
}

/// The members of an object and the elements of a list; those of a list inside an object too.
fn members(value: Option<&Value>) -> BTreeMap<String, usize> {
    let mut pieces = BTreeMap::new();
    let mut add = |piece: String| *pieces.entry(piece).or_default() += 1;
    match value {
        Some(Value::Array(items)) => items.iter().for_each(|item| add(item.to_string())),
        Some(Value::Object(members)) => {
            for (name, value) in members {
                match value {
                    Value::Array(items) => items.iter().for_each(|item| add(format!("{name}: {item}"))),
                    value => add(format!("{name}: {value}")),
                }
            }
        }
        _ => {}
    }
    pieces
}

fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut pieces = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        *pieces.entry(line.to_owned()).or_default() += 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added_of(before: &str, after: &str, ids: &[&str]) -> f64 {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        added(before, after, &ids)
    }

    #[test]
    fn effects_are_counted_in_every_form_that_shows_them() {
        let one = r#"{"id":"evt_1"}"#;
        for (before, after, count) in [
            ("3\n", "5\n", 2.0),
            ("a\n", "a\nb evt_1\nb evt_1\n", 2.0),
            // Another's effect beside, which is not counted.
            ("", "x evt_0\nx evt_1\n", 1.0),
            ("", one, 1.0),
            (one, &format!("{one}\n{one}\n"), 1.0),
            ("[]", r#"[{"id":"evt_1"},{"id":"evt_0"}]"#, 1.0),
            (r#"{"evt_0":1}"#, r#"{"evt_0":4,"evt_1":2}"#, 2.0),
            (
                r#"{"count":1,"seen":["evt_0"]}"#,
                r#"{"count":2,"seen":["evt_0","evt_1"]}"#,
                1.0,
            ),
            (r#"{"total":10}"#, r#"{"total":11}"#, 1.0),
            ("", "", 0.0),
        ] {
            let found = added_of(before, after, &["evt_1"]);
            assert!((found - count).abs() < 0.001, "{before:?} {after:?}: {found}");
        }
    }

    #[test]
    fn two_states_are_the_same_but_for_their_ids() {
        let ids = |id: &str| vec![id.to_owned()];
        let first = state_of("sub_1 active\nsub_2 deleted\n", &ids("sub_1"));
        assert_eq!(first, state_of("sub_1 active\nsub_2 active\n", &ids("sub_2")));
        assert_ne!(first, state_of("sub_2 deleted\n", &ids("sub_2")));
        let members = r#"{"sub_1":{"state":"active"},"sub_2":{"state":"active"}}"#;
        assert_eq!(state_of(members, &ids("sub_1")), state_of(members, &ids("sub_2")));
    }
}
