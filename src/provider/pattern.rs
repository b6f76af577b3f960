//! A regular expression in a provider's table.

use regex_lite::Regex;
use serde::Deserialize;

/// A regular expression.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Pattern {
    /// `^` and plain text, as most patterns are: matched without the regex engine.
    Beginning(String),
    Regex(Regex),
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.strip_prefix('^') {
            Some(plain) if regex_lite::escape(plain) == plain => Ok(Self::Beginning(plain.to_owned())),
            _ => Regex::new(&text).map(Self::Regex).map_err(|error| error.to_string()),
        }
    }
}

impl Pattern {
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Beginning(plain) => text.starts_with(plain),
            Self::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether it says what all of a text looks like, and not a part of it.
    pub(super) fn is_of_whole(&self) -> bool {
        let Self::Regex(regex) = self else { return false };
        let text = regex.as_str();
        text.starts_with('^') && text.ends_with('$') && !text.ends_with("\\$") && !has_outer_choice(text)
    }
}

/// Whether a `|` stands outside of every group and class: what is on its sides would be bound to one end alone.
fn has_outer_choice(text: &str) -> bool {
    let (mut depth, mut in_class, mut is_escaped) = (0_usize, false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}
