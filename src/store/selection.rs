//! Which captures are meant: by number, event type, time and verdict.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::verify::Reason;

/// What does not select captures.
#[derive(Debug, thiserror::Error)]
#[error("`{}` names no capture: give a number (12), a range (3..7) or `last`", .0.escape_debug())]
pub struct SelectionError(String);

/// Event types: `*` stands for any text, `?` for any one character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern; every text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches all of `text`. The time is at most the product of their lengths.
    pub fn matches(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut from) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while from < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, from));
                    at += 1;
                }
                Some(char) if *char == '?' || *char == text[from] => {
                    at += 1;
                    from += 1;
                }
                _ => match star {
                    // The last star takes one character more.
                    Some((star_at, taken)) => {
                        star = Some((star_at, taken + 1));
                        at = star_at + 1;
                        from = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern[at..].iter().all(|char| *char == '*')
    }

    /// Whether it means the event type. Without `*` and `?` it means what goes on behind a dot too: `pull_request` is
    /// `pull_request.opened`, since a header of GitHub's says the first alone.
    pub fn means_event(&self, event_type: &str) -> bool {
        let goes_on = |rest: &str| rest.starts_with('.') && !self.0.contains(['*', '?']);
        self.matches(event_type) || event_type.strip_prefix(&self.0).is_some_and(goes_on)
    }
}

/// Conditions that all must hold; without any, every capture is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Numbers, any of which will do; `None` is all.
    pub ids: Option<Vec<RangeInclusive<i64>>>,
    /// The event type.
    pub event: Option<Pattern>,
    /// The provider.
    pub provider: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// Only those that were not valid when they arrived.
    pub invalid: bool,
    /// Only those whose last delivery failed or is unknown.
    pub failed: bool,
    /// The method, in any case.
    #[serde(default)]
    pub method: Option<String>,
    /// The path, without its query.
    #[serde(default)]
    pub path: Option<Pattern>,
    /// What it was answered with, any of which will do: `401`, `5??`.
    #[serde(default)]
    pub status: Vec<Pattern>,
}

/// What a selection looks at in one capture.
#[derive(Debug, Clone, Copy)]
pub struct CaptureFacts<'a> {
    /// Its number.
    pub id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Whose it is.
    pub provider: Option<&'a str>,
    /// What it reports.
    pub event_type: Option<&'a str>,
    /// The verdict when it arrived.
    pub reason: Option<Reason>,
    /// Whether its last delivery got a 2xx.
    pub delivered: Option<bool>,
    /// The HTTP method.
    pub method: &'a str,
    /// The path and query, or a whole URL.
    pub target: &'a str,
    /// What it was answered with.
    pub answer: Option<u16>,
}

impl Selection {
    /// Reads numbers as they are typed; `last` is the number of the newest capture.
    ///
    /// # Errors
    /// [`SelectionError`].
    pub fn read_ids(typed: &[String], last: Option<i64>) -> Result<Vec<RangeInclusive<i64>>, SelectionError> {
        let number = |text: &str| -> Option<i64> {
            match text {
                "last" => last,
                _ => text.parse().ok().filter(|id| *id > 0),
            }
        };
        let range = |text: &String| {
            let range = match text.split_once("..") {
                Some((from, to)) => number(from)?..=number(to.strip_prefix('=').unwrap_or(to))?,
                None => {
                    let id = number(text)?;
                    id..=id
                }
            };
            (!range.is_empty()).then_some(range)
        };
        typed
            .iter()
            .map(|text| range(text).ok_or_else(|| SelectionError(text.clone())))
            .collect()
    }

    /// From the first number that may be meant to the last; empty where none is.
    pub(super) fn numbers(&self) -> RangeInclusive<i64> {
        match &self.ids {
            None => 1..=i64::MAX,
            Some(ids) => {
                let first = ids.iter().map(|range| *range.start()).min().unwrap_or(1);
                first..=ids.iter().map(|range| *range.end()).max().unwrap_or(0)
            }
        }
    }

    /// Whether it means a capture.
    pub fn matches(&self, capture: &CaptureFacts<'_>) -> bool {
        let ids = self
            .ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|range| range.contains(&capture.id)));
        let event = self.event.as_ref().is_none_or(|pattern| {
            capture
                .event_type
                .is_some_and(|event_type| pattern.means_event(event_type))
        });
        ids && event
            && (self.provider.is_none() || self.provider.as_deref() == capture.provider)
            && self.since.is_none_or(|since| capture.received_at >= since)
            && self.until.is_none_or(|until| capture.received_at <= until)
            && (!self.invalid || capture.reason != Some(Reason::Valid))
            && (!self.failed || capture.delivered == Some(false))
            && self.means_request(capture)
    }

    /// Whether it means a capture's method, path and answer.
    fn means_request(&self, capture: &CaptureFacts<'_>) -> bool {
        let method = self.method.as_deref();
        let status = |answer: u16| {
            let answer = answer.to_string();
            self.status.iter().any(|pattern| pattern.matches(&answer))
        };
        let path = self.path.as_ref();
        method.is_none_or(|method| method.eq_ignore_ascii_case(capture.method))
            && path.is_none_or(|pattern| pattern.matches(path_of(capture.target)))
            && (self.status.is_empty() || capture.answer.is_some_and(status))
    }
}

/// The path of a target, which may be a whole URL.
fn path_of(target: &str) -> &str {
    let behind = match target.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            rest.find(['/', '?']).map_or("/", |at| &rest[at..])
        }
        _ => target,
    };
    behind.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("cost.*", "cost.alert", true),
            ("cost.*", "xcost.alert", false),
            ("*", "", true),
            ("*.alert", "cost.alert", true),
            ("c?st.alert", "cost.alert", true),
            ("cost.alert", "cost.alerts", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
        for (pattern, event_type, expected) in [
            ("pull_request", "pull_request.opened", true),
            ("pull_request", "pull_request", true),
            ("pull_request", "pull_request_review.edited", false),
            ("pull_request.opened", "pull_request", false),
            ("pull_reques?", "pull_request.opened", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).means_event(event_type),
                expected,
                "{pattern} {event_type}"
            );
        }
        let hostile = Pattern::new("*a".repeat(2000));
        assert!(!hostile.matches(&"a".repeat(1999)));
    }

    #[test]
    fn method_path_and_answer_select() {
        let facts = |method, target, answer| CaptureFacts {
            id: 1,
            received_at: Timestamp::UNIX_EPOCH,
            provider: None,
            event_type: None,
            reason: None,
            delivered: None,
            method,
            target,
            answer,
        };
        let selection = Selection {
            method: Some("post".into()),
            path: Some(Pattern::new("/hooks*")),
            status: vec![Pattern::new("401"), Pattern::new("5??")],
            ..Selection::default()
        };
        for (method, target, answer, expected) in [
            ("POST", "/hooks/a?b=/c", Some(503), true),
            ("POST", "http://h.test/hooks?x", Some(401), true),
            ("GET", "/hooks", Some(503), false),
            ("POST", "/a?b=/hooks", Some(503), false),
            ("POST", "/hooks", Some(200), false),
            ("POST", "/hooks", None, false),
        ] {
            assert_eq!(
                selection.matches(&facts(method, target, answer)),
                expected,
                "{method} {target}"
            );
        }
        assert_eq!(path_of("http://h.test"), "/");
    }

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        let read = |text: &str| Selection::read_ids(&[text.to_owned()], Some(9));
        assert_eq!(read("12").unwrap(), [12..=12]);
        assert_eq!(read("3..7").unwrap(), [3..=7]);
        assert_eq!(read("3..=7").unwrap(), [3..=7]);
        assert_eq!(read("last").unwrap(), [9..=9]);
        assert_eq!(read("7..last").unwrap(), [7..=9]);
        for text in ["", "0", "-1", "7..3", "x", "1..", "..", "99999999999999999999"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
