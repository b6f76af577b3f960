//! A form's fields, put together in other ways than sorted by name and decoded.

use std::borrow::Cow;

use crate::explain::body::class;
use crate::json::{self, Style};

/// Forms beyond this size are signed as their scheme has it, in bytes.
const LONGEST: usize = 16 * 1024;

/// The fields of the form in `body` as texts, each with how it is made.
pub(super) fn fields(body: &[u8]) -> Vec<(String, Cow<'static, str>)> {
    let Some(text) = std::str::from_utf8(body).ok().filter(|text| text.len() <= LONGEST) else {
        return Vec::new();
    };
    let came: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(body).collect();
    let split = |pair: &'_ str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    let mut raw: Vec<(String, String)> = text.split('&').map(split).collect();
    raw.sort();
    let sorted = {
        let mut sorted = came.clone();
        sorted.sort();
        sorted
    };
    let bare = |text: &str| text.trim().to_owned();
    let folded = {
        let mut folded = came.clone();
        folded.sort_by_key(|(name, _)| name.to_lowercase());
        folded
    };
    let join = |pairs: &[(Cow<'_, str>, Cow<'_, str>)], equals: &str, between: &str| {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}{equals}{value}"))
            .collect();
        pairs.join(between)
    };
    let mut all: Vec<(String, Cow<'static, str>)> = [
        (join(&came, "", ""), "in the order in which they came, not sorted"),
        (
            join(&came.iter().rev().cloned().collect::<Vec<_>>(), "", ""),
            "the last one first",
        ),
        (join(&folded, "", ""), "sorted whatever the case of their names"),
        (
            raw.iter().map(|(name, value)| format!("{name}{value}")).collect(),
            "as they are encoded, their `%XX` and `+` not decoded",
        ),
        (
            sorted
                .iter()
                .map(|(name, value)| format!("{name}{}", bare(value)))
                .collect(),
            "with their values trimmed",
        ),
        (
            sorted
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("{name}{value}"))
                .collect(),
            "without those that are empty",
        ),
        (
            sorted.iter().map(|(_, value)| value.as_ref()).collect(),
            "as their values alone, without their names",
        ),
        (join(&sorted, "", ""), "each as often as it came"),
        (join(&sorted, "=", "&"), "sorted, with `=` and `&` between them"),
        (join(&sorted, "=", ""), "sorted, with `=` between name and value"),
        (join(&sorted, "", "&"), "sorted, with `&` between them"),
    ]
    .into_iter()
    .map(|(text, how)| (text, how.into()))
    .collect();
    all.extend(rewritten(&sorted));
    all
}

/// What writes the JSON in a field again.
const WRITERS: &[&str] = &[
    "javascript",
    "python",
    "python-compact-unicode",
    "php",
    "php-array",
    "ruby",
    "go",
    "jackson",
];

/// The sorted fields with the JSON in one of them written again.
fn rewritten(sorted: &[(Cow<'_, str>, Cow<'_, str>)]) -> Vec<(String, Cow<'static, str>)> {
    let mut all = Vec::new();
    for (at, (name, value)) in sorted.iter().enumerate() {
        let Some(json) = json::parse(value.as_bytes())
            .ok()
            .filter(|_| value.starts_with(['{', '[']))
        else {
            continue;
        };
        let mut made: Vec<(String, Vec<&'static Style>)> = Vec::new();
        for style in WRITERS.iter().filter_map(|name| Style::named(name)) {
            let again = json::rewrite(&json, style, LONGEST * 4).and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(again) = again.filter(|again| *again != **value) else {
                continue;
            };
            match made.iter_mut().find(|(own, _)| *own == again) {
                Some((_, styles)) => styles.push(style),
                None => made.push((again, vec![style])),
            }
        }
        for (again, styles) in made {
            let texts = sorted.iter().enumerate().map(|(own, (name, value))| {
                let value = if own == at { again.as_str() } else { value };
                format!("{name}{value}")
            });
            let how = format!("with the JSON in `{name}` written again: {}", class(&styles));
            all.push((texts.collect(), how.into()));
        }
    }
    all
}
