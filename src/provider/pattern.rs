//! A regular expression in a provider's table.

use regex_lite::Regex;
use serde::Deserialize;

/// A regular expression.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Pattern {
    /// `^` and plain text, as most patterns are, or several between parentheses: matched without the regex engine.
    Beginning(Vec<String>),
    Regex(Regex),
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.strip_prefix('^').and_then(beginnings) {
            Some(texts) => Ok(Self::Beginning(texts)),
            None => Regex::new(&text).map(Self::Regex).map_err(|error| error.to_string()),
        }
    }
}

/// The texts of which one is what a regular expression matches.
fn beginnings(regex: &str) -> Option<Vec<String>> {
    match regex.strip_prefix('(').and_then(|regex| regex.strip_suffix(')')) {
        Some(inner) => inner.split('|').map(plain).collect(),
        None => Some(vec![plain(regex)?]),
    }
}

/// The one text that a regular expression matches; `None` where it may match others.
fn plain(regex: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = regex.chars();
    while let Some(char) = rest.next() {
        text.push(match (char, char == '\\') {
            (_, true) => match rest.next()? {
                'n' => '\n',
                // `\<` and `\>` are ends of a word.
                sign if sign.is_ascii_punctuation() && !"<>".contains(sign) => sign,
                _ => return None,
            },
            ('.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$', _) => return None,
            (char, _) => char,
        });
    }
    Some(text)
}

impl Pattern {
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Beginning(texts) => texts.iter().any(|plain| text.starts_with(plain)),
            Self::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether it matches a header's value. One that is no text is matched by its beginning alone.
    pub(super) fn is_in(&self, value: &[u8]) -> bool {
        match self {
            Self::Beginning(texts) => texts.iter().any(|plain| value.starts_with(plain.as_bytes())),
            Self::Regex(regex) => str::from_utf8(value).is_ok_and(|value| regex.is_match(value)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The regex engine says what each matches.
    #[test]
    fn a_plain_beginning_is_what_the_regular_expression_matches() {
        let texts = [
            "a-b/c", "a-b", "a.b", "axb", "{\n  x", "{", "a", "b", "", " a", "<a", "^a", "\\n", "a$",
        ];
        for (pattern, is_plain) in [
            ("^a-b/", true),
            ("^a\\.b", true),
            ("^\\{\\n  ", true),
            ("^\\^a", true),
            ("^\\\\n", true),
            ("^a\\$", true),
            ("^", true),
            ("^(a-|b)", true),
            ("^(a|)", true),
            ("^(a\\|b)", false),
            ("^(a)(b)", false),
            ("^(?:a|b)", false),
            ("^a.b", false),
            ("^\\<a", false),
            ("^\\w", false),
            ("^a|b", false),
            ("^a$", false),
            ("a", false),
        ] {
            let own = Pattern::try_from(pattern.to_owned()).unwrap();
            assert_eq!(matches!(own, Pattern::Beginning(_)), is_plain, "{pattern}");
            let regex = Regex::new(pattern).unwrap();
            for text in texts {
                assert_eq!(own.is_match(text), regex.is_match(text), "{pattern}: {text}");
            }
        }
    }
}
