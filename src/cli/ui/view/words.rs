//! What the program's sentences name by a flag, and the page does by a control of its own.

use crate::cli::ui::work::Note;

/// What stands in a remedy, and what the page says in its place.
const OF_REMEDIES: [(&str, &str); 4] = [
    (
        "; --framework NAME shows how",
        "; choose its framework below, and it is shown how",
    ),
    (
        "; or find out what your handler computes, with --computed SIG",
        "; or paste below what your handler computes",
    ),
    (
        "give the scheme that signs so with --provider, or learn",
        "choose below whose it is, or learn",
    ),
    (
        "Try rarer causes, and more of them together, with --effort high",
        "Try rarer causes, and more of them together: search longer, below",
    ),
];

/// The same of notes.
const OF_NOTES: [(&str, &str); 4] = [
    ("; name your handler's path:", "; give your handler's path:"),
    (": name the place itself, or add --follow", ": name the place itself"),
    (
        "start your handler, name its port with --to, or wait for it:",
        "start your handler, or give its port",
    ),
    (
        "it is signed anew without",
        "it is signed anew without the tick at “as it was”",
    ),
];

/// What is typed, and under which name a form takes the same; nothing where the note says it by then.
const FIELDS: [(&str, Option<&str>); 3] = [
    ("--to ", Some("where to")),
    ("--keep-signature", None),
    ("--wait ", None),
];

fn replaced(text: &str, rows: &[(&str, &str)]) -> String {
    rows.iter()
        .fold(text.to_owned(), |text, (typed, shown)| text.replace(typed, shown))
}

/// A remedy as the page gives it.
pub fn remedy(text: &str) -> String {
    replaced(text, &OF_REMEDIES)
}

/// Whether a remedy asks for the provider, for which there is a control then.
pub fn asks_for_provider(text: &str) -> bool {
    text.contains("--provider")
}

/// A note as the page gives it: its text, what a form's field is called, and what is copied.
pub fn note(note: &Note) -> (String, Option<&'static str>, Option<&str>) {
    let text = replaced(&note.text, &OF_NOTES);
    let command = note.command.as_deref();
    let field = FIELDS
        .iter()
        .find_map(|(typed, field)| Some((*field, command?.strip_prefix(typed)?)));
    match field {
        Some((None, _)) => (text, None, None),
        Some((Some(field), value)) => (text, Some(field), Some(value)),
        None => (text, None, command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the sentences stand.
    const SOURCES: [&str; 4] = [
        include_str!("../../../explain/remedy.rs"),
        include_str!("../../../explain/search/report.rs"),
        include_str!("../../hints.rs"),
        include_str!("../../send.rs"),
    ];

    #[test]
    fn each_row_is_of_a_sentence_that_there_is() {
        let flags = FIELDS.iter().map(|(flag, _)| *flag);
        for text in OF_REMEDIES.iter().chain(&OF_NOTES).map(|(text, _)| *text).chain(flags) {
            assert!(SOURCES.iter().any(|source| source.contains(text)), "{text}");
        }
    }

    #[test]
    fn a_flag_with_a_control_is_named_by_it() {
        let redirected = Note::new(
            "it is redirected: name the place itself, or add --follow",
            Some("--to 3000/b"),
        );
        assert_eq!(
            note(&redirected),
            (
                "it is redirected: name the place itself".into(),
                Some("where to"),
                Some("3000/b")
            )
        );
        let fingerprint = Note::new("Compare:", Some("ckwh fingerprint"));
        assert_eq!(note(&fingerprint), ("Compare:".into(), None, Some("ckwh fingerprint")));
        let captured = Note::new("it is signed anew without", Some("--keep-signature"));
        assert_eq!(note(&captured).2, None);
    }
}
