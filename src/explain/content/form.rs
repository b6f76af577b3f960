//! A form's fields, put together in other ways than sorted by name and decoded.

use std::borrow::Cow;

/// Forms beyond this size are signed as their scheme has it, in bytes.
const LONGEST: usize = 16 * 1024;

/// The fields of the form in `body` as texts, each with how it is made.
pub(super) fn fields(body: &[u8]) -> Vec<(String, &'static str)> {
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
    vec![
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
}
