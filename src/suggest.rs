//! The nearest real names to a misspelt one.

/// Up to three of `names` that look like `typed` in whatever case, the nearest first.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    let mut scored: Vec<_> = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&typed, &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A sentence to put behind an error, with a leading space, or nothing where no name is near.
pub fn did_you_mean<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(typed, names).as_slice() {
        [] => String::new(),
        near => format!(" Did you mean {}?", near.join(" or ")),
    }
}

/// Quotes as text processors and web pages make them of plain ones.
const TYPOGRAPHIC_QUOTES: [char; 8] = ['“', '”', '„', '‟', '‘', '’', '«', '»'];

/// Whether `text` holds quotes that a text processor made.
pub fn has_typographic_quotes(text: &str) -> bool {
    text.contains(TYPOGRAPHIC_QUOTES)
}

/// What a text processor or a web page made another word of: with two dashes for a long one, and without its quotes.
/// `None` where nothing of that is in it.
pub fn plain(word: &str) -> Option<String> {
    const DASHES: [char; 3] = ['—', '–', '−'];
    let unquoted = word.replace(TYPOGRAPHIC_QUOTES, "");
    match unquoted.strip_prefix(DASHES) {
        Some(rest) => Some(format!("--{}", rest.trim_start_matches(DASHES).trim_start_matches('-'))),
        None => (unquoted != word).then_some(unquoted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
        let names = ["cost.alert", "budget.exceeded", "budget.warning"];
        assert_eq!(nearest("cost.alrt", names)[0], "cost.alert");
        assert_eq!(nearest("budget.exeeded", names)[0], "budget.exceeded");
        assert_eq!(nearest("COST.ALERT", names)[0], "cost.alert");
        assert_eq!(did_you_mean("zzz", names), "");
    }

    #[test]
    fn what_text_processors_make_is_undone() {
        for (word, wanted) in [
            ("—to", Some("--to")),
            ("–-to", Some("--to")),
            ("“cost.alert”", Some("cost.alert")),
            ("“—to”", Some("--to")),
            ("cost.alert", None),
            ("-t", None),
        ] {
            assert_eq!(plain(word).as_deref(), wanted, "{word}");
        }
    }
}
